"""What the notebook of the lab on failure detection calls: its visible checks, a run to
look at, and a prediction to seal.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from ftlib.drawing import Picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.runs import Nodes, drawn, run, schedule
from ftlib.labs.check import asked_of, own
from ftlib.labs.failure_detection import FORBIDDEN, Rules, Suspected
from ftlib.labs.failure_detection.chances import Numbers
from ftlib.labs.failure_detection.hand import Hand
from ftlib.labs.failure_detection.whole import CHECKS
from ftlib.labs.failure_detection.worlds import LOOK
from ftlib.labs.prediction import seal
from ftlib.simulation import Crash

__all__ = ["check", "draw", "predicted"]

SEED = 7  # the public one
MEMBERS = ("oslo", "lima", "pune", "bonn")
ROUNDS, NUMBERS = 5, (2, 3, 5)  # of the prediction


def check(name: str, rules: Rules, member: Any = None, watcher: Any = None) -> Answer:
    """Try what a student has written, in the student's own kernel, with the public
    seed.

    Parameters
    ----------
    name : str
        Of the check: "helps", "asks", "window", "late", "deaf", "restarts", "tuned" or
        "holds".
    rules : Rules
    member, watcher : type
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
            own(member, "MyMember", FORBIDDEN),
            own(watcher, "MyWatcher", FORBIDDEN),
            rules,
            SEED,
        ),
    )


def _cast(member: Any, watcher: Any, numbers: Numbers, count: int) -> Nodes:
    group = MEMBERS[:count]
    return {"tower": partial(watcher, group, numbers), **dict.fromkeys(group, member)}


def draw(
    rules: Rules,
    member: Any,
    watcher: Any,
    faults: Iterable[Any] = (),
    *,
    numbers: Numbers = (1, 2, 3),
    rounds: float = 3,
) -> Picture:
    """Draw a run of a watcher, "tower", and the members "oslo", "lima" and "pune".

    Parameters
    ----------
    rules : Rules
    member, watcher : type
        The classes.
    faults : iterable of faults
        Such as ``[Crash("lima", at=0.5), Cut("tower", "oslo")]``.
    numbers : (helpers, limit, window)
    rounds : float
        After how many to stop.
    """
    cast = _cast(member, watcher, numbers, 3)
    until = rounds * rules.period + 0.05
    trace = run(cast, schedule(faults, "faults"), until=until)
    said = [event.what.member for event in trace.facts(Suspected)]
    title = f"Suspected: {', '.join(said)}." if said else "Nobody is suspected."
    return drawn(trace, look=LOOK, title=title)


@judging
def predicted(
    prediction: str, sealed: str, rules: Rules, member: Any, watcher: Any
) -> Answer:
    """Compare a sealed prediction with the run that it is about: four members, of whom
    "oslo" is dead from the start.

    Refused are a prediction that is not sealed, and a seal of another one. The
    prediction itself may be wrong: what counts is that it was made.
    """
    if not prediction:
        return not_attempted("Write your prediction, as text, and seal it.")
    if sealed != seal(prediction, rules.code):
        raise Wrong("SEAL is not the seal of PREDICTION: seal it, and paste the seal.")
    trace = run(
        _cast(member, watcher, NUMBERS, 4),
        [Crash("oslo", at=0)],
        until=(ROUNDS - 0.1) * rules.period,
    )
    counts = ", ".join(f"{count} {name}" for name, count in trace.counts().items())
    when = [f"{event.time:g} s" for event in trace.facts(Suspected)]
    told = f"suspected after {when[0]}" if when else "never suspected"
    return Answer(
        "right",
        f"You predicted: {prediction}. In {ROUNDS} rounds it takes {counts}, and oslo"
        f" is {told}.",
        "",
        drawn(trace, look=LOOK),
    )
