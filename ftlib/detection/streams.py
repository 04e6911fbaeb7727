"""The same stream of heartbeats under every detector.

A recorded stream is pairs (time, number): jitter, pauses, losses and copies are in it.
Each detector is asked for the intervals in which it suspects the node, so that speed
and accuracy can be laid side by side (Hayashibara et al. 2004, section 5, did it so).
"""

import math
from collections.abc import Iterable, Mapping

from ftlib.detection.arrivals import Waits

__all__ = ["Beats", "suspicions", "under_every"]

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
    found = []
    before = deadline = -math.inf
    for at, number in beats:
        if at < before or at > until:
            raise ValueError(
                f"a heartbeat comes at {at!r} s: give times in order, up to {until!r}"
            )
        silent = before > -math.inf and at > deadline
        before = at
        if (waits.late if silent else waits.heartbeat)(at, number):
            if silent:
                found.append((deadline, at))
            deadline = at + waits.patience()
    if before > -math.inf and deadline < until:
        found.append((deadline, until))
    return found


def under_every(
    beats: Beats, detectors: Mapping[str, Waits], until: float
) -> dict[str, list[tuple[float, float]]]:
    """Run one stream through several detectors, each by its name; as `suspicions`."""
    stream = list(beats)
    return {name: suspicions(stream, waits, until) for name, waits in detectors.items()}
