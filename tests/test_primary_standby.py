"""A primary, its standby and their witness: what they promise, and what breaks it."""

import pytest

from ftlib.checking import KeyValue, find, linearizable
from ftlib.replication.pair import pair
from ftlib.replication.primary_standby import Acknowledged, Discarded, Peer
from ftlib.replication.primary_standby_mutants import (
    BREAKS,
    GIVEN,
    SHOWN_BY,
    mutated,
)
from ftlib.replication.primary_standby_properties import (
    PROPERTIES,
    comes_back,
    fresh,
    one_at_a_time,
    survive,
)
from ftlib.replication.witness import Witness
from ftlib.services import Elected, Executed, Stored
from ftlib.simulation import (
    Cluster,
    Crash,
    Heal,
    Node,
    Partition,
    Recover,
    Skew,
    judge,
)

UNTIL = 10.0
WANTED, *_ = GIVEN
SAFETY = (*PROPERTIES, fresh, linearizable(KeyValue))
ALL = (*SAFETY, one_at_a_time, comes_back(6.5, UNTIL))
SHOWN = list(SHOWN_BY.items())


def broken(nodes, faults, until=UNTIL):
    findings = judge(Cluster(nodes, faults=faults).run(until=until), ALL)
    return [each.name for each in findings if each.verdict == "violated"]


def primaries(trace):
    return [(event.node, event.what.epoch) for event in trace.facts(Elected)]


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_what_is_named_and_the_right_one_does_not(mutant, shown):
    given, faults, name = shown
    assert name in broken(mutated(mutant, given), faults)
    right = next(k for k in mutant.__mro__ if not k.__module__.endswith("mutants"))
    assert name not in broken(mutated(right, given), faults)
    assert BREAKS[mutant] == name


def test_a_takeover_and_the_old_primary_follows():
    faults = [Crash("a", at=0.7), Recover("a", at=3.0)]
    trace = Cluster(pair(WANTED), faults=faults).run(until=UNTIL)
    assert primaries(trace) == [("a", 1), ("b", 2)]
    assert not broken(pair(WANTED), faults)
    last = {event.node: event.what.index for event in trace.facts(Stored)}
    assert last["a"] == last["b"]
    done = {event.node: event.what.position for event in trace.facts(Executed)}
    assert done["a"] == done["b"] == 18


def test_fail_back_counts_what_asynchronous_shipping_lost():
    faults = [Partition((("a", "c1", "c2"),), at=0.7), Heal(at=3.0)]
    trace = Cluster(pair(WANTED, synchronous=False), faults=faults).run(until=UNTIL)
    (discarded,) = trace.facts(Discarded)
    assert discarded.node == "a"
    before = {
        event.what.index
        for event in trace.facts(Acknowledged, node="a")
        if event.what.epoch == 1 and event.what.value is not None
    }
    kept = {e.what.index for e in trace.facts(Stored, node="b") if e.what.epoch == 1}
    assert discarded.what.requests == len(before - kept) > 0
    assert "acknowledged writes survive" in broken(
        pair(WANTED, synchronous=False), faults
    )
    assert not broken(pair(WANTED), faults)


def test_a_planned_switch_over_loses_nothing_and_waits_for_no_lease():
    trace = Cluster(pair(WANTED, orders=((1.0, "a"), (2.0, "b")))).run(until=UNTIL)
    assert primaries(trace) == [("a", 1), ("b", 2), ("a", 3)]
    first, second = (event.time for event in trace.facts(Elected)[1:])
    assert 1.0 < first < 1.1
    assert 2.0 < second < 2.1
    assert not trace.facts(Discarded)
    assert all(f for f in judge(trace, [*SAFETY, one_at_a_time]))


def test_after_all_restart_the_highest_durable_epoch_wins():
    crash = [Crash(node, at=2.5) for node in ("a", "b", "w")]
    back = [Recover(node, at=2.6) for node in ("a", "b", "w")]
    trace = Cluster(
        pair(WANTED),
        faults=[Partition((("a",),), at=0.7), *crash, Heal(at=2.55), *back],
    ).run(until=UNTIL)
    held = primaries(trace)
    assert held[:2] == [("a", 1), ("b", 2)]
    assert [epoch for _, epoch in held] == sorted({epoch for _, epoch in held})
    assert held[2] == ("b", 3)  # it was alone: a lacks what b acknowledged
    assert all(f for f in judge(trace, [*SAFETY, one_at_a_time]))


def test_a_clock_that_runs_slow_breaks_the_lease_and_not_the_data():
    faults = [Skew("a", rate=0.3, at=0.1), Partition((("a",),), at=0.7)]
    assert broken(pair(WANTED, fenced=True), faults, 5.0) == ["one at a time"]


def test_who_does_nothing_does_not_come_back():
    class Idle(Peer):
        def on_message(self, sender, message):
            pass

    assert broken(pair(WANTED, peer=Idle), ()) == ["responsive"]


def test_random_schedules():
    assert find(pair(WANTED, fenced=True), SAFETY, until=2, seeds=range(100)) is None


@pytest.mark.slow
def test_many_random_schedules():
    nodes = pair(WANTED, fenced=True)
    assert find(nodes, SAFETY, until=2, seeds=range(1_000), survivors=True) is None


def test_bad_input():
    with pytest.raises(ValueError, match="give seconds above 0"):
        Witness(0)
    with pytest.raises(TypeError, match="give a subclass"):
        mutated(Node)
    assert survive in PROPERTIES
