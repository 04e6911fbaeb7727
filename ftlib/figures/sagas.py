"""A trip of chapter 3.3 that is turned back, while the reader loses, doubles and holds
back its messages: with firms that know what they have booked, and with others.
"""

from typing import Annotated

from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.transactions import SAGA_LOOK
from ftlib.figures.challenge import Challenge, breaks
from ftlib.figures.controls import NO_FAULTS, Choice, Faults
from ftlib.simulation import Cluster, Schedule, judge
from ftlib.transactions.saga import Participant, trip
from ftlib.transactions.saga_mutants import ExecutesTwice
from ftlib.transactions.saga_properties import (
    PROPERTIES,
    Compensated,
    Done,
    at_most_once,
)

__all__ = ["asked_twice"]

SEATS = 5
END = 1.0
FIRMS = {"again": ExecutesTwice, "remembers": Participant}
TIMES = ("never", "once", "twice", "three times", "four times")


def _trip(firms: str, faults: Schedule) -> Cluster:
    """A trip whose hotel is full."""
    nodes = trip("yn", participant=FIRMS[firms], places=SEATS)
    cluster = Cluster(nodes, faults=faults)
    cluster.run(until=END)
    return cluster


HANDS = Faults(
    ("lose", "double", "hold"),
    maximum=3,
    challenge=Challenge(
        "have the flight booked twice",
        2,
        _trip,
        breaks(at_most_once),
        "A Book names its trip and its step, and the airline keeps what became of each:"
        " it knows a Book that it has seen, and only answers once more.",
    ),
)


def asked_twice(
    firms: Annotated[
        str,
        Choice(
            {"again": "books again", "remembers": "answers as before"},
            "A firm that is asked again",
        ),
    ] = "again",
    faults: Annotated[Schedule, HANDS] = NO_FAULTS,
) -> Picture:
    """Draw a trip that is turned back, with whatever becomes of its messages.

    Parameters
    ----------
    firms : {"again", "remembers"}
        What a firm does when it is asked again for what it has booked.
    faults : Schedule
        Which messages are lost, doubled or held back.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/3_3_distributed_transactions``.
    """
    cluster = _trip(firms, faults)
    trace = cluster.trace
    findings = judge(trace, PROPERTIES)
    booked, returned = (len(trace.facts(fact)) for fact in (Done, Compensated))
    free = SEATS - booked + returned
    return spacetime(
        trace,
        look=SAGA_LOOK,
        findings=findings,
        title=f"{'Turned back' if all(findings) else 'Broken'}: the flight is"
        + (
            f" booked {TIMES[booked]}, and given back {TIMES[returned]}."
            if booked
            else " never booked."
        ),
        description=f"All {SEATS} seats are free in the end."
        if free == SEATS
        else f"{free} of {SEATS} seats are free in the end, though nobody flies.",
        row=52,
        hands=HANDS.on(cluster),
    )
