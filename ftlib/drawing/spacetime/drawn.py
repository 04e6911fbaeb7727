"""What stands at the lines of a space-time diagram: names, times, and the steps.

What is drawn alike stands in one group, which says how: a diagram has many strokes.
"""

from html import escape

from ftlib.drawing.look import Look
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import (
    HALO,
    SIZE,
    clocks,
    cross,
    cylinders,
    dots,
    group,
    label,
    path,
    short,
    shorten,
    stroke,
    styled,
    width,
)
from ftlib.drawing.spacetime.places import (
    PILL,
    PITCH,
    SIGN,
    TIMES,
    Layout,
    Mark,
)

__all__ = ["duration", "heads", "marks", "times"]

BOLD = 1.08  # how much wider bold letters are
HIGH = 26.0  # of a head
BRACKET = 47.0  # where the brackets of instants stand
PAPER, EDGE = f' fill="{colour("paper")}"', ' stroke-width="1.5"'


def heads(layout: Layout, look: Look, heights: list[float]) -> str:
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
    boxes, names = [], []
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
        cut = shorten(name, (room - 14) / BOLD)
        wide = min(natural[number], room)
        whole = f"<title>{escape(name)}</title>" if cut != name else ""
        for y in heights:
            boxes.append(
                f'<rect x="{short(x - wide / 2)}" y="{short(y - HIGH / 2)}"'
                f' width="{short(wide)}" height="{HIGH:g}" rx="6"/>'
            )
            names.append(label(x, y + 5, cut).replace(">", f">{whole}", 1))
    ground = f'fill="{colour("shade")}" stroke="{colour("line")}"'
    return styled(ground, boxes) + styled(
        f'fill="{colour("ink")}" font-weight="600"', names
    )


def duration(seconds: float) -> str:
    """Write how long something takes.

    Examples
    --------
    >>> duration(0.48), duration(2.0)
    ('480 ms', '2 s')
    """
    return f"{seconds:.2g} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"


def times(layout: Layout) -> str:
    """The time of each instant at the left edge, with a bracket where it has more than
    one row, and where time is squeezed, how much.
    """
    rows = [row for row in layout.rows if not row.aloft]
    unit, size = ("s", 1.0) if rows and rows[-1].time >= 1 else ("ms", 1000.0)
    told, free = "", 0.0
    words: list[str] = []
    brackets: list[str] = []
    for number, row in enumerate(rows):
        time = row.time * size
        said = (
            f"{time:.3f}"
            if unit == "s" and time
            else f"{time:.0f}"
            if time >= 100 or time % 1 < 0.05
            else f"{time:.1f}"
        )
        if row.first and said != told and row.y >= free:
            unit_too = said if words else f"{said} {unit}"
            words.append(label(2, row.y + 5, unit_too, row.number))
            told, free = said, row.y + 16
        above = rows[number - 1]
        if not row.first and number and row.y > above.y:
            brackets.append(stroke(_bracket(above.y, row.y), row.number))
    return (
        styled(f'fill="{colour("muted")}" text-anchor="start"', words)
        + styled(f'stroke="{colour("muted")}" stroke-width="1.4"', brackets)
        + "".join(_cut(*cut, layout) for cut in layout.cuts)
    )


def _bracket(top: float, end: float) -> str:
    return f"M{BRACKET:g} {short(top)}h-4V{short(end)}h4"


def _cut(y: float, seconds: float, step: int, layout: Layout) -> str:
    words = f"{duration(seconds)} later"
    count = int((layout.right - 4) / 20)
    before = int((TIMES + 20 * count - width(words)) / 40)
    after = count - before - int(width(words) / 20) - 1
    wave, back = "q5 -5 10 0t10 0", "q-5 5 -10 0t-10 0" * count
    ahead = 20 * (count - after) + 2
    edges = "".join(
        f"M2 {at:g}{wave * before}M{ahead:g} {at:g}{wave * after}"
        for at in (y - 4, y + 4)
    )
    letters = f' fill="{colour("muted")}" font-style="italic" {HALO}'
    return group(
        step,
        f'<path d="M2 {y - 4:g}{wave * count}l0 8{back}z"{PAPER}/>'
        + path(edges, "muted", 1.2)
        + label(10 * (before + count - after) + 2, y + 5, words, more=letters),
    )


# What stands at the lines -------------------------------------------------------------


def marks(layout: Layout) -> str:
    """The steps at their nodes' lines: labels with their signs, or a disk, or a dot."""
    hollow: list[str] = []
    events: list[tuple[float, float, int]] = []
    disks: dict[str, list[tuple[float, float, int]]] = {"forces": [], "writes": []}
    timers: list[tuple[float, float, int]] = []
    labels: dict[str, list[str]] = {}
    for place in layout.places:
        step, x, y = place.number, place.x, place.y
        if place.disk:
            left = x - place.marks[0].wide / 2 + 11 if place.marks else x
            disks[place.disk].append((left, y, step))
        elif place.hollow and place.host:
            hollow.append(_frame(x, y, place.host.marks[0].wide, step))
        elif place.dot:
            events.append((x, y, step))
        for number, mark in enumerate(place.marks):
            at = y + PITCH * number
            signs = SIGN * (bool(place.disk and not number) + bool(mark.sign))
            left = x - mark.wide / 2 + signs - 3
            if mark.sign == "timer":
                timers.append((left, at, step))
            labels.setdefault(mark.ink, []).append(
                group(step, _crashes(x, at, mark, left))
                if mark.sign == "crash"
                else group(
                    step,
                    _frame(x, at, mark.wide, more=PAPER)
                    + label(x + signs / 2, at + 5, mark.words, more=' stroke="none"'),
                )
            )
    outline = f'stroke="{colour("muted")}" stroke-width="1.5"'
    size = f' font-size="{layout.size:g}"' if layout.size != SIZE else ""
    return (
        styled(outline + PAPER, hollow)
        + dots(events)
        + "".join(
            styled(f'fill="{colour(ink)}" stroke="{colour(ink)}"{EDGE}{size}', drawn)
            for ink, drawn in labels.items()
        )
        + "".join(cylinders(found, kind == "forces") for kind, found in disks.items())
        + clocks(timers, "yellow")
    )


def _frame(x: float, y: float, wide: float, step: int = 0, more: str = "") -> str:
    at = f' data-step="{step}"' if step else ""
    return (
        f'<rect{at} x="{short(x - wide / 2)}" y="{short(y - PILL / 2)}"'
        f' width="{short(wide)}" height="{PILL:g}" rx="{PILL / 2:g}"{more}/>'
    )


def _crashes(x: float, y: float, mark: Mark, left: float) -> str:
    """A label that is filled, with a cross in it."""
    letters = f'{PAPER} stroke="none"'
    return (
        _frame(x, y, mark.wide)
        + cross(left, y, 4, "paper")
        + label(x + SIGN / 2, y + 5, mark.words, more=letters)
    )
