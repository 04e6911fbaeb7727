"""Faults: what they say as text, and what they do."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import Did, Ping, Sink, Source, chatters, delivered, kinds, run_alone

from ftlib.simulation import (
    Cluster,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Heal,
    Hold,
    Lose,
    Network,
    Node,
    Partition,
    Point,
    Recover,
    Schedule,
    Skew,
    Slow,
    Trace,
    Uniform,
)
from ftlib.simulation.faults import EVENTS

names = st.sampled_from(["a", "b", "it's", "né\n"])
maybe = st.none() | names
counts = st.integers(1, 9)
times = st.floats(0, 1e6) | st.integers(0, 9)
points = st.builds(Point, names, st.sampled_from(EVENTS), maybe, counts, times)
moments = times | points
picks = {"message": maybe, "sender": maybe, "receiver": maybe}
faults = st.one_of(
    st.builds(Crash, names, moments, st.integers(0, 9)),
    st.builds(Recover, names, moments, st.sampled_from(["kept", "wiped"])),
    st.builds(
        Partition,
        st.sampled_from([[["a"], ["b"]], ["a", "b"], [["a", "it's"]]]),
        moments,
    ),
    st.builds(Cut, names, names, moments),
    st.builds(Heal, moments),
    st.builds(Lose, **picks, nth=st.none() | counts),
    st.builds(Duplicate, **picks, nth=st.none() | counts, later=times),
    st.builds(Duplicate, **picks, nth=st.none() | counts, until=points),
    st.builds(Hold, **picks, nth=st.none() | counts, until=points),
    st.builds(Slow, names | st.tuples(names, names), times, points, st.none() | times),
    st.builds(Skew, names, st.floats(0.1, 10), st.floats(-10, 10), moments),
    st.builds(Deliver, **picks, nth=counts),
    st.builds(Drop, **picks, nth=counts),
    st.builds(Fire, names, names),
)


# --------------------------------------------------------------------------------- text


@given(st.lists(faults, max_size=5))
def test_a_schedule_reads_back_from_its_text(items):
    schedule = Schedule(items)
    assert Schedule.from_text(repr(schedule)) == schedule
    assert hash(Schedule.from_text(f"  {schedule!r}\n")) == hash(schedule)
    assert list(schedule) == items
    assert len(str(schedule).splitlines()) == max(1, len(items))


@given(faults)
def test_a_fault_in_a_trace_survives_json(fault):
    trace = Trace([(5, "fault", "", None, fault, None)], ["a"])
    assert Trace.from_json(trace.to_json(), ()) == trace


def test_a_schedule_is_printed_as_a_table():
    schedule = Schedule(
        [
            Crash("p1", at=0.5, after=1),
            Partition([["a"], "b"], at=Point("c", "send", nth=2)),
            Heal(3),
        ]
    )
    assert str(schedule).splitlines() == [
        "1  Crash      node='p1'  at=0.5  after=1",
        (
            "2  Partition  groups=(('a',), ('b',))  at=Point(node='c', event='send',"
            " nth=2)"
        ),
        "3  Heal       at=3",
    ]
    assert str(Schedule()) == "no faults"
    assert schedule[0] == Crash("p1", 0.5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Schedule(",
        "Schedule(5)",
        "Schedule([1])",
        "Schedule(faults=[])",
        "Schedule([], [])",
        "Schedule([Meteor('a')])",
        "Schedule([Crash('a', at=-1)])",
        "Schedule([Crash('a', when=1)])",
        "Schedule([Crash(**{'node': 'a'})])",
        "Schedule([Crash(open('x'))])",
        "Schedule([faults.Crash('a')])",
        "Schedule([Point('a', 'send')])",
        "__import__('os').getcwd()",
        "Schedule([Crash(node, at=1)])",
    ],
)
def test_text_that_is_no_schedule(text):
    with pytest.raises(ValueError, match="cannot read"):
        Schedule.from_text(text)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Crash("a", at=-1), "at is -1: give a time in seconds, 0 or more"),
        (lambda: Crash("a", at="soon"), "at is 'soon'"),
        (
            lambda: Crash("a", at=1, after=-1),
            "after is -1: give the number of effects that still happen, 0 or more",
        ),
        (lambda: Crash("a", at=1, after=1.0), "after is 1.0"),
        (
            lambda: Recover("a", at=1, disk="new"),
            "disk is 'new': choose 'kept' or 'wiped'",
        ),
        (
            lambda: Partition([["a", "b"], ["b"]], at=1),
            "'b' stands in two groups of a partition",
        ),
        (
            lambda: Partition([[]], at=1),
            "a partition needs at least one group with a node in it",
        ),
        (lambda: Heal(-2), "at is -2"),
        (lambda: Lose(nth=0), "nth is 0: give a whole number, 1 for the first"),
        (lambda: Duplicate(later=-1), "later is -1"),
        (lambda: Duplicate(until=2.0), "until is 2.0: give a Point"),
        (
            lambda: Duplicate(later=1.0, until=Point("a", "send")),
            "later is 1.0, and until is Point.*: give one of them",
        ),
        (lambda: Hold("Ping"), "until is None: give a Point"),
        (lambda: Hold(nth=0, until=Point("a", "send")), "nth is 0"),
        (lambda: Slow("a", by=-1), "by is -1"),
        (lambda: Slow("a", by=1, at=5, until=4), "until is 4, before at 5"),
        (
            lambda: Slow(("a", "b", "c"), by=1),
            r"target is \('a', 'b', 'c'\): give a node, or a link",
        ),
        (lambda: Skew("a", rate=0), "rate is 0: give a number above 0"),
        (lambda: Skew("a", offset=float("inf")), "offset is inf"),
        (
            lambda: Point("a", "sleeps"),
            "no event 'sleeps': choose one of send, deliver",
        ),
        (lambda: Point("a", "send", nth=0), "nth is 0"),
        (lambda: Point("a", "send", later=-1), "later is -1"),
    ],
)
def test_errors_name_the_value(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_is_no_fault():
    class Crash:
        pass

    for wrong in ("crash a", Point("a", "send"), Crash()):
        with pytest.raises(TypeError, match="is no fault: choose from Crash, Recover"):
            Schedule([wrong])


@pytest.mark.parametrize(
    "fault",
    [
        Crash("zz", at=1),
        Recover("zz", at=1),
        Partition([["a"], ["zz"]]),
        Cut("a", "zz"),
        Lose(sender="zz"),
        Duplicate(receiver="zz"),
        Slow("zz", 1),
        Slow(("zz", "a"), 1),
        Skew("zz"),
        Crash("a", at=Point("zz", "send")),
        Hold(until=Point("zz", "send")),
        Hold(sender="zz", until=Point("a", "send")),
    ],
)
def test_a_fault_of_a_node_that_does_not_exist(fault):
    with pytest.raises(ValueError, match="no node is called 'zz': there are a, b"):
        Cluster({"a": Node, "b": Node}, faults=[fault])


@pytest.mark.parametrize(
    "step", [Deliver(), Drop(), Fire("a", "t"), Crash("a"), Recover("a")]
)
def test_a_step_of_a_script_is_no_timed_fault(step):
    with pytest.raises(
        ValueError,
        match=(
            r"is a step of a script: give it to ftlib.simulation.play, or say at what"
            r" time"
        ),
    ):
        Cluster({"a": Node}, faults=[step])


# --------------------------------------------------------------------------- partitions


class Beat(Node):
    """Sends a Ping to all the others every second."""

    def __init__(self, peers):
        self.peers = peers
        self.number = 0

    def on_start(self):
        self.set_timer("beat", 1.0)

    def on_timer(self, name):
        self.number += 1
        for peer in self.peers:
            self.send(peer, Ping(self.number))
        self.set_timer("beat", 1.0)


def beats(faults, until=6.5, names="abc", latency=0.1):
    """Which beats each node got from each other, while the faults are at work."""
    nodes = {
        name: partial(Beat, tuple(peer for peer in names if peer != name))
        for name in names
    }
    trace = Cluster(nodes, network=Network(latency), faults=faults).run(until)
    return {
        f"{sender}{receiver}": [
            e.what.number
            for e in trace.where(kind="deliver", node=receiver)
            if e.other == sender
        ]
        for sender in names
        for receiver in names
        if sender != receiver
    }


def test_a_partition_and_its_end():
    got = beats([Partition([["a"], ["b"]], at=1.5), Heal(at=4.5)])
    assert (
        got["ab"] == got["ba"] == got["ac"] == got["cb"] == [1, 5, 6]
    )  # c stands in no group: a group of its own


def test_nodes_of_one_group_reach_each_other():
    got = beats([Partition([["a"]], at=1.5)])
    assert got["bc"] == got["cb"] == [1, 2, 3, 4, 5, 6]
    assert got["ab"] == got["ca"] == [1]


def test_a_second_partition_replaces_the_first():
    got = beats([Partition([["a"]], at=1.5), Partition([["b"]], at=3.5)])
    assert got["ac"] == [1, 4, 5, 6]
    assert got["ab"] == [1]
    assert got["bc"] == [1, 2, 3]


def test_a_cut_is_one_way_and_outlives_a_partition_until_healed():
    got = beats([Cut("a", "b", at=1.5), Partition([["c"]], at=2.5), Heal(at=4.5)])
    assert got["ab"] == [1, 5, 6]
    assert got["ba"] == [1, 2, 3, 4, 5, 6]
    assert got["ac"] == [1, 2, 5, 6]


def test_a_message_is_judged_when_it_arrives():
    # sent before the cut, it is lost; sent during the cut, it arrives after the healing
    got = beats([Cut("a", "b", at=1.2), Heal(at=2.2)], latency=0.5)
    assert got["ab"] == [2, 3, 4, 5, 6]
    got = beats([Cut("a", "b", at=1.9), Heal(at=2.2)], latency=0.5)
    assert got["ab"] == [1, 2, 3, 4, 5, 6]


def test_what_a_cut_drops():
    trace = Cluster({"a": Source, "b": Sink}, faults=[Cut("a", "b")]).run()
    assert kinds(trace) == ["fault", "send", "drop"]
    assert trace[0].what == Cut("a", "b")
    assert trace[2].reason == "link is cut"


# ---------------------------------------------------------------------- single messages


def sends(faults, n=5, **options):
    return Cluster(
        {"a": partial(Source, ("b", "c"), n), "b": Sink, "c": Sink},
        faults=faults,
        **options,
    ).run()


def test_losing_messages():
    assert delivered(sends([Lose("Ping", receiver="b", nth=2)])) == [1, 3, 4, 5]
    assert delivered(sends([Lose(nth=3)])) == [
        1,
        3,
        4,
        5,
    ]  # the third of all: two go to b, and one to c
    assert delivered(sends([Lose(receiver="b", nth=None)])) == []
    assert (
        delivered(sends([Lose(sender="b")]))
        == delivered(sends([Lose("Parcel")]))
        == [1, 2, 3, 4, 5]
    )
    assert delivered(sends([Lose(receiver="b"), Lose(receiver="b", nth=3)])) == [
        2,
        4,
        5,
    ]


def test_doubling_messages():
    trace = sends([Duplicate("Ping", receiver="b", nth=2, later=1.0)])
    assert delivered(trace) == [1, 2, 3, 4, 5, 2]
    assert trace[-2].time == 1.01
    assert trace[-2].ref == trace.where(kind="send", what=Ping)[2].ref
    assert len(trace.where(kind="send")) == 10


def test_of_a_message_both_lost_and_doubled_the_copy_arrives():
    for faults in (
        [Lose(receiver="b"), Duplicate(receiver="b", later=1.0)],
        [Duplicate(receiver="b", later=1.0), Lose(receiver="b")],
    ):
        trace = sends(faults, n=1)
        (arrival,) = trace.where(kind="deliver", node="b")
        (drop,) = trace.where(kind="drop")
        assert (drop.time, arrival.time, drop.ref) == (0.01, 1.01, arrival.ref)


THIRD = Point("b", "deliver", "Ping", nth=3)


def test_a_message_is_held_until_a_point():
    held = Hold(receiver="b", until=THIRD)
    trace = sends([held])
    assert delivered(trace) == [2, 3, 4, 5, 1]
    assert delivered(sends([replace(held, nth=2)])) == [1, 3, 4, 5, 2]
    assert not trace.where(kind="drop")
    assert not trace.where(kind="fault")
    later = sends([replace(held, until=replace(THIRD, later=9.0))])
    assert [event.time for event in later.where(kind="deliver", node="b")][-1] == 9.01
    third = Point("c", "deliver", "a", nth=3)
    assert beats([Hold(sender="a", receiver="b", until=third)])["ab"] == [
        *(2, 3, 1, 4, 5, 6)
    ]


def test_nothing_is_held_before_its_time_or_after_its_point():
    second = Point("a", "send", nth=3)  # with it a sends its second beat
    assert beats([Hold(sender="a", receiver="b", until=second)])["ab"][:2] == [1, 2]
    held = Hold(sender="a", receiver="b", nth=2, until=Point("a", "send"))
    assert beats([held])["ab"] == [1, 2, 3, 4, 5, 6]


def test_what_is_held_until_what_never_comes_is_on_its_way_for_good():
    for nth, got in ((2, [1, 3, 4, 5]), (None, [])):
        never = Hold(receiver="b", nth=nth, until=replace(THIRD, nth=9))
        trace = sends([never])
        assert delivered(trace) == got
        assert not trace.where(kind="drop")
        assert len(trace.where(kind="send")) == 10


def test_a_copy_comes_at_a_point():
    again = Duplicate(receiver="b", until=THIRD)
    assert delivered(sends([again])) == [1, 2, 3, 4, 5, 1]
    for faults in ([again, Lose(receiver="b")], [Lose(receiver="b"), again]):
        assert delivered(sends(faults)) == [2, 3, 4, 5, 1]
    once = sends([replace(again, nth=None)], n=3, network=Network(duplicate=1.0))
    assert sorted(delivered(once)) == [1, 1, 2, 2, 3, 3]


def test_what_is_lost_is_not_held_and_chance_takes_nothing_that_is():
    held = Hold(receiver="b", until=THIRD)
    for faults in ([held, Lose(receiver="b")], [Lose(receiver="b"), held]):
        trace = sends(faults)
        assert delivered(trace) == [2, 3, 4, 5]
        assert len(trace.where(kind="drop")) == 1
    certain = Hold(receiver="c", nth=None, until=Point("c", "send"))
    trace = sends([certain], network=Network(loss=1.0))
    assert {event.node for event in trace.where(kind="drop")} == {"b"}


@pytest.mark.parametrize(
    ("faults", "got", "idle"),
    [
        (
            [Duplicate(receiver="b"), Duplicate(receiver="b", until=THIRD)],
            [1, 1, 2, 3, 4, 5],
            1,
        ),
        (
            [Hold(receiver="b", until=replace(THIRD, nth=n)) for n in (3, 9)],
            [2, 3, 4, 5, 1],
            1,
        ),
        (
            [Hold(receiver="b", nth=n, until=THIRD) for n in (1, 2)],
            [3, 4, 5, 2, 1],
            0,
        ),
    ],
)
def test_two_faults_of_a_message_or_at_a_point_in_either_order(faults, got, idle):
    """And one that has done nothing is told."""
    nodes = {"a": partial(Source, ("b",), 5), "b": Sink}
    for listed in (faults, faults[::-1]):
        cluster = Cluster(nodes, faults=listed)
        assert delivered(cluster.run()) == got
        assert len(list(cluster.unused)) == idle


def test_who_holds_is_told_whether_it_did():
    idle = Hold(receiver="b", nth=9, until=THIRD)
    passed = Hold(receiver="b", nth=2, until=Point("a", "send"))
    used = Hold(receiver="b", until=replace(THIRD, nth=99))
    nodes = {"a": partial(Beat, ("b",)), "b": Sink}
    cluster = Cluster(nodes, faults=[idle, passed, used])
    cluster.run(until=4.5)
    assert list(cluster.unused) == [idle, passed]


@pytest.mark.parametrize("kind", [Hold, Duplicate])
def test_a_fifo_link_holds_nothing(kind):
    with pytest.raises(ValueError, match="would break the order of FIFO links"):
        sends([kind(receiver="b", until=THIRD)], network=Network(fifo=True))


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (Hold("Pong", until=THIRD), "'Pong', which is in no node's MESSAGES"),
        (
            Hold("Ping", until=replace(THIRD, what="Pong")),
            "'Pong', which is in no node's MESSAGES",
        ),
    ],
)
def test_a_hold_that_waits_for_what_nobody_sends(fault, name):
    with pytest.raises(ValueError, match=name):
        sends([fault])


def test_the_schedule_goes_before_chance():
    trace = sends(
        [Duplicate(receiver="b", later=1.0)], n=1, network=Network(duplicate=1.0)
    )
    assert [event.time for event in trace.where(kind="deliver", node="b")] == [
        0.01,
        1.01,
    ]


# --------------------------------------------------------------------------------- slow


def test_a_slow_node_handles_one_thing_after_another():
    trace = Cluster(
        {"a": partial(Source, ("b",), 3), "b": Sink}, faults=[Slow("b", by=0.5)]
    ).run()
    assert [
        (event.time, event.what.number) for event in trace.where(kind="deliver")
    ] == [(0.51, 1), (1.01, 2), (1.51, 3)]


def test_a_slow_node_keeps_timers_and_messages_in_the_order_of_their_coming():
    class Both(Sink):
        def on_start(self):
            self.set_timer("early", 0.005)
            self.set_timer("late", 0.02)

        def on_timer(self, name):
            self.record(Did(name))

    trace = Cluster(
        {"a": partial(Source, ("b",), 1), "b": Both}, faults=[Slow("b", by=0.5)]
    ).run()
    assert [fact.what.what for fact in trace.facts()] == ["early", Ping(1), "late"]


def test_a_timer_cancelled_while_it_waits_does_not_fire():
    class Fickle(Node):
        def on_start(self):
            self.set_timer("one", 0.1)
            self.set_timer("two", 0.11)
            self.set_timer("three", 0.12)

        def on_timer(self, name):
            if name == "one":
                self.cancel_timer("two")
                self.set_timer("three", 5.0)

    trace = Cluster({"a": Fickle}, faults=[Slow("a", by=1.0, until=4)]).run()
    assert [(event.other, event.time) for event in trace.where(kind="timer")] == [
        ("one", 1.1),
        ("three", 6.1),
    ]


def test_a_timer_that_no_longer_counts_takes_no_time():
    def act(self):
        self.set_timer("t", 0.1)
        self.set_timer("t", 5.0)
        self.set_timer("u", 0.2)

    _, trace = run_alone(act, faults=[Slow("a", by=1.0, until=3)])
    assert [(event.other, event.time) for event in trace.where(kind="timer")] == [
        ("u", 1.2),
        ("t", 5.0),
    ]


def test_a_slow_node_that_recovers_starts_afresh():
    nodes = {"a": partial(Beat, ("b",)), "b": Sink}
    trace = Cluster(
        nodes, faults=[Slow("b", by=1.5), Crash("b", at=1.5), Recover("b", at=1.6)]
    ).run(until=4)
    # the first message is lost in the crash at 1.5; the second comes at 2.01
    assert [
        (event.time, event.what.number) for event in trace.where(kind="deliver")
    ] == [(3.51, 2)]


def test_slowness_ends_at_its_very_time():
    trace = Cluster(
        {"a": partial(Beat, ("b",)), "b": Sink}, faults=[Slow("b", by=0.3, until=1.01)]
    ).run(until=1.5)
    assert [event.time for event in trace.where(kind="deliver")] == [1.01]
    trace = Cluster(
        {"a": partial(Beat, ("b",)), "b": Sink},
        faults=[Slow(("a", "b"), by=0.3, until=1.0)],
    ).run(until=1.5)
    assert [event.time for event in trace.where(kind="deliver")] == [1.01]


def test_slowness_ends():
    trace = Cluster(
        {"a": partial(Beat, ("b",)), "b": Sink},
        faults=[Slow("b", by=0.3, at=1.5, until=3.5)],
    ).run(until=6)
    assert [event.time for event in trace.where(kind="deliver")] == [
        1.01,
        2.31,
        3.31,
        4.01,
        5.01,
    ]


def test_the_backlog_of_a_node_that_is_slow_no_more_is_handled_at_once_and_in_order():
    faults = [Slow("b", by=1.0, at=0.0, until=1.5)]
    trace = Cluster({"a": partial(Source, ("b",), 4), "b": Sink}, faults=faults).run()
    assert [
        (event.time, event.what.number) for event in trace.where(kind="deliver")
    ] == [
        (1.01, 1),
        (2.01, 2),
        (2.01, 3),
        (2.01, 4),
    ]


def test_a_slow_link_delays_what_is_sent_then():
    first = Cluster({"a": Source, "b": Sink}, faults=[Slow(("a", "b"), by=0.3)]).run()
    assert [event.time for event in first.where(kind="deliver")] == [0.31]
    got = Cluster(
        {"a": partial(Beat, ("b",)), "b": Sink},
        faults=[Slow(("a", "b"), by=0.3, at=1.5, until=3.5)],
    ).run(until=6)
    assert [event.time for event in got.where(kind="deliver")] == [
        1.01,
        2.31,
        3.31,
        4.01,
        5.01,
    ]
    other_way = Cluster(
        {"a": partial(Beat, ("b",)), "b": Sink}, faults=[Slow(("b", "a"), by=0.3)]
    ).run(until=3.5)
    assert [event.time for event in other_way.where(kind="deliver")] == [
        1.01,
        2.01,
        3.01,
    ]


# --------------------------------------------------------------------------------- skew


class Watch(Node):
    """Notes what its clock says at each tick of one of its own seconds."""

    timed = True

    def on_start(self):
        self.tick()

    def on_timer(self, name):
        self.tick()

    def tick(self):
        self.record(Did(round(self.now, 6)))
        self.set_timer("tick", 1.0)


def test_a_clock_that_runs_fast_and_ahead():
    trace = Cluster({"a": Watch}, faults=[Skew("a", rate=2.0, offset=10.0)]).run(
        until=1.6
    )
    assert [(fact.time, fact.what.what) for fact in trace.facts()] == [
        (0, 10.0),
        (0.5, 11.0),
        (1.0, 12.0),
        (1.5, 13.0),
    ]


def test_a_clock_that_goes_wrong_later_does_not_jump_by_its_rate():
    trace = Cluster(
        {"a": Watch}, faults=[Skew("a", rate=2.0, at=100.0), Skew("a", at=103.0)]
    ).run(until=105)
    readings = {fact.time: fact.what.what for fact in trace.facts()}
    assert (readings[99.0], readings[100.0]) == (
        99.0,
        100.0,
    )  # timers set before the skew keep their time
    assert (readings[101.0], readings[101.5], readings[102.0]) == (102.0, 103.0, 104.0)
    assert readings[104.0] == 104.0  # put right


def test_skew_never_touches_the_times_of_the_trace():
    trace = Cluster(
        {"a": partial(Source, ("b",), 2), "b": Sink},
        faults=[Skew("b", rate=0.1, offset=-5.0)],
    ).run()
    assert [event.time for event in trace] == [0, 0, 0, 0.01, 0.01, 0.01, 0.01]


# ------------------------------------------------------------------------------- points


def script(self):
    self.send("b", Ping(1))
    self.send("c", Ping(2))
    self.disk.write("k", 1)
    self.disk.append("log", 2)
    self.disk.force()
    self.record(Did("x"))
    self.call("op")
    self.returned("op", 3)


OTHERS = {"b": Sink, "c": Sink}


@pytest.mark.parametrize(
    ("point", "effects"),
    [
        (Point("a", "send"), 1),
        (Point("a", "send", "Ping"), 1),
        (Point("a", "send", nth=2), 2),
        (Point("a", "send", "c"), 2),
        (Point("a", "write"), 3),
        (Point("a", "write", "log"), 4),
        (Point("a", "force"), 5),
        (Point("a", "fact", "Did"), 6),
        (Point("a", "call", "str"), 7),
        (Point("a", "return", "str"), 8),
        (Point("a", "send", nth=3), 9),
        (Point("a", "send", "Parcel"), 9),
    ],
)
def test_a_crash_at_a_point_lets_happen_what_came_before(point, effects):
    _, trace = run_alone(script, others=OTHERS, faults=[Crash("a", at=point)])
    expected = ["send", "send", "write", "write", "force", "fact", "call", "return"][
        :effects
    ]
    assert kinds(trace, "a") == expected + ["crash"] * (effects < 9)
    assert len(trace.where(kind="deliver")) == min(2, effects)  # what was sent is sent


def test_effects_count_from_the_point():
    _, trace = run_alone(
        script, others=OTHERS, faults=[Crash("a", at=Point("a", "send"), after=3)]
    )
    assert kinds(trace, "a") == ["send", "send", "write", "write", "crash"]


def test_the_earlier_of_two_crashes_counts():
    for faults in (
        [
            Crash("a", at=Point("a", "send"), after=4),
            Crash("a", at=Point("a", "send", nth=2), after=1),
        ],
        [
            Crash("a", at=Point("a", "send"), after=2),
            Crash("a", at=Point("a", "send", nth=2), after=5),
        ],
    ):
        _, trace = run_alone(script, others=OTHERS, faults=faults)
        assert kinds(trace, "a") == ["send", "send", "write", "crash"]


def test_a_point_and_a_while():
    _, trace = run_alone(
        script, others=OTHERS, faults=[Crash("a", at=Point("a", "send", later=0.5))]
    )
    (crash,) = trace.where(kind="crash")
    assert crash.time == 0.5
    assert kinds(trace, "a")[:-1] == [
        "send",
        "send",
        "write",
        "write",
        "force",
        "fact",
        "call",
        "return",
    ]


def test_a_point_in_the_life_of_another_node():
    faults = [
        Crash("b", at=Point("c", "deliver")),
        Recover("b", at=Point("b", "crash", later=1.0)),
    ]
    _, trace = run_alone(script, others=OTHERS, faults=faults)
    assert [(event.time, event.kind) for event in trace if event.node == "b"][-2:] == [
        (0.01, "crash"),
        (1.01, "recover"),
    ]


def test_a_node_that_crashes_where_it_would_handle_does_nothing():
    handled = []

    class Loud(Node):
        def on_start(self):
            self.set_timer("t", 1.0)

        def on_message(self, sender, message):
            handled.append(message)

        def on_timer(self, name):
            handled.append(name)

    for event in ("deliver", "timer"):
        nodes = {"a": Source, "b": Loud}
        trace = Cluster(
            nodes,
            faults=[
                Crash("b", at=Point("b", event)),
                Recover("b", at=Point("b", "crash")),
            ],
        ).run()
        assert (
            kinds(trace, "b").count("crash") == kinds(trace, "b").count("recover") == 1
        )
    assert handled == ["t", Ping(1), "t"]


def test_a_crash_during_recovery():
    def start(self):
        self.send("b", Ping(self.disk.read("starts", 0)))
        self.disk.write("starts", self.disk.read("starts", 0) + 1)
        self.disk.force()
        self.send("b", Ping(99))

    faults = [
        Crash("a", at=1.0),
        Recover("a", at=2.0),
        Crash("a", at=Point("a", "recover"), after=3),  # during its on_start
        Recover("a", at=3.0),
        Crash("a", at=Point("a", "recover", nth=2)),  # before it does anything
        Recover("a", at=4.0),
    ]
    _, trace = run_alone(start, others={"b": Sink}, faults=faults)
    assert delivered(trace) == [0, 99, 1, 2, 99]
    full = ["send", "write", "force", "send"]
    assert kinds(trace, "a") == [
        *full,
        "crash",
        "recover",
        *full[:3],
        "crash",
        "recover",
        "crash",
        "recover",
        *full,
    ]


def test_a_recovery_in_the_middle_of_the_effects_of_the_old_node():
    def start(self):
        again = self.disk.read("again", False)
        self.disk.write("again", True)
        self.disk.force()
        self.send("b", Ping(2 if again else 1))
        self.send("b", Ping(4 if again else 3))

    faults = [Crash("a", at=Point("a", "send")), Recover("a", at=Point("a", "crash"))]
    _, trace = run_alone(start, others={"b": Sink}, faults=faults)
    assert kinds(trace, "a") == [
        "write",
        "force",
        "send",
        "crash",
        "recover",
        "write",
        "force",
        "send",
        "send",
    ]
    assert sorted(delivered(trace)) == [1, 2, 4]


def test_one_event_may_spring_two_traps_and_a_trap_another():
    faults = [
        Crash("a", at=Point("a", "send")),
        Crash("b", at=Point("a", "send")),
        Partition([["c"]], at=Point("b", "crash")),
        Recover("a", at=Point("b", "crash", later=0.2)),
        Heal(at=Point("a", "recover")),
    ]
    _, trace = run_alone(script, others=OTHERS, faults=faults)
    assert kinds(trace)[:5] == ["send", "crash", "crash", "fault", "drop"]
    assert [event.node for event in trace[1:3]] == ["a", "b"]
    assert kinds(trace)[5:8] == ["recover", "fault", "send"]


# -------------------------------------------------------------------------- time nought


def test_what_happens_at_time_0_comes_before_the_nodes_start():
    _, trace = run_alone(script, others=OTHERS, faults=[Crash("a", at=0.0)])
    assert kinds(trace) == ["crash"]
    _, trace = run_alone(script, others=OTHERS, faults=[Crash("a", at=0.0, after=2)])
    assert kinds(trace, "a") == ["send", "send", "crash"]
    _, trace = run_alone(
        script, others=OTHERS, faults=[Crash("a", at=0.0), Recover("a", at=0.0)]
    )
    assert kinds(trace, "a")[:3] == ["crash", "recover", "send"]
    _, trace = run_alone(
        script,
        others=OTHERS,
        faults=[Crash("a", at=0.0), Recover("a", at=Point("a", "crash"))],
    )
    assert kinds(trace, "a").count("send") == 2  # it starts once


def test_a_trap_may_crash_a_node_that_has_not_started():
    faults = [Crash("b", at=Point("a", "send"))]
    trace = Cluster(
        {"a": partial(Source, ("b",)), "b": partial(Source, ("a",))}, faults=faults
    ).run()
    assert kinds(trace) == ["send", "crash", "drop"]
    assert trace[-1].reason == "receiver is down"


def test_faults_come_before_what_else_is_due_at_their_time():
    trace = Cluster({"a": Source, "b": Sink}, faults=[Crash("b", at=0.01)]).run()
    assert kinds(trace) == ["send", "crash", "drop"]


# ---------------------------------------------------------------------- crash, recovery


def test_crashing_what_is_down_changes_nothing():
    trace = Cluster(
        {"a": Node},
        faults=[
            Crash("a", at=1),
            Crash("a", at=2),
            Crash("a", at=3, after=2),
            Recover("a", at=4),
        ],
    ).run()
    assert [(event.time, event.kind) for event in trace] == [
        (1, "crash"),
        (4, "recover"),
    ]


def test_recovering_what_is_up():
    with pytest.raises(
        RuntimeError, match="'a' is up at 2 s: only a crashed node can recover"
    ):
        Cluster({"a": Node}, faults=[Recover("a", at=2)]).run()


def test_a_recovery_that_hangs_on_an_event_has_nothing_to_do_if_another_was_faster():
    late = Recover("a", at=Point("a", "crash", later=0.2))
    faults = [Crash("a", at=1), Recover("a", at=1.1), late]
    cluster = Cluster({"a": Node}, faults=faults)
    assert [event.kind for event in cluster.run()] == ["crash", "recover"]
    assert cluster.unused == Schedule([late])


some_points = st.builds(
    Point,
    st.sampled_from("abc"),
    st.sampled_from(["deliver", "send", "timer", "crash"]),
    nth=st.integers(1, 9),
)
cluster_faults = st.one_of(
    st.builds(Crash, st.sampled_from("abc"), st.floats(0, 2), st.integers(0, 4)),
    st.builds(
        Crash,
        st.sampled_from("abc"),
        st.builds(
            Point,
            st.sampled_from("abc"),
            st.sampled_from(EVENTS),
            nth=st.integers(1, 5),
        ),
    ),
    st.builds(
        Recover,
        st.sampled_from("abc"),
        st.builds(
            Point, st.sampled_from("abc"), st.just("crash"), later=st.floats(3, 4)
        ),
    ),
    st.builds(
        Partition,
        st.sampled_from([["a"], ["b", "c"], [["a", "b"], ["c"]]]),
        st.floats(0, 2),
    ),
    st.builds(Cut, st.sampled_from("abc"), st.sampled_from("abc"), st.floats(0, 2)),
    st.builds(Heal, st.floats(0, 3)),
    st.builds(Lose, nth=st.none() | st.integers(1, 9), sender=st.sampled_from("abc")),
    st.builds(Duplicate, nth=st.none() | st.integers(1, 9), later=st.floats(0, 1)),
    *(
        st.builds(kind, nth=st.none() | st.integers(1, 9), until=some_points)
        for kind in (Duplicate, Hold)
    ),
    st.builds(
        Slow,
        st.sampled_from(["a", ("a", "b"), ("b", "c")]),
        st.floats(0, 0.2),
        st.floats(0, 1),
        st.none() | st.floats(1, 3),
    ),
    st.builds(
        Skew,
        st.sampled_from("abc"),
        st.floats(0.5, 2),
        st.floats(-1, 1),
        st.floats(0, 2),
    ),
)


@given(
    st.lists(cluster_faults, max_size=7),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.02]),
    st.booleans(),
    st.sampled_from([0.0, 0.1]),
)
def test_whatever_goes_wrong_the_trace_makes_sense(
    faults, seed, disk_latency, fifo, chance
):
    """Laws that every run keeps: read off the trace alone."""
    # a recovery must find its node down; one for each node at most, and only after
    # everything else
    seen = set()
    faults = [
        f
        for f in faults
        if not isinstance(f, Recover)
        or (f.node == f.at.node and not (f.node in seen or seen.add(f.node)))
    ]
    fifo = fifo and not any(isinstance(getattr(f, "until", 0), Point) for f in faults)
    network = Network(Uniform(0.0, 0.1), chance, chance, fifo)
    cluster = Cluster(
        chatters("abc"),
        network=network,
        seed=seed,
        faults=faults,
        disk_latency=disk_latency,
    )
    trace = cluster.run(until=5)

    up = dict.fromkeys("abc", True)
    sent, arrivals, clock = {}, {}, 0.0
    durable, buffered = {name: [] for name in "abc"}, {name: [] for name in "abc"}
    calls, called = {name: {} for name in "abc"}, set()
    for event in trace:
        assert event.time >= clock
        clock = event.time
        assert event.kind in ("drop", "fault", "recover") or up[event.node], (
            f"a node that is down did {event}"
        )
        match event.kind:
            case "send":
                sent[event.ref] = event
            case "deliver" | "drop":
                assert (sent[event.ref].other, sent[event.ref].what) == (
                    event.node,
                    event.what,
                )
                assert sent[event.ref].node == event.other
                assert event.time >= sent[event.ref].time
                arrivals[event.ref] = arrivals.get(event.ref, 0) + 1
            case "crash":
                up[event.node], buffered[event.node], calls[event.node] = False, [], {}
            case "recover":
                assert not up[event.node]
                up[event.node] = True
            case "write" if event.ref == "append":
                buffered[event.node].append(event.what)
            case "force":
                durable[event.node] += buffered[event.node]
                buffered[event.node] = []
            case "call":
                assert event.ref not in called
                called.add(event.ref)
                calls[event.node][event.ref] = event.what
            case "return":
                assert calls[event.node].pop(event.ref) == event.what[0]
            case "timer":
                assert event.what <= event.time
    assert set(arrivals.values()) <= {1, 2}
    assert {name for name in "abc" if up[name]} == set(cluster.up)
    for name in "abc":
        assert cluster.host(name).disk.get("log", []) == durable[name]
