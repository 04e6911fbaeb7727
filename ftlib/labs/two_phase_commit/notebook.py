"""What the notebook of the lab on atomic commit calls: its visible checks, a run to
look at, and a prediction to seal.
"""

from collections.abc import Iterable
from typing import Any

from ftlib.drawing import Picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.runs import drawn, run, schedule
from ftlib.labs.check import asked_of, own
from ftlib.labs.prediction import seal
from ftlib.labs.two_phase_commit import FORBIDDEN, Rules
from ftlib.labs.two_phase_commit.hand import Hand
from ftlib.labs.two_phase_commit.whole import CHECKS
from ftlib.labs.two_phase_commit.worlds import LOOK, PROPERTIES, Names, nodes

__all__ = ["check", "draw", "predicted"]

SEED = 7  # the public one


def check(
    name: str, rules: Rules, participant: Any = None, coordinator: Any = None
) -> Answer:
    """Try what a student has written, in the student's own kernel, with the public
    seed.

    Parameters
    ----------
    name : str
        Of the check: "votes", "decides", "learns", "recovers", "agrees", "forgets" or
        "costs".
    rules : Rules
    participant, coordinator : type
        The classes.

    Raises
    ------
    ValueError
        If there is no such check.
    """
    return asked_of(
        CHECKS,
        name,
        lambda: Hand(
            own(participant, "MyParticipant", FORBIDDEN),
            own(coordinator, "MyCoordinator", FORBIDDEN),
            rules,
            SEED,
        ),
    )


def draw(
    rules: Rules,
    participant: Any,
    coordinator: Any,
    faults: Iterable[Any] = (),
    *,
    reads: Iterable[str] = (),
    refuses: Iterable[str] = (),
    until: float = 5.0,
) -> Picture:
    """Draw a run of a coordinator, "hub", with the participants "oslo", "lima" and
    "pune".

    Parameters
    ----------
    rules : Rules
    participant, coordinator : type
        The classes.
    faults : iterable of faults
        Such as ``[Crash("hub", at=0.1), Recover("hub", at=1)]``.
    reads, refuses : iterable of str
        Who only reads, and who votes no.
    until : float
        In seconds.
    """
    names = Names("hub", ("oslo", "lima", "pune"), "t1", "t2")
    work = names.work(readers=reads)
    cast = nodes(names, work, coordinator, participant, unwilling=refuses)
    trace = run(cast, schedule(faults, "faults"), until=until)
    return drawn(trace, PROPERTIES, look=LOOK)


@judging
def predicted(
    prediction: str, sealed: str, rules: Rules, participant: Any, coordinator: Any
) -> Answer:
    """Compare a sealed prediction with the run that it is about: a transaction of
    three, of whom "lima" only reads and "pune" refuses.

    Refused are a prediction that is not sealed, and a seal of another one. The
    prediction itself may be wrong: what counts is that it was made.
    """
    if not prediction:
        return not_attempted("Write your prediction, as text, and seal it.")
    if sealed != seal(prediction, rules.code):
        raise Wrong("SEAL is not the seal of PREDICTION: seal it, and paste the seal.")
    names = Names("hub", ("oslo", "lima", "pune"), "t1", "t2")
    work = names.work(readers=["lima"])
    cast = nodes(names, work, coordinator, participant, unwilling=["pune"])
    trace = run(cast, until=5.0)
    counts = ", ".join(f"{count} {name}" for name, count in trace.counts().items())
    forces = len(trace.where(kind="force"))
    told = f"You predicted: {prediction}. It takes {counts} and {forces} forced writes."
    return Answer("right", told, "", drawn(trace, PROPERTIES, look=LOOK))
