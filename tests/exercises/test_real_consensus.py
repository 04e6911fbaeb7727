"""The judges of Raft for real: what they accept, and what they refuse, and why."""

import pytest
from exercises.answers import refused

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_forces import Forcing
from ftlib.exercises import judge_kept, judge_outage, judge_together
from ftlib.exercises.real_consensus import OUTAGES
from ftlib.simulation import Crash, Heal, Lose, Node, Partition, Recover

# 1 ------------------------------------------------------------------------------------


def kept(*numbers):
    return dict(zip(OUTAGES, numbers, strict=True))


def test_what_is_kept():
    assert judge_kept(kept(8, 6, 7, 7))
    assert judge_kept(dict(reversed(kept(8, 6, 7, 7).items())))


def test_nothing_kept_yet():
    assert judge_kept(kept(None, None, None, None)).verdict == "not attempted"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (kept(9, 8, 8, 8), ["that somebody still has"]),
        (kept(5, 4, 5, 5), ["that everybody still has"]),
        (kept(8, 8, 8, 8), ["before the outage"]),
        (kept(6, 6, 6, 6), ["a majority had forced"]),
        (kept(8, 6, 7, 6), ["power of s1, s2 and s3 does not leave 6"]),
        (kept(8, 6, 7, None), ["leaves None"]),
        (kept(8, 6, 7, 7.0), ["leaves 7.0"]),
        (kept(8, 6, 10, 7), ["leaves 10"]),
        ({"power of all five": 6}, ["keep the four"]),
        ([8, 6, 7, 7], ["give a dict"]),
    ],
)
def test_what_is_not_kept(numbers, words):
    refused(judge_kept(numbers), *words)


# 2 ------------------------------------------------------------------------------------

AWAY = Partition([["s3"]], at=0.33)
DARK = [Crash("s1", at=0.4), Recover("s1", at=0.42)]
ALONE = Partition([["s2"]], at=0.42)


def test_an_outage_that_loses_a_letter():
    answer = judge_outage([AWAY, *DARK, ALONE])
    assert answer, answer
    assert "Crash(node='s1', at=0.4" in answer.evidence


def test_another_one():
    """The leader stays down for a while, and the last letters are lost."""
    faults = [
        Partition([["s3"]], at=0.38),
        Crash("s1", at=0.485),
        Partition([["s2"]], at=0.49),
        Recover("s1", at=1.0),
    ]
    assert judge_outage(faults)


def test_no_faults_yet():
    assert judge_outage([]).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([AWAY, Heal(at=0.5)], ["as long as nobody loses his power"]),
        (DARK, ["all that was acknowledged is there", "'abcd'"]),
        ([AWAY, *DARK], ["can the others elect somebody"]),
        ([AWAY, Crash("s1", at=0.4), ALONE], ["gets no answer"]),
        ([AWAY, Crash("s1", at=0.4, keeps=9), DARK[1], ALONE], ["a kill -9"]),
        (
            [AWAY, DARK[0], Recover("s1", at=0.42, disk="wiped"), ALONE],
            ["a wiped disk"],
        ),
        ([*DARK, Crash("s2", at=0.4), Recover("s2", at=0.42)], ["one server loses"]),
        ([AWAY, *DARK, ALONE, Heal(at=1), Heal(at=2)], ["five are enough"]),
        ([Crash("c1", at=0.4)], ["only servers may fail"]),
        ([AWAY, *DARK, ALONE, Crash("s9", at=1)], ["only servers may fail"]),
        ([AWAY, *DARK, Lose("RequestVote", nth=99)], ["never takes effect"]),
        ("Crash", ["hand in a list"]),
        ([1], ["holds something else"]),
    ],
)
def test_outages_that_lose_nothing(faults, words):
    refused(judge_outage(faults), *words)


# 3 ------------------------------------------------------------------------------------


class Together(Raft):
    """Waits for a moment."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.forced = 0

    def on_start(self):
        super().on_start()
        self.forced = self.log.last[1]

    def append(self, command):
        self.log.append(self.disk, self.current_term, command)
        self.set_timer("together", 0.005)

    def on_timer(self, name):
        if name != "together":
            super().on_timer(name)
        elif self.state == "leader":
            self.replicate()
            self.advance_commit_index()

    def store(self, first):
        super().store(first)
        self.forced = self.log.last[1]

    def flush(self):
        if self.log.last[1] > self.forced:
            self.store(self.forced + 1)

    def send_entries(self, follower):
        self.flush()
        super().send_entries(follower)

    def advance_commit_index(self):
        self.flush()
        super().advance_commit_index()


class WhileOthersAreUnderWay(Together):
    """Forces the first one at once, and all that come before its answers with them."""

    def append(self, command):
        self.log.append(self.disk, self.current_term, command)
        self.replicate()

    def advance_commit_index(self):
        Raft.advance_commit_index(self)


@pytest.mark.parametrize("server", [Together, WhileOthersAreUnderWay])
def test_one_force_for_many(server):
    answer = judge_together(server)
    assert answer, answer


class NotYet(Raft):
    """Untouched."""


@pytest.mark.parametrize("server", [None, Raft, NotYet])
def test_not_together_yet(server):
    assert judge_together(server).verdict == "not attempted"


class ForcesEach(Raft):
    def append(self, command):
        super().append(command)


class Never(Raft):
    """Does not force at all, and says that it did."""

    def append(self, command):
        index = self.log.append(self.disk, self.current_term, command)
        self.record(self.log.stored(index))
        self.replicate()
        self.advance_commit_index()


class Later(Raft):
    """Forces, but after the entry has been counted."""

    def append(self, command):
        self.log.append(self.disk, self.current_term, command)
        self.replicate()
        self.set_timer("together", 0.005)

    def on_timer(self, name):
        if name == "together":
            self.store(self.log.last[1])
        else:
            super().on_timer(name)


class CountsEarly(Together):
    """Sends without a flush what waits, when a follower answers."""

    def send_entries(self, follower):
        Raft.send_entries(self, follower)

    def advance_commit_index(self):
        Raft.advance_commit_index(self)

    def on_timer(self, name):
        if name == "together":
            self.flush()
        super().on_timer(name)


class TooSlow(Together):
    def append(self, command):
        super().append(command)
        self.set_timer("together", 0.2)  # the next heartbeat is sooner


class Forgets(Together):
    """Only the first of those that wait is answered."""

    def on_timer(self, name):
        if name == "together":
            self.disk.force()
        else:
            super().on_timer(name)

    def append(self, command):
        if self.log.last[1] == self.forced:
            super().append(command)


class FollowersToo(Together):
    """Spares the followers the force as well."""

    def store(self, first):
        if self.state == "leader":
            super().store(first)
        else:
            for index in range(first, self.log.last[1] + 1):
                self.record(self.log.stored(index))


class Elsewhere(Node):
    pass


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (ForcesEach, ["forces 8 times"]),
        (Never, ["leader completeness is broken"]),
        (Later, ["forced before it is counted is broken"]),
        (CountsEarly, ["forced before it is counted is broken"]),
        (TooSlow, ["takes 68 ms where 60 would do"]),
        (Forgets, ["are answered"]),
        (FollowersToo, ["is broken"]),
        (Elsewhere, ["no subclass of Raft"]),
        (Forcing(("s1",)), ["hand in a class"]),
    ],
)
def test_apart_or_unsafe(server, words):
    refused(judge_together(server), *words)
