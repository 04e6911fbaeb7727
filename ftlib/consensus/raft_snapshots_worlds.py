"""The worlds in which snapshots are explored: after each entry there is one."""

from functools import partial
from typing import Any

from ftlib.consensus import raft_snapshots
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_servers import raft_servers
from ftlib.consensus.raft_snapshots import Installed, Snapshots
from ftlib.consensus.raft_worlds import (
    AGAIN,
    LIVE,
    ONE,
    QUIET,
    READ,
    STORED,
    A,
    B,
    crashing,
    over,
)
from ftlib.simulation import Fire
from ftlib.simulation.world import Group, Protocol, Simulated, World

__all__ = ["PROTOCOLS"]


def keeping(wanted: Any, every: int = 1, **more: Any) -> Group:
    """Make three servers that make snapshots, and clients."""
    return raft_servers(wanted, server=partial(Snapshots, every=every), **more)


SENT = [*STORED, *over("s1>s2", "s2>s1"), Fire("s1", "heartbeat")]
"""An entry is committed, and s1 has its snapshot only; it is under way to s3, behind
the entry itself.
"""

TAKEN_OVER = [
    *SENT,
    *over("s1>s3", "s1>s3", "s1>s2", "s2>s1", "s3>s1", "s3>s1"),
    Fire("s3", "election"),
    *over("s3>s2", "s2>s3", "s3>s2", "s2>s3"),
]
"""Then s3, which has the snapshot, leads in term 2; whose write it was does not know
that it is done.
"""

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "Snapshots of Raft",
        raft_snapshots,
        (*PROPERTIES, *LIVE),
        (
            World(
                "three servers; a snapshot and its entry are under way, an election",
                (keeping(ONE, longest=0.1),),
                PROPERTIES,
                {
                    "network": "multiset",
                    "firings": QUIET | {"election": 1},
                    "settled": SENT,
                },
            ),
            World(
                "three servers; a follower that is sent a snapshot crashes",
                (keeping(ONE, longest=0.1),),
                PROPERTIES,
                {
                    "network": "fifo",
                    "firings": QUIET,
                    "settled": SENT,
                    "survivors": True,
                }
                | crashing("s3"),
            ),
            World(
                "three servers; a leader has a snapshot, a write is asked for again",
                (keeping(AGAIN, longest=0.1),),
                PROPERTIES,
                {
                    "network": "fifo",
                    "firings": QUIET | {"retry": 1},
                    "settled": TAKEN_OVER,
                },
                linearizable="KeyValue",
            ),
            World(
                "three servers; a follower lacks what its leader has no longer",
                (keeping(ONE, longest=0.1),),
                bound={"network": "fifo", "firings": QUIET, "settled": SENT},
                possible={"a snapshot": ("s3", Installed(1, 1))},
            ),
            Simulated(
                "three servers with snapshots, two clients, and any fault",
                keeping(((A, B, READ, A), (READ, B, READ)), 2),
                (*PROPERTIES, *LIVE),
                seeds=8,
            ),
        ),
    ),
)
"""The worlds in which snapshots are explored."""
