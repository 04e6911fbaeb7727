"""The figure of the rules of the machine: its verdict is that of its run, and one crash
loses what was promised.
"""

import pytest

from ftlib.figures.machine import KEEPERS, Found, broken, one_write, run
from ftlib.simulation import Crash, Point, Recover, Schedule

BACK = Recover("keeper", at=Point("keeper", "crash", later=0.2))
NAMES = {"deliver": "Keep", "write": "value", "force": None, "send": "Kept"}
CRASHES = [
    Crash("keeper", at=Point("keeper", event, what), keeps=keeps)
    for event, what in NAMES.items()
    for keeps in (0, 1)
]


def moment(crash):
    return crash.at.event, crash.keeps


@pytest.mark.parametrize("crash", CRASHES, ids=str)
@pytest.mark.parametrize("first", KEEPERS)
def test_the_verdict_is_that_of_the_run(first, crash):
    faults = Schedule([crash, BACK])
    trace, picture = run(first, faults).trace, one_write(first, faults)
    told = bool(trace.where(kind="deliver", node="writer"))
    found, again = [fact.what.value for fact in trace.facts(Found)]
    assert found is None
    assert again in (None, 7)
    assert ("was told" in picture.title) == told
    assert ("7 is lost" in picture.title) == (told and again is None) == broken(trace)
    assert (
        "7 is on the disk" in picture.title
        or "the writer was told, and" in picture.title
    ) == (again == 7)
    forced = bool(trace.where(kind="force", node="keeper"))
    assert ("luck" in picture.description) == (told and again == 7 and not forced)


def test_one_crash_breaks_a_promise_and_only_of_the_hasty_one():
    found = {
        (first, *moment(crash))
        for first in KEEPERS
        for crash in CRASHES
        if "broken" in one_write(first, Schedule([crash, BACK])).title
    }
    assert found == {("answers", "send", 0)}


def test_a_write_is_lost_before_it_is_forced():
    lost = {
        moment(crash)
        for crash in CRASHES
        if "write is lost" in one_write("forces", Schedule([crash, BACK])).title
    }
    assert lost == {("write", 0)}


@pytest.mark.parametrize("first", KEEPERS)
def test_where_nobody_comes_back_nothing_is_said_of_the_disk(first):
    for crash in CRASHES:
        title = one_write(first, Schedule([crash])).title
        trace = run(first, Schedule([crash])).trace
        told = bool(trace.where(kind="deliver", node="writer"))
        promised = "7 was" if told else "nothing was"
        assert title == f"The keeper is down, and {promised} promised."


def test_without_a_fault_the_promise_is_kept():
    assert {one_write(first).title for first in KEEPERS} == {
        "The promise is kept: the writer was told, and 7 is on the disk."
    }
    gone = Schedule([Crash("writer", at=Point("writer", "send", "Keep"))])
    assert one_write("forces", gone).title.startswith("No promise was made, and 7")
