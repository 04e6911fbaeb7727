"""Asking again: how long one waits, what pays for it, whom else one asks, and when a
server that is full stays so.
"""

from functools import partial

import pytest
from staged import without_one

from ftlib.analysis.contention import contended_calls
from ftlib.analysis.latency import Pareto, all_within, hedged_beyond, kth_of_n
from ftlib.services import (
    AtOnce,
    Budget,
    Client,
    Doubling,
    FullJitter,
    HedgingClient,
    Server,
    overload_mutants,
)
from ftlib.services.overload import (
    Crowd,
    DropsExpired,
    FirstCome,
    GaveUp,
    Heard,
    NewestFirst,
    QueueServer,
    Sheds,
    comes_back,
    crowded,
    stable_load,
)
from ftlib.simulation import (
    Cluster,
    Exponential,
    Lose,
    Network,
    Slow,
    Uniform,
    judge,
)
from ftlib.simulation.chance import stream

TENTH = partial(Budget, 0.1, 5)


def pause(seconds):
    return [Slow("server", by=seconds, at=5, until=5.2)]


def ran(load, seconds, attempts=3, until=40.0, faults=None, **more):
    nodes = crowded(load, attempts, **more)
    faults = pause(seconds) if faults is None else faults
    return Cluster(nodes, faults=faults, seed=7).run(until=until)


def answered(run, since, until):
    """Of the requests that end then, the part that is answered."""
    ends = [e.what for e in run.facts((Heard, GaveUp)) if since <= e.time < until]
    return sum(isinstance(what, Heard) for what in ends) / len(ends)


# Waits and tokens


def test_waits_double_up_to_the_longest_and_jitter_draws_from_all_of_it():
    plain, jitter = Doubling(0.1, 1.0), FullJitter(0.1, 1.0)
    assert [plain.wait(n) for n in (1, 2, 3, 4, 5)] == [0.1, 0.2, 0.4, 0.8, 1.0]
    assert [jitter.wait(n) for n in (1, 4, 1000)] == [(0, 0.1), (0, 0.8), (0, 1.0)]
    assert AtOnce().wait(7) == 0


@pytest.mark.parametrize(("base", "longest"), [(0, 1), (2, 1), (-1, 1)])
def test_a_wait_is_above_0(base, longest):
    with pytest.raises(ValueError, match="base is"):
        Doubling(base, longest)


def test_a_budget_gives_no_more_retries_than_requests_bring_in():
    budget = Budget(ratio=0.1, most=3)
    spent = 0
    for _ in range(1000):
        budget.earn()
        spent += budget.spend() + budget.spend()
    assert 100 <= spent <= 103
    assert budget.tokens < 1


@pytest.mark.parametrize(("ratio", "most"), [(-0.1, 5), (0.1, 0)])
def test_a_budget_says_what_it_cannot_be(ratio, most):
    with pytest.raises(ValueError, match="tokens a request"):
        Budget(ratio, most)


# A full server


@pytest.mark.parametrize("attempts", [2, 3, 4])
def test_the_threshold_is_the_formula(attempts):
    """A little below it the queue of the worst pause is done with; above it never."""
    threshold = stable_load(10, attempts)
    below = ran(0.8 * threshold, 12, attempts, until=150)
    above = ran(1.1 * threshold, 12, attempts, until=150)
    assert answered(below, 140, 150) == 1
    assert answered(above, 140, 150) == 0


def test_a_trigger_that_is_gone_keeps_the_server_down_and_without_it_all_is_well():
    quiet, down = ran(8, 0, faults=()), ran(8, 3)
    assert answered(quiet, 5, 40) == 1
    assert answered(down, 20, 40) == 0
    sent = [e for e in down.where(kind="deliver", node="server") if e.time > 30]
    assert len(sent) / 10 == pytest.approx(3 * 8, rel=0.02)


@pytest.mark.parametrize("backoff", [Doubling(0.5, 8.0), FullJitter(0.5, 8.0)])
def test_back_off_alone_is_no_cure(backoff):
    assert answered(ran(8, 3, backoff=backoff, until=120), 100, 120) == 0


@pytest.mark.parametrize(
    "cure",
    [
        {"budget": TENTH},
        {"queue": NewestFirst},
        {"queue": partial(Sheds, most=5)},
        {"queue": DropsExpired},
    ],
)
def test_what_cures_it(cure):
    run = ran(8, 3, **cure)
    assert answered(run, 30, 40) == 1
    assert judge(run, [comes_back(25, 40.0)])[0].verdict == "holds"


def test_who_drops_what_is_expired_still_works_for_those_who_have_just_asked_again():
    """Near its capacity the server answers just in time for the second attempt."""
    run = ran(9.5, 3, queue=DropsExpired)
    assert 0.3 < answered(run, 30, 40) < 0.6


def test_comes_back_says_what_it_cannot_tell():
    run = ran(8, 3, until=20.0)
    assert judge(run, [comes_back(30, 20.0)])[0].verdict == "unknown"
    assert judge(run, [comes_back(10, 20.0)])[0].verdict == "violated"
    idle = Cluster({"crowd": QueueServer, "server": QueueServer}).run(until=20.0)
    assert judge(idle, [comes_back(10, 20.0)])[0].verdict == "unknown"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (partial(crowded, 0), "load is 0"),
        (partial(Crowd, every=0), "every is 0"),
        (partial(Crowd, attempts=0), "attempts is 0"),
        (partial(QueueServer, 0), "service is 0"),
    ],
)
def test_bad_input_is_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(("mutant", "shown"), overload_mutants.SHOWN_BY.items())
def test_a_mutant_does_not_come_back_and_the_right_one_does(mutant, shown):
    given, faults, name = shown

    def broken(kind, schedule):
        nodes = overload_mutants.mutated(kind, given)
        run = Cluster(nodes, faults=schedule).run(until=40.0)
        found = judge(run, [comes_back(20, 40.0)])
        return [each.name for each in found if each.verdict == "violated"]

    right = Crowd if issubclass(mutant, Crowd) else QueueServer
    assert broken(mutant, faults) == [name]
    assert not broken(right, faults)
    for left_out, fewer in without_one(faults):
        assert not broken(mutant, fewer), left_out


# A second server


def reads(client, number, links, seed=0):
    nodes = {
        "c": partial(client, ("a", "b"), (("get", "x"),) * number),
        "a": Server,
        "b": Server,
    }
    return Cluster(nodes, network=Network(latency=0.001, links=links), seed=seed).run()


def waits(run):
    calls = [event.time for event in run.where(kind="call")]
    returns = [event.time for event in run.where(kind="return")]
    return [b - a for a, b in zip(calls, returns, strict=True)]


def test_a_hedge_is_sent_once_and_only_to_who_is_late():
    quick = reads(HedgingClient, 5, {})
    assert quick.counts() == {"Request": 5, "Reply": 5}
    late = reads(HedgingClient, 1, {("a", "c"): 0.5})
    assert late.counts()["Request"] == 2
    assert waits(late) == pytest.approx([0.012])


def test_a_hedge_helps_where_one_is_slow_and_not_where_both_are():
    slow = Exponential(0.001, minimum=0.2)
    one = waits(reads(HedgingClient, 20, {("a", "c"): slow}))
    both = waits(reads(HedgingClient, 20, {("a", "c"): slow, ("b", "c"): slow}))
    assert max(one) < 0.013
    assert min(both) > 0.2


def test_a_hedge_counts_under_one_number():
    """The same server is asked twice, and executes it once."""
    nodes = {
        "c": partial(HedgingClient, ("a",), (("append", "x", "!"), ("get", "x"))),
        "a": Server,
    }
    run = Cluster(nodes, faults=[Lose("Reply")]).run()
    assert run.counts()["Request"] > 2
    assert [e.what for e in run.where(kind="return")][-1] == (("get", "x"), "!")


def test_a_client_that_hedges_at_once_says_so_and_too_late_it_may_not():
    HedgingClient(("a", "b"), hedge=0)
    with pytest.raises(ValueError, match="hedge is 11"):
        HedgingClient(("a", "b"), hedge=11)
    assert issubclass(HedgingClient, Client)


# Closed forms


@pytest.mark.parametrize(("n", "k"), [(3, 1), (3, 2), (5, 3), (5, 5)])
def test_the_kth_of_n_beside_draws(n, k):
    latency, draw = Uniform(0.0, 1.0), stream(7, "kth").random
    time = kth_of_n(latency, n, k, 0.9)
    cases = [sorted(draw() for _ in range(n))[k - 1] <= time for _ in range(4000)]
    assert sum(cases) / 4000 == pytest.approx(0.9, abs=0.015)


def test_the_tail_of_many_and_of_two():
    assert all_within(1, 0.9) == 0.9
    tail = Pareto(0.001, 2.0)
    assert tail.beyond(tail.quantile(0.7)) == pytest.approx(0.3)
    assert hedged_beyond(tail, 0.01, 0.005) == tail.beyond(0.005)
    assert hedged_beyond(tail, 0.01, 0.02) == pytest.approx(0.0025 * 0.01)
    assert hedged_beyond(tail, 0.0, 0.01) == pytest.approx(tail.beyond(0.01) ** 2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (partial(kth_of_n, Uniform(0, 1), 3, 0, 0.5), "k is 0"),
        (partial(kth_of_n, Uniform(0, 1), 3, 2, 1), "part is 1"),
        (partial(Pareto, 0, 1), "minimum is 0"),
        (partial(contended_calls, 0, AtOnce()), "writers is 0"),
    ],
)
def test_a_closed_form_says_what_it_takes(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_jitter_takes_writers_out_of_the_round():
    calls = {
        name: sum(contended_calls(20, backoff, seed) for seed in range(5))
        for name, backoff in (
            ("none", AtOnce()),
            ("exponential", Doubling(0.01, 2.0)),
            ("jitter", FullJitter(0.01, 2.0)),
        )
    }
    assert calls["none"] > calls["exponential"] > 1.2 * calls["jitter"]
    assert contended_calls(1, AtOnce()) == 1


def test_first_come_is_what_a_queue_does_by_default():
    assert QueueServer().queue == FirstCome()
