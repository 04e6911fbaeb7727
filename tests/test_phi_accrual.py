"""Detectors that learn: phi by hand, what is no news, and one stream under all."""

import math
from functools import partial

import pytest

from ftlib.checking import find
from ftlib.detection import (
    AdaptiveTimeOut,
    FixedTimeOut,
    PhiAccrual,
    Suspects,
    accuracy,
    adapting,
    completeness,
    eventual_accuracy,
    suspicions,
    under_every,
)
from ftlib.simulation import Cluster, Crash, Duplicate, Recover, Slow, freeze, judge

PARTS = (
    partial(FixedTimeOut, 0.3),
    partial(AdaptiveTimeOut, 0.1, 0.02),
    partial(PhiAccrual, minimum_deviation=0.02, prior=(0.1, 0.02)),
    partial(PhiAccrual, minimum_deviation=0.02, prior=(0.1, 0.02), tail="logistic"),
)


def heard(*times, **given):
    phi = PhiAccrual(**given)
    for at in times:
        phi.heartbeat(at)
    return phi


# Phi


@pytest.mark.parametrize(
    ("tail", "now", "phi"),
    [
        ("normal", 1.0, 0.301),  # half of all come later than the mean
        ("normal", 1.6, 9.006),  # six deviations
        ("normal", 1.1, 0.7995),
        ("normal", 0.0, 0.0),
        ("logistic", 1.0, 0.301),
        ("logistic", 1.6, 10.7826),
        ("logistic", 1.1, 0.7993),
    ],
)
def test_phi_by_hand(tail, now, phi):
    assert heard(0.0, prior=(1.0, 0.1), tail=tail).phi(now) == pytest.approx(
        phi, abs=5e-4
    )


def test_the_intervals_that_were_seen_count_and_the_oldest_leave():
    phi = heard(0.0, 1.0, 3.0, 5.0, window=3, minimum_deviation=0.01)
    # 1, 2 and 2 s: the mean is 5/3, the deviation sqrt(2)/3
    z = (6.0 - 5.0 - 5 / 3) / (math.sqrt(2) / 3)
    chance = math.erfc(z / math.sqrt(2)) / 2
    assert phi.phi(6.0) == pytest.approx(-math.log10(chance))
    assert heard(0.0, 1.0, 2.0, 3.0, window=3).phi(3.9) < heard(0.0).phi(0.9) + 1e-9


@pytest.mark.parametrize("tail", ["normal", "logistic"])
def test_phi_grows_with_the_silence_without_a_gap_or_an_overflow(tail):
    phi = heard(0.0, tail=tail)
    silences = [each / 100 for each in range(1000)] + [60.0, 600.0, 1e9, 1e90]
    told = [phi.phi(silence) for silence in silences]
    assert told == sorted(told)
    assert all(math.isfinite(each) for each in told)
    at = 1 + 0.1 * 30  # where the series takes over
    assert phi.phi(at + 1e-9) == pytest.approx(phi.phi(at - 1e-9), rel=1e-6)


def test_who_was_never_heard_is_not_suspect():
    assert PhiAccrual().phi(1000.0) == 0.0


@pytest.mark.parametrize("make", PARTS)
def test_one_heartbeat_that_is_reported_five_times_changes_nothing(make):
    part = make()
    for number in range(5):
        assert part.heartbeat(number / 10, number)
    before = freeze(part)
    for late in range(5):
        assert not part.heartbeat(0.45 + late / 100, 4)
        assert not part.late(0.45 + late / 100, 3)
        assert not part.heartbeat(0.4)
    assert freeze(part) == before
    assert part.heartbeat(0.5, 5)


@pytest.mark.parametrize("threshold", [0.5, 3.0, 8.0, 400.0])
@pytest.mark.parametrize("tail", ["normal", "logistic"])
def test_patience_ends_where_phi_is_at_the_threshold(tail, threshold):
    phi = heard(0.0, 1.2, 2.0, tail=tail, threshold=threshold)
    assert phi.phi(2.0 + phi.patience()) == pytest.approx(threshold)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"window": 1}, "window is 1: give a whole number above 1"),
        ({"minimum_deviation": 0}, "minimum_deviation is 0: give a number above 0"),
        ({"threshold": math.nan}, "threshold is nan"),
        ({"prior": (0, 1)}, "give a mean above 0 and a deviation"),
        ({"tail": "pareto"}, "tail is 'pareto': give one of normal, logistic"),
    ],
)
def test_what_phi_refuses(given, said):
    with pytest.raises(ValueError, match=said):
        PhiAccrual(**given)


def test_what_a_time_out_refuses():
    with pytest.raises(ValueError, match="wait is 0: give seconds above 0"):
        FixedTimeOut(0)
    with pytest.raises(ValueError, match="deviation is -1: give seconds above 0"):
        AdaptiveTimeOut(deviation=-1)
    with pytest.raises(ValueError, match="came at nan"):
        FixedTimeOut(1).heartbeat(math.nan)


# What adapts


@pytest.mark.parametrize("make", PARTS[1:])
def test_an_outage_hides_no_other_one_and_a_slower_pace_is_learned(make):
    waits = make()
    for number in range(20):
        waits.heartbeat(number / 10, number)
    waits.late(10.0, 20)
    assert waits.patience() < 0.5
    at, blamed = 10.0, 0
    for number in range(21, 200):
        at += 0.4
        slow = waits.patience() < 0.4
        blamed += slow
        (waits.late if slow else waits.heartbeat)(at, number)
    assert blamed < 20
    assert waits.patience() > 0.4


# The node


@pytest.mark.parametrize("make", PARTS)
def test_a_crash_is_noticed_and_a_recovery_too(make):
    faults = [Crash("h1", at=2.05), Recover("h1", at=4.0)]
    trace = Cluster(adapting(1, waits=make), faults=faults).run(until=6)
    facts = [(type(event.what).__name__, event.time) for event in trace.facts()]
    assert [name for name, _ in facts] == ["Trusts", "Suspects", "Trusts"]
    assert 2.05 < facts[1][1] < 2.5
    assert facts[2][1] == 4.01


def test_a_late_copy_is_no_sign_of_life():
    faults = [
        Slow(("h1", "m"), by=1.0, at=0.95, until=1.05),
        Duplicate("Beat", sender="h1", nth=3),
        Crash("h1", at=1.06),
    ]
    trace = Cluster(adapting(1), faults=faults).run(until=3)
    assert [type(event.what).__name__ for event in trace.facts()][:2] == [
        "Trusts",
        "Suspects",
    ]


def test_regular_heartbeats_are_trusted():
    trace = Cluster(adapting(2)).run(until=30)
    assert not trace.facts(Suspects)
    assert judge(trace, [accuracy])[0].verdict == "holds"


@pytest.mark.parametrize("make", PARTS[1:3])
def test_the_promises_hold_in_random_runs(make):
    asked = completeness(2, 12), eventual_accuracy(5.5, 12)
    assert find(adapting(1, waits=make), asked, until=12, seeds=range(20)) is None


# One stream


def test_one_stream_under_every_detector():
    beats = [(number / 10, number) for number in range(30)]
    beats += [(2.95, 29)]  # a copy
    beats += [(3.12 + number / 10, 30 + number) for number in range(10)]
    told = under_every(
        beats,
        {"fixed": FixedTimeOut(0.15), "patient": FixedTimeOut(0.3), "phi": PARTS[2]()},
        until=5.0,
    )
    assert [(round(a, 3), round(b, 3)) for a, b in told["fixed"]] == [
        (3.05, 3.12),
        (4.17, 5.0),
    ]
    assert [round(a, 3) for a, _ in told["patient"]] == [4.32]
    assert 4.12 < told["phi"][-1][0] < 4.32


def test_a_stream_is_in_order_and_an_empty_one_says_nothing():
    assert suspicions([], FixedTimeOut(1), until=9) == []
    with pytest.raises(ValueError, match=r"comes at 0\.5 s: give times in order"):
        suspicions([(1.0, 1), (0.5, 2)], FixedTimeOut(1), until=9)
    with pytest.raises(ValueError, match="up to 9"):
        suspicions([(10.0, 1)], FixedTimeOut(1), until=9)
