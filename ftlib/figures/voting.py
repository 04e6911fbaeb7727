"""A small consensus protocol, for chapter 7.3.1: that of Ben-Or (1983), for crashes.

Each server begins with a value, 0 or 1. In each round it *reports* its value to all,
and waits for the reports of a majority. If they are all equal, it *proposes* that value
to all, else nothing, and waits for the proposals of a majority. If they all name a
value, the server *decides* it; if some do, it takes it over; if none does, a rule says
with which value it goes on.

Two values are never proposed in one round, because any two majorities share a server,
and that reports one value. If a server decides, every other one hears of the value and
takes it over, for the same reason. Whether anybody ever decides depends on the rule,
and on who is heard first.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Any

from ftlib.services import majority
from ftlib.simulation import Broken, Cluster, Deliver, Event, Node, Trace, monitor, play
from ftlib.simulation.script import Player, pending

__all__ = [
    "SERVERS",
    "Decided",
    "Flips",
    "Largest",
    "Left",
    "Proposal",
    "Report",
    "Run",
    "Turns",
    "Voter",
    "agreement",
    "flipped",
    "handed_on",
    "one_round",
    "orders",
    "prolonged",
    "rounds_needed",
    "undecided",
    "voters",
]


@dataclass(frozen=True, slots=True)
class Report:
    """What a server would like."""

    round: int
    value: int

    @property
    def step(self) -> int:
        """Reports come before the proposals of the same round."""
        return 2 * self.round


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a majority would like, or None if the sender has heard both values."""

    round: int
    value: int | None

    @property
    def step(self) -> int:
        """Proposals come after the reports of the same round."""
        return 2 * self.round + 1


@dataclass(frozen=True, slots=True)
class Decided:
    """Fact: a server has decided, for good."""

    value: int


@dataclass(frozen=True, slots=True)
class Left:
    """Fact: a server has left a round, and goes on with a value."""

    round: int
    value: int


class Voter(Node):
    """A server that is to decide 0 or 1, as all others do.

    Parameters
    ----------
    servers : tuple of str
        All of them, itself among them.
    value : int
        What it would like at first.
    rounds : int
        After how many it stops, so that all runs can be explored.
    """

    MESSAGES: tuple[type, ...] = (Report, Proposal)
    FACTS: tuple[type, ...] = (Decided, Left)

    def __init__(self, servers: tuple[str, ...], value: int, rounds: int) -> None:
        self.servers, self.value, self.rounds = servers, value, rounds
        self.step = 0  # whose messages it waits for
        self.heard: dict[int, list[int | None]] = {}
        self.reports: list[int] = []
        self.decided = False

    def on_start(self) -> None:
        """Begin with the own value."""
        self.tell(Report(1, self.value))

    def tell(self, message: Report | Proposal) -> None:
        """Say it to all, itself among them, and wait for a majority."""
        self.step = message.step
        for each in self.servers:
            if each != self.id:
                self.send(each, message)
        self.on_message(self.id, message)

    def on_message(self, sender: str, message: Any) -> None:
        """Keep what is said, until a majority has."""
        if message.step < self.step:
            return  # a majority has been heard without it
        self.heard.setdefault(message.step, []).append(message.value)
        enough = majority(len(self.servers))
        if len(self.heard.get(self.step, [])) >= enough:
            self.count(self.step // 2, self.heard.pop(self.step)[:enough])

    def count(self, number: int, said: list[Any]) -> None:
        """Propose what the reports say, or decide what the proposals say."""
        same = said[0] if len(set(said)) == 1 else None
        if self.step == 2 * number:  # these are reports
            self.reports = said
            self.tell(Proposal(number, same))
            return
        named = [value for value in said if value is not None]
        self.value = named[0] if named else self.open(number)
        last = self.decided or number == self.rounds
        if same is not None and not self.decided:
            self.decided = True
            self.record(Decided(same))
        self.record(Left(number, self.value))
        if last:
            self.step = 2 * self.rounds + 2  # whatever comes is too late
        else:
            self.tell(Report(number + 1, self.value))

    def open(self, number: int) -> int:
        """Say with which value to go on if no proposal names one."""
        return self.value


class Largest(Voter):
    """Goes on with the largest value that was reported to it."""

    def open(self, number: int) -> int:
        """Choose among the reports of this round."""
        return max(self.reports)


class Turns(Voter):
    """Goes on with 1 after an odd round, and with 0 after an even one."""

    def open(self, number: int) -> int:
        """Take turns."""
        return number % 2


class Flips(Voter):
    """Flips a coin."""

    def open(self, number: int) -> int:
        """Leave it to chance."""
        return self.choose((0, 1))


def voters(
    values: Iterable[int], kind: Callable[..., Node] = Largest, rounds: int = 99
) -> dict[str, Callable[[], Node]]:
    """Make the factories of servers s1, s2, ..., one for each value.

    Examples
    --------
    >>> sorted(voters((0, 0, 1)))
    ['s1', 's2', 's3']
    """
    values = tuple(values)
    names = tuple(f"s{number}" for number in range(1, len(values) + 1))
    return {
        name: partial(kind, names, value, rounds)
        for name, value in zip(names, values, strict=True)
    }


def _agreement(known: int | None, event: Event) -> int | Broken | None:
    """Remembers what was decided."""
    match event.what:
        case Decided(value) if known is not None and value != known:
            return Broken(f"{event.node} decides {value}, and another one {known}")
        case Decided(value):
            return value
    return known


agreement = monitor("agreement", None, _agreement, kinds=("fact",))
"""That no two servers decide differently."""


def _handed_on(known: frozenset[Any], event: Event) -> Any:
    """Remembers what was decided, and with what servers have left the round."""
    match event.what:
        case Decided(value):
            known |= {("decided", value)}
        case Left(_, value):
            known |= {("left", value)}
    decided = sorted(value for kind, value in known if kind == "decided")
    others = sorted(value for kind, value in known if value not in decided)
    if decided and (others or len(decided) > 1):
        return Broken(f"{decided[0]} is decided, and somebody goes on with another")
    return known


handed_on = monitor("handed on", frozenset[Any](), _handed_on, kinds=("fact",))
"""That whoever leaves the first round leaves it with what anybody decides in it. This
is asked of one round alone.
"""


# Whom each server hears first ---------------------------------------------------------

Others = tuple[str, ...]  # whom s1, s2 and s3 hear first
SERVERS = "s1", "s2", "s3"
"""The three servers that an adversary plays with."""


def one_round(reports: Others, proposals: Others) -> list[Deliver]:
    """List the steps of a round of three servers: each hears one of the other two
    first, and the other one when the round is over.
    """
    first = [
        Deliver(kind, sender, server)
        for kind, heard in (("Report", reports), ("Proposal", proposals))
        for sender, server in zip(heard, SERVERS, strict=True)
    ]
    late = [
        Deliver(kind, sender, server)
        for kind in ("Report", "Proposal")
        for server in SERVERS
        for sender in SERVERS
        if sender != server and Deliver(kind, sender, server) not in first
    ]
    return first + late


def orders() -> Iterator[list[Deliver]]:
    """Yield all rounds that differ in who is heard first."""
    others = [[each for each in SERVERS if each != one] for one in SERVERS]
    for reports, proposals in product(product(*others), repeat=2):
        yield one_round(reports, proposals)


def undecided(trace: Trace) -> bool:
    """Tell whether nobody has decided, and both values are still there."""
    left = [event.what.value for event in trace.facts(Left)]
    return not trace.facts(Decided) and len(set(left[-len(SERVERS) :])) > 1


def prolonged(
    kind: type[Voter], values: tuple[int, ...], rounds: int
) -> list[Deliver] | None:
    """Find steps after which nobody has decided in so many rounds, although every
    message was delivered; None if there are none.

    Parameters
    ----------
    kind : type
        The servers, which must not choose by chance.
    values : tuple of int
        What the three of them would like.
    rounds : int
        How many.
    """

    def go(script: list[Deliver], more: int) -> list[Deliver] | None:
        if not more:
            return script
        for order in orders():
            longer = [*script, *order]
            if undecided(play(Cluster(voters(values, kind)), longer)):
                found = go(longer, more - 1)
                if found is not None:
                    return found
        return None

    return go([], rounds)


def one_that_disagrees(values: tuple[int, ...]) -> list[Deliver]:
    """List the steps of a round in which each server hears first from one that would
    like the other value, if there is one.
    """
    heard = []
    for own, value in enumerate(values):
        others = [each for each in range(len(values)) if each != own]
        heard.append(SERVERS[min(others, key=lambda each: values[each] == value)])
    return one_round(tuple(heard), tuple(heard))


class Run:
    """Servers that are played round by round, by an adversary or left alone.

    Parameters
    ----------
    kind : type
        The servers.
    values : tuple of int
        What they would like at first.
    seed : int
        For those that flip coins.
    """

    def __init__(
        self, kind: type[Voter], values: tuple[int, ...], seed: int = 0
    ) -> None:
        self.cluster = Cluster(voters(values, kind), seed=seed)
        self.player = Player(self.cluster)
        self.first = values

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return self.cluster.trace

    @property
    def decided(self) -> int:
        """How many servers have decided."""
        return len(self.trace.facts(Decided))

    @property
    def values(self) -> tuple[int, ...]:
        """What the servers would like now."""
        now = dict(zip(SERVERS, self.first, strict=True))
        for event in self.trace.facts(Left):
            now[event.node] = event.what.value
        return tuple(now.values())

    def take(self, steps: Iterable[Deliver]) -> None:
        """Deliver what these say."""
        for step in steps:
            self.player.take(step)

    def let_go(self) -> int:
        """Deliver what has been under way for longest, until all have decided; return
        how many messages that took.
        """
        count = 0
        while self.decided < len(SERVERS):
            sender, receiver, message = pending(self.cluster)[0]
            self.take([Deliver(type(message).__name__, sender, receiver)])
            count += 1
        return count


def flipped(seed: int, rounds: int, values: tuple[int, ...] = (0, 0, 1)) -> Run:
    """Play servers that flip coins against an adversary that shows each of them one
    that disagrees. It knows the values at the beginning of a round, no coin to come.
    """
    run = Run(Flips, values, seed)
    for _ in range(rounds):
        if run.decided == len(SERVERS):
            break
        run.take(one_that_disagrees(run.values))
    return run


@cache
def rounds_needed(seeds: int, rounds: int) -> tuple[int, ...]:
    """Count for each of so many seeds the rounds until somebody has decided against
    that adversary; one more than `rounds` if nobody has.
    """
    found = []
    for seed in range(seeds):
        facts = flipped(seed, rounds).trace.facts((Decided, Left))
        ends = [n for n, event in enumerate(facts) if isinstance(event.what, Decided)]
        found.append(facts[ends[0] + 1].what.round if ends else rounds + 1)
    return tuple(found)
