"""The answer in a notebook: the cells that the lab marks as such, and what they may
import.
"""

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.grade.child import LOADED, definitions

__all__ = ["Extract", "NotANotebook", "extract"]

FOUND = ("__future__", "ftlib.simulation")
CODE = re.compile(r"""^CODE = ["']([^"']+)["']""", re.MULTILINE)
MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
LARGEST = 5_000_000  # bytes of a submission


class NotANotebook(ValueError):  # noqa: N818 - it says what it is
    """What was handed in cannot be read as a notebook: says why."""


@dataclass(frozen=True)
class Extract:
    """What was found.

    Attributes
    ----------
    cells : list of (name, source)
        In the order of the lab.
    constants : dict
        The constants of the marked cells, such as a prediction.
    texts : dict from name to str
        The written answers.
    notes : list of str
        What was left out, for the student to read.
    wrong : str
        Why the cells cannot be run, or nothing.
    code : str
        The student's, as it stands in the notebook.
    """

    cells: list[tuple[str, str]]
    constants: dict[str, Any]
    texts: dict[str, str]
    notes: list[str]
    wrong: str = ""
    code: str = ""


def _read(path: Path) -> list[dict[str, Any]]:
    if path.stat().st_size > LARGEST:
        raise NotANotebook(f"it is larger than {LARGEST:,} bytes.")
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            {
                "source": "".join(cell["source"]),
                "id": str(cell["metadata"].get("nbgrader", {}).get("grade_id", "")),
                "kind": cell["cell_type"],
            }
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotANotebook(
            f"it is no notebook ({type(error).__name__}: {error})."
        ) from error


def extract(
    path: Path, answers: Sequence[str], allowed: str, forbidden: Sequence[str]
) -> Extract:
    """Take the answer out of a notebook.

    Parameters
    ----------
    path : Path
    answers : sequence of str
        The ids of the cells of code, as nbgrader keeps them.
    allowed : str
        The module of the lab, which an answer may import.
    forbidden : sequence of str
        Modules that have a message of their own.

    Raises
    ------
    NotANotebook
        If it cannot be read, or has none of those cells.
    """
    found = _read(path)
    if not any(cell["id"] in answers for cell in found):
        raise NotANotebook(
            "it has none of this lab's answer cells"
            f" ({', '.join(answers)}): is it the notebook of another course or lab?"
        )
    codes = [CODE.search(each["source"]) for each in found if each["kind"] == "code"]
    code = next((match[1] for match in codes if match), "")
    cells: list[tuple[str, str]] = []
    constants: dict[str, Any] = {}
    notes: list[str] = []
    for name in answers:
        sources = [cell["source"] for cell in found if cell["id"] == name]
        if len(sources) != 1:
            said = "deleted" if not sources else f"there {len(sources)} times"
            notes.append(f"The cell {name!r} is {said}.")
        source = MAGIC.sub("", "\n".join(sources))
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            wrong = f"the cell {name!r} is no Python{line}: {error.args[0]}."
            return Extract([], constants, {}, notes, wrong, code)
        kept, dropped = definitions(tree)
        if dropped:
            lines = ", ".join(map(str, dropped))
            notes.append(
                f"Grading runs definitions only: line {lines} of the cell {name!r} was"
                " left out."
            )
        if wrong := _imports(kept, name, allowed, forbidden):
            return Extract([], constants, {}, notes, wrong, code)
        for node in kept.body:
            match node:
                case ast.Assign(targets=[ast.Name(each)], value=ast.Constant(value)):
                    constants[each] = value
        cells.append((name, source))
    texts = {cell["id"]: cell["source"] for cell in found if cell["kind"] != "code"}
    return Extract(cells, constants, texts, notes, "", code)


def _imports(
    tree: ast.Module, name: str, allowed: str, forbidden: Sequence[str]
) -> str:
    """Say which import of a cell is not allowed."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0, names=names):
                modules = [module]
                if module == "ftlib":
                    modules = [f"ftlib.{alias.name}" for alias in names]
            case ast.ImportFrom():
                modules = ["."]
            case _:
                continue
        for module in modules:
            if any((module + ".").startswith(each + ".") for each in forbidden):
                return (
                    f"the cell {name!r} imports {module}, which is forbidden in this"
                    " lab: it is to be written without it."
                )
            if module not in (*LOADED, *FOUND, allowed):
                return (
                    f"the cell {name!r} imports {module}, and a node has no use for"
                    f" it: allowed are {', '.join((*LOADED, 'ftlib.simulation'))} and"
                    f" {allowed}."
                )
    return ""
