"""Pre-vote and check-quorum, by the sections of Ongaro (2014): what they promise holds,
every mistake is found, and what they cost.
"""

import pytest

from ftlib.checking import KeyValue, linearizable
from ftlib.consensus import raft_pre_vote_mutants as room
from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import Deposed
from ftlib.consensus.raft_pre_vote import CheckQuorum, PreVote
from ftlib.consensus.raft_pre_vote_properties import LED, OFFICE
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.drawing import spacetime
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.services import Elected
from ftlib.simulation import Cluster, Cut, Heal, Partition, judge
from tools.trust.planted import cast, mutants
from tools.trust.verdicts import explored

WRITES = tuple(("append", "x", letter) for letter in "abcd")
ALL = (*PROPERTIES, *LED, *OFFICE, linearizable(KeyValue))


def run(server, faults=(), wanted=(), servers=3, until=3.0, seed=0):
    nodes = raft_servers(wanted, servers, server=server)
    return Cluster(nodes, faults=faults, seed=seed).run(until=until)


def elections(trace):
    return [(event.node, event.what.epoch) for event in trace.facts(Elected)]


FIRST = {server: elections(run(server))[0][0] for server in (Raft, PreVote)}
FIRST[CheckQuorum] = elections(run(CheckQuorum))[0][0]


@pytest.mark.parametrize("server", [PreVote, CheckQuorum])
def test_section_9_6_a_server_that_comes_back_deposes_nobody(server):
    def away(kind):
        others = [each for each in ("s1", "s2", "s3") if each != FIRST[kind]]
        gone = [Partition(((others[0],),), at=0.6), Heal(at=2.0)]
        return elections(run(kind, gone, until=4.0))

    assert len(away(Raft)) > 1
    assert len(away(server)) == 1


def test_section_6_2_a_leader_without_a_majority_steps_down():
    for kind, leaders in ((PreVote, 0), (CheckQuorum, 1)):
        alone = [Partition(((FIRST[kind],),), at=0.6)]
        trace = run(kind, alone)
        (first, *_), second = elections(trace)
        assert second[0] != first
        deposed = [e.node for e in trace.facts(Deposed)]
        assert deposed == [first] * leaders
    (down,) = trace.facts(Deposed)
    assert down.time < 0.6 + 0.01 + 2 * 0.15


def test_a_leader_that_one_follower_hears_blocks_all_without_check_quorum():
    """All reach s1 and nobody else, and another one leads."""
    for kind, after in ((Raft, True), (PreVote, False), (CheckQuorum, True)):
        names = ("s1", "s2", "s3", "s4", "s5")
        for seed in range(50):
            leader = elections(run(kind, servers=5, until=0.6, seed=seed))[-1][0]
            if leader != "s1":
                break
        faults = [
            Cut(one, other, at=0.6)
            for one in names[1:]
            for other in names[1:]
            if one != other
        ]
        trace = run(kind, faults, servers=5, until=5.0, seed=seed)
        later = [e.node for e in trace.facts(Elected) if e.time > 0.7]
        assert (later[-1:] == ["s1"]) is after
        assert not [each for each in judge(trace, PROPERTIES) if not each]


@pytest.mark.parametrize("server", [PreVote, CheckQuorum])
def test_clients_see_one_copy_whatever_fails(server):
    asked = ALL if server is CheckQuorum else ALL[:-3] + ALL[-1:]
    for seed in range(4):
        cut = [Partition((("s2", "c2"),), at=0.5 + seed / 20), Heal(at=1.5)]
        trace = run(server, cut, (WRITES, WRITES), until=5.0, seed=seed)
        assert len(trace.where(kind="return")) == 8
        assert not [each for each in judge(trace, asked) if not each]


def test_an_election_costs_one_round_more_and_nothing_else():
    def until_elected(server):
        trace = run(server, until=1.0)
        (elected,) = trace.facts(Elected)
        return trace[: elected.index].counts()

    plain, asked = until_elected(Raft), until_elected(PreVote)
    assert plain["RequestVote"] == asked["RequestVote"] == 2
    assert asked["RequestPreVote"] == 2
    for server in (PreVote, CheckQuorum):
        assert elections(run(server, servers=1)) == [("s1", 1)]


@pytest.mark.parametrize(
    "mutant", list(mutants(room)), ids=lambda mutant: mutant.kind.__name__
)
def test_every_mistake_is_found_in_under_twenty_steps(mutant):
    for world in mutant.worlds:
        found = explored(
            world,
            lambda group: cast(group, mutant.sound, mutant.kind),
            max_states=5_000,
            until=mutant.breaks,
        )
        if mutant.breaks in found.failed:
            assert found.failed[mutant.breaks] < 20
            return
    pytest.fail("it is found in no world")


def test_a_run_can_be_drawn():
    story = repr(spacetime(run(CheckQuorum, until=0.6), look=RAFT_LOOK))
    assert "would vote for" in story
    assert "hears from the leader of term 1" in story


def test_every_promise_is_broken_by_a_mutant():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(room.SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    assert {*room.BREAKS.values()} == {each.name for each in (*LED, *OFFICE)}
