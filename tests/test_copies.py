"""The copies of chapters for other places, and the row of links to them."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import nbformat
import pytest

import ftlib
from tools import ROOT, copies
from tools.launch import row
from tools.wheel import NAME

CHAPTER = ROOT / "chapters" / "4_3_1_two_phase_commit.ipynb"
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "[a](../book/x.md) and [b](y.ipynb#z)",
            "[a](https://e.org/book/x.html) and [b](https://e.org/chapters/y.html#z)",
        ),
        ("![p](../book/cover.svg)", "![p](https://e.org/book/cover.svg)"),
        (
            "[a](https://else.org/x.md) [b](#here) f(x)[0](1)",
            "[a](https://else.org/x.md) [b](#here) f(x)[0](https://e.org/chapters/1)",
        ),
        ("no link", "no link"),
    ],
)
def test_links_become_absolute(text, made):
    assert copies.relinked(text, "chapters/c.ipynb", "https://e.org/") == made


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_copy_is_the_chapter_with_one_cell_more(notebook):
    node, chapter = (
        copies.copy(notebook, site="https://e.org", repository="o/n"),
        nbformat.read(notebook, as_version=4),
    )
    nbformat.validate(node)
    first, *cells = node.cells
    assert f'version("ftlib") != "{ftlib.__version__}"' in first.source
    assert f"https://raw.githubusercontent.com/o/n/notebooks/{NAME}" in first.source
    assert [cell.source for cell in cells if cell.cell_type == "code"] == [
        cell.source for cell in chapter.cells if cell.cell_type == "code"
    ]
    assert len(cells) == len(chapter.cells)
    for cell in cells:
        if cell.cell_type == "markdown":
            assert not copies.LINK.search(cell.source)


def test_where_a_copy_finds_the_library():
    first = [
        copies.copy(CHAPTER, site=site, repository=name).cells[0].source
        for site, name in [("https://e.org/ft/", ""), ("", "")]
    ]
    assert f'else "https://e.org/ft/download/{NAME}"' in first[0]
    assert "http" not in first[1]
    assert "Put {wheel} beside this notebook" in first[1]


def test_the_branch_for_colab_and_binder(tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "FOLDER", tmp_path / "notebooks")
    folder = copies.publish(NOTEBOOKS, site="", repository="o/n", title="The course")
    assert {path.name for path in folder.iterdir()} == {
        *(path.name for path in NOTEBOOKS),
        NAME,
        "requirements.txt",
        "README.md",
    }
    pins = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert pins[-1] == f"./{NAME}"
    assert {pin.split("==")[0] for pin in pins[:-1]} == {
        "ipywidgets",
        "anywidget",
        "matplotlib",
        "numpy",
        "jupyterlab",
    }


def test_the_row_of_a_chapter():
    here = row("chapters/1_a", live=False, repository="")
    assert here.count("<a ") == 1
    assert 'href="../download/1_a.zip"' in here
    everything = row("chapters/1_a", live=True, repository="o/n")
    assert 'href="../lite/notebooks/index.html?path=1_a.ipynb" data-live>' in everything
    assert (
        "https://colab.research.google.com/github/o/n/blob/notebooks/1_a.ipynb"
        in everything
    )
    assert "https://mybinder.org/v2/gh/o/n/notebooks?labpath=1_a.ipynb" in everything


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_copy_runs_where_ftlib_is_not(tmp_path):
    """All packages of this environment but ftlib, by links; the copy installs the wheel
    beside it and runs to its end.
    """
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True
    )
    python = tmp_path / "env" / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(
        subprocess.run(
            [python, "-c", ask], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "ftlib" not in path.name:
            (packages / path.name).symlink_to(path)
    before = {path.name for path in packages.iterdir()}
    html = tmp_path / "html"
    copies.add(html, [CHAPTER])
    with zipfile.ZipFile(html / "download" / f"{CHAPTER.stem}.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / CHAPTER.stem
    assert {path.name for path in folder.iterdir()} == {CHAPTER.name, NAME}
    run = """if True:
        import sys, nbclient, nbformat
        node = nbformat.read(sys.argv[1], 4)
        nbclient.NotebookClient(node, timeout=120).execute()
        nbformat.write(node, "done.ipynb")
        import ftlib
        print(ftlib.__file__)
    """
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONPATH"
    }
    done = subprocess.run(
        [python, "-c", run, CHAPTER.name],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert Path(done.stdout.strip()).is_relative_to(packages)
    changed = {path.name for path in packages.iterdir()} ^ before
    assert changed == {
        "ftlib",
        f"ftlib-{ftlib.__version__}.dist-info",
    }, "nothing else on the machine is changed"
    cells = json.loads((folder / "done.ipynb").read_text(encoding="utf-8"))["cells"]
    assert all(cell["execution_count"] for cell in cells if cell["cell_type"] == "code")
