"""The looks of failure detectors."""

from ftlib.detection import Suspects, Trusts
from ftlib.drawing.look import Label, Look
from ftlib.simulation import Event

__all__ = ["DETECTION_LOOK", "QUESTION_LOOK"]


def _state(event: Event) -> Label:
    return (
        Label("✗ gives up", "red", "striped")
        if isinstance(event.what, Suspects)
        else Label("✓ answered", "green", "solid")
    )


def _tell(event: Event) -> str:
    return (
        "takes the server for dead"
        if isinstance(event.what, Suspects)
        else "has its answer"
    )


QUESTION_LOOK = Look(state=_state, tell=_tell)
"""The client gives up, or is answered."""


def _view(event: Event) -> Label | None:
    match event.what:
        case Suspects(node):
            return Label(f"✗ {node}", "red", "striped")
        case Trusts(node):
            return Label(f"✓ {node}", "green", "solid")
    return None


def _think(event: Event) -> str | None:
    match event.what:
        case Suspects(node):
            return f"suspects {node}"
        case Trusts(node):
            return f"trusts {node}"
    return None


DETECTION_LOOK = Look(
    message=lambda message: "♥",
    state=_view,
    tell=_think,
    timer=lambda name: name if name.startswith("silent") else "",
)
"""Whom the monitor suspects, and whom it trusts."""
