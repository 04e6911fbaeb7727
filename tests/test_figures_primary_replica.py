"""What chapter 4.1.1 says of its figures holds for each of their settings."""

from itertools import combinations

import pytest

from ftlib.analysis.lag import lag
from ftlib.checking import History
from ftlib.figures.primary_replica import (
    END,
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
from ftlib.services import Elected, Executed
from ftlib.simulation import Cluster, Crash, judge

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


def test_only_what_was_given_up_and_shown_is_taken_back():
    for given in settings(cancelled):
        trace, drawn = given_up(**given), cancelled(**given)
        calls = History.from_trace(trace)
        reads = [each.result for each in calls if each.process == "c2"]
        written = [each for each in calls if each.call == WRITE and not each.pending]
        early = given["crash"] < 0.04
        assert bool(written) == (not given["gives_up"])
        taken = given["gives_up"] and given["shows"] and not early
        assert ("a" in reads) == taken
        assert ("later nothing" in drawn.title) == taken
        assert reads[-1] is None
        assert len(reads) == 5
        assert not [each for each in judge(trace, PROPERTIES) if not each]
        if written:
            have = {
                event.node
                for event in trace.facts(Executed)
                if event.time <= written[0].returned
            }
            assert "r2" in have
            assert "acknowledged" in drawn.title


@pytest.mark.parametrize("crash", [0.035, 0.065])
def test_the_time_of_the_crash_decides_whether_the_wait_was_given_up(crash):
    gone = [e.time for e in given_up(crash=crash).where(kind="crash")]
    shown = [e.time for e in given_up(crash=crash).facts(Executed, node="r1")]
    assert bool(shown) == (crash == 0.065)
    assert gone == [crash]


def test_who_hides_keeps_what_is_visible_and_else_works():
    nodes = replicas([[WRITE, ("get", "x")]], Mode(1), replica=Hides)
    trace = Cluster(nodes, faults=[Crash("r1", at=0.03)]).run(until=2)
    assert judge(trace, [visible_stays])[0]
    assert [each.result for each in History.from_trace(trace)] == [None, "a"]
