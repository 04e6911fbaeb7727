"""Judges of the exercises on two-phase commit: find the fault, and find the run that
breaks a broken version. `ftlib.exercises.forgetting` judges the third.
"""

from functools import partial
from typing import Any

from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.runs import (
    drawn,
    pasted,
    run,
    schedule,
    watched_bank,
)
from ftlib.simulation import (
    Trace,
    judge,
)
from ftlib.transactions.atomic_commit import (
    PROPERTIES,
    Decided,
    Voted,
    agreement,
)
from ftlib.transactions.bank import bank
from ftlib.transactions.messages import Ack, Logged
from ftlib.transactions.two_phase import Participant

__all__ = [
    "AcknowledgesFirst",
    "down",
    "judge_acknowledged_first",
    "judge_in_doubt",
    "show",
]

PARTICIPANTS = ("p1", "p2")


class AcknowledgesFirst(Participant):
    """Acknowledges a commit before it forces it, and so may forget what the coordinator
    has forgotten too.
    """

    def apply(self, txn: str, entry: Logged) -> None:
        """Acknowledge, then make the changes durable."""
        self.send(entry.coordinator, Ack(txn))
        super().apply(txn, entry)


show = partial(drawn, look=COMMIT_LOOK)


# 1: a participant that waits for good -------------------------------------------------


@judging
def judge_in_doubt(faults: Any, coordinator: Any, participant: Any) -> Answer:
    """Judge faults that leave a participant in doubt for good.

    Asked is a list of faults after which somebody who is up has voted yes and never
    learns the outcome, though nobody is silent. Refused are faults that never take
    effect, and those after which everybody who has promised is down, or decides late.

    Parameters
    ----------
    faults : list of faults
    coordinator, participant : type
        The version without a time-out. Without faults it must work.
    """
    given = schedule([] if faults is None else faults, "my_faults")
    if not given:
        return not_attempted("Put a fault into the list.")
    nodes = watched_bank("yy", coordinator, participant)
    calm = _waiting(run(nodes, until=60))
    if calm:
        raise Wrong(f"{calm[0]} waits without any fault: this is another version.")
    trace = run(nodes, given, until=60, used=True)
    waiting = _waiting(trace)
    if not waiting:
        why = _why_nobody_waits(trace)
        raise Wrong(why, pasted(given), show(trace, title="Nobody waits for good."))
    reason = f"{' and '.join(waiting)} promised, and nothing comes any more."
    title = f"{' and '.join(waiting)} in doubt for good."
    return Answer("right", reason, pasted(given), show(trace, title=title))


def _waiting(trace: Trace) -> list[str]:
    """Name the participants that are up, have voted yes and know no outcome."""
    lost = down(trace)
    return [
        node
        for node in PARTICIPANTS
        if node not in lost
        and any(event.what.vote == "yes" for event in trace.facts(Voted, node=node))
        and not trace.facts(Decided, node=node)
    ]


def down(trace: Trace) -> list[str]:
    """Name the nodes that are down at the end of a run."""
    last = {event.node: event.kind for event in trace.where(kind=("crash", "recover"))}
    return [node for node, kind in last.items() if kind == "crash"]


def _why_nobody_waits(trace: Trace) -> str:
    if not trace.facts(Voted):
        return "nobody has voted, so nobody is in doubt. Whoever waits has promised."
    if all(trace.facts(Decided, node=node) for node in PARTICIPANTS):
        return "both participants learn the outcome, if late."
    gone = [node for node in down(trace) if node in PARTICIPANTS]
    if gone:
        return f"{gone[0]} is down, and nobody else waits: wanted is one that is up."
    return "nobody who has voted yes waits."


# 2: the run that breaks a broken version ----------------------------------------------


@judging
def judge_acknowledged_first(faults: Any) -> Answer:
    """Judge faults that show what is wrong with `AcknowledgesFirst`.

    Asked is a list of faults with which it breaks agreement. Refused are those with
    which nothing breaks, or something else does; and a disk that is wiped, because that
    breaks the right participant too.

    Parameters
    ----------
    faults : list of faults
    """
    given = schedule([] if faults is None else faults, "my_faults")
    if not given:
        return not_attempted("Put faults into the list.")
    wiped = [each for each in given if getattr(each, "disk", "kept") == "wiped"]
    if wiped:
        raise Wrong(
            f"{wiped[0]!r} takes a disk away. Every commit protocol assumes that disks"
            " survive a crash; this mistake shows on a disk that does.",
            pasted(given),
        )
    trace = run(bank(participant=AcknowledgesFirst), given, until=10, used=True)
    broken, *_ = judge(trace, [agreement])
    if broken:
        raise Wrong(
            "agreement holds in this run. " + _what_is_missing(trace),
            pasted(given),
            show(trace, PROPERTIES),
        )
    return Answer("right", broken.reason + ".", pasted(given), show(trace, PROPERTIES))


def _what_is_missing(trace: Trace) -> str:
    crashed = [event.node for event in trace.where(kind="crash")]
    if not crashed:
        return "Nobody forgets anything: nobody crashes."
    if not any(node in PARTICIPANTS for node in crashed):
        return "The participants remember everything: neither of them crashes."
    if down(trace):
        return f"{down(trace)[0]} does not come back, and so never asks."
    if not trace.where(kind="send", what=Ack):
        return "Nobody has acknowledged anything."
    return "What was acknowledged was on the disk, or was not yet forgotten."
