"""The judges of the log of Raft: what they accept, and what they refuse, and why."""

import pytest
from exercises.answers import refused
from exercises.chapters import definitions

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import AppendEntriesReply
from ftlib.consensus.raft_reads import Confirm, ReadIndex
from ftlib.exercises import (
    AskIndex,
    ReadAt,
    judge_goes_back,
    judge_reads_aside,
    judge_refusals,
)
from ftlib.services import Redirect, Reply, Request, Truncated, majority

CHAPTER = definitions("7_3_3_raft_log")

# 1 ------------------------------------------------------------------------------------


def counted(*numbers):
    return dict(zip(("s2", "s3", "s4", "s5", "s6"), numbers, strict=True))


def test_refusals_are_counted():
    assert judge_refusals(counted(2, 4, 0, 2, 6))
    assert judge_refusals(dict(reversed(counted(2, 4, 0, 2, 6).items())))


def test_no_refusals_yet():
    answer = judge_refusals(counted(*[None] * 5))
    assert answer.verdict == "not attempted"
    assert (
        answer.picture.story[0] == "The entries of s1 are of terms 1, 1, 1, 2, 2, 4, 4."
    )


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (counted(2, 0, 0, 1, 6), ["an entry of that number"]),
        (counted(3, 5, 1, 3, 7), ["is no refusal"]),
        (counted(5, 3, 7, 5, 1), ["on which they agree"]),
        (counted(3, 4, 0, 2, 6), ["s2 does not refuse 3 times"]),
        (counted(0, 5, 1, 1, 0), ["to give up"]),
        (counted(2, 4, 1, 2, 6), ["s4 does not refuse once"]),
        (counted(2, 4, 0, 2, None), ["s6 refuses None"]),
        (counted(2, 4, False, 2, 6), ["s4 refuses False"]),
        (counted(2, 8, 0, 2, 6), ["s3 refuses 8"]),
        ({"s2": 2}, ["give s2 to s6"]),
        (5, ["give a dict"]),
    ],
)
def test_refusals_are_refused(counts, words):
    refused(judge_refusals(counts), *words)


# 2 ------------------------------------------------------------------------------------


class GoesBack(Raft):
    """A refusal says where the term of the entry that is wrong begins."""

    def append_entries(self, sender, message):
        index = message.prev_log_index
        wrong = self.log.epoch_at(index) != message.prev_log_term
        if message.term < self.current_term or not wrong:
            super().append_entries(sender, message)
            return
        if self.state != "follower":
            self.convert("follower")
        self.leader_id = sender
        self.set_timer("election", self.election_timeout)
        hint = self.before(index)
        self.send(sender, AppendEntriesReply(self.current_term, False, hint))

    def before(self, index):
        last = self.log.last[1]
        if index > last:
            return last
        wrong = self.log.epoch_at(index)
        while index and self.log.epoch_at(index) == wrong:
            index -= 1
        return index

    def answered(self, follower, reply):
        if not reply.success:
            hint = reply.match_index + 2  # of which Raft takes one
            self.next_index[follower] = min(self.next_index[follower], hint)
        super().answered(follower, reply)


class SendsItself(GoesBack):
    """Leaves nothing to Raft."""

    def before(self, index):
        terms = [entry.epoch for entry in self.log.entries]
        if index > len(terms):
            return len(terms)
        return terms.index(terms[index - 1])

    def answered(self, follower, reply):
        if reply.success:
            super().answered(follower, reply)
            return
        known = self.match_index[follower]
        self.next_index[follower] = max(known, reply.match_index) + 1
        self.send_entries(follower)


@pytest.mark.parametrize("server", [GoesBack, SendsItself])
def test_a_leader_goes_back_by_terms(server):
    answer = judge_goes_back(server)
    assert answer, answer


def test_nobody_goes_back_yet():
    class Nothing(Raft):
        pass

    for given in (None, Raft, Nothing, CHAPTER["GoesBack"]):
        assert judge_goes_back(given).verdict == "not attempted"


class SaysSoOnly(GoesBack):
    """A leader that does not listen."""

    def answered(self, follower, reply):
        Raft.answered(self, follower, reply)


class SaysItsLast(GoesBack):
    def before(self, index):
        return min(index - 1, self.log.last[1])


class SendsAll(GoesBack):
    def before(self, index):
        return 0


class ByTen(Raft):
    def answered(self, follower, reply):
        if not reply.success:
            self.next_index[follower] = max(2, self.next_index[follower] - 9)
        super().answered(follower, reply)


class Halves(Raft):
    def answered(self, follower, reply):
        if not reply.success:
            self.next_index[follower] = self.next_index[follower] // 2 + 1
        super().answered(follower, reply)


class TakesTheHint(GoesBack):
    """Counts what was refused as stored."""

    def answered(self, follower, reply):
        if not reply.success:
            known = self.match_index[follower]
            self.match_index[follower] = max(known, reply.match_index)
        super().answered(follower, reply)


class GivesUpTheTerm(GoesBack):
    """Deletes all entries of the term, though the first ones may be committed."""

    def before(self, index):
        hint = super().before(index)
        if index <= self.log.last[1]:
            self.record(Truncated(hint + 1))
            self.log.truncate(self.disk, hint + 1)
            self.disk.force()
        return hint


class AcceptsTheHint(GoesBack):
    """Says yes, up to where it may agree."""

    def append_entries(self, sender, message):
        index = message.prev_log_index
        if self.log.epoch_at(index) == message.prev_log_term:
            super().append_entries(sender, message)
        else:
            hint = self.before(index)
            self.send(sender, AppendEntriesReply(self.current_term, True, hint))


class TooFar(GoesBack):
    """Goes to the beginning of the term, as if it agreed there."""

    def before(self, index):
        return super().before(index) + 1


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (SaysSoOnly, ["s2", "refuses 20 times: 1 would do"]),
        (SaysItsLast, ["s3", "refuses 20 times: 2 would do"]),
        (SendsAll, ["s2", "is sent 25 entries"]),
        (ByTen, ["s2", "refuses 2 times"]),
        (Halves, ["s2", "refuses 2 times"]),
        (TakesTheHint, ["s3"]),
        (GivesUpTheTerm, ["leader completeness is broken in one of all runs"]),
        (AcceptsTheHint, []),
        (TooFar, ["s2", "refuses 2 times"]),
        (AskIndex, ["no subclass of Node"]),
        (7, ["hand in a class"]),
    ],
)
def test_going_back_is_refused(server, words):
    refused(judge_goes_back(server), *words)


# 3 ------------------------------------------------------------------------------------


class Aside(ReadIndex):
    """Asks the leader how much is committed, and waits until it has applied that."""

    MESSAGES = (*ReadIndex.MESSAGES, AskIndex, ReadAt)

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.wanted, self.ready, self.asks = {}, [], []

    def command(self, request):
        if request.operation[0] != "get" or self.state == "leader":
            super().command(request)
        elif self.leader_id:
            self.wanted[request.client] = request
            ask = AskIndex(request.client, request.sequence)
            self.send(self.leader_id, ask)

    def on_message(self, sender, message):
        match message:
            case AskIndex():
                if self.state == "leader":
                    self.asked(sender, message)
            case ReadAt(client, sequence, index):
                request = self.wanted.get(client)
                if request and request.sequence == sequence:
                    self.ready = [*self.ready, (index, request)]
                    self.answer_ready()
            case _:
                super().on_message(sender, message)

    def asked(self, follower, ask):
        self.asks = [*self.asks, (self.number + 1, follower, ask)]
        self.confirm_all()

    def confirm_all(self):
        self.number += 1
        for each in self.followers:
            self.send(each, Confirm(self.current_term, self.number))

    def answer_reads(self):
        super().answer_reads()
        if self.knows_what_is_committed():
            numbers = sorted((self.number, *self.confirmed.values()), reverse=True)
            confirmed = numbers[majority(len(self.servers)) - 1]
            for number, follower, ask in self.asks:
                if number <= confirmed:
                    index = self.commit_index
                    self.send(follower, ReadAt(ask.client, ask.sequence, index))
            self.asks = [each for each in self.asks if each[0] > confirmed]

    def convert(self, state):
        super().convert(state)
        self.asks = []

    def apply(self):
        super().apply()
        self.answer_ready()

    def answer_ready(self):
        for index, request in self.ready:
            if index <= self.last_applied:
                result = self.machine.do(request.operation)
                self.send(request.client, Reply(request.sequence, result))
        self.ready = [each for each in self.ready if each[0] > self.last_applied]


class Waits(Aside):
    """Notes the index when it is asked, and confirms afterwards that it leads."""

    def asked(self, follower, ask):
        if not self.knows_what_is_committed():
            return  # the client asks again
        self.asks = [*self.asks, (self.number + 1, follower, ask, self.commit_index)]
        self.confirm_all()

    def answer_reads(self):
        ReadIndex.answer_reads(self)
        numbers = sorted((self.number, *self.confirmed.values()), reverse=True)
        confirmed = numbers[majority(len(self.servers)) - 1]
        for number, follower, ask, index in self.asks:
            if number <= confirmed:
                self.send(follower, ReadAt(ask.client, ask.sequence, index))
        self.asks = [each for each in self.asks if each[0] > confirmed]


@pytest.mark.parametrize("server", [Aside, Waits])
def test_a_follower_answers(server):
    answer = judge_reads_aside(server)
    assert answer, answer


def test_nobody_reads_aside_yet():
    class Nothing(ReadIndex):
        pass

    for given in (None, ReadIndex, Nothing, CHAPTER["ReadsAside"]):
        assert judge_reads_aside(given).verdict == "not attempted"


class FromMemory(Aside):
    def command(self, request):
        if request.operation[0] == "get":
            result = self.machine.do(request.operation)
            self.send(request.client, Reply(request.sequence, result))
        else:
            super().command(request)


class Unconfirmed(Aside):
    def asked(self, follower, ask):
        if self.knows_what_is_committed():
            self.send(follower, ReadAt(ask.client, ask.sequence, self.commit_index))


class TooSoon(Aside):
    """Confirms that it leads, and does not know what is committed."""

    def knows_what_is_committed(self):
        return True


class Unapplied(Aside):
    def answer_ready(self):
        self.ready = [(self.last_applied, request) for _, request in self.ready]
        super().answer_ready()


class OwnIndex(Aside):
    """Waits for what it knows itself to be committed."""

    def on_message(self, sender, message):
        match message:
            case ReadAt(client, sequence, _):
                message = ReadAt(client, sequence, self.commit_index)
        super().on_message(sender, message)


class SendsAway(Aside):
    def command(self, request):
        if self.state != "leader" and self.leader_id:
            self.send(request.client, Redirect(request.sequence, self.leader_id))
        else:
            super().command(request)


class LeaderAnswers(Aside):
    """A leader that answers the client of the follower."""

    def on_message(self, sender, message):
        match message:
            case AskIndex(client, sequence) if self.state == "leader":
                self.send(client, Reply(sequence, self.machine.do(("get", "x"))))
            case _:
                super().on_message(sender, message)


class ThroughTheLog(Aside):
    def command(self, request):
        if self.state == "leader":
            self.append(request)
        else:
            super().command(request)

    def asked(self, follower, ask):
        self.append(Request(ask.client, ask.sequence, ("get", "x")))
        super().asked(follower, ask)


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (FromMemory, ["nothing goes wrong"]),
        (Unconfirmed, ["s4 and s5 are cut off together"]),
        (TooSoon, ["a read misses a write"]),
        (Unapplied, ["some of what s1 sends to s3 is lost"]),
        (OwnIndex, ["some of what s1 sends to s3 is lost"]),
        (SendsAway, ["s1 answers for s3"]),
        (LeaderAnswers, ["s1 answers for s3"]),
        (ThroughTheLog, ["puts a read into its log"]),
        (Raft, ["no subclass of ReadIndex"]),
        (7, ["hand in a class"]),
    ],
)
def test_reading_aside_is_refused(server, words):
    refused(judge_reads_aside(server), *words)
