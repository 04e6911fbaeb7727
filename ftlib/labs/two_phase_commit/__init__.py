"""The lab on atomic commit: participants that only read leave after phase one, and one
of the two outcomes is presumed.

What is presumed, who is told of an abort, how long to wait and what the messages are
called is drawn from a student's code (`Rules.drawn`); nothing else depends on it. The
two presumptions are those of Mohan, Lindsay and Obermarck (1986), presumed abort and
presumed commit, with their optimization for read-only participants.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from ftlib.labs.deck import Deck, Ruled, Uses

__all__ = [
    "ABORT",
    "COMMIT",
    "Began",
    "Changes",
    "Decided",
    "Rules",
    "Voted",
    "Work",
    "words",
]

Outcome = Literal["commit", "abort"]
Changes = tuple[tuple[str, int], ...]
"""The (account, amount) pairs of one participant; none for one that only reads."""
Work = tuple[tuple[str, tuple[tuple[str, Changes], ...]], ...]
"""The transactions of a coordinator, each with its participants and their changes."""
COMMIT: Outcome = "commit"
"""The outcome in which every change is made."""
ABORT: Outcome = "abort"
"""The outcome in which none is."""


@dataclass(frozen=True, slots=True)
class Began:
    """The coordinator has begun a transaction with these participants."""

    txn: str
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voted:
    """A participant votes "yes", "no" or "read"."""

    txn: str
    vote: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A node knows the outcome of a transaction, and acts on it."""

    txn: str
    outcome: str


FORBIDDEN = ("ftlib.transactions",)  # modules that no answer may use
FACTS = (Began, Voted, Decided)
NAMES = {
    "request": ("Canvass", "Sound", "Poll", "Summon"),
    "vote": ("Ballot", "Reply", "Stance", "Voice"),
    "outcome": ("Verdict", "Ruling", "Finding", "Word"),
    "ack": ("Receipt", "Noted", "Done", "Heard"),
    "inquiry": ("WhatNow", "Recall", "Query", "Remind"),
}
FIELDS = {
    "request": (("txn", str), ("changes", tuple)),
    "vote": (("txn", str), ("vote", str)),
    "outcome": (("txn", str), ("outcome", str)),
    "ack": (("txn", str),),
    "inquiry": (("txn", str),),
}
SAID = {
    "request": "The coordinator asks for a vote.",
    "vote": 'A participant answers "yes", "no" or "read".',
    "outcome": "The coordinator tells the outcome.",
    "ack": "A participant acknowledges an outcome that is not presumed.",
    "inquiry": "A participant asks for an outcome.",
}


@dataclass(frozen=True, slots=True, repr=False)
class Rules(Ruled):
    """The rules of one student's lab.

    Attributes
    ----------
    code : str
        From which they are drawn.
    presumed : {"commit", "abort"}
        The outcome of a transaction about which the coordinator finds nothing.
    refusers_told : bool
        Whether an abort is told to those who voted no, too.
    waits : float
        How long the coordinator waits for votes, in seconds.
    resends : float
        After how long it tells an outcome again that is not acknowledged.
    patience : float
        After how long a participant asks that has voted yes and hears nothing.
    names : tuple of str
        What the messages are called: request, vote, outcome, acknowledgement, inquiry.

    Examples
    --------
    >>> Rules.drawn("public").presumed
    'commit'
    >>> Rules.drawn("public") == Rules.drawn("public")
    True
    """

    USES: ClassVar[Uses] = Uses(__name__, NAMES, FIELDS, SAID, FACTS)

    code: str
    presumed: str
    refusers_told: bool
    waits: float
    resends: float
    patience: float
    names: tuple[str, ...]

    @classmethod
    def drawn(cls, code: str) -> "Rules":
        """Draw the rules for a student's code.

        Raises
        ------
        ValueError
            If the code is no text, or empty.
        """
        deck = Deck("two_phase_commit", code)
        return cls(
            deck.code,
            deck.one((COMMIT, ABORT)),
            deck.one((True, False)),
            (6 + deck.one(range(5))) / 20,
            (8 + deck.one(range(5))) / 20,
            (16 + deck.one(range(5))) / 20,
            tuple(map(deck.one, NAMES.values())),
        )

    @property
    def told(self) -> str:
        """The outcome that is not presumed."""
        return ABORT if self.presumed == COMMIT else COMMIT

    def lines(self) -> list[str]:
        """Say the rules, but for the messages, in lines."""
        whom = "is told too" if self.refusers_told else "is not told"
        return [
            f"Presumed outcome: {self.presumed}",
            f"Outcome that is forced, told until acknowledged: {self.told}",
            f"Whoever voted no {whom} that it is an abort.",
            f"The coordinator waits {self.waits:g} s for votes,",
            f"and tells again after {self.resends:g} s without acknowledgement.",
            f"A participant in doubt asks after {self.patience:g} s, and again.",
        ]


def words(code: str) -> dict[str, type]:
    """Return the names that a student's cells find defined.

    Examples
    --------
    >>> sorted(words("public"))[:2]
    ['Began', 'Decided']
    """
    return Rules.drawn(code).words
