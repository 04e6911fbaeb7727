"""The checks of the lab on atomic commit that try both classes together: in every run
within a bound, until everything is forgotten, and by what it costs; and all checks, in
order.
"""

from typing import Any

from ftlib.checking import ClusterModel, Counterexample
from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, every_run, run
from ftlib.labs.check import Check
from ftlib.labs.two_phase_commit import (
    ABORT,
    COMMIT,
    Decided,
    Voted,
)
from ftlib.labs.two_phase_commit.checks import decides, learns, recovers, votes
from ftlib.labs.two_phase_commit.hand import Hand, decided, fail
from ftlib.labs.two_phase_commit.worlds import (
    LOOK,
    PROPERTIES,
    Names,
    disk_of,
    nodes,
)
from ftlib.simulation import (
    Crash,
    Lose,
    Network,
    Recover,
    Trace,
    judge,
    stream,
)

__all__ = ["CHECKS"]


def _cast(hand: Hand, names: Names, work: Any, **given: Any) -> Nodes:
    assert hand.coordinator is not None
    assert hand.participant is not None
    return nodes(names, work, hand.coordinator, hand.participant, **given)


# In every run -------------------------------------------------------------------------


def agrees(hand: Hand) -> str:
    """Judge both classes in every run within a bound, and in runs drawn at random."""
    names = hand.names("agrees")
    reader = names.participants[1]
    states = 0
    for readers, unwilling in (((), ()), ((), (reader,)), ((reader,), ())):
        work = names.work(readers=readers, over=2)
        cast = _cast(hand, names, work, unwilling=unwilling)
        trace = run(cast, until=5.0)
        outcome = ABORT if unwilling else COMMIT
        if set(decided(trace, names.coordinator)) != {outcome}:
            raise fail(f"without faults this is to be a {outcome}.", trace)
        states += _explored(cast, names)
    for number in range(12):
        _at_random(hand, names, number)
    return (
        f"Nobody disagrees in {states:,} states, with a crash between any two effects"
        " and messages that are lost, doubled and late, nor in 12 runs at random."
    )


def _explored(cast: Nodes, names: Names) -> int:
    """Explore, with a crash and a recovery; return the number of states."""
    model = ClusterModel(
        cast,
        PROPERTIES,
        crashes=1,
        recoveries=1,
        survivors=True,
        keep=(Voted, Decided),
    )

    def learnt(state: Any) -> bool:
        facts = model.facts(state)
        promised = {node for node, fact in facts if fact == Voted(names.txn, "yes")}
        knows = {node for node, fact in facts if isinstance(fact, Decided)}
        return promised <= knows

    def wrong(name: str, way: Counterexample) -> Wrong:
        trace = way.trace
        reason = next(
            (
                f"{each.name} is broken: {each.reason}."
                for each in judge(trace, PROPERTIES)
                if each.name == name
            ),
            "after this run somebody who has voted yes can never learn the outcome.",
        )
        picture = drawn(trace, PROPERTIES, look=LOOK, title=reason)
        return Wrong(reason, str(way.script), picture)

    return every_run(model, wrong, invariants={}, can_reach={"learnt": learnt}).states


def _at_random(hand: Hand, names: Names, number: int) -> None:
    """Run with lost and doubled messages and one crash, all drawn."""
    draw = stream(hand.seed, "random", names.txn, str(number)).random
    reader = names.participants[1] if draw() < 0.5 else ""
    unwilling = [names.participants[2]] if draw() < 0.3 else []
    node = (names.coordinator, *names.participants)[int(draw() * 4)]
    at = round(0.3 * draw() * draw(), 3)
    faults = [Crash(node, at=at, keeps=int(draw() * 2)), Recover(node, at=at + 0.7)]
    cast = _cast(hand, names, names.work(readers=[reader]), unwilling=unwilling)
    trace = run(
        cast,
        faults,
        until=30.0,
        seed=int(draw() * 10**6),
        network=Network(loss=0.15, duplicate=0.1),
    )
    rows = "\n".join(map(repr, faults))
    for finding in judge(trace, PROPERTIES):
        if not finding:
            raise fail(f"{finding.name} is broken: {finding.reason}.", trace, rows)
    for event in trace.facts(Voted):
        if event.what.vote == "yes" and not decided(trace, event.node):
            raise fail(f"{event.node} has voted yes and never learns.", trace, rows)


# Until all is forgotten ---------------------------------------------------------------


def forgets(hand: Hand) -> str:
    """Judge how long the coordinator remembers."""
    names, rules = hand.names("forgets"), hand.rules
    hub, (a, b, c), ack = names.coordinator, names.participants, rules.messages[3]
    unwilling = [c] if rules.told == ABORT else []
    owing = [a, b, *([] if unwilling and not rules.refusers_told else [c])]
    cast = _cast(hand, names, names.work(), unwilling=unwilling)
    lost = [Lose(ack.__name__, sender=a, nth=nth) for nth in (1, 2)]
    crash = [Crash(hub, at=0.2), Recover(hub, at=0.9)]
    schedules: tuple[list[Any], ...] = (
        [],
        lost,
        [*lost, Lose(ack.__name__, sender=b)],
        [*crash, lost[0]],
    )
    for faults in schedules:
        _remembered(run(cast, faults, until=9.0), hand, names, owing, faults)
    presumed = [c] if rules.presumed == ABORT else []
    trace = run(_cast(hand, names, names.work(), unwilling=presumed), until=9.0)
    if disk_of(trace, hub, names.txn)[-1][1]:
        raise fail(
            f"the outcome is {rules.presumed}, which is presumed, and {hub} keeps"
            f" {names.txn} on its disk.",
            trace,
        )
    return f"{rules.told} is remembered until all have acknowledged it, and no longer."


def _remembered(
    trace: Trace, hand: Hand, names: Names, owing: list[str], faults: list[Any]
) -> None:
    """Raise unless the coordinator remembers a transaction until nobody owes."""
    hub, txn = names.coordinator, names.txn
    told, ack = hand.rules.told, hand.rules.messages[3]
    rows = "\n".join(map(repr, faults))
    if set(decided(trace, hub)) != {told}:
        raise fail(f"this is to be a {told}, and {hub} does not say so.", trace, rows)
    since = trace.facts(Decided, node=hub)[0].index
    heard: dict[str, int] = {}
    for event in trace.where(kind="deliver", node=hub, what=ack):
        heard.setdefault(event.other or "", event.index)
    until = max((heard.get(each, len(trace)) for each in owing), default=0)
    known = disk_of(trace, hub, txn)
    if any(not named and since <= index < until for index, named in known):
        who = next(each for each in owing if heard.get(each, len(trace)) == until)
        why = f"{hub} forgets {txn} before {who} has acknowledged the {told}."
        raise fail(why, trace, rows)
    missing = [each for each in owing if each not in heard]
    if missing:
        why = f"{missing[0]} owes an acknowledgement for good: it is not told again."
        raise fail(why, trace, rows)
    if known[-1][1]:
        why = f"nothing is owed any more, and {hub} keeps {txn} on its disk."
        raise fail(why, trace, rows)
    if trace.where(kind="send", since=5.0):
        raise fail("nothing is owed any more, and messages go on.", trace, rows)


# What it costs ------------------------------------------------------------------------


def costs(hand: Hand) -> str:
    """Judge the messages and forced writes of runs without faults."""
    names, rules = hand.names("costs"), hand.rules
    request, vote, told, ack, inquiry = rules.messages
    hub, (a, b, c) = names.coordinator, names.participants
    for outcome in (COMMIT, ABORT):
        refuses = [c] if outcome == ABORT else []
        work = names.work(readers=[b])
        cast = _cast(hand, names, work, unwilling=refuses)
        trace = run(cast, until=6.0)
        if set(decided(trace, hub)) != {outcome}:
            raise fail(f"without faults this is to be a {outcome}.", trace)
        whom = [a, c] if outcome == COMMIT or rules.refusers_told else [a]
        owed = outcome == rules.told
        wanted = {
            request: 3,
            vote: 3,
            told: len(whom),
            ack: len(whom) if owed else 0,
            inquiry: 0,
        }
        counts = trace.counts()
        for kind, most in wanted.items():
            if counts[kind.__name__] != most:
                raise fail(
                    f"{outcome} without faults takes {most} {kind.__name__} messages,"
                    f" and here are {counts[kind.__name__]}.",
                    trace,
                )
        # the start, and the moment of commit; a promise, and what is acknowledged
        forces = {
            hub: 2 if outcome == COMMIT else 1,
            a: 2 if owed else 1,
            b: 0,
            c: 1 + (owed and outcome == COMMIT),
        }
        for node, count in forces.items():
            found = len(trace.where(kind="force", node=node))
            if found != count:
                raise fail(
                    f"{outcome} without faults takes {count} forced writes at {node},"
                    f" and here are {found}.",
                    trace,
                )
    return "Messages and forced writes of a commit and of an abort, as in the table."


# All ----------------------------------------------------------------------------------

BOTH = ("participant", "coordinator")
CHECKS = (
    Check("votes", 3, "Fill in how a participant votes.", BOTH[:1], votes),
    Check("decides", 3, "Fill in how a coordinator decides.", BOTH[1:], decides),
    Check("learns", 3, "Fill in what an outcome does.", BOTH[:1], learns),
    Check("recovers", 3, "Fill in who asks and who answers.", BOTH, recovers),
    Check("agrees", 4, "Both together agree in every run.", BOTH, agrees),
    Check("forgets", 3, "Fill in when a coordinator forgets.", BOTH, forgets),
    Check("costs", 2, "Spend no more than the table allows.", BOTH, costs),
)
"""The checks with their points, in the order of the lab's steps."""
