"""The lab on consensus: servers of different weight agree on a log, together with
witnesses that vote and hold none of it.

How much weight elects, how many logs must hold what is committed, whether a leader
begins with a blank entry, when it tells what is committed, how long to wait and what
the messages are called is drawn from a student's code (`Rules.drawn`). That the quorum
of an election and that of a commitment need not be of one size is from Howard, Malkhi
and Spiegelman (2016); witnesses are from Pâris (1986).
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from ftlib.labs.deck import Deck, Ruled, Uses

__all__ = [
    "SERVER",
    "WITNESS",
    "Committed",
    "Entries",
    "Leads",
    "Members",
    "Rules",
    "Voted",
    "words",
]

SERVER, WITNESS = "server", "witness"
Members = tuple[tuple[str, int, str], ...]
"""All nodes that vote: (name, weight, "server" or "witness")."""
Entries = tuple[tuple[int, str], ...]
"""A log, or the beginning of one: (term, command)."""


@dataclass(frozen=True, slots=True)
class Voted:
    """A node votes for a candidate, which may be itself."""

    term: int
    candidate: str


@dataclass(frozen=True, slots=True)
class Leads:
    """A server has won the election of a term."""

    term: int


@dataclass(frozen=True, slots=True)
class Committed:
    """A server knows that the entry at an index, from 1, is there for good."""

    index: int
    term: int
    command: str


FORBIDDEN = ("ftlib.consensus", "ftlib.services")  # modules that no answer may use
FACTS = (Voted, Leads, Committed)
NAMES = {
    "bid": ("Bid", "Claim", "Appeal", "Offer"),
    "vote": ("Ballot", "Reply", "Stance", "Voice"),
    "log": ("Pages", "Ledger", "Journal", "Copy"),
    "mark": ("Mark", "Notch", "Tally", "Stamp"),
    "kept": ("Receipt", "Noted", "Stored", "Held"),
    "order": ("Order", "Command", "Wish", "Task"),
}
FIELDS: dict[str, tuple[tuple[str, Any], ...]] = {
    "bid": (("term", int), ("last_term", int), ("length", int)),
    "vote": (("term", int), ("granted", bool)),
    "log": (("term", int), ("entries", tuple), ("committed", int)),
    "mark": (("term", int), ("last_term", int), ("length", int)),
    "kept": (("term", int), ("length", int)),
    "order": (("command", str),),
}
SAID = {
    "bid": "A candidate asks for a vote, and says how its log ends.",
    "vote": "The answer, with the term of who answers.",
    "log": "The leader's whole log, for a server.",
    "mark": "How the leader's log ends, for a witness.",
    "kept": "So many entries of the leader's log are kept.",
    "order": "A client asks for a command.",
}
SHARES = ("more than 1/2", "more than 3/5", "at least 2/3", "at least 3/4")


@dataclass(frozen=True, slots=True, repr=False)
class Rules(Ruled):
    """The rules of one student's lab.

    Attributes
    ----------
    code : str
        From which they are drawn.
    share : str
        How much of all weight elects a leader.
    copies : int
        How many servers, the leader among them, must hold an entry before it is
        committed, whatever they weigh.
    blank : bool
        Whether a new leader appends an entry with the command "".
    eager : bool
        Whether a leader tells at once what is newly committed, or with its next
        heartbeat.
    heartbeat : float
        How often a leader sends, in seconds.
    patience : (float, float)
        Between how many seconds of silence a server stands for election.
    names : tuple of str
        What the messages are called, in the order of `messages`.

    Examples
    --------
    >>> Rules.drawn("public").share
    'at least 2/3'
    >>> Rules.drawn("public") == Rules.drawn("public")
    True
    """

    USES: ClassVar[Uses] = Uses(__name__, NAMES, FIELDS, SAID, FACTS)
    WIDE: ClassVar[int | None] = 34

    code: str
    share: str
    copies: int
    blank: bool
    eager: bool
    heartbeat: float
    patience: tuple[float, float]
    names: tuple[str, ...]

    @classmethod
    def drawn(cls, code: str) -> "Rules":
        """Draw the rules for a student's code.

        Raises
        ------
        ValueError
            If the code is no text, or empty.
        """
        deck = Deck("consensus", code)
        low = (12 + deck.one(range(5))) / 20
        return cls(
            deck.code,
            deck.one(SHARES),
            deck.one((1, 2)),
            deck.one((True, False)),
            deck.one((True, False)),
            (3 + deck.one(range(3))) / 20,
            (low, round(low + 0.3, 2)),
            tuple(map(deck.one, NAMES.values())),
        )

    def lines(self) -> list[str]:
        """Say the rules, but for the messages, in lines."""
        logs = "1 server holds" if self.copies == 1 else f"{self.copies} servers hold"
        begins = 'a blank entry, (term, "")' if self.blank else "what its log holds"
        when = "at once" if self.eager else "with the next heartbeat, not before"
        low, high = self.patience
        return [
            f"Elected is who has {self.share} of all weight.",
            f"Committed is nothing before {logs} it.",
            f"A new leader begins with {begins}.",
            f"What is committed the leader tells {when}.",
            f"A leader sends every {self.heartbeat:g} s.",
            f"A server stands after {low:g} to {high:g} s of silence.",
        ]


def words(code: str) -> dict[str, type]:
    """Return the names that a student's cells find defined.

    Examples
    --------
    >>> sorted(words("public"))[-1]
    'Voted'
    """
    return Rules.drawn(code).words
