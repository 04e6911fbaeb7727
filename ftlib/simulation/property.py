"""Properties: what must be true of every run, judged from the trace alone.

A *safety* property says that something bad never happens; once it has, no continuation mends it, so the first violating event can
be named. A *liveness* property says that something good happens in the end; a finite run can only show that it had not happened
within a bound, and the bound is part of the verdict (Alpern and Schneider 1985).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from ftlib.simulation.trace import KINDS, Event, Trace

__all__ = ["Finding", "Property", "Unknown", "judge"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer of a rule that this trace is too short, or of the wrong kind, to decide: says why."""

    why: str


@dataclass(frozen=True, slots=True)
class Property:
    """Something that must be true of every run.

    Parameters
    ----------
    name : str
        As the literature calls it.
    rule : callable from Trace to None, str or Unknown
        Looks at the events so far and returns None if the property holds, else one sentence that says what is wrong.
    kinds : tuple of str
        The kinds of event that can turn the verdict.
    liveness : bool
        Whether it can be judged at the end of a run only.

    Raises
    ------
    ValueError
        If there is no such kind of event.

    Examples
    --------
    >>> from ftlib.simulation import Trace
    >>> calm = Property("calm", lambda trace: "a node crashed" if trace.where(kind="crash") else None, kinds=("crash",))
    >>> judge(Trace([(0, "fact", "a", None, 1, None), (5, "crash", "a", None, None, None)]), [calm])[0].event.time
    5e-06
    """

    name: str
    rule: Callable[[Trace], str | Unknown | None]
    kinds: tuple[str, ...] = ("fact",)
    liveness: bool = False

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise ValueError(f"{self.name!r} looks at events of kind {kind!r}: choose from {', '.join(KINDS)}")


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
        where = f" at event {self.event.index}, {self.event.time:g} s" if self.event else ""
        return f"{self.name}: {self.verdict}{where}{': ' + self.reason if self.reason else ''} ({self.bound})"

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
    >>> trace = Trace([(0, "send", "a", "b", "hello", 1), (5, "crash", "a", None, None, None)])
    >>> judge(trace, [Property("calm", lambda trace: "it crashed" if trace.where(kind="crash") else None, kinds=("crash",))])
    (calm: violated at event 1, 5e-06 s: it crashed (one run of 2 events, 5e-06 s),)

    Notes
    -----
    A violated safety property stays violated, so the first violating event is found by bisection: O(log n) calls of the rule. A
    rule that forgives later what it blamed before is no safety property, and may be caught at a later event than its first.
    """
    return tuple(_judge(trace, rule) for rule in properties)


def _judge(trace: Trace, prop: Property) -> Finding:
    bound = f"one run of {len(trace)} events, {trace.end:g} s"
    answer = prop.rule(trace)
    if answer is None:
        return Finding(prop.name, "holds", "", None, trace, bound)
    if isinstance(answer, Unknown):
        return Finding(prop.name, "unknown", answer.why, None, trace, bound)
    if prop.liveness:
        return Finding(prop.name, "violated", answer, None, trace, bound)
    ends = [index + 1 for index, record in enumerate(trace.records) if record[1] in prop.kinds]
    first = bisect_left(ends, True, key=lambda end: isinstance(prop.rule(trace[:end]), str))
    cut = trace[: ends[first]] if first < len(ends) else trace
    reason = prop.rule(cut)
    return Finding(prop.name, "violated", reason if isinstance(reason, str) else answer, cut[-1] if cut else None, cut, bound)
