"""The judges of elections in Raft: what they accept, and what they refuse, and why."""

import pytest
from exercises.answers import refused
from exercises.chapters import definitions

from ftlib.consensus.raft import Raft
from ftlib.exercises import (
    HandOver,
    StartNow,
    judge_hands_over,
    judge_one_number,
    judge_votes,
)

CHAPTER = definitions("7_3_2_raft_elections")
Server3, Server5 = CHAPTER["Server3"], CHAPTER["Server5"]

# 1 ------------------------------------------------------------------------------------

SERVERS = ("s1", "s2", "s3", "s4", "s5")


def counted(*numbers):
    return dict(zip(SERVERS, numbers, strict=True))


def test_votes_are_counted():
    assert judge_votes(counted(4, 1, 3, 5, 2))
    assert judge_votes(dict(reversed(counted(4, 1, 3, 5, 2).items())))


def test_no_votes_yet():
    answer = judge_votes(counted(*[None] * 5))
    assert answer.verdict == "not attempted"
    assert answer.picture.story[3] == "The entries of s4 are of terms 1, 1, 2, 4, 4."


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (counted(3, 1, 5, 4, 3), ["the longer log won"]),
        (counted(5, 1, 3, 5, 3), ["only the terms"]),
        (counted(5, 5, 5, 5, 5), ["behind its own"]),
        (counted(3, 0, 2, 4, 1), ["for itself"]),
        (counted(0, 0, 0, 5, 0), ["others do not ask"]),
        (counted(4, 1, 3, 5, 1), ["s5 does not get 1"]),
        (counted(4, 1, 3, 5, None), ["s5 gets None"]),
        (counted(4, 1, 3, True, 2), ["s4 gets True"]),
        (counted(4, 1, 3, 6, 2), ["s4 gets 6"]),
        ({"s4": 5}, ["give s1 to s5"]),
        (5, ["give a dict"]),
    ],
)
def test_votes_are_refused(counts, words):
    refused(judge_votes(counts), *words)


# 2 ------------------------------------------------------------------------------------


class Spent(Server3):
    """Keeps the last term in which it has voted, and does so no more."""

    def on_start(self):
        self.current_term = self.disk.read("term", 0)
        self.voted_for = "somebody"
        super().on_start()

    def vote_for(self, candidate):
        self.disk.write("term", self.current_term)
        self.disk.force()
        super().vote_for(candidate)


class Moves(Spent):
    """After a restart goes on in the next term, in which it has not voted."""

    def on_start(self):
        super().on_start()
        self.current_term, self.voted_for = self.current_term + 1, None


@pytest.mark.parametrize("server", [Spent, Moves])
def test_one_number_is_enough(server):
    answer = judge_one_number(server)
    assert answer, answer


def test_no_number_yet():
    assert judge_one_number(CHAPTER["OneNumber"]).verdict == "not attempted"


class Forgets(Spent):
    def on_start(self):
        super().on_start()
        self.voted_for = None


class ForcesLate(Spent):
    def vote_for(self, candidate):
        Server3.vote_for(self, candidate)
        self.disk.write("term", self.current_term)

    def on_message(self, sender, message):
        super().on_message(sender, message)
        self.disk.force()

    def on_timer(self, name):
        super().on_timer(name)
        self.disk.force()


class KeepsWhatItHears(Spent):
    """Keeps a term that it hears of, and none that it begins."""

    def vote_for(self, candidate):
        Server3.vote_for(self, candidate)

    def become_follower(self, term):
        super().become_follower(term)
        self.disk.write("term", term)
        self.disk.force()


class Abstains(Spent):
    """Takes no part any more, once it has been down."""

    def on_start(self):
        if not self.disk.read("term", 0):
            super().on_start()

    def on_message(self, sender, message):
        if self.voted_for or not self.disk.read("term", 0):
            super().on_message(sender, message)


class CountsCrashes(Server3):
    """Goes on a hundred terms later after each crash, whatever the others do."""

    def on_start(self):
        crashes = self.disk.read("crashes", 0)
        self.disk.write("crashes", crashes + 1)
        self.disk.force()
        self.current_term = 100 * crashes
        super().on_start()


class KeepsTheFirst(Spent):
    """Keeps the term of its first vote, and none of a later one."""

    def vote_for(self, candidate):
        Server3.vote_for(self, candidate)
        if not self.disk.read("term", 0):
            self.disk.write("term", self.current_term)
            self.disk.force()


class TwoKeys(Spent):
    def vote_for(self, candidate):
        self.disk.write("for", 1 + self.servers.index(candidate))
        super().vote_for(candidate)


class SaysSo(Spent):
    def vote_for(self, candidate):
        self.disk.write("term", f"{self.current_term} {candidate}")
        Server3.vote_for(self, candidate)


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (Forgets, ["two servers lead in one term"]),
        (ForcesLate, ["two servers lead in one term"]),
        (KeepsWhatItHears, ["two servers lead in one term"]),
        (Abstains, ["all have been down", "nobody is elected"]),
        (CountsCrashes, ["cannot reach each other", "both act for epoch 101"]),
        (KeepsTheFirst, ["two servers lead in one term"]),
        (TwoKeys, ["under 'term' and under 'for'"]),
        (SaysSo, ["no whole number"]),
        (Server5, ["no whole number"]),
        (CHAPTER["Server2"], []),
        (7, ["hand in a class"]),
    ],
)
def test_one_number_is_refused(server, words):
    refused(judge_one_number(server), *words)


# 3 ------------------------------------------------------------------------------------


class Hands(Raft):
    """Brings the other up to date, and takes no commands meanwhile."""

    MESSAGES = (*Raft.MESSAGES, StartNow)

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.heir = None

    def on_message(self, sender, message):
        match message:
            case HandOver(to):
                if self.state == "leader" and to != self.id:
                    self.heir = to
                    self.set_timer("go on", self.election_timeout[1])
                    self.tell_heir()
            case StartNow(term):
                self.start_now(term)
            case _:
                super().on_message(sender, message)

    def start_now(self, term):
        if term == self.current_term:
            self.start_election()

    def on_timer(self, name):
        if name == "go on":
            self.go_on()
        else:
            super().on_timer(name)

    def go_on(self):
        self.heir = None

    def convert(self, state):
        super().convert(state)
        self.heir = None
        self.cancel_timer("go on")

    def command(self, request):
        if self.heir is None:
            super().command(request)

    def answered(self, follower, reply):
        super().answered(follower, reply)
        self.tell_heir()

    def tell_heir(self):
        if self.heir and self.match_index[self.heir] == self.log.last[1]:
            self.send(self.heir, StartNow(self.current_term))


class Keeps(Hands):
    """Keeps the commands for later."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.kept = []

    def command(self, request):
        if self.heir:
            self.kept = [*self.kept, request]
        else:
            super().command(request)

    def go_on(self):
        super().go_on()
        kept, self.kept = self.kept, []
        for request in kept:
            self.command(request)


@pytest.mark.parametrize("server", [Hands, Keeps])
def test_a_leader_hands_over(server):
    answer = judge_hands_over(server)
    assert answer, answer


def test_nothing_is_handed_over_yet():
    class Nothing(Raft):
        pass

    for given in (None, Raft, Nothing):
        assert judge_hands_over(given).verdict == "not attempted"


class AtOnce(Hands):
    def tell_heir(self):
        if self.heir:
            self.send(self.heir, StartNow(self.current_term))


class GoesOnWriting(Hands):
    def command(self, request):
        Raft.command(self, request)


class NeverGoesOn(Hands):
    def go_on(self):
        pass


class StepsDown(Hands):
    def tell_heir(self):
        if self.heir:
            self.convert("follower")


class Crowns(Hands):
    """Leads because it is told to, in a term of its own."""

    def start_now(self, term):
        if term == self.current_term:
            self.convert("candidate")
            self.persist(term + 1, self.id)
            self.become_leader()


class TakesTheTerm(Hands):
    def start_now(self, term):
        if term == self.current_term:
            self.convert("candidate")
            self.become_leader()


class HelpsItself(Hands):
    """Begins an election because the operator names it."""

    def on_message(self, sender, message):
        match message:
            case HandOver(to):
                if to == self.id and self.state != "leader":
                    self.start_election()
            case _:
                super().on_message(sender, message)


class AtAnyTime(Hands):
    def start_now(self, term):
        self.start_election()


class NeverTooLate(Hands):
    """Heeds a StartNow of any term that is not later than its own."""

    def start_now(self, term):
        if term <= self.current_term and self.state != "leader":
            self.start_election()


class WithoutTheLast(Hands):
    """Does not wait for the last entry, for it is under way."""

    def tell_heir(self):
        if self.heir and self.match_index[self.heir] >= self.log.last[1] - 1:
            self.send(self.heir, StartNow(self.current_term))


class StillWaits(Hands):
    """Takes commands again, and hands over as soon as it can."""

    waited = False

    def go_on(self):
        self.waited = True

    def command(self, request):
        if self.waited:
            Raft.command(self, request)
        else:
            super().command(request)


class ToAnybody(Hands):
    def tell_heir(self):
        for each in self.followers if self.heir else ():
            if self.match_index[each] == self.log.last[1]:
                self.send(each, StartNow(self.current_term))


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (AtOnce, ["takes 80 ms longer", "which lacks entry 17 of s1"]),
        (GoesOnWriting, ["does not lead afterwards"]),
        (NeverGoesOn, ["s2 is down", "not answered"]),
        (StepsDown, ["0.23 s after the request"]),
        (Crowns, ["no votes of three"]),
        (TakesTheTerm, ["both act for epoch 1"]),
        (HelpsItself, ["takes 80 ms longer", "wanted is s2"]),
        (AtAnyTime, ["a StartNow of term 0 comes late"]),
        (NeverTooLate, ["a StartNow of term 0 comes late", "in term 1"]),
        (WithoutTheLast, ["sends StartNow to a server that lacks"]),
        (StillWaits, ["s2 is down for a second", "s1 goes on as before"]),
        (ToAnybody, []),
        (StartNow, ["no subclass of Node"]),
        (7, ["hand in a class"]),
    ],
)
def test_handing_over_is_refused(server, words):
    refused(judge_hands_over(server), *words)
