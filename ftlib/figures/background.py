"""The figure of time-outs: what a client can know of a server that does not answer.

One client asks one question and gives up after a time. A server that has crashed, one
that is slow, a lost question, a lost answer and a cut network look the same to it until
the answer comes, if it comes. Where nothing bounds how long a message takes, no
time-out tells them apart (Chandra and Toueg 1996, section 1).
"""

from typing import Annotated, Any

from ftlib.detection import Answered, Suspects, question
from ftlib.drawing import Picture, spacetime
from ftlib.drawing.looks.detection import QUESTION_LOOK
from ftlib.figures.controls import Choice, Range, Toggle
from ftlib.simulation import Cluster, Crash, Lose, Partition, Slow, Trace

__all__ = ["one_question"]

CLIENT, SERVER = "client", "server"
SLOW_BY, UNTIL = 0.1, 1.0  # seconds

CAUSES: dict[str, tuple[Any, ...]] = {
    "nothing": (),
    "crash": (Crash(SERVER, at=0.004),),
    "question": (Lose("Ask"),),
    "answer": (Lose("Answer"),),
    "slow": (Slow(SERVER, by=SLOW_BY),),
    "partition": (Partition(((CLIENT,), (SERVER,))),),
}
"""What may go wrong, as fault schedules."""

WORDS = {
    "nothing": "nothing",
    "crash": "the server crashes",
    "question": "the question is lost",
    "answer": "the answer is lost",
    "slow": "the server is slow",
    "partition": "the network is cut",
}

KNOWN = ("send", "deliver", "timer", "fact")
"""The kinds of event that a node notices at itself. That a message to it was lost is
none of them.
"""


def run(cause: str, wait: float) -> Trace:
    """Run one question.

    Parameters
    ----------
    cause : str
        What goes wrong, a key of `CAUSES`.
    wait : float
        For how many seconds the client waits.

    Returns
    -------
    Trace
    """
    return Cluster(question(wait), faults=CAUSES[cause]).run(until=UNTIL)


def view(trace: Trace, until: float = UNTIL) -> tuple[tuple[Any, ...], ...]:
    """What the client has sent, heard and done: all it can know.

    Examples
    --------
    >>> view(run("crash", 0.05)) == view(run("answer", 0.05))
    True
    """
    return tuple(
        (event.time, event.kind, event.what)
        for event in trace.where(kind=KNOWN, node=CLIENT, until=until)
    )


def one_question(
    cause: Annotated[str, Choice(WORDS, "What goes wrong")] = "slow",
    wait: Annotated[
        float, Range((0.015, 0.05, 0.1, 0.15, 0.5), "The client waits for", "s", "g")
    ] = 0.05,
    blind: Annotated[bool, Toggle("Show only what the client knows")] = False,
) -> Picture:
    """Draw one question, and say whether the client's verdict is right.

    Parameters
    ----------
    cause : str
        What goes wrong, a key of `CAUSES`.
    wait : float
        For how many seconds the client waits before it takes the server for dead.
    blind : bool
        Whether to hide what the client cannot see.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/1_background``.
    """
    trace = run(cause, wait)
    if not blind:
        return spacetime(
            trace,
            look=QUESTION_LOOK,
            title=_verdict(cause, trace, wait),
            description=_price(cause, trace, wait),
        )
    return spacetime(
        trace,
        known_to=CLIENT,
        look=QUESTION_LOOK,
        title=_guess(trace, wait),
        description=_alike(trace, wait),
    )


def _answered(trace: Trace) -> float | None:
    return next((event.time for event in trace.facts(Answered)), None)


def _verdict(cause: str, trace: Trace, wait: float) -> str:
    if not trace.facts(Suspects):
        return f"Answered after {_ms(_answered(trace) or 0.0)}."
    if cause == "crash":
        return f"Right: the server is down, and the client says so after {_ms(wait)}."
    return "Wrong: the client takes the server for dead, and it is up."


def _price(cause: str, trace: Trace, wait: float) -> str:
    came = _answered(trace)
    if not trace.facts(Suspects):
        return "The server works, and the client knows it."
    if came is not None:
        return f"The answer comes {_ms(came - wait)} after the client gave up."
    return (
        "It was right by luck: it had no way to know."
        if cause == "crash"
        else f"Because {WORDS[cause]}, no answer comes."
    )


def _guess(trace: Trace, wait: float) -> str:
    came = _answered(trace)
    if not trace.facts(Suspects):
        return f"An answer after {_ms(came or 0.0)}: the server was up when it sent it."
    if came is not None:
        return f"No answer for {_ms(wait)}, and then one comes."
    return "No answer. What has happened?"


def _alike(trace: Trace, wait: float) -> str:
    runs = {cause: run(cause, wait) for cause in CAUSES}
    *first, last = (
        WORDS[cause] for cause, other in runs.items() if view(other) == view(trace)
    )
    if not first:
        return "Of the six cases only one looks like this."
    slow = view(runs["slow"], wait) == view(trace, wait)
    too = (
        " Up to the time-out, it looks like this when the server is slow, too."
        if slow
        else ""
    )
    return f"It looks like this when {', '.join(first)} or {last}.{too}"


def _ms(seconds: float) -> str:
    return f"{round(1000 * seconds)} ms"
