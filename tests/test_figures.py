"""Every figure of the library, whatever it draws: over its whole table, pairs of
control values, and a seeded sample.
"""

import itertools
import random
import re
import statistics
import time
import xml.etree.ElementTree as ET

import pytest

from ftlib.drawing.palette import HEX
from ftlib.drawing.picture import Picture
from ftlib.figures import every_figure
from ftlib.live import Live
from ftlib.live.spec import Spec, draw
from ftlib.live.table import MOST, Table, firsts

MOST_DRAWN = 400
DEFAULT_SECONDS = 0.020
# what `loop` takes on the machine for which the twenty milliseconds are meant
LOOP_SECONDS = 0.013

PAINT = re.compile(r"var\(--ft-(\w+), (#[0-9a-f]{6})\)|none|currentColor|transparent")
SHAPES = {"rect", "circle", "ellipse", "polygon", "text", "path"}
SVG = "{http://www.w3.org/2000/svg}"
EMPTY = re.compile(r" s: (\S+ )?\.$")  # a time, a node, and no more

FIGURES = every_figure()


def moved(spec, state, dial, position, index):
    indices = list(state[dial])
    indices[position] = index
    return (*state[:dial], tuple(indices), *state[dial + 1 :])


def places(spec, state):
    """What can be moved in a state: pairs of a dial and a position that counts."""
    return [
        (number, position)
        for number, dial in enumerate(spec.dials)
        for position in range(spec.count(state, dial))
    ]


def states(spec):
    """At most 400 canonical states: all if they are few; else the star, pairs of
    values, and a seeded sample.
    """
    few = list(itertools.islice(spec.product(), MOST + 1))
    if len(few) <= MOST:
        return few
    chosen = dict.fromkeys(spec.star())
    start = tuple(dial.default for dial in spec.dials)
    chance = random.Random(7)
    pairs = [
        spec.canonical(moved(spec, moved(spec, start, *one, i), *other, j))
        for one, other in itertools.combinations(places(spec, start), 2)
        for i in range(len(spec.dials[one[0]].values))
        for j in range(len(spec.dials[other[0]].values))
    ]
    chance.shuffle(pairs)
    for state in pairs[: MOST_DRAWN - 100 - len(chosen)]:
        chosen[state] = None
    while len(chosen) < MOST_DRAWN and len(pairs) < 10 * MOST_DRAWN:
        anywhere = tuple(
            tuple(chance.randrange(len(dial.values)) for _ in dial.default)
            for dial in spec.dials
        )
        chosen[spec.canonical(anywhere)] = None
        pairs.append(anywhere)
    return list(chosen)[:MOST_DRAWN]


def paint_problems(element, inherited=False):
    """Colours that a page cannot redefine, among them the black of what has no fill at
    all.
    """
    tag = element.tag.removeprefix(SVG)
    filled = (
        inherited or "fill" in element.attrib or "fill:" in element.get("style", "")
    )
    if (
        tag in SHAPES
        and not filled
        and not (tag == "path" and "stroke" in element.attrib)
    ):
        yield f"<{tag}> has no fill, and would stay black on a dark page"
    for attribute in ("fill", "stroke", "stop-color"):
        value = element.get(attribute, "none")
        found = PAINT.fullmatch(value)
        if not found or (found[1] and HEX.get(found[1]) != found[2]):
            yield (
                f"<{tag} {attribute}={value!r}>: write it with"
                " ftlib.drawing.palette.colour"
            )
    for child in element:
        yield from paint_problems(child, filled)


def picture_problems(picture):
    """What is wrong with one picture, in words."""
    html = picture._repr_html_()
    try:
        root = ET.fromstring(html)
    except ET.ParseError as error:
        return [f"not well-formed: {error}"]
    svg = root.find(f".//{SVG}svg")
    found = list(paint_problems(svg))
    if not picture.story:
        found.append("no story")
    found += [f"nothing said: {line}" for line in picture.story if EMPTY.search(line)]
    if not picture.width > 0 < picture.height:
        found.append(f"size {picture.width} x {picture.height}")
    if any("id" in element.attrib for element in root.iter()):
        found.append("an id inside: two pictures on a page would share it")
    outside = re.sub(r"var\(--ft-\w+, #[0-9a-f]{6}\)", "", picture.body)
    if re.search(
        r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", re.sub(r">[^<]*<", "><", outside)
    ):
        found.append("a colour outside var(--ft-...)")
    if "<script" in html or "<style" in picture.body or "http" in picture.body:
        found.append("a script, a style element or an address inside")
    return found


def dead_controls(spec, by_hand, drawn):
    """Dials that change no picture among those drawn, nor together with any one other
    control or a fault put by hand; each such fault is tried by test_figures_by_hand.py.
    """
    start = tuple(dial.default for dial in spec.dials)

    def html(state):
        return drawn(spec.canonical(state))

    dead = []
    for number, dial in enumerate(spec.dials):
        around = [start] + [
            moved(spec, start, *place, index)
            for place in places(spec, start)
            if place[0] != number
            for index in range(len(spec.dials[place[0]].values))
        ]
        around += by_hand
        changes = dial.kind == "faults" or any(
            html(moved(spec, base, number, position, index)) != html(base)
            for base in around
            for position in range(spec.count(base, dial))
            for index in range(len(dial.values))
        )
        if not changes:
            dead.append(dial.name)
    return dead


def loop():
    start = time.process_time()
    sum(i * i for i in range(200_000))
    return time.process_time() - start


@pytest.mark.parametrize(
    "chosen", ["star", pytest.param("all", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", FIGURES)
def test_every_picture(name, chosen):
    """Those a single control away from the first; and all, or a sample of very many."""
    explore = Live(FIGURES[name])
    spec = explore.spec
    for state in spec.star() if chosen == "star" else states(spec):
        parameters = explore.spec.parameters(state)
        picture = draw(explore.function, parameters)
        assert picture_problems(picture) == [], parameters
        for step in {0, 1, picture.steps} if picture.steps else ():
            ET.fromstring(picture.reveal(step)._repr_html_())


@pytest.mark.parametrize("name", FIGURES)
def test_every_control_changes_the_picture(name):
    explore = Live(FIGURES[name])
    known = {}

    def drawn(state):
        key = explore.spec.key(state)
        if key not in known:
            known[key] = explore.picture(state)._repr_html_()
        return known[key]

    by_hand = list(firsts(explore.spec, explore.function))
    assert dead_controls(explore.spec, by_hand, drawn) == []


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_parameters_give_the_same_picture(name):
    explore = Live(FIGURES[name])
    last = list(explore.spec.star())[-1]
    assert explore.picture(last) == explore.picture(last)
    assert FIGURES[name]() == explore.picture()


@pytest.mark.parametrize("name", FIGURES)
def test_in_time(name):
    explore = Live(FIGURES[name])
    explore.picture()
    slowness = max(1.0, min(loop() for _ in range(3)) / LOOP_SECONDS)
    times = []
    for _ in range(11):
        start = time.process_time()
        explore.picture()
        times.append(time.process_time() - start)
    assert statistics.median(times) <= DEFAULT_SECONDS * slowness * 1.5


@pytest.mark.parametrize("name", FIGURES)
def test_its_table_fits_a_page(name):
    explore = Live(FIGURES[name])
    assert Table.of(explore.spec, explore.function).gzipped <= 60_000
    assert Spec.from_json(explore.spec.json()) == explore.spec


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<g>", "not well-formed"),
        ('<rect width="1" height="1"/>', "would stay black"),
        ("<g><text>words</text></g>", "would stay black"),
        ('<rect fill="#123456"/>', "write it with"),
        ('<rect fill="var(--ft-ink, #000000)"/>', "write it with"),
        ('<g style="fill:#123456"/>', "a colour outside"),
        ('<g id="a"/>', "an id inside"),
        ('<g fill="none"><style>g{}</style></g>', "a style element"),
    ],
)
def test_a_bad_picture_is_seen(body, problem):
    assert any(
        problem in found
        for found in picture_problems(Picture(body, 1, 1, "Bad.", story=("Bad.",)))
    )


def test_a_good_picture_is_good():
    body = (
        '<g fill="var(--ft-ink, #1b1f24)"><text>see #12</text></g><path d="M0 0h1"'
        ' stroke="var(--ft-red, #c0271a)"/>'
    )
    assert picture_problems(Picture(body, 1, 1, "Good.", story=("Good.",))) == []
    assert picture_problems(Picture(body, 1, 1, "No story.")) == ["no story"]


def test_a_dead_control_is_seen():
    spec = Live(FIGURES["ftlib.figures.availability.k_of_n"]).spec
    assert dead_controls(spec, [], lambda state: "") == [
        dial.name for dial in spec.dials
    ]
    assert dead_controls(spec, [], lambda state: state[:3]) == ["common_cause"]
    assert (
        dead_controls(
            spec, [], lambda state: (state[:3], state[3] if state[0] == (0,) else 0)
        )
        == []
    ), "alive beside another value"
