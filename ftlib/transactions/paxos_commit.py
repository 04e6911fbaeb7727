"""Paxos Commit: two-phase commit whose coordinator may crash, because what it knew is
on a majority of acceptors (Gray and Lamport 2006, "Consensus on transaction commit").

Each resource manager has an instance of Paxos that chooses whether it is *prepared* or
*aborted*. It proposes that itself, with ballot 0, which nobody else uses; so it needs
no phase 1. The transaction commits if every instance has chosen prepared. F + 1 of 2F +
1 acceptors make a choice, so F of them may be down.

A *leader* asks the resource managers to prepare, hears from the acceptors, and tells
the outcome. It knows nothing that the acceptors do not: when it crashes, another leader
begins a higher ballot in all instances, takes over what may have been chosen, and
proposes aborted where nothing can have been. Two leaders at once cannot disagree; they
can only hold each other up.

With F = 0 and the acceptor on the leader's machine this is two-phase commit. What
differs from the paper is how messages are bundled: a leader's ballot always concerns
all instances of a transaction, so an acceptor promises it for all of them together.
"""

from collections.abc import Iterable
from typing import Any

from ftlib.consensus.paxos import Proposal, bound_by
from ftlib.simulation import Node
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    Began,
    Decided,
    Outcome,
    Voted,
)
from ftlib.transactions.messages import Decision
from ftlib.transactions.paxos_commit_messages import (
    ABORTED,
    PREPARED,
    Inquiry,
    Names,
    Phase1a,
    Phase1b,
    Phase2a,
    Phase2b,
    Prepare,
    outcome_of,
)

__all__ = ["Acceptor", "Leader", "ResourceManager"]


class ResourceManager(Node):
    """A participant: it votes by a proposal of its own.

    Parameters
    ----------
    acceptors, leaders : tuple of str
    vote : {"yes", "no", "silent"}
        What it does when it is asked to prepare.
    patience : float
        How long to stay in doubt before asking the leaders, in seconds.

    Notes
    -----
    One forced write for its vote, one for a commit.
    """

    MESSAGES = (Phase2a, Inquiry)
    FACTS = (Voted, Decided)

    def __init__(
        self,
        acceptors: Names,
        leaders: Names,
        vote: str = "yes",
        patience: float = 0.6,
    ) -> None:
        if vote not in ("yes", "no", "silent"):
            raise ValueError(f"vote is {vote!r}: choose 'yes', 'no' or 'silent'")
        self.acceptors = acceptors
        self.leaders = leaders
        self.vote = vote
        self.patience = patience

    def on_start(self) -> None:
        for key in self.disk.keys("txn "):
            txn = key.removeprefix("txn ")
            match self.disk.read(key)[0]:
                case "prepared":
                    self.record(Voted(txn, "yes"))
                    self.in_doubt(txn)
                case outcome:
                    self.record(Decided(txn, outcome))

    def on_message(self, sender: str, message: Any) -> None:
        match message:
            case Prepare(txn, managers) if self.vote != "silent":
                self.prepare(txn, managers)
            case Decision(txn, outcome):
                self.learn(txn, outcome)

    def prepare(self, txn: str, managers: Names) -> None:
        """Vote, durably, and propose that with ballot 0."""
        state = self.log(txn)
        if state == "working" and self.vote == "yes":
            self.write(txn, PREPARED, managers)
            self.record(Voted(txn, "yes"))
            self.set_timer(f"doubt {txn}", self.patience)
        elif state == "working":
            self.write(txn, ABORT, managers)
            self.record(Voted(txn, "no"))
            self.record(Decided(txn, ABORT))
        if state != COMMIT:
            value = PREPARED if self.log(txn) == PREPARED else ABORTED
            for acceptor in self.acceptors[: len(self.acceptors) // 2 + 1]:
                self.send(acceptor, Phase2a(txn, 0, ((self.id, value),), managers))

    def learn(self, txn: str, outcome: Outcome) -> None:
        """Act on the outcome, once."""
        if self.log(txn) in ("working", PREPARED):
            self.write(txn, outcome, ())
            self.record(Decided(txn, outcome))
            self.cancel_timer(f"doubt {txn}")

    def log(self, txn: str) -> str:
        state: str = self.disk.read(f"txn {txn}", ("working", ()))[0]
        return state

    def write(self, txn: str, state: str, managers: Names) -> None:
        self.disk.write(f"txn {txn}", (state, managers))
        self.disk.force()

    def on_timer(self, name: str) -> None:
        self.in_doubt(name.removeprefix("doubt "))

    def in_doubt(self, txn: str) -> None:
        """Ask every leader: one that does not know finds out."""
        _, managers = self.disk.read(f"txn {txn}")
        for leader in self.leaders:
            self.send(leader, Inquiry(txn, managers))
        self.set_timer(f"doubt {txn}", self.patience)


class Acceptor(Node):
    """An acceptor of all instances.

    Parameters
    ----------
    learners : tuple of str
        Who is told of what it accepts with ballot 0; of higher ones, whose they are.

    Notes
    -----
    One forced write a transaction, where nothing fails: what it hears of before it has
    heard of all is written, and forced together.
    """

    MESSAGES = (Phase1b, Phase2b)

    def __init__(self, learners: Names) -> None:
        self.learners = learners

    def on_message(self, sender: str, message: Any) -> None:
        match message:
            case Phase1a(txn, ballot):
                promised, accepted = self.log(txn)
                if ballot > promised:
                    self.keep(txn, ballot, accepted)
                    told = tuple(sorted(accepted.items()))
                    self.send(sender, Phase1b(txn, ballot, told))
            case Phase2a(txn, ballot):
                if ballot >= self.log(txn)[0]:
                    self.accept(sender, message)

    def accept(self, sender: str, message: Phase2a) -> None:
        """Accept; report when all instances of the ballot are there, or one is
        aborted.
        """
        txn, ballot = message.txn, message.ballot
        accepted = self.log(txn)[1]
        accepted |= {each: Proposal(ballot, value) for each, value in message.values}
        values = tuple(
            (each, proposal.value) for each, proposal in sorted(accepted.items())
        )  # all of this ballot: a leader's is always of all instances
        complete = len(values) == len(message.managers)
        if not complete and ABORTED not in dict(values).values():
            self.disk.write(f"txn {txn}", (ballot, accepted))
            return
        self.keep(txn, ballot, accepted)
        for learner in self.learners if ballot == 0 else (sender,):
            self.send(learner, Phase2b(txn, ballot, values, message.managers))

    def log(self, txn: str) -> tuple[int, dict[str, Proposal]]:
        """Return the ballot that was promised, and what was accepted."""
        promised, accepted = self.disk.read(f"txn {txn}", (0, {}))
        return promised, accepted

    def keep(self, txn: str, ballot: int, accepted: dict[str, Proposal]) -> None:
        self.disk.write(f"txn {txn}", (ballot, accepted))
        self.disk.force()


class Leader(Node):
    """A leader: the first begins the transactions, any of them can end them.

    Parameters
    ----------
    place : int
        Which of the leaders it is, from 1 on: its first ballot. The next is higher by
        how many there are.
    leaders : int
        How many there are.
    acceptors : tuple of str
    transactions : tuple of (name, tuple of str)
        What it begins, each with its resource managers.
    patience : (float, float)
        After how long without an outcome it begins a ballot, in seconds; drawn anew
        each time, so that two leaders do not outbid each other for ever.

    Notes
    -----
    It forces nothing where nothing fails, and one write for each ballot that it begins.
    One more forced write at its first start marks the disk as used.
    """

    MESSAGES = (Prepare, Phase1a, Phase2a, Decision)
    FACTS = (Began, Decided)

    def __init__(
        self,
        place: int,
        leaders: int,
        acceptors: Names,
        transactions: tuple[tuple[str, Names], ...] = (),
        patience: tuple[float, float] = (0.3, 0.5),
    ) -> None:
        self.place = place
        self.leaders = leaders
        self.acceptors = acceptors
        self.transactions = transactions
        self.patience = patience
        self.enough = len(acceptors) // 2 + 1
        self.managers: dict[str, Names] = {}  # of what it is to find out
        self.promises: dict[str, dict[str, dict[str, Proposal]]] = {}
        self.heard: dict[str, dict[str, Phase2b]] = {}  # last, of each acceptor
        self.outcomes: dict[str, Outcome] = {}

    def on_start(self) -> None:
        if self.transactions and not self.disk.read("started"):
            self.disk.write("started", True)
            self.disk.force()
            for txn, managers in self.transactions:
                self.begin(txn, managers)

    def begin(self, txn: str, managers: Names) -> None:
        self.record(Began(txn, managers))
        self.lead(txn, managers)
        for manager in managers:
            self.send(manager, Prepare(txn, managers))

    def lead(self, txn: str, managers: Names) -> None:
        """Wait for the outcome, but not for ever."""
        self.managers[txn] = managers
        self.set_timer(f"ballot {txn}", self.patience)

    def on_message(self, sender: str, message: Any) -> None:
        match message:
            case Phase2b(txn, ballot) if txn in self.managers:
                last = self.heard.setdefault(txn, {}).get(sender)
                if last is None or ballot >= last.ballot:
                    self.heard[txn][sender] = message
                    self.count(txn)
            case Phase1b(txn, ballot, accepted) if ballot == self.ballot(txn):
                self.promised(txn, sender, dict(accepted))
            case Inquiry(txn, managers):
                if txn in self.outcomes:
                    self.send(sender, Decision(txn, self.outcomes[txn]))
                elif txn not in self.managers:
                    self.managers[txn] = managers
                    self.phase_1(txn)

    def on_timer(self, name: str) -> None:
        self.phase_1(name.removeprefix("ballot "))

    def ballot(self, txn: str) -> int:
        """Return the last ballot that it has begun; 0, which is no leader's, if none
        was.
        """
        ballot: int = self.disk.read(f"ballot {txn}", 0)
        return ballot

    def phase_1(self, txn: str) -> None:
        """Begin a higher ballot in all instances."""
        last = self.ballot(txn)
        ballot = last + self.leaders if last else self.place
        self.disk.write(f"ballot {txn}", ballot)
        self.disk.force()
        self.promises[txn] = {}
        for acceptor in self.acceptors:
            self.send(acceptor, Phase1a(txn, ballot))
        self.lead(txn, self.managers[txn])

    def promised(self, txn: str, acceptor: str, accepted: dict[str, Proposal]) -> None:
        """With a majority of promises: propose of each instance what it is bound by,
        or aborted where it is free.
        """
        promises = self.promises.get(txn)
        if promises is None or len(promises) == self.enough:
            return
        promises[acceptor] = accepted
        if len(promises) == self.enough:
            managers = self.managers[txn]
            values = tuple(
                (manager, self.value(each.get(manager) for each in promises.values()))
                for manager in managers
            )
            for each in self.acceptors:
                self.send(each, Phase2a(txn, self.ballot(txn), values, managers))

    def value(self, accepted: Iterable[Proposal | None]) -> str:
        """Return what to propose in one instance."""
        bound = bound_by(accepted)
        return bound.value if bound else ABORTED

    def count(self, txn: str) -> None:
        """Decide as soon as it is chosen, and tell everybody."""
        outcome = outcome_of(self.heard[txn].values(), self.enough)
        if outcome and txn not in self.outcomes:
            self.decide(txn, outcome)

    def decide(self, txn: str, outcome: Outcome) -> None:
        self.outcomes[txn] = outcome
        self.cancel_timer(f"ballot {txn}")
        self.record(Decided(txn, outcome))
        for manager in self.managers[txn]:
            self.send(manager, Decision(txn, outcome))
