"""The looks of atomic commit and of sagas."""

from typing import Any

from ftlib.drawing.look import Label, Look, name_of
from ftlib.drawing.situations import SituationLook, Status
from ftlib.simulation import Event
from ftlib.transactions import saga_properties as saga
from ftlib.transactions import three_phase
from ftlib.transactions.atomic_commit import Applied, Began, Decided, Voted, Waits
from ftlib.transactions.cooperative import InDoubt
from ftlib.transactions.saga import Progress
from ftlib.transactions.two_phase import (
    Ack,
    Decision,
    Inquiry,
    Logged,
    Prepare,
    Read,
    Value,
    Vote,
)

__all__ = ["COMMIT_LOOK", "COMMIT_SITUATIONS", "SAGA_LOOK"]

COMMITTED = Label("✓ commit", "green", "solid")
ABORTED = Label("✗ abort", "red", "double")
IN_DOUBT = Label("? in doubt", "orange", "striped")
TIMERS = {
    "votes": "votes missing",
    "resend": "no ack",
    "acks": "no ack",
    "doubt": "no answer",
    "ask": "no answer",
    "lock": "still locked",
}
PROMISES = "votes yes and is in doubt from now on"


def _message(message: Any) -> str:
    match message:
        case Prepare():
            return "Prepare"
        case Vote(_, vote):
            return f"Vote {vote}"
        case Decision(_, outcome):
            return outcome.capitalize()
        case Ack():
            return "Ack"
        case Inquiry():
            return "Inquiry"
        case InDoubt():
            return "In doubt too"
        case three_phase.PreCommit():
            return "Pre-commit"
        case three_phase.PreCommitted():
            return "Ready"
        case three_phase.State(_, state):
            return f"In {state}" if state != three_phase.RECOVERED else "Crashed since"
        case Read(account):
            return f"Read {account}"
        case Value(account, balance):
            return f"{account} = {balance}"
    return name_of(message)


def _state(event: Event) -> Label | None:
    match event.what:
        case Voted(_, "yes"):
            return IN_DOUBT
        case Waits(holder=holder):
            return Label(f"waits for {holder}", "yellow", "none")
        case Decided(_, "commit"):
            return COMMITTED
        case Decided(_, "abort"):
            return ABORTED
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Began(txn, participants):
            return f"begins {txn} with {', '.join(participants)}"
        case Voted(_, "yes"):
            return PROMISES
        case Voted(_, "no"):
            return "votes no"
        case Waits(txn, account, holder):
            return (
                f"cannot vote on {txn} yet, because {holder} holds the lock on"
                f" {account}"
            )
        case Decided(txn, outcome):
            return f"decides {outcome} for {txn}"
        case Applied(_, changes):
            return " and ".join(
                f"changes {account} by {amount:+d}" for account, amount in changes
            )
    return f"records {name_of(event.what)}"


def _timer(name: str) -> str:
    kind = name.split(" ")[0]
    return TIMERS.get(kind, name)


def _disk(event: Event) -> str:
    match str(event.other).split(" ", 1), event.what:
        case _, Logged("prepared"):
            return "its promise"
        case ["txn", _], Logged(status):
            return f"the {status}"
        case ["commit", _], _:
            return "the commit"
        case ["begin", txn], _:
            return f"that it has begun {txn}"
        case ["outcome", _], outcome:
            return f"the {outcome}"
        case ["end", txn], _:
            return f"that {txn} is over"
        case ["balance", account], balance:
            return f"{account} = {balance}"
        case ["started"], _:
            return ""
    return str(event.other)


COMMIT_LOOK = Look(
    _message,
    _state,
    _tell,
    again={PROMISES: "is in doubt again"},
    timer=_timer,
    disk=_disk,
)
"""How runs of two-phase and three-phase commit look."""
COMMIT_SITUATIONS = SituationLook(
    ("coordinator", "p1", "p2"),
    ("up", "down"),
    {
        "working": Status("empty", "not voted", "has not voted"),
        "in doubt": Status("striped", "in doubt", "is in doubt"),
        "commit": Status("tick", "commit", "has committed"),
        "abort": Status("cross", "abort", "has aborted"),
        "down": Status("dark", "down", "is down"),
    },
)
"""How the situations of a coordinator and two participants look, in a table."""


# Sagas --------------------------------------------------------------------------------


def _saga_message(message: Any) -> str:
    return type(message).__name__


def _saga_state(event: Event) -> Label | None:
    match event.what:
        case saga.Done():
            return Label("✓ booked", "green", "solid")
        case saga.Refused():
            return Label("✗ full", "red", "double")
        case saga.Compensated():
            return Label("↶ given back", "orange", "striped")
        case saga.Ended(_, "commit"):
            return Label("✓ all stand", "green", "solid")
        case saga.Ended(_, "abort"):
            return Label("↶ none stands", "orange", "striped")
    return None


def _saga_tell(event: Event) -> str | None:
    match event.what:
        case saga.Began(name, participants):
            return f"begins {name}: {', '.join(participants)}"
        case saga.Done(name, step):
            return f"executes step {step} of {name}"
        case saga.Refused(name, step):
            return f"refuses step {step} of {name}"
        case saga.Compensated(name, step):
            return f"compensates step {step} of {name}"
        case saga.Holds(steps):
            found = ", ".join(f"step {step} of {name}" for name, step in steps)
            return f"finds {found or 'no step'} on its disk"
        case saga.Ended(name, "commit"):
            return f"ends {name}: all of it stands"
        case saga.Ended(name, _):
            return f"ends {name}: none of it stands"
    return f"records {name_of(event.what)}"


def _saga_disk(event: Event) -> str:
    match str(event.other).split(" "), event.what:
        case ["saga", _], Progress(direction, step):
            return f"{direction}, step {step} is next"
        case ["step", _, step], status:
            return f"step {step}: {status}"
        case ["free"], free:
            return f"{free} free"
    return str(event.other)


def _saga_timer(name: str) -> str:
    return "no answer" if name.startswith("answer") else name


SAGA_LOOK = Look(
    _saga_message, _saga_state, _saga_tell, timer=_saga_timer, disk=_saga_disk
)
"""How runs of a saga look."""
