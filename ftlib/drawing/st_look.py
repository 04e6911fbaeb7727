"""How a protocol is to be drawn and told: its words for messages, its states along a node's line.

A diagram knows nothing of protocols. A `Look` tells it which facts put a node into which state, what a state looks like, and how
a fact and a message read in a sentence. Without one, facts and messages are written by the names of their types.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from ftlib.drawing.palette import colour
from ftlib.simulation import Event

__all__ = ["Look", "State", "name_of"]

Pattern = Literal["none", "solid", "striped", "double"]


@dataclass(frozen=True, slots=True)
class State:
    """What a state looks like along a node's line.

    Parameters
    ----------
    word : str
        What stands in the label where it begins, with a sign that tells it without its colour.
    ink : str
        The name of a colour of `ftlib.drawing.palette`.
    pattern : {"none", "solid", "striped", "double"}
        How the line is drawn from there on; "none" for a remark that changes nothing.
    """

    word: str
    ink: str = "muted"
    pattern: Pattern = "none"

    def __post_init__(self) -> None:
        colour(self.ink)


def name_of(value: Any) -> str:
    """Write a message or a fact as its type and its short fields, such as ``Vote yes``.

    Examples
    --------
    >>> from ftlib.transactions.two_phase import Vote
    >>> name_of(Vote("t1", "yes"))
    'Vote t1 yes'
    """
    parts = (getattr(value, part.name) for part in fields(value))
    return " ".join([type(value).__name__, *(str(part) for part in parts if isinstance(part, (str, int, float)))])


@dataclass(frozen=True, slots=True)
class Look:
    """How one protocol is drawn and told.

    Parameters
    ----------
    message : callable from a message to str
        The label of an arrow, a few words.
    state : callable from a fact's Event to State or None
        What to show where a node records a fact; None for nothing.
    tell : callable from a fact's Event to str or None
        The end of a sentence that begins with the node's name, such as "votes yes"; None to leave it out.
    names : mapping from id to str
        What to call a node, where its id will not do.
    """

    message: Callable[[Any], str] = name_of
    state: Callable[[Event], State | None] = lambda event: State(name_of(event.what))
    tell: Callable[[Event], str | None] = lambda event: f"records {name_of(event.what)}"
    names: Mapping[str, str] = field(default_factory=dict)
