"""JupyterLab: each control of each Live, moved as a reader moves it, shows what Python
draws. One chapter is run from top to bottom, and its controls are moved to all their
values. The cells that show the figures of the others stand in one notebook, and each
control is moved to a value that changes the picture: what else a chapter computes is the
same in every client of a kernel, and nbval runs it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from ftlib.live.spec import Spec, draw, resolve

from .conftest import Tab, touched

pytestmark = pytest.mark.browser

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))
SPEC = re.compile(
    r'<script type="application/json" class="ft-spec">(.*?)</script>', re.DOTALL
)
THOROUGH = next(path for path in CHAPTERS if path.stem == "4_3_2_crash_it_everywhere")
OTHERS = [path for path in CHAPTERS if path != THOROUGH]
TOGETHER = "figures.ipynb"
BY_HAND = "by_hand.ipynb"
LOST = "Lose(message='Decision', sender='coordinator', receiver='p1')"
WITH_PICTURE = (
    "place => place.parentElement.closest('.widget-vbox').querySelector('.ft-picture')"
    " !== null"
)
# seconds for the server, the page and the kernel to start; nothing waits longer than it
# must
PATIENCE = 60


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on loopback with a copy of the chapters and nobody's settings; its
    address and its token.
    """
    home = tmp_path_factory.mktemp("lab")
    (home / "chapters").mkdir()
    shutil.copy(THOROUGH, home / "chapters")
    nbformat.write(together(), home / "chapters" / TOGETHER)
    nbformat.write(by_hand(), home / "chapters" / BY_HAND)
    places = {
        f"JUPYTER_{kind}_DIR": str(home / kind.lower())
        for kind in ("CONFIG", "DATA", "RUNTIME")
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "PYTEST"))
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",  # any that is free; it stands in the server's file below
        f"--ServerApp.root_dir={home / 'chapters'}",
        "--LabApp.expose_app_in_browser=True",
        # asks the network, and covers the corner of the page with its question
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env={**kept, **places, "IPYTHONDIR": str(home / "ipython")},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield address(server, home)
    finally:
        server.terminate()  # it then ends its kernels
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def address(server, home):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        for file in (home / "runtime").glob("jpserver-*.json"):
            try:
                told = json.loads(file.read_text(encoding="utf-8"))
            except ValueError:  # half written
                continue
            return told["url"], told["token"]
        time.sleep(0.05)
    pytest.fail(
        "JupyterLab did not start:\n"
        + (home / "log").read_text(encoding="utf-8", errors="replace")
    )


def shown(chapter):
    """The cells of a chapter that show a Live, with what each of them promises."""
    return [
        (cell, Spec.from_json(text))
        for cell in nbformat.read(chapter, as_version=4).cells
        for output in cell.get("outputs", ())
        for text in SPEC.findall(output.get("data", {}).get("text/html", ""))
    ]


def specs(chapter):
    """What each Live of a chapter promises, in order."""
    return [spec for _, spec in shown(chapter)]


def together():
    """A notebook of the cells that show the figures of the other chapters; what a cell
    may have from one before it is imported in it.
    """
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    for chapter in OTHERS:
        for cell, spec in shown(chapter):
            module, _, figure = spec.function.rpartition(".")
            given = f"from {module} import {figure}\nfrom ftlib.live import Live\n"
            notebook.cells.append(nbformat.v4.new_code_cell(given + cell.source))
    return notebook


def by_hand():
    """A notebook that shows a figure to break, and asks what has been put on it."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    given = (
        "from ftlib.figures.by_hand import break_transfer\n"
        "from ftlib.live import Live\n\nlive = Live(break_transfer)\nlive"
    )
    notebook.cells = [
        nbformat.v4.new_code_cell(each) for each in (given, "live.faults")
    ]
    return notebook


def run(tab, lab, name, count):
    """Open a notebook, run all its cells, and wait for so many figures. Return the page
    and the boxes with the figures.
    """
    base, token = lab
    # a shared workspace would open the last notebook too
    place = f"lab/workspaces/{Path(name).stem}/tree/{name}"
    page = tab(base, viewport={"width": 1280, "height": 900}).goto(
        f"{place}?token={token}"
    )
    opened = "name => window.jupyterapp?.shell.currentWidget?.context?.path === name"
    page.wait_for_function(opened, arg=name, timeout=PATIENCE * 1000)
    errors = page.evaluate("""async () => {
          const { shell, commands } = window.jupyterapp, { sessionContext, content } = shell.currentWidget;
          await sessionContext.ready;
          content.notebookConfig = { ...content.notebookConfig, windowingMode: 'none' }; // every output is in the page
          await commands.execute('notebook:run-all-cells');
          return content.model.sharedModel.cells.flatMap(cell => cell.outputs ?? []).filter(each => each.output_type === 'error');
        }""")
    assert errors == []
    page.wait_for_function(
        "count => document.querySelectorAll('.widget-vbox .ft-picture').length ==="
        " count",
        arg=count,
        timeout=10_000,
    )
    return page, page.locator(".widget-vbox:has(.ft-picture)")


def test_a_whole_chapter(lab, tab):
    promised = specs(THOROUGH)
    page, boxes = run(tab, lab, THOROUGH.name, len(promised))
    for number, spec in enumerate(promised):
        Shown(page, boxes.nth(number), spec).move_everything(thorough=True)


@pytest.fixture(scope="module")
def figures(lab, browser):
    """The figures of the other chapters, by chapter, in the order of the page."""
    tabs = []

    def tab(base, **context):
        tabs.append(Tab(browser, base, **context))
        return tabs[-1]

    promised = [(chapter, spec) for chapter in OTHERS for spec in specs(chapter)]
    page, boxes = run(tab, lab, TOGETHER, len(promised))
    found = {chapter: [] for chapter in OTHERS}
    for number, (chapter, spec) in enumerate(promised):
        found[chapter].append(Shown(page, boxes.nth(number), spec))
    yield found
    tabs[0].context.close()
    tabs[0].assert_clean()


@pytest.mark.parametrize("chapter", OTHERS, ids=lambda path: path.stem)
def test_every_control_moves_its_picture(figures, chapter):
    for figure in figures[chapter]:
        figure.move_everything(thorough=False)


class Shown:
    """A live figure in the page beside its specification: what is moved there, and what
    Python draws for it.
    """

    def __init__(self, page, box, spec):
        self.page, self.box, self.spec = page, box, spec
        self.figure = resolve(spec.function)
        controls = box.locator(":scope > .widget-box:not(.widget-vbox)")
        self.reset = controls.get_by_role("button", name="Reset")
        kinds = (
            ".widget-slider, .widget-checkbox, .widget-dropdown, .widget-toggle-buttons"
        )
        places = [
            place
            for place in controls.locator(kinds).all()
            if place.evaluate(WITH_PICTURE)  # or it belongs to faults put by hand
        ]
        assert len(places) == sum(len(dial.default) for dial in spec.dials), (
            f"{spec.function}: a control is missing"
        )
        self.places = {}
        for number, dial in enumerate(spec.dials):
            for position in range(len(dial.default)):
                self.places[number, position] = places.pop(0)

    def picture(self, state):
        return draw(self.figure, self.spec.parameters(state))

    def see(self, picture, moved):
        """Wait until the page shows a picture."""
        from playwright.sync_api import TimeoutError as TooLate

        same = """([box, wanted]) => {
          const other = document.createElement('div');
          other.innerHTML = wanted;
          return box.querySelector('svg.ft-svg')?.outerHTML === other.firstChild.outerHTML;
        }"""
        try:
            self.page.wait_for_function(
                same, arg=[self.box.element_handle(), picture.svg], timeout=10_000
            )
        except TooLate:
            pytest.fail(
                f"{self.spec.function}: {moved} is moved, and the page does not show"
                " what Python draws"
            )

    def move_everything(self, thorough):
        start = tuple(dial.default for dial in self.spec.dials)
        self.see(self.picture(start), "nothing")
        for number, dial in enumerate(self.spec.dials):
            state = start
            if dial.of:  # let all its positions count
                other = [each.name for each in self.spec.dials].index(dial.of)
                last = len(self.spec.dials[other].values) - 1
                state = put(state, other, 0, last)
                self.move(other, 0, last)
                self.see(self.picture(state), dial.of)
            for position in range(self.spec.count(state, dial)):
                self.move_through(number, position, state, thorough)
            self.reset.click()
            self.see(self.picture(start), "Reset")
        if self.picture(start).steps:
            self.step(self.picture(start))

    def move_through(self, number, position, state, thorough):
        """Set a control to all its other values, or to the first that changes the
        picture, and last to the one that it had.
        """
        dial = self.spec.dials[number]
        own = state[number][position]
        before, changed = self.picture(state), False
        for index in [index for index in range(len(dial.values)) if index != own]:
            picture = self.picture(put(state, number, position, index))
            changes = picture.svg != before.svg
            if thorough or changes:
                self.move(number, position, index)
                self.see(picture, f"{dial.name} {position + 1}")
            changed |= changes
            if changed and not thorough:
                break
        assert changed or self.matters(number, position), (
            f"{self.spec.function}: {dial.name} {position + 1} changes no picture"
        )
        self.move(number, position, own)
        self.see(before, f"{dial.name} {position + 1}")

    def matters(self, number, position):
        """Whether a control changes the picture once another one has been moved, or a
        fault is put by hand: as the time of a recovery does when there is a crash.
        """
        start = tuple(dial.default for dial in self.spec.dials)
        hand = self.picture(start).hand
        by_hand = [
            (*start[:other], (offer.text,), *start[other + 1 :])
            for other, dial in enumerate(self.spec.dials)
            if dial.kind == "faults"
            for offer in hand.offered
        ]
        moved = [
            put(start, other, 0, index)
            for other, dial in enumerate(self.spec.dials)
            if other != number and dial.kind != "faults"
            for index in range(len(dial.values))
        ]
        return any(
            len(
                {self.picture(put(state, number, position, n)).svg for n in range(size)}
            )
            > 1
            for size in [len(self.spec.dials[number].values)]
            for state in moved + by_hand
        )

    def move(self, number, position, index):
        place = self.places[number, position]
        match self.spec.dials[number].kind:
            case "range":
                handle = place.locator(".noUi-handle")
                handle.press("Home")
                for _ in range(index):
                    handle.press("ArrowRight")
            case "toggle":
                place.locator("input").set_checked(bool(index))
            case _ if place.locator("select").count():
                place.locator("select").select_option(index=index)
            case _:
                place.locator("button").nth(index).click()

    def step(self, picture):
        bar = self.box.locator(":scope > .widget-vbox")
        handle = bar.locator(".noUi-handle")
        before = picture.steps
        for moved, act, step in (
            ("First", bar.get_by_title("First").click, 0),
            ("Next", bar.get_by_title("Next").click, 1),
            ("Last", bar.get_by_title("Last").click, picture.steps),
            ("Previous", bar.get_by_title("Previous").click, picture.steps - 1),
            ("the slider", lambda: handle.press("Home"), 0),
            ("the slider", lambda: handle.press("ArrowRight"), 1),
            ("Play", bar.locator(".widget-play button").first.click, 2),
        ):
            assert picture.reveal(step).svg != picture.reveal(before).svg, (
                f"{moved} changes no picture"
            )
            act()
            self.see(picture.reveal(step), moved)
            before = step


def put(state, number, position, index):
    """The state with one position of one dial set to a value."""
    moved = (*state[number][:position], index, *state[number][position + 1 :])
    return (*state[:number], moved, *state[number + 1 :])


def said(page, cell):
    """What a cell prints."""
    return page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output")


def test_a_picture_is_broken_by_a_touch(lab, tab):
    from ftlib.figures.by_hand import break_transfer

    page, _ = run(tab, lab, BY_HAND, 1)
    spot = next(
        each.spot for each in break_transfer().hand.offered if each.text == LOST
    )
    page.get_by_text("touch an arrow or what a node does, and choose.").wait_for()
    touched(page, spot)
    menu = page.get_by_role("dialog", name="What can go wrong here")
    menu.get_by_text("Commit from coordinator to p1").wait_for()
    page.keyboard.press("Escape")
    menu.wait_for(state="hidden")

    touched(page, spot)
    menu.get_by_role("button", name="Decision to p1 is lost").click()
    picture = page.locator(".ft-picture")
    picture.get_by_text("Broken: p2 has got 30 that nobody has paid.").wait_for()
    assert picture.locator(".ft-faults span").all_inner_texts() == [
        "coordinator's first Decision to p1 is lost"
    ]
    page.get_by_text("Solved in 1, the least there is.").wait_for()

    page.get_by_role("button", name="Copy as Python").click()
    page.get_by_text("Copied.").wait_for()
    page.context.grant_permissions(["clipboard-read"])
    code = page.evaluate("navigator.clipboard.readText()")
    assert code.endswith(f"faults=Schedule([{LOST}]))")
    run_last(page)
    assert said(page, 1).inner_text() == f"Schedule([{LOST}])"

    picture.get_by_role("button", name="Take back").click()
    picture.get_by_text("Both branches commit: 30 have moved.").wait_for()
    page.get_by_role("button", name="Undo").click()
    picture.get_by_text("Broken: p2").wait_for()
    page.get_by_role("button", name="Redo").click()
    picture.get_by_text("Both branches commit").wait_for()


def test_by_keyboard_from_the_story(lab, tab):
    page, _ = run(tab, lab, BY_HAND, 1)
    picture = page.locator(".ft-picture")
    summary = picture.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    button = picture.locator(".ft-put[data-spot='5']")
    button.focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("dialog", name="What can go wrong here")
    menu.wait_for()
    page.keyboard.press("Escape")
    menu.wait_for(state="hidden")
    has_focus = "button => button === document.activeElement"
    assert button.evaluate(has_focus)

    page.keyboard.press(" ")
    menu.wait_for()
    chosen = menu.get_by_role("button", name="Decision to p1 is lost")
    chosen.focus()
    page.keyboard.press("Enter")
    picture.get_by_text("Broken: p2").wait_for()
    assert picture.locator("details").evaluate("story => story.open")
    assert button.evaluate(has_focus)
    assert page.get_by_role("status").filter(has_text="Broken: p2").count() == 1


def run_last(page):
    page.evaluate(
        """async () => {
          const { shell, commands } = window.jupyterapp, { content } = shell.currentWidget;
          content.activeCellIndex = content.widgets.length - 1;
          await commands.execute('notebook:run-cell');
        }"""
    )
