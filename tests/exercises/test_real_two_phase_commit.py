"""The judges of two-phase commit between real servers: what they accept, what they
refuse, and why.
"""

import pytest
from exercises.answers import refused

from ftlib.exercises import (
    Doubtful,
    Passive,
    WhoIsInDoubt,
    judge_harm,
    judge_recovery,
    judge_sweeps,
)
from ftlib.transactions import ABORT, COMMIT, Coordinator, Decision

BETWEEN, BOTH, FORCE = (
    "between the prepares",
    "after both prepares",
    "after the log's force",
)

# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "points",
    [
        {"commit": [BETWEEN, BOTH], "abort": [FORCE]},
        {"abort": (FORCE,), "commit": {BOTH, BETWEEN}},
    ],
)
def test_where_it_harms(points):
    assert judge_harm(points), judge_harm(points)


def test_no_points_yet():
    assert judge_harm({"commit": None, "abort": None}).verdict == "not attempted"


EVERYWHERE = [
    "before the first prepare",
    BETWEEN,
    BOTH,
    FORCE,
    "between the commits",
    "before the log's end",
]


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ({"commit": [], "abort": []}, ["between the prepares", "does harm"]),
        ({"commit": [BOTH], "abort": [FORCE]}, ["between the prepares", "does harm"]),
        ({"commit": [BETWEEN, BOTH], "abort": []}, ["log's force", "does harm"]),
        ({"commit": [FORCE], "abort": [BETWEEN, BOTH]}, ["does harm"]),
        ({"commit": EVERYWHERE, "abort": [FORCE]}, ["not in doubt"]),
        (
            {"commit": [BETWEEN, BOTH, FORCE], "abort": [FORCE]},
            ["what recovery would have done"],
        ),
        (
            {"commit": [BETWEEN, BOTH], "abort": [FORCE, "between the commits"]},
            ["not in doubt"],
        ),
        (
            {"commit": [BETWEEN, BOTH], "abort": [BOTH, FORCE]},
            ["what recovery would have done"],
        ),
        ({"commit": ["at noon"], "abort": []}, ["is no point"]),
        ({"commit": BOTH, "abort": []}, ["give a list"]),
        ([BOTH], ["give lists"]),
    ],
)
def test_where_it_does_not(points, words):
    refused(judge_harm(points), *words)


# 2 ------------------------------------------------------------------------------------


def right(log, gid, found):
    outcome = COMMIT if ("commit", gid) in log else ABORT
    ends = {"made": COMMIT, "nothing": ABORT}
    told = {name: outcome for name, state in found.items() if state == "prepared"}
    strays = {name: "heuristic" for name, s in found.items() if s in ends}
    return told | {
        name: s for name, s in strays.items() if ends[found[name]] != outcome
    }


def loops(log, gid, found):
    committed = any(kind == "commit" and what == gid for kind, what in log)
    answer = {}
    for name, state in found.items():
        if state == "prepared":
            answer[name] = "commit" if committed else "abort"
        if state == ("nothing" if committed else "made"):
            answer[name] = "heuristic"
    return answer


@pytest.mark.parametrize("function", [right, loops])
def test_recovery_does_what_is_due(function):
    answer = judge_recovery(function)
    assert answer, answer
    assert "110 logs" in answer.reason


@pytest.mark.parametrize("given", [None, lambda log, gid, found: None])
def test_no_recovery_yet(given):
    assert judge_recovery(given).verdict == "not attempted"


def variant(change):
    return lambda log, gid, found: change(right(log, gid, found), log, gid, found)


def presumes_commit(answer, log, gid, found):
    return {n: "commit" if end == "abort" else end for n, end in answer.items()}


def takes_it_for_done(answer, log, gid, found):
    return {n: end for n, end in answer.items() if end != "heuristic"}


def aborts_all(answer, log, gid, found):
    return {n: "abort" if end == "commit" else end for n, end in answer.items()}


def tells_all(answer, log, gid, found):
    return dict.fromkeys(found, right(log, gid, {"p": "prepared"})["p"]) | answer


def only_what_is_logged(answer, log, gid, found):
    return answer if ("commit", gid) in log else {}


def by_the_others(answer, log, gid, found):
    """Commits if another participant has."""
    if "made" in found.values():
        return {n: "commit" for n, s in found.items() if s == "prepared"}
    return answer


def by_the_beginning(answer, log, gid, found):
    told = any(str(what).startswith(gid) for kind, what in log if kind == "commit")
    return right([("commit", gid)] if told else [], gid, found)


def misses_commits_by_hand(answer, log, gid, found):
    return {n: end for n, end in answer.items() if found[n] != "made"}


def says_none(answer, log, gid, found):
    return dict.fromkeys(found) | answer


def repeats(answer, log, gid, found):
    return found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (presumes_commit, ["no commit is presumed"]),
        (takes_it_for_done, ["somebody has decided by hand"]),
        (aborts_all, ["must be told to commit"]),
        (tells_all, ["nothing to do"]),
        (only_what_is_logged, ["must be told to abort"]),
        (by_the_others, ["somebody"]),
        (by_the_beginning, ["the log says nothing of it"]),
        (misses_commits_by_hand, ["'made'", "leaves p", "by hand"]),
        (lambda *_: ["p1"], ["a dict"]),
        (lambda answer, *_: answer | {"p9": "commit"}, ["'p9'", "no participant"]),
        (lambda *given: {given[2]: "abort"}, ["'bank/1/t1'", "no participant"]),
        (says_none, ["for p1 it has None", "leave out"]),
        (repeats, ["for p1 it has 'nothing'", "commit, abort, heuristic"]),
    ],
)
def test_recovery_does_not(change, words):
    refused(judge_recovery(variant(change)), *words)


def test_no_function():
    refused(judge_recovery(7), "hand in a function")


# 3 ------------------------------------------------------------------------------------


class Sweeps(Coordinator):
    MESSAGES = (*Coordinator.MESSAGES, WhoIsInDoubt, Doubtful)
    often = 0.5

    def on_start(self):
        super().on_start()
        self.sweep()

    def everybody(self):
        asked = [txn.participants for txn in self.transactions.values()]
        return sorted({name for names in asked for name in names})

    def sweep(self):
        for name in self.everybody():
            self.send(name, WhoIsInDoubt())
        self.set_timer("sweep", self.often)

    def on_timer(self, name):
        if name == "sweep":
            self.sweep()
        else:
            super().on_timer(name)

    def on_message(self, sender, message):
        match message:
            case Doubtful(txns):
                for txn in txns:
                    self.found(sender, txn)
            case _:
                super().on_message(sender, message)

    def found(self, sender, txn):
        if txn not in self.votes:
            self.send(sender, Decision(txn, self.outcome(txn)))


class OneAfterTheOther(Sweeps):
    """Asks one participant at a time, and all of them twice a second."""

    often, turn = 0.15, 0

    def sweep(self):
        names = self.everybody()
        self.turn = (self.turn + 1) % len(names)
        self.send(names[self.turn], WhoIsInDoubt())
        self.set_timer("sweep", self.often)


class TenTimes(Sweeps):
    """As often as allowed."""

    often = 0.1


@pytest.mark.parametrize("kind", [Sweeps, OneAfterTheOther, TenTimes])
def test_everybody_learns(kind):
    answer = judge_sweeps(kind)
    assert answer, answer


def test_no_sweep_yet():
    class Nothing(Coordinator):
        MESSAGES = (*Coordinator.MESSAGES, WhoIsInDoubt, Doubtful)

    assert judge_sweeps(Nothing).verdict == "not attempted"


class Once(Sweeps):
    def on_timer(self, name):
        if name != "sweep":
            super().on_timer(name)


class OnlyAtFirst(Sweeps):
    """Looks as long as nothing is on its disk."""

    def on_start(self):
        Coordinator.on_start(self)
        if not self.disk.read("again"):
            self.disk.write("again", True)
            self.disk.force()
            self.sweep()


class AbortsWhatItFinds(Sweeps):
    def found(self, sender, txn):
        self.send(sender, Decision(txn, ABORT))


class DisturbsWhatGoesOn(Sweeps):
    def found(self, sender, txn):
        self.send(sender, Decision(txn, self.outcome(txn)))


class PresumesCommit(Sweeps):
    def outcome(self, txn):
        return COMMIT


class OnlyCommits(Sweeps):
    def found(self, sender, txn):
        if self.outcome(txn) == COMMIT:
            super().found(sender, txn)


class NotEverywhere(Sweeps):
    def everybody(self):
        return ["p1", "p2"]


class Floods(Sweeps):
    often = 0.01


class TooOften(Sweeps):
    often = 0.098


class NeverLooks(Coordinator):
    def on_start(self):
        super().on_start()


class AbortsAll(Sweeps):
    def begin(self, txn):
        super().begin(txn)
        self.decide(txn, ABORT)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Once, ["in doubt about t1 for good"]),
        (OnlyAtFirst, ["in doubt about t1 for good"]),
        (AbortsWhatItFinds, ["agreement is broken"]),
        (DisturbsWhatGoesOn, ["agreement is broken"]),
        (PresumesCommit, ["validity is broken"]),
        (OnlyCommits, ["in doubt about t1 for good"]),
        (NotEverywhere, ["p3 is in doubt about t2"]),
        (Floods, ["100 times a second"]),
        (TooOften, ["10.1 times a second", "10 times are enough"]),
        (NeverLooks, ["p1 is in doubt"]),
        (AbortsAll, ["t1 is not committed"]),
        (Passive, ["no subclass of Coordinator"]),
        (Doubtful, ["no subclass of Node"]),
        (7, ["hand in a class"]),
    ],
)
def test_somebody_does_not(kind, words):
    refused(judge_sweeps(kind), *words)
