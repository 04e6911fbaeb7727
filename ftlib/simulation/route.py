"""One direction between two nodes of a running cluster: when a message arrives, whether
it does, and what is recorded of it.
"""

from heapq import heappush
from typing import TYPE_CHECKING, Any

from ftlib.simulation.chance import sampler

if TYPE_CHECKING:
    from ftlib.simulation.cluster import Cluster
    from ftlib.simulation.host import Host

__all__ = ["Entry", "Route"]

Entry = tuple[
    Any, ...
]  # on the cluster's heap: time, number, one of these kinds, and what that kind needs
ARRIVAL, TIMER, RESUME, FAULT, LOSS = range(5)
NEVER = 2**62  # microseconds


class Route:
    """How long, how safe, whether it is open now."""

    __slots__ = (
        "_chance",
        "_draw_latency",
        "_duplicate",
        "_fifo",
        "_last",
        "_loss",
        "_reliable",
        "_world",
        "extra",
        "extra_until",
        "open",
        "receiver",
        "sender",
    )

    def __init__(self, sender: str, receiver: "Host", world: "Cluster") -> None:
        network, injector = world.network, world.injector
        link = network.link(sender, receiver.id)
        self.sender = sender
        self.receiver = receiver
        self.open = injector.reaches(sender, receiver.id)
        # microseconds
        self.extra, self.extra_until = injector.slow_links.get(
            (sender, receiver.id), (0, 0)
        )
        self._world = world
        self._fifo = network.fifo
        self._last = 0  # the last arrival, for FIFO links
        latencies = world.sender_stream("latency", sender)
        self._draw_latency = sampler(link.latency, latencies)  # type: ignore[arg-type]
        self._loss, self._duplicate = link.loss, link.duplicate
        # if one link is unsafe, messages over the safe ones draw as well: so a change
        # of one link shifts no other's numbers
        self._chance = world.sender_stream("chance", sender) if world.unsafe else None
        self._reliable = not world.unsafe and not injector.tampers

    def send(self, message: Any) -> None:
        """Put a message on its way."""
        world = self._world
        now = world.ticks
        ref = world.sent = world.sent + 1
        arrival = now + self._draw_latency()
        if self.extra and now < self.extra_until:
            arrival += self.extra
        if self._fifo:
            arrival = self._last = max(arrival, self._last)
        record = world.record
        if record is not None:
            record((now, "send", self.sender, self.receiver.id, message, ref))
        if self._reliable:
            number = world.number = world.number + 1
            heappush(world.heap, (arrival, number, ARRIVAL, self, message, ref))
        else:
            self._send_unsafely(message, ref, now, arrival)

    def _send_unsafely(self, message: Any, ref: int, now: int, arrival: int) -> None:
        """Send over a network that loses and doubles messages; the schedule of faults
        goes before chance.
        """
        world = self._world
        lost, copy, held = world.injector.tamper(self, message, ref, arrival)
        if self._chance is not None:
            loss, duplicate, later = self._chance(), self._chance(), self._chance()
            lost = lost or (loss < self._loss and not held)
            if copy is None and duplicate < self._duplicate:
                copy = round(later * (arrival - now))
        if lost:
            world.push(arrival, LOSS, self, message, ref)
        elif not held:
            world.push(arrival, ARRIVAL, self, message, ref)
        if copy is not None and copy != NEVER:
            world.push(arrival + copy, ARRIVAL, self, message, ref)
            self._last = max(self._last, arrival + copy)

    def arrive(self, entry: Entry) -> None:
        """Judge a message where it arrives, and let the receiver handle it."""
        host = self.receiver
        if host.node is None:
            self.drop(entry[4], entry[5], "receiver is down")
        elif not self.open:
            self.drop(entry[4], entry[5], "link is cut")
        elif host.busy or host.slow:
            host.enqueue(entry)
        else:
            host.handle(entry)

    def drop(self, message: Any, ref: int, reason: str) -> None:
        """Record that a message was not delivered."""
        self._world.note("drop", self.receiver.id, self.sender, (message, reason), ref)
