"""Three-phase commit: nobody is in doubt alone, so that those who are up can always
decide among themselves.

Phase one is that of two-phase commit. When all have voted yes the coordinator does not
commit at once: it first sends PreCommit, waits until every participant that is up has
acknowledged it, and only then commits. So no participant is left in *wait*, where the
others may have aborted, while anybody has committed, where the others may have not
(Skeen 1981).

That makes a *termination protocol* possible. A participant that waits too long asks
those before it, the coordinator and the participants of lower number, whether they are
there. If one of them is, it leads, and asking goes on later. If none answers they have
all crashed, and the participant leads: it collects the states of those after it, and
decides.

- Somebody has decided: so it is.
- Somebody is in pre-commit: move the others there as well, and then commit.
- All are in wait: abort, for nobody can have committed.

A participant that has crashed since it voted takes no part in this, since the others
have gone on without it: it asks what they decided. So does a coordinator that comes
back. After a *total failure*, when everybody in doubt has crashed, nobody is left to
ask; then the coordinator aborts as soon as all of them have said so, for then nobody
can have decided. With fewer it would have to know who was the last to fail (Skeen
1985), and waits.

What is promised:

- Without failures of the network, and where a time-out proves a crash (*synchronous
  timers*: a question is answered within the time-out by anybody who is up): all of
  `PROPERTIES`, however many nodes crash, between any two effects, and come back.
- Under the same assumption a participant that has not crashed since it voted always
  decides, whoever else is down. One that has crashed and come back decides once
  somebody is up who knows the outcome or has not crashed, at the latest when all are
  up.
- Where time-outs may be wrong, or the network is partitioned: not even agreement, for
  two may lead at once.

The protocol is that of Skeen (1981, "Nonblocking commit protocols"), the termination
protocol that of Bernstein, Hadzilacos and Goodman (1987, section 7.5), with the numbers
of the participants in place of an election. As there, pre-commit is not logged: it
counts only while its owner has not crashed.
"""

from dataclasses import dataclass

from ftlib.transactions import two_phase
from ftlib.transactions.atomic_commit import (
    ABORT,
    COMMIT,
    Decided,
    Outcome,
    Transaction,
)
from ftlib.transactions.messages import (
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
    "PRE_COMMIT",
    "RECOVERED",
    "WAIT",
    "Coordinator",
    "Participant",
    "PreCommit",
    "PreCommitted",
    "State",
]

WAIT = "wait"
"""The state of a participant that has voted yes."""
PRE_COMMIT = "pre-commit"
"""The state of one that knows that all have voted yes."""
RECOVERED = "recovered"
"""The state of one in doubt that has crashed since it voted, which does not count."""


@dataclass(frozen=True, slots=True)
class PreCommit:
    """To a participant: all have voted yes; be ready to commit."""

    txn: str


@dataclass(frozen=True, slots=True)
class PreCommitted:
    """The acknowledgement of `PreCommit`."""

    txn: str


@dataclass(frozen=True, slots=True)
class State:
    """The answer to `Inquiry` of one that does not know the outcome: "wait",
    "pre-commit" or "recovered".
    """

    txn: str
    state: str


MESSAGES: tuple[type, ...] = (
    Prepare,
    Vote,
    PreCommit,
    PreCommitted,
    Decision,
    Inquiry,
    State,
    Read,
    Value,
)
"""What the nodes of three-phase commit may send."""


class Coordinator(two_phase.Coordinator):
    """The transaction manager: as in two-phase commit until all have voted.

    Parameters
    ----------
    transactions : tuple of Transaction
    vote_timeout : float
        As for `two_phase.Coordinator`.
    resend : float
        How long to wait for acknowledgements of PreCommit before taking those that are
        silent for crashed; and, after a recovery, for answers before asking again; in
        seconds.

    Examples
    --------
    It crashes when all have voted. Under two-phase commit everybody would wait for it;
    here they end it among themselves:

    >>> from ftlib.simulation import Cluster, Crash
    >>> from ftlib.transactions.bank import bank
    >>> nodes = bank("yyy", coordinator=Coordinator, participant=Participant)
    >>> trace = Cluster(nodes, faults=[Crash("coordinator", at=0.015)]).run()
    >>> [(event.node, event.what.outcome) for event in trace.facts(Decided)]
    [('p1', 'abort'), ('p2', 'abort'), ('p3', 'abort')]

    Notes
    -----
    For N participants, without faults: N each of Prepare, Vote, PreCommit, PreCommitted
    and Decision, 5N in all, where two-phase commit sends 3N, or 4N with
    acknowledgements; 5 message delays until all know, where it has 3. 2 forced writes a
    commit, that it has begun and that it commits; 1 an abort.

    Explained in chapters/7_1_every_run.ipynb.
    """

    MESSAGES = MESSAGES

    def __init__(
        self,
        transactions: tuple[Transaction, ...] = (),
        vote_timeout: float = 0.5,
        resend: float = 0.5,
    ) -> None:
        super().__init__(transactions, vote_timeout, resend)
        # after a recovery: who has not said that it is in doubt and has crashed as well
        self.missing: dict[str, list[str]] = {}

    def begin(self, txn: str) -> None:
        self.disk.write(f"begin {txn}", True)
        self.disk.force()  # else it would not know, after a crash, what to ask for
        super().begin(txn)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Vote():
                super().on_message(sender, message)
            case PreCommitted(txn) if sender in self.owing.get(txn, ()):
                self.owing[txn].remove(sender)
                if not self.owing[txn]:
                    self.decide(txn, COMMIT)
            case Inquiry(txn) if self.disk.read(f"begin {txn}"):
                self.answer(sender, txn)
            case State(txn, "recovered") if sender in self.missing.get(txn, ()):
                self.missing[txn].remove(sender)
                if not self.missing[txn]:
                    self.decide(
                        txn, ABORT
                    )  # nobody has decided, and nobody but this node can any more
            case Decision(txn, outcome) if txn in self.missing:
                self.decide(txn, outcome)

    def count(self, txn: str) -> None:
        """Decide as soon as the votes allow: to abort, or to pre-commit."""
        votes = self.votes[txn]
        if "no" in votes.values():
            self.decide(txn, ABORT)
        elif len(votes) == len(self.transactions[txn].participants):
            self.pre_commit(txn)

    def pre_commit(self, txn: str) -> None:
        """Make sure that nobody is left in wait before anybody commits."""
        del self.votes[txn]
        self.cancel_timer(f"votes {txn}")
        self.owing[txn] = list(self.transactions[txn].participants)
        for participant in self.owing[txn]:
            self.send(participant, PreCommit(txn))
        self.set_timer(f"acks {txn}", self.resend)

    def decide(self, txn: str, outcome: Outcome) -> None:
        refused = [
            participant
            for participant, vote in self.votes.pop(txn, {}).items()
            if vote == "no"
        ]
        self.owing.pop(txn, None)
        self.missing.pop(txn, None)
        for wait in ("votes", "acks", "ask"):
            self.cancel_timer(f"{wait} {txn}")
        self.disk.write(f"outcome {txn}", outcome)
        if outcome == COMMIT:
            self.disk.force()  # an abort may be forgotten: nobody can commit any more
        self.record(Decided(txn, outcome))
        for participant in self.transactions[txn].participants:
            if participant not in refused:
                self.send(participant, Decision(txn, outcome))

    def answer(self, sender: str, txn: str) -> None:
        outcome = self.disk.read(f"outcome {txn}")
        if outcome:
            self.send(sender, Decision(txn, outcome))
        elif txn in self.missing:
            self.send(sender, State(txn, RECOVERED))
        else:
            self.send(sender, State(txn, WAIT if txn in self.votes else PRE_COMMIT))

    def on_timer(self, name: str) -> None:
        match name.split(" ", 1):
            case "acks", txn:
                self.decide(txn, COMMIT)  # those that are silent have crashed
            case "ask", txn:
                self.ask(txn)
            case _:
                super().on_timer(name)

    def recover(self) -> None:
        """Ask the participants for what the log does not say: they may have decided
        without this node, either way.
        """
        for key in self.disk.keys("begin "):
            txn = key.removeprefix("begin ")
            outcome = self.disk.read(f"outcome {txn}")
            if outcome:
                self.record(Decided(txn, outcome))
            else:
                self.missing[txn] = list(self.transactions[txn].participants)
                self.ask(txn)

    def ask(self, txn: str) -> None:
        for participant in self.transactions[txn].participants:
            self.send(participant, Inquiry(txn))
        self.set_timer(f"ask {txn}", self.resend)


class Participant(two_phase.Participant):
    """A resource manager: as in two-phase commit until it has voted. Then, if need be,
    it leads the others to the end.

    Parameters, raises: as `two_phase.Participant`; `patience` is also how long to wait
    for the answers of the others.

    Notes
    -----
    2 forced writes a commit (the vote, the outcome), 1 a no, as in two-phase commit:
    pre-commit is forced nowhere. One that leads sends one message to each node before
    it, and at most three to each after it, and hears two from each of those.

    Explained in chapters/7_1_every_run.ipynb.
    """

    MESSAGES = MESSAGES

    def __init__(
        self,
        accounts: tuple[tuple[str, int], ...] = (),
        vote: str = "yes",
        patience: float = 0.6,
        lock_timeout: float = 0.3,
    ) -> None:
        super().__init__(accounts, vote, patience, lock_timeout)
        self.states: dict[
            str, str
        ] = {}  # "wait", "pre-commit" or "recovered": of the transactions in doubt
        self.roles: dict[
            str, str
        ] = {}  # "follower", "asking", "leading", "pre-committing" or "recovered"
        self.awaited: dict[str, list[str]] = {}  # who has not answered yet
        self.heard: dict[str, dict[str, str]] = {}  # the states of those who have

    def prepare(self, coordinator: str, message: Prepare) -> None:
        super().prepare(coordinator, message)
        if self.log(message.txn).status == "prepared":
            self.states[message.txn] = WAIT
            self.roles[message.txn] = "follower"

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case PreCommit(txn) if self.states.get(txn, RECOVERED) != RECOVERED:
                self.states[txn] = PRE_COMMIT
                self.send(sender, PreCommitted(txn))
                self.set_timer(f"doubt {txn}", self.patience)
            case Inquiry(txn):
                self.answer(sender, txn)
            case State(txn, state) if self.roles.get(txn) in ("asking", "leading"):
                self.hear(sender, txn, state)
            case PreCommitted(txn) if self.roles.get(txn) == "pre-committing":
                self.hear(sender, txn, PRE_COMMIT)
            case _:
                super().on_message(sender, message)

    def answer(self, sender: str, txn: str) -> None:
        match self.log(txn).status:
            case "commit" | "abort" as outcome:
                self.send(sender, Decision(txn, outcome))
            case "prepared":
                self.send(sender, State(txn, self.states[txn]))
            case "unknown":
                self.veto(txn)
                self.send(sender, Decision(txn, ABORT))
                self.unlock(txn)  # it may have been waiting for a lock

    # The termination protocol ---------------------------------------------------------

    def in_doubt(self, txn: str) -> None:
        """Go on: all have answered, or the time is up and those that have not answered
        have crashed.
        """
        entry = self.log(txn)
        rank = entry.participants.index(self.id)
        before, after = (
            [entry.coordinator, *entry.participants[:rank]],
            [*entry.participants[rank + 1 :]],
        )
        match self.roles.get(txn):
            case "follower":
                self.ask(txn, "asking", before)
            case "asking" if set(self.heard[txn].values()) - {RECOVERED}:
                self.ask(txn, "asking", before)  # one of them leads
            case "asking":
                self.ask(txn, "leading", after)
            case "leading":
                self.terminate(txn)
            case "pre-committing":
                self.decide(txn, COMMIT)
            case _:  # it has crashed since it voted: it may only ask
                self.states[txn] = RECOVERED
                self.ask(txn, "recovered", before + after)

    def ask(
        self, txn: str, role: str, nodes: list[str], question: object = None
    ) -> None:
        """Put a question to these nodes, and wait for their answers."""
        self.roles[txn], self.awaited[txn], self.heard[txn] = role, nodes, {}
        for node in nodes:
            self.send(node, question or Inquiry(txn))
        self.set_timer(f"doubt {txn}", self.patience)
        if not nodes:
            self.in_doubt(txn)

    def hear(self, sender: str, txn: str, state: str) -> None:
        if sender in self.awaited[txn]:
            self.awaited[txn].remove(sender)
            self.heard[txn][sender] = state
            if not self.awaited[txn] and self.roles[txn] != "asking":
                self.in_doubt(txn)

    def terminate(self, txn: str) -> None:
        """Decide by the states of all that are up: none of them has decided, else it
        would have said so.
        """
        if PRE_COMMIT in (self.states[txn], *self.heard[txn].values()):
            self.states[txn] = PRE_COMMIT
            waiting = [node for node, state in self.heard[txn].items() if state == WAIT]
            self.ask(txn, "pre-committing", waiting, PreCommit(txn))
        else:
            self.decide(txn, ABORT)

    def decide(self, txn: str, outcome: Outcome) -> None:
        entry = self.log(txn)
        self.learn(self.id, txn, outcome)
        for node in (entry.coordinator, *entry.participants):
            if node != self.id:
                self.send(node, Decision(txn, outcome))

    def learn(self, sender: str, txn: str, outcome: Outcome) -> None:
        """Act on the outcome, once."""
        entry = self.log(txn)
        match entry.status, outcome:
            case "prepared", "commit":
                self.apply(txn, entry)
            case (("prepared" | "unknown"), "abort"):
                self.disk.write(f"txn {txn}", Logged(ABORT))
                self.record(Decided(txn, ABORT))
            case _:
                return
        for known in (self.states, self.roles, self.awaited, self.heard):
            known.pop(txn, None)
        self.cancel_timer(f"doubt {txn}")
        self.unlock(txn)
