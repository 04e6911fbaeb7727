"""The style of the book's plots: units on the axes, series told apart without colour,
intervals drawn, nothing left behind.
"""

import subprocess
import sys
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from ftlib.drawing.palette import HEX
from ftlib.drawing.plots import HATCHES, INKS, axes, bars, curve, distribution


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_axes_say_what_they_show():
    ax = axes("participants", "messages a transaction")
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "participants",
        "messages a transaction",
    )
    for wrong in (("", "y"), ("x", ""), ("x", "  ")):
        with pytest.raises(ValueError, match="say what each shows, and its unit"):
            axes(*wrong)


def test_the_card_is_light_and_the_settings_of_others_stay():
    mpl.rcdefaults()
    before = dict(mpl.rcParams)
    ax = axes("x", "y")
    curve(ax, [1, 2], [1, 2], "a")
    bars(axes("x", "y"), ["a"], [1], "a")
    distribution(axes("x", "y"), [1.0], "a")
    assert dict(mpl.rcParams) == before
    assert mpl.colors.to_hex(ax.figure.get_facecolor()) == HEX["paper"]


def test_lines_differ_without_their_colour():
    ax = axes("x", "y")
    for number in range(len(INKS)):
        curve(
            ax,
            [1, 2],
            [number, number + 1],
            str(number),
            low=[number - 1, number],
            high=[number + 1, number + 2],
        )
    lines = [line for line in ax.lines if line.get_label()[0] != "_"]
    assert [line.get_label() for line in lines] == [
        "0",
        "1",
        "2",
        "3",
        "4",
    ], "the edges of bands stay out of the legend"
    assert [mpl.colors.to_hex(line.get_color()) for line in lines] == list(INKS), (
        "and take no colour from the next line"
    )
    assert len(
        {str(line.get_linestyle()) + str(line.get_marker()) for line in lines}
    ) == len(INKS)
    assert len(ax.get_legend().get_texts()) == len(INKS)


def test_a_band_has_the_ends_it_is_given():
    ax = axes("x", "y")
    curve(ax, [1, 2, 3], [10, 20, 30], "measured", low=[9, 18, 27], high=[12, 24, 36])
    assert ax.collections[0].get_paths()[0].vertices[:, 1].min() == 9
    assert ax.collections[0].get_paths()[0].vertices[:, 1].max() == 36
    assert ax.get_legend() is not None
    assert not ax.get_legend().get_frame_on()


def test_a_curve_without_a_label_has_no_legend_and_a_formula_no_markers():
    ax = axes("x", "y")
    curve(ax, [1, 2], [1, 2], markers=False)
    assert ax.get_legend() is None
    assert ax.lines[0].get_marker() in ("", "None")


def test_bars_stand_side_by_side_with_their_intervals():
    ax = axes("protocol", "messages")
    for place, label in enumerate(("formula", "measured")):
        bars(
            ax,
            ["2PC", "3PC"],
            [12, 20],
            label,
            low=[11, 18],
            high=[14, 24],
            place=place,
            of=2,
        )
    boxes = [patch.get_bbox() for patch in ax.patches]
    spans = sorted((box.x0, box.x1) for box in boxes)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans)), (
        "no bar hides another"
    )
    assert len({patch.get_hatch() or "" for patch in ax.patches}) == 2
    segments = [
        segment
        for collection in ax.collections
        for segment in collection.get_segments()
    ]
    assert sorted(
        {
            (float(segment[:, 1].min()), float(segment[:, 1].max()))
            for segment in segments
        }
    ) == [(11, 14), (18, 24)]


def test_a_distribution_reaches_one():
    ax = axes("latency (ms)", "share")
    distribution(ax, [4.0, 1.0, 2.0, 2.0])
    x, y = ax.lines[0].get_data()
    assert list(x) == [1, 1, 2, 2, 4]
    assert y[list(x).index(4)] == 1.0
    assert ax.lines[0].get_drawstyle() == "steps-post"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda ax: curve(ax, [1, 2], [1]), "x has 2, y has 1"),
        (lambda ax: curve(ax, [1], [1], low=[0]), "two ends"),
        (
            lambda ax: curve(ax, [1], [1], low=[2], high=[3]),
            "does not hold its value 1",
        ),
        (lambda ax: curve(ax, [1], [1], low=[0], high=[1, 2]), "high has 2"),
        (lambda ax: bars(ax, ["a"], [1, 2]), "values has 2"),
        (lambda ax: bars(ax, ["a"], [1], place=2, of=2), "place is 2 of 2"),
        (lambda ax: distribution(ax, []), "no samples"),
    ],
)
def test_what_cannot_be_drawn(call, words):
    with pytest.raises(ValueError, match=words):
        call(axes("x", "y"))


def test_there_is_a_hatch_for_every_ink():
    assert len(HATCHES) == len(INKS) == len(set(HATCHES))


def test_the_rest_of_the_library_does_without_matplotlib():
    code = "import sys; import ftlib.drawing; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
