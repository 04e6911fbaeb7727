"""What can go wrong in a run, place by place: every fault that would befall something
that really happens in it.

Each fault is anchored to an event by what happens there ("p1's second Vote"), not by
its time, so that it keeps its meaning when another fault is added before it. A reader
chooses among them with his own hands; `ftlib.checking.fewest.least` tries all of them,
then all pairs, and so on, until something breaks.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ftlib.simulation import (
    Crash,
    Cut,
    Duplicate,
    Event,
    Heal,
    Hold,
    Lose,
    Partition,
    Point,
    Recover,
    Slow,
    Trace,
)

__all__ = ["OFFERED", "Offer", "kind_of", "offers"]

OFFERED = ("lose", "double", "hold", "crash", "recover", "wipe", "slow", "cut")
HANDLED = ("deliver", "timer", "recover")  # what begins a handler
BACK = 0.2  # seconds
DONE = (*HANDLED, "send", "write", "force")  # what a crash can come after


@dataclass(frozen=True, slots=True)
class Offer:
    """A fault that would take effect in a run.

    Attributes
    ----------
    event : int
        The index in the trace of the event that it befalls, or comes right after.
    fault : object
        As it goes into a `Schedule`.
    """

    event: int
    fault: Any


def offers(
    trace: Trace,
    kinds: Iterable[str] = OFFERED,
    by: float = 1.0,
    at: Callable[[Event], bool] = lambda event: True,
) -> tuple[Offer, ...]:
    """List what can go wrong in a run, in its order.

    Parameters
    ----------
    trace : Trace
        A run, with the faults that it has already.
    kinds : iterable of str
        Some of `OFFERED`. "lose", "double" and "hold" befall a message; a message is
        held, and a second copy of it comes, until something later happens at its
        receiver. "crash" comes right after something that a node does, with none, some
        or all of its unforced writes kept; "recover" after something that happens
        while the node is down, or 0.2 s after its crash, and "wipe" then with an empty
        disk. "slow" makes a node handle everything `by` seconds late from then on.
        "cut" separates a node from all others, or one from another in one direction,
        or heals all that.
    by : float
        Seconds.
    at : callable
        At which events something can go wrong; by default at all of them.

    Returns
    -------
    tuple of Offer

    Raises
    ------
    ValueError
        If a kind is none of `OFFERED`.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> from ftlib.transactions.bank import bank
    >>> found = offers(Cluster(bank("y")).run(until=4), ["lose"])
    >>> found[0].fault
    Lose(message='Prepare', sender='coordinator', receiver='p1')
    """
    kinds = tuple(kinds)
    for kind in kinds:
        if kind not in OFFERED:
            raise ValueError(f"no kind {kind!r}: choose from {', '.join(OFFERED)}")
    found: list[Offer] = []
    seen = _Seen(trace)
    for event in trace:
        point = seen.take(event)
        for kind in kinds if at(event) else ():
            for fault in getattr(seen, kind)(event, point, trace, by):
                found.append(Offer(event.index, fault))
    return tuple(found)


def kind_of(fault: Any) -> str:
    """Return to which of the kinds `OFFERED` a fault belongs, or "" for none.

    Examples
    --------
    >>> kind_of(Lose("Vote")), kind_of(Heal(at=1.0))
    ('lose', 'cut')
    """
    match fault:
        case Recover(disk=disk):
            return "wipe" if disk == "wiped" else "recover"
        case Partition() | Cut() | Heal():
            return "cut"
        case Duplicate():
            return "double"
        case Lose() | Hold() | Crash() | Slow():
            return type(fault).__name__.lower()
    return ""


class _Seen:
    """A run so far: how often what has happened, who is down, what is not forced."""

    def __init__(self, trace: Trace) -> None:
        # without those that are under way when the run ends
        self.ended = {event.ref for event in trace.where(kind=("deliver", "drop"))}
        self.points: Counter[tuple[str, str, str | None]] = Counter()
        self.messages: Counter[tuple[str, str, str | None]] = Counter()
        self.unforced: Counter[str] = Counter()
        self.crashes: dict[str, Point] = {}  # of those that are down
        self.apart = False

    def take(self, event: Event) -> Point | None:
        """See one event, and return the point that it is."""
        if event.kind == "fault":
            self.apart = not isinstance(event.what, Heal) and (
                self.apart or isinstance(event.what, Cut | Partition)
            )
            return None
        name = called(event.kind, event.what, event.other)
        what = event.node, event.kind, name
        self.points[what] += 1
        point = Point(*what, nth=self.points[what])
        match event.kind:
            case "send":
                self.messages[_message(event)] += 1
            case "write":
                self.unforced[event.node] += 1
            case "force":
                self.unforced[event.node] = 0
            case "crash":
                self.unforced[event.node] = 0
                self.crashes[event.node] = point
            case "recover":
                self.crashes.pop(event.node, None)
        return point

    def _the(self, event: Event) -> dict[str, Any]:
        """Name the message just sent."""
        message, sender, receiver = _message(event)
        nth = self.messages[message, sender, receiver]
        return {"message": message, "sender": sender, "receiver": receiver, "nth": nth}

    def lose(self, event: Event, *_: Any) -> Iterator[Any]:
        """The message never arrives."""
        if event.kind == "send" and event.ref in self.ended:
            yield Lose(**self._the(event))

    def double(self, event: Event, _: Any, trace: Trace, by: float) -> Iterator[Any]:
        """It comes once more, at once or after something later."""
        if event.kind == "send" and event.ref in self.ended:
            yield Duplicate(**self._the(event))
            for point in _later(event, trace):
                yield Duplicate(**self._the(event), until=point)

    def hold(self, event: Event, _: Any, trace: Trace, by: float) -> Iterator[Any]:
        """It comes after something later."""
        if event.kind == "send":
            for point in _later(event, trace):
                yield Hold(**self._the(event), until=point)

    def crash(
        self, event: Event, point: Point | None, trace: Trace, by: float
    ) -> Iterator[Any]:
        """The node stops right there, if it does not anyway."""
        after = trace[event.index + 1 : event.index + 2]
        if event.kind in DONE and not after.where(kind="crash", node=event.node):
            for keeps in range(self.unforced[event.node] + 1):
                yield Crash(event.node, at=point, keeps=keeps)

    def recover(self, event: Event, point: Point | None, *_: Any) -> Iterator[Any]:
        """A node that is down comes back."""
        if event.kind == "crash" and point is not None:
            yield Recover(event.node, at=replace(point, later=BACK))
        elif event.kind in HANDLED:
            for node in self.crashes:
                yield Recover(node, at=point)

    def wipe(self, event: Event, point: Point | None, *_: Any) -> Iterator[Any]:
        """It comes back, and its disk is a new one."""
        if event.kind == "crash" and point is not None:
            yield Recover(event.node, at=replace(point, later=BACK), disk="wiped")

    def slow(
        self, event: Event, point: Point | None, _: Any, by: float
    ) -> Iterator[Any]:
        """From then on the node is slow."""
        if event.kind in HANDLED and point is not None:
            yield Slow(event.node, by=by, at=point)

    def cut(self, event: Event, point: Point | None, *_: Any) -> Iterator[Any]:
        """A node is cut off, or a link is; or all is healed."""
        if point is None:
            return
        if event.kind in HANDLED:
            yield Partition(((event.node,),), at=point)
            if self.apart:
                yield Heal(at=point)
        elif event.kind == "send":
            assert event.other is not None
            yield Cut(event.node, event.other, at=point)


def called(kind: str, what: Any, other: str | None) -> str | None:
    """What a `Point` calls an event: the type of its message or fact, else the disk key
    or the timer.
    """
    typed = kind in ("send", "deliver", "drop", "fact")
    return type(what).__name__ if typed else other


def _message(event: Event) -> tuple[str, str, str | None]:
    return type(event.what).__name__, event.node, event.other


def _later(sent: Event, trace: Trace) -> Iterator[Point]:
    """What the receiver handles after a message has come."""
    counts: Counter[tuple[str, str | None]] = Counter()
    come = False
    for event in trace.where(kind=HANDLED, node=sent.other):
        named = (event.kind, called(event.kind, event.what, event.other))
        counts[named] += 1
        if come:
            yield Point(event.node, *named, nth=counts[named])
        come |= event.kind == "deliver" and event.ref == sent.ref
