"""Every chapter ends in three exercises: a starter cell that runs, and a folded
solution that solves. What it offers for the reader's own code runs too. It imports from
faces, each name where it is first needed.
"""

import ast
import linecache
import re
import symtable
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

from tools.library import parts
from tools.notebooks import is_real

CHAPTERS = sorted((Path(__file__).parent.parent / "chapters").glob("*.ipynb"))

CODE = r"((?:(?!```).)*)```python\n(.*?)```"  # with what stands before it


def run_cell(source, names):
    """Run a cell so that its source can be read again, as a kernel does."""
    name = f"<cell {len(linecache.cache)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), names)


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_the_folded_solutions_solve_and_code_to_copy_runs(chapter, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    names: dict[str, object] = {"__name__": "__main__", "display": print}
    solved, to_copy = 0, []
    for cell in nbformat.read(chapter, as_version=4).cells:
        own = cell.cell_type == "code" and not is_real(cell)
        if own and "plt" not in cell.source:
            run_cell(cell.source, names)
        if cell.cell_type == "markdown":
            for before, code in re.findall(CODE, cell.source, re.DOTALL):
                if "<summary>Solution</summary>" in before:
                    assert "assert" in code
                    run_cell(code, names)
                    solved += 1
                else:
                    to_copy.append(code)
    assert solved == 3
    for code in to_copy:
        run_cell(code, names)


# -------------------------------------------------------------------- real measurements


def bound(cell: str) -> set[str]:
    """The names to which a cell gives a value, imports too."""
    names = symtable.symtable(cell, "cell", "exec").get_symbols()
    return {n.get_name() for n in names if n.is_assigned() or n.is_imported()}


def shared(cells: list[tuple[bool, str]]) -> set[str]:
    """The names to which both a real measurement and another cell give a value, of
    cells of code and whether they are real: what they mean later on depends on whether
    the real ones were run.
    """
    ours, real = (
        {name for each, cell in cells if each is which for name in bound(cell)}
        for which in (False, True)
    )
    return ours & real


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_real_measurement_and_another_cell_share_no_name(chapter):
    cells = nbformat.read(chapter, as_version=4).cells
    code = [(is_real(cell), cell.source) for cell in cells if cell.cell_type == "code"]
    assert shared(code) == set()


@pytest.mark.parametrize(
    "real",
    [
        "a = lost = 1",
        "def lost():\n    pass",
        "for lost in ():\n    pass",
        "import lost",
        "with open(f) as (a, lost):\n    pass",
    ],
)
def test_a_name_of_both_is_found(real):
    ours = "from ftlib.drawing.looks.pair import lost\n[name for name in ()]"
    assert shared([(False, ours), (True, real)]) == {"lost"}
    assert shared([(False, ours), (True, "lost()\nname = 1")]) == set()


# ------------------------------------------------------------------------------ imports

PLOTS = "import matplotlib.pyplot as plt"
LINES_OF_IMPORT = 4  # in one cell


def is_face(name: str) -> bool:
    """Whether a module is a room, or a part that the face above it names."""
    above, _, part = name.rpartition(".")
    if above == "ftlib":
        return hasattr(import_module(name), "__all__")
    return is_face(above) and any(
        each.__name__ == f"{above}.{part}" for each in parts(import_module(above))
    )


def import_problems(cells: list[str]) -> list[str]:
    """What is wrong with the imports of a chapter, whose cells of code these are. A
    cell that plots may fail by itself, so that it gives no other cell a name.
    """
    found = (
        [] if cells[0] == "SEED = 7" else ["SEED = 7 does not stand at the top alone"]
    )
    known: set[str] = set()
    for number, cell in enumerate(cells, 1):
        tree = ast.parse(cell)
        nodes = [
            n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names = {alias.asname or alias.name for node in nodes for alias in node.names}
        lines = sum(node.end_lineno - node.lineno + 1 for node in nodes)
        if lines > LINES_OF_IMPORT:
            found.append(f"cell {number} has {lines} lines of imports")
        plots = "plt" in used | names
        if plots and not cell.startswith(PLOTS):
            found.append(f"cell {number} plots, and does not begin with {PLOTS}")
        found += [
            f"cell {number} imports {name}, and does not need it"
            for name in sorted(names - used)
        ]
        found += [
            f"cell {number} imports {name} again" for name in sorted(names & known)
        ]
        for node in nodes:
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("ftlib"):
                if not is_face(module):
                    found.append(f"cell {number} imports from {module}, no face")
                    continue
                offered = import_module(module).__all__
                found += [
                    f"cell {number}: {module} does not offer {alias.name}"
                    for alias in node.names
                    if alias.name not in offered
                ]
        if not plots:
            known |= names
    return found


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_imports_from_faces_where_it_needs_the_name(chapter):
    cells = nbformat.read(chapter, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    assert import_problems(sources) == []


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (["import random\nrandom", "SEED = 7"], "SEED = 7"),
        (
            ["SEED = 7", "from ftlib.checking.replay import replay\nreplay"],
            "ftlib.checking.replay, no face",
        ),
        (
            ["SEED = 7", "from ftlib.checking.blocking import blocking\nblocking"],
            "ftlib.checking.blocking, no face",
        ),
        (
            ["SEED = 7", "from ftlib.transactions import saga, VOTES\nsaga, VOTES"],
            "ftlib.transactions does not offer VOTES",
        ),
        (["SEED = 7", "from ftlib.live import Live"], "does not need it"),
        (["SEED = 7", *["import random\nrandom"] * 2], "random again"),
        (["SEED = 7", "from random import (\na,\nb,\nc,\n)\na, b, c"], "5 lines"),
        (["SEED = 7", f"x = 1\n{PLOTS}\nplt.show()"], "does not begin"),
        (["SEED = 7", "plt.show()"], "does not begin"),
    ],
)
def test_imports_that_are_not_allowed_are_seen(cells, problem):
    (found,) = import_problems(cells)
    assert problem in found


def test_imports_that_are_allowed():
    plot = f"{PLOTS}\nfrom ftlib.drawing import axes\naxes(plt)"
    saga = "from ftlib.transactions.saga import trip\ntrip"
    bank = "from ftlib.transactions import bank, saga\nbank, saga"
    looks = "from ftlib.drawing.looks.transactions import SAGA_LOOK\nSAGA_LOOK"
    assert import_problems(["SEED = 7", plot, plot, saga, bank, looks]) == []
