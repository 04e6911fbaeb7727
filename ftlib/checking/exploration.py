"""Every reachable state of a model, breadth first: what holds in all of them, and the
shortest way to one where something fails.

A model is anything with `initial_states` and `successors`: a specification written by
hand, or real nodes in a world whose every choice is taken
(`ftlib.checking.ClusterModel`). States are hashable values; two that are equal are
visited once. Breadth first means that the first counterexample found is a shortest one.
The method is explicit-state model checking (Clarke and Emerson 1981; Queille and
Sifakis 1982); the counts are those that TLC, the checker of TLA+, prints (Yu, Manolios
and Lamport 1999).

What it shows and what it does not: an invariant that holds in a complete exploration
holds in *every* run of the model, within the bound that the model states. It says
nothing about a larger model, nor about time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import nan
from numbers import Real
from time import monotonic
from types import MappingProxyType
from typing import Any, Protocol

from ftlib.checking.breadth_first import BreadthFirst, Predicate
from ftlib.checking.counterexample import Counterexample
from ftlib.checking.watch import Progress

__all__ = ["Exploration", "Model", "Unreachable", "explore"]

NONE: Mapping[str, Predicate] = MappingProxyType({})


class Model(Protocol):
    """What `explore` needs of a model.

    It may offer more. `invariants`, a mapping from names to predicates of
    a state, is checked too. `starved(state)` says whether it is a budget of the model
    alone that leaves a state without a further step. `bound`, a text, says within what
    bound the model is explored. `confirm(way, name)` raises where a counterexample is
    none; `typed` says that equal states are always the same.
    """

    def initial_states(self) -> Iterable[Any]:
        """Return the states in which a run may begin."""

    def successors(self, state: Any) -> Iterable[tuple[Any, Any]]:
        """Return (action, state) for every step that may be taken from a state."""


@dataclass(frozen=True)
class Unreachable:
    """From so many states nothing that fits can be reached any more; `way` is a
    shortest way to one of them.
    """

    count: int
    way: Counterexample


@dataclass(frozen=True)
class Exploration:
    """What was found.

    Attributes
    ----------
    states : int
        How many distinct states were reached, the initial ones included.
    transitions : int
        How many (state, action, successor) were seen, those that lead back to the same
        state included.
    depth : int
        The number of states on the longest of the shortest ways; an initial state has
        depth 1.
    violations : dict from name to Counterexample
        A shortest one for each invariant that fails in some state.
    unreachable : dict from name to Unreachable
        For each `can_reach` that is not possible from everywhere.
    terminal : int
        States without a successor.
    dead_end : Counterexample or None
        A shortest way to one of them.
    stuttering : int
        States whose only successor is themselves.
    starved : int
        States from which nothing but themselves can be reached because the constraint,
        or a budget of the model, took the last step: there the run was cut, it did not
        end. They may be counted as terminal or stuttering too.
    complete : bool
        Whether every reachable state was visited. If not, "holds" means: in the states
        that were.
    bound : str
        Within what bound, in words.
    seconds : float
        How long it took.
    """

    states: int
    transitions: int
    depth: int
    violations: dict[str, Counterexample]
    unreachable: dict[str, Unreachable]
    terminal: int
    dead_end: Counterexample | None = field(compare=False)
    stuttering: int
    starved: int
    complete: bool
    bound: str
    seconds: float = field(compare=False)
    checked: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether everything that was asked holds, in every reachable state."""
        return self.complete and not self.violations and not self.unreachable

    def __str__(self) -> str:
        lines = [
            (
                f"{self.states:,} states, {self.transitions:,} transitions, depth"
                f" {self.depth}"
            ),
            self.bound,
        ]
        for name in self.checked:
            if name in self.violations:
                lines.append(
                    f"{name}: violated, after {len(self.violations[name])} steps"
                )
            elif name in self.unreachable:
                found = self.unreachable[name]
                lines.append(
                    f"{name}: out of reach from {found.count:,} states, the first after"
                    f" {len(found.way)} steps"
                )
            else:
                lines.append(
                    f"{name}: holds"
                    if self.complete
                    else f"{name}: holds in the states visited"
                )
        return "\n".join(lines)

    __repr__ = __str__


def explore(
    model: Any,
    invariants: Mapping[str, Predicate] = NONE,
    can_reach: Mapping[str, Predicate] = NONE,
    *,
    constraint: Predicate | None = None,
    canonical: Callable[[Any], Any] | None = None,
    max_states: int | None = None,
    max_depth: int | None = None,
    timeout: float | None = None,
    until: str | None = None,
    progress: Progress | None = None,
) -> Exploration:
    """Visit every reachable state of a model, breadth first.

    Parameters
    ----------
    model : Model
    invariants : mapping from names to predicates of a state
        What must hold in every reachable state; those of the model itself are added.
    can_reach : mapping from names to predicates of a state
        What must stay *possible* from every reachable state. That is less than
        liveness: it does not say that it happens, only that it has not become out of
        reach.
    constraint : predicate, optional
        A state that does not satisfy it is held against the invariants, but neither
        counted nor followed, as in TLC.
    canonical : callable from state to state, optional
        Maps each state to the one that stands for all those like it: a symmetry of the
        model. Invariants are asked of both.
    max_states, max_depth : int, optional
        Visit no more states; none deeper than that, an initial state having depth 1.
    timeout : float, optional
        Stop after so many seconds.
    until : str, optional
        Stop once the invariant of that name has failed.
    progress : callable, optional
        Called a few times a second with (states, depth, seconds) once it takes more
        than one second; if left out, a line on the terminal says so. Ctrl-C ends the
        exploration and returns what was found so far.

    Returns
    -------
    Exploration

    Raises
    ------
    ValueError
        If a bound is not positive, the model has no initial state, two invariants have
        the same name, or none has the name of `until`.
    Exception
        What the model or a predicate raises, with a note that says on which way; what
        a model raises that finds its counterexample wrong (`Disagreement`).

    Examples
    --------
    Two traffic lights that know nothing of each other:

    >>> class Lights:
    ...     def initial_states(self):
    ...         return [("red", "red")]
    ...
    ...     def successors(self, state):
    ...         a, b = state
    ...         yield "switch a", ("green" if a == "red" else "red", b)
    ...         yield "switch b", (a, "green" if b == "red" else "red")
    >>> found = explore(
    ...     Lights(), {"no crash": lambda state: state != ("green", "green")}
    ... )
    >>> print(found)
    4 states, 8 transitions, depth 3
    every reachable state
    no crash: violated, after 2 steps
    >>> found.violations["no crash"].actions
    ('switch a', 'switch b')

    Notes
    -----
    O(states + transitions) calls of the model and of hash tables; a state and two
    numbers are kept for each, and with `can_reach` two numbers for each transition. Any
    order in which the model lists its steps gives the same counts.

    Explained in chapters/7_1_every_run.ipynb.
    """
    _check_bounds(max_states, max_depth, timeout)
    own = _check_questions(model, invariants, can_reach, constraint, canonical)
    asked = {**own, **invariants}
    if until is not None and until not in asked:
        names = ", ".join(map(repr, asked)) or "none"
        raise ValueError(
            f"until is {until!r}, which is no invariant: there are {names}"
        )
    start = monotonic()
    search = BreadthFirst(
        model,
        asked,
        constraint,
        canonical,
        max_states,
        max_depth,
        edges=bool(can_reach),
        until=until,
    )
    followed = search.visit(timeout, progress)
    lost = {
        name: search.lost(name, wanted, followed) for name, wanted in can_reach.items()
    }
    unreachable = {
        name: Unreachable(len(states), search.way(states[0]))
        for name, states in lost.items()
        if states
    }
    confirm = getattr(model, "confirm", None)
    if confirm is not None:
        for name, way in search.violations.items():
            confirm(way, name)
        for found in unreachable.values():
            confirm(found.way)
    bound = getattr(model, "bound", "")
    bounds = [
        bound if isinstance(bound, str) else "",
        search.stopped or "every reachable state",
        "within the constraint" if constraint else "",
    ]
    return Exploration(
        states=len(search.order),
        transitions=search.transitions,
        depth=search.depth,
        violations=search.violations,
        unreachable=unreachable,
        terminal=search.terminal,
        dead_end=search.way(search.first_terminal - 1)
        if search.first_terminal
        else None,
        stuttering=search.stuttering,
        starved=search.starved,
        complete=not search.stopped,
        bound=", ".join(part for part in bounds if part),
        seconds=monotonic() - start,
        checked=(*own, *invariants, *can_reach),
    )


def _check_bounds(max_states: Any, max_depth: Any, timeout: Any) -> None:
    for name, number in {"max_states": max_states, "max_depth": max_depth}.items():
        if number is not None and not (_real(number) >= 1 and number % 1 == 0):
            raise ValueError(
                f"{name} is {number!r}: give a whole number, 1 or more, or leave it out"
            )
    if timeout is not None and not _real(timeout) > 0:
        raise ValueError(
            f"timeout is {timeout!r}: give seconds, more than 0, or leave it out"
        )


def _real(value: Any) -> float:
    """Return a number as it is, and for anything else one that fails every
    comparison.
    """
    return value if isinstance(value, Real) and not isinstance(value, bool) else nan  # type: ignore[return-value]


def _check_questions(
    model: Any, invariants: Any, can_reach: Any, constraint: Any, canonical: Any
) -> Mapping[str, Predicate]:
    """Raise unless that can be asked of the model; return its own invariants."""
    if isinstance(model, type):
        raise TypeError(
            f"{model.__name__} is a class: give a model made of it,"
            f" {model.__name__}(...)"
        )
    for name in ("initial_states", "successors"):
        if not callable(getattr(model, name, None)):
            raise TypeError(
                f"{model!r} is no model, it has no {name}: it needs initial_states()"
                " and successors(state)"
            )
    own: Mapping[str, Predicate] = getattr(model, "invariants", NONE)
    for name, asked in {
        "invariants of the model": own,
        "invariants": invariants,
        "can_reach": can_reach,
    }.items():
        if not isinstance(asked, Mapping) or not all(map(callable, asked.values())):
            raise TypeError(
                f"{name}: {asked!r} is no mapping from names to predicates of a state"
            )
    for name, function in {"constraint": constraint, "canonical": canonical}.items():
        if function is not None and not callable(function):
            raise TypeError(
                f"{name} is {function!r}: give a function of a state, or leave it out"
            )
    for name in [
        *(set(own) & set(invariants)),
        *(set(can_reach) & {*own, *invariants}),
    ]:
        raise ValueError(
            f"two things to check are called {name!r}: give each its own name"
        )
    return own
