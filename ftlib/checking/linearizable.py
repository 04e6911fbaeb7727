"""Linearizability as a monitor: a run is judged while it happens, in the simulator
after every event, and under exploration as part of the explored state.

What it remembers are the *configurations* that the calls and returns so far allow: the
state of the object, which pending calls have taken effect, and in which state, so that
what they return later can be judged. A call takes effect as late as it can, at its own
return or just before that of another: this is the just-in-time linearization of Lowe
(2017). Where no configuration is left, no order explains what the clients have seen.

A call of a node that has crashed stays pending for ever: it may still take effect, and
nobody will hear of it. Of two configurations that differ only in that one of them has
used up more such calls, the other can do whatever it can, and is kept alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ftlib.checking.history import History
from ftlib.checking.operation import UNKNOWN, Operation, words
from ftlib.checking.specification import (
    SequentialModel,
    ask,
    ask_twice,
    hint,
    made,
    same,
    told,
    unhashable,
)
from ftlib.simulation import Broken, Property, monitor
from ftlib.simulation.event import Event
from ftlib.simulation.freezing import exact
from ftlib.simulation.values import show

__all__ = ["linearizable"]

SHOWN = 3  # states that are told of where nothing fits


class Same:
    """A value that is equal to what is the same, by type and all the way down, and to
    nothing else.
    """

    __slots__ = ("_hash", "_key", "value")

    def __init__(self, value: Any) -> None:
        self.value, self._key = value, exact(value)
        try:
            self._hash = hash(self._key)
        except TypeError:
            raise unhashable(value) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and bool(self._key == other._key)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return show(self.value)


class Pending(NamedTuple):
    """A call that has not returned."""

    node: str
    call: Same
    effect: Same | None = None  # the state in which it took effect; None if it has not


class Configuration(NamedTuple):
    """One way in which the operations so far can have taken effect."""

    state: Same
    live: tuple[
        Pending, ...
    ] = ()  # may return: by node, then in the order of the calls
    lost: tuple[Same, ...] = ()  # never return and have had no effect: by their texts


Configurations = frozenset[Configuration]
Memory = frozenset[tuple[Same, Configurations]]
"""Of each key, the configurations; a key that is as at the start is left out."""


def linearizable(
    model: SequentialModel | Callable[[], SequentialModel],
    *,
    name: str = "linearizable",
) -> Property:
    """Make the safety property that what clients see of a service is linearizable.

    Clients are the nodes that call `Node.call` and `Node.returned`.

    Parameters
    ----------
    model : a model, or the class of one
        What the service is supposed to be, as for `check_linearizable`.
    name : str
        What the property is called.

    Returns
    -------
    Property
        A monitor of calls, returns and crashes.

    Raises
    ------
    TypeError
        If the model is none.
    ValueError
        While it is judged: if the model does not know a call, is seen to change or to
        contradict itself, cannot name the key of a call, or goes to another state once
        it is shown a result; or if a node returns from what it has not called.

    Examples
    --------
    >>> from ftlib.checking.models import Register
    >>> from ftlib.simulation import Trace, judge
    >>> calls = [
    ...     (0, "call", "a", None, ("write", 1), 1),
    ...     (1, "call", "b", None, ("read",), 2),
    ...     (2, "return", "b", None, (("read",), 1), 2),
    ...     (3, "call", "b", None, ("read",), 3),
    ...     (4, "return", "b", None, (("read",), None), 3),
    ... ]
    >>> print(judge(Trace(calls), [linearizable(Register)])[0])
    linearizable: violated at event 4, 4e-06 s: b: read -> None fits nowhere: the \
register holds 1 (one run of 5 events, 4e-06 s)

    Notes
    -----
    It agrees with `check_linearizable`, with one difference: it goes by the order of
    the events, also of those at one instant, where a history says only that they touch.

    Exploration keeps the configurations apart from each other, so an object with a
    small state, and few calls at a time, cost least. The number of configurations can
    grow exponentially with the calls that are pending at a time. Where a model has
    ``partition``, it must give its histories keys, and each key has configurations of
    its own.
    """
    kinds = ("call", "return", "crash")
    return monitor(name, frozenset(), _Judge(made(model)).step, kinds)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Takes in one event after another."""

    model: Any

    def step(self, memory: Memory, event: Event) -> Memory | Broken:
        """Return the configurations after an event, or say that there is none."""
        parts = dict(memory)
        start = frozenset({Configuration(Same(self.model.initial))})
        if event.kind == "crash":
            for key, before in parts.items():
                parts[key] = _undominated(
                    self._lose(each, event.node) for each in before
                )
        elif event.kind == "call":
            key = self._key(event.what)
            new = Pending(event.node, Same(event.what))
            parts[key] = frozenset(
                each._replace(live=tuple(sorted((*each.live, new), key=_node)))
                for each in parts.get(key, start)
            )
        else:
            call, result = event.what
            key = self._key(call)
            before = parts.get(key, start)
            parts[key] = after = _undominated(
                self._return(before, event.node, Same(call), result)
            )
            if not after:
                return Broken(self._why(key, before, event))
        return frozenset((key, part) for key, part in parts.items() if part != start)

    def _key(self, call: Any) -> Same:
        """Name the part of the object that a call is about."""
        partition = getattr(self.model, "partition", None)
        if partition is None:
            return Same(None)
        parts = partition(History([Operation("", call, None, 0, 0)]))
        if [len(part) for part in parts] != [1] or getattr(
            parts[0], "key", None
        ) is None:
            raise ValueError(
                f"partition of {type(self.model).__name__} does not say which key"
                f" {words(call)} is about: give History(part, key=...)"
            )
        return Same(parts[0].key)

    def _lose(self, before: Configuration, node: str) -> Configuration:
        """Let a node crash: what it has called stays pending, but never returns."""
        only_reads = hint(self.model, "only_reads") or (lambda call, result: False)
        lost = [
            each.call
            for each in before.live
            if each.node == node
            and each.effect is None
            and not only_reads(each.call.value, UNKNOWN)
        ]
        return before._replace(
            live=tuple(each for each in before.live if each.node != node),
            lost=tuple(sorted((*before.lost, *lost), key=repr)),
        )

    def _return(
        self, before: Configurations, node: str, call: Same, result: Any
    ) -> Iterator[Configuration]:
        """Yield the configurations in which a call may have returned this."""
        starts = []
        for each in sorted(before, key=repr):
            # the last such call: of an earlier one the node has given up the return
            last = next(
                (
                    place
                    for place in reversed(range(len(each.live)))
                    if each.live[place][:2] == (node, call)
                ),
                None,
            )
            if last is None:
                raise ValueError(
                    f"{node!r} returns from {words(call.value)}, which it has not"
                    " called: give the whole run, not the end of it"
                )
            effect = each.live[last].effect
            without = each._replace(live=each.live[:last] + each.live[last + 1 :])
            if effect is None:
                starts.append(without)
            elif self._ask(effect.value, call.value, result)[0]:
                yield without
        for now in self._reachable(starts):
            fits, then = self._ask(now.state.value, call.value, result)
            if fits:
                yield self._settled(now._replace(state=Same(then)))

    def _ask(self, state: Any, call: Any, result: Any) -> tuple[Any, Any]:
        """Ask about a result that is known; the state afterwards must not depend on it,
        because a call that takes effect before its return has none yet.
        """
        fits, then = ask_twice(self.model, state, call, result)
        if fits:
            may, without = ask(self.model, state, call, UNKNOWN)
            if not may or not same(then, without):
                raise ValueError(
                    f"{type(self.model).__name__}.step: in {show(state)},"
                    f" {words(call)} -> {show(result)} leads to {show(then)}, and with"
                    f" UNKNOWN to {show(without) if may else 'nothing'}: the state must"
                    " be the same; judge such a model by check_linearizable"
                )
        return fits, then

    def _reachable(self, starts: Iterable[Configuration]) -> Iterable[Configuration]:
        """Return what pending calls can make of these, one after another."""
        found = dict.fromkeys(starts)
        todo = list(found)
        while todo:
            now = todo.pop()
            for after in self._effects(now):
                if after not in found:
                    found[after] = None
                    todo.append(after)
        return found

    def _effects(self, now: Configuration) -> Iterator[Configuration]:
        """Let each of the pending calls take effect, by itself."""
        for place, one in enumerate(now.live):
            if one.effect is None:
                fits, then = ask_twice(
                    self.model, now.state.value, one.call.value, UNKNOWN
                )
                if fits:
                    done = one._replace(effect=now.state)
                    live = (*now.live[:place], done, *now.live[place + 1 :])
                    yield Configuration(Same(then), live, now.lost)
        for call in dict.fromkeys(now.lost):
            fits, then = ask_twice(self.model, now.state.value, call.value, UNKNOWN)
            if fits and not same(then, now.state.value):
                lost = list(now.lost)
                lost.remove(call)
                yield Configuration(Same(then), now.live, tuple(lost))

    def _settled(self, now: Configuration) -> Configuration:
        """Take back what pending calls have done that they can do now as well: nothing,
        in this very state.
        """

        def is_idle(one: Pending) -> bool:
            return one.effect == now.state and same(
                ask(self.model, now.state.value, one.call.value, UNKNOWN)[1],
                now.state.value,
            )

        return now._replace(
            live=tuple(
                one._replace(effect=None) if is_idle(one) else one for one in now.live
            )
        )

    def _why(self, key: Same, before: Configurations, event: Event) -> str:
        """Say what does not fit, and what the state would have to be."""
        call, result = event.what
        states = sorted({told(self.model, each.state.value) for each in before})
        shown = states[:SHOWN] + ["something else"] * (len(states) > SHOWN)
        what = Operation(event.node, call, result, 0, 0).words
        about = "" if key == Same(None) else f"key {show(key.value)}: "
        return f"{about}{event.node}: {what} fits nowhere: {' or '.join(shown)}"


def _node(pending: Pending) -> str:
    return pending.node


def _undominated(given: Iterable[Configuration]) -> Configurations:
    """Leave out what another can do as well: one that has more lost calls to use."""
    alike: dict[Any, dict[Configuration, Counter[Same]]] = {}
    for each in given:
        alike.setdefault((each.state, each.live), {})[each] = Counter(each.lost)
    return frozenset(
        each
        for group in alike.values()
        for each, lost in group.items()
        if not any(lost < other for other in group.values())
    )
