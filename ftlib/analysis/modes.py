"""What modes of replication lose, miss and make wait, under the same faults.

Two clients write new keys, one after another, and read each back as soon as its write
is acknowledged. Meanwhile faults strike that a seed draws, and every mode lives through
the very same ones. Then one counts in the trace:

- a write is *lost* if it was acknowledged, and whoever is the primary in the end does
  not have it; with quorums, if no node that is up in the end has it;
- a read is *stale* if it misses a write that had been acknowledged, and is not lost;
- a client is *without service* while it has waited longer than `PATIENT` seconds.

Writes of one run share its faults, so what is independent, and counted, is the run.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ftlib.analysis.checks import count
from ftlib.analysis.estimate import Estimate, Mean
from ftlib.replication.mode import Mode
from ftlib.replication.quorum import Kept, RegularClient, registers
from ftlib.replication.replicas import replicas
from ftlib.services import Client, Elected, Recovered, Request, Stored
from ftlib.simulation import (
    Cluster,
    Crash,
    Heal,
    LogNormal,
    Network,
    Node,
    Partition,
    Point,
    Recover,
    Schedule,
    Slow,
    Trace,
    stream,
)

__all__ = [
    "FAULTS",
    "Lived",
    "Measured",
    "Quorums",
    "faults",
    "live_through",
    "lived",
    "measure",
]

END = 4.0  # seconds that a run lasts
PATIENT = 0.25  # seconds that a client waits without complaint
DOWN = 0.5  # seconds that a fault lasts
FAR = 0.04  # seconds that the far node adds to each message
CLIENTS = ("c1", "c2")
WRITES = 100  # of a client, which are more than it can do

FAULTS = ("crashes", "a death", "a cut", "a far node")
"""What may strike. Every node crashes once, and is back half a second later; or one of
the nodes crashes for good; or one of them is cut off, with the first client, for half a
second; or the last one is 40 ms further away than the others.
"""


@dataclass(frozen=True, slots=True)
class Quorums:
    """No primary: a write waits for a majority of the nodes, and a read for so many.

    Parameters
    ----------
    nodes : int
        N.
    read : int
        R.
    """

    nodes: int
    read: int

    @property
    def write(self) -> int:
        """W: a majority."""
        return self.nodes // 2 + 1

    def __str__(self) -> str:
        return f"quorum, W = {self.write} and R = {self.read} of {self.nodes}"


@dataclass(frozen=True, slots=True)
class Lived:
    """What one run was like.

    Attributes
    ----------
    acknowledged, lost : int
        How many writes.
    answered, stale : int
        How many reads.
    without : float
        The share of the time in which a client was without service.
    latency : float
        The median time of a write, in seconds.
    """

    acknowledged: int
    lost: int
    answered: int
    stale: int
    without: float
    latency: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What many runs were like, with intervals.

    Attributes
    ----------
    lost : Estimate
        How likely a run loses an acknowledged write.
    stale : Mean
        The share of the reads of a run that are stale.
    without : Mean
        The share of the time in which a client was without service.
    latency : Mean
        The time of a write, in seconds.
    """

    lost: Estimate
    stale: Mean
    without: Mean
    latency: Mean


# The same faults ----------------------------------------------------------------------


def faults(kind: str, names: Sequence[str], seed: int) -> Schedule:
    """Draw what strikes; by other names the same strikes the same.

    Parameters
    ----------
    kind : str
        One of `FAULTS`.
    names : sequence of str
        Of the nodes.
    seed : int

    Returns
    -------
    Schedule

    Raises
    ------
    ValueError
        If there is no such kind.

    Examples
    --------
    >>> [(each.node, each.at) for each in faults("a death", ["a", "b"], seed=7)]
    [('a', 1.94055)]
    """
    draw = stream(seed, "faults", kind).random

    def moment() -> float:
        return round(0.3 + 2.4 * draw(), 6)

    def crash(name: str) -> Crash:
        return Crash(name, moment(), after=int(12 * draw()))  # amid what it does

    match kind:
        case "crashes":
            found: list[Any] = [crash(name) for name in names]
            found += [Recover(n, at=Point(n, "crash", later=DOWN)) for n in names]
        case "a death":
            found = [crash(names[int(len(names) * draw())])]
        case "a cut":
            which, at = names[int(len(names) * draw())], moment()
            found = [Partition(((which, CLIENTS[0]),), at=at), Heal(at=at + DOWN)]
        case "a far node":
            pairs = [(name, names[-1]) for name in names[:-1]]
            found = [Slow(pair, by=FAR) for pair in pairs]
            found += [Slow((far, near), by=FAR) for near, far in pairs]
        case _:
            raise ValueError(f"kind is {kind!r}: give one of {', '.join(FAULTS)}")
    return Schedule(found)


# The same work ------------------------------------------------------------------------

REST = (0.0, 0.06)  # seconds between two operations


class _Writer(Client):
    """Rests before each operation."""

    home = ""  # who has answered its last write

    def go_on(self) -> None:
        self.waiting = False
        self.set_timer("rest", REST)

    def on_timer(self, name: str) -> None:
        if name == "rest":
            self.turn()
            super().go_on()
        else:
            super().on_timer(name)

    def turn(self) -> None:
        """Choose whom to ask next."""


class _Around(_Writer):
    """Reads from one node after another."""

    def turn(self) -> None:
        if self.sequence % 2:  # a read is next
            self.home = self.server
            self.server = self.servers[self.sequence // 2 % len(self.servers)]
        elif self.home:
            self.server = self.home


class _Asker(RegularClient):
    """Rests before each operation."""

    def go_on(self) -> None:
        self.set_timer("rest", REST)

    def on_timer(self, name: str) -> None:
        if name == "rest":
            super().go_on()
        else:
            super().on_timer(name)


def _group(mode: Mode | Quorums, anywhere: bool) -> dict[str, Callable[[], Node]]:
    wanted = [
        [
            each
            for number in range(WRITES)
            for each in (("put", f"{c} {number}", 1), ("get", f"{c} {number}"))
        ]
        for c in CLIENTS
    ]
    if isinstance(mode, Quorums):
        n, r, w = mode.nodes, mode.read, mode.write
        return registers(*wanted, nodes=n, read=r, write=w, client=_Asker)
    kind, local = (_Around, ("get",)) if anywhere else (_Writer, ())
    return replicas(wanted, mode, local, client=kind, patience=0.2, longest=0.2)


def live_through(
    mode: Mode | Quorums, kind: str, seed: int, *, anywhere: bool = False
) -> Trace:
    """Run one mode under faults that a seed draws.

    Parameters
    ----------
    mode : Mode or Quorums
    kind : str
        One of `FAULTS`.
    seed : int
        Of the faults, and of everything else.
    anywhere : bool
        Of a primary and its replicas, whether any node answers a read, from what it
        has; else a read goes through the log of the primary.

    Returns
    -------
    Trace
        Of four seconds.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    nodes = _group(mode, anywhere)
    return Cluster(
        nodes,
        faults=faults(kind, [name for name in nodes if name not in CLIENTS], seed),
        network=Network(LogNormal(0.008, 0.5)),
        disk_latency=0.001,
        seed=seed,
    ).run(until=END)


# What is counted ----------------------------------------------------------------------


def lived(trace: Trace) -> Lived:
    """Count what a run of `live_through` was like.

    Examples
    --------
    >>> found = lived(live_through(Mode(1), "a death", seed=1))
    >>> found.lost, found.stale
    (0, 0)

    Notes
    -----
    Time O(events).
    """
    written: dict[Any, float] = {}  # when a write of a key was acknowledged
    missed: list[Any] = []
    answered = 0
    waits: list[float] = []
    latencies: list[float] = []
    since: dict[str, float] = {}
    for event in trace.where(kind=("call", "return")):
        if event.kind == "call":
            since[event.node] = event.time
            continue
        operation, result = event.what
        waits.append(event.time - since.pop(event.node))
        if operation[0] == "put":
            written[operation[1]] = event.time
            latencies.append(waits[-1])
        else:
            answered += 1
            missed += [] if result else [operation[1]]
    waits += [trace.end - start for start in since.values()]
    kept = _kept(trace)
    lost = [key for key in written if kept is not None and key not in kept]
    without = math.fsum(max(wait - PATIENT, 0.0) for wait in waits)
    return Lived(
        len(written),
        len(lost),
        answered,
        sum(key not in lost for key in missed),
        without / (len(CLIENTS) * trace.end),
        median(latencies),
    )


def _kept(trace: Trace) -> set[Any] | None:
    """Tell which keys are kept in the end; None if nobody is there to say."""
    up = dict.fromkeys(trace.nodes, True)
    for event in trace.where(kind=("crash", "recover")):
        up[event.node] = event.kind == "recover"
    rows = trace.facts(Kept)
    if rows:
        return {event.what.key for event in rows if up[event.node]}
    primary = trace.facts(Elected)[-1].node
    if not up[primary]:
        return None
    log: list[Any] = []
    for event in trace.where(node=primary, what=(Recovered, Stored)):
        match event.what:
            case Recovered(_, entries):
                log = [entry.value for entry in entries]
            case Stored(index, value=value):
                log[index - 1 :] = [value]
    return {each.operation[1] for each in log if isinstance(each, Request)}


def measure(
    mode: Mode | Quorums,
    kind: str,
    runs: int = 200,
    *,
    anywhere: bool = False,
    seed: int = 0,
) -> Measured:
    """Run one mode under many faults.

    Parameters
    ----------
    mode, kind, anywhere
        As for `live_through`.
    runs : int
        How many, 30 or more; they have the seeds from `seed` on.
    seed : int

    Returns
    -------
    Measured
    """
    count("runs", runs)
    found = [
        lived(live_through(mode, kind, seed + number, anywhere=anywhere))
        for number in range(runs)
    ]
    return Measured(
        Estimate.of(sum(each.lost > 0 for each in found), runs),
        Mean.of([each.stale / max(each.answered, 1) for each in found]),
        Mean.of([each.without for each in found]),
        Mean.of([each.latency for each in found]),
    )
