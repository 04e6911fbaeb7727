"""The figure of chapter 5.1 that is run: a server that is full, a crowd that asks
again, and what lets it come back.
"""

from collections.abc import Iterable
from functools import cache, partial
from typing import Annotated, Any, NamedTuple

from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import line, path, short, text
from ftlib.figures.controls import Choice, Range
from ftlib.services.overload import (
    DropsExpired,
    GaveUp,
    Heard,
    NewestFirst,
    Sheds,
    crowded,
)
from ftlib.services.retrying import Budget, Doubling, FullJitter
from ftlib.simulation import Cluster, Slow
from ftlib.simulation.world import Group

__all__ = ["END", "overload", "overloaded", "verdict"]

END = 40
"""How long a run is let run, in seconds."""
CAPACITY = 10  # a second
PAUSE = 5  # the second in which the server pauses
CURES: dict[str, dict[str, Any]] = {
    "none": {},
    "backoff": {"backoff": Doubling(0.5, 8.0)},
    "jitter": {"backoff": FullJitter(0.5, 8.0)},
    "budget": {"budget": partial(Budget, 0.1, 5)},
    "newest": {"queue": NewestFirst},
    "sheds": {"queue": partial(Sheds, most=5)},
    "drops": {"queue": partial(DropsExpired, patience=1.0)},
}


class Seconds(NamedTuple):
    """What was counted in each second of a run.

    Parameters
    ----------
    came, good, gone : tuple of int
        What came to the server, what was answered to somebody who waited, and who gave
        up.
    """

    came: tuple[int, ...]
    good: tuple[int, ...]
    gone: tuple[int, ...]


class Verdict(NamedTuple):
    """How a run went on after the pause.

    Parameters
    ----------
    back : float or None
        From when on requests were answered again, in seconds; None if they were not.
    sends : float
        What came to the server in each of the last five seconds, on average.
    answered : float
        The part of the requests that ended in the last five seconds with an answer.
    """

    back: float | None
    sends: float
    answered: float


def overloaded(
    load: int = 8, pause: int = 2, cure: str = "none", attempts: int = 3
) -> Seconds:
    """Run a crowd and a server that pauses once, and count.

    Parameters
    ----------
    load : int
        New requests a second. The server can answer ten.
    pause : int
        For how many seconds the server does nothing, from second 5 on.
    cure : str
        What is done about it, a key of `CURES`.
    attempts : int
        How often a request is sent at most.
    """
    return _overloaded(load, pause, cure, attempts)  # one key, however it was called


@cache
def _overloaded(load: int, pause: int, cure: str, attempts: int) -> Seconds:
    return counted(crowded(load, attempts, **CURES[cure]), pause)


def counted(nodes: Group, pause: int) -> Seconds:
    """Run a crowd and a server, and count."""
    faults = [Slow("server", by=pause, at=PAUSE, until=PAUSE + 0.2)] if pause else []
    trace = Cluster(nodes, faults=faults, seed=7).run(until=END)
    return Seconds(
        _a_second(event.time for event in trace.where(kind="deliver", node="server")),
        _a_second(event.time for event in trace.facts(Heard)),
        _a_second(event.time for event in trace.facts(GaveUp)),
    )


def _a_second(times: Iterable[float]) -> tuple[int, ...]:
    counts = [0] * END
    for time in times:
        counts[min(int(time), END - 1)] += 1
    return tuple(counts)


def verdict(run: Seconds) -> Verdict:
    """Judge a run of `overloaded`."""
    came, good, gone = run
    ended = sum(good[-5:]) + sum(gone[-5:])
    answered = sum(good[-5:]) / ended if ended else 0.0
    bad = [second for second in range(PAUSE, END) if gone[second]]
    back: float | None = float(bad[-1] + 1) if bad else float(PAUSE)
    if answered < 0.95:
        back = None
    return Verdict(back, sum(came[-5:]) / 5, answered)


def overload(
    load: Annotated[int, Range((3, 5, 8, 9), "New requests a second")] = 8,
    pause: Annotated[int, Range((0, 1, 2, 4), "The server pauses", "s")] = 2,
    cure: Annotated[
        str,
        Choice(
            {
                "none": "nothing",
                "backoff": "exponential back-off",
                "jitter": "back-off with full jitter",
                "budget": "a budget: 1 retry for 10 requests",
                "newest": "the server takes the newest first",
                "sheds": "the server turns away the sixth in line",
                "drops": "the server drops who has waited 1 s",
            },
            "What is done about it",
        ),
    ] = "none",
) -> Picture:
    """Draw what comes to a server in each second and what of it is answered, before and
    after a pause.

    Parameters
    ----------
    load : int
        New requests a second. The server can answer ten, and each is sent three times
        at most.
    pause : int
        For how many seconds the server does nothing, from second 5 on.
    cure : str
        What is done about it, a key of `CURES`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/5_1_unreliable_networks``.
    """
    return drawn(load, pause, cure)


def drawn(load: int, pause: int, cure: str = "none", attempts: int = 3) -> Picture:
    """Draw a run of `overloaded`, with what became of it as the title."""
    return pictured(overloaded(load, pause, cure, attempts), load, pause, attempts)


def pictured(run: Seconds, load: int, pause: int, attempts: int = 3) -> Picture:
    """Draw what was counted in a run."""
    came, good, _ = run
    found = verdict(run)
    parts = [
        _pause(pause),
        _columns(good, "green"),
        path(_steps(came), "orange", 2.4),
        line(LEFT, _y(CAPACITY), RIGHT, _y(CAPACITY), "ink", 1.6, "6 4"),
        line(LEFT, BASE, RIGHT, BASE, "muted", 1.2),
    ]
    for value in (10, 20, 30):
        parts.append(text(LEFT - 6, _y(value) + 5, str(value), "muted", "end"))
    for second in (0, 10, 20, 30, 40):
        parts.append(text(_x(second), BASE + 18, str(second), "muted"))
    parts.append(text((LEFT + RIGHT) / 2, BASE + 38, "seconds", "muted"))
    parts.append(text(8, TOP - 24, "a second", "muted", "start"))
    for second, count in enumerate(came):
        if count > MOST:  # the line is cut off there
            parts.append(
                text(_x(second + 1) + 5, TOP + 12, f"{count}", "orange", "start")
            )
    y = BASE + 62
    for x, sign, words in (
        (LEFT - 20, _columns_sign, "answered to somebody who waits"),
        (LEFT - 20, _line_sign, "taken in by the server, retries included"),
        (LEFT - 20, _capacity_sign, "what the server can answer"),
    ):
        parts.append(sign(x, y))
        parts.append(text(x + 34, y, words, "ink", "start", 15))
        y += 24
    return Picture(
        "".join(parts),
        430,
        y,
        _title(found, load, pause),
        f"{load} new requests a second, up to {attempts} sends of each; in the last 5"
        f" seconds {found.sends:.0f} came a second, and {100 * found.answered:.0f} % of"
        " the requests were answered.",
        _story(came, good),
    )


def _title(found: Verdict, load: int, pause: int) -> str:
    if found.back is None:
        if found.sends > CAPACITY:
            return "It stays down: more comes than it can answer, long after the pause."
        return "It is not back yet, though less comes than it can answer."
    if found.sends > 1.2 * load:
        times = found.sends / load
        return f"It answers, but each request is sent {times:.1f} times, to the end."
    if not pause:
        return "All is well."
    later = found.back - PAUSE - pause
    if later <= 0:
        return "Nobody has given up, and all is well again."
    return f"It is back {later:.0f} s after the pause."


def _story(came: tuple[int, ...], good: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(
        f"Seconds {start} to {start + 5}: {sum(came[start : start + 5])} came,"
        f" {sum(good[start : start + 5])} were answered to somebody who waited."
        for start in range(0, END, 5)
    )


LEFT, RIGHT, TOP, BASE, MOST = 36.0, 420.0, 46.0, 226.0, 33


def _x(second: float) -> float:
    return LEFT + (RIGHT - LEFT) * second / END


def _y(count: float) -> float:
    return BASE - (BASE - TOP) * min(count, MOST) / MOST


def _steps(counts: tuple[int, ...]) -> str:
    ways = [f"M{short(_x(0))} {short(_y(counts[0]))}"]
    for second, count in enumerate(counts):
        ways.append(f"V{short(_y(count))}H{short(_x(second + 1))}")
    return "".join(ways)


def _columns(counts: tuple[int, ...], ink: str) -> str:
    wide = (RIGHT - LEFT) / END - 1.5
    return "".join(
        f'<rect x="{short(_x(second) + 0.7)}" y="{short(_y(count))}"'
        f' width="{short(wide)}" height="{short(BASE - _y(count))}"'
        f' fill="{colour(ink)}" fill-opacity=".75"/>'
        for second, count in enumerate(counts)
        if count
    )


def _pause(seconds: int) -> str:
    if not seconds:
        return ""
    wide = _x(seconds) - LEFT
    return (
        f'<rect x="{short(_x(PAUSE))}" y="{TOP:g}" width="{short(wide)}"'
        f' height="{BASE - TOP:g}" fill="{colour("red")}" fill-opacity=".16"/>'
        + text(_x(PAUSE + seconds / 2), TOP - 6, "pause", "red")
    )


def _columns_sign(x: float, y: float) -> str:
    return (
        f'<rect x="{x:g}" y="{y - 12:g}" width="24" height="13"'
        f' fill="{colour("green")}"'
        ' fill-opacity=".75"/>'
    )


def _line_sign(x: float, y: float) -> str:
    return line(x, y - 5, x + 24, y - 5, "orange", 2.4)


def _capacity_sign(x: float, y: float) -> str:
    return line(x, y - 5, x + 24, y - 5, "ink", 1.6, "6 4")
