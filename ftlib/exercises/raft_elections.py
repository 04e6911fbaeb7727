"""Judges of the exercises on elections in Raft: who gets how many votes, and a voter
whose disk holds a single number. `ftlib.exercises.handing_over` judges the third.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ftlib.checking import ClusterModel, Counterexample
from ftlib.consensus import raft_servers
from ftlib.consensus.raft_properties import election_safety
from ftlib.drawing import Picture
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import drawn, every_run, pasted, run
from ftlib.figures.raft_elections import WIDE, logs_drawn, votes
from ftlib.services import Elected
from ftlib.simulation import (
    Broken,
    Crash,
    Cut,
    Deliver,
    Event,
    Fire,
    Node,
    Recover,
    Trace,
    judge,
    monitor,
)

__all__ = ["judge_one_number", "judge_votes", "raft_drawn"]

raft_drawn = partial(drawn, look=RAFT_LOOK)

# 1: who gets how many votes -----------------------------------------------------------

LOGS = {
    "s1": (1, 1, 2, 4),
    "s2": (1, 1, 2),
    "s3": (1, 1, 2, 3, 3, 3),
    "s4": (1, 1, 2, 4, 4),
    "s5": (1, 1, 2, 3),
}
MISTAKES = {
    "length": "this is how it would be if the longer log won: compare the terms of the"
    " last entries first.",
    "term": "this is how it would be if only the terms of the last entries counted:"
    " where they are equal, the longer log wins.",
    "any": "nobody votes for a candidate whose log is behind its own.",
}


@judging
def judge_votes(counts: Any) -> Answer:
    """Judge how many votes each of five servers gets, its own among them, if it alone
    asks in term 5 and all are up.

    Refused are counts by the length of the logs alone, by their last term alone, and
    without the candidate's own vote.

    Parameters
    ----------
    counts : dict from server to int
    """
    if not isinstance(counts, Mapping):
        raise Wrong(f"my_votes is {counts!r}: give a dict from server to number.")
    if set(counts) != set(LOGS):
        raise Wrong(f"my_votes names {', '.join(map(str, counts))}: give s1 to s5.")
    if all(value is None for value in counts.values()):
        title = "Each asks for votes in term 5."
        says = dict.fromkeys(LOGS, ("muted", "? votes"))
        return Answer("not attempted", "Fill in my_votes.", picture=_logs(says, title))
    for server, value in counts.items():
        if type(value) is not int or not 0 <= value <= len(LOGS):
            raise Wrong(f"{server} gets {value!r}: give a whole number, from 0 to 5.")
    given = {server: counts[server] for server in LOGS}
    truth = _counted("both")
    if given == truth:
        says = {each: ("green", f"{number} votes") for each, number in truth.items()}
        title = "s1, s3 and s4 can be elected."
        return Answer("right", "Three of five can lead.", picture=_logs(says, title))
    for rule, why in MISTAKES.items():
        if given == _counted(rule):
            raise _wrong(given, why)
    if all(given[each] == truth[each] - 1 for each in LOGS):
        raise _wrong(given, "a candidate votes, too: for itself.")
    if sum(given.values()) == len(LOGS):
        raise _wrong(given, "each count is for a term of its own: others do not ask.")
    off = next(each for each in LOGS if given[each] != truth[each])
    raise _wrong(given, f"{off} does not get {given[off]}: compare its log with each.")


def _counted(rule: str) -> dict[str, int]:
    return {each: len(votes(rule, each, LOGS)) for each in LOGS}


def _wrong(given: Mapping[str, int], why: str) -> Wrong:
    says = {each: ("red", f"{number} votes?") for each, number in given.items()}
    return Wrong(why, picture=_logs(says, "Not these votes."))


def _logs(says: Mapping[str, tuple[str, str]], title: str) -> Picture:
    body, high = logs_drawn(LOGS, LOGS["s2"], says)
    story = (
        f"The entries of {each} are of terms {', '.join(map(str, log))}."
        for each, log in LOGS.items()
    )
    edges = "An entry with a full edge is on every server."
    return Picture(body, WIDE, high + 6, title, edges, tuple(story))


# 2: a voter whose disk holds one number -----------------------------------------------

BOUND: dict[str, Any] = {
    "firings": {"election": 2, "heartbeat": 0},
    "crashes": 1,
    "recoveries": 1,
    "crashing": ("s1",),  # each of them is like the others
}
VAIN = (
    Fire("s1", "election"),
    Deliver("RequestVote", "s1", "s2"),
    Deliver("RequestVote", "s1", "s3"),
)
"""All have voted in term 1, and no reply has come: the next votes are not the first."""
SEED = 7


def _one_number(key: Any, event: Event) -> Any:
    if type(event.what) is not int:
        return Broken(f"{event.node} writes {event.what!r}, which is no whole number")
    if key not in (None, event.other):
        return Broken(f"{event.node} writes under {event.other!r} and under {key!r}")
    return event.other


single = monitor("one number", None, _one_number, ("write",))
CHECKS = (election_safety, single)


@judging
def judge_one_number(server: Any) -> Answer:
    """Judge servers that keep one whole number on disk, and nothing else, and of which
    no two are elected in one term.

    Some runs come first, then every run of three servers with two elections, one crash
    and one recovery, from the beginning and after a vain election. Refused are servers
    that elect nobody, before or after all of them have been down; that write something
    else, or under two names; and runs with two leaders of one term.

    Parameters
    ----------
    server : type
        A subclass of `Node`, called with the names of all servers.
    """
    kind = role(server, "OneNumber")
    if not any(callable(value) for value in vars(kind).values()):
        return not_attempted("OneNumber keeps nothing yet: override some methods.")
    for what, faults, times in _STAGED:
        trace = run(_nodes(kind), faults, until=3.0, seed=SEED)
        _kept(trace, what, faults)
        found = [event for event in trace.facts(Elected) if event.time > times]
        if not found:
            raise Wrong(
                f"{what}, and nobody is elected after {times:g} s.",
                pasted(faults),
                _shown(trace, "Nobody is elected."),
            )
    states = 0
    for settled in ((), VAIN):
        nodes = raft_servers((), server=watched(kind, 10**7))
        model = ClusterModel(nodes, CHECKS, settled=settled, **BOUND)
        states += every_run(model, _unsafe, invariants={}, can_reach={}).states
    return Answer(
        "right",
        f"No two leaders of one term in {states:,} states, and one number on each"
        " disk.",
    )


_STAGED: tuple[tuple[str, tuple[Any, ...], float], ...] = (
    ("nothing goes wrong", (), 0.0),
    ("s1 crashes", (Crash("s1", at=0.6),), 0.6),
    (
        "all have been down",
        tuple(Crash(each, at=0.6) for each in ("s1", "s2", "s3"))
        + tuple(Recover(each, at=0.8) for each in ("s1", "s2", "s3")),
        0.8,
    ),
    (
        "s2 and s3 have been down, cannot reach each other, and s1 comes back, too",
        (
            *(Cut("s2", "s3"), Cut("s3", "s2")),
            *(Crash("s2", at=0.01), Recover("s2", at=0.02)),
            *(Crash("s3", at=0.01), Recover("s3", at=0.58)),
            *(Crash("s1", at=0.6), Recover("s1", at=0.62)),
        ),
        0.6,
    ),
    (
        "two have been down, and the third is down now",
        (
            Crash("s2", at=0.5),
            Recover("s2", at=0.52),
            Crash("s3", at=0.55),
            Recover("s3", at=0.57),
            Crash("s1", at=0.6),
        ),
        0.6,
    ),
)


def _nodes(kind: type[Node]) -> Any:
    return raft_servers((), server=watched(kind))


def _kept(trace: Trace, what: str, faults: Any) -> None:
    for finding in judge(trace, CHECKS):
        if finding.verdict == "violated":
            why = f"{what}, and {finding.reason}."
            raise Wrong(why, pasted(faults), _shown(trace, why))


def _unsafe(name: str, way: Counterexample) -> Wrong:
    why = {
        election_safety.name: "in one of all runs two servers lead in one term.",
        single.name: "in one of all runs a disk holds more than one number.",
    }[name]
    return Wrong(why, str(way), raft_drawn(way.trace, CHECKS))


def _shown(trace: Trace, title: str) -> Picture:
    return raft_drawn(trace, CHECKS, title=title, events=60)
