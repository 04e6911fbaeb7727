"""The measure of what servers share: primary and replicas, made of its parts, can be
explored in full: heartbeats, an election, a crash, a client that asks again.

The protocol is a toy: every message ships the whole log, and nothing is compacted.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from ftlib.checking import ClusterModel, KeyValue, explore, linearizable
from ftlib.services import (
    PROPERTIES,
    Client,
    Elected,
    Entry,
    Executed,
    Granted,
    Log,
    Quorum,
    Redirect,
    Reply,
    Request,
    Store,
    Stored,
    Truncated,
    grant,
    granted,
    responsive,
)
from ftlib.services.epoch import KEY
from ftlib.simulation import (
    Broken,
    Cluster,
    Crash,
    Deliver,
    Fire,
    Node,
    Point,
    judge,
    monitor,
)

MEMBERS = ("r1", "r2", "r3")
TWO = (("append", "x", "a"), ("get", "x"))
SAFETY = (*PROPERTIES, linearizable(KeyValue))


@dataclass(frozen=True, slots=True)
class Ask:
    epoch: int
    last: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Yes:
    epoch: int


@dataclass(frozen=True, slots=True)
class Append:
    epoch: int
    entries: tuple[Entry, ...]
    settled: int


@dataclass(frozen=True, slots=True)
class Ack:
    epoch: int
    index: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    epoch: int


class Replica(Node):
    MESSAGES = (Ask, Yes, Append, Ack, Heartbeat, Reply, Redirect)
    FACTS = (Granted, Elected, Stored, Truncated, Executed)

    def __init__(self, members: tuple[str, ...] = MEMBERS) -> None:
        self.members = members
        self.log = Log()
        self.store = Store()
        self.executed = 0  # entries of the log
        self.acts = False  # as the primary of the epoch that it was granted
        self.votes: Quorum | None = None
        self.acks: Quorum | None = None  # for the last entry of its log

    def on_start(self) -> None:
        self.log.recover(self.disk)
        self.set_timer("election", (0.15, 0.3))

    @property
    def epoch(self) -> int:
        return granted(self.disk)[0]

    @property
    def others(self) -> list[str]:
        return [member for member in self.members if member != self.id]

    def grant(self, epoch: int, to: str) -> bool:
        return grant(self.disk, epoch, to)

    def yields(self, epoch: int, to: str) -> bool:
        """Grant an epoch to another, and stop acting for an earlier one."""
        newer = epoch > self.epoch
        yes = self.grant(epoch, to)
        if yes:
            self.record(Granted(epoch, to))
        if newer:
            self.steps_down()
        return yes

    def steps_down(self) -> None:
        self.acts, self.votes, self.acks = False, None, None
        self.cancel_timer("heartbeat")
        self.set_timer("election", (0.15, 0.3))

    def on_timer(self, name: str) -> None:
        if name == "heartbeat":
            self.broadcast(Heartbeat(self.epoch))
            self.set_timer("heartbeat", 0.05)
            return
        epoch = self.epoch + 1
        self.yields(epoch, self.id)
        self.votes = Quorum(self.members, (self.id,))
        self.broadcast(Ask(epoch, self.log.last))

    def broadcast(self, message: Any) -> None:
        for member in self.others:
            self.send(member, message)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Request():
                self.serve(sender, message)
            case Ask(epoch, last) if self.log.up_to_date(last):
                if self.yields(epoch, sender):
                    self.send(sender, Yes(epoch))
            case Yes(epoch) if epoch == self.epoch and self.votes:
                if self.votes.add(sender):
                    self.lead()
            case Append(epoch, entries, settled) if epoch >= self.epoch:
                self.yields(epoch, sender)
                self.take(entries)
                self.send(sender, Ack(epoch, len(entries)))
                self.execute(settled)
            case Heartbeat(epoch) if (epoch, sender) == granted(self.disk):
                self.set_timer("election", (0.15, 0.3))
            case Ack(epoch, index) if epoch == self.epoch and self.acks:
                if index == self.log.last[1] and self.acks.add(sender):
                    self.acks = None
                    self.execute(index)

    # As the primary -------------------------------------------------------------------

    def lead(self) -> None:
        self.votes, self.acts = None, True
        self.record(Elected(self.epoch))
        self.cancel_timer("election")
        self.set_timer("heartbeat", 0.05)
        self.put(None)  # nothing of an earlier epoch is settled without one of this

    def put(self, value: Request | None) -> None:
        index = self.log.append(self.disk, self.epoch, value)
        self.disk.force()
        self.record(self.log.stored(index))
        self.acks = Quorum(self.members, (self.id,))
        self.broadcast(Append(self.epoch, self.log.since(0), self.executed))

    def serve(self, sender: str, request: Request) -> None:
        """Answer, or begin; who is not the primary leaves it to the client to ask
        another.
        """
        reply = self.store.reply(request)
        if not self.acts:
            return
        if reply:
            self.send(sender, reply)
        elif all(entry.value != request for entry in self.log.entries):
            self.put(request)

    # As any ---------------------------------------------------------------------------

    def take(self, entries: tuple[Entry, ...]) -> None:
        gone, last = self.log.conflict(0, 0, entries), self.log.last[1]
        if gone is not None:
            self.record(Truncated(gone))
            last = gone - 1
        self.log.accept(self.disk, 0, 0, entries)
        if len(entries) > last:
            self.disk.force()
            for index in range(last + 1, len(entries) + 1):
                self.record(self.log.stored(index))

    def execute(self, settled: int) -> None:
        for index in range(self.executed + 1, settled + 1):
            entry = self.log.at(index)
            if entry and entry.value:
                executed = self.store.execute(entry.value)
                if executed:
                    self.record(executed)
                reply = self.store.reply(entry.value)
                if reply and self.acts:
                    self.send(entry.value.client, reply)
        self.executed = max(self.executed, settled)


class GrantsTwice(Replica):
    """Grants an epoch to everybody who asks for it."""

    def grant(self, epoch: int, to: str) -> bool:
        if epoch < self.epoch:
            return False
        self.disk.write(KEY, (epoch, to))
        self.disk.force()
        return True


class ForgetsItsGrant(Replica):
    """Does not force what it grants."""

    def grant(self, epoch: int, to: str) -> bool:
        if epoch > self.epoch:
            self.disk.write(KEY, (epoch, to))
            return True
        return (epoch, to) == granted(self.disk)


class Redirects(Replica):
    """Names the primary, to who asks for what it has not executed."""

    def serve(self, sender: str, request: Request) -> None:
        holder = granted(self.disk)[1]
        last, _ = self.store.sessions.get(request.client, (0, None))
        if self.acts:
            super().serve(sender, request)
        elif request.sequence > last and holder not in (None, self.id):
            self.send(sender, Redirect(request.sequence, holder))


FIRST = (  # r1 is elected, and its first entry is settled
    Fire("r1", "election"),
    Deliver("Ask", receiver="r2"),
    Deliver("Ask", receiver="r3"),
    Deliver("Yes", sender="r2"),
    Deliver("Append", receiver="r2"),
    Deliver("Append", receiver="r3"),
    Deliver("Ack", sender="r2"),
    Fire("r1", "heartbeat"),
)
BOUND = {
    "crashes": 1,
    "crashing": MEMBERS,
    "firings": {"election": 1, "retry": 1},  # heartbeats are free
    "settled": FIRST,
}


def cluster(replica=Replica):
    nodes = dict.fromkeys(MEMBERS, replica)
    return nodes | {"c": partial(Client, MEMBERS, TWO, 0.1, 0.1)}


def _served(takeover, event):
    match event.kind, event.what:
        case "fact", Elected(2):
            return True
        case "return", (("get", "x"), "a") if takeover:
            return Broken(
                "what the first primary had executed was read after another election"
            )
    return takeover


never = monitor("never served after an election", False, _served, ("fact", "return"))


def test_heartbeats_elections_and_answers_in_a_run():
    first = Cluster(cluster(), seed=7).run(until=1).facts(Elected)[0].node
    crash = Crash(first, at=Point(first, "send", "Reply"))
    run = Cluster(cluster(), faults=[crash], seed=7)
    trace = run.run(until=5, properties=SAFETY)
    assert run.violation is None
    assert judge(trace, [responsive(2, 5, lambda trace: None)])[0]
    assert len(trace.where(kind="return")) == 2
    assert trace.counts()["Heartbeat"] > 10
    assert len(trace.facts(Elected)) == 2


@pytest.mark.slow
def test_the_measure():
    found = explore(ClusterModel(cluster(), (*SAFETY, never), **BOUND))
    assert found.complete
    assert set(found.violations) == {never.name}
    assert found.states < 400_000  # 107,334, of which `never` costs 8,690


def test_redirects_are_explored_without_time_outs():
    bound = BOUND | {"crashing": ["r1"], "firings": {"election": 1, "retry": 0}}
    found = explore(ClusterModel(cluster(Redirects), SAFETY, **bound))
    assert found, str(found)


@pytest.mark.parametrize(
    ("mutant", "steps", "bound"),
    [
        (GrantsTwice, 3, {"crashes": 0}),
        (ForgetsItsGrant, 4, {"recoveries": 1, "settled": ()}),
    ],
)
def test_an_epoch_that_is_granted_twice_is_found(mutant, steps, bound):
    bound = BOUND | {"firings": {"election": 2, "retry": 0}} | bound

    def explored(replica):
        model = ClusterModel(cluster(replica), SAFETY, **bound)
        return explore(model, max_states=5000)

    assert not explored(Replica).violations
    assert len(explored(mutant).violations["granted once"]) == steps
