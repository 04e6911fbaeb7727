"""Snapshots: figure 13 of Ongaro and Ousterhout (2014, section 7).

A server replaces the entries that it has applied by a snapshot of its state machine,
each server for itself. The table of sessions is part of that state: without it, a
request that is asked for again would be executed again. A follower that lacks what its
leader no longer has is sent the snapshot.

The snapshot is sent in one piece; offset, data and done of the figure are left out. The
reply is that of AppendEntries, because it says all that the leader needs: up to where
the logs agree.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import AppendEntriesReply
from ftlib.services import Snapshot, Truncated

__all__ = ["InstallSnapshot", "Installed", "Snapshots"]


@dataclass(frozen=True, slots=True)
class InstallSnapshot:
    """A leader sends what it has instead of its first entries."""

    term: int
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Installed:
    """Fact: this server has taken over a snapshot of all entries up to `index`, the
    last of which is of `term`.
    """

    index: int
    term: int


class Snapshots(Raft):
    """A server that keeps its log short.

    Parameters
    ----------
    servers, heartbeat, election_timeout
        As for `Raft`.
    every : int
        After so many entries that it has applied it makes a snapshot of them.

    Raises
    ------
    ValueError
        If `every` is below 1.

    Examples
    --------
    >>> from functools import partial
    >>> from ftlib.consensus import raft_servers
    >>> from ftlib.simulation import Cluster
    >>> work = [[("put", "x", turn) for turn in range(10)]]
    >>> nodes = raft_servers(work, server=partial(Snapshots, every=4))
    >>> trace = Cluster(nodes).run(until=2)
    >>> len(trace.where(kind="write", node="s1"))  # a vote, entries, snapshots
    22

    Notes
    -----
    A snapshot costs one write of the whole state, one for each entry that it replaces,
    and one force, on each server; to send one costs a message of that size.
    """

    MESSAGES = (*Raft.MESSAGES, InstallSnapshot)
    FACTS = (*Raft.FACTS, Installed)

    def __init__(self, *given: Any, every: int = 64, **named: Any) -> None:
        if type(every) is not int or every < 1:
            raise ValueError(f"every is {every!r}: give a whole number, 1 or more")
        super().__init__(*given, **named)
        self.every = every

    def on_start(self) -> None:
        super().on_start()
        self.restore()

    def restore(self) -> None:
        """Begin where the snapshot ends, if there is one."""
        if self.log.snapshot.index:
            self.machine.restore(self.log.snapshot.state)
            self.commit_index = self.last_applied = self.log.snapshot.index

    def on_message(self, sender: str, message: Any) -> None:
        super().on_message(sender, message)
        if isinstance(message, InstallSnapshot):
            self.install_snapshot(sender, message)

    def apply(self) -> None:
        super().apply()
        if self.last_applied - self.log.snapshot.index >= self.every:
            self.compact()

    def compact(self) -> None:
        """Replace what is applied by a snapshot: values, and sessions."""
        self.log.compact(self.disk, self.last_applied, self.machine.snapshot())
        self.disk.force()

    def send_entries(self, follower: str) -> None:
        if self.next_index[follower] > self.log.snapshot.index:
            super().send_entries(follower)
        else:
            self.send(follower, InstallSnapshot(self.current_term, self.log.snapshot))
            self.sent[follower] = self.log.snapshot.index

    def install_snapshot(self, sender: str, message: InstallSnapshot) -> None:
        """Receiver implementation of InstallSnapshot (section 7)."""
        if message.term < self.current_term:
            self.send(sender, AppendEntriesReply(self.current_term, False, 0))
            return
        if self.state != "follower":
            self.convert("follower")
        self.leader_id = sender
        self.set_timer("election", self.election_timeout)
        snapshot = message.snapshot
        if snapshot.index > self.commit_index:
            self.take_over(snapshot)
        reply = AppendEntriesReply(self.current_term, True, snapshot.index)
        self.send(sender, reply)

    def take_over(self, snapshot: Snapshot) -> None:
        """Keep the entries behind it if the log has its last one, else none; and put
        the state machine where it ends.
        """
        own = self.log.snapshot.index
        if self.log.epoch_at(snapshot.index) != snapshot.epoch:
            self.record(Truncated(own + 1))
        self.log.install(self.disk, snapshot)
        self.disk.force()
        self.restore()
        self.record(Installed(snapshot.index, snapshot.epoch))
