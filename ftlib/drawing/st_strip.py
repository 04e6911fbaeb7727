"""The strip at the right of a space-time diagram: a column a property, red from the violating event on."""

from ftlib.drawing.palette import colour
from ftlib.drawing.st_layout import Layout, Step
from ftlib.drawing.st_shapes import disk, group, text
from ftlib.simulation import Finding

__all__ = ["CELL", "keys", "strip", "verdicts"]

CELL = 13.0  # width of a column


def strip(findings: tuple[Finding, ...], layout: Layout, right: float) -> str:
    """A column a property: a ring in each row while it holds, a red cell with a cross from the violating event on."""
    drawn = []
    rows: dict[float, list[Step]] = {}
    for step in layout.steps:
        rows.setdefault(step.y, []).append(step)
    for number, finding in enumerate(findings):
        x = right + CELL * number + CELL / 2
        drawn.append(text(x, 24, str(number + 1), "muted", size=12))
        first = finding.event.index if finding.verdict == "violated" and finding.event is not None else None
        for y, steps in rows.items():
            bad = [step for step in steps if first is not None and step.last >= first]
            drawn.append(group((bad or steps)[0].number, _cell(x, y, bool(bad))))
    return "".join(drawn)


def _cell(x: float, y: float, bad: bool) -> str:
    if not bad:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="none" stroke="{colour("green")}" stroke-width="1.5"/>'
    return (
        f'<rect x="{x - 5.5:.1f}" y="{y - 5.5:.1f}" width="11" height="11" fill="{colour("red")}"/>'
        f'<path d="M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6" stroke="{colour("paper")}" stroke-width="1.6"/>'
    )


def keys(layout: Layout) -> tuple[str, float]:
    """What the squares mean, where there are any."""
    kinds = {event.kind for step in layout.steps for event in step.events}
    y = layout.height + 20
    if not kinds & {"write", "force"}:
        return "", y - 8
    return (
        disk(18, y - 4, True) + text(30, y, "forced to disk", "muted", "start", 12)
        + disk(138, y - 4, False) + text(150, y, "written, lost in a crash", "muted", "start", 12)
    ), y + 4  # fmt: skip


def verdicts(findings: tuple[Finding, ...], y: float) -> tuple[str, float]:
    """The names and the verdicts of the properties, from a height down; return the height of their end too."""
    drawn = []
    for number, finding in enumerate(findings, 1):
        sign, ink = {"holds": ("✓", "green"), "violated": ("✗", "red"), "unknown": ("?", "orange")}[finding.verdict]
        y += 20
        when = f", from {finding.event.time:.3f} s on" if finding.event else ""
        drawn.append(text(12, y, f"{number} {sign} {finding.name}: {finding.verdict}{when}", ink, "start"))
    return "".join(drawn), y + 14
