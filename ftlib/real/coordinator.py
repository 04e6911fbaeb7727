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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftlib.real.disk import force_folder, framed, intact, note
from ftlib.real.postgres import undisturbed
from ftlib.transactions import ABORT, COMMIT, Transaction

__all__ = [
    "POINTS",
    "TABLES",
    "Coordinator",
    "Log",
    "Recovered",
    "Recovery",
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
    about_to : callable, optional
        Is told each record under the lock, before it is written.

    Notes
    -----
    Records are ``["epoch", number]``, ``["commit", gid, participants]`` and
    ``["end", gid]``; or ``["heuristic", gid, who]`` in place of the end, if somebody's
    part has ended otherwise. The lock is the operating system's (flock): it goes when
    its holder dies, and stays when its holder is only stopped.
    """

    def __init__(
        self, folder: Path, about_to: Callable[[Record], object] = bool
    ) -> None:
        self._lock, self._file = folder / "lock", folder / "coordinator.log"
        self._about_to = about_to

    def read(self) -> list[Record]:
        """Return its records, without a torn last one. Raises `OSError` if it is
        damaged, for then nobody may presume anything.
        """
        return [json.loads(content) for content, _ in intact(self._file)]

    @property
    def epoch(self) -> int:
        """The highest epoch that has taken over, 0 if none has."""
        return max((each[1] for each in self.read() if each[0] == "epoch"), default=0)

    def take_over(self, patience: float = 5.0) -> int:
        """Begin a new epoch, and return it: from now on all others are refused. Raises
        `TimeoutError` if somebody holds the lock for so long.
        """
        with self._locked(patience):
            epoch = self.epoch + 1
            self._write(["epoch", epoch])
        return epoch

    def append(self, epoch: int, *record: Any) -> None:
        """Write and force a record, if the epoch is not over; raises `Refused`."""
        with self._locked():
            self.admit(epoch)
            self._write(list(record))

    def admit(self, epoch: int) -> None:
        """Refuse an epoch that is over."""
        if epoch < self.epoch:
            raise Refused(f"epoch {epoch} is over: epoch {self.epoch} has taken over")

    @contextmanager
    def _locked(self, patience: float = 5.0) -> Iterator[None]:
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
        self._about_to(record)
        new = not self._file.exists()
        whole = intact(self._file)
        end = whole[-1][1] if whole else 0
        with self._file.open("r+b" if not new else "wb") as file:
            file.truncate(end)  # a torn tail
            file.seek(end)
            file.write(framed(json.dumps(record).encode()))
            file.flush()
            os.fsync(file.fileno())
            note(self._file.parent, file.tell())
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

    Notes
    -----
    For N participants: N times PREPARE TRANSACTION, one after the other, and N times
    COMMIT PREPARED; 2 forced records a commit, none an abort, and 1 at the beginning.

    Explained in chapters/7_4_3_real_two_phase_commit.ipynb.
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
        # the moment of commit
        self.log.append(self.epoch, "commit", gid, txn.participants)
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


def epoch_of(gid: str) -> int:
    """Tell whose transaction it is, by its name."""
    return int(gid.split("/")[1])


def connect(address: str) -> Any:
    """Connect to a participant."""
    import psycopg

    with undisturbed():
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
    Refused
        If somebody else has taken over before it is done.

    Notes
    -----
    It may be interrupted, and done again. A participant that an earlier coordinator
    asks only now will be in doubt again, so it *is* done again, until nothing is found.
    """
    epoch = log.take_over(patience)  # first of all: nobody else decides from now on
    with ExitStack() as opened:
        connections = {
            name: opened.enter_context(connect(to)) for name, to in participants.items()
        }
        return Recovery(log, epoch, connections).run()


class Recovery:
    """Recovery by one epoch, which has taken over: `recover` without its beginning."""

    def __init__(self, log: Log, epoch: int, connections: Mapping[str, Any]) -> None:
        self.log, self.epoch, self.connections = log, epoch, connections
        self.told: list[Told] = []
        self.heuristic: list[Told] = []

    def run(self) -> Recovered:
        """Finish what is prepared, and what is committed and has no end."""
        known = self.log.read()
        commits = {gid: names for kind, gid, *names in known if kind == "commit"}
        over = {gid for kind, gid, *_ in known if kind in ("end", "heuristic")}
        doubt = [(p, gid) for p in self.connections for gid in self.in_doubt(p)]
        for gid in sorted((commits.keys() - over) | {gid for _, gid in doubt}):
            if epoch_of(gid) >= self.epoch:
                continue  # of one that has taken over since, and may still decide
            outcome = COMMIT if gid in commits else ABORT  # presumed
            for p in self.connections:
                if (p, gid) in doubt and tell(self.connections[p], gid, outcome):
                    self.told.append((p, gid, outcome))
            if gid not in over:
                asked = commits[gid][0] if gid in commits else self.connections
                self.end(gid, outcome, asked)
        return Recovered(tuple(self.told), tuple(self.heuristic))

    def in_doubt(self, p: str) -> list[str]:
        """Name our transactions that a participant has prepared and not finished."""
        query = "select gid from pg_prepared_xacts where gid like %s"
        return [gid for (gid,) in self.connections[p].execute(query, (f"{OURS}/%",))]

    def end(self, gid: str, outcome: str, asked: Iterable[str]) -> None:
        """Note the end of a transaction; or whose part has ended otherwise."""
        strays = [(p, gid, self.ended(p, gid)) for p in asked]
        strays = [stray for stray in strays if stray[2] != outcome]
        self.heuristic += strays
        if strays:
            self.log.append(self.epoch, "heuristic", gid, strays)
        elif outcome == COMMIT:
            self.log.append(self.epoch, "end", gid)

    def ended(self, p: str, gid: str) -> str:
        """Tell how the part of a participant that is not in doubt has ended."""
        query = "select 1 from made where gid = %s"
        made = self.connections[p].execute(query, (gid,)).fetchone()
        return COMMIT if made else ABORT
