"""The figure of chapter 5.2 on a takeover: where the seconds go in which nobody is
served.
"""

from dataclasses import astuple, dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Annotated

from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import flow, line, short, text
from ftlib.figures.controls import Choice, Range
from ftlib.replication.n_plus_one import n_plus_one
from ftlib.replication.pair import pair
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_standby import Peer
from ftlib.replication.witness import Witness
from ftlib.services import Client, Elected, Request
from ftlib.simulation import Cluster, Constant, Crash, Network, Point, Trace

__all__ = ["TIME_OUTS", "Outage", "outage", "seconds_down", "taken_over_by"]

TIME_OUTS = (0.15, 0.25, 0.35, 0.5, 0.8)
"""Seconds of silence after which a primary is suspected."""


@dataclass(frozen=True, slots=True)
class Outage:
    """For how long a client was not served after a crash, in seconds.

    Attributes
    ----------
    noticing : float
        Until somebody suspects the primary who takes over in the end.
    deciding : float
        Until it is the primary.
    finding : float
        Until the request that is answered reaches it.
    answering : float
        Until the client has the answer: disks, copies and the way back.
    """

    noticing: float
    deciding: float
    finding: float
    answering: float

    @property
    def total(self) -> float:
        """How long the client has waited."""
        return round(sum(astuple(self)), 6)


def outage(trace: Trace) -> Outage:
    """Account for the time from the first crash of a run to the next answer.

    Raises
    ------
    ValueError
        If nothing crashes, or nobody is answered after it.
    """
    crash = _first(trace.where(kind="crash"), 0.0, "crash")
    answer = _first(trace.where(kind="return"), crash, "answer")
    elected = [e for e in trace.facts(Elected) if crash < e.time <= answer][-1]
    timers = trace.where(kind="timer", node=elected.node)
    silent = [e for e in timers if str(e.other).startswith(("silent", "takeover"))]
    suspected = _first(silent, crash, "suspicion")
    requests = trace.where(kind="deliver", node=elected.node)
    came = [e.time for e in requests if isinstance(e.what, Request)]
    found = max(time for time in (elected.time, *came) if time <= answer)
    moments = crash, suspected, elected.time, found, answer
    return Outage(*(round(b - a, 6) for a, b in pairwise(moments)))


def _first(events: object, after: float, what: str) -> float:
    for event in events:  # type: ignore[attr-defined]
        if event.time >= after:
            return float(event.time)
    raise ValueError(f"no {what} after {after:g} s: give a run in which there is one")


OPERATIONS = (tuple(("put", "x", value) for value in range(8)),)


@cache
def taken_over_by(
    who: str = "lease", wait: float = 0.35, longest: float = 0.4
) -> Trace:
    """Run a service whose primary crashes as it takes up a client's fifth request.

    Parameters
    ----------
    who : {"lease", "short", "majority"}
        A pair and a witness whose lease is 0.6 s long, or 0.25 s longer than the
        time-out; or a majority of three.
    wait : float
        After how many seconds of silence a primary is suspected; by the three, up to
        0.15 s later.
    longest : float
        For how many seconds the client waits at most before it asks again.
    """
    if who == "majority":
        first, member = "r1", partial(Replica, patience=(wait, wait + 0.15))
        nodes = n_plus_one(OPERATIONS, member=member, longest=longest)
    else:
        lease = 0.5 if who == "lease" else wait + 0.15
        first = "a"
        nodes = pair(
            OPERATIONS,
            peer=partial(Peer, wait=wait, lease=lease),
            witness=partial(Witness, lease=lease + 0.1),
            client=Client,
            longest=longest,
        )
    faults = [Crash(first, at=Point(first, "deliver", "Request", nth=5))]
    network = Network(latency=Constant(0.01))
    cluster = Cluster(nodes, network=network, faults=faults, seed=7, disk_latency=0.02)
    return cluster.run(until=3.0)


WIDTH, LEFT, RIGHT, ROW, TOP = 430.0, 52.0, 380.0, 40.0, 34.0
LONGEST = 1.6  # seconds
PARTS = {
    "noticing": ("orange", "the silence is not suspected"),
    "deciding": ("purple", "who may be the primary"),
    "finding": ("sky", "the client has not asked it"),
    "answering": ("ink", "disks, copies, answer"),
}


def seconds_down(
    who: Annotated[
        str,
        Choice(
            {
                "lease": "a witness, lease 0.6 s",
                "short": "a witness, short lease",
                "majority": "a majority of three",
            },
            "Who decides",
        ),
    ] = "lease",
    longest: Annotated[
        float,
        Range((0.1, 0.4, 0.8), "The client asks again after at most", unit="s"),
    ] = 0.4,
) -> Picture:
    """Draw where the time of an outage goes, for several time-outs.

    Parameters
    ----------
    who : str
        Who decides on the next primary, as for `taken_over_by`.
    longest : float
        For how many seconds the client waits at most before it asks again.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/5_2_adaptive_recovery``.
    """

    def x(seconds: float) -> float:
        return LEFT + (RIGHT - LEFT) * seconds / LONGEST

    parts = [text(6, 14, "time-out", "muted", "start", 13)]
    low = TOP + ROW * len(TIME_OUTS)
    for tick in range(5):
        at = x(0.4 * tick)
        parts.append(line(at, 22, at, low, "line", 1))
        parts.append(text(at, low + 16, f"{0.4 * tick:g}", "muted", size=13))
    said = "seconds after the crash"
    parts.append(text(x(0.8), low + 34, said, "muted", size=13))
    story, totals = [], []
    for row, wait in enumerate(TIME_OUTS):
        y = TOP + ROW * row
        found = outage(taken_over_by(who, wait, longest))
        parts.append(text(LEFT - 8, y + 17, f"{wait:g} s", "ink", "end"))
        since = 0.0
        for (ink, _), seconds in zip(PARTS.values(), astuple(found), strict=True):
            parts.append(_piece(x(since), x(since + seconds), y, ink))
            since += seconds
        parts.append(text(x(since) + 6, y + 17, f"{since:.2f}", "ink", "start"))
        totals.append(found.total)
        told = ", ".join(
            f"{words} {seconds:.2f} s"
            for (_, words), seconds in zip(PARTS.values(), astuple(found), strict=True)
        )
        story.append(f"Time-out {wait:g} s: {told}; together {since:.2f} s.")
    legend, bottom = flow(
        [
            (26.0, _piece(-8, 8, -7, ink, 14), name, "muted")
            for ink, name in PARTS.values()
        ],
        low + 62,
        WIDTH,
    )
    parts.append(legend)
    gained = totals[2] - totals[0]
    longer = "as long" if abs(gained) < 0.005 else f"{gained:.2f} s longer"
    return Picture(
        "".join(parts),
        WIDTH,
        bottom,
        f"With 0.35 s instead of 0.15 s as the time-out, the client waits {longer}.",
        "The client waits for so long; each bar adds up to that.",
        tuple(story),
    )


def _piece(x1: float, x2: float, y: float, ink: str, high: float = 24) -> str:
    if x2 <= x1:
        return ""
    dash = {"orange": "", "purple": "6 3", "ink": "", "sky": "2 2"}[ink]
    faint = {"orange": ".75", "purple": ".25", "ink": "1", "sky": ".1"}[ink]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<rect x="{short(x1)}" y="{short(y)}" width="{short(max(x2 - x1, 1.0))}"'
        f' height="{high:g}" fill="{colour(ink)}" fill-opacity="{faint}"'
        f' stroke="{colour(ink)}" stroke-width="1.4"{dashes}/>'
    )
