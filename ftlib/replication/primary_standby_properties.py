"""What a primary and its standby promise, as properties of the trace.

- *one primary an epoch*: no two nodes act for the same epoch.
- *acknowledged in order of epochs*: nothing is acknowledged in an epoch after something
  of a later epoch was.
- *answers are acknowledged*: a client gets no answer to what is not acknowledged by
  then. So what the others promise of acknowledged writes holds of answered ones.
- *acknowledged writes survive*: what was acknowledged as an entry of the log is that
  entry ever after. Asynchronous shipping breaks it.
- *effects in order of epochs*: a resource does nothing for an epoch after it has done
  something for a later one. It breaks where the resource does not look at the epoch.
- *one at a time*: nobody begins to act while another still does. That rests on leases,
  and so on clocks: a primary that is paused breaks it.
- *reads are fresh*: a read sees what had been acknowledged when it was called, where
  all clients append single letters to one key.
- *comes back*: every call returns soon after the last fault, as long as the witness and
  one node that has everything are up.

All but the last are kept by a protocol that does nothing; the last is not. That the
clients' histories are linearizable is asked beside them.

A write is acknowledged when the last copy is made that it needs, and not when a client
hears of it: the answer may be under way for as long as it likes, also while others of a
later epoch are given. That is no harm, because the write has its place in the log
before theirs.
"""

from typing import Any

from ftlib.replication.fencing import Took
from ftlib.replication.primary_standby import Acknowledged, SteppedDown
from ftlib.replication.witness import Paired
from ftlib.services import Elected, Granted, Request, responsive
from ftlib.services.properties import log_matching, one_holder
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
    "answered",
    "comes_back",
    "effects_in_order",
    "fresh",
    "in_order",
    "one_at_a_time",
    "survive",
]

Acting = frozenset[tuple[str, int]]  # a number for each node: the epoch it acts for
NOBODY: Acting = frozenset()


def _acting(acting: Acting, event: Event) -> Acting:
    """Follow who acts: a node does so for one epoch, until it steps down or crashes."""
    match event.what:
        case Elected(epoch):
            return _without(acting, event.node) | {(event.node, epoch)}
        case SteppedDown():
            return _without(acting, event.node)
    return _without(acting, event.node) if event.kind == "crash" else acting


def _without(acting: Acting, node: str) -> Acting:
    return frozenset(each for each in acting if each[0] != node)


def _acts(acting: Acting, epoch: int) -> bool:
    return any(each == epoch for _, each in acting)


def _one_at_a_time(acting: Acting, event: Event) -> Acting | Broken:
    """Remembers who acts."""
    acting = _acting(acting, event)
    if len(acting) > 1:
        (one, first), (other, second) = sorted(acting, key=lambda each: each[1])
        return Broken(
            f"{other} acts for epoch {second}, and {one} still does for {first}"
        )
    return acting


def _in_order(known: tuple[int, Acting], event: Event) -> tuple[int, Acting] | Broken:
    """Remembers the highest epoch of what was acknowledged, and who acts: a copy that
    is made when nobody acts for its epoch any more acknowledges nothing.
    """
    highest, acting = known
    match event.what:
        case Acknowledged(epoch) if _acts(acting, epoch):
            if epoch < highest:
                return Broken(
                    f"{event.node} completes a write of epoch {epoch}, after one of"
                    f" epoch {highest} was acknowledged"
                )
            return epoch, acting
    return highest, _acting(acting, event)


def _answered(
    known: tuple[Acting, Acting, Acting], event: Event
) -> tuple[Acting, Acting, Acting] | Broken:
    """Remembers who acts, the last request of each client that was acknowledged, and
    which one that was when it called: what is acknowledged since then is its own.
    """
    acting, last, calls = known
    client = event.node
    if event.kind == "call":
        before = dict(last).get(client, 0)
        return acting, last, _without(calls, client) | {(client, before)}
    if event.kind == "return":
        if (client, dict(last).get(client, 0)) in calls:
            return Broken(f"{client} gets an answer to what nobody has acknowledged")
        return acting, last, _without(calls, client)
    match event.what:
        case Acknowledged(epoch, _, Request(client, sequence)) if _acts(
            acting, epoch
        ) and sequence > dict(last).get(client, 0):
            return acting, _without(last, client) | {(client, sequence)}, calls
    return _acting(acting, event), last, calls


def _survive(
    known: frozenset[tuple[int, Any]], event: Event
) -> frozenset[tuple[int, Any]] | Broken:
    """Remembers what was acknowledged, by its place in the log."""
    match event.what:
        case Acknowledged(_, index, value):
            what = freeze(value)
            first = next((each for at, each in known if at == index), what)
            if first != what:
                return Broken(
                    f"entry {index} was acknowledged as {show(thaw(first))}, and now as"
                    f" {show(value)}"
                )
            return known | {(index, what)}
    return known


def _effects_in_order(highest: int, event: Event) -> int | Broken:
    """Remembers the highest epoch for which something was done."""
    match event.what:
        case Took(epoch):
            if epoch < highest:
                return Broken(
                    f"{event.node} does something for epoch {epoch}, after epoch"
                    f" {highest}"
                )
            return epoch
    return highest


def _fresh(known: tuple[int, Acting], event: Event) -> tuple[int, Acting] | Broken:
    """Remembers how many appends have returned, and had when each client called."""
    done, calls = known
    if event.kind == "call":
        return done, _without(calls, event.node) | {(event.node, done)}
    (operation, *_), result = event.what
    if operation == "get":
        wanted = next(count for node, count in calls if node == event.node)
        if len(result or "") < wanted:
            return Broken(
                f"{event.node} reads {result!r}, though {wanted} appends had returned"
                " when it asked"
            )
    return done + (operation == "append"), calls


LIFE = ("fact", "crash")
fresh = monitor("reads are fresh", (0, NOBODY), _fresh, ("call", "return"))
"""That a read sees every append of one letter that had returned when it was called."""
in_order = monitor("acknowledged in order of epochs", (0, NOBODY), _in_order, LIFE)
"""That nothing of an older epoch is acknowledged after something of a later one."""
answered = monitor(
    "answers are acknowledged",
    (NOBODY, NOBODY, NOBODY),
    _answered,
    ("call", "return", *LIFE),
)
"""That a client gets no answer to what is not acknowledged by then."""
survive = monitor("acknowledged writes survive", frozenset[Any](), _survive)
"""That what was acknowledged as an entry stays that entry."""
effects_in_order = monitor("effects in order of epochs", 0, _effects_in_order)
"""That a resource does nothing for an older epoch after a later one."""
one_at_a_time = monitor("one at a time", NOBODY, _one_at_a_time, LIFE)
"""That nobody begins to act while another still does."""

PROPERTIES = (
    *(one_holder, log_matching, in_order, answered),
    *(survive, effects_in_order),
)
"""Those of safety that hold for any timing, where shipping is synchronous and the
resource looks at the epoch.
"""


def comes_back(within: float, until: float) -> Property:
    """Make the property that every call returns within so many seconds of the last
    fault, unless the witness is down, or everybody who has all that was acknowledged.

    Parameters
    ----------
    within, until : float
        The bound, and how long the run was let run, in seconds.
    """
    return responsive(within, until, _excuse)


def _excuse(trace: Trace) -> str | None:
    """Excuse the pair where two are down, or the one without which there is no epoch:
    the witness, or who had the last one and was alone in it.
    """
    down = [node for node in promises.down(trace) if node in ("a", "b", "w")]
    holder = epoch = None
    for event in trace.facts(Granted):
        holder, epoch = event.what.to, event.what.epoch
    alone = all(event.what.epoch != epoch for event in trace.facts(Paired))
    if len(down) > 1 or "w" in down or (holder in down and alone):
        return f"{', '.join(down)} down at the end: nobody may act"
    return None
