"""What properties remember of the events so far, numbered: the part of an explored
state that stands for its past.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ftlib.simulation import Broken, Property, Trace
from ftlib.simulation.trace import Event
from ftlib.simulation.values import freeze

__all__ = ["Memories"]

BROKEN = Broken("")  # one for all: what was wrong is said by the replay


class Memories:
    """The monitors of some properties, side by side, and the facts of some types.

    A property that is a rule over the trace, not a monitor, remembers all events of the
    kinds that it looks at.
    """

    def __init__(self, properties: Iterable[Property], keep: Iterable[type]) -> None:
        self.properties = tuple(properties)
        self.keep = (keep,) if isinstance(keep, type) else tuple(keep)
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
        self._numbers: dict[tuple[Any, ...], int] = {self._memories[0]: 0}
        self._broken: list[frozenset[int]] = [frozenset()]
        self._events: list[tuple[Event, ...]] = [()]
        self._event_numbers: dict[Any, int] = {(): 0}
        self._after: dict[tuple[int, int], int] = {}

    def number(self, events: tuple[Event, ...]) -> int:
        """Number what happens in one step; 0 is nothing."""
        key = tuple(
            (
                event.kind,
                event.node,
                event.other,
                freeze(event.what),
                event.ref,
                event.reason,
            )
            for event in events
        )
        if key not in self._event_numbers:
            self._event_numbers[key] = len(self._events)
            self._events.append(events)
        return self._event_numbers[key]

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
        for event in self._events[events]:
            for index, prop in enumerate(self.properties):
                if event.kind in prop.kinds and memories[index] is not BROKEN:
                    memories[index] = _step(prop, memories[index], event)
            if event.kind == "fact" and isinstance(event.what, self.keep):
                facts |= {(event.node, event.what)}
        return self._intern((*memories, facts))

    def _intern(self, memories: tuple[Any, ...]) -> int:
        if memories not in self._numbers:
            self._numbers[memories] = len(self._memories)
            self._memories.append(memories)
            self._broken.append(
                frozenset(
                    index for index, memory in enumerate(memories) if memory is BROKEN
                )
            )
        return self._numbers[memories]

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


def _step(prop: Property, memory: Any, event: Event) -> Any:
    if prop.monitor is not None:
        memory = prop.monitor.step(memory, event)
        return BROKEN if type(memory) is Broken else memory
    what = event.what
    if event.kind == "drop":
        what = (what, event.reason)
    elif event.kind == "timer":
        what = 0
    memory = (*memory, (0, event.kind, event.node, event.other, what, event.ref))
    return BROKEN if isinstance(prop.rule(Trace(memory)), str) else memory
