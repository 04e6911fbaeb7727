"""What servers promise, as properties of the trace.

- *executed once*: no request is executed at two places of the order, by one server or
  by several that execute the same log.
- *granted once*: no node grants an epoch to two.
- *one holder an epoch*: no two nodes act for the same epoch.
- *log matching*: where two logs have an entry of the same index and epoch, the entries
  are the same, and so are those before them.
- *durability*: what a node has stored and not given up is there after a crash.
- *responsive*: every call of a client that stays up returns soon after the last fault.

All but the last are safety, and kept by a server that does nothing; the last is not.
"""

from collections.abc import Callable
from typing import Any

from ftlib.services.epoch import Elected, Granted
from ftlib.services.log import Recovered, Stored, Truncated
from ftlib.services.store import Executed
from ftlib.simulation import (
    Broken,
    Event,
    Property,
    Trace,
    freeze,
    monitor,
    promises,
    thaw,
)
from ftlib.simulation.values import show

__all__ = [
    "PROPERTIES",
    "durability",
    "executed_once",
    "granted_once",
    "log_matching",
    "one_holder",
    "responsive",
]

Known = frozenset[tuple[Any, Any]]  # of each key, the one thing that is known of it
NOTHING: Known = frozenset()


def _first(known: Known, key: Any, what: Any) -> Any:
    """Return what is known under a key, `what` if it is the first."""
    return next((value for name, value in known if name == key), what)


def _executed_once(known: Known, event: Event) -> Known | Broken:
    """Remembers where each request was executed."""
    match event.what:
        case Executed(client, sequence, position):
            first = _first(known, (client, sequence), position)
            if first != position:
                return Broken(
                    f"request {sequence} of {client} was executed at position {first},"
                    f" and again at {position}"
                )
            return known | {((client, sequence), position)}
    return known


def _granted_once(known: Known, event: Event) -> Known | Broken:
    """Remembers to whom each node granted each epoch."""
    match event.what:
        case Granted(epoch, to):
            first = _first(known, (event.node, epoch), to)
            if first != to:
                return Broken(
                    f"{event.node} granted epoch {epoch} to {first}, and to {to}"
                )
            return known | {((event.node, epoch), to)}
    return known


def _one_holder(known: Known, event: Event) -> Known | Broken:
    """Remembers who acts for each epoch."""
    match event.what:
        case Elected(epoch):
            first = _first(known, epoch, event.node)
            if first != event.node:
                return Broken(f"{first} and {event.node} both act for epoch {epoch}")
            return known | {(epoch, event.node)}
    return known


def _log_matching(known: Known, event: Event) -> Known | Broken:
    """Remembers of each index and epoch the value and the epoch of the entry before:
    the rest follows by induction.
    """
    match event.what:
        case Stored():
            found = [event.what]
        case Recovered(snapshot, entries):
            found, before = [], snapshot.epoch
            for index, entry in enumerate(entries, snapshot.index + 1):
                found.append(Stored(index, entry.epoch, entry.value, before))
                before = entry.epoch
        case _:
            return known
    for stored in found:
        key = stored.index, stored.epoch
        what = freeze(stored.value), stored.before
        first = _first(known, key, what)
        if first != what:
            return Broken(
                f"entry {stored.index} of epoch {stored.epoch} is"
                f" {show(stored.value)} behind one of epoch {stored.before} at"
                f" {event.node}, and elsewhere {show(thaw(first[0]))} behind one of"
                f" epoch {first[1]}"
            )
        known |= {(key, what)}
    return known


def _durability(known: Known, event: Event) -> Known | Broken:
    """Remembers what each node has stored and not given up."""
    node = event.node
    match event.what:
        case Stored(index, epoch, value):
            return _without(known, node, index, index) | {
                ((node, index), (epoch, freeze(value)))
            }
        case Truncated(index):
            return _without(known, node, index)
        case Recovered(snapshot, entries):
            there = {
                index: (entry.epoch, freeze(entry.value))
                for index, entry in enumerate(entries, snapshot.index + 1)
            }
            known = _without(known, node, 0, snapshot.index)
            gone = [
                index
                for (name, index), what in known
                if name == node and there.get(index) != what
            ]
            if gone:
                return Broken(f"{node} had stored entry {min(gone)}, and lacks it now")
    return known


def _without(known: Known, node: str, first: int, last: int | None = None) -> Known:
    """Leave out the entries of a node from the first to the last."""
    return frozenset(
        each
        for each in known
        if each[0][0] != node
        or each[0][1] < first
        or (last is not None and each[0][1] > last)
    )


executed_once = monitor("executed once", NOTHING, _executed_once)
granted_once = monitor("granted once", NOTHING, _granted_once)
one_holder = monitor("one holder an epoch", NOTHING, _one_holder)
log_matching = monitor("log matching", NOTHING, _log_matching)
durability = monitor("durability", NOTHING, _durability)

PROPERTIES = (executed_once, granted_once, one_holder, log_matching, durability)
"""Those of safety. Whether what clients see is linearizable is judged by
`ftlib.checking.linearizable`.
"""


def responsive(
    within: float,
    until: float,
    excuse: Callable[[Trace], str | None] = promises.somebody_down,
) -> Property:
    """Make the property that every call of a client that stays up returns within so
    many seconds of the call and of the last fault.

    Parameters
    ----------
    within, until : float
        The bound, and how long the run was let run, in seconds.
    excuse : callable from Trace to str or None, optional
        Why nothing is promised; by default, that a node is down at the end. A service
        that outlives a crash gives another.

    Examples
    --------
    >>> from ftlib.services import service
    >>> from ftlib.simulation import Cluster, Lose, judge
    >>> trace = Cluster(service([("get", "x")]), faults=[Lose("Reply")]).run(until=9)
    >>> judge(trace, [responsive(1, until=9)])[0].verdict
    'holds'
    """
    return promises.responsive("responsive", _unanswered, within, until, excuse)


def _unanswered(trace: Trace) -> dict[str, float]:
    """Tell which calls have not returned, of clients that have not crashed since."""
    pending: dict[Any, Event] = {}
    for event in trace.where(kind=("call", "return", "crash")):
        if event.kind == "call":
            pending[event.ref] = event
        elif event.kind == "return":
            pending.pop(event.ref, None)
        else:
            pending = {k: e for k, e in pending.items() if e.node != event.node}
    return {
        f"{event.node}: {show(event.what)} has not returned": event.time
        for event in pending.values()
    }
