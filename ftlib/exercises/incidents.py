"""Judges of the exercises on incidents: before which message a force is missing, two
leaders in a whole network, and an exhibit of one's own.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ftlib.consensus import raft_servers
from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import drawn, pasted, run, schedule
from ftlib.figures.exhibits import EXHIBITS
from ftlib.figures.incidents import replayed
from ftlib.simulation import (
    Crash,
    Cut,
    Partition,
    Recover,
    Schedule,
    Trace,
    judge,
)

__all__ = ["judge_exhibit", "judge_missing_forces", "judge_whole_network"]

# 1: before which message a force is missing -------------------------------------------

ASKED = ("kip-966", "pgdog-1175", "mysql-12161")
NOTHING = "nothing"


@judging
def judge_missing_forces(forces: Any) -> Answer:
    """Judge before which message a force is missing in each of three exhibits.

    What is right is read off the runs: the first message of which the sender has forced
    less before it than the mended one has. Refused is another one, and a force that is
    missing, or is not, where it is otherwise.

    Parameters
    ----------
    forces : dict from str to str
        For each exhibit the type of the message, or "nothing".
    """
    if not isinstance(forces, Mapping) or {*forces} != {*ASKED}:
        raise Wrong(f"give a dict with the keys {', '.join(ASKED)}.")
    if all(value is None for value in forces.values()):
        return not_attempted("Fill in my_forces: a type of message, or 'nothing'.")
    for key in ASKED:
        broken = replayed(key)
        known = {*broken.counts(), NOTHING}
        given = forces[key]
        if not isinstance(given, str) or given not in known:
            raise Wrong(f"{key}: {given!r} is none of {', '.join(sorted(known))}.")
        if given == _missing(key):
            continue
        if given == NOTHING:
            raise Wrong(f"{key}: somebody says what its disk does not know yet.")
        if _missing(key) == NOTHING:
            raise Wrong(
                f"{key}: what {given} says is on disk before it is said. Look at what"
                " happens after the crash."
            )
        raise Wrong(
            f"{key}: whoever sends {given} has as much on disk by then as in the mended"
            " run. Whose disk does not know yet what its message says?"
        )
    return Answer("right", "Twice a force is missing, and once it is never read.")


def _said(trace: Trace) -> dict[tuple[str, str, int], tuple[int, int]]:
    """For the k-th message of a type that a node sends: when, and how many writes it
    had forced before.
    """
    written, forced = Counter[str](), Counter[str]()
    sent, found = Counter[tuple[str, str]](), {}
    for event in trace:
        node = event.node
        if event.kind == "write":
            written[node] += 1
        elif event.kind == "force":
            forced[node] = written[node]
        elif event.kind == "send":
            what = type(event.what).__name__
            sent[node, what] += 1
            found[node, what, sent[node, what]] = event.index, forced[node]
    return found


def _missing(key: str) -> str:
    broken, mended = replayed(key), replayed(key, mended=True)
    ends = min(event.index for event in broken.where(kind="crash"))
    there = _said(mended)
    early = [
        (index, what)
        for (node, what, k), (index, forced) in _said(broken).items()
        if index < ends and forced < there.get((node, what, k), (0, 0))[1]
    ]
    return min(early)[1] if early else NOTHING


# 2: two leaders in a network that is whole --------------------------------------------

SPLIT, WHOLE = "elasticsearch-2488", 0.5


@judging
def judge_whole_network(faults: Any) -> Answer:
    """Judge one fault that lets two lead in one term where each server votes twice,
    though every message arrives.

    Refused are cuts and partitions, losses, more than one fault, one that has no
    effect, and one that does not break the promise.

    Parameters
    ----------
    faults : list of faults
    """
    if faults is None:
        return not_attempted("Fill in my_fault: a list with one fault.")
    given = schedule(faults, "my_fault")
    if not given:
        return not_attempted("Fill in my_fault: a list with one fault.")
    shown = EXHIBITS[SPLIT]
    if len(given) > 1:
        raise Wrong(f"these are {len(given)} faults: one is enough.", pasted(given))
    if isinstance(given[0], Cut | Partition):
        raise Wrong("this breaks links: the network is to stay whole.", pasted(given))
    trace = run(
        shown.cast(shown.broken), given, until=WHOLE, used=True, seed=shown.seed
    )
    picture = drawn(trace, [shown.promise], look=RAFT_LOOK)
    if trace.where(kind="drop"):
        raise Wrong("a message is lost: all are to arrive.", pasted(given), picture)
    if judge(trace, [shown.promise])[0]:
        raise Wrong("with it no term has two leaders.", pasted(given), picture)
    return Answer(
        "right", "A message that comes late is enough.", pasted(given), picture
    )


# 3: an exhibit of one's own -----------------------------------------------------------

LETTERS = tuple(("append", "x", letter) for letter in "abcdef")
UNTIL, MOST = 2.0, 4


@judging
def judge_exhibit(broken: Any, faults: Any) -> Answer:
    """Judge an exhibit: a Raft server with a mistake, and the faults that show it.

    Three servers and a client that appends six letters run for two seconds. Refused are
    a class that is not derived from `Raft` or is one of the library's mutants, faults
    that break nothing, a mistake that shows without one of them, and faults under which
    the library's own server breaks something too.

    Parameters
    ----------
    broken : type
        A subclass of `ftlib.consensus.raft.Raft`.
    faults : list of faults
        From one to four.
    """
    if broken is Raft or broken is None:
        return not_attempted("Override a handler of Raft, and give the faults.")
    kind = role(broken, "my_server")
    if not issubclass(kind, Raft):
        raise Wrong("my_server is not derived from Raft.")
    if kind.__module__.startswith("ftlib."):
        raise Wrong("this one is in the library: make a mistake of your own.")
    given = schedule(faults, "my_faults")
    if not 1 <= len(given) <= MOST:
        raise Wrong(f"these are {len(given)} faults: give from 1 to {MOST}.")
    trace = _served(watched(kind), given, used=True)
    red = _violated(trace)
    if not red:
        picture = drawn(trace, PROPERTIES, look=RAFT_LOOK)
        raise Wrong("no promise of Raft is broken.", pasted(given), picture)
    if also := _violated(_served(Raft, given)):
        raise Wrong(f"under these faults Raft itself breaks {also[0]}.", pasted(given))
    for fault in given:
        fewer = _without(given, fault)
        if _violated(_served(watched(kind), fewer)):
            raise Wrong(f"it breaks without {fault!r} too.", pasted(fewer))
    return Answer(
        "right",
        f"It breaks {' and '.join(red)}; Raft does not, and each fault is needed.",
        pasted(given),
        drawn(trace, PROPERTIES, look=RAFT_LOOK, events=160),
    )


def _served(kind: Any, faults: Schedule, used: bool = False) -> Trace:
    return run(raft_servers([LETTERS], server=kind), faults, until=UNTIL, used=used)


def _without(faults: Schedule, fault: Any) -> Schedule:
    """Leave a fault out, and with the only crash of a node its recovery."""
    rest = [each for each in faults if each is not fault]
    down = {each.node for each in rest if isinstance(each, Crash)}
    return Schedule(
        each for each in rest if not isinstance(each, Recover) or each.node in down
    )


def _violated(trace: Trace) -> list[str]:
    return [each.name for each in judge(trace, PROPERTIES) if not each]
