"""A Sphinx extension: two ways through the book, which book/paths.yml names.

The pages stand in the order of the article, and that is not the order in which they are
best read. So the theme's links to the previous and the next page follow the full way,
and a chapter ends with where the other one leads elsewhere.
"""

import re
from html import escape
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.osutil import relative_uri

from tools import ROOT

__all__ = ["foot", "hours", "minutes", "read", "setup"]

FILE = ROOT / "book" / "paths.yml"
TIME = re.compile(r"\*Time: about (\d+) minutes\.\*")


def read() -> dict[str, list[str]]:
    """The pages of each way, in order, by its name."""
    ways: dict[str, list[str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return ways


def minutes(page: str) -> int:
    """How long a page takes, as it says itself."""
    text = (ROOT / f"{page}.ipynb").read_text(encoding="utf-8")
    return sum(map(int, TIME.findall(text)))


def hours(pages: list[str]) -> float:
    """How long pages take together, to the half hour."""
    return round(sum(map(minutes, pages)) / 30) / 2


def _beside(page: str, pages: list[str]) -> list[tuple[str, str]]:
    if page not in pages:
        return []
    place = pages.index(page)
    before, after = pages[:place][-1:], pages[place + 1 :][:1]
    return [("previous", each) for each in before] + [("next", each) for each in after]


def foot(page: str, ways: dict[str, list[str]], titles: dict[str, str]) -> str:
    """Where a way leads from a page to another one than the last way does, as HTML.

    Parameters
    ----------
    page : str
        Its name, such as ``chapters/1_background``.
    ways : dict
        As `read` returns it.
    titles : dict
        The titles of pages by their names.

    Examples
    --------
    >>> ways = {"Short": ["a", "c"], "Full": ["a", "b", "c"]}
    >>> print(foot("a", ways, {"a": "First", "c": "Then"}))
    <nav class="ft-ways" aria-label="Ways through the book"><p>On the short way: \
next <a href="c.html">Then</a></p></nav>
    """
    *others, full = ways.values()
    lines = []
    for name, pages in zip(ways, others, strict=False):
        told = ", ".join(
            f'{where} <a href="{relative_uri(f"{page}.html", f"{each}.html")}">'
            f"{escape(titles[each])}</a>"
            for where, each in _beside(page, pages)
            if (where, each) not in _beside(page, full)
        )
        if told:
            lines.append(f"<p>On the {name.lower()} way: {told}</p>")
    if not lines:
        return ""
    return (
        '<nav class="ft-ways" aria-label="Ways through the book">'
        f"{''.join(lines)}</nav>"
    )


def _append(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if doctree is not None:
        titles = {name: title.astext() for name, title in app.env.titles.items()}
        context["body"] += foot(page, read(), titles)


def _follow(app: Sphinx, env: BuildEnvironment) -> None:
    """Let each chapter lead to the one that is next on the full way: the theme's links
    go by this list, its table of contents does not.
    """
    pages = env.toctree_includes[app.config.root_doc]
    full = read()["Full"]
    chapters = iter(full)
    pages[:] = [next(chapters) if page in full else page for page in pages]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("env-updated", _follow)
    app.connect("html-page-context", _append)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
