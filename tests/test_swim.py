"""SWIM: what it promises, its mutants, what it costs beside the laws, and Lifeguard."""

import pytest
from staged import without_one

from ftlib.analysis import Mean
from ftlib.analysis.detection import (
    all_to_all_messages,
    detection_periods,
    infected,
    spread_periods,
    swim_messages,
)
from ftlib.detection import (
    Doubts,
    LocalHealth,
    Member,
    Status,
    Steady,
    Suspects,
    Trusts,
    Update,
    accuracy,
    calm,
    completeness,
    eventual_accuracy,
    swimmers,
    watching,
)
from ftlib.detection import swim_mutants as room
from ftlib.detection.swim import WORST, News
from ftlib.detection.swim_mutants import BREAKS, SHOWN_BY, mutated
from ftlib.simulation import (
    Cluster,
    Crash,
    Cut,
    Heal,
    Lose,
    Network,
    Node,
    Partition,
    Recover,
    Slow,
    judge,
)

UNTIL = 20.0
PROMISES = (accuracy, calm, completeness(6, UNTIL), eventual_accuracy(8, UNTIL))
SHOWN = list(SHOWN_BY.items())
BEFORE = 4.999  # just before a period begins


def broken(nodes, faults):
    trace = Cluster(nodes, faults=faults).run(until=UNTIL)
    return [each.name for each in judge(trace, PROMISES) if each.verdict == "violated"]


def crashed(members, seed, until):
    """Who doubts the crashed one first at which time."""
    trace = Cluster(
        swimmers(members, 1.0, 0.2), seed=seed, faults=[Crash("m3", at=BEFORE)]
    ).run(until=until)
    doubts = {}
    for event in trace.facts(Doubts):
        assert event.what.node == "m3"
        doubts.setdefault(event.node, event.time)
    return list(doubts.values())


# What is newer


def test_the_order_of_updates_is_that_of_the_paper():
    def update(status, incarnation):
        return Update("m1", Status[status], incarnation)

    order = [
        update("ALIVE", 0),
        update("SUSPECT", 0),
        update("DEAD", 0),
        update("ALIVE", 1),
        update("SUSPECT", 1),
    ]
    for place, one in enumerate(order):
        for other, two in enumerate(order):
            assert one.newer(two) == (place > other)


def test_news_is_passed_on_so_often_and_what_was_told_least_goes_first():
    news = News(times=2)
    for name in "abcdefg":
        news.add(name)
    assert news.take() == list("abcdef")
    assert news.take() == list("gabcde")
    assert news.take() == list("fg")
    assert news.take() == []


def test_a_member_waits_within_its_period_and_is_not_alone():
    with pytest.raises(ValueError, match=r"wait is 0\.3 and period 0\.2"):
        Member(("m2",), 0.2, 0.3, 1, 1.0, 1)
    with pytest.raises(ValueError, match="members is 1: give 2 or more"):
        swimmers(1)


# What it promises


def test_a_group_without_faults_is_calm():
    assert broken(swimmers(6), ()) == []


def test_one_cut_link_is_seen_around():
    assert broken(swimmers(), [Cut("m1", "m2", at=1.0)]) == []


def test_who_crashed_is_dead_to_all_and_alive_again_when_it_is_back():
    faults = [Crash("m4", at=1.0), Recover("m4", at=6.0)]
    trace = Cluster(swimmers(), faults=faults).run(until=UNTIL)
    told = [
        (event.node, type(event.what))
        for event in trace.facts((Suspects, Trusts))
        if event.time and event.what.node == "m4"
    ]
    assert sorted(node for node, kind in told if kind is Suspects) == ["m1", "m2", "m3"]
    assert sorted(node for node, kind in told if kind is Trusts) == ["m1", "m2", "m3"]


def test_a_healed_partition_heals_the_group():
    faults = [Partition((("m1", "m2"), ("m3", "m4")), at=1.0), Heal(at=6.0)]
    trace = Cluster(swimmers(), faults=faults).run(until=UNTIL)
    assert len(trace.facts(Suspects)) == 8
    findings = judge(trace, PROMISES[2:])
    assert [each.verdict for each in findings] == ["holds", "holds"]


# Mutants


def test_every_mutant_is_shown():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    assert set(BREAKS.values()) == {each.name for each in PROMISES}


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_the_property_that_is_named_and_the_right_one_does_not(
    mutant, shown
):
    given, faults, name = shown
    assert name in broken(mutated(mutant, given), faults)
    assert name not in broken(mutated(Member, given), faults)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    given, faults, name = shown
    for left_out, fewer in without_one(faults):
        assert name not in broken(mutated(mutant, given), fewer), left_out


def test_a_stranger_is_no_mutant():
    with pytest.raises(TypeError, match="give a subclass"):
        mutated(Node)


# What it costs, beside the laws


def test_a_crash_is_first_noticed_after_the_periods_of_the_law():
    first = [round(min(crashed(16, seed, 11)) - BEFORE) for seed in range(60)]
    assert detection_periods(16) in Mean.of(first, 0.99)


def test_everybody_hears_within_a_few_periods_that_grow_as_the_logarithm():
    took = {}
    for members in (8, 32):
        spans = []
        for seed in range(4):
            doubts = crashed(members, seed, 16)
            assert len(doubts) == members - 1
            spans.append(max(doubts) - min(doubts))
        took[members] = max(spans)
    assert took[32] <= 2 * spread_periods(32, contacts=2)
    assert took[32] < 3 * took[8]


def test_messages_a_node_do_not_grow_with_the_group():
    for members in (5, 20):
        swim = Cluster(swimmers(members, 1.0, 0.2), trace=False)
        swim.run(until=10.5)
        assert swim.sent == 10 * swim_messages(members)
    hearts = Cluster(watching(3, every=1.0), trace=False)
    hearts.run(until=9.5)
    assert hearts.sent == 10 * 3  # to one monitor; to each other it would be
    assert all_to_all_messages(4) == 4 * 3


def test_the_laws_at_their_ends():
    assert detection_periods(2) == 1
    assert detection_periods(10**6) == pytest.approx(detection_periods(), abs=1e-5)
    assert infected(100, 0) == pytest.approx(1)
    assert infected(100, spread_periods(100)) == pytest.approx(99, abs=0.1)
    with pytest.raises(ValueError, match="members is 1: give 2 or more"):
        detection_periods(1)


# Lifeguard


def test_local_health_stays_within_its_bounds():
    health = LocalHealth()
    health.went(well=True)
    assert health.pace == 1
    for _ in range(20):
        health.went(well=False)
    assert health.pace == WORST + 1
    health.went(well=True)
    assert health.pace == WORST


def test_a_deaf_member_blames_the_healthy_and_less_so_with_local_health():
    """Dadgar et al. 2017: the slow one is the one that accuses."""

    def blamed(health):
        faults = [
            Slow((f"m{sender}", "m1"), by=0.25, at=2.0, until=14.0)
            for sender in range(2, 7)
        ]
        trace = Cluster(swimmers(6, health=health), faults=faults).run(until=UNTIL)
        return sum(event.node == "m1" for event in trace.facts(Doubts))

    steady, careful = blamed(Steady), blamed(LocalHealth)
    assert 0 < careful < steady / 2


def test_lifeguard_keeps_the_promises_too():
    faults = [Crash("m4", at=1.0)]
    assert broken(swimmers(health=LocalHealth), faults) == []
    lossy = Cluster(
        swimmers(patience=3.0, health=LocalHealth), network=Network(loss=0.05)
    ).run(until=UNTIL)
    assert judge(lossy, [accuracy])[0].verdict == "holds"


def test_losing_one_message_of_each_kind_is_forgiven():
    for kind in ("Ping", "Acknowledge"):
        assert broken(swimmers(), [Lose(kind, nth=3)]) == []
