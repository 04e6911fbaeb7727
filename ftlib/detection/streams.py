"""The same stream of heartbeats under every detector.

A recorded stream is pairs (time, number): jitter, pauses, losses and copies are in it.
Each detector is asked for the intervals in which it suspects the node, so that speed
and accuracy can be laid side by side (Hayashibara et al. 2004, section 5, did it so).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

from ftlib.detection.arrivals import Waits
from ftlib.simulation import Exponential, stream

__all__ = ["Beats", "deadlines", "jittered", "suspicions", "under_every"]

Beats = Iterable[tuple[float, int]]
"""When each heartbeat came, in seconds, and which it was."""


def suspicions(beats: Beats, waits: Waits, until: float) -> list[tuple[float, float]]:
    """Run one stream through one detector.

    Parameters
    ----------
    beats : iterable of (time, number)
        In the order in which they came.
    waits : part
        A fresh `FixedTimeOut`, `AdaptiveTimeOut` or `PhiAccrual`; it is changed.
    until : float
        The end of the recording, in seconds.

    Returns
    -------
    list of (from, to)
        When the node was suspected, in seconds. A suspicion ends with the next
        heartbeat that is news, the last one at `until`.

    Raises
    ------
    ValueError
        If a heartbeat comes before the one in front of it, or after the end.

    Examples
    --------
    >>> from ftlib.detection import FixedTimeOut
    >>> stream = [(0.0, 1), (1.0, 2), (1.5, 2), (3.0, 4)]
    >>> suspicions(stream, FixedTimeOut(1.5), until=6.0)
    [(2.5, 3.0), (4.5, 6.0)]
    """
    found, trusted = [], math.inf
    for at, _, deadline in deadlines(beats, waits, until):
        if at > trusted:
            found.append((trusted, at))
        trusted = deadline
    if trusted < until:
        found.append((trusted, until))
    return found


def deadlines(
    beats: Beats, waits: Waits, until: float = math.inf
) -> Iterator[tuple[float, int, float]]:
    """Tell of each heartbeat that is news when it came, which it was, and until when
    the node is trusted for it. As `suspicions`.

    Examples
    --------
    >>> from ftlib.detection import FixedTimeOut
    >>> list(deadlines([(0.0, 1), (1.5, 1), (3.0, 2)], FixedTimeOut(1.5)))
    [(0.0, 1, 1.5), (3.0, 2, 4.5)]
    """
    before, deadline = -math.inf, math.inf
    for at, number in beats:
        if at < before or at > until:
            raise ValueError(
                f"a heartbeat comes at {at!r} s: give times in order, up to {until!r}"
            )
        before = at
        if (waits.late if at > deadline else waits.heartbeat)(at, number):
            deadline = at + waits.patience()
            yield at, number, deadline


def jittered(
    count: int, every: float, jitter: Callable[[float], float], seed: int = 7
) -> list[tuple[float, int]]:
    """Make the stream of a live node: a heartbeat each so many seconds, and each late
    by chance.

    Parameters
    ----------
    count : int
        How many.
    every : float
        Heartbeat number k is sent at ``k * every`` seconds.
    jitter : callable
        From when a heartbeat is sent to how long it takes on average, in seconds;
        exponentially distributed.
    seed : int

    Returns
    -------
    list of (time, number)
        In the order of arrival: one may have overtaken another.

    Examples
    --------
    >>> [(round(at, 3), number) for at, number in jittered(2, 0.1, lambda at: 0.01)]
    [(0.018, 0), (0.1, 1)]
    """
    draw = stream(seed, "heartbeats").random
    late = Exponential(1.0)
    return sorted(
        (number * every + jitter(number * every) * late.quantile(draw()), number)
        for number in range(count)
    )


def under_every(
    beats: Beats, detectors: Mapping[str, Waits], until: float
) -> dict[str, list[tuple[float, float]]]:
    """Run one stream through several detectors, each by its name; as `suspicions`."""
    stream = list(beats)
    return {name: suspicions(stream, waits, until) for name, waits in detectors.items()}
