"""Streams of random numbers and distributions of times."""

from math import exp, inf, log, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlib.simulation import Constant, Exponential, LogNormal, Uniform
from ftlib.simulation.chance import as_distribution, microseconds, sampler, stream

DISTRIBUTIONS = (
    Constant(0.5),
    Uniform(0.1, 0.4),
    Exponential(0.2),
    Exponential(0.2, minimum=0.05),
    LogNormal(0.1, 0.7),
)
MEANS = (0.5, 0.25, 0.2, 0.25, 0.1 * exp(0.7**2 / 2))


def test_streams_are_what_they_were():
    # on every platform and Python; a change here changes every run that anybody has
    # quoted
    assert [stream(0, "latency", "a").random() for _ in range(2)] == [
        0.7600963461803935
    ] * 2
    draws = stream(7, "node", "p1")
    assert [round(draws.random(), 12) for _ in range(3)] == [
        0.07326064753,
        0.550835259538,
        0.845981355813,
    ]


@given(
    st.integers(),
    st.integers(),
    st.lists(st.text(), max_size=3),
    st.lists(st.text(), max_size=3),
)
def test_streams_differ_when_anything_does(seed, other_seed, name, other_name):
    same = stream(seed, *name).random() == stream(other_seed, *other_name).random()
    assert same == ((seed, name) == (other_seed, other_name))


@pytest.mark.parametrize(
    ("distribution", "mean"), list(zip(DISTRIBUTIONS, MEANS, strict=True))
)
def test_means(distribution, mean):
    steps = 20_000
    measured = (
        sum(distribution.quantile((step + 0.5) / steps) for step in range(steps))
        / steps
    )
    assert measured == pytest.approx(mean, rel=2e-3)


@given(
    st.sampled_from(DISTRIBUTIONS),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 1, exclude_max=True),
)
def test_quantiles_rise_and_are_never_negative(distribution, u, v):
    assert (
        0 <= distribution.quantile(min(u, v)) <= distribution.quantile(max(u, v)) < inf
    )


def test_quantiles():
    assert Exponential(2.0).quantile(1 - exp(-1)) == pytest.approx(2.0)
    assert LogNormal(0.1, 2.0).quantile(0.8413447460685429) == pytest.approx(
        0.1 * exp(2.0)
    )
    assert log(LogNormal(1.0, 1.0).quantile(0.0)) < -8


@given(
    st.sampled_from(DISTRIBUTIONS),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=5),
)
def test_a_sampler_draws_one_number_for_each_time(distribution, numbers):
    drawn = iter(numbers)
    sample = sampler(distribution, lambda: next(drawn))
    for number in numbers:
        assert abs(sample() - distribution.quantile(number) * 1e6) <= 1
    assert next(drawn, None) is None


def test_a_home_made_distribution():
    class Backwards:
        def quantile(self, u):
            return 0.5 - u

        def __repr__(self):
            return "Backwards()"

    assert sampler(as_distribution(Backwards(), "latency"), lambda: 0.25)() == 250_000
    with pytest.raises(ValueError, match=r"a time drawn from Backwards\(\) is -0.25"):
        sampler(Backwards(), lambda: 0.75)()


@pytest.mark.parametrize("wrong", [-1, -1e-9, inf, nan, "1", None, True, (1, 2)])
def test_what_is_no_time(wrong):
    with pytest.raises(
        ValueError, match=r"patience is .*: give a time in seconds, 0 or more"
    ):
        microseconds(wrong, "patience")
    with pytest.raises(ValueError, match="give a time in seconds"):
        as_distribution(wrong, "latency")


@given(st.integers(0, 10**15))
def test_microseconds_are_exact(ticks):
    assert microseconds(ticks / 1_000_000, "x") == ticks


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(-1), "constant time is -1"),
        (lambda: Uniform(-1, 2), "low is -1"),
        (lambda: Uniform(2, 1), "high is 1, below low 2: give low <= high"),
        (lambda: Exponential(-1), "mean is -1"),
        (lambda: Exponential(1, minimum=-2), "minimum is -2"),
        (lambda: LogNormal(-1, 1), "median is -1"),
        (lambda: LogNormal(1, -1), "sigma is -1: give a number, 0 or more"),
        (lambda: LogNormal(1, "wide"), "sigma is 'wide'"),
    ],
)
def test_errors_name_the_value(make, message):
    with pytest.raises(ValueError, match=message):
        make()
