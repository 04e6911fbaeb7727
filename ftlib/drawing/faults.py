"""Faults in words: what goes wrong, and when, as a clause of a sentence."""

from typing import Any

from ftlib.drawing.look import Look
from ftlib.simulation import (
    Crash,
    Cut,
    Duplicate,
    Heal,
    Hold,
    Lose,
    Partition,
    Point,
    Recover,
    Skew,
    Slow,
)
from ftlib.simulation.values import show

__all__ = ["fault_in_full", "fault_in_words"]

NTH = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
HAPPENS = {
    "send": "sends",
    "deliver": "receives",
    "drop": "misses",
    "write": "writes",
    "fact": "records",
    "call": "calls",
}


def fault_in_words(fault: Any, look: Look) -> str:
    """Say what goes wrong, but not when.

    Examples
    --------
    >>> from ftlib.simulation import Lose, Partition
    >>> fault_in_words(Lose("Vote", sender="p1", nth=2), Look())
    "p1's second Vote is lost"
    >>> fault_in_words(Partition([["a", "b"], ["c"]]), Look())
    'the network splits: a, b | c'
    """
    match fault:
        case Lose():
            return f"{_message(fault, look)} {_are(fault)} lost"
        case Duplicate():
            return f"{_message(fault, look)} come{'s' * (fault.nth is not None)} twice"
        case Hold():
            return f"{_message(fault, look)} {_are(fault)} held back"
        case Crash(node, _, after, keeps):
            more = f" after {_many(after, 'more effect')}" if after else ""
            kept = f" and keeps {_many(keeps, 'unforced write')}" if keeps else ""
            return f"{look.name(node)} crashes{more}{kept}"
        case Recover(node, _, disk):
            empty = " with an empty disk" if disk == "wiped" else ""
            return f"{look.name(node)} comes back{empty}"
        case Partition(groups):
            named = [", ".join(map(look.name, group)) for group in groups]
            rest = ["the rest"] * (len(groups) == 1)
            return f"the network splits: {' | '.join([*named, *rest])}"
        case Heal():
            return "the network heals"
        case Cut(sender, receiver):
            return f"the link from {look.name(sender)} to {look.name(receiver)} is cut"
        case Slow(target, by):
            whose = (
                look.name(target)
                if isinstance(target, str)
                else f"the link {' to '.join(map(look.name, target))}"
            )
            return (
                f"{whose} is {by:g} s slower" if by else f"{whose} is as fast as before"
            )
        case Skew(node, rate, offset):
            off = f"{abs(offset):g} s {'ahead' if offset > 0 else 'behind'}"
            parts = [f"runs {rate:g} times as fast"] * (rate != 1)
            parts += [off] * (offset != 0)
            return f"{look.name(node)}'s clock {', '.join(parts) or 'is right'}"
    return show(fault)


def fault_in_full(fault: Any, look: Look) -> str:
    """Say what goes wrong, and when.

    Examples
    --------
    >>> from ftlib.simulation import Crash, Hold, Point
    >>> fault_in_full(Crash("p1", at=Point("p1", "send", "Vote")), Look())
    'p1 crashes right after it sends its first Vote'
    >>> late = Point("p0", "timer", "patience")
    >>> fault_in_full(Hold("Vote", "p2", until=late), Look())
    "p2's first Vote is held back until p0's first timer patience fires"
    """
    words = fault_in_words(fault, look)
    ends = isinstance(fault, Duplicate | Hold)
    at = getattr(fault, "until" if ends else "at", None)
    if at is None:
        later = getattr(fault, "later", 0.0)
        return f"{words}, {later:g} s apart" if later else words
    if not isinstance(at, Point):
        return f"{words} at {at:g} s"
    moment = _moment(at, look, getattr(fault, "node", None))
    if isinstance(fault, Duplicate):
        words = words.replace(" comes twice", " comes again")
    if at.later:
        return f"{words} {at.later:g} s after {moment}"
    since = {Hold: " until", Slow: " once", Partition: ", right after"}
    return f"{words}{since.get(type(fault), ' right after')} {moment}"


def _are(fault: Any) -> str:
    return "are" if fault.nth is None else "is"


def _message(fault: Lose | Duplicate | Hold, look: Look) -> str:
    """Name one message, or all that fit."""
    name = fault.message or "message"
    to = f" to {look.name(fault.receiver)}" if fault.receiver else ""
    if fault.nth is None:
        whose = f" of {look.name(fault.sender)}" if fault.sender else ""
        return f"all messages {fault.message or ''}".rstrip() + whose + to
    whose = f"{look.name(fault.sender)}'s" if fault.sender else "the"
    return f"{whose} {_nth(fault.nth)} {name}{to}"


def _moment(at: Point, look: Look, subject: str | None) -> str:
    """Name what happens; who has been named is "it"."""
    name, what = "it" if at.node == subject else look.name(at.node), at.what
    nth = _nth(at.nth)
    match at.event:
        case "timer":
            whose = "its" if name == "it" else f"{name}'s"
            return f"{whose} {nth} timer {what or ''}".rstrip() + " fires"
        case "force":
            return f"{name} forces its disk for the {nth} time"
        case "crash" | "return":
            return f"{name} {at.event}{'e' * (at.event == 'crash')}s for the {nth} time"
        case "recover":
            return f"{name} comes back for the {nth} time"
    return f"{name} {HAPPENS[at.event]} its {nth} {what or 'message'}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _nth(number: int) -> str:
    return NTH[number] if number < len(NTH) else f"{number}th"
