"""A Sphinx extension that takes out of the pages what they do not use.

Jupyter Book brings extensions for running cells by Thebe, for tabs and for folds of its
own kind, and each puts its scripts and styles into every page. This book uses none of
them. Scripts that stand in the page itself go too: those that are left have one text on
all pages, so that a content security policy can name them (`tools.policy`).
"""

import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

__all__ = ["UNUSED", "setup"]

UNUSED = (
    "sphinx-thebe",
    "thebe_selector",
    "togglebutton",
    "toggleHint",
    "toggleOpenOnPrint",
    "sphinx-design",
    "design-tabs",
    # of a version switcher, which there is none of
    "DOCUMENTATION_OPTIONS.pagename",
    # said for it to be false, which it is without
    "DOCUMENTATION_OPTIONS.search_as_you_type = false",
)
"""Parts of the names of files, or of the text of scripts, that no page needs."""
FILES = (
    "sphinx-thebe.*",
    "togglebutton.*",
    "sphinx-design.min.css",
    "design-tabs.js",
    "scripts/fontawesome.js*",
    "scripts/*.map",
    "styles/*.map",
    "vendor",
)
"""What no page asks for, in the folder _static."""
ICON = re.compile(r'(?<=[}/])\s*\.fa-[^{}]*\{content:"[^"]*"\}')
"""The place of an icon in a font that is not there."""


def _used(asset: Any) -> bool:
    return not any(part in str(asset) for part in UNUSED)


def _take_out(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context[kind] if _used(asset)]


def _delete(app: Sphinx, exception: Exception | None) -> None:
    static = Path(app.outdir) / "_static"
    for pattern in FILES:
        for path in list(static.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    styles = static / "styles" / "pydata-sphinx-theme.css"
    if styles.exists():
        text = styles.read_text(encoding="utf-8")
        styles.write_text(ICON.sub("", text), encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    # after every extension has added its own
    app.connect("html-page-context", _take_out, priority=900)
    app.connect("build-finished", _delete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
