"""The worlds in which changes of the members are explored."""

from functools import partial
from typing import Any

from ftlib.consensus import raft_membership
from ftlib.consensus.raft_membership import MEMBERS, Membership
from ftlib.consensus.raft_messages import Configured
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_servers import election, raft_servers
from ftlib.consensus.raft_worlds import LIVE, LIVELY, QUIET, READ, A, B, over
from ftlib.simulation import Fire
from ftlib.simulation.world import Group, Protocol, Simulated, World

__all__ = ["PROTOCOLS", "change", "changing"]


def change(*members: str) -> tuple[Any, ...]:
    """Return the operation that makes these the members."""
    return ("put", MEMBERS, members)


def changing(
    wanted: Any, servers: int, members: int | None = None, **more: Any
) -> Group:
    """Make so many servers, of which the first are members at first, and clients."""
    nodes = raft_servers(wanted, servers, server=Membership, **more)
    first = tuple(f"s{number}" for number in range(1, (members or servers) + 1))
    spare = {f"s{k}": partial(Membership, first) for k in range(1, servers + 1)}
    return nodes | spare


def _exchange(one: str, other: str, times: int) -> list[str]:
    return [f"{one}>{other}"] * times + [f"{other}>{one}"] * times


THREE = [
    *election("s1", "s2"),
    *over(*_exchange("s1", "s2", 2), *_exchange("s1", "s3", 3), "c1>s1"),
]
"""s1 leads in term 1, all have its no-op, and it has changed the members in its own
log.
"""

FOUR = [
    *election("s1", "s2", "s3"),
    *over(*_exchange("s1", "s2", 2), *_exchange("s1", "s3", 2)),
    *over(*_exchange("s1", "s4", 3), "c1>s1"),
]
"""The same with four servers: s1 has removed s2."""

CORRECTION = [
    *FOUR,
    Fire("s2", "election"),
    *over("s2>s3", "s2>s4", "s3>s2", "s4>s2", "s2>s1", *_exchange("s2", "s4", 2)),
    *over("s1>s4", "s4>s1", "s1>s3", "s3>s1", "s1>s2"),
    Fire("s1", "election"),
    *over("s1>s4", "s4>s1", "s2>s1", "s2>s1"),
]
"""Then s2 leads in term 2, its no-op is at s4, and a client wants it to remove s1; s1,
which counts itself, s3 and s4, has asked for votes of term 3.
"""

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "Members of Raft",
        raft_membership,
        (*PROPERTIES, *LIVE),
        (
            World(
                "three servers; two are removed one after the other, an election",
                (
                    changing(
                        ((change("s1", "s2"),), (), (), (change("s1"),)), 3, longest=0.1
                    ),
                ),
                PROPERTIES,
                LIVELY | {"settled": THREE},
            ),
            World(
                "four servers; two leaders remove each other, the case of 2015",
                (
                    changing(
                        (
                            (change("s1", "s3", "s4"),),
                            (change("s2", "s3", "s4"),),
                        ),
                        4,
                        longest=0.1,
                    ),
                ),
                PROPERTIES,
                {"network": "fifo", "firings": QUIET, "settled": CORRECTION},
            ),
            World(
                "three servers; a fourth is added",
                (changing(((change("s1", "s2", "s3", "s4"),),), 4, 3, longest=0.1),),
                bound={
                    "network": "fifo",
                    "firings": QUIET | {"heartbeat": 1},
                    "settled": THREE,
                },
                possible={
                    "the new server": ("s4", Configured(("s1", "s2", "s3", "s4")))
                },
            ),
            Simulated(
                "three servers, a fourth that takes the place of one, and any fault",
                changing(
                    (
                        (A, B, READ, A),
                        (
                            change("s1", "s2", "s3", "s4"),
                            change("s2", "s3", "s4"),
                            READ,
                        ),
                    ),
                    4,
                    3,
                ),
                (*PROPERTIES, *LIVE),
                seeds=8,
            ),
        ),
    ),
)
"""The worlds in which changes of the members are explored."""
