"""Faults that a reader puts on a picture by hand: where which of them can be put, and
those that are there.

A picture offers them where they befall what happens in the very run that it shows. A
*spot* is a place on it: ``"7"`` the node's line at step 7, ``"7-2"`` the second message
that is sent there. In the built page ``book/site/ft-faults.js`` opens a menu at a spot;
everything that can be said in words is written here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from ftlib.checking.offers import Offer
from ftlib.simulation import Schedule

__all__ = ["NO_MORE", "ByHand", "Hands", "Offered", "Put"]

HIDDEN = ' style="display:none"'  # until a script shows it
IDLE = ' class="ft-idle"'
NO_MORE = " (not in this run: it no longer comes to that)"


@dataclass(frozen=True, slots=True)
class Hands:
    """What a reader's hands have done to a run, and what else they can.

    Attributes
    ----------
    offers : tuple of Offer
    put : Schedule
        The faults that the run has.
    unused : Schedule
        Those of them that have not taken effect.
    reached : bool
        Whether they do what the reader was asked to do.
    """

    offers: tuple[Offer, ...]
    put: Schedule
    unused: Schedule
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """A fault that can be put on a picture.

    Attributes
    ----------
    spot : str
    words : str
    text : str
        As it goes into a schedule.
    message : str
        The message that it befalls, in words; empty if it befalls none.
    """

    spot: str
    words: str
    text: str
    message: str = ""

    @property
    def step(self) -> int:
        """The step of the picture at which it is offered."""
        return int(self.spot.split("-")[0])


@dataclass(frozen=True, slots=True)
class Put:
    """A fault that is on a picture.

    Attributes
    ----------
    words, text : str
    idle : bool
        Whether it takes no effect in this run.
    """

    words: str
    text: str
    idle: bool


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a picture offers, and what is on it.

    Attributes
    ----------
    offered : tuple of Offered
    put : tuple of Put
    reached : bool

    Examples
    --------
    >>> hand = ByHand((Offered("1", "p1 crashes", "Crash(node='p1')"),), ())
    >>> print(hand.button(1))
    <button type="button" class="ft-put" data-spot="1" aria-label="Break: what can go \
wrong at step 1" style="display:none">Break</button>
    >>> hand.button(2)
    ''
    """

    offered: tuple[Offered, ...]
    put: tuple[Put, ...]
    reached: bool = False

    def button(self, step: int) -> str:
        """The HTML that opens the menu of a step; empty if nothing is offered there."""
        if step not in {offered.step for offered in self.offered}:
            return ""
        return (
            f'<button type="button" class="ft-put" data-spot="{step}"'
            f' aria-label="Break: what can go wrong at step {step}"{HIDDEN}>Break'
            "</button>"
        )

    @property
    def chips(self) -> str:
        """The HTML of the faults that are on the picture, in words."""
        items = "".join(
            f"<li{IDLE * put.idle}><span>{escape(put.words)}{NO_MORE * put.idle}</span>"
            f"{_takes_back(put)}</li>"
            for put in self.put
        )
        done = " data-reached" * self.reached
        return f'<ol class="ft-faults"{done}>{items}</ol>' if items else ""

    @property
    def menus(self) -> str:
        """The HTML of what is offered, spot by spot, for a script to show."""
        lists = "".join(
            f'<menu data-at="{spot}"{label}>{items}</menu>'
            for spot, label, items in self._spots()
        )
        return f'<div class="ft-menus"{HIDDEN}>{lists}</div>' if lists else ""

    def _spots(self) -> Iterator[tuple[str, str, str]]:
        messages = {offered.spot: offered.message for offered in self.offered}
        for spot, message in messages.items():
            yield (
                spot,
                f" data-of={_quoted(message)}" if message else "",
                "".join(
                    f'<li><button type="button" data-fault={_quoted(offered.text)}>'
                    f"{escape(offered.words)}</button></li>"
                    for offered in self.offered
                    if offered.spot == spot
                ),
            )


def _takes_back(put: Put) -> str:
    return (
        f'<button type="button" data-fault={_quoted(put.text)}'
        f" aria-label={_quoted(f'Take back: {put.words}')}{HIDDEN}>×</button>"
    )


def _quoted(words: str) -> str:
    """An attribute's value; single quotes, of which a fault has many, stay."""
    return f'"{escape(words, quote=False).replace(chr(34), "&quot;")}"'
