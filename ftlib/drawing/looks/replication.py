"""The looks of replication."""

from ftlib.drawing.look import Look

__all__ = ["REPLICATION_LOOK"]

REPLICATION_LOOK = Look()
"""How runs of a primary and its replicas look."""
