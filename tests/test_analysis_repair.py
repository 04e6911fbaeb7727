"""Fewer crews than nodes, and takeovers: formula, exact arithmetic and simulation."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlib.analysis.availability import availability, availability_k_of_n
from ftlib.analysis.repair import (
    availability_failover,
    availability_repaired,
    distribution_repaired,
    outages,
    simulate_failover,
    simulate_repaired,
)
from ftlib.simulation import stream

TIME = st.floats(1e-3, 1e6)


@st.composite
def services(draw):
    n = draw(st.integers(1, 8))
    return n, draw(st.integers(0, n)), draw(TIME), draw(TIME)


@given(services(), st.floats(0, 1))
def test_with_a_crew_each_it_is_the_binomial(service, common):
    n, k, mttf, mttr = service
    p = availability(mttf, mttr)
    assert math.isclose(
        availability_repaired(*service, common=common),
        availability_k_of_n(n, k, p, common),
        rel_tol=1e-9,
        abs_tol=1e-300,
    )


@given(st.integers(1, 7), st.integers(1, 8), st.integers(1, 50), st.integers(1, 50))
def test_as_many_steps_lead_down_as_up(n, crews, mttf, mttr):
    ratio = Fraction(mttr, mttf)
    weights = [Fraction(1)]
    for down in range(1, n + 1):
        weights.append(weights[-1] * (n - down + 1) * ratio / min(down, crews))
    exact = [float(each / sum(weights)) for each in reversed(weights)]
    assert distribution_repaired(n, mttf, mttr, crews) == pytest.approx(
        exact, rel=1e-12
    )


def test_as_many_failures_as_repairs_with_takeovers():
    """Two nodes and one crew, worked out by hand from the balance of each state."""
    f, r, t = Fraction(1, 9), Fraction(1), Fraction(2)  # rates
    # none down: a (served), e (not); one down: b (served), c (not); both down: d
    c = Fraction(1)
    e = c * r / (t + 2 * f)
    # e t + b r = a 2f and c t + a f = b (f + r)
    b = (c * t + e * t / 2) / (f + r / 2)
    a = (e * t + b * r) / (2 * f)
    d = (b + c) * f / r
    assert d * r + a * f + e * 2 * f == c * (t + f + r), "the one that is left"
    exact = (a + b) / (a + b + c + d + e)
    assert availability_failover(2, 9, 1, 0.5, crews=1) == pytest.approx(float(exact))


@given(services(), st.integers(1, 8), st.floats(1e-6, 1e3))
def test_more_crews_help_and_takeovers_cost(service, crews, takeover):
    n, _, mttf, mttr = service
    fewer, more = (
        availability_failover(n, mttf, mttr, takeover, each)
        for each in (crews, crews + 1)
    )
    at_once = availability_failover(n, mttf, mttr, 0, crews)
    assert 0 < fewer <= more * (1 + 1e-9)
    assert fewer <= at_once * (1 + 1e-9)
    assert at_once == availability_repaired(n, 1, mttf, mttr, crews)
    short = availability_failover(n, mttf, mttr, takeover * 1e-9, crews)
    assert short == pytest.approx(at_once, rel=1e-3 + 1e-6 * takeover / mttf)


def test_a_takeover_loses_its_time_at_each_failure():
    lost = 1 - availability_failover(3, mttf=10_000, mttr=1, takeover=0.01)
    assert lost == pytest.approx(0.01 / 10_000, rel=1e-3)


@pytest.mark.parametrize(
    "service",
    [(3, 2, 9, 1, 1, 0.0), (4, 3, 2, 1, 2, 0.1), (2, 1, 1, 9, 1, 0.0), (1, 1, 3, 1)],
)
def test_a_run_agrees(service):
    measured = simulate_repaired(*service, confidence=0.999)
    assert availability_repaired(*service) in measured
    assert measured == simulate_repaired(*service, confidence=0.999)
    assert measured.value != simulate_repaired(*service, seed=8).value


@pytest.mark.parametrize(
    "service",
    [(2, 9, 1, 0.5), (3, 9, 1, 1, 1, 0.05), (1, 9, 1, 3), (2, 1, 5, 2), (2, 9, 1, 0)],
)
def test_a_run_with_takeovers_agrees(service):
    measured = simulate_failover(*service, confidence=0.999)
    assert availability_failover(*service) in measured


def test_the_intervals_hold_the_truth_as_often_as_they_say():
    """The moments at which a run is looked at are far enough apart."""
    for truth, simulate, service in (
        (availability_repaired(3, 2, 2, 1, 1), simulate_repaired, (3, 2, 2, 1, 1)),
        (availability_failover(3, 2, 1, 2, 1), simulate_failover, (3, 2, 1, 2, 1)),
    ):
        held = sum(
            truth in simulate(*service, samples=100, seed=seed) for seed in range(200)
        )
        assert 0.92 * 200 <= held <= 0.985 * 200


def test_one_crew_repairs_one_at_a_time_in_order():
    seen, queue, working = outages(4, 5, 3, 1, stream(7, "test").random), [], set()
    for _ in range(2_000):
        _, node, is_up = next(seen)
        if is_up:
            assert queue.pop(0) == node
            working.remove(node)
        else:
            queue.append(node)
            working.add(node)
    assert len(queue) == len(working)


def test_what_is_never_repaired_ends():
    seen = list(outages(3, 5, math.inf, 1, stream(7, "test").random))
    assert sorted(node for _, node, _ in seen) == [0, 1, 2]
    assert [is_up for _, _, is_up in seen] == [False] * 3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: distribution_repaired(0, 9, 1), "n=0: a whole number, at least 1"),
        (lambda: distribution_repaired(10**9, 9, 1), "n=1000000000: at most 100 nodes"),
        (lambda: distribution_repaired(3, 0, 1), "mttf=0: a time above 0"),
        (lambda: distribution_repaired(3, 9, math.inf), "mttr=inf: a time above 0"),
        (lambda: distribution_repaired(3, "9", 1), "mttf='9'"),
        (lambda: distribution_repaired(3, 9, math.nan), "mttr=nan"),
        (lambda: distribution_repaired(3, 9, 1, 0), "crews=0: a whole number"),
        (lambda: distribution_repaired(3, 9, 1, 1.5), "crews=1.5: a whole number"),
        (lambda: availability_repaired(3, 4, 9, 1), "k=4: of 3 nodes, 0 to 3"),
        (lambda: availability_repaired(3, 2, 9, 1, common=2), "common=2"),
        (lambda: availability_failover(3, 9, 1, -1), "takeover=-1: a time above 0"),
        (lambda: simulate_repaired(3, 4, 9, 1), "k=4: of 3 nodes"),
        (lambda: simulate_repaired(3, 2, 9, 1, samples=0), "samples=0"),
        (lambda: simulate_repaired(3, 2, 9, 1, common=-1), "common=-1"),
        (lambda: simulate_failover(3, 9, 1, math.nan), "takeover=nan"),
        (lambda: simulate_failover(3, 9, 1, 1, confidence=1), "confidence=1"),
    ],
)
def test_what_makes_no_sense_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
