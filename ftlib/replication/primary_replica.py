"""A primary that ships its log to replicas, in any of three modes.

The primary gives every request a place in its log, and ships it. A request is *settled*
once it is durable on the primary and on k of the n replicas: then it is executed, and
acknowledged. The mode is the number k (`Mode`). Three moments of a write differ: it is
*durable* on a node when that node's log has been forced (`Stored`), *visible* there
when it has been executed (`Executed`), and *acknowledged* when its client is answered.

When a replica hears no more of its primary, it asks for a later epoch. Each node that
grants it promises to refuse every earlier epoch, and answers with its log. Having heard
n - k + 1 nodes, itself included, it goes on from the longest log, compared by epoch and
then by index. These nodes and the k + 1 that acknowledge always have one in common. If
it stored the write before it promised, then the new primary has it; if it promised
first, then it refused to store. If fewer can be heard, nobody takes over.

Two takeovers may hear quite different nodes when k is large. So a majority cannot be
what makes an epoch belong to one node, for it would ask more than a synchronous mode
can have. Here the number says whose epoch it is: of N nodes, the first has the epochs
1, N + 1, 2N + 1, ..., the second those that follow each of them, and so on; and a node
forces an epoch of its own before it uses it. That is sound for every k (the ballots of
Lamport 1998; that only the acknowledging and the deciding quorum must meet is shown by
Howard, Malkhi and Spiegelman 2016). Nobody can have settled anything before epoch 1, so
its primary, the first node, asks nobody.

The log is that of Raft (Ongaro and Ousterhout 2014), and so are two of its rules: what
conflicts with the log of a later epoch is discarded, and an entry of an earlier epoch
is settled only by one of the primary's own behind it (figure 8). So who takes over puts
an empty entry there. Where the log of a replica parts from its own a new primary does
not know; it ships all that it has, or a snapshot if it has compacted the rest.
"""

from ftlib.replication.copied import Copy
from ftlib.replication.mode import Mode
from ftlib.replication.shipping import (
    MESSAGES,
    Ack,
    Append,
    Ask,
    GiveUp,
    Install,
    Promise,
    Refused,
    Unreplicated,
)
from ftlib.services import (
    Elected,
    Entry,
    Executed,
    Granted,
    Recovered,
    Redirect,
    Reply,
    Request,
    Snapshot,
    Stored,
    Truncated,
    grant,
    granted,
)
from ftlib.simulation import Node

__all__ = ["Replica"]


class Replica(Node):
    """One of n + 1 nodes that hold the same data: the primary, or a replica.

    Parameters
    ----------
    members : tuple of str
        All of them; the first is the first primary.
    mode : Mode
        How many copies acknowledge a write, and how many nodes a takeover must hear.
    local : tuple of str
        The operations that every node answers at once from its own store, such as
        ``("get",)``; all others go through the log.
    compact : int, optional
        How many settled entries the log keeps before a snapshot replaces them.
    beat : float
        How often the primary ships all that is missing, in seconds; a heartbeat if
        nothing is. In between it ships what is new, so what is lost waits for this.
    patience : (float, float)
        Between how many seconds of silence a replica asks for an epoch.

    Raises
    ------
    ValueError
        If the members are not as many as the mode says; or if a log is to be compacted
        where what is acknowledged may still be lost.

    Notes
    -----
    Without faults, a request costs one Request, n Append, n Ack and one Reply, and one
    force on each node. A takeover costs n Ask, n Promise and a force on each node that
    grants.

    A node whose disk was wiped has forgotten what it promised, so it must not come back
    under its own name: as the first it would lead epoch 1 again, and as another it
    would not be told what it lacks before the next takeover.

    A `get` that goes through the log is as dear as a write, and never stale: no primary
    that has been deposed finds k replicas to take it.
    """

    MESSAGES = MESSAGES
    FACTS = (Granted, Elected, Recovered, Stored, Truncated, Executed)

    def __init__(
        self,
        members: tuple[str, ...],
        mode: Mode,
        local: tuple[str, ...] = (),
        compact: int | None = None,
        beat: float = 0.05,
        patience: tuple[float, float] = (0.15, 0.3),
    ) -> None:
        if len(members) != mode.replicas + 1:
            raise ValueError(
                f"members is {members!r}: give {mode.replicas + 1}, one more than"
                " replicas"
            )
        if compact is not None and not (mode.promises and compact >= 1):
            raise ValueError(
                f"compact is {compact!r} in a mode that hears {mode.takeover} nodes:"
                " give None, or 1 or more where no acknowledged write is lost"
            )
        self.members = members
        self.mode = mode
        self.local = local
        self.compact = compact
        self.beat = beat
        self.patience = patience
        self.epoch = 0  # the latest that it has promised, as its disk says
        self.role = "replica"  # or "candidate", or "primary"
        self.copy = Copy()
        self.heard: tuple[str, ...] = ()  # a candidate: by whom it was granted
        self.matched: dict[str, int] = {}  # a primary: up to where their logs are its
        self.sent: dict[str, int] = {}  # and up to where it has sent its own

    def on_start(self) -> None:
        self.copy.recover(self)
        self.epoch = granted(self.disk)[0]
        first = self.epoch == 0
        self.follow(1)
        if first and self.holder == self.id:
            self.lead()

    @property
    def holder(self) -> str:
        """Whose the epoch is that this node has promised."""
        return self.members[(self.epoch - 1) % len(self.members)]

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(each for each in self.members if each != self.id)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Request(_, sequence, operation) if operation[0] in self.local:
                self.send(sender, Reply(sequence, self.copy.store.do(operation)))
            case Request() if self.role == "primary":
                self.serve(message)
            case Request(_, sequence) if self.holder != self.id:
                self.send(sender, Redirect(sequence, self.holder))
            case GiveUp() if self.role == "primary":
                self.release(message)
            case Ack(epoch, index) if epoch == self.epoch and self.role == "primary":
                self.acknowledged(sender, index)
            case Append(epoch) | Install(epoch) | Ask(epoch) if epoch < self.epoch:
                self.send(sender, Refused(self.epoch))
            case Append(epoch, index, before, entries, settled):
                self.follow(epoch)
                if self.copy.take(self, index, before, entries):
                    end = index + len(entries)
                    self.send(sender, Ack(epoch, end))
                    self.settle(min(settled, end))
            case Install(epoch, snapshot):
                self.follow(epoch)
                self.copy.install(self, snapshot)
                self.send(sender, Ack(epoch, snapshot.index))
            case Ask(epoch):
                self.follow(epoch)
                log = self.copy.log
                self.send(sender, Promise(epoch, log.snapshot, tuple(log.entries)))
            case Promise(epoch, snapshot, entries) if (
                epoch == self.epoch and self.role == "candidate"
            ):
                self.adopt(snapshot, entries)
                self.granted_by(sender)
            case Refused(epoch) if epoch > self.epoch:
                self.follow(epoch)

    def on_timer(self, name: str) -> None:
        match name:
            case "beat":
                self.sent = dict(self.matched)  # the rest may be lost
                self.ship()
                self.set_timer("beat", self.beat)
            case "takeover":
                self.take_over()

    # As the primary -------------------------------------------------------------------

    def serve(self, request: Request) -> None:
        """Put a request into the log, unless it is there or was executed."""
        log, sessions = self.copy.log, self.copy.store.sessions
        if any(entry.value == request for entry in log.since(self.copy.settled)):
            return  # it is answered when it is settled
        if request.sequence > sessions.get(request.client, (0, None))[0]:
            self.put(request)
        else:
            self.answer(request)

    def answer(self, request: Request) -> None:
        reply = self.copy.store.reply(request)
        if reply:
            self.send(request.client, reply)

    def put(self, value: Request | None) -> None:
        self.copy.append(self, self.epoch, value)
        self.advance()
        self.ship()

    def ship(self) -> None:
        """Send to each replica what it has not been sent since the last beat, and is
        not known to have.
        """
        log = self.copy.log
        for replica, matched in self.matched.items():
            index = max(matched, self.sent[replica])
            before = log.epoch_at(index) if index >= log.snapshot.index else None
            if before is None:
                self.send(replica, Install(self.epoch, log.snapshot))
                self.sent[replica] = log.snapshot.index
            else:
                behind = log.since(index), self.copy.settled
                self.send(replica, Append(self.epoch, index, before, *behind))
                self.sent[replica] = log.last[1]

    def acknowledged(self, replica: str, index: int) -> None:
        """Note that a replica has the log up to here."""
        if index > self.matched[replica]:
            self.matched[replica] = index
            self.advance()

    def advance(self) -> None:
        """Settle what is durable here and on k replicas, if it is of the own epoch."""
        copies = sorted((self.copy.log.last[1], *self.matched.values()), reverse=True)
        index = copies[self.mode.copies]
        if index > self.copy.settled and self.copy.log.epoch_at(index) == self.epoch:
            self.settle(index)

    def release(self, wish: GiveUp) -> None:
        """Make visible what a client does not wait for any longer, and say so."""
        for index in range(self.copy.settled + 1, self.copy.log.last[1] + 1):
            match self.copy.log.at(index):
                case Entry(_, Request(wish.client, wish.sequence)):
                    self.copy.execute(self, index)
                    self.send(wish.client, Unreplicated(wish.sequence))

    # As any ---------------------------------------------------------------------------

    def follow(self, epoch: int) -> None:
        """Promise an epoch, and act for no earlier one."""
        if epoch > self.epoch:
            self.epoch = epoch
            grant(self.disk, epoch, self.holder)
            self.record(Granted(epoch, self.holder))
            self.role, self.heard, self.matched, self.sent = "replica", (), {}, {}
            self.cancel_timer("beat")
        self.set_timer("takeover", self.patience)

    def settle(self, index: int) -> None:
        """Execute the log up to `index`; a primary answers."""
        for entry in self.copy.settle(self, index):
            if entry.value and self.role == "primary":
                self.answer(entry.value)
        if self.compact:
            self.copy.compact(self, self.compact)

    # Takeover -------------------------------------------------------------------------

    def take_over(self) -> None:
        """Ask all for the next epoch that is this node's."""
        ahead = (self.members.index(self.id) - self.epoch) % len(self.members)
        self.follow(self.epoch + 1 + ahead)
        self.role = "candidate"
        for other in self.others:
            self.send(other, Ask(self.epoch))
        self.granted_by(self.id)

    def adopt(self, snapshot: Snapshot, entries: tuple[Entry, ...]) -> None:
        """Go on from this log, if it is longer."""
        last = entries[-1].epoch if entries else snapshot.epoch
        if (last, snapshot.index + len(entries)) > self.copy.log.last:
            self.copy.install(self, snapshot)
            self.copy.take(self, snapshot.index, snapshot.epoch, entries)

    def granted_by(self, member: str) -> None:
        """Count who has granted the epoch, and lead once they are enough."""
        self.heard = tuple(
            each for each in self.members if each in (*self.heard, member)
        )
        if len(self.heard) >= self.mode.takeover:
            self.lead()

    def lead(self) -> None:
        self.role, self.heard = "primary", ()
        self.matched = dict.fromkeys(self.others, 0)
        self.sent = dict(self.matched)
        self.record(Elected(self.epoch))
        self.cancel_timer("takeover")
        self.set_timer("beat", self.beat)
        if self.copy.log.last[1]:
            self.put(None)  # what earlier primaries left is settled by this
