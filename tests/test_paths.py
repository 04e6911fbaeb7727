"""The ways through the book: nothing is read before what it needs."""

import re

import nbformat
import pytest

from tools import ROOT
from tools.paths import foot, hours, read

CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))
WAYS = read()
BEFORE = re.compile(r"\*Before you start\*:(.*?)\n\n", re.DOTALL)


def needs(page):
    """The chapters that a chapter lists under *Before you start*."""
    cells = nbformat.read(ROOT / f"{page}.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.findall(r"\((\w+)\.ipynb[^)]*\)", BEFORE.search(text)[1])


def test_what_is_on_them():
    assert list(WAYS) == ["Short", "Full"]
    for pages in WAYS.values():
        assert len(set(pages)) == len(pages)
    assert sorted(WAYS["Full"]) == [f"chapters/{name}" for name in CHAPTERS]
    assert set(WAYS["Short"]) < set(WAYS["Full"])
    assert 5.5 <= hours(WAYS["Short"]) <= 6.5


@pytest.mark.parametrize("way", WAYS)
def test_no_chapter_comes_before_one_that_it_needs(way):
    read_so_far = set()
    for page in WAYS[way]:
        missing = [
            name for name in needs(page) if f"chapters/{name}" not in read_so_far
        ]
        assert missing == [], f"{page} comes before {missing}"
        read_so_far.add(page)


def test_the_foot_of_a_page():
    titles = {page: f"<{page}>" for page in WAYS["Full"]}
    first, second, *_, last = WAYS["Full"]
    html = foot(first, WAYS, titles)
    assert "previous" not in html
    assert html.count("next") == 2
    assert f'href="{second.removeprefix("chapters/")}.html"' in html
    assert "&lt;chapters/" in html
    assert "next" not in foot(last, {"Full": WAYS["Full"]}, titles)
    assert foot("book/about", WAYS, titles) == ""
    assert foot("a", {"Short": ["a"]}, {"a": "A"}) == ""
