"""A resource that many may want to act on, and one at a time should: a disk array, a
queue, a bank.

Whoever acts shows the epoch that it acts for, its *fencing token* (the sequencer of
Burrows 2006). The resource refuses one that is lower than the highest it has seen. It
is the only place where that can be checked: whoever acts may have been paused, by its
garbage collector or its hypervisor, since it last looked at its lease, and what it has
sent may have been under way since then (Kleppmann 2016).
"""

from dataclasses import dataclass
from typing import Any

from ftlib.simulation import Node

__all__ = ["Act", "Resource", "Took"]


@dataclass(frozen=True, slots=True)
class Act:
    """Do this, which is entry `index` of the log of the primary of this epoch. A later
    one may ask for it again, and nobody does if the primary crashes first.
    """

    epoch: int
    index: int
    operation: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Took:
    """Fact: the resource has done what the primary of this epoch wanted."""

    epoch: int
    index: int


class Resource(Node):
    """Does what it is told, by the primary of the highest epoch only.

    Parameters
    ----------
    fenced : bool
        Whether it looks at the epoch. If not, everything is done.

    Notes
    -----
    The highest epoch is on its disk, forced before anything is done for it: one forced
    write for each epoch.
    """

    FACTS = (Took,)

    def __init__(self, fenced: bool = True) -> None:
        self.fenced = fenced

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Act(epoch, index) if self.admits(epoch):
                self.record(Took(epoch, index))

    def admits(self, epoch: int) -> bool:
        """Say whether to do what is wanted for an epoch."""
        highest = self.disk.read("epoch", 0)
        if self.fenced and epoch > highest:
            self.disk.write("epoch", epoch)
            self.disk.force()
        return epoch >= highest or not self.fenced
