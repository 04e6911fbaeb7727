"""The worlds in which the lab on replication is tried: names and places drawn from a
seed, clients, and what must hold in every run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.drawing import Label, Look
from ftlib.drawing.look import name_of
from ftlib.labs.replication import Held, Placed, Places, Rules
from ftlib.simulation import Broken, Event, Node, Property, monitor, stream

__all__ = ["LOOK", "Answered", "Client", "Names", "nodes", "properties"]

Factories = Mapping[str, Callable[[], Node]]

TOWNS = ("oslo", "lima", "pune", "bonn", "york", "cork", "nice", "graz", "bern", "kiel")
RACKS = ("red", "blue", "green", "black", "white")
THINGS = ("album", "order", "page", "song", "parcel")


@dataclass(frozen=True, slots=True)
class Names:
    """What nodes, racks and keys are called in one world.

    Attributes
    ----------
    keeper, client, second : str
        The second is another client.
    replicas : tuple of str
        The first stands in the keeper's rack, the next two in a second one, the last in
        a third.
    racks : tuple of str
    key, other, lazy : str
        Two keys that are eager, and a lazy one.
    """

    keeper: str
    client: str
    second: str
    replicas: tuple[str, ...]
    racks: tuple[str, ...]
    key: str
    other: str
    lazy: str

    @classmethod
    def drawn(cls, seed: int, rules: Rules, what: str) -> "Names":
        """Draw the names for one check.

        Examples
        --------
        >>> Names.drawn(7, Rules.drawn("public"), "counts").racks
        ('green', 'red', 'blue')
        """
        draw = stream(seed, "names", rules.code, what).random

        def some(words: tuple[str, ...], count: int) -> tuple[str, ...]:
            left = list(words)
            return tuple(left.pop(int(draw() * len(left))) for _ in range(count))

        keeper, client, second, *replicas = some(TOWNS, 7)
        number, (thing,) = 10 + int(draw() * 80), some(THINGS, 1)
        return cls(
            keeper,
            client,
            second,
            tuple(replicas),
            some(RACKS, 3),
            f"{thing} {number}",
            f"{thing} {rules.lazy}",  # an eager key all the same
            f"{rules.lazy} {number}",
        )

    @property
    def places(self) -> Places:
        """Where all of them stand."""
        first, second, third = self.racks
        a, b, c, d = self.replicas
        return (
            *((b, second), (self.keeper, first), (d, third)),
            *((a, first), (c, second)),
        )

    def few(self, rules: Rules) -> Places:
        """The keeper and two replicas: one in each other rack that a write needs, and
        one beside the keeper where it needs no more.
        """
        a, b, _, d = self.replicas
        kept = (self.keeper, b, d if rules.racks == 3 else a)
        return tuple(place for place in self.places if place[0] in kept)


@dataclass(frozen=True, slots=True)
class Answered:
    """The client has heard what it asked for with this ticket; "" for a write."""

    ticket: str
    value: str


class Client(Node):
    """A client that asks one thing after another, each again until it is answered.

    Parameters
    ----------
    keeper : str
    lines : tuple of messages
    again : float
        After how many seconds; never, if 0.
    """

    def __init__(self, keeper: str, lines: tuple[Any, ...], again: float = 0.7) -> None:
        self.keeper = keeper
        self.lines = lines
        self.again = again
        self.next = 0

    def on_start(self) -> None:
        """Ask the first."""
        self.ask()

    def on_timer(self, name: str) -> None:
        """Ask again."""
        self.ask()

    def on_message(self, sender: str, message: Any) -> None:
        """Take what answers the question of now, and go on."""
        now = self.lines[self.next].ticket if self.next < len(self.lines) else None
        if message.ticket == now:
            self.record(Answered(message.ticket, getattr(message, "value", "")))
            self.next += 1
            self.cancel_timer("again")
            self.ask()

    def ask(self) -> None:
        """Send what is to be asked now, if anything is."""
        if self.next < len(self.lines):
            self.send(self.keeper, self.lines[self.next])
            if self.again:
                self.set_timer("again", self.again)


def nodes(
    names: Names,
    places: Places,
    keeper: Callable[..., Node],
    replica: Callable[..., Node],
) -> Factories:
    """Make the factories of the keeper and its replicas."""
    return {
        name: partial(keeper, places) if name == names.keeper else replica
        for name, _ in sorted(places, key=lambda place: place[0] != names.keeper)
    }


# Properties ---------------------------------------------------------------------------

# What the monitors remember are facts in tuples: ("asked", ticket, key, value),
# ("placed", ticket, key, version), ("held", node, key, version), ("owed", node, key,
# version) of a node that is to say again what it holds, ("floor", ticket, version) of a
# read and ("done", key, version).
Memory = frozenset[tuple[Any, ...]]


def _all(memory: Memory, kind: str, *words: Any) -> list[tuple[Any, ...]]:
    """Return what is remembered of a kind that begins with these words."""
    size = len(words) + 1
    return sorted(each for each in memory if each[:size] == (kind, *words))


def _held(memory: Memory, node: str, key: str) -> int:
    return max((each[3] for each in _all(memory, "held", node, key)), default=0)


class _Judge:
    """The properties of one world."""

    def __init__(self, keeper: str, places: Places, rules: Rules) -> None:
        self.keeper, self.places, self.rules = keeper, places, rules
        kinds: Any = rules.messages
        self.put, self.done, _, _, self.get, self.got = kinds

    def racks(self, memory: Memory, key: str, version: int) -> list[str]:
        """Return the racks that count for a version of a key."""
        return sorted(
            {
                rack
                for node, rack in self.places
                if _held(memory, node, key) >= version
                and (self.rules.own or node != self.keeper)
            }
        )

    def safe(self, memory: Memory, key: str, version: int) -> bool:
        """Whether a version of a key is where it is to be."""
        if self.rules.eager(key):
            return len(self.racks(memory, key, version)) >= self.rules.racks
        return _held(memory, self.keeper, key) >= version

    def remember(self, memory: Memory, event: Event) -> Memory:
        """Take in what nodes say that they have placed and hold."""
        match event.what:
            case Placed(ticket, key, version):
                return memory | {("placed", ticket, key, version)}
            case Held(key, version) if version > _held(memory, event.node, key):
                older = _all(memory, "held", event.node, key)
                return memory - frozenset(older) | {("held", event.node, key, version)}
        return memory

    def copies(self, memory: Memory, event: Event) -> Memory | Broken:
        """No write is done before its copies are where they are to be."""
        message: Any = event.what
        if event.kind == "fact" or not isinstance(message, self.done):
            return self.remember(memory, event)
        ticket = message.ticket
        placed = _all(memory, "placed", ticket)
        if not placed:
            return Broken(f"{ticket} is told to be done, and was never placed")
        _, _, key, version = placed[0]
        if self.safe(memory, key, version):
            return memory
        where = self.racks(memory, key, version)
        return Broken(
            f"{ticket} is told to be done, and version {version} of {key!r} is held in"
            f" {', '.join(where) or 'no rack that counts'}"
        )

    def once(self, memory: Memory, event: Event) -> Memory | Broken:
        """One version for a ticket, one ticket for a version."""
        match event.what:
            case Placed(ticket, key, version):
                for _, *other in _all(memory, "placed"):
                    if other[0] == ticket and other[1:] != [key, version]:
                        return Broken(f"{ticket} is placed twice")
                    if other[0] != ticket and other[1:] == [key, version]:
                        return Broken(
                            f"{other[0]} and {ticket} are both version {version} of"
                            f" {key!r}"
                        )
        return self.remember(memory, event)

    def kept(self, memory: Memory, event: Event) -> Memory | Broken:
        """What a node holds it holds for good, a crash or not."""
        node = event.node
        match event.kind, event.what:
            case "crash", _:
                owed = {
                    ("owed", node, key, each)
                    for _, _, key, each in _all(memory, "held", node)
                }
                return memory | owed
            case "send", _:
                if owing := _all(memory, "owed", node):
                    _, _, key, version = owing[0]
                    return Broken(
                        f"{node} comes back and goes on, and does not hold version"
                        f" {version} of {key!r} any more"
                    )
            case "fact", Held(key, version):
                owing = _all(memory, "owed", node, key)
                if owing:  # it may say it row by row, the oldest first
                    return memory - {each for each in owing if each[3] <= version}
                if version < _held(memory, node, key):
                    return Broken(
                        f"{node} held version {_held(memory, node, key)} of {key!r},"
                        f" and now holds version {version}"
                    )
                return self.remember(memory, event)
        return memory

    def reads(self, memory: Memory, event: Event) -> Memory | Broken:
        """A read tells what is done, and nothing that is older than what was done."""
        message: Any = event.what
        if event.kind == "fact":
            return self.remember(memory, event)
        if isinstance(message, self.put):
            return memory | {("asked", message.ticket, message.key, message.value)}
        if isinstance(message, self.done):
            placed = _all(memory, "placed", message.ticket)
            return memory | {("done", *row[2:]) for row in placed}
        if isinstance(message, self.get):
            if _all(memory, "floor", message.ticket):
                return memory
            done = [version for _, _, version in _all(memory, "done", message.key)]
            floor = max(done, default=0)
            return memory | {("floor", message.ticket, message.key, floor)}
        if isinstance(message, self.got):
            return self.told(memory, message.ticket, message.value) or memory
        return memory

    def told(self, memory: Memory, ticket: str, value: str) -> Broken | None:
        """Say what is wrong with what a read is told."""
        for _, _, key, floor in _all(memory, "floor", ticket):
            tickets = [
                each[1] for each in _all(memory, "asked") if each[2:] == (key, value)
            ]
            versions = [
                each[3] for name in tickets for each in _all(memory, "placed", name)
            ]
            version = max(versions, default=0)
            if value and not versions:
                return Broken(f"a read of {key!r} is told {value!r}, never placed")
            if version < floor:
                return Broken(
                    f"a read of {key!r} is told {value!r}, version {version}, and"
                    f" version {floor} was done before it was asked"
                )
            if version and not self.safe(memory, key, version):
                return Broken(
                    f"a read of {key!r} is told {value!r}, which is not done: held in"
                    f" {', '.join(self.racks(memory, key, version)) or 'no rack'}"
                )
        return None


def properties(keeper: str, places: Places, rules: Rules) -> tuple[Property, ...]:
    """Return what must hold in every run of one world."""
    each = _Judge(keeper, places, rules)
    return (
        monitor("copies", frozenset(), each.copies, ("fact", "send")),
        monitor("once", frozenset(), each.once),
        monitor("kept", frozenset(), each.kept, ("fact", "send", "crash")),
        monitor("reads", frozenset(), each.reads, ("fact", "send")),
    )


# Pictures -----------------------------------------------------------------------------


def _state(event: Event) -> Label | None:
    match event.what:
        case Held(key, version):
            return Label(f"● {key}, {version}", "green", "solid")
        case Placed(_, key, version):
            return Label(f"? {key}, {version}", "orange", "striped")
    return None


def _tell(event: Event) -> str | None:
    match event.what:
        case Placed(ticket, key, version):
            return f"gives {ticket} version {version} of {key!r}"
        case Held(key, version):
            return f"holds version {version} of {key!r}"
        case Answered(ticket, value):
            return f"has its answer to {ticket}{f': {value}' if value else ''}"
    return f"records {name_of(event.what)}"


def _timer(name: str) -> str:
    return "asks" if name.startswith(("line ", "again")) else name


LOOK = Look(state=_state, tell=_tell, timer=_timer)
"""How such runs are drawn."""
