"""What a failure detector promises (Chandra and Toueg 1996, section 2.3).

- *completeness*: a node that is down is suspected in the end by every node that watches
  it.
- *accuracy*: no node that is up is suspected. No time-out keeps that where nothing
  bounds a delay.
- *eventual accuracy*: a node that is up is trusted in the end, once nothing is slow or
  lost any more.
- *calm*: no node that is up is doubted, though it may still deny it (`swim`).

Who suspects nobody is accurate, and who suspects everybody is complete: each is the
other's companion.
"""

from functools import partial
from typing import Any

from ftlib.detection.heartbeat import Trusts
from ftlib.detection.swim import Doubts
from ftlib.detection.time_out import Suspects
from ftlib.simulation import Broken, Event, Property, Trace, monitor, promises

__all__ = ["accuracy", "calm", "completeness", "eventual_accuracy"]


def _no(
    kind: type[Suspects | Doubts], says: str, known: frozenset[str], event: Event
) -> frozenset[str] | Broken:
    """Remembers who is down."""
    if event.kind == "crash":
        return known | {event.node}
    if event.kind == "recover":
        return known - {event.node}
    if isinstance(event.what, kind) and event.what.node not in known:
        return Broken(f"{event.node} {says} {event.what.node}, which is up")
    return known


KINDS = ("fact", "crash", "recover")

accuracy = monitor(
    "accuracy", frozenset[Any](), partial(_no, Suspects, "suspects"), kinds=KINDS
)
"""That no node that is up is suspected."""

calm = monitor("calm", frozenset[Any](), partial(_no, Doubts, "doubts"), kinds=KINDS)
"""That no node that is up is doubted."""


def completeness(within: float, until: float) -> Property:
    """Make the property that a node that is down is suspected within so many seconds
    of its crash and of the last fault.

    Parameters
    ----------
    within, until : float
        The bound, and how long the run was let run, in seconds.

    Examples
    --------
    >>> from ftlib.detection import watching
    >>> from ftlib.simulation import Cluster, Crash, judge
    >>> trace = Cluster(watching(), faults=[Crash("h1", at=0.5)]).run(until=9)
    >>> judge(trace, [completeness(1, until=9)])[0].verdict
    'holds'
    """

    def owed(trace: Trace) -> dict[str, float]:
        down = promises.down(trace)
        return {
            f"{event.node} trusts {node}, which is down": event.time
            for (name, node), event in _views(trace).items()
            if node in down and name not in down and isinstance(event.what, Trusts)
        }

    return promises.responsive("completeness", owed, within, until)


def eventual_accuracy(within: float, until: float) -> Property:
    """Make the property that a node that is up is trusted within so many seconds of the
    last fault.

    Parameters
    ----------
    within, until : float
        The bound, and how long the run was let run, in seconds.
    """

    def owed(trace: Trace) -> dict[str, float]:
        down = promises.down(trace)
        return {
            f"{event.node} suspects {node}, which is up": event.time
            for (name, node), event in _views(trace).items()
            if {name, node}.isdisjoint(down) and isinstance(event.what, Suspects)
        }

    return promises.responsive("eventual accuracy", owed, within, until)


def _views(trace: Trace) -> dict[tuple[str, str], Event]:
    """Tell what each node last thought of each."""
    return {
        (event.node, event.what.node): event
        for event in trace.facts((Suspects, Trusts))
    }
