"""Play a script: the pending messages and timers of a cluster handled in the order that
it says, whatever their latencies.

Exhaustive exploration finds schedules of this kind. Each step takes 10 ms of virtual
time, so that the run can be drawn.
"""

from collections.abc import Iterable
from heapq import heapify
from itertools import takewhile
from typing import Any

from ftlib.simulation.cluster import Cluster
from ftlib.simulation.faults import (
    Choose,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Recover,
)
from ftlib.simulation.injection import fits
from ftlib.simulation.route import ARRIVAL, RESUME, Entry
from ftlib.simulation.schedule import Schedule
from ftlib.simulation.trace import Trace

__all__ = ["Player", "pending", "play"]

STEP = 10_000  # microseconds


def play(cluster: Cluster, script: Iterable[Any]) -> Trace:
    """Play `script` on a cluster that has not run yet.

    Parameters
    ----------
    cluster : Cluster
        Fresh and without faults; its latencies are not used.
    script : iterable of Deliver, Drop, Duplicate, Fire, Choose, Crash, Recover
        ``Crash(node)`` crashes a node between two handlers, ``Crash(node, after=k)``
        after k more of its effects; when it is down, after k effects of its recovery.
        ``Crash(node, at=0, after=k)``, as one of the first steps, comes before the
        start.

    Returns
    -------
    Trace

    Raises
    ------
    ValueError
        If a step names no pending message or armed timer, crashes a node that is down,
        recovers one that is up, or is no step; the message says which step, and lists
        what is pending. If the cluster has faults of its own.
    HandlerError, RuntimeError
        As `Cluster.run`; also if the cluster has run already.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Deliver, Fire, Node
    >>> class Alarm(Node):
    ...     def on_start(self):
    ...         self.set_timer("early", 1.0)
    ...         self.set_timer("late", 2.0)
    >>> print(play(Cluster({"a": Alarm}), [Fire("a", "late"), Fire("a", "early")]))
    0.010000  a  timer  late   set at 0.000000
    0.020000  a  timer  early  set at 0.000000
    >>> play(Cluster({"a": Node}), [Deliver("Ping")])
    Traceback (most recent call last):
        ...
    ValueError: step 1, Deliver(message='Ping'): no such pending message; \
pending: nothing
    """
    steps = Schedule(script).faults
    first = tuple(takewhile(_before_start, steps))
    player = Player(cluster, first)
    for number, step in enumerate(steps[len(first) :], len(first) + 1):
        cluster.ticks = number * STEP
        try:
            player.take(step)
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"step {number}, {step!r}: {error}") from error
    cluster.check_states()
    return cluster.trace


class Player:
    """A cluster that is played step by step.

    Parameters
    ----------
    cluster : Cluster
        Fresh and without faults.
    first : iterable of Crash and Choose
        What comes before the nodes start.
    """

    def __init__(self, cluster: Cluster, first: Iterable[Any] = ()) -> None:
        if len(cluster.faults):
            raise ValueError(
                f"the cluster has faults of its own, {cluster.faults!r}: put them into"
                " the script"
            )
        self.cluster = cluster
        first = tuple(first)
        for step in first:
            if isinstance(step, Choose):
                _step(cluster, step)
        cluster.start([step for step in first if isinstance(step, Crash)])
        _forces(cluster)

    def take(self, step: Any) -> None:
        """Take one step."""
        _step(self.cluster, step)
        _forces(self.cluster)


def pending(cluster: Cluster) -> list[tuple[str, str, Any]]:
    """List the messages under way in the order of sending: (sender, receiver,
    message).
    """
    return [
        (entry[3].sender, entry[3].receiver.id, entry[4]) for entry in _pending(cluster)
    ]


def _pending(cluster: Cluster) -> list[Entry]:
    return sorted(
        (entry for entry in cluster.heap if entry[2] == ARRIVAL),
        key=lambda entry: entry[1],
    )


def _before_start(step: Any) -> bool:
    return isinstance(step, Choose) or (isinstance(step, Crash) and step.at == 0)


def _forces(cluster: Cluster) -> None:
    """Let every force end that a node waits for: here they take no time."""
    while waits := [entry for entry in cluster.heap if entry[2] == RESUME]:
        cluster.happen(_take(cluster, min(waits)))


def _step(cluster: Cluster, step: Any) -> None:
    match step:
        case Deliver():
            cluster.happen(_take(cluster, _message(cluster, step, step.nth)))
        case Duplicate():
            cluster.happen(_message(cluster, step, step.nth or 1))
        case Drop():
            entry = _take(cluster, _message(cluster, step, step.nth))
            entry[3].drop(entry[4], entry[5], "lost")
        case Fire(node, timer):
            host = cluster.host(node)
            if timer not in host.timers:
                raise ValueError(
                    f"no such armed timer; armed: {', '.join(host.timers) or 'none'}"
                )
            cluster.happen(
                _take(
                    cluster,
                    next(
                        entry
                        for entry in cluster.heap
                        if entry[1] == host.timers[timer]
                    ),
                )
            )
        case Crash(node, None, after, keeps):
            host = cluster.host(node)
            if host.node is not None:
                host.crash(after, keeps)
            elif after:
                host.countdown, host.waiting = after, (keeps, None)
            else:
                raise ValueError(f"{node!r} is down already")
        case Choose(node, option):
            cluster.host(node).options.append(option)
        case Recover(node, None, disk):
            cluster.recover(node, disk)
        case _:
            raise ValueError(
                "no step of a script: use Deliver, Drop, Duplicate, Fire, Choose, Crash"
                " and Recover without a time"
            )


def _message(cluster: Cluster, step: Any, nth: int) -> Entry:
    under_way = _pending(cluster)
    fitting = [
        entry
        for entry in under_way
        if fits(step, entry[3].sender, entry[3].receiver.id, entry[4])
    ]
    if len(fitting) < nth:
        listed = [
            f"{type(entry[4]).__name__} {entry[3].sender}->{entry[3].receiver.id}"
            for entry in under_way
        ]
        raise ValueError(
            f"no such pending message; pending: {', '.join(listed) or 'nothing'}"
        )
    return fitting[nth - 1]


def _take(cluster: Cluster, entry: Entry) -> Entry:
    cluster.heap.remove(entry)
    heapify(cluster.heap)
    return entry
