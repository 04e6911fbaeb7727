"""The figures of chapter 5.2 on detectors: one stream under every detector; how fast
and how often wrong they are.
"""

import math
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from typing import Annotated, Any

from ftlib.analysis.detection import Quality, quality
from ftlib.detection import (
    AdaptiveTimeOut,
    FixedTimeOut,
    PhiAccrual,
    adapting,
    jittered,
    under_every,
)
from ftlib.detection.arrivals import Waits
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import flow, line, path, short, text
from ftlib.figures.controls import Choice, Range, Toggle
from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Exponential,
    Network,
    Skew,
    Slow,
)

__all__ = [
    "CRASH",
    "DETECTORS",
    "EVERY",
    "NETWORKS",
    "judged",
    "measured",
    "recorded",
    "same_stream",
    "speed_and_accuracy",
]

EVERY = 0.1
"""Seconds between two heartbeats."""
CRASH = 7.0
"""When the node crashes, in seconds."""
END = 8.5
PHI = partial(PhiAccrual, 50, 0.01, (EVERY, 0.02))
DETECTORS: dict[str, Callable[[], Waits]] = {
    "time-out 0.2 s": partial(FixedTimeOut, 0.2),
    "time-out 0.5 s": partial(FixedTimeOut, 0.5),
    "mean + 4 deviations": partial(AdaptiveTimeOut, EVERY, 0.02),
    "phi at 3": partial(PHI, threshold=3.0),
    "phi at 8": partial(PHI, threshold=8.0),
}
"""Makes each detector anew, by its name."""
PAUSE = Slow("h1", by=0.6, at=3.0, until=3.05)
HAPPENS: dict[str, tuple[Any, ...]] = {
    "nothing": (),
    "pause": (PAUSE,),
    "drift": tuple(
        Skew("h1", rate=1 - 0.05 * step, at=1.5 + 0.3 * step) for step in range(1, 14)
    ),
    "copies": tuple(Duplicate("Beat", nth=nth, later=1.6) for nth in range(55, 70)),
}

# One stream ---------------------------------------------------------------------------


@cache
def recorded(
    happens: str = "nothing", jitter: float = 0.02
) -> tuple[tuple[float, int], ...]:
    """Record the heartbeats of a node that crashes at 7 s: when each came, and its
    number.

    Parameters
    ----------
    happens : str
        What goes wrong before, a key of `HAPPENS`.
    jitter : float
        How long a message takes on average, in seconds.
    """
    faults = (*HAPPENS[happens], Crash("h1", at=CRASH))
    network = Network(latency=Exponential(jitter))
    trace = Cluster(adapting(1), network=network, faults=faults, seed=7).run(until=END)
    return tuple(
        (event.time, event.what.number)
        for event in trace.where(kind="deliver", node="m")
    )


@cache
def judged(
    happens: str = "nothing", jitter: float = 0.02, numbered: bool = True
) -> dict[str, list[tuple[float, float]]]:
    """Tell when each detector suspected the node of such a stream."""
    beats = recorded(happens, jitter)
    if not numbered:
        beats = tuple((at, None) for at, _ in beats)  # type: ignore[misc]
    detectors = {name: make() for name, make in DETECTORS.items()}
    return under_every(beats, detectors, until=END)


WIDTH, LEFT, RIGHT = 430.0, 10.0, 420.0
ROW, BAR = 50.0, 16.0


def same_stream(
    happens: Annotated[
        str,
        Choice(
            {
                "nothing": "nothing else",
                "pause": "h stands still for 0.6 s",
                "drift": "h beats ever more slowly",
                "copies": "old heartbeats come once more",
            },
            "Before the crash",
        ),
    ] = "nothing",
    jitter: Annotated[
        float,
        Choice({0.005: "5 ms", 0.02: "20 ms", 0.05: "50 ms"}, "A message takes"),
    ] = 0.02,
    numbered: Annotated[bool, Toggle("Heartbeats have numbers")] = True,
) -> Picture:
    """Draw when each detector suspects the same node, which crashes at 7 s.

    Parameters
    ----------
    happens : str
        What goes wrong before, a key of `HAPPENS`.
    jitter : float
        How long a message takes on average, in seconds; exponentially distributed.
    numbered : bool
        Whether a copy of a heartbeat is told from a new one.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/5_2_adaptive_recovery``.
    """
    beats, told = recorded(happens, jitter), judged(happens, jitter, numbered)

    def x(time: float) -> float:
        return LEFT + (RIGHT - LEFT) * time / END

    high = 36 + ROW * len(told)
    parts = [line(x(CRASH), 18, x(CRASH), high + 6, "red", 1.6, "4 3")]
    parts.append(text(LEFT, 14, "heartbeats as they come", "ink", "start"))
    ticks = "".join(f"M{short(x(at))} 20v14" for at, _ in beats)
    parts.append(path(ticks, "blue", 1.2))
    story, wrong, missed = [], [], []
    for row, (name, periods) in enumerate(told.items()):
        y = 48 + ROW * row
        mistakes = [each for each in periods if each[0] < CRASH]
        noticed = _noticed(periods)
        counted = "no mistake" if not mistakes else f"{len(mistakes)} wrong"
        when = f"crash noticed in {noticed:.2f} s" if noticed is not None else "MISSED"
        if mistakes:
            wrong.append(name)
        if noticed is None:
            missed.append(name)
        parts.append(text(LEFT, y + 12, name, "ink", "start"))
        parts.append(text(RIGHT, y + 12, f"{counted}, {when}", "muted", "end"))
        parts.append(line(LEFT, y + 18 + BAR, RIGHT, y + 18 + BAR, "line", 1))
        for start, end in periods:
            cut = min(max(start, CRASH), end)
            parts.append(_bar(x(start), x(cut), y + 18, "red"))
            parts.append(_bar(x(cut), x(end), y + 18, "green"))
        story.append(f"{name}: {counted}, {when}.")
    for tick in range(int(END) + 1):
        parts.append(text(x(tick), high + 24, f"{tick} s", "muted", size=13))
    legend, bottom = flow(_signs(), high + 48, WIDTH)
    parts.append(legend)
    return Picture(
        "".join(parts),
        WIDTH,
        bottom,
        _verdict(wrong, missed, len(told)),
        "One stream of heartbeats, and when each detector suspects the node.",
        tuple(story),
    )


def _noticed(periods: list[tuple[float, float]]) -> float | None:
    """Tell after how many seconds a crash is noticed for good; None if it is not, or
    only by chance.
    """
    if not periods or periods[-1][1] < END or periods[-1][0] > CRASH + 1:
        return None
    return max(0.0, periods[-1][0] - CRASH)


def _verdict(wrong: list[str], missed: list[str], count: int) -> str:
    suspect = "suspect" if len(wrong) > 1 else "suspects"
    blame = f"{len(wrong) or 'None'} of {count} {suspect} h while it lives"
    if missed:
        return f"{blame}; {len(missed)} of {count} miss its crash."
    return f"{blame}; all notice its crash."


def _bar(x1: float, x2: float, y: float, ink: str) -> str:
    if x2 <= x1:
        return ""
    wide = max(x2 - x1, 1.6)
    high, top = (BAR, y) if ink == "red" else (BAR / 2, y + BAR / 2)
    return (
        f'<rect x="{short(x1)}" y="{short(top)}" width="{short(wide)}"'
        f' height="{short(high)}" fill="{colour(ink)}"/>'
    )


def _signs() -> list[tuple[float, str, str, str]]:
    crash = line(0, -9, 0, 9, "red", 1.6, "4 3")
    wrong, right = (_bar(-8, 8, -BAR / 2, ink) for ink in ("red", "green"))
    return [
        (12.0, crash, "h crashes", "muted"),
        (24.0, wrong, "suspected, and alive", "muted"),
        (24.0, right, "suspected, and down", "muted"),
    ]


# Speed and accuracy -------------------------------------------------------------------

BEATS = 3000
NETWORKS: dict[str, Callable[[float], float]] = {
    "steady": lambda at: 0.01,
    "slowly": lambda at: 0.1 if at % 200 > 100 else 0.01,
    "quickly": lambda at: 0.1 if at % 10 > 5 else 0.01,
}
"""How long a message takes on average, in seconds, by when it is sent."""
WAITS = (0.12, 0.14, 0.17, 0.2, 0.25, 0.3, 0.4, 0.5)
THRESHOLDS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0)


@cache
def measured(network: str, kind: str, window: int = 50) -> tuple[Quality, ...]:
    """Measure every setting of a kind of detector on one stream.

    Parameters
    ----------
    network : str
        A key of `NETWORKS`.
    kind : {"fixed", "adaptive", "phi"}
    window : int
        How many intervals phi remembers.
    """
    beats = _beats(network)
    makes: dict[str, list[Callable[[], Waits]]] = {
        "fixed": [partial(FixedTimeOut, wait) for wait in WAITS],
        "adaptive": [partial(AdaptiveTimeOut, EVERY, 0.02)],
        "phi": [
            partial(PhiAccrual, window, 0.01, (EVERY, 0.02), threshold=threshold)
            for threshold in THRESHOLDS
        ],
    }
    return tuple(quality(beats, make(), EVERY) for make in makes[kind])


@cache
def _beats(network: str) -> tuple[tuple[float, int], ...]:
    return tuple(jittered(BEATS, EVERY, NETWORKS[network]))


KINDS = {
    "fixed": ("blue", "", "a fixed time-out"),
    "phi": ("orange", "6 4", "phi, at a threshold"),
    "adaptive": ("green", "", "mean + 4 deviations"),
}
PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, PLOT_BOTTOM = 56.0, 416.0, 26.0, 250.0
LONGEST, MOST, LEAST = 0.5, 400.0, 0.2
NONE = PLOT_BOTTOM + 22  # the row of those who made no mistake


def speed_and_accuracy(
    network: Annotated[
        str,
        Choice(
            {
                "steady": "stays the same",
                "slowly": "changes every 100 s",
                "quickly": "changes every 5 s",
            },
            "The network",
        ),
    ] = "steady",
    window: Annotated[
        int, Range((20, 50, 100), "Phi remembers", unit="intervals")
    ] = 50,
) -> Picture:
    """Draw how long a crash goes unnoticed, and how often a live node is suspected, for
    each setting of each detector.

    Parameters
    ----------
    network : str
        How long messages take, a key of `NETWORKS`.
    window : int
        How many intervals phi remembers.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/5_2_adaptive_recovery``.
    """
    parts = [_plane()]
    story = []
    for kind, (ink, dash, name) in KINDS.items():
        found = measured(network, kind, window if kind == "phi" else 50)
        points = [(_across(each), _up(each)) for each in found]
        inside = [at for at in points if at[0] <= PLOT_RIGHT]
        drawn = [at for at in inside if at[1] < NONE]
        if len(drawn) > 1:
            way = "L".join(f"{short(x)} {short(y)}" for x, y in drawn)
            parts.append(path(f"M{way}", ink, 1.8, dash))
        parts += [_mark(kind, x, y, ink) for x, y in inside]
        told = "; ".join(f"{each.detection:.2f} s, {_often(each)}" for each in found)
        story.append(f"{name.capitalize()}: {told}.")
    legend, bottom = flow(
        [
            (24.0, _mark(kind, 0, 0, ink), name, "muted")
            for kind, (ink, _, name) in KINDS.items()
        ],
        NONE + 70,
        WIDTH,
    )
    parts.append(legend)
    return Picture(
        "".join(parts),
        WIDTH,
        bottom,
        _better(network, window),
        f"{BEATS:,} heartbeats of a node that lives, one each {EVERY:g} s.",
        tuple(story),
    )


def _better(network: str, window: int) -> str:
    """Compare, for each setting of phi, what a fixed time-out as fast would do."""
    fixed = measured(network, "fixed")
    ratios = [
        (each.mistakes + 0.5) / (_between(fixed, each.detection) + 0.5)
        for each in measured(network, "phi", window)
        if each.detection <= fixed[-1].detection
    ]
    if max(ratios) < 1.0:
        return "Phi is better at every speed."
    if min(ratios) > 1.0:
        return "A fixed time-out is better at every speed."
    middle = sorted(ratios)[len(ratios) // 2]
    if middle > 1.6:
        return "A fixed time-out is mostly better."
    if middle < 0.62:
        return "Phi is mostly better."
    return "Neither is much better than the other."


def _between(fixed: tuple[Quality, ...], detection: float) -> float:
    """Tell how many mistakes a fixed time-out of that speed would make, between two
    that were measured.
    """
    for one, other in pairwise(fixed):
        if one.detection <= detection <= other.detection:
            share = (detection - one.detection) / (other.detection - one.detection)
            low, high = math.log(one.mistakes + 0.5), math.log(other.mistakes + 0.5)
            return math.exp(low + share * (high - low)) - 0.5
    return float(fixed[0].mistakes if detection < fixed[0].detection else 0)


def _across(each: Quality) -> float:
    return PLOT_LEFT + (PLOT_RIGHT - PLOT_LEFT) * each.detection / LONGEST


def _up(each: Quality) -> float:
    if not each.mistakes:
        return NONE
    share = math.log(1000 * each.mistakes / each.heartbeats / LEAST)
    share /= math.log(MOST / LEAST)
    return PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * share


def _often(each: Quality) -> str:
    if not each.mistakes:
        return "no mistake"
    return f"{1000 * each.mistakes / each.heartbeats:.1f} mistakes in 1,000"


def _plane() -> str:
    parts = [text(8, 14, "mistakes in 1,000 heartbeats", "muted", "start", 13)]
    for often in (1, 10, 100):
        share = math.log(often / LEAST) / math.log(MOST / LEAST)
        y = PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * share
        parts.append(line(PLOT_LEFT, y, PLOT_RIGHT, y, "line", 1))
        parts.append(text(PLOT_LEFT - 6, y + 4, str(often), "muted", "end", 13))
    parts.append(line(PLOT_LEFT, NONE, PLOT_RIGHT, NONE, "line", 1, "2 3"))
    parts.append(text(PLOT_LEFT - 6, NONE + 4, "none", "muted", "end", 13))
    for tenth in range(6):
        x = PLOT_LEFT + (PLOT_RIGHT - PLOT_LEFT) * tenth / 5
        parts.append(line(x, PLOT_TOP, x, NONE, "line", 1))
        parts.append(text(x, NONE + 20, f"{tenth / 10:g}", "muted", size=13))
    x = (PLOT_LEFT + PLOT_RIGHT) / 2
    said = "a crash goes unnoticed for so many seconds"
    parts.append(text(x, NONE + 40, said, "muted", size=13))
    return "".join(parts)


def _mark(kind: str, x: float, y: float, ink: str) -> str:
    shape = {
        "fixed": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
        "phi": "m-4 -4h8v8h-8z",
        "adaptive": "m-6 5l6 -11l6 11z",
    }[kind]
    return f'<path d="M{short(x)} {short(y)}{shape}" fill="{colour(ink)}"/>'
