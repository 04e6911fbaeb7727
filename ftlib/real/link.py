"""A slow network in between: relays TCP connections with a delay, until it is cut."""

import contextlib
import queue
import socket
import threading
import time
from typing import Any, Self

from ftlib.real.servers import free_port

__all__ = ["Link"]

Chunk = tuple[float, bytes]  # when it arrives


class Link:
    """Relays what comes to its port to another, and back, between ``with`` and its end.

    Parameters
    ----------
    target : int
        The port on 127.0.0.1 to which it leads.
    delay : float
        How long everything takes, one way, in seconds.

    Attributes
    ----------
    port : int
        Where to connect instead.

    Raises
    ------
    ValueError
        If the delay is negative.
    """

    def __init__(self, target: int, delay: float = 0.0) -> None:
        if delay < 0:
            raise ValueError(f"delay is {delay!r}: give seconds, 0 or more")
        self.target, self.delay = target, delay
        self.port = 0
        self._whole = True
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for last in (False, False, True):
            self.port = free_port()
            try:
                self._listener.bind(("127.0.0.1", self.port))
                break
            except OSError:  # somebody has taken it meanwhile
                if last:
                    raise
        self._listener.listen(16)
        _begin(self._accept)
        return self

    def __exit__(self, *error: Any) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Break all connections, with what is on its way; let no new one through."""
        with self._lock:
            self._whole = False
            ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def heal(self) -> None:
        """Let new connections through again."""
        self._whole = True

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return  # closed
            self._join(here)

    def _join(self, here: socket.socket) -> None:
        """Join a connection to one to the target, if the link is whole."""
        try:
            if not self._whole:
                raise ConnectionRefusedError
            there = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            here.close()
            return
        there.settimeout(None)
        with self._lock:
            self._ends += [here, there]
        for one, other in ((here, there), (there, here)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            under_way: queue.Queue[Chunk] = queue.Queue()
            _begin(self._read, one, under_way)
            _begin(self._write, other, under_way)
        if not self._whole:
            self.cut()  # it was cut meanwhile

    def _read(self, end: socket.socket, under_way: "queue.Queue[Chunk]") -> None:
        data = b"?"
        while data:
            try:
                data = end.recv(1 << 16)
            except OSError:
                data = b""
            under_way.put((time.monotonic() + self.delay, data))

    def _write(self, end: socket.socket, under_way: "queue.Queue[Chunk]") -> None:
        with contextlib.suppress(OSError):
            while True:
                arrival, data = under_way.get()
                time.sleep(max(0.0, arrival - time.monotonic()))
                if not data:
                    break
                end.sendall(data)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_WR)


def _begin(work: Any, *given: Any) -> None:
    threading.Thread(target=work, args=given, daemon=True).start()
