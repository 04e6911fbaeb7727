"""The phi accrual detector: how sure may one be that a silent node is dead?

It does not say *yes* or *no* but a number that grows with the silence. From the
intervals between the last heartbeats it estimates how likely the next one is still to
come after so long a silence; phi is minus the decimal logarithm of that (Hayashibara,
Défago, Yared and Katayama 2004). Who suspects at phi = 3 is wrong once in 1,000
heartbeats, if the intervals are distributed as it takes them to be. Each user of one
estimate may choose a threshold of its own.

The paper takes the intervals to be normal. Systems in production (Akka is one) compute
the same tail by a logistic approximation, which is near it for small phi, and far above
it for large ones.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from ftlib.detection.arrivals import Latest

__all__ = ["TAILS", "PhiAccrual"]

FAR = 30.0  # deviations: beyond, the tail is computed by its series
STEPS = 60  # halvings: to the last bit of the numbers that are met


def _normal(z: float) -> float:
    """Minus the decimal logarithm of the chance that a standard normal exceeds z."""
    if z < FAR:
        return -math.log10(math.erfc(z / math.sqrt(2)) / 2) + 0.0  # no -0
    square = z * z
    series = 1 - 1 / square + 3 / (square * square)  # what erfc would lose to 0
    log = square / 2 + math.log(z * math.sqrt(2 * math.pi)) - math.log(series)
    return log / math.log(10)


def _logistic(z: float) -> float:
    """The same, by a logistic curve with a cubic term, as Akka computes it."""
    x = z * (1.5976 + 0.070566 * z * z)
    return (x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))) / (
        math.log(10)
    )


TAILS: dict[str, Callable[[float], float]] = {"normal": _normal, "logistic": _logistic}
"""What phi is, so many deviations beyond the mean."""


@cache
def _deviations(name: str, threshold: float) -> float:
    """How many deviations beyond the mean phi is at a threshold."""
    tail, low, high = TAILS[name], -FAR, FAR
    while tail(high) < threshold:
        high *= 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if tail(middle) >= threshold else (middle, high)
    return high


@dataclass
class PhiAccrual:
    """A part: the intervals between the heartbeats of one node.

    Parameters
    ----------
    window : int
        How many of the last intervals count.
    minimum_deviation : float
        The deviation that is assumed at least, in seconds: a perfectly regular stream
        would otherwise be suspected at the first delay.
    prior : tuple of float
        Mean and standard deviation of the intervals before any is known, in seconds.
        They are two intervals of its window, and leave it as others do.
    tail : str
        "normal" or "logistic".
    threshold : float
        The phi at which `patience` ends.

    Raises
    ------
    ValueError
        If a number is out of its range, or the tail has another name.

    Examples
    --------
    >>> normal, logistic = PhiAccrual(), PhiAccrual(tail="logistic")
    >>> normal.heartbeat(0), logistic.heartbeat(0)
    (True, True)
    >>> round(normal.phi(1.6), 2), round(logistic.phi(1.6), 2)
    (9.01, 10.78)
    >>> round(normal.phi(600))
    7791269

    Notes
    -----
    A heartbeat costs O(window) time, and so does phi.
    """

    window: int = 1000
    minimum_deviation: float = 0.1
    prior: tuple[float, float] = (1.0, 0.1)
    tail: str = "normal"
    threshold: float = 8.0
    latest: Latest = field(default_factory=Latest)
    intervals: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        if type(self.window) is not int or self.window < 2:
            raise ValueError(f"window is {self.window!r}: give a whole number above 1")
        for name in ("minimum_deviation", "threshold"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}: give a number above 0"
                )
        mean, deviation = self.prior
        if not (0 < mean < math.inf and 0 <= deviation < math.inf):
            raise ValueError(
                f"prior is {self.prior!r}: give a mean above 0 and a deviation, 0 or"
                " more, in seconds"
            )
        if self.tail not in TAILS:
            raise ValueError(f"tail is {self.tail!r}: give one of {', '.join(TAILS)}")
        if not self.intervals:
            self.intervals = [mean - deviation, mean + deviation]

    def heartbeat(self, at: float, number: int | None = None) -> bool:
        """Take note of a heartbeat, and say whether it is news.

        Parameters
        ----------
        at : float
            When it came, in seconds.
        number : int, optional
            Which it is. One that is told again, or after a later one, is none.
        """
        return self._learn(self.latest.interval(at, number), math.inf)

    def late(self, at: float, number: int | None = None) -> bool:
        """Take note of a heartbeat that ends a suspicion: as `heartbeat`, but its
        interval counts as no longer than it was waited for. One outage would else hide
        the next for as long as the window remembers it.
        """
        return self._learn(self.latest.interval(at, number), self.patience())

    def _learn(self, interval: float | None, longest: float) -> bool:
        if interval:
            self.intervals.append(min(interval, longest))
            del self.intervals[: -self.window]
        return interval is not None

    def phi(self, now: float) -> float:
        """How suspect the node is after its silence until `now`; 0 if it has never been
        heard.
        """
        if self.latest.at is None:
            return 0.0
        mean, deviation = self._normal_interval()
        return TAILS[self.tail]((now - self.latest.at - mean) / deviation)

    def patience(self) -> float:
        """For how many seconds the node may be silent until phi is at the threshold."""
        mean, deviation = self._normal_interval()
        return max(0.0, mean + _deviations(self.tail, self.threshold) * deviation)

    def _normal_interval(self) -> tuple[float, float]:
        """Mean and standard deviation of the window."""
        count = len(self.intervals)
        mean = math.fsum(self.intervals) / count
        variance = math.fsum((each - mean) ** 2 for each in self.intervals) / count
        return mean, max(math.sqrt(variance), self.minimum_deviation)
