"""Linearizability as a monitor: it agrees with the checker of histories, finds a server
that serves what is stale, in both worlds, and remembers no more than it must.
"""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from linearizable import MODELS, made, run_of

from ftlib.checking import (
    CasRegister,
    ClusterModel,
    History,
    KeyValue,
    Lock,
    Log,
    Queue,
    Register,
    check_linearizable,
    explore,
    linearizable,
)
from ftlib.checking.operation import UNKNOWN
from ftlib.simulation import (
    Cluster,
    Crash,
    Network,
    Node,
    Recover,
    Trace,
    Uniform,
    judge,
)

ROOT = Path(__file__).resolve().parent.parent


def told(steps):
    """A trace of words: "a write 1", "b read -> 1", "a crash"."""
    records, calls = [], {}
    for tick, (node, what, *result) in enumerate(steps):
        if what == "crash":
            records.append((tick, "crash", node, None, None, None))
        elif result:
            number = calls[node, repr(what)]
            records.append((tick, "return", node, None, (what, result[0]), number))
        else:
            calls[node, repr(what)] = tick
            records.append((tick, "call", node, None, what, tick))
    return Trace(records)


def finding(steps, model):
    """The verdict on a run, which is that on its history."""
    trace = told(steps)
    (found,) = judge(trace, [linearizable(model)])
    assert bool(found) is bool(check_linearizable(History.from_trace(trace), model))
    return found


def memory(steps, model):
    """What is remembered after these steps."""
    prop = linearizable(model)
    found = prop.monitor.start
    for event in told(steps):
        found = prop.monitor.step(found, event)
    return found


def configurations(steps, model):
    """How many configurations there are of each key."""
    return sorted(len(part) for _, part in memory(steps, model))


# The checker of histories agrees ------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_the_checker_agrees(name):
    seen = Counter()
    for seed in range(600):
        model, history = made(seed, names=[name], most=8)
        trace = run_of(history, seed)
        (found,) = judge(trace, [linearizable(model)])
        whole = check_linearizable(History.from_trace(trace), model)
        assert bool(found) is bool(whole), trace
        if not found:
            before = trace[: found.event.index]
            assert check_linearizable(History.from_trace(before), model), trace
            assert found.event.kind == "return"
        seen[found.verdict, "crash" in {event.kind for event in trace}] += 1
    assert min(seen["holds", True], seen["violated", True]) >= 5, seen
    assert min(seen["holds", False], seen["violated", False]) >= 20, seen


WRITE, READ = ("write", 1), ("read",)


def test_a_pending_call_may_have_taken_effect_or_not():
    for result in (None, 1):
        assert finding([("a", WRITE), ("b", READ), ("b", READ, result)], Register)
    run = [("a", WRITE), ("b", READ), ("b", READ, 1), ("b", READ), ("b", READ, None)]
    found = finding(run, Register)
    assert found.reason == "b: read -> None fits nowhere: the register holds 1"
    assert found.event.index == 4


def test_what_has_taken_effect_is_judged_when_it_returns():
    run = [("a", READ), ("b", WRITE), ("b", WRITE, "ok"), ("a", READ, None)]
    assert finding(run, Register)
    assert finding([*run[:-1], ("a", READ, 1)], Register)
    found = finding([*run[:-1], ("a", READ, 2)], Register)
    assert found.reason == "a: read -> 2 fits nowhere: the register holds 1"
    late = [("a", READ), ("c", READ), ("b", WRITE), ("c", READ, 1), ("b", WRITE, "ok")]
    assert finding([*late, ("a", READ, None)], Register)


def test_a_crashed_call_may_take_effect_at_any_time_and_never_returns():
    lost = [("a", WRITE), ("a", "crash"), ("a", READ)]
    for first in (None, 1):
        for second in (None, 1):
            run = [*lost, ("a", READ, first), ("a", READ), ("a", READ, second)]
            assert bool(finding(run, Register)) is ((first, second) != (1, None))
    again = [("a", WRITE), ("a", "crash"), ("a", WRITE), ("a", WRITE, "ok")]
    zero = [("b", ("write", 0)), ("b", ("write", 0), "ok"), ("b", READ)]
    assert finding([*again, *zero, ("b", READ, 1)], Register), "the lost one came late"
    once = [("a", WRITE), ("a", WRITE, "ok"), *zero, ("b", READ, 1)]
    assert not finding(once, Register)


def test_a_call_that_was_seen_before_its_node_crashed_has_no_second_effect():
    seen = [("a", WRITE), ("b", READ), ("b", READ, 1)]
    zero = [("b", ("write", 0)), ("b", ("write", 0), "ok"), ("b", READ)]
    for run in ([*seen, ("a", "crash"), *zero], [*seen, *zero, ("a", "crash")]):
        assert finding([*run, ("b", READ, 0)], Register)
        assert not finding([*run, ("b", READ, 1)], Register)


def test_a_return_is_that_of_the_same_call():
    true = ("write", True)
    run = [("a", true), ("a", WRITE), ("a", WRITE, "ok"), ("b", ("write", 2))]
    run += [("b", ("write", 2), "ok"), ("b", READ)]
    assert finding([*run, ("b", READ, True)], Register), "this one is under way"
    assert not finding([*run, ("b", READ, 1)], Register)


def test_the_result_of_a_lost_call_is_no_result_of_the_next():
    take = ("dequeue",)
    run = [("a", take), ("a", "crash"), ("a", take), ("a", take, 1)]
    assert finding(run, Queue((1, 2)))
    run = [("a", take), ("a", "crash"), ("a", take), ("a", take, 2)]
    assert finding(run, Queue((1, 2))), "the lost one took 1"
    assert not finding([*run[2:], ("a", take), ("a", take, 1)], Queue((1, 2)))
    assert not finding([*run, ("a", take), ("a", take, 1)], Queue((1, 2)))


def test_who_gives_up_without_a_crash_may_call_again():
    run = [
        ("a", WRITE),
        ("a", READ),
        ("a", READ, None),
        ("a", WRITE, "ok"),
        ("b", READ),
    ]
    assert finding([*run, ("b", READ, 1)], Register)
    assert not finding([*run, ("b", READ, None)], Register)


def test_a_return_is_that_of_the_last_call():
    """As the worlds have it: who calls the same again has given up the first call."""
    run = [("a", READ), ("b", WRITE), ("b", WRITE, "ok"), ("a", READ)]
    assert finding([*run, ("a", READ, 1)], Register)
    assert not finding([*run, ("a", READ, None)], Register)

    class Again(Node):
        def on_start(self):
            self.call(READ)
            self.call(READ)
            self.returned(READ, 1)

    trace = Cluster({"a": Again}).run()
    assert [event.ref for event in trace][-2:] == [trace[-2].ref] * 2


def test_keys_have_configurations_of_their_own():
    run = [
        ("a", ("put", 1, "x")),
        ("a", ("put", 1, "x"), None),
        ("b", ("get", True)),
        ("b", ("get", True), ""),
        ("b", ("get", 1)),
    ]
    assert finding([*run, ("b", ("get", 1), "x")], KeyValue)
    found = finding([*run, ("b", ("get", 1), "")], KeyValue)
    assert found.reason == "key 1: b: get 1 -> '' fits nowhere: 1 holds 'x'"


# What is remembered -------------------------------------------------------------------


def test_the_same_past_is_remembered_alike():
    """Neither numbers nor times nor the order of what did not matter."""
    one = [("a", WRITE), ("a", WRITE, "ok")]
    assert memory(one, Register) == memory(one * 3, Register)
    two = [("b", WRITE), ("b", WRITE, "yes")]
    assert memory(one + two, Register) == memory(two + one, Register)
    both = [("a", READ), ("b", READ)]
    assert memory(both, Register) == memory(both[::-1], Register)
    crashed = [("a", WRITE), ("a", "crash"), ("b", ("write", 2)), ("b", "crash")]
    assert memory(crashed, Register) == memory(crashed[2:] + crashed[:2], Register)
    assert memory([("a", WRITE)], Register) != memory([("b", WRITE)], Register)
    assert memory([("a", ("write", True))], Register) != memory([one[0]], Register)


def test_what_is_as_at_the_start_is_not_remembered():
    assert memory([("a", READ), ("a", READ, None)], Register) == frozenset()
    assert memory([("a", READ), ("a", "crash")], Register) == frozenset()
    get = ("get", "x")
    assert memory([("a", get), ("a", get, "")], KeyValue) == frozenset()
    one = [("a", WRITE), ("a", WRITE, "ok")]
    assert memory([*one, ("b", READ), ("b", "crash")], Register) == memory(
        one, Register
    )
    undone = [*one, ("a", ("write", None)), ("a", ("write", None), "ok")]
    assert memory(undone, Register) == frozenset()


def test_only_what_can_differ_later_is_told_apart():
    reads = [(name, READ) for name in "abcdef"]
    assert configurations([*reads, ("f", READ, None)], Register) == [1]
    lost = [step for name in "abcdef" for step in ((name, WRITE), (name, "crash"))]
    assert configurations(lost, Register) == [1]
    seen = [*lost, ("g", READ), ("g", READ, 1)]
    assert configurations(seen, Register) == [1], "with one of six used, not with more"
    two = [("a", WRITE), ("a", "crash"), ("b", ("write", 2)), ("b", "crash")]
    seen = [*two, ("g", READ), ("g", READ, 1)]
    assert configurations(seen, Register) == [1], "the other need not be used"
    write = [("b", WRITE), ("b", WRITE, "ok")]
    assert configurations([("a", READ), *write], Register) == [2]


# Bad runs and bad models --------------------------------------------------------------


def test_a_return_without_a_call_is_refused():
    words = "'a' returns from read, which it has not called: give the whole run"
    trace = Trace([(0, "return", "a", None, (READ, 1), 1)])
    with pytest.raises(ValueError, match=words):
        judge(trace, [linearizable(Register)])
    for before in [("b", READ)], [("a", WRITE)], [("a", READ), ("a", "crash")]:
        records = [*told(before).records, (9, "return", "a", None, (READ, 1), 1)]
        with pytest.raises(ValueError, match=words):
            judge(Trace(records), [linearizable(Register)])


def test_a_call_that_the_model_does_not_know_is_refused():
    for model in (Register, CasRegister, Queue, Lock, Log, KeyValue):
        with pytest.raises(ValueError, match=r"does not know the call \('fly',\)"):
            finding([("a", ("fly",)), ("a", ("fly",), 1)], model)
    with pytest.raises(TypeError, match="7 is no model"):
        linearizable(7)


class Picks:
    """A bag from which any element may be picked: the state depends on the result."""

    initial = (1, 2)

    def step(self, state, call, result):
        if result is UNKNOWN:
            return True, state[1:]
        return result in state, tuple(one for one in state if one != result)


class Shy:
    """Never fits as long as its result is not known."""

    initial = 0

    def step(self, state, call, result):
        return result is not UNKNOWN, state


class Appends:
    """Changes the state that it is given."""

    initial = [0]  # noqa: RUF012

    def step(self, state, call, result):
        state.append(call)
        return True, state


class Halves(Register):
    """Judges even and odd numbers apart, and does not say which part is which."""

    def partition(self, history):
        return [one for one in (history[:1], history[1:]) if len(one)]


class Unhashable:
    """A state that can be compared, and not remembered."""

    def __eq__(self, other):
        return isinstance(other, Unhashable)

    __hash__ = None


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (Picks, ValueError, r"in \(1, 2\), pick -> 2 leads to \(1,\), and .* \(2,\)"),
        (Shy, ValueError, "in 0, pick -> 2 leads to 0, and with UNKNOWN to nothing"),
        (Appends, ValueError, "Appends.step changes what it is given"),
        (
            Halves,
            ValueError,
            "partition of Halves does not say which key pick is about",
        ),
        (Register(Unhashable()), TypeError, "cannot be hashed: make states of tuples"),
    ],
)
def test_a_model_that_cannot_be_judged_so_is_refused(model, error, words):
    with pytest.raises(error, match=words):
        finding([("a", ("pick",)), ("a", ("pick",), 2)], model)


# In the simulator and under exploration -----------------------------------------------


@dataclass(frozen=True)
class Ask:
    call: tuple


@dataclass(frozen=True)
class Answer:
    call: tuple
    result: object = None


class Client(Node):
    """Calls one operation after another, and gives up when it crashes."""

    def __init__(self, calls, server="s"):
        self.calls, self.server = tuple(calls), server

    def on_start(self):
        self.done, self.waiting = self.disk.read("done", 0), None
        self.next()

    def next(self):
        if self.done < len(self.calls):
            call = self.calls[self.done]
            self.done += 1
            self.disk.write("done", self.done)
            self.disk.force()
            self.waiting = call
            self.call(call)
            self.send(self.server, Ask(call))

    def on_message(self, sender, message):
        if message.call == self.waiting:
            self.waiting = None
            self.returned(message.call, message.result)
            self.next()


class Server(Node):
    """Keeps one value and answers from it."""

    def __init__(self):
        self.value = self.shown = None

    def on_message(self, sender, message):
        match message.call:
            case ("write", value):
                self.write(value)
                self.send(sender, Answer(message.call))
            case ("read",):
                self.send(sender, Answer(message.call, self.shown))

    def write(self, value):
        self.value = self.shown = value


class StaleServer(Server):
    """Answers reads from a copy that a timer refreshes."""

    def write(self, value):
        self.value = value
        self.set_timer("refresh", 1)

    def on_timer(self, name):
        self.shown = self.value


def nodes(server, *calls):
    clients = {f"c{n}": partial(Client, each) for n, each in enumerate(calls, 1)}
    return {"s": server, **clients}


ONE_BY_ONE = [(("write", 1), READ), (("write", 2), READ)]


def simulated(server, seed=7, faults=()):
    cluster = Cluster(
        nodes(server, *ONE_BY_ONE),
        seed=seed,
        network=Network(latency=Uniform(0.01, 0.1)),
        faults=list(faults),
    )
    trace = cluster.run(until=5, properties=[linearizable(Register)])
    return cluster, trace


def test_in_the_simulator_the_first_stale_read_is_caught():
    cluster, trace = simulated(StaleServer)
    found = cluster.violation
    assert found.name == "linearizable"
    assert found.event == trace[-1]
    assert found.event.kind == "return"
    assert "read -> None fits nowhere: the register holds " in found.reason


@pytest.mark.parametrize("faults", [(), (Crash("c1", at=0.05), Recover("c1", at=0.2))])
def test_in_the_simulator_a_server_of_one_value_is_linearizable(faults):
    for seed in range(20):
        cluster, trace = simulated(Server, seed, faults)
        assert cluster.violation is None
        assert check_linearizable(History.from_trace(trace), Register)


def explored(server, calls, model=Register, **options):
    world = ClusterModel(
        nodes(server, *calls), [linearizable(model)], network="multiset", **options
    )
    return explore(world)


def test_exploration_finds_the_stale_read():
    found = explored(StaleServer, ONE_BY_ONE)
    trace = found.violations["linearizable"].trace
    (again,) = judge(trace, [linearizable(Register)])
    assert again.verdict == "violated"
    assert again.event == trace[-1]
    assert "read -> None fits nowhere: the register holds " in again.reason


@pytest.mark.parametrize(
    "options", [{}, {"crashes": 1, "recoveries": 1, "crashing": ["c1"]}]
)
def test_exploration_of_a_right_server_comes_to_an_end(options):
    found = explored(Server, ONE_BY_ONE, **options)
    assert found.complete
    assert not found.violations


SCRIPT = """
import test_checking_linearizable as t
steps = [(name, ("write", name * n)) for n, name in enumerate("abcd", 1)]
steps += [("c", "crash"), ("e", t.READ)]
print(t.finding([*steps, ("e", t.READ, "no")], t.Register))
steps += [("e", t.READ, "bb"), ("e", t.READ), ("e", t.READ, None)]
print(t.finding(steps, t.Register))
found = t.explored(t.StaleServer, t.ONE_BY_ONE)
print(found, found.violations["linearizable"])
"""


def test_every_hash_seed_gives_the_same_verdict():
    def said(hash_seed):
        path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    assert said("1") == said("2") != b""
