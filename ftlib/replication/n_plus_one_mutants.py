"""Mutants of N replicas and a primary: two that take over when they may not, and one
that does not wait for those it sees.
"""

from collections.abc import Callable
from typing import Any

from ftlib.replication.n_plus_one import LowestId, n_plus_one
from ftlib.replication.primary_replica import Replica
from ftlib.services import Client, granted
from ftlib.simulation import Crash, Cut, Heal, Node, Partition, Point, Schedule
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "CountsItselfTwice",
    "LeadsAlone",
    "WaitsForNobody",
    "mutated",
]


class CountsItselfTwice(Replica):
    """Counts its own vote when it asks, and again when it hears of it."""

    def take_over(self) -> None:
        super().take_over()
        if self.role == "candidate" and len(self.heard) + 1 >= self.mode.takeover:
            self.lead()


class LeadsAlone(Replica):
    """Leads if it has asked for an epoch and nobody answers in time: it takes it that
    nobody else is up. It asks as soon as it is back.
    """

    def on_start(self) -> None:
        back = granted(self.disk)[0] > 0
        super().on_start()
        if back:
            self.take_over()

    def on_timer(self, name: str) -> None:
        if name == "takeover" and self.heard == (self.id,):
            self.lead()
        else:
            super().on_timer(name)


class WaitsForNobody(LowestId):
    """Settles an entry as soon as it has it itself."""

    def advance(self) -> None:
        self.settle(self.copy.log.last[1])


WRITES = tuple(("append", "x", letter) for letter in "abcdefgh")
READS = (("get", "x"),) * 8
BOTH = WRITES, READS
LONG = WRITES * 4, READS

SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    CountsItselfTwice: ((BOTH,), Schedule([Cut("r1", "r2")]), "acknowledged stays"),
    LeadsAlone: (
        (LONG,),
        Schedule([Partition((("r2",),)), Heal(at=1.0)]),
        "acknowledged stays",
    ),
    WaitsForNobody: (
        (BOTH, 1),
        Schedule([Crash("r1", at=Point("r1", "force", nth=2), after=3)]),
        "acknowledged stays",
    ),
}
"""What the group is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

_group = casting(n_plus_one, member=Replica, client=Client)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = (BOTH,)
) -> dict[str, Callable[[], Node]]:
    """Make a group with a mutant in the place of its nodes.

    Parameters
    ----------
    mutant : type
        A subclass of Replica, or that.
    given : tuple
        As for `ftlib.replication.n_plus_one.n_plus_one`.
    """
    return _group(mutant, *given)
