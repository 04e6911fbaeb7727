"""A Sphinx extension: two ways through the book, which book/paths.yml names.

The pages stand in the order of the article, and that is not the order in which they are
best read. So each chapter ends with what comes before and after it on each way.
"""

import re
from html import escape
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
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


def foot(page: str, ways: dict[str, list[str]], titles: dict[str, str]) -> str:
    """What comes before and after a page on each way it is on, as HTML.

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
    >>> ways = {"Short": ["a", "b"], "Full": ["b"]}
    >>> print(foot("a", ways, {"a": "First", "b": "Then"}))
    <nav class="ft-ways" aria-label="Ways through the book"><p>On the short way: \
next <a href="b.html">Then</a></p></nav>
    """
    lines = []
    for name, pages in ways.items():
        if page not in pages:
            continue
        place = pages.index(page)
        beside = [("previous", each) for each in pages[:place][-1:]]
        beside += [("next", each) for each in pages[place + 1 :][:1]]
        told = ", ".join(
            f'{where} <a href="{relative_uri(f"{page}.html", f"{each}.html")}">'
            f"{escape(titles[each])}</a>"
            for where, each in beside
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


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", _append)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
