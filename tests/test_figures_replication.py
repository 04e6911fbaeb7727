"""The numbers in the pictures of replication are those of the formulas."""

import re
import xml.etree.ElementTree as ET
from functools import cache

import pytest

from ftlib.analysis.availability import HOURS_A_YEAR
from ftlib.analysis.durability import loss_within, mean_time_to_loss
from ftlib.drawing.shapes import width
from ftlib.figures.replication import LEFT, MOST, RIGHT, WIDTH, copies
from ftlib.figures.words import chance_in_words
from ftlib.live import Live

SPEC = Live(copies).spec
SIZES = {"million": 1e6, "billion": 1e9, "trillion": 1e12}
ONCE = ("once", "twice", "three times", "four times")


def number(words):
    """Read a number of words such as '1 in 3.95 million'."""
    shown = re.fullmatch(r"(1 in )?([\d.,]+)( %)?(?: (\w+))?", words)
    value = float(shown[2].replace(",", "")) * SIZES.get(shown[4], 1)
    return 1 / value if shown[1] else value / 100 if shown[3] else value


def given(parameters, r):
    crews = 1 if parameters["crews"] == "one" else r
    mttf = parameters["mttf"] * HOURS_A_YEAR
    return r, mttf, parameters["mttr"], crews, parameters["common"]


@cache
def drawn():
    """Every set of parameters, its picture, and the losses that it must show."""
    return [
        (
            each,
            copies(**each),
            [loss_within(HOURS_A_YEAR, *given(each, r)) for r in range(1, MOST + 1)],
        )
        for each in (SPEC.parameters(state) for state in SPEC.product())
    ]


def test_its_numbers():
    for parameters, picture, expected in drawn():
        r = parameters["number"]
        for told, loss in zip(picture.story, expected, strict=False):
            words = told.rpartition(" of ")[2].rstrip(".")
            if loss < 1e-15:
                assert words == "under 1 in 10¹⁵"
            else:
                assert number(words) == pytest.approx(loss, rel=0.006)
        chosen = chance_in_words(expected[r - 1])
        assert picture.title.endswith(f" with a chance of {chosen}.")
        assert f"stored {ONCE[r - 1]}, " in picture.story[-1]
        mean = mean_time_to_loss(*given(parameters, r)) / HOURS_A_YEAR
        years = re.search(r"after (.*) years on average", picture.story[-1])[1]
        if mean < 1e15:
            assert number(years) == pytest.approx(mean, rel=0.051)
        else:
            assert years == "over 1,000 trillion"


def test_bars_are_as_long_as_the_scale_says():
    """Every factor of ten is as long as every other."""
    for _, picture, expected in drawn():
        bars = re.findall(
            rf'<rect x="{LEFT}" y="\d+" width="([\d.]+)" hei', picture.body
        )
        assert len(bars) == MOST
        for length, loss in zip(map(float, bars), expected, strict=True):
            end = (LEFT + length - RIGHT) / (RIGHT - LEFT) * 18
            assert 10**end == pytest.approx(loss, rel=0.01) or length == 2


def test_the_losses_of_all_copies_are_marked_and_bound_the_rest():
    for parameters, picture, expected in drawn():
        marked = "all at once" in picture.body
        assert marked == bool(parameters["common"])
        assert marked == any("however many copies" in each for each in picture.story)
        if marked:
            floor = parameters["common"] / parameters["mttf"]
            assert min(expected) > 0.94 * floor, "no number of copies goes below"


def test_nothing_written_leaves_the_picture_or_covers_another():
    for _, picture, _ in drawn():
        boxes = []
        for each in ET.fromstring(f"<g>{picture.body}</g>").iter("text"):
            size, anchor = float(each.get("font-size")), each.get("text-anchor")
            wide = width(each.text, size)
            left = (
                float(each.get("x"))
                - {"start": 0, "middle": 0.5, "end": 1}[anchor] * wide
            )
            assert left >= 0, each.text
            assert left + wide <= WIDTH, each.text
            boxes.append((left, float(each.get("y")), left + wide, size, each.text))
        for i, (left, y, right, size, words) in enumerate(boxes):
            for other in boxes[:i]:
                apart = abs(y - other[1]) >= 0.8 * min(size, other[3])
                assert apart or right <= other[0] or other[2] <= left, (
                    words,
                    other[4],
                )


def test_the_chosen_row_differs_without_colour():
    assert copies(2).body.count('font-weight="600"') == 3, "the row, and two sums"
    assert copies(2) != copies(3)


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0, "never"),
        (1, "100 %"),
        (0.0005, "0.05 %"),
        (0.00049, "1 in 2,040"),
        (1e-6, "1 in 1 million"),
        (1e-15, "1 in 1,000 trillion"),
        (1 / 999_800, "1 in 1 million"),
        (9e-16, "under 1 in 10¹⁵"),
    ],
)
def test_chances_in_words(chance, words):
    assert chance_in_words(chance) == words
