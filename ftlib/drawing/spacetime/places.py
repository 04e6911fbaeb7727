"""What stands in a space-time diagram: every step with the labels at its node's line,
and the lanes of the nodes, as wide as their labels need.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import inf

from ftlib.drawing.faults import fault_in_words
from ftlib.drawing.look import Look
from ftlib.drawing.shapes import SIZE, shorten, width
from ftlib.drawing.spacetime.steps import Arrow, Step, disks_of

__all__ = [
    "BESIDE",
    "PILL",
    "PITCH",
    "SIGN",
    "SMALL",
    "TIMES",
    "Layout",
    "Mark",
    "Place",
    "Row",
    "lay_out",
    "mark_of",
    "marks_of",
]

PILL, PITCH = 21.0, 25.0  # height of a label, and from one to the next below it
SIGN, BESIDE = 14.0, 3.0  # widths of a sign in a label, and between two labels
SMALL = 12.0  # letters where there is little room
WIDEST_MARK = 140.0
MOST_MARKS = 5
TIMES = 46.0  # width of the times at the left edge
WIDE, LEAST, FAR = (
    430.0,
    84.0,
    116.0,
)  # width of up to 4 lanes, the least distance of their lanes; the distance of more


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at a node's line.

    Attributes
    ----------
    words, ink : str
    sign : {"", "timer", "crash"}
    wide : float
        Of the whole label.
    """

    words: str
    ink: str
    sign: str = ""
    wide: float = 0.0


@dataclass(slots=True)
class Place:
    """Where a step stands.

    Attributes
    ----------
    step : Step
    x, y : float
        Its middle; with labels, that of the first.
    marks : list of Mark
        Its labels, from top to bottom.
    disk : {"", "forces", "writes"}
        What it does to its disk, as `disks_of` tells.
    bare : bool
        Whether nothing stands at a node's line, because a message was dropped.
    half, up : float
        Half of its width, and how far it reaches above its middle.
    below : float
        How far below the height of its row it stands, because something else of its
        node stands there at the same instant.
    host : Place or None
        What it lies under: a step without labels, at the instant of one that has some.
    """

    step: Step
    x: float = 0.0
    y: float = 0.0
    marks: list[Mark] = field(default_factory=list)
    disk: str = ""
    bare: bool = False
    half: float = 0.0
    up: float = 0.0
    below: float = 0.0
    host: "Place | None" = None

    def __post_init__(self) -> None:
        self.bare = self.step.cause is not None and self.step.cause.kind == "drop"
        small = 0.0 if self.step.in_the_air else 5.0 if self.bare else 8.0
        self.half = max((mark.wide / 2 for mark in self.marks), default=small)
        self.up = PILL / 2 if self.marks else 8.0 if self.disk else min(small, 5.0)

    @property
    def solid(self) -> bool:
        """Whether it has a label or a disk."""
        return bool(self.marks or self.disk)

    @property
    def hollow(self) -> bool:
        """Whether it is drawn as the empty frame behind the label it lies under."""
        host = self.host
        return host is not None and bool(host.marks) and host.number > self.number

    @property
    def dot(self) -> bool:
        """Whether it is drawn as a dot: there is nothing to say of it."""
        return not (self.solid or self.bare or self.hollow)

    @property
    def number(self) -> int:
        """The number of its step."""
        return self.step.number

    @property
    def last(self) -> float:
        """The middle of its last label, where its arrows begin."""
        return self.y + PITCH * max(0, len(self.marks) - 1)

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.last + self.up

    def edge(self, ux: float, uy: float, leaving: bool) -> float:
        """Return how far from its middle an arrow that goes the way of a unit vector
        leaves it, or reaches it.
        """
        if self.host is not None:
            return self.host.edge(ux, uy, self.number > self.host.number)
        if not self.marks:
            return 9.0 if self.disk else 0.0 if self.bare else 5.0
        half = self.marks[-1 if leaving else 0].wide / 2
        return min(half / max(abs(ux), 1e-9), PILL / 2 / max(abs(uy), 1e-9))


@dataclass(slots=True)
class Row:
    """What stands side by side.

    Attributes
    ----------
    time : float
        Of all of it, in seconds.
    places : list of Place
    aloft : bool
        Whether it is the loss of messages on their way, which moves no clock.
    first : bool
        Whether its instant begins with it.
    y : float
        The height of what does not stand below something else.
    """

    time: float
    places: list[Place]
    aloft: bool = False
    first: bool = True
    y: float = 0.0

    @property
    def number(self) -> int:
        """The step with which it begins."""
        return min(place.number for place in self.places)


@dataclass(slots=True)
class Layout:
    """A run, laid out.

    Attributes
    ----------
    places : list of Place
        Of the steps, in their order.
    rows : list of Row
        From top to bottom.
    x : dict from node to float
        Its lane.
    cuts : list of (float, float, int)
        Height in the picture, the seconds that are squeezed there, and the first step
        after it.
    names : list of float
        The heights at which the nodes are named again.
    right : float
        The right end of the lanes.
    height : float
        Where the lines end.
    size : float
        Of the letters in the labels.
    """

    places: list[Place]
    x: dict[str, float]
    rows: list[Row]
    cuts: list[tuple[float, float, int]]
    names: list[float]
    right: float
    height: float
    size: float = SIZE

    def of(self, step: Step) -> Place:
        """Return the place of a step."""
        return self.places[step.number - 1]


def mark_of(
    words: str,
    ink: str,
    sign: str = "",
    more: float = 0.0,
    room: float = WIDEST_MARK,
    size: float = SIZE,
) -> Mark:
    """Make a label, its words cut to the room there is; `more` is the width of another
    sign in it.
    """
    more += SIGN * bool(sign) + size - 1
    words = shorten(words, room - more, size)
    return Mark(words, ink, sign, width(words, size) + more)


def marks_of(step: Step, look: Look, disk: str, size: float = SIZE) -> list[Mark]:
    """Return the labels of a step in letters of a size: what befell the node, then what
    it says of itself.
    """
    more = SIGN * bool(disk)  # the sign of the disk stands in the first label
    made: dict[str, Mark] = {}

    def add(words: str, ink: str, sign: str = "") -> None:
        room = 0.0 if made else more
        made.setdefault(words, mark_of(words, ink, sign, room, size=size))

    cause = step.cause
    if cause is not None:
        match cause.kind:
            case "timer":
                add(look.timer(str(cause.other)), "yellow", "timer")
            case "crash":
                add("crashes", "red", "crash")
            case "recover":
                add("↻ back" if cause.what == "kept" else "↻ back, wiped", "ink")
    for event in step.effects:
        if event.kind == "fact" and (state := look.state(event)) is not None:
            add(state.word, state.ink)
        elif event.kind == "call":
            add(f"calls {look.call(event.what)}", "ink")
        elif event.kind == "return":
            add(f"returns {look.result(event.what[1])}", "ink")
    return list(made.values())[:MOST_MARKS]


def lay_out(
    steps: list[Step],
    arrows: Sequence[Arrow],
    nodes: Sequence[str],
    look: Look,
    strip: float = 0.0,
) -> Layout:
    """Find the lanes of a run; how far down every step stands, `Rows` will say.

    Parameters
    ----------
    steps : list of Step
    arrows : sequence of Arrow
    nodes : sequence of str
        The lanes, from left to right.
    look : Look
    strip : float
        The width that is wanted at the right edge.

    Returns
    -------
    Layout
    """
    disks = disks_of(steps)
    for size in (SIZE, SMALL):
        places = [
            Place(step, marks=marks_of(step, look, disk, size), disk=disk)
            for step, disk in zip(steps, disks, strict=True)
        ]
        x, right = _lanes(places, arrows, nodes, look, strip)
        for place in places:
            place.x = x.get(place.step.node, 0.0)
        if _fit(places):
            break
    for number, place in enumerate(places):
        if not place.step.node:
            words, room = fault_in_words(place.step.first.what, look), right - TIMES
            if mark_of(words, "orange", room=inf, size=size).wide > room:
                words = words.removeprefix("the network ")
            mark = mark_of(words, "orange", room=room, size=size)
            places[number] = Place(place.step, (TIMES + right) / 2, marks=[mark])
    return Layout(places, x, [], [], [], right, 0.0, size)


def _fit(places: list[Place]) -> bool:
    """Whether the labels of one instant stand side by side."""
    instants: dict[float, list[Place]] = {}
    for place in places:
        if place.marks and place.step.node:
            instants.setdefault(place.step.first.time, []).append(place)
    return all(
        one.x == other.x or abs(one.x - other.x) >= one.half + other.half + BESIDE
        for found in instants.values()
        for one, other in combinations(found, 2)
    )


def _lanes(
    places: list[Place],
    arrows: Sequence[Arrow],
    nodes: Sequence[str],
    look: Look,
    strip: float,
) -> tuple[dict[str, float], float]:
    if not nodes:
        return {}, WIDE - strip
    reach = {node: min(width(look.name(node)) * 1.08 / 2 + 8, 54.0) for node in nodes}
    pills = dict.fromkeys(nodes, 12.0)
    for place in places:
        if place.step.node:
            pills[place.step.node] = max(pills[place.step.node], place.half)
    left, right = (
        max(TIMES + 2 + pills[nodes[0]], 2 + reach[nodes[0]]),
        4 + max(reach[nodes[-1]], pills[nodes[-1]]),
    )
    loops = [
        look.message(arrow.send.what)
        for arrow in arrows
        if arrow.ends == (nodes[-1], nodes[-1])
    ]
    right = max([right, *(34 + min(width(words), 120) for words in loops)])
    room = WIDE - left - right - strip
    least, most = (LEAST, 190.0) if len(nodes) <= 4 else (FAR, FAR)
    distance = min(most, max(least, room / max(1, len(nodes) - 1)))
    x = {node: round(left + number * distance, 0) for number, node in enumerate(nodes)}
    return x, max(x.values()) + round(right)
