"""What chapter 5.2 says of its figures holds for each of their settings."""

import re
from dataclasses import astuple

import pytest

from ftlib.drawing.palette import colour
from ftlib.figures.detectors import (
    CRASH,
    DETECTORS,
    HAPPENS,
    NETWORKS,
    judged,
    measured,
    recorded,
    same_stream,
    speed_and_accuracy,
)
from ftlib.figures.downtime import (
    TIME_OUTS,
    outage,
    seconds_down,
    taken_over_by,
)
from ftlib.live import Live
from ftlib.services import Elected
from ftlib.simulation import Trace


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def blamed(given):
    return {
        name: [each for each in periods if each[0] < CRASH]
        for name, periods in judged(**given).items()
    }


# One stream ---------------------------------------------------------------------------


def test_all_that_is_offered_is_shown():
    assert {each["happens"] for each in settings(same_stream)} == set(HAPPENS)
    assert {each["network"] for each in settings(speed_and_accuracy)} == set(NETWORKS)


@pytest.mark.parametrize("given", settings(same_stream), ids=str)
def test_the_picture_tells_what_was_judged(given):
    picture, wrong = same_stream(**given), blamed(given)
    count = sum(map(bool, wrong.values()))
    assert picture.title.startswith(f"{count or 'None'} of 5 suspect")
    assert len(picture.story) == len(DETECTORS)
    for name, told in zip(DETECTORS, picture.story, strict=True):
        assert told.startswith(f"{name}: ")
        assert f"{len(wrong[name])} wrong" in told or not wrong[name]


@pytest.mark.parametrize("given", settings(same_stream), ids=str)
def test_a_suspicion_is_wrong_until_the_crash_and_right_from_then_on(given):
    periods = [each for told in judged(**given).values() for each in told]
    body = same_stream(**given).body
    for ink, count in (
        ("red", sum(start < CRASH for start, _ in periods)),
        ("green", sum(end > CRASH for _, end in periods)),
    ):
        assert body.count(f'fill="{colour(ink)}"') == count + 1  # and the legend


@pytest.mark.parametrize("given", settings(same_stream), ids=str)
def test_the_crash_is_missed_with_copies_that_have_no_numbers_only(given):
    deceived = given["happens"] == "copies" and not given["numbered"]
    assert ("miss its crash" in same_stream(**given).title) is deceived
    if deceived:
        assert "5 of 5 miss its crash" in same_stream(**given).title


@pytest.mark.parametrize("jitter", [0.005, 0.02, 0.05])
def test_nobody_is_right_about_a_pause_and_a_slow_heart_is_learned(jitter):
    pause = blamed({"happens": "pause", "jitter": jitter})
    assert all(pause.values())
    drift = blamed({"happens": "drift", "jitter": jitter})
    assert len(drift["time-out 0.2 s"]) > len(drift["phi at 8"])
    assert len(drift["time-out 0.2 s"]) > len(drift["mean + 4 deviations"])


def test_a_longer_patience_is_surer_and_later():
    for happens in HAPPENS:
        for jitter in (0.005, 0.02, 0.05):
            given = {"happens": happens, "jitter": jitter}
            wrong, told = blamed(given), judged(**given)
            for hasty, patient in (
                ("time-out 0.2 s", "time-out 0.5 s"),
                ("phi at 3", "phi at 8"),
            ):
                assert len(wrong[hasty]) >= len(wrong[patient])
                assert told[hasty][-1][0] <= told[patient][-1][0]


def test_the_stream_is_one_of_a_node_in_a_world():
    beats = recorded("nothing", 0.005)
    assert len(beats) == 70
    assert max(at for at, _ in beats) < CRASH + 0.1


# Speed and accuracy -------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("kind", ["fixed", "phi"])
def test_who_waits_longer_errs_less(network, kind):
    found = measured(network, kind)
    times = [each.detection for each in found]
    mistakes = [each.mistakes for each in found]
    assert times == sorted(times)
    assert mistakes == sorted(mistakes, reverse=True)


def test_what_learning_buys_depends_on_how_long_things_stay():
    def title(network, window=50):
        return speed_and_accuracy(network=network, window=window).title

    assert title("steady") == "Neither is much better than the other."
    assert title("steady", 100) == title("steady")
    assert title("steady", 20) == "A fixed time-out is mostly better."
    assert title("quickly") == "A fixed time-out is better at every speed."
    for window in (20, 50, 100):
        assert title("slowly", window) == "Phi is mostly better."
        assert "fixed" in title("quickly", window)


@pytest.mark.parametrize("given", settings(speed_and_accuracy), ids=str)
def test_the_points_are_those_that_were_measured(given):
    told = " ".join(speed_and_accuracy(**given).story)
    assert len(re.findall("mistake", told)) == 8 + 6 + 1


def test_phi_is_wrong_more_often_than_it_says():
    three = measured("steady", "phi")[2]
    assert three.rate.low > 10**-3


# Downtime -----------------------------------------------------------------------------


@pytest.mark.parametrize("given", settings(seconds_down), ids=str)
def test_a_bar_adds_up_to_what_the_client_waited(given):
    for wait in TIME_OUTS:
        trace = taken_over_by(given["who"], wait, given["longest"])
        found = outage(trace)
        (crash,) = trace.where(kind="crash")
        answers = [event.time for event in trace.where(kind="return")]
        (next_answer, *_) = [time for time in answers if time > crash.time]
        assert found.total == pytest.approx(next_answer - crash.time)
        assert all(seconds >= 0 for seconds in astuple(found))
        assert len(trace.facts(Elected)) == 2


@pytest.mark.parametrize("given", settings(seconds_down), ids=str)
def test_the_title_says_what_a_shorter_time_out_buys(given):
    totals = [
        outage(taken_over_by(given["who"], wait, given["longest"])).total
        for wait in (0.15, 0.35)
    ]
    same = totals[1] - totals[0] < 0.005
    assert ("waits as long" in seconds_down(**given).title) is same
    assert same or f"{totals[1] - totals[0]:.2f} s" in seconds_down(**given).title


def test_a_lease_hides_the_time_out_and_a_client_hides_both():
    for longest in (0.1, 0.4, 0.8):
        for wait in (0.15, 0.25, 0.35):
            found = outage(taken_over_by("lease", wait, longest))
            together = found.noticing + found.deciding
            assert together == pytest.approx(0.61, abs=0.06)
    assert "as long" in seconds_down("short", 0.4).title
    assert "0.20 s longer" in seconds_down("short", 0.1).title
    assert "longer" in seconds_down("majority", 0.1).title


def test_the_parts_of_a_long_time_out_are_mostly_silence():
    for who in ("lease", "short", "majority"):
        found = outage(taken_over_by(who, 0.8, 0.1))
        assert found.noticing > found.total / 2


def test_no_crash_no_outage():
    with pytest.raises(ValueError, match="no crash"):
        outage(Trace([]))
