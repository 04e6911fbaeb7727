"""Snapshots of Raft, by section 7 of Ongaro and Ousterhout (2014): the log stays short,
a server that lacks too much is sent one, and no request is executed twice.
"""

from functools import partial

import pytest

from ftlib.checking import KeyValue, linearizable
from ftlib.consensus import raft_servers
from ftlib.consensus import raft_snapshots_mutants as room
from ftlib.consensus.raft_messages import Applied
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_snapshots import Installed, InstallSnapshot, Snapshots
from ftlib.drawing import spacetime
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.services import Recovered
from ftlib.simulation import Cluster, Crash, Heal, Partition, Recover, judge
from tools.trust.planted import cast, mutants
from tools.trust.verdicts import explored

WRITES = tuple(("append", "x", letter) for letter in "abcdefgh")
SAFETY = (*PROPERTIES, linearizable(KeyValue))
AWAY = [Partition((("s2",),), at=0.4), Heal(at=1.2)]
BACK = [Crash("s1", at=1.5), Recover("s1", at=2.0)]


def run(faults=(), every=3, until=6.0, seed=0, wanted=(WRITES, WRITES)):
    nodes = raft_servers(wanted, server=partial(Snapshots, every=every))
    return Cluster(nodes, faults=faults, seed=seed).run(until=until)


def test_section_7_a_server_that_lacks_too_much_is_sent_a_snapshot():
    for seed in range(4):
        trace = run([*AWAY, *BACK], seed=seed)
        assert trace.counts()["InstallSnapshot"]
        assert trace.facts(Installed, node="s2")
        assert len(trace.where(kind="return")) == 16
        assert not [each for each in judge(trace, SAFETY) if not each]


def test_section_7_what_a_snapshot_stands_for_is_not_applied_again():
    trace = run(BACK)
    (before, after) = (event.what for event in trace.facts(Recovered, node="s1"))
    assert before.snapshot.index == 0
    assert after.snapshot.index == 15
    assert len(after.entries) < 3
    back = trace.facts(Recovered, node="s1")[-1].time
    later = [e.what.index for e in trace.facts(Applied, node="s1") if e.time > back]
    assert later == [16]


def test_section_7_logs_stay_short():
    kept = {
        every: len(run(BACK, every).facts(Recovered, node="s1")[-1].what.entries)
        for every in (2, 5, 64)
    }
    assert kept[64] == 16
    assert max(kept[2], kept[5]) < 5


def test_an_old_snapshot_changes_nothing():
    """It is answered all the same: the logs do agree up to there."""
    trace = run(AWAY)
    sent = [event.what for event in trace.where(kind="send")]
    assert len([each for each in sent if isinstance(each, InstallSnapshot)]) > len(
        trace.facts(Installed)
    )


@pytest.mark.parametrize(
    "mutant", list(mutants(room)), ids=lambda mutant: mutant.kind.__name__
)
def test_every_mistake_is_found_in_under_twenty_steps(mutant):
    (world,) = mutant.worlds
    found = explored(world, lambda group: cast(group, mutant.sound, mutant.kind))
    assert found.failed[mutant.breaks] < 20
    assert not explored(world).failed


def test_a_run_can_be_drawn():
    story = repr(spacetime(run(AWAY, until=2.2), look=RAFT_LOOK))
    assert "takes over a snapshot of entries 1 to" in story


def test_every_must_be_a_number():
    with pytest.raises(ValueError, match="every is 0"):
        Snapshots(("s1",), every=0)
