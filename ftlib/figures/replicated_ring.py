"""The figures of a replicated ring: a node that joins while a client reads, and how
copies come back after crashes.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import Annotated, Any

from ftlib.detection import Detector
from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.ring import RING_LOOK
from ftlib.drawing.shapes import line, path, text
from ftlib.figures.challenge import Challenge, breaks
from ftlib.figures.controls import NO_FAULTS, Choice, Faults, Range
from ftlib.replication.replicated_ring import Holder
from ftlib.replication.ring_membership import Announced, Beat, Join, View
from ftlib.replication.ring_mutants import AnswersTooSoon
from ftlib.replication.ring_properties import fresh
from ftlib.replication.ring_rows import Dropped, Holds
from ftlib.replication.ring_store import ring_store
from ftlib.services import Client
from ftlib.simulation import Cluster, Crash, Event, Schedule, Trace, judge

__all__ = [
    "crashed",
    "joined",
    "joins",
    "recovers",
]

WIDTH = 430.0

# A node joins -------------------------------------------------------------------------

WRITE, READ = ("put", "fig", 1), ("get", "fig")
JOINS_AT = 0.3


class Later(Client):
    """Works through its list from a moment on."""

    def __init__(self, at: float, *given: Any) -> None:
        super().__init__(*given)
        self.at = at

    def on_start(self) -> None:
        """Wait for that moment."""
        self.set_timer("begin", self.at)

    def on_timer(self, name: str) -> None:
        """Begin, or ask again."""
        if name == "begin":
            super().on_start()
        else:
            super().on_timer(name)


VERSIONS: dict[str, type[Holder]] = {
    "at once": AnswersTooSoon,
    "waits": Holder,
}


LANES = {"c2", "h1", "h3"}


def joined(version: str = "at once", at: float = 0.32, faults: Any = ()) -> Cluster:
    """Run two nodes that keep a row of the key fig; a third joins 0.3 s after the
    start, and is to serve that key.

    Parameters
    ----------
    version : {"at once", "waits"}
        Whether the third answers while it asks for its rows, or waits for them.
    at : float
        When c2 reads, in seconds.
    faults : iterable of faults
    """
    nodes = ring_store(
        [[WRITE]],
        nodes=3,
        members=2,
        orders=((JOINS_AT - 0.01, Join("h3")),),
        holder=VERSIONS[version],
        detector=partial(Detector, wait=9.0),
        beat=0.5,
    )
    servers = "h1", "h2", "h3"
    nodes["c2"] = partial(Later, at, servers, (READ,), 0.15, 0.15)
    cluster = Cluster(nodes, faults=faults, seed=7)
    cluster.run(until=1.0)
    return cluster


def _shown(event: Event) -> bool:
    return (
        event.time > 0.25
        and {event.node, event.other} <= LANES
        and not isinstance(event.what, Beat | View)
    )


HANDS = Faults(
    ("lose",),
    maximum=2,
    challenge=Challenge(
        "have c2 told that fig is not there",
        2,
        joined,
        breaks(fresh),
        "A node that waits is silent about fig until everybody has sent it the rows"
        " that are its own.",
    ),
    at=_shown,
)


def joins(
    version: Annotated[
        str,
        Choice(
            {
                "at once": "asks for rows, and answers meanwhile",
                "waits": "asks for rows, and waits for them",
            },
            "The node that joins",
        ),
    ] = "at once",
    at: Annotated[float, Range((0.3, 0.32, 0.36), "The client reads at", "s")] = 0.32,
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw a node that joins a ring while a client reads a row that moves to it.

    Parameters
    ----------
    version, at, faults
        As for `joined`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_2_1_consistent_hashing``.
    """
    cluster = joined(version, at, faults)
    trace = cluster.trace
    called = trace.where(kind="call", node="c2")[0]
    ends = trace.where(kind="return", node="c2")
    if not ends:
        title = "c2 has no answer yet."
    elif ends[0].what[1] is None:
        title = "c2 is told that fig is not there, and it was acknowledged."
    else:
        title = f"c2 reads fig after {round(1000 * (ends[0].time - called.time))} ms."
    last = ends[0].time if ends else 1.0
    shown = [0.25 < event.time <= last for event in trace]
    return spacetime(
        trace[shown.index(True) : len(shown) - shown[::-1].index(True)],
        nodes=("c2", "h1", "h3"),
        hide=(Beat, View, "begin", "write", "force"),
        look=RING_LOOK,
        findings=judge(trace, [fresh]),
        title=title,
        description="h1 and h2 have fig, which c1 was told. At 0.3 s h3 joins; then"
        " h3 is the first of fig, and asks h1 and then h2 for its rows.",
        hands=HANDS.on(cluster),
    )


# Copies come back ---------------------------------------------------------------------

NODES, ROWS, FIRST_CRASH, START, END = 6, 16, 0.6, 0.4, 2.5
WORDS = tuple(f"word {number}" for number in range(ROWS))
LEFT, RIGHT, TOP, HIGH = 40.0, WIDTH - 14, 40.0, 180.0


def crashed(
    copies: int = 2, crashes: int = 1, gap: float = 0.0, wait: float = 0.35
) -> Trace:
    """Run six nodes with sixteen rows, some of which crash for good.

    Parameters
    ----------
    copies : int
        R.
    crashes : int
        How many nodes crash, 0.6 s after the start or later.
    gap : float
        How much later than the one before each crashes, in seconds.
    wait : float
        After how long a silence a node is suspected, in seconds.
    """
    wanted = [[("put", word, 1) for word in WORDS[turn::8]] for turn in range(8)]
    nodes = ring_store(
        wanted, NODES, copies=copies, detector=partial(Detector, wait=wait), beat=0.16
    )
    faults = [
        Crash(node, at=round(FIRST_CRASH + number * gap, 3))
        for number, node in enumerate(("h2", "h5")[:crashes])
    ]
    return Cluster(nodes, faults=faults, seed=7).run(until=END)


def _levels(trace: Trace) -> Iterator[tuple[float, Counter[int]]]:
    """When it changes, of how many rows how many copies are on nodes that are up."""
    having: dict[str, list[str]] = {word: [] for word in WORDS}
    seen = Counter({0: ROWS})
    for time, events in groupby(trace, key=lambda event: event.time):
        for event in events:
            match event.kind, event.what:
                case "fact", Holds(key) if event.node not in having[key]:
                    having[key].append(event.node)
                case "fact", Dropped(key):
                    having[key].remove(event.node)
                case "crash", _:
                    for nodes in having.values():
                        if event.node in nodes:
                            nodes.remove(event.node)
        now = Counter(len(nodes) for nodes in having.values())
        if now != seen:
            seen = now
            yield time, now


def recovers(
    copies: Annotated[int, Range((2, 3), "R, copies")] = 2,
    crashes: Annotated[int, Range((1, 2), "Nodes that crash")] = 1,
    gap: Annotated[
        float, Range((0.0, 0.2, 1.0), "Each later than the one before by", "s")
    ] = 0.0,
    wait: Annotated[float, Range((0.35, 0.7), "Suspected after", "s")] = 0.35,
) -> Picture:
    """Draw on how many nodes that are up the rows of a ring are, over time.

    Parameters
    ----------
    copies, crashes, gap, wait
        As for `crashed`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_2_1_consistent_hashing``.
    """
    trace = crashed(copies, crashes, gap, wait)
    levels = [(time, now) for time, now in _levels(trace) if time >= START]
    start = Counter({copies: ROWS})
    whole = _line(levels, start, lambda many: many >= copies)
    none = _line(levels, start, lambda many: many == 0)
    bottom = TOP + HIGH
    parts = [text(LEFT - 28, 18, f"Rows, of {ROWS}", "ink", "start", 15)]
    for rows in range(0, ROWS + 1, 4):
        y = _y(rows)
        parts.append(line(LEFT, y, RIGHT, y, "line", 1))
        parts.append(text(LEFT - 6, y + 5, str(rows), "muted", "end", 13))
    for second in (0.5, 1, 1.5, 2, 2.5):
        parts.append(text(_x(second), bottom + 18, f"{second:g}", "muted", size=13))
    for event in trace.where(kind="crash"):
        x = _x(event.time)
        parts.append(line(x, TOP - 8, x, bottom, "red", 1.4, "3 3"))
    for event in trace.facts(Announced):
        if event.time > FIRST_CRASH:
            x = _x(event.time)
            parts.append(line(x, bottom - 8, x, bottom + 4, "ink", 2.4))
    parts.append(path(_drawn(whole), "blue", 2.6))
    parts.append(path(_drawn(none), "ink", 2.6, "6 3"))
    parts.append(text(RIGHT, bottom + 36, "time in seconds", "muted", "end", 13))
    y = bottom + 62
    parts.append(path(f"M12 {y - 5:g}h26", "blue", 2.6))
    parts.append(text(46, y, f"rows on {copies} nodes that are up", "ink", "start", 14))
    parts.append(path(f"M12 {y + 17:g}h26", "ink", 2.6, "6 3"))
    parts.append(text(46, y + 22, "rows on none", "ink", "start", 14))
    parts.append(path(f"M268 {y - 12:g}v14", "red", 1.4, "3 3"))
    parts.append(text(280, y, "a node crashes", "ink", "start", 14))
    parts.append(path(f"M268 {y + 11:g}v12", "ink", 2.4))
    parts.append(text(280, y + 22, "a view begins", "ink", "start", 14))
    return Picture(
        "".join(parts),
        WIDTH,
        y + 34,
        _verdict(copies, whole, none),
        f"Six nodes keep {ROWS} rows on {copies} nodes each.",
        tuple(
            f"At {time:.2f} s {now_whole} rows are on {copies} nodes that are up, and"
            f" {now_none} on none."
            for (time, now_whole), (_, now_none) in zip(whole, none, strict=True)
        ),
    )


def _line(
    levels: list[tuple[float, Counter[int]]], start: Counter[int], counts: Any
) -> list[tuple[float, int]]:
    every = [(START, start), *levels]
    return [
        (time, sum(rows for many, rows in now.items() if counts(many)))
        for time, now in every
    ]


def _verdict(
    copies: int, whole: list[tuple[float, int]], none: list[tuple[float, int]]
) -> str:
    if none[-1][1]:
        gone = none[-1][1]
        rows = "1 row is" if gone == 1 else f"{gone} rows are"
        waits = "waits" if gone == 1 else "wait"
        return f"{rows} on no node that is up, and {waits} for one to come back."
    took = whole[-1][0] - FIRST_CRASH
    return f"No row is lost: all are on {copies} nodes again {took:.2f} s later."


def _x(time: float) -> float:
    return LEFT + (RIGHT - LEFT) * (time - START) / (END - START)


def _y(rows: float) -> float:
    return TOP + HIGH * (1 - rows / ROWS)


def _drawn(points: list[tuple[float, int]]) -> str:
    (time, rows), *more = points
    drawn = f"M{_x(time):.1f} {_y(rows):.1f}"
    for time, rows in more:
        drawn += f"H{_x(time):.1f}V{_y(rows):.1f}"
    return drawn + f"H{RIGHT:.1f}"
