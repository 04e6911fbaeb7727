"""The judges of chapter 2: what they accept, and what they refuse, and why."""

from itertools import combinations

import pytest
from exercises.answers import refused

from ftlib.exercises import (
    judge_concurrent,
    judge_lamport_clock,
    judge_vector_clock,
)

# 1 ------------------------------------------------------------------------------------

PAIRS = [
    *(("a2", other) for other in ("b1", "b2", "b3", "c1", "c2")),
    *(("b3", other) for other in ("c1", "c2", "a3")),
]
EVENTS = ["a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2"]


@pytest.mark.parametrize(
    "pairs", [PAIRS, {frozenset(pair) for pair in PAIRS}, [p[::-1] for p in PAIRS * 2]]
)
def test_all_pairs(pairs):
    assert judge_concurrent(pairs)


@pytest.mark.parametrize("pairs", [None, []])
def test_no_pairs_yet(pairs):
    answer = judge_concurrent(pairs)
    assert answer.verdict == "not attempted"
    assert answer.picture is not None


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (PAIRS[:-1], ["there are more", "8 in all"]),
        ([*PAIRS, ("a1", "c2")], ["a1 happened before c2", "a1 → b1 → b2 → c1 → c2"]),
        (list(combinations(EVENTS, 2)), ["happened before", "a1 → a2"]),
        ([("b1", "b2")], ["b1 happened before b2", "b1 → b2"]),
        ([("a2", "a2")], ["one event twice"]),
        ([("a2", "d1")], ["'d1'", "a1, a2"]),
        (["a2"], ["no pair"]),
        ("a2 b1", ["list of pairs"]),
        (7, ["list of pairs"]),
        # only those that are apart in the picture by a line or two
        ([p for p in PAIRS if "a3" not in p], ["there are more"]),
    ],
)
def test_wrong_pairs(pairs, words):
    refused(judge_concurrent(pairs), *words)


# 2 ------------------------------------------------------------------------------------


class Lamport:
    def __init__(self):
        self.number = 0

    def local(self):
        self.number += 1
        return self.number

    send = local

    def receive(self, stamp):
        self.number = max(self.number, stamp)
        return self.local()


class Next(Lamport):
    """The same, keeping the number that comes next."""

    def __init__(self):
        self.next = 1

    def local(self):
        self.next += 1
        return self.next - 1

    send = local

    def receive(self, stamp):
        if stamp >= self.next:
            self.next = stamp + 1
        return self.local()


class Own(Lamport):
    def receive(self, stamp):
        return self.local()


class Jumps(Lamport):
    def receive(self, stamp):
        self.number = stamp + 1
        return self.number


class Stays(Lamport):
    def receive(self, stamp):
        self.number = max(self.number, stamp)
        return self.number


class Adds(Lamport):
    def receive(self, stamp):
        self.number += stamp
        return self.local()


class Global(Lamport):
    count = 0

    def local(self):
        Global.count += 1
        return Global.count

    send = local

    def receive(self, stamp):
        return self.local()


class List(Lamport):
    shared = []  # noqa: RUF012

    def local(self):
        self.shared.append(0)
        return len(self.shared)

    send = local

    def receive(self, stamp):
        return self.local()


class Time(Lamport):
    def local(self):
        import time

        return time.monotonic_ns()

    send = local

    def receive(self, stamp):
        return self.local()


class Text(Lamport):
    def local(self):
        return "now"

    send = local

    def receive(self, stamp):
        return "now"


class Fails(Lamport):
    def receive(self, stamp):
        return stamp["number"]


class Loops(Lamport):
    def local(self):
        while True:
            self.number += 1

    send = local


class Half:
    def local(self):
        return 1


@pytest.mark.parametrize("clock", [Lamport, Next])
def test_a_lamport_clock(clock):
    assert judge_lamport_clock(clock)


def test_no_clock_yet():
    assert judge_lamport_clock(None).verdict == "not attempted"
    assert judge_vector_clock(None, None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (Own, ["happened before", "is not below"]),
        (Jumps, ["happened before", "is not below"]),
        (Stays, ["happened before", "is not below"]),
        (Adds, ["longest chain"]),
        (Global, ["not always the same", "share"]),
        (List, ["not always the same", "share"]),
        (Time, ["not always the same"]),
        (Text, ["no integer"]),
        (Fails, ["raises an error"]),
        (Loops, ["does not end"]),
        (Half, ["no method send"]),
        (Lamport(), ["hand in a class"]),
    ],
)
def test_a_clock_that_is_none(clock, words):
    answer = judge_lamport_clock(clock)
    refused(answer, *words)
    if "happened before" in words:
        assert answer.picture is not None


# 3 ------------------------------------------------------------------------------------


class Vector:
    def __init__(self, node, nodes):
        self.me = nodes.index(node)
        self.known = [0] * len(nodes)

    def local(self):
        self.known[self.me] += 1
        return tuple(self.known)

    send = local

    def receive(self, stamp):
        self.known = [max(pair) for pair in zip(self.known, stamp, strict=True)]
        return self.local()


def less(one, other):
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


class Sparse:
    """By name, and only those of whom it has heard."""

    def __init__(self, node, nodes):
        self.node = node
        self.known = {}

    def local(self):
        self.known[self.node] = self.known.get(self.node, 0) + 1
        return self.known

    send = local

    def receive(self, stamp):
        for node, number in stamp.items():
            self.known[node] = max(number, self.known.get(node, 0))
        return self.local()


def fewer(one, other):
    return one != other and all(other.get(k, 0) >= n for k, n in one.items())


class Numbers(Lamport):
    def __init__(self, node, nodes):
        super().__init__()


class Forgets(Vector):
    """Takes over the stamp instead of the larger numbers."""

    def receive(self, stamp):
        mine = self.known[self.me]
        self.known = list(stamp)
        self.known[self.me] = mine
        return self.local()


class Silent(Vector):
    """Receiving is no event of its own."""

    def receive(self, stamp):
        self.known = [max(pair) for pair in zip(self.known, stamp, strict=True)]
        return tuple(self.known)


class Whole:
    """Keeps everything that ever happened, as text."""

    def __init__(self, node, nodes):
        self.node, self.known, self.count = node, (), 0

    def local(self):
        self.count += 1
        self.known = (*self.known, f"{self.node}{self.count}")
        return self.known

    send = local

    def receive(self, stamp):
        self.known = tuple(dict.fromkeys((*self.known, *stamp)))
        return self.local()


class Pairs(Whole):
    """The same in numbers."""

    def __init__(self, node, nodes):
        self.me, self.known, self.count = nodes.index(node), (), 0

    def local(self):
        self.count += 1
        self.known = (*self.known, (self.me, self.count))
        return self.known

    send = local


class Packed(Vector):
    """All in one large number."""

    def local(self):
        super().local()
        return sum(number * 1000**place for place, number in enumerate(self.known))

    send = local

    def receive(self, stamp):
        other = [stamp // 1000**place % 1000 for place in range(len(self.known))]
        self.known = [max(pair) for pair in zip(self.known, other, strict=True)]
        return self.local()


class Together(Vector):
    """One list for all."""

    everybody = {}  # noqa: RUF012

    def local(self):
        self.everybody[self.me] = self.everybody.get(self.me, 0) + 1
        return tuple(self.everybody.get(place, 0) for place in range(len(self.known)))

    send = local

    def receive(self, stamp):
        return self.local()


@pytest.mark.parametrize(("clock", "before"), [(Vector, less), (Sparse, fewer)])
def test_a_vector_clock(clock, before):
    assert judge_vector_clock(clock, before)


@pytest.mark.parametrize(
    ("clock", "before", "words"),
    [
        (Numbers, int.__lt__, ["no chain leads from"]),
        (Vector, tuple.__lt__, ["no chain leads from"]),
        (Vector, lambda one, other: less(one, other) or one == other, ["no chain"]),
        (Vector, lambda one, other: True, ["no chain"]),
        (Vector, lambda one, other: False, ["happened before", "is False"]),
        (Vector, lambda one, other: sum(one) < sum(other), ["no chain leads from"]),
        (Forgets, less, ["happened before", "is False"]),
        (Silent, less, ["happened before", "is False"]),
        (Whole, lambda a, b: {*a} < {*b}, ["holds 'a1'", "names of nodes"]),
        (Pairs, lambda a, b: {*a} < {*b}, ["One number for each node"]),
        (Packed, lambda a, b: a < b, ["holds", "numbers up to"]),
        (Together, less, ["not always the same", "share"]),
        (Vector, 7, ["before is 7"]),
        (Half, less, ["no method send"]),
    ],
)
def test_a_vector_clock_that_is_none(clock, before, words):
    answer = judge_vector_clock(clock, before)
    refused(answer, *words)
    if "chain" in answer.reason or "happened" in answer.reason:
        assert answer.picture is not None
        assert "a1: " in answer.evidence
