"""Mutants of Raft's snapshots: each makes one mistake, and each breaks one promise."""

from typing import Any

from ftlib.consensus.raft_mutants import mutated as mutated
from ftlib.consensus.raft_snapshots import Snapshots
from ftlib.simulation import Node, Schedule

__all__ = ["BREAKS", "SHOWN_BY", "ForgetsTheState", "LosesSessions"]


class LosesSessions(Snapshots):
    """Leaves the table of sessions out of its snapshots: whoever starts from one
    executes again what is asked for again.
    """

    def restore(self) -> None:
        super().restore()
        self.machine.sessions = {}


class ForgetsTheState(Snapshots):
    """Goes on behind the snapshot, and has not put its state machine there."""

    def restore(self) -> None:
        self.commit_index = self.last_applied = self.log.snapshot.index


SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    LosesSessions: ((), Schedule(), "linearizable"),
    ForgetsTheState: ((), Schedule(), "linearizable"),
}
"""What the group is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""
