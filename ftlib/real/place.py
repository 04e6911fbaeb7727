"""Where a node runs: what its process must know beside the node's class."""

import time
from dataclasses import dataclass
from pathlib import Path

from ftlib.simulation import Network

__all__ = ["Place", "ticks"]


def ticks() -> int:
    """The monotonic clock of this computer, which all processes share, in
    microseconds.
    """
    return time.monotonic_ns() // 1000


@dataclass(frozen=True, slots=True)
class Place:
    """One life of a node.

    Attributes
    ----------
    folder : Path
        Its own: with its disk, its trace, and what it says when it fails.
    ports : dict from str to int
        Where all nodes are.
    began : int
        The `ticks` at which the group did.
    life : int
        0 for the first, 1 after a restart.
    cuts : pairs of str
        The directions, from a sender to a receiver, that are cut.
    """

    id: str
    folder: Path
    ports: dict[str, int]
    network: Network
    seed: int
    began: int
    life: int
    cuts: tuple[tuple[str, str], ...] = ()
    trace: bool = True

    @property
    def time(self) -> int:
        """Microseconds since the group began."""
        return ticks() - self.began

    @property
    def name(self) -> tuple[str, ...]:
        """The name of this life, for a stream of chance: as in the simulator for the
        first.
        """
        return (self.id, str(self.life)) if self.life else (self.id,)
