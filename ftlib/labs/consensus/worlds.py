"""The worlds in which the lab on consensus is tried: names drawn from a seed, what must
hold, and how it is drawn.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.drawing import Label, Look
from ftlib.drawing.look import name_of
from ftlib.labs.consensus import (
    SERVER,
    WITNESS,
    Committed,
    Leads,
    Members,
    Rules,
    Voted,
)
from ftlib.simulation import Broken, Event, Property, monitor, stream

__all__ = [
    "LOOK",
    "PROPERTIES",
    "Names",
    "committing",
    "elected_by_enough",
    "electing",
    "weight_of",
]

Seen = frozenset[tuple[Any, ...]]

SERVERS = ("oslo", "lima", "pune", "bonn", "york", "cork", "nice", "graz")
WITNESSES = ("scout", "clerk", "juror", "notary", "usher")
COMMANDS = ("pay", "book", "ship", "bill", "lend", "sell", "hire", "send")


def electing(rules: Rules, total: int) -> int:
    """Return the least weight that elects a leader.

    Examples
    --------
    >>> electing(Rules.drawn("public"), 7)
    5
    """
    word, _, share = rules.share.rpartition(" ")
    over, under = map(int, share.split("/"))
    if word == "more than":
        return total * over // under + 1
    return -(-total * over // under)


def committing(rules: Rules, total: int) -> int:
    """Return the least weight that has something in common with all that elect."""
    return total - electing(rules, total) + 1


def weight_of(members: Members, names: Any = None) -> int:
    """Return the weight of some members, or of all."""
    return sum(weight for name, weight, _ in members if names is None or name in names)


@dataclass(frozen=True, slots=True)
class Names:
    """What the nodes and commands are called in one world.

    Attributes
    ----------
    servers, witnesses : tuple of str
        Four, and two.
    commands : tuple of str
        Four.
    turn : int
        Where the list of members begins.
    """

    servers: tuple[str, ...]
    witnesses: tuple[str, ...]
    commands: tuple[str, ...]
    turn: int

    @classmethod
    def drawn(cls, seed: int, rules: Rules, what: str) -> "Names":
        """Draw the names for one check.

        Examples
        --------
        >>> Names.drawn(7, Rules.drawn("public"), "votes").witnesses
        ('scout', 'clerk')
        """
        draw = stream(seed, "names", rules.code, what).random

        def some(names: tuple[str, ...], number: int) -> tuple[str, ...]:
            left = list(names)
            return tuple(left.pop(int(draw() * len(left))) for _ in range(number))

        return cls(
            some(SERVERS, 4), some(WITNESSES, 2), some(COMMANDS, 4), int(draw() * 4)
        )

    def members(
        self, servers: tuple[int, ...], witnesses: tuple[int, ...] = ()
    ) -> Members:
        """Return so many servers and witnesses, of these weights, in a drawn order."""
        found = [
            *((name, each, SERVER) for name, each in zip(self.servers, servers)),  # noqa: B905 - there are more names
            *((name, each, WITNESS) for name, each in zip(self.witnesses, witnesses)),  # noqa: B905
        ]
        turn = self.turn % len(found)
        return (*found[turn:], *found[:turn])


# Properties ---------------------------------------------------------------------------


def _one_vote(seen: Seen, event: Event) -> Seen | Broken:
    match event.what:
        case Voted(term, candidate):
            for node, at, other in sorted(seen):
                if (node, at) == (event.node, term) and other != candidate:
                    return Broken(
                        f"{node} votes for {other} and for {candidate} in term {term}"
                    )
            return seen | {(event.node, term, candidate)}
    return seen


def _one_leader(seen: Seen, event: Event) -> Seen | Broken:
    match event.what:
        case Leads(term):
            for at, other in sorted(seen):
                if at == term and other != event.node:
                    return Broken(f"{other} and {event.node} both lead in term {term}")
            return seen | {(term, event.node)}
    return seen


def _one_entry(seen: Seen, event: Event) -> Seen | Broken:
    match event.what:
        case Committed(index, term, command):
            for at, first, other in sorted(seen):
                if at == index and (first, other) != (term, command):
                    return Broken(
                        f"{event.node} commits {command!r} of term {term} at index"
                        f" {index}, where {other!r} of term {first} was committed"
                    )
            return seen | {(index, term, command)}
    return seen


def elected_by_enough(rules: Rules, members: Members) -> Property:
    """Make the property that who leads has been voted for by enough weight."""
    need = electing(rules, weight_of(members))

    def step(seen: Seen, event: Event) -> Seen | Broken:
        match event.what:
            case Voted(term, candidate):
                return seen | {(term, candidate, event.node)}
            case Leads(term):
                voters = sorted(
                    node for at, who, node in seen if (at, who) == (term, event.node)
                )
                if weight_of(members, voters) < need:
                    return Broken(
                        f"{event.node} leads in term {term} with the votes of"
                        f" {' and '.join(voters) or 'nobody'}, who weigh"
                        f" {weight_of(members, voters)}: {need} elect"
                    )
        return seen

    return monitor("elected by enough", NOTHING, step)


NOTHING: Seen = frozenset()
one_vote: Property = monitor("one vote a term", NOTHING, _one_vote)
one_leader: Property = monitor("one leader a term", NOTHING, _one_leader)
one_entry: Property = monitor("one entry an index", NOTHING, _one_entry)
PROPERTIES = (one_vote, one_leader, one_entry)
"""What holds in every run: nobody votes twice in a term, no two lead in one, and what
is committed at an index stays.
"""


# Pictures -----------------------------------------------------------------------------


def _state(event: Event) -> Label | None:
    match event.what:
        case Leads(term):
            return Label(f"leads term {term}", "blue", "solid")
        case Voted(term, candidate) if candidate == event.node:
            return Label(f"stands in term {term}", "orange", "striped")
        case Voted(term, candidate):
            return Label(f"for {candidate}", "muted", "solid")
        case Committed(index, _, command):
            return Label(f"✓ {index} {command or 'blank'}", "green", "none")
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Leads(term):
            return f"leads in term {term}"
        case Voted(term, candidate):
            return f"votes for {candidate} in term {term}"
        case Committed(index, term, command):
            what = command or "the blank entry"
            return f"commits {what} of term {term} at index {index}"
    return f"records {name_of(event.what)}"


LOOK = Look(state=_state, tell=_tell)
"""How such runs are drawn."""
