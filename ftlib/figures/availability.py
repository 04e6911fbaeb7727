"""The figure of how available a service of several nodes is."""

import math
from html import escape
from typing import Annotated

from ftlib.analysis.availability import HOURS_A_YEAR, distribution_up, majority
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.figures.controls import Choice, Range
from ftlib.figures.words import chance_in_words, percent

__all__ = ["k_of_n"]

WIDTH = 430
ROW = 34  # height of one bar's row
HEAD = 44  # height of a zone's heading
GAP = 10  # between zones
LEFT = 172  # where bars begin: seven nodes fit before it
BAR = 160  # length of a bar of probability 1
RIGHT = WIDTH - 14  # where numbers end


def k_of_n(
    nodes: Annotated[int, Range((1, 2, 3, 4, 5, 7), "Nodes")] = 3,
    up_probability: Annotated[
        float, Range((0.5, 0.8, 0.9, 0.99, 0.999), "Each node is up", style="%")
    ] = 0.9,
    must_be_up: Annotated[
        str,
        Choice(
            {"all": "all", "majority": "a majority", "any": "any one"},
            "How many must be up",
        ),
    ] = "majority",
    common_cause: Annotated[
        float,
        Choice(
            {0.0: "never", 0.001: "0.1 % of the time"}, "All down at once, by one cause"
        ),
    ] = 0.0,
) -> Picture:
    """Draw how likely each number of nodes is to be up, and what that makes of a
    service that needs some of them.

    Parameters
    ----------
    nodes : int
        How many nodes there are.
    up_probability : float
        The part of the time that each is up, given that no common cause has struck.
    must_be_up : {"all", "majority", "any"}
        How many of them the service needs.
    common_cause : float
        The part of the time that one cause has all of them down.

    Returns
    -------
    Picture

    Notes
    -----
    Drawn from `ftlib.analysis.availability.distribution_up`. Explained in
    ``chapters/1_1_how_available``.
    """
    needed = {"all": nodes, "majority": majority(nodes), "any": 1}[must_be_up]
    chances = distribution_up(nodes, up_probability, common_cause)
    down = math.fsum(chances[:needed])
    one_down = 1 - up_probability * (1 - common_cause)
    above, below = HEAD + (nodes - needed + 1) * ROW + 8, HEAD + needed * ROW + 8
    parts = [
        _zone(0, above, "green", "Service up", _percent_up(down)),
        _zone(above + GAP, below, "red", "Service down", chance_in_words(down)),
    ]
    for row, up in enumerate(range(nodes, -1, -1)):
        works = up >= needed
        middle = HEAD + (row + 0.5) * ROW + (0 if works else GAP + HEAD + 8)
        parts.append(_nodes(nodes, up, middle))
        parts.append(_bar(chances[up], works, middle))
    height = above + GAP + below + 22
    parts.append(_text(14, height + 14, "Down in a year", 17, "ink", weight=600))
    parts.append(_downtime("this service", down, max(down, one_down), height + 44))
    parts.append(
        _downtime("one node alone", one_down, max(down, one_down), height + 78)
    )

    rule = {"all": "all", "majority": "a majority", "any": "any one"}[must_be_up]
    return Picture(
        "".join(parts),
        WIDTH,
        height + 102,
        f"Up {_percent_up(down)} of the time: {_compared(down, one_down)}.",
        f"{_plural(nodes)} up {percent(up_probability)} of the time; {rule} ({needed}"
        f" of {nodes}) must be up.",
        (
            *(_line(up, nodes, needed, chances[up]) for up in range(nodes, -1, -1)),
            *_sums(down, one_down, common_cause),
        ),
    )


def _zone(y: float, height: float, name: str, words: str, total: str) -> str:
    """The ground of the rows in which the service is up, or down."""
    return (
        f'<rect x="0" y="{y:g}" width="{WIDTH}" height="{height:g}" rx="8"'
        f' fill="{colour(name)}" fill-opacity=".09"/><rect x="0" y="{y:g}" width="5"'
        f' height="{height:g}" rx="2.5" fill="{colour(name)}"/>'
        + _text(14, y + 29, words, 17, name, weight=600)
        + _text(RIGHT, y + 30, total, 22, name, "end", 700)
    )


def _nodes(nodes: int, up: int, middle: float) -> str:
    """One disc a node: filled with a tick if up, empty with a cross if down."""
    drawn = []
    for number in range(nodes):
        x = 24 + number * 21
        if number < up:
            drawn.append(
                f'<circle cx="{x}" cy="{middle:g}" r="9"'
                f' fill="{colour("green")}"/><path d="M{x - 4} {middle + 0.5:g}l3 3'
                f' 5-6.5" fill="none" stroke="{colour("paper")}" stroke-width="2"/>'
            )
        else:
            drawn.append(
                f'<circle cx="{x}" cy="{middle:g}" r="8" fill="none"'
                f' stroke="{colour("red")}" stroke-width="1.8"/><path d="M{x - 3.5}'
                f' {middle - 3.5:g}l7 7m0-7l-7 7" stroke="{colour("red")}"'
                ' stroke-width="1.8"/>'
            )
    return "".join(drawn)


def _bar(chance: float, works: bool, middle: float) -> str:
    """A probability as a bar, plain if the service is then up, hatched if it is
    down.
    """
    length = max(BAR * chance, 2.0)
    if works:
        bar = (
            f'<rect x="{LEFT}" y="{middle - 11:g}" width="{length:.1f}" height="22"'
            f' rx="2" fill="{colour("green")}"/>'
        )
    else:
        bar = _hatched(LEFT, middle - 11, length)
    return bar + _text(RIGHT, middle + 6, chance_in_words(chance), 17, "ink", "end")


def _downtime(name: str, down: float, most: float, middle: float) -> str:
    length = max(0.85 * BAR * down / most, 2.0)
    return (
        _text(14, middle + 6, name, 17, "muted")
        + _hatched(LEFT, middle - 11, length)
        + _text(RIGHT, middle + 6, _a_year(down), 17, "ink", "end", 600)
    )


def _hatched(x: float, y: float, length: float) -> str:
    """What is down is hatched in red, so that it differs from what is up without its
    colour too.
    """
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{length:.1f}" height="22" rx="2"'
        f' fill="{colour("red")}" fill-opacity=".2"/><path'
        f' d="{_hatch(x, y, length, 22)}" stroke="{colour("red")}" stroke-width="1.8"/>'
    )


def _hatch(x: float, y: float, width: float, height: float, gap: float = 6) -> str:
    """Slanted lines that fill a box. (A pattern would need an id.)"""
    lines = []
    start = gap / 2 - height
    while start < width:
        low, high = max(start, 0.0), min(start + height, width)
        if low < high:
            lines.append(
                f"M{x + low:.1f} {y + height - (low - start):.1f}L{x + high:.1f}"
                f" {y + height - (high - start):.1f}"
            )
        start += gap
    return "".join(lines)


def _text(
    x: float,
    y: float,
    words: str,
    size: float,
    ink: str,
    anchor: str = "start",
    weight: int = 400,
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" font-weight="{weight}"'
        f' text-anchor="{anchor}" fill="{colour(ink)}">{escape(words)}</text>'
    )


def _plural(nodes: int) -> str:
    return "1 node," if nodes == 1 else f"{nodes} nodes, each"


def _percent_up(down: float) -> str:
    """An availability with as many digits as it takes to see that it is not 1."""
    if down < 1e-9:
        return "over 99.9999999 %"
    if down > 0.9:
        return percent(1 - down)
    digits = max(0, 1 - math.floor(math.log10(100 * down)))
    return f"{100 * (1 - down):.{digits}f} %"


def _nines(down: float) -> str:
    return f"{max(0.0, -math.log10(down)):.1f}"


def _a_year(down: float) -> str:
    """Downtime in the unit that suits it."""
    seconds = down * HOURS_A_YEAR * 3600
    for size, unit in (
        (86400, "days"),
        (3600, "hours"),
        (60, "minutes"),
        (1, "seconds"),
        (1e-3, "milliseconds"),
    ):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.3g} {unit}"
    return "under a millisecond"


def _compared(down: float, one_down: float) -> str:
    ratio = down / one_down
    if math.isclose(ratio, 1, rel_tol=1e-9):
        return "the same as one node alone"
    if ratio > 1:
        return f"it is down {ratio:.2g} times as long as one node alone"
    times = 1 / ratio
    if times > 1e6 * (1 + 1e-6):  # a million itself is not over a million
        return "one node alone is down over a million times as long"
    digits = 1 - math.floor(math.log10(times * (1 + 1e-6)))
    return (
        f"one node alone is down {round(times, digits):,.{max(digits, 0)}f} times as"
        " long"
    )


def _line(up: int, nodes: int, needed: int, chance: float) -> str:
    which = f"All {nodes} nodes" if up == nodes > 1 else f"{up} of {nodes} nodes"
    return (
        f"{which} up: {chance_in_words(chance)}. The service is"
        f" {'up' if up >= needed else 'down'}."
    )


def _sums(down: float, one_down: float, common_cause: float) -> list[str]:
    told = [
        (
            f"In total the service is up {_percent_up(down)} of the time"
            f" ({_nines(down)} nines), down {_a_year(down)} a year."
        ),
        (
            f"One node alone is up {_percent_up(one_down)} of the time"
            f" ({_nines(one_down)} nines), down {_a_year(one_down)} a year."
        ),
    ]
    if common_cause:
        told.append(
            f"One cause has all nodes down at once {percent(common_cause)} of the time."
        )
    return told
