"""Lays a space-time diagram out: the lanes of the nodes, as wide as their labels need,
and the rows of the steps.
"""

from collections.abc import Sequence
from math import inf

from ftlib.drawing.look import Look
from ftlib.drawing.places import Layout, Place, disk_of, mark_of, marks_of
from ftlib.drawing.rows import HEADS, ROW, Rows
from ftlib.drawing.shapes import width
from ftlib.drawing.steps import Arrow, Step
from ftlib.drawing.telling import fault_in_words

__all__ = ["TIMES", "lay_out"]

TIMES = 46.0  # width of the times at the left edge
WIDE, LEAST, FAR = (
    430.0,
    84.0,
    116.0,
)  # width of up to 4 lanes, the least distance of their lanes; the distance of more
# with more than 4 lanes each makes the rows so much higher, because arrows to far lanes
# are flat
FLATTER = 0.08


def lay_out(
    steps: list[Step],
    arrows: Sequence[Arrow],
    nodes: Sequence[str],
    look: Look,
    strip: float = 0.0,
    row: float = ROW,
) -> Rows:
    """Find the lanes of a run, and begin its rows.

    Parameters
    ----------
    steps : list of Step
    arrows : sequence of Arrow
    nodes : sequence of str
        The lanes, from left to right.
    look : Look
    strip : float
        The width that is wanted at the right edge.
    row : float
        The height of a message's usual flight.

    Returns
    -------
    Rows
        Its `fill` gives the places of its `layout` their heights.
    """
    places = [
        Place(step, marks=marks_of(step, look), disk=disk_of(step)) for step in steps
    ]
    x, right = _lanes(places, arrows, nodes, look, strip)
    for number, place in enumerate(places):
        if place.step.node:
            place.x = x[place.step.node]
        else:
            words, room = fault_in_words(place.step.first, look), right - TIMES
            if mark_of(words, "orange", room=inf).wide > room:
                words = words.removeprefix("the network ")
            places[number] = Place(
                place.step,
                (TIMES + right) / 2,
                marks=[mark_of(words, "orange", room=room)],
            )
    flatter = 1 + FLATTER * max(0, len(nodes) - 4)
    return Rows(Layout(places, x, [], [], right, HEADS), arrows, look, row * flatter)


def _lanes(
    places: list[Place],
    arrows: Sequence[Arrow],
    nodes: Sequence[str],
    look: Look,
    strip: float,
) -> tuple[dict[str, float], float]:
    if not nodes:
        return {}, WIDE - strip
    reach = {node: min(width(look.name(node)) * 1.08 / 2 + 8, 54.0) for node in nodes}
    pills = dict.fromkeys(nodes, 12.0)
    for place in places:
        if place.step.node:
            pills[place.step.node] = max(pills[place.step.node], place.half)
    left, right = (
        max(TIMES + 2 + pills[nodes[0]], 2 + reach[nodes[0]]),
        4 + max(reach[nodes[-1]], pills[nodes[-1]]),
    )
    loops = [
        look.message(arrow.send.what)
        for arrow in arrows
        if arrow.send.node == arrow.send.other == nodes[-1]
    ]
    right = max([right, *(34 + min(width(words), 120) for words in loops)])
    room = WIDE - left - right - strip
    least, most = (LEAST, 190.0) if len(nodes) <= 4 else (FAR, FAR)
    distance = min(most, max(least, room / max(1, len(nodes) - 1)))
    x = {node: left + number * distance for number, node in enumerate(nodes)}
    return x, max(x.values()) + right
