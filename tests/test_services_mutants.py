"""Every promise of what servers share has a mutant that breaks it in a small run. That
each is found among all runs of a world, too, is tried by the page of trust.
"""

import pytest
from staged import without_one

from ftlib.checking import KeyValue, linearizable
from ftlib.services import PROPERTIES, Client, Elector, Keeper, Server, responsive
from ftlib.services import mutants as room
from ftlib.services.mutants import BREAKS, SHOWN_BY, mutated
from ftlib.simulation import Cluster, judge

UNTIL = 30.0
SAFETY = (*PROPERTIES, linearizable(KeyValue))
ROLES = (Client, Server, Elector, Keeper)
SHOWN = list(SHOWN_BY.items())


def role(mutant):
    return next(each for each in ROLES if issubclass(mutant, each))


def broken(mutant, given, faults):
    trace = Cluster(mutated(mutant, given), faults=faults).run(until=UNTIL)
    findings = judge(trace, (*SAFETY, responsive(2, UNTIL)))
    return [each.name for each in findings if each.verdict == "violated"]


def test_every_mutant_is_shown():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    names = {*(each.name for each in SAFETY), "responsive"}
    assert set(BREAKS.values()) == names


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
