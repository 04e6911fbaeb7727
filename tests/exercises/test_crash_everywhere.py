"""The judges of crashing everywhere: what they accept, what they refuse, and why."""

import pytest
from exercises.answers import refused

from ftlib.exercises import (
    ForcesLater,
    judge_blocked,
    judge_fewest_faults,
    judge_group_commit,
)
from ftlib.simulation import (
    Cluster,
    Crash,
    Lose,
    Partition,
    Point,
    Recover,
    Slow,
    judge,
)
from ftlib.transactions.atomic_commit import ABORT, COMMIT, Decided, agreement
from ftlib.transactions.bank import bank
from ftlib.transactions.messages import Inquiry
from ftlib.transactions.mutants import CommitsInDoubt
from ftlib.transactions.two_phase import Coordinator, Participant

TOLD_ONE = Point("coordinator", "send", "Decision")


# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        [Crash("coordinator", at=TOLD_ONE)],
        (Crash("coordinator", at=Point("coordinator", "force", nth=2), after=2),),
        [Crash("coordinator", at=Point("coordinator", "deliver", "Vote", 2), after=5)],
    ],
)
def test_one_is_blocked(faults):
    answer = judge_blocked(faults)
    assert answer, answer
    assert answer.picture.steps > 3
    assert "p2 waits" in answer.reason


@pytest.mark.parametrize("judging", [judge_blocked, judge_fewest_faults])
@pytest.mark.parametrize("untouched", [[], None])
def test_no_faults_yet(judging, untouched):
    assert judging(untouched).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        ([Crash("coordinator", at=0)], "nobody has voted"),
        ([Crash("coordinator", at=0.015)], "both participants wait"),
        ([Crash("coordinator", at=Point("coordinator", "force", nth=2))], "both"),
        ([Crash("coordinator", at=TOLD_ONE, after=1)], "both have heard"),
        ([Crash("p1", at=0.015)], "no crash of the coordinator"),
        ([Crash("coordinator", at=TOLD_ONE), Crash("p1", at=0.03)], "nothing else"),
        ([Crash("coordinator", at=0.015), Lose("Vote")], "nothing else"),
        ([Crash("coordinator", at=TOLD_ONE), Recover("coordinator", at=9)], "nothing"),
        ([Crash("coordinator", at=TOLD_ONE)] * 2, "one is asked"),
        ([Crash("coordinator", at=50)], "never takes effect"),
        ("the coordinator", "a list of faults"),
        ([None], "something else"),
    ],
)
def test_not_one_is_blocked(faults, word):
    refused(judge_blocked(faults), word)


# 2 ------------------------------------------------------------------------------------

NO_VOTE = Lose("Vote", sender="p2")
UNHEARD = Lose("Decision", receiver="p1")


@pytest.mark.parametrize(
    "faults",
    [
        [NO_VOTE, UNHEARD],
        [Crash("p2", at=0.005), UNHEARD],
        [Lose("Prepare", receiver="p1"), Lose("Decision", receiver="p2")],
    ],
)
def test_two_faults_break_agreement(faults):
    answer = judge_fewest_faults(faults)
    assert answer, answer
    assert "decided abort" in answer.reason


def one_fault():
    """Every loss of one message, and every crash of one node after an effect."""
    calm = Cluster(bank(participant=CommitsInDoubt)).run(until=10)
    kinds = {type(event.what).__name__ for event in calm.where(kind="send")}
    for kind in sorted(kinds):
        for nth in range(1, 5):
            yield Lose(kind, nth=nth)
    for node in ("coordinator", "p1", "p2"):
        for effects in range(20):
            yield Crash(node, at=0, after=effects)


def test_one_fault_does_not():
    for fault in one_fault():
        nodes = bank(participant=CommitsInDoubt)
        trace = Cluster(nodes, faults=[fault]).run(until=10)
        assert judge(trace, [agreement])[0], fault


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        ([NO_VOTE], "Everybody aborts"),
        ([UNHEARD], "Nobody aborts"),
        ([NO_VOTE, UNHEARD, Lose("Prepare", receiver="p2")], "takes effect"),
        ([NO_VOTE, UNHEARD, Lose("Inquiry")], "takes effect"),
        ([NO_VOTE, UNHEARD, Crash("p2", at=3)], "breaks without Crash"),
        (
            [
                Crash("p2", at=Point("p2", "send", "Vote")),
                Recover("p2", at=Point("p2", "crash", later=0.1)),
                NO_VOTE,
                UNHEARD,
            ],
            "fewer faults",
        ),
        ([Partition([["coordinator"], ["p1", "p2"]], at=0.015)], "another kind"),
        ([Slow("p2", by=1)], "another kind"),
        ([Lose("Vote", nth=None), UNHEARD], "loses many"),
        (
            [Crash("p1", at=0.015), Recover("p1", at=1, disk="wiped")],
            "takes a disk away",
        ),
        ({"Lose": "Vote"}, "a list of faults"),
    ],
)
def test_these_are_not_the_fewest(faults, word):
    refused(judge_fewest_faults(faults), word)


# 3 ------------------------------------------------------------------------------------


class Waits(ForcesLater):
    """Keeps the votes until the force, so that whoever asks is told to ask again."""

    def on_start(self):
        self.ready = []
        super().on_start()

    def decide(self, txn, outcome):
        if outcome == ABORT:
            super().decide(txn, outcome)
        elif txn not in self.ready:
            self.cancel_timer(f"votes {txn}")
            if not self.ready:
                self.set_timer("force", 0.02)
            self.ready.append(txn)

    def on_timer(self, name):
        if name == "force":
            self.force()
        else:
            super().on_timer(name)

    def force(self):
        for txn in self.ready:
            self.disk.write(f"commit {txn}", self.transactions[txn].participants)
        self.disk.force()
        for txn in self.ready:
            del self.votes[txn]
            self.tell(txn)
        self.ready = []

    def tell(self, txn):
        self.record(Decided(txn, COMMIT))
        self.announce(txn, COMMIT, list(self.transactions[txn].participants))


class Writes(ForcesLater):
    """Writes at once and answers no question until the force."""

    def on_start(self):
        self.unforced = {}
        super().on_start()

    def decide(self, txn, outcome):
        if outcome == COMMIT:
            del self.votes[txn]
            self.cancel_timer(f"votes {txn}")
            self.unforced[txn] = self.transactions[txn].participants
            self.disk.write(f"commit {txn}", self.unforced[txn])
            self.set_timer("force", 0.02)
        else:
            super().decide(txn, outcome)

    def on_message(self, sender, message):
        if not (isinstance(message, Inquiry) and message.txn in self.unforced):
            super().on_message(sender, message)

    def on_timer(self, name):
        super().on_timer(name)
        if name == "force":
            for txn, participants in self.unforced.items():
                self.record(Decided(txn, COMMIT))
                self.announce(txn, COMMIT, list(participants))
            self.unforced = {}


@pytest.mark.parametrize("coordinator", [Waits, Writes])
def test_a_group_commits(coordinator):
    answer = judge_group_commit(coordinator)
    assert answer, answer
    assert "1 force" in answer.reason


def test_the_class_is_untouched():
    class MyCoordinator(ForcesLater):
        """Mine."""

    assert judge_group_commit(MyCoordinator).verdict == "not attempted"


class AsItWas(ForcesLater):
    def on_timer(self, name):
        super().on_timer(name)


class ForEach(ForcesLater):
    """The library's way: right, and a force for every commit."""

    def decide(self, txn, outcome):
        Coordinator.decide(self, txn, outcome)


class Answers(Waits):
    """Tells nobody too early, but whoever asks."""

    def decide(self, txn, outcome):
        if outcome == COMMIT:
            del self.votes[txn]
            self.cancel_timer(f"votes {txn}")
            self.disk.write(f"commit {txn}", self.transactions[txn].participants)
            self.ready.append(txn)
            self.set_timer("force", 0.02)
        else:
            super().decide(txn, outcome)

    def force(self):
        self.disk.force()
        for txn in self.ready:
            self.tell(txn)
        self.ready = []


class Presumes(Waits):
    """Forgets the votes at once, so that whoever asks is told to abort."""

    def decide(self, txn, outcome):
        super().decide(txn, outcome)
        self.votes.pop(txn, None)

    def force(self):
        self.votes = {txn: {} for txn in self.ready} | self.votes
        super().force()


class ForcesLast(Waits):
    def force(self):
        ready = self.ready
        for txn in ready:
            del self.votes[txn]
            self.tell(txn)
            self.disk.write(f"commit {txn}", self.transactions[txn].participants)
        self.disk.force()
        self.ready = []


class NeverForces(Waits):
    def force(self):
        for txn in self.ready:
            del self.votes[txn]
            self.disk.write(f"commit {txn}", self.transactions[txn].participants)
            self.tell(txn)
        self.ready = []


class Late(Waits):
    def decide(self, txn, outcome):
        super().decide(txn, outcome)
        if self.ready:
            self.set_timer("force", 0.2)


class TicksOn(Waits):
    def force(self):
        super().force()
        self.set_timer("force", 0.02)


class Aborts(Waits):
    def decide(self, txn, outcome):
        super().decide(txn, ABORT)


class OnlyTheFirst(Waits):
    def force(self):
        self.ready = self.ready[:1]
        super().force()


class NoRecovery(Waits):
    def recover(self):
        pass


class Tells(Waits):
    """Tells once, and does not wait for acknowledgements."""

    def tell(self, txn):
        super().tell(txn)
        del self.owing[txn]
        self.cancel_timer(f"resend {txn}")


class KeepsNoList(Waits):
    def on_start(self):
        ForcesLater.on_start(self)


class TellsNoAbort(Waits):
    def decide(self, txn, outcome):
        if outcome == ABORT:
            del self.votes[txn]
            self.cancel_timer(f"votes {txn}")
            self.record(Decided(txn, ABORT))
        else:
            super().decide(txn, outcome)


@pytest.mark.parametrize(
    ("coordinator", "words"),
    [
        (AsItWas, ["agreement is broken"]),
        (ForEach, ["forces 4 times"]),
        (Coordinator, ["forces 4 times"]),
        (Answers, ["agreement is broken"]),
        (Presumes, ["agreement is broken"]),
        (ForcesLast, ["agreement is broken"]),
        (NeverForces, ["agreement is broken"]),
        (Late, ["60 ms are enough"]),
        (TicksOn, ["forces", "times"]),
        (Aborts, ["does not commit t1"]),
        (OnlyTheFirst, ["does not commit t2"]),
        (NoRecovery, ["never forgets"]),
        (Tells, ["never forgets"]),
        (KeepsNoList, ["AttributeError", "ready"]),
        (TellsNoAbort, ["p1 is not told"]),
        (Participant, []),
        (None, ["hand in a class"]),
        (dict, ["no subclass of Node"]),
    ],
)
def test_a_coordinator_is_refused(coordinator, words):
    refused(judge_group_commit(coordinator), *words)


def test_the_counterexample_can_be_gone_through():
    answer = judge_group_commit(Answers)
    assert answer.picture.steps > 5
    assert "Crash" in answer.evidence
    assert 'type="range"' in answer._repr_html_()
