"""The trace: everything that happened in a run, in order, and nothing that did not.

Pictures, checks, measurements and the numbers in the prose read the trace and nothing
else. It is kept as plain tuples, because a run may have a million of them; an `Event`
is made when somebody looks.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import Any, overload

from ftlib.simulation.chance import MICROSECOND
from ftlib.simulation.codec import decode, encode, vocabulary
from ftlib.simulation.event import (
    KINDS,
    Event,
    Record,
    Unseen,
    Untimed,
    columns,
    subject,
)

__all__ = ["Trace"]


def _not_shown(kind: str, kinds: tuple[str, ...]) -> str:
    if kind not in KINDS:
        return f"there are no events of kind {kind!r}: choose from {', '.join(KINDS)}"
    return (
        f"this trace shows events of kind {', '.join(map(repr, kinds))} only, not"
        f" {kind!r}: name all kinds that a property looks at among its kinds"
    )


class Trace(Sequence[Event]):
    """An immutable sequence of events.

    Indexing with a number gives an `Event`, with a slice a shorter `Trace` whose events
    keep their index. ``print(trace)`` writes aligned columns; `to_json` and `from_json`
    keep it.

    Parameters
    ----------
    records : sequence of tuples
        As a cluster writes them. The sequence may grow later, never change; the trace
        sees what is there now.
    nodes : iterable of str
        The nodes of the cluster, in its order.

    Attributes
    ----------
    kinds : tuple of str
        The kinds of event that it shows; all, unless it was made by `only`.
    timed : bool
        Whether its events have times. Those of exploration have none.

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

    __slots__ = ("_places", "_records", "kinds", "nodes", "timed")

    def __init__(self, records: Sequence[Record], nodes: Iterable[str] = ()) -> None:
        self._records = records
        self._places: Sequence[int] = range(len(records))  # those that it shows
        self.nodes = tuple(nodes) or tuple(
            dict.fromkeys(record[2] for record in records if record[2])
        )
        self.kinds: tuple[str, ...] = KINDS
        self.timed = True

    def _showing(
        self, places: Sequence[int], kinds: tuple[str, ...], timed: bool
    ) -> "Trace":
        trace = object.__new__(Trace)
        trace._records, trace.nodes = self._records, self.nodes
        trace._places, trace.kinds, trace.timed = places, kinds, timed
        return trace

    def only(self, kinds: Iterable[str]) -> "Trace":
        """Return the events of some kinds. Asking the result for others raises
        `Unseen`.

        Examples
        --------
        >>> trace = Trace([(0, "crash", "a", None, None, None)])
        >>> trace.only(("fact",)).where(kind="crash")
        Traceback (most recent call last):
            ...
        ftlib.simulation.event.Unseen: this trace shows events of kind 'fact' only, \
not 'crash': name all kinds that a property looks at among its kinds
        """
        kinds = tuple(kinds)
        places = [place for place in self._places if self._records[place][1] in kinds]
        return self._showing(places, kinds, self.timed)

    def untimed(self) -> "Trace":
        """Return the same events as exploration knows them, without times."""
        return self._showing(self._places, self.kinds, False)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> "Trace": ...
    def __getitem__(self, index: int | slice) -> "Event | Trace":
        if isinstance(index, slice):
            if index.step not in (None, 1):
                raise ValueError(
                    "a trace can be cut but not thinned out: step is"
                    f" {index.step}, it must be 1"
                )
            return self._showing(self._places[index], self.kinds, self.timed)
        try:
            return self._event(self._places[index])
        except IndexError:
            raise IndexError(f"event {index} of a trace of {len(self)}") from None

    def __iter__(self) -> Iterator[Event]:
        return map(self._event, self._places)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Trace)
            and self.nodes == other.nodes
            and self.records == other.records
        )

    __hash__ = None  # type: ignore[assignment]

    def _event(self, place: int) -> Event:
        time, kind, node, other, what, ref = self._records[place]
        reason = ""
        if kind == "drop":
            what, reason = what
        if not self.timed:
            return Untimed.of(kind, node, other, what, ref, reason)
        if kind == "timer":
            what = what / MICROSECOND
        return Event(place, time / MICROSECOND, kind, node, other, what, ref, reason)

    @property
    def records(self) -> tuple[Record, ...]:
        """The plain tuples behind the events: time in microseconds, kind, node, other,
        what, ref.
        """
        places = self._places
        if isinstance(places, range):
            return tuple(self._records[places.start : places.stop])
        return tuple([self._records[place] for place in places])

    @property
    def end(self) -> float:
        """The time of the last event, in seconds; 0 if there is none."""
        self._must_be_timed("trace.end")
        return self._records[self._places[-1]][0] / MICROSECOND if self._places else 0.0

    def _must_be_timed(self, what: str) -> None:
        if not self.timed:
            raise Unseen(f"{what} is read under exploration, which knows no times")

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
        for asked in kinds or ():
            if asked not in self.kinds:
                raise Unseen(_not_shown(asked, self.kinds))
        if (since, until) != (0.0, inf):
            self._must_be_timed("a time")
        first, last = (
            round(bound * MICROSECOND) if abs(bound) < inf else bound
            for bound in (since, until)
        )
        return tuple(
            self._event(place)
            for place, record in zip(self._places, self.records, strict=True)
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
        rows = [columns(event) for event in self]
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
        end = f", until {self.end:g} s" if self.timed else ""
        return f"<Trace of {len(self)} events at {', '.join(self.nodes)}{end}>"

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
            If the text is no trace of this version, whatever else it is, or names a
            type that is not among `types`.
        """
        known = vocabulary(types)
        try:
            data = json.loads(text)
            if not isinstance(data, dict) or data.get("version") != 1:
                raise ValueError(
                    "it is none of version 1, as Trace.to_json writes them"
                )
            nodes, before = tuple(data["nodes"]), 0
            if not all(isinstance(node, str) and node for node in nodes):
                raise ValueError(f"the nodes are {nodes!r}: names are needed")
            records = []
            for event in data["events"]:
                records.append(_record(event, nodes, before, known))
                before = records[-1][0]
        except (ValueError, TypeError, KeyError, RecursionError, MemoryError) as error:
            words = str(error) or type(error).__name__
            raise ValueError(f"this text is no trace: {words}") from error
        return cls(records, nodes)


def _record(
    event: Any, nodes: tuple[str, ...], before: int, types: Mapping[str, type]
) -> Record:
    """Read an event of a trace in JSON, not earlier than the one before it."""
    time, kind, node, other, what, ref = event
    what = decode(what, types)
    good = {
        "drop": type(what) is tuple and len(what) == 2 and isinstance(what[1], str),
        "timer": type(what) is int,
        "recover": what in ("kept", "wiped"),
        "return": type(what) is tuple and len(what) == 2,
    }
    wrong = (
        (type(time) is not int or time < before, "time", time),
        (kind not in KINDS, "kind", kind),
        (node not in nodes and (kind, node) != ("fault", ""), "node", node),
        (other is not None and not isinstance(other, str), "other", other),
        (not good.get(kind, True), "what", what),
        (not isinstance(ref, str | None) and type(ref) is not int, "ref", ref),
    )
    for bad, name, value in wrong:
        if bad:
            raise ValueError(f"{name} is {value!r} in the event {event!r}")
    return time, kind, node, other, what, ref
