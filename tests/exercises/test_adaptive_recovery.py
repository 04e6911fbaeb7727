"""The judges of chapter 5.2: what they accept, and what they refuse, and why."""

import math
from statistics import fmean

import pytest
from exercises.answers import refused
from exercises.chapters import definitions

from ftlib.detection import FixedTimeOut, PhiAccrual
from ftlib.detection.arrivals import Latest
from ftlib.exercises import judge_complaints, judge_expected, judge_time_out
from ftlib.replication.primary_standby import Peer, SwitchOver

CHAPTER = definitions("5_2_adaptive_recovery")
HEARS1, HEARS2 = CHAPTER["Hears1"], CHAPTER["Hears2"]
COMPLAINS, COMPLAINT = CHAPTER["Complains"], CHAPTER["Complaint"]


# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [(0.728, 0.498), (0.7273, 0.4973), (0.5 + 0.02 * math.log(86400), 0.4973)]
)
def test_the_shortest_time_out(given):
    assert judge_time_out(*given)


def test_no_time_out_yet():
    assert judge_time_out(None, None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((0.7412, 0.511), ["can be shorter", "later than the last one"]),  # no half
        ((0.2273, 0.0), ["my_unnoticed is 0.0"]),
        ((0.2273, 0.1), ["nothing is late"]),  # without the interval
        ((0.7, 0.47), ["mistakes a day"]),
        ((0.72, 0.49), ["mistakes a day"]),
        ((0.727, 0.497), ["1.02 mistakes a day", "round up"]),
        ((1.5, 1.27), ["can be shorter"]),
        ((0.728, 0.728), ["before the crash"]),
        ((0.728, 0.748), ["the longest wait"]),
        ((0.728, 0.478), ["on its way"]),
        ((0.728, 0.248), ["just before a heartbeat"]),
        ((0.728, 0.978), ["not before it"]),
        ((0.728, 0.3), ["three terms"]),
        ((728, 498), ["can be shorter"]),  # milliseconds
        ((0.728, None), ["my_unnoticed is None"]),
        (("long", 0.498), ["my_wait is 'long'"]),
        ((True, 0.498), ["my_wait is True"]),
    ],
)
def test_a_time_out_is_refused(given, words):
    refused(judge_time_out(*given), *words)


# 2 ------------------------------------------------------------------------------------


class Both(HEARS2):
    def on_start(self):
        super().on_start()
        self.unhappy = ()

    def complained(self, client):
        if client not in self.unhappy:
            self.unhappy = (*self.unhappy, client)
        if len(self.unhappy) > 1:
            super().complained(client)


class Another(HEARS1):
    """Remembers the last one who complained, and whether it has acted."""

    def on_start(self):
        super().on_start()
        self.last, self.done = None, False

    def complained(self, client):
        if self.last not in (None, client) and self.epoch < 2 and not self.done:
            self.done = True
            super().complained(client)
        self.last = client


class OnMessage(Peer):
    """Does it all in on_message."""

    MESSAGES = (*Peer.MESSAGES, SwitchOver)

    def on_start(self):
        super().on_start()
        self.heard = {}

    def on_message(self, sender, message):
        if isinstance(message, COMPLAINT):
            self.heard[sender] = True
            if {"c1", "c2"} <= set(self.heard) and self.epoch == 1 and not self.primary:
                self.send(self.partner, SwitchOver())
        else:
            super().on_message(sender, message)


@pytest.mark.parametrize("peer", [Both, Another, OnMessage])
def test_both_must_complain(peer):
    answer = judge_complaints(peer, COMPLAINS)
    assert answer, answer
    assert answer.picture.title == "Both complain, and b acts."


@pytest.mark.parametrize("peer", [None, Peer, CHAPTER["MyPeer"]])
def test_no_peer_yet(peer):
    assert judge_complaints(peer, COMPLAINS).verdict == "not attempted"


class Never(HEARS1):
    def complained(self, client):
        self.epoch = self.epoch


class OnlyTheFirst(HEARS2):
    def complained(self, client):
        if client == "c1":
            super().complained(client)


class OnlyTheSecond(HEARS2):
    def complained(self, client):
        if client != "c1":
            super().complained(client)


class CountsComplaints(HEARS2):
    """Two complaints are not two who complain."""

    def on_start(self):
        super().on_start()
        self.count = 0

    def complained(self, client):
        self.count += 1
        if self.count > 1:
            super().complained(client)


class Forever(Both):
    """Asks both, and does not stop."""

    def complained(self, client):
        if client not in self.unhappy:
            self.unhappy = (*self.unhappy, client)
        if len(self.unhappy) > 1:
            HEARS1.complained(self, client)


class Leads(Both):
    """Does not ask the primary to step down, but takes its place."""

    def complained(self, client):
        if not self.primary and self.epoch == 1:
            self.lead(2)


class CountsToEight(CountsComplaints):
    """Two complain eight times before the end, and one alone does not."""

    def complained(self, client):
        self.count += 1
        if self.count > 8:
            HEARS2.complained(self, client)


class CountsToEightToo(CountsToEight):
    """Has no method of its own, and is an answer all the same."""


class OnceEach(Both):
    """The peers remember that they have acted, each for itself."""

    def on_start(self):
        super().on_start()
        self.done = False

    def complained(self, client):
        if client not in self.unhappy:
            self.unhappy = (*self.unhappy, client)
        if len(self.unhappy) > 1 and not self.done:
            self.done = True
            HEARS1.complained(self, client)


class NoTakeover(Both):
    """Acts once, and for that no more when the primary is silent."""

    def on_timer(self, name):
        if not name.startswith("silent"):
            super().on_timer(name)


class AsksAHundred(Both):
    def complained(self, client):
        self.unhappy = (*self.unhappy, client)
        if len(self.unhappy) > 100:
            super().complained(client)


@pytest.mark.parametrize(
    ("peer", "words"),
    [
        (HEARS1, ["only c1", "moves once"]),
        (HEARS2, ["only c1", "moves once"]),
        (Never, ["no client reaches a", "does not move"]),
        (OnlyTheFirst, ["only c1", "moves once"]),
        (OnlyTheSecond, ["only c2", "moves once"]),
        (CountsComplaints, ["only c1", "moves once"]),
        (CountsToEight, ["only c1", "moves once"]),
        (CountsToEightToo, ["only c1", "moves once"]),
        (OnceEach, ["later none b", "moves twice"]),
        (NoTakeover, ["a crashes", "does not move"]),
        (Forever, ["everything is slow", "times"]),
        (Leads, ["only c1"]),
        (AsksAHundred, ["no client reaches a", "does not move"]),
        (FixedTimeOut, ["no subclass of Node"]),
        (3, ["hand in a class"]),
        (COMPLAINS, ["hand in a Peer"]),
    ],
)
def test_a_peer_is_refused(peer, words):
    refused(judge_complaints(peer, COMPLAINS), *words)


# 3 ------------------------------------------------------------------------------------


class Expects:
    memory = 20

    def __init__(self, every, margin):
        self.every, self.margin = every, margin
        self.latest, self.offsets = Latest(), []

    def heartbeat(self, at, number):
        news = self.latest.interval(at, number) is not None
        if news:
            self.offsets.append(at - number * self.every)
            del self.offsets[: -self.memory]
        return news

    def late(self, at, number):
        return self.heartbeat(at, number)

    def patience(self):
        due = (self.latest.number + 1) * self.every + fmean(self.offsets)
        return max(0.0, due + self.margin - self.latest.at)


class KeepsWhatItHeard:
    """Another right one: keeps the heartbeats themselves, and computes all anew."""

    def __init__(self, every, margin):
        self.every, self.margin, self.beats = every, margin, {}

    def heartbeat(self, at, number):
        if self.beats and number <= max(self.beats):
            return False
        self.beats[number] = at
        return True

    late = heartbeat

    def patience(self):
        last = list(self.beats.items())[-20:]
        number, at = last[-1]
        mean = sum(time - self.every * which for which, time in last) / len(last)
        wait = mean + (number + 1) * self.every + self.margin - at
        return wait if wait > 0 else 0.0


@pytest.mark.parametrize("detector", [Expects, KeepsWhatItHeard])
def test_when_the_next_is_expected(detector):
    answer = judge_expected(detector)
    assert answer, answer


def test_no_detector_yet():
    for given in (None, CHAPTER["MyDetector"]):
        assert judge_expected(given).verdict == "not attempted"


class FromTheLast(Expects):
    def patience(self):
        return self.every + self.margin


class MeanOfIntervals(Expects):
    def heartbeat(self, at, number):
        interval = self.latest.interval(at, number)
        if interval:
            self.offsets.append(interval)
            del self.offsets[:-20]
        return interval is not None

    def patience(self):
        return fmean(self.offsets or [self.every]) + self.margin


class NeverForgets(Expects):
    memory = 10**6


class ForgetsTooSoon(Expects):
    memory = 10


class CountsCopies(Expects):
    def heartbeat(self, at, number):
        super().heartbeat(at, number)
        return True


class LearnsFromCopies(Expects):
    def heartbeat(self, at, number):
        news = self.latest.interval(at, number) is not None
        self.offsets.append(at - number * self.every)
        del self.offsets[:-20]
        return news


class CountsHeartbeats(Expects):
    """Takes the next number to be how many it has heard."""

    def __init__(self, every, margin):
        super().__init__(every, margin)
        self.count = 0

    def heartbeat(self, at, number):
        news = self.latest.interval(at, number) is not None
        if news:
            self.count += 1
            self.offsets.append(at - (self.count - 1) * self.every)
            del self.offsets[:-20]
        return news

    def patience(self):
        due = self.count * self.every + fmean(self.offsets)
        return max(0.0, due + self.margin - self.latest.at)


class Negative(Expects):
    def patience(self):
        due = (self.latest.number + 1) * self.every + fmean(self.offsets)
        return due + self.margin - self.latest.at


class IgnoresTheLate(Expects):
    def late(self, at, number):
        return self.latest.interval(at, number) is not None


class WithoutMargin(Expects):
    def __init__(self, every, margin):
        super().__init__(every, 0.0)


class KnowsItsArguments(Expects):
    """Has 0.1 s and 0.05 s from the chapter and not from what it is given."""

    def __init__(self, every, margin):
        super().__init__(0.1, 0.05)


class HalfAnInterval(Expects):
    def __init__(self, every, margin):
        super().__init__(every, every / 2)


class TheLastNumbers(KeepsWhatItHeard):
    """Twenty numbers are not twenty heartbeats that were news."""

    def patience(self):
        old = max(self.beats) - 20
        self.beats = {which: at for which, at in self.beats.items() if which > old}
        return super().patience()


class Hastier(Expects):
    """Asks to be waited for twice as long each time it is asked."""

    def patience(self):
        self.margin *= 2
        return super().patience()


class Endless(Expects):
    def patience(self):
        while True:
            pass


class Raises(Expects):
    def patience(self):
        return 1 / 0


@pytest.mark.parametrize(
    ("detector", "words"),
    [
        (FromTheLast, ["after heartbeat", "waits until"]),
        (MeanOfIntervals, ["after heartbeat", "waits until"]),
        (NeverForgets, ["more than twenty"]),
        (ForgetsTooSoon, ["more than twenty"]),
        (CountsCopies, ["a copy comes", "is news"]),
        (LearnsFromCopies, ["a copy comes"]),
        (CountsHeartbeats, ["heartbeats are lost", "waits until"]),
        (Negative, ["half a second", "not below 0"]),
        (IgnoresTheLate, ["waits until"]),
        (WithoutMargin, ["waits until"]),
        (KnowsItsArguments, ["every is 0.2 s", "waits until"]),
        (HalfAnInterval, ["every is 0.2 s", "waits until"]),
        (TheLastNumbers, ["becomes slower", "waits until"]),
        (Hastier, ["two answers"]),
        (Endless, ["does not end"]),
        (Raises, ["ZeroDivisionError"]),
        (PhiAccrual, ["raises an error"]),
        (0.3, ["hand in a class"]),
    ],
)
def test_a_detector_is_refused(detector, words):
    refused(judge_expected(detector), *words)
