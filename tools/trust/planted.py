"""The mistakes that were planted, and the check that caught each.

Every module of the library whose name ends in ``mutants`` is looked up, so that a new
one comes in by itself. It must offer ``SHOWN_BY``, from each mutant to what its cluster
is made with, a schedule, and the property that it breaks; and ``mutated``, which makes
that cluster, of the mutant or of the class that it is a mutant of.

Every catch is two-sided. A mutant is explored in the worlds of its protocol in which
the protocol itself keeps everything, in the place of the class that it is a mutant of;
and it is found by chance under a seed and a schedule under which that class keeps what
the mutant breaks, and all safety: in its own cluster, or in the worlds of its protocol
that are simulated.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from ftlib.checking import find
from ftlib.simulation import Cluster, Node, Property, Schedule, Trace, judge
from ftlib.simulation.world import UNTIL, Group, Protocol, Simulated, World
from tools.trust.verdicts import (
    Chance,
    Verdict,
    explored,
    properties,
    protocols,
    searched,
)

__all__ = [
    "SEEDS",
    "Catch",
    "Effort",
    "Explored",
    "Mutant",
    "Searched",
    "Staged",
    "cast",
    "caught",
    "enough",
    "kind_of",
    "mutants",
    "plays",
    "verdict",
]

STATES = (1_000, 5_000, 64_000)
"""After how many a group is given up, at first, then, and for good: most mistakes are
found early.
"""
SEEDS = 200
FOUND: dict[int, Verdict | Chance] = {}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted mistake.

    Attributes
    ----------
    module : module
    kind : type
    sound : type
        The class that it is a mutant of.
    given
        What its cluster is made with.
    breaks : str
        The name of a property.
    schedule : Schedule
        The small run that shows it.
    """

    module: ModuleType
    kind: type[Node]
    sound: type[Node]
    given: Any
    breaks: str
    schedule: Schedule

    def make(self, kind: type[Node]) -> Any:
        """Make the cluster, of the mutant or of the class that it is a mutant of."""
        return self.module.mutated(kind, self.given)

    def is_of(self, protocol: Protocol) -> bool:
        """Tell whether a protocol is the first of the mutant's room in whose worlds the
        class that it is a mutant of takes part. In other rooms that class may take part
        as well, as clients do.
        """
        return self._home() is protocol

    def _home(self) -> Protocol | None:
        for protocol in protocols():
            if _room(protocol.module) == _room(self.module) and any(
                plays(self.sound, world) for world in protocol.worlds
            ):
                return protocol
        return None

    @property
    def protocol(self) -> Protocol:
        """The one that it is a mutant of.

        Raises
        ------
        LookupError
            If there is none.
        """
        found = self._home()
        if found:
            return found
        raise LookupError(
            f"{self.kind.__name__}: {self.sound.__name__} takes part in no world of"
            f" {_room(self.module)}; list one in its worlds.py"
        )

    @property
    def worlds(self) -> list[World]:
        """Those of its protocol in which it can be explored: the class that it is a
        mutant of takes part, and what it breaks is asked.
        """
        return [each for each in self._asked() if isinstance(each, World)]

    @property
    def simulated(self) -> list[Simulated]:
        """Those of its protocol in which it can be searched, likewise."""
        return [each for each in self._asked() if isinstance(each, Simulated)]

    def _asked(self) -> list[World | Simulated]:
        return [
            world
            for world in self.protocol.worlds
            if isinstance(world, World | Simulated)
            and plays(self.sound, world)
            and self.breaks in _names(properties(world))
        ]

    @property
    def promises(self) -> tuple[Property, ...]:
        """What the protocol promises in a run, or in a world where what the mutant
        breaks is asked.

        Raises
        ------
        LookupError
            If that is asked nowhere.
        """
        asked = [self.protocol.promises, *map(properties, self._asked())]
        for promises in asked:
            if self.breaks in _names(promises):
                return promises
        raise LookupError(
            f"{self.kind.__name__} breaks {self.breaks!r}, which nobody promises:"
            f" {self.protocol.name} promises {', '.join(_names(asked[0]))}"
        )

    @property
    def mistake(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.kind) or "").partition("\n\n")[0].replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Explored:
    """Found by exploration: in which world, and after how many steps."""

    case: str
    bound: str
    steps: int


@dataclass(frozen=True, slots=True)
class Searched:
    """Found by chance: with which seed (0 is the first), with how many faults after
    shrinking, and in which world that is simulated; empty if it is its own cluster.
    """

    tried: int
    faults: int
    case: str = ""


@dataclass(frozen=True, slots=True)
class Staged:
    """Seen in the run that its module gives."""

    faults: int


Catch = tuple[Explored | Staged | None, Searched | None]


@dataclass
class Effort:
    """How many states were visited, and how many schedules tried."""

    states: int = 0
    schedules: int = 0

    @property
    def size(self) -> int:
        """Both as one number: two runs take about as long as 25 states."""
        return self.states + 25 * self.schedules

    def add(self, found: Verdict | Chance) -> None:
        """Add an exploration or a search."""
        if isinstance(found, Verdict):
            self.states += found.states
        else:
            self.schedules += found.tried


# Which there are ----------------------------------------------------------------------


def mutants(module: ModuleType) -> Iterator[Mutant]:
    """List the mutants of a module.

    Raises
    ------
    LookupError
        If it does not say by what they are shown.
    """
    if not hasattr(module, "SHOWN_BY"):
        raise LookupError(f"{module.__name__} has no SHOWN_BY: see CONTRIBUTING.md")
    for kind, (given, schedule, breaks) in module.SHOWN_BY.items():
        sound = next(
            each for each in kind.__mro__ if each.__module__ != module.__name__
        )
        yield Mutant(module, kind, sound, given, breaks, schedule)


def _room(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[0]


def _names(promises: tuple[Property, ...]) -> list[str]:
    return [prop.name for prop in promises]


# In a world ---------------------------------------------------------------------------


def kind_of(factory: Any) -> Any:
    """Return the class that a factory makes an object of: itself, or what it is a
    partial of.
    """
    return factory.func if isinstance(factory, partial) else factory


def cast(group: Group, sound: type[Node], mutant: type[Node]) -> Group:
    """Put a mutant in the place of the class that it is a mutant of, with the same
    parameters.

    Examples
    --------
    >>> class Deaf(Node): ...
    >>> cast({"a": Node, "b": partial(Node)}, Node, Deaf)["b"]().__class__.__name__
    'Deaf'
    """
    return {
        name: factory
        if kind_of(factory) is not sound
        else partial(mutant, *factory.args, **factory.keywords)
        if isinstance(factory, partial)
        else mutant
        for name, factory in group.items()
    }


def plays(kind: type[Node], world: Any) -> bool:
    """Tell whether a class takes part in a world."""
    groups: tuple[Group, ...] = ()
    if isinstance(world, World):
        groups = world.groups
    elif isinstance(world, Simulated):
        groups = (world.group,)
    return any(
        kind_of(factory) is kind for group in groups for factory in group.values()
    )


# Which check caught it ----------------------------------------------------------------


def verdict(world: Any) -> Verdict | Chance:
    """Explore or search a world of the library, once."""
    if id(world) not in FOUND:
        FOUND[id(world)] = (
            searched(world) if isinstance(world, Simulated) else explored(world)
        )
    return FOUND[id(world)]


def caught(mutant: Mutant, effort: Effort) -> Catch:
    """Return how it was found: by exploration, else in its staged run; and how by
    chance. Add to the effort what that took.
    """
    found = _explored(mutant, effort)
    searched = _searched(mutant, effort)
    return found or (None if searched else _staged(mutant)), searched


def _explored(mutant: Mutant, effort: Effort) -> Explored | None:
    """Look in its worlds, in their order, but not in one in which the protocol itself
    does not hold: that shows nothing.
    """
    if mutant.kind.timed:
        return None
    worlds = [world for world in mutant.worlds if not verdict(world).failed]
    for most in STATES:
        for world in worlds:
            found = explored(
                world,
                lambda group: cast(group, mutant.sound, mutant.kind),
                max_states=most,
                until=mutant.breaks,
            )
            effort.add(found)
            if mutant.breaks in found.failed:
                return Explored(
                    world.case, verdict(world).bound, found.failed[mutant.breaks]
                )
    return None


def _searched(mutant: Mutant, effort: Effort) -> Searched | None:
    """Look in the simulated worlds in which its breach would show, but not in one in
    which the protocol itself fails; if there are none, in its own cluster.
    """
    own = Simulated("", mutant.make(mutant.sound), mutant.promises, seeds=SEEDS)
    for world in mutant.simulated or [own]:
        group = (
            mutant.make(mutant.kind)
            if world is own
            else cast(world.group, mutant.sound, mutant.kind)
        )
        if world is own or not verdict(world).failed:
            found = _by_chance(mutant, world, group)
            effort.schedules += found.tried if found else world.seeds
            if found:
                return found
    return None


def _by_chance(mutant: Mutant, world: Simulated, group: Group) -> Searched | None:
    """Look in the runs of a world, with the mutant in it, for one that it breaks and
    that the right class keeps.
    """
    broken = [prop for prop in world.properties if prop.name == mutant.breaks]
    until, bound = world.until, world.bound
    same = {name: bound[name] for name in ("network", "disk_latency") if name in bound}
    start = 0
    while start < world.seeds:
        seeds = range(start, world.seeds)
        found = find(group, broken, until=until, seeds=seeds, **bound)
        if found is None:
            return None
        sound = Cluster(world.group, seed=found.seed, faults=found.schedule, **same)
        if not _broken(mutant.breaks, world.properties, sound.run(until)):
            return Searched(found.seed + 1, len(found.schedule), world.case)
        start = found.seed + 1  # a schedule that breaks the protocol too shows nothing
    return None


def _staged(mutant: Mutant) -> Staged | None:
    breaks, schedule = mutant.breaks, mutant.schedule
    planted, sound = (
        _broken(
            breaks,
            mutant.promises,
            Cluster(mutant.make(kind), seed=0, faults=schedule).run(UNTIL),
        )
        for kind in (mutant.kind, mutant.sound)
    )
    return Staged(len(schedule)) if breaks in planted and not sound else None


def _broken(
    breaks: str, promises: tuple[Property, ...], trace: Trace
) -> tuple[str, ...]:
    """Name what a run violates: safety, and what the mutant breaks. Other liveness
    says nothing about the mistake; faults that go on may break it in anybody's run.
    """
    asked = [prop for prop in promises if prop.name == breaks or not prop.liveness]
    return tuple(
        found.name for found in judge(trace, asked) if found.verdict == "violated"
    )


def enough(mutant: Mutant, catch: Catch) -> bool:
    """Tell whether it was caught as it must be: by exploration where what it breaks can
    be explored, and by chance where it cannot: liveness, or a promise that is asked in
    simulated worlds only.
    """
    lively = all(
        prop.liveness for prop in mutant.promises if prop.name == mutant.breaks
    )
    if not mutant.worlds and (lively or mutant.simulated):
        return catch[1] is not None
    return isinstance(catch[0], Explored)
