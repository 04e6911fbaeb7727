"""What a student hands in to the lab on failure detection, and what all its checks
share.

A check takes a `Hand`, which is the two classes with the rules and a seed. In a
student's notebook `check` makes one with the public seed; the grader makes one with a
secret seed, and with nodes whose handlers run in another process.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.drawing import spacetime
from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, pasted, run
from ftlib.labs.failure_detection import Rules
from ftlib.labs.failure_detection.chances import Numbers
from ftlib.labs.failure_detection.reading import Reading, Slip, read
from ftlib.labs.failure_detection.worlds import LOOK, PROMPT, Names, Plan, Puppet
from ftlib.labs.script import Script
from ftlib.simulation import Node, Trace

__all__ = ["Hand", "Watched", "all_judged", "fail", "judged", "watching"]


@dataclass(frozen=True)
class Hand:
    """What a student hands in.

    Attributes
    ----------
    member, watcher : callable or None
        Called with nothing, and with the members and the numbers.
        None where there is none yet.
    rules : Rules
    seed : int
    """

    member: Callable[..., Node] | None
    watcher: Callable[..., Node] | None
    rules: Rules
    seed: int

    def names(self, what: str) -> Names:
        """Return the names of the world of one check."""
        return Names.drawn(self.seed, self.rules, what)

    def attempted(self, need: str) -> bool:
        """Whether a role sends anything at all when it is started and asked."""
        names, rules = self.names("attempt"), self.rules
        me, other, *_ = names.members
        kind = getattr(self, need)
        if need == "watcher":
            it = names.watcher
            cast: Nodes = {it: partial(kind, (me, other), (1, 2, 3)), me: Script}
        else:
            probe, _, favour, _ = rules.messages
            lines = ((0.01, me, probe(1)), (0.02, me, favour(1, other)))
            it, cast = me, {names.watcher: partial(Script, lines), me: kind}
        cast = {**cast, other: Script}
        trace = run(cast, until=rules.period * 1.1)
        return bool(trace.where(kind="send", node=it))


def fail(
    why: str, trace: Trace, nodes: Iterable[str] = (), faults: Iterable[Any] = ()
) -> Wrong:
    """Return the answer that a run is wrong, with the run drawn, or some lanes of it.

    Parameters
    ----------
    why : str
    trace : Trace
        The run up to where it is wrong.
    nodes : iterable of str
        The lanes; all by default.
    faults : iterable of faults
        What went wrong in it.
    """
    title = why[:1].upper() + why[1:]
    shown = [each for each in nodes if each in trace.nodes] or None
    picture = spacetime(trace, nodes=shown, look=LOOK, title=title)
    faults = list(faults)
    return Wrong(why, pasted(faults) if faults else "", picture)


@dataclass(frozen=True)
class Watched:
    """A run of one watcher, and what was to be read in it."""

    names: Names
    trace: Trace
    reading: Reading
    until: float
    faults: tuple[Any, ...] = ()

    def fail(self, slip: Slip) -> Wrong:
        """Return the answer that it is wrong there."""
        lanes = [self.names.watcher]
        lanes += [slip.member] if slip.member else self.reading.members
        shown = self.trace[: slip.index + 1] if slip.index >= 0 else self.trace[:80]
        return fail(slip.reason, shown, lanes, self.faults)


def watching(
    hand: Hand,
    names: Names,
    numbers: Numbers | None,
    until: float,
    plans: Mapping[str, Plan] | None = None,
    reports: Mapping[str, Plan] | None = None,
    *,
    members: int = 4,
    faults: Iterable[Any] = (),
    **world: Any,
) -> Watched:
    """Run a watcher with members that answer by plans: at once, where there is none.

    Parameters
    ----------
    hand : Hand
    names : Names
    numbers : (helpers, limit, window) or None
        Its own, if none are given.
    until : float
        In periods.
    plans, reports : mapping from name to Plan
    members : int
        How many.
    faults, **world
        As for `Cluster`.
    """
    assert hand.watcher is not None
    rules, group, faults = hand.rules, names.members[:members], tuple(faults)
    given = (group,) if numbers is None else (group, numbers)
    cast: Nodes = {names.watcher: partial(hand.watcher, *given)}
    for each in group:
        says = (plans or {}).get(each, PROMPT)
        about = (reports or {}).get(each, ((),))
        cast = {**cast, each: partial(Puppet, rules, says, about)}
    until = until * rules.period + 0.05
    trace = run(cast, faults, until=until, **world)
    reading = read(trace, names.watcher, group, rules, numbers or (0, 1, 1))
    return Watched(names, trace, reading, until, faults)


def judged(watched: Watched) -> Watched:
    """Return a run, or raise if the watcher is wrong in it."""
    all_judged([watched])
    return watched


def all_judged(runs: Iterable[Watched]) -> int:
    """Return how many runs there are, or raise if the watcher is wrong in one: with
    the one in which it is wrong soonest.
    """
    count, worst = 0, None
    for watched in runs:
        count += 1
        slip = next(watched.reading.slips(), None)
        if not watched.reading.rounds:
            slip = Slip(f"{watched.names.watcher} probes nobody.", -1)
        if slip and (worst is None or slip.index < worst[0].index):
            worst = slip, watched
    if worst is not None:
        raise worst[1].fail(worst[0])
    return count
