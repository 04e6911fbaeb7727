"""How the rules of a student's lab are drawn, and the messages that they name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, make_dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar

from ftlib.simulation import stream

__all__ = ["Deck", "Ruled", "Uses", "message"]

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


@dataclass(frozen=True, slots=True)
class Uses:
    """What the messages of a lab are for, by use.

    Attributes
    ----------
    module : str
        Where they belong.
    names : mapping from str to tuple of str
        What one may be called.
    fields : mapping from str to tuple of (str, type)
    said : mapping from str to str
        Its docstring.
    facts : tuple of type
        What nodes record beside them, under the same names for everybody.
    """

    module: str
    names: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, tuple[tuple[str, Any], ...]]
    said: Mapping[str, str]
    facts: tuple[type, ...] = ()


class Ruled:
    """What the rules of all labs have: a code from which they are drawn, and what the
    messages are called, in the order of their uses.
    """

    __slots__ = ()
    USES: ClassVar[Uses]
    WIDE: ClassVar[int | None] = 26  # of a message's column; None for a line of its own
    code: str
    names: tuple[str, ...]

    @property
    def messages(self) -> tuple[type, ...]:
        """The messages, in the order of their uses."""
        uses = self.USES
        return tuple(
            message(uses.module, name, uses.fields[use], uses.said[use])
            for use, name in zip(uses.names, self.names, strict=True)
        )

    @property
    def words(self) -> dict[str, type]:
        """The messages and facts by name, for a notebook to define."""
        return {kind.__name__: kind for kind in (*self.messages, *self.USES.facts)}

    def lines(self) -> list[str]:
        """Say the rules, but for the messages, in lines."""
        raise NotImplementedError

    def __str__(self) -> str:
        lines = [f"Rules for the code {self.code!r}", ""]
        for kind, use in zip(self.messages, self.USES.names, strict=True):
            parts = ", ".join(name for name, _ in self.USES.fields[use])
            call, said = f"{kind.__name__}({parts})", self.USES.said[use]
            lines += (
                [call, f"    {said}"]
                if self.WIDE is None
                else [f"{call:<{self.WIDE}}{said}"]
            )
        return "\n".join([*lines, "", *self.lines()])

    __repr__ = __str__
