"""The figures of chapter 4.1.3: which rule lets whom take over; a replica that has been
away and is back first; how many crashes a rule survives, and what that is worth.
"""

from functools import cache
from typing import Annotated, Any

from ftlib.analysis.availability import HOURS_A_YEAR, availability_k_of_n, majority
from ftlib.drawing import Picture
from ftlib.drawing.looks.pair import END, lost, who_acts
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import line, text
from ftlib.figures.controls import Choice, Range
from ftlib.figures.primary_standby import WRITERS
from ftlib.figures.words import in_words
from ftlib.replication.n_plus_one import LowestId, n_plus_one
from ftlib.replication.n_plus_one_mutants import CountsItselfTwice, LeadsAlone
from ftlib.replication.pair import Resting
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_mutants import PromotesAny
from ftlib.simulation import Cluster, Crash, Heal, Node, Partition, Recover, Trace

__all__ = ["back_first", "next_primary", "restarted", "survived", "taken_over"]

NODES = "r1", "r2", "r3"


def _run(member: type[Node], faults: tuple[Any, ...]) -> Trace:
    nodes = n_plus_one(WRITERS, member=member, client=Resting, longest=0.4)
    return Cluster(nodes, faults=faults, seed=7).run(until=END)


def _drawn(trace: Trace) -> Picture:
    """Draw a run, with what it has lost as the title."""
    gone = len(lost(trace))
    writes = "1 answered write is" if gone == 1 else f"{gone} answered writes are"
    waits = " ".join(_waits(trace, client) for client in ("c1", "c2"))
    return who_acts(
        trace,
        f"{writes} lost." if gone else "Nothing is lost.",
        waits,
        NODES,
    )


def _waits(trace: Trace, client: str) -> str:
    """Tell how long a client waits for an answer, at the longest."""
    calls, longest, since = trace.where(kind=("call", "return"), node=client), 0.0, 0.0
    for event in calls:
        if event.kind == "call":
            since = event.time
        longest = max(longest, event.time - since)
    if calls and calls[-1].kind == "call" and END - since > longest:
        return f"{client} waits for {END - since:.2f} s, and is not answered."
    return f"{client} waits for {longest:.2f} s at most."


# Who is next --------------------------------------------------------------------------

RULES: dict[str, type[Node]] = {
    "lowest": LowestId,
    "majority": Replica,
    "twice": CountsItselfTwice,
}
HAPPENS: dict[str, tuple[Any, ...]] = {
    "crash": (Crash("r1", at=0.7),),
    "two crashes": (Crash("r1", at=0.7), Crash("r2", at=0.7)),
    "back": (Crash("r1", at=0.7), Recover("r1", at=2.0)),
    "primary": (Partition((("r1", "c1"),), at=0.7), Heal(at=2.0)),
    "replica": (Partition((("r3", "c2"),), at=0.7), Heal(at=2.0)),
}


@cache
def taken_over(rule: str = "lowest", happens: str = "primary") -> Trace:
    """Run three nodes of which one crashes or is cut off.

    Parameters
    ----------
    rule : str
        By which rule they take over, a key of `RULES`.
    happens : str
        What goes wrong, a key of `HAPPENS`.
    """
    return _run(RULES[rule], HAPPENS[happens])


def next_primary(
    rule: Annotated[
        str,
        Choice(
            {
                "lowest": "the lowest id that it sees",
                "majority": "a majority of votes",
                "twice": "the same, its own vote counted twice",
            },
            "A node leads by",
        ),
    ] = "lowest",
    happens: Annotated[
        str,
        Choice(
            {
                "crash": "r1 crashes",
                "two crashes": "r1 and r2 crash",
                "back": "r1 crashes, and is back at 2.0 s",
                "primary": "r1 is cut off with c1, until 2.0 s",
                "replica": "r3 is cut off with c2, until 2.0 s",
            },
            "At 0.7 s",
        ),
    ] = "primary",
) -> Picture:
    """Draw who is the primary when, of three nodes, and what is lost.

    Parameters
    ----------
    rule : str
        By which rule they take over, a key of `RULES`.
    happens : str
        What goes wrong, a key of `HAPPENS`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_3_n_plus_one``.
    """
    return _drawn(taken_over(rule, happens))


# Who is back first --------------------------------------------------------------------

RESTARTS: dict[str, type[Node]] = {
    "lowest": LowestId,
    "alone": LeadsAlone,
    "own log": PromotesAny,
    "longest log": Replica,
}


@cache
def restarted(rule: str = "alone", first: str = "r1") -> Trace:
    """Run three nodes of which r1 is down while the others write, until they all are;
    then one is back before the others.

    Parameters
    ----------
    rule : str
        By which rule they take over, a key of `RESTARTS`.
    first : str
        Who is back first.
    """
    faults: list[Any] = [Crash("r1", at=0.4), Crash("r2", at=1.4), Crash("r3", at=1.4)]
    faults += [Recover(each, at=1.6 if each == first else 2.25) for each in NODES]
    return _run(RESTARTS[rule], tuple(faults))


def back_first(
    rule: Annotated[
        str,
        Choice(
            {
                "lowest": "the lowest id that it sees",
                "alone": "being alone after a restart",
                "own log": "a majority of votes, whatever is in its log",
                "longest log": "a majority of votes, and the longest log of these",
            },
            "A node leads by",
        ),
    ] = "alone",
    first: Annotated[
        str,
        Choice(
            {"r1": "r1, which has been away", "r2": "r2", "r3": "r3"}, "First is back"
        ),
    ] = "r1",
) -> Picture:
    """Draw who is the primary after a restart of all, and what is lost.

    Parameters
    ----------
    rule : str
        By which rule they take over, a key of `RESTARTS`.
    first : str
        Who is back first, at 1.6 s; the others are at 2.25 s.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_3_n_plus_one``.
    """
    return _drawn(restarted(rule, first))


# How many crashes ---------------------------------------------------------------------

WIDTH, LEFT, ROW, TOP = 430.0, 14.0, 90.0, 10.0
SIZE, GAP = 20.0, 8.0


def survived(
    number: Annotated[int, Range(range(1, 7), "N")] = 2,
    up: Annotated[
        float,
        Choice({0.9: "90 %", 0.99: "99 %", 0.999: "99.9 %"}, "Each node is up"),
    ] = 0.99,
) -> Picture:
    """Draw how many of N + 1 nodes each rule needs, and how long it is without service.

    Parameters
    ----------
    number : int
        N.
    up : float
        The share of time for which each node is up, whatever the others do.

    Returns
    -------
    Picture

    Notes
    -----
    From `ftlib.analysis.availability`. Explained in ``chapters/4_1_3_n_plus_one``.
    """
    nodes = number + 1
    rules = (
        ("The lowest id, if all silence is a crash", 1),
        ("A majority", majority(nodes)),
        ("N units that all work, and one spare", number),
    )
    parts, story = [], []
    for place, (name, needed) in enumerate(rules):
        y = TOP + ROW * place
        hours = HOURS_A_YEAR * (1 - availability_k_of_n(nodes, needed, up))
        survives = nodes - needed
        parts.append(text(LEFT, y + 16, name, "ink", "start", 16))
        for each in range(nodes):
            x = LEFT + each * (SIZE + GAP)
            parts.append(_unit(x, y + 26, each < needed))
        crashes = "1 crash" if survives == 1 else f"{survives or 'no'} crashes"
        parts.append(text(416, y + 42, f"survives {crashes}", "ink", "end", 15))
        without = f"{_hours(hours)} a year without service"
        parts.append(text(LEFT, y + 66, without, "muted", "start", 14))
        parts.append(line(LEFT, y + 78, 416, y + 78, "line", 1))
        story.append(
            f"{name}: needs {needed} of {nodes}, survives {crashes}, and is without"
            f" service for {_hours(hours)} a year."
        )
    y = TOP + ROW * len(rules) + 16
    parts += [_unit(LEFT, y - 14, True, 14), _unit(LEFT + 150, y - 14, False, 14)]
    parts.append(text(LEFT + 20, y - 2, "must be up", "muted", "start", 14))
    parts.append(text(LEFT + 170, y - 2, "may be down", "muted", "start", 14))
    half = number // 2
    return Picture(
        "".join(parts),
        WIDTH,
        y + 12,
        f"N = {number}: {number}, {half} and 1 of {nodes} nodes may be down.",
        f"Each node is up for {up * 100:g} % of the time, independently of the others.",
        tuple(story),
    )


def _unit(x: float, y: float, needed: bool, size: float = SIZE) -> str:
    fill = colour("blue") if needed else "none"
    dash = "" if needed else ' stroke-dasharray="4 3"'
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}" rx="3"'
        f' fill="{fill}" stroke="{colour("blue")}" stroke-width="1.6"{dash}/>'
    )


def _hours(hours: float) -> str:
    seconds = hours * 3600
    for unit, least in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= least:
            shown = in_words(seconds / least, 2)
            return f"{shown} {unit}" if shown == "1" else f"{shown} {unit}s"
    return "under a second"
