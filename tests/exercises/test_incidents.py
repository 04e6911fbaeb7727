"""The judges of the museum: what they accept, and what they refuse, and why."""

import pytest
from exercises.answers import refused

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_mutants import VotesTwice
from ftlib.exercises import judge_exhibit, judge_missing_forces, judge_whole_network
from ftlib.services import Client
from ftlib.simulation import (
    Crash,
    Cut,
    Lose,
    Partition,
    Recover,
    Skew,
    Slow,
)

# 1 ------------------------------------------------------------------------------------

RIGHT = {
    "kip-966": "AppendEntriesReply",
    "pgdog-1175": "Decision",
    "mysql-12161": "nothing",
}


def test_forces_are_named():
    assert judge_missing_forces(RIGHT)
    assert judge_missing_forces(dict(reversed(RIGHT.items())))
    empty = judge_missing_forces(dict.fromkeys(RIGHT))
    assert empty.verdict == "not attempted"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (RIGHT | {"mysql-12161": "Vote"}, "after the crash"),
        (RIGHT | {"kip-966": "AppendEntries"}, "whoever sends AppendEntries has"),
        (RIGHT | {"kip-966": "nothing"}, "does not know yet"),
        (RIGHT | {"kip-966": "Reply"}, "Whose disk does not know yet"),
        (RIGHT | {"pgdog-1175": "Prepare"}, "pgdog-1175: whoever sends Prepare"),
        (RIGHT | {"pgdog-1175": "decision"}, "none of"),
        (RIGHT | {"pgdog-1175": None}, "None is none of"),
        ({"kip-966": "AppendEntriesReply"}, "give a dict"),
        ("Decision", "give a dict"),
    ],
)
def test_forces_are_refused(given, words):
    refused(judge_missing_forces(given), words)


# 2 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Slow(("s3", "s1"), by=0.2), Skew("s1", rate=1.6877)])
def test_a_late_message_is_enough(fault):
    assert judge_whole_network([fault])


def test_no_fault_yet():
    assert judge_whole_network(None).verdict == "not attempted"
    assert judge_whole_network([]).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([Cut("s3", "s1")], "stay whole"),
        ([Partition((("s1",),))], "stay whole"),
        ([Slow(("s3", "s1"), by=0.2), Slow("s2", by=0.1)], "one is enough"),
        ([Lose("AppendEntries", sender="s3", receiver="s1", nth=None)], "is lost"),
        ([Slow(("s3", "s1"), by=0.01)], "no term has two leaders"),
        ([Crash("s3", at=0.9)], "never takes effect"),
        ([Slow("s9", by=1.0)], "cannot be run"),
        ("Cut", "hand in a list"),
    ],
)
def test_what_breaks_links_or_nothing_is_refused(faults, words):
    refused(judge_whole_network(faults), words)


# 3 ------------------------------------------------------------------------------------


class Forgets(Raft):
    """Comes back without its log."""

    def on_start(self):
        for key in list(self.disk.keys()):
            self.disk.delete(key)
        super().on_start()


class Yes(Raft):
    """Votes for everybody."""

    def request_vote(self, sender, message):
        self.voted_for = None
        super().request_vote(sender, message)


class Fine(Raft):
    """No mistake."""


AWAY = [
    Partition((("s2",),), at=0.45),
    Crash("s1", at=0.6),
    Recover("s1", at=0.61),
    Partition((("s3",),), at=0.6),
]


def test_exhibits_of_ones_own():
    assert judge_exhibit(Forgets, AWAY)
    answer = judge_exhibit(Yes, [Cut("s3", "s1")])
    assert answer
    assert "election safety" in answer.reason


def test_nothing_overridden_yet():
    assert judge_exhibit(Raft, []).verdict == "not attempted"


class Fails(Raft):
    def request_vote(self, sender, message):
        raise KeyError(sender)


@pytest.mark.parametrize(
    ("kind", "faults", "words"),
    [
        (Fine, AWAY, "no promise of Raft is broken"),
        (VotesTwice, [Cut("s3", "s1")], "in the library"),
        (Yes, [Cut("s3", "s1"), Crash("s3", at=1.5)], "breaks without Crash"),
        (Yes, [], "these are 0 faults"),
        (Yes, [Slow("s1", by=0.1, at=0.01 * k) for k in range(1, 6)], "5 faults"),
        (Client, AWAY, "not derived from Raft"),
        (Fails, [Cut("s3", "s1")], "raises an error"),
        (
            Yes,
            [Cut("s3", "s1"), Crash("s2", at=3.0)],
            "never takes effect",
        ),
        (Yes, "Cut", "hand in a list"),
        (5, AWAY, ""),
    ],
)
def test_what_is_no_exhibit_is_refused(kind, faults, words):
    refused(judge_exhibit(kind, faults), words)
