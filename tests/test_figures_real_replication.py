"""What chapter 7.4.1 says of its figures holds for each of their settings."""

from ftlib.drawing.looks.pair import answered, lost
from ftlib.figures.real_replication import (
    CUT,
    DIES,
    KILLED,
    MODES,
    WRITERS,
    Outcome,
    apart,
    both_act,
    died,
    letters,
    on_the_link,
    outcome,
    together,
)
from ftlib.live import Live
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_mutants import (
    AcknowledgesEarly,
    CatchesUpByIndex,
)
from ftlib.replication.primary_replica_properties import PROPERTIES
from ftlib.services import Elected, Truncated
from ftlib.simulation import judge


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def test_what_is_on_the_link_is_lost_and_nothing_else():
    for given in settings(on_the_link):
        trace, drawn = died(**given), on_the_link(**given)
        found = outcome(trace)
        on_its_way = int(given["delay"] / given["every"])
        if given["mode"] == "synchronous":
            assert found.lost == 0, given
        else:
            assert found.told == round(DIES / given["every"]) - 1
            assert found.lost == min(on_its_way, found.told), given
        assert drawn.body.count("told, and lost") == bool(found.lost)
        if found.lost:
            assert f"{found.lost} of {found.told} " in drawn.title
        elif found.told > 1:
            assert f"All {found.told} " in drawn.title
        else:
            assert drawn.title.startswith(("No write", "The one")[found.told])
        told = "".join(drawn.story)
        if given["delay"] < 0.2:  # no longer than what is shown
            assert told.count("never gets it") == found.lost
        assert len(trace.facts(Elected)) == 2, "r2 takes over"


def test_what_is_lost_is_rounded_down_if_the_primary_dies_as_a_write_begins():
    for delay, every in ((0.03, 0.05), (0.045, 0.01), (0.05, 0.02)):
        lost_of_all = outcome(died("asynchronous", delay, every)).lost
        assert lost_of_all == int(delay / every), (delay, every)


def test_a_write_that_waits_takes_there_and_back():
    for delay in (0.02, 0.05, 0.1):
        takes = f"takes {round(2000 * delay) + 1} ms"
        assert takes in on_the_link("synchronous", delay).description
        assert "takes 1 ms" in on_the_link("asynchronous", delay).description
        assert outcome(died("synchronous", delay)).told <= DIES / (2 * delay)
    assert "No write is done" in on_the_link("synchronous", 0.2).description


def test_who_says_done_too_early_loses_in_any_mode():
    for mode in MODES:
        assert outcome(died(mode, 0.05, replica=AcknowledgesEarly)) == Outcome(39, 5)


def test_what_stops_an_old_primary():
    for given in settings(both_act):
        trace, drawn = apart(**given), both_act(**given)
        gone = lost(trace)
        by_r1 = [time for time, node, *_ in answered(trace) if node == "r1"]
        assert (together(trace) > 0) == (given["stops"] != "kill")
        assert ("both are primaries" in drawn.description) == (given["stops"] != "kill")
        after = [time for time in by_r1 if time > CUT + 0.02]
        if given["stops"] == "nothing":
            assert len(gone) > 5
        elif given["stops"] == "wait":
            assert not gone
            assert not after
        else:
            assert len(gone) == len(after) == 1, "before it is killed"
            assert after[0] < KILLED
        cut = bool(given["whole"] and gone)
        assert bool(trace.facts(Truncated, node="r1")) >= cut
        assert ("discarded" in drawn.title) == cut
        assert ("on r1 only" in drawn.title) == bool(gone and not given["whole"])
        assert ("Nothing" in drawn.title) == (not gone)


def test_who_follows_by_index_alone_keeps_what_nobody_else_has():
    def broken(replica):
        found = judge(apart(whole=True, replica=replica), PROPERTIES)
        return {each.name for each in found if not each}

    assert "log matching" not in broken(Replica)
    assert "log matching" in broken(CatchesUpByIndex)


def test_what_is_in_the_logs():
    trace = apart("nothing", True)
    kept = letters(trace, "r2")
    assert kept == letters(trace, "r1")
    assert kept.count("|") == 1
    done = {event.what[0][2] for event in trace.where(kind="return")}
    gone = {WRITERS[0][number - 1][2] for _, number in lost(trace)}
    assert set(kept) - {"|"} >= done - gone
    assert not gone & set(kept)
    alone = apart("nothing", False)
    assert "|" not in letters(alone, "r1")
    assert letters(alone, "r1")[:4] == kept[:4]
