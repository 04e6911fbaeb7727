"""What was explored: every untimed protocol of the library, in worlds that are named,
with the verdict that each must give.

A verdict that something *fails* is one too: three-phase commit must break where
time-outs may be wrong. A protocol that joins the library adds a `Protocol` here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

from ftlib.checking import ClusterModel, Exploration, explore
from ftlib.checking.blocking import Blocking, blocking
from ftlib.simulation import Node, Property
from ftlib.transactions import saga_properties, three_phase
from ftlib.transactions.atomic_commit import (
    PROPERTIES,
    Decided,
    Transaction,
    Voted,
    transfer,
)
from ftlib.transactions.bank import COORDINATOR, bank, rivals
from ftlib.transactions.bank_properties import PROPERTIES as BANK
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.reader import Reader, whole_reads
from ftlib.transactions.saga import Saga, trip
from ftlib.transactions.specification import TCommit, TwoPhase, consistent

__all__ = ["BLOCKING", "PROTOCOLS", "SYNCHRONOUS", "Protocol", "Verdict", "World"]

Nodes = Mapping[str, Callable[[], Node]]
SYNCHRONOUS: Mapping[str, Any] = {"network": "multiset", "timers": "synchronous"}


@dataclass(frozen=True, slots=True)
class World:
    """One exploration to make.

    Parameters
    ----------
    case : str
        Who takes part, in words.
    models : tuple
        What to explore; more than one where cases are taken together.
    breaks : str
        The name of what must fail here; empty if everything must hold.
    invariants, can_reach : mapping
        As for `explore`, beside the properties of the model.
    """

    case: str
    models: tuple[Any, ...]
    breaks: str = ""
    invariants: Mapping[str, Any] = field(default_factory=dict)
    can_reach: Mapping[str, Any] = field(default_factory=dict)

    def explore(self) -> "Verdict":
        """Live it."""
        return Verdict(
            self,
            tuple(
                explore(model, self.invariants, self.can_reach) for model in self.models
            ),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exploration found."""

    world: World
    found: tuple[Exploration, ...]

    @property
    def states(self) -> int:
        """How many were visited."""
        return sum(each.states for each in self.found)

    @property
    def bound(self) -> str:
        """Within what bound: that of every exploration."""
        (bound,) = {each.bound for each in self.found}
        return bound

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
        if self.world.breaks:
            return self.world.breaks in self.failed
        return all(self.found)

    def __str__(self) -> str:
        failed = self.failed
        if not failed:
            return (
                "holds"
                if all(each.complete for each in self.found)
                else "holds in the states visited"
            )
        name = (
            self.world.breaks
            if self.world.breaks in failed
            else min(failed, key=lambda each: (failed[each], each))
        )
        return f"{name} fails after {failed[name]} steps" + (
            ", as it must" if name == self.world.breaks else ""
        )


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol, what it promises, and where that was explored.

    Parameters
    ----------
    name : str
    module : str
        Where its handlers are; empty for a specification.
    promises : tuple of str
    worlds : tuple of World
    """

    name: str
    module: str
    promises: tuple[str, ...]
    worlds: tuple[World, ...]


# Nodes and worlds ---------------------------------------------------------------------

asking = partial(bank, participant=CooperativeParticipant)
three = partial(
    bank, coordinator=three_phase.Coordinator, participant=three_phase.Participant
)
OPPOSED = (
    transfer("t1", 2),
    Transaction("t2", (("p1", "a1", 20), ("p2", "a2", -20))),
)  # want the same locks
LAST_PLACE = (Saga("s1", ("flight", "hotel")), Saga("s2", ("hotel", "flight")))


def world(
    case: str,
    nodes: Nodes,
    properties: tuple[Property, ...] = PROPERTIES,
    breaks: str = "",
    **bound: Any,
) -> World:
    """Live nodes within a bound."""
    return World(case, (ClusterModel(nodes, properties, **bound),), breaks)


def every_vote(make: Callable[[str], Nodes], **bound: Any) -> World:
    """Live all votes of one and of two participants."""
    votes = [
        "".join(letters) for size in (1, 2) for letters in product("yns", repeat=size)
    ]
    models = tuple(ClusterModel(make(each), PROPERTIES, **bound) for each in votes)
    return World(f"all {len(votes)} votes of one or two", models)


def stays_possible(
    case: str, nodes: Nodes, what: str, node: str, fact: object, **bound: Any
) -> World:
    """From every state there must be a way to one in which a node has recorded a
    fact.
    """
    model = ClusterModel(nodes, keep=(type(fact),), **bound)
    return World(
        case,
        (model,),
        can_reach={what: lambda state: (node, fact) in model.facts(state)},
    )


def specified(specification: type, managers: Callable[[Any], Any]) -> Iterator[World]:
    """Live a specification with one to four resource managers."""
    for n in range(1, 5):
        yield World(
            f"n = {n}",
            (specification(n),),
            invariants={"consistent": lambda state: consistent(managers(state))},
        )


def names(properties: tuple[Property, ...]) -> tuple[str, ...]:
    """The names of properties."""
    return tuple(prop.name for prop in properties)


SAGA = saga_properties.PROPERTIES
READER = {"reader": partial(Reader, (("p1", "a1"), ("p2", "a2")), 0.03)}

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "Two-phase commit",
        "transactions.two_phase",
        names(PROPERTIES),
        (
            every_vote(bank, crashes=1, recoveries=1),
            world("yy", bank("yy"), crashes=2, recoveries=2),
            world("yyy", bank("yyy"), crashes=1, recoveries=1),
            world("yyy", bank("yyy"), crashes=2, recoveries=2, **SYNCHRONOUS),
            world(
                "yy", bank("yy"), network="multiset", losses=2, duplicates=1, firings=2
            ),
            world("yy", bank("yy"), network="fifo", losses=1, duplicates=1, firings=2),
            world(
                "yyy",
                bank("yyy"),
                partition=[[COORDINATOR, "p1"]],
                crashes=1,
                recoveries=1,
                **SYNCHRONOUS,
            ),
            world("yy", bank("yy"), crashes=2, recoveries=2, survivors=True),
            world(
                "yy, two transfers that want the same locks",
                bank("yy", OPPOSED),
                BANK,
                crashes=1,
                recoveries=1,
                survivors=True,
                **SYNCHRONOUS,
            ),
            world(
                "y, two transfers that want the same money",
                rivals((60, 60)),
                BANK,
                crashes=1,
                recoveries=1,
            ),
            world("y, three transfers", rivals((30, 30, 30)), BANK, **SYNCHRONOUS),
            stays_possible(
                "yy",
                bank("yy"),
                "commit",
                COORDINATOR,
                Decided("t1", "commit"),
                firings=0,
            ),
            world(
                "yy and a reader without locks",
                bank("yy") | READER,
                (whole_reads(200),),
                "whole reads",
            ),
        ),
    ),
    Protocol(
        "Two-phase commit with cooperative termination",
        "transactions.cooperative",
        names(PROPERTIES),
        (
            every_vote(asking, crashes=1, recoveries=1),
            world("yyy", asking("yyy"), crashes=1, recoveries=1, **SYNCHRONOUS),
            world(
                "y, two transfers that want the same money",
                rivals((60, 60), participant=CooperativeParticipant),
                BANK,
                crashes=1,
                recoveries=1,
                survivors=True,
            ),
            world("yyy", asking("yyy"), partition=[["p1"], ["p2"]], **SYNCHRONOUS),
        ),
    ),
    Protocol(
        "Three-phase commit",
        "transactions.three_phase",
        names(PROPERTIES),
        (
            every_vote(three, crashes=2, **SYNCHRONOUS),
            world("yyy", three("yyy"), crashes=4, **SYNCHRONOUS),
            world("yy", three("yy"), crashes=3, recoveries=1, **SYNCHRONOUS),
            world(
                "yy",
                three("yy"),
                crashes=2,
                recoveries=1,
                survivors=True,
                **SYNCHRONOUS,
            ),
            world("yy", three("yy"), crashes=3, duplicates=1, **SYNCHRONOUS),
            world("yy", three("yy"), crashes=1, losses=2, firings=2, **SYNCHRONOUS),
            world("y", three("y"), breaks="agreement"),
            world(
                "yy",
                three("yy"),
                breaks="agreement",
                partition=[[COORDINATOR]],
                **SYNCHRONOUS,
            ),
            world(
                "y", three("y"), breaks="agreement", crashes=1, losses=1, **SYNCHRONOUS
            ),
        ),
    ),
    Protocol(
        "Saga",
        "transactions.saga",
        names(SAGA),
        (
            world("yy", trip("yy"), SAGA, crashes=2, recoveries=2),
            world("yyy", trip("yyy"), SAGA, crashes=1, recoveries=1),
            world("yyn", trip("yyn"), SAGA, crashes=1, recoveries=1),
            world("yy", trip("yy"), SAGA, crashes=2, recoveries=2, survivors=True),
            world(
                "yy, two sagas that want the last place",
                trip("yy", LAST_PLACE, places=1),
                (*SAGA, saga_properties.within_places(1)),
            ),
            world(
                "yy, two sagas that want the last place",
                trip("yy", LAST_PLACE, places=1),
                (*SAGA, saga_properties.within_places(1)),
                crashes=1,
                recoveries=1,
                survivors=True,
                **SYNCHRONOUS,
            ),
        ),
    ),
    Protocol(
        "Atomic commit, specified",
        "",
        ("consistent",),
        tuple(specified(TCommit, lambda state: state)),
    ),
    Protocol(
        "Two-phase commit, specified",
        "",
        ("consistent",),
        tuple(specified(TwoPhase, lambda state: state.managers)),
    ),
)


# Blocking -----------------------------------------------------------------------------


def blocks(nodes: Nodes, crashes: int) -> Blocking:
    """Count the blocked states where time-outs prove crashes."""
    return blocking(
        ClusterModel(nodes, crashes=crashes, keep=(Voted, Decided), **SYNCHRONOUS),
        Voted,
        Decided,
    )


BLOCKING: Mapping[str, Mapping[str, Callable[[], Blocking]]] = {
    f"{votes}, {crashes} {'crash' if crashes == 1 else 'crashes'}": {
        name: partial(blocks, make(votes), crashes)
        for name, make in (
            ("two-phase", bank),
            ("cooperative", asking),
            ("three-phase", three),
        )
    }
    for votes, crashes in (("yy", 0), ("yy", 1), ("yyy", 1), ("yyy", 2))
}
"""For a case and a protocol, what counts."""
