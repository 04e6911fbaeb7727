"""Closed forms beside measured numbers.

A part a subject: `availability` (how often a service is up), `repair` (with few crews,
and with takeovers that take time), `durability` (how long copies keep data) and
`commit` (what atomic commit costs).
"""

from ftlib.analysis.estimate import Estimate, Mean, wilson_interval

__all__ = [
    "Estimate",
    "Mean",
    "availability",
    "commit",
    "durability",
    "repair",
    "wilson_interval",
]
