"""Judges of the exercises on replication: a mode that survives any two crashes, an
acknowledged write that a takeover loses, and for how long a write is on one disk only.
"""

import math
from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

from ftlib.drawing.looks.replication import REPLICATION_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded
from ftlib.exercises.runs import drawn, pasted, run, schedule
from ftlib.replication import Mode, primary_replica, replicas
from ftlib.services import Client, Request, Stored
from ftlib.simulation import (
    Cluster,
    Crash,
    Lose,
    Node,
    Point,
    Recover,
    Schedule,
    Slow,
    Trace,
)

__all__ = ["judge_any_two", "judge_exposure", "judge_too_few"]

WRITE, READ = ("put", "x", 1), ("get", "x")

# 1: any two crashes -------------------------------------------------------------------

MOST_NODES = 6
BEAT, NEVER = 0.25, 60.0  # seconds


@judging
def judge_any_two(mode: Any) -> Answer:
    """Judge a mode that survives the crash of any two nodes.

    A write is acknowledged, two nodes crash, and the write must then be read. Where the
    primary is one of the two, only as many replicas have the write as must, and the
    node that takes over hears first those that have not. Refused are more than six
    nodes, a read that finds nothing, and one that is not answered.

    Parameters
    ----------
    mode : Mode
    """
    if mode is None:
        return not_attempted("Set my_mode to a Mode.")
    if not isinstance(mode, Mode):
        raise Wrong(f"my_mode is {mode!r}: hand in a Mode.")
    nodes = mode.replicas + 1
    if nodes > MOST_NODES:
        raise Wrong(f"it has {nodes} nodes: {MOST_NODES} are enough.")
    names = [f"r{number + 1}" for number in range(nodes)]
    for pair in combinations(names, min(2, nodes)):
        trace, faults = _without(mode, names, pair)
        results = [e.what for e in trace.where(kind="return")]
        who = " and ".join(pair)
        if (READ, None) in results:
            why = f"when {who} crash, an acknowledged write is lost."
        elif (READ, 1) not in results:
            why = f"when {who} crash, nobody answers any more."
        else:
            continue
        raise Wrong(why, pasted(faults), drawn(trace, look=REPLICATION_LOOK))
    return Answer(
        "right", f"Whichever two of the {nodes} nodes crash, what was written is read."
    )


def _without(
    mode: Mode, names: list[str], pair: tuple[str, ...]
) -> tuple[Trace, Schedule]:
    """Run a write and a read with two nodes gone."""
    has, not_has = names[1 : 1 + mode.copies], names[1 + mode.copies :]
    faults: list[Any] = []
    if names[0] in pair:
        faults = [Slow((names[0], each), by=NEVER) for each in not_has]
        faults += [Slow((has_it, each), by=0.3) for has_it in has for each in not_has]
        faults.append(Crash(names[0], at=Point(names[0], "send", "Reply")))
        faults += [Crash(each, at=Point(names[0], "crash")) for each in pair[1:]]
    else:
        faults = [Crash(each, at=0.0) for each in pair]

    def member(patience: float) -> Callable[[], Node]:
        kind, times = primary_replica.Replica, (BEAT, (patience, patience))
        return partial(kind, tuple(names), mode, (), None, *times)

    # the last node takes over, or if it is gone the one before it, and so on
    nodes = {
        name: member(1.0 + 2.0 * number) for number, name in enumerate(reversed(names))
    }
    nodes = {name: nodes[name] for name in names}
    nodes["c1"] = partial(Client, tuple(names), (WRITE, READ), 0.4, 0.4)
    return Cluster(nodes, faults=faults).run(until=12.0), Schedule(faults)


# 2: one node too few ------------------------------------------------------------------

FEW = Mode(1, replicas=3, hears=2)
FAULTS = 5


@judging
def judge_too_few(faults: Any) -> Answer:
    """Judge faults by which four nodes lose an acknowledged write, if a write needs one
    copy and a takeover hears two nodes.

    A client writes x, and reads it through the log. Refused are other faults than
    `Crash`, `Slow` and `Lose`, more than five, two crashes, one that never takes
    effect, a write that is not acknowledged, a read that finds it or is not answered.

    Parameters
    ----------
    faults : list of Crash, Slow and Lose
    """
    if faults is None:
        return not_attempted("Set my_faults to a list of faults.")
    given = schedule(faults, "my_faults")
    if not list(given):
        return not_attempted("my_faults is empty yet.")
    for fault in given:
        if not isinstance(fault, Crash | Slow | Lose):
            raise Wrong(f"{fault!r} is neither Crash nor Slow nor Lose.")
    if len(list(given)) > FAULTS:
        raise Wrong(f"it holds {len(list(given))} faults: {FAULTS} are enough.")
    if sum(isinstance(fault, Crash) for fault in given) > 1:
        raise Wrong("two nodes crash: one crash is enough.")
    trace = run(replicas([[WRITE, READ]], FEW), given, until=2.0, used=True)
    results = [event.what for event in trace.where(kind="return")]
    shown = pasted(given), drawn(trace, look=REPLICATION_LOOK)
    if not results:
        raise Wrong("the write has not been acknowledged after 2 s.", *shown)
    if (READ, 1) in results:
        raise Wrong("the read finds the write: nothing is lost.", *shown)
    if (READ, None) not in results:
        raise Wrong("the read has not been answered after 2 s.", *shown)
    return Answer(
        "right",
        "One node acknowledged that the two which decided have not heard.",
        *shown,
    )


# 3: on one disk only ------------------------------------------------------------------


def _runs() -> list[Trace]:
    """Runs that tell the ways to be wrong apart."""
    writes = [("put", key, 1) for key in "abcdef"]
    far = [Slow(("r1", "r2"), by=0.07), Slow(("r1", "r3"), by=0.03)]
    alone = [Crash("r1", at=Point("r1", "send", "Reply", nth=3))]
    back = [*alone, Recover("r1", at=0.9)]
    gone = [Lose("Append", sender="r1", receiver=each) for each in ("r2", "r3")]
    cases: list[tuple[Mode, list[Any]]] = [
        (Mode(0), far),
        (Mode(1), far),
        (Mode(2), far),
        (Mode(0, hears=2), alone),
        (Mode(0, hears=2), back),
        (Mode(0), gone),
    ]
    return [
        Cluster(replicas([writes], mode), faults=faults, disk_latency=0.002).run(
            until=2.0
        )
        for mode, faults in cases
    ]


def _exposed(trace: Trace) -> list[float]:
    """For how long after it was acknowledged each write of c1 was on one disk only."""
    since: dict[int, list[float]] = {}
    seen: set[tuple[int, str]] = set()
    for event in trace.facts(Stored):
        match event.what.value:
            case Request("c1", number) if (number, event.node) not in seen:
                seen.add((number, event.node))
                since.setdefault(number, []).append(event.time)
    found = []
    for number, event in enumerate(trace.where(kind="return"), 1):
        times = since.get(number, [])
        second = times[1] if len(times) > 1 else math.inf
        found.append(max(0.0, second - event.time))
    return found


@judging
def judge_exposure(exposure: Any) -> Answer:
    """Judge a function that tells of each acknowledged write of c1 for how many seconds
    after its acknowledgement it was on one disk only: 0 if it was on two before, and
    infinity if it never was.

    Refused are times that are too long, because they begin before the acknowledgement,
    or too short, because they end before the write is on a second disk, and a list that
    lacks a write.

    Parameters
    ----------
    exposure : callable
        From a trace to a list of float.
    """
    if exposure is None:
        return not_attempted("Write exposure, a function of a trace.")
    if not callable(exposure):
        raise Wrong(f"exposure is {exposure!r}: hand in a function.")
    for number, trace in enumerate(_runs(), 1):
        got, due = bounded(exposure, trace), _exposed(trace)
        if got is None and number == 1:
            return not_attempted("exposure returns nothing yet.")
        _compare(got, due, number, trace)
    return Answer("right", "It is right in six runs, of three modes.")


def _compare(got: Any, due: list[float], number: int, trace: Trace) -> None:
    picture = drawn(trace, look=REPLICATION_LOOK)
    if not isinstance(got, list | tuple):
        raise Wrong(f"in run {number} it returns {got!r}: return a list.", "", picture)
    if len(got) != len(due):
        raise Wrong(
            f"in run {number}, {len(due)} writes are acknowledged, and it returns"
            f" {len(got)} numbers.",
            str(list(got)),
            picture,
        )
    for place, (one, other) in enumerate(zip(got, due, strict=True), 1):
        if not (
            isinstance(one, int | float) and math.isclose(one, other, abs_tol=1e-6)
        ):
            raise Wrong(
                f"in run {number} write {place} was on one disk only for {other:.4g} s"
                f" after its acknowledgement, and it says {one!r}.",
                str(list(got)),
                picture,
            )
