"""The worlds in which replication is explored."""

from ftlib.simulation.world import Protocol

__all__ = ["PROTOCOLS"]

PROTOCOLS: tuple[Protocol, ...] = ()
