"""Modes of replication live through the same faults, and what is counted is right."""

import math

import pytest

from ftlib.analysis.modes import (
    FAULTS,
    PATIENT,
    Quorums,
    faults,
    live_through,
    lived,
    measure,
)
from ftlib.analysis.modes_measured import MEASURED, RUNS
from ftlib.figures.replication_modes import NAMES, READS, found, modes
from ftlib.replication import Mode
from ftlib.simulation import Crash

R, N = ["r1", "r2", "r3"], ["n1", "n2", "n3"]
GUESSES = Mode(0, hears=2)


@pytest.mark.parametrize("kind", FAULTS)
def test_the_same_strikes_whatever_the_nodes_are_called(kind):
    for seed in range(20):
        one, other = faults(kind, R, seed), faults(kind, N, seed)
        assert str(one).replace("'r", "'n") == str(other)
        assert one != faults(kind, R, seed + 100) or kind == "a far node"


def test_a_machine_stops_amid_what_it_does():
    drawn = [faults("a death", R, seed) for seed in range(300)]
    crashes = [fault for schedule in drawn for fault in schedule]
    assert all(isinstance(fault, Crash) for fault in crashes)
    assert {fault.node for fault in crashes} == {*R}
    assert {fault.after for fault in crashes} == {*range(12)}


def test_who_crashes_once_is_back_after_half_a_second():
    trace = live_through(Mode(1), "crashes", 3)
    gone = {event.node: event.time for event in trace.where(kind="crash")}
    back = {event.node: event.time for event in trace.where(kind="recover")}
    assert {*gone} == {*back} == {*R}
    for node, time in gone.items():
        assert back[node] == pytest.approx(time + 0.5)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind is 'fire': give one of crashes"):
        faults("fire", R, 1)


def keys(trace, up):
    """What is returned by a client, and the logs by a rule of the test's own."""
    logs = {node: {} for node in up}
    for event in trace.where(kind=("write", "fact")):
        if event.node not in logs:
            continue
        if event.kind == "write" and str(event.other).startswith("log entry "):
            place = int(str(event.other).removeprefix("log entry "))
            logs[event.node][place] = event.what
    return logs


def test_what_is_lost_is_on_no_disk_in_the_end():
    """By the disks alone: what a write puts at a place of the log stays until another
    is put there.
    """
    losses = 0
    # in the last the primary has discarded it, and is the primary again in the end
    runs = [("a cut", seed, False) for seed in range(12)] + [("crashes", 23, True)]
    for kind, seed, anywhere in runs:
        trace = live_through(GUESSES, kind, seed, anywhere=anywhere)
        counted = lived(trace)
        logs = keys(trace, R)
        on_disk = [
            {e.value.operation[1] for e in log.values() if e and e.value}
            for log in logs.values()
        ]
        acknowledged = {
            e.what[0][1] for e in trace.where(kind="return") if e.what[0][0] == "put"
        }
        kept = set.union(*on_disk)
        assert counted.acknowledged == len(acknowledged)
        assert counted.lost == len(acknowledged - kept), seed
        losses += counted.lost
    assert losses > 0


def test_a_read_that_misses_what_is_lost_is_not_stale():
    missed = stale = 0
    for seed in range(12):
        trace = live_through(GUESSES, "a cut", seed, anywhere=True)
        results = [event.what for event in trace.where(kind="return")]
        missed += sum(got is None for (kind, *_), got in results if kind == "get")
        stale += lived(trace).stale
    assert missed > stale > 0


@pytest.mark.parametrize("mode", [Mode(0), Mode(1), Mode(2), Quorums(3, 2)])
@pytest.mark.parametrize("kind", FAULTS)
def test_modes_that_promise_lose_nothing_and_are_fresh(mode, kind):
    for seed in range(2):
        found = lived(live_through(mode, kind, seed))
        assert (found.lost, found.stale) == (0, 0)
        assert found.acknowledged > 0 < found.answered
        assert 0 <= found.without < 1


def test_to_be_without_service_is_to_wait_too_long():
    """Two copies are asked for, and one of the three nodes is gone: writes end."""
    seed = next(s for s in range(99) if faults("a death", R, s)[0].node == "r3")
    trace = live_through(Mode(2), "a death", seed)
    crash = trace.where(kind="crash")[0].time
    share = lived(trace).without
    assert share == pytest.approx(1 - (crash + PATIENT) / trace.end, abs=0.05)
    assert lived(live_through(Mode(1), "a far node", 1)).without == 0


def test_runs_are_what_is_counted():
    many = measure(Mode(1), "a far node", 30)
    assert (many.lost.trials, many.lost.successes) == (30, 0)
    assert many.stale.value == many.without.value == 0
    assert many.latency.low < many.latency.value < many.latency.high
    with pytest.raises(ValueError, match="29 samples"):
        measure(Mode(1), "a far node", 29)


# What is kept of it -------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_kept_is_what_is_measured():
    """One row of forty, for it takes seconds."""
    many = measure(Quorums(3, 2), "a cut", RUNS)
    lost, *rest = MEASURED["sure", "a cut", "quorum"]
    assert lost == many.lost.successes
    told = [
        getattr(mean, end)
        for mean in (many.stale, many.without, many.latency)
        for end in ("value", "low", "high")
    ]
    assert rest == pytest.approx(told, abs=1e-5)


def test_all_is_kept():
    expected = [(r, k, n) for r in READS for k in FAULTS for n in NAMES]
    assert sorted(MEASURED) == sorted(expected)
    for row in MEASURED.values():
        assert len(row) == 10


def every():
    return [(kind, reads, found(kind, reads)) for kind in FAULTS for reads in READS]


def test_what_the_chapter_claims_of_the_picture():
    for kind, reads, table in every():
        lost = {name for name, values in table.items() if values[0][0]}
        assert lost <= {"guess"}
        takes = {name: values[3][0] for name, values in table.items()}
        assert max(takes["guess"], takes["asynchronous"]) < min(
            takes[name] for name in ("one copy", "synchronous", "quorum")
        )
        assert max(takes, key=takes.get) == "synchronous"
        if reads == "sure":
            stale = {name for name, values in table.items() if values[1][0]}
            assert stale <= {"guess"}
        else:
            assert all(values[1][0] for values in table.values())
        for values in table.values():
            assert all(low <= value <= high for value, low, high in values)
        waits = {name: values[2][0] for name, values in table.items()}
        if kind == "a death":
            assert waits["synchronous"] > 0.4 > 0.1 > waits["one copy"]
        title = modes(kind, reads).title
        assert title.startswith(f"{len(lost) or 'None'} of 5 modes lose")


def test_the_story_tells_every_number():
    for kind, reads, table in every():
        story = modes(kind, reads).story
        assert len(story) == len(NAMES)
        for told, values in zip(story, table.values(), strict=True):
            assert f"{1000 * values[3][0]:.0f} ms" in told
            assert not math.isnan(values[2][0])
