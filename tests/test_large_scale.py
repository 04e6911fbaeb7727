"""Rumours beside their laws and the paper's table; coded data beside their simulation,
and what a common cause leaves of them.
"""

import math

import pytest

from ftlib.analysis.durability import loss_within
from ftlib.analysis.epidemic import (
    push_rounds,
    residue_of_a_coin,
    residue_of_traffic,
    simulate_push,
    spread_rumour,
)
from ftlib.analysis.erasure import coded_loss, nines, simulate_coded_loss
from ftlib.analysis.estimate import Estimate, Mean
from ftlib.simulation import stream

TABLE_1 = {  # residue and traffic, each with half of its last digit
    1: ((0.18, 0.005), (1.7, 0.05)),
    2: ((0.037, 0.0005), (3.3, 0.05)),
    3: ((0.011, 0.0005), (4.5, 0.05)),
}


@pytest.mark.parametrize("patience", TABLE_1)
def test_a_rumour_goes_as_in_table_1(patience):
    went = [spread_rumour(1000, patience, seed) for seed in range(40)]
    residue = Mean.of([each.residue for each in went], 0.999)
    traffic = Mean.of([each.traffic for each in went], 0.999)
    for measured, (published, half) in zip(
        (residue, traffic), TABLE_1[patience], strict=True
    ):
        assert measured.low - half <= published <= measured.high + half
    assert residue_of_traffic(traffic.value) in residue


def test_rounds_of_a_rumour_are_consistent():
    went = spread_rumour(200, 2, seed=3)
    assert went.rounds[0] == (1, 1)
    assert went.rounds[-1][1] == 0
    heard = [each for each, _ in went.rounds]
    assert heard == sorted(heard)
    assert went.sent == sum(telling for _, telling in went.rounds)
    assert all(telling <= knowing for knowing, telling in went.rounds)
    assert spread_rumour(2, 1).residue == 0


def by_coin(sites, patience, seed):
    """One contact after the other, and a coin after each useless one."""
    draw = stream(seed, "coin").random
    heard, telling = {0}, [0]
    while telling:
        which = int(draw() * len(telling))
        other = int(draw() * sites)
        if other not in heard:
            heard.add(other)
            telling.append(other)
        elif draw() < 1 / patience:
            telling[which] = telling[-1]
            telling.pop()
    return 1 - len(heard) / sites


def test_the_law_of_the_coin_takes_one_contact_after_the_other():
    for patience in (1, 2, 3):
        assert residue_of_a_coin(patience) == pytest.approx(
            math.exp(-(patience + 1) * (1 - residue_of_a_coin(patience)))
        )
        drawn = Mean.of([by_coin(1000, patience, seed) for seed in range(40)], 0.999)
        assert residue_of_a_coin(patience) in drawn


def test_push_takes_a_bounded_number_of_rounds_more_than_the_law():
    for sites in (10, 100, 1000):
        took = Mean.of([simulate_push(sites, seed) for seed in range(30)])
        assert abs(took.value - push_rounds(sites)) < 2
    assert simulate_push(2) == 1


def test_copies_are_the_code_of_which_one_piece_suffices():
    for copies in (1, 2, 3):
        assert coded_loss(5, copies, 1, 10, 0.1) == pytest.approx(
            loss_within(5, copies, 10, 0.1)
        )


@pytest.mark.parametrize("common", [math.inf, 20.0])
@pytest.mark.parametrize("code", [(6, 4), (4, 4), (5, 2)])
def test_coded_loss_is_met_by_living_through_it(code, common):
    case = (2.0, *code, 6.0, 0.4, common)
    measured = simulate_coded_loss(*case, samples=4000)
    wide = Estimate.of(measured.successes, measured.trials, 0.999)
    assert coded_loss(*case) in wide


def test_a_common_cause_in_100_000_years_leaves_five_nines():
    alone = coded_loss(1, 20, 17, 250, 4 / 365)
    both = coded_loss(1, 20, 17, 250, 4 / 365, common=100_000)
    assert 11 < nines(alone) < 12
    assert nines(both) == pytest.approx(5, abs=0.001)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: spread_rumour(1, 1), "sites=1"),
        (lambda: spread_rumour(10, 0), "patience=0"),
        (lambda: residue_of_traffic(-1), "traffic=-1"),
        (lambda: residue_of_a_coin(0), "patience=0"),
        (lambda: push_rounds(1), "sites=1"),
        (lambda: simulate_push(1), "sites=1"),
        (lambda: coded_loss(1, 31, 1, 1, 1), "pieces=31: at most 30"),
        (lambda: coded_loss(1, 3, 4, 1, 1), "needed=4: there are 3 pieces"),
        (lambda: coded_loss(1, 3, 2, 1, 1, 0), "common=0"),
        (lambda: nines(0), "loss=0"),
        (lambda: simulate_coded_loss(1e9, 3, 2, 1, 1), "samples=1000: more than"),
    ],
)
def test_bad_input_is_named(call, why):
    with pytest.raises(ValueError, match=why):
        call()
