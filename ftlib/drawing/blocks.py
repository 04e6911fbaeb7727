"""Where the operations of a history stand: time runs downward, in order but not to
scale.

Every block is as high as its words and its point need, and what happens later never
stands higher.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from ftlib.checking.operation import Operation

__all__ = ["EDGE", "ROW", "Block", "Token", "stand", "tokens_of"]

TOP = 40.0  # room for names
ROW, POINT, EDGE = (
    17.0,
    24.0,
    7.0,
)  # heights: of a line of words, of a point, of the space within a block
GAP = 9.0  # between two times


@dataclass(slots=True, eq=False)
class Block:
    """An operation as it is drawn: its words, and where it stands."""

    operation: Operation
    x: float
    half: float  # of its width
    lines: tuple[str, ...]
    number: int = 0  # of its point, 0 if it has none
    top: float = 0.0
    point: float = 0.0
    bottom: float = 0.0
    blocked: bool = False
    muted: bool = False  # of another key than the one that is told of

    @property
    def left(self) -> float:
        """Where its words begin."""
        return self.x - self.half + 7

    @property
    def right(self) -> float:
        """Where its point stands, clear of most words."""
        return self.x + self.half - 16

    @property
    def head(self) -> float:
        """How much room its words take."""
        return EDGE + ROW * len(self.lines)


Token = tuple[float, str, Block]


def tokens_of(blocks: list[Block]) -> Iterator[Token]:
    """Yield calls, points and returns from top to bottom.

    At one time come the returns, then what begins and ends there, then the calls:
    operations that touch stand at one height.
    """
    times = sorted(
        {
            time
            for block in blocks
            for time in (block.operation.invoked, block.operation.returned)
            if time is not None
        }
    )
    place = {time: number for number, time in enumerate(times)}
    order = sorted(
        (block for block in blocks if block.number), key=lambda block: block.number
    )
    earliest = list(
        accumulate((place[block.operation.invoked] for block in order), max)
    )
    ends = (
        (
            len(times)
            if block.operation.returned is None
            else place[block.operation.returned]
        )
        for block in reversed(order)
    )
    latest = list(accumulate(ends, min))[::-1]
    at: dict[
        int, list[Block]
        # by twice the number of a time: at it (even), or between it and the next (odd)
    ] = {}
    for block, early, late in zip(order, earliest, latest, strict=True):
        at.setdefault(2 * early + (early < late), []).append(block)
    for block in blocks:
        if not block.number and block.operation.invoked == block.operation.returned:
            at.setdefault(2 * place[block.operation.invoked], []).append(block)
    for number, time in enumerate(times):
        here = at.get(2 * number, [])
        yield from (
            (time, "return", block)
            for block in blocks
            if block.operation.returned == time and block not in here
        )
        for block in here:
            if block.operation.invoked == time:
                yield time, "call", block
            if block.number:
                yield time, "point", block
            if block.operation.returned == time:
                yield time, "return", block
        yield from (
            (time, "call", block)
            for block in blocks
            if block.operation.invoked == time and block not in here
        )
        yield from ((time, "point", block) for block in at.get(2 * number + 1, []))


def stand(tokens: list[Token]) -> float:
    """Give every token its height, each as far up as it can be; return where the
    picture ends.
    """
    y, point, last = TOP, TOP - POINT, None
    for time, kind, block in tokens:
        if last is not None and time != last and kind != "point":
            y += GAP
            last = time
        last = time if last is None else last
        if kind == "call":
            block.top = y
            y = max(y, TOP)
        elif kind == "point":
            y = point = block.point = max(
                y + 2, block.top + block.head + POINT / 2 - 2, point + POINT
            )
        else:
            room = (
                block.point + POINT / 2 + 2
                if block.number
                else block.top + block.head + EDGE
            )
            y = block.bottom = max(y, room)
    ends = [
        block.point + POINT / 2 if block.number else block.top + block.head
        for *_, block in tokens
        if block.operation.pending
    ]
    return max([y, *(end + 34 for end in ends)])
