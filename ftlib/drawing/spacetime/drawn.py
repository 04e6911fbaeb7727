"""The pieces of a space-time diagram but for its arrows: heads, times, the lines of the
nodes, and what stands at them.

What is drawn alike stands in one group, which says how: a diagram has many strokes.
"""

from collections.abc import Collection
from html import escape
from itertools import pairwise

from ftlib.drawing.look import Look
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import (
    HALO,
    SIZE,
    clocks,
    cross,
    cylinders,
    group,
    hatch,
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
    Place,
)
from ftlib.drawing.spacetime.steps import Wait
from ftlib.simulation import Heal, Partition

__all__ = ["BRACKET", "duration", "faults", "heads", "lines", "marks", "times", "waits"]

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


# Lines --------------------------------------------------------------------------------


def lines(layout: Layout, look: Look, lived: Collection[str]) -> str:
    """The lines of the nodes whose life is known: what state each is in, when a call of
    it is open, and where it is down.

    They grow from row to row: a step shows no more of them than reaches to the next.
    """
    whole = "".join(
        f"M{x:g} 33V{layout.height:g}" for node, x in layout.x.items() if node in lived
    )
    styles: dict[str, tuple[str, str]] = {}  # pattern and ink, where it is not plain
    calling: set[str] = set()
    changed: dict[str, int] = {}  # the last step of each node
    pieces: dict[tuple[str, str], list[str]] = {("calling", "muted"): []}
    rows = [row for row in layout.rows if not row.aloft]
    for row, end in zip(
        rows, [*(row.y for row in rows[1:]), layout.height], strict=False
    ):
        for place in row.places:
            _change(place, look, styles, calling)
            changed[place.step.node] = max(
                place.number, changed.get(place.step.node, 0)
            )
        alike: dict[tuple[tuple[str, str], int], list[float]] = {}
        for node, x in layout.x.items() if end > row.y else ():
            since = max(row.number, changed.get(node, 0))
            if node in calling:
                alike.setdefault((("calling", "muted"), since), []).append(x)
            if styles.get(node, ("",))[0] == "down":
                alike.setdefault((("blank", "paper"), since), []).append(x)
            if node in styles:
                alike.setdefault((styles[node], since), []).append(x)
        for (style, since), xs in alike.items():
            d = _piece(style[0], xs, row.y, end)
            pieces.setdefault(style, []).append(stroke(d, since))
    return styled(
        f'stroke="{colour("muted")}" stroke-width="1.6"', [stroke(whole)]
    ) + "".join(_patterned(*style, drawn) for style, drawn in pieces.items())


def _change(
    place: Place, look: Look, styles: dict[str, tuple[str, str]], calling: set[str]
) -> None:
    """Follow the states of a node through one step."""
    for event in place.step.events:
        match event.kind:
            case "crash":
                styles[event.node] = "down", "red"
                calling.discard(event.node)
            case "recover":
                styles.pop(event.node, None)
            case "call":
                calling.add(event.node)
            case "return":
                calling.discard(event.node)
            case "fact" if (
                state := look.state(event)
            ) is not None and state.pattern != "none":
                styles[event.node] = state.pattern, state.ink


def _piece(pattern: str, xs: list[float], y1: float, y2: float) -> str:
    """The same piece of several lanes, as the ``d`` of a path."""
    if pattern == "down":
        return "".join(
            f"M{x - 6:g} {y1:g}V{y2:g}m12 0V{y1:g}" + hatch(x, y1, y2, 6) for x in xs
        )
    if pattern == "striped":
        y1 -= y1 % 7  # so that the stripes of one piece continue another's
    return "".join(f"M{x:g} {y1:g}V{y2:g}" for x in xs)


def _patterned(pattern: str, ink: str, drawn: list[str]) -> str:
    """All pieces of one pattern."""
    match pattern:
        case "down":
            layers = [(ink, "1.1")]
        case "solid":
            layers = [(ink, "6")]
        case "blank":
            layers = [(ink, "12")]
        case "double":
            layers = [(ink, "7"), ("paper", "3")]
        case "calling":
            layers = [(ink, "10"), ("shade", "7.6")]
        case _:
            layers = [(ink, '9" stroke-dasharray="3 4')]
    return "".join(
        styled(f'stroke="{colour(name)}" stroke-width="{thick}"', drawn)
        for name, thick in layers
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
            d = f"M{short(x - 3)} {short(start)}h6m-3 0V{short(fired.y)}"
            drawn.append(stroke(d, fired.number))
    style = f'stroke="{colour("yellow")}" stroke-width="1.5" stroke-dasharray="1.5 3"'
    return styled(style, drawn)


def faults(layout: Layout) -> str:
    """What befalls the network: a rule across, and, while it is split, a wall between
    the lanes of different groups.
    """
    rules, split = [], []
    walls: list[tuple[float, Place]] = []
    for place in [*layout.places, None]:
        cause = place.step.cause if place else None
        if place is None or (
            cause is not None
            and isinstance(cause.what, Partition | Heal)
            and cause.kind == "fault"
        ):
            end = place.y if place else layout.height
            split += [
                stroke(f"M{short(x)} {start.y:g}V{end:g}", start.number)
                for x, start in walls
            ]
            walls = []
        if place and cause is not None and cause.kind == "fault":
            across = f"M{TIMES:g} {place.y:g}H{short(layout.right)}"
            rules.append(stroke(across, place.number))
            if isinstance(cause.what, Partition):
                walls = [(x, place) for x in _walls(layout, cause.what)]
    style = f'stroke="{colour("orange")}" stroke-dasharray="6 5" stroke-width='
    return styled(f'{style}"1.4"', rules) + styled(f'{style}"2.4"', split)


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


def marks(layout: Layout) -> str:
    """The steps at their nodes' lines: labels with their signs, or a disk, or a dot."""
    dots, hollow = [], []
    disks: dict[str, list[tuple[float, float, int]]] = {"full": [], "empty": []}
    timers: list[tuple[float, float, int]] = []
    labels: dict[str, list[str]] = {}
    for place in layout.places:
        step, x, y, host = place.number, place.x, place.y, place.host
        if place.disk:
            left = x - place.marks[0].wide / 2 + 11 if place.marks else x
            disks[place.disk].append((left, y, step))
        elif host is not None and host.marks and host.number > step:
            hollow.append(_frame(x, y, host.marks[0].wide, step))
        elif not place.marks and not place.bare:
            dots.append(stroke(f"M{x:g} {y:g}h0", step))
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
    blot = f'stroke="{colour("ink")}" stroke-width="8" stroke-linecap="round"'
    return (
        styled(outline + PAPER, hollow)
        + styled(blot, dots)
        + "".join(
            styled(f'fill="{colour(ink)}" stroke="{colour(ink)}"{EDGE}{size}', drawn)
            for ink, drawn in labels.items()
        )
        + "".join(cylinders(found, kind == "full") for kind, found in disks.items())
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
