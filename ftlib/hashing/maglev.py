"""Maglev hashing: a table that the nodes fill in turns (Eisenbud et al. 2016).

Each node has an order of its own of all places in the table, and in its turn takes the
first of them that is free. So no node has more than one place more than another, and a
lookup reads one place. But when a node leaves, the turns change, and with them a few
places that it never had: some keys move between nodes that stay.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isqrt
from typing import Any

from ftlib.hashing.placement import Placement, blake2b

__all__ = ["Maglev"]


class Maglev(Placement):
    """A key belongs on the node that has its place in the table.

    Parameters
    ----------
    nodes, hash_function
        As of `Placement`. Who weighs half as much as the heaviest has half the turns.
    size : int
        How many places the table has: a prime, well above the number of nodes.

    Raises
    ------
    ValueError
        If the size is no prime, or there are more nodes than places; and as
        `Placement`.

    Examples
    --------
    >>> placement = Maglev(["a", "b", "c"], size=7)
    >>> placement.table
    ['c', 'c', 'b', 'b', 'a', 'a', 'a']

    Notes
    -----
    The order of a node begins at a place that is a hash of its name, and goes on in
    steps that are another; the size being prime, it meets every place. Turns are taken
    in the order of the names, so that all who know the same nodes have the same table.
    To fill it takes M ln M tries on average for M places.
    """

    def __init__(
        self,
        nodes: Iterable[str] | Mapping[str, float] = (),
        hash_function: Callable[[bytes], int] = blake2b,
        size: int = 65_537,
    ) -> None:
        if size < 2 or any(size % n == 0 for n in range(2, isqrt(size) + 1)):
            raise ValueError(f"size is {size!r}: give a prime number")
        self.size = size
        super().__init__(nodes, hash_function)

    def _check(self, node: str, weight: float) -> None:
        if len(self.weights) == self.size:
            raise ValueError(
                f"{node!r} finds no place in a table of {self.size}: give a larger size"
            )
        super()._check(node, weight)

    def _changed(self) -> None:
        self.table: list[str] = []
        if self.weights:
            self.table = self._filled()

    def _filled(self) -> list[str]:
        table: list[Any] = [None] * self.size
        heaviest = max(self.weights.values())
        orders = [
            (node, self.weights[node] / heaviest, self._order(node))
            for node in sorted(self.weights)
        ]
        earned = [0.0] * len(orders)
        left = self.size
        while True:
            for turn, (node, weight, order) in enumerate(orders):
                earned[turn] += weight
                if earned[turn] >= 1:
                    earned[turn] -= 1
                    table[next(place for place in order if table[place] is None)] = node
                    left -= 1
                    if not left:
                        return table

    def _order(self, node: str) -> Iterator[int]:
        place = self.hash(b"place\0" + node.encode()) % self.size
        step = self.hash(b"step\0" + node.encode()) % (self.size - 1) + 1
        for _ in range(self.size):
            yield place
            place = (place + step) % self.size

    def _owner(self, number: int) -> str:
        return self.table[number % self.size]

    def _preference(self, number: int) -> Iterator[str]:
        seen = dict.fromkeys(self._owner(number + step) for step in range(self.size))
        return iter(dict.fromkeys([*seen, *self.weights]))
