"""Words of the glossary on a page of toys: their definitions by pointer, keyboard and
finger.
"""

import json
import shutil
from pathlib import Path

import pytest

from ftlib.live.page import script
from tools.book import serving

from .conftest import PHONE

pytestmark = pytest.mark.browser

SITE = Path(__file__).resolve().parents[2] / "book" / "site"
TERMS = {
    "node": ["Node", '<p><span lang="zh">节点</span>. One machine or process.</p>'],
    "in-doubt": [
        "In doubt",
        f"<p>{'It has voted yes and knows no decision. ' * 6}</p>",
    ],
}


def link(anchor, words):
    return f'<a class="ft-term reference internal" href="glossary.html#{anchor}">{words}</a>'


TEXT = (
    f"<p>Each {link('node', 'node')} votes, and then it is"
    f" {link('in-doubt', 'in doubt for as long as nobody tells it what the others')}"
    " have voted.</p>"
    f'<p style="text-align:right">At the edge: {link("in-doubt", "in doubt")}</p>'
    f'<p style="margin-top:110vh">{link("node", "Below")} the fold.</p>'
    '<p style="height:100vh"><a href="glossary.html">All words</a></p>'
)
PAGE = (
    '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">'
    '<title>Toys</title><meta name="viewport" content="width=device-width,'
    ' initial-scale=1"><link rel="icon" href="data:,"><link rel="stylesheet"'
    ' href="ft.css"><script defer src="ft-terms.js"></script><style>a {'
    " color: var(--ft-blue) }</style><body"
    ' style="margin:0;background:var(--ft-paper);color:var(--ft-ink);'
    'font-family:system-ui"><main class="bd-main bd-content"><article'
    f' class="bd-article"><h1>Toys</h1>{TEXT}</article></main>'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terms")
    for name in ("ft.css", "ft-terms.js"):
        shutil.copy(SITE / name, folder)
    data = script("terms", json.dumps(TERMS))
    (folder / "toys.html").write_text(PAGE + data, encoding="utf-8")
    (folder / "plain.html").write_text(PAGE, encoding="utf-8")
    (folder / "glossary.html").write_text(
        '<!doctype html><html lang="en"><title>Glossary</title><link rel="icon"'
        ' href="data:,"><h1>Glossary</h1>',
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def site(folder):
    with serving(folder) as base:
        yield base


@pytest.fixture
def page(site, tab):
    return tab(site, viewport={"width": 800, "height": 600}).goto("toys.html")


@pytest.fixture
def phone(site, tab):
    return tab(site, viewport=PHONE, has_touch=True, is_mobile=True).goto("toys.html")


def word(page, number):
    return page.locator("a.ft-term").nth(number)


def box(page):
    return page.get_by_role("tooltip")


def gone(page):
    box(page).wait_for(state="hidden")
    return True


def beside(page, number):
    """The box is shown, within the window, and on no line of the word."""
    box(page).wait_for()
    return page.evaluate(
        """([word, box]) => {
            const at = box.getBoundingClientRect(), wide = document.documentElement.clientWidth;
            return at.left >= 0 && at.right <= wide && at.top >= 0 && at.bottom <= innerHeight
                && [...word.getClientRects()].every(line => line.bottom <= at.top || line.top >= at.bottom);
        }""",
        [word(page, number).element_handle(), box(page).element_handle()],
    )


def test_under_the_pointer(page):
    assert gone(page)
    word(page, 0).hover()
    assert beside(page, 0)
    assert box(page).inner_text() == "Node 节点. One machine or process."
    assert box(page).locator("span").get_attribute("lang") == "zh"
    box(page).hover()
    page.wait_for_timeout(600)
    assert box(page).is_visible(), "the pointer may go into it, and it stays"
    page.mouse.move(700, 500)
    assert gone(page)


def test_a_pointer_that_passes_by_shows_nothing(page):
    hidden = word(page, 0).evaluate(
        """word => ["enter", "leave"].map(way => {
            word.dispatchEvent(new PointerEvent(`pointer${way}`, { pointerType: "mouse" }));
            return document.querySelector(".ft-definition").hidden;
        })"""
    )
    assert hidden == [True, True]
    page.wait_for_timeout(400)
    assert not box(page).is_visible()


def test_it_stays_as_long_as_the_focus_or_the_pointer_does(page):
    page.keyboard.press("Tab")
    word(page, 0).hover()
    page.mouse.move(700, 500)
    page.wait_for_timeout(400)
    assert box(page).is_visible(), "the word has the focus"
    box(page).hover()
    word(page, 0).evaluate("word => word.blur()")
    page.wait_for_timeout(400)
    assert box(page).is_visible(), "the pointer is in it"
    page.mouse.move(700, 500)
    assert gone(page)


def test_escape_dismisses_it_and_the_pointer_need_not_move(page):
    word(page, 0).hover()
    assert beside(page, 0)
    page.keyboard.press("Escape")
    assert gone(page)
    page.wait_for_timeout(400)
    assert not box(page).is_visible()


def test_by_keyboard(page):
    page.keyboard.press("Tab")
    assert beside(page, 0)
    assert word(page, 0).get_attribute("aria-describedby") == "ft-definition"
    page.wait_for_timeout(400)
    assert box(page).is_visible(), "as long as the word has the focus"
    page.keyboard.press("Tab")
    assert box(page).inner_text().startswith("In doubt It has voted yes")
    assert word(page, 0).get_attribute("aria-describedby") is None
    page.keyboard.press("Escape")
    assert gone(page)
    assert word(page, 1).evaluate("word => word === document.activeElement")
    page.keyboard.press("Tab")
    assert beside(page, 2)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert gone(page)
    assert page.locator(":focus").inner_text() == "All words", "no stop is added"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#node")


def test_a_click_follows_the_link(page):
    word(page, 1).click()
    page.wait_for_url("**/glossary.html#in-doubt")


@pytest.mark.parametrize("width", [800, 360, 240])
def test_it_never_covers_the_word(page, width):
    page.set_viewport_size({"width": width, "height": 600})
    for number in range(4):
        for edge in ("start", "end"):
            word(page, number).evaluate(
                "(word, block) => word.scrollIntoView({ block })",
                edge,
            )
            page.evaluate("scrollBy(0, -80)" if edge == "start" else "0")
            gone(page)
            word(page, number).hover()
            assert beside(page, number), (number, edge)
            page.mouse.move(1, 1)
            gone(page)


def test_the_first_tap_shows_it_and_the_second_follows(phone):
    word(phone, 1).tap()
    assert beside(phone, 1)
    assert phone.url.endswith("toys.html")
    onward = box(phone).locator("a")
    assert onward.inner_text() == "Open the glossary"
    assert onward.bounding_box()["height"] >= 44
    phone.locator("h1").tap()
    assert gone(phone)
    word(phone, 0).tap()
    assert beside(phone, 0)
    word(phone, 1).tap()
    assert beside(phone, 1)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    word(phone, 1).tap()
    phone.wait_for_url("**/glossary.html#in-doubt")


def test_the_link_in_the_box_follows_too(phone):
    word(phone, 0).tap()
    box(phone).locator("a").tap()
    phone.wait_for_url("**/glossary.html#node")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_is_content(page, theme):
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.keyboard.press("Tab")
    box(page).wait_for()
    found = Axe().run(
        page,
        options={
            "resultTypes": ["violations"],
            "rules": {"region": {"enabled": False}},
        },
    )
    assert [
        (each["id"], node["html"])
        for each in found.response["violations"]
        for node in each["nodes"]
    ] == []


def test_on_a_page_opened_from_disk(folder, browser):
    page = browser.new_page()
    page.goto((folder / "toys.html").as_uri())
    word(page, 0).hover()
    assert beside(page, 0)
    page.close()


def test_without_definitions_or_scripts_a_link_is_a_link(site, tab):
    page = tab(site).goto("plain.html")
    word(page, 0).hover()
    assert box(page).count() == 0
    page = tab(site, java_script_enabled=False).page
    page.goto(f"{site}toys.html")
    word(page, 0).click()
    page.wait_for_url("**/glossary.html#node")
