"""The source of what the library runs, as a reader wants to read it.

A chapter ends with the handlers of the library themselves, so that book and library
cannot differ. They are shown as Markdown, which every host of notebooks and the book
set in the colours that they give to code, in light and in dark.
"""

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

__all__ = ["Source", "source"]


class Source:
    """Python code, shown in colours.

    Parameters
    ----------
    code : str
    """

    def __init__(self, code: str) -> None:
        self.code = code

    def __repr__(self) -> str:
        return self.code

    def _repr_markdown_(self) -> str:
        longest = max(map(len, re.findall("`+", self.code)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}python\n{self.code}\n{fence}"


def source(*things: type | Callable[..., Any]) -> Source:
    """Show the source of classes, functions and handlers, one below the other.

    Parameters
    ----------
    *things : class or function
        Whose source can be read, as that of a notebook's can.

    Returns
    -------
    Source

    Raises
    ------
    TypeError
        If there is nothing to show, or what is given is neither class nor function.

    Examples
    --------
    >>> from ftlib.transactions.mutants import CommitsInDoubt
    >>> source(CommitsInDoubt.in_doubt)
    def in_doubt(self, txn: str) -> None:
        self.learn("", txn, COMMIT)
    """
    if not things:
        raise TypeError("nothing to show: give a class, a function or a handler")
    return Source("\n\n\n".join(_source(thing) for thing in things))


def _source(thing: type | Callable[..., Any]) -> str:
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        raise TypeError(
            f"{thing!r} has no source: give a class, a function or a handler"
        )
    return textwrap.dedent(inspect.getsource(thing)).rstrip()
