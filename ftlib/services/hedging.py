"""A client that asks a second server if the first one takes long.

It waits for as long as most answers take, and then sends the very same request, under
the same number, to the next server; the first answer counts. That costs a few requests
more and cuts off the tail, as long as the two servers are slow independently of each
other (Dean and Barroso 2013). Where what makes one of them slow makes both, or where
there is no room for more requests, it costs the same and helps nobody.

References
----------
Dean, J. and Barroso, L. A. (2013). The tail at scale. *Communications of the ACM*
56(2), 74-80.
"""

from typing import Any

from ftlib.services.client import Client

__all__ = ["HedgingClient"]


class HedgingClient(Client):
    """A `Client` that hedges: sends each request to a second server after a while.

    Parameters
    ----------
    servers, operations, patience, longest
        As for `Client`.
    hedge : float
        After how many seconds the next server is asked too; once for each request.

    Raises
    ------
    ValueError
        As for `Client`, and if `hedge` is not between 0 and `patience`.

    Examples
    --------
    >>> from functools import partial
    >>> from ftlib.services.server import Server
    >>> from ftlib.simulation import Cluster, Network
    >>> client = partial(HedgingClient, ("a", "b"), (("get", "x"),), hedge=0.03)
    >>> slow = Network(latency=0.01, links={("a", "c"): 5})
    >>> nodes = {"c": client, "a": Server, "b": Server}
    >>> run = Cluster(nodes, network=slow).run(until=1)
    >>> [event.time for event in run.where(kind="return")]
    [0.05]

    Notes
    -----
    Replicas that each keep their own sessions would execute a write twice, once each:
    hedge what is idempotent, or what a common log orders.
    """

    def __init__(
        self,
        servers: tuple[str, ...],
        operations: tuple[tuple[Any, ...], ...] = (),
        patience: float = 10.0,
        longest: float = 10.0,
        hedge: float = 0.01,
    ) -> None:
        super().__init__(servers, operations, patience, longest)
        if not 0 <= hedge <= patience:
            raise ValueError(
                f"hedge is {hedge!r} and patience {patience!r}: give a time from 0 to"
                " the patience"
            )
        self.hedge = hedge

    def go_on(self) -> None:
        """Begin with the next operation, and think of a second server."""
        super().go_on()
        if self.waiting:
            self.set_timer("hedge", self.hedge)
        else:
            self.cancel_timer("hedge")

    def on_timer(self, name: str) -> None:
        if name == "hedge":
            self.server = self.after(self.server)
            self.ask()
        else:
            super().on_timer(name)
