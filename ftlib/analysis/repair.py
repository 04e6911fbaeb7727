"""Nodes that are repaired by fewer crews than there are nodes, and a primary that takes
time to replace.

The closed form of `availability` gives each node a crew of its own. With one crew for
all, a node that fails while another is being repaired waits, so that failures are no
longer independent even if their causes are. The number of nodes that are down is then a
birth-death chain: with j of n down the next failure comes at the rate (n - j) / MTTF
and the next repair at min(j, crews) / MTTR (Barlow and Proschan 1975, chapter 5).

A standby takes over only when somebody has noticed that the primary is gone. Until then
the service is down although a node is up. `availability_failover` puts that time into
the sum.

Beside each formula stands a simulation that knows nothing of the number that is down:
it keeps a clock for each node, and a queue before the crews.

References
----------
As in `ftlib.analysis.availability`.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from ftlib.analysis.chain import stationary
from ftlib.analysis.checks import count, mean_time, probability, within
from ftlib.analysis.estimate import Estimate
from ftlib.simulation import Exponential, stream

__all__ = [
    "availability_failover",
    "availability_repaired",
    "distribution_repaired",
    "outages",
    "simulate_failover",
    "simulate_repaired",
]

MOST = 100  # nodes
APART = 5  # how far apart moments are, in times in which all nodes can be repaired
NOBODY = -1


def distribution_repaired(
    n: int, mttf: float, mttr: float, crews: int | None = None
) -> list[float]:
    """The part of the time that each number of nodes is up, in the long run.

    Parameters
    ----------
    n : int
        How many nodes there are, at most 100.
    mttf, mttr : float
        Mean times to failure and to repair, in one unit; both exponential.
    crews : int, optional
        How many nodes can be repaired at once; by default all.

    Returns
    -------
    list of float
        Item j is the part in which exactly j nodes are up, j from 0 to n.

    Raises
    ------
    ValueError
        If a number of nodes or crews is less than 1, or a time not above 0.

    Examples
    --------
    >>> [round(part, 3) for part in distribution_repaired(3, mttf=9, mttr=1, crews=1)]
    [0.006, 0.052, 0.235, 0.706]

    Notes
    -----
    Time O(n**3).
    """
    crews = _checked(n, mttf, mttr, crews)
    rates = [[0.0] * (n + 1) for _ in range(n + 1)]
    for down in range(n):
        rates[down][down + 1] = (n - down) / mttf
        rates[down + 1][down] = min(down + 1, crews) / mttr
    return stationary(rates)[::-1]


def availability_repaired(
    n: int,
    k: int,
    mttf: float,
    mttr: float,
    crews: int | None = None,
    common: float = 0.0,
) -> float:
    """The part of the time that at least k of n nodes are up.

    Parameters
    ----------
    n, k : int
        How many nodes there are, and how many must be up.
    mttf, mttr : float
        Mean times to failure and to repair, in one unit; both exponential.
    crews : int, optional
        How many nodes can be repaired at once; by default all.
    common : float, optional
        The part of the time that a common cause has every node down at once.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `k` is not from 0 to n, `common` is no probability, or as
        `distribution_repaired`.

    Examples
    --------
    A majority of three, with a crew for each and with one for all:

    >>> round(availability_repaired(3, 2, mttf=9, mttr=1), 3)
    0.972
    >>> round(availability_repaired(3, 2, mttf=9, mttr=1, crews=1), 3)
    0.942

    Notes
    -----
    Failures are independent but for the common cause, which leaves the crews alone.
    With a crew for each, the same as ``availability_k_of_n(n, k, mttf / (mttf +
    mttr))``. Explained in ``chapters/1_1_how_available``.
    """
    parts = distribution_repaired(n, mttf, mttr, crews)
    within("k", k, 0, n, f"of {n} nodes, 0 to {n} can be needed")
    probability("common", common)
    good = (1 - common) * math.fsum(parts[k:]) + (common if k == 0 else 0.0)
    return min(1.0, good)


def availability_failover(
    n: int,
    mttf: float,
    mttr: float,
    takeover: float,
    crews: int | None = None,
    common: float = 0.0,
) -> float:
    """The part of the time that one primary among n nodes serves, where a standby needs
    time to take over.

    Parameters
    ----------
    n : int
        How many nodes there are, the primary included.
    mttf, mttr : float
        Mean times to failure and to repair, in one unit; both exponential.
    takeover : float
        Mean time from the crash of a primary until a node serves again, in the same
        unit: detection, and what follows it. If no node is left, it begins when the
        first one is back. 0 for a takeover at once.
    crews : int, optional
        How many nodes can be repaired at once; by default all.
    common : float, optional
        The part of the time that a common cause has every node down at once.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `takeover` is negative, or as `availability_repaired`.

    Examples
    --------
    A standby makes four nines of two, and takeovers of half a minute leave 3.7 of them
    (times in hours):

    >>> round(availability_failover(2, mttf=99, mttr=1, takeover=0), 5)
    0.9999
    >>> round(availability_failover(2, mttf=99, mttr=1, takeover=30 / 3600), 5)
    0.99982

    Notes
    -----
    About ``takeover / mttf`` is lost by takeovers, beside the time in which no node is
    up. A chain of states (nodes down, does one serve?); the time to take over is
    exponential too.
    """
    crews = _checked(n, mttf, mttr, crews)
    probability("common", common)
    if takeover == 0:
        return availability_repaired(n, 1, mttf, mttr, crews, common)
    mean_time("takeover", takeover)
    states = [(down, serves) for serves in (True, False) for down in range(n + 1)]
    states.remove((n, True))
    rates = [[0.0] * len(states) for _ in states]
    for here, (down, serves) in enumerate(states):
        leads = [
            ((down + 1, False), 1 / mttf if serves else (n - down) / mttf),
            ((down + 1, True), (n - down - 1) / mttf if serves else 0.0),
            ((down - 1, serves), min(down, crews) / mttr),
            ((down, True), 0.0 if serves or down == n else 1 / takeover),
        ]
        for there, rate in leads:
            if rate:
                rates[here][states.index(there)] = rate
    return (1 - common) * math.fsum(stationary(rates)[:n])


def simulate_repaired(
    n: int,
    k: int,
    mttf: float,
    mttr: float,
    crews: int | None = None,
    common: float = 0.0,
    *,
    samples: int = 10_000,
    seed: int = 7,
    confidence: float = 0.95,
) -> Estimate:
    """What `availability_repaired` says, by looking at a run of many years.

    Parameters
    ----------
    n, k, mttf, mttr, crews, common
        As for `availability_repaired`.
    samples : int, optional
        At how many moments to look. They are so far apart that what is down at one
        says hardly anything about the next.
    seed : int, optional
        The same seed gives the same run everywhere.
    confidence : float, optional
        Of the interval.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        As `availability_repaired`, or if there are no samples.

    Examples
    --------
    >>> measured = simulate_repaired(3, 2, mttf=9, mttr=1, crews=1)
    >>> availability_repaired(3, 2, mttf=9, mttr=1, crews=1) in measured
    True
    """
    crews = _checked(n, mttf, mttr, crews)
    within("k", k, 0, n, f"of {n} nodes, 0 to {n} can be needed")

    def enough() -> Iterator[tuple[float, bool]]:
        up = n
        for time, _, is_up in outages(n, mttf, mttr, crews, _chance(seed)):
            up += 1 if is_up else -1
            yield time, up >= k

    gap = APART * n * mttr
    return _looked_at(enough(), k == 0, gap, common, samples, seed, confidence)


def simulate_failover(
    n: int,
    mttf: float,
    mttr: float,
    takeover: float,
    crews: int | None = None,
    common: float = 0.0,
    *,
    samples: int = 10_000,
    seed: int = 7,
    confidence: float = 0.95,
) -> Estimate:
    """What `availability_failover` says, by looking at a run of many years.

    Parameters
    ----------
    n, mttf, mttr, takeover, crews, common
        As for `availability_failover`.
    samples, seed, confidence
        As for `simulate_repaired`.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        As `availability_failover`, or if there are no samples.

    Examples
    --------
    >>> measured = simulate_failover(2, mttf=9, mttr=1, takeover=0.5)
    >>> availability_failover(2, mttf=9, mttr=1, takeover=0.5) in measured
    True
    """
    crews = _checked(n, mttf, mttr, crews)
    if takeover == 0:
        return simulate_repaired(
            *(n, 1, mttf, mttr, crews, common),
            samples=samples,
            seed=seed,
            confidence=confidence,
        )
    mean_time("takeover", takeover)
    gap = APART * (n * mttr + takeover)
    serving = _serving(n, mttf, mttr, takeover, crews, seed)
    return _looked_at(serving, False, gap, common, samples, seed, confidence)


def outages(
    n: int, mttf: float, mttr: float, crews: int, draw: Callable[[], float]
) -> Iterator[tuple[float, int, bool]]:
    """Let nodes fail and be repaired, first come, first served.

    Parameters
    ----------
    n : int
        How many nodes there are; all are up at first.
    mttf, mttr : float
        Mean times to failure and to repair, both exponential; `mttr` may be infinity.
    crews : int
        How many nodes can be repaired at once.
    draw : callable
        Gives the next number between 0 and 1.

    Yields
    ------
    tuple of float, int, bool
        When something changed, which node, and whether it is up now.
    """
    life = Exponential(mttf).quantile
    repair = (lambda _: math.inf) if mttr == math.inf else Exponential(mttr).quantile
    coming = [(life(draw()), node, False) for node in range(n)]
    coming.sort()
    waiting: deque[int] = deque()
    while coming:
        now, node, is_up = heappop(coming)
        if now == math.inf:
            return
        yield now, node, is_up
        if is_up:
            crews += 1
            heappush(coming, (now + life(draw()), node, False))
        else:
            waiting.append(node)
        if crews and waiting:
            crews -= 1
            heappush(coming, (now + repair(draw()), waiting.popleft(), True))


def _serving(
    n: int, mttf: float, mttr: float, takeover: float, crews: int, seed: int
) -> Iterator[tuple[float, bool]]:
    """When one of the nodes begins to serve as the primary, and when it stops."""
    up, primary, ready = [True] * n, 0, math.inf
    wait, draw = Exponential(takeover).quantile, stream(seed, "takeover").random
    for time, node, is_up in outages(n, mttf, mttr, crews, _chance(seed)):
        if ready < time:
            yield ready, True
            primary, ready = up.index(True), math.inf
        up[node] = is_up
        if node == primary and not is_up:
            yield time, False
            primary = NOBODY
        if primary == NOBODY and not any(up):
            ready = math.inf
        elif primary == NOBODY and ready == math.inf:
            ready = time + wait(draw())


def _looked_at(
    changes: Iterator[tuple[float, bool]],
    when_struck: bool,
    gap: float,
    common: float,
    samples: int,
    seed: int,
    confidence: float,
) -> Estimate:
    """Count at how many moments the service was up."""
    probability("common", common)
    count("samples", samples)
    strikes = stream(seed, "common cause").random
    good, state, (time, after) = 0, True, next(changes)
    for number in range(1, samples + 1):
        while time <= number * gap:
            state, (time, after) = after, next(changes)
        struck = strikes() < common
        good += when_struck if struck else state
    return Estimate.of(good, samples, confidence)


def _chance(seed: int) -> Callable[[], float]:
    return stream(seed, "outages").random


def _checked(n: int, mttf: float, mttr: float, crews: int | None) -> int:
    """Raise unless these make sense; return the number of crews."""
    within("n", n, 1, MOST, f"at most {MOST} nodes")
    mean_time("mttf", mttf)
    mean_time("mttr", mttr)
    if crews is None:
        return n
    count("crews", crews)
    return crews
