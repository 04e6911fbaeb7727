"""How fast a built page answers, and how much it fetches, in headless Chromium on
loopback.

    make bench-web            (or: python benchmarks/web.py, with
    requirements/browser.txt installed and the book built)

Every number is the median of five visits, each with a browser profile of its own, so
nothing is cached; for a notebook, and for Python's first value, of three first visits,
and three second ones with the same profile. Each live figure of the book that asks
Python has a row of its own, and may not take longer than the budget. Bytes are counted
as a server that compresses would send them (gzip, level 6). It fails when a number
misses its target.
"""

import gzip
import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ftlib.live.spec import Spec
from tools import ROOT
from tools.book import HTML, serving
from tools.browser import ALONE, OPTIONS, program

VISITS = 5
SLOWER = 4  # times, the processor of a phone
CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))
PAGE = "chapters/4_3_2_crash_it_everywhere.html"  # the largest tables
BY_HAND = "book/index.html"
LIVE = "lite/notebooks/index.html?path=4_3_2_crash_it_everywhere.ipynb"
TARGETS = {  # figure: (unit, the most it may be)
    "first picture": ("ms", 1000),
    "controls ready": ("ms", 1500),
    "a picture of the table drawn": ("ms", 16),
    "the same, four times slower": ("ms", 50),
    "a touch to its picture, table": ("ms", 16),
    "a touch to its picture, Python": ("ms", 60),
    "Python's first value, first visit": ("ms", 8000),
    "Python's first value, second visit": ("ms", 2000),
    "a later picture, the slowest figure": ("ms", 60),
    "live: first widget, first visit": ("ms", 40_000),
    "live: first widget, second visit": ("ms", 15_000),
    "the largest chapter's own HTML": ("kB", 100),
    "all that a first visit fetches": ("kB", 400),
}
SEEN = """
window.seen = {};
const look = () => {
  if (!seen.picture && document.querySelector('.ft-svg')) seen.picture = performance.now();
  if (!seen.controls && document.querySelector('.ft-alive [data-dial]')) seen.controls = performance.now();
  if (!seen.controls) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
# each value of each slider and each button in turn: the milliseconds until the picture
# of the table is laid out
HITS = """() => {
  const times = [];
  for (const input of document.querySelectorAll('[data-table] input[data-dial]')) {
    const explore = input.closest('.ft-live'), view = explore.querySelector('.ft-view');
    const positions = input.type === 'range' ? [...Array(+input.max + 1).keys()] : [0];
    for (const position of positions) {
      explore.querySelector('.ft-tools button').click();
      view.getBoundingClientRect();
      if (input.type === 'range') input.value = position; else input.checked = true;
      const start = performance.now();
      input.dispatchEvent(new Event('input'));
      view.getBoundingClientRect();
      if (!explore.classList.contains('ft-stale')) times.push(performance.now() - start);
    }
  }
  return times;
}"""
# the same until the picture is painted
PAINTED = """async () => {
  const times = [], painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  for (const input of document.querySelectorAll('[data-table] input[data-dial]')) {
    const explore = input.closest('.ft-live');
    const positions = input.type === 'range' ? [...Array(+input.max + 1).keys()] : [0];
    for (const position of positions) {
      explore.querySelector('.ft-tools button').click();
      await painted();
      if (input.type === 'range') input.value = position; else input.checked = true;
      const start = performance.now();
      input.dispatchEvent(new Event('input'));
      await painted();
      if (!explore.classList.contains('ft-stale')) times.push(performance.now() - start);
    }
  }
  return times;
}"""
# a fault put by hand, from the touch of its words until the picture is laid out: the
# first from the table, then a second, which Python draws
TOUCHED = """async () => {
  const figure = document.querySelector('.ft-live'), view = figure.querySelector('.ft-view');
  const there = () => view.querySelectorAll('.ft-faults li').length;
  const changed = done => new MutationObserver(done).observe(view, { childList: true, subtree: true });
  const put = async place => {
    const places = view.querySelectorAll('.ft-put'), before = there();
    places[place % places.length].click();
    const start = performance.now();
    figure.querySelector('dialog li button').click();
    while (there() === before) await new Promise(changed);
    view.getBoundingClientRect();
    return performance.now() - start;
  };
  const table = [], python = [];
  for (let place = 0; place < 10; place++) {
    figure.querySelector('.ft-tools button').click();
    table.push(await put(place));
    python.push(await put(place + 4));
  }
  return [table, python.slice(1)];
}"""
ASK = """([specification, states]) => new Promise((resolve, reject) => {
  const times = [];
  let start;
  const asker = { waits() {}, failed: reject, answered() {
    times.push(performance.now() - start);
    times.length < states.length ? next() : resolve(times);
  } };
  const functions = [JSON.parse(specification).function], state = () => states[times.length];
  const { build } = document.querySelector('[data-build]').dataset;
  const next = () => {
    start = performance.now();
    ftPython.ask(asker, { key: state(), functions, build, specification, state: state() });
  };
  next();
})"""


@contextmanager
def visit(browser: Browser, base: str, path: str) -> Iterator[Page]:
    """A page opened in a profile of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(SEEN)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(base + path)
    page.wait_for_function("seen.controls")
    yield page
    context.close()


def live(playwright: Playwright, base: str) -> tuple[float, float]:
    """Milliseconds from opening a chapter in JupyterLite and running it to its first
    widget: on a first visit, on a second.

    In between the browser is closed; what it keeps of a visit is in its profile.
    """
    times = []
    with TemporaryDirectory() as profile:
        for _ in range(2):
            context = playwright.chromium.launch_persistent_context(
                profile,
                executable_path=program(),
                args=[*OPTIONS, ALONE],
                viewport={"width": 1280, "height": 800},
            )
            page = context.new_page()
            page.set_default_timeout(120_000)
            start = time.monotonic()
            page.goto(base + LIVE)
            page.get_by_role(
                "button", name="Python (Pyodide)"
            ).wait_for()  # without a kernel, JupyterLab drops what is run
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            page.locator(".jupyter-widgets").first.wait_for(state="attached")
            times.append(1000 * (time.monotonic() - start))
            page.wait_for_timeout(
                5000
            )  # a reader stays; meanwhile the browser writes what it has compiled
            context.close()
    return times[0], times[1]


def painted(page: Page) -> float:
    """Milliseconds until a picture of the table is laid out and painted, on a processor
    that is slowed four times.
    """
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    times = page.evaluate(PAINTED)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return median(times)


def touched(browser: Browser, base: str) -> dict[str, float]:
    """Milliseconds from a touch to its picture: out of the table, and by Python."""
    visits = []
    for _ in range(VISITS):
        with visit(browser, base, BY_HAND) as page:
            page.locator(".ft-live").first.scroll_into_view_if_needed()
            page.wait_for_function("Object.keys(globalThis.ftTables ?? {}).length")
            visits.append([median(times) for times in page.evaluate(TOUCHED)])
    names = [name for name in TARGETS if name.startswith("a touch")]
    return dict(zip(names, map(median, zip(*visits, strict=True)), strict=True))


def asked(page: Page, spec: Spec, wanted: list[str]) -> list[float]:
    """Milliseconds that Python takes for each of some states."""
    times: list[float] = page.evaluate(ASK, [spec.json(), wanted])
    return times


def specifications(page: Page) -> list[Spec]:
    """What the live figures of a page are, those that ask Python."""
    figures = page.locator("[data-table]:not([data-complete]) .ft-spec").all()
    return [Spec.from_json(each.text_content() or "") for each in figures]


def value(playwright: Playwright, base: str) -> tuple[float, float]:
    """Milliseconds until Python has drawn its first picture: on a first visit, on a
    second with the same profile.
    """
    times = []
    with TemporaryDirectory() as profile:
        for number in range(2):
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=program(), args=[*OPTIONS, ALONE]
            )
            page = context.new_page()
            page.set_default_timeout(120_000)
            page.goto(base + PAGE)
            spec = specifications(page)[0]
            times += asked(page, spec, states(spec, number)[:1])
            page.wait_for_timeout(5000)
            context.close()
    return times[0], times[1]


def zipped(body: bytes) -> float:
    """Kilobytes as sent."""
    return len(gzip.compress(body, 6)) / 1000


def fetched(browser: Browser, base: str, path: str) -> float:
    """Kilobytes of all that a page fetches before a control is touched."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, bodies = context.new_page(), {}
    page.on("response", lambda response: bodies.setdefault(response.url, response))
    page.goto(base + path, wait_until="networkidle")
    total = sum(
        zipped(response.body())
        for url, response in list(bodies.items())
        if url.startswith(base) and response.ok
    )
    context.close()
    return total


def states(spec: Spec, seed: int) -> list[str]:
    """Ten states at random, as the page writes them."""
    chance = random.Random(seed)
    drawn = [
        tuple(
            tuple(chance.randrange(len(dial.values)) for _ in dial.default)
            for dial in spec.dials
        )
        for _ in range(10)
    ]
    return [json.dumps(spec.canonical(state)) for state in drawn]


def figures(browser: Browser, base: str) -> dict[str, float]:
    """What a reader of the page waits for, in milliseconds."""
    visits: dict[str, list[float]] = {}
    for _ in range(VISITS):
        with visit(browser, base, PAGE) as page:
            seen = page.evaluate("seen")
            visits.setdefault("first picture", []).append(seen["picture"])
            visits.setdefault("controls ready", []).append(seen["controls"])
            for explore in page.locator(".ft-live[data-table]").all():
                explore.scroll_into_view_if_needed()
            page.wait_for_function(
                "Object.keys(globalThis.ftTables ?? {}).length ==="
                " document.querySelectorAll('[data-table]').length"
            )
            page.evaluate(
                "document.querySelectorAll('[data-table]').forEach(each =>"
                " each.toggleAttribute('data-complete', true))"
            )
            visits.setdefault("a picture of the table drawn", []).append(
                median(page.evaluate(HITS))
            )
            visits.setdefault("the same, four times slower", []).append(painted(page))
    return {name: median(times) for name, times in visits.items()}


def later(browser: Browser, base: str, pages: list[str]) -> dict[str, float]:
    """How long Python takes for a later picture, for each figure that asks it."""
    times: dict[str, float] = {}
    for path in pages:
        with visit(browser, base, path) as page:
            for number, spec in enumerate(specifications(page)):
                times[spec.name] = median(asked(page, spec, states(spec, number))[1:])
    return times


def main() -> int:
    if not (HTML / PAGE).exists():
        print("the book is not built: make book", file=sys.stderr)
        return 2
    with serving() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program(), args=[*OPTIONS, ALONE]
        )
        print(f"{PAGE}, {VISITS} visits, Chromium {browser.version}\n")
        found = figures(browser, base) | touched(browser, base)
        by_figure = later(browser, base, [f"chapters/{name}.html" for name in CHAPTERS])
        found["a later picture, the slowest figure"] = max(
            by_figure.values(), default=0
        )
        found["the largest chapter's own HTML"] = max(
            zipped((HTML / "chapters" / f"{name}.html").read_bytes())
            for name in CHAPTERS
        )
        pages = ["book/index.html", *(f"chapters/{name}.html" for name in CHAPTERS)]
        found["all that a first visit fetches"] = max(
            fetched(browser, base, page) for page in pages
        )
        (
            found["Python's first value, first visit"],
            found["Python's first value, second visit"],
        ) = map(median, zip(*(value(playwright, base) for _ in range(3)), strict=True))
        (
            found["live: first widget, first visit"],
            found["live: first widget, second visit"],
        ) = map(median, zip(*(live(playwright, base) for _ in range(3)), strict=True))
        browser.close()

    missed = [name for name, (_, most) in TARGETS.items() if found[name] > most]
    print(f"{'':<34}{'measured':>12}{'target':>12}")
    for name, (unit, most) in TARGETS.items():
        print(
            f"{name:<34}{found[name]:>9,.0f} {unit}{most:>9,}"
            f" {unit}{'   MISSED' if name in missed else ''}"
        )
    print("\na later picture, by figure:")
    for name, taken in by_figure.items():
        late = (
            "   MISSED"
            if taken > TARGETS["a later picture, the slowest figure"][1]
            else ""
        )
        print(f"  {name:<32}{taken:>9,.0f} ms{late}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
