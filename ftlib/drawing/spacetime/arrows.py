"""The arrows of a space-time diagram: from edge to edge, past the labels of other
nodes, each with its words beside it.
"""

from collections.abc import Iterator, Sequence

from ftlib.drawing.look import Look
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import (
    HALO,
    SIZE,
    arrowhead,
    cross,
    label,
    short,
    shorten,
    stroke,
    styled,
    width,
)
from ftlib.drawing.spacetime.labels import STATE, TIMER, Box, Shelf, Shot
from ftlib.drawing.spacetime.lines import timers
from ftlib.drawing.spacetime.places import PILL, PITCH, TIMES, Layout
from ftlib.drawing.spacetime.rows import CUT
from ftlib.drawing.spacetime.steps import Arrow, Wait

__all__ = [
    "arrows_drawn",
    "make_way",
    "place_words",
    "shot_of",
    "words_drawn",
    "words_of",
]

FIRST = 0.4  # part of an arrow that is there when it is sent
SEEN = 0.5  # part of an arrow that is drawn where one end is unknown
OPEN = 40.0  # how far down an arrow would go of which one end is unknown
LOOP = 30.0  # how far a message to oneself goes aside
PUSH, MOST = 12.0, 48.0  # how far a step is moved down for an arrow, at once and in all


def _style(arrow: Arrow) -> tuple[str, str]:
    """The ink and the dash of an arrow: whole if all went well, else dashed."""
    if arrow.end not in ("handled", "on its way"):
        return "red", "6 4"
    return (
        ("sky", "2 3")
        if arrow.copy
        else ("orange", "10 3")
        if arrow.late
        else ("blue", "")
    )


def words_of(arrow: Arrow, look: Look) -> str:
    """The words along an arrow."""
    return shorten(
        look.message(arrow.send.what) + " (copy)" * arrow.copy + " (late)" * arrow.late,
        190,
    )


def shot_of(arrow: Arrow, layout: Layout) -> Shot:
    """Where an arrow is drawn: from the edge of what sends it to the edge of what gets
    it, or to where it is lost. Of an arrow with one end only a half is drawn.
    """
    sent = layout.of(arrow.sent) if arrow.sent else None
    ended = layout.of(arrow.ended) if arrow.ended else None
    x1, x2 = (layout.x[node] for node in arrow.ends)
    y1 = sent.last if sent else ended.y - OPEN if ended else 0.0
    y2 = ended.y if ended else layout.height
    if x1 == x2:
        return Shot(x1 + LOOP, y1, x1 + LOOP, y2 if ended else y1 + 30)
    part = 1.0
    match arrow.end:
        case "lost":
            y2, part = min(y2, y1 + 60), 0.6
        case "link is cut":
            part = 0.72
        case "on its way":
            y2, part = min(y2, y1 + OPEN), SEEN
    shot = Shot(x1, y1, x2, y2)
    ux, uy = shot.unit
    start = sent.edge(ux, uy, True) if sent else shot.length * (1 - SEEN)
    stop = shot.length * part - (
        ended.edge(ux, uy, False) if ended and part == 1 else 0
    )
    stop = max(stop, start + 4)
    return Shot(x1 + ux * start, y1 + uy * start, x1 + ux * stop, y1 + uy * stop)


def arrows_drawn(arrows: Sequence[Arrow], shots: Sequence[Shot], layout: Layout) -> str:
    """The lines of all arrows, each with its head, or with a cross where it is lost."""
    alike: dict[tuple[str, str, bool], list[str]] = {}
    crosses: list[str] = []
    for arrow, shot in zip(arrows, shots, strict=True):
        ink, dash = _style(arrow)
        loop = arrow.ends[0] == arrow.ends[1]
        if loop:
            curve, tip = _loop(arrow, shot, layout)
            alike.setdefault((ink, dash, False), []).append(curve)
        else:
            tip = (shot.x2, shot.y2, *shot.unit)
        point = arrowhead(*tip) if arrow.end == "handled" else ""
        drawn = alike.setdefault((ink, dash, True), [])
        if not loop:
            drawn += _parts(arrow, shot, point)
        elif point:
            drawn.append(stroke(point, arrow.step.number))
        if not loop and not (arrow.sent and arrow.ended):
            alike.setdefault((ink, "1.9 4", True), []).append(_unseen(arrow, shot))
        if arrow.ended and not point:
            crosses.append(cross(tip[0] + 6 * loop, tip[1], 5, step=arrow.step.number))
    return "".join(
        styled(
            f'stroke="{colour(ink)}" stroke-width="1.7"'
            + f' fill="{colour(ink)}"' * filled
            + (f' stroke-dasharray="{dash}"' if dash else ""),
            drawn,
        )
        for (ink, dash, filled), drawn in alike.items()
    ) + "".join(crosses)


def _parts(arrow: Arrow, shot: Shot, point: str) -> Iterator[str]:
    """The line of an arrow, its first part with its sending, the rest and its head with
    its end.
    """
    (ux, uy), back = shot.unit, 6 if point else 0
    start = f"M{short(shot.x1)} {short(shot.y1)}"
    end = f"L{short(shot.x2 - back * ux)} {short(shot.y2 - back * uy)}{point}"
    if arrow.sent and arrow.ended:
        middle = (
            f"{short(shot.x1 + FIRST * (shot.x2 - shot.x1))}"
            f" {short(shot.y1 + FIRST * (shot.y2 - shot.y1))}"
        )
        yield stroke(f"{start}L{middle}", arrow.sent.number)
        start = f"M{middle}"
    yield stroke(start + end, arrow.step.number)


def _unseen(arrow: Arrow, shot: Shot) -> str:
    """Where an arrow comes from or goes to, as far as nobody knows it."""
    ux, uy = shot.unit
    x, y, far = (shot.x2, shot.y2, 16) if arrow.sent else (shot.x1, shot.y1, -16)
    return stroke(
        f"M{short(x)} {short(y)}l{short(far * ux)} {short(far * uy)}",
        arrow.step.number,
    )


def words_drawn(
    arrows: Sequence[Arrow],
    words: Sequence[str],
    found: Sequence[tuple[Box, float, float] | None],
) -> str:
    """The words of the arrows at the places that were found for them, with a margin
    that keeps them legible over lines.
    """
    alike: dict[tuple[str, float], list[str]] = {}
    for arrow, said, place in zip(arrows, words, found, strict=True):
        if place is None:
            continue
        where, size, _ = place
        turn = (
            f' transform="rotate({short(where.turn)} {short(where.x)}'
            f' {short(where.y)})"'
            if where.uy
            else ""
        )
        alike.setdefault((_style(arrow)[0], size), []).append(
            label(
                where.x,
                where.y + 0.36 * size,
                said,
                arrow.step.number,
                turn,
            )
        )
    return styled(
        HALO,
        [
            styled(
                f'fill="{colour(ink)}"' + f' font-size="{size:g}"' * (size != SIZE),
                drawn,
            )
            for (ink, size), drawn in alike.items()
        ],
    )


def _loop(
    arrow: Arrow, shot: Shot, layout: Layout
) -> tuple[str, tuple[float, float, float, float]]:
    """A message of a node to itself, and where its head is."""
    ended = layout.of(arrow.ended) if arrow.ended else None
    x, y1, y2 = shot.x1 - LOOP, shot.y1, shot.y2
    out = short(x + 4 / 3 * LOOP)
    tip = x + (ended.edge(1, 0, False) if ended else 0) + 1
    d = (
        f"M{short(x)} {short(y1)}C{out} {short(y1)} {out} {short(y2)}"
        f" {short(tip + 6)} {short(y2)}"
    )
    return stroke(d, arrow.step.number), (tip, y2, -1, 0)


# Room ---------------------------------------------------------------------------------


def make_way(
    layout: Layout,
    arrows: Sequence[Arrow],
    shots: Sequence[Shot],
    more: dict[int, float],
) -> bool:
    """Where an arrow goes behind another node's labels, ask for those, or for its own
    end, to stand lower.

    Returns
    -------
    bool
        Whether something was asked for, in `more`: how much lower a step should stand.
    """
    labels = {
        place.step.number: Box(
            place.x,
            (place.y + place.last) / 2,
            place.half,
            (place.last - place.y + PILL) / 2,
        )
        for place in layout.places
        if place.marks and place.step.node
    }
    asked = False
    for arrow, shot in zip(arrows, shots, strict=True):
        if arrow.sent is None or arrow.ended is None or shot.x1 == shot.x2:
            continue
        for number in range(
            arrow.sent.number + 1, min(len(layout.places), arrow.ended.number + 6) + 1
        ):
            label = labels.get(number)
            if (
                label is None
                or not min(shot.x1, shot.x2) < label.x < max(shot.x1, shot.x2)
                or number == arrow.ended.number
            ):
                continue
            if label.crossed(shot.x1, shot.y1, shot.x2, shot.y2):
                passes = shot.y1 + (shot.y2 - shot.y1) * (label.x - shot.x1) / (
                    shot.x2 - shot.x1
                )
                moved = number if passes <= label.y + 3 else arrow.ended.number
                if more.get(moved, 0.0) < MOST:
                    more[moved] = more.get(moved, 0.0) + PUSH
                    asked = True
    return asked


def place_words(
    layout: Layout,
    arrows: Sequence[Arrow],
    shots: Sequence[Shot],
    words: Sequence[str],
    look: Look,
    sizes: Sequence[float],
    waiting: Sequence[Wait],
) -> list[tuple[Box, float, float] | None]:
    """Find places for the words of all arrows, in the first of the sizes in which there
    is one.

    Returns
    -------
    list of (Box, size, cost) or None
        With what the lines cost that the words lie on. None for an arrow beside which
        no place is free.
    """
    stated: dict[float, float] = {}  # where each lane is first labelled
    for place in layout.places:
        if place.marks and place.step.node:
            stated.setdefault(place.x, place.y)
    shelf = Shelf(
        _taken(layout, arrows, shots, look),
        shots,
        layout.x.values(),
        [
            *((x, y, layout.height, STATE) for x, y in stated.items()),
            *((x, y, end, TIMER) for x, y, end, _ in timers(layout, waiting)),
        ],
        TIMES,
        layout.right,
    )

    def placed(said: str, shot: Shot) -> tuple[Box, float, float] | None:
        for size in sizes:
            if (found := shelf.place(said, shot, size)) is not None:
                return found[0], size, found[1]
        return None

    return [placed(said, shot) for said, shot in zip(words, shots, strict=True)]


def _taken(
    layout: Layout, arrows: Sequence[Arrow], shots: Sequence[Shot], look: Look
) -> list[Box]:
    """What no words may lie on: labels, dots, disks, the names of the nodes, cuts in
    time, the crosses of lost messages.
    """
    boxes = [
        Box(place.x, place.y + PITCH * number, label.wide / 2 + 1, PILL / 2 + 1)
        for place in layout.places
        for number, label in enumerate(place.marks)
    ]
    boxes += [
        Box(place.x, place.y, 7, 7)
        for place in layout.places
        if not place.marks and not place.bare
    ]
    boxes += [
        Box(x, y, width(look.name(node)) / 2 + 8, 13)
        for y in (20.0, *layout.names)
        for node, x in layout.x.items()
    ]
    boxes += [
        Box(layout.right / 2, y, layout.right / 2, CUT / 2) for y, *_ in layout.cuts
    ]
    for arrow, shot in zip(arrows, shots, strict=True):
        if arrow.end not in ("handled", "on its way"):
            own = arrow.ends[0] == arrow.ends[1]
            boxes.append(Box(shot.x2 - (LOOP - 13) * own, shot.y2, 7, 7))
    return boxes
