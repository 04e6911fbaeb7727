"""Histories: what is an operation, what a client can have done, and how a history is
read off a trace and kept.
"""

import copy
import pickle
import re
from dataclasses import FrozenInstanceError
from fractions import Fraction
from functools import partial
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlib.checking.history import History
from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.simulation import Cluster, Crash, Node, Recover, Trace, thaw
from ftlib.simulation.codec import decode, encode


def op(process, call, result, invoked, returned):
    return Operation(process, call, result, invoked, returned)


WRITE, READ = ("write", 1), ("read",)


# Operations ---------------------------------------------------------------------------


def test_an_operation_is_made_by_position_or_by_name():
    assert op("a", WRITE, None, 0, 1) == Operation(
        process="a", call=WRITE, result=None, invoked=0, returned=1
    )
    with pytest.raises(FrozenInstanceError):
        op("a", WRITE, None, 0, 1).result = 2
    with pytest.raises(TypeError):
        Operation("a", WRITE, None, 0)  # whether it is pending must be said


@pytest.mark.parametrize(
    ("invoked", "returned", "words"),
    [
        (
            2,
            1,
            (
                r"write 1 by 'a' returned at 1, before it was invoked at 2:"
                r" .*returned=None if it is pending"
            ),
        ),
        (nan, 1, "invoked, of write 1 by 'a', is nan: give a time"),
        (0, nan, "returned, of write 1 by 'a', is nan"),
        (0, inf, "returned, of write 1 by 'a', is inf"),
        ("0", 1, "invoked, of write 1 by 'a', is '0'"),
        (True, 1, "is True"),
        (None, 1, "is None"),
        (0, 10**400, r"returned, of write 1 by 'a', is 1000\d+\.\.\.: give a time"),
        (-(10**400), 1, r"invoked, .*, is -1000\d+\.\.\.: give a time"),
        pytest.param(
            0, 10**5000, "is an int of thousands of digits: give a time", id="long"
        ),
        (Fraction(10**400), None, r"is Fraction\(1000\d+\.\.\.: give a time"),
    ],
)
def test_times_are_numbers_in_order(invoked, returned, words):
    with pytest.raises(ValueError, match=words):
        op("a", WRITE, None, invoked, returned)


def test_any_real_numbers_are_times():
    for one, other in [(0, 0), (-5, 10**30), (Fraction(1, 3), 0.5)]:
        assert not op("a", WRITE, None, one, other).pending


def test_large_times_are_told_with_all_their_digits():
    at = 1474390000123456789
    told = str(op("a", WRITE, None, at, at + 1))
    assert told == "a: write 1 (1474390000123456789 to 1474390000123456790)"
    assert "1474390000.25" in str(op("a", WRITE, None, 1474390000.25, None))
    assert "1474390000123456790" in repr(History([op("a", WRITE, None, at, at + 1)]))


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (op("a", ("read",), None, 0, 1), "a: read -> None (0 to 1)"),
        (op("a", ("dequeue",), None, 0, 1), "a: dequeue -> None (0 to 1)"),
        (op(3, ("put", "x", "y"), None, 0, 1), "3: put 'x' 'y' (0 to 1)"),
        (op("a", ("cas", 1, 2), False, 0, 1.5), "a: cas 1 2 -> False (0 to 1.5)"),
        (op("a", ("cas", 1, 2), False, 0, None), "a: cas 1 2 (from 0 on, pending)"),
        (op("a", "ping", None, 0, 1), "a: 'ping' (0 to 1)"),
        (op("a", (), None, 0, 1), "a: () (0 to 1)"),
    ],
)
def test_an_operation_reads_as_a_sentence(operation, told):
    assert str(operation) == told


def test_unknown_stays_the_only_one():
    assert (
        copy.deepcopy(UNKNOWN)
        is pickle.loads(pickle.dumps(UNKNOWN))
        is thaw(UNKNOWN)
        is UNKNOWN
    )
    assert decode(encode(UNKNOWN), {"NoResult": type(UNKNOWN)}) is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


# Histories ----------------------------------------------------------------------------


def test_a_history_is_in_the_order_of_invocation_and_cannot_be_changed():
    late, early = op("a", READ, 1, 5, 6), op("b", WRITE, None, 0, None)
    history = History(iter([late, early]))
    assert list(history) == [early, late] == [history[0], history[-1]]
    assert len(history) == 2
    assert history.processes == ("b", "a")
    assert history == History([early, late])
    assert history[1:] == History([late])
    assert hash(history) == hash(History([early, late]))
    with pytest.raises(FrozenInstanceError):
        history.operations = ()
    with pytest.raises(IndexError):
        history[2]


def test_only_operations_make_a_history():
    with pytest.raises(
        TypeError,
        match=(
            r"item 1 of the history is 7, a int: give Operation\(process, call, result"
        ),
    ):
        History([op("a", WRITE, None, 0, 1), 7])
    with pytest.raises(
        TypeError, match=r"make a history of it with History\.from_trace"
    ):
        History(Trace([]))
    with pytest.raises(TypeError, match="item 0"):
        History([("a", WRITE, None, 0, 1)])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0, 2), (1, 3)),
        ((0, 9), (1, 3)),
        ((0, 2), (0, 2)),
        ((0, None), (5, 6)),
        ((0, None), (0, None)),
        ((0, 1), (0.5, None)),
    ],
)
def test_a_process_does_one_thing_at_a_time(first, second):
    pair = [op("me", WRITE, None, *first), op("me", READ, 1, *second)]
    for given_ in (pair, pair[::-1]):
        with pytest.raises(
            ValueError, match="process 'me' overlaps with itself: "
        ) as error:
            History(given_)
        assert all(str(one) in str(error.value) for one in pair)
        assert "needs another name" in str(error.value)
    other = [pair[0], Operation("you", *list_of(pair[1])[1:])]
    assert len(History(other)) == 2


def list_of(one):
    return [one.process, one.call, one.result, one.invoked, one.returned]


@pytest.mark.parametrize(
    ("first", "second"),
    [((0, 1), (1, 2)), ((0, 1), (1, None)), ((1, 1), (1, 1)), ((1, 2), (1, 1))],
)
def test_to_return_and_to_call_at_one_time_is_no_overlap(first, second):
    assert len(History([op("a", WRITE, None, *first), op("a", READ, 1, *second)])) == 2


def test_no_operations():
    assert len(History()) == 0
    assert str(History()) == "no operations"
    assert not History().processes


def test_a_history_prints_as_a_table():
    history = History(
        [
            op("a", WRITE, None, 0, 1),
            op("client", ("cas", 1, 2), UNKNOWN, 0.125, None),
            op(3, READ, [1], 10, 11),
        ]
    )
    assert (
        str(history)
        == "a       write 1          0  1\nclient  cas 1 2      0.125  pending\n3      "
        " read -> [1]     10  11"
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(
    rows=st.lists(
        st.tuples(
            VALUES,
            VALUES,
            st.integers(0, 99) | st.floats(0, 99),
            st.none() | st.floats(0, 5),
        ),
        max_size=5,
    )
)
def test_a_history_is_kept_as_text(rows):
    history = History(
        (
            Operation(
                number,
                ("write", value),
                result,
                at,
                None if more is None else at + more,
            )
            for number, (value, result, at, more) in enumerate(rows)
        ),
        key="x",
    )
    text = history.to_json()
    again = History.from_json(text)
    assert again == history
    assert again.key == "x"
    assert again.to_json() == text
    assert repr(again) == repr(history)
    assert (
        eval(
            repr(history),
            {"History": History, "Operation": Operation, "UNKNOWN": UNKNOWN},
        )
        == history
    )


@pytest.mark.parametrize("text", ["[]", "{}", '{"version": 2}'])
def test_other_text_is_no_history(text):
    with pytest.raises(ValueError, match="no history of version 1"):
        History.from_json(text)


TIMES = '{"version":1,"key":null,"operations":[["a",{"tuple":["read"]},1,%s]]}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value"),
        ("write 1", "Expecting value"),
        ("[" * 100_000, "it is nested too deeply"),
        (TIMES % "0,1" + "]", "Extra data"),
        (None, "must be str"),
        (7, "must be str"),
        (b"\xff", "decode"),
        ('"text"', "it has no version 1"),
        ('{"version":true,"key":null,"operations":[]}', "it has no version 1"),
        ('{"version":1.0,"key":null,"operations":[]}', "it has no version 1"),
        ('{"version":2,"key":null,"operations":[]}', "it has no version 1"),
        ('{"version":1,"operations":[]}', "it has no 'key'"),
        ('{"version":1,"key":null}', "it has no 'operations'"),
        ('{"version":1,"key":null,"operations":7}', "its operations are 7, not a list"),
        ('{"version":1,"key":null,"operations":["abcde"]}', "operations is 'abcde'"),
        ('{"version":1,"key":null,"operations":[["a"]]}', r"operations is \['a'\]"),
        (TIMES % "0", "one of its operations is"),
        (TIMES % "0,1,2", "one of its operations is"),
        (TIMES % "NaN,1", "NaN is no JSON"),
        (TIMES % "0,Infinity", "Infinity is no JSON"),
        (TIMES % "0,-Infinity", "-Infinity is no JSON"),
        (TIMES % "0,1e999", "returned, .* is inf"),
        (TIMES % f"0,1{'0' * 400}", "returned, .* is 1000"),
        (TIMES % f"0,1{'0' * 5000}", "digits"),
        (TIMES % '{"float":"nan"},1', "invoked, .* is {'float': 'nan'}"),
        (TIMES % "2,1", "before it was invoked"),
        (TIMES % '"0",1', "invoked, .* is '0'"),
        ('{"version":1,"key":{},"operations":[]}', "an empty object"),
        ('{"version":1,"key":{"enum":["NoResult","X"]},"operations":[]}', "'X'"),
        ('{"version":1,"key":{"enum":["Colour","RED"]},"operations":[]}', "Colour"),
        ('{"version":1,"key":{"tuple":7},"operations":[]}', "not iterable"),
        ('{"version":1,"key":{"set":[[1]]},"operations":[]}', "unhashable"),
        ('{"version":1,"key":{"bytes":"xyz"},"operations":[]}', "fromhex"),
        (
            '{"version":1,"key":null,"operations":[[["a"],["read"],1,0,1]]}',
            r"process \['a'\] cannot be hashed",
        ),
        (
            '{"version":1,"key":null,"operations":'
            '[["a",["read"],1,0,null],["a",["read"],1,2,3]]}',
            "overlaps with itself",
        ),
    ],
)
def test_a_bad_text_is_refused_with_one_error_that_says_why(text, words):
    with pytest.raises(ValueError, match="this text is no history of version 1") as bad:
        History.from_json(text)
    assert type(bad.value) is ValueError
    assert re.search(words, str(bad.value))
    assert len(str(bad.value)) < 400


def test_names_that_are_equal_are_not_the_same():
    both = [op(1, WRITE, None, 0, 2), op(True, READ, 1, 1, 3), op(1.0, READ, 1, 1, 3)]
    assert [repr(name) for name in History(both).processes] == ["1", "True", "1.0"]
    keys = [op(n, ("get", key), "", 0, 1) for n, key in enumerate([1, True, 0.0, -0.0])]
    parts = History(keys).split(lambda one: one.call[1])
    assert [repr(part.key) for part in parts] == ["1", "True", "0.0", "-0.0"]


def test_a_history_is_split_by_keys():
    history = History(Operation(n, ("get", "xyx"[n]), "", n, n + 1) for n in range(3))
    parts = history.split(lambda one: one.call[1])
    assert [(part.key, [one.process for one in part]) for part in parts] == [
        ("x", [0, 2]),
        ("y", [1]),
    ]
    with pytest.raises(
        TypeError, match=r"key \['get', 'x'\], of 0: get 'x'.* cannot be hashed"
    ):
        history.split(lambda one: list(one.call))


def test_a_process_has_a_name():
    with pytest.raises(
        TypeError,
        match=r"process \['a'\] cannot be hashed: name processes by numbers or texts",
    ):
        History([op(["a"], WRITE, None, 0, 1)])


# From a trace -------------------------------------------------------------------------


class Client(Node):
    """Calls, waits, returns or gives up."""

    def __init__(self, waits):
        self.waits, self.turn = tuple(waits), 0

    def on_start(self):
        self.turn = len(self.disk.read("turns", []))
        self.next()

    def next(self):
        if self.turn < len(self.waits):
            self.disk.append("turns", self.turn)
            self.disk.force()
            self.call(("write", self.turn))
            self.set_timer("done", abs(self.waits[self.turn]))

    def on_timer(self, name):
        if self.waits[self.turn] > 0:
            self.returned(("write", self.turn), "ok")
        self.turn += 1
        self.next()


def run(waits, **options):
    return History.from_trace(Cluster({"c": partial(Client, waits)}, **options).run())


def test_calls_and_returns_of_a_trace_are_paired():
    assert run([1, 2]).operations == (
        op("c", ("write", 0), "ok", 0, 1),
        op("c", ("write", 1), "ok", 1, 3),
    )


def test_who_gives_up_goes_on_as_another_process():
    history = run([1, -1, 1, 1])
    assert [(one.process, one.result, one.returned) for one in history] == [
        ("c", "ok", 1), ("c", UNKNOWN, None), ("c#2", "ok", 3), ("c#2", "ok", 4),
    ]  # fmt: skip


def test_who_crashes_leaves_a_pending_call_to_the_former_life():
    faults = [
        Crash("c", at=0.5),
        Recover("c", at=2),
        Crash("c", at=2.5),
        Recover("c", at=3),
    ]
    history = run([1, 1, 1], faults=faults)
    assert [(one.process, one.invoked, one.returned) for one in history] == [
        ("c", 0, None),
        ("c#2", 2, None),
        ("c#3", 3, 4),
    ]


def test_who_crashes_between_calls_keeps_the_name():
    class Idle(Client):
        def on_start(self):
            self.set_timer("begin", 1)
            self.turn = len(self.disk.read("turns", []))

        def on_timer(self, name):
            if name == "begin":
                self.next()
            else:
                self.returned(("write", self.turn), "ok")

    faults = [Crash("c", at=2.5), Recover("c", at=3)]
    history = History.from_trace(
        Cluster({"c": partial(Idle, [1, 1])}, faults=faults).run()
    )
    assert [(one.process, one.invoked, one.returned) for one in history] == [
        ("c", 1, 2),
        ("c", 4, 5),
    ]


def test_a_call_that_returns_after_the_next_was_made():
    records = [
        (0, "call", "c", None, ("read",), 1),
        (1, "call", "c", None, ("read",), 2),
        (2, "return", "c", None, (("read",), "two"), 2),
        (3, "return", "c", None, (("read",), "one"), 1),
        (4, "call", "c", None, ("read",), 3),
    ]
    history = History.from_trace(Trace(records))
    assert [(one.process, one.result) for one in history] == [
        ("c", "one"),
        ("c#2", "two"),
        ("c", UNKNOWN),
    ]


def test_the_end_of_a_trace_is_no_history():
    trace = Cluster({"c": partial(Client, [1])}).run()
    cut = trace[[event.kind for event in trace].index("return") :]
    with pytest.raises(
        ValueError, match="has no call in this trace: give the whole trace"
    ):
        History.from_trace(cut)


CALLS = [
    (0, "call", "c", None, WRITE, 1),
    (1, "return", "c", None, (WRITE, "ok"), 1),
    (2, "call", "d", None, READ, 2),
]
CRASH = (3, "crash", "d", None, None, None)


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (
            [*CALLS, (3, "return", "c", None, (WRITE, "no"), 1)],
            "return.* = 'no' is a second return of one call: c: write 1 -> 'ok'",
        ),
        (
            [*CALLS, (3, "return", "d", None, (WRITE, "ok"), 2)],
            r"returns from another operation: d: read \(from",
        ),
        (
            [CALLS[0], (1, "return", "c", None, (("write", True), "ok"), 1)],
            "returns from another operation: c: write 1",
        ),
        (
            [*CALLS, (3, "return", "c", None, (READ, 1), 2)],
            r"returns from the call of another node: d: read",
        ),
        (
            [*CALLS, (3, "call", "c", None, READ, 2)],
            "has the number 2, as a call before it",
        ),
        (
            [(0, "call", "c", None, WRITE, None), (1, "call", "d", None, READ, None)],
            "has the number None, as a call before it",
        ),
        (
            [*CALLS, (3, "return", "d", None, READ, 2)],
            r"return of 'd' at 3e-06 s tells \('read',\): give \(operation, result\)",
        ),
        (
            [*CALLS, (3, "return", "d", None, None, 2)],
            r"return of 'd' at 3e-06 s tells None: give \(operation, result\)",
        ),
        (
            [*CALLS, CRASH, (4, "return", "d", None, (READ, 1), 2)],
            "returns to a node that has crashed since it called: d: read",
        ),
        ([(0, "return", "c", None, (READ, 1), 1)], "has no call in this trace"),
    ],
)
def test_a_trace_whose_returns_are_not_those_of_its_calls_is_refused(records, words):
    with pytest.raises(ValueError, match=words):
        History.from_trace(Trace(records))


def test_the_name_of_another_node_is_no_name_for_a_second_call():
    records = [
        (0, "call", "c", None, WRITE, 1),
        (1, "call", "c", None, WRITE, 2),
        (2, "call", "c#2", None, READ, 3),
    ]
    assert History.from_trace(Trace(records)).processes == ("c", "c#3", "c#2")


def test_a_rule_that_is_shown_calls_and_returns_only_can_make_a_history():
    trace = Trace([*CALLS, CRASH])
    assert len(History.from_trace(trace.only(("call", "return")))) == 2
