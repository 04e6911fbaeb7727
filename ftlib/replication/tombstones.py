"""Tombstones, and when they may be dropped.

A deleted row cannot simply be gone: a node that was away and comes back with the old
row would be the only one that knows anything of it, and every read would take what it
has. So the deletion is kept as a row of its own, a tombstone. It cannot be kept for
ever either. Stores drop it after a *grace*, which must be longer than any node may be
away before it has heard of the deletion; where it is not, the row comes back.
"""

from ftlib.replication.quorum import Row, StorageNode

__all__ = ["CollectingNode"]


class CollectingNode(StorageNode):
    """A storage node that drops a tombstone some time after it has got it.

    Parameters
    ----------
    grace : float
        After how many seconds.

    Notes
    -----
    The grace is right if by then every node has the tombstone, and nothing older is
    still on its way: no message, no hint, and no client that will write back what it
    has read.
    """

    def __init__(self, grace: float = 1.0) -> None:
        self.grace = grace

    def on_start(self) -> None:
        super().on_start()
        for place in self.disk.keys("row "):
            self.bury(place.removeprefix("row "))

    def keep(self, key: str, row: Row) -> None:
        super().keep(key, row)
        self.bury(key)

    def bury(self, key: str) -> None:
        """Drop what is kept under a key after the grace, if it is a tombstone."""
        if self.row(key).value is None:
            self.set_timer(key, self.grace)

    def on_timer(self, name: str) -> None:
        if self.row(name).value is None:
            self.disk.delete(f"row {name}")
