"""The small shapes that diagrams are made of, as SVG text."""

from html import escape

from ftlib.drawing.palette import colour

__all__ = ["SIZE", "cross", "disk", "group", "line", "pill", "text"]

SIZE = 14  # of letters, in units of the drawing


def text(x: float, y: float, words: str, ink: str = "ink", anchor: str = "middle", size: float = SIZE, more: str = "") -> str:
    """Write words at a point, with a halo of the ground's colour so that a line below them does not matter."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" fill="{colour(ink)}" '
        f'stroke="{colour("paper")}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"{more}>{escape(words)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, ink: str, width: float = 1.6, dash: str = "") -> str:
    """Draw a straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour(ink)}" stroke-width="{width:g}"{dashes}/>'
    )


def cross(x: float, y: float, size: float, ink: str = "red") -> str:
    """Draw a cross around a point."""
    return line(x - size, y - size, x + size, y + size, ink, 2.6) + line(x - size, y + size, x + size, y - size, ink, 2.6)


def group(step: int, inside: str) -> str:
    """Make a part that appears at a step; nothing of nothing."""
    return f'<g data-step="{step}">{inside}</g>' if inside else ""


def pill(x: float, y: float, words: str, ink: str, clock: bool = False) -> str:
    """Write words in a rounded label around a point, after a clock if asked."""
    half = 3.7 * len(words) + 6 + 8 * clock
    drawn = (
        f'<rect x="{x - half:.1f}" y="{y - 9.5:.1f}" width="{2 * half:.1f}" height="19" rx="9.5" fill="{colour("paper")}" '
        f'stroke="{colour(ink)}" stroke-width="1.5"/>' + text(x + 7 * clock, y + 4.5, words, ink, size=13)
    )
    if clock:
        at = x - half + 11
        drawn += (
            f'<circle cx="{at:.1f}" cy="{y:.1f}" r="5.5" fill="none" stroke="{colour(ink)}" stroke-width="1.5"/>'
            f'<path d="M{at:.1f} {y - 3.5:.1f}v3.5h2.5" fill="none" stroke="{colour(ink)}" stroke-width="1.5"/>'
        )
    return drawn


def disk(x: float, y: float, forced: bool) -> str:
    """Draw the square that stands for a write: filled if it is forced to disk."""
    fill = colour("purple") if forced else colour("paper")
    return (
        f'<rect x="{x - 5.5:.1f}" y="{y - 5.5:.1f}" width="11" height="11" rx="2" fill="{fill}" '
        f'stroke="{colour("purple")}" stroke-width="2"/>'
    )
