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
    "SIZE",
    "box",
    "clock",
    "cross",
    "cylinder",
    "flow",
    "group",
    "hatch",
    "head",
    "line",
    "path",
    "pill",
    "shorten",
    "text",
    "width",
]

SIZE = 14.0  # of letters, in units of the drawing: 11 pixels on a phone
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


def _at(step: int) -> str:
    return f' data-step="{step}"' if step else ""


def group(step: int, inside: str) -> str:
    """Let some strokes appear together at a step."""
    return f"<g{_at(step)}>{inside}</g>" if step and inside else inside


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
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"'
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
    return path(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", ink, thick, dash, step)


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
        f'<rect x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}"'
        f' height="{high:g}" rx="{round_:g}" fill="{colour(fill)}"{edge}/>'
    )


def head(x: float, y: float, ux: float, uy: float, ink: str, step: int = 0) -> str:
    """Draw the head of an arrow whose tip is at a point and which goes the way of a
    unit vector.
    """
    return (
        f'<path d="M{x:.1f} {y:.1f}l{-10 * ux - 4.5 * uy:.1f}'
        f' {-10 * uy + 4.5 * ux:.1f}l{9 * uy:.1f} {-9 * ux:.1f}z"'
        f' fill="{colour(ink)}"{_at(step)}/>'
    )


def cross(x: float, y: float, size: float, ink: str = "red", step: int = 0) -> str:
    """Draw the sign of what is lost."""
    arms = (
        f"M{x - size:.1f} {y - size:.1f}l{2 * size:g} {2 * size:g}m0"
        f" {-2 * size:g}l{-2 * size:g} {2 * size:g}"
    )
    return path(arms, ink, 2.4, step=step, more=' stroke-linecap="round"')


def cylinder(x: float, y: float, full: bool) -> str:
    """Draw the sign of a disk: full for what is safe on it, empty for what is written
    but not forced.
    """
    fill = colour("purple" if full else "paper")
    return (
        f'<path d="M{x - 5:.1f} {y - 4:.1f}v8a5 2.4 0 0 0 10 0v-8a5 2.4 0 0 0 -10 0z"'
        f' fill="{fill}" stroke="{colour("purple")}" stroke-width="1.5"/>'
        + path(
            f"M{x - 5:.1f} {y - 4:.1f}a5 2.4 0 0 0 10 0",
            "paper" if full else "purple",
            1.2,
        )
    )


def clock(x: float, y: float, ink: str) -> str:
    """Draw the sign of a timer."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="none"'
        f' stroke="{colour(ink)}" stroke-width="1.5"/>'
        + path(f"M{x:.1f} {y - 3.5:.1f}v3.5h2.5", ink, 1.5)
    )


def pill(
    x: float,
    y: float,
    words: str,
    ink: str,
    wide: float,
    signs: str = "",
    filled: bool = False,
) -> str:
    """Draw a label in a frame; ready-made signs stand at its left end."""
    letters = text(
        x + wide / 2 - 7 - width(words) if signs else x,
        y + 5,
        words,
        "paper" if filled else ink,
        "start" if signs else "middle",
    )
    if filled:  # the margin of letters would be of their own colour
        letters = letters.replace(f' stroke="{colour("paper")}"', ' stroke="none"', 1)
    return box(x, y, wide, 21, ink, ink if filled else "paper", 10.5) + signs + letters


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
                f"M{x - half + number * gap - low:.1f}"
                f" {low:.1f}L{x - half + number * gap - high:.1f} {high:.1f}"
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
                f'<g transform="translate({x + sign_wide / 2 - 3:.1f}'
                f' {y - 5:.1f})">{sign}</g>'
            )
        drawn.append(text(x + sign_wide, y, words, ink, "start"))
        x += needed + 14
    return "".join(drawn), y + high if drawn else y
