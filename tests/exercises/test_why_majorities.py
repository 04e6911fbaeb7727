"""The judges of majorities: what they accept, and what they refuse, and why."""

from itertools import combinations

import pytest
from exercises.answers import refused

from ftlib.exercises import (
    Does,
    Order,
    Says,
    judge_drift,
    judge_lieutenants,
    judge_quorums,
)
from ftlib.simulation import Node

# 1 ------------------------------------------------------------------------------------

FIVE = ["s1", "s2", "s3", "s4", "s5"]
FANO = ["124", "235", "346", "457", "156", "267", "137"]
LINES = [[f"s{digit}" for digit in each] for each in FANO]


@pytest.mark.parametrize(
    "quorums", [list(combinations(FIVE, 3)), LINES, (set(each) for each in LINES)]
)
def test_quorums_smaller_than_a_majority(quorums):
    answer = judge_quorums(quorums)
    assert answer, answer


@pytest.mark.parametrize("quorums", [None, []])
def test_no_quorums_yet(quorums):
    assert judge_quorums(quorums).verdict == "not attempted"


ALL = [f"s{n}" for n in range(1, 8)]


@pytest.mark.parametrize(
    ("quorums", "words"),
    [
        (list(combinations(ALL, 3)), ["no server in common"]),
        ([["s1", "s2", "s3"], ["s4", "s5", "s6"]], ["no server in common"]),
        ([["s1", "s2", "s3"]], ["s1 and s2 are down"]),
        ([["s1", *each] for each in combinations(ALL[1:], 2)], ["s1 and s2 are down"]),
        (LINES[:3], ["are down, no quorum is whole"]),
        (list(combinations(ALL, 4)), ["has 4 servers"]),
        (list(combinations(FIVE[:3], 2)), ["has 2 servers"]),
        ([["s1", "s1", "s2"]], ["has 2 servers"]),
        ([["s1", "s2", "s9"]], ["'s9' is none of"]),
        (["s1"], ["no group"]),
        ("s1", ["list of groups"]),
        (7, ["list of groups"]),
    ],
)
def test_quorums_are_refused(quorums, words):
    refused(judge_quorums(quorums), *words)


# 2 ------------------------------------------------------------------------------------


def by_hand(lease, drift):
    true = lease / (1 + drift)
    return true * (1 - drift)


@pytest.mark.parametrize(
    "tenure", [by_hand, lambda lease, drift: lease * (1 - 2 * drift / (1 + drift))]
)
def test_a_tenure_that_is_safe_and_no_shorter_than_it_must(tenure):
    answer = judge_drift(tenure)
    assert answer, answer


@pytest.mark.parametrize("tenure", [None, lambda lease, drift: None])
def test_no_tenure_yet(tenure):
    assert judge_drift(tenure).verdict == "not attempted"


SEEN = {(10, 0): 10, (10, 0.01): 9.8, (0.6, 0.1): 0.4909, (60, 0.25): 36}


def by_table(lease, drift):
    """Has learnt from the judge what it asks for."""
    return SEEN.get((lease, drift), lease / 3)


def endless(lease, drift):
    while True:
        pass


@pytest.mark.parametrize(
    ("tenure", "words"),
    [
        (lambda lease, drift: lease, ["tenure(10, 0.01) is 10 s", "slow"]),
        (lambda lease, drift: lease * (1 - drift), ["slow"]),
        (lambda lease, drift: lease / (1 + drift), ["slow"]),
        (lambda lease, drift: lease * (1 - 2 * drift), ["too early"]),
        (lambda lease, drift: lease / 2, ["too early"]),
        (lambda lease, drift: lease * (1 - drift) ** 2, ["too early"]),
        (lambda lease, drift: 0, ["too early"]),
        (lambda lease, drift: -1, ["return seconds"]),
        (lambda lease, drift: "1", ["return seconds"]),
        (lambda lease, drift: 1 / 0, ["ZeroDivisionError"]),
        (by_table, ["tenure(0.3, 0.002) is 0.1 s", "too early"]),
        (endless, ["does not end"]),
        (0.5, ["hand in a function"]),
    ],
)
def test_a_tenure_is_refused(tenure, words):
    refused(judge_drift(tenure), *words)


# 3 ------------------------------------------------------------------------------------


class Tells(Node):
    """Tells the others on a timer, and counts on another."""

    def __init__(self, names):
        self.names, self.order, self.said = names, "retreat", {}
        self.ordered = False

    def on_start(self):
        self.set_timer("tell", 0.05)
        self.set_timer("do", 0.2)

    def on_message(self, sender, message):
        match message:
            case Order(what) if not self.ordered:
                self.order, self.ordered = what, True
            case Says(what):
                self.said.setdefault(sender, what)

    def on_timer(self, name):
        if name == "tell":
            for each in self.names:
                if each != self.id:
                    self.send(each, Says(self.order))
        else:
            self.record(Does(self.choice()))

    def choice(self):
        others = [self.said.get(each, "retreat") for each in self.names]
        votes = [
            self.order if each == self.id else said
            for each, said in zip(self.names, others, strict=True)
        ]
        return max(("retreat", "attack"), key=votes.count)


class AtOnce(Node):
    """Tells the others as soon as it is told, and takes silence for its own order."""

    def __init__(self, names):
        self.others, self.votes = names, {}

    def on_start(self):
        self.set_timer("late", 0.1)
        self.set_timer("do", 0.3)

    def hears(self, what):
        if self.id not in self.votes:
            self.votes[self.id] = what
            for each in self.others:
                if each != self.id:
                    self.send(each, Says(what))

    def on_message(self, sender, message):
        if sender == "commander":
            self.hears(message.what)
        elif sender not in self.votes:
            self.votes[sender] = message.what

    def on_timer(self, name):
        if name == "late":
            self.hears("retreat")
            return
        own = self.votes[self.id]
        said = [self.votes.get(each, own) for each in self.others]
        self.record(Does("attack" if said.count("attack") > 1 else "retreat"))


@pytest.mark.parametrize("lieutenant", [Tells, AtOnce])
def test_lieutenants_that_agree(lieutenant):
    answer = judge_lieutenants(lieutenant)
    assert answer, answer


class Empty(Node):
    def __init__(self, names):
        self.names = names


@pytest.mark.parametrize("lieutenant", [None, Empty])
def test_no_lieutenant_yet(lieutenant):
    assert judge_lieutenants(lieutenant).verdict == "not attempted"


class Obeys(Empty):
    def on_message(self, sender, message):
        self.record(Does(message.what))


class ObeysTheFirst(Tells):
    def choice(self):
        return self.order


class AlwaysRetreats(Tells):
    def choice(self):
        return "retreat"


class LeavesItselfOut(Tells):
    def choice(self):
        votes = list(self.said.values())
        return max(("retreat", "attack"), key=votes.count)


class TakesTheLast(Tells):
    """Tells what it was told first, and counts what it was told last."""

    last = None

    def on_message(self, sender, message):
        super().on_message(sender, message)
        if isinstance(message, Order):
            self.last = message.what

    def choice(self):
        self.order = self.last or "retreat"
        return super().choice()


class WaitsForAll(Tells):
    def on_timer(self, name):
        if name == "tell" or len(self.said) == 2:
            super().on_timer(name)


class OneIsEnough(Tells):
    def choice(self):
        votes = [self.order, *self.said.values()]
        return "attack" if "attack" in votes else "retreat"


class KnowsByTheTime(OneIsEnough):
    """Does not listen while nobody but a liar speaks."""

    listens = False

    def on_start(self):
        super().on_start()
        self.set_timer("listen", 0.04)

    def on_message(self, sender, message):
        if self.listens or sender == "commander":
            super().on_message(sender, message)

    def on_timer(self, name):
        if name == "listen":
            self.listens = True
        else:
            super().on_timer(name)


class AllMustAgree(Tells):
    def choice(self):
        votes = {self.order, *self.said.values()}
        return "attack" if votes == {"attack"} else "retreat"


class Hesitates(Tells):
    def choice(self):
        return "perhaps"


@pytest.mark.parametrize(
    ("lieutenant", "words"),
    [
        (Obeys, ["b does 2 things", "a lies"]),
        (ObeysTheFirst, ["c does retreat", "The commander lies"]),
        (AlwaysRetreats, ["in vain", "Nobody lies"]),
        (LeavesItselfOut, ["a lies"]),
        (TakesTheLast, ["The commander lies"]),
        (WaitsForAll, ["does nothing", "a lies"]),
        (OneIsEnough, ["lies"]),
        (KnowsByTheTime, ["lies"]),
        (AllMustAgree, ["c does retreat", "a lies"]),
        (Hesitates, ["neither attack nor retreat"]),
        (Says, ["no subclass of Node"]),
        (3, ["hand in a class"]),
    ],
)
def test_lieutenants_are_refused(lieutenant, words):
    refused(judge_lieutenants(lieutenant), *words)
