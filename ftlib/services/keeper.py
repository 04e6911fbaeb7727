"""A log that is kept by one node and written by others, some of which disagree: the
world in which the log is explored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ftlib.services.log import Entry, Log, Recovered, Stored, Truncated
from ftlib.simulation import Node

__all__ = ["Keeper", "Ship", "Shipper", "keeping"]


@dataclass(frozen=True, slots=True)
class Ship:
    """Put these entries behind that at `index`, which is of `epoch`; those up to
    `settled` will never change.
    """

    index: int
    epoch: int
    entries: tuple[Entry, ...]
    settled: int = 0


class Shipper(Node):
    """Sends what it is given, once.

    Parameters
    ----------
    keeper : str
    ships : tuple of Ship
    """

    MESSAGES = (Ship,)

    def __init__(self, keeper: str, ships: tuple[Ship, ...]) -> None:
        self.keeper = keeper
        self.ships = ships

    def on_start(self) -> None:
        for ship in self.ships:
            self.send(self.keeper, ship)


class Keeper(Node):
    """Keeps a `Log` on its disk, and compacts what is settled after a while.

    Parameters
    ----------
    rest : float
        How long after it has stored something it compacts, in seconds.

    Notes
    -----
    One force for all entries of a message. The state in its snapshots is the tuple of
    the values so far.
    """

    FACTS = (Stored, Truncated, Recovered)

    def __init__(self, rest: float = 0.5) -> None:
        self.log = Log()
        self.settled = 0
        self.rest = rest

    def on_start(self) -> None:
        self.log.recover(self.disk)
        self.record(Recovered(self.log.snapshot, tuple(self.log.entries)))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Ship(index, epoch, entries, settled):
                gone = self.log.conflict(index, epoch, entries)
                if gone is not None:
                    self.record(Truncated(gone))
                end = index + len(entries)
                if self.log.accept(self.disk, index, epoch, entries):
                    self.settled = max(self.settled, min(settled, end))
                    self.store(max(index, self.log.snapshot.index) + 1, end)

    def store(self, first: int, end: int) -> None:
        """Force what was written, and say what it is."""
        self.disk.force()
        for index in range(first, end + 1):
            self.record(self.log.stored(index))
        self.set_timer("compact", self.rest)

    def on_timer(self, name: str) -> None:
        log = self.log
        values = [log.at(k) for k in range(log.snapshot.index + 1, self.settled + 1)]
        if values:
            state = log.snapshot.state or ()
            state += tuple(entry.value for entry in values if entry)
            log.compact(self.disk, self.settled, state)


A, B, C = Entry(1, "a"), Entry(1, "b"), Entry(1, "c")
EARLY = Ship(0, 0, (A,)), Ship(1, 1, (B, C))
LATE = (Ship(1, 1, (Entry(2, "x"),), 1),)


def keeping(
    *, keeper: Callable[..., Node] = Keeper, rest: float = 0.5
) -> dict[str, Callable[[], Node]]:
    """Make the factories of one keeper, and of two that write to its log: w1 has a, b
    and c of epoch 1, of which w2, of epoch 2, knows only a, and puts x behind it.

    Parameters
    ----------
    keeper : callable
        The class to use, such as a mutant; called as `Keeper` is.
    rest : float
        As for `Keeper`.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> trace = Cluster(keeping()).run()
    >>> [event.what.value for event in trace.facts(Stored)]
    ['a', 'b', 'c', 'x']
    """
    return {
        "k": partial(keeper, rest),
        "w1": partial(Shipper, "k", EARLY),
        "w2": partial(Shipper, "k", LATE),
    }
