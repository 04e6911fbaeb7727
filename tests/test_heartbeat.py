"""Failure detectors: what they promise, when it breaks, and mutants that break it."""

import pytest
from staged import without_one

from ftlib.checking import find
from ftlib.detection import (
    AdaptiveMonitor,
    Answered,
    Answerer,
    Asker,
    Detector,
    Heart,
    Monitor,
    NumberedHeart,
    Suspects,
    Trusts,
    accuracy,
    completeness,
    eventual_accuracy,
    question,
    watching,
)
from ftlib.detection import mutants as room
from ftlib.detection.mutants import BREAKS, SHOWN_BY, mutated
from ftlib.detection.worlds import WITHIN
from ftlib.drawing import spacetime
from ftlib.drawing.looks.detection import DETECTION_LOOK
from ftlib.simulation import (
    Cluster,
    Crash,
    Lose,
    Network,
    Node,
    Recover,
    Slow,
    Uniform,
    judge,
)

UNTIL = 30.0
LIVENESS = (completeness(2, UNTIL), eventual_accuracy(WITHIN, UNTIL))
ROLES = (AdaptiveMonitor, Asker, Heart, Monitor, NumberedHeart)
SHOWN = list(SHOWN_BY.items())


def views(trace):
    return [
        (event.time, type(event.what).__name__, event.what.node)
        for event in trace.facts((Suspects, Trusts), node="m")
        if event.time
    ]


def broken(nodes, faults):
    trace = Cluster(nodes, faults=faults).run(until=UNTIL)
    findings = judge(trace, (accuracy, *LIVENESS))
    return [each.name for each in findings if each.verdict == "violated"]


# The part


def test_a_detector_waits_for_those_it_watches_only():
    detector, node = Detector(("a", "b"), 1.0), Asker("a", 1.0)
    node._effects = []
    assert not detector.heard(node, "stranger")
    assert node._effects == []
    assert detector.silent("another timer") is None
    assert detector.silent("silent b") == "b"
    assert detector.silent("silent a") == "a"
    assert detector.suspected == ("a", "b")
    assert detector.heard(node, "a")
    assert not detector.heard(node, "a")
    assert detector.suspected == ("b",)


@pytest.mark.parametrize("wait", [0, -1.0, float("nan")])
def test_a_time_must_be_above_0(wait):
    with pytest.raises(ValueError, match="give seconds above 0"):
        Detector(("a",), wait)
    with pytest.raises(ValueError, match="give seconds above 0"):
        Heart(("m",), wait)


# Heartbeats


def test_a_crash_is_noticed_within_the_formula():
    """Between ``wait - every + low`` and ``wait + high`` after it."""
    every, wait, low, high = 0.1, 0.25, 0.005, 0.02
    for seed in range(200):
        at = 0.5 + seed / 1000
        trace = Cluster(
            watching(1, every, wait),
            network=Network(Uniform(low, high)),
            seed=seed,
            faults=[Crash("h1", at=at)],
        ).run(until=3)
        ((time, name, _),) = views(trace)
        assert name == "Suspects"
        assert wait - every + low <= time - at <= wait + high


@pytest.mark.parametrize(("wait", "accurate"), [(0.14, True), (0.1, False)])
def test_nobody_is_blamed_if_the_wait_is_above_period_and_jitter(wait, accurate):
    blamed = [
        seed
        for seed in range(50)
        if views(
            Cluster(
                watching(1, 0.1, wait),
                network=Network(Uniform(0.005, 0.03)),
                seed=seed,
            ).run(until=5)
        )
    ]
    assert (not blamed) == accurate


def test_a_slow_link_breaks_accuracy_and_the_late_heartbeat_mends_it():
    slow = [Slow(("h1", "m"), by=0.3, at=0.5, until=0.65)]
    trace = Cluster(watching(), faults=slow).run(until=UNTIL)
    assert [each[1:] for each in views(trace)] == [
        ("Suspects", "h1"),
        ("Trusts", "h1"),
    ]
    assert broken(watching(), slow) == ["accuracy"]
    found = find(watching(), [accuracy], until=3, faults=("slow",))
    assert found is not None
    assert len(found.schedule) == 1
    assert "which is up" in found.finding.reason


def test_one_lost_heartbeat_is_forgiven_and_two_are_not():
    def lose(*which):
        return [Lose("Heartbeat", sender="h1", nth=nth) for nth in which]

    assert not broken(watching(), lose(5))
    assert broken(watching(), lose(5, 6)) == ["accuracy"]


def test_a_node_that_comes_back_is_trusted_and_a_monitor_begins_anew():
    faults = [
        Crash("h1", at=0.5),
        Crash("m", at=2.0),
        Recover("m", at=2.1),
        Recover("h1", at=3.0),
    ]
    trace = Cluster(watching(1), faults=faults).run(until=5)
    assert [name for _, name, _ in views(trace)] == [
        "Suspects",
        "Trusts",  # a new life knows nothing
        "Suspects",
        "Trusts",
    ]


def test_the_promises_hold_in_random_runs():
    assert find(watching(), LIVENESS, until=UNTIL, seeds=range(100)) is None


def test_who_does_nothing_is_not_complete_and_who_suspects_all_not_accurate():
    class Idle(Monitor):
        def on_message(self, sender, message):
            pass

        def on_timer(self, name):
            pass

    class Gloomy(Idle):
        def on_start(self):
            super().on_start()
            for each in self.detector.watched:
                self.record(Suspects(each))

    crash = [Crash("h1", at=0.5)]
    assert broken(watching(monitor=Idle), crash) == ["completeness"]
    assert broken(watching(monitor=Gloomy), ()) == ["accuracy", "eventual accuracy"]


# One question


@pytest.mark.parametrize("wait", [0.019, 0.021])
def test_a_question_is_given_up_when_its_time_is_over(wait):
    trace = Cluster(question(wait)).run()
    facts = [type(event.what) for event in trace.facts()]
    assert facts == ([Answered] if wait > 0.02 else [Suspects, Answered])
    assert isinstance(question()["server"](), Answerer)


# Mutants


def test_every_mutant_is_shown():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    names = {accuracy.name, *(each.name for each in LIVENESS)}
    assert set(BREAKS.values()) == names


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_the_property_that_is_named_and_the_right_one_does_not(
    mutant, shown
):
    given, faults, name = shown
    assert name in broken(mutated(mutant, given), faults)
    right = next(each for each in ROLES if issubclass(mutant, each))
    assert name not in broken(mutated(right, given), faults)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    given, faults, name = shown
    for left_out, fewer in without_one(faults):
        assert name not in broken(mutated(mutant, given), fewer), left_out


def test_a_stranger_is_no_mutant():
    with pytest.raises(TypeError, match="give a subclass"):
        mutated(Node)


# Its look


def test_the_picture_says_who_suspects_whom():
    trace = Cluster(watching(1), faults=[Crash("h1", at=0.25)]).run(until=0.7)
    told = " ".join(spacetime(trace, look=DETECTION_LOOK).story)
    assert "suspects h1" in told
    assert "trusts h1" in told
