"""What chapter 7.4.2 says of its figures holds for each of their settings."""

from itertools import product

import pytest

from ftlib.analysis.movement import moved
from ftlib.drawing.looks.pair import acting, answered, lost
from ftlib.figures.real_cache_ring import (
    BACK,
    BATCH,
    CACHES,
    CUT,
    DOWN,
    FAULT_AT,
    KEYS,
    WRITES,
    failed_over,
    lost_writes,
    outcome,
    planned,
    refill,
    refilled,
    requests,
)
from ftlib.hashing import HashRing, Modulo
from ftlib.replication import Mode, replicas
from ftlib.replication.primary_replica_properties import acknowledged_stays
from ftlib.replication.primary_standby import Peer
from ftlib.replication.primary_standby_mutants import GoesOnAfterRelease
from ftlib.services import Elected
from ftlib.simulation import Cluster, Crash, Heal, Partition, Skew, judge

FAULTS = ("crash", *CUT)
DELAYS, LAGS = (0.01, 0.05, 0.1), (0.1, 0.2, 0.4)


def test_the_first_keys_are_asked_for_most():
    asked = requests()
    counts = [asked.count(key) for key in KEYS]
    assert counts[0] > 2 * counts[2] > 4 * counts[8]
    assert asked == requests(7) != requests(8)


@pytest.mark.parametrize("killed", CACHES)
def test_the_first_batch_misses_what_moved_and_was_asked_for(killed):
    others = [node for node in CACHES if node != killed]
    for rule, place in (("modulo", Modulo), ("ring", HashRing)):
        before, after = place(CACHES), place(others)
        first = {*requests()[DOWN * BATCH : (DOWN + 1) * BATCH]}
        missed = sum(before.lookup(key) != after.lookup(key) for key in first)
        counts = refilled(rule, killed)
        assert counts[: DOWN + 1] == [0] * DOWN + [missed]
        asked = {*requests()[DOWN * BATCH :]}
        assert sum(counts) == sum(before.lookup(k) != after.lookup(k) for k in asked)
        assert moved(before, after, KEYS).needless == 0 or rule == "modulo"
        again = refilled(rule, killed, back=True)
        assert again[:10] == counts[:10]
        assert again[10] > 0
        assert str(missed) in refill(rule, killed).title


@pytest.mark.parametrize("killed", CACHES)
def test_only_a_ring_has_a_second_wave(killed):
    """With the remainder the others still have what they had before."""
    for rule in ("ring", "modulo"):
        away, back = refilled(rule, killed), refilled(rule, killed, back=True)
        assert (back[BACK] > back[BACK - 1]) is (rule == "ring")
        assert (sum(back) > sum(away)) is (rule == "ring")


@pytest.mark.parametrize("killed", CACHES)
def test_the_remainder_costs_the_database_much_more(killed):
    ring, remainder = refilled("ring", killed), refilled("modulo", killed)
    assert remainder[DOWN] > 3 * ring[DOWN]
    assert sum(remainder) > 3 * sum(ring)
    assert remainder[DOWN] > 2 * remainder[-1]


@pytest.mark.parametrize(("fault", "delay"), [*product(FAULTS, DELAYS)])
def test_who_waits_for_a_copy_loses_nothing(fault, delay):
    for lag in LAGS:
        found = {
            waits: outcome(failed_over(waits, fault, delay, lag))
            for waits in ("nothing", "lag", "copy")
        }
        lost = [len(each.lost) for each in found.values()]
        assert lost[2] == 0
        assert lost[1] <= lost[0]
        if fault == "short":
            assert lost == [0, 0, 0]
            assert all(each.taken_over is None for each in found.values())
            assert len(found["lag"].kept) > WRITES / 2  # it takes writes again
        if fault == "long":
            assert lost[1] < lost[0] > 20
            healed = FAULT_AT + CUT[fault]
            alone = found["nothing"]
            assert not [t for t in alone.kept if FAULT_AT < t <= healed]
            assert [t for t in alone.lost if FAULT_AT < t <= healed]
        if fault == "crash":
            assert (lost[0] > 0) == (delay > 0.01)
        for each in found.values():
            assert sorted(each.kept) == list(each.kept)
            if fault == "crash" and each.lost:  # what survives is a beginning
                before = [t for t in each.kept if t < min(each.lost)]
                after = [t for t in each.kept if t > max(each.lost)]
                assert before + after == list(each.kept)
        told = lost_writes(fault, delay, lag)
        assert told.title == (
            f"Acknowledged and lost: {lost[0]}, {lost[1]} and {lost[2]} writes."
        )


def test_what_a_primary_once_gave_up_it_does_not_have():
    """r1 leads again, with a log that is shorter than its own was."""
    wanted = [[("put", "x", number) for number in range(20)]]
    nodes = replicas(wanted, Mode(0, hears=2), patience=0.25, longest=0.25)
    cut = [Partition((("r1", "c1"),), at=0.2), Heal(at=0.7)]
    middle = Cluster(nodes, faults=cut, seed=7).run(until=0.9)
    leader = middle.facts(Elected)[-1].node
    faults = [*cut, Crash(leader, at=0.9), Crash("c1", at=0.9)]
    others = [each for each in ("r2", "r3") if each != leader]
    faults.append(Skew(others[0], rate=0.2))  # it is in no hurry
    trace = Cluster(nodes, faults=faults, seed=7).run(until=3.0)
    assert trace.facts(Elected)[-1].node == "r1"
    assert outcome(trace).lost == outcome(middle).lost != ()


def test_it_costs_time():
    for delay in DELAYS:
        one, two = (
            outcome(failed_over(w, "short", delay)) for w in ("nothing", "copy")
        )
        assert len(one.kept) == WRITES
        assert len(two.kept) < WRITES
    assert len(two.kept) < len(one.kept) / 5


def test_a_longer_lag_loses_more():
    for delay in DELAYS:
        lost = [len(outcome(failed_over("lag", "long", delay, g)).lost) for g in LAGS]
        assert lost == sorted(lost)
        assert lost[0] < lost[-1]


@pytest.mark.parametrize("waits", ["nothing", "copy"])
def test_the_property_says_the_same(waits):
    trace = failed_over(waits, "long")
    assert bool(judge(trace, [acknowledged_stays])[0]) is not bool(outcome(trace).lost)


@pytest.mark.parametrize("hears", [0.05, 0.1, 0.2, 0.3])
def test_a_planned_failover_loses_what_is_written_until_the_old_one_hears(hears):
    late, right = (planned(peer, hears) for peer in (GoesOnAfterRelease, Peer))
    # it hears after two messages more, and a write takes 25 ms
    assert len(lost(late)) == pytest.approx((hears + 0.02) / 0.025, abs=1)
    (_, _, _, ends), (_, _, begins, _) = acting(late)
    assert ends - begins == pytest.approx(hears, abs=0.02)
    assert lost(right) == ()
    assert len(answered(right)) > 100
    (_, _, _, ends), (_, _, begins, _) = acting(right)
    assert ends < begins
