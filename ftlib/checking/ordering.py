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

from collections.abc import Iterable
from operator import itemgetter
from sys import getsizeof
from time import monotonic
from typing import Any

from ftlib.checking.operation import Operation
from ftlib.checking.precedence import Precedence, ones
from ftlib.checking.specification import ask, ask_twice, hint, same, sample, unhashable
from ftlib.simulation.freezing import exact

__all__ = ["Search", "Visited"]

ENTRY = 280  # bytes of a place that is remembered, without its state, on CPython

Place = tuple[int, int, int, Any]
"""The first remaining operation, those after it that are placed, the pending ones used,
and the state."""


class Visited:
    """Where the searches have been, in bounded memory: two generations, of which the
    older is forgotten when the younger is full.

    Parameters
    ----------
    size : int
        How many bytes it may take, roughly.
    """

    def __init__(self, size: int) -> None:
        self.young: dict[Any, Any] = {}
        self.old: dict[Any, Any] = {}
        self.size = self.room = size // 2

    def before(self, place: tuple[Any, ...], used: int, state: Any) -> bool:
        """Tell whether a place was entered before in this state with no others of the
        pending operations used; if not, note it.
        """
        key = exact(state)
        place = (*place, key)
        try:
            known = self.young.get(place)
        except TypeError:
            raise unhashable(state) from None
        if known is None:
            known = self.old.get(place, ())
        if isinstance(known, int):
            known = (known,)
        for fewer in known:
            if fewer & used == fewer:
                return True
        self.young[place] = (
            (*(more for more in known if more & used != used), used) if known else used
        )
        self.room -= ENTRY + getsizeof(key)
        if self.room < 0:
            self.young, self.old, self.room = {}, self.young, self.size
        return False


class Search:
    """The search for an order of some operations, which can be broken off and taken up
    again.

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
        self.numbered = Precedence(history)
        self.total, self.asked = self.numbered.total, self.numbered.asked
        self.doubted = sample(call for call, _ in self.asked)
        only_reads = hint(model, "only_reads") or (lambda call, result: False)
        self.reads = [bool(only_reads(call, result)) for call, result in self.asked]
        self.next_read = [self.total] * (self.total + 1)
        for index in reversed(range(self.total)):
            self.next_read[index] = (
                index if self.reads[index] else self.next_read[index + 1]
            )
        self.whole = model
        narrowed = hint(model, "narrowed") if prune else None
        self.model = narrowed(history) if narrowed else model
        self.visited = visited
        self.could_fit = hint(self.model, "could_fit") if prune else None
        self.places, self.answer = 0, None if self.total else True
        self.frames: list[tuple[Place, list[tuple[int, Any]]]] = []
        self.path: list[tuple[int, ...]] = []
        self._best = (-1, -1)
        self._best_path: list[tuple[int, ...]] | None = []
        self._best_place: Place = (0, 0, 0, self.model.initial)
        if self.total:
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
                gone = ones(placed)
                first, placed = first + gone, placed >> gone
            else:
                used |= 1 << index - self.total
            if not entered((itself, first, placed), used, state):
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
        # of each kind that fits and is not: the one that returned first
        choices: dict[int, tuple[int, Any]] = {}
        may_come, has_to_wait = self.numbered.open, self.numbered.has_to_wait
        kinds, bound = self.numbered.kinds, self.numbered.after
        tried, going = 0, True
        while going and first < self.total:
            going = False
            bits = may_come[first] & ~placed & ~tried
            while bits:
                bit = bits & -bits
                bits ^= bit
                index = first + bit.bit_length() - 1
                if index in bound and has_to_wait(index, first, placed):
                    continue
                tried |= bit
                kind = kinds[index]
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
            gone = ones(placed)
            first, placed, tried = first + gone, placed >> gone, tried >> gone
        moves: list[tuple[int, Any]] = []
        if first < self.total and not self._is_hopeless(
            stuck, first, placed, used, state
        ):
            moves = self._unsure(first, placed, used, state)
            moves += sorted(choices.values(), key=itemgetter(0), reverse=True)
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
        then; of a sample of the operations, ask twice.
        """
        call, result = self.asked[index]
        if self.doubted[index]:
            self.doubted[index] = False
            return ask_twice(self.model, state, call, result)
        return ask(self.model, state, call, result)

    def _is_hopeless(
        self, stuck: list[int], first: int, placed: int, used: int, state: Any
    ) -> bool:
        """Tell whether one of the operations that do not fit never will: one that has
        begun, or the next that only reads.
        """
        if self.could_fit is None:
            return False
        ahead, begun = self.next_read[first], self.numbered.open[first] | placed
        while ahead < self.total and (begun >> ahead - first & 1):
            ahead = self.next_read[ahead + 1]
        if ahead < self.total and not self._step(state, ahead)[0]:
            stuck.append(ahead)
        others = self.numbered.others
        return any(
            not self.could_fit(
                state, *self.asked[index], others(index, first, placed, used)
            )
            for index in stuck
        )

    def _unsure(
        self, first: int, placed: int, used: int, state: Any
    ) -> list[tuple[int, Any]]:
        """Return the moves that put a pending operation next; one that changes nothing
        now need not come now.
        """
        moves = []
        for index in self.numbered.unsure(first, placed, used):
            fits, then = self._step(state, index)
            if fits and not same(then, state):
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
        operations = self.numbered.operations
        return tuple(operations[index] for move in path for index in move)

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
            for index in self.numbered.free(first, placed):
                fits, then = self._step(state, index)
                if fits:
                    found, state, placed, path = (
                        True,
                        then,
                        placed | 1 << index - first,
                        [*path, (index,)],
                    )
                    break
            gone = ones(placed)
            first, placed = first + gone, placed >> gone
        self._best_path, self._best_place = path, (first, placed, used, state)

    @property
    def blocked(self) -> tuple[Operation, ...]:
        """The operations that returned, could come next after that order and do not
        fit, in the order of their returns.
        """
        first, placed, _, state = self._best_place
        return tuple(
            self.numbered.operations[index]
            for index in self.numbered.free(first, placed)
            if not self._step(state, index)[0]
        )
