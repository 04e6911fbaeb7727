"""A client that does one operation after another, and asks again until it is answered.

What has not been answered may have been lost on the way there, may have been executed
and its answer lost, or may still be under way: the client cannot tell. So it sends the
very same request again, under the number that it had at first, and leaves it to the
server not to execute it twice. It waits longer each time (*backs off*), lest a server
that is slow because of its load gets more of it.
"""

from typing import Any

from ftlib.services.messages import Redirect, Reply, Request
from ftlib.simulation import Node

__all__ = ["Client"]


class Client(Node):
    """Works through a list of operations, one at a time.

    Parameters
    ----------
    servers : tuple of str
        Whom it may ask: the first one first, and another one after each time-out.
    operations : tuple of tuples
        What it wants, such as ``("put", "x", 1)``.
    patience : float
        How long to wait for the first answer, in seconds; twice as long after each
        time-out.
    longest : float
        But no longer than this, in seconds.

    Raises
    ------
    ValueError
        If there is no server, a time is not above 0, or servers or an operation are
        given as text, which would be taken apart into letters.

    Examples
    --------
    >>> from ftlib.services.server import service
    >>> from ftlib.simulation import Cluster
    >>> trace = Cluster(service([("put", "x", 1), ("get", "x")])).run()
    >>> [event.what for event in trace.where(kind="return")]
    [(('put', 'x', 1), None), (('get', 'x'), 1)]

    Notes
    -----
    The number of its last request is on its disk, forced before the request is sent, so
    that after a crash no number is used for two operations. What it had called before
    the crash is not asked for again: that call stays pending.

    A redirect is followed only if it comes from the server that was asked last, and
    does not end the wait: two servers that name each other are asked in turn until the
    time is up, and then another one is.
    """

    MESSAGES: tuple[type, ...] = (Request,)

    def __init__(
        self,
        servers: tuple[str, ...],
        operations: tuple[tuple[Any, ...], ...] = (),
        patience: float = 0.1,
        longest: float = 1.6,
    ) -> None:
        if not servers:
            raise ValueError("there is no server: name at least one")
        for what in (servers, operations, *operations):
            if not isinstance(what, tuple | list):
                raise ValueError(
                    f"{what!r} is no tuple: give names of servers, such as"
                    " ('a', 'b'), and operations, such as (('get', 'x'),)"
                )
        if not 0 < patience <= longest:
            raise ValueError(
                f"patience is {patience!r} and longest {longest!r}: give times above 0,"
                " the second no shorter than the first"
            )
        self.servers = tuple(servers)
        self.operations = tuple(tuple(each) for each in operations)
        self.patience = patience
        self.longest = longest
        self.sequence = 0  # of the request that waits for its answer, or was the last
        self.waiting = False
        self.server = self.servers[0]
        self.wait = patience

    def on_start(self) -> None:
        self.sequence = self.disk.read("sequence", 0)
        self.go_on()

    def go_on(self) -> None:
        """Begin with the next operation, if there is one."""
        self.waiting = self.sequence < len(self.operations)
        if self.waiting:
            self.sequence += 1
            self.disk.write("sequence", self.sequence)
            self.disk.force()
            self.wait = self.patience
            self.call(self.operation)
            self.ask()
            self.set_timer("retry", self.wait)

    @property
    def operation(self) -> tuple[Any, ...]:
        """The operation that is under way, or was the last."""
        return self.operations[self.sequence - 1]

    def ask(self) -> None:
        self.send(self.server, Request(self.id, self.sequence, self.operation))

    def on_message(self, sender: str, message: object) -> None:
        if not self.waiting:
            return
        match message:
            case Reply(sequence, result) if sequence == self.sequence:
                self.server = sender
                self.cancel_timer("retry")
                self.returned(self.operation, result)
                self.go_on()
            case Redirect(sequence, to) if (
                sequence == self.sequence and sender == self.server != to
            ):
                self.server = to
                self.ask()

    def on_timer(self, name: str) -> None:
        self.wait = min(2 * self.wait, self.longest)
        self.server = self.after(self.server)
        self.ask()
        self.set_timer("retry", self.wait)

    def after(self, server: str) -> str:
        """Name the next server in turn; the first one after one that is not listed."""
        if server not in self.servers:
            return self.servers[0]
        return self.servers[(self.servers.index(server) + 1) % len(self.servers)]
