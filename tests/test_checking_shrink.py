"""Shrinking ends in a local minimum, never loses the failure, and says when there is
none.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftlib.checking.shrinking import shrink
from ftlib.simulation import (
    Choose,
    Crash,
    Duplicate,
    Lose,
    Partition,
    Point,
    Recover,
    Schedule,
    Skew,
    Slow,
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 9), max_size=12),
    st.lists(st.frozensets(st.integers(0, 9), min_size=1, max_size=3), max_size=3),
)
def test_a_local_minimum(items, needed):
    """Fails if all of one of some sets are there: monotone or not, no single item can
    be missed in the end.
    """
    tried = []

    def fails(candidate):
        assert type(candidate) is list
        tried.append(tuple(candidate))
        return (
            any(group <= set(candidate) for group in needed) and len(candidate) % 5 != 4
        )

    if not fails(items):
        with pytest.raises(ValueError, match="nothing to shrink"):
            shrink(items, fails)
        return
    tried.clear()
    smallest = shrink(items, fails)
    assert fails(smallest)
    assert not any(
        fails(smallest[:index] + smallest[index + 1 :])
        for index in range(len(smallest))
    )
    assert tuple(smallest) in tried
    again = iter(items)
    assert all(item in again for item in smallest), (
        "a part of the schedule, in its order"
    )


def test_each_candidate_is_run_once():
    tried = []

    def fails(items):
        tried.append(items)
        return {3, 40} <= set(items)

    assert shrink(tuple(range(64)), fails) == (3, 40)
    assert len(tried) == len(set(tried)) < 150


def test_the_type_stays():
    assert shrink("xaybz", lambda text: "a" in text and "b" in text) == "ab"
    assert shrink(("a", "b"), lambda items: "b" in items) == ("b",)
    assert shrink(
        Schedule([Lose("Vote"), Lose("Ack")]),
        lambda schedule: len(schedule) == 1 or len(schedule) == 2,
    ) in (
        Schedule([Lose("Vote")]),
        Schedule([Lose("Ack")]),
    )
    assert shrink(Schedule([Lose("Vote")]), lambda schedule: True) == Schedule()
    assert shrink([], lambda items: True) == []


@pytest.mark.parametrize(
    ("fault", "keeps", "simplest"),
    [
        (
            Crash("p", at=1.2345, after=7),
            lambda fault: fault.after >= 3,
            Crash("p", at=0.0, after=3),
        ),
        (
            Crash("p", at=1.2345, after=7),
            lambda fault: fault.at > 1.2,
            Crash("p", at=1.23),
        ),
        (
            Crash("p", at=Point("p", "send", "Vote", nth=5, later=0.75)),
            lambda fault: fault.at.nth > 1,
            Crash("p", at=Point("p", "send", "Vote", nth=2)),
        ),
        (Lose("Vote", nth=9), lambda fault: True, Lose("Vote")),
        (
            Slow("p", by=0.777, at=0.5, until=2.5),
            lambda fault: fault.by > 0.5,
            Slow("p", by=0.7),
        ),
        (
            Slow("p", by=0.5, until=2.57),
            lambda fault: fault.until and fault.by > 0.4,
            Slow("p", by=0.5, until=2.0),
        ),
        (Crash("p", at=5), lambda fault: True, Crash("p", at=0.0)),
        (
            Crash("p", at=5, keeps=7),
            lambda fault: fault.keeps > 1,
            Crash("p", 0.0, 0, 2),
        ),
        (
            Recover("p", at=3, disk="wiped"),
            lambda fault: fault.at > 2,
            Recover("p", at=3),
        ),
        (Duplicate("Vote", later=1.5), lambda fault: True, Duplicate("Vote")),
        (
            Duplicate("Vote", later=3),
            lambda fault: fault.later,
            Duplicate("Vote", later=3),
        ),
        (
            Skew("p", offset=-1.25),
            lambda fault: fault.offset < 0,
            Skew("p", offset=-1.0),
        ),
        (
            Skew("p", rate=0.5, offset=-2),
            lambda fault: fault.rate < 1,
            Skew("p", rate=0.5),
        ),
        (Choose("p", 4), lambda fault: fault.option, Choose("p", 1)),
        (Recover("p", at=3.21), lambda fault: True, Recover("p", at=0.0)),
        (Skew("p", rate=1.5, at=0.31), lambda fault: True, Skew("p")),
        (Partition((("p",),), at=0.31), lambda fault: True, Partition((("p",),))),
    ],
)
def test_faults_become_simple(fault, keeps, simplest):
    smallest = shrink(
        Schedule([fault]), lambda schedule: bool(schedule) and keeps(schedule[0])
    )
    assert smallest == Schedule([simplest])


def test_items_that_look_alike_are_not_the_same():
    class Masked:
        def __repr__(self):
            return "?"

    kept, other = Masked(), Masked()
    assert shrink([other, kept], lambda items: kept in items) == [kept]
    assert shrink([kept, other], lambda items: kept in items) == [kept]
    assert shrink([[1], [2], [3]], lambda items: [3] in items) == [[3]], (
        "items that cannot be hashed"
    )


def test_what_does_not_fail_cannot_shrink():
    with pytest.raises(ValueError, match=r"nothing to shrink: \[1\]"):
        shrink([1], lambda items: False)


def test_what_a_simpler_fault_makes_needless_goes_too():
    def fails(schedule):
        crash = next((fault for fault in schedule if isinstance(fault, Crash)), None)
        return crash is not None and (
            crash.after == 0 or Lose("Vote") in schedule.faults
        )

    assert shrink(Schedule([Crash("p", after=3), Lose("Vote")]), fails) == Schedule(
        [Crash("p")]
    )
