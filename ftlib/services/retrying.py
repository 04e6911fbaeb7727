"""When to ask again, and how often: back-off, jitter and a budget.

A client that is not answered in time does not know why. If the request was lost, asking
again is right; if the server is full, it makes matters worse. How long to wait before
it asks again is a strategy with one method, ``wait(attempt)``; whether it may ask again
at all is decided by a `Budget`, which gives one retry for so many requests. The first
spreads retries over time. Only the second bounds how many there are.

References
----------
Brooker, M. (2015). Exponential backoff and jitter. *AWS Architecture Blog*. Full jitter
is its name for a wait drawn from all of the interval.

Beyer, B. and others (2016). *Site Reliability Engineering*, chapter 21. The budget of a
client there is a tenth of its requests.
"""

from dataclasses import dataclass
from typing import Protocol

from ftlib.simulation.chance import microseconds

__all__ = ["AtOnce", "Backoff", "Budget", "Doubling", "FullJitter"]


class Backoff(Protocol):
    """How long to wait before an attempt is repeated."""

    def wait(self, attempt: int) -> float | tuple[float, float]:
        """Return the wait after attempt 1, 2, ... has failed, in seconds, or the
        interval that the world draws it from.
        """
        ...


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Ask again without a wait.

    >>> AtOnce().wait(3)
    0.0
    """

    def wait(self, attempt: int) -> float:
        """Return 0, whatever `attempt` is."""
        return 0.0


@dataclass(frozen=True, slots=True)
class Doubling:
    """Exponential back-off: each wait is twice the one before.

    Parameters
    ----------
    base : float
        The first wait, in seconds.
    longest : float
        But no longer than this, in seconds.

    Raises
    ------
    ValueError
        If `base` is not above 0, or `longest` is below it.

    Examples
    --------
    >>> [Doubling(base=0.1, longest=1).wait(attempt) for attempt in (1, 2, 3, 9)]
    [0.1, 0.2, 0.4, 1]
    """

    base: float
    longest: float

    def __post_init__(self) -> None:
        microseconds(self.longest, "longest")
        if not 0 < self.base <= self.longest:
            raise ValueError(
                f"base is {self.base!r} and longest {self.longest!r}: give times above"
                " 0, the second no shorter than the first"
            )

    def wait(self, attempt: int) -> float:
        """Return the wait after attempt 1, 2, ... has failed, in seconds."""
        doublings = min(attempt - 1, 60)  # a float has its limits
        return min(self.longest, self.base * 2**doublings)


@dataclass(frozen=True, slots=True)
class FullJitter(Doubling):
    """Exponential back-off of which chance takes a part: each wait is drawn from 0 to
    what `Doubling` would wait.

    >>> FullJitter(base=0.1, longest=1).wait(3)
    (0.0, 0.4)
    """

    def wait(self, attempt: int) -> tuple[float, float]:  # type: ignore[override]
        """Return the interval that the wait is drawn from, in seconds."""
        return 0.0, Doubling.wait(self, attempt)


@dataclass
class Budget:
    """A part: a bucket of tokens, one for each retry.

    Parameters
    ----------
    ratio : float
        Tokens that a request brings in. In the long run there is no more than this
        number of retries a request.
    most : float
        How many tokens the bucket holds; it is full at first.

    Raises
    ------
    ValueError
        If `ratio` is negative, or `most` below 1.

    Examples
    --------
    >>> budget = Budget(ratio=0.5, most=1)
    >>> budget.spend(), budget.spend()
    (True, False)
    >>> for _ in range(2):
    ...     budget.earn()
    >>> budget.spend()
    True
    """

    ratio: float
    most: float
    tokens: float = -1.0

    def __post_init__(self) -> None:
        if not self.ratio >= 0 or not self.most >= 1:
            raise ValueError(
                f"ratio is {self.ratio!r} and most {self.most!r}: give 0 or more"
                " tokens a request, and a bucket that holds 1 or more"
            )
        if self.tokens < 0:
            self.tokens = self.most

    def earn(self) -> None:
        """Take in what a new request brings."""
        self.tokens = min(self.most, self.tokens + self.ratio)

    def spend(self) -> bool:
        """Take out a token for a retry, if there is one; else there is no retry."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
