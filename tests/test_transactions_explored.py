"""Every run of every transaction protocol within a stated bound; every mutant is caught
in one of them.
"""

import itertools

import pytest

from ftlib.checking import ClusterModel, explore
from ftlib.checking.blocking import blocking
from ftlib.simulation import judge
from ftlib.transactions import three_phase
from ftlib.transactions.atomic_commit import (
    PROPERTIES,
    Decided,
    Transaction,
    Voted,
    transfer,
)
from ftlib.transactions.bank import bank
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.mutants import BREAKS, mutated
from ftlib.transactions.three_phase_mutants import DoesNotWait
from ftlib.transactions.three_phase_mutants import mutated as mutated_three
from ftlib.transactions.two_phase import Participant

CALM = {"network": "multiset", "timers": "synchronous"}
OPPOSED = (
    transfer("t1", 2),
    Transaction("t2", (("p1", "a1", 20), ("p2", "a2", -20))),
)  # want the same locks


def every_vote(most):
    return [
        "".join(votes)
        for size in range(1, most + 1)
        for votes in itertools.product("yns", repeat=size)
    ]


def holds(nodes, **bound):
    found = explore(ClusterModel(nodes, PROPERTIES, **bound))
    assert found, f"{found}\n{[way.script for way in found.violations.values()]}"
    return found


@pytest.mark.parametrize("participant", [Participant, CooperativeParticipant])
@pytest.mark.parametrize("votes", every_vote(2))
def test_every_vote_under_a_crash_and_a_recovery(votes, participant):
    holds(bank(votes, participant=participant), crashes=1, recoveries=1)


@pytest.mark.parametrize(
    ("nodes", "bound"),
    [
        (bank("yyy"), {"crashes": 1, "recoveries": 1}),
        (bank("yy"), {"crashes": 2, "recoveries": 2}),
        (bank("yyy"), {"crashes": 2, "recoveries": 2, **CALM}),
        (
            bank("yy"),
            {"losses": 2, "duplicates": 1, "firings": 2, "network": "multiset"},
        ),
        (bank("yy"), {"losses": 1, "duplicates": 1, "firings": 2, "network": "fifo"}),
        (
            bank("yyy"),
            {
                "partition": [["coordinator", "p1"]],
                "crashes": 1,
                "recoveries": 1,
                **CALM,
            },
        ),
        pytest.param(
            bank("yyy", participant=CooperativeParticipant),
            {"crashes": 1, "recoveries": 1, **CALM},
            marks=pytest.mark.slow,
        ),
        (
            bank("yyy", participant=CooperativeParticipant),
            {"partition": [["p1"], ["p2"]], **CALM},
        ),
        pytest.param(
            bank("yy", OPPOSED),
            {"crashes": 1, "recoveries": 1, **CALM},
            marks=pytest.mark.slow,
        ),
        pytest.param(bank("yy", OPPOSED), {}, marks=pytest.mark.slow),
    ],
)
def test_two_phase_commit_keeps_its_promises_in_every_run(nodes, bound):
    assert holds(nodes, **bound).states > 100


def test_counts_that_must_not_change_by_accident():
    found = [
        holds(bank("yy"), crashes=crashes, recoveries=crashes) for crashes in range(3)
    ]
    assert [(each.states, each.depth) for each in found] == [
        (152, 13),
        (1182, 16),
        (4241, 16),
    ]


@pytest.mark.parametrize("mutant", BREAKS)
def test_exploration_finds_every_mutant(mutant):
    for votes in ("yy", "yn"):
        found = explore(
            ClusterModel(mutated(mutant, votes), PROPERTIES, crashes=1, recoveries=1)
        )
        if BREAKS[mutant] in found.violations:
            break
    way = found.violations[BREAKS[mutant]]
    assert len(way) <= 10
    (finding,) = judge(
        way.trace, [prop for prop in PROPERTIES if prop.name == BREAKS[mutant]]
    )
    assert finding.verdict == "violated"


def test_commit_stays_possible_until_somebody_fails_or_a_timer_fires():
    def committed(state, model):
        return ("coordinator", Decided("t1", "commit")) in model.facts(state)

    def possible(**bound):
        model = ClusterModel(bank("yy"), keep=Decided, **bound)
        return explore(
            model, can_reach={"commit": lambda state: committed(state, model)}
        ).unreachable

    assert possible(firings=0) == {}
    lost = possible()["commit"]
    assert (
        lost.way.actions[-1].what == "votes t1"
    )  # the coordinator has waited long enough


def test_both_outcomes_are_reached():
    model = ClusterModel(bank("yy"), keep=Decided)
    for outcome in ("commit", "abort"):
        never = explore(
            model,
            {
                "never": (
                    lambda state, outcome=outcome: (
                        ("p1", Decided("t1", outcome)) not in model.facts(state)
                    )
                )
            },
        )
        assert "never" in never.violations


def test_how_much_two_phase_commit_blocks():
    def share(participant, **bound):
        model = ClusterModel(
            bank("yy", participant=participant), keep=(Voted, Decided), **bound
        )
        found = blocking(model, Voted, Decided)
        return found.blocked / found.waiting

    alone, together = (
        share(participant, crashes=1)
        for participant in (Participant, CooperativeParticipant)
    )
    assert 0 < together < alone < 1
    assert share(Participant) == share(CooperativeParticipant) == 0


def test_exploring_losses_too_finds_the_one_mutant_that_crashes_do_not_show():
    bound = {"losses": 2, "crashes": 1, "firings": 2, **CALM}
    three = {
        "coordinator": three_phase.Coordinator,
        "participant": three_phase.Participant,
    }
    assert holds(bank("yy", **three), **bound).states == 4234
    found = explore(ClusterModel(mutated_three(DoesNotWait), PROPERTIES, **bound))
    assert len(found.violations["agreement"]) == 9
