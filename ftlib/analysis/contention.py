"""How much work it takes until everybody has written one row, by how long the losers
wait.

Each writer reads the version of the row, and writes on condition that it is still the
same; if it is not, it waits, and begins anew. All begin at once. In every round one of
them wins, and the others have worked for nothing; waiting keeps some of them out of the
round, but only if they do not all wait for the same time (Brooker 2015).

References
----------
Brooker, M. (2015). Exponential backoff and jitter. *AWS Architecture Blog*. Its
simulator is github.com/aws-samples/aws-arch-backoff-simulator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

from ftlib.services.retrying import Backoff
from ftlib.simulation import Cluster, Network, Node

__all__ = ["contended_calls"]

BELL = NormalDist().inv_cdf
MESSAGES_A_CALL = 4  # Read, Version, Write, Written


@dataclass(frozen=True, slots=True)
class Normal:
    """Latencies of a normal distribution, mean and deviation in seconds."""

    mean: float
    deviation: float

    def quantile(self, u: float) -> float:
        """Return the time within which a part `u` of the messages arrive."""
        return max(0.0, self.mean + self.deviation * BELL(max(u, 2.0**-54)))


@dataclass(frozen=True, slots=True)
class Read:
    """Which version has the row?"""


@dataclass(frozen=True, slots=True)
class Version:
    """This one."""

    number: int


@dataclass(frozen=True, slots=True)
class Write:
    """Write the row, if it still has this version."""

    number: int


@dataclass(frozen=True, slots=True)
class Written:
    """Whether it was written."""

    done: bool


class Row(Node):
    """Keeps one row, of which the version counts."""

    def __init__(self) -> None:
        self.version = 0

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Read():
                self.send(sender, Version(self.version))
            case Write(number):
                done = number == self.version
                self.version += done
                self.send(sender, Written(done))


class Writer(Node):
    """Writes the row once."""

    def __init__(self, backoff: Backoff) -> None:
        self.backoff = backoff
        self.failed = 0

    def on_start(self) -> None:
        self.send("row", Read())

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Version(number):
                self.send("row", Write(number))
            case Written(False):
                self.failed += 1
                self.set_timer("again", self.backoff.wait(self.failed))

    def on_timer(self, name: str) -> None:
        self.send("row", Read())


def contended_calls(writers: int, backoff: Backoff, seed: int = 0) -> int:
    """Count how often anybody tried to write, until everybody had written once.

    Parameters
    ----------
    writers : int
        How many there are.
    backoff : Backoff
        How long one waits that was too late.
    seed : int
        Of the run.

    Raises
    ------
    ValueError
        If there is no writer.

    Examples
    --------
    >>> from ftlib.services import AtOnce, FullJitter
    >>> contended_calls(20, AtOnce()), contended_calls(20, FullJitter(0.01, 2.0))
    (158, 95)

    Notes
    -----
    A message takes 10 ms on average, with a deviation of 2 ms.
    """
    if writers < 1:
        raise ValueError(f"writers is {writers!r}: give 1 or more")
    nodes: dict[str, Callable[[], Node]] = {"row": Row}
    for number in range(1, writers + 1):
        nodes[f"w{number}"] = partial(Writer, backoff)
    network = Network(latency=Normal(0.010, 0.002))
    cluster = Cluster(nodes, network=network, seed=seed, trace=False)
    cluster.run()
    return cluster.sent // MESSAGES_A_CALL
