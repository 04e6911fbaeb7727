"""Paxos Commit (Gray and Lamport 2006): atomic commit that no crash of a leader, and
of F acceptors, blocks; every mistake is found; its look.
"""

import pytest

from ftlib.checking import ClusterModel, find
from ftlib.checking.blocking import blocking
from ftlib.drawing import spacetime
from ftlib.drawing.looks.paxos_commit import PAXOS_COMMIT_LOOK
from ftlib.simulation import Cluster, Crash, Deliver, Lose, Partition, Recover, judge
from ftlib.transactions import paxos_commit_mutants as room
from ftlib.transactions.atomic_commit import Decided, Voted
from ftlib.transactions.bank import bank
from ftlib.transactions.paxos_commit import ResourceManager
from ftlib.transactions.paxos_commit_messages import Phase2b, outcome_of
from ftlib.transactions.paxos_commit_mutants import BREAKS, SHOWN_BY, mutated
from ftlib.transactions.paxos_commit_nodes import paxos_commit_nodes
from ftlib.transactions.paxos_commit_properties import PROPERTIES, nonblocking
from ftlib.transactions.paxos_commit_worlds import VOTED
from tools.trust.planted import cast, mutants
from tools.trust.verdicts import explored

UNTIL = 8.0
LIVE = nonblocking(3, UNTIL)
SYNCHRONOUS = {"network": "multiset", "timers": "synchronous"}
FOUND = [each for each in mutants(room) if each.breaks != "non-blocking"]


def run(votes="yyy", *faults, seed=0, f=1, until=UNTIL):
    return Cluster(paxos_commit_nodes(votes, f), faults=faults, seed=seed).run(until)


def outcomes(trace):
    return {event.node: event.what.outcome for event in trace.facts(Decided)}


def broken(trace):
    findings = judge(trace, (*PROPERTIES, LIVE))
    return [each.name for each in findings if each.verdict == "violated"]


@pytest.mark.parametrize(
    ("votes", "outcome"), [("y", "commit"), ("yyy", "commit"), ("yyn", "abort")]
)
def test_all_decide_by_the_votes(votes, outcome):
    trace = run(votes)
    assert {*outcomes(trace).values()} == {outcome}
    assert len(outcomes(trace)) == len(votes) + 1
    assert not trace.where(kind="timer")
    assert not broken(trace)


def test_who_says_nothing_aborts_it():
    trace = run("yys")
    assert {*outcomes(trace).values()} == {"abort"}
    assert not broken(trace)


@pytest.mark.parametrize("at", [0.005, 0.015, 0.025, 0.035])
def test_a_leader_that_crashes_blocks_nobody(at):
    for seed in range(5):
        trace = run("yyy", Crash("l1", at=at), seed=seed)
        assert {"p1", "p2", "p3"} <= {*outcomes(trace)}
        assert not broken(trace)


@pytest.mark.parametrize(("f", "down"), [(1, 1), (2, 2)])
def test_f_acceptors_may_be_down_and_no_more(f, down):
    crashes = [Crash(f"a{number}", at=0) for number in range(1, down + 1)]
    trace = run("yy", *crashes, f=f)
    assert len(outcomes(trace)) == 2 + 1
    assert not broken(trace)
    one_more = run("yy", *crashes, Crash("a3", at=0), f=f)
    assert not outcomes(one_more)
    (finding,) = judge(one_more, [LIVE if f == 1 else nonblocking(3, UNTIL, f=2)])
    assert (finding.verdict, "too many" in finding.reason) == ("unknown", True)


def test_an_acceptor_that_comes_back_has_kept_its_promises():
    faults = [Crash("a2", at=0.5), Recover("a2", at=0.7), Crash("a3", at=0.9)]
    trace = run("yy", Lose("Phase2b", "a1"), Crash("l1", at=0.035), *faults)
    assert {*outcomes(trace).values()} == {"commit"}
    assert not broken(trace)


def test_a_leader_that_is_cut_off_does_not_disagree():
    rest = ("l2", "p1", "p2", "a2", "a3")
    trace = run("yy", Partition((("l1", "a1"), rest), at=0.025))
    assert not broken(trace)
    assert len({*outcomes(trace).values()}) == 1


def test_the_coordinator_blocks_two_phase_commit_and_no_one_leader_this():
    """In as many states as exploration finds after both have voted yes."""
    votes = [Deliver("Prepare", "coordinator", each) for each in ("p1", "p2")]
    two_phase = ClusterModel(
        bank("yy"), crashes=1, settled=votes, keep=(Voted, Decided), **SYNCHRONOUS
    )
    assert blocking(two_phase, Voted, Decided).blocked > 0
    alone = [Deliver("Prepare", "l1", "p1"), Deliver("Phase2a", "p1", "a1")]
    for votes, settled, down in (("yy", VOTED, ("l1",)), ("y", alone, ("l1", "l2"))):
        model = ClusterModel(
            paxos_commit_nodes(votes),
            crashes=len(down),
            crashing=down,
            settled=settled,
            keep=(Voted, Decided),
            **SYNCHRONOUS,
        )
        found = blocking(model, Voted, Decided)
        assert found.complete
        assert found.waiting
        assert bool(found.blocked) == (down == ("l1", "l2"))


def test_what_acceptors_have_chosen():
    def said(ballot, *values):
        return Phase2b("t1", ballot, values, ("p1", "p2"))

    yes, no = ("p1", "prepared"), ("p2", "aborted")
    both = said(0, yes, ("p2", "prepared"))
    assert outcome_of([], 2) is None
    assert outcome_of([both, both], 2) == "commit"
    assert outcome_of([both, said(2, *both.values)], 2) is None  # different ballots
    assert outcome_of([said(0, no), said(0, yes, no)], 2) == "abort"
    assert outcome_of([said(0, yes), said(0, yes)], 2) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"votes": "yx"}, "votes is 'yx'"),
        ({"f": -1}, "f is -1"),
        ({"leaders": 0}, "leaders is 0"),
    ],
)
def test_what_is_no_group(given, words):
    with pytest.raises(ValueError, match=words):
        paxos_commit_nodes(**given)
    with pytest.raises(ValueError, match="vote is 'perhaps'"):
        ResourceManager((), (), "perhaps")


def test_every_mutant_is_shown_and_every_promise_broken():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    assert {*BREAKS.values()} == {each.name for each in (*PROPERTIES, LIVE)}


@pytest.mark.parametrize("mutant", FOUND, ids=lambda each: each.kind.__name__)
def test_a_mutant_is_found_in_under_twenty_steps(mutant):
    for most in (1_000, 5_000):
        for world in mutant.worlds:
            found = explored(
                world,
                lambda group: cast(group, mutant.sound, mutant.kind),
                max_states=most,
                until=mutant.breaks,
            )
            if mutant.breaks in found.failed:
                assert found.failed[mutant.breaks] < 20
                return
    pytest.fail("it is found in no world")


def test_who_asks_the_first_leader_only_is_blocked():
    given, faults, name = SHOWN_BY[room.AsksTheFirstLeader]
    for kind, verdict in ((room.AsksTheFirstLeader, [name]), (ResourceManager, [])):
        trace = Cluster(mutated(kind, given), faults=faults).run(UNTIL)
        assert broken(trace) == verdict
    seeds = range(30)
    assert not find(
        mutated(ResourceManager, "yy"), (*PROPERTIES, LIVE), until=UNTIL, seeds=seeds
    )


def test_a_run_can_be_drawn():
    trace = run("yy", Crash("l1", at=0.025), until=2.0)
    story = repr(spacetime(trace, look=PAXOS_COMMIT_LOOK))
    for words in ("1a, ballot 2", "decides commit for t1", "2b, ballot 0: prepared"):
        assert words in story
