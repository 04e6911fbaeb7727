"""What the chapters define: their classes and functions, as a learner has them."""

import ast
import json
from functools import cache
from pathlib import Path
from typing import Any

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)


@cache
def definitions(chapter: str) -> dict[str, Any]:
    """The imports, classes and functions of a chapter's cells, the last of each name,
    and its constants; nothing is run.
    """
    notebook = json.loads((CHAPTERS / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    body = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "matplotlib" not in source:
            body += [
                node
                for node in ast.parse(source).body
                if isinstance(node, DEFINITIONS)
                or (isinstance(node, ast.Assign) and _constant(node.targets[0]))
            ]
    names: dict[str, Any] = {"__name__": chapter}
    exec(compile(ast.Module(body, []), chapter, "exec"), names)
    return names


def _constant(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id.isupper()
