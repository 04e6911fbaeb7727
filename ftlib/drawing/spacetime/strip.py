"""What stands beside and below a space-time diagram: the strip of properties, their
verdicts, and the key to the signs.
"""

from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import (
    cross,
    cylinders,
    dots,
    flow,
    group,
    label,
    path,
    short,
    stroke,
    styled,
)
from ftlib.drawing.spacetime.places import Layout, Place
from ftlib.simulation import Finding

__all__ = [
    "CELL",
    "blamed",
    "column",
    "rings",
    "signs",
    "strip",
    "threads",
    "verdicts",
]

CELL, APART = 10.5, 11.0  # width of a column, and least distance of its dots
SIGNS = {"holds": ("✓", "green"), "violated": ("✗", "red"), "unknown": ("?", "orange")}

RINGED = f'stroke="{colour("red")}" stroke-width="2"'
RING = styled(RINGED, ['<rect x="-8" y="-6" width="16" height="12" rx="6"/>'])


def column(layout: Layout, number: int) -> float:
    """The middle of a column of the strip."""
    return layout.right + CELL * (number + 0.5)


def strip(findings: tuple[Finding, ...], layout: Layout) -> str:
    """A column a property: a dot at each instant while it holds, a red cell with a
    cross from the violating event on.
    """
    names, dots, cells = [], [], []
    columns = [column(layout, number) for number in range(len(findings))]
    for number, (x, finding) in enumerate(zip(columns, findings, strict=True), 1):
        ink = colour(SIGNS[finding.verdict][1])
        names.append(label(x, 25, str(number), more=f' fill="{ink}"'))
    last: tuple[list[int], float, float] | None = None
    for place in layout.places if findings else ():
        broken = [number for number, one in enumerate(findings) if _broken(one, place)]
        time, y = place.step.first.time, place.y
        near = last and (time == last[1] or y < last[2] + APART)
        if last and last[0] == broken and (near or place.step.in_the_air):
            continue
        last = broken, time, y
        holds = [x for number, x in enumerate(columns) if number not in broken]
        if holds:
            d = "".join(f"M{short(x)} {short(place.y)}h0" for x in holds)
            dots.append(stroke(d, place.number))
        if broken:
            red = _red([columns[number] for number in broken], place.y)
            cells.append(group(place.number, red))
    style = f'stroke="{colour("green")}" stroke-width="5.5" stroke-linecap="round"'
    return (
        styled('font-size="12" font-weight="600"', names)
        + styled(style, dots)
        + "".join(cells)
    )


def _red(columns: list[float], y: float) -> str:
    cells = "".join(f"M{short(x - 5)} {short(y - 5)}h10v10h-10z" for x in columns)
    arms = "".join(f"M{short(x - 2.5)} {short(y - 2.5)}l5 5m0 -5l-5 5" for x in columns)
    return f'<path d="{cells}" fill="{colour("red")}"/>' + path(arms, "paper", 1.5)


def _broken(finding: Finding, place: Place) -> bool:
    return (
        finding.event is not None and place.step.events[-1].index >= finding.event.index
    )


def blamed(findings: tuple[Finding, ...], layout: Layout) -> dict[int, Place]:
    """The place of the event that violates a property, by the number of its column."""
    found = {}
    for number, finding in enumerate(findings):
        place = next((each for each in layout.places if _broken(finding, each)), None)
        if place is not None:
            found[number] = place
    return found


def threads(found: dict[int, Place], layout: Layout) -> str:
    """A dotted line from the place of each violation to its column."""
    return styled(
        f'stroke="{colour("red")}" stroke-width="1.2" stroke-dasharray="2 3"',
        [
            stroke(
                f"M{short(place.x + place.half + 4)} {short(place.y)}"
                f"H{short(column(layout, number) - 7)}",
                place.number,
            )
            for number, place in found.items()
        ],
    )


def rings(found: dict[int, Place]) -> str:
    """A red ring around the place of each violation."""
    drawn = []
    for place in {place.number: place for place in found.values()}.values():
        half, high = place.half + 4, place.bottom - place.y + place.up + 8
        drawn.append(
            f'<rect data-step="{place.number}" x="{short(place.x - half)}"'
            f' y="{short(place.y - place.up - 4)}" width="{short(2 * half)}"'
            f' height="{short(high)}" rx="{min(14, high / 2):g}"/>'
        )
    return styled(RINGED, drawn)


def verdicts(findings: tuple[Finding, ...], y: float, wide: float) -> tuple[str, float]:
    """Name the columns of the strip; where one is red, say since when."""
    bad = [finding.verdict != "holds" for finding in findings]
    pieces: list[tuple[float, str, str, str]] = []
    for number, finding in enumerate(findings, 1):
        sign, ink = SIGNS[finding.verdict]
        since = f": {finding.verdict}" if bad[number - 1] else ""
        since += f" at {finding.event.time:.3f} s" if finding.event else ""
        pieces.append((0.0, "", f"{number} {sign} {finding.name}{since}", ink))
    if any(finding.event for finding in findings):
        pieces.insert(0, (23.0, RING, "violated here", "red"))
    return flow(pieces, y, wide)


def signs(
    layout: Layout,
    ends: set[str],
    waiting: bool,
    known: str,
    hidden: str,
    y: float,
    wide: float,
) -> tuple[str, float]:
    """Say what the signs mean that occur, and what is not shown."""
    disks = {place.disk for place in layout.places}
    pieces = []
    if any(place.dot for place in layout.places):
        pieces.append((16.0, dots([(0, 0, 0)]), "an event", "muted"))
    if "forces" in disks:
        forces = cylinders([(0, 0, 0)], True)
        pieces.append((18.0, forces, "forces its writes to disk", "muted"))
    if "writes" in disks:
        writes = cylinders([(0, 0, 0)], False)
        pieces.append((18.0, writes, "writes without forcing", "muted"))
    if ends - {"handled", "on its way"}:
        pieces.append((18.0, cross(0, 0, 4.5), "lost", "muted"))
    if known or "on its way" in ends:
        words = f"not known to {known}" if known else "still on its way"
        dotted = path("M-9 0h16", "blue", 1.7, "1.9 4")
        pieces.append((26.0, dotted, words, "muted"))
    if waiting:
        dotted = path("M-3 -8h6m-3 0V6", "yellow", 1.5, "1.5 3")
        pieces.append((16.0, dotted, "a timer runs", "muted"))
    if layout.cuts:
        wave = path("M-9 -3q4 -4 8 0t8 0M-9 3q4 -4 8 0t8 0", "muted", 1.2)
        pieces.append((26.0, wave, "time is squeezed", "muted"))
    if any(not row.first and not row.aloft for row in layout.rows):
        bracket = path("M4 -7h-4V7h4", "muted", 1.4)
        pieces.append((16.0, bracket, "one instant", "muted"))
    if hidden:
        pieces.append((0.0, "", f"not shown: {hidden}", "muted"))
    return flow(pieces, y, wide)
