"""Paxos: servers agree on one value, as Lamport (2001, "Paxos made simple") has it.

*Proposers* propose values, *acceptors* choose one, *learners* learn which. A value is
*chosen* when enough acceptors have accepted one proposal, which is a value with a
number that no other proposal has. Before a proposer issues a proposal it asks the
acceptors to promise that they accept none with a lower number any more, and to say
which they have accepted. What may have been chosen it then proposes again, so that
whatever number wins, the value stays the same.

In the paper both phases need a majority. All that counts is that any acceptors that
answer in phase 1 and any that make a choice in phase 2 have one in common: `phase_1` of
them and `phase_2`, together more than there are (Howard, Malkhi and Spiegelman 2016,
"Flexible Paxos").
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.services import majority
from ftlib.simulation import Node

__all__ = [
    "Accept",
    "Accepted",
    "Acceptor",
    "Chosen",
    "Learner",
    "Prepare",
    "Promise",
    "Proposal",
    "Proposed",
    "Proposer",
    "bound_by",
    "paxos_nodes",
]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A number and a value."""

    n: int
    value: Any


@dataclass(frozen=True, slots=True)
class Prepare:
    """Proposer to acceptor: promise to accept no proposal numbered less than n."""

    n: int


@dataclass(frozen=True, slots=True)
class Promise:
    """Acceptor to proposer: promised; and the proposal with the highest number that it
    has accepted, if any.
    """

    n: int
    accepted: Proposal | None


@dataclass(frozen=True, slots=True)
class Accept:
    """Proposer to acceptor: accept this proposal."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Accepted:
    """Acceptor to learner, and fact: this acceptor has accepted the proposal."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Chosen:
    """Learner to proposer, and fact: this learner has learned that the value is
    chosen.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Proposed:
    """Fact: a client wants this proposer to propose a value."""

    value: Any


def bound_by(accepted: Iterable[Proposal | None]) -> Proposal | None:
    """Return the proposal with the highest number among those that acceptors say they
    have accepted: what binds whoever proposes next; None if he is free.
    """
    told = [proposal for proposal in accepted if proposal]
    return max(told, key=lambda proposal: proposal.n) if told else None


class Proposer(Node):
    """A process that wants a value to be chosen, or any other rather than none.

    Parameters
    ----------
    value
        What it proposes, where it is free to.
    place : int
        Which of the proposers it is, from 1 on: its first number. The next is higher by
        how many there are, so that no two ever use the same.
    proposers : int
        How many there are.
    acceptors : tuple of str
    phase_1 : int
        From how many acceptors it needs a promise.
    retry : (float, float)
        After how long it tries a higher number, in seconds; drawn anew each time, so
        that two proposers do not outbid each other for ever.

    Notes
    -----
    One forced write for each number it uses.
    """

    MESSAGES = (Prepare, Accept)
    FACTS = (Proposed,)

    def __init__(
        self,
        value: Any,
        place: int,
        proposers: int,
        acceptors: tuple[str, ...],
        phase_1: int,
        retry: tuple[float, float] = (0.1, 0.3),
    ) -> None:
        self.value = value
        self.place = place
        self.proposers = proposers
        self.acceptors = acceptors
        self.phase_1 = phase_1
        self.retry = retry
        self.n = 0  # the highest number that it has used, also on disk
        self.promises: dict[str, Proposal | None] = {}  # what each had accepted

    def on_start(self) -> None:
        self.record(Proposed(self.value))
        self.n = self.disk.read("n", 0)
        self.prepare()

    def on_timer(self, name: str) -> None:
        self.prepare()

    def prepare(self) -> None:
        """Phase 1 (a): choose a new number, and send it to the acceptors."""
        self.n = self.n + self.proposers if self.n else self.place
        self.disk.write("n", self.n)
        self.disk.force()
        self.promises = {}
        for acceptor in self.acceptors:
            self.send(acceptor, Prepare(self.n))
        self.set_timer("retry", self.retry)

    def on_message(self, sender: str, message: Any) -> None:
        match message:
            case Promise(n, accepted) if n == self.n:
                self.promised(sender, accepted)
            case Chosen():
                self.cancel_timer("retry")

    def promised(self, acceptor: str, accepted: Proposal | None) -> None:
        """Phase 2 (a): with promises enough, issue a proposal of this number."""
        if len(self.promises) == self.phase_1:
            return
        self.promises[acceptor] = accepted
        if len(self.promises) == self.phase_1:
            proposal = Proposal(self.n, self.free_or_bound())
            for each in self.acceptors:
                self.send(each, Accept(proposal))

    def free_or_bound(self) -> Any:
        """Return the value of the highest-numbered proposal among the answers, or its
        own if they report none.
        """
        bound = bound_by(self.promises.values())
        return bound.value if bound else self.value


class Acceptor(Node):
    """A process that promises, and accepts.

    Parameters
    ----------
    learners : tuple of str

    Notes
    -----
    One forced write for each promise, and for each proposal that it accepts. It must
    come back with its disk, or never.
    """

    MESSAGES = (Promise, Accepted)
    FACTS = (Accepted,)

    def __init__(self, learners: tuple[str, ...] = ()) -> None:
        self.learners = learners
        self.promised = 0  # the highest number that it has responded to
        self.accepted: Proposal | None = None  # with the highest number

    def on_start(self) -> None:
        self.promised, self.accepted = self.disk.read("acceptor", (0, None))

    def on_message(self, sender: str, message: Any) -> None:
        match message:
            case Prepare(n):
                self.prepare(sender, n)
            case Accept(proposal):
                self.accept(proposal)

    def prepare(self, proposer: str, n: int) -> None:
        """Phase 1 (b): promise, unless a number as high was promised before."""
        if n > self.promised:
            self.keep(n, self.accepted)
            self.send(proposer, Promise(n, self.accepted))

    def accept(self, proposal: Proposal) -> None:
        """Phase 2 (b): accept, unless a higher number was promised."""
        if proposal.n >= self.promised:
            self.keep(proposal.n, proposal)
            self.record(Accepted(proposal))
            for learner in self.learners:
                self.send(learner, Accepted(proposal))

    def keep(self, promised: int, accepted: Proposal | None) -> None:
        """Put on stable storage what it must not forget, before it responds."""
        self.promised, self.accepted = promised, accepted
        self.disk.write("acceptor", (promised, accepted))
        self.disk.force()


class Learner(Node):
    """A process that finds out which value is chosen.

    Parameters
    ----------
    proposers : tuple of str
        Whom it tells, so that they stop.
    phase_2 : int
        How many acceptors make a choice.
    """

    MESSAGES = (Chosen,)
    FACTS = (Chosen,)

    def __init__(self, proposers: tuple[str, ...], phase_2: int) -> None:
        self.proposers = proposers
        self.phase_2 = phase_2
        self.heard: dict[str, Proposal] = {}  # what each acceptor has accepted last

    def on_message(self, sender: str, message: Any) -> None:
        match message:
            case Accepted(proposal):
                last = self.heard.get(sender)
                if last is None or proposal.n > last.n:
                    self.heard[sender] = proposal
                    self.count(proposal)

    def count(self, proposal: Proposal) -> None:
        """Learn a value when enough acceptors have accepted the same proposal."""
        if list(self.heard.values()).count(proposal) == self.phase_2:
            self.learn(proposal.value)

    def learn(self, value: Any) -> None:
        self.record(Chosen(value))
        for proposer in self.proposers:
            self.send(proposer, Chosen(value))


def paxos_nodes(
    values: Iterable[Any] = ("x",),
    acceptors: int = 3,
    phase_1: int | None = None,
    phase_2: int | None = None,
    learners: int = 1,
    *,
    proposer: Callable[..., Node] = Proposer,
    acceptor: Callable[..., Node] = Acceptor,
    learner: Callable[..., Node] = Learner,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of a proposer p1, p2, ... for each value, of acceptors a1, a2,
    ... and of learners l1, l2, ...

    Parameters
    ----------
    values : iterable
        What each proposer proposes.
    acceptors, learners : int
        How many there are.
    phase_1, phase_2 : int, optional
        How many acceptors each phase needs, together more than there are; a majority if
        left out.
    proposer, acceptor, learner : callable
        The classes to use, such as a mutant; called as `Proposer`, `Acceptor` and
        `Learner` are.

    Returns
    -------
    dict from id to factory

    Raises
    ------
    ValueError
        If there is no proposer or no acceptor, or if the phases need more acceptors
        than there are, or so few that they need not meet.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> trace = Cluster(paxos_nodes("xy")).run(until=2)
    >>> {fact.what for fact in trace.facts(Chosen)}
    {Chosen(value='y')}
    """
    values = tuple(values)
    if not values:
        raise ValueError("values is empty: give one for each proposer")
    enough = majority(acceptors)
    first = enough if phase_1 is None else phase_1
    second = enough if phase_2 is None else phase_2
    if not (0 < first <= acceptors and 0 < second <= acceptors < first + second):
        raise ValueError(
            f"phase_1 is {first!r} and phase_2 is {second!r}: give two numbers from 1"
            f" to {acceptors} whose sum is above {acceptors}, else the acceptors of the"
            " one need not meet those of the other"
        )
    p, a, k = (
        tuple(f"{letter}{number}" for number in range(1, count + 1))
        for letter, count in (("p", len(values)), ("a", acceptors), ("l", learners))
    )
    nodes: dict[str, Callable[[], Node]] = {
        name: partial(proposer, value, place, len(p), a, first)
        for place, (name, value) in enumerate(zip(p, values, strict=True), 1)
    }
    nodes |= dict.fromkeys(a, partial(acceptor, k))
    return nodes | dict.fromkeys(k, partial(learner, p, second))
