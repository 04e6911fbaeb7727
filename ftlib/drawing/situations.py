"""A table of situations: what each of two participants has done, while the coordinator
is up and while it is down.

Explored states differ in messages, timers and disks. A *situation* is what they have in
common for somebody who looks on: who is up, who has voted, who has decided what. The
table counts, in each situation, the states in which a live participant waits for a
decision, and says whether it waits in vain.
"""

from collections.abc import Mapping

from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.drawing.shapes import box, text
from ftlib.drawing.states import cell
from ftlib.drawing.strip import flow

__all__ = ["STATUSES", "Counts", "Situation", "situation_table"]

STATUSES = {
    "working": "empty",
    "in doubt": "striped",
    "commit": "tick",
    "abort": "cross",
    "down": "dark",
}
Situation = tuple[
    str, ...
]  # the coordinator "up" or "down", and a key of STATUSES for each participant
Counts = Mapping[Situation, tuple[int, int, int]]
DOES = {
    "working": "has not voted",
    "in doubt": "is in doubt",
    "commit": "has committed",
    "abort": "has aborted",
    "down": "is down",
}
LEFT, TOP, WIDE, HIGH, GAP = (
    94.0,
    66.0,
    32.0,
    34.0,
    14.0,
)  # where the tables begin, their cells, the gap between them


def situation_table(counts: Counts, title: str, description: str = "") -> Picture:
    """Draw the situations of a coordinator and two participants.

    Parameters
    ----------
    counts : mapping from situation to (states, waiting, blocked)
        A situation is "up" or "down" for the coordinator, and a key of `STATUSES` for
        each participant.
    title, description : str
        The verdict, and a sentence more.

    Returns
    -------
    Picture

    Examples
    --------
    >>> picture = situation_table(
    ...     {("down", "in doubt", "commit"): (2, 2, 2)}, "Blocked in one situation."
    ... )
    >>> print(*picture.story)
    The coordinator is down, p1 is in doubt, p2 has committed: blocked in 2 of 2 states.

    Notes
    -----
    Explained in ``chapters/7_1_every_run``.
    """
    parts = [
        _table(LEFT + number * (5 * WIDE + GAP), where, counts)
        for number, where in enumerate(("up", "down"))
    ]
    parts += [
        _row_head(TOP + HIGH * (number + 0.5), status)
        for number, status in enumerate(STATUSES)
    ]
    parts.append(text(LEFT - 30, TOP - 12, "p1", "muted", "end", size=13))
    legend, bottom = flow(
        [
            (30.0, _count(0, 0, 3, 3, 22, 18), "blocked, in 3 states", "red"),
            (30.0, _count(0, 0, 3, 0, 22, 18), "waits, in 3 states", "orange"),
            (20.0, _count(0, 0, 0, 0), "nobody waits", "muted"),
            (0.0, "", "empty: not reached", "muted"),
        ],
        TOP + HIGH * 5 + 30,
        430,
    )
    story = tuple(_tell(now, *numbers) for now, numbers in counts.items() if numbers[1])
    return Picture(
        "".join([*parts, legend]),
        430,
        round(bottom - 8, 1),
        title,
        description,
        story or ("Nobody ever waits.",),
    )


def _table(left: float, where: str, counts: Counts) -> str:
    edges = "".join(
        f"M{left:g} {TOP + HIGH * k:g}h{5 * WIDE:g}M{left + WIDE * k:g}"
        f" {TOP:g}v{5 * HIGH:g}"
        for k in range(6)
    )
    drawn = (
        f'<path d="{edges}" fill="none" stroke="{colour("line")}" stroke-width="1"/>'
    )
    drawn += text(
        left + 2.5 * WIDE, 16, f"coordinator {where}", "ink", more=' font-weight="600"'
    )
    drawn += text(left + 2.5 * WIDE, 36, "p2", "muted", size=13)
    for column, status in enumerate(STATUSES):
        x = left + WIDE * (column + 0.5)
        drawn += _icon(status, x, TOP - 16)
        for row, other in enumerate(STATUSES):
            if (where, other, status) in counts:
                _, waiting, blocked = counts[where, other, status]
                drawn += _count(x, TOP + HIGH * (row + 0.5), waiting, blocked)
    return drawn


def _icon(status: str, x: float, y: float) -> str:
    return box(x, y, 16, 18, "muted", "paper", 4, 1.4) + cell(STATUSES[status], x, y)


def _row_head(y: float, status: str) -> str:
    words = "not voted" if status == "working" else status
    return text(LEFT - 30, y + 5, words, "ink", "end", size=13) + _icon(
        status, LEFT - 15, y
    )


def _count(
    x: float,
    y: float,
    waiting: int,
    blocked: int,
    wide: float = WIDE - 6,
    high: float = HIGH - 8,
) -> str:
    if not waiting:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour("muted")}"/>'
    ink, fill, letters = (
        ("red", "red", "paper") if blocked else ("orange", "paper", "orange")
    )
    return (
        box(x, y, wide, high, ink, fill, 4, 1.6)
        + f'<text x="{x:.1f}" y="{y + 5:.1f}" font-size="14" font-weight="600"'
        f' text-anchor="middle" fill="{colour(letters)}">'
        + f"{blocked or waiting}</text>"
    )


def _tell(now: Situation, states: int, waiting: int, blocked: int) -> str:
    where = ", ".join(
        f"p{number} {DOES[status]}" for number, status in enumerate(now[1:], 1)
    )
    found = (
        f"blocked in {blocked} of {states} states"
        if blocked
        else f"somebody waits in {waiting} states, never in vain"
    )
    return f"The coordinator is {now[0]}, {where}: {found}."
