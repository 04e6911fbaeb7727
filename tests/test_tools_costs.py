"""What the checks cost: the table in CONTRIBUTING.md, and its sum."""

import pytest

from tools import book, costs
from tools.costs import Costs

HEAD = "| | unit | notebook | book | slow | browser | JupyterLab | JupyterLite | PDF |"
LINE = "|---|---|---|---|---|---|---|---|---|"


def written(tmp_path, monkeypatch, *rows, head=HEAD):
    path = tmp_path / "CONTRIBUTING.md"
    lines = ["# C", "| x |", "", "## Time", "", "Words.", "", head, LINE, *rows, ""]
    path.write_text("\n".join([*lines, "## Next", "| y |"]), encoding="utf-8")
    monkeypatch.setattr(costs, "TABLE", path)


def test_the_sum(tmp_path, monkeypatch, capsys):
    rows = (
        "| all else | 100 | 0 | 20 | 60 | 100 | 0 | 40 | 10 |",
        "| `1_a` | 6 | 4 | 0 | 0 | 20 | 10 | 0 | 0 |",
        "| `2_b` | 10 | 0 | 0 | 0 | 40 | 10 | 0 | 0 |",
    )
    written(tmp_path, monkeypatch, *rows)
    assert costs.check()
    assert capsys.readouterr().out.splitlines()[1:] == [
        "make test takes 190 s, and 600 are allowed",
        "make test-all takes 625 s, and 3000 are allowed",
        "a chapter in test-all takes 20 s, and 90 are allowed",
    ]
    written(tmp_path, monkeypatch, *rows, "| `3_c` | 0 | 0 | 0 | 0 | 900 | 0 | 0 | 0 |")
    costs.check()
    assert "90 are allowed: 73 too many" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "head"),
    [
        (("| all else | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 |",), HEAD),
        (("| all else | 1 | 1 |", "| `1_a` | 1 | 1 |"), "| | unit | notebook |"),
    ],
)
def test_a_table_that_says_too_little(tmp_path, monkeypatch, rows, head):
    written(tmp_path, monkeypatch, *rows, head=head)
    with pytest.raises(ValueError, match="no table under 'Time' with a column for"):
        costs.check()


def test_every_row_is_a_chapter():
    chapters = {f"`{path.stem}`" for path in book.chapters()}
    assert set(Costs.read().chapters) <= chapters
