"""Blocking as a number: in how many states a live node that waits for a decision cannot
get it from those that are up.

A node is *blocked* in a state if from there, by steps of nodes that are up and
deliveries between them, without recovery and without new faults, no state is reachable
in which it has decided. Timers may fire as often as they like. So a blocked node waits
for a machine to be mended, however long that takes; one that is not blocked waits for
messages and time-outs only.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ftlib.checking.cluster_model import ClusterModel
from ftlib.checking.counterexample import Counterexample
from ftlib.checking.exploration import explore

__all__ = ["Blocking", "blocking"]


@dataclass(frozen=True)
class Blocking:
    """Where nodes are blocked.

    Attributes
    ----------
    states : int
        How many states are reachable.
    waiting : int
        In how many of them some live node waits for a decision.
    blocked : int
        In how many of them one that waits is blocked.
    nodes : dict from node to int
        In how many states each node is blocked.
    way : Counterexample or None
        A shortest way to a state in which one is.
    complete : bool
        Whether all reachable states were looked at.
    bound : str
        Within what bound.
    stuck : dict from state to tuple of nodes
        Every reachable state, and who is blocked in it.
    """

    states: int
    waiting: int
    blocked: int
    nodes: dict[str, int]
    way: Counterexample | None
    complete: bool
    bound: str
    stuck: dict[Any, tuple[str, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __str__(self) -> str:
        share = f", {self.blocked / self.waiting:.1%} of them" if self.waiting else ""
        return (
            f"{self.states:,} states; in {self.waiting:,} a live node waits for a"
            f" decision\nin {self.blocked:,} it is blocked{share}\n{self.bound}"
        )

    __repr__ = __str__


def blocking(
    model: ClusterModel,
    waits: type,
    decides: type,
    *,
    nodes: Iterable[str] | None = None,
    max_states: int | None = None,
) -> Blocking:
    """Count the states in which a live node is blocked.

    Parameters
    ----------
    model : ClusterModel
        One that keeps both types of facts (``keep=(waits, decides)``).
    waits : type
        The fact with which a node begins to wait, such as `Voted`: before it, nobody
        depends on it.
    decides : type
        The fact that ends it, such as `Decided`. Both are about the same thing if they
        have an attribute `txn`.
    nodes : iterable of str, optional
        The nodes that may wait; all by default.
    max_states : int, optional
        Look at no more states than that.

    Raises
    ------
    ValueError
        If the model does not keep these facts, or its timers are free on a network on
        which copies add up without end.

    Examples
    --------
    >>> from ftlib.transactions.atomic_commit import Decided, Voted
    >>> from ftlib.transactions.bank import bank
    >>> found = blocking(
    ...     ClusterModel(bank("yy"), crashes=1, keep=(Voted, Decided)), Voted, Decided
    ... )
    >>> found.blocked > 0
    True
    >>> print(found.way)
    1  Crash    node='coordinator'  at=0.0  after=4
    2  Deliver  message='Prepare'  sender='coordinator'  receiver='p1'
    """
    for kind in (waits, decides):
        if kind not in model.memories.keep:
            raise ValueError(
                f"the model does not keep {kind.__name__}: make it with"
                f" keep=({waits.__name__}, {decides.__name__})"
            )
    if model.timers == "free" and model.network != "set":
        raise ValueError(
            f"with free timers a {model.network} network fills up without end: choose"
            " network='set'"
        )
    watched = tuple(model.ids if nodes is None else nodes)
    seen: list[Any] = []
    found = explore(_Recording(model, seen), max_states=max_states)
    seen = list(dict.fromkeys(seen))  # ways ask again
    calm = {state: model.calm(state) for state in seen}
    free = _free(model, dict.fromkeys(calm.values()), watched, waits, decides)
    waiting = 0
    blocked: Counter[str] = Counter()
    first, count = None, 0
    places: dict[Any, tuple[str, ...]] = {}
    for state in seen:
        owing = _waiting(model, state, watched, waits, decides)
        stuck = [node for node in owing if calm[state] not in free[node]]
        waiting += bool(owing)
        count += bool(stuck)
        blocked.update(stuck)
        places[state] = tuple(stuck)
        first = first or (stuck and state) or None
    way = None
    if first is not None:
        visited = seen.index(first) + 1  # it is the last that must be visited again
        way = explore(
            model, {"": lambda state: state != first}, max_states=visited
        ).violations[""]
    return Blocking(
        found.states,
        waiting,
        count,
        dict(blocked),
        way,
        found.complete,
        found.bound,
        places,
    )


class _Recording:
    """A model that keeps the states that are asked for their successors."""

    def __init__(self, model: ClusterModel, seen: list[Any]) -> None:
        self.initial_states = model.initial_states
        self.bound, self.typed = model.bound, True
        self._model = model
        self._seen = seen

    def successors(self, state: Any) -> Any:
        self._seen.append(state)
        return self._model.successors(state)


def _waiting(
    model: ClusterModel, state: Any, nodes: tuple[str, ...], waits: type, decides: type
) -> list[str]:
    """List the live nodes that wait for a decision."""
    up, facts = model.up(state), model.facts(state)
    about = {
        (node, getattr(fact, "txn", None))
        for node, fact in facts
        if isinstance(fact, waits)
    }
    about -= {
        (node, getattr(fact, "txn", None))
        for node, fact in facts
        if isinstance(fact, decides)
    }
    return [
        node
        for node in nodes
        if node in up and any(waiter == node for waiter, _ in about)
    ]


def _free(
    model: ClusterModel, starts: Any, nodes: tuple[str, ...], waits: type, decides: type
) -> dict[str, set[Any]]:
    """Find the calm states from which each node can get its decision."""
    before: dict[Any, list[Any]] = {state: [] for state in starts}
    queue = list(before)
    for state in queue:
        for _, successor in model.successors(state):
            if successor not in before:
                before[successor] = []
                queue.append(successor)
            before[successor].append(state)
    free: dict[str, set[Any]] = {}
    for node in nodes:
        good = {
            state
            for state in before
            if node not in _waiting(model, state, (node,), waits, decides)
        }
        todo = list(good)
        while todo:
            for state in before[todo.pop()]:
                if state not in good:
                    good.add(state)
                    todo.append(state)
        free[node] = good
    return free
