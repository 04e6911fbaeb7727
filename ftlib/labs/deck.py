"""How the rules of a student's lab are drawn, and the messages that they name."""

from collections.abc import Sequence
from dataclasses import make_dataclass
from functools import cache
from typing import Any, TypeVar

from ftlib.simulation import stream

__all__ = ["Deck", "message"]

Card = TypeVar("Card")


class Deck:
    """What is drawn, one thing after another, from a student's code.

    Parameters
    ----------
    lab : str
        The same code draws other rules in another lab.
    code : str

    Attributes
    ----------
    code : str
        Without the spaces around it.

    Raises
    ------
    ValueError
        If the code is no text, or empty.

    Examples
    --------
    >>> Deck("two_phase_commit", "public").one(["commit", "abort"])
    'commit'
    """

    def __init__(self, lab: str, code: str) -> None:
        if not isinstance(code, str) or not code.strip():
            raise ValueError(
                f"the code is {code!r}: give the one that you were handed, or 'public'"
            )
        self.code = code.strip()
        self._draw = stream(0, lab, self.code).random

    def one(self, options: Sequence[Card]) -> Card:
        """Draw one of some options."""
        return options[int(self._draw() * len(options))]


@cache
def message(
    module: str, name: str, fields: tuple[tuple[str, Any], ...], said: str
) -> type:
    """Make the class of a message, the same one each time.

    Parameters
    ----------
    module : str
        Where it is to belong.
    name : str
    fields : tuple of (str, type)
    said : str
        Its docstring.

    Returns
    -------
    type
        A frozen dataclass.
    """
    return make_dataclass(
        name,
        fields,
        frozen=True,
        slots=True,
        namespace={"__doc__": said, "__module__": module},
    )
