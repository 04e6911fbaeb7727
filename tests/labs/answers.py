"""Answers to labs, right and wrong, as the cells of a notebook."""

import ast
import json
import re
from pathlib import Path
from typing import Any

from tools.grade.extract import extract
from tools.grade.labs import LABS

HERE = Path(__file__).parent
CHEATING = sorted((HERE / "cheating").glob("*.py"))  # for every lab
OTHER = "presumed_abort"  # a right answer to the code "a"


def right(lab: str, code: str = "public") -> list[tuple[str, str]]:
    """A right answer: that of the lab's own notebook, or one to other rules."""
    found = LABS[lab]
    rules = found.rules(code)
    base = "public" if rules.presumed == found.rules("public").presumed else "a"
    if base == "public":
        cells = extract(found.source, found.cells, found.module, found.forbidden).cells
    else:
        cells = [("answer", text(HERE / "right" / lab / f"{OTHER}.py"))]
    return [(name, adapted(cell, found.rules(base), rules)) for name, cell in cells]


def variants(lab: str) -> dict[str, Path]:
    """Other right answers: each is what it overrides in the lab's own."""
    found = sorted((HERE / "right" / lab).glob("*.py"))
    return {path.stem: path for path in found if path.stem != OTHER}


def adapted(source: str, before: Any, after: Any) -> str:
    """An answer to some rules made one to others that presume the same."""
    names = dict(zip(before.names, after.names, strict=True))
    source = re.sub(rf"\b({'|'.join(names)})\b", lambda found: names[found[1]], source)
    for name in ("waits", "resends", "patience"):
        old, new = (f", {getattr(rules, name):g})" for rules in (before, after))
        source = source.replace(old, new)
    if before.refusers_told == after.refusers_told:
        return source
    changes = {
        'votes.get(each, "yes") == "yes"': 'votes.get(each) != "read"',
        'if votes.get(name) != "read"': 'if votes.get(name) not in ("read", "no")',
    }
    for old, new in changes.items():
        source = source.replace(old, new)
    return source


def wrong(lab: str) -> dict[str, Path]:
    """The wrong answers to a lab: each is what it overrides in the right one."""
    return {path.stem: path for path in sorted((HERE / "wrong" / lab).glob("*.py"))}


def told(path: Path) -> tuple[str, str]:
    """The check that names a mistake, and the mistake in words."""
    check, _, words = (ast.get_docstring(ast.parse(text(path))) or "").partition(": ")
    return check, words


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def notebook(path: Path, lab: str, before: str = "", **cells: str) -> Path:
    """Write the notebook of a lab with other answer cells: empty unless given."""
    found = json.loads(text(LABS[lab].source))
    for cell in found["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in LABS[lab].cells:
            cell["source"] = cells.get(name, "")
    if before:
        first = {"cell_type": "code", "metadata": {}, "source": before, "outputs": []}
        found["cells"].insert(0, first)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found), encoding="utf-8")
    return path
