"""The figures of chapter 4.1.2: who decides on a takeover, with faults from a list and
by hand; a primary that is paused.
"""

from collections.abc import Iterable
from functools import cache, partial
from typing import Annotated, Any

from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.pair import END, acting, done, lost, who_acts
from ftlib.drawing.looks.replication import PAIR_LOOK
from ftlib.figures.challenge import Challenge, breaks
from ftlib.figures.controls import NO_FAULTS, Choice, Faults, Range, Toggle
from ftlib.replication.pair import pair
from ftlib.replication.primary_standby import Peer
from ftlib.replication.primary_standby_mutants import TakesOverAlone
from ftlib.replication.primary_standby_properties import one_at_a_time
from ftlib.replication.witness import Witness
from ftlib.services import Elected
from ftlib.simulation import (
    Cluster,
    Crash,
    Event,
    Exponential,
    Heal,
    Network,
    Partition,
    Recover,
    Schedule,
    Slow,
    Trace,
    judge,
)

__all__ = [
    "WRITERS",
    "decided",
    "gap",
    "idle",
    "paused",
    "pauses",
    "replaced",
    "takeovers",
    "two_at_once",
]

LETTERS = "abcdefghijklmnop"
WRITERS = tuple(
    tuple(("append", "x", letter) for letter in letters)
    for letters in (LETTERS, LETTERS.upper())
)
"""What two clients append, the small letters in a row and the capitals."""


def gap(trace: Trace, client: str = "c1") -> float:
    """Return the longest time in seconds for which a client waited for an answer, if
    only for the end of the run.
    """
    longest, since = 0.0, END
    for event in trace.where(kind=("call", "return"), node=client):
        if event.kind == "call":
            since = event.time
        else:
            longest, since = max(longest, event.time - since), END
    return max(longest, END - since)


# What a time-out costs ----------------------------------------------------------------


def _timed(wait: float) -> dict[str, Any]:
    """Make a peer and a witness whose leases are as much longer than the time-out as
    those of the library are.
    """
    return {
        "peer": partial(Peer, wait=wait, lease=wait + 0.15),
        "witness": partial(Witness, lease=wait + 0.25),
    }


def idle(wait: float, seed: int) -> float:
    """Return for how many seconds nobody is the primary, after a crash that comes a
    little later for each seed.
    """
    crash = 0.5 + seed / 400
    nodes = pair(WRITERS, **_timed(wait))
    trace = Cluster(nodes, seed=seed, faults=[Crash("a", at=crash)]).run(until=END)
    return trace.facts(Elected, node="b")[0].time - crash


def replaced(wait: float, seed: int) -> bool:
    """Say whether somebody is replaced within 5 s, although nobody crashes; a message
    takes 50 ms on average.
    """
    network = Network(latency=Exponential(0.05))
    nodes = pair((), **_timed(wait))
    trace = Cluster(nodes, network=network, seed=seed).run(until=5)
    return len(trace.facts(Elected)) > 1


# Who decides --------------------------------------------------------------------------

DECIDES: dict[str, type[Peer]] = {"alone": TakesOverAlone, "witness": Peer}
DECIDED = Choice({"alone": "the standby alone", "witness": "a witness"}, "Who decides")
HAPPENS: dict[str, tuple[Any, ...]] = {
    "crash": (Crash("a", at=0.7), Recover("a", at=2.2)),
    "standby": (Partition((("b", "c2"),), at=0.7), Heal(at=2.2)),
    "primary": (Partition((("a", "c1"),), at=0.7), Heal(at=2.2)),
    "witness": (Crash("w", at=0.7), Recover("w", at=2.2)),
}


@cache
def decided(decides: str = "alone", happens: str = "standby") -> Trace:
    """Run a pair in which the standby decides for itself, or a witness does."""
    nodes = pair(WRITERS, peer=DECIDES[decides])
    return Cluster(nodes, faults=HAPPENS[happens], seed=7).run(until=END)


def takeovers(
    decides: Annotated[
        str,
        DECIDED,
    ] = "alone",
    happens: Annotated[
        str,
        Choice(
            {
                "crash": "a crashes",
                "standby": "b is cut off, with c2",
                "primary": "a is cut off, with c1",
                "witness": "the witness crashes",
            },
            "From 0.7 s to 2.2 s",
        ),
    ] = "standby",
) -> Picture:
    """Draw a run of a pair in which somebody crashes or is cut off.

    Parameters
    ----------
    decides : str
        Who decides on a takeover, a key of `DECIDES`.
    happens : str
        What goes wrong, a key of `HAPPENS`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_2_primary_standby``.
    """
    trace = decided(decides, happens)
    gone = len(lost(trace))
    waits = ", ".join(f"{client} {gap(trace, client):.1f} s" for client in ("c1", "c2"))
    title = (
        f"Two primaries: {gone} answered writes are lost."
        if gone
        else "One primary at a time, and nothing is lost."
        if _one_at_a_time(acting(trace))
        else "Two primaries, and nothing is lost."
    )
    return who_acts(trace, title, f"The longest wait for an answer: {waits}.")


def _one_at_a_time(periods: Iterable[tuple[str, int, float, float]]) -> bool:
    ends = 0.0
    for _, _, since, until in periods:
        if since < ends:
            return False
        ends = until
    return True


# By hand ------------------------------------------------------------------------------

BEAT, FROM, TOUCHED, UNTIL = 0.2, 0.3, 0.5, 1.3


def _beating(decides: str, faults: Schedule) -> Cluster:
    """Run a pair that nobody asks anything, with so few heartbeats that the silence of
    one is too long.
    """
    nodes = pair((), peer=partial(DECIDES[decides], beat=BEAT))
    cluster = Cluster(nodes, faults=faults, seed=7)
    cluster.run(until=UNTIL)
    return cluster


def _touched(event: Event) -> bool:
    return FROM < event.time < TOUCHED and event.kind in ("timer", "deliver", "send")


HANDS = Faults(
    ("lose", "crash"),
    maximum=3,
    challenge=Challenge(
        "have two primaries at once",
        2,
        _beating,
        breaks(one_at_a_time),
        "The witness grants b nothing before a's lease has ended, and a, whose own"
        " clock says so earlier, has stepped down.",
    ),
    at=_touched,
)


def two_at_once(
    decides: Annotated[str, DECIDED] = "alone",
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw a second of a pair, whatever goes wrong with its heartbeats.

    Parameters
    ----------
    decides : str
        Who decides on a takeover, a key of `DECIDES`.
    faults : Schedule
        What goes wrong.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_2_primary_standby``.
    """
    cluster = _beating(decides, faults)
    trace = cluster.trace
    first = trace.facts(Elected)[0].index
    findings = judge(trace, [one_at_a_time])
    return spacetime(
        trace[first:],
        nodes=("a", "b", "w"),
        look=PAIR_LOOK,
        findings=findings,
        title=_primaries(trace, all(findings)),
        description="The primary says every 0.2 s that it is there. After 0.35 s of"
        " silence it is suspected.",
        hands=HANDS.on(cluster),
    )


def _primaries(trace: Trace, one: bool) -> str:
    terms = [
        (f"{node} of epoch {epoch}", until) for node, epoch, _, until in acting(trace)
    ]
    named = [words for words, _ in terms]
    if not one:
        return f"Two primaries at once: {' and '.join(named[-2:])}."
    if terms[-1][1] < END:
        named.append("nobody")
    return f"One primary at a time: {', then '.join(named)}."


# A primary that is paused -------------------------------------------------------------


@cache
def paused(at: float = 0.9, lasts: float = 0.9, fenced: bool = False) -> Trace:
    """Run a pair whose primary acts on a resource, and is paused."""
    nodes = pair(WRITERS, fenced=fenced)
    faults = [Slow("a", by=lasts, at=at, until=at + 0.01)] if lasts else []
    return Cluster(nodes, faults=faults, seed=7).run(until=END)


def pauses(
    at: Annotated[
        float,
        Choice(
            {0.82: "its timer", 0.88: "a request", 0.9: "b's acknowledgement"},
            "a is paused just before it handles",
        ),
    ] = 0.9,
    lasts: Annotated[
        float, Range((0.0, 0.3, 0.6, 0.9, 1.2), "The pause lasts", unit="s")
    ] = 0.9,
    fenced: Annotated[bool, Toggle("The resource looks at the epoch")] = False,
) -> Picture:
    """Draw what becomes of a primary that is paused.

    Parameters
    ----------
    at, lasts : float
        When, and for how long, in seconds.
    fenced : bool
        Whether the resource on which it acts refuses an older epoch.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_1_2_primary_standby``.
    """
    trace = paused(at, lasts, fenced)
    late = [how for _, _, how in done(trace)]
    title = (
        "r does something for epoch 1 after it has for epoch 2."
        if "late" in late
        else "r refuses what comes too late."
        if "refused" in late
        else "Nothing comes too late."
    )
    return who_acts(trace, title)
