"""Two-phase commit with presumed abort: one coordinator asks all participants to vote,
then tells all of them the outcome.

Phase one: the coordinator sends Prepare; a participant that can commit forces that
promise to its disk and votes yes, and from then on is *in doubt*: it may neither commit
nor abort by itself, and keeps its locks. Phase two: when all have voted yes, the
coordinator forces its decision, which is the moment of commit, and sends it out; a no,
or a vote that does not come in time, means abort.

*Presumed abort* (Mohan, Lindsay and Obermarck 1986): a coordinator that finds nothing
about a transaction in its log says that it was aborted. So an abort needs no log record
at the coordinator and no acknowledgement; a commit needs both, because it must be
remembered until every participant has it on disk. Then it is forgotten; a late copy of
an inquiry hears "abort", which a participant that has committed ignores. The protocol
is that of Gray (1978) and Lampson and Sturgis; the names are those of Bernstein,
Hadzilacos and Goodman (1987, chapter 7).

The log is written ahead of the balances: when a participant commits, first its record,
then what it changes. A crash before the force may leave the one without the other, and
a recovery makes the balances what the log says (*redo*; Gray 1978).

Two things differ from the papers, because messages here may be lost, doubled and late,
where theirs travel in sessions. A participant forces its abort before it votes no, lest
a second copy of Prepare find it willing after a crash. And a coordinator that recovers
begins no transaction anew.
"""

from ftlib.simulation import Node
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    FACTS,
    Applied,
    Ballot,
    Began,
    Decided,
    Outcome,
    Transaction,
    Voted,
    Waits,
)
from ftlib.transactions.messages import (
    MESSAGES,
    Ack,
    Decision,
    Inquiry,
    Logged,
    Prepare,
    Read,
    Value,
    Vote,
)

__all__ = [
    "MESSAGES",
    "Ack",
    "Coordinator",
    "Decision",
    "Inquiry",
    "Logged",
    "Participant",
    "Prepare",
    "Read",
    "Value",
    "Vote",
]


class Coordinator(Node):
    """The transaction manager.

    Parameters
    ----------
    transactions : tuple of Transaction
        What the application on this node asks for, begun at their times. A crash takes
        with it what has not begun.
    vote_timeout : float
        How long to wait for the votes before aborting, in seconds.
    resend : float
        How long to wait for acknowledgements before sending a commit again, in seconds.

    Raises
    ------
    ValueError
        If two transactions have the same name.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> from ftlib.transactions.bank import bank
    >>> trace = Cluster(bank("yy")).run()
    >>> [(event.node, event.what.outcome) for event in trace.facts(Decided)]
    [('coordinator', 'commit'), ('p1', 'commit'), ('p2', 'commit')]

    Notes
    -----
    For N participants, without faults: N Prepare, N Vote, N Decision, and N Ack; 1
    forced write a commit, none an abort. One more forced write at its first start marks
    the disk as used. `ftlib.analysis.commit` measures it.

    Explained in chapters/4_3_1_two_phase_commit.ipynb.
    """

    MESSAGES = MESSAGES
    FACTS = FACTS

    def __init__(
        self,
        transactions: tuple[Transaction, ...] = (),
        vote_timeout: float = 0.5,
        resend: float = 0.5,
    ) -> None:
        self.transactions = {
            transaction.name: transaction for transaction in transactions
        }
        if len(self.transactions) < len(transactions):
            raise ValueError(
                "two of the transactions have the same name:"
                f" {', '.join(each.name for each in transactions)}"
            )
        self.vote_timeout = vote_timeout
        self.resend = resend
        self.votes: dict[
            str, dict[str, Ballot]
        ] = {}  # of the transactions that are not decided
        self.owing: dict[str, list[str]] = {}  # who has not acknowledged which commit

    def on_start(self) -> None:
        if self.disk.read("started"):
            self.recover()
            return
        self.disk.write("started", True)
        self.disk.force()
        for name, transaction in self.transactions.items():
            if transaction.at:
                self.set_timer(f"begin {name}", transaction.at)
            else:
                self.begin(name)

    def begin(self, txn: str) -> None:
        transaction = self.transactions[txn]
        self.votes[txn] = {}
        self.record(Began(txn, transaction.participants))
        for participant in transaction.participants:
            self.send(
                participant,
                Prepare(txn, transaction.on(participant), transaction.participants),
            )
        self.set_timer(f"votes {txn}", self.vote_timeout)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Vote(txn, vote) if (
                txn in self.votes and sender in self.transactions[txn].participants
            ):
                self.votes[txn][sender] = vote
                self.count(txn)
            case Inquiry(txn) if (
                txn not in self.votes
            ):  # else it asks again; so does one whose vote came too late
                self.send(sender, Decision(txn, self.outcome(txn)))
            case Ack(txn) if sender in self.owing.get(txn, ()):
                self.owing[txn].remove(sender)
                if not self.owing[txn]:
                    self.forget(txn)

    def count(self, txn: str) -> None:
        """Decide as soon as the votes allow."""
        votes = self.votes[txn]
        if "no" in votes.values():
            self.decide(txn, ABORT)
        elif len(votes) == len(self.transactions[txn].participants):
            self.decide(txn, COMMIT)

    def decide(self, txn: str, outcome: Outcome) -> None:
        participants = self.transactions[txn].participants
        refused = [
            participant
            for participant, vote in self.votes.pop(txn).items()
            if vote == "no"
        ]
        self.cancel_timer(f"votes {txn}")
        if outcome == COMMIT:
            self.disk.write(f"commit {txn}", participants)
            self.disk.force()  # the moment of commit
        self.record(Decided(txn, outcome))
        self.announce(
            txn,
            outcome,
            [participant for participant in participants if participant not in refused],
        )

    def announce(self, txn: str, outcome: Outcome, participants: list[str]) -> None:
        for participant in participants:
            self.send(participant, Decision(txn, outcome))
        if outcome == COMMIT:
            self.owing[txn] = participants
            self.set_timer(f"resend {txn}", self.resend)

    def outcome(self, txn: str) -> Outcome:
        """Presume abort: what the log does not call committed, or calls forgotten, was
        aborted.
        """
        return (
            COMMIT
            if self.disk.read(f"commit {txn}") and not self.disk.read(f"end {txn}")
            else ABORT
        )

    def forget(self, txn: str) -> None:
        """Note that nobody is in doubt any more; not forced, for a crash costs no more
        than sending the commit again.
        """
        del self.owing[txn]
        self.cancel_timer(f"resend {txn}")
        self.disk.write(f"end {txn}", True)

    def on_timer(self, name: str) -> None:
        match name.split(" ", 1):
            case "begin", txn:
                self.begin(txn)
            case "votes", txn:
                self.decide(txn, ABORT)
            case "resend", txn:
                self.announce(txn, COMMIT, self.owing[txn])

    def recover(self) -> None:
        """Finish the commits that somebody may not have heard of. Whatever else was
        going on is aborted by presumption.
        """
        for key in self.disk.keys("commit "):
            txn = key.removeprefix("commit ")
            if self.outcome(txn) == COMMIT:
                self.record(Decided(txn, COMMIT))
                self.announce(txn, COMMIT, list(self.disk.read(key)))


class Participant(Node):
    """A resource manager: a small bank with locks.

    Parameters
    ----------
    accounts : tuple of (account, balance)
        What it opens with.
    vote : {"yes", "no", "silent"}
        "yes": vote by what the accounts allow, no balance below 0. "no": refuse
        everything. "silent": never vote.
    patience : float
        How long to stay in doubt before asking for the outcome, and before asking
        again, in seconds. Longer than the coordinator waits for votes, lest
        participants ask while the answer is on its way.
    lock_timeout : float
        How long to wait for another transaction's locks before voting no, in seconds.
        Deadlocks end so too.

    Raises
    ------
    ValueError
        If `vote` is none of the three.

    Notes
    -----
    2 forced writes a commit (the vote, the outcome), 1 a no; an abort that it is told
    is written but not forced, for if a crash takes it the participant is in doubt
    again, and asks again.

    Explained in chapters/4_3_1_two_phase_commit.ipynb.
    """

    MESSAGES = MESSAGES
    FACTS = FACTS

    def __init__(
        self,
        accounts: tuple[tuple[str, int], ...] = (),
        vote: str = "yes",
        patience: float = 0.6,
        lock_timeout: float = 0.3,
    ) -> None:
        if vote not in ("yes", "no", "silent"):
            raise ValueError(f"vote is {vote!r}: choose 'yes', 'no' or 'silent'")
        self.accounts = dict(accounts)
        self.vote = vote
        self.patience = patience
        self.lock_timeout = lock_timeout
        self.locks: dict[str, str] = {}  # account -> the transaction that holds it
        self.waiting: dict[
            str, tuple[str, Prepare]
        ] = {}  # transactions waiting for locks -> coordinator, Prepare

    def on_start(self) -> None:
        self.redo()
        self.recover()

    def redo(self) -> None:
        """Make the balances what the log says: of a commit that was not forced, a crash
        may have left the record and taken the balances.
        """
        balances = dict(self.accounts)
        for key in self.disk.keys("txn "):
            match self.disk.read(key):
                case Logged("commit", changes=changes):
                    for account, amount in changes:
                        balances[account] = balances.get(account, 0) + amount
        for account, balance in balances.items():
            if balance != self.balance(account):
                self.disk.write(f"balance {account}", balance)

    def recover(self) -> None:
        """Say again what the log says, and take up the transactions that it leaves in
        doubt.
        """
        for key in self.disk.keys("txn "):
            txn = key.removeprefix("txn ")
            match self.log(txn):
                case Logged("prepared"):
                    self.lock(txn)
                    self.record(Voted(txn, "yes"))
                    self.in_doubt(txn)
                case Logged("commit", changes=changes):
                    self.record(Applied(txn, changes))
                    self.record(Decided(txn, COMMIT))
                case Logged("abort"):
                    self.record(Decided(txn, ABORT))

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Prepare(txn) if self.vote != "silent":
                match self.log(txn).status:
                    case "prepared":
                        self.send(sender, Vote(txn, "yes"))
                    case "abort":
                        self.send(sender, Vote(txn, "no"))
                    case "unknown" if txn not in self.waiting:
                        self.prepare(sender, message)
            case Decision(txn, outcome):
                self.learn(sender, txn, outcome)
            case Read(account):
                self.send(sender, Value(account, self.balance(account)))

    # Phase one ------------------------------------------------------------------------

    def prepare(self, coordinator: str, message: Prepare) -> None:
        """Vote, or wait for the locks first."""
        txn = message.txn
        taken = next(
            (account for account, _ in message.changes if account in self.locks), None
        )
        if taken is not None:
            self.waiting[txn] = (coordinator, message)
            self.record(Waits(txn, taken, self.locks[taken]))
            self.set_timer(f"lock {txn}", self.lock_timeout)
        elif self.vote == "yes" and all(
            self.balance(account) + amount >= 0 for account, amount in message.changes
        ):
            self.disk.write(
                f"txn {txn}",
                Logged("prepared", coordinator, message.participants, message.changes),
            )
            self.disk.force()  # the promise outlives a crash
            self.lock(txn)
            self.record(Voted(txn, "yes"))
            self.send(coordinator, Vote(txn, "yes"))
            self.set_timer(f"doubt {txn}", self.patience)
        else:
            self.refuse(coordinator, txn)

    def refuse(self, coordinator: str, txn: str) -> None:
        """Abort, and vote no."""
        self.veto(txn)
        self.send(coordinator, Vote(txn, "no"))

    def veto(self, txn: str) -> None:
        """Abort before having promised anything: anybody may, until it has voted
        yes.
        """
        self.disk.write(f"txn {txn}", Logged(ABORT))
        self.disk.force()
        self.record(Voted(txn, "no"))
        self.record(Decided(txn, ABORT))

    # Phase two ------------------------------------------------------------------------

    def learn(self, sender: str, txn: str, outcome: Outcome) -> None:
        """Act on the outcome, once."""
        entry = self.log(txn)
        match entry.status, outcome:
            case "prepared", "commit":
                self.apply(txn, entry)
                self.send(entry.coordinator, Ack(txn))
            case "commit", "commit" if sender == entry.coordinator:
                self.send(sender, Ack(txn))
            case (("prepared" | "unknown"), "abort"):
                self.disk.write(f"txn {txn}", Logged(ABORT))
                self.record(Decided(txn, ABORT))
            case _:
                return
        self.cancel_timer(f"doubt {txn}")
        self.unlock(txn)

    def apply(self, txn: str, entry: Logged) -> None:
        self.disk.write(
            f"txn {txn}",
            Logged(COMMIT, entry.coordinator, entry.participants, entry.changes),
        )
        for account, amount in entry.changes:
            self.disk.write(f"balance {account}", self.balance(account) + amount)
        self.disk.force()
        self.record(Applied(txn, entry.changes))
        self.record(Decided(txn, COMMIT))

    def in_doubt(self, txn: str) -> None:
        """Ask again, and go on waiting: it may not decide by itself."""
        self.send(self.log(txn).coordinator, Inquiry(txn))
        self.set_timer(f"doubt {txn}", self.patience)

    def on_timer(self, name: str) -> None:
        match name.split(" ", 1):
            case "doubt", txn:
                self.in_doubt(txn)
            case "lock", txn:
                coordinator, _ = self.waiting.pop(txn)
                self.refuse(coordinator, txn)

    # The store ------------------------------------------------------------------------

    def log(self, txn: str) -> Logged:
        return self.disk.read(f"txn {txn}", Logged("unknown"))

    def balance(self, account: str) -> int:
        return self.disk.read(f"balance {account}", self.accounts.get(account, 0))

    def lock(self, txn: str) -> None:
        for account, _ in self.log(txn).changes:
            self.locks[account] = txn

    def unlock(self, txn: str) -> None:
        """Release the locks of a transaction, and let those that wait for them vote,
        first come, first served.
        """
        self.cancel_timer(f"lock {txn}")
        self.waiting.pop(txn, None)
        self.locks = {
            account: holder for account, holder in self.locks.items() if holder != txn
        }
        for name, (coordinator, message) in list(self.waiting.items()):
            if not any(account in self.locks for account, _ in message.changes):
                del self.waiting[name]
                self.cancel_timer(f"lock {name}")
                self.prepare(coordinator, message)
