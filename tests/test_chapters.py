"""Every chapter ends in three exercises: a starter cell that runs, and a folded solution that solves."""

import re
from pathlib import Path

import nbformat
import pytest

CHAPTERS = sorted((Path(__file__).parent.parent / "chapters").glob("*.ipynb"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_the_folded_solutions_solve(chapter, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    names: dict[str, object] = {"__name__": "__main__"}
    solved = 0
    for cell in nbformat.read(chapter, as_version=4).cells:
        if cell.cell_type == "code" and "plt" not in cell.source:
            exec(cell.source, names)
        for solution in re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL) if cell.cell_type == "markdown" else ():
            assert "assert" in solution
            exec(solution, names)
            solved += 1
    assert solved == 3
