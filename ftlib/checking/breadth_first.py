"""The loop of `ftlib.checking.explore`: states visited breadth first, each of them
once.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any

from ftlib.checking.counterexample import Counterexample
from ftlib.checking.reach import out_of_reach
from ftlib.simulation.values import show

__all__ = ["BreadthFirst", "Predicate"]

Predicate = Callable[[Any], Any]
OUTSIDE, DEEPER, FULL = (
    -1,
    -2,
    -3,
)  # instead of the number of a state that is not visited: why not


class BreadthFirst:
    """One exploration: the states in the order of their visit, and for each the one
    that it was reached from.

    Parameters
    ----------
    model, invariants, constraint, canonical, max_states, max_depth
        As for `explore`.
    edges : bool
        Whether to keep the transitions, which `lost` needs.

    Attributes
    ----------
    order : list
        The states that were visited, in that order.
    stopped : str
        Why not every state was followed; empty if every one was.
    transitions, depth, terminal, stuttering, starved, violations
        As in `Exploration`.
    """

    def __init__(
        self,
        model: Any,
        invariants: Mapping[str, Predicate],
        constraint: Predicate | None,
        canonical: Callable[[Any], Any] | None,
        max_states: int | None,
        max_depth: int | None,
        *,
        edges: bool,
    ) -> None:
        self.model = model
        self.left = dict(invariants)  # those that have not failed yet
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
        self.level = self.depth = (
            0  # of the states that are followed; of the deepest that was reached
        )
        self.deeper = False  # whether a step led below the bound
        self.stopped = ""  # why not every state was followed

    def visit(self, timeout: float | None) -> int:
        """Visit depth after depth; return how many states there are of which every step
        was followed, the first ones.
        """
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
            error.add_note(
                f"on the way to: {self.way(index)}"
                if index >= 0
                else "in an initial state"
            )
            raise
        return 0 if self.stopped else len(self.order)

    def _begin(self) -> None:
        states = list(self.model.initial_states())
        if not states:
            raise ValueError(
                f"{type(self.model).__name__} has no initial state: give at least one"
            )
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
                raise TypeError(
                    f"successors gave {show(step)}: it gives pairs (action, state)"
                ) from None
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
            raise TypeError(
                f"the state {show(state)}: {error}; make states of tuples and"
                " frozensets"
            ) from error

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
                error.add_note(f"{name!r}, on the way to: {self.way(parent, state)}")
                raise
            if not good:
                del self.left[name]
                self.violations[name] = self.way(parent, state)

    def way(self, index: int, *last: Any) -> Counterexample:
        """Build the way to a visited state, named by its place in `order`, and on to
        one more.
        """
        chain = list(last)
        while index >= 0:
            chain.append(self.order[index])
            index = self.parents[index]
        states: list[Any] = []
        actions: list[Any] = []
        for wanted in reversed(chain):
            beginning = ((None, state) for state in self.model.initial_states())
            action, state = self._again(
                self.model.successors(states[-1]) if states else beginning, wanted
            )
            actions.append(action)
            states.append(state)
        return Counterexample(tuple(states), tuple(actions[1:]), self.model)

    def _again(self, steps: Iterable[tuple[Any, Any]], wanted: Any) -> tuple[Any, Any]:
        """Find the step that led to a state, or to one that it stands for."""
        for action, state in steps:
            if (state if self.canonical is None else self.canonical(state)) == wanted:
                return action, state
        raise ValueError(
            f"{type(self.model).__name__} has led to {show(wanted)}, and does not"
            " again: what a model does must depend on the state alone, and canonical"
            " must map a state to one with the same steps"
        )

    def lost(self, name: str, wanted: Predicate, followed: int) -> list[int]:
        """List the states from which no wanted one can be reached; those that were not
        followed may lead anywhere.
        """
        assert self.edges is not None
        good = list(range(followed, len(self.order)))
        for index, state in enumerate(self.order[:followed]):
            try:
                if wanted(state):
                    good.append(index)
            except Exception as error:
                error.add_note(f"{name!r}, on the way to: {self.way(index)}")
                raise
        return out_of_reach(*self.edges, good, len(self.order))
