"""Beyond the failure model: strangers, wiped disks, readers without locks. What still
holds, and what cannot.
"""

from functools import partial

import pytest
from commits import UNTIL, broken, crash, crash_points, outcomes, run

from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Node,
    Point,
    Recover,
    Uniform,
    judge,
)
from ftlib.simulation.network import Network
from ftlib.transactions.atomic_commit import PROPERTIES, Transaction, transfer
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.mutants import AlwaysAborts
from ftlib.transactions.reader import Reader, whole_reads
from ftlib.transactions.two_phase import Ack, Decision, Inquiry, Participant, Vote

# Strangers: a message may come from somebody who takes no part


class Stranger(Node):
    """Sends one message to everybody, again and again."""

    MESSAGES = (Vote, Ack, Inquiry, Decision)

    def __init__(self, to=(), message=None):
        self.to = to
        self.message = message

    def on_start(self):
        for step in range(60):
            self.set_timer(str(step), 0.001 + step / 200)

    def on_timer(self, name):
        for node in self.to:
            self.send(node, self.message)


@pytest.mark.parametrize("participant", [Participant, CooperativeParticipant])
@pytest.mark.parametrize(
    "message",
    [
        Vote("t1", "yes"),
        Vote("t1", "no"),
        Vote("t9", "yes"),
        Ack("t1"),
        Ack("t9"),
        Inquiry("t9"),
        Decision("t9", "abort"),
    ],
)
@pytest.mark.parametrize("votes", ["yy", "ys"])
def test_strangers_do_not_count(votes, message, participant):
    nodes = bank(votes, participant=participant)
    trace = run(nodes | {"x": partial(Stranger, tuple(nodes), message)})
    assert not broken(trace)
    assert set(outcomes(trace).values()) == {"commit" if votes == "yy" else "abort"}


def test_a_strangers_acknowledgement_does_not_make_the_coordinator_forget():
    nodes = bank("yy") | {"x": partial(Stranger, (COORDINATOR,), Ack("t1"))}
    trace = run(
        nodes, [Crash("p2", at=Point("p2", "send", "Vote")), Recover("p2", at=2.0)]
    )
    assert not broken(trace)
    assert outcomes(trace)["p2"] == "commit"


def test_whoever_has_not_voted_takes_any_abort():
    """A stranger cannot make it commit, and may make it abort: so it does, for good."""
    trace = run(
        bank("yy") | {"x": partial(Stranger, ("p1",), Decision("t1", "abort"))},
        network=Network(links={("x", "p1"): 0.0}),
    )
    assert outcomes(trace) == dict.fromkeys((COORDINATOR, "p1", "p2"), "abort")
    trace = run(
        bank("yn") | {"x": partial(Stranger, ("p1",), Decision("t2", "commit"))}
    )
    assert outcomes(trace, "t2") == {}


# Wiped disks


@pytest.mark.parametrize("votes", ["yy", "yn"])
def test_a_participants_wiped_disk_breaks_no_agreement(votes):
    """It forgets its promise, but the others still agree; that it never decides again
    is what termination says.
    """
    nodes = bank(votes)
    for after in crash_points(nodes, "p1"):
        for back in (0.005, 0.1, 1.0):
            faults = [
                Crash("p1", at=0, after=after),
                Recover("p1", at=Point("p1", "crash", later=back), disk="wiped"),
            ]
            assert broken(run(nodes, faults)) <= {"termination"}


def test_a_participants_wiped_disk_breaks_its_promise():
    faults = [
        Crash("p1", at=Point("p1", "send", "Vote")),
        Recover("p1", at=0.2, disk="wiped"),
    ]
    trace = run("yy", faults)
    assert outcomes(trace) == {COORDINATOR: "commit", "p2": "commit"}
    assert broken(trace) == {
        "termination"
    }  # the coordinator goes on telling it, and it does not know of what
    assert trace.where(kind="send", what=Decision)[-1].time > UNTIL - 1


def test_a_peer_with_a_wiped_disk_refuses_what_it_has_promised():
    """Why cooperative termination needs disks that last: p1 is asked, finds nothing,
    and refuses what p3 has committed.
    """
    faults = [
        Crash(COORDINATOR, at=Point(COORDINATOR, "send", "Decision", nth=2)),
        Crash("p1", at=0.04),
        Recover("p1", at=0.05, disk="wiped"),
        Crash("p2", at=0.04),
        Recover("p2", at=3.0),
    ]
    trace = run(bank("yyy", participant=CooperativeParticipant), faults)
    assert "agreement" in broken(trace)
    kept = [
        fault if getattr(fault, "disk", "kept") == "kept" else Recover("p1", at=0.05)
        for fault in faults
    ]
    assert not broken(run(bank("yyy", participant=CooperativeParticipant), kept))


def test_a_coordinators_wiped_disk_breaks_everything():
    """It forgets a commit, presumes abort, and begins again."""
    nodes = bank("yy")
    found = set()
    for after in crash_points(nodes, COORDINATOR):
        faults = [
            Crash(COORDINATOR, at=0, after=after),
            Recover(
                COORDINATOR, at=Point(COORDINATOR, "crash", later=0.1), disk="wiped"
            ),
        ]
        found |= broken(run(nodes, faults))
        assert not broken(run(nodes, crash(COORDINATOR, after)))
    assert found == {"agreement", "stability", "conserved total"}


# Readers without locks


def reading(at: float, accounts=(("p1", "a1"), ("p2", "a2"))) -> dict:
    return bank("yy") | {"reader": partial(Reader, accounts, at)}


def seen(trace) -> list[int]:
    return [event.what[1] for event in trace.where(kind="return")]


def test_reads_before_and_after_are_whole():
    for at in (0.0, 0.5):
        trace = run(reading(at))
        assert seen(trace) == [200]
        assert all(judge(trace, [whole_reads(200)]))


def test_a_reader_sees_half_a_transfer_though_nothing_fails():
    """p1 has applied what p2 has not: atomic commit is no isolation."""
    slow = Network(links={(COORDINATOR, "p2"): 0.05})
    trace = Cluster(reading(0.08), network=slow).run(until=UNTIL)
    assert seen(trace) == [170]
    (finding,) = judge(trace, [whole_reads(200)])
    assert finding.verdict == "violated"
    assert finding.reason == "reader read a total of 170, not 200"
    assert finding.event.kind == "return"
    assert not broken(trace)  # and every promise of atomic commit is kept


def test_how_often_a_reader_sees_half():
    half = sum(
        seen(
            Cluster(
                reading(0.03), network=Network(latency=Uniform(0.005, 0.02)), seed=seed
            ).run(until=1.0)
        )
        != [200]
        for seed in range(50)
    )
    assert 5 < half < 45


def test_a_reader_tells_accounts_of_one_name_apart():
    same = Transaction("t1", (("p1", "a", -30), ("p2", "a", 30)))
    nodes = {
        COORDINATOR: bank("yy", (same,))[COORDINATOR],
        "p1": partial(Participant, (("a", 100),)),
        "p2": partial(Participant, (("a", 100),)),
        "reader": partial(Reader, (("p1", "a"), ("p2", "a")), 1.0),
    }
    trace = run(nodes, [Duplicate("Value", nth=None, later=0.1)])
    assert seen(trace) == [200]


def test_a_reader_whose_participant_is_down_has_not_returned():
    trace = run(reading(0.5), [Crash("p2", at=0.2)])
    assert trace.counts("call") == {"tuple": 1}
    assert seen(trace) == []
    assert all(judge(trace, [whole_reads(200)]))


def test_a_reader_is_no_excuse_for_an_abort():
    """Its timer is no time-out of a transaction."""
    nodes = bank("yy", (transfer("t1", 2, at=1.0),), coordinator=AlwaysAborts) | {
        "reader": partial(Reader, (("p1", "a1"),), 0.5)
    }
    assert broken(run(nodes), PROPERTIES) == {"non-triviality"}
