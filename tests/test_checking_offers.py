"""What can go wrong in a run, place by place, and the fewest faults that break it."""

from functools import partial

import pytest

from ftlib.checking import least, offers
from ftlib.checking.offers import OFFERED
from ftlib.replication import Mode, replicas
from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Heal,
    Hold,
    Lose,
    Partition,
    Point,
    Recover,
    Schedule,
    Slow,
)
from ftlib.transactions.atomic_commit import Decided
from ftlib.transactions.bank import bank
from ftlib.transactions.mutants import (
    AbortsInDoubt,
    KeepsNoLog,
    OwnVoteDecides,
    mutated,
)
from ftlib.transactions.two_phase import Coordinator
from tests.toys import Ping, Sink, Source

WORLDS = {
    "two-phase commit": lambda: bank("yn"),
    "replication": lambda: replicas(((("append", "x", "a"), ("get", "x")),), Mode(1)),
}


def run(version, faults=(), until=4):
    return Cluster(mutated(version), faults=faults).run(until=until)


def disagrees(trace):
    return len({event.what.outcome for event in trace.facts(Decided)}) > 1


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", OFFERED)
def test_what_is_offered_takes_effect(world, kind):
    """Each alone in a calm run, and each after a crash, of the run with that crash."""
    nodes, first = WORLDS[world](), []
    for _ in range(2):
        trace = Cluster(nodes, faults=first).run(until=1)
        found = offers(trace, [kind])
        assert found or (kind in ("recover", "wipe") and not first)
        assert [offer.event for offer in found] == sorted(o.event for o in found)
        for offer in found[:: max(1, len(found) // 12)]:
            cluster = Cluster(nodes, faults=[*first, offer.fault])
            again = cluster.run(until=2)
            assert offer.fault not in cluster.unused
            # what came before it has not changed
            same = slice(0, offer.event)
            assert [str(event) for event in again][same] == [
                str(event) for event in trace
            ][same]
        first = [offers(trace, ["crash"])[3].fault]


def test_a_message_is_named_and_what_comes_later_at_its_receiver():
    nodes = {"a": partial(Source, ("b", "c"), 3), "b": Sink, "c": Sink}
    trace = Cluster(nodes).run()
    sent = [event.index for event in trace.where(kind="send", node="a", what=Ping)]
    named = {"message": "Ping", "sender": "a", "receiver": "c"}
    assert [o.fault for o in offers(trace, ["lose"]) if o.event == sent[3]] == [
        Lose(**named, nth=2)
    ]
    point = Point("c", "deliver", "Ping", nth=3)
    assert [
        o.fault for o in offers(trace, ["double", "hold"]) if o.event == sent[3]
    ] == [
        Duplicate(**named, nth=2),
        Duplicate(**named, nth=2, until=point),
        Hold(**named, nth=2, until=point),
    ]


def test_what_is_not_forced_may_survive():
    found = offers(Cluster(bank("y")).run(until=4), ["crash"])
    assert [o.fault for o in found if o.fault.node == "coordinator"][:3] == [
        Crash("coordinator", at=Point("coordinator", "write", "started")),
        Crash("coordinator", at=Point("coordinator", "write", "started"), keeps=1),
        Crash("coordinator", at=Point("coordinator", "force")),
    ]


def test_who_is_down_may_come_back_and_who_is_cut_off_be_healed():
    crash = Crash("p1", at=Point("p1", "send", "Vote"))
    trace = run(Coordinator, [crash])
    back = [o.fault for o in offers(trace, ["recover", "wipe"])]
    assert back[:2] == [
        Recover("p1", at=Point("p1", "crash", later=0.2)),
        Recover("p1", at=Point("p1", "crash", later=0.2), disk="wiped"),
    ]
    assert len(back) > 2
    assert {fault.at.node for fault in back[2:]} <= {"coordinator", "p2"}
    cut = Partition((("p1",),), at=Point("p1", "deliver", "Prepare"))
    healed = [o.fault for o in offers(run(Coordinator, [cut]), ["cut"])]
    assert any(isinstance(fault, Heal) for fault in healed)
    calm = [o.fault for o in offers(run(Coordinator), ["cut"])]
    assert not any(isinstance(fault, Heal) for fault in calm)


def test_how_slow_is_said():
    faults = [o.fault for o in offers(run(Coordinator), ["slow"], by=0.25)]
    assert {(type(fault), fault.by) for fault in faults} == {(Slow, 0.25)}


def test_nothing_else_is_offered():
    with pytest.raises(ValueError, match="no kind 'fire': choose from lose, double"):
        offers(run(Coordinator), ["lose", "fire"])
    with pytest.raises(ValueError, match="most is -1"):
        least(partial(run, Coordinator), disagrees, -1)


@pytest.mark.parametrize(
    ("version", "fewest"),
    [(Coordinator, None), (OwnVoteDecides, 1), (AbortsInDoubt, 1), (KeepsNoLog, 2)],
)
def test_the_fewest_faults_are_the_fewest(version, fewest):
    kinds = ("crash", "recover") if fewest is None else ("lose", "crash", "recover")
    found = least(partial(run, version), disagrees, 2, kinds)
    assert (len(found.schedule) if found.schedule is not None else None) == fewest
    if fewest is not None:
        assert disagrees(run(version, found.schedule))
        assert found.most == fewest
        assert f"{fewest} of them, and no fewer" in str(found)
    else:
        assert "nothing up to 2" in str(found)
    if fewest == 2:
        calm = [offer.fault for offer in offers(run(version), kinds)]
        assert not any(disagrees(run(version, [fault])) for fault in calm)


def test_nothing_need_go_wrong_where_it_is_wrong_already():
    found = least(partial(run, Coordinator), lambda trace: True, 3)
    assert (found.schedule, found.most, found.tried) == (Schedule(), 0, 1)


def test_what_is_still_under_way_at_the_end_is_not_offered_to_be_lost():
    """It would change nothing that is seen."""
    trace = Cluster(bank("y")).run(until=0.005)
    assert trace.where(kind="send")
    assert not trace.where(kind=("deliver", "drop"))
    assert offers(trace, ["lose", "double"]) == ()
