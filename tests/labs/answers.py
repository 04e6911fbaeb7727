"""Answers to labs, right and wrong, as the cells of a notebook."""

import ast
import json
from pathlib import Path

from tools.grade.extract import extract
from tools.grade.labs import LABS

HERE = Path(__file__).parent
CHEATING = sorted((HERE / "cheating").glob("*.py"))  # for every lab
OTHER = {"two_phase_commit": ("a", "presumed_abort")}  # a code with other rules


def right(lab: str, code: str = "public") -> list[tuple[str, str]]:
    """A right answer: that of the lab's own notebook, or one to other rules."""
    if code == "public":
        found = LABS[lab]
        return extract(found.source, found.cells, found.module, found.forbidden).cells
    known, name = OTHER[lab]
    assert known == code
    return [("answer", text(HERE / "right" / lab / f"{name}.py"))]


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
