"""The looks of replication."""

from typing import Any

from ftlib.drawing.look import Label, Look, name_of
from ftlib.replication import quorum, sloppy
from ftlib.replication.quorum import Row
from ftlib.simulation import Event
from ftlib.simulation.values import show

__all__ = ["QUORUM_LOOK", "REPLICATION_LOOK"]

REPLICATION_LOOK = Look()
"""How runs of a primary and its replicas look."""


# Quorums ------------------------------------------------------------------------------


def _row(row: Row) -> str:
    """Tell a row by its value and the counter and writer of its version."""
    version = row.version
    if not version.writer:
        return "nothing"
    value = "deleted" if row.value is None else show(row.value)
    return f"{value} ({version.counter}, {version.writer})"


def _quorum_message(message: Any) -> str:
    match message:
        case quorum.Query(_, key):
            return f"Query {key}"
        case quorum.Holds(_, row):
            return f"Holds {_row(row)}"
        case quorum.Update(_, key, row):
            return f"Update {key}: {_row(row)}"
        case sloppy.Hint(_, home, key, row):
            return f"Hint for {home}, {key}: {_row(row)}"
        case sloppy.HintKept(_, home):
            return f"Hint kept for {home}"
        case sloppy.HandOff(key, row):
            return f"Hand off {key}: {_row(row)}"
        case quorum.Updated():
            return "Updated"
        case sloppy.TakenOver():
            return "Taken over"
    return name_of(message)


def _quorum_state(event: Event) -> Label | None:
    match event.what:
        case quorum.Kept(_, row):
            return Label(f"keeps {_row(row)}", "blue", "solid")
        case sloppy.Hinted(home):
            return Label(f"hint for {home}", "orange", "striped")
    return None


def _quorum_tell(event: Event) -> str | None:
    match event.what:
        case quorum.Kept() | sloppy.Hinted():
            return None  # has been told of the disk
        case quorum.Written(key, version):
            return f"has written {key} under version {version.counter}"
        case quorum.Seen(key, version):
            return f"has read {key} of version {version.counter}"
        case sloppy.HandedOff(home):
            return f"knows that {home} has what it has kept for it"
    return f"records {name_of(event.what)}"


def _quorum_disk(event: Event) -> str:
    match str(event.other).split(" "), event.what:
        case (["row", key], None):
            return f"that {key} is dropped"
        case (["row", key], row):
            return f"{key}: {_row(row)}"
        case (["hint", home, key], None):
            return f"that the hint of {key} for {home} is dropped"
        case (["hint", home, key], row):
            return f"hint for {home}, {key}: {_row(row)}"
        case (["number"], number):
            return f"operation {number}"
        case (["counter"], counter):
            return f"counter {counter}"
    return str(event.other)


def _quorum_timer(name: str) -> str:
    return {"retry": "no answer", "hand off": "hand off"}.get(name, f"grace of {name}")


QUORUM_LOOK = Look(
    _quorum_message,
    _quorum_state,
    _quorum_tell,
    timer=_quorum_timer,
    disk=_quorum_disk,
)
"""How runs of registers on quorums look."""
