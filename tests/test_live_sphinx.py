"""The Sphinx extension, on a small project built by a Sphinx of its own."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import ftlib
from ftlib.figures.availability import k_of_n
from ftlib.live import Live
from ftlib.live.sphinx import filled, library_hash

CONF = """
extensions = ["myst_nb", "ftlib.live.sphinx"]
nb_execution_mode = "off"
nb_ipywidgets_js = {}
"""
STEPS = '<figure class="ft-picture"><svg data-steps="1"></svg></figure>'


@pytest.fixture
def project(tmp_path):
    """A page of Markdown and a notebook; ftlib copied, so that the test may edit it."""
    shutil.copytree(
        Path(ftlib.__file__).parent,
        tmp_path / "lib" / "ftlib",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text(CONF, encoding="utf-8")
    page = (
        "# Page\n\n```{live} ftlib.figures.availability.k_of_n\n```\n\n"
        "```{toctree}\nnotebook\nplain\n```\n"
    )
    (source / "index.md").write_text(page, encoding="utf-8")
    (source / "plain.md").write_text("# No picture\n", encoding="utf-8")
    write(
        source,
        {"text/plain": "the words", "text/html": Live(k_of_n, name="other").html()},
        {"text/html": STEPS},
    )
    return tmp_path


def write(source, *bundles):
    cells = [nbformat.v4.new_markdown_cell("# Notebook")]
    for bundle in bundles:
        output = nbformat.v4.new_output("execute_result", bundle, execution_count=1)
        cells.append(
            nbformat.v4.new_code_cell("1", outputs=[output], execution_count=1)
        )
    metadata = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
    }
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata=metadata),
        source / "notebook.ipynb",
    )


def build(project, *options):
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-b",
        "html",
        "-W",
        "--keep-going",
        *options,
        "source",
        "out",
    ]
    environment = {**os.environ, "PYTHONPATH": str(project / "lib")}
    return subprocess.run(
        command,
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def page(project, name="notebook"):
    return (project / "out" / f"{name}.html").read_text(encoding="utf-8")


def build_of(project):
    """The first letters of the digest of its copy of ftlib."""
    code = "from ftlib.live.sphinx import library_hash; print(library_hash()[:12])"
    environment = {**os.environ, "PYTHONPATH": str(project / "lib")}
    command = [sys.executable, "-c", code]
    return subprocess.check_output(
        command, cwd=project, env=environment, text=True
    ).strip()


def tables(project, name="notebook"):
    found = []
    for source, table, digest in re.findall(
        r'data-table="([^"]+)#([^"]+)" data-integrity="sha256-([^"]+)"',
        page(project, name),
    ):
        path = project / "out" / source
        assert path.stem == table
        assert re.fullmatch("(k_of_n|other)-[0-9a-f]{12}", table)
        hashed = hashlib.sha256(path.read_bytes()).digest()
        assert base64.b64encode(hashed).decode() == digest
        script = path.read_text(encoding="utf-8")
        start = f'(globalThis.ftTables ??= {{}})["{table}"] = '
        assert script.startswith(start)
        found.append(json.loads(script.removeprefix(start).removesuffix(";\n")))
    return found


def test_a_page_has_its_tables_and_follows_the_library(project):
    done = build(project)
    assert done.returncode == 0, done.stderr
    for name in ("index", "notebook"):
        (table,) = tables(project, name)
        assert len(table["pictures"]) == 180
        assert (
            f' data-complete data-build="{build_of(project)}"'
            f' data-version="{ftlib.__version__}" data-licence="CC BY 4.0">'
            in page(project, name)
        )
        assert page(project, name).count('data-dial="0"') == 1
    assert page(project).count('aria-label="Play"') == 2, (
        "the Live's and the plain picture's"
    )
    for pickled in (project / "out" / ".doctrees").glob("*.doctree"):
        assert b"ft-tables" not in pickled.read_bytes(), (
            "a table entered a stored doctree"
        )

    before = {
        path.name: path.stat().st_mtime_ns for path in (project / "out").glob("*.html")
    }
    assert build(project).returncode == 0
    assert {
        path.name: path.stat().st_mtime_ns for path in (project / "out").glob("*.html")
    } == before, "nothing changed"

    old = {path.name for path in (project / "out").glob("_static/ft-tables/*.js")}
    figure = project / "lib" / "ftlib" / "figures" / "availability.py"
    figure.write_text(
        figure.read_text(encoding="utf-8").replace('"Service up"', '"All is well"'),
        encoding="utf-8",
    )
    assert build(project).returncode == 0
    for name in ("index", "notebook"):
        assert "All is well" in page(project, name)
        assert "Service up" not in page(project, name)
        assert tables(project, name)
        assert f'data-build="{build_of(project)}"' in page(project, name)
    scripts = {path.name for path in (project / "out").glob("_static/ft-tables/*.js")}
    assert len(scripts) == 2
    assert not scripts & old, "other tables have other names, and the old ones go"
    assert (project / "out" / "plain.html").stat().st_mtime_ns == before[
        "plain.html"
    ], "a page without pictures is left alone"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Sphinx forks")
def test_reading_and_writing_in_parallel(project):
    for number in range(12):  # Sphinx reads in parallel what is more than a handful
        (project / "source" / f"page{number}.md").write_text(
            "---\norphan: true\n---\n\n# Page\n", encoding="utf-8"
        )
    done = build(project, "-j", "2")
    assert done.returncode == 0, done.stderr
    assert len(tables(project)) == 1
    figure = project / "lib" / "ftlib" / "figures" / "availability.py"
    figure.write_text(
        figure.read_text(encoding="utf-8").replace('"Service up"', '"All is well"'),
        encoding="utf-8",
    )
    assert build(project, "-j", "2").returncode == 0
    assert "All is well" in page(project)


def test_what_cannot_be_drawn_fails_the_build(project):
    figure = project / "lib" / "ftlib" / "figures" / "availability.py"
    broken = figure.read_text(encoding="utf-8").replace(
        "    chances = ", '    assert nodes != 7, "seven"\n    chances = '
    )
    figure.write_text(broken, encoding="utf-8")
    done = build(project)
    assert done.returncode == 1
    assert (
        "a live figure could not be drawn: AssertionError: seven;"
        " raised by k_of_n(nodes=7,"
        " up_probability=0.5" in done.stderr
    )


def test_a_name_of_two_figures_fails_the_build(project):
    write(project / "source", {"text/html": Live(k_of_n).html()})
    done = build(project)
    assert done.returncode == 2
    assert (
        "two live figures are called 'k_of_n', in index and in notebook: give one a"
        " name of its own, Live(..., name=...)" in done.stderr
    )


def test_a_directive_that_names_nothing_fails_the_build(project):
    (project / "source" / "index.md").write_text(
        "# Page\n\n```{live} os.system\n```\n", encoding="utf-8"
    )
    done = build(project)
    assert done.returncode == 1
    assert "live: ValueError: Live shows only functions of ftlib.figures" in done.stderr


def test_stored_html_is_drawn_anew():
    stale = Live(k_of_n).html().replace("97.2", "12.3")
    kept = []
    html = filled(
        stale, "b1", lambda spec, table: kept.append(table) or ("t.js#t", "sha256-x")
    )
    assert "12.3 %" not in html
    assert "97.2 %" in html
    assert 'data-table="t.js#t" data-integrity="sha256-x"' in html
    assert len(kept[0].pictures) == 180
    with pytest.raises(ValueError, match="without its specification"):
        filled('<div class="ft-live"></div>', "b1", str)


def test_the_hash_sees_every_source(monkeypatch, tmp_path):
    (tmp_path / "a.py").write_text("1", encoding="utf-8")
    monkeypatch.setattr(ftlib, "__file__", str(tmp_path / "__init__.py"))
    one = library_hash()
    assert library_hash() == one
    (tmp_path / "a.py").write_text("2", encoding="utf-8")
    two = library_hash()
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    three = library_hash()
    (tmp_path / "touch.js").write_text("3", encoding="utf-8")
    assert len({one, two, three, library_hash()}) == 4
