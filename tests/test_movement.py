"""What moves, how even shares are and what is lost: closed forms beside counts and what
was published.
"""

import math
import re
from itertools import combinations
from statistics import fmean

import pytest

from ftlib.analysis import Estimate
from ftlib.analysis.movement import (
    any_lost,
    loads_spread,
    moved,
    permutation_copysets,
    shares_spread,
)
from ftlib.hashing import HashRing, JumpHash, Maglev, Modulo, Rendezvous
from ftlib.simulation.chance import stream

TEN = [f"n{number}" for number in range(10)]
KEYS = range(20_000)


@pytest.mark.parametrize("kind", [HashRing, Rendezvous, JumpHash])
def test_no_key_moves_without_need(kind):
    """And on average one in N moves: of all nodes that may leave, or of many rings."""
    found = moved(kind(TEN), kind(TEN[:-1]), KEYS)
    assert found.needless == 0
    grown = moved(kind(TEN[:-1]), kind(TEN), KEYS)
    assert grown == found
    if kind is HashRing:
        deviation = shares_spread(10, 160, len(KEYS)) * 0.1
        assert abs(found.part.value - 0.1) < 4 * deviation
    else:
        assert found.part.low - 0.005 < 0.1 < found.part.high + 0.005


def test_the_remainder_moves_all_but_one_in_ten():
    assert 0.9 in moved(Modulo(TEN), Modulo(TEN[:-1]), KEYS).part


def test_what_moves_without_need():
    """Maglev's table is filled in other turns. Ketama with weights gives the others
    other numbers of points: in libmemcached's own example, without the smallest server,
    about 2.4 keys move needlessly for each that must.
    """
    assert moved(Maglev(TEN), Maglev(TEN[:-1]), KEYS).needless > 0
    weights = {
        f"10.0.1.{host}:11211": weight
        for host, weight in enumerate((600, 300, 200, 350, 1000, 800, 950, 100), 1)
    }
    rest = {node: weight for node, weight in weights.items() if weight > 100}
    ketama = [HashRing(each, points="ketama") for each in (weights, rest)]
    found = moved(*ketama, [f"key {number}" for number in KEYS])
    assert 2.2 < found.needless / found.needed < 2.6
    assert moved(HashRing(weights, 1), HashRing(rest, 1), KEYS).needless == 0


@pytest.mark.parametrize("keys", [2_000, 20_000])
def test_loads_are_spread_as_the_law_says(keys):
    """Over the names of the nodes, which are what chance there is."""
    found = [
        loads_spread(
            HashRing([f"{name} {n}" for n in range(20)], points=40), range(keys)
        )
        for name in range(30)
    ]
    law = shares_spread(20, 40, keys)
    squares = fmean(each**2 for each in found)
    assert abs(math.sqrt(squares) / law - 1) < 0.1


def test_the_law_with_infinitely_many_keys():
    """Shares of two nodes of one point each: uniform, so 1/sqrt(12) about 1/2."""
    assert shares_spread(2, 1) == pytest.approx(math.sqrt(1 / 12) / 0.5)
    assert shares_spread(1, 5, 10) == 0


def test_what_is_lost_is_what_is_counted():
    """Ten nodes, four fail: all ways to do so, and random copysets."""
    draw = stream(7, "copysets", "").random
    sets = list(combinations(range(10), 3))
    lost = 0
    for _ in range(4000):
        held = [sets[int(draw() * len(sets))] for _ in range(5)]
        gone = {0, 1, 2, 3}
        lost += any(gone.issuperset(each) for each in held)
    assert any_lost(10, 4, 3, 5) in Estimate.of(lost, 4000, 0.999)


def test_the_published_loss():
    """Cidon et al.: of 5,000 nodes with three copies of all, one in a hundred is gone.
    At random 99.99 % lose something, with a width of 2 it is 0.15 %.
    """
    assert any_lost(5000, 50, 3, 5000 * 10_000 // 3) > 0.9999
    assert any_lost(5000, 50, 3, permutation_copysets(5000, 3, 2)) == pytest.approx(
        0.0015, abs=0.0001
    )


def test_the_ends():
    assert any_lost(5, 2, 3, 100) == 0
    assert any_lost(5, 5, 3, 1) == 1
    assert permutation_copysets(9, 3, 4) == 6


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: moved(HashRing("a"), HashRing("b"), []), "there is no key"),
        (lambda: loads_spread(HashRing("a"), []), "there is no key"),
        (lambda: shares_spread(0, 1), "nodes=0"),
        (lambda: shares_spread(1, 0), "points=0"),
        (lambda: shares_spread(2, 1, 0), "keys=0: 1 or more"),
        (lambda: shares_spread(2, 1, math.nan), "keys=nan: 1 or more"),
        (lambda: any_lost(5, 6, 3, 1), "failed=6: there are 5 nodes"),
        (lambda: any_lost(5, 1, 6, 1), "copies=6: 5 nodes hold at most 5"),
        (lambda: any_lost(5, 1, 3, 0), "copysets=0"),
        (lambda: permutation_copysets(5, 3, 3), "width=3: a multiple of 2"),
    ],
)
def test_what_is_refused(make, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        make()
