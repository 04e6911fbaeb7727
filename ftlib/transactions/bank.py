"""The running example: a bank whose accounts live on several participants, and one
transfer between them.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ftlib.simulation import Node
from ftlib.transactions.atomic_commit import Transaction, transfer
from ftlib.transactions.two_phase import Coordinator, Participant

__all__ = ["COORDINATOR", "VOTES", "bank", "with_mutant"]

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


def with_mutant(mutant: type[Node], **roles: type[Node]) -> dict[str, Any]:
    """Cast a mutant for the role that it derives from, and the right classes for the
    others.

    Parameters
    ----------
    mutant : type
    **roles : type
        The right class for each role, by its name.

    Returns
    -------
    dict from role to class

    Raises
    ------
    TypeError
        If it derives from none of them.

    Examples
    --------
    >>> class Hasty(Participant):
    ...     pass
    >>> with_mutant(Hasty, coordinator=Coordinator, participant=Participant)[
    ...     "participant"
    ... ].__name__
    'Hasty'
    """
    for role, right in roles.items():
        if issubclass(mutant, right):
            return {**roles, role: mutant}
    names = [right.__name__ for right in roles.values()]
    known = " nor ".join(
        f"{'an' if name[0] in 'AEIOU' else 'a'} {name}" for name in names
    )
    raise TypeError(
        f"{mutant.__name__} is neither {known}: give a subclass of one of them"
    )
