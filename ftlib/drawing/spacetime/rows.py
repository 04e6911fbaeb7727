"""The rows of a space-time diagram: how far down every step stands.

Rows keep the order of time. Where little happens they also keep its scale, so that the
usual flight of a message is about one `row` high; what is long beside that is cut
short, and the diagram says by how much. A step stands lower where its labels, or the
words on the arrow that leads to it, need the room.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import hypot, inf

from ftlib.drawing.look import Look
from ftlib.drawing.shapes import width
from ftlib.drawing.spacetime.places import PILL, Layout, Place
from ftlib.drawing.spacetime.steps import Arrow

__all__ = ["CUT", "HEADS", "ROW", "TALL", "Rows"]

ROW = 40.0  # height of a message's usual flight
HEADS = 40.0  # height of the heads
CLEAR, BESIDE = 7.0, 3.0  # between what stands in a lane, and between labels in a row
BACK = 24  # among so many steps before a step those are looked for that it might lie on
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
        self.look = look
        self.row = row * (1 + FLATTER * max(0, len(layout.x) - 4))
        self.into = {arrow.ended.number: arrow for arrow in arrows if arrow.ended}
        flights = sorted(
            arrow.ended.first.time - arrow.send.time
            for arrow in arrows
            if arrow.ended is not None
            and arrow.ended.first.time > arrow.send.time
            and not arrow.ended.in_the_air
        )
        times = sorted({place.step.first.time for place in layout.places})
        pauses = sorted(after - before for before, after in pairwise(times))
        usual = flights or pauses or [1.0]
        self.scale = self.row / usual[len(usual) // 2]  # units a second
        self.rows = self._rows()

    def fill(self, more: Mapping[int, float]) -> None:
        """Give every place its height; `more` says by how much the arrows to some steps
        must be higher than they need to be.
        """
        self.more = more
        self._fill(inf)
        if self.layout.height > 1.3 * TALL:
            self._fill(self.layout.height / round(self.layout.height / TALL))

    def _fill(self, every: float) -> None:
        """Go through the rows, and name the nodes again every so often."""
        layout = self.layout
        layout.cuts, layout.names = [], []
        y = bottom = (
            HEADS - 8
        )  # where the last row stands, and where all that is placed ends
        named, time, after_fault = 0.0, None, False
        for row in self.rows:
            now = row[0].step.first.time
            aloft = all(place.step.in_the_air for place in row)
            at = y
            if time is None:
                at = HEADS + max(place.up for place in row) + 4
            elif now > time and not aloft:
                want = (now - time) * self.scale
                if want > 3 * self.row:
                    cut = max(y, bottom) + CLEAR + CUT / 2
                    layout.cuts.append((cut, now - time))
                    bottom = cut + CUT / 2
                    at = bottom + CLEAR + max(place.up for place in row)
                else:
                    at = y + max(10.0, min(want, 1.6 * self.row))
            if now != time and bottom - named > every and not aloft:
                layout.names.append(bottom + 20)
                named = bottom = bottom + 34
                at = max(at, bottom + CLEAR + max(place.up for place in row))
            for place in row:
                at = max(
                    at,
                    self._least(
                        place, bottom if after_fault or not place.step.node else 0.0
                    ),
                )
            for place in row:
                place.y = at
                bottom = max(bottom, place.bottom)
            after_fault = not row[0].step.node
            y = at
            time = time if aloft and time is not None else now
        layout.height = bottom + 22
        if layout.height - named > TALL / 2:
            layout.names.append(layout.height + 16)
            layout.height += 2

    def _rows(self) -> list[list[Place]]:
        """Put steps of the same instant side by side, unless one leads to another or
        their labels would meet.
        """
        rows: list[list[Place]] = []
        for place in self.layout.places:
            arrow = self.into.get(place.step.number)
            row = rows[-1] if rows else []
            apart = all(
                other.step.node
                and place.step.node
                and other.step.first.time == place.step.first.time
                and abs(other.x - place.x) >= other.half + place.half + BESIDE
                and not (arrow and arrow.sent is other.step)
                for other in row
            )
            if row and apart:
                row.append(place)
            else:
                rows.append([place])
        return rows

    def _least(self, place: Place, floor: float) -> float:
        """Return the least height at which a place meets nothing, and the arrow that
        leads to it has room for its words.
        """
        at = floor + CLEAR + place.up if floor else 0.0
        if not place.bare:
            for other in reversed(
                self.layout.places[
                    max(0, place.step.number - BACK) : place.step.number - 1
                ]
            ):
                if (
                    abs(other.x - place.x) < other.half + place.half + BESIDE
                    and not other.bare
                    and other.y
                ):
                    at = max(at, other.bottom + CLEAR + place.up)
        arrow = self.into.get(place.step.number)
        if arrow and arrow.send.other in self.layout.x:
            at = max(at, self.layout.of(arrow.sent).last + self._flight(arrow, place))
        return at

    def _flight(self, arrow: Arrow, place: Place) -> float:
        """Return how high an arrow must be for its words to fit between its ends."""
        sent = self.layout.of(arrow.sent)
        across = abs(self.layout.x[arrow.send.other or ""] - sent.x)
        down = max(0.8 * self.row, PILL / 2 + (place.up if not place.bare else 4))
        if not across:
            return max(down, 30.0)
        wanted = width(self.look.message(arrow.send.what)) - 4
        while down < 1.7 * ROW:
            length = hypot(across, down)
            ux, uy = across / length, down / length
            if length - sent.edge(ux, uy, True) - place.edge(ux, uy, False) >= wanted:
                break
            down += 6
        return down + self.more.get(place.step.number, 0.0)
