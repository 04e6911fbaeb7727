"""The lab on failure detection: a watcher that probes in rounds, asks others to probe
for it, and judges by how many of the last rounds have failed.

Whom it asks, what a late answer is worth, when it trusts again, which rounds say
nothing, what is asked of its numbers and what the messages are called is drawn from a
student's code (`Rules.drawn`). Indirect probes are those of Das, Gupta and Motivala
(2002); that who hears from nobody may be the sick one itself is from Dadgar, Phillips
and Currey (2017).
"""

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import ClassVar

from ftlib.labs.deck import Deck, Ruled, Uses
from ftlib.labs.failure_detection.chances import chance

__all__ = [
    "Rules",
    "Suspected",
    "Trusted",
    "Void",
    "Watches",
    "words",
]


@dataclass(frozen=True, slots=True)
class Watches:
    """A watcher starts, with these numbers."""

    helpers: int
    limit: int
    window: int


@dataclass(frozen=True, slots=True)
class Suspected:
    """From now on the watcher takes this member for dead."""

    member: str


@dataclass(frozen=True, slots=True)
class Trusted:
    """From now on it no longer does."""

    member: str


@dataclass(frozen=True, slots=True)
class Void:
    """The round of this number says nothing of anybody."""

    number: int


FORBIDDEN = ("ftlib.detection",)  # modules that no answer may use
FACTS = (Watches, Suspected, Trusted, Void)
NAMES = {
    "probe": ("Knock", "Call", "Hail", "Ring"),
    "answer": ("Here", "Present", "Echo", "Awake"),
    "favour": ("Favour", "Errand", "Plea", "Please"),
    "report": ("Word", "Heard", "Seen", "Vouch"),
}
FIELDS: dict[str, tuple[tuple[str, type], ...]] = {
    "probe": (("number", int),),
    "answer": (("number", int),),
    "favour": (("number", int), ("member", str)),
    "report": (("number", int), ("member", str)),
}
SAID = {
    "probe": "Are you there? In the round of this number.",
    "answer": "I am: the answer to that number.",
    "favour": "Probe that member for me.",
    "report": "That member has answered me.",
}


@dataclass(frozen=True, slots=True, repr=False)
class Rules(Ruled):
    """The rules of one student's lab.

    Attributes
    ----------
    code : str
        From which they are drawn.
    period, wait : float
        How long a round lasts, and how long into it a watcher waits for answers before
        it asks helpers, in seconds.
    order : {"after", "before"}
        Whether the helpers for a member are those after it in the list or before it.
    suspects_helped : bool
        Whether helpers are asked for a member that is suspected, too.
    late : {"mends", "ignored"}
        What an answer to an earlier round does.
    back : int
        After how many good rounds in a row a suspect is trusted.
    least : int
        A round in which fewer members answer says nothing.
    within : float
        In seconds after its crash, a member must be suspected.
    pause : float
        A member that stands still for so many seconds must not be.
    flaky : int
        A member of whose rounds each `flaky`-th fails must be.
    loss : float
        Which share of the messages is lost.
    mistakes : float
        The chance, with that loss, that at one moment `limit` of the last `window`
        rounds of a living member have failed: at most.
    names : tuple of str
        What the messages are called: probe, answer, favour, report.

    Examples
    --------
    >>> Rules.drawn("public").late
    'mends'
    >>> Rules.drawn("public") == Rules.drawn("public")
    True
    """

    USES: ClassVar[Uses] = Uses(__name__, NAMES, FIELDS, SAID, FACTS)

    code: str
    period: float
    wait: float
    order: str
    suspects_helped: bool
    late: str
    back: int
    least: int
    within: float
    pause: float
    flaky: int
    loss: float
    mistakes: float
    names: tuple[str, ...]

    @classmethod
    def drawn(cls, code: str) -> "Rules":
        """Draw the rules for a student's code.

        Raises
        ------
        ValueError
            If the code is no text, or empty.
        """
        deck = Deck("failure_detection", code)
        period = deck.one((0.8, 1.0, 1.2))
        wait = deck.one((0.2, 0.25, 0.3))
        order = deck.one(("after", "before"))
        suspects_helped = deck.one((True, False))
        late = deck.one(("ignored", "mends"))
        back, least = deck.one((1, 2)), deck.one((1, 2))
        stands = deck.one((1, 2))  # whole rounds that a pause can cover
        limit = stands + deck.one((2, 3))
        flaky, loss = deck.one((2, 3)), deck.one((0.08, 0.1, 0.12))
        helpers = deck.one((1, 2))
        best = min(
            chance(loss, (helpers, each, flaky * (each - 1) + 1))
            for each in range(stands + 1, limit + 1)
        )
        return cls(
            deck.code,
            period,
            wait,
            order,
            suspects_helped,
            late,
            back,
            least,
            round(period * (limit + 1.3), 2),
            round(period * (stands + 0.5), 2),
            flaky,
            loss,
            _rounded(1.5 * best),
            tuple(map(deck.one, NAMES.values())),
        )

    def lines(self) -> list[str]:
        """Say the rules, but for the messages, in lines."""
        suspects = "too" if self.suspects_helped else "no longer"
        late = "makes that round good" if self.late == "mends" else "changes nothing"
        rounds = "one good round" if self.back == 1 else "two good rounds in a row"
        few = "nobody answers" if self.least == 1 else "fewer than two members answer"
        each = {2: "second", 3: "third"}[self.flaky]
        return [
            f"A round lasts {self.period:g} s. {self.wait:g} s into it helpers are",
            f"asked for each silent member: those {self.order} it in the list,",
            "which is a circle, without those that are suspected.",
            f"For a member that is suspected they are asked {suspects}.",
            f"An answer to an earlier round {late}.",
            f"A suspect is trusted after {rounds}.",
            f"A round in which {few} says nothing.",
            "",
            "Asked of your numbers:",
            f"a crash is suspected within {self.within:g} s;",
            f"a pause of {self.pause:g} s is not suspected;",
            f"who fails each {each} round is suspected;",
            f"with {self.loss:.0%} of all messages lost, the chance that a member",
            f"that lives has too many failed rounds is {self.mistakes:g} at most;",
            "and no more helpers than that takes.",
        ]


def _rounded(number: float) -> float:
    """Round up to one digit."""
    unit = 10.0 ** floor(log10(number))
    return float(f"{ceil(number / unit) * unit:.0e}")


def words(code: str) -> dict[str, type]:
    """Return the names that a student's cells find defined.

    Examples
    --------
    >>> sorted(words("public"))[-2:]
    ['Watches', 'Word']
    """
    return Rules.drawn(code).words
