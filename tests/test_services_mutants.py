"""Every promise of what servers share has a mutant that breaks it: in a small run, and
among all runs of the world in which the right one keeps it.
"""

import pytest
import services_mutants as room
from services_mutants import (
    BREAKS,
    SHOWN_BY,
    TWICE,
    CountsTwice,
    GivesUp,
    mutated,
)

from ftlib.checking import ClusterModel, KeyValue, explore, linearizable
from ftlib.services import (
    PROPERTIES,
    Client,
    Elector,
    Executed,
    Keeper,
    Server,
    responsive,
    service,
)
from ftlib.services.server import SERVER
from ftlib.simulation import Cluster, Schedule, judge

UNTIL = 30.0
SAFETY = (*PROPERTIES, linearizable(KeyValue))
ROLES = (Client, Server, Elector, Keeper)
SHOWN = list(SHOWN_BY.items())


def role(mutant):
    return next(each for each in ROLES if issubclass(mutant, each))


def broken(mutant, given, faults):
    trace = Cluster(mutated(mutant, *given), faults=faults).run(until=UNTIL)
    findings = judge(trace, (*SAFETY, responsive(2, UNTIL)))
    return [each.name for each in findings if each.verdict == "violated"]


def test_every_mutant_is_shown():
    classes = [getattr(room, name) for name in room.__all__]
    assert set(SHOWN_BY) == {each for each in classes if isinstance(each, type)}
    names = {*(each.name for each in SAFETY), "responsive"}
    assert set(BREAKS.values()) == names


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_a_mutant_breaks_the_property_that_is_named(mutant, shown):
    given, faults, name = shown
    assert name in broken(mutant, given, faults)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_the_right_one_keeps_everything_under_the_same_faults(mutant, shown):
    given, faults, _ = shown
    assert not broken(role(mutant), given, faults)


@pytest.mark.parametrize(("mutant", "shown"), SHOWN)
def test_no_fault_of_the_schedule_can_be_left_out(mutant, shown):
    given, faults, name = shown
    for index, left_out in enumerate(faults):
        fewer = [fault for at, fault in enumerate(faults) if at != index]
        if type(left_out).__name__ == "Crash":  # nobody can recover without it
            fewer = [each for each in fewer if type(each).__name__ != "Recover"]
        assert name not in broken(mutant, given, Schedule(fewer)), left_out


# All runs -----------------------------------------------------------------------------

BACK = {"crashes": 1, "recoveries": 1, "survivors": True}


def serving(kind):
    return mutated(kind, TWICE), BACK | {"crashing": [SERVER]}


def sharing(kind):
    """Two clients, whose waits do not grow, and two crashes."""
    nodes = service(TWICE, TWICE, longest=0.1, **{kind.__name__.lower(): kind})
    return nodes, BACK | {"crashing": [SERVER], "crashes": 2, "recoveries": 2}


def restarting(kind):
    """The client crashes too."""
    nodes = service(TWICE, TWICE, longest=0.1, **{kind.__name__.lower(): kind})
    return nodes, BACK | {"crashing": ["c1"]}


def electing(kind):
    return mutated(kind, 3), BACK | {"crashing": ["e3"], "firings": 2}


def counting(kind):
    return mutated(kind, 4), {"firings": 2}


def keeping(kind):
    return mutated(kind), BACK | {"crashing": ["k"]}


WORLDS = {Client: serving, Server: serving, Elector: electing, Keeper: keeping}


def explored(world, kind, **limit):
    nodes, bound = world(kind)
    return explore(ClusterModel(nodes, SAFETY, **bound), **limit)


@pytest.mark.parametrize(
    ("world", "kind", "states"),
    [
        (serving, Server, 145),
        (sharing, Server, 2778),
        (restarting, Client, 486),
        (electing, Elector, 1260),
        (counting, Elector, 1700),
        (keeping, Keeper, 159),
    ],
)
def test_the_right_one_keeps_its_promises_in_every_run(world, kind, states):
    found = explored(world, kind)
    assert found, str(found)
    assert found.states == states


@pytest.mark.parametrize("mutant", [each for each in BREAKS if each is not GivesUp])
def test_exploration_finds_every_mutant(mutant):
    world = counting if mutant is CountsTwice else WORLDS[role(mutant)]
    found = explored(world, mutant, max_states=5000)  # an append again and again
    way = found.violations[BREAKS[mutant]]
    assert len(way) <= 8
    finding = next(
        each for each in judge(way.trace, SAFETY) if each.name == BREAKS[mutant]
    )
    assert finding.verdict == "violated"


@pytest.mark.parametrize("client", [Client, GivesUp])
def test_a_loss_is_made_good_by_asking_again(client):
    model = ClusterModel(
        mutated(client, TWICE),
        network="multiset",
        timers="synchronous",
        losses=1,
        firings=1,
        keep=Executed,
    )

    def done(state):
        return (SERVER, Executed("c1", 2, 2)) in model.facts(state)

    found = explore(model, can_reach={"both": done})
    assert found.complete
    assert bool(found) is (client is Client)
