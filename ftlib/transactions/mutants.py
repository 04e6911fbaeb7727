"""Mutants of two-phase commit: each makes one mistake, and each breaks one promise.

A check that no mistake can fail checks nothing. Every class here overrides one handler;
its docstring names the mistake. `SHOWN_BY` gives the smallest run that shows it: the
votes, the faults, and the property that is the first to be violated. What follows from
that is violated too, later or at the same event: where half the participants commit,
the total is not conserved.
"""

from ftlib.simulation import Crash, Lose, Node, Point, Recover, Schedule
from ftlib.simulation.promises import casting
from ftlib.transactions.atomic_commit import ABORT, COMMIT, Decided, Outcome
from ftlib.transactions.bank import bank
from ftlib.transactions.two_phase import Coordinator, Decision, Logged, Participant

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AbortsInDoubt",
    "AlwaysAborts",
    "CommitsInDoubt",
    "ForgetsItsVote",
    "KeepsNoLog",
    "OwnVoteDecides",
    "SendsBeforeForcing",
    "mutated",
]


class OwnVoteDecides(Coordinator):
    """The article's mistake: there is no global decision; each participant is told to
    do what it voted itself.
    """

    def count(self, txn: str) -> None:
        if len(self.votes[txn]) == len(self.transactions[txn].participants):
            self.cancel_timer(f"votes {txn}")
            for participant, vote in self.votes.pop(txn).items():
                self.send(
                    participant, Decision(txn, COMMIT if vote == "yes" else ABORT)
                )


class KeepsNoLog(Coordinator):
    """Decides in memory only: after a crash it presumes abort, though it may have told
    somebody to commit.
    """

    def decide(self, txn: str, outcome: Outcome) -> None:
        del self.votes[txn]
        self.cancel_timer(f"votes {txn}")
        self.record(Decided(txn, outcome))
        self.announce(txn, outcome, list(self.transactions[txn].participants))


class SendsBeforeForcing(Coordinator):
    """Sends the decision first and forces it afterwards: a crash in between leaves a
    commit that the log does not know.
    """

    def decide(self, txn: str, outcome: Outcome) -> None:
        del self.votes[txn]
        self.cancel_timer(f"votes {txn}")
        self.announce(txn, outcome, list(self.transactions[txn].participants))
        if outcome == COMMIT:
            self.disk.write(f"commit {txn}", self.transactions[txn].participants)
            self.disk.force()
        self.record(Decided(txn, outcome))


class AlwaysAborts(Coordinator):
    """Never commits, and so never disagrees with anybody: safe, and useless."""

    def decide(self, txn: str, outcome: Outcome) -> None:
        super().decide(txn, ABORT)


class ForgetsItsVote(Participant):
    """Recovers without looking at its log, and takes every transaction it had voted for
    as aborted.
    """

    def recover(self) -> None:
        for key in self.disk.keys("txn "):
            txn = key.removeprefix("txn ")
            if self.log(txn).status == "prepared":
                self.disk.write(key, Logged(ABORT))
                self.record(Decided(txn, ABORT))


class CommitsInDoubt(Participant):
    """Takes silence for consent: commits when the decision does not come in time."""

    def in_doubt(self, txn: str) -> None:
        self.learn("", txn, COMMIT)


class AbortsInDoubt(Participant):
    """Takes silence for refusal: aborts when the decision does not come in time, though
    it has voted yes.
    """

    def in_doubt(self, txn: str) -> None:
        self.learn("", txn, ABORT)


TOLD_ONE = Schedule(
    [
        Crash("coordinator", at=Point("coordinator", "send", "Decision")),
        Recover("coordinator", at=Point("coordinator", "crash", later=1.0)),
    ]
)
VOTED_AND_CRASHED = Schedule(
    [
        Crash("p1", at=Point("p1", "send", "Vote")),
        Recover("p1", at=Point("p1", "crash", later=1.0)),
    ]
)

SHOWN_BY: dict[type[Node], tuple[str, Schedule, str]] = {
    OwnVoteDecides: ("yn", Schedule(), "agreement"),
    KeepsNoLog: ("yy", TOLD_ONE, "agreement"),
    SendsBeforeForcing: ("yy", TOLD_ONE, "agreement"),
    AlwaysAborts: ("yy", Schedule(), "non-triviality"),
    ForgetsItsVote: ("yy", VOTED_AND_CRASHED, "agreement"),
    CommitsInDoubt: ("yn", Schedule([Lose("Decision", receiver="p1")]), "agreement"),
    AbortsInDoubt: (
        "yy",
        Schedule([Crash("coordinator", at=Point("coordinator", "send", "Decision"))]),
        "agreement",
    ),
}
"""The smallest run that shows each mutant, as votes, faults and the property first
violated.
"""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

mutated = casting(bank, coordinator=Coordinator, participant=Participant)
