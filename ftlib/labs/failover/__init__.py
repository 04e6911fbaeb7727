"""The lab on failover: two servers, and a witness that is a register without a clock.

The witness holds one row and replaces it only for whoever knows what stands there. So
it cannot tell when a lease is over: the holder counts from when it asked, and the other
from when it first saw the row that stands there now, each by a clock of its own, of
which nothing is known but how far it may be fast or slow. Leader election in Kubernetes
works so, with a Lease object for the row.

How long a lease is, how far clocks drift, how often a server asks, what a server does
with a row of its own that it finds, what it tells clients of the other one and what the
messages are called is drawn from a student's code (`Rules.drawn`); nothing else depends
on it.
"""

from dataclasses import dataclass
from typing import ClassVar

from ftlib.labs.deck import Deck, Ruled, Uses

__all__ = ["Acts", "Rules", "Stops", "words"]


@dataclass(frozen=True, slots=True)
class Acts:
    """This server begins to act, for this epoch."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Stops:
    """This server acts no more for this epoch."""

    epoch: int


FORBIDDEN = (  # modules that no answer may use
    *("ftlib.replication", "ftlib.services", "ftlib.detection", "ftlib.consensus"),
)
FACTS = (Acts, Stops)
NAMES = {
    "look": ("Look", "Read", "Peek"),
    "row": ("Row", "Record", "Entry"),
    "swap": ("Swap", "Replace", "Exchange"),
    "ask": ("Do", "Please", "Order"),
    "done": ("Done", "Settled", "Made"),
    "elsewhere": ("Elsewhere", "Ask", "NotHere"),
    "apply": ("Apply", "Book", "Perform"),
    "applied": ("Applied", "Booked", "Performed"),
    "refused": ("Refused", "TooOld", "Outdated"),
    "leave": ("HandOver", "Leave", "Yield"),
}
FIELDS = {
    "look": (),
    "row": (("holder", str), ("epoch", int), ("beat", int)),
    "swap": (("old", object), ("new", object)),
    "ask": (("ticket", str),),
    "done": (("ticket", str),),
    "elsewhere": (("ticket", str), ("server", str)),
    "apply": (("epoch", int), ("ticket", str)),
    "applied": (("epoch", int), ("ticket", str)),
    "refused": (("epoch", int),),
    "leave": (),
}
SAID = {
    "look": "To the witness: what stands there?",
    "row": "From the witness: what stands there now.",
    "swap": "To the witness: if old stands there, new.",
    "ask": "From a client: do this.",
    "done": "To a client: it is done.",
    "elsewhere": "To a client: ask that server.",
    "apply": "To the storage: do this, in this epoch.",
    "applied": "From the storage: it is done.",
    "refused": "From the storage: there was a later epoch.",
    "leave": "From an operator: let the other one act.",
}


@dataclass(frozen=True, slots=True, repr=False)
class Rules(Ruled):
    """The rules of one student's lab.

    Attributes
    ----------
    code : str
        From which they are drawn.
    term : float
        How long a server acts after it has asked, by its own clock, in seconds.
    drift : float
        By which share of true time a clock may be fast or slow.
    beat : float
        How often a server asks the witness, in seconds.
    resumes : bool
        Whether a server that does not act takes a row of its own anew at once.
    tells : bool
        Whether a server that does not act tells clients who does.
    names : tuple of str
        What the messages are called: look, row, swap, ask, done, elsewhere, apply,
        applied, refused, leave.

    Examples
    --------
    >>> rules = Rules.drawn("public")
    >>> rules.term, rules.drift, rules.resumes
    (1.1, 0.2, False)
    """

    USES: ClassVar[Uses] = Uses(__name__, NAMES, FIELDS, SAID, FACTS)
    WIDE: ClassVar[int | None] = 30

    code: str
    term: float
    drift: float
    beat: float
    resumes: bool
    tells: bool
    names: tuple[str, ...]

    @classmethod
    def drawn(cls, code: str) -> "Rules":
        """Draw the rules for a student's code.

        Raises
        ------
        ValueError
            If the code is no text, or empty.
        """
        deck = Deck("register", code)
        return cls(
            deck.code,
            (8 + deck.one(range(5))) / 10,
            deck.one((0.1, 0.2, 0.25)),
            (4 + deck.one(range(3))) / 20,
            deck.one((True, False)),
            deck.one((True, False)),
            tuple(map(deck.one, NAMES.values())),
        )

    def lines(self) -> list[str]:
        """Say the rules, but for the messages, in lines."""
        own = "takes it anew at once" if self.resumes else "watches it as any other"
        told = "tells a client who does" if self.tells else "does not answer a client"
        return [
            f"A term is {self.term:g} s, by the server's own clock.",
            f"A clock is at most {self.drift:.0%} faster or slower than true time.",
            f"A server asks the witness every {self.beat:g} s.",
            f"Who does not act and finds a row of its own {own}.",
            f"Who does not act {told}.",
        ]


def words(code: str) -> dict[str, type]:
    """Return the names that a student's cells find defined.

    Examples
    --------
    >>> sorted(words("public"))[:2]
    ['Acts', 'Applied']
    """
    return Rules.drawn(code).words
