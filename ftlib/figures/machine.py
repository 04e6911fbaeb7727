"""The figure of the rules of the machine: one write, one answer, and a crash between
two effects.

A keeper puts what it is sent on its disk and says so. If it forces the write before it
answers, no crash loses what it has promised; if it answers first, one does. What a
crash leaves of the disk is the buffered, ordered model of `ftlib.simulation.node`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from ftlib.drawing import Label, Look, Picture, spacetime
from ftlib.figures.challenge import Challenge
from ftlib.figures.controls import NO_FAULTS, Choice, Faults
from ftlib.simulation import Cluster, Event, Node, Property, Schedule, Trace, judge
from ftlib.simulation.promises import down

__all__ = [
    "KEEPER_LOOK",
    "Found",
    "Hasty",
    "Keep",
    "Keeper",
    "Kept",
    "Lazy",
    "Writer",
    "one_write",
]

WRITER, KEEPER = "writer", "keeper"
UNTIL = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Keep:
    """Please keep this value."""

    value: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The value is kept: a promise."""

    value: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a keeper finds on its disk when it starts; None if nothing."""

    value: int | None


class Writer(Node):
    """Asks the keeper to keep some values, one every 20 ms."""

    def __init__(self, *values: int) -> None:
        self.left = list(values)

    def on_start(self) -> None:
        """Ask for the next one."""
        self.send(KEEPER, Keep(self.left.pop(0)))
        if self.left:
            self.set_timer("next", 0.02)

    def on_timer(self, name: str) -> None:
        """Go on."""
        self.on_start()


class Keeper(Node):
    """Forces every value to its disk before it answers."""

    def on_start(self) -> None:
        """See what is there."""
        self.record(Found(self.disk.read("value")))

    def on_message(self, sender: str, message: Any) -> None:
        """Keep it, then promise."""
        self.disk.write("value", message.value)
        self.disk.force()
        self.send(sender, Kept(message.value))


class Hasty(Keeper):
    """Promises, then keeps."""

    def on_message(self, sender: str, message: Any) -> None:
        """Answer before the value is forced."""
        self.disk.write("value", message.value)
        self.send(sender, Kept(message.value))
        self.disk.force()


class Lazy(Keeper):
    """Forces once a second whatever it was told to keep since."""

    def on_start(self) -> None:
        """See what is there, and begin to count the time."""
        super().on_start()
        self.set_timer("force", 1.0)

    def on_message(self, sender: str, message: Any) -> None:
        """Answer at once."""
        self.disk.write("value", message.value)
        self.send(sender, Kept(message.value))

    def on_timer(self, name: str) -> None:
        """Force all of it."""
        self.disk.force()
        self.set_timer("force", 1.0)


KEEPERS: dict[str, Callable[[], Node]] = {"forces": Keeper, "answers": Hasty}


def _found(event: Event) -> str:
    return "nothing" if event.what.value is None else str(event.what.value)


def _state(event: Event) -> Label:
    return Label(f"finds {_found(event)}", "blue")


KEEPER_LOOK = Look(
    state=_state, tell=lambda event: f"finds {_found(event)} on its disk"
)
"""How keepers are drawn and told, by what they find on their disk."""


def run(first: str, faults: Schedule) -> Cluster:
    """Run one write, with whatever goes wrong.

    Parameters
    ----------
    first : {"forces", "answers"}
        What the keeper does first.
    faults : Schedule

    Returns
    -------
    Cluster

    Examples
    --------
    >>> trace = run("answers", NO_FAULTS).trace
    >>> trace.where(kind="deliver", node="writer")[0].what
    Kept(value=7)
    """
    nodes: dict[str, Callable[[], Node]] = {
        WRITER: lambda: Writer(7),
        KEEPER: KEEPERS[first],
    }
    cluster = Cluster(nodes, faults=faults)
    cluster.run(until=UNTIL)
    return cluster


def _told(trace: Trace) -> bool:
    return bool(trace.where(kind="deliver", node=WRITER))


def broken(trace: Trace) -> bool:
    """Tell whether the writer has an answer, and the keeper, back after it had sent
    that, has found nothing.
    """
    sent = [event.index for event in trace.where(kind="send", what=Kept)]
    return _told(trace) and any(
        event.index > sent[0] and event.what.value is None
        for event in trace.facts(Found)
    )


def _forgotten(trace: Trace) -> str | None:
    return "what the writer was told is kept is not there" if broken(trace) else None


promise = Property("what is promised is kept", _forgotten, ("send", "deliver", "fact"))

HANDS = Faults(
    ("crash", "recover"),
    maximum=3,
    challenge=Challenge(
        "lose what was promised",
        2,
        run,
        broken,
        "The write is safe before the answer leaves.",
    ),
)


def one_write(
    first: Annotated[
        str,
        Choice(
            {"forces": "forces, then answers", "answers": "answers, then forces"},
            "The keeper",
        ),
    ] = "answers",
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw one write, and say whether a promise is broken.

    Parameters
    ----------
    first : {"forces", "answers"}
        What the keeper does first.
    faults : Schedule
        Who crashes when, and who comes back.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/1_background``.
    """
    cluster = run(first, faults)
    title, description = _verdict(cluster.trace)
    return spacetime(
        cluster.trace,
        look=KEEPER_LOOK,
        findings=judge(cluster.trace, [promise]),
        title=title,
        description=description,
        hands=HANDS.on(cluster),
    )


def _verdict(trace: Trace) -> tuple[str, str]:
    if broken(trace):
        return (
            "A promise is broken: the writer was told that 7 is kept, and 7 is lost.",
            "The answer left before the write was forced.",
        )
    told, forced = _told(trace), bool(trace.where(kind="force"))
    back = [event.index for event in trace.where(kind="recover", node=KEEPER)]
    crashed = bool(trace.where(kind="crash", node=KEEPER))
    if KEEPER in down(trace):
        return (
            f"The keeper is down, and {'7' if told else 'nothing'} was promised.",
            "It sees what is on its disk when it is back.",
        )
    found = [
        e.what.value for e in trace.facts(Found) if e.index > max(back, default=-1)
    ]
    if told and not crashed:
        return (
            "The promise is kept: the writer was told, and 7 is on the disk.",
            "The keeper has not crashed.",
        )
    if told:
        return (
            "The promise is kept: the writer was told, and 7 is on the disk.",
            "The write was forced before the crash, so the crash loses nothing."
            if forced
            else "That was luck: the write was not forced, and the disk had saved it.",
        )
    if found[-1] is not None or forced:
        return (
            "No promise was made, and 7 is on the disk all the same.",
            "The writer cannot know that; it has to ask again.",
        )
    if not trace.where(kind="write"):
        return (
            "Nothing was written, and nothing was promised.",
            "The writer has no answer, so it has to ask again.",
        )
    return (
        "The write is lost, and nobody had been promised that it is kept.",
        "The writer has no answer, so it has to ask again.",
    )
