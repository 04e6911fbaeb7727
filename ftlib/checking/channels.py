"""The network under exploration: which messages are under way, and which of them may
arrive.

Three kinds, from the most to the least permissive. In a *set* network a message stays
after it has arrived: it may arrive again at any time, or never, so that loss and
duplication need no steps of their own. In a *multiset* network every copy sent arrives
at most once, in any order. With *FIFO* links the messages of one sender to one receiver
arrive in the order of sending.

What is under way is a tuple of message numbers, and such tuples are numbered in turn as
they are met, so that what happened to one is looked up the next time.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ftlib.simulation.freezing import freeze

__all__ = ["NETWORKS", "Channels"]

Messages = tuple[int, ...]


def _set_add(under_way: Messages, sent: Messages) -> Messages:
    return tuple(sorted({*under_way, *sent}))


def _multiset_add(under_way: Messages, sent: Messages) -> Messages:
    return tuple(sorted((*under_way, *sent)))


def _fifo_add(under_way: Messages, sent: Messages) -> Messages:
    return (*under_way, *sent)


NETWORKS: dict[str, Callable[[Messages, Messages], Messages]] = {
    "set": _set_add,
    "multiset": _multiset_add,
    "fifo": _fifo_add,
}


class Channels:
    """Numbers messages, and the collections of them that are under way; 0 is the empty
    one.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.add_to = NETWORKS[kind]
        self.messages: list[tuple[str, str, Any]] = []  # sender, receiver, message
        self._links: list[tuple[str, str]] = []  # of each, the first two
        self.nets: list[Messages] = [()]
        self._message_numbers: dict[Any, int] = {}
        self._net_numbers: dict[Messages, int] = {(): 0}
        self._added: dict[tuple[int, Messages], int] = {}
        self._arrivals: list[tuple[tuple[int, int], ...] | None] = [None]

    def number(self, sender: str, receiver: str, message: Any) -> int:
        """Number a message: equal ones between the same nodes share their number."""
        key = (sender, receiver, type(message), freeze(message))
        if key not in self._message_numbers:
            self._message_numbers[key] = len(self.messages)
            self.messages.append((sender, receiver, message))
            self._links.append((sender, receiver))
        return self._message_numbers[key]

    def _net(self, under_way: Messages) -> int:
        if under_way not in self._net_numbers:
            self._net_numbers[under_way] = len(self.nets)
            self.nets.append(under_way)
            self._arrivals.append(None)
        return self._net_numbers[under_way]

    def add(self, net: int, sent: Messages) -> int:
        """Return what is under way once these were sent too."""
        found = self._added.get((net, sent))
        if found is None:
            under_way = self.add_to(self.nets[net], sent)
            if self.kind == "fifo":
                # the links in one order, whichever was used first; sorting keeps the
                # order within a link
                under_way = tuple(sorted(under_way, key=self._links.__getitem__))
            found = self._net(under_way)
            self._added[net, sent] = found
        return found

    def arrivals(self, net: int) -> tuple[tuple[int, int], ...]:
        """List what may arrive next: (message, what is under way afterwards)."""
        found = self._arrivals[net]
        if found is None:
            found = self._arrivals[net] = tuple(self._next(self.nets[net], net))
        return found

    def _next(self, under_way: Messages, net: int) -> Iterable[tuple[int, int]]:
        if self.kind == "set":
            return ((number, net) for number in under_way)
        seen: set[Any] = set()
        result = []
        for place, number in enumerate(under_way):
            channel = self._links[number] if self.kind == "fifo" else number
            if channel not in seen:  # of equal copies the first, of a link its head
                seen.add(channel)
                result.append(
                    (number, self._net(under_way[:place] + under_way[place + 1 :]))
                )
        return result

    def without(
        self, net: int, gone: Callable[[str, str], bool]
    ) -> tuple[int, Messages]:
        """Take away the messages between nodes for which `gone` holds: what is left,
        and what was taken.
        """
        under_way = self.nets[net]
        taken = tuple(number for number in under_way if gone(*self._links[number]))
        left = tuple(number for number in under_way if not gone(*self._links[number]))
        return self._net(left), taken
