"""Two-phase commit, message by message: who sends what when, what is forced, what is
forgotten, and when it is all over.
"""

import hashlib
import os
import subprocess
import sys

import pytest
from commits import broken, outcomes, run

from ftlib.simulation import (
    Cluster,
    Crash,
    Deliver,
    Duplicate,
    Fire,
    Lose,
    Point,
    Recover,
    Trace,
    play,
)
from ftlib.transactions.atomic_commit import (
    FACTS,
    Applied,
    Began,
    Decided,
    Voted,
    transfer,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.two_phase import (
    MESSAGES,
    Ack,
    Coordinator,
    Decision,
    Inquiry,
    Logged,
    Participant,
    Prepare,
    Vote,
)


def lines(trace, *kinds) -> list[str]:
    """Write a run down shortly: who, what, to whom."""
    return [
        f"{event.node} {type(event.what).__name__} {event.other}"
        for event in trace.where(kind=kinds)
    ]


def written(trace, node) -> list[tuple[str, object]]:
    return [
        (event.other, getattr(event.what, "status", event.what))
        for event in trace.where(kind="write", node=node)
    ]


def ended(trace, txn="t1") -> bool:
    return any(
        event.other == f"end {txn}"
        for event in trace.where(kind="write", node=COORDINATOR)
    )


# Without faults


def test_a_commit():
    trace = run("yy")
    assert lines(trace, "send") == [
        "coordinator Prepare p1",
        "coordinator Prepare p2",
        "p1 Vote coordinator",
        "p2 Vote coordinator",
        "coordinator Decision p1",
        "coordinator Decision p2",
        "p1 Ack coordinator",
        "p2 Ack coordinator",
    ]
    assert written(trace, COORDINATOR) == [
        ("started", True),
        ("commit t1", ("p1", "p2")),
        ("end t1", True),
    ]
    assert written(trace, "p1") == [
        ("txn t1", "prepared"),
        ("txn t1", "commit"),
        ("balance a1", 70),
    ]
    assert [type(event.what) for event in trace.facts(node="p2")] == [
        Voted,
        Applied,
        Decided,
    ]
    assert not trace.where(kind="timer")


def test_an_abort_is_told_to_those_who_have_not_refused_and_to_nobody_else():
    trace = run("nyn")
    assert [event.other for event in trace.where(kind="send", what=Decision)] == [
        "p2",
        "p3",
    ]  # p3's no comes after the outcome
    assert trace.counts()["Ack"] == 0
    assert written(trace, COORDINATOR) == [("started", True)]
    assert [event.other for event in run("yyn").where(kind="send", what=Decision)] == [
        "p1",
        "p2",
    ]


def test_a_silent_participant_costs_one_time_out():
    trace = run("ys")
    assert [
        (event.node, event.other, event.time) for event in trace.where(kind="timer")
    ] == [(COORDINATOR, "votes t1", 0.5)]
    assert trace.counts() == {"Prepare": 2, "Vote": 1, "Decision": 2}
    assert outcomes(trace) == dict.fromkeys((COORDINATOR, "p1", "p2"), "abort")


@pytest.mark.parametrize("votes", ["yyy", "yny", "ysy", "n", "s"])
def test_it_ends_by_itself(votes):
    """No timer is left, nobody asks any more: without a bound in time the run comes to
    an end.
    """
    trace = Cluster(bank(votes)).run()
    assert trace.end < 1.0
    assert not broken(trace)


def test_transactions_begin_when_they_are_due():
    trace = run(
        bank(
            "yy",
            (transfer("t1", 2, at=0.5), transfer("t2", 2, at=0.25), transfer("t3", 2)),
        )
    )
    assert [(event.time, event.what.txn) for event in trace.facts(Began)] == [
        (0.0, "t3"),
        (0.25, "t2"),
        (0.5, "t1"),
    ]


# What is on disk before a message leaves


def forced_before(trace, node, kind: type) -> dict:
    """Return what the disk of a node holds when it first sends such a message."""
    disk, buffer = {}, {}
    for event in trace:
        if event.node != node:
            continue
        if event.kind == "write":
            buffer[event.other] = event.what
        elif event.kind == "force":
            disk |= buffer
        elif event.kind == "send" and isinstance(event.what, kind):
            return disk
    raise AssertionError(f"{node} sends no {kind.__name__}")


def test_what_is_forced_before_it_is_said():
    trace = run("yy")
    assert forced_before(trace, COORDINATOR, Prepare) == {"started": True}
    assert forced_before(trace, "p1", Vote)["txn t1"].status == "prepared"
    assert forced_before(trace, COORDINATOR, Decision)["commit t1"] == ("p1", "p2")
    assert forced_before(trace, "p1", Ack)["txn t1"].status == "commit"
    assert forced_before(trace, "p1", Ack)["balance a1"] == 70
    assert forced_before(run("yn"), "p2", Vote)["txn t1"] == Logged("abort")
    assert "commit t1" not in forced_before(run("yn"), COORDINATOR, Decision)


# Time-outs, and sending again


def test_a_lost_decision_is_sent_again_until_it_is_acknowledged():
    trace = run("yy", [Lose("Decision", receiver="p2"), Lose("Ack", sender="p2")])
    assert [
        event.time
        for event in trace.where(kind="send", what=Decision, node=COORDINATOR)
    ] == [0.02, 0.02, 0.52, 1.02]
    assert [event.other for event in trace.where(kind="send", what=Decision)] == [
        "p1",
        "p2",
        "p2",
        "p2",
    ]
    assert ended(trace)
    assert not broken(trace)


def test_a_lost_abort_is_asked_for():
    trace = run("yn", [Lose("Decision", receiver="p1")])
    assert lines(trace, "send")[-2:] == [
        "p1 Inquiry coordinator",
        "coordinator Decision p1",
    ]
    assert trace.where(kind="timer", node="p1")[0].other == "doubt t1"
    assert outcomes(trace)["p1"] == "abort"


def test_an_inquiry_while_votes_are_missing_is_not_answered():
    """The coordinator does not know yet; the participant asks again."""
    nodes = bank("ys", coordinator=SlowToGiveUp)
    trace = run(nodes)
    assert trace.counts() == {"Prepare": 2, "Vote": 1, "Inquiry": 3, "Decision": 2}
    assert not broken(trace)


class SlowToGiveUp(Coordinator):
    """Waits two seconds for votes."""

    def __init__(self, transactions):
        super().__init__(transactions, vote_timeout=2.0)


def test_asking_comes_after_the_coordinators_own_time_out():
    """Else every participant would ask while the answer is on its way."""
    coordinator, participant = Coordinator(), Participant()
    assert participant.lock_timeout < coordinator.vote_timeout < participant.patience


# Recovery


def test_recovery_says_again_what_the_log_says():
    trace = run(
        "yn",
        [
            Crash("p2", at=1.0),
            Recover("p2", at=2.0),
            Crash("p1", at=1.0),
            Recover("p1", at=2.0),
        ],
    )
    assert [event.what for event in trace.facts(node="p2") if event.time >= 2.0] == [
        Decided("t1", "abort")
    ]
    assert [event.what for event in trace.facts(node="p1") if event.time >= 2.0] == [
        Voted("t1", "yes"),
        Decided("t1", "abort"),
    ]
    trace = run("yy", [Crash("p1", at=1.0), Recover("p1", at=2.0)])
    assert [
        type(event.what) for event in trace.facts(node="p1") if event.time >= 2.0
    ] == [Applied, Decided]
    assert not [event for event in trace.where(kind="send") if event.time >= 2.0]


def test_a_coordinator_sends_its_commits_again_and_knows_nothing_of_its_aborts():
    down = [Crash(COORDINATOR, at=1.0), Recover(COORDINATOR, at=2.0)]
    trace = run("yy", down)  # "end" was not forced
    assert [event.time for event in trace.where(kind="send", what=Decision)][2:] == [
        2.0,
        2.0,
    ]
    assert [
        event.what for event in trace.facts(node=COORDINATOR) if event.time >= 2.0
    ] == [Decided("t1", "commit")]
    trace = run("yn", down)
    assert not [event for event in trace if event.time > 2.0]


def test_what_has_ended_is_not_sent_again_once_that_is_on_disk():
    trace = run(
        bank("yy", (transfer("t1", 2), transfer("t2", 2, at=0.5))),
        [Crash(COORDINATOR, at=1.0), Recover(COORDINATOR, at=2.0)],
    )
    assert {
        event.what.txn for event in trace.where(kind="send", what=Decision, since=2.0)
    } == {"t2"}


def test_nothing_is_begun_after_a_recovery():
    nodes = bank("yy", (transfer("t1", 2, at=1.0),))
    assert not run(
        nodes, [Crash(COORDINATOR, at=0.5), Recover(COORDINATOR, at=0.6)]
    ).facts(Began)
    assert run(nodes, [Crash(COORDINATOR, at=0), Recover(COORDINATOR, at=0.5)]).facts(
        Began
    )  # it had not even started


# Forgetting


def test_late_copies_after_the_end_hear_abort_and_do_no_harm():
    """Nothing in the log is presumed aborted; a participant that has committed does not
    listen.
    """
    trace = run(
        "yy",
        [
            Lose("Decision", receiver="p1"),
            Lose("Decision", nth=3),
            Duplicate("Inquiry", later=3.0),
        ],
    )
    assert ended(trace)
    assert trace.where(kind="send", what=Decision)[-1].what == Decision("t1", "abort")
    assert outcomes(trace) == dict.fromkeys((COORDINATOR, "p1", "p2"), "commit")
    assert not broken(trace)


def test_nothing_is_forgotten_before_the_last_acknowledgement():
    trace = run("yyy", [Lose("Ack", sender="p2", nth=None)])
    assert not ended(trace)
    assert {
        event.other for event in trace.where(kind="send", what=Decision, since=0.1)
    } == {"p2"}
    assert not broken(trace)


# As data


def test_a_script_plays_any_order():
    """The vote time-out fires while the last vote is on its way."""
    script = [
        Deliver("Prepare", receiver="p1"),
        Deliver("Prepare", receiver="p2"),
        Deliver("Vote", sender="p2"),
        Fire(COORDINATOR, "votes t1"),
        Deliver("Vote", sender="p1"),
        Fire("p2", "doubt t1"),
        Deliver("Inquiry"),
        Deliver("Decision", receiver="p1"),
        Deliver("Decision", receiver="p2", nth=2),
    ]
    trace = play(Cluster(bank("yy")), script)
    assert outcomes(trace) == dict.fromkeys((COORDINATOR, "p1", "p2"), "abort")
    assert not broken(trace)


def test_a_trace_survives_json():
    trace = run(
        "yny", [Crash("p1", at=Point("p1", "send", "Vote")), Recover("p1", at=1.0)]
    )
    assert Trace.from_json(trace.to_json(), [*MESSAGES, *FACTS, Logged]) == trace


PROGRAM = """
from ftlib.simulation import Cluster, Crash, Network, Recover, Uniform
from ftlib.transactions.bank import bank
from ftlib.transactions.cooperative import CooperativeParticipant
network = Network(latency=Uniform(0.001, 0.2), loss=0.1, duplicate=0.1)
faults = [Crash("coordinator", at=0.3), Recover("coordinator", at=2.0)]
faults += [Crash("p2", at=0.2), Recover("p2", at=1.0)]
nodes = bank("yyyy", participant=CooperativeParticipant)
cluster = Cluster(nodes, network=network, faults=faults, seed=7)
print(cluster.run(until=9).to_json(), end="")
"""


def test_same_bytes_under_every_hash_seed():
    digests = set()
    for hash_seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            capture_output=True,
            check=True,
        )
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1


def test_messages_are_listed():
    sent = {
        type(event.what)
        for event in run("yy", [Lose("Decision")], until=3).where(kind="send")
    }
    assert sent <= set(MESSAGES)
    assert Inquiry in MESSAGES
