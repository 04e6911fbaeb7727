"""The judges of a primary and its replicas: what they accept, and what they refuse,
and why.
"""

import pytest
from exercises.answers import refused

from ftlib.exercises import (
    HowFar,
    SoFar,
    judge_any_one,
    judge_as_far,
    judge_longest_alone,
)
from ftlib.replication import Mode
from ftlib.replication.primary_replica import Replica
from ftlib.services import Redirect, Reply, Request
from ftlib.simulation import Crash, Cut, Heal, Partition, Point, Recover

# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode(1, 3), Mode(2, 3), Mode(2, 3, hears=3)])
def test_a_mode_that_bears_any_one_crash(mode):
    answer = judge_any_one(mode)
    assert answer, answer


def test_no_mode_yet():
    assert judge_any_one(None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (Mode(0, 3), ["waits for an answer for good", "nobody can hear 4"]),
        (Mode(3, 3), ["waits for an answer for good", "3 copies cannot be made"]),
        (Mode(1, 3, hears=4), ["nobody can hear 4"]),
        (Mode(0, 3, hears=3), ["acknowledged write is lost"]),
        (Mode(1, 3, hears=2), ["acknowledged write is lost"]),
        (Mode(2, 3, hears=1), ["acknowledged write is lost"]),
        (Mode(1), ["of 3 nodes", "there are four"]),
        (Mode(2, 4), ["of 5 nodes"]),
        (2, ["hand in a Mode"]),
    ],
)
def test_a_mode_is_refused(mode, words):
    answer = judge_any_one(mode)
    refused(answer, *words)
    if isinstance(mode, Mode) and mode.replicas == 3:
        assert "Crash" in answer.evidence
        assert answer.picture is not None


# 2 ------------------------------------------------------------------------------------

APART = Partition((("r1", "c1", "c4"),))
DIES = Crash("r3", at=Point("r3", "send", "Reply"))
THEN = Heal(at=Point("r3", "crash"))
LOSING = [
    [APART, DIES, THEN],
    [
        APART,
        Crash("r3", at=Point("r3", "send", "Reply"), after=1),
        Recover("r3", at=3.0),
        THEN,
    ],
    [
        APART,
        Heal(at=Point("r3", "send", "Reply")),
        Partition((("r3", "c3"),), at=Point("r3", "send", "Reply", later=0.001)),
    ],
]


@pytest.mark.parametrize("faults", LOSING)
def test_faults_that_lose_with_the_longest_log(faults):
    answer = judge_longest_alone(faults)
    assert answer, answer
    assert "acknowledged write is lost" in answer.reason


@pytest.mark.parametrize("faults", [None, []])
def test_no_faults_yet(faults):
    assert judge_longest_alone(faults).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([Crash("r1", at=0.1)], ["one takeover"]),
        ([APART], ["one takeover"]),
        ([APART, Heal(at=0.5)], ["one takeover"]),
        ([Crash("r3", at=0.1)], ["Nobody takes over"]),
        ([APART, Crash("r3", at=0.5), Heal(at=0.5)], ["latest epoch"]),
        ([Partition((("r1",),)), DIES, THEN], ["stays"]),
        ([*LOSING[0], Crash("r2", at=9.0)], ["never takes effect"]),
        ([Crash("r1", at=0.1), Recover("r1", at=0.2, disk="wiped")], ["disk away"]),
        ([Cut("r1", "r2")] * 7, ["6 are enough"]),
        ("a crash", ["list of faults"]),
        ([Replica], ["something else"]),
    ],
)
def test_faults_are_refused(faults, words):
    refused(judge_longest_alone(faults), *words)


# 3 ------------------------------------------------------------------------------------


class Waits(Replica):
    """Right: it asks, and waits until it has settled as much."""

    MESSAGES = (*Replica.MESSAGES, HowFar, SoFar)

    def __init__(self, *given):
        super().__init__(*given)
        self.reads = {}

    def on_message(self, sender, message):
        match message:
            case Request(client, number, operation) if (
                operation[0] in self.local and self.role != "primary"
            ):
                self.reads[client] = number, operation, None
                self.send(self.holder, HowFar(client, number))
            case HowFar(client, number) if self.role == "primary":
                self.send(sender, SoFar(client, number, self.far()))
            case SoFar(client, number, index):
                if client in self.reads and self.reads[client][0] == number:
                    self.reads[client] = (*self.reads[client][:2], index)
                self.answer_reads()
            case _:
                super().on_message(sender, message)

    def far(self):
        return self.copy.settled

    def settle(self, index):
        super().settle(index)
        self.answer_reads()

    def answer_reads(self):
        for client, (number, operation, index) in list(self.reads.items()):
            if index is not None and self.ready(index):
                del self.reads[client]
                self.send(client, Reply(number, self.copy.store.do(operation)))

    def ready(self, index):
        return index <= self.copy.settled


class WaitsForMore(Waits):
    """Right too: it waits for all that the primary has."""

    def far(self):
        return self.copy.log.last[1]


class AnswersAnyway(Waits):
    def ready(self, index):
        return True


class ForgetsWhoWaits(Waits):
    def settle(self, index):
        Replica.settle(self, index)


class ShowsWhatIsNotSettled(WaitsForMore):
    def ready(self, index):
        if index <= self.copy.log.last[1]:
            self.copy.settle(self, index)
            return True
        return False


class SendsOn(Replica):
    def on_message(self, sender, message):
        match message:
            case Request(_, number, ("get", _)) if self.role != "primary":
                self.send(sender, Redirect(number, self.holder))
            case _:
                super().on_message(sender, message)


class HandsOn(Replica):
    """The primary sends the value where the index was to be."""

    MESSAGES = (*Replica.MESSAGES, HowFar, SoFar)

    def on_message(self, sender, message):
        match message:
            case Request(client, number, ("get", _)) if self.role != "primary":
                self.send(self.holder, HowFar(client, number))
            case HowFar(client, number):
                value = self.copy.store.do(("get", "x"))
                self.send(sender, SoFar(client, number, value))
            case SoFar(client, number, value):
                self.send(client, Reply(number, value))
            case _:
                super().on_message(sender, message)


class ThroughTheLog(Replica):
    def __init__(self, members, mode, local, *more):
        super().__init__(members, mode, (), *more)


class Silent(Replica):
    def on_message(self, sender, message):
        match message:
            case Request(_, _, ("get", _)) if self.role != "primary":
                pass
            case _:
                super().on_message(sender, message)


class Deaf(Replica):
    def on_start(self):
        pass


@pytest.mark.parametrize("kind", [Waits, WaitsForMore])
def test_replicas_that_are_as_far_as_their_primary(kind):
    answer = judge_as_far(kind)
    assert answer, answer


def test_no_replica_yet():
    class Untouched(Replica):
        MESSAGES = (*Replica.MESSAGES, HowFar, SoFar)

    assert judge_as_far(Untouched).verdict == "not attempted"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (AnswersAnyway, ["fresh reads is broken"]),
        (ForgetsWhoWaits, ["answered by"]),
        (ShowsWhatIsNotSettled, ["is broken"]),
        (SendsOn, ["answered by r1 and r1"]),
        (HandsOn, ["r2 returns 'a'", "its own store"]),
        (ThroughTheLog, ["through the log"]),
        (Silent, ["answered by"]),
        (Deaf, ["does not return"]),
        (dict, ["no subclass of Node"]),
        ("Waits", ["hand in a class"]),
    ],
)
def test_replicas_are_refused(kind, words):
    refused(judge_as_far(kind), *words)
