"""The checker: right by brute force, its mutants caught, its orders true, its limits
kept.
"""

import importlib.util
import os
import random
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from linearizable import MODELS, histories, is_order, judge, made

from ftlib.checking import linearizability, ordering, precedence
from ftlib.checking.history import History
from ftlib.checking.linearizability import check_linearizable
from ftlib.checking.models import CasRegister, KeyValue, Lock, Log, Queue, Register
from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.checking.specification import same

ROOT = Path(__file__).resolve().parent.parent


def op(process, call, result, invoked, returned):
    return Operation(process, call, result, invoked, returned)


def reads(*rows):
    """A write of 1 by w from 0 to 10, and reads: (result, invoked, returned)."""
    return [
        op("w", ("write", 1), None, 0, 10),
        *(op(f"r{n}", ("read",), *row) for n, row in enumerate(rows)),
    ]


def order_of(verdict):
    return (
        verdict.order
        if isinstance(verdict.order, tuple)
        else tuple(one for part in verdict.order.values() for one in part)
    )


# Examples from the literature and from practice ---------------------------------------


@pytest.mark.parametrize(
    ("history", "model", "good"),
    [
        (reads((1, 1, 2), (1, 3, 4)), Register, True),
        (reads((None, 1, 2), (1, 3, 4)), Register, True),
        (reads((1, 1, 2), (None, 3, 4)), Register, False),  # new, then old
        (reads((1, 1, 2), (None, 2, 4)), Register, True),  # they touch: either order
        (reads((None, 11, 12)), Register, False),
        (reads((None, 10, 12)), Register, True),
        (
            [
                op(0, ("enqueue", 1), None, 0, 1),
                op(1, ("enqueue", 2), None, 2, 3),
                op(0, ("dequeue",), 2, 4, 5),
            ],
            Queue,
            False,
        ),
        (
            [
                op(0, ("enqueue", 1), None, 0, 3),
                op(1, ("enqueue", 2), None, 2, 3),
                op(0, ("dequeue",), 2, 4, 5),
            ],
            Queue,
            True,
        ),
        (
            [op(0, ("acquire",), True, 0, 1), op(1, ("acquire",), True, 2, 3)],
            Lock,
            False,
        ),  # split brain
        (
            [
                op(0, ("acquire",), True, 0, 1),
                op(1, ("acquire",), True, 2, 5),
                op(0, ("release",), None, 3, 4),
            ],
            Lock,
            True,
        ),
        (
            [op(0, ("append", "x"), 0, 0, 1), op(1, ("append", "y"), 0, 0, 1)],
            Log,
            False,
        ),
        (
            [op(0, ("cas", None, 1), True, 0, 1), op(1, ("cas", None, 2), True, 0, 1)],
            CasRegister,
            False,
        ),
        (
            [op(0, ("cas", None, 1), True, 0, 1), op(1, ("cas", None, 2), False, 0, 1)],
            CasRegister,
            True,
        ),
        (
            [
                op(0, ("put", "x", 1), None, 0, 1),
                op(1, ("get", "y"), "", 2, 3),
                op(1, ("get", "x"), 1, 4, 5),
            ],
            KeyValue,
            True,
        ),
        (
            [
                op(0, ("put", "x", 1), None, 0, 1),
                op(1, ("get", "y"), "", 2, 3),
                op(1, ("get", "x"), "", 4, 5),
            ],
            KeyValue,
            False,
        ),
    ],
)
def test_known_histories(history, model, good):
    verdict = check_linearizable(history, model)
    assert bool(verdict) is good
    assert verdict.outcome == ("linearizable" if good else "not linearizable")
    assert check_linearizable(History(history), model()).outcome == verdict.outcome
    assert check_linearizable(iter(history[::-1]), model()).outcome == verdict.outcome


def test_a_pending_operation_may_take_effect_at_any_time_or_never():
    lost = op("w", ("write", 1), "ignored", 0, None)
    for shown in ([], [None], [1], [None, 1], [1, 1]):
        assert check_linearizable(
            [
                lost,
                *(op("r", ("read",), v, n, n + 0.5) for n, v in enumerate(shown, 9)),
            ],
            Register,
        ), shown
    assert not check_linearizable(
        [lost, op("r", ("read",), 1, 1, 2), op("r", ("read",), None, 3, 4)], Register
    )
    assert not check_linearizable(
        [op("r", ("read",), 1, 0, 1), op("w", ("write", 1), None, 2, None)], Register
    ), "before it began"
    late = [op("w", ("write", 5), None, 1, 2), op("r", ("read",), 6, 3, 4)]
    assert check_linearizable(
        [op("a", ("cas", 5, 6), False, 0, None), *late], CasRegister
    )


def test_a_pending_dequeue_may_have_taken_what_nobody_else_has():
    queue = [
        op(0, ("enqueue", 1), None, 0, 1),
        op(0, ("enqueue", 2), None, 2, 3),
        op(1, ("dequeue",), 2, 5, 6),
    ]
    assert not check_linearizable(queue, Queue)
    assert check_linearizable(
        [*queue, op("lost", ("dequeue",), None, 5.5, None)], Queue
    )
    assert not check_linearizable(
        [*queue, op("lost", ("dequeue",), None, 6.5, None)], Queue
    ), "called too late"


def test_what_a_model_is_shown_of_a_pending_operation():
    shown = []

    class Watched(Register):
        def step(self, state, call, result):
            shown.append((call[0], result))
            return Register.step(self, state, call, result)

    check_linearizable(
        [op("w", ("write", 1), "stored", 0, None), op("r", ("read",), 1, 1, 2)], Watched
    )
    assert ("write", UNKNOWN) in shown
    assert ("write", "stored") not in shown


def test_a_process_keeps_its_order_where_its_operations_touch():
    history = [op("a", ("write", 1), None, 0, 1), op("a", ("read",), None, 1, 2)]
    assert not check_linearizable(history, Register)
    assert check_linearizable([history[0], op("b", ("read",), None, 1, 2)], Register)
    at_once = [
        op("a", ("write", 1), None, 5, 5),
        op("a", ("read",), 1, 5, 5),
        op("a", ("write", 2), None, 5, 5),
    ]
    assert check_linearizable([*at_once, op("a", ("read",), 2, 5, None)], Register)
    assert not check_linearizable([*at_once, op("a", ("read",), 1, 5, 5)], Register)


# Witness and words --------------------------------------------------------------------


def test_the_order_of_a_history():
    history = reads((None, 1, 2), (1, 3, 4))
    assert check_linearizable(history, Register).order == (
        history[1],
        history[0],
        history[2],
    )
    assert check_linearizable([], Register).order == ()
    assert (
        check_linearizable([op("w", ("write", 1), None, 0, None)], Register).order == ()
    ), "not needed"


def test_keys_have_their_own_orders():
    history = [
        op(0, ("put", "x", 1), None, 0, 1),
        op(1, ("get", "y"), None, 2, 3),
        op(1, ("get", "x"), 1, 4, 5),
    ]
    assert check_linearizable(history, KeyValue).order == {
        "x": (history[0], history[2]),
        "y": (history[1],),
    }
    assert check_linearizable([], KeyValue).order == {}


def test_parts_without_keys_are_numbered():
    class Halves(Register):
        def partition(self, history):
            return [[one for one in history if one.process == name] for name in "ab"]

    history = [op("a", ("write", 1), None, 0, 1), op("b", ("read",), 2, 5, 6)]
    verdict = check_linearizable(history, Halves)
    assert verdict.order == {0: (history[0],), 1: ()}
    assert verdict.key == 1
    assert str(verdict).startswith("not linearizable: key 1: b: read -> 2")


def test_a_verdict_says_what_fits_nowhere():
    history = [
        op("a", ("put", "x", "1"), None, 0, 1),
        op("b", ("put", "y", "2"), None, 0, 1),
        op("a", ("get", "x"), "0", 2, 4),
        op("c", ("get", "x"), "1", 3, 6),
        op("b", ("get", "x"), "7", 3, 5),
    ]
    verdict = check_linearizable(history, KeyValue)
    assert (
        str(verdict)
        == repr(verdict)
        == "not linearizable: key 'x': a: get 'x' -> '0' (2 to 4) fits nowhere: "
        "after the longest order found, 2 of 4 operations, 'x' holds '1'"
    )
    assert verdict.blocked == (history[2], history[4])
    assert verdict.key == "x"
    assert verdict.order["x"] == (history[0], history[3])
    assert not verdict
    good = check_linearizable(history[:2], KeyValue)
    assert str(good) == "linearizable: 2 operations on 2 keys have an order"
    assert good.blocked == ()
    assert (
        str(check_linearizable(history[:1], KeyValue))
        == "linearizable: 1 operation has an order"
    )


def test_a_long_state_is_shortened():
    history = [op(0, ("write", "x" * 1000), None, 0, 1), op(0, ("read",), "y", 2, 3)]
    assert len(str(check_linearizable(history, Register))) < 300


# Models -------------------------------------------------------------------------------


def test_a_model_of_ones_own():
    class Counter:
        initial = 0

        def step(self, state, call, result):
            return result is UNKNOWN or result == state + 1, state + 1

    history = [op(n, ("next",), result, 0, 9) for n, result in enumerate([3, 1, 2])]
    assert [one.result for one in check_linearizable(history, Counter).order] == [
        1,
        2,
        3,
    ]
    assert check_linearizable(history, Counter())
    verdict = check_linearizable([*history, op("x", ("next",), 3, 0, 9)], Counter)
    assert str(verdict).endswith(
        "after the longest order found, 3 of 4 operations, the state is 3"
    )
    plain = SimpleNamespace(
        initial=0, step=Counter().step, only_reads=lambda call, result: False
    )
    assert check_linearizable(history, plain)


@pytest.mark.parametrize("state", [[], {}, set()])
def test_states_that_cannot_be_hashed_will_do(state):
    @dataclass
    class Bag:
        initial = state

        def step(self, state, call, result):
            kept = list(state)
            if call[0] == "put":
                return True, [*kept, call[1]]
            return result == sorted(kept), state

    history = [op(n, ("put", n), None, 0, 9) for n in range(4)] + [
        op(9, ("get",), [0, 1, 2, 3, 4], 10, 11)
    ]
    assert not check_linearizable(history, Bag)
    assert check_linearizable(
        [op(0, ("write", [1]), None, 0, 1), op(0, ("read",), [1], 2, 3)], Register
    )
    assert check_linearizable(
        [op(0, ("write", {1: 2}), None, 0, None), op(0.5, ("read",), {1: 2}, 2, 3)],
        CasRegister,
    )


def test_calls_that_are_equal_are_not_the_same():
    class Typed:
        initial = ""

        def step(self, state, call, result):
            return call[0] == "write" or state == repr(result), (
                repr(call[1]) if call[0] == "write" else state
            )

    for last in (1, True, 1.0):
        writes = [
            op(n, ("write", value), None, 0, 9)
            for n, value in enumerate([1, True, 1.0])
        ]
        assert check_linearizable([*writes, op("r", ("read",), last, 10, 11)], Typed)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (7, "7 is no model, it has no initial: it needs initial and step"),
        (SimpleNamespace(initial=0), "it has no step"),
        (SimpleNamespace(step=print), "it has no initial"),
        (object, "is no model"),
    ],
)
def test_what_is_no_model(model, words):
    with pytest.raises(TypeError, match=words):
        check_linearizable([], model)


def test_a_state_is_no_method():
    class Called:
        def initial(self):
            return None

        def step(self, state, call, result):
            return True, state

    with pytest.raises(
        TypeError,
        match="initial of Called is a method: make it the state itself, or a property",
    ):
        check_linearizable([], Called)


def test_what_a_model_answers_is_looked_at():
    class Silent(Register):
        def step(self, state, call, result):
            return None

    class Fallen(Register):
        def step(self, state, call, result):
            raise KeyError("lost")

    history = [op("w", ("write", 1), None, 0, 1)]
    with pytest.raises(
        TypeError, match=r"Silent\.step returned None: it returns \(ok, state\)"
    ) as silent:
        check_linearizable(history, Silent)
    assert silent.value.__notes__ == ["in step(None, ('write', 1), None)"]
    with pytest.raises(KeyError) as fallen:
        check_linearizable(history, Fallen)
    assert fallen.value.__notes__ == ["in step(None, ('write', 1), None)"]


class Typed:
    """A register whose calls set it, and one that a toggle changes to what is equal."""

    initial = 1

    def step(self, state, call, result):
        if call == ("toggle",):
            return True, (1 if state is True else True)
        return result is UNKNOWN or same(result, state), state


def test_states_that_are_equal_are_not_the_same():
    """Whoever takes 1 for True has seen the state after one toggle before it."""
    once = [op("t", ("toggle",), None, 0, 9), op("r", ("read",), True, 10, 11)]
    assert check_linearizable(once, Typed)
    lost = [op("t", ("toggle",), None, 0, None), op("r", ("read",), True, 10, 11)]
    assert check_linearizable(lost, Typed), "a pending operation changes 1 to True"
    for count in range(2, 6):
        for value in (1, True):
            toggles = [op(n, ("toggle",), None, 0, 9) for n in range(count)]
            history = [*toggles, op("r", ("read",), value, 10, 11)]
            good = (count % 2 == 0) is (value is not True)
            assert bool(check_linearizable(history, Typed)) is good


class Zeros:
    """A step that leads to equal states by different ways."""

    initial = 0.0

    def step(self, state, call, result):
        if call[0] == "times":
            return True, state * call[1]
        if call[0] == "add":
            return True, state + call[1]
        return repr(state) == result, state


@pytest.mark.parametrize("result", ["0.0", "-0.0"])
def test_the_search_remembers_zeros_by_their_sign(result):
    history = [
        op("a", ("times", -1), None, 0, 9),
        op("b", ("add", 0.0), None, 0, 9),
        op("r", ("read",), result, 10, 11),
    ]
    assert check_linearizable(history, Zeros), result


class Appends:
    """Changes the list that it is given."""

    initial = ()

    def step(self, state, call, result):
        state = [] if state == () else state
        if call[0] == "put":
            state.append(call[1])
            return True, state
        return result == state, state


class Pops:
    """Changes the call or the result."""

    initial = 0

    def step(self, state, call, result):
        if isinstance(result, list):
            result.pop()
        return True, state


class Counts:
    """Remembers how often it was asked."""

    initial = 0

    def __init__(self):
        self.asked = 0

    def step(self, state, call, result):
        self.asked += 1
        return True, self.asked


class Doubts:
    """Says yes and no in turn."""

    initial, yes = 0, False

    def step(self, state, call, result):
        self.yes = not self.yes
        return self.yes, state


class Nameless:
    """Makes states that are equal to nothing."""

    initial = 0

    def step(self, state, call, result):
        return True, object()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Appends, r"Appends\.step changes what it is given: after it .* is \(\[1, 2"),
        (Pops, r"Pops\.step changes what it is given: .*return a new state"),
        (Counts, r"Counts\.step answers differently when it is asked again: of \(0, "),
        (Doubts, r"first \(True, 0\), then \(False, 0\); it must depend on its arg"),
        (Nameless, "states must be equal where they are alike"),
    ],
)
def test_a_step_that_is_not_pure_is_found_out(model, words):
    history = [op("w", ("put", n), [1, 2, 3], n, n + 0.5) for n in range(1, 4)]
    with pytest.raises(ValueError, match=words):
        check_linearizable(history, model)


def test_of_many_operations_a_sample_is_asked_twice():
    asked = Counter()

    class Told(Register):
        def step(self, state, call, result):
            asked[call] += 1
            return super().step(state, call, result)

    history = [op("w", ("write", n), None, n, n + 0.5) for n in range(100)]
    assert check_linearizable(history, Told)
    twice = [call[1] + 1 for call, times in asked.items() if times > 1]
    assert twice == [1, 2, 4, 8, 16, 32, 64]


def test_a_state_that_is_equal_and_cannot_be_hashed_is_named():
    history = [op(n, ("read",), 0, 0, 9) for n in range(2)]
    with pytest.raises(TypeError, match=r"^namespace\(n=1\) cannot be hashed: make"):
        check_linearizable(
            history,
            SimpleNamespace(
                initial=0, step=lambda state, call, result: (True, SimpleNamespace(n=1))
            ),
        )


def test_parts_hold_everything_that_returned_once():
    class Forgetful(Register):
        def partition(self, history):
            return [list(history)[1:]]

    class Double(Register):
        def partition(self, history):
            return [history, history]

    history = reads((1, 11, 12))
    with pytest.raises(
        ValueError, match="partition of Forgetful makes 1 operations of 2"
    ):
        check_linearizable(history, Forgetful)
    with pytest.raises(ValueError, match="partition of Double makes 4 operations of 2"):
        check_linearizable(history, Double)
    lost = [op("w", ("write", 1), None, 0, None), op("r", ("read",), None, 1, 2)]
    assert check_linearizable(lost, Forgetful), "what is pending may be left out"


def test_no_hint_sees_what_is_stored_of_a_pending_operation():
    seen = []

    class Told(KeyValue):
        def only_reads(self, call, result):
            seen.append((call[0], result))
            return super().only_reads(call, result)

        def could_fit(self, state, call, result, others):
            others = list(others)
            seen.extend((other[0], shown) for other, shown in others)
            return super().could_fit(state, call, result, others)

    check_linearizable(
        [
            op(0, ("append", "x", "a"), "stored", 0, None),
            op(1, ("get", "x"), "ab", 1, 2),
        ],
        Told,
    )
    assert ("append", UNKNOWN) in seen
    assert "stored" not in {result for _, result in seen}


@pytest.mark.parametrize("name", MODELS)
def test_where_every_way_is_too_long_to_try_the_order_is_as_long_as_it_can_be_made(
    name, monkeypatch
):
    monkeypatch.setattr(linearizability, "AGAIN", 0)
    stopped = 0
    for model, history in (made(seed, longest=6, names=[name]) for seed in range(400)):
        verdict = check_linearizable(history, model)
        order = order_of(verdict)
        assert is_order(order, history, model, whole=bool(verdict))
        if not verdict:
            stopped += 1
            assert verdict.blocked, (
                "in the model itself, not in what the search has made of it"
            )
            for one in verdict.blocked:
                assert not is_order((*order, one), history, model, whole=False)
    assert stopped > 20


@pytest.mark.parametrize("timeout", [-1, float("nan"), "1", True])
def test_what_is_no_timeout(timeout):
    with pytest.raises(ValueError, match=r"timeout is .*: give seconds"):
        check_linearizable([], Register, timeout=timeout)


def test_what_is_no_history():
    with pytest.raises(TypeError, match="item 0 of the history is 'x'"):
        check_linearizable(["x"], Register)
    with pytest.raises(ValueError, match="process 'a' overlaps with itself"):
        check_linearizable(
            [op("a", ("read",), 1, 0, None), op("a", ("read",), 1, 5, 6)], Register
        )
    with pytest.raises(
        ValueError, match=r"Register does not know the call \('get', 'x'\): it takes"
    ):
        check_linearizable([op("a", ("get", "x"), 1, 0, 1)], Register)


# Brute force --------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_brute_force_agrees(name):
    seen = Counter()

    @settings(max_examples=250)
    @given(histories(names=[name]))
    def compare(given_):
        model, history = given_
        good, most = judge(history, model)
        verdict = check_linearizable(history, model)
        assert verdict.outcome == ("linearizable" if good else "not linearizable")
        seen[good] += 1
        order = order_of(verdict)
        assert is_order(order, history, model, whole=good)
        assert sum(not one.pending for one in order) == most
        assert bool(verdict.blocked) is not good
        for one in verdict.blocked:
            assert not is_order((*order, one), history, model, whole=False)

    compare()
    assert min(seen[True], seen[False]) >= 20, seen


BOUND, WALL = (
    "order[-1]].invoked <= one.returned",
    " or self.operations[index].invoked > wall",
)
ENTERED, END = (
    "entered((itself, first, placed), used, state)",
    "        if first == self.total:\n            self.answer",
)
MUTANTS = {
    "a dropped edge of real time": (BOUND, BOUND + " + 2"),
    "precedence that is not strict": (
        BOUND,
        "order[-1]].invoked < max(one.returned, one.invoked + 1e-9)",
    ),
    "an edge of the process dropped": (
        "if before is not None and before.returned == one.invoked",
        "if False",
    ),
    "a pending operation forgotten": (
        "moves = self._unsure(first, placed, used, state)",
        "moves = []",
    ),
    "a pending operation that comes before it began": (WALL, ""),
    "a pending operation that must take effect": (
        END,
        END.replace(
            ":",
            " and used + 1 == 1 << len(self.numbered.operations) - self.total:",
        ),
    ),
    "a memory without the state": (ENTERED, ENTERED.replace("state", "0")),
    "a memory without what is placed": (ENTERED, ENTERED.replace(", placed", "")),
    "everything only reads": (
        'hint(model, "only_reads") or',
        "(lambda call, result: True) or",
    ),
    "the one that is tried is not the first": ("index < choices[kind][0]", "False"),
    "operations that differ stand for each other": (
        "    kind = exact((call, result))",
        "    kind = operation.call",
    ),
    "hopeless without asking for others": (
        "others(index, first, placed, used)",
        "()",
    ),
}


# what begins second has to come first, the other write after the write of 2
SECOND_COMES_FIRST = [
    op("x", ("write", 1), None, 0, 100),
    op("y", ("read",), None, 0, 1),
    *(
        op("y", call, result, at, at + 1)
        for call, result, at in [(("write", 1), None, 2), (("write", 2), None, 4)]
    ),
    *(op("y", ("read",), result, at, at + 1) for result, at in [(2, 6), (1, 8)]),
]


def mutant(old, new):
    """The checker with one piece of its source replaced."""
    sources = [
        Path(module.__file__).read_text(encoding="utf-8")
        for module in (precedence, ordering)
    ]
    assert sum(source.count(old) for source in sources) == 1, old
    first, second = (
        importlib.util.module_from_spec(importlib.util.spec_from_loader("mutant", None))
        for _ in sources
    )
    exec(compile(sources[0].replace(old, new), "mutant", "exec"), first.__dict__)
    exec(compile(sources[1].replace(old, new), "mutant", "exec"), second.__dict__)
    vars(second).update((name, getattr(first, name)) for name in precedence.__all__)
    return second.Search


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(name, monkeypatch):
    monkeypatch.setattr(linearizability, "Search", mutant(*MUTANTS[name]))
    for model, history in [
        (Register(), SECOND_COMES_FIRST),
        *(made(seed, longest=2) for seed in range(3000)),
    ]:
        try:
            if bool(check_linearizable(history, model)) is not judge(history, model)[0]:
                return
        except (IndexError, AssertionError):
            return
    pytest.fail("nobody has noticed")


# Long and hard ------------------------------------------------------------------------


def simulated(seed, count, clients, calls, do, *, pending=0.0):
    """A history that an atomic object has produced: `do(state, call)` gives result and
    state.
    """
    chance = random.Random(seed)
    free, names = [chance.random() for _ in range(clients)], list(range(clients))
    rows = []
    for number in range(count):
        client = min(range(clients), key=free.__getitem__)
        invoked, lasts = free[client], chance.expovariate(1.0)
        lost = chance.random() < pending
        rows.append(
            (
                names[client],
                calls(chance, number),
                invoked + lasts * chance.random(),
                invoked,
                None if lost else invoked + lasts,
            )
        )
        free[client] = invoked + lasts + 0.1
        names[client] = clients + number if lost else names[client]
    results, state = {}, None
    for number in sorted(range(count), key=lambda n: rows[n][2]):
        results[number], state = do(state, rows[number][1])
    return [
        Operation(who, call, results[n], invoked, returned)
        for n, (who, call, _, invoked, returned) in enumerate(rows)
    ]


def cas_call(chance, number):
    kind, one, other = chance.random(), chance.randrange(5), chance.randrange(5)
    return (
        ("read",)
        if kind < 1 / 3
        else ("write", one)
        if kind < 2 / 3
        else ("cas", one, other)
    )


def cas_do(state, call):
    match call:
        case ("read",):
            return state, state
        case ("write", value):
            return None, value
        case ("cas", old, new):
            return state == old, new if state == old else state


@pytest.mark.parametrize("seed", range(20))
def test_a_simulated_register_is_linearizable_and_its_order_true(seed):
    history = History(simulated(seed, 90, 5, cas_call, cas_do, pending=0.1))
    verdict = check_linearizable(history, CasRegister)
    assert verdict
    assert is_order(verdict.order, history, CasRegister(), whole=True)


def test_twelve_thousand_operations_on_one_key():
    history = simulated(1, 12_000, 5, cas_call, cas_do)
    start = time.process_time()
    assert check_linearizable(history, CasRegister)
    assert time.process_time() - start < 5  # about 0.3 on the machine it was written on
    last = max(history, key=lambda one: one.invoked)
    bad = [*history, op("last", ("read",), 7, last.invoked + 100, last.invoked + 101)]
    verdict = check_linearizable(bad, CasRegister)
    assert verdict.outcome == "not linearizable"
    assert len(verdict.order) == 12_000


def queue_call(chance, number):
    return ("enqueue", number) if chance.random() < 0.55 else ("dequeue",)


def queue_do(state, call):
    held = state or ()
    return (
        (None, (*held, call[1]))
        if call[0] == "enqueue"
        else (held[0], held[1:])
        if held
        else (None, held)
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_queue_of_eight_clients(seed):
    history = simulated(seed, 100, 8, queue_call, queue_do)
    start = time.process_time()
    assert check_linearizable(history, Queue)
    assert (
        time.process_time() - start < 3
    )  # 0.05 on the machine it was written on; 2 if values that stay are told apart
    taken = [
        n
        for n, one in enumerate(history)
        if one.call[0] == "dequeue" and one.result is not None
    ]
    swapped, other = history[taken[10]], history[taken[30]]
    history[taken[10]], history[taken[30]] = (
        replace(swapped, result=other.result),
        replace(other, result=swapped.result),
    )
    assert not check_linearizable(history, Queue)


def test_all_at_once():
    history = [op(n, ("write", n), None, 0, 1) for n in range(200)] + [
        op("r", ("read",), 100, 2, 3)
    ]
    assert check_linearizable(history, Register)


def hard(key="hard", count=20):
    """Writes at the same time of which none has been read: as many orders as there
    are.
    """
    puts = [
        op(f"{key} {n}", ("append", key, f"{n};"), None, 0, 9) for n in range(count)
    ]
    return [
        *puts,
        op(
            key, ("get", key), "".join(f"{n};" for n in range(count - 1)) + "0;", 10, 11
        ),
    ]


class Slow(KeyValue):
    """The same, without what shortens the search."""

    def step(self, state, call, result):
        return KeyValue.step(self, state, call, result)


def test_an_illegal_key_is_found_although_another_is_hard():
    history = [*hard(), op("e", ("get", "easy"), "never", 0, 1), *hard("hard too")]
    start = time.process_time()
    verdict = check_linearizable(history, Slow)
    assert verdict.outcome == "not linearizable"
    assert verdict.key == "easy"
    assert time.process_time() - start < 2


@pytest.mark.parametrize("timeout", [0, 0.2])
def test_time_runs_out(timeout):
    start = time.monotonic()
    history = History(hard())
    verdict = check_linearizable(history, Slow, timeout=timeout)
    assert timeout <= time.monotonic() - start < timeout + 1
    assert verdict.outcome == "unknown"
    assert not verdict
    assert f"key 'hard': no answer within {timeout:g} s; " in str(verdict)
    assert is_order(verdict.order["hard"], history, KeyValue(), whole=False)
    assert verdict.blocked == ()


def test_memory_is_bounded_and_forgetting_does_no_harm(monkeypatch):
    history = hard(count=7)
    monkeypatch.setattr(linearizability, "MEMORY", 100_000)
    tracemalloc.start()
    assert not check_linearizable(history, Slow)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 600_000
    monkeypatch.setattr(linearizability, "MEMORY", 0)
    assert not check_linearizable(hard(count=4), Slow)
    assert check_linearizable(
        simulated(3, 90, 5, cas_call, cas_do, pending=0.1), CasRegister
    )


def test_what_is_remembered_takes_about_what_is_reckoned():
    tracemalloc.start()
    verdict = check_linearizable(hard(count=30), Slow, timeout=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    state = 90  # bytes, of a pair and its text
    assert verdict.places > 1000
    assert peak / verdict.places < 3 * (280 + state)


SCRIPT = """
import test_checking_linearizability as t
for seed in range(5):
    history = t.simulated(seed, 60, 5, t.cas_call, t.cas_do, pending=0.1)
    verdict = t.check_linearizable(history, t.CasRegister)
    print(verdict, verdict.places, [str(one) for one in verdict.order])
    history = [*history, t.op("x", ("read",), "no", 30, 31)]
    verdict = t.check_linearizable(history, t.CasRegister)
    print(verdict, verdict.places, [str(one) for one in verdict.order])
print(t.check_linearizable(t.hard(count=6), t.KeyValue).order)
"""


def test_every_hash_seed_gives_the_same_verdict():
    def told(hash_seed):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
        }
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=environment,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    assert told("1") == told("2") != b""
