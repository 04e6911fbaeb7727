"""Mutants of registers on quorums: each makes one mistake, and each breaks one promise.

As in `ftlib.services.mutants`, every class overrides one handler, or a method that it
calls. `SHOWN_BY` gives the clients' operations, the faults, and the property.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from ftlib.replication.quorum import (
    AtomicClient,
    Query,
    RegularClient,
    Row,
    StorageNode,
    Update,
    Updated,
    Version,
    registers,
)
from ftlib.replication.sloppy import HintKept, SloppyClient, SloppyNode, sloppy
from ftlib.replication.tombstones import CollectingNode
from ftlib.simulation import (
    Crash,
    Duplicate,
    Lose,
    Node,
    Point,
    Recover,
    Schedule,
    Slow,
)
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AcknowledgesBeforeForcing",
    "CountsForTwo",
    "CountsTwice",
    "DropsTheHint",
    "DropsTheTombstone",
    "ForgetsItsCounter",
    "GuessesTheCounter",
    "HandsOffOnce",
    "NeverAsksAgain",
    "ReturnsEarly",
    "ReturnsFirst",
    "SkipsTheWriteBack",
    "TakesTheOlder",
    "mutated",
]


# Clients ------------------------------------------------------------------------------


class SkipsTheWriteBack(AtomicClient):
    """Returns what it has read, and writes nothing back."""

    def get(self, row: Row) -> None:
        self.finish(row)


class ReturnsFirst(AtomicClient):
    """Writes back what it returns, but does not wait for it."""

    def get(self, row: Row) -> None:
        for node in self.nodes:
            self.send(node, Update(self.number, self.operation[1], row))
        self.finish(row)


class GuessesTheCounter(AtomicClient):
    """Goes on from the last counter of its own, whatever the nodes say is there."""

    def put(self, counter: int) -> None:
        super().put(0)


class ForgetsItsCounter(AtomicClient):
    """Does not note which counter it has used: after a crash it may give a version that
    it has left half written to another value.
    """

    def put(self, counter: int) -> None:
        _, key, value = self.operation
        version = Version(counter + 1, self.id)
        self.ask(Update(self.number, key, Row(version, value)))


class ReturnsEarly(AtomicClient):
    """Takes a write for done when one node fewer than W has acknowledged it."""

    def enough(self) -> bool:
        if isinstance(self.asked, Query):
            return super().enough()
        return len(self.answers) >= max(1, self.write - 1)


class CountsTwice(AtomicClient):
    """Counts messages and not nodes: one acknowledgement that comes twice is two."""

    def count(self, sender: str, row: Row) -> None:
        while isinstance(self.asked, Update) and sender in self.answers:
            sender += " again"
        super().count(sender, row)


class NeverAsksAgain(AtomicClient):
    """Sends everything once."""

    def on_timer(self, name: str) -> None:
        pass


class CountsForTwo(SloppyClient):
    """Counts a hint and the node that it is kept for as two, though in the end they are
    one.
    """

    def on_message(self, sender: str, message: object) -> None:
        match message, self.asked:
            case HintKept(number), Update(row=row) if number == self.number:
                self.count(sender, row)
            case _:
                super().on_message(sender, message)


# Storage ------------------------------------------------------------------------------


class AcknowledgesBeforeForcing(StorageNode):
    """Says that a row is on disk, and puts it there afterwards."""

    def on_message(self, sender: str, message: object) -> None:
        if isinstance(message, Update):
            self.send(sender, Updated(message.number))
            if message.row.version > self.row(message.key).version:
                self.keep(message.key, message.row)
        else:
            super().on_message(sender, message)


class TakesTheOlder(StorageNode):
    """Keeps what came last, not what is newest."""

    def on_message(self, sender: str, message: object) -> None:
        if isinstance(message, Update):
            if message.row != self.row(message.key):
                self.keep(message.key, message.row)
            self.send(sender, Updated(message.number))
        else:
            super().on_message(sender, message)


class DropsTheHint(SloppyNode):
    """Drops a hint once it has sent it, not once its home has it."""

    def hand_off(self, home: str, key: str) -> None:
        super().hand_off(home, key)
        self.drop(home, key, self.hint(home, key).version)


class HandsOffOnce(SloppyNode):
    """Tries to hand off its hints once."""

    def on_timer(self, name: str) -> None:
        for home, key in self.hints():
            self.hand_off(home, key)


class DropsTheTombstone(CollectingNode):
    """Takes a deletion for the end of a row, and keeps nothing."""

    def bury(self, key: str) -> None:
        if self.row(key).value is None:
            self.disk.delete(f"row {key}")


READ, WRITE = ("get", "x"), ("put", "x", 1)
OTHER, DELETE = ("put", "x", 2), ("put", "x", None)
HALF_WRITTEN = (
    Lose("Update", sender="c1", receiver="n2"),
    Lose("Update", sender="c1", receiver="n3"),
)
MISSED = Slow(("n1", "c2"), by=0.1, at=0.045)  # the third read hears the others first
BOTH_CRASH = (Crash("n2", at=0.025), Crash("n3", at=0.025))

SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    SkipsTheWriteBack: (
        ([WRITE], [READ] * 3),
        Schedule([*HALF_WRITTEN, MISSED]),
        "linearizable",
    ),
    ReturnsFirst: (
        ([WRITE], [READ] * 3),
        Schedule(
            [
                *HALF_WRITTEN,
                MISSED,
                Lose("Update", sender="c2", receiver="n2", nth=2),
                Lose("Update", sender="c2", receiver="n3", nth=2),
            ]
        ),
        "linearizable",
    ),
    GuessesTheCounter: (
        ([READ, READ, WRITE], [OTHER]),
        Schedule(),
        "versions in order",
    ),
    ForgetsItsCounter: (
        ([WRITE, OTHER],),
        Schedule(
            [
                Crash("c1", at=Point("c1", "send", "Update")),
                Recover("c1", at=1.0),
                Lose("Query", receiver="n1", nth=2),
            ]
        ),
        "one value a version",
    ),
    ReturnsEarly: (([WRITE],), Schedule(HALF_WRITTEN), "on a quorum"),
    CountsTwice: (
        ([WRITE],),
        Schedule([*HALF_WRITTEN, Duplicate("Updated", sender="n1")]),
        "on a quorum",
    ),
    NeverAsksAgain: (([WRITE],), Schedule(HALF_WRITTEN), "responsive"),
    CountsForTwo: (
        ([WRITE],),
        Schedule(
            [
                *BOTH_CRASH,
                Lose("Updated", sender="n1"),
                Lose("Hint", nth=2),
                Lose("Hint", nth=3),
            ]
        ),
        "on a quorum",
    ),
    AcknowledgesBeforeForcing: (
        ([WRITE],),
        Schedule([Crash("n1", at=Point("n1", "send", "Updated")), HALF_WRITTEN[1]]),
        "on a quorum",
    ),
    TakesTheOlder: (([WRITE, OTHER], [READ]), Schedule(), "never back"),
    DropsTheHint: (([WRITE],), Schedule(BOTH_CRASH), "on a quorum"),
    HandsOffOnce: (
        ([WRITE],),
        Schedule([*BOTH_CRASH, Recover("n2", at=1.0), Recover("n3", at=1.0)]),
        "handed off",
    ),
    DropsTheTombstone: (
        ([WRITE, DELETE, READ],),
        Schedule([Lose("Update", receiver="n2", nth=2)]),
        "linearizable",
    ),
}
"""The operations of each client, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""Which property each of them breaks."""

_registers = casting(registers, client=AtomicClient, storage=StorageNode)
_sloppy = casting(sloppy, client=SloppyClient, storage=SloppyNode)
_collecting = casting(partial(registers, client=RegularClient), storage=CollectingNode)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ()
) -> dict[str, Callable[[], Node]]:
    """Make the cluster of a mutant, with it in the role that it derives from.

    Parameters
    ----------
    mutant : type
        A subclass of AtomicClient, StorageNode, SloppyClient, SloppyNode or
        CollectingNode, or one of these.
    given : tuple
        The operations of each client.

    Raises
    ------
    TypeError
        If it derives from none of them.
    """
    if issubclass(mutant, CollectingNode):
        return _collecting(mutant, *given)
    if issubclass(mutant, SloppyClient | SloppyNode):
        return _sloppy(mutant, *given)
    return _registers(mutant, *given)
