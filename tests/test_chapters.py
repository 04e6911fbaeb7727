"""Every chapter ends in three exercises: a starter cell that runs, and a folded
solution that solves.
"""

import linecache
import re
from pathlib import Path

import nbformat
import pytest

CHAPTERS = sorted((Path(__file__).parent.parent / "chapters").glob("*.ipynb"))


def run_cell(source, names):
    """Run a cell so that its source can be read again, as a kernel does."""
    name = f"<cell {len(linecache.cache)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), names)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_the_folded_solutions_solve(chapter, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    names: dict[str, object] = {"__name__": "__main__"}
    solved = 0
    for cell in nbformat.read(chapter, as_version=4).cells:
        if cell.cell_type == "code" and "plt" not in cell.source:
            run_cell(cell.source, names)
        for solution in (
            re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
            if cell.cell_type == "markdown"
            else ()
        ):
            assert "assert" in solution
            run_cell(solution, names)
            solved += 1
    assert solved == 3
