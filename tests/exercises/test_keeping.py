"""The judges of the rules of the machine: what they accept, what they refuse, why."""

import pytest
from exercises.answers import refused

from ftlib.exercises import Paid, judge_account, judge_lost_writes
from ftlib.simulation import Crash, Lose, Node, Point, Recover

# 1 ------------------------------------------------------------------------------------

BACK = Recover("keeper", at=0.2)


@pytest.mark.parametrize(
    "faults",
    [
        [Crash("keeper", at=0.06, keeps=1), BACK],
        [
            Crash("keeper", at=Point("keeper", "write", nth=3), after=1, keeps=1),
            Recover("keeper", at=Point("keeper", "crash", later=0.1)),
        ],
        (Crash("keeper", at=Point("writer", "deliver", "Kept", nth=3), keeps=1), BACK),
    ],
)
def test_one_write_survives(faults):
    answer = judge_lost_writes(faults)
    assert answer, answer
    assert answer.picture.steps


def test_no_faults_yet():
    assert judge_lost_writes(None).verdict == "not attempted"


THIRD = Point("keeper", "write", nth=3)


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([], ["0 faults"]),
        ([Crash("keeper", at=0.06, keeps=1)], ["1 faults"]),
        ([Crash("keeper", at=0.06), BACK], ["finds nothing"]),
        ([Crash("keeper", at=0.06, keeps=2), BACK], ["finds 2"]),
        ([Crash("keeper", at=0.06, keeps=9), BACK], ["finds 3"]),
        ([Crash("keeper", at=THIRD, keeps=1), BACK], ["not told", "3"]),
        ([Crash("keeper", at=0.02, keeps=1), BACK], ["not told", "2"]),
        ([Crash("keeper", at=1.5, keeps=1), Recover("keeper", at=2)], ["finds 3"]),
        (
            [
                Crash("keeper", at=0.06, keeps=1),
                Recover("keeper", at=0.2, disk="wiped"),
            ],
            ["new disk"],
        ),
        ([Crash("writer", at=0.06), BACK], ["Crash or Recover of the keeper"]),
        ([Lose("Keep", nth=2), BACK], ["Crash or Recover of the keeper"]),
        (
            [Crash("keeper", at=9.0, keeps=1), Recover("keeper", at=9.5)],
            ["takes effect"],
        ),
        ([Crash("keeper", at=0.02), Crash("keeper", at=0.06), BACK], ["3 faults"]),
        ("Crash", ["a list"]),
        (7, ["a list"]),
    ],
)
def test_other_faults(faults, words):
    refused(judge_lost_writes(faults), *words)


# 3 ------------------------------------------------------------------------------------


class Pair(Node):
    """Keeps the last number and the balance together."""

    def on_start(self):
        self.last, self.balance = self.disk.read("account", (0, 0))

    def on_message(self, sender, message):
        if message.number > self.last:
            self.last, self.balance = message.number, self.balance + message.amount
            self.disk.write("account", (self.last, self.balance))
            self.disk.force()
        self.send(sender, Paid(message.number, self.balance))


class Log(Node):
    """Keeps every payment, and adds them up when asked."""

    def on_message(self, sender, message):
        log = self.disk.read("log", [])
        if message.number not in [number for number, _ in log]:
            self.disk.append("log", (message.number, message.amount))
        self.disk.force()
        total = sum(amount for _, amount in self.disk.read("log"))
        self.send(sender, Paid(message.number, total))


class SameAnswer(Log):
    """Gives each payment the answer that it has given before."""

    def on_message(self, sender, message):
        paid = self.disk.read("paid", {})
        if message.number not in paid:
            paid[message.number] = max(paid.values(), default=0) + message.amount
            self.disk.write("paid", paid)
            self.disk.force()
        self.send(sender, Paid(message.number, paid[message.number]))


@pytest.mark.parametrize("account", [Pair, Log, SameAnswer])
def test_an_account(account):
    answer = judge_account(account)
    assert answer, answer


def test_no_account_yet():
    assert judge_account(None).verdict == "not attempted"


class Counts(Pair):
    """Counts what comes twice twice."""

    def on_message(self, sender, message):
        self.balance += message.amount
        self.disk.write("account", (message.number, self.balance))
        self.disk.force()
        self.send(sender, Paid(message.number, self.balance))


class InMemory(Pair):
    def on_start(self):
        self.last = self.balance = 0


class Unforced(Node):
    def on_start(self):
        self.last, self.balance = self.disk.read("account", (0, 0))

    def on_message(self, sender, message):
        if message.number > self.last:
            self.last, self.balance = message.number, self.balance + message.amount
            self.disk.write("account", (self.last, self.balance))
        self.send(sender, Paid(message.number, self.balance))


class AnswersFirst(Pair):
    def on_message(self, sender, message):
        new = message.number > self.last
        if new:
            self.last, self.balance = message.number, self.balance + message.amount
        self.send(sender, Paid(message.number, self.balance))
        if new:
            self.disk.write("account", (self.last, self.balance))
            self.disk.force()


class NumberFirst(Pair):
    """Two keys and one force: the number may survive without the balance."""

    ORDER = ("last", "balance")

    def on_start(self):
        self.last = self.disk.read("last", 0)
        self.balance = self.disk.read("balance", 0)

    def on_message(self, sender, message):
        if message.number > self.last:
            self.last, self.balance = message.number, self.balance + message.amount
            for key in self.ORDER:
                self.disk.write(key, getattr(self, key))
            self.disk.force()
        self.send(sender, Paid(message.number, self.balance))


class BalanceFirst(NumberFirst):
    ORDER = ("balance", "last")


class ForcesTwice(NumberFirst):
    def on_message(self, sender, message):
        if message.number > self.last:
            self.last, self.balance = message.number, self.balance + message.amount
            self.disk.write("balance", self.balance)
            self.disk.force()
            self.disk.write("last", self.last)
            self.disk.force()
        self.send(sender, Paid(message.number, self.balance))


class RemembersInMemory(Pair):
    """Knows what it has counted until it crashes."""

    def on_start(self):
        self.last, self.balance = 0, self.disk.read("balance", 0)

    def on_message(self, sender, message):
        if message.number > self.last:
            self.last, self.balance = message.number, self.balance + message.amount
            self.disk.write("balance", self.balance)
            self.disk.force()
        self.send(sender, Paid(message.number, self.balance))


class Silent(Pair):
    """Answers a payment once only."""

    def on_message(self, sender, message):
        if message.number > self.last:
            super().on_message(sender, message)


class OnlyTheFirst(Pair):
    """Never reads what it has written."""

    def on_start(self):
        self.last = self.balance = 0


class Guesses(Node):
    """Has learnt the sums by heart, and answers before the payment has come."""

    def on_start(self):
        self.send("payer", Paid(1, 30))


class Cheap(Node):
    """Answers with what was paid, not with the sum."""

    def on_message(self, sender, message):
        self.send(sender, Paid(message.number, message.amount))


class Echo(Node):
    def on_message(self, sender, message):
        self.send(sender, message)


class Text(Node):
    def on_message(self, sender, message):
        self.send(sender, Paid(message.number, "30"))


class Endless(Pair):
    def on_message(self, sender, message):
        while True:
            self.balance += 1


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (Counts, ["counts a payment twice"]),
        (InMemory, ["misses a payment"]),
        (OnlyTheFirst, ["misses a payment"]),
        (Unforced, ["misses a payment"]),
        (AnswersFirst, ["misses a payment"]),
        (NumberFirst, ["misses a payment"]),
        (BalanceFirst, ["counts a payment twice"]),
        (ForcesTwice, ["counts a payment twice"]),
        (RemembersInMemory, ["counts a payment twice"]),
        (Silent, ["never gets an answer to payment"]),
        (Node, ["never gets an answer to payment 1"]),
        (Guesses, ["has not come"]),
        (Cheap, ["misses a payment"]),
        (Echo, ["the account sends Pay"]),
        (Text, ["is no number"]),
        (Endless, ["does not end"]),
        (Pair(), ["hand in a class"]),
        (dict, ["no subclass of Node"]),
    ],
)
def test_an_account_is_refused(account, words):
    answer = judge_account(account)
    refused(answer, *words)


def test_where_it_crashed_is_said():
    answer = judge_account(NumberFirst)
    assert "keeps=1" in answer.evidence
    assert answer.picture.steps
