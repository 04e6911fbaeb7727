"""The worlds in which consensus is explored."""

from ftlib.consensus import raft_worlds
from ftlib.simulation.world import Protocol

__all__ = ["PROTOCOLS"]

PROTOCOLS: tuple[Protocol, ...] = (*raft_worlds.PROTOCOLS,)
