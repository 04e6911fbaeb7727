"""What stands beside and below a space-time diagram: the strip of properties, their
verdicts, and the key to the signs.
"""

from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import cross, cylinder, flow, group, line, path, text
from ftlib.drawing.spacetime.places import Layout, Place
from ftlib.simulation import Finding

__all__ = ["CELL", "signs", "strip", "verdicts"]

CELL = 10.5  # width of a column
SIGNS = {"holds": ("✓", "green"), "violated": ("✗", "red"), "unknown": ("?", "orange")}


def strip(findings: tuple[Finding, ...], layout: Layout) -> str:
    """A column a property: a ring at each row while it holds, a red cell with a cross
    from the violating event on.

    The first red cell of a column is joined by a dotted line to the event that it
    stands for, which has a red ring.
    """
    drawn = []
    columns = {
        number: layout.right + CELL * (number + 0.5) for number in range(len(findings))
    }
    for number, x in columns.items():
        drawn.append(
            text(
                x,
                25,
                str(number + 1),
                SIGNS[findings[number].verdict][1],
                size=12,
                more=' font-weight="600"',
            )
        )
    blamed: dict[int, Place] = {}
    last: tuple[float, tuple[bool, ...]] | None = None
    for place in layout.places:
        broken = tuple(_broken(finding, place) for finding in findings)
        for number in (
            number for number, bad in enumerate(broken) if bad and number not in blamed
        ):
            blamed[number] = place
            drawn.append(_blame(place, columns[number]))
        if (
            last
            and last[1] == broken
            and (place.step.in_the_air or place.y - last[0] < 11)
        ):
            continue
        last = place.y, broken
        rings = "".join(
            f"M{columns[n] - 3:.1f} {place.y:.1f}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0"
            for n in columns
            if not broken[n]
        )
        cells = "".join(
            f"M{columns[n] - 5:.1f} {place.y - 5:.1f}h10v10h-10z"
            for n in columns
            if broken[n]
        )
        arms = "".join(
            f"M{columns[n] - 2.5:.1f} {place.y - 2.5:.1f}l5 5m0 -5l-5 5"
            for n in columns
            if broken[n]
        )
        drawn.append(
            group(
                place.step.number,
                path(rings, "green", 1.4) * bool(rings)
                + f'<path d="{cells}" fill="{colour("red")}"/>' * bool(cells)
                + path(arms, "paper", 1.5) * bool(arms),
            )
        )
    return "".join(drawn)


def _broken(finding: Finding, place: Place) -> bool:
    return (
        finding.event is not None and place.step.events[-1].index >= finding.event.index
    )


def _blame(place: Place, x: float) -> str:
    half, middle = place.half + 4, (place.y + place.last) / 2
    high = place.bottom - place.y + place.up + 8
    ring = (
        f'<rect x="{place.x - half:.1f}" y="{middle - high / 2:.1f}"'
        f' width="{2 * half:.1f}" height="{high:.1f}" rx="{min(14, high / 2):g}"'
        f' fill="none" stroke="{colour("red")}" stroke-width="2"/>'
    )
    return group(
        place.step.number,
        line(place.x + half, place.y, x - 7, place.y, "red", 1.2, "2 3") + ring,
    )


def verdicts(findings: tuple[Finding, ...], y: float, wide: float) -> tuple[str, float]:
    """Name the columns of the strip; where one is red, say since when."""
    bad = [finding.verdict != "holds" for finding in findings]
    pieces = []
    for number, finding in enumerate(findings, 1):
        sign, ink = SIGNS[finding.verdict]
        since = f": {finding.verdict}" if bad[number - 1] else ""
        since += f" at {finding.event.time:.3f} s" if finding.event else ""
        pieces.append((0.0, "", f"{number} {sign} {finding.name}{since}", ink))
    return flow(pieces, y, wide)


def signs(layout: Layout, ends: set[str], y: float, wide: float) -> tuple[str, float]:
    """Say what the signs mean that occur."""
    disks = {place.disk for place in layout.places}
    pieces = []
    if "full" in disks:
        pieces.append((18.0, cylinder(0, 0, True), "safe on disk", "muted"))
    if "empty" in disks:
        pieces.append((18.0, cylinder(0, 0, False), "written, not forced", "muted"))
    if ends - {"handled", "on its way"}:
        pieces.append((18.0, cross(0, 0, 4.5), "lost", "muted"))
    return flow(pieces, y, wide)
