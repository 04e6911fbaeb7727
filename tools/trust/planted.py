"""The mistakes that were planted, and the check that caught each.

Every module of the library whose name ends in ``mutants`` is looked up, so that a new
one comes in by itself. It must offer ``SHOWN_BY``, from each mutant to what its cluster
is made with, a schedule, and the property that it breaks; and ``mutated``, which makes
that cluster, of the mutant or of the class that it is a mutant of.

Every catch is two-sided: within the same bound, or under the same seed and schedule,
the protocol itself keeps everything.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import ftlib
from ftlib.checking import ClusterModel, Exploration, explore, find
from ftlib.simulation import Cluster, Crash, Node, Property, Recover, Schedule
from tools.trust.verdicts import SYNCHRONOUS

__all__ = [
    "SEEDS",
    "Explored",
    "Mutant",
    "Searched",
    "Staged",
    "caught",
    "modules",
    "mutants",
]

WORLDS: tuple[Any, ...] = (
    {},
    SYNCHRONOUS,
    {"losses": 2, "firings": 2, **SYNCHRONOUS},
    {"survivors": True},
)
"""Where to look, in this order. A world in which the protocol itself does not hold
shows nothing, and is passed over.
"""
FEW, MANY = 5_000, 60_000  # states, after which a world is too large to look at
SEEDS, UNTIL = 200, 8.0
LOOKED: dict[tuple[Any, ...], Exploration] = {}


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

    @property
    def promises(self) -> tuple[Property, ...]:
        """What the protocol promises."""
        return promises_of(self.module)

    @property
    def mistake(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.kind) or "").partition("\n\n")[0].replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Explored:
    """Found by exploration: in a world, among so many states, after so many steps."""

    world: str
    faults: str
    states: int
    steps: int


@dataclass(frozen=True, slots=True)
class Searched:
    """Found by chance: with which seed (0 is the first), and with how many faults after
    shrinking.
    """

    tried: int
    faults: int


@dataclass(frozen=True, slots=True)
class Staged:
    """Seen in the run that its module gives."""

    faults: int


# Which there are ----------------------------------------------------------------------


def modules() -> list[ModuleType]:
    """Import every module of mutants in the library.

    Examples
    --------
    >>> "ftlib.transactions.mutants" in [module.__name__ for module in modules()]
    True
    """
    root = Path(inspect.getfile(ftlib)).parent
    paths = sorted(
        path.relative_to(root.parent).with_suffix("")
        for path in root.rglob("*mutants.py")
    )
    return [import_module(".".join(path.parts)) for path in paths]


@cache
def promises_of(module: ModuleType) -> tuple[Property, ...]:
    """Return the first PROPERTIES of the module's room that has all that its mutants
    break.

    Raises
    ------
    LookupError
        If there is none.
    """
    broken = {name for _, _, name in module.SHOWN_BY.values()}
    folder = Path(inspect.getfile(module)).parent
    for path in sorted(folder.glob("[!_]*.py")):
        offered = getattr(
            import_module(f"{module.__package__}.{path.stem}"), "PROPERTIES", ()
        )
        if broken <= {prop.name for prop in offered}:
            return tuple(offered)
    raise LookupError(
        f"{module.__name__}: no PROPERTIES in this room have all of {sorted(broken)}"
    )


def mutants(module: ModuleType) -> Iterator[Mutant]:
    """List the mutants of a module."""
    for kind, (given, schedule, breaks) in module.SHOWN_BY.items():
        sound = next(
            each for each in kind.__mro__ if each.__module__ != module.__name__
        )
        yield Mutant(module, kind, sound, given, breaks, schedule)


# Which check caught it ----------------------------------------------------------------


def caught(mutant: Mutant) -> tuple[Explored | Staged | None, Searched | None]:
    """Return how it was found: by exploration, else in its staged run; and how by
    chance.
    """
    found = _explored(mutant)
    searched = _searched(mutant)
    return found or (None if searched else _staged(mutant)), searched


def _explored(mutant: Mutant) -> Explored | None:
    if mutant.kind.timed:
        return None
    crashes = sum(isinstance(fault, Crash) for fault in mutant.schedule)
    recoveries = sum(isinstance(fault, Recover) for fault in mutant.schedule)
    for world in WORLDS:
        bound = {"crashes": crashes, "recoveries": recoveries, **world}
        if not _look(mutant, mutant.sound, FEW, **world) or not _look(
            mutant, mutant.sound, MANY, **bound
        ):
            continue
        found = _look(mutant, mutant.kind, MANY, **bound)
        if mutant.breaks in found.violations:
            network, timers, *faults, _ = found.bound.split(", ")
            return Explored(
                f"{network}, {timers}",
                ", ".join(faults),
                found.states,
                len(found.violations[mutant.breaks]),
            )
    return None


def _look(mutant: Mutant, kind: type[Node], most: int, **bound: Any) -> Exploration:
    key = (kind, mutant.module.__name__, mutant.given, most, *sorted(bound.items()))
    if key not in LOOKED:  # mutants of the same class share what is found of it
        safety = [prop for prop in mutant.promises if not prop.liveness]
        LOOKED[key] = explore(
            ClusterModel(mutant.make(kind), safety, **bound), max_states=most
        )
    return LOOKED[key]


def _searched(mutant: Mutant) -> Searched | None:
    broken = [prop for prop in mutant.promises if prop.name == mutant.breaks]
    start = 0
    while start < SEEDS:
        found = find(
            mutant.make(mutant.kind), broken, until=UNTIL, seeds=range(start, SEEDS)
        )
        if found is None:
            return None
        if _holds(mutant, mutant.sound, found.schedule, found.seed):
            return Searched(found.seed + 1, len(found.schedule))
        start = found.seed + 1  # a schedule that breaks the protocol too shows nothing
    return None


def _staged(mutant: Mutant) -> Staged | None:
    if _holds(mutant, mutant.kind, mutant.schedule) or not _holds(
        mutant, mutant.sound, mutant.schedule
    ):
        return None
    return Staged(len(mutant.schedule))


def _holds(mutant: Mutant, kind: type[Node], schedule: Schedule, seed: int = 0) -> bool:
    cluster = Cluster(mutant.make(kind), seed=seed, faults=schedule)
    cluster.run(UNTIL, properties=mutant.promises)
    return cluster.violation is None
