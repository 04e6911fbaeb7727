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
from time import monotonic
from types import MappingProxyType
from typing import Any, Protocol

from ftlib.checking.counterexample import Counterexample
from ftlib.checking.reach import out_of_reach

__all__ = ["Exploration", "Model", "Unreachable", "explore"]

Predicate = Callable[[Any], Any]
NONE: Mapping[str, Predicate] = MappingProxyType({})


class Model(Protocol):
    """What `explore` needs of a model.

    It may offer two things more. `invariants`, a mapping from names to predicates of a state, is checked too. `starved(state)`
    says whether it is a budget of the model alone that leaves a state without a further step.
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
    for name, value in {"max_states": max_states, "max_depth": max_depth, "timeout": timeout}.items():
        if value is not None and not value > 0:
            raise ValueError(f"{name} is {value!r}: give a number above 0, or leave it out")
    own = getattr(model, "invariants", NONE)
    for name in [*(set(own) & set(invariants)), *(set(can_reach) & {*own, *invariants})]:
        raise ValueError(f"two things to check are called {name!r}: give each its own name")
    search = _Search(model, {**own, **invariants}, constraint, canonical, bool(can_reach))
    return search.run(can_reach, max_states, max_depth, timeout)


class _Search:
    """One exploration: the states in the order of their visit, and for each the one that it was reached from."""

    def __init__(self, model: Any, invariants: Mapping[str, Predicate], constraint: Any, canonical: Any, edges: bool) -> None:
        self.model = model
        self.left = dict(invariants)  # those that have not failed yet
        self.invariants = tuple(invariants)
        self.constraint = constraint
        self.canonical = canonical
        self.number: dict[Any, int] = {}
        self.order: list[Any] = []
        self.parents = array("q")
        self.edges = (array("q"), array("q")) if edges else None
        self.violations: dict[str, Counterexample] = {}

    def run(
        self, can_reach: Mapping[str, Predicate], max_states: int | None, max_depth: int | None, timeout: float | None
    ) -> Exploration:
        start = monotonic()
        model, order, number, parents, edges = self.model, self.order, self.number, self.parents, self.edges
        canonical, constraint, get = self.canonical, self.constraint, self.number.get
        starved_of_itself = getattr(model, "starved", lambda state: False)
        most = max_states if max_states is not None else float("inf")
        transitions = terminal = stuttering = starved = 0
        stopped = ""
        initial = list(model.initial_states())
        for state in initial:
            stopped = stopped or self._begin(state, most)
        if not initial:
            raise ValueError(f"{type(model).__name__} has no initial state: give at least one")
        index, depth, begin, end = 0, 1 if order else 0, 0, len(order)  # begin, end: of the states at this depth
        followed = None  # the first state of which not every step was followed
        while index < len(order) and not stopped:
            if index == end:
                depth, begin, end = depth + 1, end, len(order)
            if timeout is not None and index % 64 == 0 and monotonic() - start > timeout:
                stopped = f"stopped after {timeout:g} s"
                break
            state = order[index]
            any_step = moved = cut = False
            try:
                for _, successor in model.successors(state):
                    transitions += 1
                    any_step = True
                    if canonical is not None:
                        successor = canonical(successor)
                    found = get(successor)
                    if found is None:
                        if constraint is not None and not constraint(successor):
                            cut = True
                            if self.left:
                                self._check(successor, index)
                            continue
                        if depth == max_depth:
                            followed, moved = begin, True
                            continue
                        if len(order) >= most:
                            stopped = f"stopped after {max_states:,} states"
                            break
                        found = len(order)
                        number[successor] = found
                        order.append(successor)
                        parents.append(index)
                        moved = True
                        if self.left:
                            self._check(successor, index)
                    elif found != index:
                        moved = True
                    if edges is not None:
                        edges[0].append(index)
                        edges[1].append(found)
            except Exception as error:
                error.add_note(f"on the way to: {self._way(index)}")
                raise
            if stopped:
                break
            terminal += not any_step
            stuttering += any_step and not moved and not cut
            starved += not moved and (cut or bool(starved_of_itself(state)))
            index += 1
        if followed is not None and not stopped:
            index, stopped = followed, f"down to depth {max_depth}"
        bounds = [getattr(model, "bound", ""), stopped or "every reachable state", "within the constraint" if constraint else ""]
        return Exploration(
            states=len(order),
            transitions=transitions,
            depth=depth,
            violations=self.violations,
            unreachable=self._unreachable(can_reach, index),
            terminal=terminal,
            stuttering=stuttering,
            starved=starved,
            complete=not stopped,
            bound=", ".join(part for part in bounds if part),
            seconds=monotonic() - start,
            checked=(*self.invariants, *can_reach),
        )

    def _begin(self, state: Any, most: float) -> str:
        if self.canonical is not None:
            state = self.canonical(state)
        if state in self.number:
            return ""
        inside = self.constraint is None or self.constraint(state)
        if inside:
            if len(self.order) >= most:
                return f"stopped after {most:,} states"
            self.number[state] = len(self.order)
            self.order.append(state)
            self.parents.append(-1)
        self._check(state, -1)
        return ""

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
        chain.reverse()
        alike = self.canonical or (lambda state: state)
        states, actions = [next(state for state in self.model.initial_states() if alike(state) == chain[0])], []
        for wanted in chain[1:]:
            action, state = next(step for step in self.model.successors(states[-1]) if alike(step[1]) == wanted)
            actions.append(action)
            states.append(state)
        return Counterexample(tuple(states), tuple(actions), self.model)

    def _unreachable(self, can_reach: Mapping[str, Predicate], visited: int) -> dict[str, Unreachable]:
        lost = {name: self._lost(wanted, visited) for name, wanted in can_reach.items()}
        return {name: Unreachable(len(states), self._way(states[0])) for name, states in lost.items() if states}

    def _lost(self, wanted: Predicate, visited: int) -> list[int]:
        """List the states from which no wanted one can be reached; those that were not followed may lead anywhere."""
        assert self.edges is not None
        good = [index for index, state in enumerate(self.order) if index >= visited or wanted(state)]
        return out_of_reach(*self.edges, good, len(self.order))
