"""The script of the built book on pages of toys: what every Live can do, and what may
be done wrong to it.
"""

import base64
import hashlib
import json
import re
import shutil
import sys
import types
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path
from typing import Annotated

import pytest

from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.figures.controls import Choice, Range, Toggle, Toggles
from ftlib.live import Live
from ftlib.live.page import built, stepped, trouble
from ftlib.live.table import Table
from tools.book import serving

from .conftest import PHONE

pytestmark = pytest.mark.browser

SITE = Path(__file__).resolve().parents[2] / "book" / "site"
VOTES = Toggles(
    of="participants",
    maximum=4,
    states={"y": "yes", "n": "no", "s": "silent"},
    label="Votes",
    each="p{}",
)
WORKER = """
// Stands for ft-worker.js: what the page asks goes to a channel, what a test says there goes to the page.
const channel = new BroadcastChannel("worker");
onmessage = ({ data }) => channel.postMessage(data);
channel.onmessage = ({ data }) => data.say && postMessage(data.say);
"""
MADE = {"version": "1.2.3", "licence": "CC BY 4.0"}
CRASH = Choice(
    {"never": "never", "late": "after all the votes have come in, before it decides"},
    "The coordinator crashes",
)


def commit(
    participants: Annotated[int, Range(range(1, 5), "Participants")] = 2,
    votes: Annotated[str, VOTES] = "yyy",
    loss: Annotated[float, Range((0.0, 1e-05, 0.25), "Loss", style=".0%")] = 0.0,
    crash: Annotated[str, CRASH] = "never",
    recover: Annotated[bool, Toggle("It recovers")] = True,
) -> Picture:
    """A tall picture, two steps a participant, wide if there are many."""
    story = tuple(
        f"p{i + 1} {what} {vote}."
        for what in ("says", "keeps")
        for i, vote in enumerate(votes)
    )
    lines = "".join(
        f'<text data-step="{k}" x="{20 + 90 * (k % participants)}" y="{90 * k}"'
        f' fill="{colour("ink")}">{words}</text>'
        for k, words in enumerate(story, 1)
    )
    title = f"{participants} {votes} {loss:g} {crash} {recover}"
    return Picture(
        lines,
        300 * participants,
        90 * len(story) + 40,
        title,
        "Toy.",
        story,
        len(story),
    )


def ring(
    nodes: Annotated[int, Range((1, 2, 3), "Nodes", unit="in all")] = 2,
) -> Picture:
    """No steps."""
    dots = "".join(
        f'<circle cx="{20 * i + 20}" cy="20" r="8" fill="{colour("blue")}"/>'
        for i in range(nodes)
    )
    return Picture(dots, 100, 40, f"{nodes} on the ring.", "", ("Dots.",))


def html(figure, number, folder):
    table = Table.of(figure.spec, figure.function)
    (folder / f"{number}.js").write_text(
        table.script(f"toys-{number}"), encoding="utf-8"
    )
    address = f"{number}.js#toys-{number}"
    digest = hashlib.sha256((folder / f"{number}.js").read_bytes()).digest()
    return built(
        figure.spec,
        figure.picture(),
        address,
        integrity=f"sha256-{base64.b64encode(digest).decode()}",
        complete=table.complete,
        build="b1",
        goal=table.goals.get(figure.spec.key(figure.spec.defaults)),
        **MADE,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toys")
    for name in ("ft.css", "ft-print.css", "ft-live.js", "ft-python.js"):
        shutil.copy(SITE / name, folder)
    (folder / "ft-worker.js").write_text(WORKER, encoding="utf-8")
    module = types.ModuleType("ftlib.figures.toys")
    sys.modules[module.__name__] = module
    for function in (commit, ring):
        function.__module__ = module.__name__
        setattr(module, function.__name__, function)
    parts = [
        html(live, number, folder)
        for number, live in enumerate(
            (
                Live(commit),
                Live(ring),
                Live(ring, name="ring_again"),
                Live(commit, name="commit_again"),
            )
        )
    ]
    parts.insert(3, stepped(commit(3, "yns")._repr_html_(), **MADE))
    body = '<p style="height:50vh">Before.</p>'.join(parts)
    del sys.modules[module.__name__]
    page = (
        '<!doctype html><html lang="en" data-theme="light"><meta'
        ' charset="utf-8"><title>Toys</title><meta name="viewport"'
        ' content="width=device-width, initial-scale=1"><link rel="icon"'
        ' href="data:,"><link rel="stylesheet" href="ft.css"><link rel="stylesheet"'
        ' media="print" href="ft-print.css"><script defer'
        ' src="ft-python.js"></script><script defer src="ft-live.js"></script><body'
        f' style="margin:16px"><main class="bd-content"><h1 id="a.b=1">Toys</h1>{body}<p'
        ' style="height:100vh">After.</p></main>'
    )
    (folder / "toys.html").write_text(page, encoding="utf-8")
    with serving(folder) as base:
        yield base, folder


@pytest.fixture
def page(site, tab):
    return tab(site[0], permissions=["clipboard-read", "clipboard-write"]).goto(
        "toys.html"
    )


def figure_of(page, number=0):
    """A live figure, once its table is there."""
    figure = page.locator(".ft-live").nth(number)
    if table := figure.get_attribute("data-table"):
        figure.scroll_into_view_if_needed()
        page.wait_for_function(
            "name => globalThis.ftTables?.[name]", arg=table.split("#")[1]
        )
    return figure


def verdict(figure):
    return figure.locator("figcaption").inner_text().split("\n")[0]


def status(figure):
    return figure.locator(".ft-status").inner_text()


def event(figure):
    return figure.locator(".ft-event").inner_text()


def visible_steps(figure):
    """How many parts of the picture are visible."""
    return figure.locator("[data-step]:not([visibility=hidden])").count()


def segment(figure, group, name):
    return figure.get_by_role("group", name=group, exact=True).get_by_role(
        "radio", name=name, exact=True
    )


def test_every_kind_of_control(page):
    figure = figure_of(page)
    assert verdict(figure) == "2 yy 0 never True"
    figure.get_by_label("Participants").press("ArrowRight")
    assert verdict(figure) == "3 yyy 0 never True"
    assert figure.get_by_label("Participants").get_attribute("aria-valuetext") == "3"
    figure.get_by_role("button", name="Reset").click()
    segment(figure, "p2", "silent").check()
    assert verdict(figure) == "2 ys 0 never True"
    figure.get_by_role("button", name="Reset").click()
    figure.get_by_label("Loss").press("End")
    assert verdict(figure) == "2 yy 0.25 never True"
    assert figure.locator(".ft-value").nth(1).inner_text() == "25%"
    figure.get_by_role("button", name="Reset").click()
    figure.get_by_label("The coordinator crashes").select_option(index=1)
    assert verdict(figure) == "2 yy 0 late True"
    figure.get_by_role("button", name="Reset").click()
    figure.get_by_label("It recovers").uncheck()
    assert verdict(figure) == "2 yy 0 never False"
    figure.get_by_role("button", name="Reset").click()
    assert verdict(figure) == "2 yy 0 never True"
    assert figure.get_by_label("It recovers").is_checked()


def test_what_two_pictures_share_stays_where_it_is(page):
    """Only what differs is parsed, and what results is what Python drew."""
    figure = figure_of(page)
    figure.evaluate(
        "root => root.querySelectorAll('svg text').forEach((part, i) => {"
        " part.seen = i + 1 })"
    )
    seen = (
        "root => [...root.querySelectorAll('.ft-svg text')].map(each => each.seen ?? 0)"
    )
    figure.get_by_label("It recovers").uncheck()
    assert verdict(figure) == "2 yy 0 never False"
    assert figure.evaluate(seen) == [1, 2, 3, 4]
    figure.get_by_role("button", name="Reset").click()
    segment(figure, "p1", "no").check()
    assert figure.evaluate(seen) == [1, 2, 3, 4], "with other words"
    figure.get_by_role("button", name="Reset").click()
    figure.get_by_label("Participants").press("End")
    figure.get_by_role("button", name="First", exact=True).click()
    figure.get_by_role("button", name="Last").click()
    assert figure.evaluate(
        """(root, html) => {
          const wanted = document.createElement('div');
          wanted.innerHTML = html;
          root.querySelectorAll('[data-now]').forEach(part => part.removeAttribute('data-now'));
          root.querySelectorAll('[aria-current]').forEach(part => part.removeAttribute('aria-current'));
          root.querySelector('.ft-svg').setAttribute('aria-label', wanted.querySelector('svg').getAttribute('aria-label'));
          root.querySelectorAll('.ft-scroll').forEach(box => ['tabindex', 'role', 'aria-label'].forEach(name => box.removeAttribute(name)));
          return root.querySelector('.ft-view').innerHTML === wanted.innerHTML;
        }""",
        commit(4, "yyyy")._repr_html_(),
    )


def test_radio_buttons_by_keyboard(page):
    figure = figure_of(page)
    segment(figure, "p1", "yes").focus()
    page.keyboard.press("ArrowRight")
    assert verdict(figure) == "2 ny 0 never True"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    assert verdict(figure) == "2 ny 0 never True", (
        "the next stop is the next participant, and ns is in no table"
    )
    assert segment(figure, "p2", "silent").is_checked()


def test_surplus_controls_are_hidden(page):
    figure = figure_of(page)
    assert [
        figure.get_by_role("group", name=f"p{i}").count() for i in (1, 2, 3, 4)
    ] == [1, 1, 0, 0]
    figure.get_by_label("Participants").press("End")
    assert figure.get_by_role("group", name="p4").is_visible()


def test_the_reader_is_told_the_verdict(page):
    figure = figure_of(page, 1)
    figure.get_by_label("Nodes").press("ArrowRight")
    assert status(figure) == "3 on the ring."
    box = figure.locator(".ft-status").bounding_box()
    assert box["width"] <= 1, "only for those who cannot see the picture"
    assert figure.get_by_label("Nodes").get_attribute("aria-valuetext") == "3 in all"


def test_a_new_picture_with_the_old_title_is_announced(page):
    figure = figure_of(page, 1)
    figure.get_by_label("Nodes").press("ArrowRight")
    assert status(figure) == "3 on the ring."
    said = []
    for _ in range(2):
        figure.get_by_role("button", name="Reset").click()
        said.append(status(figure))
    assert said == ["2 on the ring.", "Still: 2 on the ring."]


def test_every_part_says_whose_it_is_and_a_title_is_said_once(page):
    figure = figure_of(page)
    figure.get_by_label("Participants").press("ArrowRight")
    title = "3 yyy 0 never True"
    for role, name in (
        ("group", "Controls"),
        ("group", "Steps"),
        ("button", "Reset"),
        ("button", "Copy link"),
        ("button", "Save picture"),
    ):
        named = figure.get_by_role(role, name=f"{name}: {title}", exact=True)
        assert named.count() == 1, name
    assert figure.get_by_role("img", name="Picture", exact=True).count() == 1


def test_a_card_does_not_jump_while_a_slider_moves(page):
    figure = figure_of(page)
    slider = figure.get_by_label("Participants")
    slider.press("End")
    high = figure.bounding_box()["height"]
    slider.press("Home")
    assert figure.bounding_box()["height"] == pytest.approx(high, abs=1)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.querySelector('h1').style.marginBottom = '300vh'")
    page.wait_for_function(
        "high => document.querySelector('.ft-live').offsetHeight < high - 100", arg=high
    )


def test_playing_leaves_a_reader_alone_who_has_scrolled(page):
    page.clock.install()
    figure = figure_of(page)
    figure.get_by_label("Participants").press("End")
    for scroll in (
        "dispatchEvent(new WheelEvent('wheel')); scrollBy(0, 200)",
        "scrollTo(0, document.body.scrollHeight)",
    ):
        figure.get_by_role("button", name="Play").click()
        page.evaluate(scroll)
        before = page.evaluate("scrollY")
        page.clock.run_for(4000)
        assert visible_steps(figure) >= 3
        assert page.evaluate("scrollY") == before
        figure.get_by_role("button", name="Pause").click()


@pytest.mark.parametrize(
    ("width", "letters"), [(320, 16), (320, 32), (768, 32), (1280, 32)]
)
def test_narrow_columns_and_large_letters(site, tab, width, letters):
    page = tab(site[0], viewport={"width": width, "height": 740}).goto("toys.html")
    page.evaluate(
        "size => { document.documentElement.style.fontSize = `${size}px` }", letters
    )
    figure = figure_of(page)
    figure.get_by_label("Participants").press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = figure.evaluate(
        """root => [...root.querySelectorAll('.ft-controls *, .ft-steps *, .ft-tools *')]
          .filter(part => part.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
          .map(part => part.outerHTML.slice(0, 80))"""
    )
    assert beyond == []


def test_forced_colours_show_what_is_chosen(site, tab):
    page = tab(site[0], forced_colors="active").goto("toys.html")
    figure = figure_of(page)
    grounds = segment(figure, "p1", "yes").evaluate(
        """input => [...input.closest('.ft-segments').querySelectorAll('span')]
          .map(span => getComputedStyle(span).backgroundColor)"""
    )
    assert grounds[0] != grounds[1] == grounds[2]
    bare = figure.get_by_role("button").evaluate_all(
        """buttons => buttons.filter(button => button.checkVisibility()).filter(button => {
          const { borderTopWidth, textDecorationLine } = getComputedStyle(button);
          return borderTopWidth === '0px' && textDecorationLine === 'none';
        }).map(button => button.outerHTML)"""
    )
    assert bare == [], "a button looks like text"
    inks = figure.locator(".ft-buttons button").evaluate_all(
        "buttons => buttons.map(button => getComputedStyle(button).color)"
    )
    assert inks[0] == inks[1] != inks[3] == inks[4], "the run is at its end"


def test_steps_by_mouse(page):
    figure = figure_of(page)
    assert visible_steps(figure) == 4
    assert event(figure) == ""
    assert figure.locator("[data-now]").count() == 0
    figure.get_by_role("button", name="First", exact=True).click()
    assert (visible_steps(figure), event(figure)) == (0, "Nothing has happened yet.")
    assert (
        figure.get_by_role("button", name="Previous", exact=True).get_attribute(
            "aria-disabled"
        )
        == "true"
    )
    figure.get_by_role("button", name="Next", exact=True).click()
    figure.get_by_role("button", name="Next", exact=True).click()
    assert (visible_steps(figure), event(figure)) == (2, "p2 says y.")
    assert figure.locator("[data-now]").count() == 1
    assert (
        figure.locator("li[aria-current]").evaluate("item => item.textContent")
        == "p2 says y."
    )
    figure.get_by_role("button", name="Previous", exact=True).click()
    assert (visible_steps(figure), event(figure)) == (1, "p1 says y.")
    figure.get_by_role("button", name="Last").click()
    assert visible_steps(figure) == 4
    figure.get_by_role("button", name="Next", exact=True).click(force=True)
    assert figure.locator(".ft-number").inner_text() == "4 / 4"


def test_steps_by_keyboard(page):
    figure = figure_of(page)
    figure.get_by_role("button", name="Play").focus()
    for key, step in (
        ("ArrowLeft", 3),
        ("ArrowLeft", 2),
        ("ArrowRight", 3),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 4),
    ):
        page.keyboard.press(key)
        assert visible_steps(figure) == step, key
    figure.get_by_label("Step", exact=True).press("ArrowLeft")
    assert visible_steps(figure) == 3
    assert (
        figure.get_by_label("Step", exact=True).get_attribute("aria-valuetext")
        == "3 of 4"
    )


def test_play_and_pause(page):
    page.clock.install()
    figure = figure_of(page)
    figure.get_by_role("button", name="Play").click()
    assert visible_steps(figure) == 0
    page.clock.run_for(2500)
    assert visible_steps(figure) == 2
    figure.get_by_role("button", name="Pause").click()
    page.clock.run_for(5000)
    assert visible_steps(figure) == 2
    figure.get_by_role("button", name="Play").click()
    page.clock.run_for(2500)
    assert visible_steps(figure) == 4
    assert figure.get_by_role("button", name="Play").is_visible(), "at the end it stops"
    figure.get_by_role("button", name="Play").click()
    figure.get_by_label("Participants").press("ArrowLeft")
    page.clock.run_for(5000)
    assert visible_steps(figure) == 0, "a control stops it"


def test_a_step_survives_a_control(page):
    figure = figure_of(page)
    figure.get_by_role("button", name="First", exact=True).click()
    figure.get_by_role("button", name="Next", exact=True).click()
    figure.get_by_label("Participants").press("ArrowRight")
    assert (visible_steps(figure), figure.locator(".ft-number").inner_text()) == (
        1,
        "1 / 6",
    )
    figure.get_by_role("button", name="Last").click()
    figure.get_by_label("Participants").press("ArrowRight")
    assert figure.locator(".ft-number").inner_text() == "8 / 8", (
        "who stands at the end stays there"
    )
    assert event(figure) == "p4 keeps y.", "and is told what is there"


def test_an_open_story_stays_open(page):
    figure = figure_of(page)
    figure.get_by_text("The story in words").click()
    figure.get_by_label("Participants").press("ArrowRight")
    assert figure.locator(".ft-story li").nth(5).is_visible()


@pytest.mark.parametrize(
    "size", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "desktop"]
)
def test_the_newest_part_and_the_bar_are_in_sight(site, tab, size):
    page = tab(site[0], viewport=size, reduced_motion="reduce").goto("toys.html")
    figure = figure_of(page)
    figure.get_by_label("Participants").press("End")
    play = figure.get_by_role("button", name="Play")
    play.focus()
    for key in ["Home", *["ArrowRight"] * 8, *["ArrowLeft"] * 7]:
        page.keyboard.press(key)
        page.wait_for_timeout(30)
        bar = figure.locator(".ft-steps").bounding_box()
        assert bar["y"] >= 0
        assert bar["y"] + bar["height"] <= size["height"] + 1
        if newest := figure.locator("[data-now]").count():
            box = figure.locator("[data-now]").nth(newest - 1).bounding_box()
            assert box["y"] >= 60
            assert box["y"] + box["height"] <= bar["y"]
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size["width"]


def test_link_round_trip(page, tab, site):
    figure, other = figure_of(page), figure_of(page, 2)
    other.get_by_label("Nodes").press("Home")
    segment(figure, "p2", "no").check()
    figure.get_by_role("button", name="Previous", exact=True).click()
    figure.get_by_role("button", name="Copy link").click()
    figure.get_by_text("Link copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    fragment = link.split("#")[1]
    assert (
        fragment
        == "commit.participants=2&commit.votes=yn&commit.loss=0&commit.crash=never&commit.recover=true&commit.step=3&ring_again.nodes=1&v=1.2.3"
    )
    again = tab(site[0]).goto(f"toys.html#{fragment}")
    assert verdict(figure_of(again)) == "2 yn 0 never True"
    assert visible_steps(figure_of(again)) == 3
    assert verdict(figure_of(again, 1)) == "2 on the ring."
    assert verdict(figure_of(again, 2)) == "1 on the ring."
    assert abs(figure_of(again).bounding_box()["y"]) < 300, "it opens there"


@pytest.mark.parametrize("meanwhile", ["", "dispatchEvent(new Event('pagehide'))"])
def test_a_link_followed_on_the_same_page(page, meanwhile):
    """Though what the reader has made may just be written into the history: its entry
    is not that of the link.
    """
    page.evaluate(f"location.hash = 'ring.nodes=3'; {meanwhile}")
    page.wait_for_function(
        "document.querySelectorAll('.ft-live')[1].textContent.includes('3 on the ring')"
    )
    assert verdict(figure_of(page, 1)) == "3 on the ring."


def test_a_link_followed_again_shows_what_it_says(page):
    """Though the address stays as it is, and what was made since is in its entry."""
    page.evaluate(
        "document.querySelector('h1').innerHTML = '<a href=#ring.nodes=1>One</a>'"
    )
    figure, link = figure_of(page, 1), page.get_by_role("link", name="One")
    for _ in range(3):
        link.click()
        figure.get_by_text("1 on the ring.").first.wait_for()
        figure.get_by_label("Nodes").press("End")
        assert verdict(figure) == "3 on the ring."
        page.wait_for_timeout(450)
    page.reload()
    assert verdict(figure_of(page, 1)) == "3 on the ring.", "it was not followed since"


def test_a_link_says_all_of_its_picture(page):
    """A link without a step is to the last one, wherever the reader is."""
    figure = figure_of(page)
    figure.get_by_role("button", name="First", exact=True).click()
    page.evaluate("location.hash = 'commit.participants=3'")
    figure.locator("figcaption", has_text="3 yyy 0 never True").wait_for()
    assert figure.locator(".ft-number").inner_text() == "6 / 6"
    assert event(figure) == ""


@pytest.fixture
def followed(site, tab):
    """Follow links to the page, each as if it were the first thing that is opened."""
    opened = tab(site[0])

    def follow(fragment):
        opened.page.goto("about:blank")
        return figure_of(opened.goto(f"toys.html#{fragment}"))

    return follow


def test_nonsense_in_a_link_is_said_and_ignored(followed):
    for fragment, told in (
        ("commit.participants=99", "participants = 99"),
        ("commit.participants=", "participants = "),
        ("commit.votes=yx", "votes = yx"),
        ("commit.votes=yyyyyyyyy", "votes = yyyyyyyyy"),
        ("commit.votes=", "votes = "),
        ("commit.loss=1e-5", "loss = 1e-5"),
        ("commit.nodes=3", "nodes = 3"),
        ("commit.step=99", "step = 99"),
        ("commit.step=-1", "step = -1"),
        ("commit.step=x&commit.__proto__=1", "__proto__ = 1, step = x"),
        ("commit=1", "commit = 1"),
    ):
        figure = followed(fragment)
        assert verdict(figure) == "2 yy 0 never True", fragment
        assert (
            status(figure)
            == f"The link asks for {told}, which this picture does not have; that part"
            " is ignored."
        )
        assert visible_steps(figure) == 4, fragment


def test_a_link_to_a_picture_that_is_not_there_says_so(followed):
    figure = followed("nobody.nodes=3&commit.participants=3&v=0.9")
    figure.get_by_text("3 yyy 0 never True").first.wait_for()
    assert figure.page.locator("h1 + .ft-lost").inner_text() == (
        "The link asks for the picture nobody, which this page does not have. It was"
        " made with version 0.9 of this page."
    )
    figure.page.evaluate("location.hash = 'ring.nodes=3'")
    figure.page.wait_for_function("!document.querySelector('.ft-lost')")
    for name, told in (("one-2", "one-2"), ("%E0%A4%A", "\ufffd%A"), ("a b", "a b")):
        lost = followed(f"{name}.x=1").page.locator(".ft-lost")
        assert lost.inner_text().startswith(f"The link asks for the picture {told}, ")


def test_what_a_link_says_again_is_short(followed):
    many = "&".join(f"commit.p{number}=1" for number in range(50))
    figure = followed(f"commit.votes={'x' * 200_000}&{many}&{'n' * 9999}.nodes=3&v=2")
    assert status(figure) == (
        f"The link asks for votes = {'x' * 32}…, p0 = 1, p1 = 1, 48 more, which this"
        " picture does not have; that part is ignored. It was made with version 2 of"
        " this page."
    )
    assert len(figure.page.locator(".ft-lost").inner_text()) < 200
    assert figure.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_other_fragments_are_left_alone(followed):
    for fragment in ("a-heading", "a.b=1", "a=b", "=", "&&&=%%%", "ring.nodes=2"):
        figure = followed(fragment)
        assert verdict(figure) == "2 yy 0 never True", fragment
        assert status(figure) == "", fragment


def test_an_exponent_in_a_link(followed):
    assert verdict(followed("commit.loss=0.00001")) == "2 yy 1e-05 never True"


def test_a_saved_picture(page):
    figure = figure_of(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    figure.get_by_role("button", name="Previous", exact=True).click()
    with page.expect_download() as download:
        figure.get_by_role("button", name="Save picture").click()
    assert download.value.suggested_filename == "commit-1.0-0.0.0.1.svg"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    svg = ET.fromstring(text)
    names = {"svg": "http://www.w3.org/2000/svg"}
    made = json.loads(svg.find("svg:metadata", names).text)
    assert made["function"] == "ftlib.figures.toys.commit"
    assert made["parameters"] == {
        "participants": 2,
        "votes": "yy",
        "loss": 0,
        "crash": "never",
        "recover": True,
    }
    assert (made["step"], made["version"], made["licence"]) == (3, "1.2.3", "CC BY 4.0")
    assert made["source"].endswith("/toys.html")
    assert svg.find("svg:title", names).text.startswith("2 yy 0 never True")
    assert "var(" not in text
    assert svg.find("svg:text", names).get("fill") == "#e8ebef", (
        "the colours are those that are seen"
    )
    title, source, *_ = (each.text for each in svg.findall("svg:text", names))
    assert title == "2 yy 0 never True"
    assert source == f"{made['source']} · version 1.2.3 · CC BY 4.0"
    assert svg.get("viewBox") == "0 -36 600 466"
    assert (svg.get("width"), svg.get("height")) == ("600", "466")


def test_a_wide_picture_scrolls_in_a_box_that_can_be_reached(site, tab):
    page = tab(site[0], viewport=PHONE).goto("toys.html")
    figure = figure_of(page)
    box = figure.get_by_role("group", name="Picture, scrolls sideways")
    box.wait_for()
    assert box.get_attribute("tabindex") == "0"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert (
        figure_of(page, 1)
        .get_by_role("group", name="Picture, scrolls sideways")
        .count()
        == 0
    )


def test_a_plain_picture_has_steps_too(page):
    plain = figure_of(page, 3)
    assert visible_steps(plain) == 6
    plain.get_by_role("button", name="First", exact=True).click()
    plain.get_by_role("button", name="Next", exact=True).click()
    assert (visible_steps(plain), event(plain)) == (1, "p1 says y.")
    plain.get_by_role("button", name="Copy link").click()
    plain.get_by_text("Link copied.").wait_for()
    assert re.search(r"#picture_[0-9a-f]{8}\.step=1&v=1\.2\.3$", page.url)
    with page.expect_download() as download:
        plain.get_by_role("button", name="Save picture").click()
    assert re.fullmatch(r"picture_[0-9a-f]{8}\.svg", download.value.suggested_filename)
    plain.get_by_role("button", name="Reset").click()
    assert (visible_steps(plain), event(plain)) == (6, "")


def test_two_of_the_same_do_not_disturb_each_other(page):
    one, other = figure_of(page, 1), figure_of(page, 2)
    one.get_by_label("Nodes").press("End")
    assert (verdict(one), verdict(other)) == ("3 on the ring.", "2 on the ring.")
    other.get_by_label("Nodes").press("Home")
    assert (verdict(one), verdict(other)) == ("3 on the ring.", "1 on the ring.")


def test_from_disk(site, browser):
    context = browser.new_context()
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto((site[1] / "toys.html").as_uri())
    figure_of(page, 1).get_by_label("Nodes").press("End")
    assert verdict(figure_of(page, 1)) == "3 on the ring."
    assert errors == []
    context.close()


def test_without_javascript(site, tab):
    page = tab(site[0], java_script_enabled=False).goto("toys.html")
    figure = page.locator(".ft-live").first
    assert figure.locator("svg.ft-svg").is_visible()
    figure.locator("summary").click()
    assert figure.locator(".ft-story li").first.is_visible()
    assert figure.locator(".ft-shown").is_visible()
    for part in (".ft-controls", ".ft-steps", ".ft-tools"):
        assert figure.locator(part).bounding_box() is None, f"{part} leaves a hole"


def test_on_paper(page):
    page.emulate_media(media="print")
    figure = figure_of(page)
    assert figure.locator(".ft-shown").is_visible()
    assert not figure.locator(".ft-controls").is_visible()


def test_script_and_library_name_states_alike(page):
    """Ask the page for each state of its table by name, and see the picture that Python
    drew for it.
    """
    page.wait_for_function("globalThis.ftTables?.['toys-0']")
    pictures = page.evaluate("ftTables['toys-0'].pictures")
    for key in pictures:
        participants, votes, loss, crash, recover = (
            [int(n) for n in part.split("-")] for part in key.split(".")
        )
        fragment = {
            "participants": participants[0] + 1,
            "votes": "".join("yns"[n] for n in votes),
            "loss": ("0", "0.00001", "0.25")[loss[0]],
            "crash": ("never", "late")[crash[0]],
            "recover": ("false", "true")[recover[0]],
        }
        page.evaluate(
            "hash => { location.hash = hash }",
            "&".join(f"commit.{part}={value}" for part, value in fragment.items()),
        )
        number = float(fragment["loss"])
        wanted = (
            f"{fragment['participants']} {fragment['votes']} {number:g}"
            f" {fragment['crash']} {fragment['recover'].capitalize()}"
        )
        page.wait_for_function(
            "wanted =>"
            " document.querySelector('figcaption').textContent.startsWith(wanted)",
            arg=wanted,
        )


# ------------------------------------ what is in no table; a stub stands for the worker


class Stub:
    """The worker's end of the line."""

    def __init__(self, page):
        self.page = page
        page.evaluate(
            "() => { window.heard = []; window.line = new BroadcastChannel('worker') }"
        )
        page.evaluate("() => { line.onmessage = ({ data }) => { heard.push(data) } }")

    def heard(self, count):
        """The first `count` messages, when so many have come; no more may come."""
        self.page.wait_for_function("count => heard.length >= count", arg=count)
        self.page.wait_for_timeout(30)
        messages = self.page.evaluate("heard")
        assert len(messages) == count, messages
        return messages

    def say(self, **message):
        self.page.evaluate("say => line.postMessage({ say })", message)
        self.page.wait_for_timeout(30)

    def answer(self, question, title):
        self.say(id=question["id"], html=self.drawn(title), ms=3.2)

    def answers_at_once(self, title):
        """From now on a question is answered as soon as it is heard: a test that had to
        answer it itself would be late on a busy machine.
        """
        self.page.evaluate(
            "html => { line.onmessage = ({ data }) => { heard.push(data);"
            " line.postMessage({ say: { id: data.id, html, ms: 3.2 } }) } }",
            self.drawn(title),
        )

    @staticmethod
    def drawn(title):
        steps = ("One.", "Two.")
        return Picture("", 10, 10, title, "Drawn later.", steps, 2)._repr_html_()


@pytest.fixture
def stub(page):
    return Stub(page)


def ask(figure, loss="End"):
    """Two controls moved: what only Python can draw."""
    segment(figure, "p1", "no").check()
    figure.get_by_label("Loss").press(loss)


def asked(figure, stub):
    """The question that Python is asked by `ask` when it has started."""
    ask(figure)
    stub.heard(1)
    stub.say(ready=True)
    return stub.heard(2)[1]


def is_stale(figure):
    return figure.evaluate("root => root.classList.contains('ft-stale')")


def test_python_is_started_by_a_touch_where_the_table_is_not_complete(page, stub):
    figure_of(page, 1).get_by_label("Nodes").press("End")
    stub.heard(0)
    figure_of(page).get_by_label("Participants").focus()
    names = [f"ftlib.figures.toys.{name}" for name in ("commit", "ring")]
    assert stub.heard(1) == [{"functions": names, "build": "b1"}]
    figure_of(page, 4).get_by_label("Participants").focus()
    stub.heard(1)


def test_the_way_to_a_picture_of_python(page, stub):
    figure = figure_of(page)
    ask(figure)
    stub.heard(1)
    still = (
        "The picture still shows Participants: 2 · Votes: no, yes · Loss: 0% · The"
        " coordinator crashes: never · It recovers: on."
    )
    assert status(figure) == f"Starting Python… {still}"
    stub.say(stage="fetch", part=0.25, megabytes=13.4)
    assert (
        status(figure)
        == f"Fetching Python, 13 MB, which the browser keeps for the next time… {still}"
    )
    assert figure.get_by_role("progressbar").evaluate("bar => bar.value") == 0.25
    stub.say(stage="start", part=1)
    assert status(figure) == f"Starting Python… {still}"
    assert figure.get_by_role("progressbar").get_attribute("value") is None
    assert is_stale(figure)
    assert verdict(figure) == "2 ny 0 never True"
    stub.say(ready=True)
    question = stub.heard(2)[1]
    assert (
        json.loads(question["specification"])["function"] == "ftlib.figures.toys.commit"
    )
    assert (question["id"], question["state"]) == (1, "[[1],[1,0],[2],[0],[1]]")
    page.wait_for_timeout(200)
    assert status(figure) == f"Computing… {still}"
    stub.answer(question, "Python drew this.")
    assert (verdict(figure), is_stale(figure)) == ("Python drew this.", False)
    assert not figure.get_by_role("button", name="Cancel").is_visible()
    assert (
        figure.locator(".ft-source").inner_text()
        == "Computed by Python in this page, in 3 ms."
    )
    assert figure.locator(".ft-number").inner_text() == "2 / 2"
    figure.get_by_label("Loss").press("Home")
    assert figure.locator(".ft-source").inner_text() == ""
    figure.get_by_label("Loss").press("End")
    assert verdict(figure) == "Python drew this."
    stub.heard(2)


def test_an_answer_in_time_is_not_announced(page, stub):
    figure = figure_of(page)
    stub.say(ready=True)
    figure.get_by_label("Loss").focus()
    stub.heard(1)
    stub.say(ready=True)
    figure.evaluate(
        "root => new MutationObserver(() => {"
        " if (root.classList.contains('ft-stale')) root.dataset.wasStale = true"
        " }).observe(root, { attributeFilter: ['class'] })"
    )
    stub.answers_at_once("Python drew this.")
    ask(figure)
    stub.heard(2)
    page.wait_for_timeout(300)
    assert verdict(figure) == "Python drew this."
    assert figure.get_attribute("data-was-stale") is None


def test_the_last_value_wins(page, stub):
    figure = figure_of(page)
    first = asked(figure, stub)
    segment(figure, "p1", "silent").check()
    segment(figure, "p2", "silent").check()
    stub.heard(2)
    stub.answer(first, "Too late.")
    assert verdict(figure) == "2 ny 0 never True"
    last = stub.heard(3)[2]
    assert last["state"] == "[[1],[2,2],[2],[0],[1]]", "what was asked between is not"
    stub.answer(last, "The last.")
    assert verdict(figure) == "The last."


def test_a_late_answer_does_not_overwrite_a_newer_picture(page, stub):
    figure = figure_of(page)
    question = asked(figure, stub)
    figure.get_by_role("button", name="Reset").click()
    assert verdict(figure) == "2 yy 0 never True"
    stub.answer(question, "Too late.")
    assert verdict(figure) == "2 yy 0 never True"
    ask(figure)
    assert verdict(figure) == "Too late.", "but it was kept"
    stub.heard(2)


@pytest.mark.parametrize(
    "ready", [False, True], ids=["while Python starts", "while it computes"]
)
def test_cancel(page, stub, ready):
    figure = figure_of(page)
    ask(figure)
    stub.heard(1)
    if ready:
        stub.say(ready=True)
        stub.heard(2)
    figure.get_by_role("button", name="Cancel").click()
    assert (verdict(figure), is_stale(figure)) == ("2 ny 0 never True", False)
    assert figure.get_by_label("Loss").get_attribute("aria-valuetext") == "0%", (
        "the controls are those of the picture again"
    )
    assert page.evaluate("document.activeElement.dataset.dial") == "2", (
        "the focus is not lost"
    )
    stub.say(ready=True)
    stub.heard(1 + ready)
    figure.get_by_label("Loss").press("End")
    assert stub.heard(2 + ready)[-1]["functions"], "the worker is a new one"


def test_trouble_is_shown_with_what_caused_it(page, stub):
    figure = figure_of(page)
    question = asked(figure, stub)
    error = ValueError("nodes=-1: write a number from 1")
    error.add_note("raised by commit(participants=2)")
    stub.say(id=question["id"], trouble=trouble(error), ms=1)
    alert = figure.get_by_role("alert")
    assert alert.inner_text().startswith(
        "ValueError: nodes=-1: write a number from 1\nraised by commit(participants=2)"
    )
    assert is_stale(figure)
    assert status(figure).startswith(
        "The picture still shows Participants: 2 · Votes: no, yes"
    )
    figure.get_by_label("Loss").press("Home")
    assert alert.count() == 0
    assert not is_stale(figure)


def test_python_that_does_not_start(page, stub):
    figure = figure_of(page)
    ask(figure)
    stub.heard(1)
    stub.say(failed="it could not be fetched.")
    sentence = (
        "This combination is not stored in the page, and there is no Python to"
        " compute it:"
    )
    assert status(figure).startswith(
        f"{sentence} it could not be fetched. The picture still shows Participants: 2 ·"
        " Votes: no, yes"
    )
    figure.get_by_role("button", name="Try again").click()
    assert stub.heard(2)[1]["functions"]
    stub.say(failed="this copy of the book was built without it.", forever=True)
    assert status(figure).startswith(
        f"{sentence} this copy of the book was built without it. The picture"
    )
    assert not figure.get_by_role("button", name="Try again").is_visible()
    assert verdict(figure) == "2 ny 0 never True"
    figure.get_by_label("Loss").press("Home")
    assert not is_stale(figure), "the table still works"
    figure.get_by_label("Loss").press("End")
    assert status(figure).startswith(sentence)
    stub.heard(2)


def test_two_pictures_ask_at_once(page, stub):
    one, other = figure_of(page), figure_of(page, 4)
    ask(one)
    ask(other, "ArrowRight")
    stub.heard(1)
    stub.say(ready=True)
    stub.answer(stub.heard(2)[1], "The first one.")
    question = stub.heard(3)[2]
    assert question["state"] == "[[1],[1,0],[1],[0],[1]]"
    stub.answer(question, "The other one.")
    assert (verdict(one), verdict(other)) == ("The first one.", "The other one.")


def test_a_link_to_what_python_draws(site, tab):
    page = tab(site[0]).goto(
        "toys.html#commit.votes=ny&commit.loss=0.25&commit.step=1&commit.nodes=3"
    )
    figure, stub = figure_of(page), Stub(page)
    page.wait_for_function("ftTables['toys-0']")
    stub.say(ready=True)
    page.wait_for_function("heard.some(message => message.id)")
    stub.answer({"id": 1}, "Python drew this.")
    assert verdict(figure) == "Python drew this."
    assert figure.locator(".ft-number").inner_text() == "1 / 2"
    assert status(figure).startswith("The link asks for nodes = 3, which")


NO_TABLE = (
    "The pictures of this page could not be fetched, or are those of another build. If"
    " trying again does not help, reload the page. The picture still shows"
)


def without_table(opened, answer):
    """The first figure of the page, a control of which was moved, while its table is
    answered so.
    """
    opened.page.route(re.compile(r"/0\.js(\?\d+)?$"), answer)
    figure = opened.goto("toys.html").locator(".ft-live").first
    figure.get_by_label("Participants").press("ArrowRight")
    return figure


def fulfilled(answer, route):
    route.fulfill(**answer)


def mend(figure):
    """From now on its table comes."""
    figure.page.unroute(re.compile(r"/0\.js(\?\d+)?$"))
    figure.get_by_role("button", name="Try again").click()
    figure.get_by_text("3 yyy 0 never True").first.wait_for()
    assert not is_stale(figure)


def test_a_table_that_does_not_come_is_asked_for_again(site, tab):
    opened = tab(site[0])
    figure = without_table(opened, lambda route: route.abort())
    figure.locator(".ft-status", has_text=NO_TABLE).wait_for()
    assert verdict(figure) == "2 yy 0 never True"
    assert is_stale(figure)
    mend(figure)
    opened.errors.clear()


def test_a_table_of_another_build_is_refused(site, tab):
    """Two of its entries are swapped, or it has another name."""
    right = (site[1] / "0.js").read_text(encoding="utf-8")
    start = right.index("] = ") + 4
    table = json.loads(right[start:].rstrip(";\n"))
    pictures = table["pictures"]
    one, other, *_ = pictures
    pictures[one], pictures[other] = pictures[other], pictures[one]
    for body in (right[:start] + json.dumps(table), right.replace("toys-0", "toys-9")):
        opened = tab(site[0])
        answer = {"body": body, "content_type": "text/javascript"}
        figure = without_table(opened, partial(fulfilled, answer))
        figure.locator(".ft-status", has_text=NO_TABLE).wait_for()
        assert verdict(figure) == "2 yy 0 never True"
        mend(figure)
        opened.errors.clear()


def test_a_table_of_another_build_is_fetched_anew(site, tab):
    """A cache has it under the address; past the cache is the right one."""
    opened, asked = tab(site[0]), []

    def answer(route):
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(body="// old", content_type="text/javascript")
        else:
            route.continue_()

    figure = without_table(opened, answer)
    figure.get_by_text("3 yyy 0 never True").first.wait_for()
    assert asked[0].endswith("/0.js")
    assert re.search(r"/0\.js\?\d+$", asked[1])
    opened.errors.clear()


def test_a_table_that_never_comes_is_given_up(site, tab):
    opened = tab(site[0])
    opened.page.clock.install()
    figure = without_table(opened, lambda route: None)
    opened.page.clock.run_for(200)
    assert status(figure).startswith("Fetching the pictures of this page…")
    for _ in range(2):
        opened.page.clock.run_for(31_000)
    assert status(figure).startswith(NO_TABLE)
    mend(figure)


def test_a_worker_that_says_nothing_is_given_up(site, tab):
    opened = tab(site[0])
    opened.page.clock.install()
    page = opened.goto("toys.html")
    figure, stub = figure_of(page), Stub(page)
    ask(figure)
    stub.heard(1)
    page.clock.run_for(61_000)
    assert status(figure).startswith(
        "This combination is not stored in the page, and there is no Python to"
        " compute it: it said nothing for 60 seconds."
    )
    figure.get_by_role("button", name="Try again").click()
    stub.heard(2)
    stub.say(ready=True)
    stub.heard(3)
    page.clock.run_for(31_000)
    assert status(figure).startswith(
        "Python was computing this combination, and it said nothing for 30 seconds."
    )
    figure.get_by_role("button", name="Try again").click()
    stub.heard(4)
    stub.say(ready=True)
    stub.answer(stub.heard(5)[4], "Python drew this.")
    page.clock.run_for(300_000)
    segment(figure, "p2", "no").check()
    assert stub.heard(6)[5]["id"], "one that has nothing to do is left in peace"


# --------------------------------------------- what the browser restores, and who wins


def changed(page):
    """Move a slider, a button, a menu, a box and the step of the first figure, the last
    value of which is in its table.
    """
    figure = figure_of(page)
    figure.get_by_label("Participants").press("ArrowRight")
    figure.get_by_label("Step", exact=True).press("ArrowLeft")
    other = figure_of(page, 1)
    other.get_by_label("Nodes").press("End")
    page.wait_for_timeout(300)


def restored(page):
    figure, other = figure_of(page), figure_of(page, 1)
    other.get_by_text("3 on the ring.").first.wait_for()
    figure.get_by_text("3 yyy 0 never True").first.wait_for()
    assert figure.get_by_label("Participants").input_value() == "2"
    assert figure.locator(".ft-value").first.inner_text() == "3"
    assert figure.locator(".ft-number").inner_text() == "5 / 6"
    assert other.get_by_label("Nodes").input_value() == "2"


def test_what_the_reader_made_survives_a_reload(page):
    changed(page)
    page.reload()
    restored(page)


def test_what_the_reader_made_is_there_when_he_comes_back(page, site):
    changed(page)
    page.goto(site[0] + "0.js")
    page.go_back()
    restored(page)
    figure_of(page).get_by_role("button", name="Reset").click()
    page.wait_for_timeout(300)
    page.reload()
    assert verdict(figure_of(page)) == "2 yy 0 never True"


def test_who_opens_the_page_anew_begins_anew(page, site):
    changed(page)
    page.goto(site[0] + "0.js")
    page.goto(site[0] + "toys.html")
    assert verdict(figure_of(page)) == "2 yy 0 never True"


def test_what_was_changed_after_a_link_is_what_a_reload_shows(site, tab):
    page = tab(site[0]).goto("toys.html#ring.nodes=1")
    figure_of(page, 1).get_by_text("1 on the ring.").first.wait_for()
    changed(page)
    page.reload()
    restored(page)


def test_back_and_forward_show_what_was_made_there(page):
    """At each entry of the history every picture is as it was left there: at a link, at
    a section, at the page alone.
    """
    figure, other = figure_of(page), figure_of(page, 1)

    def are(first, number, second):
        other.locator("figcaption", has_text=f"{second} on the ring.").wait_for()
        assert verdict(figure) == first
        assert figure.locator(".ft-number").inner_text() == number
        assert other.get_by_label("Nodes").input_value() == f"{second - 1}"

    def opened(fragment):
        page.evaluate("fragment => { location.hash = fragment }", fragment)

    alone = ("2 yy 0 never True", "4 / 4", 2)
    made = ("3 yyy 0 never True", "5 / 6")
    opened("ring.nodes=1")
    figure.get_by_label("Participants").press("ArrowRight")
    figure.get_by_label("Step", exact=True).press("ArrowLeft")
    page.wait_for_timeout(450)
    opened("a.b=1")
    are(*made, 1)
    opened("ring.nodes=3")
    other.get_by_label("Nodes").press("ArrowLeft")
    page.wait_for_timeout(450)
    for step, ring in ((-1, 1), (1, 2), (-2, 1)):
        page.evaluate("step => history.go(step)", step)
        are(*made, ring)
    page.go_back()
    are(*alone)
    page.reload()
    are(*alone)
    page.go_forward()
    are(*made, 1)
    figure.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(450)
    page.reload()
    are(*alone[:2], 1)
    page.go_forward()
    are(*made, 1)


def test_controls_follow_the_state_whatever_the_browser_puts_into_them(page):
    figure = figure_of(page)
    page.evaluate(
        """() => {
          for (const input of document.querySelectorAll('[data-dial]')) {
            if (input.type === 'radio') input.checked = input.value === '2';
            else if (input.type === 'checkbox') input.checked = false;
            else input.selectedIndex === undefined ? input.value = 0 : input.selectedIndex = 1;
          }
          document.querySelector('.ft-steps input').value = 0;
          dispatchEvent(new PageTransitionEvent('pageshow'));
        }"""
    )
    assert figure.get_by_label("Participants").input_value() == "1"
    assert segment(figure, "p1", "yes").is_checked()
    assert figure.get_by_label("The coordinator crashes").input_value() == "0"
    assert figure.get_by_label("It recovers").is_checked()
    assert figure.get_by_label("Step", exact=True).input_value() == "4"
    assert (verdict(figure), visible_steps(figure)) == ("2 yy 0 never True", 4)


def test_the_worker_goes_with_the_page(page, stub):
    figure_of(page).get_by_label("Participants").focus()
    stub.heard(1)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    figure_of(page).get_by_label("Participants").press("ArrowRight")
    stub.say(ready=True)
    ask(figure_of(page))
    assert stub.heard(2)[1]["functions"], (
        "it was released, and is started anew when it is needed"
    )
