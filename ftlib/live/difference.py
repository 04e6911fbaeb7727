"""What one step of a chapter changes in the step before.

A chapter grows a protocol in subclasses, each with the handlers that change.
`difference` writes such a handler out in full, with what it calls by ``super()`` in
place of the call, and compares it line by line with the one it replaces.
"""

import ast
import difflib
import inspect
import textwrap
from collections.abc import Callable
from html import escape
from typing import Any

from ftlib.simulation import Node

__all__ = ["Difference", "difference"]


class Difference:
    """The lines that a class takes away from its base and puts there, folded away.

    Parameters
    ----------
    title : str
        What stands on the fold.
    lines : tuple of str
        Each begins with "+", "-" or a space; an empty one parts two handlers.
    """

    def __init__(self, title: str, lines: tuple[str, ...]) -> None:
        self.title = title
        self.lines = lines

    def __repr__(self) -> str:
        return "\n".join([self.title, "", *self.lines])

    def _repr_html_(self) -> str:
        body = "\n".join(_marked(line) for line in self.lines)
        title = escape(self.title)
        return f"<details><summary>{title}</summary><pre>{body}</pre></details>"


def difference(kind: type) -> Difference:
    """Show what a class changes in its base.

    Parameters
    ----------
    kind : type
        A class whose source can be read, as that of a notebook's can.

    Returns
    -------
    Difference

    Examples
    --------
    >>> from ftlib.transactions.mutants import CommitsInDoubt
    >>> difference(CommitsInDoubt)
    What CommitsInDoubt changes in Participant
    <BLANKLINE>
      def in_doubt(self, txn: str) -> None:
    -     self.send(self.log(txn).coordinator, Inquiry(txn))
    -     self.set_timer(f"doubt {txn}", self.patience)
    +     self.learn("", txn, COMMIT)
    """
    base = kind.__mro__[1]
    lines: list[str] = []
    for name, function in vars(kind).items():
        if inspect.isfunction(function):
            lines += [
                "",
                *_compared(_written_out(base, name), _written_out(kind, name)),
            ]
    return Difference(
        f"What {kind.__name__} changes in {base.__name__}", tuple(lines[1:])
    )


def _compared(old: list[str], new: list[str]) -> list[str]:
    compared = difflib.unified_diff(old, new, n=len(old) + len(new), lineterm="")
    return [
        f"{line[0]} {line[1:]}".rstrip() for line in list(compared)[3:]
    ]  # three lines say which files: there are none


def _written_out(kind: type, name: str) -> list[str]:
    """The source of a method, with what it calls by ``super()`` in place of the call;
    nothing if only Node has it.
    """
    owner = next((owner for owner in kind.__mro__ if name in vars(owner)), Node)
    if owner is Node:
        return []
    method = vars(owner)[name]
    again = (
        f"super().{name}({', '.join(list(inspect.signature(method).parameters)[1:])})"
    )
    written: list[str] = []
    for line in _source(method):
        if line.strip() != again:
            written.append(line)
            continue
        inner = textwrap.dedent(
            "\n".join(_written_out(owner.__mro__[1], name)[1:])
        ).splitlines()
        if inner and inner[0].startswith("match ") and written[-1].strip() == "case _:":
            written.pop()  # the cases of the same match go on
            inner = textwrap.dedent("\n".join(inner[1:])).splitlines()
            line = line[4:]
        written += [line[: len(line) - len(line.lstrip())] + each for each in inner]
    return written


def _source(method: Callable[..., Any]) -> list[str]:
    """The lines of a method without its docstring."""
    source = textwrap.dedent(inspect.getsource(method))
    lines = source.splitlines()
    function = ast.parse(source).body[0]
    if (
        isinstance(function, ast.FunctionDef)
        and ast.get_docstring(function) is not None
    ):
        del lines[function.body[0].lineno - 1 : function.body[0].end_lineno]
    return lines


def _marked(line: str) -> str:
    words = escape(line)
    if line.startswith("+"):
        return (
            '<ins style="color:var(--ft-green,'
            f' #00735c);text-decoration:none">{words}</ins>'
        )
    if line.startswith("-"):
        return (
            '<del style="color:var(--ft-red,'
            f' #c0271a);text-decoration:none">{words}</del>'
        )
    return words
