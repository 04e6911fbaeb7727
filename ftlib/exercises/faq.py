"""Judges of the exercises of the questions: how long a takeover may take, and how to
undo a mistake with a backup and a log. The third is in `ftlib.exercises.pipelined`.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from math import inf
from typing import Any

from ftlib.analysis.repair import availability_failover
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded
from ftlib.services import Store

__all__ = ["judge_takeover", "judge_undo"]

# 1: how long a takeover may take ------------------------------------------------------

GOAL, MTTF, MTTR = 0.9999, 1000, 1  # hours


def _up(seconds: float) -> float:
    return availability_failover(2, MTTF, MTTR, seconds / 3600)


@judging
def judge_takeover(seconds: Any) -> Answer:
    """Judge the longest takeover, in whole seconds, with which one of two nodes serves
    for 99.99 % of the time; each crashes after 1,000 hours on average, and is repaired
    in one.

    Refused are a takeover with which it serves for less, and one that could be longer.

    Parameters
    ----------
    seconds : int
    """
    if seconds is None:
        return not_attempted("Set my_seconds to a number of seconds.")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Wrong(f"my_seconds is {seconds!r}: hand in a number.")
    if not 0 <= seconds < inf:
        raise Wrong(f"my_seconds is {seconds!r}: a time is 0 or more, and finite.")
    if seconds != int(seconds):
        raise Wrong(f"my_seconds is {seconds!r}: give whole seconds, not hours.")
    found = _up(seconds)
    if found < GOAL:
        why = "crashes alone leave so much, but at times both nodes are down"
        close = 1 - seconds / 3600 / MTTF >= GOAL
        raise Wrong(
            f"with a takeover of {seconds:g} s the service is up {found:.5%} of the"
            f" time{': ' + why if close else ', which is too little'}."
        )
    if _up(seconds + 1) >= GOAL:
        raise Wrong(
            f"with a takeover of {seconds:g} s the service is up {found:.5%} of the"
            " time, and one second more would still do."
        )
    return Answer("right", f"With it the service is up {found:.5%} of the time.")


# 2: a mistake undone ------------------------------------------------------------------

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Case:
    """What was backed up when, all requests, and the number of the mistaken one."""

    position: int
    log: tuple[tuple[Any, ...], ...]
    mistake: int

    def after(self, first: int, last: int, *, but: int = 0, twice: int = 0) -> Values:
        """What the requests up to `twice` and those from `first` to `last` leave."""
        store = Store()
        numbers = [*range(1, twice + 1), *range(first, last + 1)]
        for number in numbers:
            if number != but:
                store.do(self.log[number - 1])
        return store.values

    @property
    def backup(self) -> tuple[int, Values]:
        return self.position, self.after(1, self.position)

    @property
    def right(self) -> Values:
        return self.after(1, len(self.log), but=self.mistake)

    def known(self) -> Iterator[tuple[Values, str]]:
        """What is often handed in instead, and what is wrong with it."""
        end = len(self.log)
        yield self.backup[1], "what was written after the backup is missing"
        yield (
            self.after(1, self.mistake - 1),
            "what was written after the mistake is missing",
        )
        yield self.after(1, end), "the mistake has been done again"
        yield (
            self.after(1, end, but=self.mistake, twice=self.position),
            "what the backup holds has been done a second time",
        )

    def __str__(self) -> str:
        rows = (
            f"{number:2} {' '.join(map(repr, operation))}"
            + ("  <- the mistake" if number == self.mistake else "")
            for number, operation in enumerate(self.log, 1)
        )
        return "\n".join([f"backup: {self.backup}", "log:", *rows])


def _letters(key: str, letters: str) -> list[tuple[Any, ...]]:
    return [("append", key, letter) for letter in letters]


CASES = (
    _Case(2, (*_letters("x", "abc"), ("put", "x", ""), *_letters("x", "d")), 4),
    _Case(3, (*_letters("x", "abc"), ("put", "x", ""), *_letters("x", "de")), 4),
    _Case(1, (*_letters("x", "ab"), ("get", "x"), ("put", "x", None)), 4),
    _Case(
        3,
        (
            *_letters("x", "a"),
            *_letters("y", "bb"),
            *_letters("x", "c"),
            ("put", "y", ""),
            *_letters("y", "c"),
            *_letters("x", "c"),
        ),
        5,
    ),
    _Case(0, (("put", "x", "a"), ("put", "y", 1), ("put", "y", 2)), 2),
    _Case(1, tuple(_letters("x", "abaca")), 3),
    _Case(1, (*_letters("x", "a"), *_letters("y", "bb"), ("put", "x", None)), 2),
    _Case(1, (("put", "x", ""), *_letters("y", "b"), *_letters("z", "c")), 2),
)


@judging
def judge_undo(undo: Any) -> Answer:
    """Judge a function that returns what a store would hold if one request had never
    been executed.

    It is tried on several backups and logs, twice on each, for whoever changes the
    backup cannot use it again. Refused is what leaves the mistake in, or takes out more
    than it, and a function that changes the backup or the log.

    Parameters
    ----------
    undo : callable
        Takes a backup (how many requests it contains, and the values), the log of all
        requests, and the number of the mistaken one; returns a dict.
    """
    if not callable(undo):
        raise Wrong(f"undo is {undo!r}: hand in a function.")
    for case in CASES:
        backup, log = case.backup, list(case.log)
        given = deepcopy((backup, log))
        for _ in range(2):
            found = bounded(undo, backup, log, case.mistake)
            if found is None:
                return not_attempted("Let undo return a dict of values.")
            if not isinstance(found, Mapping):
                raise Wrong(f"it returns {found!r}: a dict of values is asked.")
            if found != case.right:
                raise Wrong(_why(case, dict(found)), str(case))
            if (backup, log) != given:
                raise Wrong(
                    "it changes the backup or the log: nobody can use them again.",
                    str(case),
                )
    return Answer("right", f"Nothing but the mistake is gone, in {len(CASES)} cases.")


def _why(case: _Case, found: Values) -> str:
    for values, why in case.known():
        if found == values:
            return f"{why}: it returns {found!r}, and not {case.right!r}."
    return f"it returns {found!r}, and not {case.right!r}."
