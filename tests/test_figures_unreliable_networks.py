"""What chapter 5.1 claims of its figures holds for every setting of them."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from ftlib.drawing.shapes import width
from ftlib.figures.overload import END, overload, overloaded, verdict
from ftlib.figures.unreliable_networks import bet, early_and_lost, kth_answer
from ftlib.live import Live

SVG = "{http://www.w3.org/2000/svg}"


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


LOADS, PAUSES = (3, 5, 8, 9), (0, 1, 2, 4)
CURES = ("none", "backoff", "jitter", "budget", "newest", "sheds", "drops")


def found(cure, load, pause):
    return verdict(overloaded(load, pause, cure))


def test_below_a_third_of_the_capacity_every_pause_is_survived_whatever_is_done():
    for cure in CURES:
        for pause in PAUSES:
            assert found(cure, 3, pause).back is not None


def test_without_a_pause_all_is_well_whatever_is_done():
    for cure in CURES:
        for load in LOADS:
            assert overload(load, 0, cure).title == "All is well."


def test_above_it_a_long_pause_keeps_the_server_down_and_a_short_one_may_not():
    for load in (5, 8, 9):
        down = found("none", load, 4)
        assert down.back is None
        assert down.sends == pytest.approx(3 * load, rel=0.02)
    assert found("none", 5, 1).back is not None
    assert found("none", 8, 1).back is None


@pytest.mark.parametrize("cure", ["backoff", "jitter"])
def test_back_off_moves_the_edge_and_takes_it_not_away(cure):
    assert found(cure, 8, 1).back is not None
    for load in (5, 8, 9):
        assert found(cure, load, 4).back is None
        assert found(cure, load, 4).sends > 0.97 * 3 * load


def test_a_budget_brings_it_back_where_it_leaves_room():
    for load in (3, 5, 8):
        for pause in PAUSES:
            after = found("budget", load, pause)
            assert after.back is not None
            assert after.sends <= 1.1 * load + 0.2
    assert found("budget", 9, 4).back is None
    assert "less comes than it can answer" in overload(9, 4, "budget").title


@pytest.mark.parametrize("cure", ["newest", "sheds", "drops"])
def test_a_server_that_chooses_comes_back_always(cure):
    for load in LOADS:
        for pause in PAUSES:
            after = found(cure, load, pause)
            assert after.back is not None
            assert after.back <= 5 + pause + 4
    more = found(cure, 9, 4).sends > 1.2 * 9
    assert more == (cure != "sheds")


def test_the_title_is_what_was_counted():
    for given in settings(overload):
        picture = overload(**given)
        after = verdict(overloaded(**given))
        down = "stays down" in picture.title or "not back yet" in picture.title
        assert down == (after.back is None)
        seconds = re.search(r"back (\d+) s after", picture.title)
        if seconds:
            assert after.back == 5 + given["pause"] + int(seconds[1])
        assert f"{100 * after.answered:.0f} % of the requests" in picture.description
    assert len(picture.story) == END // 5


def test_a_bet_counts_what_it_draws():
    for given in settings(bet):
        early, lost = early_and_lost(**given)
        picture = bet(**given)
        assert ("too early than are lost" in picture.title) == (early > lost)
        assert early + lost < 1000
    longer = [early_and_lost(ms, 0.7, 0.01)[0] for ms in (5, 10, 15, 20, 30, 50, 100)]
    assert longer == sorted(longer, reverse=True)
    assert early_and_lost(10, 0.7, 0.0)[0] == pytest.approx(500)


def test_no_time_out_is_right_for_all_tails():
    """Where the tail is very long even 100 ms is too early more often than 1 %."""
    assert early_and_lost(100, 1.1, 0.01)[0] > 10
    assert early_and_lost(20, 0.3, 0.01)[0] < 20


def test_a_majority_waits_less_than_one_node_wherever_the_tail_is_asked_for():
    for given in settings(kth_answer):
        title = kth_answer(**given).title
        if given["part"] == 0.5:
            assert title.endswith("as long a wait as for one node.")
        else:
            assert title.endswith("a shorter wait than for one node.")
        times = [
            float(re.search(r"([\d.]+) ms", line)[1])
            for line in kth_answer(**given).story
        ]
        *answers, one = times
        assert answers == sorted(answers)
        assert answers[-1] > one


def labels(picture):
    """The words of a picture: where they begin and end, how low they stand."""
    for words in ElementTree.fromstring(picture.svg).iter(f"{SVG}text"):
        x, wide = (
            float(words.get("x")),
            width(words.text, float(words.get("font-size"))),
        )
        left = {"start": x, "end": x - wide, "middle": x - wide / 2}
        begins = left[words.get("text-anchor")]
        yield begins, begins + wide, float(words.get("y")), words.text


@pytest.mark.parametrize("given", settings(kth_answer))
def test_no_label_lies_on_the_line_of_one_node(given):
    picture = kth_answer(**given)
    line = float(re.search(r'x1="([\d.]+)"|M([\d.]+) 8', picture.body).expand(r"\1\2"))
    for begins, ends, _, words in labels(picture):
        assert not begins < line < ends or "alone" in words
        assert ends <= picture.width


@pytest.mark.parametrize("given", settings(bet))
def test_what_stands_in_one_row_of_the_bet_stands_apart(given):
    rows = {}
    for begins, ends, y, _ in labels(bet(**given)):
        rows.setdefault(y, []).append((begins, ends))
    for row in rows.values():
        for (_, ends), (begins, _) in pairwise(sorted(row)):
            assert begins > ends + 1
