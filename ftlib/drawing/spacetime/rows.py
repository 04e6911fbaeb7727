"""The rows of a space-time diagram: how far down every step stands.

Time has one scale, by which the usual flight of a message is one `row` high. No stretch
of time is drawn shorter than that, but for those that are squeezed, and each of these
is marked as a cut in time that says how long it is. A stretch may be higher where
labels, or the words on an arrow, need the room.

What happens at one instant is one row, as far as it can: what leads to something else
stands above it, and two labels do not stand on each other.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, hypot, inf

from ftlib.drawing.look import Look
from ftlib.drawing.shapes import width
from ftlib.drawing.spacetime.places import (
    BESIDE,
    PILL,
    PITCH,
    Layout,
    Place,
    Row,
)
from ftlib.drawing.spacetime.steps import Arrow

__all__ = ["CUT", "HEADS", "ROW", "TALL", "Rows"]

ROW = 40.0  # height of a message's usual flight
HEADS = 40.0  # height of the heads
CLEAR = 7.0  # between what stands in a lane
LEAST = 10.0  # between two instants
DOT = 18.0  # height of a step without a label that stands among others
BACK = 24  # among so many places before a place those are looked for that it might meet
LONGEST = 2.6  # what is longer than so many flights is squeezed
CUT = 22.0  # height of a cut in time
FLATTER = 0.08  # so much higher for each lane beyond 4: arrows to far lanes are flat
TALL = 620.0  # about so much height apart the nodes are named again


class Rows:
    """Gives every place its height, row after row."""

    def __init__(
        self, layout: Layout, arrows: Sequence[Arrow], look: Look, row: float
    ) -> None:
        self.more: Mapping[int, float] = {}
        self.layout = layout
        self.row = row * (1 + FLATTER * max(0, len(layout.x) - 4))
        self.into = {
            arrow.ended.number: arrow
            for arrow in arrows
            if arrow.ended and arrow.ends[0] in layout.x
        }
        self.words = {
            number: width(look.message(arrow.send.what)) - 4
            for number, arrow in self.into.items()
        }
        self.done: list[Place] = []  # that have their height
        self._line_up()
        self.scale = self.row / self._usual(arrows)  # units a second

    def fill(self, more: Mapping[int, float]) -> None:
        """Give every place its height; `more` says by how much the arrows to some steps
        must be higher than they need to be.
        """
        self.more = more
        self._fill(inf)
        if self.layout.height > 1.3 * TALL:
            self._fill(self.layout.height / round(self.layout.height / TALL))

    def _usual(self, arrows: Sequence[Arrow]) -> float:
        """The usual flight of a message, or where none arrives, the usual pause."""
        flights: list[float] = []
        lost: list[float] = []
        for arrow in arrows:
            if arrow.ended and arrow.ended.first.time > arrow.send.time:
                flight = arrow.ended.first.time - arrow.send.time
                (lost if arrow.ended.in_the_air else flights).append(flight)
        times = [row.time for row in self.layout.rows if row.first]
        pauses = [after - before for before, after in pairwise(times)]
        usual = sorted(flights or lost or pauses)
        return usual[(len(usual) - 1) // 2] if usual else 1.0

    # What stands side by side ---------------------------------------------------------

    def _line_up(self) -> None:
        """Put the places into rows, one an instant if they fit side by side."""
        rows = self.layout.rows
        of: dict[int, int] = {}  # the row of each step
        begun = 0  # the first row of the instant
        for place in self.layout.places:
            step, arrow = place.step, self.into.get(place.number)
            anew = not rows or rows[begun].time != step.first.time
            if anew and step.in_the_air:
                rows.append(Row(step.first.time, [place], aloft=True, first=False))
                of[step.number] = len(rows) - 1
                continue
            if anew:
                begun = len(rows)
            least = begun
            if arrow and arrow.sent:
                least = max(least, of[arrow.sent.number] + 1)
            least = self._free(place, least)
            if least == len(rows):
                rows.append(Row(step.first.time, [], first=least == begun))
            rows[least].places.append(place)
            of[step.number] = least
        for row in rows:
            for node in dict.fromkeys(place.step.node for place in row.places):
                self._stack([place for place in row.places if place.step.node == node])

    def _free(self, place: Place, least: int) -> int:
        """Return the highest row, from `least` on, in which a place has room, and which
        is not above what its node has done before.
        """
        rows = self.layout.rows
        free = len(rows)
        for number in range(len(rows) - 1, least - 1, -1):
            others = rows[number].places
            if not place.step.node or not all(
                other.step.node and self._beside(place, other) for other in others
            ):
                break
            if not rows[number].aloft:
                free = number
            if any(other.step.node == place.step.node for other in others):
                break
        return free

    def _beside(self, place: Place, other: Place) -> bool:
        """Whether two places can stand in one row."""
        return (
            other.step.node == place.step.node
            or place.bare
            or other.bare
            or abs(other.x - place.x) >= other.half + place.half + BESIDE
        )

    def _stack(self, places: list[Place]) -> None:
        """Put what a node does at one instant one below the other. A step without a
        label or a disk lies under one that has some.
        """
        top, last = 0.0, None
        senders: set[str] = set()
        for number, place in enumerate(places):
            arrow = self.into.get(place.number)
            sender = arrow.ends[0] if arrow else ""
            host = last or next((each for each in places[number:] if each.solid), None)
            if place.solid:
                place.below, last = top, place
                top += PITCH * max(1, len(place.marks))
            elif host is None or sender in senders or place.bare != host.bare:
                place.below, last = top - 6 * (place.bare and top > 0), place
                top += DOT
            else:
                place.host = host
                place.below = host.below if last else top
            if sender:
                senders.add(sender)

    # How far down ---------------------------------------------------------------------

    def _fill(self, every: float) -> None:
        """Go through the rows, and name the nodes again every so often."""
        layout = self.layout
        layout.cuts, layout.names, self.done = [], [], []
        # the lowest step, the last instant, the end of all
        y = anchor = bottom = HEADS - 8
        named, time, after_fault = 0.0, None, False
        for row in layout.rows:
            up, at = max(place.up for place in row.places), y
            if time is None:
                at = HEADS + up + 4
            elif row.first:
                at = max(anchor + (row.time - time) * self.scale, y + LEAST)
                if at > y + LONGEST * max(self.row, ROW):
                    cut = max(y, bottom) + CLEAR + CUT / 2
                    layout.cuts.append((round(cut), row.time - time, row.number))
                    bottom = cut + CUT / 2
                    at = bottom + CLEAR + up
                if bottom - named > every:
                    layout.names.append(round(bottom + 20))
                    named = bottom = bottom + 34
                    at = max(at, bottom + CLEAR + up)
            fault = not row.places[0].step.node
            floor = bottom if after_fault or fault else 0.0
            y = row.y = ceil(
                max([at, *(self._least(place, floor) for place in row.places)])
            )
            for place in row.places:
                place.y = row.y + place.below
                y, bottom = max(y, place.y), max(bottom, place.bottom)
            self.done += row.places
            after_fault = fault
            if row.first or time is None:
                anchor, time = row.y, row.time
        layout.height = round(bottom) + 22
        if layout.height - named > TALL / 2:
            layout.names.append(layout.height + 16)
            layout.height += 2

    def _least(self, place: Place, floor: float) -> float:
        """Return the least height of a row at which a place meets nothing, and the
        arrow that leads to it has room for its words.
        """
        at = floor + CLEAR + place.up if floor else 0.0
        if not place.step.in_the_air:
            for other in self.done[-BACK:]:
                if (
                    abs(other.x - place.x) < other.half + place.half + BESIDE
                    and not other.step.in_the_air
                ):
                    at = max(at, other.bottom + CLEAR + place.up)
        arrow = self.into.get(place.number)
        if arrow and not arrow.sent and self.done:
            at = max(at, self.done[-1].bottom + 1.2 * ROW)
        if arrow and arrow.sent:
            sent = self.layout.of(arrow.sent)
            at = max(at, sent.last + self._flight(arrow, sent, place))
        return at - place.below

    def _flight(self, arrow: Arrow, sent: Place, place: Place) -> float:
        """Return how high an arrow must be for its words to fit between its ends."""
        across = abs(self.layout.x[arrow.ends[1]] - sent.x)
        down = max(0.8 * self.row, PILL / 2 + (place.up if not place.bare else 4))
        if not across:
            return max(down, 30.0)
        wanted = self.words[place.number]
        while down < 1.7 * ROW:
            length = hypot(across, down)
            ux, uy = across / length, down / length
            if length - sent.edge(ux, uy, True) - place.edge(ux, uy, False) >= wanted:
                break
            down += 6
        return down + self.more.get(place.number, 0.0)
