"""The print edition: each chapter as a PDF, printed from the built book by a browser.

    python -m tools.paper            (make print)

book/site/ft-print.css makes the pages fit for paper, for readers who print them too.
What a style sheet cannot do is done in the page before it is printed, by
tools/paper.js: folded answers go to the end, each picture with controls says where it
can be moved.
"""

import os
import shutil
import sys
from html import escape
from pathlib import Path
from typing import Any

import yaml

import ftlib
from tools import BUILD, ROOT, furniture
from tools.book import HTML, serving
from tools.browser import ALONE, OPTIONS, program

__all__ = ["FOLDER", "pages", "print_all"]

FOLDER = BUILD / "print"
DOORS = ("book/index", "book/library", "book/quizzes")  # lists of links to click on
LOOKED_UP = "book/library/"  # 150 pages, on the screen only
STYLE = (
    "width:100%;margin:0 20mm;display:flex;justify-content:space-between;font:10px"
    " system-ui,sans-serif;color:#5c6670"
)


def pages() -> tuple[str, ...]:
    """The pages that are printed, as paths in the built book: those of the table of
    contents but lists of links and the library.
    """
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    entries = [each for part in contents["parts"] for each in part["chapters"]]
    names = [
        contents["root"],
        *(
            each["file"]
            for entry in entries
            for each in (entry, *entry.get("sections", ()))
        ),
    ]
    return tuple(
        f"{name}.html"
        for name in names
        if name not in DOORS and not name.startswith(LOOKED_UP)
    )


def print_all(
    html: Path = HTML,
    out: Path = FOLDER,
    *,
    site: str = "",
    names: tuple[str, ...] = (),
) -> bool:
    """Print pages of a built book.

    Parameters
    ----------
    html : Path
        The built book.
    out : Path
        Where the PDFs go, one a page.
    site : str, optional
        The address the book is published under, which links and pictures are to name.
    names : tuple of str, optional
        Pages as paths in the book; by default all of `pages`.

    Returns
    -------
    bool
        Whether it went well; if not, why has been said.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return _missing("playwright: install requirements/browser.txt")
    browser_path = program()
    if browser_path is None:
        return _missing("Chromium, Chrome or Edge on this machine")
    if out == FOLDER and not names:
        shutil.rmtree(
            FOLDER, ignore_errors=True
        )  # it may hold a page that has had another name
    names = names or pages()
    if absent := [name for name in names if not (html / name).exists()]:
        return _missing(f"{absent[0]} in {html}: build the book first")
    title = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["title"]
    out.mkdir(parents=True, exist_ok=True)
    with serving(html) as base, sync_playwright() as playwright:
        maker = (  # what the browser calls itself goes into the PDF as its maker
            f"--user-agent={title} {ftlib.__version__}"
        )
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=[*OPTIONS, ALONE, maker]
        )
        context = browser.new_context(color_scheme="light")
        context.add_init_script(
            "try { localStorage.mode = localStorage.theme = 'light' } catch {}"
        )
        for name in names:
            page = context.new_page()
            page.goto(base + name)
            _print(page, name, out / f"{Path(name).stem}.pdf", title, site)
            page.close()
        browser.close()
    if out == FOLDER:
        furniture.link_printed(html, out)
    return True


def _print(page: Any, name: str, path: Path, book: str, site: str) -> None:
    """Print the page of that name, which the browser has open."""
    page.emulate_media(media="print")
    page.evaluate(
        (ROOT / "tools" / "paper.js").read_text(encoding="utf-8"),
        {"name": name, "site": site},
    )
    title = page.locator(".bd-article h1").first.evaluate(
        "heading => heading.firstChild.textContent"
    )
    made = f"Version {ftlib.__version__} · text and pictures CC BY 4.0, code MIT" + (
        f" · {site}" if site else ""
    )
    page.pdf(
        path=str(path),
        format="A4",
        margin=dict.fromkeys(("top", "bottom", "left", "right"), "20mm"),
        print_background=True,
        display_header_footer=True,
        header_template=_line(escape(book), escape(title)),
        footer_template=_line(
            escape(made),
            '<span class="pageNumber"></span> / <span class="totalPages"></span>',
        ),
        outline=True,
        tagged=True,
    )


def _line(left: str, right: str) -> str:
    return f'<div style="{STYLE}"><span>{left}</span><span>{right}</span></div>'


def _missing(what: str) -> bool:
    print(f"Nothing is printed: there is no {what}", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(not print_all(site=os.environ.get("SITE_URL", "")))
