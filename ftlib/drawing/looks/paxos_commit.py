"""The look of Paxos Commit."""

from typing import Any

from ftlib.drawing.look import Look, name_of
from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.simulation import Event
from ftlib.transactions.paxos_commit_messages import (
    Phase1a,
    Phase1b,
    Phase2a,
    Phase2b,
    Prepare,
)

__all__ = ["PAXOS_COMMIT_LOOK"]

TIMERS = {"ballot": "no outcome", "doubt": "no answer"}


def _message(message: Any) -> str:
    match message:
        case Prepare():
            return "Prepare"
        case Phase1a(_, ballot):
            return f"1a, ballot {ballot}"
        case Phase1b(_, ballot):
            return f"1b, ballot {ballot}"
        case Phase2a(_, ballot, values):
            return f"2a, ballot {ballot}: {_values(values)}"
        case Phase2b(_, ballot, values):
            return f"2b, ballot {ballot}: {_values(values)}"
    return COMMIT_LOOK.message(message)


def _values(values: tuple[tuple[str, str], ...]) -> str:
    told = {value for _, value in values}
    return " and ".join(sorted(told))


def _timer(name: str) -> str:
    return TIMERS[name.partition(" ")[0]]


def _disk(event: Event) -> str:
    match str(event.other).split(" "), event.what:
        case ["ballot", _], ballot:
            return f"its ballot {ballot}"
        case ["txn", _], (str(state), _):
            return f"that it is {state}" if state == "prepared" else f"the {state}"
        case ["txn", _], (ballot, _):
            return f"what it has accepted, ballot {ballot}"
        case ["started"], _:
            return ""
    return name_of(event.other)


PAXOS_COMMIT_LOOK = Look(
    _message,
    COMMIT_LOOK.state,
    COMMIT_LOOK.tell,
    again=COMMIT_LOOK.again,
    timer=_timer,
    disk=_disk,
)
"""How runs of Paxos Commit look."""
