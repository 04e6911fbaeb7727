"""A history: what clients called, when, and what came back; no more is needed to judge
a service from outside.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from math import inf
from typing import Any, Union, overload

from ftlib.checking.operation import UNKNOWN, NoResult, Operation, brief, clock
from ftlib.simulation.codec import decode, encode, vocabulary
from ftlib.simulation.event import Event
from ftlib.simulation.freezing import exact
from ftlib.simulation.trace import Trace
from ftlib.simulation.values import show

__all__ = ["History"]


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
                hash(operation.process)
            except TypeError:
                raise TypeError(
                    f"process {operation.process!r} cannot be hashed: name processes by"
                    " numbers or texts"
                ) from None
            name = exact(operation.process)
            before = last.get(name)
            if before is not None and (
                before.returned is None or before.returned > operation.invoked
            ):
                raise ValueError(
                    f"process {operation.process!r} overlaps with itself: {before},"
                    f" {operation}; a process calls one operation at a time, and one"
                    " that goes on after a pending operation needs another name"
                )
            last[name] = operation
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
        names = {exact(one.process): one.process for one in reversed(self.operations)}
        return tuple(reversed(names.values()))

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
        parts: dict[Any, tuple[Any, list[Operation]]] = {}
        for operation in self.operations:
            name = key(operation)
            try:
                hash(name)
            except TypeError:
                raise TypeError(
                    f"key {name!r}, of {operation}, cannot be hashed: use numbers,"
                    " texts or tuples of them"
                ) from None
            parts.setdefault(exact(name), (name, []))[1].append(operation)
        return [History(part, key=name) for name, part in parts.values()]

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
            If a return has no call, as in the later part of a trace that was cut; or
            its call was another node's, another operation, has returned before, or was
            made before its node crashed; or if two calls have one number.

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
        open_calls: dict[Any, str] = {}  # by the number of the call: whose it is
        busy: dict[str, dict[str, Any]] = {}  # of a node: its processes, and their call
        kinds = tuple(
            kind for kind in ("call", "return", "crash") if kind in trace.kinds
        )
        events = trace.where(kind=kinds)
        nodes = {event.node for event in events}
        for event in events:
            calls = busy.setdefault(event.node, {})
            if event.kind == "crash":
                for number in calls.values():
                    open_calls.pop(number, None)
            elif event.kind == "call":
                if event.ref in operations:
                    raise ValueError(
                        f"{event} has the number {event.ref!r}, as a call before it:"
                        " number every call differently"
                    )
                names = (f"{event.node}#{number}" for number in count(2))
                process = next(
                    name
                    for name in chain([event.node], names)
                    if name not in calls and (name == event.node or name not in nodes)
                )
                calls[process] = event.ref
                open_calls[event.ref] = event.node
                operations[event.ref] = Operation(
                    process, event.what, UNKNOWN, event.time, None
                )
            else:
                started = _started(event, operations, open_calls)
                del calls[started.process], open_calls[event.ref]
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
        try:
            return cls._read(json.loads(text, parse_constant=_refuse), known)
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise ValueError(
                "this text is no history of version 1, as History.to_json writes it:"
                f" {_why(error)}"
            ) from error

    @classmethod
    def _read(cls, data: Any, types: Mapping[str, type]) -> "History":
        """Make a history of what stood in a text; whatever is wrong raises."""
        if not isinstance(data, dict) or exact(data.get("version")) != 1:
            raise ValueError("it has no version 1")
        for name in ("key", "operations"):
            if name not in data:
                raise ValueError(f"it has no {name!r}")
        rows = data["operations"]
        if not isinstance(rows, list):
            raise ValueError(f"its operations are {brief(rows)}, not a list")
        for row in rows:
            if not isinstance(row, list) or len(row) != 5:
                raise ValueError(
                    f"one of its operations is {brief(row)}, not a list of process,"
                    " call, result, invoked and returned"
                )
        return cls(
            (
                Operation(*(decode(part, types) for part in row[:3]), *row[3:])
                for row in rows
            ),
            key=decode(data["key"], types),
        )


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _why(error: Exception) -> str:
    """Say what was wrong with a text, in words also where Python has none."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, LookupError):
        return f"it names {error}, which is not known"
    return str(error)


def _started(
    event: Event, operations: Mapping[Any, Operation], open_calls: Mapping[Any, str]
) -> Operation:
    """Find the operation that a return ends; raise unless it may end here, so."""
    if type(event.what) is not tuple or len(event.what) != 2:
        raise ValueError(
            f"the return of {event.node!r} at {event.time:g} s tells"
            f" {show(event.what)}: give (operation, result)"
        )
    if event.ref not in operations:
        raise ValueError(
            f"{event} has no call in this trace: give the whole trace, not the end of"
            " it"
        )
    started = operations[event.ref]
    if not started.pending:
        raise ValueError(f"{event} is a second return of one call: {started}")
    if event.ref not in open_calls:
        raise ValueError(
            f"{event} returns to a node that has crashed since it called: {started}"
        )
    if open_calls[event.ref] != event.node:
        raise ValueError(f"{event} returns from the call of another node: {started}")
    if exact(event.what[0]) != exact(started.call):
        raise ValueError(f"{event} returns from another operation: {started}")
    return started
