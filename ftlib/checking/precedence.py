"""What a history says of the order of its operations, whatever the model: how they are
numbered, which must precede which, and which are alike.

The operations that returned are numbered in the order of their returns, so the first
remaining one bounds what may come next: whatever was invoked before it returned. Which
of those after it are placed is a bitset that begins there. Pending operations have the
numbers after them, those that are alike side by side; which of these are used is a
bitset of its own.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.simulation.freezing import exact

__all__ = ["Precedence", "ones"]

# the same if they are equal and of one type
PLAIN = frozenset({str, int, bool, type(None)})


class Precedence:
    """The operations of a history, numbered, and which of them may come next.

    Parameters
    ----------
    history : iterable of Operation
        In the order of invocation, and no process overlapping with itself.

    Attributes
    ----------
    operations : list of Operation
        By their numbers: those that returned, then the pending ones.
    asked : list of (call, result)
        What a model is shown of each.
    total : int
        How many returned.
    kinds : list of int
        Of each that returned: the same number for those that can stand for each other.
    groups : list of (int, int)
        Where the pending ones of each kind begin and end. Always the first ones of a
        group are used first.
    after : dict of int to int
        Which operation must be placed before another because their process says so,
        where their times do not.
    open : list of int
        For each operation as the first remaining one: which may come next, a bitset
        that begins at it.
    """

    def __init__(self, history: Iterable[Operation]) -> None:
        history = list(history)
        pairs = list(_touching(history))
        bound = {id(one) for pair in pairs for one in pair}
        kind = {
            id(one): id(one) if id(one) in bound else _kind_of(one) for one in history
        }
        groups: dict[Any, list[Operation]] = {}
        for one in history:
            if one.pending:
                groups.setdefault(kind[id(one)], []).append(one)
        done = sorted(
            (one for one in history if not one.pending),
            key=lambda one: (one.returned, one.invoked),
        )
        self.operations = [*done, *(one for group in groups.values() for one in group)]
        self.asked = [
            (one.call, UNKNOWN if one.pending else one.result)
            for one in self.operations
        ]
        self.total = len(done)
        numbers: dict[Any, int] = {}
        self.kinds = [numbers.setdefault(kind[id(one)], len(numbers)) for one in done]
        starts = [self.total]
        for group in groups.values():
            starts.append(starts[-1] + len(group))
        self.groups = list(pairwise(starts))
        number = {id(one): index for index, one in enumerate(self.operations)}
        self.after = {number[id(one)]: number[id(before)] for before, one in pairs}
        self.open = _may_follow(done)

    def has_to_wait(self, index: int, first: int, placed: int) -> bool:
        """Tell whether an operation comes after one of its process that is not
        placed.
        """
        before = self.after.get(index)
        return (
            before is not None and before >= first and not placed >> before - first & 1
        )

    def free(self, first: int, placed: int) -> Iterator[int]:
        """Number the operations that returned and may come next, in the order of their
        returns.
        """
        bits = self.open[first] & ~placed if first < self.total else 0
        while bits:
            index = first + (bits & -bits).bit_length() - 1
            bits &= bits - 1
            if not self.has_to_wait(index, first, placed):
                yield index

    def unsure(self, first: int, placed: int, used: int) -> Iterator[int]:
        """Number the pending operations that may come next, one of each kind."""
        wall = self._wall(first)
        for start, end in self.groups:
            index = start + self._used(start, end, used)
            if index == end or self.operations[index].invoked > wall:
                continue
            if not self.has_to_wait(index, first, placed):
                yield index

    def others(
        self, index: int, first: int, placed: int, used: int
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the calls and results of what may still come before an operation."""
        wall = self._wall(index)
        ahead = index - first
        bits = ((1 << ahead) - 1 | self.open[index] << ahead) & ~placed & ~(1 << ahead)
        while bits:
            bit = bits & -bits
            bits ^= bit
            yield self.asked[first + bit.bit_length() - 1]
        for start, end in self.groups:
            for other in range(start + self._used(start, end, used), end):
                if self.operations[other].invoked <= wall:
                    yield self.asked[other]

    def _wall(self, index: int) -> float:
        """Return when an operation that returned did so."""
        returned = self.operations[index].returned
        assert returned is not None
        return returned

    def _used(self, start: int, end: int, used: int) -> int:
        """Count how many of a group of pending operations are used."""
        return (used >> start - self.total & (1 << end - start) - 1).bit_count()


def ones(bits: int) -> int:
    """Count the ones that a bitset begins with."""
    return (~bits & bits + 1).bit_length() - 1


def _kind_of(operation: Operation) -> Any:
    """Return what is the same for operations that can stand for each other."""
    call, result = operation.call, UNKNOWN if operation.pending else operation.result
    if type(call) is tuple:
        types = tuple(map(type, (*call, result)))
        if PLAIN.issuperset(types):
            return call, result, types  # says the same as exact, sooner
    kind = exact((call, result))
    try:
        hash(kind)
    except TypeError:
        return id(operation)
    return kind


def _touching(history: Iterable[Operation]) -> Iterator[tuple[Operation, Operation]]:
    """Find the pairs that time does not order but their process does: one is called
    when the other returns.
    """
    last: dict[Any, Operation] = {}
    for one in history:
        name = exact(one.process)
        before = last.get(name)
        if before is not None and before.returned == one.invoked:
            yield before, one
        last[name] = one


def _may_follow(done: list[Operation]) -> list[int]:
    """For each operation as the first remaining one: which may come next, as a bitset
    that begins at it.
    """
    order = sorted(
        range(len(done)), key=lambda index: done[index].invoked, reverse=True
    )
    bits, found = 0, []
    for first, one in enumerate(done):
        assert one.returned is not None
        while order and done[order[-1]].invoked <= one.returned:
            bits |= 1 << order.pop() - first
        found.append(bits)
        bits >>= 1
    return found
