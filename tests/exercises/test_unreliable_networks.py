"""The judges of unreliable networks: what they accept, and what they refuse, and
why.
"""

from dataclasses import dataclass, field
from functools import partial

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_attempts, judge_hedger, judge_line
from ftlib.services import Budget, HedgingClient, Request
from ftlib.services.overload import DropsExpired, FirstCome, NewestFirst, Sheds

# 1 ------------------------------------------------------------------------------------


def test_how_often():
    assert judge_attempts(lambda load, capacity: (capacity - 1) // load)

    def counting(load, capacity):
        number = 1
        while load * (number + 1) < capacity:
            number += 1
        return number

    assert judge_attempts(counting)
    assert judge_attempts(lambda load, capacity: None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("attempts", "words"),
    [
        (lambda load, capacity: capacity // load, ["2 new", "10 a second"]),
        (lambda load, capacity: 9 // load, ["capacity of 20", "too"]),
        (lambda load, capacity: 3, ["2 new", "4 sends of each are 8", "too"]),
        (lambda load, capacity: 1, ["3 sends", "too"][1:]),
        (lambda load, capacity: -(-capacity // load), ["12 a second"]),
        (lambda load, capacity: (capacity - 1) / load, ["whole number"]),
        (lambda load, capacity: 0, ["whole number, 1 or more"]),
    ],
)
def test_a_number_is_refused(attempts, words):
    refused(judge_attempts(attempts), *words)


def test_a_number_that_is_too_high_is_drawn():
    answer = judge_attempts(lambda load, capacity: -(-capacity // load))
    assert "stays down" in answer.picture.title


# 2 ------------------------------------------------------------------------------------


class Short(FirstCome):
    """Turns away the sixth."""

    def add(self, request):
        if len(self.waiting) < 5:
            super().add(request)


class Fresh(FirstCome):
    """Passes over who has waited for half of what anybody waits."""

    def take(self, now):
        while self.waiting and now - self.waiting[0][2] > 0.5:
            self.waiting.pop(0)
        return super().take(now)


class Jumps(FirstCome):
    """Takes the newest where many wait."""

    def take(self, now):
        if len(self.waiting) > 4:
            newest = self.waiting.pop()
            self.waiting.clear()
            return newest
        return super().take(now)


@pytest.mark.parametrize("line", [Short, Fresh, Jumps])
def test_a_line_that_comes_back(line):
    assert judge_line(line)


def test_no_line_yet():
    class MyLine(FirstCome):
        pass

    assert judge_line(MyLine).verdict == "not attempted"


class Long(FirstCome):
    def add(self, request):
        if len(self.waiting) < 60:
            super().add(request)


class Late(FirstCome):
    def take(self, now):
        while self.waiting and now - self.waiting[0][2] >= 1:
            self.waiting.pop(0)
        return super().take(now)


class Newest(FirstCome):
    def take(self, now):
        return self.waiting.pop() if self.waiting else None


class One(FirstCome):
    def add(self, request):
        if not self.waiting:
            super().add(request)


class Loses(FirstCome):
    def take(self, now):
        return None


@dataclass
class Keeps(FirstCome):
    """Takes everything, with a field of its own."""

    seen: dict = field(default_factory=dict)

    def take(self, now):
        return super().take(now)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (Long, ["8 new requests", "not back"]),
        (Keeps, ["8 new requests", "not back"]),
        (Late, ["9 new requests", "just asked again"]),
        (Newest, ["[3, 2, 1, None]"]),
        (NewestFirst, ["[3, 2, 1, None]"]),
        (One, ["[1, None, None, None]"]),
        (Loses, ["whoever came first is next"]),
        (partial(Sheds, most=5), ["subclass of FirstCome"]),
        (DropsExpired, ["just asked again"]),
    ],
)
def test_a_line_is_refused(line, words):
    refused(judge_line(line), *words)


# 3 ------------------------------------------------------------------------------------


class Thrifty(HedgingClient):
    """Pays for a hedge from a bucket."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.budget = Budget(0.05, 3)

    def go_on(self):
        self.budget.earn()
        super().go_on()

    def on_timer(self, name):
        if name != "hedge" or self.budget.spend():
            super().on_timer(name)


class Counts(HedgingClient):
    """Counts what it has sent, a hedge for twenty, and no more than four saved."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.saved = 60

    def ask(self):
        self.saved = min(self.saved + 1, 80)
        super().ask()

    def on_timer(self, name):
        if name == "hedge":
            if self.saved < 20:
                return
            self.saved -= 21
        super().on_timer(name)


@pytest.mark.parametrize("client", [Thrifty, Counts])
def test_a_client_that_hedges_within_its_budget(client):
    assert judge_hedger(client)


def test_no_client_yet():
    class MyClient(HedgingClient):
        pass

    assert judge_hedger(MyClient).verdict == "not attempted"


class Always(HedgingClient):
    def on_timer(self, name):
        super().on_timer(name)


class Never(HedgingClient):
    def on_timer(self, name):
        if name != "hedge":
            super().on_timer(name)


class EveryTwentieth(HedgingClient):
    def on_timer(self, name):
        if name != "hedge" or self.sequence % 20 == 0:
            super().on_timer(name)


class Later(HedgingClient):
    """Waits so long that it hardly ever happens."""

    def go_on(self):
        super().go_on()
        if self.waiting:
            self.set_timer("hedge", 0.6)


class SpendsOnce(Thrifty):
    """Never earns."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.budget = Budget(0.0, 14)


class Anew(Thrifty):
    """Sends the second request as another client."""

    def on_timer(self, name):
        if name == "hedge":
            if self.budget.spend():
                again = Request("c again", self.sequence, self.operation)
                self.send(self.after(self.server), again)
        else:
            super().on_timer(name)


class Stops(HedgingClient):
    """Does not go on."""

    def go_on(self):
        if self.sequence == 10:
            self.waiting = False
        else:
            super().go_on()


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (Always, ["200 requests are added"]),
        (Never, ["with yours"]),
        (EveryTwentieth, ["with yours"]),
        (Later, ["with yours"]),
        (SpendsOnce, ["hedges no more"]),
        (Anew, ["another number"]),
        (Stops, ["10 come to an end"]),
        (Request, ["no subclass of Node"]),
    ],
)
def test_a_client_is_refused(client, words):
    refused(judge_hedger(client), *words)
