"""The numbers in the pictures of availability are those of the closed form."""

import re

import pytest

from ftlib.analysis.availability import availability_k_of_n, downtime_per_year, majority
from ftlib.figures.availability import k_of_n
from ftlib.live import Live

SPEC = Live(k_of_n).spec
HOURS = {
    "days": 24,
    "hours": 1,
    "minutes": 1 / 60,
    "seconds": 1 / 3600,
    "milliseconds": 1 / 3.6e6,
    "millisecond": 1 / 3.6e6,
}


@pytest.mark.parametrize(
    "parameters", [SPEC.parameters(state) for state in SPEC.product()], ids=str
)
def test_its_numbers(parameters):
    n, p, common = (
        parameters["nodes"],
        parameters["up_probability"],
        parameters["common_cause"],
    )
    k = {"all": n, "majority": majority(n), "any": 1}[parameters["must_be_up"]]
    picture = k_of_n(**parameters)
    up = availability_k_of_n(n, k, p, common)
    shown = float(re.match(r"Up (?:over )?([\d.]+) %", picture.title)[1]) / 100
    assert shown == pytest.approx(up, rel=0.01, abs=0.05 * (1 - up) + 1e-9)
    total, single = picture.story[n + 1 : n + 3]
    for sentence, value in ((total, up), (single, p * (1 - common))):
        amount, unit = re.search(
            r"down (?:([\d.]+)|under a) (\w+) a year", sentence
        ).groups(default="1")
        assert float(amount) * HOURS[unit] == pytest.approx(
            downtime_per_year(value), rel=0.01, abs=1e-6
        )
    assert f"{k} of {n}" in picture.description
    alone = p * (1 - common)
    better = re.search(r"alone is down (over a million|[\d.,]+) times", picture.title)
    worse = re.search(r"it is down ([\d.]+) times as long as one", picture.title)
    assert bool(better) == (up > alone + 1e-12)
    assert bool(worse) == (up < alone - 1e-12)
    if better and not better[1].startswith("over"):
        times = float(better[1].replace(",", ""))
        assert times == pytest.approx((1 - alone) / (1 - up), rel=0.06)
    elif better:
        assert 1 - alone > 1.001e6 * (1 - up)
    elif worse:
        assert float(worse[1]) == pytest.approx((1 - up) / (1 - alone), rel=0.06)


def test_a_million_is_not_over_a_million():
    picture = k_of_n(3, 0.999, "any")
    assert "alone is down 1,000,000 times as long" in picture.title


ALL = [SPEC.parameters(state) for state in SPEC.product()]


def test_what_the_chapter_says_of_it():
    for each in ALL:
        title = k_of_n(**each).title
        if each["must_be_up"] == "all":
            assert "alone is down" not in title, "no number of nodes beats one"
        if each["common_cause"]:
            up = float(re.match(r"Up (?:over )?([\d.]+) %", title)[1])
            assert up <= 99.9, "the common cause bounds what any number of nodes gives"
    half = k_of_n(3, 0.5, "majority").title
    assert half == "Up 50 % of the time: the same as one node alone."


def test_what_counts_as_up_differs_without_colour():
    body = k_of_n(3, 0.9, "majority").body
    assert body.count("Service up") == body.count("Service down") == 1
    ticks, crosses = body.count("l3 3 5-6.5"), body.count("l7 7m0-7l-7 7")
    assert (ticks, crosses) == (
        6,
        6,
    ), "a tick for each node that is up, a cross for each that is down"
    hatched = re.findall(r'<path d="M1\d\d[^"]*" stroke="var\(--ft-red', body)
    assert len(hatched) == 4, "two rows in which the service is down, and two years"


@pytest.mark.parametrize("common", [0.0, 0.001])
def test_the_answers_that_the_chapter_gives_hold_in_the_figure(common):
    dials = {dial.name: dial.values for dial in SPEC.dials}
    for up in dials["up_probability"]:
        for nodes in dials["nodes"]:
            title = k_of_n(nodes, up, "all", common).title
            alone = "the same as one node alone" in title
            assert alone if nodes == 1 else "times as long as one node alone" in title
    half = k_of_n(3, 0.5, "majority", common).title
    assert half.endswith("the same as one node alone.")
    assert k_of_n(4, 0.9, "any", 0.001).title.startswith("Up 99.89 %")
