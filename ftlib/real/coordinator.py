"""The coordinator of two-phase commit between PostgreSQL servers, and its recovery with
presumed abort (Mohan, Lindsay and Obermarck 1986).

A participant is a server. That PREPARE TRANSACTION succeeds is its vote, COMMIT
PREPARED and ROLLBACK PREPARED are what it is told. It asks nobody for an outcome: it
waits, so recovery has to go there and look.

The log is a file, and whoever coordinates has an epoch. To take over is to write a
higher epoch into the log. Each record is written under an exclusive lock, and only if
no higher epoch stands there: between the look and the write nobody else can take over.
So a coordinator that was only paused is refused when it goes on (a fencing token).

In its own transaction each participant writes the transaction's name into its table
`made`. What is not prepared there any more and not in the table either was rolled back.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftlib.real.disk import force_folder, framed, records
from ftlib.transactions import ABORT, COMMIT, Transaction

__all__ = [
    "LOCKED",
    "POINTS",
    "TABLES",
    "Coordinator",
    "Log",
    "Recovered",
    "Refused",
    "Unfenced",
    "recover",
]

POINTS = (
    "before the first prepare",
    "between the prepares",
    "after both prepares",
    "after the log's force",
    "between the commits",
    "before the log's end",
)
"""Where a coordinator of two participants may be stopped, in order."""
LOCKED = "in the log's lock"
"""Where it may be stopped besides, between its look at the epoch and the commit's
record.
"""
TABLES = (
    "create table account (name text primary key, balance int check (balance >= 0))",
    "create table made (gid text primary key)",
)
"""What a participant needs."""
OURS = "bank"  # how the names of our transactions begin; those of others are left alone
Record = list[Any]
Told = tuple[str, str, str]  # participant, gid, outcome


class Refused(Exception):  # noqa: N818 - it names what was done with the coordinator
    """Somebody else has taken over."""


class Log:
    """What coordinators have decided, and which epoch may decide.

    Parameters
    ----------
    folder : Path
        Where the file is, or is made.

    Notes
    -----
    Records are ``["epoch", number]``, ``["commit", gid, participants]`` and
    ``["end", gid]``; or ``["heuristic", gid, who]`` in place of the end, if somebody's
    part has ended otherwise. The lock is the operating system's (flock): it goes when
    its holder dies, and stays when its holder is only stopped.
    """

    def __init__(self, folder: Path) -> None:
        self._lock, self._file = folder / "lock", folder / "coordinator.log"

    def read(self) -> list[Record]:
        """Return its records, without a torn last one."""
        data = self._file.read_bytes() if self._file.exists() else b""
        return [json.loads(content) for content, _ in records(data)]

    @property
    def epoch(self) -> int:
        """The highest epoch that has taken over, 0 if none has."""
        return max((each[1] for each in self.read() if each[0] == "epoch"), default=0)

    def take_over(self, patience: float = 5.0) -> int:
        """Begin a new epoch, and return it; from now on all others are refused.

        Raises
        ------
        TimeoutError
            If somebody holds the lock for so many seconds.
        """
        with self._locked(patience):
            epoch = self.epoch + 1
            self._write(["epoch", epoch])
        return epoch

    def append(
        self, epoch: int, *record: Any, before: Callable[[], object] = bool
    ) -> None:
        """Write and force a record, if nobody has taken over.

        Parameters
        ----------
        epoch : int
            Who writes.
        *record
            What.
        before : callable, optional
            Called under the lock, right before it is written.

        Raises
        ------
        Refused
            If somebody has taken over.
        """
        with self._locked(5.0):
            self.admit(epoch)
            before()
            self._write(list(record))

    def admit(self, epoch: int) -> None:
        """Refuse an epoch that is over."""
        if epoch < self.epoch:
            raise Refused(f"epoch {epoch} is over: epoch {self.epoch} has taken over")

    @contextmanager
    def _locked(self, patience: float) -> Iterator[None]:
        import fcntl  # POSIX only

        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            end = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise TimeoutError(
                            f"somebody has held the log's lock for {patience:g} s"
                        ) from None
                    time.sleep(0.01)
            yield
        finally:
            os.close(lock)  # and so it is free

    def _write(self, record: Record) -> None:
        new = not self._file.exists()
        whole = b"".join(framed(json.dumps(each).encode()) for each in self.read())
        with self._file.open("r+b" if not new else "wb") as file:
            file.truncate(len(whole))  # a torn tail
            file.seek(len(whole))
            file.write(framed(json.dumps(record).encode()))
            file.flush()
            os.fsync(file.fileno())
        if new:
            force_folder(self._file.parent)


class Unfenced(Log):
    """A log that does not ask who writes."""

    def admit(self, epoch: int) -> None:
        """Refuse nobody."""


# The protocol -------------------------------------------------------------------------


class Coordinator:
    """The transaction manager.

    Parameters
    ----------
    log : Log
        Where it decides.
    participants : mapping from str to str
        How to connect to whom.
    reached : callable, optional
        Is told the name of each point of `POINTS` when it is reached.
    """

    def __init__(
        self,
        log: Log,
        participants: Mapping[str, str],
        reached: Callable[[str], object] = bool,
    ) -> None:
        self.log, self.reached = log, reached
        self.epoch = log.take_over()
        self.open = {name: connect(to) for name, to in participants.items()}

    def transfer(self, txn: Transaction) -> str:
        """Let all participants of a transaction commit, or none, and return which.

        Raises
        ------
        Refused
            If somebody has taken over before it was decided.
        """
        gid = f"{OURS}/{self.epoch}/{txn.name}"
        if not self.prepare(gid, txn):
            return ABORT
        self.reached("after both prepares")
        self.log.append(  # the moment of commit
            self.epoch,
            *("commit", gid, txn.participants),
            before=lambda: self.reached(LOCKED),
        )
        self.reached("after the log's force")
        if self.tell_all(gid, txn.participants):  # else recovery will find out why
            with suppress(Refused):  # then somebody else has finished it
                self.log.append(self.epoch, "end", gid)
        return COMMIT

    def prepare(self, gid: str, txn: Transaction) -> bool:
        """Ask everybody for a vote; after a no abort. Return whether all said yes."""
        import psycopg

        asked: list[str] = []
        try:
            for name in txn.participants:
                change(self.open[name], gid, txn.on(name))
            self.reached("before the first prepare")
            for name in txn.participants:
                if asked:
                    self.reached("between the prepares")
                execute(self.open[name], "prepare transaction", gid)
                asked.append(name)
        except psycopg.DatabaseError:  # a no, or silence
            for name, connection in self.open.items():
                with suppress(psycopg.OperationalError):  # recovery will tell it
                    if name in asked:
                        tell(connection, gid, ABORT)
                    else:
                        connection.execute("rollback")
            return False
        return True

    def tell_all(self, gid: str, participants: tuple[str, ...]) -> bool:
        """Tell everybody to commit. Return whether all were there, and in doubt."""
        import psycopg

        told = 0
        for number, name in enumerate(participants):
            if number:
                self.reached("between the commits")
            with suppress(psycopg.OperationalError):  # recovery will tell it
                told += tell(self.open[name], gid, COMMIT)
        self.reached("before the log's end")
        return told == len(participants)


def change(connection: Any, gid: str, changes: tuple[tuple[str, int], ...]) -> None:
    """Begin the part of one participant: its changes, and a note that they are made."""
    connection.execute("begin")
    for account, amount in changes:
        connection.execute(
            "update account set balance = balance + %s where name = %s",
            (amount, account),
        )
    connection.execute("insert into made values (%s)", (gid,))


def tell(connection: Any, gid: str, outcome: str) -> bool:
    """Tell one participant the outcome, and return whether it was in doubt. If not, it
    may have been told before; or somebody has decided for it.
    """
    import psycopg

    how = "commit prepared" if outcome == COMMIT else "rollback prepared"
    try:
        execute(connection, how, gid)
    except psycopg.errors.UndefinedObject:
        return False
    return True


def execute(connection: Any, statement: str, gid: str) -> None:
    """Execute one of the three statements of two-phase commit."""
    from psycopg import sql

    connection.execute(sql.SQL("{} {}").format(sql.SQL(statement), sql.Literal(gid)))


def connect(address: str) -> Any:
    """Connect to a participant."""
    import psycopg

    return psycopg.connect(address, autocommit=True)


# Recovery -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery has done.

    Attributes
    ----------
    told : tuple of (participant, gid, outcome)
        Who was in doubt, and was told.
    heuristic : tuple of (participant, gid, outcome)
        Who had not waited, and what became of its part. The outcome of the transaction
        is the other one.
    """

    told: tuple[Told, ...]
    heuristic: tuple[Told, ...]


def recover(
    log: Log, participants: Mapping[str, str], patience: float = 5.0
) -> Recovered:
    """Take over, and finish what earlier coordinators have left.

    Parameters
    ----------
    log : Log
        Theirs.
    participants : mapping from str to str
        How to connect to whom; all that they may have asked.
    patience : float
        How long to wait for the log's lock, in seconds.

    Returns
    -------
    Recovered

    Raises
    ------
    TimeoutError
        If a coordinator holds the lock: it may be only paused, so kill it first.

    Notes
    -----
    It may be interrupted, and done again. A participant that an earlier coordinator
    asks only now will be in doubt again, so it *is* done again, until nothing is found.
    """
    epoch = log.take_over(patience)  # first of all: nobody decides from now on
    told: list[Told] = []
    heuristic: list[Told] = []
    connections = {name: connect(to) for name, to in participants.items()}
    try:
        doubt = {name: in_doubt(one) for name, one in connections.items()}
        known = log.read()
        commits = {gid: names for kind, gid, *names in known if kind == "commit"}
        over = {gid for kind, gid, *_ in known if kind in ("end", "heuristic")}
        for gid in sorted(
            {*commits, *(gid for each in doubt.values() for gid in each)}
        ):
            outcome = COMMIT if gid in commits else ABORT  # presumed
            for name, connection in connections.items():
                if gid in doubt[name] and tell(connection, gid, outcome):
                    told.append((name, gid, outcome))
            if gid not in over:
                strays = strayed(connections, commits.get(gid), gid, outcome)
                heuristic += strays
                if strays:
                    log.append(epoch, "heuristic", gid, strays)
                elif gid in commits:
                    log.append(epoch, "end", gid)
    finally:
        for connection in connections.values():
            connection.close()
    return Recovered(tuple(told), tuple(heuristic))


def in_doubt(connection: Any) -> list[str]:
    """Name our transactions that a participant has prepared and not finished."""
    rows = connection.execute(
        "select gid from pg_prepared_xacts where gid like %s order by gid",
        (f"{OURS}/%",),
    )
    return [gid for (gid,) in rows]


def strayed(
    connections: Mapping[str, Any],
    committed: list[Any] | None,
    gid: str,
    outcome: str,
) -> list[Told]:
    """Find the participants whose part has ended otherwise than the transaction."""
    names = committed[0] if committed else list(connections)
    found: list[Told] = []
    for name in names:
        made = connections[name].execute("select 1 from made where gid = %s", (gid,))
        end = COMMIT if made.fetchone() else ABORT
        if end != outcome:
            found.append((name, gid, end))
    return found
