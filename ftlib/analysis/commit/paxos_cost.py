"""What a commit costs with Paxos Commit, in the counting of Gray and Lamport (2006).

One resource manager starts the commit: it votes, and tells the leader, who asks the
others. Votes go to F + 1 of the 2F + 1 acceptors, each of which reports all of them in
one message. *Co-located* means that each of these acceptors is on the machine of a
resource manager, and that the leader, the one that starts and an acceptor share theirs.
In *faster* Paxos Commit the acceptors report to the resource managers themselves, which
saves a message delay and costs messages.
"""

from functools import partial
from typing import Any

from ftlib.analysis.commit.cost import count_forces, message_delays
from ftlib.analysis.costs import CostRow, CostTable
from ftlib.simulation import Cluster, Trace
from ftlib.transactions.atomic_commit import Began
from ftlib.transactions.messages import Decision
from ftlib.transactions.paxos_commit import Acceptor, Leader, ResourceManager
from ftlib.transactions.paxos_commit_messages import (
    Inquiry,
    Names,
    Phase2b,
    Prepare,
    outcome_of,
)
from ftlib.transactions.paxos_commit_nodes import paxos_commit_nodes

__all__ = ["paxos_commit_costs"]

TXN = "t1"


class Initiator(ResourceManager):
    """A resource manager that starts the commit, unasked: what it sends the leader is
    the BeginCommit of the paper. For counting only.
    """

    def __init__(self, managers: Names, *given: Any) -> None:
        super().__init__(*given)
        self.managers = managers

    def on_start(self) -> None:
        """Vote at once."""
        self.prepare(TXN, self.managers)
        self.send(self.leaders[0], Inquiry(TXN, self.managers))


class InitiatedLeader(Leader):
    """A leader that begins when it is told, and asks the others. For counting only."""

    def begin(self, txn: str, managers: Names) -> None:
        """Do nothing: the initiator begins."""

    def on_message(self, sender: str, message: Any) -> None:
        """Take what the initiator sends for a request to begin."""
        match message:
            case Inquiry(txn, managers):
                self.record(Began(txn, managers))
                self.lead(txn, managers)
                for manager in managers:
                    if manager != sender:
                        self.send(manager, Prepare(txn, managers))
            case _:
                super().on_message(sender, message)


class LearningManager(ResourceManager):
    """A resource manager that hears from the acceptors what is chosen. For counting
    only.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.heard: dict[str, Phase2b] = {}

    def on_message(self, sender: str, message: Any) -> None:
        super().on_message(sender, message)
        if isinstance(message, Phase2b):
            self.heard[sender] = message
            enough = len(self.acceptors) // 2 + 1
            outcome = outcome_of(self.heard.values(), enough)
            if outcome:
                self.learn(message.txn, outcome)


class LearningInitiator(Initiator, LearningManager):
    """Both. For counting only."""


def _run(participants: int, f: int, faster: bool) -> Trace:
    """Run one commit until all know, and before a leader's patience ends."""
    manager = LearningManager if faster else ResourceManager
    votes = "y" * participants
    nodes = paxos_commit_nodes(votes, f, 1, manager=manager, leader=InitiatedLeader)
    names = tuple(name for name in nodes if name.startswith("p"))
    acceptors = tuple(name for name in nodes if name.startswith("a"))
    first = LearningInitiator if faster else Initiator
    nodes["p1"] = partial(first, names, acceptors, ("l1",))
    if faster:
        nodes |= dict.fromkeys(acceptors, partial(Acceptor, names))
    return Cluster(nodes).run(until=0.2)


def _machine(node: str) -> str:
    """Where a node is, if nodes are co-located."""
    return "1" if node == "l1" else node[1:]


def _sent(trace: Trace, *, together: bool) -> int:
    return sum(
        not together or _machine(event.node) != _machine(str(event.other))
        for event in trace.where(kind="send")
    )


def paxos_commit_costs(participants: int, f: int = 1) -> CostTable:
    """Measure what one commit of Paxos Commit costs, and put it beside the formulas and
    the literature.

    Parameters
    ----------
    participants : int
        N, and more than F + 1: else no resource manager would be without an acceptor.
    f : int
        F: how many acceptors may be down, 1 or more.

    Raises
    ------
    ValueError
        If there are too few.

    Examples
    --------
    >>> table = paxos_commit_costs(5)
    >>> [row.measured for row in table.rows if row.cost == "messages"]
    [22, 17, 25, 20]
    >>> all(row.agree for row in table.rows)
    True
    """
    if f < 1 or participants < f + 2:
        raise ValueError(
            f"participants is {participants!r} and f is {f!r}: give an f of 1 or more,"
            " and at least 2 participants more"
        )
    n, usual, fast = (
        participants,
        _run(participants, f, False),
        _run(participants, f, True),
    )
    apart, near = f"F = {f}, one votes unasked", f"F = {f}, co-located"
    shared = ("l1", "p1", "a1")
    rows = (
        (
            *("messages", f"Paxos Commit, {apart}", "(N + 1)(F + 3) - 2"),
            *((n + 1) * (f + 3) - 2, _sent(usual, together=False)),
        ),
        (
            *("messages", f"Paxos Commit, {near}", "N(F + 3) - 3"),
            *(n * (f + 3) - 3, _sent(usual, together=True)),
        ),
        (
            *("messages", f"faster Paxos Commit, {apart}", "N(2F + 3)"),
            *(n * (2 * f + 3), _sent(fast, together=False)),
        ),
        (
            *("messages", f"faster Paxos Commit, {near}", "(N - 1)(2F + 3)"),
            *((n - 1) * (2 * f + 3), _sent(fast, together=True)),
        ),
        ("message delays", f"Paxos Commit, {apart}", "5", 5, message_delays(usual)),
        (
            *("message delays", f"Paxos Commit, {near}", "4", 4),
            message_delays(usual, together=shared),
        ),
        (
            *("message delays", f"faster Paxos Commit, {apart}", "4", 4),
            message_delays(fast),
        ),
        (
            *("message delays", f"faster Paxos Commit, {near}", "3", 3),
            message_delays(fast, together=shared),
        ),
        (
            "forced writes",
            f"Paxos Commit, F = {f}, before the outcome is out",
            "N + F + 1",
            n + f + 1,
            count_forces(usual, before=Decision),
        ),
    )
    return CostTable(
        f"What one commit of Paxos Commit costs with N = {n} and F = {f}",
        tuple(
            CostRow(*row, published=row[3], source="Gray & Lamport 2006")
            for row in rows
        ),
    )
