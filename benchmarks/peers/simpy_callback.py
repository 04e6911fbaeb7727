"""Two nodes exchanging messages in SimPy at its barest: a Timeout for each message, its
callback the handler.

No Store and no process; the same tuples are kept as in ftlib's trace.
"""

from collections.abc import Callable
from random import Random
from typing import Any

import simpy
from workload import HIGH, IN_FLIGHT, LOW, Ping


class Exchange:
    """Both nodes and what they send each other."""

    def __init__(self, messages: int, seed: int) -> None:
        self.env = simpy.Environment()
        self.draw = Random(seed).random
        self.each = messages // 2
        self.sent = 0
        self.records: list[tuple[Any, ...]] = []

    def send(self, sender: str, to: str, message: Ping) -> None:
        self.sent = ref = self.sent + 1
        self.records.append((self.env.now, "send", sender, to, message, ref))
        timeout = self.env.timeout(LOW + (HIGH - LOW) * self.draw())
        timeout.callbacks.append(self._arrival(sender, to, message, ref))

    def _arrival(
        self, sender: str, to: str, message: Ping, ref: int
    ) -> Callable[[simpy.Event], None]:
        def arrive(_: simpy.Event) -> None:
            self.records.append((self.env.now, "deliver", to, sender, message, ref))
            match message:
                case Ping(number) if number + IN_FLIGHT // 2 < self.each:
                    self.send(to, sender, Ping(number + IN_FLIGHT // 2))

        return arrive


def run(messages: int, seed: int) -> int:
    """Exchange that many messages, and return how many were handled."""
    exchange = Exchange(messages, seed)
    for number in range(IN_FLIGHT // 2):
        exchange.send("a", "b", Ping(number))
        exchange.send("b", "a", Ping(number))
    exchange.env.run()
    return len(exchange.records) // 2
