"""Is a history linearizable: is there one order of its operations that explains what
every client saw?

Such an order keeps real time (an operation that returned before another was invoked
comes before it) and is one that the object, doing one operation after another, could
have gone through (Herlihy and Wing 1990). A pending operation may be put anywhere after
its invocation, or left out.

The search is in `ftlib.checking.ordering`. Linearizability is local: a history is
linearizable if its part at each object is (theorem 1), so a model may say which
operations can be judged apart. "Local" takes times to differ: across keys, operations
that touch at one instant are judged leniently.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from time import monotonic
from typing import Any, Literal

from ftlib.checking.history import History
from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.checking.ordering import Search, Visited
from ftlib.checking.specification import SequentialModel, made, told
from ftlib.simulation.values import show

__all__ = ["MEMORY", "Verdict", "check_linearizable", "describe"]

MEMORY = (
    256_000_000  # bytes, roughly, that the search may use to remember where it has been
)
# places that the first turn of a key looks at; every later turn is twice as long
TURN = 500
AGAIN = 20_000  # places that are looked at for the longest order where there is none

Outcome = Literal["linearizable", "not linearizable", "unknown"]


@dataclass(frozen=True)
class Verdict:
    """Whether a history is linearizable, and why.

    It is true in a condition if the history is linearizable, false also if that is
    unknown.

    Attributes
    ----------
    outcome : str
        "linearizable", "not linearizable" or "unknown".
    order : tuple of Operation, or dict of such tuples
        An order that explains the history; pending operations that it does not need are
        left out. If there is none, or it was not found in time, the order that got
        furthest: with the most of the operations that returned. Of a model that judges
        keys apart, from each key to its order; a part without a key goes by its number.
        Once one key has failed, the others' orders may be unfinished.
    reason : str
        One sentence.
    blocked : tuple of Operation
        If it is not linearizable: the operations that could come next after the longest
        order, none of which fits. The first of them returned first, so all that comes
        later has to wait for it.
    key : object
        Which part `reason` and `blocked` speak of, None where the model does not judge
        keys apart.
    places : int
        How many different situations the search looked at.
    """

    outcome: Outcome
    order: tuple[Operation, ...] | Mapping[Any, tuple[Operation, ...]]
    reason: str
    blocked: tuple[Operation, ...] = ()
    key: Any = None
    places: int = 0
    model: Any = field(default=None, repr=False, compare=False)

    def __bool__(self) -> bool:
        return self.outcome == "linearizable"

    def __str__(self) -> str:
        return f"{self.outcome}: {self.reason}"

    __repr__ = __str__


def check_linearizable(
    history: Iterable[Operation],
    model: SequentialModel | Callable[[], SequentialModel],
    *,
    timeout: float | None = None,
) -> Verdict:
    """Judge a history against what the object is supposed to be.

    Parameters
    ----------
    history : History or iterable of Operation
    model : a model, or the class of one
        Such as those of `ftlib.checking.models`. Its `step` must depend on its
        arguments alone, and change none of them.
    timeout : float, optional
        Seconds of real time after which the answer is "unknown"; None for as long as it
        takes.

    Returns
    -------
    Verdict

    Raises
    ------
    TypeError, ValueError
        If the history is none (see `History`), the model is none, does not know a call
        or is seen to change or to contradict itself, or the timeout is negative.

    Examples
    --------
    >>> from ftlib.checking.models import Register
    >>> history = [
    ...     Operation("a", ("write", 1), None, 0, 4),
    ...     Operation("b", ("read",), 1, 1, 2),
    ...     Operation("c", ("read",), None, 3, 5),
    ... ]
    >>> check_linearizable(history[:2], Register)
    linearizable: 2 operations have an order
    >>> check_linearizable(history, Register)
    not linearizable: c: read -> None (3 to 5) fits nowhere: after the longest order \
found, 2 of 3 operations, the register holds 1

    Notes
    -----
    *Precedence is strict.* Operations of different processes that touch, one returning
    at the time at which the other is invoked, may come in either order. Those of one
    process keep the order in which it called them, also where they touch.

    Deciding is NP-complete (Gibbons and Korach 1997), so a few dozen writes at the same
    time can take longer than anybody waits. With few operations at a time it takes time
    proportional to the length. Keys take turns, each turn longer than the last: an
    illegal key is found although another is hard. What the search remembers is bounded
    by `MEMORY`; once that is full it forgets what it learned first, and may then look
    at the same places again.
    """
    start = monotonic()
    if timeout is not None and (
        isinstance(timeout, bool) or not isinstance(timeout, Real) or not timeout >= 0
    ):
        raise ValueError(f"timeout is {timeout!r}: give seconds, 0 or more, or None")
    deadline = None if timeout is None else start + timeout
    judge = made(model)
    history = history if isinstance(history, History) else History(history)
    partition = getattr(judge, "partition", None)
    parts = [history] if partition is None else _parts(judge, history)
    visited = Visited(MEMORY)
    searches = [Search(part, judge, visited) for part in parts]
    _take_turns(searches, deadline)

    names = _names(parts)
    orders = dict(zip(names, (search.best for search in searches), strict=True))
    about = next(
        (number for number, search in enumerate(searches) if search.answer is False),
        None,
    )
    outcome: Outcome
    blocked: tuple[Operation, ...] = ()
    if about is not None:
        outcome = "not linearizable"
        search = _longest(parts[about], searches[about], deadline, judge)
        orders[names[about]], blocked = search.best, search.blocked
        length = f"{len(search.best)} of {len(search.numbered.operations)} operations"
        reason = (
            f"{blocked[0]} fits nowhere: after the longest order found, {length},"
            f" {describe(judge, search.best)}"
        )
    elif unsure := [
        number for number, search in enumerate(searches) if search.answer is None
    ]:
        outcome, about = "unknown", unsure[0]
        search = searches[unsure[0]]
        reason = (
            f"no answer within {timeout:g} s; {len(search.best)} of"
            f" {len(search.numbered.operations)} operations are in order so far"
        )
    else:
        outcome = "linearizable"
        keyed = f" on {len(parts)} keys" if len(parts) > 1 else ""
        reason = (
            f"{len(history)} operations{keyed} have an order"
            if len(history) != 1
            else "1 operation has an order"
        )
    key = None if about is None or partition is None else names[about]
    return Verdict(
        outcome,
        orders if partition else orders[names[0]],
        reason if key is None else f"key {show(key)}: {reason}",
        blocked,
        key,
        sum(search.places for search in searches),
        judge,
    )


def _parts(model: Any, history: History) -> list[History]:
    """Cut a history as its model says, which may leave out what is pending and nothing
    else.
    """
    parts = [
        part if isinstance(part, History) else History(part)
        for part in model.partition(history)
    ]
    count, returned = sum(map(len, parts)), sum(not one.pending for one in history)
    if not returned <= count <= len(history):
        name = type(model).__name__
        raise ValueError(
            f"partition of {name} makes {count} operations of {len(history)}: put each"
            " into one of its histories"
        )
    return parts


def _take_turns(searches: list[Search], deadline: float | None) -> None:
    """Let the searches go on in turns until all are done, one has failed, or time is
    up.
    """
    turn, todo = TURN, searches
    while todo:
        for search in todo:
            if search.go_on(turn, deadline) is False or (
                deadline is not None and monotonic() > deadline
            ):
                return
        todo = [search for search in todo if search.answer is None]
        turn *= 2


def _longest(
    history: Iterable[Operation],
    failed: Search,
    deadline: float | None,
    model: SequentialModel,
) -> Search:
    """Search again for the longest order, to the end of every way, if that can be had
    soon; else lengthen what was found.
    """
    again = Search(history, model, Visited(MEMORY), prune=False)
    if again.go_on(AGAIN, deadline) is False:
        return again
    failed.lengthen()
    return failed


def _names(parts: list[History]) -> list[Any]:
    """Name the parts by their keys, one without a key by its number; all by their
    numbers if that names two alike.
    """
    keys = [part.key for part in parts]
    names = [number if key is None else key for number, key in enumerate(keys)]
    return names if len(set(names)) == len(names) else list(range(len(names)))


def describe(model: Any, order: Iterable[Operation]) -> str:
    """Say in a few words what the state is after operations in this order, as far as
    the model has words for it.
    """
    state = model.initial
    for one in order:
        _, state = model.step(state, one.call, UNKNOWN if one.pending else one.result)
    return told(model, state)
