"""Every page of the built book, as its readers meet it.

A page is opened once and asked everything: the tests below share it, in their order,
and each leaves the figures as they were drawn.
"""

import gzip
import io
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from tools.book import serving
from tools.paths import read

from .conftest import PAGES, PHONE, ROOT, Tab

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 800}
FAULTS = tomllib.loads(
    (Path(__file__).parent / "theme_faults.toml").read_text(encoding="utf-8")
)
# pages that together have all that the others have: axe tries there what is alike on all
SAMPLE = (
    "book/index.html",
    "book/trust.html",
    "chapters/4_3_1_two_phase_commit.html",
    "chapters/4_3_2_crash_it_everywhere.html",
)
TOUCH = 44
NARROW = 320, 384  # and where letters have another size: see ft.css
# a drawing of this width, as of four nodes and a strip of properties, does not scroll
# on a phone
FITS = 455
LETTER = 11  # the least height of letters in pictures, in pixels


def figures(page):
    return page.locator(".ft-live").all()


@pytest.fixture(scope="module", params=PAGES)
def opened(request, browser, book):
    """A page, for all the tests of this module that ask for it. Python in the page has
    tests of its own, and is not started here.
    """
    tab = Tab(browser, book, viewport=DESKTOP, reduced_motion="reduce")
    tab.goto(request.param)
    tab.name = request.param
    tab.page.evaluate("ftPython.start = () => {}")
    yield tab
    tab.context.close()


@pytest.fixture
def page(opened):
    """The page on a desktop in light colours."""
    opened.page.set_viewport_size(DESKTOP)
    theme(opened.page, "light")
    yield opened.page
    opened.page.evaluate("document.readyState")  # so that the last events are heard
    opened.assert_clean()


def theme(page, name):
    page.emulate_media(color_scheme=name)
    page.evaluate(
        """name => Object.assign(document.documentElement.dataset, { theme: name, mode: name })""",
        name,
    )


def axe(page, without=(), within="", **options):
    """What axe finds, the faults of the theme left out."""
    from axe_playwright_python.sync_playwright import Axe

    context = {"exclude": [[each] for each in without]} if without else within or None
    options |= {"preload": False, "resultTypes": ["violations"]}
    return [
        f"{violation['id']}: {target}"
        for violation in Axe().run(page, context, options).response["violations"]
        for target in (node["target"][0] for node in violation["nodes"])
        if target not in FAULTS.get(violation["id"], ())
    ]


def test_axe_is_content(page):
    """Colours aside: axe asks for each word what lies where, which takes ten times as
    long as all else. The tests below see to them.
    """
    page.wait_for_function(REACHED)
    assert axe(page, rules={"color-contrast": {"enabled": False}}) == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_colours_are_legible(page, opened, colours):
    """Each pair of a word's colour and what is behind it, as the elements have them; on
    a few pages, axe looks too.
    """
    theme(page, colours)
    pairs = page.evaluate(PAIRS)
    assert len(pairs) > 3
    for ink, ground, large, words in pairs:
        ratio = contrast(ink, ground)
        assert ratio >= (3 if large else 4.5), (
            f"{words!r} has a contrast of {ratio:.1f}: {ink} on {ground}"
        )
    if opened.name in SAMPLE:
        rules = ["color-contrast", "link-in-text-block"]
        # words in pictures have a test of their own, and code is nothing but words
        assert axe(page, without=("svg.ft-svg", ".highlight"), runOnly=rules) == []


PAIRS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true }), parsed = new Map(), pairs = new Map();
  const rgba = colour => {
    if (!parsed.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      parsed.set(colour, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return parsed.get(colour);
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a / 255 + below[i] * (1 - a / 255));
  const grounds = new Map([[null, [255, 255, 255]]]);
  const ground = element => {
    if (!grounds.has(element)) grounds.set(element, over(rgba(getComputedStyle(element).backgroundColor), ground(element.parentElement)));
    return grounds.get(element);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; text = texts.nextNode();) {
    const element = text.parentElement;
    if (!text.data.trim() || element.closest('svg, script, style, noscript, [aria-disabled=true], :disabled')) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize), below = ground(element);
    const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    const pair = [over(rgba(style.color), below), below, large];
    pairs.set(pair.join(), [...pair, text.data.trim().slice(0, 40)]);
  }
  return [...pairs.values()];
}"""


def test_axe_is_content_on_a_phone(page, opened):
    """What scrolls and how large a target is depends on the page; the rest is alike."""
    page.set_viewport_size(PHONE)
    page.wait_for_function(REACHED)  # the theme does so a while after a change of size
    if opened.name in SAMPLE:
        assert axe(page, rules={"color-contrast": {"enabled": False}}) == []
    else:
        assert axe(page, runOnly=["scrollable-region-focusable", "target-size"]) == []


THEIRS = "pre, .cell_output > .output, .pst-scrollable-table-container"  # what the theme lets the keyboard reach
REACHED = f"""[...document.querySelectorAll('{THEIRS}')].every(box => box.tabIndex === 0 ||
  box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight)"""


def test_every_control_draws_what_python_drew(page):
    for figure in figures(page):
        if figure.get_attribute("data-table"):
            move_every_control(page, figure)


def move_every_control(page, figure):
    """Each input is moved through all its values by events, as an input sends them, and
    one of each control by a reader's hand too, who cannot reach what is covered.
    """
    table_of(page, figure)
    start = place(figure)
    found = figure.evaluate(MOVE_ALL)
    assert found["wrong"] == [], "not the picture of the table"
    for dial, (name, alive, seen) in enumerate(found["dials"]):
        if found["kinds"][dial] == "faults":
            assert figure.evaluate(PUT_ALL) == [], "not the picture of the table"
            assert see(figure) == start
            continue
        assert seen, f"{name} has no input that can be seen"
        assert not alive or len(seen) > 1, f"{name} changes no picture"
        move(figure.locator(f"[data-dial='{dial}']:not([type=radio]:checked)").first)
        assert see(figure) != start
        figure.get_by_role("button", name="Reset").click()
        assert see(figure) == start


PLACE = """root => {
  const spec = JSON.parse(root.querySelector('.ft-spec').textContent), digits = spec.controls.map(() => []);
  for (const input of root.querySelectorAll('[data-dial]')) {
    if (input.closest('[hidden]') || input.type === 'radio' && !input.checked) continue;
    digits[input.dataset.dial].push(input.type === 'checkbox' ? +input.checked : +input.value);
  }
  spec.controls.forEach(({ kind }, dial) => {
    if (kind === 'faults') digits[dial] = [...root.querySelectorAll('.ft-faults [data-fault]')].map(each => each.dataset.fault);
  });
  return digits.map(indices => indices.join('-')).join('.');
}"""

SHOWS = """root => {
  const table = ftTables[root.dataset.table.split('#')[1]], parts = table.pictures[place(root)];
  const given = ['tabindex', 'role', 'aria-label', 'data-now', 'aria-current'];
  const bare = html => {
    const box = document.createElement('div');
    box.innerHTML = html;
    for (const each of box.querySelectorAll('*')) given.forEach(name => each.removeAttribute(name));
    return box.innerHTML;
  };
  return Boolean(parts) && bare(root.querySelector('.ft-view').innerHTML) === bare(parts.map(part => table.parts[part]).join(''));
}"""

# each first fault from the line of the story, and taken back
PUT_ALL = f"""root => {{
  const place = {PLACE}, shows = {SHOWS}, start = place(root), menu = root.querySelector('.ft-menu');
  const faults = [...root.querySelectorAll('[data-at] [data-fault]')].map(each => [each.dataset.fault, parseInt(each.closest('[data-at]').dataset.at)]);
  return faults.filter(([fault, step]) => {{
    root.querySelector(`.ft-put[data-spot="${{step}}"]`).click();
    [...menu.querySelectorAll('[data-fault]')].find(each => each.dataset.fault === fault).click();
    const put = place(root) !== start && shows(root);
    root.querySelector('.ft-faults button').click();
    return !put || place(root) !== start || !shows(root);
  }});
}}"""

MOVE_ALL = f"""root => {{
  const place = {PLACE}, shows = {SHOWS};
  const {{ pictures }} = ftTables[root.dataset.table.split('#')[1]], reset = root.querySelector('.ft-tools button');
  const start = place(root), wrong = [], dials = JSON.parse(root.querySelector('.ft-spec').textContent).controls;
  const check = () => {{
    const key = place(root);
    if (root.classList.contains('ft-stale') || !shows(root)) wrong.push(key);
    return key;
  }};
  const alive = dial => Object.entries(pictures).some(([key, parts]) =>
    key.split('.')[dial] !== start.split('.')[dial] && String(parts) !== String(pictures[start]));
  const moved = dials.map(({{ name }}, dial) => {{
    const seen = new Set();
    for (const input of root.querySelectorAll(`[data-dial="${{dial}}"]`)) {{
      if (!input.checkVisibility()) continue;
      const values = input.type === 'range' ? [...Array(+input.max + 1).keys()]
        : input.type === 'checkbox' ? [!input.checked, input.checked]
        : input.type === 'radio' ? [true] : [...input.options].map((_, index) => index);
      for (const value of values) {{
        input[input.type === 'checkbox' || input.type === 'radio' ? 'checked' : 'value'] = value;
        input.dispatchEvent(new Event('input', {{ bubbles: true }}));
        seen.add(check());
      }}
      reset.click();
      if (check() !== start) wrong.push(`${{name}}: reset`);
    }}
    return [name, alive(dial), [...seen]];
  }});
  return {{ dials: moved, wrong, kinds: dials.map(({{ kind }}) => kind) }};
}}"""


def table_of(page, figure):
    """The name of a live figure's table, once the page has fetched it."""
    figure.scroll_into_view_if_needed()
    name = figure.get_attribute("data-table").split("#")[1]
    page.wait_for_function("name => globalThis.ftTables?.[name]", arg=name)
    return name


def move(control):
    """Move a control by one value, as a reader does."""
    match control.get_attribute("type") or "select":
        case "range":
            at_the_end = control.input_value() == control.get_attribute("max")
            control.press("ArrowLeft" if at_the_end else "ArrowRight")
        case "radio":
            control.check(force=True)
        case "checkbox":
            control.click()
        case _:
            chosen = control.evaluate("select => select.selectedIndex")
            control.select_option(index=0 if chosen else 1)


def place(figure):
    """The state of the inputs that can be seen, read off them and not from the script:
    the key of its picture.
    """
    return figure.evaluate(PLACE)


def see(figure):
    """The picture on the page is the one of the table for what the inputs say; return
    its key.
    """
    key = place(figure)
    assert figure.evaluate(
        f"root => {{ const place = {PLACE}; return ({SHOWS})(root) }}"
    ), f"another picture than Python's for {key}"
    return key


WALK = """root => {
  const find = part => root.querySelector(part), wrong = [];
  const story = [...root.querySelectorAll('.ft-story li')].map(item => item.firstChild.textContent); // and no button
  find('.ft-steps [aria-label=First]').click();
  for (let step = 1; step <= story.length; step++) {
    find('.ft-steps [aria-label=Next]').click();
    const parts = [...root.querySelectorAll('[data-step]')];
    if (find('.ft-number').textContent !== `${step} / ${story.length}`
      || find('.ft-event').textContent !== story[step - 1]
      || !parts.every(part => (+part.dataset.step > step) === (part.getAttribute('visibility') === 'hidden'))) wrong.push(step);
  }
  return wrong;
}"""


def test_steps_forward_and_back(page):
    for figure in figures(page):
        if not figure.locator(".ft-steps").is_visible():
            continue
        assert figure.evaluate(WALK) == []
        count = figure.locator(".ft-story li").count()
        number = figure.locator(".ft-number")
        figure.get_by_role("button", name="First", exact=True).click()
        figure.get_by_role("button", name="Next", exact=True).click()
        assert number.inner_text() == f"1 / {count}"
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        assert number.inner_text() == f"{count - 1} / {count}"
        page.keyboard.press("End")


def test_a_link_opens_exactly_there(opened, page, book, tab):
    """One link holds what was moved in all figures of the page."""
    shown = [
        (number, figure)
        for number, figure in enumerate(figures(page))
        if figure.locator(".ft-tools").is_visible()  # not what a prediction hides
    ]
    if not shown:
        pytest.skip("a page without pictures that move")
    names: list[str | None] = []
    for _, figure in shown:
        for each in figure.locator("input[type=range][data-dial]").all():
            move(each)
        if figure.locator(".ft-steps").is_visible():
            figure.get_by_role("button", name="Previous", exact=True).click()
        names.append(figure.get_attribute("data-name"))
    assert len({*names}) == len(names)
    figure.get_by_role("button", name="Copy link").click()
    figure.get_by_text(re.compile(r"Link copied|in the address bar")).wait_for()
    again = tab(book, viewport=DESKTOP).goto(page.url.removeprefix(book))
    for number, figure in shown:
        there = figures(again)[number]
        if figure.locator(".ft-spec").count():  # the others have steps only
            assert place(there) == place(figure)
        assert (
            there.locator(".ft-number").inner_text()
            == figure.locator(".ft-number").inner_text()
        )
        assert not re.search("ignored", there.locator(".ft-status").inner_text())
    again.evaluate(
        "hash => { location.hash = hash }",
        "&".join(f"{name}.nonsense=1" for name in names),
    )
    for number, _ in shown:
        figures(again)[number].locator(".ft-status", has_text="nonsense = 1").wait_for()
    for _, figure in shown:
        figure.get_by_role("button", name="Reset").click()


def test_without_javascript(opened, page, book, tab):
    if not figures(page):
        pytest.skip("a page without figures")
    plain = tab(book, java_script_enabled=False).goto(opened.name)
    for choice in plain.locator(".ft-predict [data-right] > summary").all():
        choice.click()  # what follows from a prediction is shown by its fold
    for figure in figures(plain):
        assert figure.locator("svg.ft-svg").is_visible()
        story = figure.locator("details.ft-story")
        story.locator("summary").click()
        assert story.locator("li").first.is_visible()
        for part in (".ft-controls", ".ft-steps", ".ft-tools"):
            assert not figure.locator(part).is_visible()


def test_no_sentence_is_laid_out_in_columns(page):
    """As one with code in it is in a flex box: each piece a column of its own."""
    columns = page.locator(".bd-article *").evaluate_all(
        """all => all.filter(each => /flex|grid/.test(getComputedStyle(each).display)
          && [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim())
          && [...each.children].some(child => /\\w/.test(child.textContent)))
          .map(each => each.outerHTML.slice(0, 120))"""
    )
    assert columns == []


def sideways(page, name):
    """The widths at which a page scrolls sideways, the last with letters twice as
    large.
    """
    found = []
    for width, letters in [(each, "") for each in NARROW] + [(390, "200%")]:
        page.set_viewport_size(PHONE | {"width": width})
        page.evaluate(
            "size => { document.documentElement.style.fontSize = size }", letters
        )
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [(name, width, letters, wide)] if wide > width else []
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def test_no_other_page_scrolls_sideways(site, book, tab):
    """Those of the library, the quizzes, and what is found for a long word."""
    page, found = tab(book).goto("search.html?q=linearizability"), []
    page.locator("#search-results .highlighted").first.wait_for()
    found += sideways(page, "search")
    for path in sorted(site.glob("book/*/*.html")):
        name = path.relative_to(site).as_posix()
        if name not in PAGES:
            page.goto(book + name)
            found += sideways(page, name)
            told = page.locator(".sig-param").all_inner_texts()
            assert [each for each in told if "<" in each] == [], "what is no Python"
    assert found == []


def test_on_a_phone(page, opened):
    page.set_viewport_size(PHONE)
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
    assert page.evaluate(SMALL_LETTERS, LETTER) == []
    clipped = page.locator(".ft-live select").evaluate_all(
        """boxes => boxes.map(box => [box.selectedOptions[0].textContent, box.nextElementSibling])
          .filter(([words, told]) => told.textContent !== words || told.scrollWidth > told.clientWidth
            || told.scrollHeight > told.clientHeight).map(([words]) => words)"""
    )
    assert clipped == [], "what is chosen is read whole"
    for width in NARROW:
        page.set_viewport_size(PHONE | {"width": width})
        assert page.evaluate(SMALL_LETTERS, LETTER) == []
        assert page.evaluate(UNSEEN) == [], "what scrolls fades where there is more"
    assert sideways(page, opened.name) == []


UNSEEN = """[...document.querySelectorAll('.bd-main .bd-article *')]
  .filter(box => box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX) && box.checkVisibility())
  .filter(box => getComputedStyle(box).maskImage === 'none').map(box => box.outerHTML.slice(0, 80))"""


# also in what is folded or not yet shown, whose pictures are as wide as the screen or
# as their least width; the letters of a plot are 12 points in 6.6 inches
SMALL_LETTERS = """least => {
  const plots = [...document.querySelectorAll('.cell_output img')].map(({ clientWidth, alt }) => [(clientWidth - 16) * 12 / 72 / 6.7, alt]);
  const drawn = [...document.querySelectorAll('.ft-svg')].flatMap(svg => {
    const own = svg.viewBox.baseVal.width, sizes = new Map(), room = Math.min(own, Math.max(innerWidth - 4, parseFloat(svg.style.minWidth)));
    const scale = (svg.getBoundingClientRect().width || room) / own;
    for (const text of svg.querySelectorAll('text')) {
      const kind = text.closest('[font-size]')?.getAttribute('font-size');
      if (!sizes.has(kind)) sizes.set(kind, [scale * parseFloat(getComputedStyle(text).fontSize), text.textContent]);
    }
    return [...sizes.values()];
  });
  return [...drawn, ...plots].filter(([size]) => size < least);
}"""


def test_a_line_of_code_is_seen_whole(page):
    """Of 88 letters on a desktop; on a phone the lines of code are broken."""
    assert page.evaluate(CUT, 88) == []
    page.set_viewport_size(PHONE)
    code = ".cell_input pre, .highlight-python pre"
    assert page.locator(code).evaluate_all(SCROLLED) == []


SCROLLED = """boxes => boxes.filter(box => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
  .map(box => box.textContent.slice(0, 60))"""
CUT = f"""letters => {{
  const folds = [...document.querySelectorAll('details:not([open])')];
  folds.forEach(fold => {{ fold.open = true }});
  const short = [...document.querySelectorAll('pre')].filter(box => box.textContent.split('\\n').every(line => line.length <= letters));
  const cut = ({SCROLLED})(short);
  folds.forEach(fold => {{ fold.open = false }});
  return cut;
}}"""


def test_at_200_percent(page):
    """A window of 1280 by 800 pixels at 200 % has the room of one half as wide. In that
    the letters are then made larger still, and nothing leaves its card.
    """
    page.set_viewport_size({"width": 640, "height": 400})
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.ft-live :is(button, label, legend, .ft-value, figcaption)')]
          .filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflow === 'hidden')
          .map(each => each.outerHTML.slice(0, 80))"""
    )
    assert cut == []
    page.evaluate("document.documentElement.style.fontSize = '300%'")
    beyond = page.locator(".ft-live").evaluate_all(BEYOND)
    page.evaluate("document.documentElement.style.fontSize = ''")
    assert beyond == [], "what leaves its card"


BEYOND = """cards => cards.flatMap(card => {
  const { left, right } = card.getBoundingClientRect();
  return [...card.querySelectorAll(':is(.ft-controls, .ft-hands, .ft-steps, .ft-tools, figcaption) *')]
    .map(each => [each, each.getBoundingClientRect()])
    .filter(([each, box]) => box.width && !each.closest('.ft-quiet') && (box.left < left - 1 || box.right > right + 1))
    .map(([each]) => each.outerHTML.slice(0, 80));
})"""


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_outputs_and_folds_have_one_look(page, colours):
    theme(page, colours)
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


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_words_in_pictures_are_legible(page, colours):
    """Compare the colour of each word with what lies behind it on a screenshot without
    words.
    """
    theme(page, colours)
    page.set_viewport_size(
        {"width": 1280, "height": 2000}
    )  # nothing lies over a picture
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


def test_the_pages_work_under_the_policy(site, tab):
    """The one that is printed for who publishes the site; that it names the scripts of
    all pages, and that none has a handler, is seen to when it is written. What a script from elsewhere
    would do is not done; what the pages do is, Python in them included. (Playwright's
    `wait_for_function` would make functions from text, and is not used here.)
    """
    with serving(site, policed=True) as address:
        reader = tab(address, viewport=DESKTOP)
        for name in (*SAMPLE, "search.html", "404.html"):
            page = reader.goto(name)
            alive = page.locator(".ft-live.ft-alive[data-table]")
            assert alive.count() == page.locator(".ft-live[data-table]").count()
            reader.assert_clean()
        page = reader.goto("chapters/4_3_2_crash_it_everywhere.html")
        figure = page.locator(".ft-live[data-table]:not([data-complete])").first
        figure.locator("input[type=range][data-dial]").first.press("End")
        for choice in figure.locator("[type=radio]:not(:checked)").all()[:1]:
            choice.check(force=True)
        figure.get_by_text("Computed by Python in this page").wait_for(timeout=60_000)
        reader.assert_clean()
        page.evaluate(
            """() => {
              document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="stolen = 1">');
              document.head.append(Object.assign(document.createElement('script'), { textContent: 'stolen = 2' }));
            }"""
        )
        page.wait_for_timeout(200)
        assert page.evaluate("typeof stolen") == "undefined"
        errors, reader.errors[:] = reader.errors[:], []
        assert [error for error in errors if "Content Security Policy" in error]


def test_there_is_one_next_page(site):
    """That of the full way, also in the links of the theme."""
    full = read()["Full"]
    for page, after in pairwise(full):
        html = (site / f"{page}.html").read_text(encoding="utf-8")
        found = re.search(r'class="right-next"\s+href="([^"]*)"', html)
        assert found[1] == f"{after.removeprefix('chapters/')}.html", page
        assert html.count('name="viewport"') == 1


def test_what_folds_pages_says_which(site):
    """Also where it is open, and where no script runs."""
    for page, other in (("book/index", "The library"), ("book/library", "Quizzes")):
        html = (site / f"{page}.html").read_text(encoding="utf-8")
        folds = re.findall(r"<summary([^>]*)><span class=\"toctree-toggle", html)
        assert f' aria-label="Pages under {other}"' in folds
        assert all(fold.startswith(' aria-label="Pages under ') for fold in folds)


def test_what_stands_below_a_chapter(book, tab):
    """The notebook, the keys, and what was read, which this browser keeps."""
    reader, chapter = tab(book, viewport=DESKTOP), "chapters/6_faq.html"
    for name, about in (
        ("book/index.html", "A course "),
        (chapter, "You will learn to "),
    ):
        page = reader.goto(name)
        said = page.locator("meta[name=description]").get_attribute("content")
        assert said.startswith(about)
    foot = page.get_by_role("navigation", name="This page")
    link = foot.get_by_role("link", name="Notebook (.ipynb)").get_attribute("href")
    got = page.evaluate("link => fetch(link).then(answer => answer.json())", link)
    assert got["nbformat"] == 4
    assert not foot.locator("[data-pdf]").is_visible()
    foot.get_by_text("Cite").click()
    entry = foot.get_by_text("@misc{ft-6_faq")
    entry.wait_for()
    page.set_viewport_size(PHONE)
    assert entry.evaluate("box => box.scrollWidth <= box.clientWidth")
    page.set_viewport_size(DESKTOP)
    box = foot.get_by_role("checkbox", name="I have read this")
    box.check()
    entry = page.locator(".bd-docs-nav a.ft-read")
    assert entry.all_inner_texts() == ["Eight questions"]
    page = reader.goto("book/start.html")
    assert entry.all_inner_texts() == ["Eight questions"]
    page.get_by_text(re.compile(r"1 of \d+ read")).wait_for()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    keys.wait_for()
    page.keyboard.press("Escape")
    keys.wait_for(state="hidden")
    reader.goto(chapter)
    box.uncheck()
    assert page.evaluate("localStorage.getItem('ft-read')") is None
    page.evaluate("localStorage.setItem('ft-read', '7')")  # nonsense is not read
    reader.goto(chapter)
    assert not box.is_checked()


def keep(page):
    page.get_by_role("button", name="Keep for offline").tap()
    over = page.get_by_role("dialog", name="Keep for offline")
    over.get_by_text(re.compile(r"\d+ MB, once")).wait_for()
    over.get_by_role("button", name="Keep it").tap()
    over.get_by_text(re.compile("^Kept")).wait_for(timeout=60_000)
    assert over.get_by_role("button", name="Remove it").is_enabled()
    return over


def test_two_chapters_offline_on_a_phone(book, tab):
    """Kept once, the pages open, answer and are searched without a network."""
    reader = tab(book, viewport=PHONE, has_touch=True, reduced_motion="reduce")
    page = reader.goto("book/start.html")
    over = keep(page)
    reader.context.set_offline(True)
    for chapter in ("chapters/4_3_1_two_phase_commit.html", "chapters/6_faq.html"):
        page = reader.goto(chapter)
        figure = page.locator(".ft-live[data-table]").filter(visible=True).first
        table_of(page, figure)
        start = place(figure)
        move(figure.locator("[data-dial]:not([type=radio]:checked)").first)
        assert see(figure) != start
    page.goto(f"{book}search.html?q=2PC")
    page.locator("#search-results li a", has_text="Two-phase commit").first.wait_for()
    reader.goto("book/").locator(".bd-article h1").wait_for()
    reader.assert_clean()
    what_is_not_kept_is_said(reader)
    reader.context.set_offline(False)
    page = reader.goto("book/start.html")
    page.get_by_role("button", name="Keep for offline").tap()
    over.get_by_role("button", name="Remove it").tap()
    over.get_by_text("Removed.").wait_for()
    page.evaluate("fetch('../offline.json')")  # the worker stays as long as its pages
    assert page.evaluate("caches.keys()") == []
    over.get_by_role("button", name="Close").tap()
    keep(page)
    kept = "caches.match('../chapters/6_faq.html').then(Boolean)"
    assert page.evaluate(kept), "again, though the worker is the same"


def what_is_not_kept_is_said(reader):
    """The plain notebook is kept; what is not, and what never was, is no error of the
    browser's.
    """
    page = reader.goto("chapters/6_faq.html")
    with page.expect_download() as notebook:
        page.get_by_role("link", name="Notebook (.ipynb)").tap()
    kept = Path(notebook.value.path()).read_text(encoding="utf-8")
    assert json.loads(kept)["nbformat"] == 4
    said = page.get_by_role("heading", name="This is not kept for offline")
    for link in ("Open this chapter live", "Download the notebook"):
        reader.goto("chapters/6_faq.html").get_by_role("link", name=link).tap()
        said.wait_for()
    reader.goto("nope.html")
    said.wait_for()
    page.get_by_role("link", name="The book").tap()
    page.locator(".bd-article h1").wait_for()
    # Chromium tells of what could not be had
    reader.errors[:] = [
        error
        for error in reader.errors
        if not re.match(r"503 |Failed to load resource", error)
    ]


def test_a_first_visit_is_light(book, tab):
    """All that a page fetches, compressed as servers do it, and every icon is there."""
    reader, fetched = tab(book, viewport=DESKTOP), []
    reader.page.on("response", lambda answer: fetched.append(answer))
    page = reader.goto("chapters/4_3_1_two_phase_commit.html")
    page.wait_for_load_state("networkidle")
    kilobytes = sum(len(gzip.compress(answer.body(), 6)) for answer in fetched) / 1000
    assert 100 < kilobytes < 250
    icons = page.locator("[class*='fa-']").evaluate_all(
        """icons => icons.map(icon => [icon.className, getComputedStyle(icon, '::before').maskImage])"""
    )
    assert len(icons) > 8
    assert [name for name, drawn in icons if not drawn.startswith("url(")] == []


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


FIRST = {
    "2PC": "book/glossary#two-phase-commit",
    "timeout": "book/glossary#time-out",
    "split brain": "book/glossary#split-brain",
    "容错": "book/glossary#fault-tolerance",
    "leader election": "book/glossary#election",
    "failover": "book/glossary#takeover",
    "exactly once": "book/glossary#idempotence",
    "coordinator crash": "chapters/",
    "Lamport 1978": "book/references#lamport-1978",
    "ClusterModel": "chapters/",
    # twenty more, tried afresh when these ten were found
    "3PC": "book/glossary#three-phase-commit",
    "脑裂": "book/glossary#split-brain",
    "fsync": "book/glossary#forced-write",
    "SPOF": "book/glossary#single-point-of-failure",
    "CAP": "book/glossary#cap-theorem",
    "vnode": "book/glossary#virtual-node",
    "write-ahead log": "book/glossary#log",
    "follower": "book/glossary#replica",
    "hinted handoff": "book/glossary#hinted-hand-off",
    "R + W > N": "book/glossary#quorum",
    "fencing": "book/glossary#fencing-token",
    "lamport": "book/references#",
    "nines": "book/glossary#nines",
    "stale read": "book/glossary#stale-read",
    "explore": "book/glossary#exploration",
    "paxos": "book/glossary#paxos",
    "locks held": "chapters/",
    "redundant": "book/glossary#redundancy",
    "network partition": "book/glossary#network-partition",
    "mttdl": "book/glossary#mean-time-to-data-loss",
    # what found nothing, or something else, when others tried
    "故障转移": "book/glossary#takeover",
    "选主": "book/glossary#election",
    "thundering herd": "book/glossary#back-off",
    "blast radius": "book/glossary#common-cause",
    "checkpoint": "book/glossary#snapshot",
    "split-brain": "book/glossary#split-brain",
    "heart beat": "book/glossary#heartbeat",
    "virtual nodes": "book/glossary#virtual-node",
    "SLO": "book/glossary#nines",
    "RAID": "book/references#patterson-gibson-and-katz-1988",
    "log compaction": "book/glossary#snapshot",
    "hot spare": "book/glossary#standby",
    "timeout detector": "book/glossary#failure-detector",
    "WAL": "book/glossary#log",
    "Jepsen": "book/references#kingsbury-2013",
    "2 phase commits": "book/glossary#two-phase-commit",
    "linearisable": "book/glossary#linearizability",
    "two generals problem": "book/glossary#two-generals",
    "raft algorithm": "chapters/7_3_2_raft_elections",
    "vector clocks": "book/glossary#logical-clock",
    "fault injection": "book/glossary#fault-schedule",
    "RTO": "book/glossary#failover-time",
    "冗余": "book/glossary#redundancy",
    "共识算法": "book/glossary#consensus",
    "拜占庭将军": "book/glossary#byzantine-failure",
}


def test_the_first_hit_is_what_a_reader_looks_for(book, tab):
    """The interface is left out, and an entry is found at its place."""
    page = tab(book).goto("search.html")
    page.wait_for_function("Search._index")
    hits = page.evaluate(
        """terms => terms.map(term => Search._performSearch(...Search._parseQuery(term)).reverse().map(([page,, place]) => page + place))""",
        list(FIRST),
    )
    wrong = {
        term: found[:3]
        for (term, first), found in zip(FIRST.items(), hits, strict=True)
        if not found or not found[0].startswith(first)
    }
    assert wrong == {}
    assert [place for found in hits for place in found if "library/" in place] == []


def test_the_library_is_searched_when_asked_or_when_the_course_has_nothing(book, tab):
    page = tab(book).goto("search.html?q=quorum")
    hits = page.locator("#search-results li > a")
    room = page.locator("#search-results li > a[href*='book/library/']")
    link = page.get_by_role("link", name="Search the library too")
    link.wait_for()
    page.get_by_text(re.compile(r"found \d+ page")).wait_for()
    course = hits.count()
    assert course > 5
    assert room.count() == 0
    link.press("Enter")
    page.wait_for_url("**?library=&q=quorum")
    page.get_by_text(re.compile(r"found \d+ page")).wait_for()
    assert hits.count() - room.count() == course
    assert room.count() > 50
    assert link.count() == 0
    page.goto(f"{book}search.html?q=CasRegister")
    page.get_by_text("Only the library has it:").wait_for()
    assert "book/library/" in hits.first.get_attribute("href")
    assert link.count() == 0


def test_search_from_disk(site, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / "search.html").as_uri() + "?q=两阶段提交")
    first = page.locator("#search-results li a").first
    first.wait_for()
    assert first.inner_text() == "Glossary > Two-phase commit"
    first.click()
    page.wait_for_url("**/book/glossary.html*#two-phase-commit")
    context.close()
