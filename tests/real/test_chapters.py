"""The chapters' real measurements still run, and leave nothing behind. That the rest of
a chapter does without them, nbval sees to, which leaves them out.
"""

import psutil
import pytest

from tools import book, notebooks

REAL = [path for path in book.chapters() if notebooks.REAL in path.read_text("utf-8")]


def alive(mark):
    """The processes that were begun by whoever had this mark in the environment."""
    for process in psutil.process_iter():
        try:
            if process.environ().get("CHAPTER") == mark:
                yield process.cmdline()
        except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
            pass


@pytest.mark.slow
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_it_runs_and_leaves_nothing_behind(path, tmp_path, monkeypatch):
    monkeypatch.setenv("REAL", "1")
    monkeypatch.setenv("CHAPTER", str(tmp_path))
    notebooks.execute(notebooks._read(path), path.parent)
    assert list(alive(str(tmp_path))) == []
