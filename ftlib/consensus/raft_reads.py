"""Reads that do not go through the log (Ongaro and Ousterhout 2014, section 8; Ongaro
2014, section 6.4).

A leader holds the latest data, and may still answer wrongly in two ways. It may not
know yet how much of its log is committed: so at the start of its term it commits a
no-op, and answers no read before. And it may have been deposed without knowing: so for
each read it asks the others whether they know of a later term, and answers once a
majority, itself included, has said no. What it asks is numbered, because an answer that
was given before the read came says nothing.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.consensus.raft import Raft
from ftlib.services import Reply, Request, majority

__all__ = ["Confirm", "Confirmed", "ReadIndex"]


@dataclass(frozen=True, slots=True)
class Confirm:
    """A leader asks, for the `number`-th time in its term, whether it still leads."""

    term: int
    number: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Yes, or in a later term no."""

    term: int
    number: int


class ReadIndex(Raft):
    """A server that answers a `get` without putting it into the log.

    Parameters
    ----------
    servers, heartbeat, election_timeout
        As for `Raft`.

    Examples
    --------
    >>> from ftlib.consensus import raft_servers
    >>> from ftlib.simulation import Cluster
    >>> nodes = raft_servers([[("put", "x", 1), ("get", "x")]], server=ReadIndex)
    >>> trace = Cluster(nodes).run(until=2)
    >>> [event.what for event in trace.where(kind="return")]
    [(('put', 'x', 1), None), (('get', 'x'), 1)]

    Notes
    -----
    Without faults, a read costs a leader of N servers one Request, N - 1 Confirm, as
    many Confirmed and one Reply, and no forced write. If a message is lost the client
    asks again, and so does the leader.

    Read index and lastApplied are the same here, because a leader applies at once what
    it commits: a read is answered from all that is committed by then, which is no less
    than what was when it came.
    """

    MESSAGES = (*Raft.MESSAGES, Confirm, Confirmed)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.number = 0  # of the last Confirm
        self.reads: list[tuple[int, Request]] = []  # and of that which each waits for
        self.confirmed: dict[str, int] = {}  # the last one that each has answered

    def convert(self, state: str) -> None:
        super().convert(state)
        self.number, self.reads, self.confirmed = 0, [], {}

    def become_leader(self) -> None:
        super().become_leader()
        self.confirmed = dict.fromkeys(self.followers, 0)
        self.append(None)

    def execute(self, command: Request | None) -> None:
        if command:
            super().execute(command)

    def command(self, request: Request) -> None:
        if self.state == "leader" and request.operation[0] == "get":
            self.read(request)
        else:
            super().command(request)

    def read(self, request: Request) -> None:
        """Ask whether this server still leads, and answer the read when it does."""
        self.number += 1
        self.reads.append((self.number, request))
        for follower in self.followers:
            self.send(follower, Confirm(self.current_term, self.number))
        self.answer_reads()

    def on_message(self, sender: str, message: Any) -> None:
        super().on_message(sender, message)
        match message:
            case Confirm(_, number):
                self.send(sender, Confirmed(self.current_term, number))
            case Confirmed(term, number) if (
                term == self.current_term and self.state == "leader"
            ):
                self.confirmed[sender] = max(self.confirmed[sender], number)
                self.answer_reads()

    def commit(self, n: int) -> None:
        super().commit(n)
        self.answer_reads()

    def answer_reads(self) -> None:
        """Answer what a majority has confirmed."""
        if not self.knows_what_is_committed():
            return
        numbers = sorted((self.number, *self.confirmed.values()), reverse=True)
        confirmed = numbers[majority(len(self.servers)) - 1]
        for number, request in self.reads:
            if number <= confirmed:
                result = self.machine.do(request.operation)
                self.send(request.client, Reply(request.sequence, result))
        self.reads = [each for each in self.reads if each[0] > confirmed]

    def knows_what_is_committed(self) -> bool:
        """Tell whether an entry of the own term is, and so all that earlier leaders
        have committed.
        """
        return self.log.epoch_at(self.commit_index) == self.current_term
