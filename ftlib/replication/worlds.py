"""The worlds in which replication is explored."""

from ftlib.replication import quorum_worlds
from ftlib.simulation.world import Protocol

__all__ = ["PROTOCOLS"]

PROTOCOLS: tuple[Protocol, ...] = (*quorum_worlds.PROTOCOLS,)
