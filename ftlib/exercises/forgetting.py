"""The judge of the longest exercise on two-phase commit: teach the chapter's version to
acknowledge, and to forget.
"""

from functools import partial
from itertools import pairwise
from typing import Any

from ftlib.checking import ClusterModel, Counterexample
from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role
from ftlib.exercises.runs import (
    Nodes,
    drawn,
    every_run,
    run,
    watched_bank,
)
from ftlib.simulation import (
    Event,
    Lose,
    Network,
    Trace,
    judge,
    thaw,
)
from ftlib.transactions.atomic_commit import (
    COMMIT,
    PROPERTIES,
    Applied,
    Began,
    Decided,
    Voted,
    conserved,
)
from ftlib.transactions.bank import COORDINATOR
from ftlib.transactions.messages import Ack, Decision

__all__ = ["judge_forgetting"]

PARTICIPANTS = ("p1", "p2")
SAFETY = tuple(each for each in PROPERTIES if each is not conserved)
QUIET = {"network": "multiset", "timers": "synchronous"}
CRASH = {"losses": 1, "crashes": 1, "recoveries": 1}
KEEPS = {"survivors": True, "crashing": (COORDINATOR,)}
EVERY = 0.5  # seconds from one sending of a commit to the next


show = partial(drawn, look=COMMIT_LOOK)


@judging
def judge_forgetting(coordinator: Any, participant: Any) -> Answer:
    """Judge a coordinator that forgets a commit once everybody has it on disk.

    Asked: a participant sends an Ack to the coordinator once a commit is on its disk;
    the coordinator sends the commit again every half second to those that owe one, also
    after a restart, and writes ``end`` to its disk when nobody does. All is tried
    without faults, with lost messages, and in every run with one crash between any two
    effects, one recovery and one lost message; of the coordinator's unforced writes any
    part may survive.

    Refused are, among others, a commit that is never acknowledged or never sent again;
    ``end`` too early, too late or for an abort; an acknowledgement before the force, or
    only of the first copy; a restart that remembers nothing; sending without end; and
    nodes that see more than their own messages and disk.

    Parameters
    ----------
    coordinator, participant : type
        Subclasses of the chapter's, whose participants keep ``balances`` in the
        ``state`` on disk.
    """
    classes = [
        role(coordinator, "MyCoordinator"),
        role(participant, "MyParticipant"),
    ]
    if not any(callable(value) for kind in classes for value in vars(kind).values()):
        return not_attempted("Both classes are as they were: override a handler.")
    nodes = partial(watched_bank, coordinator=coordinator, participant=participant)
    _without_faults(run(nodes("yy"), until=8))
    _aborted(run(nodes("yn"), until=8))
    states = _in_every_run(nodes("yy"), network="multiset", firings=2)
    _sends_again(nodes("yy"))
    states += _in_every_run(nodes("yy"), **QUIET, **CRASH)
    states += _in_every_run(nodes("yy"), **QUIET, **CRASH, **KEEPS)
    for seed in range(1, 31):
        _at_random(nodes("yy"), seed)
    return Answer(
        "right",
        f"Nothing is forgotten too early or kept for good, in {states:,} states and 30"
        " runs in which two messages in ten are lost.",
    )


def _fail(why: str, trace: Trace) -> Wrong:
    return Wrong(why, picture=show(trace, SAFETY, title=why[:1].upper() + why[1:]))


def _ends(trace: Trace) -> list[Event]:
    return [
        event
        for event in trace.where(kind="write", node=COORDINATOR)
        if event.other == "end"
    ]


def _without_faults(trace: Trace) -> None:
    facts = {
        node: {type(event.what) for event in trace.facts(node=node)}
        for node in (COORDINATOR, *PARTICIPANTS)
    }
    wanted = {COORDINATOR: {Began, Decided}} | {
        node: {Voted, Applied, Decided} for node in PARTICIPANTS
    }
    outcomes = {event.what.outcome for event in trace.facts(Decided)}
    if facts != wanted or outcomes != {COMMIT}:
        node = next((each for each in wanted if facts[each] != wanted[each]), "")
        told = ", ".join(sorted(kind.__name__ for kind in facts.get(node, ())))
        more = f" {node} records {told or 'nothing'}." if node else ""
        raise _fail(
            "both vote yes and nothing fails, and yet it is no commit as it was before."
            + more,
            trace,
        )
    written = {
        (event.node, account): balance
        for event in trace.where(kind="write")
        if event.other == "state"
        for account, balance in _balances(event.what).items()
    }
    if written != {("p1", "a1"): 70, ("p2", "a2"): 130}:
        raise _fail("a commit is recorded, and the money has not moved.", trace)
    acks = [event.node for event in trace.where(kind="send", what=Ack)]
    for node in PARTICIPANTS:
        if acks.count(node) != 1:
            raise _fail(
                f"{node} commits, and acknowledges it {acks.count(node)} times.", trace
            )
    if not _ends(trace):
        raise _fail(
            "both have acknowledged the commit, and the coordinator has not written"
            " 'end'.",
            trace,
        )
    if trace[-1].time > 1 or len(trace.where(kind="send", node=COORDINATOR)) != 4:
        raise _fail(
            "nothing is owed any more, and the coordinator goes on sending.", trace
        )


def _aborted(trace: Trace) -> None:
    if trace.where(kind="send", what=Ack):
        raise _fail("t1 was aborted: nobody waits for an acknowledgement.", trace)
    if _ends(trace):
        raise _fail("t1 was aborted: there is no commit to be forgotten.", trace)


def _sends_again(nodes: Nodes) -> None:
    faults = [Lose("Ack", sender="p2", nth=nth) for nth in (1, 2, 3)]
    trace = run(nodes, faults, until=8)
    times = [
        event.time
        for event in trace.where(kind="send", node=COORDINATOR, what=Decision)
        if event.other == "p2"
    ]
    gaps = [after - before for before, after in pairwise(times)]
    if not gaps:
        raise _fail("p2's acknowledgement is lost, and nothing is sent again.", trace)
    if not all(EVERY - 0.05 < gap < EVERY + 0.05 for gap in gaps):
        told = ", ".join(f"{gap:.2f}" for gap in gaps[:4])
        raise _fail(
            f"the commit is sent again after {told} s: half a second was asked.", trace
        )
    if not _ends(trace):
        raise _fail(
            "p2's acknowledgement is lost three times, and 'end' is never written.",
            trace,
        )


def _balances(state: Any) -> dict[str, Any]:
    """What is on the accounts, as a participant has saved it."""
    return state.get("balances", {}) if isinstance(state, dict) else {}


def _in_every_run(nodes: Nodes, **world: Any) -> int:
    model = ClusterModel(nodes, SAFETY, keep=(Decided,), **world)
    decided = Decided("t1", COMMIT)

    def ended(state: Any) -> bool:
        """Tell whether ``end`` is written, forced or not."""
        place = model.machines[0].locals[state[0]]
        return "end" in thaw(place.contents or place.disk)

    def remembered(state: Any) -> bool:
        return not ended(state) or all(
            _balances(model.disk(state, node).get("state")) == {account: balance}
            for node, account, balance in (("p1", "a1", 70), ("p2", "a2", 130))
        )

    def finished(state: Any) -> bool:
        return ended(state) or all(fact != decided for _, fact in model.facts(state))

    def wrong(name: str, way: Counterexample) -> Wrong:
        trace = way.trace
        if name in WHY:
            reason = WHY[name]
        else:
            reason = f"{name} is broken: {_reason(trace, name)}."
        return Wrong(reason, str(way.script), show(trace, SAFETY, title=reason))

    # a timer that may fire so often only leaves things undone
    goals = {} if "firings" in world else {"finished": finished}
    return every_run(
        model, wrong, invariants={"remembered": remembered}, can_reach=goals
    ).states


WHY = {
    "remembered": "the coordinator writes 'end', though the commit is not on the disk"
    " of every participant.",
    "finished": "after this run 'end' is out of reach, whatever happens: the"
    " coordinator keeps its commit for good.",
}


def _reason(trace: Trace, name: str) -> str:
    return next(each.reason for each in judge(trace, SAFETY) if each.name == name)


def _at_random(nodes: Nodes, seed: int) -> None:
    trace = run(nodes, until=12, seed=seed, network=Network(loss=0.2))
    commits = any(event.what.outcome == COMMIT for event in trace.facts(Decided))
    for finding in judge(trace, SAFETY):
        if not finding:
            raise _fail(f"{finding.name} is broken: {finding.reason}.", trace)
    if bool(_ends(trace)) != commits:
        did = "is never written" if commits else "is written for an abort"
        raise _fail(f"two messages in ten are lost, and 'end' {did}.", trace)
