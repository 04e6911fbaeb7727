"""What students get: by nbgrader and in the site, and nothing of the solution in it."""

import json
import re
import sqlite3
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from tools import ROOT
from tools.grade import release, site
from tools.grade.extract import extract
from tools.grade.labs import LABS
from tools.grade.one import grade


def telling(lab):
    """Lines of a solution that stand nowhere but in it, as a notebook has them."""
    found = extract(lab.source, lab.cells, lab.module, lab.forbidden)
    given = "\n".join(cell.source for cell in release.stripped(lab).cells)
    lines = {line.strip() for _, text in found.cells for line in text.split("\n")}
    mine = [line for line in lines if "self." in line and line not in given]
    return sorted(mine, key=lambda line: (len(line), line))[-5:]


def written(lab):
    """The sentences of what a person grades, of which a release has none."""
    cells = json.loads(lab.source.read_text(encoding="utf-8"))["cells"]
    (text,) = (
        "".join(cell["source"])
        for cell in cells
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "explain"
    )
    return text.split("\n")[:2]


def test_no_solution_stands_where_the_site_or_the_library_is_made():
    """Lines of each solution are looked for, and found where they belong."""
    texts = {
        path: path.read_text(encoding="utf-8")
        for folder in ("ftlib", "chapters", "book", "tools")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".ipynb", ".md")
    }
    for lab in LABS.values():
        source = lab.source.read_text(encoding="utf-8")
        for line in telling(lab)[-1:]:
            assert json.dumps(line)[1:-1] in source
            for path, text in texts.items():
                assert line not in text, path
                assert json.dumps(line)[1:-1] not in text, path


def test_the_site_offers_each_lab_less_its_solution(tmp_path):
    site.add(tmp_path)
    folder = tmp_path / "download" / "labs"
    page = (ROOT / "book" / "labs.md").read_text(encoding="utf-8")
    links = re.findall(r'<a href="\.\./download/labs/(\w+)\.zip" download>', page)
    assert sorted(links) == sorted(LABS)
    assert {path.stem for path in folder.iterdir()} == set(LABS)
    for lab in LABS.values():
        with zipfile.ZipFile(folder / f"{lab.name}.zip") as parts:
            assert set(parts.namelist()) == {
                f"{lab.name}/{path.name}"
                for path in lab.source.parent.iterdir()
                if path.suffix in (".ipynb", ".svg")
            }
            parts.extractall(tmp_path)
        notebook = tmp_path / lab.name / lab.source.name
        assert release.problems(lab, notebook) == []
        text = notebook.read_text(encoding="utf-8")
        for line in (*telling(lab), *written(lab)):
            assert json.dumps(line)[1:-1] in lab.source.read_text(encoding="utf-8")
            assert json.dumps(line)[1:-1] not in text, line
        assert not [
            output
            for cell in json.loads(text)["cells"]
            for output in cell.get("outputs", [])
        ]


@pytest.mark.parametrize("lab", LABS.values(), ids=list(LABS))
def test_an_untouched_notebook_runs_to_its_end(lab, monkeypatch, capsys):
    module = ModuleType("untouched")
    monkeypatch.setitem(sys.modules, "untouched", module)
    checks = [f"check-{each.name}" for each in lab.checks.CHECKS]
    for cell in release.stripped(lab).cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in checks:
            assert eval(cell.source, vars(module)).verdict == "not attempted"
        elif cell.cell_type == "code":
            exec(compile(cell.source, "<cell>", "exec"), vars(module))


STUDENTS = "right", "empty", "odd"


def submitted(lab, folder):
    """What three students hand in: the solution, the release, and a notebook with an
    error, without a cell, and with a check of its own.
    """
    empty = folder / "release" / lab.name / lab.source.name
    odd = json.loads(empty.read_text(encoding="utf-8"))
    by_name = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): cell
        for cell in odd["cells"]
    }
    by_name[lab.cells[0]]["source"] = "raise ValueError('an error of mine')"
    by_name[f"check-{lab.checks.CHECKS[0].name}"]["source"] = "print('all right')"
    odd["cells"].remove(by_name[lab.cells[-1]])
    for student, text in (
        ("right", lab.source.read_text(encoding="utf-8")),
        ("empty", empty.read_text(encoding="utf-8")),
        ("odd", json.dumps(odd)),
    ):
        path = folder / "submitted" / student / lab.name / lab.source.name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")


def through(folder, *students):
    """Have nbgrader grade what some students have handed in, and write their pages."""
    steps = "autograde", "generate_feedback"
    taken = [(step, lab, name) for lab in LABS for name in students for step in steps]
    release.nbgrader(folder, taken)


@pytest.mark.slow
def test_each_lab_goes_through_the_whole_of_nbgrader(tmp_path):
    """Released, handed in by three students, graded and given back, in one course."""
    pytest.importorskip("nbgrader", reason="requirements/labs.txt is not installed")
    release.course(tmp_path)
    release.nbgrader(tmp_path, [("generate_assignment", lab) for lab in LABS])
    for lab in LABS.values():
        notebook = tmp_path / "release" / lab.name / lab.source.name
        assert release.problems(lab, notebook) == []
        scores = grade(lab, notebook, "", 4)["scores"]
        assert {(points, verdict) for _, points, _, verdict, _ in scores} == {
            (0, "not attempted")
        }
        text = notebook.read_text(encoding="utf-8").replace("### END SOLUTION", "")
        planted = tmp_path / "planted.ipynb"
        planted.write_text(text.replace(release.STUB, "self.ask(1)", 1))
        assert release.problems(lab, planted)
        submitted(lab, tmp_path)
    through(tmp_path, "right")
    with (tmp_path / "nbgrader_config.py").open("a") as config:  # kernels take seconds
        config.write("c.Execute.enabled = c.ClearOutput.enabled = False\n")
    through(tmp_path, "empty", "odd")
    for lab in LABS.values():
        pages, cells = {}, {}
        for student in STUDENTS:
            place = Path(student) / lab.name / lab.name
            page = tmp_path / "feedback" / place.with_suffix(".html")
            pages[student] = page.read_text(encoding="utf-8")
            graded = tmp_path / "autograded" / place.with_suffix(".ipynb")
            cells[student] = json.loads(graded.read_text(encoding="utf-8"))["cells"]
        for student in ("empty", "odd"):
            for line in (*telling(lab), *written(lab)):
                assert line not in pages[student]
        assert "Traceback" not in str(cells["right"])
        assert str(cells["right"]).count("Right. ") >= len(lab.checks.CHECKS)
        assert "an error of mine" in pages["odd"]
        first = f"check-{lab.checks.CHECKS[0].name}"
        restored = next(
            cell
            for cell in cells["odd"]
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == first
        )
        assert "all right" not in "".join(restored["source"])
    # by machine nbgrader gives nothing: its points are those that a person gives
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as book:
        found = book.execute(
            "SELECT auto_score, manual_score, needs_manual_grade FROM grade"
        )
        marks = found.fetchall()
    assert len(marks) == sum(3 * len(lab.written) for lab in LABS.values())
    assert not any(auto or manual for auto, manual, _ in marks)
    assert any(needed for *_, needed in marks)
