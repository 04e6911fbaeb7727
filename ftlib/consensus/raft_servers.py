"""Raft servers and their clients, as a cluster; and the first election, as steps."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ftlib.consensus.raft import Raft
from ftlib.services import Client
from ftlib.simulation import Deliver, Fire, Node

__all__ = ["election", "raft_servers"]


def raft_servers(
    wanted: Iterable[Iterable[tuple[Any, ...]]] = (),
    servers: int = 3,
    *,
    server: Callable[..., Node] = Raft,
    client: Callable[..., Node] = Client,
    patience: float = 0.1,
    longest: float = 0.8,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of servers s1, s2, ..., and of a client c1, c2, ... for each
    list of operations, which asks s1, s2, ... first.

    Parameters
    ----------
    wanted : iterables of operations
        One for each client.
    servers : int
        How many servers there are.
    server, client : callable
        The classes to use, such as a mutant; called as `Raft` and `Client` are.
    patience, longest : float
        As for `Client`.

    Returns
    -------
    dict from id to factory

    Raises
    ------
    ValueError
        If there is no server.

    Examples
    --------
    >>> sorted(raft_servers([[("get", "x")]], servers=3))
    ['c1', 's1', 's2', 's3']
    """
    if type(servers) is not int or servers < 1:
        raise ValueError(f"servers is {servers!r}: give a whole number, 1 or more")
    names = tuple(f"s{number}" for number in range(1, servers + 1))
    nodes: dict[str, Callable[[], Node]] = dict.fromkeys(names, partial(server, names))
    for number, operations in enumerate(wanted):
        first = number % servers
        nodes[f"c{number + 1}"] = partial(
            client, names[first:] + names[:first], tuple(operations), patience, longest
        )
    return nodes


def election(candidate: str, *voters: str) -> list[Deliver | Fire]:
    """List the steps by which a server becomes the leader with these votes, for the
    `settled` start of an exploration: the timer, the requests, the replies.

    Examples
    --------
    >>> len(election("s1", "s2"))
    3
    """
    steps: list[Deliver | Fire] = [Fire(candidate, "election")]
    steps += [Deliver("RequestVote", candidate, each) for each in voters]
    steps += [Deliver("RequestVoteReply", each, candidate) for each in voters]
    return steps
