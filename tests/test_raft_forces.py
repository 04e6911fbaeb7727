"""The table of eight: which of the three forced writes of Raft may be left out; each
loss by its schedule, and by exploration.
"""

from itertools import product

import pytest

from ftlib.checking import ClusterModel, explore
from ftlib.consensus.raft_forces import FORCES, Forcing
from ftlib.consensus.raft_forces_worlds import CRASHES, EIGHT, PROTOCOLS, forcing
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.figures.raft_forces import forces
from ftlib.services import Client
from ftlib.simulation import Cluster, Crash, Point, Recover, Schedule, judge, play
from tools.trust.verdicts import explored

WORLDS = PROTOCOLS[0].worlds
LEFT = Point("s1", "send", "Reply")
BY_HAND = {
    "leader": [Crash("s1", at=LEFT), Recover("s1", at=Point("s1", "crash", later=0.2))],
    "follower": [
        Crash("s2", at=Point("s2", "send", "AppendEntriesReply", nth=2)),
        Recover("s2", at=Point("s1", "deliver", "AppendEntriesReply", nth=2)),
    ],
}


def losses(kept):
    """Tell whose crash loses the entry, in the two schedules."""
    return tuple(
        who
        for who, script in CRASHES.items()
        if not all(judge(play(Cluster(forcing(kept)), script), PROPERTIES))
    )


def test_three_of_eight_ways_are_safe():
    assert len(EIGHT) == 8
    assert [kept for kept, losing in EIGHT.items() if not losing] == [
        FORCES,
        ("sending", "replying"),
        ("counting", "replying"),
    ]


@pytest.mark.parametrize("kept", EIGHT, ids="+".join)
def test_a_way_loses_an_entry_where_the_table_says(kept):
    assert losses(kept) == EIGHT[kept]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.case)
def test_a_way_is_explored(world):
    found = explored(world, until=world.breaks or None)
    assert found.as_expected
    if world.breaks:
        script = found.found[0].violations[world.breaks].script
        assert len(script) in map(len, CRASHES.values())
        assert len(script) < 20


def test_the_crash_may_fall_between_sending_and_forcing():
    """A leader that forces late has then sent what it loses; nobody was told that it is
    committed.
    """
    (late,) = [each for each in WORLDS if len(each.bound["settled"]) == 9]
    model = ClusterModel(late.groups[0], late.properties, **late.bound)
    found = explore(
        model,
        {
            "kept": lambda state: (
                not any(
                    receiver == "s2" and type(message).__name__ == "AppendEntries"
                    for _, receiver, message in model.under_way(state)
                    if getattr(message, "entries", ())
                )
                or model.disk(state, "s1").get("log entry 000000000001") is not None
            )
        },
        until="kept",
    )
    assert found.violations


def test_what_is_lost_by_hand_is_what_the_table_says():
    """Who has the entry crashes when it is committed, and is back for the question."""
    for kept, (who, faults) in product(EIGHT, BY_HAND.items()):
        kept_here = (force in kept for force in FORCES)
        picture = forces(*kept_here, Schedule(faults))
        assert ("it is lost" in picture.title) is (who in EIGHT[kept])
        assert ("No crash" in picture.description) is (not EIGHT[kept])
        assert len(picture.hand.put) == 2
        assert picture.width <= 455  # no phone scrolls it


def test_a_force_at_no_moment_is_refused():
    with pytest.raises(ValueError, match="no force before 'voting'"):
        Forcing(("s1",), before=("voting",))
    assert forcing(())["c1"].func is Client
