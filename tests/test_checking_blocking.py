"""Blocking, against its definition worked out one state at a time."""

from dataclasses import dataclass

import pytest

from ftlib.checking import ClusterModel
from ftlib.checking.blocking import blocking
from ftlib.simulation import Cluster, Node, play
from ftlib.transactions.atomic_commit import Decided, Voted, nonblocking
from ftlib.transactions.bank import bank
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.two_phase import Participant

KEEP = (Voted, Decided)
CALM = {"network": "multiset", "timers": "synchronous"}


def model_of(votes="yy", participant=Participant, **bound):
    return ClusterModel(bank(votes, participant=participant), keep=KEEP, **bound)


def by_definition(model):
    """Count blocked states by a search forward from each of them."""
    seen, todo = set(), list(model.initial_states())
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += [successor for _, successor in model.successors(state)]
    waiting = blocked = 0
    for state in seen:
        facts = model.facts(state)
        owing = [
            node
            for node in model.up(state)
            if any((node, Voted("t1", vote)) in facts for vote in ("yes", "no"))
            and not any(
                (node, Decided("t1", outcome)) in facts
                for outcome in ("commit", "abort")
            )
        ]
        waiting += bool(owing)
        blocked += any(not can_decide(model, model.calm(state), node) for node in owing)
    return len(seen), waiting, blocked


def can_decide(model, start, node):
    seen, todo = set(), [start]
    while todo:
        state = todo.pop()
        if any(
            who == node and isinstance(fact, Decided)
            for who, fact in model.facts(state)
        ):
            return True
        if state not in seen:
            seen.add(state)
            steps = model.successors(state)
            assert not {action.kind for action, _ in steps} & {
                "crash",
                "recover",
                "drop",
                "partition",
            }
            todo += [successor for _, successor in steps]
    return False


@pytest.mark.parametrize(
    ("votes", "participant", "bound"),
    [
        ("yy", Participant, {"crashes": 1}),
        ("yn", Participant, {"crashes": 1, "recoveries": 1}),
        (
            "yy",
            Participant,
            {"network": "multiset", "timers": "synchronous", "crashes": 2},
        ),
        (
            "yy",
            Participant,
            {"network": "multiset", "timers": "synchronous", "partition": [["p1"]]},
        ),
        (
            "yy",
            CooperativeParticipant,
            {"network": "fifo", "timers": "synchronous", "crashes": 1},
        ),
    ],
)
def test_the_definition(votes, participant, bound):
    model = model_of(votes, participant, **bound)
    found = blocking(model, *KEEP)
    assert (found.states, found.waiting, found.blocked) == by_definition(model)
    assert found.blocked > 0


def test_without_faults_nobody_is_blocked():
    found = blocking(model_of(), *KEEP)
    assert found.waiting > found.blocked == 0
    assert found.way is None
    assert "in 0 it is blocked, 0.0% of them\nset network" in str(found)


def test_peers_help_and_cannot_always():
    alone, together = (
        blocking(model_of("yy", kind, crashes=1), *KEEP)
        for kind in (Participant, CooperativeParticipant)
    )
    assert 0 < together.blocked / together.waiting < alone.blocked / alone.waiting
    everybody_voted = together.way.trace.facts(Voted)
    assert [event.node for event in everybody_voted] == ["p1", "p2"]


def test_the_way_blocks_in_the_simulator_too():
    found = blocking(model_of(crashes=1), *KEEP)
    cluster = Cluster(bank("yy"))
    play(cluster, found.way.script)
    trace = cluster.run(until=60)
    rule = nonblocking(30, until=60)
    assert isinstance(rule.rule(trace), str)


def test_the_way_is_a_shortest_one():
    found = blocking(model_of(crashes=1), *KEEP)
    assert found.way.actions
    for number in range(len(found.way)):
        model = model_of(crashes=1)
        near = {state for state, depth in depths(model).items() if depth <= number}
        assert all(by_node_is_free(model, state) for state in near)


def depths(model):
    far = dict.fromkeys(model.initial_states(), 0)
    queue = list(far)
    for state in queue:
        for _, successor in model.successors(state):
            if successor not in far:
                far[successor] = far[state] + 1
                queue.append(successor)
    return far


def by_node_is_free(model, state):
    owing = {node for node, fact in model.facts(state) if isinstance(fact, Voted)}
    owing -= {node for node, fact in model.facts(state) if isinstance(fact, Decided)}
    return all(
        can_decide(model, model.calm(state), node)
        for node in owing & set(model.up(state))
    )


@dataclass(frozen=True)
class Waits:
    pass


@dataclass(frozen=True)
class Hears:
    pass


class Teller(Node):
    def on_start(self):
        self.send("b", Hears())


class Listener(Node):
    def on_start(self):
        self.record(Waits())

    def on_message(self, sender, message):
        self.record(message)


def test_what_the_dead_have_sent_does_not_count():
    """The word is under way, but whoever sent it is down: the network may as well have
    lost it.
    """
    nodes = {"a": Teller, "b": Listener}
    for crashes in range(2):
        model = ClusterModel(
            nodes, crashes=crashes, crashing=["a"], keep=(Waits, Hears), **CALM
        )
        found = blocking(model, Waits, Hears)
        assert found.blocked == 2 * crashes, (
            "crashed before it could send, and since it has"
        )
        assert found.waiting == 1 + 2 * crashes


def test_a_bound_on_states_is_said():
    found = blocking(model_of(crashes=1), *KEEP, max_states=50)
    assert (found.states, found.complete) == (50, False)
    assert "stopped after 50 states" in str(found)


def test_only_the_nodes_that_are_named():
    found = blocking(model_of(crashes=1), *KEEP, nodes=["p1"])
    assert set(found.nodes) == {"p1"}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            ClusterModel(bank("y"), keep=Voted),
            r"does not keep Decided: make it with keep=\(Voted, Decided\)",
        ),
        (
            model_of("y", network="multiset"),
            "with free timers a multiset network fills up",
        ),
    ],
)
def test_what_cannot_be_asked(model, message):
    with pytest.raises(ValueError, match=message):
        blocking(model, *KEEP)
