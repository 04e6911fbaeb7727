"""Judges of the exercises on a primary and its replicas: a mode that bears any one
crash, the faults that break a takeover by length alone, and replicas that answer reads
only when they are as far as their primary.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ftlib.checking import ClusterModel, Counterexample, History
from ftlib.drawing.looks.replication import REPLICATION_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import Nodes, drawn, every_run, pasted, run, schedule
from ftlib.replication import Mode, Spread, replicas
from ftlib.replication.primary_replica import Replica
from ftlib.replication.primary_replica_properties import (
    PROPERTIES,
    READS,
    acknowledged_stays,
)
from ftlib.services import Elected, Entry, Executed, Reply, Request, Snapshot, Stored
from ftlib.simulation import (
    Crash,
    Heal,
    Lose,
    Partition,
    Point,
    Property,
    Recover,
    Schedule,
    Slow,
    Trace,
    judge,
)

__all__ = [
    "HowFar",
    "LongestAlone",
    "SoFar",
    "judge_any_one",
    "judge_as_far",
    "judge_longest_alone",
]

LETTERS = "abcdefgh"
READ = ("get", "x")


def _writes(letters: str) -> list[tuple[str, str, str]]:
    return [("append", "x", letter) for letter in letters]


def _shown(why: str, trace: Trace, faults: Any, *properties: Property) -> Wrong:
    picture = drawn(trace, properties, look=REPLICATION_LOOK, events=120)
    return Wrong(why, pasted(faults), picture)


# 1: any one of four nodes -------------------------------------------------------------

FOUR = ("r1", "r2", "r3", "r4")


@judging
def judge_any_one(mode: Any) -> Answer:
    """Judge a mode of four nodes of which any one may crash for good: what was
    acknowledged stays, and writes go on.

    It is tried with a crash of each node, after each of the first acknowledgements, and
    with every set of replicas that hear nothing from the primary until then, as far as
    writes are acknowledged without them. Refused are a mode of other than four nodes,
    one with which a write waits for good, and one that loses what was acknowledged.

    Parameters
    ----------
    mode : Mode
    """
    if mode is None:
        return not_attempted("Set my_mode to a Mode.")
    if not isinstance(mode, Mode):
        raise Wrong(
            f"my_mode is {mode!r}: hand in a Mode, such as Mode(0, replicas=3)."
        )
    if mode.replicas != len(FOUR) - 1:
        raise Wrong(f"{mode!r} is of {mode.replicas + 1} nodes: there are four.")
    tried = 0
    for faults in _one_crash(mode):
        trace = run(
            replicas([_writes("abc"), _writes("de")], mode, longest=0.2),
            faults,
            until=2.0,
        )
        tried += 1
        found = judge(trace, [acknowledged_stays])[0]
        if not found:
            raise _shown(
                f"an acknowledged write is lost: {found.reason}.",
                trace,
                faults,
                acknowledged_stays,
            )
        waits = [each for each in History.from_trace(trace) if each.pending]
        if waits:
            raise _shown(
                f"{waits[0].process} waits for an answer for good: "
                + _why(mode, trace),
                trace,
                faults,
            )
    return Answer(
        "right",
        f"In {tried} runs with one crash nothing acknowledged is lost, and every write"
        " is answered in the end.",
    )


def _why(mode: Mode, trace: Trace) -> str:
    gone = trace.where(kind="crash")[0].node
    if gone == "r1" and len(trace.facts(Elected)) < 2:
        return f"r1 is down, and of three nodes nobody can hear {mode.takeover}."
    return f"{gone} is down, and {mode.copies} copies cannot be made."


def _one_crash(mode: Mode) -> Iterator[Schedule]:
    for victim in FOUR:
        for nth in (1, 2, 4):
            crash = Crash(victim, at=Point("r1", "send", "Reply", nth=nth))
            for size in range(mode.replicas - mode.copies + 1):
                for slow in combinations(FOUR[1:], size):
                    yield Schedule(
                        [
                            *(Slow(("r1", each), by=0.5, until=0.12) for each in slow),
                            crash,
                        ]
                    )


# 2: the longest log, whatever its epochs ----------------------------------------------

MOST = 6


class LongestAlone(Replica):
    """Takes over with the log that has most entries, whatever their epochs."""

    def adopt(self, snapshot: Snapshot, entries: tuple[Entry, ...]) -> None:
        """Go on from this log, if it has more entries."""
        if snapshot.index + len(entries) > self.copy.log.last[1]:
            self.copy.install(self, snapshot)
            self.copy.take(self, snapshot.index, snapshot.epoch, entries)


def four_writers(replica: type[Replica] = LongestAlone) -> Nodes:
    """Make three nodes, of which one copies, and four clients that append letters.

    Parameters
    ----------
    replica : type
        The class of the three.
    """
    wanted = [_writes(letters) for letters in ("ab", "cd", "ef", "gh")]
    return replicas(wanted, Mode(1), replica=replica)


@judging
def judge_longest_alone(faults: Any) -> Answer:
    """Judge faults by which `LongestAlone` loses an acknowledged write, and the
    library's version does not.

    Refused are more than six faults, a disk that is wiped, a fault that never takes
    effect, and a run that keeps what was acknowledged.

    Parameters
    ----------
    faults : list of faults
    """
    given = schedule([] if faults is None else faults, "my_faults")
    if not given:
        return not_attempted("Put faults into the list.")
    for each in given:
        if isinstance(each, Recover) and each.disk == "wiped":
            raise Wrong(
                f"{each!r} takes a disk away, which no version survives.", pasted(given)
            )
    if len(given) > MOST:
        raise Wrong(f"it holds {len(given)} faults: {MOST} are enough.", pasted(given))
    trace = run(four_writers(), given, until=4.0, used=True)
    found = judge(trace, [acknowledged_stays])[0]
    if found:
        raise _shown(
            "what was acknowledged stays. " + _how_far(trace),
            trace,
            given,
            acknowledged_stays,
        )
    right = run(four_writers(Replica), given, until=4.0)
    assert judge(right, [acknowledged_stays])[0], "the library keeps its word"
    return Answer(
        "right",
        f"An acknowledged write is lost: {found.reason}. The library's version survives"
        " the same faults.",
        pasted(given),
        drawn(trace, [acknowledged_stays], look=REPLICATION_LOOK, events=160),
    )


def _how_far(trace: Trace) -> str:
    elected = trace.facts(Elected)
    if len(elected) < 2:
        return "Nobody takes over."
    if len(elected) < 3:
        return (
            "There is one takeover. For the mistake to show, a log that is longer and"
            " older has to be heard at a second one."
        )
    return (
        "When somebody took over for the second time, the log with most entries was"
        " also the one with the latest epoch, or was not heard."
    )


# 3: as far as the primary -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HowFar:
    """How far have you settled? That request of that client waits for it."""

    client: str
    sequence: int


@dataclass(frozen=True, slots=True)
class SoFar:
    """I have settled up to `index`."""

    client: str
    sequence: int
    index: int


BACK = ([("append", "x", "a"), READ, READ],)
NOBODY_TAKES_OVER: dict[str, Any] = {
    "network": "fifo",
    "firings": {"takeover": 0, "retry": 0, "beat": 1},
}
LATE: tuple[Schedule, ...] = (
    Schedule(),
    Schedule([Slow(("r1", "r2"), by=0.04)]),
    Schedule([Slow(("r1", "r3"), by=0.04), Slow(("r1", "r2"), by=0.02)]),
    Schedule([Lose("HowFar"), Lose("SoFar", nth=2)]),
)
TAKEOVERS: tuple[tuple[Mode, Schedule], ...] = (
    (
        Mode(1),
        Schedule(
            [Slow(("r1", "r3"), by=1.0), Crash("r1", at=Point("r1", "send", "Reply"))]
        ),
    ),
    (
        Mode(2),
        Schedule(
            [
                Partition((("r3", "c3"),)),
                *(Crash(node, at=0.2) for node in ("r1", "r2")),
                Heal(at=0.25),
                *(Recover(node, at=0.8) for node in ("r1", "r2")),
            ]
        ),
    ),
)
"""In the second, r3 takes over without an entry that r2 has, and nobody settled."""


@judging
def judge_as_far(kind: Any) -> Answer:
    """Judge replicas that answer reads themselves, when they are as far as their
    primary.

    They are explored with one client that writes and then reads at both replicas, as
    long as nobody takes over, and run with late and lost messages and with crashes.
    Refused are reads that are not fresh, reads that come from the primary or go through
    the log, values that the primary has handed on, calls that never return, and
    whatever breaks a promise of the library's.

    Parameters
    ----------
    kind : type
        A subclass of `Replica`; it may send `HowFar` and `SoFar`.
    """
    made = role(kind, "MyReplica")
    if not issubclass(made, Replica):
        raise Wrong("MyReplica is no subclass of Replica.")
    if not any(callable(each) for each in vars(made).values()):
        return not_attempted("The class is as it was: override a handler.")
    calls = 400_000
    quiet = run(_asked(watched(made, calls), BACK), until=1.0)
    _who_answers(quiet)
    _from_its_own_store(quiet)
    states = _explored(made)
    wanted = [_writes("abc"), [READ] * 4, [*_writes("d"), READ, READ]]
    for mode, faults, checks in (
        *((Mode(1), each, (*PROPERTIES, *READS)) for each in LATE),
        *((mode, each, PROPERTIES) for mode, each in TAKEOVERS),
    ):
        trace = run(_asked(watched(made, calls), wanted, mode), faults, until=6.0)
        for found in judge(trace, checks):
            if not found:
                raise _shown(
                    f"{found.name} is broken: {found.reason}.", trace, faults, *checks
                )
        for each in History.from_trace(trace):
            if each.pending:
                raise _shown(
                    f"{each.process} waits for good for the answer to {each.call}.",
                    trace,
                    faults,
                )
    return Answer(
        "right",
        f"Every read is fresh in {states:,} states as long as nobody takes over,"
        f" and in {len(LATE) + len(TAKEOVERS)} runs with faults nothing breaks.",
    )


def _asked(kind: Any, wanted: Any, mode: Mode = Mode(1)) -> Nodes:  # noqa: B008
    return replicas(wanted, mode, ("get",), replica=kind, client=Spread, longest=0.2)


def _who_answers(trace: Trace) -> None:
    for event in trace.facts(Stored):
        if isinstance(event.what.value, Request) and event.what.value.operation == READ:
            raise _shown("a read goes through the log, which costs a write.", trace, [])
    answers = [
        str(event.other)
        for event in trace.where(kind="deliver", node="c1")
        if isinstance(event.what, Reply)
    ]
    if len(answers) < len(BACK[0]):
        raise _shown("nothing fails, and yet a call does not return.", trace, [])
    if answers[1:] != ["r2", "r3"]:
        raise _shown(
            "the reads are sent to r2 and r3, and answered by"
            f" {' and '.join(answers[1:])}: each is to answer its own.",
            trace,
            [],
        )


def _from_its_own_store(trace: Trace) -> None:
    """Raise if somebody returns a letter whose append it has not executed."""
    executed: dict[str, int] = {}
    for event in trace.where(kind=("fact", "send")):
        match event.what:
            case Executed():
                executed[event.node] = executed.get(event.node, 0) + 1
            case Reply(_, str(found)) if len(found) > executed.get(event.node, 0):
                raise _shown(
                    f"{event.node} returns {found!r}, and has executed"
                    f" {executed.get(event.node, 0)} writes: it is to answer from its"
                    " own store.",
                    trace,
                    [],
                )


def _explored(kind: Any) -> int:
    checks = (*PROPERTIES, *READS)
    model = ClusterModel(
        _asked(watched(kind, 2_000_000), BACK), checks, **NOBODY_TAKES_OVER
    )

    def wrong(name: str, way: Counterexample) -> Wrong:
        trace = way.trace
        why = next(each.reason for each in judge(trace, checks) if each.name == name)
        return Wrong(
            f"{name} is broken: {why}.",
            str(way.script),
            drawn(trace, checks, look=REPLICATION_LOOK),
        )

    return every_run(model, wrong, invariants={}, can_reach={}).states
