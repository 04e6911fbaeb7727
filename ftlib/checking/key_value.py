"""A store of values by keys, as a specification for `check_linearizable`."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ftlib.checking.history import History
from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.checking.specification import Answer, Others, known, same, stranger
from ftlib.simulation.values import show

__all__ = ["KeyValue"]


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A value for each key: ``("get", key)``, ``("put", key, value)`` and ``("append",
    key, text)``.

    Every key is judged apart. A key that was never written reads as ``""`` or None, and
    text is appended to it as to ``""``. The state is a tuple of pairs, (key, value).

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

    def step(self, state: Any, call: Any, result: Any) -> Answer:
        """Return whether the call may return this in this state, and the state
        afterwards.
        """
        match call:
            case ("get", key):
                for name, value in state:
                    if name is key or same(name, key):
                        return result is UNKNOWN or same(result, value), state
                return result is UNKNOWN or result is None or result == "", state
            case ("put", key, value):
                return True, _put(state, key, value)
            case ("append", key, text):
                value = _value(state, key)
                if not isinstance(value, str) or not isinstance(text, str):
                    raise ValueError(
                        f"{call!r} on {value!r}: only text can be appended, and only to"
                        " text"
                    )
                return True, _put(state, key, value + text)
        raise stranger(self, call)

    def partition(self, history: Iterable[Operation]) -> list[History]:
        """Return a history for each key."""
        history = history if isinstance(history, History) else History(history)
        for one in history:
            known(self, one.call)
        return history.split(lambda one: one.call[1])

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it
        is.
        """
        return known(self, call) == "get"

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit
        in this state.
        """
        value = _value(state, call[1])
        return _grows(value, result) or any(
            call[0] == "put" and _grows(call[2], result) for call, _ in others
        )

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return (
            ", ".join(f"{show(key)} holds {show(value)}" for key, value in state)
            or "nothing is written"
        )

    def narrowed(self, history: Iterable[Operation]) -> "_Narrowed":
        """Return a model that judges this history alike, and does not tell apart values
        that it cannot show any more.
        """
        shown = {
            one.result
            for one in history
            if one.call[0] == "get" and isinstance(one.result, str) and not one.pending
        }
        return _Narrowed(tuple(sorted(shown)))


@dataclass(frozen=True, slots=True)
class _Narrowed(KeyValue):
    """Keeps a text only as long as it is how something begins that a get returned: the
    order of later appends does not matter.
    """

    shown: tuple[str, ...] = ()  # in alphabetical order
    only_reads = KeyValue.only_reads
    could_fit = KeyValue.could_fit

    def step(self, state: Any, call: Any, result: Any) -> Answer:
        """Return whether the call may return this in this state, and the state
        afterwards.
        """
        if call[0] == "append" and _value(state, call[1]) is UNKNOWN:
            return True, state
        fits, after = KeyValue.step(self, state, call, result)
        if after is state:
            return fits, state
        value = _value(after, call[1])
        place = bisect_left(self.shown, value) if isinstance(value, str) else 0
        if not isinstance(value, str) or (
            place < len(self.shown) and self.shown[place].startswith(value)
        ):
            return fits, after
        return fits, _put(state, call[1], UNKNOWN)


def _grows(value: Any, result: Any) -> bool:
    """Whether a value may become what a get returned without another put."""
    if isinstance(value, str):
        return (
            value == ""
            if result is None
            else isinstance(result, str) and result.startswith(value)
        )
    return same(value, result)


def _value(state: tuple[tuple[Any, Any], ...], key: Any) -> Any:
    for name, value in state:
        if name is key or same(name, key):
            return value
    return ""


def _put(
    state: tuple[tuple[Any, Any], ...], key: Any, value: Any
) -> tuple[tuple[Any, Any], ...]:
    for place, (name, _) in enumerate(state):
        if name is key or same(name, key):
            return (*state[:place], (key, value), *state[place + 1 :])
    return (*state, (key, value))
