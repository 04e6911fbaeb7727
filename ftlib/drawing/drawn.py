"""The pieces of a space-time diagram but for its arrows: heads, times, the lines of the nodes, and what stands at them."""

from html import escape
from itertools import pairwise

from ftlib.drawing.layout import TIMES
from ftlib.drawing.look import Look, State
from ftlib.drawing.palette import colour
from ftlib.drawing.places import PITCH, SIGN, Layout, Place
from ftlib.drawing.shapes import box, clock, cross, cylinder, group, hatch, line, path, pill, shorten, text, width
from ftlib.drawing.steps import Wait
from ftlib.simulation import Heal, Partition

__all__ = ["faults", "heads", "lines", "mark", "times", "waits"]

BOLD = 1.08  # how much wider bold letters are


def heads(layout: Layout, look: Look, y: float, high: float = 26.0) -> str:
    """The names of the nodes, each as wide as its neighbours let it be."""
    places = list(layout.x.items())
    distance = places[1][1] - places[0][1] if len(places) > 1 else 2 * places[0][1] if places else 0.0
    natural = [BOLD * width(look.name(node)) + 14 for node, _ in places]
    drawn = []
    for number, (node, x) in enumerate(places):
        beside = [min(natural[other], distance - 6) for other in (number - 1, number + 1) if 0 <= other < len(places)]
        room = min([2 * (distance - 6) - wide for wide in beside] + [2 * x - 4, 2 * (layout.right - x)])
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
    unit, size = ("s", 1.0) if steps and steps[-1].step.first.time >= 1 else ("ms", 1000.0)
    told, free = "", 0.0
    drawn: list[str] = []
    cuts = [y for y, _ in layout.cuts]
    for place in steps:
        time = place.step.first.time * size
        words = f"{time:.3f}" if unit == "s" and time else f"{time:.0f}" if time >= 100 or time % 1 < 0.05 else f"{time:.1f}"
        if words != told and place.y >= free and all(abs(place.y - cut) > 15 for cut in cuts):
            drawn.append(text(2, place.y + 5, words if drawn else f"{words} {unit}", "muted", "start"))
            told, free = words, place.y + 16
    edge = layout.right - 4
    for y, seconds in layout.cuts:
        wave = f"M2 {y - 4:.1f}" + "q5 -5 10 0t10 0" * int(edge / 20)
        drawn.append(
            f'<path d="{wave}l0 8' + "q-5 5 -10 0t-10 0" * int(edge / 20) + f'z" fill="{colour("paper")}"/>'
            + path(wave, "line", 1.2) + path(wave.replace(f"{y - 4:.1f}", f"{y + 4:.1f}", 1), "line", 1.2)
        )  # fmt: skip
        words = f"{seconds:.2g} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
        drawn.append(text((TIMES + edge) / 2, y + 5, f"{words} later", "muted", more=' font-style="italic"'))
    return "".join(drawn)


# Lines --------------------------------------------------------------------------------------------------------------------------


def lines(layout: Layout, look: Look) -> str:
    """The line of each node: what state it is in, when a call of it is open, and where it is down."""
    drawn = [line(x, 33, x, layout.height, "muted") for x in layout.x.values()]
    changes: dict[str, list[tuple[Place, State | None]]] = {node: [] for node in layout.x}  # None: down
    calls: dict[str, Place] = {}
    for place in layout.places:
        for event in place.step.events:
            if event.kind == "crash":
                changes[event.node].append((place, None))
            elif event.kind == "recover":
                changes[event.node].append((place, State("")))
            elif event.kind == "fact" and (state := look.state(event)) is not None and state.pattern != "none":
                changes[event.node].append((place, state))
            elif event.kind == "call":
                calls[event.node] = place
            elif event.kind == "return" and event.node in calls:
                start = calls.pop(event.node)
                wide = box(start.x, (start.y + place.y) / 2, 9, place.y - start.y, "muted", "shade", 2, 1.2)
                drawn.append(group(start.step.number, wide))
    for node, x in layout.x.items():
        ends = [place.y for place, _ in changes[node][1:]] + [layout.height]
        for (place, state), end in zip(changes[node], ends, strict=False):
            drawn.append(group(place.step.number, _segment(x, place.y, end, state)))
    return "".join(drawn)


def _segment(x: float, y1: float, y2: float, state: State | None) -> str:
    if y2 <= y1:
        return ""
    if state is None:
        gone = box(x, (y1 + y2) / 2, 12, y2 - y1)
        return gone + path(hatch(x, y1, y2, 6), "red", 1.1) + path(f"M{x - 6:.1f} {y1:.1f}V{y2:.1f}m12 0V{y1:.1f}", "red", 1.1)
    match state.pattern:
        case "solid":
            return line(x, y1, x, y2, state.ink, 6)
        case "double":
            return line(x, y1, x, y2, state.ink, 7) + line(x, y1, x, y2, "paper", 3)
        case "striped":
            return line(x, y1, x, y2, "paper", 9) + line(x, y1, x, y2, state.ink, 1.4) + line(x, y1, x, y2, state.ink, 9, "3 4")
    return ""


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
            drawn.append(path(f"M{x - 3:.1f} {start:.1f}h6m-3 0V{fired.y:.1f}", "yellow", 1.5, "1.5 3", fired.step.number))
    return "".join(drawn)


def faults(layout: Layout) -> str:
    """What befalls the network: a rule across, and, while it is split, a wall between the lanes of different groups."""
    drawn = []
    walls: list[tuple[float, Place]] = []
    for place in [*layout.places, None]:
        cause = place.step.cause if place else None
        if place is None or (cause is not None and isinstance(cause.what, Partition | Heal) and cause.kind == "fault"):
            end = place.y if place else layout.height
            drawn += [line(x, start.y, x, end, "orange", 2.4, "6 5", start.step.number) for x, start in walls]
            walls = []
        if place and cause is not None and cause.kind == "fault":
            drawn.append(line(TIMES, place.y, layout.right, place.y, "orange", 1.4, "6 5", place.step.number))
            if isinstance(cause.what, Partition):
                walls = [(x, place) for x in _walls(layout, cause.what)]
    return "".join(drawn)


def _walls(layout: Layout, partition: Partition) -> list[float]:
    side = {node: number for number, group in enumerate(partition.groups) for node in group}
    lanes = list(layout.x.items())
    return [(one[1] + other[1]) / 2 for one, other in pairwise(lanes) if side.get(one[0], -1) != side.get(other[0], -1)]


# What stands at the lines -------------------------------------------------------------------------------------------------------


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
        drawn.append(pill(x, y + PITCH * number, label.words, label.ink, label.wide, signs, label.sign == "crash"))
    if not place.marks:
        dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour("ink")}"/>'
        drawn.append(cylinder(x, y, place.disk == "full") if place.disk else dot)
    return group(place.step.number, "".join(drawn))
