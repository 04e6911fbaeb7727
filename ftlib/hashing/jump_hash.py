"""Jump consistent hash: no table at all, for nodes that have numbers and leave from the
end (Lamping and Veach 2014).

While buckets are added one by one, a key jumps into the n-th with probability 1/n. The
function computes where the next jump leads without trying the buckets in between, and
so takes about ln n steps.
"""

from collections.abc import Iterator

from ftlib.hashing.placement import LIMIT, Even, mix

__all__ = ["JumpHash", "jump"]


def jump(key: int, buckets: int) -> int:
    """The bucket of a key.

    Parameters
    ----------
    key : int
        From 0 to 2**64 - 1. It should be spread evenly, as by a hash function.
    buckets : int
        How many there are, 1 or more.

    Returns
    -------
    int
        From 0 to ``buckets - 1``, as the published code has it.

    Raises
    ------
    ValueError
        If the key is no such number, or there is no bucket.

    Examples
    --------
    >>> [jump(256, buckets) for buckets in (1, 4, 16, 1024)]
    [0, 3, 3, 520]
    """
    *_, last = jumps(key, buckets)
    return last


def jumps(key: int, buckets: int) -> Iterator[int]:
    """Every bucket that the key is in while they are added, the first one first."""
    if not 0 <= key < LIMIT:
        raise ValueError(f"the key is {key!r}: give a number from 0 to 2**64 - 1")
    if buckets < 1:
        raise ValueError(f"buckets is {buckets!r}: give 1 or more")
    bucket = 0
    while bucket < buckets:
        yield bucket
        key = (key * 2862933555777941757 + 1) % LIMIT
        bucket = int((bucket + 1) * (2**31 / ((key >> 33) + 1)))


class JumpHash(Even):
    """A key belongs on the node whose place in the list is its bucket.

    Parameters and errors are those of `Placement`; all weights must be the same.

    Notes
    -----
    Nodes are added at the end, and only the last can be removed: without another one,
    those behind it would move up, and most of their keys would move with them.

    The copies follow from the same thought. A node that is added takes its place in
    the key's order of preference by chance: in front if the key jumps to it, else
    anywhere behind the first. So for every r the first r change by the new node alone.
    To ask for copies takes time in proportion to the square of the nodes.
    """

    def remove(self, node: str) -> None:
        """Leave out the last node.

        Raises
        ------
        ValueError
            If it is not the last.
        """
        if node in self.weights and node != self.nodes[-1]:
            raise ValueError(
                f"{node!r} cannot be removed before {self.nodes[-1]!r}: jump hash loses"
                " nodes from the end only"
            )
        super().remove(node)

    def _changed(self) -> None:
        self._list = self.nodes

    def _owner(self, number: int) -> str:
        return self._list[jump(number, len(self._list))]

    def _preference(self, number: int) -> Iterator[str]:
        jumped = set(jumps(number, len(self._list)))
        order: list[str] = []
        for bucket, node in enumerate(self._list):
            place = 0 if bucket in jumped else 1 + mix(number ^ bucket) % bucket
            order.insert(place, node)
        return iter(order)
