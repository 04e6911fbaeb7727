"""How stale a read may be: closed form, enumeration, simulation and what was published,
side by side.
"""

from itertools import combinations

import pytest

from ftlib.analysis.staleness import linkedin_ssd, miss, wars
from ftlib.simulation.chance import stream


@pytest.mark.parametrize("nodes", [1, 2, 3, 4, 5, 6])
def test_the_closed_form_counts_quorums_that_do_not_meet(nodes):
    for read in range(1, nodes + 1):
        for write in range(1, nodes + 1):
            pairs = [
                (set(one), set(other))
                for one in combinations(range(nodes), read)
                for other in combinations(range(nodes), write)
            ]
            apart = sum(not one & other for one, other in pairs)
            assert miss(nodes, read, write) == pytest.approx(apart / len(pairs))
            assert (miss(nodes, read, write) == 0) == (read + write > nodes)
            assert miss(nodes, read, write, 3) == miss(nodes, read, write) ** 3


def test_the_published_numbers():
    """LinkedIn's disks, N = 3, R = W = 1: 97.4 % at once, 99.9 % after 1.85 ms."""
    found = wars(3, 1, 1, samples=40_000)
    assert 0.974 in found.fresh()
    assert 0.999 in found.fresh(1.85e-3)


@pytest.mark.parametrize(("read", "write"), [(2, 2), (1, 3), (3, 1)])
def test_quorums_that_meet_are_fresh_at_once(read, write):
    assert wars(3, read, write, samples=500).waits[-1] <= 0


def test_where_a_write_goes_nowhere_else_the_closed_form_comes_out():
    """The write takes 1 s to one node, drawn at random, and for ever to the others."""

    def made(nodes):
        draws = iter(range(10**9))
        lucky = 0

        def latency(draw):
            nonlocal lucky
            place = next(draws) % (4 * nodes)
            if place == 0:
                lucky = int(draw() * nodes)
            if place < nodes:
                return 1.0 if place == lucky else 1e9
            return 0.001 * draw()

        return latency

    for nodes in (2, 3, 5):
        found = wars(nodes, 1, 1, latency=made(nodes), samples=3000)
        assert 1 - miss(nodes, 1, 1) in found.fresh(1.0)


def test_the_fit_has_the_moments_of_its_parts():
    draw = stream(1, "fit", "").random
    drawn = [linkedin_ssd(draw) for _ in range(20_000)]
    mean = 0.9122 * 0.235e-3 * 10 / 9 + 0.0878 / 1.66e3
    assert sum(drawn) / len(drawn) == pytest.approx(mean, rel=0.03)
    assert min(drawn) < 0.235e-3 / 100, "the exponential goes down to 0"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: miss(3, 0, 1), "read is 0: give a whole number from 1 to 3"),
        (lambda: miss(3, 1, 4), "write is 4"),
        (lambda: miss(3, 1, 1, 0), "versions is 0"),
        (lambda: wars(3, 1, 1, samples=0), "samples is 0"),
        (lambda: wars(2, 3, 1), "read is 3"),
    ],
)
def test_what_is_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()
