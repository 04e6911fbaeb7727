"""What a student hands in to the lab on replication, and what all its checks share.

A check takes a `Hand`, which is the two classes with the rules and a seed. In a
student's notebook `check` makes one with the public seed; the grader makes one with a
secret seed, and with nodes whose handlers run in another process. The seed draws all
names; what is asked is the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, run
from ftlib.labs.replication import Held, Rules
from ftlib.labs.replication.worlds import LOOK, Names
from ftlib.labs.script import Script
from ftlib.simulation import Event, Node, Trace

__all__ = ["SOON", "Hand", "Line", "alone", "fail", "held", "served", "within"]

SOON = 0.03  # seconds that messages of no latency to speak of take, there and back
Line = tuple[str, float, Any]
"""Who sends what to the node under trial, and when."""


@dataclass(frozen=True)
class Hand:
    """What a student hands in.

    Attributes
    ----------
    replica, keeper : callable or None
        Called with nothing, and with the places. None where there is none yet.
    rules : Rules
    seed : int
    """

    replica: Callable[..., Node] | None
    keeper: Callable[..., Node] | None
    rules: Rules
    seed: int

    def names(self, what: str) -> Names:
        """Return the names of the world of one check."""
        return Names.drawn(self.seed, self.rules, what)

    def attempted(self, need: str) -> bool:
        """Whether the class of a role does anything at all when it is asked."""
        names = self.names("attempt")
        put, _, copy, *_ = self.rules.messages
        if need == "replica":
            line = (names.keeper, 0.01, copy(names.key, 1, "x"))
            trace, it = alone(self, names, [line], until=0.1), names.replicas[0]
        else:
            line = (names.client, 0.01, put("w1", names.key, "x"))
            trace, it = served(self, names, [line], until=0.1), names.keeper
        return bool(trace.where(kind=("send", "write", "fact"), node=it))


def fail(why: str, trace: Trace, faults: str = "", properties: Any = ()) -> Wrong:
    """Return the answer that a run is wrong, with the run drawn."""
    title = why[:1].upper() + why[1:]
    return Wrong(why, faults, drawn(trace, properties, look=LOOK, title=title))


def _scripts(names: Iterable[str], lines: Iterable[Line], it: str) -> Nodes:
    lines = tuple(lines)
    return {
        name: partial(
            Script, tuple((at, it, what) for who, at, what in lines if who == name)
        )
        for name in names
    }


def alone(hand: Hand, names: Names, lines: Iterable[Line], **given: Any) -> Trace:
    """Run one replica against a keeper that follows a script."""
    assert hand.replica is not None
    me = names.replicas[0]
    cast = {me: hand.replica, **_scripts([names.keeper], lines, me)}
    return run(cast, given.pop("faults", ()), until=given.pop("until", 1.0))


def served(hand: Hand, names: Names, lines: Iterable[Line], **given: Any) -> Trace:
    """Run the keeper against a client and replicas that follow a script."""
    assert hand.keeper is not None
    cast: Nodes = {
        names.keeper: partial(hand.keeper, names.places),
        **_scripts((names.client, *names.replicas), lines, names.keeper),
    }
    return run(cast, given.pop("faults", ()), until=given.pop("until", 1.0))


def held(trace: Trace, node: str, key: str) -> list[int]:
    """Return the versions of a key that a node has said it holds, in their order."""
    return [
        event.what.version
        for event in trace.facts(Held, node=node)
        if event.what.key == key
    ]


def within(events: list[Event], since: float, soon: float = SOON) -> list[Event]:
    """Return the events from a moment on, and not long after."""
    return [event for event in events if since <= event.time <= since + soon]
