"""How stale a read may be where read and write quorums need not meet.

With R + W <= N a read may miss the last write, by a chance that can be written down
where quorums are drawn at random and writes go nowhere else: of all sets of R nodes,
those that have no node of the W. In a store the write goes to all N nodes and goes on
after it has returned, so the chance falls with time. Bailis et al. (2012) call that
*probabilistically bounded staleness* and simulate it with four latencies a node, the
model WARS: the Write's way there, the Acknowledgement's back, the Read's there, the
reSponse's back.

References
----------
Bailis, P., Venkataraman, S., Franklin, M. J., Hellerstein, J. M. and Stoica, I. (2012).
Probabilistically bounded staleness for practical partial quorums. *PVLDB* 5(8),
776-787.
"""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from ftlib.analysis.estimate import Estimate
from ftlib.simulation.chance import stream

__all__ = ["Staleness", "linkedin_ssd", "miss", "wars"]

Latency = Callable[[Callable[[], float]], float]
"""Makes a latency in seconds of a source of random numbers between 0 and 1."""


def _checked(nodes: int, read: int, write: int) -> None:
    for name, size in (("read", read), ("write", write)):
        if type(size) is not int or not 1 <= size <= nodes:
            raise ValueError(
                f"{name} is {size!r}: give a whole number from 1 to {nodes}, how many"
                " nodes there are"
            )


def miss(nodes: int, read: int, write: int, versions: int = 1) -> float:
    """Return how likely a read meets none of the last few writes, if each of them is on
    W of the nodes, drawn at random, and nowhere else.

    Parameters
    ----------
    nodes, read, write : int
        N, R and W.
    versions : int
        How many writes.

    Returns
    -------
    float
        ``(C(N - W, R) / C(N, R)) ** versions``; 0 where R + W > N.

    Raises
    ------
    ValueError
        If R or W is not between 1 and N, or `versions` is below 1.

    Examples
    --------
    >>> [round(miss(3, 1, 1, versions), 3) for versions in (1, 2, 5)]
    [0.667, 0.444, 0.132]
    >>> miss(3, 2, 2)
    0.0
    """
    _checked(nodes, read, write)
    if type(versions) is not int or versions < 1:
        raise ValueError(f"versions is {versions!r}: give a whole number, 1 or more")
    once = math.comb(nodes - write, read) / math.comb(nodes, read)
    return once**versions


def linkedin_ssd(draw: Callable[[], float]) -> float:
    """Draw a latency of the fit to LinkedIn's store on solid-state disks (Bailis et al.
    2012), in seconds.

    It is Pareto of scale 0.235 ms and shape 10 with probability .9122, else exponential
    of rate 1.66 a millisecond; all four latencies are drawn from it.
    """
    chosen, along = draw(), 1 - draw()
    if chosen < 0.9122:
        return 0.235e-3 * along ** (-1 / 10)
    return -math.log(along) / 1.66e3


@dataclass(frozen=True, slots=True)
class Staleness:
    """What was simulated.

    Attributes
    ----------
    waits : tuple of float
        For each sample, how long after the write had returned a read must begin to be
        fresh, in seconds, from the shortest to the longest; 0 or less where any is.
    """

    waits: tuple[float, ...]

    def fresh(self, after: float = 0.0) -> Estimate:
        """Estimate how likely a read is fresh that begins so many seconds after the
        write has returned.
        """
        return Estimate.of(bisect_right(self.waits, after), len(self.waits))


def wars(
    nodes: int,
    read: int,
    write: int,
    *,
    latency: Latency = linkedin_ssd,
    samples: int = 10_000,
    seed: int = 0,
) -> Staleness:
    """Simulate a write to N nodes that returns after W, and a read of them that returns
    after R.

    Parameters
    ----------
    nodes, read, write : int
        N, R and W.
    latency : callable
        Draws one of the four latencies of a node.
    samples : int
        How often.
    seed : int

    Returns
    -------
    Staleness

    Raises
    ------
    ValueError
        If R or W is not between 1 and N, or there is no sample.

    Examples
    --------
    >>> found = wars(3, 1, 1, samples=2000)
    >>> 0.974 in found.fresh(), 0.999 in found.fresh(1.85e-3)
    (True, True)

    Notes
    -----
    A read misses the write if none of the R nodes that answer first had it when it was
    asked. That is the case until the wait of a sample is over, so one sample tells of
    every moment. Nodes and latencies are taken for independent; one slow switch would
    make all of them late.
    """
    _checked(nodes, read, write)
    if type(samples) is not int or samples < 1:
        raise ValueError(f"samples is {samples!r}: give a whole number, 1 or more")
    draw = stream(seed, "wars", "").random
    waits = []
    for _ in range(samples):
        there, back, asked, answered = (
            [latency(draw) for _ in range(nodes)] for _ in range(4)
        )
        returned = sorted(map(_sum, there, back))[write - 1]
        replies = sorted(zip(map(_sum, asked, answered), there, asked, strict=True))
        waits.append(min(came - returned - ask for _, came, ask in replies[:read]))
    return Staleness(tuple(sorted(waits)))


def _sum(one: float, other: float) -> float:
    return one + other
