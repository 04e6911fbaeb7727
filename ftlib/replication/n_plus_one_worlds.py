"""The worlds in which the two rules are explored by which any of N + 1 nodes takes
over.

Where silence is a crash, and nobody comes back, the lowest id is right. The majority is
right where silence may be anything; `ftlib.replication.primary_replica_worlds` asks
more of it.
"""

from typing import Any

from ftlib.replication import n_plus_one as rules
from ftlib.replication.n_plus_one import LowestId, n_plus_one
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_properties import PROPERTIES
from ftlib.replication.primary_replica_worlds import APART, over
from ftlib.services import responsive
from ftlib.simulation import Fire, Node
from ftlib.simulation.world import UNTIL, Group, Protocol, World

__all__ = ["PROTOCOLS"]

FAIL_STOP = {"network": "fifo", "timers": "synchronous", "crashes": 1}
NOT_HEARD = (*over("c1>r1"), Fire("r2", "takeover"))
"""What r1 sends is still under way when r2 has lost its patience."""


def group(number: int, member: type[Node]) -> tuple[Group]:
    """Make a group whose two clients write, and do not wait longer each time."""
    return (n_plus_one(APART, number, member=member, longest=0.1),)


def firings(takeover: int, beat: int, retry: int = 0) -> dict[str, Any]:
    """Bound how often the timers fire."""
    return {"firings": {"takeover": takeover, "beat": beat, "retry": retry}}


WORLDS = (
    World(
        "one replica, the lowest id leads; one of the two crashes for good",
        group(1, LowestId),
        PROPERTIES,
        FAIL_STOP | {"crashing": ("r1", "r2")} | firings(1, 2, 2),
        linearizable="KeyValue",
    ),
    World(
        "the same, but the first primary comes back",
        group(1, LowestId),
        PROPERTIES,
        FAIL_STOP
        | {"crashing": ("r1",), "recoveries": 1, "settled": over("c2>r2")}
        | firings(1, 3, 1),
        breaks="acknowledged stays",
    ),
    World(
        "one replica, the lowest id leads; nothing fails but a message is late",
        group(1, LowestId),
        PROPERTIES,
        {"network": "fifo", "settled": (*NOT_HEARD, *over("c2>r2"))} | firings(0, 4),
        breaks="acknowledged stays",
    ),
    World(
        "two replicas, a majority decides; a message is late",
        group(2, Replica),
        PROPERTIES,
        {"network": "fifo", "settled": NOT_HEARD} | firings(0, 0),
        linearizable="KeyValue",
    ),
)

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "N replicas and a primary",
        rules,
        (*PROPERTIES, responsive(2, UNTIL)),
        WORLDS,
    ),
)
