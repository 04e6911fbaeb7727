"""The figure of placements: what moves under each when the nodes change; and a picture
of any.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import cross, path, short, text
from ftlib.figures.controls import Choice, Range
from ftlib.hashing import (
    HashRing,
    JumpHash,
    Maglev,
    Modulo,
    Placement,
    Rendezvous,
)

__all__ = ["placements"]

WIDE = 430
NAMES = "ABCDEFGHI"  # the last for who joins eight
KEYS = [f"key {number}" for number in range(60)]


def keys_in_words(number: int) -> str:
    return "1 key" if number == 1 else f"{number} keys"


def stays_put(x: float, y: float) -> str:
    return f'<circle cx="{short(x)}" cy="{short(y)}" r="3.5" fill="{colour("muted")}"/>'


def moves_on(x: float, y: float) -> str:
    return (
        f'<path d="M{short(x)} {short(y - 7)}l7 7l-7 7l-7 -7z"'
        f' fill="{colour("orange")}" stroke="{colour("paper")}"/>'
    )


RULES: dict[str, tuple[str, Callable[[Iterable[str]], Placement]]] = {
    "modulo": ("the remainder", Modulo),
    "ring": ("a ring, 160 points", HashRing),
    "rendezvous": ("rendezvous", Rendezvous),
    "jump": ("jump", JumpHash),
    "maglev": ("Maglev", lambda nodes: Maglev(nodes, size=251)),
    "ketama": (
        "ketama, weights 1, 2, 3…",
        lambda nodes: HashRing(
            {node: NAMES.index(node) + 1 for node in nodes}, points="ketama"
        ),
    ),
}


def placements(
    rule: Annotated[
        str, Choice({rule: words for rule, (words, _) in RULES.items()}, "Placement")
    ] = "modulo",
    nodes: Annotated[int, Range(range(3, 8), "Nodes")] = 6,
    change: Annotated[
        str,
        Choice(
            {
                "last": "the last leaves",
                "first": "the first leaves",
                "joins": "one joins",
            },
            "What happens",
        ),
    ] = "last",
) -> Picture:
    """Draw on which node keys are after a change, and which of them have moved.

    Parameters
    ----------
    rule : {"modulo", "ring", "rendezvous", "jump", "maglev", "ketama"}
    nodes : int
        How many there are at first.
    change : {"last", "first", "joins"}

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/3_2_consistent_hashing``.
    """
    start = NAMES[:nodes]
    ends = {"last": start[:-1], "first": start[1:], "joins": NAMES[: nodes + 1]}
    end = ends[change]
    words, make = RULES[rule]
    before, after = make(start).lookup_many(KEYS), make(end).lookup_many(KEYS)
    title = _moved_words(*counted(before, after, start, end))
    if rule == "jump" and change == "first":
        title += " Jump can lose the last only: all others move up."
    return bins(
        before,
        after,
        tuple(start),
        tuple(end),
        title,
        f"{len(KEYS)} keys on {nodes} nodes, placed by {words.split(',')[0]};"
        f" {_event(start, end)}.",
    )


def counted(
    before: Sequence[str],
    after: Sequence[str],
    start: Iterable[str],
    end: Iterable[str],
) -> tuple[int, int, int]:
    """How many keys stay, have to move, and move without need."""
    old, new = set(start), set(end)
    pairs = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    needless = sum(was in new and now in old for was, now in pairs)
    return len(before) - len(pairs), len(pairs) - needless, needless


def bins(
    before: Sequence[str],
    after: Sequence[str],
    start: tuple[str, ...],
    end: tuple[str, ...],
    title: str,
    description: str,
) -> Picture:
    """Draw keys on the nodes that they are on after a change, with a sign for those
    that have moved.

    Parameters
    ----------
    before, after : sequence of str
        The node of each key; about sixty keys have room.
    start, end : tuple of str
        The nodes before and after.
    title, description : str

    Returns
    -------
    Picture
    """
    names = (*start, *(node for node in end if node not in start))
    held: dict[str, list[Callable[[float, float], str]]] = {node: [] for node in names}
    for old, new in sorted(
        zip(before, after, strict=True),
        key=lambda pair: (pair[0] != pair[1], pair[0] in end and pair[1] in start),
    ):
        both = old in end and new in start
        sign = stays_put if old == new else _astray if both else moves_on
        held[new].append(sign)
    stays, needed, needless = counted(before, after, start, end)
    parts = [
        _column(place, len(names), node, held[node], node not in end)
        for place, node in enumerate(names)
    ]
    return Picture(
        "".join(parts) + _signs(),
        WIDE,
        356,
        title,
        description,
        (
            f"{keys_in_words(stays)} stay where they are.",
            f"{keys_in_words(needed)} had to move, because {_event(start, end)}.",
            f"{keys_in_words(needless)} moved between nodes that were there before and"
            " are there after.",
        ),
    )


def _event(start: Iterable[str], end: Iterable[str]) -> str:
    gone = [node for node in start if node not in end]
    new = [node for node in end if node not in start]
    events = [f"{node} leaves" for node in gone] + [f"{node} joins" for node in new]
    return " and ".join(events) or "nothing happens"


def _moved_words(stays: int, needed: int, needless: int) -> str:
    moving, total = needed + needless, stays + needed + needless
    if not needless:
        return f"{keys_in_words(moving)} of {total} move, and each of them had to."
    return f"{keys_in_words(moving)} of {total} move, {needless} without need."


FLOOR = 286  # on which the keys stand


def _column(
    place: int,
    columns: int,
    node: str,
    signs: list[Callable[[float, float], str]],
    gone: bool,
) -> str:
    """A node, and the keys that are on it, three in a row."""
    room = (WIDE - 20) / columns
    x = 10 + (place + 0.5) * room
    wide = min(room - 10, 56)
    edge = path(
        f"M{short(x - wide / 2)} 20V{FLOOR}H{short(x + wide / 2)}V20",
        "line",
        1.6,
        "5 4" if gone else "",
    )
    ink = "muted" if gone else "ink"
    parts = [edge, text(x, FLOOR + 20, node, ink, "middle", 16, ' font-weight="600"')]
    for number, sign in enumerate(signs):
        row, at = divmod(number, 3)
        parts.append(sign(x + (at - 1) * 15, FLOOR - 12 - 15 * row))
    if gone:
        parts.append(text(x, FLOOR - 12, "gone", "muted", "middle", 15))
    return "".join(parts)


def _astray(x: float, y: float) -> str:
    return cross(x, y, 4.5)


def _signs() -> str:
    parts = []
    for x, sign, words in (
        (16, stays_put, "stays"),
        (90, moves_on, "had to move"),
        (222, _astray, "moved without need"),
    ):
        parts.append(sign(x, 334))
        parts.append(text(x + 14, 339, words, "ink", "start", 15))
    return "".join(parts)
