"""Small nodes that the tests run as processes, which import them from here."""

import os
from dataclasses import dataclass
from typing import Any

from ftlib.simulation import Node


@dataclass(frozen=True, slots=True)
class Number:
    value: int


@dataclass(frozen=True, slots=True)
class Seen:
    what: Any


class Diary(Node):
    """Does a bit of everything by itself, then says what is on its disk."""

    MESSAGES = (Number,)
    FACTS = (Seen,)

    def __init__(self, other: str = "b") -> None:
        self.other = other
        self.turns = 0

    def on_start(self) -> None:
        self.record(Seen(self.disk.read("pages", [])))
        if self.id == "a":
            self.set_timer("turn", 0.02)

    def on_timer(self, name: str) -> None:
        self.turns += 1
        chosen = self.choose((1, 2, 3, 4, 5, 6))
        self.call(("roll", self.turns))
        self.disk.append("pages", {"chosen": chosen, "turn": (self.turns, None)})
        self.disk.write("last", chosen)
        if self.turns == 2:
            self.disk.delete("last")
        self.disk.force()
        self.set_timer("never", 9)
        self.cancel_timer("never")
        self.send(self.other, Number(chosen))

    def on_message(self, sender: str, message: Number) -> None:
        if self.id == "a":
            self.returned(("roll", self.turns), message.value)
            self.record(Seen(list(self.disk.keys())))
            if self.turns < 3:
                self.set_timer("turn", (0.01, 0.03))
        else:
            self.send(sender, message)


class Counter(Node):
    """Counts what it is sent, and keeps the count, forced or not."""

    MESSAGES = (Number,)
    FACTS = (Seen,)

    def __init__(self, forces: bool = True) -> None:
        self.forces = forces

    def on_start(self) -> None:
        self.record(Seen(self.disk.read("count", 0)))

    def on_message(self, sender: str, message: Number) -> None:
        count = self.disk.read("count", 0) + message.value
        self.disk.write("count", count)
        if self.forces:
            self.disk.force()
        self.record(Seen(count))


class Alarm(Node):
    """Sets a timer, then again, and takes another back."""

    def on_start(self) -> None:
        self.set_timer("again", 0.01)
        self.set_timer("taken back", 0.01)
        self.set_timer("again", 0.08)
        self.cancel_timer("taken back")


class Teller(Node):
    """Sends 1, and again every so many seconds."""

    MESSAGES = (Number,)

    def __init__(self, to: str, every: float = 0.005, most: int = 10_000) -> None:
        self.to, self.every, self.most = to, every, most

    def on_start(self) -> None:
        self.on_timer("next")

    def on_timer(self, name: str) -> None:
        self.send(self.to, Number(1))
        self.most -= 1
        if self.most:
            self.set_timer("next", self.every)


class Flood(Teller):
    """Sends all at once."""

    def on_start(self) -> None:
        for _ in range(self.most):
            self.send(self.to, Number(1))


class Failing(Node):
    """Fails in its first handler."""

    def on_start(self) -> None:
        raise ValueError("this handler fails")


class BadDisk(Counter):
    """Its disk fails at the first fsync after the start."""

    def on_start(self) -> None:
        def fails(_: int) -> None:
            raise OSError(5, "Input/output error")

        os.fsync = fails


class FullDisk(Counter):
    """Its disk takes no more than 2,000 bytes."""

    def on_start(self) -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))


class Speechless(Node):
    """Its disk is full, and so is that on which its words are to stand."""

    def on_start(self) -> None:
        os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
        os.write(2, b"x")


class Large(Node):
    """Sends one message that no datagram takes, then one that is small."""

    MESSAGES = (Seen, Number)

    def on_start(self) -> None:
        self.send("b", Seen("x" * 70_000))
        self.send("b", Number(1))


class Stubborn(Node):
    """Ignores every signal that can be ignored."""

    def on_start(self) -> None:
        import signal

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.record(Seen(os.getpid()))


class Unbound(Stubborn):
    """Outlives the keeper while it is paused, as on Linux nobody does otherwise."""

    def on_start(self) -> None:
        import ctypes
        import sys

        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG: none
        super().on_start()
