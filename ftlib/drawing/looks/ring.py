"""The look of a replicated ring."""

from typing import Any

from ftlib.drawing.look import Label, Look, name_of
from ftlib.replication.ring_membership import Announced, Beat, Installed, View
from ftlib.replication.ring_rows import (
    Copied,
    Copy,
    Dropped,
    Have,
    Holds,
    Moved,
    Ready,
    Row,
    Served,
    Version,
    Want,
)
from ftlib.simulation import Event
from ftlib.simulation.values import show

__all__ = ["RING_LOOK"]


def _version(version: Version) -> str:
    return "{1} of epoch {0}".format(*version)


def _row(row: Row) -> str:
    value = ", ".join(show(value) for _, value in row.store[1]) or "nothing"
    return f"{value} ({_version(row.version)})"


def _message(message: Any) -> str:
    match message:
        case View(epoch, members, installed):
            state = ", installed" if installed else ""
            return f"View {epoch}: {' '.join(members)}{state}"
        case Beat(epoch, ready):
            return f"Ready {epoch}" if ready else f"Alive {epoch}"
        case Want(view):
            return f"Want {view.epoch}"
        case Have(epoch, rows):
            return f"Have {epoch}: {' '.join(key for key, _ in rows) or 'nothing'}"
        case Copy(_, key, row):
            return f"Copy {key}: {_row(row)}"
        case Copied(_, key):
            return f"Copied {key}"
    return name_of(message)


def _state(event: Event) -> Label | None:
    match event.what:
        case Announced(epoch):
            return Label(f"view {epoch}", "orange", "striped")
        case Installed(epoch):
            return Label(f"view {epoch} installed", "green", "solid")
        case Ready(epoch):
            return Label(f"▲ ready {epoch}", "green", "solid")
        case Moved(key, size):
            return Label(f"▸ {key} moves, {size} B", "blue", "none")
        case Dropped(key):
            return Label(f"✗ {key}", "red", "none")
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Announced(epoch, members):
            return f"begins view {epoch} of {', '.join(members)}"
        case Installed(epoch):
            return f"knows that all are ready in view {epoch}"
        case Ready(epoch):
            return f"has its whole range in view {epoch}"
        case Moved(key, size):
            return f"has received {key}, {size} bytes"
        case Dropped(key):
            return f"keeps {key} no more"
        case Served(_, key, version, client):
            return f"answers {client} by {key} of version {_version(version)}"
        case Holds():
            return None  # has been told of the disk
    return f"records {name_of(event.what)}"


def _disk(event: Event) -> str:
    match str(event.other).partition(" "), event.what:
        case ("row", _, key), None:
            return f"that {key} is dropped"
        case ("row", _, key), row:
            return f"{key}: {_row(row)}"
        case ("view", _, _), view:
            return f"view {view.epoch}"
        case ("steward", _, _), (view, *_):
            return f"view {view.epoch}"
    return str(event.other)


def _timer(name: str) -> str:
    kind, _, node = name.partition(" ")
    words = {"silent": f"nothing from {node}", "retry": "no answer"}
    return words.get(kind, kind)


RING_LOOK = Look(_message, _state, _tell, timer=_timer, disk=_disk)
"""How runs of a replicated ring look."""
