"""The traces of all processes as one trace, as the simulator would have written it."""

from collections.abc import Iterable
from typing import Any

from ftlib.simulation import Trace

__all__ = ["Row", "merged"]

Row = tuple[int, str, str, str | None, Any, int | str | None]
"""As a `Trace` has them, but messages and calls are numbered by the time at which their
node sent or called them.
"""


def merged(rows: Iterable[Row], nodes: Iterable[str]) -> Trace:
    """Put the events of all processes in the order of their Lamport clocks.

    Messages and calls get numbers that no two nodes share. What was sent to a node that
    was down, or that died before it read it, is dropped there, as in the simulator;
    what is neither delivered nor dropped is still on its way, or was lost by the
    system.

    Examples
    --------
    >>> trace = merged(
    ...     [
    ...         (7, "send", "a", "b", "hello", None),
    ...         (5, "crash", "b", None, None, None),
    ...     ],
    ...     "ab",
    ... )
    >>> print(trace)
    0.000005  b  crash
    0.000007  a  send   -> b  'hello'
    0.000007  b  drop   <- a  'hello'  (receiver is down)
    """
    ordered = sorted(rows, key=lambda row: row[0])
    ordered = sorted([*ordered, *_unread(ordered)], key=lambda row: row[0])
    numbers: dict[tuple[str, Any], int] = {}
    calls: dict[tuple[str, Any], int] = {}
    found = []
    for time, kind, node, other, what, ref in ordered:
        if kind == "send":
            ref = numbers.setdefault((node, time), len(numbers) + 1)
        elif kind in ("deliver", "drop"):
            ref = numbers.setdefault((str(other), ref), len(numbers) + 1)
        elif kind == "call":
            ref = calls.setdefault((node, time), len(calls) + 1)
        elif kind == "return":
            ref = calls[node, ref]
        found.append((time, kind, node, other, what, ref))
    return Trace(found, nodes)


def _unread(ordered: list[Row]) -> list[Row]:
    """List the drops that no process could record: its own was down, or died."""
    under_way: dict[tuple[str, Any], Row] = {}
    down: set[str] = set()
    drops: list[Row] = []
    read = {(row[3], row[5]) for row in ordered if row[1] in ("deliver", "drop")}

    def drop(sent: Row, time: int, reason: str) -> None:
        start, _, sender, receiver, message, _ = sent
        what = message, reason
        drops.append((time, "drop", str(receiver), sender, what, start))

    for row in ordered:
        time, kind, node, other, _, _ = row
        if kind == "send":
            if (node, time) in read:
                continue
            if other in down:
                drop(row, time, "receiver is down")
            else:
                under_way[node, time] = row
        elif kind == "recover":
            down.discard(node)
        elif kind == "crash":
            down.add(node)
            for key, sent in list(under_way.items()):
                if sent[3] == node:
                    drop(sent, time, "receiver crashed")
                    del under_way[key]
    return drops
