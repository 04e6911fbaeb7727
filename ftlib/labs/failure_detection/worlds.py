"""The worlds in which the lab on failure detection is tried: names drawn from a seed,
members that answer by a plan, and what they look like.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.drawing import Label, Look
from ftlib.labs.failure_detection import Rules, Suspected, Trusted, Void, Watches
from ftlib.simulation import Event, Node, stream

__all__ = ["LOOK", "PROMPT", "SILENT", "Names", "Plan", "Puppet"]

WATCHERS = ("tower", "guard", "ward", "porter", "desk")
MEMBERS = ("oslo", "lima", "pune", "bonn", "york", "cork", "nice", "graz")

Plan = tuple[tuple[float, ...], ...]
"""For each round, after how many seconds an answer comes, and again; the last entry
holds for all rounds that follow.
"""
PROMPT: Plan = ((0.0,),)
"""Answers at once."""
SILENT: Plan = ((),)
"""Never answers."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the nodes are called in one world.

    Attributes
    ----------
    watcher, other : str
        Two watchers.
    members : tuple of str
    """

    watcher: str
    other: str
    members: tuple[str, ...]

    @classmethod
    def drawn(cls, seed: int, rules: Rules, what: str) -> "Names":
        """Draw the names for one check.

        Examples
        --------
        >>> Names.drawn(7, Rules.drawn("public"), "asks").members
        ('cork', 'oslo', 'graz', 'nice')
        """
        draw = stream(seed, "names", rules.code, what).random

        def some(names: tuple[str, ...], count: int) -> tuple[str, ...]:
            left = list(names)
            return tuple(left.pop(int(draw() * len(left))) for _ in range(count))

        watcher, other = some(WATCHERS, 2)
        return cls(watcher, other, some(MEMBERS, 4))


class Puppet(Node):
    """A member that answers by a plan, and reports of others by another.

    Parameters
    ----------
    rules : Rules
    answers, reports : Plan
    """

    def __init__(
        self, rules: Rules, answers: Plan = PROMPT, reports: Plan = SILENT
    ) -> None:
        self.rules, self.answers, self.reports = rules, answers, reports
        self.seen: list[Any] = []  # the numbers, in the order in which they came
        self.owed: dict[str, tuple[str, Any]] = {}

    def on_message(self, sender: str, message: Any) -> None:
        """Answer, or report, as the plan says for the round of that number."""
        probe, answer, favour, report = self.rules.messages
        kind = type(message)
        if kind is probe:
            self._say(sender, answer(message.number), self.answers)
        elif kind is favour:
            about = report(message.number, message.member)
            self._say(sender, about, self.reports)

    def _say(self, to: str, message: Any, plan: Plan) -> None:
        if message.number not in self.seen:
            self.seen.append(message.number)
        turn = self.seen.index(message.number)
        for after in plan[min(turn, len(plan) - 1)]:
            if not after:
                self.send(to, message)
                continue
            name = f"say {len(self.owed)}"
            self.owed[name] = (to, message)
            self.set_timer(name, after)

    def on_timer(self, name: str) -> None:
        """Say what was to come late."""
        self.send(*self.owed[name])


def _state(event: Event) -> Label | None:
    match event.what:
        case Suspected(member):
            return Label(f"✗ {member}", "red", "striped")
        case Trusted(member):
            return Label(f"✓ {member}", "green", "solid")
        case Void():
            return Label("○ says nothing", "muted", "none")
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Watches(helpers, limit, window):
            return f"watches: {helpers} helpers, {limit} failed rounds of {window}"
        case Suspected(member):
            return f"suspects {member}"
        case Trusted(member):
            return f"trusts {member} again"
        case Void(number):
            return f"says that round {number} says nothing"
    return None


LOOK = Look(state=_state, tell=_tell, timer=lambda name: "")
"""How such runs are drawn: whom the watcher suspects, and whom it trusts again."""
