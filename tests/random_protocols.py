"""Small random protocols, and their traces by two ways: as exploration says that they
are possible, and as the simulator gives them when it is driven through every script.

The two are compared by `test_checking_two_worlds.py`. A protocol is made from a seed:
what each handler does is drawn once, from everything that a handler can see and do. So
a difference in what the two worlds take for identical, or for visible, comes to light
as a trace that only one of them has.
"""

from dataclasses import dataclass
from functools import partial

import oracle

from ftlib.checking import ClusterModel
from ftlib.simulation import Node, Property, Trace
from ftlib.simulation.chance import stream
from ftlib.simulation.event import KINDS
from ftlib.simulation.values import show

IDS = ("a", "b")
ALIKE = (0, False, 0.0, -0.0, 1, True, 1.0)
LINES = 3  # of a handler, at most
CHOICES = [(), (0,), (1,), (0, 0), (0, 1), (1, 0), (1, 1)]


@dataclass(frozen=True, slots=True)
class Note:
    """A message, or a fact."""

    what: object


@dataclass
class Part:
    """What a node owns and calls."""

    seen: list
    last: object = None


class Random(Node):
    """A node whose handlers are lists of words, each a line of a tiny language.

    Parameters
    ----------
    handlers : tuple of pairs
        Of "start", "Note" and "timer", each with a tuple of (word, argument).
    """

    MESSAGES = FACTS = (Note,)

    def __init__(self, handlers):
        self.handlers = dict(handlers)
        self.queue = {}
        self.list = []
        self.part = Part([])
        self.held = None

    def on_start(self):
        self.run("start", self.disk.read("x"))

    def on_message(self, sender, message):
        self.run("Note", message.what)

    def on_timer(self, name):
        self.run("timer", name)

    def run(self, handler, given):
        for word, argument in self.handlers[handler]:
            getattr(self, word)(argument, given)

    # What is seen is recorded or sent; what is done changes something that can be seen.

    def fill(self, argument, given):
        self.queue[f"{argument}{given!r}"] = given

    def serve(self, argument, given):
        if self.queue:
            first = next(iter(self.queue))
            self.record(Note(("served", first, self.queue.pop(first))))

    def add(self, argument, given):
        self.list.append(argument)
        self.part.seen = [*self.part.seen[-1:], given]

    def show(self, argument, given):
        self.record(Note((list(self.list[-2:]), self.part.seen, self.held)))

    def hold(self, argument, given):
        self.held = self.part.last = ALIKE[argument % len(ALIKE)]

    def type(self, argument, given):
        self.record(Note(repr(self.held)))

    def write(self, argument, given):
        self.disk.write("xy"[argument % 2], ALIKE[argument % len(ALIKE)])

    def log(self, argument, given):
        self.disk.append("log", argument)

    def delete(self, argument, given):
        self.disk.delete("x")

    def force(self, argument, given):
        self.disk.force()

    def read(self, argument, given):
        keys = list(self.disk.keys())
        self.record(Note((keys, self.disk.read("x"), self.disk.read("log", [])[-2:])))

    def tell(self, argument, given):
        if argument > 3:
            self.send(IDS[argument % 2], Note(ALIKE[argument % len(ALIKE)]))

    def arm(self, argument, given):
        self.set_timer("pq"[argument % 2], 1.0)

    def disarm(self, argument, given):
        self.cancel_timer("p")

    def ask(self, argument, given):
        self.call(("op", argument % 2))
        self.returned(("op", argument % 2), self.choose([1, True]))


THEMES = [  # words that have to do with each other
    ["fill", "fill", "serve", "serve", "tell"],
    ["fill", "fill", "fill", "serve", "arm"],
    ["hold", "type", "fill", "serve", "tell"],
    ["write", "write", "log", "force", "read"],
    ["write", "delete", "force", "read", "tell"],
    ["add", "show", "add", "show", "arm"],
    ["ask", "tell", "arm", "show"],
    ["arm", "arm", "disarm", "tell", "type"],
]


def protocol(seed):
    """The nodes of a random protocol."""
    draw = stream(seed, "protocol").random
    words = THEMES[seed % len(THEMES)] + THEMES[int(draw() * len(THEMES))]

    def handler():
        lines = 1 + int(draw() * LINES)
        drawn = [
            (words[int(draw() * len(words))], int(draw() * 8)) for _ in range(lines)
        ]
        asks = [line for line in drawn if line[0] == "ask"][2:]  # as CHOICES allow
        return tuple(line for line in drawn if line not in asks)

    nodes = {}
    for id in IDS:
        handlers = {name: handler() for name in ("Note", "timer")}
        first = [("tell", 4 + int(draw() * 4)) for _ in range(2)]
        handlers["start"] = (*first[seed % 2 :], *handler())
        nodes[id] = partial(Random, tuple(sorted(handlers.items())))
    return nodes


def told(events):
    """A trace without what exploration does not know."""
    return tuple(
        (
            event.kind,
            event.node,
            event.other,
            None if event.kind == "timer" else show(event.what),
            event.reason,
            event.ref if event.kind in ("write", "call", "return") else None,
        )
        for event in events
    )


def depth_of(trace):
    """How many handlers have run and nodes have crashed, lost messages included."""
    kinds = ("deliver", "drop", "timer", "recover", "crash")
    return sum(told[0] in kinds for told in trace)


def explored(nodes, depth, **world):
    """Every trace of at most that depth that exploration says is possible."""
    seen = {()}

    def remember(trace: Trace):
        seen.add(told(trace))

    everything = Property("everything", remember, kinds=KINDS)
    model = ClusterModel(nodes, [everything], network="multiset", **world)
    depths = {}  # of what is remembered

    def deep(state):
        memory = state[-1]
        if memory not in depths:
            numbers = model.memories._memories[memory][0]
            depths[memory] = depth_of(
                [model.memories._single[number].parts for number in numbers]
            )
        return depths[memory]

    todo = set(model.initial_states())
    visited = set()
    while todo:
        state = todo.pop()
        if state not in visited:
            visited.add(state)
            if deep(state) < depth:
                todo.update(after for _, after in model.successors(state))
    return {trace for trace in seen if depth_of(trace) <= depth}


def simulated(nodes, depth, *, survivors=False, **budgets):
    """Every trace of at most that depth of the simulator, driven through every script,
    and every trace on the way to one.
    """
    states = oracle.reached(
        nodes,
        choosing=CHOICES
        if "ask" in str([node.args for node in nodes.values()])
        else (),
        survivors=3 if survivors else 0,
        also=lambda player: told(player.cluster.trace.untimed()),
        deeper=lambda player: depth_of(told(player.cluster.trace.untimed())) < depth,
        **budgets,
    )
    traces = {key[0] for key in states}
    return {
        trace[:end]
        for trace in traces
        for end in range(len(trace) + 1)
        if depth_of(trace[:end]) <= depth
    }
