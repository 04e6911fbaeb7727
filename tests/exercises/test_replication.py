"""The judges of replication: what they accept, and what they refuse, and why."""

import math

import pytest
from exercises.answers import refused

from ftlib.exercises.replication import judge_any_two, judge_exposure, judge_too_few
from ftlib.replication import Mode
from ftlib.services import Executed, Reply, Request, Stored
from ftlib.simulation import Crash, Lose, Partition, Point, Recover, Slow

# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mode", [Mode(2, replicas=4), Mode(2, 4, hears=3), Mode(2, 5), Mode(3, 5)]
)
def test_any_two_may_crash(mode):
    answer = judge_any_two(mode)
    assert answer, answer


def test_no_mode_yet():
    assert judge_any_two(None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (Mode(1, 4), ["nobody answers"]),  # four are to be heard, and three are up
        (Mode(4, 4), ["nobody answers"]),  # a primary waits for all
        (Mode(3, 4), ["nobody answers"]),
        (Mode(0, 4, hears=3), ["r1 and r2 crash", "is lost"]),
        (Mode(2, 4, hears=2), ["is lost"]),
        (Mode(2, 5, hears=3), ["is lost"]),  # a majority of copies, and of deciders
        (Mode(2, 3), ["nobody answers"]),  # two copies, and too few nodes
        (Mode(1, 1), ["nobody answers"]),
        (Mode(3, 6), ["7 nodes"]),
        ((2, 4), ["hand in a Mode"]),
        (2, ["hand in a Mode"]),
    ],
)
def test_a_mode_is_refused(mode, words):
    answer = judge_any_two(mode)
    refused(answer, *words)
    if "nodes" not in answer.reason and isinstance(mode, Mode):
        assert answer.picture is not None


# 2 ------------------------------------------------------------------------------------

ANSWERED = Crash("r1", at=Point("r1", "send", "Reply"))


def late(*nodes, by=1.0):
    return [Slow(("r1", node), by=by) for node in nodes]


def never(*nodes):
    return [Lose("Append", sender="r1", receiver=node) for node in nodes]


LOST = [
    [*late("r2", "r3"), ANSWERED],
    [*never("r2", "r4"), ANSWERED],
    [*late("r2", "r4"), Slow(("r3", "r2"), by=1.0), Crash("r1", at=0.035)],
]


@pytest.mark.parametrize("faults", LOST)
def test_one_node_too_few_is_heard(faults):
    answer = judge_too_few(faults)
    assert answer, answer
    assert answer.picture is not None


@pytest.mark.parametrize("faults", [None, []])
def test_no_faults_yet(faults):
    assert judge_too_few(faults).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([ANSWERED], ["nothing is lost"]),
        (late("r2", "r3"), ["nothing is lost"]),
        # whoever takes over has the write, or hears who has
        ([*late("r3", "r4"), ANSWERED], ["nothing is lost"]),
        # nobody was told: done again, and found
        (
            [*late("r2", "r3"), Crash("r1", at=Point("r1", "send", "Append"))],
            ["nothing is lost"],
        ),
        ([*late("r2", "r3", "r4", by=5.0), ANSWERED], ["never takes effect"]),
        (late("r2", "r3", "r4", by=5.0), ["nothing is lost"]),
        (
            [Slow(("c1", f"r{number}"), by=9.0) for number in range(1, 5)],
            ["not been acknowledged"],
        ),
        ([*late("r2", "r3"), ANSWERED, Crash("r4", at=0.1)], ["two nodes crash"]),
        ([Partition([["r1", "c1"]])], ["neither Crash nor Slow nor Lose"]),
        ([*LOST[0], Recover("r1", at=1.0)], ["neither Crash nor Slow nor Lose"]),
        ([*LOST[0], *late("r4", by=0.001), *never("r2", "r3")], ["6 faults"]),
        ("Crash", ["list of faults"]),
        (["Crash"], ["my_faults holds"]),
    ],
)
def test_faults_are_refused(faults, words):
    refused(judge_too_few(faults), *words)


# 3 ------------------------------------------------------------------------------------


def by_node(trace, kind=Stored):
    """When each node had each write of c1."""
    found = {}
    for event in trace.facts(kind):
        match event.what:
            case Stored(value=Request("c1", number)) | Executed("c1", number):
                found.setdefault(number, {}).setdefault(event.node, event.time)
    return found


def returns(trace):
    return [event.time for event in trace.where(kind="return")]


def exposure(trace):
    have = by_node(trace)
    result = []
    for number, time in enumerate(returns(trace), 1):
        _, *others = sorted(have.get(number, {"": 0}).values())
        result.append(max(0, others[0] - time) if others else math.inf)
    return result


def scanned(trace):
    """In one pass."""
    disks, told, result = {}, {}, {}
    for event in trace:
        if event.kind == "return":
            number = len(told) + 1
            told[number] = event.time
            result[number] = 0.0 if len(disks.get(number, ())) > 1 else float("inf")
        elif event.kind == "fact" and isinstance(event.what, Stored):
            request = event.what.value
            if request is not None and request.client == "c1":
                here = disks.setdefault(request.sequence, [])
                if event.node not in here:
                    here.append(event.node)
                if len(here) == 2 and request.sequence in told:
                    result[request.sequence] = event.time - told[request.sequence]
    return tuple(result[number] for number in sorted(result))


@pytest.mark.parametrize("function", [exposure, scanned])
def test_a_right_exposure(function):
    answer = judge_exposure(function)
    assert answer, answer


def unwritten(trace):
    """Yours."""


def test_no_function_yet():
    for given in (None, unwritten):
        assert judge_exposure(given).verdict == "not attempted"


def of(kind=Stored, place=1, lowest=0.0, never=math.inf, since=returns):
    """Make a function that is wrong in one thing."""

    def wrong(trace):
        have = by_node(trace, kind)
        result = []
        for number, time in enumerate(since(trace), 1):
            times = sorted(have.get(number, {}).values())
            there = len(times) > place
            result.append(max(lowest, times[place] - time) if there else never)
        return result

    return wrong


def sent(trace):
    """When an answer was sent, not when the client had it."""
    first = {}
    for event in trace.where(kind="send", what=Reply):
        first.setdefault(event.what.sequence, event.time)
    return [first[number] for number in sorted(first)]


def called(trace):
    return [event.time for event in trace.where(kind="call")][: len(returns(trace))]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (of(kind=Executed), ["on one disk only for"]),  # visible, not durable
        (of(place=0), ["write 1", "it says 0"]),  # the first disk
        (of(place=2), ["on one disk only for"]),  # all three
        (of(lowest=-math.inf), ["on one disk only for 0 s"]),
        (of(never=0.0), ["for inf s"]),
        (of(since=sent), ["on one disk only for"]),
        (of(since=called), ["on one disk only for"]),
        (lambda trace: exposure(trace)[:-1], ["6 writes are acknowledged", "5"]),
        (lambda trace: max(exposure(trace)), ["return a list"]),
        (lambda trace: [None] * 6, ["it says None"]),
        (lambda trace: 1 / 0, ["raises an error", "ZeroDivisionError"]),
        (3, ["hand in a function"]),
    ],
)
def test_a_function_is_refused(function, words):
    refused(judge_exposure(function), *words)


def endless(trace):
    while True:
        pass


def test_a_function_without_an_end_is_refused():
    refused(judge_exposure(endless), "does not end")
