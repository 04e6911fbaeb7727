"""Copies of the chapters for other places: an archive to download, and a folder for
Google Colab and Binder.

A copy has the cells of the chapter, absolute links, and one cell more, the first: it
installs exactly this release of ftlib where another or none is, and leaves everything
else on the machine alone.
"""

import re
import shutil
import zipfile
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

import nbformat

import ftlib
from tools import BUILD, ROOT
from tools.wheel import NAME, wheel

__all__ = ["BRANCH", "FOLDER", "add", "copy", "publish", "relinked"]

FOLDER = BUILD / "notebooks"
BRANCH = "notebooks"
"""The branch of the repository that holds `FOLDER`: Colab and Binder open notebooks
from there.
"""

LINK = re.compile(r"(!?\[[^\]]*\])\(((?!https?:|mailto:|#)[^)\s]+)\)")
FIRST = """\
# The course's library, in exactly the version this notebook was written with. Nothing else on this machine is changed.
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

if not find_spec("ftlib") or version("ftlib") != "{version}":
    wheel = "{wheel}"
    {source}
    %pip install --quiet --no-deps {{source}}"""
ELSEWHERE = 'source = wheel if Path(wheel).exists() else "{address}"'
BESIDE = """\
assert Path(wheel).exists(), f"Put {wheel} beside this notebook: both came in one archive."
    source = wheel"""
README = """\
# {title}

The chapters as notebooks that run elsewhere; made from the book, so write nothing here. `requirements.txt` is for Binder.
"""


def relinked(text: str, page: str, site: str, repository: str = "") -> str:
    """Return Markdown whose links lead to the book from wherever it is read.

    Parameters
    ----------
    text : str
    page : str
        The file it stands in, as a path from the root of the course.
    site : str
        The address of the built book, or a relative one. Without it links lead to the
        repository, without that too their words remain.
    repository : str, optional
        owner/name on GitHub.

    Examples
    --------
    >>> relinked(
    ...     "see [it](../book/glossary.md#node)",
    ...     "chapters/a.ipynb",
    ...     "https://example.org/ft",
    ... )
    'see [it](https://example.org/ft/book/glossary.html#node)'
    >>> relinked("see [it](b.ipynb)", "chapters/a.ipynb", "", "owner/name")
    'see [it](https://github.com/owner/name/blob/main/chapters/b.ipynb)'
    >>> relinked("see [it](b.ipynb)", "chapters/a.ipynb", "")
    'see it'
    """

    def absolute(found: re.Match[str]) -> str:
        words, (path, _, fragment) = found[1], found[2].partition("#")
        whole = normpath(PurePosixPath(page).parent / path)
        part = f"#{fragment}" if fragment else ""
        if site:
            return f"{words}({site.rstrip('/')}/{re.sub(r'[.](md|ipynb)$', '.html', whole)}{part})"
        if repository:
            return f"{words}(https://github.com/{repository}/blob/main/{whole}{part})"
        return words[1:-1]

    return LINK.sub(absolute, text)


def copy(notebook: Path, *, site: str = "", repository: str = "") -> Any:
    """Return the copy of a chapter as a notebook node.

    Parameters
    ----------
    notebook : Path
    site, repository : str, optional
        As for `relinked`; from there too comes the wheel of a copy that has none beside
        it.
    """
    node = deepcopy(nbformat.read(notebook, as_version=4))
    page = notebook.resolve().relative_to(ROOT).as_posix()
    for cell in node.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, page, site, repository)
    address = (
        f"https://raw.githubusercontent.com/{repository}/{BRANCH}/{NAME}"
        if repository
        else f"{site.rstrip('/')}/download/{NAME}"
    )
    source = ELSEWHERE.format(address=address) if repository or site else BESIDE
    source = FIRST.format(version=ftlib.__version__, wheel=NAME, source=source)
    node.cells.insert(0, nbformat.v4.new_code_cell(source, id="install-ftlib"))
    return node


def add(
    html: Path, notebooks: Iterable[Path], *, site: str = "", repository: str = ""
) -> None:
    """Write ``download/``: for each chapter its copy, an archive of that and the wheel,
    and the wheel alone.
    """
    folder = html / "download"
    shutil.rmtree(folder, ignore_errors=True)
    library = wheel(folder)
    for notebook in notebooks:
        text = nbformat.writes(copy(notebook, site=site, repository=repository))
        (folder / notebook.name).write_text(text, encoding="utf-8", newline="\n")
        with zipfile.ZipFile(
            folder / f"{notebook.stem}.zip", "w", zipfile.ZIP_DEFLATED
        ) as archive:
            archive.writestr(f"{notebook.stem}/{notebook.name}", text)
            archive.write(library, f"{notebook.stem}/{NAME}")


def publish(
    notebooks: Iterable[Path], *, site: str, repository: str, title: str
) -> Path:
    """Write the content of the branch `BRANCH` into `FOLDER`; return it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    wheel(FOLDER)
    for notebook in notebooks:
        text = nbformat.writes(copy(notebook, site=site, repository=repository))
        (FOLDER / notebook.name).write_text(text + "\n", encoding="utf-8", newline="\n")
    pins = re.findall(
        r"^(?:ipywidgets|anywidget|matplotlib|numpy|jupyterlab)==.+$",
        (ROOT / "requirements.txt").read_text("utf-8"),
        re.MULTILINE,
    )
    (FOLDER / "requirements.txt").write_text(
        "\n".join([*pins, f"./{NAME}"]) + "\n", encoding="utf-8", newline="\n"
    )
    (FOLDER / "README.md").write_text(
        README.format(title=title), encoding="utf-8", newline="\n"
    )
    return FOLDER
