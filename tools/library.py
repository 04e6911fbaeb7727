"""A Sphinx extension that writes the pages of the library from the faces of its rooms
while the book is built.

A face is the `__init__` of a room, and its ``__all__`` the names that authors and
learners use. A module that a face names is a part of the room, and a face in turn. The
page ``book/library/<room>.md`` holds a heading; below it come the room's docstring, its
names with what their docstrings say, and its parts.
"""

import ast
from dataclasses import is_dataclass
from importlib import import_module
from importlib.util import find_spec
from inspect import getsource, isclass, isroutine, signature
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.inspect import object_description

__all__ = ["FOLDER", "defaults", "home", "parts", "setup", "written"]

FOLDER = "book/library/"


def parts(face: ModuleType) -> list[ModuleType]:
    """Import the modules that a face names.

    Examples
    --------
    >>> import ftlib.analysis
    >>> [part.__name__ for part in parts(ftlib.analysis)][:2]
    ['ftlib.analysis.availability', 'ftlib.analysis.commit']
    """
    found = []
    for name in face.__all__ if hasattr(face, "__path__") else ():
        module = f"{face.__name__}.{name}"
        # a function may have the name of its module, as `ftlib.transactions.bank` has
        if isinstance(getattr(face, name, face), ModuleType) and find_spec(module):
            found.append(import_module(module))
    return found


def home(module: str, name: str) -> str:
    """Return the module in which a name that `module` offers is written down.

    Examples
    --------
    >>> home("ftlib.transactions", "COMMIT")
    'ftlib.transactions.atomic_commit'
    """
    source = Path(str(import_module(module).__file__)).read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and name in {
            each.asname or each.name for each in node.names
        }:
            return home(str(node.module), name)
    return module


def written(face: ModuleType, level: int = 1) -> str:
    """Return what a page says of a face, as Markdown whose directives ask autodoc.

    Examples
    --------
    >>> import ftlib.analysis.commit
    >>> ".. autofunction:: ftlib.analysis.commit.cost.commit_costs" in written(
    ...     ftlib.analysis.commit
    ... )
    True
    """
    lines = [f".. automodule:: {face.__name__}", "   :no-members:", ""]
    inside = parts(face)
    modules = {part.__name__.rpartition(".")[2] for part in inside}
    for name in face.__all__:
        if name not in modules:
            kind = _kind(getattr(face, name))
            lines += [f".. auto{kind}:: {home(face.__name__, name)}.{name}", ""]
    text = "```{eval-rst}\n" + "\n".join(lines) + "```\n"
    for part in inside:
        name = part.__name__.rpartition(".")[2]
        text += f"\n{'#' * (level + 1)} {name}\n\n{written(part, level + 1)}"
    return text


def _kind(thing: Any) -> str:
    if isclass(thing):
        return "exception" if issubclass(thing, BaseException) else "class"
    return "function" if isroutine(thing) or hasattr(thing, "__wrapped__") else "data"


def defaults(thing: Any) -> dict[str, str]:
    """Return the defaults of a function, or of what makes a class, as the source has
    them.

    Examples
    --------
    >>> from ftlib.analysis.commit import count_messages
    >>> defaults(count_messages)["types"]
    '(Prepare, Vote, Decision, Ack)'
    >>> from ftlib.simulation import Network
    >>> defaults(Network)["links"]
    'field(default_factory=dict)'
    """
    makers: list[Any] = [thing.__init__ if isclass(thing) else thing]
    if isclass(thing) and is_dataclass(thing):
        makers = [each for each in reversed(thing.__mro__) if is_dataclass(each)]
    found: list[tuple[str, ast.expr | None]] = []
    for maker in makers:
        node = ast.parse(dedent(getsource(maker))).body[0]
        if isinstance(node, ast.FunctionDef):
            given = node.args
            last = given.args[len(given.args) - len(given.defaults) :]
            names = [each.arg for each in last + given.kwonlyargs]
            values = given.defaults + given.kw_defaults
            found += zip(names, values, strict=True)
        elif isinstance(node, ast.ClassDef):
            fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
            found += [(ast.unparse(field.target), field.value) for field in fields]
    return {name: ast.unparse(value) for name, value in found if value}


def _tell_defaults(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, told: str, result: str
) -> tuple[str, str] | None:
    """Tell a default as the source does where its value, such as a class, would be told
    in no Python.
    """
    if not told or "<" not in told:
        return None
    source = defaults(thing)
    for parameter, given in signature(thing).parameters.items():
        value = object_description(given.default)
        if "<" in value and parameter in source:
            told = told.replace(
                f"{parameter}={value}", f"{parameter}={source[parameter]}"
            )
    return told, result


def _add(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname.startswith(FOLDER):
        face = import_module(f"ftlib.{docname.removeprefix(FOLDER)}")
        app.env.note_dependency(str(face.__file__))
        source[0] += "\n" + written(face)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", _add)
    app.connect("autodoc-process-signature", _tell_defaults)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
