"""Paxos, by the sections of Lamport (2001): what it promises holds in every run within
a bound, and in runs under every kind of fault; quorums that need not be majorities;
every mistake is found; the specification has the states that TLC counts; its look.
"""

import pytest

from ftlib.checking import explore, find
from ftlib.consensus import paxos_mutants as room
from ftlib.consensus.paxos import (
    Accepted,
    Chosen,
    Proposal,
    Proposed,
    Proposer,
    paxos_nodes,
)
from ftlib.consensus.paxos_mutants import BREAKS, SHOWN_BY, mutated
from ftlib.consensus.paxos_properties import PROPERTIES, chosen_by, termination
from ftlib.consensus.paxos_specification import PaxosSpecified, chosen
from ftlib.drawing import spacetime
from ftlib.drawing.looks.paxos import PAXOS_LOOK
from ftlib.simulation import (
    Cluster,
    Crash,
    Heal,
    Lose,
    Partition,
    Recover,
    Trace,
    judge,
)
from tools.trust.planted import cast, mutants
from tools.trust.verdicts import explored

UNTIL = 8.0
ALL = (*PROPERTIES, termination(2, UNTIL))
FOUND = [each for each in mutants(room) if each.breaks != "termination"]


def run(values="xy", faults=(), seed=0, until=UNTIL, **given):
    return Cluster(paxos_nodes(values, **given), faults=faults, seed=seed).run(until)


def broken(trace, properties=ALL):
    return [each.name for each in judge(trace, properties) if each.verdict != "holds"]


def learned(trace):
    return {fact.what.value for fact in trace.facts(Chosen)}


def test_section_2_2_a_lone_value_is_chosen_in_two_round_trips():
    trace = run("x")
    (fact,) = trace.facts(Chosen)
    assert fact.time == pytest.approx(0.04)  # which is of the learner
    assert dict(trace.counts()) == dict.fromkeys(
        ("Prepare", "Promise", "Accept", "Accepted"), 3
    ) | {"Chosen": 1}
    assert len(trace.where(kind="force")) == 1 + 2 * 3
    assert not broken(trace)


def test_section_2_2_what_may_have_been_chosen_is_proposed_again():
    late = [Partition((("p2",), ("p1", "a1", "a2", "a3", "l1"))), Heal(at=1.0)]
    trace = run(faults=late)
    assert learned(trace) == {"x"}
    assert not broken(trace)


def test_section_2_4_proposers_that_outbid_each_other_come_to_an_end():
    for seed in range(20):
        assert not broken(run("xyz", seed=seed))


def test_section_2_5_acceptors_may_crash_one_after_another():
    faults = [
        fault
        for number, at in enumerate((0.005, 0.5, 1.0), 1)
        for fault in (Crash(f"a{number}", at), Recover(f"a{number}", at + 0.4))
    ]
    for seed in range(10):
        assert not broken(run(faults=faults, seed=seed))


def test_no_value_without_a_majority_and_one_with_it():
    two, one = [Crash("a1", at=0), Crash("a2", at=0)], [Crash("a1", at=0)]
    assert not learned(run(faults=two))
    assert learned(run(faults=one))
    assert learned(run(faults=two, acceptors=3, phase_1=1, phase_2=3)) == set()
    lost = [Crash("a1", at=0.03), Crash("a2", at=0.03)]
    assert not learned(run("x", lost))
    assert learned(run("x", lost, phase_1=3, phase_2=1))  # enough, once it leads


def test_quorums_that_need_not_meet_are_refused():
    for first, second in ((1, 2), (0, 3), (4, 1), (2, 1)):
        with pytest.raises(ValueError, match=f"phase_1 is {first}"):
            paxos_nodes("xy", 3, first, second)
    with pytest.raises(ValueError, match="values is empty"):
        paxos_nodes(())
    with pytest.raises(ValueError, match="members is 0"):
        paxos_nodes(acceptors=0)


def test_a_value_that_too_few_have_accepted_is_not_chosen():
    """By what is recorded, whatever a learner believes."""
    facts = [
        ("p1", Proposed("x")),
        ("a1", Accepted(Proposal(1, "x"))),
        ("a2", Accepted(Proposal(2, "x"))),
        ("l1", Chosen("x")),
    ]
    trace = Trace([(0, "fact", node, None, fact, None) for node, fact in facts])
    assert broken(trace, PROPERTIES) == ["integrity"]
    assert broken(trace, chosen_by(1)) == []


def test_the_specification_has_the_states_that_tlc_counts():
    found = explore(
        PaxosSpecified(3, 2), {"agreement": lambda state: len(chosen(state)) < 2}
    )
    assert (found.states, found.depth, found.violations) == (3_921, 17, {})
    both = {"none": lambda state: not chosen(state)}
    assert explore(PaxosSpecified(3, 1), both).violations  # something can be chosen


def test_every_mutant_is_shown_and_every_promise_broken():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    names = {each.name for each in PROPERTIES}
    assert {*BREAKS.values()} == {*names, "termination"}


@pytest.mark.parametrize("mutant", FOUND, ids=lambda each: each.kind.__name__)
def test_a_mutant_is_found_in_under_twenty_steps(mutant):
    for most in (1_000, 16_000):
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


def test_a_proposer_that_gives_up_may_leave_nothing_chosen():
    given, faults, name = SHOWN_BY[room.GivesUp]
    live = (termination(2, UNTIL),)
    for kind, verdict in ((room.GivesUp, [name]), (Proposer, [])):
        trace = Cluster(mutated(kind, given), faults=faults).run(UNTIL)
        assert broken(trace, live) == verdict
    assert not find(
        mutated(Proposer), [*PROPERTIES, *live], until=UNTIL, seeds=range(60)
    )


def test_a_run_can_be_drawn():
    faults = [Lose("Accept"), Lose("Accept", nth=2)]
    story = repr(spacetime(run("xy", faults, until=1.0), look=PAXOS_LOOK))
    for words in (
        "wants to propose x",
        "accepts proposal 2, y",
        "learns that y is chosen",
        "its promise 1",
        "its number 2",
    ):
        assert words in story
