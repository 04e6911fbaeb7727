"""What chapter 4.1.2 says of its figures holds for each of their settings."""

import re
import time

import pytest

from ftlib.drawing.looks.pair import acting, answered, lost, who_acts
from ftlib.figures.primary_standby import (
    DECIDES,
    HANDS,
    HAPPENS,
    WRITERS,
    decided,
    gap,
    idle,
    paused,
    pauses,
    replaced,
    takeovers,
    two_at_once,
)
from ftlib.live import Live
from ftlib.replication.fencing import Took
from ftlib.replication.pair import pair
from ftlib.replication.primary_standby import Discarded
from ftlib.replication.primary_standby_properties import (
    PROPERTIES,
    effects_in_order,
    one_at_a_time,
    survive,
)
from ftlib.simulation import Cluster, Crash, Heal, Partition, Schedule, judge


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def broken(trace, *properties):
    findings = judge(trace, properties)
    return [each.name for each in findings if each.verdict == "violated"]


def served_together(trace):
    periods = acting(trace)
    return any(
        one[2] < other[3] and other[2] < one[3]
        for place, one in enumerate(periods)
        for other in periods[place + 1 :]
    )


def test_all_that_is_offered_is_shown():
    assert [each["decides"] for each in settings(takeovers)][:: len(HAPPENS)] == list(
        DECIDES
    )
    assert len(settings(takeovers)) == len(DECIDES) * len(HAPPENS)


@pytest.mark.parametrize("given", settings(takeovers), ids=str)
def test_only_a_cut_makes_two_primaries_where_the_standby_decides(given):
    trace, title = decided(**given), takeovers(**given).title
    two = given["decides"] == "alone" and given["happens"] in ("standby", "primary")
    assert served_together(trace) == two
    assert bool(lost(trace)) == two
    assert bool(broken(trace, one_at_a_time)) == two
    assert title == (
        f"Two primaries: {len(lost(trace))} answered writes are lost."
        if two
        else "One primary at a time, and nothing is lost."
    )
    if given["decides"] == "witness":
        assert broken(trace, *PROPERTIES, one_at_a_time) == []


@pytest.mark.parametrize("wait", [0.15, 0.35])
def test_a_takeover_waits_for_the_lease_that_the_witness_holds(wait):
    """From the last question, up to a beat before the crash; and then to the next time
    that b asks, and is answered.
    """
    for seed in range(10):
        assert wait + 0.15 < idle(wait, seed) < wait + 0.4


def test_a_short_time_out_replaces_a_primary_that_is_well():
    assert all(replaced(0.15, seed) for seed in range(5))
    assert not any(replaced(0.35, seed) for seed in range(5))


def test_what_the_witness_costs():
    """Who is cut off waits, and without the witness both do, longer than a lease."""
    waits = {
        happens: [gap(decided("witness", happens), client) for client in ("c1", "c2")]
        for happens in HAPPENS
    }
    assert waits["standby"][1] > 1.5 > 0.3 > waits["standby"][0]
    assert waits["primary"][0] > 1.4 > 0.8 > waits["primary"][1]
    assert min(waits["witness"]) > 1
    assert 0.6 < max(waits["crash"]) < 0.8
    alone = [gap(decided("alone", "crash"), client) for client in ("c1", "c2")]
    assert max(alone) < max(waits["crash"])


@pytest.mark.parametrize("given", settings(pauses), ids=str)
def test_a_fence_stops_what_comes_too_late_and_nothing_else(given):
    trace, title = paused(**given), pauses(**given).title
    late = given["at"] == 0.9 and given["lasts"] >= 0.6
    assert bool(broken(trace, effects_in_order)) == (late and not given["fenced"])
    assert title == (
        "Nothing comes too late."
        if not late
        else "r refuses what comes too late."
        if given["fenced"]
        else "r does something for epoch 1 after it has for epoch 2."
    )
    assert not lost(trace)
    assert broken(trace, survive) == []
    if given["lasts"] != 0.6:  # where it depends on what waits
        assert served_together(trace) == (given["lasts"] > 0.6)


def test_every_mark_stands_for_what_happened():
    for given in settings(pauses):
        trace, body = paused(**given), pauses(**given).body
        squares = len(re.findall('width="7" height="14"', body)) - 1  # in the legend
        assert squares == len(trace.facts(Took))
        dots = body.count('r="3.2"') - 1
        assert dots == len(trace.where(kind="return"))
    picture = takeovers("alone", "standby")
    assert picture.body.count('stroke-linecap="round"') == 1 + 6
    assert ">down<" in takeovers("witness", "witness").body


def test_what_is_lost_is_what_was_discarded():
    """Where only one log gives way, and only writes are asked for."""
    faults = [Partition((("a", "c1", "c2"),), at=0.7), Heal(at=2.2)]
    trace = Cluster(pair(WRITERS, synchronous=False), faults=faults).run(until=3.2)
    (discarded,) = trace.facts(Discarded)
    assert discarded.what.requests >= len(lost(trace)) > 0
    assert discarded.node == "a"


def test_a_read_loses_nothing():
    reads = ((("get", "x"),) * 12, (("get", "x"),) * 12)
    faults = [Partition((("a", "c1", "c2"),), at=0.7), Heal(at=2.2)]
    trace = Cluster(pair(reads, synchronous=False), faults=faults).run(until=3.2)
    assert trace.facts(Discarded)
    assert not lost(trace)
    assert not any(writes for *_, writes in answered(trace))


def test_a_node_that_never_comes_back_is_drawn_to_the_end():
    trace = Cluster(pair(WRITERS), faults=[Crash("a", at=0.7)]).run(until=3.2)
    picture = who_acts(trace, "b takes over.")
    assert "b is the primary of epoch 2" in " ".join(picture.story)
    assert "L418" in picture.body


@pytest.mark.parametrize("figure", [takeovers, pauses])
def test_a_picture_is_quick(figure):
    decided.cache_clear()
    paused.cache_clear()
    figure()
    least = 1.0
    for _ in range(5):
        decided.cache_clear()
        paused.cache_clear()
        start = time.process_time()
        figure()
        least = min(least, time.process_time() - start)
    assert least < 0.1  # twenty milliseconds on a machine that does nothing else


def test_a_second_cut_ends_the_first():
    faults = [Partition((("b",),), at=0.7), Partition((("a", "c1"),), at=1.6)]
    trace = Cluster(pair(WRITERS), faults=faults).run(until=3.2)
    body = who_acts(trace, "First b is cut off, then a.").body
    dashes = re.findall(
        r'd="M([\d.]+) [\d.]+L([\d.]+) [\d.]+"[^>]*dasharray="6 4"', body
    )
    ends = [tuple(float(each) for each in pair_) for pair_ in dashes]
    (b1, b2), (a1, a2) = sorted(ends)
    assert b1 < b2 == a1 < a2 == 418


def test_who_is_never_answered_waits_until_the_end():
    faults = [Crash("a", at=0.7), Crash("b", at=0.7)]
    trace = Cluster(pair(WRITERS), faults=faults).run(until=3.2)
    (last,) = [e.time for e in trace.where(kind="call", node="c1")][-1:]
    assert gap(trace) == pytest.approx(3.2 - last)
    assert gap(Cluster(pair(())).run(until=1), "c1") == 0


def test_no_crash_makes_two_primaries_but_a_lost_heartbeat_does():
    """Where the standby decides alone; with the witness nothing does, as the page has
    it.
    """
    offered = [offer.text for offer in two_at_once().hand.offered]

    def title(text, decides="alone"):
        return two_at_once(decides, Schedule.from_text(f"Schedule([{text}])")).title

    two = [text for text in offered if title(text).startswith("Two primaries at once")]
    assert two == ["Lose(message='Append', sender='a', receiver='b', nth=3)"]
    found = HANDS.challenge.search(["crash"], HANDS.at, "faults", {"decides": "alone"})
    *_, last = found
    assert last.schedule is None
    crashed = "Crash(node='w', at=Point(node='w', event='send', what='Lease', nth=3))"
    assert title(crashed, "witness") == (
        "One primary at a time: a of epoch 1, then nobody."
    )
    assert two_at_once().title == "One primary at a time: a of epoch 1."
