"""The judges of a primary and its standby: what they accept and refuse, and why."""

import pytest
from exercises.answers import refused
from exercises.chapters import definitions

from ftlib.exercises import judge_leases, judge_resource, judge_two_primaries
from ftlib.replication.fencing import Resource
from ftlib.replication.primary_standby import Peer
from ftlib.replication.primary_standby_mutants import (
    FencesItself,
    ForgetsWhatItSaw,
)
from ftlib.replication.witness import Ask, Denied, Lease, Release, Witness
from ftlib.services import Granted, granted
from ftlib.simulation import Crash, Duplicate, Lose, Node, Partition, Slow

CHAPTER = definitions("4_1_2_primary_standby")
Peer1, Peer2 = CHAPTER["Peer1"], CHAPTER["Peer2"]
Witness3 = CHAPTER["Witness3"]


# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        [Slow(("a", "b"), by=0.6, at=0.7)],
        (Slow(("a", "b"), by=2.0, at=0.7, until=1.5),),
        [Slow(("a", "b"), by=0.7, at=0.3), Duplicate("Append", nth=3)],
        [Slow(("a", "b"), by=0.6, at=0.7), Slow(("b", "a"), by=0.6, at=0.7)],
    ],
    ids=["slow", "slow for a while", "slow and twice", "slow both ways"],
)
def test_two_primaries(faults):
    answer = judge_two_primaries(faults, Peer2)
    assert answer, answer
    assert "Nobody was down" in answer.reason
    assert "lost" in answer.picture.title


@pytest.mark.parametrize("untouched", [None, []])
def test_no_faults_yet(untouched):
    assert judge_two_primaries(untouched, Peer2).verdict == "not attempted"


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        ([Partition([["b", "c2"]], at=0.7)], "cuts the network"),
        ([Crash("a", at=0.7)], "crashes somebody"),
        ([Slow("b", by=0.5, at=0.7)], "one primary at a time"),
        ([Slow(("a", "b"), by=0.2, at=0.7)], "one primary at a time"),
        ([Slow(("b", "a"), by=1.0, at=0.7)], "one primary at a time"),
        ([Slow("a", by=0.5, at=0.7)], "every answered write"),
        ([Lose("Append", nth=99)], "never takes effect"),
        ([Lose("Lease")], "never takes effect"),
        ([Duplicate("Append", nth=nth) for nth in range(1, 14)], "12 are enough"),
        ([Slow("p1", by=1.0)], "p1"),
        ("Slow('a', by=1)", "a list of faults"),
        (Slow("a", by=1.0), "a list of faults"),
        ([Slow], "something else"),
        (7, "a list of faults"),
    ],
)
def test_no_two_primaries(faults, word):
    refused(judge_two_primaries(faults, Peer2), word)


def test_another_version_does_not_help():
    faults = [Slow(("a", "b"), by=0.6, at=0.7)]

    class Both(Peer2):
        def on_start(self):
            super().on_start()
            if not self.first:
                self.want()

    refused(judge_two_primaries(faults, Peer1), "one primary at a time")
    refused(judge_two_primaries(faults, Peer), "one primary at a time")
    refused(judge_two_primaries(faults, Both), "without any fault")
    refused(judge_two_primaries(faults, None), "hand in a class")


# 2 ------------------------------------------------------------------------------------


class Highest(FencesItself):
    def admits(self, epoch):
        highest = self.disk.read("highest", 0)
        if epoch > highest:
            self.disk.write("highest", epoch)
            self.disk.force()
        return epoch >= highest


class Keeps(FencesItself):
    """The same otherwise: it goes by its memory, which a restart reads."""

    def on_start(self):
        self.seen = self.disk.read("all", [0])

    def admits(self, epoch):
        if epoch < max(self.seen):
            return False
        if epoch not in self.seen:
            self.seen = [*self.seen, epoch]
            self.disk.write("all", self.seen)
            self.disk.force()
        return True


@pytest.mark.parametrize("kind", [Highest, Keeps])
def test_a_resource_is_safe(kind):
    answer = judge_resource(kind)
    assert answer, answer
    assert "states" in answer.reason


@pytest.mark.parametrize("starter", [type("MyResource", (FencesItself,), {})])
def test_the_starter_of_a_resource(starter):
    assert judge_resource(starter).verdict == "not attempted"


class Anything(FencesItself):
    def admits(self, epoch):
        return epoch > 0


class Nothing(FencesItself):
    def admits(self, epoch):
        return False


class OncePerEpoch(Highest):
    def admits(self, epoch):
        new = epoch > self.disk.read("highest", 0)
        return super().admits(epoch) and new


class OnlyFirst(FencesItself):
    """Sees that a later epoch is refused, and not that of whom."""

    def admits(self, epoch):
        if not self.disk.read("highest"):
            self.disk.write("highest", epoch)
            self.disk.force()
        return epoch == self.disk.read("highest")


class InMemory(FencesItself):
    def on_start(self):
        self.highest = 0

    def admits(self, epoch):
        self.highest = max(self.highest, epoch)
        return epoch == self.highest


class Unforced(FencesItself):
    def admits(self, epoch):
        highest = self.disk.read("highest", 0)
        if epoch > highest:
            self.disk.write("highest", epoch)
        return epoch >= highest


class Lowers(FencesItself):
    """Refuses an older epoch once, and remembers it in place of the later one."""

    def admits(self, epoch):
        highest = self.disk.read("highest", 0)
        self.disk.write("highest", epoch)
        self.disk.force()
        return epoch >= highest


class Late(FencesItself):
    """Remembers an epoch when it comes for the second time."""

    def admits(self, epoch):
        highest, before = self.disk.read("two", (0, 0))
        if epoch != before:
            self.disk.write("two", (highest, epoch))
        elif epoch > highest:
            self.disk.write("two", (epoch, epoch))
        self.disk.force()
        return epoch >= highest


class Loops(FencesItself):
    def admits(self, epoch):
        while epoch:
            pass


class Raises(FencesItself):
    def admits(self, epoch):
        return epoch >= self.highest


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Anything, ["effects in order of epochs"]),
        (Nothing, ["it does 0"]),
        (OncePerEpoch, ["epoch 1", "it does 1"]),
        (OnlyFirst, ["b takes over", "epoch 2"]),
        (InMemory, ["after epoch 2"]),
        (Unforced, ["after epoch 2"]),
        (Lowers, ["in a row"]),
        (Late, ["in a row"]),
        (Loops, ["does not end"]),
        (Raises, ["AttributeError", "highest"]),
        (ForgetsWhatItSaw, ["after epoch 2"]),
        (Node, ["no subclass of Resource"]),
        (None, ["hand in a class"]),
    ],
)
def test_a_resource_is_refused(kind, words):
    answer = judge_resource(kind)
    refused(answer, *words)
    if kind in (InMemory, Unforced, ForgetsWhatItSaw):
        assert answer.picture.steps > 5
        assert "Crash" in answer.evidence


def test_the_library_keeps_what_is_asked():
    assert judge_resource(Resource)
    assert judge_leases(Witness)


# 3 ------------------------------------------------------------------------------------


class Leases(Witness3):
    def on_start(self):
        super().on_start()
        self.leased = False
        if self.epoch:
            self.let()

    def let(self):
        self.leased = True
        self.set_timer("lease", 0.6)

    def on_timer(self, name):
        self.leased = False

    def may(self, sender):
        if sender == self.holder:
            return True
        return not self.leased and super().may(sender)

    def on_message(self, sender, message):
        super().on_message(sender, message)
        held = self.epoch, self.holder
        match message:
            case Ask(epoch) if (epoch, sender) == held:
                self.let()
            case Release(epoch) if (epoch, sender) == held:
                self.let_go()

    def let_go(self):
        self.leased = False


class Whole(Node):
    """The same otherwise: written anew, with a timer that is there or not."""

    MESSAGES, FACTS = Witness3.MESSAGES, Witness3.FACTS

    def on_start(self):
        self.free = True
        if self.disk.read("granted"):
            self.begin()

    def begin(self):
        self.free = False
        self.set_timer("over", 0.6)

    def on_timer(self, name):
        self.free = True

    def on_message(self, sender, message):
        epoch, holder = granted(self.disk)
        match message:
            case Ask(wanted, number, paired):
                own = holder in (None, sender)
                both = self.disk.read("both") == epoch
                new = wanted > epoch and (own or (both and self.free))
                if new:
                    self.disk.write("granted", (wanted, sender))
                    self.disk.force()
                    self.record(Granted(wanted, sender))
                if new or (wanted, sender) == (epoch, holder):
                    if paired and self.disk.read("both") != wanted:
                        self.disk.write("both", wanted)
                        self.disk.force()
                    self.begin()
                    self.send(sender, Lease(wanted, number))
                else:
                    self.send(sender, Denied(epoch, holder))
            case Release(released) if (released, sender) == (epoch, holder):
                self.cancel_timer("over")
                self.free = True


@pytest.mark.parametrize("kind", [Leases, Whole])
def test_grants_are_leases(kind):
    answer = judge_leases(kind)
    assert answer, answer
    assert "states" in answer.reason


def test_the_starter_of_a_witness():
    starter = type("MyWitness", (Witness3,), {"MESSAGES": Witness3.MESSAGES})
    assert judge_leases(starter).verdict == "not attempted"


class Never(Leases):
    def let(self):
        pass


class ForEver(Leases):
    def on_timer(self, name):
        pass


class NotRenewed(Leases):
    def let(self):
        if not self.leased:
            super().let()


class OnlyNew(Leases):
    """Lets a lease begin with an epoch, and not with what is asked for it later."""

    def on_message(self, sender, message):
        before = self.epoch
        Witness3.on_message(self, sender, message)
        if self.epoch > before:
            self.let()


class ForgetsLease(Leases):
    def on_start(self):
        super().on_start()
        self.leased = False


class RenewedByAnybody(Leases):
    """Lets the lease begin anew with every question, also one that it refuses."""

    def on_message(self, sender, message):
        super().on_message(sender, message)
        if isinstance(message, Ask):
            self.let()


class NoRelease(Leases):
    def let_go(self):
        pass


class AnyPeer(Leases):
    def may(self, sender):
        return sender == self.holder or not self.leased


class ForgetsAll(Leases):
    def on_start(self):
        for key in ("granted", "paired"):
            self.disk.delete(key)
        super().on_start()


class EveryRelease(Leases):
    def on_message(self, sender, message):
        super().on_message(sender, message)
        if isinstance(message, Release):
            self.let_go()


class TooLong(Leases):
    def let(self):
        self.leased = True
        self.set_timer("lease", 1.6)


class TooShort(Leases):
    def let(self):
        self.leased = True
        self.set_timer("lease", 0.2)


class Grants(Leases):
    """Refuses everybody."""

    def may(self, sender):
        return False


class Stuck(Leases):
    def on_timer(self, name):
        while self.leased:
            pass


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Never, ["a is cut off", "one at a time"]),
        (ForEver, ["b is never granted an epoch"]),
        (NotRenewed, ["one at a time"]),
        (OnlyNew, ["one at a time"]),
        (ForgetsLease, ["the witness restarts", "one at a time"]),
        (RenewedByAnybody, ["b is never granted an epoch"]),
        (NoRelease, ["releases its epoch"]),
        (AnyPeer, ["goes on alone", "acknowledged writes survive"]),
        (ForgetsAll, ["restarts"]),
        (EveryRelease, ["a copy of the release", "one at a time"]),
        (TooLong, ["a lease lasts 0.6 s"]),
        (TooShort, ["one at a time"]),
        (Grants, ["nothing fails"]),
        (Stuck, ["does not end"]),
        (Witness3.__mro__[1], ["one at a time"]),
        (Peer2, []),
        (int, ["no subclass of Node"]),
        (None, ["hand in a class"]),
    ],
)
def test_a_witness_is_refused(kind, words):
    refused(judge_leases(kind), *words)
