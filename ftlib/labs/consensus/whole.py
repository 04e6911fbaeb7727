"""The checks of the lab on consensus that try servers and witnesses together: in every
run within a bound, in longer ones at random, and by what a command costs; and all
checks, in order.
"""

from typing import Any

from ftlib.checking import ClusterModel, Counterexample
from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, every_run, run
from ftlib.labs.check import Check
from ftlib.labs.consensus import Committed, Leads, Members, Rules
from ftlib.labs.consensus.checks import follows, votes, witness
from ftlib.labs.consensus.committing import commits
from ftlib.labs.consensus.hand import Hand, everyone, fail
from ftlib.labs.consensus.leading import stands
from ftlib.labs.consensus.worlds import LOOK, PROPERTIES, elected_by_enough
from ftlib.simulation import (
    Crash,
    Deliver,
    Fire,
    Heal,
    Network,
    Partition,
    Property,
    Recover,
    Trace,
    judge,
    stream,
)

__all__ = ["CHECKS", "spent"]

FAULTS_END = 4.0  # seconds, in the runs at random

# In every run -------------------------------------------------------------------------


def agrees(hand: Hand) -> str:
    """Judge both classes in every run within a bound, and in runs drawn at random."""
    names, rules = hand.names("agrees"), hand.rules
    a, b, w = *names.servers[:2], names.witnesses[0]
    members = names.members((1, 1), (2,))  # w and either server are enough to elect
    order = rules.messages[5](names.commands[0])
    clients = {} if rules.blank else {"client": [(0.1, (a, order))]}
    quiet = {"election": 0, "heartbeat": 0}
    two: list[Deliver | Fire] = [Fire(a, "election"), Fire(b, "election")]
    led = [*two[:1], *_over((a, w), (w, a))]
    if not rules.blank:  # then a command, and what came before it is over
        led += [Fire("client", "line 0"), *_over(("client", a), (a, w), (w, a))]
        led += _over((a, b), (b, a), (a, b), (b, a))
    late = [*led, *_over((a, b), (b, a))] if rules.blank else led
    once = {**quiet, "election": 1}
    crash = {"crashes": 1, "recoveries": 1, "survivors": True}
    evenly, other = names.members((1, 1), (1, 1)), names.witnesses[1]
    split = [*two, *_over((a, w), (w, a), (b, other), (other, b))]
    states = 0
    for group, lines, bound in (
        (members, {}, {"network": "fifo", "settled": two, "firings": quiet, **crash}),
        (evenly, {}, {"network": "fifo", "settled": split, "firings": once}),
        (
            members,
            clients,
            {"network": "fifo", "settled": led, "firings": once, **crash},
        ),
        (members, clients, {"network": "multiset", "settled": late, "firings": once}),
    ):
        properties = (*PROPERTIES, elected_by_enough(rules, group))
        states += _explored(everyone(hand, group, lines), properties, bound)
    for number in range(8):
        _at_random(hand, number)
    return (
        f"Nothing that must hold is broken in {states:,} states, with a crash between"
        " any two effects and messages that are late, nor in 8 runs at random."
    )


def _over(*links: tuple[str, str]) -> list[Deliver | Fire]:
    """Deliver what has been under way for longest, over one link after another."""
    return [Deliver(sender=each, receiver=to) for each, to in links]


def _explored(
    cast: Nodes, properties: tuple[Property, ...], bound: dict[str, Any]
) -> int:
    """Explore; return the number of states."""
    try:
        model = ClusterModel(cast, properties, **bound)
        next(iter(model.initial_states()))
    except ValueError as error:
        raise Wrong(
            f"a server is to stand and to get a vote, and does not get there: {error}."
        ) from error

    def wrong(name: str, way: Counterexample) -> Wrong:
        trace = way.trace
        reason = next(
            f"{each.name} is broken: {each.reason}."
            for each in judge(trace, properties)
            if not each
        )
        picture = drawn(trace, properties, look=LOOK, title=reason)
        return Wrong(reason, str(way.script), picture)

    return every_run(model, wrong, invariants={}, can_reach={}).states


def _at_random(hand: Hand, number: int) -> None:
    """Run with a crash, a partition, and lost and doubled messages, all drawn."""
    names = hand.names(f"random {number}")
    draw = stream(hand.seed, "random", hand.rules.code, str(number)).random
    heavy = 1 + int(draw() * 3)
    members = names.members((heavy, 2, 1), (1 + int(draw() * 2),))
    who = [name for name, _, _ in members]
    down, apart = who[int(draw() * 4)], who[int(draw() * 4)]
    crash, cut = round(3 * draw(), 2), round(3 * draw(), 2)
    rest = tuple(name for name in who if name != apart)
    faults = [
        *(Crash(down, at=crash, keeps=int(draw() * 2)), Recover(down, at=crash + 0.4)),
        *(Partition(((apart,), rest), at=cut), Heal(at=FAULTS_END)),
    ]
    order = hand.rules.messages[5]
    asked = names.commands[:2]
    # each again and again; the last two let a later leader commit what is before them
    times = [(what, 0.3 + place * 0.6) for place, what in enumerate(asked * 10)]
    times += [*zip(names.commands[2:], (12.5, 13.5), strict=True)]
    lines = [
        (at + again, (name, order(what)))
        for what, at in times
        for again in (0.0, 0.2)  # messages may be lost
        for name in names.servers[:3]
    ]
    trace = run(
        everyone(hand, members, {"client": lines}),
        faults,
        until=15.0,
        seed=int(draw() * 10**6),
        network=Network(loss=0.05, duplicate=0.1),
    )
    rows = "\n".join(map(repr, faults))
    for finding in judge(trace, (*PROPERTIES, elected_by_enough(hand.rules, members))):
        if not finding:
            title = f"{finding.name} is broken: {finding.reason}."
            last = finding.trace[-60:]
            picture = drawn(last, look=LOOK, title=title)
            raise Wrong(title, rows, picture)
    for what in asked:
        known = {
            event.node for event in trace.facts(Committed) if event.what.command == what
        }
        if missing := set(names.servers[:3]) - known:
            raise Wrong(
                f"all faults are over after {FAULTS_END:g} s, {what!r} is asked for"
                f" until 12 s, and at 15 s {min(missing)} does not know it committed.",
                rows,
                drawn(trace[-60:], look=LOOK, title="The end of the run."),
            )


# What it costs ------------------------------------------------------------------------


def spent(trace: Trace, rules: Rules, members: Members, since: float) -> dict[str, int]:
    """Count what a command takes from a moment on: the messages of the leader that no
    timer asks for, by type, and forced writes by node.
    """
    _, _, log, mark, *_ = rules.messages
    counts = {log.__name__: 0, mark.__name__: 0}
    last = {name: "" for name, _, _ in members}
    for event in trace:
        if event.kind in ("deliver", "timer", "recover"):
            last[event.node] = event.kind
        elif event.time >= since and event.kind == "send":
            name = type(event.what).__name__
            if name in counts and last[event.node] == "deliver":
                counts[name] += 1
    for name, _, _ in members:
        counts[name] = len(trace.where(kind="force", node=name, since=since))
    return counts


def costs(hand: Hand) -> str:
    """Judge the messages and forced writes of one command without faults."""
    names, rules = hand.names("costs"), hand.rules
    _, _, log, mark, _, order = rules.messages
    members = names.members((1, 1, 1), (1,))
    servers = names.servers[:3]
    lines = [(5.0, (name, order(names.commands[0]))) for name in servers]
    for seed in range(9):
        trace = run(everyone(hand, members, {"client": lines}), until=6.5, seed=seed)
        if not trace.where(kind="fact", what=Leads, since=4.5):
            break
    leaders = trace.facts(Leads)
    if not leaders or leaders[-1].time > 4.5:
        raise fail("without faults somebody is to lead within 4.5 s.", trace)
    cut = next(each.index for each in trace if each.time >= 4.9)
    shown = trace[cut:]
    known = {each.node for each in trace.facts(Committed) if each.time >= 5.0}
    if known != set(servers):
        raise fail("without faults every server is to learn of a command.", shown)
    counts = spent(trace, rules, members, 4.5)
    wanted = {log.__name__: 4 if rules.eager else 2, mark.__name__: 1}
    wanted |= {name: 1 for name, _, _ in members}
    for what, most in wanted.items():
        if counts[what] != most:
            told = (
                f"{most} {what} messages beside heartbeats"
                if what in (log.__name__, mark.__name__)
                else f"{most} forced write at {what}, and heartbeats none"
            )
            raise fail(
                f"with three servers and a witness a command takes {told}, and here"
                f" are {counts[what]}.",
                shown,
            )
    return "Messages and forced writes of a command, and of heartbeats none."


# All ----------------------------------------------------------------------------------

BOTH = ("server", "witness")
CHECKS: tuple[Check[Hand], ...] = (
    Check("witness", 3, "Fill in what a witness answers.", BOTH[1:], witness),
    Check("stands", 3, "Fill in how a server is elected.", BOTH[:1], stands),
    Check("votes", 2, "Fill in how a server votes.", BOTH[:1], votes),
    Check("follows", 3, "Fill in how a server follows.", BOTH[:1], follows),
    Check("commits", 4, "Fill in when a leader commits.", BOTH[:1], commits),
    Check("agrees", 4, "All together agree in every run.", BOTH, agrees),
    Check("costs", 2, "Spend no more than the table allows.", BOTH, costs),
)
"""The checks with their points, in the order of the lab's steps."""
