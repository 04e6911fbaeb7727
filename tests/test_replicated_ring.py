"""A replicated ring: what it promises under joins, leaves and crashes, and how much it
moves.
"""

from collections import Counter
from functools import partial
from random import Random

import pytest
from staged import without_one

from ftlib.analysis import movement
from ftlib.checking import KeyValue, linearizable
from ftlib.detection import Detector
from ftlib.drawing import spacetime
from ftlib.drawing.looks.ring import RING_LOOK
from ftlib.hashing import HashRing
from ftlib.replication.ring_membership import (
    Announced,
    Installed,
    Join,
    Leave,
    Steward,
)
from ftlib.replication.ring_mutants import (
    BREAKS,
    SHOWN_BY,
    LeavesSessionsBehind,
    RemovesTooMany,
    TakesTheFirstAnswer,
    mutated,
)
from ftlib.replication.ring_properties import (
    PROPERTIES,
    answers,
    on_disks,
    where_it_belongs,
    with_its_range,
)
from ftlib.replication.ring_rows import Dropped, Moved, Served, homes
from ftlib.replication.ring_store import ring_store
from ftlib.simulation import Cluster, Crash, Node, Recover, Schedule, judge
from ftlib.simulation.world import UNTIL

SAFETY = (*PROPERTIES, on_disks(2), with_its_range(2), linearizable(KeyValue))
ALL = (*SAFETY, answers(2, 2, UNTIL), where_it_belongs(2, 2, UNTIL))
WORDS = [f"word {number}" for number in range(240)]
SHOWN = [(mutant, *shown) for mutant, shown in SHOWN_BY.items()]


def violated(trace, asked=ALL):
    return [each.name for each in judge(trace, asked) if each.verdict == "violated"]


def broken(nodes, faults):
    return violated(Cluster(nodes, faults=faults).run(UNTIL))


@pytest.mark.parametrize(("mutant", "given", "faults", "name"), SHOWN)
def test_a_mutant_breaks_what_is_named_and_the_right_one_nothing(
    mutant, given, faults, name
):
    assert name in broken(mutated(mutant, given), faults)
    assert broken(mutated(mutant.__mro__[1], given), faults) == []
    assert BREAKS[mutant] == name


@pytest.mark.parametrize(("mutant", "given", "faults", "name"), SHOWN)
def test_no_fault_can_be_left_out(mutant, given, faults, name):
    for fault, fewer in without_one(faults):
        assert name not in broken(mutated(mutant, given), fewer), fault


# How much moves


def loaded(copies, nodes, orders):
    """Eight clients write 240 rows before anything changes."""
    wanted = [[("put", word, word) for word in WORDS[turn::8]] for turn in range(8)]
    return Cluster(ring_store(wanted, nodes, copies=copies, orders=orders)).run(6)


@pytest.mark.parametrize("copies", [2, 3])
def test_what_moves_is_what_must_and_as_much_as_the_law_says(copies):
    nodes = 6
    trace = loaded(copies, nodes, ((4.0, Leave("h4")), (5.0, Join("h4"))))
    assert len(trace.where(kind="return")) == len(WORDS)
    whole, less = [event.what.members for event in trace.facts(Installed)][:2]
    before, after = (
        {word: {*homes(word, members, copies)} for word in WORDS}
        for members in (whole, less)
    )
    must = {(node, word) for word in WORDS for node in after[word] - before[word]}
    gone, back = [], []
    for event in trace.facts(Moved):
        (gone if event.time < 5 else back).append((event.node, event.what.key))
        assert event.what.size == len(event.what.key)
    assert sorted(gone) == sorted(must)
    assert sorted(back) == [
        ("h4", word) for word in sorted(WORDS) if "h4" in before[word]
    ]
    assert len(gone) == len(back) == pytest.approx(len(WORDS) * copies / nodes, rel=0.2)
    kept = {(event.node, event.what.key) for event in trace.facts(Dropped)}
    assert kept == {*must, *(("h4", word) for _, word in back)}


def test_that_firsts_change_agrees_with_what_the_law_is_measured_by():
    rings = [HashRing(["h1", "h2", "h3", "h4"]), HashRing(["h1", "h2", "h3"])]
    found = movement.moved(*rings, WORDS)
    firsts = [[homes(word, ring.nodes, 2)[0] for word in WORDS] for ring in rings]
    assert found.needed == sum(old != new for old, new in zip(*firsts, strict=True))
    assert found.needless == 0


def test_who_comes_back_is_sent_what_it_missed():
    puts = [("put", f"word {number}", 1) for number in range(30)]
    nodes = ring_store([puts, [("put", "late", 2)] * 60], 3)
    faults = [Crash("h1", at=1.5), Recover("h1", at=2.5)]
    trace = Cluster(nodes, faults=faults).run(UNTIL)
    late = [event.what.key for event in trace.facts(Moved) if event.time > 2.5]
    missed = {
        event.what.key
        for event in trace.facts(Served)
        if event.time > 1.5 and "h1" in homes(event.what.key, ("h1", "h2", "h3"), 2)
    }
    assert {*late} <= missed
    assert len(late) == len({*late})


@pytest.mark.parametrize("copies", [2, 3])
def test_what_a_request_and_a_view_cost(copies):
    """As the docstring of `Holder` says."""
    wanted = [[("put", "e", 1), *[("put", "e", 2), ("get", "e")] * 5]]
    nodes = ring_store(wanted, 4, copies=copies)
    trace = Cluster(nodes).run(3)
    sent = Counter(type(event.what).__name__ for event in trace.where(kind="send"))
    assert sent["Want"] == sent["Have"] == 4 * 3
    assert sent["Copy"] == sent["Copied"] == 11 * (copies - 1)
    assert sent["Reply"] == 11
    forced = Counter(
        event.node for event in trace.where(kind="force") if event.node.startswith("h")
    )
    keeping = homes("e", ("h1", "h2", "h3", "h4"), copies)
    assert {node: forces - 1 for node, forces in forced.items()} == {
        node: 6 * (node in keeping) for node in forced
    }


# Who is a member


def views(trace):
    return [event.what.members for event in trace.facts(Announced)]


def test_two_that_leave_at_once_leave_one_after_the_other():
    orders = ((0.5, Leave("h1")), (0.5, Leave("h4")))
    trace = Cluster(ring_store([[("put", "x", 1)]], orders=orders)).run(UNTIL)
    assert views(trace)[1:] == [("h2", "h3", "h4"), ("h2", "h3")]
    installed = [event.time for event in trace.facts(Installed)]
    begun = [event.time for event in trace.facts(Announced)]
    assert begun[2] == installed[1]
    assert all(judge(trace, ALL))


def test_a_view_is_as_large_as_there_are_copies():
    orders = ((0.5, Leave("h1")), (0.5, Leave("h2")))
    trace = Cluster(ring_store([[("put", "x", 1)]], 3, orders=orders)).run(UNTIL)
    assert views(trace)[1:] == [("h2", "h3")]


def test_where_too_many_are_down_the_ring_waits_and_loses_nothing():
    wanted = [[("append", "x", "1")] * 60, [("get", "x")] * 60]
    faults = [Crash("h1", at=0.5), Crash("h4", at=0.5), Recover("h4", at=3.0)]
    trace = Cluster(ring_store(wanted), faults=faults).run(UNTIL)
    assert not violated(trace)
    times = [event.time for event in trace.facts(Served)]
    assert not [time for time in times if 0.6 < time < 3.0]
    assert max(times) > 3.0
    assert views(trace)[1] == ("h2", "h3", "h4")


def test_with_three_copies_two_may_crash_at_once():
    wanted = [[("append", "x", "1")] * 60, [("get", "x")] * 60]
    first, second, _ = homes("x", ("h1", "h2", "h3", "h4", "h5"), 3)
    faults = [Crash(first, at=0.5), Crash(second, at=0.5)]
    trace = Cluster(ring_store(wanted, 5, copies=3), faults=faults).run(UNTIL)
    asked = (*PROPERTIES, on_disks(3), with_its_range(3), linearizable(KeyValue))
    assert all(judge(trace, [*asked, answers(3, 2, UNTIL)]))
    assert len(trace.where(kind="return")) == 120
    assert len({event.node for event in trace.facts(Served)}) > 1


def test_a_member_that_is_back_before_it_is_suspected_goes_on_in_the_same_view():
    faults = [Crash("h1", at=0.5), Recover("h1", at=0.6)]
    trace = Cluster(ring_store([[("put", "y", 1)] * 60]), faults=faults).run(UNTIL)
    assert homes("y", ("h1", "h2", "h3", "h4"), 2)[0] == "h1"
    assert len(views(trace)) == 1
    assert [event.time for event in trace.facts(Served, node="h1")][-1] > 0.6
    assert all(judge(trace, ALL))


def test_while_the_steward_is_down_the_ring_goes_on_as_it_is():
    wanted = [[("put", "x", number) for number in range(60)]]
    faults = [Crash("s", at=0.3), Crash("h2", at=0.4), Recover("s", at=3.0)]
    trace = Cluster(ring_store(wanted), faults=faults).run(UNTIL)
    assert {*homes("x", ("h1", "h2", "h3", "h4"), 2)} == {"h4", "h1"}
    assert len([e for e in trace.facts(Served) if 0.4 < e.time < 3]) > 20
    assert [e.time for e in trace.facts(Announced)][1] > 3.3
    assert all(judge(trace, ALL))


@pytest.mark.parametrize("wait", [0.35, 1.5])
def test_the_detector_is_an_argument(wait):
    nodes = ring_store([], detector=partial(Detector, wait=wait))
    trace = Cluster(nodes, faults=[Crash("h1", at=1.0)]).run(5)
    assert trace.facts(Announced)[1].time == pytest.approx(1 + wait, abs=0.12)


@pytest.mark.parametrize(
    ("members", "copies", "problem"),
    [
        (("h1", "h2"), 1, "copies is 1: give a whole number, at least 2"),
        (("h1", "h2"), 3, r"the members are \('h1', 'h2'\): give at least 3"),
        (("h1", "h9"), 2, r"the members are \('h1', 'h9'\): .* out of h1, h2, h3"),
    ],
)
def test_what_makes_no_ring_is_refused(members, copies, problem):
    with pytest.raises(ValueError, match=problem):
        Steward(("h1", "h2", "h3"), members, copies, partial(Detector, wait=1.0))


def test_only_its_roles_have_mutants():
    with pytest.raises(TypeError, match="Node is neither a Holder nor a Steward"):
        mutated(Node)


def test_a_run_is_told_in_words():
    faults = [Crash("h2", at=0.5), Recover("h2", at=1.5)]
    nodes = ring_store([[("put", "apple", 7)]], orders=((2.5, Leave("h4")),))
    trace = Cluster(nodes, faults=faults).run(4)
    told = " ".join(spacetime(trace, look=RING_LOOK).story)
    for words in (
        "begins view 2 of h1, h3, h4",
        "knows that all are ready in view 2",
        "has its whole range in view 2",
        "has received apple, 1 bytes",
        "keeps apple no more",
        "answers c1 by apple of version 1 of epoch 1",
        "Copy apple: 7 (1 of epoch 1)",
        "Have 2: apple",
        "View 2: h1 h3 h4, installed",
        "nothing from h2",
    ):
        assert words in told, words
    assert "records " not in told


# Any schedule


def by_chance(seed):
    """Nodes join, leave, crash and come back, while three clients write and read; more
    than one may be down at a time.
    """
    random = Random(seed)
    names = [f"h{number}" for number in range(1, 6)]
    orders = tuple(
        (round(random.uniform(0.1, 2.0), 3), kind(random.choice(names)))
        for kind in random.choices((Join, Leave), k=3)
    )
    faults = []
    for name in random.sample(names, 2):
        down = round(random.uniform(0.1, 2.0), 3)
        faults.append(Crash(name, at=down))
        if random.random() < 0.7:
            up = round(down + random.choice((0.05, 0.3, 0.9)), 3)
            faults.append(Recover(name, at=up))
    keys = random.sample("abcdxy", 2)
    wanted = [
        [
            random.choice([("append", key, str(client)), ("get", key)])
            for key in random.choices(keys, k=12)
        ]
        for client in range(3)
    ]
    return wanted, random.choice((4, 5)), orders, Schedule(faults)


def lost(seeds, make=ring_store):
    """Run them, and name what was violated in each, and how many views there were."""
    found, begun = {}, 0
    for seed in seeds:
        wanted, members, orders, faults = by_chance(seed)
        nodes = make(wanted, 5, members, 2, orders)
        cluster = Cluster(nodes, seed=seed, faults=faults)
        begun += len(views(cluster.run(3, properties=SAFETY))) - 1
        if cluster.violation is not None:
            found[seed] = cluster.violation
    return found, begun


def test_no_schedule_loses_what_was_acknowledged():
    found, begun = lost(range(75))
    assert found == {}
    assert begun > 150


@pytest.mark.parametrize(
    "mutant", [RemovesTooMany, TakesTheFirstAnswer, LeavesSessionsBehind]
)
def test_a_mistake_would_show_in_such_schedules(mutant):
    assert lost(range(36, 46), make=partial(_planted, mutant))[0]


def _planted(mutant, *given):
    return mutated(mutant, given)


@pytest.mark.slow
def test_no_schedule_of_more_than_a_thousand_loses_what_was_acknowledged():
    found, _ = lost(range(150, 1350))
    assert found == {}
