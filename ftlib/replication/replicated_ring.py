"""A store on a ring of nodes, with R copies of each row, which really moves rows when
the nodes change.

Which R nodes keep a key follows from the members of the view (`HashRing.replicas`); the
first of them serves it. Moving is the part that can lose something, and this is how it
goes when a view begins (`ftlib.replication.ring_membership`):

- *Fence*: a node puts the view on disk, gives up what it had under way, and answers
  nothing of an earlier epoch from then on.
- *Collect*: it asks each other member, one after another, for those rows of its new
  range that are later than its own. Each row so moves once, and who has lost nothing
  is sent nothing.
- *Ready*: when all others have answered it has everything that was ever acknowledged in
  its range, and may serve.
- *Drop*: when all are ready the view is installed, and a node drops what does not
  belong on it any more. Never before.

Every answer, to a read as well as to a write, waits until all R nodes of the key have
the row on disk, in the same epoch. So a node that was deposed and does not know cannot
answer, because one of the others is fenced; and no read returns what may be lost.

That is Dynamo's partitioning and membership (DeCandia et al. 2007), but not its
consistency: there a node may take writes for others, and a reader gets several values.
"""

from dataclasses import dataclass, replace

from ftlib.replication.ring_membership import Beat, View
from ftlib.replication.ring_rows import (
    NOTHING,
    Copied,
    Copy,
    Dropped,
    Have,
    Holds,
    Moved,
    Ready,
    Row,
    Served,
    Version,
    Want,
    homes,
)
from ftlib.services import Redirect, Reply, Request, Store
from ftlib.simulation import Node

__all__ = ["Holder", "Work"]


@dataclass(frozen=True, slots=True)
class Work:
    """What a first has under way for a client: its answer, and who has not said yet
    that the row is on disk.
    """

    key: str
    version: Version
    reply: Reply
    missing: tuple[str, ...]


class Holder(Node):
    """Keeps rows on its disk, and serves those of which it is the first.

    Parameters
    ----------
    steward : str
        Who tells it the view.
    copies : int
        R.
    beat : float
        How often it says that it is alive, and asks again for what has not come.

    Notes
    -----
    Without faults a request costs one Request, R - 1 of Copy and of Copied, and one
    Reply; a write one force on each of the R nodes. A client that asks the wrong node
    is redirected first. Who joins, or gets a part of the range of one who has gone,
    asks the N - 1 others, 2(N - 1) messages and as many delays.

    A copy that is lost is sent again when the client asks again. A node that comes back
    with its disk collects anew, also if the view is the same. One that comes back
    without its disk must come by another name.

    All rows that somebody wants travel in one message.
    """

    MESSAGES = (Beat, Want, Have, Copy, Copied, Redirect, Reply)
    FACTS = (Holds, Moved, Ready, Dropped, Served)

    def __init__(self, steward: str, copies: int, beat: float = 0.1) -> None:
        self.steward = steward
        self.copies = copies
        self.beat = beat
        self.view = View(0, ())
        self.asking: tuple[str, ...] = ()  # who has not answered; the first was asked
        self.ready = False
        self.work: dict[str, Work] = {}  # by client, in the order of their names

    def on_start(self) -> None:
        self.view = self.disk.read("view", self.view)
        for key, row in self.rows():
            self.record(Holds(key, row.version))
        self.collect()
        self.set_timer("beat", self.beat)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case View():
                self.enter(message)
                if message.installed and message.epoch == self.view.epoch:
                    self.drop()
            case Want(view, versions):
                self.enter(view)
                if view.epoch == self.view.epoch:
                    self.send(sender, Have(view.epoch, self.later(sender, versions)))
            case Request():
                self.serve(message)
            case Have() | Copy() | Copied() if message.epoch != self.view.epoch:
                return  # it was sent in another view
            case Have(_, rows) if sender in self.asking[:1]:
                self.take(rows)
                self.asking = self.asking[1:]
                self.ask()
            case Copy(epoch, key, row):
                self.keep({key: row})
                self.send(sender, Copied(epoch, key, self.row(key).version))
            case Copied(_, key, version):
                self.copied(sender, key, version)

    def on_timer(self, name: str) -> None:
        self.send(self.steward, Beat(self.view.epoch, self.ready))
        if self.asking:
            self.ask()
        self.set_timer("beat", self.beat)

    # Moving ---------------------------------------------------------------------------

    def enter(self, view: View) -> None:
        """Take part in a later view, and in no earlier one any more."""
        if view.epoch > self.view.epoch:
            self.view = replace(view, installed=False)
            self.disk.write("view", self.view)
            self.disk.force()
            self.collect()

    def collect(self) -> None:
        """Begin to ask the other members."""
        self.ready, self.work = False, {}
        if self.id in self.view.members:
            self.asking = tuple(each for each in self.view.members if each != self.id)
            self.ask()
        else:
            self.asking = ()

    def ask(self) -> None:
        """Ask the next one; say so when there is none."""
        if self.asking:
            versions = tuple((key, row.version) for key, row in self.rows())
            self.send(self.asking[0], Want(self.view, versions))
        else:
            self.ready = True
            self.record(Ready(self.view.epoch, self.view.members))
            self.send(self.steward, Beat(self.view.epoch, True))

    def later(
        self, node: str, versions: tuple[tuple[str, Version], ...]
    ) -> tuple[tuple[str, Row], ...]:
        """Return what a node must have and has not, or not as late."""
        has = dict(versions)
        return tuple(
            (key, row)
            for key, row in self.rows()
            if node in self.homes(key) and row.version > has.get(key, (0, 0))
        )

    def take(self, rows: tuple[tuple[str, Row], ...]) -> None:
        """Keep what has moved here."""
        for key, row in self.keep(dict(rows)).items():
            self.record(Moved(key, row.size))

    def drop(self) -> None:
        """Drop the rows of others: they have them."""
        gone = [key for key, _ in self.rows() if self.id not in self.homes(key)]
        for key in gone:
            self.disk.delete(f"row {key}")
        if gone:
            self.disk.force()
        for key in gone:
            self.record(Dropped(key))

    # Serving --------------------------------------------------------------------------

    def serve(self, request: Request) -> None:
        """Do what is asked, if it is this node's to do, and have it copied."""
        client, sequence, (kind, key, *_) = (
            request.client,
            request.sequence,
            request.operation,
        )
        if not self.view.members:
            return
        first, *others = self.homes(key)
        if first != self.id:
            self.send(client, Redirect(sequence, first))
            return
        if not self.ready:
            return
        store = Store()
        store.restore(self.row(key).store)
        reply: Reply | None
        if kind == "get":
            reply = Reply(sequence, store.do(request.operation))
        else:
            if store.execute(request):
                self.keep({key: Row(self.view.epoch, store.snapshot())})
            reply = store.reply(request)
        if reply:
            row = self.row(key)
            self.work[client] = Work(key, row.version, reply, tuple(others))
            self.work = dict(sorted(self.work.items()))
            for each in others:
                self.send(each, Copy(self.view.epoch, key, row))

    def copied(self, sender: str, key: str, version: Version) -> None:
        """Count a copy, and answer whoever waited for the last one."""
        for client, work in [*self.work.items()]:
            if work.key == key and work.version <= version:
                missing = tuple(each for each in work.missing if each != sender)
                self.work[client] = replace(work, missing=missing)
                if not missing:
                    self.answer(client)

    def answer(self, client: str) -> None:
        """Answer what all nodes of the key have on disk."""
        work = self.work.pop(client)
        sequence = work.reply.sequence
        self.record(Served(self.view.epoch, work.key, work.version, client, sequence))
        self.send(client, work.reply)

    # What is kept ---------------------------------------------------------------------

    def homes(self, key: str) -> tuple[str, ...]:
        """Name the nodes of a key in this view."""
        return homes(key, self.view.members, self.copies)

    def row(self, key: str) -> Row:
        """Return what is kept under a key."""
        row: Row = self.disk.read(f"row {key}", NOTHING)
        return row

    def rows(self) -> list[tuple[str, Row]]:
        """Return all that is kept, in the order of the keys."""
        places = self.disk.keys("row ")
        return [(place.removeprefix("row "), self.disk.read(place)) for place in places]

    def keep(self, rows: dict[str, Row]) -> dict[str, Row]:
        """Put on disk those that are later than what is there, and return them."""
        later = {
            key: row for key, row in rows.items() if row.version > self.row(key).version
        }
        for key, row in later.items():
            self.disk.write(f"row {key}", row)
        if later:
            self.disk.force()
        for key, row in later.items():
            self.record(Holds(key, row.version))
        return later
