"""What properties remember of the events so far, numbered: the part of an explored
state that stands for its past.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ftlib.simulation import Broken, Property, Trace
from ftlib.simulation.event import Untimed
from ftlib.simulation.freezing import exact

__all__ = ["Memories"]

BROKEN = Broken("")  # one for all: what was wrong is said by the replay


class Memories:
    """The monitors of some properties, side by side, and the facts of some types.

    A property that is a rule over the trace, not a monitor, remembers all events of the
    kinds that it looks at.

    Parameters
    ----------
    properties : iterable of Property
        Of safety.
    keep : types of facts
    nodes : tuple of str
        All nodes of the cluster.
    """

    def __init__(
        self,
        properties: Iterable[Property],
        keep: Iterable[type],
        nodes: tuple[str, ...],
    ) -> None:
        self.properties = tuple(properties)
        self.keep = (keep,) if isinstance(keep, type) else tuple(keep)
        self.nodes = nodes
        for prop in self.properties:
            if prop.liveness:
                raise ValueError(
                    f"{prop.name!r} is liveness, which no state violates: ask explore"
                    " for can_reach, or for blocking"
                )
        for kind in self.keep:
            if not isinstance(kind, type):
                raise TypeError(f"keep names {kind!r}: give types of facts")
        names = [prop.name for prop in self.properties]
        if len(set(names)) < len(names):
            raise ValueError(
                f"two of the properties have the same name: {', '.join(names)}"
            )
        self.kinds = frozenset(
            kind for prop in self.properties for kind in prop.kinds
        ) | ({"fact"} if self.keep else set())
        self.first = 0
        start = tuple(
            prop.monitor.start if prop.monitor else () for prop in self.properties
        )
        self._memories: list[tuple[Any, ...]] = [(*start, frozenset())]
        self._keys = [tuple(map(exact, self._memories[0]))]  # what tells them apart
        self._numbers: dict[Any, int] = {self._keys[0]: 0}
        self._broken: list[frozenset[int]] = [frozenset()]
        self._single: list[Untimed] = []  # the events, by number
        self._single_numbers: dict[Any, int] = {}
        self._events: list[tuple[int, ...]] = [()]  # what happens in one step
        self._event_numbers: dict[tuple[int, ...], int] = {(): 0}
        self._after: dict[tuple[int, int], int] = {}

    def number(self, events: tuple[Untimed, ...]) -> int:
        """Number what happens in one step; 0 is nothing."""
        key = tuple(map(self._number, events))
        if key not in self._event_numbers:
            self._event_numbers[key] = len(self._events)
            self._events.append(key)
        return self._event_numbers[key]

    def _number(self, event: Untimed) -> int:
        kind, node, other, what, ref, reason = event.parts
        key = (kind, node, other, exact(what), ref, reason)
        if key not in self._single_numbers:
            self._single_numbers[key] = len(self._single)
            self._single.append(event)
        return self._single_numbers[key]

    def after(self, memory: int, events: int) -> int:
        """Return what is remembered after these events too."""
        if not events:
            return memory
        key = (memory, events)
        found = self._after.get(key)
        if found is None:
            found = self._after[key] = self._step(memory, events)
        return found

    def _step(self, memory: int, events: int) -> int:
        *memories, facts = self._memories[memory]
        for number in self._events[events]:
            event = self._single[number]
            for index, prop in enumerate(self.properties):
                if event.kind in prop.kinds and memories[index] is not BROKEN:
                    memories[index] = self._remember(prop, memories[index], number)
            if event.kind == "fact" and isinstance(event.what, self.keep):
                facts |= {(event.node, event.what)}
        return self._intern((*memories, facts), memory)

    def _remember(self, prop: Property, memory: Any, number: int) -> Any:
        if prop.monitor is not None:
            memory = prop.monitor.step(memory, self._single[number])
            return BROKEN if type(memory) is Broken else memory
        memory = (*memory, number)
        return (
            BROKEN if isinstance(prop.rule(self._trace(prop, memory)), str) else memory
        )

    def _trace(self, prop: Property, memory: tuple[int, ...]) -> Trace:
        """Return the events of a rule as a trace in which the calls are numbered."""
        records: list[Any] = []
        calls: list[tuple[Any, int]] = []  # (node, operation) with its number
        for number in memory:
            kind, node, other, what, ref, reason = self._single[number].parts
            if kind == "call":
                ref = 1 + sum(record[1] == "call" for record in records)
                calls.append((exact((node, what)), ref))
            elif kind == "return" and "call" in prop.kinds:
                # the last such call: an earlier one has ended with a crash
                wanted = exact((node, what[0]))
                call = next(each for each in reversed(calls) if each[0] == wanted)
                calls.remove(call)
                ref = call[1]
            elif kind == "drop":
                what = (what, reason)
            records.append((0, kind, node, other, what, ref))
        return Trace(records, self.nodes).only(prop.kinds).untimed()

    def _intern(self, memories: tuple[Any, ...], before: int) -> int:
        """Number what is remembered; most of it is what was remembered before."""
        key = tuple(
            known if one is other else exact(one)
            for one, other, known in zip(
                memories, self._memories[before], self._keys[before], strict=True
            )
        )
        if key not in self._numbers:
            self._numbers[key] = len(self._memories)
            self._memories.append(memories)
            self._keys.append(key)
            self._broken.append(
                frozenset(
                    index for index, memory in enumerate(memories) if memory is BROKEN
                )
            )
        return self._numbers[key]

    def invariants(self, place: int) -> dict[str, Callable[[Any], bool]]:
        """Return for each property the predicate of a state that has the number of its
        memory at `place`.
        """

        def predicate(index: int) -> Callable[[Any], bool]:
            return lambda state: index not in self._broken[state[place]]

        return {
            prop.name: predicate(index) for index, prop in enumerate(self.properties)
        }

    def facts(self, memory: int) -> frozenset[tuple[str, Any]]:
        """Return the facts kept."""
        facts: frozenset[tuple[str, Any]] = self._memories[memory][-1]
        return facts
