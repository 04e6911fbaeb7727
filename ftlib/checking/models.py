"""What a service is supposed to be: objects that do one operation after another, as
specifications for `check_linearizable`.

A model has an `initial` state and ``step(state, call, result) -> (ok, state)``: whether
this call may return this result in that state, and the state afterwards. The result
`UNKNOWN`, of a pending operation, fits whatever the call does. With
``partition(history)``, a list of histories, it says which operations can be judged
apart from each other: linearizability is local, so a history is linearizable if its
part at each object is (Herlihy and Wing 1990, theorem 1).

Values are the same if they are of one type and equal all the way down: a register that
holds 1 does not return True. What a write returns is not looked at. Write your own
model in the same way; make its states of tuples, lists, dicts and the like, or give
their class ``==`` and a hash. `KeyValue` and `Queue` stand in files of their own, each
with what shortens the search for it.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from ftlib.checking.key_value import KeyValue
from ftlib.checking.operation import UNKNOWN, words
from ftlib.checking.queue import Queue
from ftlib.checking.specification import Answer, Others, known, same, stranger
from ftlib.simulation.values import show

__all__ = ["CasRegister", "KeyValue", "Lock", "Log", "Queue", "Register"]


def _done(model: Any, call: Any, result: Any, done: bool) -> bool:
    """Whether a result says truly that something was done."""
    if result is UNKNOWN:
        return True
    if not isinstance(result, bool):
        raise ValueError(
            f"{type(model).__name__}: {words(call)} returned {result!r}: it returns"
            " True, or False if it failed"
        )
    return result is done


@dataclass(frozen=True, slots=True)
class Register:
    """One value: ``("read",)`` returns it, ``("write", value)`` replaces it.

    Parameters
    ----------
    initial : object
        What it holds before the first write.

    Examples
    --------
    >>> Register().step(1, ("read",), 2)
    (False, 1)
    """

    CALLS: ClassVar = {"read": "", "write": "value"}
    initial: Any = None

    def step(self, state: Any, call: Any, result: Any) -> Answer:
        """Return whether the call may return this in this state, and the state
        afterwards.
        """
        match call:
            case ("read",):
                return result is UNKNOWN or same(result, state), state
            case ("write", value):
                return True, value
        raise stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it
        is.
        """
        return known(self, call) == "read"

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit
        in this state.
        """
        return any(call[0] == "write" and same(call[1], result) for call, _ in others)

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return f"the register holds {show(state)}"


@dataclass(frozen=True, slots=True)
class CasRegister:
    """A register that also compares and sets: ``("cas", old, new)`` returns True and
    replaces `old` by `new`, else False.

    Parameters
    ----------
    initial : object
        What it holds before the first write.

    Examples
    --------
    >>> CasRegister().step(1, ("cas", 1, 2), True)
    (True, 2)
    >>> CasRegister().step(3, ("cas", 1, 2), False)
    (True, 3)
    """

    CALLS: ClassVar = {"read": "", "write": "value", "cas": "old, new"}
    initial: Any = None

    def step(self, state: Any, call: Any, result: Any) -> Answer:
        """Return whether the call may return this in this state, and the state
        afterwards.
        """
        match call:
            case ("read",):
                return result is UNKNOWN or same(result, state), state
            case ("write", value):
                return True, value
            case ("cas", old, new):
                done = same(state, old)
                return _done(self, call, result, done), new if done else state
        raise stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it
        is.
        """
        return known(self, call) == "read" or (
            call[0] == "cas" and result is not UNKNOWN and not result
        )

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit
        in this state.
        """
        if call[0] == "cas" and not result:
            return True
        wanted = result if call[0] == "read" else call[1]
        return any(
            (call[0] == "write" and same(call[1], wanted))
            or (call[0] == "cas" and told and same(call[2], wanted))
            for call, told in others
        )

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return f"the register holds {show(state)}"


@dataclass(frozen=True, slots=True)
class Lock:
    """Held or free: ``("acquire",)`` and ``("release",)``.

    Each returns True, or None, if it did what it says, and False if it could not: the
    lock was held, or was free. A lock knows no owner: that only the holder releases it
    is for its clients.

    Examples
    --------
    >>> Lock().step(True, ("acquire",), True)
    (False, True)
    """

    CALLS: ClassVar = {"acquire": "", "release": ""}
    initial: bool = False

    def step(self, state: Any, call: Any, result: Any) -> Answer:
        """Return whether the call may return this in this state, and the state
        afterwards.
        """
        match call:
            case ("acquire",):
                return (
                    _done(self, call, True if result is None else result, not state),
                    True,
                )
            case ("release",):
                return (
                    _done(self, call, True if result is None else result, state),
                    False,
                )
        raise stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it
        is.
        """
        return bool(known(self, call)) and result is False

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit
        in this state.
        """
        wanted = "release" if state else "acquire"
        return any(call[0] == wanted for call, _ in others)

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return "the lock is held" if state else "the lock is free"


@dataclass(frozen=True, slots=True)
class Log:
    """Grows at its end: ``("append", value)`` returns the index it was put at,
    ``("read",)`` all values as a tuple or list.

    An index counts from 0. Where an append returns something other than an int, that is
    not looked at.

    Examples
    --------
    >>> Log().step(("a",), ("append", "b"), 1)
    (True, ('a', 'b'))
    >>> Log().step(("a", "b"), ("read",), ["a", "b"])
    (True, ('a', 'b'))
    """

    CALLS: ClassVar = {"append": "value", "read": ""}
    initial: tuple[Any, ...] = ()

    def step(self, state: Any, call: Any, result: Any) -> Answer:
        """Return whether the call may return this in this state, and the state
        afterwards.
        """
        match call:
            case ("append", value):
                told = isinstance(result, int) and not isinstance(result, bool)
                return not told or result == len(state), (*state, value)
            case ("read",):
                values = tuple(result) if isinstance(result, list) else result
                return result is UNKNOWN or same(values, state), state
        raise stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it
        is.
        """
        return known(self, call) == "read"

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit
        in this state.
        """
        if call[0] == "append":
            return len(state) < result
        return isinstance(result, (tuple, list)) and same(
            state, tuple(result[: len(state)])
        )

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return (
            f"the log holds {', '.join(map(show, state))}"
            if state
            else "the log is empty"
        )
