"""A bank of two PostgreSQL servers, whose coordinators are processes that stop where
they are told to.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from ftlib.real.coordinator import (
    POINTS,
    TABLES,
    Coordinator,
    Log,
    Recovered,
    Refused,
    Unfenced,
    recover,
)
from ftlib.real.keeper import keeper, whole
from ftlib.real.postgres import Postgres
from ftlib.real.servers import ServerError, wait_for
from ftlib.transactions import Transaction, transfer

__all__ = ["LOCKED", "RealBank", "coordinate"]

LOGS = {"fenced": Log, "unfenced": Unfenced}
LOCKED = "in the log's lock"  # between the look at the epoch and the commit's record
BALANCE = 100
CODE = "from ftlib.real.transfers import coordinate; coordinate()"


class RealBank:
    """Two PostgreSQL servers p1 and p2 with an account each, a1 and a2, which hold 100;
    the coordinator's log; and one coordinator at a time as a process, between ``with``
    and its end.

    Parameters
    ----------
    **settings
        As in postgresql.conf, of both.

    Attributes
    ----------
    servers : dict from str to Postgres
        "p1" and "p2".

    Examples
    --------
    A coordinator is killed when both have prepared, and recovery presumes abort::

        with RealBank() as bank:
            bank.begin("after both prepares")
            bank.kill()
            bank.in_doubt()  # {"p1": ["bank/1/t1"], "p2": ["bank/1/t1"]}
            bank.recover()
            bank.balances()  # {"p1": 100, "p2": 100}

    Notes
    -----
    Explained in chapters/7_4_3_real_two_phase_commit.ipynb.
    """

    def __init__(self, **settings: Any) -> None:
        self.servers = {name: Postgres(name, **settings) for name in ("p1", "p2")}
        self._opened = ExitStack()
        self._pid: int | None = None
        self.log: Log = Log(Path())

    # Life -----------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._keeper = keeper()
        with ExitStack() as opened:
            for server in self.servers.values():
                opened.enter_context(server)
                for table in TABLES:
                    server.sql(table)
            opened.callback(self.kill)
            self.reset()
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.close()

    def reset(self) -> None:
        """Kill the coordinator, and begin again with 100 on each account and an empty
        log.
        """
        self.kill()
        self.folder = Path(self._keeper.ask("make_folder", "coordinator"))
        self.log = Log(self.folder)
        for number, server in enumerate(self.servers.values(), 1):
            with server.connect() as connection:
                # a killed coordinator's connections go a moment after it
                connection.execute("set lock_timeout = 0")
                for (gid,) in connection.execute("select gid from pg_prepared_xacts"):
                    connection.execute(f"rollback prepared '{gid}'")
                connection.execute("truncate account, made")
                connection.execute(
                    "insert into account values (%s, %s)", (f"a{number}", BALANCE)
                )

    @property
    def addresses(self) -> dict[str, str]:
        """How to connect to whom."""
        return {name: server.address() for name, server in self.servers.items()}

    # The coordinator's process --------------------------------------------------------

    def begin(
        self, stops: str = "", log: str = "fenced", txn: Transaction | None = None
    ) -> None:
        """Start a coordinator, and wait until it has stopped itself (SIGSTOP) at a
        point, or has ended.

        Parameters
        ----------
        stops : str
            A point of `ftlib.real.coordinator.POINTS`, or "in the log's lock".
        log : str
            "fenced" or "unfenced".
        txn : Transaction, optional
            By default t1, in which p1 pays 30 to p2.

        Raises
        ------
        ValueError
            If there is no such point, or no such log.
        ServerError
            If it is up already, or fails.
        """
        if stops and stops not in (*POINTS, LOCKED):
            raise ValueError(f"no point {stops!r}: choose one of {(*POINTS, LOCKED)}")
        if log not in LOGS:
            raise ValueError(f"log is {log!r}: choose fenced or unfenced")
        if self.up:
            raise ServerError("a coordinator is up: kill it first")
        self.words = self.folder / "said"
        txn = txn or transfer("t1", 2)
        given = [str(self.folder), log, stops, txn.name, json.dumps(txn.changes)]
        command = [sys.executable, "-c", CODE, *given, json.dumps(self.addresses)]
        paths = os.pathsep.join(filter(None, sys.path))
        options = {"env": os.environ | {"PYTHONPATH": paths}}
        self.words.write_text("")
        with whole():
            self._pid = self._keeper.ask("spawn", command, str(self.words), options)
        wait_for(lambda: not self.up or self.stopped, 30, "the coordinator goes on")
        if not self.up:
            self._check()

    @property
    def up(self) -> bool:
        """Whether the coordinator's process is there, be it stopped."""
        return self._pid is not None and self._keeper.ask("code", self._pid) is None

    @property
    def stopped(self) -> bool:
        """Whether it is stopped."""
        import psutil

        return psutil.Process(self._pid).status() == psutil.STATUS_STOPPED

    def kill(self) -> None:
        """Kill it (SIGKILL)."""
        if self._pid is not None:
            self._keeper.ask("kill", [self._pid])
            self._pid = None

    def resume(self) -> str:
        """Let it go on to its end, and return its last words.

        Raises
        ------
        ServerError
            If there is none, or it fails.
        """
        if not self.up:
            raise ServerError("no coordinator is stopped: begin with a point first")
        self._keeper.ask("signal", self._pid, signal.SIGCONT)
        wait_for(lambda: not self.up, 30, "the coordinator does not end")
        return self._check()

    def _check(self) -> str:
        said = self.words.read_text()
        if self._keeper.ask("code", self._pid):
            raise ServerError(f"the coordinator has failed; its last words:\n{said}")
        self._pid = None
        return said.splitlines()[-1]

    # What there is --------------------------------------------------------------------

    def recover(self, patience: float = 5.0) -> Recovered:
        """Take over and finish what was left, as `ftlib.real.coordinator.recover`."""
        return recover(self.log, self.addresses, patience)

    def in_doubt(self) -> dict[str, list[str]]:
        """Name what each server has prepared and not finished."""
        return self._each("select gid from pg_prepared_xacts order by 1")

    def balances(self) -> dict[str, int]:
        """Return what anybody reads at each server."""
        return {
            name: sum(rows)
            for name, rows in self._each("select balance from account").items()
        }

    def _each(self, query: str) -> dict[str, list[Any]]:
        return {
            name: [row[0] for row in server.sql(query)]
            for name, server in self.servers.items()
        }


def coordinate() -> None:
    """Be a coordinator's process, for one transaction."""
    folder, kind, stops, name, changes, addresses = sys.argv[1:]

    def reached(point: str) -> None:
        if point == stops:
            os.kill(os.getpid(), signal.SIGSTOP)  # until somebody kills or wakes us

    def about_to(record: list[Any]) -> None:
        if record[0] == "commit":
            reached(LOCKED)

    to: Mapping[str, str] = json.loads(addresses)
    txn = Transaction(
        name, tuple((at, of, sum_) for at, of, sum_ in json.loads(changes))
    )
    try:
        log = LOGS[kind](Path(folder), about_to)
        print(Coordinator(log, to, reached).transfer(txn))
    except Refused as error:
        print("refused:", error)
