"""Two-phase commit under random schedules: several transactions and coordinators,
crashes in crashes, loss, copies.
"""

from functools import partial

import pytest
from commits import audit, broken
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Exponential,
    Heal,
    Lose,
    Network,
    Partition,
    Point,
    Recover,
    Slow,
    Uniform,
)
from ftlib.transactions.atomic_commit import PROPERTIES, Transaction, termination
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.mutants import (
    AbortsInDoubt,
    ForgetsItsVote,
    KeepsNoLog,
    SendsBeforeForcing,
)
from ftlib.transactions.two_phase import Coordinator, Participant

UNTIL = 30.0
PROMISES = (*PROPERTIES, termination(4.0, UNTIL))
SECONDS = st.sampled_from([0.0, 0.004, 0.05, 0.3, 0.55, 1.0, 3.0])


@st.composite
def transactions(draw, participants: int) -> tuple[Transaction, ...]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        chosen = draw(st.permutations(range(1, participants + 1)))[
            : draw(st.integers(1, participants))
        ]
        amounts = [draw(st.integers(0, 70)) for _ in chosen[1:]]
        signed = zip(chosen, [-sum(amounts), *amounts], strict=True)
        changes = tuple(
            (f"p{k}", draw(st.sampled_from(["a", "b"])), amount) for k, amount in signed
        )
        made.append(Transaction(f"t{number}", changes, draw(SECONDS)))
    return tuple(made)


@st.composite
def crashes(draw, node: str) -> list:
    """One crash and recovery, and perhaps one more while it recovers or later."""
    event = draw(
        st.sampled_from(["deliver", "force", "send", "write", "timer", "fact"])
    )
    first = draw(st.sampled_from([0, Point(node, event, nth=draw(st.integers(1, 4)))]))
    faults = [
        Crash(node, at=first, after=draw(st.integers(0, 12))),
        Recover(node, at=Point(node, "crash", later=draw(SECONDS))),
    ]
    if draw(st.booleans()):
        faults.append(
            Crash(
                node,
                at=Point(node, "recover", later=draw(SECONDS)),
                after=draw(st.integers(0, 9)),
            )
        )
        faults.append(
            Recover(node, at=Point(node, "crash", nth=2, later=draw(SECONDS)))
        )
    return faults


@st.composite
def tampering(draw):
    name = draw(
        st.sampled_from([None, "Prepare", "Vote", "Decision", "Ack", "Inquiry"])
    )
    nth = draw(st.integers(1, 5))
    return draw(
        st.sampled_from(
            [
                Lose(name, nth=nth),
                *(
                    Duplicate(name, nth=nth, later=later)
                    for later in (0.0, 0.03, 0.6, 2.0, 9.0)
                ),
            ]
        )
    )


@st.composite
def worlds(draw, coordinator, participant) -> Cluster:
    """A cluster in which faults stop in the end, and everybody is up again."""
    size = draw(st.integers(1, 3))
    wanted = draw(transactions(size))
    coordinators = draw(st.integers(1, 2))
    nodes = {
        f"c{k}": partial(coordinator, wanted[k::coordinators])
        for k in range(coordinators)
    }
    for k in range(1, size + 1):
        vote = draw(st.sampled_from(["yes", "yes", "yes", "yes", "no", "silent"]))
        nodes[f"p{k}"] = partial(participant, (("a", 100), ("b", 100)), vote)
    faults: list = []
    for node in draw(st.lists(st.sampled_from(list(nodes)), max_size=3, unique=True)):
        faults += draw(crashes(node))
    faults += draw(st.lists(tampering(), max_size=4))
    if draw(st.integers(0, 4)) == 0:
        begin = draw(SECONDS)
        faults += [
            Partition([[draw(st.sampled_from(list(nodes)))]], at=begin),
            Heal(at=begin + 0.5 + draw(SECONDS)),
        ]
    if draw(st.integers(0, 4)) == 0:
        faults.append(Slow(draw(st.sampled_from(list(nodes))), by=0.04, until=2.0))
    latency = draw(
        st.sampled_from(
            [0.01, Uniform(0.001, 0.05), Uniform(0.001, 0.7), Exponential(0.1)]
        )
    )
    network = Network(latency=latency, duplicate=draw(st.sampled_from([0.0, 0.2])))
    seed = draw(st.integers(0, 9))
    return Cluster(
        nodes,
        network=network,
        faults=faults,
        seed=seed,
        disk_latency=draw(st.sampled_from([0.0, 0.008])),
    )


@pytest.mark.parametrize(
    "participant",
    [Participant, pytest.param(CooperativeParticipant, marks=pytest.mark.slow)],
)
def test_every_promise_holds(participant):
    @settings(
        max_examples=300,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(worlds(Coordinator, participant))
    def check(cluster):
        trace = cluster.run(until=UNTIL)
        assert not broken(trace, PROMISES), cluster.faults
        assert audit(trace) is None

    check()


@pytest.mark.parametrize(
    "mutant",
    [
        AbortsInDoubt,
        ForgetsItsVote,
        KeepsNoLog,
        pytest.param(SendsBeforeForcing, marks=pytest.mark.slow),
    ],
)
def test_the_same_search_finds_mutants(mutant):
    """A search that finds nothing wrong with a wrong protocol says nothing about a
    right one.
    """
    coordinator, participant = (
        (mutant, Participant)
        if issubclass(mutant, Coordinator)
        else (Coordinator, mutant)
    )

    @settings(
        max_examples=700,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
        report_multiple_bugs=False,
    )
    @given(worlds(coordinator, participant))
    def check(cluster):
        assert "agreement" not in broken(cluster.run(until=UNTIL), PROMISES)

    with pytest.raises(AssertionError):
        check()
