"""The figure of the modes of replication: what each loses and misses, how long it makes
wait, and what it costs, under the same faults.
"""

from typing import Annotated

from ftlib.analysis.estimate import Estimate
from ftlib.analysis.modes_measured import MEASURED, RUNS
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import line, styled, text, width
from ftlib.figures.controls import Choice

__all__ = ["NAMES", "found", "modes"]

WIDTH, LEFT, RIGHT = 430, 14, 416
TOP, ROW = 50, 58  # where the rows begin, and how high each is
WIDE, GAP = 84, 22  # of a column, and between two

NAMES = {
    "guess": "asynchronous, 2 of 3 decide",
    "asynchronous": "asynchronous, all 3 decide",
    "one copy": "semi-synchronous, 1 of 2; 2 of 3 decide",
    "synchronous": "synchronous, 2 of 2; 1 decides",
    "quorum": "quorum, W = 2; nobody decides",
}
"""The modes by the names under which they were measured, in words."""
COLUMNS = (  # of each its name, what is the end of its scale, and its unit
    ("Runs that", "lose a write", 0.5, "%"),
    ("Reads that", "are stale", 0.5, "%"),
    ("Time without", "service", 0.6, "%"),
    ("A write", "takes", 0.15, "ms"),
)
STRIKES = {
    "crashes": "every node crashes once, for 0.5 s",
    "a death": "one node, whichever, crashes for good",
    "a cut": "one node is cut off, with a client, for 0.5 s",
    "a far node": "the last node is 40 ms further away",
}
READS = {
    "sure": "the primary, or R = 2 nodes",
    "anywhere": "any one node, from what it has",
}


def found(faults: str, reads: str) -> dict[str, tuple[tuple[float, float, float], ...]]:
    """Look up what was measured.

    Parameters
    ----------
    faults : str
        A key of `STRIKES`.
    reads : str
        A key of `READS`.

    Returns
    -------
    dict
        For each mode, for lost writes, stale reads, time without service and the time
        of a write: the value, and the ends of its interval.
    """
    table = {}
    for name in NAMES:
        lost, *rest = MEASURED[reads, faults, name]
        runs = Estimate.of(int(lost), RUNS)
        table[name] = (
            (runs.value, runs.low, runs.high),
            *zip(rest[::3], rest[1::3], rest[2::3], strict=True),
        )
    return table


def modes(
    faults: Annotated[str, Choice(STRIKES, "What strikes")] = "crashes",
    reads: Annotated[str, Choice(READS, "A read is answered by")] = "sure",
) -> Picture:
    """Draw what five modes of three nodes are like under the same faults.

    Parameters
    ----------
    faults : str
        A key of `STRIKES`.
    reads : str
        A key of `READS`.

    Returns
    -------
    Picture

    Notes
    -----
    What `ftlib.analysis.modes.measure` finds in so many runs that it is kept in
    `ftlib.analysis.modes_measured`. Explained in ``chapters/3_1_replication``.
    """
    table = found(faults, reads)
    parts = [_heads()]
    story = []
    for number, (name, values) in enumerate(table.items()):
        y = TOP + ROW * number
        parts.append(text(LEFT, y + 16, NAMES[name], "ink", "start", 14))
        parts += [_dot(column, y + 42, *each) for column, each in enumerate(values)]
        told = ", ".join(
            f"{first.lower()} {second} {_words(column, value)}"
            f" ({_words(column, low)} to {_words(column, high)})"
            for column, ((first, second, _, _), (value, low, high)) in enumerate(
                zip(COLUMNS, values, strict=True)
            )
        )
        story.append(f"{NAMES[name]}: {told}.")
    losing = sum(values[0][0] > 0 for values in table.values())
    stale = sum(values[1][0] > 0 for values in table.values())
    return Picture(
        "".join(parts),
        WIDTH,
        TOP + ROW * len(NAMES) + 8,
        f"{losing or 'None'} of 5 modes {_verb(losing, 'lose')} acknowledged writes,"
        f" and {stale or 'none'} {_verb(stale, 'return')} stale reads.",
        f"{RUNS} runs of each. Bars longer than their dots are 95 % intervals.",
        tuple(story),
    )


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def _left(column: int) -> float:
    return LEFT + column * (WIDE + GAP)


def _heads() -> str:
    drawn = []
    for column, (first, second, _, _) in enumerate(COLUMNS):
        x = _left(column)
        drawn.append(text(x, 20, first, "muted", "start", 13.5))
        drawn.append(text(x, 37, second, "muted", "start", 13.5))
    return "".join(drawn)


def _words(column: int, value: float) -> str:
    if COLUMNS[column][3] == "ms":
        return f"{1000 * value:.0f} ms"
    if 0 < value < 0.001:
        return "<0.1 %"
    return f"{100 * value:.2g} %" if value else "0"


def _dot(column: int, y: float, value: float, low: float, high: float) -> str:
    """Draw a value on the scale of its column, with its interval, and write it."""
    left, end = _left(column), COLUMNS[column][2]

    def x(at: float) -> float:
        return left + WIDE * min(at / end, 1)

    ink = "blue" if column == 3 else "red" if value else "green"
    drawn = [line(left, y, left + WIDE, y, "line", 1)]
    drawn.append(line(x(low), y, x(high), y, ink, 3))
    drawn.append(
        f'<circle cx="{x(value):.1f}" cy="{y}" r="5.5" fill="{colour(ink)}"/>'
        if value
        else styled(
            f'fill="{colour("paper")}" stroke="{colour(ink)}" stroke-width="2"',
            [f'<circle cx="{x(0):.1f}" cy="{y}" r="5"/>'],
        )
    )
    words = _words(column, value)
    most = left + WIDE + (GAP - 14 if column < 3 else 0) - width(words)
    place = max(left, min(x(value) + 10, most))
    drawn.append(text(place, y - 9, words, "ink", "start", 14, ' font-weight="600"'))
    return "".join(drawn)
