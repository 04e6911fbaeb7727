"""A Sphinx extension: the map of the article, which book/article.yml holds.

The directive ``article`` writes a table for each of the article's sections. Each row
leads to the code cell that shows what is true: in that chapter's page the cell gets an
anchor. The directive ``summaries`` says in Chinese what each chapter is about, as
book/summaries.yml has it.
"""

import re
from dataclasses import dataclass
from html import escape
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from tools import ROOT

__all__ = [
    "VERDICTS",
    "Article",
    "Row",
    "Section",
    "Summaries",
    "read",
    "setup",
    "shows",
    "summaries",
]

FILE = ROOT / "book" / "article.yml"
SUMMARIES = ROOT / "book" / "summaries.yml"
CHINESE_BREAK = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")  # a line of the file
VERDICTS = ("true", "imprecise", "wrong")
HEADS = ("It says", "Verdict", "What is true")
MARKS = {"true": "✓", "imprecise": "~", "wrong": "✗"}


@dataclass(frozen=True, slots=True)
class Row:
    """A claim, and where the truth is shown: `cell` is text that stands in one code
    cell of the chapter only.
    """

    claim: str
    verdict: str
    truth: str
    chapter: str
    cell: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the article, by its number and its heading in both languages."""

    section: str
    heading: str
    chinese: str
    rows: tuple[Row, ...]


def read() -> list[Section]:
    """What the article says, section by section.

    Examples
    --------
    >>> read()[0].rows[0].anchor
    'article-1-1'
    """
    found = []
    for part in yaml.safe_load(FILE.read_text(encoding="utf-8")):
        number = part["section"].replace(".", "-")
        rows = tuple(
            Row(**row, anchor=f"article-{number}-{place}")
            for place, row in enumerate(part["rows"], 1)
        )
        found.append(Section(part["section"], part["heading"], part["chinese"], rows))
    return found


def summaries() -> dict[str, str]:
    """What each chapter is about, in Chinese, by the chapter's name."""
    told: dict[str, str] = yaml.safe_load(SUMMARIES.read_text(encoding="utf-8"))
    return {chapter: CHINESE_BREAK.sub("", text) for chapter, text in told.items()}


def shows(row: Row, source: str) -> bool:
    """Whether a code cell is the one that a row leads to; one that checks is not."""
    return row.cell in source and not source.startswith("# Checked here")


class Article(SphinxDirective):
    """Writes a table a section; a verdict leads to the cell that shows it."""

    def run(self) -> list[nodes.Node]:
        """Make the sections."""
        return [self._section(each) for each in read()]

    def _section(self, part: Section) -> nodes.section:
        title = f"{part.section} {part.heading}"
        made = nodes.section(ids=[nodes.make_id(f"section {title}")])
        made += nodes.title("", title)
        chinese = f'<p lang="zh">{part.chinese}</p>'
        made += nodes.raw("", chinese, format="html")
        body = nodes.tbody("", *(self._row(row) for row in part.rows))
        head = nodes.thead("", _cells(*(nodes.Text(head) for head in HEADS)))
        columns = [nodes.colspec(colwidth=width) for width in (35, 15, 50)]
        group = nodes.tgroup("", *columns, head, body, cols=len(columns))
        made += nodes.table("", group, classes=["colwidths-given"])
        return made

    def _row(self, row: Row) -> nodes.row:
        page = f"chapters/{row.chapter}.html"
        link = nodes.reference(
            "",
            f"{MARKS[row.verdict]} {row.verdict}",
            internal=True,
            refuri=f"{relative_uri(f'{self.env.docname}.html', page)}#{row.anchor}",
        )
        return _cells(nodes.Text(row.claim), link, nodes.Text(row.truth))


class Summaries(SphinxDirective):
    """Writes what each chapter is about, in Chinese, below a link to it."""

    def run(self) -> list[nodes.Node]:
        """Write a heading and a paragraph a chapter, in the order of the article."""
        self.env.note_dependency(str(SUMMARIES))
        made: list[nodes.Node] = []
        for chapter, text in summaries().items():
            made += self.parse_text_to_nodes(f"[](../chapters/{chapter}.ipynb)")
            chinese = f'<p lang="zh">{escape(text)}</p>'
            made.append(nodes.raw("", chinese, format="html"))
        return made


def _cells(*contents: nodes.Node) -> nodes.row:
    entries = (nodes.entry("", nodes.paragraph("", "", each)) for each in contents)
    return nodes.row("", *entries)


def _anchor(app: Sphinx, doctree: nodes.document) -> None:
    """Give the cells of a chapter that the map leads to their anchors."""
    chapter = app.env.docname.removeprefix("chapters/")
    for row in (row for part in read() for row in part.rows):
        if row.chapter != chapter:
            continue
        for cell in doctree.findall(nodes.container):
            source = next(cell.findall(nodes.literal_block), None)
            if "cell" in cell["classes"] and source and shows(row, source.astext()):
                cell["ids"].append(row.anchor)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_directive("article", Article)
    app.add_directive("summaries", Summaries)
    app.connect("doctree-read", _anchor)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
