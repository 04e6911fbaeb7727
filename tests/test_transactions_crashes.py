"""Two-phase commit under every single fault, and under many pairs: what it promises
holds, and it blocks only where it must.
"""

import itertools

import pytest
from commits import (
    ALL,
    UNTIL,
    WITHIN,
    again,
    broken,
    crash,
    crash_points,
    messages,
    outcomes,
    run,
    single_faults,
    sweep,
)

from ftlib.simulation import Duplicate, Lose, Network, Schedule, Uniform, judge
from ftlib.transactions.atomic_commit import PROPERTIES, Began, nonblocking
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.two_phase import Participant

LIVE = (nonblocking(WITHIN, UNTIL),)


def all_votes(most: int) -> list[str]:
    return [
        "".join(votes)
        for n in range(1, most + 1)
        for votes in itertools.product("yns", repeat=n)
    ]


@pytest.mark.parametrize("participant", [Participant, CooperativeParticipant])
@pytest.mark.parametrize("votes", all_votes(3))
def test_every_single_fault(votes, participant):
    nodes = bank(votes, participant=participant)
    number, first = sweep(nodes, single_faults(nodes))
    assert not first
    assert number > 20 * len(votes)


@pytest.mark.parametrize("votes", ["yy", "yn"])
def test_every_single_fault_with_slow_disks(votes):
    nodes = bank(votes)
    for node in nodes:
        for after in crash_points(nodes, node):
            assert not broken(run(nodes, crash(node, after, 0.05), disk_latency=0.02))


@pytest.mark.parametrize("node", [COORDINATOR, "p1"])
@pytest.mark.parametrize("votes", ["yy", "yn", "ys"])
def test_every_pair_of_crashes_of_two_nodes(votes, node):
    nodes = bank(votes)
    for one, two in itertools.product(
        crash_points(nodes, node), crash_points(nodes, "p2")
    ):
        for back in ((0.1, 0.1), (1.0, 0.05)):
            faults = [*crash(node, one, back[0]), *crash("p2", two, back[1])]
            assert not broken(run(nodes, faults)), Schedule(faults)


@pytest.mark.parametrize("node", [COORDINATOR, "p1"])
@pytest.mark.parametrize("votes", ["yy", "yn"])
def test_every_pair_of_crashes_of_one_node(votes, node):
    nodes = bank(votes)
    for one in crash_points(nodes, node):
        for two in range(12):
            faults = [*crash(node, one), *again(node, two)]
            assert not broken(run(nodes, faults)), Schedule(faults)


@pytest.mark.parametrize("node", [COORDINATOR, "p1"])
@pytest.mark.parametrize("votes", ["yy", "yn"])
def test_a_crash_and_a_message_lost_or_doubled_past_the_recovery(votes, node):
    nodes = bank(votes)
    for after in crash_points(nodes, node):
        down = crash(node, after, 0.2)
        for name, nth in messages(nodes, down):
            for tampering in (
                Lose(name, nth=nth),
                Duplicate(name, nth=nth, later=0.15),
                Duplicate(name, nth=nth, later=3.0),
            ):
                assert not broken(run(nodes, [*down, tampering])), Schedule(
                    [*down, tampering]
                )


def test_messages_doubled_very_late_change_nothing():
    """All of them: the coordinator has forgotten the transaction by then."""
    nodes = bank("yyy")
    trace = run(nodes, [Duplicate(nth=None, later=5.0)])
    assert not broken(trace)
    assert outcomes(trace) == dict.fromkeys(nodes, "commit")


@pytest.mark.parametrize("votes", ["yyy", "yny"])
def test_messages_overtake_each_other(votes):
    expected = "abort" if "n" in votes else "commit"
    for seed in range(60):
        trace = run(
            votes,
            network=Network(latency=Uniform(0.001, 0.2), duplicate=0.3),
            seed=seed,
        )
        assert not broken(trace)
        assert set(outcomes(trace).values()) == {expected}


def test_latencies_beyond_every_time_out():
    """Prepare, votes and decisions cross: it aborts or commits, but never both."""
    seen = set()
    for seed in range(60):
        trace = run(
            "yyy",
            network=Network(latency=Uniform(0.001, 0.6), duplicate=0.3),
            seed=seed,
            until=20.0,
        )
        assert not broken(trace, PROPERTIES)
        seen |= {frozenset(outcomes(trace).values())}
    assert seen == {frozenset({"abort"}), frozenset({"commit"})}


# Blocking: what two-phase commit does not promise


def test_it_blocks_just_where_the_coordinator_crashes_between_votes_and_decision():
    nodes = bank("yy")
    verdicts = {
        after: judge(run(nodes, crash(COORDINATOR, after, None)), LIVE)[0].verdict
        for after in crash_points(nodes, COORDINATOR)
    }
    # its effects: write, force, Began, 2 Prepare, timer; cancel it, write, force (the
    # 9th), Decided, 2 Decision (11th, 12th), ...
    blocked = [after for after, verdict in verdicts.items() if verdict == "violated"]
    assert blocked == list(range(4, 12))
    assert verdicts[2] == "unknown"  # the disk is marked, and nothing is begun
    assert all(verdicts[after] == "holds" for after in range(12, len(verdicts)))


def test_blocked_participants_do_not_break_what_is_promised():
    for votes in ("yy", "yn", "yyy"):
        nodes = bank(votes)
        for node in nodes:
            for after in crash_points(nodes, node):
                assert not broken(run(nodes, crash(node, after, None)))


def test_a_crashed_participant_blocks_nobody_else():
    nodes = bank("yyy")
    for after in crash_points(nodes, "p2"):
        assert judge(run(nodes, crash("p2", after, None)), LIVE)[0].verdict == "holds"


def test_what_a_crash_leaves_unsaid_is_said_at_recovery():
    """Between a force and the fact that follows it, the disk knows more than the trace;
    recovery says it.
    """
    nodes = bank("yy")
    for node in ("p1", "p2"):
        for after in crash_points(nodes, node):
            trace = run(nodes, crash(node, after))
            if trace.facts(Began):
                assert (
                    outcomes(trace).keys() >= {"p1", "p2"}
                    or "abort" in outcomes(trace).values()
                )
            if outcomes(trace).get(COORDINATOR) == "commit":
                assert outcomes(trace) == dict.fromkeys(nodes, "commit")


def test_crashed_at_its_moment_of_commit():
    """Just before the force the transaction is aborted, just after it is committed,
    whatever is crashed at the same time.
    """
    nodes = bank("yy")
    for after in crash_points(nodes, COORDINATOR):
        if after < 6:
            continue
        trace = run(nodes, crash(COORDINATOR, after))
        assert set(outcomes(trace).values()) == {"commit" if after >= 9 else "abort"}, (
            after
        )


def test_all_is_judged():
    assert {prop.name for prop in ALL} == {
        "agreement",
        "validity",
        "non-triviality",
        "stability",
        "conserved total",
        "isolation",
        "serial balances",
        "no overdraft",
        "locks released",
        "first come, first served",
        "termination",
    }
