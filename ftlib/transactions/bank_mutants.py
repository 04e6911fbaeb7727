"""Mutants of the bank: each makes one mistake with a lock, a balance or a record, and
each breaks one promise.

As in `ftlib.transactions.mutants`, every class overrides a handler, and `SHOWN_BY`
gives the smallest run that shows it: the amounts of the transfers that want the same
accounts, the faults, and the property first violated. All but `EarlyCommitRecord` keep
atomic commit: each transaction alone is all right. That one, and `TrustsItsBalances`,
are right as long as a crash takes everything that was not forced.
"""

from ftlib.simulation import (
    Crash,
    Duplicate,
    Lose,
    Node,
    Point,
    Recover,
    Schedule,
)
from ftlib.simulation.promises import casting
from ftlib.transactions.atomic_commit import ABORT, COMMIT, Outcome
from ftlib.transactions.bank import rivals
from ftlib.transactions.two_phase import Coordinator, Participant, Prepare

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AddsToItsOpening",
    "EarlyCommitRecord",
    "ForgetsItsLocks",
    "KeepsLocksAfterAbort",
    "LocksAgainOnLateCopy",
    "ReleasesAtVote",
    "ServesTheLastFirst",
    "TrustsItsBalances",
    "mutated",
]


class ReleasesAtVote(Participant):
    """Releases its locks when it has voted: the next transaction is promised the same
    money.
    """

    def prepare(self, coordinator: str, message: Prepare) -> None:
        super().prepare(coordinator, message)
        if self.log(message.txn).status == "prepared":
            self.unlock(message.txn)


class ForgetsItsLocks(Participant):
    """Recovers its promises, but not their locks."""

    def recover(self) -> None:
        super().recover()
        self.locks = {}


class KeepsLocksAfterAbort(Participant):
    """Releases the locks of what is committed, and forgets those of what is aborted."""

    def unlock(self, txn: str) -> None:
        if self.log(txn).status == COMMIT:
            super().unlock(txn)


class LocksAgainOnLateCopy(Participant):
    """Takes the locks for a copy of Prepare that comes when all is over: nobody will
    release them.
    """

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Prepare(txn) if self.log(txn).status == COMMIT:
                self.lock(txn)
            case _:
                super().on_message(sender, message)


class ServesTheLastFirst(Participant):
    """Gives a lock that comes free to whoever came last."""

    def unlock(self, txn: str) -> None:
        self.waiting = dict(reversed(self.waiting.items()))
        super().unlock(txn)


class AddsToItsOpening(Participant):
    """Adds to the balance that it opened with: what others have changed since is
    lost.
    """

    def balance(self, account: str) -> int:
        return dict(self.accounts).get(account, 0)


class TrustsItsBalances(Participant):
    """Recovers without a look at whether its balances are what its log says."""

    def redo(self) -> None:
        pass


class EarlyCommitRecord(Coordinator):
    """Writes its commit record when it begins, strikes it out when it aborts, and
    forces neither: a crash may leave a commit that nobody has voted for.
    """

    def begin(self, txn: str) -> None:
        self.disk.write(f"commit {txn}", self.transactions[txn].participants)
        super().begin(txn)

    def decide(self, txn: str, outcome: Outcome) -> None:
        if outcome == ABORT:
            self.disk.write(f"commit {txn}", ())
        super().decide(txn, outcome)


def late(nth: int, later: float) -> list[Lose | Duplicate]:
    """Delay a transfer's Prepare: the first copy is lost, another comes later."""
    return [Lose("Prepare", nth=nth), Duplicate("Prepare", nth=nth, later=later)]


SHOWN_BY: dict[type[Node], tuple[tuple[int, ...], Schedule, str]] = {
    ReleasesAtVote: ((60, 60), Schedule(), "no overdraft"),
    ForgetsItsLocks: (
        (30, 30),
        Schedule(
            [
                Crash("p1", at=Point("p1", "send", "Vote")),
                Recover("p1", at=Point("p1", "crash", later=0.001)),
                Duplicate("Prepare", nth=2, later=0.003),
            ]
        ),
        "isolation",
    ),
    KeepsLocksAfterAbort: (
        (60, 60),
        Schedule([Lose("Vote"), *late(2, 0.6), Lose("Decision", nth=2)]),
        "locks released",
    ),
    LocksAgainOnLateCopy: (
        (30, 30),
        Schedule([Duplicate("Prepare", later=0.03), *late(2, 0.05)]),
        "locks released",
    ),
    ServesTheLastFirst: ((30, 30, 30), Schedule(), "first come, first served"),
    AddsToItsOpening: ((30, 30), Schedule(), "serial balances"),
    TrustsItsBalances: (
        (30,),
        Schedule(
            [
                Crash("p1", at=Point("p1", "write", nth=2), keeps=1),
                Recover("p1", at=Point("p1", "crash", later=1.0)),
            ]
        ),
        "serial balances",
    ),
    EarlyCommitRecord: (
        (60,),
        Schedule(
            [
                Crash(
                    "coordinator", at=Point("coordinator", "send", "Prepare"), keeps=1
                ),
                Recover("coordinator", at=Point("coordinator", "crash", later=0.001)),
            ]
        ),
        "validity",
    ),
}
"""The smallest run that shows each mutant, as amounts, faults and the property first
violated.
"""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

mutated = casting(rivals, coordinator=Coordinator, participant=Participant)
