"""Mutants of a replicated ring and of its steward: each makes one mistake, and each
breaks one promise.

As in `ftlib.services.mutants`, every class overrides one handler, or a method that it
calls. `SHOWN_BY` gives what the ring is made with, the faults, and the property.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ftlib.replication.replicated_ring import Holder
from ftlib.replication.ring_membership import Beat, Join, Leave, Steward
from ftlib.replication.ring_rows import Copied, Holds, Moved, Row, Version
from ftlib.replication.ring_store import ring_store
from ftlib.services import Request
from ftlib.simulation import (
    Crash,
    Cut,
    Duplicate,
    Lose,
    Node,
    Partition,
    Point,
    Recover,
    Schedule,
    Slow,
)
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AcknowledgesAlone",
    "AnswersTooSoon",
    "AsksOnce",
    "CountsEarlierCopies",
    "CountsFromTheInstalled",
    "DropsTooSoon",
    "ForgetsItsView",
    "ForgetsWhatItDecided",
    "InstallsTooSoon",
    "LeavesSessionsBehind",
    "NeverDrops",
    "ReadsAlone",
    "RemovesTooMany",
    "TakesTheFirstAnswer",
    "TakesWhatComes",
    "TrustsEverybody",
    "TrustsItsDisk",
    "WaitsForTheDead",
    "mutated",
]


# Nodes that keep rows -----------------------------------------------------------------


class AnswersTooSoon(Holder):
    """Serves what belongs on it as soon as it knows the view, and not once it has
    received its range.
    """

    def serve(self, request: Request) -> None:
        ready, self.ready = self.ready, True
        super().serve(request)
        self.ready = ready


class AcknowledgesAlone(Holder):
    """Answers a write when it has it itself, and does not wait for the copies."""

    def serve(self, request: Request) -> None:
        super().serve(request)
        if request.operation[0] != "get" and request.client in self.work:
            self.answer(request.client)


class ReadsAlone(Holder):
    """Answers a read from its own row, and asks none of the others."""

    def serve(self, request: Request) -> None:
        super().serve(request)
        if request.operation[0] == "get" and request.client in self.work:
            self.answer(request.client)


class DropsTooSoon(Holder):
    """Drops what is not its own any more when it is ready, though others may not be."""

    def ask(self) -> None:
        super().ask()
        if self.ready:
            self.drop()


class NeverDrops(Holder):
    """Keeps all that it ever had."""

    def drop(self) -> None:
        pass


class TakesTheFirstAnswer(Holder):
    """Takes itself to be ready when one of the others has sent it rows."""

    def take(self, rows: tuple[tuple[str, Row], ...]) -> None:
        super().take(rows)
        if rows:
            self.asking = self.asking[:1]


class TakesWhatComes(Holder):
    """Keeps the rows that it is sent, and does not compare their versions with what has
    come meanwhile.
    """

    def take(self, rows: tuple[tuple[str, Row], ...]) -> None:
        for key, row in rows:
            self.disk.write(f"row {key}", row)
            self.disk.force()
            self.record(Holds(key, row.version))
            self.record(Moved(key, row.size))


class LeavesSessionsBehind(Holder):
    """Moves values, and not what they were answered to whom."""

    def later(
        self, node: str, versions: tuple[tuple[str, Version], ...]
    ) -> tuple[tuple[str, Row], ...]:
        return tuple(
            (key, replace(row, store=(*row.store[:2], ())))
            for key, row in super().later(node, versions)
        )


class AsksOnce(Holder):
    """Asks each of the others once for what it must have."""

    def on_timer(self, name: str) -> None:
        asking, self.asking = self.asking, ()
        super().on_timer(name)
        self.asking = asking


class TrustsItsDisk(Holder):
    """Takes itself to be ready when it comes back, though it had not received its range
    before it crashed.
    """

    def on_start(self) -> None:
        super().on_start()
        if self.view.epoch > 0:
            self.ready, self.asking = True, ()


class CountsEarlierCopies(Holder):
    """Counts a copy that was made in an earlier view: who made it may have gone on, and
    been written to since.
    """

    def on_message(self, sender: str, message: object) -> None:
        if isinstance(message, Copied) and message.epoch < self.view.epoch:
            message = replace(message, epoch=self.view.epoch)
        super().on_message(sender, message)


class ForgetsItsView(Holder):
    """Keeps in memory what view it is in: after a crash it takes part in an older
    one.
    """

    def on_start(self) -> None:
        self.disk.delete("view")
        super().on_start()


# Stewards -----------------------------------------------------------------------------


class RemovesTooMany(Steward):
    """Leaves out of the next view whoever is suspected or wants to leave, however many
    they are.
    """

    def successors(self) -> tuple[str, ...] | None:
        since, self.since = self.since, ()
        members = super().successors()
        self.since = since
        return members


class CountsFromTheInstalled(Steward):
    """Compares the next view with the one that was installed last, and not with what
    has begun since: a write may be on nodes that are in neither.
    """

    def consider(self) -> None:
        since = self.since
        super().consider()
        self.since = since


class InstallsTooSoon(Steward):
    """Takes a view to be installed when all its members have heard of it, ready or
    not.
    """

    def on_message(self, sender: str, message: object) -> None:
        if isinstance(message, Beat):
            message = replace(message, ready=True)
        super().on_message(sender, message)


class ForgetsWhatItDecided(Steward):
    """Keeps in memory which views there were: after a crash it begins with the first
    one.
    """

    def on_start(self) -> None:
        self.disk.delete("steward")
        super().on_start()


class WaitsForTheDead(Steward):
    """Begins no view before the last one is installed, though one that is dead will
    never be ready.
    """

    def successors(self) -> tuple[str, ...] | None:
        return super().successors() if self.view.installed else None


class TrustsEverybody(Steward):
    """Begins no view because somebody is silent."""

    def on_timer(self, name: str) -> None:
        pass


def joined(*wanted: list[tuple[Any, ...]], by: int, at: float = 0.5) -> tuple[Any, ...]:
    """Give what makes a ring that a node of that number joins as the last one."""
    return wanted, by, by - 1, 2, ((at, Join(f"h{by}")),)


A_ROW = [("put", "a", 1)]
MANY = [("append", "a", "1")] * 12
READS = [("get", "x")] * 60
NOT_ASKED = Lose("Want", sender="h3", receiver="h1")  # so that h3 has no range yet

SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    AnswersTooSoon: (
        joined(MANY, by=3, at=0.3),
        Schedule([NOT_ASKED]),
        "ready before it answers",
    ),
    AcknowledgesAlone: ((([("put", "a", 1)],), 3), Schedule(), "on R disks"),
    ReadsAlone: (
        (([("append", "x", "1")] * 30, READS), 3),
        Schedule([Partition((("h1", "c2"),), at=0.3)]),
        "fresh",
    ),
    DropsTooSoon: (joined(A_ROW, by=3), Schedule([NOT_ASKED]), "on R disks"),
    NeverDrops: (joined(A_ROW, by=3), Schedule(), "where it belongs"),
    TakesTheFirstAnswer: (
        joined([("put", "e", 1), ("put", "h", 1)], by=4),
        Schedule(),
        "ready with its range",
    ),
    TakesWhatComes: (
        joined([("put", "e", 1)] * 16, by=4, at=0.3),
        Schedule([Slow(("h1", "h4"), by=0.3)]),
        "on R disks",
    ),
    LeavesSessionsBehind: (
        joined(MANY, [("get", "a")] * 12, by=3, at=0.25),
        Schedule(),
        "linearizable",
    ),
    AsksOnce: (joined(MANY, by=3, at=0.3), Schedule([NOT_ASKED]), "responsive"),
    TrustsItsDisk: (
        joined(MANY, by=3, at=0.3),
        Schedule([Crash("h3", at=0.33), Recover("h3", at=0.39)]),
        "ready before it answers",
    ),
    CountsEarlierCopies: (
        (
            (
                [("put", "kiwi", 1), *[("put", "e", 1)] * 45, ("put", "kiwi", 2)],
                [("get", "kiwi")],
            ),
            4,
            4,
            2,
            ((0.4, Leave("h2")),),
        ),
        Schedule(
            [
                Duplicate("Copied", sender="h4", receiver="h1", later=2.93),
                Slow(("h1", "s"), by=2.5, at=0.8, until=3.2),
                Crash("c2", at=0.0),
                Recover("c2", at=3.0),
            ]
        ),
        "fresh",
    ),
    ForgetsItsView: (
        (([("append", "x", "1")] * 30, READS), 3),
        Schedule(
            [
                Cut("h1", "s", at=0.5),
                Slow(("s", "h3"), by=1.0, at=0.45, until=0.55),
                Crash("h3", at=1.45),
                Recover("h3", at=1.46),
            ]
        ),
        "fresh",
    ),
    RemovesTooMany: (
        (([("put", "x", 1)],), 4),
        Schedule([Crash("h1", at=0.5), Crash("h4", at=0.5)]),
        "acknowledged is kept",
    ),
    CountsFromTheInstalled: (
        joined([("put", "e", 1)] * 30, by=4),
        Schedule(
            [
                Cut("h1", "h4", at=0.4),
                Crash("h2", at=2.5),
                Crash("h4", at=2.5),
            ]
        ),
        "acknowledged is kept",
    ),
    InstallsTooSoon: (joined(A_ROW, by=3), Schedule([NOT_ASKED]), "on R disks"),
    ForgetsWhatItDecided: (
        ((), 3, 3, 2, ((0.5, Leave("h1")),)),
        Schedule([Crash("s", at=1.0), Recover("s", at=1.1), Crash("h3", at=1.2)]),
        "one view an epoch",
    ),
    WaitsForTheDead: (
        joined([("put", "x", 1)] * 20, by=4, at=0.3),
        Schedule([Crash("h4", at=Point("h4", "send", "Want"))]),
        "responsive",
    ),
    TrustsEverybody: (
        (([("put", "x", 1)] * 20,), 3),
        Schedule([Crash("h3", at=0.3)]),
        "responsive",
    ),
}
"""What the ring is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

_ring = casting(ring_store, holder=Holder, steward=Steward)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ()
) -> dict[str, Callable[[], Node]]:
    """Make a ring with a mutant in the role that it derives from.

    Parameters
    ----------
    mutant : type
        A subclass of Holder or Steward, or one of these.
    given : tuple
        As for `ring_store`.

    Raises
    ------
    TypeError
        If it derives from neither.
    """
    return _ring(mutant, *given)
