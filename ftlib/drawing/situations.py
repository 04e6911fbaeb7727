"""A table of situations: what each of two nodes has done, in every state of a third.

Explored states differ in messages, timers and disks. A *situation* is what they have in
common for somebody who looks on: who is up, who has promised, who has decided what. The
table says of each situation whether a live node waits there, and whether in vain. How
many states a situation has says nothing, and is not shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.drawing.shapes import box, flow, text
from ftlib.drawing.states import cell

__all__ = ["Counts", "Situation", "SituationLook", "Status", "situation_table"]

Situation = tuple[str, ...]  # the state of the third node, and a status of each other
Counts = Mapping[Situation, tuple[int, int, int]]


class Status(NamedTuple):
    """What a node may have done: its sign, one of `ftlib.drawing.states.CELLS`, its
    name, and the end of a sentence that begins with the node, such as "is in doubt".
    """

    sign: str
    name: str
    does: str


@dataclass(frozen=True, slots=True)
class SituationLook:
    """How the situations of three nodes are drawn and told.

    Parameters
    ----------
    nodes : tuple of str
        The third node, whose states are drawn side by side, and the two whose statuses
        are the rows and the columns.
    states : tuple of str
        Two states of the third node.
    statuses : mapping from str to Status
        What the two others may have done.
    """

    nodes: tuple[str, str, str]
    states: tuple[str, str]
    statuses: Mapping[str, Status]


LEFT, TOP, WIDE, HIGH, GAP = (
    96.0,
    66.0,
    32.0,
    34.0,
    12.0,
)  # where the tables begin, their cells, the gap between them


def situation_table(
    counts: Counts, look: SituationLook, title: str, description: str = ""
) -> Picture:
    """Draw the situations of three nodes.

    Parameters
    ----------
    counts : mapping from situation to (states, waiting, blocked)
        A situation is a state of the third node, and a status of each of the others.
    look : SituationLook
    title, description : str
        The verdict, and a sentence more.

    Returns
    -------
    Picture

    Examples
    --------
    >>> statuses = {
    ...     "free": Status("empty", "free", "is free"),
    ...     "waits": Status("striped", "waits", "waits"),
    ... }
    >>> look = SituationLook(("server", "a", "b"), ("up", "down"), statuses)
    >>> picture = situation_table(
    ...     {("down", "free", "waits"): (2, 2, 2)}, look, "Blocked in one situation."
    ... )
    >>> print(*picture.story)
    The server is down, a is free, b waits: somebody waits in vain.

    Notes
    -----
    Explained in ``chapters/7_1_every_run``.
    """
    parts = [
        _table(LEFT + number * (len(look.statuses) * WIDE + GAP), where, counts, look)
        for number, where in enumerate(look.states)
    ]
    parts += [
        text(LEFT - 28, TOP + HIGH * (number + 0.5) + 5, name, "ink", "end", size=13)
        + _icon(sign, LEFT - 15, TOP + HIGH * (number + 0.5))
        for number, (sign, name, _) in enumerate(look.statuses.values())
    ]
    parts.append(text(LEFT - 28, TOP - 12, look.nodes[1], "muted", "end", size=13))
    legend, bottom = flow(
        [
            (30.0, _mark(0, 0, 1, 1, 22, 18), "somebody waits in vain", "red"),
            (30.0, _mark(0, 0, 1, 0, 22, 18), "somebody waits", "orange"),
            (20.0, _mark(0, 0, 0, 0), "nobody waits", "muted"),
            (0.0, "", "empty: never reached", "muted"),
        ],
        TOP + HIGH * len(look.statuses) + 30,
        430,
    )
    story = tuple(
        _tell(look, now, numbers[2]) for now, numbers in counts.items() if numbers[1]
    )
    return Picture(
        "".join([*parts, legend]),
        430,
        round(bottom - 8, 1),
        title,
        description,
        story or ("Nobody ever waits.",),
    )


def _table(left: float, where: str, counts: Counts, look: SituationLook) -> str:
    size = len(look.statuses)
    edges = "".join(
        f"M{left:g} {TOP + HIGH * k:g}h{size * WIDE:g}M{left + WIDE * k:g}"
        f" {TOP:g}v{size * HIGH:g}"
        for k in range(size + 1)
    )
    drawn = (
        f'<path d="{edges}" fill="none" stroke="{colour("line")}" stroke-width="1"/>'
    )
    third, _, columns = look.nodes
    middle = left + size / 2 * WIDE
    drawn += text(middle, 16, f"{third} {where}", "ink", more=' font-weight="600"')
    drawn += text(middle, 36, columns, "muted", size=13)
    for column, (status, (sign, *_)) in enumerate(look.statuses.items()):
        x = left + WIDE * (column + 0.5)
        drawn += _icon(sign, x, TOP - 16)
        for row, other in enumerate(look.statuses):
            if (where, other, status) in counts:
                _, waiting, blocked = counts[where, other, status]
                drawn += _mark(x, TOP + HIGH * (row + 0.5), waiting, blocked)
    return drawn


def _icon(sign: str, x: float, y: float) -> str:
    return box(x, y, 16, 18, "muted", "paper", 4, 1.4) + cell(sign, x, y)


def _mark(
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
        + f"{'!' if blocked else '…'}</text>"
    )


def _tell(look: SituationLook, now: Situation, blocked: int) -> str:
    where = ", ".join(
        f"{node} {look.statuses[status].does}"
        for node, status in zip(look.nodes[1:], now[1:], strict=True)
    )
    found = "somebody waits in vain" if blocked else "somebody waits, not in vain"
    return f"The {look.nodes[0]} is {now[0]}, {where}: {found}."
