"""What a student hands in to the lab on failover, and what all its checks share.

A check takes a `Hand`, which is the class with the rules and a seed. In a student's
notebook `check` makes one with the public seed; the grader makes one with a secret
seed, and with nodes whose handlers run in another process. The seed draws all names;
what is asked is the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, run
from ftlib.labs.failover import Acts, Rules, Stops
from ftlib.labs.failover.worlds import LOOK, ONE, Names, Rival, nodes, properties
from ftlib.labs.script import Script
from ftlib.simulation import Node, Trace, judge

__all__ = ["SOON", "Hand", "Line", "acted", "fail", "sound", "spans", "tried"]

SOON = 0.1  # seconds in which a few messages of no latency to speak of go to and fro
NEAR = 0.005  # by how much a timer may miss
Line = tuple[float, str, Any]
"""When the client sends what to whom."""


@dataclass(frozen=True)
class Hand:
    """What a student hands in.

    Attributes
    ----------
    server : callable or None
        Called with the witness and the storage. None where there is none yet.
    rules : Rules
    seed : int
    """

    server: Callable[..., Node] | None
    rules: Rules
    seed: int

    def names(self, what: str) -> Names:
        """Return the names of the world of one check."""
        return Names.drawn(self.seed, self.rules, what)

    def attempted(self, need: str) -> bool:
        """Whether a server does anything at all when it is started."""
        names = self.names("attempt")
        trace = tried(self, names, until=0.1)
        return bool(trace.where(kind=("send", "write", "fact"), node=names.first))


def fail(why: str, trace: Trace, faults: str = "", asked: Any = ()) -> Wrong:
    """Return the answer that a run is wrong, with the run drawn."""
    title = why[:1].upper() + why[1:]
    return Wrong(why, faults, drawn(trace, asked, look=LOOK, title=title))


def tried(
    hand: Hand,
    names: Names,
    *,
    rival: Iterable[float] = (),
    lines: Iterable[Line] = (),
    faults: Iterable[Any] = (),
    until: float,
    **given: Any,
) -> Trace:
    """Run one server, the first, against a witness, a storage, a client that follows a
    script, and a rival that takes and renews at the times given.
    """
    assert hand.server is not None
    cast: Nodes = {
        **nodes(names, hand.rules, hand.server, both=False),
        names.client: partial(Script, tuple(lines)),
    }
    times = tuple(rival)
    if times:
        other = partial(Rival, hand.rules.code, names.witness, times)
        cast = {**cast, names.second: other}
    faults = tuple(faults)
    trace = run(cast, faults, until=until, **given)
    sound(hand, trace, (names.first,), faults)
    return trace


def spans(trace: Trace, node: str) -> list[tuple[float, float, int]]:
    """Say from when to when a server has acted, for which epoch; to the end of the
    trace where it has not stopped.
    """
    found: list[tuple[float, float, int]] = []
    since: tuple[float, int] | None = None
    for event in trace.where(kind=("fact", "crash"), node=node):
        if since and (event.kind == "crash" or isinstance(event.what, Stops | Acts)):
            found.append((since[0], event.time, since[1]))
            since = None
        if isinstance(event.what, Acts):
            since = event.time, event.what.epoch
    return [*found, *([(since[0], trace.end, since[1])] if since else [])]


def acted(trace: Trace, node: str, since: float = 0.0) -> float | None:
    """Say when a server has begun to act, after a moment."""
    times = [event.time for event in trace.facts(Acts, node=node)]
    return next((at for at in times if at >= since), None)


def sound(
    hand: Hand,
    trace: Trace,
    servers: Iterable[str],
    faults: Iterable[Any] = (),
    slow: float = 1.0,
) -> None:
    """Raise if a server acts without being entitled to, or beyond its term.

    Parameters
    ----------
    slow : float
        The rate of the slowest clock.
    """
    rows = "\n".join(map(repr, faults))
    servers = tuple(servers)
    for finding in judge(trace, (*properties(hand.rules, servers), ONE)):
        if not finding:
            raise fail(f"{finding.reason}.", trace, rows)
    _, row, swap, *_ = hand.rules.messages
    for node in servers:
        asked: dict[Any, float] = {}
        for event in trace.where(kind="send", node=node, what=swap):
            asked.setdefault(event.what.new, event.time)
        granted = [
            (event.time, asked[event.what])
            for event in trace.where(kind="deliver", node=node, what=row)
            if event.what in asked
        ]
        for since, until, epoch in spans(trace, node):
            ends = max(
                (
                    at + hand.rules.term / slow
                    for known, at in granted
                    if known <= until
                ),
                default=since,
            )
            if until > ends + NEAR:
                raise fail(
                    f"{node} acts for epoch {epoch} until {until:.2f} s at least, and"
                    f" the term of the newest row that it knows to be its own ends at"
                    f" {ends:.2f} s: it counts from when that row was first asked for.",
                    trace,
                    rows,
                )
