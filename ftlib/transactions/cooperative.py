"""Two-phase commit with cooperative termination: a participant in doubt asks the other
participants too.

Any peer that knows the outcome passes it on; a peer that has not voted yet refuses,
which makes the outcome abort. When every peer that can be reached is in doubt as well,
asking helps nobody, and all stay blocked until the coordinator is back: this protocol
makes blocking rarer, not impossible (Bernstein, Hadzilacos and Goodman 1987, section
7.4).
"""

from dataclasses import dataclass

from ftlib.transactions import two_phase
from ftlib.transactions.atomic_commit import ABORT
from ftlib.transactions.two_phase import Coordinator, Decision, Inquiry, Participant

__all__ = ["MESSAGES", "CooperativeParticipant", "Coordinator", "InDoubt"]


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The answer of a peer that does not know either."""

    txn: str


MESSAGES = (*two_phase.MESSAGES, InDoubt)


class CooperativeParticipant(Participant):
    """A participant that asks its peers, and answers them.

    Notes
    -----
    In doubt, it sends N inquiries where `Participant` sends one; without failures it
    sends none.

    Examples
    --------
    The coordinator crashes when it has told one participant of three. The one passes it
    on; without peers the others would wait:

    >>> from ftlib.simulation import Cluster, Crash, Point
    >>> from ftlib.transactions.atomic_commit import Decided
    >>> from ftlib.transactions.bank import bank
    >>> crash = [Crash("coordinator", at=Point("coordinator", "send", "Decision"))]
    >>> trace = Cluster(
    ...     bank("yyy", participant=CooperativeParticipant), faults=crash
    ... ).run(until=2)
    >>> [event.node for event in trace.facts(Decided)]
    ['coordinator', 'p1', 'p2', 'p3']
    >>> trace = Cluster(bank("yyy"), faults=crash).run(until=2)
    >>> [event.node for event in trace.facts(Decided)]
    ['coordinator', 'p1']
    """

    MESSAGES = MESSAGES

    def in_doubt(self, txn: str) -> None:
        super().in_doubt(txn)
        for peer in self.log(txn).participants:
            if peer != self.id:
                self.send(peer, Inquiry(txn))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Inquiry(txn):
                self.answer(sender, txn)
            case InDoubt():
                pass  # the timer asks again
            case _:
                super().on_message(sender, message)

    def answer(self, peer: str, txn: str) -> None:
        match self.log(txn).status:
            case "commit" | "abort" as outcome:
                self.send(peer, Decision(txn, outcome))
            case "prepared":
                self.send(peer, InDoubt(txn))
            case "unknown":
                self.veto(txn)
                self.send(peer, Decision(txn, ABORT))
                self.unlock(txn)  # it may have been waiting for a lock
