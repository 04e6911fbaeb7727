"""An event: one thing that happened, as a run of the simulator knows it, and as
exploration does.
"""

from dataclasses import dataclass
from typing import Any

from ftlib.simulation.faults import EVENTS
from ftlib.simulation.values import show

__all__ = [
    "HIDDEN",
    "KINDS",
    "Event",
    "Record",
    "Unseen",
    "Untimed",
    "columns",
    "subject",
]

KINDS = (*EVENTS, "fault")
HIDDEN = object()  # stands for what exploration does not know
Record = tuple[int, str, str, str | None, Any, int | str | None]


def subject(record: Record) -> Any:
    """Return what a record is about: the message of a drop, the operation of a return,
    else what stands there.
    """
    return record[4][0] if record[1] in ("drop", "return") else record[4]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes
    ----------
    index : int
        Its place in the trace, 0 for the first.
    time : float
        Virtual seconds.
    kind : str
        "send", "deliver", "drop", "timer", "write", "force", "crash", "recover",
        "fact", "call", "return", or "fault" for what befalls the network or a clock.
    node : str
        Where it happened. A drop happens at the receiver, when the message would
        arrive. Empty for a fault.
    other : str or None
        The other end of a message; the disk key of a write; the name of a timer.
    what : object
        The message, the fact, the value written, the operation called, (operation,
        result) returned, the fault; for a timer, the time in seconds at which it was
        set; for a recovery, "kept" or "wiped".
    ref : int, str or None
        For send, deliver and drop, the number of the message: copies share it. For call
        and return, the number of the call. For a write, "append" where it appends.
    reason : str
        Why a message was dropped: "lost", "link is cut", "receiver is down", or
        "receiver crashed" while the message waited for it. Else empty.
    """

    index: int
    time: float
    kind: str
    node: str
    other: str | None
    what: Any
    ref: int | str | None
    reason: str = ""

    def __str__(self) -> str:
        return "  ".join(part.strip() for part in columns(self) if part)


def columns(event: Event) -> tuple[str, str, str, str, str]:
    """Write an event as time, node, kind, the other end, and what happened."""
    what = show(event.what)
    match event.kind:
        case "send":
            other = f"-> {event.other}"
        case "deliver":
            other = f"<- {event.other}"
        case "drop":
            other, what = f"<- {event.other}", f"{what}  ({event.reason})"
        case "timer":
            other, what = event.other or "", f"set at {event.what:.6f}"
        case "write":
            other, what = (
                event.other or "",
                (f"+= {what}" if event.ref == "append" else what),
            )
        case "recover":
            other, what = "", f"disk {event.what}"
        case "return":
            other, what = "", " = ".join(map(show, event.what))
        case "force" | "crash":
            other = what = ""
        case _:
            other = ""
    return f"{event.time:.6f}", event.node, event.kind, other, what


class Unseen(Exception):  # noqa: N818 - it names what is missing, not the accident
    """A property has read what it is not shown: a time under exploration, events of a
    kind that it does not name.
    """


class _Hidden:
    """An attribute of an event that exploration does not know."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, event: Any, kind: type | None = None) -> Any:
        raise Unseen(
            f"event.{self.name} is read of a {event.kind!r} under exploration, which"
            " knows no times, places in the run or numbers of messages: judge by the"
            " order of the events, or search with ftlib.checking.find"
        )


class _SetAt:
    """Stands for the time at which a timer was set: nothing can be done with it."""

    __slots__ = ()

    def _refuse(self, *_: object) -> Any:
        raise Unseen("event.what of a timer is read under exploration: a time")

    __eq__ = __hash__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __float__ = __bool__ = _refuse

    def __repr__(self) -> str:
        return "(some time)"


SET_AT = _SetAt()
SLOTS: dict[str, Any] = dict(vars(Event))  # where an event keeps what it holds


class Untimed(Event):
    """An event of exploration: what is not known there raises `Unseen` when it is read.

    Known are kind, node, other, what (but not when a timer was set), reason; the order
    of the events; and the number of a call, to a rule that is shown the calls.
    """

    __slots__ = ()

    index = _Hidden("index")
    time = _Hidden("time")

    @classmethod
    def of(
        cls, kind: str, node: str, other: str | None, what: Any, ref: Any, reason: str
    ) -> "Untimed":
        """Make one; `Event` would set what is hidden."""
        event = object.__new__(cls)
        names = ("kind", "node", "other", "what", "ref", "reason")
        what = SET_AT if kind == "timer" else what
        given = (kind, node, other, what, ref, reason)
        for name, value in zip(names, given, strict=True):
            SLOTS[name].__set__(event, value)
        return event

    @property
    def ref(self) -> Any:
        """As in `Event`, where it is known."""
        ref = SLOTS["ref"].__get__(self)
        if ref is HIDDEN:
            _Hidden("ref").__get__(self)
        return ref

    @property
    def parts(self) -> tuple[Any, ...]:
        """All that is known of it."""
        what = None if self.kind == "timer" else self.what
        ref = SLOTS["ref"].__get__(self)
        return self.kind, self.node, self.other, what, ref, self.reason

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Untimed) and self.parts == other.parts

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        kind, node, other, what, _, reason = self.parts
        what = 0.0 if kind == "timer" else what
        shown = Event(0, 0.0, kind, node, other, what, None, reason)
        return "  ".join(part.strip() for part in columns(shown)[1:] if part)

    __repr__ = __str__
