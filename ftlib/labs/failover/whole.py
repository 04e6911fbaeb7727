"""The checks of the lab on failover that try two servers together: under schedules that
are made to find a moment at which both act, in every run within a bound, and by what it
costs; and all checks, in order.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from ftlib.checking import ClusterModel, explore
from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, run
from ftlib.labs.check import Check
from ftlib.labs.failover import Rules
from ftlib.labs.failover.checks import renews, takes, watches
from ftlib.labs.failover.hand import SOON, Hand, acted, fail, sound
from ftlib.labs.failover.later import leaves, serves
from ftlib.labs.failover.worlds import (
    LOOK,
    Answered,
    Client,
    Names,
    nodes,
    properties,
    watch,
)
from ftlib.labs.runs import sent
from ftlib.labs.script import Script
from ftlib.simulation import (
    Crash,
    Cut,
    Heal,
    Network,
    Recover,
    Skew,
    judge,
    stream,
)

__all__ = ["CHECKS", "Hand"]

STATES = 20_000  # that are explored at most, three times; what is right has fewer


def _cast(hand: Hand, names: Names, every: float = 0.0) -> Nodes:
    assert hand.server is not None
    servers = (names.first, names.second)
    client = partial(Client, hand.rules.code, servers, every)
    cast = nodes(names, hand.rules, hand.server)
    return {**cast, names.client: client} if every else cast


# Together -----------------------------------------------------------------------------


def survives(hand: Hand) -> str:
    """Judge two servers under faults at moments that are chosen, and in every run."""
    names, rules = hand.names("survives"), hand.rules
    calm = run(_cast(hand, names, every=0.5), until=3.0)
    sound(hand, calm, (names.first, names.second))
    holder = names.first if acted(calm, names.first) is not None else names.second
    if acted(calm, holder) is None:
        raise fail("nothing fails, and nobody acts after 3 s.", calm)
    count = 0
    for rates, faults, heals in _schedules(names, rules, holder):
        _tried(hand, names, rates, faults, heals)
        count += 1
    for number in range(6):
        _at_random(hand, names, number)
    states = _explored(hand, names)
    return (
        f"Never do two act, and somebody does, in {count} runs with clocks as fast and"
        " as slow as they may be, cuts and crashes, and 6 at random; no epoch begins"
        f" twice in {states:,} states, with timers that fire when they like."
    )


def _schedules(
    names: Names, rules: Rules, holder: str
) -> Iterator[tuple[tuple[float, float], list[Any], float]]:
    """Yield the rates of the holder's clock and of the other one's, what befalls the
    holder, and when that is over.
    """
    witness, slow, fast = names.witness, 1 - rules.drift, 1 + rules.drift
    for rates in ((1.0, 1.0), (slow, fast), (fast, slow)):
        for phase in (0.0, 0.5):
            at = 2.0 + phase * rules.beat
            heals = at + 1.6 * watch(rules) / slow
            there, back = Cut(holder, witness, at=at), Cut(witness, holder, at=at)
            yield rates, [there, back, Heal(at=heals)], heals
            yield rates, [back, Heal(at=heals)], heals
            # answers come again just before the other one may take the row
            close = at + watch(rules) / fast - 0.1
            yield rates, [back, Heal(at=close)], close
            crash = [Crash(holder, at=at), Recover(holder, at=at + 0.15)]
            yield rates, crash, at + 0.15


def _tried(
    hand: Hand,
    names: Names,
    rates: tuple[float, float],
    faults: list[Any],
    heals: float,
) -> None:
    holder = next(
        each.node if isinstance(each, Crash) else _server(names, each)
        for each in faults
        if isinstance(each, Crash | Cut)
    )
    other = names.second if holder == names.first else names.first
    skews = [
        Skew(node, rate=rate)
        for node, rate in zip((holder, other), rates, strict=True)
        if rate != 1
    ]
    slow = 1 - hand.rules.drift
    until = heals + watch(hand.rules) / slow + 4 * hand.rules.beat / slow
    given = [*skews, *faults]
    trace = run(_cast(hand, names, every=0.3), given, until=until)
    sound(hand, trace, (holder, other), given, min(rates))
    rows = "\n".join(map(repr, given))
    if not trace.facts(Answered) or trace.facts(Answered)[-1].time < until - 1.0:
        raise fail("in the end nobody serves the client any more.", trace, rows)


def _server(names: Names, cut: Cut) -> str:
    return cut.sender if cut.sender != names.witness else cut.receiver


def _explored(hand: Hand, names: Names) -> int:
    """Explore the first steps, with a crash and timers that fire when they like; return
    the number of states.
    """
    asked = properties(hand.rules, (names.first, names.second))
    states = 0
    for both, duplicates, firings in ((False, 1, 1), (True, 1, 0), (True, 0, 1)):
        assert hand.server is not None
        cast = nodes(names, hand.rules, hand.server, both=both)
        model = ClusterModel(
            {name: kind for name, kind in cast.items() if name != names.storage},
            asked,
            network="multiset",
            duplicates=duplicates,
            crashes=1,
            recoveries=1,
            firings=firings,
            crashing=[names.first],
        )
        found = explore(model, max_states=STATES)
        states += found.states
        for name, way in found.violations.items():
            reason = next(each.reason for each in judge(way.trace, asked) if not each)
            picture = drawn(way.trace, asked, look=LOOK, title=reason)
            raise Wrong(f"{name} is not so: {reason}.", str(way.script), picture)
    return states


def _at_random(hand: Hand, names: Names, number: int) -> None:
    """Run with lost and doubled messages, two crashes and clocks, all drawn."""
    draw = stream(hand.seed, "random", names.first, str(number)).random
    both, drift = (names.first, names.second), hand.rules.drift
    rates = [round(1 + drift * (2 * draw() - 1), 3) for _ in both]
    faults: list[Any] = [
        Skew(node, rate=rate) for node, rate in zip(both, rates, strict=True)
    ]
    for node in both:
        at = round(1 + 5 * draw(), 3)
        faults += [Crash(node, at=at), Recover(node, at=at + round(draw(), 3))]
    trace = run(
        _cast(hand, names, every=0.3),
        faults,
        until=10.0,
        seed=int(draw() * 10**6),
        network=Network(loss=0.2, duplicate=0.1),
    )
    sound(hand, trace, both, faults, min(1.0, *rates))


# What it costs ------------------------------------------------------------------------


def costs(hand: Hand) -> str:
    """Judge the messages of a calm run, the writes, and how long nobody acts."""
    names, rules = hand.names("costs"), hand.rules
    look, _, swap, *_, leave = rules.messages
    until = 8.0
    trace = run(_cast(hand, names), until=until)
    for node in (names.first, names.second):
        count = sum(len(sent(trace, node, kind)) for kind in (look, swap))
        if count > until / rules.beat + 4:
            raise fail(
                f"{node} asks {names.witness} {count} times in {until:g} s without"
                f" faults, and once every {rules.beat:g} s is enough.",
                trace,
            )
        forces = len(trace.where(kind="force", node=node))
        if forces > 1:
            raise fail(
                f"{node} forces its disk {forces} times: once a start is enough, for"
                f" {names.witness} remembers the rest.",
                trace,
            )
    holder = names.first if acted(trace, names.first) is not None else names.second
    other = names.second if holder == names.first else names.first
    trace = run(_cast(hand, names), [Crash(holder, at=2.0)], until=until)
    begins, due = acted(trace, other, 2.0), watch(rules) + 2 * rules.beat + SOON
    if begins is None or begins > 2.0 + due:
        raise fail(
            f"{holder} crashes, and {other} does not act within {due:.2f} s.", trace
        )
    script = partial(Script, ((2.0, holder, leave()),))
    trace = run({**_cast(hand, names), names.client: script}, until=4.0)
    begins, due = acted(trace, other, 2.0), 2 * rules.beat + SOON
    if begins is None or begins > 2.0 + due:
        raise fail(
            f"{holder} hands over, and {other} does not act within {due:.2f} s.", trace
        )
    return "The questions of a calm run, a takeover and a handing over."


# All ----------------------------------------------------------------------------------

NEEDS = ("server",)
CHECKS = (
    Check("takes", 3, "Fill in how a server takes a free row.", NEEDS, takes),
    Check("renews", 4, "Fill in how it renews, and when it stops.", NEEDS, renews),
    Check("watches", 4, "Fill in when it takes another's row.", NEEDS, watches),
    Check("serves", 3, "Fill in what it does for clients.", NEEDS, serves),
    Check("leaves", 3, "Fill in how it hands over.", NEEDS, leaves),
    Check("survives", 4, "Never do two act, and somebody does.", NEEDS, survives),
    Check("costs", 2, "Spend no more than the table allows.", NEEDS, costs),
)
"""The checks with their points, in the order of the lab's steps."""
