"""What chapter 4.2.1 says of its figures holds for each of their settings."""

import pytest

from ftlib.figures.replicated_ring import (
    FIRST_CRASH,
    ROWS,
    WORDS,
    crashed,
    joined,
    joins,
    recovers,
)
from ftlib.figures.ring_walk import RACKS, steps, walk
from ftlib.hashing import HashRing
from ftlib.live import Live
from ftlib.replication.ring_membership import Announced
from ftlib.replication.ring_properties import PROPERTIES, fresh, kept, on_disks
from ftlib.replication.ring_rows import homes
from ftlib.simulation import Lose, Schedule, judge


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


# The walk


def test_the_walk_ends_where_the_library_says():
    for given in settings(walk):
        found = steps(**given)
        homes = tuple(each.node for each in found if not each.why)
        ring = HashRing([*RACKS], given["points"])
        copies, key = given["copies"], given["key"]
        assert len(homes) == copies
        assert homes[0] == ring.lookup(key)
        if given["rule"] == "nodes":
            assert homes == ring.replicas(key, copies)
        if given["rule"] == "racks":
            assert homes == ring.replicas(key, copies, RACKS)
        places = [(each.point - ring.number(key)) % 2**64 for each in found]
        assert places == sorted(places), "clockwise, and nothing left out"
        between = [
            p
            for node in ring.nodes
            for p in ring.points_of(node)
            if (p - ring.number(key)) % 2**64 <= places[-1]
        ]
        assert len(between) == len(found)


def test_the_title_counts_nodes_and_racks():
    seen = set()
    for given in settings(walk):
        drawn = walk(**given)
        homes = [each.node for each in steps(**given) if not each.why]
        nodes = len({*homes})
        racks = len({RACKS[each] for each in homes})
        same, near = nodes < len(homes), racks < len(homes)
        assert ("one crash takes several" in drawn.title) == same
        assert ("one rack takes several" in drawn.title) == (near and not same)
        assert not (same and given["rule"] != "points")
        assert not (near and given["rule"] == "racks")
        assert len(drawn.story) == len(steps(**given))
        seen.add((given["rule"], same, near))
    assert ("points", True, True) in seen
    assert ("nodes", False, True) in seen


def test_the_default_shows_the_mistake():
    assert "one crash takes several" in walk().title
    assert "one rack takes several" in walk("nodes").title
    assert walk("racks").title == "3 copies on 3 nodes in 3 racks."


# A node joins


def test_fig_moves_to_the_one_that_joins():
    assert homes("fig", ("h1", "h2"), 2) == ("h1", "h2")
    assert homes("fig", ("h1", "h2", "h3"), 2) == ("h3", "h1")


LOST = Lose("Want", sender="h3", receiver="h1")


def test_who_waits_never_says_not_there():
    """With no message lost, or any one of those that can be."""
    wrong = set()
    for given in settings(joins):
        for offered in ("", *(each.text for each in joins(**given).hand.offered)):
            given["faults"] = Schedule.from_text(f"Schedule([{offered}])")
            trace, drawn = joined(**given).trace, joins(**given)
            (_, value) = trace.where(kind="return", node="c2")[0].what
            assert ("not there" in drawn.title) == (value is None), given
            assert bool(judge(trace, [fresh])[0]) == (value == 1), given
            if value is None:
                wrong.add((given["version"], offered))
            elif given["version"] == "waits":
                assert all(judge(trace, PROPERTIES))
    assert ("at once", repr(LOST)) in wrong
    assert {version for version, _ in wrong} == {"at once"}
    assert all(offered for _, offered in wrong)


@pytest.mark.parametrize("at", [0.3, 0.32, 0.36])
def test_to_wait_costs_the_client_time(at):
    def waited(version, *lost):
        trace = joined(version, at, lost).trace
        times = [e.time for e in trace.where(kind=("call", "return"), node="c2")]
        return times[1] - times[0]

    assert waited("waits", LOST) > 0.2
    assert waited("at once", LOST) < waited("waits", LOST)


# Copies come back


def test_fewer_crashes_than_copies_lose_nothing():
    for given in settings(recovers):
        trace, drawn = crashed(**given), recovers(**given)
        assert len(trace.where(kind="return")) == ROWS
        assert trace.where(kind="return")[-1].time < FIRST_CRASH
        if given["wait"] < 0.5:
            assert all(judge(trace, [kept, on_disks(given["copies"])]))
        together = given["crashes"] if given["gap"] < 1 else 1
        none = sum(
            {*homes(word, NAMES, given["copies"])} <= {"h2", "h5"} for word in WORDS
        )
        lost = together >= given["copies"]
        assert ("no node that is up" in drawn.title) == lost, given
        if lost:
            assert drawn.title.startswith(f"{none} row")
        else:
            assert drawn.title.startswith("No row is lost")


NAMES = tuple(f"h{number}" for number in range(1, 7))


def test_it_takes_the_silence_and_then_little():
    for given in settings(recovers):
        title = recovers(**given).title
        if "again" in title:
            took = float(title.split()[-3])
            last = given["gap"] * (given["crashes"] - 1)
            assert last + given["wait"] - 0.17 < took < last + given["wait"] + 0.2


def test_the_marks_are_where_crashes_and_views_are():
    for given in settings(recovers):
        trace, drawn = crashed(**given), recovers(**given)
        views = [e for e in trace.facts(Announced) if e.time > FIRST_CRASH]
        instants = {event.time for event in trace.where(kind="crash")}
        assert len(instants) == (given["crashes"] if given["gap"] else 1)
        assert bool(views), given
        assert len(drawn.story) >= 3
