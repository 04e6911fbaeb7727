"""A way through a specification as a picture: one row a step, one column a part of the
state, to be gone through step by step.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ftlib.checking import Counterexample
from ftlib.drawing import Picture
from ftlib.drawing.shapes import text, width

__all__ = ["way_drawn"]

ROW, GAP, TOP = 24.0, 18.0, 20.0


def way_drawn(
    way: Counterexample,
    columns: Sequence[str],
    cells: Callable[[Any], Sequence[str]],
    title: str,
) -> Picture:
    """Draw a way as a table; what a step has changed is bold.

    Parameters
    ----------
    way : Counterexample
    columns : sequence of str
        What the parts of a state are called.
    cells : callable from state to a sequence of str
        One word for each of them.
    title : str
    """
    rows = [("the beginning", *cells(way.states[0]))]
    rows += [
        (str(action), *cells(state))
        for action, state in zip(way.actions, way.states[1:], strict=True)
    ]
    heads = ("step", *columns)
    wide = [
        max(width(row[k]) for row in (heads, *rows)) + GAP for k in range(len(heads))
    ]
    left = [GAP + sum(wide[:k]) for k in range(len(heads))]
    parts = [
        text(x, TOP, head, "muted", "start")
        for x, head in zip(left, heads, strict=True)
    ]
    for number, row in enumerate(rows):
        before = rows[max(number - 1, 0)]
        for k, (x, word) in enumerate(zip(left, row, strict=True)):
            new = k and word != before[k]
            more = ' font-weight="700"' if new else ""
            ink = "blue" if new else "ink"
            y = TOP + ROW * (number + 1)
            parts.append(text(x, y, word, ink, "start", more=more, step=number))
    story = tuple(
        f"{row[0]}: "
        + ", ".join(
            f"{name} {word}" for name, word in zip(columns, row[1:], strict=True)
        )
        for row in rows[1:]
    )
    high = TOP + ROW * len(rows) + GAP
    return Picture(
        "".join(parts), GAP + sum(wide), high, title, "", story, steps=len(way)
    )
