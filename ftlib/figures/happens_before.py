"""The figures of chapter 2 on order: which event may have caused which, and what the
clocks say of it.

An event *happens before* another one if a chain leads from the one to the other, along
the line of a node and along messages (Lamport 1978). Two events between which there is
no chain are concurrent.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations
from math import hypot
from typing import Annotated, Any

from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import box, flow, head, line, text
from ftlib.figures.controls import Choice, Range
from ftlib.simulation import (
    Cluster,
    Event,
    Network,
    Node,
    Trace,
    Uniform,
    stream,
)

__all__ = [
    "Did",
    "Note",
    "Talker",
    "against",
    "causes",
    "chance",
    "concurrent",
    "names",
    "order",
    "points",
    "talk",
]

# Runs ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """A message; what it says does not matter."""


@dataclass(frozen=True, slots=True)
class Did:
    """Fact: a node has done something by itself."""


class Talker(Node):
    """Sends notes, or does something by itself, at set times.

    Parameters
    ----------
    plan : tuple of (float, str)
        When, in seconds, and to whom; to nobody if that is empty.
    """

    MESSAGES = (Note,)
    FACTS = (Did,)

    def __init__(self, plan: tuple[tuple[float, str], ...] = ()) -> None:
        self.plan = plan

    def on_start(self) -> None:
        """Set a timer for each."""
        for number, (at, _) in enumerate(self.plan):
            self.set_timer(f"{number}", at)

    def on_timer(self, name: str) -> None:
        """Send, or do."""
        _, to = self.plan[int(name)]
        if to:
            self.send(to, Note())
        else:
            self.record(Did())


PLANS: dict[str, tuple[tuple[float, str], ...]] = {
    "a": ((0.01, "b"), (0.045, ""), (0.13, "b")),
    "b": ((0.05, "c"), (0.08, "")),
    "c": ((0.02, ""), (0.09, "a"), (0.14, "")),
}


@cache
def talk() -> Trace:
    """Run three nodes that have twelve events between them; a message takes 20 ms."""
    nodes = {name: partial(Talker, plan) for name, plan in PLANS.items()}
    return Cluster(nodes, network=Network(0.02)).run()


def chance(seed: int, nodes: int = 3, each: int = 3) -> Trace:
    """Run nodes that talk by chance.

    Parameters
    ----------
    seed, nodes : int
    each : int
        How often each node sends, or does something by itself.
    """
    chances, them = stream(seed, "talk"), "abcdefgh"[:nodes]

    def whom(node: str) -> str:
        others = ["", *them.replace(node, "") * 2]
        return others[int(chances.random() * len(others))]

    plans = {
        node: tuple((0.2 * chances.random(), whom(node)) for _ in range(each))
        for node in them
    }
    group = {node: partial(Talker, plan) for node, plan in plans.items()}
    return Cluster(group, network=Network(Uniform(0.01, 0.08)), seed=seed).run()


# Order --------------------------------------------------------------------------------


def points(trace: Trace) -> tuple[Event, ...]:
    """Return what is drawn as a point: what was sent, received, or done."""
    return tuple(trace.where(kind=("send", "deliver", "fact")))


def names(events: Iterable[Event]) -> dict[int, str]:
    """Name events by node and number, by their places in the trace.

    Examples
    --------
    >>> list(names(points(talk())).values())[:4]
    ['a1', 'c1', 'b1', 'a2']
    """
    count: dict[str, int] = {}
    found = {}
    for event in events:
        count[event.node] = count.get(event.node, 0) + 1
        found[event.index] = f"{event.node}{count[event.node]}"
    return found


def causes(events: Iterable[Event]) -> dict[int, frozenset[int]]:
    """Return, for the place of each event, the places of all that happened before it.

    Parameters
    ----------
    events : iterable of Event
        In the order of the trace. Of a message that was delivered, the event of sending
        must be among them.
    """
    before: dict[int, frozenset[int]] = {}
    here: dict[str, frozenset[int]] = {}  # what a node knows of, itself included
    sent: dict[Any, frozenset[int]] = {}  # what the sender of a message knew of
    nothing: frozenset[int] = frozenset()
    for event in events:
        past = here.get(event.node, nothing)
        if event.kind == "deliver":
            past |= sent[event.ref]
        before[event.index] = past
        here[event.node] = past | {event.index}
        if event.kind == "send":
            sent[event.ref] = here[event.node]
    return before


def concurrent(events: Collection[Event]) -> tuple[tuple[int, int], ...]:
    """Return the places of all pairs of events that are concurrent."""
    before = causes(events)
    places = [event.index for event in events]
    return tuple(
        (one, other)
        for one, other in combinations(places, 2)
        if one not in before[other] and other not in before[one]
    )


# Drawing ------------------------------------------------------------------------------

WIDTH, LEFT, RIGHT = 430.0, 84.0, 346.0
TOP, STEP = 40.0, 26.0


def drawn(
    events: Collection[Event],
    title: str,
    description: str = "",
    *,
    chosen: Collection[int] = (),
    ahead: Mapping[str, float] | None = None,
) -> Picture:
    """Draw events on the lines of their nodes, and the messages between them.

    Parameters
    ----------
    events : collection of Event
        In the order of the trace. The lower one stands, the later it was.
    title, description : str
    chosen : collection of int
        Places of events: with one, what is before it, after it and neither is told by
        signs; several get a ring each.
    ahead : mapping from str to float, optional
        By how many seconds the clock of a node is ahead. If it is given, each event is
        written with what the clock of its node says.
    """
    called, before = names(events), causes(events)
    lanes = sorted({event.node for event in events})
    gap = (RIGHT - LEFT) / max(1, len(lanes) - 1)
    x = {node: LEFT + gap * number for number, node in enumerate(lanes)}
    y = {event.index: TOP + STEP * (n + 0.5) for n, event in enumerate(events)}
    bottom = TOP + STEP * len(events)
    parts = [text(x[node], 20, node, "ink", size=15) for node in lanes]
    parts += [line(x[node], 28, x[node], bottom, "line", 1.6) for node in lanes]
    sent = {event.ref: event for event in events if event.kind == "send"}
    for event in events:
        if event.kind == "deliver":
            start = sent[event.ref]
            parts.append(
                _arrow(x[start.node], y[start.index], x[event.node], y[event.index])
            )
    signs = {}
    for event in events:
        sign = _sign(event.index, chosen, before)
        signs[event.index] = sign
        clock = (
            ""
            if ahead is None
            else f"{1000 * (event.time + ahead.get(event.node, 0)):.0f}".replace(
                "-", "−"
            )
        )
        at = x[event.node], y[event.index]
        parts.append(SIGNS[sign](*at))
        parts.append(_words(*at, called[event.index], clock))
    key, bottom = _key(bottom + 24, set(signs.values()), ahead is not None)
    story = tuple(
        f"{event.time:.3f} s: {called[event.index]} {_told(event, sent, called)}"
        f"{MEANS[signs[event.index]]}."
        for event in events
    )
    return Picture("".join([*parts, key]), WIDTH, bottom, title, description, story)


def _sign(place: int, chosen: Collection[int], before: Mapping[int, Any]) -> str:
    if place in chosen:
        return "chosen"
    if len(chosen) != 1:
        return "plain"
    (one,) = chosen
    if place in before[one]:
        return "past"
    return "future" if one in before[place] else "neither"


MEANS = {
    "chosen": ", which is chosen",
    "plain": "",
    "past": ", before the chosen one",
    "future": ", after the chosen one",
    "neither": ", concurrent with the chosen one",
}


def _told(event: Event, sent: Mapping[Any, Event], called: Mapping[int, str]) -> str:
    match event.kind:
        case "send":
            return f"sends to {event.other}"
        case "deliver":
            return f"receives what {called[sent[event.ref].index]} has sent"
        case _:
            return "does something by itself"


def _circle(x: float, y: float, size: float, fill: str, ink: str) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" fill="{colour(fill)}"'
        f' stroke="{colour(ink)}" stroke-width="2"/>'
    )


SIGNS = {
    "chosen": lambda x, y: (
        _circle(x, y, 9.0, "paper", "ink") + _circle(x, y, 4.0, "ink", "ink")
    ),
    "plain": lambda x, y: _circle(x, y, 4.5, "ink", "ink"),
    "past": lambda x, y: _circle(x, y, 5.5, "blue", "blue"),
    "future": lambda x, y: box(x, y, 11, 11, "orange", "orange"),
    "neither": lambda x, y: _circle(x, y, 5.0, "paper", "muted"),
}


def _words(x: float, y: float, name: str, clock: str) -> str:
    """Write beside a point where no arrow begins or ends."""
    words = f"{name} at {clock}" if clock else name
    if x == LEFT:
        return text(x - 13, y + 5, words, "ink", "end", 13.5)
    high = y + 5 if x == RIGHT else y - 6
    return text(x + 12, high, words, "ink", "start", 13.5)


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    long = hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / long, (y2 - y1) / long
    tip = x2 - 9 * ux, y2 - 9 * uy
    return line(x1, y1, *tip, "muted", 1.4) + head(*tip, ux, uy, "muted")


def _key(y: float, used: Collection[str], clocked: bool) -> tuple[str, float]:
    said = {
        "chosen": "the chosen event",
        "past": "before it",
        "future": "after it",
        "neither": "neither: concurrent",
    }
    pieces = [
        (20.0, SIGNS[sign](0, 0), words, "muted")
        for sign, words in said.items()
        if sign in used
    ]
    pieces.append((0.0, "", "lower is later, not to scale", "muted"))
    if clocked:
        said_by = "at 30: the clock of the node says 30 ms"
        pieces.append((0.0, "", said_by, "muted"))
    return flow(pieces, y, WIDTH)


# The first figure ---------------------------------------------------------------------

NAMES = {name: name for name in sorted(names(points(talk())).values())}


def against(chosen: str, ahead: float) -> tuple[str, ...]:
    """Name the events that the clocks put on the wrong side of another one: causes with
    a later reading, and consequences with an earlier one.

    Parameters
    ----------
    chosen : str
        The name of an event of `talk`.
    ahead : float
        By how many seconds the clock of b is ahead.
    """
    events = points(talk())
    called, before = names(events), causes(events)
    clock = {
        event.index: event.time + (ahead if event.node == "b" else 0.0)
        for event in events
    }
    (one,) = (place for place, name in called.items() if name == chosen)
    return tuple(
        name
        for place, name in called.items()
        if (place in before[one] and clock[place] > clock[one])
        or (one in before[place] and clock[place] < clock[one])
    )


def order(
    chosen: Annotated[str, Choice(NAMES, "Event")] = "b2",
    ahead: Annotated[
        float, Range((-0.06, -0.03, 0.0, 0.03, 0.06), "The clock of b is ahead by", "s")
    ] = 0.0,
) -> Picture:
    """Draw which events may have caused another one, and which it may have caused.

    Parameters
    ----------
    chosen : str
        The name of an event of `talk`.
    ahead : float
        By how many seconds the clock of b is ahead.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/2_core_concepts``.
    """
    events = points(talk())
    called, before = names(events), causes(events)
    (one,) = (place for place, name in called.items() if name == chosen)
    after = [place for place in before if one in before[place]]
    rest = len(events) - 1 - len(before[one]) - len(after)
    wrong = against(chosen, ahead)
    return drawn(
        events,
        f"{len(before[one])} events before {chosen}, {len(after)} after it,"
        f" {rest} neither.",
        f"The clocks put {' and '.join(wrong)} on the wrong side of {chosen}."
        if wrong
        else f"The clocks put no event on the wrong side of {chosen}.",
        chosen=(one,),
        ahead={"b": ahead},
    )
