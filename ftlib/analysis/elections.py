"""How often the votes of an election are split, and how soon there is a leader.

In Raft each server waits a random time before it stands for election. Who times out
before the first one's request has reached him is a candidate too, and has voted for
himself. So the first candidate fails if too few others are left. Ongaro (2014, chapter
9) computes how likely that is where all servers begin to wait at one moment, time-outs
are uniform, and every message takes equally long: time is measured in the range of the
time-outs, and the latency *l* is a fraction of it.

Both closed forms here are exact. The times at which *s* servers time out divide the
range into s + 1 spacings, which are distributed alike (David and Nagaraja 2003, chapter
2). The j-th after the first follows it within *l* exactly if a binomial variable of s
trials with probability l is j or more.

Notes
-----
They hold for the first election. After a split the servers begin to wait at moments
that differ by up to *l*, so that later elections are split a little less often.
"""

from collections.abc import Iterable
from functools import partial
from math import comb, fsum

from ftlib.analysis.estimate import Estimate, Mean
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_servers import raft_servers
from ftlib.services import Elected
from ftlib.simulation import Cluster, Crash, Network

__all__ = ["first_leader", "simulate_first_elections", "split_vote"]

SHORTEST, RANGE = 2.0, 1.0  # of the time-outs that are simulated, in seconds


def _below(trials: int, probability: float, most: int) -> float:
    """Return how likely fewer than so many of some independent trials succeed."""
    return fsum(
        comb(trials, k) * probability**k * (1 - probability) ** (trials - k)
        for k in range(most)
    )


def _too_many(servers: int, up: int, latency: float) -> int:
    """Return how many more candidates make the first one fail."""
    if type(servers) is not int or servers < 2:
        raise ValueError(f"servers is {servers!r}: give a whole number, 2 or more")
    if type(up) is not int or not servers // 2 < up <= servers:
        raise ValueError(f"up is {up!r}: give a majority of {servers} servers, or more")
    if not 0 <= latency <= 1:
        raise ValueError(f"latency is {latency!r}: give a part of the range, 0 to 1")
    return up - servers // 2


def split_vote(servers: int, up: int, latency: float) -> float:
    """Compute how likely the first candidate of an election gets no majority.

    Parameters
    ----------
    servers, up : int
        How many servers there are, and how many of them are up: a majority.
    latency : float
        How long a message takes, as a part of the range of the time-outs.

    Raises
    ------
    ValueError
        If a parameter is none of those.

    Examples
    --------
    >>> [round(100 * split_vote(5, 4, latency), 2) for latency in (0.01, 0.1, 0.2)]
    [0.06, 5.23, 18.08]
    """
    return 1 - _below(up, latency, _too_many(servers, up, latency))


def first_leader(servers: int, up: int, latency: float) -> float:
    """Compute how long after the shortest time-out there is a leader, on average over
    the first elections that are not split, in ranges of the time-outs.

    Parameters, raises: as `split_vote`.

    Examples
    --------
    With all time-outs far apart, the least of five, a request and a vote:

    >>> first_leader(5, 5, 0.0) == 1 / 6
    True
    >>> round(first_leader(5, 5, 0.05), 3)
    0.266

    Notes
    -----
    If one spacing after the first counts for the condition, the others share what it
    leaves of the range: the mean of the first is that of one of them.
    """
    others = _too_many(servers, up, latency)
    certain = _below(up, latency, others)
    if not certain:
        raise ValueError(f"latency is {latency!r}: then every election is split")
    first = _below(up + 1, latency, others) / ((up + 1) * certain)
    return first + 2 * latency


def simulate_first_elections(
    servers: int, up: int, latency: float, seeds: Iterable[int]
) -> tuple[Estimate, Mean]:
    """Run the first election of servers of Raft, and count.

    Parameters
    ----------
    servers, up : int
    latency : float
        As for `split_vote`.
    seeds : iterable of int
        One run for each.

    Returns
    -------
    split : Estimate
        How often it was split.
    leader : Mean
        How long after the shortest time-out there was a leader, in ranges of the
        time-outs, where it was not.
    """
    _too_many(servers, up, latency)
    waits = partial(
        Raft, heartbeat=SHORTEST / 2, election_timeout=(SHORTEST, SHORTEST + RANGE)
    )
    nodes = raft_servers((), servers, server=waits)
    down = [Crash(f"s{number}", at=0.0) for number in range(up + 1, servers + 1)]
    network = Network(latency=latency * RANGE)
    times, runs = [], 0
    for seed in seeds:
        runs += 1
        cluster = Cluster(nodes, faults=down, seed=seed, network=network)
        # a candidate tries again after SHORTEST at the earliest
        trace = cluster.run(until=SHORTEST + RANGE + 2.5 * latency * RANGE)
        elected = [event for event in trace.facts(Elected) if event.what == Elected(1)]
        times += [(event.time - SHORTEST) / RANGE for event in elected]
    return Estimate.of(runs - len(times), runs), Mean.of(times)
