"""Times in doubt, locked and blocked, measured from traces."""

from ftlib.analysis.commit import Span, blocked_times, in_doubt_times, lock_times
from ftlib.simulation import Cluster, Crash, Lose, Point, Recover
from ftlib.transactions.bank import COORDINATOR, bank


def run(votes="yy", *faults, until=5.0, **options):
    return Cluster(bank(votes), faults=faults, **options).run(until=until)


def rounded(spans: tuple[Span, ...]) -> list[tuple[str, float, float, bool]]:
    return [
        (span.node, round(span.start, 6), round(span.end, 6), span.ended)
        for span in spans
    ]


def test_in_doubt_for_two_latencies():
    assert rounded(in_doubt_times(run("yy"))) == [
        ("p1", 0.01, 0.03, True),
        ("p2", 0.01, 0.03, True),
    ]
    assert rounded(in_doubt_times(run("yn"))) == [("p1", 0.01, 0.03, True)]
    assert in_doubt_times(run("ns")) == ()


def test_in_doubt_until_we_stop_looking():
    trace = run("yy", Crash(COORDINATOR, at=0.015), until=5)
    assert rounded(in_doubt_times(trace, 5.0)) == [
        ("p1", 0.01, 5.0, False),
        ("p2", 0.01, 5.0, False),
    ]
    assert all(span.end == trace.end for span in in_doubt_times(trace))


def test_in_doubt_again_when_a_lazy_abort_is_lost():
    faults = (Crash("p1", at=0.2), Recover("p1", at=1.0))
    assert rounded(in_doubt_times(run("yn", *faults))) == [
        ("p1", 0.01, 0.03, True),
        ("p1", 1.0, 1.02, True),
    ]


def test_locks_are_held_from_the_prepared_record_on():
    trace = run("yy", disk_latency=0.005)
    (doubt, _), (locked, _) = in_doubt_times(trace), lock_times(trace)
    assert (round(locked.start, 6), round(doubt.start, 6)) == (
        0.01 + 0.005,
        0.015 + 0.005,
    )  # the coordinator's first force, too
    assert locked.end == doubt.end


def test_a_crash_before_the_force_releases_the_locks():
    trace = run(
        "yy",
        Crash("p1", at=Point("p1", "write", "txn t1", later=0.002)),
        disk_latency=0.005,
    )
    (span,) = (span for span in lock_times(trace, 5.0) if span.node == "p1")
    assert round(span.seconds, 6) == 0.002
    assert [span.node for span in in_doubt_times(trace)] == ["p2"]


def test_a_crash_after_the_force_does_not():
    trace = run("yy", Crash("p1", at=Point("p1", "force")), Recover("p1", at=1.0))
    (span,) = (span for span in lock_times(trace, 5.0) if span.node == "p1")
    assert (round(span.start, 6), round(span.end, 6)) == (0.01, 1.02)
    (doubt,) = (span for span in in_doubt_times(trace, 5.0) if span.node == "p1")
    assert round(doubt.start, 6) == 1.0  # it says so only now


def test_blocked_is_in_doubt_and_up_while_the_coordinator_is_down():
    down = (Crash(COORDINATOR, at=0.015), Recover(COORDINATOR, at=3.0))
    assert rounded(blocked_times(run("yy", *down))) == [
        ("p1", 0.015, 3.0, True),
        ("p2", 0.015, 3.0, True),
    ]
    own = (Crash("p1", at=1.0), Recover("p1", at=2.0))
    assert rounded(blocked_times(run("yy", *down, *own))) == [
        ("p1", 0.015, 1.0, True),
        ("p2", 0.015, 3.0, True),
        ("p1", 2.0, 3.0, True),
    ]
    assert blocked_times(run("yy")) == ()
    assert (
        blocked_times(run("yy", Lose("Decision"))) == ()
    )  # waiting for a coordinator that is up is no blocking
