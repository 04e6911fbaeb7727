"""Judges of the exercises on failures and availability: how many nodes are enough, and
a client that asks again. `ftlib.exercises.one_crew` judges the third.
"""

from collections.abc import Iterable
from itertools import pairwise, product
from math import inf
from typing import Any

from ftlib.analysis.availability import availability_k_of_n, majority
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import drawn, pasted, run
from ftlib.figures.availability import k_of_n
from ftlib.simulation import Crash, Lose, Network, Recover, Slow, Trace

__all__ = ["judge_nodes", "judge_persistent"]

# 1: how many nodes --------------------------------------------------------------------

UP, GOAL = 0.99, 0.99999


@judging
def judge_nodes(nodes: Any) -> Answer:
    """Judge the fewest nodes of which a majority is up 99.999 % of the time, when each
    is up 99 % of the time, independently.

    Refused are fewer, which are not enough, and more, of which some are needless.

    Parameters
    ----------
    nodes : int
    """
    if nodes is None:
        return not_attempted("Set my_nodes to a number.")
    if isinstance(nodes, bool) or not isinstance(nodes, int | float):
        raise Wrong(f"my_nodes is {nodes!r}: give a number.")
    if not 1 <= nodes <= 99 or nodes != int(nodes):
        raise Wrong(f"my_nodes is {nodes!r}: give a whole number from 1 to 99.")
    number = int(nodes)

    def up(count: int) -> float:
        return availability_k_of_n(count, majority(count), UP)

    if up(number) < GOAL:
        raise Wrong(
            f"of {number} nodes a majority is up {100 * up(number):.4g} % of the time"
            " only.",
            picture=_picture(number),
        )
    if any(up(count) >= GOAL for count in range(1, number)):
        raise Wrong(f"{number} are enough, and so are fewer.", picture=_picture(number))
    return Answer(
        "right",
        f"A majority of {number} is up {100 * up(number):.5g} % of the time, and of no"
        " fewer nodes as much.",
        picture=_picture(number),
    )


def _picture(nodes: int) -> Any:
    if nodes > 9:
        return None
    return k_of_n(nodes, UP, "majority")


# 2: a client that asks again ----------------------------------------------------------

EVERY, UNTIL = 0.05, 3.0  # seconds


@judging
def judge_persistent(client: Any, server: Any) -> Answer:
    """Judge a client that asks its one question anew every 50 ms until it has an
    answer, and then stops.

    It meets every pattern of lost questions and answers among the first five, a server
    that is slow, and one that crashes and comes back. Refused is a client that gives
    up, that asks another question, several at once, at other times, or on and on.

    Parameters
    ----------
    client, server : type
        The server is the chapter's: it answers every ``Ask`` with an ``Answer``.
    """
    if client is None:
        return not_attempted("Write Persistent, a subclass of Client.")
    kind = role(client, "Persistent")
    nodes = {"server": watched(role(server, "Server")), "client": watched(kind)}
    tried = 0
    for faults in _losses():
        _look(run(nodes, faults, until=UNTIL), faults)
        tried += 1
    for faults in (
        [Slow("server", by=0.06)],
        [Slow(("server", "client"), by=0.12)],
        [Crash("server", at=0.0), Recover("server", at=0.72)],
    ):
        _look(run(nodes, faults, until=UNTIL), faults)
        tried += 1
    _look(run(nodes, until=UNTIL, network=Network(latency=0.07)), [])
    return Answer("right", f"It has its answer, and stops, in all of {tried + 1} runs.")


def _losses() -> Iterable[list[Any]]:
    """Yield every pattern of questions and answers lost among the first five."""
    for lost in (
        each for n in range(6) for each in product(("Ask", "Answer"), repeat=n)
    ):
        sent = {"Ask": 0, "Answer": 0}
        faults: list[Any] = []
        for what in lost:
            sent["Ask"] += 1
            sent["Answer"] += what == "Answer"
            faults.append(Lose(what, nth=sent[what]))
        yield faults
    yield [Lose("Ask", nth=number) for number in range(1, 31)]


def _look(trace: Trace, faults: list[Any]) -> None:
    def wrong(why: str) -> Wrong:
        return Wrong(why, pasted(faults), drawn(trace, title=why[0].upper() + why[1:]))

    asked = trace.where(kind="send", node="client")
    heard = trace.where(kind="deliver", node="client")
    end = heard[0].time if heard else inf
    others = [event for event in asked if getattr(event.what, "number", None) != 1]
    if others:
        raise wrong(
            f"it asks {others[0].what!r}, which is not the question it began with."
        )
    times = [event.time for event in asked]
    if not times or times[0] > 0.001:
        raise wrong("it does not ask at once.")
    for before, after in pairwise(times):
        if after >= end:
            raise wrong("it has its answer, and asks on.")
        if abs(after - before - EVERY) > 0.005:
            told = f"{1000 * (after - before):.0f} ms"
            raise wrong(f"it asks again after {told}, not after 50.")
    if times[-1] + EVERY + 0.005 < min(end, UNTIL):
        raise wrong(f"it gives up after asking {len(times)} times.")
    rings = trace.where(kind="timer", node="client")
    if rings and rings[-1].time > end + EVERY + 0.005:
        raise wrong("it has its answer, and its timer goes on.")
