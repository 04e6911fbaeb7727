"""Which of the three forced writes of Raft are needed: the reader leaves some out, and
makes the servers crash.
"""

from functools import partial
from typing import Annotated

from ftlib.consensus import raft_servers
from ftlib.consensus.raft_forces import FORCES, Forcing
from ftlib.consensus.raft_forces_worlds import EIGHT
from ftlib.consensus.raft_messages import Committed
from ftlib.consensus.raft_properties import leader_completeness
from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.figures.challenge import Challenge, breaks
from ftlib.figures.controls import NO_FAULTS, Faults, Toggle
from ftlib.services import Elected, Granted
from ftlib.simulation import Cluster, Event, Lose, Schedule, Trace, judge

__all__ = ["forces"]

MOMENTS = {
    "sending": "before the leader sends the entry",
    "counting": "before the leader counts itself",
    "replying": "before a follower replies",
}
WAITS = {"s1": 0.11, "s2": 0.9, "s3": 0.15}  # seconds, so that s1 leads, and s3 asks
FROM, ASKED, END = 0.175, 0.275, 0.45  # seconds: the request, s3's question, the end
LOST = Schedule(Lose("AppendEntries", "s1", "s3", nth=number) for number in range(1, 8))
"""s3 hears of no entry, and of no leader."""


def _run(sending: bool, counting: bool, replying: bool, faults: Schedule) -> Cluster:
    kept = _kept(sending, counting, replying)
    nodes = raft_servers([[("put", "x", 1)]], patience=0.15)
    for name, wait in WAITS.items():
        waits = 0.1, (wait, wait)
        nodes[name] = partial(Forcing, tuple(WAITS), *waits, before=kept)
    cluster = Cluster(nodes, faults=Schedule((*LOST, *faults)))
    cluster.run(until=END)
    return cluster


def _kept(*given: bool) -> tuple[str, ...]:
    return tuple(moment for moment, yes in zip(FORCES, given, strict=True) if yes)


def _touched(event: Event) -> bool:
    return (
        FROM < event.time < ASKED
        and event.node in ("s1", "s2")
        and event.kind in ("send", "deliver", "crash")
    )


HANDS = Faults(
    ("crash", "recover"),
    maximum=2,
    challenge=Challenge(
        "lose the committed entry",
        2,
        _run,
        breaks(leader_completeness),
        "When the entry is committed, s1 and s2 have it on disk; s3 needs the vote of"
        " one of them, and both refuse.",
    ),
    at=_touched,
)


def forces(
    sending: Annotated[bool, Toggle("The leader forces before it sends")] = False,
    counting: Annotated[
        bool, Toggle("The leader forces before it counts itself")
    ] = False,
    replying: Annotated[bool, Toggle("A follower forces before it replies")] = True,
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw an entry that is committed, and s3, which lacks it and asks for votes; and
    who crashes in between.

    Parameters
    ----------
    sending, counting, replying : bool
        Which of the three forces are kept.
    faults : Schedule
        Who crashes, and who comes back.

    Returns
    -------
    Picture
        Its description says whether a crash can lose the entry.

    Notes
    -----
    Explained in ``chapters/7_3_3_raft_log``.
    """
    cluster = _run(sending, counting, replying, faults)
    trace = cluster.trace
    first = next(event.index for event in trace if event.time > FROM)
    findings = judge(trace, [leader_completeness])
    kept = _kept(sending, counting, replying)
    losing = EIGHT[kept]
    said = " and ".join(MOMENTS[moment] for moment in kept) or "never"
    verdict = (
        f"An entry can be lost by the crash of {' or of '.join(map(_one, losing))}."
        if losing
        else "No crash of one server loses a committed entry."
    )
    return spacetime(
        trace[first:],
        nodes=tuple(WAITS),
        look=RAFT_LOOK,
        findings=findings,
        title=_title(trace, not all(findings)),
        description=f"Forced {said}. {verdict}",
        hands=HANDS.on(cluster, LOST),
    )


def _title(trace: Trace, broken: bool) -> str:
    voters = {
        event.node
        for event in trace.facts(Granted)
        if event.what.to == "s3" != event.node
    }
    if broken:
        who, have = " and ".join(sorted(voters)), "has" if len(voters) == 1 else "have"
        return f"{who} {have} forgotten the entry: s3 leads without it, and it is lost."
    if trace.facts(Elected, node="s3"):
        return "s3 leads, and nothing is lost: the entry was not committed."
    if not trace.facts(Committed):
        return "The entry is not committed, and s3 is not elected."
    return "s1 or s2 still has the entry, and s3 is not elected: nothing is lost."


def _one(who: str) -> str:
    return "the leader" if who == "leader" else "a follower"
