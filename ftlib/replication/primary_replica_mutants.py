"""Mutants of a primary and its replicas: each makes one mistake, and each breaks one
promise.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ftlib.replication.mode import Mode
from ftlib.replication.primary_replica import Replica
from ftlib.replication.replicas import replicas
from ftlib.replication.shipping import Ack, Append, Ask
from ftlib.services import Client, Entry, Log, Reply, Request, Snapshot
from ftlib.simulation import (
    Crash,
    Cut,
    Heal,
    Lose,
    Node,
    Partition,
    Point,
    Recover,
    Schedule,
    Slow,
)
from ftlib.simulation.node import Disk
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AcknowledgesEarly",
    "AnswersFromMemory",
    "CatchesUpByIndex",
    "CountsTwice",
    "ExecutesAgain",
    "ForgetsItsEpoch",
    "GrantsTwice",
    "HearsTooFew",
    "PromotesAny",
    "SettlesOlder",
    "TakesFromOlder",
    "mutated",
]


class PromotesAny(Replica):
    """Goes on from its own log, whatever it has heard of others."""

    def adopt(self, snapshot: Snapshot, entries: tuple[Entry, ...]) -> None:
        pass


class AcknowledgesEarly(Replica):
    """Answers as soon as a request is on its own disk, in every mode."""

    def advance(self) -> None:
        self.settle(self.copy.log.last[1])


class CountsTwice(Replica):
    """Takes a second copy of an acknowledgement for that of another replica."""

    def acknowledged(self, replica: str, index: int) -> None:
        others = [each for each in self.matched if each != replica]
        if index == self.matched[replica] and others:
            replica = others[0]
        super().acknowledged(replica, index)


class GrantsTwice(Replica):
    """Asks for the epoch after its own, whosever that is, and grants one to all who
    ask.
    """

    def take_over(self) -> None:
        self.follow(self.epoch + 1)
        self.role = "candidate"
        for other in self.others:
            self.send(other, Ask(self.epoch))
        self.granted_by(self.id)


class _ByIndex(Log):
    def conflict(self, index: int, epoch: int, entries: Iterable[Entry]) -> None:
        return None

    def accept(
        self, disk: Disk, index: int, epoch: int, entries: Iterable[Entry]
    ) -> bool:
        for entry in tuple(entries)[max(0, self.last[1] - index) :]:
            if entry.epoch >= self.last[0]:
                self.append(disk, entry.epoch, entry.value)
        return True


class CatchesUpByIndex(Replica):
    """Asks only for what stands behind the last index that it has, and does not see
    that an entry there is of another epoch.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.copy.log = _ByIndex()


class ExecutesAgain(Replica):
    """Does not look whether it has executed a request before."""

    def serve(self, request: Request) -> None:
        self.copy.store.sessions.pop(request.client, None)
        self.put(request)


class AnswersFromMemory(Replica):
    """Answers a get at once as long as it believes that it is the primary; another may
    be.
    """

    def serve(self, request: Request) -> None:
        if request.operation[0] == "get":
            result = self.copy.store.do(request.operation)
            self.send(request.client, Reply(request.sequence, result))
        else:
            super().serve(request)


class SettlesOlder(Replica):
    """Counts the copies of an entry of an earlier epoch as if it were its own.

    It puts no entry of its own behind them either: with one there, all that it ships
    would end with it, and so would all that is acknowledged.
    """

    def put(self, value: Request | None) -> None:
        if value is None:
            self.ship()
        else:
            super().put(value)

    def advance(self) -> None:
        copies = sorted((self.copy.log.last[1], *self.matched.values()), reverse=True)
        self.settle(copies[self.mode.copies])


class ForgetsItsEpoch(Replica):
    """Keeps in memory only which epoch it has promised."""

    def on_start(self) -> None:
        self.disk.delete("granted")
        super().on_start()


class TakesFromOlder(Replica):
    """Stores what the primary of an earlier epoch sends, although it has promised not
    to.
    """

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Append(epoch, index, before, entries) if epoch < self.epoch:
                if self.copy.take(self, index, before, entries):
                    self.send(sender, Ack(epoch, index + len(entries)))
            case _:
                super().on_message(sender, message)


class HearsTooFew(Replica):
    """Takes over when it has heard one node fewer than the mode asks for."""

    def granted_by(self, member: str) -> None:
        super().granted_by(member)
        if self.role == "candidate" and len(self.heard) == self.mode.takeover - 1:
            self.lead()


WRITES = tuple(("append", "x", letter) for letter in "abcdefgh")
READS = (("get", "x"),) * 8
BOTH = WRITES, READS
APART = WRITES[:1], WRITES[1:2]
CUT = Cut("r1", "r3"), Cut("r3", "r1")
"""What r1 sends reaches r2 alone, which helps r3 to the next epoch."""

SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    PromotesAny: (
        (BOTH, Mode(1)),
        Schedule([Slow(("r1", "r3"), by=1.0)]),
        "acknowledged stays",
    ),
    AcknowledgesEarly: (
        (BOTH, Mode(1)),
        Schedule([Crash("r1", at=Point("r1", "force", nth=2), after=3)]),
        "acknowledged stays",
    ),
    CountsTwice: (
        (BOTH, Mode(2)),
        Schedule([Partition((("r2", "c1"),)), Heal(at=0.3)]),
        "acknowledged stays",
    ),
    GrantsTwice: (
        (BOTH, Mode(2)),
        Schedule([Crash("r1", at=0.1), Slow(("r2", "r3"), by=1.0)]),
        "one holder an epoch",
    ),
    CatchesUpByIndex: (
        (BOTH, Mode(1)),
        Schedule([Partition((("r1",),), at=0.076), Heal(at=1.0)]),
        "log matching",
    ),
    ExecutesAgain: (
        (BOTH, Mode(1)),
        Schedule([Lose("Reply", sender="r1", receiver="c1")]),
        "executed once",
    ),
    AnswersFromMemory: (
        ((READS * 5, WRITES), Mode(1)),
        Schedule([Partition((("r1", "c1"),), at=0.1)]),
        "linearizable",
    ),
    SettlesOlder: (
        (APART, Mode(1)),
        Schedule(
            [
                Partition((("r1", "c1"),)),
                Partition((("r3", "c2"),), at=Point("r3", "force", nth=3)),
                Partition((("r2",),), at=1.5),
            ]
        ),
        "acknowledged stays",
    ),
    ForgetsItsEpoch: (
        (APART, Mode(1)),
        Schedule(
            [
                *CUT,
                Cut("c1", "r3"),
                Slow(("r1", "r2"), by=0.5),
                Crash("r2", at=0.4),
                Recover("r2", at=0.515),
            ]
        ),
        "visible stays",
    ),
    TakesFromOlder: ((BOTH, Mode(1)), Schedule(CUT), "visible stays"),
    HearsTooFew: (
        (BOTH, Mode(0)),
        Schedule([Partition((("r1", "c1"),), at=0.05)]),
        "acknowledged stays",
    ),
}
"""What the group is made with, the faults, and the property that is violated.

That of `SettlesOlder` is figure 8 of Ongaro and Ousterhout (2014): r1 has an entry of
its own, and so has r3, of a later epoch; then the entry of r1 is copied to a second
node, and acknowledged; then r3 takes over, because its entry is of the later epoch.
"""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

_group = casting(replicas, replica=Replica, client=Client)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = (BOTH, Mode(1))
) -> dict[str, Callable[[], Node]]:
    """Make a group with a mutant in the place of its replicas.

    Parameters
    ----------
    mutant : type
        A subclass of Replica, or that.
    given : tuple
        As for `ftlib.replication.replicas.replicas`.
    """
    return _group(mutant, *given)
