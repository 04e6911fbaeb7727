"""Properties: what must be true of every run, judged from the trace alone.

A *safety* property says that something bad never happens; once it has, no continuation
mends it, so the first violating event can be named. A *liveness* property says that
something good happens in the end; a finite run can only show that it had not happened
within a bound, and the bound is part of the verdict (Alpern and Schneider 1985).

A safety property is best written as a *monitor*: what it remembers of the events so
far, and a step that takes in one more. The simulator feeds it every event as it
happens; exploration keeps what it remembers as part of the explored state, and so tells
two runs apart only where the property does. A property that is a rule over the
trace works in both as well. It is shown the events of its kinds, in both worlds;
exploration has to keep all of them. What exploration does not know, the times above
all, raises `Unseen` where it is read there.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from ftlib.simulation.event import KINDS, Event
from ftlib.simulation.trace import Trace

__all__ = ["Broken", "Finding", "Monitor", "Property", "Unknown", "judge", "monitor"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer of a rule that this trace is too short, or of the wrong kind, to
    decide: says why.
    """

    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """What the step of a monitor returns when the property is violated: says what is
    wrong, in one sentence.
    """

    why: str


@dataclass(frozen=True, slots=True)
class Monitor:
    """A safety property as an automaton (Schneider 2000): what it remembers at the
    start, and how an event changes that.

    Attributes
    ----------
    start : hashable
    step : callable from (memory, Event) to the new memory, or to Broken
        Looks at kind, node, other and what of the event, not at its time or index:
        exploration knows no time.
    """

    start: Any
    step: Callable[[Any, Event], Any]

    def run(self, trace: Trace, kinds: tuple[str, ...]) -> tuple[Broken, Event] | None:
        """Return what was wrong, and the first event after which it was; None if
        nothing.
        """
        memory = self.start
        for event in trace.only(kinds):
            memory = self.step(memory, event)
            if type(memory) is Broken:
                return memory, event
        return None


@dataclass(frozen=True, slots=True)
class Property:
    """Something that must be true of every run.

    Parameters
    ----------
    name : str
        As the literature calls it.
    rule : callable from Trace to None, str or Unknown
        Looks at the events so far and returns None if the property holds, else one
        sentence that says what is wrong. A rule of safety is shown the events of its
        kinds only, one of liveness all of them.
    kinds : tuple of str
        The kinds of event that it looks at.
    liveness : bool
        Whether it can be judged at the end of a run only.
    monitor : Monitor, optional
        The same verdict as an automaton; `monitor` makes both at once.

    Raises
    ------
    ValueError
        If there is no such kind of event.

    Examples
    --------
    >>> from ftlib.simulation import Trace
    >>> calm = Property(
    ...     "calm",
    ...     lambda trace: "a node crashed" if trace.where(kind="crash") else None,
    ...     kinds=("crash",),
    ... )
    >>> judge(
    ...     Trace(
    ...         [(0, "fact", "a", None, 1, None), (5, "crash", "a", None, None, None)]
    ...     ),
    ...     [calm],
    ... )[0].event.time
    5e-06
    """

    name: str
    rule: Callable[[Trace], str | Unknown | None]
    kinds: tuple[str, ...] = ("fact",)
    liveness: bool = False
    monitor: Monitor | None = None

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise ValueError(
                    f"{self.name!r} looks at events of kind {kind!r}: choose from"
                    f" {', '.join(KINDS)}"
                )


def monitor(
    name: str,
    start: Any,
    step: Callable[[Any, Event], Any],
    kinds: tuple[str, ...] = ("fact",),
) -> Property:
    """Make a safety property of a monitor.

    Parameters
    ----------
    name : str
    start : hashable
        What it remembers before the first event.
    step : callable from (memory, Event) to the new memory, or to Broken
        Called for each event of these kinds, in order. The less it remembers, the fewer
        states exploration has to look at.
    kinds : tuple of str
        The kinds of event it is shown.

    Examples
    --------
    >>> from ftlib.simulation import Trace
    >>> calm = monitor(
    ...     "calm",
    ...     0,
    ...     lambda crashes, event: (
    ...         crashes + 1 if crashes < 1 else Broken("two crashes")
    ...     ),
    ...     kinds=("crash",),
    ... )
    >>> judge(
    ...     Trace([(tick, "crash", "a", None, None, None) for tick in range(3)]), [calm]
    ... )
    (calm: violated at event 1, 1e-06 s: two crashes (one run of 3 events, 2e-06 s),)
    """
    automaton = Monitor(start, step)
    return Property(name, partial(_rule, automaton, kinds), kinds, monitor=automaton)


def _rule(automaton: Monitor, kinds: tuple[str, ...], trace: Trace) -> str | None:
    found = automaton.run(trace, kinds)
    return found[0].why if found else None


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one property, with what it rests on.

    Attributes
    ----------
    name : str
        The property.
    verdict : str
        "holds", "violated" or "unknown".
    reason : str
        What is wrong, or why it is unknown; empty when it holds.
    event : Event or None
        The first event after which it was violated.
    trace : Trace
        The counterexample, up to and with that event; else the whole run.
    bound : str
        Within what bound it was found.
    """

    name: str
    verdict: Literal["holds", "violated", "unknown"]
    reason: str
    event: Event | None
    trace: Trace
    bound: str

    def __bool__(self) -> bool:
        return self.verdict == "holds"

    def __str__(self) -> str:
        where = (
            f" at event {self.event.index}, {self.event.time:g} s" if self.event else ""
        )
        return (
            f"{self.name}:"
            f" {self.verdict}{where}{': ' + self.reason if self.reason else ''}"
            f" ({self.bound})"
        )

    __repr__ = __str__


def judge(trace: Trace, properties: Iterable[Property]) -> tuple[Finding, ...]:
    """Judge a run by each of the properties.

    Parameters
    ----------
    trace : Trace
    properties : iterable of Property

    Returns
    -------
    tuple of Finding
        In the order of the properties.

    Examples
    --------
    >>> trace = Trace(
    ...     [(0, "send", "a", "b", "hello", 1), (5, "crash", "a", None, None, None)]
    ... )
    >>> judge(
    ...     trace,
    ...     [
    ...         Property(
    ...             "calm",
    ...             lambda trace: "it crashed" if trace.where(kind="crash") else None,
    ...             kinds=("crash",),
    ...         )
    ...     ],
    ... )
    (calm: violated at event 1, 5e-06 s: it crashed (one run of 2 events, 5e-06 s),)

    Notes
    -----
    A monitor is run once over the trace. A violated safety property stays violated, so
    the first event that violates a rule is found by bisection: O(log n) calls of it. A
    rule that forgives later what it blamed before is no safety property, and may be
    caught at a later event than its first.
    """
    return tuple(_judge(trace, rule) for rule in properties)


class Watcher:
    """Judges a run event by event, while it happens: O(1) an event for a monitor, O(n)
    for a rule over the trace.
    """

    def __init__(self, properties: Iterable[Property], trace: Trace) -> None:
        self.properties = tuple(prop for prop in properties if not prop.liveness)
        self.kinds = {kind for prop in self.properties for kind in prop.kinds}
        self.asked = {  # of each kind of event, the places of those that look at it
            kind: tuple(
                place
                for place, prop in enumerate(self.properties)
                if kind in prop.kinds
            )
            for kind in self.kinds
        }
        self.memories = [
            prop.monitor.start if prop.monitor else None for prop in self.properties
        ]
        for event in trace:
            self._step(event)

    def see(self, trace: Trace) -> Finding | None:
        """Take in the last event of a trace, the next one of `kinds` after those seen
        before; return the first violation.
        """
        event = trace[-1]
        self._step(event)
        for place in self.asked[event.kind]:
            prop = self.properties[place]
            if prop.monitor is None or type(self.memories[place]) is Broken:
                (finding,) = judge(trace, [prop])
                if finding.verdict == "violated":
                    return finding
        return None

    def _step(self, event: Event) -> None:
        for place in self.asked.get(event.kind, ()):
            automaton, memory = self.properties[place].monitor, self.memories[place]
            if automaton and type(memory) is not Broken:
                self.memories[place] = automaton.step(memory, event)


def _judge(trace: Trace, prop: Property) -> Finding:
    bound = f"one run of {len(trace)} events, {trace.end:g} s"
    if prop.monitor is not None:
        found = prop.monitor.run(trace, prop.kinds)
        if found is None:
            return Finding(prop.name, "holds", "", None, trace, bound)
        broken, event = found
        cut = trace[: event.index - trace[0].index + 1]
        return Finding(prop.name, "violated", broken.why, event, cut, bound)
    shown = trace if prop.liveness else trace.only(prop.kinds)
    answer = prop.rule(shown)
    if answer is None:
        return Finding(prop.name, "holds", "", None, trace, bound)
    if isinstance(answer, Unknown):
        return Finding(prop.name, "unknown", answer.why, None, trace, bound)
    if prop.liveness:
        return Finding(prop.name, "violated", answer, None, trace, bound)
    ends = range(len(shown) + 1)
    first = bisect_left(
        ends, True, key=lambda end: isinstance(prop.rule(shown[:end]), str)
    )
    last = shown[first - 1] if 0 < first <= len(shown) else None
    cut = trace[: last.index - trace[0].index + 1] if last else trace
    reason = prop.rule(shown[:first])
    words = reason if isinstance(reason, str) else answer
    return Finding(prop.name, "violated", words, last, cut, bound)
