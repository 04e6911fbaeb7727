"""Mutants of Paxos Commit: each makes one mistake, and each breaks one promise."""

from collections.abc import Iterable

from ftlib.consensus.paxos import Proposal
from ftlib.simulation import Crash, Duplicate, Lose, Node, Recover, Schedule
from ftlib.simulation.promises import casting
from ftlib.transactions.atomic_commit import ABORT, Decided, Outcome
from ftlib.transactions.paxos_commit import Acceptor, Leader, ResourceManager
from ftlib.transactions.paxos_commit_messages import (
    ABORTED,
    PREPARED,
)
from ftlib.transactions.paxos_commit_nodes import paxos_commit_nodes

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AbortsInDoubt",
    "AcceptsAnything",
    "AlwaysAborts",
    "AsksTheFirstLeader",
    "ChangesItsMind",
    "DecidesByOneAcceptor",
    "ForgetsItsVote",
    "IgnoresWhatWasAccepted",
    "ProposesPrepared",
    "RepliesFromMemory",
    "mutated",
]


class AbortsInDoubt(ResourceManager):
    """Takes silence for refusal: aborts when it has to ask for the outcome, though it
    has voted yes.
    """

    def on_timer(self, name: str) -> None:
        super().on_timer(name)
        self.learn(name.removeprefix("doubt "), ABORT)


class ForgetsItsVote(ResourceManager):
    """Recovers without looking at its log: asked again, it refuses what it has
    promised.
    """

    def on_start(self) -> None:
        for key in self.disk.keys("txn "):
            self.disk.delete(key)
            self.vote = "no"


class ChangesItsMind(ResourceManager):
    """Aborts as soon as it has to ask for the outcome, and commits when it comes."""

    def on_timer(self, name: str) -> None:
        super().on_timer(name)
        self.record(Decided(name.removeprefix("doubt "), ABORT))


class AsksTheFirstLeader(ResourceManager):
    """Asks in doubt only the leader that began, and waits until it is mended."""

    def in_doubt(self, txn: str) -> None:
        self.leaders = self.leaders[:1]
        super().in_doubt(txn)


class AcceptsAnything(Acceptor):
    """Accepts every proposal, whatever it has promised."""

    def log(self, txn: str) -> tuple[int, dict[str, Proposal]]:
        return 0, super().log(txn)[1]


class RepliesFromMemory(Acceptor):
    """Responds, and forces nothing."""

    def keep(self, txn: str, ballot: int, accepted: dict[str, Proposal]) -> None:
        self.disk.write(f"txn {txn}", (ballot, accepted))


class IgnoresWhatWasAccepted(Leader):
    """Proposes to abort when the time is up, whatever the acceptors have accepted: as
    if the time-out of two-phase commit were still its own to take.
    """

    def value(self, accepted: Iterable[Proposal | None]) -> str:
        return ABORTED


class ProposesPrepared(Leader):
    """Takes silence for consent: proposes prepared where an instance is free."""

    def value(self, accepted: Iterable[Proposal | None]) -> str:
        told = [each.value for each in accepted if each]
        return told[0] if told else PREPARED


class DecidesByOneAcceptor(Leader):
    """Takes for chosen what one acceptor has accepted."""

    def count(self, txn: str) -> None:
        enough, self.enough = self.enough, 1
        super().count(txn)
        self.enough = enough


class AlwaysAborts(Leader):
    """Never commits, and so never disagrees with anybody: safe, and useless."""

    def decide(self, txn: str, outcome: Outcome) -> None:
        super().decide(txn, ABORT)


RESTARTED = [Crash("p1", at=0.025), Recover("p1", at=0.03)]

SHOWN_BY: dict[type[Node], tuple[str, Schedule, str]] = {
    AbortsInDoubt: ("yy", Schedule([Crash("l1", at=0.035)]), "agreement"),
    ForgetsItsVote: (
        "yy",
        Schedule([Duplicate("Prepare", "l1", "p1", later=0.05), *RESTARTED]),
        "agreement",
    ),
    ChangesItsMind: ("yy", Schedule([Lose("Decision", "l1", "p1")]), "stability"),
    AsksTheFirstLeader: ("yy", Schedule([Crash("l1", at=0.025)]), "non-blocking"),
    AcceptsAnything: ("yy", Schedule(), "agreement"),
    RepliesFromMemory: ("yy", Schedule(), "agreement"),
    IgnoresWhatWasAccepted: ("yy", Schedule([Crash("l1", at=0.035)]), "agreement"),
    ProposesPrepared: ("ys", Schedule(), "validity"),
    DecidesByOneAcceptor: ("yy", Schedule(), "agreement"),
    AlwaysAborts: ("yy", Schedule(), "non-triviality"),
}
"""What the group is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

mutated = casting(
    paxos_commit_nodes, manager=ResourceManager, acceptor=Acceptor, leader=Leader
)
