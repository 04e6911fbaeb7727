"""A probability measured by counting, or a mean by averaging, and how far to trust it.

References
----------
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
inference. *JASA* 22, 209-212.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["Estimate", "Mean", "wilson_interval"]

FEWEST = 30  # samples of a mean


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability measured by counting, with its interval.

    Parameters
    ----------
    successes, trials : int
        What was counted.
    low, high : float
        The interval (Wilson's).
    confidence : float
        How often an interval made so holds the true value.
    """

    successes: int
    trials: int
    low: float
    high: float
    confidence: float

    @classmethod
    def of(cls, successes: int, trials: int, confidence: float = 0.95) -> "Estimate":
        """Make one of what was counted. Raises as `wilson_interval`."""
        return cls(
            successes,
            trials,
            *wilson_interval(successes, trials, confidence),
            confidence,
        )

    @property
    def value(self) -> float:
        """The measured part, ``successes / trials``."""
        return self.successes / self.trials

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return (
            f"{self.value:.4f} ({self.confidence:.0%} interval {self.low:.4f} to"
            f" {self.high:.4f}, {self.trials:,} samples)"
        )


def wilson_interval(
    successes: int, trials: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Wilson's score interval for a probability.

    Parameters
    ----------
    successes, trials : int
        What was counted.
    confidence : float, optional
        How often such an interval shall hold the true value; between 0 and 1.

    Returns
    -------
    tuple of float
        Its lower and upper end.

    Raises
    ------
    ValueError
        If there are no trials, more successes than trials, or `confidence` is not
        between 0 and 1.

    Examples
    --------
    Thirty successes out of thirty do not make a probability of 1:

    >>> [round(end, 3) for end in wilson_interval(30, 30)]
    [0.886, 1.0]

    Notes
    -----
    Unlike the textbook's mean plus or minus 1.96 standard errors it stays within 0 and
    1 and keeps a width at both ends, which is where availabilities live (Wilson 1927).
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            f"{successes} successes of {trials} trials: needs at least one trial, and 0"
            f" to {trials} successes"
        )
    z = _quantile(confidence)
    share, weight = successes / trials, z * z / trials
    centre = (share + weight / 2) / (1 + weight)
    half = (
        z
        * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
        / (1 + weight)
    )
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return low, high


@dataclass(frozen=True, slots=True)
class Mean:
    """An average of independent samples, with its interval.

    Parameters
    ----------
    value : float
        The average.
    samples : int
        How many were averaged.
    low, high : float
        The interval.
    confidence : float
        How often an interval made so holds the true mean.
    """

    value: float
    samples: int
    low: float
    high: float
    confidence: float

    @classmethod
    def of(cls, samples: Sequence[float], confidence: float = 0.95) -> "Mean":
        """Average samples.

        Parameters
        ----------
        samples : sequence of float
            Thirty or more: with fewer the interval would be too short.
        confidence : float, optional
            Between 0 and 1.

        Raises
        ------
        ValueError
            If there are fewer than thirty samples, or `confidence` is not between 0
            and 1.

        Examples
        --------
        >>> print(Mean.of(range(101)))
        50 (95% interval 44.29 to 55.71, 101 samples)

        Notes
        -----
        The average plus or minus its standard error times the normal quantile.
        """
        if len(samples) < FEWEST:
            raise ValueError(f"{len(samples)} samples: give {FEWEST} or more")
        mean = math.fsum(samples) / len(samples)
        spread = math.fsum((each - mean) ** 2 for each in samples) / (len(samples) - 1)
        half = _quantile(confidence) * math.sqrt(spread / len(samples))
        return cls(mean, len(samples), mean - half, mean + half, confidence)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return (
            f"{self.value:,.4g} ({self.confidence:.0%} interval {self.low:,.4g} to"
            f" {self.high:,.4g}, {self.samples:,} samples)"
        )


def _quantile(confidence: float) -> float:
    """How many standard errors an interval reaches to either side."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence}: a number between 0 and 1")
    return NormalDist().inv_cdf((1 + confidence) / 2)
