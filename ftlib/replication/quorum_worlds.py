"""The worlds in which registers on quorums are explored; `ftlib.replication.worlds`
lists them with those of the room.

Two nodes of which a write needs both and a read needs one are the least in which
quorums meet. Three nodes, with two clients, begin where the writer knows the version
that is there: asking for it is explored with two.
"""

from typing import Any

from ftlib.replication import last_writer_wins, quorum, sloppy, tombstones
from ftlib.replication.last_writer_wins import clocked
from ftlib.replication.quorum import RegularClient, Version, Written, registers
from ftlib.replication.quorum_properties import (
    PROPERTIES,
    handed_off,
    never_back,
    on_a_quorum,
    one_value,
    regular,
    versions_in_order,
)
from ftlib.replication.tombstones import CollectingNode
from ftlib.services.properties import responsive
from ftlib.simulation import Deliver
from ftlib.simulation.world import UNTIL, Protocol, World

__all__ = ["HALF_WRITTEN", "PROTOCOLS"]

READ, WRITE = ("get", "x"), ("put", "x", 1)
OTHER, DELETE = ("put", "x", 2), ("put", "x", None)
ALL_ONE: dict[str, Any] = {"nodes": 2, "read": 1, "write": 2}  # write all, read one
ONE_ALL: dict[str, Any] = {"nodes": 2, "read": 2, "write": 1}
ONCE: dict[str, Any] = {"network": "multiset", "firings": 0}
IN_ORDER: dict[str, Any] = {"network": "fifo", "firings": 0}
THREE = ("n1", "n2", "n3")
ASKED = [
    *(Deliver("Query", "c1", node) for node in THREE),
    *(Deliver("Holds", node, "c1") for node in THREE),
]
TWO_COPIES = (*PROPERTIES, on_a_quorum(2))
COLLECTING: dict[str, Any] = {"client": RegularClient, "storage": CollectingNode}


def crashing(node: str) -> dict[str, Any]:
    """Let a node crash, come back, and keep some of what it has not forced."""
    return {"crashes": 1, "recoveries": 1, "survivors": True, "crashing": (node,)}


HALF_WRITTEN = World(
    "three nodes, one client reads twice while another writes, and writes nothing back",
    (registers([WRITE], [READ, READ], client=RegularClient),),
    TWO_COPIES,
    ONCE | {"settled": ASKED},
    linearizable="KeyValue",
    breaks="linearizable",
)
"""R + W > N, and still not linearizable."""

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "Registers on quorums",
        quorum,
        (*TWO_COPIES, responsive(2, UNTIL)),
        (
            World(
                "two nodes, write both and read one, and a node crashes",
                (registers([WRITE, READ], **ALL_ONE),),
                TWO_COPIES,
                crashing("n1"),
                linearizable="KeyValue",
            ),
            World(
                "two nodes, a writer and a reader, and a node crashes",
                (registers([WRITE], [READ, READ], **ALL_ONE),),
                TWO_COPIES,
                IN_ORDER | crashing("n1"),
                linearizable="KeyValue",
            ),
            World(
                "three nodes, and a writer that crashes midway",
                (registers([WRITE, OTHER, READ]),),
                TWO_COPIES,
                IN_ORDER | crashing("c1"),
                linearizable="KeyValue",
            ),
            World(
                "two nodes, and two clients that write and read",
                (registers([READ, WRITE], [OTHER, READ], **ALL_ONE),),
                TWO_COPIES,
                ONCE,
                linearizable="KeyValue",
            ),
            World(
                "three nodes, one client reads twice while another writes",
                (registers([WRITE], [READ, READ]),),
                TWO_COPIES,
                IN_ORDER | {"settled": ASKED},
                linearizable="KeyValue",
            ),
            HALF_WRITTEN,
            World(
                "two nodes, write one and read one",
                (registers([WRITE, READ], nodes=2, read=1, write=1),),
                PROPERTIES,
                breaks="regular",
            ),
            World(
                "two nodes, write one and read both",
                (registers([READ, WRITE], [OTHER], **ONE_ALL),),
                PROPERTIES,
                IN_ORDER,
                breaks="versions in order",
            ),
            World(
                "three nodes, one of which crashes for ever",
                (registers([WRITE]),),
                bound={"crashes": 1, "crashing": THREE},
                possible={"a write": ("c1", Written("x", Version(1, "c1")))},
            ),
        ),
    ),
    Protocol(
        "Sloppy quorums with hinted hand-off",
        sloppy,
        (
            versions_in_order,
            one_value,
            never_back,
            on_a_quorum(2),
            responsive(2, UNTIL),
            handed_off(2, UNTIL),
        ),
        (
            World(
                "two nodes and one that stands in and crashes",
                (sloppy.sloppy([WRITE], **ALL_ONE),),
                TWO_COPIES,
                {"network": "multiset", "firings": {"retry": 1, "hand off": 1}}
                | crashing("s1"),
            ),
            World(
                "two nodes and one that stands in, write both and read one",
                (sloppy.sloppy([WRITE, READ], **ALL_ONE),),
                TWO_COPIES,
                {"network": "fifo", "firings": {"retry": 1, "hand off": 1}},
                breaks="regular",
            ),
        ),
    ),
    Protocol(
        "Versions made by clocks",
        last_writer_wins,
        (regular, one_value, never_back, responsive(2, UNTIL)),
        (
            World(
                "two nodes, and a clock that is behind",
                (clocked([READ, WRITE, READ], [OTHER], clocks=(0, 5), **ALL_ONE),),
                (regular, one_value, never_back),
                ONCE,
                linearizable="KeyValue",
                breaks="linearizable",
            ),
        ),
    ),
    Protocol(
        "Tombstones",
        tombstones,
        (versions_in_order, one_value, responsive(2, UNTIL)),
        (
            World(
                "two nodes, and a tombstone dropped when both have it",
                (registers([WRITE, DELETE], [READ, READ], **ONE_ALL, **COLLECTING),),
                (one_value,),
                {"network": "fifo", "timers": "synchronous", "firings": 2},
                linearizable="KeyValue",
            ),
            World(
                "two nodes, and a tombstone dropped before both have it",
                (registers([WRITE, DELETE, READ], **ONE_ALL, **COLLECTING),),
                (one_value,),
                {"network": "fifo", "losses": 1, "firings": {"retry": 0, "x": 1}},
                linearizable="KeyValue",
                breaks="linearizable",
            ),
        ),
    ),
)
