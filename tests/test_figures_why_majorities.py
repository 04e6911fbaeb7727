"""What chapter 7.3.1 says of its figures, and of the voters that they run."""

from itertools import product

import pytest

from ftlib.analysis import wilson_interval
from ftlib.checking import ClusterModel, explore
from ftlib.figures.voting import (
    Decided,
    Flips,
    Largest,
    Left,
    Run,
    Turns,
    Voter,
    agreement,
    flipped,
    handed_on,
    one_round,
    prolonged,
    rounds_needed,
    undecided,
    voters,
)
from ftlib.figures.why_majorities import (
    ORDERS,
    ROUNDS,
    SEEDS,
    START,
    adversary,
    halves,
    liar,
    obeyed,
    sides,
)
from ftlib.live import Live
from ftlib.simulation import Cluster, judge, play


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


# Voters -------------------------------------------------------------------------------

STARTS = (0, 0, 0), (0, 0, 1)  # the others are the same with 0 and 1 exchanged


def explored(values, kind=Flips, rounds=1, **bound):
    model = ClusterModel(
        voters(values, kind, rounds),
        [agreement, handed_on],
        network="multiset",
        **bound,
    )
    return explore(model)


@pytest.mark.parametrize("values", STARTS)
def test_a_round_hands_on_what_is_decided_in_it(values):
    """Whatever anybody crashes or chooses; and a round depends on no other."""
    found = explored(values, crashes=1)
    assert found.complete
    assert not found.violations


class DecidesOnSome(Voter):
    """Decides what a single proposal names."""

    def count(self, number, said):
        named = [value for value in said if value is not None]
        if self.step == 2 * number + 1 and named:
            said = named[:1]
        super().count(number, said)


class AnyReport(Flips):
    """Proposes what it has heard first."""

    def count(self, number, said):
        super().count(number, said[:1] if self.step == 2 * number else said)


@pytest.mark.parametrize("kind", [DecidesOnSome, AnyReport])
def test_what_a_round_must_not_do(kind):
    assert (
        not explored((0, 0, 1), kind)
        .violations.keys()
        .isdisjoint({"handed on", "agreement"})
    )


def test_left_alone_all_decide():
    for kind, values in product((Largest, Turns, Flips), product((0, 1), repeat=3)):
        for seed in range(3):
            trace = Cluster(voters(values, kind), seed=seed).run(until=5)
            found = {event.what.value for event in trace.facts(Decided)}
            assert len(trace.facts(Decided)) == 3
            assert len(found) == 1
            assert found <= set(values), "somebody has wanted it"


@pytest.mark.parametrize("kind", [Largest, Turns])
@pytest.mark.parametrize("values", list(product((0, 1), repeat=3)))
def test_in_the_order_of_sending_all_decide_in_the_third_round(kind, values):
    run = Run(kind, values)
    run.let_go()
    assert max(event.what.round for event in run.trace.facts(Left)) <= 3


# An adversary -------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "kind"), [("largest", Largest), ("turns", Turns)])
def test_an_adversary_finds_who_is_to_be_heard(rule, kind):
    cycle = ORDERS[rule]
    found = prolonged(kind, START, 2 * len(cycle))
    assert found == 2 * [step for order in cycle for step in order]
    trace = play(Cluster(voters(START, kind)), found)
    assert undecided(trace)
    rounds = 2 * len(cycle)
    sent = [event for event in trace.where(kind="send") if event.what.round <= rounds]
    assert len(sent) == len(trace.where(kind="deliver")) == 12 * rounds
    assert prolonged(kind, (0, 1, 1), 2) is None, "this start is settled already"


def test_at_first_either_value_may_win():
    values = {}
    for reports in (("s2", "s1", "s1"), ("s3", "s3", "s1")):
        run = Run(Largest, START)
        run.take(one_round(reports, reports))
        values[run.values] = run.let_go()
        assert len({event.what.value for event in run.trace.facts(Decided)}) == 1
    assert list(values) == [(0, 0, 0), (1, 1, 1)]


def test_the_adversary_is_as_strong_as_the_text_says():
    for given in settings(adversary):
        picture, rounds = adversary(**given), given["rounds"]
        if given["rule"] == "coin":
            run = flipped(given["seed"], rounds)
            assert picture.title.startswith("Undecided") == (
                rounds > 0 and not run.decided
            )
            if rounds:
                assert f"Of {SEEDS} seeds" in picture.description
        else:
            assert picture.title.startswith("Undecided") == (rounds > 0)
            assert picture.steps <= rounds + 2, "left alone, they soon decide"
        assert "All decide" in picture.title


def test_coins_decide_as_the_formula_says():
    found = rounds_needed(SEEDS, ROUNDS)
    for rounds in range(1, ROUNDS + 1):
        late = sum(each > rounds for each in found)
        low, high = wilson_interval(late, SEEDS, 0.99)
        assert low <= 0.75 ** (rounds - 1) <= high
    assert all(
        judge(flipped(seed, ROUNDS).trace, [agreement])[0].verdict == "holds"
        for seed in range(20)
    )
    assert flipped(0, 2).trace.facts(Left)


# Halves -------------------------------------------------------------------------------


def test_two_values_where_half_may_crash():
    for given in settings(halves):
        servers, crashes, cut = given["servers"], given["crashes"], given["cut"]
        left, right, needed = sides(servers, crashes, cut)
        assert left + right == servers
        title = halves(**given).title
        both = title.startswith("Two values")
        if cut == "half":
            assert both == (servers <= 2 * crashes)
        elif crashes == 1:
            assert both == (servers == 2)
        assert both == (min(left, right) >= needed)
        assert title.startswith("Nothing") == (max(left, right) < needed)


# A liar -------------------------------------------------------------------------------


def test_a_liar_among_three_and_among_four():
    for given in settings(liar):
        three = given["lieutenants"] == 2
        _, deeds = obeyed(**given)
        agree = len(set(deeds.values())) == 1
        obeys = given["lies"] == "commander" or set(deeds.values()) == {"attack"}
        breaks = {"retreat": "lieutenant", "commander": "commander"}[given["tie"]]
        assert (agree and obeys) == (not three or given["lies"] != breaks), given
        title = liar(**given).title
        assert title.startswith("All honest") == (agree and obeys)


def test_a_sees_the_same_whoever_lies():
    worlds = [
        obeyed(2, lies, "retreat")[0]["a"] for lies in ("commander", "lieutenant")
    ]
    assert worlds[0] == worlds[1] == {"commander": "attack", "b": "retreat"}
