"""A run, cut into steps: what befalls a node and what the node does about it, and the
messages that go from step to step.

A *step* is what a reader takes in at once. The events of a trace are grouped into steps
by their causes: a node receives a message, a timer fires, a node crashes or recovers,
and all that the node does in that handler belongs to it. Nothing here knows of a
drawing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from ftlib.simulation import Event

__all__ = [
    "Arrow",
    "Step",
    "Wait",
    "arrows_of",
    "disks_of",
    "known",
    "steps_of",
    "waits_of",
]

CAUSES = ("deliver", "drop", "timer", "crash", "recover", "fault")


@dataclass(slots=True)
class Step:
    """One step of a run.

    Attributes
    ----------
    number : int
        From 1.
    cause : Event or None
        What befell the node; None where it acts of itself, at its start or when its
        disk has answered.
    node : str
        Empty for a fault of the network.
    effects : list of Event
        What it did about it, in order.
    copy, late : bool
        Whether the message that is its cause has come before, and whether a message
        sent later has overtaken it.
    waits : bool
        Whether it ends with the node waiting for its disk, and goes on in another step.
    resumed : bool
        Whether it is such another step.
    again : set of int
        The indices of those effects that are facts the node has recorded before, as
        when it recovers.
    """

    number: int
    cause: Event | None
    node: str
    effects: list[Event] = field(default_factory=list)
    copy: bool = False
    late: bool = False
    waits: bool = False
    resumed: bool = False
    again: set[int] = field(default_factory=set)

    @property
    def first(self) -> Event:
        """The event that the step begins with."""
        return self.cause or self.effects[0]

    @property
    def events(self) -> list[Event]:
        """All of its events."""
        return [self.cause, *self.effects] if self.cause else self.effects

    @property
    def in_the_air(self) -> bool:
        """Whether it is the loss of a message on its way: something that happens at no
        node.
        """
        return (
            self.cause is not None
            and self.cause.kind == "drop"
            and self.cause.reason in ("lost", "link is cut")
        )


@dataclass(frozen=True, slots=True)
class Arrow:
    """One copy of a message, from its sending to its end.

    Attributes
    ----------
    sent, ended : Step or None
        The steps in which it was sent, and handled or dropped. `ended` is None if it
        was on its way when the run ended; of what one node knows, one of them always
        is.
    send : Event
    copy : bool
        Whether a copy of it has ended before.
    late : bool
        Whether a message sent later on the same link has overtaken it.
    """

    sent: Step | None
    ended: Step | None
    send: Event
    copy: bool = False
    late: bool = False

    @property
    def step(self) -> Step:
        """The step with which it is there as a whole."""
        step = self.ended or self.sent
        assert step is not None
        return step

    @property
    def ends(self) -> tuple[str, str]:
        """Sender and receiver."""
        one, other = self.send.node, self.send.other or ""
        return (one, other) if self.send.kind == "send" else (other, one)

    @property
    def end(self) -> str:
        """What became of it: "handled", "on its way", or the reason why it was
        dropped.
        """
        if self.ended is None or self.ended.cause is None:
            return "on its way"
        return self.ended.cause.reason or "handled"


@dataclass(frozen=True, slots=True)
class Wait:
    """A timer that fired.

    Attributes
    ----------
    set : Step or None
        Where it was set; None if that step is not shown, for the node did nothing else.
    fired : Step
    time : float
        When it was set, in seconds.
    """

    set: Step | None
    fired: Step
    time: float


def steps_of(events: Iterable[Event], nodes: Collection[str]) -> list[Step]:
    """Cut a run into steps.

    Parameters
    ----------
    events : iterable of Event
        A trace, or part of one.
    nodes : collection of str
        Whose steps are wanted; those of other nodes are left out, faults of the network
        are kept.

    Returns
    -------
    list of Step
        Numbered from 1 in the order of their first events.
    """
    steps: list[Step] = []
    running: dict[str, Step] = {}  # the step that each node is in
    sent = set()
    facts: list[tuple[str, Any]] = []
    for event in events:
        if event.kind != "fault" and event.node not in nodes:
            continue
        if event.kind == "drop" and event.ref not in sent:
            continue  # the loss of a message that is not shown
        if event.kind == "send":
            sent.add(event.ref)
        step = running.get(event.node)
        if event.kind in CAUSES:
            step = Step(len(steps) + 1, event, event.node)
            steps.append(step)
            if event.kind != "drop":
                running[event.node] = step
            continue
        if step is None or step.first.time != event.time:
            resumed = step is not None and event.kind == "force"
            if step is not None:
                step.waits = resumed
            step = Step(len(steps) + 1, None, event.node, resumed=resumed)
            running[event.node] = step
            steps.append(step)
        step.effects.append(event)
        if event.kind == "fact":
            fact = event.node, event.what
            if fact in facts:
                step.again.add(event.index)
            else:
                facts.append(fact)
    return steps


def arrows_of(steps: Iterable[Step]) -> list[Arrow]:
    """Find the copies of messages that go between these steps, and tell the steps which
    of them are late or second copies.
    """
    sent: dict[int | str | None, tuple[Step, Event]] = {}
    ended: set[int | str | None] = set()
    newest: dict[tuple[str, str | None], int] = {}
    arrows = []
    for step in steps:
        cause = step.cause
        if (
            cause is not None
            and cause.kind in ("deliver", "drop")
            and cause.ref in sent
        ):
            start, send = sent[cause.ref]
            link = (send.node, send.other)
            step.copy = cause.ref in ended
            if cause.kind == "deliver":
                step.late = not step.copy and newest.get(link, -1) > send.index
                newest[link] = max(newest.get(link, -1), send.index)
            ended.add(cause.ref)
            arrows.append(Arrow(start, step, send, step.copy, step.late))
        for event in step.effects:
            if event.kind == "send":
                sent[event.ref] = (step, event)
    arrows += [
        Arrow(start, None, send)
        for ref, (start, send) in sent.items()
        if ref not in ended
    ]
    return arrows


def known(trace: Iterable[Event], node: str) -> tuple[list[Step], list[Arrow]]:
    """Return the steps of a run that a node knows of, which are its own, and of each
    message the end at which the node is.

    That a message to it was lost is nothing that it knows.
    """
    steps = [
        step
        for step in steps_of(trace, (node,))
        if step.node and not (step.cause and step.cause.kind == "drop")
    ]
    arrows = []
    for number, step in enumerate(steps, 1):
        step.number = number
        if step.cause is not None and step.cause.kind == "deliver":
            arrows.append(Arrow(None, step, step.cause))
        arrows += [
            Arrow(step, None, event) for event in step.effects if event.kind == "send"
        ]
    return steps, arrows


def waits_of(steps: Iterable[Step]) -> list[Wait]:
    """Find where the timers that fired were set."""
    last: dict[tuple[str, float], Step] = {}
    waits = []
    for step in steps:
        if step.cause is not None and step.cause.kind == "timer":
            set_at = float(step.cause.what)
            waits.append(Wait(last.get((step.node, set_at)), step, set_at))
        if step.node and not step.in_the_air:
            last[step.node, step.first.time] = step
    return waits


def disks_of(steps: Iterable[Step]) -> list[str]:
    """Tell of each step what it does to the disk: "forces" where it makes durable what
    was written, "writes" where it leaves a write unforced, "" where it does neither.

    A force with nothing to force does nothing.
    """
    pending: set[str] = set()  # the nodes with a write that is not forced
    done = []
    for step in steps:
        does = ""
        for event in step.events:
            match event.kind:
                case "write":
                    does = "writes"
                    pending.add(event.node)
                case "force" if event.node in pending:
                    does = "forces"
                    pending.remove(event.node)
                case "crash":
                    pending.discard(event.node)
        done.append(does)
    return done
