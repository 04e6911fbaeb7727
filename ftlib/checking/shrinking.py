"""Make a failing schedule small: drop what is not needed for the failure, and simplify
what is.

First parts of the schedule are taken away, large ones before small ones (delta
debugging, Zeller and Hildebrandt 2002), until no single item can be missed. Then each
fault is made plainer, earlier or rounder, while the failure stays. Every step is
verified by running it again. The result is a local minimum: there may be a smaller
schedule, but none is one such step away.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from math import floor
from typing import Any, TypeVar

from ftlib.simulation import Point, Schedule

__all__ = ["shrink"]

Items = TypeVar("Items", bound=Sequence[Any] | Schedule)
COUNTS = ("after", "keeps", "nth", "option")
TIMES = ("at", "later", "by", "until", "offset")
# to leave a name out makes a fault shorter, but it then befalls more; without its
# time it is no timed fault
NEEDED = ("node", "sender", "receiver", "message", "what", "timer", "at")


def shrink(schedule: Items, still_fails: Callable[[Items], Any]) -> Items:
    """Shrink a schedule to a local minimum that still fails.

    Parameters
    ----------
    schedule : Schedule, list, tuple or str
        What fails.
    still_fails : callable
        Runs a candidate, of the same type as `schedule`, and says whether it fails in
        the same way. It must answer the same for the same candidate.

    Returns
    -------
    Schedule, list, tuple or str
        Of the same type. No item can be taken away, and no fault made simpler in one
        step, without losing the failure.

    Raises
    ------
    ValueError
        If `schedule` does not fail in the first place.

    Examples
    --------
    >>> shrink([3, 1, 4, 1, 5, 9, 2, 6], lambda numbers: sum(numbers) >= 15)
    [9, 6]
    >>> from ftlib.simulation import Crash, Lose
    >>> noise = Schedule(
    ...     [Lose("Vote", nth=3), Crash("p1", at=1.25, after=3), Lose("Ack")]
    ... )
    >>> shrink(noise, lambda faults: any(isinstance(fault, Crash) for fault in faults))
    Schedule([Crash(node='p1', at=0.0)])

    Notes
    -----
    O(n^2) runs for n items at worst, O(n log n) when few of them matter. Each candidate
    is run once.
    """

    def build(items: list[Any]) -> Any:
        if isinstance(schedule, str):
            return "".join(items)
        return items if isinstance(schedule, list) else type(schedule)(items)  # type: ignore[call-arg]

    known: dict[tuple[Any, ...], bool] = {}

    def fails(items: list[Any]) -> bool:
        key = tuple(map(_mark, items))
        if key not in known:
            known[key] = bool(still_fails(build(items)))
        return known[key]

    items = list(schedule)
    if not fails(items):
        raise ValueError(
            f"this schedule does not fail, there is nothing to shrink: {schedule!r}"
        )
    before = None
    while items != before:
        before = items
        items = _simplify(_remove(items, fails), fails)
    result: Items = build(items)
    return result


def _mark(item: Any) -> Any:
    """Return what tells items apart: equal ones of a kind are alike, of what cannot be
    hashed those that look alike.
    """
    try:
        hash(item)
    except TypeError:
        return repr(item)
    return type(item), item


def _remove(items: list[Any], fails: Callable[[list[Any]], bool]) -> list[Any]:
    """Take away blocks of items, from half of them down to one, until no single one can
    be missed.
    """
    size = max(1, len(items) // 2)
    while items:
        shorter = next(
            (
                rest
                for start in range(0, len(items), size)
                if fails(rest := items[:start] + items[start + size :])
            ),
            None,
        )
        if shorter is not None:
            items = shorter
            size = max(1, min(size, len(items) // 2))
        elif size == 1:
            break
        else:
            size //= 2
    return items


def _simplify(items: list[Any], fails: Callable[[list[Any]], bool]) -> list[Any]:
    """Make one fault after another as simple as it can be."""
    for index in range(len(items)):
        while True:
            candidates = (
                [*items[:index], simpler, *items[index + 1 :]]
                for simpler in _simpler(items[index])
            )
            found = next(
                (candidate for candidate in candidates if fails(candidate)), None
            )
            if found is None:
                break
            items = found
    return items


def _simpler(fault: Any) -> Iterator[Any]:
    """List what is simpler than a fault by one step: an option left at its default, a
    number smaller or rounder.
    """
    if not is_dataclass(fault) or isinstance(fault, type):
        return
    for field in fields(fault):
        value = getattr(fault, field.name)
        for smaller in _smaller(field.name, value, field.default):
            try:
                yield replace(fault, **{field.name: smaller})
            except ValueError:
                continue  # as a slowness that would end before it begins


def _smaller(name: str, value: Any, default: Any) -> Iterator[Any]:
    if isinstance(value, Point):
        yield from _simpler(value)
        return
    if name not in NEEDED and default is not MISSING and value != default:
        yield default
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    if name in COUNTS:
        least = 1 if name == "nth" else 0
        yield from dict.fromkeys(
            number
            for number in (least, int(value) // 2, value - 1)
            if least <= number < value
        )
    elif name in TIMES:
        size, sign = abs(value), -1.0 if value < 0 else 1.0
        rounded = (0.0, *(floor(size * 10**n) / 10**n for n in range(4)))
        yield from (sign * number for number in dict.fromkeys(rounded) if number < size)
