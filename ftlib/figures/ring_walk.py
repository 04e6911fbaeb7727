"""The figure of the walk that finds the nodes of a key on a ring."""

import math
from dataclasses import dataclass
from typing import Annotated

from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import path, short, text
from ftlib.figures.controls import Choice, Range
from ftlib.hashing import HashRing

__all__ = ["RACKS", "Stop", "steps", "walk"]

WIDTH = 430.0
RACKS = {
    name: f"rack {1 + place // 2}"
    for place, name in enumerate(f"h{number}" for number in range(1, 7))
}
"""Six nodes, of which two each stand in a rack."""
CIRCLE = 2**64
MIDDLE, RADIUS = (140.0, 158.0), 96.0
KEYS = ("apple", "grape", "mango", "papaya", "pear", "fig")


@dataclass(frozen=True, slots=True)
class Stop:
    """A point that the walk comes to: where it is, of which node, and whether that node
    gets a copy, or why it does not.
    """

    point: int
    node: str
    why: str = ""


def steps(
    key: str = "apple", points: int = 4, copies: int = 3, rule: str = "nodes"
) -> tuple[Stop, ...]:
    """Walk from a key clockwise until enough copies are placed.

    Parameters
    ----------
    key : str
    points : int
        How many each of the six nodes has.
    copies : int
        R, three at most.
    rule : {"points", "nodes", "racks"}
        Whether each copy goes to the next point, whosever it is, to the next node that
        has none, or to the next one in a rack that has none.
    """
    ring = HashRing([*RACKS], points)
    placed = sorted((p, node) for node in ring.nodes for p in ring.points_of(node))
    number = ring.number(key)
    order = [each for each in placed if each[0] >= number]
    order += [each for each in placed if each[0] < number]
    found: list[Stop] = []
    having: list[str] = []
    for point, node in order:
        why = ""
        if rule != "points" and node in having:
            why = "has one"
        elif rule == "racks" and RACKS[node] in [RACKS[each] for each in having]:
            why = f"{RACKS[node]} has one"
        else:
            having.append(node)
        found.append(Stop(point, node, why))
        if len(having) == copies:
            break
    return tuple(found)


def walk(
    rule: Annotated[
        str,
        Choice(
            {
                "points": "to the next point",
                "nodes": "to the next other node",
                "racks": "to the next other rack",
            },
            "Each copy goes",
        ),
    ] = "points",
    key: Annotated[str, Choice({each: each for each in KEYS}, "Key")] = "apple",
    points: Annotated[int, Range((1, 2, 4, 8), "Points a node")] = 4,
    copies: Annotated[int, Range((1, 2, 3), "R, copies")] = 3,
) -> Picture:
    """Draw a ring of six nodes, and the walk from a key to the nodes that keep it.

    Parameters
    ----------
    rule, key, points, copies
        As for `steps`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_2_1_consistent_hashing``.
    """
    stops = steps(key, points, copies, rule)
    ring = HashRing([*RACKS], points)
    start = ring.number(key)
    homes = [each.node for each in stops if not each.why]
    nodes, racks = len({*homes}), len({RACKS[each] for each in homes})
    parts = [path(_arc(0, CIRCLE), "line", 10)]
    parts.append(path(_arc(start, stops[-1].point), "blue", 5))
    ticks = "".join(
        _tick(point) for node in ring.nodes for point in ring.points_of(node)
    )
    parts.append(path(ticks, "muted", 1.8))
    x, y = _place(start, RADIUS + 22)
    parts.append(f'<g fill="{colour("orange")}">{_diamond(x, y)}</g>')
    last, depth = start - CIRCLE // 2, 0
    for stop in stops:
        if not stop.why:
            depth = depth + 1 if (stop.point - last) % CIRCLE < CIRCLE / 16 else 0
            last = stop.point
        parts.append(_stop(depth, stop))
    parts.append(text(272, 34, "From the key on:", "ink", "start", 15))
    shown = _listed(stops)
    for row, words in enumerate(shown):
        parts.append(text(272, 62 + 23 * row, words, "ink", "start", 14.5))
    parts.append(path("M12 296h18", "blue", 5))
    parts.append(text(38, 301, "walked", "ink", "start", 14))
    parts.append(f'<g fill="{colour("orange")}">{_diamond(106, 296)}</g>')
    parts.append(text(118, 301, f"key {key}", "ink", "start", 14))
    parts.append(path("M214 289v14", "muted", 1.8))
    parts.append(text(221, 301, "a point", "ink", "start", 14))
    parts.append(
        f'<circle cx="286" cy="296" r="6" fill="{colour("blue")}"/>'
        f'<circle cx="358" cy="296" r="4" fill="{colour("paper")}"'
        f' stroke="{colour("muted")}" stroke-width="1.6"/>'
    )
    parts.append(text(297, 301, "a copy", "ink", "start", 14))
    parts.append(text(367, 301, "passed", "ink", "start", 14))
    return Picture(
        "".join(parts),
        WIDTH,
        316,
        _kept(homes, nodes, racks),
        "Six nodes, two in each rack: h1 and h2 in rack 1, h3 and h4 in rack 2, h5 and"
        " h6 in rack 3.",
        tuple(_told(place, stop) for place, stop in enumerate(stops, 1)),
    )


def _kept(homes: list[str], nodes: int, racks: int) -> str:
    copies = len(homes)
    if copies == 1:
        return f"One copy, on {homes[0]}."
    if nodes < copies:
        return f"{copies} copies on {_count(nodes, 'node')}: one crash takes several."
    if racks < copies:
        return (
            f"{copies} copies on {nodes} nodes in {_count(racks, 'rack')}: one rack"
            " takes several."
        )
    return f"{copies} copies on {nodes} nodes in {racks} racks."


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def _told(place: int, stop: Stop) -> str:
    where = f"{place}. {stop.node} in {RACKS[stop.node]}"
    return f"{where}: passed over, {stop.why}." if stop.why else f"{where}: a copy."


def _listed(stops: tuple[Stop, ...]) -> list[str]:
    """Rows for the list, ten at most: the middle of a long walk is left out."""
    rows = [
        f"{place} {each.node}: {each.why or 'copy'}"
        for place, each in enumerate(stops, 1)
    ]
    return rows if len(rows) <= 10 else [*rows[:8], "…", rows[-1]]


def _place(number: float, radius: float) -> tuple[float, float]:
    angle = 2 * math.pi * number / CIRCLE - math.pi / 2
    return (
        MIDDLE[0] + radius * math.cos(angle),
        MIDDLE[1] + radius * math.sin(angle),
    )


def _arc(start: int, end: int) -> str:
    """The way from one point clockwise to another, as the ``d`` of a path."""
    x, y = _place(start, RADIUS)
    length = (end - start) % CIRCLE or CIRCLE
    way = f"M{short(x)} {short(y)}"
    for part in (0.25, 0.5, 0.75, 1):  # none of the four is longer than a half
        x, y = _place(start + part * length, RADIUS)
        way += f"A{RADIUS:g} {RADIUS:g} 0 0 1 {short(x)} {short(y)}"
    return way


def _tick(point: int) -> str:
    (x1, y1), (x2, y2) = (_place(point, RADIUS + side) for side in (-7, 7))
    return f"M{short(x1)} {short(y1)}L{short(x2)} {short(y2)}"


def _diamond(x: float, y: float) -> str:
    return f'<path d="M{short(x)} {short(y - 7)}l7 7l-7 7l-7 -7z"/>'


def _stop(depth: int, stop: Stop) -> str:
    x, y = _place(stop.point, RADIUS)
    fill, edge = ("paper", "muted") if stop.why else ("blue", "paper")
    dot = (
        f'<circle cx="{short(x)}" cy="{short(y)}" r="{4 if stop.why else 6}"'
        f' fill="{colour(fill)}" stroke="{colour(edge)}" stroke-width="1.6"/>'
    )
    if stop.why:
        return dot
    x, y = _place(stop.point, RADIUS - 22 - 22 * depth)
    return dot + text(x, y + 5, stop.node, "blue", size=15)
