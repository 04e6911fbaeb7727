"""What an operation of a replicated service costs: messages, delays, forced writes.

Everything is read from a trace. What an operation *causes* is what the handlers do that
its call, and the messages that it causes, set going; that includes what happens after
the client has its answer, and leaves out heartbeats and whatever else a timer does.
What it *waits for* is the chain of causes that ends with its return: so many message
delays, and so many forced writes one after the other. If every message takes L seconds
and every forced write F, it returns after ``delays * L + waits * F``.

`replication_costs` puts formula and measurement into one row each, with the rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ftlib.analysis.checks import count, within
from ftlib.analysis.costs import CostRow, CostTable
from ftlib.replication.mode import Mode
from ftlib.replication.quorum import AtomicClient, RegularClient, registers
from ftlib.replication.replicas import replicas
from ftlib.services import service
from ftlib.simulation import Cluster, Network, Node, Trace

__all__ = ["OperationCost", "operation_costs", "replication_costs"]

Group = dict[str, Callable[[], Node]]

QUIET = 0.04  # seconds: before the first heartbeat
COSTS = (
    "messages",
    "message delays before the return",
    "forced writes",
    "forced writes one after the other before the return",
)


@dataclass(frozen=True, slots=True)
class OperationCost:
    """What one operation cost.

    Attributes
    ----------
    node : str
        Whose it was.
    operation : object
        What was called.
    messages, forces : int
        How many it caused, on all nodes together.
    delays, waits : int or None
        How many message delays, and how many forced writes one after the other, lay
        between its call and its return; None if it never returned, or if something else
        set its return going: a timer, or what another operation caused.
    """

    node: str
    operation: object
    messages: int = 0
    forces: int = 0
    delays: int | None = None
    waits: int | None = None


@dataclass(frozen=True, slots=True)
class _Cause:
    """Which operation a handler works for, and what lies behind it."""

    number: int
    delays: int
    waits: int


def operation_costs(trace: Trace) -> tuple[OperationCost, ...]:
    """Return what each operation cost, in the order of their calls.

    Parameters
    ----------
    trace : Trace
        A client calls an operation in the handler that sends its first message.

    Returns
    -------
    tuple of OperationCost

    Examples
    --------
    >>> trace = Cluster(service([("put", "x", 1), ("get", "x")])).run()
    >>> for each in operation_costs(trace):
    ...     print(each.operation, each.messages, each.delays, each.forces, each.waits)
    ('put', 'x', 1) 2 2 1 1
    ('get', 'x') 2 2 1 1

    Notes
    -----
    What a client forces before its call is not counted. A message that is sent again by
    a timer belongs to nobody. Time O(events).
    """
    costs: list[OperationCost] = []
    causes: dict[str, _Cause | None] = {}  # of the handler that runs now, by node
    carried: dict[Any, _Cause] = {}  # by message
    pending: dict[str, int] = {}  # the operation that a client waits for

    def add(number: int, messages: int = 0, forces: int = 0) -> None:
        costs[number] = replace(
            costs[number],
            messages=costs[number].messages + messages,
            forces=costs[number].forces + forces,
        )

    for event in trace.where(
        kind=("call", "return", "send", "deliver", "force", "timer", "crash")
    ):
        cause = causes.get(event.node)
        match event.kind:
            case "call":
                causes[event.node] = _Cause(len(costs), 0, 0)
                pending[event.node] = len(costs)
                costs.append(OperationCost(event.node, event.what))
            case "deliver":
                causes[event.node] = carried.get(event.ref)
            case "timer" | "crash":
                causes[event.node] = None
            case "send" if cause:
                add(cause.number, messages=1)
                carried[event.ref] = replace(cause, delays=cause.delays + 1)
            case "force" if cause:
                add(cause.number, forces=1)
                causes[event.node] = replace(cause, waits=cause.waits + 1)
            case "return":
                causes[event.node] = None  # what follows is for the next operation
                number = pending.pop(event.node, None)
                if cause and number == cause.number:
                    costs[number] = replace(
                        costs[number], delays=cause.delays, waits=cause.waits
                    )
    return tuple(costs)


def replication_costs(nodes: int, copies: int = 1) -> CostTable:
    """Measure what a write and a read cost in each mode of replication, and put it
    beside the formulas.

    Parameters
    ----------
    nodes : int
        N, from 2 to 20. Of a primary and replicas n = N - 1 are replicas; the quorums
        are majorities.
    copies : int, optional
        k, how many of the n replicas acknowledge in the semi-synchronous mode, from 1.

    Returns
    -------
    CostTable

    Raises
    ------
    ValueError
        If there are too few nodes or too many, or k is not from 1 to n.

    Examples
    --------
    >>> table = replication_costs(3)
    >>> all(row.agree for row in table.rows)
    True
    >>> for row in table.rows:
    ...     if row.cost == "messages" and "write" in row.rule:
    ...         print(row.rule, row.formula, row.measured)
    write, one server 2 2
    write, primary, asynchronous 2n + 2 6
    write, primary, 1 of n acknowledge 2n + 2 6
    write, primary, synchronous 2n + 2 6
    write, quorum, counter read first 4N 12

    Notes
    -----
    Runs without faults, in which all messages take equally long, and the client asks
    the primary. Forced writes include the one with which the client of a quorum keeps
    the counter that it uses, and not what a client forces before its call. A read that
    is written back finds its row on all nodes, so that nothing is forced.
    """
    within("nodes", nodes, 2, 20, "at most 20")
    count("copies", copies)
    n = nodes - 1
    within("copies", copies, 1, n, f"of {n} replicas, 1 to {n} can acknowledge")
    wanted, half = (("put", "x", 1), ("get", "x")), nodes // 2 + 1
    quorums = partial(registers, wanted, nodes=nodes, read=half, write=half)
    one, semi = service(wanted), replicas([wanted], Mode(copies, n))
    log, row, twice = ("2n + 2", 2 * n + 2), ("2N", 2 * nodes), ("4N", 4 * nodes)
    all_disks, counter = ("n + 1", n + 1), ("N + 1", nodes + 1)
    cases: list[tuple[str, Group, int, tuple[str | tuple[str, int], ...]]] = [
        ("write, one server", one, 0, ("2", "2", "1", "1")),
        (
            "write, primary, asynchronous",
            replicas([wanted], Mode(0, n)),
            *(0, (log, "2", all_disks, "1")),
        ),
        (
            f"write, primary, {copies} of n acknowledge",
            *(semi, 0, (log, "4", all_disks, "2")),
        ),
        (
            "write, primary, synchronous",
            replicas([wanted], Mode(n, n)),
            *(0, (log, "4", all_disks, "2")),
        ),
        (
            "write, quorum, counter read first",
            quorums(client=RegularClient),
            *(0, (twice, "4", counter, "2")),
        ),
        ("read, one server", one, 1, ("2", "2", "1", "1")),
        (
            "read, one copy, as it is",
            replicas([wanted], Mode(copies, n), ("get",)),
            *(1, ("2", "2", "0", "0")),
        ),
        (
            f"read, through the log, {copies} of n acknowledge",
            *(semi, 1, (log, "4", all_disks, "2")),
        ),
        ("read, quorum", quorums(client=RegularClient), 1, (row, "2", "0", "0")),
        (
            "read, quorum, written back",
            quorums(client=AtomicClient),
            *(1, (twice, "4", "0", "0")),
        ),
    ]
    rows = []
    for rule, group, number, formulas in cases:
        run = Cluster(group, network=Network(latency=QUIET / 40)).run(until=QUIET)
        found = operation_costs(run)[number]
        measured = (found.messages, found.delays, found.forces, found.waits)
        for cost, formula, ours in zip(COSTS, formulas, measured, strict=True):
            text, expected = (
                (formula, int(formula)) if isinstance(formula, str) else formula
            )
            rows.append(CostRow(cost, rule, text, expected, ours, None, ""))
    what = f"What an operation costs with N = {nodes} nodes, n = {n} of them replicas"
    return CostTable(what, tuple(sorted(rows, key=lambda row: COSTS.index(row.cost))))
