"""From what students hand in to a table of scores: notebooks read, cheats refused,
layouts found, batches taken up again.
"""

import csv
import json
import re
import shutil

import pytest

from tests.labs.answers import CHEATING, notebook, right, text, wrong
from tools import ROOT
from tools.grade import batch as batches
from tools.grade import process
from tools.grade.batch import Batch, main
from tools.grade.course import Course
from tools.grade.extract import NotANotebook, extract
from tools.grade.labs import LABS
from tools.grade.one import grade, prediction
from tools.grade.submissions import submissions
from tools.notebooks import problems as form

NAME = "two_phase_commit"
LAB = LABS[NAME]
SEED = 4
NODE = "from ftlib.simulation import Node\n"
IDLE = (
    "class MyParticipant(Node):\n    def __init__(self, willing=True): pass\n"
    "class MyCoordinator(Node):\n    def __init__(self, work=()): pass\n"
)


def graded(path, code="", seed=SEED):
    result = grade(LAB, path, code, seed)
    return {name: points for name, points, *_ in result["scores"]}, result


def read(path):
    return extract(path, LAB.cells, LAB.module, LAB.forbidden)


# One notebook -------------------------------------------------------------------------


def test_the_solution_gets_all_points_and_a_page_without_a_secret():
    scores, result = graded(LAB.source)
    assert sum(scores.values()) == 22
    assert result["notes"] == []
    assert "22 of 22 points" in result["page"]


@pytest.mark.parametrize("lab", LABS.values(), ids=list(LABS))
def test_the_page_of_the_labs_says_the_points_of_each_check(lab):
    page = (ROOT / "book" / "labs.md").read_text(encoding="utf-8")
    section = page.partition(f"\n### `{lab.name}`\n")[2].partition("\n##")[0]
    table = re.findall(r"^\| \d\. .+ \| `(\w+)` \| (\d+) \|", section, re.MULTILINE)
    points = [(check.name, check.points) for check in lab.checks.CHECKS]
    assert [(name, int(number)) for name, number in table] == points
    row = re.search(rf"^\| `{lab.name}` \| .*$", page, re.MULTILINE)
    assert f"| {sum(number for _, number in points)} by machine, 1 for a" in row[0]


@pytest.mark.parametrize("lab", LABS.values(), ids=list(LABS))
def test_a_labs_notebook_is_in_normal_form(lab):
    assert list(form(text(lab.source))) == []


@pytest.mark.parametrize("cheat", CHEATING, ids=lambda path: path.stem)
def test_cheating_earns_nothing(cheat, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 0.2)
    source = text(cheat)
    path = notebook(tmp_path / "x.ipynb", NAME, before=source, participant=source)
    scores, result = graded(path)
    assert sum(scores.values()) == 0
    assert set(scores) == {*(each.name for each in LAB.checks.CHECKS), "prediction"}
    assert str(SEED) not in json.dumps(result["notes"])


def test_at_least_five_ways_to_cheat():
    assert len(CHEATING) >= 5


def test_what_stands_elsewhere_does_not_matter(tmp_path):
    """Edited checks, a transformer of input and stray output cost nothing."""
    before = 'import sys\nprint("x", file=sys.stderr)\nsys.exit()'
    cells = dict(right(NAME))
    path = notebook(tmp_path / "x.ipynb", NAME, before=before, **cells)
    found = json.loads(text(path))
    found["cells"] = [
        cell
        for cell in found["cells"]
        if not cell["metadata"]
        .get("nbgrader", {})
        .get("grade_id", "")
        .startswith("check")
    ]
    path.write_text(json.dumps(found), encoding="utf-8")
    assert read(path).cells == read(LAB.source).cells


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("from ftlib.transactions import Coordinator", "forbidden in this lab"),
        ("from ftlib import transactions", "imports ftlib.transactions, which is"),
        ("import ftlib.transactions.two_phase as t", "forbidden in this lab"),
        ("def f():\n    import os", "imports os, and a node has no use for it"),
        ("from ftlib.checking import explore", "imports ftlib.checking"),
        ("from . import x", "no use for it"),
        ("def f(:", "'participant' is no Python, line 1"),
    ],
)
def test_an_answer_that_is_not_run_says_why(source, reason, tmp_path):
    path = notebook(tmp_path / "x.ipynb", NAME, participant=source)
    scores, result = graded(path)
    assert sum(scores.values()) == 0
    assert reason in result["notes"][0]
    assert reason.replace("'", "&#x27;") in result["page"]


def test_lines_that_define_nothing_are_left_out_and_named(tmp_path):
    source = f"%matplotlib inline\n{NODE}print(1)\nX = len('abc')\nY = (1, -2)\n{IDLE}"
    source += "pass  # your code here\n"
    found = read(notebook(tmp_path / "x.ipynb", NAME, participant=source))
    assert found.notes == [
        "Grading runs definitions only: line 3, 4 of the cell 'participant' was left"
        " out."
    ]
    scores, result = graded(tmp_path / "x.ipynb")
    assert sum(scores.values()) == 0
    assert {verdict for *_, verdict, _ in result["scores"]} == {"not attempted"}


def test_a_prediction_needs_its_seal(tmp_path):
    mine = dict(right(NAME))["prediction"]
    other = mine.replace("3 Poll", "4 Poll")
    for cell, verdict in (
        (mine, "right"),
        (other, "wrong"),
        ('PREDICTION = "9"', "wrong"),
        ("PREDICTION = SEAL = 3", "not attempted"),
        ("", "not attempted"),
    ):
        path = notebook(tmp_path / "x.ipynb", NAME, prediction=cell)
        assert prediction(LAB, read(path), "public").answer.verdict == verdict


def test_what_a_student_says_is_text_on_the_page(tmp_path):
    """A vote that is markup, in a counterexample that is drawn."""
    said = right(NAME)[0][1].replace('"yes")', '"<script>x</script>")')
    path = notebook(tmp_path / "x.ipynb", NAME, participant=said)
    page = graded(path)[1]["page"]
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_another_students_code_is_noticed(tmp_path):
    path = notebook(tmp_path / "x.ipynb", NAME, participant=NODE + IDLE)
    assert "has the code 'public', and this student's is 'a'" in str(
        graded(path, code="a")[1]["notes"]
    )


def test_a_deleted_and_a_doubled_cell_are_named(tmp_path):
    found = json.loads(text(LAB.source))
    by_name = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): cell
        for cell in found["cells"]
    }
    found["cells"].remove(by_name["coordinator"])
    found["cells"].append(by_name["prediction"])
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(found), encoding="utf-8")
    assert read(path).notes == [
        "The cell 'coordinator' is deleted.",
        "The cell 'prediction' is there 2 times.",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no notebook"),
        ("[]", "no notebook"),
        ('{"cells": [{"cell_type": "code"}]}', "no notebook"),
        ("[" * 100_000, "no notebook"),
        ('{"cells": []}', "another course"),
        (" " * 5_000_001, "larger than"),
    ],
)
def test_what_is_no_notebook_of_this_lab(content, reason, tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NotANotebook, match=reason):
        read(path)


# Layouts ------------------------------------------------------------------------------


def lay(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    return [
        (each.student, each.path and each.path.relative_to(folder).as_posix())
        for each in submissions(folder, NAME)
    ]


def test_plain_folders(tmp_path):
    assert lay(
        tmp_path,
        f"bo/{NAME}.ipynb",
        "ann/lab (1).ipynb",
        f"ann/.ipynb_checkpoints/{NAME}-checkpoint.ipynb",
        "cy/notes.txt",
        ".git/config",
    ) == [("ann", "ann/lab (1).ipynb"), ("bo", f"bo/{NAME}.ipynb"), ("cy", None)]
    assert [each.note for each in submissions(tmp_path, NAME)] == [
        "The file is called 'lab (1).ipynb'.",
        "",
        f"There is no {NAME}.ipynb: no notebook instead.",
    ]


def test_moodles_download(tmp_path):
    assert lay(tmp_path, f"Ann Li_123_assignsubmission_file_/{NAME}.ipynb") == [
        ("Ann Li_123", f"Ann Li_123_assignsubmission_file_/{NAME}.ipynb")
    ]


def test_canvass_download(tmp_path):
    assert lay(
        tmp_path,
        f"liann_123_456_{NAME}-2.ipynb",
        f"bobo_LATE_124_457_{NAME}.ipynb",
    ) == [
        ("bobo_124", f"bobo_LATE_124_457_{NAME}.ipynb"),
        ("liann_123", f"liann_123_456_{NAME}-2.ipynb"),
    ]


def test_an_nbgrader_exchange(tmp_path):
    early, late = (f"ann+{NAME}+2026-11-{day} 10:00:00 UTC+x" for day in (1, 2))
    assert lay(
        tmp_path,
        f"{late}/{NAME}.ipynb",
        f"{early}/{NAME}.ipynb",
        "ann+other+2026-11-03 10:00:00 UTC+x/other.ipynb",
        f"bo/{NAME}/{NAME}.ipynb",
    ) == [("ann", f"{late}/{NAME}.ipynb"), ("bo", f"bo/{NAME}/{NAME}.ipynb")]


def test_no_submissions(tmp_path):
    with pytest.raises(ValueError, match="holds no submission"):
        submissions(tmp_path, NAME)
    with pytest.raises(ValueError, match="is no folder"):
        submissions(tmp_path / "x", NAME)


# The instructor's file ----------------------------------------------------------------


def test_a_course_has_a_secret_outside_the_repository(tmp_path):
    path = tmp_path / "course.toml"
    with pytest.raises(ValueError, match="cannot be read"):
        Course.read(path)
    path.write_text('secret = "short"')
    with pytest.raises(ValueError, match="16 characters"):
        Course.read(path)
    path.write_text('secret = "long enough, this one"\nlatte = 1')
    with pytest.raises(ValueError, match="latte"):
        Course.read(path)
    with pytest.raises(ValueError, match="stands in the repository"):
        Course.read(batches.ROOT / "course.toml")
    path.write_text(
        'secret = "long enough, this one"\n[late]\nper_day = 0.25\n'
        f"[late.{NAME}]\nann = 2\nbo = 9\n"
    )
    course = Course.read(path)
    assert [course.kept(NAME, who) for who in ("ann", "bo", "cy")] == [0.5, 0.0, 1.0]
    assert course.code(NAME, "ann") != course.code(NAME, "bo")
    assert course.seed(NAME, "ann") != Course("another, as long").seed(NAME, "ann")


# Batches ------------------------------------------------------------------------------


def rows(out):
    with (out / "scores.csv").open(encoding="utf-8", newline="") as lines:
        return {row["student"]: row for row in csv.DictReader(lines)}


@pytest.fixture
def course(tmp_path):
    path = tmp_path / "course.toml"
    path.write_text(
        'secret = "long enough, this one"\n[late]\nper_day = 0.5\n'
        f"[late.{NAME}]\nann = 1\n"
    )
    return path


def test_a_batch_is_taken_up_again_and_hand_given_points_stay(
    tmp_path, course, capsys, monkeypatch
):
    """Two submissions that need no process of their own."""
    folder, out = tmp_path / "in", tmp_path / "out"
    (folder / "bo").mkdir(parents=True)
    notebook(folder / "ann" / f"{NAME}.ipynb", NAME, participant="def f(:")
    told = {"COURSE": str(course), "OUT": str(out), "TRUST": "1", "JOBS": "2"}
    assert main([NAME, str(folder)], told) == 0
    assert "0 of them graded before" in capsys.readouterr().out
    assert rows(out)["bo"]["notes"].startswith(f"There is no {NAME}.ipynb")
    assert "no Python" in (out / "feedback" / "ann.html").read_text()
    (out / "hand.csv").write_text("student,explain,bounty\nann,2.5,\n")
    (out / "results" / "bo.json").write_text('{"half')
    assert main([NAME, str(folder)], told) == 0
    assert "1 of them graded before" in capsys.readouterr().out
    assert rows(out)["ann"]["explain"] == "2.5"
    assert rows(out)["ann"]["total"] == "2.5"
    assert (out / "hand.csv").read_text().endswith("ann,2.5,\n")
    assert main([NAME, str(folder)], {**told, "ID": "bo"}) == 0
    assert "The same as before." in capsys.readouterr().out
    monkeypatch.setattr(batches, "grader", lambda: "another")
    assert main([NAME, str(folder)], {**told, "ID": "ann"}) == 1
    assert "\ngrader: " in (said := capsys.readouterr().out)
    assert said.count(" before, ") == 1
    assert main([NAME, str(folder)], {**told, "ID": "cy"}) == 2
    found = submissions(folder, NAME)
    assert not any(map(Batch(LAB, Course.read(course), out).known, found))
    secret = "long enough"
    assert not any(
        secret in path.read_text() for path in out.rglob("*") if path.is_file()
    )


def test_the_late_lose_in_a_column_of_their_own(tmp_path):
    course = Course("x" * 16, {"per_day": 0.25, NAME: {"ann": 2}})
    batch = Batch(LAB, course, tmp_path)
    scores = [("votes", 3, 3, "right", ""), ("costs", 2, 2, "right", "")]
    batch.table([{"student": "ann", "scores": scores, "notes": []}])
    row = rows(tmp_path)["ann"]
    assert (row["machine"], row["days_late"], row["machine_after_late"]) == (
        *("5", "2.0", "2.5"),
    )


def test_tables_that_moodle_and_canvas_import(tmp_path):
    """The columns that their importers look for, the number that tells a student."""
    batch = Batch(
        LAB, Course("x" * 16, {"per_day": 0.5, NAME: {"bo_7_8": 1}}), tmp_path
    )

    def table(*students):
        scores = [("votes", 3, 3, "right", ""), ("costs", 2, 2, "right", "")]
        given = [{"student": each, "scores": scores, "notes": []} for each in students]
        batch.table(given)

    table("ann", "bo")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "hand.csv",
        "scores.csv",
    ]
    (tmp_path / "hand.csv").write_text(
        'student,explain,bounty\n"Li, Ann_123",1.5,\n', encoding="utf-8"
    )
    table("Li, Ann_123", "ann", "bo_7_8")
    assert (tmp_path / "moodle.csv").read_text() == (
        "Identifier,Full name,Grade,Last modified (grade)\n"
        'Participant 123,"Li, Ann",6.5,\nParticipant 8,bo_7,2.5,\n'
    )
    assert (tmp_path / "canvas.csv").read_text() == (
        f"Student,ID,Section,{NAME}\n" + '"Li, Ann",123,,6.5\nbo_7,8,,2.5\n'
    )
    for name, column in (("moodle", "Grade"), ("canvas", NAME)):
        with (tmp_path / f"{name}.csv").open(newline="") as lines:
            assert [row[column] for row in csv.DictReader(lines)] == ["6.5", "2.5"]


def test_without_bubblewrap_trust_is_asked_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(batches, "sandboxed", lambda: None)
    assert main([NAME, str(tmp_path)], {}) == 2
    assert "could read your files" in capsys.readouterr().err


def test_odd_names_of_students_are_files_of_their_own(tmp_path):
    batch = Batch(LAB, Course(), tmp_path)
    names = ["Ann Li", "Ann_Li", "../../x", "安"]
    files = [batch.file(name, "results", ".json") for name in names]
    assert len(set(files)) == 4
    assert {path.parent for path in files} == {tmp_path / "results"}


@pytest.mark.slow
def test_five_submissions(tmp_path, course):
    """Right, empty, wrong, cheating and an endless loop, by different rules."""
    folder, out = tmp_path / "in", tmp_path / "out"
    cells = dict(right(NAME))
    (folder / "right").mkdir(parents=True)
    shutil.copy(LAB.source, folder / "right" / f"{NAME}.ipynb")
    (folder / "empty").mkdir()
    mistake = text(wrong(NAME)["forgets_at_the_first"])
    for name, more in (
        ("wrong", mistake),
        (
            "loop",
            "class MyCoordinator(MyCoordinator):\n"
            "    def count(self, txn):\n        while True: pass\n",
        ),
        ("cheat", text(CHEATING[0])),
    ):
        coordinator = cells["coordinator"] + "\n\n" + more
        given = (
            {**cells, "coordinator": coordinator}
            if name != "cheat"
            else {"participant": more}
        )
        notebook(folder / name / f"{NAME}.ipynb", NAME, **given)
    told = {"OUT": str(out), "TRUST": "1", "JOBS": "2"}
    assert main([NAME, str(folder)], told) == 0
    found = rows(out)
    assert {name: float(row["machine"]) for name, row in found.items()} == {
        "cheat": 0,
        "empty": 0,
        "loop": 7,
        "right": 22,
        "wrong": 15,
    }
    assert found["wrong"]["forgets"] == found["wrong"]["agrees"] == "0"
    page = (out / "feedback" / "wrong.html").read_text()
    assert "before" in page
    assert "<svg" in page
    before = (out / "scores.csv").read_text()
    shutil.rmtree(out)
    assert main([NAME, str(folder)], told) == 0
    assert (out / "scores.csv").read_text() == before
