"""A Sphinx extension: what a page of the course has around its text.

In its head: what it is about, for who shares or finds a link to it. Below its text: the
plain notebook, the chapter as a PDF where one was printed, how to cite it, where to
report a mistake (only where a repository is known). In the list of pages, a name for
what folds some of them. Each is a few lines; the extensions that exist for them bring
more than that (one draws cards by matplotlib, one asks git).

Beside the pages: a page for what is not there, and, where the site's address is known,
a map of the site and the changes as a feed.
"""

import re
import shutil
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from docutils import nodes
from sphinx.application import Sphinx

import ftlib
from tools import ROOT

__all__ = ["add", "bibtex", "description", "feed", "link_printed", "setup"]

LONGEST = 200
CARD = "_static/card.png"
PDF = re.compile(r"(?: hidden)? data-pdf")
"""The mark of a link to a chapter's PDF, which is hidden where there is none."""
FOLD = re.compile(r"([^<>]+)(</a><details[^>]*><summary)")
"""What folds the pages below a page, in the list of pages."""
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def description(doctree: nodes.document) -> str:
    """What a page is about: what one learns in a chapter, or else how the page begins,
    as far as whole words go.
    """
    texts = [
        _plain(paragraph)
        for paragraph in doctree.findall(nodes.paragraph)
        if isinstance(paragraph.parent, nodes.section | nodes.document)
    ]
    learned = (text for text in texts if text.startswith("You will learn to "))
    text = next(learned, texts[0] if texts else "")
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - 1].rpartition(" ")[0] + "…"


def _plain(paragraph: nodes.paragraph) -> str:
    texts = paragraph.findall(nodes.Text)
    words = [text for text in texts if not isinstance(text.parent, nodes.raw)]
    return " ".join("".join(words).split())


def bibtex(page: str, title: str, site: str) -> str:
    """Return the entry of a page for a bibliography.

    Examples
    --------
    >>> print(bibtex("chapters/1_a", "One", "https://e.org/ft/").splitlines()[0])
    @misc{ft-1_a,
    """
    year, month, _ = str(CITATION["date-released"]).split("-")
    authors = " and ".join(f"{{{each['name']}}}" for each in CITATION["authors"])
    fields = {
        "author": authors,
        "title": f"{title}. In: {CITATION['title']}",
        "year": year,
        "month": str(int(month)),
        "note": f"Version {ftlib.__version__}",
    }
    if site:
        fields["url"] = f"{site}{page}.html"
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    return f"@misc{{ft-{page.rpartition('/')[2]},\n" + ",\n".join(lines) + "\n}"


def _head(title: str, about: str, site: str, page: str) -> str:
    tags: dict[str, dict[str, str]] = {"name": {}, "property": {}}
    if about:
        tags["name"]["description"] = tags["property"]["og:description"] = about
    tags["property"] |= {
        "og:title": title,
        "og:type": "article",
        "og:site_name": CITATION["title"],
    }
    more = ""
    if site:
        tags["property"] |= {"og:url": f"{site}{page}.html", "og:image": site + CARD}
        tags["name"]["twitter:card"] = "summary_large_image"
        more = (
            '<link rel="alternate" type="application/atom+xml" title="Changes"'
            f' href="{escape(site)}feed.xml">\n'
        )
    return more + "".join(
        f'<meta {kind}="{name}" content="{escape(content)}">\n'
        for kind, named in tags.items()
        for name, content in named.items()
    )


def _foot(page: str, title: str, site: str, repository: str) -> str:
    name = page.rpartition("/")[2]
    items = []
    if page.startswith("chapters/"):
        items += [
            '<label hidden><input type="checkbox" data-read>I have read this</label>',
            f'<a href="../download/{name}.ipynb" download>Notebook (.ipynb)</a>',
            f'<a href="../download/{name}.pdf" hidden data-pdf>PDF</a>',
        ]
    if repository:
        said = f"Page: {page}, version {ftlib.__version__}\n\nWhat is wrong:\n"
        items.append(
            f'<a href="https://github.com/{repository}/issues/new?title='
            f'{quote("Mistake in: " + title)}&amp;body={quote(said)}">Report a mistake'
            "</a>"
        )
    items += [
        '<button type="button" data-keys hidden>Keys</button>',
        '<button type="button" data-offline hidden>Keep for offline</button>',
    ]
    cite = f"<pre>{escape(bibtex(page, title, site))}</pre>"
    return (
        f'<nav class="ft-page" aria-label="This page">{"".join(items)}'
        f'<details><summary>Cite</summary><div class="highlight">{cite}</div></details>'
        "</nav>"
    )


def _insert(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if doctree is None:
        return
    site, repository = app.config.html_baseurl, app.config.launch["repository"]
    title = unescape(re.sub(r"<[^>]+>", "", context["title"]))
    landing = page == app.config.root_doc
    about = CITATION["abstract"] if landing else description(doctree)
    context["metatags"] = _head(title, about, site, page)
    if not page.startswith("book/library/"):
        context["body"] += _foot(page, title, site, repository)


def _name_folds(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    listed = context["generate_toctree_html"]  # gives them a sign and no name

    def named(**how: Any) -> str:
        return FOLD.sub(r'\1\2 aria-label="Pages under \1"', str(listed(**how)))

    context["generate_toctree_html"] = named


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", _insert)
    # after the theme has put its functions there
    app.connect("html-page-context", _name_folds, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# ---- beside the pages

NOT_FOUND = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not found – {title}</title>
<style>
:root {{ color-scheme: light dark; font: 1.0625rem/1.6 system-ui, sans-serif }}
body {{ max-width: 36rem; margin: 15vh auto; padding: 0 16px }}
input, button {{ max-width: 100%; min-height: 44px; font: inherit }}
</style>
</head>
<body>
<h1>This page is not there</h1>
<p>It may have had another name. <a href="{base}book/index.html">{title}</a> begins
here; or look for it:</p>
<form action="{base}search.html" role="search">
<input type="search" name="q" aria-label="Search"> <button>Search</button>
</form>
</body>
</html>
"""
FEED = """\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>{title}: changes</title><id>{site}feed.xml</id><updated>{date}</updated>
<link rel="self" href="{site}feed.xml"/><link href="{site}book/index.html"/>
<author><name>{author}</name></author>
{entries}</feed>
"""
ENTRY = """\
<entry><title>{title} {version}</title><id>{site}book/about.html#{version}</id>
<updated>{date}</updated><link href="{site}book/about.html"/>
<content type="text">{text}</content></entry>
"""


def feed(changes: str, site: str) -> str:
    """Return the text of CHANGELOG.md as an Atom feed, an entry a version.

    A version's date is that of the latest release: the list has no others.
    """
    date = f"{CITATION['date-released']}T00:00:00Z"
    title = escape(CITATION["title"])
    parts = re.split(r"^## (\S+)\n", changes, flags=re.MULTILINE)[1:]
    entries = "".join(
        ENTRY.format(
            title=title,
            version=version,
            site=escape(site),
            date=date,
            text=escape(text.strip()),
        )
        for version, text in zip(parts[::2], parts[1::2], strict=True)
    )
    author = escape(CITATION["authors"][0]["name"])
    return FEED.format(
        title=title, site=escape(site), date=date, author=author, entries=entries
    )


def add(html: Path, *, site: str) -> None:
    """Write into a built site what is beside its pages."""
    link_printed(html, None)
    base = urlsplit(site).path if site else "/"
    _write(html / "404.html", NOT_FOUND.format(base=base, title=CITATION["title"]))
    pages = sorted(
        path.relative_to(html).as_posix()
        for folder in ("book", "chapters")
        for path in (html / folder).rglob("*.html")
    )
    if site:
        urls = "".join(
            f"<url><loc>{escape(site + page)}</loc></url>\n" for page in pages
        )
        _write(
            html / "sitemap.xml",
            '<?xml version="1.0" encoding="utf-8"?>\n<urlset'
            f' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n',
        )
        changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        _write(html / "feed.xml", feed(changes, site))


def link_printed(html: Path, edition: Path | None) -> None:
    """Put the chapters of a print edition into a built site, and show the links to
    them; without one, hide the links.
    """
    for page in sorted((html / "chapters").glob("*.html")):
        text = page.read_text(encoding="utf-8")
        pdf = edition / f"{page.stem}.pdf" if edition else None
        if pdf is not None and pdf.exists():
            shutil.copy(pdf, html / "download")
            shown = PDF.sub(" data-pdf", text)
        else:
            shown = PDF.sub(" hidden data-pdf", text)
        if shown != text:
            _write(page, shown)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
