"""What comes as a datagram is a message of the protocol, or nothing."""

import dataclasses
import enum
from importlib import import_module

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlib.consensus import raft_servers
from ftlib.consensus.raft import AppendEntries
from ftlib.real.wire import Refused, Wire, fits, types_of
from ftlib.services import Entry, Request
from ftlib.simulation import Cluster
from ftlib.simulation.freezing import exact
from ftlib.simulation.world import Simulated, World

pytestmark = pytest.mark.slow

NODES = [factory() for factory in raft_servers([[("get", "x")]]).values()]
WIRE = Wire([kind for node in NODES for kind in node.MESSAGES], types_of(NODES))
MESSAGE = AppendEntries(1, 2, 3, (Entry(3, Request("c1", 1, ("put", "x", 1))),), 0)


class Colour(enum.Enum):
    RED = 1


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.just(Colour.RED)
    | st.just(Entry(1, ("a", [None]))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value):
    wire = Wire([], [Colour, Entry])
    assert exact(wire.unpack(wire.pack(value))) == exact(value)


def test_what_no_node_has_listed_does_not_leave():
    with pytest.raises(TypeError, match="Colour cannot travel"):
        WIRE.pack((1, [Colour.RED]))


def came(data):
    return WIRE.message(WIRE.decode(data))


def test_a_message_comes_back_as_it_was():
    assert came(WIRE.pack(MESSAGE)) == MESSAGE


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_do_no_harm(data):
    with pytest.raises(Refused):
        came(data)


@given(st.data())
def test_a_message_with_changed_bytes_is_a_message_or_refused(data):
    good = bytearray(WIRE.pack(MESSAGE))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = came(bytes(good))
    except Refused:
        return
    # whatever it is, a node may have sent it
    again = came(WIRE.pack(message))
    assert exact(again) == exact(message) or message != message
    assert all(
        fits(hint)(getattr(message, name))
        for name, hint in type(message).__annotations__.items()
        if isinstance(hint, type)
    )


PLAIN = WIRE.plain(MESSAGE)


@pytest.mark.parametrize(
    ("plain", "reason"),
    [
        (None, "unknown type"),
        ({}, "unknown type"),
        ([], "unknown type"),
        (["Entry", 1, 2], "unknown type"),  # may stand in a message, and is none
        (["os.system", "true"], "unknown type"),
        (PLAIN[:-1], "wrong field"),
        ([*PLAIN, 0], "wrong field"),
        ([*PLAIN[:1], "1", *PLAIN[2:]], "wrong field"),
        ([*PLAIN[:1], True, *PLAIN[2:]], "wrong field"),
        ([*PLAIN[:1], None, *PLAIN[2:]], "wrong field"),
        ([*PLAIN[:4], [1], 0], "wrong field"),  # a list, not a tuple
        ([*PLAIN[:4], [0, 7], 0], "wrong field"),  # of no entries
        ([*PLAIN[:4], [0, ["Entry", 1, ["os.system", "true"]]], 0], "unknown type"),
        ([*PLAIN[:4], [0, ["Entry", 1, {}]], 0], "wrong field"),
        ([*PLAIN[:4], [0, ["Entry", 1, [9]]], 0], "wrong field"),
        ([*PLAIN[:4], [0, ["Entry", 1, [2, 1]]], 0], "wrong field"),
        ([*PLAIN[:4], [0, ["Entry", 1, [2, [1], 1]]], 0], "wrong field"),
        ([*PLAIN[:4], [0, ["Entry", 1, [3, "Entry", "mro"]]], 0], "wrong field"),
        ([*PLAIN[:4], [0, ["Entry", 1, [4, "9" * 5000]]], 0], "wrong field"),
        ([*PLAIN[:4], [0, ["Entry", 1, ["Request", "c", 0, [0]]]], 0], "wrong field"),
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(plain, reason):
    with pytest.raises(Refused) as refused:
        came(msgspec.msgpack.encode(plain))
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "data",
    [b"", b"\xdd\xff\xff\xff\xff", b"\x91" * 60_000, b"\xd6\xff\0\0\0\1", b"\xc1"],
)
def test_bytes_that_are_meant_to_hurt(data):
    with pytest.raises(Refused):
        came(data)


def test_deep_nesting_is_refused():
    plain = 1
    for _ in range(300):
        plain = [1, plain]
    whole = [*PLAIN[:4], [0, ["Entry", 1, plain]], 0]
    came(msgspec.msgpack.encode(whole))
    for _ in range(600):
        plain = [1, plain]
    whole = [*PLAIN[:4], [0, ["Entry", 1, plain]], 0]
    with pytest.raises(Refused):
        came(msgspec.msgpack.encode(whole))


def test_names_that_two_modules_use_are_told_apart():
    other = dataclasses.make_dataclass("Entry", [("x", int)], frozen=True)
    other.__module__ = "elsewhere"
    wire = Wire([], [Entry, other])
    assert wire.unpack(wire.pack((Entry(1, 2), other(3)))) == (Entry(1, 2), other(3))


@pytest.mark.parametrize(
    "room", ["services", "detection", "consensus", "replication", "transactions"]
)
def test_every_message_of_every_protocol_can_travel(room):
    """What its nodes send in the simulator fits the annotations of its own messages."""
    kinds = 0
    for protocol in import_module(f"ftlib.{room}.worlds").PROTOCOLS:
        groups = [
            group
            for world in protocol.worlds
            for group in (
                world.groups[:1]
                if isinstance(world, World)
                else (world.group,)
                if isinstance(world, Simulated)
                else ()
            )
        ]
        for group in groups[:3]:
            nodes = [factory() for factory in dict(group).values()]
            wire = Wire(
                dict.fromkeys(kind for node in nodes for kind in node.MESSAGES),
                types_of(nodes),
            )
            trace = Cluster(group).run(until=3)
            sent = {type(each.what): each.what for each in trace.where(kind="send")}
            kinds += len(sent)
            for message in sent.values():
                got = wire.message(wire.decode(wire.pack(message)))
                assert exact(got) == exact(message)
            for each in (*trace.facts(), *trace.where(kind="write")):
                assert exact(wire.unpack(wire.pack(each.what))) == exact(each.what)
    assert kinds > 3
