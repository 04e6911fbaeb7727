"""The labs as students get them: each notebook less its solution, by nbgrader, and a
zip of it in _build/labs.

    python -m tools.grade.release

With COURSE, the instructor's file, and STUDENTS, a file with a name a line, it writes
codes.csv too: the code of each student for each lab, to be handed out.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from tools import BUILD, ROOT
from tools.grade.course import Course
from tools.grade.labs import LABS, Lab

__all__ = [
    "FOLDER",
    "course",
    "nbgrader",
    "problems",
    "release",
    "released",
    "stripped",
    "zipped",
]

FOLDER = BUILD / "labs"
STUB = "pass  # your code here"
REGION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.M | re.S)


def course(folder: Path) -> None:
    """Put the sources of all labs, and how nbgrader is set, into a folder."""
    shutil.copy(ROOT / "labs" / "nbgrader_config.py", folder)
    for lab in LABS.values():
        shutil.copytree(
            lab.source.parent,
            folder / "source" / lab.name,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints", "*.cells.py"),
        )


def nbgrader(folder: Path, steps: Iterable[Sequence[str]]) -> None:
    """Have nbgrader take some steps in the folder of a course.

    Parameters
    ----------
    folder : Path
    steps : iterable of (name, lab) or of (name, lab, student)

    Raises
    ------
    RuntimeError
        With what nbgrader says, if one of them fails.
    """
    place = Path(sys.executable).parent  # where the programs are that it calls
    run = subprocess.run(
        [sys.executable, "-m", "tools.grade.steps", str(folder)],
        input=json.dumps([list(step) for step in steps]),
        cwd=ROOT,
        env={
            **os.environ,
            "PATH": f"{place}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": str(ROOT),  # for the notebooks, which run elsewhere
            "HOME": str(folder),
            "JUPYTER_CONFIG_DIR": str(folder),
        },
        capture_output=True,
        text=True,
    )
    if run.returncode:
        raise RuntimeError(f"nbgrader fails: {run.stderr[-4000:]}")


def released(target: Path) -> dict[str, Path]:
    """Have nbgrader make the releases in a folder; return the notebook of each lab."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        course(folder)
        nbgrader(folder, [("generate_assignment", lab) for lab in LABS])
        for lab in LABS:
            shutil.rmtree(target / lab, ignore_errors=True)
            shutil.copytree(folder / "release" / lab, target / lab)
    return {lab: target / lab / f"{lab}.ipynb" for lab in LABS}


def stripped(lab: Lab) -> Any:
    """Return the notebook of a lab less its solution and its outputs."""
    notebook = nbformat.read(lab.source, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = REGION.sub(rf"\1{STUB}", cell.source)
        if name in lab.written:
            cell.source = "*Your answer here.*"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def problems(lab: Lab, notebook: Path) -> list[str]:
    """Say where a release is not its source less the solution.

    Parameters
    ----------
    lab : Lab
    notebook : Path
        The release.
    """
    wanted, found = stripped(lab).cells, nbformat.read(notebook, as_version=4).cells
    if len(wanted) != len(found):
        return [f"it has {len(found)} cells, and its source has {len(wanted)}"]
    told = []
    for before, after in zip(wanted, found, strict=True):
        name = before.metadata.get("nbgrader", {}).get("grade_id", before.id)
        if after.source != before.source:
            told.append(f"cell {name!r} is not its source less the solution")
        if after.get("outputs"):
            told.append(f"cell {name!r} has outputs")
    text = notebook.read_text(encoding="utf-8")
    told += [f"it holds {word!r}" for word in ("SOLUTION",) if word in text]
    return told


def zipped(folder: Path) -> Path:
    """Put a folder into a zip beside it: the same bytes for the same files."""
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as parts:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder.parent).as_posix()
                part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                part.external_attr = 0o644 << 16
                parts.writestr(part, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return archive


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
    for name, notebook in released(FOLDER).items():
        for problem in problems(LABS[name], notebook):
            print(f"{notebook}: {problem}", file=sys.stderr)
            good = False
        print(zipped(notebook.parent))
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
