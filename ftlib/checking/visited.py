"""The states that exploration has visited, and the way that led to each."""

from array import array
from collections.abc import Callable, Iterable
from typing import Any

from ftlib.checking.counterexample import Counterexample
from ftlib.simulation.freezing import exact
from ftlib.simulation.values import show

__all__ = ["Visited"]


class Visited:
    """States, numbered in the order of their visit, and for each the one that it was
    reached from.

    Parameters
    ----------
    model, canonical
        As for `explore`.

    Attributes
    ----------
    order : list
        The states.
    number : dict
        Their places in it.
    """

    def __init__(self, model: Any, canonical: Callable[[Any], Any] | None) -> None:
        self.model, self.canonical = model, canonical
        # a model of nodes makes its states of numbers, whose types never differ
        self.typed = bool(getattr(model, "typed", False))
        self.order: list[Any] = []
        self.number: dict[Any, int] = {}
        self._parents = array("q")

    def add(self, state: Any, parent: int) -> int:
        """Number a state that was reached for the first time."""
        number = self.number[state] = len(self.order)
        self.order.append(state)
        self._parents.append(parent)
        return number

    def known(self, state: Any) -> int | None:
        """Return the number of a state; None if it was not visited."""
        try:
            return self.number.get(state)
        except TypeError as error:
            raise TypeError(
                f"the state {show(state)}: {error}; make states of tuples and"
                " frozensets"
            ) from error

    def check_same(self, raw: Any, state: Any, found: int) -> None:
        """Raise if a state is equal to one that was visited and is not the same, or if
        it was merged with one that has other steps.
        """
        visited = self.order[found]
        if not self.typed and exact(state) != exact(visited):
            raise TypeError(
                f"the states {show(state)} and {show(visited)} are equal, and not the"
                " same: give states whose parts have one type each"
            )
        if self.canonical is None or raw == state:
            return
        one, other = (
            {self.canonical(after) for _, after in self.model.successors(before)}
            for before in (raw, state)
        )
        if one != other:
            raise ValueError(
                f"canonical merges {show(raw)} with {show(state)}, which has other"
                " steps: it must map a state to one with the same, up to itself"
            )

    def way(self, index: int, *last: Any) -> Counterexample:
        """Build the way to a visited state, named by its place in `order`, and on to
        one more.
        """
        chain = list(last)
        while index >= 0:
            chain.append(self.order[index])
            index = self._parents[index]
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
            stands = state if self.canonical is None else self.canonical(state)
            if wanted in (state, stands):
                return action, state
        raise ValueError(
            f"{type(self.model).__name__} has led to {show(wanted)}, and does not"
            " again: what a model does must depend on the state alone, and canonical"
            " must map a state to one with the same steps"
        )
