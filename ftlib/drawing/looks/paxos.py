"""The look of Paxos."""

from typing import Any

from ftlib.consensus.paxos import (
    Accept,
    Accepted,
    Chosen,
    Prepare,
    Promise,
    Proposal,
    Proposed,
)
from ftlib.drawing.look import Label, Look, name_of, result_of
from ftlib.simulation import Event

__all__ = ["PAXOS_LOOK"]


def _message(message: Any) -> str:
    match message:
        case Prepare(n):
            return f"Prepare {n}"
        case Promise(n, Proposal(number, value)):
            return f"Promise {n}, had {number}: {result_of(value)}"
        case Promise(n):
            return f"Promise {n}"
        case Accept(proposal):
            return f"Accept {proposal.n}: {result_of(proposal.value)}"
        case Accepted(proposal):
            return f"Accepted {proposal.n}: {result_of(proposal.value)}"
        case Chosen(value):
            return f"{result_of(value)} is chosen"
    return name_of(message)


def _state(event: Event) -> Label | None:
    match event.what:
        case Accepted(proposal):
            word = f"accepted {proposal.n}: {result_of(proposal.value)}"
            return Label(word, "orange", "striped")
        case Chosen(value):
            return Label(f"✓ {result_of(value)}", "green", "solid")
    return None


def _tell(event: Event) -> str:
    match event.what:
        case Proposed(value):
            return f"wants to propose {result_of(value)}"
        case Accepted(proposal):
            return f"accepts proposal {proposal.n}, {result_of(proposal.value)}"
        case Chosen(value):
            return f"learns that {result_of(value)} is chosen"
    return f"records {name_of(event.what)}"


def _disk(event: Event) -> str:
    if event.other == "n":
        return f"its number {event.what}"
    promised, accepted = event.what
    if accepted is None or accepted.n < promised:
        return f"its promise {promised}"
    return f"proposal {accepted.n}"


PAXOS_LOOK = Look(
    _message, _state, _tell, timer=lambda name: "nothing chosen", disk=_disk
)
"""How runs of Paxos look."""
