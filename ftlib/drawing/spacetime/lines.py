"""The lines of a space-time diagram: each node's life, what it waits for, and what
befalls the network between them.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from ftlib.drawing.look import Look
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import hatch, short, stroke, styled
from ftlib.drawing.spacetime.places import TIMES, Layout, Place
from ftlib.drawing.spacetime.steps import Wait
from ftlib.simulation import Heal, Partition

__all__ = ["faults", "lines", "timers", "waits"]


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


def waits(layout: Layout, found: Iterable[Wait]) -> str:
    """A dotted line beside the lane, from where a timer was set to where it fires."""
    drawn = [
        stroke(f"M{short(x - 3)} {short(start)}h6m-3 0V{short(end)}", number)
        for x, start, end, number in timers(layout, found)
    ]
    style = f'stroke="{colour("yellow")}" stroke-width="1.5" stroke-dasharray="1.5 3"'
    return styled(style, drawn)


def timers(
    layout: Layout, found: Iterable[Wait]
) -> Iterator[tuple[float, float, float, int]]:
    """Where these lines stand, from where to where, and the step that ends each."""
    level: dict[str, list[tuple[float, float]]] = {}
    for wait in found:
        fired = layout.of(wait.fired)
        start = layout.of(wait.set).last + 13 if wait.set else max(38.0, fired.y - 30)
        busy = level.setdefault(wait.fired.node, [])
        aside = 13 + 5 * sum(low < fired.y and start < high for low, high in busy)
        busy.append((start, fired.y))
        if fired.y - start > 14:
            yield fired.x + aside, start, fired.y, fired.number


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
