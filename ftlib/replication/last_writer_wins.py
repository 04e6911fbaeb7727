"""Versions made by clocks: the last writer wins, or so its clock says.

A writer that takes its version from its own clock saves the question which version is
there, half the messages and half the delays. But no two clocks agree. A write from a
clock that is behind gets a lower version than one that was acknowledged before: it is
acknowledged too, and no read will ever return it.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ftlib.replication.quorum import (
    RegularClient,
    Row,
    StorageNode,
    Update,
    Version,
)
from ftlib.simulation import Node

__all__ = ["ClockClient", "clocked"]


class ClockClient(RegularClient):
    """A client that makes versions of what its clock says.

    Parameters
    ----------
    nodes, read, write, operations, patience
        As for `RegularClient`.
    clock : int
        What its clock says at the start. It goes on by one with each operation of its
        own: all that is said of time here is that a clock does not go back.

    Notes
    -----
    A write takes 2N messages and 2 delays.
    """

    def __init__(
        self,
        nodes: tuple[str, ...],
        read: int,
        write: int,
        operations: tuple[tuple[Any, ...], ...] = (),
        patience: float = 0.1,
        clock: int = 0,
    ) -> None:
        super().__init__(nodes, read, write, operations, patience)
        self.clock = clock

    def begin(self) -> None:
        """Write at once; before a read, ask as ever."""
        match self.operation:
            case ("put", key, value):
                version = Version(self.clock + self.number, self.id)
                self.ask(Update(self.number, key, Row(version, value)))
            case _:
                super().begin()


def clocked(
    *operations: Iterable[tuple[Any, ...]],
    clocks: tuple[int, ...],
    nodes: int = 3,
    read: int = 2,
    write: int = 2,
    patience: float = 0.1,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of storage nodes n1, n2, ..., and of a client c1, c2, ... for
    each list of operations, with the clock that is given for it.

    Parameters
    ----------
    *operations : iterables of operations
        One for each client.
    clocks : tuple of int
        What the clock of each says at the start.
    nodes, read, write, patience
        As for `ftlib.replication.quorum.registers`.

    Returns
    -------
    dict from id to factory

    Raises
    ------
    ValueError
        If there are more or fewer clocks than clients.
    """
    if len(clocks) != len(operations):
        raise ValueError(
            f"the clocks are {clocks!r}: give one for each of {len(operations)} clients"
        )
    names = tuple(f"n{number}" for number in range(1, nodes + 1))
    return dict.fromkeys(names, StorageNode) | {
        f"c{number}": partial(
            ClockClient, names, read, write, tuple(wanted), patience, clock
        )
        for number, (wanted, clock) in enumerate(
            zip(operations, clocks, strict=True), 1
        )
    }
