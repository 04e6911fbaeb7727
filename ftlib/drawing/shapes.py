"""The strokes that diagrams are made of, as strings of SVG: escaped, and with the
palette's colours.

A stroke that appears at step k of a picture carries ``data-step="k"``; one of step 0 is
there from the start. Hatches and arrow heads are drawn out, because an SVG pattern or
marker needs an ``id``, and several pictures share a page.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from ftlib.drawing.palette import colour

__all__ = [
    "HALO",
    "SIZE",
    "arrowhead",
    "box",
    "clocks",
    "cross",
    "cylinders",
    "dots",
    "flow",
    "group",
    "hatch",
    "head",
    "label",
    "line",
    "path",
    "short",
    "shorten",
    "stroke",
    "styled",
    "text",
    "width",
]

SIZE = 14.0  # of letters, in units of the drawing: 11 pixels on a phone
# a margin of paper that keeps words legible over lines
HALO = f'stroke="{colour("paper")}" stroke-width="4" paint-order="stroke"'
NARROW, WIDE = frozenset("ijl.,:;'|!()[] IftrJ"), frozenset("mwMWOQGDNHU@%…→←")


@lru_cache(maxsize=4096)
def width(words: str, size: float = SIZE) -> float:
    """Estimate how wide a text is, rather too wide than too narrow: which font a reader
    has is not known.

    Examples
    --------
    >>> width("mill") < width("team")
    True
    """
    hundredths = (
        sum(  # of integers: how floats are summed differs between versions of Python
            (
                39
                if letter in NARROW
                else (
                    84
                    if letter in WIDE
                    else 61
                    if letter < "\x7f"
                    else 82
                    if letter < "\u2e80"
                    else 100
                )
            )
            for letter in words
        )
    )
    return size * hundredths / 100


def shorten(words: str, room: float, size: float = SIZE) -> str:
    """Cut a text to the width it may take, in its middle: names that differ often do so
    at the end.

    Examples
    --------
    >>> shorten("payments-coordinator-2", 100)
    'payme…tor-2'
    """
    if width(words, size) <= room:
        return words
    for keep in range(len(words) - 1, 0, -1):
        cut = words[: (keep + 1) // 2] + "…" + words[len(words) - keep // 2 :]
        if width(cut, size) <= room:
            return cut
    return "…"


def short(number: float) -> str:
    """Write a coordinate with a decimal, or none.

    Examples
    --------
    >>> short(2.04), short(2.06)
    ('2', '2.1')
    """
    return f"{number:.1f}".removesuffix(".0")


def _at(step: int) -> str:
    return f' data-step="{step}"' if step else ""


def group(step: int, inside: str) -> str:
    """Let some strokes appear together at a step."""
    return f"<g{_at(step)}>{inside}</g>" if step and inside else inside


def styled(style: str, parts: Iterable[str]) -> str:
    """Give strokes their common attributes once.

    Examples
    --------
    >>> styled('fill="none"', ["<path/>", "", "<path/>"])
    '<g fill="none"><path/><path/></g>'
    """
    inside = "".join(parts)
    return f"<g {style}>{inside}</g>" if inside else ""


def label(x: float, y: float, words: str, step: int = 0, more: str = "") -> str:
    """Write words in the style of the group that they stand in."""
    at = f'<text x="{short(x)}" y="{short(y)}"'
    return f"{at}{more}{_at(step)}>{escape(words)}</text>"


def stroke(d: str, step: int = 0) -> str:
    """Draw a path in the style of the group that it stands in."""
    return f'<path{_at(step)} d="{d}"/>'


def text(
    x: float,
    y: float,
    words: str,
    ink: str = "ink",
    anchor: str = "middle",
    size: float = SIZE,
    more: str = "",
    step: int = 0,
) -> str:
    """Write words; `y` is the base of the letters. A margin of paper keeps them legible
    over lines.
    """
    return (
        f'<text x="{short(x)}" y="{short(y)}"'
        f' font-size="{size:g}" text-anchor="{anchor}"'
        f' fill="{colour(ink)}" stroke="{colour("paper")}" stroke-width="4"'
        ' stroke-linejoin="round"'
        f' paint-order="stroke"{more}{_at(step)}>{escape(words)}</text>'
    )


def path(
    d: str, ink: str, thick: float = 1.6, dash: str = "", step: int = 0, more: str = ""
) -> str:
    """Draw a line that is not filled."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{d}" fill="none" stroke="{colour(ink)}"'
        f' stroke-width="{thick:g}"{dashes}{more}{_at(step)}/>'
    )


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    ink: str,
    thick: float = 1.6,
    dash: str = "",
    step: int = 0,
) -> str:
    """Draw a straight line."""
    return path(
        f"M{short(x1)} {short(y1)}L{short(x2)} {short(y2)}", ink, thick, dash, step
    )


def box(
    x: float,
    y: float,
    wide: float,
    high: float,
    ink: str = "",
    fill: str = "paper",
    round_: float = 0.0,
    thick: float = 1.5,
) -> str:
    """Draw a box around a middle."""
    edge = f' stroke="{colour(ink)}" stroke-width="{thick:g}"' if ink else ""
    return (
        f'<rect x="{short(x - wide / 2)}" y="{short(y - high / 2)}"'
        f' width="{short(wide)}" height="{high:g}" rx="{round_:g}"'
        f' fill="{colour(fill)}"{edge}/>'
    )


def arrowhead(x: float, y: float, ux: float, uy: float) -> str:
    """Return the head of an arrow whose tip is at a point and which goes the way of a
    unit vector, as the ``d`` of a path.
    """
    return (
        f"M{short(x)} {short(y)}l{short(-10 * ux - 4.5 * uy)}"
        f" {short(-10 * uy + 4.5 * ux)}l{short(9 * uy)} {short(-9 * ux)}z"
    )


def head(x: float, y: float, ux: float, uy: float, ink: str, step: int = 0) -> str:
    """Draw the head of an arrow."""
    return f'<path d="{arrowhead(x, y, ux, uy)}" fill="{colour(ink)}"{_at(step)}/>'


def cross(x: float, y: float, size: float, ink: str = "red", step: int = 0) -> str:
    """Draw the sign of what is lost."""
    arms = (
        f"M{short(x - size)} {short(y - size)}l{2 * size:g} {2 * size:g}m0"
        f" {-2 * size:g}l{-2 * size:g} {2 * size:g}"
    )
    return path(arms, ink, 2.4, step=step, more=' stroke-linecap="round"')


def dots(found: Iterable[tuple[float, float, int]]) -> str:
    """Draw the sign of an event at some points, each from a step on."""
    return styled(
        f'stroke="{colour("ink")}" stroke-width="8" stroke-linecap="round"',
        [stroke(f"M{x:g} {y:g}h0", step) for x, y, step in found],
    )


def cylinders(found: Iterable[tuple[float, float, int]], full: bool) -> str:
    """Draw the sign of a disk at some points, each from a step on: full where writes
    are forced, empty where they are not.
    """
    corners = [(f"M{short(x - 5)} {short(y - 4)}", step) for x, y, step in found]
    fill, edge = colour("purple" if full else "paper"), colour("purple")
    rim = colour("paper") if full else edge
    return styled(
        f'fill="{fill}" stroke="{edge}" stroke-width="1.5"',
        [
            stroke(f"{corner}v8a5 2.4 0 0 0 10 0v-8a5 2.4 0 0 0 -10 0z", step)
            for corner, step in corners
        ],
    ) + styled(
        f'fill="none" stroke="{rim}" stroke-width="1.2"',
        [stroke(f"{corner}a5 2.4 0 0 0 10 0", step) for corner, step in corners],
    )


def clocks(found: Iterable[tuple[float, float, int]], ink: str) -> str:
    """Draw the sign of a timer at some points, each from a step on."""
    face = "a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0m5.5 -3.5v3.5h2.5"
    return styled(
        f'fill="none" stroke="{colour(ink)}" stroke-width="1.5"',
        [stroke(f"M{short(x - 5.5)} {short(y)}{face}", step) for x, y, step in found],
    )


def hatch(x: float, y1: float, y2: float, half: float, gap: float = 7.0) -> str:
    """Return slanted lines that fill a column from `y1` to `y2`, as part of the ``d``
    of a path.

    They lie on a grid, so that one column continues another.
    """
    parts = []
    for number in range(int(y1 // gap) + 1, int((y2 + 2 * half) // gap) + 1):
        low, high = (
            max(number * gap - 2 * half, y1),
            min(number * gap, y2),
        )  # cut off at both ends
        if low < high:
            parts.append(
                f"M{short(x - half + number * gap - low)}"
                f" {short(low)}L{short(x - half + number * gap - high)} {short(high)}"
            )
    return "".join(parts)


def flow(
    pieces: Iterable[tuple[float, str, str, str]], y: float, wide: float
) -> tuple[str, float]:
    """Set pieces (width of a sign, the sign drawn at 0, words, ink) side by side, line
    after line, as far as they fit.
    """
    drawn, x, high = [], 8.0, 22.0
    for sign_wide, sign, words, ink in pieces:
        needed = sign_wide + width(words)
        if x > 8 and x + needed > wide - 4:
            x, y = 8.0, y + high
        if sign:
            drawn.append(
                f'<g transform="translate({short(x + sign_wide / 2 - 3)}'
                f' {short(y - 5)})">{sign}</g>'
            )
        drawn.append(text(x + sign_wide, y, words, ink, "start"))
        x += needed + 14
    return "".join(drawn), y + high if drawn else y
