"""The naive placement: the number of the key modulo the number of nodes.

It is even, and needs no memory. But when one of N nodes leaves, a key stays only where
its number has the same remainder by N - 1 as by N, which is so for one key in N.
"""

from collections.abc import Iterator

from ftlib.hashing.placement import Even

__all__ = ["Modulo"]


class Modulo(Even):
    """A key belongs on the node whose place in the list is its remainder.

    Parameters and errors are those of `Placement`; all weights must be the same.

    Examples
    --------
    Ten nodes, of which the last leaves: a tenth of the keys is where it was.

    >>> before, after = Modulo("abcdefghij"), Modulo("abcdefghi")
    >>> sum(before.lookup(key) == after.lookup(key) for key in range(10_000))
    985

    Notes
    -----
    The next copies are on the nodes that follow in the list.
    """

    def _changed(self) -> None:
        self._list = self.nodes

    def _owner(self, number: int) -> str:
        return self._list[number % len(self._list)]

    def _preference(self, number: int) -> Iterator[str]:
        return (self._owner(number + step) for step in range(len(self._list)))
