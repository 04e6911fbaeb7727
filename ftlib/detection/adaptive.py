"""Heartbeats with numbers, and a monitor that learns how regular they are.

As `ftlib.detection.heartbeat`, but for how long a node may be silent is told by a part
that has heard it: a fixed time-out, one that adapts, or the phi accrual detector
(Hayashibara et al. 2004). A heartbeat has a number, so that a copy of one is no sign of
life; numbers go on rising after a crash, because the disk knows how many lives there
were.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.detection.arrivals import Waits
from ftlib.detection.heartbeat import Trusts
from ftlib.detection.phi_accrual import PhiAccrual
from ftlib.detection.time_out import Suspects
from ftlib.simulation import Node

__all__ = ["QUICK_PHI", "AdaptiveMonitor", "Beat", "NumberedHeart", "adapting"]

LIFE = 2**32  # beats: more than a life has
QUICK_PHI = partial(PhiAccrual, minimum_deviation=0.02, prior=(0.1, 0.02))
"""For ten heartbeats a second."""


@dataclass(frozen=True, slots=True)
class Beat:
    """I am alive, and have said so `number` times."""

    number: int


class NumberedHeart(Node):
    """Says that it is alive, again and again, each time with a higher number.

    Parameters
    ----------
    monitors : tuple of str
        To whom.
    every : float
        How often: each so many seconds.

    Raises
    ------
    ValueError
        If it would beat without a pause.
    """

    MESSAGES = (Beat,)

    def __init__(self, monitors: tuple[str, ...], every: float) -> None:
        if not every > 0:
            raise ValueError(f"every is {every!r}: give seconds above 0")
        self.monitors = monitors
        self.every = every
        self.number = 0

    def on_start(self) -> None:
        life = self.disk.read("life", 0) + 1
        self.disk.write("life", life)
        self.disk.force()
        self.number = life * LIFE
        self.on_timer("beat")

    def on_timer(self, name: str) -> None:
        self.number += 1
        for monitor in self.monitors:
            self.send(monitor, Beat(self.number))
        self.set_timer("beat", self.every)


class AdaptiveMonitor(Node):
    """Says whom it suspects, by what it has heard of each.

    Parameters
    ----------
    watched : tuple of str
        Who must be heard.
    waits : callable
        Makes the part that waits for one of them, such as ``PhiAccrual``.
    """

    FACTS = (Suspects, Trusts)
    timed = True

    def __init__(self, watched: tuple[str, ...], waits: Callable[[], Waits]) -> None:
        self.waits = {each: waits() for each in watched}
        self.suspected: tuple[str, ...] = ()

    def on_start(self) -> None:
        for each, waits in self.waits.items():
            self.record(Trusts(each))
            self.set_timer(each, waits.patience())

    def on_message(self, sender: str, message: Any) -> None:
        waits = self.waits.get(sender)
        if waits is None:
            return
        suspected = sender in self.suspected
        hear = waits.late if suspected else waits.heartbeat
        if not hear(self.now, message.number):
            return
        self.set_timer(sender, waits.patience())
        if suspected:
            self.suspected = tuple(each for each in self.suspected if each != sender)
            self.record(Trusts(sender))

    def on_timer(self, name: str) -> None:
        self.suspected += (name,)
        self.record(Suspects(name))


def adapting(
    hearts: int = 2,
    every: float = 0.1,
    waits: Callable[[], Waits] = QUICK_PHI,
    *,
    heart: Callable[..., Node] = NumberedHeart,
    monitor: Callable[..., Node] = AdaptiveMonitor,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of nodes h1, h2, ... and of m, which watches them.

    Parameters
    ----------
    hearts : int
        How many are watched.
    every : float
        How often each says that it is alive, in seconds.
    waits : callable
        Makes the part with which m waits for one of them.
    heart, monitor : callable
        The classes to use, such as a mutant; called as `NumberedHeart` and
        `AdaptiveMonitor` are.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.detection import FixedTimeOut, Suspects
    >>> from ftlib.detection.adaptive import QUICK_PHI
    >>> from ftlib.simulation import Cluster, Crash
    >>> for waits in (partial(FixedTimeOut, 0.25), QUICK_PHI):
    ...     nodes = adapting(1, waits=waits)
    ...     trace = Cluster(nodes, faults=[Crash("h1", at=0.55)]).run(until=1)
    ...     print([event.time for event in trace.facts(Suspects)])
    [0.76]
    [0.72224]
    """
    names = tuple(f"h{number + 1}" for number in range(hearts))
    nodes: dict[str, Callable[[], Node]] = {
        name: partial(heart, ("m",), every) for name in names
    }
    return nodes | {"m": partial(monitor, names, waits)}
