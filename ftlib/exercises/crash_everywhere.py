"""Judges of the exercises on crashing two-phase commit everywhere: the crash that
blocks somebody, the fewest faults that break a broken version, and a coordinator that
forces the commits of many transactions together.
"""

from functools import partial
from typing import Any

from ftlib.checking import ClusterModel, Counterexample
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role
from ftlib.exercises.runs import (
    Nodes,
    every_run,
    pasted,
    run,
    schedule,
    watched_bank,
)
from ftlib.exercises.two_phase_commit import show
from ftlib.simulation import Crash, Lose, Point, Recover, Schedule, Trace, judge
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    PROPERTIES,
    Decided,
    Outcome,
    Transaction,
    Voted,
    agreement,
)
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.mutants import CommitsInDoubt
from ftlib.transactions.two_phase import Coordinator, Participant

__all__ = [
    "ForcesLater",
    "judge_blocked",
    "judge_fewest_faults",
    "judge_group_commit",
]

PARTICIPANTS = ("p1", "p2")


# 1: one waits, the other knows --------------------------------------------------------


@judging
def judge_blocked(faults: Any) -> Answer:
    """Judge a crash of the coordinator that leaves one participant blocked.

    Asked is one crash of the coordinator, and no other fault, after which one
    participant is in doubt for good although the other one has decided. Refused are
    crashes after which both wait, or neither; any further fault; and a crash that never
    happens.

    Parameters
    ----------
    faults : list of faults
        For two participants of the library that vote yes.
    """
    given = schedule([] if faults is None else faults, "my_faults")
    if not given:
        return not_attempted("Put a crash of the coordinator into the list.")
    others = [
        each
        for each in given
        if not isinstance(each, Crash) or each.node != COORDINATOR
    ]
    if others:
        raise Wrong(
            f"{others[0]!r} is no crash of the coordinator: nothing else may fail."
        )
    if len(given) > 1:
        raise Wrong(f"these are {len(given)} crashes: one is asked.", pasted(given))
    trace = run(bank("yy"), given, until=30, used=True)
    waiting = [node for node in PARTICIPANTS if _in_doubt(trace, node)]
    if len(waiting) != 1:
        title = "Both wait for good." if waiting else "Nobody waits."
        raise Wrong(
            _why_not_one(trace, waiting), pasted(given), show(trace, title=title)
        )
    (blocked,) = waiting
    knows = next(node for node in PARTICIPANTS if node != blocked)
    return Answer(
        "right",
        f"{blocked} waits for good, though {knows} is up and knows the outcome.",
        pasted(given),
        show(trace, title=f"{blocked} is blocked, and nobody else is down."),
    )


def _in_doubt(trace: Trace, node: str) -> bool:
    """Tell whether a node has voted yes and knows no outcome."""
    return any(
        event.what.vote == "yes" for event in trace.facts(Voted, node=node)
    ) and not trace.facts(Decided, node=node)


def _why_not_one(trace: Trace, waiting: list[str]) -> str:
    if waiting:
        return "both participants wait: neither of them has heard the outcome."
    if not trace.facts(Voted):
        return "nobody waits, because nobody has voted yet."
    return "nobody waits, because both have heard the outcome before the crash."


# 2: as few faults as possible ---------------------------------------------------------

FEWEST = 2
SINGLE = (Crash, Recover, Lose)


@judging
def judge_fewest_faults(faults: Any) -> Answer:
    """Judge the fewest faults with which `CommitsInDoubt` breaks agreement.

    Asked is a list of at most two faults, each a crash, a recovery or the loss of one
    message, such that a participant that commits when it is in doubt disagrees with
    somebody, although both participants vote yes. Refused are longer lists, faults that
    stand for many, a disk that is wiped, and faults with which agreement holds.

    Parameters
    ----------
    faults : list of faults
    """
    given = schedule([] if faults is None else faults, "my_faults")
    if not given:
        return not_attempted("Put faults into the list.")
    for each in given:
        if not isinstance(each, SINGLE):
            raise Wrong(
                f"{each!r} is another kind of fault: wanted are crashes, recoveries and"
                " losses."
            )
        if isinstance(each, Lose) and each.nth is None:
            raise Wrong(f"{each!r} loses many messages: each loss counts by itself.")
        if isinstance(each, Recover) and each.disk == "wiped":
            raise Wrong(
                f"{each!r} takes a disk away, which no commit protocol survives."
            )
    trace = run(bank(participant=CommitsInDoubt), given, until=10, used=True)
    (found,) = judge(trace, [agreement])
    picture = show(trace, PROPERTIES)
    if found:
        raise Wrong(
            "agreement holds in this run. " + _what_is_needed(trace),
            pasted(given),
            picture,
        )
    if len(given) > FEWEST:
        raise Wrong(_which_are_too_many(given), pasted(given), picture)
    return Answer(
        "right", f"{found.reason}. No single fault would do.", pasted(given), picture
    )


def _what_is_needed(trace: Trace) -> str:
    outcomes = {event.what.outcome for event in trace.facts(Decided)}
    if outcomes <= {COMMIT}:
        return "Nobody aborts, so to commit is no mistake."
    return "Everybody aborts: nobody was left in doubt for long enough to commit."


def _which_are_too_many(given: Schedule) -> str:
    for number, each in enumerate(given):
        rest = [other for place, other in enumerate(given) if place != number]
        trace = run(bank(participant=CommitsInDoubt), rest, until=10)
        if not judge(trace, [agreement])[0]:
            return f"agreement breaks without {each!r}, too: it needs fewer faults."
    return (
        f"agreement breaks, and it needs every one of these {len(given)} faults; but"
        " there is another way with fewer."
    )


# 3: one force for many commits --------------------------------------------------------

EVERY = 0.02  # seconds for which commits are collected
TRANSFERS = 3


class ForcesLater(Coordinator):
    """Forces the commits of 20 ms together, which saves time, and tells the
    participants at once, which breaks agreement.
    """

    def decide(self, txn: str, outcome: Outcome) -> None:
        """Tell everybody; a commit is written, to be forced within 20 ms."""
        del self.votes[txn]
        self.cancel_timer(f"votes {txn}")
        participants = self.transactions[txn].participants
        if outcome == COMMIT:
            self.disk.write(f"commit {txn}", participants)
            self.set_timer("force", EVERY)
        self.record(Decided(txn, outcome))
        self.announce(txn, outcome, list(participants))

    def on_timer(self, name: str) -> None:
        """Force what has come together."""
        if name == "force":
            self.disk.force()
        else:
            super().on_timer(name)


@judging
def judge_group_commit(coordinator: Any) -> Answer:
    """Judge a coordinator that forces the commits of many transactions together.

    Asked is a subclass of `ForcesLater` that is right: commits that come within 20 ms
    share one force, and nobody hears of a commit that is not forced. It is tried with
    transfers at the same time and with a refused one, with a crash of the coordinator
    after each of its effects, and in every run with one crash of the coordinator
    between any two effects, one recovery, and messages lost, doubled and in any order;
    of its unforced writes any first part may survive.

    Refused are, among others, a commit that somebody hears of before it is forced, also
    one who asks; a force for every commit, or more forces than groups; commits that
    wait for longer than asked, or are never sent; and a recovery that remembers none.

    Parameters
    ----------
    coordinator : type
        Makes transfers with participants of the library.
    """
    kind = role(coordinator, "MyCoordinator")
    if not any(callable(value) for value in vars(kind).values()):
        return not_attempted("The class is as it was: override a handler.")
    forces = _together(kind)
    _refused(kind)
    states = _in_every_run(kind)
    points = _after_every_effect(kind)
    return Answer(
        "right",
        f"{TRANSFERS} commits at the same time take {forces} force, and nobody hears of"
        f" one too early: in {states:,} states, and at {points} crash points.",
    )


def _group(kind: Any, *later: Transaction, votes: str = "yy") -> Nodes:
    """Make transfers t1, t2, ... that begin at the same time, and some that do not."""
    moves = tuple(
        Transaction(f"t{k}", (("p1", f"a{k}", -30), ("p2", f"b{k}", 30)))
        for k in range(1, TRANSFERS + 1)
    )
    nodes = dict(watched_bank(votes, kind, Participant))
    made: Any = nodes[COORDINATOR]
    nodes[COORDINATOR] = partial(made.func, (*moves, *later))
    for node, first, letter in zip(PARTICIPANTS, "ab", votes, strict=True):
        accounts = tuple((f"{first}{k}", 100) for k in range(1, TRANSFERS + 2))
        vote = "yes" if letter == "y" else "no"
        nodes[node] = partial(Participant, accounts, vote)
    return nodes


def _fail(why: str, trace: Trace) -> Wrong:
    return Wrong(why, picture=show(trace, PROPERTIES, title=why[:1].upper() + why[1:]))


def _forces(trace: Trace) -> int:
    """Count the forces after that of the first start."""
    return len(trace.where(kind="force", node=COORDINATOR)) - 1


def _together(kind: Any) -> int:
    late = Transaction("t4", (("p1", "a4", -30), ("p2", "b4", 30)), at=0.3)
    trace = run(_group(kind, late), until=4)
    undone = [
        f"{each} does not commit {txn}"
        for txn in ("t1", "t2", "t3", "t4")
        for each in (COORDINATOR, *PARTICIPANTS)
        if Decided(txn, COMMIT) not in [e.what for e in trace.facts(node=each)]
    ]
    if undone:
        raise _fail(f"all vote yes and nothing fails, and yet {undone[0]}.", trace)
    for txn, asked in (("t1", 0.0), ("t4", 0.3)):
        told = max(
            event.time - asked
            for event in trace.facts(Decided)
            if event.what.txn == txn and event.node != COORDINATOR
        )
        if told > 0.06:
            raise _fail(
                f"{txn} takes {1000 * told:.0f} ms where 60 ms are enough: commits wait"
                " for one another for 20 ms, no longer.",
                trace,
            )
    if _forces(trace) > 2:
        raise _fail(
            "three commits at the same time and a fourth one later are two groups, and"
            f" the coordinator forces {_forces(trace)} times.",
            trace,
        )
    _ended(trace, "nothing fails")
    return 1


def _refused(kind: Any) -> None:
    trace = run(_group(kind, votes="yn"), until=0.4)  # before p1 asks by itself
    if any(event.what.outcome != ABORT for event in trace.facts(Decided)):
        raise _fail("p2 votes no, and yet somebody commits.", trace)
    if not trace.facts(Decided, node="p1"):
        raise _fail("p2 votes no, and p1 is not told.", trace)


def _ended(trace: Trace, when: str) -> None:
    """Raise if a commit that everybody has is not struck from the log."""
    ended = {
        str(event.other)
        for event in trace.where(kind="write", node=COORDINATOR)
        if str(event.other).startswith("end ")
    }
    for event in trace.facts(Decided, node=COORDINATOR):
        txn, outcome = event.what.txn, event.what.outcome
        if outcome == COMMIT and f"end {txn}" not in ended:
            raise _fail(f"{when}, and the coordinator never forgets {txn}.", trace)


def _in_every_run(kind: Any) -> int:
    model = ClusterModel(
        watched_bank("yy", kind, Participant),
        PROPERTIES,
        crashes=1,
        recoveries=1,
        crashing=(COORDINATOR,),
        survivors=True,
        keep=(Decided, Voted),
    )

    def finished(state: Any) -> bool:
        """Tell whether nobody is in doubt."""
        facts = model.facts(state)
        known = {node for node, fact in facts if isinstance(fact, Decided)}
        return all(node in known for node, fact in facts if isinstance(fact, Voted))

    def wrong(name: str, way: Counterexample) -> Wrong:
        trace = way.trace
        if name == "finished":
            reason = "after this run a participant stays in doubt, whatever happens."
        else:
            why = next(e.reason for e in judge(trace, PROPERTIES) if e.name == name)
            reason = f"{name} is broken: {why}."
        return Wrong(reason, str(way.script), show(trace, PROPERTIES, title=reason))

    return every_run(
        model, wrong, invariants={}, can_reach={"finished": finished}
    ).states


def _after_every_effect(kind: Any) -> int:
    back = Recover(COORDINATOR, at=Point(COORDINATOR, "crash", later=0.3))
    for effects in range(1, 100):
        crash = Crash(COORDINATOR, at=0.0, after=effects)
        trace = run(_group(kind), [crash, back], until=8)
        if not trace.where(kind="crash"):
            return effects - 1
        for found in judge(trace, PROPERTIES):
            if not found:
                raise Wrong(
                    f"{found.name} is broken: {found.reason}.",
                    pasted([crash, back]),
                    show(trace, PROPERTIES),
                )
        if _stays_in_doubt(trace):
            raise _fail("a participant is in doubt long after the recovery.", trace)
        _ended(trace, "the coordinator crashes and is back")
    return 99


def _stays_in_doubt(trace: Trace) -> bool:
    """Tell whether somebody has voted yes on a transaction and knows no outcome."""
    for node in PARTICIPANTS:
        facts = [event.what for event in trace.facts(node=node)]
        known = {fact.txn for fact in facts if isinstance(fact, Decided)}
        if any(isinstance(fact, Voted) and fact.txn not in known for fact in facts):
            return True
    return False
