"""The labs as students get them: each notebook less its solution, by nbgrader, and a
zip of it in _build/labs.

    python -m tools.grade.release

With COURSE, the instructor's file, and STUDENTS, a file with a name a line, it writes
codes.csv too: the code of each student for each lab, to be handed out.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from tools import BUILD, ROOT
from tools.grade.course import Course
from tools.grade.labs import LABS, Lab

__all__ = ["FOLDER", "problems", "release", "released"]

FOLDER = BUILD / "labs"
COMMAND = ("generate_assignment", "--no-db")  # we keep no gradebook
STUB = "pass  # your code here"
REGION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.M | re.S)


def released(lab: Lab, target: Path) -> Path:
    """Have nbgrader make the release of a lab in a folder; return the notebook.

    Raises
    ------
    RuntimeError
        With what nbgrader says, if it makes none.
    """
    with tempfile.TemporaryDirectory() as name:
        course = Path(name)
        shutil.copy(ROOT / "labs" / "nbgrader_config.py", course)
        shutil.copytree(
            lab.source.parent,
            course / "source" / lab.name,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints", "*.cells.py"),
        )
        run = subprocess.run(
            [sys.executable, "-m", "nbgrader", *COMMAND, lab.name],
            cwd=course,
            env={**os.environ, "HOME": name, "JUPYTER_CONFIG_DIR": name},
            capture_output=True,
            text=True,
        )
        found = course / "release" / lab.name
        if run.returncode or not (found / lab.source.name).exists():
            raise RuntimeError(
                f"nbgrader makes no release of {lab.name}:"
                f" {(run.stderr or run.stdout)[-2000:]}"
            )
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(found, target)
    return target / lab.source.name


def _cells(path: Path) -> list[Any]:
    cells: list[Any] = nbformat.read(path, as_version=4).cells
    return cells


def problems(lab: Lab, notebook: Path) -> list[str]:
    """Say where a release is not its source less the solution.

    Parameters
    ----------
    lab : Lab
    notebook : Path
        The release.
    """
    source, found = _cells(lab.source), _cells(notebook)
    if len(source) != len(found):
        return [f"it has {len(found)} cells, and its source has {len(source)}"]
    told = []
    for before, after in zip(source, found, strict=True):
        name = before.metadata.get("nbgrader", {}).get("grade_id", before.id)
        wanted = REGION.sub(rf"\1{STUB}", before.source)
        if name in lab.written:
            wanted = "*Your answer here.*"
        if after.source != wanted:
            told.append(f"cell {name!r} is not its source less the solution")
        if after.get("outputs"):
            told.append(f"cell {name!r} has outputs")
    text = notebook.read_text(encoding="utf-8")
    told += [f"it holds {word!r}" for word in ("SOLUTION",) if word in text]
    return told


def _codes(course: Course, students: Path) -> None:
    """Write the code of each student for each lab."""
    names = [line.strip() for line in students.read_text("utf-8").splitlines()]
    with (FOLDER / "codes.csv").open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["student", *LABS])
        for name in filter(None, names):
            rows.writerow([name, *(course.code(lab, name) for lab in LABS)])


def release(environment: Mapping[str, str] = os.environ) -> bool:
    """Make the releases and their zips; return whether all are right."""
    good = True
    for lab in LABS.values():
        notebook = released(lab, FOLDER / lab.name)
        for problem in problems(lab, notebook):
            print(f"{notebook}: {problem}", file=sys.stderr)
            good = False
        archive = FOLDER / f"{lab.name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as parts:
            for path in sorted(notebook.parent.rglob("*")):
                parts.write(path, path.relative_to(FOLDER).as_posix())
        print(archive)
    students, given = environment.get("STUDENTS"), environment.get("COURSE")
    if students:
        if not given:
            print("STUDENTS needs COURSE, the file with the secret", file=sys.stderr)
            return False
        _codes(Course.read(Path(given).expanduser()), Path(students).expanduser())
        print(FOLDER / "codes.csv")
    return good


if __name__ == "__main__":
    sys.exit(not release())
