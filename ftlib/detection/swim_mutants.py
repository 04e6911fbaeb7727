"""Mutants of SWIM: each makes one mistake, and each breaks one promise."""

from collections.abc import Callable
from typing import Any

from ftlib.detection.swim import (
    Acknowledge,
    Member,
    PingRequest,
    Status,
    Update,
    swimmers,
)
from ftlib.simulation import Crash, Lose, Node, Recover, Schedule
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AnswersForOthers",
    "AsksNobody",
    "BelievesTheOld",
    "DeadForGood",
    "ForgetsToTell",
    "NeverConfirms",
    "NeverDenies",
    "NoSuspicion",
    "mutated",
]


class NoSuspicion(Member):
    """Takes for dead at once whoever has not answered: nobody may deny it."""

    def learn(self, update: Update) -> None:
        if update.status == Status.SUSPECT:
            update = Update(update.node, Status.DEAD, update.incarnation)
        super().learn(update)


class AsksNobody(Member):
    """Suspects without an indirect probe, so that one lost message is enough."""

    def ask_others(self) -> None:
        pass


class NeverDenies(Member):
    """Does not raise its incarnation when it is suspected."""

    def deny(self, update: Update) -> None:
        pass


class ForgetsToTell(Member):
    """Piggy-backs nothing: who is suspected does not hear of it."""

    def told(self, to: str) -> tuple[Update, ...]:
        return ()


class NeverConfirms(Member):
    """Suspects for ever, and takes nobody for dead."""

    def confirm(self, node: str) -> None:
        pass


class DeadForGood(Member):
    """Takes no denial of who is dead to it, whatever its incarnation."""

    def learn(self, update: Update) -> None:
        if self.view(update.node).status != Status.DEAD:
            super().learn(update)


class BelievesTheOld(Member):
    """Believes whatever it hears last: an old *alive* raises the dead."""

    def learn(self, update: Update) -> None:
        if update.node in self.heard:
            status = self.heard[update.node].status
            self.heard[update.node] = Update(update.node, status, -1)
        super().learn(update)


class AnswersForOthers(Member):
    """Acknowledges a ping that it was asked to make, without making it."""

    def on_message(self, sender: str, message: Any) -> None:
        if isinstance(message, PingRequest):
            self.send(sender, Acknowledge(message.number, sender, ()))
        else:
            super().on_message(sender, message)


_CRASH = Crash("m4", at=0.5)

SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    AnswersForOthers: ((), Schedule([_CRASH]), "completeness"),
    AsksNobody: ((), Schedule([Lose("Ping", nth=1)]), "calm"),
    NeverConfirms: ((), Schedule([_CRASH]), "completeness"),
    DeadForGood: (
        (),
        Schedule([_CRASH, Recover("m4", at=4)]),
        "eventual accuracy",
    ),
    NoSuspicion: ((2,), Schedule([Lose("Ping", nth=1)]), "accuracy"),
    NeverDenies: ((2,), Schedule([Lose("Ping", nth=1)]), "accuracy"),
    ForgetsToTell: ((2,), Schedule([Lose("Ping", nth=1)]), "accuracy"),
    BelievesTheOld: ((), Schedule([_CRASH]), "completeness"),
}
"""What the group is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}

_mutated = casting(swimmers, member=Member)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ()
) -> dict[str, Callable[[], Node]]:
    """Make a group of a mutant; `given` as for `swimmers`. Raises TypeError if it is
    none.
    """
    return _mutated(mutant, *given)
