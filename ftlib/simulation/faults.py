"""Faults are data: what goes wrong, and when, as a list that can be printed, edited,
searched and shrunk.

Two kinds of schedule are made of them. A *timed* schedule is handed to a `Cluster` and
takes effect as virtual time passes. A *scripted* one (`ftlib.simulation.script.play`)
says in which order the pending messages and timers are handled and ignores latencies;
that is what exhaustive exploration finds.
"""

from dataclasses import dataclass, fields
from functools import cache
from math import inf
from typing import Any, Literal

from ftlib.simulation.chance import microseconds

__all__ = [
    "Choose",
    "Crash",
    "Cut",
    "Deliver",
    "Drop",
    "Duplicate",
    "Fire",
    "Heal",
    "Hold",
    "Lose",
    "Partition",
    "Point",
    "Recover",
    "Skew",
    "Slow",
]

EVENTS = (
    "send",
    "deliver",
    "drop",
    "timer",
    "write",
    "force",
    "crash",
    "recover",
    "fact",
    "call",
    "return",
)


class Written:
    """Written as the call that makes it, without what is left at its default."""

    __slots__ = ()

    def words(self) -> list[str]:
        """Return ``name=value`` for each field that is not at its default."""
        named = [(field, getattr(self, field.name)) for field in fields(self)]  # type: ignore[arg-type]
        return [
            f"{field.name}={value!r}"
            for field, value in named
            if value != field.default
        ]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.words())})"


@dataclass(frozen=True, slots=True, repr=False)
class Point(Written):
    """A moment named by what happens, not by the clock.

    Parameters
    ----------
    node : str
        Where it happens.
    event : str
        A kind of trace event: "send", "deliver", "timer", "write", "force", "crash",
        "fact", ...
    what : str, optional
        The type of the message, fact or operation, the other end of the message, the
        name of the timer or the disk key; any if left out.
    nth : int
        The first time, the second, ...
    later : float
        So many seconds after that moment.

    Examples
    --------
    When it has told one participant:

    >>> print(Crash("p0", at=Point("p0", "send", "Decision")))
    Crash(node='p0', at=Point(node='p0', event='send', what='Decision'))
    """

    node: str
    event: str
    what: str | None = None
    nth: int = 1
    later: float = 0.0

    def __post_init__(self) -> None:
        _names(self)
        if self.event not in EVENTS:
            raise ValueError(
                f"no event {self.event!r}: choose one of {', '.join(EVENTS)}"
            )
        _positive("nth", self.nth)
        microseconds(self.later, "later")


When = float | Point


@dataclass(frozen=True, slots=True, repr=False)
class Crash(Written):
    """The node stops; its memory is gone, and so is what it had not forced to disk, but
    for the first writes where `keeps` says so.

    Parameters
    ----------
    node : str
        Which.
    at : float, Point or None
        A time in seconds, or a point in the run; None in a script, where the order says
        when.
    after : int
        How many more effects of this node still happen, counted from that moment. 0: it
        stops right there.
    keeps : int
        How many of the writes that were not forced survive all the same: the first
        ones, as many as there are.

    Notes
    -----
    A crash at time 0 comes before the nodes start: with ``after=0`` the node does
    nothing at all, with ``after=1`` one effect of its `on_start` happens. A node that
    is down cannot crash again: nothing happens then; in a script, with ``after=k``, it
    crashes after k effects of its recovery. Of two crashes that wait for effects the
    one that comes first counts.

    Examples
    --------
    >>> print(Crash("p1", at=0.5, after=2))
    Crash(node='p1', at=0.5, after=2)
    """

    node: str
    at: When | None = None
    after: int = 0
    keeps: int = 0

    def __post_init__(self) -> None:
        _names(self)
        _moment(self.at)
        for name, what in (
            ("after", "effects that still happen"),
            ("keeps", "unforced writes that survive"),
        ):
            value = getattr(self, name)
            if type(value) is not int or value < 0:
                raise ValueError(
                    f"{name} is {value!r}: give the number of {what}, 0 or more"
                )


@dataclass(frozen=True, slots=True, repr=False)
class Recover(Written):
    """The node comes back with what its disk had kept, or with a new and empty disk
    (``disk="wiped"``).

    It is an error of the schedule if the node is up; a recovery that hangs on an event
    (`Point`) then stays unused.
    """

    node: str
    at: When | None = None
    disk: Literal["kept", "wiped"] = "kept"

    def __post_init__(self) -> None:
        _names(self)
        _moment(self.at)
        if self.disk not in ("kept", "wiped"):
            raise ValueError(f"disk is {self.disk!r}: choose 'kept' or 'wiped'")


@dataclass(frozen=True, slots=True, repr=False)
class Partition(Written):
    """From then on only nodes of the same group reach each other; nodes named in no
    group form one more group.

    A message is judged when it would arrive. A second partition replaces the first.

    Examples
    --------
    >>> Partition([["a", "b"], ["c"]], at=1.0)
    Partition(groups=(('a', 'b'), ('c',)), at=1.0)
    """

    groups: tuple[tuple[str, ...], ...]
    at: When = 0.0

    def __post_init__(self) -> None:
        _names(self)
        groups = tuple(
            (group,) if isinstance(group, str) else tuple(group)
            for group in self.groups
        )
        object.__setattr__(self, "groups", groups)
        named = [node for group in groups for node in group]
        twice = sorted({node for node in named if named.count(node) > 1})
        if twice:
            raise ValueError(
                f"{twice[0]!r} stands in two groups of a partition: name every node"
                " once"
            )
        if not named:
            raise ValueError("a partition needs at least one group with a node in it")
        _moment(self.at)


@dataclass(frozen=True, slots=True, repr=False)
class Cut(Written):
    """From then on nothing from `sender` reaches `receiver`; the other direction still
    works.
    """

    sender: str
    receiver: str
    at: When = 0.0

    def __post_init__(self) -> None:
        _names(self)
        _moment(self.at)


@dataclass(frozen=True, slots=True, repr=False)
class Heal(Written):
    """Ends every partition and every cut."""

    at: When

    def __post_init__(self) -> None:
        _names(self)
        _moment(self.at)


@dataclass(frozen=True, slots=True, repr=False)
class Lose(Written):
    """The network loses one message: the `nth` sent that fits what is named; with
    ``nth=None``, every one that fits.

    Parameters
    ----------
    message : str, optional
        The type of the message; any if left out. So for `sender` and `receiver`.
    sender, receiver : str, optional
        Nodes.
    nth : int or None
        Counted in the order of sending.

    Examples
    --------
    >>> Lose("Vote", sender="p2")
    Lose(message='Vote', sender='p2')
    """

    message: str | None = None
    sender: str | None = None
    receiver: str | None = None
    nth: int | None = 1

    def __post_init__(self) -> None:
        _names(self)
        if self.nth is not None:
            _positive("nth", self.nth)


@dataclass(frozen=True, slots=True, repr=False)
class Duplicate(Written):
    """The network delivers one message twice, the second copy `later` seconds after the
    first; or at the point `until`, if one is given. In a script: deliver and keep it.

    The message is named as in `Lose`. Of a message that is both lost and doubled the
    second copy arrives; of two faults that double one message one is idle.

    Raises
    ------
    ValueError
        If both `later` and `until` are given: a point has its own ``later``.
    """

    message: str | None = None
    sender: str | None = None
    receiver: str | None = None
    nth: int | None = 1
    later: float = 0.0
    until: Point | None = None

    def __post_init__(self) -> None:
        _names(self)
        if self.nth is not None:
            _positive("nth", self.nth)
        microseconds(self.later, "later")
        if self.until is not None:
            _point("until", self.until)
            if self.later:
                raise ValueError(
                    f"later is {self.later!r}, and until is {self.until!r}: give one"
                    " of them, or the point's own later"
                )


@dataclass(frozen=True, slots=True, repr=False)
class Hold(Written):
    """The network keeps one message back until a point in the run, and for good if that
    never comes. If it has come before the message is sent, nothing is kept back.

    The message is named as in `Lose`. A FIFO link refuses it: whoever holds a message
    back there holds back all that follow.

    Parameters
    ----------
    message, sender, receiver : str, optional
    nth : int or None
    until : Point

    Examples
    --------
    The coordinator hears p2's vote only when it has lost patience:

    >>> print(Hold("Vote", sender="p2", until=Point("coordinator", "timer")))
    Hold(message='Vote', sender='p2', until=Point(node='coordinator', event='timer'))
    """

    message: str | None = None
    sender: str | None = None
    receiver: str | None = None
    nth: int | None = 1
    until: Point | None = None

    def __post_init__(self) -> None:
        _names(self)
        if self.nth is not None:
            _positive("nth", self.nth)
        _point("until", self.until)


@dataclass(frozen=True, slots=True, repr=False)
class Slow(Written):
    """A node handles everything `by` seconds late, one thing after another; or a link
    adds `by` seconds to its latency.

    Parameters
    ----------
    target : str or (str, str)
        A node, or a link (sender, receiver).
    by : float
        Seconds.
    at : float or Point
        From when.
    until : float, optional
        Till when; for good if left out. A message that is sent, or a thing that is
        taken up, before then is still slowed.

    Raises
    ------
    ValueError
        If it would end before it begins.
    """

    target: str | tuple[str, str]
    by: float
    at: When = 0.0
    until: float | None = None

    def __post_init__(self) -> None:
        _names(self)
        microseconds(self.by, "by")
        _moment(self.at)
        if self.until is not None:
            microseconds(self.until, "until")
            if not isinstance(self.at, Point) and self.until < self.at:
                raise ValueError(
                    f"until is {self.until!r}, before at {self.at!r}: give a later time"
                )
        if not isinstance(self.target, str):
            object.__setattr__(self, "target", tuple(self.target))
            if len(self.target) != 2:
                raise ValueError(
                    f"target is {self.target!r}: give a node, or a link (sender,"
                    " receiver)"
                )


@dataclass(frozen=True, slots=True, repr=False)
class Skew(Written):
    """A node's clock is put `offset` seconds ahead of true time, and from then on runs
    `rate` times as fast.

    `Node.now` and the timers set from then on follow it; a timer set before keeps its
    time. ``Skew(node)`` puts the clock right.
    """

    node: str
    rate: float = 1.0
    offset: float = 0.0
    at: When = 0.0

    def __post_init__(self) -> None:
        _names(self)
        if not 0 < self.rate < inf:
            raise ValueError(
                f"rate is {self.rate!r}: give a number above 0, 1 for a true clock"
            )
        if not -inf < self.offset < inf:
            raise ValueError(
                f"offset is {self.offset!r}: give seconds, 0 for a true clock"
            )
        _moment(self.at)


@dataclass(frozen=True, slots=True, repr=False)
class Deliver(Written):
    """Scripted: the `nth` pending message that fits, in the order of sending, arrives;
    it is lost if its receiver is down.
    """

    message: str | None = None
    sender: str | None = None
    receiver: str | None = None
    nth: int = 1

    def __post_init__(self) -> None:
        _names(self)
        _positive("nth", self.nth)


@dataclass(frozen=True, slots=True, repr=False)
class Drop(Written):
    """Scripted: the `nth` pending message that fits is lost."""

    message: str | None = None
    sender: str | None = None
    receiver: str | None = None
    nth: int = 1

    def __post_init__(self) -> None:
        _names(self)
        _positive("nth", self.nth)


@dataclass(frozen=True, slots=True, repr=False)
class Fire(Written):
    """Scripted: this armed timer of this node fires."""

    node: str
    timer: str

    def __post_init__(self) -> None:
        _names(self)


@dataclass(frozen=True, slots=True, repr=False)
class Choose(Written):
    """Scripted: the next choice of this node that no earlier step has settled is the
    option of this index, 0 for the first.
    """

    node: str
    option: int

    def __post_init__(self) -> None:
        _names(self)
        if type(self.option) is not int or self.option < 0:
            raise ValueError(
                f"option is {self.option!r}: give an index, 0 for the first"
            )


FAULTS = {
    kind.__name__: kind
    for kind in (
        Point,
        Crash,
        Recover,
        Partition,
        Cut,
        Heal,
        Lose,
        Duplicate,
        Hold,
        Slow,
        Skew,
        Deliver,
        Drop,
        Fire,
        Choose,
    )
}


NAMES = ("node", "sender", "receiver", "message", "what", "timer")


def _names(fault: Any) -> None:
    """Raise unless what names something is a name, or left out where it may be."""
    for name, optional in _named(fault.__class__):
        given = getattr(fault, name)
        if not isinstance(given, str) and not (optional and given is None):
            raise ValueError(f"{name} is {given!r}: give a name, a str")


@cache
def _named(kind: Any) -> tuple[tuple[str, bool], ...]:
    return tuple(
        (field.name, field.default is None)
        for field in fields(kind)
        if field.name in NAMES
    )


def _moment(at: Any) -> None:
    if at is not None and not isinstance(at, Point):
        microseconds(at, "at")


def _point(name: str, value: Any) -> None:
    if not isinstance(value, Point):
        raise ValueError(f"{name} is {value!r}: give a Point")


def _positive(name: str, value: Any) -> None:
    if type(value) is not int or value < 1:
        raise ValueError(f"{name} is {value!r}: give a whole number, 1 for the first")
