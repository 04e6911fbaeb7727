"""Judges of the exercises on N replicas and a primary: the smallest group for so many
crashes, a pause that the lowest id takes for a crash, and a vote for which no log is
sent.
"""

from collections.abc import Iterable
from functools import partial
from itertools import combinations
from time import monotonic
from typing import Any

from ftlib.checking import ClusterModel, Counterexample
from ftlib.drawing import Picture
from ftlib.drawing.looks.pair import END, lost, who_acts
from ftlib.drawing.looks.replication import REPLICATION_LOOK
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import text
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import drawn, every_run, pasted, run, say_how_far, schedule
from ftlib.figures.primary_standby import WRITERS
from ftlib.replication.n_plus_one import LowestId, n_plus_one
from ftlib.replication.pair import Resting
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_properties import PROPERTIES
from ftlib.replication.primary_replica_worlds import APART, DEPOSED, over
from ftlib.replication.shipping import Append, Ask, Install, Promise
from ftlib.services import Elected, Reply, Request
from ftlib.simulation import (
    Crash,
    Fire,
    Heal,
    Node,
    Partition,
    Recover,
    Schedule,
    Slow,
    Trace,
    judge,
)

__all__ = ["judge_group", "judge_paused", "judge_short_vote"]

# 1: a group for three crashes ---------------------------------------------------------

CRASHES = 3
SMALLEST = 2 * CRASHES + 1


@judging
def judge_group(nodes: Any, acknowledge: Any, vote: Any) -> Answer:
    """Judge how many nodes there must be, and of these how many acknowledge a write and
    how many decide who is the primary, so that any three may crash.

    Refused is a group in which three crashes stop the writes or the vote; one in which
    those who acknowledge and those who vote may have nobody in common; and one that is
    larger than it must be.

    Parameters
    ----------
    nodes, acknowledge, vote : int
    """
    given = {"nodes": nodes, "acknowledge": acknowledge, "vote": vote}
    if all(value is None for value in given.values()):
        return not_attempted("Set my_nodes, my_acknowledge and my_vote.")
    for name, value in given.items():
        if type(value) is not int or not 1 <= value <= 20:
            raise Wrong(f"my_{name} is {value!r}: give a whole number, from 1 to 20.")
    for name, value in (("acknowledge", acknowledge), ("vote", vote)):
        if value > nodes:
            raise Wrong(f"my_{name} is {value}, and there are {nodes} nodes.")
    down = range(nodes - CRASHES, nodes)
    for name, value in (("acknowledge a write", acknowledge), ("vote", vote)):
        if value > nodes - CRASHES:
            raise Wrong(
                f"{CRASHES} of {nodes} nodes are down, and {value} are to {name}.",
                picture=_sets(nodes, {"down": down}, "Too few are left."),
            )
    if acknowledge + vote <= nodes:
        apart = {"a write": range(acknowledge), "the vote": range(acknowledge, nodes)}
        raise Wrong(
            f"a write may be with {acknowledge} nodes and the vote with {vote} others:"
            " nobody is in both.",
            picture=_sets(nodes, apart, "Nobody is in both."),
        )
    if nodes > SMALLEST:
        raise Wrong(f"{nodes} nodes survive it, and fewer do, too.")
    return Answer("right", f"Any {CRASHES} of {nodes} may crash: N is {nodes - 1}.")


def _sets(nodes: int, sets: dict[str, range], title: str) -> Picture:
    """Draw nodes in a row, and who of them are what."""
    inks, parts = ("red", "blue"), []
    step = min(50.0, 400.0 / nodes)
    for place, (name, members) in enumerate(sets.items()):
        y = 34 + 60 * place
        parts.append(text(14, y - 12, name, inks[place], "start", 15))
        for node in range(nodes):
            fill = colour(inks[place]) if node in members else "none"
            parts.append(
                f'<rect x="{14 + node * step:g}" y="{y}" width="{step * 0.6:g}"'
                f' height="20" rx="3" fill="{fill}" stroke="{colour(inks[place])}"/>'
            )
    story = tuple(
        f"{name.capitalize()}: {', '.join(f'r{node + 1}' for node in members)}."
        for name, members in sets.items()
    )
    return Picture("".join(parts), 430, 60 * len(sets) + 10, title, "", story)


# 2: a pause ---------------------------------------------------------------------------

FAULTS = 2


@judging
def judge_paused(faults: Any) -> Answer:
    """Judge pauses by which three nodes, of which the lowest id leads, lose an answered
    write.

    Refused are other faults than `Slow`, more than two of them, one that never takes
    effect, and a run that loses nothing.

    Parameters
    ----------
    faults : list of Slow
    """
    if faults is None:
        return not_attempted("Set my_faults to a list of Slow.")
    given = schedule(faults, "my_faults")
    if not list(given):
        return not_attempted("my_faults is empty yet.")
    for fault in given:
        if not isinstance(fault, Slow):
            raise Wrong(f"{fault!r} is no Slow: nobody crashes here, nothing is cut.")
    if len(list(given)) > FAULTS:
        raise Wrong(f"it holds {len(list(given))} faults: {FAULTS} are enough.")
    trace = _leads(LowestId, given, used=True)
    gone = lost(trace)
    if not gone:
        title = "Every answered write is in the last primary's log."
        raise Wrong("nothing is lost.", pasted(given), _acts(trace, title))
    writes = f"{len(gone)} answered write{'s' * (len(gone) > 1)}"
    by_vote = lost(_leads(Replica, given))
    return Answer(
        "right",
        f"Nobody has crashed, and {writes} are lost. By majority {len(by_vote)} are.",
        picture=_acts(trace, f"Lost: {writes}."),
    )


def _leads(member: type[Node], faults: Schedule, **bound: Any) -> Trace:
    nodes = n_plus_one(WRITERS, member=member, client=Resting, longest=0.4)
    return run(nodes, faults, until=END, seed=7, **bound)


def _acts(trace: Trace, title: str) -> Picture:
    return who_acts(trace, title, nodes=("r1", "r2", "r3"))


# 3: a vote for which no log is sent ---------------------------------------------------

LETTERS = "abcdefgh"
WRITES = tuple(("append", "x", letter) for letter in LETTERS)
OTHERS = tuple(("append", "x", letter) for letter in LETTERS.upper())
SHORT = (WRITES[:1], OTHERS[:1], (), WRITES[1:2], (), (), WRITES[2:3])
LATE = (
    Fire("r2", "takeover"),
    *over("r2>r3", "r2>r1"),
    Fire("r2", "takeover"),
    Fire("r1", "takeover"),
    *over("r1>r3"),
)
"""What r2 was granted for its first epoch is under way when it asks for another."""
WORLDS: tuple[Any, ...] = (APART[:1], (), 1), (APART, DEPOSED, 1), (APART, LATE, 0)
STAGED: dict[str, tuple[int, Any, list[Any]]] = {
    "r1 crashes": (2, (WRITES, OTHERS), [Crash("r1", at=0.05)]),
    "r3 has been away when r1 crashes": (
        2,
        (WRITES * 2, OTHERS * 2),
        [
            Crash("r3", at=0.05),
            Crash("r1", at=0.4),
            Crash("r2", at=0.4),
            Recover("r3", at=0.6),
            Recover("r2", at=0.65),
        ],
    ),
    "r1 has more entries, of an earlier epoch": (
        2,
        SHORT,
        [Partition((("r1", "c1", "c4", "c7"),)), Crash("r2", at=0.6), Heal(at=0.6)],
    ),
    "two of five are cut off": (
        4,
        (WRITES, OTHERS),
        [Partition((("r4", "r5", "c2"),), at=0.05), Heal(at=1.0)],
    ),
}
SEEDS = 20


@judging
def judge_short_vote(member: Any) -> Answer:
    """Judge nodes of which none takes over whose log is behind that of a voter, so that
    no log need be sent with a vote.

    Four staged runs come first, then every run of three small worlds, then twenty
    schedules by chance. Refused are nodes that still ask with `Ask` or grant with
    `Promise`, a message of a takeover that carries entries, runs in which not
    everything is answered, and runs and states in which a promise is broken.

    Parameters
    ----------
    member : type
        A subclass of `Replica`.
    """
    if member is None or member is Replica:
        return not_attempted("Write MyReplica, a subclass of Replica.")
    kind = role(member, "MyReplica")
    if not issubclass(kind, Replica):
        raise Wrong("MyReplica is no subclass of Replica.")
    if not any(callable(value) for value in vars(kind).values()):
        return not_attempted("MyReplica has the methods of Replica: override some.")
    start = monotonic()
    for what, (number, wanted, faults) in STAGED.items():
        _staged(kind, number, what, wanted, faults)
    states = 0
    for wanted, settled, takeovers in WORLDS:
        nodes = n_plus_one(wanted, member=watched(kind, 10**7), longest=0.1)
        try:
            firings = {"takeover": takeovers, "retry": 0, "beat": 0}
            model = ClusterModel(
                nodes, PROPERTIES, network="fifo", firings=firings, settled=settled
            )
            found = every_run(model, _unsafe, invariants={}, can_reach={})
        except ValueError as error:
            raise Wrong(
                f"r3 does not help r2, which has asked first: {error}"
            ) from None
        states += found.states
        say_how_far(f"{states:,} states", start)
    for seed in range(SEEDS):
        _by_chance(kind, seed)
    return Answer(
        "right",
        f"No log is sent with a vote, and nothing is lost in {states:,} states and"
        f" {SEEDS} runs by chance.",
    )


show = partial(drawn, look=REPLICATION_LOOK)


def _unsafe(name: str, way: Counterexample) -> Wrong:
    return Wrong(
        f"{name} is broken in one of all runs.",
        str(way),
        show(way.trace, PROPERTIES),
    )


def _staged(
    kind: type[Node], number: int, what: str, wanted: Any, faults: list[Any]
) -> None:
    nodes = n_plus_one(wanted, number, member=watched(kind, 10**6))
    trace = run(nodes, faults, until=6.0, seed=7)
    _safe(trace, f"{what}, and", faults)
    old = trace.where(kind="send", what=(Ask, Promise))
    if old:
        named = type(old[0].what).__name__
        raise _fail(f"{old[0].node} sends {named}, as Replica does.", trace, faults)
    leading = {(fact.node, fact.what.epoch) for fact in trace.facts(Elected)}
    for event in trace.where(kind="send"):
        name, node = type(event.what).__name__, event.node
        if isinstance(event.what, Append | Install):
            if (node, event.what.epoch) not in leading:
                raise _fail(f"{node} sends {name}, and is no primary.", trace, faults)
        elif not isinstance(event.what, Request | Reply) and _carries(event.what):
            raise _fail(f"{name} carries entries of a log.", trace, faults)
    asked = sum(map(len, wanted))
    returned = len(trace.where(kind="return"))
    if returned < asked:
        raise _fail(
            f"{what}, and after 6 s {asked - returned} of {asked} requests are not"
            " answered.",
            trace,
            faults,
        )


def _carries(message: object) -> bool:
    """Whether it holds an operation, in whatever field and form."""
    return "append" in repr(message)


def _by_chance(kind: type[Node], seed: int) -> None:
    """Cut off, and crash, whoever the seed says."""
    pairs = list(combinations(("r1", "r2", "r3"), 2))
    gone, cut = pairs[seed % 3], ("r1", "r2", "r3")[seed // 3 % 3]
    at = 0.03 + seed % 5 * 0.02
    faults = [
        Partition(((cut, "c1"),), at=at),
        Heal(at=at + 0.5),
        *(Crash(each, at=at + 0.5) for each in gone),
        *(Recover(each, at=at + 0.7) for each in gone),
    ]
    nodes = n_plus_one((WRITES[:6], OTHERS[:6]), member=watched(kind, 10**6))
    _safe(run(nodes, faults, until=3.0, seed=seed), "in a run by chance", faults)


def _safe(trace: Trace, when: str, faults: Iterable[Any]) -> None:
    for finding in judge(trace, PROPERTIES):
        if finding.verdict == "violated":
            raise _fail(
                f"{when} {finding.name} is broken: {finding.reason}.", trace, faults
            )


def _fail(why: str, trace: Trace, faults: Iterable[Any]) -> Wrong:
    return Wrong(why, pasted(Schedule(faults)), show(trace, PROPERTIES, events=120))
