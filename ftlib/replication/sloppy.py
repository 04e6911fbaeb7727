"""Sloppy quorums and hinted hand-off: a write that waits for no node that is down.

Where a storage node does not answer in time, another one stands in for it: it keeps the
row as a *hint* for the node that should have it, and hands it over when that one is
back (DeCandia et al. 2007, section 4.6). So writes go on while any nodes can be
reached, and are on as many disks as before. But what is kept elsewhere a read of the
right nodes does not meet: R + W > N no longer says that a read is fresh.

A read that meets an older row sends the newer one there, and does not wait for it: this
is *read repair* (section 5).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.replication import quorum
from ftlib.replication.quorum import (
    NOTHING,
    Query,
    RegularClient,
    Row,
    StorageNode,
    Update,
    Version,
)
from ftlib.simulation import Node

__all__ = [
    "FACTS",
    "MESSAGES",
    "HandOff",
    "HandedOff",
    "Hint",
    "HintKept",
    "Hinted",
    "SloppyClient",
    "SloppyNode",
    "TakenOver",
    "sloppy",
]


@dataclass(frozen=True, slots=True)
class Hint:
    """Keep this row for `home`, which does not answer."""

    number: int
    home: str
    key: str
    row: Row


@dataclass(frozen=True, slots=True)
class HintKept:
    """I keep it, or a newer one, on disk, until `home` has it."""

    number: int
    home: str


@dataclass(frozen=True, slots=True)
class HandOff:
    """This row I have kept for you."""

    key: str
    row: Row


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What I keep is the row of that version or a newer one, and on disk."""

    key: str
    version: Version


@dataclass(frozen=True, slots=True)
class Hinted:
    """Fact: this node has a row on disk for `home`."""

    home: str
    key: str
    version: Version


@dataclass(frozen=True, slots=True)
class HandedOff:
    """Fact: this node keeps that row for `home` no longer."""

    home: str
    key: str
    version: Version


MESSAGES = (*quorum.MESSAGES, Hint, HintKept, HandOff, TakenOver)
"""Those of quorums, and what is said of hints."""
FACTS = (*quorum.FACTS, Hinted, HandedOff)
"""Those of quorums, and what becomes of hints."""


class SloppyNode(StorageNode):
    """A storage node that also stands in for others.

    Parameters
    ----------
    rest : float
        After how many seconds it tries to hand off what it keeps for others, and tries
        again.

    Notes
    -----
    A hint is deleted once its home has said that it has the row on disk. That is not
    forced: after a crash it is handed off again, and nothing changes by it.
    """

    MESSAGES = MESSAGES
    FACTS = FACTS

    def __init__(self, rest: float = 0.3) -> None:
        self.rest = rest

    def on_start(self) -> None:
        super().on_start()
        for home, key in self.hints():
            self.record(Hinted(home, key, self.hint(home, key).version))
        self.wait()

    def hints(self) -> list[tuple[str, str]]:
        """List for whom it keeps a hint of which key."""
        places = [place.split(" ", 2) for place in self.disk.keys("hint ")]
        return [(home, key) for _, home, key in places]

    def wait(self) -> None:
        """Try later, if there is a hint."""
        if self.hints():
            self.set_timer("hand off", self.rest)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Hint(number, home, key, row):
                if row.version > self.hint(home, key).version:
                    self.keep_for(home, key, row)
                self.send(sender, HintKept(number, home))
            case HandOff(key, row):
                if row.version > self.row(key).version:
                    self.keep(key, row)
                self.send(sender, TakenOver(key, row.version))
            case TakenOver(key, version):
                if version == self.hint(sender, key).version:
                    self.drop(sender, key, version)
            case _:
                super().on_message(sender, message)

    def hint(self, home: str, key: str) -> Row:
        """Return what is kept under a key for another node."""
        row: Row = self.disk.read(f"hint {home} {key}", NOTHING)
        return row

    def keep_for(self, home: str, key: str, row: Row) -> None:
        self.disk.write(f"hint {home} {key}", row)
        self.disk.force()
        self.record(Hinted(home, key, row.version))
        self.set_timer("hand off", self.rest)

    def drop(self, home: str, key: str, version: Version) -> None:
        self.disk.delete(f"hint {home} {key}")
        self.record(HandedOff(home, key, version))

    def on_timer(self, name: str) -> None:
        for home, key in self.hints():
            self.hand_off(home, key)
        self.wait()

    def hand_off(self, home: str, key: str) -> None:
        self.send(home, HandOff(key, self.hint(home, key)))


class SloppyClient(RegularClient):
    """A client that turns to stand-ins where nodes do not answer in time.

    Parameters
    ----------
    nodes, read, write, operations, patience
        As for `RegularClient`; `nodes` are those that the rows belong to.
    spares : tuple of str
        Who stands in: the first one for the first node, and so on in turn.

    Raises
    ------
    ValueError
        If there is no spare, or one is among the nodes; and as `RegularClient` does.

    Notes
    -----
    What a stand-in keeps is counted for the node that it is kept for, once, whether
    that one answers too or not. To what is there, a stand-in answers for itself, with
    the rows that are its own: hints are no rows.
    """

    MESSAGES = MESSAGES

    def __init__(
        self,
        nodes: tuple[str, ...],
        read: int,
        write: int,
        operations: tuple[tuple[Any, ...], ...] = (),
        patience: float = 0.1,
        spares: tuple[str, ...] = (),
    ) -> None:
        super().__init__(nodes, read, write, operations, patience)
        if not spares or {*spares} & {*nodes}:
            raise ValueError(
                f"the spares are {spares!r}: name one at least, and none of {nodes!r}"
            )
        self.spares = spares

    def on_timer(self, name: str) -> None:
        match self.asked:
            case Query():
                for spare in self.spares:
                    self.send(spare, self.asked)
            case Update(number, key, row):
                for place, home in enumerate(self.nodes):
                    if home in self.silent:
                        spare = self.spares[place % len(self.spares)]
                        self.send(spare, Hint(number, home, key, row))
        super().on_timer(name)

    def on_message(self, sender: str, message: object) -> None:
        match message, self.asked:
            case HintKept(number, home), Update(row=row) if number == self.number:
                self.count(home, row)
            case _:
                super().on_message(sender, message)

    def get(self, row: Row) -> None:
        """Repair what is older, and return without waiting."""
        for node, found in self.answers.items():
            if node in self.nodes and found.version < row.version:
                self.send(node, Update(self.number, self.operation[1], row))
        self.finish(row)


def sloppy(
    *operations: Iterable[tuple[Any, ...]],
    nodes: int = 3,
    spares: int = 1,
    read: int = 2,
    write: int = 2,
    client: Callable[..., Node] = SloppyClient,
    storage: Callable[..., Node] = SloppyNode,
    patience: float = 0.1,
    rest: float = 0.3,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of storage nodes n1, n2, ..., of those that stand in, s1, s2,
    ..., and of a client c1, c2, ... for each list of operations.

    Parameters
    ----------
    *operations : iterables of operations
        One for each client.
    nodes, spares, read, write : int
        N, how many stand in, R and W.
    client, storage : callable
        The classes to use, such as a mutant; called as `SloppyClient` and `SloppyNode`
        are.
    patience, rest : float
        As for these two.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Crash, Recover
    >>> faults = [Crash("n2", at=0), Crash("n3", at=0), Recover("n3", at=1)]
    >>> trace = Cluster(sloppy([("put", "x", 1)]), faults=faults).run(until=3)
    >>> [(event.node, event.what.home) for event in trace.facts(HandedOff)]
    [('s1', 'n3')]
    """
    homes = tuple(f"n{number}" for number in range(1, nodes + 1))
    others = tuple(f"s{number}" for number in range(1, spares + 1))
    factories: dict[str, Callable[[], Node]] = {
        name: partial(storage, rest) for name in (*homes, *others)
    }
    for number, wanted in enumerate(operations, 1):
        factories[f"c{number}"] = partial(
            client, homes, read, write, tuple(wanted), patience, others
        )
    return factories
