"""Mutants of three-phase commit: each leaves out one thing that seems superfluous, and
each breaks one promise.

As in `ftlib.transactions.mutants`, every class overrides one handler, and `SHOWN_BY`
gives the smallest run that shows it. All but one are found by exploring every run with
synchronous timers and crashes only, where the protocol itself keeps everything.
`DoesNotWait` is not: in this world what has been sent arrives even if its sender
crashes. Where two messages may be lost as well, and timers fire twice, the protocol
still holds and this mutant is found; its schedule loses them in a partition.

There is no mutant that forgets to force its pre-commit, for the protocol itself never
does: whoever has crashed no longer counts.
"""

from ftlib.simulation import Crash, Node, Partition, Point, Recover, Schedule
from ftlib.simulation.promises import casting
from ftlib.transactions.atomic_commit import ABORT, COMMIT, Decided, Outcome, Voted
from ftlib.transactions.bank import bank
from ftlib.transactions.messages import Decision, Logged, Prepare, Vote
from ftlib.transactions.three_phase import PRE_COMMIT, WAIT, Coordinator, Participant

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AbortsInWait",
    "AlwaysAborts",
    "CommitsInPreCommit",
    "CommitsOnVotes",
    "DecidesAlone",
    "DoesNotWait",
    "ForcesNoCommit",
    "ForcesNoVote",
    "LeadsUnasked",
    "TakesPartAgain",
    "TimesOutAlone",
    "mutated",
]


class CommitsOnVotes(Coordinator):
    """Leaves out phase two: commits when all have voted yes, while the participants,
    still in wait, may have to abort.
    """

    def pre_commit(self, txn: str) -> None:
        self.decide(txn, COMMIT)


class DoesNotWait(Coordinator):
    """Sends PreCommit and commits at once, before anybody has acknowledged it."""

    def pre_commit(self, txn: str) -> None:
        super().pre_commit(txn)
        self.decide(txn, COMMIT)


class ForcesNoCommit(Coordinator):
    """Decides in memory only: when all have crashed and come back, it aborts what it
    had committed.
    """

    def decide(self, txn: str, outcome: Outcome) -> None:
        self.owing.pop(txn, None)
        self.missing.pop(txn, None)
        self.disk.write(f"outcome {txn}", outcome)
        self.record(Decided(txn, outcome))
        for participant in self.transactions[txn].participants:
            self.send(participant, Decision(txn, outcome))


class AlwaysAborts(Coordinator):
    """Never commits, and so never disagrees with anybody: safe, and useless."""

    def count(self, txn: str) -> None:
        if len(self.votes[txn]) == len(self.transactions[txn].participants):
            self.decide(txn, ABORT)


class CommitsInPreCommit(Participant):
    """Commits by itself when it is in pre-commit and hears nothing more: others may
    still be in wait, and abort without it.
    """

    def in_doubt(self, txn: str) -> None:
        if self.states.get(txn) == PRE_COMMIT:
            self.learn(self.id, txn, COMMIT)
        else:
            super().in_doubt(txn)


class AbortsInWait(Participant):
    """Aborts by itself when it is in wait and hears nothing more: others may be in
    pre-commit, and commit without it.
    """

    def in_doubt(self, txn: str) -> None:
        if self.states.get(txn) == WAIT:
            self.learn(self.id, txn, ABORT)
        else:
            super().in_doubt(txn)


class TimesOutAlone(Participant):
    """Has time-out transitions in place of a termination protocol: from wait to abort,
    from pre-commit to commit.

    With one participant that is right. With two, one may be here and the other there.
    """

    def in_doubt(self, txn: str) -> None:
        if txn in self.roles:
            self.learn(
                self.id, txn, COMMIT if self.states[txn] == PRE_COMMIT else ABORT
            )
        else:
            super().in_doubt(txn)


class LeadsUnasked(Participant):
    """Takes the first time-out for the crash of all those before it, and never asks
    them.
    """

    def in_doubt(self, txn: str) -> None:
        if self.roles.get(txn) == "follower":
            self.roles[txn], self.heard[txn] = "asking", {}
        super().in_doubt(txn)


class DecidesAlone(Participant):
    """Leads by its own state: asks nobody's, and moves nobody to pre-commit before it
    commits.
    """

    def terminate(self, txn: str) -> None:
        self.decide(txn, COMMIT if self.states[txn] == PRE_COMMIT else ABORT)


class ForcesNoVote(Participant):
    """Votes yes without having forced the promise: after a crash it refuses what it had
    agreed to.
    """

    def prepare(self, coordinator: str, message: Prepare) -> None:
        txn = message.txn
        self.disk.write(
            f"txn {txn}",
            Logged("prepared", coordinator, message.participants, message.changes),
        )
        self.lock(txn)
        self.states[txn], self.roles[txn] = WAIT, "follower"
        self.record(Voted(txn, "yes"))
        self.send(coordinator, Vote(txn, "yes"))
        self.set_timer(f"doubt {txn}", self.patience)


class TakesPartAgain(Participant):
    """Comes back from a crash as if nothing had happened: counts itself in, in wait,
    though the others have gone on.
    """

    def in_doubt(self, txn: str) -> None:
        if txn not in self.roles:
            self.states[txn], self.roles[txn] = WAIT, "follower"
        super().in_doubt(txn)


COORDINATOR_TOLD_ONE = Crash(
    "coordinator", at=Point("coordinator", "send", "PreCommit")
)
COORDINATOR_DECIDED = Crash("coordinator", at=Point("coordinator", "fact", "Decided"))
P1_DECIDED = Crash("p1", at=Point("p1", "fact", "Decided"))
P2_DECIDED = Crash("p2", at=Point("p2", "fact", "Decided"))
P1_READY = Crash("p1", at=Point("p1", "send", "PreCommitted"))
P2_READY = Crash("p2", at=Point("p2", "send", "PreCommitted"))

SHOWN_BY: dict[type[Node], tuple[str, Schedule, str]] = {
    CommitsOnVotes: ("yy", Schedule([COORDINATOR_DECIDED]), "agreement"),
    DoesNotWait: (
        "yy",
        Schedule(
            [Partition((("coordinator",),), at=0.021), Crash("coordinator", at=0.025)]
        ),
        "agreement",
    ),
    ForcesNoCommit: (
        "y",
        Schedule(
            [
                COORDINATOR_DECIDED,
                P1_READY,
                Recover("coordinator", at=1.0),
                Recover("p1", at=1.0),
            ]
        ),
        "agreement",
    ),
    AlwaysAborts: ("yy", Schedule(), "non-triviality"),
    CommitsInPreCommit: (
        "yy",
        Schedule([COORDINATOR_TOLD_ONE, P1_DECIDED]),
        "agreement",
    ),
    AbortsInWait: ("yy", Schedule([COORDINATOR_TOLD_ONE, P2_DECIDED]), "agreement"),
    TimesOutAlone: ("yy", Schedule([COORDINATOR_TOLD_ONE]), "agreement"),
    LeadsUnasked: ("yy", Schedule([COORDINATOR_TOLD_ONE, P2_DECIDED]), "agreement"),
    DecidesAlone: ("yy", Schedule([COORDINATOR_TOLD_ONE, P1_DECIDED]), "agreement"),
    ForcesNoVote: (
        "yy",
        Schedule(
            [
                Crash("p1", at=Point("p1", "send", "Vote")),
                Recover("p1", at=0.1),
                COORDINATOR_DECIDED,
            ]
        ),
        "agreement",
    ),
    TakesPartAgain: (
        "yy",
        Schedule([COORDINATOR_DECIDED, P1_READY, P2_READY, Recover("p1", at=1.0)]),
        "agreement",
    ),
}
"""The smallest run that shows each mutant, as votes, faults and the property first
violated.
"""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

mutated = casting(bank, coordinator=Coordinator, participant=Participant)
