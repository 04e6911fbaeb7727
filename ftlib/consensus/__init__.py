"""Consensus: servers that agree on a value, or on a log of them, as long as a majority
of them is up, and whatever else goes wrong.
"""

from ftlib.consensus.raft_servers import raft_servers

__all__ = [
    "paxos",
    "paxos_mutants",
    "paxos_properties",
    "paxos_specification",
    "raft",
    "raft_forces",
    "raft_membership",
    "raft_membership_mutants",
    "raft_messages",
    "raft_mutants",
    "raft_pre_vote",
    "raft_pre_vote_mutants",
    "raft_pre_vote_properties",
    "raft_properties",
    "raft_reads",
    "raft_servers",
    "raft_snapshots",
    "raft_snapshots_mutants",
]
