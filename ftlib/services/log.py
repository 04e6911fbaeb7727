"""An ordered log on a disk: what was decided to be done, in which order, and in which
epoch.

Entries are numbered 1, 2, ... and carry the epoch of whoever put them there first. Two
logs are compared by their last entry, epoch before index, and an entry is accepted only
behind the one that stood before it where it comes from. By induction, two logs that
have an entry of the same index and epoch agree up to it (*log matching*; Ongaro and
Ousterhout 2014, section 5.3). The beginning of a log that has been executed is replaced
by a *snapshot* of the state that it led to (section 7).

The order of the writes is chosen such that a crash may fall between any two of them,
and leave any first few of those that were not forced: entries are taken away from the
end backwards, and a snapshot is written before what it replaces is deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ftlib.simulation.node import Disk

__all__ = ["Entry", "Log", "Recovered", "Snapshot", "Stored", "Truncated"]

DIGITS = 12  # of an index in a key, so that keys stand in the order of the indices


@dataclass(frozen=True, slots=True)
class Entry:
    """What was appended in this epoch."""

    epoch: int
    value: Any


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after all entries up to `index`, the last of which was of `epoch`."""

    index: int = 0
    epoch: int = 0
    state: Any = None


@dataclass(frozen=True, slots=True)
class Stored:
    """Fact: this entry is durable in this node's log, behind one of epoch `before`."""

    index: int
    epoch: int
    value: Any
    before: int


@dataclass(frozen=True, slots=True)
class Truncated:
    """Fact: this node gives up what it has stored from `index` on."""

    index: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """Fact: this node has come back with this log."""

    snapshot: Snapshot
    entries: tuple[Entry, ...]


@dataclass
class Log:
    """A part: entries, and the snapshot that stands for those before them.

    It acts on the disk that it is handed, and never forces: the node does, once for all
    that it has written, before it answers.

    Attributes
    ----------
    snapshot : Snapshot
        Of index 0 and epoch 0 as long as nothing was compacted.
    entries : list of Entry
        Those behind the snapshot, in order.

    Examples
    --------
    >>> disk, log = Disk({}, []), Log()
    >>> log.append(disk, 1, "a"), log.append(disk, 1, "b"), log.last
    (1, 2, (1, 2))
    >>> log.accept(disk, 1, 1, [Entry(2, "c")]), log.at(2)
    (True, Entry(epoch=2, value='c'))
    >>> log.compact(disk, 1, "the state after a")
    >>> same = Log()
    >>> same.recover(disk)
    >>> same == log
    True

    Notes
    -----
    An append is one write, a truncation one for each entry taken away, a compaction
    one and one for each entry that is replaced. `recover` reads what is there.
    """

    snapshot: Snapshot = Snapshot()
    entries: list[Entry] = field(default_factory=list)

    def recover(self, disk: Disk) -> None:
        """Become what the disk holds. What the snapshot stands for, which a crash may
        have left there, is deleted; and so is what stands behind a gap, which no crash
        leaves.
        """
        self.snapshot = disk.read("log snapshot", Snapshot())
        self.entries = []
        for key in list(disk.keys("log entry ")):
            if key == _key(self.last[1] + 1):
                self.entries.append(disk.read(key))
            else:
                disk.delete(key)

    @property
    def last(self) -> tuple[int, int]:
        """The epoch and index of the last entry, (0, 0) if there was none: what logs
        are compared by.
        """
        if self.entries:
            return self.entries[-1].epoch, self.snapshot.index + len(self.entries)
        return self.snapshot.epoch, self.snapshot.index

    def up_to_date(self, last: tuple[int, int]) -> bool:
        """Say whether a log whose last (epoch, index) is this knows as much as this
        one.
        """
        return last >= self.last

    def at(self, index: int) -> Entry | None:
        """Return an entry; None if there is none, or if it was compacted."""
        place = index - self.snapshot.index - 1
        return self.entries[place] if 0 <= place < len(self.entries) else None

    def epoch_at(self, index: int) -> int | None:
        """Return the epoch of an entry, 0 for index 0; None if it is not known."""
        if index == self.snapshot.index:
            return self.snapshot.epoch
        entry = self.at(index)
        return entry.epoch if entry else None

    def since(self, index: int) -> tuple[Entry, ...]:
        """Return the entries behind `index`.

        Raises
        ------
        ValueError
            If some of them were compacted: then the snapshot has to be sent.
        """
        if index < self.snapshot.index:
            raise ValueError(
                f"index is {index!r}: entries up to {self.snapshot.index} were"
                " compacted, so give that or more"
            )
        return tuple(self.entries[index - self.snapshot.index :])

    def stored(self, index: int) -> Stored:
        """Return the fact that an entry is in this log, to be recorded once it is
        forced.

        Raises
        ------
        ValueError
            If there is no such entry, or it was compacted.
        """
        entry, before = self.at(index), self.epoch_at(index - 1)
        if entry is None or before is None:
            raise ValueError(
                f"index is {index!r}: the log has entries {self.snapshot.index + 1} to"
                f" {self.last[1]}"
            )
        return Stored(index, entry.epoch, entry.value, before)

    def append(self, disk: Disk, epoch: int, value: Any) -> int:
        """Put a value at the end and return its index.

        Raises
        ------
        ValueError
            If the epoch is below 1, or the last entry is of a later one.
        """
        return self._put(disk, Entry(epoch, value))

    def _put(self, disk: Disk, entry: Entry) -> int:
        epoch, index = self.last
        if entry.epoch < max(1, epoch):
            raise ValueError(
                f"epoch is {entry.epoch!r}: the last entry is of {epoch}, so give that"
                " or more, and 1 at least"
            )
        self.entries.append(entry)
        disk.write(_key(index + 1), entry)
        return index + 1

    def truncate(self, disk: Disk, index: int) -> None:
        """Take away the entries from `index` on, the last one first.

        Raises
        ------
        ValueError
            If some of them were compacted.
        """
        if index <= self.snapshot.index:
            raise ValueError(
                f"index is {index!r}: entries up to {self.snapshot.index} were"
                " compacted, so give more"
            )
        for gone in range(self.last[1], index - 1, -1):
            self.entries.pop()
            disk.delete(_key(gone))

    def conflict(self, index: int, epoch: int, entries: Iterable[Entry]) -> int | None:
        """Return the index of the first entry here that accepting these would take
        away; None if nothing.
        """
        if index >= self.snapshot.index and self.epoch_at(index) != epoch:
            return None
        if index == self.snapshot.index + len(self.entries):
            return None  # nothing stands behind it
        for place, entry in enumerate(entries, index + 1):
            known = self.at(place)
            if known is not None and known.epoch != entry.epoch:
                return place
        return None

    def accept(
        self, disk: Disk, index: int, epoch: int, entries: Iterable[Entry]
    ) -> bool:
        """Take over entries that stand behind `index` in another log, where the entry
        at `index` is of `epoch`.

        Returns
        -------
        bool
            Whether the entry at `index` is the same here; else nothing is changed.

        Raises
        ------
        ValueError
            If the epochs fall along the entries, as they do in no log.

        Notes
        -----
        What is there and conflicts is truncated, with all behind it; what agrees stays,
        also behind the last of these entries, because an old message may come late.
        Entries that the snapshot stands for are passed over: what is compacted must be
        settled for good.
        """
        entries = tuple(entries)
        epochs = [epoch, *(entry.epoch for entry in entries)]
        if epochs != sorted(epochs):
            raise ValueError(f"the epochs are {epochs}: give some that never fall")
        passed = min(max(0, self.snapshot.index - index), len(entries))
        if passed:
            epoch = entries[passed - 1].epoch
            index, entries = index + passed, entries[passed:]
        if index < self.snapshot.index:
            return True
        if self.epoch_at(index) != epoch:
            return False
        conflict = self.conflict(index, epoch, entries)
        if conflict is not None:
            self.truncate(disk, conflict)
        for entry in entries[self.last[1] - index :]:
            self._put(disk, entry)
        return True

    def compact(self, disk: Disk, index: int, state: Any) -> None:
        """Replace the entries up to `index` by a snapshot of the state after them.

        Raises
        ------
        ValueError
            If the log does not know the entry at `index`.
        """
        epoch = self.epoch_at(index)
        if epoch is None:
            raise ValueError(
                f"index is {index!r}: give one from {self.snapshot.index} to"
                f" {self.last[1]}"
            )
        self.install(disk, Snapshot(index, epoch, state))

    def install(self, disk: Disk, snapshot: Snapshot) -> None:
        """Take over a snapshot, of this log or another. Entries behind it are kept
        where this log has the entry that it ends with; else all are given up.

        Raises
        ------
        ValueError
            If this log's own snapshot is of a later index, or of another epoch at the
            same one: what is compacted is settled, and nobody can have it otherwise.
        """
        own = self.snapshot
        if (snapshot.index, snapshot.epoch) != (own.index, own.epoch) and (
            snapshot.index <= own.index
        ):
            raise ValueError(
                f"the snapshot is of index {snapshot.index} and epoch {snapshot.epoch},"
                f" the log's own of {own.index} and {own.epoch}: give that or more"
            )
        first = self.snapshot.index + 1
        if self.epoch_at(snapshot.index) != snapshot.epoch:
            self.truncate(disk, max(first, snapshot.index))
        covered = snapshot.index - self.snapshot.index
        last = min(snapshot.index, self.last[1])
        self.snapshot, self.entries = snapshot, self.entries[covered:]
        disk.write("log snapshot", snapshot)
        for gone in range(first, last + 1):
            disk.delete(_key(gone))


def _key(index: int) -> str:
    return f"log entry {index:0{DIGITS}}"
