"""A queue, as a specification for `check_linearizable`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, ClassVar

from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.checking.specification import Answer, Others, known, same, stranger
from ftlib.simulation.values import show

__all__ = ["Queue"]


@dataclass(frozen=True, slots=True)
class Queue:
    """First in, first out: ``("enqueue", value)``, and ``("dequeue",)``, which returns
    None if the queue is empty.

    Examples
    --------
    >>> Queue().step((1, 2), ("dequeue",), 1)
    (True, (2,))
    """

    CALLS: ClassVar = {"enqueue": "value", "dequeue": ""}
    initial: tuple[Any, ...] = ()

    def step(self, state: Any, call: Any, result: Any) -> Answer:
        """Return whether the call may return this in this state, and the state
        afterwards.
        """
        match call:
            case ("enqueue", value):
                if value is None:
                    raise ValueError(
                        "('enqueue', None): None is what an empty queue returns,"
                        " enqueue another value"
                    )
                return True, (*state, value)
            case ("dequeue",):
                if state:
                    return result is UNKNOWN or same(result, state[0]), state[1:]
                return result is UNKNOWN or result is None, state
        raise stranger(self, call)

    def only_reads(self, call: Any, result: Any) -> bool:
        """Say whether such an operation, where it fits, always leaves the state as it
        is.
        """
        return known(self, call) == "dequeue" and result is None

    def could_fit(self, state: Any, call: Any, result: Any, others: Others) -> bool:
        """Say whether it may fit later, after some of the others, where it does not fit
        in this state.
        """
        if result is not None and not any(same(value, result) for value in state):
            others = list(others)
            if not any(
                call[0] == "enqueue" and same(call[1], result) for call, _ in others
            ):
                return False
        return not state or any(
            call[0] == "dequeue" and (told is UNKNOWN or same(told, state[0]))
            for call, told in others
        )

    def narrowed(self, history: Iterable[Operation]) -> "Queue":
        """Return a model that judges this history alike, and sees at once what cannot
        have entered in this order.
        """
        history = list(history)
        entered = [
            *self.initial,
            *(one.call[1] for one in history if one.call[0] == "enqueue"),
        ]
        taken = [one for one in history if one.call[0] == "dequeue"]
        named = [
            one.result for one in taken if not one.pending and one.result is not None
        ]
        if not all(type(value) in (str, int) for value in entered + named) or len(
            {*entered}
        ) < len(entered):
            return self  # nothing is known of the order of values that occur twice
        left: dict[Any, tuple[float, float]] = {
            one.result: (one.invoked, one.returned)
            for one in taken
            if one.returned is not None
        }
        left[UNKNOWN] = (
            min((one.invoked for one in taken if one.pending), default=inf),
            inf,
        )  # by whom, nobody has seen
        return _Ordered(
            tuple(value if value in left else UNKNOWN for value in self.initial), left
        )

    def describe(self, state: Any) -> str:
        """Say what the state is."""
        return (
            f"the queue holds {', '.join(map(show, state))}"
            if state
            else "the queue is empty"
        )


@dataclass(frozen=True, slots=True)
class _Ordered(Queue):
    """Knows when each value left: what left before the dequeue of another was called
    entered before it.

    Values that no dequeue has returned are all UNKNOWN: which of them comes first does
    not matter.
    """

    left: Mapping[Any, tuple[float, float]] = field(default_factory=dict)
    only_reads = Queue.only_reads
    could_fit = Queue.could_fit

    def step(self, state: Any, call: Any, result: Any) -> Answer:
        """Return whether the call may return this in this state, and the state
        afterwards.
        """
        if call[0] != "enqueue":
            return Queue.step(self, state, call, result)
        entering = call[1] if call[1] in self.left else UNKNOWN
        until = self.left[entering][1]
        fits = all(self.left[value][0] <= until for value in state)
        return fits, (*state, entering) if fits else state
