"""A primary, a standby that holds the same data, and a witness that decides which is
which.

The primary gives every request a place in its log, ships it to the standby, and
answers when the standby has it too. If the standby hears nothing it suspects the
primary, and asks the witness for the next epoch; the witness grants it when the
primary's lease has run out. So the standby takes over, and the old primary, when it
comes back, follows: what is in its log and not in the new primary's is discarded, and
counted.

If the primary suspects the standby, it asks for the next epoch itself. An epoch begins
with one of the two *alone*: it acknowledges by itself, and the witness knows that only
this node may be granted the next epoch. Once the other has caught up the two are
*paired*: nothing is acknowledged any more that only one of them has, and either may
take over. So what was acknowledged is in the log of whoever is granted an epoch,
whatever clocks do.

What needs clocks is that never two act at one time. The primary asks for its lease anew
again and again, counts it from when it *sent* the question, and steps down when it
ends. A primary that is paused in between does not notice in time. It does no harm to
the data, because the standby of a later epoch refuses what it ships. It may harm
anything else that it acts on, which must refuse it too (`ftlib.replication.fencing`).

Without the witness nobody serves longer than a lease: it is small, and it must be up.
The log is that of Raft (Ongaro and Ousterhout 2014): who begins an epoch puts an empty
entry behind what it has, so that what conflicts is found.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.detection import Detector
from ftlib.replication.fencing import Act
from ftlib.replication.lease import Tenure
from ftlib.replication.shipping import Ack, Append
from ftlib.replication.witness import Ask, Denied, Lease, Release
from ftlib.services import (
    Elected,
    Executed,
    Log,
    Recovered,
    Redirect,
    Reply,
    Request,
    Store,
    Stored,
    Truncated,
    grant,
    granted,
)
from ftlib.simulation import Node

__all__ = [
    "Acknowledged",
    "Discarded",
    "Peer",
    "SteppedDown",
    "SwitchOver",
    "TakeOver",
]


@dataclass(frozen=True, slots=True)
class SwitchOver:
    """From an operator: let the other one be the primary."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """You have everything, and I have stepped down from this epoch."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Fact: this entry is durable wherever it has to be in this epoch. It is recorded
    where the last of the copies is made: there an older epoch can be refused.
    """

    epoch: int
    index: int
    value: Any


@dataclass(frozen=True, slots=True)
class Discarded:
    """Fact: so many requests were in this node's log and not in the primary's. The
    empty entry of an epoch is never among them: both have it before they are paired.
    """

    requests: int


@dataclass(frozen=True, slots=True)
class SteppedDown:
    """Fact: this node does not act for this epoch any more."""

    epoch: int


class Peer(Node):
    """One of the two that hold the data: the primary, or its standby.

    Parameters
    ----------
    partner, witness : str
        The other two.
    first : bool
        Whether it asks for the first epoch, without waiting.
    synchronous : bool
        Whether the standby must have what is acknowledged, once the two are paired.
    resource : str, optional
        What the primary acts on for each request that it executes.
    beat : float
        How often the primary ships and asks for its lease, in seconds, and how often a
        standby that wants an epoch asks again.
    wait : float
        After how many seconds of silence the other is suspected.
    lease : float
        For how many seconds after a question the answer is good: less than the witness
        says, by how far two clocks may drift apart meanwhile.

    Notes
    -----
    Without faults, a request costs one Request, one Append, one Ack and one Reply, and
    a forced write on each of the two; each beat one Append, Ack, Ask and Lease besides.
    A takeover waits for a suspicion and for the end of a lease.

    A `get` goes through the log like a write. So no primary that was deposed answers
    one: that takes a copy by the standby, which refuses it.

    No snapshots: a log is kept, and shipped to who follows, from its first entry on.
    """

    MESSAGES = (Append, Ack, Ask, Release, TakeOver, Redirect, Reply, Act)
    FACTS = (
        *(Elected, SteppedDown, Acknowledged, Discarded, Executed),
        *(Recovered, Stored, Truncated),
    )

    def __init__(
        self,
        partner: str,
        witness: str,
        first: bool = False,
        synchronous: bool = True,
        resource: str | None = None,
        beat: float = 0.1,
        wait: float = 0.35,
        lease: float = 0.5,
    ) -> None:
        self.partner = partner
        self.witness = witness
        self.first = first
        self.synchronous = synchronous
        self.resource = resource
        self.beat = beat
        self.detector = Detector((partner,), wait)
        self.tenure = Tenure(lease)
        self.epoch = 0  # the latest that it has promised, as its disk says
        self.primary = False
        self.log = Log()
        self.store = Store()
        self.settled = 0  # up to where it has executed the log
        self.matched = 0  # a primary: up to where the other's log is its own
        self.paired = False
        self.leaving = False

    def on_start(self) -> None:
        self.tenure.start(self)
        self.log.recover(self.disk)
        self.record(Recovered(self.log.snapshot, tuple(self.log.entries)))
        self.epoch = granted(self.disk)[0]
        self.detector.start(self)
        if self.first and self.epoch == 0:
            self.want()

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Request() if self.primary:
                if not self.leaving:
                    self.serve(message)
            case Request(_, sequence):
                holder = granted(self.disk)[1]
                if holder not in (None, self.id):
                    self.send(sender, Redirect(sequence, holder))
            case Append(epoch) if epoch >= self.epoch:
                self.follow(epoch, sender)
                self.detector.heard(self, sender)
                self.cancel_timer("ask")
                self.take(message)
            case Ack(epoch, index) if epoch == self.epoch and self.primary:
                self.detector.heard(self, sender)
                self.matched = max(self.matched, index)
                if self.matched == self.log.last[1] and not self.paired:
                    self.paired = True
                    self.ask(self.epoch)
                self.advance()
            case Lease(epoch, number) if epoch >= self.epoch:
                if self.tenure.answered(self, number) and epoch > self.epoch:
                    self.lead(epoch)
            case Denied(epoch, holder) if epoch > self.epoch:
                if holder == self.id:
                    self.ask(epoch)  # the lease was lost on the way
                else:
                    self.follow(epoch, holder)
            case SwitchOver() if self.primary and self.paired:
                self.leaving = True
                self.advance()
            case TakeOver(epoch) if epoch == self.epoch and not self.primary:
                self.want()

    def on_timer(self, name: str) -> None:
        match name:
            case "beat":
                self.ship()
                alone = self.paired and self.synchronous and self.detector.suspected
                self.ask(self.epoch + 1 if alone else self.epoch)
                self.set_timer("beat", self.beat)
            case "ask":
                self.want()
            case _ if self.tenure.ended(name):
                if self.primary:
                    self.step_down()
            case _ if self.detector.silent(name) and not self.primary:
                self.want()

    # Who acts -------------------------------------------------------------------------

    def want(self) -> None:
        """Ask for the next epoch until it is granted, or the other is heard."""
        self.ask(self.epoch + 1)
        self.set_timer("ask", self.beat)

    def ask(self, epoch: int) -> None:
        """Ask the witness for an epoch, or for more time for the own one."""
        paired = self.paired and epoch == self.epoch
        self.send(self.witness, Ask(epoch, self.tenure.ask(self), paired))

    def lead(self, epoch: int) -> None:
        """Begin an epoch, alone."""
        self.follow(epoch, self.id)
        self.cancel_timer("ask")
        self.primary = True
        self.record(Elected(epoch))
        self.matched = 0
        self.paired = self.leaving = False
        self.put(None)
        self.set_timer("beat", self.beat)

    def follow(self, epoch: int, holder: str | None) -> None:
        """Promise an epoch, durably: act for no earlier one, and take nothing of it."""
        if epoch > self.epoch and holder is not None:
            if self.primary:
                self.step_down()
            self.epoch = epoch
            grant(self.disk, epoch, holder)

    def step_down(self) -> None:
        """Act no more, and wait for who does."""
        self.primary = False
        self.record(SteppedDown(self.epoch))
        self.cancel_timer("beat")
        self.detector.start(self)

    # What is stored -------------------------------------------------------------------

    def serve(self, request: Request) -> None:
        """Put a request into the log, unless it is there or was executed."""
        if any(entry.value == request for entry in self.log.since(self.settled)):
            return  # it is answered when it is settled
        last, _ = self.store.sessions.get(request.client, (0, None))
        if request.sequence > last:
            self.put(request)
        else:
            self.answer(request)

    def put(self, value: Request | None) -> None:
        """Append to the log, and ship it."""
        index = self.log.append(self.disk, self.epoch, value)
        self.disk.force()
        self.record(self.log.stored(index))
        self.ship()
        self.advance()

    def ship(self) -> None:
        """Send what the other is not known to have; a heartbeat if nothing."""
        index = self.matched
        before = self.log.epoch_at(index) or 0
        entries = self.log.since(index)
        self.send(
            self.partner, Append(self.epoch, index, before, entries, self.settled)
        )

    def take(self, message: Append) -> None:
        """Store what the primary ships; discard and count what it does not have."""
        log, index, entries = self.log, message.index, message.entries
        gone = log.conflict(index, message.before, entries)
        if gone is not None:
            self.record(Discarded(log.last[1] - gone + 1))
            self.record(Truncated(gone))
            if gone <= self.settled:
                self.store, self.settled = Store(), 0
        had = log.last[1] if gone is None else gone - 1
        if log.accept(self.disk, index, message.before, entries):
            end = index + len(entries)
            if end > had:
                self.disk.force()
            for new in range(had + 1, end + 1):
                self.record(log.stored(new))
            for place, entry in enumerate(entries, index + 1):
                self.record(Acknowledged(self.epoch, place, entry.value))
            self.send(self.partner, Ack(self.epoch, end))
            self.settle(min(message.settled, end))

    def advance(self) -> None:
        """Settle what is durable wherever it has to be. What is of earlier epochs is
        settled with the empty entry of the own one.
        """
        index, epoch = self.log.last[1], self.epoch
        alone = not (self.paired and self.synchronous)
        if not alone:
            index = min(index, self.matched)
        for new in range(self.settled + 1, index + 1) if alone else ():
            self.record(Acknowledged(epoch, new, self.log.since(new - 1)[0].value))
        self.settle(index)
        if self.leaving and self.settled == self.matched == self.log.last[1]:
            self.step_down()
            self.send(self.witness, Release(epoch))
            self.send(self.partner, TakeOver(epoch))

    def settle(self, index: int) -> None:
        """Execute what will not change any more; the primary answers."""
        for entry in self.log.since(self.settled)[: max(0, index - self.settled)]:
            self.settled += 1
            if isinstance(entry.value, Request):
                executed = self.store.execute(entry.value)
                if executed:
                    self.record(executed)
                if self.primary:
                    self.answer(entry.value)
                    if self.resource and executed:
                        operation = entry.value.operation
                        self.send(
                            self.resource, Act(self.epoch, self.settled, operation)
                        )

    def answer(self, request: Request) -> None:
        reply = self.store.reply(request)
        if reply:
            self.send(request.client, reply)
