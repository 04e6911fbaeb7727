"""Closed forms beside measured numbers.

A part a subject: `availability` (how often a service is up) and `commit` (what atomic
commit costs).
"""

from ftlib.analysis.estimate import Estimate, wilson_interval

__all__ = ["Estimate", "availability", "commit", "wilson_interval"]
