"""Answers to labs, right and wrong, as the cells of a notebook."""

import ast
from pathlib import Path

HERE = Path(__file__).parent
RIGHT = {"public": "presumed_commit", "a": "presumed_abort"}


def right(lab: str, code: str = "public") -> list[tuple[str, str]]:
    """A right answer for one code, as one cell."""
    path = HERE / "right" / lab / f"{RIGHT[code]}.py"
    return [("answer", path.read_text(encoding="utf-8"))]


def wrong(lab: str) -> dict[str, Path]:
    """The wrong answers to a lab: each is what it overrides in the right one."""
    return {path.stem: path for path in sorted((HERE / "wrong" / lab).glob("*.py"))}


def told(path: Path) -> tuple[str, str]:
    """The check that names a mistake, and the mistake in words."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    check, _, words = text.partition(": ")
    return check, words
