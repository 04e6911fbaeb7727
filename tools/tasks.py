"""What the Makefile's targets do, for a machine with make and for one without.

    python -m tools.tasks serve [PORT]  build the book and serve it on 127.0.0.1
    python -m tools.tasks check         lint, format, types, notebooks' form, time
    python -m tools.tasks test          check, unit tests, notebooks, book, a page
    python -m tools.tasks test-all      what test leaves out: browser and slow tests
    python -m tools.tasks soak          thousands of random schedules, in minutes
    python -m tools.tasks notebooks     run every notebook, write its normal form
    python -m tools.tasks book          build the book, warnings being errors
    python -m tools.tasks pyodide       put together the Python that the pages run
    python -m tools.tasks labs          what students get of the labs
    python -m tools.tasks grade         grade SUBMISSIONS, a folder
    python -m tools.tasks regrade       grade one of them, ID, again
    python -m tools.tasks labs-check    judge the judges of the labs
    python -m tools.tasks print         print each chapter as a PDF
    python -m tools.tasks release       site, wheel and print edition
    python -m tools.tasks bench         compare ftlib with its peers
    python -m tools.tasks bench-web     measure the built pages in a browser

Run it in the folder of the course, with requirements.txt installed (print, release,
test-all and bench-web need requirements/browser.txt too, bench requirements/bench.txt,
bench and test-all requirements/dask.txt,
labs, labs-check and test-all requirements/labs.txt, bench and test-all
requirements/real.txt).
JOBS says how many processes run tests; without it, one a core.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

from tools import ROOT, book, costs, paper, pyodide, release
from tools.grade import batch
from tools.grade import release as labs
from tools.grade.labs import LABS

__all__ = ["main", "steps"]

Step = tuple[str, Callable[[], bool]]


def _python(*arguments: str) -> bool:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT).returncode == 0


def notebooks() -> list[str]:
    """The notebooks of the book, as paths from the root."""
    return [path.relative_to(ROOT).as_posix() for path in book.chapters()]


def _on_notebooks(command: str) -> bool:
    return not notebooks() or _python("-m", "tools.notebooks", command, *notebooks())


def _nbval() -> bool:
    options = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "60")
    return not notebooks() or _pytest(
        *options, *notebooks(), dist="loadfile"
    )  # the cells of a notebook stay together


def _pytest(*arguments: str, dist: str) -> bool:
    return _python(
        "-m", "pytest", "-n", os.environ.get("JOBS", "auto"), "--dist", dist, *arguments
    )


def _benchmarks() -> bool:
    results = [
        _python(str(script))
        for script in sorted((ROOT / "benchmarks").glob("bench_*.py"))
    ]
    return all(results)


CHECK: tuple[Step, ...] = (
    ("lint", lambda: _python("-m", "ruff", "check", "--output-format", "concise", ".")),
    ("format", lambda: _python("-m", "ruff", "format", "--check", ".")),
    ("types", lambda: _python("-m", "mypy")),
    ("form of the notebooks", lambda: _on_notebooks("check")),
    ("time", lambda: costs.check()),
)
TEST: tuple[Step, ...] = (
    *CHECK,
    (
        "unit tests",
        lambda: _pytest(
            *("--ignore=tests/browser", "-m", "not (slow or browser or soak)"),
            dist="worksteal",
        ),
    ),
    ("notebooks", _nbval),
    ("book", lambda: book.build(strict=True)),
    (
        "a page in a browser",
        lambda: _python("-m", "pytest", "-m", "smoke", "tests/browser"),
    ),
)
# begun first: a file stays in one process, and the other would wait for it at the end
LONGEST = (
    "tests/browser/test_jupyterlab.py",
    "tests/test_trust.py",
    "tests/test_soak.py",
    "tests/browser/test_lite.py",
    "tests/browser/test_book.py",
)
TEST_ALL: tuple[Step, ...] = (
    ("book", lambda: book.build(strict=False)),
    (
        "browser, slow and soak tests",
        lambda: _pytest(
            *("-m", "slow or browser or soak", "--no-loadscope-reorder"),
            *LONGEST,
            "tests",
            dist="loadfile",
        ),
    ),
)


def _grade() -> bool:
    """Grade what the environment names; `tools.grade.batch` says how."""
    lab = os.environ.get("LAB") or next(iter(LABS))
    return not batch.main([lab, os.environ.get("SUBMISSIONS", "")])


def _regrade() -> bool:
    if os.environ.get("ID"):
        return _grade()
    print("say whose submission: make regrade ID=name SUBMISSIONS=folder")
    return False


PRINT: Step = (
    "print edition",
    lambda: paper.print_all(site=os.environ.get("SITE_URL", "")),
)
TASKS: dict[str, tuple[Step, ...]] = {
    "check": CHECK,
    "test": TEST,
    "test-all": TEST_ALL,
    "notebooks": (("notebooks", lambda: _on_notebooks("run")),),
    "pyodide": (("Python for the pages", lambda: pyodide.build() is not None),),
    "book": (("book", lambda: book.build(strict=True)),),
    "labs": (("labs", labs.release),),
    "grade": (("grades", _grade),),
    "regrade": (("grades", _regrade),),
    "labs-check": (
        ("labs", lambda: _pytest("tests/labs", "tools/grade", dist="worksteal")),
    ),
    "print": (("book", lambda: book.build(strict=False)), PRINT),
    "release": (
        ("book", lambda: book.build(strict=True)),
        PRINT,
        ("release", release.release),
    ),
    "soak": (
        ("soak", lambda: _pytest("-m", "soak", "tests/test_soak.py", dist="load")),
    ),
    "bench": (("benchmarks", _benchmarks),),
    "bench-web": (
        ("book", lambda: book.build(strict=False)),
        ("pages", lambda: _python("benchmarks/web.py")),
    ),
}


def steps(todo: Iterable[Step]) -> int:
    """Take every step, also after one that failed; say at the end which failed. Return
    the exit code.
    """
    failed = []
    began = time.monotonic()
    for name, step in todo:
        print(f"\n== {name}", flush=True)
        start = time.monotonic()
        if not step():
            failed.append(name)
        print(
            f"== {name}: {'FAILED' if name in failed else 'ok'},"
            f" {time.monotonic() - start:.0f} s",
            flush=True,
        )
    print(f"\nAll in all {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    """Do the task that the arguments name. Return the exit code."""
    match arguments:
        case [name] if name in TASKS:
            return steps(TASKS[name])
        case ["serve"]:
            return book.serve(8000)
        case ["serve", port] if port.isdecimal() and 0 < int(port) < 65536:
            return book.serve(int(port))
        case ["serve", port]:
            print(f"PORT is {port!r}: write a number from 1 to 65535", file=sys.stderr)
        case _:
            print(
                f"{' '.join(arguments) or 'nothing'} is no task.\n\n{__doc__}",
                file=sys.stderr,
            )
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
