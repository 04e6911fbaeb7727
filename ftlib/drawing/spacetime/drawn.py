"""The pieces of a space-time diagram but for its arrows: heads, times, the lines of the
nodes, and what stands at them.
"""

from html import escape
from itertools import pairwise

from ftlib.drawing.look import Look
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import (
    box,
    clock,
    cross,
    cylinder,
    group,
    hatch,
    line,
    path,
    pill,
    shorten,
    text,
    width,
)
from ftlib.drawing.spacetime.places import PITCH, SIGN, TIMES, Layout, Place
from ftlib.drawing.spacetime.steps import Wait
from ftlib.simulation import Heal, Partition

__all__ = ["faults", "heads", "lines", "mark", "times", "waits"]

BOLD = 1.08  # how much wider bold letters are


def heads(layout: Layout, look: Look, y: float, high: float = 26.0) -> str:
    """The names of the nodes, each as wide as its neighbours let it be."""
    places = list(layout.x.items())
    distance = (
        places[1][1] - places[0][1]
        if len(places) > 1
        else 2 * places[0][1]
        if places
        else 0.0
    )
    natural = [BOLD * width(look.name(node)) + 14 for node, _ in places]
    drawn = []
    for number, (node, x) in enumerate(places):
        beside = [
            min(natural[other], distance - 6)
            for other in (number - 1, number + 1)
            if 0 <= other < len(places)
        ]
        room = min(
            [2 * (distance - 6) - wide for wide in beside]
            + [2 * x - 4, 2 * (layout.right - x)]
        )
        name = look.name(node)
        short = shorten(name, (room - 14) / BOLD)
        wide = min(natural[number], room)
        label = text(x, y + 5, short, more=' font-weight="600"')
        if short != name:
            label = label.replace(">", f"><title>{escape(name)}</title>", 1)
        drawn.append(box(x, y, wide, high, "line", "shade", 6, 1) + label)
    return "".join(drawn)


def times(layout: Layout) -> str:
    """The time of each row at the left edge, and where time is left out, how much."""
    steps = [place for place in layout.places if not place.step.in_the_air]
    unit, size = (
        ("s", 1.0) if steps and steps[-1].step.first.time >= 1 else ("ms", 1000.0)
    )
    told, free = "", 0.0
    drawn: list[str] = []
    cuts = [y for y, _ in layout.cuts]
    for place in steps:
        time = place.step.first.time * size
        words = (
            f"{time:.3f}"
            if unit == "s" and time
            else f"{time:.0f}"
            if time >= 100 or time % 1 < 0.05
            else f"{time:.1f}"
        )
        if (
            words != told
            and place.y >= free
            and all(abs(place.y - cut) > 15 for cut in cuts)
        ):
            drawn.append(
                text(
                    2,
                    place.y + 5,
                    words if drawn else f"{words} {unit}",
                    "muted",
                    "start",
                    step=place.step.number,
                )
            )
            told, free = words, place.y + 16
    drawn += [_cut(y, seconds, layout) for y, seconds in layout.cuts]
    return "".join(drawn)


def _cut(y: float, seconds: float, layout: Layout) -> str:
    edge = layout.right - 4
    there, back = (
        "q5 -5 10 0t10 0" * int(edge / 20),
        "q-5 5 -10 0t-10 0" * int(edge / 20),
    )
    words = f"{seconds:.2g} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
    after = next(place.step.number for place in layout.places if place.y > y)
    return group(
        after,
        f'<path d="M2 {y - 4:.1f}{there}l0 8{back}z" fill="{colour("paper")}"/>'
        + path(f"M2 {y - 4:.1f}{there}M2 {y + 4:.1f}{there}", "line", 1.2)
        + text(
            (TIMES + edge) / 2,
            y + 5,
            f"{words} later",
            "muted",
            more=' font-style="italic"',
        ),
    )


# Lines --------------------------------------------------------------------------------


def lines(layout: Layout, look: Look) -> str:
    """The line of each node: what state it is in, when a call of it is open, and where
    it is down.

    They grow from row to row: a step shows no more of them than reaches to the next.
    """
    drawn = [line(x, 33, x, layout.height, "muted") for x in layout.x.values()]
    rows: dict[float, list[Place]] = {}
    for place in layout.places:
        rows.setdefault(place.y, []).append(place)
    ends = [*list(rows)[1:], layout.height]
    style: dict[
        str, tuple[str, str]
    ] = {}  # of the nodes whose line is not plain: pattern and ink
    calling: set[str] = set()
    for (top, places), end in zip(rows.items(), ends, strict=False):
        begun = {place.step.node: place.step.number for place in places}
        for place in places:
            _change(place, look, style, calling)
        pieces: dict[tuple[int, str, str], list[float]] = {}
        for node, x in layout.x.items():
            since = begun.get(node, places[0].step.number)
            if node in style:
                pieces.setdefault((since, *style[node]), []).append(x)
            if node in calling:
                drawn.append(
                    group(
                        since,
                        box(
                            x, (top + end) / 2, 10, end - top, "muted", "shade", 0, 1.2
                        ),
                    )
                )
        drawn += [
            group(step, _pieces(pattern, ink, xs, top, end))
            for (step, pattern, ink), xs in pieces.items()
        ]
    return "".join(drawn)


def _change(
    place: Place, look: Look, style: dict[str, tuple[str, str]], calling: set[str]
) -> None:
    """Follow the states of a node through one step."""
    for event in place.step.events:
        match event.kind:
            case "crash":
                style[event.node] = "down", "red"
                calling.discard(event.node)
            case "recover":
                style.pop(event.node, None)
            case "call":
                calling.add(event.node)
            case "return":
                calling.discard(event.node)
            case "fact" if (
                state := look.state(event)
            ) is not None and state.pattern != "none":
                style[event.node] = state.pattern, state.ink


def _pieces(pattern: str, ink: str, xs: list[float], y1: float, y2: float) -> str:
    """The same piece of several lanes."""
    down = "".join(f"M{x:.1f} {y1:.1f}V{y2:.1f}" for x in xs)
    match pattern:
        case "down":
            sides = "".join(
                f"M{x - 6:.1f} {y1:.1f}V{y2:.1f}m12 0V{y1:.1f}" + hatch(x, y1, y2, 6)
                for x in xs
            )
            return path(down, "paper", 12) + path(sides, ink, 1.1)
        case "solid":
            return path(down, ink, 6)
        case "double":
            return path(down, ink, 7) + path(down, "paper", 3)
    return (
        path(down, "paper", 9)
        + path(down, ink, 1.4)
        + path(down, ink, 9, "3 4", more=f' stroke-dashoffset="{y1 % 7:.1f}"')
    )


def waits(layout: Layout, found: list[Wait]) -> str:
    """A dotted line beside the lane, from where a timer was set to where it fires."""
    drawn = []
    level: dict[str, list[tuple[float, float]]] = {}
    for wait in found:
        fired = layout.of(wait.fired)
        start = layout.of(wait.set).last + 13 if wait.set else max(38.0, fired.y - 30)
        busy = level.setdefault(wait.fired.node, [])
        aside = 13 + 5 * sum(low < fired.y and start < high for low, high in busy)
        busy.append((start, fired.y))
        if fired.y - start > 14:
            x = fired.x + aside
            drawn.append(
                path(
                    f"M{x - 3:.1f} {start:.1f}h6m-3 0V{fired.y:.1f}",
                    "yellow",
                    1.5,
                    "1.5 3",
                    fired.step.number,
                )
            )
    return "".join(drawn)


def faults(layout: Layout) -> str:
    """What befalls the network: a rule across, and, while it is split, a wall between
    the lanes of different groups.
    """
    drawn = []
    walls: list[tuple[float, Place]] = []
    for place in [*layout.places, None]:
        cause = place.step.cause if place else None
        if place is None or (
            cause is not None
            and isinstance(cause.what, Partition | Heal)
            and cause.kind == "fault"
        ):
            end = place.y if place else layout.height
            drawn += [
                line(x, start.y, x, end, "orange", 2.4, "6 5", start.step.number)
                for x, start in walls
            ]
            walls = []
        if place and cause is not None and cause.kind == "fault":
            drawn.append(
                line(
                    TIMES,
                    place.y,
                    layout.right,
                    place.y,
                    "orange",
                    1.4,
                    "6 5",
                    place.step.number,
                )
            )
            if isinstance(cause.what, Partition):
                walls = [(x, place) for x in _walls(layout, cause.what)]
    return "".join(drawn)


def _walls(layout: Layout, partition: Partition) -> list[float]:
    side = {
        node: number for number, group in enumerate(partition.groups) for node in group
    }
    lanes = list(layout.x.items())
    return [
        (one[1] + other[1]) / 2
        for one, other in pairwise(lanes)
        if side.get(one[0], -1) != side.get(other[0], -1)
    ]


# What stands at the lines -------------------------------------------------------------


def mark(place: Place) -> str:
    """A step at its node's line: its labels with their signs, or a disk, or a dot."""
    if place.bare:
        return ""
    x, y, drawn = place.x, place.y, []
    for number, label in enumerate(place.marks):
        signs, at = "", x - label.wide / 2 + 11
        if place.disk and not number:
            signs, at = cylinder(at, y, place.disk == "full"), at + SIGN
        if label.sign == "timer":
            signs += clock(at, y + PITCH * number, label.ink)
        elif label.sign == "crash":
            signs = cross(at, y, 4, "paper")
        drawn.append(
            pill(
                x,
                y + PITCH * number,
                label.words,
                label.ink,
                label.wide,
                signs,
                label.sign == "crash",
            )
        )
    if not place.marks:
        dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour("ink")}"/>'
        drawn.append(cylinder(x, y, place.disk == "full") if place.disk else dot)
    return group(place.step.number, "".join(drawn))
