"""The worlds in which replication is explored."""

from ftlib.replication import (
    n_plus_one_worlds,
    primary_replica_worlds,
    primary_standby_worlds,
    quorum_worlds,
    ring_worlds,
)
from ftlib.simulation.world import Protocol

__all__ = ["PROTOCOLS"]

PROTOCOLS: tuple[Protocol, ...] = (
    *primary_replica_worlds.PROTOCOLS,
    *n_plus_one_worlds.PROTOCOLS,
    *primary_standby_worlds.PROTOCOLS,
    *quorum_worlds.PROTOCOLS,
    *ring_worlds.PROTOCOLS,
)
