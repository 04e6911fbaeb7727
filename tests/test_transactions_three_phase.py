"""Three-phase commit: every path of it, what it promises while time-outs prove crashes,
and what it loses when they do not.
"""

import itertools
import random

import pytest
from commits import UNTIL, audit, broken, crash, crash_points, outcomes, run
from staged import without_one

from ftlib.analysis.commit import message_delays
from ftlib.checking import ClusterModel, explore
from ftlib.checking.blocking import blocking
from ftlib.simulation import (
    Cluster,
    Crash,
    Deliver,
    Duplicate,
    Fire,
    Lose,
    Node,
    Partition,
    Point,
    Recover,
    Schedule,
    Trace,
    judge,
    play,
)
from ftlib.transactions import three_phase_mutants as mutants
from ftlib.transactions.atomic_commit import (
    FACTS,
    PROPERTIES,
    Decided,
    Transaction,
    Voted,
    nonblocking,
    termination,
    transfer,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.three_phase import (
    MESSAGES,
    Coordinator,
    Participant,
    PreCommit,
    PreCommitted,
    State,
)
from ftlib.transactions.three_phase_mutants import (
    BREAKS,
    SHOWN_BY,
    AlwaysAborts,
    DoesNotWait,
    TimesOutAlone,
    mutated,
)
from ftlib.transactions.two_phase import Decision, Inquiry, Logged, Prepare, Vote

ALL = (*PROPERTIES, termination(5.0, UNTIL))
LIVE = nonblocking(5.0, UNTIL)
TOLD_ONE = Crash(COORDINATOR, at=Point(COORDINATOR, "send", "PreCommit"))
DECIDED = Crash(COORDINATOR, at=Point(COORDINATOR, "fact", "Decided"))


def three(votes: str, transactions=None) -> dict:
    return bank(votes, transactions, coordinator=Coordinator, participant=Participant)


def all_same(votes: str, outcome: str) -> dict[str, str]:
    return dict.fromkeys(three(votes), outcome)


def sent(trace, kind) -> list[tuple[str, str]]:
    return [(event.node, event.other) for event in trace.where(kind="send", what=kind)]


def forces(trace) -> dict[str, int]:
    """Count the forced writes of each node, less the one that marks a coordinator's new
    disk.
    """
    counted = {node: len(trace.where(kind="force", node=node)) for node in trace.nodes}
    return counted | {COORDINATOR: counted[COORDINATOR] - 1}


# Without faults


def test_a_commit():
    trace = run(three("yy"))
    names = [
        f"{event.node} {type(event.what).__name__} {event.other}"
        for event in trace.where(kind="send")
    ]
    assert names == [
        *(
            "coordinator Prepare p1",
            "coordinator Prepare p2",
            "p1 Vote coordinator",
            "p2 Vote coordinator",
        ),
        *("coordinator PreCommit p1", "coordinator PreCommit p2"),
        *("p1 PreCommitted coordinator", "p2 PreCommitted coordinator"),
        *("coordinator Decision p1", "coordinator Decision p2"),
    ]
    assert outcomes(trace) == all_same("yy", "commit")
    assert not trace.where(kind="timer")
    assert not broken(trace)


@pytest.mark.parametrize("votes", ["y", "yy", "yyyy", "yyyyyyy"])
def test_what_a_commit_costs(votes):
    n = len(votes)
    trace = Cluster(three(votes)).run()
    assert trace.counts() == dict.fromkeys(
        ("Prepare", "Vote", "PreCommit", "PreCommitted", "Decision"), n
    )
    assert message_delays(trace) == 5
    assert forces(trace) == {COORDINATOR: 2} | {
        f"p{k}": 2 for k in range(1, n + 1)
    }  # 2N + 2


def test_what_an_abort_costs():
    trace = Cluster(three("yyn")).run()
    assert trace.counts() == {"Prepare": 3, "Vote": 3, "Decision": 2}
    assert forces(trace) == {COORDINATOR: 1, "p1": 1, "p2": 1, "p3": 1}


@pytest.mark.parametrize("votes", ["yyy", "yny", "ysy", "n", "s"])
def test_it_ends_by_itself(votes):
    trace = Cluster(three(votes)).run()
    assert trace.end < 1.0
    assert not broken(trace)
    assert set(outcomes(trace).values()) == {
        "commit" if set(votes) == {"y"} else "abort"
    }


def test_what_is_forced_before_it_is_said():
    trace = run(three("yy"))
    kinds = [
        (event.kind, event.other)
        for event in trace.where(node=COORDINATOR, kind=("write", "force", "send"))
    ]
    assert kinds[2:6] == [
        ("write", "begin t1"),
        ("force", None),
        ("send", "p1"),
        ("send", "p2"),
    ]
    assert kinds[-4:-2] == [("write", "outcome t1"), ("force", None)]


# The termination protocol, path by path


def test_all_in_wait_abort():
    trace = run(three("yyy"), [Crash(COORDINATOR, at=0.015)])
    assert outcomes(trace) == dict.fromkeys(("p1", "p2", "p3"), "abort")
    assert {event.what.state for event in trace.where(kind="send", what=State)} == {
        "wait"
    }
    assert not trace.where(kind="send", what=PreCommit)
    assert all(judge(trace, [LIVE]))


def test_one_in_pre_commit_makes_the_others_follow():
    trace = run(three("yyy"), [TOLD_ONE])
    assert outcomes(trace) == dict.fromkeys(("p1", "p2", "p3"), "commit")
    assert sent(trace, PreCommit) == [(COORDINATOR, "p1"), ("p1", "p2"), ("p1", "p3")]
    assert all(judge(trace, [LIVE]))


def test_one_who_is_not_first_leads_from_pre_commit():
    """p1 and the coordinator are gone; p2 is in pre-commit, p3 is not."""
    told_two = Crash(COORDINATOR, at=Point(COORDINATOR, "send", "PreCommit", nth=2))
    trace = run(three("yyy"), [told_two, Crash("p1", at=0.1)])
    assert outcomes(trace) == dict.fromkeys(("p2", "p3"), "commit")
    assert sent(trace, PreCommit)[2:] == [("p2", "p3")]


def test_somebody_has_committed():
    """p1 has heard the decision; p2 asks those before it, and p1 tells."""
    trace = run(
        three("yyy"), [Crash(COORDINATOR, at=Point(COORDINATOR, "send", "Decision"))]
    )
    assert outcomes(trace) == all_same("yyy", "commit")
    assert ("p1", "p2") in sent(trace, Decision)


def test_somebody_after_the_leader_has_committed():
    """Only p2 has heard the decision; p1 leads, and learns it when it collects."""
    trace = run(
        three("yy"),
        [
            Lose("Decision", receiver="p1"),
            Crash(COORDINATOR, at=Point(COORDINATOR, "send", "Decision", nth=2)),
        ],
    )
    assert outcomes(trace) == all_same("yy", "commit")
    assert sent(trace, Decision)[2:] == [("p2", "p1")]


def test_one_who_has_not_voted_refuses():
    trace = run(three("yys"), [Crash(COORDINATOR, at=0.015)])
    assert outcomes(trace) == dict.fromkeys(("p1", "p2", "p3"), "abort")
    assert [event.what for event in trace.facts(Voted, node="p3")] == [
        Voted("t1", "no")
    ]


def test_a_leader_that_crashes_has_a_successor():
    """At every effect of p1 while it leads."""
    for after in range(20):
        faults = [TOLD_ONE, Crash("p1", at=Point("p1", "timer", nth=2), after=after)]
        trace = run(three("yyy"), faults)
        assert not broken(trace)
        assert set(outcomes(trace)) >= {"p2", "p3"}


def test_whoever_is_asked_and_waits_itself_says_so():
    """The coordinator waits for the vote of p2, which is down; p1 asks it meanwhile,
    and may not lead.
    """
    script = [
        *(
            Deliver("Prepare", receiver="p1"),
            Deliver("Vote"),
            Crash("p2"),
            Deliver("Prepare"),
        ),
        *(Fire("p1", "doubt t1"), Deliver("Inquiry"), Deliver("State")),
        Fire("p1", "doubt t1"),
    ]
    trace = play(Cluster(three("yy")), script)
    assert sent(trace, Inquiry) == [("p1", COORDINATOR), ("p1", COORDINATOR)]
    assert [event.what for event in trace.where(kind="send", what=State)] == [
        State("t1", "wait")
    ]


def test_silence_before_pre_commit_and_after():
    """Votes that do not come mean abort; acknowledgements that do not come mean
    nothing: their owners have crashed.
    """
    assert outcomes(run(three("yy"), [Crash("p2", at=0.005)])) == {
        COORDINATOR: "abort",
        "p1": "abort",
    }
    trace = run(three("yy"), [Crash("p2", at=Point("p2", "send", "Vote"))])
    assert outcomes(trace) == {COORDINATOR: "commit", "p1": "commit"}
    assert [event.other for event in trace.where(kind="timer", node=COORDINATOR)] == [
        "acks t1"
    ]


def test_locks_are_released():
    """A transaction that waits for the lock of a dead coordinator's transaction goes on
    as soon as the others have ended that.
    """
    later = Transaction("t2", (("p1", "a1", -10), ("p2", "a2", 10)), at=2.5)
    nodes = three("yy") | {"c2": lambda: Coordinator((later,))}
    trace = run(nodes, [Crash(COORDINATOR, at=0.015)])
    assert outcomes(trace, "t2") == dict.fromkeys(("c2", "p1", "p2"), "commit")
    assert not broken(trace, ALL)


# Recovery


def test_one_that_comes_back_asks_and_takes_no_part():
    """p1 comes back in doubt while p2 leads: it does not count, and hears the
    outcome.
    """
    trace = run(three("yyy"), [TOLD_ONE, Crash("p1", at=0.1), Recover("p1", at=0.5)])
    assert outcomes(trace) == dict.fromkeys(("p1", "p2", "p3"), "abort")
    assert State("t1", "recovered") in [
        event.what for event in trace.where(kind="send", what=State, node="p1")
    ]


def test_what_it_missed_in_pre_commit_does_not_count():
    """A PreCommit that reaches it after it has come back is not acknowledged."""
    trace = run(
        three("yy"),
        [Crash("p1", at=Point("p1", "send", "Vote")), Recover("p1", at=0.025)],
    )
    assert sent(trace, PreCommitted) == [("p2", COORDINATOR)]
    assert outcomes(trace) == all_same("yy", "commit")


def test_a_coordinator_that_comes_back_asks():
    for at, outcome in (
        (0.015, "abort"),
        (Point(COORDINATOR, "send", "PreCommit"), "commit"),
    ):
        trace = run(
            three("yy"), [Crash(COORDINATOR, at=at), Recover(COORDINATOR, at=5.0)]
        )
        assert outcomes(trace) == all_same("yy", outcome)
        assert not broken(trace, ALL)


def test_total_failure():
    """All crash in doubt: the coordinator aborts when the last of them is back, and not
    before.
    """
    down = [Crash(node, at=0.035) for node in three("yy")]
    trace = run(
        three("yy"), [*down, Recover(COORDINATOR, at=1.0), Recover("p1", at=1.0)]
    )
    assert outcomes(trace) == {}
    trace = run(
        three("yy"),
        [
            *down,
            Recover(COORDINATOR, at=1.0),
            Recover("p1", at=1.0),
            Recover("p2", at=3.0),
        ],
    )
    assert outcomes(trace) == all_same("yy", "abort")
    assert trace.facts(Decided)[0].time > 3.0
    trace = run(three("yy"), [*down, Recover("p1", at=1.0), Recover("p2", at=1.0)])
    assert outcomes(trace) == {}  # the coordinator may have committed


def test_total_failure_after_the_moment_of_commit():
    down = [
        DECIDED,
        *(Crash(node, at=Point(node, "send", "PreCommitted")) for node in ("p1", "p2")),
    ]
    back = [Recover(node, at=1.0) for node in three("yy")]
    trace = run(three("yy"), [*down, *back])
    assert outcomes(trace) == all_same("yy", "commit")
    assert not broken(trace, ALL)


def test_recovery_says_again_what_the_log_says():
    trace = run(three("yy"), [Crash(COORDINATOR, at=1.0), Recover(COORDINATOR, at=2.0)])
    assert [
        event.what for event in trace.facts(node=COORDINATOR) if event.time >= 2.0
    ] == [Decided("t1", "commit")]
    assert not [event for event in trace.where(kind="send") if event.time >= 2.0]


def test_nothing_is_begun_after_a_recovery():
    nodes = three("yy", (transfer("t1", 2, at=1.0),))
    assert (
        outcomes(run(nodes, [Crash(COORDINATOR, at=0.5), Recover(COORDINATOR, at=0.6)]))
        == {}
    )


# In the simulator: a crash at every effect


@pytest.mark.parametrize("votes", ["y", "yy", "yn", "ny", "ys", "yyy", "yny"])
def test_every_crash(votes):
    nodes = three(votes)
    for node in nodes:
        for after in crash_points(nodes, node):
            for back in (None, 0.1, 1.0):
                trace = run(nodes, crash(node, after, back))
                assert not broken(trace, ALL), (node, after, back)
                if back is None:
                    assert judge(trace, [LIVE])[0].verdict != "violated"


@pytest.mark.slow
@pytest.mark.parametrize("votes", ["yy", "yn"])
def test_every_pair_of_crashes(votes):
    nodes = three(votes)
    points = {node: crash_points(nodes, node) for node in nodes}
    for one, two in itertools.combinations(nodes, 2):
        for a, b in itertools.product(points[one], points[two]):
            for back in ((None, None), (1.0, None), (0.1, 2.0)):
                faults = [*crash(one, a, back[0]), *crash(two, b, back[1])]
                trace = run(nodes, faults)
                assert not broken(trace, ALL), Schedule(faults)
                if back == (None, None):
                    assert judge(trace, [LIVE])[0].verdict != "violated"


@pytest.mark.slow
def test_crashes_at_random():
    """Several transactions, slow disks, nodes that crash again and again; all come back
    in the end.
    """
    for seed in range(200):
        chance = random.Random(seed)
        votes = chance.choice(["yy", "yyy", "yyn", "yyyy"])
        nodes = three(
            votes,
            (
                transfer("t1", len(votes)),
                transfer("t2", len(votes), 10, at=chance.choice([0.0, 0.7])),
            ),
        )
        faults: list = []
        for node in nodes:
            for turn in range(1, chance.choice([1, 2, 3])):
                at = chance.choice(
                    [0.005, 0.015, 0.025, 0.035, 0.045, 0.7, 1.25]
                ) + 4.0 * (turn - 1)
                back = Point(node, "crash", nth=turn, later=chance.choice([0.3, 1.9]))
                faults += [
                    Crash(node, at=at, after=chance.choice([0, 0, 1, 2, 5])),
                    Recover(node, at=back),
                ]
        trace = Cluster(
            nodes, faults=faults, seed=seed, disk_latency=chance.choice([0.0, 0.004])
        ).run(until=20.0)
        assert not broken(trace, (*PROPERTIES, termination(5.0, 20.0))), Schedule(
            faults
        )


def test_doubled_messages_change_nothing():
    for later in (0.0, 0.005, 3.0):
        trace = run(three("yyy"), [Duplicate(nth=None, later=later)])
        assert outcomes(trace) == all_same("yyy", "commit")
        assert not broken(trace, ALL)


# Every run


def model(
    nodes, crashes, recoveries=0, properties=PROPERTIES, **options
) -> ClusterModel:
    options = {"network": "multiset", "timers": "synchronous"} | options
    return ClusterModel(
        nodes, properties, crashes=crashes, recoveries=recoveries, **options
    )


EXPLORED = [
    ("yy", 3, 0, 613),
    ("yn", 3, 0, 234),
    ("ys", 3, 0, 170),
    pytest.param("yyy", 4, 0, 9172, marks=pytest.mark.slow),
    ("y", 4, 4, 14768),
    pytest.param("yy", 3, 1, 15160, marks=pytest.mark.slow),
    pytest.param("yn", 3, 2, 50429, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("votes", "crashes", "recoveries", "states"), EXPLORED)
def test_synchronous_timers_and_crashes(votes, crashes, recoveries, states):
    found = explore(model(three(votes), crashes, recoveries))
    assert found
    assert found.states == states


@pytest.mark.parametrize(
    "votes", ["yy", "yn", "ys", pytest.param("yyy", marks=pytest.mark.slow)]
)
def test_nobody_who_has_not_crashed_is_blocked(votes):
    found = blocking(
        model(three(votes), len(votes) + 1, properties=(), keep=(Voted, Decided)),
        Voted,
        Decided,
    )
    assert found.complete
    assert found.waiting > 50
    assert found.blocked == 0


@pytest.mark.slow
def test_one_that_comes_back_alone_is_blocked():
    """All have crashed, one is back, and knows nothing: what is not promised."""
    explored = model(three("yy"), 3, 1, properties=(), keep=(Voted, Decided))
    found = blocking(explored, Voted, Decided)
    assert found.blocked > 0
    last = found.way.states[-1]
    (alone,) = explored.up(last)
    assert explored.attributes(last, alone)["states"] == {"t1": "recovered"}


def test_doubled_messages_are_harmless_in_every_run():
    assert explore(model(three("yy"), 3, duplicates=1))


def test_free_timers_break_agreement():
    """No fault at all: the coordinator loses patience with p1, p1 with the
    coordinator.
    """
    found = explore(model(three("y"), 0, network="set", timers="free"))
    assert set(found.violations) == {"agreement"}
    assert explore(
        model(three("yy"), 0, network="set", timers="free"), max_depth=9
    ).violations.keys() >= {
        "agreement",
        "conserved total",
    }


@pytest.mark.parametrize("alone", ["coordinator", "p1", "p2"])
def test_a_partition_breaks_agreement(alone):
    found = explore(model(three("yy"), 0, partition=[[alone]]))
    assert found.complete
    assert "agreement" in found.violations


def test_a_partition_in_the_simulator():
    """The coordinator is cut off when it has sent PreCommit: it commits, and the others
    abort.
    """
    trace = run(three("yyy"), [Partition([[COORDINATOR]], at=0.021)])
    assert outcomes(trace) == all_same("yyy", "abort") | {COORDINATOR: "commit"}
    assert "agreement" in broken(trace)


# Mutants


SHOWN = list(SHOWN_BY.items())


def test_every_mutant_is_shown():
    assert {
        name for name in mutants.__all__ if isinstance(getattr(mutants, name), type)
    } == {each.__name__ for each in SHOWN_BY}
    assert {each: name for each, (_, _, name) in SHOWN_BY.items()} == BREAKS


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_the_property_that_is_named(mutant, shown):
    votes, faults, name = shown
    cluster = Cluster(mutated(mutant, votes), faults=faults)
    cluster.run(until=UNTIL, properties=PROPERTIES)
    assert cluster.violation.name == name
    assert Schedule.from_text(repr(faults)) == faults


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_the_protocol_keeps_everything_under_the_same_schedule(mutant, shown):
    votes, faults, _ = shown
    assert not broken(run(three(votes), faults), ALL)


@pytest.mark.parametrize(
    ("mutant", "shown"), [each for each in SHOWN if each[0] is not DoesNotWait]
)
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    votes, faults, name = shown
    for left_out, fewer in without_one(faults):
        found = broken(run(mutated(mutant, votes), fewer), PROPERTIES)
        assert name not in found, left_out


@pytest.mark.parametrize("votes", ["y", "yy", "yyy"])
@pytest.mark.parametrize(
    "mutant", [mutant for mutant in SHOWN_BY if mutant is not AlwaysAborts]
)
def test_a_mutant_passes_for_correct_while_nothing_fails_and_all_vote_yes(
    mutant, votes
):
    trace = run(mutated(mutant, votes))
    assert not broken(trace, ALL)
    assert set(outcomes(trace).values()) == {"commit"}


@pytest.mark.parametrize(
    ("mutant", "shown"), [each for each in SHOWN if each[0] is not DoesNotWait]
)
def test_exploring_finds_every_mutant(mutant, shown):
    votes, faults, name = shown
    crashes = sum(isinstance(fault, Crash) for fault in faults)
    recoveries = sum(isinstance(fault, Recover) for fault in faults)
    found = explore(model(mutated(mutant, votes), crashes, recoveries), timeout=30)
    assert name in found.violations


def test_not_waiting_does_no_harm_while_messages_outlive_their_senders():
    """Under crashes alone PreCommit reaches all that are up before any timer fires,
    whether or not anybody waits for that.
    """
    assert explore(model(mutated(DoesNotWait), 3, 1))


def test_time_out_transitions_are_right_for_two_sites():
    assert explore(model(mutated(TimesOutAlone, "y"), 2))
    assert not explore(model(mutated(TimesOutAlone, "yy"), 1))


def test_mutated_takes_nothing_else():
    with pytest.raises(TypeError, match="neither a Coordinator nor a Participant"):
        mutated(Node)


# As data, and what is refused


def test_a_trace_survives_json():
    trace = run(three("yyy"), [TOLD_ONE, Recover(COORDINATOR, at=5.0)])
    assert Trace.from_json(trace.to_json(), [*MESSAGES, *FACTS, Logged]) == trace
    assert {type(event.what) for event in trace.where(kind="send")} == {
        *(Prepare, Vote, PreCommit, PreCommitted, Decision, Inquiry, State)
    }


def test_bad_input():
    with pytest.raises(ValueError, match="same name"):
        Coordinator((transfer("t1", 2), transfer("t1", 2)))
    with pytest.raises(ValueError, match="choose 'yes', 'no' or 'silent'"):
        Participant(vote="maybe")


def test_the_audit_reads_its_disks():
    assert audit(run(three("yyy"))) is None
