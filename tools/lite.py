"""The chapters as notebooks that run in the reader's browser: JupyterLite beside the
book, with no server.

    lite/notebooks/index.html?path=4_3_1_two_phase_commit.ipynb

Its kernel is the Python of the folder pyodide (`tools.pyodide`), taught some manners by
book/lite/ft_lite.py. All addresses are relative, so the site may lie under any path;
only what it does not carry (matplotlib, numpy) comes from another host.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat

import ftlib
from tools import ROOT, pyodide
from tools.copies import relinked
from tools.notebooks import is_real

__all__ = ["add", "copied", "lock", "stored"]

SOURCES = ROOT / "book" / "lite"
# What the kernel needs, so that it starts without asking a package index. It insists on
# jedi, which is left out: our own package takes its place.
PACKAGES = [
    "micropip",
    "piplite",
    "ipykernel",
    "comm",
    "pyodide-kernel",
    "ipython",
    "ipywidgets",
    "anywidget",
    "ftlib",
    "jedi",
]
DISABLED = [
    # it would give the kernel a drive of the notebooks, at the price of a question to
    # the page for each module it imports
    "@jupyterlite/application-extension:service-worker-manager",
    # leads to the list of files, which is not there
    "@jupyterlite/notebook-application-extension:logo",
    "@jupyter-notebook/application-extension:logo",
    "@jupyter-notebook/console-extension:scratchpad-console",
    "@jupyter-notebook/notebook-extension:checkpoints",
    "@jupyterlab/apputils-extension:announcements",
]
UNUSED = (
    *(
        "doc",
        "bootstrap.js",
        "package.json",
        "rspack.config*.js",
        "service-worker.js",
        "jupyterlite.schema.v0.json",
    ),
    *("manifest.webmanifest", "icon-*.png"),
    "build/schemas/@*",  # they stand in all.json
    *(
        "build/fa-*.eot",
        "build/fa-*.ttf",
        "build/fa-*.svg",
        "build/fa-*.woff",
    ),  # every browser takes the woff2
)
NOTICE = """\
> **This copy of [{title}]({page}) runs in your browser.** *Run*, *Run All Cells* computes everything again; the first cell takes
> a while, because Python starts. Change what you like. **Ctrl-S keeps your changes, and nothing else does**: in this browser only, for
> version {version} of the course; a later one begins afresh. *File*, *Download* keeps them elsewhere; *Help*, *Clear Browser Data*
> brings the original back.
"""
TOLD = """\
*A real measurement, which no browser can make. In Jupyter on your own machine the cell below runs; this is what it gave when the book was
written.*"""

# Who comes without the name of a notebook goes to the book; the notebooks' page reads
# this one for its settings.
INDEX = """\
<!DOCTYPE html>
<meta http-equiv="refresh" content="0; url=../index.html">
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{}</script>
"""


def add(html: Path, notebooks: Iterable[Path]) -> bool:
    """Put JupyterLite with some notebooks into a built site, at lite/, if it is not
    there as it should be.

    Parameters
    ----------
    html : Path
        The site, with the folder pyodide in it.
    notebooks : iterable of Path
        Notebooks of the course, each with a page in the site.

    Returns
    -------
    bool
        Whether it is there; if not, why has been said.
    """
    target = html / "lite"
    published = html / "pyodide" / pyodide.LOCK
    if not published.exists():
        shutil.rmtree(target, ignore_errors=True)
        print(
            "No notebooks that run in the browser: there is no Python for them (see"
            " above)",
            file=sys.stderr,
        )
        return False
    notebooks = sorted(notebooks)
    state = _fingerprint(
        [published, Path(__file__), *sorted(SOURCES.iterdir()), *notebooks]
    )
    if (target / "state").exists() and (target / "state").read_text(
        encoding="utf-8"
    ) == state:
        return True
    with tempfile.TemporaryDirectory() as scratch:
        made = _build(Path(scratch), notebooks)
        if made is None:
            return False
        hook = _hook(made, _store(made, notebooks))
        locked = lock(json.loads(published.read_text(encoding="utf-8")), hook)
        (made / pyodide.LOCK).write_text(
            json.dumps(locked, separators=(",", ":")), encoding="utf-8"
        )
        _finish(made)
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(made, target)
    (target / "state").write_text(
        state, encoding="utf-8"
    )  # last: a folder without it is half made
    return True


def _fingerprint(paths: Iterable[Path]) -> str:
    installed = map(version, ("jupyterlab_widgets", "anywidget"))
    digest = hashlib.sha256(" ".join([pyodide.jupyterlite().name, *installed]).encode())
    for path in paths:
        if path.is_file():
            digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


# ---- the notebooks


def copied(notebook: dict[str, Any], path: PurePosixPath) -> dict[str, Any]:
    """Return the copy of a notebook that JupyterLite shows.

    Parameters
    ----------
    notebook : dict
        The notebook.
    path : PurePosixPath
        Its path from the root of the course.

    Returns
    -------
    dict
        A notebook that begins by saying where it is, whose links lead to pages of the
        book, and whose stored outputs are shown.

    Examples
    --------
    >>> cell = {
    ...     "cell_type": "markdown",
    ...     "metadata": {},
    ...     "source": "# Waiting\\n[why](../book/glossary.md#wait)",
    ... }
    >>> copy = copied({"cells": [cell]}, PurePosixPath("chapters/1_wait.ipynb"))
    >>> print(copy["cells"][0]["source"][:48])
    > **This copy of [Waiting](chapters/1_wait.html)
    >>> print(copy["cells"][1]["source"])
    # Waiting
    [why](./book/glossary.html#wait)
    """
    cells = []
    for cell in notebook["cells"]:
        if is_real(cell):
            cells.append(_told(cell))
        elif cell["cell_type"] == "markdown":
            cells.append(
                {**cell, "source": relinked("".join(cell["source"]), str(path), ".")}
            )
        else:
            cells.append(
                {**cell, "metadata": {**cell["metadata"], "trusted": True}}
            )  # or its pictures are taken out
    first = next(
        line
        for cell in cells
        for line in "".join(cell["source"]).splitlines()
        if line.startswith("# ")
    )
    notice = NOTICE.format(
        title=first.removeprefix("# "),
        page=path.with_suffix(".html"),
        version=ftlib.__version__,
    )
    return {
        **notebook,
        "cells": [
            {
                "cell_type": "markdown",
                "id": "this-copy",
                "metadata": {},
                "source": notice,
            },
            *cells,
        ],
    }


def _told(cell: dict[str, Any]) -> dict[str, Any]:
    """A real measurement, which no browser can make, as text with what it gave."""
    printed = "".join(
        "".join(output.get("text") or output["data"].get("text/plain", ""))
        for output in cell["outputs"]
    )
    return {
        "cell_type": "markdown",
        "id": cell["id"],
        "metadata": {},
        "source": f"{TOLD}\n\n```python\n{''.join(cell['source'])}\n```\n\n```text\n"
        f"{printed.rstrip()}\n```",
    }


# ---- the kernel


def lock(published: dict[str, Any], hook: Path) -> dict[str, Any]:
    """Return the list of packages of the folder pyodide as seen from lite, with our own
    package in the place of jedi.
    """
    packages = {
        name: (
            entry
            if "://" in entry["file_name"]
            else {**entry, "file_name": f"../pyodide/{entry['file_name']}"}
        )
        for name, entry in published["packages"].items()
    }
    packages["jedi"] = {
        "name": "jedi",
        "version": "0",
        "file_name": hook.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(hook.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [],
        "depends": [],
        "unvendored_tests": False,
    }
    return {**published, "packages": packages}


def stored(notebook: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the stored pictures of a notebook's cells, as bundles of MIME types, by a
    digest of the cell: the kernel shows them where a plot cannot be drawn.

    Examples
    --------
    >>> picture = {"output_type": "display_data", "data": {"image/png": "..."}}
    >>> cell = {"cell_type": "code", "source": "plt.plot()", "outputs": [picture]}
    >>> stored({"cells": [cell]})
    {'62bbfd966a0842dc': [{'image/png': '...'}]}
    """
    found = {}
    for cell in notebook["cells"]:
        bundles = [
            output["data"]
            for output in cell.get("outputs", ())
            if "image/png" in output.get("data", {})
        ]
        if bundles:
            text = "".join(cell["source"]).strip().encode()
            found[hashlib.blake2b(text, digest_size=8).hexdigest()] = bundles
    return found


def _store(folder: Path, notebooks: list[Path]) -> list[str]:
    """Write the stored pictures of all notebooks; return their digests."""
    (folder / "stored").mkdir()
    digests = []
    for notebook in notebooks:
        for digest, bundles in stored(nbformat.read(notebook, as_version=4)).items():
            digests.append(digest)
            (folder / "stored" / f"{digest}.json").write_text(json.dumps(bundles))
    return sorted(digests)


def _hook(folder: Path, digests: list[str]) -> Path:
    """Write the wheel of book/lite/ft_lite.py, with the line of configuration by which
    IPython loads it, and the list of cells whose pictures are stored.
    """
    files = {
        "ft_lite_stored.py": f"DIGESTS = {digests}\n",
        "ft_lite.py": (SOURCES / "ft_lite.py").read_text(encoding="utf-8"),
        "ft_lite-0.data/data/etc/ipython/ipython_config.py": (
            "c.InteractiveShellApp.extensions = ['ft_lite']\n"
        ),
        "ft_lite-0.dist-info/METADATA": (
            "Metadata-Version: 2.1\nName: ft-lite\nVersion: 0\n"
        ),
        "ft_lite-0.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: tools.lite\nRoot-Is-Purelib: true\nTag:"
            " py3-none-any\n"
        ),
    }
    record = "ft_lite-0.dist-info/RECORD"
    rows = [
        f"{name},sha256={_hash(text)},{len(text.encode())}\n"
        for name, text in files.items()
    ]
    files[record] = "".join([*rows, f"{record},,\n"])
    wheel = folder / "ft_lite-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(
                zipfile.ZipInfo(name), text
            )  # with the calendar's first day: the same bytes each time
    return wheel


def _hash(text: str) -> str:
    return (
        base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
        .decode()
        .rstrip("=")
    )


# ---- the application


def _extensions() -> list[tuple[Path, str]]:
    """The extensions of JupyterLab that are in, each with where it is installed:
    widgets come from the environment.
    """
    return [
        (pyodide.jupyterlite(), "@jupyterlite/pyodide-kernel-extension"),
        (Path(sys.prefix), "@jupyter-widgets/jupyterlab-manager"),
        (Path(sys.prefix), "anywidget"),
    ]


def _build(scratch: Path, notebooks: list[Path]) -> Path | None:
    """Have jupyterlite-core put the application together; return the folder it is in,
    or None after saying what went wrong.
    """
    files = scratch / "files"
    files.mkdir()
    for notebook in notebooks:
        path = PurePosixPath(notebook.resolve().relative_to(ROOT).as_posix())
        copy = copied(
            nbformat.read(notebook, as_version=4), path
        )  # which joins lines: JupyterLite reads Markdown that is a list of them as none
        (files / notebook.name).write_text(
            json.dumps(copy, ensure_ascii=False), encoding="utf-8", newline="\n"
        )
    settings = {
        "LiteBuildConfig": {
            "apps": ["notebooks"],
            "contents": ["files"],
            "output_dir": "site",
            "cache_dir": "cache",
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "ignore_sys_prefix": [
                "federated_extensions"
            ],  # an environment may have others: only these
            "federated_extensions": [
                str(home / "share/jupyter/labextensions" / name)
                for home, name in _extensions()
            ],
            "source_date_epoch": 315532800,
        }
    }
    (scratch / "jupyter_lite_config.json").write_text(
        json.dumps(settings), encoding="utf-8"
    )
    (scratch / "jupyter-lite.json").write_text(
        json.dumps(_configuration()), encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "jupyterlite_core",
        "build",
        "--lite-dir",
        str(scratch),
    ]
    environment = {**os.environ, "PYTHONPATH": str(pyodide.jupyterlite())}
    done = subprocess.run(
        command,
        cwd=scratch,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        print(
            "No notebooks that run in the browser: JupyterLite was not"
            f" built\n{(done.stdout + done.stderr)[-2000:]}",
            file=sys.stderr,
        )
        return None
    return scratch / "site"


def _configuration() -> dict[str, Any]:
    kernel = {
        "pyodideUrl": "./../pyodide/pyodide.mjs",
        "loadPyodideOptions": {"packages": PACKAGES, "lockFileURL": pyodide.LOCK},
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Fault tolerance in distributed systems",
            # or who has saved a chapter once sees that one for ever
            "contentsStorageName": f"Fault tolerance {ftlib.__version__}",
            "appUrl": "./notebooks",
            "faviconUrl": "./notebooks/favicon.ico",
            "disabledExtensions": DISABLED,
            "litePluginSettings": {
                "@jupyterlite/pyodide-kernel-extension:kernel": kernel
            },
            "settingsOverrides": {
                "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
                # the notice says what keeps, and it is to be one thing
                "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
            },
        },
    }


def _finish(site: Path) -> None:
    """Take out what is not used, and add our script to the page."""
    for pattern in UNUSED:
        for path in list(site.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copy(SOURCES / "ft-lite.js", site)
    page = site / "notebooks" / "index.html"
    text = page.read_text(encoding="utf-8")
    for old, new in {
        '<link rel="manifest" href="../manifest.webmanifest">': (
            '<script src="../ft-lite.js"></script>'
        ),
        "<title>Jupyter Notebook - Notebooks</title>": (
            "<title>Fault tolerance in distributed systems</title>"
        ),
    }.items():
        if old not in text:
            raise ValueError(f"notebooks/index.html of this JupyterLite has no {old}")
        text = text.replace(old, new)
    page.write_text(text, encoding="utf-8", newline="\n")
    (site / "index.html").write_text(INDEX, encoding="utf-8", newline="\n")
