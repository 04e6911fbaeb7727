"""Judges of the exercises on a primary and its standby: two primaries though nobody is
cut off, a resource that looks at the epoch, and a witness whose grants are leases.
"""

from collections.abc import Iterable
from typing import Any

from ftlib.checking import ClusterModel, Counterexample, find
from ftlib.drawing.looks.pair import END, acting, lost, who_acts
from ftlib.drawing.looks.replication import PAIR_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import Nodes, drawn, every_run, pasted, run, schedule
from ftlib.figures.primary_standby import WRITERS, gap
from ftlib.replication.fencing import Act, Resource, Took
from ftlib.replication.pair import pair
from ftlib.replication.primary_standby_properties import (
    PROPERTIES,
    effects_in_order,
    one_at_a_time,
)
from ftlib.replication.primary_standby_worlds import ONE_TAKEOVER, PUT
from ftlib.services import Client
from ftlib.services.properties import one_holder
from ftlib.simulation import (
    Crash,
    Cut,
    Duplicate,
    Heal,
    Lose,
    Network,
    Node,
    Partition,
    Point,
    Property,
    Recover,
    Schedule,
    Slow,
    Trace,
    judge,
)

__all__ = ["judge_leases", "judge_resource", "judge_two_primaries"]

SEED = 7
CALLS = 2_000_000  # handlers that all runs of one judge may call


def _broken(trace: Trace, properties: Iterable[Property]) -> str:
    """Return why the first of some properties is broken; empty if none is."""
    for finding in judge(trace, properties):
        if finding.verdict == "violated":
            return f"{finding.name} is broken: {finding.reason}"
    return ""


def _watched(given: Any, name: str) -> Any:
    return watched(role(given, name), calls=CALLS)


# 1: two primaries ---------------------------------------------------------------------

GENTLE = (Slow, Lose, Duplicate)
FAULTS = 12


@judging
def judge_two_primaries(faults: Any, peer: Any) -> Answer:
    """Judge faults with which a standby that takes over on suspicion makes two
    primaries, and an answered write is lost.

    Refused are other faults than `Slow`, `Lose` and `Duplicate`, more than twelve of
    them, one that never takes effect, a run with one primary at a time, and one in
    which two act and no answered write is lost.

    Parameters
    ----------
    faults : list of faults
    peer : type
        The version that takes over on suspicion. Without faults it must work.
    """
    if faults is None:
        return not_attempted("Set my_faults to a list of faults.")
    given = schedule(faults, "my_faults")
    if not list(given):
        return not_attempted("my_faults is empty yet.")
    for fault in given:
        if not isinstance(fault, GENTLE):
            raise Wrong(
                f"{fault!r} crashes somebody or cuts the network: only Slow, Lose and"
                " Duplicate are allowed."
            )
    if len(list(given)) > FAULTS:
        raise Wrong(f"it holds {len(list(given))} faults: {FAULTS} are enough.")
    nodes = pair(WRITERS, peer=_watched(peer, "the peer"))
    if _broken(run(nodes, until=END, seed=SEED), [one_at_a_time]):
        raise Wrong("two act without any fault: this is another version.")
    trace = run(nodes, given, until=END, used=True, seed=SEED)
    gone = lost(trace)
    if not _broken(trace, [one_at_a_time]):
        title = f"{len(acting(trace))} times somebody begins, and never beside another."
        raise Wrong(
            "there is one primary at a time. For how long must b hear nothing?",
            pasted(given),
            who_acts(trace, title),
        )
    if not gone:
        raise Wrong(
            "two act, but every answered write is in the last primary's log. What lets"
            " a answer by itself?",
            pasted(given),
            who_acts(trace, "Two primaries, and nothing is lost."),
        )
    return Answer(
        "right",
        f"Nobody was down, and {_writes(len(gone))} lost.",
        pasted(given),
        who_acts(trace, f"Two primaries: {_writes(len(gone))} lost."),
    )


def _writes(number: int) -> str:
    return "1 answered write is" if number == 1 else f"{number} answered writes are"


# 2: a resource that looks at the epoch ------------------------------------------------

ROW = (1, 1, 2, 1, 1, 2, 3, 2)  # epochs for which something is wanted
LATE = (Slow("a", by=0.9, at=0.9, until=0.91),)
TAKEN = (Crash("a", at=0.7),)


class _InARow(Node):
    """Wants something for one epoch after another."""

    MESSAGES = (Act,)

    def on_start(self) -> None:
        for index, epoch in enumerate(ROW, 1):
            self.send("r", Act(epoch, index, ("put", "x", index)))


@judging
def judge_resource(resource: Any) -> Answer:
    """Judge a resource that does nothing for an epoch after a later one, also if it
    crashes, and everything else.

    It is tried without faults, with a takeover, with a primary that is paused, and in
    every run with one crash and recovery of the resource, at any of its effects.
    Refused are one that does not look at the epoch, forgets what it has seen, forces it
    too late or not at all, or refuses what it should do.

    Parameters
    ----------
    resource : type
        A subclass of `Resource` with ``admits`` overridden.
    """
    kind = role(resource, "MyResource")
    if not issubclass(kind, Resource):
        raise Wrong("MyResource is no subclass of Resource.")
    if not any(callable(value) for value in vars(kind).values()):
        return not_attempted("MyResource is as it was: override admits.")
    made = _watched(kind, "MyResource")
    nodes = pair(WRITERS, fenced=True, resource=made)
    for faults, epochs, what in (
        ((), (1,), "nothing fails"),
        (TAKEN, (1, 2), "b takes over"),
    ):
        trace = run(nodes, faults, until=END, seed=SEED)
        for epoch in epochs:
            asked = _asked(trace, epoch)
            done = sum(each.what.epoch == epoch for each in trace.facts(Took))
            if done < asked:
                raise Wrong(
                    f"{what}, and of {asked} things that the primary of epoch {epoch}"
                    f" wants, it does {done}.",
                    pasted(Schedule(faults)),
                    who_acts(trace, "Too little is done."),
                )
    trace = run(nodes, LATE, until=END, seed=SEED)
    why = _broken(trace, [effects_in_order])
    if why:
        title = "Too late, and done all the same."
        raise Wrong(f"{why}.", pasted(Schedule(LATE)), who_acts(trace, title))
    two: Nodes = {"a": _InARow, "r": made}
    trace = run(two, until=1.0, network=Network(fifo=True))
    done = [each.what.index for each in trace.facts(Took)]
    due = [n for n, each in enumerate(ROW, 1) if each == max(ROW[:n])]
    if done != due:
        raise Wrong(
            f"it is asked for epochs {', '.join(map(str, ROW))} in a row, and does"
            f" numbers {done} of them: {due} should be done.",
            picture=drawn(trace, look=PAIR_LOOK, title="Asked in a row."),
        )
    model = ClusterModel(
        pair(PUT, fenced=True, client=Client, resource=made),
        (effects_in_order,),
        network="fifo",
        crashes=1,
        recoveries=1,
        crashing=("r",),
        firings=ONE_TAKEOVER,
    )
    found = every_run(model, _counterexample, invariants={}, can_reach={})
    return Answer(
        "right",
        "Nothing is done too late, and nothing is refused that should be done, in"
        f" {found.states:,} states.",
    )


def _asked(trace: Trace, epoch: int) -> int:
    """Count what has come to the resource for an epoch."""
    return sum(
        each.what.epoch == epoch for each in trace.where(kind="deliver", node="r")
    )


def _counterexample(name: str, way: Counterexample) -> Wrong:
    reason = _broken(way.trace, [*PROPERTIES, one_holder]) or f"{name} is broken"
    title = reason[:1].upper() + reason[1:] + "."
    picture = drawn(way.trace, (), look=PAIR_LOOK, title=title)
    return Wrong(f"{reason}.", str(way.script), picture)


# 3: a witness whose grants are leases -------------------------------------------------

NOT_PAUSED = ("crash", "lose", "duplicate", "partition")
SEEDS = 40
LASTS = 0.6
APART = (Cut("a", "b", at=0.7), Cut("b", "a", at=0.7))
STAGED: tuple[tuple[tuple[Any, ...], str], ...] = (
    (
        (Partition((("a", "c1"),), at=0.7), Heal(at=2.2)),
        "a is cut off, and its lease still runs",
    ),
    (APART, "a and b hear the witness and not each other"),
    (
        (
            Partition((("a", "c1"),), at=0.7),
            Crash("w", at=0.75),
            Recover("w", at=0.8),
            Heal(at=2.2),
        ),
        "a is cut off, and the witness restarts while a's lease runs",
    ),
    (
        (Partition((("b",),), at=0.7), Partition((("a", "c1"),), at=1.6)),
        "b is cut off, a goes on alone, and then a is cut off",
    ),
    (
        (
            *APART,
            Crash("w", at=Point("w", "fact", "Granted", nth=2), after=2),
            Recover("w", at=Point("w", "crash", later=0.05)),
        ),
        "the witness restarts when it has granted epoch 2",
    ),
)
STALE = (Duplicate("Release", later=0.6), Partition((("b",),), at=1.3))


@judging
def judge_leases(witness: Any) -> Answer:
    """Judge a witness whose grants are leases of 0.6 seconds, for the library's peers.

    Asked: while a lease runs nobody else is granted an epoch, also after a restart; it
    begins anew whenever it is renewed, and by nothing else; it ends by itself, or when
    its holder releases it. It is tried in staged runs, each for one of these, under
    random faults, and in every run with one crash of the witness. Refused is who breaks
    one of these in any of them.

    Parameters
    ----------
    witness : type
        A subclass of the chapter's last step.
    """
    kind = role(witness, "MyWitness")
    if not any(callable(value) for value in vars(kind).values()):
        return not_attempted("MyWitness is as it was: override its handlers.")
    made = _watched(kind, "MyWitness")
    nodes = pair(WRITERS, witness=made)
    _serves(run(nodes, until=END, seed=SEED))
    for faults, told in STAGED:
        trace = run(nodes, faults, until=END, seed=SEED)
        why = _broken(trace, [*PROPERTIES, one_at_a_time])
        if why:
            raise Wrong(
                f"{told}: {why}.",
                pasted(Schedule(faults)),
                who_acts(trace, "Granted too early."),
            )
    _takes_over(run(nodes, TAKEN, until=END, seed=SEED))
    _switches(made)
    found = find(
        nodes,
        [*PROPERTIES, one_at_a_time],
        until=END,
        faults=NOT_PAUSED,
        seeds=range(SEEDS),
    )
    if found:
        raise Wrong(
            f"{found.finding.name} is broken: {found.finding.reason}.",
            pasted(found.schedule),
            who_acts(found.trace, "Found under random faults."),
        )
    model = ClusterModel(
        pair((), witness=made),
        (one_holder,),
        network="multiset",
        crashes=1,
        recoveries=1,
        crashing=("w",),
        firings=2,
    )
    states = every_run(model, _counterexample, invariants={}, can_reach={}).states
    return Answer(
        "right",
        f"One acts at a time in {SEEDS} runs with random faults, and one node an epoch"
        f" in {states:,} states.",
    )


def _serves(trace: Trace) -> None:
    if len(acting(trace)) != 1 or gap(trace) > 0.5:
        raise Wrong(
            "nothing fails, and a is not the primary from the beginning to the end.",
            picture=who_acts(trace, "Nothing fails."),
        )


def _takes_over(trace: Trace) -> None:
    begun = [since for node, _, since, _ in acting(trace) if node == "b"]
    if not begun:
        raise Wrong(
            "a crashes for good at 0.7 s, and b is never granted an epoch.",
            pasted(Schedule(TAKEN)),
            who_acts(trace, "Nobody takes over."),
        )
    if begun[0] > 0.7 + LASTS + 0.2:
        raise Wrong(
            f"a crashes at 0.7 s, and b takes over at {begun[0]:.1f} s only: a lease"
            f" lasts {LASTS} s.",
            pasted(Schedule(TAKEN)),
            who_acts(trace, "b takes over late."),
        )


def _switches(witness: Any) -> None:
    """Try a planned switch-over: nobody waits for a lease to end."""
    orders = ((1.0, "a"),)
    nodes = pair(WRITERS, orders=orders, witness=witness)
    trace = run(nodes, STALE, until=END, seed=SEED)
    why = _broken(trace, [one_at_a_time])
    if why:
        raise Wrong(
            "a has released epoch 1, and b has epoch 2. Then b is cut off, a copy of"
            f" the release comes late, and {why}.",
            pasted(Schedule(STALE)),
            who_acts(trace, "A release that comes twice."),
        )
    trace = run(nodes, until=END, seed=SEED)
    right = run(pair(WRITERS, orders=orders), until=END, seed=SEED)
    (should,) = [since for node, _, since, _ in acting(right) if node == "b"]
    begun = [since for node, _, since, _ in acting(trace) if node == "b"]
    if not begun or begun[0] > should + 0.05:
        when = f"at {begun[0]:.2f} s" if begun else "never"
        raise Wrong(
            f"a steps down at 1.0 s and releases its epoch, and b begins {when}: it"
            f" need not wait for the lease, and could begin at {should:.2f} s.",
            picture=who_acts(trace, "A switch-over at 1.0 s."),
        )
