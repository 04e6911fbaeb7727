"""Changes of Raft's members, by chapter 4 of Ongaro (2014) and the correction of 2015:
a server comes and goes while clients write, and two leaders cannot remove each other.
"""

import pytest

from ftlib.checking import KeyValue, linearizable
from ftlib.consensus import raft_membership_mutants as room
from ftlib.consensus.raft_membership import MEMBERS, Membership, members_of
from ftlib.consensus.raft_membership_worlds import change, changing
from ftlib.consensus.raft_messages import Configured, Deposed
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.drawing import spacetime
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.services import Elected, Request
from ftlib.simulation import Cluster, Crash, Heal, Partition, Recover, judge
from tools.trust.planted import cast, mutants
from tools.trust.verdicts import explored

WRITES = tuple(("append", "x", letter) for letter in "abcdefgh")
SAFETY = (*PROPERTIES, linearizable(KeyValue))
MOVE = (
    change("s1", "s2", "s3", "s4"),
    change("s2", "s3", "s4"),
    change("s2", "s3", "s4", "s5"),
)


def run(wanted=(WRITES, MOVE), servers=5, members=3, faults=(), seed=0, until=8.0):
    nodes = changing(wanted, servers, members)
    return Cluster(nodes, faults=faults, seed=seed).run(until=until)


@pytest.mark.parametrize(
    "faults",
    [
        (),
        (Crash("s2", at=0.5), Recover("s2", at=1.5)),
        (Partition((("s1",),), at=0.4), Heal(at=1.2)),
    ],
    ids=["no fault", "a crash", "a partition"],
)
def test_section_4_1_servers_come_and_go_while_clients_write(faults):
    for seed in range(2):
        trace = run(faults=faults, seed=seed)
        assert len(trace.where(kind="return")) == 11
        assert not [each for each in judge(trace, SAFETY) if not each]
        known = {e.node: e.what.members for e in trace.facts(Configured)}
        assert known["s4"] == known["s5"] == ("s2", "s3", "s4", "s5")


def test_section_4_2_2_a_leader_that_removes_itself_steps_down():
    first = run(()).facts(Elected)[0].node
    rest = tuple(each for each in ("s1", "s2", "s3") if each != first)
    trace = run(((change(*rest),), WRITES), 3)
    deposed = trace.facts(Deposed)[0]
    elected = [event.node for event in trace.facts(Elected)]
    assert (deposed.node, elected[0]) == (first, first)
    assert len(elected) == 2
    assert elected[1] in rest
    assert len(trace.where(kind="return")) == 9


def test_who_is_no_member_starts_no_election():
    trace = run((), 5, 3, [Crash("s1", at=0.1), Crash("s2", at=0.1)])
    assert not trace.facts(Elected)
    timers = trace.where(kind="timer", node="s5")
    assert {event.other for event in timers} == {"election"}


def test_two_at_once_are_not_added():
    trace = run(((change("s1", "s2", "s3", "s4", "s5"),),), 5, 3, until=3.0)
    assert not trace.facts(Configured)
    assert not trace.where(kind="return")


def test_what_is_a_change():
    assert members_of(Request("c", 1, change("s1"))) == ("s1",)
    assert members_of(Request("c", 1, ("put", "x", ("s1",)))) is None
    assert members_of(Request("c", 1, ("get", MEMBERS))) is None
    assert members_of(None) is None


@pytest.mark.parametrize(
    "mutant", list(mutants(room)), ids=lambda mutant: mutant.kind.__name__
)
def test_every_mistake_is_found_in_under_twenty_steps(mutant):
    least = 20
    for world in mutant.worlds:
        found = explored(
            world,
            lambda group: cast(group, mutant.sound, mutant.kind),
            max_states=5_000,
            until=mutant.breaks,
        )
        least = min(least, found.failed.get(mutant.breaks, 20))
    assert least < 20


def test_a_run_can_be_drawn():
    story = repr(spacetime(run(until=2.0), look=RAFT_LOOK))
    assert "has the members s1, s2, s3, s4 from now on" in story


def test_the_first_configuration_is_given():
    assert Membership(("s1", "s2")).first == ("s1", "s2")
