"""The pictures of chapter 7.1 say what exploration says; and its counts are those of
the formulas.
"""

import pytest

from ftlib.checking import ClusterModel, explore
from ftlib.figures.every_run import (
    CRASHES,
    NAMES,
    PROTOCOLS,
    VERSIONS,
    WAYS,
    blocked,
    counterexample,
    explored,
    graph,
    protocol,
    shortest,
    situations,
    stuck,
)
from ftlib.live import Live
from ftlib.live.table import Table
from ftlib.simulation import judge
from ftlib.transactions.atomic_commit import PROPERTIES
from ftlib.transactions.mutants import BREAKS
from ftlib.transactions.specification import TCommit, TwoPhase

CELLS = [
    (name, crashes, votes)
    for name in PROTOCOLS
    for crashes in range(3)
    for votes in ("yy", "yn")
]


@pytest.mark.parametrize("n", range(1, 6))
def test_the_formulas_of_the_specifications(n):
    assert explore(TCommit(n)).states == 3**n + 2**n - 1
    assert explore(TwoPhase(n)).states == 6**n + 4**n + 2**n


@pytest.mark.parametrize("n", range(1, 4))
def test_whoever_has_promised_is_stuck_until_there_is_a_decision(n):
    found = stuck(TwoPhase(n))
    assert len(found) == len(set(found)) == 4**n - 2**n, (
        "of 4 conditions a manager is in 2 without a promise given"
    )
    assert all(
        state.decision == "init" and "prepared" in state.managers for state in found
    )


@pytest.mark.parametrize("managers", [1, 2])
def test_the_graph_says_how_many(managers):
    count = explore(TwoPhase(managers)).states
    assert graph(managers).title.startswith(f"{count} states: ")
    assert graph(managers, stop=True).title.startswith(
        f"In {len(stuck(TwoPhase(managers)))} of {count} states"
    )
    for way in WAYS:
        assert bool(graph(managers, way).steps) == (way != "none")
    assert graph(managers, "abort").story[-1].count("aborted") == managers


@pytest.mark.parametrize("version", BREAKS.values())
def test_a_property_of_each_mutant_is_among_those_drawn(version):
    assert version in {prop.name for prop in PROPERTIES}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("crashes", CRASHES)
def test_the_title_of_a_counterexample_is_true(version, crashes):
    picture, found = (
        counterexample(version, crashes),
        shortest(explored(version, crashes)),
    )
    if found is None:
        assert picture.title.startswith(
            f"Nothing is broken in any of {explored(version, crashes).states:,} states."
        )
        assert explored(version, crashes)
        return
    name, way = found
    assert picture.title == f"{name.capitalize()} is broken after {len(way)} steps."
    (finding,) = judge(way.trace, [prop for prop in PROPERTIES if prop.name == name])
    assert finding.verdict == "violated"


def test_every_version_but_the_librarys_breaks_with_a_crash():
    assert {
        version for version in VERSIONS if shortest(explored(version, 1)) is None
    } == {"library"}
    assert {
        version for version in VERSIONS if shortest(explored(version, 0)) is None
    } == {
        "library",
        "SendsBeforeForcing",
        "ForgetsItsVote",
    }
    assert set(NAMES) == set(VERSIONS)


@pytest.mark.parametrize(("name", "crashes", "votes"), CELLS)
def test_situations_add_up_to_the_states(name, crashes, votes):
    found, counts = situations(name, crashes, votes)
    assert sum(states for states, _, _ in counts.values()) == found.states
    assert sum(waiting for _, waiting, _ in counts.values()) == found.waiting
    assert sum(bad for _, _, bad in counts.values()) == found.blocked
    for now, (_, waiting, bad) in counts.items():
        assert bad in (0, waiting), f"{now}: hopeless in some of its states only"
        assert now[0] == "down" or not bad, (
            "whoever can reach the coordinator gets an answer"
        )


def test_what_asking_peers_and_a_third_phase_change():
    def hopeless(name, crashes, votes):
        _, counts = situations(name, crashes, votes)
        return {now[1:] for now, (_, _, bad) in counts.items() if bad}

    assert hopeless("asking", 1, "yy") == {("in doubt", "in doubt")}
    assert hopeless("asking", 1, "yn") == set()
    assert hopeless("2PC", 1, "yy") > hopeless("asking", 1, "yy")
    for crashes in range(3):
        for votes in ("yy", "yn"):
            assert (
                hopeless("2PC", crashes, votes)
                >= hopeless("asking", crashes, votes)
                >= hopeless("3PC", crashes, votes)
            )
            assert hopeless("3PC", crashes, votes) == set()


def test_the_table_says_what_it_shows():
    assert blocked().title == "Blocked in 5 of 12 situations in which somebody waits."
    assert blocked("3PC", 2).title.startswith("Blocked in none of ")
    assert (
        "multiset network, synchronous timers, 2 crashes"
        in blocked("3PC", 2).description
    )
    assert "states" not in blocked().description


@pytest.mark.parametrize("figure", [graph, counterexample, blocked])
def test_all_pictures_fit_the_page(figure):
    live = Live(figure)
    assert Table.of(live.spec, live.function).complete


@pytest.mark.parametrize("crashes", range(3))
def test_three_phase_commit_holds_where_time_outs_prove_crashes_and_not_elsewhere(
    crashes,
):
    nodes = protocol("3PC", "yy")
    calm = {"network": "multiset", "timers": "synchronous"}
    assert explore(ClusterModel(nodes, PROPERTIES, crashes=crashes, **calm))
    assert (
        "agreement"
        in explore(
            ClusterModel(nodes, PROPERTIES, crashes=crashes), max_depth=8
        ).violations
    )
    for group in ("coordinator", "p1", "p2"):
        assert (
            "agreement"
            in explore(
                ClusterModel(nodes, PROPERTIES, partition=[[group]], **calm)
            ).violations
        )
