"""The calls of a sweep: which there are, with which seeds, and what they gave.

The seed of a call is made of the sweep's own seed, the parameters and the number of the
run, and of nothing else.
"""

import inspect
import itertools
import math
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from ftlib.analysis.estimate import FEWEST, Estimate, Mean
from ftlib.analysis.table import Point, Table, TableRow, worded
from ftlib.simulation.values import check_value

__all__ = ["ENOUGH", "Batch", "Span", "TaskError", "Tasks", "combinations", "must_take"]

ENOUGH = 0.2  # seconds of work in a batch

Span = tuple[int, int]
"""Tasks by number, the first, and the first after them."""


class TaskError(RuntimeError):
    """A task could not be done.

    Parameters
    ----------
    message : str
    calls : tuple of (dict, int)
        The parameters and the seed of the task; of several if it was one of them.
    """

    def __init__(self, message: str, calls: tuple[tuple[Point, int], ...]) -> None:
        super().__init__(message)
        self.calls = calls


class _Missing:
    """Stands for what was not found yet."""


class Tasks:
    """All calls of a sweep, by number, and what they gave."""

    def __init__(
        self, function: Callable[..., Any], points: list[Point], runs: int, seed: int
    ) -> None:
        self.function, self.points, self.runs, self.seed = function, points, runs, seed
        self.names = [worded(dict(sorted(point.items()))) for point in points]
        self.found: list[Any] = [_Missing] * (len(points) * runs)

    def call(self, number: int) -> tuple[Point, int]:
        """The parameters and the seed of a task."""
        point, run = divmod(number, self.runs)
        named = repr((self.seed, self.names[point], run))
        digest = blake2b(named.encode(), digest_size=8).digest()
        return self.points[point], int.from_bytes(digest, "big")

    def batch(self, span: Span) -> "Batch":
        """What a worker needs to do these tasks."""
        return Batch(self.function, [self.call(number) for number in range(*span)])

    def failed(self, numbers: Iterable[int], what: str) -> TaskError:
        """The error that says what is wrong with a task, or with one of these."""
        calls = tuple(self.call(number) for number in numbers)
        shown = [
            f"{_name(self.function)}({worded({**parameters, 'seed': seed})})"
            for parameters, seed in calls[:4]
        ]
        if len(calls) > len(shown):
            shown.append(f"{len(calls) - len(shown)} more")
        return TaskError(f"{' or '.join(shown)} {what}", calls)

    def keep(self, span: Span, values: list[dict[str, Any]], wrong: str) -> None:
        """Keep what a batch gave, from its first task on; raise if one is wrong."""
        first, _ = span
        self.found[first : first + len(values)] = values
        if wrong:
            raise self.failed([first + len(values)], wrong)
        if self.runs < FEWEST and not _yes_or_no(values):
            raise ValueError(
                f"runs={self.runs}: {_name(self.function)} gives numbers, and their"
                f" mean has an interval from {FEWEST} runs on"
            )

    def table(self, confidence: float) -> Table:
        """Make the table of what was found; warn if that is not all."""
        missing = sum(each is _Missing for each in self.found)
        rows = []
        for number, point in enumerate(self.points):
            first = number * self.runs
            all_found = self.found[first : first + self.runs]
            found = list(
                itertools.takewhile(lambda each: each is not _Missing, all_found)
            )
            for at, each in enumerate(found):
                if each.keys() != found[0].keys():
                    others = f"gives {list(each)}, and other runs {list(found[0])}"
                    raise self.failed([first + at], others)
            for name in found[0] if found else ():
                values = [each[name] for each in found]
                if _yes_or_no([{name: value} for value in values]):
                    made: Estimate | Mean = Estimate.of(
                        sum(values), len(values), confidence
                    )
                elif len(values) >= FEWEST:
                    made = Mean.of(values, confidence)
                else:
                    continue
                rows.append(TableRow(point, name, made))
        if missing:
            warnings.warn(
                f"interrupted: {missing:,} of {len(self.found):,} runs are missing",
                RuntimeWarning,
                stacklevel=3,
            )
        return Table(tuple(rows), missing)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some calls, on their way to a worker."""

    function: Callable[..., Any]
    calls: list[tuple[Point, int]]

    def do(self) -> tuple[list[dict[str, Any]], str, str, float]:
        """Do as many as there is time for. Return what they gave, what is wrong with
        the next if something is, where that happened, and how long it all took.
        """
        began = time.perf_counter()
        values: list[dict[str, Any]] = []
        took = 0.0
        for parameters, seed in self.calls:
            if took > ENOUGH:
                break
            try:
                result = self.function(**parameters, seed=seed)
            except Exception as error:
                return values, f"raised {error!r}", traceback.format_exc(), took
            named = dict(result) if isinstance(result, Mapping) else {"": result}
            if not named or not all(map(_is_number, named.values())):
                wrong = f"returned {result!r}: a finite number, True or False, or a"
                return values, f"{wrong} dict of these by name", "", took
            values.append(named)
            took = time.perf_counter() - began
        return values, "", "", took


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _yes_or_no(values: list[dict[str, Any]]) -> bool:
    return all(isinstance(each, bool) for named in values for each in named.values())


def combinations(grid: Any) -> list[Point]:
    """All combinations of a grid, looked through."""
    if isinstance(grid, Mapping):
        for name, values in grid.items():
            if isinstance(values, str | bytes) or not isinstance(values, Iterable):
                raise TypeError(f"{name}={values!r}: a list of the values to try")
        grid = {name: list(values) for name, values in grid.items()}
        points = [
            dict(zip(grid, values, strict=True))
            for values in itertools.product(*grid.values())
        ]
    else:
        points = [dict(each) for each in grid]
    if not points:
        raise ValueError(f"grid={grid!r}: there is nothing to try")
    seen = set()
    for point in points:
        for name, value in point.items():
            check_value(value, str(name))
        if "seed" in point:
            raise ValueError(
                f"seed={point['seed']!r} in the grid: each run has its own"
            )
        text = worded(dict(sorted(point.items())))
        if text in seen:
            raise ValueError(f"{text}: twice in the grid, and would have the same runs")
        seen.add(text)
    return points


def must_take(function: Any, points: list[Point]) -> None:
    """Raise unless a function takes these parameters, as far as it says what it
    takes.
    """
    if not callable(function):
        raise TypeError(f"function={function!r}: something to call")
    try:
        signature = inspect.signature(function)
    except ValueError:  # of some builtins nobody knows
        return
    for point in points:
        try:
            signature.bind(**point, seed=0)
        except TypeError as error:
            raise TypeError(
                f"{_name(function)}{signature} is called with"
                f" {worded({**point, 'seed': 0})}: {error}"
            ) from None


def _name(function: Any) -> str:
    return getattr(function, "__name__", None) or repr(function)
