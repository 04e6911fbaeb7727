"""When did the last heartbeat come, and how long may the next one take? A fixed
time-out, and one that learns.

Every part here answers the same three calls, as `PhiAccrual` does: ``heartbeat(at,
number)`` takes note of a heartbeat, ``late(at, number)`` of one that ends a suspicion,
and ``patience()`` says for how long the node may be silent before it is suspected. So
what watches a node need not know which of them it owns.

References
----------
Jacobson, V. (1988). Congestion avoidance and control. *SIGCOMM*, 314-329.
"""

import math
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["AdaptiveTimeOut", "FixedTimeOut", "Latest", "Waits"]

GAIN, DEVIATION_GAIN, MARGIN = 1 / 8, 1 / 4, 4  # Jacobson's, powers of two


class Waits(Protocol):
    """What has heard a node, and waits for it."""

    def heartbeat(self, at: float, number: int | None = None) -> bool:
        """Take note of a heartbeat, and say whether it is news."""

    def late(self, at: float, number: int | None = None) -> bool:
        """Take note of a heartbeat that ends a suspicion, and say whether it is."""

    def patience(self) -> float:
        """For how many seconds the node may be silent before it is suspected."""


@dataclass
class Latest:
    """A part: the last heartbeat that was news.

    Attributes
    ----------
    at : float or None
        When it came, in seconds; None before the first.
    number : int or None
        Which it was, if it said so.
    """

    at: float | None = None
    number: int | None = None

    def interval(self, at: float, number: int | None = None) -> float | None:
        """Take note of a heartbeat, and return how long it was after the last one, in
        seconds; 0 for the first. None if it is no news.

        Raises
        ------
        ValueError
            If the time is no finite number.

        Examples
        --------
        >>> latest = Latest()
        >>> latest.interval(1.0, 1), latest.interval(1.5, 1), latest.interval(2.0, 2)
        (0.0, None, 1.0)
        """
        if not math.isfinite(at):
            raise ValueError(f"a heartbeat came at {at!r}: give seconds")
        if self.at is not None and at <= self.at:
            return None
        if number is not None:
            if self.number is not None and number <= self.number:
                return None
            self.number = number
        before, self.at = self.at, at
        return 0.0 if before is None else at - before


@dataclass
class FixedTimeOut:
    """A part: suspect whoever is silent for so many seconds.

    Raises
    ------
    ValueError
        If it does not wait.

    Examples
    --------
    >>> fixed = FixedTimeOut(0.25)
    >>> fixed.heartbeat(1.0), fixed.patience()
    (True, 0.25)
    """

    wait: float
    latest: Latest = field(default_factory=Latest)

    def __post_init__(self) -> None:
        if not 0 < self.wait < math.inf:
            raise ValueError(f"wait is {self.wait!r}: give seconds above 0")

    def heartbeat(self, at: float, number: int | None = None) -> bool:
        """Take note of a heartbeat, and say whether it is news."""
        return self.latest.interval(at, number) is not None

    def late(self, at: float, number: int | None = None) -> bool:
        """Take note of a heartbeat that ends a suspicion: the same here."""
        return self.heartbeat(at, number)

    def patience(self) -> float:
        """For how many seconds the node may be silent before it is suspected."""
        return self.wait


@dataclass
class AdaptiveTimeOut:
    """A part: a time-out of the mean interval and four mean deviations, both of which
    follow what was seen, as TCP waits for an acknowledgement (Jacobson 1988).

    Parameters
    ----------
    mean, deviation : float
        Of the intervals between heartbeats, in seconds: at first a guess.
    minimum : float
        The deviation that is assumed at least, in seconds.

    Raises
    ------
    ValueError
        If one of them is out of its range.

    Examples
    --------
    >>> adaptive = AdaptiveTimeOut(mean=1.0, deviation=0.1)
    >>> adaptive.heartbeat(0.0), adaptive.patience()
    (True, 1.4)
    >>> adaptive.heartbeat(1.8), adaptive.mean, adaptive.deviation
    (True, 1.1, 0.275)
    """

    mean: float = 1.0
    deviation: float = 0.1
    minimum: float = 0.01
    latest: Latest = field(default_factory=Latest)

    def __post_init__(self) -> None:
        for name in ("mean", "deviation", "minimum"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}: give seconds above 0"
                )

    def heartbeat(self, at: float, number: int | None = None) -> bool:
        """Take note of a heartbeat, and say whether it is news."""
        return self._learn(self.latest.interval(at, number), math.inf)

    def late(self, at: float, number: int | None = None) -> bool:
        """Take note of a heartbeat that ends a suspicion: its interval counts as no
        longer than it was waited for.
        """
        return self._learn(self.latest.interval(at, number), self.patience())

    def _learn(self, interval: float | None, longest: float) -> bool:
        if interval:
            error = min(interval, longest) - self.mean
            self.mean += GAIN * error
            self.deviation += DEVIATION_GAIN * (abs(error) - self.deviation)
        return interval is not None

    def patience(self) -> float:
        """For how many seconds the node may be silent before it is suspected."""
        return self.mean + MARGIN * max(self.deviation, self.minimum)
