"""The figures of chapter 5.1: a time-out as a bet on how long an answer takes, and how
long one waits for the k-th of n answers.
"""

import math
from statistics import NormalDist
from typing import Annotated

from ftlib.analysis.latency import kth_of_n
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import line, path, short, text, width
from ftlib.figures.controls import Choice, Range
from ftlib.simulation import LogNormal

__all__ = ["bet", "early_and_lost", "kth_answer"]

WIDTH = 430.0
MEDIAN = 0.010  # seconds
TAILS = {0.3: "short", 0.7: "long", 1.1: "very long"}
BELL = NormalDist()


def early_and_lost(time_out: int, tail: float, loss: float) -> tuple[float, float]:
    """Of 1,000 requests, count those that are asked again though their answer is on its
    way, and those that are, or whose answer is, lost.

    Parameters
    ----------
    time_out : int
        In milliseconds.
    tail : float
        The sigma of the latencies, which are log-normal with a median of 10 ms.
    loss : float
        The chance that a request or its answer is lost.
    """
    late = 1 - BELL.cdf(math.log(time_out / 1000 / MEDIAN) / tail)
    return 1000 * (1 - loss) * late, 1000 * loss


LEFT, RIGHT, TOP, BASE = 16.0, 414.0, 48.0, 208.0
END = 105.0  # milliseconds at the right end


def bet(
    time_out: Annotated[
        int, Range((5, 10, 15, 20, 30, 50, 100), "Time-out", "ms")
    ] = 20,
    tail: Annotated[float, Choice(TAILS, "The tail is")] = 0.7,
    loss: Annotated[
        float, Choice({0.001: "0.1 %", 0.01: "1 %", 0.1: "10 %"}, "Lost")
    ] = 0.01,
) -> Picture:
    """Draw how long answers take, where the time-out cuts, and what it costs on either
    side.

    Parameters
    ----------
    time_out : int
        In milliseconds.
    tail : float
        The sigma of the latencies, which are log-normal with a median of 10 ms.
    loss : float
        The chance that a request or its answer is lost.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/5_1_unreliable_networks``.
    """
    early, lost = early_and_lost(time_out, tail, loss)
    heights = [_density(x / 2, tail) for x in range(1, int(2 * END) + 1)]
    most = max(heights)
    points = [(_x(0.0), BASE)] + [
        (_x(place / 2), BASE - (BASE - TOP) * 0.9 * high / most)
        for place, high in enumerate(heights, 1)
    ]
    cut = _x(time_out)
    before = [point for point in points if point[0] <= cut]
    after = [point for point in points if point[0] >= cut]
    parts = [
        _area(before, "blue", 0.25),
        _area(after, "orange", 0.3),
        _hatched(after),
        path(_way(points), "ink", 1.8),
        line(LEFT, BASE, RIGHT, BASE, "muted", 1.2),
        line(cut, TOP - 22, cut, BASE + 6, "red", 2.4, "6 4"),
    ]
    near = cut < 300
    parts.append(
        text(
            cut + (8 if near else -8),
            TOP - 10,
            f"time-out {time_out} ms",
            "red",
            "start" if near else "end",
            15,
        )
    )
    for ms in (0, 25, 50, 75, 100):
        parts.append(line(_x(ms), BASE, _x(ms), BASE + 5, "muted", 1.2))
        parts.append(text(_x(ms), BASE + 20, str(ms), "muted"))
    parts.append(
        text((LEFT + RIGHT) / 2, BASE + 40, "an answer takes (ms)", "muted", size=14)
    )
    y = BASE + 62
    rows = (
        ("in time", "blue", 1000 - early - lost, "no harm"),
        ("asked too early", "orange", early, "needless work"),
        ("lost, and noticed", "red", lost, f"only after {time_out} ms"),
    )
    for name, ink, number, cost in rows:
        parts.append(line(LEFT, y + 6, RIGHT, y + 6, "line", 1))
        parts.append(text(LEFT, y + 26, name, ink, "start", 15))
        parts.append(text(284, y + 26, _count(number), "ink", "end", 14))
        parts.append(text(RIGHT, y + 26, cost, "muted", "end", 14))
        y += 32
    worse = (
        "More are asked again too early than are lost."
        if early > lost
        else "More are lost than are asked again too early."
    )
    return Picture(
        "".join(parts),
        WIDTH,
        y + 14,
        worse,
        f"Of 1,000 requests; half of the answers take less than 10 ms, and"
        f" {100 * loss:g} % never come.",
        (
            f"In time: {_count(1000 - early - lost)}.",
            f"Asked again though the answer was on its way: {_count(early)}.",
            f"Lost, and asked again after {time_out} ms: {_count(lost)}.",
        ),
    )


def _count(number: float) -> str:
    if number >= 10:
        return f"{number:.0f} of 1,000"
    return f"{number:.2g} of 1,000" if number >= 0.01 else "under 0.01 of 1,000"


def _density(ms: float, tail: float) -> float:
    """How dense the latencies are, up to a factor."""
    z = math.log(ms / 1000 / MEDIAN) / tail
    return math.exp(-z * z / 2) / (ms * tail)


def _x(ms: float) -> float:
    return LEFT + (RIGHT - LEFT) * ms / END


def _way(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{short(x)} {short(y)}" for x, y in points)


def _area(points: list[tuple[float, float]], ink: str, shade: float) -> str:
    if len(points) < 2:
        return ""
    ends = f"L{short(points[-1][0])} {BASE:g}L{short(points[0][0])} {BASE:g}z"
    return (
        f'<path d="{_way(points)}{ends}" fill="{colour(ink)}"'
        f' fill-opacity="{shade:g}"/>'
    )


def _hatched(points: list[tuple[float, float]]) -> str:
    """Upright lines below a curve, so that its part differs without colour too."""
    strokes = [
        f"M{short(x)} {BASE:g}V{short(y)}"
        for place, (x, y) in enumerate(points)
        if place % 3 == 0 and BASE - y > 0.5
    ]
    return path("".join(strokes), "orange", 1.2) if strokes else ""


# The k-th of n ------------------------------------------------------------------------

PARTS = (0.5, 0.99, 0.999)


def kth_answer(
    nodes: Annotated[int, Range((3, 5, 7), "Nodes")] = 5,
    tail: Annotated[float, Choice(TAILS, "The tail is")] = 0.7,
    part: Annotated[
        float,
        Choice({0.5: "half", 0.99: "99 %", 0.999: "99.9 %"}, "Of all requests"),
    ] = 0.99,
) -> Picture:
    """Draw within which time the first, the second, ... of n answers has come.

    Parameters
    ----------
    nodes : int
        How many are asked.
    tail : float
        The sigma of the latencies, which are log-normal with a median of 10 ms.
    part : float
        Of the requests: 0.99 for the 99th percentile.

    Returns
    -------
    Picture

    Notes
    -----
    From `ftlib.analysis.latency.kth_of_n`. Explained in
    ``chapters/5_1_unreliable_networks``.
    """
    latency = LogNormal(MEDIAN, tail)
    times = [1000 * kth_of_n(latency, nodes, k, part) for k in range(1, nodes + 1)]
    one = 1000 * latency.quantile(part)
    most = max(times)
    needed = nodes // 2 + 1
    left, room, row = 120.0, 220.0, 38.0
    x = left + room * one / most
    parts, story = [line(x, 8, x, 16 + row * nodes, "red", 2, "5 4")], []
    for k, time in enumerate(times, 1):
        y = 14 + row * (k - 1)
        name = "all" if k == nodes else "a majority" if k == needed else f"{k}"
        parts.append(text(left - 10, y + 17, name, "ink", "end", 15))
        long = max(room * time / most, 2.0)
        ink = "green" if k == needed else "blue"
        parts.append(_bar(left, y, long, ink, k == needed))
        at, said = left + long + 8, f"{time:.1f} ms"
        if at - 4 < x < at + width(said) + 4:  # not on the line
            at = x + 6
        parts.append(text(at, y + 17, said, "ink", "start"))
        story.append(f"{k} of {nodes} answers: {time:.1f} ms.")
    y = 14 + row * nodes + 6
    anchor = "middle" if left + 90 < x < WIDTH - 90 else "start" if x < 200 else "end"
    if anchor == "middle":
        place = x
    else:
        place = max(x, 14.0) if anchor == "start" else min(x + 60, WIDTH - 10)
    parts.append(text(place, y + 14, f"one node alone: {one:.1f} ms", "red", anchor))
    story.append(f"One node alone: {one:.1f} ms.")
    middle = times[needed - 1]
    than = (
        f"a {'shorter' if middle < one * 0.999 else 'longer'} wait than for one node"
        if abs(middle - one) > 0.005 * one
        else "as long a wait as for one node"
    )
    return Picture(
        "".join(parts),
        WIDTH,
        y + 26,
        f"A majority of {nodes} has answered within {middle:.1f} ms: {than}.",
        f"{'Half' if part == 0.5 else f'{100 * part:g} %'} of all requests are done by"
        " then; the nodes are slow independently of each other.",
        tuple(story),
    )


def _bar(x: float, y: float, long: float, ink: str, full: bool) -> str:
    shade = "1" if full else ".35"
    return (
        f'<rect x="{short(x)}" y="{short(y)}" width="{short(long)}" height="24" rx="2"'
        f' fill="{colour(ink)}" fill-opacity="{shade}"/>'
    )
