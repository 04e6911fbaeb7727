"""What a primary and its replicas promise, beside what all servers do.

What is visible stays, and so does what is acknowledged. The first implies the second; a
client that gives up its wait tells them apart, for it makes visible what nobody has
acknowledged.

What clients notice who read from any node is of calls and returns alone: reads that are
not fresh, and two session guarantees of Terry et al. (1994). All three look at what was
appended, because it stays and can be found again; what is appended to a key must be a
text that is no part of another.
"""

from typing import Any

from ftlib.services import PROPERTIES as SERVED
from ftlib.services import Executed, Reply
from ftlib.simulation import Broken, Event, monitor

__all__ = [
    "PROPERTIES",
    "READS",
    "acknowledged_stays",
    "fresh_reads",
    "monotonic_reads",
    "read_your_writes",
    "visible_stays",
]

Known = frozenset[tuple[Any, ...]]
NOTHING: Known = frozenset()
ALL = ""  # stands for every client


def _visible_stays(known: Known, event: Event) -> Known | Broken:
    """Remembers which request was executed at which position."""
    match event.what:
        case Executed(client, sequence, position):
            for at, *other in known:
                if at == position and other != [client, sequence]:
                    return _taken(position, (client, sequence), other)
            return known | {(position, client, sequence)}
    return known


def _acknowledged_stays(known: Known, event: Event) -> Known | Broken:
    """Remembers where each request was last executed, and which were acknowledged."""
    match event.kind, event.what:
        case "fact", Executed(client, sequence, position):
            for at, *other, acknowledged in known:
                if acknowledged and at == position and other != [client, sequence]:
                    return _taken(position, (client, sequence), other)
            if (position, client, sequence, True) not in known:
                gone = {each for each in known if each[1:] == (client, sequence, False)}
                return known - gone | {(position, client, sequence, False)}
        case "deliver", Reply(sequence):
            return frozenset(
                (*each[:3], each[3] or each[1:3] == (event.node, sequence))
                for each in known
            )
    return known


def _taken(position: int, request: tuple[str, int], other: list[Any]) -> Broken:
    return Broken(
        f"request {request[1]} of {request[0]} was executed at position {position},"
        f" where request {other[1]} of {other[0]} had been"
    )


def _fresh_reads(known: Known, event: Event) -> Known | Broken:
    """Remembers what was acknowledged, and what each get that waits has to return."""
    match event.kind, event.what:
        case "call", ("get", key):
            return known | {
                (event.node, key, text)
                for node, at, text in known
                if node == ALL and at == key
            }
        case "return", (("append", key, text), _):
            return known | {(ALL, key, text)}
        case "return", (("get", key), found):
            known, due = _split(known, event.node)
            return _missing(event.node, key, found, due) or known
        case "crash", _:
            return _split(known, event.node)[0]
    return known


def _read_your_writes(known: Known, event: Event) -> Known | Broken:
    """Remembers what each client has written."""
    match event.what:
        case (("append", key, text), _):
            return known | {(event.node, key, text)}
        case (("get", key), found):
            own = _split(known, event.node)[1]
            return _missing(event.node, key, found, own) or known
    return known


def _monotonic_reads(known: Known, event: Event) -> Known | Broken:
    """Remembers what each client has read last."""
    match event.what:
        case (("get", key), found):
            last = frozenset(each for each in known if each[:2] == (event.node, key))
            return _missing(event.node, key, found, last) or (
                known - last | {(event.node, key, found or "")}
            )
    return known


def _split(known: Known, node: str) -> tuple[Known, Known]:
    """Divide what is known into that of others and that of a node."""
    own = frozenset(each for each in known if each[0] == node)
    return known - own, own


def _missing(node: str, key: str, found: Any, due: Known) -> Broken | None:
    for _, at, text in sorted(due):
        if at == key and text not in (found or ""):
            return Broken(f"{node} reads {found!r} at {key}, which lacks {text!r}")
    return None


visible_stays = monitor("visible stays", NOTHING, _visible_stays)
"""No two requests are executed at one place of the order."""
acknowledged_stays = monitor(
    "acknowledged stays", NOTHING, _acknowledged_stays, ("fact", "deliver")
)
"""No place that belongs to an acknowledged request is given to another."""
fresh_reads = monitor("fresh reads", NOTHING, _fresh_reads, ("call", "return", "crash"))
"""A get returns whatever was acknowledged before it was called."""
read_your_writes = monitor("read your writes", NOTHING, _read_your_writes, ("return",))
"""A get returns whatever the same client has written."""
monotonic_reads = monitor("monotonic reads", NOTHING, _monotonic_reads, ("return",))
"""A get returns no less than what the same client has read before."""

READS = fresh_reads, read_your_writes, monotonic_reads
"""Kept where the primary answers through its log, and only there."""
PROPERTIES = (*SERVED, visible_stays, acknowledged_stays)
"""Those of safety. Whether what clients see is linearizable is judged by
`ftlib.checking.linearizable`.
"""
