"""Faults put on a picture by hand: pointer, finger and keyboard, back and forth, links,
and the same as Python. The figure is a real one, a stub stands for the worker.
"""

import json
import shutil

import pytest

from ftlib.figures.by_hand import break_transfer
from ftlib.live import Live, worker
from ftlib.live.page import refused
from ftlib.simulation import *  # noqa: F403  (what a reader's cell has)
from tools.book import serving

from .conftest import PHONE
from .test_script import SITE, WORKER, Stub, html, status, verdict

pytestmark = pytest.mark.browser

GOOD = "Both branches commit: 30 have moved."
LOST = "Lose(message='Decision', sender='coordinator', receiver='p1')"
ACK = "Lose(message='Ack', sender='p2', receiver='coordinator')"
SPEC = Live(break_transfer).spec


def drawn(*faults):
    return Live(break_transfer).picture(((0,), faults))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("by_hand")
    for name in ("ft.css", "ft-live.js", "ft-faults.js", "ft-python.js"):
        shutil.copy(SITE / name, folder)
    (folder / "ft-worker.js").write_text(WORKER, encoding="utf-8")
    figure = html(Live(break_transfer), 0, folder)
    page = (
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">'
        "<title>By hand</title><meta name=viewport"
        ' content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="ft.css"><script defer src="ft-python.js"></script>'
        '<script defer src="ft-faults.js"></script><script defer src="ft-live.js">'
        '</script><body style="margin:8px"><main class="bd-content"><h1>By hand</h1>'
        f"{figure}</main>"
    )
    (folder / "page.html").write_text(page, encoding="utf-8")
    with serving(folder) as base:
        yield base


@pytest.fixture
def page(site, tab):
    page = tab(site, permissions=["clipboard-read", "clipboard-write"]).goto(
        "page.html"
    )
    page.wait_for_function("globalThis.ftTables?.['toys-0']")
    return page


@pytest.fixture
def figure(page):
    return page.locator(".ft-live")


def middle(page, spot):
    path = page.locator(f".ft-spots [data-spot~='{spot}']")
    path.evaluate("path => path.scrollIntoView({ block: 'center' })")
    box = path.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def spot_of(text):
    return next(each.spot for each in drawn().hand.offered if each.text == text)


def choose(page, words):
    page.get_by_role("dialog").get_by_role("button", name=words).click()


def lose(page, spot, words):
    page.mouse.click(*middle(page, spot))
    choose(page, words)


def chips(figure):
    return figure.locator(".ft-faults li span").all_inner_texts()


def is_what_python_draws(figure, picture):
    """Letter for letter, what the page itself adds or marks left out."""
    return figure.evaluate(
        """(root, html) => {
          const wanted = document.createElement('div'), view = root.querySelector('.ft-view').cloneNode(true);
          wanted.innerHTML = html;
          view.querySelectorAll('[data-now]').forEach(part => part.removeAttribute('data-now'));
          view.querySelector('.ft-svg').setAttribute('aria-label', wanted.querySelector('svg').getAttribute('aria-label'));
          view.querySelectorAll('.ft-scroll').forEach(box => ['tabindex', 'role', 'aria-label'].forEach(name => box.removeAttribute(name)));
          return view.innerHTML === wanted.innerHTML;
        }""",
        picture._repr_html_(),
    )


def test_two_touches_break_it_and_one_mends_it(page, figure):
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    assert verdict(figure) == "Broken: p2 has got 30 that nobody has paid."
    assert status(figure) == verdict(figure), "and it is said"
    assert is_what_python_draws(figure, drawn(LOST))
    assert chips(figure) == ["coordinator's first Decision to p1 is lost"]
    figure.get_by_role("button", name="Take back").click()
    assert verdict(figure) == GOOD
    assert chips(figure) == []
    assert is_what_python_draws(figure, drawn())


@pytest.mark.parametrize(("motion", "lit"), [("no-preference", 1), ("reduce", 0)])
def test_the_spots_light_up_when_they_are_first_seen(site, tab, motion, lit):
    low = {"width": 360, "height": 200}
    page = tab(site, viewport=low, reduced_motion=motion).goto("page.html")
    spots = page.locator(".ft-alive .ft-spots")
    lights = "spots => spots.getAnimations().length"
    view = page.locator(".ft-view")
    view.evaluate("view => scrollTo(0, view.getBoundingClientRect().top - 180)")
    page.wait_for_timeout(200)
    assert spots.evaluate(lights) == 0, "nobody has seen more than the edge"
    view.evaluate("view => view.scrollIntoView()")
    page.locator(".ft-seen").wait_for()
    assert spots.evaluate(lights) == lit


def test_every_spot_opens_its_menu(page, figure):
    """On a phone each opens a menu that is as wide as the screen, of things to touch."""
    page.set_viewport_size(PHONE)
    spots = dict.fromkeys(each.spot for each in drawn().hand.offered)
    for spot in spots:
        path = page.locator(f".ft-spots [data-spot~='{spot}']")
        thick = 35 * path.evaluate("path => path.getScreenCTM().a")
        assert thick >= 24
        path.evaluate("path => path.scrollIntoView({ block: 'center' })")
        path.evaluate(
            """path => {
              const { x, y } = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
              document.elementFromPoint(x, y).dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: x, clientY: y }));
            }"""
        )
        menu = page.get_by_role("dialog")
        assert menu.bounding_box()["width"] == PHONE["width"]
        words = menu.locator("li").all_inner_texts()
        here = path.get_attribute("data-spot").split()
        assert words == [e.words for e in drawn().hand.offered if e.spot in here]
        low = min(
            each.bounding_box()["height"] for each in menu.locator("button").all()
        )
        assert low >= 43.5
        page.keyboard.press("Escape")
        assert not menu.is_visible()


def test_the_buttons_for_faults_say_whose_they_are(page, figure):
    assert figure.get_by_role("group", name=f"Faults: {GOOD}", exact=True).count() == 1
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    named = figure.get_by_role("group", name=f"Faults: {verdict(figure)}", exact=True)
    assert named.count() == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_a_card_does_not_jump_from_step_to_step(page, figure, width):
    """Whatever is told there has one line or four."""
    page.set_viewport_size({"width": width, "height": 740})
    bar = figure.locator(".ft-steps")
    figure.get_by_role("button", name="First", exact=True).click()
    high, lines = bar.bounding_box()["height"], set()
    for _ in range(figure.locator(".ft-story li").count()):
        figure.get_by_role("button", name="Next", exact=True).click()
        assert bar.bounding_box()["height"] == pytest.approx(high, abs=0.5)
        lines.add(figure.locator(".ft-event").bounding_box()["height"])
    assert max(lines) <= high - 44
    if width == 360:
        assert len(lines) > 1
    figure.get_by_role("button", name="Reset").click()
    assert bar.bounding_box()["height"] < high, "nothing is told, nothing kept free"


def test_by_keyboard_from_the_story(page, figure):
    figure.locator(".ft-story summary").focus()
    page.keyboard.press("Enter")
    lines = figure.locator(".ft-story li")
    buttons = figure.get_by_role("button", name="Break: what can go wrong")
    assert buttons.count() == lines.count()
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    menu = page.get_by_role("dialog")
    offered = [each for each in drawn().hand.offered if each.spot.split("-")[0] == "5"]
    assert menu.locator("li").count() == len(offered) > 5
    assert menu.locator("p").inner_text() == drawn().story[4]
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not menu.is_visible()
    page.keyboard.press("Enter")
    menu.get_by_role("button", name="Decision to p1 is lost").press("Enter")
    assert verdict(figure).startswith("Broken")
    focused = "document.activeElement.dataset.spot"
    assert page.evaluate(focused) == "5", "where the reader was"
    assert page.locator(".ft-event").inner_text() == ""
    figure.get_by_role("button", name="First", exact=True).click()
    figure.get_by_role("button", name="Next", exact=True).click()
    assert page.locator(".ft-event").inner_text() == drawn().story[0]


def test_what_is_not_there_yet_cannot_be_touched(page, figure):
    figure.get_by_role("button", name="First", exact=True).click()
    page.mouse.click(*middle(page, spot_of(LOST)))
    assert not page.get_by_role("dialog").is_visible()


def test_undo_redo_and_reset(page, figure):
    undo, redo = (
        figure.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo")
    )
    assert undo.get_attribute("aria-disabled") == "true"
    undo.evaluate("undo => undo.click()")
    assert verdict(figure) == GOOD
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    broken = verdict(figure)
    undo.click()
    assert (verdict(figure), undo.get_attribute("aria-disabled")) == (GOOD, "true")
    redo.click()
    assert (verdict(figure), redo.get_attribute("aria-disabled")) == (broken, "true")
    figure.get_by_role("button", name="Reset").click()
    assert verdict(figure) == GOOD
    undo.click()
    assert verdict(figure) == broken
    lose_again = figure.get_by_role("button", name="Take back")
    lose_again.click()
    undo.click()
    assert chips(figure) == ["coordinator's first Decision to p1 is lost"]


def test_the_second_fault_is_asked_of_python(page, figure):
    stub = Stub(page)
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    spot = next(e.spot for e in drawn(LOST).hand.offered if e.text == ACK)
    lose(page, spot, "Ack to coordinator is lost")
    *_, question = stub.heard(1)
    assert question == {"functions": [SPEC.function], "build": "b1"}, "by the touch"
    stub.say(ready=True)
    question = stub.heard(2)[1]
    assert json.loads(question["state"]) == [[0], [LOST, ACK]]
    picture = drawn(LOST, ACK)
    stub.say(id=question["id"], html=picture._repr_html_(), ms=9)
    assert len(chips(figure)) == 2
    assert is_what_python_draws(figure, picture)
    figure.get_by_role("button", name="Take back").first.click()
    assert figure.locator(".ft-faults li").count() == 1
    assert is_what_python_draws(figure, drawn(ACK)), "from the table"


def test_cancelled_while_python_computes(page, figure):
    stub = Stub(page)
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    stub.heard(1)
    spot = next(e.spot for e in drawn(LOST).hand.offered if e.text == ACK)
    lose(page, spot, "Ack to coordinator is lost")
    figure.get_by_role("button", name="Cancel").click()
    assert not figure.evaluate("root => root.classList.contains('ft-stale')")
    assert is_what_python_draws(figure, drawn(LOST))


# ------------------------------------------------------- the machine, and the challenge

WITHSTANDS = "Nobody can make the two branches disagree with two faults or fewer."


def challenge(figure):
    return figure.locator(".ft-challenge p").first.inner_text()


def searching(page, figure):
    """The reader has asked for the fewest faults, and Python has begun."""
    worker._search.clear()
    stub = Stub(page)
    figure.get_by_role("button", name="Find the shortest").press("Enter")
    assert stub.heard(1) == [{"functions": [SPEC.function], "build": "b1"}]
    stub.say(ready=True)
    return stub, stub.heard(2)[1]


def go_on(stub, question):
    """What Python itself would say."""
    asked = [question[part] for part in ("specification", "state", "search")]
    stub.say(id=question["id"], ms=1, **json.loads(worker.answer(*asked)))


def test_a_challenge_is_solved_and_kept(page, figure):
    ask = "Challenge. Make the two branches disagree, with at most two faults."
    done = " Solved in 1, the least there is."
    assert challenge(figure) == ask
    assert figure.get_by_text("Why nobody can").is_visible() is False
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    assert challenge(figure) == ask + done
    page.wait_for_timeout(500)  # a reader reads; then he leaves at once
    figure.get_by_role("button", name="Reset").click()
    assert chips(figure) == []
    page.reload()
    page.wait_for_function("document.querySelector('.ft-challenge strong').innerText")
    assert chips(figure) == []
    assert challenge(figure) == ask + done
    figure.get_by_label("waits and asks").check()
    figure.get_by_text("Why nobody can").click()
    assert WITHSTANDS in challenge(figure)
    assert done not in challenge(figure)
    assert figure.get_by_text("All 2,122 runs with two faults or fewer").is_visible()


def test_where_a_browser_keeps_nothing(page, figure):
    page.evaluate(
        "() => { Storage.prototype.getItem = Storage.prototype.setItem"
        " = () => { throw new Error('no room') } }"
    )
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    assert challenge(figure).endswith("Solved in 1, the least there is.")


def test_the_machine_finds_the_fewest(page, figure):
    """It tells how far it is, and what it finds is put on the picture, by the keyboard
    as well; but the reader has not solved it.
    """
    stub, question = searching(page, figure)
    assert json.loads(question["state"]) == [[0], []]
    go_on(stub, question)
    assert figure.locator(".ft-tried").inner_text() == (
        "25 runs tried; 34 left with one fault."
    )
    go_on(stub, stub.heard(3)[2])
    figure.get_by_text("One fault, and no fewer: 33 runs tried.").wait_for()
    assert is_what_python_draws(figure, drawn(LOST))
    assert "Solved" not in challenge(figure)
    assert figure.locator(".ft-tried").inner_text() == ""
    figure.get_by_role("button", name="Undo").click()
    assert is_what_python_draws(figure, drawn())
    figure.get_by_role("button", name="Redo").click()
    page.wait_for_timeout(500)  # until the history has it
    page.reload()
    page.wait_for_function("document.querySelector('.ft-faults li')")
    assert is_what_python_draws(figure, drawn(LOST))
    assert "Solved" not in challenge(figure), "nor after it has loaded the page again"


def test_one_fault_after_the_other(page, figure):
    stub, question = searching(page, figure)
    found = {"words": "Two.", "done": True, "faults": [ACK, LOST]}
    stub.say(id=question["id"], ms=1, found=found)
    figure.locator(".ft-faults li").wait_for()
    assert chips(figure) == ["p2's first Ack to coordinator is lost"]
    assert is_what_python_draws(figure, drawn(ACK))
    question = stub.heard(3)[2]
    assert json.loads(question["state"]) == [[0], [ACK, LOST]], "a moment later"
    stub.say(id=question["id"], html=drawn(ACK, LOST)._repr_html_(), ms=1)
    figure.locator(".ft-faults li").nth(1).wait_for()


def test_a_search_is_cancelled(page, figure):
    """By its button; or because the reader asks for another setting."""
    stub, question = searching(page, figure)
    figure.get_by_role("button", name="Cancel").click()
    figure.get_by_text("Cancelled.").wait_for()
    go_on(stub, question)
    assert len(stub.heard(2)) == 2, "nothing more is asked"
    figure.get_by_role("button", name="Find the shortest").click()
    go_on(stub, stub.heard(3)[2])
    again = stub.heard(4)[3]
    assert again["search"] == question["search"] + 1
    figure.get_by_label("waits and asks").check()
    figure.get_by_role("button", name="Find the shortest").wait_for()
    go_on(stub, again)
    assert len(stub.heard(4)) == 4
    assert chips(figure) == []


def test_python_dies_while_it_searches(page, figure):
    stub, _ = searching(page, figure)
    stub.say(failed="out of memory.")
    figure.get_by_text("Python has stopped: out of memory.").wait_for()
    figure.get_by_role("button", name="Find the shortest").click()
    stub.heard(3)
    stub.say(ready=True)
    for number in (4, 5):
        go_on(stub, stub.heard(number)[-1])
    figure.get_by_text("One fault, and no fewer: 33 runs tried.").wait_for()


def test_as_python(page, figure):
    """What is copied, pasted into a cell, gives the same picture."""
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    figure.get_by_role("button", name="Copy as Python").click()
    figure.get_by_text("Copied.").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    *imports, call = code.splitlines()
    names = {}
    exec("\n".join(imports), names)
    assert eval(call, names) == drawn(LOST)
    assert "import *" not in code


def test_a_link_carries_them(page, figure):
    lose(page, spot_of(LOST), "Decision to p1 is lost")
    figure.get_by_role("button", name="Copy link").click()
    url = page.evaluate("navigator.clipboard.readText()")
    figure.get_by_role("button", name="Reset").click()
    assert verdict(figure) == GOOD
    page.goto("about:blank")
    page.goto(url)
    page.wait_for_function("document.querySelector('.ft-faults li')")
    assert is_what_python_draws(figure, drawn(LOST))


def test_a_hostile_link_is_refused(page, figure):
    """What is too long or too many is not even read; the rest Python's parser refuses,
    in one line.
    """
    long, hostile = "Lose(" + 600 * "x", "alert(1)"
    stub = Stub(page)
    page.evaluate("hash => { location.hash = hash }", f"break_transfer.faults={long}")
    page.wait_for_function("document.querySelector('.ft-status').textContent")
    assert "The link asks for faults = Lose(xxx" in status(figure)
    assert len(status(figure)) < 200
    assert is_what_python_draws(figure, drawn())
    page.evaluate(
        "hash => { location.hash = hash }", f"break_transfer.faults={hostile}"
    )
    stub.heard(1)
    stub.say(ready=True)
    question = stub.heard(2)[1]
    figure.get_by_role("button", name="Copy as Python").click()
    figure.get_by_text("Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "break_transfer(" in copied
    assert hostile not in copied, "nobody has read it yet"
    try:
        SPEC.parameters(tuple(map(tuple, json.loads(question["state"]))))
    except ValueError as error:
        told = refused(error)
    stub.say(id=question["id"], trouble=told, ms=1)
    alert = figure.get_by_role("alert")
    assert "choose from Point, Crash" in alert.inner_text()
    assert alert.inner_text().count("\n") == 0
    figure.get_by_role("button", name="Reset").click()
    assert is_what_python_draws(figure, drawn())
    assert not figure.evaluate("root => root.classList.contains('ft-stale')")


def test_without_scripts(site, browser):
    """The picture and its story, and no buttons that do nothing."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}page.html")
    figure = page.locator(".ft-live")
    assert verdict(figure) == GOOD
    figure.locator(".ft-story summary").click()
    assert figure.get_by_role("button").filter(visible=True).count() == 0
    context.close()
