"""Replication: the same data on several nodes, so that it outlives some of them.

Who acknowledges a write, who may answer a read, and who decides which node comes next:
each protocol of this room is one answer to these three.
"""

from ftlib.replication.mode import Mode
from ftlib.replication.replicas import Impatient, Spread, replicas

__all__ = [
    "Impatient",
    "Mode",
    "Spread",
    "fencing",
    "last_writer_wins",
    "n_plus_one",
    "n_plus_one_mutants",
    "pair",
    "primary_replica",
    "primary_replica_mutants",
    "primary_replica_properties",
    "primary_standby",
    "primary_standby_mutants",
    "primary_standby_properties",
    "quorum",
    "quorum_mutants",
    "quorum_properties",
    "replicas",
    "replicated_ring",
    "ring_membership",
    "ring_mutants",
    "ring_properties",
    "ring_rows",
    "ring_store",
    "shipping",
    "sloppy",
    "tombstones",
    "witness",
]
