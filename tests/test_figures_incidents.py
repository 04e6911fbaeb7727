"""The museum: each exhibit is red, and green when it is mended; no fault of it can be
left out.
"""

import re
from pathlib import Path

import pytest
from staged import without_one

from ftlib.figures import incidents
from ftlib.figures.exhibits import EXHIBITS, HALLS
from ftlib.figures.incidents import verdict
from ftlib.live import Live
from ftlib.live.table import Table
from ftlib.simulation import (
    Cluster,
    Crash,
    Cut,
    Lose,
    Point,
    Recover,
    Schedule,
    judge,
)

ROOT = Path(__file__).parent.parent
SHOWN = EXHIBITS.items()
FIGURES = {hall: getattr(incidents, f"incident_{hall}") for hall in HALLS}


def test_there_are_enough_in_every_hall_and_their_sources_exist():
    headings = re.findall(
        r"^### (.+)$", (ROOT / "book/references.md").read_text("utf-8"), re.MULTILINE
    )
    halls = [each.hall for each in EXHIBITS.values()]
    assert {*halls} == {*HALLS}
    assert len(halls) >= 12
    assert min(map(halls.count, HALLS)) >= 5
    for key, each in SHOWN:
        assert each.sources, key
        assert {*each.sources} <= {*headings}, key


def test_each_teaches_something_else():
    """No two are of the same mistake."""
    assert len({each.broken for each in EXHIBITS.values()}) == len(EXHIBITS)
    words = [(each.label, each.red, each.green, each.lacks) for _, each in SHOWN]
    assert all(map(all, words))
    assert len({each.label for _, each in SHOWN}) == len(EXHIBITS)


@pytest.mark.parametrize("key", EXHIBITS)
def test_it_is_red_and_mended_it_is_green(key):
    shown = EXHIBITS[key]
    assert shown.broken.__module__.endswith("mutants")
    assert issubclass(shown.broken, shown.mended)
    assert not shown.mended.__module__.endswith("mutants")
    red, green = verdict(key), verdict(key, mended=True)
    assert (red.verdict, green.verdict) == ("violated", "holds")
    assert red.name == green.name == shown.promise.name
    assert shown.since < red.event.time <= shown.until


@pytest.mark.parametrize("key", EXHIBITS)
def test_mended_it_stays_green(key):
    """It is not only later that the promise is broken."""
    shown = EXHIBITS[key]
    nodes = shown.cast(shown.mended)
    cluster = Cluster(nodes, faults=shown.schedule, seed=shown.seed)
    trace = cluster.run(until=shown.until + 2)
    assert judge(trace, [shown.promise])[0].verdict == "holds"


@pytest.mark.parametrize("key", EXHIBITS)
def test_every_fault_is_needed(key):
    schedule = EXHIBITS[key].schedule
    assert 1 <= len(schedule) <= 4
    assert verdict(key, faults=Schedule()).verdict == "holds"
    for left_out, fewer in without_one(schedule):
        assert verdict(key, faults=fewer).verdict == "holds", left_out


@pytest.mark.parametrize("hall", HALLS)
def test_the_title_is_the_verdict_in_every_setting_and_the_table_has_them(hall):
    figure = FIGURES[hall]
    spec = Live(figure).spec
    table = Table.of(spec, figure)
    for state in spec.product():
        given = spec.parameters(state)
        if given.pop("by_hand"):
            continue
        html = table.pictures[spec.key(state)]
        shown, found = EXHIBITS[given["exhibit"]], verdict(**{**given, "faults": None})
        assert (shown.red in html) is not found, given
        assert (shown.green in html) is bool(found), given
        assert shown.lacks in html, given
        assert bool(found) is given["mended"]
    assert {shown.red[:8] for _, shown in SHOWN} == {"Broken: "}
    assert {shown.green[:8] for _, shown in SHOWN} == {"Mended: "}


def by_hand(hall, exhibit, mended, *faults):
    return FIGURES[hall](exhibit, mended, True, Schedule(faults))


@pytest.mark.parametrize(
    ("hall", "exhibit", "fault"),
    [
        (
            "agreement",
            "elasticsearch-2488",
            Cut("s3", "s1", at=Point("s3", "send", "RequestVote")),
        ),
        ("outcome", "cassandra-deletes", Lose("Update", "c1", "n1", nth=2)),
    ],
)
def test_the_reader_breaks_it_and_does_not_when_it_is_mended(hall, exhibit, fault):
    """By a fault that the calm picture offers."""
    promise = EXHIBITS[exhibit].promise.name
    calm = by_hand(hall, exhibit, False)
    assert calm.title == f"Nothing is broken: {promise}."
    offered = {each.text for each in calm.hand.offered}
    assert repr(fault) in offered
    assert by_hand(hall, exhibit, False, fault).title == f"Broken: {promise}."
    assert by_hand(hall, exhibit, True, fault).title == f"Nothing is broken: {promise}."


@pytest.mark.parametrize("hall", HALLS)
def test_faults_of_another_exhibit_stay_and_say_that_they_do_nothing(hall):
    first, *others = [key for key, each in EXHIBITS.items() if each.hall == hall]
    offered = by_hand(hall, first, False).hand.offered
    told = [each.text for each in (offered[0], offered[-1])]
    put = Schedule.from_text(f"Schedule([{', '.join(told)}])")
    for other in others:
        picture = by_hand(hall, other, False, *put)
        assert {each.text for each in picture.hand.put} == {*told}
        calm = by_hand(hall, other, False)
        if all(each.idle for each in picture.hand.put):
            assert picture.title == calm.title
            assert picture.story == calm.story


@pytest.mark.parametrize("key", EXHIBITS)
def test_two_faults_at_one_moment_in_either_order(key):
    hall = EXHIBITS[key].hall
    by_point: dict[str, list[str]] = {}
    for each in by_hand(hall, key, False).hand.offered:
        if "at=Point" in each.text:
            point = each.text[each.text.index("at=") :].partition("), keeps")[0]
            by_point.setdefault(point.rstrip(")"), []).append(each.text)
    pairs = [
        (texts[0], other)
        for texts in by_point.values()
        for other in texts[1:]
        if other.partition("(")[0] != texts[0].partition("(")[0]
    ]
    for one, other in pairs[:8]:
        there, back = [
            by_hand(hall, key, False, *Schedule.from_text(f"Schedule([{a}, {b}])"))
            for a, b in ((one, other), (other, one))
        ]
        assert there.story == back.story
        assert there.body == back.body


def test_what_the_picture_leaves_out_may_not_have_happened():
    """No heartbeat is left to hide, and the incident's own recovery has nothing to
    do.
    """
    early = Crash("s3", at=Point("s3", "timer", "election"))
    assert by_hand("agreement", "elasticsearch-2488", False, early).hand.put
    back = Recover("coordinator", at=Point("coordinator", "crash", later=0.2))
    added = FIGURES["outcome"]("pgdog-1175", False, False, Schedule([back]))
    assert [each.idle for each in added.hand.put] == [False]
