"""What coordinators and participants of two-phase commit tell each other, and what
participants write into their logs.

Every message names its transaction, so that a copy that comes late can be told from
what is going on now. `Read` and `Value` belong to no transaction: a look at one
account, without a lock.
"""

from dataclasses import dataclass

from ftlib.transactions.atomic_commit import Ballot, Changes, Outcome

__all__ = [
    "MESSAGES",
    "Ack",
    "Decision",
    "Inquiry",
    "Logged",
    "Prepare",
    "Read",
    "Value",
    "Vote",
]


@dataclass(frozen=True, slots=True)
class Prepare:
    """Coordinator to participant: can you commit these changes to your accounts?"""

    txn: str
    changes: Changes
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """Participant to coordinator: yes, a promise on disk; or no."""

    txn: str
    vote: Ballot


@dataclass(frozen=True, slots=True)
class Decision:
    """To a participant: the outcome."""

    txn: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Ack:
    """Participant to coordinator: the commit is on my disk, you may forget it."""

    txn: str


@dataclass(frozen=True, slots=True)
class Inquiry:
    """From a participant in doubt: what was the outcome?"""

    txn: str


@dataclass(frozen=True, slots=True)
class Read:
    """From anybody: what is on this account now? Answered without a lock."""

    account: str


@dataclass(frozen=True, slots=True)
class Value:
    """The answer to `Read`."""

    account: str
    balance: int


@dataclass(frozen=True, slots=True)
class Logged:
    """What a participant's log says of a transaction."""

    status: str  # "prepared", "commit" or "abort"
    coordinator: str = ""
    participants: tuple[str, ...] = ()
    changes: Changes = ()


MESSAGES: tuple[type, ...] = (Prepare, Vote, Decision, Ack, Inquiry, Read, Value)
