"""The worlds in which Paxos Commit is explored.

Where time-outs prove crashes one resource manager is followed from the start. What
several ballots do to each other is explored from the moments at which they meet, which
stand here as steps.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from ftlib.simulation import Deliver, Fire
from ftlib.simulation.world import UNTIL, Group, Protocol, Simulated, World
from ftlib.transactions import paxos_commit
from ftlib.transactions.atomic_commit import Decided
from ftlib.transactions.paxos_commit_nodes import paxos_commit_nodes
from ftlib.transactions.paxos_commit_properties import PROPERTIES, nonblocking

__all__ = ["PROTOCOLS", "VOTED"]

SYNCHRONOUS: dict[str, Any] = {"network": "multiset", "timers": "synchronous"}
STILL: dict[str, Any] = {"firings": 0}
alone = partial(paxos_commit_nodes, leaders=1)


def delivered(kind: str, *links: str) -> list[Deliver]:
    """Deliver a message of this type over each of these links."""
    return [
        Deliver(kind, sender, receiver)
        for sender, receiver in (link.split(">") for link in links)
    ]


def world(
    case: str, nodes: Group, settled: Iterable[Deliver | Fire] = (), **bound: Any
) -> World:
    """Make a world of one group."""
    return World(case, (nodes,), PROPERTIES, {**bound, "settled": settled})


def crashing(*nodes: str, **more: Any) -> dict[str, Any]:
    """Let one of these crash once and come back, while no timer fires."""
    return {"crashes": 1, "recoveries": 1, "crashing": nodes, **STILL, **more}


VOTED = [
    *delivered("Prepare", "l1>p1", "l1>p2"),
    *delivered("Phase2a", "p1>a1", "p2>a1", "p1>a2"),
]
"""Both have voted yes; a1 has accepted both, a2 one, and the other is under way."""

ASKED: list[Deliver | Fire] = [
    *delivered("Prepare", "l1>p1"),
    *delivered("Phase2a", "p1>a1"),
    Fire("p1", "doubt t1"),
    *delivered("Inquiry", "p1>l2"),
]
"""a1 has accepted the vote of p1, and a2 is about to; p1 has asked l2, which begins
ballot 2.
"""

TAKES_OVER: list[Deliver | Fire] = [
    *ASKED,
    *delivered("Phase1a", "l2>a3"),
    *delivered("Phase1b", "a3>l2"),
]
"""Then a3 has promised it, so that all hangs on a2."""

CONTESTED: list[Deliver | Fire] = [
    *TAKES_OVER,
    *delivered("Phase1a", "l2>a2"),
    *delivered("Phase1b", "a2>l2"),
    *delivered("Phase2a", "l2>a3"),
]
"""Then a2 has promised it as well, and a3 has accepted aborted."""

WORLDS = (
    world(
        "y, another leader takes over; an acceptor crashes",
        paxos_commit_nodes("y"),
        CONTESTED,
        survivors=True,
        **crashing("a2"),
    ),
    world("y, one leader; p1 crashes", alone("y"), **crashing("p1")),
    world(
        "ys, one leader, one acceptor",
        alone("ys", 0),
        firings={"ballot t1": 1, "doubt t1": 0},
    ),
    world("y, another leader takes over", paxos_commit_nodes("y"), TAKES_OVER, **STILL),
    world("y, one crash", paxos_commit_nodes("y"), crashes=1, **SYNCHRONOUS),
    world(
        "yy, both have voted, one crash",
        paxos_commit_nodes("yy"),
        VOTED,
        crashes=1,
        **SYNCHRONOUS,
    ),
    world("yn", paxos_commit_nodes("yn"), **STILL),
    World(
        "yy",
        (paxos_commit_nodes("yy"),),
        bound=STILL,
        possible={"commit": ("l1", Decided("t1", "commit"))},
    ),
    Simulated(
        "yyy and any fault",
        paxos_commit_nodes("yyy"),
        (*PROPERTIES, nonblocking(3, UNTIL)),
        seeds=30,
    ),
)

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "Paxos Commit", paxos_commit, (*PROPERTIES, nonblocking(3, UNTIL)), WORLDS
    ),
)
