"""How long coded data are kept: n pieces, of which any k suffice, and a cause that
takes all of them at once.

An erasure code cuts data into k pieces and computes n - k more, so that any k of the n
give the data back; n copies are the case k = 1. Pieces are lost at a constant rate each
and made again, all that are lost at the same time, as in `ftlib.analysis.durability`.
Such a sum has many nines for n/k times the space, and all of them rest on one word:
*independently*. A cause that takes all pieces once in so many years, a bad release or a
wrong command, is added here at a rate of its own.

References
----------
Weatherspoon, H. and Kubiatowicz, J. D. (2002). Erasure coding vs. replication: a
quantitative comparison. *IPTPS*, 328-337.
"""

import math

from ftlib.analysis.chain import reached_last
from ftlib.analysis.checks import count, elapsed, mean_time, within
from ftlib.analysis.estimate import Estimate
from ftlib.analysis.repair import outages
from ftlib.simulation import Exponential, stream

__all__ = ["coded_loss", "nines", "simulate_coded_loss"]

MOST = 30  # pieces
MOST_STEPS = 10_000_000  # of a simulation


def coded_loss(
    time: float,
    pieces: int,
    needed: int,
    mttf: float,
    mttr: float,
    common: float = math.inf,
) -> float:
    """The probability that fewer than k of n pieces are left at some moment within a
    time.

    Parameters
    ----------
    time : float
        In the unit of `mttf`.
    pieces, needed : int
        n, at most 30, and k. All pieces are there at first.
    mttf, mttr : float
        Mean time until a piece is lost, and until it is there again; exponential.
    common : float, optional
        Mean time until a cause takes all pieces at once; by default there is none.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a number or a time is out of its range.

    Examples
    --------
    17 of 20 are needed, a disk is lost in 250 years and made again in 4 days. In one
    year, and with one cause for all in 100,000 years:

    >>> f"{coded_loss(1, 20, 17, mttf=250, mttr=4 / 365):.1e}"
    '6.4e-12'
    >>> f"{coded_loss(1, 20, 17, mttf=250, mttr=4 / 365, common=100_000):.1e}"
    '1.0e-05'

    Notes
    -----
    Exact for the chain, however small. Whether the cause has struck is independent of
    the pieces, so that it need not be part of the chain. Time O(m**3) and a logarithm,
    m = n - k + 1.
    """
    elapsed("time", time)
    _checked(pieces, needed, mttf, mttr, common)
    lost = pieces - needed + 1
    rates = [[0.0] * (lost + 1) for _ in range(lost + 1)]
    for gone in range(lost):
        rates[gone][gone + 1] = (pieces - gone) / mttf
        if gone:
            rates[gone][gone - 1] = gone / mttr
    struck = -math.expm1(-time / common)
    return struck + (1 - struck) * reached_last(rates, time)


def nines(loss: float) -> float:
    """How many nines a probability of keeping data has: ``-log10(loss)``.

    Raises
    ------
    ValueError
        If it is not above 0, and at most 1.

    Examples
    --------
    >>> round(nines(1e-11), 6), round(nines(1 - 0.999), 6)
    (11.0, 3.0)
    """
    if not 0 < loss <= 1:
        raise ValueError(f"loss={loss!r}: a probability above 0, at most 1")
    return -math.log10(loss)


def simulate_coded_loss(
    time: float,
    pieces: int,
    needed: int,
    mttf: float,
    mttr: float,
    common: float = math.inf,
    *,
    samples: int = 1_000,
    seed: int = 7,
) -> Estimate:
    """What `coded_loss` says, by living through that time again and again.

    Parameters
    ----------
    time, pieces, needed, mttf, mttr, common
        As for `coded_loss`.
    samples : int, optional
        How many times to live through it.
    seed : int, optional
        The same seed gives the same losses everywhere.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        As `coded_loss`; if there are no samples, or if they would take more than ten
        million steps.

    Examples
    --------
    Disks that fail 25 times as often, so that there is something to count:

    >>> measured = simulate_coded_loss(1, 6, 4, mttf=10, mttr=0.1)
    >>> coded_loss(1, 6, 4, mttf=10, mttr=0.1) in measured
    True
    """
    elapsed("time", time)
    _checked(pieces, needed, mttf, mttr, common)
    count("samples", samples)
    if samples * (1 + 2 * time * pieces / mttf) > MOST_STEPS:
        raise ValueError(
            f"samples={samples!r}: more than {MOST_STEPS:,} steps; take fewer, or a"
            " shorter time"
        )
    losses = 0
    for number in range(samples):
        draw = stream(seed, "pieces", str(number)).random
        struck = Exponential(1.0).quantile(draw()) * common
        left = pieces
        for now, _, is_there in outages(pieces, mttf, mttr, pieces, draw):
            if now > time or left < needed or struck <= now:
                break
            left += 1 if is_there else -1
        losses += left < needed or struck <= time
    return Estimate.of(losses, samples)


def _checked(pieces: int, needed: int, mttf: float, mttr: float, common: float) -> None:
    within("pieces", pieces, 1, MOST, f"at most {MOST} pieces")
    within("needed", needed, 1, pieces, f"there are {pieces} pieces")
    mean_time("mttf", mttf)
    mean_time("mttr", mttr)
    mean_time("common", common, never=True)
