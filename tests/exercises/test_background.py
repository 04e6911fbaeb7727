"""The judges of failures and availability: what they accept, what they refuse, why."""

import random
from heapq import heappop, heappush

import pytest
from exercises.answers import refused
from exercises.chapters import definitions

from ftlib.exercises import judge_nodes, judge_one_crew, judge_persistent
from ftlib.simulation import Crash, Exponential, Lose, Node, Recover
from ftlib.simulation.chance import stream

CHAPTER = definitions("1_background")
Ask, Client, Server = CHAPTER["Ask"], CHAPTER["Client"], CHAPTER["Server"]


# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("nodes", [5, 5.0])
def test_enough_nodes(nodes):
    answer = judge_nodes(nodes)
    assert answer, answer
    assert answer.picture


def test_no_number_yet():
    assert judge_nodes(None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("nodes", "word"),
    [
        (3, "99.97 %"),
        (1, "99 %"),
        (4, "only"),
        (7, "so are fewer"),
        (6, "only"),
        (99, "so are fewer"),
        (0, "whole number"),
        (4.5, "whole number"),
        (float("nan"), "whole number"),
        (True, "give a number"),
        ("five", "give a number"),
    ],
)
def test_another_number_of_nodes(nodes, word):
    refused(judge_nodes(nodes), word)


# 2 ------------------------------------------------------------------------------------


class Persistent(Client):
    def on_start(self):
        self.send("server", Ask(1))
        self.set_timer("again", 0.05)

    def on_message(self, sender, message):
        self.cancel_timer("again")


class Remembers(Client):
    """Lets the timer ring once more, and knows then that it has its answer."""

    answered = False

    def on_start(self):
        self.asked = 1
        if not self.answered:
            for server in self.servers:
                self.send(server, Ask(self.asked))
            self.set_timer("next", self.every)

    def on_message(self, sender, message):
        self.answered = True


@pytest.mark.parametrize("client", [Persistent, Remembers])
def test_a_client_asks_again(client):
    answer = judge_persistent(client, Server)
    assert answer, answer


def test_no_client_yet():
    assert judge_persistent(None, Server).verdict == "not attempted"


class OnAndOn(Persistent):
    def on_message(self, sender, message):
        pass


class AnotherQuestion(Client):
    def on_start(self):
        self.questions += 1
        super().on_start()

    def on_message(self, sender, message):
        self.cancel_timer("next")


class ThreeTimes(Client):
    """Asks three times, which two losses survive."""

    def on_start(self):
        self.asked += 1
        self.send("server", Ask(1))
        if self.asked < 3:
            self.set_timer("next", 0.05)

    def on_message(self, sender, message):
        self.cancel_timer("next")


class TenTimes(ThreeTimes):
    def on_start(self):
        super().on_start()
        if 3 <= self.asked < 10:
            self.set_timer("next", 0.05)


class AllAtOnce(Node):
    def on_start(self):
        for _ in range(3):
            self.send("server", Ask(1))


class Slower(Persistent):
    def on_start(self):
        self.send("server", Ask(1))
        self.set_timer("again", 0.1)


class Patient(Persistent):
    def on_start(self):
        self.set_timer("again", 0.05)

    def on_timer(self, name):
        self.send("server", Ask(1))
        self.set_timer("again", 0.05)


class StopsAtOnce(Persistent):
    """Takes the first question for answered."""

    def on_timer(self, name):
        pass


class Ticks(Persistent):
    def on_timer(self, name):
        if not getattr(self, "done", False):
            self.send("server", Ask(1))
        self.set_timer("again", 0.05)

    def on_message(self, sender, message):
        self.done = True


class Lost(Persistent):
    def on_timer(self, name):
        self.send("sever", Ask(1))


class Storm(Persistent):
    def on_timer(self, name):
        self.set_timer("again", 0)


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (Client, ["gives up after asking 1 times"]),
        (OnAndOn, ["asks on"]),
        (AnotherQuestion, ["not the question"]),
        (ThreeTimes, ["gives up after asking 3 times"]),
        (TenTimes, ["gives up after asking 10 times"]),
        (AllAtOnce, ["after 0 ms"]),
        (Slower, ["after 100 ms"]),
        (Patient, ["at once"]),
        (StopsAtOnce, ["gives up"]),
        (Ticks, ["timer goes on"]),
        (Lost, ["sever"]),
        (Storm, ["endless loop"]),
        (Persistent(), ["hand in a class"]),
        (dict, ["no subclass of Node"]),
    ],
)
def test_a_client_is_refused(client, words):
    refused(judge_persistent(client, Server), *words)


def test_what_was_lost_is_said():
    answer = judge_persistent(ThreeTimes, Server)
    assert repr(Lose("Ask")) in answer.evidence
    assert answer.picture.steps


# 3 ------------------------------------------------------------------------------------

SERVERS, HOUR = ("s1", "s2", "s3"), 3600


def one_crew(hours, seed=7, repair=lambda draw: Exponential(1).quantile(draw())):
    draw, faults, free = stream(seed, "crew").random, [], 0.0
    crashes = {server: Exponential(9).quantile(draw()) for server in SERVERS}
    while (now := min(crashes.values())) < hours:
        server = min(crashes, key=crashes.get)
        free = max(free, now) + repair(draw)
        faults += [Crash(server, at=now * HOUR), Recover(server, at=free * HOUR)]
        crashes[server] = free + Exponential(9).quantile(draw())
    return faults


def events(hours):
    """The same as a queue of events, from Python's own generator."""
    chance = random.Random(3)
    queue, line, faults = [], [], []
    for server in SERVERS:
        heappush(queue, (chance.expovariate(1 / 9), "crash", server))
    while queue:
        now, what, server = heappop(queue)
        if what == "crash":
            if now > hours:
                continue
            faults.append(Crash(server, at=now * HOUR))
            line.append(server)
            begins = len(line) == 1
        else:
            faults.append(Recover(server, at=now * HOUR))
            line.pop(0)
            heappush(queue, (now + chance.expovariate(1 / 9), "crash", server))
            begins = bool(line)
        if begins:
            heappush(queue, (now + chance.expovariate(1), "repair", line[0]))
    return faults


@pytest.mark.parametrize("crew", [one_crew, events])
def test_one_crew(crew):
    answer = judge_one_crew(crew)
    assert answer, answer
    assert "one at a time" in answer.reason


@pytest.mark.parametrize("seed", range(12))
def test_no_seed_is_refused(seed):
    assert judge_one_crew(lambda hours: one_crew(hours, seed))


def untouched(hours):
    return None


@pytest.mark.parametrize("crew", [None, untouched])
def test_no_crew_yet(crew):
    assert judge_one_crew(crew).verdict == "not attempted"


def three_crews(hours):
    faults = []
    for server in SERVERS:
        draw, now = stream(7, server).random, 0.0
        while (now := now + Exponential(9).quantile(draw())) < hours:
            back = now + Exponential(1).quantile(draw())
            faults += [Crash(server, at=now * HOUR), Recover(server, at=back * HOUR)]
            now = back
    return faults


def last_first(hours):
    """Repairs the last that crashed first."""
    chance = random.Random(3)
    now, free, faults = 0.0, 0.0, []
    crashes = {server: chance.expovariate(1 / 9) for server in SERVERS}
    while now < hours:
        waiting = [each for each in SERVERS if crashes[each] <= free]
        server = (
            max(waiting, key=crashes.get) if waiting else min(crashes, key=crashes.get)
        )
        now = crashes[server]
        free = max(free, now) + chance.expovariate(1)
        faults += [Crash(server, at=now * HOUR), Recover(server, at=free * HOUR)]
        crashes[server] = free + chance.expovariate(1 / 9)
    return faults


def in_hours(hours):
    return [type(fault)(fault.node, at=fault.at / HOUR) for fault in one_crew(hours)]


def only_one(hours):
    return [fault for fault in one_crew(hours) if fault.node == "s1"]


def in_turn(hours):
    """Nobody crashes while another one is repaired."""
    draw, now, faults = stream(7, "turn").random, 0.0, []
    while now < hours:
        for server in SERVERS:
            crash = now + Exponential(9).quantile(draw())
            now = crash + Exponential(1).quantile(draw())
            faults += [Crash(server, at=crash * HOUR), Recover(server, at=now * HOUR)]
    return faults


def two_hours(draw):
    return Exponential(2).quantile(draw())


def memoryless(hours):
    """Lets the next life begin at the crash, not at the end of the repair."""
    draw, faults, free = stream(7, "crew").random, [], 0.0
    crashes = {server: Exponential(9).quantile(draw()) for server in SERVERS}
    while (now := min(crashes.values())) < hours:
        server = min(crashes, key=crashes.get)
        free = max(free, now) + Exponential(1).quantile(draw())
        faults += [Crash(server, at=now * HOUR), Recover(server, at=free * HOUR)]
        crashes[server] = now + Exponential(9).quantile(draw())
    return faults


@pytest.mark.parametrize(
    ("crew", "words"),
    [
        (three_crews, ["in the order of the crashes"]),
        (last_first, ["in the order of the crashes"]),
        (in_hours, ["in seconds?"]),
        (only_one, ["s2 never crashes"]),
        (memoryless, ["is down already"]),
        (in_turn, ["lives", "on average"]),
        (lambda hours: one_crew(hours, 7, lambda draw: 1.0), ["not exponential"]),
        (lambda hours: one_crew(hours, 7, lambda draw: 2 * draw()), ["exponential"]),
        (
            lambda hours: one_crew(hours, 7, two_hours),
            ["the repairs take", "chance does not explain"],
        ),
        (lambda hours: one_crew(200), ["long before"]),
        (lambda hours: [], ["never crashes"]),
        (lambda hours: one_crew(hours)[::2], ["down already"]),
        (lambda hours: [Crash("server", at=1)], ["s1, s2 or s3"]),
        (lambda hours: 0.942, ["return a list"]),
        (list, ["TypeError"]),
        (0.942, ["hand in a function"]),
    ],
)
def test_a_crew_is_refused(crew, words):
    refused(judge_one_crew(crew), *words)


def test_two_repairs_at_once_are_drawn():
    assert judge_one_crew(three_crews).picture.steps
