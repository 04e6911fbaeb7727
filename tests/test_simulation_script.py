"""Scripts: the order of things given step by step."""

from functools import partial

import pytest
from toys import Did, Parcel, Ping, Sink, Source, acting, delivered, kinds

from ftlib.simulation import (
    Choose,
    Cluster,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    HandlerError,
    Lose,
    Network,
    Node,
    Partition,
    Recover,
    Schedule,
    Uniform,
    play,
)


def pings(n=3, peers=("b",), **options):
    return Cluster(
        {"a": partial(Source, peers, n), **dict.fromkeys(peers, Sink)}, **options
    )


def test_messages_arrive_in_the_order_of_the_script():
    trace = play(
        pings(), [Deliver(nth=3), Deliver("Ping"), Deliver(sender="a", receiver="b")]
    )
    assert delivered(trace) == [3, 1, 2]
    assert [event.time for event in trace.where(kind="deliver")] == [0.01, 0.02, 0.03]


def test_latencies_do_not_matter():
    script = [Deliver(receiver="c"), Deliver(receiver="b"), Deliver(nth=2)]
    runs = [
        play(pings(2, "bc", network=Network(latency)), script)
        for latency in (0.0, 5.0, Uniform(0, 9))
    ]
    assert runs[0] == runs[1] == runs[2]


def test_what_is_not_delivered_stays_pending():
    assert kinds(play(pings(), [Deliver()])) == ["send"] * 3 + ["deliver", "fact"]


def test_dropped_and_doubled_messages():
    trace = play(
        pings(),
        [Drop(nth=2), Duplicate(nth=2), Duplicate(nth=2), Deliver(nth=2), Deliver()],
    )
    assert delivered(trace) == [3, 3, 3, 1]
    (drop,) = trace.where(kind="drop")
    assert (drop.what, drop.reason, drop.time) == (Ping(2), "lost", 0.01)


class Alarm(Node):
    def on_start(self):
        for name in ("one", "two", "three"):
            self.set_timer(name, 5.0)
        self.set_timer("one", 1.0)

    def on_timer(self, name):
        self.record(Did(name))
        self.cancel_timer("two")


def test_timers_fire_when_the_script_says():
    trace = play(Cluster({"a": Alarm}), [Fire("a", "three"), Fire("a", "one")])
    assert [event.other for event in trace.where(kind="timer")] == ["three", "one"]
    with pytest.raises(
        ValueError,
        match=r"step 2, Fire\(node='a', timer='two'\): no such armed timer; armed: one",
    ):
        play(Cluster({"a": Alarm}), [Fire("a", "three"), Fire("a", "two")])
    with pytest.raises(ValueError, match=r"step 2, .* no such armed timer; armed: one"):
        play(Cluster({"a": Alarm}), [Fire("a", "three"), Fire("a", "three")])


def test_crashes_between_handlers_and_between_effects():
    def start(self):
        if self.disk.read("again"):
            self.record(Did("again"))

    def handle(self, sender, message):
        self.disk.write("again", True)
        self.disk.force()
        self.record(Did("first"))

    def two(disk_latency=0.0):
        return Cluster(
            {"a": partial(Source, ("b",), 2), "b": acting(start, on_message=handle)},
            disk_latency=disk_latency,
        )

    script = [
        Crash("b", after=2),
        Deliver(),
        Recover("b"),
        Crash("b"),
        Deliver(),
        Recover("b", disk="wiped"),
    ]
    for trace in (
        play(two(), script),
        play(two(disk_latency=9.0), script),
    ):  # a force takes no time in a script
        assert kinds(trace, "b") == [
            "deliver",
            "write",
            "force",
            "crash",
            "recover",
            "fact",
            "crash",
            "drop",
            "recover",
        ]
        assert trace.where(kind="drop")[0].reason == "receiver is down"


def test_a_force_at_the_start_takes_no_time_either():
    cluster = Cluster(
        {
            "a": acting(lambda self: [self.disk.force(), self.send("b", Ping(1))]),
            "b": Sink,
        },
        disk_latency=1.0,
    )
    assert delivered(play(cluster, [Deliver()])) == [1]


def lives(self):
    self.disk.write("lives", self.disk.read("lives", 0) + 1)
    self.disk.force()
    self.record(Did(("lives", self.disk.read("lives"))))


def test_crashes_before_the_start_and_while_it_lasts():
    nodes = {"a": acting(lives), "b": acting(lives)}
    trace = play(
        Cluster(nodes),
        [Crash("a", at=0, after=2), Crash("b", at=0), Recover("a"), Recover("b")],
    )
    assert [
        (event.kind, event.node) for event in trace.where(kind=("crash", "recover"))
    ] == [
        ("crash", "b"),
        ("crash", "a"),
        ("recover", "a"),
        ("recover", "b"),
    ]
    assert [(event.node, event.what.what) for event in trace.facts()] == [
        ("a", ("lives", 2)),
        ("b", ("lives", 1)),
    ]


def test_a_crash_while_a_node_recovers():
    script = [Crash("a"), Crash("a", after=1), Recover("a"), Recover("a")]
    trace = play(Cluster({"a": acting(lives)}), script)
    assert [event.what.what for event in trace.facts()] == [("lives", 1), ("lives", 2)]
    assert kinds(trace).count("crash") == 2


def choosing(self):
    self.record(Did((self.choose("xyz"), self.choose("uv"))))


def test_choices_are_those_of_the_script():
    script = [Choose("a", 2), Choose("a", 1), Choose("b", 1)]
    for seed in range(5):
        nodes = {
            "a": acting(choosing),
            "b": acting(lambda self: None, on_message=lambda self, *_: choosing(self)),
        }
        nodes["c"] = acting(lambda self: self.send("b", Ping(1)))
        trace = play(
            Cluster(nodes, seed=seed), [*script, Crash("a"), Choose("b", 0), Deliver()]
        )
        assert [event.what.what for event in trace.facts()] == [("z", "v"), ("y", "u")]
    with pytest.raises(
        HandlerError, match="the script chooses option 3, but there are 3: "
    ):
        play(Cluster({"a": acting(choosing)}), [Choose("a", 3)])
    with pytest.raises(ValueError, match="option is -1"):
        Choose("a", -1)
    with pytest.raises(ValueError, match="is a step of a script"):
        Cluster({"a": acting(choosing)}, faults=[Choose("a", 1)])


def test_after_a_script_time_goes_on():
    cluster = pings(3)
    play(cluster, [Deliver(nth=2)] * 2)
    assert cluster.time == 0.02
    trace = cluster.run()
    assert delivered(trace) == [2, 3, 1]
    assert [event.time for event in trace] == sorted(event.time for event in trace)


def test_after_a_script_the_rest_comes_in_the_order_of_its_latencies():
    plain = delivered(pings(40, network=Network(Uniform(1, 9))).run())
    cluster = pings(40, network=Network(Uniform(1, 9)))
    play(cluster, [Deliver(nth=2)] * 9)
    assert delivered(cluster.run())[9:] == [
        number for number in plain if not 2 <= number <= 10
    ]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            [Deliver("Pong")],
            (
                r"step 1, Deliver\(message='Pong'\): no such pending message; pending:"
                r" Ping a->b, Ping a->b, Ping a->b"
            ),
        ),
        ([Deliver()] * 4, "step 4, .* pending: nothing"),
        ([Deliver(nth=4)], "step 1, .* no such pending message"),
        ([Drop(receiver="a")], "no such pending message"),
        ([Duplicate("Pong")], "no such pending message"),
        ([Fire("b", "t")], "no such armed timer; armed: none"),
        ([Fire("zz", "t")], "step 1, .* no node is called 'zz': there are a, b"),
        ([Crash("b"), Crash("b")], r"step 2, Crash\(node='b'\): 'b' is down already"),
        ([Recover("b")], "step 1, .* 'b' is up at 0.01 s"),
        ([Deliver(), Crash("b", at=1.0)], "step 2, .* no step of a script"),
        ([Partition([["a"]])], "step 1, .* no step of a script: use Deliver, Drop"),
        ([Lose()], "no step of a script"),
    ],
)
def test_steps_that_cannot_be_taken(script, message):
    with pytest.raises(ValueError, match=message):
        play(pings(), script)


def test_a_script_needs_a_fresh_cluster_without_faults():
    cluster = pings()
    cluster.run()
    with pytest.raises(RuntimeError, match="has started already"):
        play(cluster, [])
    with pytest.raises(
        ValueError,
        match=(
            r"the cluster has faults of its own, Schedule\(\[Crash\(node='a',"
            r" at=1\)\]\)"
        ),
    ):
        play(pings(faults=[Crash("a", at=1)]), [])
    with pytest.raises(TypeError, match="is no fault"):
        play(pings(), ["deliver it"])


def test_errors_of_handlers_come_through():
    cluster = Cluster(
        {"a": Source, "b": acting(lambda self: None, on_message=lambda self, *_: 1 / 0)}
    )
    with pytest.raises(HandlerError, match="ZeroDivisionError"):
        play(cluster, [Deliver()])
    keeper = acting(
        lambda self: None,
        on_message=lambda self, sender, message: setattr(self, "bad", print),
    )
    with pytest.raises(HandlerError, match=r"state of 'b': Actor.bad"):
        play(Cluster({"a": Source, "b": keeper}), [Deliver()])


def test_a_script_may_be_a_schedule_and_reads_back():
    script = Schedule([Deliver(nth=2), Drop(), Crash("b", after=1), Recover("b")])
    assert Schedule.from_text(repr(script)) == script


def test_messages_that_hold_lists_are_played_alike():
    nodes = {"a": acting(lambda self: self.send("b", Parcel([1]))), "b": Sink}
    assert play(Cluster(nodes), [Duplicate(), Deliver()]).facts()[1].what == Did(
        Parcel([1])
    )
