"""What exploration says of one node: its local state, the steps it takes, and what
comes of them.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ftlib.simulation.event import Untimed
from ftlib.simulation.freezing import freeze
from ftlib.simulation.values import show

__all__ = ["Action", "Local", "Outcome", "Outcomes", "frozen_disk"]


class Local(NamedTuple):
    """A local state, frozen. While the node is down there is a disk, nothing else."""

    memory: Any  # the class and the attributes; None while it is down
    disk: Any  # what is durable
    contents: Any = None  # what the node reads: with its writes that are not forced
    # the disks that a crash may leave beside `disk`
    leftovers: tuple[Any, ...] = ()
    timers: tuple[str, ...] = ()
    calls: tuple[Any, ...] = ()


def frozen_disk(contents: dict[str, Any]) -> Any:
    """Freeze a disk: the order of its keys is seen by nobody."""
    return freeze(dict(sorted(contents.items())))


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a run.

    Attributes
    ----------
    kind : str
        "start", "deliver", "fire", "recover", "crash", "drop" or "partition".
    node : str
        Where it happens.
    what : object
        For a delivery and a drop (sender, message); for a timer its name.
    after : int or None
        Within this step the node crashes after so many effects.
    left : object
        The frozen disk that the crash leaves, where that is not what was forced.
    choices : tuple of int
        The options that the handler chose.
    kept : bool
        Whether a copy of the message stays under way.
    """

    kind: str
    node: str
    what: Any = None
    after: int | None = None
    choices: tuple[int, ...] = ()
    kept: bool = False
    left: Any = None

    def keeping(self) -> "Action":
        """Return the same step, with a copy of the message still under way."""
        return replace(self, kept=True)

    def __str__(self) -> str:
        match self.kind:
            case "deliver" | "drop":
                sender, message = self.what
                text = f"{self.kind} {show(message)} {sender}->{self.node}"
            case "fire":
                text = f"fire {self.what!r} of {self.node}"
            case _:
                text = f"{self.kind} {self.node}".strip()
        crash = f", crash after {self.after} effects" if self.after is not None else ""
        return text + crash + (", unforced writes survive" if self.left else "")


class Outcome(NamedTuple):
    """What a step does: the new local state, the messages sent in order, the events
    that properties see, and its name.
    """

    local: int
    sent: tuple[Any, ...]
    events: tuple[Untimed, ...]
    action: Action


Outcomes = tuple[list[Outcome], list[Outcome]]
