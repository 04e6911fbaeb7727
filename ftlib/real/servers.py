"""A server that people run, as a process of this computer: started, killed, stopped,
paused, and gone at the end.
"""

import os
import random
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ftlib.real.keeper import keeper, whole

__all__ = ["Server", "ServerError", "driver", "free_port", "programs", "wait_for"]

PORTS = range(20_000, 30_000)
TRIES = 200
FIRST_LINES = 3
LAST_LINES = 15
LITTLE = 128  # free megabytes on the disk
NOBODY = 65534  # who a server is that will not run as root

_given: set[int] = set()
_chance = random.SystemRandom()


class ServerError(RuntimeError):
    """A server did not do what was asked; with its last words."""


def free_port() -> int:
    """Choose a port that is free now and was not chosen before.

    Below those that the system gives to clients: else, while a killed server is down,
    the next connection of anybody may take its port, or even connect to itself.

    Raises
    ------
    ServerError
        If none is free.
    """
    for _ in range(TRIES):
        port = _chance.choice(PORTS)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise ServerError(
        f"no free port from {PORTS[0]} to {PORTS[-1]} in {TRIES} tries: end what"
        " listens there"
    )


def is_free(port: int) -> bool:
    """Tell whether nobody listens there."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(done: Callable[[], Any], timeout: float, what: str) -> Any:
    """Ask until the answer is true, and return it; an `OSError` means not yet.

    Raises
    ------
    TimeoutError
        If that takes longer.
    """
    end = time.monotonic() + timeout
    while True:
        last: object = "no"
        try:
            if answer := done():
                return answer
        except OSError as error:
            last = error
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {timeout:g} s, at last: {last}")
        time.sleep(0.02)


def driver(name: str) -> Any:
    """Import the package that speaks with a server.

    Raises
    ------
    ImportError
        In one line, with what to install.
    """
    try:
        return import_module(name)
    except ImportError:
        raise ImportError(
            f"{name} is missing: pip install -r requirements/real.txt"
        ) from None


def programs(
    name: str, variable: str, package: str, inside: str, beside: str = ""
) -> Path:
    """Return the folder in which a program is, and another beside it: that which an
    environment variable names, else that of an installed package, else that which the
    shell would find.

    Raises
    ------
    FileNotFoundError
        In one line, with what to install.
    """
    named = os.environ.get(variable)
    spec = find_spec(package)
    found = shutil.which(name)
    places = [Path(named)] if named else []
    if not named and spec and spec.submodule_search_locations:
        places += Path(spec.submodule_search_locations[0]).glob(inside)
    if not named and found:
        places.append(Path(found).resolve().parent)
    for place in places:
        if (place / name).is_file() and (place / (beside or name)).is_file():
            return place
    what = f"{name} and {beside}" if beside else name
    there = f"{variable} is {named!r}, where it is not" if named else "none is here"
    raise FileNotFoundError(
        f"no {what}, {there}: pip install -r requirements/real.txt, or set {variable}"
        " to the folder of another one"
    )


class Server:
    """One server, between ``with`` and its end. A subclass says how it is started.

    Attributes
    ----------
    name : str
        What it is called here.
    port : int
        Where it listens, on 127.0.0.1 only; the same after a restart.
    folder : Path
        Where its data are.
    """

    stop_signal: int = signal.SIGTERM
    user: int | None = None  # another than this process's

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = 0
        self.folder = Path()
        self._pid: int | None = None
        self._words = 0  # where in the log those of the last program begin
        self._open = False

    # What a subclass says -------------------------------------------------------------

    def prepare(self) -> None:
        """Make what it needs before its first start."""

    def command(self) -> list[str]:
        """Return the command that starts it, in the foreground."""
        raise NotImplementedError

    def ready(self) -> object:
        """Tell whether it answers; an `OSError` means not yet."""
        raise NotImplementedError

    # Life -----------------------------------------------------------------------------

    def __enter__(self) -> Self:
        if sys.platform == "win32":
            raise ServerError("servers are killed as POSIX systems do it: use Linux")
        self._keeper = keeper()
        self.folder = Path(self._keeper.ask("make_folder", self.name))
        self.log = self.folder / "log"
        self._open = True
        try:
            if self.user is not None:
                os.chown(self.folder, self.user, self.user)
            self.prepare()
            for last in (False, False, True):
                self.port = free_port()
                try:
                    self.start()
                    break
                except ServerError:  # has somebody taken the port meanwhile?
                    if last or is_free(self.port):
                        raise
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._open = False
        with whole():
            if self._keeper.up:
                self.kill()
                self._keeper.ask("remove", str(self.folder))

    def start(self, timeout: float = 30.0) -> float:
        """Start it, wait until it answers, and return how long that took, in seconds.

        Raises
        ------
        ServerError
            If it is up, ends, or does not answer within so many seconds; or outside of
            its ``with``.
        """
        if not self._open:
            raise ServerError(f"{self.name} is not open: start it within its `with`")
        if self.up:
            raise ServerError(f"{self.name} is up: kill or stop it first")
        began = time.monotonic()
        command = self.command()
        with whole():
            self._pid = self._spawn(command)
        try:
            wait_for(lambda: not self.up or self.ready(), timeout, "it does not answer")
        except TimeoutError as error:
            self.kill()
            raise self.error(f"was not ready: {error}") from None
        if not self.up:
            raise self.error("ended at once")
        return time.monotonic() - began

    def _spawn(self, command: list[str]) -> int:
        options: dict[str, Any] = {"cwd": str(self.folder)}
        if self.user is not None:
            options |= {"user": self.user, "group": self.user, "extra_groups": []}
        self._words = self.log.stat().st_size if self.log.exists() else 0
        options["env"] = {"LC_ALL": "C", "HOME": str(self.folder), "PATH": os.defpath}
        return self._keeper.ask("spawn", command, str(self.log), options)

    def run(self, command: list[str], timeout: float = 60.0) -> None:
        """Run a program of the server's to its end.

        Raises
        ------
        ServerError
            If it fails or takes longer.
        """
        pids: list[int] = []
        name = Path(command[0]).name

        def done() -> bool:
            return self._keeper.ask("code", *pids) is not None

        try:
            with whole():
                pids.append(self._spawn(command))
            wait_for(done, timeout, f"{name} does not end")
        except TimeoutError as error:
            raise self.error(str(error)) from None
        finally:
            self._keeper.ask("kill", pids)
        if code := self._keeper.ask("code", *pids):
            raise self.error(f"{name} failed ({code})")

    @property
    def up(self) -> bool:
        """Whether its process is there, be it paused."""
        return self._pid is not None and self._keeper.ask("code", self._pid) is None

    def error(self, words: str) -> ServerError:
        """Make an error of words and what the server has said since it was started: the
        last lines, and the first, after which some explain all their options.
        """
        said = self.log.read_bytes()[self._words :] if self.log.exists() else b""
        lines = said.decode(errors="replace").splitlines()
        if len(lines) > LAST_LINES + FIRST_LINES:
            lines[FIRST_LINES:-LAST_LINES] = ["..."]
        last = "\n".join(lines)
        free = shutil.disk_usage(self.folder.parent.parent).free >> 20
        if free < LITTLE:  # too little to say so
            words += f", with {free} MB free on the disk"
        return ServerError(f"{self.name} {words}; its last words:\n{last}")

    # Faults ---------------------------------------------------------------------------

    def kill(self) -> None:
        """Kill it and all its children (SIGKILL), as a crash does."""
        if self._pid is not None:
            self._keeper.ask("kill", [self._pid])

    def stop(self, timeout: float = 10.0) -> None:
        """Ask it to end in order, and wait for that.

        Raises
        ------
        ServerError
            If it does not; then it is killed.
        """
        if not self.up:
            return
        self.resume()
        self._keeper.ask("signal", self._pid, self.stop_signal)
        try:
            wait_for(lambda: not self.up, timeout, "it goes on")
        except TimeoutError as error:
            self.kill()
            raise self.error(f"did not stop: {error}") from None

    def pause(self) -> None:
        """Stop it and its children where they are (SIGSTOP): neither dead nor alive."""
        if self._pid is not None:
            self._keeper.ask("suspend", self._pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._pid is not None:
            self._keeper.ask("suspend", self._pid, signal.SIGCONT)
