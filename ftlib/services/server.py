"""One server: a store on a disk, asked by clients. It is what replication is compared
with.

While the server is down nobody is answered; after it has recovered everything that it
had answered is there, because values and sessions are forced, together, before the
answer is sent.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ftlib.services.client import Client
from ftlib.services.messages import Reply, Request
from ftlib.services.store import Executed, Store
from ftlib.simulation import Node

__all__ = ["SERVER", "Server", "service"]

SERVER = "server"


class Server(Node):
    """Keeps a `Store` on its disk.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> dict(Cluster(service([("put", "x", 1)])).run().counts())
    {'Request': 1, 'Reply': 1}

    Notes
    -----
    One force a request that was not executed before, a `get` included: its session is
    written too.
    """

    MESSAGES = (Reply,)
    FACTS = (Executed,)

    def __init__(self) -> None:
        self.store = Store()

    def on_start(self) -> None:
        self.store.restore(self.disk.read("store", Store().snapshot()))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Request():
                executed = self.store.execute(message)
                if executed:
                    self.save()
                    self.record(executed)
                reply = self.store.reply(message)
                if reply:
                    self.send(sender, reply)

    def save(self) -> None:
        """Put values and sessions on disk."""
        self.disk.write("store", self.store.snapshot())
        self.disk.force()


def service(
    *operations: Iterable[tuple[Any, ...]],
    client: Callable[..., Node] = Client,
    server: Callable[..., Node] = Server,
    patience: float = 0.1,
    longest: float = 1.6,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of one server, and of a client c1, c2, ... for each list of
    operations.

    Parameters
    ----------
    *operations : iterables of operations
        One for each client.
    client, server : callable
        The classes to use, such as a mutant; called as `Client` and `Server` are.
    patience, longest : float
        As for `Client`. Each wait in between is a state of its own to exploration.

    Returns
    -------
    dict from id to factory
        For `ftlib.simulation.Cluster`.
    """
    nodes: dict[str, Callable[[], Node]] = {SERVER: server}
    for number, wanted in enumerate(operations, 1):
        nodes[f"c{number}"] = partial(
            client, (SERVER,), tuple(wanted), patience, longest
        )
    return nodes
