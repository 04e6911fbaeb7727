"""A server with a queue, and a crowd that asks again: a service that stays down when
its trigger is gone.

The crowd asks at its own pace, whether it is answered or not. Who is not answered in
time asks again, a few times, and gives up. While the queue is short that costs nothing.
But once the queue is longer than anybody's patience, each request comes several times,
and the server spends its time on answers that nobody waits for any more. If what comes
so is more than it can do, the queue never becomes shorter, although what caused it is
long gone: the failure is *metastable* (Bronson et al. 2021). With `attempts` sends a
request at most and a capacity of `c` a second, a load below ``c / attempts`` always
recovers. Between that and `c` it depends on the trigger, unless the retries have a
budget, or the server chooses what it does.

References
----------
Bronson, N., Aghayev, A., Charapko, A. and Zhu, T. (2021). Metastable failures in
distributed systems. *HotOS*, 221-227.

Huang, L. and others (2022). Metastable failures in the wild. *OSDI*, 73-90.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from ftlib.services.messages import Reply, Request
from ftlib.services.retrying import AtOnce, Backoff, Budget
from ftlib.simulation import Node, Property, Trace
from ftlib.simulation.promises import last_fault
from ftlib.simulation.property import Unknown

__all__ = [
    "Crowd",
    "DropsExpired",
    "FirstCome",
    "GaveUp",
    "Heard",
    "Line",
    "NewestFirst",
    "QueueServer",
    "Sheds",
    "comes_back",
    "crowded",
    "stable_load",
]

Waiting = tuple[str, int, float]  # who asks, the number, when it came
READ = ("get", "x")


@dataclass(frozen=True, slots=True)
class Heard:
    """Fact: the answer to the request of that number has come while somebody waited for
    it, after so many sends.
    """

    number: int
    sends: int


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Fact: nobody waits any more for the request of that number, after so many
    sends.
    """

    number: int
    sends: int


class Line(Protocol):
    """What waits for the server, and who is next."""

    def add(self, request: Waiting) -> None:
        """Let a request wait, or turn it away."""
        ...

    def take(self, now: float) -> Waiting | None:
        """Return the request that is next, None if there is none."""
        ...


@dataclass
class FirstCome:
    """A part: whoever came first is next.

    >>> queue = FirstCome([("c", 1, 0.0), ("c", 2, 0.1)])
    >>> queue.take(9.0)
    ('c', 1, 0.0)
    """

    waiting: list[Waiting] = field(default_factory=list)

    def add(self, request: Waiting) -> None:
        """Let it wait at the end."""
        self.waiting.append(request)

    def take(self, now: float) -> Waiting | None:
        """Return the oldest."""
        return self.waiting.pop(0) if self.waiting else None


@dataclass
class NewestFirst(FirstCome):
    """A part: whoever came last is next; the old ones are not worth the time.

    >>> queue = NewestFirst([("c", 1, 0.0), ("c", 2, 0.1)])
    >>> queue.take(9.0)
    ('c', 2, 0.1)
    """

    def take(self, now: float) -> Waiting | None:
        """Return the newest."""
        return self.waiting.pop() if self.waiting else None


@dataclass
class Sheds(FirstCome):
    """A part: turns away whoever finds so many waiting.

    >>> queue = Sheds(most=1)
    >>> for request in (("c", 1, 0.0), ("c", 2, 0.1)):
    ...     queue.add(request)
    >>> queue.take(9.0), queue.take(9.0)
    (('c', 1, 0.0), None)
    """

    most: int = 10

    def add(self, request: Waiting) -> None:
        """Let it wait if there is room."""
        if len(self.waiting) < self.most:
            self.waiting.append(request)


@dataclass
class DropsExpired(FirstCome):
    """A part: passes over whoever has waited for so many seconds, and so has asked
    again or gone.

    >>> queue = DropsExpired([("c", 1, 0.0), ("c", 2, 0.1)], patience=1.0)
    >>> queue.take(1.05)
    ('c', 2, 0.1)
    """

    patience: float = 1.0

    def take(self, now: float) -> Waiting | None:
        """Return the oldest that has not waited too long."""
        while self.waiting:
            request = self.waiting.pop(0)
            if now - request[2] < self.patience:
                return request
        return None


class QueueServer(Node):
    """Answers one request after another, each in the same time.

    Parameters
    ----------
    service : float
        How long an answer takes, in seconds: its capacity is ``1 / service``.
    queue : callable
        Makes the `Line`: a class, or a `functools.partial` of one.

    Raises
    ------
    ValueError
        If `service` is not above 0.

    Notes
    -----
    It does the work of every request that it takes, one that comes again included: in
    most services an attempt is a connection, a request to be read and a query to be
    made, whoever sent it before. Nothing is on its disk.
    """

    MESSAGES = (Reply,)
    timed = True

    def __init__(
        self, service: float = 0.1, queue: Callable[[], Line] = FirstCome
    ) -> None:
        if not service > 0:
            raise ValueError(f"service is {service!r}: give a time above 0, in seconds")
        self.service = service
        self.queue = queue()
        self.busy: tuple[str, int] | None = None

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Request(client, sequence):
                self.queue.add((client, sequence, self.now))
                if self.busy is None:
                    self.go_on()

    def go_on(self) -> None:
        """Begin with the next request, if there is one."""
        found = self.queue.take(self.now)
        self.busy = found and found[:2]
        if found:
            self.set_timer("done", self.service)

    def on_timer(self, name: str) -> None:
        if self.busy:
            client, sequence = self.busy
            self.send(client, Reply(sequence, None))
        self.go_on()


class Crowd(Node):
    """Many clients as one: a new request comes at fixed times, answered or not.

    Parameters
    ----------
    server : str
        Whom they ask.
    every : float
        Seconds from one new request to the next.
    patience : float
        How long each waits for an answer before it asks again, in seconds.
    attempts : int
        How often a request is sent at most, the first time included.
    backoff : Backoff
        How long to wait before it is sent again.
    budget : Budget or None
        What pays for the retries; by default they are free.

    Raises
    ------
    ValueError
        If a time is not above 0, or there is no attempt.

    Notes
    -----
    An answer counts as long as somebody waits for it, also if it is the answer to an
    earlier attempt.
    """

    MESSAGES = (Request,)
    FACTS = (Heard, GaveUp)

    def __init__(
        self,
        server: str = "server",
        every: float = 0.125,
        patience: float = 1.0,
        attempts: int = 3,
        backoff: Backoff | None = None,
        budget: Callable[[], Budget] | None = None,
    ) -> None:
        if not every > 0 or not patience > 0:
            raise ValueError(
                f"every is {every!r} and patience {patience!r}: give times above 0, in"
                " seconds"
            )
        if type(attempts) is not int or attempts < 1:
            raise ValueError(
                f"attempts is {attempts!r}: give a whole number, 1 or more"
            )
        self.server = server
        self.every = every
        self.patience = patience
        self.attempts = attempts
        self.backoff = backoff or AtOnce()
        self.budget = budget() if budget else None
        self.number = 0
        self.sends: dict[int, int] = {}  # of those that wait, how often each was sent

    def on_start(self) -> None:
        self.set_timer("next", self.every)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Reply(number) if number in self.sends:
                self.cancel_timer(f"late {number}")
                self.cancel_timer(f"again {number}")
                self.record(Heard(number, self.sends.pop(number)))

    def on_timer(self, name: str) -> None:
        match name.split():
            case ["next"]:
                self.number += 1
                self.sends[self.number] = 0
                if self.budget:
                    self.budget.earn()
                self.ask(self.number)
                self.set_timer("next", self.every)
            case ["late", number]:
                self.retry(int(number))
            case ["again", number]:
                self.ask(int(number))

    def ask(self, number: int) -> None:
        """Send a request, once more."""
        self.sends[number] += 1
        self.send(self.server, Request(self.id, number, READ))
        self.set_timer(f"late {number}", self.patience)

    def retry(self, number: int) -> None:
        """Send it again after a while, if it may be sent again."""
        if self.sends[number] < self.attempts and self.pays():
            wait = self.backoff.wait(self.sends[number])
            self.set_timer(f"again {number}", wait)
        else:
            self.record(GaveUp(number, self.sends.pop(number)))

    def pays(self) -> bool:
        """Pay for a retry: whether there was something to pay with."""
        return self.budget is None or self.budget.spend()


def crowded(
    load: float = 8.0,
    attempts: int = 3,
    *,
    capacity: float = 10.0,
    patience: float = 1.0,
    backoff: Backoff | None = None,
    budget: Callable[[], Budget] | None = None,
    queue: Callable[[], Line] = FirstCome,
    crowd: Callable[..., Node] = Crowd,
    server: Callable[..., Node] = QueueServer,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of a crowd and of the server that it asks.

    Parameters
    ----------
    load, capacity : float
        New requests a second, and answers a second.
    attempts, patience, backoff, budget
        As for `Crowd`.
    queue : callable
        As for `QueueServer`.
    crowd, server : callable
        The classes to use, such as a mutant.

    Raises
    ------
    ValueError
        If load or capacity is not above 0, or as for `Crowd`.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Heal, Partition
    >>> cut = [Partition((("crowd",), ("server",)), at=5), Heal(at=8)]
    >>> for load in (3, 8):
    ...     run = Cluster(crowded(load), faults=cut).run(until=30)
    ...     print(load, len([e for e in run.facts(Heard) if e.time > 25]))
    3 15
    8 0
    """
    if not load > 0 or not capacity > 0:
        raise ValueError(
            f"load is {load!r} and capacity {capacity!r}: give numbers above 0, a"
            " second"
        )
    return {
        "crowd": partial(
            crowd, "server", 1 / load, patience, attempts, backoff, budget
        ),
        "server": partial(server, 1 / capacity, queue),
    }


def stable_load(capacity: float, attempts: int) -> float:
    """Return the load below which every trigger is survived: ``capacity / attempts``.

    Examples
    --------
    >>> stable_load(10, 4)
    2.5

    Notes
    -----
    If the queue is longer than anybody waits, each request comes `attempts` times. A
    queue becomes shorter only if what comes is less than what is done. Back-off plays
    no part in it, because it moves sends and makes them no fewer.
    """
    return capacity / attempts


def comes_back(within: float, until: float, share: float = 0.9) -> Property:
    """Make the property that, some time after the last fault, requests are answered
    again.

    Parameters
    ----------
    within, until : float
        How long after the last fault, and how long the run was let run, in seconds.
    share : float
        Of the requests that end after that, the part that must have been answered.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, judge
    >>> quiet = Cluster(crowded()).run(until=20)
    >>> judge(quiet, [comes_back(5, until=20)])[0].verdict
    'holds'
    """

    def rule(trace: Trace) -> str | Unknown | None:
        begins = last_fault(trace) + within
        if begins >= until - 1:
            return Unknown(
                f"the run ended less than {within + 1:g} s after the last fault"
            )
        ends = trace.facts((Heard, GaveUp))
        late = [event.what for event in ends if event.time >= begins]
        if not late:
            return Unknown(f"no request ended later than {begins:g} s")
        good = sum(isinstance(what, Heard) for what in late)
        if good < share * len(late):
            return (
                f"of {len(late)} requests that ended later than {begins:g} s, {good}"
                " were answered"
            )
        return None

    return Property("comes back", rule, liveness=True)
