"""The pictures of chapter 3.3 say what their runs say; every crash point is reached."""

import math
import re
from itertools import product
from typing import get_type_hints

import pytest

from ftlib.analysis.commit import in_doubt_times, lock_times
from ftlib.checking.offers import kind_of
from ftlib.drawing.looks.transactions import SAGA_LOOK
from ftlib.figures.distributed_transactions import (
    END,
    LATER,
    MOMENTS,
    OTHER,
    moment,
    one_commit,
    outage,
    outage_run,
)
from ftlib.figures.sagas import HANDS, asked_twice
from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Lose,
    Point,
    Recover,
    Schedule,
    judge,
)
from ftlib.transactions.atomic_commit import PROPERTIES, Decided
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.saga import trip
from ftlib.transactions.saga_properties import Holds
from ftlib.transactions.two_phase import Participant

VOTES = ["".join(votes) for number in (2, 3) for votes in product("yns", repeat=number)]
CRASHES = [name for name in MOMENTS if name != "never"]


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("votes", [*VOTES, "yyyyy", "ysyyn"])
def test_every_crash_point_is_reached(votes, crash):
    trace = Cluster(
        bank(votes), faults=[Crash(COORDINATOR, at=moment(crash, votes))]
    ).run(until=2)
    assert len(trace.where(kind="crash")) == 1
    told = trace.where(kind="send", node=COORDINATOR)
    decisions = sum(type(event.what).__name__ == "Decision" for event in told)
    wanted = {
        "asked one": 0,
        "undecided": 0,
        "decided": 0,
        "told one": 1,
        "told all": len(votes) - ("n" in votes),
    }
    assert decisions == wanted[crash]
    assert bool(trace.facts(Decided, COORDINATOR)) == (
        crash in ("decided", "told one", "told all")
    )


@pytest.mark.parametrize("kind", [Participant, CooperativeParticipant])
@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("votes", VOTES)
def test_the_title_says_who_is_blocked(votes, crash, kind):
    trace = Cluster(
        bank(votes, participant=kind),
        faults=[Crash(COORDINATOR, at=moment(crash, votes))],
    ).run(until=1)
    stuck = {span.node for span in in_doubt_times(trace, 1) if not span.ended}
    title = one_commit(
        len(votes), votes, crash, peers=kind is CooperativeParticipant
    ).title
    blamed = (
        set(re.findall(r"p\d", title.split(" hold")[0]))
        if title.startswith("Blocked")
        else set()
    )
    assert blamed == stuck
    assert all(finding.verdict != "violated" for finding in judge(trace, PROPERTIES))


@pytest.mark.parametrize("votes", VOTES)
@pytest.mark.parametrize("crash", MOMENTS)
def test_nobody_stays_in_doubt_once_it_is_back(votes, crash):
    picture = one_commit(len(votes), votes, crash, recovery=True)
    assert not picture.title.startswith(("Blocked", "Broken"))
    assert "so far" not in picture.description


@pytest.mark.parametrize("peers", [False, True])
@pytest.mark.parametrize("crash", ["undecided", "decided", "told one"])
@pytest.mark.parametrize("down", [0.0, 0.5, 2.0, 5.0])
def test_an_outage_is_counted_from_its_run(down, crash, peers):
    trace, picture = outage_run(down, crash, peers), outage(down, crash, peers)
    ends = [event.what.outcome for event in trace.facts(Decided, OTHER)]
    assert len(ends) == len(LATER)
    aborted = ends.count("abort")
    assert picture.title.startswith(f"{aborted} of 12" if aborted else "All 12")
    longest = max(span.seconds for span in lock_times(trace, END) if span.txn == "t1")
    assert f"for up to {longest:.3g} s" in picture.description
    assert sum("aborts" in line for line in picture.story) == aborted
    assert "✓ commits" in picture.svg
    assert "✗ aborts" in picture.svg


# ------------------------------------------------------ what the chapter says of them

CASES = ("undecided", "decided", "told one")
OUTAGES = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0)


def harm(down, crash, peers):
    """How many later transfers abort, and for how long the accounts are locked."""
    trace = outage_run(down, crash, peers)
    ends = [event.what.outcome for event in trace.facts(Decided, OTHER)]
    spans = [span for span in lock_times(trace, END) if span.txn == "t1"]
    return ends.count("abort"), round(max(span.seconds for span in spans), 6)


def test_the_table_of_outages_is_what_these_tests_go_through():
    down, crash, _ = (
        get_type_hints(outage, include_extras=True)[name].__metadata__[0]
        for name in ("down", "crash", "peers")
    )
    assert tuple(down.values) == OUTAGES
    assert tuple(crash.options) == CASES


@pytest.mark.parametrize("crash", CASES)
@pytest.mark.parametrize("down", OUTAGES)
def test_without_asking_the_locks_outlast_the_outage(down, crash):
    assert harm(down, crash, False)[1] >= down


@pytest.mark.parametrize("peers", [False, True])
@pytest.mark.parametrize("down", OUTAGES)
def test_not_to_have_decided_is_never_better_and_mostly_worse(down, peers):
    undecided = harm(down, "undecided", peers)
    decided = harm(down, "decided", peers)
    if down in (0.0, 3.0):
        assert undecided == decided
    else:
        assert undecided[0] > decided[0]
        assert undecided[1] > decided[1]


@pytest.mark.parametrize("down", OUTAGES[1:])
def test_who_had_not_decided_frees_them_at_their_next_question(down):
    locked = harm(down, "undecided", False)[1]
    questions = math.ceil(down / 0.6)
    assert locked == pytest.approx(0.6 * questions + 0.02)


@pytest.mark.parametrize("down", OUTAGES)
def test_who_had_decided_tells_everybody_as_soon_as_it_is_back(down):
    locked = harm(down, "decided", False)[1]
    assert locked == pytest.approx(down + 0.02)


@pytest.mark.parametrize("crash", CASES)
@pytest.mark.parametrize("down", OUTAGES)
def test_asking_one_another_helps_only_if_p1_has_been_told(down, crash):
    plain, asking = harm(down, crash, False), harm(down, crash, True)
    if crash == "told one" and down >= 1:
        assert asking == (1, 0.62)
        assert plain[1] > 0.62
    else:
        assert asking == plain


@pytest.mark.parametrize("peers", [False, True])
@pytest.mark.parametrize("participants", range(2, 6))
def test_two_crashes_look_alike_and_end_differently(participants, peers):
    votes = "y" * participants
    undecided, decided = (
        one_commit(participants, votes, crash, peers=peers)
        for crash in ("undecided", "decided")
    )
    assert undecided.title == decided.title
    assert undecided.title.startswith("Blocked")
    undecided, decided = (
        one_commit(participants, votes, crash, recovery=True, peers=peers)
        for crash in ("undecided", "decided")
    )
    assert undecided.title.startswith("Abort")
    assert decided.title.startswith("Commit")


@pytest.mark.parametrize("peers", [False, True])
@pytest.mark.parametrize("participants", range(2, 6))
def test_who_has_voted_no_is_not_in_doubt(participants, peers):
    votes = "yn" + "y" * (participants - 2)
    title = one_commit(participants, votes, "undecided", peers=peers).title
    assert "p2" not in title.split(" in doubt")[0]


def test_what_a_firm_finds_on_its_disk_is_told_in_words():
    crash = [
        Crash("hotel", at=Point("hotel", "fact", "Done")),
        Recover("hotel", at=Point("hotel", "crash", later=0.3)),
    ]
    trace = Cluster(trip("yy"), faults=crash).run(until=2)
    told = SAGA_LOOK.tell
    assert [told(event) for event in trace.facts(Holds)] == [
        "finds step 2 of s1 on its disk"
    ]


# ---------------------------------------------------------------- a trip, asked twice

COPY, UNHEARD = Duplicate("Book"), Lose("Booked")
LATE_COPY = Duplicate("Book", until=Point("flight", "deliver", "Cancel"))
ONCE = "Turned back: the flight is booked once, and given back once."
TWICE = "Broken: the flight is booked twice, and given back once."
THRICE = "Broken: the flight is booked three times, and given back once."
NEVER = "Turned back: the flight is never booked."


@pytest.mark.parametrize(
    ("faults", "again"),
    [
        ((), ONCE),
        ((COPY,), TWICE),
        ((UNHEARD,), TWICE),
        ((UNHEARD, Duplicate("Book", nth=2)), THRICE),
        ((LATE_COPY,), ONCE),
        ((Lose("Book"), Lose("Book", nth=2)), NEVER),
    ],
)
def test_a_firm_that_is_asked_again(faults, again):
    picture = asked_twice("again", Schedule(faults))
    assert picture.title == again
    seats = {TWICE: "4 of 5", THRICE: "3 of 5"}.get(again, "All 5")
    assert picture.description.startswith(f"{seats} seats are free")
    assert picture.hand.reached == (again in (TWICE, THRICE))
    mended = asked_twice("remembers", Schedule(faults))
    assert mended.title == (again if again == NEVER else ONCE)
    assert mended.description == "All 5 seats are free in the end."


@pytest.mark.parametrize("kind", HANDS.kinds)
def test_each_kind_of_fault_alone_can_have_it_booked_twice(kind):
    """The text lets the reader choose among them."""
    faults = [
        fault
        for offered in asked_twice().hand.offered
        for fault in Schedule.from_text(f"Schedule([{offered.text}])")
        if kind_of(fault) == kind
    ]
    titles = {asked_twice("again", Schedule([fault])).title for fault in faults}
    assert titles == {ONCE, TWICE}
