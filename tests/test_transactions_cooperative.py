"""Cooperative termination: what asking the peers solves, what it cannot solve, and the
ways to get it wrong.
"""

from functools import partial

import pytest
from commits import (
    ALL,
    UNTIL,
    WITHIN,
    broken,
    crash,
    crash_points,
    messages,
    outcomes,
    run,
    sweep,
)

from ftlib.simulation import (
    Crash,
    Cut,
    Duplicate,
    Heal,
    Lose,
    Partition,
    Point,
    Recover,
    Schedule,
    Slow,
    judge,
)
from ftlib.transactions.atomic_commit import (
    ABORT,
    Transaction,
    Voted,
    Waits,
    nonblocking,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.cooperative import CooperativeParticipant, InDoubt
from ftlib.transactions.two_phase import Coordinator, Decision, Inquiry, Participant

LIVE = nonblocking(WITHIN, UNTIL)
DEAD = Crash(
    COORDINATOR, at=Point(COORDINATOR, "send", "Decision")
)  # it has told p1, and nobody else


def coop(votes: str, participant=CooperativeParticipant) -> dict:
    return bank(votes, participant=participant)


def live(trace) -> str:
    return judge(trace, [LIVE])[0].verdict


# What it solves


def test_one_peer_knows():
    trace = run(coop("yyyy"), [DEAD])
    assert outcomes(trace) == dict.fromkeys(
        (COORDINATOR, "p1", "p2", "p3", "p4"), "commit"
    )
    assert live(trace) == "holds"
    assert not broken(trace)
    assert live(run("yyyy", [DEAD])) == "violated"  # without asking peers


def test_one_peer_has_not_voted():
    """Prepare to p3 is lost and the coordinator is gone: p3 refuses, which is an
    outcome.
    """
    faults = [Lose("Prepare", receiver="p3"), Crash(COORDINATOR, at=0.015)]
    trace = run(coop("yyy"), faults)
    assert outcomes(trace) == dict.fromkeys(("p1", "p2", "p3"), "abort")
    assert [event.what for event in trace.facts(Voted, node="p3")] == [
        Voted("t1", "no")
    ]
    assert live(trace) == "holds"
    assert not broken(trace)
    assert live(run("yyy", faults)) == "violated"


def test_one_peer_has_refused():
    faults = [Crash(COORDINATOR, at=0.015)]
    trace = run(coop("yny"), faults)
    assert outcomes(trace) == dict.fromkeys(("p1", "p2", "p3"), "abort")
    assert live(run("yny", faults)) == "violated"


def test_one_peer_is_silent():
    trace = run(coop("yys"), [Crash(COORDINATOR, at=0.015)])
    assert outcomes(trace) == dict.fromkeys(("p1", "p2", "p3"), "abort")
    assert not broken(trace)


def test_one_peer_waits_for_a_lock():
    """p2 is asked about t2 while it waits for the lock that t1 holds: it refuses at
    once, and no time-out comes after.
    """
    nodes = bank(
        "yy",
        participant=partial(CooperativeParticipant, lock_timeout=5.0, patience=0.7),
    )
    del nodes[COORDINATOR]
    held = pay("t1", ("p2", "a2"), ("p1", "b1"))
    asked = pay("t2", ("p1", "a1"), ("p2", "a2"), at=0.1)
    nodes |= {"c1": partial(Coordinator, (held,)), "c2": partial(Coordinator, (asked,))}
    trace = run(
        nodes,
        [
            Crash("c1", at=0.015),
            Crash("c2", at=0.115),
            Recover("c1", at=8.0),
            Recover("c2", at=8.0),
        ],
    )
    assert [event.what for event in trace.facts(Waits)] == [Waits("t2", "a2", "t1")]
    assert outcomes(
        trace[: next(event.index for event in trace.where(kind="recover"))], "t2"
    ) == {"p1": "abort", "p2": "abort"}
    assert "lock t2" not in [event.other for event in trace.where(kind="timer")]
    assert not broken(trace)


def pay(name, payer, payee, at=0.0):
    return Transaction(name, ((*payer, -10), (*payee, 10)), at)


def test_a_committed_peer_that_comes_back_tells():
    """p1 knows, but is down for a while: the others wait for it, not for the
    coordinator.
    """
    trace = run(
        coop("yyy"),
        [DEAD, Crash("p1", at=Point("p1", "fact", "Applied")), Recover("p1", at=3.0)],
    )
    assert outcomes(trace) == dict.fromkeys((COORDINATOR, "p1", "p2", "p3"), "commit")
    assert not broken(trace)


def test_it_costs_nothing_while_nothing_fails():
    assert run(coop("yyy")).counts() == run("yyy").counts()
    assert run(coop("yyn")).counts() == run("yyn").counts()


def test_inquiries_in_doubt():
    """One to the coordinator and one to each peer, in each round; those in doubt say
    so.
    """
    trace = run(coop("yyyy"), [Crash(COORDINATOR, at=0.015)], until=0.7)
    assert trace.counts()["Inquiry"] == 4 * 4
    assert trace.counts()["InDoubt"] == 4 * 3
    assert (
        run("yyyy", [Crash(COORDINATOR, at=0.015)], until=0.7).counts()["Inquiry"] == 4
    )


def test_a_peer_acknowledges_to_the_coordinator_what_it_learned_from_a_peer():
    trace = run(coop("yy"), [DEAD, Recover(COORDINATOR, at=3.0)])
    assert [
        event.what
        for event in trace.where(kind="write", node=COORDINATOR)
        if event.other == "end t1"
    ] == [True]
    assert not broken(trace)


# What it cannot solve


def test_all_in_doubt_stay_blocked():
    trace = run(coop("yyy"), [Crash(COORDINATOR, at=0.015)])
    assert outcomes(trace) == {}
    assert live(trace) == "violated"
    assert not broken(trace)  # and rightly: they may not decide


def test_the_only_one_who_knows_is_down_too():
    """Bernstein, Hadzilacos and Goodman's reason why no protocol can do better: p1 may
    have committed, and cannot be asked.
    """
    for told in (True, False):
        faults = (
            [DEAD, Crash("p1", at=Point("p1", "fact", "Decided"))]
            if told
            else [Crash("p1", at=0.02), Crash(COORDINATOR, at=0.02)]
        )
        trace = run(coop("yyy"), faults)
        assert {"p2", "p3"}.isdisjoint(outcomes(trace))
        assert live(trace) == "violated"


def test_cut_off_from_the_one_who_knows():
    trace = run(coop("yyy"), [DEAD, Partition([["p2", "p3"]], at=0.025), Heal(at=6.0)])
    assert outcomes(trace)["p3"] == "commit"
    assert trace.where(kind="deliver", what=Decision, node="p3")[0].time > 6.0
    assert not broken(trace)
    one_way = run(
        coop("yy"), [DEAD, Cut("p1", "p2", at=0.025), Recover(COORDINATOR, at=4.0)]
    )
    assert outcomes(one_way)["p2"] == "commit"


# How often: every crash point of the coordinator


def test_it_is_blocked_at_fewer_points():
    def blocked(nodes):
        return [
            after
            for after in crash_points(nodes, COORDINATOR)
            if live(run(nodes, crash(COORDINATOR, after, None))) == "violated"
        ]

    assert blocked(bank("yyy")) == list(
        range(4, 14)
    )  # from the first Prepare until all are told
    assert blocked(coop("yyy")) == list(
        range(6, 12)
    )  # from the third Prepare until one is told


# How to get it wrong


class RefusesLazily(CooperativeParticipant):
    """Says abort for a transaction that it has not voted on, and keeps no record of
    having said so.
    """

    def answer(self, peer, txn):
        if self.log(txn).status == "unknown":
            self.send(peer, Decision(txn, ABORT))
        else:
            super().answer(peer, txn)


class PeersDecide(CooperativeParticipant):
    """Takes it for an abort that a peer is in doubt as well."""

    def on_message(self, sender, message):
        match message:
            case InDoubt(txn):
                self.learn(sender, txn, ABORT)
            case _:
                super().on_message(sender, message)


class RefusesInDoubt(CooperativeParticipant):
    """Says abort when asked, although it has promised to commit."""

    def answer(self, peer, txn):
        if self.log(txn).status == "prepared":
            self.send(peer, Decision(txn, ABORT))
        else:
            super().answer(peer, txn)


class HoldsItsTongue(CooperativeParticipant):
    """Asks, and does not answer."""

    def answer(self, peer, txn):
        pass


LATE = [
    Slow((COORDINATOR, "p2"), by=0.7, until=0.005)
]  # p1 asks p2 before Prepare has reached it
TOLD_P1 = [
    DEAD,
    Crash("p1", at=Point("p1", "fact", "Decided")),
    Recover("p1", at=3.0),
    Recover(COORDINATOR, at=4.0),
]
MISTAKES = [
    (RefusesLazily, LATE, {"agreement", "conserved total", "stability"}),
    (PeersDecide, TOLD_P1, {"agreement", "conserved total"}),
    (RefusesInDoubt, TOLD_P1, {"agreement", "conserved total"}),
]


@pytest.mark.parametrize(("mutant", "faults", "names"), MISTAKES)
def test_mistakes_break_agreement(mutant, faults, names):
    def nodes(participant):
        return bank(
            "yyy",
            participant=participant,
            coordinator=partial(Coordinator, vote_timeout=2.0),
        )

    trace = run(nodes(mutant), faults)
    assert "agreement" in broken(trace)
    assert broken(trace) <= names
    assert not broken(run(nodes(CooperativeParticipant), faults))


def test_one_that_does_not_answer_is_no_better_than_none():
    assert live(run(coop("yyy", HoldsItsTongue), [DEAD])) == "violated"
    assert not broken(run(coop("yyy", HoldsItsTongue), [DEAD]))


@pytest.mark.parametrize("votes", ["yy", "yn", "ys"])
def test_every_crash_of_the_coordinator_with_a_message_lost_or_late(votes):
    nodes = coop(votes)

    def schedules():
        for after in crash_points(nodes, COORDINATOR):
            down = crash(COORDINATOR, after, 1.5)
            for name, nth in messages(nodes, down):
                if nth <= 4:
                    yield Schedule([*down, Lose(name, nth=nth)])
                    yield Schedule([*down, Duplicate(name, nth=nth, later=2.0)])

    number, first = sweep(nodes, schedules(), ALL)
    assert not first
    assert number > 90


def test_messages_of_both():
    assert InDoubt in CooperativeParticipant.MESSAGES
    assert Inquiry in CooperativeParticipant.MESSAGES
    assert InDoubt not in Participant.MESSAGES
