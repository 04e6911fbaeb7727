"""The figure of the rules of the machine: its verdict is that of its run, and one of
its settings loses what was promised.
"""

import re

import pytest

from ftlib.figures.machine import Found, one_write, run
from ftlib.live import Live

SPEC = Live(one_write).spec
ALL = [SPEC.parameters(state) for state in SPEC.product()]


@pytest.mark.parametrize("parameters", ALL, ids=str)
def test_the_verdict_is_that_of_the_run(parameters):
    trace, picture = run(**parameters), one_write(**parameters)
    told = bool(trace.where(kind="deliver", node="writer"))
    first, second = [fact.what.value for fact in trace.facts(Found)]
    assert first is None
    assert second in (None, 7)
    assert ("was told" in picture.title) == told
    assert ("7 is lost" in picture.title) == (told and second is None)
    assert (
        "7 is on the disk" in picture.title
        or "the writer was told, and" in picture.title
    ) == (second == 7)
    (crash,) = trace.where(kind="crash")
    effects = [
        event.kind
        for event in trace.where(node="keeper", kind=("write", "force", "send"))
    ]
    assert len(effects) == parameters["after"]
    assert any(re.search("keeper crashes", line) for line in picture.story)
    assert crash.node == "keeper"
    luck = told and second == 7 and "force" not in effects
    assert ("luck" in picture.description) == luck


def test_one_setting_in_sixteen_breaks_the_promise():
    broken = [each for each in ALL if "broken" in one_write(**each).title]
    assert len(ALL) == 16
    assert broken == [{"first": "answers", "after": 2, "survives": False}]


def test_a_write_that_was_forced_before_the_answer_is_never_missed():
    kept = [each for each in ALL if each["first"] == "forces"]
    assert not [each for each in kept if "broken" in one_write(**each).title]
    lost = [each for each in kept if "write is lost" in one_write(**each).title]
    assert [(each["after"], each["survives"]) for each in lost] == [(1, False)]


def test_a_crash_before_the_write_loses_no_write():
    at_once = [each for each in ALL if each["after"] == 0]
    titles = {one_write(**each).title for each in at_once}
    assert titles == {"Nothing was written, and nothing was promised."}
