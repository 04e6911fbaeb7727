"""Two nodes exchanging messages in SimPy: a Store for each, and a process that waits
out the latency of each message.

This is the way of SimPy's own example of a cable with a delay ("Event Latency").
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import simpy
from workload import HIGH, IN_FLIGHT, LOW, Ping


class Network:
    """Carries messages to the Stores of the nodes."""

    def __init__(self, env: simpy.Environment, seed: int) -> None:
        self.env = env
        self.draw = Random(seed).random
        self.boxes = {"a": simpy.Store(env), "b": simpy.Store(env)}

    def send(self, to: str, sender: str, message: Ping) -> None:
        self.env.process(self._carry(to, sender, message))

    def _carry(self, to: str, sender: str, message: Ping) -> Iterator[Any]:
        yield self.env.timeout(LOW + (HIGH - LOW) * self.draw())
        self.boxes[to].put((sender, message))


def node(
    me: str, other: str, network: Network, each: int, handled: list[int]
) -> Iterator[Any]:
    """Answer each message with the next number, until the last."""
    for number in range(IN_FLIGHT // 2):
        network.send(other, me, Ping(number))
    while True:
        sender, message = yield network.boxes[me].get()
        handled[0] += 1
        match message:
            case Ping(number) if number + IN_FLIGHT // 2 < each:
                network.send(sender, me, Ping(number + IN_FLIGHT // 2))


def run(messages: int, seed: int) -> int:
    """Exchange that many messages, and return how many were handled."""
    env = simpy.Environment()
    network = Network(env, seed)
    handled = [0]
    for me, other in ("ab", "ba"):
        env.process(node(me, other, network, messages // 2, handled))
    env.run()
    return handled[0]
