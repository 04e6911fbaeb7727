"""The figures of chapter 7.2: an operation whose ends can be moved, a takeover that
loses what was acknowledged, and quorums of every size, with the write-back or without.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations, product
from typing import Annotated

from ftlib.checking import (
    History,
    KeyValue,
    Operation,
    Register,
    Verdict,
    check_linearizable,
)
from ftlib.drawing import Picture, history_picture
from ftlib.figures.controls import Choice, Range, Toggle
from ftlib.replication import Mode, replicas
from ftlib.replication.quorum import AtomicClient, RegularClient, registers
from ftlib.simulation import Cluster, Heal, Lose, Partition, Schedule

__all__ = [
    "failed_over",
    "failover",
    "harm",
    "lost",
    "moved",
    "overlapping",
    "quorums",
    "worst",
]

# An operation whose ends can be moved -------------------------------------------------


def overlapping(since: int, lasts: int, result: int) -> History:
    """Make the history of a long write, a read that returns its value, and a second
    read that can be moved.

    Parameters
    ----------
    since, lasts : int
        When the second read begins, and how long it takes.
    result : int
        What it returns.
    """
    return History(
        [
            Operation("a", ("write", 1), None, 3, 11),
            Operation("b", ("read",), 1, 5, 7),
            Operation("c", ("read",), result, since, since + lasts),
        ]
    )


def moved(
    since: Annotated[int, Range(range(0, 13, 2), "c's read begins at")] = 8,
    lasts: Annotated[int, Range(range(2, 9, 2), "It takes")] = 2,
    result: Annotated[int, Choice({0: "0, the old value", 1: "1"}, "It returns")] = 0,
) -> Picture:
    """Draw a history of three operations, one of which can be moved, and its verdict.

    Parameters
    ----------
    since, lasts : int
        When c's read begins, and how long it takes.
    result : int
        What it returns.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_2_linearizability``.
    """
    history = overlapping(since, lasts, result)
    return history_picture(history, check_linearizable(history, Register(0)))


# A takeover ---------------------------------------------------------------------------

LETTERS = "abcdef"
CUT = 0.05  # seconds after the start
MODES = {
    "guess": Mode(0, hears=2),
    "asynchronous": Mode(0),
    "one copy": Mode(1),
    "two copies": Mode(2),
}
NAMES = {
    "guess": "no copy, 2 nodes",
    "asynchronous": "no copy, all 3 nodes",
    "one copy": "1 copy, 2 nodes",
    "two copies": "2 copies, 1 node",
}


@cache
def failed_over(mode: str = "guess", lasts: float = 0.4) -> History:
    """Run a primary and two replicas of which the primary is cut off together with a
    client that writes, while another client reads.

    Parameters
    ----------
    mode : str
        A key of `MODES`.
    lasts : float
        How long the cut lasts, in seconds.
    """
    nodes = replicas(
        [[("append", "x", each) for each in LETTERS], [("get", "x")] * len(LETTERS)],
        MODES[mode],
    )
    faults = [Partition((("r1", "c1"),), at=CUT), Heal(at=CUT + lasts)]
    return History.from_trace(Cluster(nodes, faults=faults).run(until=3.0))


def lost(history: History) -> list[str]:
    """List what was acknowledged before the last read began, and is not in it."""
    last = [each for each in history if each.call[0] == "get" and not each.pending][-1]
    return [
        each.call[2]
        for each in history
        if each.call[0] == "append"
        and each.returned is not None
        and each.returned < last.invoked
        and each.call[2] not in (last.result or "")
    ]


def failover(
    mode: Annotated[str, Choice(NAMES, "A write needs, a takeover hears")] = "guess",
    lasts: Annotated[
        float, Range((0.1, 0.2, 0.3, 0.4, 0.5, 0.6), "The cut lasts", "s")
    ] = 0.4,
) -> Picture:
    """Draw what two clients see while the primary is cut off with one of them.

    Parameters
    ----------
    mode : str
        A key of `MODES`.
    lasts : float
        How long the cut lasts, in seconds.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_2_linearizability``.
    """
    history = failed_over(mode, lasts)
    verdict = check_linearizable(history, KeyValue)
    drawn = history_picture(history, verdict)
    gone = lost(history)
    if gone:
        said = f"{len(gone)} of {len(LETTERS)} acknowledged writes are lost."
    else:
        waits = max(
            each.returned - each.invoked
            for each in history
            if each.returned is not None
        )
        said = f"Nothing is lost; somebody waits {waits:.2f} s for an answer."
    return replace(drawn, title=f"{said} {verdict.outcome.capitalize()}.")


# Quorums ------------------------------------------------------------------------------

N, READS = 3, 4


def harm(
    read: int, write: int, kept: tuple[int, ...] = (), nodes: int = N
) -> Iterator[Schedule]:
    """Yield what the network may do while c1 writes once and c2 reads four times: the
    write reaches one or two nodes at first, and each read hears some nodes first.

    Parameters
    ----------
    read, write : int
        R and W.
    kept : tuple of int
        How many nodes a write-back may reach at first; empty if there is none.
    nodes : int
        N.
    """
    names = tuple(f"n{number}" for number in range(1, nodes + 1))

    def subsets(*sizes: int) -> list[tuple[str, ...]]:
        return [each for size in sizes for each in combinations(names, size)]

    def losses(
        kind: str, sender: str, there: Iterable[str], nth: int = 1
    ) -> list[Lose]:
        return [
            Lose(kind, sender=sender, receiver=each, nth=nth)
            for each in names
            if each not in there
        ]

    heard, backs = subsets(read), subsets(*kept) or [names]
    for first, one, two, back in product(subsets(1, 2), heard, heard, backs):
        faults = losses("Update", "c1", first) + losses("Query", "c2", one, 2)
        for nth in range(3, READS + 1):
            faults += losses("Query", "c2", two, nth)
        for nth in range(1, READS + 1):
            faults += losses("Update", "c2", back, nth)
        yield Schedule(faults)


@cache
def worst(read: int, write: int, back: bool) -> tuple[int, History, Verdict]:
    """Try what the network may do to a write and four reads, until what the clients
    see is not linearizable.

    Parameters
    ----------
    read, write : int
        R and W, of three nodes.
    back : bool
        Whether a read writes back what it returns.

    Returns
    -------
    (int, History, Verdict)
        How many runs were tried, and the last one.
    """
    client = AtomicClient if back else RegularClient
    nodes = registers(
        [("put", "x", 1)],
        [("get", "x")] * READS,
        read=read,
        write=write,
        client=client,
    )
    tried = 0
    for faults in harm(read, write, (write,) if back else ()):
        tried += 1
        history = History.from_trace(Cluster(nodes, faults=faults).run(until=1.0))
        verdict = check_linearizable(history, KeyValue)
        if not verdict:
            break
    return tried, history, verdict


def quorums(
    read: Annotated[int, Range(range(1, 4), "R, a read waits for")] = 2,
    write: Annotated[int, Range(range(1, 4), "W, a write waits for")] = 2,
    back: Annotated[bool, Toggle("A read writes back what it returns")] = False,
) -> Picture:
    """Draw a run of three nodes that is not linearizable, if one is found.

    Parameters
    ----------
    read, write : int
        R and W.
    back : bool
        Whether a read writes back what it returns.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_2_linearizability``.
    """
    tried, history, verdict = worst(read, write, back)
    drawn = history_picture(history, verdict)
    meets = "more than" if read + write > N else "no more than"
    said = (
        f"All {tried} runs are linearizable; this is the last one."
        if verdict
        else f"Run {tried} is not linearizable."
    )
    return replace(drawn, title=f"R + W is {meets} N. {said}")
