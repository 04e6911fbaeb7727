"""What chapter 4.1.1 says of its figures holds for each of their settings."""

import math
from itertools import combinations

import pytest

from ftlib.analysis.lag import lag
from ftlib.checking import History
from ftlib.figures.primary_replica import (
    END,
    READ,
    WAITS,
    WRITE,
    WRITES,
    Hides,
    cancelled,
    given_up,
    lagging,
    overlap,
    shipped,
)
from ftlib.live import Live
from ftlib.replication import Mode, replicas
from ftlib.replication.primary_replica_properties import PROPERTIES, visible_stays
from ftlib.services import Elected, Stored
from ftlib.simulation import Cluster, Crash, Schedule, judge

DELAYS = (0.01, 0.05, 0.1, 0.15)


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def test_who_waits_for_both_copies_keeps_the_replica_close():
    for given in settings(lagging):
        trace = shipped(**given)
        behind = lag(trace, "r2")
        done = [each for each in History.from_trace(trace) if not each.pending]
        assert (behind.longest == 1) == (
            given["copies"] == 2 or (given["delay"] == 0.01 and not given["cut"])
        ), given
        assert len(trace.facts(Elected)) == 1, "nobody takes over"
        assert not [each for each in judge(trace, PROPERTIES) if not each]
        most = "1 entry" if behind.longest == 1 else f"{behind.longest} entries"
        drawn = lagging(**given)
        assert drawn.title == f"r2 lacks up to {most}, {behind.mean:.1f} on average."
        assert f">{len(done)} of {WRITES}<" in drawn.body
        assert len(set(drawn.story)) == len(drawn.story)
        assert f"lacks {behind.at(END)}" in drawn.story[-1]
        assert ("cut off" in drawn.body) == bool(given["cut"])


def test_what_it_costs_to_wait_for_both():
    def done(**given):
        return sum(not e.pending for e in History.from_trace(shipped(**given)))

    for cut in (0.0, 0.1, 0.2, 0.4):
        for delay in DELAYS:
            counts = [done(copies=k, delay=delay, cut=cut) for k in (0, 1, 2)]
            assert counts[0] == counts[1] == WRITES, (delay, cut)
            assert counts[2] <= END / (2 * delay + 0.02)
        counts = [done(copies=2, delay=each, cut=cut) for each in DELAYS]
        assert counts == sorted(counts, reverse=True), "the farther, the fewer"
        assert counts[0] > counts[-1]


def test_the_longer_the_delay_or_the_cut_the_further_behind():
    for copies in (0, 1):
        for cut in (0.0, 0.1, 0.2, 0.4):
            behind = [lag(shipped(copies, delay, cut), "r2").mean for delay in DELAYS]
            assert behind == sorted(behind)
        for delay in DELAYS:
            behind = [
                lag(shipped(copies, delay, cut), "r2").mean
                for cut in (0.0, 0.1, 0.2, 0.4)
            ]
            assert behind == sorted(behind)


def test_a_replica_has_caught_up_soon_after_the_last_write():
    for given in settings(lagging):
        if given["copies"] == 0:
            assert lag(shipped(**given), "r2").at(END) == 0


def test_the_worst_case_is_the_worst():
    for given in settings(overlap):
        n, drawn = given["replicas"], overlap(**given)
        have = min(given["copies"], n) + 1
        heard = min(given["hears"], n + 1)
        fewest = min(
            len(set(one) & set(other))
            for one in combinations(range(n + 1), have)
            for other in combinations(range(n + 1), heard)
        )
        mode = Mode(have - 1, n, hears=heard)
        assert mode.promises == (fewest > 0)
        if fewest:
            assert f"at least {fewest} of them" in drawn.title, given
        else:
            assert "it can be lost" in drawn.title, given
        assert drawn.body.count(">write<") == have
        down = n + 1 - heard, n - (have - 1)
        for number in down:
            assert (f">up to {number}<" if number else ">none<") in drawn.body
        cut = given["copies"] > n or given["hears"] > n + 1
        assert ("taken for all" in drawn.description) == cut


def first(events):
    return min((event.index for event in events), default=math.inf)


@pytest.mark.parametrize("wait", WAITS)
def test_only_what_was_given_up_and_shown_is_lost_after_it_was_read(wait):
    """Whatever one fault is put."""
    titles = set()
    for text in ("", *(offered.text for offered in cancelled(wait).hand.offered)):
        faults = Schedule.from_text(f"Schedule([{text}])")
        trace, drawn = given_up(wait, faults).trace, cancelled(wait, faults)
        assert all(judge(trace, PROPERTIES))
        returns = trace.where(kind="return")
        read = first(event for event in returns if event.what == (READ, 1))
        told = first(event for event in returns if event.node == "c1")
        on = first(trace.facts(Elected, node="r2"))
        stored = trace.facts(Stored, node="r2")
        copied = first(event for event in stored if event.what.value)
        assert copied < told or told == math.inf
        if wait != "shown":
            assert copied < read or read == math.inf
        goes_on = on < math.inf == copied
        assert drawn.hand.reached == (goes_on and read < math.inf)
        assert ("is lost:" in drawn.title) == drawn.hand.reached
        assert ("has not read" in drawn.title) == (goes_on and read == math.inf)
        assert ("with the write" in drawn.title) == (copied < on < math.inf)
        assert ("before" in drawn.title) == (read < copied < on == math.inf)
        assert ("r2 has the write:" in drawn.title) == (
            copied < min(read, on) and on == math.inf
        )
        assert ("is down" in drawn.title) == (copied == on == math.inf)
        titles.add(drawn.title)
    assert len(titles) == (6 if wait == "shown" else 4)


def test_who_hides_keeps_what_is_visible_and_else_works():
    nodes = replicas([[WRITE, READ]], Mode(1), replica=Hides)
    trace = Cluster(nodes, faults=[Crash("r1", at=0.03)]).run(until=2)
    assert judge(trace, [visible_stays])[0]
    assert [each.result for each in History.from_trace(trace)] == [None, 1]
