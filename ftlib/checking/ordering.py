"""The search for an order of operations that `ftlib.checking.linearizability` asks for.

It is that of Wing and Gong (1993): take an operation that no remaining one must
precede, see whether the model allows its result, go on; where nothing fits, go back. It
never enters the same *place* twice, the same remaining operations with the same state
(Lowe 2017). More keeps it short, and changes no answer:

- What only reads is taken as soon as it fits, and for good: whatever order exists with
  it later exists with it now.
- Of operations with the same call and the same result, which can stand for each other,
  only the one that returned first is tried.
- Pending operations are tried last, and a place that was left is not entered again with
  more of them used.
- States that this history cannot tell apart are one state, where the model says which.
- A place is left at once where an operation does not fit and the model says that it
  never will from there; asked are those that have begun, and the next to come that only
  reads.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from time import monotonic
from typing import Any

from ftlib.checking.operation import UNKNOWN, Operation
from ftlib.checking.precedence import kind_of, may_follow, touching
from ftlib.checking.visited import Visited
from ftlib.simulation.values import show

__all__ = ["Search"]

Place = tuple[int, int, int, Any]
"""The first remaining operation, those after it that are placed, the pending ones used,
and the state."""


def _hint(model: Any, name: str) -> Any:
    """Return a method that shortens the search; None if there is none, or it speaks of
    a step that a subclass has replaced.
    """
    if name in getattr(model, "__dict__", {}):
        return getattr(model, name)
    for kind in type(model).__mro__:
        if name in vars(kind):
            return getattr(model, name)
        if "step" in vars(kind):
            return None
    return None


class Search:
    """The search for an order of some operations, which can be broken off and taken up
    again.

    The operations that returned are numbered in the order of their returns, so the
    first remaining one bounds what may come next: whatever was invoked before it
    returned. Which of those after it are placed is a bitset that begins there. Pending
    operations have the numbers after them.

    Parameters
    ----------
    history : iterable of Operation
        In the order of invocation, and no process overlapping with itself.
    model : a model
    visited : Visited
        May be shared with other searches.
    prune : bool
        Whether to ask the model what need not be tried. If not, and the search ends, no
        order is longer than `best`.

    Attributes
    ----------
    answer : bool or None
        Whether there is an order; None as long as that is not known.
    places : int
        How many places it has entered.
    """

    def __init__(
        self,
        history: Iterable[Operation],
        model: Any,
        visited: Visited,
        *,
        prune: bool = True,
    ) -> None:
        history = list(history)
        pairs = list(touching(history))
        bound = {id(one) for pair in pairs for one in pair}
        kind = {
            id(one): id(one) if id(one) in bound else kind_of(one) for one in history
        }
        groups: dict[Any, list[Operation]] = {}
        for one in history:
            if one.pending:
                groups.setdefault(kind[id(one)], []).append(one)
        done = sorted(
            (one for one in history if not one.pending),
            key=lambda one: (one.returned, one.invoked),
        )
        self.operations = [*done, *(one for group in groups.values() for one in group)]
        self.asked = [
            (one.call, UNKNOWN if one.pending else one.result)
            for one in self.operations
        ]
        self.total = len(done)
        starts = [self.total]
        for group in groups.values():
            starts.append(starts[-1] + len(group))
        self.groups = list(pairwise(starts))
        number = {id(one): index for index, one in enumerate(self.operations)}
        self.after = {number[id(one)]: number[id(before)] for before, one in pairs}
        numbers: dict[Any, int] = {}
        self.kinds = [numbers.setdefault(kind[id(one)], len(numbers)) for one in done]
        only_reads = _hint(model, "only_reads") or (lambda call, result: False)
        self.reads = [bool(only_reads(call, result)) for call, result in self.asked]
        self.next_read = [self.total] * (self.total + 1)
        for index in reversed(range(self.total)):
            self.next_read[index] = (
                index if self.reads[index] else self.next_read[index + 1]
            )
        self.whole = model
        narrowed = _hint(model, "narrowed") if prune else None
        model = narrowed(history) if narrowed else model
        self.open = may_follow(done)
        self.model, self.visited = model, visited
        self.could_fit = _hint(model, "could_fit") if prune else None
        self.places, self.answer = 0, None if done else True
        self.frames: list[tuple[Place, list[tuple[int, Any]]]] = []
        self.path: list[tuple[int, ...]] = []
        self._best = (-1, -1)
        self._best_path: list[tuple[int, ...]] | None = []
        self._best_place: Place = (0, 0, 0, model.initial)
        if done:
            self._enter((), *self._best_place)

    def go_on(self, places: int, deadline: float | None) -> bool | None:
        """Enter so many places more, or fewer if the deadline comes first; return the
        answer.
        """
        last, entered, itself = self.places + places, self.visited.before, id(self)
        while self.answer is None and self.places < last:
            if deadline is not None and monotonic() > deadline:
                break
            (first, placed, used, _), moves = self.frames[-1]
            if not moves:
                self._leave()
                continue
            index, state = moves.pop()
            if index < self.total:
                placed |= 1 << index - first
                gone = _ones(placed)
                first, placed = first + gone, placed >> gone
            else:
                used |= 1 << index - self.total
            if not entered((itself, first, placed, state), used):
                self._enter((index,), first, placed, used, state)
        return self.answer

    def _enter(
        self, move: tuple[int, ...], first: int, placed: int, used: int, state: Any
    ) -> None:
        """Place what can be placed for good, and find the moves from there."""
        self.places += 1
        forced: list[int] = []
        stuck: list[int] = []
        verdicts: dict[int, bool] = {}  # of each kind: whether it is taken for good
        choices: dict[
            int, tuple[int, Any]
        ] = {}  # of each kind that fits and is not: the one that returned first
        tried, going = 0, True
        while going and first < self.total:
            going = False
            bits = self.open[first] & ~placed & ~tried
            while bits:
                bit = bits & -bits
                bits ^= bit
                index = first + bit.bit_length() - 1
                if index in self.after and not self._is_placed(
                    self.after[index], first, placed
                ):
                    continue
                tried |= bit
                kind = self.kinds[index]
                good = verdicts.get(kind)
                if good is None:
                    fits, then = self._step(state, index)
                    good = verdicts[kind] = bool(fits) and self.reads[index]
                    if not fits:
                        stuck.append(index)
                    elif not good:
                        choices[kind] = (index, then)
                elif kind in choices and index < choices[kind][0]:
                    choices[kind] = (index, choices[kind][1])
                if good:
                    forced.append(index)
                    placed |= bit
                    going = True
            gone = _ones(placed)
            first, placed, tried = first + gone, placed >> gone, tried >> gone
        moves: list[tuple[int, Any]] = []
        if first < self.total and not self._is_hopeless(
            stuck, first, placed, used, state
        ):
            moves = self._unsure(first, placed, used, state)
            moves += sorted(choices.values(), key=_number, reverse=True)
        place = (first, placed, used, state)
        self.path.append((*move, *forced))
        self.frames.append((place, moves))
        reached = (first + placed.bit_count(), first)
        if reached > self._best:
            self._best, self._best_place, self._best_path = reached, place, None
        if first == self.total:
            self.answer = True

    def _step(self, state: Any, index: int) -> tuple[Any, Any]:
        """Ask the model whether an operation may come next, and what the state is
        then.
        """
        call, result = self.asked[index]
        try:
            answer = self.model.step(state, call, result)
            if not isinstance(answer, (tuple, list)) or len(answer) != 2:
                raise TypeError(
                    f"{type(self.model).__name__}.step returned {show(answer)}: it"
                    " returns (ok, state)"
                )
        except Exception as error:
            error.add_note(f"in step({show(state)}, {show(call)}, {show(result)})")
            raise
        fits, then = answer
        return fits, then

    def _is_placed(self, index: int, first: int, placed: int) -> bool:
        return index < first or bool(placed >> index - first & 1)

    def _is_hopeless(
        self, stuck: list[int], first: int, placed: int, used: int, state: Any
    ) -> bool:
        """Tell whether one of the operations that do not fit never will: one that has
        begun, or the next that only reads.
        """
        if self.could_fit is None:
            return False
        ahead = self.next_read[first]
        while ahead < self.total and ((self.open[first] | placed) >> ahead - first & 1):
            ahead = self.next_read[ahead + 1]
        if ahead < self.total and not self._step(state, ahead)[0]:
            stuck.append(ahead)
        return any(
            not self.could_fit(
                state, *self.asked[index], self._others(index, first, placed, used)
            )
            for index in stuck
        )

    def _others(
        self, index: int, first: int, placed: int, used: int
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the calls and results of what may still come before an operation."""
        wall = self.operations[index].returned
        assert wall is not None
        ahead = index - first
        bits = ((1 << ahead) - 1 | self.open[index] << ahead) & ~placed & ~(1 << ahead)
        while bits:
            bit = bits & -bits
            bits ^= bit
            yield self.asked[first + bit.bit_length() - 1]
        for start, end in self.groups:
            for other in range(start + _used(start, end, used, self.total), end):
                if self.operations[other].invoked <= wall:
                    yield self.asked[other]

    def _unsure(
        self, first: int, placed: int, used: int, state: Any
    ) -> list[tuple[int, Any]]:
        """Return the moves that put a pending operation next; one that changes nothing
        now need not come now.
        """
        wall = self.operations[first].returned
        assert wall is not None
        moves = []
        for start, end in self.groups:
            index = start + _used(start, end, used, self.total)
            if index == end or self.operations[index].invoked > wall:
                continue
            if index in self.after and not self._is_placed(
                self.after[index], first, placed
            ):
                continue
            fits, then = self._step(state, index)
            if fits and then is not state and then != state:
                moves.append((index, then))
        return moves

    def _leave(self) -> None:
        """Go back one step, and give up after the first."""
        if self._best_path is None:
            self._best_path = list(self.path)
        self.frames.pop()
        self.path.pop()
        if not self.frames:
            self.answer = False

    @property
    def best(self) -> tuple[Operation, ...]:
        """The order that gets furthest: the one that was looked for, if there is
        one.
        """
        path = self.path if self._best_path is None else self._best_path
        return tuple(self.operations[index] for move in path for index in move)

    def lengthen(self) -> None:
        """After a search that was cut short and failed: add to the best order whatever
        still fits, until nothing does.
        """
        path = self.path if self._best_path is None else self._best_path
        first, placed, used, _ = self._best_place
        self.model = self.whole
        state = self.model.initial
        for index in [index for move in path for index in move]:
            state = self._step(state, index)[1]
        found = True
        while found:
            found = False
            for index in self._free(first, placed):
                fits, then = self._step(state, index)
                if fits:
                    found, state, placed, path = (
                        True,
                        then,
                        placed | 1 << index - first,
                        [*path, (index,)],
                    )
                    break
            gone = _ones(placed)
            first, placed = first + gone, placed >> gone
        self._best_path, self._best_place = path, (first, placed, used, state)

    def _free(self, first: int, placed: int) -> Iterator[int]:
        """Number the operations that returned and may come next, in the order of their
        returns.
        """
        bits = self.open[first] & ~placed if first < self.total else 0
        while bits:
            index = first + (bits & -bits).bit_length() - 1
            bits &= bits - 1
            if index not in self.after or self._is_placed(
                self.after[index], first, placed
            ):
                yield index

    @property
    def blocked(self) -> tuple[Operation, ...]:
        """The operations that returned, could come next after that order and do not
        fit, in the order of their returns.
        """
        first, placed, _, state = self._best_place
        return tuple(
            self.operations[index]
            for index in self._free(first, placed)
            if not self._step(state, index)[0]
        )


def _ones(bits: int) -> int:
    """Count the ones that a bitset begins with."""
    return (~bits & bits + 1).bit_length() - 1


def _used(start: int, end: int, used: int, total: int) -> int:
    """Count how many of a group of pending operations are used: always its first
    ones.
    """
    return (used >> start - total & (1 << end - start) - 1).bit_count()


def _number(move: tuple[int, Any]) -> int:
    return move[0]
