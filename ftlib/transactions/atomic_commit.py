"""What any atomic commit protocol must promise, as properties of the trace; and the
vocabulary that such protocols share.

The promises are those of non-blocking atomic commit (Bernstein, Hadzilacos and Goodman
1987, section 7.3; Guerraoui 1995), stated over the facts that coordinators and
participants record. Agreement is *uniform*: what a node decided before it crashed
counts too. Two-phase commit keeps all of them but the last, `nonblocking`.

They assume that disks survive crashes. A participant whose disk is wiped forgets its
promises; a coordinator whose disk is wiped forgets that it has promised anything, and
may begin again: no protocol over logs can then agree with itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ftlib.simulation import Broken, Event, Property, Trace, Unknown, monitor
from ftlib.simulation.promises import FAULT_EVENTS, down, responsive, somebody_down

__all__ = [
    "ABORT",
    "COMMIT",
    "FACTS",
    "PROPERTIES",
    "Applied",
    "Began",
    "Decided",
    "Transaction",
    "Voted",
    "Waits",
    "agreement",
    "conserved",
    "nonblocking",
    "nontriviality",
    "stability",
    "termination",
    "transfer",
    "validity",
]

Outcome = Literal["commit", "abort"]
Ballot = Literal["yes", "no"]
COMMIT: Outcome = "commit"
"""The outcome in which every participant makes its changes."""
ABORT: Outcome = "abort"
"""The outcome in which nobody changes anything."""
Changes = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transfer between accounts that live on several participants.

    Parameters
    ----------
    name : str
        Different for every transaction, whichever coordinator it has.
    changes : tuple of (participant, account, amount)
        What is added to which account, each named once. The amounts sum to 0: money is
        moved, not made.
    at : float
        When its coordinator begins it, in seconds after the start.

    Raises
    ------
    ValueError
        If nothing changes, an account is named twice, or the amounts do not sum to 0.

    Examples
    --------
    >>> Transaction("t1", (("p1", "alice", -30), ("p2", "bob", 30))).participants
    ('p1', 'p2')
    >>> Transaction("t1", (("p1", "alice", -30), ("p2", "bob", 31)))
    Traceback (most recent call last):
        ...
    ValueError: the amounts of 't1' sum to 1: a transfer moves money, they must sum to 0
    """

    name: str
    changes: tuple[tuple[str, str, int], ...]
    at: float = 0.0

    def __post_init__(self) -> None:
        if not self.changes:
            raise ValueError(
                f"transaction {self.name!r} changes nothing: name at least one"
                " (participant, account, amount)"
            )
        accounts = [(participant, account) for participant, account, _ in self.changes]
        for participant, account in accounts:
            if accounts.count((participant, account)) > 1:
                raise ValueError(
                    f"{self.name!r} names account {account!r} of {participant!r} twice:"
                    " give one amount for each account"
                )
        total = sum(amount for _, _, amount in self.changes)
        if total:
            raise ValueError(
                f"the amounts of {self.name!r} sum to {total}: a transfer moves money,"
                " they must sum to 0"
            )

    @property
    def participants(self) -> tuple[str, ...]:
        """The participants, in order of first mention."""
        return tuple(dict.fromkeys(participant for participant, _, _ in self.changes))

    def on(self, participant: str) -> Changes:
        """Return the (account, amount) pairs of one participant."""
        return tuple(
            (account, amount)
            for name, account, amount in self.changes
            if name == participant
        )


def transfer(
    name: str, participants: int, amount: int = 30, at: float = 0.0
) -> Transaction:
    """Make a transfer that touches participants p1 to pN, one account each: p1's
    account pays, the others share what it pays.

    Parameters
    ----------
    name : str
    participants : int
        N, 1 or more. With one, nothing is moved.
    amount : int
        What each of the others receives.
    at : float
        As in `Transaction`.

    Examples
    --------
    >>> transfer("t1", 3).changes
    (('p1', 'a1', -60), ('p2', 'a2', 30), ('p3', 'a3', 30))
    """
    if participants < 1:
        raise ValueError(
            f"participants is {participants!r}: a transaction needs at least 1"
        )
    others = tuple((f"p{k}", f"a{k}", amount) for k in range(2, participants + 1))
    return Transaction(name, (("p1", "a1", -amount * len(others)), *others), at)


# Facts --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Began:
    """The coordinator has begun a transaction with these participants."""

    txn: str
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voted:
    """A participant has voted; after "yes" it is in doubt until it learns the outcome.
    Said again when it recovers in doubt.
    """

    txn: str
    vote: Ballot


@dataclass(frozen=True, slots=True)
class Waits:
    """A participant cannot vote yet, because another transaction holds a lock on this
    account.
    """

    txn: str
    account: str
    holder: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A node knows the outcome, and acts on it. Said again when it recovers and finds
    it in its log.
    """

    txn: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Applied:
    """A participant has made the changes of a committed transaction durable. Said
    before `Decided`, and again as that is.
    """

    txn: str
    changes: Changes


FACTS = (Began, Voted, Waits, Decided, Applied)


Pairs = frozenset[tuple[Any, Any]]  # what a property remembers
NOTHING: Pairs = frozenset()


# Properties ---------------------------------------------------------------------------


def _agreement(first: Pairs, event: Event) -> Pairs | Broken:
    """Remembers of each transaction who decided first, and what."""
    match event.what:
        case Decided(txn, outcome):
            node, before = dict(first).get(txn, (event.node, outcome))
            if before != outcome:
                return Broken(
                    f"{txn}: {node} decided {before}, {event.node} decided {outcome}"
                )
            return first | {(txn, (node, outcome))}
    return first


def _stability(first: Pairs, event: Event) -> Pairs | Broken:
    """Remembers what each node decided of each transaction."""
    match event.what:
        case Decided(txn, outcome):
            before = dict(first).get((event.node, txn), outcome)
            if before != outcome:
                return Broken(
                    f"{txn}: {event.node} decided {before}, and later {outcome}"
                )
            return first | {((event.node, txn), outcome)}
    return first


def _validity(seen: Pairs, event: Event) -> Pairs | Broken:
    """Remembers the participants of each transaction, and who voted yes on it."""
    match event.what:
        case Began(txn, participants):
            return seen | {("began", (txn, participants))}
        case Voted(txn, "yes"):
            return seen | {("yes", (txn, event.node))}
        case Decided(txn, "commit"):
            missing = [
                node
                for node in _participants(seen, txn)
                if ("yes", (txn, node)) not in seen
            ]
            if missing:
                return Broken(
                    f"{txn}: {event.node} decided commit, but {', '.join(missing)} had"
                    " not voted yes"
                )
    return seen


def _participants(seen: Pairs, txn: str) -> tuple[str, ...]:
    return next(
        (names for kind, (name, names) in seen if kind == "began" and name == txn), ()
    )


def _nontriviality(
    excused: frozenset[str] | None, event: Event
) -> frozenset[str] | Broken | None:
    """Remembers the transactions that may abort: where somebody voted no, or a timer
    ran out; None: something failed, all may.

    A time-out is a timer other than "begin"; if its name ends in a transaction's, it
    concerns that one only.
    """
    if excused is None or event.kind in FAULT_EVENTS:
        return None
    match event.kind, event.what:
        case "timer", _:
            name, _, txn = (event.other or "").partition(" ")
            return excused | {txn} if name != "begin" else excused
        case _, Voted(txn, "no"):
            return excused | {txn}
        case _, Decided(txn, "abort") if excused.isdisjoint((txn, "")):
            return Broken(
                f"{txn}: {event.node} decided abort, though nobody voted no, nothing"
                " failed and no timer ran out"
            )
    return excused


def _conserved(seen: Pairs, event: Event) -> Pairs | Broken:
    """Remembers the participants of each transaction, who has decided it, and what it
    has moved where.
    """
    match event.what:
        case Began(txn, participants):
            return seen | {("began", (txn, participants))}
        case Applied(txn, changes):
            return seen | {
                ("moved", (txn, (event.node, sum(amount for _, amount in changes))))
            }
        case Decided(txn):
            seen |= {("decided", (txn, event.node))}
            names = _participants(seen, txn)
            total = sum(
                rest[1]
                for kind, (name, rest) in seen
                if kind == "moved" and name == txn
            )
            if (
                names
                and total
                and all(("decided", (txn, node)) in seen for node in names)
            ):
                return Broken(
                    f"{txn}: decided everywhere, and the total has changed by"
                    f" {total:+d}"
                )
    return seen


def _owed(trace: Trace) -> Mapping[tuple[str, str], float]:
    """Name the transactions and participants that owe a decision, and since when.

    A participant owes one once it has voted, or waits for a lock to vote; what it has
    not voted on is forgotten when it crashes. Where nothing has failed every
    participant owes one: else a protocol that does nothing at all would terminate.
    """
    voted: dict[tuple[str, str], float] = {}
    asked: dict[tuple[str, str], float] = {}
    calm = not trace.where(kind=FAULT_EVENTS)
    for event in trace.where(kind=("fact", "crash")):
        match event.what:
            case Began(txn, participants) if calm:
                asked |= {
                    (txn, participant): event.time for participant in participants
                }
            case Waits(txn):
                asked[txn, event.node] = event.time
            case Voted(txn):
                voted[txn, event.node] = event.time
            case Decided(txn):
                voted.pop((txn, event.node), None)
                asked.pop((txn, event.node), None)
            case _ if event.kind == "crash":
                asked = {
                    key: since for key, since in asked.items() if key[1] != event.node
                }
    return asked | voted


def _undecided(
    trace: Trace, but: tuple[str, ...] = ()
) -> Mapping[str, float] | Unknown:
    """Say which participants, but for some, have not decided what, and since when."""
    if not trace.facts(Began):
        return Unknown("no transaction has begun")
    return {
        f"{txn}: {node} has not decided": since
        for (txn, node), since in _owed(trace).items()
        if node not in but
    }


def termination(within: float, until: float) -> Property:
    """Everyone decides within `within` seconds once faults stop, all nodes are up and
    messages arrive.

    Parameters
    ----------
    within : float
        The bound, in seconds: after the last fault, and after the vote.
    until : float
        How long the run was let run, in seconds.

    Returns
    -------
    Property
        Its verdict is unknown when no transaction has begun, when somebody has not
        decided and a node is down at the end, or when faults went on until less than
        `within` before it.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Crash, Recover, judge
    >>> from ftlib.transactions.bank import bank
    >>> crash = [Crash("coordinator", at=0.015)]
    >>> forever = Cluster(bank("yy"), faults=crash).run(until=9)
    >>> [
    ...     finding.verdict
    ...     for finding in judge(
    ...         forever, [termination(2, until=9), nonblocking(2, until=9)]
    ...     )
    ... ]
    ['unknown', 'violated']
    >>> mended = Cluster(bank("yy"), faults=[*crash, Recover("coordinator", at=5)]).run(
    ...     until=9
    ... )
    >>> [
    ...     finding.verdict
    ...     for finding in judge(
    ...         mended, [termination(2, until=9), nonblocking(2, until=9)]
    ...     )
    ... ]
    ['holds', 'holds']
    """
    return responsive("termination", _undecided, within, until, somebody_down)


def nonblocking(within: float, until: float) -> Property:
    """Every participant that is up decides within `within` seconds of the last fault,
    whoever else is down.

    Two-phase commit does not promise this, and no protocol can in an asynchronous
    network (Bernstein, Hadzilacos and Goodman 1987, proposition 7.1; Fischer, Lynch and
    Paterson 1985).

    Parameters, returns: as `termination`, but a node that is down is no excuse.
    """
    return responsive(
        "non-blocking", lambda trace: _undecided(trace, down(trace)), within, until
    )


agreement = monitor("agreement", NOTHING, _agreement)
validity = monitor("validity", NOTHING, _validity)
# a lost message is noticed by nobody until a timer has run out, which excuses by itself
TROUBLE = ("timer", "crash", "recover", "fault")
nontriviality = monitor(
    "non-triviality", NOTHING, _nontriviality, kinds=("fact", *TROUBLE)
)
stability = monitor("stability", NOTHING, _stability)
conserved = monitor("conserved total", NOTHING, _conserved)

PROPERTIES = (agreement, validity, nontriviality, stability, conserved)
"""What atomic commit promises, whatever fails."""
