"""Consistent hashing on a ring (Karger et al. 1997).

Nodes and keys are hashed to points on a circle, and a key belongs on the node whose
point comes next. When a node leaves, its arcs fall to the points behind them, and no
other key moves. One point a node makes arcs of very different length, so every node has
many: its *virtual nodes*.
"""

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import floor
from typing import Any, Literal

from ftlib.hashing.placement import Key, Placement, blake2b

__all__ = ["HashRing", "md5"]


def md5(data: bytes) -> int:
    """The first four bytes of an MD5 digest, the lowest first, as ketama has it.

    Examples
    --------
    >>> md5(b"SVa_]_V41)")
    443691461
    """
    return int.from_bytes(_md5(data)[:4], "little")


class HashRing(Placement):
    """A key belongs on the node of the first point at or behind its own.

    Parameters
    ----------
    nodes : iterable of str, or mapping of str to float
        The nodes; a mapping gives their weights, which are 1 otherwise.
    points : int or "ketama"
        How many points a node of weight 1 has; or those of libmemcached's weighted
        ketama, 160 for a node of average weight.
    hash_function : callable, optional
        From bytes to a number below 2**64; ketama's is MD5.

    Raises
    ------
    ValueError
        If the number of points is none, or a hash is given with those of ketama; and as
        `Placement`.

    Examples
    --------
    >>> ring = HashRing(["a", "b", "c"])
    >>> before = {key: ring.lookup(key) for key in map(str, range(3000))}
    >>> ring.remove("c")
    >>> {node for key, node in before.items() if ring.lookup(key) != node}
    {'c'}

    Notes
    -----
    A lookup takes O(log NV) for N nodes of V points each, and the ring N x V places.
    The share of a node varies by about 1/sqrt(V) of it.

    Two points may collide: both stay, and the key belongs on the node whose name comes
    first. So the order in which nodes come plays no part, and nothing is lost when one
    of them goes. What is hashed for a point is unlike what is hashed for any other,
    whatever the names are.

    Of 160 N points, ketama gives a node the share that its weight is of all weights. It
    names them by host and port, or by the host alone where the port is 11211. Unless
    all weigh the same, a node that leaves changes how many points the others have, so
    that keys move between those that stay.
    """

    def __init__(
        self,
        nodes: Iterable[str] | Mapping[str, float] = (),
        points: int | Literal["ketama"] = 160,
        hash_function: Callable[[bytes], int] | None = None,
    ) -> None:
        if points == "ketama":
            if hash_function is not None:
                raise ValueError(
                    f"hash_function is {hash_function!r}: give none, as ketama has MD5"
                )
            self.bits = 32
        elif isinstance(points, bool) or not isinstance(points, int) or points < 1:
            raise ValueError(f"points is {points!r}: give 1 or more, or 'ketama'")
        self.points = points
        self._of: dict[str, list[int]] = {}
        own = md5 if points == "ketama" else blake2b
        super().__init__(nodes, hash_function or own)

    def points_of(self, node: str) -> tuple[int, ...]:
        """Where the points of a node are, from 0 to 2**64 - 1; of ketama to 2**32 - 1.

        Raises
        ------
        ValueError
            If there is no such node.
        """
        self._known(node)
        return tuple(self._of[node])

    def _changed(self) -> None:
        for node in [*self._of]:
            if node not in self.weights or self.points == "ketama":
                del self._of[node]
        for node in self.weights:
            if node not in self._of:
                self._of[node] = self._points(node)
        points = [point for node in sorted(self._of) for point in self._of[node]]
        nodes = [node for node in sorted(self._of) for _ in self._of[node]]
        order = sorted(range(len(points)), key=points.__getitem__)
        self._ring = [points[place] for place in order]
        self._at = [nodes[place] for place in order]
        self._at += self._at[:1]  # behind the last point comes the first
        self._arrays: Any = None

    def _points(self, node: str) -> list[int]:
        if self.points == "ketama":
            host = node.removesuffix(":11211")
            digests = [
                _md5(f"{host}-{number}".encode())
                for number in range(self._quarter(node))
            ]
            return [each for digest in digests for each in struct.unpack("<4I", digest)]
        count = max(1, round(self.points * self.weights[node]))
        name = b"\0" + node.encode()
        return [self.hash(b"%d" % number + name) for number in range(count)]

    def _quarter(self, node: str) -> int:
        """How many digests, of four points each, ketama gives a node. It computes in
        numbers of 32 bits, and rounds down what they make of it.
        """
        share = _short(self.weights[node] / _short(sum(self.weights.values())))
        points = _short(_short(share * 160) / 4 * len(self.weights))
        return floor(_short(points + 1e-10))

    def lookup(self, key: Key) -> str:
        try:
            return self._at[bisect_left(self._ring, self.number(key))]
        except IndexError:  # asked for only now, because this is what must be fast
            raise ValueError("there is no node: add one") from None

    def _owner(self, number: int) -> str:
        return self._at[bisect_left(self._ring, number)]

    def _owners(self, numbers: Any) -> list[str]:
        if self._arrays is None:  # made by NumPy, which the keys have brought along
            numpy = numbers.__array_namespace__()
            ring = numpy.asarray(self._ring, dtype=numpy.uint64)
            self._arrays = ring, numpy.asarray(self._at, dtype=object)
        ring, at = self._arrays
        owners: list[str] = at[ring.searchsorted(numbers)].tolist()
        return owners

    def _preference(self, number: int) -> Iterator[str]:
        first, seen = bisect_left(self._ring, number), set()
        for step in range(len(self._ring)):
            node = self._at[(first + step) % len(self._ring)]
            if node not in seen:
                seen.add(node)
                yield node
            if len(seen) == len(self.weights):
                return
        yield from (node for node in self.weights if node not in seen)  # have no point


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _short(number: float) -> float:
    """The nearest number of 32 bits."""
    return float(struct.unpack("f", struct.pack("f", number))[0])
