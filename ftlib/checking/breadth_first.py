"""The loop of `ftlib.checking.explore`: states visited breadth first, each of them
once.
"""

from array import array
from collections.abc import Callable, Mapping
from typing import Any

from ftlib.checking.counterexample import Counterexample
from ftlib.checking.reach import out_of_reach
from ftlib.checking.visited import Visited
from ftlib.checking.watch import Progress, Watch
from ftlib.simulation.values import show

__all__ = ["BreadthFirst", "Predicate"]

Predicate = Callable[[Any], Any]
# so many steps are looked at twice, and those of one state in so many after them
ALL_TWICE, SOME_TWICE = 512, 256
GLANCE = 0x3FF  # the clock is looked at once in so many steps
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
    model, invariants, constraint, canonical, max_states, max_depth, until
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
        until: str | None = None,
    ) -> None:
        self.model = model
        self.left = dict(invariants)  # those that have not failed yet
        self.visited = Visited(model, canonical)
        self.order, self.way = self.visited.order, self.visited.way
        self.constraint, self.canonical = constraint, canonical
        self.max_states, self.max_depth, self.until = max_states, max_depth, until
        starves = getattr(model, "starved", None)
        self.starves: Predicate = starves if callable(starves) else lambda state: False
        self.edges = (array("q"), array("q")) if edges else None
        self.violations: dict[str, Counterexample] = {}
        self.transitions = self.terminal = self.stuttering = self.starved = 0
        self.level = self.depth = (
            0  # of the states that are followed; of the deepest that was reached
        )
        self.looked = 0  # steps
        self.first_terminal = 0  # the first state without a step, counted from 1
        self.deeper = False  # whether a step led below the bound
        self.stopped = ""  # why not every state was followed

    def visit(self, timeout: float | None, progress: Progress | None = None) -> int:
        """Visit depth after depth; return how many states there are of which every step
        was followed, the first ones. What Ctrl-C breaks off is kept.
        """
        self._watch = Watch(timeout, progress)
        index, begin = -1, 0
        try:
            self._begin()
            begin, end = 0, len(self.order)  # of the states at this depth
            while begin < end and not self.stopped:
                self.level += 1
                for index in range(begin, end):
                    self._follow(index)
                    if self.stopped:
                        return begin if self.deeper else index
                if self.deeper:
                    self.stopped = f"down to depth {self.max_depth}"
                    return begin
                begin, end = end, len(self.order)
        except KeyboardInterrupt:
            self.stopped = f"interrupted after {len(self.order):,} states"
            return begin if self.deeper else max(index, 0)
        except Exception as error:
            error.add_note(
                f"on the way to: {self.way(index)}"
                if index >= 0
                else "in an initial state"
            )
            raise
        finally:
            self._watch.end()
        return 0 if self.stopped else len(self.order)

    def _begin(self) -> None:
        none = True
        for state in self.model.initial_states():
            none = False
            raw = state
            if self.canonical is not None:
                state = self.canonical(state)
                if state != raw:
                    self._check(raw, -1)
            found = self.visited.known(state)
            if found is None:
                found = self._reach(state, -1)
            elif len(self.order) < ALL_TWICE:
                self.visited.check_same(raw, state, found)
            self._look_at_the_clock()
            if self.stopped:
                return
        if none:
            raise ValueError(
                f"{type(self.model).__name__} has no initial state: give at least one"
            )

    def _follow(self, index: int) -> None:
        """Take every step from a state."""
        canonical, get, edges = self.canonical, self.visited.number.get, self.edges
        state = self.order[index]
        steps, moved, cut = 0, False, False
        if self._watch.needed:
            self._look_at_the_clock()
        again, sample = None, False
        if not self.visited.typed:
            sample = self.looked < ALL_TWICE or not index % SOME_TWICE
            again = iter(self.model.successors(state)) if sample else None
        for step in self.model.successors(state):
            if again is not None and next(again, None) != step:
                raise ValueError(
                    f"asked twice, successors({show(state)}) gave two answers: what a"
                    " model does must depend on the state alone, and change nothing"
                )
            try:
                _, successor = step
            except (TypeError, ValueError):
                raise TypeError(
                    f"successors gave {show(step)}: it gives pairs (action, state)"
                ) from None
            steps += 1
            if not steps & GLANCE:
                self._look_at_the_clock()
                if self.stopped:
                    break
            raw = successor
            if canonical is not None:
                successor = canonical(successor)
                if self.left and successor != raw:
                    self._check(raw, index)
            try:
                found = get(successor)
            except TypeError:
                found = self.visited.known(successor)
            if found is None:
                found = self._reach(successor, index)
            elif sample:
                self.visited.check_same(raw, successor, found)
            if found < 0:
                if found == FULL:
                    break
                if found == OUTSIDE:
                    cut = True
                    continue
            moved = moved or found != index
            if edges is not None and found != DEEPER:
                edges[0].append(index)
                edges[1].append(found)
        self.transitions += steps
        self.looked += steps
        if not self.stopped:
            if not steps:
                self.terminal += 1
                self.first_terminal = self.first_terminal or index + 1
            self.stuttering += bool(steps) and not moved and not cut
            self.starved += not moved and (cut or bool(self.starves(state)))

    def _look_at_the_clock(self) -> None:
        if self._watch.over(len(self.order), self.depth):
            self.stopped = f"stopped after {self._watch.timeout:g} s"

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
        self.visited.add(state, parent)
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
                if name == self.until:
                    self.stopped = f"until {name} failed"

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
