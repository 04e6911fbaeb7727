"""Closed forms beside measured numbers.

A part a subject: `availability` (how often a service is up), `repair` (with few crews,
and with takeovers that take time), `durability` (how long copies keep data),
`erasure` (how long coded data are kept), `epidemic` (how far a rumour gets),
`detection` (what it costs to watch a group), `storage` (how many values are kept),
`elections` (how often votes are split, and how soon there is a leader),
`staleness` (how likely a read misses the last write), `lag` (how many entries a replica
lacks), `latency` (the slowest of many, the first of two), `contention` (how often many
writers try), `movement` (how many keys move when nodes change), `commit` (what atomic
commit costs), `operations` (what reads and writes cost in each mode of replication) and
`modes` (what each mode loses, misses and makes wait). `sweep` runs the same for many
parameters and seeds, in one process, in many, or on a cluster.
"""

from ftlib.analysis.estimate import Estimate, Mean, wilson_interval
from ftlib.analysis.sweep import sweep
from ftlib.analysis.table import Table
from ftlib.analysis.tasks import TaskError

__all__ = [
    "Estimate",
    "Mean",
    "Table",
    "TaskError",
    "availability",
    "commit",
    "contention",
    "detection",
    "durability",
    "elections",
    "epidemic",
    "erasure",
    "lag",
    "latency",
    "modes",
    "movement",
    "operations",
    "repair",
    "staleness",
    "storage",
    "sweep",
    "wilson_interval",
]
