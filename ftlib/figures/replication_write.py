"""The figure of one write: when it is durable, visible and acknowledged, and whether it
outlives its primary.
"""

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from ftlib.drawing import Label, Picture, spacetime
from ftlib.drawing.by_hand import Hands
from ftlib.drawing.looks.replication import REPLICATION_LOOK
from ftlib.figures.challenge import Challenge
from ftlib.figures.controls import NO_FAULTS, Choice, Faults
from ftlib.replication import Mode, Spread, primary_replica, replicas, shipping
from ftlib.services import (
    Elected,
    Executed,
    Granted,
    Redirect,
    Reply,
    Request,
    Stored,
)
from ftlib.simulation import (
    Cluster,
    Crash,
    Event,
    Lose,
    Point,
    Property,
    Schedule,
    Slow,
    Trace,
    judge,
)

__all__ = ["WRITE_LOOK", "fate", "lose_a_write", "moments", "one_write", "write_once"]

WRITE, READ = ("put", "x", 1), ("get", "x")
BEAT = 0.05  # seconds between two heartbeats
SELDOM = 0.1  # the same, where each message can be lost by hand
LATE = 0.04  # seconds
PATIENCE = 0.12  # seconds of silence after which r2 takes over; nobody else does
CALM, LONG = 0.1, 0.19  # seconds that are shown, without a crash and with one

# How it looks -------------------------------------------------------------------------


def _message(message: Any) -> str:
    match message:
        case Request(_, _, operation):
            return "write x=1" if operation == WRITE else "read x"
        case Reply(1):
            return "done"
        case Reply(_, result):
            return "no value" if result is None else f"x is {result}"
        case Redirect(_, to):
            return f"ask {to}"
        case shipping.Append(entries=entries):
            return "copy" if entries else "heartbeat"
        case shipping.Ack(_, index):
            return "have it" if index else "ok"
        case shipping.Ask():
            return "what have you?"
        case shipping.Promise(_, _, entries):
            return "the write" if entries else "no writes"
    return REPLICATION_LOOK.message(message)


def _timer(name: str) -> str:
    return {"beat": "beat", "takeover": "silence"}.get(name, "time is up")


def _state(event: Event) -> Label | None:
    match event.what:
        case Stored(value=Request(operation=("put", *_))):
            return Label("durable", "purple")
        case Executed(sequence=1):
            return Label("visible", "blue")
        case Elected(epoch=1):
            return None
        case Elected():
            return Label("▲ takes over", "green", "solid")
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Stored(value=Request(operation=("put", *_))):
            return "has the write on its disk: it is durable there"
        case Executed(sequence=1):
            return "executes the write: it is visible there"
        case Elected(epoch=1):
            return "is the primary"
        case Elected():
            return "takes over"
        case Granted(_, to) if to != event.node:
            return f"follows {to} from now on"
        case Granted() | Stored():
            return None
    return REPLICATION_LOOK.tell(event)


WRITE_LOOK = replace(
    REPLICATION_LOOK, message=_message, state=_state, tell=_tell, timer=_timer
)
"""How a run with one write looks, which tells where it is durable, and where visible.
"""


# The run ------------------------------------------------------------------------------

CRASHES = {
    "never": "never",
    "stored": "when the write is on its disk, and nobody knows",
    "answered": "when it has answered the client",
    "and another": "then, and a replica with it",
}

WAYS = {
    "in time": "arrive in time",
    "late": "are 40 ms late",
    "lost": "arrive, but the first copy is lost",
}


def _nodes(mode: Mode, beat: float = BEAT) -> dict[str, Any]:
    members = tuple(replicas([], mode))

    def member(patience: float) -> Any:
        times = beat, (patience, patience)
        kind = primary_replica.Replica
        return partial(kind, members, mode, ("get",), None, *times)

    # the client goes on to the next node for each operation, so first to r1
    order = (members[-1], *members[:-1])
    return {
        "c1": partial(Spread, order, (WRITE, READ), PATIENCE, PATIENCE),
        **{each: member(PATIENCE if each == "r2" else 9.0) for each in members},
    }


def write_once(mode: Mode, crash: str = "answered", way: str = "in time") -> Trace:
    """Let a client write x to a primary r1, and then read it at r2, which takes over if
    it can when r1 is gone.

    Parameters
    ----------
    mode : Mode
    crash : str
        When r1 crashes: "never", when the write is "stored" there and nobody knows of
        it, when it has "answered" the client, or then with the last replica, "and
        another".
    way : str
        Whether messages from r1 to r2 arrive "in time", "late", by 40 ms, or the first
        copy is "lost", which is then sent again at the next heartbeat.

    Returns
    -------
    Trace

    Raises
    ------
    ValueError
        If there is no such crash, or way.
    """
    for name, given, known in (("crash", crash, CRASHES), ("way", way, WAYS)):
        if given not in known:
            raise ValueError(f"{name} is {given!r}: give one of {', '.join(known)}")
    nodes = _nodes(mode)
    faults: list[Any] = []
    if way == "late":
        faults.append(Slow(("r1", "r2"), by=LATE))
    elif way == "lost":
        faults.append(Lose("Append", sender="r1", receiver="r2"))
    if crash == "stored":
        faults.append(Crash("r1", at=Point("r1", "fact", "Stored")))
    elif crash != "never":
        faults.append(Crash("r1", at=Point("r1", "send", "Reply")))
    if crash == "and another":
        faults.append(Crash(list(nodes)[-1], at=Point("r1", "crash")))
    until = (CALM if crash == "never" else LONG) + (LATE if way != "in time" else 0)
    return Cluster(nodes, faults=faults).run(until=until)


@dataclass(frozen=True, slots=True)
class Moments:
    """When a write was what.

    Attributes
    ----------
    durable, visible : dict from node to float
        When it was on the disk of each node, and when a read of that node would have
        returned it, in seconds; nodes where it never was are left out.
    acknowledged : float or None
        When its client had the answer.
    """

    durable: dict[str, float]
    visible: dict[str, float]
    acknowledged: float | None


def moments(trace: Trace) -> Moments:
    """Find the three moments of the first write in a run of `write_once`.

    Examples
    --------
    >>> found = moments(write_once(Mode(1, replicas=1), "never"))
    >>> found.durable, found.acknowledged
    ({'r1': 0.01, 'r2': 0.02}, 0.04)
    """
    durable: dict[str, float] = {}
    visible: dict[str, float] = {}
    for event in trace.facts((Stored, Executed)):
        match event.what:
            case Stored(value=Request(operation=("put", *_))):
                durable.setdefault(event.node, event.time)
            case Executed(sequence=1):
                visible.setdefault(event.node, event.time)
    answers = [e.time for e in trace.where(kind="return") if e.what[0] == WRITE]
    return Moments(durable, visible, answers[0] if answers else None)


def fate(trace: Trace) -> str:
    """Tell what has become of the write in a run of `write_once`: a key of `TOLD`."""
    found = moments(trace)
    new = [event.time for event in trace.facts(Elected) if event.what.epoch > 1]
    if trace.where(kind="crash") and not new:
        return "unavailable"
    if new and found.durable.get("r2", math.inf) > new[0]:
        answered = found.acknowledged is not None and found.acknowledged < new[0]
        return "lost" if answered else "unanswered"
    if new:
        return "kept"
    missed = (READ, None) in [e.what for e in trace.where(kind="return")]
    return "stale" if missed else "fresh"


def _gone(trace: Trace) -> str | None:
    return "r2 takes over without the write" if fate(trace) == "lost" else None


stays = Property("acknowledged stays", _gone, ("fact", "return", "crash"))

# The figures -------------------------------------------------------------------------

COPIES = {
    "none": "at once",
    "one": "when one replica has it",
    "all": "when all replicas have it",
}
HEARS = {"enough": "as many nodes as it must", "alone": "itself only"}
TOLD = {
    "lost": "Lost: it was acknowledged, and r2 takes over without it.",
    "unavailable": "Unavailable: too few nodes are heard to take over.",
    "unanswered": "Unanswered: r2 takes over without it, as it may.",
    "kept": "Kept: r2 takes over, and has the write.",
    "stale": "Stale: r2 answers before the write is visible there.",
    "fresh": "Fresh: r2 answers when the write is visible there.",
}


def one_write(
    nodes: int = 3,
    copies: str = "none",
    hears: str = "alone",
    crash: str = "answered",
    way: str = "in time",
) -> Picture:
    """Draw one write, a read of it, and a takeover if there is one.

    Parameters
    ----------
    nodes : int
        How many nodes there are, the primary included.
    copies : str
        A key of `COPIES`.
    hears : str
        Whether who takes over hears enough nodes to be sure, or itself alone.
    crash : str
        When the primary crashes.
    way : str
        How messages from r1 to r2 fare, a key of `WAYS`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/3_1_replication``.
    """
    mode = _mode(copies, hears, nodes)
    return _drawn(write_once(mode, crash, way), mode)


def _mode(copies: str, hears: str, nodes: int = 3) -> Mode:
    n = nodes - 1
    k = {"none": 0, "one": 1, "all": n}[copies]
    return Mode(k, n, 1 if hears == "alone" else None)


def _drawn(trace: Trace, mode: Mode, hands: Hands | None = None) -> Picture:
    nodes = mode.replicas + 1
    meet = "meet in a node" if mode.promises else "need not meet"
    return spacetime(
        trace,
        look=WRITE_LOOK,
        hide=("write", *(("force",) if hands is None else ())),
        findings=judge(trace, [stays]) if hands else (),
        title=TOLD[fate(trace)],
        description=f"{mode.copies + 1} of {nodes} nodes acknowledge a write, and"
        f" {mode.takeover} of {nodes} decide who is next: they {meet}.",
        hands=hands,
    )


def _by_hand(copies: str, hears: str, faults: Schedule) -> Cluster:
    cluster = Cluster(_nodes(_mode(copies, hears), SELDOM), faults=faults)
    cluster.run(until=LONG if faults else SELDOM - 0.02)
    return cluster


FEW = {key: COPIES[key] for key in ("none", "one")}
HANDS = Faults(
    ("lose", "crash"),
    maximum=3,
    challenge=Challenge(
        "lose a write that was acknowledged",
        2,
        _by_hand,
        lambda trace: fate(trace) == "lost",
        "Whoever takes over has the write, or hears one who has it, or waits.",
    ),
)


def lose_a_write(
    copies: Annotated[str, Choice(FEW, "A write is acknowledged")] = "none",
    hears: Annotated[str, Choice(HEARS, "Who takes over hears")] = "alone",
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw one write to three nodes, a read of it, and a takeover if there is one,
    whatever goes wrong with it.

    Parameters
    ----------
    copies : str
        A key of `FEW`.
    hears : str
        Whether who takes over hears enough nodes to be sure, or itself alone.
    faults : Schedule
        What goes wrong.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/3_1_replication``.
    """
    cluster = _by_hand(copies, hears, faults)
    return _drawn(cluster.trace, _mode(copies, hears), HANDS.on(cluster))
