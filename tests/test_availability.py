import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlib.analysis.availability import (
    availability,
    availability_k_of_n,
    beta_factor,
    distribution_up,
    downtime_per_year,
    enumerate_k_of_n,
    majority,
    mtbf,
    nines,
    reliability,
    simulate_k_of_n,
)

PROBABILITY = st.floats(0, 1)


@st.composite
def services(draw, most=8):
    n = draw(st.integers(1, most))
    return n, draw(st.integers(0, n)), draw(PROBABILITY), draw(PROBABILITY)


@given(services())
def test_formula_and_enumeration_agree(service):
    assert math.isclose(
        availability_k_of_n(*service), enumerate_k_of_n(*service), abs_tol=1e-12
    )


@given(services(most=40))
def test_it_is_a_probability_and_falls_as_more_is_needed(service):
    n, k, p, common = service
    values = [availability_k_of_n(n, needed, p, common) for needed in range(n + 1)]
    assert all(0 <= value <= 1 for value in values)
    assert values == sorted(values, reverse=True)
    assert math.isclose(values[0], 1, abs_tol=1e-12)
    assert math.isclose(math.fsum(distribution_up(n, p, common)), 1, abs_tol=1e-12)
    assert (
        availability_k_of_n(n, k, p, common) <= availability_k_of_n(n, k, p) + 1e-12
    ), "a common cause never helps"


@given(st.integers(1, 30), PROBABILITY)
def test_all_and_any_in_closed_form(n, p):
    assert math.isclose(availability_k_of_n(n, n, p), p**n, abs_tol=1e-12)
    assert math.isclose(availability_k_of_n(n, 1, p), 1 - (1 - p) ** n, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("n", "k", "p", "common"),
    [(3, 2, 0.9, 0.0), (5, 3, 0.8, 0.05), (1, 1, 0.5, 0.0), (4, 4, 0.99, 0.1)],
)
def test_simulation_agrees(n, k, p, common):
    measured = simulate_k_of_n(n, k, p, common, samples=20_000, confidence=0.999)
    assert availability_k_of_n(n, k, p, common) in measured
    assert measured == simulate_k_of_n(
        n, k, p, common, samples=20_000, confidence=0.999
    ), "one seed, one answer"
    assert (
        measured.value != simulate_k_of_n(n, k, p, common, samples=20_000, seed=8).value
    )


def test_the_interval_holds_the_truth_as_often_as_it_says():
    truth = availability_k_of_n(3, 2, 0.9)
    held = sum(
        truth in simulate_k_of_n(3, 2, 0.9, samples=400, seed=seed)
        for seed in range(400)
    )
    assert 0.92 * 400 <= held <= 0.98 * 400


@given(PROBABILITY, PROBABILITY)
def test_beta_factor_keeps_one_node_as_it_was(p, beta):
    independent, common = beta_factor(p, beta)
    assert math.isclose((1 - common) * independent, p, abs_tol=1e-12)
    assert 0 <= common <= 1
    assert 0 <= independent <= 1 + 1e-12


def test_without_common_cause_beta_changes_nothing():
    assert beta_factor(0.99, 0) == (0.99, 0)
    assert beta_factor(0.0, 1.0) == (0.0, 1.0)


def test_single_nodes():
    assert availability(mttf=30 * 24, mttr=0.5) == pytest.approx(0.999306, abs=1e-6)
    assert availability(0, 1) == 0
    assert mtbf(90, 10) == 100
    assert reliability(0, 10) == 1
    assert reliability(10, 10) == pytest.approx(math.exp(-1))
    assert [majority(n) for n in range(1, 8)] == [1, 2, 2, 3, 3, 4, 4]


def test_nines_and_downtime():
    assert [round(nines(a), 9) for a in (0, 0.9, 0.99, 0.999)] == [0, 1, 2, 3]
    assert nines(1) == math.inf
    assert downtime_per_year(0) == 8766
    assert downtime_per_year(1) == 0
    assert downtime_per_year(0.99999) * 60 == pytest.approx(5.26, abs=0.01)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: availability(-1, 1), "mttf=-1"),
        (lambda: availability(1, math.nan), "mttr=nan"),
        (lambda: availability(0, 0), "never up nor down"),
        (lambda: reliability(-1, 1), "t=-1"),
        (lambda: reliability(1, 0), "mttf=0"),
        (lambda: nines(1.1), "a=1.1: a probability is from 0 to 1"),
        (lambda: downtime_per_year(math.nan), "a=nan"),
        (lambda: majority(0), "n=0: a whole number, at least 1"),
        (lambda: majority(2.5), "n=2.5: a whole number"),
        (lambda: majority(True), "n=True: a whole number"),
        (lambda: availability_k_of_n(3, -1, 0.9), "k=-1: a whole number, at least 0"),
        (lambda: availability_k_of_n(3, 2, "0.9"), "p='0.9': a probability"),
        (lambda: distribution_up(3, 2), "p=2"),
        (lambda: availability_k_of_n(3, 4, 0.9), "k=4: of 3 nodes, 0 to 3"),
        (lambda: availability_k_of_n(3, 2, 0.9, -0.1), "common=-0.1"),
        (lambda: enumerate_k_of_n(21, 2, 0.9), "use n of at most 20"),
        (lambda: enumerate_k_of_n(3, 2, 0.9, 2), "common=2"),
        (lambda: simulate_k_of_n(3, 2, 0.9, samples=0), "samples=0"),
        (lambda: simulate_k_of_n(3, 2, 3), "p=3"),
        (lambda: beta_factor(0.9, 2), "beta=2"),
    ],
)
def test_what_makes_no_sense_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
