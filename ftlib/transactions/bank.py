"""The running example: a bank whose accounts live on several participants, and one
transfer between them.
"""

from collections.abc import Callable, Iterable
from functools import partial

from ftlib.simulation import Node
from ftlib.transactions.atomic_commit import Transaction, transfer
from ftlib.transactions.two_phase import Coordinator, Participant

__all__ = ["COORDINATOR", "VOTES", "bank", "rivals"]

COORDINATOR = "coordinator"
VOTES = {"y": "yes", "n": "no", "s": "silent"}


def bank(
    votes: str = "yy",
    transactions: Iterable[Transaction] | None = None,
    *,
    coordinator: Callable[..., Node] = Coordinator,
    participant: Callable[..., Node] = Participant,
    balance: int = 100,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of one coordinator and of participants p1, p2, ..., each with
    one account a1, a2, ...

    Parameters
    ----------
    votes : str
        One letter a participant: "y" votes by what its accounts allow, "n" refuses, "s"
        stays silent.
    transactions : iterable of Transaction, optional
        By default one transfer t1 that touches every participant.
    coordinator, participant : callable
        The classes to use, such as a mutant; called as `Coordinator` and `Participant`
        are.
    balance : int
        What is on each account at first; on p1's, which pays all the others, N - 1
        times as much.

    Returns
    -------
    dict from id to factory
        For `ftlib.simulation.Cluster`.

    Raises
    ------
    ValueError
        If `votes` is empty or holds another letter.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> dict(Cluster(bank("yyn")).run().counts())
    {'Prepare': 3, 'Vote': 3, 'Decision': 2}
    """
    strange = sorted(set(votes) - set(VOTES))
    if strange or not votes:
        raise ValueError(
            f"votes is {votes!r}: give one of the letters {', '.join(VOTES)} for each"
            " participant"
        )
    chosen = (
        (transfer("t1", len(votes)),) if transactions is None else tuple(transactions)
    )
    opening = [balance * max(1, len(votes) - 1), *(balance for _ in votes[1:])]
    nodes: dict[str, Callable[[], Node]] = {COORDINATOR: partial(coordinator, chosen)}
    for number, (letter, amount) in enumerate(zip(votes, opening, strict=True), 1):
        nodes[f"p{number}"] = partial(
            participant, ((f"a{number}", amount),), VOTES[letter]
        )
    return nodes


def rivals(
    amounts: Iterable[int] = (60, 60),
    votes: str = "y",
    *,
    coordinator: Callable[..., Node] = Coordinator,
    participant: Callable[..., Node] = Participant,
) -> dict[str, Callable[[], Node]]:
    """Make a bank in which transfers t1, t2, ... want the same accounts at the same
    time: each from a1 of p1, which holds 100, to b1 of the last participant.

    Parameters
    ----------
    amounts : iterable of int
        One for each transfer. By default there is money for one of two.
    votes, coordinator, participant
        As for `bank`. All accounts are with p1 if it is alone.

    Returns
    -------
    dict from id to factory

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> from ftlib.transactions.atomic_commit import Decided
    >>> trace = Cluster(rivals()).run()
    >>> [event.what for event in trace.facts(Decided, node="p1")]
    [Decided(txn='t1', outcome='commit'), Decided(txn='t2', outcome='abort')]
    """
    transfers = tuple(
        Transaction(
            f"t{number}", (("p1", "a1", -amount), (f"p{len(votes)}", "b1", amount))
        )
        for number, amount in enumerate(amounts, 1)
    )
    return bank(
        votes,
        transfers,
        coordinator=coordinator,
        participant=participant,
        balance=100 // max(1, len(votes) - 1),
    )
