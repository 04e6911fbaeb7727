"""The same function for many parameters and many seeds, and a table of what it gave.

A *task* is one call of the function, with parameters and a seed. The seed is made of
the sweep's own seed, the parameters and the number of the run, never of who does the
task: so one process, many processes and a cluster give the same table, and a parameter
added to a grid changes no other line.

Who does the tasks is any `concurrent.futures.Executor`. There is no engine here: tasks
are handed over in batches of a fifth of a second or so, since a cluster takes a
millisecond or more for each, and what comes back is put in order. A worker that has got
more than it can do in this time gives the rest back, so it does not matter whether the
tasks are alike.
"""

import sys
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from contextlib import contextmanager
from typing import Any

from ftlib.analysis.checks import count
from ftlib.analysis.estimate import FEWEST
from ftlib.analysis.table import Table
from ftlib.analysis.tasks import (
    ENOUGH,
    Span,
    TaskError,
    Tasks,
    combinations,
    must_take,
)

__all__ = ["sweep"]

FASTER = 16  # so many times as long is a batch at most as the one before
AT_FIRST = 8  # batches under way, if nobody knows how many workers there are
ATTEMPTS = 3  # at a task under whose hands workers die


def sweep(
    function: Callable[..., Any],
    grid: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]],
    runs: int = FEWEST,
    *,
    executor: Executor | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    progress: bool | None = None,
) -> Table:
    """Call a function for all parameters and many seeds, and estimate what it gives.

    Parameters
    ----------
    function : callable
        Called with each of the parameters and ``seed``, all by keyword. It returns a
        number, or True or False, or a dict of several of these by name; and the same
        for the same arguments, wherever it is called.
    grid : mapping, or iterable of mappings
        The values of each parameter, of which all combinations are tried; or the
        combinations themselves. Values are None, bool, int, float, str, bytes, enum
        members, frozen dataclasses, and dicts, lists and tuples of these.
    runs : int, optional
        How often the function is called for each combination, with as many seeds; 30
        or more if it gives numbers, because their mean is to have an interval.
    executor : concurrent.futures.Executor, optional
        Who does it; this process if it is left out. Otherwise a
        ``ProcessPoolExecutor()``, or ``distributed.Client().get_executor()`` for a
        local cluster of Dask, with an address in the parentheses for a remote one. It
        stays open.
    seed : int, optional
        Another one gives other seeds to all tasks.
    confidence : float, optional
        Of the intervals, between 0 and 1.
    progress : bool, optional
        Whether to show a progress bar, which needs tqdm. If it is left out, there is
        one on a terminal if tqdm is there and the work takes more than two seconds.

    Returns
    -------
    Table
        The same to the last bit, whoever did the work. After an interrupt, what was
        found so far: for each combination the first runs without a gap (a warning says
        that there are fewer).

    Raises
    ------
    TaskError
        If the function raised, or returned something else, or if workers died again and
        again. It says which call does so.
    TypeError, ValueError
        If an argument is wrong, or the grid is empty or has something twice.

    Examples
    --------
    >>> from ftlib.analysis.epidemic import simulate_push
    >>> table = sweep(simulate_push, {"sites": [10, 100]})
    >>> print(table)
    sites  value    low   high  runs
       10  5.967  5.541  6.392    30
      100  12.97  12.47  13.47    30
    >>> table.at(sites=10).value == table.records()[0]["value"]
    True

    Notes
    -----
    Where a worker of a process pool dies, all that were under way are done again in a
    new pool of the same kind, one by one, and a warning says so. A task that was under
    way three times when one died is given up. A cluster of Dask replaces its workers
    itself.

    A process pool can call what stands at the top of a module only; Dask can also call
    what a notebook has defined. In a script, both want ``if __name__ == "__main__":``.

    Explained in chapters/5_3_large_scale.
    """
    points = combinations(grid)
    count("runs", runs)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed={seed!r}: a whole number")
    if executor is not None and not isinstance(executor, Executor):
        hint = ".get_executor()" if hasattr(executor, "get_executor") else ""
        raise TypeError(
            f"executor={executor!r}: a concurrent.futures.Executor"
            + (f", which its {hint} is" if hint else "")
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence!r}: a number between 0 and 1")
    must_take(function, points)
    tasks = Tasks(function, points, runs, seed)
    with _bar(len(tasks.found), progress) as step:
        _do(tasks, executor or _Here(), step)
    return tasks.table(confidence)


class _Here(Executor):
    """This process: what is handed over is done at once."""

    _max_workers = 1

    def submit(self, do: Callable[..., Any], /, *given: Any, **named: Any) -> Any:
        future: Future[Any] = Future()
        future.set_result(do(*given, **named))
        return future


def _do(tasks: Tasks, executor: Executor, step: Callable[[int], Any]) -> None:
    """Hand all tasks over, and keep what comes back."""
    given, at_work = executor, executor
    waiting: deque[Span] = deque([(0, len(tasks.found))])
    flying: dict[Future[Any], Span] = {}
    died: Counter[int] = Counter()
    lost: list[Span] = []
    size, done = 1, 0
    try:
        while waiting or flying:
            workers = getattr(at_work, "_max_workers", None)
            while (
                waiting
                and not lost
                and len(flying) < (2 * workers if workers else AT_FIRST + done)
            ):
                first, end = waiting.popleft()
                span = first, min(end, first + size)
                if span[1] < end:
                    waiting.appendleft((span[1], end))
                try:
                    flying[at_work.submit(tasks.batch(span).do)] = span
                except BrokenExecutor:
                    died[first] += 1
                    lost.append(span)
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                first, end = span = flying.pop(future)
                try:
                    values, wrong, where, took = future.result()
                except Exception as error:
                    # by name, since Dask need not be installed: several of its workers
                    # died at this
                    killed = type(error).__name__ == "KilledWorker" and end > first + 1
                    if not killed and not isinstance(error, BrokenExecutor):
                        raise tasks.failed(
                            range(*span), f"could not be done: {error!r}"
                        ) from error
                    died[first] += 1
                    lost.append(span)
                    continue
                try:
                    tasks.keep(span, values, wrong)
                except TaskError as failed:
                    if where:
                        failed.add_note(where)
                    raise
                done += 1
                step(len(values))
                if first + len(values) < end:
                    waiting.appendleft((first + len(values), end))
                longest = FASTER * (end - first)
                size = max(1, int(min(longest, len(values) * ENOUGH / max(took, 1e-9))))
            if lost and not flying:
                again = [number for span in lost for number in range(*span)]
                guilty = [number for number in again if died[number] >= ATTEMPTS]
                if guilty:
                    raise tasks.failed(
                        guilty, f"was under way {ATTEMPTS} times when a worker died"
                    )
                at_work = _renewed(at_work, given)
                warnings.warn(
                    f"a worker died: {len(again):,} tasks are done again, one by one",
                    RuntimeWarning,
                    stacklevel=3,
                )
                waiting.extendleft((each, each + 1) for each in reversed(again))
                lost.clear()
    except KeyboardInterrupt:
        pass  # the table says what is missing
    finally:
        for future in flying:
            future.cancel()
        if at_work is not given:
            at_work.shutdown(cancel_futures=True)


def _renewed(broken: Executor, given: Executor) -> Executor:
    """Another pool like the one that has lost a worker. Dask replaces its workers."""
    from concurrent.futures import ProcessPoolExecutor

    if not isinstance(broken, ProcessPoolExecutor):
        return broken
    if broken is not given:
        broken.shutdown()
    return ProcessPoolExecutor(
        broken._max_workers,  # type: ignore[attr-defined]
        broken._mp_context,
        broken._initializer,
        broken._initargs,
    )


@contextmanager
def _bar(total: int, progress: bool | None) -> Iterator[Callable[[int], Any]]:
    """A progress bar, or none."""
    on_a_terminal = sys.stderr is not None and sys.stderr.isatty()
    if not (on_a_terminal if progress is None else progress):
        yield lambda steps: None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        if progress:
            raise
        yield lambda steps: None
        return
    with tqdm(total=total, unit="run", delay=0 if progress else 2) as bar:
        yield bar.update
