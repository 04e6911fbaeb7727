"""The judges of distributed transactions: what they accept, what they refuse, why."""

import pytest
from exercises.answers import refused

from ftlib.analysis.commit import lock_times
from ftlib.exercises import judge_highest_rate, judge_messages, judge_nobody_tells
from ftlib.exercises.distributed_transactions import GIVEN
from ftlib.simulation import Crash, Heal, Lose, Partition, Point, Recover, Slow
from ftlib.transactions.atomic_commit import Decided, Transaction, Waits

# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [20, 20.0])
def test_the_messages_of_an_abort(number):
    assert judge_messages(number)


def test_no_number_yet():
    assert judge_messages(None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (28, "abort"),
        (21, "p3 has aborted"),
        (14, "in doubt"),
        (26, "not acknowledged"),
        (19, "left out"),
        (13, "left out"),
        (0, "left out"),
        (-7, "left out"),
        (float("nan"), "another number"),
        (float("inf"), "another number"),
        (True, "give a number"),
        ("20", "give a number"),
    ],
)
def test_another_number(number, word):
    refused(judge_messages(number), word)


# 2 ------------------------------------------------------------------------------------

COMMITS = Point("p1", "fact", "Decided")


@pytest.mark.parametrize(
    "faults",
    [
        [GIVEN, Crash("p1", at=COMMITS)],
        [GIVEN, Partition([["p1"]], at=COMMITS)],
        [GIVEN, Lose("Decision", sender="p1", nth=None)],
        [Crash("p1", at=Point("p1", "send", "Ack")), GIVEN],
        [GIVEN, Crash("p1", at=0.04), Recover("p1", at=0.05), Crash("p1", at=0.055)],
    ],
)
def test_nobody_tells(faults):
    answer = judge_nobody_tells(faults)
    assert answer, answer
    assert answer.picture.steps > 5


@pytest.mark.parametrize("faults", [None, [], [GIVEN], (GIVEN,)])
def test_no_fault_added(faults):
    assert judge_nobody_tells(faults).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        ([GIVEN, Crash("p1", at=0.025)], "p1 has not committed"),
        ([GIVEN, Lose("Decision")], "p1 has not committed"),
        ([GIVEN, Crash("p2", at=0.035)], "p2 is down"),
        ([GIVEN, Crash("p1", at=COMMITS), Recover("p1", at=6)], "decided"),
        ([GIVEN, Crash("p1", at=COMMITS), Recover("p1", at=39.99)], "still a fault"),
        ([GIVEN, Crash("p1", at=COMMITS), Recover("p1", at=99)], "never takes effect"),
        ([GIVEN, Partition([["p1"]], at=COMMITS), Heal(at=30)], "p2 is not in doubt"),
        ([GIVEN, Slow("p1", by=100, at=COMMITS)], "only delays"),
        ([GIVEN, Lose("Decision", sender="p1")], "not in doubt"),
        (
            [GIVEN, Crash("p1", at=COMMITS), Recover("p1", at=1, disk="wiped")],
            "takes a disk away",
        ),
        ([Crash("p1", at=COMMITS)], "not in doubt"),
        ([GIVEN, GIVEN, "Crash"], "something else"),
        ("crash p1", "a list of faults"),
    ],
)
def test_somebody_tells(faults, word):
    refused(judge_nobody_tells(faults), word if word != "decided" else "not in doubt")


# 3 ------------------------------------------------------------------------------------


def transfers(gap, number=20):
    moved = (("p1", "a1", -1), ("p2", "a2", 1))
    return [Transaction(f"t{k}", moved, at=gap * k) for k in range(1, number + 1)]


def halving(run):
    short, enough = 0.0, 1.0
    for _ in range(12):
        gap = (short + enough) / 2
        waits = run(transfers(gap)).facts(Waits)
        short, enough = (gap, enough) if waits else (short, gap)
    return 1 / enough


def step_by_step(run):
    rate = 1.0
    while not run(transfers(1 / rate)).facts(Waits):
        rate *= 1.08
    return rate / 1.04


@pytest.mark.parametrize("measure", [halving, step_by_step])
def test_a_rate_is_measured(measure):
    answer = judge_highest_rate(measure)
    assert answer, answer


def untouched(run):
    return None


@pytest.mark.parametrize("measure", [None, untouched])
def test_nothing_is_measured_yet(measure):
    assert judge_highest_rate(measure).verdict == "not attempted"


def formula(run):
    return 1 / (2 * 0.02 + 3 * 0.002)


def locked(run):
    return 1 / max(span.seconds for span in lock_times(run(transfers(1, 1))))


def locked_and_looked(run):
    run(transfers(1))
    return locked(run)


def two_only(run):
    gap = 1.0
    while not run(transfers(gap, 2)).facts(Waits):
        gap /= 1.04
    return 1 / (gap * 1.02)


def coarse(run):
    gap = 1.0
    while not run(transfers(gap)).facts(Waits):
        gap /= 2
    return 1 / gap


def cautious(run):
    return halving(run) / 2


def _decided(run, rate):
    return run(transfers(1 / rate)).facts(Decided)


def aborts(run):
    rate = 1.0
    while all(
        fact.what.outcome == "commit"
        for fact in run(transfers(1 / rate)).facts(Decided)
    ):
        rate *= 1.2
    return rate


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (formula, ["not measured"]),
        (lambda run: 125, ["one waits"]),
        (locked, ["not measured", "claim"]),
        (locked_and_looked, ["not measured", "claim"]),
        (two_only, ["one waits"]),
        (coarse, ["one waits"]),
        (cautious, ["nobody waits"]),
        (lambda run: 1 / halving(run), ["the distance"]),
        (aborts, ["one waits"]),
        (lambda run: "fast", ["return a number"]),
        (lambda run: float("inf"), ["no rate"]),
        (lambda run: -3, ["no rate"]),
        (lambda run: run(20), ["an error"]),
        (lambda run: run([20]), ["a list of Transaction"]),
        (lambda: 3, ["TypeError"]),
        (lambda run: [run(transfers(1)) for _ in range(500)], ["more than 100 runs"]),
        (0.02, ["hand in a function"]),
    ],
)
def test_a_rate_is_refused(measure, words):
    refused(judge_highest_rate(measure), *words)


def test_a_loop_without_end():
    def waits(run):
        while True:
            pass

    refused(judge_highest_rate(waits), "does not end")
