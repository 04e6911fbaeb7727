"""The article's three mechanisms on the same three machines, under one and the same
fault schedule: what chapter 2 runs.

Each mechanism runs on the machines m1, m2 and m3, and gets sixteen requests from
outside, one every quarter of a second, each from a client of its own that asks again
until it is answered.

- *Replication*: m1 is the primary, and a write waits for one of the two replicas.
- *Consistent hashing*: each key is on one machine. A client asks the machine on which
  the ring places the key, and after a time-out the next one on the ring.
- *Two-phase commit*: m1 coordinates, and m2 and m3 each have one account.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

from ftlib.hashing import HashRing
from ftlib.replication import Mode
from ftlib.replication.primary_replica import Replica
from ftlib.services import Client, Reply, Request, Server
from ftlib.simulation import (
    Cluster,
    Crash,
    Heal,
    Node,
    Partition,
    Recover,
    Slow,
    Trace,
)
from ftlib.transactions import (
    ABORT,
    COMMIT,
    Applied,
    Coordinator,
    Participant,
    Transaction,
)

__all__ = [
    "LATE",
    "MACHINES",
    "MECHANISMS",
    "UNTIL",
    "Caller",
    "Fate",
    "Teller",
    "asks",
    "fates",
    "ran",
    "replicated",
    "schedule",
    "summary",
]

MACHINES = "m1", "m2", "m3"
"""The three machines, by the names that a fault schedule uses."""
HIT, BACK = 1.125, 2.125  # when a fault begins and ends, in seconds
UNTIL = 6.0
"""For how long a run is let run, in seconds."""
TIMES = tuple(0.1 + 0.25 * number for number in range(16))
LATE = 0.2
"""An answer that takes longer is late; in seconds."""


def schedule(happens: str, machine: str) -> tuple[Any, ...]:
    """Make the fault schedule that all three mechanisms get.

    Parameters
    ----------
    happens : str
        "nothing", "back", "dead", "wiped", "cut" or "slow".
    machine : str
        One of `MACHINES`.

    Examples
    --------
    >>> schedule("dead", "m1")
    (Crash(node='m1', at=1.125),)
    """
    crash = Crash(machine, at=HIT)
    table: dict[str, tuple[Any, ...]] = {
        "nothing": (),
        "back": (crash, Recover(machine, at=BACK)),
        "dead": (crash,),
        "wiped": (crash, Recover(machine, at=BACK, disk="wiped")),
        "cut": (Partition(((machine,),), at=HIT), Heal(at=BACK)),
        "slow": (Slow(machine, by=0.4, at=HIT), Slow(machine, by=0.0, at=BACK)),
    }
    return table[happens]


# Who asks, and who answers ------------------------------------------------------------


class Caller(Client):
    """Makes one request at a set time, and asks again until it is answered.

    Parameters
    ----------
    servers : tuple of str
        Whom it asks, one after another.
    operation : tuple
        What it wants.
    at : float
        When, in seconds.
    """

    def __init__(
        self, servers: tuple[str, ...], operation: tuple[Any, ...], at: float
    ) -> None:
        super().__init__(servers, (operation,), patience=0.1, longest=0.4)
        self.at = at

    def on_start(self) -> None:
        """Wait for the time to ask."""
        self.set_timer("begin", self.at)

    def on_timer(self, name: str) -> None:
        """Ask, or ask again."""
        if name == "begin":
            super().on_start()
        else:
            super().on_timer(name)


class Teller(Coordinator):
    """A coordinator that is asked for payments, and tells how they have ended.

    A payment that is asked for again after a crash becomes a new transaction, unless
    the log calls an earlier one committed.
    """

    MESSAGES = (*Coordinator.MESSAGES, Reply)

    def on_start(self) -> None:
        """Count its lives, for no name of a transaction may be used in two."""
        self.asked: dict[str, int] = {}  # by transaction, the number of the request
        self.life = self.disk.read("life", 0) + 1
        self.disk.write("life", self.life)
        self.disk.force()
        super().on_start()

    def on_message(self, sender: str, message: object) -> None:
        """Begin what is asked for, unless its end is known."""
        match message:
            case Request(client, sequence, (_, amount)):
                name = f"{client} {self.life}"
                if any(self.disk.keys(f"commit {client} ")):
                    self.send(client, Reply(sequence, COMMIT))
                elif name not in self.transactions:
                    changes = ("m2", "alice", -amount), ("m3", "bob", amount)
                    self.transactions[name] = Transaction(name, changes)
                    self.asked[name] = sequence
                    self.begin(name)
                elif name not in self.votes:
                    self.send(client, Reply(sequence, ABORT))
            case _:
                super().on_message(sender, message)

    def decide(self, txn: str, outcome: Any) -> None:
        """Decide, and tell who has asked."""
        super().decide(txn, outcome)
        if txn in self.asked:
            client, _ = txn.split()
            self.send(client, Reply(self.asked[txn], outcome))


RING = HashRing(MACHINES)
KEYS = {"m1": "key 2", "m2": "key 1", "m3": "key 11"}
"""A key for each machine: the ring places it there."""

Nodes = dict[str, Callable[[], Node]]


def asks() -> tuple[tuple[Any, ...], ...]:
    """Tell what the sixteen clients want of a store: to append a letter to one of three
    keys, then to read that key, then the same with the next letter and key.
    """
    keys = [KEYS[machine] for machine in MACHINES]
    pairs = [(keys[turn % 3], "abcdefgh"[turn]) for turn in range(8)]
    return tuple(
        operation
        for key, letter in pairs
        for operation in (("append", key, letter), ("get", key))
    )


def _callers(servers: Callable[[tuple[Any, ...]], tuple[str, ...]], wanted: Any) -> Any:
    return {
        f"c{number}": partial(Caller, servers(operation), operation, at)
        for number, (operation, at) in enumerate(zip(wanted, TIMES, strict=True), 1)
    }


def replicated(mode: Mode = Mode(1)) -> Nodes:  # noqa: B008 - it is frozen
    """Make a primary, two replicas, and who asks them."""
    nodes: Nodes = dict.fromkeys(MACHINES, partial(Replica, MACHINES, mode))
    return nodes | _callers(lambda _: MACHINES, asks())


def hashed() -> Nodes:
    """Make three servers on a ring, and who asks them, the owner of the key first."""
    nodes: Nodes = dict.fromkeys(MACHINES, Server)
    return nodes | _callers(lambda wants: RING.replicas(wants[1], 3), asks())


def committed() -> Nodes:
    """Make a coordinator, two participants, and who asks for payments of 10."""
    nodes: Nodes = {
        "m1": Teller,
        "m2": partial(Participant, (("alice", 1000),)),
        "m3": partial(Participant, (("bob", 0),)),
    }
    return nodes | _callers(lambda _: ("m1",), [("pay", 10)] * len(TIMES))


MECHANISMS: dict[str, Callable[[], Nodes]] = {
    "replication": replicated,
    "consistent hashing": hashed,
    "two-phase commit": committed,
}
"""What makes the nodes of each mechanism, and who asks them."""


@cache
def ran(mechanism: str, happens: str = "dead", machine: str = "m1") -> Trace:
    """Run a mechanism under a fault, for six seconds.

    Parameters
    ----------
    mechanism : str
        A key of `MECHANISMS`.
    happens, machine : str
        As for `schedule`.

    Returns
    -------
    Trace
    """
    faults = schedule(happens, machine)
    return Cluster(MECHANISMS[mechanism](), faults=faults).run(until=UNTIL)


# What became of each request ----------------------------------------------------------


class Fate(NamedTuple):
    """What became of a request: "done", "late", "refused", "unanswered" or "wrong", and
    how long its answer took, in seconds, or None.
    """

    word: str
    took: float | None


def fates(trace: Trace) -> tuple[Fate, ...]:
    """Tell what became of each request of a run.

    A read is wrong if it lacks a letter that was acknowledged before it was called, a
    payment if it was acknowledged and a participant no longer has it.
    """
    calls = {event.node: event for event in trace.where(kind="call")}
    returns = {event.node: event for event in trace.where(kind="return")}
    gone = _forgotten(trace)
    found = []
    for client in (f"c{number}" for number in range(1, len(TIMES) + 1)):
        if client not in returns:
            found.append(Fate("unanswered", None))
            continue
        call, (operation, result) = calls[client], returns[client].what
        took = returns[client].time - call.time
        if operation[0] == "get":
            due = [
                event.what[0][2]
                for event in returns.values()
                if event.index < call.index
                and event.what[0][:2] == ("append", operation[1])
            ]
            wrong = any(letter not in (result or "") for letter in due)
        else:
            wrong = client in gone and result == COMMIT
        word = (
            "wrong"
            if wrong
            else "refused"
            if result == ABORT
            else "late"
            if took > LATE
            else "done"
        )
        found.append(Fate(word, took))
    return tuple(found)


def _forgotten(trace: Trace) -> set[str]:
    """Name whose payments were applied on a disk that was wiped, and not again."""
    applied: set[tuple[str, str]] = set()
    gone: set[tuple[str, str]] = set()
    for event in trace.where(kind=("fact", "recover")):
        if isinstance(event.what, Applied):
            pair = event.node, event.what.txn.split()[0]
            applied.add(pair)
            gone.discard(pair)
        elif event.what == "wiped":
            gone |= {pair for pair in applied if pair[0] == event.node}
    return {client for _, client in gone}


WORST = ("wrong", "unanswered", "refused", "late")
SAYS = {
    "wrong": "forgets",
    "unanswered": "stops",
    "refused": "refuses",
    "late": "pauses",
    "": "goes on",
}


def summary(trace: Trace) -> str:
    """Say in a word or two the worst that became of any request.

    Examples
    --------
    >>> [summary(ran(each, "dead", "m1")) for each in MECHANISMS]
    ['pauses', 'forgets', 'stops']
    """
    words = {fate.word for fate in fates(trace)}
    return SAYS[next((each for each in WORST if each in words), "")]
