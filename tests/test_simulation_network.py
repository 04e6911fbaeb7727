"""Latency, loss, duplication, order; and that one change shifts nobody else's
chance.
"""

from collections import Counter
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import Ping, Sink, Source, acting, chatters, delivered, kinds

from ftlib.simulation import (
    Cluster,
    Constant,
    Crash,
    Duplicate,
    Exponential,
    Heal,
    Link,
    LogNormal,
    Lose,
    Network,
    Node,
    Partition,
    Recover,
    Slow,
    Uniform,
)

LATENCIES = st.sampled_from(
    [0.0, 0.01, Uniform(0.0, 0.1), Exponential(0.05), LogNormal(0.02, 1.0)]
)


def send(n=1, peers=("b",), **options):
    """The trace of n Pings from a to each of its peers."""
    nodes = {"a": partial(Source, peers, n), **dict.fromkeys(peers, Sink)}
    return Cluster(nodes, **options).run()


def latencies(trace, receiver="b"):
    """The time each message took, by its number."""
    sent = {event.ref: event.time for event in trace.where(kind="send")}
    return {
        event.what.number: round(event.time - sent[event.ref], 6)
        for event in trace.where(kind="deliver", node=receiver)
    }


def test_latency_and_its_exceptions():
    network = Network(
        latency=Uniform(0.1, 0.2),
        links={("a", "b"): 0.5, ("a", "c"): Link(Constant(0.7), loss=0.0)},
    )
    trace = send(3, ("b", "c", "d"), network=network)
    assert set(latencies(trace).values()) == {0.5}
    assert set(latencies(trace, "c").values()) == {0.7}
    assert all(0.1 <= latency <= 0.2 for latency in latencies(trace, "d").values())
    assert len(set(latencies(trace, "d").values())) == 3
    assert network.link("a", "b") == Link(Constant(0.5))


def test_a_link_named_by_its_latency_keeps_the_loss_of_the_network():
    assert Network(loss=0.3, duplicate=0.1, links={("a", "b"): 0.5}).link(
        "a", "b"
    ) == Link(0.5, 0.3, 0.1)
    assert Network(loss=0.3, links={("a", "b"): Link(0.5)}).link("a", "b") == Link(0.5)


def test_loss_and_duplication_happen_as_often_as_said():
    trace = send(4000, network=Network(loss=0.2, duplicate=0.1))
    lost = {event.ref for event in trace.where(kind="drop")}
    arrivals = Counter(event.ref for event in trace.where(kind="deliver"))
    # binomial standard errors are 25 and 19
    assert len(lost) == pytest.approx(800, abs=100)
    assert sum(
        count + (ref in lost) == 2 for ref, count in arrivals.items()
    ) == pytest.approx(400, abs=80)
    assert {event.reason for event in trace.where(kind="drop")} == {"lost"}
    assert lost | set(arrivals) == set(range(1, 4001))


def test_a_second_copy_comes_up_to_one_latency_later():
    trace = send(200, network=Network(latency=0.01, duplicate=1.0))
    times = {}
    for event in trace.where(kind="deliver"):
        times.setdefault(event.ref, []).append(event.time)
    assert all(
        len(pair) == 2 and pair[0] == 0.01 and 0.01 <= pair[1] <= 0.02
        for pair in times.values()
    )
    assert len({pair[1] for pair in times.values()}) > 150


@pytest.mark.parametrize(
    ("loss", "duplicate", "arrivals"),
    [(1.0, 0.0, 0), (0.0, 1.0, 2), (1.0, 1.0, 1), (0.0, 0.0, 1)],
)
def test_certain_loss_and_duplication(loss, duplicate, arrivals):
    assert (
        delivered(send(network=Network(loss=loss, duplicate=duplicate)))
        == [1] * arrivals
    )


def test_a_lost_message_is_dropped_when_it_would_arrive():
    (drop,) = send(network=Network(latency=0.3, loss=1.0)).where(kind="drop")
    assert (drop.time, drop.node, drop.other, drop.what, drop.reason) == (
        0.3,
        "b",
        "a",
        Ping(1),
        "lost",
    )


def test_messages_overtake_each_other_unless_links_are_fifo():
    latency = Uniform(0.0, 0.1)
    assert delivered(send(20, network=Network(latency))) != list(range(1, 21))
    assert delivered(send(20, network=Network(latency, fifo=True))) == list(
        range(1, 21)
    )


class Stream(Node):
    """Sends Ping 1, 2, ... one every 10 ms."""

    def __init__(self, n):
        self.n = n
        self.sent = 0

    def on_start(self):
        self.set_timer("next", 0.01)

    def on_timer(self, name):
        self.sent += 1
        self.send("b", Ping(self.sent))
        if self.sent < self.n:
            self.set_timer("next", 0.01)


@given(
    LATENCIES,
    st.integers(0, 5),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.lists(
        st.tuples(
            st.sampled_from(["b", ("a", "b")]),
            st.floats(0, 0.2),
            st.floats(0, 0.2),
            st.floats(0, 0.1),
        ),
        max_size=3,
    ),
    st.lists(
        st.builds(Duplicate, nth=st.integers(1, 15), later=st.floats(0, 0.1)),
        max_size=2,
    ),
    st.sampled_from([0.0, 0.03]),
)
def test_fifo_links_keep_the_order_of_first_and_second_copies(
    latency, seed, loss, duplicate, slows, doubles, disk_latency
):
    class Log(Node):
        def on_message(self, sender, message):
            self.disk.append("log", message.number)
            self.disk.force()

    faults = [
        Slow(target, by, at, at + length) for target, by, at, length in slows
    ] + doubles
    network = Network(latency, loss, duplicate, fifo=True)
    nodes = {"a": partial(Stream, 15), "b": Log}
    trace = Cluster(
        nodes, network=network, seed=seed, faults=faults, disk_latency=disk_latency
    ).run()
    arrived = delivered(trace)
    assert arrived == sorted(arrived)
    lost = {event.what.number for event in trace.where(kind="drop")}
    assert set(arrived) | lost == set(range(1, 16))


# -------------------------------------------------------- one seed, one stream for each


def story(trace, nodes):
    """What happened at these nodes, without the numbers that messages have in the whole
    cluster.
    """
    return [
        (event.time, event.kind, event.node, event.other, event.what)
        for event in trace
        if event.node and event.node in nodes
    ]


def test_adding_a_node_shifts_nothing():
    network = Network(Exponential(0.02), loss=0.1, duplicate=0.1)
    alone = Cluster(chatters("abc"), network=network, seed=3).run(until=2)
    more = chatters("abc") | {
        "0": partial(chatters("0z")["0"]),
        "z": chatters("0z")["z"],
    }
    for nodes in (more, dict(sorted(more.items()))):  # also when it starts first
        trace = Cluster(nodes, network=network, seed=3).run(until=2)
        assert story(trace, "abc") == story(alone, "abc")
        assert len(trace) > len(alone)


@pytest.mark.parametrize(
    "network",
    [
        Network(Uniform(0.01, 0.09)),
        Network(Uniform(0.01, 0.09), loss=0.3),
        Network(Uniform(0.01, 0.09), duplicate=0.3),
        Network(Uniform(0.01, 0.09), links={("a", "c"): Link(0.05, loss=0.5)}),
    ],
)
def test_loss_changes_no_latency(network):
    plain = latencies(send(50, ("b", "c"), network=Network(Uniform(0.01, 0.09))))
    trace = send(50, ("b", "c"), network=network)
    sent = {event.ref: event.time for event in trace.where(kind="send")}
    # lost or delivered, a message comes to its end where it would have; a second copy
    # comes later
    first = {}
    for event in trace.where(kind=("deliver", "drop"), node="b"):
        first.setdefault(event.what.number, round(event.time - sent[event.ref], 6))
    assert first == plain


def test_a_change_of_one_link_leaves_the_chance_of_the_others():
    def lost(links):
        trace = send(
            100,
            ("b", "c"),
            network=Network(
                loss=0.0, links={("a", "b"): Link(0.01, loss=0.4), **links}
            ),
        )
        return [event.what.number for event in trace.where(kind="drop", node="b")]

    assert (
        lost({}) == lost({("a", "c"): Link(0.01, loss=0.7)}) == lost({("a", "c"): 0.5})
    )
    assert 20 < len(lost({})) < 60


def test_changing_the_distribution_on_one_link_leaves_the_others():
    def to_c(link):
        return latencies(
            send(
                20,
                ("b", "c"),
                network=Network(Uniform(0.01, 0.09), links={("a", "b"): link}),
            ),
            "c",
        )

    assert (
        to_c(0.5)
        == to_c(Exponential(0.1))
        == to_c(LogNormal(0.1, 1.0))
        == to_c(Uniform(0.2, 0.3))
    )


FAULTS = [
    Lose("Ping", sender="a", nth=3),
    Duplicate("Pong", receiver="a", nth=2, later=0.05),
    Slow(("a", "b"), 0.05, at=0.3, until=0.6),
    Partition([["a"], ["b"]], at=0.4),
    Heal(at=0.7),
    Crash("a", at=0.9),
    Recover("a", at=1.0),
]


@pytest.mark.parametrize("left_out", [{0}, {1}, {2}, {3}, {4}, {5, 6}])
def test_removing_a_fault_shifts_nothing_among_those_it_does_not_touch(left_out):
    nodes = chatters("ab") | chatters("yz")
    network = Network(Exponential(0.02), loss=0.05, duplicate=0.05)
    fewer = [fault for number, fault in enumerate(FAULTS) if number not in left_out]
    whole, less = (
        Cluster(nodes, network=network, seed=5, faults=faults).run(until=1.5)
        for faults in (FAULTS, fewer)
    )
    assert story(less, "yz") == story(whole, "yz")
    assert story(less, "ab") != story(whole, "ab")


def test_a_lost_message_leaves_the_latencies_of_the_rest():
    with_fault = send(
        20, network=Network(Uniform(0.0, 0.1)), faults=[Lose(nth=7), Duplicate(nth=9)]
    )
    without = send(20, network=Network(Uniform(0.0, 0.1)))
    assert [n for n in delivered(with_fault) if n != 9] == [
        n for n in delivered(without) if n not in (7, 9)
    ]
    assert latencies(with_fault) == {
        n: latency for n, latency in latencies(without).items() if n != 7
    }


# ------------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Network(latency=-1),
            "latency is -1: give a time in seconds, 0 or more",
        ),
        (lambda: Network(loss=1.5), "loss is 1.5: give a probability from 0 to 1"),
        (
            lambda: Network(duplicate=-0.1),
            "duplicate is -0.1: give a probability from 0 to 1",
        ),
        (lambda: Link(loss="often"), "loss is 'often': give a probability"),
        (
            lambda: Network(links={"a": 0.1}),
            r"links has the key 'a': give a pair \(sender, receiver\)",
        ),
        (
            lambda: Network(links={("a", "b"): -2}),
            r"the latency of link \('a', 'b'\) is -2",
        ),
        (
            lambda: Cluster({"a": Node}, network=Network(links={("a", "zz"): 0.1})),
            "no node is called 'zz': there are a",
        ),
    ],
)
def test_errors_name_the_value(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_node_may_write_to_itself():
    trace = Cluster(
        {"a": acting(lambda self: self.send("a", Ping(1)))},
        faults=[Partition([["a"]], at=0.0)],
    ).run()
    assert kinds(trace) == ["fault", "send", "deliver"]
