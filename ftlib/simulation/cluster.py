"""The simulated world: nodes, a network and faults in virtual time, one event after
another.

A discrete-event simulation: the next thing to happen is at the top of a heap ordered by
(time, number), the number settling every tie in the order of scheduling. Time is whole
microseconds inside and seconds outside. The same seed gives the same bytes of trace.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from heapq import heappop, heappush
from math import inf
from typing import Any

from ftlib.simulation.chance import MICROSECOND, microseconds, stream
from ftlib.simulation.event import Record
from ftlib.simulation.faults import Crash
from ftlib.simulation.host import Factory, Host
from ftlib.simulation.injection import Injector
from ftlib.simulation.network import Network
from ftlib.simulation.property import Finding, Property, Watcher
from ftlib.simulation.route import ARRIVAL, FAULT, LOSS, RESUME, TIMER, Entry, Route
from ftlib.simulation.schedule import Schedule
from ftlib.simulation.trace import Trace

__all__ = ["Cluster"]


class Cluster:
    """Nodes, the network between them, and what goes wrong.

    Parameters
    ----------
    nodes : mapping of id to factory, or pairs of them
        A factory is a `Node` class, or a `functools.partial` of one: called without
        arguments at the start and at every recovery.
    network : Network, optional
        By default a fixed latency of 10 ms, nothing lost.
    seed : int
        What all chance in this run comes from.
    faults : iterable of faults, optional
        A timed schedule (`ftlib.simulation.faults`).
    disk_latency : float
        How long a force takes, in seconds. The node handles nothing meanwhile.
    trace : bool
        Whether to keep the trace. Without it `run` returns an empty one, unless it is
        given properties: they judge by the trace.
    same_time_limit : int
        How many events without delay may follow from one another at one instant before
        the run is stopped as an endless loop.
    event_limit : int
        How many messages and timers a run that is given no end may take.

    Attributes
    ----------
    violation : Finding or None
        What stopped the last run.

    Raises
    ------
    ValueError, TypeError
        If two nodes have the same id, there is no node, or a fault names a node that
        does not exist.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Crash, Node
    >>> class Clock(Node):
    ...     def on_start(self):
    ...         self.set_timer("tick", 1.0)
    ...
    ...     def on_timer(self, name):
    ...         self.set_timer("tick", 1.0)
    >>> trace = Cluster({"clock": Clock}, faults=[Crash("clock", at=2.5)]).run(until=10)
    >>> [(event.time, event.kind) for event in trace]
    [(1.0, 'timer'), (2.0, 'timer'), (2.5, 'crash')]

    Notes
    -----
    An event costs O(log n) of the n messages and timers that are pending. Where many
    things fall on one instant, faults with a time come first, those of time 0 before
    the nodes start; then what was scheduled first.
    """

    def __init__(
        self,
        nodes: Mapping[str, Factory] | Iterable[tuple[str, Factory]],
        *,
        network: Network | None = None,
        seed: int = 0,
        faults: Iterable[Any] = (),
        disk_latency: float = 0.0,
        trace: bool = True,
        same_time_limit: int = 100_000,
        event_limit: int = 1_000_000,
    ) -> None:
        self.network = network or Network()
        self.unsafe = self.network.unsafe
        if not hasattr(seed, "__index__"):
            raise TypeError(f"seed is {seed!r}: give a whole number")
        self.seed = int(seed)
        self.faults = faults if isinstance(faults, Schedule) else Schedule(faults)
        self.hosts: dict[str, Host] = {}
        for id, factory in nodes.items() if isinstance(nodes, Mapping) else nodes:
            if not isinstance(id, str) or not id:
                raise ValueError(
                    f"a node is called {id!r}: give a name, a non-empty str"
                )
            if id in self.hosts:
                raise ValueError(
                    f"two nodes are called {id!r}: every id must be different"
                )
            if not callable(factory):
                raise TypeError(
                    f"the factory of {id!r} is {factory!r}: give a Node class, or a"
                    " functools.partial of one"
                )
            self.hosts[id] = Host(id, factory, self)
        if not self.hosts:
            raise ValueError("there is no node: give at least one")
        for id in (id for pair in self.network.links for id in pair):
            self.host(id)
        self.disk_latency = microseconds(disk_latency, "disk_latency")
        self.ticks = 0  # virtual time in microseconds
        self.number = 0  # of entries ever put on the heap
        self.sent = 0  # messages
        self.called = 0  # operations of clients
        self.heap: list[Entry] = []
        self.started = False
        self.violation: Finding | None = None
        self._limit = same_time_limit
        self._event_limit = event_limit
        self._streams: dict[tuple[str, str], Callable[[], float]] = {}
        self._ids = tuple(self.hosts)
        self._records: list[Record] = []
        self._keep = trace
        self._watcher: Watcher | None = None
        self.injector = Injector(self)
        self.record = self._recorder()

    # What is going on -----------------------------------------------------------------

    @property
    def time(self) -> float:
        """Virtual time, in seconds."""
        return self.ticks / MICROSECOND

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return Trace(self._records, self._ids)

    @property
    def up(self) -> tuple[str, ...]:
        """The nodes that are up."""
        return tuple(id for id, host in self.hosts.items() if host.node is not None)

    @property
    def by_chance(self) -> bool:
        """Whether under another seed this run might have been another so far."""
        network = self.network
        drawn = any(host.has_drawn for host in self.hosts.values())
        return drawn or network.unsafe or network.varies

    @property
    def unused(self) -> Schedule:
        """The faults that have not taken effect so far: not due yet, aimed at what did
        not happen, or the crash of a node that was down.
        """
        return Schedule(self.injector.unused.values())

    def host(self, id: str) -> Host:
        """Return the machine of the node `id`."""
        if id not in self.hosts:
            raise ValueError(
                f"no node is called {id!r}: there are {', '.join(self.hosts)}"
            )
        return self.hosts[id]

    def routes(self) -> Iterator[Route]:
        """Iterate over the directions used so far."""
        return (route for host in self.hosts.values() for route in host.routes.values())

    def sender_stream(self, purpose: str, sender: str) -> Callable[[], float]:
        """Return the stream that the messages of one sender draw from."""
        key = (purpose, sender)
        if key not in self._streams:
            self._streams[key] = stream(self.seed, purpose, sender).random
        return self._streams[key]

    # Running --------------------------------------------------------------------------

    def run(
        self, until: float | None = None, *, properties: Iterable[Property] = ()
    ) -> Trace:
        """Let things happen until nothing is left to happen, or until a time.

        Parameters
        ----------
        until : float, optional
            Virtual seconds; what is due at that very time still happens. A later call
            goes on from there. A protocol that sets timers for ever needs it.
        properties : iterable of Property
            The safety properties among them are judged after every event; the run stops
            at the first violation, kept as `violation`. Liveness is for `judge`, when
            the run has ended.

        Returns
        -------
        Trace
            Of everything since the start, earlier calls included.

        Raises
        ------
        HandlerError
            If a handler raises, sends to a node that does not exist, or keeps or sends
            what no node may.
        ValueError
            If `until` is negative.
        RuntimeError
            If more than `same_time_limit` events without delay follow from one another,
            if a run without `until` does not end within `event_limit` of them, or if a
            fault recovers a node that is up.
        """
        end = None if until is None else microseconds(until, "until")
        self.violation = None
        watcher = Watcher(properties, self.trace)
        self._watcher = watcher if watcher.properties else None
        self.record = self._recorder()
        with _rare_collections():
            if not self.started:
                self.start()
            self._run(end)
        self.check_states()
        return self.trace

    def _run(self, end: int | None) -> None:
        heap, happen, last = self.heap, self.happen, inf if end is None else end
        instant, newest, left = self.ticks, self.number, self._limit
        if last < instant:
            return
        most = self._event_limit if end is None else 0
        while heap and self.violation is None:
            entry = heappop(heap)
            if end is None:
                most -= 1
                if most < 0:
                    raise RuntimeError(self._endless(entry))
            if entry[0] > instant:
                if entry[0] > last:
                    heappush(heap, entry)
                    break
                instant = self.ticks = entry[0]
                newest, left = self.number, self._limit
            elif entry[1] > newest:  # scheduled at this instant for this instant
                left -= 1
                if left < 0:
                    raise RuntimeError(
                        f"more than {self._limit} events without delay at {self.time:g}"
                        " s: an endless loop?"
                    )
            if entry[2] == ARRIVAL:
                entry[3].arrive(entry)
            else:
                happen(entry)
        if end is not None and self.violation is None:
            self.ticks = max(self.ticks, end)

    def _endless(self, entry: Entry) -> str:
        timers = [
            f"{host.id}'s {name!r}"
            for host in self.hosts.values()
            for name in host.timers
        ]
        again = f"; timers that are set: {', '.join(timers)}" if timers else ""
        return (
            f"no end after {self._event_limit:,} messages and timers, at"
            f" {entry[0] / MICROSECOND:g} s{again}: say run(until=...)"
        )

    def start(self, crashes: Iterable[Crash] = ()) -> None:
        """Bring all nodes up, in order; `run` does so by itself.

        Parameters
        ----------
        crashes : iterable of Crash
            What befalls nodes before they start, or after some effects of their
            `on_start`.

        Raises
        ------
        RuntimeError
            If they were started before.
        """
        if self.started:
            raise RuntimeError(
                "this cluster has started already: make a new one for a new run"
            )
        self.started = True
        for host in self.hosts.values():
            host.create()
        first = {id: host.node for id, host in self.hosts.items()}
        self.injector.check_names()
        self.injector.begin()
        for crash in crashes:
            self.injector.inject(crash)
        for id, host in self.hosts.items():
            if (
                host.node is not None and host.node is first[id]
            ):  # else a fault was faster
                host.begin()

    def push(self, time: int, kind: int, *rest: Any) -> int:
        """Schedule something, and return its number."""
        number = self.number = self.number + 1
        heappush(self.heap, (time, number, kind, *rest))
        return number

    def happen(self, entry: Entry) -> None:
        """Let happen what was scheduled."""
        kind = entry[2]
        if kind == ARRIVAL:
            entry[3].arrive(entry)
        elif kind == TIMER:
            entry[3].fire(entry)
        elif kind == RESUME:
            entry[3].resume(entry[4], entry[5])
        elif kind == LOSS:
            entry[3].drop(entry[4], entry[5], "lost")
        else:
            self.injector.inject(entry[3])

    # Faults ---------------------------------------------------------------------------

    def schedule_fault(self, time: int, fault: Any) -> None:
        """Let a fault take effect at a time in microseconds."""
        self.push(time, FAULT, fault)

    def crash(self, id: str, after: int = 0) -> None:
        """Crash a node now, or after so many more of its effects; a node that is down
        stays down.
        """
        self.host(id).crash(after)

    def recover(self, id: str, disk: str = "kept") -> None:
        """Bring a crashed node back with the disk it had, or with an empty one
        ("wiped").

        Raises
        ------
        RuntimeError
            If it is up.
        """
        self.host(id).recover(disk)

    # Records --------------------------------------------------------------------------

    def next_call(self) -> int:
        """Number the next operation of a client."""
        self.called += 1
        return self.called

    def note(
        self,
        kind: str,
        id: str,
        other: str | None = None,
        what: Any = None,
        ref: int | str | None = None,
    ) -> None:
        """Put an event on record."""
        if self.record is not None:
            self.record((self.ticks, kind, id, other, what, ref))

    def check_states(self) -> None:
        """Raise if a node keeps what no node may keep."""
        for host in self.hosts.values():
            host.check_state()

    def _recorder(self) -> Callable[[Record], None] | None:
        if self.injector.traps or self._watcher:
            return self._watch
        return self._records.append if self._keep else None

    def _watch(self, record: Record) -> None:
        """Record an event, judge the run so far, and let the faults take effect that
        were waiting for it.
        """
        if self._keep or self._watcher:
            self._records.append(record)
        kind, watcher = record[1], self._watcher
        if watcher and kind in watcher.kinds and self.violation is None:
            self.violation = watcher.see(self.trace)
        if (record[2], kind) in self.injector.traps:
            self.injector.passed(record)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let the garbage collector look less often: it would walk over the whole trace
    each time, and a trace only grows.
    """
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(max(before[0], 50_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
