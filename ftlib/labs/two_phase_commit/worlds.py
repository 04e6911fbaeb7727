"""The worlds in which the lab on atomic commit is tried: names drawn from a seed, what
must hold, and how it is drawn.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.drawing import Label, Look
from ftlib.drawing.look import name_of
from ftlib.labs.two_phase_commit import (
    Began,
    Changes,
    Decided,
    Rules,
    Voted,
    Work,
)
from ftlib.simulation import (
    Broken,
    Event,
    Node,
    Property,
    Trace,
    monitor,
    stream,
)
from ftlib.simulation.values import show

__all__ = ["LOOK", "PROPERTIES", "Names", "disk_of", "nodes"]

Factories = Mapping[str, Callable[[], Node]]
Pairs = frozenset[tuple[Any, Any]]

COORDINATORS = ("hub", "office", "desk", "north", "centre")
PARTICIPANTS = ("oslo", "lima", "pune", "bonn", "york", "cork", "nice", "graz")


@dataclass(frozen=True, slots=True)
class Names:
    """What the nodes and a transaction are called in one world.

    Attributes
    ----------
    coordinator : str
    participants : tuple of str
    txn, other : str
        Two transactions.
    """

    coordinator: str
    participants: tuple[str, ...]
    txn: str
    other: str

    @classmethod
    def drawn(cls, seed: int, rules: Rules, what: str) -> "Names":
        """Draw the names for one check.

        Examples
        --------
        >>> Names.drawn(7, Rules.drawn("public"), "votes").participants
        ('cork', 'lima', 'graz')
        """
        draw = stream(seed, "names", rules.code, what).random
        coordinator = COORDINATORS[int(draw() * len(COORDINATORS))]
        left = list(PARTICIPANTS)
        names = tuple(left.pop(int(draw() * len(left))) for _ in range(3))
        number = 10 + int(draw() * 80)
        return cls(coordinator, names, f"t{number}", f"t{number + 1}")

    def changes(self, name: str) -> Changes:
        """Return what a participant that writes is to change."""
        return ((f"account of {name}", 30),)

    def work(self, *, readers: Iterable[str] = (), over: int = 3) -> Work:
        """Return the transaction over the first so many participants."""
        readers = tuple(readers)
        return (
            (
                self.txn,
                tuple(
                    (name, () if name in readers else self.changes(name))
                    for name in self.participants[:over]
                ),
            ),
        )


def nodes(
    names: Names,
    work: Work,
    coordinator: Callable[..., Node],
    participant: Callable[..., Node],
    *,
    unwilling: Iterable[str] = (),
) -> Factories:
    """Make the factories of one coordinator and the participants of its work."""
    unwilling = tuple(unwilling)
    concerned = dict.fromkeys(name for _, parts in work for name, _ in parts)
    return {
        names.coordinator: partial(coordinator, work),
        **{name: partial(participant, name not in unwilling) for name in concerned},
    }


def disk_of(trace: Trace, node: str, txn: str) -> tuple[tuple[int, bool], ...]:
    """Say after which events a node's disk, unforced writes included, names a
    transaction, in a key or in a value: (index, whether) where that changes.
    """
    seen: dict[str, str] = {}
    durable: dict[str, str] = {}
    found = [(0, False)]
    for event in trace.where(kind=("write", "force", "crash"), node=node):
        key = event.other or ""
        match event.kind:
            case "force":
                durable = dict(seen)
            case "crash":
                seen = dict(durable)
            case _ if event.ref == "delete":
                seen.pop(key, None)
            case _:
                before = seen.get(key, "") if event.ref == "append" else ""
                seen[key] = before + show(event.what)
        named = any(txn in key or txn in text for key, text in seen.items())
        if named != found[-1][1]:
            found.append((event.index, named))
    return tuple(found)


# Properties ---------------------------------------------------------------------------


def _agreement(first: Pairs, event: Event) -> Pairs | Broken:
    match event.what:
        case Decided(txn, outcome):
            node, before = dict(first).get(txn, (event.node, outcome))
            if before != outcome:
                return Broken(
                    f"{txn}: {node} decided {before}, {event.node} decided {outcome}"
                )
            return first | {(txn, (node, outcome))}
    return first


def _validity(seen: Pairs, event: Event) -> Pairs | Broken:
    match event.what:
        case Began(txn, participants):
            return seen | {("began", (txn, participants))}
        case Voted(txn, "yes" | "read"):
            return seen | {("voted", (txn, event.node))}
        case Decided(txn, "commit"):
            concerned = [
                names
                for kind, (name, names) in sorted(seen, key=repr)
                if kind == "began" and name == txn
            ]
            for node in concerned[0] if concerned else ():
                if ("voted", (txn, node)) not in seen:
                    return Broken(
                        f"{txn}: {event.node} decided commit, but {node} had voted"
                        " neither yes nor read"
                    )
    return seen


agreement: Property = monitor("agreement", frozenset(), _agreement)
validity: Property = monitor("validity", frozenset(), _validity)
PROPERTIES = (agreement, validity)
"""What holds in every run: all decide alike, and nobody commits against a vote."""


# Pictures -----------------------------------------------------------------------------

LABELS = {
    "yes": Label("? in doubt", "orange", "striped"),
    "read": Label("○ has read", "muted", "none"),
    "commit": Label("✓ commit", "green", "solid"),
    "abort": Label("✗ abort", "red", "double"),
}


def _state(event: Event) -> Label | None:
    match event.what:
        case Voted(_, word) | Decided(_, word):
            return LABELS.get(word)
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Began(txn, participants):
            return f"begins {txn} with {', '.join(participants)}"
        case Voted(txn, vote):
            return f"votes {vote} on {txn}"
        case Decided(txn, outcome):
            return f"decides {outcome} for {txn}"
    return f"records {name_of(event.what)}"


LOOK = Look(state=_state, tell=_tell)
"""How such runs are drawn."""
