"""Small protocols on which the tests try the simulated world."""

import enum
from dataclasses import dataclass
from functools import partial

from ftlib.simulation import (
    Cluster,
    Crash,
    Exponential,
    Heal,
    Link,
    LogNormal,
    Network,
    Node,
    Partition,
    Point,
    Recover,
    Skew,
    Slow,
    Uniform,
)


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True, slots=True)
class Ping:
    number: int


@dataclass(frozen=True, slots=True)
class Pong:
    number: int


@dataclass(frozen=True, slots=True)
class Did:
    """A fact: one step of a toy was taken."""

    what: object


@dataclass(frozen=True)
class Parcel:
    """A message or fact that may hold anything allowed."""

    content: object
    colour: Colour = Colour.RED


TYPES = (Ping, Pong, Did, Parcel, Colour)


class Sink(Node):
    """Records what it gets."""

    MESSAGES = (Ping, Parcel)
    FACTS = (Did,)

    def on_message(self, sender, message):
        self.record(Did(message))


class Source(Node):
    """Sends Ping 1, 2, ... n to each of its peers at the start."""

    MESSAGES = (Ping,)

    def __init__(self, peers=("b",), n=1):
        self.peers = tuple(peers)
        self.n = n

    def on_start(self):
        for number in range(1, self.n + 1):
            for peer in self.peers:
                self.send(peer, Ping(number))


class Chatter(Node):
    """Does everything a node can do: random timers and choices, messages to and fro,
    forced and lazy writes, calls, facts.
    """

    MESSAGES = (Ping, Pong)
    FACTS = (Did,)

    def __init__(self, peers, period=0.05):
        self.peers = tuple(peers)
        self.period = period
        self.sent = 0
        self.open = []

    def on_start(self):
        self.sent = self.disk.read("sent", 0)
        for call in self.disk.read("log", []):
            self.record(Did(call))
        self.set_timer("talk", (0.0, self.period))

    def on_timer(self, name):
        if name == "tired":
            return
        self.sent += 1
        operation = f"{self.id}-{self.sent}"
        self.call(operation)
        self.open.append(operation)
        self.disk.write("sent", self.sent)
        if self.sent % 2:
            self.disk.force()
        self.send(self.choose(self.peers), Ping(self.sent))
        self.set_timer("talk", (self.period / 2, self.period))
        self.set_timer("tired", self.period)

    def on_message(self, sender, message):
        match message:
            case Ping(number):
                self.disk.append("log", (sender, number))
                if number % 3 == 0:
                    self.disk.force()
                self.record(Did(number))
                self.send(sender, Pong(number))
            case Pong(number):
                self.cancel_timer("tired")
                operation = f"{self.id}-{number}"
                if operation in self.open:
                    self.open.remove(operation)
                    self.returned(operation, number)


def chatters(names="abc", period=0.05):
    """Factories of nodes that all talk to one another."""
    return {
        name: partial(Chatter, tuple(other for other in names if other != name), period)
        for name in names
    }


def acting(act, **handlers):
    """A node class whose `on_start` is `act`, and whose other handlers are as given."""
    return type(
        "Actor",
        (Node,),
        {"on_start": act, "FACTS": (Did,), "MESSAGES": (Ping, Parcel), **handlers},
    )


def run_alone(act, *, until=None, others=(), **options):
    """Run one node 'a' that does `act` at its start, with the given others; return the
    cluster and its trace.
    """
    cluster = Cluster({"a": acting(act), **dict(others)}, **options)
    return cluster, cluster.run(until)


def kinds(trace, node=None):
    """The kinds of the events, in order."""
    return [event.kind for event in trace if node in (None, event.node)]


def delivered(trace, node="b"):
    """The numbers of the Pings that a node handled, in order."""
    return [
        event.what.number for event in trace.where(kind="deliver", node=node, what=Ping)
    ]


class Collector(Node):
    """Sends, records and keeps dicts, whose order must be that of their filling."""

    def __init__(self):
        self.words = {}

    def on_start(self):
        for number in range(20):
            self.words[f"word {number}"] = number * 7 % 20
        self.disk.write("words", self.words)
        self.send("c", Parcel(tuple(self.words), Colour.BLUE))

    def on_message(self, sender, message):
        content = message.content if isinstance(message, Parcel) else (message.number,)
        self.record(Did({"sender": sender, "words": [*content, sender]}))


def story():
    """A run with a bit of everything, as JSON and as text."""
    network = Network(
        Exponential(0.03),
        0.1,
        0.1,
        links={
            ("a", "b"): Link(LogNormal(0.02, 1.0), 0.2),
            ("b", "a"): Uniform(0.0, 0.1),
        },
    )
    faults = [
        Crash("a", at=0.5, after=3),
        Recover("a", at=0.9),
        Partition([["a"], ["b"]], at=Point("a", "recover", later=0.1)),
        Heal(at=1.4),
        Slow("b", by=0.01, at=0.2, until=1.2),
        Skew("b", rate=1.1, offset=0.5),
    ]
    nodes = {**chatters("abc"), "c": Collector}
    trace = Cluster(
        nodes, network=network, seed=11, faults=faults, disk_latency=0.002
    ).run(until=2)
    return f"{trace.to_json()}\n{trace}\n"
