"""The atlas of partial connectivity: which servers reach which, and whether a leader of
theirs stays, changes again and again, or cannot be.

A network that fails in part cuts some pairs of servers and not others, and then what a
majority could do is not always done. Howard and Abraham (2020) showed how an outage of
six hours came of it, and Ng, Haridi and Carbone (2023) gave the cases their names.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import permutations
from typing import Annotated, NamedTuple

from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_messages import Deposed
from ftlib.consensus.raft_pre_vote import CheckQuorum, PreVote, Willing
from ftlib.drawing import Picture
from ftlib.drawing.shapes import box, line, path, short, text
from ftlib.figures.connectivity_counted import COUNTED
from ftlib.figures.controls import Choice, Dial, Range, Toggles
from ftlib.services import Client, Elected, Granted, majority
from ftlib.simulation import Cluster, Cut, Point, Skew, Trace

__all__ = [
    "CASES",
    "ENDS",
    "PROTOCOLS",
    "Case",
    "Ending",
    "connectivity",
    "ending",
    "known_cases",
    "tally",
]

PROTOCOLS = {
    "plain": "plain",
    "pre-vote": "pre-vote",
    "check-quorum": "pre-vote and check-quorum",
}
"""The protocols, with their names."""
KINDS = {"plain": Raft, "pre-vote": PreVote, "check-quorum": CheckQuorum}
ENDS = "stays", "changes", "cannot be"
"""How it can end with the leader."""
ENDINGS = "one leader stays", "leaders change", "nobody leads"
CUT, UNTIL, WATCHED = 0.12, 2.5, 1.0  # the links fail; the end; for so long before it
PAIRS = tuple(f"{one}{other}" for other in range(2, 6) for one in range(1, other))
"""The pairs of up to five servers: the first three are those of three servers, and the
first six those of four.
"""
SERVERS = {3: 3, 6: 4, 10: 5}  # by the number of their pairs


@dataclass(frozen=True, slots=True)
class Pairs(Toggles):
    """Which pairs of servers reach each other: `Toggles` named by their pairs."""

    def dial(self, name: str, default: object) -> Dial:
        """This control for the parameter `name`, starting at `default`."""
        dial = Toggles.dial(self, name, default)
        return replace(dial, names=tuple(f"s{pair[0]}–s{pair[1]}" for pair in PAIRS))


@dataclass(frozen=True, slots=True)
class Case:
    """Servers, and which of them still reach each other.

    Attributes
    ----------
    words : str
        What the reader chooses it by.
    servers : int
    links : str
        The pairs, such as ``"12 23"``.
    behind : bool
        Whether s2 lacks an entry that a majority has.
    """

    words: str
    servers: int
    links: str
    behind: bool = False


CASES = {
    "whole": Case("all reach all", 5, " ".join(PAIRS)),
    "away": Case("s5 reaches nobody", 5, "12 13 23 14 24 34"),
    "outage": Case("s4 reaches s2 only, s5 reaches s3 only", 5, "12 13 23 24 35"),
    "ring": Case("each reaches its two neighbours", 5, "12 23 34 45 15"),
    "chained": Case("three in a chain (chained)", 3, "12 23"),
    "quorum loss": Case("all reach s2 only (quorum loss)", 5, "12 23 24 25"),
    "constrained": Case(
        "s2 alone reaches a majority, and lacks an entry (constrained election)",
        5,
        "23 24 25",
        True,
    ),
    "halves": Case("two pairs and one alone", 5, "12 34"),
}
"""The cases that have names, and some that should have."""


# What happens -------------------------------------------------------------------------


@cache
def ran(case: Case, protocol: str, seed: int) -> Trace:
    """Run servers of which s1 leads first, until some links fail."""
    names = [f"s{number}" for number in range(1, case.servers + 1)]
    server = partial(KINDS[protocol], heartbeat=0.1)
    nodes = raft_servers((), case.servers, server=server)
    fast = [Skew("s1", rate=10.0), Skew("s1", at=Point("s1", "timer"))]
    early: tuple[tuple[str, str], ...] = ()
    if case.behind:
        write = (("put", "x", 1),)
        nodes["c1"] = partial(Client, ("s2", "s1"), write, 0.07, 0.07)
        early = ("s1", "s2"), ("s2", "s1")
    linked = {(f"s{pair[0]}", f"s{pair[1]}") for pair in case.links.split()}
    cuts = [
        Cut(one, other, at=CUT)
        for one, other in permutations(names, 2)
        if (one, other) not in linked and (other, one) not in linked
    ]
    cuts += [Cut(one, other) for one, other in early]
    return Cluster(nodes, faults=[*fast, *cuts], seed=seed).run(until=UNTIL)


class Reign(NamedTuple):
    """A server leads in a term, from one time to another."""

    server: str
    term: int
    since: float
    until: float


def reigns(trace: Trace) -> list[Reign]:
    """List who led when; whoever did not hear that he is deposed does to the end."""
    gone = {(e.node, e.what.term): e.time for e in trace.facts(Deposed)}
    return [
        Reign(e.node, e.what.epoch, e.time, gone.get((e.node, e.what.epoch), UNTIL))
        for e in trace.facts(Elected)
    ]


def reached(case: Case, server: str) -> int:
    """Tell how many servers one reaches, itself among them."""
    return 1 + sum(server[1] in pair for pair in case.links.split())


def leads(case: Case, server: str) -> bool:
    """Tell whether a server reaches a majority, and so can lead."""
    return reached(case, server) >= majority(case.servers)


class Ending(NamedTuple):
    """How it ended: one of `ENDS`, how many elections were won after the links failed,
    and the last leader of all, if he stays.
    """

    how: str
    won: int
    last: Reign | None


def ending(case: Case, protocol: str = "plain", seed: int = 0) -> Ending:
    """Run a case, and judge how it ended: the leader stays if there was no election in
    the last second, and changes if there was, or if several that were won have left
    none.

    Parameters
    ----------
    case : Case
        One of `CASES`, or another.
    protocol : str
        A key of `PROTOCOLS`.
    seed : int

    Examples
    --------
    >>> [ending(CASES["chained"], protocol).how for protocol in PROTOCOLS]
    ['changes', 'stays', 'stays']
    """
    known = reigns(ran(case, protocol, seed))
    won = [each for each in known if each.since > CUT]
    leading = [
        each for each in known if each.until == UNTIL and leads(case, each.server)
    ]
    if any(each.since > UNTIL - WATCHED for each in won):
        return Ending("changes", len(won), None)
    if leading:
        return Ending("stays", len(won), leading[-1])
    return Ending("changes" if len(won) > 1 else "cannot be", len(won), None)


def tally(case: Case, protocol: str, seeds: range) -> tuple[int, int, int]:
    """Count how the runs of some seeds end, in the order of `ENDS`."""
    found = [ending(case, protocol, seed).how for seed in seeds]
    stays, changes, cannot = (found.count(how) for how in ENDS)
    return stays, changes, cannot


# What is drawn ------------------------------------------------------------------------

WIDE, LEFT, RIGHT, TOP, ROW = 430.0, 44.0, 410.0, 236.0, 26.0


def _x(time: float) -> float:
    return LEFT + (RIGHT - LEFT) * time / UNTIL


def _graph(case: Case, last: Reign | None) -> Iterator[str]:
    """Draw who reaches whom; who stays the leader is green, who can lead has a thick
    edge.
    """
    count = case.servers
    at = {
        f"s{number + 1}": (
            WIDE / 2 + 84 * math.sin(math.tau * number / count),
            108 - 84 * math.cos(math.tau * number / count),
        )
        for number in range(count)
    }
    for pair in PAIRS[: count * (count - 1) // 2]:
        (x1, y1), (x2, y2) = (at[f"s{number}"] for number in pair)
        if pair in case.links.split():
            yield line(x1, y1, x2, y2, "ink", 2)
        else:
            yield line(x1, y1, x2, y2, "line", 1, "2 5")
    for name, (x, y) in at.items():
        leader = last is not None and last.server == name
        thick = 3 if leads(case, name) else 1
        yield box(x, y, 34, 26, "green" if leader else "ink", "paper", 13, thick)
        yield text(x, y + 5, name, "green" if leader else "ink")
        if leader:
            yield text(x + 26, y + 5, "▲", "green", "start")
        elif case.behind and name == "s2":
            yield text(x + 22, y + 5, "lacks an entry", "orange", "start")


def _strip(case: Case, trace: Trace) -> Iterator[str]:
    """Draw who led when, in which term, and when who asked for votes."""
    low = TOP + ROW * case.servers
    rows = {f"s{n + 1}": TOP + ROW * (n + 0.5) for n in range(case.servers)}
    for name, y in rows.items():
        yield text(8, y + 5, name, "ink", "start")
        yield line(LEFT, y, RIGHT, y, "line", 1)
    asked = [
        (e.node, e.time) for e in trace.facts((Willing, Granted)) if e.what.to == e.node
    ]
    ticks = [f"M{short(_x(t))} {short(rows[name] - 5)}v10" for name, t in asked]
    yield path("".join(ticks), "orange", 1.5) if ticks else ""
    for server, term, since, until in reigns(trace):
        y = rows[server]
        for start, end in ((since, min(until, CUT)), (max(since, CUT), until)):
            if start < end:
                acts = end <= CUT or leads(case, server)
                x1, x2 = _x(start), _x(end)
                ink, high = ("green", 18) if acts else ("muted", 8)
                yield box((x1 + x2) / 2, y, x2 - x1, high, ink, "shade")
                if acts and x2 - x1 > 16:
                    yield text((x1 + x2) / 2, y + 5, str(term), ink)
    yield line(_x(CUT), TOP - 6, _x(CUT), low, "red", 1.5, "4 3")
    yield text(_x(CUT) - 4, TOP - 10, "✗ links fail", "red", "start")
    yield line(LEFT, low + 4, RIGHT, low + 4, "muted", 1)
    for half in range(6):
        words = f"{half / 2:g} s" if half == 5 else f"{half / 2:g}"
        yield text(_x(half / 2), low + 20, words, "muted")


def _why(case: Case, protocol: str, end: Ending) -> str:
    """Say why nobody can lead, or who can."""
    able = [f"s{n + 1}" for n in range(case.servers) if leads(case, f"s{n + 1}")]
    need = majority(case.servers)
    if not able:
        return f"No server reaches {need} of {case.servers}, itself among them."
    who = f"{', '.join(able)} {'reach' if len(able) > 1 else 'reaches'} a majority"
    if end.how != "cannot be":
        return f"{who}."
    if case.behind:
        return f"Only {who}, but its log lacks an entry that those it reaches have."
    if protocol == "plain":
        return f"{who}, but whoever hears from no leader raises the term."
    return (
        f"{who}, but s1 leads on without one, and whoever hears from it votes for"
        " nobody else."
    )


def _title(end: Ending) -> str:
    match end:
        case "stays", won, Reign(server, term, since):
            if not won:
                return f"{server} leads, and stays the leader."
            return f"{server} leads from {since:.2f} s on, in term {term}, and stays."
        case "changes", won, _:
            return f"The leader changes {won} times, and has not stopped at the end."
    return "Nobody leads: at the end no leader reaches a majority."


def _story(case: Case, trace: Trace) -> Iterator[str]:
    known = reigns(trace)
    told = [(each.since, f"{each.server} leads term {each.term}") for each in known]
    told += [
        (each.until, f"{each.server} leads term {each.term} no more")
        for each in known
        if each.until < UNTIL
    ]
    links = ", ".join(f"s{pair[0]} and s{pair[1]}" for pair in case.links.split())
    told.append((CUT, f"links fail; {links or 'none'} still reach each other"))
    told.sort()
    for time, words in told[:14]:
        yield f"{time:.2f} s: {words}."
    if len(told) > 14:
        yield f"So it goes on, {len(told) - 14} changes more, until {UNTIL:g} s."
    for server, term, _, until in known:
        if until == UNTIL and not leads(case, server):
            yield (
                f"{server} believes to the end that it leads in term {term}, and"
                " reaches no majority."
            )


def _drawn(case: Case, protocol: str, seed: int, more: str = "") -> Picture:
    trace, end = ran(case, protocol, seed), ending(case, protocol, seed)
    low = TOP + ROW * case.servers
    legend = (
        text(8, low + 44, "▮ leads, with its term", "green", "start")
        + text(190, low + 44, "▬ leads, but no majority", "muted", "start")
        + text(8, low + 66, "| asks for votes", "orange", "start")
        + text(190, low + 66, "thick edge: reaches a majority", "ink", "start")
    )
    body = [*_graph(case, end.last), *_strip(case, trace), legend]
    return Picture(
        "".join(body),
        WIDE,
        low + 78,
        _title(end),
        f"Raft, {PROTOCOLS[protocol]}. {_why(case, protocol, end)}{more}",
        tuple(_story(case, trace)),
    )


def connectivity(
    pairs: Annotated[int, Choice({3: "3", 6: "4", 10: "5"}, "Servers")] = 3,
    links: Annotated[
        str,
        Pairs(
            of="pairs",
            maximum=10,
            states={"y": "reach", "n": "cut"},
            label="Which reach each other",
        ),
    ] = "yny",
    protocol: Annotated[str, Choice(PROTOCOLS, "Raft")] = "plain",
    seed: Annotated[int, Range(range(8), "Seed")] = 0,
) -> Picture:
    """Draw servers of which some pairs are cut off from each other after 0.12 s, and
    who leads from then on.

    Parameters
    ----------
    pairs : {3, 6, 10}
        How many pairs there are: of three servers, four or five.
    links : str
        For each pair, in the order 12, 13, 23, 14, 24, 34, 15, ..., "y" if the two
        reach each other, "n" if not.
    protocol : str
        A key of `PROTOCOLS`.
    seed : int

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If there is no such number of pairs, or `links` does not say yes or no of each.
    """
    if pairs not in SERVERS:
        raise ValueError(f"pairs is {pairs!r}: give 3, 6 or 10")
    links = links[:pairs]
    if len(links) < pairs or set(links) - {"y", "n"}:
        raise ValueError(f"links is {links!r}: give {pairs} letters, each y or n")
    linked = " ".join(PAIRS[k] for k in range(pairs) if links[k] == "y")
    return _drawn(Case("", SERVERS[pairs], linked), protocol, seed)


def known_cases(
    case: Annotated[
        str,
        Choice({name: case.words for name, case in CASES.items()}, "Who reaches whom"),
    ] = "chained",
    protocol: Annotated[str, Choice(PROTOCOLS, "Raft")] = "plain",
    seed: Annotated[int, Range(range(8), "Seed")] = 0,
) -> Picture:
    """Draw one of the cases that the literature has, as `connectivity` does.

    Parameters
    ----------
    case : str
        A key of `CASES`.
    protocol : str
        A key of `PROTOCOLS`.
    seed : int

    Returns
    -------
    Picture
        Its description says how the first 200 seeds end.
    """
    counted = COUNTED[case, protocol]
    said = ", ".join(
        f"{words} in {count}"
        for words, count in zip(ENDINGS, counted, strict=True)
        if count
    )
    return _drawn(CASES[case], protocol, seed, f" Among 200 seeds, {said}.")
