"""The numbers in the pictures of chapter 1 are those of the closed form."""

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
    total, alone = picture.story[n + 1 : n + 3]
    for sentence, value in ((total, up), (alone, p * (1 - common))):
        amount, unit = re.search(
            r"down (?:([\d.]+)|under a) (\w+) a year", sentence
        ).groups(default="1")
        assert float(amount) * HOURS[unit] == pytest.approx(
            downtime_per_year(value), rel=0.01, abs=1e-6
        )
    assert f"{k} of {n}" in picture.description
    assert ("less" in picture.title) == (up > p * (1 - common) + 1e-12)
    assert ("the downtime of" in picture.title) == (up < p * (1 - common) - 1e-12)


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
