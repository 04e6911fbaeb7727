"""How far a replica is behind is read off a trace, and is right at every instant."""

import pytest

from ftlib.analysis.lag import Lag, lag
from ftlib.replication import Mode, replicas
from ftlib.services import Stored
from ftlib.simulation import Cluster, Crash, Heal, Partition, Recover

MEMBERS = ("r1", "r2", "r3")
WRITES = tuple(("append", "x", letter) for letter in "abcdefgh")


def run(mode, faults, until=3, *given):
    return Cluster(replicas((WRITES,), mode, *given), faults=faults).run(until=until)


def test_a_replica_that_is_down_falls_behind_and_catches_up():
    behind = lag(run(Mode(1), [Crash("r3", at=0.1), Recover("r3", at=1.0)]), "r3")
    at = behind.at(0.9)
    assert at == behind.longest == 8 - 2
    assert behind.at(0.0) == behind.at(2.0) == 0
    assert {each for each in behind.steps if 0.4 < each[0] < 1.0} == set()


def test_one_without_copies_is_behind_by_a_message_under_way():
    trace = run(Mode(0), [])
    for replica in ("r2", "r3"):
        assert lag(trace, replica).longest == 1
        assert lag(trace, replica).at(3.0) == 0


def test_the_mean_is_over_time():
    behind = Lag(((0.0, 0), (1.0, 4), (2.0, 0)), 4.0)
    assert behind.mean == 1.0
    assert [behind.at(time) for time in (0.5, 1.0, 1.5, 2.0, 9.0)] == [0, 4, 4, 0, 0]
    assert Lag(((0.0, 0),), 0.0).mean == 0


def test_a_suffix_of_an_old_epoch_does_not_count_as_had():
    trace = run(Mode(1), [Partition((("r1", "c1"),), at=0.1), Heal(at=1.0)])
    behind = lag(trace, "r1")
    stored = {
        node: [event.what for event in trace.facts(Stored, node) if event.time < 0.9]
        for node in MEMBERS
    }
    whole = max(stored.values(), key=lambda log: log[-1].epoch)
    shared = [entry for entry in stored["r1"] if entry in whole]
    assert len(shared) < len(stored["r1"]), "r1 has a suffix of its own"
    assert behind.at(0.9) == whole[-1].index - len(shared)
    assert behind.at(3.0) == 0


def test_what_came_by_snapshot_is_had():
    faults = [Crash("r3", at=0.1), Recover("r3", at=0.2)]
    trace = run(Mode(1), faults, 3, (), 1)
    assert trace.counts()["Install"] > 0
    assert lag(trace, "r3").at(3.0) == 0


def test_a_node_without_a_log_is_refused():
    with pytest.raises(ValueError, match="replica is 'c1': give a node"):
        lag(run(Mode(1), []), "c1")
