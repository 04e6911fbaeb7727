"""A Sphinx extension: below the title of each chapter a row of the ways to run it.

``launch`` in the configuration says which there are: ``live``, whether JupyterLite is
built beside the pages, and ``repository``, owner/name on GitHub, without which Colab
and Binder cannot open a notebook.
"""

from html import escape
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from tools.copies import BRANCH

__all__ = ["row", "setup"]


def row(page: str, *, live: bool, repository: str) -> str:
    """The row of a chapter, as HTML.

    Parameters
    ----------
    page : str
        The page's name, such as ``chapters/1_background``.
    live : bool
        Whether there is a JupyterLite.
    repository : str
        owner/name on GitHub, or empty.
    """
    name = PurePosixPath(page).name
    to = f"{page}.html"
    links = []
    if live:
        links.append(
            (
                relative_uri(to, f"lite/notebooks/index.html?path={name}.ipynb"),
                "Open this chapter live",
                "live",
            )
        )
    links.append(
        (relative_uri(to, f"download/{name}.zip"), "Download the notebook", "")
    )
    if repository:
        links.append(
            (
                f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{name}.ipynb",
                "Colab",
                "",
            )
        )
        links.append(
            (
                f"https://mybinder.org/v2/gh/{repository}/{BRANCH}?labpath={name}.ipynb",
                "Binder",
                "",
            )
        )
    items = "".join(
        f'<a href="{escape(url)}"{" data-live" if kind else ""}>{words}</a>'
        for url, words, kind in links
    )
    return (
        f'<nav class="ft-launch" aria-label="This chapter as a notebook">{items}</nav>'
    )


def _insert(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if doctree is None or not str(app.env.doc2path(page)).endswith(".ipynb"):
        return
    head, end, rest = context["body"].partition("</h1>")
    context["body"] = head + end + row(page, **app.config.launch) + rest


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_config_value("launch", {"live": False, "repository": ""}, "html", [dict])
    app.connect("html-page-context", _insert)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
