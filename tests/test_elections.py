"""First elections of Raft: how often the votes are split, and how soon there is a
leader, computed and measured.
"""

import itertools

import pytest

from ftlib.analysis.elections import (
    first_leader,
    simulate_first_elections,
    split_vote,
)
from ftlib.analysis.estimate import Estimate, Mean
from ftlib.simulation.chance import stream

CASES = [(5, 4, 0.1), (5, 5, 0.2), (3, 2, 0.1), (4, 3, 0.15)]


def drawn(servers, up, latency, trials=20_000):
    """Draw time-outs, and look who may vote for the first."""
    draw = stream(1, "time-outs").random
    firsts = []
    for _ in range(trials):
        times = sorted(draw() for _ in range(up))
        voters = sum(time >= times[0] + latency for time in times)
        if 1 + voters > servers // 2:
            firsts.append(times[0] + 2 * latency)
    return Estimate.of(trials - len(firsts), trials), Mean.of(firsts)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("measure", [drawn, simulate_first_elections])
def test_both_forms_are_met_by_drawn_time_outs_and_by_servers(case, measure):
    more = () if measure is drawn else (range(250),)
    split, leader = measure(*case, *more)
    assert split_vote(*case) in split
    assert first_leader(*case) in leader


def test_what_the_dissertation_says_of_four_servers_of_five():
    said = {0.01: 0.06, 0.1: 5.2, 0.2: 18.1}
    for latency, percent in said.items():
        digits = 2 if percent < 1 else 1
        assert round(100 * split_vote(5, 4, latency), digits) == percent


def test_a_slower_network_splits_more_and_more_servers_less():
    latencies = [k / 20 for k in range(21)]
    for servers, up in ((2, 2), (3, 2), (3, 3), (5, 4), (5, 5)):
        rising = [split_vote(servers, up, latency) for latency in latencies]
        assert rising == sorted(rising)
        assert (rising[0], rising[-1]) == (0, 1)
    for fewer, more in itertools.pairwise((3, 5, 7, 9)):
        assert split_vote(more, more, 0.1) < split_vote(fewer, fewer, 0.1)


def test_without_latency_the_least_time_out_counts():
    assert [first_leader(n, n, 0.0) for n in (3, 5)] == [1 / 4, 1 / 6]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((1, 1, 0.1), "servers is 1"),
        ((5, 2, 0.1), "up is 2"),
        ((5, 6, 0.1), "up is 6"),
        ((5, 4, 1.5), r"latency is 1\.5"),
    ],
)
def test_what_is_no_election(given, words):
    for form in (split_vote, first_leader):
        with pytest.raises(ValueError, match=words):
            form(*given)
    with pytest.raises(ValueError, match=words):
        simulate_first_elections(*given, range(3))


def test_where_every_election_is_split_there_is_no_time():
    with pytest.raises(ValueError, match=r"latency is 1: then every"):
        first_leader(5, 4, 1)
