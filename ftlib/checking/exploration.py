"""Every reachable state of a model, breadth first: what holds in all of them, and the shortest way to one where something fails.

A model is anything with `initial_states` and `successors`: a specification written by hand, or real nodes in a world whose every
choice is taken (`ftlib.checking.ClusterModel`). States are hashable values; two that are equal are visited once. Breadth first
means that the first counterexample found is a shortest one. The method is explicit-state model checking (Clarke and Emerson 1981;
Queille and Sifakis 1982); the counts are those that TLC, the checker of TLA+, prints (Yu, Manolios and Lamport 1999).

What it shows and what it does not: an invariant that holds in a complete exploration holds in *every* run of the model, within
the bound that the model states. It says nothing about a larger model, nor about time.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import nan
from numbers import Real
from time import monotonic
from types import MappingProxyType
from typing import Any, Protocol

from ftlib.checking.counterexample import Counterexample
from ftlib.checking.reach import out_of_reach
from ftlib.simulation.values import show

__all__ = ["Exploration", "Model", "Unreachable", "explore"]

Predicate = Callable[[Any], Any]
NONE: Mapping[str, Predicate] = MappingProxyType({})
OUTSIDE, DEEPER, FULL = -1, -2, -3  # instead of the number of a state that is not visited: why not


class Model(Protocol):
    """What `explore` needs of a model.

    It may offer three things more. `invariants`, a mapping from names to predicates of a state, is checked too. `starved(state)`
    says whether it is a budget of the model alone that leaves a state without a further step. `bound`, a text, says within what
    bound the model is explored.
    """

    def initial_states(self) -> Iterable[Any]:
        """Return the states in which a run may begin."""

    def successors(self, state: Any) -> Iterable[tuple[Any, Any]]:
        """Return (action, state) for every step that may be taken from a state."""


@dataclass(frozen=True)
class Unreachable:
    """From so many states nothing that fits can be reached any more; `witness` is a shortest way to one of them."""

    count: int
    witness: Counterexample


@dataclass(frozen=True)
class Exploration:
    """What was found.

    Attributes
    ----------
    states : int
        How many distinct states were reached, the initial ones included.
    transitions : int
        How many (state, action, successor) were seen, those that lead back to the same state included.
    depth : int
        The number of states on the longest of the shortest ways; an initial state has depth 1.
    violations : dict from name to Counterexample
        A shortest one for each invariant that fails in some state.
    unreachable : dict from name to Unreachable
        For each `can_reach` that is not possible from everywhere.
    terminal : int
        States without a successor.
    stuttering : int
        States whose only successor is themselves.
    starved : int
        States from which nothing but themselves can be reached because the constraint, or a budget of the model, took the last
        step: there the run was cut, it did not end. They may be counted as terminal or stuttering too.
    complete : bool
        Whether every reachable state was visited. If not, "holds" means: in the states that were.
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
        lines = [f"{self.states:,} states, {self.transitions:,} transitions, depth {self.depth}", self.bound]
        for name in self.checked:
            if name in self.violations:
                lines.append(f"{name}: violated, after {len(self.violations[name])} steps")
            elif name in self.unreachable:
                found = self.unreachable[name]
                lines.append(f"{name}: out of reach from {found.count:,} states, the first after {len(found.witness)} steps")
            else:
                lines.append(f"{name}: holds" if self.complete else f"{name}: holds in the states visited")
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
) -> Exploration:
    """Visit every reachable state of a model, breadth first.

    Parameters
    ----------
    model : Model
    invariants : mapping from names to predicates of a state
        What must hold in every reachable state; those of the model itself are added.
    can_reach : mapping from names to predicates of a state
        What must stay *possible* from every reachable state. That is less than liveness: it does not say that it happens, only
        that it has not become out of reach.
    constraint : predicate, optional
        A state that does not satisfy it is held against the invariants, but neither counted nor followed, as in TLC.
    canonical : callable from state to state, optional
        Maps each state to the one that stands for all those like it: a symmetry of the model. Invariants see those only.
    max_states, max_depth : int, optional
        Visit no more states; none deeper than that, an initial state having depth 1.
    timeout : float, optional
        Stop after so many seconds.

    Returns
    -------
    Exploration

    Raises
    ------
    ValueError
        If a bound is not positive, the model has no initial state, or two invariants have the same name.
    Exception
        What the model or a predicate raises, with a note that says on which way.

    Examples
    --------
    Two traffic lights that know nothing of each other:

    >>> class Lights:
    ...     def initial_states(self):
    ...         return [("red", "red")]
    ...     def successors(self, state):
    ...         a, b = state
    ...         yield "switch a", ("green" if a == "red" else "red", b)
    ...         yield "switch b", (a, "green" if b == "red" else "red")
    >>> found = explore(Lights(), {"no crash": lambda state: state != ("green", "green")})
    >>> print(found)
    4 states, 8 transitions, depth 3
    every reachable state
    no crash: violated, after 2 steps
    >>> found.violations["no crash"].actions
    ('switch a', 'switch b')

    Notes
    -----
    O(states + transitions) calls of the model and of hash tables; a state and two numbers are kept for each, and with
    `can_reach` two numbers for each transition. Any order in which the model lists its steps gives the same counts.

    Explained in chapters/7_1_every_run.ipynb.
    """
    _check_bounds(max_states, max_depth, timeout)
    own = _check_questions(model, invariants, can_reach, constraint, canonical)
    search = _Search(model, {**own, **invariants}, constraint, canonical, max_states, max_depth, bool(can_reach))
    return search.run(can_reach, timeout)


def _check_bounds(max_states: Any, max_depth: Any, timeout: Any) -> None:
    for name, number in {"max_states": max_states, "max_depth": max_depth}.items():
        if number is not None and not (_real(number) >= 1 and number % 1 == 0):
            raise ValueError(f"{name} is {number!r}: give a whole number, 1 or more, or leave it out")
    if timeout is not None and not _real(timeout) > 0:
        raise ValueError(f"timeout is {timeout!r}: give seconds, more than 0, or leave it out")


def _real(value: Any) -> float:
    """Return a number as it is, and for anything else one that fails every comparison."""
    return value if isinstance(value, Real) and not isinstance(value, bool) else nan  # type: ignore[return-value]


def _check_questions(model: Any, invariants: Any, can_reach: Any, constraint: Any, canonical: Any) -> Mapping[str, Predicate]:
    """Raise unless that can be asked of the model; return its own invariants."""
    if isinstance(model, type):
        raise TypeError(f"{model.__name__} is a class: give a model made of it, {model.__name__}(...)")
    for name in ("initial_states", "successors"):
        if not callable(getattr(model, name, None)):
            raise TypeError(f"{model!r} is no model, it has no {name}: it needs initial_states() and successors(state)")
    own: Mapping[str, Predicate] = getattr(model, "invariants", NONE)
    for name, asked in {"invariants of the model": own, "invariants": invariants, "can_reach": can_reach}.items():
        if not isinstance(asked, Mapping) or not all(map(callable, asked.values())):
            raise TypeError(f"{name}: {asked!r} is no mapping from names to predicates of a state")
    for name, function in {"constraint": constraint, "canonical": canonical}.items():
        if function is not None and not callable(function):
            raise TypeError(f"{name} is {function!r}: give a function of a state, or leave it out")
    for name in [*(set(own) & set(invariants)), *(set(can_reach) & {*own, *invariants})]:
        raise ValueError(f"two things to check are called {name!r}: give each its own name")
    return own


class _Search:
    """One exploration: the states in the order of their visit, and for each the one that it was reached from."""

    def __init__(
        self,
        model: Any,
        invariants: Mapping[str, Predicate],
        constraint: Predicate | None,
        canonical: Callable[[Any], Any] | None,
        max_states: int | None,
        max_depth: int | None,
        edges: bool,
    ) -> None:
        self.model = model
        self.left = dict(invariants)  # those that have not failed yet
        self.invariants = tuple(invariants)
        self.constraint, self.canonical = constraint, canonical
        self.max_states, self.max_depth = max_states, max_depth
        starves = getattr(model, "starved", None)
        self.starves: Predicate = starves if callable(starves) else lambda state: False
        self.number: dict[Any, int] = {}
        self.order: list[Any] = []
        self.parents = array("q")
        self.edges = (array("q"), array("q")) if edges else None
        self.violations: dict[str, Counterexample] = {}
        self.transitions = self.terminal = self.stuttering = self.starved = 0
        self.level = self.depth = 0  # of the states that are followed; of the deepest that was reached
        self.deeper = False  # whether a step led below the bound
        self.stopped = ""  # why not every state was followed

    def run(self, can_reach: Mapping[str, Predicate], timeout: float | None) -> Exploration:
        start = monotonic()
        followed = self._visit(timeout)
        own = getattr(self.model, "bound", "")
        bounds = [
            own if isinstance(own, str) else "",
            self.stopped or "every reachable state",
            "within the constraint" if self.constraint else "",
        ]
        return Exploration(
            states=len(self.order),
            transitions=self.transitions,
            depth=self.depth,
            violations=self.violations,
            unreachable=self._unreachable(can_reach, followed),
            terminal=self.terminal,
            stuttering=self.stuttering,
            starved=self.starved,
            complete=not self.stopped,
            bound=", ".join(part for part in bounds if part),
            seconds=monotonic() - start,
            checked=(*self.invariants, *can_reach),
        )

    def _visit(self, timeout: float | None) -> int:
        """Visit depth after depth; return how many states there are of which every step was followed, the first ones."""
        index, start = -1, monotonic()
        try:
            self._begin()
            begin, end = 0, len(self.order)  # of the states at this depth
            while begin < end and not self.stopped:
                self.level += 1
                for index in range(begin, end):
                    if timeout is not None and monotonic() - start > timeout:
                        self.stopped = f"stopped after {timeout:g} s"
                    else:
                        self._follow(index)
                    if self.stopped:
                        return begin if self.deeper else index
                if self.deeper:
                    self.stopped = f"down to depth {self.max_depth}"
                    return begin
                begin, end = end, len(self.order)
        except Exception as error:
            error.add_note(f"on the way to: {self._way(index)}" if index >= 0 else "in an initial state")
            raise
        return 0 if self.stopped else len(self.order)

    def _begin(self) -> None:
        states = list(self.model.initial_states())
        if not states:
            raise ValueError(f"{type(self.model).__name__} has no initial state: give at least one")
        for state in states:
            if self.canonical is not None:
                state = self.canonical(state)
            if self._known(state) is None and self._reach(state, -1) == FULL:
                return

    def _follow(self, index: int) -> None:
        """Take every step from a state."""
        canonical, known, edges = self.canonical, self._known, self.edges
        state = self.order[index]
        steps, moved, cut = 0, False, False
        for step in self.model.successors(state):
            try:
                _, successor = step
            except (TypeError, ValueError):
                raise TypeError(f"successors gave {show(step)}: it gives pairs (action, state)") from None
            steps += 1
            if canonical is not None:
                successor = canonical(successor)
            found = known(successor)
            if found is None:
                found = self._reach(successor, index)
            if found == OUTSIDE:
                cut = True
                continue
            if found == FULL:
                break
            moved = moved or found != index
            if edges is not None and found != DEEPER:
                edges[0].append(index)
                edges[1].append(found)
        self.transitions += steps
        if not self.stopped:
            self.terminal += not steps
            self.stuttering += bool(steps) and not moved and not cut
            self.starved += not moved and (cut or bool(self.starves(state)))

    def _known(self, state: Any) -> int | None:
        try:
            return self.number.get(state)
        except TypeError as error:
            raise TypeError(f"the state {show(state)}: {error}; make states of tuples and frozensets") from error

    def _reach(self, state: Any, parent: int) -> int:
        """Number a state seen for the first time, or say why it is not visited."""
        if self.constraint is not None and not self.constraint(state):
            self._check(state, parent)
            return OUTSIDE
        if self.level == self.max_depth:
            self.deeper = True
            return DEEPER
        found = len(self.order)
        if found == self.max_states:
            self.stopped = f"stopped after {found:,} states"
            return FULL
        self.number[state] = found
        self.order.append(state)
        self.parents.append(parent)
        self.depth = self.level + 1
        if self.left:
            self._check(state, parent)
        return found

    def _check(self, state: Any, parent: int) -> None:
        """Hold a state just reached against the invariants that have not failed yet."""
        for name, holds in list(self.left.items()):
            try:
                good = holds(state)
            except Exception as error:
                error.add_note(f"{name!r}, on the way to: {self._way(parent, state)}")
                raise
            if not good:
                del self.left[name]
                self.violations[name] = self._way(parent, state)

    def _way(self, index: int, *last: Any) -> Counterexample:
        """Build the way to a visited state, and on to one more."""
        chain = list(last)
        while index >= 0:
            chain.append(self.order[index])
            index = self.parents[index]
        states: list[Any] = []
        actions: list[Any] = []
        for wanted in reversed(chain):
            beginning = ((None, state) for state in self.model.initial_states())
            action, state = self._again(self.model.successors(states[-1]) if states else beginning, wanted)
            actions.append(action)
            states.append(state)
        return Counterexample(tuple(states), tuple(actions[1:]), self.model)

    def _again(self, steps: Iterable[tuple[Any, Any]], wanted: Any) -> tuple[Any, Any]:
        """Find the step that led to a state, or to one that it stands for."""
        for action, state in steps:
            if (state if self.canonical is None else self.canonical(state)) == wanted:
                return action, state
        raise ValueError(
            f"{type(self.model).__name__} has led to {show(wanted)}, and does not again: what a model does must depend on the "
            "state alone, and canonical must map a state to one with the same steps"
        )

    def _unreachable(self, can_reach: Mapping[str, Predicate], followed: int) -> dict[str, Unreachable]:
        lost = {name: self._lost(name, wanted, followed) for name, wanted in can_reach.items()}
        return {name: Unreachable(len(states), self._way(states[0])) for name, states in lost.items() if states}

    def _lost(self, name: str, wanted: Predicate, followed: int) -> list[int]:
        """List the states from which no wanted one can be reached; those that were not followed may lead anywhere."""
        assert self.edges is not None
        good = list(range(followed, len(self.order)))
        for index, state in enumerate(self.order[:followed]):
            try:
                if wanted(state):
                    good.append(index)
            except Exception as error:
                error.add_note(f"{name!r}, on the way to: {self._way(index)}")
                raise
        return out_of_reach(*self.edges, good, len(self.order))
