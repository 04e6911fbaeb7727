"""A history: what clients called, when, and what came back; no more is needed to judge
a service from outside.

An operation is a pair of events at one process, its invocation and its response, with
an interval between them in which it takes effect (Herlihy and Wing 1990, section 2). An
operation that never returned is *pending*: it may have taken effect, may still do so,
or never will. That is what a client knows after a time-out.
"""

import enum
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf, isfinite
from numbers import Real
from typing import Any, Union, overload

from ftlib.simulation.codec import decode, encode, vocabulary
from ftlib.simulation.trace import Trace
from ftlib.simulation.values import show

__all__ = ["UNKNOWN", "History", "NoResult", "Operation", "clock", "words"]


class NoResult(enum.Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = (
    NoResult.UNKNOWN
)  # the result that a model is shown for an operation whose result nobody knows


def words(call: Any) -> str:
    """Write a call as it is said: its name, then its arguments.

    Examples
    --------
    >>> words(("put", "x", 1))
    "put 'x' 1"
    """
    if isinstance(call, (tuple, list)) and call and isinstance(call[0], str):
        return " ".join([call[0], *map(show, call[1:])])
    return show(call)


def clock(time: float) -> str:
    """Write a time: a large one, such as nanoseconds or seconds since 1970, with all
    its digits.

    Examples
    --------
    >>> clock(2.0), clock(0.123456789), clock(1474390000123456789)
    ('2', '0.123457', '1474390000123456789')
    """
    return f"{float(time):g}" if abs(time) < 1e6 else str(time)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one process, and what came back.

    Parameters
    ----------
    process : hashable
        Who called. A process calls one operation at a time.
    call : tuple
        The operation and its arguments, such as ``("write", 1)``.
    result : object
        What came back. Of a pending operation it is ignored.
    invoked : float
        When it was called, in any unit.
    returned : float or None
        When it came back; None if it is pending.

    Raises
    ------
    ValueError
        If a time is not a finite number, or it returned before it was invoked.

    Examples
    --------
    >>> print(Operation("a", ("read",), 1, 2.0, 3.5))
    a: read -> 1 (2 to 3.5)
    >>> print(Operation("b", ("write", 2), None, 2.5, None))
    b: write 2 (from 2.5 on, pending)
    """

    process: Any
    call: Any
    result: Any
    invoked: float
    returned: float | None

    def __post_init__(self) -> None:
        for name, time in (
            ("invoked", self.invoked),
            ("returned", 0 if self.returned is None else self.returned),
        ):
            if (
                isinstance(time, bool)
                or not isinstance(time, Real)
                or not isfinite(time)
            ):
                raise ValueError(
                    f"{name}, of {words(self.call)} by {self.process!r}, is {time!r}:"
                    " give a time, a finite number"
                )
        if self.returned is not None and self.returned < self.invoked:
            raise ValueError(
                f"{words(self.call)} by {self.process!r} returned at {self.returned!r},"
                f" before it was invoked at {self.invoked!r}: give invoked <= returned,"
                " or returned=None if it is pending"
            )

    @property
    def pending(self) -> bool:
        """Whether it never returned."""
        return self.returned is None

    @property
    def words(self) -> str:
        """The call and its result, without who and when."""
        told = words(self.call)
        return (
            told
            if self.pending or (self.result is None and not _asks(self.call))
            else f"{told} -> {show(self.result)}"
        )

    def __str__(self) -> str:
        since = clock(self.invoked)
        when = (
            f"from {since} on, pending"
            if self.returned is None
            else f"{since} to {clock(self.returned)}"
        )
        return f"{self.process}: {self.words} ({when})"


def _asks(call: Any) -> bool:
    """Whether a result None says something: a write has none, a read has found
    nothing.
    """
    return (
        isinstance(call, (tuple, list))
        and bool(call)
        and call[0] in ("read", "get", "dequeue")
    )


@dataclass(frozen=True, init=False, repr=False)
class History:
    """Operations in the order of their invocation.

    It can be counted, indexed, cut and iterated over. ``print(history)`` writes a
    table; its `repr` is Python that makes it again; `to_json` and `from_json` keep it.

    Parameters
    ----------
    operations : iterable of Operation
        In any order. An operation that is known to have failed without effect is left
        out.
    key : object, optional
        What these operations are about, where a model judges keys apart.

    Raises
    ------
    TypeError
        If an item is no `Operation`, or a process cannot be hashed.
    ValueError
        If a process calls an operation before its last one has returned: also after a
        pending one. A client that goes on after a time-out is a new process and needs a
        new name, as in Jepsen. Returning and calling at the same time is no overlap.

    Examples
    --------
    >>> history = History(
    ...     [
    ...         Operation("b", ("read",), 1, 0.5, 2),
    ...         Operation("a", ("write", 1), None, 0, 1),
    ...     ]
    ... )
    >>> print(history)
    a  write 1      0  1
    b  read -> 1  0.5  2
    >>> history.processes
    ('a', 'b')
    """

    operations: tuple[Operation, ...]
    key: Any = field(default=None, compare=False)

    def __init__(
        self, operations: Iterable[Operation] = (), *, key: Any = None
    ) -> None:
        if isinstance(operations, Trace):
            raise TypeError(
                "this is a Trace: make a history of it with History.from_trace"
            )
        given = tuple(operations)
        for number, item in enumerate(given):
            if not isinstance(item, Operation):
                raise TypeError(
                    f"item {number} of the history is {item!r}, a"
                    f" {type(item).__name__}: give Operation(process, call, result,"
                    " invoked, returned)"
                )
        given = tuple(
            sorted(
                given,
                key=lambda one: (
                    one.invoked,
                    inf if one.returned is None else one.returned,
                ),
            )
        )
        last: dict[Any, Operation] = {}
        for operation in given:
            try:
                before = last.get(operation.process)
            except TypeError:
                raise TypeError(
                    f"process {operation.process!r} cannot be hashed: name processes by"
                    " numbers or texts"
                ) from None
            if before is not None and (
                before.returned is None or before.returned > operation.invoked
            ):
                raise ValueError(
                    f"process {operation.process!r} overlaps with itself: {before},"
                    f" {operation}; a process calls one operation at a time, and one"
                    " that goes on after a pending operation needs another name"
                )
            last[operation.process] = operation
        object.__setattr__(self, "operations", given)
        object.__setattr__(self, "key", key)

    def __len__(self) -> int:
        return len(self.operations)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    @overload
    def __getitem__(self, index: int) -> Operation: ...
    @overload
    def __getitem__(self, index: slice) -> "History": ...
    def __getitem__(self, index: int | slice) -> Union[Operation, "History"]:
        found = self.operations[index]
        return found if isinstance(found, Operation) else History(found, key=self.key)

    @property
    def processes(self) -> tuple[Any, ...]:
        """The processes, in the order in which they first call."""
        return tuple(dict.fromkeys(operation.process for operation in self.operations))

    def split(self, key: Callable[[Operation], Any]) -> list["History"]:
        """Cut the history into one for each key, in the order in which the keys first
        occur.

        Examples
        --------
        >>> history = History(
        ...     [
        ...         Operation("a", ("put", "x", 1), None, 0, 1),
        ...         Operation("a", ("get", "y"), "", 2, 3),
        ...     ]
        ... )
        >>> [part.key for part in history.split(lambda operation: operation.call[1])]
        ['x', 'y']
        """
        parts: dict[Any, list[Operation]] = {}
        for operation in self.operations:
            name = key(operation)
            try:
                parts.setdefault(name, []).append(operation)
            except TypeError:
                raise TypeError(
                    f"key {name!r}, of {operation}, cannot be hashed: use numbers,"
                    " texts or tuples of them"
                ) from None
        return [History(part, key=name) for name, part in parts.items()]

    @classmethod
    def from_trace(cls, trace: Trace) -> "History":
        """Read a history off the calls and returns in a trace.

        A call that never returned is pending. What a node calls while another call of
        its own is pending is a process of its own, ``"c#2"`` for node ``"c"``: a client
        that crashed, or gave up waiting, does not know whether its call is still to
        take effect. Times are virtual seconds.

        Parameters
        ----------
        trace : Trace

        Raises
        ------
        ValueError
            If a return has no call, as in the later part of a trace that was cut.

        Examples
        --------
        >>> calls = [
        ...     (0, "call", "c", None, ("write", 1), 1),
        ...     (5, "crash", "c", None, None, None),
        ... ]
        >>> after = [
        ...     (9, "call", "c", None, ("read",), 2),
        ...     (12, "return", "c", None, (("read",), 1), 2),
        ... ]
        >>> print(History.from_trace(Trace(calls + after)))
        c    write 1        0  pending
        c#2  read -> 1  9e-06  1.2e-05
        """
        operations: dict[Any, Operation] = {}  # by the number of the call
        busy: dict[
            str, dict[str, Any]
        ] = {}  # of a node: its processes, and what each is waiting for
        for event in trace.where(kind=("call", "return")):
            if event.kind == "call":
                calls = busy.setdefault(event.node, {})
                number = 1
                while (
                    calls.get(
                        process := (
                            event.node if number == 1 else f"{event.node}#{number}"
                        )
                    )
                    is not None
                ):
                    number += 1
                calls[process] = event.ref
                operations[event.ref] = Operation(
                    process, event.what, UNKNOWN, event.time, None
                )
                continue
            if event.ref not in operations:
                raise ValueError(
                    f"{event} has no call in this trace: give the whole trace, not the"
                    " end of it"
                )
            started = operations[event.ref]
            busy[event.node][started.process] = None
            operations[event.ref] = Operation(
                started.process,
                started.call,
                event.what[1],
                started.invoked,
                event.time,
            )
        return cls(operations.values())

    def __repr__(self) -> str:
        key = "" if self.key is None else f", key={self.key!r}"
        return f"History([{', '.join(map(repr, self.operations))}]{key})"

    def __str__(self) -> str:
        if not self.operations:
            return "no operations"
        rows = [
            (
                str(one.process),
                one.words,
                clock(one.invoked),
                "pending" if one.returned is None else clock(one.returned),
            )
            for one in self.operations
        ]
        wide = [max(len(row[column]) for row in rows) for column in range(3)]
        return "\n".join(
            f"{who:<{wide[0]}}  {what:<{wide[1]}}  {since:>{wide[2]}}  {until}"
            for who, what, since, until in rows
        )

    def to_json(self) -> str:
        """Write the history as JSON, the same bytes for the same history."""
        rows = [
            [
                *map(encode, (one.process, one.call, one.result)),
                one.invoked,
                one.returned,
            ]
            for one in self.operations
        ]
        kept = {"version": 1, "key": encode(self.key), "operations": rows}
        return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, types: Iterable[type] = ()) -> "History":
        """Read what `to_json` wrote; `types` are the dataclasses and enumerations that
        occur in calls and results.

        Raises
        ------
        ValueError
            If the text is no history of this version, or names a type that is not among
            `types`.

        Examples
        --------
        >>> history = History([Operation("a", ("write", (1, 2)), None, 0, 1)])
        >>> History.from_json(history.to_json()) == history
        True
        """
        known = vocabulary([NoResult, *types])
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("version") != 1:
            raise ValueError(
                "this text is no history of version 1: write one with History.to_json"
            )
        rows = (
            (*(decode(part, known) for part in row[:3]), *row[3:])
            for row in data["operations"]
        )
        return cls((Operation(*row) for row in rows), key=decode(data["key"], known))
