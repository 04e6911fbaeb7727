"""Datagrams: what leaves the process of a node, and which of those that come are
messages.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ftlib.real.place import Place
from ftlib.real.wire import Refused, Wire
from ftlib.simulation import HandlerError
from ftlib.simulation.chance import MICROSECOND, sampler, stream
from ftlib.simulation.values import show

__all__ = ["LARGEST", "Letter", "Mail"]

LARGEST = 60_000  # bytes in a datagram; UDP on loopback takes 65,507
LONGEST = 86_400 * MICROSECOND  # no message of a run is on its way for a day
TOGETHER = 64  # datagrams that are read at once


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that has come: when it was sent, by its sender's clock, and when it is
    to arrive.
    """

    sender: str
    sent: int
    arrival: int
    message: Any


class Mail:
    """The links of one node.

    A message carries when it is to arrive, and waits for that at its receiver: so it
    outlives its sender.

    Attributes
    ----------
    refused : dict from str to int
        How many datagrams were dropped, by reason.
    """

    def __init__(self, place: Place, wire: Wire, inlet: socket.socket) -> None:
        self.place, self.wire, self.inlet = place, wire, inlet
        inlet.setblocking(False)
        self.refused: dict[str, int] = {}
        self._peers = {port: id for id, port in place.ports.items()}
        self._chance = stream(place.seed, "chance", *place.name).random
        latency = stream(place.seed, "latency", *place.name).random
        self._links = {
            id: (link, sampler(link.latency, latency))  # type: ignore[arg-type]
            for id in place.ports
            for link in [place.network.link(place.id, id)]
        }
        if place.life:
            for _ in self._datagrams():
                pass  # it was sent while this node was down

    def send(self, to: str, plain: Any, clock: int) -> tuple[int, str]:
        """Put a message on its way. Return when it arrives, and why it does not.

        Raises
        ------
        HandlerError
            If there is no such node.
        """
        if to not in self._links:
            raise HandlerError(
                f"{self.place.id!r} sends {show(self.wire.value(plain))} to {to!r}:"
                f" there are {', '.join(self._links)}"
            )
        link, latency = self._links[to]
        delay = latency()
        lost, twice = [self._chance() < each for each in (link.loss, link.duplicate)]
        data = self.wire.encode([clock, clock + delay if delay else 0, plain])
        if lost:
            return clock + delay, "lost"
        if len(data) > LARGEST:
            self.count("too large to send")
            return clock + delay, "too large to send"
        with suppress(BlockingIOError):  # a full system loses it, as a network may
            for _ in range(1 + twice):
                self.inlet.sendto(data, ("127.0.0.1", self.place.ports[to]))
        return clock + delay, ""

    def receive(self) -> list[Letter]:
        """Read what has come, a few at once."""
        read = (self.judge(*each) for each in self._datagrams(TOGETHER))
        return [letter for letter in read if letter]

    def _datagrams(self, most: int = 1 << 20) -> Iterator[tuple[bytes, int]]:
        for _ in range(most):
            try:
                data, address = self.inlet.recvfrom(1 << 16)
            except BlockingIOError:
                return
            yield data, address[1]

    def judge(self, data: bytes, port: int) -> Letter | None:
        """Return what came from a port as a message; None, and count the reason, if it
        is none.
        """
        try:
            if port not in self._peers:
                raise Refused("a stranger", f"port {port}")
            if len(data) > LARGEST:
                raise Refused("too large", f"{len(data)} bytes")
            match self.wire.decode(data):
                case [sent, arrival, plain] if self._reached(sent, arrival):
                    message = self.wire.message(plain)
                    return Letter(self._peers[port], sent, arrival, message)
            raise Refused("no envelope", "not two times of this run and a message")
        except Refused as refused:
            self.count(refused.reason)
            return None

    def _reached(self, sent: Any, arrival: Any) -> bool:
        """Tell whether these can be times of this run. A Lamport clock is ahead of the
        clock that all share only as long as there is an event each microsecond.
        """
        now = self.place.time
        return (
            type(sent) is type(arrival) is int
            and 0 <= sent <= now + MICROSECOND
            and 0 <= arrival <= now + LONGEST
        )

    def count(self, reason: str) -> None:
        """Count what was dropped, where it can be read from outside."""
        self.refused[reason] = self.refused.get(reason, 0) + 1
        counts = json.dumps(self.refused, sort_keys=True)
        (self.place.folder / "refused").write_text(counts, encoding="utf-8")
