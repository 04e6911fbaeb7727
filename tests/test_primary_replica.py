"""A primary and its replicas lose no acknowledged write in the modes that promise it,
and some in the one that does not.
"""

import pytest

from ftlib.checking import KeyValue, linearizable
from ftlib.checking.search import find
from ftlib.drawing import spacetime
from ftlib.drawing.looks.replication import REPLICATION_LOOK
from ftlib.replication import Mode, replicas
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_properties import (
    PROPERTIES,
    READS,
    acknowledged_stays,
)
from ftlib.services import Elected, Executed, Stored, Truncated
from ftlib.simulation import Cluster, Crash, Heal, Partition, Point, Recover, judge

MEMBERS = ("r1", "r2", "r3")
WRITES = tuple(("append", "x", letter) for letter in "abcdefgh")
READ = (("get", "x"),) * 8
SAFETY = (*PROPERTIES, *READS, linearizable(KeyValue))
PROMISING = [Mode(0), Mode(1), Mode(2)]


def searched(mode, seeds, properties=SAFETY):
    group = replicas((WRITES, READ), mode)
    return find(
        group, properties, until=2, most=4, seeds=range(seeds), crashing=MEMBERS
    )


@pytest.mark.parametrize("mode", PROMISING, ids=str)
def test_no_acknowledged_write_is_lost(mode):
    assert searched(mode, 20) is None


@pytest.mark.slow
@pytest.mark.parametrize("mode", PROMISING, ids=str)
def test_no_acknowledged_write_is_lost_in_many_runs(mode):
    assert searched(mode, 10_000 // len(PROMISING) + 1) is None


def test_a_takeover_that_guesses_loses_what_was_acknowledged():
    found = searched(Mode(0, hears=2), 300, (acknowledged_stays,))
    assert found.finding.name == "acknowledged stays"
    assert found.trace.facts(Elected)[-1].what.epoch > 1


def test_a_cut_primary_acknowledges_nothing_and_discards_its_suffix():
    faults = [Partition((("r1", "c1"),), at=0.1), Heal(at=1.0)]
    group = replicas((WRITES, READ), Mode(1))
    trace = Cluster(group, faults=faults).run(until=4)
    assert all(judge(trace, SAFETY))
    assert [event.node for event in trace.facts(Elected)][1:2] != ["r1"]
    assert {event.node for event in trace.facts(Truncated)} == {"r1"}
    assert len(trace.where(kind="return")) == 16
    logs = {
        node: {
            event.what.index: event.what
            for event in trace.facts(Stored)
            if event.node == node
        }
        for node in MEMBERS
    }
    assert logs["r1"] == logs["r2"] == logs["r3"]


def test_a_replica_that_was_away_catches_up_by_a_snapshot():
    faults = [
        Crash("r3", at=Point("r3", "send", "Ack")),
        Recover("r3", at=1.0),
    ]
    group = replicas((WRITES, READ), Mode(1), (), 3)
    trace = Cluster(group, faults=faults).run(until=4)
    assert all(judge(trace, SAFETY))
    assert trace.counts()["Install"] > 0
    last = [e.what.index for e in trace.facts(Stored) if e.node == "r2"][-1]
    assert [e.what.index for e in trace.facts(Stored) if e.node == "r3"][-1] == last
    executed = [event for event in trace.facts(Executed) if event.node == "r3"]
    assert executed[-1].what.position == 16


def test_a_synchronous_mode_waits_for_a_replica_that_is_down():
    faults = [Crash("r3", at=0.05)]
    trace = Cluster(replicas((WRITES,), Mode(2)), faults=faults).run(until=3)
    assert len(trace.where(kind="return")) < len(WRITES)


@pytest.mark.parametrize("given", [(3, 2), (-1, 2), (0, 0), (1, 2, 4), (1, 2, 0)])
def test_a_mode_that_cannot_be_is_refused(given):
    with pytest.raises(ValueError, match="give"):
        Mode(*given)


def test_what_may_be_lost_is_not_compacted():
    with pytest.raises(ValueError, match="compact is 1"):
        Replica(MEMBERS, Mode(0, hears=2), (), 1)


def test_a_takeover_is_told():
    faults = [Partition((("r1", "c1"),), at=0.1), Heal(at=1.0)]
    trace = Cluster(replicas((WRITES, READ), Mode(1)), faults=faults).run(until=2)
    story = repr(spacetime(trace, look=REPLICATION_LOOK))
    assert "is the primary of epoch" in story
    assert "discards its entries from" in story
