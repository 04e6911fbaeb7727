"""Where everything in a space-time diagram stands: the steps of a run, their rows, and the arrows between them.

A *step* is what a reader takes in at once: one thing that befell a node (a message or a timer that it handles, a crash, a
recovery, its start) with all that the node did about it. Steps of different nodes at the same instant share a row. Rows keep the
order of time, not its scale; where much time passes between two rows, the diagram says how much.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ftlib.simulation import Event, Trace

__all__ = ["Arrow", "Layout", "Step", "lay_out"]

CAUSES = ("deliver", "drop", "timer", "crash", "recover", "fault")
TOP, ROW, LABEL, IDLE = 52.0, 34.0, 20.0, 24.0  # heights: heading, row, what a label adds, what an idle time adds
LEFT, LANE, WIDEST = 66.0, 128.0, 170.0  # the first line's place, and the least and greatest distance between two


@dataclass(slots=True)
class Step:
    """One step of a run.

    Attributes
    ----------
    number : int
        From 1.
    cause : Event or None
        What befell the node; None where it acts of itself, as at its start.
    node : str
    effects : list of Event
        What it did about it, in order.
    y : float
        Its height in the picture.
    """

    number: int
    cause: Event | None
    node: str
    effects: list[Event] = field(default_factory=list)
    y: float = 0.0

    @property
    def first(self) -> Event:
        """The event that the step begins with."""
        return self.cause or self.effects[0]

    @property
    def labels(self) -> int:
        """How many labels stand below its point: one for what befell the node, one for the facts it records."""
        befell = self.cause is not None and self.cause.kind in ("timer", "crash", "recover")
        return befell + any(event.kind == "fact" for event in self.effects)

    @property
    def last(self) -> int:
        """The index of the last event that happened then; that a message is lost shows later."""
        return max(event.index for event in self.events if event.reason != "lost")

    @property
    def events(self) -> list[Event]:
        """All of its events."""
        return [self.cause, *self.effects] if self.cause else self.effects


@dataclass(frozen=True, slots=True)
class Arrow:
    """One copy of a message, from its sending to its end.

    Attributes
    ----------
    sent, ended : Step or None
        The steps in which it was sent and handled or dropped; `ended` is None if it was on its way when the run ended.
    send : Event
    end : Event or None
    copy : int
        0 for the first copy to end, 1 for the second, ...
    late : bool
        Whether a message sent later on the same link has overtaken it.
    """

    sent: Step
    ended: Step | None
    send: Event
    end: Event | None
    copy: int
    late: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A run, laid out.

    Attributes
    ----------
    steps : list of Step
    arrows : list of Arrow
    x : dict from node to float
        Where its line stands.
    gaps : list of (float, float)
        Height in the picture, and the seconds that pass there.
    height : float
        Where the lines end.
    """

    steps: list[Step]
    arrows: list[Arrow]
    x: dict[str, float]
    gaps: list[tuple[float, float]]
    height: float


def lay_out(trace: Trace, nodes: Sequence[str], strip: float = 0.0, row: float = ROW) -> Layout:
    """Lay a run out.

    Parameters
    ----------
    trace : Trace
    nodes : sequence of str
        The lines, from left to right; events of other nodes are left out.
    strip : float
        The width that is wanted at the right edge.
    row : float
        The least distance between two rows.

    Returns
    -------
    Layout
    """
    steps = _steps(trace, nodes)
    gaps, height = _rows(steps, row)
    room = 430 - LEFT - 52 - strip
    distance = min(WIDEST, max(LANE, room / (len(nodes) - 1))) if len(nodes) > 1 else 0.0
    x = {node: LEFT + number * distance for number, node in enumerate(nodes)}
    return Layout(steps, _arrows(steps), x, gaps, height)


def _steps(trace: Trace, nodes: Sequence[str]) -> list[Step]:
    steps: list[Step] = []
    newest: dict[str, Step] = {}
    senders: dict[Any, Step] = {}
    for event in trace:
        if event.kind != "fault" and event.node not in nodes:
            continue
        if event.reason == "lost":
            if event.ref in senders:  # told where it was sent
                senders[event.ref].effects.append(event)
            continue
        step = newest.get(event.node)
        if event.kind in CAUSES or step is None or step.first.time != event.time:
            step = Step(len(steps) + 1, event if event.kind in CAUSES else None, event.node)
            steps.append(step)
            newest[event.node] = step
        if event is not step.cause:
            step.effects.append(event)
        if event.kind == "send":
            senders[event.ref] = step
    return steps


def _rows(steps: list[Step], least: float) -> tuple[list[tuple[float, float]], float]:
    """Give every step its height; return the idle times and the height of the end."""
    times = sorted({step.first.time for step in steps})
    passes = sorted(after - before for before, after in itertools.pairwise(times))
    usual = passes[len(passes) // 2] if passes else 0.0
    gaps = []
    y, filled, tall, time = TOP, set[str](), 0.0, steps[0].first.time if steps else 0.0
    for step in steps:
        now = step.first.time
        if filled and (now != time or step.node in filled or not step.node):
            y += least + tall
            filled, tall = set(), 0.0
            if now - time > 4 * usual > 0:
                gaps.append((y - least / 2 + IDLE / 2, now - time))
                y += IDLE
        filled.add(step.node)
        tall = max(tall, LABEL * step.labels)
        step.y, time = y, now
    return gaps, y + least + tall if steps else TOP + least


def _arrows(steps: list[Step]) -> list[Arrow]:
    sent: dict[int, tuple[Step, Event]] = {}
    ends: dict[int, list[tuple[Step, Event]]] = {}
    for step in steps:
        for event in step.events:
            if event.kind == "send":
                sent[event.ref] = (step, event)  # type: ignore[index]
            elif event.kind in ("deliver", "drop"):
                ends.setdefault(event.ref, []).append((step, event))  # type: ignore[arg-type]
    arrows = []
    newest: dict[tuple[str, str | None], int] = {}
    order = sorted(((end.index, ref, copy, step, end) for ref, them in ends.items() for copy, (step, end) in enumerate(them)))
    for _, ref, copy, step, end in order:
        if ref not in sent:
            continue
        start, send = sent[ref]
        link = (send.node, send.other)
        late = newest.get(link, -1) > ref and end.kind == "deliver"
        if end.kind == "deliver":
            newest[link] = max(newest.get(link, -1), ref)
        arrows.append(Arrow(start, step, send, end, copy, late and copy == 0))
    arrows += [Arrow(start, None, send, None, 0, False) for ref, (start, send) in sent.items() if ref not in ends]
    return arrows
