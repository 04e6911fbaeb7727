"""The lab on replication: a write is done when copies in so many different racks hold
it, and some keys are lazy.

How many racks, whether the keeper's own copy counts, which keys are lazy, what a read
answers while a write is under way, how often to ship again and what the messages are
called is drawn from a student's code (`Rules.drawn`); nothing else depends on it. To
count copies by what can fail together, and not by machine, is what the custom write
concerns of MongoDB do: a write is acknowledged in so many different places.
"""

from dataclasses import dataclass
from typing import ClassVar

from ftlib.labs.deck import Deck, Ruled, Uses

__all__ = ["Held", "Placed", "Places", "Rules", "words"]

Places = tuple[tuple[str, str], ...]
"""Each node that holds copies, the keeper among them, with its rack."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The keeper has given the write of this ticket a version of its key."""

    ticket: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class Held:
    """The disk of this node holds this version of a key, and keeps it."""

    key: str
    version: int


FORBIDDEN = ("ftlib.replication", "ftlib.services")  # modules that no answer may use
FACTS = (Placed, Held)
NAMES = {
    "put": ("Save", "Entrust", "Deposit", "Lodge"),
    "done": ("Safe", "Kept", "Assured", "Settled"),
    "copy": ("Mirror", "Carry", "Second", "Twin"),
    "copied": ("Have", "Hold", "Bear", "Own"),
    "get": ("Fetch", "Seek", "Show", "Recall"),
    "got": ("Found", "Here", "Told", "Reads"),
}
FIELDS = {
    "put": (("ticket", str), ("key", str), ("value", str)),
    "done": (("ticket", str),),
    "copy": (("key", str), ("version", int), ("value", str)),
    "copied": (("key", str), ("version", int)),
    "get": (("ticket", str), ("key", str)),
    "got": (("ticket", str), ("value", str)),
}
SAID = {
    "put": "A client asks the keeper to write.",
    "done": "The keeper answers: that write is done.",
    "copy": "The keeper ships a row to a replica.",
    "copied": "A replica answers: it holds that version.",
    "get": "A client asks the keeper what a key holds.",
    "got": 'The keeper answers; "" was never written.',
}
COUNTED = ((2, True), (3, True), (2, False))  # racks, and whether the own copy counts


@dataclass(frozen=True, slots=True, repr=False)
class Rules(Ruled):
    """The rules of one student's lab.

    Attributes
    ----------
    code : str
        From which they are drawn.
    racks : int
        In how many different racks a write must be held to be done.
    own : bool
        Whether the keeper's own copy is one of those.
    waits : bool
        Whether a read waits for a write of its key that is under way; if not, it
        answers what was done before.
    lazy : str
        The first word of the keys that are lazy.
    beat : float
        After how long the keeper ships again, in seconds.
    names : tuple of str
        What the messages are called: put, done, copy, copied, get, got.

    Examples
    --------
    >>> rules = Rules.drawn("public")
    >>> rules.racks, rules.own, rules.waits
    (2, False, True)
    >>> rules.eager("album 7"), rules.eager(f"{rules.lazy} 7")
    (True, False)
    """

    USES: ClassVar[Uses] = Uses(__name__, NAMES, FIELDS, SAID, FACTS)
    WIDE: ClassVar[int | None] = 30

    code: str
    racks: int
    own: bool
    waits: bool
    lazy: str
    beat: float
    names: tuple[str, ...]

    @classmethod
    def drawn(cls, code: str) -> "Rules":
        """Draw the rules for a student's code.

        Raises
        ------
        ValueError
            If the code is no text, or empty.
        """
        deck = Deck("replication racks", code)
        return cls(
            deck.code,
            *deck.one(COUNTED),
            deck.one((True, False)),
            deck.one(("seen", "draft", "cursor", "hint")),
            (8 + deck.one(range(5))) / 20,
            tuple(map(deck.one, NAMES.values())),
        )

    def eager(self, key: str) -> bool:
        """Whether a key is one whose writes need the racks."""
        return key.split(" ")[0] != self.lazy

    def lines(self) -> list[str]:
        """Say the rules, but for the messages, in lines."""
        own = "counts" if self.own else "does not count"
        read = (
            "waits for a write of its key that is under way."
            if self.waits
            else "answers what was done before a write that is under way."
        )
        return [
            f"A write is done when {self.racks} different racks hold it:",
            f"the keeper's own copy {own} among them.",
            f"A key whose first word is {self.lazy!r} is lazy.",
            f"A read {read}",
            f"The keeper ships again after {self.beat:g} s, and again.",
        ]


def words(code: str) -> dict[str, type]:
    """Return the names that a student's cells find defined.

    Examples
    --------
    >>> sorted(words("public"))[:2]
    ['Bear', 'Deposit']
    """
    return Rules.drawn(code).words
