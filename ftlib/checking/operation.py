"""An operation: one call of one client, when, and what came back.

It is a pair of events at one process, its invocation and its response, with an interval
between them in which it takes effect (Herlihy and Wing 1990, section 2). An operation
that never returned is *pending*: it may have taken effect, may still do so, or never
will. That is what a client knows after a time-out.
"""

import enum
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any

from ftlib.simulation.values import show

__all__ = ["UNKNOWN", "NoResult", "Operation", "brief", "clock", "words"]


class NoResult(enum.Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = NoResult.UNKNOWN
"""The result that a model is shown for an operation whose result nobody knows."""
WIDE = 40  # letters of what is no time


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
            if not _is_time(time):
                raise ValueError(
                    f"{name}, of {words(self.call)} by {self.process!r}, is"
                    f" {brief(time)}: give a time, a finite number"
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


def _is_time(time: Any) -> bool:
    """Whether it is a finite number, and one that can be turned into a float."""
    try:
        return isinstance(time, Real) and not isinstance(time, bool) and isfinite(time)
    except OverflowError:
        return False


def brief(value: Any) -> str:
    """Write a value of which nothing is known, such as a number of 400 digits."""
    try:
        told = repr(value)
    except ValueError:  # a number of more digits than Python writes
        return f"an {type(value).__name__} of thousands of digits"
    return told if len(told) <= WIDE else f"{told[:WIDE]}..."


def _asks(call: Any) -> bool:
    """Whether a result None says something: a write has none, a read has found
    nothing.
    """
    return (
        isinstance(call, (tuple, list))
        and bool(call)
        and call[0] in ("read", "get", "dequeue")
    )
