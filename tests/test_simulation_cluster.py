"""Running a cluster: time, ends, errors, endless loops, with and without a trace."""

import gc
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import (
    Colour,
    Did,
    Parcel,
    Ping,
    Sink,
    Source,
    acting,
    chatters,
    delivered,
    kinds,
    run_alone,
)

from ftlib.simulation import (
    Cluster,
    Crash,
    Exponential,
    HandlerError,
    Network,
    Node,
    NotTimed,
    Partition,
    Point,
    Property,
    Recover,
    Slow,
    Uniform,
)

# --------------------------------------------------------------------------------- time


class Tick(Node):
    def on_start(self):
        self.set_timer("tick", 1.0)

    def on_timer(self, name):
        self.set_timer("tick", 1.0)


def test_run_goes_to_a_time_and_on_from_there():
    cluster = Cluster({"a": Tick})
    assert [event.time for event in cluster.run(until=2)] == [
        1,
        2,
    ]  # what is due at that very time happens
    assert cluster.time == 2
    assert [event.time for event in cluster.run(until=2)] == [1, 2]
    assert [event.time for event in cluster.run(until=1.5)] == [
        1,
        2,
    ]  # the past is past
    assert cluster.time == 2
    assert [event.time for event in cluster.run(until=3.5)] == [1, 2, 3]
    assert cluster.time == 3.5
    cluster.crash("a")
    assert cluster.run()[-1].time == 3.5


def test_nothing_happens_before_now():
    cluster = Cluster({"a": partial(Source, ("b",), 9), "b": Sink})
    cluster.run(properties=[no_more_than(3)])
    assert cluster.time == 0.01
    assert len(cluster.run(until=0.001).facts()) == 4
    assert len(cluster.run(until=0.01).facts()) == 9


def test_run_ends_when_nothing_is_left():
    cluster = Cluster({"a": Source, "b": Sink})
    trace = cluster.run()
    assert trace.end == cluster.time == 0.01
    assert cluster.run() == trace


@given(st.lists(st.floats(0, 3), max_size=5))
def test_a_run_in_pieces_is_the_run_in_one(stops):
    faults = [Crash("a", at=1.0), Recover("a", at=1.5), Slow("b", by=0.02, at=0.5)]
    options = {
        "network": Network(Exponential(0.02), loss=0.1),
        "faults": faults,
        "disk_latency": 0.01,
    }
    whole = Cluster(chatters("abc"), **options).run(until=3)
    pieces = Cluster(chatters("abc"), **options)
    for stop in stops:
        pieces.run(until=stop)
    assert pieces.run(until=3) == whole


def test_a_trace_taken_early_stays_as_it_was():
    cluster = Cluster({"a": Tick})
    early = cluster.run(until=2)
    cluster.run(until=5)
    assert len(early) == 2
    assert len(cluster.trace) == 5


def test_ties_are_settled_by_the_order_of_scheduling():
    def act(self):
        self.send("b", Ping(1))
        self.set_timer("t", 0.01)
        self.send("b", Ping(2))

    _, trace = run_alone(act, others={"b": Sink})
    assert [(event.kind, event.node) for event in trace[2:]] == [
        ("deliver", "b"),
        ("fact", "b"),
        ("timer", "a"),
        ("deliver", "b"),
        ("fact", "b"),
    ]


def test_effects_happen_in_the_order_of_the_program():
    def act(self):
        self.record(Did(1))
        self.send("b", Ping(1))
        self.record(Did(2))
        self.disk.write("k", 1)
        self.disk.force()
        self.record(Did(3))

    _, trace = run_alone(act, others={"b": Node})
    assert kinds(trace, "a") == ["fact", "send", "fact", "write", "force", "fact"]


def test_timers_are_replaced_and_cancelled():
    def act(self):
        self.set_timer("one", 1.0)
        self.set_timer("two", 2.0)
        self.set_timer("one", 3.0)
        self.cancel_timer("two")
        self.cancel_timer("never set")
        self.set_timer("zero", 0)
        self.set_timer("drawn", (4.0, 5.0))
        self.set_timer("fixed", (6.0, 6.0))

    _, trace = run_alone(act)
    fired = {event.other: event for event in trace.where(kind="timer")}
    assert list(fired) == ["zero", "one", "drawn", "fixed"]
    assert fired["one"].time == 3.0
    assert fired["one"].what == 0.0
    assert 4 < fired["drawn"].time < 5
    assert fired["fixed"].time == 6


def test_drawn_timers_fill_their_interval():
    def act(self):
        for number in range(2000):
            self.set_timer(str(number), (1.0, 3.0))

    _, trace = run_alone(act)
    times = [event.time for event in trace]
    assert min(times) == pytest.approx(1, abs=0.02)
    assert max(times) == pytest.approx(3, abs=0.02)
    assert sum(times) / 2000 == pytest.approx(2, abs=0.06)


def test_chance_comes_from_the_seed():
    def act(self):
        self.record(Did(tuple(self.choose("xyz") for _ in range(300))))

    runs = [run_alone(act, seed=seed)[1] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    chosen = runs[0][0].what.what
    assert all(70 < chosen.count(letter) < 130 for letter in "xyz")


def test_calls_and_returns_are_numbered_over_the_whole_cluster():
    def act(self):
        self.call("x")
        self.call("y")
        self.returned("y", 1)
        self.returned("x", None)
        self.call("x")

    trace = Cluster({"a": acting(act), "b": acting(act)}).run()
    assert [(event.kind, event.what, event.ref) for event in trace.where(node="b")] == [
        ("call", "x", 4),
        ("call", "y", 5),
        ("return", ("y", 1), 5),
        ("return", ("x", None), 4),
        ("call", "x", 6),
    ]


# ---------------------------------------------------------------------- trace, no trace


@pytest.mark.parametrize(
    "faults",
    [[], [Crash("b", at=Point("b", "deliver", nth=2)), Partition([["c"]], at=0.02)]],
)
def test_a_run_without_a_trace_is_the_same_run(faults):
    seen = {}
    for keep in (True, False):
        handled = []
        loud = acting(
            lambda self: None,
            on_message=lambda self, *it, log=handled: log.append((self.id, *it)),
        )
        nodes = {"a": partial(Source, ("b", "c"), 5), "b": loud, "c": loud}
        cluster = Cluster(
            nodes,
            network=Network(Uniform(0, 0.05), loss=0.2, duplicate=0.2),
            faults=faults,
            trace=keep,
        )
        assert bool(cluster.run()) == keep
        assert handled
        seen[keep] = (handled, cluster.time, cluster.up, cluster.sent)
    assert seen[True] == seen[False]


@pytest.mark.parametrize("keep", [True, False])
def test_disks_are_the_same_without_a_trace(keep):
    cluster = Cluster(
        chatters("abc"),
        network=Network(Exponential(0.01)),
        seed=4,
        trace=keep,
        disk_latency=0.001,
    )
    cluster.run(until=2)
    again = Cluster(
        chatters("abc"), network=Network(Exponential(0.01)), seed=4, disk_latency=0.001
    )
    again.run(until=2)
    assert {id: cluster.host(id).disk for id in "abc"} == {
        id: again.host(id).disk for id in "abc"
    }


# ------------------------------------------------------------------------ endless loops


class Echo(Node):
    def on_start(self):
        if self.id == "a":
            self.send("b", Ping(0))

    def on_message(self, sender, message):
        self.send(sender, message)


class Spin(Node):
    def on_start(self):
        self.set_timer("spin", 0)

    def on_timer(self, name):
        self.set_timer("spin", 0)


def test_an_endless_loop_without_delay_is_stopped():
    with pytest.raises(
        RuntimeError, match="more than 500 events without delay at 0 s: an endless loop"
    ):
        Cluster(
            {"a": Echo, "b": Echo}, network=Network(latency=0), same_time_limit=500
        ).run()
    with pytest.raises(
        RuntimeError, match="more than 100000 events without delay at 0 s"
    ):
        Cluster({"a": Spin}, trace=False).run(until=1)


def test_many_events_at_one_time_are_no_loop():
    names = [f"n{number}" for number in range(30)]
    nodes = {name: partial(Source, tuple(names)) for name in names}
    trace = Cluster(nodes, same_time_limit=10).run()
    assert len(trace.where(kind="deliver")) == 900


def test_a_loop_with_delay_is_no_loop():
    assert (
        len(Cluster({"a": Echo, "b": Echo}, same_time_limit=10).run(until=0.995)) == 199
    )


# ------------------------------------------------------------------------------- errors


@dataclass
class Soft:
    value: int


def raising(self, *_):
    raise KeyError("x")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda self: self.send("zz", Ping(1)),
            r"'a' sends Ping\(number=1\) to 'zz': there are a",
        ),
        (
            lambda self: self.send("a", "hello"),
            (
                r"Actor 'a', on_start\(\) at 0 s: TypeError: a message or fact must be"
                r" a frozen dataclass"
            ),
        ),
        (
            lambda self: self.send("a", Soft(1)),
            "a message or fact must be a frozen dataclass, not a Soft",
        ),
        (
            lambda self: self.send("a", Parcel(print)),
            r"Parcel.content is a builtin_function_or_method: allowed are None",
        ),
        (
            lambda self: self.record({"a": 1}),
            "a message or fact must be a frozen dataclass, not a dict",
        ),
        (
            lambda self: self.record(Did(open)),
            "Did.what is a builtin_function_or_method",
        ),
        (
            lambda self: self.call(open),
            "the operation called is a builtin_function_or_method",
        ),
        (
            lambda self: self.returned("op", open),
            "the result returned is a builtin_function_or_method",
        ),
        (
            lambda self: self.returned("op", 1),
            "'a' returns from 'op', which it has not called",
        ),
        (
            lambda self: [
                self.call("op"),
                self.returned("op", 1),
                self.returned("op", 1),
            ],
            "'a' returns from 'op', which it has not",
        ),
        (
            lambda self: self.set_timer("t", -1),
            "the time of timer 't' is -1: give a time in seconds, 0 or more",
        ),
        (lambda self: self.set_timer("t", "soon"), "the time of timer 't' is 'soon'"),
        (
            lambda self: self.set_timer("t", (2, 1)),
            (
                r"the time of timer 't' is \(2, 1\): give a pair \(low, high\) with low"
                r" <= high"
            ),
        ),
        (lambda self: self.set_timer("t", (-2, 1)), "a bound of timer 't' is -2"),
        (
            lambda self: self.set_timer("t", (1, 2, 3)),
            r"the time of timer 't' is \(1, 2, 3\): give seconds, or a pair",
        ),
        (lambda self: self.choose([]), "choose needs at least one option"),
        (
            lambda self: self.choose({1, 2}),
            "the options are a set: choose from a list, a tuple or another sequence",
        ),
        (
            lambda self: self.now,
            (
                "NotTimed: Actor 'a' reads self.now: a protocol that needs the clock"
                " says timed = True"
            ),
        ),
        (raising, r"Actor 'a', on_start\(\) at 0 s: KeyError: 'x'"),
        (
            lambda self: setattr(self, "file", iter([])),
            "state of 'a': Actor.file is a list_iterator: allowed are",
        ),
        (
            lambda self: setattr(self, "votes", {"a": [{1}]}),
            r"Actor.votes\['a'\]\[0\] is a set: the order of its elements differs",
        ),
    ],
)
def test_what_a_handler_must_not_do(act, message):
    with pytest.raises(HandlerError, match=message):
        run_alone(act)


def test_an_error_names_the_handler_its_input_and_the_time():
    nodes = {"a": Source, "b": acting(lambda self: None, on_message=raising)}
    with pytest.raises(
        HandlerError,
        match=(
            r"Actor 'b', on_message\(Ping\(number=1\) from 'a'\) at 0.01 s:"
            r" KeyError: 'x'"
        ),
    ) as caught:
        Cluster(nodes).run()
    assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(
        HandlerError, match=r"Actor 'a', on_timer\('t'\) at 2.5 s: KeyError: 'x'"
    ):
        Cluster(
            {"a": acting(lambda self: self.set_timer("t", 2.5), on_timer=raising)}
        ).run()


def test_the_clock_is_named_as_the_cause():
    with pytest.raises(HandlerError) as caught:
        run_alone(lambda self: self.now)
    assert isinstance(caught.value.__cause__, NotTimed)


def test_state_is_checked_at_the_end_too():
    class Late(Node):
        def on_start(self):
            self.set_timer("t", 1.0)

        def on_timer(self, name):
            self.bad = {1: print}

    with pytest.raises(
        HandlerError,
        match=r"state of 'a': Late.bad\[1\] is a builtin_function_or_method",
    ):
        Cluster({"a": Late}).run()


def test_state_is_checked_at_the_start_lest_a_crash_hide_it():
    with pytest.raises(HandlerError, match=r"state of 'a': Actor\.bad"):
        run_alone(lambda self: setattr(self, "bad", print), faults=[Crash("a", at=1)])


def test_state_in_slots_is_state():
    class Slotted(Node):
        __slots__ = ("bad", "good")

        def on_start(self):
            self.bad = print

    with pytest.raises(
        HandlerError, match=r"state of 'a': Slotted.bad is a builtin_function_or_method"
    ):
        Cluster({"a": Slotted}).run()


def test_allowed_state():
    def act(self):
        self.colour, self.votes, self.log = (
            Colour.RED,
            {("a", 1): [1.5, None]},
            [Parcel([b"x"])],
        )

    run_alone(act)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Cluster({}), ValueError, "there is no node: give at least one"),
        (
            lambda: Cluster([("a", Node), ("b", Node), ("a", Node)]),
            ValueError,
            "two nodes are called 'a': every id must be different",
        ),
        (
            lambda: Cluster({"": Node}),
            ValueError,
            "a node is called '': give a name, a non-empty str",
        ),
        (lambda: Cluster({7: Node}), ValueError, "a node is called 7: give a name"),
        (
            lambda: Cluster({"a": Node()}),
            TypeError,
            (
                "the factory of 'a' is .*: give a Node class, or a functools.partial"
                " of one"
            ),
        ),
        (
            lambda: Cluster({"a": Node}, disk_latency=-1),
            ValueError,
            "disk_latency is -1: give a time in seconds, 0 or more",
        ),
        (
            lambda: Cluster({"a": Node}, seed="x"),
            TypeError,
            "seed is 'x': give a whole number",
        ),
        (
            lambda: Cluster({"a": Node}).run(until=-1),
            ValueError,
            "until is -1: give a time in seconds, 0 or more",
        ),
        (
            lambda: Cluster({"a": Node}).host("zz"),
            ValueError,
            "no node is called 'zz': there are a",
        ),
        (
            lambda: Cluster({"a": Node}).crash("zz"),
            ValueError,
            "no node is called 'zz': there are a",
        ),
        (
            lambda: Cluster({"a": dict}).run(),
            HandlerError,
            "'a' cannot be made: TypeError: the factory of 'a' made a dict, not a Node",
        ),
        (
            lambda: Cluster({"a": partial(Source, 1, 2, 3)}).run(),
            HandlerError,
            "'a' cannot be made: TypeError: .* positional argument",
        ),
    ],
)
def test_errors_name_the_value(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_factory_must_make_a_new_node_each_time():
    one = Tick()
    cluster = Cluster({"a": lambda: one}, faults=[Crash("a", at=1), Recover("a", at=2)])
    with pytest.raises(
        HandlerError,
        match=(
            "the factory of 'a' made the same node twice: it must make a new one each"
            " time"
        ),
    ):
        cluster.run(until=3)


def test_a_node_can_do_nothing_before_it_has_a_world():
    class Eager(Node):
        def __init__(self):
            self.send("a", Ping(1))

    with pytest.raises(HandlerError, match="'a' cannot be made: AttributeError"):
        Cluster({"a": Eager}).run()


def test_a_cluster_starts_once():
    cluster = Cluster({"a": Tick})
    cluster.start()
    assert cluster.up == ("a",)
    with pytest.raises(
        RuntimeError, match="this cluster has started already: make a new one"
    ):
        cluster.start()
    assert len(cluster.run(until=3)) == 3


def test_crash_and_recovery_by_hand():
    cluster = Cluster({"a": Source, "b": Sink})
    cluster.run()
    cluster.crash("b")
    assert cluster.up == ("a",)
    cluster.crash("b")
    cluster.recover("b")
    with pytest.raises(
        RuntimeError, match=r"'b' is up at 0.01 s: only a crashed node can recover"
    ):
        cluster.recover("b")
    assert kinds(cluster.trace, "b")[-2:] == ["crash", "recover"]


# --------------------------------------------------------------------------- properties


def no_more_than(limit):
    return Property(
        f"at most {limit}",
        lambda trace: "too many" if len(trace.facts()) > limit else None,
    )


def test_a_run_stops_at_the_first_violation():
    cluster = Cluster({"a": partial(Source, ("b",), 9), "b": Sink})
    trace = cluster.run(properties=[no_more_than(7), no_more_than(3)])
    assert (cluster.violation.name, cluster.violation.verdict) == (
        "at most 3",
        "violated",
    )
    assert cluster.violation.event == trace.facts()[3]
    assert len(cluster.violation.trace.facts()) == 4
    assert delivered(trace) == [1, 2, 3, 4]
    assert delivered(cluster.run()) == list(range(1, 10))  # and goes on when asked
    assert cluster.violation is None


def test_a_violation_before_the_first_message():
    cluster, _ = run_alone(lambda self: self.record(Did(1)), until=5)
    assert cluster.violation is None
    cluster = Cluster({"a": acting(lambda self: self.record(Did(1)))})
    cluster.run(until=5, properties=[no_more_than(0)])
    assert cluster.violation.event.index == 0
    assert cluster.time == 0


def test_liveness_is_not_judged_during_the_run():
    cluster = Cluster({"a": Source, "b": Sink})
    cluster.run(
        properties=[Property("progress", lambda trace: "not yet", liveness=True)]
    )
    assert cluster.violation is None


def test_properties_need_the_trace_even_if_it_is_off():
    cluster = Cluster({"a": partial(Source, ("b",), 9), "b": Sink}, trace=False)
    assert cluster.run(properties=[no_more_than(3)])
    assert cluster.violation.event.index == cluster.trace.facts()[3].index


def test_judging_changes_nothing_in_the_run():
    options = {"network": Network(Exponential(0.01), loss=0.1), "seed": 8}
    judged = Cluster(chatters("ab"), **options).run(
        until=1, properties=[no_more_than(10**9)]
    )
    assert judged == Cluster(chatters("ab"), **options).run(until=1)


def test_the_collector_is_left_as_it_was():
    before = gc.get_threshold()
    Cluster({"a": Tick}).run(until=2)
    with pytest.raises(HandlerError):
        run_alone(raising)
    assert gc.get_threshold() == before
