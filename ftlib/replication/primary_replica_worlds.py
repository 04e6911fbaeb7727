"""The worlds in which a primary and its replicas are explored.

Two clients stand for retries where they can: the second asks another node first, and so
comes to a new primary without a time-out. Heartbeats multiply states, and have a
budget.
"""

from typing import Any

from ftlib.replication import primary_replica
from ftlib.replication.mode import Mode
from ftlib.replication.primary_replica_properties import PROPERTIES, READS
from ftlib.replication.replicas import Impatient, Spread, replicas
from ftlib.services import Client, Elected, Executed, responsive
from ftlib.simulation import Deliver, Fire
from ftlib.simulation.world import UNTIL, Group, Protocol, World

__all__ = ["PROTOCOLS"]

WRITE, READ = ("append", "x", "a"), ("get", "x")
ONE, TWO = ((WRITE,),), ((WRITE,), (READ,))
BACK = ((WRITE, READ, READ),)  # one client reads what it has written
APART = (WRITE,), (("append", "x", "b"),)
FIFO = {"network": "fifo", "firings": {"takeover": 1, "retry": 0, "beat": 0}}
NONE = {"network": "fifo", "firings": {"takeover": 0, "retry": 0, "beat": 1}}

QUIET = {"network": "fifo", "firings": {"takeover": 0, "retry": 0, "beat": 0}}


def over(*links: str) -> list[Deliver]:
    """Deliver what has been under way for longest, over one link after another."""
    return [
        Deliver(sender=sender, receiver=receiver)
        for sender, receiver in (link.split(">") for link in links)
    ]


DEPOSED = (
    *over("c1>r1"),
    Fire("r2", "takeover"),
    *over("r2>r3", "r3>r2", "c2>r2"),
)
"""What r1 sends is still under way when r3 has helped r2 to the next epoch."""
BACK_AGAIN = (
    *DEPOSED,
    *over("r2>r1"),
    Fire("r1", "takeover"),
    *over("r1>r3", "r1>r3", "r3>r1", "r3>r1", "r1>r2", "r1>r2", "r2>r3"),
)
"""Then r3 helps r1, and neither has given r3 an entry (Ongaro and Ousterhout 2014,
figure 8, up to its moment c).
"""
TWICE = (
    *over("c1>r1"),
    Fire("r1", "beat"),
    *over("r1>r3", "r1>r3"),
    Fire("r2", "takeover"),
    *over("c2>r2"),
)
"""Of two replicas r3 has acknowledged twice, and r2 has become the primary."""


def crashing(*nodes: str) -> dict[str, Any]:
    """Let one of these crash once and come back."""
    return {"crashes": 1, "recoveries": 1, "crashing": nodes}


def group(
    wanted: Any, mode: Mode, *given: Any, client: type[Client] = Client
) -> tuple[Group]:
    """Make a group whose clients do not wait longer each time."""
    return (replicas(wanted, mode, *given, client=client, longest=0.1),)


WORLDS = (
    World(
        "two replicas, both acknowledge; both take over",
        group((), Mode(2)),
        PROPERTIES,
        {"firings": {"takeover": 2, "beat": 0}},
    ),
    World(
        "two replicas, one acknowledges; an old primary does not know of a new one",
        group(((READ, READ), (WRITE,)), Mode(1)),
        PROPERTIES,
        QUIET | crashing("r3") | {"settled": DEPOSED},
        linearizable="KeyValue",
    ),
    World(
        "two replicas, one acknowledges; the first primary is back, and deposed again",
        group(APART, Mode(1)),
        PROPERTIES,
        FIFO | {"settled": BACK_AGAIN},
        linearizable="KeyValue",
    ),
    World(
        "two replicas, both acknowledge; one of them does twice, the other takes over",
        group(APART, Mode(2)),
        PROPERTIES,
        QUIET | {"settled": TWICE},
        linearizable="KeyValue",
    ),
    World(
        "two replicas, one acknowledges; one of the three crashes",
        group(ONE, Mode(1)),
        PROPERTIES,
        FIFO | crashing("r1", "r2", "r3"),
        linearizable="KeyValue",
    ),
    World(
        "two replicas, one acknowledges; the primary crashes, a client asks again",
        group(TWO, Mode(1)),
        PROPERTIES,
        {
            "network": "fifo",
            "timers": "synchronous",
            "firings": {"takeover": 1, "retry": 1, "beat": 0},
        }
        | crashing("r1"),
        linearizable="KeyValue",
    ),
    World(
        "two replicas, both acknowledge",
        group(TWO, Mode(2)),
        PROPERTIES,
        FIFO,
        linearizable="KeyValue",
    ),
    World(
        "one replica, which acknowledges; two takeovers",
        group(ONE, Mode(1, 1)),
        PROPERTIES,
        {"firings": {"takeover": 2, "retry": 0, "beat": 0}},
        linearizable="KeyValue",
    ),
    World(
        "one replica; every settled entry is compacted, unforced writes survive",
        group(ONE, Mode(1, 1), (), 1),
        PROPERTIES,
        {"network": "fifo", "survivors": True}
        | {"firings": {"takeover": 1, "retry": 0, "beat": 1}}
        | crashing("r1", "r2"),
        linearizable="KeyValue",
    ),
    World(
        "one replica, which does not acknowledge; the primary takes part in a takeover",
        group(TWO, Mode(0, 1)),
        PROPERTIES,
        FIFO | crashing("r1", "r2"),
        linearizable="KeyValue",
    ),
    World(
        "the same, but the replica hears nobody before it takes over",
        group(TWO, Mode(0, 1, hears=1)),
        PROPERTIES,
        FIFO,
        breaks="acknowledged stays",
    ),
    World(
        "one replica; a client gives up its wait",
        group(TWO, Mode(1, 1), client=Impatient),
        PROPERTIES,
        {"network": "fifo", "firings": {"takeover": 1, "retry": 1, "beat": 0}},
        breaks="visible stays",
    ),
    *(
        World(
            "two replicas, one acknowledges; every node answers a get at once",
            group(BACK, Mode(1), ("get",), client=Spread),
            (prop,),
            NONE,
            breaks=prop.name,
        )
        for prop in READS
    ),
    World(
        "two replicas, one acknowledges; a get goes through the log",
        group(BACK, Mode(1), client=Spread),
        (*PROPERTIES, *READS),
        NONE,
        linearizable="KeyValue",
    ),
    World(
        "one replica, which acknowledges",
        group(ONE, Mode(1, 1)),
        bound=FIFO,
        possible={"a takeover": ("r2", Elected(2))},
    ),
    World(
        "two replicas, both acknowledge",
        group(ONE, Mode(2)),
        bound=NONE,
        possible={"what r1 has executed": ("r1", Executed("c1", 1, 1))},
    ),
)

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "Primary and replicas",
        primary_replica,
        (*PROPERTIES, *READS, responsive(2, UNTIL)),
        WORLDS,
    ),
)
