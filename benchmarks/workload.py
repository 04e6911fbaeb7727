"""What is measured: two nodes exchanging numbered messages over a network with random
latency, as ftlib writes it.

Each node has five messages under way and answers each with the number five higher,
until all are sent.
"""

from dataclasses import dataclass
from functools import partial

from ftlib.simulation import Cluster, Network, Node, Uniform

LOW, HIGH = 0.001, 0.010  # seconds
IN_FLIGHT = 10


@dataclass(frozen=True, slots=True)
class Ping:
    number: int


class Player(Node):
    """One of the two."""

    MESSAGES = (Ping,)

    def __init__(self, other: str, each: int) -> None:
        self.other = other
        self.each = each

    def on_start(self) -> None:
        for number in range(IN_FLIGHT // 2):
            self.send(self.other, Ping(number))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Ping(number) if number + IN_FLIGHT // 2 < self.each:
                self.send(sender, Ping(number + IN_FLIGHT // 2))


def exchange(messages: int, seed: int, *, trace: bool) -> Cluster:
    """Return a cluster that has exchanged that many messages."""
    nodes = {
        "a": partial(Player, "b", messages // 2),
        "b": partial(Player, "a", messages // 2),
    }
    cluster = Cluster(
        nodes, network=Network(latency=Uniform(LOW, HIGH)), seed=seed, trace=trace
    )
    cluster.run()
    return cluster
