"""A graph in layers, one row a depth: which states stand in which row, and where in it.

Where the boxes stand is found by turns: every state wants to be below the middle of
those that lead to it, and no two may overlap (Sugiyama, Tagawa and Toda 1981).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import fsum
from typing import Any

__all__ = ["Graph", "graph_of", "places", "spread"]

WIDE = 430.0
LEAST, MOST = 6.0, 34.0  # between boxes
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Graph:
    """The reachable states in rows by depth, and the steps between different ones."""

    rows: list[list[Any]]
    edges: list[tuple[Any, Any]]

    @property
    def depth(self) -> dict[Any, int]:
        """The number of each state's row, from 0."""
        return {state: number for number, row in enumerate(self.rows) for state in row}


def graph_of(model: Any) -> Graph:
    """List the states and steps of a small model.

    Examples
    --------
    >>> from ftlib.transactions.specification import TCommit
    >>> graph = graph_of(TCommit(2))
    >>> [len(row) for row in graph.rows], len(graph.edges)
    ([1, 4, 4, 2, 1], 22)
    """
    row, rows = list(dict.fromkeys(model.initial_states())), []
    seen, edges = set(row), dict[tuple[Any, Any], None]()
    while row:
        rows.append(row)
        after: list[Any] = []
        for state in row:
            for _, successor in model.successors(state):
                if successor != state:
                    edges[state, successor] = None
                if successor not in seen:
                    seen.add(successor)
                    after.append(successor)
        row = after
    return Graph(rows, list(edges))


def places(
    graph: Graph, size: float, side: Callable[[Any], int], words: Callable[[Any], str]
) -> tuple[dict[Any, float], float]:
    """Find the x of each state, and how wide the picture becomes.

    Parameters
    ----------
    graph : Graph
    size : float
        How wide the box of a state is.
    side : callable from a state to int
        In a row, states with a smaller number stand to the left.
    words : callable from a state to str
        What orders states that want to be at the same place.

    Returns
    -------
    tuple
        A dict of the middle of each state's box, and the width.
    """
    near: dict[Any, list[Any]] = {state: [] for row in graph.rows for state in row}
    for one, other in graph.edges:
        near[one].append(other)
        near[other].append(one)
    longest = max(map(len, graph.rows))
    gap = min(MOST, max(LEAST, (WIDE - 16 - longest * size) / longest))
    wide = max(WIDE, longest * (size + LEAST) + 16)
    x = {
        state: wide / 2 + (size + gap) * (number - (len(row) - 1) / 2)
        for row in graph.rows
        for number, state in enumerate(row)
    }
    for _ in range(ROUNDS):
        for row in graph.rows:
            wanted = {
                state: fsum(x[other] for other in near[state]) / (len(near[state]) or 1)
                for state in row
            }
            row.sort(
                key=lambda state: (side(state), round(wanted[state], 3), words(state))
            )
            x.update(
                zip(
                    row,
                    spread([wanted[state] for state in row], size + gap),
                    strict=True,
                )
            )
    return _inside(x, graph.rows, size, gap, wide), wide


def spread(wanted: list[float], gap: float) -> list[float]:
    """Move points, in their order, as little as possible so that they stand `gap` apart
    (isotonic regression).
    """
    blocks: list[list[float]] = []  # [mean of what is wanted less the gaps, how many]
    for number, each in enumerate(wanted):
        blocks.append([each - gap * number, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (one, few), (other, more) = blocks[-2:]
            blocks[-2:] = [[(one * few + other * more) / (few + more), few + more]]
    means = [mean for mean, count in blocks for _ in range(int(count))]
    return [mean + gap * number for number, mean in enumerate(means)]


def _inside(
    x: dict[Any, float], rows: list[list[Any]], size: float, gap: float, wide: float
) -> dict[Any, float]:
    """Move what stands outside the picture inwards."""
    edge = size / 2 + 6
    for row in rows:
        low = [
            max(x[state], edge + (size + gap) * number)
            for number, state in enumerate(row)
        ]
        high = [
            wide - edge - (size + gap) * (len(row) - 1 - number)
            for number in range(len(row))
        ]
        x.update(zip(row, map(min, low, high), strict=True))
    return x
