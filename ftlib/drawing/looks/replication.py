"""The looks of replication."""

from typing import Any

from ftlib.drawing.look import Label, Look, name_of, numbered
from ftlib.replication import fencing, primary_standby, quorum, sloppy, witness
from ftlib.replication.quorum import Row
from ftlib.replication.shipping import Ack, Append, Install, Promise
from ftlib.services import Elected, Executed, Granted, Recovered, Stored, Truncated
from ftlib.simulation import Event
from ftlib.simulation.values import show

__all__ = ["PAIR_LOOK", "QUORUM_LOOK", "REPLICATION_LOOK"]


def _message(message: Any) -> str:
    match message:
        case Append(entries=()):
            return "Heartbeat"
        case Append(_, index, entries=entries):
            return f"Append {index + 1} to {index + len(entries)}"
        case Install(_, snapshot):
            return f"Install up to {snapshot.index}"
        case Ack(_, index):
            return f"Ack {index}"
        case Promise(epoch):
            return f"Promise {epoch}"
    return name_of(message)


def _state(event: Event) -> Label | None:
    match event.what:
        case Elected(epoch):
            return Label(f"▲ primary {epoch}", "green", "solid")
        case Granted(epoch, to) if to != event.node:
            return Label(f"follows {to}, {epoch}", "muted", "striped")
        case Truncated(index):
            return Label(f"✗ from {index} on", "red", "none")
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Elected(epoch):
            return f"is the primary of epoch {epoch}"
        case Granted(epoch, to):
            return f"promises epoch {epoch} to {to}"
        case Stored(index, epoch):
            return f"has entry {index} of epoch {epoch} on disk"
        case Executed(client, sequence):
            return f"makes request {sequence} of {client} visible"
        case Truncated(index):
            return f"discards its entries from {index} on"
        case Recovered():
            return None
    return f"records {name_of(event.what)}"


REPLICATION_LOOK = Look(_message, _state, _tell)
"""How runs of a primary and its replicas look."""


# A pair -------------------------------------------------------------------------------


def _pair_message(message: Any) -> str:
    match message:
        case witness.Ask(epoch, _, paired):
            return f"Ask {epoch}, paired" if paired else f"Ask {epoch}"
        case witness.Lease(epoch):
            return f"Lease {epoch}"
        case witness.Denied(epoch, holder):
            return f"Denied: {holder} has {epoch}"
        case witness.Release(epoch):
            return f"Release {epoch}"
        case primary_standby.TakeOver(epoch):
            return f"Take over from {epoch}"
        case primary_standby.SwitchOver():
            return "Switch over"
        case Append(_, index, entries=(_,)):
            return f"Append {index + 1}"
        case fencing.Act(epoch, index):
            return f"Act {index} of epoch {epoch}"
    return _message(message)


def _pair_state(event: Event) -> Label | None:
    match event.what:
        case primary_standby.SteppedDown():
            return Label("steps down", "muted", "striped")
        case Granted(epoch, to):
            return Label(f"{to} has {epoch}", "blue", "solid")
        case witness.Paired():
            return Label("paired", "blue", "solid")
        case fencing.Took(epoch):
            return Label(f"acts for {epoch}", "orange", "solid")
        case Truncated():
            return None  # is told by what it discards
        case primary_standby.Discarded(requests):
            return Label(f"✗ discards {requests}", "red", "none")
    return _state(event)


def _pair_tell(event: Event) -> str | None:
    match event.what:
        case primary_standby.SteppedDown(epoch):
            return f"does not act for epoch {epoch} any more"
        case primary_standby.Acknowledged(epoch, index):
            return f"makes the copy with which entry {index} is acknowledged in {epoch}"
        case primary_standby.Discarded(requests):
            some = "1 request" if requests == 1 else f"{requests} requests"
            return f"discards {some} that the primary does not have"
        case Granted(epoch, to):
            return f"grants epoch {epoch} to {to}"
        case witness.Paired(epoch):
            return f"lets either of the two have the epoch after {epoch}"
        case fencing.Took(epoch, index):
            return f"does what entry {index} wants, for the primary of epoch {epoch}"
    return _tell(event)


def _pair_disk(event: Event) -> str:
    named = {"life": "that it lives anew", "granted": "who has which epoch"}
    return named.get(str(event.other)) or numbered(event).replace("log entry", "entry")


def _pair_timer(name: str) -> str:
    head, _, rest = name.partition(" ")
    return f"nothing from {rest}" if head == "silent" else head


PAIR_LOOK = Look(
    _pair_message, _pair_state, _pair_tell, timer=_pair_timer, disk=_pair_disk
)
"""How runs of a primary, its standby and their witness look."""


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
