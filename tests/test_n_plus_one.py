"""Any of N + 1 nodes takes over: the lowest id is enough where silence is a crash, and
a majority where it may be anything.
"""

from itertools import combinations

import pytest
from staged import without_one

from ftlib.checking import KeyValue, linearizable
from ftlib.replication import n_plus_one_mutants as room
from ftlib.replication.n_plus_one import LowestId, n_plus_one
from ftlib.replication.n_plus_one_mutants import BOTH, SHOWN_BY, mutated
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_properties import PROPERTIES
from ftlib.services import Elected
from ftlib.simulation import Cluster, Crash, Heal, Partition, Recover, judge

SAFETY = (*PROPERTIES, linearizable(KeyValue))
WRITES = tuple(("append", "x", letter) for letter in "abcdefghijklmnop")


def run(nodes, faults):
    return Cluster(nodes, faults=faults).run(until=4)


def broken(nodes, faults):
    trace = run(nodes, faults)
    return [each.name for each in judge(trace, SAFETY) if each.verdict == "violated"]


def sound(mutant):
    return LowestId if issubclass(mutant, LowestId) else Replica


# How many crashes ---------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("member", "survives"),
    [(LowestId, lambda number: number), (Replica, lambda number: number // 2)],
)
def test_how_many_crashes_a_rule_survives(member, survives, number):
    """Whichever nodes crash, up to so many, everything is answered and nothing is lost;
    with one more, some of them stop it, and still nothing is lost.
    """
    wanted = WRITES[:8]
    nodes = n_plus_one([wanted], number, member=member)
    members = [name for name in nodes if name.startswith("r")]
    for crashes in range(number + 1):
        served = []
        for gone in combinations(members, crashes):
            trace = run(nodes, [Crash(each, at=0.05) for each in gone])
            served.append(len(trace.where(kind="return")) == len(wanted))
            findings = judge(trace, SAFETY)
            assert "violated" not in [each.verdict for each in findings], gone
        assert all(served) == (crashes <= survives(number)), crashes


# What breaks the lowest id, and not the majority --------------------------------------

BOTH_WRITE = WRITES[:8], WRITES[8:]
CUTS = [
    [Partition((("r1", "c1"),), at=0.05), Heal(at=0.8)],
    [Partition((("r3", "c2"),), at=0.05), Heal(at=1.5)],
]


@pytest.mark.parametrize("faults", CUTS)
def test_a_cut_breaks_the_lowest_id(faults):
    assert "acknowledged stays" in broken(
        n_plus_one(BOTH_WRITE, member=LowestId), faults
    )
    assert not broken(n_plus_one(BOTH_WRITE), faults)


@pytest.mark.parametrize("number", [2, 3, 4])
def test_a_node_that_has_been_away_has_the_lowest_id(number):
    faults = [Crash("r1", at=0.03), Recover("r1", at=0.6)]
    wanted = [WRITES * 4]
    lost = broken(n_plus_one(wanted, number, member=LowestId), faults)
    assert "acknowledged stays" in lost
    assert not broken(n_plus_one(wanted, number), faults)


def test_the_lowest_id_that_is_up_takes_over():
    nodes = n_plus_one([WRITES], 4, member=LowestId)
    trace = run(nodes, [Crash(each, at=0.1) for each in ("r1", "r2", "r4")])
    assert [event.node for event in trace.facts(Elected)] == ["r1", "r3"]


# Mutants ------------------------------------------------------------------------------


@pytest.mark.parametrize(("mutant", "shown"), SHOWN_BY.items())
def test_a_mutant_breaks_what_is_named_and_the_right_one_does_not(mutant, shown):
    given, faults, name = shown
    assert name in broken(mutated(mutant, given), faults)
    assert not broken(mutated(sound(mutant), given), faults)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN_BY.items())
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    given, faults, name = shown
    for left_out, fewer in without_one(faults):
        assert name not in broken(mutated(mutant, given), fewer), left_out


def test_every_mutant_is_shown():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}


def test_a_group_of_none():
    with pytest.raises(ValueError, match="replicas 0"):
        n_plus_one(BOTH, 0)
