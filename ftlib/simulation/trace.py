"""The trace: everything that happened in a run, in order, and nothing that did not.

Pictures, checks, measurements and the numbers in the prose read the trace and nothing
else. It is kept as plain tuples, because a run may have a million of them; an `Event`
is made when somebody looks.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, overload

from ftlib.simulation.chance import MICROSECOND
from ftlib.simulation.codec import decode, encode, vocabulary
from ftlib.simulation.faults import EVENTS
from ftlib.simulation.values import show

__all__ = ["Event", "Trace"]

KINDS = (*EVENTS, "fault")
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
        return "  ".join(part.strip() for part in _columns(self) if part)


def _columns(event: Event) -> tuple[str, str, str, str, str]:
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


class Trace(Sequence[Event]):
    """An immutable sequence of events.

    Indexing with a number gives an `Event`, with a slice a shorter `Trace` whose events
    keep their index. ``print(trace)`` writes aligned columns; `to_json` and `from_json`
    keep it.

    Parameters
    ----------
    records : sequence of tuples
        As a cluster writes them. The sequence may grow later, never change; the trace
        sees the first `length` of it.
    nodes : iterable of str
        The nodes of the cluster, in its order.
    start, length : int
        Which part of the records it shows; all by default.

    Raises
    ------
    IndexError
        If an index is out of range.
    ValueError
        If a slice has a step.

    Examples
    --------
    >>> trace = Trace(
    ...     [
    ...         (0, "crash", "a", None, None, None),
    ...         (500_000, "recover", "a", None, "kept", None),
    ...     ]
    ... )
    >>> print(trace)
    0.000000  a  crash
    0.500000  a  recover    disk kept
    >>> trace[1].time, trace[:1]
    (0.5, <Trace of 1 events at a, until 0 s>)
    """

    __slots__ = ("_length", "_records", "_start", "nodes")

    def __init__(
        self,
        records: Sequence[Record],
        nodes: Iterable[str] = (),
        start: int = 0,
        length: int | None = None,
    ) -> None:
        self._records = records
        self._start = start
        self._length = len(records) - start if length is None else length
        self.nodes = tuple(nodes) or tuple(
            dict.fromkeys(record[2] for record in records if record[2])
        )

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> "Trace": ...
    def __getitem__(self, index: int | slice) -> "Event | Trace":
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length)
            if step != 1:
                raise ValueError(
                    f"a trace can be cut but not thinned out: step is {step}, it must"
                    " be 1"
                )
            return Trace(
                self._records, self.nodes, self._start + start, max(0, stop - start)
            )
        if not -self._length <= index < self._length:
            raise IndexError(f"event {index} of a trace of {self._length}")
        return self._event(self._start + index % self._length)

    def __iter__(self) -> Iterator[Event]:
        return map(self._event, range(self._start, self._start + self._length))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Trace)
            and self.nodes == other.nodes
            and self.records == other.records
        )

    __hash__ = None  # type: ignore[assignment]

    def _event(self, index: int) -> Event:
        time, kind, node, other, what, ref = self._records[index]
        reason = ""
        if kind == "drop":
            what, reason = what
        elif kind == "timer":
            what = what / MICROSECOND
        return Event(index, time / MICROSECOND, kind, node, other, what, ref, reason)

    @property
    def records(self) -> tuple[Record, ...]:
        """The plain tuples behind the events: time in microseconds, kind, node, other,
        what, ref.
        """
        return tuple(self._records[self._start : self._start + self._length])

    @property
    def end(self) -> float:
        """The time of the last event, in seconds; 0 if there is none."""
        return (
            self._records[self._start + self._length - 1][0] / MICROSECOND
            if self._length
            else 0.0
        )

    def where(
        self,
        *,
        kind: str | tuple[str, ...] | None = None,
        node: str | None = None,
        what: type | tuple[type, ...] | None = None,
        since: float = 0.0,
        until: float = inf,
    ) -> tuple[Event, ...]:
        """Return the events that fit everything that is named.

        Parameters
        ----------
        kind : str or tuple of str, optional
            Kinds of event.
        node : str, optional
            Where it happened.
        what : type or tuple of types, optional
            The type of the message, fact or operation.
        since, until : float
            Virtual seconds, both ends included.

        Returns
        -------
        tuple of Event
            In the order of the trace.

        Examples
        --------
        >>> trace = Trace(
        ...     [(tick * 500_000, "timer", "a", "tick", 0, None) for tick in range(9)]
        ... )
        >>> [event.time for event in trace.where(kind="timer", since=1.0, until=2.0)]
        [1.0, 1.5, 2.0]
        """
        kinds = (kind,) if isinstance(kind, str) else kind
        first, last = (
            round(bound * MICROSECOND) if abs(bound) < inf else bound
            for bound in (since, until)
        )
        return tuple(
            self._event(index)
            for index, record in enumerate(
                self._records[self._start : self._start + self._length], self._start
            )
            if (kinds is None or record[1] in kinds)
            and (node is None or record[2] == node)
            and (what is None or isinstance(subject(record), what))
            and first <= record[0] <= last
        )

    def facts(
        self, what: type | tuple[type, ...] | None = None, node: str | None = None
    ) -> tuple[Event, ...]:
        """Return the facts, those of one type or of one node where that is asked."""
        return self.where(kind="fact", node=node, what=what)

    def counts(self, kind: str = "send") -> Counter[str]:
        """Count events of one kind by the type of their message, fact or operation.

        Returns
        -------
        collections.Counter
            From the name of the type to how often it occurs.

        Examples
        --------
        >>> Trace([(0, "recover", "a", None, "kept", None)]).counts("recover")
        Counter({'str': 1})
        """
        return Counter(
            type(subject(record)).__name__
            for record in self.records
            if record[1] == kind
        )

    def __str__(self) -> str:
        rows = [_columns(event) for event in self]
        widths = [
            max((len(row[column]) for row in rows), default=0) for column in range(4)
        ]
        padded = (
            [part.ljust(width) for part, width in zip(row, widths, strict=False)]
            for row in rows
        )
        return "\n".join(
            "  ".join([*parts, row[4]]).rstrip()
            for parts, row in zip(padded, rows, strict=True)
        )

    def __repr__(self) -> str:
        return (
            f"<Trace of {self._length} events at {', '.join(self.nodes)}, until"
            f" {self.end:g} s>"
        )

    # To text and back -----------------------------------------------------------------

    def to_json(self) -> str:
        """Write the trace as JSON, the same bytes for the same trace."""
        events = [
            [time, kind, node, other, encode(what), ref]
            for time, kind, node, other, what, ref in self.records
        ]
        return json.dumps(
            {"version": 1, "nodes": self.nodes, "events": events},
            separators=(",", ":"),
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str, types: Iterable[type]) -> "Trace":
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str
        types : iterable of type
            The dataclasses and enumerations that occur in it: a protocol's `MESSAGES`
            and `FACTS`, and what they hold.

        Raises
        ------
        ValueError
            If the text is no trace of this version, or names a type that is not among
            `types`.
        """
        known = vocabulary(types)
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("version") != 1:
            raise ValueError(
                "this text is no trace of version 1: write one with Trace.to_json"
            )
        records = [
            (time, kind, node, other, decode(what, known), ref)
            for time, kind, node, other, what, ref in data["events"]
        ]
        return cls(records, data["nodes"])
