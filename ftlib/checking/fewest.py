"""The fewest faults that break something: all that can go wrong in a run is tried
alone, then in pairs, and so on.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ftlib.checking.offers import OFFERED, offers
from ftlib.simulation import Event, Schedule, Trace

__all__ = ["Least", "least", "trying"]


@dataclass(frozen=True, slots=True)
class Least:
    """What `least` found.

    Attributes
    ----------
    schedule : Schedule or None
        The first that does it, none having fewer faults; None if none does.
    most : int
        With how many faults it was tried: all schedules of fewer, and if none was
        found, all of so many.
    tried : int
        How many runs that took.
    left : int
        How many with `most` faults are still to be tried; 0 at the end.
    """

    schedule: Schedule | None
    most: int
    tried: int
    left: int = 0

    def __str__(self) -> str:
        runs = f"{self.tried:,} run{'s' * (self.tried != 1)}"
        if self.schedule is None:
            return f"nothing up to {self.most} of the faults offered does it, in {runs}"
        return f"{self.most} of them, and no fewer, in {runs}: {self.schedule!r}"


def least(
    run: Callable[[Schedule], Trace],
    broken: Callable[[Trace], bool],
    most: int,
    kinds: Iterable[str] = OFFERED,
    at: Callable[[Event], bool] = lambda event: True,
) -> Least:
    """Find the fewest faults that break something, by trying all of them.

    Parameters
    ----------
    run : callable
        From a schedule to the run with it.
    broken : callable
        Whether in that run is broken what is to be broken.
    most : int
        How many faults a schedule may have.
    kinds, at
        As for `offers`.

    Returns
    -------
    Least
        Among those of equal length the first, in the order of the run.

    Raises
    ------
    ValueError
        If `most` is negative.

    Examples
    --------
    One lost message is enough for an abort:

    >>> from ftlib.simulation import Cluster
    >>> from ftlib.transactions.bank import bank
    >>> def run(faults):
    ...     return Cluster(bank("y"), faults=faults).run(until=4)
    >>> print(least(run, lambda trace: "abort" in str(trace), 2, ["lose"]))
    1 of them, and no fewer, in 2 runs: \
Schedule([Lose(message='Prepare', sender='coordinator', receiver='p1')])

    Notes
    -----
    With n offers, n to the power of `most` runs. What is tried is what `offers` lists
    and nothing else: an exploration (`ftlib.checking.explore`) says more, where a
    protocol can be explored.
    """
    if type(most) is not int or most < 0:
        raise ValueError(f"most is {most!r}: give a whole number, 0 or more")
    *_, found = trying(run, broken, most, kinds, at)
    return found


def trying(
    run: Callable[[Schedule], Trace],
    broken: Callable[[Trace], bool],
    most: int,
    kinds: Iterable[str] = OFFERED,
    at: Callable[[Event], bool] = lambda event: True,
) -> Iterator[Least]:
    """Search as `least` does, and tell after each run how far it is; what is told last
    is what was found.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> from ftlib.transactions.bank import bank
    >>> def run(faults):
    ...     return Cluster(bank("y"), faults=faults).run(until=4)
    >>> for so_far in trying(run, lambda trace: False, 1, ["lose"]):
    ...     print(so_far.most, so_far.tried, so_far.left)
    0 1 0
    1 2 3
    1 3 2
    1 4 1
    1 5 0
    """
    kinds = tuple(kinds)
    tried = 0
    level: dict[frozenset[Any], Schedule] = {frozenset(): Schedule()}
    for size in range(most + 1):
        if not level:  # nothing more can go wrong
            yield Least(None, most, tried)
            return
        deeper: dict[frozenset[Any], Schedule] = {}
        for number, schedule in enumerate(level.values(), 1):
            trace, tried = run(schedule), tried + 1
            if broken(trace):
                yield Least(schedule, size, tried)
                return
            if size < most:
                for offer in offers(trace, kinds, at=at):
                    longer = Schedule((*schedule, offer.fault))
                    deeper.setdefault(frozenset(longer), longer)
            yield Least(None, size, tried, len(level) - number)
        level = deeper
