"""What the bank promises of transactions that want the same accounts: on traces made by
hand, in runs, and in every run; and each promise has a mutant that breaks it.
"""

import pytest
from commits import ALL, UNTIL, broken, crash, crash_points, run

from ftlib.checking import ClusterModel, explore
from ftlib.simulation import Cluster, Duplicate, Node, Schedule, Trace, judge
from ftlib.transactions import atomic_commit, bank_mutants, three_phase
from ftlib.transactions.atomic_commit import Applied, Decided, Voted, Waits
from ftlib.transactions.bank import bank, rivals
from ftlib.transactions.bank_mutants import (
    BREAKS,
    SHOWN_BY,
    EarlyCommitRecord,
    LocksAgainOnLateCopy,
    ServesTheLastFirst,
    TrustsItsBalances,
    mutated,
)
from ftlib.transactions.bank_properties import (
    PROPERTIES,
    isolation,
    no_overdraft,
    released,
    serial,
    served_in_order,
)
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.two_phase import Coordinator, Participant

SHOWN = list(SHOWN_BY.items())
SYNCHRONOUS = {"network": "multiset", "timers": "synchronous"}
UNFORCED = (TrustsItsBalances, EarlyCommitRecord)
CRASH = {"crashes": 1, "recoveries": 1}


def correct(mutant: type) -> type:
    return Coordinator if issubclass(mutant, Coordinator) else Participant


# On traces made by hand


def trace(*events) -> Trace:
    """Make a trace of p1: a fact, "crash", or a balance of a1 that is written."""
    records = []
    for tick, event in enumerate(events):
        match event:
            case int():
                records.append((tick, "write", "p1", "balance a1", event, None))
            case "crash":
                records.append((tick, "crash", "p1", None, None, None))
            case _:
                records.append((tick, "fact", "p1", None, event, None))
    return Trace(records, ("p1",))


YES1, YES2 = Voted("t1", "yes"), Voted("t2", "yes")
PAID1, PAID2 = (Applied(name, (("a1", -30),)) for name in ("t1", "t2"))
DONE1, GONE1 = Decided("t1", "commit"), Decided("t1", "abort")
WAITS2, WAITS3 = Waits("t2", "a1", "t1"), Waits("t3", "a1", "t1")
YES3, NO2 = Voted("t3", "yes"), Voted("t2", "no")


@pytest.mark.parametrize(
    ("prop", "events", "why"),
    [
        (isolation, (YES1, PAID1, DONE1, YES2, PAID2), None),
        (isolation, (YES1, YES2, PAID1, PAID2), "t2: t1 changed a1 of p1 between"),
        (isolation, (YES1, YES2, PAID1, "crash", PAID1, PAID2), "t2: t1 changed a1"),
        (isolation, (YES1, PAID1, "crash", PAID1, YES2, PAID1, PAID2), None),
        (isolation, (YES1, GONE1, YES2, PAID2, YES1, PAID1), None),
        (isolation, (YES1, YES2, Applied("t1", (("b1", 5),)), PAID2), None),
        (serial, (70, PAID1, 40, PAID2), None),
        (serial, (70, PAID1, 70, PAID2), "t2: a1 of p1 was 70, -30 makes it 70"),
        (serial, (70, PAID1, PAID2), "t2: a1 of p1 was not written"),
        (serial, (70, "crash", 70, PAID1, PAID1, 40, PAID2), None),
        (serial, (PAID1,), "t1: a1 of p1 was not written"),
        (serial, (Applied("t1", (("a1", 0),)), 70, PAID2), None),
        (no_overdraft, (70, 0), None),
        (no_overdraft, (70, -1), "a1 of p1 is overdrawn: -1"),
        (released, (YES1, WAITS2, DONE1), None),
        (released, (YES1, DONE1, WAITS2), "t2: waits at p1 for a1, though t1"),
        (released, (WAITS2,), "t2: waits at p1 for a1, though t1"),
        (released, (YES1, GONE1, "crash", YES1, WAITS2), None),
        (served_in_order, (WAITS2, WAITS3, YES2, YES3), None),
        (served_in_order, (WAITS2, WAITS3, YES3), "t3: got a1 of p1 before t2"),
        (served_in_order, (WAITS2, WAITS3, NO2, YES3), None),
        (served_in_order, (WAITS2, WAITS3, Decided("t2", "abort"), YES3), None),
        (served_in_order, (WAITS2, "crash", WAITS3, YES3), None),
        (served_in_order, (WAITS2, Waits("t3", "b1", "t1"), YES3), None),
    ],
)
def test_a_promise_holds_and_fails_where_it_should(prop, events, why):
    (found,) = judge(trace(*events), [prop])
    assert found.reason.startswith(why or ""), found
    assert found.verdict == ("violated" if why else "holds")


# Mutants


def test_every_mutant_is_shown_and_every_promise_is_broken():
    assert {
        name
        for name in bank_mutants.__all__
        if isinstance(getattr(bank_mutants, name), type)
    } == {each.__name__ for each in SHOWN_BY}
    own = {prop.name for prop in PROPERTIES} - {
        prop.name for prop in atomic_commit.PROPERTIES
    }
    assert set(BREAKS.values()) == own | {"validity"}


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_the_promise_that_is_named_first(mutant, shown):
    amounts, faults, name = shown
    cluster = Cluster(mutated(mutant, amounts), faults=faults)
    cluster.run(until=UNTIL, properties=PROPERTIES)
    assert cluster.violation.name == name
    trace = run(mutated(correct(mutant), amounts), faults)
    assert not broken(trace, keeps=1 if mutant in UNFORCED else 0)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    amounts, faults, name = shown
    assert Schedule.from_text(repr(faults)) == faults
    for left_out in faults:
        fewer = [fault for fault in faults if fault is not left_out]
        assert name not in broken(run(mutated(mutant, amounts), fewer)), left_out


@pytest.mark.parametrize("mutant", [each for each in SHOWN_BY if each not in UNFORCED])
def test_each_transaction_alone_is_all_right(mutant):
    """Only the bank's own promises are broken: that is why they are needed."""
    amounts, faults, _ = SHOWN_BY[mutant]
    found = broken(run(mutated(mutant, amounts), faults), ALL)
    assert found.isdisjoint(prop.name for prop in atomic_commit.PROPERTIES)
    assert not broken(run(mutated(mutant, (60,))))


# Every run


def bounds(mutant: type[Node]) -> dict:
    faults = [type(fault).__name__ for fault in SHOWN_BY[mutant][1]]
    world = dict(CRASH) if "Crash" in faults else {}
    if mutant in UNFORCED:
        world["survivors"] = True
    return {**world, **SYNCHRONOUS} if mutant is ServesTheLastFirst else world


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_exploration_finds_it_where_the_protocol_holds(mutant, shown):
    amounts, _, name = shown
    for kind in (mutant, correct(mutant)):
        model = ClusterModel(mutated(kind, amounts), PROPERTIES, **bounds(mutant))
        found = explore(model)
        assert found.complete
        assert (name in found.violations) == (kind is mutant)
        assert bool(found) == (kind is not mutant)


@pytest.mark.parametrize("mutant", UNFORCED)
def test_nothing_is_wrong_while_a_crash_takes_all_that_was_not_forced(mutant):
    nodes = mutated(mutant, SHOWN_BY[mutant][0])
    assert explore(ClusterModel(nodes, PROPERTIES, **CRASH))
    assert explore(
        ClusterModel(nodes, PROPERTIES, crashes=2, recoveries=2, **SYNCHRONOUS)
    )


def test_a_copy_of_prepare_needs_a_network_that_copies():
    nodes = mutated(LocksAgainOnLateCopy, (30, 30))
    assert explore(ClusterModel(nodes, PROPERTIES, **SYNCHRONOUS))
    found = explore(ClusterModel(nodes, PROPERTIES, duplicates=1, **SYNCHRONOUS))
    assert set(found.violations) == {"locks released"}


@pytest.mark.parametrize("participant", [Participant, TrustsItsBalances])
def test_the_disks_are_right_whatever_a_crash_leaves_on_them(participant):
    """The audit knows nothing of the protocol: a participant that does not redo what
    its log says is found out by it too.
    """
    nodes = rivals((30, 30), participant=participant)
    again = Duplicate("Prepare", nth=2, later=1.5)  # so that p1 forces once more
    found = set()
    for after in crash_points(nodes, "p1"):
        for keeps in range(1, 4):
            trace = run(nodes, [again, *crash("p1", after, 1.0, keeps)])
            found |= broken(trace, keeps=keeps)
    wrong = {"audit", "serial balances"}
    assert found == (set() if participant is Participant else wrong)


THREE = {
    "coordinator": three_phase.Coordinator,
    "participant": three_phase.Participant,
}


@pytest.mark.parametrize("survivors", [False, True])
@pytest.mark.parametrize(
    ("nodes", "bound"),
    [
        (rivals((30, 30)), CRASH),
        (rivals((60, 60), "yy"), {**CRASH, **SYNCHRONOUS}),
        (rivals((30, 30), participant=CooperativeParticipant), CRASH),
        (rivals((30, 30), **THREE), {"crashes": 2, "recoveries": 1, **SYNCHRONOUS}),
        (rivals((30, 30, 30)), SYNCHRONOUS),
        (bank("yy"), CRASH),
        (bank("yn", participant=CooperativeParticipant), CRASH),
        (bank("yy", **THREE), {"crashes": 3, "recoveries": 1, **SYNCHRONOUS}),
    ],
)
def test_the_protocols_hold_whatever_a_crash_leaves_on_disk(nodes, bound, survivors):
    found = explore(ClusterModel(nodes, PROPERTIES, survivors=survivors, **bound))
    assert found, found
