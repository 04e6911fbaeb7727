"""A primary, its standby and their witness: what they promise, and what breaks it."""

from functools import partial

import pytest

from ftlib.checking import KeyValue, find, linearizable
from ftlib.drawing import spacetime
from ftlib.drawing.looks.replication import PAIR_LOOK
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
from ftlib.replication.shipping import Append
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
    Slow,
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
    cluster = Cluster(pair(WANTED, synchronous=False), faults=faults)
    trace = cluster.run(until=UNTIL)
    (discarded,) = trace.facts(Discarded)
    assert discarded.node == "a"
    before = {
        event.what.index
        for event in trace.facts(Acknowledged, node="a")
        if event.what.epoch == 1 and event.what.value is not None
    }
    kept = {e.what.index for e in trace.facts(Stored, node="b") if e.what.epoch == 1}
    assert discarded.what.requests == len(before - kept) > 0
    assert cluster.host("a").node.store == cluster.host("b").node.store
    assert "acknowledged writes survive" in broken(
        pair(WANTED, synchronous=False), faults
    )
    assert not broken(pair(WANTED), faults)


def test_a_heartbeat_of_an_old_epoch_is_no_sign_of_life():
    """Who was deposed and does not know may send them for ever."""

    class Old(Node):
        def on_start(self):
            self.epoch = 2
            self.on_timer("beat")

        def on_timer(self, name):
            self.send("b", Append(self.epoch, 0, 0, (), 0))
            self.epoch = 1
            self.set_timer("beat", 0.1)

    nodes = {"a": Old, "b": partial(Peer, "a", "w"), "w": Witness}
    trace = Cluster(nodes).run(until=2)
    assert primaries(trace) == [("b", 3)]


@pytest.mark.parametrize(
    "more", [(), (Crash("a", at=0.1), Recover("a", at=0.45))], ids=["one life", "two"]
)
def test_a_late_answer_grants_no_lease(more):
    """It is older than the lease, or answers what was asked in an earlier life."""
    late = [Slow(("w", "a"), by=0.6), Partition((("b",),)), *more]
    assert not primaries(Cluster(pair(WANTED), faults=late).run(until=3))


def test_a_witness_that_comes_back_lets_a_whole_lease_pass():
    cut = Partition((("a", "c2"),), at=0.7)
    faults = [cut, Crash("w", at=0.9), Recover("w", at=0.95)]
    trace = Cluster(pair(WANTED), faults=faults).run(until=UNTIL)
    assert judge(trace, [one_at_a_time])[0]
    assert primaries(trace) == [("a", 1), ("b", 2)]


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
    """100 of them, 3 s of a processor."""
    assert find(pair(WANTED, fenced=True), SAFETY, until=2, seeds=range(100)) is None


@pytest.mark.slow
def test_many_random_schedules():
    """1,000, in which what was not forced may survive a crash: half a minute. 10,000
    would take six, and add little, since the promises that need no clock are explored.
    """
    nodes = pair(WANTED, fenced=True)
    assert find(nodes, SAFETY, until=2, seeds=range(1_000), survivors=True) is None


def test_the_picture_says_who_acts_and_what_is_discarded():
    faults = [Partition((("a", "c1", "c2"),), at=0.7), Heal(at=3.0)]
    nodes = pair(WANTED, synchronous=False, fenced=True)
    trace = Cluster(nodes, faults=faults).run(until=3.3)
    told = " ".join(spacetime(trace, look=PAIR_LOOK).story)
    for words in (
        "grants epoch 2 to b",
        "lets either of the two have the epoch after 1",
        "does not act for epoch 1 any more",
        "discards 2 requests",
        "for the primary of epoch 1",
        "(nothing from a)",
    ):
        assert words in told
    assert "records " not in told


def test_bad_input():
    with pytest.raises(ValueError, match="give seconds above 0"):
        Witness(0)
    with pytest.raises(TypeError, match="give a subclass"):
        mutated(Node)
    assert survive in PROPERTIES
