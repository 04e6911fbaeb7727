"""The keeper's end: what it is asked for, and how it ends everything."""

import contextlib
import ctypes
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from typing import Any

import psutil

from ftlib.real.folders import own_folder, remove, sweep
from ftlib.real.machine import live
from ftlib.real.place import Place
from ftlib.real.wire import Wire

__all__ = ["Keeping", "serve"]

PATIENCE = 10.0  # seconds for what has been killed to be gone
LOOK = 0.5  # seconds between two looks at whether the kernel is there
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Keeping:
    """The keeper's end. Every public method can be asked for."""

    def __init__(self) -> None:
        sweep()
        self.folder = own_folder()
        if os.geteuid() == 0:
            self.folder.chmod(0o755)  # a server that will not run as root looks in
        self.groups: dict[str, tuple[dict[str, Any], Wire, dict[str, Any]]] = {}
        self.orders: dict[int, tuple[socket.socket, socket.socket]] = {}  # by process
        self.ended: dict[int, int] = {}  # the exit codes

    # Folders --------------------------------------------------------------------------

    def make_folder(self, prefix: str) -> str:
        """Make a folder, which goes when everything ends."""
        return tempfile.mkdtemp(prefix=f"{prefix}-", dir=self.folder)

    def remove(self, folder: str) -> None:
        """Remove a folder."""
        remove(folder)

    # Nodes ----------------------------------------------------------------------------

    def open_group(self, given: bytes) -> tuple[str, dict[str, int]]:
        """Make a folder and sockets for nodes; return it and their ports."""
        factories, types = pickle.loads(given)  # from the kernel, no datagram
        folder = self.make_folder("nodes")
        inlets = {}
        for id in factories:
            inlets[id] = inlet = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            inlet.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            # on macOS this says how large a datagram may be
            inlet.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 17)
            inlet.bind(("127.0.0.1", 0))
        self.groups[folder] = factories, Wire(*types), inlets
        return folder, {id: inlet.getsockname()[1] for id, inlet in inlets.items()}

    def close_group(self, folder: str) -> None:
        """Give sockets and folder back."""
        for inlet in self.groups.pop(folder)[2].values():
            inlet.close()
        remove(folder)

    def fork(self, group: str, place: Place) -> int:
        """Start the process of a node."""
        factories, wire, inlets = self.groups[group]
        ends = reading, writing = socket.socketpair()
        asked, asking = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                end_with_the_keeper()
                os.close(asking)
                os.close(asked)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                said = os.open(place.folder / "log", os.O_WRONLY | os.O_APPEND)
                os.dup2(said, 1)
                os.dup2(said, 2)
                sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - till its end
                for other in (writing, *(each for _, each in self.orders.values())):
                    other.close()  # or nobody would see the keeper's end
                given = factories[place.id], wire, inlets[place.id], reading.fileno()
                code = live(place, *given)
            finally:
                os._exit(code)
        os.close(asking)
        os.read(asked, 1)  # before that nobody knows of it, and so nobody pauses it
        os.close(asked)
        self.orders[pid] = ends
        return pid

    def order(self, pid: int, text: str) -> None:
        """Tell a node's process something, in place of what it has not read yet: if it
        is paused, it reads nothing.
        """
        if self.code(pid) is None:
            reading, writing = self.orders[pid]
            with contextlib.suppress(BlockingIOError):
                reading.recv(1 << 20, socket.MSG_DONTWAIT)
            writing.sendall(text.encode())

    # Any process ----------------------------------------------------------------------

    def spawn(self, command: list[str], log: str, options: dict[str, Any]) -> int:
        """Start a program, with all that it says at the end of a file."""
        with open(log, "ab") as said:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=end_with_the_keeper,
                **options,
            )
        process.returncode = 0  # waited for below, not by Popen
        return process.pid

    def code(self, pid: int) -> int | None:
        """Return the exit code of a process, None while it is there."""
        if pid not in self.ended:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self.ended[pid] = os.waitstatus_to_exitcode(status)
                if pid in self.orders:
                    for end in self.orders.pop(pid):
                        end.close()
        return self.ended.get(pid)

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to a process that has not ended."""
        if self.code(pid) is None:
            os.kill(pid, number)

    def suspend(self, pid: int, number: int) -> None:
        """Stop a tree of processes, or let it go on."""
        if self.code(pid) is None:
            for process in tree(psutil.Process(pid)):
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)

    def kill(self, pids: Iterable[int]) -> None:
        """Kill trees of processes, as the kernel of the system does it, and wait until
        they are gone.
        """
        there = [pid for pid in pids if self.code(pid) is None]
        doomed = [each for pid in there for each in tree(psutil.Process(pid))]
        kill(doomed)
        for pid in there:
            wait(lambda pid=pid: self.code(pid) is not None)  # type: ignore[misc]

    def end(self) -> None:
        """Kill everything and remove everything, whoever wants it to end meanwhile."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(5):  # what was forked in between comes to light
            doomed = psutil.Process().children(recursive=True)
            if not any(map(alive, doomed)):
                break
            kill(doomed)
        remove(str(self.folder))


def end_with_the_keeper() -> None:
    """Let the system kill this process when the keeper dies, where it can."""
    if LIBC:
        LIBC.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def tree(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and its descendants, itself first."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def kill(doomed: list[psutil.Process]) -> None:
    """Kill processes in this order, and wait until they are gone."""
    for process in doomed:
        with contextlib.suppress(psutil.Error):
            process.kill()
    wait(lambda: not any(map(alive, doomed)))


def alive(process: psutil.Process) -> bool:
    """Tell whether a process is there; one that nobody has buried yet is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def wait(done: Callable[[], bool]) -> None:
    """Wait for something that takes a moment."""
    end = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < end:
        time.sleep(0.001)


def serve(descriptor: int) -> None:
    """Be the keeper, until nobody is at the other end."""
    if LIBC:
        # a process whose parent has died becomes the keeper's child, and is found
        LIBC.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    kernel, connection = os.getppid(), Connection(descriptor)
    os.set_inheritable(descriptor, False)
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    try:
        keeping = Keeping()
    except OSError as error:
        connection.send_bytes(pickle.dumps((False, error)))
        return
    try:
        connection.send_bytes(pickle.dumps((True, str(keeping.folder))))
        while os.getppid() == kernel and not asked:
            if connection.poll(LOOK):
                name, given = pickle.loads(connection.recv_bytes())
                try:
                    answer = True, getattr(keeping, name)(*given)
                except Exception as error:
                    answer = False, error
                connection.send_bytes(pickle.dumps(answer))
    except (EOFError, OSError):
        pass
    finally:
        connection.close()
        keeping.end()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
