"""The map of the article: each row leads to one cell."""

import nbformat
import pytest

from tools import ROOT
from tools.article import VERDICTS, read, shows

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
