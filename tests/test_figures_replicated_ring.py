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
from ftlib.replication.ring_rows import Moved, Want, homes
from ftlib.simulation import judge


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


def test_who_waits_never_says_not_there():
    for given in settings(joins):
        trace, drawn = joined(**given), joins(**given)
        (_, value) = trace.where(kind="return", node="c2")[0].what
        assert ("not there" in drawn.title) == (value is None), given
        assert bool(judge(trace, [fresh])[0]) == (value == 1), given
        if given["version"] == "waits":
            assert value == 1
            assert all(judge(trace, PROPERTIES))
        if given["version"] == "nothing":
            assert (value is None) == (given["at"] >= 0.3)
            assert not trace.facts(Moved)
        else:
            moved = [(e.node, e.what.key) for e in trace.facts(Moved)]
            assert moved == [("h3", "fig")]
        if given["at"] < 0.3:
            assert drawn.title == "c2 reads fig after 40 ms."


def test_who_answers_at_once_is_wrong_until_the_row_has_come():
    wrong = {
        late: [
            given["at"]
            for given in settings(joins)
            if (given["version"], given["late"]) == ("at once", late)
            and "not there" in joins(**given).title
        ]
        for late in (0.0, 0.04, 0.08)
    }
    assert wrong == {0.0: [], 0.04: [0.32], 0.08: [0.32, 0.36]}


@pytest.mark.parametrize("at", [0.3, 0.32, 0.36])
def test_to_wait_costs_the_client_time(at):
    def waited(**given):
        times = [
            e.time for e in joined(**given).where(kind=("call", "return"), node="c2")
        ]
        return times[1] - times[0]

    assert waited(version="waits", at=at, late=0.08) > 0.2
    assert waited(version="waits", at=0.44, late=0.0) < 0.07


def test_who_moves_nothing_is_ready_at_once():
    trace = joined("nothing", 0.44)
    assert not [e for e in trace.where(kind="send") if isinstance(e.what, Want)]
    assert "ready before it answers" not in [
        each.name for each in judge(trace, PROPERTIES) if not each
    ]


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
