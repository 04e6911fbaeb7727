"""What Raft promises, by the names of figure 3 of Ongaro and Ousterhout (2014).

- *election safety*: at most one leader can be elected in a given term.
- *leader append-only*: a leader never overwrites or deletes entries in its log.
- *log matching*: two logs that have an entry of the same index and term are the same up
  to it.
- *leader completeness*: an entry that is committed in a term is in the logs of the
  leaders of all later terms, whether they were elected before that or after it.
- *state machine safety*: no two servers apply different entries at the same index.

All are safety, and kept by servers that do nothing; their companion is *responsive*:
every call returns soon after the last fault, if a majority is up. Whether what clients
see is linearizable is judged by `ftlib.checking.linearizable`.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ftlib.consensus.raft_messages import Applied, Committed, Deposed
from ftlib.consensus.raft_snapshots import Installed
from ftlib.services import PROPERTIES as SERVED
from ftlib.services import Elected, Recovered, Stored, Truncated, majority, responsive
from ftlib.simulation import (
    Broken,
    Event,
    Property,
    Trace,
    freeze,
    monitor,
    promises,
    thaw,
)
from ftlib.simulation.values import show

__all__ = [
    "PROPERTIES",
    "election_safety",
    "leader_append_only",
    "leader_completeness",
    "log_matching",
    "state_machine_safety",
    "while_a_majority_is_up",
]

SERVICES = {each.name: each for each in SERVED}
NOTHING: frozenset[Any] = frozenset()


def _leader_append_only(leaders: frozenset[str], event: Event) -> Any:
    """Remembers who leads."""
    node = event.node
    match event.kind, event.what:
        case "fact", Elected():
            return leaders | {node}
        case ("crash", _) | ("fact", Deposed()):
            return leaders - {node}
        case "fact", Truncated(index) if node in leaders:
            return Broken(f"{node} leads, and deletes its entries from {index} on")
    return leaders


@dataclass(frozen=True, slots=True)
class _Known:
    """The terms of the entries in each log, who leads in which term, and which entries
    were committed in which term.
    """

    logs: frozenset[tuple[str, int, int]] = NOTHING  # server, index, term
    leaders: frozenset[tuple[str, int]] = NOTHING  # server, term
    committed: frozenset[tuple[int, int, int]] = NOTHING  # index, term, in which term

    def missing(self) -> Broken | None:
        """Find a leader that lacks what was committed in an earlier term."""
        for server, later in sorted(self.leaders):
            for index, term, earlier in sorted(self.committed):
                if earlier < later and (server, index, term) not in self.logs:
                    return Broken(
                        f"{server} leads in term {later} without entry {index} of term"
                        f" {term}, which was committed in term {earlier}"
                    )
        return None


def _leader_completeness(known: _Known, event: Event) -> _Known | Broken:
    node, logs = event.node, known.logs
    match event.kind, event.what:
        case "crash", _:
            return replace(known, leaders=_but(known.leaders, node))
        case "fact", Deposed():
            return replace(known, leaders=_but(known.leaders, node))
        case "fact", Stored(index, term):
            gone = {each for each in logs if each[:2] == (node, index)}
            return replace(known, logs=logs - gone | {(node, index, term)})
        case "fact", Truncated(index):
            kept = (each for each in logs if each[0] != node or each[1] < index)
            return replace(known, logs=frozenset(kept))
        case "fact", Recovered(snapshot, entries):
            there = {
                (node, index, entry.epoch)
                for index, entry in enumerate(entries, snapshot.index + 1)
            }
            settled = {e for e in logs if e[0] == node and e[1] <= snapshot.index}
            return replace(known, logs=_but(logs, node) | there | settled)
        case "fact", Installed(last):
            there = {(node, *each[:2]) for each in known.committed if each[0] <= last}
            return replace(known, logs=logs | there)
        case "fact", Elected(term):
            known = replace(known, leaders=known.leaders | {(node, term)})
        case "fact", Committed(index, term):
            new = {(index, each[2], term) for each in logs if each[:2] == (node, index)}
            known = replace(known, committed=known.committed | new)
        case _:
            return known
    return known.missing() or known


def _but(known: frozenset[Any], node: str) -> frozenset[Any]:
    """Leave out what is known of a node."""
    return frozenset(each for each in known if each[0] != node)


def _state_machine_safety(known: frozenset[Any], event: Event) -> Any:
    """Remembers what was applied at each index."""
    match event.what:
        case Applied(index, term, command):
            for at, frozen in known:
                if at == index and frozen != freeze((term, command)):
                    first = thaw(frozen)
                    return Broken(
                        f"{event.node} applies {show(command)} of term {term} at index"
                        f" {index}, where {show(first[1])} of term {first[0]} was"
                        " applied"
                    )
            return known | {(index, freeze((term, command)))}
    return known


election_safety = replace(SERVICES["one holder an epoch"], name="election safety")
"""At most one leader can be elected in a given term."""

leader_append_only = monitor(
    "leader append-only", NOTHING, _leader_append_only, ("fact", "crash")
)
"""A leader never overwrites or deletes entries in its log."""

log_matching = SERVICES["log matching"]
"""Two logs that have an entry of the same index and term are the same up to it."""

leader_completeness = monitor(
    "leader completeness", _Known(), _leader_completeness, ("fact", "crash")
)
"""An entry that is committed in a term is in the logs of all later leaders."""

state_machine_safety = monitor("state machine safety", NOTHING, _state_machine_safety)
"""No two servers apply different entries at the same index."""

PROPERTIES = (
    election_safety,
    leader_append_only,
    log_matching,
    leader_completeness,
    state_machine_safety,
)
"""The five of figure 3, all of them safety."""


def _no_majority(trace: Trace) -> str | None:
    """Excuse servers of which no majority is up at the end, and clients of theirs."""
    servers = {event.node for event in trace.facts(Recovered)}
    down = [node for node in promises.down(trace) if node in servers]
    if len(servers) - len(down) >= majority(len(servers)):
        return None
    return f"{', '.join(down)} are down at the end: no majority is up"


while_a_majority_is_up: partial[Property] = partial(responsive, excuse=_no_majority)
"""Make the property that calls return while a majority is up; as
`ftlib.services.responsive`.
"""
