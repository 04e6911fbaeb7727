"""Every promise of registers on quorums has a mutant that breaks it in a small run.
That each is found among all runs of a world, too, is tried by the page of trust.
"""

import pytest
from staged import without_one

from ftlib.checking import KeyValue, linearizable
from ftlib.replication import quorum_mutants as room
from ftlib.replication.quorum import AtomicClient, StorageNode
from ftlib.replication.quorum_mutants import BREAKS, SHOWN_BY, mutated
from ftlib.replication.quorum_properties import PROPERTIES, handed_off, on_a_quorum
from ftlib.replication.sloppy import SloppyClient, SloppyNode
from ftlib.replication.tombstones import CollectingNode
from ftlib.services import responsive
from ftlib.simulation import Cluster, judge
from ftlib.simulation.world import UNTIL

PROMISED = (
    *PROPERTIES,
    on_a_quorum(2),
    linearizable(KeyValue),
    responsive(2, UNTIL),
    handed_off(2, UNTIL),
)
ROLES = (SloppyClient, AtomicClient, SloppyNode, CollectingNode, StorageNode)
SHOWN = list(SHOWN_BY.items())


def role(mutant):
    return next(each for each in ROLES if issubclass(mutant, each))


def broken(mutant, given, faults):
    trace = Cluster(mutated(mutant, given), faults=faults).run(until=UNTIL)
    findings = judge(trace, PROMISED)
    return [each.name for each in findings if each.verdict == "violated"]


def test_every_mutant_is_shown():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    assert {*BREAKS.values(), "regular"} == {each.name for each in PROMISED}


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_the_property_that_is_named(mutant, shown):
    given, faults, name = shown
    assert name in broken(mutant, given, faults)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_the_right_one_keeps_everything_under_the_same_faults(mutant, shown):
    given, faults, _ = shown
    assert not broken(role(mutant), given, faults)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    given, faults, name = shown
    for left_out, fewer in without_one(faults):
        assert name not in broken(mutant, given, fewer), left_out
