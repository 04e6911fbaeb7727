"""Judges of the exercises on consistent hashing: how many points are enough, how a
cache gives back what is old, and a placement that moves nothing without need.
"""

import builtins
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import sqrt
from typing import Any

from ftlib.analysis.movement import shares_spread
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded
from ftlib.figures.consistent_hashing import bins, counted
from ftlib.hashing import HashRing

__all__ = ["judge_fewest_points", "judge_placement", "judge_stale_cache"]

# 1: how many points -------------------------------------------------------------------

NODES, MOST_SPREAD = 20, 0.1


@judging
def judge_fewest_points(points: Any) -> Answer:
    """Judge the smallest number of points a node with which the shares of 20 nodes
    deviate from their mean by a tenth of it or less, by the law.

    Refused are a number with which they deviate by more, and one that could be less.

    Parameters
    ----------
    points : int
    """
    if points is None:
        return not_attempted("Set my_points to a number of points.")
    if isinstance(points, bool) or not isinstance(points, int) or points < 1:
        raise Wrong(f"my_points is {points!r}: give a whole number, 1 or more.")
    found = shares_spread(NODES, points)
    if found > MOST_SPREAD:
        raise Wrong(f"with {points} points the deviation is {found:.2%} of the mean.")
    if points > 1 and shares_spread(NODES, points - 1) <= MOST_SPREAD:
        raise Wrong(
            f"{points} points are enough, and one less is too: the deviation is"
            f" {shares_spread(NODES, points - 1):.2%} of the mean then."
        )
    return Answer(
        "right",
        f"The deviation is {found:.2%} of the mean, and with one point less"
        f" {shares_spread(NODES, points - 1):.2%}.",
    )


# 2: a cache gives back what is old ----------------------------------------------------

START, MOST_EVENTS = ("a", "b", "c"), 5
ASKED = "('put', key, value), ('add', node) or ('remove', node)"


@judging
def judge_stale_cache(events: Any) -> Answer:
    """Judge events after which a cache on a ring of three nodes returns an old value.

    Each node keeps what was put on it, and a change of the nodes copies and deletes
    nothing. Refused are more than five events, one that is none, and a run after which
    every key is either missing or as it was put last.

    Parameters
    ----------
    events : list of tuple
        ``("put", key, value)``, ``("add", node)`` and ``("remove", node)``, in order.
    """
    if events is None:
        return not_attempted("Set my_events to a list of events.")
    if isinstance(events, str | Mapping) or not isinstance(events, Iterable):
        raise Wrong(f"my_events is {events!r}: hand in a list of events.")
    given = list(events)
    if not given:
        return not_attempted("my_events is empty yet.")
    if len(given) > MOST_EVENTS:
        raise Wrong(f"it holds {len(given)} events: {MOST_EVENTS} are enough.")
    ring = HashRing(START)
    kept: dict[str, dict[str, Any]] = {}
    last: dict[str, Any] = {}
    told = []
    for event in given:
        match event:
            case ("put", str(), value) if not isinstance(value, str | int):
                raise Wrong(f"{event!r} puts {value!r}: give text or a whole number.")
            case ("put", str(key), value):
                node = ring.lookup(key)
                kept.setdefault(node, {})[key] = last[key] = value
                told.append(f"{key!r} is put on {node}: {value!r}")
            case ("add", str(node)):
                _change(ring.add, node)
                told.append(f"{node} joins")
            case ("remove", str(node)):
                if len(ring.nodes) == 1:
                    raise Wrong(f"{event!r} leaves no node.", "\n".join(told))
                _change(ring.remove, node)
                told.append(f"{node} leaves")
            case _:
                raise Wrong(f"{event!r} is no event: give {ASKED}.")
    for key, value in last.items():
        node = ring.lookup(key)
        found = kept.get(node, {})
        told.append(f"{key!r} is read on {node}: {found.get(key, 'missing')!r}")
        if key in found and found[key] != value:
            return Answer(
                "right",
                f"{key!r} was last put as {value!r}, and {node} still has"
                f" {found[key]!r}.",
                "\n".join(told),
            )
    raise Wrong(
        "every key is as it was put last, or missing, which a cache may be."
        if last
        else "nothing was put.",
        "\n".join(told),
    )


def _change(act: Callable[[str], None], node: str) -> None:
    try:
        act(node)
    except ValueError as error:
        raise Wrong(f"{error}.") from None


# 3: a placement of your own -----------------------------------------------------------

NAMES = ("n1", "n2", "n3", "n4", "n5", "n6")
CHECKED = [f"user {number}" for number in range(3000)]
SHOWN = 60  # keys of a picture
FAR = 5.0  # standard deviations
LINES_A_KEY = 1_000  # that may be run

Owner = Callable[[str, tuple[str, ...]], Any]


@judging
def judge_placement(owner: Any) -> Answer:
    """Judge a function from a key and the nodes to the node that the key belongs on.

    Refused are answers that are no node, that differ from call to call, from process to
    process or with the order of the nodes, shares that are not even, and keys that move
    without need when a node leaves or joins.

    Parameters
    ----------
    owner : callable
        ``owner(key, nodes)`` for text and a tuple of texts.
    """
    if owner is None:
        return not_attempted("Write my_owner(key, nodes).")
    if not callable(owner):
        raise Wrong(f"my_owner is {owner!r}: hand in a function of a key and nodes.")
    first = _placed(owner, NAMES, CHECKED[:1])[0]
    if first is None:
        return not_attempted("my_owner returns nothing yet.")
    _placed(owner, NAMES[1:])  # who remembers this finds no key for n1 afterwards
    before = _placed(owner, NAMES)
    if before != _placed(owner, NAMES):
        raise Wrong("it answers otherwise when it is asked again.")
    if before != _placed(owner, NAMES[::-1]):
        raise Wrong(
            "it answers otherwise when the nodes are listed in another order, and"
            " another client may have them so."
        )
    _even(before, NAMES)
    for gone in NAMES:
        rest = tuple(node for node in NAMES if node != gone)
        _compare(before, _placed(owner, rest), NAMES, rest)
    more = (*NAMES, "n7")
    joined = _placed(owner, more)
    _compare(before, joined, NAMES, more)
    _even(joined, more)
    return Answer(
        "right",
        f"{len(CHECKED):,} keys on six nodes, of which each left once, and one that"
        " joined: nothing moved without need.",
    )


def _placed(
    given: Owner, nodes: tuple[str, ...], keys: list[str] = CHECKED
) -> list[Any]:
    def owner() -> list[Any]:
        return [given(key, nodes) for key in keys]

    with _no_salt():
        placed: list[Any] = bounded(owner, lines=LINES_A_KEY * len(keys))
    for key, node in zip(keys, placed, strict=True):
        if node not in nodes and not (node is None and keys is not CHECKED):
            raise Wrong(f"of {nodes} it returns {node!r} for {key!r}, which is none.")
    return placed


def _even(placed: list[str], nodes: tuple[str, ...]) -> None:
    loads, mean = Counter(placed), len(placed) / len(nodes)
    for node in nodes:
        if abs(loads[node] - mean) > FAR * sqrt(mean):
            raise Wrong(
                f"{node} has {loads[node]} of {len(placed):,} keys, and its share is"
                f" {mean:.0f}: other nodes have more, or fewer."
            )


def _compare(
    before: list[str], after: list[str], start: tuple[str, ...], end: tuple[str, ...]
) -> None:
    _, needed, needless = counted(before, after, start, end)
    if not needless:
        return
    event = next(
        f"{node} {'leaves' if node in start else 'joins'}"
        for node in (*start, *end)
        if (node in start) != (node in end)
    )
    shown = bins(
        before[:SHOWN],
        after[:SHOWN],
        start,
        end,
        f"{event}: keys move between nodes that stay.",
        f"The first {SHOWN} keys.",
    )
    raise Wrong(
        f"when {event}, {needed} keys have to move, and {needless} others move too.",
        picture=shown,
    )


@contextmanager
def _no_salt() -> Iterator[None]:
    """Refuse Python's own hash of text, which differs from process to process."""
    real = builtins.hash

    def refused(value: object) -> int:
        if isinstance(value, str | bytes | tuple):
            raise Wrong(
                "it calls hash, which answers otherwise in another process: another"
                " client would look on other nodes."
            )
        return real(value)

    builtins.hash = refused
    try:
        yield
    finally:
        builtins.hash = real
