"""How long one waits for the slowest of many, for the k-th of n, and for the first of
two: the tail of a latency in closed form.

A latency is a distribution, so each answer has arrived by a time with some probability
F(t). What is made of several answers, independent of each other, has arrived by then
with a probability that is a function of F(t) alone: it is that of a service of n nodes
of which k must be up. To go from a probability back to a time is what a distribution's
`quantile` does.

References
----------
Dean, J. and Barroso, L. A. (2013). The tail at scale. *Communications of the ACM*
56(2), 74-80.
"""

from dataclasses import dataclass

from ftlib.analysis.availability import availability_k_of_n
from ftlib.simulation.chance import Distribution

__all__ = ["Pareto", "all_within", "hedged_beyond", "kth_of_n"]


@dataclass(frozen=True, slots=True)
class Pareto:
    """A latency with a heavy tail: ``P(T > t) = (minimum / t)^shape``.

    Parameters
    ----------
    minimum : float
        In seconds, above 0.
    shape : float
        The smaller, the heavier the tail; above 0.

    Raises
    ------
    ValueError
        If one of them is not above 0.

    Examples
    --------
    >>> round(Pareto(minimum=0.001, shape=2).quantile(0.9999), 6)
    0.1
    >>> round(Pareto(minimum=0.001, shape=2).beyond(0.1), 6)
    0.0001
    """

    minimum: float
    shape: float

    def __post_init__(self) -> None:
        if not self.minimum > 0 or not self.shape > 0:
            raise ValueError(
                f"minimum is {self.minimum!r} and shape {self.shape!r}: give numbers"
                " above 0"
            )

    def quantile(self, u: float) -> float:
        """Return the time within which a part `u` of the answers come, in seconds."""
        return self.minimum * float((1 - u) ** (-1 / self.shape))

    def beyond(self, time: float) -> float:
        """Return the part of the answers that take longer than `time`, in seconds."""
        if time <= self.minimum:
            return 1.0
        return float((self.minimum / time) ** self.shape)


def all_within(number: int, one: float) -> float:
    """Return the probability that all of several answers have come by a time by which
    one has come with probability `one`.

    Examples
    --------
    >>> round(1 - all_within(100, 0.99), 3)  # Dean and Barroso's 63 %
    0.634
    """
    return float(one**number)


def kth_of_n(latency: Distribution, n: int, k: int, part: float) -> float:
    """Return the time within which the k-th of n answers has come in a given part of
    all cases.

    Parameters
    ----------
    latency : Distribution
        Of each answer, independent of the others.
    n, k : int
        How many are asked, and how many answers are waited for.
    part : float
        Of the cases, between 0 and 1: 0.99 gives the 99th percentile.

    Returns
    -------
    float
        In seconds.

    Raises
    ------
    ValueError
        If `part` is not between 0 and 1, or k not from 1 to n.

    Examples
    --------
    >>> from ftlib.simulation import Exponential
    >>> for k in (1, 2, 3):
    ...     print(k, round(kth_of_n(Exponential(0.010), 3, k, 0.99), 4))
    1 0.0154
    2 0.0283
    3 0.057

    Notes
    -----
    The k-th has come by t if k of the n have, so what is solved is
    ``availability_k_of_n(n, k, F(t)) = part``, for F(t), by bisection.
    """
    if not 0 < part < 1:
        raise ValueError(f"part is {part!r}: give a number between 0 and 1")
    if not 1 <= k <= n:
        raise ValueError(f"k is {k!r}: give a whole number from 1 to {n}")
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if availability_k_of_n(n, k, middle) < part:
            low = middle
        else:
            high = middle
    return latency.quantile(low)


def hedged_beyond(latency: Pareto, hedge: float, time: float) -> float:
    """Return the part of the answers that take longer than `time` where a second server
    is asked after `hedge` seconds.

    Examples
    --------
    >>> latency = Pareto(minimum=0.001, shape=2)
    >>> round(hedged_beyond(latency, hedge=0.010, time=0.1), 9)  # alone it was 0.0001
    1.2e-08

    Notes
    -----
    ``P(T > t) P(T > t - hedge)``: independent servers, neither slower for the request
    that it gets more.
    """
    alone = latency.beyond(time)
    return alone * latency.beyond(time - hedge) if time > hedge else alone
