"""Mutants of failure detectors: each makes one mistake, and each breaks one promise.

As in `ftlib.transactions.mutants`, every class overrides one handler. `SHOWN_BY` gives
what the world is made with, a small run that shows it, and the property.
"""

from collections.abc import Callable
from typing import Any

from ftlib.detection.adaptive import LIFE, AdaptiveMonitor, NumberedHeart, adapting
from ftlib.detection.heartbeat import Heart, Monitor, watching
from ftlib.detection.time_out import Answered, Asker, question
from ftlib.simulation import Crash, Node, Recover, Schedule, Slow
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "BeatsInOneLife",
    "CountsAnew",
    "HearsOnce",
    "KeepsItsTimer",
    "NeverForgives",
    "WaitsOnce",
    "mutated",
]


class HearsOnce(Monitor):
    """Is content with one heartbeat, and waits no more for a node that it has heard."""

    def on_message(self, sender: str, message: object) -> None:
        super().on_message(sender, message)
        self.cancel_timer(f"silent {sender}")


class NeverForgives(Monitor):
    """Suspects for good: a node that was slow once is dead to it for ever."""

    def on_message(self, sender: str, message: object) -> None:
        if sender not in self.detector.suspected:
            super().on_message(sender, message)


class BeatsInOneLife(Heart):
    """Takes its timer to have survived the crash, and does not set it again."""

    def on_start(self) -> None:
        if not self.disk.read("begun"):
            self.disk.write("begun", True)
            self.disk.force()
            super().on_start()


class KeepsItsTimer(Asker):
    """Leaves its timer running when the answer has come."""

    def on_message(self, sender: str, message: object) -> None:
        self.record(Answered())


class CountsAnew(NumberedHeart):
    """Begins at 1 in every life, so that its heartbeats look like old ones."""

    def on_start(self) -> None:
        self.number = LIFE
        self.on_timer("beat")


class WaitsOnce(AdaptiveMonitor):
    """Is content with one heartbeat, and waits no more for a node that it has heard."""

    def on_message(self, sender: str, message: object) -> None:
        super().on_message(sender, message)
        self.cancel_timer(sender)


SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    HearsOnce: ((1,), Schedule([Crash("h1", at=0.5)]), "completeness"),
    NeverForgives: (
        (1,),
        Schedule([Slow(("h1", "m"), by=0.3, at=0.5, until=0.65)]),
        "eventual accuracy",
    ),
    BeatsInOneLife: (
        (1,),
        Schedule([Crash("h1", at=0.5), Recover("h1", at=0.6)]),
        "eventual accuracy",
    ),
    KeepsItsTimer: ((), Schedule(), "accuracy"),
    CountsAnew: (
        (1,),
        Schedule([Crash("h1", at=16), Recover("h1", at=16.1)]),
        "eventual accuracy",
    ),
    WaitsOnce: ((1,), Schedule([Crash("h1", at=0.5)]), "completeness"),
}
"""What the world is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}

_GROUPS: dict[tuple[type[Node], ...], Callable[..., Any]] = {
    (Asker,): casting(question, asker=Asker),
    (Heart, Monitor): casting(watching, heart=Heart, monitor=Monitor),
    (NumberedHeart, AdaptiveMonitor): casting(
        adapting, heart=NumberedHeart, monitor=AdaptiveMonitor
    ),
}


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ()
) -> dict[str, Callable[[], Node]]:
    """Make the world of a mutant, with it in the role that it derives from.

    Parameters
    ----------
    mutant : type
        A subclass of a role of the room, or one of these.
    given : tuple
        As for the function that makes its group.

    Raises
    ------
    TypeError
        If it derives from none of them.
    """
    for roles, make in _GROUPS.items():
        if issubclass(mutant, roles):
            group: dict[str, Callable[[], Node]] = make(mutant, *given)
            return group
    raise TypeError(f"{mutant.__name__} has no role in this room: give a subclass")
