"""The ways through the book: nothing is read before what it needs, and the map of the
chapters says so.
"""

import pytest

from tools import ROOT
from tools.chapter_map import LINES, Stop, drawn, needed, needs, plan, route
from tools.paths import foot, hours, read

CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))
WAYS = read()
TITLES = {page: f"<{page}>" for page in WAYS["Full"]}
DONE = {page.removeprefix("chapters/"): "read <it>" for page in WAYS["Full"]}


def test_what_is_on_them():
    assert list(WAYS) == ["Short", "Full"]
    for pages in WAYS.values():
        assert len(set(pages)) == len(pages)
    assert sorted(WAYS["Full"]) == [f"chapters/{name}" for name in CHAPTERS]
    assert [page for page in WAYS["Full"] if page in WAYS["Short"]] == WAYS["Short"]
    assert 5.5 <= hours(WAYS["Short"]) <= 6.5


@pytest.mark.parametrize("way", WAYS)
def test_no_chapter_comes_before_one_that_it_needs(way):
    read_so_far = set()
    for page in WAYS[way]:
        missing = [each for each in needs(page) if each not in read_so_far]
        assert missing == [], f"{page} comes before {missing}"
        read_so_far.add(page)


def test_the_foot_of_a_page():
    titles = {page: f"<{page}>" for page in WAYS["Full"]}
    html = foot("chapters/1_1_how_available", WAYS, titles)
    assert "previous" not in html, "as on the full way"
    assert html.count("next") == html.count("3_3_distributed_transactions.html") == 1
    assert "&lt;chapters/" in html
    for page in ("chapters/1_background", "chapters/7_1_every_run", "book/about"):
        assert foot(page, WAYS, titles) == ""


def test_the_map_leads_to_a_chapter_from_all_that_it_needs():
    stops = plan(TITLES, DONE)
    assert [stop.page for stop in stops] == WAYS["Full"]
    wants = {page: needs(page) for page in WAYS["Full"]}
    drawn_wants = {s.page: [stops[place].page for place in s.after] for s in stops}
    for page, stop in zip(WAYS["Full"], stops, strict=True):
        assert needed(drawn_wants, page) == needed(wants, page)
        assert stop.short == (page in WAYS["Short"])
    html = drawn(stops, "book/index")
    assert html.count(' h0"') == 2 * len(stops) - len(WAYS["Short"])
    assert html.count(" C") == sum(len(stop.after) for stop in stops)
    assert html.count("on the short way") == len(WAYS["Short"])
    assert html.count("<li>") == html.count("read &lt;it&gt;") == len(stops)
    assert 'href="../chapters/1_background.html">&lt;chapters/1_background' in html


def stops_on(*lines):
    """Chapters on these lines of the map, one after the other."""
    return [Stop(f"{n}", "", "", line, 9, False, ()) for n, line in enumerate(lines)]


def test_a_line_of_the_map_goes_where_nothing_stands():
    at_once = route(stops_on(0, 0, 1), 0, 2)
    late = route(stops_on(0, 1, 1), 0, 2)
    assert at_once == "M10,24 V24 C10,48 30,48 30,72 V120"
    assert late == "M10,24 V72 C10,96 30,96 30,120 V120"
    assert " C-10," in route(stops_on(0, 0, 0), 0, 2)
    assert route(stops_on(0, 0), 0, 1).startswith("M10,24 V24 C10,")
    with pytest.raises(ValueError, match="from 0 to 3 runs through another"):
        route(stops_on(0, 0, 1, 1), 0, 3)


def test_a_chapter_that_the_map_does_not_have_is_named(monkeypatch):
    with pytest.raises(ValueError, match=r"see \['chapters/6_faq', 'chapters/9'\]"):
        plan(TITLES, {("9" if name == "6_faq" else name): "" for name in DONE})
    monkeypatch.setattr("tools.chapter_map.LINES", LINES[:2])
    with pytest.raises(ValueError, match="1_background is on no line"):
        plan(TITLES, DONE)
