"""The worlds in which Paxos is explored.

A set network loses, doubles and delays every message as it likes. What begins at a
moment of its own has the steps up to there beside it; in all of them p1 and p2 propose
different values, with the numbers 1 and 2.
"""

from collections.abc import Iterable
from typing import Any

from ftlib.consensus import paxos, paxos_specification
from ftlib.consensus.paxos import Chosen, paxos_nodes
from ftlib.consensus.paxos_properties import (
    PROPERTIES,
    chosen_by,
    termination,
    validity,
)
from ftlib.consensus.paxos_specification import PaxosSpecified, chosen
from ftlib.simulation import Deliver, Property
from ftlib.simulation.world import UNTIL, Group, Protocol, Simulated, Specified, World

__all__ = ["PROTOCOLS"]

STILL: dict[str, Any] = {"firings": 0}  # nobody tries a higher number


def delivered(kind: str, *links: str) -> list[Deliver]:
    """Deliver a message of this type over each of these links."""
    return [
        Deliver(kind, sender, receiver)
        for sender, receiver in (link.split(">") for link in links)
    ]


def crashing(*nodes: str) -> dict[str, Any]:
    """Let one of these crash once and come back."""
    return {"crashes": 1, "recoveries": 1, "crashing": nodes}


def world(
    case: str,
    nodes: Group,
    settled: Iterable[Deliver] = (),
    properties: tuple[Property, ...] = PROPERTIES,
    **bound: Any,
) -> World:
    """Make a world of one group."""
    return World(case, (nodes,), properties, {**STILL, **bound, "settled": settled})


ACCEPTED = [
    *delivered("Prepare", "p1>a1", "p1>a2"),
    *delivered("Promise", "a1>p1", "a2>p1"),
    *delivered("Accept", "p1>a1"),
]
"""a1 has accepted proposal 1."""

CONTESTED = [
    *ACCEPTED,
    *delivered("Prepare", "p2>a3"),
    *delivered("Promise", "a3>p2"),
]
"""Then a3 has promised number 2, so that all hangs on a2."""

OVERTAKEN = [*ACCEPTED, *delivered("Prepare", "p2>a2", "p2>a3")]
"""a1 has accepted proposal 1; then a2 and a3 have promised number 2."""

DIVIDED = [
    *OVERTAKEN,
    *delivered("Promise", "a2>p2", "a3>p2"),
    *delivered("Accept", "p2>a2", "p2>a3"),
]
"""Then they have accepted proposal 2, which is chosen, while a1 holds proposal 1."""

PROMISED = [
    *delivered("Prepare", "p1>a1", "p1>a2", "p1>a3"),
    *delivered("Promise", "a1>p1", "a2>p1", "a3>p1"),
]
"""Three acceptors have promised number 1."""

FLEXIBLE = [
    *PROMISED,
    *delivered("Accept", "p1>a1"),
    *delivered("Prepare", "p2>a4"),
    *delivered("Promise", "a4>p2"),
]
"""Of four acceptors three have promised number 1, one of which has accepted it; the
fourth has promised number 2.
"""

TWO = paxos_nodes("xy", learners=0)
WORLDS = (
    world(
        "three acceptors, two proposers; all promise, one chooses",
        paxos_nodes("xy", 3, 3, 1, learners=0),
        PROMISED,
        properties=(validity, *chosen_by(1)),
    ),
    world(
        "three acceptors, two proposers; one value is chosen, another is accepted by"
        " one; a higher number",
        TWO,
        DIVIDED,
        firings=1,
    ),
    world(
        "three acceptors, two proposers, each of which has an acceptor on its side; the"
        " third crashes",
        TWO,
        CONTESTED,
        **crashing("a2"),
    ),
    world("three acceptors, two proposers", TWO),
    world(
        "three acceptors, two proposers, of which the first has been overtaken; the"
        " second crashes",
        TWO,
        OVERTAKEN,
        survivors=True,
        **crashing("p2"),
    ),
    world(
        "three acceptors, two proposers, of which the first has been overtaken; an"
        " acceptor crashes",
        TWO,
        OVERTAKEN,
        survivors=True,
        **crashing("a1", "a2", "a3"),
    ),
    world(
        "three acceptors, two proposers, of which the first has been overtaken, and a"
        " learner",
        paxos_nodes("xy"),
        OVERTAKEN,
    ),
    world(
        "four acceptors, two proposers; three promise, two choose",
        paxos_nodes("xy", 4, 3, 2, learners=0),
        FLEXIBLE,
    ),
    World(
        "three acceptors, one proposer, one learner",
        (paxos_nodes("x"),),
        bound=STILL,
        possible={"a value is learned": ("l1", Chosen("x"))},
    ),
    Simulated(
        "three acceptors, two proposers, one learner, and any fault",
        paxos_nodes("xy"),
        (*PROPERTIES, termination(2, UNTIL)),
        seeds=16,
    ),
)

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol("Paxos", paxos, (*PROPERTIES, termination(2, UNTIL)), WORLDS),
    Protocol(
        "Paxos, specified",
        paxos_specification,
        (),
        (
            Specified(
                "3 acceptors, 2 ballots",
                PaxosSpecified(3, 2),
                {"agreement": lambda state: len(chosen(state)) < 2},
            ),
        ),
    ),
)
