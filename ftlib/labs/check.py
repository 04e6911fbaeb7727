"""What the checks of all labs are: a line of the score, and a judge that is asked only
about classes that do something.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.simulation import Node

__all__ = ["Check", "asked_of", "own"]


class Handed(Protocol):
    """What a student hands in: the classes, each under the name of its role."""

    def attempted(self, need: str) -> bool:
        """Whether the class of a role does anything at all."""


Hand = TypeVar("Hand", bound=Handed)


@dataclass(frozen=True)
class Check(Generic[Hand]):
    """One line of the score.

    Attributes
    ----------
    name : str
    points : int
    asks : str
        What is asked, in one sentence.
    needs : tuple of str
        Which of the classes it tries.
    judge : callable from what was handed in to str
        What was tried; raises `Wrong`.
    """

    name: str
    points: int
    asks: str
    needs: tuple[str, ...]
    judge: Callable[[Hand], str]

    def __call__(self, hand: Hand) -> Answer:
        """Judge what was handed in."""
        return _judged(self, hand)


@judging
def _judged(check: Check[Any], hand: Any) -> Answer:
    for need in check.needs:
        if getattr(hand, need) is None or not hand.attempted(need):
            return not_attempted(f"The {need} does nothing yet. {check.asks}")
    return Answer("right", check.judge(hand))


def asked_of(
    checks: Iterable[Check[Hand]], name: str, hand: Callable[[], Hand]
) -> Answer:
    """Make the check of that name in a student's kernel.

    Parameters
    ----------
    checks : iterable of Check
    name : str
    hand : callable
        Makes what is handed in; raises `Wrong` where it may not be.

    Raises
    ------
    ValueError
        If there is no such check.
    """
    found = {each.name: each for each in checks}
    if name not in found:
        raise ValueError(f"there is no check {name!r}: there are {', '.join(found)}")
    try:
        handed = hand()
    except Wrong as wrong:
        return wrong.answer
    return found[name](handed)


def own(kind: Any, name: str, forbidden: tuple[str, ...]) -> type[Node] | None:
    """Return a class that was handed in, run within bounds; None if there is none.

    Parameters
    ----------
    kind : type or None
    name : str
        What the student calls it.
    forbidden : tuple of str
        The modules of which it may not be made.

    Raises
    ------
    Wrong
        If it is made of one of those, or is no class of nodes.
    """
    if kind is None:
        return None
    given = role(kind, name)
    for each in given.__mro__:
        if each.__module__.startswith(forbidden):
            raise Wrong(
                f"{name} is made of {each.__name__} of {each.__module__}: this lab is"
                " to be written without it."
            )
    return watched(given)
