"""Changes of the members, one server at a time (Ongaro 2014, chapter 4), with the
correction of 2015.

The configuration is an entry of the log, and a server uses the latest that it has,
committed or not. Two configurations that differ by one server have no two majorities
without a common member, so at most one leader is elected while one follows the other.
That is not enough: a configuration that a deposed leader has left in its own log may
differ from the next leader's by two. So a leader changes nothing before an entry of its
own term is committed, and nothing before the last change is (Ongaro, raft-dev, July
2015).

A change is a write like any other, to the key `MEMBERS`. As in `ReadIndex`, a leader
begins its term with a no-op, or it might never be allowed to.
"""

from typing import Any

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import AppendEntriesReply, Configured
from ftlib.services import Request, majority

__all__ = ["MEMBERS", "Membership", "members_of"]

MEMBERS = "members"
"""The key whose value is the configuration."""


def members_of(command: Request | None) -> tuple[str, ...] | None:
    """Return the configuration that a command asks for, None if it asks for none.

    Examples
    --------
    >>> members_of(Request("c1", 1, ("put", "members", ("s1", "s2"))))
    ('s1', 's2')
    """
    match command:
        case Request(operation=("put", "members", tuple(members))):
            return members
    return None


class Membership(Raft):
    """A server of a cluster whose members change.

    Parameters
    ----------
    servers : tuple of str
        The first configuration. Who is not in it waits until a leader sends it entries.
    heartbeat, election_timeout
        As for `Raft`.

    Examples
    --------
    >>> from ftlib.consensus import raft_servers
    >>> from ftlib.simulation import Cluster
    >>> change = ("put", MEMBERS, ("s1", "s2"))
    >>> nodes = raft_servers([[change]], server=Membership)
    >>> trace = Cluster(nodes).run(until=2)
    >>> [event.what for event in trace.where(kind="return")]
    [(('put', 'members', ('s1', 's2')), None)]

    Notes
    -----
    A request for a change that is not allowed now, or that differs from the present
    configuration by more than one server, is not answered; the client asks again.

    A server that its configuration does not name starts no election. The dissertation
    lets it, because a leader that removes itself may crash before the others know; they
    then wait for it here.
    """

    FACTS = (*Raft.FACTS, Configured)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.first = self.servers

    def on_start(self) -> None:
        super().on_start()
        self.configure()

    def start_election(self) -> None:
        if self.id in self.servers:
            super().start_election()
        else:
            self.set_timer("election", self.election_timeout)

    def become_leader(self) -> None:
        super().become_leader()
        self.append(None)

    def store(self, first: int) -> None:
        super().store(first)
        self.configure()

    def configure(self) -> None:
        """Use the latest configuration in the log; a leader begins with who is new."""
        found = [members_of(entry.value) for entry in self.log.entries]
        members = [self.first, *(each for each in found if each is not None)][-1]
        if members == self.servers:
            return
        self.servers = members
        self.record(Configured(members))
        if self.state == "leader":
            for follower in self.followers:
                self.next_index.setdefault(follower, self.log.last[1] + 1)
                self.match_index.setdefault(follower, 0)
                self.sent.setdefault(follower, 0)

    def command(self, request: Request) -> None:
        members = members_of(request)
        if self.state != "leader" or members is None:
            super().command(request)
        elif reply := self.machine.reply(request):
            self.send(request.client, reply)
        elif len({*members} ^ {*self.servers}) <= 1 and self.may_change():
            super().command(request)

    def may_change(self) -> bool:
        """Tell whether the last change is committed, and an entry of the own term."""
        return self.last_change_committed() and self.own_term_committed()

    def last_change_committed(self) -> bool:
        """Tell whether no change is under way."""
        behind = self.log.since(self.commit_index)
        return all(members_of(entry.value) is None for entry in behind)

    def own_term_committed(self) -> bool:
        """Tell whether this leader has committed something in its term."""
        return self.log.epoch_at(self.commit_index) == self.current_term

    def execute(self, command: Request | None) -> None:
        if command:
            super().execute(command)

    def replicate(self) -> None:
        if self.state == "leader":  # it may just have stepped down
            super().replicate()

    def answered(self, follower: str, reply: AppendEntriesReply) -> None:
        if follower in self.servers:
            super().answered(follower, reply)

    def advance_commit_index(self) -> None:
        """Count the members only, and so not a leader that is none any more; it steps
        down when the others have what removes it.
        """
        last = {**self.match_index, self.id: self.log.last[1]}
        stored = sorted((last[each] for each in self.servers), reverse=True)
        n = stored[majority(len(self.servers)) - 1]
        if n > self.commit_index and self.log.epoch_at(n) == self.current_term:
            self.commit(n)
            if self.id not in self.servers and self.last_change_committed():
                self.convert("follower")
