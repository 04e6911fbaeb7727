"""The figure of the book's first page: one crash, and what a write to disk is worth."""

from functools import partial
from typing import Annotated

from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.figures.controls import Toggle
from ftlib.simulation import Cluster, Crash, Point, Recover, judge
from ftlib.transactions.atomic_commit import agreement, conserved
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.mutants import SendsBeforeForcing
from ftlib.transactions.two_phase import Coordinator, Participant

__all__ = ["lost_transfer"]


def lost_transfer(
    write_first: Annotated[bool, Toggle("Write it down first")] = False,
) -> Picture:
    """Draw a transfer whose coordinator decides to commit, does one thing about it, and
    crashes.

    Parameters
    ----------
    write_first : bool
        What that one thing is: force the decision to disk, or tell the first
        participant.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/4_3_1_two_phase_commit``.
    """
    moment = (
        Point(COORDINATOR, "force", nth=2)
        if write_first
        else Point(COORDINATOR, "send", "Decision")
    )
    faults = [
        Crash(COORDINATOR, at=moment),
        Recover(COORDINATOR, at=Point(COORDINATOR, "crash", later=0.03)),
    ]
    nodes = bank(
        "yy",
        coordinator=Coordinator if write_first else SendsBeforeForcing,
        participant=partial(Participant, patience=0.07),
    )
    trace = Cluster(nodes, faults=faults).run()
    whole = all(judge(trace, (agreement, conserved)))
    title = (
        "Both branches commit: 30 have moved."
        if whole
        else "One branch commits: 30 are lost."
    )
    return spacetime(trace, look=COMMIT_LOOK, title=title, row=17).still()
