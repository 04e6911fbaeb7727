"""What the notebook of the lab on consensus calls: its visible checks, a run to look
at, and a prediction to seal.
"""

from collections.abc import Iterable
from typing import Any

from ftlib.drawing import Picture, spacetime
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.runs import run, schedule
from ftlib.labs.check import asked_of, own
from ftlib.labs.consensus import FORBIDDEN, SERVER, WITNESS, Leads, Members, Rules
from ftlib.labs.consensus.hand import Hand, everyone
from ftlib.labs.consensus.whole import CHECKS, spent
from ftlib.labs.consensus.worlds import LOOK, PROPERTIES
from ftlib.labs.prediction import seal
from ftlib.simulation import Trace, judge

__all__ = ["check", "draw", "predicted"]

SEED = 7  # the public one
MEMBERS: Members = (
    ("oslo", 2, SERVER),
    ("lima", 2, SERVER),
    ("pune", 1, SERVER),
    ("clerk", 1, WITNESS),
)
ASKED = 5.0  # seconds: when the run is calm


def check(name: str, rules: Rules, server: Any = None, witness: Any = None) -> Answer:
    """Try what a student has written, in the student's own kernel, with the public
    seed.

    Parameters
    ----------
    name : str
        Of the check: "witness", "stands", "votes", "follows", "commits", "agrees" or
        "costs".
    rules : Rules
    server, witness : type
        The classes.

    Raises
    ------
    ValueError
        If there is no such check.
    """
    return asked_of(CHECKS, name, lambda: _hand(rules, server, witness))


def _hand(rules: Rules, server: Any, witness: Any) -> Hand:
    return Hand(
        own(server, "MyServer", FORBIDDEN),
        own(witness, "MyWitness", FORBIDDEN),
        rules,
        SEED,
    )


def draw(
    rules: Rules,
    server: Any,
    witness: Any,
    faults: Iterable[Any] = (),
    *,
    orders: Iterable[tuple[float, str]] = (),
    since: float = 0.0,
    until: float = 2.0,
    seed: int = SEED,
) -> Picture:
    """Draw a run of the servers "oslo" and "lima", which weigh 2, of "pune" and of the
    witness "clerk", which weigh 1.

    Parameters
    ----------
    rules : Rules
    server, witness : type
        The classes.
    faults : iterable of faults
        Such as ``[Crash("oslo", at=1), Recover("oslo", at=2)]``.
    orders : iterable of (seconds, command)
        What a client asks of all servers, and when.
    since, until : float
        What is drawn of the run, in seconds.
    seed : int
        Of the times at which the servers stand.
    """
    trace = _run(rules, server, witness, orders, faults, until, seed)
    first = next((each.index for each in trace if each.time >= since), 0)
    findings = judge(trace, PROPERTIES)
    return spacetime(
        trace[first:],
        look=LOOK,
        title="; ".join(
            each.reason if not each else f"{each.name}: holds" for each in findings
        ),
    )


def _run(
    rules: Rules,
    server: Any,
    witness: Any,
    orders: Iterable[tuple[float, str]],
    faults: Iterable[Any],
    until: float,
    seed: int,
) -> Trace:
    order = rules.messages[5]
    lines = [
        (at, (name, order(what)))
        for at, what in orders
        for name, _, kind in MEMBERS
        if kind == SERVER
    ]
    cast = everyone(_hand(rules, server, witness), MEMBERS, {"client": lines})
    return run(cast, schedule(faults, "faults"), until=until, seed=seed)


@judging
def predicted(
    prediction: str, sealed: str, rules: Rules, server: Any, witness: Any
) -> Answer:
    """Compare a sealed prediction with the run that it is about: a command, while
    somebody leads and nothing fails.

    Refused are a prediction that is not sealed, and a seal of another one. The
    prediction itself may be wrong: what counts is that it was made.
    """
    if not prediction:
        return not_attempted("Write your prediction, as text, and seal it.")
    if sealed != seal(prediction, rules.code):
        raise Wrong("SEAL is not the seal of PREDICTION: seal it, and paste the seal.")
    trace = _run(rules, server, witness, [(ASKED, "pay")], (), ASKED + 1, SEED)
    leaders = [event.node for event in trace.facts(Leads)]
    if not leaders:
        raise Wrong("nobody leads in this run, so that nothing can be counted.")
    counts = spent(trace, rules, MEMBERS, ASKED - 0.1)
    what = ", ".join(f"{count} {name}" for name, count in counts.items())
    told = (
        f"You predicted: {prediction}. {leaders[-1]} leads, and beside heartbeats it"
        f" takes, by message and forced writes by node: {what}."
    )
    first = next(each.index for each in trace if each.time >= ASKED - 0.01)
    last = next((e.index for e in trace if e.time >= ASKED + 0.2), len(trace))
    return Answer("right", told, "", spacetime(trace[first:last], look=LOOK))
