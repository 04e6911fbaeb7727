"""What a replicated ring promises, as properties of the trace.

- *acknowledged is kept*: a row of which a request was answered is on the disk of some
  member of the view, in that version or a later one.
- *on R disks*: it is on at least R disks when it is answered, and always afterwards.
- *ready with its range*: a node that says that it is ready has every row of its range
  that was answered by then, that late or later.
- *ready before it answers*: nobody answers in an epoch in which it is not ready.
- *one first*: in an epoch no two nodes answer for the same key.
- *one view an epoch*: no two views have the same epoch.
- *fresh*: no answer is older than one that was given before the question was sent.
- *where it belongs*: once a view is installed, each row soon is on the R nodes of its
  key, and on no other.

All but the last are safety, and kept by nodes that do nothing. `answers` is their
companion: every call returns soon after the last fault, if no more than R - 1 nodes and
not the steward are down. Then the rows of who is down have been moved.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.replication.ring_membership import Announced, Installed
from ftlib.replication.ring_rows import Dropped, Holds, Ready, Served, homes
from ftlib.services import Request, responsive
from ftlib.simulation import Broken, Event, Property, Trace, monitor, promises
from ftlib.simulation.promises import somebody_down

__all__ = [
    "PROPERTIES",
    "answers",
    "fresh",
    "kept",
    "on_disks",
    "one_first",
    "one_view",
    "ready_first",
    "where_it_belongs",
    "with_its_range",
]

Known = frozenset[tuple[Any, Any]]  # of each thing, the one that is known of it
START: Known = frozenset()
OLDEST = 0, 0


def _know(known: Known, thing: Any, default: Any = OLDEST) -> Any:
    return next((what for each, what in known if each == thing), default)


def _learn(known: Known, thing: Any, what: Any) -> Known:
    return frozenset(each for each in known if each[0] != thing) | {(thing, what)}


def _told(version: tuple[int, int]) -> str:
    return "{1} of epoch {0}".format(*version)


def _rows(known: Known, event: Event) -> Known:
    """Remember of each key the latest version of which a request was answered, and
    which one each node has.
    """
    match event.what:
        case Holds(key, version):
            return _learn(known, (key, event.node), version)
        case Dropped(key):
            return _learn(known, (key, event.node), OLDEST)
        case Served(_, key, version) if version > _know(known, (key,)):
            return _learn(known, (key,), version)
    return known


def _answered(known: Known) -> list[tuple[str, tuple[int, int]]]:
    return sorted((thing[0], what) for thing, what in known if len(thing) == 1)


def _kept(known: Known, event: Event) -> Known | Broken:
    """Remembers rows, and the members."""
    match event.what:
        case Announced(_, members):
            known = _learn(known, (), members)
        case Holds() | Dropped() | Served():
            known = _rows(known, event)
        case _:
            return known
    members = _know(known, (), ())
    for key, version in _answered(known):
        if all(_know(known, (key, each)) < version for each in members):
            return Broken(
                f"version {_told(version)} of {key} was answered, and none of"
                f" {', '.join(members)} has it"
            )
    return known


@dataclass(frozen=True, slots=True)
class _Copies:
    """Remembers rows."""

    copies: int

    def on_disks(self, known: Known, event: Event) -> Known | Broken:
        """Take in a fact, and see whether it leaves enough copies."""
        known = _rows(known, event)
        for key, version in _answered(known):
            having = [
                thing[1]
                for thing, what in known
                if len(thing) == 2 and thing[0] == key and what >= version
            ]
            if len(having) < self.copies:
                return Broken(
                    f"version {_told(version)} of {key} was answered, and is on the"
                    f" disks of {len(having)}: {', '.join(sorted(having)) or 'none'}"
                )
        return known

    def with_its_range(self, known: Known, event: Event) -> Known | Broken:
        """Take in a fact, and see whether who is ready has what it must have."""
        if not isinstance(event.what, Ready):
            return _rows(known, event)
        epoch, members = event.what.epoch, event.what.members
        for key, version in _answered(known):
            has = _know(known, (key, event.node))
            mine = event.node in homes(key, members, self.copies)
            if mine and has < version < (epoch + 1, 0):
                return Broken(
                    f"{event.node} is ready in epoch {epoch} and has version"
                    f" {_told(has)} of {key}: {_told(version)} was answered"
                )
        return known


def _ready_first(known: Known, event: Event) -> Known | Broken:
    """Remembers in which epoch each node is ready."""
    if event.kind == "crash":
        return _learn(known, event.node, 0)
    match event.what:
        case Ready(epoch):
            return _learn(known, event.node, epoch)
        case Served(epoch, key) if _know(known, event.node, 0) != epoch:
            return Broken(
                f"{event.node} answers for {key} in epoch {epoch}, and is not ready"
            )
    return known


def _one_first(known: Known, event: Event) -> Known | Broken:
    """Remembers who answered in each epoch for each key."""
    match event.what:
        case Served(epoch, key):
            first = _know(known, (epoch, key), event.node)
            if first != event.node:
                return Broken(
                    f"{first} and {event.node} both answer for {key} in epoch {epoch}"
                )
            return _learn(known, (epoch, key), first)
    return known


def _one_view(known: Known, event: Event) -> Known | Broken:
    """Remembers the members of each epoch."""
    match event.what:
        case Announced(epoch, members):
            first = _know(known, epoch, members)
            if first != members:
                return Broken(
                    f"epoch {epoch} has the members {', '.join(first)}, and also"
                    f" {', '.join(members)}"
                )
            return _learn(known, epoch, members)
    return known


def _fresh(known: Known, event: Event) -> Known | Broken:
    """Remembers the latest version of each key of which a request was answered, and
    what that was when each client sent its last request for the first time.
    """
    match event.kind, event.what:
        case "send", Request(client, sequence, (_, key, *_)):
            if _know(known, client)[0] < sequence:
                floor = _know(known, (key,))
                return _learn(known, client, (sequence, floor))
        case "fact", Served(_, key, version, client, sequence):
            asked, floor = _know(known, client)
            if sequence == asked and version < floor:
                return Broken(
                    f"{event.node} answers {client} by version {_told(version)} of"
                    f" {key}, though {_told(floor)} was answered before {client} asked"
                )
            return _rows(known, event)
    return known


kept = monitor("acknowledged is kept", START, _kept)
"""A row of which a request was answered is with a member of the view."""
ready_first = monitor("ready before it answers", START, _ready_first, ("fact", "crash"))
"""Nobody answers in an epoch in which it is not ready."""
one_first = monitor("one first", START, _one_first)
"""In an epoch no two nodes answer for the same key."""
one_view = monitor("one view an epoch", START, _one_view)
"""No two views have the same epoch."""
fresh = monitor("fresh", START, _fresh, ("send", "fact"))
"""No answer is older than one that was given before the question was sent."""

PROPERTIES = kept, ready_first, one_first, one_view, fresh
"""What is safety and needs no R."""


def with_its_range(copies: int) -> Property:
    """Make the safety property that who is ready has all that it must have.

    Parameters
    ----------
    copies : int
        R.
    """
    return monitor("ready with its range", START, _Copies(copies).with_its_range)


def on_disks(copies: int) -> Property:
    """Make the safety property that what was answered is on at least R disks.

    Parameters
    ----------
    copies : int
        R.
    """
    return monitor("on R disks", START, _Copies(copies).on_disks)


def answers(copies: int, within: float, until: float) -> Property:
    """Make the liveness property that every call returns within so many seconds of the
    last fault, unless R nodes are down or the steward is.

    Parameters
    ----------
    copies : int
        R.
    within, until : float
        The bound, and how long the run was let run, in seconds.
    """

    def excuse(trace: Trace) -> str | None:
        down = promises.down(trace)
        if "s" in down or sum(each.startswith("h") for each in down) >= copies:
            return f"{', '.join(down)} down at the end: their keys wait"
        return None

    return responsive(within, until, excuse)


def where_it_belongs(copies: int, within: float, until: float) -> Property:
    """Make the liveness property that each row soon is on its R nodes and on no other,
    once the view is installed.

    Parameters
    ----------
    copies : int
        R.
    within, until : float
        The bound, and how long the run was let run, in seconds.
    """

    def owed(trace: Trace) -> dict[str, float]:
        since: dict[tuple[str, str], float] = {}
        members: tuple[str, ...] = ()
        known, begun = START, 0.0
        for event in trace.facts((Announced, Installed, Holds, Dropped, Served)):
            if isinstance(event.what, Announced | Installed):
                whole = isinstance(event.what, Installed)
                members, begun = event.what.members if whole else (), event.time
            else:
                known = _rows(known, event)
                since[event.what.key, event.node] = event.time
        if not members:
            return {}
        wrong: dict[str, float] = {}
        for (key, node), time in since.items():
            has = _know(known, (key, node))
            if node not in homes(key, members, copies) and has > OLDEST:
                wrong[f"{node}: still has {key}"] = max(begun, time)
        for key, version in _answered(known):
            for node in homes(key, members, copies):
                if _know(known, (key, node)) < version:
                    wrong[f"{node}: has no {key} of {_told(version)}"] = begun
        return wrong

    return promises.responsive("where it belongs", owed, within, until, somebody_down)
