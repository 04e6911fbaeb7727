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
from ftlib.figures.controls import Choice, Range, Toggle
from ftlib.simulation import Cluster, Crash, Event, Node, Point, Recover, Trace

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
BACK_AFTER, UNTIL = 0.02, 0.5  # seconds


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


def run(first: str, after: int, survives: bool) -> Trace:
    """Run one write, a crash of the keeper and its recovery.

    Parameters
    ----------
    first : {"forces", "answers"}
        What the keeper does first.
    after : int
        How many effects of the handler still happen.
    survives : bool
        Whether a write that was not forced survives all the same.

    Returns
    -------
    Trace

    Examples
    --------
    >>> [fact.what.value for fact in run("answers", 2, False).facts(Found)]
    [None, None]
    """
    faults = (
        Crash(
            KEEPER, at=Point(KEEPER, "deliver", "Keep"), after=after, keeps=survives * 1
        ),
        Recover(KEEPER, at=Point(KEEPER, "crash", later=BACK_AFTER)),
    )
    nodes: dict[str, Callable[[], Node]] = {
        WRITER: lambda: Writer(7),
        KEEPER: KEEPERS[first],
    }
    return Cluster(nodes, faults=faults).run(until=UNTIL)


def one_write(
    first: Annotated[
        str,
        Choice(
            {"forces": "forces, then answers", "answers": "answers, then forces"},
            "The keeper",
        ),
    ] = "answers",
    after: Annotated[int, Range(range(4), "Effects before it crashes")] = 1,
    survives: Annotated[bool, Toggle("The disk has saved an unforced write")] = False,
) -> Picture:
    """Draw one write and a crash, and say whether a promise is broken.

    Parameters
    ----------
    first : {"forces", "answers"}
        What the keeper does first.
    after : int
        How many effects of its handler happen before it crashes.
    survives : bool
        Whether a write that was not forced survives all the same.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/1_background``.
    """
    trace = run(first, after, survives)
    title, description = _verdict(trace)
    return spacetime(trace, look=KEEPER_LOOK, title=title, description=description)


def _verdict(trace: Trace) -> tuple[str, str]:
    told = bool(trace.where(kind="deliver", node=WRITER))
    there = trace.facts(Found)[-1].what.value is not None
    if told and not there:
        return (
            "A promise is broken: the writer was told that 7 is kept, and 7 is lost.",
            "The answer left before the write was forced.",
        )
    if told:
        return (
            "The promise is kept: the writer was told, and 7 is on the disk.",
            "The write was forced before the crash, so the crash loses nothing."
            if trace.where(kind="force")
            else "That was luck: the write was not forced, and the disk had saved it.",
        )
    if there:
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
