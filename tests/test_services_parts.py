"""What servers share, part by part: what is on the disk after a crash between any two
writes, what comes twice, what comes late.
"""

from functools import partial

import pytest

from ftlib.services import (
    Client,
    Entry,
    Log,
    Quorum,
    Recovered,
    Redirect,
    Reply,
    Request,
    Ship,
    Snapshot,
    Store,
    Stored,
    electors,
    grant,
    granted,
    keeping,
    majority,
    responsive,
    service,
)
from ftlib.services.keeper import Shipper
from ftlib.services.properties import durability
from ftlib.simulation import Cluster, Crash, Lose, Node, Recover, Slow, Trace, judge
from ftlib.simulation.node import FORCE, Disk, write

A, B, C, X = Entry(1, "a"), Entry(1, "b"), Entry(1, "c"), Entry(2, "x")


def a_log(*entries):
    effects = []
    disk, log = Disk({}, effects), Log()
    for entry in entries:
        log.append(disk, entry.epoch, entry.value)
    effects.clear()
    return log, disk, effects


def after_every_crash(log, effects, entries):
    """Recover from what a disk may hold after a crash during these effects."""
    for survive in range(len(effects) + 1):
        _, disk, _ = a_log(*entries)
        keys = list(disk.keys())
        contents = {key: disk.read(key) for key in keys}
        for effect in effects[:survive]:
            if effect[0] != FORCE:
                write(contents, effect)
        found = Log()
        found.recover(Disk(contents, []))
        yield found


def held(log):
    """What a log knows, the snapshot's state being the values before."""
    values = [entry.value for entry in log.entries]
    return [*(log.snapshot.state or ()), *values]


def test_a_compaction_that_a_crash_breaks_off_loses_nothing():
    log, disk, effects = a_log(A, B, C)
    log.compact(disk, 2, ("a", "b"))
    assert len(effects) == 3
    for found in after_every_crash(log, effects, (A, B, C)):
        assert held(found) == ["a", "b", "c"]
        assert found.last == (1, 3)


def test_a_truncation_that_a_crash_breaks_off_leaves_a_beginning():
    log, disk, effects = a_log(A, B, C)
    assert log.accept(disk, 1, 1, [X])
    kept = [held(found) for found in after_every_crash(log, effects, (A, B, C))]
    assert kept == [["a", "b", "c"], ["a", "b"], ["a"], ["a", "x"]]


@pytest.mark.parametrize(
    ("entries", "snapshot", "left"),
    [
        ((A,), Snapshot(3, 1, ("a", "b", "c")), ["a", "b", "c"]),
        ((A, B, C), Snapshot(2, 1, ("a", "b")), ["a", "b", "c"]),
        ((A, B, C), Snapshot(2, 2, ("a", "x")), ["a", "x"]),
        ((), Snapshot(2, 2, ("a", "x")), ["a", "x"]),
    ],
)
def test_the_snapshot_of_another_log_is_taken_over_whole_or_not_at_all(
    entries, snapshot, left
):
    log, disk, effects = a_log(*entries)
    log.install(disk, snapshot)
    assert held(log) == left
    found = list(after_every_crash(log, effects, entries))
    assert found[-1] == log
    for each in found:
        agreed = 1 if entries else 0  # is never lost on the way
        assert held(each)[:agreed] == left[:agreed]
        assert held(each) == left or each.snapshot == Snapshot()


def test_what_agrees_stays_and_what_is_compacted_is_passed_over():
    log, disk, effects = a_log(A, B, C)
    assert log.accept(disk, 0, 0, [A])
    assert not log.accept(disk, 3, 2, [X])
    assert not log.accept(disk, 4, 1, [X])
    assert effects == []
    log.compact(disk, 2, ("a", "b"))
    assert log.accept(disk, 0, 0, [A, B, C, Entry(1, "d")])
    assert log.accept(disk, 0, 0, [A])
    assert held(log) == ["a", "b", "c", "d"]
    assert log.epoch_at(2) == 1
    assert log.epoch_at(1) is log.at(1) is None


def test_what_is_not_accepted_conflicts_with_nothing():
    log, _, _ = a_log(A, B)
    assert log.conflict(1, 1, [X]) == 2
    assert log.conflict(1, 2, [X]) is log.conflict(5, 1, [X]) is None


def test_a_keeper_compacts_what_is_settled_and_no_more():
    ships = Ship(0, 0, (A, B), settled=9), Ship(2, 1, (C,), settled=2)
    for shipped, left in (
        (ships[:1], Recovered(Snapshot(2, 1, ("a", "b")), ())),
        (ships, Recovered(Snapshot(2, 1, ("a", "b")), (C,))),
    ):
        nodes = keeping() | {"w1": partial(Shipper, "k", shipped), "w2": Node}
        faults = [Crash("k", at=2, keeps=9), Recover("k", at=3)]
        trace = Cluster(nodes, faults=faults).run()
        assert trace.facts(Recovered)[-1].what == left


def test_logs_are_compared_by_epoch_then_index():
    log, _, _ = a_log(A, X)
    asked = [(2, 2), (2, 3), (3, 1), (1, 9), (2, 1)]
    assert [log.up_to_date(last) for last in asked] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda log, disk: log.append(disk, 1, "b"), "last entry is of 2"),
        (lambda log, disk: Log().append(disk, 0, "b"), "1 at least"),
        (
            lambda log, disk: log.accept(disk, 2, 2, [X, C]),
            r"are \[2, 2, 1\]: give some that never fall",
        ),
        (lambda log, disk: log.install(disk, Snapshot(1, 2, ())), "epoch 2.* 1 and 1"),
        (lambda log, disk: log.since(0), "give that or more"),
        (lambda log, disk: log.truncate(disk, 1), "so give more"),
        (lambda log, disk: log.stored(1), "entries 2 to 2"),
        (lambda log, disk: log.compact(disk, 3, None), "from 1 to 2"),
        (lambda log, disk: log.install(disk, Snapshot()), "the log's own of 1 and 1"),
    ],
)
def test_what_a_log_refuses(wrong, says):
    log, disk, effects = a_log(A, X)
    log.compact(disk, 1, ("a",))
    before = held(log), len(effects)
    with pytest.raises(ValueError, match=says):
        wrong(log, disk)
    assert (held(log), len(effects)) == before


def test_a_store_answers_the_last_request_of_a_client_again_and_no_earlier_one():
    store = Store()
    put, get = Request("c", 1, ("put", "x", 1)), Request("c", 2, ("get", "x"))
    assert store.reply(put) is None
    assert store.execute(put).position == 1
    assert store.execute(get).position == 2
    assert store.execute(put) is store.execute(get) is store.reply(put) is None
    assert store.reply(get) == Reply(2, 1)


def test_a_store_does_not_show_the_order_of_arrival():
    stores = Store(), Store()
    wanted = [Request("d", 1, ("put", "y", 1)), Request("c", 1, ("put", "x", 1))]
    for store, order in zip(stores, (wanted, wanted[::-1]), strict=True):
        for request in order:
            store.execute(request)
    assert stores[0].snapshot() == stores[1].snapshot()


@pytest.mark.parametrize(
    "operation", [("pop", "x"), ("put", "x"), ("get", 1), ("append", "x", "a"), ()]
)
def test_a_store_names_the_operation_that_it_does_not_know(operation):
    store = Store({"x": 1})
    with pytest.raises(ValueError, match="the operation is"):
        store.execute(Request("c", 1, operation))
    assert store == Store({"x": 1})


@pytest.mark.parametrize(
    ("node", "entries", "verdict"),
    [
        ("a", (A,), "holds"),
        ("a", (Entry(1, "b"),), "violated"),
        ("a", (Entry(2, "a"),), "violated"),
        ("a", (), "violated"),
        ("b", (), "holds"),
    ],
)
def test_what_a_node_has_stored_is_asked_of_that_node(node, entries, verdict):
    facts = ("a", Stored(1, 1, "a", 0)), (node, Recovered(Snapshot(), entries))
    trace = Trace([(0, "fact", name, None, fact, None) for name, fact in facts])
    assert judge(trace, [durability])[0].verdict == verdict


def test_a_majority_is_of_members_each_once():
    assert [majority(size) for size in (1, 2, 3, 4, 5)] == [1, 2, 2, 3, 3]
    quorum = Quorum(("a", "b", "c", "d", "e"))
    assert [quorum.add(each) for each in "eaaxb"] == [False] * 4 + [True]
    assert quorum.voters == ("a", "b", "e")
    for members in ((), ("a", "a"), "abc"):
        with pytest.raises(ValueError, match="each once"):
            Quorum(members)
    for size in (0, 2.5):
        with pytest.raises(ValueError, match="a whole number"):
            majority(size)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: electors(0, 0), "at least one member"),
        (lambda: electors(2, 3), "no more candidates"),
        (lambda: electors(2, -1), "no more candidates"),
        (lambda: electors(1, 1, 0)["e1"](), "above 0"),
        (lambda: electors(1, 1, (0, 1))["e1"](), "above 0"),
        (lambda: Request("c", 0, ("get", "x")), "1 or more"),
    ],
)
def test_what_electors_and_requests_refuse(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()


def test_a_grant_is_forced_before_it_is_given():
    effects = []
    disk = Disk({}, effects)
    assert grant(disk, 2, "a")
    assert effects[-1] == (FORCE,)
    assert [grant(disk, *to) for to in ((2, "b"), (1, "a"), (2, "a"))] == [0, 0, 1]
    assert len(effects) == 2
    assert granted(disk) == (2, "a")
    with pytest.raises(ValueError, match="give 1 or more"):
        grant(disk, 0, "a")


# The client ------------------------------------------------------------------------


def times(trace, kind):
    return [event.time for event in trace.where(kind=kind, node="c1")]


def test_a_client_backs_off_up_to_a_longest_wait():
    nodes = service([("get", "x")], patience=0.1, longest=0.4)
    trace = Cluster(nodes, faults=[Lose("Request", nth=None)]).run(until=2)
    assert times(trace, "timer") == pytest.approx([0.1, 0.3, 0.7, 1.1, 1.5, 1.9])


class Sends(Node):
    """Names another server, whatever it is asked."""

    def __init__(self, to):
        self.to = to

    def on_message(self, sender, message):
        self.send(sender, Redirect(message.sequence, self.to))


def test_a_client_follows_a_redirect_at_once_and_goes_on_where_it_was_answered():
    nodes = service([("put", "x", 1), ("get", "x")])
    nodes |= {
        "a": lambda: Sends("server"),
        "c1": lambda: Client(("a", "server"), (("put", "x", 1), ("get", "x"))),
    }
    trace = Cluster(nodes).run()
    asked = [event.other for event in trace.where(kind="send", node="c1")]
    assert asked == ["a", "server", "server"]
    assert times(trace, "timer") == []


def test_a_client_follows_no_redirect_of_a_server_that_it_does_not_ask_any_more():
    nodes = {
        "a": lambda: Sends("c"),
        "b": Node,
        "c": Node,
        "c1": lambda: Client(("a", "b"), (("get", "x"),)),
    }
    faults = [Slow(("a", "c1"), by=0.2, until=0.05)]
    trace = Cluster(nodes, faults=faults).run(until=0.28)
    asked = [event.other for event in trace.where(kind="send", node="c1")]
    assert asked == ["a", "b"]


def test_a_client_leaves_a_server_that_is_not_listed_and_does_not_answer():
    nodes = {"a": lambda: Sends("x"), "x": Node}
    nodes["c1"] = lambda: Client(("a",), (("get", "x"),))
    trace = Cluster(nodes).run(until=0.15)
    asked = [event.other for event in trace.where(kind="send", node="c1")]
    assert asked == ["a", "x", "a", "x"]


def test_a_client_does_not_ask_again_at_once_whom_it_asks():
    nodes = {"a": lambda: Sends("a"), "c1": lambda: Client(("a",), (("get", "x"),))}
    assert Cluster(nodes).run(until=0.09).counts()["Request"] == 1


def test_a_client_goes_on_with_the_server_that_answered_late():
    nodes = service([]) | {
        "mute": Node,
        "c1": lambda: Client(("server", "mute"), (("put", "x", 1), ("get", "x"))),
    }
    slow = Slow(("server", "c1"), by=0.1, until=0.05)
    trace = Cluster(nodes, faults=[slow]).run()
    asked = [event.other for event in trace.where(kind="send", node="c1")]
    assert asked == ["server", "mute", "server"]


def test_a_client_that_comes_back_asks_under_a_new_number():
    nodes = service([("append", "x", "a"), ("get", "x")])
    faults = [Crash("c1", at=0.005), Recover("c1", at=0.5)]
    trace = Cluster(nodes, faults=faults).run(until=9)
    calls = [event.what for event in trace.where(kind="call")]
    returns = [event.what for event in trace.where(kind="return")]
    assert calls == [("append", "x", "a"), ("get", "x")]
    assert returns == [(("get", "x"), "a")]
    assert judge(trace, [responsive(1, until=9)])[0].verdict == "holds"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"servers": ()}, "no server"),
        ({"servers": "ab"}, "'ab' is no tuple"),
        ({"servers": ("s",), "operations": ("get", "x")}, "'get' is no tuple"),
        ({"servers": ("s",), "patience": 0}, "above 0"),
        ({"servers": ("s",), "patience": 2, "longest": 1}, "no shorter"),
    ],
)
def test_what_a_client_refuses(wrong, says):
    with pytest.raises(ValueError, match=says):
        Client(**wrong)
