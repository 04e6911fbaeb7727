"""The state graph of a model, drawn whole: one row a depth, one box a state, a line for
each step that leads on.

Each box shows its state by a row of cells, one a node of the system: empty, striped, a
tick, a cross or dark. States of one *region* stand side by side on a tint of their own,
with an outline of its own dashes, for who does not see the colours.
States that were asked for have a ring; a way through the graph is a thick line, which
appears step by step. Where the boxes stand is found by `ftlib.drawing.layers`.

A picture of this kind is for some dozens of states. Beyond that a number says more.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ftlib.checking import Counterexample
from ftlib.drawing.layers import Graph, graph_of, places
from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.drawing.shapes import box, flow, group, head, path

__all__ = ["CELLS", "GraphLook", "cell", "state_graph"]

CELLS = ("empty", "striped", "tick", "cross", "dark")
CELL, HIGH = 12.0, 18.0  # width and height of a cell
ROW, TOP = 54.0, 28.0  # between rows; above the first
DASHES = ("7 4", "none", "1.5 3")  # of the outlines of regions, in turn


@dataclass(frozen=True, slots=True)
class GraphLook:
    """How the states of a model are drawn and told.

    Parameters
    ----------
    cells : callable from a state to names of `CELLS`
        What is in its box, from left to right; equally many for every state.
    words : callable from a state to str
        What it is, for the story.
    legend : mapping from a name of `CELLS` to str
        What the cells mean.
    step : callable from an action to str
        What happens in it, for the story.
    dots : callable from a state to "", "open" or "full" for each cell
        A dot on its upper edge.
    dots_legend : mapping from "open" and "full" to str
        What the dots mean.
    region : callable from a state to str
        Which region it is in.
    regions : mapping from a region to (words, colour)
        From left to right.
    """

    cells: Callable[[Any], Sequence[str]]
    words: Callable[[Any], str]
    legend: Mapping[str, str] = field(default_factory=dict)
    step: Callable[[Any], str] = str
    dots: Callable[[Any], Sequence[str]] = lambda state: ()
    dots_legend: Mapping[str, str] = field(default_factory=dict)
    region: Callable[[Any], str] = lambda state: ""
    regions: Mapping[str, tuple[str, str]] = field(
        default_factory=lambda: {"": ("", "muted")}
    )


def state_graph(
    model: Any,
    look: GraphLook,
    *,
    marked: Collection[Any] = (),
    mark: str = "",
    ink: str = "orange",
    way: Counterexample | None = None,
    title: str = "",
    description: str = "",
) -> Picture:
    """Draw all reachable states of a model.

    Parameters
    ----------
    model : Model
        Of some dozens of states.
    look : GraphLook
    marked : collection of states
        Those that get a ring.
    mark : str
        What the ring means.
    ink : str
        Its colour.
    way : Counterexample, optional
        A way that appears step by step. Its states are those of the model.
    title, description : str
        The verdict, and a sentence more. By default the counts.

    Returns
    -------
    Picture
        430 units wide, or as wide as its longest row.

    Examples
    --------
    >>> from ftlib.transactions.specification import TCommit
    >>> names = {
    ...     "working": "empty",
    ...     "prepared": "striped",
    ...     "committed": "tick",
    ...     "aborted": "cross",
    ... }
    >>> look = GraphLook(lambda state: [names[each] for each in state], ", ".join)
    >>> state_graph(TCommit(2), look).title
    '12 states, 22 steps between them.'

    Notes
    -----
    Explained in ``chapters/7_1_every_run``.
    """
    graph = graph_of(model)
    size = CELL * len(look.cells(graph.rows[0][0])) + 4
    order = {region: number for number, region in enumerate(look.regions)}
    x, wide = places(graph, size, lambda state: order[look.region(state)], look.words)
    depth = graph.depth
    at = {state: (x[state], TOP + ROW * depth[state]) for state in x}
    parts = [_tints(graph, look, at, size), _edges(graph.edges, at)]
    parts += [_state(look, state, at[state], size) for state in at]
    parts += [_ring(at[state], size, ink) for state in at if state in marked]
    steps = len(way) if way else 0
    if way:
        parts += [
            _step(number, way.states[number - 1], way.states[number], at, size)
            for number in range(1, steps + 1)
        ]
    bottom = TOP + ROW * (len(graph.rows) - 1) + HIGH
    legend, bottom = _legend(
        look, mark if marked else "", ink, steps, bottom + 28, wide
    )
    return Picture(
        "".join([*parts, legend]),
        wide,
        round(bottom - 8, 1),
        title or f"{len(at):,} states, {len(graph.edges):,} steps between them.",
        description,
        (
            tuple(_tell_way(way, look))
            if way
            else tuple(_tell_rows(graph, look, marked, mark))
        ),
        steps,
    )


# What is drawn ------------------------------------------------------------------------


def _tints(
    graph: Graph, look: GraphLook, at: dict[Any, tuple[float, float]], size: float
) -> str:
    """A tint behind each region, from row to row, and its name above its widest row."""
    drawn = []
    for place, (region, (words, ink)) in enumerate(look.regions.items()):
        spans = []
        for number, row in enumerate(graph.rows):
            own = [at[state][0] for state in row if look.region(state) == region]
            if own:
                spans.append(
                    (
                        TOP + ROW * number,
                        min(own) - size / 2 - 3,
                        max(own) + size / 2 + 3,
                    )
                )
        if not words or not spans:
            continue
        left = "".join(
            f"V{y - ROW / 2:.1f}H{low:.1f}V{y + ROW / 2:.1f}" for y, low, _ in spans
        )
        right = "".join(
            f"V{y + ROW / 2:.1f}H{high:.1f}V{y - ROW / 2:.1f}"
            for y, _, high in reversed(spans)
        )
        start = f"M{spans[0][1]:.1f} {spans[0][0] - ROW / 2:.1f}"
        drawn.append(f'<path d="{start}{left}{right}Z" {_ground(place, ink)}/>')
    return "".join(drawn)


def _ground(place: int, ink: str) -> str:
    """How the ground of a region is filled and outlined, by its place among them."""
    return (
        f'fill="{colour(ink)}" fill-opacity="0.1" stroke="{colour(ink)}"'
        f' stroke-width="1.4" stroke-dasharray="{DASHES[place % len(DASHES)]}"'
    )


def _edges(edges: Sequence[tuple[Any, Any]], at: dict[Any, tuple[float, float]]) -> str:
    return path(
        "".join(_line(at[one], at[other]) for one, other in edges),
        "muted",
        0.9,
        more=' stroke-opacity="0.75"',
    )


def _line(one: tuple[float, float], other: tuple[float, float]) -> str:
    """A line to a deeper row is straight; one that is not bends below."""
    (x1, y1), (x2, y2) = one, other
    if y2 > y1:
        return f"M{x1:.1f} {y1 + HIGH / 2:.1f}L{x2:.1f} {y2 - HIGH / 2:.1f}"
    return (
        f"M{x1:.1f} {y1 + HIGH / 2:.1f}Q{(x1 + x2) / 2:.1f} {y1 + HIGH + 14:.1f}"
        f" {x2:.1f} {y2 + HIGH / 2:.1f}"
    )


def cell(
    kind: str, x: float, y: float, wide: float = CELL, high: float = HIGH - 4
) -> str:
    """Draw one cell around its middle."""
    left, top = x - wide / 2, y - high / 2
    if kind == "empty":
        return ""
    if kind == "striped":
        slants = "".join(
            f"M{left:.1f} {top + step:.1f}l{wide:g} {-4:g}" for step in (4.5, 9, 13.5)
        )
        return path(slants, "orange", 2.2)
    ink = {"tick": "green", "cross": "red", "dark": "ink"}[kind]
    drawn = (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:g}" height="{high:g}"'
        f' fill="{colour(ink)}"/>'
    )
    if kind == "tick":
        return drawn + path(
            f"M{x - 3.5:.1f} {y + 0.5:.1f}l2.6 3l4.4 -6.5", "paper", 1.9
        )
    if kind == "cross":
        return drawn + path(f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6", "paper", 1.9)
    return drawn


def _dot(kind: str, x: float, y: float) -> str:
    if not kind:
        return ""
    fill = colour("ink" if kind == "full" else "paper")
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{fill}"'
        f' stroke="{colour("ink")}" stroke-width="1.2"/>'
    )


def _state(look: GraphLook, state: Any, at: tuple[float, float], size: float) -> str:
    x, y = at
    ink = look.regions[look.region(state)][1]
    cells = look.cells(state)
    drawn = box(x, y, size, HIGH, ink, "paper", 4, 1.6)
    for number, kind in enumerate(cells):
        drawn += cell(kind, x + CELL * (number - (len(cells) - 1) / 2), y)
    for number, kind in enumerate(look.dots(state)):
        drawn += _dot(kind, x + CELL * (number - (len(cells) - 1) / 2), y - HIGH / 2)
    bars = "".join(
        f"M{x + CELL * (number - len(cells) / 2):.1f} {y - 7:.1f}v14"
        for number in range(1, len(cells))
    )
    return drawn + path(bars, "line", 1)


def _ring(at: tuple[float, float], size: float, ink: str) -> str:
    x, y = at
    return (
        f'<rect x="{x - size / 2 - 4:.1f}" y="{y - HIGH / 2 - 4:.1f}"'
        f' width="{size + 8:.1f}" height="{HIGH + 8:g}" rx="7" fill="none"'
        f' stroke="{colour(ink)}" stroke-width="2.4" stroke-dasharray="4 2.5"/>'
    )


def _step(
    number: int, one: Any, other: Any, at: dict[Any, tuple[float, float]], size: float
) -> str:
    (x1, y1), (x2, y2) = at[one], at[other]
    dx, dy = x2 - x1, y2 - y1 - HIGH
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    ux, uy = dx / length, dy / length
    drawn = path(
        f"M{x1:.1f} {y1 + HIGH / 2:.1f}L{x2 - 8 * ux:.1f} {y2 - HIGH / 2 - 8 * uy:.1f}",
        "ink",
        3,
    )
    ring = (
        f'<rect x="{x2 - size / 2 - 2:.1f}" y="{y2 - HIGH / 2 - 2:.1f}"'
        f' width="{size + 4:.1f}" height="{HIGH + 4:g}" rx="6" '
    )
    ring += f'fill="none" stroke="{colour("ink")}" stroke-width="3"/>'
    return group(number, drawn + head(x2, y2 - HIGH / 2, ux, uy, "ink") + ring)


def _legend(
    look: GraphLook, mark: str, ink: str, steps: int, y: float, wide: float
) -> tuple[str, float]:
    pieces = []
    for kind, words in look.legend.items():
        pieces.append(
            (
                24.0,
                box(-2, 0, CELL + 4, HIGH, "muted", "paper", 4, 1.2)
                + cell(kind, -2, 0),
                words,
                "muted",
            )
        )
    for kind, words in look.dots_legend.items():
        pieces.append((20.0, _dot(kind, 0, 0), words, "muted"))
    for place, (words, tint) in enumerate(look.regions.values()):
        if words:
            swatch = f'<path d="M-12 -9h22v18h-22Z" {_ground(place, tint)}/>'
            pieces.append((28.0, swatch, words, tint))
    if mark:
        pieces.append((30.0, _ring((-3, 0), 16, ink), mark, ink))
    if steps:
        pieces.append(
            (
                30.0,
                path("M-14 0h12", "ink", 3) + head(6, 0, 1, 0, "ink"),
                "one run",
                "muted",
            )
        )
    return flow(pieces, y, wide)


# The story ----------------------------------------------------------------------------


def _tell_way(way: Counterexample, look: GraphLook) -> Any:
    for action, state in zip(way.actions, way.states[1:], strict=True):
        yield f"{look.step(action)}: {look.words(state)}."


def _tell_rows(
    graph: Graph, look: GraphLook, marked: Collection[Any], mark: str
) -> Any:
    for number, row in enumerate(graph.rows):
        counts = [
            (words, sum(look.region(state) == region for state in row))
            for region, (words, _) in look.regions.items()
        ]
        split = ", ".join(
            f"{count} {words}" for words, count in counts if count and words
        )
        ringed = sum(state in marked for state in row)
        told = (
            f"Depth {number + 1}: {len(row)} {'state' if len(row) == 1 else 'states'}"
        )
        yield (
            told
            + (f" ({split})" if split else "")
            + (f"; {ringed} of them: {mark}" if ringed else "")
            + "."
        )
