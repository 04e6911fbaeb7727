"""The figure of chapter 2 on clocks: of two writes the one with the later time counts,
and the times are those of two clocks.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Annotated, Any

from ftlib.checking import History
from ftlib.drawing import Picture, history_picture
from ftlib.figures.controls import Range
from ftlib.replication.last_writer_wins import ClockClient
from ftlib.replication.quorum import Row, StorageNode, Update, Version
from ftlib.simulation import Cluster, Node, Skew

__all__ = ["Clocked", "last_write", "lost", "written"]


class Clocked(ClockClient):
    """A client that makes versions of what its real clock says, in milliseconds.

    Parameters
    ----------
    nodes, operations
        As for `ClockClient`.
    after : float
        When it begins, in seconds.
    """

    timed = True

    def __init__(
        self,
        nodes: tuple[str, ...],
        operations: tuple[tuple[Any, ...], ...],
        after: float,
    ) -> None:
        super().__init__(nodes, 2, 2, operations)
        self.after = after

    def on_start(self) -> None:
        """Wait for the time to begin."""
        self.set_timer("begin", self.after)

    def on_timer(self, name: str) -> None:
        """Begin, or ask again."""
        if name == "begin":
            super().on_start()
        else:
            super().on_timer(name)

    def begin(self) -> None:
        """Write under the time; before a read, ask."""
        match self.operation:
            case ("put", key, value):
                version = Version(round(1000 * self.now), self.id)
                self.ask(Update(self.number, key, Row(version, value)))
            case _:
                super().begin()


STORES = "n1", "n2", "n3"
FIRST = 0.3  # when c1 writes, in seconds


@cache
def written(ahead: float = 0.1, gap: float = 0.06) -> History:
    """Let c1 write 1, then c2 write 2, then c3 read, on three storage nodes.

    Parameters
    ----------
    ahead : float
        By how many seconds the clock of c1 is ahead.
    gap : float
        How long after c1 c2 writes, in seconds; longer than a write takes.
    """
    starts = FIRST, FIRST + gap, FIRST + gap + 0.04
    wanted = ("put", "x", 1), ("put", "x", 2), ("get", "x")
    clients = {
        f"c{number}": partial(Clocked, STORES, (operation,), at)
        for number, (operation, at) in enumerate(zip(wanted, starts, strict=True), 1)
    }
    nodes: dict[str, Callable[[], Node]] = {
        **dict.fromkeys(STORES, StorageNode),
        **clients,
    }
    faults = [Skew("c1", offset=ahead)] if ahead else []
    return History.from_trace(Cluster(nodes, faults=faults).run(until=2))


def lost(history: History) -> bool:
    """Tell whether the later write is gone."""
    (read,) = (each for each in history if each.call[0] == "get")
    return bool(read.result != 2)


def last_write(
    ahead: Annotated[
        float,
        Range((-0.1, 0.0, 0.02, 0.05, 0.1, 0.2), "The clock of c1 is ahead by", "s"),
    ] = 0.0,
    gap: Annotated[
        float, Range((0.03, 0.06, 0.12, 0.25), "c2 writes later by", "s")
    ] = 0.06,
) -> Picture:
    """Draw what becomes of the later of two writes where the last writer wins.

    Parameters
    ----------
    ahead : float
        By how many seconds the clock of c1 is ahead.
    gap : float
        How long after c1 c2 writes, in seconds.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/2_core_concepts``.
    """
    history = written(ahead, gap)
    first, second = 1000 * (FIRST + ahead), 1000 * (FIRST + gap)
    said = (
        "The later write is lost: it was acknowledged, and the read returns 1."
        if lost(history)
        else "The later write wins: the read returns 2."
    )
    return replace(
        history_picture(history),
        title=said,
        description=f"c1 wrote at {first:.0f} ms by its clock, and c2, really"
        f" {1000 * gap:.0f} ms later, at {second:.0f} ms by its own.",
    )
