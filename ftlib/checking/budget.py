"""The bound of a `ClusterModel`: how much may go wrong in one run, and how the
parameters that say so are checked.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

__all__ = [
    "Budget",
    "Budgets",
    "count",
    "firings_of",
    "groups_of",
    "known",
    "words",
]


class Budget(NamedTuple):
    """What may still go wrong, and what has gone for good."""

    losses: int
    duplicates: int
    crashes: int
    recoveries: int
    firings: int | tuple[tuple[str, int], ...] | None  # of all timers, or by name
    cut: bool = False  # the partition has come
    dead: tuple[str, ...] = ()  # down, and no recovery left
    calm: bool = False  # nothing more goes wrong, and nothing more is heard of the dead


class Budgets(list[Budget]):
    """Budgets, numbered as they are met. A `place` is a node's number, in the order of
    `ids`.
    """

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__()
        self.ids = ids
        self._numbers: dict[Budget, int] = {}
        self._less: dict[tuple[int, str], int] = {}
        self._fired: dict[tuple[int, str], int | None] = {}
        self._crashed: dict[tuple[int, int], int] = {}

    def number(self, left: Budget) -> int:
        """Number a budget."""
        if left not in self._numbers:
            self._numbers[left] = len(self)
            self.append(left)
        return self._numbers[left]

    def less(self, number: int, name: str) -> int:
        """Spend one of what is called `name`."""
        key = (number, name)
        if key not in self._less:
            left = self[number]
            self._less[key] = self.number(
                left._replace(**{name: getattr(left, name) - 1})
            )
        return self._less[key]

    def after_firing(self, number: int, timer: str) -> int | None:
        """Spend a firing of a timer; None if none is left."""
        if self[number].firings is None:
            return number
        key = (number, timer)
        if key not in self._fired:
            self._fired[key] = self._after_firing(number, timer)
        return self._fired[key]

    def _after_firing(self, number: int, timer: str) -> int | None:
        left = self[number].firings
        if not isinstance(left, tuple):
            return self.less(number, "firings") if left else None
        counts = dict(left)
        if timer not in counts:
            return number
        if not counts[timer]:
            return None
        counts[timer] -= 1
        fewer = self[number]._replace(firings=tuple(counts.items()))
        return self.number(fewer)

    def after_crash(self, number: int, place: int) -> int:
        """Spend a crash; without a recovery the node is down for good."""
        key = (number, place)
        if key not in self._crashed:
            left = self[number]
            dead = {*left.dead, self.ids[place]} if not left.recoveries else set()
            fewer = left._replace(
                crashes=left.crashes - 1,
                dead=tuple(id for id in self.ids if id in dead),
            )
            self._crashed[key] = self.number(fewer)
        return self._crashed[key]

    def after_recovery(self, number: int, place: int, up: Collection[int]) -> int:
        """Spend a recovery; after the last, the places that are not `up` are down for
        good.
        """
        number = self.less(number, "recoveries")
        left = self[number]
        if left.recoveries:
            return number
        dead = [
            id
            for other, id in enumerate(self.ids)
            if other != place and other not in up
        ]
        return self.number(left._replace(dead=tuple(dead)))


def words(budget: Budget) -> list[str]:
    """Say what a budget allows."""
    counted = [
        (budget.losses, "loss", "losses"),
        (budget.duplicates, "duplicate", "duplicates"),
        (budget.crashes, "crash", "crashes"),
        (budget.recoveries, "recovery", "recoveries"),
    ]
    firings = budget.firings if isinstance(budget.firings, tuple) else ()
    if isinstance(budget.firings, int):
        counted.append((budget.firings, "firing of a timer", "firings of timers"))
    told = [
        f"{number} {one if number == 1 else many}"
        for number, one, many in counted
        if number
    ]
    return told + [
        f"{timer!r} fires {most} time{'' if most == 1 else 's'} at most"
        for timer, most in firings
    ]


def count(name: str, value: Any) -> int:
    """Return a number of faults.

    Raises
    ------
    ValueError
        If it is none.
    """
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} is {value!r}: give a whole number, 0 or more")
    return value


def firings_of(value: Any) -> int | tuple[tuple[str, int], ...] | None:
    """Return how often timers may fire: in all, or by the name of the timer.

    Raises
    ------
    ValueError
        If it is no number, and no mapping from names to numbers.
    """
    if isinstance(value, Mapping):
        return tuple(
            (str(timer), count(f"firings[{timer!r}]", most))
            for timer, most in sorted(value.items())
        )
    return None if value is None else count("firings", value)


def known(names: Iterable[str], ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of nodes.

    Raises
    ------
    ValueError
        If one is not among `ids`.
    """
    names = tuple(names)
    for name in names:
        if name not in ids:
            raise ValueError(f"no node is called {name!r}: there are {', '.join(ids)}")
    return names


def groups_of(
    partition: Iterable[Iterable[str]] | None, ids: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """Return the groups of a partition.

    Raises
    ------
    ValueError
        If a node stands in two of them, in none of the cluster, or if there is none.
    """
    if partition is None:
        return ()
    groups = tuple(
        (group,) if isinstance(group, str) else tuple(group) for group in partition
    )
    named = known([node for group in groups for node in group], ids)
    if len(set(named)) < len(named) or not named:
        raise ValueError(
            f"partition is {groups!r}: name at least one node, and none twice; those"
            " not named form one more group"
        )
    return groups
