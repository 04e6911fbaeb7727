"""Mutants of Paxos: each makes one mistake, and each breaks one promise."""

from collections.abc import Callable
from typing import Any

from ftlib.consensus.paxos import (
    Accepted,
    Acceptor,
    Learner,
    Promise,
    Proposal,
    Proposer,
    paxos_nodes,
)
from ftlib.simulation import Lose, Node, Schedule
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AcceptsAnything",
    "CountsOldPromises",
    "CountsPromises",
    "CountsValues",
    "ForgetsItsPromise",
    "ForgetsWhatItAccepted",
    "GivesUp",
    "InsistsOnItsValue",
    "MakesUpAValue",
    "PromisesAnybody",
    "RepliesFromMemory",
    "ReusesItsNumber",
    "TakesTheFirstAnswer",
    "WaitsForTooFew",
    "mutated",
]


class ForgetsItsPromise(Acceptor):
    """Keeps its promise in memory only: after a restart it accepts what it had promised
    not to.
    """

    def on_start(self) -> None:
        super().on_start()
        self.promised = self.accepted.n if self.accepted else 0


class ForgetsWhatItAccepted(Acceptor):
    """Keeps what it has accepted in memory only: after a restart it says that it has
    accepted nothing.
    """

    def on_start(self) -> None:
        super().on_start()
        self.accepted = None


class RepliesFromMemory(Acceptor):
    """Responds before it has forced what it must not forget."""

    def keep(self, promised: int, accepted: Proposal | None) -> None:
        self.promised, self.accepted = promised, accepted
        self.disk.write("acceptor", (promised, accepted))


class AcceptsAnything(Acceptor):
    """Accepts every proposal, whatever it has promised."""

    def accept(self, proposal: Proposal) -> None:
        self.keep(max(self.promised, proposal.n), proposal)
        self.record(Accepted(proposal))
        for learner in self.learners:
            self.send(learner, Accepted(proposal))


class PromisesAnybody(Acceptor):
    """Answers every prepare request, and keeps only the last number that it has
    promised.
    """

    def prepare(self, proposer: str, n: int) -> None:
        self.keep(n, self.accepted)
        self.send(proposer, Promise(n, self.accepted))


class InsistsOnItsValue(Proposer):
    """Proposes its own value, though it has heard of an accepted one."""

    def free_or_bound(self) -> Any:
        return self.value


class TakesTheFirstAnswer(Proposer):
    """Takes over the accepted value that it hears of first, and not that of the highest
    number.
    """

    def free_or_bound(self) -> Any:
        accepted = [each for each in self.promises.values() if each]
        return accepted[0].value if accepted else self.value


class MakesUpAValue(Proposer):
    """Takes over what it is told also where that is nothing."""

    def free_or_bound(self) -> Any:
        return max(
            (each for each in self.promises.values() if each),
            key=lambda proposal: proposal.n,
            default=Proposal(0, "nothing"),
        ).value


class WaitsForTooFew(Proposer):
    """Waits for one promise too few, so that those who promised need not meet those who
    made a choice.
    """

    def on_start(self) -> None:
        self.phase_1 -= 1
        super().on_start()


class CountsPromises(Proposer):
    """Counts promises and not acceptors: one that comes twice is two."""

    def promised(self, acceptor: str, accepted: Proposal | None) -> None:
        others = (each for each in self.acceptors if each not in self.promises)
        if acceptor in self.promises:
            acceptor = next(others, acceptor)
        super().promised(acceptor, accepted)


class CountsOldPromises(Proposer):
    """Counts promises of a lower number that it has tried before."""

    def on_message(self, sender: str, message: Any) -> None:
        if isinstance(message, Promise):
            self.promised(sender, message.accepted)
        else:
            super().on_message(sender, message)


class ReusesItsNumber(Proposer):
    """Keeps its number in memory only, and begins with its first one again after a
    restart.
    """

    def on_start(self) -> None:
        self.disk.delete("n")
        super().on_start()


class GivesUp(Proposer):
    """Never tries a higher number."""

    def on_timer(self, name: str) -> None:
        pass


class CountsValues(Learner):
    """Counts who has accepted a value, in whatever proposals; the paper's proposals are
    numbered because that is not enough.
    """

    def count(self, proposal: Proposal) -> None:
        values = [each.value for each in self.heard.values()]
        if values.count(proposal.value) == self.phase_2:
            self.learn(proposal.value)


SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    ForgetsItsPromise: (("xy",), Schedule(), "agreement"),
    ForgetsWhatItAccepted: (("xy",), Schedule(), "agreement"),
    RepliesFromMemory: (("xy",), Schedule(), "agreement"),
    AcceptsAnything: (("xy",), Schedule(), "agreement"),
    PromisesAnybody: (("xy",), Schedule(), "agreement"),
    InsistsOnItsValue: (("xy",), Schedule(), "agreement"),
    TakesTheFirstAnswer: (("xy",), Schedule(), "agreement"),
    MakesUpAValue: (("xy",), Schedule(), "validity"),
    WaitsForTooFew: (("xy",), Schedule(), "agreement"),
    CountsPromises: (("xy",), Schedule(), "agreement"),
    CountsOldPromises: (("xy",), Schedule(), "agreement"),
    ReusesItsNumber: (("xy",), Schedule(), "agreement"),
    GivesUp: (("x",), Schedule([Lose("Accept"), Lose("Accept", nth=2)]), "termination"),
    CountsValues: (("xy",), Schedule(), "integrity"),
}
"""What the group is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

_group = casting(paxos_nodes, proposer=Proposer, acceptor=Acceptor, learner=Learner)


def mutated(
    mutant: type[Node], given: tuple[Any, ...] = ("xy",)
) -> dict[str, Callable[[], Node]]:
    """Make a group with a mutant in it.

    Parameters
    ----------
    mutant : type
        A subclass of Proposer, Acceptor or Learner, or one of them.
    given : tuple
        As for `ftlib.consensus.paxos.paxos_nodes`.
    """
    return _group(mutant, *given)
