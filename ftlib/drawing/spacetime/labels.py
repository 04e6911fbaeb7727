"""Where the words along arrows go: beside their arrow, and on nothing else.

Every arrow is tried at some places along it, above and below. A place where the words
would lie on other words, or on a node's labels, is never taken; among the others the
one that crosses the fewest lines is. Steep arrows have their words level beside them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import atan2, degrees, hypot

from ftlib.drawing.shapes import SIZE, width

__all__ = ["ARROW", "STATE", "TIMER", "Box", "Shelf", "Shot"]

STEEP, FLAT = (
    0.87,
    0.55,
)  # sines of slopes: steeper, words are always level; flatter, never
BAND = 48.0  # boxes and lines are looked up by bands of this height
# what words cost on an arrow, on their own, on a lane, a state or a timer; and what a
# later choice does
ARROW, OWN, LANE, STATE, TIMER, PATIENCE = 2.0, 1.0, 0.7, 0.6, 0.5, 0.15
ALONG = (
    0.5,
    0.36,
    0.64,
    0.22,
    0.78,
    0.08,
    0.92,
    0.43,
    0.57,
    0.29,
    0.71,
    0.15,
    0.85,
    0.0,
    1.0,
)


@dataclass(slots=True)  # frozen, it would take three times as long to make
class Box:
    """A box that may be turned: its middle, half its sides, and the unit vector of its
    length.
    """

    x: float
    y: float
    half: float
    high: float
    ux: float = 1.0
    uy: float = 0.0

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """How far it reaches to the left, up, to the right and down."""
        ux, uy = abs(self.ux), abs(self.uy)
        across = self.half * ux + self.high * uy
        down = self.half * uy + self.high * ux
        return self.x - across, self.y - down, self.x + across, self.y + down

    @property
    def turn(self) -> float:
        """Its angle in degrees."""
        return degrees(atan2(self.uy, self.ux))

    def meets(self, other: "Box") -> bool:
        """Whether two boxes overlap: no axis of either separates them."""
        dx, dy = other.x - self.x, other.y - self.y
        cos = abs(self.ux * other.ux + self.uy * other.uy)
        sin = abs(self.ux * other.uy - self.uy * other.ux)
        return (
            abs(dx * self.ux + dy * self.uy)
            < self.half + other.half * cos + other.high * sin
            and abs(dy * self.ux - dx * self.uy)
            < self.high + other.half * sin + other.high * cos
            and abs(dx * other.ux + dy * other.uy)
            < other.half + self.half * cos + self.high * sin
            and abs(dy * other.ux - dx * other.uy)
            < other.high + self.half * sin + self.high * cos
        )

    def crossed(self, x1: float, y1: float, x2: float, y2: float) -> bool:
        """Whether a line goes through the box."""
        low, high = 0.0, 1.0
        for ux, uy, size in (
            (self.ux, self.uy, self.half),
            (-self.uy, self.ux, self.high),
        ):
            start = (x1 - self.x) * ux + (y1 - self.y) * uy
            way = (x2 - x1) * ux + (y2 - y1) * uy
            if abs(way) < 1e-9:
                if abs(start) >= size:
                    return False
                continue
            one, other = sorted(((-size - start) / way, (size - start) / way))
            low, high = max(low, one), min(high, other)
            if low >= high:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Shot:
    """An arrow as it is drawn, from edge to edge."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def length(self) -> float:
        """Its length."""
        return hypot(self.x2 - self.x1, self.y2 - self.y1)

    @property
    def unit(self) -> tuple[float, float]:
        """Its direction."""
        length = self.length or 1.0
        return (self.x2 - self.x1) / length, (self.y2 - self.y1) / length


class Shelf:
    """Keeps what has its place, and finds places for words."""

    def __init__(
        self,
        boxes: Iterable[Box],
        shots: Iterable[Shot],
        lanes: Iterable[float],
        uprights: Iterable[tuple[float, float, float, float]],
        left: float,
        right: float,
    ) -> None:
        self.left, self.right = left, right
        self.uprights = sorted(uprights)  # x, from, to, and what words on it cost
        self.boxes: dict[
            int, list[tuple[Box, float, float, float, float]]
        ] = {}  # by bands, each with its bounds
        self.shots: dict[int, list[Shot]] = {}
        self.lanes = sorted(lanes)
        for box in boxes:
            self.put(box)
        for shot in shots:
            for band in _bands(min(shot.y1, shot.y2), max(shot.y1, shot.y2)):
                self.shots.setdefault(band, []).append(shot)

    def put(self, box: Box) -> None:
        """Keep a box."""
        bounds = box.bounds
        for band in _bands(bounds[1], bounds[3]):
            self.boxes.setdefault(band, []).append((box, *bounds))

    def place(
        self, words: str, shot: Shot, size: float = SIZE
    ) -> tuple[Box, float] | None:
        """Find a place for the words of an arrow, in letters of a size, and keep it.

        Returns
        -------
        (Box, float) or None
            The place, and what the lines cost that the words lie on. None if there is
            no place: then the words are left to the story.
        """
        best, cost, lies = None, 1e9, 0.0
        for rank, box in enumerate(
            self._choices(width(words, size) / 2 + 1, size / 2 + 0.5, shot)
        ):
            if rank * PATIENCE >= cost:
                break
            bounds = box.bounds
            if self._taken(box, *bounds):
                continue
            crossings = self._crossings(box, shot, *bounds)
            if rank * PATIENCE + crossings < cost:
                best, cost, lies = box, rank * PATIENCE + crossings, crossings
        if best is None:
            return None
        self.put(best)
        return best, lies

    def _choices(self, half: float, high: float, shot: Shot) -> Iterable[Box]:
        """The places to try, the likeliest first: where an arrow nears its outer lane,
        the fewest others are.
        """
        (ux, uy), length = shot.unit, shot.length
        # words do not reach beyond their arrow, nor a short arrow beyond its words
        low, far = sorted((half, length - half))
        start, scale = (0.0, length) if half < far else (low, far - low)
        outer = max(shot.x1, shot.x2)
        inner = max(
            [lane for lane in self.lanes if lane < outer - 20],
            default=min(shot.x1, shot.x2),
        )
        favourite = ((outer + max(inner, min(shot.x1, shot.x2))) / 2 - shot.x1) / (
            (shot.x2 - shot.x1) or 1.0
        )
        flip = -1 if ux < 0 else 1
        wx, wy = ux * flip, uy * flip  # words read from left to right
        away = high + 2
        tried = set()
        for part in (min(max(favourite, 0.0), 1.0), *ALONG) if abs(uy) <= STEEP else ():
            along = min(max(start + part * scale, low), far)
            if along in tried:
                continue
            tried.add(along)
            x, y = shot.x1 + ux * along, shot.y1 + uy * along
            yield Box(x + wy * away, y - wx * away, half, high, wx, wy)
            yield Box(x - wy * away, y + wx * away, half, high, wx, wy)
        if abs(uy) > FLAT:
            aside = half + 5 + high * abs(ux / uy)
            left, right = (-1e9, 1e9) if abs(uy) > STEEP else sorted((shot.x1, shot.x2))
            for part in ALONG:
                x, y = shot.x1 + ux * part * length, shot.y1 + uy * part * length
                for beside in (x + aside, x - aside):
                    if left < beside < right:
                        yield Box(beside, y, half, high)
        for side in (flip, -flip):
            yield Box(shot.x2 + side * (half + 9), shot.y2, half, high)

    def _taken(
        self, box: Box, left: float, top: float, right: float, bottom: float
    ) -> bool:
        if not self.left < left < right < self.right:
            return True
        x, y, ux, uy = box.x, box.y, box.ux, box.uy
        half, high, cos, sin = box.half, box.high, abs(ux), abs(uy)
        for band in _bands(top, bottom):
            for other, first, above, last, below in self.boxes.get(band, ()):
                if first < right and left < last and above < bottom and top < below:
                    if other.uy:
                        if box.meets(other):
                            return True
                        continue
                    # the bounds of a level box are its sides
                    dx, dy = other.x - x, other.y - y
                    if (
                        abs(dx * ux + dy * uy)
                        < half + other.half * cos + other.high * sin
                        and abs(dy * ux - dx * uy)
                        < high + other.half * sin + other.high * cos
                    ):
                        return True
        return False

    def _crossings(
        self,
        box: Box,
        own: Shot,
        left: float,
        top: float,
        right: float,
        bottom: float,
    ) -> float:
        lines = {
            id(shot): shot
            for band in _bands(top, bottom)
            for shot in self.shots.get(band, ())
        }
        cost = 0.0
        for shot in lines.values():
            x1, x2 = shot.x1, shot.x2
            beside = (x1 <= left and x2 <= left) or (x1 >= right and x2 >= right)
            if not beside and box.crossed(x1, shot.y1, x2, shot.y2):
                cost += OWN if shot is own else ARROW
        cost += LANE * sum(left < lane < right for lane in self.lanes)
        for x, start, end, more in self.uprights:
            if left < x < right and start < bottom and top < end:
                cost += more
        return cost


def _bands(top: float, bottom: float) -> range:
    return range(int(top // BAND), int(bottom // BAND) + 1)
