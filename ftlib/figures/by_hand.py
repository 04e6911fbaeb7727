"""A transfer that the reader breaks by hand, and one that nobody can break."""

from functools import partial
from typing import Annotated

from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.figures.challenge import Challenge, breaks
from ftlib.figures.controls import NO_FAULTS, Choice, Faults
from ftlib.simulation import Cluster, Schedule, Trace, judge
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    Decided,
    agreement,
    conserved,
)
from ftlib.transactions.bank import bank
from ftlib.transactions.mutants import AbortsInDoubt
from ftlib.transactions.two_phase import Coordinator, Participant

__all__ = ["break_transfer"]

IN_DOUBT = Choice(
    {"gives up": "gives up", "asks": "waits and asks"}, "A branch in doubt"
)
BRANCHES = ("p1", "p2")
END = 0.3


def _transfer(in_doubt: str, faults: Schedule) -> Cluster:
    branch = AbortsInDoubt if in_doubt == "gives up" else Participant
    nodes = bank(
        "yy",
        coordinator=partial(Coordinator, vote_timeout=0.05, resend=0.15),
        participant=partial(branch, patience=0.1),
    )
    cluster = Cluster(nodes, faults=faults)
    cluster.run(until=END)
    return cluster


HANDS = Faults(
    ("lose", "hold", "crash", "recover"),
    maximum=3,
    challenge=Challenge(
        "make the two branches disagree",
        2,
        _transfer,
        breaks(agreement),
        "Only the coordinator decides, and a branch that has voted yes waits until it"
        " hears what.",
    ),
)


def break_transfer(
    in_doubt: Annotated[str, IN_DOUBT] = "gives up",
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw a transfer between two branches, with whatever goes wrong with it.

    Parameters
    ----------
    in_doubt : str
        What a branch does that has voted yes and does not hear the decision in time.
    faults : Schedule
        What goes wrong.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_3_1_two_phase_commit``.
    """
    cluster = _transfer(in_doubt, faults)
    trace = cluster.trace
    findings = judge(trace, (agreement, conserved))
    return spacetime(
        trace,
        look=COMMIT_LOOK,
        findings=findings,
        title=_title(trace, not all(findings)),
        row=17,
        hands=HANDS.on(cluster),
    )


def _title(trace: Trace, broken: bool) -> str:
    outcomes = {event.node: event.what.outcome for event in trace.facts(Decided)}
    told = [outcomes.get(branch) for branch in BRANCHES]
    match told:
        case _ if broken and told == [COMMIT, ABORT]:
            return "Broken: p1 has paid 30, and p2 has not got them."
        case _ if broken and told == [ABORT, COMMIT]:
            return "Broken: p2 has got 30 that nobody has paid."
        case _ if broken:
            return "Broken: the money does not add up."
        case [outcome, same] if outcome == same == COMMIT:
            return "Both branches commit: 30 have moved."
        case [outcome, same] if outcome == same == ABORT:
            return "Both branches abort: nothing has moved."
    unsure = [
        branch
        for branch, outcome in zip(BRANCHES, told, strict=True)
        if outcome is None
    ]
    do = "do" if len(unsure) > 1 else "does"
    return f"{' and '.join(unsure)} {do} not know the outcome: nothing is lost so far."
