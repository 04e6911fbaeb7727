"""How often a service is up: closed forms, exact enumeration and simulation of the same
question.

One node alternates between up (mean time to failure, MTTF) and down (mean time to
repair, MTTR); in the long run it is up the part MTTF / (MTTF + MTTR) of the time. A
service of n such nodes that needs k of them is up whenever k or more are. If the nodes
fail and are repaired *independently*, the number that is up at a random moment is
binomial (Barlow and Proschan 1975, chapter 2).

Independence is what reality breaks first. The simplest model of that is a common cause,
an event that takes every node down at once: a power feed, a network, a bad release. The
beta-factor model (Fleming 1975) splits a node's unavailability into the part beta that
comes from common causes and the rest, which is independent.

Every question is answered three ways, so that each checks the others:
`availability_k_of_n` (formula), `enumerate_k_of_n` (every pattern of up and down, one
by one), `simulate_k_of_n` (seeded samples with an interval).

References
----------
Barlow, R. E., and Proschan, F. (1975). *Statistical Theory of Reliability and Life
Testing*. Holt, Rinehart and Winston. Fleming, K. N. (1975). A reliability model for
common mode failures in redundant safety systems. General Atomic report GA-A13284.
"""

import itertools
import math
import random

from ftlib.analysis.checks import count, probability, within
from ftlib.analysis.estimate import Estimate

__all__ = [
    "HOURS_A_YEAR",
    "availability",
    "availability_k_of_n",
    "beta_factor",
    "distribution_up",
    "downtime_per_year",
    "enumerate_k_of_n",
    "majority",
    "mtbf",
    "nines",
    "reliability",
    "simulate_k_of_n",
]

HOURS_A_YEAR = 365.25 * 24
"""Hours in a mean year of 365.25 days."""

LARGEST_ENUMERATION = 20


def availability(mttf: float, mttr: float) -> float:
    """The part of the time that a repaired node is up, in the long run.

    Parameters
    ----------
    mttf : float
        Mean time to failure, in any unit of time.
    mttr : float
        Mean time to repair, in the same unit.

    Returns
    -------
    float
        ``mttf / (mttf + mttr)``.

    Raises
    ------
    ValueError
        If a time is negative or both are zero.

    Examples
    --------
    >>> availability(mttf=999, mttr=1)
    0.999

    Notes
    -----
    Holds for any distributions with these means, as long as repairs follow failures one
    after the other (Barlow and Proschan 1975, chapter 7). Explained in
    ``chapters/1_1_how_available``.
    """
    total = mtbf(mttf, mttr)
    if total == 0:
        raise ValueError("mttf and mttr are both 0: the node is never up nor down")
    return mttf / total


def mtbf(mttf: float, mttr: float) -> float:
    """Mean time between failures: the mean time from one failure to the next, repair
    included.

    Parameters
    ----------
    mttf, mttr : float
        Mean times to failure and to repair, in one unit.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a time is negative.

    Examples
    --------
    >>> mtbf(mttf=999, mttr=1)
    1000
    """
    for name, time in (("mttf", mttf), ("mttr", mttr)):
        if not time >= 0:
            raise ValueError(f"{name}={time}: a mean time is 0 or more")
    return mttf + mttr


def reliability(t: float, mttf: float) -> float:
    """The probability that a node runs for a time without a single failure.

    Parameters
    ----------
    t : float
        The time that must be survived.
    mttf : float
        Mean time to failure, in the same unit.

    Returns
    -------
    float
        ``exp(-t / mttf)``.

    Raises
    ------
    ValueError
        If `t` is negative or `mttf` is not positive.

    Examples
    --------
    Only a third of all nodes survive their mean time to failure:

    >>> round(reliability(t=1000, mttf=1000), 3)
    0.368

    Notes
    -----
    Assumes exponential times to failure, that is, a failure rate that does not change
    with age.
    """
    if not t >= 0:
        raise ValueError(f"t={t}: a time is 0 or more")
    if not mttf > 0:
        raise ValueError(f"mttf={mttf}: the mean time to failure is more than 0")
    return math.exp(-t / mttf)


def nines(a: float) -> float:
    """How many nines an availability has: 0.999 has three, 0.995 has 2.3.

    Parameters
    ----------
    a : float
        An availability, from 0 to 1.

    Returns
    -------
    float
        ``-log10(1 - a)``; infinity for 1.

    Raises
    ------
    ValueError
        If `a` is no probability.

    Examples
    --------
    >>> round(nines(0.999), 6), round(nines(0.995), 1)
    (3.0, 2.3)
    """
    probability("a", a)
    return math.inf if a == 1 else max(0.0, -math.log10(1 - a))


def downtime_per_year(a: float) -> float:
    """How many hours of a mean year (365.25 days) a service is down.

    Parameters
    ----------
    a : float
        Its availability, from 0 to 1.

    Returns
    -------
    float
        Hours.

    Raises
    ------
    ValueError
        If `a` is no probability.

    Examples
    --------
    >>> round(downtime_per_year(0.999), 2)
    8.77
    """
    probability("a", a)
    return (1 - a) * HOURS_A_YEAR


def majority(n: int) -> int:
    """The fewest nodes that are more than half of n.

    Parameters
    ----------
    n : int
        How many nodes there are, 1 or more.

    Returns
    -------
    int

    Examples
    --------
    Four nodes tolerate no more failures than three:

    >>> [(n, majority(n), n - majority(n)) for n in (3, 4, 5)]
    [(3, 2, 1), (4, 3, 1), (5, 3, 2)]
    """
    count("n", n)
    return n // 2 + 1


def distribution_up(n: int, p: float, common: float = 0.0) -> list[float]:
    """The probability of each number of nodes that are up at a random moment.

    Parameters
    ----------
    n : int
        How many nodes there are.
    p : float
        The probability that a node is up, given that no common cause has struck.
    common : float, optional
        The probability that a common cause has every node down at once.

    Returns
    -------
    list of float
        Item j is the probability that exactly j nodes are up, j from 0 to n.

    Raises
    ------
    ValueError
        If `n` is less than 1 or one of the others is no probability.

    Examples
    --------
    >>> [round(each, 3) for each in distribution_up(3, 0.9)]
    [0.001, 0.027, 0.243, 0.729]

    Notes
    -----
    ``(1 - common) * C(n, j) * p**j * (1 - p)**(n - j)``, and `common` more at j = 0.
    Time O(n).
    """
    count("n", n)
    probability("p", p)
    probability("common", common)
    up = [
        (1 - common) * math.comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(n + 1)
    ]
    up[0] += common
    return up


def availability_k_of_n(n: int, k: int, p: float, common: float = 0.0) -> float:
    """The probability that at least k of n nodes are up: the closed form.

    Parameters
    ----------
    n : int
        How many nodes there are.
    k : int
        How many must be up, from 0 to n: n for all, 1 for any, ``majority(n)`` for a
        majority.
    p : float
        The probability that a node is up, given that no common cause has struck.
    common : float, optional
        The probability that a common cause has every node down at once.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `n` is less than 1, `k` is not from 0 to n, or one of the others is no
        probability.

    Examples
    --------
    Any of three, two of three, all of three:

    >>> [round(availability_k_of_n(3, k, 0.9), 3) for k in (1, 2, 3)]
    [0.999, 0.972, 0.729]

    A majority of four is up less often than one of three:

    >>> [round(availability_k_of_n(n, majority(n), 0.99), 6) for n in (3, 4)]
    [0.999702, 0.999408]

    One thousandth of common cause undoes five independent nodes:

    >>> (
    ...     round(availability_k_of_n(5, 1, 0.99), 9),
    ...     round(availability_k_of_n(5, 1, 0.99, common=0.001), 9),
    ... )
    (1.0, 0.999)

    Notes
    -----
    The upper tail of a binomial distribution, summed with `math.fsum` so that no small
    term is lost; assumes that the nodes fail and are repaired independently, but for
    the common cause. Time O(n). Barlow and Proschan (1975), chapter 2. Explained in
    ``chapters/1_1_how_available``.
    """
    _needed(n, k)
    return min(1.0, math.fsum(distribution_up(n, p, common)[k:]))


def enumerate_k_of_n(n: int, k: int, p: float, common: float = 0.0) -> float:
    """The probability that at least k of n nodes are up, by adding up every pattern of
    up and down nodes.

    It uses nothing about binomials, so it checks the closed form.

    Parameters
    ----------
    n : int
        How many nodes there are, at most 20: there are 2**n patterns.
    k : int
        How many must be up, from 0 to n.
    p : float
        The probability that a node is up, given that no common cause has struck.
    common : float, optional
        The probability that a common cause has every node down at once.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `n` is less than 1 or more than 20, `k` is not from 0 to n, or one of the
        others is no probability.

    Examples
    --------
    >>> round(enumerate_k_of_n(3, 2, 0.9), 3)
    0.972

    Notes
    -----
    Time O(n 2**n).
    """
    _needed(n, k)
    probability("p", p)
    probability("common", common)
    if n > LARGEST_ENUMERATION:
        raise ValueError(
            f"n={n}: 2**{n} patterns are too many to add up one by one; use n of at"
            f" most {LARGEST_ENUMERATION}"
        )
    patterns = itertools.product((True, False), repeat=n)
    good = math.fsum(
        math.prod(p if up else 1 - p for up in pattern)
        for pattern in patterns
        if sum(pattern) >= k
    )
    return min(1.0, (1 - common) * good + (common if k == 0 else 0.0))


def simulate_k_of_n(
    n: int,
    k: int,
    p: float,
    common: float = 0.0,
    *,
    samples: int = 10_000,
    seed: int = 7,
    confidence: float = 0.95,
) -> Estimate:
    """The probability that at least k of n nodes are up, by looking at random moments.

    Parameters
    ----------
    n : int
        How many nodes there are.
    k : int
        How many must be up, from 0 to n.
    p : float
        The probability that a node is up, given that no common cause has struck.
    common : float, optional
        The probability that a common cause has every node down at once.
    samples : int, optional
        How many moments to look at.
    seed : int, optional
        The same seed gives the same samples everywhere.
    confidence : float, optional
        Of the interval.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If `n` is less than 1, `k` is not from 0 to n, there are no samples, or one of
        the others is no probability.

    Examples
    --------
    >>> measured = simulate_k_of_n(3, 2, 0.9)
    >>> print(measured)
    0.9729 (95% interval 0.9695 to 0.9759, 10,000 samples)
    >>> availability_k_of_n(3, 2, 0.9) in measured
    True

    Notes
    -----
    Every sample draws n + 1 numbers, whatever befalls it. Time O(n samples).
    """
    _needed(n, k)
    probability("p", p)
    probability("common", common)
    count("samples", samples)
    chance = random.Random(seed).random
    good = 0
    for _ in range(samples):
        struck = chance() < common
        up = sum([chance() < p for _ in range(n)])
        good += (0 if struck else up) >= k
    return Estimate.of(good, samples, confidence)


def beta_factor(p: float, beta: float) -> tuple[float, float]:
    """Split a node's unavailability into an independent part and a common cause.

    Parameters
    ----------
    p : float
        The availability of one node, all causes together: what a log of its outages
        shows.
    beta : float
        The part of its unavailability that strikes every node at once.

    Returns
    -------
    tuple of float
        The `p` and `common` for `availability_k_of_n`: the availability given that no
        common cause has struck, and the probability that one has. One node alone is up
        with the given `p` again.

    Raises
    ------
    ValueError
        If one of the arguments is no probability.

    Examples
    --------
    A tenth of all outages being common costs any-of-three two nines:

    >>> round(nines(availability_k_of_n(3, 1, 0.99)), 1)
    6.0
    >>> round(nines(availability_k_of_n(3, 1, *beta_factor(0.99, beta=0.1))), 1)
    3.0

    Notes
    -----
    ``common = beta * (1 - p)``. Fleming (1975); his is a split of failure rates, ours
    of unavailabilities, which agree when repair takes equally long.
    """
    probability("p", p)
    probability("beta", beta)
    common = beta * (1 - p)
    return (p / (1 - common) if common < 1 else 0.0), common


def _needed(n: int, k: int) -> None:
    count("n", n)
    within("k", k, 0, n, f"of {n} nodes, 0 to {n} can be needed")
