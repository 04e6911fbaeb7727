"""Two additions that let a leader stay, and make one go that nobody hears (Ongaro 2014,
sections 6.2, 4.2.3 and 9.6).

*Pre-vote*: a server that does not hear from a leader asks the others first whether they
would vote for it, and begins an election only if a majority would. Who hears from a
leader would not. So a server that is cut off raises no term, and deposes nobody when it
comes back.

*Check-quorum*: a leader that has not heard from a majority for an election timeout
steps down, because it cannot commit anything. As in etcd and LogCabin, a server that
hears from a leader then pays no heed to requests for votes either: its leader has a
majority, or will soon give up by itself.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import (
    AppendEntries,
    AppendEntriesReply,
    RequestVote,
)
from ftlib.services import Quorum

__all__ = [
    "CheckQuorum",
    "Leaderless",
    "Led",
    "PreVote",
    "RequestPreVote",
    "RequestPreVoteReply",
    "Willing",
]


@dataclass(frozen=True, slots=True)
class RequestPreVote:
    """A server asks who would vote for it in `term`, which has not begun."""

    term: int
    last_log_index: int
    last_log_term: int


@dataclass(frozen=True, slots=True)
class RequestPreVoteReply:
    """Whether this server would, in the term that was asked about; and its own term,
    which may be a later one.
    """

    term: int
    vote_granted: bool
    asked: int


@dataclass(frozen=True, slots=True)
class Willing:
    """Fact: this server would vote for `to` in `term`; it promises nothing."""

    term: int
    to: str


@dataclass(frozen=True, slots=True)
class Led:
    """Fact: this server hears from the leader of `term`."""

    term: int


@dataclass(frozen=True, slots=True)
class Leaderless:
    """Fact: this server hears from no leader any more."""


class PreVote(Raft):
    """A server that asks before it begins an election.

    Parameters
    ----------
    servers, heartbeat, election_timeout
        As for `Raft`. A server hears from a leader as long as the last AppendEntries
        came no longer ago than the shortest election timeout.

    Examples
    --------
    >>> from ftlib.consensus import raft_servers
    >>> from ftlib.services import Elected
    >>> from ftlib.simulation import Cluster
    >>> trace = Cluster(raft_servers(server=PreVote)).run(until=2)
    >>> [event.what for event in trace.facts(Elected)]
    [Elected(epoch=1)]

    Notes
    -----
    An election costs a candidate N - 1 messages more, as many replies, and the time of
    one more round trip; no more forced writes.
    """

    MESSAGES = (*Raft.MESSAGES, RequestPreVote, RequestPreVoteReply)
    FACTS = (*Raft.FACTS, Willing, Led, Leaderless)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.led = False

    @property
    def has_leader(self) -> bool:
        """Whether it hears from a leader, or is one."""
        return self.led or self.state == "leader"

    def on_message(self, sender: str, message: Any) -> None:
        match message:
            case RequestPreVote():
                self.request_pre_vote(sender, message)
                return
        super().on_message(sender, message)
        match message:
            case RequestPreVoteReply(_, True, asked):
                self.pre_vote(sender, asked)

    def on_timer(self, name: str) -> None:
        if name == "leader":
            self.lose_leader()
        else:
            super().on_timer(name)

    def convert(self, state: str) -> None:
        super().convert(state)
        self.lose_leader()

    def lose_leader(self) -> None:
        """From now on would vote for another."""
        self.cancel_timer("leader")
        if self.led:
            self.led = False
            self.record(Leaderless())

    def append_entries(self, sender: str, message: AppendEntries) -> None:
        super().append_entries(sender, message)
        if message.term == self.current_term:
            self.set_timer("leader", self.election_timeout[0])
            if not self.led:
                self.led = True
                self.record(Led(self.current_term))

    def request_pre_vote(self, sender: str, message: RequestPreVote) -> None:
        """Say whether this server would vote, and change nothing."""
        last = message.last_log_term, message.last_log_index
        granted = (
            not self.has_leader
            and message.term > self.current_term
            and self.log.up_to_date(last)
        )
        if granted:
            self.record(Willing(message.term, sender))
        reply = RequestPreVoteReply(self.current_term, granted, message.term)
        self.send(sender, reply)

    def start_election(self) -> None:
        """Ask all others whether they would vote in the next term."""
        self.convert("pre-candidate")
        self.set_timer("election", self.election_timeout)
        self.record(Willing(self.current_term + 1, self.id))
        term, index = self.log.last
        for follower in self.followers:
            self.send(follower, RequestPreVote(self.current_term + 1, index, term))
        self.pre_vote(self.id, self.current_term + 1)

    def pre_vote(self, voter: str, term: int) -> None:
        """Count who would vote in the next term, which a late reply does not mean;
        begin the election when a majority would.
        """
        asking = self.state == "pre-candidate" and term == self.current_term + 1
        if asking and self.votes.add(voter):
            super().start_election()


class CheckQuorum(PreVote):
    """A server that, as a leader, steps down when it does not hear from a majority; and
    that takes no notice of candidates while it hears from a leader.

    Parameters
    ----------
    servers, heartbeat, election_timeout
        As for `PreVote`. A leader looks once in each shortest election timeout.

    Examples
    --------
    >>> from ftlib.consensus import raft_servers
    >>> from ftlib.services import Elected
    >>> from ftlib.simulation import Cluster
    >>> trace = Cluster(raft_servers(server=CheckQuorum)).run(until=2)
    >>> [event.what for event in trace.facts(Elected)]
    [Elected(epoch=1)]
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.heard = Quorum(self.servers)

    def on_message(self, sender: str, message: Any) -> None:
        if isinstance(message, RequestVote) and self.has_leader:
            return
        super().on_message(sender, message)

    def on_timer(self, name: str) -> None:
        if name == "quorum":
            self.check_quorum()
        else:
            super().on_timer(name)

    def convert(self, state: str) -> None:
        self.cancel_timer("quorum")
        self.heard = Quorum(self.servers)
        super().convert(state)

    def become_leader(self) -> None:
        super().become_leader()
        self.listen()

    def listen(self) -> None:
        """Begin to note who answers."""
        self.heard = Quorum(self.servers)
        self.heard.add(self.id)
        self.set_timer("quorum", self.election_timeout[0])

    def answered(self, follower: str, reply: AppendEntriesReply) -> None:
        self.heard.add(follower)
        super().answered(follower, reply)

    def check_quorum(self) -> None:
        """Step down unless a majority, itself included, has answered."""
        if self.heard.reached:
            self.listen()
        else:
            self.convert("follower")
