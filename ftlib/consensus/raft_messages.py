"""The RPCs of Raft as messages, as figure 2 of Ongaro and Ousterhout (2014) has them,
and the facts by which a run is judged.

Of the arguments candidateId and leaderId are left out, because a message says who sent
it. Of the results AppendEntriesReply has one more, up to where the logs agree: a reply
may come late, or twice, and here nothing else tells which request it answers.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.services import Entry

__all__ = [
    "AppendEntries",
    "AppendEntriesReply",
    "Applied",
    "Committed",
    "Configured",
    "Deposed",
    "RequestVote",
    "RequestVoteReply",
]


@dataclass(frozen=True, slots=True)
class RequestVote:
    """A candidate gathers votes (section 5.2)."""

    term: int
    last_log_index: int
    last_log_term: int


@dataclass(frozen=True, slots=True)
class RequestVoteReply:
    """Whether the candidate has received the vote."""

    term: int
    vote_granted: bool


@dataclass(frozen=True, slots=True)
class AppendEntries:
    """A leader replicates log entries (section 5.3); without any it is a heartbeat."""

    term: int
    prev_log_index: int
    prev_log_term: int
    entries: tuple[Entry, ...]
    leader_commit: int


@dataclass(frozen=True, slots=True)
class AppendEntriesReply:
    """Whether the logs agreed at `prev_log_index`; if so, they now do up to
    `match_index`, which else is 0.
    """

    term: int
    success: bool
    match_index: int


@dataclass(frozen=True, slots=True)
class Committed:
    """Fact: this leader has found that the entry at `index`, of its own term, is
    committed, and so all before it are.
    """

    index: int
    term: int


@dataclass(frozen=True, slots=True)
class Applied:
    """Fact: this server has applied the entry at `index` to its state machine."""

    index: int
    term: int
    command: Any


@dataclass(frozen=True, slots=True)
class Deposed:
    """Fact: this server is no longer the leader of `term`."""

    term: int


@dataclass(frozen=True, slots=True)
class Configured:
    """Fact: for this server the members are these from now on."""

    members: tuple[str, ...]
