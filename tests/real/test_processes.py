"""Nodes as processes: the same as in the simulator, and killed for good."""

import json
import os
import signal
import socket
import time
from collections import deque
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from real_nodes import (
    Alarm,
    BadDisk,
    Counter,
    Diary,
    Failing,
    Flood,
    FullDisk,
    Large,
    Number,
    Seen,
    Speechless,
    Teller,
)

from ftlib.drawing import spacetime
from ftlib.real import Processes
from ftlib.real.disk import LogFile, framed, records
from ftlib.real.machine import Machine
from ftlib.real.mail import LARGEST, Letter
from ftlib.real.place import Place, ticks
from ftlib.real.wire import Wire
from ftlib.services import service
from ftlib.simulation import Cluster, HandlerError, Network, Node
from ftlib.simulation.node import FACT, FORCE, SEND, WRITE

pytestmark = pytest.mark.slow

TOLD = {"b": Counter, "a": partial(Teller, "b")}


def told(trace, node="b"):
    return [each.what.what for each in trace.facts(Seen, node=node)]


def after_recovery(trace):
    """What came after the last recovery, nothing if there was none."""
    found = trace.where(kind="recover")
    return trace[found[-1].index :] if found else trace[:0]


def life_of(trace, node):
    """What a node did, less times and numbers."""
    return [
        (each.kind, each.other, None if each.kind == "timer" else each.what)
        for each in trace
        if each.node == node
    ]


# The same node ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "last"),
    [
        ({"a": Diary, "b": Diary}, ("return", 3)),
        (service([("put", "x", 1), ("append", "y", "z"), ("get", "y")]), ("return", 3)),
    ],
    ids=["diary", "service"],
)
def test_the_same_inputs_have_the_same_effects_in_both_worlds(nodes, last):
    simulated = Cluster(nodes, seed=7).run(until=5)
    kind, times = last
    with Processes(nodes, seed=7) as group:
        group.until(lambda trace: len(trace.where(kind=kind)) == times)
        time.sleep(0.05)
        trace = group.trace
    for node in nodes:
        assert life_of(trace, node) == life_of(simulated, node)
    assert [event.ref for event in trace.where(kind=("call", "return"))] == [
        event.ref for event in simulated.where(kind=("call", "return"))
    ]
    spacetime(trace)  # a picture can be drawn


def test_a_timer_is_replaced_and_taken_back():
    with Processes({"a": Alarm}) as group:
        fired = group.until(lambda trace: trace.where(kind="timer"))
    (event,) = fired
    assert event.other == "again"
    assert event.time - event.what >= 0.08


def test_the_trace_is_ordered_as_things_were():
    with Processes(TOLD) as group:
        trace = group.until(lambda trace: len(trace.facts(node="b")) > 30)
    times = [event.time for event in trace]
    assert times == sorted(times)
    sent = set()
    for event in trace.where(kind=("send", "deliver")):
        if event.kind == "send":
            assert event.ref not in sent
            sent.add(event.ref)
        else:
            assert event.ref in sent


def test_a_clock_is_never_behind_what_it_has_received(world):
    world._handle(Letter("a", 10**12, 0, Number(1)))
    world.record("fact", None, Seen(1))
    assert world.clock == 10**12 + 2  # the delivery, the fact


def test_a_send_is_in_the_trace_before_it_leaves(world, monkeypatch):
    said = []
    monkeypatch.setattr(
        world.mail,
        "send",
        lambda *_: said.append((world.place.folder / "trace").read_bytes()) or (0, ""),
    )
    world._send("a", Number(1))
    assert b"send" in said[0]


# Faults -------------------------------------------------------------------------------


@pytest.mark.parametrize("forces", [True, False])
@pytest.mark.parametrize("power", [True, False])
def test_what_was_forced_survives_and_what_was_not_needs_power(forces, power):
    nodes = {"b": partial(Counter, forces), "a": partial(Teller, "b")}
    lost = 0
    for seed in range(3):
        with Processes(nodes, seed=seed) as group:
            group.until(lambda trace: len(trace.facts(node="b")) > 10)
            (group.cut_power if power else group.kill)("b")
            before = told(group.trace)[-1]
            group.restart("b")
            trace = group.until(lambda trace: after_recovery(trace).facts(node="b"))
        after = after_recovery(trace).facts(node="b")[0].what.what
        # the facts come after the force, so more may be on the disk
        lost += after < before
    assert bool(lost) == (power and not forces)


def test_a_node_that_is_down_hears_nothing():
    with Processes(TOLD) as group:
        group.until(lambda trace: trace.facts(node="b"))
        group.kill("b")
        time.sleep(0.1)
        group.restart("b")
        group.until(lambda trace: after_recovery(trace).where(kind="deliver"))
        group.kill("a", "b")
        trace = group.trace
    crash, recovery = trace.where(kind=("crash", "recover"), node="b")[:2]
    down = trace[crash.index : recovery.index]
    assert not down.where(kind="deliver")
    dropped = down.where(kind="drop")
    assert len(dropped) > 5
    assert {each.reason for each in dropped} <= {"receiver is down", "receiver crashed"}
    assert told(trace) == sorted(told(trace))
    answered = {each.ref for each in trace.where(kind=("deliver", "drop"))}
    assert {each.ref for each in trace.where(kind="send")} == answered


def test_a_trace_torn_by_a_kill_hides_nothing_of_the_next_life():
    with Processes(TOLD) as group:
        group.until(lambda trace: trace.facts(node="b"))
        group.kill("b")
        with open(group.folder / "b" / "trace", "ab") as file:
            file.write(framed(b"x" * 64)[:20])
        group.restart("b")
        group.until(lambda trace: after_recovery(trace).facts(node="b"))


def test_a_trace_is_written_whole(world, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:5]))
    for turn in range(3):
        world._happen((FACT, Seen(turn)))
    world.say()
    monkeypatch.undo()
    said = (world.place.folder / "trace").read_bytes()
    assert [end for _, end in records(said)][2:] == [len(said)]


def test_a_paused_node_is_not_dead():
    with Processes(TOLD) as group:
        group.until(lambda trace: trace.facts(node="b"))
        group.pause("b")
        time.sleep(0.05)
        paused = len(group.trace.facts(node="b"))
        time.sleep(0.2)
        assert len(group.trace.facts(node="b")) == paused
        sent = len(group.trace.where(kind="send"))
        group.resume("b")  # and what was sent meanwhile is there
        group.until(lambda trace: len(trace.facts(node="b")) >= sent)
        assert group.up == ("b", "a")


def test_a_partition_lets_nothing_pass_until_it_is_healed():
    with Processes(TOLD) as group:
        group.until(lambda trace: trace.facts(node="b"))
        group.partition(["a"], ["b"])
        trace = group.until(
            lambda trace: sum(e.reason == "link is cut" for e in trace) > 5
        )
        first = next(e for e in trace if e.reason == "link is cut").index
        assert not trace[first:].where(kind="deliver")
        group.kill("b")
        group.restart("b")  # and it holds for a new process
        group.until(lambda trace: len(after_recovery(trace)) > 5)
        assert not group.trace[first:].where(kind="deliver")
        group.heal()
        group.until(lambda trace: trace[first:].where(kind="deliver"))


def test_a_paused_node_is_told_the_last_of_many_orders():
    with Processes(TOLD) as group:
        group.until(lambda trace: trace.facts(node="b"))
        group.pause("b")
        for _ in range(50):  # more than a pipe takes
            order = json.dumps([("a", "b")]) + " " * 4_000 + "\n"
            group._keeper.ask("order", group._pids["b"], order)
        group.heal()
        group.resume("b")
        before = len(group.trace.where(kind="deliver"))
        trace = group.until(lambda t: len(t.where(kind="deliver")) > before + 5)
        assert not [each for each in trace if each.reason == "link is cut"]


def test_links_lose_double_and_delay():
    network = Network(latency=0.05, loss=0.3, duplicate=0.3)
    nodes = {"b": Counter, "a": partial(Teller, "b", 0.001, 200)}
    with Processes(nodes, network=network, seed=1) as group:
        group.until(lambda trace: len(trace.where(kind="send")) == 200)
        time.sleep(0.3)
        trace = group.trace
    sent = {each.ref: each.time for each in trace.where(kind="send")}
    came = [each.ref for each in trace.where(kind="deliver")]
    lost = [each.ref for each in trace.where(kind="drop")]
    assert 30 < len(lost) < 90
    assert 20 < len(came) - len(set(came)) < 80
    assert set(came) | set(lost) == set(sent)
    assert not set(came) & set(lost)
    assert all(
        each.time - sent[each.ref] >= 0.049 for each in trace.where(kind="deliver")
    )


def test_what_is_on_its_way_outlives_its_sender():
    nodes = {"b": Counter, "a": partial(Teller, "b", 9)}
    with Processes(nodes, network=Network(latency=0.3)) as group:
        group.until(lambda trace: trace.where(kind="send"))
        group.kill("a")
        group.until(lambda trace: 1 in told(trace))


def test_a_node_that_comes_later():
    with Processes(TOLD, later=["b"]) as group:
        trace = group.until(lambda trace: len(trace.where(kind="drop")) > 3)
        assert (trace[0].kind, trace[0].node) == ("crash", "b")
        assert group.up == ("a",)
        group.restart("b")
        group.until(lambda trace: trace.facts(node="b"))
        with pytest.raises(RuntimeError, match="'b' is up"):
            group.restart("b")


def test_nobody_takes_the_port_of_a_node_that_is_down():
    with (
        Processes(TOLD) as group,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        group.kill("b")
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", group.ports["b"]))


# What comes from outside --------------------------------------------------------------


def test_hostile_datagrams_are_counted_and_do_nothing():
    with Processes(TOLD) as group:
        to = ("127.0.0.1", group.ports["b"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for size in (0, 1, 100, LARGEST + 1, 65_507):
                stranger.sendto(os.urandom(size), to)
            wire = Wire([Number])
            stranger.sendto(wire.encode([1, 0, wire.plain(Number(1000))]), to)
        group.until(lambda _: group.refused["b"].get("a stranger") == 6)
        trace = group.until(lambda trace: len(trace.facts(node="b")) > 5)
    assert max(told(trace)) < 1000


@pytest.fixture
def world(tmp_path):
    """The world of a node "b", in this process."""
    for name in ("trace", "log"):
        (tmp_path / name).touch()
    place = Place("b", tmp_path, {"a": 1, "b": 2}, Network(latency=0.0), 0, ticks(), 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inlet:
        made = Machine(place, Node, Wire([Number, Seen]), inlet, 0)
        yield made
        made.log.close()
        os.close(made.said)


def test_hostile_datagrams_from_a_node_are_counted_by_reason(world):
    wire = world.wire
    good = wire.encode([5, 0, ["Number", 7]])
    assert world.mail.judge(good, 1) == Letter("a", 5, 0, Number(7))
    for data, port in [
        (good, 9),
        (b"\xc1", 1),
        (good[:-1], 1),
        (wire.encode([5, 0]), 1),
        (wire.encode(["5", 0, ["Number", 7]]), 1),
        (wire.encode([5, 0, ["Other", 7]]), 1),
        (wire.encode([5, 0, ["Number", "7"]]), 1),
        (wire.encode([5, 0, ["Number", 7, 8]]), 1),
        (wire.encode([5, 0, ["Seen", "x" * LARGEST]]), 1),
    ]:
        assert world.mail.judge(data, port) is None
    assert world.mail.refused == {
        "a stranger": 1,
        "no MessagePack": 2,
        "no envelope": 2,
        "unknown type": 1,
        "wrong field": 2,
        "too large": 1,
    }


DAY = 24 * 60 * 60 * 1_000_000  # microseconds
TIMES = st.integers(-(2**63), 2**64 - 1) | st.integers(0, 2 * DAY) | st.booleans()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=TIMES, arrival=TIMES)
@example(sent=2**64 - 1, arrival=0)
@example(sent=2**63, arrival=0)
@example(sent=5, arrival=2**64 - 1)
@example(sent=True, arrival=False)
@example(sent=-1, arrival=0)
@example(sent=0, arrival=-1)
def test_a_time_that_no_run_reaches_is_no_envelope(world, sent, arrival):
    data = world.wire.encode([sent, arrival, ["Number", 7]])
    before = world.mail.refused.get("no envelope", 0)
    letter = world.mail.judge(data, 1)
    if letter is None:
        assert world.mail.refused["no envelope"] == before + 1
        good = type(sent) is type(arrival) is int and min(sent, arrival) >= 0
        assert not good or sent > 1_000_000 or arrival > DAY
    else:
        assert type(sent) is type(arrival) is int
        assert 0 <= sent <= world.place.time + 1_000_000
        assert 0 <= arrival <= world.place.time + DAY
        world.apply([world._handle(letter)])
        world._happen((FACT, Seen(1)))
        world.say()  # and it can be written down
        assert world.clock <= world.place.time + 2_000_000


def test_a_message_that_no_datagram_takes_is_dropped_and_counted():
    with Processes({"a": Large, "b": Counter}) as group:
        trace = group.until(lambda trace: trace.where(kind="deliver"))
        assert group.refused["a"] == {"too large to send": 1}
    assert [each.reason for each in trace.where(kind="drop")] == ["too large to send"]


# Group commit -------------------------------------------------------------------------


def read(world):
    """What is on the disk."""
    fresh = LogFile(world.place.folder, world.wire)
    fresh.close()
    return fresh.contents


def test_what_waits_together_shares_a_force(world, monkeypatch):
    seen = []
    monkeypatch.setattr(
        world.log, "force", lambda: seen.append((read(world), len(world.unsaid)))
    )
    world.apply(
        [deque([(WRITE, "x", turn), (FORCE,), (FACT, Seen(turn))]) for turn in range(4)]
    )
    assert seen == [({"x": 3}, 4)]  # four writes are recorded, and no fact yet


def test_a_send_before_the_write_keeps_its_place(world, monkeypatch):
    """To answer before the force stays a mistake that a crash can show."""
    left = []
    monkeypatch.setattr(world, "_send", lambda to, message: left.append(message))
    on_disk = []
    monkeypatch.setattr(
        world.log, "force", lambda: on_disk.append((tuple(left), read(world)))
    )
    hasty = [(SEND, "a", Number(2)), (WRITE, "y", 2), (FORCE,)]
    world.apply([deque([(WRITE, "x", 1), (FORCE,)]), deque(hasty)])
    assert on_disk == [((), {"x": 1}), ((Number(2),), {"x": 1, "y": 2})]


def test_writes_keep_their_order(world):
    world.apply(
        [
            deque([(WRITE, "x", 1), (FORCE,), (WRITE, "x", 2), (FORCE,)]),
            deque([(WRITE, "x", 3), (FORCE,)]),
        ]
    )
    assert read(world) == {"x": 3}


def test_a_flood_is_handled_whole():
    with Processes({"b": Counter, "a": partial(Flood, "b", most=2_000)}) as group:
        trace = group.until(lambda trace: told(trace)[-1:] == [2_000])
    assert told(trace) == list(range(2_001))
    assert len(trace.where(kind="force")) < 1_000


# Errors -------------------------------------------------------------------------------


def test_a_handler_that_fails_is_told():
    with (
        pytest.raises(HandlerError, match=r"'a' has stopped(?s:.*)this handler fails"),
        Processes({"a": Failing}) as group,
    ):
        group.until(lambda trace: False)


@pytest.mark.parametrize(
    ("kind", "words"), [(BadDisk, "Input/output error"), (FullDisk, "File too large")]
)
def test_a_disk_that_fails_stops_the_node(kind, words):
    nodes = {"b": kind, "a": partial(Teller, "b")}
    with (
        pytest.raises(HandlerError, match=rf"'b' has stopped.*{words}"),
        Processes(nodes) as group,
    ):
        group.until(lambda trace: False)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="it is Linux's")
def test_a_node_whose_words_find_no_room_says_why():
    with (
        pytest.raises(HandlerError, match=r"'a' has stopped.*No space left on device"),
        Processes({"a": Speechless}) as group,
    ):
        group.until(lambda trace: False)


def test_a_damaged_disk_stops_the_node():
    with Processes(TOLD) as group:
        group.until(lambda trace: len(trace.facts(node="b")) > 10)
        group.kill("b")
        path = group.folder / "b" / "disk.log"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        group.restart("b")
        with pytest.raises(
            HandlerError, match=r"'b' has stopped.*disk\.log is damaged"
        ):
            group.until(lambda trace: False)


def test_a_class_of_a_notebook_is_refused():
    kind = type("Here", (Node,), {"__module__": "__main__"})
    with pytest.raises(TypeError, match="Here is defined here"):
        Processes({"a": kind})


def test_what_no_other_process_can_make_is_refused():
    with pytest.raises(TypeError, match=r"'a' cannot be sent(?s:.*)lambda"):
        Processes({"a": lambda: Node()})


def test_before_and_after_its_with_nothing_can_be_done():
    group = Processes({"a": Node})
    for _ in range(2):
        for use in (group.kill, group.restart, group.pause, group.cut_power):
            with pytest.raises(RuntimeError, match="no node runs"):
                use("a")
        with pytest.raises(RuntimeError, match="no node runs"):
            group.heal()
        assert group.up == ()
        assert len(group.trace) == 0
        with group:
            pass


def test_who_has_died_by_himself_is_told_at_each_use():
    with Processes(TOLD) as group:
        os.kill(group._pids["b"], signal.SIGKILL)
        with pytest.raises(HandlerError):
            group.until(lambda trace: False)
        for use in (group.heal, group.partition):
            with pytest.raises(HandlerError, match="'b' has stopped"):
                use()
        for use in (group.kill, group.restart, group.pause):
            with pytest.raises(HandlerError, match="'b' has stopped"):
                use("a")


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="no node is called 'z': there are a"):
        Processes({"a": Node}, later=["z"])
    with (
        Processes({"a": Node}) as group,
        pytest.raises(ValueError, match="no node is called 'z'"),
    ):
        group.kill("z")


def test_waiting_for_what_does_not_come_ends():
    with (
        Processes({"a": Node}) as group,
        pytest.raises(TimeoutError, match=r"not within 0\.05 s"),
    ):
        group.until(lambda trace: False, timeout=0.05)


def test_the_folder_is_gone_at_the_end():
    with Processes(TOLD) as group:
        group.until(lambda trace: len(trace) > 3)
        assert group.folder.exists()
    assert not group.folder.exists()
    assert len(group.trace) > 3  # what was read is kept
