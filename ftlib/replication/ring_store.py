"""A replicated ring as a cluster: the nodes that keep rows, their steward, clients, and
an operator who adds and removes nodes.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ftlib.detection import Detector
from ftlib.replication.replicated_ring import Holder
from ftlib.replication.ring_membership import Join, Leave, Steward
from ftlib.services import Client
from ftlib.simulation import Node

__all__ = ["DETECTOR", "Operator", "ring_store"]

DETECTOR = partial(Detector, wait=0.35)
"""What the steward suspects nodes by, unless it is given another."""


class Operator(Node):
    """Says at some times who shall join or leave.

    Parameters
    ----------
    steward : str
        Whom it tells.
    orders : tuple of (float, Join or Leave)
        After how many seconds it says what, once.
    """

    MESSAGES = (Join, Leave)

    def __init__(
        self, steward: str, orders: tuple[tuple[float, Join | Leave], ...]
    ) -> None:
        self.steward = steward
        self.orders = orders

    def on_start(self) -> None:
        for number, (after, _) in enumerate(self.orders):
            self.set_timer(f"order {number}", after)

    def on_timer(self, name: str) -> None:
        _, order = self.orders[int(name.removeprefix("order "))]
        self.send(self.steward, order)


def ring_store(
    wanted: Iterable[Iterable[tuple[Any, ...]]],
    nodes: int = 4,
    members: int | None = None,
    copies: int = 2,
    orders: tuple[tuple[float, Join | Leave], ...] = (),
    *,
    detector: Callable[[tuple[str, ...]], Detector] = DETECTOR,
    beat: float = 0.1,
    patience: float = 0.1,
    longest: float = 0.4,
    holder: Callable[..., Node] = Holder,
    steward: Callable[..., Node] = Steward,
    operator: Callable[..., Node] = Operator,
    client: Callable[..., Node] = Client,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of nodes h1, h2, ..., of which the first are the members, of
    their steward s, of clients c1, c2, ..., and of an operator o if there are orders.

    Parameters
    ----------
    wanted : iterables of operations
        One for each client.
    nodes : int
        How many nodes there are.
    members : int, optional
        How many of them are members at first; all by default.
    copies : int
        R, at least 2.
    orders : tuple of (float, Join or Leave)
        As for `Operator`.
    detector : callable from tuple of str to a detector
        As for `Steward`.
    beat : float
        As for `Holder`.
    patience, longest : float
        As for `Client`.
    holder, steward, operator, client : callable
        The classes to use, such as a mutant; called as the right ones are.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.replication.ring_rows import Moved
    >>> from ftlib.simulation import Cluster, Crash
    >>> store = ring_store([[("put", "apple", 1), ("get", "apple")]])
    >>> trace = Cluster(store, faults=[Crash("h2", at=1)]).run(until=3)
    >>> [(event.node, event.what) for event in trace.facts(Moved)]
    [('h4', Moved(key='apple', size=1))]
    """
    names = tuple(f"h{number}" for number in range(1, nodes + 1))
    group: dict[str, Callable[[], Node]] = {
        "s": partial(steward, names, names[:members], copies, detector)
    }
    group |= {name: partial(holder, "s", copies, beat) for name in names}
    if orders:
        group["o"] = partial(operator, "s", orders)
    for number, operations in enumerate(wanted, 1):
        group[f"c{number}"] = partial(
            client, names, tuple(operations), patience, longest
        )
    return group
