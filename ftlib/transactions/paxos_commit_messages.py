"""What the nodes of Paxos Commit tell each other, by the names of Gray and Lamport
(2006), and what a leader makes of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ftlib.consensus.paxos import Proposal
from ftlib.transactions.atomic_commit import ABORT, COMMIT, Outcome

__all__ = [
    "ABORTED",
    "PREPARED",
    "Inquiry",
    "Names",
    "Phase1a",
    "Phase1b",
    "Phase2a",
    "Phase2b",
    "Prepare",
    "outcome_of",
]

PREPARED = "prepared"
"""What is chosen of a resource manager that can commit."""
ABORTED = "aborted"
"""What is chosen of one that refuses, or of which nothing has been heard."""
Values = tuple[tuple[str, str], ...]  # resource manager, prepared or aborted
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepare:
    """Leader to resource manager: can you commit?"""

    txn: str
    managers: Names


@dataclass(frozen=True, slots=True)
class Phase1a:
    """Leader to acceptor: promise to accept nothing of a lower ballot."""

    txn: str
    ballot: int


@dataclass(frozen=True, slots=True)
class Phase1b:
    """Acceptor to leader: promised; and what was accepted of each instance so far."""

    txn: str
    ballot: int
    accepted: tuple[tuple[str, Proposal], ...]


@dataclass(frozen=True, slots=True)
class Phase2a:
    """To an acceptor: accept these values. From a resource manager, its own; from a
    leader, those of all instances.
    """

    txn: str
    ballot: int
    values: Values
    managers: Names


@dataclass(frozen=True, slots=True)
class Phase2b:
    """Acceptor to leader: accepted in this ballot; all instances in one message, or
    those that there are if one is aborted.
    """

    txn: str
    ballot: int
    values: Values
    managers: Names


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Resource manager to leader: what was the outcome?"""

    txn: str
    managers: Names


def outcome_of(heard: Iterable[Phase2b], enough: int) -> Outcome | None:
    """Return what so many acceptors have chosen; None if that is not known.

    Examples
    --------
    >>> both = Phase2b("t1", 0, (("p1", "prepared"),), ("p1",))
    >>> outcome_of([both], 2), outcome_of([both, both], 2)
    (None, 'commit')
    """
    heard = list(heard)
    chosen: dict[str, str] = {}
    for message in heard:
        same = [each.values for each in heard if each.ballot == message.ballot]
        for vote in message.values:
            if sum(vote in values for values in same) >= enough:
                chosen[vote[0]] = vote[1]
    if ABORTED in chosen.values():
        return ABORT
    done = heard and all(manager in chosen for manager in heard[0].managers)
    return COMMIT if done else None
