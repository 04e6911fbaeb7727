"""How a run of a primary and its standby looks over time: who acts when, what it has
answered and is lost, and what the resource on which it acts has done.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.drawing.shapes import cross, flow, line, short, text
from ftlib.replication.fencing import Act, Took
from ftlib.replication.primary_standby import Discarded, SteppedDown
from ftlib.services import (
    Elected,
    Granted,
    Recovered,
    Reply,
    Request,
    Stored,
    Truncated,
)
from ftlib.simulation import Heal, Partition, Slow, Trace

__all__ = ["END", "acting", "answered", "done", "lost", "who_acts"]

END = 3.2
"""How many seconds such a picture shows."""
Written = tuple[str, int]  # a client, and the number of its request

# What a run was -----------------------------------------------------------------------


def acting(trace: Trace) -> tuple[tuple[str, int, float, float], ...]:
    """Tell who was the primary of which epoch, from when to when; 3.2 s, at which
    pictures end, stands for not until the end.

    Examples
    --------
    >>> from ftlib.replication import pair
    >>> from ftlib.simulation import Cluster, Crash
    >>> trace = Cluster(pair.pair(), faults=[Crash("a", at=0.2)]).run(until=2)
    >>> acting(trace)
    (('a', 1, 0.02, 0.2), ('b', 2, 0.8, 3.2))
    """
    begun: dict[str, tuple[int, float]] = {}
    found: list[tuple[str, int, float, float]] = []

    def end(node: str, time: float) -> None:
        if node in begun:
            epoch, since = begun.pop(node)
            found.append((node, epoch, since, time))

    for event in trace.where(kind=("fact", "crash")):
        if event.kind == "crash" or isinstance(event.what, SteppedDown | Elected):
            end(event.node, event.time)
        if isinstance(event.what, Granted) and event.what.to != event.node:
            end(event.node, event.time)  # it has promised to obey another
        if isinstance(event.what, Elected):
            begun[event.node] = event.what.epoch, event.time
    for node in list(begun):
        end(node, END)
    return tuple(sorted(found, key=lambda each: (each[2], each[0])))


def answered(trace: Trace) -> tuple[tuple[float, str, Written, bool], ...]:
    """Tell which requests were answered: when, by whom, which, and whether it is one
    that changes something.
    """
    found, by = [], {}
    for event in trace.where(kind=("deliver", "return")):
        if event.kind == "deliver" and isinstance(event.what, Reply):
            by[event.node] = str(event.other), event.what.sequence
        elif event.kind == "return":
            server, sequence = by[event.node]
            writes = event.what[0][0] != "get"
            found.append((event.time, server, (event.node, sequence), writes))
    return tuple(found)


def lost(trace: Trace) -> tuple[Written, ...]:
    """Name the writes that were answered, and that the log of the last primary does not
    have at the end: each as a client and the number of its request.
    """
    elected = trace.facts(Elected)
    if not elected:
        return ()
    last = max(elected, key=lambda each: (each.what.epoch, each.index))
    log: list[Any] = []
    for event in trace.facts((Stored, Truncated, Recovered), node=last.node):
        match event.what:
            case Stored(index, _, value):
                log[index - 1 :] = [value]
            case Truncated(index):
                del log[index - 1 :]
            case Recovered(_, entries):
                log = [each.value for each in entries]
    kept = {(each.client, each.sequence) for each in log if isinstance(each, Request)}
    return tuple(
        which for _, _, which, writes in answered(trace) if writes and which not in kept
    )


# Who acts when ------------------------------------------------------------------------

WIDE, LEFT, RIGHT = 430.0, 34.0, 418.0
ROW, BAR, TOP = 74.0, 24.0, 14.0
INKS = ("blue", "green", "purple", "yellow")
ROWS = ("a", "b", "w", "r")


def who_acts(
    trace: Trace, title: str, description: str = "", nodes: Sequence[str] = ()
) -> Picture:
    """Draw which node was the primary when, what it has answered, and what the resource
    has done, if there is one.

    Parameters
    ----------
    trace : Trace
        A run of `ftlib.replication.pair.pair`, or of any nodes that record `Elected`.
    title, description : str
        Of the picture.
    nodes : sequence of str, optional
        The rows; by default those of a pair of which there is something to show.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_2_primary_standby``.
    """
    away = tuple(_away(trace))
    shown = {"a", "b", "r", *(node for node, *_ in away)}
    rows = list(nodes) or [
        name for name in ROWS if name in shown and name in trace.nodes
    ]
    high = TOP + ROW * len(rows) - (24 if "r" in rows else 0)

    def x(time: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(time, END) / END

    def y(node: str) -> float:
        return TOP + ROW * rows.index(node)

    parts = [_clock(x, high)]
    story: list[tuple[float, str]] = []
    for node in rows:
        parts.append(text(16, y(node) + 18, node, size=17, more=' font-weight="600"'))
    for node, epoch, since, until in acting(trace):
        parts.append(_bar(x(since), x(until), y(node), epoch))
        story.append((since, f"{node} is the primary of epoch {epoch}"))
        if until < END:
            story.append((until, f"{node} acts for epoch {epoch} no more"))
    for node, since, until, what in away:
        if node in rows:
            parts.append(_absence(x(since), x(until), y(node) + BAR + 11, what))
            story.append((since, f"{node} is {what}"))
    gone = lost(trace)
    for time, node, which, writes in answered(trace):
        if writes and node in rows:
            at = x(time), y(node) + BAR + 26
            parts.append(cross(*at, 4) if which in gone else _dot(*at, "ink"))
    for event in trace.facts(Discarded):
        requests = event.what.requests
        some = "1 request" if requests == 1 else f"{requests} requests"
        story.append((event.time, f"{event.node} discards {some}"))
    if "r" in rows:
        for time, epoch, how in done(trace):
            parts.append(_effect(x(time), y("r") + 12, epoch, how))
            if how != "done":
                what = "does" if how == "late" else "refuses"
                story.append((time, f"r {what} something for epoch {epoch}"))
    legend, bottom = flow(_signs("r" in rows, bool(gone)), high + 44, WIDE)
    parts.append(legend)
    told = sorted(story, key=lambda each: each[0])
    return Picture(
        "".join(parts),
        WIDE,
        bottom,
        title,
        description or _summary(trace, gone),
        tuple(f"{time:.2f} s: {words}." for time, words in told),
    )


def _summary(trace: Trace, gone: tuple[Written, ...]) -> str:
    done = sum(writes for *_, writes in answered(trace))
    return f"{done} writes are answered, and {len(gone) or 'none'} of them lost."


def _clock(x: Callable[[float], float], high: float) -> str:
    """Draw the scale of time below the rows."""
    parts = [line(LEFT, high, RIGHT, high, "line", 1)]
    for tick in range(int(END) + 1):
        parts.append(line(x(tick), TOP - 6, x(tick), high + 5, "line", 1))
        parts.append(text(x(tick), high + 20, f"{tick} s", "muted", size=14))
    return "".join(parts)


def _ink(epoch: int) -> str:
    return INKS[(epoch - 1) % len(INKS)]


def _bar(x1: float, x2: float, y: float, epoch: int) -> str:
    wide = max(x2 - x1, 2.0)
    ink = colour(_ink(epoch))
    words = next(
        (each for each in (f"epoch {epoch}", str(epoch)) if wide > 9 * len(each)), ""
    )
    return (
        f'<rect x="{short(x1)}" y="{short(y)}" width="{short(wide)}" height="{BAR:g}"'
        f' rx="3" fill="{ink}" fill-opacity=".18" stroke="{ink}" stroke-width="1.6"/>'
    ) + (text((x1 + x2) / 2, y + 17, words, "ink", size=14) if words else "")


def _absence(x1: float, x2: float, y: float, what: str) -> str:
    """Draw for how long a node was down, cut off or paused."""
    dash = {"down": "", "cut off": "6 4", "paused": "2 3"}[what]
    ink = "red" if what == "down" else "orange"
    words = text((x1 + x2) / 2, y + 4, what, ink, size=13) if x2 - x1 > 40 else ""
    return line(x1, y, x2, y, ink, 3, dash) + words


def _dot(x: float, y: float, ink: str) -> str:
    return f'<circle cx="{short(x)}" cy="{short(y)}" r="3.2" fill="{colour(ink)}"/>'


def _effect(x: float, y: float, epoch: int, how: str) -> str:
    """Draw what came to a resource: a square is done, a ring refused."""
    ink = colour(_ink(epoch))
    if how == "refused":
        return (
            f'<circle cx="{short(x)}" cy="{short(y + 22)}" r="5.5" fill="none"'
            f' stroke="{ink}" stroke-width="2.2"/>'
        )
    square = (
        f'<rect x="{short(x - 3.5)}" y="{short(y - 7)}" width="7" height="14"'
        f' fill="{ink}"/>'
    )
    return square + (cross(x, y + 22, 5) if how == "late" else "")


def _signs(resource: bool, gone: bool) -> Iterator[tuple[float, str, str, str]]:
    """Yield the pieces of the legend."""
    box = (
        f'<rect x="-8" y="-6" width="16" height="12" rx="3" fill="{colour("blue")}"'
        f' fill-opacity=".18" stroke="{colour("blue")}" stroke-width="1.6"/>'
    )
    yield 26.0, box, "is the primary", "muted"
    yield 16.0, _dot(0, 0, "ink"), "a write is answered", "muted"
    if gone:
        yield 18.0, cross(0, 0, 4), "answered, and lost", "muted"
    if resource:
        yield (
            14.0,
            _effect(0, 0, 1, "done"),
            "r acts, in the colour of the epoch",
            "muted",
        )
        yield 18.0, cross(0, 0, 5), "too late, after a later epoch", "muted"
        yield 20.0, _effect(0, -22, 1, "refused"), "r refuses", "muted"


def _away(trace: Trace) -> Iterator[tuple[str, float, float, str]]:
    """Yield who was down, cut off or paused, from when to when."""
    since: dict[tuple[str, str], float] = {}
    for event in trace.where(kind=("crash", "recover", "fault")):
        match event.kind, event.what:
            case "crash", _:
                since[event.node, "down"] = event.time
            case "recover", _:
                yield event.node, since.pop((event.node, "down")), event.time, "down"
            case _, Partition() | Heal():
                groups = getattr(event.what, "groups", ((),))
                for key in [each for each in since if each[1] == "cut off"]:
                    if key[0] not in groups[0]:
                        yield key[0], since.pop(key), event.time, "cut off"
                for node in groups[0]:
                    since.setdefault((node, "cut off"), event.time)
            case _, Slow(str(node), by):
                yield node, event.time, min(event.time + by, END), "paused"
    for (node, what), time in since.items():
        yield node, time, END, what


def done(trace: Trace) -> list[tuple[float, int, str]]:
    """Tell for what came to the resource when it came, for which epoch, and what became
    of it.
    """
    took = {(event.time, event.what) for event in trace.facts(Took)}
    found, highest = [], 0
    for event in trace.where(kind="deliver", node="r"):
        if isinstance(event.what, Act):
            epoch = event.what.epoch
            if (event.time, Took(epoch, event.what.index)) not in took:
                found.append((event.time, epoch, "refused"))
                continue
            found.append((event.time, epoch, "late" if epoch < highest else "done"))
            highest = max(highest, epoch)
    return found
