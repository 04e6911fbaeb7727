"""How a timed schedule takes effect on a cluster: faults at a time, faults at a point
in the run, faults of single messages.
"""

from typing import TYPE_CHECKING, Any

from ftlib.simulation.chance import microseconds
from ftlib.simulation.event import subject
from ftlib.simulation.faults import (
    Choose,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Heal,
    Hold,
    Lose,
    Partition,
    Point,
    Recover,
    Skew,
    Slow,
)
from ftlib.simulation.route import ARRIVAL, NEVER, Route

if TYPE_CHECKING:
    from ftlib.simulation.cluster import Cluster

__all__ = ["Injector", "Misfit"]


def fits(fault: Any, sender: str, receiver: str, message: Any) -> bool:
    """Tell whether a message is one that a fault or a step names."""
    return (
        (fault.sender is None or fault.sender == sender)
        and (fault.receiver is None or fault.receiver == receiver)
        and (fault.message is None or fault.message == type(message).__name__)
    )


class Misfit(ValueError):  # noqa: N818 - it says what the fault is here
    """A fault names what the cluster does not have.

    Attributes
    ----------
    fault : object
    """

    def __init__(self, fault: Any, words: str) -> None:
        super().__init__(words)
        self.fault = fault


TURN = {Crash: 1, Recover: 2}
"""At one point of the run the network breaks first, then a node, then one comes back;
else what is written first in the order of the alphabet. So the order in which faults
are listed says nothing.
"""


def _turn(fault: Any) -> tuple[int, str]:
    return TURN.get(type(fault), 0), repr(fault)


def waits_for(fault: Any) -> Point | None:
    """The point in the run at which a fault takes effect, or ends."""
    ends = isinstance(fault, (Duplicate, Hold))
    point = getattr(fault, "until" if ends else "at", None)
    return point if isinstance(point, Point) else None


class Injector:
    """Holds the faults of one cluster that are still to come, and what those that came
    have done to its network.
    """

    def __init__(self, cluster: "Cluster") -> None:
        self.cluster = cluster
        self.groups: tuple[tuple[str, ...], ...] = ()
        self.cuts: set[tuple[str, str]] = set()
        # by node and kind of event: point, fault, [how often it was passed]
        self.traps: dict[tuple[str, str], list[tuple[Point, Any, list[int]]]] = {}
        self.tampers: list[
            tuple[Any, list[int]]
        ] = []  # faults of single messages, with how often they fitted
        # what waits for a point that is still to come, by the fault
        self.waiting: dict[int, list[tuple[int, Route, Any, int]]] = {}
        self.slow_links: dict[tuple[str, str], tuple[int, int]] = {}
        self.unused = {id(fault): fault for fault in cluster.faults}
        for fault in cluster.faults:
            self._check(fault)
        for fault in sorted(cluster.faults, key=_turn):
            if isinstance(fault, (Lose, Duplicate, Hold)):
                self.tampers.append((fault, [0]))
            if point := waits_for(fault):
                key = (point.node, point.event)
                self.traps.setdefault(key, []).append((point, fault, [0]))

    def _check(self, fault: Any) -> None:
        if (
            isinstance(fault, (Deliver, Drop, Fire, Choose))
            or getattr(fault, "at", 0.0) is None
        ):
            raise ValueError(
                f"{fault!r} is a step of a script: give it to ftlib.simulation.play, or"
                " say at what time it happens"
            )
        named: list[str | None] = [
            getattr(fault, name, None) for name in ("node", "sender", "receiver")
        ]
        named += [node for group in getattr(fault, "groups", ()) for node in group]
        if isinstance(fault, Slow):
            named += [fault.target] if isinstance(fault.target, str) else fault.target
        if point := waits_for(fault):
            named.append(point.node)
            if isinstance(fault, (Duplicate, Hold)):
                self.waiting[id(fault)] = []
                if self.cluster.network.fifo:
                    raise ValueError(
                        f"{fault!r} would break the order of FIFO links: give a"
                        " Network without, or slow the link"
                    )
        for node in named:
            if node is not None:
                try:
                    self.cluster.host(node)
                except ValueError as error:
                    raise Misfit(fault, str(error)) from None

    def check_names(self) -> None:
        """Raise if a fault waits for a message or a fact that no node lists."""
        kinds = [type(host.node) for host in self.cluster.hosts.values()]
        listed = {
            what: {kind.__name__ for node in kinds for kind in getattr(node, what)}
            for what in ("MESSAGES", "FACTS")
            if all(getattr(node, what) for node in kinds)
        }
        for fault in self.cluster.faults:
            names = [(getattr(fault, "message", None), "MESSAGES")]
            if point := waits_for(fault):
                if point.event == "fact":
                    names.append((point.what, "FACTS"))
                elif point.event in ("send", "deliver", "drop"):
                    ends = point.what in self.cluster.hosts
                    names += [] if ends else [(point.what, "MESSAGES")]
            for name, where in names:
                known = listed.get(where)
                if name is not None and known is not None and name not in known:
                    raise Misfit(
                        fault,
                        f"{fault!r} names {name!r}, which is in no node's {where}:"
                        f" there are {', '.join(sorted(known))}",
                    )

    def begin(self) -> None:
        """Put the faults with a time on the cluster's heap; those of time 0 take effect
        at once, before the nodes start.
        """
        for fault in self.cluster.faults:
            at = getattr(fault, "at", None)
            if at is None or isinstance(at, Point):
                continue
            if at == 0 and not isinstance(fault, Recover):
                self.inject(fault)
            else:
                self.cluster.schedule_fault(microseconds(at, "at"), fault)

    def inject(self, fault: Any) -> None:
        """Let one fault take effect now."""
        cluster = self.cluster
        match fault:
            case Crash(node, _, after, keeps):
                cluster.host(node).crash(after, keeps, fault)
                return
            case Duplicate() | Hold():
                self._release(fault)
                return
            case Recover(node, at, disk):
                if isinstance(at, Point) and cluster.host(node).node is not None:
                    return  # another one was faster, and this one stays unused
                del self.unused[id(fault)]
                cluster.recover(node, disk)
                return
            case Partition(groups):
                self.groups = groups
            case Cut(sender, receiver):
                self.cuts.add((sender, receiver))
            case Heal():
                self.groups, self.cuts = (), set()
            case Slow(target, by, _, until):
                end = NEVER if until is None else microseconds(until, "until")
                delay = microseconds(by, "by")
                if isinstance(target, str):
                    cluster.host(target).slow, cluster.host(target).slow_until = (
                        delay,
                        end,
                    )
                else:
                    self.slow_links[target] = (delay, end)
            case Skew(node, rate, offset):
                host = cluster.host(node)
                host.rate, host.set_at, host.set_to = (
                    rate,
                    cluster.ticks,
                    cluster.time + offset,
                )
        for route in cluster.routes():
            route.open = self.reaches(route.sender, route.receiver.id)
            route.extra, route.extra_until = self.slow_links.get(
                (route.sender, route.receiver.id), (0, 0)
            )
        self.unused.pop(id(fault), None)
        cluster.note("fault", "", None, fault)

    def reaches(self, sender: str, receiver: str) -> bool:
        """Tell whether a message from `sender` can arrive at `receiver` now."""
        if (sender, receiver) in self.cuts:
            return False

        def group(node: str) -> int:
            return next(
                (
                    number
                    for number, members in enumerate(self.groups)
                    if node in members
                ),
                -1,
            )

        return group(sender) == group(receiver)

    def passed(self, record: Any) -> None:
        """See whether an event is the point that some fault waits for."""
        time, kind, node, other, _, _ = record
        for point, fault, count in self.traps.get((node, kind), ()):
            if point.what is not None and point.what not in (
                other,
                type(subject(record)).__name__,
            ):
                continue
            count[0] += 1
            if count[0] != point.nth:
                continue
            if point.later:
                self.cluster.schedule_fault(
                    time + microseconds(point.later, "later"), fault
                )
            else:
                self.inject(fault)

    def tamper(
        self, route: Route, message: Any, ref: int, arrival: int
    ) -> tuple[bool, int | None, bool]:
        """Say whether this message, just sent, is lost, how much later (microseconds) a
        second copy comes, if one does, and whether it is held. What waits for a point
        is kept here; of a copy that does so it is said that it comes `NEVER`. A message
        is doubled once and held once: of two faults that do so the second is idle.
        """
        lost, again, hold = False, None, None
        for fault, count in self.tampers:
            if not fits(fault, route.sender, route.receiver.id, message):
                continue
            count[0] += 1
            late = waits_for(fault) and id(fault) not in self.waiting
            if fault.nth not in (None, count[0]) or late:
                continue
            if isinstance(fault, Lose):
                lost = True
                self.unused.pop(id(fault), None)
            elif isinstance(fault, Hold):
                hold = hold or fault
            else:
                again = again or fault
        copy = None
        if again is not None:
            self.unused.pop(id(again), None)
            copy = NEVER if again.until else microseconds(again.later, "later")
        if copy == NEVER:
            self.waiting[id(again)].append((arrival, route, message, ref))
        if hold is None or lost:
            return lost, copy, False
        self.unused.pop(id(hold), None)
        self.waiting[id(hold)].append((arrival, route, message, ref))
        return False, copy, True

    def _release(self, fault: Any) -> None:
        """Let what was kept back arrive, if not before its time."""
        cluster = self.cluster
        for arrival, *rest in self.waiting.pop(id(fault), ()):
            cluster.push(max(arrival, cluster.ticks), ARRIVAL, *rest)
