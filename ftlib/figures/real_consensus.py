"""The figures of chapter 7.4.4, which are the simulated twins of what it does to real
processes: what a failure leaves on three disks, and what a client reads behind a cut.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Annotated, Any, NamedTuple

from ftlib.checking import History, KeyValue, Verdict, check_linearizable
from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_forces import FORCES, Forcing
from ftlib.consensus.raft_mutants import AnswersUnconfirmed
from ftlib.consensus.raft_reads import ReadIndex
from ftlib.drawing import Picture, history_picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import flow, line, short, text
from ftlib.figures.controls import Choice
from ftlib.services import Recovered, majority
from ftlib.simulation import Cluster, Crash, Heal, Node, Partition, Recover, Trace

__all__ = [
    "FORCED",
    "LETTERS",
    "READS",
    "SERVERS",
    "behind_the_cut",
    "left",
    "outage",
    "outage_run",
    "safe",
    "seen",
]

SERVERS = ("s1", "s2", "s3")
"""Three, of which s1 leads first."""
LETTERS = "abc"
"""What a client appends, one after another; each is acknowledged."""
EVER = 10**6  # writes: more than there are

# What a failure leaves ----------------------------------------------------------------

HOW = {"kill": EVER, "power": 0}
"""How many unforced writes survive."""
FORCED: dict[str, tuple[str, ...]] = {
    "all": FORCES,
    "leader": FORCES[:2],
    "followers": FORCES[2:],
    "nothing": (),
}
"""Before which moments entries are forced."""
FIRST, PACE = 0.15, 0.01  # seconds: s1 asks for votes; a message is under way


def _nodes(forced: str) -> dict[str, Any]:
    """Make three servers, of which s1 leads first; c1 appends, c2 reads."""
    server = partial(Forcing, before=FORCED[forced])
    appends = [("append", "x", letter) for letter in LETTERS]
    work: Any = [appends, [("get", "x")]]
    nodes: dict[str, Any] = raft_servers(work, server=server, longest=0.1)
    nodes["s1"] = partial(server, SERVERS, 0.05, (FIRST, FIRST))
    return nodes


@cache
def _answers(forced: str) -> tuple[float, ...]:
    """When c1 is told that a letter is there."""
    late = [Crash("c2", at=0.0)]
    trace = Cluster(_nodes(forced), faults=late).run(until=1.0)
    return tuple(event.time for event in trace.where(kind="return", node="c1"))


def outage_run(
    how: str = "power",
    down: tuple[str, ...] = SERVERS,
    forced: str = "nothing",
    without: tuple[str, ...] = (),
    seed: int = 0,
) -> Trace:
    """Run three servers of which s3 lacks the last letter; when that has been
    acknowledged some fail at once, and are back; then c2 reads.

    Parameters
    ----------
    how : {"kill", "power"}
        Whether their disks keep what was not forced.
    down : tuple of str
        Which fail.
    forced : {"all", "leader", "followers", "nothing"}
        Who forces an entry before it is told of.
    without : tuple of str
        Who is cut off from then on.
    seed : int
        From which the time-outs are drawn.

    Examples
    --------
    >>> outage_run("kill").where(kind="return")[-1].what
    (('get', 'x'), 'abc')
    """
    *_, before, last = _answers(forced)
    faults = [
        Crash("c2", at=0.0),
        Partition((("s3",),), at=before + PACE / 2),
        *(Crash(each, at=last + PACE / 2, keeps=HOW[how]) for each in down),
        *(Recover(each, at=last + 2 * PACE) for each in down),
        Heal(at=last + 2 * PACE),
        *([Partition((without,), at=last + 2 * PACE)] if without else []),
        Recover("c2", at=last + 1.0),
    ]
    cluster = Cluster(_nodes(forced), seed=seed, faults=faults)
    return cluster.run(until=last + 4.0)


@cache
def left(how: str, down: tuple[str, ...], forced: str) -> dict[str, str]:
    """Return the letters that each server has after such a failure.

    Examples
    --------
    >>> left("power", ("s1", "s2"), "nothing")
    {'s1': '', 's2': '', 's3': 'ab'}
    """
    trace = outage_run(how, down, forced)
    had = {"s1": LETTERS, "s2": LETTERS, "s3": LETTERS[:-1]}
    back = {
        event.node: "".join(entry.value.operation[2] for entry in event.what.entries)
        for event in trace.facts(Recovered)
        if event.time > 0
    }
    return {server: back.get(server, had[server]) for server in SERVERS}


def safe(logs: dict[str, str]) -> str:
    """Return the letters that a majority still has: no server can be elected without
    them. Two that lack one can elect each other.

    Examples
    --------
    >>> safe({"s1": "", "s2": "abc", "s3": "ab"})
    'ab'
    """
    lengths = sorted(map(len, logs.values()), reverse=True)
    return LETTERS[: lengths[majority(len(logs)) - 1]]


WIDE, SIZE, GAP, LEFT = 430.0, 30.0, 4.0, 54.0
AFTER = 250.0


def outage(
    how: Annotated[
        str,
        Choice(
            {"kill": "are killed (kill -9)", "power": "lose their power"},
            "Those that fail",
        ),
    ] = "power",
    down: Annotated[
        str,
        Choice(
            {
                "s1": "s1, the leader",
                "s2": "s2, which has all entries",
                "s1 s2": "s1 and s2",
                "s1 s2 s3": "all three",
            },
            "Who fails",
        ),
    ] = "s1 s2 s3",
    forced: Annotated[
        str,
        Choice(
            {
                "all": "all servers",
                "leader": "the leader only",
                "followers": "followers only",
                "nothing": "nobody",
            },
            "Entries are forced by",
        ),
    ] = "nothing",
) -> Picture:
    """Draw three logs before and after a failure, of processes or of the power.

    Parameters
    ----------
    how : {"kill", "power"}
        As for `outage_run`.
    down : str
        The servers that fail.
    forced : str
        As for `outage_run`.

    Returns
    -------
    Picture
        Its title says what may be lost.

    Notes
    -----
    Explained in ``chapters/7_4_4_real_consensus``.
    """
    fail = tuple(down.split())
    logs = left(how, fail, forced)
    kept = safe(logs)
    rows = dict(zip(SERVERS, (44.0, 90.0, 136.0), strict=True))
    parts = [
        text(LEFT + 52, 22, "acknowledged", "muted"),
        text(AFTER + 52, 22, "after the failure", "muted"),
    ]
    story: list[str] = []
    back: list[str] = []
    for server, y in rows.items():
        had = LETTERS if server != "s3" else LETTERS[:-1]
        force = _forces(server, forced)
        parts.append(text(24, y + 20, server, size=17, more=' font-weight="600"'))
        for place, letter in enumerate(had):
            parts.append(_entry(LEFT + place * (SIZE + GAP), y, letter, force))
        what = {True: "✗ killed", False: "✗ no power"}[how == "kill"]
        note = what if server in fail else "stays up"
        ink = "red" if server in fail else "muted"
        back.append(text(202, y + 20, note, ink))
        for place, letter in enumerate(had):
            gone = letter not in logs[server]
            x = AFTER + place * (SIZE + GAP)
            back.append(
                _entry(x, y, letter, force or server in fail, "muted" if gone else "")
            )
            if gone:
                back.append(line(x, y + SIZE, x + SIZE, y, "red", 2.4))
        where = "on its disk" if force else "in memory only"
        story.append(f"{server} has {', '.join(had)}, {where}.")
        if server in fail:
            still = ", ".join(logs[server]) or "nothing"
            story.append(f"{server} {what[2:]}: it comes back with {still}.")
    parts += back
    lost = LETTERS[len(kept) :]
    if lost:
        many, it = ("is", "it") if len(lost) == 1 else ("are", "them")
        title = f"{', '.join(lost)} {many} acknowledged, and a majority lacks {it}."
        end = f"Servers without {lost[0]} are a majority, and may elect one of them."
    else:
        title = "Whatever happens now, nothing that was acknowledged is lost."
        end = "A majority has all that was acknowledged, so the next leader has it."
    story.append(end)
    legend, bottom = flow(
        (
            (24.0, _entry(-9, -14, "a", True, size=18), "forced", "muted"),
            (24.0, _entry(-9, -14, "a", False, size=18), "in memory only", "muted"),
            (
                24.0,
                _entry(-9, -14, "a", True, "muted", 18) + line(-9, 4, 9, -14, "red", 2),
                "gone",
                "muted",
            ),
        ),
        206.0,
        WIDE,
    )
    parts.append(legend)
    return Picture(
        "".join(parts),
        WIDE,
        bottom,
        title,
        "s1 leads; s3 was cut off before the last entry, c, so s1 and s2 are the"
        " majority that has it.",
        tuple(story),
    )


def _forces(server: str, forced: str) -> bool:
    moments = FORCED[forced]
    return bool({*FORCES[:2]} & {*moments} if server == "s1" else "replying" in moments)


def _entry(
    x: float,
    y: float,
    letter: str,
    forced: bool,
    ink: str = "",
    size: float = SIZE,
) -> str:
    """Draw an entry; one that is in memory only has a broken edge."""
    paint = colour(ink or "blue")
    dash = "" if forced else ' stroke-dasharray="4 3"'
    drawn = (
        f'<rect x="{short(x)}" y="{short(y)}" width="{size:g}" height="{size:g}" rx="3"'
        f' fill="{paint}" fill-opacity="{".18" if forced else ".05"}" stroke="{paint}"'
        f' stroke-width="1.6"{dash}/>'
    )
    return drawn + text(x + size / 2, y + size / 2 + 5, letter, size=15)


# What is read behind a cut ------------------------------------------------------------

READS: dict[str, Callable[..., Node]] = {
    "memory": AnswersUnconfirmed,
    "index": ReadIndex,
    "log": Raft,
}
"""How a leader answers reads."""
CUT, WRITTEN, HEALED = 0.4, 0.9, 1.6  # seconds


class Seen(NamedTuple):
    """What clients of a cluster that was cut in two have seen."""

    trace: Trace
    history: History
    verdict: Verdict


@cache
def seen(reads: str = "memory", reader: str = "old") -> Seen:
    """Cut off the leader s1; on the other side c3 appends a, and later c1 reads, here
    or there.

    Parameters
    ----------
    reads : {"memory", "index", "log"}
        How a leader answers reads.
    reader : {"old", "new"}
        On whose side c1 is.

    Examples
    --------
    >>> bool(seen("memory").verdict), bool(seen("index").verdict)
    (False, True)
    """
    server = READS[reads]
    work: Any = [[("get", "x")], [], [("append", "x", "a")]]
    nodes: dict[str, Any] = raft_servers(work, server=server, longest=0.1)
    del nodes["c2"]  # whose write the chapter makes for real only
    nodes["s1"] = partial(server, SERVERS, 0.05, (FIRST, FIRST))
    here = ["s1", "c1"] if reader == "old" else ["s1"]
    faults = [
        *(Crash(each, at=0.0) for each in ("c1", "c3")),
        Partition((tuple(here),), at=CUT),
        Recover("c3", at=CUT),
        Recover("c1", at=WRITTEN),
        Heal(at=HEALED),
    ]
    trace = Cluster(nodes, faults=faults).run(until=HEALED + 0.6)
    history = History.from_trace(trace)
    return Seen(trace, history, check_linearizable(history, KeyValue))


def behind_the_cut(
    reads: Annotated[
        str,
        Choice(
            {
                "memory": "from its memory, at once",
                "index": "once a majority says that it still leads",
                "log": "through the log, like a write",
            },
            "A leader answers reads",
        ),
    ] = "memory",
    reader: Annotated[
        str,
        Choice(
            {"old": "the old leader, who is alone", "new": "the other two"},
            "c1 reaches",
        ),
    ] = "old",
) -> Picture:
    """Draw what two clients see while the leader is cut off.

    Parameters
    ----------
    reads, reader : str
        As for `seen`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_4_4_real_consensus``.
    """
    run = seen(reads, reader)
    return history_picture(run.history, run.verdict)
