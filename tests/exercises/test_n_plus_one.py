"""The judges of N replicas and a primary: what they accept, and what they refuse, and
why.
"""

from dataclasses import dataclass

import pytest
from exercises.answers import refused
from exercises.chapters import definitions

from ftlib.exercises import judge_group, judge_paused, judge_short_vote
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_mutants import PromotesAny
from ftlib.replication.shipping import Append, Refused
from ftlib.simulation import Crash, Lose, Partition, Slow

CHAPTER = definitions("4_1_3_n_plus_one")


# 1 ------------------------------------------------------------------------------------


def test_the_smallest_group():
    assert judge_group(7, 4, 4)
    assert judge_group(nodes=7, vote=4, acknowledge=4)
    assert judge_group(None, None, None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((4, 1, 4), ["3 of 4 nodes are down", "vote"]),
        ((4, 4, 1), ["3 of 4 nodes are down", "acknowledge"]),
        ((4, 1, 1), ["nobody is in both"]),
        ((6, 3, 3), ["nobody is in both"]),
        ((6, 4, 3), ["3 of 6 nodes are down", "acknowledge"]),
        ((7, 4, 3), ["nobody is in both"]),
        ((7, 3, 4), ["nobody is in both"]),
        ((7, 7, 1), ["3 of 7 nodes are down"]),
        ((8, 5, 5), ["8 nodes survive it"]),
        ((9, 5, 5), ["9 nodes survive it"]),
        ((3, 4, 2), ["there are 3 nodes"]),
        (("seven", 4, 4), ["whole number"]),
        ((7.0, 4, 4), ["whole number"]),
        ((7, None, 4), ["my_acknowledge is None"]),
    ],
)
def test_a_group_is_refused(given, words):
    refused(judge_group(*given), *words)


# 2 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        [Slow("r1", by=1.0, at=0.7, until=0.71)],
        [Slow("r1", by=0.1)],
    ],
)
def test_a_pause(faults):
    answer = judge_paused(faults)
    assert answer, answer
    assert "By majority 0" in answer.reason
    assert answer.picture.title.startswith("Lost: ")


@pytest.mark.parametrize("faults", [None, []])
def test_no_pause_yet(faults):
    assert judge_paused(faults).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([Slow("r3", by=0.6)], ["nothing is lost"]),
        ([Slow(("r1", "r2"), by=0.1)], ["nothing is lost"]),
        ([Slow("r1", by=0.2, at=0.7, until=0.71)], ["nothing is lost"]),
        ([Crash("r1", at=0.7)], ["no Slow"]),
        ([Partition([["r1", "c1"]])], ["no Slow"]),
        ([Lose("Append", nth=1)], ["no Slow"]),
        ([Slow("r1", by=1.0, at=9.0)], ["never takes effect"]),
        ([Slow(each, by=0.1) for each in ("r1", "r2", "r3")], ["3 faults"]),
        ("Slow", ["list of faults"]),
        ([0.7], ["my_faults holds"]),
    ],
)
def test_a_pause_is_refused(faults, words):
    refused(judge_paused(faults), *words)


# 3 ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    epoch: int
    last: tuple[int, int]


@dataclass(frozen=True)
class Yes:
    epoch: int


class Compares(Replica):
    """As Raft does."""

    MESSAGES = (*Replica.MESSAGES, Wanted, Yes)

    def take_over(self):
        ahead = (self.members.index(self.id) - self.epoch) % len(self.members)
        self.follow(self.epoch + 1 + ahead)
        self.role = "candidate"
        for other in self.others:
            self.send(other, Wanted(self.epoch, self.copy.log.last))
        self.granted_by(self.id)

    def behind(self, last):
        return last < self.copy.log.last

    def on_message(self, sender, message):
        match message:
            case Wanted(epoch) if epoch < self.epoch:
                self.send(sender, Refused(self.epoch))
            case Wanted(epoch, last):
                self.follow(epoch)
                if not self.behind(last):
                    self.send(sender, Yes(epoch))
            case Yes(epoch) if epoch == self.epoch and self.role == "candidate":
                self.granted_by(sender)
            case _:
                super().on_message(sender, message)


class CountsForItself(Compares):
    """Compares epochs first and lengths second, and counts its votes itself."""

    votes: tuple[str, ...] = ()

    def take_over(self):
        self.votes = (self.id,)
        super().take_over()

    def behind(self, last):
        epoch, index = self.copy.log.last
        return last[0] < epoch or (last[0] == epoch and last[1] < index)

    def granted_by(self, member):
        if member not in self.votes:
            self.votes = (*self.votes, member)
        if 2 * len(self.votes) > len(self.members):
            self.lead()


@pytest.mark.parametrize("member", [Compares, CountsForItself])
def test_a_vote_without_a_log(member):
    answer = judge_short_vote(member)
    assert answer, answer


class Nothing(Replica):
    """No difference yet."""


def test_no_vote_yet():
    for given in (None, Replica, Nothing, CHAPTER["MyReplica"]):
        assert judge_short_vote(given).verdict == "not attempted"


class ComparesNothing(Compares):
    def behind(self, last):
        return False


class ComparesLengths(Compares):
    def behind(self, last):
        return last[1] < self.copy.log.last[1]


class ComparesEpochs(Compares):
    def behind(self, last):
        return last[0] < self.copy.log.last[0]


class WantsMore(Compares):
    def behind(self, last):
        return last <= self.copy.log.last


class CountsOldVotes(Compares):
    def on_message(self, sender, message):
        match message:
            case Yes() if self.role == "candidate":
                self.granted_by(sender)
            case _:
                super().on_message(sender, message)


class PromisesNothing(Compares):
    def on_message(self, sender, message):
        match message:
            case Wanted(epoch, last):
                if not self.behind(last):
                    self.send(sender, Yes(epoch))
            case _:
                super().on_message(sender, message)


class AsksAsBefore(Compares):
    def take_over(self):
        Replica.take_over(self)


@dataclass(frozen=True)
class YesAndLog:
    epoch: int
    entries: tuple


class SendsItAll(Compares):
    MESSAGES = (*Compares.MESSAGES, YesAndLog)

    def on_message(self, sender, message):
        match message:
            case Wanted(epoch) if epoch > self.epoch:
                self.follow(epoch)
                self.send(sender, YesAndLog(epoch, tuple(self.copy.log.entries)))
            case YesAndLog(epoch, entries) if epoch == self.epoch:
                self.adopt(self.copy.log.snapshot, entries)
                if self.role == "candidate":
                    self.granted_by(sender)
            case _:
                super().on_message(sender, message)


@dataclass(frozen=True)
class YesAndRest:
    epoch: int
    rest: tuple


class CallsItTheRest(Compares):
    """Sends its log with the vote, in a field of another name."""

    MESSAGES = (*Compares.MESSAGES, YesAndRest)

    def on_message(self, sender, message):
        match message:
            case Wanted(epoch) if epoch > self.epoch:
                self.follow(epoch)
                self.send(sender, YesAndRest(epoch, tuple(self.copy.log.entries)))
            case YesAndRest(epoch, rest) if epoch == self.epoch:
                if self.role == "candidate":
                    self.adopt(self.copy.log.snapshot, rest)
                    self.granted_by(sender)
            case _:
                super().on_message(sender, message)


class BringsUpToDate(Compares):
    """Sends its log ahead of its vote, as if it were the primary."""

    def on_message(self, sender, message):
        match message:
            case Wanted(epoch, last) if epoch > self.epoch and self.behind(last):
                self.follow(epoch)
                log = self.copy.log
                place = log.snapshot.index, log.snapshot.epoch
                self.send(sender, Append(epoch, *place, tuple(log.entries), 0))
                self.send(sender, Yes(epoch))
            case _:
                super().on_message(sender, message)


class TwoAreEnough(Compares):
    """Takes one voter and itself for a majority, of how many nodes ever."""

    def granted_by(self, member):
        if member != self.id:
            self.lead()


class EitherWillDo(Compares):
    def behind(self, last):
        epoch, index = self.copy.log.last
        return last[0] < epoch and last[1] < index


class BothAreNeeded(Compares):
    def behind(self, last):
        epoch, index = self.copy.log.last
        return last[0] < epoch or last[1] < index


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (CallsItTheRest, ["YesAndRest carries entries"]),
        (BringsUpToDate, ["sends Append, and is no primary"]),
        (TwoAreEnough, ["two of five are cut off", "is broken"]),
        (EitherWillDo, ["r3 has been away", "is broken"]),
        (BothAreNeeded, ["of an earlier epoch", "not answered"]),
        (ComparesNothing, ["r3 has been away", "is broken"]),
        (ComparesLengths, ["of an earlier epoch", "is broken"]),
        (ComparesEpochs, ["is broken"]),
        (WantsMore, ["r1 crashes", "not answered"]),
        (CountsOldVotes, ["is broken in one of all runs"]),
        (PromisesNothing, ["r1 crashes"]),
        (AsksAsBefore, ["sends Ask"]),
        (SendsItAll, ["YesAndLog carries entries"]),
        (PromotesAny, ["sends Ask"]),
        (CHAPTER["Newest"], ["sends Ask"]),
        (Wanted, ["no subclass of Node"]),
        (3, ["hand in a class"]),
    ],
)
def test_a_vote_is_refused(member, words):
    answer = judge_short_vote(member)
    refused(answer, *words)
