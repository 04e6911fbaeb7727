"""Rows of a replicated ring: what is kept under a key, on which nodes it belongs, what
these say to each other, and what they put on record.

A row is a `Store` of one key. With it move the sessions of its clients, so that a
request that comes again is not executed again, wherever it comes. Of two rows the later
one is of the higher epoch; in one epoch a key has one first, which counts.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ftlib.hashing import HashRing
from ftlib.replication.ring_membership import View
from ftlib.services import Store

__all__ = [
    "NOTHING",
    "Copied",
    "Copy",
    "Dropped",
    "Have",
    "Holds",
    "Moved",
    "Ready",
    "Row",
    "Served",
    "Version",
    "Want",
    "homes",
]

Version = tuple[int, int]
"""An epoch, and how many requests were executed on the row by then."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is kept under a key: a snapshot of its `Store`, and the epoch in which it
    was written last.
    """

    epoch: int
    store: tuple[Any, ...]

    @property
    def version(self) -> Version:
        """Of two rows of a key, the later has the higher one."""
        return self.epoch, self.store[0]

    @property
    def size(self) -> int:
        """How many bytes its value has, as text."""
        return sum(len(str(value).encode()) for _, value in self.store[1])


NOTHING = Row(0, Store().snapshot())
"""What is kept under a key that was never written."""


@lru_cache(maxsize=1024)
def homes(key: str, members: tuple[str, ...], copies: int) -> tuple[str, ...]:
    """Name the nodes that keep a key; the first serves it.

    Examples
    --------
    >>> homes("apple", ("h1", "h2", "h3"), 2), homes("apple", ("h1", "h3"), 2)
    (('h2', 'h3'), ('h3', 'h1'))
    """
    return _ring(members).replicas(key, copies)


@lru_cache(maxsize=64)
def _ring(members: tuple[str, ...]) -> HashRing:
    return HashRing(members)


# Messages -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Want:
    """Which of my rows in this view do you have later than these?"""

    view: View
    versions: tuple[tuple[str, Version], ...]


@dataclass(frozen=True, slots=True)
class Have:
    """These, and I answer nothing of an earlier epoch any more."""

    epoch: int
    rows: tuple[tuple[str, Row], ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """Keep this row, unless yours is later."""

    epoch: int
    key: str
    row: Row


@dataclass(frozen=True, slots=True)
class Copied:
    """I have this version of the key on disk, or a later one."""

    epoch: int
    key: str
    version: Version


# Facts --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holds:
    """Fact: this node has this version of the key on disk."""

    key: str
    version: Version


@dataclass(frozen=True, slots=True)
class Moved:
    """Fact: a row came here because the members changed, with a value of so many
    bytes.
    """

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Ready:
    """Fact: this node has all that it must have in this epoch."""

    epoch: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """Fact: this node keeps the key no more."""

    key: str


@dataclass(frozen=True, slots=True)
class Served:
    """Fact: this node answers the request of that number of `client`, by this version
    of the row.
    """

    epoch: int
    key: str
    version: Version
    client: str
    sequence: int
