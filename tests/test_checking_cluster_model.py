"""Real nodes under exploration: exactly the states that the simulator can be brought
to, and counterexamples that it replays.
"""

from dataclasses import dataclass
from functools import partial

import oracle
import pytest

from ftlib.checking import ClusterModel, Counterexample, explore
from ftlib.simulation import (
    Broken,
    Cluster,
    Drop,
    HandlerError,
    Node,
    Property,
    Trace,
    judge,
    monitor,
    play,
)
from ftlib.simulation.event import KINDS
from ftlib.transactions.atomic_commit import (
    PROPERTIES,
    Decided,
    Voted,
    agreement,
    termination,
)
from ftlib.transactions.bank import bank
from ftlib.transactions.mutants import (
    AbortsInDoubt,
    CommitsInDoubt,
    KeepsNoLog,
    mutated,
)


@dataclass(frozen=True)
class Note:
    number: int
    tail: object = ()


class Sender(Node):
    """Sends numbered notes, and forces one of two writes."""

    def on_start(self):
        self.send("b", Note(1, [self.disk.read("lives", 0)]))
        self.disk.write("lives", self.disk.read("lives", 0) + 1)
        self.disk.force()
        self.disk.append("log", {1: 2})
        self.send("b", Note(2))
        self.set_timer("again", 1.0)

    def on_timer(self, name):
        self.disk.force()
        self.send("b", Note(3))


class Chooser(Node):
    """Answers with one of two numbers, at its start and for every note."""

    def __init__(self):
        self.heard = {}

    def on_start(self):
        self.send("a", Note(self.choose([10, 20])))

    def on_message(self, sender, message):
        self.heard[message.number] = [message.tail]
        self.record(Note(message.number))
        self.call(("read", message.number))
        self.returned(("read", message.number), self.choose([None, 1, 2]))
        self.cancel_timer("again")


TOYS = {"a": Sender, "b": Chooser}
BOUNDS = [
    ("y", {"firings": 1}),
    ("y", {"crashes": 1, "firings": 0}),
    ("y", {"crashes": 1, "recoveries": 1, "firings": 1}),
    ("y", {"losses": 1, "duplicates": 1, "firings": 1}),
    ("y", {"crashes": 2, "recoveries": 1, "firings": 1}),
    ("yn", {"firings": 0, "crashes": 1}),
]


def all_states(model):
    seen, todo = set(), list(model.initial_states())
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += [successor for _, successor in model.successors(state)]
    return seen


def ways(model, most=4_000):
    """A shortest way to each of the first states."""
    found = {
        state: Counterexample((state,), (), model) for state in model.initial_states()
    }
    queue = list(found)
    for state in queue:
        for action, successor in model.successors(state) if len(queue) < most else ():
            if successor not in found:
                way = found[state]
                found[successor] = Counterexample(
                    (*way.states, successor), (*way.actions, action), model
                )
                queue.append(successor)
    return list(found.values())


@pytest.mark.parametrize("timers", ["free", "synchronous"])
@pytest.mark.parametrize(("votes", "bound"), BOUNDS)
def test_the_same_states_as_the_simulator(votes, bound, timers):
    expected = oracle.reached(bank(votes), timers=timers, **bound)
    model = ClusterModel(bank(votes), network="multiset", timers=timers, **bound)
    assert {oracle.key_of_state(model, state) for state in all_states(model)} == set(
        expected
    )


@pytest.mark.parametrize(
    "bound",
    [
        {"firings": 1},
        {"firings": 1, "crashes": 1},
        {"firings": 0, "crashes": 1, "recoveries": 1},
    ],
)
def test_the_same_states_of_nodes_that_choose_and_keep_lists(bound):
    expected = oracle.reached(TOYS, choosing="b", **bound)
    model = ClusterModel(TOYS, network="multiset", **bound)
    assert {oracle.key_of_state(model, state) for state in all_states(model)} == set(
        expected
    )
    assert len(expected) > 30


def everything(start=()):
    """A property that remembers all events, and is never violated."""

    def step(memory, event):
        what = "" if event.kind == "timer" else repr(event.what)
        told = (event.kind, event.node, event.other, what, event.reason)
        return (*memory, told)

    return monitor("everything", start, step, kinds=KINDS)


REPLAYED = [
    (TOYS, {"network": "multiset", "firings": 1, "crashes": 1, "recoveries": 1}, 60),
    (
        bank("yy"),
        {"network": "multiset", "timers": "synchronous", "crashes": 1, "recoveries": 1},
        150,
    ),
    (
        bank("y"),
        {"network": "multiset", "losses": 1, "duplicates": 1, "firings": 1},
        60,
    ),
    (bank("yy"), {"network": "fifo", "losses": 1, "duplicates": 1, "firings": 1}, 100),
    (
        bank("yy"),
        {
            "network": "multiset",
            "timers": "synchronous",
            "partition": [["coordinator", "p1"]],
        },
        60,
    ),
    (bank("y"), {"network": "set", "crashes": 1, "firings": 1}, 80),
]


@pytest.mark.parametrize(("nodes", "bound", "number"), REPLAYED)
def test_every_way_is_replayed_event_for_event(nodes, bound, number):
    model = ClusterModel(nodes, [everything()], **bound)
    found = ways(model)
    kinds = set()
    for way in found[:: max(1, len(found) // number)]:
        memory, _ = model.memories._memories[way.states[-1][-1]]
        trace = way.trace
        assert list(memory) == [
            everything().monitor.step((), event)[0] for event in trace
        ], way.script
        kinds.update(event.kind for event in trace)
        places = zip(model.ids, way.states[-1], strict=False)
        assert {
            id for id, place in places if model.machines[model.ids.index(id)].up[place]
        } == set(model.up(way.states[-1]))
    assert {"send", "deliver"} <= kinds
    assert ("crash" in kinds) == ("crashes" in bound)
    assert ("drop" in kinds) == (
        "losses" in bound or "partition" in bound or "crashes" in bound
    )


@pytest.mark.parametrize(
    ("mutant", "name"),
    [
        (KeepsNoLog, "agreement"),
        (CommitsInDoubt, "validity"),
        (AbortsInDoubt, "agreement"),
    ],
)
@pytest.mark.parametrize("network", ["set", "multiset", "fifo"])
def test_a_counterexample_violates_its_property_in_the_simulator(mutant, name, network):
    firings = {} if network == "set" else {"firings": 1}
    found = explore(
        ClusterModel(
            mutated(mutant),
            PROPERTIES,
            network=network,
            crashes=1,
            recoveries=1,
            **firings,
        )
    )
    way = found.violations[name]
    (finding,) = judge(way.trace, [prop for prop in PROPERTIES if prop.name == name])
    assert finding.verdict == "violated"
    assert finding.event.index == len(way.trace) - 1 or finding.event.kind == "fact"
    assert str(way) == str(way.script)
    shorter = way.script.faults[:-1]
    assert all(
        judge(play(Cluster(mutated(mutant)), shorter), [p])[0]
        for p in PROPERTIES
        if p.name == name
    )


def test_the_library_holds_in_every_run_within_the_bound():
    found = explore(ClusterModel(bank("yy"), PROPERTIES, crashes=1, recoveries=1))
    assert found
    assert (
        found.bound
        == "set network, free timers, 1 crash, 1 recovery, every reachable state"
    )
    assert all(f"{prop.name}: holds" in str(found) for prop in PROPERTIES)


def test_a_rule_over_the_trace_gives_the_verdict_of_its_monitor():
    as_rule = Property(agreement.name, agreement.rule, agreement.kinds)
    for nodes in (bank("yn"), mutated(AbortsInDoubt, "yy")):
        fast, slow = (
            explore(
                ClusterModel(
                    nodes, [prop], network="multiset", timers="synchronous", crashes=1
                )
            ).violations
            for prop in (agreement, as_rule)
        )
        assert {name: len(way) for name, way in fast.items()} == {
            name: len(way) for name, way in slow.items()
        }


def test_a_rule_sees_drops_and_timers_as_a_trace_shows_them():
    def rule(trace: Trace):
        for event in trace.where(kind="drop"):
            return f"{event.what} {event.reason}"
        return None

    prop = Property("calm", rule, kinds=("drop", "timer"))
    found = explore(
        ClusterModel(bank("y"), [prop], network="multiset", losses=1, firings=1)
    )
    assert len(found.violations["calm"]) == 1
    assert isinstance(found.violations["calm"].script[0], Drop)


class Counter(Node):
    """Hears two notes in some order."""

    def on_message(self, sender, message):
        self.record(message)


class Two(Node):
    def on_start(self):
        self.send("b", Note(1))
        self.send("b", Note(2))


def in_order():
    def step(last, event):
        return (
            event.what.number
            if event.what.number > last
            else Broken(f"{event.what.number} after {last}")
        )

    return monitor("in order", 0, step)


def test_networks_from_strict_to_loose():
    def found(network):
        return explore(
            ClusterModel({"a": Two, "b": Counter}, [in_order()], network=network)
        )

    assert (found("fifo").states, found("fifo").violations) == (3, {})
    assert len(found("multiset").violations["in order"]) == 2
    assert (
        found("multiset").states == 5
    )  # nothing, 1, 2, both in order, both out of order
    assert (
        found("set").violations["in order"].actions[0].what[1].number == 1
    )  # a second copy of the first note


def test_synchronous_timers_wait_for_silence():
    free = explore(ClusterModel(bank("yy"), network="multiset", firings=1))
    calm = explore(ClusterModel(bank("yy"), network="multiset", timers="synchronous"))
    assert calm.states < free.states
    model = ClusterModel(bank("yy"), network="multiset", timers="synchronous")
    for state in all_states(model):
        fires = any(action.kind == "fire" for action, _ in model.successors(state))
        assert not (fires and model.under_way(state))


def test_a_partition_comes_at_any_moment_and_loses_everything_across():
    model = ClusterModel(
        bank("y"),
        PROPERTIES,
        network="multiset",
        timers="synchronous",
        partition=[["p1"]],
    )
    cut = [
        state
        for state in all_states(model)
        if model.steps.budgets[state[len(model.ids) + 1]].cut
    ]
    assert cut
    assert all(not model.under_way(state) for state in cut)
    assert (
        len({model.disk(state, "p1").get("txn t1") for state in cut}) == 3
    )  # nothing, a promise, an outcome
    assert "a partition p1" in model.bound


def test_each_property_sees_its_own_kinds_of_event_only():
    def seeing(kind):
        return monitor(
            kind,
            0,
            lambda count, event: (
                count + 1 if event.kind == kind else Broken(event.kind)
            ),
            kinds=(kind,),
        )

    model = ClusterModel(
        {"a": Two, "b": Counter},
        [seeing("fact"), seeing("deliver"), seeing("send")],
        network="multiset",
    )
    assert explore(model)
    assert {model.memories._memories[state[-1]] for state in all_states(model)} >= {
        (0, 0, 2, frozenset()),
        (2, 2, 2, frozenset()),
    }


def test_only_those_crash_that_may():
    model = ClusterModel(bank("yy"), crashes=2, crashing=["p1"])
    assert {model.up(state) for state in all_states(model)} == {
        ("coordinator", "p1", "p2"),
        ("coordinator", "p2"),
    }
    assert "only p1 may crash" in model.bound


def test_what_ends_and_what_is_cut_off():
    found = explore(ClusterModel({"a": Two, "b": Counter}, network="multiset"))
    assert (found.terminal, found.stuttering, found.starved) == (1, 0, 0)
    found = explore(ClusterModel({"a": Two, "b": Counter}, network="set"))
    assert (found.terminal, found.stuttering) == (0, 1)
    found = explore(
        ClusterModel({"a": Two, "b": Counter}, network="multiset", crashes=1)
    )
    assert found.terminal == found.starved == 2  # the crash is always spent in the end
    found = explore(ClusterModel(bank("s"), network="multiset", firings=0))
    assert (
        found.starved == found.terminal == 1
    )  # the coordinator's timer is armed, and may not fire
    found = explore(ClusterModel(bank("s"), network="multiset", firings=1))
    assert (found.starved, found.terminal) == (0, 1)


def test_looking_at_a_state():
    model = ClusterModel(bank("yn"), keep=(Voted, Decided), crashes=1)
    (first,) = [state for state in model.initial_states() if len(model.up(state)) == 3]
    assert model.attributes(first, "p2")["vote"] == "no"
    assert model.disk(first, "coordinator") == {"started": True}
    assert model.armed(first, "coordinator") == ("votes t1",)
    assert [(sender, receiver) for sender, receiver, _ in model.under_way(first)] == [
        ("coordinator", "p1"),
        ("coordinator", "p2"),
    ]
    assert model.facts(first) == frozenset()
    last = max(all_states(model), key=lambda state: len(model.facts(state)))
    assert ("p2", Decided("t1", "abort")) in model.facts(last)
    down = next(state for state in all_states(model) if "p1" not in model.up(state))
    assert model.attributes(down, "p1") is None
    with pytest.raises(ValueError, match="no node is called 'p9'"):
        model.disk(first, "p9")


def test_handlers_are_run_once():
    model = ClusterModel(bank("yyy"), crashes=1)
    explore(model)
    assert model.handlers.hit_rate > 0.99


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"network": "bag"}, "network is 'bag': choose from 'set', 'multiset', 'fifo'"),
        ({"timers": "slow"}, "timers is 'slow': choose from 'free', 'synchronous'"),
        ({"timers": "synchronous"}, "a set network is never silent"),
        ({"losses": 1}, "a set network loses and doubles what it likes"),
        ({"crashes": -1}, "crashes is -1"),
        ({"recoveries": True}, "recoveries is True"),
        ({"firings": 1.5}, "firings is 1.5"),
        ({"crashing": ["p7"]}, "no node is called 'p7'"),
        ({"partition": [["p1"], ["p1"]]}, "name at least one node, and none twice"),
        ({"partition": []}, "name at least one node"),
        ({"properties": [agreement, agreement]}, "same name"),
        ({"properties": [termination(1, until=9)]}, "'termination' is liveness"),
    ],
)
def test_bounds_that_make_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        ClusterModel(bank("yy"), **options)


def test_nodes_that_cannot_be_explored():
    class Timed(Node):
        timed = True

        def on_message(self, sender, message):
            self.record(Note(self.now))

    class Wild(Node):
        def on_message(self, sender, message):
            self.send("z", message)

    class Odd(Node):
        def on_message(self, sender, message):
            self.file = print

    class Returns(Node):
        def on_message(self, sender, message):
            self.returned(("read",), 1)

    for kind, message in [
        (Timed, "on_message.*NotTimed: 'b' reads self.now under exploration"),
        (Wild, "'b' sends .* to 'z': there are a, b"),
        (Odd, "Odd 'b', on_message.*Odd.file is a builtin_function_or_method"),
        (Returns, "'b' returns from .*, which it has not called"),
    ]:
        with pytest.raises(HandlerError, match=message) as caught:
            explore(ClusterModel({"a": Two, "b": kind}))
        assert caught.value.__notes__
    with pytest.raises(HandlerError, match="'a' cannot be made"):
        explore(ClusterModel({"a": partial(Two, 1)}))
    with pytest.raises(ValueError, match="there is no node"):
        ClusterModel({})
