"""The looks of the library's protocols: a module a room."""

__all__ = ["detection", "pair", "paxos", "raft", "replication", "ring", "transactions"]
