"""A chapter in JupyterLite: all of it runs in the browser, from the site's own files,
under any path.
"""

import hashlib
import json
import re
import time
import zipfile

import nbformat
import pytest

from tools import lite, pyodide
from tools.book import serving

from .conftest import PHONE, ROOT, touched, without

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHAPTER = "4_3_2_crash_it_everywhere"
CODE = [
    cell
    for cell in json.loads(
        (ROOT / "chapters" / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    )["cells"]
    if cell["cell_type"] == "code"
]
PLOT = next(
    "".join(cell["source"])
    for path in sorted((ROOT / "chapters").glob("*.ipynb"))
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    if any("image/png" in output.get("data", {}) for output in cell.get("outputs", ()))
)
WITHIN = 120_000
PROMPTS = (
    "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(each =>"
    " each.textContent)"
)
RAN = f"{PROMPTS}.every(text => /^\\[\\d+\\]:$/.test(text))"
ELSEWHERE = "http://packages.example/"


@pytest.fixture(scope="module")
def base(site):
    """The site's address, below a path."""
    if not (site / "lite" / "state").exists():
        without("JupyterLite in the built book")
    with serving(site.parent) as address:
        yield f"{address}{site.name}/"


def opened(tab, name=CHAPTER):
    """Open a notebook; give its page when its cells are there."""
    page = tab.goto(f"lite/notebooks/index.html?path={name}.ipynb")
    page.set_default_timeout(WITHIN)
    page.locator(".jp-CodeCell").first.wait_for()
    page.get_by_role(
        "button", name="Python (Pyodide)"
    ).wait_for()  # without a kernel, JupyterLab drops what is run
    return page


def cleared(page):
    """Take away what is stored: a notebook shows the numbers of its last run until a
    cell has run again, and none for a cell that is folded.
    """
    page.get_by_role("menuitem", name="View", exact=True).click()
    page.get_by_role("menuitem", name="Expand All Code", exact=True).click()
    page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.get_by_role("menuitem", name="Clear Outputs of All Cells").click()


def run_all(page):
    """Run all cells. Give the seconds from here to the first widget and to the end."""
    cleared(page)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    start = time.monotonic()
    page.wait_for_function(f"{PROMPTS}.some(text => text.includes('*'))")
    seconds = []
    for wait in (
        lambda: page.locator(".jupyter-widgets").first.wait_for(state="attached"),
        lambda: page.wait_for_function(RAN),
    ):
        wait()
        seconds.append(round(time.monotonic() - start, 1))
    return seconds


def test_a_whole_chapter(base, tab):
    reader = tab(base)
    start = time.monotonic()
    page = opened(reader)
    page.locator(".jp-MarkdownCell").first.locator(
        "blockquote", has_text="in this browser only"
    ).wait_for()
    page.wait_for_function(
        "half => document.querySelectorAll('.jp-OutputArea svg').length >= half",
        arg=json.dumps(CODE).count("<svg") // 2,
    )  # as stored, before anything runs; what is far below comes later
    print("seconds from opening to the cells:", round(time.monotonic() - start, 1))
    links_lead_to_the_pages_of_the_book(base, reader, page)
    print(
        "from Run All to the first widget and to the end, first visit:", run_all(page)
    )
    assert page.evaluate(PROMPTS) == [
        f"[{number}]:" for number in range(1, len(CODE) + 1)
    ]
    assert (
        page.locator(
            "[data-mime-type='application/vnd.jupyter.error'],"
            " [data-mime-type='application/vnd.jupyter.stderr']"
        ).count()
        == 0
    )
    figures = sum("\nLive(" in "\n" + "".join(cell["source"]) for cell in CODE)
    views = page.locator(".jp-OutputArea-output > .jupyter-widgets")
    assert views.count() == figures

    for view in views.all():
        picture = view.locator("svg").first
        before = picture.evaluate("svg => svg.outerHTML")
        choices = view.locator(".widget-toggle-button:not(.mod-active)")
        slider = view.locator("[role=slider], .noUi-handle").first
        if choices.count():
            choices.first.click()
        else:
            slider.press("ArrowRight")
        page.wait_for_function(
            "([view, before]) => view.querySelector('svg') &&"
            " view.querySelector('svg').outerHTML !== before",
            arg=[view.element_handle(), before],
        )

    page = opened(reader)  # a second visit: one cell says enough
    cleared(page)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(f"{PROMPTS}[0] === '[1]:'")


def links_lead_to_the_pages_of_the_book(base, reader, page):
    for address in (f"chapters/{CHAPTER}.html", "book/"):
        link = page.locator(f".jp-RenderedMarkdown a[href*='{address}']").first
        link.hover()  # JupyterLab then says where it leads
        href = link.get_attribute("href")
        assert href.startswith(base + address)
        with reader.context.expect_page() as new:
            link.click()
        assert new.value.url == href
        new.value.locator(".bd-article h1").wait_for()
        new.value.close()


def small(reader, *cells):
    """Put a notebook of a few cells in the place of the chapter's."""
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {},
                "source": cell,
                "outputs": [],
                "execution_count": None,
            }
            for number, cell in enumerate(cells)
        ],
        "metadata": {
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    reader.context.route(
        f"**/lite/files/{CHAPTER}.ipynb*", lambda route: route.fulfill(json=notebook)
    )


def outputs(page):
    """Run all cells; give what each says."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(RAN)
    cells = page.locator(".jp-CodeCell").all()
    return [
        [
            text.strip()
            for text in cell.locator(".jp-OutputArea-output").all_inner_texts()
        ]
        for cell in cells
    ]


FIGURE = """\
from ftlib.figures.availability import k_of_n
from ftlib.live import Live

Live(k_of_n)
"""


def test_a_notebook_by_finger(base, tab):
    """Menus, a menu in a menu, a slider and a cell. To scroll a menu takes nothing."""
    reader = tab(base, viewport=PHONE | {"width": 1000}, has_touch=True, is_mobile=True)
    small(reader, "import ftlib", FIGURE)
    page = opened(reader)
    menus = page.locator(".lm-Menu")
    finger = reader.context.new_cdp_session(page)

    def tap(name):
        page.get_by_role("menuitem", name=name, exact=True).tap()

    def drag(x, y, by_x, by_y):
        points = [[{"x": x + by_x * n / 8, "y": y + by_y * n / 8}] for n in range(9)]
        steps = [("Start", points[0]), *[("Move", to) for to in points], ("End", [])]
        for kind, where in steps:
            touch = {"type": f"touch{kind}", "touchPoints": where}
            finger.send("Input.dispatchTouchEvent", touch)
            page.wait_for_timeout(20)

    page.evaluate(
        "() => { document.querySelector('.jp-Notebook').onclick = () => { hit = 1 } }"
    )
    tap("Run")
    tap("Run All Cells")
    page.wait_for_function(RAN)
    assert page.evaluate(PROMPTS) == ["[1]:", "[2]:"], "not once"
    tap("Settings")
    page.get_by_text("Theme", exact=True).tap()
    page.wait_for_timeout(500)  # a submenu that closes does so within
    size = "getComputedStyle(document.body).getPropertyValue('--jp-code-font-size')"
    assert page.evaluate(size) == "13px"
    menus.last.get_by_text("Increase Code Font Size").tap()
    page.wait_for_function(f"{size} === '14px'")
    assert menus.count() == 0

    page.set_viewport_size(PHONE | {"height": 400})
    tap("Settings")
    page.get_by_text("Theme", exact=True).tap()  # the bar lies over the first item
    menus.nth(1).wait_for()
    tap("View")  # in its place
    drag(100, 350, 0, -250)
    page.wait_for_function("document.querySelector('.lm-Menu').scrollTop > 100")
    page.wait_for_timeout(500)  # a submenu that opens does so within
    assert menus.count() == 1
    page.keyboard.press("Escape")
    assert page.evaluate("typeof hit") == "undefined", "it went through a menu"

    handle = page.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    before, place = handle.get_attribute("aria-valuenow"), handle.bounding_box()
    picture = page.locator(".jupyter-widgets svg").first
    drawn = picture.evaluate("svg => svg.outerHTML")
    drag(place["x"] + 8, place["y"] + 8, 60, 0)
    assert handle.get_attribute("aria-valuenow") != before
    page.wait_for_function(
        "drawn => document.querySelector('.jupyter-widgets svg').outerHTML !== drawn",
        arg=drawn,
    )
    page.locator(".jp-CodeCell .jp-InputPrompt").first.tap()
    page.get_by_role("button", name="Run this cell and advance").tap()
    page.wait_for_function(f"{PROMPTS}[0] === '[3]:'")


@pytest.mark.parametrize("host", ["refuses", "does not answer"])
def test_what_cannot_be_fetched_is_said_in_a_line_and_the_rest_goes_on(base, tab, host):
    reader, held = tab(base), []
    small(
        reader,
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
        "from ftlib.drawing.plots import axes\naxes('x', 'y')",
        "import numpy",
        "import ftlib; print('on we go')",
        PLOT,
        "import no_such_module",  # Run All stops at a cell that raises
    )
    if host == "does not answer":
        reader.context.route(
            "https://cdn.jsdelivr.net/**", lambda route: held.append(route)
        )
    page = opened(reader)
    plot, called, array, other, kept, unknown = outputs(page)
    words = (
        "This cell needs {}, which could not be fetched from cdn.jsdelivr.net. The"
        " other cells run without it."
    )
    assert plot == called == [words.format("matplotlib")]
    assert array == [words.format("numpy")]
    assert "ModuleNotFoundError: No module named 'no_such_module'" in unknown[0]
    assert other == ["on we go"]
    assert kept[0] == words.format("matplotlib") + " The chapter has stored this:"
    cell = page.locator(".jp-CodeCell").nth(4)
    assert cell.locator("img").evaluate("img => img.naturalWidth") > 300
    assert {address.split("/")[2] for address in reader.foreign} == (
        {"cdn.jsdelivr.net"} if host == "refuses" else set()
    )
    reader.foreign.clear()  # this once it was meant to ask
    for route in held:
        route.abort()
    # Chromium tells of each request that failed
    reader.errors[:] = [
        error
        for error in reader.errors
        if not re.match(r"Failed to load resource: net::ERR_", error)
    ]


def test_what_can_be_fetched_is_used(base, site, tab, tmp_path):
    wheel = tmp_path / "numpy-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("numpy/__init__.py", "pi = 3")
        archive.writestr(
            "numpy-0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: numpy\nVersion: 0\n",
        )
        archive.writestr(
            "numpy-0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
    locked = json.loads((site / "lite" / pyodide.LOCK).read_text(encoding="utf-8"))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    locked["packages"]["numpy"] |= {
        "file_name": ELSEWHERE + wheel.name,
        "sha256": digest,
    }
    reader = tab(base)
    reader.context.route(
        f"**/lite/{pyodide.LOCK}", lambda route: route.fulfill(json=locked)
    )
    answer = {
        "body": wheel.read_bytes(),
        "headers": {"Access-Control-Allow-Origin": "*"},
    }
    reader.context.route(ELSEWHERE + wheel.name, lambda route: route.fulfill(**answer))
    small(reader, "import numpy\nprint(numpy.pi)")
    assert outputs(opened(reader)) == [["3"]]


def test_it_runs_under_the_policy_of_the_site(base, site, tab):
    """Chromium tells of what it forbids."""
    with serving(site, policed=True) as address:
        reader = tab(address)
        small(reader, "import ftlib; print('it runs')")
        assert outputs(opened(reader)) == [["it runs"]]
        sent = reader.page.evaluate(
            "fetch(location).then(page => page.headers.get('Content-Security-Policy'))"
        )
        assert "unsafe-eval" in sent


def test_who_comes_without_a_notebook_is_sent_to_the_book(base, tab):
    page = tab(base).page
    page.goto(base + "lite/", wait_until="commit")
    page.wait_for_url(f"{base}index.html")


def test_it_is_made_from_this_tree(site):
    if not (site / "lite" / "state").exists():
        without("JupyterLite in the built book")
    shown = site / "lite" / "files" / f"{CHAPTER}.ipynb"
    chapter = ROOT / "chapters" / f"{CHAPTER}.ipynb"
    copy = lite.copied(nbformat.read(chapter, as_version=4), chapter.relative_to(ROOT))
    assert json.loads(shown.read_text(encoding="utf-8"))["cells"] == copy["cells"]


JUDGED = (
    """\
from time import perf_counter

from ftlib.exercises import ForcesLater, judge_fewest_faults, judge_group_commit
from ftlib.simulation import Lose

judge_fewest_faults([])
""",
    """\
judge_fewest_faults([Lose("Vote", sender="p2"), Lose("Decision", receiver="p1")])
""",
    """\
judge_group_commit(type("AsItWas", (ForcesLater,), {"on_timer": ForcesLater.on_timer}))
""",
    """\
class Turns(ForcesLater):
    def decide(self, txn, outcome):
        while True:
            pass

start = perf_counter()
answer = judge_group_commit(Turns)
assert perf_counter() - start < 10
answer
""",
)


def test_a_judge_in_the_page(base, tab):
    """Not attempted, right, wrong and drawn step by step, and a loop without an end."""
    reader = tab(base)
    small(reader, *JUDGED)
    page = opened(reader)
    said = [" ".join(texts) for texts in outputs(page)]
    for text, word in zip(
        said, ("Not attempted", "Right", "Wrong, because", "does not end"), strict=True
    ):
        assert word in text
    answer = page.locator(".jp-CodeCell").nth(2).locator(".ft-answer")
    slider = answer.get_by_label("Step")
    slider.press("Home")
    hidden = "parts => parts.map(part => part.getAttribute('visibility') === 'hidden')"
    parts = answer.locator("[data-step]")
    assert all(parts.evaluate_all(hidden))
    slider.press("ArrowRight")  # JupyterLab would take it for itself
    assert {True, False} == set(parts.evaluate_all(hidden))
    assert answer.get_by_role("status").inner_text().startswith("1. 0.000 s: ")


BY_HAND = (
    """\
from ftlib.figures.by_hand import break_transfer
from ftlib.live import Live

live = Live(break_transfer)
live
""",
    "live.faults",
)


def test_a_picture_is_broken_by_a_touch(site, base, tab):
    """Under the policy of the site, for its script is made from text."""
    with serving(site, policed=True) as address:
        reader = tab(address)
        small(reader, *BY_HAND)
        page = opened(reader)
        assert outputs(page)[1] == ["Schedule([])"]
        touched(page, "5-1")
        menu = page.get_by_role("dialog", name="What can go wrong here")
        menu.get_by_role("button", name="Decision to p1 is lost").click()
        page.locator("figcaption", has_text="Broken: p2 has got 30").wait_for()
        page.locator(".jp-CodeCell .cm-content").nth(1).click()
        page.keyboard.press("Shift+Enter")
        lost = "Lose(message='Decision', sender='coordinator', receiver='p1')"
        page.get_by_text(f"Schedule([{lost}])", exact=True).wait_for()
        page.close()  # before its server goes
