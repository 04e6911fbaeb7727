"""The notebooks that run in the browser, as files; tests/browser/test_lite.py opens
one.
"""

import hashlib
import json
import re
import zipfile
from pathlib import PurePosixPath
from types import SimpleNamespace

import pytest

import ftlib
from tools import ROOT, lite, pyodide
from tools.notebooks import is_real

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
LINK = re.compile(r"(?<!!)\[[^]]*\]\(([^)\s]+)\)")


@pytest.fixture
def html(tmp_path):
    """A site with pages of the names that the book has, and a folder pyodide with one
    package.
    """
    for page in [*CHAPTERS, *(ROOT / "book").rglob("*.md")]:
        built = (tmp_path / page.relative_to(ROOT)).with_suffix(".html")
        built.parent.mkdir(parents=True, exist_ok=True)
        built.touch()
    entry = {"name": "ftlib", "file_name": "ftlib-1.whl", "depends": []}
    elsewhere = {
        "name": "numpy",
        "file_name": "https://example.org/numpy.whl",
        "depends": [],
    }
    (tmp_path / "pyodide").mkdir()
    (tmp_path / "pyodide" / pyodide.LOCK).write_text(
        json.dumps({"packages": {"ftlib": entry, "numpy": elsewhere}})
    )
    return tmp_path


def test_it_lies_in_the_site_and_an_unchanged_one_costs_nothing(html, monkeypatch):
    assert lite.add(html, CHAPTERS)
    site = html / "lite"
    assert sorted(path.name for path in (site / "files").iterdir()) == [
        path.name for path in CHAPTERS
    ]
    extensions = [
        path.parent.relative_to(site / "extensions").as_posix()
        for path in site.glob("extensions/**/package.json")
    ]
    assert sorted(extensions) == sorted(name for _, name in lite._extensions()), (
        "whatever else the environment has"
    )
    files = [path for path in site.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in (".map", ".eot")]
    assert sum(path.stat().st_size for path in files) < 25_000_000

    configuration = json.loads(
        (site / "jupyter-lite.json").read_text(encoding="utf-8")
    )["jupyter-config-data"]
    kernel = configuration["litePluginSettings"][
        "@jupyterlite/pyodide-kernel-extension:kernel"
    ]
    assert (site / kernel["pyodideUrl"]).resolve() == html / "pyodide" / "pyodide.mjs"
    for words in (
        json.dumps(configuration),
        (site / "notebooks" / "index.html").read_text(encoding="utf-8"),
    ):
        assert not re.search(r'(?:src|href|Url)"?[=:] ?"(?:/|https?:)', words), (
            "every address is relative"
        )

    assert ftlib.__version__ in configuration["contentsStorageName"]
    plots = sum(
        len(lite.stored(json.loads(chapter.read_text(encoding="utf-8"))))
        for chapter in CHAPTERS
    )
    assert len(list((site / "stored").iterdir())) == plots > 5

    monkeypatch.setattr(lite, "_build", lambda *_: pytest.fail("built in vain"))
    assert lite.add(html, CHAPTERS)


def test_the_kernel_finds_its_packages_in_the_folder_of_the_pages(html):
    lite.add(html, [])
    packages = json.loads((html / "lite" / pyodide.LOCK).read_text(encoding="utf-8"))[
        "packages"
    ]
    assert packages["ftlib"]["file_name"] == "../pyodide/ftlib-1.whl"
    assert packages["numpy"]["file_name"] == "https://example.org/numpy.whl"
    hook = html / "lite" / packages["jedi"]["file_name"]
    assert packages["jedi"]["sha256"] == hashlib.sha256(hook.read_bytes()).hexdigest()
    with zipfile.ZipFile(hook) as archive:
        assert (
            archive.read("ft_lite.py")
            == (ROOT / "book" / "lite" / "ft_lite.py").read_bytes()
        )


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_copy_is_the_chapter_with_a_notice_and_links_to_the_book(html, chapter):
    original = json.loads(chapter.read_text(encoding="utf-8"))
    path = PurePosixPath(chapter.relative_to(ROOT).as_posix())
    copy = lite.copied(original, path)
    notice, *cells = copy["cells"]
    assert "Ctrl-S keeps your changes, and nothing else does" in notice["source"]
    assert f"version {ftlib.__version__}" in notice["source"]
    assert f"({path.with_suffix('.html')})" in notice["source"]
    assert [cell["source"] for cell in cells if cell["cell_type"] == "code"] == [
        cell["source"]
        for cell in original["cells"]
        if cell["cell_type"] == "code" and not is_real(cell)
    ]
    texts = [
        "".join(cell["source"])
        for cell in copy["cells"]
        if cell["cell_type"] == "markdown"
    ]
    links = [
        link
        for text in texts
        for link in LINK.findall(re.sub(r"`[^`]*`", "", text))
        if "://" not in link
    ]
    assert len(links) > 10
    for link in links:
        page = html / link.partition("#")[0]
        assert page.suffix == ".html", link
        assert page.is_file(), link
    assert json.loads(chapter.read_text(encoding="utf-8")) == original, (
        "the chapter itself is not touched"
    )


def test_a_real_measurement_is_told_where_no_server_can_run():
    printed = {"output_type": "stream", "name": "stdout", "text": "lost 3\n"}
    picture = {"output_type": "display_data", "data": {"image/svg+xml": "<svg/>"}}
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {"tags": ["real-measurement"]},
        "source": "kill()",
        "outputs": [printed, picture],
    }
    title = {"cell_type": "markdown", "metadata": {}, "source": "# Real"}
    *_, told = lite.copied({"cells": [title, cell]}, PurePosixPath("a/b.ipynb"))[
        "cells"
    ]
    assert told["cell_type"] == "markdown"
    assert told["source"].endswith("\n\n```python\nkill()\n```\n\n```text\nlost 3\n```")


def test_without_python_for_it_there_is_none_and_that_is_said(html, capsys):
    (html / "pyodide" / pyodide.LOCK).unlink()
    (html / "lite").mkdir()
    assert not lite.add(html, CHAPTERS)
    assert not (html / "lite").exists()
    assert "there is no Python" in capsys.readouterr().err


def test_a_build_that_fails_is_told_and_leaves_nothing_behind(
    html, monkeypatch, capsys
):
    failed = SimpleNamespace(returncode=1, stdout="", stderr="ValueError: no such app")
    monkeypatch.setattr(lite.subprocess, "run", lambda *_, **__: failed)
    assert not lite.add(html, [])
    assert not (html / "lite").exists()
    assert (
        "JupyterLite was not built\nValueError: no such app" in capsys.readouterr().err
    )
