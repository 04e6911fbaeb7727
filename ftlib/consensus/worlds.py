"""The worlds in which consensus is explored."""

from ftlib.consensus import (
    paxos_worlds,
    raft_forces_worlds,
    raft_membership_worlds,
    raft_pre_vote_worlds,
    raft_snapshots_worlds,
    raft_worlds,
)
from ftlib.simulation.world import Protocol

__all__ = ["PROTOCOLS"]

PROTOCOLS: tuple[Protocol, ...] = (
    *raft_worlds.PROTOCOLS,
    *raft_pre_vote_worlds.PROTOCOLS,
    *raft_forces_worlds.PROTOCOLS,
    *raft_snapshots_worlds.PROTOCOLS,
    *raft_membership_worlds.PROTOCOLS,
    *paxos_worlds.PROTOCOLS,
)
