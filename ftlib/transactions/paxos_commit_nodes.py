"""The nodes of Paxos Commit, as a cluster."""

from collections.abc import Callable
from functools import partial

from ftlib.simulation import Node
from ftlib.transactions.bank import VOTES
from ftlib.transactions.paxos_commit import Acceptor, Leader, ResourceManager

__all__ = ["paxos_commit_nodes"]


def paxos_commit_nodes(
    votes: str = "yy",
    f: int = 1,
    leaders: int = 2,
    *,
    manager: Callable[..., Node] = ResourceManager,
    acceptor: Callable[..., Node] = Acceptor,
    leader: Callable[..., Node] = Leader,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of leaders l1, l2, ..., of resource managers p1, p2, ... and
    of 2F + 1 acceptors a1, a2, ...; l1 begins transaction t1.

    Parameters
    ----------
    votes : str
        One letter a resource manager: "y" votes yes, "n" no, "s" never.
    f : int
        How many acceptors may be down.
    leaders : int
        How many nodes can lead.
    manager, acceptor, leader : callable
        The classes to use, such as a mutant; called as `ResourceManager`, `Acceptor`
        and `Leader` are.

    Returns
    -------
    dict from id to factory

    Raises
    ------
    ValueError
        If `votes` is empty or holds another letter, if `f` is negative, or if there is
        no leader.

    Examples
    --------
    The leader crashes when all have voted. Under two-phase commit everybody would wait
    for it:

    >>> from ftlib.simulation import Cluster, Crash
    >>> from ftlib.transactions.atomic_commit import Decided
    >>> crash = [Crash("l1", at=0.025)]
    >>> trace = Cluster(paxos_commit_nodes("yy"), faults=crash).run(until=2)
    >>> [(event.node, event.what.outcome) for event in trace.facts(Decided)]
    [('l2', 'commit'), ('p1', 'commit'), ('p2', 'commit')]
    """
    if not votes or set(votes) - set(VOTES):
        raise ValueError(
            f"votes is {votes!r}: give one of the letters {', '.join(VOTES)} for each"
            " resource manager"
        )
    for name, given, least in (("f", f, 0), ("leaders", leaders, 1)):
        if type(given) is not int or given < least:
            raise ValueError(
                f"{name} is {given!r}: give a whole number, {least} or more"
            )
    p, a, k = (
        tuple(f"{letter}{number}" for number in range(1, count + 1))
        for letter, count in (("p", len(votes)), ("a", 2 * f + 1), ("l", leaders))
    )
    begins = ((("t1", p),), *((),) * (leaders - 1))
    nodes: dict[str, Callable[[], Node]] = {
        name: partial(leader, place, leaders, a, begins[place - 1])
        for place, name in enumerate(k, 1)
    }
    nodes |= {
        name: partial(manager, a, k, VOTES[letter])
        for name, letter in zip(p, votes, strict=True)
    }
    return nodes | dict.fromkeys(a, partial(acceptor, k[:1]))
