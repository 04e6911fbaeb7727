"""The judge of a measured availability: what it accepts, what it refuses, why."""

from itertools import pairwise

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_part_up


def part_up(trace, servers, needed, until, *, end=True, only=True):
    """Go through the crashes and recoveries in their order."""
    up, good, since = len(servers), 0.0, 0.0
    for event in trace.where(kind=("crash", "recover")):
        if event.node in servers or not only:
            good += (event.time - since) * (up >= needed)
            up, since = up + (1 if event.kind == "recover" else -1), event.time
    if end:
        good += (until - since) * (up >= needed)
    return good / until


def by_intervals(trace, servers, needed, until):
    """Ask at the middle of each interval in which nothing happens."""
    events = [
        (event.time, event.node, event.kind)
        for event in trace.where(kind=("crash", "recover"))
    ]
    times = sorted({0.0, until} | {time for time, _, _ in events})
    total = 0.0
    for begin, end in pairwise(times):
        down = set()
        for time, node, kind in events:
            if time <= begin and node in servers:
                (down.add if kind == "crash" else down.discard)(node)
        if len(servers) - len(down) >= needed:
            total += end - begin
    return total / until


@pytest.mark.parametrize("measure", [part_up, by_intervals])
def test_a_measure(measure):
    answer = judge_part_up(measure)
    assert answer, answer


@pytest.mark.parametrize("measure", [None, lambda trace, servers, needed, until: None])
def test_no_measure_yet(measure):
    assert judge_part_up(measure).verdict == "not attempted"


def average(trace, servers, needed, until):
    parts = [part_up(trace, (server,), 1, until) for server in servers]
    return sum(parts) / len(parts)


def down(trace, servers, needed, until):
    return 1 - part_up(trace, servers, needed, until)


def per_cent(trace, servers, needed, until):
    return 100 * part_up(trace, servers, needed, until)


def seconds(trace, servers, needed, until):
    return until * part_up(trace, servers, needed, until)


def the_formula(trace, servers, needed, until):
    return 0.972


def ended(trace, servers, needed, until):
    """Pairs crashes with recoveries, and forgets the crash that has none."""
    crashes = {
        each: [e.time for e in trace.where(kind="crash", node=each)] for each in servers
    }
    backs = {
        each: [e.time for e in trace.where(kind="recover", node=each)]
        for each in servers
    }
    events = [(0.0, 0), (until, 0)]
    for each in servers:
        for begin, end in zip(crashes[each], backs[each], strict=False):
            events += [(begin, -1), (end, 1)]
    total, up = 0.0, len(servers)
    events.sort()
    for (time, change), (after, _) in pairwise(events):
        up += change
        total += (after - time) * (up >= needed)
    return total / until


def all_needed(trace, servers, needed, until):
    return part_up(trace, servers, len(servers), until)


def any_enough(trace, servers, needed, until):
    return part_up(trace, servers, 1, until)


def everybody(trace, servers, needed, until):
    return part_up(trace, servers, needed, until, only=False)


def half(trace, servers, needed, until):
    """Stops at the last crash or recovery."""
    return part_up(trace, servers, needed, until, end=False)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (average, ["average of the servers"]),
        (down, ["in which they are not"]),
        (per_cent, ["per cent"]),
        (seconds, ["in seconds"]),
        (ended, ["has not ended"]),
        (all_needed, ["all of them are needed"]),
        (any_enough, ["any one is enough"]),
        (everybody, ["nodes that are no servers"]),
        (half, ["returns 0.0000"]),
        (the_formula, ["returns 0.9720"]),
        (lambda trace, servers, needed, until: "all", ["a number from 0 to 1"]),
        (lambda trace, servers, needed, until: True, ["a number from 0 to 1"]),
        (lambda trace: 1.0, ["raises an error"]),
        (0.97, ["hand in a function"]),
    ],
)
def test_a_measure_is_refused(measure, words):
    refused(judge_part_up(measure), *words)


def test_the_run_is_shown():
    answer = judge_part_up(average)
    assert "Crash" in answer.evidence
    assert answer.picture.steps
