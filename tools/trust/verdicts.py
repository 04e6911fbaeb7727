"""What was explored, and what was searched by chance: every protocol of the library, in
the worlds that stand beside it, with the verdict that each must give.

A verdict that something *fails* is one too: three-phase commit must break where
time-outs may be wrong. A protocol comes in by itself, through the ``worlds.py`` of its
room.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import ftlib
from ftlib import checking
from ftlib.checking import ClusterModel, Exploration, Found, explore, find
from ftlib.checking.blocking import Blocking, blocking
from ftlib.checking.search import DANGERS
from ftlib.simulation import Property
from ftlib.simulation.world import (
    Blocked,
    Group,
    Protocol,
    Simulated,
    Specified,
    World,
)

__all__ = [
    "Chance",
    "Verdict",
    "blocks",
    "explored",
    "modules",
    "number",
    "properties",
    "protocols",
    "searched",
]


def number(count: int, one: str, many: str | None = None) -> str:
    """Return a number and its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@cache
def modules(pattern: str) -> list[ModuleType]:
    """Import every module of a room whose file has such a name, in the order of
    their names.

    Examples
    --------
    >>> modules("worlds.py")[-1].__name__
    'ftlib.transactions.worlds'
    """
    root = Path(inspect.getfile(ftlib)).parent
    paths = sorted(
        path.relative_to(root.parent).with_suffix("")
        for path in root.glob(f"*/{pattern}")
    )
    return [import_module(".".join(path.parts)) for path in paths]


def protocols() -> list[Protocol]:
    """List every protocol of the library, room by room."""
    return [each for module in modules("worlds.py") for each in module.PROTOCOLS]


def properties(world: World | Simulated) -> tuple[Property, ...]:
    """Return what is asked of every event in a world, or of its runs."""
    if isinstance(world, Simulated) or not world.linearizable:
        return world.properties
    model = getattr(checking, world.linearizable)
    return (*world.properties, checking.linearizable(model))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exploration found."""

    world: World | Specified
    found: tuple[Exploration, ...]

    @property
    def states(self) -> int:
        """How many were visited."""
        return sum(each.states for each in self.found)

    @property
    def bound(self) -> str:
        """Within what bound: that of every exploration."""
        (bound,) = {each.bound for each in self.found}
        return bound.removesuffix("every reachable state").removesuffix(", ")

    @property
    def breaks(self) -> str:
        """What must fail; empty if everything must hold."""
        return self.world.breaks if isinstance(self.world, World) else ""

    @property
    def failed(self) -> dict[str, int]:
        """What fails, and after how many steps at the least."""
        steps: dict[str, int] = {}
        for each in self.found:
            ways = {name: len(way) for name, way in each.violations.items()}
            ways |= {name: len(lost.way) for name, lost in each.unreachable.items()}
            for name, length in ways.items():
                steps[name] = min(length, steps.get(name, length))
        return steps

    @property
    def as_expected(self) -> bool:
        """Whether what must hold does, in every reachable state, and what must fail
        does.
        """
        if self.breaks:
            return self.breaks in self.failed
        return all(self.found)

    def __str__(self) -> str:
        failed = self.failed
        if not failed:
            return self._held()
        name = (
            self.breaks
            if self.breaks in failed
            else min(failed, key=lambda each: (failed[each], each))
        )
        return f"{name} fails after {number(failed[name], 'step')}" + (
            ", as it must" if name == self.breaks else ""
        )

    def _held(self) -> str:
        if not all(each.complete for each in self.found):
            return "holds in the states visited"
        if isinstance(self.world, World) and self.world.possible:
            stays = f"{', '.join(self.world.possible)} stays possible"
            return f"holds, and {stays}" if properties(self.world) else stays
        return "holds"


def explored(
    world: World | Specified,
    cast: Callable[[Group], Group] = lambda group: group,
    max_states: int | None = None,
    until: str | None = None,
) -> Verdict:
    """Explore a world.

    Parameters
    ----------
    world : World or Specified
    cast : callable from a group to a group
        Puts a mutant into it.
    max_states : int, optional
        For each group: visit no more.
    until : str, optional
        Go on in each group until this fails.
    """
    if isinstance(world, Specified):
        return Verdict(world, (explore(world.model, world.invariants),))
    found = []
    named = until in {prop.name for prop in properties(world)}
    for group in world.groups:
        model = ClusterModel(
            cast(group),
            properties(world),
            keep=tuple({type(fact): None for _, fact in world.possible.values()}),
            **world.bound,
        )
        can_reach = {
            what: _recorded(model, node, fact)
            for what, (node, fact) in world.possible.items()
        }
        found.append(
            explore(
                model,
                can_reach=can_reach,
                max_states=max_states,
                until=until if named else None,
            )
        )
    return Verdict(world, tuple(found))


@dataclass(frozen=True, slots=True)
class Chance:
    """What a search by chance found."""

    world: Simulated
    found: Found | None

    @property
    def bound(self) -> str:
        """Within what bound: how long, and which faults."""
        bound = self.world.bound
        kinds, most = tuple(bound.get("faults", DANGERS)), bound.get("most", 3)
        faults = f"at most {number(most, 'fault')} of {', '.join(kinds)}"
        words = [f"{self.world.until:g} s", faults if kinds else "no faults"]
        if bound.get("crashing") is not None:
            words.append(f"only {', '.join(bound['crashing'])} may crash")
        if bound.get("survivors"):
            words.append("unforced writes may survive")
        return ", ".join(words)

    @property
    def tried(self) -> int:
        """How many schedules were tried."""
        return self.found.tried if self.found else self.world.seeds

    @property
    def failed(self) -> tuple[str, ...]:
        """What fails; a search stops at the first."""
        return (self.found.finding.name,) if self.found else ()

    @property
    def as_expected(self) -> bool:
        """Whether nothing was found, or what must fail was."""
        return self.failed == ((self.world.breaks,) if self.world.breaks else ())

    def __str__(self) -> str:
        if not self.found:
            return f"searched: {number(self.tried, 'schedule')}, nothing found"
        must = ", as it must" if self.world.breaks else ""
        return (
            f"{self.found.finding.name} fails{must}: found by chance,"
            f" {number(self.tried, 'schedule')},"
            f" {number(len(self.found.schedule), 'fault')}"
        )


def searched(world: Simulated) -> Chance:
    """Search a world by chance."""
    asked = [each for each in world.properties if world.breaks in ("", each.name)]
    seeds = range(world.seeds)
    return Chance(
        world, find(world.group, asked, until=world.until, seeds=seeds, **world.bound)
    )


def _recorded(model: ClusterModel, node: str, fact: object) -> Callable[[Any], bool]:
    return lambda state: (node, fact) in model.facts(state)


def blocks(asked: Blocked) -> Blocking:
    """Count the states in which somebody is blocked."""
    model = ClusterModel(asked.group, keep=(asked.waits, asked.decides), **asked.bound)
    return blocking(model, asked.waits, asked.decides)
