"""The looks of the protocols in the library."""

from typing import Any

from ftlib.drawing.look import Look, State, name_of
from ftlib.simulation import Event
from ftlib.transactions.atomic_commit import Applied, Began, Decided, Voted, Waits
from ftlib.transactions.cooperative import InDoubt
from ftlib.transactions.two_phase import Ack, Decision, Inquiry, Logged, Prepare, Read, Value, Vote

__all__ = ["COMMIT_LOOK"]

COMMITTED = State("✓ commit", "green", "solid")
ABORTED = State("✗ abort", "red", "double")
IN_DOUBT = State("? in doubt", "orange", "striped")
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
        case Read(account):
            return f"Read {account}"
        case Value(account, balance):
            return f"{account} = {balance}"
    return name_of(message)


def _state(event: Event) -> State | None:
    match event.what:
        case Voted(_, "yes"):
            return IN_DOUBT
        case Waits(holder=holder):
            return State(f"waits for {holder}", "yellow", "none")
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
            return f"cannot vote on {txn} yet, because {holder} holds the lock on {account}"
        case Decided(txn, outcome):
            return f"decides {outcome} for {txn}"
        case Applied(_, changes):
            return " and ".join(f"changes {account} by {amount:+d}" for account, amount in changes)
    return f"records {name_of(event.what)}"


def _timer(name: str) -> str:
    kind = name.split(" ")[0]
    return {"votes": "votes missing", "resend": "no ack", "doubt": "no answer", "lock": "still locked"}.get(kind, name)


def _disk(event: Event) -> str:
    match str(event.other).split(" ", 1), event.what:
        case _, Logged("prepared"):
            return "its promise"
        case ["txn", _], Logged(status):
            return f"the {status}"
        case ["commit", _], _:
            return "the commit"
        case ["end", txn], _:
            return f"that {txn} is over"
        case ["balance", account], balance:
            return f"{account} = {balance}"
        case ["started"], _:
            return ""
    return str(event.other)


COMMIT_LOOK = Look(_message, _state, _tell, again={PROMISES: "is in doubt again"}, timer=_timer, disk=_disk)
