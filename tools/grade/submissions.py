"""Where the submissions are: the layouts in which they are handed over.

- plain, ``ID/LAB.ipynb``;
- Moodle's download, ``Name_123_assignsubmission_file_/LAB.ipynb``;
- Canvas's, ``name_LATE_123_456_LAB-1.ipynb``, all in one folder;
- an nbgrader exchange's ``inbound/``, ``ID+LAB+time+random/LAB.ipynb``, of which the
  last one counts; and nbgrader's ``submitted/``, ``ID/LAB/LAB.ipynb``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Submission", "submissions"]

MOODLE = re.compile(r"(?P<id>.+?)_assignsubmission_file_?")
CANVAS = re.compile(r"(?P<id>.+?)(_LATE)?_(?P<number>\d+)_\d+_(?P<file>.+)")


@dataclass(frozen=True)
class Submission:
    """What one student has handed in.

    Attributes
    ----------
    student : str
    path : Path or None
        None if there is no notebook.
    note : str
        What was odd about it.
    """

    student: str
    path: Path | None
    note: str = ""


def submissions(folder: Path, lab: str) -> list[Submission]:
    """Find the submissions to a lab, one a student, in the order of their names.

    Raises
    ------
    ValueError
        If there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: name the one with the submissions")
    found: dict[str, Submission] = {}
    for each in _all(folder, lab):
        found[each.student] = each
    if not found:
        raise ValueError(
            f"{folder} holds no submission: there should be ID/{lab}.ipynb, or what"
            " Moodle, Canvas or nbgrader make"
        )
    return [found[student] for student in sorted(found)]


def _all(folder: Path, lab: str) -> Iterator[Submission]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            student, _, rest = path.name.partition("+")
            if rest and not rest.startswith(f"{lab}+"):
                continue  # another lab, in an exchange
            if moodle := MOODLE.fullmatch(path.name):
                student = moodle["id"]
            yield _in(path, student, lab)
        elif path.suffix == ".ipynb":
            canvas = CANVAS.fullmatch(path.stem)
            if canvas:
                student = f"{canvas['id']}_{canvas['number']}"
                plain = re.sub(r"-\d+$", "", canvas["file"])
                odd = "" if plain == lab else f"The file is called {canvas['file']!r}."
                yield Submission(student, path, odd)
            else:
                yield Submission(path.stem, path, f"The file is called {path.name!r}.")


def _in(folder: Path, student: str, lab: str) -> Submission:
    """Find the notebook of one student."""
    for path in (folder / f"{lab}.ipynb", folder / lab / f"{lab}.ipynb"):
        if path.is_file():
            return Submission(student, path)
    others = [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in path.parts and path.is_file()
    ]
    if len(others) == 1:
        return Submission(student, others[0], f"The file is called {others[0].name!r}.")
    what = f"{len(others)} notebooks" if others else "no notebook"
    return Submission(student, None, f"There is no {lab}.ipynb: {what} instead.")
