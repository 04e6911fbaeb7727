"""The picture of a history: a column a process, a block an operation from its call to
its return, and the verdict drawn on it.

A history is linearizable if every operation can take effect at one point between its
call and its return (Herlihy and Wing 1990). The points are numbered and joined in their
order. If there is none, the longest order that was found is drawn, and what could come
next and does not fit is crossed out.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from ftlib.checking.history import History
from ftlib.checking.linearizability import Verdict, describe
from ftlib.checking.operation import Operation, clock, words
from ftlib.drawing.blocks import EDGE, ROW, Block, Token, stand, tokens_of
from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.drawing.shapes import (
    box,
    cross,
    group,
    head,
    line,
    path,
    shorten,
    text,
    width,
)
from ftlib.simulation.values import show

__all__ = ["history_picture"]

LEFT, PHONE = 46.0, 430.0  # room for times; what fits a phone without scrolling
NARROW, WIDE = 74.0, 124.0  # of a column


def history_picture(
    history: Iterable[Operation], verdict: Verdict | None = None
) -> Picture:
    """Draw a history.

    Parameters
    ----------
    history : History or iterable of Operation
        Two to five processes and up to twenty operations are easy to read; more are
        drawn, too.
    verdict : Verdict, optional
        What `check_linearizable` says of it. Step k of the picture shows the kth
        operation take effect.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If the verdict speaks of operations that are not in the history.

    Examples
    --------
    >>> from ftlib.checking.linearizability import check_linearizable
    >>> from ftlib.checking.models import Register
    >>> history = [
    ...     Operation("a", ("write", 1), None, 0, 3),
    ...     Operation("b", ("read",), 1, 1, 2),
    ... ]
    >>> history_picture(history, check_linearizable(history, Register))
    Linearizable: 2 operations have an order. Each takes effect at its numbered point, \
between its call and its return.
      1. write 1 by a takes effect: the register holds 1.
      2. read → 1 by b takes effect: the register holds 1.
    """
    history = history if isinstance(history, History) else History(history)
    order = _order(verdict)
    blocks = _blocks(history, order, verdict)
    tokens = list(tokens_of(blocks))
    high, column = stand(tokens) + 14, _column(history)
    points = sorted(
        (block for block in blocks if block.number), key=lambda block: block.number
    )
    drawn = [_names(history, high), _times(tokens)]
    drawn += [_frame(block, high) for block in blocks]
    drawn += [_joined(one, other) for one, other in pairwise(points)]
    drawn += [_words(block) for block in blocks]
    drawn += [_point(block) for block in points]
    drawn += [_crossed(block, len(points) + 1) for block in blocks if block.blocked]
    story = tuple(_story(history, order, verdict))
    title, description = _verdict(history, order, verdict)
    wide = max(LEFT + column * len(history.processes) + 8, 200.0)
    return Picture(
        "".join(drawn),
        wide,
        high + 8,
        title,
        description,
        story,
        0 if verdict is None else len(story),
    )


def _order(verdict: Verdict | None) -> list[Operation]:
    """The order to draw: where keys were judged apart, the one that failed, or all of
    them merged.
    """
    if verdict is None:
        return []
    if not isinstance(verdict.order, Mapping):
        return list(verdict.order)
    if verdict.key is not None:
        return list(verdict.order[verdict.key])
    queues = [list(reversed(order)) for order in verdict.order.values() if order]
    merged = []
    while queues:  # the most urgent next: what has to happen before something returns
        urgent = min(
            queues,
            key=lambda queue: min(
                (o.returned for o in queue if o.returned is not None),
                default=float("inf"),
            ),
        )
        merged.append(urgent.pop())
        queues = [queue for queue in queues if queue]
    return merged


def _processes(history: History) -> list[Any]:
    """The processes from left to right: by their numbers or names, so that a column
    stays where it is when an operation moves; else as they first call.
    """
    processes = history.processes
    if all(isinstance(process, int) for process in processes):
        return sorted(processes)
    if all(isinstance(process, str) for process in processes):
        return sorted(processes, key=lambda name: (len(name), name))
    return list(processes)


def _column(history: History) -> float:
    count = max(1, len(history.processes))
    return min(WIDE, max(NARROW, (PHONE - LEFT - 8) / count))


def _blocks(
    history: History, order: list[Operation], verdict: Verdict | None
) -> list[Block]:
    """Make a block of every operation, in the order of their calls."""
    column = _column(history)
    lanes = {
        process: LEFT + column * (number + 0.5)
        for number, process in enumerate(_processes(history))
    }
    numbers = {id(one): number for number, one in enumerate(_found(history, order), 1)}
    blocked = {
        id(one)
        for one in _found(history, verdict.blocked if verdict is not None else ())
    }
    partial = verdict is not None and verdict.key is not None
    blocks = []
    for one in history:
        block = Block(
            one,
            lanes[one.process],
            column / 2 - 4,
            _lines(one, column - 14),
            number=numbers.get(id(one), 0),
            blocked=id(one) in blocked,
        )
        block.muted = partial and not block.number and not block.blocked
        blocks.append(block)
    return blocks


def _found(history: History, operations: Iterable[Operation]) -> list[Operation]:
    """Find operations in the history: the same ones, or equal ones, each once."""
    left = list(history)
    found = []
    for one in operations:
        number = next((n for n, other in enumerate(left) if other is one), None)
        number = (
            number
            if number is not None
            else next((n for n, other in enumerate(left) if other == one), None)
        )
        if number is None:
            raise ValueError(
                f"{one} is not in this history: give the history that was judged"
            )
        found.append(left.pop(number))
    return found


def _lines(operation: Operation, room: float) -> tuple[str, ...]:
    call, result = _said(operation)
    result = "pending" if operation.pending else result
    if result and width(f"{call} {result}") <= room:
        return (f"{call} {result}",)
    return tuple(shorten(line, room) for line in (call, result) if line)


def _said(operation: Operation) -> tuple[str, str]:
    """The call and the result, in words for a picture."""
    call = operation.call
    parts = call if isinstance(call, (tuple, list)) and call else (call,)
    said = " ".join(
        part if isinstance(part, str) and part else show(part) for part in parts
    )
    if operation.pending or operation.words == words(call):
        return said, ""
    result = operation.result
    return said, f"→ {result if isinstance(result, str) and result else show(result)}"


# Strokes ------------------------------------------------------------------------------


def _names(history: History, high: float) -> str:
    column = _column(history)
    drawn = []
    for number, process in enumerate(_processes(history)):
        x = LEFT + column * (number + 0.5)
        name = shorten(str(process), (column - 16) / 1.08)
        drawn.append(line(x, 30, x, high, "line", 1.2))
        drawn.append(
            box(x, 16, column - 6, 26, "line", "shade", 6, 1)
            + text(x, 21, name, more=' font-weight="600"')
        )
    return "".join(drawn)


def _times(tokens: Iterable[Token]) -> str:
    """The times of calls and returns at the left edge, as far as there is room."""
    drawn, last = [], -100.0
    for time, kind, block in tokens:
        y = {"call": block.top, "return": block.bottom}.get(kind, last)
        if y - last >= 16:
            drawn.append(
                text(
                    LEFT - 5,
                    y + 4.5,
                    shorten(f"{time:.3g}", LEFT - 11, 12),
                    "muted",
                    "end",
                    12,
                )
            )
            last = y
    return "".join(drawn)


def _frame(block: Block, high: float) -> str:
    """A block; one that is pending has no lower edge."""
    half, top, ink = block.half, block.top + 1.5, "line" if block.muted else "muted"
    if not block.operation.pending:
        deep = block.bottom - 1.5 - top
        return box(block.x, top + deep / 2, 2 * half, deep, ink, "shade", 6, 1.4)
    left, end = f"M{block.x - half:.1f} ", high - 4
    return (
        f'<path d="{left}{end:.1f}V{top:.1f}h{2 * half:.1f}V{end:.1f}z"'
        f' fill="{colour("shade")}"/>'
        + path(
            f"{left}{end:.1f}V{top + 6:.1f}q0 -6 6 -6h{2 * half - 12:.1f}q6 0 6"
            f" 6V{end:.1f}",
            ink,
            1.4,
            "4 4",
        )
        + head(block.x, high + 4, 0, 1, ink)
    )


def _words(block: Block) -> str:
    """The words in a block, legible over lines."""
    ink = "muted" if block.muted else "ink"
    rows = (
        text(block.left, block.top + EDGE + ROW * (n + 0.72), words, ink, "start")
        for n, words in enumerate(block.lines)
    )
    return "".join(rows).replace(
        f'stroke="{colour("paper")}"', f'stroke="{colour("shade")}"'
    )


def _joined(one: Block, other: Block) -> str:
    """The way from one point to the next."""
    way = path(
        f"M{one.right:.1f} {one.point:.1f}L{other.right:.1f} {other.point:.1f}",
        "green",
        2,
    )
    return group(other.number, way)


def _point(block: Block) -> str:
    ring = (
        f'<circle cx="{block.right:.1f}" cy="{block.point:.1f}" r="10"'
        f' fill="{colour("green")}"/>'
    )
    number = text(
        block.right,
        block.point + 4.3,
        str(block.number),
        "paper",
        size=12,
        more=' font-weight="700"',
    )
    return group(
        block.number,
        ring + number.replace(f'stroke="{colour("paper")}"', 'stroke="none"'),
    )


def _crossed(block: Block, step: int) -> str:
    """What does not fit: a thick red frame and a cross."""
    half, top = block.half, block.top + 1.5
    frame = path(
        f"M{block.x - half + 6:.1f} {top:.1f}h{2 * half - 12:.1f}q6 0 6"
        f" 6V{block.bottom - 7.5:.1f}q0 6 -6 6h{12 - 2 * half:.1f}q-6 0 -6"
        f" -6V{top + 6:.1f}q0 -6 6 -6z",
        "red",
        2.6,
    )
    badge = (
        f'<circle cx="{block.x + half - 2:.1f}" cy="{top + 2:.1f}" r="9"'
        f' fill="{colour("red")}"/>'
    )
    return group(step, frame + badge + cross(block.x + half - 2, top + 2, 3.6, "paper"))


# Words --------------------------------------------------------------------------------


def _told(operation: Operation) -> str:
    return (
        " ".join(part for part in _said(operation) if part) + f" by {operation.process}"
    )


def _story(
    history: History, order: list[Operation], verdict: Verdict | None
) -> Iterator[str]:
    """One sentence an operation; with a verdict, one a step."""
    if verdict is None:
        yield from (f"{_told(one)}, {_when(one)}." for one in history)
        return
    parts = (
        [verdict.order]
        if not isinstance(verdict.order, Mapping)
        else verdict.order.values()
    )
    for one in order:
        part = next(part for part in parts if any(other is one for other in part))
        place = next(number for number, other in enumerate(part) if other is one)
        yield (
            f"{_told(one)} takes effect: {describe(verdict.model, part[: place + 1])}."
        )
    if verdict.blocked:
        yield (
            f"{' and '.join(map(_told, verdict.blocked))}"
            f" {'fit' if len(verdict.blocked) > 1 else 'fits'} nowhere."
        )


def _when(operation: Operation) -> str:
    if operation.returned is None:
        return f"called at {clock(operation.invoked)}, never answered"
    return f"from {clock(operation.invoked)} to {clock(operation.returned)}"


def _verdict(
    history: History, order: list[Operation], verdict: Verdict | None
) -> tuple[str, str]:
    """The title and the description."""
    pending = sum(one.pending for one in history)
    lost = (
        f"{pending} of them without an answer"
        if pending > 1
        else "one of them without an answer"
        if pending
        else ""
    )
    count = f"{len(history)} operation{'s' * (len(history) != 1)}"
    if verdict is None:
        processes = (
            f"{len(history.processes)} process{'es' * (len(history.processes) != 1)}"
        )
        return (
            f"{count} of {processes}{', ' if lost else ''}{lost}.",
            "A block reaches from a call to its return.",
        )
    if verdict.outcome == "linearizable":
        left = pending - sum(one.pending for one in order)
        unused = (
            f" {'One' if left == 1 else left} without an answer"
            f" {'is' if left == 1 else 'are'} left out."
            if left
            else ""
        )
        return (
            f"Linearizable: {count} {'has' if len(history) == 1 else 'have'} an order.",
            (
                "Each takes effect at its numbered point, between its call and its"
                f" return.{unused}"
            ),
        )
    if verdict.outcome == "unknown":
        return (
            "Not decided in time.",
            f"The points show the longest order found so far, {len(order)} operations.",
        )
    state = describe(verdict.model, order)
    first = verdict.blocked[0]
    others = (
        " Nor does anything else that could come next."
        if len(verdict.blocked) > 1
        else ""
    )
    return (
        f"Not linearizable: {_told(first)} fits nowhere.",
        (
            f"After the longest order found, {len(order)} of {count}, {state};"
            f" {_told(first)} does not fit.{others}"
        ),
    )
