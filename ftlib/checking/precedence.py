"""What a history says of the order of its operations, whatever the model: which must
precede which, and which are alike.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ftlib.checking.operation import UNKNOWN, Operation

__all__ = ["kind_of", "may_follow", "touching"]


def kind_of(operation: Operation) -> Any:
    """Return what is the same for operations that can stand for each other; 1 and True
    are equal, but not the same.
    """
    told = (operation.call, UNKNOWN if operation.pending else operation.result)
    try:
        hash(told)
    except TypeError:
        return id(operation)
    return told, repr(told)


def touching(history: Iterable[Operation]) -> Iterator[tuple[Operation, Operation]]:
    """Find the pairs that time does not order but their process does: one is called
    when the other returns.
    """
    last: dict[Any, Operation] = {}
    for one in history:
        before = last.get(one.process)
        if before is not None and before.returned == one.invoked:
            yield before, one
        last[one.process] = one


def may_follow(done: list[Operation]) -> list[int]:
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
