"""SWIM: every node watches the group, and no node has much to do.

Once a *period* each member pings one other. If no acknowledgement comes in time, it
asks k others to ping on its behalf; if none has come by the end of the period, it
*suspects* that member, and takes it for dead if nobody denies that for a while. What is
learned travels on the pings and acknowledgements, so the load of a node does not grow
with the group (Das, Gupta and Motivala 2002).

A member has an *incarnation number*, which it alone raises: to deny that it is suspect.
Of two updates about a member the one with the higher (incarnation, status) is newer.
Here a higher incarnation beats even *dead*, and the dead are pinged in their turn, as
systems in production do in one way or another: a node that was cut off or restarted
comes back. The paper forgets it.

A node that is slow itself takes everybody else for dead. Lifeguard gives it a score of
its own health, and more time while that is bad (Dadgar, Phillips and Currey 2017).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import Any, Protocol

from ftlib.detection.heartbeat import Trusts
from ftlib.detection.time_out import Suspects
from ftlib.simulation import Node

__all__ = [
    "Acknowledge",
    "Doubts",
    "LocalHealth",
    "Member",
    "Ping",
    "PingRequest",
    "Status",
    "Steady",
    "Update",
    "swimmers",
]

DEAD = "dead "  # a timer's name, before that of the member that is suspect
MOST = 6  # updates on a message
WORST = 8  # of local health; Lifeguard's S


class Status(IntEnum):
    """What is thought of a member, what is harder to deny last."""

    ALIVE = 0
    SUSPECT = 1
    DEAD = 2


@dataclass(frozen=True, slots=True)
class Update:
    """What is thought of a member in one of its incarnations."""

    node: str
    status: Status
    incarnation: int

    def newer(self, other: "Update") -> bool:
        """Whether this one is the truth if both were said."""
        return (self.incarnation, self.status) > (other.incarnation, other.status)


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you alive? On behalf of another member, if one is named."""

    number: int
    behalf: str
    updates: tuple[Update, ...]


@dataclass(frozen=True, slots=True)
class PingRequest:
    """Ping that member on my behalf."""

    number: int
    node: str
    updates: tuple[Update, ...]


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """I am alive: the answer to the ping `number` of `behalf`."""

    number: int
    behalf: str
    updates: tuple[Update, ...]


@dataclass(frozen=True, slots=True)
class Doubts:
    """Fact: this member suspects `node`, which may still deny it. When it takes it for
    dead it records `Suspects`, as all detectors of this room.
    """

    node: str


class Health(Protocol):
    """How far a member trusts itself."""

    @property
    def pace(self) -> int:
        """How many times as long it waits."""

    def went(self, well: bool) -> None:
        """Take note of a probe that was answered, or not, or of a suspicion of
        itself.
        """


@dataclass
class Steady:
    """A part: a member that takes itself for healthy, as in the paper of SWIM."""

    pace: int = 1

    def went(self, well: bool) -> None:
        """Learn nothing from it."""


@dataclass
class LocalHealth:
    """A part: the local health of Lifeguard. Who has no answers, and is suspected by
    others, may be the slow one; it then waits longer for the others.

    Examples
    --------
    >>> health = LocalHealth()
    >>> health.went(well=False)
    >>> health.pace
    2
    """

    score: int = 0

    @property
    def pace(self) -> int:
        """How many times as long the member waits, 1 to 9."""
        return self.score + 1

    def went(self, well: bool) -> None:
        """Take note of a probe that was answered, or not, or of a suspicion of
        itself.
        """
        self.score = min(WORST, max(0, self.score + (-1 if well else 1)))


@dataclass
class News:
    """A part: what is to be passed on, and how many times more, least told first."""

    times: int
    left: dict[str, int] = field(default_factory=dict)

    def add(self, node: str) -> None:
        """Pass on anew what is thought of a member."""
        self.left[node] = self.times

    def take(self) -> list[str]:
        """Name those of whom a message tells, and count that."""
        if not self.left:
            return []
        first = sorted(self.left, key=lambda node: (-self.left[node], node))[:MOST]
        for node in first:
            self.left[node] -= 1
            if not self.left[node]:
                del self.left[node]
        return first


class Member(Node):
    """One of the group.

    Parameters
    ----------
    others : tuple of str
        The rest of the group.
    period, wait : float
        How often it pings, and how long it waits for an answer before it asks others,
        in seconds.
    helpers : int
        How many it asks, the paper's k.
    suspicion : float
        For how long a suspicion may be denied, in seconds.
    times : int
        How often it passes on an update.
    health : callable
        Makes the part that says how far it trusts itself.

    Raises
    ------
    ValueError
        If it would not wait, or would wait beyond its period.
    """

    MESSAGES = (Ping, PingRequest, Acknowledge)
    FACTS = (Doubts, Suspects, Trusts)

    def __init__(
        self,
        others: tuple[str, ...],
        period: float,
        wait: float,
        helpers: int,
        suspicion: float,
        times: int,
        health: Callable[[], Health] = Steady,
    ) -> None:
        if not 0 < wait < period:
            raise ValueError(
                f"wait is {wait!r} and period {period!r}: give seconds, 0 < wait <"
                " period"
            )
        self.others, self.period, self.wait = others, period, wait
        self.helpers, self.suspicion = helpers, suspicion
        self.health = health()
        self.news = News(times)
        self.incarnation = 0
        self.heard: dict[str, Update] = {}  # of all others: alive, incarnation 0
        self.turn: list[str] = []  # whom to ping before anybody is pinged again
        self.number = 0
        self.probed = ""  # who has not answered in this period

    def on_start(self) -> None:
        for each in self.others:
            self.record(Trusts(each))
        self.set_timer("period", self.period)

    def on_timer(self, name: str) -> None:
        if name == "period":
            self.end_period()
            self.probe()
        elif name == "wait":
            if self.probed:
                self.ask_others()
        else:
            self.confirm(name.removeprefix(DEAD))

    def on_message(self, sender: str, message: Any) -> None:
        for update in message.updates:
            self.learn(update)
        match message:
            case Ping(number, behalf):
                answer = Acknowledge(number, behalf, self.told(sender))
                self.send(sender, answer)
            case PingRequest(number, node):
                self.send(node, Ping(number, sender, self.told(node)))
            case Acknowledge(number, behalf) if behalf != self.id:
                self.send(behalf, Acknowledge(number, behalf, self.told(behalf)))
            case Acknowledge(number) if number == self.number:
                self.probed = ""

    # Pinging --------------------------------------------------------------------------

    def probe(self) -> None:
        """Ping the next in turn: each once, in an order of chance, then all anew."""
        pace = self.health.pace
        self.set_timer("period", self.period * pace)
        if not self.turn:
            self.turn = list(self.others)
        place = self.choose(range(len(self.turn)))
        self.turn[place], self.turn[-1] = self.turn[-1], self.turn[place]
        self.probed = self.turn.pop()
        self.number += 1
        self.send(self.probed, Ping(self.number, self.id, self.told(self.probed)))
        self.set_timer("wait", self.wait * pace)

    def ask_others(self) -> None:
        """Let k others ping: what was lost may have been lost between us two."""
        rest = [each for each in self.others if each != self.probed]
        for _ in range(min(self.helpers, len(rest))):
            helper = rest.pop(self.choose(range(len(rest))))
            told = self.told(helper)
            self.send(helper, PingRequest(self.number, self.probed, told))

    def end_period(self) -> None:
        """Suspect whoever has not answered, neither us nor a helper."""
        if not self.number:
            return
        if self.view(self.probed or self.id).status != Status.DEAD:
            self.health.went(well=not self.probed)
        if self.probed:
            known = self.view(self.probed)
            self.learn(Update(self.probed, Status.SUSPECT, known.incarnation))

    def confirm(self, node: str) -> None:
        """Take for dead who has not denied it."""
        self.learn(Update(node, Status.DEAD, self.view(node).incarnation))

    # What is thought of whom ----------------------------------------------------------

    def view(self, node: str) -> Update:
        """What this member thinks of another."""
        return self.heard.get(node) or Update(node, Status.ALIVE, 0)

    def told(self, to: str) -> tuple[Update, ...]:
        """Piggy-back updates: first what is thought of the receiver if it should deny
        that, then what was told least often.
        """
        updates = [self.view(to)] if self.view(to).status else []
        for node in self.news.take():
            if node == self.id:
                updates.append(Update(node, Status.ALIVE, self.incarnation))
            elif node != to:
                updates.append(self.view(node))
        return tuple(updates)

    def learn(self, update: Update) -> None:
        """Believe an update if it is newer, and pass it on."""
        node = update.node
        if node == self.id:
            self.deny(update)
            return
        before = self.view(node)
        if not update.newer(before):
            return
        self.heard[node] = update
        self.news.add(node)
        self.cancel_timer(DEAD + node)
        if update.status == Status.SUSPECT:
            self.set_timer(DEAD + node, self.suspicion)
            self.record(Doubts(node))
        if update.status == Status.DEAD and before.status != Status.DEAD:
            self.record(Suspects(node))
        elif update.status != Status.DEAD and before.status == Status.DEAD:
            self.record(Trusts(node))

    def deny(self, update: Update) -> None:
        """Raise the incarnation, so that what is said of this member becomes old."""
        if update.status != Status.ALIVE and update.incarnation >= self.incarnation:
            self.incarnation = update.incarnation + 1
            self.news.add(self.id)
            self.health.went(well=False)


def swimmers(
    members: int = 4,
    period: float = 0.2,
    wait: float = 0.05,
    helpers: int = 2,
    patience: float = 1.0,
    *,
    health: Callable[[], Health] = Steady,
    member: Callable[..., Node] = Member,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of a group, m1, m2, and so on.

    Parameters
    ----------
    members : int
        How many.
    period, wait, helpers
        As for `Member`.
    patience : float
        A suspicion lasts so many periods, times the binary logarithm of the group's
        size.
    health : callable
        `Steady` for SWIM as it was, `LocalHealth` for Lifeguard.
    member : callable
        The class to use, such as a mutant; called as `Member` is.

    Returns
    -------
    dict from id to factory

    Raises
    ------
    ValueError
        If there are fewer than two.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Crash
    >>> trace = Cluster(swimmers(), faults=[Crash("m4", at=0.5)]).run(until=5)
    >>> [(event.node, event.what.node) for event in trace.facts(Suspects)]
    [('m1', 'm4'), ('m3', 'm4'), ('m2', 'm4')]

    Notes
    -----
    A member sends one ping and answers one a period, in the mean, and a few more for
    each failure, however many there are. A crash is first noticed after e/(e - 1)
    periods in the limit, and by whoever it is within 2n - 3; news is with everybody
    after O(log n) periods.
    """
    if members < 2:
        raise ValueError(f"members is {members!r}: give 2 or more")
    names = tuple(f"m{number + 1}" for number in range(members))
    rounds = math.ceil(math.log2(members + 1))
    return {
        name: partial(
            member,
            tuple(each for each in names if each != name),
            period,
            wait,
            helpers,
            patience * rounds * period,
            3 * rounds,
            health,
        )
        for name in names
    }
