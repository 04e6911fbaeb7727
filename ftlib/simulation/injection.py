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
    Lose,
    Partition,
    Point,
    Recover,
    Skew,
    Slow,
)

if TYPE_CHECKING:
    from ftlib.simulation.cluster import Cluster

__all__ = ["Injector"]

NEVER = 2**62


def fits(fault: Any, sender: str, receiver: str, message: Any) -> bool:
    """Tell whether a message is one that a fault or a step names."""
    return (
        (fault.sender is None or fault.sender == sender)
        and (fault.receiver is None or fault.receiver == receiver)
        and (fault.message is None or fault.message == type(message).__name__)
    )


class Injector:
    """Holds the faults of one cluster that are still to come, and what those that came
    have done to its network.
    """

    def __init__(self, cluster: "Cluster") -> None:
        self.cluster = cluster
        self.groups: tuple[tuple[str, ...], ...] = ()
        self.cuts: set[tuple[str, str]] = set()
        self.traps: list[
            tuple[Point, Any, list[int]]
        ] = []  # point, fault, [how often it was passed]
        self.tampers: list[
            tuple[Any, list[int]]
        ] = []  # Lose and Duplicate, with how often they fitted
        self.slow_links: dict[tuple[str, str], tuple[int, int]] = {}
        self.unused = {id(fault): fault for fault in cluster.faults}
        for fault in cluster.faults:
            self._check(fault)
            if isinstance(fault, (Lose, Duplicate)):
                self.tampers.append((fault, [0]))
            elif isinstance(fault.at, Point):
                self.traps.append((fault.at, fault, [0]))

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
        if isinstance(getattr(fault, "at", None), Point):
            named.append(fault.at.node)
        for node in named:
            if node is not None:
                self.cluster.host(node)

    def check_names(self) -> None:
        """Raise if a fault waits for a message or a fact that no node lists."""
        kinds = [type(host.node) for host in self.cluster.hosts.values()]
        listed = {
            what: {kind.__name__ for node in kinds for kind in getattr(node, what)}
            for what in ("MESSAGES", "FACTS")
            if all(getattr(node, what) for node in kinds)
        }
        for fault in self.cluster.faults:
            point = getattr(fault, "at", None)
            name, where = getattr(fault, "message", None), "MESSAGES"
            known = listed.get("MESSAGES")
            if isinstance(point, Point):
                name = point.what
                if point.event == "fact":
                    where, known = "FACTS", listed.get("FACTS")
                elif (
                    point.event not in ("send", "deliver", "drop")
                    or name in self.cluster.hosts
                ):
                    continue
            if name is not None and known is not None and name not in known:
                raise ValueError(
                    f"{fault!r} names {name!r}, which is in no node's {where}: there"
                    f" are {', '.join(sorted(known))}"
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
            case Recover(node, _, disk):
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
        for point, fault, count in self.traps:
            if point.node != node or point.event != kind:
                continue
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
        self, sender: str, receiver: str, message: Any
    ) -> tuple[bool, int | None]:
        """Say whether this message, just sent, is lost, and how much later
        (microseconds) a second copy comes, if one does.
        """
        lost, copy = False, None
        for fault, count in self.tampers:
            if not fits(fault, sender, receiver, message):
                continue
            count[0] += 1
            if fault.nth in (None, count[0]):
                self.unused.pop(id(fault), None)
                if isinstance(fault, Lose):
                    lost = True
                else:
                    copy = microseconds(fault.later, "later")
        return lost, copy
