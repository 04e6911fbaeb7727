"""Mutants of Raft: each makes one mistake, and each breaks one promise."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import AppendEntries, AppendEntriesReply, RequestVote
from ftlib.consensus.raft_reads import ReadIndex
from ftlib.consensus.raft_servers import raft_servers
from ftlib.services import Client, Entry, Request, Truncated, majority
from ftlib.simulation import (
    Crash,
    Cut,
    Duplicate,
    Lose,
    Node,
    Partition,
    Point,
    Recover,
    Schedule,
    Skew,
    Slow,
)
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AnswersTooSoon",
    "AnswersUnconfirmed",
    "ChecksIndexOnly",
    "CommitsOlderTerms",
    "CountsMessages",
    "ExecutesAgain",
    "ForgetsItsVote",
    "GivesWay",
    "LeadsFromMemory",
    "NoConsistencyCheck",
    "NoElectionRestriction",
    "NoNoOp",
    "ObeysOlderTerms",
    "RepliesFromMemory",
    "ReturnsEmpty",
    "TruncatesWhatAgrees",
    "VotesTwice",
    "mutated",
]


class VotesTwice(Raft):
    """Votes for every candidate of its term, not for the first only."""

    def request_vote(self, sender: str, message: RequestVote) -> None:
        self.voted_for = None
        super().request_vote(sender, message)


class ForgetsItsVote(Raft):
    """Keeps its vote in memory only, and after a restart votes again."""

    def on_start(self) -> None:
        super().on_start()
        self.voted_for = None


class ReturnsEmpty(Raft):
    """Comes back with an empty disk under its old name: it has forgotten its vote, and
    what it has stored.
    """

    def on_start(self) -> None:
        for key in list(self.disk.keys()):
            self.disk.delete(key)
        super().on_start()


class CountsMessages(Raft):
    """Counts votes and not voters: one that comes twice is two."""

    def vote_from(self, voter: str) -> None:
        if self.state == "candidate" and voter in self.votes.voters:
            missing = [e for e in self.servers if e not in self.votes.voters]
            voter = missing[0]
        super().vote_from(voter)


class NoElectionRestriction(Raft):
    """Votes without a look at the candidate's log."""

    def request_vote(self, sender: str, message: RequestVote) -> None:
        term, index = self.log.last
        super().request_vote(sender, RequestVote(message.term, index, term))


class CommitsOlderTerms(Raft):
    """Counts the copies of an entry of an earlier term, as if it were of its own."""

    def advance_commit_index(self) -> None:
        stored = sorted((self.log.last[1], *self.match_index.values()), reverse=True)
        n = stored[majority(len(self.servers)) - 1]
        if n > self.commit_index:
            self.commit(n)


class TruncatesWhatAgrees(Raft):
    """Deletes all that stands behind prevLogIndex, also where it agrees: an old message
    that comes late takes away what was committed.
    """

    def take(self, index: int, term: int, entries: tuple[Entry, ...]) -> bool:
        if self.log.epoch_at(index) == term and self.log.last[1] > index:
            self.log.truncate(self.disk, index + 1)
        return super().take(index, term, entries)


class NoConsistencyCheck(Raft):
    """Appends what it is sent, whether or not it has what stands before that."""

    def take(self, index: int, term: int, entries: tuple[Entry, ...]) -> bool:
        last_term, last = self.log.last
        if index > last:
            super().take(last, last_term, entries)
            return True
        return super().take(index, term, entries)


class ChecksIndexOnly(Raft):
    """Looks whether it has an entry where those sent begin, and not of which term."""

    def take(self, index: int, term: int, entries: tuple[Entry, ...]) -> bool:
        own = self.log.epoch_at(index)
        if own is not None and all(own <= entry.epoch for entry in entries):
            term = own
        return super().take(index, term, entries)


class ObeysOlderTerms(Raft):
    """Obeys AppendEntries of an earlier term: what a leader has sent before it was
    passed over comes late, and takes away what its successor has committed.
    """

    def append_entries(self, sender: str, message: AppendEntries) -> None:
        term = max(message.term, self.current_term)
        super().append_entries(sender, replace(message, term=term))


class GivesWay(Raft):
    """Deletes what a follower lacks from its own log, so that the two agree."""

    def answered(self, follower: str, reply: AppendEntriesReply) -> None:
        index = self.next_index[follower] - 1
        if not reply.success and 0 < index <= self.log.last[1]:
            self.record(Truncated(index))
            self.log.truncate(self.disk, index)
        super().answered(follower, reply)


class LeadsFromMemory(Raft):
    """A leader that neither forces before it sends nor before it counts itself."""

    def store(self, first: int) -> None:
        if self.state != "leader":
            super().store(first)
            return
        for index in range(first, self.log.last[1] + 1):
            self.record(self.log.stored(index))


class RepliesFromMemory(Raft):
    """A follower that replies to AppendEntries before it has forced the entries."""

    def store(self, first: int) -> None:
        if self.state == "leader":
            super().store(first)
            return
        for index in range(first, self.log.last[1] + 1):
            self.record(self.log.stored(index))


class ExecutesAgain(Raft):
    """Does not look whether it has executed a request before."""

    def execute(self, command: Request) -> None:
        self.machine.sessions.pop(command.client, None)
        super().execute(command)


class NoNoOp(ReadIndex):
    """Puts no entry of its own at the start of its term: reads wait until somebody
    writes.
    """

    def append(self, command: Request | None) -> None:
        if command:
            super().append(command)


class AnswersTooSoon(ReadIndex):
    """Answers reads before an entry of its own term is committed, when it does not know
    how much of its log is.
    """

    def knows_what_is_committed(self) -> bool:
        return True


class AnswersUnconfirmed(ReadIndex):
    """Answers reads at once as long as it believes that it leads; another may."""

    def answer_reads(self) -> None:
        self.confirmed = dict.fromkeys(self.followers, self.number)
        super().answer_reads()


A, B, READ = ("append", "x", "a"), ("append", "x", "b"), ("get", "x")
WORK, LONG = (((A, B) * 3,),), (((A, B) * 6,),)
SAME = Skew("s1", rate=1.6877)  # its first election begins with that of s3
BEHIND = Partition((("s2",),), at=0.45)  # it lacks what follows
WITHOUT = Partition((("s3",),), at=0.6)  # the others, s2 again, elect another leader

SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    VotesTwice: ((), Schedule([SAME]), "election safety"),
    ForgetsItsVote: (
        (),
        Schedule(
            [
                Cut("s3", "s1"),
                Crash("s2", at=Point("s2", "send", "RequestVoteReply")),
                Recover("s2", at=Point("s2", "crash", later=0.005)),
            ]
        ),
        "election safety",
    ),
    ReturnsEmpty: (
        WORK,
        Schedule([BEHIND, Crash("s1", at=0.6), Recover("s1", at=0.61), WITHOUT]),
        "leader completeness",
    ),
    CountsMessages: (
        ((), 4),
        Schedule(
            [
                SAME,
                Slow(("s1", "s2"), by=0.03),
                Duplicate("RequestVoteReply", "s2", "s3"),
                Duplicate("RequestVoteReply", "s4", "s1"),
            ]
        ),
        "election safety",
    ),
    NoElectionRestriction: (WORK, Schedule([BEHIND, WITHOUT]), "leader completeness"),
    CommitsOlderTerms: ((), Schedule(), "leader completeness"),
    TruncatesWhatAgrees: (
        WORK,
        Schedule(
            [
                BEHIND,
                Duplicate("AppendEntries", "s3", "s1", nth=9, later=0.15),
                replace(WITHOUT, at=0.7),
            ]
        ),
        "leader completeness",
    ),
    NoConsistencyCheck: (LONG, Schedule([BEHIND, WITHOUT]), "state machine safety"),
    ChecksIndexOnly: ((), Schedule(), "log matching"),
    ObeysOlderTerms: ((), Schedule(), "leader completeness"),
    GivesWay: (WORK, Schedule([BEHIND, WITHOUT]), "leader append-only"),
    LeadsFromMemory: (
        WORK,
        Schedule(
            [
                BEHIND,
                Crash("s3", at=0.6),
                Recover("s3", at=0.61),
                Partition((("s1",),), at=0.6),
            ]
        ),
        "leader completeness",
    ),
    RepliesFromMemory: (
        WORK,
        Schedule([BEHIND, Crash("s1", at=0.6), Recover("s1", at=0.61), WITHOUT]),
        "leader completeness",
    ),
    ExecutesAgain: ((((A, READ),),), Schedule([Lose("Reply")]), "linearizable"),
    NoNoOp: ((((READ,),),), Schedule(), "responsive"),
    AnswersTooSoon: ((), Schedule(), "linearizable"),
    AnswersUnconfirmed: (
        (((READ,) * 40, (A,)),),
        Schedule([Partition((("s3", "c1"),), at=0.3)]),
        "linearizable",
    ),
}
"""What the group is made with, the faults, and the property that is violated.

No schedule stands where the mistake shows only in an order of messages that takes more
than a few faults to bring about: exploration finds it.
"""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

_group = casting(raft_servers, server=Raft, client=Client)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ()
) -> dict[str, Callable[[], Node]]:
    """Make a group with a mutant in the place of its servers.

    Parameters
    ----------
    mutant : type
        A subclass of Raft, or that.
    given : tuple
        As for `ftlib.consensus.raft_servers`.
    """
    return _group(mutant, *given)
