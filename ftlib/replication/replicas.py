"""A primary, its replicas and their clients, as a cluster: and the clients by which
modes and ways to read are told apart.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ftlib.replication.mode import Mode
from ftlib.replication.primary_replica import Replica
from ftlib.replication.shipping import GiveUp, Unreplicated
from ftlib.services import Client, Request
from ftlib.simulation import Node

__all__ = ["Impatient", "Spread", "replicas"]


class Spread(Client):
    """Takes the next node in turn for each operation, as if a load balancer stood
    before them; what only the primary does it is redirected to.
    """

    def go_on(self) -> None:
        self.server = self.after(self.server)
        super().go_on()


class Impatient(Client):
    """Does not ask again, but has the primary do without the copies.

    What it gave up is neither done nor undone, so that call never returns, and no other
    follows.
    """

    MESSAGES = (Request, GiveUp)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Unreplicated(self.sequence):
                self.waiting = False
                self.cancel_timer("retry")
            case _:
                super().on_message(sender, message)

    def on_timer(self, name: str) -> None:
        self.send(self.server, GiveUp(self.id, self.sequence))
        self.set_timer("retry", self.wait)


def replicas(
    wanted: Iterable[Iterable[tuple[Any, ...]]],
    mode: Mode,
    local: tuple[str, ...] = (),
    compact: int | None = None,
    *,
    replica: Callable[..., Node] = Replica,
    client: Callable[..., Node] = Client,
    patience: float = 0.1,
    longest: float = 0.8,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of n + 1 nodes r1, r2, ..., of which r1 is the first primary,
    and of a client c1, c2, ... for each list of operations, which asks r1, r2, ...
    first.

    Parameters
    ----------
    wanted : iterables of operations
        One for each client.
    mode, local, compact
        As for `Replica`.
    replica, client : callable
        The classes to use, such as a mutant; called as `Replica` and `Client` are.
    patience, longest : float
        As for `Client`.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> nodes = replicas([[("put", "x", 1), ("get", "x")]], Mode(1))
    >>> trace = Cluster(nodes).run(until=0.1)
    >>> [event.what for event in trace.where(kind="return")]
    [(('put', 'x', 1), None), (('get', 'x'), 1)]
    """
    members = tuple(f"r{number}" for number in range(1, mode.replicas + 2))
    nodes: dict[str, Callable[[], Node]] = dict.fromkeys(
        members, partial(replica, members, mode, local, compact)
    )
    for number, operations in enumerate(wanted):
        first = number % len(members)
        nodes[f"c{number + 1}"] = partial(
            client,
            members[first:] + members[:first],
            tuple(operations),
            patience,
            longest,
        )
    return nodes
