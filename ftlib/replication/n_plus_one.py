"""N replicas and one primary, any of which can take over: who is next, and how many of
them may be down.

The obvious rule is that every node looks at whom it can see, and that the lowest id
among these is the primary (`LowestId`; it is the bully of Garcia-Molina 1982, whose
assumption is that silence means a crash). Copies are on all that the primary sees. If
nothing but crashes happens, for good, and every silence is a crash, that survives N of
them. A cut of the network, or a node that comes back, breaks it: two nodes each see no
lower one, or the lowest is one that has been away.

The other rule is a vote. A node asks all for the next epoch, and is the primary once a
majority has granted it; and a write is acknowledged once a majority has it. Any two
majorities have a node in common, so there is one primary an epoch, and whoever is next
hears of every acknowledged write (Gifford 1979; Thomas 1979). It needs no assumption
about silence, and pays for that: it survives floor(N / 2) crashes, and no more. So f
crashes take f + 1 nodes if they can be told from silence (Schneider 1990), and 2 f + 1
if they cannot (Lamport 1998).

The vote is that of a `Replica`; a majority is one of its modes.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ftlib.replication.mode import Mode
from ftlib.replication.primary_replica import Replica
from ftlib.replication.replicas import replicas
from ftlib.services import Client, majority
from ftlib.simulation import Node

__all__ = ["LowestId", "n_plus_one"]


class LowestId(Replica):
    """Is the primary if it sees no node of a lower id, whatever the others see.

    Notes
    -----
    The lower its id, the sooner it takes over when the primary is silent, so that in
    quiet times the lowest speaks first; the lowest of all waits for nobody, and any one
    takes over from a primary of a higher id. An entry is settled when all have it that
    the primary sees: those that have acknowledged something between its last two beats.
    """

    @property
    def rank(self) -> int:
        return self.members.index(self.id)

    def on_start(self) -> None:
        self.seen: tuple[str, ...] = ()  # a primary: whom it waits for
        self.heard_of: tuple[str, ...] = ()  # and who has answered since its last beat
        super().on_start()
        if self.rank == 0 and self.role != "primary":
            self.take_over()  # it has no lower id to look out for

    def on_message(self, sender: str, message: object) -> None:
        super().on_message(sender, message)
        if self.members.index(self.holder) > self.rank:
            self.take_over()

    def on_timer(self, name: str) -> None:
        if name == "beat":
            self.seen, self.heard_of = self.heard_of, ()
            self.advance()
        super().on_timer(name)

    def follow(self, epoch: int) -> None:
        super().follow(epoch)
        soonest, latest = self.patience
        self.set_timer("takeover", soonest + self.rank * (latest - soonest))

    def granted_by(self, member: str) -> None:
        """Lead, whoever has granted it."""
        self.lead()

    def lead(self) -> None:
        self.seen = self.heard_of = self.others
        super().lead()

    def acknowledged(self, replica: str, index: int) -> None:
        if replica not in self.heard_of:
            self.heard_of = (*self.heard_of, replica)
        super().acknowledged(replica, index)

    def advance(self) -> None:
        """Settle what all have that it sees."""
        has = {**self.matched, self.id: self.copy.log.last[1]}
        self.settle(min(has[each] for each in (self.id, *self.seen)))


def n_plus_one(
    wanted: Iterable[Iterable[tuple[Any, ...]]],
    number: int = 2,
    *,
    member: Callable[..., Node] = Replica,
    client: Callable[..., Node] = Client,
    patience: float = 0.1,
    longest: float = 0.8,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of N + 1 nodes r1, r2, ..., of which any can take over and r1
    begins, and of their clients.

    Parameters
    ----------
    wanted : iterables of operations
        One for each client.
    number : int
        N.
    member : callable
        The class of the nodes: `Replica`, which takes over by majority, `LowestId`, or
        a mutant.
    client, patience, longest
        As for `ftlib.replication.replicas`.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    The primary crashes. The others choose a new one; and what it is told it has:

    >>> from ftlib.services import Elected
    >>> from ftlib.simulation import Cluster, Crash
    >>> nodes = n_plus_one([[("put", "x", 1)] + [("get", "x")] * 9])
    >>> trace = Cluster(nodes, faults=[Crash("r1", at=0.1)]).run(until=2)
    >>> len(trace.facts(Elected)), trace.where(kind="return")[-1].what
    (2, (('get', 'x'), 1))

    Notes
    -----
    With N odd the nodes are even in number, and a majority is one more than half. Then
    half of them are enough to decide, because they meet every majority.
    """
    mode = Mode(majority(number + 1) - 1, number)
    return replicas(
        wanted, mode, replica=member, client=client, patience=patience, longest=longest
    )
