"""What chapter 5.3 claims of its figures holds for every setting of them."""

import re
from itertools import pairwise

import pytest

from ftlib.figures.large_scale import CODES, coded_nines, rumour, went
from ftlib.live import Live


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def test_a_rumour_is_always_dead_within_the_plot_and_its_title_counts_who_missed_it():
    for each in settings(rumour):
        spread = went(each["sites"], each["patience"], each["seed"])
        missed = each["sites"] - spread.rounds[-1][0]
        title = rumour(**each).title
        assert f"after {len(spread.rounds) - 1} rounds" in title
        assert len(spread.rounds) <= 31
        if missed:
            assert f"{missed:,} site" in title
        else:
            assert "all have heard" in title


def test_more_patience_costs_messages_and_leaves_fewer_out():
    for sites in (100, 1000):
        for one, other in pairwise(range(1, 6)):
            few, many = (
                [went(sites, patience, seed) for seed in range(1, 6)]
                for patience in (one, other)
            )
            assert sum(each.residue for each in few) > sum(
                each.residue for each in many
            )
            assert sum(each.traffic for each in few) < sum(
                each.traffic for each in many
            )


def test_one_useless_contact_always_leaves_a_tenth_out_at_least():
    for each in settings(rumour):
        if each["patience"] == 1:
            assert went(each["sites"], 1, each["seed"]).residue > 0.1


@pytest.mark.parametrize("days", [1, 4, 16])
def test_a_common_cause_leaves_no_more_than_its_own_nines(days):
    for each in settings(coded_nines):
        if each["days"] != days:
            continue
        picture = coded_nines(**each)
        assert len(picture.story) == len(CODES)
        numbers = [
            [float(number) for number in re.findall(r"(\d+\.\d) (?:nines|if)", line)]
            for line in picture.story
        ]
        if not each["common"]:
            assert all(left == alone for left, alone in numbers)
            continue
        most = len(str(each["common"])) - 1
        assert f"more than {most} nines" in picture.title
        assert all(left <= most for left, _ in numbers)
        # all that can lose three pieces are the same then
        assert {left for left, _ in numbers[1:]} == {float(most)}


def test_faster_repair_helps_only_who_fails_independently():
    at = {days: coded_nines(0, days).story for days in (1, 4, 16)}
    for row in range(len(CODES)):
        alone = [float(re.findall(r"(\d+\.\d) nines", at[days][row])[0]) for days in at]
        assert alone == sorted(alone, reverse=True)
    ends = {coded_nines(100_000, days).story[-1].split(";")[0] for days in (1, 4, 16)}
    assert len(ends) == 1
