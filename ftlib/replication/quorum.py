"""Registers on N storage nodes, read and written through quorums.

Every node keeps, under each key, a row: a value and its version. A write asks for the
version first, waits for W answers, and then sends its value, under the next version, to
all nodes, and waits for W of them. A read asks all nodes, waits for R answers, and
takes the row of the highest version (Gifford 1979). Two conditions make that work, of
N, R and W:

- W + W > N: a write meets every write that returned before it began, and so takes a
  higher version;
- R + W > N: a read meets every such write, and so returns nothing that is older.

A version is a counter and the name of its writer, so that two writers that meet the
same counter still make two versions (Lynch and Shvartsman 1997). A writer never uses a
counter twice, even if it crashes in between: it keeps on its disk the last one that it
used.

That makes a *regular* register (Lamport 1986) and no more: while a write is under way,
or was left half done, one read may meet it and a later one miss it. In an *atomic* one,
which is linearizable, a read first writes back what it is going to return, and waits
for W as a write does (Attiya, Bar-Noy and Dolev 1995).

A row is deleted by writing None, and what is kept then is a *tombstone*: the deletion
needs a version as any write does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.simulation import Node

__all__ = [
    "FACTS",
    "MESSAGES",
    "NOTHING",
    "AtomicClient",
    "Holds",
    "Kept",
    "Query",
    "RegularClient",
    "Row",
    "Seen",
    "StorageNode",
    "Update",
    "Updated",
    "Version",
    "Written",
    "registers",
]


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Which of two rows is newer: the one of the higher counter, or at the same counter
    that of the writer whose name comes later.
    """

    counter: int
    writer: str


@dataclass(frozen=True, slots=True)
class Row:
    """A value and its version."""

    version: Version
    value: Any


NOTHING = Row(Version(0, ""), None)
"""What is kept under a key that was never written."""


# Messages -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Query:
    """What do you keep under this key? Asked for the operation of that number."""

    number: int
    key: str


@dataclass(frozen=True, slots=True)
class Holds:
    """This row."""

    number: int
    row: Row


@dataclass(frozen=True, slots=True)
class Update:
    """Keep this row under this key, unless yours is newer."""

    number: int
    key: str
    row: Row


@dataclass(frozen=True, slots=True)
class Updated:
    """What I keep is this row or a newer one, and on disk."""

    number: int


MESSAGES: tuple[type, ...] = (Query, Holds, Update, Updated)
"""What clients and storage nodes say to each other."""


# Facts --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """Fact: this node has the row on disk."""

    key: str
    row: Row


@dataclass(frozen=True, slots=True)
class Written:
    """Fact: this client's write, which made the version, is about to return."""

    key: str
    version: Version


@dataclass(frozen=True, slots=True)
class Seen:
    """Fact: this client's read is about to return the row of that version."""

    key: str
    version: Version


FACTS: tuple[type, ...] = (Kept, Written, Seen)
"""What they put on record."""


class StorageNode(Node):
    """Keeps rows on its disk, each the newest that it was sent.

    Notes
    -----
    One forced write for each row that is newer. What is acknowledged is on disk before.
    """

    MESSAGES = MESSAGES
    FACTS = FACTS

    def on_start(self) -> None:
        for place in self.disk.keys("row "):
            key = place.removeprefix("row ")
            self.record(Kept(key, self.row(key)))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Query(number, key):
                self.send(sender, Holds(number, self.row(key)))
            case Update(number, key, row):
                if row.version > self.row(key).version:
                    self.keep(key, row)
                self.send(sender, Updated(number))

    def row(self, key: str) -> Row:
        """Return what is kept under a key."""
        row: Row = self.disk.read(f"row {key}", NOTHING)
        return row

    def keep(self, key: str, row: Row) -> None:
        """Put a row on disk."""
        self.disk.write(f"row {key}", row)
        self.disk.force()
        self.record(Kept(key, row))


class RegularClient(Node):
    """Reads and writes, one operation after another, and asks the storage nodes itself.

    Parameters
    ----------
    nodes : tuple of str
        The N storage nodes.
    read, write : int
        R and W: how many of them a read, and each phase of a write, waits for.
    operations : tuple of tuples
        What it wants: ``("get", key)``, or ``("put", key, value)``. To put None is to
        delete.
    patience : float
        After how many seconds it sends again to those that have not answered.

    Raises
    ------
    ValueError
        If a name comes twice, R or W is not between 1 and N, or an operation is none of
        these.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> wanted = [("put", "x", 1), ("get", "x")]
    >>> trace = Cluster(registers(wanted, client=RegularClient)).run()
    >>> [event.what for event in trace.where(kind="return")]
    [(('put', 'x', 1), None), (('get', 'x'), 1)]

    Notes
    -----
    Without faults a read takes 2N messages and 2 delays, a write 4N and 4. Two forced
    writes of its own a write, one a read: the number of an operation is never used for
    a second one, lest late answers to the first be counted for it.

    What it had called before a crash it does not take up again: that call stays
    pending, and may have been done by half.
    """

    MESSAGES = MESSAGES
    FACTS = FACTS

    def __init__(
        self,
        nodes: tuple[str, ...],
        read: int,
        write: int,
        operations: tuple[tuple[Any, ...], ...] = (),
        patience: float = 0.1,
    ) -> None:
        if len({*nodes}) < len(nodes):
            raise ValueError(f"the nodes are {nodes!r}: name each once")
        for name, size in (("read", read), ("write", write)):
            if type(size) is not int or not 1 <= size <= len(nodes):
                raise ValueError(
                    f"{name} is {size!r}: give a whole number from 1 to {len(nodes)},"
                    " how many nodes there are"
                )
        for operation in operations:
            match operation:
                case ("get", str()) | ("put", str(), _):
                    continue
            raise ValueError(
                f"the operation is {operation!r}: give ('get', key) or ('put', key,"
                " value), the key a str"
            )
        self.nodes = nodes
        self.read = read
        self.write = write
        self.operations = operations
        self.patience = patience
        self.number = 0  # of the operation that is under way, or was the last
        self.asked: Query | Update | None = None  # what has not been answered enough
        self.answers: dict[str, Row] = {}  # to that, in the order of the nodes

    def on_start(self) -> None:
        self.number = self.disk.read("number", 0)
        self.go_on()

    def go_on(self) -> None:
        """Begin with the next operation, if there is one."""
        if self.number < len(self.operations):
            self.number += 1
            self.disk.write("number", self.number)
            self.disk.force()
            self.call(self.operation)
            self.begin()

    def begin(self) -> None:
        """Ask what is there."""
        self.ask(Query(self.number, self.operation[1]))

    @property
    def operation(self) -> tuple[Any, ...]:
        """The operation that is under way, or was the last."""
        return self.operations[self.number - 1]

    def ask(self, what: Query | Update) -> None:
        self.asked, self.answers = what, {}
        self.send_to(self.nodes)

    def send_to(self, nodes: Iterable[str]) -> None:
        """Send what is asked, and again to those that are silent."""
        assert self.asked is not None
        for node in nodes:
            self.send(node, self.asked)
        self.set_timer("retry", self.patience)

    @property
    def silent(self) -> list[str]:
        """The nodes that have not answered."""
        return [node for node in self.nodes if node not in self.answers]

    def on_timer(self, name: str) -> None:
        self.send_to(self.silent)

    def on_message(self, sender: str, message: object) -> None:
        match message, self.asked:
            case Holds(number, row), Query() if number == self.number:
                self.count(sender, row)
            case Updated(number), Update(row=row) if number == self.number:
                self.count(sender, row)

    def count(self, sender: str, row: Row) -> None:
        """Count an answer by who gave it, and go on when they are enough."""
        self.answers[sender] = row
        self.answers = dict(sorted(self.answers.items()))
        if self.enough():
            newest = max(self.answers.values(), key=lambda each: each.version)
            asked, self.asked = self.asked, None
            if isinstance(asked, Update):
                self.finish(newest)
            elif self.operation[0] == "put":
                self.put(newest.version.counter)
            else:
                self.get(newest)

    def enough(self) -> bool:
        """Tell whether those that have answered are a quorum."""
        reads = isinstance(self.asked, Query) and self.operation[0] == "get"
        return len(self.answers) >= (self.read if reads else self.write)

    def put(self, counter: int) -> None:
        """Write under a version that is higher than all that were met, and than all of
        one's own.
        """
        _, key, value = self.operation
        counter = 1 + max(counter, self.disk.read("counter", 0))
        self.disk.write("counter", counter)
        self.disk.force()
        self.ask(Update(self.number, key, Row(Version(counter, self.id), value)))

    def get(self, row: Row) -> None:
        """Return what was read."""
        self.finish(row)

    def finish(self, row: Row) -> None:
        """Return, and begin with the next operation."""
        self.answers = {}
        self.cancel_timer("retry")
        kind, key = self.operation[:2]
        self.record((Seen if kind == "get" else Written)(key, row.version))
        self.returned(self.operation, row.value if kind == "get" else None)
        self.go_on()


class AtomicClient(RegularClient):
    """A client whose reads write back what they return, before they return it.

    Parameters
    ----------
    nodes, read, write, operations, patience
        As for `RegularClient`.

    Notes
    -----
    A read takes 4N messages and 4 delays, as a write does.
    """

    def get(self, row: Row) -> None:
        """See to it that W nodes keep what is returned."""
        self.ask(Update(self.number, self.operation[1], row))


def registers(
    *operations: Iterable[tuple[Any, ...]],
    nodes: int = 3,
    read: int = 2,
    write: int = 2,
    client: Callable[..., Node] = AtomicClient,
    storage: Callable[..., Node] = StorageNode,
    patience: float = 0.1,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of storage nodes n1, n2, ..., and of a client c1, c2, ... for
    each list of operations.

    Parameters
    ----------
    *operations : iterables of operations
        One for each client.
    nodes, read, write : int
        N, R and W.
    client, storage : callable
        The classes to use, such as a mutant; called as `RegularClient` and
        `StorageNode` are.
    patience : float
        As for `RegularClient`.

    Returns
    -------
    dict from id to factory
        For `ftlib.simulation.Cluster`.
    """
    names = tuple(f"n{number}" for number in range(1, nodes + 1))
    return dict.fromkeys(names, storage) | {
        f"c{number}": partial(client, names, read, write, tuple(wanted), patience)
        for number, wanted in enumerate(operations, 1)
    }
