"""What all placements have in common: nodes with weights, and keys turned into numbers.

A hash here is the same in every process and on every machine, unlike Python's `hash`,
which is salted. Two clients whose hashes differ look for a key on different nodes.
"""

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

__all__ = ["Key", "Placement", "blake2b", "mix"]

_blake2b, _number = hashlib.blake2b, int.from_bytes  # this is what must be fast
Key = str | bytes | int
LIMIT = 2**64


def blake2b(data: bytes) -> int:
    """The BLAKE2b digest of bytes, as a number below 2**64.

    Examples
    --------
    >>> blake2b(b"apple") >> 48, blake2b(b"pear") >> 48
    (38414, 32864)
    """
    return _number(_blake2b(data, digest_size=8).digest(), "big")


def mix(number: Any) -> Any:
    """Spread a number below 2**64, or a NumPy array of uint64, over all such numbers,
    no two to the same one.

    Examples
    --------
    >>> [mix(number) >> 60 for number in range(8)]
    [14, 9, 9, 1, 6, 6, 11, 6]

    Notes
    -----
    A step of SplitMix64 and its finalizer (Steele, Lea and Flood 2014).
    """
    number = (number + 0x9E3779B97F4A7C15) & (LIMIT - 1)
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & (LIMIT - 1)
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & (LIMIT - 1)
    return number ^ (number >> 31)


class Placement(ABC):
    """Which node a key belongs on.

    Parameters
    ----------
    nodes : iterable of str, or mapping of str to float
        The nodes; a mapping gives their weights, which are 1 otherwise.
    hash_function : callable, optional
        From bytes to a number below 2**64, the same everywhere.

    Raises
    ------
    ValueError
        If a node is there already, its weight is no positive number, or the hash of its
        name is none below 2**64.
    TypeError
        If a node is no text.

    Notes
    -----
    A key is text, bytes, or a number from 0 to 2**64 - 1. Numbers are not hashed but
    mixed (`mix`), so that a whole array of them can be looked up at once.
    """

    bits = 64  # of the numbers that keys are turned into

    def __init__(
        self,
        nodes: Iterable[str] | Mapping[str, float] = (),
        hash_function: Callable[[bytes], int] = blake2b,
    ) -> None:
        self.hash = hash_function
        self.weights: dict[str, float] = {}
        for node in nodes:
            self._enter(node, nodes[node] if isinstance(nodes, Mapping) else 1)
        self._changed()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.nodes)})"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes, in the order in which they were added."""
        return tuple(self.weights)

    def add(self, node: str, weight: float = 1) -> None:
        """Let a node take its share of the keys."""
        self._enter(node, weight)
        self._changed()

    def remove(self, node: str) -> None:
        """Leave a node out, so that its keys belong on others.

        Raises
        ------
        ValueError
            If there is no such node.
        """
        self._known(node)
        del self.weights[node]
        self._changed()

    def lookup(self, key: Key) -> str:
        """The node that a key belongs on.

        Raises
        ------
        ValueError
            If there is no node, or the key is a number and not from 0 to 2**64 - 1.
        TypeError
            If the key is neither text, nor bytes, nor a number.
        """
        if not self.weights:
            raise ValueError("there is no node: add one")
        return self._owner(self.number(key))

    def lookup_many(self, keys: Any) -> list[str]:
        """The nodes of many keys, in the order of the keys.

        Parameters
        ----------
        keys : iterable of keys, or NumPy array of uint64 in one dimension
            The numbers of an array are mixed, and looked up in a ring, all at once.

        Raises
        ------
        TypeError
            If an array is another one.
        """
        if not hasattr(keys, "__array_namespace__"):
            return [self.lookup(key) for key in keys]
        if keys.dtype != keys.__array_namespace__().uint64 or keys.ndim != 1:
            raise TypeError(
                f"the keys are an array of {keys.dtype} in {keys.ndim} dimensions: give"
                " one of uint64 in one"
            )
        if not self.weights:
            raise ValueError("there is no node: add one")
        return self._owners(mix(keys) >> (64 - self.bits))

    def replicas(
        self, key: Key, r: int, racks: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """The nodes that keep copies of a key; the first is that of `lookup`.

        Parameters
        ----------
        key : str, bytes or int
        r : int
            How many, from 1 to the number of nodes.
        racks : mapping of str to str, optional
            In which rack each node stands. Copies then go to racks that have none, and
            to the nodes passed over only when every rack has one.

        Raises
        ------
        ValueError
            If there are fewer than `r` nodes, or a node's rack is not given.
        """
        if isinstance(r, bool) or not isinstance(r, int):
            raise TypeError(f"r is {r!r}: give a whole number")
        if not 1 <= r <= len(self.weights):
            raise ValueError(
                f"r is {r!r}, and there are {len(self.weights)} nodes: give from 1 to"
                " as many as there are"
            )
        preference = self._preference(self.number(key))
        if racks is None:
            return tuple(islice(preference, r))
        if unknown := [node for node in self.weights if node not in racks]:
            raise ValueError(f"racks lacks {unknown[0]!r}: give the rack of every node")
        chosen: dict[str, str] = {}
        passed = []
        for node in preference:
            if chosen.setdefault(racks[node], node) != node:
                passed.append(node)
        return (*chosen.values(), *passed)[:r]

    def number(self, key: Key) -> int:
        """The number that a key is turned into, of so many bits."""
        if isinstance(key, str):
            return self.hash(key.encode())
        if isinstance(key, bytes):
            return self.hash(key)
        if isinstance(key, bool) or not isinstance(key, int):
            raise TypeError(f"the key is {key!r}: give text, bytes or a number")
        if not 0 <= key < LIMIT:
            raise ValueError(f"the key is {key!r}: give a number from 0 to 2**64 - 1")
        return int(mix(key)) >> (64 - self.bits)

    def _known(self, node: str) -> None:
        if node not in self.weights:
            raise ValueError(f"there is no node {node!r}: give one of {self.nodes}")

    def _enter(self, node: str, weight: float) -> None:
        self._check(node, weight)
        self.weights[node] = weight

    def _check(self, node: str, weight: float) -> None:
        if not isinstance(node, str):
            raise TypeError(f"the node is {node!r}: give its name as text")
        if node in self.weights:
            raise ValueError(f"there is a node {node!r} already: give another name")
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise TypeError(f"the weight of {node!r} is {weight!r}: give a number")
        if not (weight > 0 and math.isfinite(weight)):
            raise ValueError(
                f"the weight of {node!r} is {weight!r}: give a positive number"
            )
        named = self.hash(node.encode())
        if not 0 <= named < 2**self.bits:
            raise ValueError(
                f"the hash of {node!r} is {named!r}: give a function whose numbers are"
                f" from 0 to 2**{self.bits} - 1"
            )

    @abstractmethod
    def _changed(self) -> None:
        """Make what is looked up follow the weights."""

    @abstractmethod
    def _owner(self, number: int) -> str:
        """The node of a key of this number."""

    @abstractmethod
    def _preference(self, number: int) -> Iterator[str]:
        """All nodes, from the owner on, each before those that come when it is gone."""

    def _owners(self, numbers: Any) -> list[str]:
        """The nodes of an array of numbers."""
        return [self._owner(number) for number in numbers.tolist()]


class Even(Placement):
    """A placement that gives all nodes the same share, and refuses any other."""

    def _check(self, node: str, weight: float) -> None:
        super()._check(node, weight)
        share = next(iter(self.weights.values()), weight)
        if weight != share:
            raise ValueError(
                f"the weight of {node!r} is {weight!r}: give {share!r}, that of the"
                f" others, because {type(self).__name__} gives all the same share"
            )
