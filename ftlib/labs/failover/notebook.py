"""What the notebook of the lab on failover calls: its visible checks, a run to look at,
and a prediction to seal.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from ftlib.drawing import Picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.runs import Nodes, drawn, run, schedule
from ftlib.labs.check import asked_of, own
from ftlib.labs.failover import FORBIDDEN, Rules
from ftlib.labs.failover.hand import Hand, acted
from ftlib.labs.failover.whole import CHECKS
from ftlib.labs.failover.worlds import LOOK, ONE, Names, nodes, properties
from ftlib.labs.prediction import seal
from ftlib.labs.script import Script
from ftlib.simulation import Crash, Trace

__all__ = ["check", "draw", "predicted"]

SEED = 7  # the public one
KNOWN = Names("oslo", "lima", "ann", "witness", "seats")


def check(name: str, rules: Rules, server: Any = None) -> Answer:
    """Try what a student has written, in the student's own kernel, with the public
    seed.

    Parameters
    ----------
    name : str
        Of the check: "takes", "renews", "watches", "serves", "leaves", "survives" or
        "costs".
    rules : Rules
    server : type
        The class.

    Raises
    ------
    ValueError
        If there is no such check.
    """
    return asked_of(
        CHECKS, name, lambda: Hand(own(server, "MyServer", FORBIDDEN), rules, SEED)
    )


def _run(
    rules: Rules,
    server: Any,
    faults: Any,
    asks: Iterable[tuple[float, str, Any]],
    until: float,
) -> Trace:
    cast: Nodes = nodes(KNOWN, rules, server)
    lines = tuple((float(at), to, message) for at, to, message in asks)
    if lines:
        cast = {**cast, KNOWN.client: partial(Script, lines)}
    else:
        cast = {name: kind for name, kind in cast.items() if name != KNOWN.storage}
    return run(cast, faults, until=until)


def _drawn(trace: Trace, rules: Rules) -> Picture:
    asked = (*properties(rules, (KNOWN.first, KNOWN.second)), ONE)
    return drawn(trace, asked, look=LOOK)


def draw(
    rules: Rules,
    server: Any,
    faults: Iterable[Any] = (),
    *,
    asks: Iterable[tuple[float, str, Any]] = (),
    until: float = 2.0,
) -> Picture:
    """Draw a run of two servers, "oslo" and "lima", with the "witness".

    Parameters
    ----------
    rules : Rules
    server : type
        The class.
    faults : iterable of faults
        Such as ``[Crash("oslo", at=0.5)]``.
    asks : iterable of (seconds, server, message)
        What the client, "ann", asks; if there is anything, the storage, "seats", takes
        part too.
    until : float
        In seconds.
    """
    return _drawn(_run(rules, server, schedule(faults, "faults"), asks, until), rules)


@judging
def predicted(prediction: str, sealed: str, rules: Rules, server: Any) -> Answer:
    """Compare a sealed prediction with the run that it is about: "oslo" crashes after
    two seconds, and does not come back.

    Refused are a prediction that is not sealed, and a seal of another one. The
    prediction itself may be wrong: what counts is that it was made.
    """
    if not prediction:
        return not_attempted("Write your prediction, as text, and seal it.")
    if sealed != seal(prediction, rules.code):
        raise Wrong("SEAL is not the seal of PREDICTION: seal it, and paste the seal.")
    trace = _run(rules, server, [Crash("oslo", at=2.0)], (), 8.0)
    begins = acted(trace, "lima", 2.0)
    counts = ", ".join(f"{count} {name}" for name, count in trace.counts().items())
    when = "never acts" if begins is None else f"acts from {begins:.2f} s on"
    told = f"You predicted: {prediction}. lima {when}; in 8 s there are {counts}."
    return Answer("right", told, "", _drawn(trace, rules))
