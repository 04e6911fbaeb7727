"""The figure of chapter 1: its verdicts are those of its runs, and a client knows no
more than it can.
"""

import re
from itertools import combinations

import pytest

from ftlib.detection import Answered, Suspects
from ftlib.figures.background import (
    CAUSES,
    CLIENT,
    SERVER,
    one_question,
    run,
    view,
)
from ftlib.live import Live

SPEC = Live(one_question).spec
WAITS = next(dial.values for dial in SPEC.dials if dial.name == "wait")
SILENT = ("crash", "question", "answer", "partition")  # no answer ever comes


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("cause", CAUSES)
def test_the_verdict_is_that_of_the_run(cause, wait):
    trace = run(cause, wait)
    blamed, down = (
        bool(trace.facts(Suspects)),
        bool(trace.where(kind="crash", node=SERVER)),
    )
    title = one_question(cause, wait).title
    assert title.split()[0] == (
        "Answered" if not blamed else "Right:" if down else "Wrong:"
    )
    answer = trace.facts(Answered)
    assert bool(answer) == (cause not in SILENT)
    assert blamed == (not answer or answer[0].time > wait)


@pytest.mark.parametrize("wait", WAITS)
def test_silence_has_one_face(wait):
    for one, other in combinations(SILENT, 2):
        assert view(run(one, wait)) == view(run(other, wait))
        assert (
            one_question(one, wait, blind=True)._repr_html_()
            == one_question(other, wait, blind=True)._repr_html_()
        )
    assert view(run("nothing", wait)) != view(run("crash", wait))


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("cause", CAUSES)
def test_the_blind_picture_keeps_the_secret(cause, wait):
    picture = one_question(cause, wait, blind=True)
    told = " ".join(picture.story)
    assert not re.search(r"crash|lost|slow|split|cut", told + picture.title)
    for sentence in picture.story:
        assert f" {CLIENT} " in sentence or "sends Answer" in sentence, sentence


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("cause", CAUSES)
def test_the_blind_picture_counts_what_looks_alike(cause, wait):
    alike = sum(view(run(other, wait)) == view(run(cause, wait)) for other in CAUSES)
    description = one_question(cause, wait, blind=True).description
    assert description.startswith(
        "Of the six cases only one"
        if alike == 1
        else "It looks like this when the server crashes"
    )
    assert alike in (1, len(SILENT))
    assert ("Up to the time-out" in description) == (alike > 1 and wait < 0.12)
