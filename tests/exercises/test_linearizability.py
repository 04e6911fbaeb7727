"""The judges of linearizability: what they accept, and what they refuse, and why."""

import pytest
from exercises.answers import refused

from ftlib.checking import History, Operation
from ftlib.exercises import judge_half_done, judge_only_pending, judge_thrifty
from ftlib.replication.quorum import AtomicClient, RegularClient, Row, Update
from ftlib.replication.quorum_mutants import (
    ReturnsEarly,
    ReturnsFirst,
    SkipsTheWriteBack,
)
from ftlib.simulation import Crash, Lose, Partition, Slow

# 1 ------------------------------------------------------------------------------------


def write(who, value, since, until=None):
    return Operation(who, ("write", value), None, since, until)


def read(who, value, since, until):
    return Operation(who, ("read",), value, since, until)


SEEN = [
    [write("a", 1, 0), read("b", 1, 1, 2)],
    History([write("a", 1, 5), read("b", 0, 1, 6), read("b", 1, 7, 8)]),
    (
        write("a", 5, 0),
        write("b", 6, 1, 2),
        read("c", 6, 3, 4),
        read("c", 5, 5, 6),
    ),
]


@pytest.mark.parametrize("history", SEEN)
def test_only_a_pending_write_explains_it(history):
    answer = judge_only_pending(history)
    assert answer, answer
    assert answer.picture.title.startswith("Linearizable")


@pytest.mark.parametrize("history", [None, []])
def test_no_history_yet(history):
    assert judge_only_pending(history).verdict == "not attempted"


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ([write("a", 1, 0, 3), read("b", 1, 1, 2)], ["0 of its", "pending"]),
        ([write("a", 1, 0), write("b", 2, 0)], ["2 of its", "pending"]),
        ([write("a", 1, 0), read("b", 0, 1, 2)], ["without", "nobody has seen"]),
        ([write("a", 1, 0)], ["nobody has seen"]),
        ([write("a", 0, 0), read("b", 0, 1, 2)], ["nobody has seen"]),
        ([write("a", 1, 3), read("b", 1, 1, 2)], ["is not linearizable"]),
        (
            [write("a", 1, 0), read("b", 1, 1, 2), read("b", 0, 3, 4)],
            ["is not linearizable"],
        ),
        ([write("a", 1, 0, 1), read("b", 1, 2, None)], ["read, which changes"]),
        (
            [write("a", 1, 0), *(read("b", 1, t, t) for t in range(1, 5))],
            ["5 operations"],
        ),
        ([("write", 1)], ["give Operation"]),
        ("write 1", ["list of operations"]),
        ([Operation("a", ("put", "x", 1), None, 0, None)], ["put"]),
    ],
)
def test_a_history_is_refused(history, words):
    refused(judge_only_pending(history), *words)


# 2 ------------------------------------------------------------------------------------


def unreached(*nodes):
    return [Lose("Update", sender="c1", receiver=node) for node in nodes]


def unheard(*nodes, nth=3):
    return [Lose("Query", sender="c2", receiver=node, nth=nth) for node in nodes]


HALF = [
    [*unreached("n2", "n3", "n4", "n5"), *unheard("n1")],
    [*unreached("n3", "n4", "n5"), *unheard("n1", "n2")],
    [*unreached("n2", "n3", "n4", "n5"), Slow(("n1", "c2"), by=0.1, at=0.045)],
]


@pytest.mark.parametrize("faults", HALF)
def test_a_half_done_write(faults):
    answer = judge_half_done(faults)
    assert answer, answer
    assert answer.picture.title.startswith("Not linearizable")


@pytest.mark.parametrize("faults", [None, []])
def test_no_faults_yet(faults):
    assert judge_half_done(faults).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        (unreached("n2", "n3", "n4", "n5"), ["is linearizable"]),
        (unheard("n1"), ["is linearizable"]),
        ([*HALF[0][:-1], *unheard("n1", nth=2)], ["is linearizable"]),
        ([*unreached("n3", "n4", "n5"), *unheard("n1")], ["is linearizable"]),
        ([*HALF[0][:-1], Crash("n1", at=0.04)], ["neither Lose nor Slow"]),
        ([Partition([["n1", "c1"]])], ["neither Lose nor Slow"]),
        ([*HALF[0], *unheard("n1", nth=4)], ["never takes effect"]),
        ([*HALF[0], *unheard("n2", "n4")], ["7 faults"]),
        ([Slow(("c2", "n1"), by=0.005)], ["is linearizable"]),
        ([Slow((node, "c1"), by=9.0) for node in ("n1", "n2", "n3")], ["not returned"]),
        (["Lose"], ["my_faults holds"]),
        ("Lose", ["list of faults"]),
    ],
)
def test_faults_are_refused(faults, words):
    refused(judge_half_done(faults), *words)


# 3 ------------------------------------------------------------------------------------


class Counts(AtomicClient):
    def get(self, row):
        have = [each for each in self.answers.values() if each.version == row.version]
        if len(have) >= self.write:
            self.finish(row)
        else:
            super().get(row)


class CountsByHand(RegularClient):
    def get(self, row):
        have = 0
        for each in self.answers.values():
            have += each.version >= row.version
        if have < self.write:
            self.ask(Update(self.number, self.operation[1], row))
            return
        self.finish(row)


class WhatEnoughHave(AtomicClient):
    """Returns what W nodes have, though one of them has a newer version: its write has
    not returned, and no read has returned it.
    """

    def get(self, row):
        rows = list(self.answers.values())
        for each in rows:
            if rows.count(each) >= self.write:
                self.finish(each)
                return
        super().get(row)


class Remembers(AtomicClient):
    """Need not write back again what it has written back itself."""

    safe = None

    def get(self, row):
        have = list(self.answers.values()).count(row)
        known = have >= self.write or row.version == self.safe
        self.safe = row.version
        if known:
            self.finish(row)
        else:
            super().get(row)


@pytest.mark.parametrize("thrifty", [Counts, CountsByHand, WhatEnoughHave, Remembers])
def test_a_thrifty_client(thrifty):
    answer = judge_thrifty(thrifty)
    assert answer, answer


class Nothing(AtomicClient):
    """No difference yet."""


def test_no_client_yet():
    for given in (None, AtomicClient, Nothing):
        assert judge_thrifty(given).verdict == "not attempted"


class AllAgree(AtomicClient):
    """Enough where R is not less than W, and no more than that."""

    def get(self, row):
        if len({each.version for each in self.answers.values()}) == 1:
            self.finish(row)
        else:
            super().get(row)


class AMajorityAgrees(AtomicClient):
    def get(self, row):
        versions = [each.version for each in self.answers.values()]
        if 2 * versions.count(row.version) > len(versions):
            self.finish(row)
        else:
            super().get(row)


class ComparesValues(AtomicClient):
    def get(self, row):
        values = [each.value for each in self.answers.values()]
        if values.count(row.value) >= self.write:
            self.finish(row)
        else:
            super().get(row)


class OneTooFew(AtomicClient):
    def get(self, row):
        versions = [each.version for each in self.answers.values()]
        if versions.count(row.version) >= self.write - 1:
            self.finish(row)
        else:
            super().get(row)


class TwoAreEnough(AtomicClient):
    """Takes W for 2, however large it is."""

    def get(self, row):
        if list(self.answers.values()).count(row) >= 2:
            self.finish(row)
        else:
            super().get(row)


class ComparesCounters(AtomicClient):
    """Takes two versions of two writers for one."""

    def get(self, row):
        counters = [each.version.counter for each in self.answers.values()]
        if counters.count(row.version.counter) >= self.write:
            self.finish(row)
        else:
            super().get(row)


class NeverReturns(AtomicClient):
    def get(self, row):
        if all(each == row for each in self.answers.values()):
            self.finish(row)


class AlwaysWritesBack(AtomicClient):
    def get(self, row):
        super().get(Row(row.version, row.value))


@pytest.mark.parametrize(
    ("thrifty", "words"),
    [
        (SkipsTheWriteBack, ["not linearizable"]),
        (ReturnsFirst, ["writes back, though"]),
        (AlwaysWritesBack, ["writes back, though", "W is 2"]),
        (AllAgree, ["writes back, though 2"]),
        (AMajorityAgrees, ["not linearizable"]),
        (ComparesValues, ["not linearizable"]),
        (OneTooFew, ["not linearizable"]),
        (TwoAreEnough, ["not linearizable"]),
        (ComparesCounters, ["not linearizable"]),
        (NeverReturns, ["has not returned"]),
        (ReturnsEarly, ["writes back, though"]),
        (Update, ["no subclass of Node"]),
        (3, ["hand in a class"]),
    ],
)
def test_a_client_is_refused(thrifty, words):
    refused(judge_thrifty(thrifty), *words)
