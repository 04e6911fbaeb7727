"""Every page of the built book, as its readers meet it."""

import io
import json
import re
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from .conftest import PAGES, PHONE, ROOT

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 800}
FAULTS = tomllib.loads(
    (Path(__file__).parent / "theme_faults.toml").read_text(encoding="utf-8")
)
TOUCH = 44
# a drawing of this width, as of four nodes and a strip of properties, does not scroll
# on a phone
FITS = 460


def figures(page):
    return page.locator(".ft-live").all()


@pytest.mark.parametrize("name", PAGES)
def test_it_loads_and_axe_is_content(book, tab, name):
    from axe_playwright_python.sync_playwright import Axe

    for context in ({"viewport": DESKTOP}, {"viewport": PHONE, "dark": True}):
        opened = tab(book, **context)
        page = opened.goto(name)
        found = [
            f"{violation['id']}: {target}"
            for violation in (
                Axe().run(page, options={"preload": False}).response["violations"]
            )
            for target in (node["target"][0] for node in violation["nodes"])
            if target not in FAULTS.get(violation["id"], ())
        ]
        assert found == [], context


@pytest.mark.parametrize("name", PAGES)
def test_every_control_draws_what_python_drew(book, tab, name):
    page = tab(book, viewport=DESKTOP).goto(name)
    for figure in figures(page):
        if figure.get_attribute("data-table"):
            move_every_control(page, figure)


def move_every_control(page, figure):
    table = table_of(page, figure)
    spec = json.loads(figure.locator(".ft-spec").text_content())
    start = place(figure)
    for dial in range(len(spec["controls"])):
        inputs = [
            each
            for each in figure.locator(f"[data-dial='{dial}']").all()
            if each.is_visible()
        ]
        seen = set()
        for each in inputs:
            for move in moves(each):
                move()
                seen.add(see(page, figure, table))
                assert not figure.evaluate(
                    "root => root.classList.contains('ft-stale')"
                ), "a control moved alone leaves the table"
            figure.get_by_role("button", name="Reset").click()
            assert see(page, figure, table) == start
        assert seen, f"{spec['controls'][dial]['name']} has no input that can be seen"
        assert dial not in alive(table, start) or len(seen) > 1, (
            f"{spec['controls'][dial]['name']} changes no picture"
        )


def table_of(page, figure):
    """The table of a live figure, once the page has fetched it."""
    figure.scroll_into_view_if_needed()
    name = figure.get_attribute("data-table").split("#")[1]
    return page.wait_for_function(
        "name => globalThis.ftTables?.[name]", arg=name
    ).json_value()


def alive(table, start):
    """The dials that change the picture when they alone are moved."""
    return {
        dial
        for key, parts in table["pictures"].items()
        for dial, (one, other) in enumerate(
            zip(key.split("."), start.split("."), strict=True)
        )
        if one != other and parts != table["pictures"][start]
    }


def moves(control):
    """What moves a control through all its values."""
    kind = control.get_attribute("type") or "select"
    match kind:
        case "range":
            times = int(control.get_attribute("max"))
            return [
                lambda: control.press("Home"),
                *[lambda: control.press("ArrowRight")] * times,
            ]
        case "radio":
            return [lambda: control.check(force=True)]
        case "checkbox":
            return [control.click, control.click]
        case _:
            count = control.locator("option").count()
            return [
                lambda index=index: control.select_option(index=index)
                for index in range(count)
            ]


def place(figure):
    """The state of the inputs that can be seen, read off them and not from the script:
    the key of its picture.
    """
    return figure.evaluate("""root => {
          const spec = JSON.parse(root.querySelector('.ft-spec').textContent), digits = spec.controls.map(() => []);
          for (const input of root.querySelectorAll('[data-dial]')) {
            if (input.closest('[hidden]') || input.type === 'radio' && !input.checked) continue;
            digits[input.dataset.dial].push(input.type === 'checkbox' ? +input.checked : +input.value);
          }
          return digits.map(indices => indices.join('-')).join('.');
        }""")


def see(page, figure, table):
    """The picture on the page is the one of the table for what the inputs say; return
    its key.
    """
    key = place(figure)
    wanted = "".join(table["parts"][part] for part in table["pictures"][key])
    same = figure.evaluate(
        """(root, wanted) => {
          const given = ['tabindex', 'role', 'aria-label', 'data-now', 'aria-current'];
          const bare = html => {
            const box = document.createElement('div');
            box.innerHTML = html;
            for (const each of box.querySelectorAll('*')) given.forEach(name => each.removeAttribute(name));
            return box.innerHTML;
          };
          return bare(root.querySelector('.ft-view').innerHTML) === bare(wanted);
        }""",
        wanted,
    )
    assert same, f"another picture than Python's for {key}"
    return key


@pytest.mark.parametrize("name", PAGES)
def test_steps_forward_and_back(book, tab, name):
    page = tab(book, viewport=DESKTOP, reduced_motion="reduce").goto(name)
    for figure in figures(page):
        bar = figure.locator(".ft-steps")
        if not bar.is_visible():
            continue
        story = figure.locator(".ft-story li").all_text_contents()
        number, event = figure.locator(".ft-number"), figure.locator(".ft-event")
        figure.get_by_role("button", name="First").click()
        for step in range(1, len(story) + 1):
            figure.get_by_role("button", name="Next").click()
            assert number.inner_text() == f"{step} / {len(story)}"
            assert event.text_content() == story[step - 1]
            later = figure.locator("[data-step]").evaluate_all(
                """(parts, step) => parts.every(part =>
                  (+part.dataset.step > step) === (part.getAttribute('visibility') === 'hidden'))""",
                step,
            )
            assert later, f"step {step}"
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        assert number.inner_text() == f"{max(len(story) - 2, 0)} / {len(story)}"


@pytest.mark.parametrize("name", PAGES)
def test_a_link_opens_exactly_there(book, tab, name):
    page = tab(book, viewport=DESKTOP).goto(name)
    tools = [
        number
        for number, figure in enumerate(figures(page))
        if figure.locator(".ft-tools").count()
    ]
    seen: list[str] = []
    for number in tools:
        figure = figures(page)[number]
        for each in figure.locator("input[type=range][data-dial]").all():
            each.press("ArrowRight")
        if figure.locator(".ft-steps").is_visible():
            figure.get_by_role("button", name="Previous").click()
        figure.get_by_role("button", name="Copy link").click()
        figure.get_by_text(re.compile(r"Link copied|in the address bar")).wait_for()
        again = tab(book, viewport=DESKTOP).goto(page.url.removeprefix(book))
        opened = figures(again)[number]
        assert place(opened) == place(figure)
        assert (
            opened.locator(".ft-number").inner_text()
            == figure.locator(".ft-number").inner_text()
        )
        assert not re.search("ignored", opened.locator(".ft-status").inner_text())
        short = json.loads(figure.locator(".ft-spec").text_content())[
            "function"
        ].rpartition(".")[2]
        seen.append(short)
        key = short if seen.count(short) == 1 else f"{short}-{seen.count(short)}"
        wrong = tab(book).goto(f"{name}#{key}.nonsense=1")
        assert (
            "nonsense = 1" in figures(wrong)[number].locator(".ft-status").inner_text()
        )


@pytest.mark.parametrize("name", PAGES)
def test_without_javascript(book, tab, name):
    page = tab(book, java_script_enabled=False).goto(name)
    for figure in figures(page):
        assert figure.locator("svg.ft-svg").is_visible()
        story = figure.locator("details.ft-story")
        story.locator("summary").click()
        assert story.locator("li").first.is_visible()
        for part in (".ft-controls", ".ft-steps", ".ft-tools"):
            assert not figure.locator(part).is_visible()


@pytest.mark.parametrize("name", PAGES)
def test_on_a_phone(book, tab, name):
    page = tab(book, viewport=PHONE, has_touch=True).goto(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    wanted = "button, select, summary, input[type=range], .ft-segments label, .ft-tick"
    small = page.evaluate(
        """([wanted, least]) => [...document.querySelectorAll(`.ft-live :is(${wanted}), .ft-launch a`)]
          .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
          .filter(([, box]) => box.width && Math.min(box.width, box.height) < least - .5).map(([html]) => html)""",
        [wanted, TOUCH],
    )
    assert small == []
    scrolled = page.locator(".ft-scroll").evaluate_all(
        """(boxes, fits) => boxes.filter(box => box.scrollWidth > box.clientWidth)
          .map(box => +box.querySelector('svg').getAttribute('width')).filter(width => Math.floor(width) <= fits)""",
        FITS,
    )
    assert scrolled == []


@pytest.mark.parametrize("name", PAGES)
def test_at_200_percent(book, tab, name):
    """A window of 1280 by 800 pixels at 200 % has the room of one half as wide."""
    page = tab(
        book, viewport={"width": 640, "height": 400}, device_scale_factor=2
    ).goto(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.ft-live :is(button, label, legend, .ft-value, figcaption)')]
          .filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflow === 'hidden')
          .map(each => each.outerHTML.slice(0, 80))"""
    )
    assert cut == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_outputs_and_folds_have_one_look(book, tab, name, dark):
    page = tab(book, viewport=DESKTOP, dark=dark).goto(name)
    looks = """each => each.map(one => getComputedStyle(one))
      .map(style => [style.backgroundColor, style.borderRadius, style.boxShadow, style.border].join(' '))"""
    assert (
        len(set(page.locator(".bd-article details:not(.ft-story)").evaluate_all(looks)))
        <= 1
    )
    grounds = page.locator(".bd-article .cell_output .text_html").evaluate_all(
        "each => each.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert set(grounds) <= {"rgba(0, 0, 0, 0)"}, (
        "a card of another theme lies behind an output"
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_words_in_pictures_are_legible(book, tab, name, dark):
    """Compare the colour of each word with what lies behind it on a screenshot without
    words.
    """
    page = tab(book, viewport=DESKTOP, dark=dark).goto(name)
    for view in page.locator("svg.ft-svg").all():
        if not view.is_visible():
            continue
        words = view.evaluate(
            """svg => { const frame = svg.getBoundingClientRect(); return [...svg.querySelectorAll('text')].map(text => {
              const box = text.getBoundingClientRect(), style = getComputedStyle(text);
              return { text: text.textContent, x: box.x - frame.x, y: box.y - frame.y, width: box.width, height: box.height,
                fill: style.fill, size: parseFloat(style.fontSize) * box.width / (text.getBBox().width || 1) };
            }); }"""
        )
        page.add_style_tag(content="svg.ft-svg text { visibility: hidden }")
        image = Image.open(io.BytesIO(view.screenshot(animations="disabled"))).convert(
            "RGB"
        )
        page.evaluate("document.head.lastElementChild.remove()")
        for word in words:
            box = [
                word["x"],
                word["y"],
                word["x"] + word["width"],
                word["y"] + word["height"],
            ]
            ground = most_common(image.crop([round(side) for side in box]))
            ratio = contrast(
                [int(part) for part in re.findall(r"\d+", word["fill"])[:3]], ground
            )
            assert ratio >= (3 if word["size"] >= 24 else 4.5), (
                f"{word['text']!r} has a contrast of {ratio:.1f} on {ground}"
            )


def most_common(image):
    counted = image.getcolors(image.width * image.height)
    return max(counted)[1] if counted else (255, 255, 255)


def contrast(one, other):
    def luminance(colour):
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (part / 255 for part in colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_search_finds_every_term(book, tab):
    """Each term of the glossary, the Chinese ones too, and from disk as well as from a
    server.
    """
    glossary = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    terms = [
        *re.findall(r"^### (.+)$", glossary, re.MULTILINE),
        *re.findall(r"[\u4e00-\u9fff]{2,}", glossary),
    ]
    assert len(terms) > 100
    page = tab(book).goto("search.html")
    page.wait_for_function("Search._index")
    found = page.evaluate(
        """terms => Object.fromEntries(terms.map(term =>
          [term, Search._performSearch(...Search._parseQuery(term)).some(([page]) => page === 'book/glossary')]))""",
        terms,
    )
    assert [term for term, there in found.items() if not there] == []


def test_search_from_disk(site, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / "search.html").as_uri() + "?q=两阶段提交")
    page.locator("#search-results li a", has_text="Glossary").first.wait_for()
    context.close()
