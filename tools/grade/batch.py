"""All submissions to a lab graded, so many at a time: scores.csv, tables for Moodle and
Canvas, a feedback page a student, and a list of what was odd.

    python -m tools.grade.batch LAB SUBMISSIONS

The environment says the rest. COURSE names the instructor's file, as
`tools.grade.course` has it; without it the seeds are public. OUT is where the results
go, _build/grades/LAB by default; JOBS says how many submissions are graded at a time.
ID regrades one student and says whether the result is the same. TRUST=1 lets the
students' code run where there is no bubblewrap.

A submission that was graded before is not graded again, unless it, the grader or the
secret has changed: so a batch that was broken off goes on where it was.
"""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import ftlib
from tools import BUILD, ROOT
from tools.grade.course import Course
from tools.grade.labs import LABS, Lab
from tools.grade.process import sandboxed
from tools.grade.submissions import Submission, submissions

__all__ = ["Batch", "main"]

NUMBERED = re.compile(r"(.+)_(\d+)")  # as `tools.grade.submissions` names them
SECONDS = 300  # for one submission, the slowest machine considered
UNPROTECTED = """\
There is no bubblewrap (bwrap) here. The students' code would run in processes with
bounds on time and memory and with refusals inside Python, but with your rights: code
that breaks out of Python could read your files, the secret among them, and use the
network. Install bubblewrap, grade in a container or as a user that owns nothing, or
say TRUST=1."""


@cache
def grader() -> str:
    """Return a hash of all that a verdict depends on."""
    digest = hashlib.sha256()
    for folder in ("ftlib", "tools/grade"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Batch:
    """The submissions to one lab, and where their results go."""

    lab: Lab
    course: Course
    out: Path

    def key(self, submission: Submission) -> dict[str, str]:
        """Return what a result depends on."""
        path = submission.path
        return {
            "lab": self.lab.name,
            "version": ftlib.__version__,
            "grader": grader(),
            "secret": self.course.fingerprint(),
            "submission": hashlib.sha256(path.read_bytes()).hexdigest() if path else "",
        }

    def file(self, student: str, folder: str, suffix: str) -> Path:
        """Return the file of a student, whatever the student is called."""
        plain = re.sub(r"[^\w.-]", "_", student)[:60]
        mark = hashlib.sha256(student.encode()).hexdigest()[:6]
        name = plain if plain == student else f"{plain}-{mark}"
        return self.out / folder / f"{name}{suffix}"

    def known(self, submission: Submission) -> dict[str, Any] | None:
        """Return the result of a submission, if there is one that still holds."""
        path = self.file(submission.student, "results", ".json")
        try:
            result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return result if result.get("key") == self.key(submission) else None

    def graded(self, submission: Submission) -> dict[str, Any]:
        """Grade one submission; whatever happens to it, there is a result."""
        lab, student = self.lab, submission.student
        result: dict[str, Any] = {"scores": [], "notes": [], "page": ""}
        if submission.path is not None:
            asked = {
                "lab": lab.name,
                "path": str(submission.path.resolve()),
                "code": self.course.code(lab.name, student)
                if self.course.secret
                else "",
                "seed": self.course.seed(lab.name, student),
            }
            try:
                run = subprocess.run(
                    [sys.executable, "-m", "tools.grade.one"],
                    input=json.dumps(asked),
                    capture_output=True,
                    text=True,
                    cwd=ROOT,
                    timeout=SECONDS,
                )
                result |= json.loads(run.stdout)
            except subprocess.TimeoutExpired:
                result["notes"] = [f"Grading took more than {SECONDS} s."]
            except ValueError:
                result["notes"] = ["The grader itself has failed: tell its authors."]
                result["failure"] = run.stderr[-4000:]
        if submission.note:
            result["notes"].append(submission.note)
        return {"student": student, "key": self.key(submission), **result}

    def keep(self, result: Mapping[str, Any]) -> None:
        """Write a result, and its page of feedback."""
        student = result["student"]
        page = self.file(student, "feedback", ".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        said = escape(" ".join(result["notes"]))
        page.write_text(result["page"] or f"<!doctype html><p>{said}</p>\n", "utf-8")
        path = self.file(student, "results", ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        rest = {name: value for name, value in result.items() if name != "page"}
        half = path.with_suffix(".half")  # so that no half result is ever found
        half.write_text(json.dumps(rest, indent=1) + "\n", encoding="utf-8")
        half.replace(path)

    def table(self, results: list[dict[str, Any]]) -> None:
        """Write scores.csv. What was given by hand is read from hand.csv, which is
        made, empty, if there is none, and never written to again.
        """
        hand = self.out / "hand.csv"
        written = list(self.lab.written)
        if not hand.exists():
            _rows(hand, [["student", *written]])
        with hand.open(encoding="utf-8", newline="") as lines:
            given = {row["student"]: row for row in csv.DictReader(lines)}
        names = [*(each.name for each in self.lab.checks.CHECKS), "prediction"]
        totals = {}
        rows: list[list[Any]] = [
            [
                *("student", *names, "machine", "days_late", "machine_after_late"),
                *(*written, "total", "notes"),
            ]
        ]
        for result in results:
            student = result["student"]
            points = {name: mark for name, mark, *_ in result["scores"]}
            machine = sum(points.values())
            kept = round(machine * self.course.kept(self.lab.name, student), 2)
            by_hand = [given.get(student, {}).get(name) or "" for name in written]
            total = round(kept + sum(float(mark) for mark in by_hand if mark), 2)
            totals[student] = total
            rows.append(
                [
                    student,
                    *(points.get(name, 0) for name in names),
                    machine,
                    self.course.days_late(self.lab.name, student),
                    kept,
                    *by_hand,
                    total,
                    " ".join(result["notes"]),
                ]
            )
        _rows(self.out / "scores.csv", rows)
        self._for_import(totals)

    def _for_import(self, totals: Mapping[str, float]) -> None:
        """Write the totals as Moodle and Canvas import them, of those students whose
        names end in the number that the download has given them.

        The columns are those that Moodle's grading worksheet and Canvas's gradebook
        must have, in English.
        """
        found = [(NUMBERED.fullmatch(student), totals[student]) for student in totals]
        numbered = [(*match.groups(), total) for match, total in found if match]
        if not numbered:
            return
        moodle: list[list[Any]] = [
            ["Identifier", "Full name", "Grade", "Last modified (grade)"]
        ]
        canvas: list[list[Any]] = [["Student", "ID", "Section", self.lab.name]]
        for name, number, total in numbered:
            moodle.append([f"Participant {number}", name, f"{total:g}", ""])
            canvas.append([name, number, "", f"{total:g}"])
        _rows(self.out / "moodle.csv", moodle)
        _rows(self.out / "canvas.csv", canvas)


def _rows(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(rows)


def _grade(batch: Batch, found: list[Submission], jobs: int) -> int:
    batch.out.mkdir(parents=True, exist_ok=True)
    before = {each.student: batch.known(each) for each in found}
    todo = [each for each in found if before[each.student] is None]
    print(f"{len(found)} submissions, {len(found) - len(todo)} of them graded before")

    def one(submission: Submission) -> dict[str, Any]:
        result = batch.graded(submission)
        batch.keep(result)
        print(_line(result), flush=True)
        return result

    with ThreadPoolExecutor(jobs) as pool:
        new = {result["student"]: result for result in pool.map(one, todo)}
    results = [before[each.student] or new[each.student] for each in found]
    batch.table(results)
    odd = [result for result in results if result["notes"]]
    if odd:
        print("\nTo be looked at:")
        for result in odd:
            print(f"  {result['student']}: {' '.join(result['notes'])}")
    print(
        f"\n{batch.out / 'scores.csv'} and a page a student in {batch.out / 'feedback'}"
    )
    return 1 if any("failure" in result for result in results) else 0


def _line(result: Mapping[str, Any]) -> str:
    lost = ", ".join(name for name, points, *_ in result["scores"] if not points)
    total = sum(points for _, points, *_ in result["scores"])
    return f"{result['student']}: {total}{f', lost {lost}' if lost else ''}"


def _regrade(batch: Batch, found: list[Submission], student: str) -> int:
    """Grade one again, and say what is not as it was."""
    chosen = [each for each in found if each.student == student]
    if not chosen:
        names = ", ".join(each.student for each in found)
        print(f"there is no submission of {student!r}: there are {names}")
        return 2
    path = batch.file(student, "results", ".json")
    if not path.exists():
        print(f"{student} was not graded before: make grade")
        return 2
    before = json.loads(path.read_text(encoding="utf-8"))
    after = json.loads(json.dumps(batch.graded(chosen[0])))
    differing = [
        f"{name}: {before['key'].get(name)} before, {value} now"
        for name, value in after["key"].items()
        if before["key"].get(name) != value
    ]
    olds = {name: rest for name, *rest in before["scores"]}
    differing += [
        f"{name}: {olds.get(name, ['nothing'])[0]} before, {rest[0]} now ({rest[-1]})"
        for name, *rest in after["scores"]
        if olds.get(name) != rest
    ]
    print(_line(after))
    print("\n".join(differing) or "The same as before.")
    return 1 if differing else 0


def main(arguments: list[str], environment: Mapping[str, str] = os.environ) -> int:
    """Grade what the arguments name. Return the exit code."""
    if len(arguments) != 2 or arguments[0] not in LABS or not arguments[1]:
        print(
            "say which lab and where the submissions are:"
            f" make grade SUBMISSIONS=folder LAB={'|'.join(LABS)}",
            file=sys.stderr,
        )
        return 2
    lab = LABS[arguments[0]]
    if sandboxed() is None:
        print(
            UNPROTECTED
            if environment.get("TRUST") != "1"
            else "TRUST=1: no bubblewrap",
            file=sys.stderr,
        )
        if environment.get("TRUST") != "1":
            return 2
    try:
        given = environment.get("COURSE", "")
        course = Course.read(Path(given).expanduser()) if given else Course()
        found = submissions(Path(arguments[1]).expanduser(), lab.name)
        jobs = int(environment.get("JOBS") or os.cpu_count() or 1)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if not course.secret:
        print("No COURSE: the seeds are public, and so are the rules", file=sys.stderr)
    out = Path(environment.get("OUT") or BUILD / "grades" / lab.name).expanduser()
    batch = Batch(lab, course, out)
    if student := environment.get("ID"):
        return _regrade(batch, found, student)
    return _grade(batch, found, max(1, jobs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
