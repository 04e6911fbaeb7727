"""Nodes as processes of the operating system, which talk over UDP on this computer and
are killed for good.

What the simulator's cluster is in virtual time, `Processes` is in real time: the same
classes, the same network as data, the same trace. No run can be had again, and a crash
falls where it falls.
"""

import json
import os
import pickle
import random
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ftlib.real.disk import cut, records
from ftlib.real.keeper import Ended, keeper, whole
from ftlib.real.merging import Row, merged
from ftlib.real.place import Place, ticks
from ftlib.real.wire import Wire, types_of
from ftlib.simulation import HandlerError, Network, Node, Trace

__all__ = ["Processes"]

LAST_LINES = 15


class Processes:
    """A group of nodes, one process each, between ``with`` and its end.

    Parameters
    ----------
    nodes : mapping of id to factory
        As for `ftlib.simulation.Cluster`. Their classes are imported by other
        processes, and so stand in a file, not in a notebook.
    network : Network, optional
        What the links add to the real ones: latency, loss, doubling. By default
        nothing.
    seed : int
        What the nodes' choices and the network's chance come from.
    later : iterable of str
        Those that are not started with the others, but by `restart`.
    trace : bool
        Whether the processes write down what happens.

    Raises
    ------
    TypeError, ValueError
        If a class stands in no file, or `later` names no node.
    ImportError
        If msgspec is not installed.

    Examples
    --------
    A server is killed, and has what it has forced when it is back::

        with Processes(service([("put", "x", 1), ("get", "x")])) as group:
            group.kill("server")
            group.restart("server")
            trace = group.until(lambda trace: len(trace.where(kind="return")) == 2)

    Notes
    -----
    A datagram that is no message of the nodes is dropped and counted (`refused`), and
    so is a message of more than 60,000 bytes. A message that is delayed waits at its
    receiver: it outlives its sender, but not a crash of the receiver. What reaches a
    node while it is down is lost.
    """

    def __init__(
        self,
        nodes: Mapping[str, Callable[[], Node]],
        *,
        network: Network | None = None,
        seed: int = 0,
        later: Iterable[str] = (),
        trace: bool = True,
    ) -> None:
        self.nodes = dict(nodes)
        self.network = network or Network(latency=0.0)
        self.seed, self.later, self.keeps_trace = seed, tuple(later), trace
        self._open = False
        self._know(self.later)
        made = [factory() for factory in self.nodes.values()]
        for node in made:
            if type(node).__module__ == "__main__":
                raise TypeError(
                    f"{type(node).__name__} is defined here, where no other process can"
                    " import it: put it into a file and import it from there"
                )
        for id, factory in self.nodes.items():
            try:
                pickle.dumps(factory)
            except (pickle.PicklingError, AttributeError, TypeError) as error:
                raise TypeError(
                    f"what makes {id!r} cannot be sent to another process, as a lambda"
                    f" cannot: give a class, or functools.partial of one ({error})"
                ) from None
        messages = dict.fromkeys(kind for node in made for kind in node.MESSAGES)
        self._types = tuple(messages), tuple(types_of(made))
        self._wire = Wire(*self._types)
        self._chance = random.Random(seed)
        self._pids: dict[str, int] = {}  # of those that are up
        self._lives = dict.fromkeys(self.nodes, 0)
        self._cuts: tuple[tuple[str, str], ...] = ()
        self._rows: list[Row] = []
        self._read = dict.fromkeys(self.nodes, 0)  # bytes of each trace
        self._last = dict.fromkeys(self.nodes, 0)  # the time of its last event

    def _check(self, ids: Iterable[str] = ()) -> None:
        """Refuse what cannot be done to these."""
        if not self._open:
            raise RuntimeError("no node runs: do this within the `with` of its group")
        self._know(ids)

    def _know(self, ids: Iterable[str]) -> None:
        for id in ids:
            if id not in self.nodes:
                raise ValueError(
                    f"no node is called {id!r}: there are {', '.join(self.nodes)}"
                )

    # Life -----------------------------------------------------------------------------

    def __enter__(self) -> "Processes":
        self._keeper = keeper()
        given = pickle.dumps((self.nodes, self._types))
        folder, self.ports = self._keeper.ask("open_group", given)
        self.folder = Path(folder)
        self._open = True
        try:
            self._began = ticks()
            for id in self.nodes:
                (self.folder / id).mkdir()
                for name in ("trace", "log"):
                    (self.folder / id / name).touch()
            self._note("crash", *self.later)
            for id in self.nodes:
                if id not in self.later:
                    self._start(id)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        """Read what is there to read, then leave nothing."""
        self._open = False
        with whole(), suppress(Ended):
            self._keeper.ask("kill", list(self._pids.values()))
            for id in self.nodes:
                self._read_more(id)
            self._keeper.ask("close_group", str(self.folder))
        self._pids.clear()

    def _start(self, id: str) -> None:
        place = Place(
            id,
            self.folder / id,
            self.ports,
            self.network,
            self.seed,
            self._began,
            self._lives[id],
            self._cuts,
            self.keeps_trace,
        )
        os.truncate(place.folder / "trace", self._read[id])  # what a kill has torn
        with whole():
            self._pids[id] = self._keeper.ask("fork", str(self.folder), place)
            self._lives[id] += 1

    @property
    def time(self) -> float:
        """Seconds since the group began."""
        return (ticks() - self._began) / 1e6

    @property
    def up(self) -> tuple[str, ...]:
        """The nodes that run, or are paused.

        Raises
        ------
        HandlerError
            If one has stopped by itself, with its last words.
        """
        self.check()
        return tuple(id for id in self.nodes if id in self._pids)

    def check(self) -> None:
        """Raise if a process has ended that nobody has killed; as `up`."""
        for id, pid in self._pids.items():
            code = self._keeper.ask("code", pid)
            if code is not None:
                text = (self.folder / id / "log").read_text(errors="replace")
                last = "\n".join(text.splitlines()[-LAST_LINES:])
                why = os.strerror(code) if code > 1 else ""  # its words found no room
                raise HandlerError(
                    f"{id!r} has stopped (exit code {code}): {last or why}"
                )

    # Faults ---------------------------------------------------------------------------

    def kill(self, *ids: str) -> None:
        """Kill processes (SIGKILL). What they wrote is with the operating system, so
        their disks keep it all, forced or not.
        """
        self._check(ids)
        self.check()
        with whole():
            self._keeper.ask("kill", [self._pids[id] for id in ids if id in self._pids])
            for id in ids:
                if self._pids.pop(id, None):
                    self._read_more(id)
                    self._note("crash", id)

    def cut_power(self, *ids: str) -> None:
        """Kill processes, and take from their disks what was not forced: all of it, or
        all but its first part, in whose last record the disk may have been writing.
        """
        self.kill(*ids)
        for id in ids:
            survives = max(0.0, self._chance.uniform(-1, 1))  # often nothing
            cut(self.folder / id, survives)

    def restart(self, *ids: str) -> None:
        """Start nodes that are down, on the disks that they left.

        Raises
        ------
        RuntimeError
            If one is up.
        """
        self._check(ids)
        self.check()
        for id in ids:
            if id in self._pids:
                raise RuntimeError(f"{id!r} is up: only what is down can be restarted")
            self._lives[id] = max(self._lives[id], 1)  # one that is late has crashed
            with whole():
                self._note("recover", id, what="kept")
                self._start(id)

    def pause(self, *ids: str) -> None:
        """Stop processes where they are (SIGSTOP): neither dead nor alive."""
        self._signal(ids, signal.SIGSTOP)

    def resume(self, *ids: str) -> None:
        """Let paused processes go on; what has arrived meanwhile is waiting."""
        self._signal(ids, signal.SIGCONT)

    def _signal(self, ids: Iterable[str], number: int) -> None:
        self._check(ids)
        self.check()
        for id in ids:
            if id in self._pids:
                self._keeper.ask("signal", self._pids[id], number)

    def partition(self, *sides: Iterable[str]) -> None:
        """Let no message pass between nodes of different sides; whoever is in none is
        cut off from nobody.
        """
        parts = [tuple(side) for side in sides]
        self._check(id for part in parts for id in part)
        self._order(
            (one, other)
            for here in parts
            for there in parts
            if here != there
            for one in here
            for other in there
        )

    def heal(self) -> None:
        """Let everything pass again."""
        self._order(())

    def _order(self, cuts: Iterable[tuple[str, str]]) -> None:
        self._check()
        self.check()
        self._cuts = tuple(cuts)
        for pid in self._pids.values():
            self._keeper.ask("order", pid, json.dumps(self._cuts) + "\n")

    # What happened --------------------------------------------------------------------

    def _note(self, kind: str, *ids: str, what: Any = None) -> None:
        for id in ids:
            when = max(ticks() - self._began, self._last[id] + 1)
            self._last[id] = when
            self._rows.append((when, kind, id, None, what, None))

    def _read_more(self, id: str) -> None:
        with open(self.folder / id / "trace", "rb") as file:
            start = file.seek(self._read[id])
            data = file.read()
        for content, end in records(data):
            when, kind, node, other, plain, ref = self._wire.decode(content)
            what = self._wire.value(plain)
            self._rows.append((when, kind, node, other, what, ref))
            if node == id:
                self._last[id] = when
            self._read[id] = start + end

    @property
    def trace(self) -> Trace:
        """What has happened so far, all processes together.

        Raises
        ------
        HandlerError
            As `up`.
        """
        if self._open:
            for id in self.nodes:
                self._read_more(id)
            self.check()
        return merged(self._rows, self.nodes)

    @property
    def refused(self) -> dict[str, dict[str, int]]:
        """What each node has dropped because it was no message, in its last life."""
        found = {}
        for id in self.nodes:
            path = self.folder / id / "refused"
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            found[id] = json.loads(text) if text else {}
        return found

    def until(self, done: Callable[[Trace], object], timeout: float = 10.0) -> Trace:
        """Wait until something has happened, and return the trace.

        Raises
        ------
        TimeoutError
            If it does not happen within so many seconds; with the last events.
        HandlerError
            As `up`.
        """
        end = time.monotonic() + timeout
        while True:
            began = time.monotonic()
            trace = self.trace
            if done(trace):
                return trace
            now = time.monotonic()
            if now > end:
                raise TimeoutError(
                    f"not within {timeout:g} s; last was\n{trace[-LAST_LINES:]}"
                )
            time.sleep(max(0.01, 2 * (now - began)))  # leave the nodes the computer
