"""The figures of chapter 7.3.2: time-outs that let two candidates split the votes, and
five logs, of which not each may lead.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import pairwise
from math import comb
from typing import Annotated

from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import AppendEntries
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import flow, line, short, text
from ftlib.figures.controls import Choice, Range
from ftlib.figures.words import percent
from ftlib.services import Elected, Granted, majority
from ftlib.simulation import Cluster, Crash, Trace

__all__ = [
    "COMMITTED",
    "LOGS",
    "RULES",
    "lacking",
    "may_lead",
    "rounds",
    "split_votes",
    "splits",
    "votes",
]

WIDE, LEFT, RIGHT = 430.0, 40.0, 418.0

# Split votes --------------------------------------------------------------------------

SERVERS, LATENCY, FIRST, END = 5, 0.01, 0.15, 1.0
ROW, BAR, TOP = 40.0, 24.0, 12.0


def splits(spread: float, up: int, servers: int = SERVERS) -> float:
    """Compute how likely a first election is split.

    Parameters
    ----------
    spread : float
        Between which seconds the time-outs are drawn: how many lie between the least
        and the most.
    up, servers : int
        How many servers are up, of how many.

    Notes
    -----
    All servers that are up begin to wait at one moment, and every message takes 10 ms.
    Who times out within 10 ms of the first is a candidate too, because it has not heard
    of it yet; all others vote for the first, whose request reaches them first. So the
    vote is split if too few others are left (Ongaro 2014, chapter 9).

    Examples
    --------
    >>> round(splits(0.1, 4), 4)
    0.0523
    """
    within = min(1.0, LATENCY / spread) if spread else 1.0
    needed = majority(servers) - 1  # votes, beside its own
    return sum(
        comb(up, k) * within**k * (1 - within) ** (up - k)
        for k in range(max(up - needed, 0), up + 1)
    )


@cache
def rounds(spread: float = 0.02, up: int = 5, seed: int = 1) -> Trace:
    """Run the first second of five servers, of which some are down.

    Parameters
    ----------
    spread : float
        As for `splits`.
    up : int
        How many are up.
    seed : int
        From which the time-outs are drawn.
    """
    waits = partial(Raft, election_timeout=(FIRST, FIRST + spread))
    down = [Crash(f"s{number}", at=0.0) for number in range(up + 1, SERVERS + 1)]
    nodes = raft_servers((), SERVERS, server=waits)
    return Cluster(nodes, faults=down, seed=seed).run(until=END)


def _stretches(trace: Trace, server: str) -> Iterator[tuple[float, float, str, str]]:
    """Yield what a server is, from when to when: an ink and a word."""
    found = [(0.0, "", "")]
    for event in trace.where(kind=("fact", "deliver"), node=server):
        match event.what:
            case Elected(term):
                found.append((event.time, "green", f"▲ {term}"))
            case Granted(term, to) if to == server:
                found.append((event.time, "orange", f"? {term}"))
            case Granted(_, to):
                found.append((event.time, "muted", to))
            case AppendEntries() if found[-1][1] != "sky":
                found.append((event.time, "sky", str(event.other)))
    for (since, ink, words), (until, *_) in pairwise([*found, (END, "", "")]):
        yield since, until, ink, words


def split_votes(
    spread: Annotated[
        float,
        Choice(
            {
                0.0: "all 150 ms",
                0.02: "150 to 170 ms",
                0.05: "150 to 200 ms",
                0.15: "150 to 300 ms",
                0.3: "150 to 450 ms",
            },
            "Time-outs",
        ),
    ] = 0.02,
    up: Annotated[int, Range(range(3, 6), "Of five servers are up")] = 5,
    seed: Annotated[int, Range(range(1, 7), "Run")] = 1,
) -> Picture:
    """Draw the first second of five servers: who asks for votes, and who votes for
    whom.

    Parameters
    ----------
    spread : float
        How many seconds lie between the least and the most that a server waits.
    up : int
        How many servers are up.
    seed : int
        From which the time-outs are drawn.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_3_2_raft_elections``.
    """
    trace = rounds(spread, up, seed)
    servers = [f"s{number}" for number in range(1, SERVERS + 1)]
    high = TOP + ROW * SERVERS

    def x(time: float) -> float:
        return LEFT + (RIGHT - LEFT) * time / END

    parts = [line(LEFT, high, RIGHT, high, "line", 1)]
    for tick in range(6):
        at = x(tick / 5)
        parts.append(line(at, TOP - 6, at, high + 5, "line", 1))
        parts.append(text(at - 4 * (tick == 5), high + 20, f"{tick / 5:g} s", "muted"))
    story = []
    for place, server in enumerate(servers):
        y = TOP + ROW * place
        parts.append(text(18, y + 18, server, size=17, more=' font-weight="600"'))
        if place >= up:
            parts.append(text(x(0.5), y + 17, "down", "red"))
            parts.append(line(LEFT, y + 22, RIGHT, y + 22, "red", 1.6, "2 4"))
            continue
        for since, until, ink, words in _stretches(trace, server):
            if ink:
                parts.append(_bar(x(since), x(until), y, ink, words))
                story.append((since, _told(server, ink, words)))
    legend, bottom = flow(_signs(), high + 44, WIDE)
    parts.append(legend)
    return Picture(
        "".join(parts),
        WIDE,
        bottom,
        _verdict(trace),
        "With these time-outs and a message under way for 10 ms, "
        f"{percent(splits(spread, up))} of first elections are split.",
        tuple(f"{time:.3f} s: {words}." for time, words in sorted(story)),
    )


def _verdict(trace: Trace) -> str:
    elected = trace.facts(Elected)
    if elected:
        first = elected[0]
        return f"A leader after {first.time:.2f} s, in term {first.what.epoch}."
    terms = max(event.what.epoch for event in trace.facts(Granted))
    return f"No leader within 1 s: {terms} terms, and each vote is split."


def _told(server: str, ink: str, words: str) -> str:
    term = words.split()[-1]
    told = {
        "green": f"{server} is the leader of term {term}",
        "orange": f"{server} is a candidate of term {term}",
        "muted": f"{server} votes for {words}",
        "sky": f"{server} follows {words}",
    }
    return told[ink]


def _bar(
    x1: float, x2: float, y: float, ink: str, words: str, high: float = BAR
) -> str:
    wide = max(x2 - x1, 2.0)
    dash = ' stroke-dasharray="4 3"' if ink == "orange" else ""
    drawn = (
        f'<rect x="{short(x1)}" y="{short(y)}" width="{short(wide)}" height="{high:g}"'
        f' rx="3" fill="{colour(ink)}" fill-opacity=".18" stroke="{colour(ink)}"'
        f' stroke-width="1.6"{dash}/>'
    )
    return drawn + (text((x1 + x2) / 2, y + high / 2 + 5, words) if wide > 28 else "")


def _signs() -> Iterator[tuple[float, str, str, str]]:
    """Yield the pieces of the legend."""
    for ink, sign, words in (
        ("orange", "? 2", "candidate of term 2"),
        ("muted", "s1", "has voted for s1"),
        ("green", "▲ 2", "leader of term 2"),
        ("sky", "s1", "follows s1"),
    ):
        yield 36.0, _bar(-16, 16, -14, ink, sign, 18), words, "muted"


# Which log may lead -------------------------------------------------------------------

LOGS = {
    "s1": (1, 3, 3),
    "s2": (1, 3, 3),
    "s3": (1, 3, 3),
    "s4": (1, 2, 2, 2),
    "s5": (1, 3),
}
"""Five logs, as the terms of their entries. s4 led term 2, and nobody heard of its
entries; s1 led term 3.
"""
COMMITTED = (1, 3, 3)
"""What a majority has stored, and clients have been told of."""
Rule = Callable[[tuple[int, ...], tuple[int, ...]], bool]
RULES: dict[str, Rule] = {
    "any": lambda theirs, own: True,
    "length": lambda theirs, own: len(theirs) >= len(own),
    "term": lambda theirs, own: theirs[-1] >= own[-1],
    "both": lambda theirs, own: (theirs[-1], len(theirs)) >= (own[-1], len(own)),
}
"""When a server with its own log votes for a candidate with theirs."""


def votes(
    rule: str, candidate: str, logs: Mapping[str, tuple[int, ...]] = LOGS
) -> list[str]:
    """Name the servers that vote for a candidate, itself among them.

    Examples
    --------
    >>> votes("both", "s5")
    ['s4', 's5']
    """
    asks = RULES[rule]
    return [each for each, own in logs.items() if asks(logs[candidate], own)]


def lacking(candidate: str) -> int:
    """Count the committed entries that a log lacks.

    Examples
    --------
    >>> [lacking(server) for server in LOGS]
    [0, 0, 0, 2, 1]
    """
    log = LOGS[candidate]
    return sum(
        log[place : place + 1] != (term,) for place, term in enumerate(COMMITTED)
    )


INKS = {1: "blue", 2: "orange", 3: "green", 4: "purple"}
SIZE, GAP, LINE = 34.0, 8.0, 46.0


def may_lead(
    rule: Annotated[
        str,
        Choice(
            {
                "any": "for whoever asks first",
                "length": "if its log is as long as mine, or longer",
                "term": "if its last entry is of my last term, or a later one",
                "both": "if its last term is later, or the same and the log as long",
            },
            "I vote",
        ),
    ] = "length",
    candidate: Annotated[
        str, Choice({each: each for each in LOGS}, "Candidate of term 4")
    ] = "s4",
) -> Picture:
    """Draw who votes for a candidate with its log, and what is lost if it leads.

    Parameters
    ----------
    rule : str
        When a server votes, a key of `RULES`.
    candidate : str
        A key of `LOGS`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_3_2_raft_elections``.
    """
    yes = votes(rule, candidate)
    leads = len(yes) >= majority(len(LOGS))
    gone = lacking(candidate) if leads else 0
    title = f"{candidate} gets {len(yes)} of 5 votes"
    if not leads:
        title += ": it does not lead."
    elif gone:
        what = "a committed entry" if gone == 1 else f"{gone} committed entries"
        title += f", leads, and lacks {what}."
    else:
        title += ", leads, and has all that is committed."
    says = {
        each: ("green", "✓ votes") if each in yes else ("ink", "✗ refuses")
        for each in LOGS
    }
    lacks = f", lacks {gone}" if gone else ""
    says[candidate] = "red" if gone else "ink", f"▲ leads{lacks}" if leads else "? asks"
    story = (
        f"{each}, with entries of terms {_terms(log)},"
        f" {'votes for' if each in yes else 'refuses'} it."
        for each, log in LOGS.items()
        if each != candidate
    )
    signs = (
        (22.0, _entry(-9, -14, 3, True, 18), "committed", "muted"),
        (22.0, _entry(-9, -14, 2, False, 18), "on one server only", "muted"),
    )
    drawn, bottom = logs_drawn(LOGS, COMMITTED, says)
    legend, bottom = flow(signs, bottom + 16, WIDE)
    return Picture(
        drawn + legend,
        WIDE,
        bottom,
        title,
        f"The candidate's entries are of terms {_terms(LOGS[candidate])}.",
        tuple(story),
    )


def logs_drawn(
    logs: Mapping[str, tuple[int, ...]],
    committed: tuple[int, ...],
    says: Mapping[str, tuple[str, str]],
) -> tuple[str, float]:
    """Draw a log a row and what is said of it, an ink and words; return how high it is,
    too.
    """
    parts = [text(LEFT, 16, "entry 1, 2, 3, ...: its term", "muted", "start")]
    for place, (server, log) in enumerate(logs.items()):
        y = 28 + LINE * place
        parts.append(text(18, y + 22, server, size=17, more=' font-weight="600"'))
        for index, term in enumerate(log):
            kept = committed[index : index + 1] == (term,)
            parts.append(_entry(LEFT + index * (SIZE + GAP), y, term, kept))
        ink, words = says[server]
        parts.append(text(RIGHT, y + 22, words, ink, "end", 16))
    return "".join(parts), 28 + LINE * len(logs)


def _terms(log: tuple[int, ...]) -> str:
    return ", ".join(map(str, log))


def _entry(x: float, y: float, term: int, kept: bool, size: float = SIZE) -> str:
    """Draw an entry: its term, and a full edge if it is committed."""
    ink, dash = colour(INKS[term]), "" if kept else ' stroke-dasharray="4 3"'
    drawn = (
        f'<rect x="{short(x)}" y="{short(y)}" width="{size:g}" height="{size:g}" rx="3"'
        f' fill="{ink}" fill-opacity=".18" stroke="{ink}" stroke-width="2"{dash}/>'
    )
    return drawn + text(x + size / 2, y + size / 2 + 5, str(term))
