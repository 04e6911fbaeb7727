"""The models: what each call may return in each state, and that what they say to
shorten the search is true.
"""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given, settings
from linearizable import MODELS, histories

from ftlib.checking.history import History
from ftlib.checking.linearizability import check_linearizable
from ftlib.checking.models import CasRegister, KeyValue, Lock, Log, Queue, Register
from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.checking.specification import same

CASES = [
    (Register(), None, ("read",), None, True, None),
    (Register(), 1, ("read",), 2, False, None),
    (Register(), 1, ("read",), UNKNOWN, True, 1),
    (Register(), 1, ("write", 2), "whatever", True, 2),
    (CasRegister(), 1, ("cas", 1, 2), True, True, 2),
    (CasRegister(), 1, ("cas", 1, 2), False, False, None),
    (CasRegister(), 3, ("cas", 1, 2), False, True, 3),
    (CasRegister(), 3, ("cas", 1, 2), True, False, None),
    (CasRegister(), 1, ("cas", 1, 2), UNKNOWN, True, 2),
    (CasRegister(), 3, ("cas", 1, 2), UNKNOWN, True, 3),
    (CasRegister(), 3, ("read",), 3, True, 3),
    (CasRegister(), 3, ("write", 1), None, True, 1),
    (KeyValue(), (), ("get", "x"), "", True, ()),
    (KeyValue(), (), ("get", "x"), None, True, ()),
    (KeyValue(), (), ("get", "x"), "a", False, None),
    (KeyValue(), (("x", ""),), ("get", "x"), None, False, None),
    (KeyValue(), (), ("append", "x", "a"), None, True, (("x", "a"),)),
    (
        KeyValue(),
        (("x", "a"), ("y", "b")),
        ("append", "x", "c"),
        None,
        True,
        (("x", "ac"), ("y", "b")),
    ),
    (
        KeyValue(),
        (("x", "a"), ("y", "b")),
        ("put", "y", 7),
        None,
        True,
        (("x", "a"), ("y", 7)),
    ),
    (KeyValue(), (("x", "a"),), ("get", "x"), UNKNOWN, True, (("x", "a"),)),
    (Queue(), (1, 2), ("dequeue",), 1, True, (2,)),
    (Queue(), (1, 2), ("dequeue",), 2, False, None),
    (Queue(), (1, 2), ("dequeue",), None, False, None),
    (Queue(), (), ("dequeue",), None, True, ()),
    (Queue(), (), ("dequeue",), UNKNOWN, True, ()),
    (Queue(), (1,), ("dequeue",), UNKNOWN, True, ()),
    (Queue(), (1,), ("enqueue", 2), None, True, (1, 2)),
    (Lock(), False, ("acquire",), True, True, True),
    (Lock(), False, ("acquire",), None, True, True),
    (Lock(), False, ("acquire",), False, False, None),
    (Lock(), True, ("acquire",), False, True, True),
    (Lock(), True, ("acquire",), True, False, None),
    (Lock(), True, ("acquire",), UNKNOWN, True, True),
    (Lock(), True, ("release",), True, True, False),
    (Lock(), False, ("release",), True, False, None),
    (Lock(), False, ("release",), False, True, False),
    (Log(), ("a",), ("append", "b"), 1, True, ("a", "b")),
    (Log(), ("a",), ("append", "b"), 0, False, None),
    (Log(), ("a",), ("append", "b"), None, True, ("a", "b")),
    (Log(), ("a",), ("append", "b"), True, True, ("a", "b")),
    (Log(), ("a",), ("append", "b"), UNKNOWN, True, ("a", "b")),
    (Log(), ("a",), ("read",), ("a",), True, ("a",)),
    (Log(), ("a",), ("read",), ["a"], True, ("a",)),
    (Log(), ("a",), ("read",), [], False, None),
    (Log(), ("a",), ("read",), None, False, None),
    (Log(), ("a",), ("read",), UNKNOWN, True, ("a",)),
]


@pytest.mark.parametrize(("model", "state", "call", "result", "fits", "after"), CASES)
def test_a_step(model, state, call, result, fits, after):
    found, then = model.step(state, call, result)
    assert bool(found) is fits
    if fits:
        assert then == state if after == state else then == after
        assert model.step(state, list(call), result) == (
            found,
            then,
        ), "a call read from JSON is a list"


NAN, OTHER_NAN = float("nan"), float("nan") * -1
TWINS = [1, True, 1.0, 0, False, 0.0, -0.0, "1", (1,), (True,), [1], [True], (0.0, [])]


def test_values_are_the_same_if_they_are_so_all_the_way_down():
    for one, other in product([*TWINS, NAN], [*TWINS, OTHER_NAN]):
        alike = repr(one) == repr(other)
        assert same(one, other) is alike
        for model, state, call, elsewhere, change in [
            (Register(), one, ("read",), "no", ("write", one)),
            (CasRegister(), one, ("read",), "no", ("write", one)),
            (CasRegister(), one, ("read",), "no", ("cas", "no", one)),
            (KeyValue(), (("x", one),), ("get", "x"), (("x", 5),), ("put", "x", one)),
            (Queue(), (one, 2), ("dequeue",), ("no",), ("enqueue", one)),
        ]:
            assert model.step(state, call, other)[0] is alike, (model, one, other)
            others = [(change, UNKNOWN), (("dequeue",), UNKNOWN)]
            assert model.could_fit(elsewhere, call, other, others) is alike
        assert Log().step((one,), ("read",), [other])[0] is alike
        assert Log().could_fit((one,), ("read",), [other, 1], ()) is alike
        step = CasRegister().step
        assert step(one, ("cas", other, "new"), alike) == (
            True,
            "new" if alike else one,
        )
        after = KeyValue().step(((one, "a"),), ("put", other, "b"), None)[1]
        assert len(after) == 1 + (not alike)
        assert KeyValue().step(((one, "a"),), ("get", other), "")[0] is not alike
        after = KeyValue().step(((one, "a"),), ("append", other, "b"), None)[1]
        assert after[-1][1] == ("ab" if alike else "b")


@pytest.mark.parametrize("value", [NAN, [NAN], (1, NAN)])
def test_what_is_not_equal_to_itself_is_read_back(value):
    history = [
        Operation("a", ("write", value), None, 0, 1),
        Operation("b", ("read",), [float("nan")] if value == [NAN] else value, 2, 3),
    ]
    assert check_linearizable(history, Register)
    assert check_linearizable(history, CasRegister)


def test_a_queue_of_values_that_are_equal_is_no_queue_of_one_value():
    history = [
        Operation("a", ("enqueue", 1), None, 0, 1),
        Operation("a", ("enqueue", True), None, 2, 3),
        Operation("b", ("dequeue",), True, 4, 5),
    ]
    assert not check_linearizable(history, Queue)
    history[2] = Operation("b", ("dequeue",), 1, 4, 5)
    assert check_linearizable(history, Queue)
    assert not check_linearizable(
        [history[0], Operation("b", ("dequeue",), True, 4, 5)], Queue
    )


def test_keys_that_are_equal_are_two_keys():
    history = [
        Operation("a", ("put", 1, "one"), None, 0, 1),
        Operation("a", ("get", True), "", 2, 3),
        Operation("a", ("get", 1), "one", 4, 5),
    ]
    assert check_linearizable(history, KeyValue)
    history[1] = Operation("a", ("get", True), "one", 2, 3)
    assert not check_linearizable(history, KeyValue)


@pytest.mark.parametrize("model", [Register, CasRegister, KeyValue, Queue, Lock, Log])
@pytest.mark.parametrize("call", [("flush",), (), "read", ("read", 1, 2, 3), None])
def test_a_call_that_a_model_does_not_know(model, call):
    with pytest.raises(
        ValueError, match=rf"{model.__name__} does not know the call .*: it takes \('"
    ):
        check_linearizable([Operation("a", call, None, 0, 1)], model)
    if model is not KeyValue:
        with pytest.raises(
            ValueError, match=rf"{model.__name__} does not know the call"
        ):
            model().step(model().initial, call, None)
    with pytest.raises(ValueError, match="does not know the call"):
        check_linearizable([Operation("a", call, None, 5, None)], model)


@pytest.mark.parametrize("result", [None, "yes", 2, [], 1, 0.0])
def test_a_cas_says_yes_or_no(result):
    with pytest.raises(
        ValueError,
        match=(
            r"CasRegister: cas 1 2 returned .*: it returns True, or False if it failed"
        ),
    ):
        CasRegister().step(1, ("cas", 1, 2), result)


def test_what_cannot_be_done():
    with pytest.raises(ValueError, match="None is what an empty queue returns"):
        Queue().step((), ("enqueue", None), None)
    with pytest.raises(ValueError, match="only text can be appended, and only to text"):
        KeyValue().step((("x", 1),), ("append", "x", "a"), None)
    with pytest.raises(ValueError, match="only text"):
        KeyValue().step((), ("append", "x", 1), None)


def test_they_begin_as_they_are_told():
    read = [Operation("a", ("read",), 0, 0, 1)]
    assert check_linearizable(read, Register(initial=0))
    assert check_linearizable(read, CasRegister(0))
    assert not check_linearizable(read, Register)
    assert check_linearizable([Operation("a", ("dequeue",), 7, 0, 1)], Queue((7,)))
    assert check_linearizable([Operation("a", ("release",), True, 0, 1)], Lock(True))
    assert check_linearizable([Operation("a", ("append", "y"), 1, 0, 1)], Log(("x",)))


def test_keys_are_judged_apart():
    history = [Operation(n, ("put", "xyzx"[n], n), None, n, None) for n in range(4)]
    parts = KeyValue().partition(history)
    assert [(part.key, len(part)) for part in parts] == [("x", 2), ("y", 1), ("z", 1)]
    assert all(isinstance(part, History) for part in parts)


@pytest.mark.parametrize(
    ("model", "state", "words"),
    [
        (Register(), None, "the register holds None"),
        (CasRegister(), "x", "the register holds 'x'"),
        (KeyValue(), (), "nothing is written"),
        (KeyValue(), (("x", 1), ("y", 2)), "'x' holds 1, 'y' holds 2"),
        (Queue(), (), "the queue is empty"),
        (Queue(), (1, 2), "the queue holds 1, 2"),
        (Lock(), True, "the lock is held"),
        (Lock(), False, "the lock is free"),
        (Log(), (), "the log is empty"),
        (Log(), ("a",), "the log holds 'a'"),
    ],
)
def test_states_are_described(model, state, words):
    assert model.describe(state) == words


# What shortens the search -------------------------------------------------------------


def plain(model):
    """The same model, without what shortens the search."""

    @dataclass(frozen=True)
    class Plain:
        initial = model.initial
        step = staticmethod(model.step)

    return Plain()


@settings(max_examples=150)
@given(histories(most=9, longest=6))
def test_hints_change_no_verdict(given_):
    model, history = given_
    short, long = (
        check_linearizable(history, model),
        check_linearizable(history, plain(model)),
    )
    assert short.outcome == long.outcome
    if not short and not hasattr(model, "partition"):
        count = [
            sum(not one.pending for one in verdict.order) for verdict in (short, long)
        ]
        assert count[0] == count[1], "the longest order is as long"


@pytest.mark.parametrize("name", MODELS)
def test_what_only_reads_leaves_the_state_as_it_is(name):
    model, calls, results = MODELS[name]
    states = reachable(model, calls)
    for call, result in product(calls, results):
        if model.only_reads(call, result):
            for state in states:
                fits, then = step(model, state, call, result)
                assert not fits or then == state


@pytest.mark.parametrize("name", MODELS)
def test_what_could_not_fit_never_does(name):
    model, calls, results = MODELS[name]
    calls = list(dict.fromkeys(calls))
    refused = 0
    for state, (call, result) in product(
        reachable(model, calls, 2), product(calls, results)
    ):
        if step(model, state, call, result)[0] is not False:
            continue
        for others in product(product(calls, results), repeat=2):
            if not model.could_fit(state, call, result, iter(others)):
                refused += 1
                for some in ((), others[:1], others[1:], others, others[::-1]):
                    after = state
                    for other in some:
                        fits, after = step(model, after, *other)
                        if not fits:
                            break
                    else:
                        assert not step(model, after, call, result)[0], (
                            state,
                            call,
                            result,
                            some,
                        )
    assert refused > 10


def step(model, state, call, result):
    try:
        return model.step(state, call, result)
    except ValueError:
        return None, state  # no such result


def reachable(model, calls, most=3):
    states = [model.initial]
    for _ in range(most):
        states += [
            model.step(state, call, UNKNOWN)[1] for state in states for call in calls
        ]
        states = list(dict.fromkeys(states))
    return states


def test_a_subclass_with_another_step_is_asked_nothing():
    class Forgets(KeyValue):
        def step(self, state, call, result):
            return True, state

    history = [
        Operation("a", ("put", "x", 1), None, 0, 1),
        Operation("a", ("get", "x"), 2, 2, 3),
    ]
    assert not check_linearizable(history, KeyValue)
    assert check_linearizable(history, Forgets)
