"""Which of the three forced writes of Raft are needed: the reader leaves some out, and
one server crashes.
"""

from typing import Annotated

from ftlib.consensus.raft_forces import FORCES
from ftlib.consensus.raft_forces_worlds import CRASHES, EIGHT, forcing
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.figures.controls import Choice, Toggle
from ftlib.services import Recovered, Request
from ftlib.simulation import Cluster, judge, play

__all__ = ["forces"]

MOMENTS = {
    "sending": "before the leader sends the entry",
    "counting": "before the leader counts itself",
    "replying": "before a follower replies",
}


def forces(
    sending: Annotated[bool, Toggle("The leader forces before it sends")] = False,
    counting: Annotated[
        bool, Toggle("The leader forces before it counts itself")
    ] = False,
    replying: Annotated[bool, Toggle("A follower forces before it replies")] = True,
    crash: Annotated[
        str, Choice({"leader": "s1, the leader", "follower": "s2"}, "Who crashes")
    ] = "leader",
) -> Picture:
    """Draw an entry that is committed, and the crash of one who has it; then s3, which
    lacks it, asks him for his vote.

    Parameters
    ----------
    sending, counting, replying : bool
        Which of the three forces are kept.
    crash : {"leader", "follower"}
        Who crashes.

    Returns
    -------
    Picture
        Its description says whether another crash could lose the entry.

    Notes
    -----
    Explained in ``chapters/7_3_3_raft_log``.
    """
    given = zip(FORCES, (sending, counting, replying), strict=True)
    kept = tuple(moment for moment, yes in given if yes)
    trace = play(Cluster(forcing(kept)), CRASHES[crash])
    lost = any(found.verdict == "violated" for found in judge(trace, PROPERTIES))
    first = next(
        event.index
        for event in trace.where(kind="deliver")
        if isinstance(event.what, Request)
    )
    who = {"leader": "s1", "follower": "s2"}[crash]
    if lost:
        title = f"{who} has forgotten the entry: s3 leads without it, and it is lost."
    else:
        title = f"{who} still has the entry, and does not vote for s3: nothing is lost."
    losing = EIGHT[kept]
    said = " and ".join(MOMENTS[moment] for moment in kept) or "never"
    verdict = (
        f"An entry can be lost by the crash of {' or of '.join(map(_one, losing))}."
        if losing
        else "No crash of one server loses a committed entry."
    )
    return spacetime(
        trace[first:],
        nodes=("s1", "s2", "s3"),
        hide=(Recovered,),
        look=RAFT_LOOK,
        title=title,
        description=f"Forced {said}. {verdict}",
    )


def _one(who: str) -> str:
    return "the leader" if who == "leader" else "a follower"
