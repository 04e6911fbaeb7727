"""What registers on quorums promise, as properties of the trace.

- *on a quorum*: when a write returns, W nodes have its row, or a newer one, on disk,
  and from then on never fewer. A hint counts for the node that it is kept for.
- *versions in order*: a write makes a higher version than every write that returned
  before it began.
- *regular*: a read returns no older version than that of any write that returned before
  it began (Lamport 1986). What goes on meanwhile it may see or miss.
- *one value a version*: no version is given to two values.
- *never back*: no node keeps an older row after a newer one.
- *handed off*: what is kept in a hint soon is at the node that it is for.

All but the last are safety, and kept by nodes that do nothing; the last is not, and
`ftlib.services.responsive` asks for an answer to every call.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.replication.quorum import NOTHING, Kept, Row, Seen, Version, Written
from ftlib.replication.sloppy import HandedOff, Hinted
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
from ftlib.simulation.promises import somebody_down
from ftlib.simulation.values import show

__all__ = [
    "PROPERTIES",
    "handed_off",
    "never_back",
    "on_a_quorum",
    "one_value",
    "regular",
    "versions_in_order",
]

Known = frozenset[tuple[Any, Any]]  # of each key, the one thing that is known of it
START: Known = frozenset()
OLDEST = NOTHING.version


def _known(known: Known, key: Any, default: Any = OLDEST) -> Any:
    return next((what for name, what in known if name == key), default)


def _put(known: Known, key: Any, what: Any) -> Known:
    return frozenset(each for each in known if each[0] != key) | {(key, what)}


def _told(version: Version) -> str:
    return f"{version.counter} of {version.writer}" if version.writer else "0"


def _floors(known: Known, event: Event) -> Known:
    """Remember the newest version of which a write has returned, of each key, and what
    that was when a call began that is under way.
    """
    node = event.node
    if event.kind == "call":
        newest = _known(known, ("returned", event.what[1]))
        return _put(known, ("floor", node), newest)
    if type(event.what) is Kept or (event.kind == "fact" and not _mine(event)):
        return known
    known = frozenset(each for each in known if each[0] != ("floor", node))
    match event.what:
        case Written(key, version) if version > _known(known, ("returned", key)):
            return _put(known, ("returned", key), version)
    return known


def _mine(event: Event) -> bool:
    return isinstance(event.what, Written | Seen)


def _versions_in_order(known: Known, event: Event) -> Known | Broken:
    """Remembers floors."""
    match event.what:
        case Written(key, version):
            floor = _known(known, ("floor", event.node))
            if version <= floor:
                return Broken(
                    f"{event.node} wrote {key} under version {_told(version)}, though"
                    f" the write of version {_told(floor)} had returned before"
                )
    return _floors(known, event)


def _regular(known: Known, event: Event) -> Known | Broken:
    """Remembers floors."""
    match event.what:
        case Seen(key, version):
            floor = _known(known, ("floor", event.node))
            if version < floor:
                return Broken(
                    f"{event.node} read {key} of version {_told(version)}, though the"
                    f" write of version {_told(floor)} had returned before"
                )
    return _floors(known, event)


def _one_value(known: Known, event: Event) -> Known | Broken:
    """Remembers of each version its value."""
    match event.what:
        case Kept(key, Row(version, value)):
            what = freeze(value)
            first = _known(known, (key, version), what)
            if first != what:
                return Broken(
                    f"version {_told(version)} of {key} is {show(thaw(first))}, and at"
                    f" {event.node} it is {show(value)}"
                )
            return known | {((key, version), what)}
    return known


def _never_back(known: Known, event: Event) -> Known | Broken:
    """Remembers the version that each node has."""
    match event.what:
        case Kept(key, Row(version)):
            before = _known(known, (event.node, key))
            if version < before:
                return Broken(
                    f"{event.node} keeps {key} of version {_told(version)}, and kept"
                    f" version {_told(before)} before"
                )
            return _put(known, (event.node, key), version)
    return known


@dataclass(frozen=True, slots=True)
class _Copies:
    """Remembers who keeps which version of each key, itself or in a hint, and the
    newest one of which a write has returned.
    """

    write: int

    def step(self, known: Known, event: Event) -> Known | Broken:
        """Take in a fact."""
        match event.what:
            case Kept(key, Row(version)):
                known = _put(known, (key, event.node, event.node), version)
            case Hinted(home, key, version):
                known = _put(known, (key, home, event.node), version)
            case HandedOff(home, key):
                gone = (key, home, event.node)
                known = frozenset(each for each in known if each[0] != gone)
            case Written(key, version):
                if version > _known(known, (key,)):
                    known = _put(known, (key,), version)
            case _:
                return known
        newest = _known(known, (key,))
        homes = {
            place[1]
            for place, version in known
            if len(place) == 3 and place[0] == key and version >= newest
        }
        if newest > OLDEST and len(homes) < self.write:
            return Broken(
                f"version {_told(newest)} of {key} has returned, and is on the disks of"
                f" {len(homes)}, not {self.write}: {', '.join(sorted(homes)) or 'none'}"
            )
        return known


versions_in_order = monitor(
    "versions in order", START, _versions_in_order, kinds=("call", "crash", "fact")
)
"""A write makes a higher version than every write that returned before it began."""
regular = monitor("regular", START, _regular, kinds=("call", "crash", "fact"))
"""A read returns no older version than that of a write that returned before it
began.
"""
one_value = monitor("one value a version", START, _one_value)
"""No version is given to two values."""
never_back = monitor("never back", START, _never_back)
"""No node keeps an older row after a newer one."""


def on_a_quorum(write: int) -> Property:
    """Make the safety property that a row is on the disks of so many nodes when its
    write returns, and never on fewer afterwards.

    Parameters
    ----------
    write : int
        W.
    """
    return monitor("on a quorum", START, _Copies(write).step)


def handed_off(within: float, until: float) -> Property:
    """Make the liveness property that what is kept in a hint soon is at the node that
    it is for, and the hint gone.

    Parameters
    ----------
    within, until : float
        The bound, and how long the run was let run, in seconds.
    """
    return promises.responsive("handed off", _hints, within, until, somebody_down)


def _hints(trace: Trace) -> dict[str, float]:
    owed: dict[tuple[str, str, str], float] = {}
    for event in trace.facts((Hinted, HandedOff)):
        place = event.node, event.what.home, event.what.key
        if isinstance(event.what, Hinted):
            owed.setdefault(place, event.time)
        else:
            owed.pop(place, None)
    return {
        f"{node}: has a hint for {home} of {key}": since
        for (node, home, key), since in owed.items()
    }


PROPERTIES = versions_in_order, regular, one_value, never_back
"""What every one of them promises; `on_a_quorum` needs to know W."""
