"""How long copies keep data: the mean time until all are lost, and the probability that
this happens within a given time.

R copies fail at a constant rate each and are made again from one that is left. With j
of them lost the next failure comes at the rate (R - j) / MTTF and the next repair at
min(j, crews) / MTTR; when all are lost, so are the data, for good. For two copies this
is the mirrored disk of Patterson, Gibson and Katz (1988); Angus (1988) has the general
form, with one crew and with one for each copy, which differ as soon as two copies can
be lost at once.

The mean time to data loss is a bad answer to what people ask, which is how likely their
data are to survive the years in which they need them: 500 years on average do not mean
that nothing is lost in the first ten. `loss_within` gives that probability, exactly and
not as ``time / mean``.

Copies that fail independently make wonderful numbers. `beta` is the share of a copy's
failures that strike all of them at once (Fleming 1975): a fire, a bad release, an
operator.

Beside the formulas stand simulations with a clock for each copy.

References
----------
Patterson, D. A., Gibson, G., and Katz, R. H. (1988). A case for redundant arrays of
inexpensive disks (RAID). *SIGMOD '88*, 109-116. Angus, J. E. (1988). On computing MTBF
for a k-out-of-n:G repairable system. *IEEE Transactions on Reliability* 37(3), 312-313.
Fleming, K. N. (1975), as in `ftlib.analysis.availability`.
"""

import math

from ftlib.analysis.chain import mean_time_to_last, reached_last
from ftlib.analysis.checks import count, elapsed, mean_time, probability, within
from ftlib.analysis.estimate import Estimate, Mean
from ftlib.analysis.repair import outages
from ftlib.simulation import Exponential, stream

__all__ = [
    "loss_within",
    "mean_time_to_loss",
    "simulate_loss_within",
    "simulate_time_to_loss",
]

MOST = 12  # copies
MOST_STEPS = 10_000_000  # of a simulation


def mean_time_to_loss(
    copies: int, mttf: float, mttr: float, crews: int | None = None, beta: float = 0.0
) -> float:
    """The mean time until the last of some copies is lost.

    Parameters
    ----------
    copies : int
        R, from 1 to 12. All are there at first.
    mttf : float
        Mean time until a copy is lost, for all causes together; exponential.
    mttr : float
        Mean time until it has been made again from another, in the same unit;
        exponential. ``math.inf`` if that is never done.
    crews : int, optional
        How many copies can be made at once; by default all that are lost.
    beta : float, optional
        The share of a copy's losses whose cause strikes all copies at once.

    Returns
    -------
    float
        In the unit of `mttf`.

    Raises
    ------
    ValueError
        If a number is less than 1, a time not above 0, or `beta` no probability.

    Examples
    --------
    Patterson, Gibson and Katz have 100 pairs of disks with an MTTF of 30,000 hours,
    each replaced within an hour, and give 4.5 million hours, which is more than 500
    years:

    >>> round(mean_time_to_loss(2, mttf=30_000, mttr=1) / 100)
    4500450

    If one failure in a thousand takes both disks of a pair, it is a sixteenth of that:

    >>> round(mean_time_to_loss(2, mttf=30_000, mttr=1, beta=0.001) / 100)
    281287

    Notes
    -----
    For R = 2 without common cause it is ``(3 mttr + mttf) mttf / (2 mttr)``; the 450
    hours above are what the paper's ``mttf**2 / (2 mttr)`` leaves out. A common cause
    strikes at the rate ``beta / mttf`` and ends the chain from every state. Time
    O(R**3).
    """
    return mean_time_to_last(_rates(copies, mttf, mttr, crews, beta))


def loss_within(
    time: float,
    copies: int,
    mttf: float,
    mttr: float,
    crews: int | None = None,
    beta: float = 0.0,
    *,
    groups: int = 1,
) -> float:
    """The probability that data are lost within a time.

    Parameters
    ----------
    time : float
        In the unit of `mttf`; `ftlib.analysis.availability.HOURS_A_YEAR` for a year.
    copies, mttf, mttr, crews, beta
        As for `mean_time_to_loss`.
    groups : int, optional
        How many groups of so many copies there are, that fail independently of each
        other, with crews of their own; to lose one is a loss.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `time` is negative or not finite, `groups` less than 1, or as
        `mean_time_to_loss`.

    Examples
    --------
    The 100 pairs of Patterson, Gibson and Katz, in ten years:

    >>> hours = 10 * 365.25 * 24
    >>> round(loss_within(hours, 2, 30_000, 1, groups=100), 4)
    0.0193

    Three copies instead of two, and three of which a hundredth fails at once:

    >>> f"{loss_within(hours, 3, 30_000, 1, groups=100):.1e}"
    '9.7e-07'
    >>> round(loss_within(hours, 3, 30_000, 1, beta=0.01, groups=100), 2)
    0.95

    Notes
    -----
    Exact for the chain, to about twelve digits, however small. ``time / mean`` is an
    upper bound that is near only while it is much less than 1. Time O(R**3 (R +
    log(time / mttr))).
    """
    elapsed("time", time)
    count("groups", groups)
    one = reached_last(_rates(copies, mttf, mttr, crews, beta), time)
    return one if groups == 1 else _any_of(groups, one)


def simulate_time_to_loss(
    copies: int,
    mttf: float,
    mttr: float,
    crews: int | None = None,
    beta: float = 0.0,
    *,
    samples: int = 1_000,
    seed: int = 7,
    confidence: float = 0.95,
) -> Mean:
    """What `mean_time_to_loss` says, by losing data again and again.

    Parameters
    ----------
    copies, mttf, mttr, crews, beta
        As for `mean_time_to_loss`.
    samples : int, optional
        How many losses to wait for, 30 or more. Each takes about ``mean time to loss x
        copies / mttf`` steps.
    seed : int, optional
        The same seed gives the same losses everywhere.
    confidence : float, optional
        Of the interval.

    Returns
    -------
    Mean

    Raises
    ------
    ValueError
        As `mean_time_to_loss`; if there are too few samples, or if they would take
        more than ten million steps.

    Examples
    --------
    >>> measured = simulate_time_to_loss(2, mttf=100, mttr=10)
    >>> mean_time_to_loss(2, mttf=100, mttr=10), str(measured)
    (650.0, '658.3 (95% interval 620.1 to 696.5, 1,000 samples)')
    """
    count("samples", samples)
    mean = mean_time_to_loss(copies, mttf, mttr, crews, beta)
    _bounded(samples * mean * copies / mttf)
    times = [
        _lost_at(math.inf, copies, mttf, mttr, crews, beta, seed, number)
        for number in range(samples)
    ]
    return Mean.of(times, confidence)


def simulate_loss_within(
    time: float,
    copies: int,
    mttf: float,
    mttr: float,
    crews: int | None = None,
    beta: float = 0.0,
    *,
    groups: int = 1,
    samples: int = 1_000,
    seed: int = 7,
    confidence: float = 0.95,
) -> Estimate:
    """What `loss_within` says, by living through that time again and again.

    Parameters
    ----------
    time, copies, mttf, mttr, crews, beta, groups
        As for `loss_within`.
    samples : int, optional
        How many times to live through it.
    seed, confidence
        As for `simulate_time_to_loss`.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        As `loss_within`; if there are no samples, or if they would take more than ten
        million steps.

    Examples
    --------
    >>> measured = simulate_loss_within(300, 2, mttf=100, mttr=10)
    >>> loss_within(300, 2, mttf=100, mttr=10) in measured
    True
    """
    count("samples", samples)
    loss_within(time, copies, mttf, mttr, crews, beta, groups=groups)
    _bounded(samples * groups * (1 + time * copies / mttf))
    losses = sum(
        any(
            _lost_at(time, copies, mttf, mttr, crews, beta, seed, number, group) <= time
            for group in range(groups)
        )
        for number in range(samples)
    )
    return Estimate.of(losses, samples, confidence)


def _rates(
    copies: int, mttf: float, mttr: float, crews: int | None, beta: float
) -> list[list[float]]:
    """From each number of lost copies to each other."""
    within("copies", copies, 1, MOST, f"at most {MOST} copies")
    mean_time("mttf", mttf)
    mean_time("mttr", mttr, never=True)
    probability("beta", beta)
    crews = copies if crews is None else crews
    count("crews", crews)
    rates = [[0.0] * (copies + 1) for _ in range(copies + 1)]
    for lost in range(copies):
        rates[lost][copies] = beta / mttf
        rates[lost][lost + 1] += (1 - beta) * (copies - lost) / mttf
        if lost:
            rates[lost][lost - 1] = min(lost, crews) / mttr
    return rates


def _any_of(groups: int, one: float) -> float:
    """The probability that it happens to one group or more, however rare it is."""
    return 1.0 if one >= 1 else -math.expm1(groups * math.log1p(-one))


def _lost_at(
    until: float,
    copies: int,
    mttf: float,
    mttr: float,
    crews: int | None,
    beta: float,
    seed: int,
    *number: int,
) -> float:
    """Live through one loss of all copies, or until a time."""
    draw = stream(seed, "copies", *map(str, number)).random
    struck, left = math.inf, copies
    if beta:
        struck = Exponential(mttf / beta).quantile(draw())
    if beta == 1:
        return struck
    alone = mttf / (1 - beta)
    for now, _, is_there in outages(copies, alone, mttr, crews or copies, draw):
        if now > min(struck, until):
            break
        left += 1 if is_there else -1
        if not left:
            return now
    return struck


def _bounded(steps: float) -> None:
    if steps > MOST_STEPS:
        raise ValueError(
            f"about {steps:.1e} steps: at most {MOST_STEPS:.0e}, so take fewer samples,"
            " or copies that fail more often"
        )
