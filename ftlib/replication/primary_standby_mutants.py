"""Mutants of a primary, its standby, their witness and what they act on: each makes one
mistake, and each breaks one promise.

As in `ftlib.transactions.mutants`, every class overrides one handler, or what it calls.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ftlib.replication.fencing import Resource
from ftlib.replication.lease import Tenure
from ftlib.replication.pair import pair
from ftlib.replication.primary_standby import Peer, TakeOver
from ftlib.replication.witness import Release, Witness
from ftlib.services import Entry, Granted, Log, Reply, Request, granted
from ftlib.simulation import (
    Crash,
    Heal,
    Node,
    Partition,
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
    "AnswersEarly",
    "CatchesUpByIndex",
    "FencesItself",
    "ForgetsItsEpoch",
    "ForgetsWhatItSaw",
    "GoesOnAfterRelease",
    "GrantsToAnyPeer",
    "GrantsTooEarly",
    "GrantsTwice",
    "HopesForItsLease",
    "NeverLetsGo",
    "ReadsAlone",
    "TakesOverAlone",
    "mutated",
]


class TakesOverAlone(Peer):
    """Takes the next epoch when it suspects the primary, and asks no witness."""

    def want(self) -> None:
        self.lead(self.epoch + 1)


class AcknowledgesEarly(Peer):
    """Acknowledges what it has itself, though the standby may take over."""

    def advance(self) -> None:
        synchronous, self.synchronous = self.synchronous, False
        super().advance()
        self.synchronous = synchronous


class AnswersEarly(Peer):
    """Answers a write as soon as it has it itself, before it is acknowledged."""

    def serve(self, request: Request) -> None:
        super().serve(request)
        if request.operation[0] != "get":
            self.send(request.client, Reply(request.sequence, None))


class ReadsAlone(Peer):
    """Answers a read from its own store as long as it knows of no later primary, though
    it was deposed.
    """

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Request(_, sequence, ("get", _) as operation) if (
                granted(self.disk)[1] == self.id
            ):
                self.send(sender, Reply(sequence, self.store.do(operation)))
            case _:
                super().on_message(sender, message)


class _ByIndex(Log):
    def conflict(self, index: int, epoch: int, entries: Iterable[Entry]) -> int | None:
        return None

    def accept(
        self, disk: Disk, index: int, epoch: int, entries: Iterable[Entry]
    ) -> bool:
        for entry in tuple(entries)[max(0, self.last[1] - index) :]:
            self.entries.append(entry)
            disk.write(f"log entry {self.last[1]:012}", entry)
        return True


class CatchesUpByIndex(Peer):
    """Takes what lies behind its last entry, and does not compare the epochs of what
    it has.
    """

    def on_start(self) -> None:
        self.log = _ByIndex()
        super().on_start()


class _Hopeful(Tenure):
    def ask(self, node: Node) -> tuple[int, int]:
        number = super().ask(node)
        self.answered(node, number)
        return number


class HopesForItsLease(Peer):
    """Takes its lease to be renewed when it has asked for that, and waits for no
    answer.
    """

    def on_start(self) -> None:
        self.tenure = _Hopeful(self.tenure.lasts)
        super().on_start()


class GoesOnAfterRelease(Peer):
    """Lets the other take over, and does not step down before."""

    def advance(self) -> None:
        leaving, self.leaving = self.leaving, False
        super().advance()
        self.leaving = leaving
        if leaving and self.settled == self.matched == self.log.last[1]:
            self.leaving = False
            self.send(self.witness, Release(self.epoch))
            self.send(self.partner, TakeOver(self.epoch))


class GrantsTwice(Witness):
    """Refuses older epochs only, and grants one to everybody who asks for it."""

    def may(self, sender: str) -> bool:
        return True

    def grant(self, epoch: int, to: str) -> bool:
        yes = epoch >= granted(self.disk)[0]
        if yes:
            self.disk.write("granted", (epoch, to))
            self.disk.force()
            self.record(Granted(epoch, to))
        return yes


class ForgetsItsEpoch(Witness):
    """Keeps in memory what it has granted: after a crash it grants all anew."""

    def on_start(self) -> None:
        for key in ("granted", "paired"):
            self.disk.delete(key)


class GrantsToAnyPeer(Witness):
    """Does not remember that its holder is alone: it grants the next epoch to a node
    that may lack what was acknowledged.
    """

    def may(self, sender: str) -> bool:
        return granted(self.disk)[1] in (None, sender) or not self.leased


class GrantsTooEarly(Witness):
    """Grants the next epoch while the lease of the last one runs."""

    def let(self) -> None:
        pass


class NeverLetsGo(Witness):
    """Lets no lease end: who is dead holds it for ever."""

    def on_timer(self, name: str) -> None:
        pass


class FencesItself(Resource):
    """Trusts the holder to check its own lease, and does not look at the epoch."""

    def admits(self, epoch: int) -> bool:
        return True


class ForgetsWhatItSaw(Resource):
    """Keeps in memory the highest epoch that it has seen: after a crash it does what an
    older one wants.
    """

    def on_start(self) -> None:
        self.disk.delete("epoch")


GIVEN = (
    (
        (("append", "x", "a"), ("append", "x", "b"), ("append", "x", "c")) * 3,
        (("get", "x"),) * 9,
    ),
    True,
    True,
)
CUT = Partition((("a", "c2"),), at=0.7)

SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    TakesOverAlone: (
        GIVEN,
        Schedule([Partition((("b",),))]),
        "one holder an epoch",
    ),
    AcknowledgesEarly: (
        GIVEN,
        Schedule([Partition((("a", "c1", "c2"),), at=0.7)]),
        "acknowledged writes survive",
    ),
    AnswersEarly: (
        GIVEN,
        Schedule([Partition((("a", "c1", "c2"),), at=0.55)]),
        "answers are acknowledged",
    ),
    ReadsAlone: (GIVEN, Schedule([CUT]), "reads are fresh"),
    HopesForItsLease: (GIVEN, Schedule([CUT]), "one at a time"),
    GoesOnAfterRelease: (
        (*GIVEN, ((1.05, "a"),)),
        Schedule(),
        "one at a time",
    ),
    CatchesUpByIndex: (
        GIVEN,
        Schedule([Partition((("a", "c1"),), at=0.7), Heal(at=2.2)]),
        "log matching",
    ),
    GrantsTwice: (
        GIVEN,
        Schedule([Slow(("a", "b"), by=1.5)]),
        "one holder an epoch",
    ),
    ForgetsItsEpoch: (
        GIVEN,
        Schedule([Slow(("a", "b"), by=1.5), Crash("w", at=0.2), Recover("w", at=0.36)]),
        "one holder an epoch",
    ),
    GrantsToAnyPeer: (
        GIVEN,
        Schedule([Partition((("b",),)), Partition((("a",),), at=1.0)]),
        "acknowledged writes survive",
    ),
    GrantsTooEarly: (GIVEN, Schedule([CUT]), "one at a time"),
    NeverLetsGo: (GIVEN, Schedule([Crash("a", at=0.7)]), "responsive"),
    FencesItself: (
        GIVEN,
        Schedule([Slow("a", by=0.3, at=0.7)]),
        "effects in order of epochs",
    ),
    ForgetsWhatItSaw: (
        GIVEN,
        Schedule(
            [Slow("a", by=0.3, at=0.7), Crash("r", at=2.76), Recover("r", at=2.8)]
        ),
        "effects in order of epochs",
    ),
}
"""What the pair is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

_pair = casting(pair, peer=Peer, witness=Witness, resource=Resource)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ()
) -> dict[str, Callable[[], Node]]:
    """Make a pair with a mutant in the role that it derives from.

    Parameters
    ----------
    mutant : type
        A subclass of Peer, Witness or Resource, or one of these.
    given : tuple
        As for `pair`.

    Raises
    ------
    TypeError
        If it derives from none of them.
    """
    return _pair(mutant, *given)
