"""Play a script: the pending messages and timers of a cluster handled in the order that it says, whatever their latencies.

Exhaustive exploration finds schedules of this kind. Each step takes 10 ms of virtual time, so that the run can be drawn.
"""

from collections.abc import Iterable
from heapq import heapify
from typing import Any

from ftlib.simulation.cluster import Cluster
from ftlib.simulation.faults import Crash, Deliver, Drop, Duplicate, Fire, Recover
from ftlib.simulation.injection import fits
from ftlib.simulation.route import ARRIVAL, RESUME, Entry
from ftlib.simulation.schedule import Schedule
from ftlib.simulation.trace import Trace

__all__ = ["play"]

STEP = 10_000  # microseconds


def play(cluster: Cluster, script: Iterable[Any]) -> Trace:
    """Play `script` on a cluster that has not run yet.

    Parameters
    ----------
    cluster : Cluster
        Fresh and without faults; its latencies are not used.
    script : iterable of Deliver, Drop, Duplicate, Fire, Crash, Recover
        ``Crash(node)`` crashes a node between two handlers, ``Crash(node, after=k)`` after k more of its effects.

    Returns
    -------
    Trace

    Raises
    ------
    ValueError
        If a step names no pending message or armed timer, crashes a node that is down, recovers one that is up, or is no step;
        the message says which step, and lists what is pending. If the cluster has faults of its own.
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
    ValueError: step 1, Deliver(message='Ping'): no such pending message; pending: nothing
    """
    if len(cluster.faults):
        raise ValueError(f"the cluster has faults of its own, {cluster.faults!r}: put them into the script")
    cluster.start()
    _forces(cluster)
    for number, step in enumerate(Schedule(script), 1):
        cluster.ticks = number * STEP
        try:
            _step(cluster, step)
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"step {number}, {step!r}: {error}") from error
        _forces(cluster)
    cluster.check_states()
    return cluster.trace


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
                raise ValueError(f"no such armed timer; armed: {', '.join(host.timers) or 'none'}")
            cluster.happen(_take(cluster, next(entry for entry in cluster.heap if entry[1] == host.timers[timer])))
        case Crash(node, None, after):
            if cluster.host(node).node is None:
                raise ValueError(f"{node!r} is down already")
            cluster.crash(node, after)
        case Recover(node, None, disk):
            cluster.recover(node, disk)
        case _:
            raise ValueError("no step of a script: use Deliver, Drop, Duplicate, Fire, Crash and Recover without a time")


def _message(cluster: Cluster, step: Any, nth: int) -> Entry:
    pending = sorted((entry for entry in cluster.heap if entry[2] == ARRIVAL), key=lambda entry: entry[1])
    fitting = [entry for entry in pending if fits(step, entry[3].sender, entry[3].receiver.id, entry[4])]
    if len(fitting) < nth:
        listed = [f"{type(entry[4]).__name__} {entry[3].sender}->{entry[3].receiver.id}" for entry in pending]
        raise ValueError(f"no such pending message; pending: {', '.join(listed) or 'nothing'}")
    return fitting[nth - 1]


def _take(cluster: Cluster, entry: Entry) -> Entry:
    cluster.heap.remove(entry)
    heapify(cluster.heap)
    return entry
