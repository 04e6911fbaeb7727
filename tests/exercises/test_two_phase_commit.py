"""The judges of two-phase commit: what they accept, and what they refuse, and why."""

from contextlib import suppress

import pytest
from exercises.answers import refused
from exercises.chapters import definitions

from ftlib.exercises import (
    judge_acknowledged_first,
    judge_forgetting,
    judge_in_doubt,
)
from ftlib.simulation import Cluster, Crash, Lose, Point, Recover, Slow
from ftlib.transactions import bank
from ftlib.transactions.atomic_commit import ABORT, COMMIT, Applied, Decided
from ftlib.transactions.messages import Ack, Decision

CHAPTER = definitions("4_3_1_two_phase_commit")
Coordinator2, Coordinator3 = CHAPTER["Coordinator2"], CHAPTER["Coordinator3"]
Coordinator7, Coordinator8 = CHAPTER["Coordinator7"], CHAPTER["Coordinator8"]
Participant1, Participant5 = CHAPTER["Participant1"], CHAPTER["Participant5"]
Participant8 = CHAPTER["Participant8"]


# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        [Lose("Vote", sender="p2")],
        [Crash("p2", at=0.005)],
        [Lose("Prepare", receiver="p1")],
        (Lose("Decision"),),
        [Crash("p2", at=Point("p2", "deliver", "Prepare")), Recover("p2", at=2)],
    ],
)
def test_somebody_waits(faults):
    answer = judge_in_doubt(faults, Coordinator2, Participant1)
    assert answer, answer
    assert answer.picture.steps > 3


@pytest.mark.parametrize("untouched", [[], None])
def test_no_fault_yet(untouched):
    answer = judge_in_doubt(untouched, Coordinator2, Participant1)
    assert answer.verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        ([Lose("Ack")], "never takes effect"),
        ([Slow(("p2", "coordinator"), by=20)], "if late"),
        ([Crash("coordinator", at=0)], "nobody has voted"),
        ([Lose("Prepare", nth=None)], "nobody has voted"),
        (
            [Crash(each, at=0.012) for each in ("p1", "p2")],
            "wanted is one that is up",
        ),
        ([Lose("Vote", nth=9)], "never takes effect"),
        ([Crash("p3", at=1)], "p3"),
        ([Recover("p1", at=1)], "up"),
        ("Lose('Vote')", "a list of faults"),
        ([Lose], "something else"),
        (Lose("Vote"), "a list of faults"),
    ],
)
def test_nobody_waits(faults, word):
    refused(judge_in_doubt(faults, Coordinator2, Participant1), word)


def test_another_version_does_not_help():
    class Silent(Coordinator2):
        def decide(self, outcome):
            pass

    refused(judge_in_doubt([Lose("Vote")], Silent, Participant1), "without any fault")
    refused(judge_in_doubt([Lose("Vote")], Coordinator3, Participant1), "outcome")


# 2 ------------------------------------------------------------------------------------

BACK = Recover("p1", at=Point("p1", "crash", later=0.2))
TOLD = Crash("p1", at=Point("p1", "send", "Ack"))


@pytest.mark.parametrize(
    "faults",
    [
        [TOLD, BACK],
        [Crash("p2", at=Point("p2", "send", "Ack")), Recover("p2", at=3)],
        [Crash("p1", at=0.03, after=1), BACK],
        [Crash("p1", at=Point("p1", "write", nth=2)), BACK],
    ],
)
def test_agreement_is_broken(faults):
    answer = judge_acknowledged_first(faults)
    assert answer, answer
    assert "decided abort" in answer.reason


def test_nothing_found_yet():
    assert judge_acknowledged_first([]).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        ([Lose("Ack")], "nobody crashes"),
        ([TOLD], "does not come back"),
        ([TOLD, Recover("p1", at=1, disk="wiped")], "takes a disk away"),
        (
            [
                Crash("coordinator", at=Point("coordinator", "send", "Decision")),
                Recover("coordinator", at=1, disk="wiped"),
            ],
            "takes a disk away",
        ),
        (
            [
                Crash("coordinator", at=Point("coordinator", "send", "Decision")),
                Recover("coordinator", at=1),
            ],
            "neither of them crashes",
        ),
        ([Crash("p1", at=0.05), BACK], "was on the disk"),
        ([Crash("p1", at=0.9), BACK], "was on the disk"),
        ([Crash("p1", at=20)], "takes effect"),
        ({"Crash": "p1"}, "a list of faults"),
    ],
)
def test_agreement_holds(faults, word):
    refused(judge_acknowledged_first(faults), word)


# 3 ------------------------------------------------------------------------------------


class Acknowledges(Participant5):
    def finish(self, coordinator, txn, outcome):
        super().finish(coordinator, txn, outcome)
        if outcome == COMMIT:
            self.send(coordinator, Ack(txn))


class Forgets(Coordinator7):
    def on_start(self):
        self.owing = []
        super().on_start()
        if self.disk.read("commit") and not self.disk.read("end"):
            self.owing = list(self.participants)
            self.again()

    def decide(self, outcome):
        if outcome == COMMIT and not self.decided:
            self.owing = list(self.participants)
            self.set_timer("again", 0.5)
        super().decide(outcome)

    def again(self):
        for participant in self.owing:
            self.send(participant, Decision(self.txn, COMMIT))
        self.set_timer("again", 0.5)

    def on_timer(self, name):
        self.again() if name == "again" else super().on_timer(name)

    def on_message(self, sender, message):
        match message:
            case Ack(_):
                self.acknowledged(sender)
            case _:
                super().on_message(sender, message)

    def acknowledged(self, sender):
        self.owing = [each for each in self.owing if each != sender]
        if not self.owing:
            self.cancel_timer("again")
            self.disk.write("end", True)


class Counts(Coordinator7):
    """The same otherwise: it keeps who has acknowledged, sends to all, and forces."""

    def on_start(self):
        self.heard = {}
        super().on_start()
        if self.disk.read("commit") and self.disk.read("end") is None:
            self.set_timer("votes", 0.5)
            for each in self.participants:
                self.send(each, Decision(self.txn, COMMIT))

    def decide(self, outcome):
        super().decide(outcome)
        if self.outcome == COMMIT:
            self.set_timer("votes", 0.5)

    def on_timer(self, name):
        if not self.decided:
            super().on_timer(name)
            return
        for each in self.participants:
            self.send(each, Decision(self.txn, COMMIT))
        self.set_timer("votes", 0.5)

    def on_message(self, sender, message):
        super().on_message(sender, message)
        if isinstance(message, Ack):
            self.heard[sender] = True
            if len(self.heard) == len(self.participants):
                self.cancel_timer("votes")
                self.disk.write("end", "all have it")
                self.disk.force()


owing = []  # a global of the learner's, called as an attribute is


@pytest.mark.parametrize("coordinator", [Forgets, Counts])
def test_a_commit_is_forgotten(coordinator):
    answer = judge_forgetting(coordinator, Acknowledges)
    assert answer, answer


def test_the_classes_are_untouched():
    class MyCoordinator(Coordinator8):
        pass

    class MyParticipant(Participant8):
        """Mine."""

    assert judge_forgetting(MyCoordinator, MyParticipant).verdict == "not attempted"


class NeverAsked(Coordinator7):
    """Writes the end with the decision, and lets nobody acknowledge."""

    def decide(self, outcome):
        super().decide(outcome)
        if outcome == COMMIT:
            self.disk.write("end", True)


class NoResend(Forgets):
    def decide(self, outcome):
        super().decide(outcome)
        self.cancel_timer("again")


class NoRecovery(Forgets):
    def on_start(self):
        self.owing = []
        Coordinator7.on_start(self)


class Remembers(Forgets):
    """Knows nothing after a restart of who owes it what, and so never forgets."""

    def on_start(self):
        self.owing = list(self.participants) * bool(self.disk.read("commit"))
        Coordinator7.on_start(self)


class DeletesFirst(Forgets):
    """Takes the commit off the disk before the end is on it, without a force."""

    def acknowledged(self, sender):
        if self.owing == [sender]:
            self.disk.delete("commit")
        super().acknowledged(sender)


class CountsAcks(Forgets):
    """Counts acknowledgements, and not who has sent them; sends to everybody."""

    def on_start(self):
        self.acks = 0
        super().on_start()

    def acknowledged(self, sender):
        self.acks += 1
        if self.acks == len(self.participants):
            self.owing = [sender]
            super().acknowledged(sender)


class FirstAck(Forgets):
    def acknowledged(self, sender):
        self.owing = []
        super().acknowledged(sender)


class GoesOn(Forgets):
    def acknowledged(self, sender):
        super().acknowledged(sender)
        self.set_timer("again", 0.5)


class Hurries(Forgets):
    def again(self):
        super().again()
        self.set_timer("again", 0.01)


class GivesUp(Forgets):
    """Takes silence for an acknowledgement after the third time."""

    def on_start(self):
        self.times = 0
        super().on_start()

    def again(self):
        self.times += 1
        if self.times > 5:
            self.owing = []
            self.disk.write("end", True)
        else:
            super().again()


class EndsAborts(Forgets):
    def decide(self, outcome):
        super().decide(outcome)
        if outcome == ABORT:
            self.disk.write("end", True)


class AlwaysAborts(Forgets):
    def decide(self, outcome):
        super().decide(ABORT)


class Spies(Forgets):
    def on_timer(self, name):
        if self._world.world.hosts["p1"].disk:
            self.disk.write("end", True)


SHARED = {}


class Shares(Forgets):
    def on_timer(self, name):
        SHARED["p1"] = True


class Raises(Forgets):
    def acknowledged(self, sender):
        self.owing.remove(sender)
        self.owed[sender] = None


class Loops(Forgets):
    def acknowledged(self, sender):
        while True:
            self.owing = []


class Stubborn(Forgets):
    def acknowledged(self, sender):
        while True:
            with suppress(Exception):
                self.owing = []


class Unlisted(Forgets):
    def acknowledged(self, sender):
        self.send("p9", Decision(self.txn, COMMIT))


class Floods(Forgets):
    def on_message(self, sender, message):
        super().on_message(sender, message)
        self.send(self.id, message)
        self.send(self.id, message)


class Grows(Forgets):
    def on_start(self):
        self.all = []
        super().on_start()

    def again(self):
        self.all.append("again")
        for participant in self.participants:
            self.send(participant, Decision(self.txn, COMMIT))
        self.set_timer("again", 0.5)

    def acknowledged(self, sender):
        super().acknowledged(sender)
        self.all.append("ack")


@pytest.mark.parametrize(
    ("coordinator", "words"),
    [
        (NeverAsked, ["not on the disk"]),
        (NoResend, ["nothing is sent again"]),
        (NoRecovery, ["not on the disk"]),
        (Remembers, ["out of reach"]),
        (DeletesFirst, ["out of reach"]),
        (CountsAcks, ["not on the disk"]),
        (FirstAck, ["not on the disk"]),
        (GoesOn, ["goes on sending"]),
        (Hurries, ["half a second"]),
        (GivesUp, ["not on the disk"]),
        (EndsAborts, ["no commit to be forgotten"]),
        (AlwaysAborts, ["no commit as it was before"]),
        (Spies, ["_world"]),
        (Shares, ["SHARED", "share"]),
        (Raises, ["AttributeError", "owed"]),
        (Loops, ["does not end"]),
        (Stubborn, ["does not end"]),
        (Unlisted, ["p9"]),
        (Floods, ["come to an end"]),
        (Participant1, []),
        (Coordinator7, ["has not written 'end'"]),
        (Coordinator8, ["nothing is sent again"]),
        (str, ["no subclass of Node"]),
        (None, ["hand in a class"]),
        (7, ["hand in a class"]),
    ],
)
def test_a_coordinator_is_refused(coordinator, words):
    refused(judge_forgetting(coordinator, Acknowledges), *words)


class Silent(Participant5):
    def on_timer(self, name):
        super().on_timer(name)


class AcksFirst(Participant5):
    def finish(self, coordinator, txn, outcome):
        if outcome == COMMIT:
            self.send(coordinator, Ack(txn))
        super().finish(coordinator, txn, outcome)


class AcksOnce(Participant5):
    def finish(self, coordinator, txn, outcome):
        if outcome == COMMIT and txn in self.promised:
            super().finish(coordinator, txn, outcome)
            self.send(coordinator, Ack(txn))
        else:
            super().finish(coordinator, txn, outcome)


class AcksTwice(Acknowledges):
    def finish(self, coordinator, txn, outcome):
        super().finish(coordinator, txn, outcome)
        if outcome == COMMIT:
            self.send(coordinator, Ack(txn))


class AcksAborts(Participant5):
    def finish(self, coordinator, txn, outcome):
        super().finish(coordinator, txn, outcome)
        self.send(coordinator, Ack(txn))


class NoForce(Acknowledges):
    def settle(self, changes):
        for account, amount in changes:
            self.balances[account] += amount
        state = {"promised": self.promised, "balances": self.balances}
        self.disk.write("state", state)


class OnlyRecords(Participant5):
    """Says what a commit would say, and does nothing."""

    def finish(self, coordinator, txn, outcome):
        self.promised.pop(txn, None)
        self.cancel_timer(f"doubt {txn}")
        self.record(Applied(txn, (("a1", 30),)))
        self.record(Decided(txn, outcome))
        if outcome == COMMIT:
            self.send(coordinator, Ack(txn))


class AcksAtTheVote(Participant5):
    def prepare(self, coordinator, txn, changes):
        super().prepare(coordinator, txn, changes)
        self.send(coordinator, Ack(txn))


@pytest.mark.parametrize(
    ("participant", "words"),
    [
        (Silent, ["p1 commits", "0 times"]),
        (Participant5, ["0 times"]),
        (AcksFirst, ["not on the disk"]),
        (AcksOnce, ["'end' is never written"]),
        (AcksTwice, ["2 times"]),
        (AcksAborts, ["t1 was aborted"]),
        (NoForce, ["not on the disk"]),
        (OnlyRecords, ["the money has not moved"]),
        (AcksAtTheVote, []),
        (object, ["no subclass of Node"]),
    ],
)
def test_a_participant_is_refused(participant, words):
    refused(judge_forgetting(Forgets, participant), *words)


def test_the_counterexample_can_be_gone_through():
    answer = judge_forgetting(Forgets, AcksFirst)
    assert answer.picture.steps > 5
    page = answer._repr_html_()
    assert 'type="range"' in page
    assert 'data-step="' in page
    assert "Deliver" in answer.evidence
    assert repr(answer).startswith("Wrong, because the coordinator writes 'end'")


# The chapter's participant ------------------------------------------------------------


@pytest.mark.parametrize("version", ["Participant4", "Participant8", "Participant11"])
def test_no_crash_tears_what_the_participant_saved(version):
    """Whatever of the unforced writes survives: there is a promise, or p1 has paid."""
    starts = []

    class Woken(CHAPTER[version]):
        def on_start(self):
            super().on_start()
            if "a1" in self.balances:
                starts.append((bool(self.promised), self.balances["a1"]))

    back = Recover("p1", at=Point("p1", "crash", later=0.1))
    told = Point("p1", "deliver", "Decision")
    for after in range(1, 5):
        for keeps in range(after):
            starts.clear()
            crash = Crash("p1", at=told, after=after, keeps=keeps)
            nodes = bank("yy", coordinator=Coordinator8, participant=Woken)
            Cluster(nodes, faults=[crash, back]).run(until=2)
            assert starts[0] == (False, 100)
            assert starts[1] in {(True, 100), (False, 70)}, crash
