"""The judges of real replication: what they accept, and what they refuse, and why."""

from collections import Counter

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_bounded, judge_fates, judge_saves
from ftlib.exercises.real_replication import CASES, MOST
from ftlib.replication.copied import Copy
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_mutants import AcknowledgesEarly
from ftlib.replication.shipping import Append

# 1 ------------------------------------------------------------------------------------

FATES = {
    ("asynchronous", 30): "told, lost",
    ("asynchronous", 60): "told, kept",
    ("synchronous", 30): "not told, lost",
    ("synchronous", 70): "not told, kept",
    ("synchronous", 120): "told, kept",
}


def test_what_becomes_of_a_write():
    assert list(FATES) == list(CASES)
    answer = judge_fates(FATES)
    assert answer, answer
    assert judge_fates(dict.fromkeys(CASES)).verdict == "not attempted"


@pytest.mark.parametrize(
    ("fates", "words"),
    [
        (
            FATES | {("asynchronous", 30): "told, kept"},
            ["asynchronous, 30 ms", "'told, kept': r2 lacks the write."],
        ),
        (
            FATES | {("asynchronous", 60): "told, lost"},
            ["asynchronous, 60 ms", "'told, lost': r2 has the write."],
        ),
        (
            FATES | {("asynchronous", 60): "not told, lost"},
            ["the client was told when r1 died and r2 has the write."],
        ),
        (
            FATES | {("synchronous", 30): "told, lost"},
            [
                "synchronous, 30 ms",
                "'told, lost': the client was not told when r1 died.",
            ],
        ),
        (
            FATES | {("synchronous", 70): "not told, lost"},
            ["synchronous, 70 ms", "r2 has the write"],
        ),
        (
            FATES | {("synchronous", 70): "told, kept"},
            ["synchronous, 70 ms", "was not told"],
        ),
        (
            FATES | {("synchronous", 120): "not told, kept"},
            ["synchronous, 120 ms", "was told"],
        ),
        (FATES | {("synchronous", 30): "lost"}, ["'lost'", "give one of"]),
        (FATES | {("synchronous", 30): None}, ["None"]),
        ({}, ["the keys"]),
        ("told, kept", ["hand in a dict"]),
    ],
)
def test_fates_are_refused(fates, words):
    refused(judge_fates(fates), *words)


# 2 ------------------------------------------------------------------------------------


class Bounded(Replica):
    """Right: it settles what is no more than three ahead of the copy."""

    ahead = MOST

    def advance(self):
        end = min(self.copy.log.last[1], self.copied() + self.ahead)
        if end > self.copy.settled:
            self.settle(end)

    def copied(self):
        return min(self.matched.values())


class OneByOne(Replica):
    """Right too."""

    def advance(self):
        (copied,) = self.matched.values()
        log = self.copy.log
        while self.copy.settled < log.last[1] and self.copy.settled - copied < MOST:
            self.settle(self.copy.settled + 1)


class FourAhead(Bounded):
    ahead = MOST + 1


class TwoAhead(Bounded):
    ahead = MOST - 1


class Waits(Bounded):
    ahead = 0


class CountsWhatIsSent(Bounded):
    def copied(self):
        return max(*self.sent.values(), *self.matched.values())


class OnlyTheFirst(Replica):
    def advance(self):
        if self.copy.log.last[1] <= MOST:
            super().advance()


class InThrees(Replica):
    """Looks only when all are copied."""

    def advance(self):
        copied = min(self.matched.values())
        end = min(self.copy.log.last[1], copied + MOST)
        if end > self.copy.settled and self.copy.settled <= copied:
            self.settle(end)


class ThreePerClient(Replica):
    def advance(self):
        had, end = Counter(), self.copied()
        for entry in self.copy.log.since(end):
            had[getattr(entry.value, "client", None)] += 1
            if max(had.values()) > MOST:
                break
            end += 1
        if end > self.copy.settled:
            self.settle(end)

    copied = Bounded.copied


class OneClientOnly(Bounded):
    """Settles everything once there are several clients."""

    def copied(self):
        clients = {
            getattr(each.value, "client", None) for each in self.copy.log.entries
        }
        return self.copy.log.last[1] if len(clients - {None}) > 1 else super().copied()


class AllOrNone(Replica):
    """Acknowledges only what brings all that is on its way down to three."""

    def advance(self):
        last = self.copy.log.last[1]
        if last - min(self.matched.values()) <= MOST and last > self.copy.settled:
            self.settle(last)


class Silent(Replica):
    def advance(self):
        pass


class NeverAgain(Bounded):
    """Answers nothing once it has come back."""

    def follow(self, epoch):
        if epoch > 1:
            self.ahead = 0
        super().follow(epoch)

    def copied(self):
        return super().copied() if self.epoch == 1 else 0


@pytest.mark.parametrize("kind", [Bounded, OneByOne])
def test_only_so_much_to_lose(kind):
    answer = judge_bounded(kind)
    assert answer, answer


def test_nothing_bounded_yet():
    class Untouched(Replica):
        """Yours: override advance."""

    for given in (None, Replica, Untouched):
        assert judge_bounded(given).verdict == "not attempted"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (AcknowledgesEarly, ["acknowledged writes are lost", "delay="]),
        (FourAhead, ["4 acknowledged writes are lost"]),
        (CountsWhatIsSent, ["acknowledged writes are lost"]),
        (ThreePerClient, ["eight clients", "8 acknowledged writes are lost"]),
        (OneClientOnly, ["eight clients", "acknowledged writes are lost"]),
        (TwoAhead, ["only 2 of the first 3", "need wait"]),
        (Waits, ["only 0 of the first"]),
        (Silent, ["only 0 of the first"]),
        (OnlyTheFirst, ["acknowledges 3 writes", "could do"]),
        (AllOrNone, ["eight clients", "has acknowledged 3:"]),
        (InThrees, ["only 1 of the first"]),
        (NeverAgain, ["is back at 2 s"]),
        (dict, ["no subclass of Node"]),
        (Copy, ["no subclass of Node"]),
        ("Bounded", ["hand in a class"]),
    ],
)
def test_bounds_are_refused(kind, words):
    refused(judge_bounded(kind), *words)


# 3 ------------------------------------------------------------------------------------


class Saves(Replica):
    """Right: it saves, and forces, before it discards."""

    def on_message(self, sender, message):
        match message:
            case Append(epoch, index, before, entries) if epoch >= self.epoch:
                gone = self.copy.log.conflict(index, before, entries)
                if gone:
                    self.save(self.copy.log.since(gone - 1))
        super().on_message(sender, message)

    def save(self, entries):
        saved = self.disk.read("discarded", [])
        for entry in entries:
            if entry.value and entry.value not in saved:
                self.disk.append("discarded", entry.value)
        self.disk.force()


class Keeping(Copy):
    def take(self, node, index, before, entries):
        gone = self.log.conflict(index, before, entries)
        for entry in self.log.since(gone - 1) if gone else ():
            if entry not in node.disk.read("discarded", []):
                node.disk.append("discarded", entry)
        return super().take(node, index, before, entries)


class SavesInItsCopy(Replica):
    """Right too: what is written first survives first, so one force is enough."""

    def __init__(self, *given):
        super().__init__(*given)
        self.copy = Keeping()


class SavesTwice(Saves):
    def save(self, entries):
        for entry in entries:
            if entry.value:
                self.disk.append("discarded", entry.value)
        self.disk.force()


class Overwrites(Saves):
    def save(self, entries):
        self.disk.write("discarded", [each.value for each in entries if each.value])
        self.disk.force()


class KeepsTheLatest(Saves):
    """Right the first time."""

    def save(self, entries):
        values = [each.value for each in entries if each.value]
        if not set(values) <= set(self.disk.read("discarded", [])):
            self.disk.write("discarded", values)
            self.disk.force()


class SavesTooLate(Saves):
    def on_message(self, sender, message):
        gone = None
        if isinstance(message, Append) and message.epoch >= self.epoch:
            log = self.copy.log
            gone = log.conflict(message.index, message.before, message.entries)
            lost = log.since(gone - 1) if gone else ()
        Replica.on_message(self, sender, message)
        if gone:
            self.save(lost)


class SavesOne(Saves):
    def save(self, entries):
        super().save(entries[:1])


class SavesAll(Saves):
    def save(self, entries):
        super().save(self.copy.log.entries)


class InMemory(Saves):
    def save(self, entries):
        self.saved = [each.value for each in entries]


class SavesNames(Saves):
    def save(self, entries):
        for entry in entries:
            self.disk.append("discarded", str(entry))


class SavesText(Saves):
    def save(self, entries):
        self.disk.write("discarded", str(entries))


class GoesItsOwnWay(Replica):
    def on_message(self, sender, message):
        if not isinstance(message, Append):
            super().on_message(sender, message)


@pytest.mark.parametrize("kind", [Saves, SavesInItsCopy])
def test_what_is_discarded_is_kept(kind):
    answer = judge_saves(kind)
    assert answer, answer


def test_nothing_saved_yet():
    class Untouched(Replica):
        pass

    for given in (None, Replica, Untouched):
        assert judge_saves(given).verdict == "not attempted"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (AcknowledgesEarly, ["has not saved it"]),
        (SavesTwice, ["saves request", "2 times"]),
        (Overwrites, ["has not saved it"]),
        (KeepsTheLatest, ["has not saved it"]),
        (SavesTooLate, ["has not saved it"]),
        (SavesOne, ["has not saved it"]),
        (SavesAll, ["does not discard"]),
        (InMemory, ["has not saved it"]),
        (SavesNames, ["has not saved it"]),
        (SavesText, ["no list"]),
        (GoesItsOwnWay, ["not the same log"]),
        (dict, ["no subclass of Node"]),
        ("Saves", ["hand in a class"]),
    ],
)
def test_what_is_saved_is_refused(kind, words):
    refused(judge_saves(kind), *words)
