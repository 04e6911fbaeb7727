"""What chapter 2 says of its figures holds for each of their settings."""

import pytest

from ftlib.figures.core_concepts import HAPPENS, three
from ftlib.figures.happens_before import (
    against,
    causes,
    chance,
    concurrent,
    names,
    order,
    points,
    talk,
)
from ftlib.figures.last_write import last_write, lost, written
from ftlib.figures.mechanisms import (
    KEYS,
    MACHINES,
    MECHANISMS,
    RING,
    UNTIL,
    fates,
    ran,
    summary,
)
from ftlib.live import Live
from ftlib.replication.primary_replica_properties import (
    PROPERTIES,
    acknowledged_stays,
    fresh_reads,
)
from ftlib.services import responsive
from ftlib.simulation import judge
from ftlib.transactions import PROPERTIES as ATOMIC
from ftlib.transactions import nonblocking


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def holds(trace, *properties):
    return [finding.verdict == "holds" for finding in judge(trace, properties)]


CASES = [(each["happens"], each["machine"]) for each in settings(three)]


@pytest.mark.parametrize(("happens", "machine"), CASES)
def test_replication_masks(happens, machine):
    trace = ran("replication", happens, machine)
    asked = [  # what is stored on a disk that is wiped is gone, whatever is replicated
        each for each in PROPERTIES if happens != "wiped" or each.name != "durability"
    ]
    assert all(holds(trace, *asked, fresh_reads, acknowledged_stays))
    assert all(holds(trace, responsive(1, UNTIL, lambda trace: None)))
    words = [fate.word for fate in fates(trace)]
    assert words.count("late") == (machine == "m1" and happens != "nothing")
    assert set(words) <= {"done", "late"}


@pytest.mark.parametrize(("happens", "machine"), CASES)
def test_hashing_answers_and_forgets(happens, machine):
    trace = ran("consistent hashing", happens, machine)
    words = [fate.word for fate in fates(trace)]
    assert holds(trace, fresh_reads) == ["wrong" not in words]
    assert holds(trace, responsive(1, UNTIL, lambda trace: None)) == [True]
    assert set(words) <= {"done", "wrong"}
    assert (
        words.count("wrong") == 0
        if happens == "nothing"
        else 1 <= words.count("wrong") <= 2
    )


@pytest.mark.parametrize(("happens", "machine"), CASES)
def test_two_phase_commit_stays_whole_and_is_not_there(happens, machine):
    trace = ran("two-phase commit", happens, machine)
    assert all(holds(trace, *ATOMIC))
    words = [fate.word for fate in fates(trace)]
    assert (set(words) == {"done"}) == (happens == "nothing")
    forever = happens == "dead" and machine == "m1"
    assert ("unanswered" in words) == forever
    if happens != "wiped":  # who was wiped never decides what it has voted on
        assert holds(trace, nonblocking(1, UNTIL)) == [not forever]
    wiped = happens == "wiped" and machine != "m1"
    assert ("wrong" in words) == wiped
    if happens == "dead":
        assert set(words[5:]) == {"unanswered" if machine == "m1" else "refused"}
    late = [fate.took for fate in fates(trace) if fate.word == "late"]
    assert all(took > 0.2 for took in late)


@pytest.mark.parametrize(("happens", "machine"), CASES)
def test_the_title_says_the_worst(happens, machine):
    picture = three(happens, machine)
    said = [f"{name} {summary(ran(name, happens, machine))}" for name in MECHANISMS]
    assert picture.title.lower() == f"{', '.join(said)}."
    for drawn in ("Consistent hashing", "Two-phase commit", "Replication"):
        assert drawn in picture.body
    assert ("an account is locked" in picture.body) == (happens != "nothing")
    assert picture.width <= 430


def test_the_faults_are_the_same_for_all():
    for happens in HAPPENS:
        seen = {
            tuple(
                (event.time, event.kind, event.node)
                for event in ran(name, happens, "m2").where(
                    kind=("crash", "recover", "fault")
                )
            )
            for name in MECHANISMS
        }
        assert len(seen) == 1


def test_each_machine_has_a_key():
    assert {RING.lookup(key): machine for machine, key in KEYS.items()} == {
        machine: machine for machine in MACHINES
    }


# Order --------------------------------------------------------------------------------


def reaches(events, one, other):
    """By the definition: a chain of steps along lines and messages."""
    if one == other:
        return False
    sent = {event.ref: event.index for event in events if event.kind == "send"}
    steps = set()
    for event in events:
        later = [e.index for e in events if e.node == event.node]
        place = later.index(event.index)
        if place + 1 < len(later):
            steps.add((event.index, later[place + 1]))
        if event.kind == "deliver":
            steps.add((sent[event.ref], event.index))
    found, todo = set(), [one]
    while todo:
        here = todo.pop()
        for first, second in steps:
            if first == here and second not in found:
                found.add(second)
                todo.append(second)
    return other in found


@pytest.mark.parametrize("trace", [talk(), *map(chance, range(6)), chance(6, 5, 4)])
def test_causes_are_chains(trace):
    events = points(trace)
    before = causes(events)
    for one in events:
        for other in events:
            assert (one.index in before[other.index]) == reaches(
                events, one.index, other.index
            )
    pairs = concurrent(events)
    total = len(events) * (len(events) - 1) // 2
    assert len(pairs) == total - sum(map(len, before.values()))


def test_what_is_said_of_an_event():
    events = points(talk())
    before, called = causes(events), names(events)
    assert len(set(called.values())) == len(events) == 12
    for given in settings(order):
        picture = order(**given)
        (one,) = (p for p, name in called.items() if name == given["chosen"])
        after = sum(one in past for past in before.values())
        told = f"{len(before[one])} events before {given['chosen']}, {after} after it"
        assert picture.title.startswith(told)
        wrong = against(**given)
        assert ("no event" in picture.description) == (not wrong)
        assert all(name in picture.description for name in wrong)
        if given["ahead"] == 0:
            assert not wrong, "true clocks never contradict a cause"


def test_who_is_lost_where_the_last_writer_wins():
    for given in settings(last_write):
        gone = lost(written(**given))
        assert gone == (given["ahead"] > given["gap"])
        assert last_write(**given).title.startswith(
            "The later write is lost" if gone else "The later write wins"
        )
        first, second, read = written(**given)
        assert first.returned < second.invoked < second.returned < read.invoked
