"""Judges of the exercises on majorities: quorums smaller than one, how long a lease may
be used by a clock that drifts, and three lieutenants of whom one, or the commander, may
lie.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from math import isfinite
from typing import Any

from ftlib.drawing import Picture
from ftlib.drawing.shapes import line, text
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded, role, watched
from ftlib.exercises.runs import drawn, run
from ftlib.simulation import Node, Trace

__all__ = [
    "Does",
    "Order",
    "Says",
    "judge_drift",
    "judge_lieutenants",
    "judge_quorums",
]

# 1: small quorums ---------------------------------------------------------------------

SERVERS = tuple(f"s{number}" for number in range(1, 8))
SIZE, CRASHES = 3, 2


@judging
def judge_quorums(quorums: Any) -> Answer:
    """Judge quorums of seven servers s1 to s7: each of three servers, any two with one
    in common, and after any two crashes one of them is whole.

    Refused are two quorums that do not meet, and two crashes that leave none.

    Parameters
    ----------
    quorums : iterable of iterables of str
    """
    if quorums is None:
        return not_attempted("Set my_quorums to a list of groups of servers.")
    if isinstance(quorums, str | Mapping) or not isinstance(quorums, Iterable):
        raise Wrong(f"my_quorums is {quorums!r}: hand in a list of groups.")
    groups = [_group(each) for each in quorums]
    if not groups:
        return not_attempted("my_quorums is empty yet.")
    for one, other in combinations(groups, 2):
        if not set(one) & set(other):
            raise Wrong(
                f"{', '.join(one)} and {', '.join(other)} have no server in common:"
                " each could decide something else.",
                picture=_marked({"one": one, "other": other}, "They do not meet."),
            )
    for down in combinations(SERVERS, CRASHES):
        if all(set(down) & set(each) for each in groups):
            raise Wrong(
                f"when {' and '.join(down)} are down, no quorum is whole.",
                picture=_marked(
                    {"down": down} | {f"{n}": g for n, g in enumerate(groups[:9], 1)},
                    "Each of these has lost a server.",
                ),
            )
    return Answer(
        "right",
        f"Any two of your {len(groups)} quorums meet, and two crashes leave one.",
        picture=_marked(
            {f"{n}": each for n, each in enumerate(groups[:10], 1)}, "Your quorums."
        ),
    )


def _group(given: Any) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise Wrong(f"{given!r} is no group: give three of {', '.join(SERVERS)}.")
    names = list(given)
    for name in names:
        if name not in SERVERS:
            raise Wrong(f"{name!r} is none of {', '.join(SERVERS)}.")
    group = tuple(each for each in SERVERS if each in names)
    if len(group) != SIZE:
        raise Wrong(
            f"{', '.join(group) or 'an empty group'} has {len(group)} servers, and not"
            f" {SIZE}."
        )
    return group


def _marked(rows: Mapping[str, Iterable[str]], title: str) -> Picture:
    """Draw groups of servers as rows of dots."""
    parts = [text(80 + 46 * n, 18, name) for n, name in enumerate(SERVERS)]
    for place, (word, group) in enumerate(rows.items()):
        y = 42.0 + 26 * place
        ink = "red" if word == "down" else "blue"
        parts.append(text(8, y + 5, word, "muted", "start"))
        for n, name in enumerate(SERVERS):
            there = name in group
            sign = ("✗" if word == "down" else "●") if there else "·"
            parts.append(text(80 + 46 * n, y + 5, sign, ink if there else "muted"))
    story = tuple(f"{word}: {', '.join(group)}." for word, group in rows.items())
    return Picture("".join(parts), 400, 50 + 26.0 * len(rows), title, "", story)


# 2: a clock that drifts ---------------------------------------------------------------

LEASES = (
    *((10.0, 0.0), (10.0, 0.01), (0.6, 0.1), (60.0, 0.25), (5.0, 0.5)),
    *product((0.3, 7.0, 45.0), (0.002, 0.03, 0.15, 0.4)),  # too many for a table
)
CLOSE = 0.999  # of the longest time that is safe


@judging
def judge_drift(tenure: Any) -> Answer:
    """Judge for how long, by its own clock, the holder of a lease may act.

    Clocks run at a rate between 1 - drift and 1 + drift. Refused is what lets the
    holder act while somebody else may, and what wastes more than a thousandth.

    Parameters
    ----------
    tenure : callable
        Of how long the lease lasts by the clock of who gave it, and of the drift.
    """
    if tenure is None:
        return not_attempted("Write tenure, a function of lease and drift.")
    if not callable(tenure):
        raise Wrong(f"tenure is {tenure!r}: hand in a function of lease and drift.")
    for lease, drift in LEASES:
        given = bounded(tenure, lease, drift)
        if given is None:
            return not_attempted("tenure returns nothing yet.")
        number = isinstance(given, int | float) and not isinstance(given, bool)
        if not number or not isfinite(given) or given < 0:
            raise Wrong(f"tenure({lease:g}, {drift:g}) is {given!r}: return seconds.")
        ends, free = given / (1 - drift), lease / (1 + drift)
        if ends > free * (1 + 1e-9):
            raise Wrong(
                f"tenure({lease:g}, {drift:g}) is {given:.6g} s. By a clock that is"
                f" slow that takes {ends:.6g} s, and by one that is fast the lease is"
                f" over after {free:.6g} s.",
                picture=_lease(ends, free),
            )
        if ends < free * CLOSE:
            raise Wrong(
                f"tenure({lease:g}, {drift:g}) is {given:.6g} s, which ends after"
                f" {ends:.6g} s at the latest. Nobody else begins before {free:.6g} s:"
                " the holder gives up too early.",
                picture=_lease(ends, free),
            )
    return Answer("right", f"Safe in all {len(LEASES)} cases, and no longer would be.")


def _lease(ends: float, free: float) -> Picture:
    wide = 300 / max(ends, free)
    late = ends > free
    parts = []
    rows = (("holder, slow clock", ends, "blue"), ("giver, fast clock", free, "orange"))
    for place, (word, seconds, ink) in enumerate(rows):
        y = 34.0 + 46 * place
        parts.append(text(10, y - 12, f"{word}: {seconds:.4g} s", ink, "start"))
        parts.append(line(10, y, 10 + wide * seconds, y, ink, 6))
    return Picture(
        "".join(parts),
        340,
        100,
        "Two may act at a time." if late else "The holder stops too early.",
        "True time runs to the right.",
        tuple(f"{word}: until {seconds:.4g} s." for word, seconds, _ in rows),
    )


# 3: one liar among four ---------------------------------------------------------------

ATTACK, RETREAT = "attack", "retreat"
NAMES = "a", "b", "c"
SILENT: tuple[str, ...] = ()
LIES: tuple[tuple[str, ...], ...] = (
    (ATTACK,),
    (RETREAT,),
    SILENT,
    (ATTACK, RETREAT),
)
"""What a liar may tell one other: a word, nothing, or first one and then the other."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the commander tells a lieutenant, "attack" or "retreat"."""

    what: str


@dataclass(frozen=True, slots=True)
class Says:
    """What a lieutenant tells another one that its order was."""

    what: str


@dataclass(frozen=True, slots=True)
class Does:
    """Fact: what a lieutenant does in the end."""

    what: str


class _Tells(Node):
    """Tells each other one what it was made to; a commander, or a liar."""

    MESSAGES = (Order, Says)

    def __init__(
        self, kind: type[Order] | type[Says], words: tuple[tuple[str, ...], ...]
    ) -> None:
        self.order, self.words = kind is Order, words

    def on_start(self) -> None:
        kind = Order if self.order else Says
        others = [each for each in NAMES if each != self.id]
        for name, told in zip(others, self.words, strict=True):
            for word in told:
                self.send(name, kind(word))


def _in_its_place(kind: Any) -> Any:
    """Make a liar that speaks when this kind of lieutenant would, so that nobody can
    tell it by the time.
    """

    class Liar(kind):  # type: ignore[misc]
        def __init__(self, words: tuple[tuple[str, ...], ...]) -> None:
            super().__init__(NAMES)
            self._lies = words

        def send(self, to: str, message: Any) -> None:
            others = [each for each in NAMES if each != self.id]
            if to in others:
                for word in self._lies[others.index(to)]:
                    super().send(to, Says(word))

    return Liar


@judging
def judge_lieutenants(lieutenant: Any) -> Answer:
    """Judge lieutenants a, b and c, who hear from the commander and from each other.

    It runs with every lie of one of them, or of the commander. Refused are honest
    lieutenants that do not do the same, that do not obey an honest commander, and that
    do nothing, or more than one thing, within a second. A lieutenant lies at the start,
    and in other runs whenever an honest one would speak.

    Parameters
    ----------
    lieutenant : type
        A subclass of Node, called with the names of the three. Messages take 10 ms.
    """
    if lieutenant is None:
        return not_attempted("Write Lieutenant, a subclass of Node.")
    kind = role(lieutenant, "Lieutenant")
    own = [vars(each) for each in kind.__mro__ if each not in (Node, object)]
    if own and not any(name.startswith("on_") for names in own for name in names):
        return not_attempted("Lieutenant has no handler yet.")
    bounds: Any = watched(kind, calls=400_000)
    honest = partial(bounds, NAMES)
    tried = 0
    false = _in_its_place(bounds)
    for commander, liar, words in _worlds():
        for lies in (partial(_Tells, Says, words), partial(false, words)):
            nodes: dict[str, Any] = {"commander": partial(_Tells, Order, commander)}
            nodes |= dict.fromkeys(NAMES, honest)
            if liar:
                nodes[liar] = lies
            trace = run(nodes, until=1.0)
            tried += 1
            _look(trace, liar, commander)
            if not liar:
                break
    return Answer("right", f"In all {tried} runs they do the same, and obey.")


def _worlds() -> Iterator[tuple[Any, str, Any]]:
    """Yield what the commander tells each, who lies, and what that one tells each."""
    for word in (ATTACK, RETREAT):
        order = ((word,),) * len(NAMES)
        yield order, "", ()
        for liar in NAMES:
            for words in product(LIES, repeat=len(NAMES) - 1):
                yield order, liar, words
    for words in product(LIES, repeat=len(NAMES)):
        if words not in (((ATTACK,),) * 3, ((RETREAT,),) * 3):
            yield words, "", ()


def _look(trace: Trace, liar: str, commander: Any) -> None:
    """Raise unless the honest lieutenants do what they should."""
    deeds: dict[str, list[str]] = {name: [] for name in NAMES if name != liar}
    for event in trace.facts(Does):
        if event.node in deeds:
            deeds[event.node].append(event.what.what)
    who = f"{liar} lies" if liar else "The commander lies"
    honest = liar or (len(set(commander)) == 1 and commander[0] in LIES[:2])
    if honest and not liar:
        who = "Nobody lies"

    def wrong(why: str) -> Wrong:
        return Wrong(f"{why} {who}.", picture=drawn(trace, title=f"{who}."))

    for name, done in deeds.items():
        if len(done) != 1 or done[0] not in (ATTACK, RETREAT):
            what = f"does {len(done)} things" if done else "does nothing"
            if len(done) == 1:
                what = f"does {done[0]!r}, which is neither attack nor retreat"
            raise wrong(f"{name} {what} within a second.")
    if len({done[0] for done in deeds.values()}) > 1:
        told = ", ".join(f"{name} does {done[0]}" for name, done in deeds.items())
        raise wrong(f"{told}.")
    if honest and deeds[next(iter(deeds))] != list(commander[0]):
        raise wrong(f"the commander is honest and orders {commander[0][0]}, in vain.")
