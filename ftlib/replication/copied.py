"""A copy of the data: a log, and the store that has executed it where it is settled.

Whoever keeps one says what is settled; the copy sees to it that the store follows the
log, and goes back with it where entries that it has executed are discarded.
"""

from dataclasses import dataclass, field

from ftlib.services import Entry, Log, Recovered, Snapshot, Store, Truncated
from ftlib.simulation import Node

__all__ = ["Copy"]


@dataclass
class Copy:
    """A part: the log on a node's disk, and the store in its memory.

    Attributes
    ----------
    log : Log
        Of requests, and of None where a primary has put an empty entry.
    store : Store
    settled : int
        Up to where the log will not change.
    executed : int
        Up to where the store has executed it: no less than what is settled.

    Notes
    -----
    One force for all entries of a message. It records what is durable (`Stored`), what
    is visible (`Executed`), and what it discards (`Truncated`).
    """

    log: Log = field(default_factory=Log)
    store: Store = field(default_factory=Store)
    settled: int = 0
    executed: int = 0

    def recover(self, node: Node) -> None:
        """Become what the node's disk holds. What is settled behind the snapshot is not
        known any more.
        """
        self.log.recover(node.disk)
        node.record(Recovered(self.log.snapshot, tuple(self.log.entries)))
        self.restore(node)

    def restore(self, node: Node) -> None:
        """Make the store what the log says, up to where it is settled."""
        snapshot = self.log.snapshot
        self.store.restore(snapshot.state or Store().snapshot())
        self.executed = snapshot.index
        self.settled = max(self.settled, snapshot.index)
        self.execute(node, self.settled)

    def append(self, node: Node, epoch: int, value: object) -> None:
        """Put a value at the end of the log, durably."""
        index = self.log.append(node.disk, epoch, value)
        node.disk.force()
        node.record(self.log.stored(index))

    def take(
        self, node: Node, index: int, before: int, entries: tuple[Entry, ...]
    ) -> bool:
        """Make the log another's behind `index`, durably; say whether the entry there
        is the same, so that it could be done.
        """
        gone = self.log.conflict(index, before, entries)
        known = self.log.last[1] if gone is None else gone - 1
        if gone is not None:
            node.record(Truncated(gone))
        taken = self.log.accept(node.disk, index, before, entries)
        if self.log.last[1] > known:
            node.disk.force()
            for new in range(known + 1, self.log.last[1] + 1):
                node.record(self.log.stored(new))
        if gone is not None and gone <= self.executed:
            self.settled = min(self.settled, gone - 1)
            self.restore(node)
        return taken

    def install(self, node: Node, snapshot: Snapshot) -> None:
        """Take over a snapshot, if it stands for more than is settled here."""
        if snapshot.index > self.settled:
            if self.log.epoch_at(snapshot.index) != snapshot.epoch:
                node.record(Truncated(snapshot.index))
            self.log.install(node.disk, snapshot)
            node.disk.force()
            self.restore(node)

    def settle(self, node: Node, index: int) -> tuple[Entry, ...]:
        """Execute the log up to `index`, and return what is newly settled."""
        before, self.settled = self.settled, max(self.settled, index)
        self.execute(node, self.settled)
        return self.log.since(before)[: self.settled - before]

    def execute(self, node: Node, index: int) -> None:
        """Execute the log up to `index`, settled or not."""
        while self.executed < index:
            self.executed += 1
            entry = self.log.at(self.executed)
            executed = entry and entry.value and self.store.execute(entry.value)
            if executed:
                node.record(executed)

    def compact(self, node: Node, keep: int) -> None:
        """Replace what is settled by a snapshot, if it is so many entries or more."""
        settled = self.settled - self.log.snapshot.index
        if settled >= keep and self.executed == self.settled:
            self.log.compact(node.disk, self.settled, self.store.snapshot())
