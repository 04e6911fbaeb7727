"""Every mistake in Raft is found among all runs of a world, in under twenty steps; what
breaks liveness only is found in runs. The table of the three forces.
"""

from itertools import product

import pytest
from staged import without_one

from ftlib.checking import KeyValue, find, linearizable
from ftlib.consensus import raft_mutants as room
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_mutants import BREAKS, SHOWN_BY, mutated
from ftlib.consensus.raft_properties import PROPERTIES, while_a_majority_is_up
from ftlib.consensus.raft_reads import ReadIndex
from ftlib.simulation import Cluster, judge
from tools.trust.planted import cast, mutants
from tools.trust.verdicts import explored

UNSTAGED = (  # they show in an order of messages that a few faults do not bring about
    room.CommitsOlderTerms,
    room.ChecksIndexOnly,
    room.ObeysOlderTerms,
    room.AnswersTooSoon,
)
FOUND = [each for each in mutants(room) if each.breaks != "responsive"]


def test_every_mutant_is_shown_and_every_promise_broken():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    names = {each.name for each in PROPERTIES}
    assert {*BREAKS.values()} == {*names, "linearizable", "responsive"}


DEEP = (room.CommitsOlderTerms, room.CountsMessages)  # beyond 1,000 states


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(each, marks=pytest.mark.slow) if each.kind in DEEP else each
        for each in FOUND
    ],
    ids=lambda each: each.kind.__name__,
)
def test_a_mutant_is_found_in_under_twenty_steps(mutant):
    for most, world in product((1_000, 5_000), mutant.worlds):
        found = explored(
            world,
            lambda group: cast(group, mutant.sound, mutant.kind),
            max_states=most,
            until=mutant.breaks,
        )
        if mutant.breaks in found.failed:
            assert found.failed[mutant.breaks] < 20
            return
    pytest.fail("it is found in no world")


def broken(kind, given, faults):
    until = 4.0 if kind in (room.NoNoOp, ReadIndex) else 2.0
    trace = Cluster(mutated(kind, given), faults=faults).run(until=until)
    live = while_a_majority_is_up(3, until)
    asked = (*PROPERTIES, linearizable(KeyValue), live)
    return [each.name for each in judge(trace, asked) if each.verdict == "violated"]


@pytest.mark.parametrize(
    ("mutant", "shown"),
    [each for each in SHOWN_BY.items() if each[0] not in UNSTAGED],
)
def test_a_mutant_is_shown_by_its_run(mutant, shown):
    given, faults, name = shown
    sound = ReadIndex if issubclass(mutant, ReadIndex) else Raft
    assert name in broken(mutant, given, faults)
    assert not broken(sound, given, faults)
    for left_out, fewer in without_one(faults):
        assert name not in broken(mutant, given, fewer), left_out


def test_reads_wait_for_ever_without_a_no_op():
    live = while_a_majority_is_up(3, 8.0)
    given = ((("get", "x"),),)
    found = find(
        mutated(room.NoNoOp, (given,)), [live], until=8.0, seeds=range(1), faults=()
    )
    assert found
    assert not find(
        mutated(Raft, (given,)), [live], until=8.0, seeds=range(1), faults=()
    )
