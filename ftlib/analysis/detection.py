"""What it costs to watch a group, how soon a crash is noticed, how often a live node is
blamed: in closed form, and the last two measured on a stream of heartbeats.

References
----------
Chen, W., Toueg, S., Aguilera, M. K. (2002). On the quality of service of failure
detectors. *IEEE Transactions on Computers* 51(1), 13-32; section 2.

Das, A., Gupta, I., Motivala, A. (2002). SWIM: scalable weakly-consistent
infection-style process group membership protocol. *DSN*, 303-312; sections 3 and 4.
"""

import math
from dataclasses import dataclass

from ftlib.analysis.checks import mean_time
from ftlib.analysis.estimate import Estimate
from ftlib.detection.arrivals import Waits
from ftlib.detection.streams import Beats, deadlines

__all__ = [
    "Quality",
    "all_to_all_messages",
    "detection_periods",
    "detection_seconds",
    "infected",
    "mistake_chance",
    "quality",
    "spread_periods",
    "swim_messages",
]


def all_to_all_messages(members: int) -> int:
    """Heartbeats a period if everybody sends one to everybody: ``n(n - 1)``.

    Examples
    --------
    >>> all_to_all_messages(1000)
    999000
    """
    return members * (members - 1)


def swim_messages(members: int) -> int:
    """Pings and acknowledgements of SWIM a period while nothing fails: ``2n``.

    Examples
    --------
    >>> swim_messages(1000)
    2000
    """
    return 2 * members


def detection_periods(members: float = math.inf) -> float:
    """Periods of SWIM until somebody pings a member that has crashed, on average.

    Parameters
    ----------
    members : float
        How many there are, the crashed one included; by default the limit, which is
        e/(e - 1).

    Raises
    ------
    ValueError
        If there are fewer than two.

    Examples
    --------
    >>> round(detection_periods(), 3), round(detection_periods(20), 3)
    (1.582, 1.558)

    Notes
    -----
    Each of the n - 1 others pings it in a period with probability 1/(n - 1), so nobody
    does with (1 - 1/(n - 1))^(n - 1). Periods count that begin after the crash, the one
    in which it is pinged included.
    """
    if not members >= 2:
        raise ValueError(f"members is {members!r}: give 2 or more")
    if members == math.inf:
        return math.e / (math.e - 1)
    others = members - 1
    return float(1 / (1 - (1 - 1 / others) ** others))


def infected(members: int, periods: float, contacts: float = 1.0) -> float:
    """How many have heard of what one knew, after so many periods in which everybody
    tells `contacts` others.

    Examples
    --------
    >>> round(infected(1000, 0)), round(infected(1000, 10, contacts=2))
    (1, 1000)

    Notes
    -----
    ``n / (1 + (n - 1) e^(-c t))``, the logistic law of an epidemic (section 4.1 there).
    """
    return members / (1 + (members - 1) * math.exp(-contacts * periods))


def spread_periods(members: int, contacts: float = 1.0) -> float:
    """Periods until all but one are expected to know: about ``2 ln n / c``.

    Examples
    --------
    >>> round(spread_periods(1000, contacts=2), 2)
    6.91
    """
    return 2 * math.log(members - 1) / contacts if members > 2 else 1 / contacts


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a detector did on the stream of a node that lives: how fast it would
    have been, how often it was wrong, and for how long.

    Attributes
    ----------
    heartbeats, mistakes : int
        How many were news, and how often the node was suspected all the same.
    mistaken : float
        For how long it was suspected altogether, in seconds.
    detection : float
        How long a crash would go unnoticed, in seconds: the mean over crashes half-way
        between a heartbeat and the next one.
    """

    heartbeats: int
    mistakes: int
    mistaken: float
    detection: float

    @property
    def rate(self) -> Estimate:
        """Mistakes a heartbeat, with an interval that takes mistakes for
        independent.
        """
        return Estimate.of(self.mistakes, self.heartbeats)

    @property
    def duration(self) -> float | None:
        """How long a mistake lasts on average, in seconds; None if there is none."""
        return self.mistaken / self.mistakes if self.mistakes else None


def quality(beats: Beats, waits: Waits, every: float) -> Quality:
    """Measure how well a detector does on the stream of a node that lives.

    Parameters
    ----------
    beats : iterable of (time, number)
        In the order in which they came; number k was sent at ``k * every`` seconds.
    waits : part
        A fresh `FixedTimeOut`, `AdaptiveTimeOut` or `PhiAccrual`; it is changed.
    every : float
        In seconds.

    Raises
    ------
    ValueError
        If no heartbeat comes.

    Examples
    --------
    >>> from ftlib.detection import FixedTimeOut
    >>> stream = [(0.0, 0), (1.0, 1), (2.5, 2), (3.0, 3)]
    >>> quality(stream, FixedTimeOut(1.25), every=1.0)
    Quality(heartbeats=4, mistakes=1, mistaken=0.25, detection=0.875)
    """
    late, seconds, trusted = [], [], math.inf
    for at, number, deadline in deadlines(beats, waits):
        if at > trusted:
            late.append(at - trusted)
        trusted = deadline
        seconds.append(deadline - (number + 0.5) * every)
    if not seconds:
        raise ValueError("no heartbeat comes: give at least one")
    mean = math.fsum(seconds) / len(seconds)
    return Quality(len(seconds), len(late), math.fsum(late), mean)


def mistake_chance(wait: float, every: float, jitter: float) -> float:
    """How likely a live node is suspected between two of its heartbeats, if a fixed
    time-out waits so long: ``e^(-(W - every) / m) / 2``.

    Parameters
    ----------
    wait, every : float
        The time-out W and the time between two heartbeats, in seconds; `wait` is not
        below `every`.
    jitter : float
        What a heartbeat takes on average, m, in seconds; exponentially distributed and
        independent.

    Raises
    ------
    ValueError
        If a time is out of its range.

    Examples
    --------
    >>> round(mistake_chance(0.15, every=0.1, jitter=0.01), 5)
    0.00337

    Notes
    -----
    The difference of two latencies has a Laplace distribution. That one heartbeat
    overtakes another is left out. A mistake lasts m on average, however long W is: an
    exponential latency has no memory.
    """
    for name, value in (("wait", wait), ("every", every), ("jitter", jitter)):
        mean_time(name, value)
    if wait < every:
        raise ValueError(f"wait is {wait!r}: give {every!r} s or more, as every is")
    return math.exp(-(wait - every) / jitter) / 2


def detection_seconds(wait: float, every: float, jitter: float) -> float:
    """How long a crash goes unnoticed by a fixed time-out, on average: ``W + m -
    every/2``, in seconds; arguments as for `mistake_chance`.

    Examples
    --------
    >>> round(detection_seconds(0.15, every=0.1, jitter=0.01), 3)
    0.11

    Notes
    -----
    The crash comes at any moment between two heartbeats, and the wait begins when the
    last of them arrives.
    """
    for name, value in (("wait", wait), ("every", every), ("jitter", jitter)):
        mean_time(name, value)
    return wait + jitter - every / 2
