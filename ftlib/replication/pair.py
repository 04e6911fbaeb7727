"""A pair of nodes with the same data, their witness, what they act on, and clients; and
who orders a planned switch-over.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ftlib.replication.fencing import Resource
from ftlib.replication.primary_standby import Peer, SwitchOver
from ftlib.replication.witness import Witness
from ftlib.services import Client
from ftlib.simulation import Node

__all__ = ["Operator", "Resting", "pair"]

MEMBERS = ("a", "b")


class Resting(Client):
    """Rests between two operations, so that they fall into the whole of a run."""

    def go_on(self) -> None:
        self.waiting = False
        self.set_timer("rest", (0.0, 0.5))

    def on_timer(self, name: str) -> None:
        if name == "rest":
            super().go_on()
        else:
            super().on_timer(name)


class Operator(Node):
    """Orders a switch-over at a time.

    Parameters
    ----------
    times : tuple of (float, str)
        After how many seconds, and to which node it says so: only a primary does it.
    """

    MESSAGES = (SwitchOver,)

    def __init__(self, times: tuple[tuple[float, str], ...]) -> None:
        self.times = times

    def on_start(self) -> None:
        for number, (after, _) in enumerate(self.times):
            self.set_timer(f"order {number}", after)

    def on_timer(self, name: str) -> None:
        _, node = self.times[int(name.removeprefix("order "))]
        self.send(node, SwitchOver())


def pair(
    wanted: Iterable[Iterable[tuple[Any, ...]]] = ((("put", "x", 1), ("get", "x")),),
    synchronous: bool = True,
    fenced: bool | None = None,
    orders: tuple[tuple[float, str], ...] = (),
    *,
    patience: float = 0.1,
    longest: float = 0.4,
    peer: Callable[..., Node] = Peer,
    witness: Callable[..., Node] = Witness,
    resource: Callable[..., Node] = Resource,
    operator: Callable[..., Node] = Operator,
    client: Callable[..., Node] = Resting,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of the two peers a and b, of which a asks first, of their
    witness w, and of clients c1, c2, ...

    Parameters
    ----------
    wanted : iterable of iterables of operations
        For each client what it wants.
    synchronous : bool
        Whether the standby must have what is acknowledged.
    fenced : bool, optional
        Whether the resource r, on which the primary acts, looks at its epoch; there is
        none if that is left out.
    orders : tuple of (float, str)
        When an operator o tells which node to step down in favour of the other; there
        is none if there are none.
    patience, longest : float
        As for `Client`.
    peer, witness, resource, operator, client : callable
        The classes to use, such as a mutant; called as the right ones are.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.services import Elected
    >>> from ftlib.simulation import Cluster, Crash
    >>> trace = Cluster(pair(), faults=[Crash("a", at=0.2)]).run(until=2)
    >>> [(event.node, event.what) for event in trace.facts(Elected)]
    [('a', Elected(epoch=1)), ('b', Elected(epoch=2))]
    """
    a, b = MEMBERS
    acts_on = None if fenced is None else "r"
    nodes: dict[str, Callable[[], Node]] = {
        a: partial(peer, b, "w", True, synchronous, acts_on),
        b: partial(peer, a, "w", False, synchronous, acts_on),
        "w": partial(witness),
    }
    if fenced is not None:
        nodes["r"] = partial(resource, fenced)
    if orders:
        nodes["o"] = partial(operator, orders)
    for number, operations in enumerate(wanted, 1):
        nodes[f"c{number}"] = partial(
            client, MEMBERS, tuple(operations), patience, longest
        )
    return nodes
