"""Closed forms beside measured numbers.

A part a subject: `availability` (how often a service is up), `repair` (with few crews,
and with takeovers that take time) and `commit` (what atomic commit costs).
"""

from ftlib.analysis.estimate import Estimate, Mean, wilson_interval

__all__ = ["Estimate", "Mean", "availability", "commit", "repair", "wilson_interval"]
