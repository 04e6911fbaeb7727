"""What chapter 4.1.3 says of its figures holds for each of their settings."""

import re

from ftlib.drawing.looks.pair import acting, lost
from ftlib.figures.n_plus_one import (
    back_first,
    next_primary,
    restarted,
    survived,
    taken_over,
)
from ftlib.live import Live


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def says(picture, gone):
    if not gone:
        return picture.title == "Nothing is lost."
    return picture.title.startswith(f"{len(gone)} answered write")


def overlap(trace):
    """Whether two nodes were the primary at one time, for longer than a message takes
    to come.
    """
    periods = acting(trace)
    return any(
        one[0] != other[0] and one[2] <= other[2] and one[3] - other[2] > 0.025
        for one in periods
        for other in periods
    )


def test_which_rule_loses_what():
    for given in settings(next_primary):
        rule, happens = given["rule"], given["happens"]
        trace, picture = taken_over(**given), next_primary(**given)
        gone = lost(trace)
        loses = {"lowest": ("back", "primary", "replica"), "twice": ("replica",)}
        assert bool(gone) == (happens in loses.get(rule, ())), given
        assert says(picture, gone), given
        stopped = rule != "lowest" and happens == "two crashes"
        assert ("is not answered" in picture.description) == stopped, given


def test_under_a_cut_two_are_primary_by_every_rule_that_loses():
    for rule, happens in (
        ("lowest", "primary"),
        ("lowest", "replica"),
        ("twice", "replica"),
    ):
        assert overlap(taken_over(rule, happens))


def test_the_old_primary_acts_in_vain():
    """By majority too, r1 believes to be the primary while it is cut off; but nobody
    acknowledges anything for it.
    """
    trace = taken_over("majority", "primary")
    assert overlap(trace)
    assert not lost(trace)
    (until,) = [until for node, *_, until in acting(trace) if node == "r1"]
    assert 2.0 < until < 2.1, "until it hears of a later epoch"
    drawn = next_primary("majority", "primary")
    assert "c1 waits for 1." in drawn.description


def test_only_the_longest_log_of_a_majority_is_safe_whoever_is_first():
    for given in settings(back_first):
        rule, first = given["rule"], given["first"]
        gone = lost(restarted(**given))
        assert says(back_first(**given), gone), given
        if rule == "longest log":
            assert not gone, given
        elif first == "r1":
            assert gone, given
        elif rule in ("alone", "own log"):
            assert not gone, given
    assert lost(restarted("lowest", "r3"))


def test_how_many_may_be_down():
    for given in settings(survived):
        number, picture = given["number"], survived(**given)
        assert picture.title == (
            f"N = {number}: {number}, {number // 2} and 1 of {number + 1} nodes may be"
            " down."
        )
        downs = [
            int(each) if each != "no" else 0
            for line in picture.story
            for each in re.findall(r"survives (\d+|no) crash", line)
        ]
        assert downs == [number, number // 2, 1], given
        assert picture.body.count("stroke-dasharray") == sum(downs) + 1
