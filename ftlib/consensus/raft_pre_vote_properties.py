"""What pre-vote and check-quorum promise, beside what Raft does.

- *asked before*: a server begins an election of a term only when a majority, itself
  included, would vote for it in that term.
- *unwilling while led*: who hears from a leader would vote for no other.
- *loyal while led*: nor does it, whoever asks (check-quorum only).
- *steps down*: a leader that has not heard from a majority does not go on when it has
  looked (check-quorum only).
"""

from dataclasses import dataclass, replace
from typing import Any

from ftlib.consensus.raft_messages import AppendEntriesReply, Deposed, RequestVote
from ftlib.consensus.raft_pre_vote import Leaderless, Led, Willing
from ftlib.services import Elected, Granted, Recovered, majority
from ftlib.simulation import Broken, Event, monitor

__all__ = [
    "LED",
    "OFFICE",
    "asked_before",
    "loyal_while_led",
    "steps_down",
    "unwilling_while_led",
]

NOTHING: frozenset[Any] = frozenset()


def _asked_before(known: frozenset[Any], event: Event) -> Any:
    """Remembers the servers, and who would vote for whom in which term."""
    node = event.node
    match event.what:
        case Recovered():
            return known | {(node,)}
        case Willing(term, to):
            return known | {(term, to, node)}
        case Granted(term, to) if to == node:
            servers = sum(len(each) == 1 for each in known)
            would = sum(each[:2] == (term, node) for each in known)
            if would < majority(servers):
                return Broken(
                    f"{node} begins an election of term {term}, in which {would} of"
                    f" {servers} would vote for it"
                )
            return known
    return known


def _unwilling_while_led(led: frozenset[str], event: Event) -> Any:
    """Remembers who hears from a leader."""
    node = event.node
    match event.kind, event.what:
        case "fact", Led():
            return led | {node}
        case ("crash", _) | ("fact", Leaderless()):
            return led - {node}
        case "fact", Willing(_, to) if node in led:
            return Broken(f"{node} hears from a leader, and would vote for {to}")
    return led


@dataclass(frozen=True, slots=True)
class _Loyal:
    """Who hears from a leader, and who of those was just asked for its vote."""

    led: frozenset[str] = NOTHING
    asked: str | None = None


def _loyal_while_led(known: _Loyal, event: Event) -> _Loyal | Broken:
    node = event.node
    match event.kind, event.what:
        case "deliver", RequestVote():
            return replace(known, asked=node if node in known.led else None)
        case (("deliver" | "timer"), _):
            return replace(known, asked=None)
        case "fact", Led():
            return replace(known, led=known.led | {node})
        case "fact", Leaderless() if node != known.asked:
            return replace(known, led=known.led - {node})
        case "crash", _:
            return _Loyal(known.led - {node})
        case "fact", Granted(_, to) if node == known.asked:
            return Broken(f"{node} hears from a leader, and votes for {to}")
    return known


@dataclass(frozen=True, slots=True)
class _Office:
    """The servers, whom each leader has heard since it last looked, and who must step
    down.
    """

    servers: frozenset[str] = NOTHING
    leaders: frozenset[tuple[str, frozenset[str]]] = NOTHING
    late: str | None = None

    def but(self, node: str, heard: frozenset[str] | None = None) -> "_Office":
        """Forget a leader, or have it hear from these."""
        rest = frozenset(each for each in self.leaders if each[0] != node)
        new = NOTHING if heard is None else {(node, heard)}
        return replace(self, leaders=rest | new)


def _steps_down(known: _Office, event: Event) -> _Office | Broken:
    node, leaders = event.node, dict(known.leaders)
    match event.kind, event.what:
        case "fact", Recovered():
            return replace(known, servers=known.servers | {node})
        case "fact", Elected():
            return known.but(node, frozenset({node}))
        case ("crash", _) | ("fact", Deposed()):
            known = known.but(node)
            return replace(known, late=None) if node == known.late else known
        case (("deliver" | "timer"), _) if known.late:
            return Broken(f"{known.late} leads on, and has heard from no majority")
        case "deliver", AppendEntriesReply() if node in leaders and event.other:
            return known.but(node, leaders[node] | {event.other})
        case "timer", _ if event.other == "quorum" and node in leaders:
            late = len(leaders[node]) < majority(len(known.servers))
            known = known.but(node, frozenset({node}))
            return replace(known, late=node) if late else known
    return known


asked_before = monitor("asked before", NOTHING, _asked_before)
"""A server begins an election only when a majority would vote for it."""

unwilling_while_led = monitor(
    "unwilling while led", NOTHING, _unwilling_while_led, ("fact", "crash")
)
"""Who hears from a leader would vote for no other."""

loyal_while_led = monitor(
    "loyal while led", _Loyal(), _loyal_while_led, ("fact", "crash", "deliver", "timer")
)
"""Who hears from a leader votes for no other."""

steps_down = monitor(
    "steps down", _Office(), _steps_down, ("fact", "crash", "deliver", "timer")
)
"""A leader that has not heard from a majority does not go on."""

LED = (asked_before, unwilling_while_led)
"""What pre-vote promises."""

OFFICE = (loyal_while_led, steps_down)
"""What check-quorum promises besides."""
