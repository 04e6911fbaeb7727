"""How well a detector does: measured on streams, beside its laws (Chen, Toueg and
Aguilera 2002).
"""

import math
from functools import partial

import pytest

from ftlib.analysis import Mean
from ftlib.analysis.detection import (
    Quality,
    detection_seconds,
    mistake_chance,
    quality,
)
from ftlib.detection import (
    AdaptiveTimeOut,
    FixedTimeOut,
    PhiAccrual,
    adapting,
    deadlines,
    jittered,
    suspicions,
)
from ftlib.detection import Suspects as Suspected
from ftlib.simulation import Cluster, Crash, Exponential, Network

EVERY, JITTER = 0.1, 0.01
STEADY = jittered(8000, EVERY, lambda at: JITTER)


@pytest.mark.parametrize("wait", [0.11, 0.12, 0.14, 0.15])
def test_a_fixed_time_out_is_wrong_as_often_as_the_law_says(wait):
    measured = quality(STEADY, FixedTimeOut(wait), EVERY)
    assert mistake_chance(wait, EVERY, JITTER) in measured.rate


@pytest.mark.parametrize("wait", [0.12, 0.15, 0.3])
def test_a_crash_goes_unnoticed_as_long_as_the_law_says(wait):
    measured = quality(STEADY, FixedTimeOut(wait), EVERY).detection
    assert measured == pytest.approx(detection_seconds(wait, EVERY, JITTER), abs=0.001)


@pytest.mark.parametrize("wait", [0.11, 0.13])
def test_a_mistake_lasts_the_mean_latency_however_long_the_time_out(wait):
    lasted = [end - start for start, end in suspicions(STEADY, FixedTimeOut(wait), 1e9)]
    assert JITTER in Mean.of(lasted[:-1], 0.99)  # the last is the end of the stream
    assert quality(STEADY, FixedTimeOut(wait), EVERY).duration == pytest.approx(
        JITTER, rel=0.2
    )


def test_the_law_of_detection_is_that_of_nodes():
    """The same, of nodes that crash in a simulated world, each a little later."""
    found = []
    network = Network(latency=Exponential(JITTER))
    nodes = adapting(1, waits=partial(FixedTimeOut, 0.25))
    for seed in range(100):
        crash = 1.0 + EVERY * seed / 100
        cluster = Cluster(
            nodes, network=network, seed=seed, faults=[Crash("h1", at=crash)]
        )
        found.append(cluster.run(until=2).facts(Suspected)[0].time - crash)
    assert detection_seconds(0.25, EVERY, JITTER) in Mean.of(found)


def test_quality_counts_what_suspicions_names():
    for make in (
        partial(FixedTimeOut, 0.12),
        partial(AdaptiveTimeOut, 0.1, 0.02),
        partial(PhiAccrual, 50, 0.005, (0.1, 0.02), threshold=2.0),
    ):
        beats = STEADY[:1000]
        told = suspicions(beats, make(), until=beats[-1][0])
        measured = quality(beats, make(), EVERY)
        assert measured.mistakes == len(told) > 0
        lasted = math.fsum(end - start for start, end in told)
        assert measured.mistaken == pytest.approx(lasted)


def test_phi_promises_what_normal_intervals_would_keep():
    """An exponential latency has a heavier tail than phi takes it to have."""
    phi = PhiAccrual(100, 0.002, (0.1, 0.02), threshold=3.0)
    assert quality(STEADY, phi, EVERY).rate.low > 2 * 10**-3


def test_a_copy_is_no_news():
    doubled = sorted(STEADY[:100] + [(at + 1.0, number) for at, number in STEADY[:100]])
    once = quality(STEADY[:100], FixedTimeOut(0.12), EVERY)
    assert quality(doubled, FixedTimeOut(0.12), EVERY) == once
    assert len(list(deadlines(doubled, FixedTimeOut(0.12)))) == once.heartbeats


def test_a_silence_that_was_a_mistake_counts_as_no_longer_than_it_was_waited_for():
    """As an `AdaptiveMonitor` tells its part."""
    beats = [(number * EVERY, number) for number in range(20)]
    beats += [(at + 5.0, number + 20) for at, number in beats]
    for make in (
        partial(AdaptiveTimeOut, 0.1, 0.02),
        partial(PhiAccrual, 50, 0.005, (0.1, 0.02), threshold=2.0),
    ):
        told = {number: end - at for at, number, end in deadlines(beats, make())}
        assert told[20] < told[19] + 0.1
        ignorant = make()
        for at, number in beats:
            ignorant.heartbeat(at, number)
        assert told[39] < ignorant.patience()


def test_a_stream_is_late_and_may_overtake():
    beats = jittered(2000, 0.01, lambda at: 0.1 if at > 10 else 1e-6, seed=1)
    assert [at for at, _ in beats] == sorted(at for at, _ in beats)
    numbers = [number for _, number in beats]
    assert numbers[:1000] == list(range(1000)) != numbers[1000:]
    assert sorted(numbers) == list(range(2000))
    assert beats != jittered(2000, 0.01, lambda at: 0.1 if at > 10 else 1e-6, seed=2)


def test_what_is_out_of_range():
    with pytest.raises(ValueError, match=r"wait is 0\.05"):
        mistake_chance(0.05, EVERY, JITTER)
    for give in ({"wait": 0}, {"every": -1}, {"jitter": math.inf}):
        given = {"wait": 0.2, "every": 0.1, "jitter": 0.01} | give
        for law in (mistake_chance, detection_seconds):
            with pytest.raises(ValueError, match=next(iter(give))):
                law(**given)
    with pytest.raises(ValueError, match="no heartbeat"):
        quality([], FixedTimeOut(1), EVERY)
    assert Quality(5, 0, 0.0, 1.0).duration is None
