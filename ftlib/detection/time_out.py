"""One question and a time-out: the smallest failure detector.

A client asks once and gives up after a time. A server that has crashed, one that is
slow, a lost question, a lost answer and a cut network look the same to it until the
answer comes, if it comes. Where nothing bounds how long a message takes, no time-out
tells them apart (Chandra and Toueg 1996, section 1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.simulation import Node

__all__ = ["Answer", "Answered", "Answerer", "Ask", "Asker", "Suspects", "question"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What the client wants to know."""

    number: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server knows."""

    number: int


@dataclass(frozen=True, slots=True)
class Suspects:
    """Fact: this node takes `node` for dead from now on."""

    node: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Fact: the client has its answer."""


class Answerer(Node):
    """Answers every question."""

    MESSAGES = (Answer,)

    def on_message(self, sender: str, message: Any) -> None:
        self.send(sender, Answer(message.number))


class Asker(Node):
    """Asks once, and gives up when no answer has come in time.

    Parameters
    ----------
    server : str
        Whom to ask.
    wait : float
        For how many seconds.
    """

    MESSAGES = (Ask,)
    FACTS = (Suspects, Answered)

    def __init__(self, server: str, wait: float) -> None:
        self.server = server
        self.wait = wait

    def on_start(self) -> None:
        self.send(self.server, Ask(1))
        self.set_timer("time-out", self.wait)

    def on_timer(self, name: str) -> None:
        self.record(Suspects(self.server))

    def on_message(self, sender: str, message: Any) -> None:
        self.cancel_timer("time-out")
        self.record(Answered())


def question(
    wait: float = 0.05, *, asker: Callable[..., Node] = Asker
) -> dict[str, Callable[[], Node]]:
    """Make the factories of a client that asks once, and of the server.

    Parameters
    ----------
    wait : float
        For how many seconds the client waits.
    asker : callable
        The class to use, such as a mutant; called as `Asker` is.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Slow
    >>> trace = Cluster(question(), faults=[Slow("server", by=0.1)]).run()
    >>> [event.what for event in trace.facts()]
    [Suspects(node='server'), Answered()]
    """
    return {"client": partial(asker, "server", wait), "server": Answerer}
