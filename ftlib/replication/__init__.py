"""Replication: the same data on several nodes, so that it outlives some of them.

Who acknowledges a write, who may answer a read, and who decides which node comes next:
each protocol of this room is one answer to these three.
"""

__all__: list[str] = []
