"""A browser, a server on loopback, and what counts as an error on a page."""

import os
import re
from pathlib import Path

import pytest
import yaml

from tools.book import serving
from tools.browser import OPTIONS, program

# the stock theme says this on every page
ALLOWED = re.compile(r"Got invalid theme mode: \. Resetting to auto")
ROOT = Path(__file__).resolve().parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
ENTRIES = [entry for part in TOC["parts"] for entry in part["chapters"]]
# pages below a page are made alike, as those of the library: the first stands for all
BELOW = [entry["sections"][0] for entry in ENTRIES if "sections" in entry]
PAGES = [
    f"{name}.html" for name in (TOC["root"], *(e["file"] for e in ENTRIES + BELOW))
]
PHONE = {"width": 360, "height": 740}


def without(what):
    """Skip a test for which something is missing; fail it where nothing may be
    missing.
    """
    if os.environ.get("CI") == "true":
        pytest.fail(f"no {what}")
    pytest.skip(f"no {what}")


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        without("playwright: install requirements/browser.txt")
    kind = os.environ.get(
        "BROWSER"
    )  # webkit or firefox: one that Playwright has brought
    if not kind and program() is None:
        without("Chromium, Chrome or Edge")
    with sync_playwright() as playwright:
        if kind:
            browser = getattr(playwright, kind).launch()
        else:
            browser = playwright.chromium.launch(
                executable_path=program(), args=OPTIONS
            )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site():
    """The folder of the built book: SITE, or _build/html, which is built if it is not
    there.
    """
    html = Path(os.environ.get("SITE") or ROOT / "_build" / "html")
    if not (html / PAGES[0]).exists():
        from tools.book import build

        assert build(strict=False)
    return html


@pytest.fixture(scope="session")
def book(site):
    """The address of the built book."""
    with serving(site) as base:
        yield base


def touched(page, spot):
    """Touch a spot of a picture in its middle."""
    path = page.locator(f".ft-spots [data-spot~='{spot}']")
    path.evaluate("path => path.scrollIntoView({ block: 'center' })")
    box = path.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


class Tab:
    """A page of the browser that remembers what went wrong on it."""

    def __init__(self, browser, base, **context):
        dark = context.pop("dark", False)
        self.context = browser.new_context(
            color_scheme="dark" if dark else "light", **context
        )
        mode = "dark" if dark else "light"
        self.context.add_init_script(
            f"try {{ localStorage.mode = localStorage.theme = '{mode}' }} catch {{}}"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        # a page of a megabyte, where others want the machine too
        self.page.set_default_navigation_timeout(60_000)
        self.base, self.errors, self.foreign = base, [], []
        self.page.on(
            "console",
            lambda message: message.type == "error" and self.note(message.text),
        )
        self.page.on("pageerror", lambda error: self.note(str(error)))
        self.page.on(
            "response",
            lambda response: (
                response.status >= 400
                and self.note(f"{response.status} {response.url}")
            ),
        )
        self.context.route(
            lambda url: not url.startswith((base, "data:", "blob:")), self.block
        )

    def note(self, words):
        if not ALLOWED.search(words):
            self.errors.append(words)

    def block(self, route):
        self.foreign.append(route.request.url)
        route.abort()

    def goto(self, path):
        self.page.goto(self.base + path)
        self.page.evaluate("document.readyState")
        return self.page

    def assert_clean(self):
        """Nothing went wrong since this was last asked, and no other host was asked
        for anything.
        """
        errors, foreign = self.errors[:], self.foreign[:]
        self.errors.clear()
        self.foreign.clear()
        assert (errors, foreign) == ([], [])


@pytest.fixture
def tab(browser):
    """Open tabs; all are closed at the end, and none may have had an error, or asked
    another host for anything.
    """
    tabs = []

    def opened(base, **context):
        tabs.append(Tab(browser, base, **context))
        return tabs[-1]

    yield opened
    for each in tabs:
        each.context.close()
    for each in tabs:
        each.assert_clean()
