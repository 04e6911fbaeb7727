"""Judges of the exercises on two-phase commit between real servers: where a decision by
hand does harm, what recovery does with what it finds, and a coordinator whose
participants never ask.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded, role, watched
from ftlib.exercises.runs import Nodes, drawn, pasted, run
from ftlib.figures.real_two_phase_commit import KILLED, by_hand, decided
from ftlib.simulation import Crash, Lose, Point, Recover, Slow, Trace, judge
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    PROPERTIES,
    Decided,
    Transaction,
    Voted,
    transfer,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.two_phase import MESSAGES, Coordinator, Participant

__all__ = [
    "Doubtful",
    "Passive",
    "WhoIsInDoubt",
    "judge_harm",
    "judge_recovery",
    "judge_sweeps",
]

show = partial(drawn, look=COMMIT_LOOK)

# 1: where a decision by hand does harm ------------------------------------------------


@judging
def judge_harm(points: Any) -> Answer:
    """Judge at which points it does harm if somebody commits p1 by hand, and at which
    if he rolls it back, while p1 is in doubt and p2 waits.

    Refused are points at which he happens to be right, points at which p1 is not in
    doubt, the two mistaken for each other, and missing points.

    Parameters
    ----------
    points : dict from "commit" and "abort" to lists of points
    """
    if not isinstance(points, Mapping) or set(points) != {COMMIT, ABORT}:
        raise Wrong(f"my_harm is {points!r}: give lists for 'commit' and for 'abort'.")
    if all(each is None for each in points.values()):
        return not_attempted("Give for either decision the points at which it harms.")
    for how, given in points.items():
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise Wrong(f"my_harm[{how!r}] is {given!r}: give a list of points.")
        named = list(given)
        for point in named:
            if point not in KILLED:
                raise Wrong(f"{point!r} is no point: choose of {', '.join(KILLED)}.")
        for point in KILLED:
            trace = decided(point, how, "waits")
            harms = any(each.verdict == "violated" for each in judge(trace, PROPERTIES))
            if harms != (point in named):
                raise Wrong(
                    _harm(point, how, harms, trace),
                    picture=by_hand(point, how, "waits"),
                )
    return Answer(
        "right",
        "While p1 is in doubt, harm is done by the decision that the log has not, and"
        " whoever decides by hand does not know the log.",
    )


def _harm(point: str, how: str, harms: bool, trace: Trace) -> str:
    if harms:
        return f"{point}, to {how} by hand does harm: p2 ends otherwise."
    if not _decided_alone(trace):
        return f"{point}, p1 is not in doubt, so there is nothing to {how} by hand."
    return f"{point}, to {how} by hand is what recovery would have done."


def _decided_alone(trace: Trace) -> bool:
    """Tell whether p1 was in doubt when its patience had ended."""
    return any(
        str(event.other).startswith("doubt")
        for event in trace.where(kind="timer", node="p1")
    )


# 2: what recovery does with what it finds ---------------------------------------------

GID = "bank/1/t1"
STATES = ("nothing", "prepared", "made")
TOLD = (COMMIT, ABORT, "heuristic")
OTHERS: tuple[list[tuple[Any, ...]], ...] = (
    [],
    [("epoch", 1), ("commit", "bank/1/t10"), ("end", "bank/1/t10")],
)


@judging
def judge_recovery(function: Any) -> Answer:
    """Judge a function that says what recovery does with one transaction.

    It is tried with each kind of log that a coordinator may leave, and with everything
    that three participants may hold. Refused are, among others, one that presumes
    commit, one that takes what is not prepared for done, one that aborts what the log
    calls committed, and one that tells those who have nothing prepared.

    Parameters
    ----------
    function : callable
        Called with the log, a list of ``("epoch", number)``, ``("commit", gid)`` and
        ``("end", gid)``; the gid; and a dict from each participant to "nothing",
        "prepared" or "made". Returns a dict from participant to "commit" or "abort" if
        it is to be told so, "heuristic" if it has ended otherwise than the transaction.
    """
    if function is None:
        return not_attempted("Write a function of the log, a gid, and what was found.")
    if not callable(function):
        raise Wrong(f"this is {function!r}: hand in a function.")
    if bounded(function, [], GID, {"p1": "prepared"}) is None:
        return not_attempted("It returns None: let it return a dict.")
    cases = 0
    for log, found in _cases():
        cases += 1
        given = bounded(function, list(log), GID, dict(found))
        wanted = _recovery(log, found)
        if given != wanted:
            raise Wrong(
                _why(log, found, given, wanted),
                f"log = {log}\nfound = {found}\nreturned: {given}\nwanted:   {wanted}",
            )
    return Answer("right", f"It was tried with {cases} logs and findings.")


def _cases() -> Iterator[tuple[list[tuple[Any, ...]], dict[str, str]]]:
    names = ("p1", "p2", "p3")
    for others, states in product(OTHERS, product(STATES, repeat=3)):
        found = dict(zip(names, states, strict=True))
        yield [*others], found
        log = [("epoch", 1), *others, ("commit", GID), ("epoch", 2)]
        yield log, found
        if set(states) == {"made"}:  # an end is written when all have made it
            yield [*log, ("end", GID)], found


def _recovery(log: list[tuple[Any, ...]], found: dict[str, str]) -> dict[str, str]:
    outcome = COMMIT if (COMMIT, GID) in log else ABORT
    answer: dict[str, str] = {}
    for name, state in found.items():
        if state == "prepared":
            answer[name] = outcome
        elif (state == "made") != (outcome == COMMIT):
            answer[name] = "heuristic"
    return answer


def _why(
    log: list[tuple[Any, ...]],
    found: dict[str, str],
    given: Any,
    wanted: dict[str, str],
) -> str:
    if not isinstance(given, Mapping):
        return f"it returns {given!r}: a dict from participant to word is asked."
    for name in given:
        if name not in found:
            return f"it names {name!r}, which is no participant in found = {found}."
        if given[name] not in TOLD:
            return (
                f"for {name} it has {given[name]!r}: give one of {', '.join(TOLD)}, and"
                " leave out a participant with which there is nothing to do."
            )
    name = next(each for each in found if given.get(each) != wanted.get(each))
    said, right = given.get(name), wanted.get(name)
    says = "a commit" if (COMMIT, GID) in log else "nothing"
    state = found[name]
    told = f"with {name} it does {said!r}" if said else f"it leaves {name} alone"
    ends = {
        None: f"{name} has ended as the transaction has, so there is nothing to do",
        COMMIT: "it must be told to commit",
        ABORT: "it must be told to abort, for no commit is presumed",
        "heuristic": "somebody has decided by hand, and that is to be reported",
    }[right]
    return f"the log says {says} of it, {name} has {state!r}, and {told}: {ends}."


# 3: participants that never ask -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WhoIsInDoubt:
    """What have you prepared, and not finished?"""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """These transactions; the answer to `WhoIsInDoubt`."""

    txns: tuple[str, ...]


class Passive(Participant):
    """A participant like PostgreSQL: in doubt it waits, and asks nobody. It says what
    it has prepared if it is asked.
    """

    MESSAGES = (*MESSAGES, WhoIsInDoubt, Doubtful)

    def in_doubt(self, txn: str) -> None:
        """Ask nobody."""

    def on_message(self, sender: str, message: object) -> None:
        """Say what is prepared; all else as a participant does."""
        match message:
            case WhoIsInDoubt():
                keys = (key.removeprefix("txn ") for key in self.disk.keys("txn "))
                waiting = (txn for txn in keys if self.log(txn).status == "prepared")
                self.send(sender, Doubtful(tuple(waiting)))
            case _:
                super().on_message(sender, message)


NAMES = ("p1", "p2", "p3")
SECOND = (("p2", "a2", -10), ("p3", "a3", 10))
BEGINS = [0.6 + 0.4 * turn for turn in range(10)]  # seconds, when the second one does
UNTIL, MOST = 8.0, 10  # seconds; questions a second to one participant
LATE = Slow((COORDINATOR, "p2"), by=1.0, until=0.3)
TAKES_LONG = Slow((COORDINATOR, "p3"), by=0.4)  # p2 is in doubt meanwhile
BESIDE: tuple[tuple[Any, ...], ...] = (
    (),
    (Lose("Doubtful", sender="p2"),),
    (Lose("WhoIsInDoubt", receiver="p3"),),
    (Lose("Decision", receiver="p2"),),
    (LATE,),
)


@judging
def judge_sweeps(coordinator: Any) -> Answer:
    """Judge a coordinator that finishes what it finds at participants that never ask.

    Asked: with `Passive` participants, wherever the coordinator crashes, and if a
    message is lost or comes late besides, everybody who has prepared something learns
    the outcome within a few seconds, the same as all others; what goes on meanwhile is
    not disturbed; and no participant is asked more than ten times a second.

    Refused are, among others, a coordinator that looks once only, that aborts whatever
    it finds, that aborts what it is just asking for votes, and that does not look
    everywhere.

    Parameters
    ----------
    coordinator : type
        A subclass of the library's.
    """
    kind = role(coordinator, "Sweeps")
    if not issubclass(kind, Coordinator):
        raise Wrong(f"{kind.__name__} is no subclass of Coordinator.")
    own = kind.__mro__[: kind.__mro__.index(Coordinator)]
    if not any(callable(value) for each in own for value in vars(each).values()):
        return not_attempted("The class is as it was: override a handler.")
    calm = _sweep(kind, ())
    for txn in ("t1", "t2"):
        ends = {each.what.outcome for each in calm.facts(Decided) if _of(each, txn)}
        if ends != {COMMIT}:
            raise Wrong(
                f"nothing fails, all vote yes, and {txn} is not committed.",
                picture=show(calm, PROPERTIES, title="Nothing has failed."),
            )
    _not_too_often(calm)
    for begins in BEGINS:
        _all_learn(_sweep(kind, (TAKES_LONG,), begins), (TAKES_LONG,))
    runs = 1 + len(BEGINS)
    for crash in [(), *_crashes(calm)]:
        for beside in BESIDE:
            runs += 1
            faults = (*crash, *beside)
            _all_learn(_sweep(kind, faults), faults)
    return Answer(
        "right",
        f"In {runs} runs, with a crash after everything that the coordinator does,"
        " nobody stays in doubt, and all agree.",
    )


def _sweep(
    kind: type[Coordinator], faults: Iterable[Any], begins: float = BEGINS[0]
) -> Trace:
    transfers = transfer("t1", 2), Transaction("t2", SECOND, at=begins)
    nodes: Nodes = bank(
        "yyy", transfers, coordinator=watched(kind), participant=Passive
    )
    return run(nodes, faults, until=UNTIL)


def _of(event: Any, txn: str) -> bool:
    return bool(event.what.txn == txn)


def _crashes(calm: Trace) -> Iterator[tuple[Any, ...]]:
    """Yield a crash after each thing that happens at the coordinator until both
    transfers are over, and its recovery.
    """
    over = max(event.time for event in calm.facts(Decided)) + 0.1
    done: dict[str, int] = {}
    for event in calm.where(kind=("deliver", "send", "force"), node=COORDINATOR):
        done[event.kind] = nth = done.get(event.kind, 0) + 1
        if event.time <= over:
            crash = Crash(COORDINATOR, at=Point(COORDINATOR, event.kind, nth=nth))
            back = Recover(COORDINATOR, at=Point(COORDINATOR, "crash", later=0.2))
            yield crash, back


def _not_too_often(trace: Trace) -> None:
    for name in NAMES:
        questions = trace.where(kind="send", what=WhoIsInDoubt)
        asked = sum(event.other == name for event in questions)
        often = (asked - 1) / UNTIL  # the first one is at the start
        if often > MOST:
            raise Wrong(
                f"it asks {name} {often:.3g} times a second who is in doubt: {MOST}"
                " times are enough."
            )


def _all_learn(trace: Trace, faults: tuple[Any, ...]) -> None:
    for finding in judge(trace, PROPERTIES):
        if finding.verdict == "violated":
            raise Wrong(
                f"{finding.name} is broken: {finding.reason}.",
                pasted(faults),
                show(trace, PROPERTIES, title=f"{finding.name} is broken."),
            )
    yes = {(e.node, e.what.txn) for e in trace.facts(Voted) if e.what.vote == "yes"}
    known = {(event.node, event.what.txn) for event in trace.facts(Decided)}
    for node, txn in sorted(yes - known):
        raise Wrong(
            f"{node} is in doubt about {txn} for good, and nobody tells it.",
            pasted(faults),
            show(trace, PROPERTIES, title=f"{node} waits for good.", events=60),
        )
