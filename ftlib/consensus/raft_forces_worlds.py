"""The table of eight: which of the three forced writes of Raft are needed, each way to
leave some out explored; and two schedules that show it.
"""

from functools import partial
from itertools import combinations
from typing import Any

from ftlib.consensus import raft_forces
from ftlib.consensus.raft_forces import FORCES, Forcing
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_servers import raft_servers
from ftlib.consensus.raft_worlds import LED, LIVELY, ONE, STORED, crashing, over
from ftlib.simulation import Crash, Fire, Recover, Schedule
from ftlib.simulation.world import Group, Protocol, World

__all__ = ["CRASHES", "EIGHT", "PROTOCOLS", "forcing"]

COMMITTED = [*STORED, *over("s1>s2", "s2>s1")]
"""What s1 has sent, s2 has stored as well, and s1 knows: the entry is committed."""

CRASHES: dict[str, Schedule] = {
    "leader": Schedule(
        [
            *COMMITTED,
            Fire("s3", "election"),
            *over("s1>s3"),
            Crash("s1"),
            Recover("s1"),
            *over("s3>s1", "s1>s3"),
        ]
    ),
    "follower": Schedule(
        [
            *COMMITTED,
            Fire("s3", "election"),
            Crash("s2"),
            Recover("s2"),
            *over("s3>s2", "s2>s3"),
        ]
    ),
}
"""An entry is committed; who has it crashes, comes back, and is asked for its vote by
s3, which lacks it. These are the shortest ways on which it is lost.
"""

EIGHT: dict[tuple[str, ...], tuple[str, ...]] = {
    kept: tuple(
        who
        for who, lost in (
            ("leader", not {"sending", "counting"} & {*kept}),
            ("follower", "replying" not in kept),
        )
        if lost
    )
    for count in (3, 2, 1, 0)
    for kept in combinations(FORCES, count)
}
"""For each of the eight ways, by the forces that are kept, whose crash loses an entry:
it is safe if nobody's does.
"""


def forcing(kept: tuple[str, ...]) -> Group:
    """Make three servers that force before these moments only, and a client that
    writes once.
    """
    return raft_servers(ONE, server=partial(Forcing, before=kept), longest=0.1)


SENT = [*LED, *over("s1>s3", "s1>s3", "s3>s1", "s3>s1", "s1>s2", "s2>s1")]
"""s1 leads, all know, and the request of a client is under way."""


def _world(kept: tuple[str, ...], who: str, **more: Any) -> World:
    node, last = {"leader": ("s1", ["s1>s2", "s2>s1"]), "follower": ("s2", ["s1>s2"])}[
        who
    ]
    bound = LIVELY | crashing(node) | {"settled": [*STORED, *over(*last)]}
    forces, one = " and ".join(kept) or "nothing", "the" if who == "leader" else "a"
    return World(
        f"three servers that force before {forces}; {one} {who} crashes, an election",
        (forcing(kept),),
        PROPERTIES,
        bound | more,
        "leader completeness" if who in EIGHT[kept] else "",
    )


PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "The forced writes of Raft",
        raft_forces,
        PROPERTIES,
        (
            *(
                _world(kept, who)
                for kept, losing in EIGHT.items()
                for who in losing[:1] or ("leader", "follower")
                if (kept, who) != (("counting", "replying"), "leader")
            ),
            _world(("counting", "replying"), "leader", settled=SENT),
        ),
    ),
)
"""The worlds in which the forced writes of Raft are explored, some left out."""
