"""The checks of the lab on replication that try both classes together: in every run
within a bound, in runs drawn at random, and by what it costs; and all checks, in order.
"""

from functools import partial
from typing import Any

from ftlib.checking import ClusterModel, Counterexample, Exploration
from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, every_run, run
from ftlib.labs.check import Check
from ftlib.labs.replication import Places, Rules
from ftlib.labs.replication.checks import counts, keeps, places
from ftlib.labs.replication.hand import Hand, fail
from ftlib.labs.replication.later import reads, recovers
from ftlib.labs.replication.worlds import (
    LOOK,
    Answered,
    Client,
    Names,
    nodes,
    properties,
)
from ftlib.labs.script import Script
from ftlib.simulation import Crash, Network, Property, Recover, Trace, judge, stream

__all__ = ["CHECKS", "Hand", "bill"]

STATES = 30_000  # that are explored at most; the sample solution has 8,400


def _cast(hand: Hand, names: Names, where: Places) -> Nodes:
    assert hand.keeper is not None
    assert hand.replica is not None
    return nodes(names, where, hand.keeper, hand.replica)


# In every run -------------------------------------------------------------------------


def survives(hand: Hand) -> str:
    """Judge both classes in every run within a bound, and in runs drawn at random."""
    names = hand.names("survives")
    put, _, _, _, get, _ = hand.rules.messages
    lines = (put("w1", names.key, "v1"), get("r1", names.key))
    others = (put("w2", names.key, "v2"),)
    found = [
        _explored(hand, names, lines, others, crashing)
        for crashing in (names.keeper, names.replicas[1])
    ]
    states = sum(each.states for each in found)
    rest = "" if all(each.complete for each in found) else " (there are more)"
    for number in range(10):
        _at_random(hand, names, number)
    return (
        f"Nothing is lost or told too early in {states:,} states{rest}, with a crash"
        " between any two effects and messages that are lost, doubled and late, nor in"
        " 10 runs at random."
    )


def _explored(
    hand: Hand,
    names: Names,
    lines: tuple[Any, ...],
    others: tuple[Any, ...],
    crashing: str,
) -> Exploration:
    """Explore, with a crash and a recovery."""
    where = names.few(hand.rules)
    asked = properties(names.keeper, where, hand.rules)
    model = ClusterModel(
        {
            names.client: partial(Client, names.keeper, lines, 0.0),
            names.second: partial(Client, names.keeper, others, 0.0),
            **_cast(hand, names, where),
        },
        asked,
        crashes=1,
        recoveries=1,
        survivors=True,
        crashing=[crashing],
        keep=(Answered,),
    )
    wanted = {line.ticket for line in (*lines, *others)}

    def answered(state: Any) -> bool:
        return wanted <= {fact.ticket for _, fact in model.facts(state)}

    def wrong(name: str, way: Counterexample) -> Wrong:
        reason = _broken(way.trace, asked, name) or (
            "after this run there is a question that can never be answered."
        )
        picture = drawn(way.trace, asked, look=LOOK, title=reason)
        return Wrong(reason, str(way.script), picture)

    goal = {"answered": answered}
    return every_run(
        model, wrong, invariants={}, can_reach=goal, states=STATES, whole=False
    )


def _broken(trace: Trace, asked: tuple[Property, ...], name: str = "") -> str:
    """Say which property is broken, and why."""
    for finding in judge(trace, asked):
        if not finding and name in ("", finding.name):
            return f"{finding.name} is broken: {finding.reason}."
    return ""


def _at_random(hand: Hand, names: Names, number: int) -> None:
    """Run with lost and doubled messages and two crashes, all drawn."""
    draw = stream(hand.seed, "random", names.key, str(number)).random
    put, _, _, _, get, _ = hand.rules.messages
    keys, lines = (names.key, names.lazy), []
    for step in range(6):
        key = keys[int(draw() * 1.4)]
        lines += [
            put(f"w{number}{step}", key, f"v{number}{step}"),
            get(f"r{number}{step}", keys[int(draw() * 1.4)]),
        ]
    faults: list[Any] = []
    for node in (names.keeper, names.replicas[int(draw() * 4)]):
        at = round(2 * draw() * draw(), 3)
        faults += [Crash(node, at=at), Recover(node, at=at + 0.3)]
    other = [
        (0.3 * step + 0.01, names.keeper, put(f"o{number}{step}", keys[0], f"x{step}"))
        for step in range(3)
    ]
    asked = properties(names.keeper, names.places, hand.rules)
    trace = run(
        {
            **_cast(hand, names, names.places),
            names.client: partial(Client, names.keeper, tuple(lines)),
            names.second: partial(Script, tuple(other)),
        },
        faults,
        until=40.0,
        seed=int(draw() * 10**6),
        network=Network(loss=0.15, duplicate=0.1),
    )
    rows = "\n".join(map(repr, faults))
    if reason := _broken(trace, asked):
        raise fail(reason, trace, rows, asked)
    missing = {line.ticket for line in lines} - {
        event.what.ticket for event in trace.facts(Answered)
    }
    if missing:
        raise fail(f"{min(missing)} is never answered.", trace, rows, asked)


# What it costs ------------------------------------------------------------------------


def bill(rules: Rules, names: Names) -> tuple[tuple[Any, ...], dict[str, int]]:
    """Return what is asked in the run that is counted, and what it takes: messages of
    each kind, and forced writes at the keeper and at all replicas together.
    """
    put, done, copy, copied, get, got = rules.messages
    lines = (
        (0.1, names.keeper, put("w1", names.key, "v1")),
        (1.1, names.keeper, put("w2", names.key, "v2")),
        *(
            (2.1 + n / 50, names.keeper, put(f"w{n + 3}", names.lazy, f"v{n + 3}"))
            for n in range(3)
        ),
        (4.1, names.keeper, get("r1", names.key)),
    )
    size = len(names.replicas)
    kinds = {put: 5, done: 5, copy: 3 * size, copied: 3 * size, get: 1, got: 1}
    return lines, {kind.__name__: most for kind, most in kinds.items()}


def costs(hand: Hand) -> str:
    """Judge the messages and forced writes of a run without faults."""
    names = hand.names("costs")
    lines, wanted = bill(hand.rules, names)
    cast = _cast(hand, names, names.places)
    trace = run({**cast, names.client: partial(Script, lines)}, until=8.0)
    told = "two writes, three of a lazy key at once and a read"
    counts = trace.counts()
    for kind, most in wanted.items():
        if counts[kind] != most:
            raise fail(
                f"{told} take {most} {kind} messages, and here are {counts[kind]}.",
                trace,
            )
    for node, most in ((names.keeper, 5), *((each, 3) for each in names.replicas)):
        found = len(trace.where(kind="force", node=node))
        if found != most:
            raise fail(
                f"{told} take {most} forced writes at {node}, and here are {found}.",
                trace,
            )
    return "Messages and forced writes of eager writes, lazy ones and a read."


# All ----------------------------------------------------------------------------------

BOTH = ("replica", "keeper")
CHECKS = (
    Check("keeps", 3, "Fill in how a replica takes in rows.", BOTH[:1], keeps),
    Check("places", 3, "Fill in how a write gets its place.", BOTH[1:], places),
    Check("counts", 3, "Fill in when a write is done.", BOTH[1:], counts),
    Check("reads", 3, "Fill in what a read tells.", BOTH[1:], reads),
    Check("recovers", 3, "Fill in what is taken up again.", BOTH[1:], recovers),
    Check("survives", 4, "Both together hold in every run.", BOTH, survives),
    Check("costs", 2, "Spend no more than the table allows.", BOTH, costs),
)
"""The checks with their points, in the order of the lab's steps."""
