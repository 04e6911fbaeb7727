"""Raft: figure 2 of Ongaro and Ousterhout (2014), and nothing else.

Servers agree on a log. Each *term* has at most one leader, because each server votes
once in it, and a leader needs a majority. The leader alone puts commands into the log;
a server takes over entries only behind one on which it agrees with the leader. An entry
of the leader's own term that a majority has stored is *committed*: every later leader
has it, because a server votes only for candidates whose log is as up-to-date as its
own, and any two majorities share a server.

Names, rules and their order are those of the figure; messages and facts stand in
`ftlib.consensus.raft_messages`. The log is
`ftlib.services.Log`, whose *epochs* are the terms, and the state machine is
`ftlib.services.Store`, which executes each request of a client once.

What section 8 adds for reads stands in `ftlib.consensus.raft_reads`.
"""

from typing import Any

from ftlib.consensus.raft_messages import (
    AppendEntries,
    AppendEntriesReply,
    Applied,
    Committed,
    Deposed,
    RequestVote,
    RequestVoteReply,
)
from ftlib.services import (
    Elected,
    Entry,
    Granted,
    Log,
    Quorum,
    Recovered,
    Redirect,
    Reply,
    Request,
    Store,
    Stored,
    Truncated,
    majority,
)
from ftlib.simulation import Node

__all__ = ["Raft"]


class Raft(Node):
    """One of the servers: a follower, a candidate or the leader.

    Parameters
    ----------
    servers : tuple of str
        All of them, itself among them.
    heartbeat : float
        How often a leader sends AppendEntries to every follower, in seconds.
    election_timeout : (float, float)
        Between how many seconds of silence a server starts an election.

    Attributes
    ----------
    current_term, voted_for, log
        Persistent state on all servers.
    commit_index, last_applied
        Volatile state on all servers.
    next_index, match_index : dict from server to int
        Volatile state on leaders, made anew after each election.

    Raises
    ------
    ValueError
        If a leader would send heartbeats too rarely to keep elections from starting, or
        without a pause.

    Examples
    --------
    >>> from ftlib.consensus import raft_servers
    >>> from ftlib.simulation import Cluster
    >>> trace = Cluster(raft_servers([[("put", "x", 1), ("get", "x")]])).run(until=2)
    >>> [event.what for event in trace.where(kind="return")]
    [(('put', 'x', 1), None), (('get', 'x'), 1)]

    Notes
    -----
    Without faults, a command costs a leader of N servers one Request, N - 1
    AppendEntries, as many replies, one Reply, and one forced write on each server. At
    most one AppendEntries with entries is under way to a follower; commands that come
    meanwhile share the next.

    A disk that was wiped has forgotten the vote and the log, so a server must not come
    back with it under its old name.
    """

    MESSAGES: tuple[type, ...] = (
        RequestVote,
        RequestVoteReply,
        AppendEntries,
        AppendEntriesReply,
        Reply,
        Redirect,
    )
    FACTS: tuple[type, ...] = (
        Granted,
        Elected,
        Deposed,
        Recovered,
        Stored,
        Truncated,
        Committed,
        Applied,
    )

    def __init__(
        self,
        servers: tuple[str, ...],
        heartbeat: float = 0.05,
        election_timeout: tuple[float, float] = (0.15, 0.3),
    ) -> None:
        if not 0 < heartbeat < election_timeout[0]:
            raise ValueError(
                f"heartbeat is {heartbeat!r}, and an election follows after"
                f" {election_timeout[0]!r}: give seconds above 0, and fewer than that"
            )
        self.servers = servers
        self.heartbeat = heartbeat
        self.election_timeout = election_timeout
        self.current_term = 0
        self.voted_for: str | None = None
        self.log = Log()
        self.commit_index = 0
        self.last_applied = 0
        self.next_index: dict[str, int] = {}
        self.match_index: dict[str, int] = {}
        self.state = "follower"  # or "candidate", or "leader"
        self.leader_id: str | None = None  # so that clients can be redirected
        self.votes = Quorum(servers)
        self.sent: dict[
            str, int
        ] = {}  # a leader: up to where, and not answered; else 0
        self.machine = Store()

    def on_start(self) -> None:
        self.current_term, self.voted_for = self.disk.read("vote", (0, None))
        self.log.recover(self.disk)
        self.record(Recovered(self.log.snapshot, tuple(self.log.entries)))
        self.set_timer("election", self.election_timeout)

    @property
    def followers(self) -> tuple[str, ...]:
        """All servers but this one."""
        return tuple(each for each in self.servers if each != self.id)

    # Rules for servers ----------------------------------------------------------------

    def on_message(self, sender: str, message: Any) -> None:
        if isinstance(message, Request):
            self.command(message)
            return
        if message.term > self.current_term:
            self.become_follower(message.term)
        match message:
            case RequestVote():
                self.request_vote(sender, message)
            case AppendEntries():
                self.append_entries(sender, message)
            case RequestVoteReply(term, True) if term == self.current_term:
                self.vote_from(sender)
            case AppendEntriesReply(term) if (
                term == self.current_term and self.state == "leader"
            ):
                self.answered(sender, message)

    def on_timer(self, name: str) -> None:
        match name:
            case "election":
                self.start_election()
            case "heartbeat":
                for follower in self.followers:
                    self.send_entries(follower)
                self.set_timer("heartbeat", self.heartbeat)

    def become_follower(self, term: int) -> None:
        """Convert to follower, in a term that was not seen before (section 5.1)."""
        self.convert("follower")
        self.persist(term, None)

    def convert(self, state: str) -> None:
        """Forget what it was, and become a follower or a candidate."""
        if self.state == "leader":
            self.record(Deposed(self.current_term))
            self.cancel_timer("heartbeat")
            self.set_timer("election", self.election_timeout)
        self.state, self.leader_id = state, None
        self.votes = Quorum(self.servers)
        self.next_index, self.match_index, self.sent = {}, {}, {}

    def persist(self, term: int, voted_for: str | None) -> None:
        """Put term and vote on stable storage, before any RPC is answered."""
        self.current_term, self.voted_for = term, voted_for
        self.disk.write("vote", (term, voted_for))
        self.disk.force()

    def apply(self) -> None:
        """If commitIndex > lastApplied: apply log[lastApplied] (section 5.3)."""
        committed = self.commit_index - self.last_applied
        for entry in self.log.since(self.last_applied)[:committed]:
            self.last_applied += 1
            self.record(Applied(self.last_applied, entry.epoch, entry.value))
            self.execute(entry.value)

    def execute(self, command: Request) -> None:
        """Let the state machine execute a command; the leader responds."""
        self.machine.execute(command)
        if self.state == "leader" and (reply := self.machine.reply(command)):
            self.send(command.client, reply)

    # Followers ------------------------------------------------------------------------

    def request_vote(self, sender: str, message: RequestVote) -> None:
        """Receiver implementation of RequestVote (sections 5.2 and 5.4)."""
        last = message.last_log_term, message.last_log_index
        granted = (
            message.term == self.current_term
            and self.voted_for in (None, sender)
            and self.log.up_to_date(last)
        )
        if granted:
            self.vote_for(sender)
            self.set_timer("election", self.election_timeout)
        self.send(sender, RequestVoteReply(self.current_term, granted))

    def vote_for(self, candidate: str) -> None:
        """Vote, once in a term."""
        self.persist(self.current_term, candidate)
        self.record(Granted(self.current_term, candidate))

    def append_entries(self, sender: str, message: AppendEntries) -> None:
        """Receiver implementation of AppendEntries (section 5.3)."""
        if message.term < self.current_term:
            self.send(sender, AppendEntriesReply(self.current_term, False, 0))
            return
        if self.state != "follower":
            self.convert("follower")
        self.leader_id = sender
        self.set_timer("election", self.election_timeout)
        index, entries = message.prev_log_index, message.entries
        if not self.take(index, message.prev_log_term, entries):
            self.send(sender, AppendEntriesReply(self.current_term, False, 0))
            return
        last_new = index + len(entries)
        self.send(sender, AppendEntriesReply(self.current_term, True, last_new))
        self.commit_index = max(self.commit_index, min(message.leader_commit, last_new))
        self.apply()

    def take(self, index: int, term: int, entries: tuple[Entry, ...]) -> bool:
        """Steps 2 to 4: unless the log lacks the entry at `index`, delete what
        conflicts, and append what is new.
        """
        gone = self.log.conflict(index, term, entries)
        known = self.log.last[1] if gone is None else gone - 1
        if gone is not None:
            self.record(Truncated(gone))
        taken = self.log.accept(self.disk, index, term, entries)
        if self.log.last[1] > known:
            self.store(known + 1)
        return taken

    def store(self, first: int) -> None:
        """Force the entries from `first` on, before anybody is told of them."""
        self.disk.force()
        for index in range(first, self.log.last[1] + 1):
            self.record(self.log.stored(index))

    # Candidates -----------------------------------------------------------------------

    def start_election(self) -> None:
        """Increment currentTerm, vote for self, ask all others for their votes
        (section 5.2).
        """
        self.convert("candidate")
        self.current_term += 1
        self.vote_for(self.id)
        self.set_timer("election", self.election_timeout)
        term, index = self.log.last
        for follower in self.followers:
            self.send(follower, RequestVote(self.current_term, index, term))
        self.vote_from(self.id)

    def vote_from(self, voter: str) -> None:
        """Count a vote; become leader with those of a majority."""
        if self.state == "candidate" and self.votes.add(voter):
            self.become_leader()

    # Leaders --------------------------------------------------------------------------

    def become_leader(self) -> None:
        """Upon election: send heartbeats to all, to keep elections from starting
        (section 5.2).
        """
        self.state, self.leader_id = "leader", self.id
        self.votes = Quorum(self.servers)
        self.next_index = dict.fromkeys(self.followers, self.log.last[1] + 1)
        self.match_index = dict.fromkeys(self.followers, 0)
        self.sent = dict.fromkeys(self.followers, 0)
        self.record(Elected(self.current_term))
        self.cancel_timer("election")
        self.on_timer("heartbeat")

    def command(self, request: Request) -> None:
        """If a command is received from a client: append it to the log, and respond
        after it is applied (section 5.3).
        """
        if self.state == "leader":
            self.append(request)
        elif self.leader_id:
            self.send(request.client, Redirect(request.sequence, self.leader_id))

    def append(self, command: Request | None) -> None:
        """Append to the own log, then to those of the followers."""
        self.store(self.log.append(self.disk, self.current_term, command))
        self.replicate()
        self.advance_commit_index()

    def replicate(self) -> None:
        """If last log index >= nextIndex for a follower: send AppendEntries with the
        entries from there on; the next ones when it has answered.
        """
        for follower in self.followers:
            behind = self.log.last[1] >= self.next_index[follower]
            if behind and not self.sent[follower]:
                self.send_entries(follower)

    def send_entries(self, follower: str) -> None:
        """Send what the follower is not known to have."""
        index = self.next_index[follower] - 1
        message = AppendEntries(
            self.current_term,
            index,
            self.log.epoch_at(index) or 0,
            self.log.since(index),
            self.commit_index,
        )
        self.send(follower, message)
        self.sent[follower] = self.log.last[1] if message.entries else 0

    def answered(self, follower: str, reply: AppendEntriesReply) -> None:
        """If successful: update nextIndex and matchIndex; else decrement nextIndex, and
        retry.
        """
        if reply.success:
            if reply.match_index >= self.sent[follower]:
                self.sent[follower] = 0
            match = max(self.match_index[follower], reply.match_index)
            self.match_index[follower] = match
            self.next_index[follower] = max(self.next_index[follower], match + 1)
            self.advance_commit_index()
            self.replicate()
        else:
            known = self.match_index[follower]
            self.next_index[follower] = max(known, self.next_index[follower] - 2) + 1
            self.send_entries(follower)

    def advance_commit_index(self) -> None:
        """If there is an N > commitIndex, a majority of matchIndex[i] >= N, and
        log[N].term == currentTerm: set commitIndex = N (sections 5.3 and 5.4).
        """
        stored = sorted((self.log.last[1], *self.match_index.values()), reverse=True)
        n = stored[majority(len(self.servers)) - 1]
        if n > self.commit_index and self.log.epoch_at(n) == self.current_term:
            self.commit(n)

    def commit(self, n: int) -> None:
        """Set commitIndex, say so, and apply."""
        self.commit_index = n
        self.record(Committed(n, self.current_term))
        self.apply()
