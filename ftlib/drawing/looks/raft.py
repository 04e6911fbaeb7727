"""The look of Raft."""

from typing import Any

from ftlib.consensus.raft_messages import (
    AppendEntries,
    AppendEntriesReply,
    Applied,
    Committed,
    Configured,
    Deposed,
    RequestVote,
    RequestVoteReply,
)
from ftlib.consensus.raft_pre_vote import (
    Leaderless,
    Led,
    RequestPreVote,
    RequestPreVoteReply,
    Willing,
)
from ftlib.consensus.raft_snapshots import Installed, InstallSnapshot
from ftlib.drawing.look import Label, Look, name_of
from ftlib.services import Elected, Granted, Recovered, Stored, Truncated
from ftlib.simulation import Event

__all__ = ["RAFT_LOOK"]


def _message(message: Any) -> str:
    match message:
        case RequestVote(term):
            return f"RequestVote {term}"
        case RequestVoteReply(term, granted):
            return f"{'✓ vote' if granted else '✗ no vote'} {term}"
        case InstallSnapshot(_, snapshot):
            return f"InstallSnapshot {snapshot.index}"
        case RequestPreVote(term):
            return f"RequestPreVote {term}"
        case RequestPreVoteReply(_, granted, term):
            return f"{'✓ would vote' if granted else '✗ would not'} {term}"
        case AppendEntries(entries=()):
            return "Heartbeat"
        case AppendEntries(_, index, entries=(_,)):
            return f"AppendEntries {index + 1}"
        case AppendEntries(_, index, entries=entries):
            return f"AppendEntries {index + 1} to {index + len(entries)}"
        case AppendEntriesReply(_, True, index):
            return f"✓ up to {index}"
        case AppendEntriesReply():
            return "✗ no match"
    return name_of(message)


def _state(event: Event) -> Label | None:
    match event.what:
        case Elected(term):
            return Label(f"▲ leader {term}", "green", "solid")
        case Granted(term, to) if to == event.node:
            return Label(f"? candidate {term}", "orange", "striped")
        case Granted(term, to):
            return Label(f"voted {to}, {term}", "muted", "striped")
        case Deposed(term):
            return Label(f"leads {term} no more", "muted", "striped")
        case Committed(index):
            return Label(f"✓ {index} committed", "blue", "none")
        case Truncated(index):
            return Label(f"✗ from {index} on", "red", "none")
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Elected(term):
            return f"is the leader of term {term}"
        case Granted(term, to):
            return f"votes for {to} in term {term}"
        case Deposed(term):
            return f"is no longer the leader of term {term}"
        case Stored(index, term):
            return f"has entry {index} of term {term} on disk"
        case Committed(index, term):
            return f"finds in term {term} that entry {index} is committed"
        case Applied(index):
            return f"applies entry {index}"
        case Truncated(index):
            return f"deletes its entries from {index} on"
        case Configured(members):
            return f"has the members {', '.join(members)} from now on"
        case Installed(index):
            return f"takes over a snapshot of entries 1 to {index}"
        case Willing(term, to):
            return f"would vote for {to} in term {term}"
        case Led(term):
            return f"hears from the leader of term {term}"
        case Leaderless():
            return "hears from no leader any more"
        case Recovered():
            return None
    return f"records {name_of(event.what)}"


RAFT_LOOK = Look(_message, _state, _tell)
"""How runs of Raft look."""
