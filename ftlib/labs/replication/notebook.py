"""What the notebook of the lab on replication calls: its visible checks, a run to look
at, and a prediction to seal.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from ftlib.drawing import Picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.runs import Nodes, drawn, run, schedule
from ftlib.labs.check import asked_of, own
from ftlib.labs.prediction import seal
from ftlib.labs.replication import FORBIDDEN, Rules
from ftlib.labs.replication.hand import Hand
from ftlib.labs.replication.whole import CHECKS, bill
from ftlib.labs.replication.worlds import LOOK, Names, nodes, properties
from ftlib.labs.script import Script

__all__ = ["check", "draw", "predicted"]

SEED = 7  # the public one


def check(name: str, rules: Rules, replica: Any = None, keeper: Any = None) -> Answer:
    """Try what a student has written, in the student's own kernel, with the public
    seed.

    Parameters
    ----------
    name : str
        Of the check: "keeps", "places", "counts", "reads", "recovers", "survives" or
        "costs".
    rules : Rules
    replica, keeper : type
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
            own(replica, "MyReplica", FORBIDDEN),
            own(keeper, "MyKeeper", FORBIDDEN),
            rules,
            SEED,
        ),
    )


def _known(rules: Rules) -> Names:
    return Names(
        "hub",
        "ann",
        "bob",
        ("red1", "blue1", "blue2", "green1"),
        ("red", "blue", "green"),
        "album 1",
        "song 1",
        f"{rules.lazy} 1",
    )


def draw(
    rules: Rules,
    replica: Any,
    keeper: Any,
    faults: Iterable[Any] = (),
    *,
    asks: Iterable[tuple[float, Any]] = (),
    places: Iterable[str] = ("red1", "blue1", "blue2", "green1"),
    until: float = 5.0,
) -> Picture:
    """Draw a run of the keeper, "hub" in the red rack, with the replicas "red1",
    "blue1", "blue2" and "green1".

    Parameters
    ----------
    rules : Rules
    replica, keeper : type
        The classes.
    faults : iterable of faults
        Such as ``[Crash("hub", at=0.1), Recover("hub", at=1)]``.
    asks : iterable of (seconds, message)
        What the client, "ann", asks when.
    places : iterable of str
        Which of the replicas take part.
    until : float
        In seconds.
    """
    names, kept = _known(rules), ("hub", *places)
    where = tuple(place for place in names.places if place[0] in kept)
    lines = tuple((float(at), "hub", message) for at, message in asks)
    cast: Nodes = {
        names.client: partial(Script, lines),
        **nodes(names, where, keeper, replica),
    }
    trace = run(cast, schedule(faults, "faults"), until=until)
    return drawn(trace, properties("hub", where, rules), look=LOOK)


@judging
def predicted(
    prediction: str, sealed: str, rules: Rules, replica: Any, keeper: Any
) -> Answer:
    """Compare a sealed prediction with the run that it is about: two writes of an
    eager key, three of a lazy one at once, and a read.

    Refused are a prediction that is not sealed, and a seal of another one. The
    prediction itself may be wrong: what counts is that it was made.
    """
    if not prediction:
        return not_attempted("Write your prediction, as text, and seal it.")
    if sealed != seal(prediction, rules.code):
        raise Wrong("SEAL is not the seal of PREDICTION: seal it, and paste the seal.")
    names = _known(rules)
    lines, _ = bill(rules, names)
    cast: Nodes = {
        names.client: partial(Script, lines),
        **nodes(names, names.places, keeper, replica),
    }
    trace = run(cast, until=8.0)
    counts = ", ".join(f"{count} {name}" for name, count in trace.counts().items())
    forces = len(trace.where(kind="force"))
    told = f"You predicted: {prediction}. It takes {counts} and {forces} forced writes."
    asked = properties("hub", names.places, rules)
    return Answer("right", told, "", drawn(trace, asked, look=LOOK))
