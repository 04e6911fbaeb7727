"""Python in the page: the real worker, on the built book."""

import hashlib
import itertools
import json
import random
import re
import zipfile
from pathlib import Path

import pytest

import ftlib
from ftlib.live.spec import Spec, draw, resolve
from ftlib.live.table import MOST, firsts

from .conftest import ALLOWED, PAGES
from .test_book import DESKTOP, axe
from .test_by_hand import LOST, challenge, choose, middle, spot_of

pytestmark = pytest.mark.browser

CHAPTER = "chapters/4_3_2_crash_it_everywhere.html"
SAMPLES = 4
HEADERS = {
    "content-security-policy": "script-src 'self'",
    "content-type": "text/javascript",
}
LIVE = re.compile(
    r'<div class="ft-live" data-name="\w+" data-table="([^"#]*).*?class="ft-spec">(.*?)</script>',
    re.DOTALL,
)
ASK = """([functions, specification, states]) => new Promise((resolve, reject) => {
  const answers = [];
  const asker = { waits() {}, failed: reject, answered(key, html, trouble) {
    answers.push(html ?? trouble);
    answers.length < states.length ? next() : resolve(answers);
  } };
  const state = () => states[answers.length];
  const { build } = document.querySelector('[data-build]').dataset;
  const next = () => ftPython.ask(asker, { key: state(), functions, build, specification, state: state() });
  next();
})"""


def spec_of(figure):
    return Spec.from_json(figure.locator(".ft-spec").text_content())


def sampled(spec, number):
    """Some states, all positions at random, and two faults where some can be put."""
    chance = random.Random(number)
    for _ in range(SAMPLES):
        state = spec.canonical(
            tuple(
                tuple(chance.randrange(len(dial.values)) for _ in dial.default)
                for dial in spec.dials
            )
        )
        yield put(spec, put(spec, state, chance), chance)


def put(spec, state, chance):
    """The state with one fault more, if it can be put there by hand."""
    hand = draw(resolve(spec.function), spec.parameters(state)).hand
    if not hand or not hand.offered:
        return state
    return tuple(
        (*positions, chance.choice(hand.offered).text)
        if dial.kind == "faults"
        else positions
        for dial, positions in zip(spec.dials, state, strict=True)
    )


def drawn(spec, state):
    return draw(resolve(spec.function), spec.parameters(state))._repr_html_()


def test_the_site_has_the_library_of_this_tree(site):
    home = Path(ftlib.__file__).parent
    manifest = json.loads(
        (site / "pyodide" / "ft-python.json").read_text(encoding="utf-8")
    )
    locked = json.loads(
        (site / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8")
    )["packages"]["ftlib"]
    wheel = site / "pyodide" / locked["file_name"]
    assert manifest["ftlib"] == locked["version"] == ftlib.__version__
    assert locked["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    with zipfile.ZipFile(wheel) as archive:
        inside = {
            name: archive.read(name)
            for name in archive.namelist()
            if name.endswith(".py")
        }
    assert inside == {
        path.relative_to(home.parent).as_posix(): path.read_bytes()
        for path in home.rglob("*.py")
    }


def lives(site):
    """Each Live of the book: its specification, and the file of its table."""
    for name in PAGES:
        html = (site / name).read_text(encoding="utf-8")
        found = LIVE.findall(html)
        assert len(found) == html.count(" data-table=")
        for table, spec in found:
            yield Spec.from_json(spec), (site / name).parent / table


def test_tables_are_those_of_the_library(site):
    """What a page has and what the library draws now are the same bytes: for the first
    and the last picture of each table, and some between.
    """
    for spec, path in lives(site):
        script = path.read_text(encoding="utf-8")
        table = json.loads(script[script.index("] = ") + 4 :].rstrip(";\n"))
        pictures = table["pictures"]
        keys = list(pictures)
        assert {spec.key(state) for state in spec.star()} <= set(keys)
        states = {
            spec.key(state): state
            for state in (
                *itertools.islice(spec.product(), MOST),
                *spec.star(),
                *firsts(spec, resolve(spec.function)),
            )
        }
        for key in {*keys[:: max(1, len(keys) // SAMPLES)], keys[-1]}:
            assert drawn(spec, states[key]) == "".join(
                table["parts"][part] for part in pictures[key]
            ), (spec.function, key)


@pytest.fixture
def page(book, tab):
    return tab(book, viewport=DESKTOP).goto(CHAPTER)


def test_worker_and_library_draw_the_same_bytes(site, page):
    """One page asks for the figures of all."""
    page.set_default_timeout(60_000)
    specs = [spec for spec, _ in lives(site)]
    functions = sorted({spec.function for spec in specs})
    for number, spec in enumerate(specs):
        states = list(sampled(spec, number))
        answers = page.evaluate(
            ASK, [functions, spec.json(), [json.dumps(state) for state in states]]
        )
        assert answers == [drawn(spec, state) for state in states], spec.function


def incomplete(page):
    """The first Live whose table does not hold everything."""
    return page.locator(".ft-live[data-table]:not([data-complete])").first


def move_two(figure):
    """Move two controls; return the state that results, which is in no table."""
    spec = spec_of(figure)
    state = [list(indices) for indices in spec.defaults]
    ranges = [number for number, dial in enumerate(spec.dials) if dial.kind == "range"]
    radios = [
        number
        for number, dial in enumerate(spec.dials)
        if figure.locator(f"[type=radio][data-dial='{number}']").count()
    ]
    for number in ranges[:1]:
        figure.locator(f"[data-dial='{number}']").press(
            "Home" if state[number][0] else "End"
        )
        state[number][0] = 0 if state[number][0] else len(spec.dials[number].values) - 1
    for number in radios[: 2 - len(ranges[:1])]:
        state[number][0] = 1 - min(state[number][0], 1)
        figure.locator(
            f"[type=radio][data-dial='{number}'][value='{state[number][0]}']"
        ).first.check(force=True)
    return spec, tuple(map(tuple, state))


def shows(figure, html):
    """Whether the picture is this one, what the page itself adds left out."""
    return figure.evaluate(
        """(root, html) => {
          const wanted = document.createElement('div');
          wanted.innerHTML = html;
          return root.querySelector('.ft-view svg').innerHTML === wanted.querySelector('svg').innerHTML
            && root.querySelector('figcaption').innerHTML === wanted.querySelector('figcaption').innerHTML;
        }""",
        html,
    )


def computed(figure, within=60_000):
    figure.locator(
        ".ft-source",
        has_text=re.compile(r"^Computed by Python in this page, in \d+ ms\.$"),
    ).wait_for(timeout=within)


def test_any_value_in_the_page(page, book):
    figure = incomplete(page)
    spec, state = move_two(figure)
    figure.get_by_role("button", name="Cancel").wait_for()
    assert re.match(
        r"(Starting|Fetching) Python", figure.locator(".ft-status").inner_text()
    )
    computed(figure)
    assert shows(figure, drawn(spec, state))
    assert not figure.evaluate("root => root.classList.contains('ft-stale')")
    figure.get_by_role("button", name="Reset").click()
    assert shows(figure, drawn(spec, spec.defaults))
    a_challenge_by_hand_and_by_the_machine(page, book)


def a_challenge_by_hand_and_by_the_machine(page, book):
    """On the first page: solved with the table's pictures; then Python finds it, too.
    What there is to see on the way is what axe wants.
    """
    page.goto(f"{book}book/index.html")
    figure = page.locator(".ft-live").first
    spec = spec_of(figure)
    figure.scroll_into_view_if_needed()
    page.wait_for_function("Object.keys(globalThis.ftTables ?? {}).length")
    page.mouse.click(*middle(page, spot_of(LOST)))
    assert axe(page, within=".ft-live") == []
    choose(page, "Decision to p1 is lost")
    assert challenge(figure).endswith(" Solved in 1, the least there is.")
    assert axe(page, within=".ft-live") == []
    assert shows(figure, drawn(spec, ((0,), (LOST,))))
    figure.get_by_role("button", name="Reset").click()
    figure.get_by_role("button", name="Find the shortest").click()
    found = figure.get_by_text("One fault, and no fewer: 33 runs tried.")
    found.wait_for(timeout=60_000)
    assert shows(figure, drawn(spec, ((0,), (LOST,))))


def test_an_error_is_told_with_its_parameters(page):
    figure = incomplete(page)
    figure.evaluate("""root => {
          const script = root.querySelector('.ft-spec'), spec = JSON.parse(script.textContent);
          spec.fixed.no_such_parameter = 7;
          script.textContent = JSON.stringify(spec);
        }""")
    move_two(figure)
    alert = figure.get_by_role("alert")
    alert.wait_for(timeout=60_000)
    told = alert.inner_text()
    assert re.match(
        r"TypeError: \w+\(\) got an unexpected keyword argument"
        r" 'no_such_parameter'\nraised by \w+\(no_such",
        told,
    )
    alert.locator("summary").click()
    assert "Traceback (most recent call last)" in alert.inner_text()


def test_a_worker_killed_midway_is_noticed_and_started_again(page):
    """Its wheel never comes, so that it is idle, and not done, when it is killed."""
    page.clock.install()
    figure = incomplete(page)
    page.route("**/pyodide/ftlib-*.whl", lambda route: None)
    with page.expect_request("**/pyodide/ftlib-*.whl", timeout=60_000):
        spec, state = move_two(figure)
    page.unroute("**/pyodide/ftlib-*.whl")
    (worker,) = page.workers
    gone = []
    worker.on("close", lambda _: gone.append(True))
    worker.evaluate("setTimeout(() => self.close())")
    while not gone:
        page.wait_for_timeout(50)
    page.clock.fast_forward(61_000)
    figure.locator(".ft-status", has_text="it said nothing for 60 seconds").wait_for()
    figure.get_by_role("button", name="Try again").click()
    computed(figure)
    assert shows(figure, drawn(spec, state))


KEPT = """async () => {
  for (const name of await caches.keys()) {
    if (!name.startsWith('ft-python ')) continue;
    const room = await caches.open(name);
    for (const key of await room.keys()) {
      const found = await room.match(key);
      if (found) return [name, key.url, found.headers.get('digest')];
    }
  }
}"""
# another byte in the memory, under this key, with the digest that it had or has now
SPOIL = """async ([name, key, place, byte, signed]) => {
  const room = await caches.open(name), found = await room.match(key);
  const memory = new Uint8Array(await found.arrayBuffer());
  memory[byte] ^= 1;
  const now = String(new Uint8Array(await crypto.subtle.digest('SHA-256', memory)));
  await room.delete(key);
  await room.put(place, new Response(memory, { headers: { digest: signed ? now : found.headers.get('digest') } }));
}"""
LACKS = """async ([name, key, words]) => {
  const found = await (await caches.open(name)).match(key);
  const memory = new TextDecoder('latin1').decode(await found.arrayBuffer());
  return words.filter(word => !memory.includes(word));
}"""


def test_a_second_visit_begins_with_what_the_first_has_loaded(site, page):
    """However short that was. And a memory that is spoilt, or of another build, does no
    harm.
    """

    def asked(*marks):
        figure = incomplete(page)
        spec, state = move_two(figure)
        computed(figure)
        assert shows(figure, drawn(spec, state))
        told = "performance.getEntriesByType('mark').map(mark => mark.name)"
        assert page.workers[0].evaluate(told) == [*marks]

    def kept(before=None):
        """What is kept, once it is, and in the place of this; JavaScript alone would
        not wait for a promise.
        """
        for _ in range(300):
            if (found := page.evaluate(KEPT)) not in (None, before):
                return found
            page.wait_for_timeout(200)
        pytest.fail("in a minute nothing was kept")

    asked("started")
    name, key, _ = kept()
    page.reload()
    asked("remembered")
    unused = 8_000_000  # where Python's stack has never been
    for place, byte, signed in [
        (key, unused, False),
        (f"{key}0", unused, True),
        (key, 0, True),  # which Pyodide refuses
    ]:
        page.evaluate(SPOIL, [name, key, place, byte, signed])
        spoilt = page.evaluate(KEPT)
        page.reload()
        asked("started")
        early = kept(spoilt)
        assert early[:2] == [name, key]
    manifest = json.loads((site / "pyodide" / "ft-python.json").read_text("utf-8"))
    assert page.evaluate(LACKS, [name, key, manifest["figures"]]), "it was kept at once"
    kept(early)
    assert not page.evaluate(LACKS, [name, key, manifest["figures"]])
    page.reload()
    asked("remembered")


def test_from_disk(site, browser):
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    problems = []
    page.on(
        "pageerror",
        lambda error: ALLOWED.search(str(error)) or problems.append(str(error)),
    )
    page.goto((site / CHAPTER).as_uri())
    assert page.locator(".ft-launch [data-live]").count() == 0, (
        "JupyterLite needs a server"
    )
    figure = incomplete(page)
    figure.scroll_into_view_if_needed()
    page.wait_for_function("Object.keys(globalThis.ftTables ?? {}).length")
    before = figure.locator("figcaption").inner_text()
    figure.locator("input[type=range][data-dial]").first.press("ArrowLeft")
    assert figure.locator("figcaption").inner_text() != before, "the table works"
    figure.get_by_role("button", name="Reset").click()
    move_two(figure)
    figure.locator(
        ".ft-status", has_text="browsers do not start it for a page opened from disk"
    ).wait_for()
    assert not figure.get_by_role("button", name="Try again").is_visible()
    assert problems == []
    context.close()


@pytest.mark.parametrize(
    ("file", "answer", "told"),
    [
        (
            "ft-python.json",
            {"body": "{}"},
            "this copy of the book was built without it.",
        ),
        (
            "ft-python.json",
            {"body": '{"bytes": {"ftlib-0.1.0-0abc-py3-none-any.whl": 1}}'},
            "it is of another build of this book; reload the page.",
        ),
        (
            "ft-worker.js?*",
            {"headers": HEADERS},
            "the content policy of this site forbids it.",
        ),
        (
            "pyodide.asm.wasm",
            {"body": "no wasm", "content_type": "application/wasm"},
            "WebAssembly.instantiateStreaming",
        ),
    ],
)
def test_a_worker_that_cannot_start(book, tab, file, answer, told):
    opened = tab(book, viewport=DESKTOP)

    def changed(route):
        rest = {} if "body" in answer else {"response": route.fetch()}
        route.fulfill(**rest, **answer)

    opened.context.route(f"**/{file}", changed)
    page = opened.goto(CHAPTER)
    figure = incomplete(page)
    move_two(figure)
    figure.locator(".ft-status", has_text="there is no Python to compute it").wait_for(
        timeout=60_000
    )
    assert told in figure.locator(".ft-status").inner_text()
    figure.get_by_role("button", name="Reset").click()
    assert not figure.evaluate("root => root.classList.contains('ft-stale')"), (
        "what is stored still works"
    )
