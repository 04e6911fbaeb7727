"""What is explored is what runs: the traces that exploration says are possible are
those of the simulator driven through every script, no more and no fewer; and what the
two worlds once took differently.
"""

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import random_protocols

from ftlib.checking import ClusterModel, explore, watch
from ftlib.checking.replay import Disagreement
from ftlib.simulation import (
    Broken,
    Cluster,
    Crash,
    Deliver,
    Fire,
    HandlerError,
    Lose,
    Node,
    Point,
    Property,
    Recover,
    judge,
    monitor,
    play,
)
from ftlib.simulation.event import KINDS, Unseen

ROOT = Path(__file__).resolve().parent.parent
WORLDS = [
    {"firings": 1},
    {"firings": 1, "crashes": 1, "recoveries": 1},
    {"firings": 1, "losses": 1, "duplicates": 1},
    {"firings": 0, "crashes": 1, "recoveries": 1, "survivors": True},
]


@pytest.mark.parametrize(
    "seed",
    [
        *range(16),
        *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(16, 40)),
    ],
)
def test_the_same_traces_in_both_worlds(seed):
    nodes, world = random_protocols.protocol(seed), WORLDS[seed % len(WORLDS)]
    depth = 3
    while len(explored := random_protocols.explored(nodes, depth, **world)) > 700:
        depth -= 1
    assert explored == random_protocols.simulated(nodes, depth, **world)
    assert len(explored) > 5


PRINTED = """
import random_protocols
for seed in range(0, 40, 2):
    traces = random_protocols.explored(random_protocols.protocol(seed), 3, firings=1)
    print(seed, len(traces), sorted(map(repr, traces))[-1])
"""


def test_every_hash_seed_explores_the_same():
    outputs = set()
    for seed in ("0", "1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "tests"}
        done = subprocess.run(
            [sys.executable, "-c", PRINTED],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


# ----------------------------------------------------------- what a property is shown


@dataclass(frozen=True)
class Note:
    what: object = None


class Server(Node):
    """Answers every question; one that forgets does so after a restart only."""

    def on_start(self):
        self.record(Note("up"))

    def on_message(self, sender, message):
        self.send(sender, Note(message.what))


class Asker(Node):
    def on_start(self):
        self.call(("ask", 1))
        self.send("s", Note(1))

    def on_message(self, sender, message):
        self.returned(("ask", 1), message.what)


PAIR = {"s": Server, "c": Asker}


@pytest.mark.parametrize(
    ("look", "told"),
    [
        (
            lambda event: event.time,
            r"event\.time is read of a 'fact' under exploration",
        ),
        (lambda event: event.index, r"event\.index is read of a 'fact'"),
    ],
)
def test_a_time_or_a_place_cannot_be_read(look, told):
    def step(memory, event):
        look(event)
        return memory

    for prop in (
        monitor("monitor", 0, step),
        Property("rule", lambda trace: [look(event) for event in trace] and None),
    ):
        assert judge(Cluster(PAIR).run(), [prop])[0]
        with pytest.raises(Unseen, match=told) as caught:
            explore(ClusterModel(PAIR, [prop]))
        assert "in an initial state" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("kinds", "look"),
    [
        (("fact",), lambda trace: trace.end),
        (("fact",), lambda trace: trace.where(kind="fact", since=1.0)),
        (("send",), lambda trace: [event.ref for event in trace]),
        (("return",), lambda trace: [event.ref for event in trace]),
        (("timer",), lambda trace: [event.what + 1 for event in trace]),
    ],
)
def test_whatever_exploration_does_not_know_raises(kinds, look):
    class Timed(Asker):
        def on_start(self):
            super().on_start()
            self.set_timer("t", 1.0)

    nodes = {"s": Server, "c": Timed}
    prop = Property("p", lambda trace: (look(trace), None)[1], kinds=kinds)
    assert judge(Cluster(nodes).run(), [prop])[0].verdict == "holds"
    with pytest.raises(Unseen):
        explore(ClusterModel(nodes, [prop], firings=1, network="multiset"))


def test_a_rule_is_shown_its_kinds_in_both_worlds():
    """It asked for crashes, said that it looks at facts, and was violated when explored
    and held in its own replay.
    """
    asks = Property("p", lambda trace: "crash" if trace.where(kind="crash") else None)
    counts = Property("q", lambda trace: "two" if len(trace) > 1 else None)
    with pytest.raises(Unseen, match="shows events of kind 'fact' only, not 'crash'"):
        judge(Cluster(PAIR).run(), [asks])
    with pytest.raises(Unseen, match="shows events of kind 'fact' only, not 'crash'"):
        explore(ClusterModel(PAIR, [asks], crashes=1))
    assert judge(Cluster(PAIR).run(), [counts])[0], "messages and calls do not count"
    assert explore(ClusterModel(PAIR, [counts], network="multiset"))


def test_the_calls_of_a_rule_are_numbered():
    class Twice(Node):
        def on_start(self):
            self.send(self.id, Note())

        def on_message(self, sender, message):
            for _ in range(2):
                self.call("op")
                self.returned("op", None)

    seen = set()

    def rule(trace):
        seen.add(tuple((event.kind, event.node, event.ref) for event in trace))

    prop = Property("calls", rule, kinds=("call", "return"))
    explore(ClusterModel({"a": Twice, "b": Twice}, [prop], network="multiset"))
    assert ("call", "b", 3) in {trace[4] for trace in seen if len(trace) > 4}
    assert all(
        [ref for kind, _, ref in trace if kind == "call"]
        == list(range(1, 1 + sum(kind == "call" for kind, *_ in trace)))
        for trace in seen
    )


# ------------------------------------------------------------- identical, and visible


class Queue(Node):
    """Serves in the order of arrival."""

    def __init__(self, take=lambda queue: next(iter(queue))):
        self.waiting = {}

    def on_message(self, sender, message):
        if message.what == "serve":
            first = next(iter(self.waiting))
            del self.waiting[first]
            self.record(Note(first))
        else:
            self.waiting[message.what] = True
            self.record(Note(("asks", message.what)))
            if len(self.waiting) == 2:
                self.send(self.id, Note("serve"))


class Two(Node):
    def on_start(self):
        self.send("q", Note("z"))
        self.send("q", Note("a"))


def served(rank):
    def step(waiting, event):
        match event.what:
            case Note(("asks", who)):
                return (*waiting, who)
            case Note(who):
                first = rank(waiting)
                rest = tuple(one for one in waiting if one != who)
                return rest if who == first else Broken(f"{who} before {first}")

    return monitor("order", (), step)


def test_the_order_of_a_dict_is_part_of_the_state():
    nodes = {"q": Queue, "c": Two}
    world = {"network": "multiset"}
    assert explore(ClusterModel(nodes, [served(lambda waiting: waiting[0])], **world))
    found = explore(ClusterModel(nodes, [served(min)], **world))
    assert found.violations, "alphabetical it is not"


@pytest.mark.parametrize("keep", [set, frozenset, lambda words: [set(words)]])
def test_a_set_is_refused_wherever_a_node_could_show_its_order(keep):
    class Keeper(Node):
        def on_message(self, sender, message):
            self.words = keep(["a", "b"])

    class Sender(Node):
        def on_start(self):
            self.send("b", Note())

    nodes = {"b": Keeper, "a": Sender}
    told = r"Keeper\.words(\[0\])? is a (frozen)?set: the order of its elements differs"
    with pytest.raises(HandlerError, match=told):
        Cluster(nodes).run()
    with pytest.raises(HandlerError, match=told):
        explore(ClusterModel(nodes))
    for act in (
        lambda self: self.send("a", Note(frozenset())),
        lambda self: self.disk.write("x", {1}),
        lambda self: self.record(Note({1})),
    ):
        kind = type("Acting", (Node,), {"on_start": act})
        with pytest.raises(HandlerError, match=r"is a (frozen)?set: the order"):
            Cluster({"a": kind}).run()


def test_equal_is_not_the_same():
    class Sends(Node):
        def on_start(self):
            for what in (1, True, 1.0, -0.0, 0.0):
                self.send("b", Note(what))

    class Tells(Node):
        def on_message(self, sender, message):
            self.held = message.what
            self.record(Note(repr(message.what)))

    nodes = {"b": Tells, "a": Sends}
    model = ClusterModel(nodes, keep=(Note,))
    told = {fact.what for state in _states(model) for _, fact in model.facts(state)}
    assert told == {"1", "True", "1.0", "-0.0", "0.0"}
    held = {repr(model.attributes(state, "b").get("held")) for state in _states(model)}
    assert held == told | {"None"}


def _states(model):
    seen, todo = set(), list(model.initial_states())
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += [after for _, after in model.successors(state)]
    return seen


def test_states_of_a_specification_that_are_equal_and_not_the_same():
    class Mixed:
        def initial_states(self):
            return [(1,)]

        def successors(self, state):
            yield "turn", (True,) if type(state[0]) is int else (1,)

    with pytest.raises(TypeError, match=r"\(True,\) and \(1,\) are equal, and not the"):
        explore(Mixed())


class Moody(Node):
    drawn = 0

    def on_message(self, sender, message):
        type(self).drawn += 1
        self.record(Note(self.drawn))


def test_chance_of_its_own_is_seen():
    nodes = {"b": Moody, "a": partial(Two)}

    class ToB(Node):
        def on_start(self):
            self.send("b", Note())

    nodes = {"b": Moody, "a": ToB}
    with pytest.raises(HandlerError, match="run twice from the same state, it did two"):
        explore(ClusterModel(nodes))


def test_what_is_shared_is_seen():
    class Shares(Node):
        log = []  # noqa: RUF012

    class Given(Node):
        def __init__(self, peers):
            self.peers = peers

    class Both(Node):
        def __init__(self):
            self.one = self.other = []

    class Annotated(Node):
        name: str = "x"  # its annotations are a dict of the class

    assert Cluster({"a": Annotated}).run().end == 0
    for nodes, told in (
        ({"a": Shares}, r"Shares\.log is a list of the class, which all its nodes"),
        (
            {"a": partial(Given, [])},
            r"Given\.peers is the same in every node that this",
        ),
        ({"a": Both}, r"Both\.other and Both\.one are one and the same list"),
    ):
        for run in (Cluster(nodes).run, lambda: explore(ClusterModel(nodes))):  # noqa: B023
            with pytest.raises(HandlerError, match=told):
                run()


# ----------------------------------------------------------------------- the replay


def test_a_verdict_that_does_not_replay_is_an_error_with_both_runs(monkeypatch):
    class Up(Node):
        def on_start(self):
            self.set_timer("t", 1.0)

        def on_timer(self, name):
            self.record(Note("fired"))

    never = monitor("never", 0, lambda memory, event: Broken("it did"))
    assert explore(ClusterModel({"a": Up}, [never])).violations
    from ftlib.checking.memory import Memories

    monkeypatch.setattr(
        Memories, "invariants", lambda self, place: {"never": lambda state: False}
    )
    with pytest.raises(Disagreement, match="'never' holds") as caught:
        explore(ClusterModel({"a": Up}, [never]))
    for part in ("explored:", "the script:", "simulated:"):
        assert part in str(caught.value)


def test_a_state_that_does_not_replay_is_an_error(monkeypatch):
    class Up(Node):
        def on_start(self):
            self.up = self.disk.read("x", 0)
            self.disk.write("x", 1)
            self.disk.force()

    from ftlib.checking import machine

    monkeypatch.setattr(machine, "write", lambda contents, effect: None)
    model = ClusterModel({"a": Up}, crashes=1, recoveries=1)
    with pytest.raises(Disagreement, match=r"'a' has on its disk {'x': 1}"):
        explore(model, {"never": lambda state: False})


# -------------------------------------------------------------------- disks and crashes


class Careless(Node):
    """Takes what it wrote for what is durable."""

    def on_start(self):
        self.record(Note(self.disk.read("x", 0)))
        self.disk.write("y", 1)
        self.disk.write("x", 1)
        self.send("a", Note())

    def on_message(self, sender, message):
        self.disk.force()


@pytest.mark.parametrize("keeps", [0, 1, 2, 9])
def test_the_first_unforced_writes_survive_a_crash_that_keeps_them(keeps):
    crash = Crash("a", at=Point("a", "send"), keeps=keeps)
    back = Recover("a", at=0.5)
    cluster = Cluster({"a": Careless}, faults=[crash, back])
    facts = [event.what.what for event in cluster.run(until=0.5).facts()]
    assert facts == [0, 1 if keeps > 1 else 0]
    trace = play(Cluster({"a": Careless}), [Crash("a", keeps=keeps), Recover("a")])
    assert [event.what.what for event in trace.facts()] == facts


def test_exploration_tries_every_prefix_of_the_unforced_writes():
    lost = monitor(
        "kept", 0, lambda lives, event: Broken("x") if event.what.what else lives + 1
    )
    world = {"crashes": 1, "recoveries": 1, "network": "multiset"}
    plain = explore(ClusterModel({"a": Careless}, [lost], **world))
    found = explore(ClusterModel({"a": Careless}, [lost], survivors=True, **world))
    assert "kept" in plain.violations, "after the force it is there"
    assert len(found.violations["kept"]) < len(plain.violations["kept"])
    crash = found.violations["kept"].script[0]
    assert (crash.keeps, crash.after) == (2, 3)
    model = ClusterModel({"a": Careless}, survivors=True, **world)
    disks = {str(model.disk(state, "a")) for state in _states(model)}
    assert disks == {"{}", "{'y': 1}", "{'x': 1, 'y': 1}"}


def test_what_was_forced_leaves_nothing_else():
    class Forces(Node):
        def on_start(self):
            self.record(Note(self.disk.read("x")))
            if self.disk.read("x") != 2:
                self.disk.write("x", 1)
                self.disk.write("x", 2)
                self.disk.force()
                self.record(Note("forced"))
                self.send("a", Note())

    def step(forced, event):
        if event.what.what == "forced":
            return True
        return Broken("lost") if forced and event.what.what != 2 else forced

    kept = monitor("kept", False, step)
    world = {"crashes": 2, "recoveries": 2, "survivors": True}
    model = ClusterModel({"a": Forces}, [kept], keep=(Note,), **world)
    assert explore(model)
    facts = {fact.what for state in _states(model) for _, fact in model.facts(state)}
    assert facts == {None, 1, 2, "forced"}


def test_writing_the_same_again_ends():
    class Writer(Node):
        def on_message(self, sender, message):
            self.disk.write("x", message.what)

    class Sends(Node):
        def on_start(self):
            self.send("w", Note(1))

    nodes = {"w": Writer, "s": Sends}
    assert explore(ClusterModel(nodes), max_states=99).states == 2
    for survivors, states in ((False, 8), (True, 10)):
        world = {"crashes": 1, "recoveries": 1, "survivors": survivors}
        assert explore(ClusterModel(nodes, **world), max_states=99).states == states


# ---------------------------------------------------------------- bounds, and silence


def test_timers_have_budgets_by_name_and_worlds_begin_settled():
    class Clock(Node):
        def __init__(self):
            self.beats = self.elections = 0

        def on_start(self):
            self.set_timer("beat", 1.0)
            self.set_timer("election", 1.0)

        def on_timer(self, name):
            if name == "election":
                self.elections += 1
            self.beats = (self.beats + (name == "beat")) % 3
            self.set_timer(name, 1.0)

    model = ClusterModel({"a": Clock}, firings={"election": 2})
    assert explore(model).states == 9
    assert "'election' fires 2 times at most" in model.bound
    settled = ClusterModel(
        {"a": Clock}, firings={"election": 0}, settled=[Fire("a", "election")] * 2
    )
    (state,) = settled.initial_states()
    assert settled.attributes(state, "a")["elections"] == 2
    assert explore(settled).states == 3
    found = explore(
        settled, {"two": lambda state: settled.attributes(state, "a")["beats"] < 2}
    )
    assert len(found.violations["two"]) == 2
    assert len(found.violations["two"].script) == 4, "the settled steps first"
    with pytest.raises(ValueError, match=r"settled has Deliver\(nth=2\): the order"):
        ClusterModel({"a": Clock}, settled=[Deliver(nth=2)])
    with pytest.raises(
        ValueError, match=r"settled step 1, Deliver\(\), is not possible"
    ):
        explore(ClusterModel({"a": Clock}, settled=[Deliver()]))
    with pytest.raises(
        ValueError, match=r"firings\['beat'\] is -1: give a whole number"
    ):
        ClusterModel({"a": Clock}, firings={"beat": -1})


class Endless:
    def initial_states(self):
        return [0]

    def successors(self, state):
        number = state
        while True:
            number += 1
            yield "on", number


def test_bounds_hold_inside_a_step_and_among_initial_states():
    assert explore(Endless(), max_states=1000).states == 1000
    assert not explore(Endless(), timeout=0.05).complete

    class Begins(Endless):
        def initial_states(self):
            return (number for _, number in self.successors(0))

        def successors(self, state):
            return super().successors(state) if state == 0 else []

    assert explore(Begins(), max_states=10).states == 10
    assert "stopped after 0.05 s" in explore(Begins(), timeout=0.05).bound


def test_ctrl_c_keeps_what_was_found():
    class Stopped(Endless):
        def successors(self, state):
            if state == 50:
                raise KeyboardInterrupt
            yield "on", state + 1

    found = explore(Stopped(), {"small": lambda state: state < 9})
    assert (found.states, found.complete) == (51, False)
    assert found.bound == "interrupted after 51 states"
    assert len(found.violations["small"]) == 9


def test_progress_is_told(monkeypatch):
    clock = itertools.count(step=0.001)  # a look at it takes a millisecond
    monkeypatch.setattr(watch, "monotonic", lambda: next(clock))
    told = []
    explore(Endless(), timeout=1.5, progress=lambda *what: told.append(what))
    assert [round(seconds, 1) for *_, seconds in told] == [1.0, 1.2, 1.4]
    assert {depth for _, depth, _ in told} == {2}
    assert [states for states, *_ in told] == sorted({states for states, *_ in told})


def test_there_is_a_way_to_a_dead_end():
    found = explore(ClusterModel(PAIR, network="multiset"))
    assert found.terminal == 1
    assert [action.kind for action in found.dead_end.actions] == ["deliver", "deliver"]
    assert explore(ClusterModel({"a": Server})).dead_end.actions == ()


def test_canonical_is_checked():
    class Counts:
        def initial_states(self):
            return [0]

        def successors(self, state):
            if state < 9:
                yield "up", state + 1

    with pytest.raises(
        ValueError, match="canonical merges 9 with 0, which has other st"
    ):
        explore(Counts(), canonical=lambda state: state % 9)

    class Pair:
        def initial_states(self):
            return [(1, 1)]

        def successors(self, state):
            one, other = state
            yield "one", (min(one + 1, 3), other)
            yield "other", (one, min(other + 1, 3))

    found = explore(
        Pair(),
        {"never": lambda state: state != (2, 1)},
        canonical=lambda state: tuple(sorted(state)),
    )
    assert found.violations["never"].states == ((1, 1), (2, 1)), (
        "what is merged is asked"
    )
    assert found.states == 6


# ------------------------------------------------------------- accepted in silence


class Listed(Node):
    MESSAGES = (Note,)
    FACTS = (Note,)

    def on_start(self):
        self.set_timer("t", 1.0)

    def on_timer(self, name):
        self.send("b", Note())
        self.set_timer("t", 1.0)


@pytest.mark.parametrize(
    "fault",
    [
        Lose("Nota"),
        Crash("a", at=Point("a", "send", "Nota")),
        Crash("a", at=Point("a", "fact", "Nota")),
    ],
)
def test_a_fault_names_a_message_that_there_is(fault):
    cluster = Cluster({"a": Listed, "b": Listed}, faults=[fault])
    with pytest.raises(ValueError, match="names 'Nota', which is in no node's"):
        cluster.run(until=5)


def test_faults_that_never_took_effect_are_told():
    lost, late = Lose("Note", nth=99), Crash("b", at=50)
    crash, again = Crash("a", at=Point("a", "send", "b")), Crash("a", at=4)
    cluster = Cluster({"a": Listed, "b": Listed}, faults=[lost, crash, again, late])
    cluster.run(until=9)
    assert list(cluster.unused) == [lost, again, late]
    cluster.run(until=60)
    assert list(cluster.unused) == [lost, again]


def test_a_run_without_an_end_says_so():
    cluster = Cluster({"a": Listed, "b": Listed}, event_limit=1000)
    told = r"no end after 1,000 messages and timers, at .* s; timers that are set: a's"
    with pytest.raises(RuntimeError, match=told):
        cluster.run()


def test_what_a_node_does_not_list_it_does_not_send():
    @dataclass(frozen=True)
    class Other:
        pass

    for act, told in (
        (lambda self: self.send("a", Other()), "sends Other, which MESSAGES does not"),
        (lambda self: self.record(Other()), "records Other, which FACTS does not list"),
    ):
        kind = type("Kind", (Listed,), {"on_start": act})
        with pytest.raises(HandlerError, match=told):
            Cluster({"a": kind}).run()


def test_every_kind_of_event_is_shown_to_a_rule_that_asks_for_it():
    for kind in KINDS:
        Property("p", lambda trace: trace.where(kind=kind) and None, kinds=(kind,))  # noqa: B023
    with pytest.raises(Unseen, match="there are no events of kind 'sent': choose from"):
        Cluster(PAIR).run().where(kind="sent")
