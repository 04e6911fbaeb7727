"""What a commit costs: messages, message delays, forced writes.

Everything is measured from a trace and nothing else. A count means nothing without its
*counting rule*: the same protocol costs 3N messages when the coordinator asks all N
participants (Bernstein, Hadzilacos and Goodman 1987, section 7.4), 3N - 1 when one of
them starts the commit with its vote and need not be asked, 3N - 3 when that one also
shares a machine with the coordinator (both Gray and Lamport 2006), and N more with the
acknowledgements that presumed abort needs (Mohan, Lindsay and Obermarck 1986).
`commit_costs` puts formula, measurement and literature into one row each, with the rule
beside them.

References
----------
Bernstein, P. A., Hadzilacos, V., and Goodman, N. (1987). *Concurrency Control and
Recovery in Database Systems*. Gray, J., and Lamport, L. (2006). Consensus on
transaction commit. *ACM TODS* 31(1), 133-160. Mohan, C., Lindsay, B., and Obermarck, R.
(1986). Transaction management in the R* distributed database management system. *ACM
TODS* 11(4), 378-396.
"""

from collections import defaultdict
from collections.abc import Collection
from functools import partial

from ftlib.analysis.costs import CostRow, CostTable
from ftlib.simulation import Cluster, Trace
from ftlib.transactions.atomic_commit import Began, Decided, Transaction, transfer
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.two_phase import (
    Ack,
    Coordinator,
    Decision,
    Participant,
    Prepare,
    Vote,
)

__all__ = [
    "InitiatedCoordinator",
    "Initiator",
    "commit_costs",
    "count_forces",
    "count_messages",
    "message_delays",
]

TO_DECIDE: tuple[type, ...] = (Prepare, Vote, Decision)
Key = tuple[str, str]  # node, transaction


# Counts -------------------------------------------------------------------------------


def count_messages(
    trace: Trace,
    txn: str | None = None,
    *,
    types: tuple[type, ...] = (Prepare, Vote, Decision, Ack),
    together: Collection[str] = (),
) -> int:
    """Count the messages sent, lost ones included.

    Parameters
    ----------
    trace : Trace
    txn : str, optional
        Of this transaction only.
    types : tuple of type
        The counting rule, first half: which messages count. By default Prepare, Vote,
        Decision and Ack.
    together : collection of str
        The counting rule, second half: nodes on one machine. What they send each other
        counts nothing.

    Examples
    --------
    >>> trace = Cluster(bank("yyy")).run()
    >>> count_messages(trace), count_messages(trace, types=(Prepare, Vote, Decision))
    (12, 9)
    """
    return sum(
        1
        for event in trace.where(kind="send", what=types)
        if txn in (None, event.what.txn)
        and not (event.node in together and event.other in together)
    )


def message_delays(
    trace: Trace, txn: str | None = None, *, together: Collection[str] = ()
) -> int:
    """Return the length of the longest chain of messages, each caused by the one
    before, that ends where a node decides.

    It is how many network latencies lie between the start of the commit and the last
    node's first `Decided`, where handling takes no time and no time-out has to pass.

    Parameters
    ----------
    trace : Trace
    txn : str, optional
        The chain of this transaction; by default the longest of all transactions, each
        for itself.
    together : collection of str
        Nodes on one machine: a message between them is no delay.

    Notes
    -----
    Every node counts the longest chain that it has heard of; a message carries its
    sender's count and adds 1 (a logical clock; Lamport 1978). O(events).

    Examples
    --------
    >>> message_delays(Cluster(bank("yyy")).run())
    3
    """
    heard: dict[Key, int] = defaultdict(int)
    carried: dict[int | str | None, int] = {}
    decided: dict[Key, int] = {}
    for event in trace.where(kind=("send", "deliver", "fact")):
        key = (event.node, getattr(event.what, "txn", ""))
        match event.kind:
            case "send":
                carried[event.ref] = heard[key] + (
                    0 if event.node in together and event.other in together else 1
                )
            case "deliver":
                heard[key] = max(heard[key], carried[event.ref])
            case "fact" if isinstance(event.what, Decided):
                decided.setdefault(key, heard[key])
    return max(
        (delays for (_, name), delays in decided.items() if txn in (None, name)),
        default=0,
    )


def count_forces(
    trace: Trace, txn: str | None = None, *, before: type | None = None
) -> int:
    """Count the forced writes of transactions: forces by a handler that has written a
    record of one.

    The force with which a coordinator marks its new disk as used belongs to no
    transaction, and is not counted.

    Parameters
    ----------
    trace : Trace
    txn : str, optional
        Of this transaction only.
    before : type, optional
        Stop at the first message of this type. Before `Decision` are the forces without
        which the outcome may not go out; the participants' records of the outcome come
        after it.

    Examples
    --------
    >>> trace = Cluster(bank("yyy")).run()
    >>> count_forces(trace), count_forces(trace, before=Decision)  # 2N + 1 and N + 1
    (7, 4)
    """
    forces = 0
    written: dict[str, set[str]] = defaultdict(set)  # by the handler that runs now
    for event in trace:
        match event.kind:
            case "deliver" | "timer" | "crash" | "recover":
                written[event.node].clear()
            case "write":
                record, _, name = (event.other or "").partition(" ")
                written[event.node] |= {name} if record in ("txn", "commit") else set()
            case "force":
                forces += bool(
                    written[event.node] if txn is None else txn in written[event.node]
                )
            case "send" if before is type(event.what) and txn in (
                None,
                getattr(event.what, "txn", None),
            ):
                break
    return forces


# Gray and Lamport's counting ----------------------------------------------------------


class Initiator(Participant):
    """A participant that starts the commit with its own vote, unasked. For counting
    only.

    It is no part of the protocol of this book: a second copy of its vote, or a crash,
    would start the same transaction twice.
    """

    def __init__(
        self,
        transaction: Transaction,
        accounts: tuple[tuple[str, int], ...] = (),
        vote: str = "yes",
    ) -> None:
        super().__init__(accounts, vote)
        self.transaction = transaction

    def on_start(self) -> None:
        """Vote at once."""
        txn = self.transaction
        self.prepare(COORDINATOR, Prepare(txn.name, txn.on(self.id), txn.participants))


class InitiatedCoordinator(Coordinator):
    """A coordinator that begins when the first vote comes, and asks the other
    participants. For counting only, as `Initiator`.
    """

    def begin(self, txn: str) -> None:
        """Do nothing: the initiator begins."""

    def on_message(self, sender: str, message: object) -> None:
        """Take the first vote for a request to begin."""
        if isinstance(message, Vote) and message.txn not in self.votes:
            self.begin_without(sender, message.txn)
        super().on_message(sender, message)

    def begin_without(self, initiator: str, txn: str) -> None:
        """Ask everybody else."""
        transaction = self.transactions[txn]
        self.votes[txn] = {}
        self.record(Began(txn, transaction.participants))
        for participant in transaction.participants:
            if participant != initiator:
                self.send(
                    participant,
                    Prepare(txn, transaction.on(participant), transaction.participants),
                )
        self.set_timer(f"votes {txn}", self.vote_timeout)


# The table ----------------------------------------------------------------------------


def commit_costs(participants: int) -> CostTable:
    """Measure what one commit of two-phase commit costs, and put it beside the formulas
    and the literature.

    Parameters
    ----------
    participants : int
        N, 2 or more: with one, nobody but the initiator would have to be asked.

    Returns
    -------
    CostTable

    Raises
    ------
    ValueError
        If there are fewer than two participants.

    Notes
    -----
    Two runs without faults, all votes yes: one in which the coordinator asks all, one
    in which p1 votes unasked. Bernstein, Hadzilacos and Goodman (1987) count rounds of
    messages, which are the delays here.

    Examples
    --------
    >>> table = commit_costs(5)
    >>> [
    ...     (row.formula, row.measured)
    ...     for row in table.rows
    ...     if row.cost == "messages" and row.formula
    ... ]
    [('3N', 15), ('4N', 20), ('3N - 1', 14), ('3N - 3', 12)]
    >>> all(row.agree for row in table.rows if row.formula)
    True
    """
    if participants < 2:
        raise ValueError(f"participants is {participants!r}: give 2 or more")
    n = participants
    asked = Cluster(bank("y" * n)).run()
    chosen = transfer("t1", n)
    nodes = bank("y" * n, (chosen,), coordinator=InitiatedCoordinator)
    nodes["p1"] = partial(Initiator, chosen, (("a1", 100 * n),))
    initiated = Cluster(nodes).run()

    all_n, one, one_shared = (
        "coordinator asks all N",
        "one votes unasked",
        "one votes unasked, on the coordinator's machine",
    )
    book, tods, r_star = (
        "Bernstein et al. 1987",
        "Gray & Lamport 2006",
        "Mohan et al. 1986",
    )
    sent = partial(count_messages, types=TO_DECIDE)
    shared = (COORDINATOR, "p1")
    rows = [
        ("messages", f"{all_n}; no acks", "3N", 3 * n, sent(asked), book),
        ("messages", f"{all_n}; N acks", "4N", 4 * n, count_messages(asked), r_star),
        ("messages", f"{one}; no acks", "3N - 1", 3 * n - 1, sent(initiated), tods),
        (
            "messages",
            f"{one_shared}; no acks",
            "3N - 3",
            3 * n - 3,
            sent(initiated, together=shared),
            tods,
        ),
        (
            "message delays",
            f"{all_n}; until all know",
            "3",
            3,
            message_delays(asked),
            book,
        ),
        (
            "message delays",
            f"{one}; until all know",
            "4",
            4,
            message_delays(initiated),
            tods,
        ),
        (
            "message delays",
            f"{one_shared}; until all know",
            "3",
            3,
            message_delays(initiated, together=shared),
            tods,
        ),
        (
            "forced writes",
            "before the outcome is out",
            "N + 1",
            n + 1,
            count_forces(asked, before=Decision),
            tods,
        ),
        (
            "forced writes",
            "with participants' commit records",
            "2N + 1",
            2 * n + 1,
            count_forces(asked),
            r_star,
        ),
    ]
    table = [CostRow(*row[:5], published=row[3], source=row[5]) for row in rows]
    what = f"What one commit costs with N = {n} participants"
    return CostTable(what, tuple(table))
