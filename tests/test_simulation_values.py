"""Which values a node may keep and send; copying, showing, freezing, and JSON."""

import enum
import json
from collections import OrderedDict, namedtuple
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import Colour, Did, Parcel, Ping

from ftlib.simulation.codec import decode, encode, vocabulary
from ftlib.simulation.freezing import exact, freeze, thaw
from ftlib.simulation.values import (
    FOUND,
    MOST_FOUND,
    SNAPSHOTS,
    check_state,
    check_value,
    copy_value,
    ordered,
    show,
    unchanging,
)

TYPES = vocabulary((Ping, Did, Parcel, Colour))


@dataclass
class Soft:
    value: object


class Number(enum.IntEnum):
    ONE = 1


atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=("Cs",)))
    | st.binary()
    | st.sampled_from(Colour)
)
hashable = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | inner.map(Did)
        | st.builds(Ping, st.integers())
    ),
    max_leaves=8,
)
values = st.recursive(
    hashable,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(hashable, inner, max_size=4)
        | st.builds(Parcel, inner, st.sampled_from(Colour))
    ),
    max_leaves=12,
)


def mutables(value):
    """The ids of all lists, sets and dicts in a value."""
    found = {id(value)} if isinstance(value, (list, dict)) else set()
    if isinstance(value, dict):
        return found.union(*map(mutables, value.values()))
    if isinstance(value, (list, tuple)):
        return found.union(*map(mutables, value))
    return found | mutables(value.content) if isinstance(value, Parcel) else found


@given(values)
def test_an_allowed_value_survives_everything(value):
    check_value(value, "x")
    frozen = freeze(value)
    hash(frozen)
    back = thaw(frozen)
    assert back == value
    assert freeze(back) == frozen
    assert mutables(back).isdisjoint(mutables(value))
    copy = copy_value(value)
    assert copy == value
    assert type(copy) is type(value)
    assert mutables(copy).isdisjoint(mutables(value))
    if not mutables(value):
        assert copy is value


@given(values)
def test_json_gives_every_value_back(value):
    text = json.dumps(encode(value), allow_nan=False)
    back = decode(json.loads(text), TYPES)
    assert back == value
    assert show(back) == show(value)  # which tells 1, 1.0 and True apart
    assert json.dumps(encode(back)) == text


@given(st.lists(hashable, max_size=6), st.randoms())
def test_order_does_not_depend_on_how_a_set_was_filled(items, random):
    items = list(dict.fromkeys(items))
    mixed = items[:]
    random.shuffle(mixed)
    assert [type(item) for item in ordered(items)] == [
        type(item) for item in ordered(mixed)
    ]
    assert ordered(items) == ordered(mixed)
    assert show(set(items)) == show(set(mixed))
    assert freeze(set(items)) == freeze(set(mixed))
    kept, other = freeze(dict.fromkeys(items)), freeze(dict.fromkeys(mixed))
    assert (kept == other) == (freeze(items) == freeze(mixed))


@given(values, values)
def test_frozen_values_are_equal_exactly_when_the_values_are_the_same(one, other):
    assert (freeze(one) == freeze(other)) == (show(one) == show(other))
    assert freeze([one]) != freeze((one,))
    assert freeze({1}) != freeze(frozenset({1}))
    assert (exact(one) == exact(other)) == (show(one) == show(other))


@pytest.mark.parametrize(
    "alike",
    [
        (1, True, 1.0),
        (0, False, 0.0, -0.0),
        (Ping(1), Ping(True), Ping(1.0)),
        ((1,), (True,), [1], {1: None}),
        ({1: 2, 3: 4}, {3: 4, 1: 2}),
        (Number.ONE, 1),
        ({1}, frozenset({1}), {True}),
    ],
)
def test_what_is_equal_is_not_always_the_same(alike):
    for key in (freeze, exact):
        assert len({key(each) for each in alike}) == len(alike)
        assert [show(thaw(key(each))) for each in alike] == list(map(show, alike))
    nan = float("nan")
    assert exact((nan, Ping(nan))) == exact((float("nan"), Ping(float("nan"))))


def test_exact_takes_what_no_node_may_keep():
    pair = namedtuple("Pair", "a b")
    assert exact(pair(1, 2)) != exact((1, 2))
    assert exact(pair(1, 2)) != exact(pair(1, True))
    assert exact(1j) == exact(1j)
    assert exact(Soft(1)) == exact(Soft(1)) != exact(Soft(True))


def test_a_state_may_have_parts_and_nothing_twice():
    log, words = Soft([1]), ["a"]
    state = {"log": log, "peers": ("b",), "words": words}
    assert set(check_state(state, "Node")) == {id(log), id(log.value), id(words)}
    assert thaw(freeze(state)) == state
    assert thaw(freeze(state))["log"] is not log
    for twice, place in (
        (
            {"a": log, "b": {1: log}},
            r"Node\.b\[1\] and Node\.a are one and the same Soft",
        ),
        (
            {"a": [words, words]},
            r"Node\.a\[1\] and Node\.a\[0\] are one and the same list",
        ),
        (
            {"a": log, "b": log.value},
            r"Node\.b and Node\.a\.value are one and the same",
        ),
    ):
        with pytest.raises(TypeError, match=place):
            check_state(twice, "Node")
    with pytest.raises(
        TypeError, match=r"Node\.log\.value\[0\] is a function: allowed"
    ):
        check_state({"log": Soft([lambda: 1])}, "Node")


def test_show():
    assert show({"b", "a"}) == "{'a', 'b'}"
    assert show(frozenset({2, 1})) == "frozenset({1, 2})"
    assert show((set(), frozenset(), (1,))) == "(set(), frozenset(), (1,))"
    assert (
        show(Parcel({"votes": [Ping(1)]}, Colour.BLUE))
        == "Parcel(content={'votes': [Ping(number=1)]}, colour=Colour.BLUE)"
    )


@dataclass(frozen=True)
class Odd:
    """Fields that are no parameters, and a parameter that is changed on the way in."""

    value: int
    double: list = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "double", [2 * self.value])
        object.__setattr__(self, "value", self.value + 1)


def test_dataclasses_are_rebuilt_as_they_are():
    odd = Odd(1)
    for back in (
        copy_value(odd),
        thaw(freeze(odd)),
        decode(encode(odd), vocabulary([Odd])),
    ):
        assert (back.value, back.double) == (2, [2])
        assert back.double is not odd.double


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (print, "x is a builtin_function_or_method"),
        ([1, (2, [print])], r"x\[1\]\[1\]\[0\] is a builtin_function_or_method"),
        ({"k": {1: object()}}, r"x\['k'\]\[1\] is a object"),
        ({print: 1}, "a key of x is a builtin_function_or_method"),
        ({1}, "x is a set: the order of its elements differs from run to run, so keep"),
        ((frozenset(),), r"x\[0\] is a frozenset: the order of its elements"),
        (
            Parcel([Soft(1)]),
            (
                r"x\.content\[0\] is a Soft, a dataclass that is not frozen: write"
                r" @dataclass\(frozen=True\)"
            ),
        ),
        (OrderedDict(), "x is a OrderedDict"),
        (namedtuple("Pair", "a b")(1, 2), "x is a Pair"),
        (Text("a"), "x is a Text"),
        (bytearray(), "x is a bytearray"),
        (1j, "x is a complex"),
        (iter([]), "x is a list_iterator"),
        (
            lambda: 1,
            (
                "x is a function: allowed are None, bool, int, float, str, bytes, an"
                " enum member"
            ),
        ),
    ],
)
def test_what_is_not_allowed_is_named(value, path):
    with pytest.raises(TypeError, match=path):
        check_value(value, "x")


def test_freeze_refuses_too():
    with pytest.raises(TypeError, match="cannot freeze a function: allowed are"):
        freeze({"a": [lambda: 1]})
    with pytest.raises(TypeError, match="cannot freeze a OrderedDict"):
        freeze((OrderedDict(),))


def snapshot(value):
    return SNAPSHOTS[type(value)](value)


def test_a_snapshot_is_a_copy_only_where_it_must_be():
    ping, inside = Ping(1), [1]
    assert snapshot(ping) is ping
    parcel = Parcel(inside)
    copy = snapshot(parcel)
    inside.append(2)
    assert copy == Parcel([1])
    assert snapshot(copy) is not copy
    whole = Parcel((1, Ping(2)))
    assert snapshot(whole) is whole


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("text", "a message or fact must be a frozen dataclass, not a str"),
        (Soft(1), "a message or fact must be a frozen dataclass, not a Soft"),
        (Parcel({1: print}), r"Parcel\.content\[1\] is a builtin_function_or_method"),
    ],
)
def test_a_snapshot_of_what_is_not_allowed(value, message):
    with pytest.raises(TypeError, match=message):
        snapshot(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            {"data": ["Vote", 1]},
            "Vote is not among the types given: Colour, Did, Parcel, Ping",
        ),
        ({"enum": ["Vote", "YES"]}, "Vote is not among"),
        ({"fault": ["Meteor"]}, "Meteor is not among"),
        (
            {"data": ["Ping", 1, 2]},
            "Ping has the fields number, and 2 values were written",
        ),
        ({"complex": [1, 2]}, "cannot read 'complex'"),
        ({}, "cannot read an empty object"),
    ],
)
def test_json_that_cannot_be_read(value, message):
    with pytest.raises(ValueError, match=message):
        decode(value, TYPES)


def test_json_has_no_numbers_that_only_python_reads():
    for number in (float("inf"), float("-inf"), float("nan")):
        text = json.dumps(encode([number]), allow_nan=False)
        assert repr(decode(json.loads(text), {})) == repr([number])


def test_two_types_of_one_name():
    other = enum.Enum("Colour", "GREEN")
    with pytest.raises(ValueError, match="two types are called 'Colour'"):
        vocabulary((Colour, other))
    assert vocabulary((Colour, Colour)) == {"Colour": Colour}


def test_json_refuses_what_is_not_allowed():
    with pytest.raises(TypeError, match="cannot write a object as JSON"):
        encode([object()])


def test_what_was_found_unchanging_lends_its_id_to_nothing_that_can_change() -> None:
    for number in range(2 * MOST_FOUND):
        assert unchanging((number, "fine"))  # and is let go, so its id is free
        assert not unchanging((number, ["can change"]))
    assert len(FOUND) <= MOST_FOUND
