"""The arrows of a space-time diagram: from edge to edge, past the labels of other
nodes, each with its words beside it.
"""

from collections.abc import Sequence

from ftlib.drawing.look import Look
from ftlib.drawing.shapes import cross, group, head, line, path, shorten, text, width
from ftlib.drawing.spacetime.labels import Box, Shelf, Shot
from ftlib.drawing.spacetime.places import PILL, PITCH, TIMES, Layout
from ftlib.drawing.spacetime.rows import CUT
from ftlib.drawing.spacetime.steps import Arrow

__all__ = [
    "SMALL",
    "arrow_drawn",
    "make_way",
    "place_words",
    "shot_of",
    "words_drawn",
    "words_of",
]

SMALL = 12.0  # letters where there is little room
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
    it, or to where it is lost.
    """
    sent = layout.of(arrow.sent)
    x1, y1 = sent.x, sent.last
    x2 = layout.x[arrow.send.other or ""]
    ended = layout.of(arrow.ended) if arrow.ended else None
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
            y2, part = min(y2, y1 + 70), 0.5
    shot = Shot(x1, y1, x2, y2)
    ux, uy = shot.unit
    start = sent.edge(ux, uy, True)
    stop = shot.length * part - (
        ended.edge(ux, uy, False) if ended and part == 1 else 0
    )
    stop = max(stop, start + 4)
    return Shot(x1 + ux * start, y1 + uy * start, x1 + ux * stop, y1 + uy * stop)


def arrow_drawn(arrow: Arrow, shot: Shot, layout: Layout) -> str:
    """The line of an arrow, its first part with its sending, the rest with its end; a
    cross where it is lost.
    """
    if arrow.send.node == arrow.send.other:
        return _loop(arrow, shot, layout)
    ink, dash = _style(arrow)
    ux, uy = shot.unit
    part = 0.4 if arrow.ended else 1.0
    mx, my = shot.x1 + part * (shot.x2 - shot.x1), shot.y1 + part * (shot.y2 - shot.y1)
    drawn = line(shot.x1, shot.y1, mx, my, ink, 1.7, dash, arrow.sent.number)
    if arrow.ended is None:
        return drawn + line(
            shot.x2,
            shot.y2,
            shot.x2 + 16 * ux,
            shot.y2 + 16 * uy,
            ink,
            1.9,
            "1.9 4",
            arrow.sent.number,
        )
    back = 6 if arrow.end == "handled" else 0
    rest = line(mx, my, shot.x2 - back * ux, shot.y2 - back * uy, ink, 1.7, dash)
    tip = head(shot.x2, shot.y2, ux, uy, ink) if back else cross(shot.x2, shot.y2, 5)
    return drawn + group(arrow.ended.number, rest + tip)


def words_drawn(arrow: Arrow, where: Box, size: float, look: Look) -> str:
    """The words of an arrow at the place that was found for them."""
    turn = (
        f' transform="rotate({where.turn:.1f} {where.x:.1f} {where.y:.1f})"'
        if where.uy
        else ""
    )
    step = (arrow.ended or arrow.sent).number
    return text(
        where.x,
        where.y + 0.36 * size,
        words_of(arrow, look),
        _style(arrow)[0],
        size=size,
        more=turn,
        step=step,
    )


def _loop(arrow: Arrow, shot: Shot, layout: Layout) -> str:
    """A message of a node to itself."""
    ended = layout.of(arrow.ended) if arrow.ended else None
    ink, dash = _style(arrow)
    x, y1, y2 = shot.x1 - LOOP, shot.y1, shot.y2
    out = 4 / 3 * LOOP
    tip = x + (ended.edge(1, 0, False) if ended else 0) + 1
    drawn = path(
        f"M{x:.1f} {y1:.1f}C{x + out:.1f} {y1:.1f} {x + out:.1f} {y2:.1f} {tip + 6:.1f}"
        f" {y2:.1f}",
        ink,
        1.7,
        dash,
    )
    if arrow.ended is not None:
        drawn += (
            head(tip, y2, -1, 0, ink)
            if arrow.end == "handled"
            else cross(tip + 6, y2, 5)
        )
    return group((arrow.ended or arrow.sent).number, drawn)


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
        if arrow.ended is None or shot.x1 == shot.x2:
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
    look: Look,
    sizes: Sequence[float],
) -> list[tuple[Box, float] | None]:
    """Find places for the words of all arrows, in the first of the sizes in which there
    is one.

    Returns
    -------
    list of (Box, size) or None
        None for an arrow beside which no place is free.
    """
    shelf = Shelf(
        _taken(layout, arrows, shots, look),
        shots,
        layout.x.values(),
        TIMES,
        layout.right,
    )

    def place(arrow: Arrow, shot: Shot) -> tuple[Box, float] | None:
        for size in sizes:
            if (found := shelf.place(words_of(arrow, look), shot, size)) is not None:
                return found, size
        return None

    return [place(arrow, shot) for arrow, shot in zip(arrows, shots, strict=True)]


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
        Box(layout.right / 2, y, layout.right / 2, CUT / 2) for y, _ in layout.cuts
    ]
    for arrow, shot in zip(arrows, shots, strict=True):
        if arrow.end not in ("handled", "on its way"):
            own = arrow.send.node == arrow.send.other
            boxes.append(Box(shot.x2 - (LOOP - 13) * own, shot.y2, 7, 7))
    return boxes
