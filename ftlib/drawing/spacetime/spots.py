"""Where a reader can put faults on a diagram: the steps at their nodes' lines, and the
arrows. What is drawn there is seen only under a pointer.
"""

from collections.abc import Sequence

from ftlib.drawing.by_hand import ByHand, Hands, Offered, Put
from ftlib.drawing.faults import fault_in_full
from ftlib.drawing.look import Look
from ftlib.drawing.shapes import short, styled
from ftlib.drawing.spacetime.labels import Shot
from ftlib.drawing.spacetime.places import Layout
from ftlib.drawing.spacetime.steps import Arrow, Step
from ftlib.simulation import Cut, Duplicate, Hold, Lose

__all__ = ["by_hand", "spots"]

# 24 pixels where a picture has shrunk to 70 %
FINGER = 35.0
STYLE = (
    f'class="ft-spots" stroke="transparent" stroke-width="{FINGER:g}"'
    ' stroke-linecap="round" pointer-events="visibleStroke"'
)


def by_hand(hands: Hands, steps: Sequence[Step], look: Look) -> ByHand:
    """Say where each fault that is offered can be put; what befalls an event that is
    not shown is not offered.
    """
    where = {
        event.index: (step.number, event) for step in steps for event in step.events
    }
    messages = _messages(steps)
    offered = []
    for offer in hands.offers:
        if offer.event not in where:
            continue
        number, event = where[offer.event]
        spot, message = str(number), ""
        if isinstance(offer.fault, Lose | Duplicate | Hold | Cut):
            spot = messages[offer.event]
            message = (
                f"{look.message(event.what)} from {look.name(event.node)} to"
                f" {look.name(event.other)}"
            )
        words = fault_in_full(offer.fault, look)
        offered.append(Offered(spot, words, repr(offer.fault), message))
    return ByHand(
        tuple(offered),
        tuple(
            Put(
                fault_in_full(fault, look),
                repr(fault),
                any(fault is idle for idle in hands.unused),
            )
            for fault in hands.put
        ),
        hands.reached,
    )


def _messages(steps: Sequence[Step]) -> dict[int, str]:
    """The spots of the messages, by the events of their sending."""
    return {
        event.index: f"{step.number}-{number}"
        for step in steps
        for number, event in enumerate(
            (event for event in step.effects if event.kind == "send"), 1
        )
    }


def spots(
    hand: ByHand, arrows: Sequence[Arrow], shots: Sequence[Shot], layout: Layout
) -> str:
    """The spots at which something is offered, wide enough for a finger; the steps lie
    above the arrows.
    """
    offered = {each.spot for each in hand.offered}
    messages = _messages([place.step for place in layout.places])
    drawn = []
    for arrow, shot in zip(arrows, shots, strict=True):
        spot = messages.get(arrow.send.index, "")
        if spot in offered and not arrow.copy:
            d = f"M{short(shot.x1)} {short(shot.y1)}L{short(shot.x2)} {short(shot.y2)}"
            drawn.append(_spot(d, arrow.step.number, spot))
    under: dict[int, list[str]] = {}  # steps that lie under another's label
    for place in layout.places:
        top = place.host or place
        if str(place.number) in offered:
            under.setdefault(top.number, []).append(str(place.number))
    for place in layout.places:
        if here := under.get(place.number):
            here.sort(key=str(place.number).__ne__)  # its own first
            d = f"M{short(place.x)} {short(place.y)}V{short(place.last + 0.1)}"
            drawn.append(_spot(d, place.number, " ".join(here)))
    return styled(STYLE, drawn)


def _spot(d: str, step: int, spot: str) -> str:
    return f'<path data-step="{step}" data-spot="{spot}" d="{d}"/>'
