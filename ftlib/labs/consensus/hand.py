"""What a student hands in to the lab on consensus, and what all its checks share.

A check takes a `Hand`, which is the two classes with the rules and a seed. In a
student's notebook `check` makes one with the public seed; the grader makes one with a
secret seed, and with nodes whose handlers run in another process. The seed draws all
names; what is asked is the same.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, run
from ftlib.labs.consensus import SERVER, Committed, Leads, Members, Rules
from ftlib.labs.consensus.worlds import LOOK, PROPERTIES, Names
from ftlib.labs.runs import sent
from ftlib.labs.script import Script
from ftlib.simulation import Event, Node, Trace

__all__ = [
    "SOON",
    "Hand",
    "Lines",
    "alone",
    "committed",
    "elected",
    "everyone",
    "fail",
    "followed",
    "only",
]

SOON = 0.03  # seconds that messages of no latency to speak of take, there and back
Lines = Mapping[str, Iterable[tuple[float, Any]]]
"""What nodes send to the one that is tried: (seconds, message), by node."""


@dataclass(frozen=True)
class Hand:
    """What a student hands in.

    Attributes
    ----------
    server, witness : callable or None
        Called with the members, and with nothing. None where there is none yet.
    rules : Rules
    seed : int
    """

    server: Callable[..., Node] | None
    witness: Callable[..., Node] | None
    rules: Rules
    seed: int

    def names(self, what: str) -> Names:
        """Return the names of the world of one check."""
        return Names.drawn(self.seed, self.rules, what)

    def attempted(self, need: str) -> bool:
        """Whether a role does anything at all when it is started and asked."""
        names, bid = self.names("attempt"), self.rules.messages[0]
        me, other = names.servers[:2]
        members = names.members((1, 1))
        lines = {other: [(0.01, bid(1, 0, 0))]}
        trace = alone(self, me, members, lines, 0.1, witness=need == "witness")
        return bool(trace.where(kind=("send", "write", "fact", "force"), node=me))


def alone(
    hand: Hand,
    me: str,
    members: Members,
    lines: Lines,
    until: float,
    *,
    faults: Iterable[Any] = (),
    witness: bool = False,
) -> Trace:
    """Run one node against others that follow a script."""
    kind = hand.witness
    if not witness:
        assert hand.server is not None
        kind = partial(hand.server, members)
    assert kind is not None
    names = dict.fromkeys((*(name for name, _, _ in members), *lines))
    cast: Nodes = {
        name: kind
        if name == me
        else partial(Script, tuple((at, me, what) for at, what in lines.get(name, ())))
        for name in names
    }
    return run(cast, faults, until=until)


def everyone(hand: Hand, members: Members, clients: Lines) -> Nodes:
    """Make the factories of all members, and of clients that follow a script."""
    assert hand.server is not None
    assert hand.witness is not None
    cast: Nodes = {
        name: partial(hand.server, members) if kind == SERVER else hand.witness
        for name, _, kind in members
    }
    scripts = {
        name: partial(Script, tuple((at, *what) for at, what in lines))
        for name, lines in clients.items()
    }
    return {**cast, **scripts}


def fail(why: str, trace: Trace, faults: str = "") -> Wrong:
    """Return the answer that a run is wrong, with the run drawn."""
    title = why[:1].upper() + why[1:]
    return Wrong(why, faults, drawn(trace, PROPERTIES, look=LOOK, title=title))


def committed(trace: Trace, node: str) -> list[Committed]:
    """Return what a node knows to be committed, in order."""
    return [event.what for event in trace.facts(Committed, node=node)]


def elected(trace: Trace, node: str, term: int) -> Event | None:
    """Return the event in which a node comes to lead a term, if there is one."""
    found = [each for each in trace.facts(Leads, node=node) if each.what.term == term]
    return found[0] if found else None


def followed(trace: Trace, event: Event) -> list[Event]:
    """Return what a node did in the rest of the handler in which an event fell."""
    found = []
    for each in trace[event.index + 1 :]:
        if each.node == event.node and each.kind in ("deliver", "timer", "recover"):
            break
        if each.node == event.node:
            found.append(each)
    return found


def only(
    trace: Trace, me: str, kind: type, to: str, wanted: list[Any], why: str
) -> None:
    """Raise unless a node has sent just these messages of a type to another."""
    found = [event.what for event in sent(trace, me, kind, to)]
    if found == wanted:
        return
    told = ", ".join(map(repr, found)) or "nothing"
    asked = ", ".join(map(repr, wanted)) or f"no {kind.__name__}"
    raise fail(f"{why}: {me} is to answer {to} {asked}, and says {told}.", trace)
