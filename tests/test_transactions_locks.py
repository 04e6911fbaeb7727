"""Several transactions on the same accounts: locks held in doubt, waiting, time-outs,
deadlocks, crashes.
"""

from functools import partial

import pytest
from commits import audit, broken, crash, crash_points, outcomes, run

from ftlib.simulation import Crash, Duplicate, Lose, Network, Point, Recover
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    Decided,
    Transaction,
    Voted,
    Waits,
    transfer,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.two_phase import Coordinator, Logged, Participant, Prepare, Vote


def two(
    first: Transaction,
    second: Transaction,
    participant=Participant,
    balance=100,
    **options,
) -> dict:
    """One coordinator for each of two transactions; p1 and p2 with accounts a1 and
    a2.
    """
    return {
        "c1": partial(Coordinator, (first,)),
        "c2": partial(Coordinator, (second,)),
        "p1": partial(participant, (("a1", balance),), **options),
        "p2": partial(participant, (("a2", balance),), **options),
    }


def pay(name: str, at: float = 0.0, amount: int = 30) -> Transaction:
    return Transaction(name, (("p1", "a1", -amount), ("p2", "a2", amount)), at)


def balances(trace) -> dict[str, int]:
    """Return the last balances written."""
    return {
        event.other.removeprefix("balance "): event.what
        for event in trace.where(kind="write")
        if "balance" in event.other
    }


def waits(trace) -> list[tuple[str, str, str]]:
    return [
        (event.node, event.what.txn, event.what.holder) for event in trace.facts(Waits)
    ]


# Waiting


def test_the_second_waits_for_the_first_and_then_commits():
    trace = run(bank("yy", (pay("t1"), pay("t2", at=0.015))))
    assert waits(trace) == [("p1", "t2", "t1"), ("p2", "t2", "t1")]
    assert (
        set(outcomes(trace, "t1").values())
        == set(outcomes(trace, "t2").values())
        == {"commit"}
    )
    assert [event.other for event in trace.where(kind="timer")] == [
        "begin t2"
    ]  # no time-out had to help
    assert balances(trace) == {"a1": 40, "a2": 160}
    assert not broken(trace)


def test_those_that_wait_are_served_in_order():
    trace = run(bank("yy", tuple(pay(f"t{k}", at=0.001 * k) for k in range(1, 5))))
    votes = [event.what.txn for event in trace.facts(Voted, node="p1")]
    assert votes == ["t1", "t2", "t3", "t4"]
    assert {outcomes(trace, name)["p1"] for name in votes[:3]} == {"commit"}
    assert outcomes(trace, "t4") == dict.fromkeys(
        (COORDINATOR, "p1", "p2"), "abort"
    )  # 30 too little by then
    assert not broken(trace)


def test_other_accounts_of_the_same_participant_are_free():
    elsewhere = Transaction("t2", (("p1", "b1", 0), ("p2", "b2", 0)), at=0.015)
    trace = run(bank("yy", (pay("t1"), elsewhere)))
    assert not trace.facts(Waits)
    assert set(outcomes(trace, "t2").values()) == {"commit"}


def test_one_that_waits_and_is_aborted_meanwhile_is_forgotten():
    """p3 refuses t2 while p1 still waits for the lock: no vote of p1 and no time-out of
    its lock follows.
    """
    blocked = Transaction("t2", (("p1", "a1", -10), ("p3", "a3", 10)), at=0.1)
    nodes = bank("yyn", (blocked,)) | {"c1": partial(Coordinator, (pay("t1"),))}
    trace = run(nodes, [Crash("c1", at=0.015), Recover("c1", at=2.0)])
    assert waits(trace) == [("p1", "t2", "t1")]
    assert outcomes(trace, "t2") == dict.fromkeys((COORDINATOR, "p1", "p3"), "abort")
    assert "lock t2" not in [event.other for event in trace.where(kind="timer")]
    assert not [
        event for event in trace.facts(Voted, node="p1") if event.what.txn == "t2"
    ]
    assert not broken(trace)


@pytest.mark.parametrize("participant", [Participant, CooperativeParticipant])
def test_a_lock_held_in_doubt_makes_others_time_out(participant):
    """The coordinator of t1 is down: t1 keeps its locks, t2 gives up, t3 comes when all
    is well again.
    """
    nodes = two(pay("t1"), pay("t2", at=0.1), participant) | {
        "c3": partial(Coordinator, (pay("t3", at=6.0),))
    }
    trace = run(nodes, [Crash("c1", at=0.015), Recover("c1", at=4.0)])
    assert waits(trace) == [("p1", "t2", "t1"), ("p2", "t2", "t1")]
    assert [
        event.other for event in trace.where(kind="timer", node="p1", until=0.5)
    ] == ["lock t2"]
    assert outcomes(trace, "t1") == dict.fromkeys(("p1", "p2"), "abort")
    assert outcomes(trace, "t2") == dict.fromkeys(("c2", "p1", "p2"), "abort")
    assert outcomes(trace, "t3") == dict.fromkeys(("c3", "p1", "p2"), "commit")
    assert not broken(trace)


def test_a_second_prepare_of_one_that_waits_changes_nothing():
    trace = run(
        bank("yy", (pay("t1"), pay("t2", at=0.015))),
        [Duplicate("Prepare", nth=None, later=0.001)],
    )
    assert len(trace.facts(Waits)) == 2
    assert set(outcomes(trace, "t2").values()) == {"commit"}
    assert not broken(trace)


# Deadlock

OPPOSITE = Network(links={("c1", "p2"): 0.05, ("c2", "p1"): 0.05})


def test_a_deadlock_ends_by_time_out():
    """Each holds what the other wants: both have voted on one side, and wait on the
    other.
    """
    trace = run(two(pay("t1"), pay("t2")), network=OPPOSITE)
    assert waits(trace) == [("p1", "t2", "t1"), ("p2", "t1", "t2")] or waits(trace) == [
        ("p2", "t1", "t2"),
        ("p1", "t2", "t1"),
    ]
    assert set(outcomes(trace, "t1").values()) | set(
        outcomes(trace, "t2").values()
    ) == {"abort"}
    assert not broken(trace)


def test_a_deadlock_of_which_one_is_patient():
    """Only one side times out: the other transaction commits."""
    nodes = two(pay("t1"), pay("t2"))
    nodes["p1"] = partial(Participant, (("a1", 100),), lock_timeout=0.1)
    trace = run(nodes, network=OPPOSITE)
    assert set(outcomes(trace, "t1").values()) == {"commit"}
    assert set(outcomes(trace, "t2").values()) == {"abort"}
    assert not broken(trace)


@pytest.mark.parametrize("node", ["c1", "p1", "p2"])
def test_a_deadlock_with_a_crash_anywhere(node):
    nodes = two(pay("t1"), pay("t2"))
    for after in crash_points_in(nodes, node, network=OPPOSITE):
        for back in (0.05, 0.5, 2.0):
            assert not broken(run(nodes, crash(node, after, back), network=OPPOSITE)), (
                after,
                back,
            )


def crash_points_in(nodes, node, **options) -> range:
    for after in range(200):
        if not run(nodes, [Crash(node, at=0, after=after)], **options).where(
            kind="crash"
        ):
            return range(after)
    raise AssertionError


# Balances


def test_too_little_money_is_a_no():
    trace = run(bank("yy", (pay("t1", amount=101),)))
    assert [event.what for event in trace.facts(Voted)] == [
        Voted("t1", "no"),
        Voted("t1", "yes"),
    ]
    assert set(outcomes(trace).values()) == {"abort"}
    assert balances(trace) == {}
    assert set(outcomes(run(bank("yy", (pay("t1", amount=100),)))).values()) == {
        "commit"
    }


def test_money_promised_is_not_promised_twice():
    trace = run(bank("yy", (pay("t1", amount=60), pay("t2", at=0.015, amount=60))))
    assert set(outcomes(trace, "t1").values()) == {"commit"}
    assert set(outcomes(trace, "t2").values()) == {"abort"}
    assert balances(trace) == {"a1": 40, "a2": 160}


def test_the_total_is_judged_transaction_by_transaction():
    class PaysOnce(Participant):
        """Forgets what it owes in the second transaction."""

        def apply(self, txn, entry):
            changes = (
                entry.changes
                if txn == "t1"
                else tuple(
                    (account, max(0, amount)) for account, amount in entry.changes
                )
            )
            super().apply(
                txn,
                Logged(entry.status, entry.coordinator, entry.participants, changes),
            )

    trace = run(bank("yy", (pay("t1"), pay("t2", at=1.0)), participant=PaysOnce))
    assert "conserved total" in broken(trace)
    assert "conserved total" not in broken(
        trace[: next(e.index for e in trace.facts(Voted) if e.what.txn == "t2")]
    )


# Crashes


@pytest.mark.parametrize("participant", [Participant, CooperativeParticipant])
@pytest.mark.parametrize("at", [0.0, 0.015, 0.1])
def test_two_transactions_and_a_crash_anywhere(at, participant):
    nodes = two(pay("t1", amount=60), pay("t2", at=at, amount=60), participant)
    for node in nodes:
        for after in crash_points(nodes, node):
            for back in (0.05, 1.0):
                assert not broken(run(nodes, crash(node, after, back))), (
                    node,
                    after,
                    back,
                )


def find(participant) -> set[str]:
    """Crash p1 at every effect while c1 is down, so that it is in doubt when it comes
    back and t2 comes.
    """
    nodes = two(pay("t1", amount=60), pay("t2", at=0.8, amount=60), participant)
    found = set()
    for down in ([], [Crash("c1", at=0.015), Recover("c1", at=1.4)]):
        for after in range(20):
            found |= broken(run(nodes, [*down, *crash("p1", after, 0.3)]))
    return found


class ForgetsLocks(Participant):
    """Recovers its promises, but not their locks."""

    def recover(self):
        super().recover()
        self.locks = {}


class UnlocksAtVote(Participant):
    """Releases its locks when it has voted."""

    def prepare(self, coordinator, message):
        super().prepare(coordinator, message)
        self.locks = {}


def test_locks_are_kept_in_doubt_and_over_a_crash():
    assert find(Participant) == set()
    assert find(ForgetsLocks) == {"audit"}
    assert find(UnlocksAtVote) == {"audit"}


def test_a_lazy_abort_is_on_disk_before_its_lock_protects_another():
    """t1 is aborted without a force; the force of t2's promise takes it along, so no
    crash brings both promises back.
    """
    nodes = bank("yyn", (transfer("t1", 3), pay("t2", at=0.1)))
    for after in crash_points(nodes, "p1"):
        trace = run(nodes, crash("p1", after))
        assert audit(trace) is None
        assert not broken(trace)


class LazyRefusal(Participant):
    """Votes no before its abort is on disk."""

    def veto(self, txn):
        self.disk.write(f"txn {txn}", Logged(ABORT))
        self.record(Voted(txn, "no"))
        self.record(Decided(txn, ABORT))


@pytest.mark.parametrize(
    ("participant", "harm"),
    [(Participant, set()), (LazyRefusal, {"agreement", "stability"})],
)
def test_why_a_refusal_is_forced(participant, harm):
    """p1 refuses t2, because t1 holds the lock; its vote is lost and it crashes; t1
    ends; then a second copy of Prepare comes.
    """
    nodes = two(pay("t1"), pay("t2", at=0.02), participant)
    faults = [
        Lose(
            "Decision", sender="c1", receiver="p1"
        ),  # so that t1 holds its lock longer
        Duplicate("Prepare", sender="c2", receiver="p1", later=0.68),
        Lose("Vote", sender="p1", receiver="c2"),
        Crash("p1", at=Point("p1", "send", "c2")),
        Recover("p1", at=Point("p1", "crash", later=0.02)),
    ]
    nodes["c2"] = partial(Coordinator, (pay("t2", at=0.02),), vote_timeout=2.0)
    trace = run(nodes, faults)
    assert broken(trace) == harm
    assert outcomes(trace, "t1") == dict.fromkeys(("c1", "p1", "p2"), COMMIT)


def test_a_prepare_after_its_abort_finds_a_no():
    """The coordinator's abort overtakes its Prepare."""
    slow = Network(links={(COORDINATOR, "p2"): 0.01})
    trace = run(
        "nyy",
        [
            Lose("Prepare", receiver="p2"),
            Duplicate("Prepare", receiver="p2", later=1.0),
        ],
        network=slow,
    )
    assert [
        event.what.vote for event in trace.where(kind="send", node="p2", what=Vote)
    ] == ["no"]
    assert not trace.facts(Voted, node="p2")  # it had decided by then
    assert len(trace.where(kind="deliver", node="p2", what=Prepare)) == 1
    assert not broken(trace)
