"""What becomes of one write, in every setting of its figure."""

from functools import cache
from itertools import product

import pytest

from ftlib.figures.replication_write import (
    COPIES,
    CRASHES,
    HEARS,
    TOLD,
    WAYS,
    fate,
    lose_a_write,
    moments,
    one_write,
    write_once,
)
from ftlib.replication import Mode
from ftlib.replication.shipping import Promise
from ftlib.simulation import Crash, Lose, Point, Schedule

SETTINGS = {
    "nodes": (2, 3, 4),
    "copies": COPIES,
    "hears": HEARS,
    "crash": CRASHES,
    "way": WAYS,
}


def mode_of(nodes, copies, hears, **_):
    n = nodes - 1
    return Mode(
        {"none": 0, "one": 1, "all": n}[copies], n, 1 if hears == "alone" else None
    )


@cache
def runs():
    """Every setting, its mode, its run."""
    found = []
    for values in product(*SETTINGS.values()):
        given = dict(zip(SETTINGS, values, strict=True))
        mode = mode_of(**given)
        trace = write_once(mode, given["crash"], given["way"])
        found.append((given, mode, trace))
    return found


def test_lost_only_where_the_two_sets_need_not_meet():
    lost = [(given, mode) for given, mode, trace in runs() if fate(trace) == "lost"]
    assert lost
    assert not any(mode.promises for _, mode in lost)
    assert all(given["crash"] in ("answered", "and another") for given, _ in lost)


def test_without_a_copy_and_alone_an_answered_write_is_always_lost():
    for given, _, trace in runs():
        chosen = given["copies"], given["hears"], given["crash"]
        if chosen == ("none", "alone", "answered"):
            assert fate(trace) == "lost", given


def test_who_must_hear_all_is_unavailable_when_one_is_gone():
    for given, mode, trace in runs():
        if mode.takeover == mode.replicas + 1 and given["crash"] != "never":
            assert fate(trace) == "unavailable", given


def test_k_crashes_are_survived_and_no_more_stop_a_takeover():
    for given, mode, trace in runs():
        crashed = {"never": 0, "and another": 2}.get(given["crash"], 1)
        up = given["nodes"] - crashed
        r2_is_gone = given["nodes"] == 2 and crashed == 2
        if crashed and given["hears"] == "enough":
            able = crashed <= mode.copies and not r2_is_gone
            assert (fate(trace) != "unavailable") == able, given
            assert able == (up >= mode.takeover and not r2_is_gone), given


def test_a_copy_on_disk_is_not_yet_a_fresh_read():
    """Where nothing crashes a read is stale unless the write came at once, and with the
    word that it is settled.
    """
    for given, _, trace in runs():
        if given["crash"] == "never":
            fresh = given["copies"] == "none" and given["way"] == "in time"
            assert fate(trace) == ("fresh" if fresh else "stale"), given


def test_durable_then_visible_and_acknowledged_when_so_many_have_it():
    for given, mode, trace in runs():
        found = moments(trace)
        for node, time in found.visible.items():
            assert found.durable[node] <= time
        if found.acknowledged is not None and fate(trace) != "lost":
            have = sum(time < found.acknowledged for time in found.durable.values())
            assert have >= mode.copies + 1, given


def test_titles_and_descriptions():
    seen = set()
    for given, mode, trace in runs():
        picture = one_write(**given)
        assert picture.title == TOLD[fate(trace)]
        assert ("need not meet" in picture.description) != mode.promises
        seen.add(fate(trace))
    assert seen == {*TOLD}


def test_an_unknown_crash_is_refused():
    with pytest.raises(ValueError, match="crash is 'soon': give one of never"):
        write_once(Mode(1), "soon")
    with pytest.raises(ValueError, match="way is 'slow': give one of in time, late"):
        write_once(Mode(1), "never", "slow")
    assert "never" in CRASHES


def test_what_r2_lacks_it_gets_from_r3():
    trace = write_once(Mode(1), "answered", "lost")
    found = moments(trace)
    assert found.durable["r3"] < found.acknowledged
    promised = [event.time for event in trace.where(kind="deliver", what=Promise)]
    assert found.durable["r2"] == promised[0]
    assert fate(trace) == "kept"


def test_what_the_text_says_of_a_write_that_is_lost_by_hand():
    gone = Crash("r1", at=Point("r1", "send", "Reply"))
    second = Lose("Append", sender="r1", receiver="r2")
    other = Crash("r3", at=Point("r1", "crash"))
    lost, kept, waits = (TOLD[key] for key in ("lost", "kept", "unavailable"))
    for settings, faults, title in (
        (("none", "alone"), [gone], lost),
        (("none", "enough"), [gone], waits),
        (("one", "enough"), [gone], kept),
        (("one", "enough"), [second, gone], kept),
        (("one", "enough"), [gone, other], waits),
        (("one", "alone"), [gone], kept),
        (("one", "alone"), [second, gone], lost),
    ):
        assert lose_a_write(*settings, Schedule(faults)).title == title, settings
    unheard = Crash("r1", at=Point("r1", "force", nth=2))
    picture = lose_a_write("none", "enough", Schedule([unheard]))
    assert picture.title == waits
