"""The figures of a ring: who gets the arcs of a node that leaves, and how even the
shares are.
"""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from ftlib.analysis.movement import shares_spread
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import box, line, path, short, text
from ftlib.figures.consistent_hashing import (
    KEYS,
    NAMES,
    WIDE,
    keys_in_words,
    moves_on,
    stays_put,
)
from ftlib.figures.controls import Choice, Range
from ftlib.hashing import HashRing, Placement

__all__ = ["ring", "shares"]

CHANGES = {
    "none": "nothing",
    "fullest": "the fullest node leaves",
    "emptiest": "the emptiest node leaves",
    "joins": "a node joins",
}
CIRCLE = 2**64


def _points(points: int) -> str:
    return "1 point" if points == 1 else f"{points} points"


# ---- the ring


def ring(
    nodes: Annotated[int, Range(range(3, 9), "Nodes")] = 5,
    points: Annotated[int, Range((1, 2, 4, 16, 64), "Points a node")] = 1,
    change: Annotated[str, Choice(CHANGES, "What happens")] = "fullest",
) -> Picture:
    """Draw a ring with keys around it, and which of them move when the nodes change.

    Parameters
    ----------
    nodes : int
        How many there are at first.
    points : int
        How many points on the circle each has.
    change : {"none", "fullest", "emptiest", "joins"}
        Which node leaves, by the number of its keys; or that one joins.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/3_2_consistent_hashing``.
    """
    before = HashRing(NAMES[:nodes], points)
    loads = _loads(before)
    after, who = _changed(before, loads, change)
    owners = [(key, before.lookup(key), after.lookup(key)) for key in KEYS]
    moving = [key for key, old, new in owners if old != new]
    shown = before if who in before.nodes else after
    marked = who or max(NAMES[:nodes], key=lambda node: loads[node])
    parts = [_circle(shown, marked, points * nodes <= 24)]
    parts += [_key(before.number(key), key in moving) for key in KEYS]
    now = _loads(after)
    names = sorted({*before.nodes, *after.nodes})
    parts += [
        _load(place, node, loads[node], now[node], node in after.nodes, node == marked)
        for place, node in enumerate(names)
    ]
    parts.append(_legend(marked, change))
    return Picture(
        "".join(parts),
        WIDE,
        372,
        _verdict(change, who, len(moving), nodes, loads),
        f"{nodes} nodes with {_points(points)} each on a circle, and {len(KEYS)} keys."
        " A key belongs on the node of the next point clockwise.",
        tuple(_told(node, loads[node], now[node], change, who) for node in names),
    )


def _loads(placement: Placement) -> Counter[str]:
    return Counter(placement.lookup_many(KEYS))


def _changed(
    before: HashRing, loads: Counter[str], change: str
) -> tuple[HashRing, str]:
    """The ring after a change, and whose it is."""
    nodes = before.nodes
    match change:
        case "none":
            return before, ""
        case "joins":
            who = NAMES[len(nodes)]
            return HashRing([*nodes, who], before.points), who
        case "fullest":
            who = max(nodes, key=lambda node: loads[node])
        case _:
            who = min(nodes, key=lambda node: loads[node])
    left = tuple(node for node in nodes if node != who)
    return HashRing(left, before.points), who


def _verdict(
    change: str, who: str, moving: int, nodes: int, loads: Counter[str]
) -> str:
    if change == "none":
        held = [loads[node] for node in NAMES[:nodes]]
        return (
            f"The fullest of {nodes} nodes holds {max(held)} of {len(KEYS)} keys, the"
            f" emptiest {min(held)}."
        )
    event = f"{who} joins" if change == "joins" else f"{who} leaves"
    if not moving:
        return f"{event}: no key moves."
    whose = "all of them to it" if change == "joins" else "all of them its own"
    return f"{event}: {keys_in_words(moving)} of {len(KEYS)} move, {whose}."


def _told(node: str, old: int, new: int, change: str, who: str) -> str:
    if node == who:
        if change == "joins":
            return f"{node} is new and holds {keys_in_words(new)}."
        return f"{node} held {keys_in_words(old)} and leaves."
    if old == new:
        return f"{node} holds {keys_in_words(old)}."
    return f"{node} held {keys_in_words(old)} and now holds {new}."


MIDDLE, RADIUS, BAND = (140, 168), 92, 16


def _place(number: float, radius: float) -> tuple[float, float]:
    angle = 2 * math.pi * number / CIRCLE - math.pi / 2
    return (
        MIDDLE[0] + radius * math.cos(angle),
        MIDDLE[1] + radius * math.sin(angle),
    )


def _arcs(drawn: HashRing) -> Iterator[tuple[int, int, str]]:
    """From which point to which a key is whose, in the order of the circle."""
    placed = sorted((p, node) for node in drawn.nodes for p in drawn.points_of(node))
    for (start, _), (end, node) in zip([placed[-1], *placed], placed, strict=False):
        yield start, end, node


def _arc(start: int, end: int) -> str:
    """The way from one point clockwise to another, as the ``d`` of a path."""
    x1, y1 = _place(start, RADIUS)
    length = (end - start) % CIRCLE or CIRCLE
    way = f"M{short(x1)} {short(y1)}"
    for part in (0.5, 1):  # two arcs, because one cannot be a whole circle
        x, y = _place(start + part * length, RADIUS)
        way += f"A{RADIUS} {RADIUS} 0 0 1 {short(x)} {short(y)}"
    return way


def _circle(drawn: HashRing, marked: str, named: bool) -> str:
    """The circle, the arcs of one node in colour, and the points with their names, if
    they are few.
    """
    parts = [path(_arc(0, 0), "line", BAND)]
    own, placed = [], []
    for start, end, node in _arcs(drawn):
        placed.append((end, node))
        if node == marked:
            own.append(_arc(start, end))
    parts.append(path("".join(own), "purple", BAND))
    if named:
        parts += _named(placed, marked)
    else:
        many = f"{len(placed)} points"
        parts.append(text(MIDDLE[0], MIDDLE[1] + 5, many, "muted", "middle", 15))
    return "".join(parts)


def _named(placed: list[tuple[int, str]], marked: str) -> list[str]:
    """The points, and whose they are; a name goes further in if the last is near."""
    ticks, names = [], []
    last, depth = -CIRCLE, 0
    for point, node in placed:
        (x1, y1), (x2, y2) = (_place(point, RADIUS + side) for side in (-11, 11))
        ticks.append(f"M{short(x1)} {short(y1)}L{short(x2)} {short(y2)}")
        depth = (depth + 1) % 4 if point - last < CIRCLE / 24 else 0
        last = point
        x, y = _place(point, RADIUS - 23 - 17 * depth)
        ink, weight = (
            ("purple", ' font-weight="600"') if node == marked else ("ink", "")
        )
        names.append(text(x, y + 5, node, ink, "middle", 15, weight))
    return [path("".join(ticks), "ink", 1.8), *names]


def _key(number: int, moves: bool) -> str:
    x, y = _place(number, RADIUS + 26)
    return moves_on(x, y) if moves else stays_put(x, y)


def _load(place: int, node: str, old: int, new: int, stays: bool, marked: bool) -> str:
    """A row: a node, what it holds as a bar, and what it has gained."""
    y = 40 + 30 * place
    ink = "purple" if marked else "ink"
    parts = [text(288, y + 5, node, ink, "start", 16, ' font-weight="600"')]
    if not stays:
        words = f"{keys_in_words(old)}, leaves" if old else "leaves"
        parts.append(text(308, y + 5, words, "muted", "start", 15))
        return "".join(parts)
    gain = f" (+{new - old})" if new > old else f" (−{old - new})" if new < old else ""
    parts.append(text(308, y + 5, f"{new}{gain}", "ink", "start", 15))
    kept, scale = min(old, new), 0.8
    parts.append(_bar(378, y, kept * scale, "purple" if marked else "muted"))
    parts.append(_bar(378 + kept * scale, y, (new - kept) * scale, "orange"))
    return "".join(parts)


def _bar(x: float, y: float, wide: float, ink: str) -> str:
    if not wide:
        return ""
    return (
        f'<rect x="{short(x)}" y="{y - 6}" width="{short(wide)}" height="12"'
        f' fill="{colour(ink)}"/>'
    )


def _legend(marked: str, change: str) -> str:
    rows = [(stays_put, "a key" if change == "none" else "a key that stays")]
    if change != "none":
        rows.append((moves_on, "a key that moves"))
    parts = [
        path("M12 334h18", "purple", BAND),
        text(38, 339, f"where a key is {marked}'s", "ink", "start", 15),
    ]
    for place, (sign, words) in enumerate(rows):
        parts.append(sign(232, 334 + 22 * place - 11 * (len(rows) - 1)))
        parts.append(
            text(
                246, 339 + 22 * place - 11 * (len(rows) - 1), words, "ink", "start", 15
            )
        )
    return "".join(parts)


# ---- how even


def shares(
    points: Annotated[int, Range((1, 4, 16, 64, 256), "Points a node")] = 1,
    nodes: Annotated[int, Range((5, 10, 20), "Nodes")] = 10,
    names: Annotated[
        str,
        Choice({"a": "a", "b": "b", "c": "c", "d": "d"}, "Names of the nodes"),
    ] = "a",
) -> Picture:
    """Draw the share of the circle that each node of a ring has, from the largest to
    the smallest, and how far the law says that they spread.

    Parameters
    ----------
    points : int
        How many each node has.
    nodes : int
    names : {"a", "b", "c", "d"}
        Other names are hashed to other points.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/3_2_consistent_hashing``.
    """
    found = sorted(_shares([f"{names}{n}" for n in range(nodes)], points), reverse=True)
    law = shares_spread(nodes, points)
    spread = math.sqrt(math.fsum((each - 1) ** 2 for each in found) / nodes)
    parts = [_band(law)]
    room = (WIDE - 70) / nodes
    for place, share in enumerate(found):
        x = 60 + (place + 0.5) * room
        y = _height(share)
        ink = "purple" if place == 0 else "muted"
        parts.append(
            f'<rect x="{short(x - room * 0.36)}" y="{short(y)}"'
            f' width="{short(room * 0.72)}" height="{short(GROUND - y)}"'
            f' fill="{colour(ink)}"/>'
        )
    first = 60 + 0.5 * room
    parts.append(
        text(
            max(first, 84),
            max(_height(found[0]) - 8, 34),
            f"{found[0]:.2f}",
            "purple",
            "middle",
            16,
            ' font-weight="600"',
        )
    )
    parts.append(line(56, _height(1), WIDE - 8, _height(1), "ink", 1.4, "5 4"))
    parts.append(line(56, GROUND, WIDE - 8, GROUND, "ink", 1.6))
    parts.append(_axis())
    return Picture(
        "".join(parts),
        WIDE,
        330,
        f"With {_points(points)} a node, the fullest of {nodes} holds"
        f" {found[0]:.2f} times the mean.",
        f"The shares deviate from their mean by {spread:.0%}; by the law it is"
        f" {law:.0%} on average over many names.",
        tuple(
            f"The {_th(place)} node has {share:.2f} times the mean."
            for place, share in enumerate(found, 1)
        ),
    )


def _shares(nodes: list[str], points: int) -> list[float]:
    """The part of the circle that each has, as a multiple of the mean."""
    arcs = dict.fromkeys(nodes, 0)
    for start, end, node in _arcs(HashRing(nodes, points)):
        arcs[node] += (end - start) % CIRCLE
    return [arc * len(nodes) / CIRCLE for arc in arcs.values()]


GROUND, TALLEST = 276, 4.5


def _height(share: float) -> float:
    return GROUND - min(share, TALLEST) * (GROUND - 26) / TALLEST


def _band(law: float) -> str:
    """Between the mean less the deviation of the law, and the mean more it."""
    top, bottom = _height(1 + law), _height(max(1 - law, 0))
    middle = 56 + (WIDE - 64) / 2
    return box(middle, (top + bottom) / 2, WIDE - 64, bottom - top, fill="shade")


def _axis() -> str:
    parts = []
    for tick in range(5):
        parts.append(text(48, _height(tick) + 5, f"{tick}", "muted", "end", 15))
    parts.append(text(8, 18, "share, in multiples of the mean", "ink", "start", 15))
    words = "the fullest first; band: one deviation, by the law"
    parts.append(text(8, GROUND + 26, words, "ink", "start", 14))
    parts.append(text(WIDE - 10, _height(1) - 6, "mean", "ink", "end", 15))
    return "".join(parts)


def _th(place: int) -> str:
    if place == 1:
        return "fullest"
    ends = {2: "nd", 3: "rd"}
    return f"{place}{ends.get(place, 'th')} fullest"
