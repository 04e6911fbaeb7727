"""Heartbeats and a fixed time-out.

Who is watched says every so often that it is alive; who has said nothing for a fixed
time is *suspected*, and trusted again once it is heard. A crashed node says nothing, so
it is suspected in the end (*completeness*). A live one is not, as long as its
heartbeats come in time (*accuracy*); a slow link is enough to break that (Chandra and
Toueg 1996, section 2). A short time-out finds crashes early, and blames who is slow; a
long one does neither.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.detection.time_out import Suspects
from ftlib.simulation import Node

__all__ = ["Detector", "Heart", "Heartbeat", "Monitor", "Trusts", "watching"]

SILENT = "silent "  # a timer's name, before that of the node that was not heard


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """I am alive."""


@dataclass(frozen=True, slots=True)
class Trusts:
    """Fact: this node takes `node` for alive from now on."""

    node: str


@dataclass
class Detector:
    """A part: a timer for each node that is watched, and who is suspected.

    It keeps no time itself: it sets timers of the node that it is handed, and each node
    that owns one hands it what it hears (`heard`) and its timers (`silent`).

    Attributes
    ----------
    watched : tuple of str
        Who must be heard. All of them are trusted at first.
    wait : float
        For how many seconds somebody may be silent.
    suspected : tuple of str
        Who was silent for longer, in the order of `watched`.

    Raises
    ------
    ValueError
        If it does not wait.
    """

    watched: tuple[str, ...]
    wait: float
    suspected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.wait > 0:
            raise ValueError(f"wait is {self.wait!r}: give seconds above 0")

    def start(self, node: Node) -> None:
        """Begin to wait for everybody."""
        for each in self.watched:
            node.set_timer(SILENT + each, self.wait)

    def heard(self, node: Node, sender: str) -> bool:
        """Wait anew for who was heard, and say whether it had been suspected."""
        if sender not in self.watched:
            return False
        node.set_timer(SILENT + sender, self.wait)
        before = self.suspected
        self.suspected = tuple(each for each in before if each != sender)
        return self.suspected != before

    def silent(self, timer: str) -> str | None:
        """Suspect the node whose timer has fired, and name it; None if it is another
        timer.
        """
        if not timer.startswith(SILENT):
            return None
        name = timer.removeprefix(SILENT)
        self.suspected = tuple(
            each for each in self.watched if each == name or each in self.suspected
        )
        return name


class Heart(Node):
    """Says that it is alive, again and again.

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

    MESSAGES = (Heartbeat,)

    def __init__(self, monitors: tuple[str, ...], every: float) -> None:
        if not every > 0:
            raise ValueError(f"every is {every!r}: give seconds above 0")
        self.monitors = monitors
        self.every = every

    def on_start(self) -> None:
        self.on_timer("beat")

    def on_timer(self, name: str) -> None:
        for monitor in self.monitors:
            self.send(monitor, Heartbeat())
        self.set_timer("beat", self.every)


class Monitor(Node):
    """Says whom it suspects.

    Parameters
    ----------
    watched : tuple of str
        Who must be heard.
    wait : float
        For how many seconds each may be silent.
    """

    FACTS = (Suspects, Trusts)

    def __init__(self, watched: tuple[str, ...], wait: float) -> None:
        self.detector = Detector(watched, wait)

    def on_start(self) -> None:
        self.detector.start(self)
        for each in self.detector.watched:
            self.record(Trusts(each))

    def on_message(self, sender: str, message: Any) -> None:
        if self.detector.heard(self, sender):
            self.record(Trusts(sender))

    def on_timer(self, name: str) -> None:
        silent = self.detector.silent(name)
        if silent:
            self.record(Suspects(silent))


def watching(
    hearts: int = 2,
    every: float = 0.1,
    wait: float = 0.25,
    *,
    heart: Callable[..., Node] = Heart,
    monitor: Callable[..., Node] = Monitor,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of nodes h1, h2, ... and of m, which watches them.

    Parameters
    ----------
    hearts : int
        How many are watched.
    every, wait : float
        How often each says that it is alive, and how long m waits to hear it.
    heart, monitor : callable
        The classes to use, such as a mutant; called as `Heart` and `Monitor` are.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Crash
    >>> trace = Cluster(watching(), faults=[Crash("h1", at=0.55)]).run(until=1)
    >>> [(event.time, event.what) for event in trace.facts(Suspects)]
    [(0.76, Suspects(node='h1'))]

    Notes
    -----
    With a latency between l and h, a crash is noticed between ``wait - every + l`` and
    ``wait + h`` after it, and nobody who is alive is suspected if ``wait`` is above
    ``every + h - l``.
    """
    names = tuple(f"h{number + 1}" for number in range(hearts))
    nodes: dict[str, Callable[[], Node]] = {
        name: partial(heart, ("m",), every) for name in names
    }
    return nodes | {"m": partial(monitor, names, wait)}
