"""What the bank promises beside atomic commit, as properties of the trace: its
transactions are isolated from each other, and its locks come free.

Atomic commit says nothing of two transactions that want the same account: each may
commit or abort as a whole, and the account be overdrawn all the same. The participants
of `ftlib.transactions.two_phase` and its kin hold a lock from promise to outcome
(strict two-phase locking; Bernstein, Hadzilacos and Goodman 1987, chapter 3), and so
promise:

- *isolation*: nobody else changes an account between a transaction's promise and its
  outcome. So what was true of the balance when it voted yes is true when it commits.
- *serial balances*: every balance is the one before and what one committed transaction
  adds to it. Nothing is lost and nothing is added twice, whatever a crash leaves.
- *no overdraft*: no balance is ever below 0.
- *locks released*: a lock is held only from the promise to the outcome.
- *first come, first served*: of those that wait for an account, the first is the first
  to get it.

A reader without locks (`ftlib.transactions.reader`) is promised nothing.
"""

from ftlib.simulation import Broken, Event, monitor
from ftlib.transactions import atomic_commit
from ftlib.transactions.atomic_commit import (
    NOTHING,
    Applied,
    Decided,
    Pairs,
    Voted,
    Waits,
)

__all__ = [
    "PROPERTIES",
    "isolation",
    "no_overdraft",
    "released",
    "serial",
    "served_in_order",
]


def _isolation(seen: Pairs, event: Event) -> Pairs | Broken:
    """Remembers who has promised and not decided, by whom which account was changed
    since, and what was applied: that is said again after a recovery.
    """
    node = event.node
    match event.what:
        case Voted(txn, "yes"):
            return seen | {("promised", (node, txn))}
        case Decided(txn, "abort"):
            return _settled(seen, node, txn)
        case Applied(txn, changes) if ("applied", (node, txn)) not in seen:
            accounts = [account for account, _ in changes]
            between = [
                what[2:]
                for kind, what in seen
                if kind == "changed" and what[:2] == (node, txn) and what[2] in accounts
            ]
            if between:
                account, other = min(between)
                return Broken(
                    f"{txn}: {other} changed {account} of {node} between its promise"
                    " and its outcome"
                )
            seen = _settled(seen, node, txn) | {("applied", (node, txn))}
            return seen | {
                ("changed", (*what, account, txn))
                for kind, what in seen
                if kind == "promised" and what[0] == node
                for account in accounts
            }
    return seen


def _settled(seen: Pairs, node: str, txn: str) -> Pairs:
    """Forget the promise of one transaction, and what was changed since."""
    return frozenset(
        (kind, what)
        for kind, what in seen
        if kind == "applied" or what[:2] != (node, txn)
    )


def _serial(seen: Pairs, event: Event) -> Pairs | Broken:
    """Remembers of each account which balance was written since the last one that
    stands, and which that is; and what was applied: that is said again after a
    recovery.
    """
    node = event.node
    match event.kind, event.what:
        case "write", balance:
            account = _account(event)
            return (
                seen
                if account is None
                else _put(seen, "written", node, account, balance)
            )
        case _, Applied(txn, changes) if ("applied", (node, txn)) not in seen:
            known = {what[:2]: what[2] for kind, what in seen if kind == "written"}
            stands = {what[:2]: what[2] for kind, what in seen if kind == "stands"}
            for account, amount in changes:
                written = known.get((node, account))
                before = stands.get((node, account))
                if amount and written is None:
                    return Broken(f"{txn}: {account} of {node} was not written")
                if before is not None and written not in (None, before + amount):
                    return Broken(
                        f"{txn}: {account} of {node} was {before}, {amount:+d} makes it"
                        f" {written}"
                    )
                if written is not None:
                    seen -= {("written", (node, account, written))}
                    seen = _put(seen, "stands", node, account, written)
            return seen | {("applied", (node, txn))}
    return seen


def _put(seen: Pairs, kind: str, node: str, account: str, balance: int) -> Pairs:
    """Remember this balance in place of the one before."""
    others = {
        pair for pair in seen if pair[0] != kind or pair[1][:2] != (node, account)
    }
    return frozenset(others | {(kind, (node, account, balance))})


def _account(event: Event) -> str | None:
    """Tell whose balance is written here, if it is a balance."""
    word, _, account = (event.other or "").partition(" ")
    return account if word == "balance" else None


def _no_overdraft(nothing: None, event: Event) -> Broken | None:
    """Remembers nothing."""
    account = _account(event)
    if account is not None and event.what < 0:
        return Broken(f"{account} of {event.node} is overdrawn: {event.what}")
    return None


def _released(doubt: Pairs, event: Event) -> Pairs | Broken:
    """Remembers which nodes have promised what and know no outcome."""
    match event.what:
        case Voted(txn, "yes"):
            return doubt | {(event.node, txn)}
        case Decided(txn):
            return doubt - {(event.node, txn)}
        case Waits(txn, account, holder) if (event.node, holder) not in doubt:
            return Broken(
                f"{txn}: waits at {event.node} for {account}, though {holder}, which"
                " holds it, is not in doubt there"
            )
    return doubt


Queue = tuple[tuple[str, str, str], ...]


def _served_in_order(queue: Queue, event: Event) -> Queue | Broken:
    """Remembers who waits where for which account, in order."""
    if event.kind == "crash":
        return tuple(each for each in queue if each[0] != event.node)
    match event.what:
        case Waits(txn, account):
            return (*queue, (event.node, account, txn))
        case Voted(txn) | Decided(txn):
            for index, (node, account, name) in enumerate(queue):
                if (node, name) == (event.node, txn):
                    first = next(each for each in queue if each[:2] == (node, account))
                    if event.what == Voted(txn, "yes") and first != queue[index]:
                        return Broken(
                            f"{txn}: got {account} of {node} before {first[2]}, which"
                            " came first"
                        )
                    return (*queue[:index], *queue[index + 1 :])
    return queue


isolation = monitor("isolation", NOTHING, _isolation)
"""Nobody else changes an account between a promise and its outcome."""
serial = monitor("serial balances", NOTHING, _serial, kinds=("fact", "write"))
"""Every balance is the one before and what one committed transaction adds to it."""
no_overdraft = monitor("no overdraft", None, _no_overdraft, kinds=("write",))
"""No balance is ever below 0."""
released = monitor("locks released", NOTHING, _released)
"""A lock is held only from the promise to the outcome."""
served_in_order = monitor(
    "first come, first served", (), _served_in_order, kinds=("fact", "crash")
)
"""Promised of transactions that want the same accounts of a participant. One that waits
for two accounts may be overtaken by another that wants the first one only.
"""

PROPERTIES = (
    *atomic_commit.PROPERTIES,
    isolation,
    serial,
    no_overdraft,
    released,
    served_in_order,
)
"""What a bank promises beyond atomic commit, and atomic commit's own."""
