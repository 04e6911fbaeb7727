"""Rendezvous hashing: every node draws a number for the key, and the highest wins
(Thaler and Ravishankar 1998).

When a node leaves, only those keys move for which it had drawn the highest, each to the
node that came second. No memory is needed beyond the names, but every lookup asks all
nodes.
"""

import math
from collections.abc import Iterator

from ftlib.hashing.placement import Placement, mix

__all__ = ["Rendezvous"]


class Rendezvous(Placement):
    """A key belongs on the node that draws the highest number for it.

    Parameters and errors are those of `Placement`.

    Examples
    --------
    >>> placement = Rendezvous(["a", "b", "c"])
    >>> first, second, third = placement.replicas("apple", 3)
    >>> placement.remove(first)
    >>> placement.lookup("apple") == second
    True

    Notes
    -----
    A node of weight w draws w / -ln u, where u is uniform between 0 and 1. Its inverse
    is exponential with rate w, and the first of such times belongs to each with a
    probability in proportion to its rate (Schindelhauer and Schomaker 2005).
    """

    def _changed(self) -> None:
        self._names = [
            (self.hash(node.encode()), weight, node)
            for node, weight in self.weights.items()
        ]

    def _owner(self, number: int) -> str:
        return max(self._drawn(number))[1]

    def _preference(self, number: int) -> Iterator[str]:
        return (node for _, node in sorted(self._drawn(number), reverse=True))

    def _drawn(self, number: int) -> Iterator[tuple[float, str]]:
        for name, weight, node in self._names:
            uniform = ((mix(number ^ name) >> 12) + 0.5) / 2**52
            yield weight / -math.log(uniform), node
