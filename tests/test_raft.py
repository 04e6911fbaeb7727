"""Raft, by the sections and figures of Ongaro and Ousterhout (2014): what it promises
holds in every run within a bound, and in runs under every kind of fault; reads; its
look.
"""

import pytest

from ftlib.checking import ClusterModel, KeyValue, explore, linearizable
from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import Applied, Committed, Deposed
from ftlib.consensus.raft_properties import PROPERTIES, while_a_majority_is_up
from ftlib.consensus.raft_reads import ReadIndex
from ftlib.consensus.raft_worlds import DEAR, FIGURE_8, LIVELY, TWO
from ftlib.drawing import spacetime
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.services import Elected
from ftlib.simulation import Cluster, Crash, Partition, Recover, judge

WRITES = tuple(("append", "x", letter) for letter in "abcd")
READS = (("get", "x"),) * 4
SAFETY = (*PROPERTIES, linearizable(KeyValue))


def run(wanted=(), servers=3, until=4.0, faults=(), seed=0, server=Raft):
    nodes = raft_servers(wanted, servers, server=server)
    return Cluster(nodes, faults=faults, seed=seed).run(until=until)


def broken(trace, properties=SAFETY):
    return [each.name for each in judge(trace, properties) if each.verdict != "holds"]


def test_section_5_2_one_leader_is_elected_and_stays():
    trace = run(until=3)
    (elected,) = trace.facts(Elected)
    assert elected.what == Elected(1)
    assert not broken(trace)


def test_section_5_2_the_leader_crashes_and_another_one_is_elected():
    first = run().facts(Elected)[0]
    trace = run(faults=[Crash(first.node, at=1.0), Recover(first.node, at=2.0)])
    first, second = trace.facts(Elected)[:2]
    assert second.node != first.node
    assert second.what.epoch > first.what.epoch
    assert 1.0 < second.time < 2.0


def test_section_5_2_no_leader_without_a_majority():
    trace = run(servers=4, faults=[Partition((("s1", "s2"), ("s3", "s4")))])
    assert not trace.facts(Elected)


def test_section_5_3_commands_are_applied_everywhere_in_the_same_order():
    trace = run([WRITES, WRITES])
    applied = {
        server: [e.what for e in trace.facts(Applied) if e.node == server]
        for server in ("s1", "s2", "s3")
    }
    assert applied["s1"] == applied["s2"] == applied["s3"]
    assert len(applied["s1"]) == 8
    assert not broken(trace)


def test_section_5_3_commands_that_come_meanwhile_share_the_next_append_entries():
    def sent(clients):
        trace = run([[("put", f"k{c}", 1)] for c in range(clients)], until=2.0)
        return trace.counts()["AppendEntries"]

    assert sent(16) < sent(1) + 16


def test_section_5_4_a_deposed_leader_gives_way():
    first = run().facts(Elected)[0].node
    rest = tuple(each for each in ("s1", "s2", "s3") if each != first)
    trace = run([WRITES], faults=[Partition(((first,), (*rest, "c1")), at=0.5)])
    assert trace.facts(Elected)[-1].node in rest
    assert not trace.facts(Deposed)  # it cannot know
    assert not broken(trace)


def test_section_5_5_a_minority_may_be_down():
    for server in ("s1", "s2", "s3"):
        trace = run([WRITES], until=8.0, faults=[Crash(server, at=0.35)])
        live = while_a_majority_is_up(3, 8.0)
        assert not broken(trace, (*SAFETY, live))
    down = [Crash("s1", at=0.1), Crash("s2", at=0.1)]
    trace = run([WRITES], until=8.0, faults=down)
    (finding,) = judge(trace, [live])
    assert (finding.verdict, finding.reason) == (
        "unknown",
        "s1, s2 are down at the end: no majority is up",
    )


def test_figure_3_holds_in_every_run_that_begins_as_figure_8():
    model = ClusterModel(
        raft_servers(TWO, longest=0.1), PROPERTIES, **LIVELY, settled=FIGURE_8
    )
    found = explore(model)
    assert found.complete
    assert not found.violations


@pytest.mark.slow
@pytest.mark.parametrize("world", DEAR, ids=lambda world: world.case)
def test_figure_3_holds_in_elections_of_two_terms_with_a_crash(world):
    found = explore(ClusterModel(world.groups[0], world.properties, **world.bound))
    assert found.complete
    assert not found.violations


@pytest.mark.parametrize("server", [Raft, ReadIndex])
def test_section_8_clients_see_one_copy_whatever_fails(server):
    for seed in range(6):
        faults = [
            Crash("s1", at=0.3 + seed / 20),
            Recover("s1", at=1.0),
            Partition((("s2", "c2"),), at=1.5),
        ]
        assert not broken(run([WRITES, READS], 3, 4.0, faults, seed, server))


def test_section_8_a_read_costs_no_entry():
    trace = run([READS], server=ReadIndex)
    assert [event.what[1] for event in trace.where(kind="return")] == [None] * 4
    assert {event.what.command for event in trace.facts(Applied)} == {None}
    (committed,) = trace.facts(Committed)
    assert committed.what == Committed(1, 1)


def test_a_heartbeat_must_be_faster_than_an_election():
    with pytest.raises(ValueError, match=r"heartbeat is 0\.2"):
        Raft(("s1",), heartbeat=0.2)
    with pytest.raises(ValueError, match="servers is 0"):
        raft_servers(servers=0)


def test_one_server_alone_commits_what_it_has_stored():
    trace = run([WRITES], servers=1)
    assert len(trace.facts(Committed)) == 4
    assert not broken(trace)


def test_a_run_can_be_drawn():
    story = repr(spacetime(run([WRITES[:1]], until=0.6), look=RAFT_LOOK))
    for words in ("is the leader of term 1", "applies entry 1", "votes for"):
        assert words in story
