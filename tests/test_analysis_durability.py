"""Data loss: our general formula beside published ones, exact sums, and runs."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftlib.analysis.availability import HOURS_A_YEAR, reliability
from ftlib.analysis.durability import (
    loss_within,
    mean_time_to_loss,
    simulate_loss_within,
    simulate_time_to_loss,
)

HOURS = st.integers(1, 10**6)


@given(HOURS, HOURS)
def test_two_copies_as_in_the_textbook(mttf, mttr):
    exact = Fraction(mttf * (mttf + 3 * mttr), 2 * mttr)
    assert mean_time_to_loss(2, mttf, mttr) == pytest.approx(float(exact), rel=1e-12)


@given(st.integers(1, 8), HOURS, HOURS, st.integers(1, 8))
def test_it_is_the_sum_of_first_passages(copies, mttf, mttr, crews):
    """From j copies lost to j + 1: wait, and begin again after each repair."""
    total = passage = Fraction(0)
    for lost in range(copies):
        fail = Fraction(copies - lost, mttf)
        passage = (1 + Fraction(min(lost, crews), mttr) * passage) / fail
        total += passage
    assert mean_time_to_loss(copies, mttf, mttr, crews) == pytest.approx(
        float(total), rel=1e-12
    )


def test_patterson_gibson_and_katz():
    """Level 1: 100 data disks, each with a mirror, MTTF 30,000 h, MTTR 1 h."""
    mttf, mttr, pairs = 30_000, 1, 100
    papers = mttf**2 / ((100 + 1 * pairs) * (1 + 1 - 1) * mttr)
    assert papers == 4_500_000
    ours = mean_time_to_loss(2, mttf, mttr) / pairs
    assert ours == pytest.approx(papers + 1.5 * mttf / pairs, rel=1e-12)
    assert ours / HOURS_A_YEAR > 500


@settings(max_examples=50)
@given(st.integers(1, 6), st.floats(1e-3, 1e6), st.floats(0, 1), st.floats(0, 1e7))
def test_without_repair_copies_die_one_by_one(copies, mttf, beta, time):
    harmonic = math.fsum(mttf / each for each in range(1, copies + 1))
    assert mean_time_to_loss(copies, mttf, math.inf) == pytest.approx(harmonic)
    alone = 1 - reliability(time, mttf / (1 - beta) if beta < 1 else math.inf)
    together = reliability(time, mttf / beta) if beta > 1e-300 else 1.0
    assert loss_within(time, copies, mttf, math.inf, beta=beta) == pytest.approx(
        1 - together * (1 - alone**copies), rel=1e-9, abs=1e-12
    )


@given(st.floats(0, 1e5), st.integers(1, 10**9), st.floats(0, 1))
def test_one_copy_is_not_repaired(time, groups, beta):
    lost = loss_within(time, 1, 1e4, 5, beta=beta, groups=groups)
    assert lost == pytest.approx(-math.expm1(-groups * time / 1e4), rel=1e-9)


@settings(max_examples=25)
@given(
    st.integers(1, 5),
    st.floats(10, 1e5),
    st.floats(0.1, 1e3),
    st.integers(1, 5),
    st.floats(0, 1),
    st.floats(0, 1e6),
)
def test_what_helps_and_what_harms(copies, mttf, mttr, crews, beta, time):
    mean, lost = mean_time_to_loss, loss_within
    given, slack = (copies, mttf, mttr, crews, beta), 1 + 1e-9
    assert 0 <= lost(time, *given) <= 1
    assert lost(time, *given) <= time / mean(*given) * slack
    for better in (
        (copies + 1, mttf, mttr, crews, beta),
        (copies, 2 * mttf, mttr, crews, beta),
        (copies, mttf, mttr / 2, crews, beta),
        (copies, mttf, mttr, crews + 1, beta),
        (copies, mttf, mttr, crews, beta / 2),
    ):
        assert mean(*better) * slack >= mean(*given)
        assert lost(time, *better) <= lost(time, *given) * slack
    assert lost(2 * time, *given) * slack >= lost(time, *given)
    assert lost(time, *given, groups=2) * slack >= lost(time, *given)


def test_crews_tell_as_soon_as_two_can_be_lost():
    assert mean_time_to_loss(2, 1000, 1, crews=1) == mean_time_to_loss(2, 1000, 1)
    one, each = (mean_time_to_loss(3, 1000, 1, crews) for crews in (1, None))
    assert each / one == pytest.approx(2, rel=0.01)


def test_a_common_cause_bounds_what_copies_do():
    """A hundredth of all failures takes all copies: no number of them beats that."""
    year = HOURS_A_YEAR
    bound = -math.expm1(-0.01 * year / 30_000)
    losses = [loss_within(year, copies, 30_000, 1, beta=0.01) for copies in (2, 3, 8)]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == pytest.approx(bound, rel=0.01)
    assert losses[-1] == pytest.approx(bound, rel=1e-9)


def test_the_largest_and_the_smallest_times():
    assert mean_time_to_loss(2, 1e60, 1e-60) == pytest.approx(5e179)
    assert loss_within(1e60, 12, 1e-60, 1e60) == 1
    assert 0 <= loss_within(1e-60, 12, 1e60, 1e-60) < 1e-100
    assert loss_within(0, 12, 1, 1) == 0


def test_small_losses_keep_their_digits():
    lost = loss_within(HOURS_A_YEAR, 5, 1e6, 1)
    assert lost == pytest.approx(HOURS_A_YEAR / mean_time_to_loss(5, 1e6, 1), rel=1e-3)
    assert 0 < lost < 1e-25
    many = loss_within(HOURS_A_YEAR, 5, 1e6, 1, groups=10**6)
    assert many == pytest.approx(1e6 * lost, rel=1e-9)


CASES = [
    (1, 100, 10),
    (2, 100, 10),
    (3, 100, 50, 1),
    (3, 100, 50, 3),
    (2, 100, 10, None, 0.3),
    (4, 100, math.inf),
    (2, 100, 10, None, 1),
]


@pytest.mark.parametrize("case", CASES)
def test_runs_agree(case):
    mean = simulate_time_to_loss(*case, samples=2_000, confidence=0.999)
    truth = mean_time_to_loss(*case)
    assert truth in mean
    assert mean.high - mean.low < 0.2 * truth, "an interval of everything says nothing"
    assert mean == simulate_time_to_loss(*case, samples=2_000, confidence=0.999)
    lost = simulate_loss_within(150, *case, groups=2, samples=2_000, confidence=0.999)
    assert loss_within(150, *case, groups=2) in lost
    other = simulate_loss_within(150, *case, groups=2, samples=2_000, seed=8)
    assert lost.value != other.value


def test_the_interval_holds_the_truth_as_often_as_it_says():
    truth = loss_within(200, 2, 100, 10)
    held = sum(
        truth in simulate_loss_within(200, 2, 100, 10, samples=100, seed=seed)
        for seed in range(200)
    )
    assert 0.92 * 200 <= held <= 0.985 * 200


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mean_time_to_loss(0, 9, 1), "copies=0: a whole number, at least 1"),
        (lambda: mean_time_to_loss(13, 9, 1), "copies=13: at most 12 copies"),
        (lambda: mean_time_to_loss(2.0, 9, 1), "copies=2.0: a whole number"),
        (lambda: mean_time_to_loss(2, -9, 1), "mttf=-9: a time above 0"),
        (lambda: mean_time_to_loss(2, math.inf, 1), "mttf=inf: a time above 0"),
        (lambda: loss_within(1, 2, 9, 1e-320), "mttr=1e-320: .* from 1e-60 to 1e\\+60"),
        (lambda: loss_within(10**400, 2, 9, 1), "time=1000.*: a time of 0 or more"),
        (lambda: loss_within(True, 2, 9, 1), "time=True"),
        (lambda: mean_time_to_loss(2, 9, 0), "mttr=0: a time above 0, or math.inf"),
        (lambda: mean_time_to_loss(2, 9, None), "mttr=None"),
        (lambda: mean_time_to_loss(2, 9, 1, 0), "crews=0: a whole number, at least 1"),
        (lambda: mean_time_to_loss(2, 9, 1, 1, 1.1), "beta=1.1: a probability"),
        (lambda: loss_within(-1, 2, 9, 1), "time=-1: a time of 0 or more"),
        (lambda: loss_within(math.inf, 2, 9, 1), "time=inf"),
        (lambda: loss_within(1, 2, 9, 1, groups=0), "groups=0: a whole number"),
        (lambda: simulate_time_to_loss(2, 9, 1, samples=9), "9 samples: give 30"),
        (lambda: simulate_time_to_loss(2, 9, 1, samples=0), "samples=0"),
        (lambda: simulate_time_to_loss(3, 1e6, 1), "steps: at most 1e"),
        (lambda: simulate_loss_within(1, 2, 9, 1, samples=10**8), "take fewer samples"),
        (lambda: simulate_loss_within(-1, 2, 9, 1), "time=-1"),
    ],
)
def test_what_makes_no_sense_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
