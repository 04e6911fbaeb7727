"""Atomic commit: all nodes of a transaction take effect, or none does."""
