"""The figures of chapter 4.1.1: how far a replica is behind, whether those who take
over meet those who acknowledge, and a wait that a client gives up, broken by hand.
"""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from ftlib.analysis.lag import Lag, lag
from ftlib.checking import History
from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.replication import REPLICATION_LOOK
from ftlib.drawing.shapes import box, line, path, text
from ftlib.figures.challenge import Challenge, breaks
from ftlib.figures.controls import NO_FAULTS, Choice, Faults, Range
from ftlib.figures.replication_write import WRITE_LOOK
from ftlib.replication import Impatient, Mode, replicas
from ftlib.replication.primary_replica import Replica
from ftlib.replication.shipping import Append, GiveUp, Unreplicated
from ftlib.services import Client, Elected, Reply, Request, Stored
from ftlib.simulation import (
    Cluster,
    Event,
    Heal,
    Lose,
    Partition,
    Property,
    Schedule,
    Slow,
    Trace,
    judge,
)

__all__ = ["cancelled", "given_up", "lagging", "overlap", "read_stays", "shipped"]

WIDTH = 430.0

# How far behind -----------------------------------------------------------------------

WRITES, END, CUT_AT = 20, 1.0, 0.2
LEFT, RIGHT, TOP, HIGH = 40.0, WIDTH - 14, 34.0, 190.0


def shipped(copies: int = 0, delay: float = 0.05, cut: float = 0.0) -> Trace:
    """Run a primary with two replicas, one of them far away, and a client that writes
    20 times, once after the other.

    Parameters
    ----------
    copies : int
        k, for how many replicas each write waits.
    delay : float
        How long a message between r1 and r2 takes, in seconds; all others take 10 ms.
    cut : float
        For how long r2 is cut off, 0.2 s after the start.

    Notes
    -----
    Nobody takes over, however long r2 hears nothing.
    """
    nodes = replicas(
        [[("append", "x", chr(97 + number)) for number in range(WRITES)]],
        Mode(copies),
        replica=partial(Replica, patience=(9.0, 10.0)),
        patience=END,
        longest=END,
    )
    by = delay - 0.01
    faults: list[Any] = [Slow(each, by=by) for each in _both("r1", "r2") if by > 0]
    if cut:
        faults += [Partition((("r2",),), at=CUT_AT), Heal(at=CUT_AT + cut)]
    return Cluster(nodes, faults=faults, seed=7).run(until=END)


def _both(one: str, other: str) -> tuple[tuple[str, str], ...]:
    return (one, other), (other, one)


def lagging(
    copies: Annotated[
        int,
        Choice(
            {0: "none (asynchronous)", 1: "one, whichever", 2: "both (synchronous)"},
            "Copies that a write waits for",
        ),
    ] = 0,
    delay: Annotated[
        float, Range((0.01, 0.05, 0.1, 0.15), "A message to or from r2 takes", "s")
    ] = 0.1,
    cut: Annotated[
        float, Range((0.0, 0.1, 0.2, 0.4), "From 0.2 s on r2 is cut off for", "s")
    ] = 0.0,
) -> Picture:
    """Draw how many entries a far replica lacks, over time.

    Parameters
    ----------
    copies, delay, cut
        As for `shipped`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_1_primary_replica``.
    """
    trace = shipped(copies, delay, cut)
    behind = lag(trace, "r2")
    done = sum(not each.pending for each in History.from_trace(trace))
    bottom = TOP + HIGH
    parts = [text(LEFT - 28, 16, "Entries that r2 lacks", "ink", "start", 15)]
    if cut:
        x = _x(CUT_AT)
        wide = _x(CUT_AT + cut) - x
        parts += [
            box(x + wide / 2, TOP + HIGH / 2, wide, HIGH, fill="shade"),
            text(x + wide / 2, TOP + 15, "cut off", "muted", size=13),
        ]
    for entries in range(0, WRITES + 1, 5):
        y = _y(entries)
        parts += [
            line(LEFT, y, RIGHT, y, "line", 1),
            text(LEFT - 6, y + 5, str(entries), "muted", "end", 13),
        ]
    for tenth in range(0, 11, 2):
        parts.append(
            text(_x(tenth / 10), bottom + 18, f"{tenth / 10:g}", "muted", size=13)
        )
    parts += [
        path(_steps(behind), "blue", 2.4),
        text(RIGHT, bottom + 38, "time in seconds", "muted", "end", 13),
        text(LEFT - 28, bottom + 66, "Writes acknowledged within 1 s", "ink", "start"),
        text(RIGHT, bottom + 66, f"{done} of {WRITES}", "ink", "end", 17),
    ]
    most = "1 entry" if behind.longest == 1 else f"{behind.longest} entries"
    return Picture(
        "".join(parts),
        WIDTH,
        bottom + 82,
        f"r2 lacks up to {most}, {behind.mean:.1f} on average.",
        f"A client writes {WRITES} times, each time when it has its answer.",
        tuple(
            f"From {since} ms on r2 lacks {entries}."
            for since, entries in _told(behind)
        ),
    )


def _told(behind: Lag) -> list[tuple[int, int]]:
    """List when it changes, leaving out what is over within a millisecond."""
    told: list[tuple[int, int]] = []
    for since, entries in {round(1000 * at): many for at, many in behind.steps}.items():
        if not told or entries != told[-1][1]:
            told.append((since, entries))
    return told


def _x(time: float) -> float:
    return LEFT + (RIGHT - LEFT) * time / END


def _y(entries: float) -> float:
    return TOP + HIGH * (1 - entries / WRITES)


def _steps(behind: Lag) -> str:
    drawn = f"M{_x(0):.1f} {_y(0):.1f}"
    for since, entries in _told(behind):
        drawn += f"H{_x(since / 1000):.1f}V{_y(entries):.1f}"
    return drawn + f"H{_x(behind.end):.1f}"


# Who acknowledges, and who takes over -------------------------------------------------

MOST = 4  # replicas
SIDE, GAP, ROW = 50.0, 22.0, 74.0


def overlap(
    replicas: Annotated[int, Range(range(1, MOST + 1), "n, replicas")] = 2,
    copies: Annotated[
        int, Range(range(MOST + 1), "k, copies that a write waits for")
    ] = 0,
    hears: Annotated[int, Range(range(1, MOST + 2), "Nodes that a takeover hears")] = 2,
) -> Picture:
    """Draw the nodes that have acknowledged a write and those that a takeover hears,
    with as few in both as can be.

    Parameters
    ----------
    replicas, copies, hears : int
        As for `Mode`; k is n at most, and no more nodes are heard than there are.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_1_primary_replica``.
    """
    nodes = replicas + 1
    have, heard = min(copies, replicas) + 1, min(hears, nodes)
    both = max(0, have + heard - nodes)
    left = (WIDTH - nodes * SIDE - (nodes - 1) * GAP) / 2
    parts = [
        _bracket(left, 0, have, ROW - 14, -1, "blue"),
        _bracket(left, nodes - heard, nodes, ROW + SIDE + 14, 1, "orange"),
        text(WIDTH / 2, 20, f"{_nodes(have)} with the write on disk", "blue"),
        text(WIDTH / 2, ROW + SIDE + 62, f"{_nodes(heard)} heard", "orange"),
    ]
    for number in range(nodes):
        x = left + number * (SIDE + GAP)
        shared = nodes - heard <= number < have
        parts += [
            box(
                x + SIDE / 2,
                ROW + SIDE / 2,
                SIDE,
                SIDE,
                "green" if shared else "muted",
                "shade" if shared else "paper",
            ),
            text(x + SIDE / 2, ROW + 21, f"r{number + 1}", "ink"),
        ]
        if number < have:
            parts.append(text(x + SIDE / 2, ROW + 41, "write", "blue", size=14))
    y = ROW + SIDE + 100
    rows = {
        "Nodes that may be down at a takeover": _up_to(nodes - heard),
        "Replicas that may be down at a write": _up_to(nodes - have),
    }
    for place, (words, number_) in enumerate(rows.items()):
        parts += [
            text(12, y + 26 * place, words, "muted", "start", 15),
            text(WIDTH - 12, y + 26 * place, number_, "ink", "end", 16),
        ]
    verdict = (
        f"Whoever is heard, at least {both} of them {'has' if both == 1 else 'have'}"
        " the write."
        if both
        else "Perhaps none of those who are heard has the write: it can be lost."
    )
    cut = copies > replicas or hears > nodes
    return Picture(
        "".join(parts),
        WIDTH,
        y + 42,
        verdict,
        f"The worst case for {_nodes(nodes)}, with as few as possible in both sets."
        + (" More than there are is taken for all of them." if cut else ""),
        (
            f"There are {nodes} nodes. {have} with the write and {heard} heard, less"
            f" {nodes}, but no less than 0: {both} in both.",
        ),
    )


def _nodes(number: int) -> str:
    return "1 node" if number == 1 else f"{number} nodes"


def _up_to(number: int) -> str:
    return f"up to {number}" if number else "none"


def _bracket(left: float, first: int, last: int, y: float, way: int, ink: str) -> str:
    """Draw a line over or under some boxes, with its ends bent towards them."""
    start = left + first * (SIDE + GAP) - 6
    end = left + last * (SIDE + GAP) - GAP + 6
    return path(f"M{start:.1f} {y:.1f}v{14 * way}H{end:.1f}v{-14 * way}", ink, 2.4)


# A wait that is given up --------------------------------------------------------------

WRITE, READ = ("put", "x", 1), ("get", "x")
PAIR = Mode(1, replicas=1)
BEAT, PATIENCE, SILENCE, UNTIL = 0.06, 0.03, 0.08, 0.16  # seconds
FROM, BEFORE = 0.02, 0.1  # between which something can be put
FIRST = Schedule([Lose("Append", "r1", "r2")])  # whatever the reader does


def _message(message: Any) -> str:
    match message:
        case Request(_, _, (wanted, *_)):
            return wanted
        case Reply(_, result):
            return "Reply" if result is None else f"Reply x={result}"
        case Append(entries=(_, *_)) | GiveUp() | Unreplicated():
            return type(message).__name__
    return REPLICATION_LOOK.message(message)


LOOK = replace(WRITE_LOOK, message=_message)


class Hides(Replica):
    """Lets a client give up its wait, and goes on hiding what it has not copied."""

    def release(self, wish: GiveUp) -> None:
        """Say that it is not known what will become of the request."""
        self.send(wish.client, Unreplicated(wish.sequence))


def given_up(wait: str = "shown", faults: Schedule = NO_FAULTS) -> Cluster:
    """Run a primary r1 whose first copy to its one replica r2 is lost, a client c1 that
    writes, and c2, which reads at r1, and at r2 if it gets no answer.

    Parameters
    ----------
    wait : str
        What becomes of a wait of 30 ms, a key of `WAITS`.
    faults : Schedule
        What goes wrong besides.
    """
    members = ("r1", "r2")
    times = BEAT, (SILENCE, SILENCE)
    kind = Hides if wait == "hidden" else Replica
    replica = partial(kind, members, PAIR, ("get",), None, *times)
    client, patience = (Client, UNTIL) if wait == "kept" else (Impatient, PATIENCE)
    nodes: dict[str, Any] = {
        "c1": partial(client, members, (WRITE,), patience),
        **dict.fromkeys(members, replica),
        "c2": partial(Client, members, (READ,) * 5, PATIENCE),
    }
    cluster = Cluster(nodes, faults=Schedule([*FIRST, *faults]))
    cluster.run(until=UNTIL)
    return cluster


def _read(trace: Trace) -> list[Event]:
    """Find where c2 reads the write."""
    returns = trace.where(kind="return", node="c2")
    return [event for event in returns if event.what == (READ, 1)]


def _copied(trace: Trace) -> list[Event]:
    """Find where the write is on the disk of r2."""
    stored = trace.facts(Stored, node="r2")
    return [event for event in stored if event.what.value is not None]


def _taken_back(trace: Trace) -> str | None:
    if _read(trace) and trace.facts(Elected, node="r2") and not _copied(trace):
        return "r2 goes on without a write that c2 has read"
    return None


read_stays = Property("what is read stays", _taken_back, ("fact", "return"))
"""What c2 has read, whoever goes on has."""

WAITS = {
    "shown": "gives up, and r1 shows the write",
    "hidden": "gives up, and r1 hides the write",
    "kept": "waits on",
}


def _touched(event: Event) -> bool:
    return (
        FROM < event.time < BEFORE
        and event.node in ("r1", "r2")
        and event.kind in ("send", "deliver", "timer")
    )


HANDS = Faults(
    ("lose", "crash"),
    maximum=3,
    challenge=Challenge(
        "lose a write that c2 has read",
        2,
        given_up,
        breaks(read_stays),
        "r1 shows a write only when r2 has it on its disk, and it is r2 that takes"
        " over.",
    ),
    at=_touched,
)


def cancelled(
    wait: Annotated[str, Choice(WAITS, "After 30 ms c1")] = "shown",
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw what becomes of a write whose client does not wait for its copy.

    Parameters
    ----------
    wait, faults
        As for `given_up`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_1_primary_replica``.
    """
    cluster = given_up(wait, faults)
    trace = cluster.trace
    return spacetime(
        trace,
        nodes=("c2", "r1", "r2", "c1"),
        hide=("write", "force"),
        look=LOOK,
        findings=judge(trace, [read_stays]),
        title=_became(trace),
        description="The first copy to r2 is lost, and the next is sent after 60 ms."
        " After 80 ms of silence r2 takes over.",
        hands=HANDS.on(cluster, FIRST),
    )


def _became(trace: Trace) -> str:
    read, copied, on = _read(trace), _copied(trace), trace.facts(Elected, node="r2")
    if on and copied:
        return "r2 takes over with the write: nothing is lost."
    if on and read:
        return "c2 has read a write that is lost: r2 goes on without it."
    if on:
        return "r2 goes on without a write that c2 has not read."
    if not copied:
        return "r2 is down, and nobody goes on without the write."
    if read and read[0].index < copied[0].index:
        return "c2 reads the write before r2 has it: nothing is lost so far."
    return "r2 has the write: nothing is lost."
