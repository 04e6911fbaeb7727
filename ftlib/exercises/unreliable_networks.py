"""Judges of the exercises on unreliable networks: how often a request may be sent, a
line that a server comes back with, and a client that hedges within a budget.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from ftlib.drawing import Picture, spacetime
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded, role, watched
from ftlib.figures.overload import (
    PAUSE,
    Seconds,
    counted,
    drawn,
    overloaded,
    pictured,
    verdict,
)
from ftlib.services import Client, HedgingClient, Request, Server
from ftlib.services.overload import FirstCome, QueueServer, crowded
from ftlib.simulation import Cluster, Network, Node, Slow, Trace

__all__ = ["judge_attempts", "judge_hedger", "judge_line"]

# 1: how often a request may be sent ---------------------------------------------------

CASES = ((3, 10), (2, 10), (5, 10), (9, 10), (1, 10), (6, 20), (4, 20), (10, 20))


@judging
def judge_attempts(attempts: Callable[[int, int], Any]) -> Answer:
    """Judge how often a request may be sent at most, so that a service comes back after
    every pause.

    Refused is a number with which what comes is not below the capacity, and one that is
    lower than it must be.

    Parameters
    ----------
    attempts : callable
        Takes the new requests a second and the capacity a second.
    """
    given = [bounded(attempts, load, capacity) for load, capacity in CASES]
    if all(number is None for number in given):
        return not_attempted("Let my_attempts return a number.")
    for (load, capacity), number in zip(CASES, given, strict=True):
        where = f"with {load} new requests a second and a capacity of {capacity}"
        if type(number) is not int or number < 1:
            raise Wrong(f"{where} you say {number!r}: give a whole number, 1 or more.")
        if load * number >= capacity:
            raise Wrong(
                f"{where}, {number} sends of each are {load * number} a second: the"
                " queue does not become shorter.",
                picture=_stays_down(load, capacity, number),
            )
        if load * (number + 1) < capacity:
            raise Wrong(
                f"{where}, {number + 1} sends of each are {load * (number + 1)} a"
                " second, and that is below the capacity, too."
            )
    return Answer("right", f"{len(CASES)} loads and capacities were tried.")


def _stays_down(load: int, capacity: int, number: int) -> Picture | None:
    """Draw it at the scale of the chapter, if that shows it."""
    load = load * 10 // capacity
    if load > 9 or number > 20 or verdict(overloaded(load, 4, "none", number)).back:
        return None
    return drawn(load, 4, "none", number)


# 2: a line ----------------------------------------------------------------------------

FEW = 3  # that wait where all is well
WITHIN = 10  # seconds after the pause


@judging
def judge_line(line: type[FirstCome]) -> Answer:
    """Judge a line with which a server comes back although retries are free.

    Refused is one that does not serve whoever came first, or turns somebody away, where
    a few wait only; one with which the server stays down; and one with which requests
    come twice to the end, because they are answered just too late.

    Parameters
    ----------
    line : type
        A subclass of `FirstCome`.
    """
    if not isinstance(line, type) or not issubclass(line, FirstCome):
        raise Wrong(f"MyLine is {line!r}: hand in a subclass of FirstCome.")
    if line is FirstCome or not {"add", "take"} & set(vars(line)):
        return not_attempted("Override add or take of FirstCome.")
    _in_order(line)
    for load, pause in ((8, 0), (8, 2), (8, 4), (9, 4)):
        run = _served(line, load, pause)
        found = verdict(run)
        where = f"with {load} new requests a second and a pause of {pause} s"
        picture = pictured(run, load, pause)
        if not pause and any(run.gone):
            raise Wrong(f"without any pause {sum(run.gone)} give up.", picture=picture)
        if found.back is None or found.back > PAUSE + pause + WITHIN:
            raise Wrong(
                f"{where} the server is not back {WITHIN} s later.", picture=picture
            )
        if found.sends > 1.2 * load:
            raise Wrong(
                f"{where}, {found.sends:.0f} come a second to the end: who is answered"
                " has just asked again.",
                picture=picture,
            )
    return Answer(
        "right", "It is first come, first served in calm, and comes back after a storm."
    )


def _in_order(line: type[FirstCome]) -> None:
    """Raise if a few that wait are not served in the order in which they came."""
    mine = line()
    came = [("crowd", number, number / 10) for number in range(1, FEW + 1)]
    for request in came:
        bounded(mine.add, request)
    served = [bounded(mine.take, 0.35) for _ in range(FEW + 1)]
    if served != [*came, None]:
        numbers = [each[1] if each else None for each in served]
        raise Wrong(
            f"1, 2 and 3 come, 0.1 s after one another, and take returns {numbers}:"
            " while few wait, whoever came first is next, and nobody is turned away."
        )


def _served(line: type[FirstCome], load: int, pause: int) -> Seconds:
    """Run the crowd against a server with that line."""
    server = watched(QueueServer, 50_000)
    return counted(crowded(load, 3, queue=line, server=server), pause)


# 3: a client that hedges within a budget ----------------------------------------------

READS = 200
SHARE, START = 0.05, 5  # of the requests, and so many more
BAD = 60  # reads
LATE = 0.1  # seconds


@judging
def judge_hedger(client: type[Node]) -> Answer:
    """Judge a client that asks a second server for at most one request in twenty.

    Refused is one that does so more often while both servers are slow; one that leaves
    the tail as it is; one that, after a bad time, hedges no more; and one that sends
    the second request under another number.

    Parameters
    ----------
    client : type
        A subclass of `HedgingClient`.
    """
    kind = role(client, "MyClient")
    if not issubclass(kind, HedgingClient):
        raise Wrong(f"MyClient is {kind.__name__}: derive it from HedgingClient.")
    own = kind.__mro__[: kind.__mro__.index(HedgingClient)]
    if not any(callable(each) for base in own for each in vars(base).values()):
        return not_attempted("Override handlers of HedgingClient.")
    slow = _reads(kind, SLOW)
    _all_answered(slow, READS)
    _one_number(slow)
    added = slow.counts()["Request"] - READS
    if added > SHARE * READS + START:
        raise Wrong(
            f"both servers take half a second for each of {READS} reads, and {added}"
            " requests are added: one for twenty is allowed.",
            picture=spacetime(_reads(kind, SLOW, 3)),
        )
    plain, mine = _reads(Client, MOSTLY), _reads(kind, MOSTLY)
    _all_answered(mine, READS)
    before, after = _late(plain), _late(mine)
    if after > before / 3:
        raise Wrong(
            "each server takes 0.3 s for three answers of a hundred. Without a hedge"
            f" {before} of {READS} reads take longer than 0.1 s, with yours {after}."
        )
    again = _reads(kind, MOSTLY, BAD + READS, bad=BAD / 2)
    _all_answered(again, BAD + READS)
    if _late(again) > BAD + before / 2:
        raise Wrong(
            f"for {BAD} reads both servers are slow, and then each only now and then."
            " Your client has spent what it had, and hedges no more."
        )
    return Answer(
        "right",
        f"While both are slow it adds {added} requests to {READS}; of the reads that"
        f" take longer than 0.1 s, {after} of {before} are left.",
    )


def _reads(
    kind: type[Node],
    links: dict[tuple[str, str], Any],
    number: int = READS,
    bad: float = 0.0,
) -> Trace:
    """Let a client read from two servers, for a while through bad links."""
    reads = (("get", "x"),) * number
    mine: Callable[..., Node] = watched(kind)
    nodes: dict[str, Callable[[], Node]] = {
        "c": partial(mine, ("a", "b"), reads, 60.0, 60.0),
        "a": Server,
        "b": Server,
    }
    faults = [Slow(pair, by=0.5, until=bad) for pair in links if bad]
    network = Network(latency=0.0005, links=links)
    return Cluster(nodes, network=network, faults=faults, seed=7).run(until=200)


class _Mostly:
    """2 ms, and 0.3 s for three answers of a hundred."""

    def quantile(self, u: float) -> float:
        """Return the time of an answer."""
        return 0.3 if u > 0.97 else 0.002


SLOW: dict[tuple[str, str], Any] = {("a", "c"): 0.5, ("b", "c"): 0.5}
MOSTLY: dict[tuple[str, str], Any] = {("a", "c"): _Mostly(), ("b", "c"): _Mostly()}


def _late(trace: Trace) -> int:
    calls = [event.time for event in trace.where(kind="call")]
    returns = [event.time for event in trace.where(kind="return")]
    return sum(b - a > LATE for a, b in zip(calls, returns, strict=True))


def _all_answered(trace: Trace, number: int) -> None:
    done = len(trace.where(kind="return"))
    if done < number:
        raise Wrong(f"of {number} reads {done} come to an end.")


def _one_number(trace: Trace) -> None:
    """Raise if a request that is sent again looks like a new one."""
    seen = {
        (event.what.client, event.what.sequence)
        for event in trace.where(kind="send", node="c")
        if isinstance(event.what, Request)
    }
    if len(seen) > READS or {client for client, _ in seen} != {"c"}:
        raise Wrong(
            "the second request has another number than the first, or another client:"
            " a server that gets both cannot tell that they are one."
        )
