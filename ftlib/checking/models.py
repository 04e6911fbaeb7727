"""What a service is supposed to be: objects that do one operation after another, as specifications for `check_linearizable`.

A model has an `initial` state and ``step(state, call, result) -> (ok, state)``: whether this call may return this result in that
state, and the state afterwards. The result `UNKNOWN`, of a pending operation, fits whatever the call does. With
``partition(history)``, a list of histories, it says which operations can be judged apart from each other: linearizability is
local, so a history is linearizable if its part at each object is (Herlihy and Wing 1990, theorem 1).

What a write returns is not looked at. Write your own model in the same way; states should be hashable.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, ClassVar

from ftlib.checking.history import UNKNOWN, History, Operation, words
from ftlib.simulation.values import show

__all__ = ["CasRegister", "KeyValue", "Lock", "Log", "Queue", "Register"]

Step = tuple[bool, Any]
Others = Iterable[tuple[Any, Any]]  # calls and results


def _stranger(model: Any, call: Any) -> ValueError:
    *most, last = (f"({name!r}, {arguments})" if arguments else f"({name!r},)" for name, arguments in model.CALLS.items())
    return ValueError(f"{type(model).__name__} does not know the call {call!r}: it takes {', '.join(most)} and {last}")


def _known(model: Any, call: Any) -> str:
    """Return the name of a call; raise unless the model knows it, with as many arguments."""
    match call:
        case (str(name), *arguments) if name in model.CALLS and len(arguments) == len(model.CALLS[name].split()):
            return name
    raise _stranger(model, call)


def _done(model: Any, call: Any, result: Any, done: bool) -> bool:
    """Whether a result says truly that something was done."""
    if result is UNKNOWN:
        return True
    if result not in (True, False):
        raise ValueError(f"{type(model).__name__}: {words(call)} returned {result!r}: it returns True, or False if it failed")
    return bool(result) is done


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

    def step(self, state: Any, call: Any, result: Any) -> Step:
        """Return whether the call may return this in this state, and the state afterwards."""
        match call:
            case ("read",):
                return result is UNKNOWN or result == state, state
            case ("write", value):
                return True, value
        raise _stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it is."""
        return _known(self, call) == "read"

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit in this state."""
        return any(call[0] == "write" and call[1] == result for call, _ in others)

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return f"the register holds {show(state)}"


@dataclass(frozen=True, slots=True)
class CasRegister:
    """A register that also compares and sets: ``("cas", old, new)`` returns True and replaces `old` by `new`, else False.

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

    def step(self, state: Any, call: Any, result: Any) -> Step:
        """Return whether the call may return this in this state, and the state afterwards."""
        match call:
            case ("read",):
                return result is UNKNOWN or result == state, state
            case ("write", value):
                return True, value
            case ("cas", old, new):
                done = bool(state == old)
                return _done(self, call, result, done), new if done else state
        raise _stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it is."""
        return _known(self, call) == "read" or (call[0] == "cas" and result is not UNKNOWN and not result)

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit in this state."""
        if call[0] == "cas" and not result:
            return True
        wanted = result if call[0] == "read" else call[1]
        return any(
            (call[0] == "write" and call[1] == wanted) or (call[0] == "cas" and told and call[2] == wanted)
            for call, told in others
        )

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return f"the register holds {show(state)}"


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A value for each key: ``("get", key)``, ``("put", key, value)`` and ``("append", key, text)``.

    Every key is judged apart. A key that was never written reads as ``""`` or None, and text is appended to it as to ``""``.
    The state is a tuple of pairs, (key, value).

    Examples
    --------
    >>> KeyValue().step((("x", "ab"),), ("append", "x", "c"), None)
    (True, (('x', 'abc'),))
    >>> KeyValue().step((), ("get", "x"), "")
    (True, ())
    """

    CALLS: ClassVar = {"get": "key", "put": "key, value", "append": "key, text"}

    @property
    def initial(self) -> tuple[tuple[Any, Any], ...]:
        """Nothing is written yet."""
        return ()

    def step(self, state: Any, call: Any, result: Any) -> Step:
        """Return whether the call may return this in this state, and the state afterwards."""
        match call:
            case ("get", key):
                for name, value in state:
                    if name == key:
                        return result is UNKNOWN or result == value, state
                return result is UNKNOWN or result is None or result == "", state
            case ("put", key, value):
                return True, _put(state, key, value)
            case ("append", key, text):
                value = next((value for name, value in state if name == key), "")
                if not isinstance(value, str) or not isinstance(text, str):
                    raise ValueError(f"{call!r} on {value!r}: only text can be appended, and only to text")
                return True, _put(state, key, value + text)
        raise _stranger(self, call)

    def partition(self, history: Iterable[Operation]) -> list[History]:
        """Return a history for each key."""
        history = history if isinstance(history, History) else History(history)
        for one in history:
            _known(self, one.call)
        return history.split(lambda one: one.call[1])

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it is."""
        return _known(self, call) == "get"

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit in this state."""
        value = next((value for key, value in state if key == call[1]), "")
        return _grows(value, result) or any(call[0] == "put" and _grows(call[2], result) for call, _ in others)

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return ", ".join(f"{show(key)} holds {show(value)}" for key, value in state) or "nothing is written"

    def narrowed(self, history: Iterable[Operation]) -> "_Narrowed":
        """Return a model that judges this history alike, and does not tell apart values that it cannot show any more."""
        shown = {one.result for one in history if one.call[0] == "get" and isinstance(one.result, str) and not one.pending}
        return _Narrowed(tuple(sorted(shown)))


@dataclass(frozen=True, slots=True)
class _Narrowed(KeyValue):
    """Keeps a text only as long as it is how something begins that a get returned: the order of later appends does not matter."""

    shown: tuple[str, ...] = ()  # in alphabetical order
    only_reads = KeyValue.only_reads
    could_fit = KeyValue.could_fit

    def step(self, state: Any, call: Any, result: Any) -> Step:
        """Return whether the call may return this in this state, and the state afterwards."""
        if call[0] == "append" and any(name == call[1] and value is UNKNOWN for name, value in state):
            return True, state
        fits, after = KeyValue.step(self, state, call, result)
        if after is state:
            return fits, state
        value = next(value for name, value in after if name == call[1])
        place = bisect_left(self.shown, value) if isinstance(value, str) else 0
        if not isinstance(value, str) or (place < len(self.shown) and self.shown[place].startswith(value)):
            return fits, after
        return fits, _put(state, call[1], UNKNOWN)


def _grows(value: Any, result: Any) -> bool:
    """Whether a value may become what a get returned without another put."""
    if isinstance(value, str):
        return value == "" if result is None else isinstance(result, str) and result.startswith(value)
    return bool(value == result)


def _put(state: tuple[tuple[Any, Any], ...], key: Any, value: Any) -> tuple[tuple[Any, Any], ...]:
    for place, (name, _) in enumerate(state):
        if name == key:
            return (*state[:place], (key, value), *state[place + 1 :])
    return (*state, (key, value))


@dataclass(frozen=True, slots=True)
class Queue:
    """First in, first out: ``("enqueue", value)``, and ``("dequeue",)``, which returns None if the queue is empty.

    Examples
    --------
    >>> Queue().step((1, 2), ("dequeue",), 1)
    (True, (2,))
    """

    CALLS: ClassVar = {"enqueue": "value", "dequeue": ""}
    initial: tuple[Any, ...] = ()

    def step(self, state: Any, call: Any, result: Any) -> Step:
        """Return whether the call may return this in this state, and the state afterwards."""
        match call:
            case ("enqueue", value):
                if value is None:
                    raise ValueError("('enqueue', None): None is what an empty queue returns, enqueue another value")
                return True, (*state, value)
            case ("dequeue",):
                if state:
                    return result is UNKNOWN or result == state[0], state[1:]
                return result is UNKNOWN or result is None, state
        raise _stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it is."""
        return _known(self, call) == "dequeue" and result is None

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit in this state."""
        if result is not None and (not state or result not in state):
            others = list(others)
            if not any(call[0] == "enqueue" and call[1] == result for call, _ in others):
                return False
        return not state or any(call[0] == "dequeue" and (told is UNKNOWN or told == state[0]) for call, told in others)

    def narrowed(self, history: Iterable[Operation]) -> "Queue":
        """Return a model that judges this history alike, and sees at once what cannot have entered in this order."""
        history = list(history)
        entered = [*self.initial, *(one.call[1] for one in history if one.call[0] == "enqueue")]
        taken = [one for one in history if one.call[0] == "dequeue"]
        named = [one.result for one in taken if not one.pending and one.result is not None]
        if not all(isinstance(value, (str, int)) for value in entered + named) or len({*entered}) < len(entered):
            return self  # nothing is known of the order of values that occur twice
        left: dict[Any, tuple[float, float]] = {
            one.result: (one.invoked, one.returned) for one in taken if one.returned is not None
        }
        left[UNKNOWN] = (min((one.invoked for one in taken if one.pending), default=inf), inf)  # by whom, nobody has seen
        return _Ordered(tuple(value if value in left else UNKNOWN for value in self.initial), left)

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return f"the queue holds {', '.join(map(show, state))}" if state else "the queue is empty"


@dataclass(frozen=True, slots=True)
class _Ordered(Queue):
    """Knows when each value left: what left before the dequeue of another was called entered before it.

    Values that no dequeue has returned are all UNKNOWN: which of them comes first does not matter.
    """

    left: Mapping[Any, tuple[float, float]] = field(default_factory=dict)
    only_reads = Queue.only_reads
    could_fit = Queue.could_fit

    def step(self, state: Any, call: Any, result: Any) -> Step:
        """Return whether the call may return this in this state, and the state afterwards."""
        if call[0] != "enqueue":
            return Queue.step(self, state, call, result)
        entering = call[1] if call[1] in self.left else UNKNOWN
        until = self.left[entering][1]
        fits = all(self.left[value][0] <= until for value in state)
        return fits, (*state, entering) if fits else state


@dataclass(frozen=True, slots=True)
class Lock:
    """Held or free: ``("acquire",)`` and ``("release",)``.

    Each returns True, or None, if it did what it says, and False if it could not: the lock was held, or was free. A lock knows
    no owner: that only the holder releases it is for its clients.

    Examples
    --------
    >>> Lock().step(True, ("acquire",), True)
    (False, True)
    """

    CALLS: ClassVar = {"acquire": "", "release": ""}
    initial: bool = False

    def step(self, state: Any, call: Any, result: Any) -> Step:
        """Return whether the call may return this in this state, and the state afterwards."""
        match call:
            case ("acquire",):
                return _done(self, call, True if result is None else result, not state), True
            case ("release",):
                return _done(self, call, True if result is None else result, state), False
        raise _stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it is."""
        return bool(_known(self, call)) and result is False

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit in this state."""
        wanted = "release" if state else "acquire"
        return any(call[0] == wanted for call, _ in others)

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return "the lock is held" if state else "the lock is free"


@dataclass(frozen=True, slots=True)
class Log:
    """Grows at its end: ``("append", value)`` returns the index it was put at, ``("read",)`` all values as a tuple or list.

    An index counts from 0. Where an append returns something other than an int, that is not looked at.

    Examples
    --------
    >>> Log().step(("a",), ("append", "b"), 1)
    (True, ('a', 'b'))
    >>> Log().step(("a", "b"), ("read",), ["a", "b"])
    (True, ('a', 'b'))
    """

    CALLS: ClassVar = {"append": "value", "read": ""}
    initial: tuple[Any, ...] = ()

    def step(self, state: Any, call: Any, result: Any) -> Step:
        """Return whether the call may return this in this state, and the state afterwards."""
        match call:
            case ("append", value):
                told = isinstance(result, int) and not isinstance(result, bool)
                return not told or result == len(state), (*state, value)
            case ("read",):
                return result is UNKNOWN or (tuple(result) if isinstance(result, list) else result) == state, state
        raise _stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it is."""
        return _known(self, call) == "read"

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit in this state."""
        if call[0] == "append":
            return len(state) < result
        return isinstance(result, (tuple, list)) and state == tuple(result[: len(state)])

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return f"the log holds {', '.join(map(show, state))}" if state else "the log is empty"
