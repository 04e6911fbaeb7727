"""Chance that can be had again: one stream of random numbers for each name, and the
distributions drawn from it.

Every stream is a `random.Random` of which only `random()` is called, seeded with an
integer made from the run's seed and the stream's name. So a node added to a cluster, or
a fault taken away, shifts nobody else's numbers; and the same seed gives the same run
on every platform and Python. A distribution turns *one* such number into a time.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from math import exp, inf, log1p
from statistics import NormalDist
from typing import Protocol

__all__ = [
    "Constant",
    "Distribution",
    "Exponential",
    "LogNormal",
    "Uniform",
    "as_distribution",
    "microseconds",
    "stream",
]

MICROSECOND = 1_000_000


def stream(seed: int, *name: str) -> random.Random:
    """Return the stream of that name.

    Parameters
    ----------
    seed : int
        The seed of the run.
    *name : str
        What the stream is for, such as ``"latency", "p1"``.

    Returns
    -------
    random.Random
        Call nothing but its `random()`: the other methods may change between versions
        of Python.

    Examples
    --------
    >>> stream(7, "latency", "p1").random() == stream(7, "latency", "p1").random()
    True
    >>> stream(7, "latency", "p1").random() == stream(7, "latency", "p2").random()
    False
    """
    digest = blake2b(repr((int(seed), *name)).encode(), digest_size=8).digest()
    return random.Random(int.from_bytes(digest, "big"))


def microseconds(seconds: float, what: str, *names: str) -> int:
    """Turn seconds into whole microseconds, the clock of the simulated world.

    Raises
    ------
    ValueError
        If `seconds` is negative, infinite or no number; `what` names it in the message,
        with `names` put in.

    Examples
    --------
    >>> microseconds(0.25, "latency")
    250000
    >>> microseconds(-1, "latency")
    Traceback (most recent call last):
        ...
    ValueError: latency is -1: give a time in seconds, 0 or more
    """
    number = type(seconds) is float or (
        isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    )
    if not number or not 0 <= (ticks := seconds * MICROSECOND) < inf:
        named = what.format(*names) if names else what
        raise ValueError(f"{named} is {seconds!r}: give a time in seconds, 0 or more")
    return round(ticks)


class Distribution(Protocol):
    """A distribution of times: one uniform number in, one time in seconds out."""

    def quantile(self, u: float) -> float:
        """Return the time in seconds below which a fraction `u` (0 <= u < 1) of the
        draws lie.
        """
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same time.

    >>> Constant(0.01).quantile(0.3)
    0.01
    """

    seconds: float

    def __post_init__(self) -> None:
        microseconds(self.seconds, "the constant time")

    def quantile(self, u: float) -> float:
        """Return the constant, whatever `u` is."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every time between `low` and `high` seconds as likely as another.

    >>> Uniform(1, 3).quantile(0.25)
    1.5
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        microseconds(self.low, "low")
        microseconds(self.high, "high")
        if self.high < self.low:
            raise ValueError(
                f"high is {self.high!r}, below low {self.low!r}: give low <= high"
            )

    def quantile(self, u: float) -> float:
        """Return the point a fraction `u` of the way from `low` to `high`."""
        return self.low + (self.high - self.low) * u


@dataclass(frozen=True, slots=True)
class Exponential:
    """Memoryless times with the given mean in seconds, added to a fixed `minimum`.

    >>> round(Exponential(mean=2).quantile(0.5), 3)
    1.386
    """

    mean: float
    minimum: float = 0.0

    def __post_init__(self) -> None:
        microseconds(self.mean, "mean")
        microseconds(self.minimum, "minimum")

    def quantile(self, u: float) -> float:
        """Invert the distribution function: minimum - mean ln(1 - u)."""
        return self.minimum - self.mean * log1p(-u)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Times whose logarithm is normal: half lie below `median` seconds, and `sigma`
    says how long the tail is.

    >>> LogNormal(median=0.01, sigma=0.5).quantile(0.5)
    0.01
    """

    median: float
    sigma: float

    def __post_init__(self) -> None:
        microseconds(self.median, "median")
        if not isinstance(self.sigma, (int, float)) or not 0 <= self.sigma < inf:
            raise ValueError(f"sigma is {self.sigma!r}: give a number, 0 or more")

    def quantile(self, u: float) -> float:
        """Return median * exp(sigma z), z the standard normal quantile of `u`."""
        return self.median * exp(self.sigma * NormalDist().inv_cdf(max(u, 2.0**-54)))


def as_distribution(value: "Distribution | float", what: str) -> Distribution:
    """Take a distribution as it is, a number of seconds as a `Constant`.

    Raises
    ------
    ValueError
        If `value` is neither.
    """
    if hasattr(value, "quantile"):
        return value
    microseconds(value, what)
    return Constant(value)


def sampler(distribution: Distribution, draw: Callable[[], float]) -> Callable[[], int]:
    """Bind a distribution to a stream: each call of the result draws one number and
    returns whole microseconds.
    """
    match distribution:
        case Constant(seconds):
            fixed = round(seconds * MICROSECOND)

            def constant() -> int:
                # the same count of numbers whatever the distribution, so that changing
                # it shifts nothing else
                draw()
                return fixed

            return constant
        case Uniform(low, high):
            start, width = low * MICROSECOND, (high - low) * MICROSECOND
            return lambda: round(start + width * draw())
        case Exponential(mean, minimum):
            start, scale = minimum * MICROSECOND, mean * MICROSECOND
            return lambda: round(start - scale * log1p(-draw()))
    quantile = distribution.quantile
    return lambda: microseconds(quantile(draw()), f"a time drawn from {distribution!r}")
