"""Every mistake of a primary and its replicas is seen in a small run."""

import pytest
from staged import without_one

from ftlib.checking import KeyValue, linearizable
from ftlib.replication import primary_replica_mutants as room
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_mutants import SHOWN_BY, mutated
from ftlib.replication.primary_replica_properties import PROPERTIES
from ftlib.simulation import Cluster, judge

SAFETY = (*PROPERTIES, linearizable(KeyValue))


def broken(mutant, given, faults):
    trace = Cluster(mutated(mutant, given), faults=faults).run(until=4)
    return [each.name for each in judge(trace, SAFETY) if each.verdict == "violated"]


@pytest.mark.parametrize(("mutant", "shown"), SHOWN_BY.items())
def test_a_mutant_breaks_what_is_named_and_the_right_one_does_not(mutant, shown):
    given, faults, name = shown
    assert name in broken(mutant, given, faults)
    assert not broken(Replica, given, faults)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN_BY.items())
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    given, faults, name = shown
    for left_out, fewer in without_one(faults):
        assert name not in broken(mutant, given, fewer), left_out


def test_every_mutant_is_shown():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
