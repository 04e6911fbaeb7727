"""Wilson's interval: published numbers, its limits, and what an estimate says of
itself.
"""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlib.analysis.estimate import Estimate, Mean, wilson_interval


def test_wilson_against_published_numbers():
    # Newcombe (1998), Statistics in Medicine 17, table I: 81/263, 15/148, 0/20, 1/29
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for counted, interval in published.items():
        assert wilson_interval(*counted) == pytest.approx(interval, abs=5e-5)


@given(
    st.integers(1, 500).flatmap(
        lambda trials: st.tuples(st.integers(0, trials), st.just(trials))
    )
)
def test_wilson_stays_a_probability(counted):
    low, high = wilson_interval(*counted)
    assert 0 <= low <= counted[0] / counted[1] <= high <= 1


def test_an_estimate_is_of_what_was_counted():
    estimate = Estimate.of(81, 263, confidence=0.9)
    assert (estimate.low, estimate.high) == wilson_interval(81, 263, 0.9)
    assert estimate.value == 81 / 263
    assert estimate.value in estimate
    assert 0.4 not in estimate
    assert (
        str(estimate)
        == f"0.3080 (90% interval {estimate.low:.4f} to {estimate.high:.4f}, 263"
        " samples)"
    )


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        ((2, 1), "2 successes of 1 trials"),
        ((0, 0), "0 successes of 0 trials"),
        ((1, 1, 95), "confidence=95"),
    ],
)
def test_what_cannot_have_been_counted(counted, words):
    for make in (wilson_interval, Estimate.of):
        with pytest.raises(ValueError, match=words):
            make(*counted)


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_a_mean_lies_in_its_interval_as_often_as_it_says(confidence):
    chance = random.Random(7).random
    held = sum(
        1 in Mean.of([-math.log(1 - chance()) for _ in range(100)], confidence)
        for _ in range(400)
    )
    assert abs(held / 400 - confidence) < 0.06


def test_a_mean_of_the_same_is_exact():
    mean = Mean.of([3.0] * 30)
    assert (mean.low, mean.value, mean.high, mean.samples) == (3, 3, 3, 30)
    assert str(mean) == "3 (95% interval 3 to 3, 30 samples)"


@pytest.mark.parametrize(
    ("samples", "confidence", "words"),
    [
        ([], 0.95, "0 samples: give 30 or more"),
        ([1.0] * 29, 0.95, "29 samples"),
        ([1.0] * 30, 1.0, "confidence=1.0: a number between 0 and 1"),
    ],
)
def test_a_mean_of_too_little(samples, confidence, words):
    with pytest.raises(ValueError, match=words):
        Mean.of(samples, confidence)
