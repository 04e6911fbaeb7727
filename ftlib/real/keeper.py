"""The keeper: one process beside this one, which starts everything else and outlives it
by a moment.

A kernel may end in ways in which it runs no code at all. So it starts nothing itself:
the keeper does, in a session of its own, where the interrupt of a notebook does not
reach it. The two are joined by a socket. When that is closed at the kernel's end, for
whatever reason, the keeper kills the trees of all processes that it has started,
removes its folder, and ends. If the keeper is killed, the nodes notice by a socket of
theirs, unless they are paused, and on Linux the system kills whatever it has started;
its folder goes with the kernel, or if that is killed too, when another keeper begins.

Nodes are forked from it, because it has what they need loaded already, and has no
threads. It also holds their sockets, also while they are down, so that nobody else can
take their ports.
"""

import atexit
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["Ended", "Keeper", "keeper", "whole"]

PATIENCE = 20.0  # seconds for everything to end
LONGEST = 60.0  # seconds for an answer
LOOK = 0.5  # seconds between two looks at whether the keeper is there


class Ended(RuntimeError):  # noqa: N818 - it names what has happened
    """The keeper is gone or does not answer, and all that it had started ends."""


@contextmanager
def whole() -> Iterator[None]:
    """Let an interrupt (SIGINT) wait until this is over; a second one does not."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False

    def later(*_: object) -> None:
        nonlocal came
        if came:
            raise KeyboardInterrupt
        came = True

    usual = signal.signal(signal.SIGINT, later)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


class Keeper:
    """The kernel's end: asks the keeper to do what `ftlib.real.keeping` can."""

    def __init__(self) -> None:
        if sys.platform == "win32":
            raise RuntimeError(
                "processes are forked and killed as POSIX systems do it: use Linux,"
                " macOS, or Windows' subsystem for Linux"
            )
        if find_spec("psutil") is None:
            raise ImportError("psutil is missing: pip install -r requirements/real.txt")
        mine, other = socket.socketpair()
        command = [sys.executable, "-m", "ftlib.real.keeping", str(other.fileno())]
        self._process = subprocess.Popen(
            command,
            pass_fds=[other.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        other.close()
        self._socket = Connection(mine.detach())
        self._lock = threading.Lock()
        self.owner = os.getpid()
        self.folder = self._answer()  # it begins with one

    @property
    def pid(self) -> int:
        """The keeper's process."""
        return self._process.pid

    @property
    def up(self) -> bool:
        """Whether this process can still ask it."""
        if self.owner != os.getpid() or self._process.poll() is not None:
            return False
        with self._lock:  # it says nothing unasked: that is the end
            return not self._socket.closed and not self._socket.poll()

    def ask(self, name: str, *given: Any) -> Any:
        """Let the keeper do something; raise what it raises.

        Raises
        ------
        Ended
            If the keeper is gone, or does not answer within a minute.
        """
        request = pickle.dumps((name, given))
        with self._lock, whole():
            return self._answer(request)

    def _answer(self, request: bytes = b"") -> Any:
        try:
            with suppress(OSError):  # there is no answer then
                if request:
                    self._socket.send_bytes(request)
            end = time.monotonic() + LONGEST
            while not self._socket.poll(LOOK):
                # what it has forked has its end of the socket too, and may be paused
                if self._process.poll() is not None:
                    raise EOFError
                if time.monotonic() > end:
                    raise TimeoutError
            data = self._socket.recv_bytes()
        except TimeoutError:
            self._socket.close()
            raise Ended(
                f"the process that starts the others has not answered for {LONGEST:g}"
                " s: begin again with a new `with`"
            ) from None
        except (EOFError, OSError):
            raise Ended(
                "the process that starts the others has ended, and they with it:"
                " begin again with a new `with`"
            ) from None
        except BaseException:
            self._socket.close()  # the next one would take this answer for its own
            raise
        good, answer = pickle.loads(data)
        if good:
            return answer
        raise answer

    def close(self) -> None:
        """Let everything end, and wait for it."""
        if self.owner == os.getpid():
            self._socket.close()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:  # it is paused, or waits itself
                self._process.kill()
                self._process.wait()
            # which it has done itself, unless it was killed
            shutil.rmtree(self.folder, ignore_errors=True)


_keeper: Keeper | None = None


def keeper() -> Keeper:
    """Return the keeper of this process, and start it if need be."""
    global _keeper
    if _keeper is None or not _keeper.up:
        with whole():
            if _keeper:
                _keeper.close()
            _keeper = Keeper()
            atexit.register(_keeper.close)
            os.register_at_fork(after_in_child=_keeper._socket.close)
    return _keeper
