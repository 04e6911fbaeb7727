"""What a student hands in to the lab on atomic commit, and what all its checks share.

A check takes a `Hand`, which is the two classes with the rules and a seed. In a
student's notebook `check` makes one with the public seed; the grader makes one with a
secret seed, and with nodes whose handlers run in another process. The seed draws all
names; what is asked is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, run
from ftlib.labs.script import Script
from ftlib.labs.two_phase_commit import Decided, Rules
from ftlib.labs.two_phase_commit.worlds import LOOK, PROPERTIES, Names
from ftlib.simulation import Node, Trace

__all__ = [
    "SOON",
    "Hand",
    "asked",
    "counting",
    "decided",
    "fail",
]

SOON = 0.03  # seconds that messages of no latency to speak of take, there and back


@dataclass(frozen=True)
class Hand:
    """What a student hands in.

    Attributes
    ----------
    participant, coordinator : callable or None
        Called with whether it is willing, and with its work.
        None where there is none yet.
    rules : Rules
    seed : int
    """

    participant: Callable[..., Node] | None
    coordinator: Callable[..., Node] | None
    rules: Rules
    seed: int

    def names(self, what: str) -> Names:
        """Return the names of the world of one check."""
        return Names.drawn(self.seed, self.rules, what)

    def attempted(self, need: str) -> bool:
        """Whether a role does anything at all when it is started and asked."""
        kind = getattr(self, need)
        names, request = self.names("attempt"), self.rules.messages[0]
        hub, me = names.coordinator, names.participants[0]
        lines = ((0.01, me, request(names.txn, names.changes(me))),)
        if need == "participant":
            cast: Nodes = {hub: partial(Script, lines), me: partial(kind, True)}
            it = me
        else:
            cast = {hub: partial(kind, names.work(over=1)), me: Script}
            it = hub
        trace = run(cast, until=0.1)
        return bool(trace.where(kind=("send", "write", "fact"), node=it))


def fail(why: str, trace: Trace, faults: str = "") -> Wrong:
    """Return the answer that a run is wrong, with the run drawn."""
    title = why[:1].upper() + why[1:]
    return Wrong(why, faults, drawn(trace, PROPERTIES, look=LOOK, title=title))


def decided(trace: Trace, node: str) -> list[str]:
    """Return the outcomes that a node has decided."""
    return [event.what.outcome for event in trace.facts(Decided, node=node)]


def asked(hand: Hand, names: Names, lines: Any, **given: Any) -> Trace:
    """Run one participant against a coordinator that follows a script."""
    willing = given.pop("willing", True)
    assert hand.participant is not None
    me = names.participants[0]
    cast: Nodes = {
        names.coordinator: partial(Script, tuple(lines)),
        me: partial(hand.participant, willing),
    }
    return run(cast, given.pop("faults", ()), until=given.pop("until", 0.5), **given)


def counting(
    hand: Hand,
    names: Names,
    votes: dict[str, str | None],
    *,
    until: float = 2.0,
    faults: Any = (),
    more: Any = (),
) -> Trace:
    """Run a coordinator against participants that vote by a script."""
    assert hand.coordinator is not None
    vote = hand.rules.messages[1]
    readers = [name for name, said in votes.items() if said == "read"]
    cast: Nodes = {
        names.coordinator: partial(hand.coordinator, names.work(readers=readers))
    }
    for place, (name, said) in enumerate(votes.items()):
        lines = [(0.05 + place / 50, names.coordinator, vote(names.txn, said))]
        extra = [line[1:] for line in more if line[0] == name]
        script = (*(lines if said else []), *extra)
        cast = {**cast, name: partial(Script, script)}
    return run(cast, faults, until=until)
