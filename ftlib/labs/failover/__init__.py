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

from dataclasses import dataclass, make_dataclass
from functools import cache

from ftlib.simulation import stream

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
        if not isinstance(code, str) or not code.strip():
            raise ValueError(
                f"the code is {code!r}: give the one that you were handed, or 'public'"
            )
        draw = stream(0, "register", code.strip()).random

        def one(options: tuple[str, ...]) -> str:
            return options[int(draw() * len(options))]

        return cls(
            code.strip(),
            (8 + int(draw() * 5)) / 10,
            (0.1, 0.2, 0.25)[int(draw() * 3)],
            (4 + int(draw() * 3)) / 20,
            draw() < 0.5,
            draw() < 0.5,
            tuple(map(one, NAMES.values())),
        )

    @property
    def messages(self) -> tuple[type, ...]:
        """The messages, in the order of the names."""
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
        own = "takes it anew at once" if self.resumes else "watches it as any other"
        told = "tells a client who does" if self.tells else "does not answer a client"
        return "\n".join(
            [
                *lines,
                "",
                f"A term is {self.term:g} s, by the server's own clock.",
                f"A clock is at most {self.drift:.0%} faster or slower than true time.",
                f"A server asks the witness every {self.beat:g} s.",
                f"Who does not act and finds a row of its own {own}.",
                f"Who does not act {told}.",
            ]
        )

    __repr__ = __str__


def words(code: str) -> dict[str, type]:
    """Return the names that a student's cells find defined.

    Examples
    --------
    >>> sorted(words("public"))[:2]
    ['Acts', 'Applied']
    """
    return Rules.drawn(code).words
