"""The map of the article: each row leads to one cell, each chapter is told."""

import re

import nbformat
import pytest

from tools import ROOT
from tools.article import VERDICTS, read, shows, summaries

ROWS = [row for part in read() for row in part.rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.anchor)
def test_a_row_leads_to_one_cell(row):
    cells = nbformat.read(ROOT / "chapters" / f"{row.chapter}.ipynb", 4).cells
    sources = [c.source for c in cells if c.cell_type == "code"]
    assert len([text for text in sources if shows(row, text)]) == 1, row.cell
    assert row.verdict in VERDICTS
    assert row.claim.endswith(".")
    assert row.truth.endswith(".")


def test_no_two_rows_are_alike():
    assert len({row.anchor for row in ROWS}) == len(ROWS)
    assert len({(row.chapter, row.cell) for row in ROWS}) == len(ROWS)


def test_each_chapter_is_told_in_one_chinese_paragraph():
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    told = summaries()
    assert list(told) == re.findall(r"chapters/(\w+)", contents)
    for text in told.values():
        assert 80 <= len(text) <= 260
        assert "\n" not in text
        assert sum(letter > "\u2e7f" for letter in text) > len(text) / 2
