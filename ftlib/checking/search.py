"""Search for a failure by chance: random fault schedules from seeds, until a property
is violated; then the schedule is shrunk.

What a protocol promises for every run is proved by exploration where its states can be
listed, and looked for by chance where they cannot: protocols that read the clock,
clusters of many nodes, liveness within a bound. A search that finds nothing proves
nothing; its bound is the number of seeds.

Where a fault is aimed matters more than how many there are. So each seed first runs the
cluster without faults, and then aims at what happened in that run: a crash at a message
just sent or a write not yet forced, the loss of one message that was really sent.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ftlib.checking.budget import known
from ftlib.checking.offers import called
from ftlib.checking.shrinking import shrink
from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Finding,
    Heal,
    Lose,
    Network,
    Node,
    Partition,
    Point,
    Property,
    Recover,
    Schedule,
    Slow,
    Trace,
    judge,
)
from ftlib.simulation.chance import stream
from ftlib.simulation.event import subject

__all__ = ["DANGERS", "Found", "find"]

DANGERS = ("crash", "lose", "duplicate", "partition", "slow")


@dataclass(frozen=True)
class Found:
    """A failure that was found.

    Attributes
    ----------
    finding : Finding
        Which property is violated, and how.
    schedule : Schedule
        The faults that do it, shrunk.
    seed : int
        The seed of the cluster.
    tried : int
        How many seeds were tried.
    first : Schedule
        The schedule as it was found, before it was shrunk.
    """

    finding: Finding
    schedule: Schedule
    seed: int
    tried: int
    first: Schedule = field(repr=False)

    @property
    def trace(self) -> Trace:
        """The run, up to and with the violating event."""
        return self.finding.trace

    def __str__(self) -> str:
        faults = "".join(f"    {fault!r},\n" for fault in self.schedule)
        return (
            f"# {self.finding}\nseed = {self.seed}\nfaults ="
            f" Schedule([{chr(10) + faults if faults else ''}])"
        )


def find(
    nodes: Mapping[str, Callable[[], Node]],
    properties: Iterable[Property],
    *,
    until: float,
    network: Network | None = None,
    faults: Iterable[str] = DANGERS,
    most: int = 3,
    seeds: Iterable[int] = range(500),
    disk_latency: float = 0.0,
    crashing: Iterable[str] | None = None,
    survivors: bool = False,
) -> Found | None:
    """Search for a run in which a property is violated.

    Parameters
    ----------
    nodes : mapping of id to factory
        As for `Cluster`.
    properties : iterable of Property
        Safety is judged after every event, liveness at the end.
    until : float
        How long each run may take, in virtual seconds.
    network, disk_latency
        As for `Cluster`.
    faults : iterable of str
        What may go wrong: "crash" (with a recovery, or without), "lose", "duplicate",
        "partition" (healed later), "slow". If empty, seeds alone make the runs differ.
    most : int
        How many faults at most in one schedule; a crash and its recovery are one.
    seeds : iterable of int
        One run for each, until one fails.
    crashing : iterable of str, optional
        The nodes that may crash; all by default.
    survivors : bool
        Whether some of the unforced writes may survive a crash.

    Returns
    -------
    Found or None
        The first failure, its schedule shrunk; None if no seed fails, which proves
        nothing.

    Raises
    ------
    ValueError
        If a kind of fault or a node is unknown, or `most` is not positive.
    HandlerError
        If a handler raises; a note says under which seed and schedule.

    Examples
    --------
    >>> from ftlib.transactions.atomic_commit import PROPERTIES
    >>> from ftlib.transactions.mutants import KeepsNoLog, mutated
    >>> found = find(mutated(KeepsNoLog), PROPERTIES, until=5)
    >>> found.finding.name, [type(fault).__name__ for fault in found.schedule]
    ('agreement', ['Crash', 'Recover'])
    """
    kinds, properties = tuple(faults), tuple(properties)
    for kind in kinds:
        if kind not in DANGERS:
            raise ValueError(
                f"no kind of fault {kind!r}: choose from {', '.join(DANGERS)}"
            )
    if type(most) is not int or most < 1:
        raise ValueError(f"most is {most!r}: give a whole number, 1 or more")

    mortal = known(nodes if crashing is None else crashing, tuple(nodes))

    def play(seed: int, schedule: Schedule, judged: tuple[Property, ...]) -> Cluster:
        cluster = Cluster(
            nodes,
            network=network,
            seed=seed,
            faults=schedule,
            disk_latency=disk_latency,
        )
        try:
            cluster.run(until, properties=judged)
        except Exception as error:
            error.add_note(f"seed = {seed}, faults = {schedule!r}")
            raise
        return cluster

    def run(seed: int, schedule: Schedule) -> Finding | None:
        cluster = play(seed, schedule, properties)
        found = cluster.violation
        if found is None:
            lively = judge(
                cluster.trace, [prop for prop in properties if prop.liveness]
            )
            found = next(
                (finding for finding in lively if finding.verdict == "violated"), None
            )
        return found

    calm: Cluster | None = None
    for tried, seed in enumerate(seeds, 1):
        if calm is None or calm.by_chance:
            calm = play(seed, Schedule([]), ())
        schedule = _Aim(calm.trace, seed, kinds, mortal, survivors).schedule(most)
        finding = run(seed, schedule)
        if finding is None:
            continue
        name = finding.name

        def still_fails(
            candidate: Schedule, seed: int = seed, name: str = name
        ) -> bool:
            found = run(seed, candidate)
            return found is not None and found.name == name

        smallest = shrink(schedule, still_fails)
        again = run(seed, smallest)
        assert again is not None
        return Found(again, smallest, seed, tried, schedule)
    return None


class _Aim:
    """Draws faults that are aimed at what happened in a run without any."""

    def __init__(
        self,
        calm: Trace,
        seed: int,
        kinds: tuple[str, ...],
        mortal: tuple[str, ...],
        survivors: bool,
    ) -> None:
        self.calm = calm
        self.mortal, self.survivors = mortal, survivors
        self.kinds = kinds
        self.draw = stream(seed, "find", "").random
        self.crashes: dict[str, int] = {}
        self.events = [
            record
            for record in calm.records
            if record[1] not in ("fact", "call", "return", "fault")
        ]
        self.sends = [record for record in self.events if record[1] == "send"]

    def schedule(self, most: int) -> Schedule:
        """Draw a schedule of one to `most` faults, if there are any to choose from."""
        drawn: list[Any] = []
        for _ in range(1 + int(self.draw() * most) if self.kinds else 0):
            drawn += getattr(self, self._one(self.kinds))()
        return Schedule(drawn)

    def _one(self, options: Any) -> Any:
        return options[int(self.draw() * len(options))]

    def _time(self, longest: float) -> float:
        return round(self.draw() * longest, 3)

    def crash(self) -> list[Any]:
        """Crash a node at something it does, and mostly bring it back."""
        node = self._one(self.mortal)
        own = [record for record in self.events if record[2] == node]
        nth = self.crashes[node] = self.crashes.get(node, 0) + 1
        at: Any = self._time(self.calm.end or 1.0)
        if own and self.draw() < 0.8:
            at = self._point(own)
        after = int(self.draw() * 4)
        keeps = int(self.draw() * 4) if self.survivors else 0
        crash = Crash(node, at=at, after=after, keeps=keeps)
        if self.draw() < 0.25:
            return [crash]
        return [
            crash,
            Recover(node, at=Point(node, "crash", nth=nth, later=self._time(2.0))),
        ]

    def _point(self, own: list[Any]) -> Point:
        chosen = self._one(own)
        alike = [
            record
            for record in own
            if (record[1], _named(record)) == (chosen[1], _named(chosen))
        ]
        return Point(chosen[2], chosen[1], _named(chosen), nth=1 + alike.index(chosen))

    def _message(self) -> dict[str, Any]:
        """Name one message that was really sent."""
        if not self.sends:
            return {}
        _, _, sender, receiver, message, _ = self._one(self.sends)
        alike = [
            each
            for each in self.sends
            if each[2:4] == (sender, receiver) and type(each[4]) is type(message)
        ]
        nth = 1 + int(self.draw() * len(alike))
        return {
            "message": type(message).__name__,
            "sender": sender,
            "receiver": receiver,
            "nth": nth,
        }

    def lose(self) -> list[Any]:
        """Lose one message."""
        return [Lose(**self._message())]

    def duplicate(self) -> list[Any]:
        """Double one message, the copy late."""
        return [Duplicate(**self._message(), later=self._time(2.0))]

    def partition(self) -> list[Any]:
        """Cut some nodes off for a while."""
        nodes = self.calm.nodes
        group = [node for node in nodes if self.draw() < 0.5] or [nodes[0]]
        at = self._time(self.calm.end or 1.0)
        return [
            Partition((tuple(group),), at=at),
            Heal(at=round(at + self._time(3.0), 3)),
        ]

    def slow(self) -> list[Any]:
        """Slow a node or a link down for a while."""
        at = self._time(self.calm.end or 1.0)
        named = self._message()
        link = (named["sender"], named["receiver"]) if named else None
        target = link if link and self.draw() < 0.5 else self._one(self.calm.nodes)
        return [
            Slow(
                target, by=self._time(1.5), at=at, until=round(at + self._time(3.0), 3)
            )
        ]


def _named(record: Any) -> str | None:
    return called(record[1], subject(record), record[3])
