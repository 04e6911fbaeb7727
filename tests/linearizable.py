"""Brute force over all orders of a history, and small histories to try it on."""

import random

from hypothesis import strategies as st

from ftlib.checking.history import History
from ftlib.checking.models import CasRegister, KeyValue, Lock, Log, Queue, Register
from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.simulation import Trace

# of each model: calls, and results that they may have
MODELS = {
    "register": (Register(), [("read",), ("write", 1), ("write", 2)], [None, 1, 2]),
    "cas register": (
        CasRegister(),
        [
            ("read",),
            ("write", 1),
            ("write", 2),
            ("cas", 1, 2),
            ("cas", 2, 1),
            ("cas", None, 1),
        ],
        [None, 1, 2, True, False],
    ),
    "key value": (
        KeyValue(),
        [
            ("get", "x"),
            ("put", "x", ""),
            ("put", "x", "a"),
            ("append", "x", "a"),
            ("append", "x", "b"),
        ],
        ["", "a", "b", "ab", "ba", "aa", None],
    ),
    "queue": (
        Queue(),
        [("enqueue", 1), ("enqueue", 2), ("dequeue",), ("enqueue", 3)],
        [None, 1, 2, 3],
    ),
    "queue of many values": (
        Queue((1, 2)),
        [*(("enqueue", value) for value in range(3, 7)), *[("dequeue",)] * 4],
        [None, *range(1, 7)],
    ),
    "lock": (Lock(), [("acquire",), ("release",)], [True, False]),
    "log": (
        Log(),
        [("append", "a"), ("append", "b"), ("read",)],
        [0, 1, 2, (), ("a",), ("b",), ("a", "b"), ("b", "a"), None],
    ),
}


def precedes(one, other):
    """Whether real time puts one operation before another; `other` was invoked later,
    or is of another process.
    """
    if one.returned is None:
        return False
    return one.returned < other.invoked or (
        one.process == other.process and one.returned == other.invoked
    )


def orders(history):
    """All orders of all the operations that returned and some of the pending ones, as
    far as real time allows.
    """
    operations = list(history)
    place = {id(one): number for number, one in enumerate(operations)}

    def go(chosen, rest):
        if all(one.returned is None for one in rest):
            yield chosen
        for one in rest:
            others = [other for other in rest if other is not one]
            before = [
                o
                for o in others
                if precedes(o, one)
                and not (precedes(one, o) and place[id(one)] < place[id(o)])
            ]
            if not before:
                yield from go((*chosen, one), others)

    return go((), operations)


def fitting(order, model):
    """How many operations of an order fit one after another."""
    state = model.initial
    for number, one in enumerate(order):
        result = UNKNOWN if one.returned is None else one.result
        if not fits(model, state, one.call, result):
            return number
        state = model.step(state, one.call, result)[1]
    return len(order)


def fits(model, state, call, result):
    """Whether a step is possible, also with a result that no such call has."""
    try:
        return bool(model.step(state, call, result)[0])
    except ValueError:
        return False


def judge(history, model):
    """Whether there is an order, and how many operations that returned fit at most one
    after another.
    """
    most = 0
    for order in orders(history):
        length = fitting(order, model)
        if length == len(order):
            return True, sum(one.returned is not None for one in history)
        most = max(most, sum(one.returned is not None for one in order[:length]))
    return False, most


def is_order(order, history, model, *, whole):
    """Whether an order is one of this history: nothing twice, real time kept, the model
    content, nothing missing.
    """
    place = {id(one): number for number, one in enumerate(history)}
    numbers = [place[id(one)] for one in order]
    missing = [
        one
        for one in history
        if id(one) not in {id(other) for other in order} and one.returned is not None
    ]
    return (
        len(set(numbers)) == len(numbers)
        and not any(
            precedes(later, one) and place[id(later)] < place[id(one)]
            for n, one in enumerate(order)
            for later in order[n:]
        )
        and not any(
            precedes(left, one) and place[id(left)] < place[id(one)]
            for left in missing
            for one in order
        )
        and fitting(order, model) == len(order)
        and not (whole and missing)
    )


def made(seed, most=6, longest=4, names=tuple(MODELS), processes=3):
    """A model, and a history that an object of its kind has produced, in which up to
    three results have been replaced.
    """
    chance = random.Random(seed)
    model, calls, results = MODELS[chance.choice(names)]
    lanes = [
        (number, 0) for number in range(processes)
    ]  # the process, and when it is free
    rows = []
    for number in range(chance.randint(min(most, 2), most)):
        lane = chance.randrange(processes)
        process, free = lanes[lane]
        invoked = free + chance.choice([0, 0, *range(longest + 1)])
        returned = invoked + chance.randint(0, longest)
        pending = chance.random() < 0.2
        point = (
            None
            if pending and chance.random() < 0.5
            else invoked + (returned - invoked) * chance.random()
        )
        rows.append(
            (
                process,
                chance.choice(calls),
                point,
                invoked,
                None if pending else returned,
            )
        )
        lanes[lane] = (processes + number if pending else process, returned)
    told, state = [None] * len(rows), model.initial
    for number in sorted(
        (n for n, row in enumerate(rows) if row[2] is not None),
        key=lambda n: rows[n][2],
    ):
        call = rows[number][1]
        told[number] = next(
            r for r in (*results, state, UNKNOWN) if fits(model, state, call, r)
        )
        state = model.step(state, call, told[number])[1]
    for _ in range(chance.choice([0, 1, 2, 3])):
        number, other = chance.randrange(len(rows)), chance.choice(results)
        if rows[number][1][0] != "cas" or isinstance(
            other, bool
        ):  # a cas that returns no bool is an error
            told[number] = other
    return model, History(
        Operation(process, call, told[number], invoked, returned)
        for number, (process, call, _, invoked, returned) in enumerate(rows)
    )


def histories(**options):
    """What `made` makes, of any seed."""
    return st.integers(0, 10**9).map(lambda seed: made(seed, **options))


def run_of(history, seed):
    """A trace in which this has happened: at one instant in an order by chance; a
    client that never gets an answer crashes, or gives up, and its node may call again.
    """
    chance = random.Random(seed)
    steps = [(one.invoked, 0, number) for number, one in enumerate(history)]
    steps += [
        (one.returned, 1, number)
        for number, one in enumerate(history)
        if not one.pending
    ]
    lots = {}  # of a process at an instant: the events keep their order
    for time, _, number in steps:
        lots.setdefault((time, history[number].process), []).append(chance.random())
    for lot in lots.values():
        lot.sort(reverse=True)
    steps = sorted(
        (time, lots[time, history[number].process].pop(), end, number)
        for time, number, end in sorted((t, n, e) for t, e, n in steps)
    )
    records, names, free, waiting = [], {}, [], {}

    def note(kind, node, what, ref):
        records.append((len(records), kind, node, None, what, ref))

    for _, _, end, number in steps:
        one = history[number]
        if free and chance.random() < 0.2:
            note("crash", node := chance.choice(free), None, None)
            waiting.pop(node, None)
        if not end:
            if one.process not in names:
                again = free and chance.random() < 0.7
                names[one.process] = (
                    free.pop(chance.randrange(len(free))) if again else f"n{number}"
                )
            node = names[one.process]
            waiting.setdefault(node, []).append((one.call, number))
            note("call", node, one.call, number)
            if one.pending:
                free.append(node)
                if chance.random() < 0.5:
                    note("crash", node, None, None)
                    waiting.pop(node, None)
        else:
            node = names[one.process]
            pair = next(pair for pair in waiting[node][::-1] if pair[0] == one.call)
            waiting[node].remove(pair)
            note("return", node, (one.call, one.result), pair[1])
    return Trace(records)
