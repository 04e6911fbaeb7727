"""The looks of the library's protocols: a module a room."""

__all__ = [
    "detection",
    "pair",
    "paxos",
    "paxos_commit",
    "raft",
    "replication",
    "ring",
    "transactions",
]
