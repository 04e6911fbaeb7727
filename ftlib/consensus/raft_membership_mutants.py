"""Mutants of changes of the members: each makes one mistake, and each breaks one
promise.
"""

from typing import Any

from ftlib.consensus.raft_membership import Membership
from ftlib.consensus.raft_mutants import mutated as mutated
from ftlib.simulation import Node, Schedule

__all__ = ["BREAKS", "SHOWN_BY", "ChangesTooSoon", "ChangesTwice"]


class ChangesTooSoon(Membership):
    """Changes the members before anything of its own term is committed, as the
    dissertation had it before the correction of 2015.
    """

    def own_term_committed(self) -> bool:
        return True


class ChangesTwice(Membership):
    """Changes the members again before the last change is committed."""

    def last_change_committed(self) -> bool:
        return True


SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    ChangesTooSoon: ((), Schedule(), "leader completeness"),
    ChangesTwice: ((), Schedule(), "leader completeness"),
}
"""What the group is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""
