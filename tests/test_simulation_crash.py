"""Effects one after another, a crash between any two of them, and what the disk
keeps.
"""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import Did, Parcel, Ping, Sink, acting, kinds, run_alone

from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    HandlerError,
    Node,
    Recover,
    Slow,
)

# what a handler may do, and what the trace then says
EFFECTS = {
    "send": (lambda self: self.send("b", Ping(1)), "send"),
    "set": (lambda self: self.set_timer("t", 50.0), None),
    "cancel": (lambda self: self.cancel_timer("t"), None),
    "write": (lambda self: self.disk.write("k", self.disk.read("k", 0) + 1), "write"),
    "append": (
        lambda self: self.disk.append("log", len(self.disk.read("log", []))),
        "write",
    ),
    "force": (lambda self: self.disk.force(), "force"),
    "record": (lambda self: self.record(Did(1)), "fact"),
    "call": (lambda self: self.call("op"), "call"),
}
programs = st.lists(st.sampled_from(sorted(EFFECTS)), max_size=8)


class Program(Node):
    """Runs a program at the start, or in the handler of a message or a timer."""

    def __init__(self, program, where):
        self.program = tuple(program)
        self.where = where

    def on_start(self):
        if self.where == "on_start" and not self.disk.read("recovered"):
            self.go()
        elif self.where == "on_timer":
            self.set_timer("go", 1.0)

    def on_message(self, sender, message):
        if self.where == "on_message":
            self.go()

    def on_timer(self, name):
        self.go()

    def go(self):
        for name in self.program:
            EFFECTS[name][0](self)


class Starter(Node):
    def on_start(self):
        self.set_timer("s", 0.99)

    def on_timer(self, name):
        self.send("a", Ping(0))

    def on_message(self, sender, message):
        pass


def model(program):
    """The events and the durable disk after these effects."""
    events, disk, buffer, appended = [], {}, {}, 0
    for name in program:
        if EFFECTS[name][1]:
            events.append(EFFECTS[name][1])
        if name == "write":
            buffer["k"] = buffer.get("k", disk.get("k", 0)) + 1
        elif name == "append":
            buffer["log"] = [*buffer.get("log", disk.get("log", [])), appended]
            appended += 1
        elif name == "force":
            disk |= buffer
            buffer = {}
    return events, disk


@given(
    programs,
    st.sampled_from(["on_start", "on_message", "on_timer"]),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([None, 0.2]),
)
def test_a_crash_after_every_effect_of_every_handler(
    program, where, disk_latency, slow
):
    """After k effects exactly those k have happened, and what they forced is on the
    disk.
    """
    slowness = [Slow("a", by=slow)] if slow else []
    # counted from time 0; a timer that starts the program is an effect too
    before = 1 if where == "on_timer" else 0
    for k in range(1, len(program) + 1):
        faults = [
            *slowness,
            Crash("a", at=0.0, after=before + k),
            Recover("a", at=40.0),
        ]
        nodes = {"a": partial(Program, program, where), "b": Starter}
        cluster = Cluster(nodes, faults=faults, disk_latency=disk_latency)
        trace = cluster.run(until=30.0)
        events, disk = model(program[:k])
        mine = [
            kind
            for kind in kinds(trace, "a")
            if kind not in ("timer", "deliver", "drop")
        ]
        assert mine == [*events, "crash"]
        assert cluster.host("a").disk == disk
        assert cluster.up == ("b",)


@given(programs, st.floats(0, 3.0))
def test_a_crash_while_the_disk_is_busy_keeps_whole_forces_only(program, at):
    cluster = Cluster(
        {"a": partial(Program, program, "on_start"), "b": Sink},
        faults=[Crash("a", at=at)],
        disk_latency=0.5,
    )
    trace = cluster.run(until=10.0)
    done = kinds(trace, "a").index("crash")
    if at == 0:
        assert done == 0
    # the k-th force ends at k/2 seconds; what the program says before the next one has
    # then happened too
    forces = min(int((at - 1e-9) / 0.5) if at else 0, program.count("force"))
    happened = list(program)
    seen = 0
    for index, name in enumerate(program):
        if name == "force":
            if seen == forces:
                happened = program[:index]
                break
            seen += 1
    if at > 0:
        assert kinds(trace, "a")[:done] == model(happened)[0]
        assert cluster.host("a").disk == model(happened)[1]


def counter(self):
    value = self.disk.read("count", 0) + 1
    self.disk.write("count", value)
    self.disk.append("log", value)
    if value != 2:
        self.disk.force()
    self.record(
        Did(
            (
                value,
                self.disk.read("log"),
                list(self.disk.keys()),
                self.disk.read("none", "nothing"),
            )
        )
    )


@pytest.mark.parametrize(
    ("disk", "last"),
    [
        ("kept", (2, [1, 2], ["count", "log"], "nothing")),
        ("wiped", (1, [1], ["count", "log"], "nothing")),
    ],
)
def test_recovery_finds_what_was_forced_and_only_that(disk, last):
    faults = [
        Crash("a", at=1),
        Recover("a", at=2),
        Crash("a", at=3),
        Recover("a", at=4, disk=disk),
    ]
    cluster, trace = run_alone(counter, faults=faults)
    assert [fact.what.what for fact in trace.facts()][:2] == [
        (1, [1], ["count", "log"], "nothing"),
        (2, [1, 2], ["count", "log"], "nothing"),
    ]
    # the second start did not force: the third finds the disk of the first
    assert trace.facts()[-1].what.what == last
    assert cluster.host("a").disk["count"] == 1
    assert [event.what for event in trace.where(kind="recover")] == ["kept", disk]


def test_what_was_not_forced_does_not_come_back_with_a_later_force():
    def act(self):
        self.disk.append("log", len(self.disk.read("log", [])))
        self.disk.write(f"start {self.choose('abcdefgh')}", 1)
        self.set_timer("force", 1.5)

    nodes = {"a": acting(act, on_timer=lambda self, name: self.disk.force())}
    cluster = Cluster(nodes, faults=[Crash("a", at=1), Recover("a", at=2)])
    trace = cluster.run()
    assert cluster.host("a").disk == {"log": [0], trace.where(kind="write")[3].other: 1}


def test_a_node_reads_its_own_writes_at_once_and_keys_in_order():
    def act(self):
        self.disk.write("b", 1)
        self.disk.write("a", 2)
        self.disk.append("c", 3)
        self.disk.append("c", 4)
        self.disk.write("b", 5)
        self.record(
            Did(
                [
                    self.disk.read("b"),
                    self.disk.read("c"),
                    list(self.disk.keys()),
                    list(self.disk.keys("c")),
                ]
            )
        )

    cluster, trace = run_alone(act)
    assert trace.facts()[0].what.what == [5, [3, 4], ["a", "b", "c"], ["c"]]
    assert cluster.host("a").disk == {}


def test_append_after_a_written_list():
    def act(self):
        self.disk.write("log", [1])
        self.disk.append("log", 2)
        self.disk.force()

    cluster, trace = run_alone(act)
    assert cluster.host("a").disk == {"log": [1, 2]}
    assert [event.what for event in trace.where(kind="write")] == [[1], 2]


def test_a_force_takes_its_time_and_the_node_nothing_else():
    class Busy(Sink):
        def on_start(self):
            self.set_timer("t", 0.2)
            self.disk.write("k", 1)
            self.disk.force()
            self.record(Did("after"))
            self.disk.force()
            self.record(Did("end"))

        def on_timer(self, name):
            self.record(Did(name))

    trace = Cluster(
        {"a": acting(lambda self: self.send("b", Ping(1))), "b": Busy}, disk_latency=0.5
    ).run()
    assert [(event.time, event.kind) for event in trace if event.node == "b"] == [
        (0.0, "write"),
        (0.5, "force"),
        (0.5, "fact"),
        (1.0, "force"),
        (1.0, "fact"),
        (1.0, "deliver"),
        (1.0, "fact"),
        (1.0, "timer"),
        (1.0, "fact"),
    ]


def test_messages_that_wait_for_a_busy_node_are_lost_with_it():
    def force(self):
        self.disk.force()

    nodes = {"a": acting(force), "b": acting(lambda self: self.send("a", Ping(1)))}
    faults = [Crash("a", at=0.3), Recover("a", at=0.4)]
    trace = Cluster(nodes, faults=faults, disk_latency=0.5).run()
    assert [
        (event.time, event.kind, event.reason) for event in trace if event.node == "a"
    ] == [
        (0.3, "crash", ""),
        (0.3, "drop", "receiver crashed"),
        (0.4, "recover", ""),
        (0.9, "force", ""),  # the wait of the first force died with the first node
    ]


def test_a_crash_ends_the_wait_for_the_disk():
    def act(self):
        if not self.disk.read("done"):
            self.disk.write("done", True)
            self.disk.force()
            self.disk.force()

    faults = [Crash("b", at=0.6), Recover("b", at=0.7)]
    nodes = {
        "a": acting(
            lambda self: self.set_timer("t", 1.0),
            on_timer=lambda self, name: self.send("b", Ping(1)),
        )
    }
    trace = Cluster({**nodes, "b": acting(act)}, faults=faults, disk_latency=0.5).run()
    assert [(event.time, event.kind) for event in trace if event.node == "b"][2:] == [
        (0.6, "crash"),
        (0.7, "recover"),
        (1.01, "deliver"),
    ]


def test_a_crash_that_still_counts_effects_is_over_when_another_came_first():
    def act(self):
        for number in range(4):
            self.record(Did(number))

    _, trace = run_alone(
        act, faults=[Crash("a", at=0.0, after=6), Crash("a", at=1), Recover("a", at=2)]
    )
    assert kinds(trace) == ["fact"] * 4 + ["crash", "recover"] + ["fact"] * 4


def test_a_message_in_flight_reaches_a_receiver_that_has_recovered():
    def act(self):
        for peer in "bcd":
            self.send(peer, Ping(1))

    faults = [Crash(id, at=0.001) for id in "bcd"] + [
        Recover("b", at=0.002),
        Recover("c", at=0.02),
    ]
    trace = Cluster(
        {"a": acting(act), "b": Sink, "c": Sink, "d": Sink}, faults=faults
    ).run()
    assert [event.node for event in trace.where(kind="deliver")] == ["b"]
    assert [(event.node, event.reason) for event in trace.where(kind="drop")] == [
        ("c", "receiver is down"),
        ("d", "receiver is down"),
    ]


def test_what_a_crashed_node_sent_still_arrives():
    _, trace = run_alone(
        lambda self: self.send("b", Ping(1)),
        others={"b": Sink},
        faults=[Crash("a", at=0.001)],
    )
    assert kinds(trace) == ["send", "crash", "deliver", "fact"]


def test_timers_of_a_crashed_node_never_fire():
    def act(self):
        if not self.disk.read("second"):
            self.disk.write("second", True)
            self.disk.force()
            self.set_timer("t", 1.0)
            self.set_timer("u", 3.0)
        else:
            self.set_timer("t", 5.0)

    _, trace = run_alone(act, faults=[Crash("a", at=0.5), Recover("a", at=0.6)])
    assert [(event.time, event.other) for event in trace.where(kind="timer")] == [
        (5.6, "t")
    ]


def test_a_crash_takes_the_open_calls():
    def act(self):
        if self.disk.read("second"):
            self.returned("op", 1)
        self.call("op")
        self.disk.write("second", True)
        self.disk.force()

    cluster, _ = run_alone(act, until=1)
    cluster.crash("a")
    with pytest.raises(
        HandlerError, match="'a' returns from 'op', which it has not called"
    ):
        cluster.recover("a")
    assert kinds(cluster.trace) == [
        "call",
        "write",
        "force",
        "crash",
        "recover",
    ]  # the call is pending, not failed


# ----------------------------------------------------------------------------- aliasing


def test_what_is_changed_afterwards_was_sent_written_and_recorded_as_it_was():
    def act(self):
        parts = [1]
        self.send("b", Parcel(parts))
        self.record(Did(parts))
        self.call(parts)
        self.disk.write("k", parts)
        self.disk.append("log", parts)
        self.disk.force()
        self.returned([1], parts)
        self.disk.read("k").append("read")
        self.disk.read("log")[0].append("read")
        parts.append(2)
        self.send("b", Parcel(parts))
        self.record(Did(self.disk.read("k")))

    cluster, trace = run_alone(act, others={"b": Sink}, disk_latency=0.1)
    assert cluster.host("a").disk == {"k": [1], "log": [[1]]}
    assert [event.what for event in trace if event.node == "a"] == [
        Parcel([1]),
        Did([1]),
        [1],
        [1],
        [1],
        None,
        ([1], [1]),
        Parcel([1, 2]),
        Did([1]),
    ]
    assert [event.what.content for event in trace.where(kind="deliver")] == [
        [1],
        [1, 2],
    ]


class Spoiler(Node):
    """Changes all that it gets, keeps it, and passes it on."""

    def __init__(self, peer=None):
        self.peer = peer
        self.kept = []

    def on_message(self, sender, message):
        message.content.append(self.id)
        self.kept.append(message)
        if self.peer:
            self.send(self.peer, message)
            message.content.append("later")


def test_what_the_receiver_changes_changes_nobody_else():
    nodes = {
        "a": acting(lambda self: [self.send(peer, Parcel([1])) for peer in "bb"]),
        "b": partial(Spoiler, "c"),
        "c": Spoiler,
    }
    trace = Cluster(nodes).run()
    assert [event.what.content for event in trace.where(node="b", kind="deliver")] == [
        [1],
        [1],
    ]
    assert [event.what.content for event in trace.where(node="c", kind="deliver")] == [
        [1, "b"],
        [1, "b"],
    ]
    assert [event.what.content for event in trace.where(kind="send")] == [
        [1],
        [1],
        [1, "b"],
        [1, "b"],
    ]


def test_two_copies_of_a_message_share_nothing():
    class Count(Node):
        def on_message(self, sender, message):
            message.content.append(1)
            self.record(Did(len(message.content)))

    nodes = {"a": acting(lambda self: self.send("b", Parcel([]))), "b": Count}
    trace = Cluster(nodes, faults=[Duplicate()]).run()
    assert [fact.what.what for fact in trace.facts()] == [1, 1]


def test_a_node_changing_what_it_read_at_recovery_leaves_the_durable_disk():
    class Careless(Node):
        def on_start(self):
            self.disk.append("log", 1)
            self.disk.force()
            self.log = self.disk.read("log")
            self.log.append("careless")

    cluster = Cluster(
        {"a": Careless},
        faults=[
            Crash("a", at=1),
            Recover("a", at=2),
            Crash("a", at=3),
            Recover("a", at=4),
        ],
    )
    cluster.run()
    assert cluster.host("a").disk == {"log": [1, 1, 1]}


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda self: self.disk.write("k", print),
            r"TypeError: disk\['k'\] is a builtin_function_or_method: allowed are",
        ),
        (
            lambda self: self.disk.append("k", [object()]),
            r"disk\['k'\]\[0\] is a object",
        ),
        (lambda self: self.disk.write(7, 1), "a disk key is 7: give a str"),
        (
            lambda self: [self.disk.write("k", 1), self.disk.append("k", 1)],
            "disk key 'k' holds a int: append to a new key",
        ),
    ],
)
def test_errors_of_the_disk(act, message):
    with pytest.raises(HandlerError, match=message):
        run_alone(act)
