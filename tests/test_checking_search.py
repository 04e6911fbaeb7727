"""The search for failures: every mutant is found, what is found replays from its print,
and a sound protocol stays green.
"""

import pytest
from toys import Ping, acting

from ftlib import simulation
from ftlib.checking import search
from ftlib.checking.search import DANGERS, find
from ftlib.simulation import (
    Cluster,
    Crash,
    HandlerError,
    Network,
    Node,
    Point,
    Schedule,
    Uniform,
    judge,
)
from ftlib.transactions.atomic_commit import PROPERTIES, nonblocking, termination
from ftlib.transactions.bank import bank
from ftlib.transactions.mutants import BREAKS, KeepsNoLog, mutated
from ftlib.transactions.reader import Reader, whole_reads
from ftlib.transactions.two_phase import Coordinator


@pytest.mark.parametrize("mutant", BREAKS)
def test_every_mutant_is_found_and_shrinks(mutant):
    found = find(mutated(mutant), PROPERTIES, until=6)
    assert found is not None
    assert len(found.schedule) <= 3
    assert len(found.schedule) <= len(found.first)
    alike = [prop for prop in PROPERTIES if prop.name == found.finding.name]
    for index in range(len(found.schedule)):
        fewer = found.schedule.faults[:index] + found.schedule.faults[index + 1 :]
        try:
            cluster = Cluster(mutated(mutant), seed=found.seed, faults=fewer)
            cluster.run(6, properties=alike)
        except RuntimeError:
            continue  # a recovery without its crash
        assert cluster.violation is None, "a fault too many"


def test_what_is_printed_can_be_pasted():
    found = find(mutated(KeepsNoLog), PROPERTIES, until=6)
    names = {name: getattr(simulation, name) for name in simulation.__all__}
    exec(str(found), names)
    assert names["faults"] == found.schedule
    trace = Cluster(
        mutated(KeepsNoLog), seed=names["seed"], faults=names["faults"]
    ).run(6)
    (finding,) = judge(
        trace, [prop for prop in PROPERTIES if prop.name == found.finding.name]
    )
    assert finding.verdict == "violated"
    assert finding.trace == found.trace
    assert str(found.finding) in str(found)


def test_a_sound_protocol_stays_green():
    assert (
        find(
            bank("yyy"),
            PROPERTIES,
            until=6,
            network=Network(Uniform(0.001, 0.2)),
            seeds=range(150),
        )
        is None
    )


def test_liveness_is_judged_at_the_end():
    found = find(bank("yy"), [nonblocking(2, until=8)], until=8, faults=["crash"])
    assert found.finding.name == "non-blocking"
    (crash,) = found.schedule
    assert crash.node == "coordinator"
    assert (
        find(
            bank("yy"),
            [termination(2, until=8)],
            until=8,
            faults=["crash"],
            seeds=range(60),
        )
        is None
    )


def test_without_any_fault():
    nodes = bank("yy") | {"reader": lambda: Reader((("p1", "a1"), ("p2", "a2")), 0.03)}
    found = find(
        nodes, [whole_reads(200)], until=3, network=Network(Uniform(0.001, 0.05))
    )
    assert found.schedule == Schedule()
    assert "faults = Schedule([])" in str(found)
    again = find(
        nodes,
        [whole_reads(200)],
        until=3,
        network=Network(Uniform(0.001, 0.05)),
        faults=[],
    )
    assert again.first == Schedule(), "no kind of fault to choose from: seeds alone"


def test_the_same_search_finds_the_same():
    one, other = (find(mutated(KeepsNoLog), PROPERTIES, until=6) for _ in range(2))
    assert (one.seed, one.schedule, one.tried, one.first) == (
        other.seed,
        other.schedule,
        other.tried,
        other.first,
    )


@pytest.mark.parametrize("kind", DANGERS)
def test_each_kind_of_fault_is_drawn(kind):
    drawn = []
    calm = Cluster(bank("yy")).run(3)
    for seed in range(30):
        drawn += search._Aim(calm, seed, (kind,), calm.nodes, False).schedule(3)
    names = {type(fault).__name__ for fault in drawn}
    expected = {
        "crash": {"Crash", "Recover"},
        "lose": {"Lose"},
        "duplicate": {"Duplicate"},
        "partition": {"Partition", "Heal"},
        "slow": {"Slow"},
    }
    assert names == expected[kind]


def test_crashes_are_aimed_at_what_happens():
    """The first crash drawn falls where its point says: it names something that the run
    really does.
    """
    calm = Cluster(bank("yy")).run(3)
    points = []
    for seed in range(60):
        crash = search._Aim(calm, seed, ("crash",), calm.nodes, False).schedule(1)[0]
        if isinstance(crash.at, Point):
            points.append(crash.at)
            faults = [Crash(crash.node, at=crash.at)]
            stopped = Cluster(bank("yy"), faults=faults).run(3)
            (down,) = stopped.where(kind="crash")
            assert stopped[down.index - 1].kind == crash.at.event
            assert (
                len(stopped.where(kind=crash.at.event, node=crash.node)) >= crash.at.nth
            )
    assert {point.event for point in points} >= {"send", "deliver", "write", "force"}
    assert any(point.nth > 1 for point in points)


def test_errors_of_handlers_say_under_which_schedule():
    class Fragile(Coordinator):
        def recover(self):
            raise KeyError("no log")

    with pytest.raises(HandlerError, match="KeyError") as caught:
        find(bank("yy", coordinator=Fragile), PROPERTIES, until=3, faults=["crash"])
    assert "Crash(node='coordinator'" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"faults": ["fire"]}, "no kind of fault 'fire'"),
        ({"most": 0}, "most is 0"),
        ({"most": "2"}, "most is '2'"),
    ],
)
def test_what_cannot_be_searched(options, message):
    with pytest.raises(ValueError, match=message):
        find({"a": Node}, [], until=1, **options)


def test_a_cluster_in_which_nothing_happens():
    assert find({"a": Node}, PROPERTIES, until=1, seeds=range(20)) is None


def talks(node, name):
    node.send("b", Ping(1))
    node.set_timer("talk", 0.1)


@pytest.mark.parametrize(
    ("options", "by_chance"),
    [
        ({}, False),
        ({"network": Network(links={("a", "b"): 0.5})}, False),
        ({"network": Network(latency=Uniform(0.01, 0.02))}, True),
        ({"network": Network(links={("a", "b"): Uniform(0.01, 0.02)})}, True),
        ({"network": Network(duplicate=0.5)}, True),
        ({"period": (0.05, 0.06)}, True),
    ],
)
def test_a_run_without_faults_is_made_anew_only_where_a_seed_may_change_it(
    monkeypatch, options, by_chance
):
    calm = []

    class Counted(Cluster):
        def __init__(self, *given, **more):
            super().__init__(*given, **more)
            calm.extend([self] * (not self.faults.faults))

    monkeypatch.setattr(search, "Cluster", Counted)
    period = options.pop("period", 0.05)
    nodes = {
        "a": acting(lambda node: node.set_timer("talk", period), on_timer=talks),
        "b": Node,
    }
    assert find(nodes, [], until=1, seeds=range(4), **options) is None
    assert [each.by_chance for each in calm] == [by_chance] * len(calm)
    assert len(calm) == (4 if by_chance else 1)
    runs = {
        Cluster(nodes, seed=seed, **options).run(1).records == calm[0].trace.records
        for seed in range(4)
    }
    assert runs == ({True, False} if by_chance else {True})
