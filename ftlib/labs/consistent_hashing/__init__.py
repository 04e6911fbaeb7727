"""The lab on consistent hashing: a door that says where keys belong, by what it has
heard of the servers.

Servers stand in racks, racks in halls. Which copies share a hall, which of two news
counts, how full a server may be, who gives a copy and what the messages are called is
drawn from a student's code (`Rules.drawn`). Two copies near each other and one far away
is what HDFS does with racks (Shvachko et al. 2010); bounded loads are from Mirrokni,
Thorup and Zadimoghaddam (2016).
"""

from dataclasses import dataclass
from hashlib import blake2b
from math import ceil
from typing import ClassVar

from ftlib.labs.deck import Deck, Ruled, Uses

__all__ = ["COPIES", "Rules", "point", "words"]

COPIES = 3
"""How many servers keep a key, if there are so many."""
FORBIDDEN = ("ftlib.hashing", "ftlib.replication")  # modules that no answer may use
FACTS: tuple[type, ...] = ()
NAMES = {
    "news": ("Notice", "Badge", "Tag", "Plate"),
    "where": ("Where", "Seek", "Locate", "Ask"),
    "homes": ("Homes", "Places", "Spots", "Shelves"),
    "fill": ("Fill", "Stow", "Pack", "Load"),
    "filled": ("Filled", "Stowed", "Packed", "Loaded"),
    "suppose": ("Suppose", "Draft", "WhatIf", "Sketch"),
    "copies": ("Copies", "Moves", "Errands", "Trips"),
}
FIELDS: dict[str, tuple[tuple[str, type], ...]] = {
    "news": (
        ("server", str),
        ("hall", str),
        ("rack", str),
        ("weight", int),
        ("version", int),
    ),
    "where": (("keys", tuple),),
    "homes": (("homes", tuple),),
    "fill": (("keys", tuple),),
    "filled": (("servers", tuple),),
    "suppose": (("news", object), ("keys", tuple)),
    "copies": (("copies", tuple),),
}
SAID = {
    "news": "What is known of a server; weight 0: it is dead.",
    "where": "Which servers keep each of these keys?",
    "homes": "For each key, a tuple of servers.",
    "fill": "Give each of these keys one server, none too many.",
    "filled": "For each key, its server.",
    "suppose": "If these news came, what would be copied?",
    "copies": "For each key, a tuple of pairs (from, to).",
}


def point(text: str) -> int:
    """Return a number below 2**64 for a text: the same in every process.

    Examples
    --------
    >>> point("apple") >> 48, point("pear") >> 48
    (38414, 32864)
    """
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True, slots=True, repr=False)
class Rules(Ruled):
    """The rules of one student's lab.

    Attributes
    ----------
    code : str
        From which they are drawn.
    pair : {"first", "last"}
        Which two of the three copies share a hall: the first two, or the last two.
    ties : {"heavier", "lighter"}
        Which of two news of the same version counts.
    slack : int
        How many per cent more than its share a server may take.
    source : {"near", "first"}
        Who gives a copy: one in the same hall if there is one, or always the first.
    names : tuple of str
        What the messages are called.

    Examples
    --------
    >>> Rules.drawn("public").pair
    'last'
    >>> Rules.drawn("public") == Rules.drawn("public")
    True
    """

    USES: ClassVar[Uses] = Uses(__name__, NAMES, FIELDS, SAID, FACTS)
    WIDE: ClassVar[int | None] = None

    code: str
    pair: str
    ties: str
    slack: int
    source: str
    names: tuple[str, ...]

    @classmethod
    def drawn(cls, code: str) -> "Rules":
        """Draw the rules for a student's code.

        Raises
        ------
        ValueError
            If the code is no text, or empty.
        """
        deck = Deck("consistent_hashing", code)
        return cls(
            deck.code,
            deck.one(("first", "last")),
            deck.one(("heavier", "lighter")),
            deck.one((10, 25, 50)),
            deck.one(("first", "near")),
            tuple(map(deck.one, NAMES.values())),
        )

    def most(self, keys: int, weight: int, weights: int) -> int:
        """Return how many of some keys a server may take."""
        return ceil((100 + self.slack) * keys * weight / (100 * weights))

    def lines(self) -> list[str]:
        """Say the rules, but for the messages, in lines."""
        where = (
            [
                "The second copy is in the hall of the first, in another rack;",
                "the third in a hall that has none.",
            ]
            if self.pair == "first"
            else [
                "The second copy is in another hall than the first;",
                "the third in the hall of the second, in another rack.",
            ]
        )
        gives = (
            "in the hall of who gets it, or else the first"
            if self.source == "near"
            else "wherever it stands"
        )
        return [
            *where,
            f"Of two news of one version, the {self.ties} server counts.",
            f"A server takes at most {self.slack} % more than its share.",
            f"A copy is given by the first old home that lives, {gives}.",
        ]


def words(code: str) -> dict[str, type]:
    """Return the names that a student's cells find defined.

    Examples
    --------
    >>> len(words("public"))
    7
    """
    return Rules.drawn(code).words
