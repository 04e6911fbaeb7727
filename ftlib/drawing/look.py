"""How a protocol is to be drawn and told: its words for messages, its states along a
node's line.

A diagram knows nothing of protocols. A `Look` tells it which facts put a node into
which state, what a state looks like, and how messages, timers and facts read in a
sentence. Without one, messages and facts are written by the names of their types.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from ftlib.drawing.palette import colour
from ftlib.simulation import Event
from ftlib.simulation.values import show

__all__ = ["Label", "Look", "call_of", "name_of", "numbered", "result_of"]

Pattern = Literal["none", "solid", "striped", "double"]


@dataclass(frozen=True, slots=True)
class Label:
    """What a state looks like along a node's line.

    Parameters
    ----------
    word : str
        What stands in the label where it begins, with a sign that tells it without its
        colour.
    ink : str
        The name of a colour of `ftlib.drawing.palette`.
    pattern : {"none", "solid", "striped", "double"}
        How the line is drawn from there on; "none" for a remark that changes nothing.

    Examples
    --------
    >>> Label("? in doubt", "orange", "striped").pattern
    'striped'
    """

    word: str
    ink: str = "muted"
    pattern: Pattern = "none"

    def __post_init__(self) -> None:
        colour(self.ink)


def name_of(value: Any) -> str:
    """Write a message, a fact or an operation as its type and its short fields, such as
    ``Vote t1 yes``.

    Examples
    --------
    >>> from ftlib.transactions.two_phase import Vote
    >>> name_of(Vote("t1", "yes"))
    'Vote t1 yes'
    """
    if not is_dataclass(value):
        return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    parts = (getattr(value, part.name) for part in fields(value))
    return " ".join(
        [
            type(value).__name__,
            *(str(part) for part in parts if isinstance(part, (str, int, float))),
        ]
    )


def call_of(operation: Any) -> str:
    """Write an operation as somebody would say it.

    Examples
    --------
    >>> call_of(("write", "x", 1)), call_of(("read", "x")), call_of("sum")
    ('write x=1', 'read x', 'sum')
    """
    match operation:
        case ("write" | "put" | "set" as name, str(key), value):
            return f"{name} {key}={result_of(value)}"
        case (str(name), *values):
            return " ".join([name, *map(result_of, values)])
    return result_of(operation)


def result_of(value: Any) -> str:
    """Write what an operation returns: text as it is, None as "nothing".

    Examples
    --------
    >>> result_of("ok"), result_of(None), result_of((1, "x")), result_of("")
    ('ok', 'nothing', "(1, 'x')", "''")
    """
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return value or show(value)
    return name_of(value) if is_dataclass(value) else show(value)


def _remark(event: Event) -> Label:
    return Label(name_of(event.what))


def _records(event: Event) -> str:
    return f"records {name_of(event.what)}"


def numbered(event: Event) -> str:
    """Write the key of a write without the zeros that keep keys in order.

    Examples
    --------
    >>> numbered(Event(0, 0.0, "write", "a", "log entry 000000000010", None, None))
    'log entry 10'
    """
    return re.sub(r"\b0+(?=\d)", "", str(event.other))


@dataclass(frozen=True, slots=True)
class Look:
    """How one protocol is drawn and told. Every part has a default.

    Parameters
    ----------
    message : callable from a message to str
        The label of an arrow, a few words.
    state : callable from a fact's Event to Label or None
        What to show where a node records a fact; None for nothing.
    tell : callable from a fact's Event to str or None
        The end of a sentence that begins with the node's name, such as "votes yes";
        None to leave it out.
    again : mapping of str to str
        For what `tell` says, what is truer of a fact that the node has recorded before.
    names : mapping from id to str
        What to call a node, where its id will not do.
    timer : callable from a timer's name to str
        The label where it fires.
    disk : callable from a write's Event to str
        What was written, such as "its vote".
    call : callable from an operation to str
        What a client calls.
    result : callable from what an operation returns to str

    Examples
    --------
    >>> look = Look(timer=lambda name: "no answer")
    >>> look.timer("resend t1")
    'no answer'
    """

    message: Callable[[Any], str] = name_of
    state: Callable[[Event], Label | None] = _remark
    tell: Callable[[Event], str | None] = _records
    again: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    timer: Callable[[str], str] = str
    disk: Callable[[Event], str] = numbered
    call: Callable[[Any], str] = call_of
    result: Callable[[Any], str] = result_of

    def name(self, node: str | None) -> str:
        """Return what to call a node."""
        return self.names.get(node or "", node or "")
