"""Judges of the exercises on a store on a ring: a lookup that is repaired, copies in
different racks, and rows that move in small pieces.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from ftlib.checking import (
    ClusterModel,
    Counterexample,
    KeyValue,
    find,
    linearizable,
)
from ftlib.drawing.looks.ring import RING_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded, role, watched
from ftlib.exercises.runs import Nodes, drawn, every_run, pasted, run
from ftlib.hashing import HashRing
from ftlib.replication.replicated_ring import Holder
from ftlib.replication.ring_membership import Join, Leave
from ftlib.replication.ring_properties import PROPERTIES, kept, on_disks, with_its_range
from ftlib.replication.ring_rows import Have, Moved, Ready
from ftlib.replication.ring_store import ring_store
from ftlib.replication.ring_worlds import JOINS, TWO, only, way
from ftlib.simulation import Crash, Lose, Point, Recover, Schedule, Slow, Trace, judge

__all__ = ["judge_lookup", "judge_pages", "judge_racks"]

# 1: the lookup ------------------------------------------------------------------------

Points = list[tuple[int, str]]
RINGS: tuple[Points, ...] = (
    [(10, "a")],
    [(10, "b"), (20, "a"), (30, "c")],
    [(0, "c"), (5, "a"), (6, "b"), (50, "a"), (99, "c")],
)


@judging
def judge_lookup(lookup: Any) -> Answer:
    """Judge a lookup in an ordered ring.

    It is asked for numbers before, at, between and behind the points of small rings,
    and for a thousand keys on a ring of twelve nodes. Refused is an owner other than
    that of the first point at the number or behind it, round the circle.

    Parameters
    ----------
    lookup : callable
        From an ordered list of (point, node) and the number of a key to a node.
    """
    if not callable(lookup):
        raise Wrong(f"my_lookup is {lookup!r}: hand in a function.")
    if bounded(lookup, list(RINGS[1]), 15) is None:
        return not_attempted("my_lookup returns nothing yet.")
    asked = 0
    for points, number in _asked():
        asked += 1
        found = bounded(lookup, list(points), number)
        right = next((node for point, node in points if point >= number), points[0][1])
        if found != right:
            where = "behind the last point" if number > points[-1][0] else "a number"
            near = [point for point, _ in points if abs(point - number) < 60][:6]
            raise Wrong(
                f"{number} is {where} of a ring with points at {near or '...'}: it"
                f" belongs on {right!r}, and the answer is {found!r}."
            )
    return Answer("right", f"{asked:,} numbers are found where they belong.")


def _asked() -> Iterator[tuple[Points, int]]:
    for points in RINGS:
        for number in (0, 5, 6, 9, 10, 11, 15, 20, 24, 26, 30, 31, 49, 50, 99, 100):
            yield points, number
    ring = HashRing([f"h{number}" for number in range(1, 13)], points=20)
    placed = sorted((p, node) for node in ring.nodes for p in ring.points_of(node))
    for key in range(1000):
        yield placed, ring.number(f"key {key}")


# 2: racks -----------------------------------------------------------------------------

PLACES: tuple[tuple[dict[str, str], int], ...] = (
    ({"h1": "A", "h2": "A", "h3": "B", "h4": "B", "h5": "C", "h6": "C"}, 3),
    ({"h1": "A", "h2": "A", "h3": "A", "h4": "B"}, 2),
    ({"h1": "A", "h2": "A", "h3": "A", "h4": "B"}, 3),
    ({"h1": "A", "h2": "A", "h3": "A"}, 3),
    ({"h1": "A", "h2": "B", "h3": "C", "h4": "D", "h5": "D"}, 4),
)


@judging
def judge_racks(choose: Any) -> Answer:
    """Judge who gets the copies of a key, when nodes stand in racks.

    Refused are a node that gets two, too few nodes, racks that are left out while
    another has two, and a node that stands later on the walk than one that would do.

    Parameters
    ----------
    choose : callable
        From the nodes of the points on the walk, a mapping from nodes to racks, and R,
        to as many nodes.
    """
    if not callable(choose):
        raise Wrong(f"my_homes is {choose!r}: hand in a function.")
    tried = 0
    for racks, copies in PLACES:
        ring = HashRing([*racks], points=8)
        placed = sorted((p, node) for node in ring.nodes for p in ring.points_of(node))
        for number in range(40):
            key = f"key {number}"
            at = ring.number(key)
            walk = tuple(
                node
                for _, node in [
                    *(each for each in placed if each[0] >= at),
                    *(each for each in placed if each[0] < at),
                ]
            )
            found = bounded(choose, walk, dict(racks), copies)
            if found is None and not tried:
                return not_attempted("my_homes returns nothing yet.")
            _compared(found, walk, racks, copies, ring.replicas(key, copies, racks))
            tried += 1
    return Answer(
        "right", f"{tried} walks on {len(PLACES)} rings: as many racks as can be."
    )


def _compared(
    found: Any,
    walk: tuple[str, ...],
    racks: dict[str, str],
    copies: int,
    right: tuple[str, ...],
) -> None:
    if not isinstance(found, tuple | list):
        raise Wrong(f"my_homes returns {found!r}: return a tuple of nodes.")
    shown = ", ".join(f"{node} in {racks.get(node, '?')}" for node in found)
    begins = f"The walk begins with {', '.join(walk[:8])}; my_homes returns {shown}: "
    if unknown := [node for node in found if node not in racks]:
        raise Wrong(begins + f"{unknown[0]!r} is no node.")
    if len({*found}) < len(found):
        raise Wrong(begins + "one node gets two copies, and its crash takes both.")
    if len(found) != copies:
        raise Wrong(begins + f"{copies} copies are asked for.")
    most = min(copies, len({*racks.values()}))
    if len({racks[node] for node in found}) < most:
        raise Wrong(begins + f"{most} racks would be possible.")
    if found[0] != walk[0]:
        raise Wrong(begins + f"the first copy belongs on {walk[0]}.")
    if sorted(found) != sorted(right):
        raise Wrong(
            begins + f"{' and '.join(right)} come earlier on the walk. Whoever takes"
            " others moves more than it needs to when the nodes change."
        )


# 3: pages -----------------------------------------------------------------------------

MOST = 2
SAFETY = (*PROPERTIES, on_disks(2), with_its_range(2))
WORDS = tuple(f"word {number}" for number in range(12))
CHANGES = ((0.6, Join("h3")), (1.3, Leave("h2")))
FAULTS: tuple[Schedule, ...] = (
    Schedule([Lose("Have", sender="h1", receiver="h3")]),
    Schedule([Lose("Have", sender="h2", receiver="h3")]),
    Schedule([Slow(("h3", "h1"), by=0.15, at=0.6)]),
    Schedule([Crash("h3", at=Point("h3", "force")), Recover("h3", at=1.0)]),
)
WRITES = [("put", key, 1) for key in ("fig", "kiwi", "lime")]
SEEDS, UNTIL = 20, 2.2


@judging
def judge_pages(kind: Any) -> Answer:
    """Judge nodes of a ring that send two rows at a time at most.

    They are run while nodes join and leave, explored while a third node joins two that
    have three rows for it, and run under random crashes and losses. Refused are a
    message with more rows, a row that moves twice or without need, a node that is never
    ready, and whatever breaks a promise of the library's.

    Parameters
    ----------
    kind : type
        A subclass of `Holder`.
    """
    made = role(kind, "MyHolder")
    if not issubclass(made, Holder):
        raise Wrong("MyHolder is no subclass of Holder.")
    if not any(callable(each) for each in vars(made).values()):
        return not_attempted("The class is as it was: override a handler.")
    bound = watched(made, 2_000_000)
    quiet = run(_ring(bound), until=UNTIL)
    _small(quiet)
    _whole(quiet)
    states = _explored(bound)
    for faults in FAULTS:
        trace = run(_ring(bound), faults, until=UNTIL, used=True)
        for found in judge(trace, SAFETY):
            if not found:
                raise Wrong(
                    f"{found.name} is broken: {found.reason}.",
                    pasted(faults),
                    _shown(trace),
                )
    _by_chance(bound)
    return Answer(
        "right",
        f"No message carries more than {MOST} rows, each row moves once, and every"
        f" promise holds in {states:,} states, with {len(FAULTS)} schedules of faults,"
        f" and in {SEEDS} runs by chance.",
    )


def _ring(kind: Callable[..., Any]) -> Nodes:
    wanted = [[("put", word, 1) for word in WORDS[turn::3]] for turn in range(3)]
    return ring_store(wanted, 3, 2, orders=CHANGES, holder=kind)


@cache
def _must_move() -> tuple[tuple[str, str], ...]:
    """Which rows move to which node with the library's own version."""
    return _moves(run(_ring(Holder), until=UNTIL))


def _moves(trace: Trace) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((event.node, event.what.key) for event in trace.facts(Moved)))


def _small(trace: Trace) -> None:
    for event in trace.where(kind="send"):
        if isinstance(event.what, Have) and len(event.what.rows) > MOST:
            raise Wrong(
                f"{event.node} sends {event.other} {len(event.what.rows)} rows in one"
                f" message: {MOST} are allowed.",
                picture=_shown(trace),
            )


def _whole(trace: Trace) -> None:
    for found in judge(trace, SAFETY):
        if not found:
            raise Wrong(
                f"nothing fails, and {found.name} is broken: {found.reason}.",
                picture=_shown(trace),
            )
    right = run(_ring(Holder), until=UNTIL)
    for epoch in (1, 2, 3):
        nodes = {e.node for e in trace.facts(Ready) if e.what.epoch == epoch}
        due = {e.node for e in right.facts(Ready) if e.what.epoch == epoch}
        if waits := sorted(due - nodes):
            raise Wrong(
                f"nothing fails, and {waits[0]} is never ready in epoch {epoch}: its"
                " rows go unserved for good.",
                picture=_shown(trace),
            )
    if _moves(trace) != _must_move():
        raise Wrong(
            f"{len(_moves(trace))} rows are moved, and {len(_must_move())} have to be:"
            " each once.",
            picture=_shown(trace),
        )


def _shown(trace: Trace) -> Any:
    return drawn(trace, SAFETY, look=RING_LOOK, events=120)


def _explored(kind: Callable[..., Any]) -> int:
    wanted = [[*WRITES, ("get", "lime")]]
    nodes = ring_store(
        wanted, 3, 2, orders=((1.0, Join("h3")),), longest=0.1, holder=kind
    )
    written = "Request c1>h1", "Copy h1>h2", "Copied h2>h1", "Reply h1>c1"
    settled = [*TWO, *(each for _ in WRITES for each in way(*written)), *JOINS]
    checks = (*SAFETY, linearizable(KeyValue))
    model = ClusterModel(nodes, checks, **only(settled))

    def wrong(name: str, counterexample: Counterexample) -> Wrong:
        trace = counterexample.trace
        why = next(each.reason for each in judge(trace, checks) if each.name == name)
        return Wrong(
            f"{name} is broken: {why}.",
            str(counterexample.script),
            drawn(trace, checks, look=RING_LOOK, events=200),
        )

    return every_run(model, wrong, invariants={}, can_reach={}).states


def _by_chance(kind: Callable[..., Any]) -> None:
    found = find(
        _ring(kind),
        (kept, on_disks(2), with_its_range(2)),
        until=UNTIL,
        faults=("crash", "lose"),
        crashing=("h1", "h2", "h3"),
        most=2,
        seeds=range(SEEDS),
    )
    if found:
        raise Wrong(
            f"{found.finding.name} is broken: {found.finding.reason}.",
            pasted(found.schedule),
            _shown(found.trace),
        )
