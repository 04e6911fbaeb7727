"""The lab on replication: a write is done when copies in so many different racks hold
it, and some keys are lazy.

How many racks, whether the keeper's own copy counts, which keys are lazy, what a read
answers while a write is under way, how often to ship again and what the messages are
called is drawn from a student's code (`Rules.drawn`); nothing else depends on it. To
count copies by what can fail together, and not by machine, is what the custom write
concerns of MongoDB do: a write is acknowledged in so many different places.
"""

from dataclasses import dataclass, make_dataclass
from functools import cache

from ftlib.simulation import stream

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


@cache
def _message(use: str, name: str) -> type:
    return make_dataclass(
        name,
        FIELDS[use],
        frozen=True,
        slots=True,
        namespace={"__doc__": SAID[use], "__module__": __name__},
    )


@dataclass(frozen=True, slots=True)
class Rules:
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
        if not isinstance(code, str) or not code.strip():
            raise ValueError(
                f"the code is {code!r}: give the one that you were handed, or 'public'"
            )
        draw = stream(0, "replication racks", code.strip()).random

        def one(options: tuple[str, ...]) -> str:
            return options[int(draw() * len(options))]

        return cls(
            code.strip(),
            *COUNTED[int(draw() * len(COUNTED))],
            draw() < 0.5,
            one(("seen", "draft", "cursor", "hint")),
            (8 + int(draw() * 5)) / 20,
            tuple(map(one, NAMES.values())),
        )

    def eager(self, key: str) -> bool:
        """Whether a key is one whose writes need the racks."""
        return key.split(" ")[0] != self.lazy

    @property
    def messages(self) -> tuple[type, ...]:
        """The messages: put, done, copy, copied, get, got."""
        return tuple(map(_message, NAMES, self.names))

    @property
    def words(self) -> dict[str, type]:
        """The messages and facts by name, for a notebook to define."""
        return {kind.__name__: kind for kind in (*self.messages, *FACTS)}

    def __str__(self) -> str:
        lines = [f"Rules for the code {self.code!r}", ""]
        for kind, use in zip(self.messages, NAMES, strict=True):
            parts = ", ".join(name for name, _ in FIELDS[use])
            lines.append(f"{f'{kind.__name__}({parts})':<30}{SAID[use]}")
        own = "counts" if self.own else "does not count"
        read = (
            "waits for a write of its key that is under way."
            if self.waits
            else "answers what was done before a write that is under way."
        )
        return "\n".join(
            [
                *lines,
                "",
                f"A write is done when {self.racks} different racks hold it:",
                f"the keeper's own copy {own} among them.",
                f"A key whose first word is {self.lazy!r} is lazy.",
                f"A read {read}",
                f"The keeper ships again after {self.beat:g} s, and again.",
            ]
        )

    __repr__ = __str__


def words(code: str) -> dict[str, type]:
    """Return the names that a student's cells find defined.

    Examples
    --------
    >>> sorted(words("public"))[:2]
    ['Bear', 'Deposit']
    """
    return Rules.drawn(code).words
