"""Judges of the exercises on real caches: two keys in one slot, a copy that does not
help, and slots that are dealt anew.
"""

from binascii import crc_hqx
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from ftlib.drawing import spacetime
from ftlib.drawing.looks.replication import REPLICATION_LOOK
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import LINES, bounded
from ftlib.exercises.runs import pasted, run, schedule
from ftlib.figures.real_cache_ring import Outcome, outcome
from ftlib.replication import Mode, replicas
from ftlib.simulation import Trace

__all__ = ["judge_deal", "judge_one_copy", "judge_same_slot"]

# 1: two keys in one slot --------------------------------------------------------------

SLOTS = 16_384


def slot(key: str) -> int:
    """The slot of a key without braces."""
    return crc_hqx(key.encode(), 0) % SLOTS


@judging
def judge_same_slot(keys: Any) -> Answer:
    """Judge two different keys of one slot, neither with a brace.

    Refused are keys of two slots, one key twice, and whatever is no pair of such texts.

    Parameters
    ----------
    keys : tuple of two str
    """
    if keys is None:
        return not_attempted("Set my_keys to two keys.")
    if isinstance(keys, str) or not isinstance(keys, Sequence) or len(keys) != 2:
        raise Wrong(f"my_keys is {keys!r}: give two keys, as ('a', 'b').")
    for key in keys:
        if not isinstance(key, str) or not key:
            raise Wrong(f"{key!r} is no key: give text, one letter or more.")
        if "{" in key or "}" in key:
            raise Wrong(f"{key!r} has a brace: it is to do without.")
    one, other = keys
    if one == other:
        raise Wrong("both are the same key: give two different ones.")
    if slot(one) != slot(other):
        raise Wrong(
            f"{one!r} belongs in slot {slot(one)}, and {other!r} in {slot(other)}."
        )
    return Answer("right", f"Both belong in slot {slot(one)}.")


# 2: a copy that does not help ---------------------------------------------------------

WRITES, UNTIL, MOST_FAULTS = 12, 1.5, 2
SHOWN = 120  # events


def ran(hears: int, faults: Any) -> Trace:
    """Run a client that writes, with one copy of each write, and a takeover that hears
    so many nodes.
    """
    wanted = [[("put", "x", number) for number in range(WRITES)]]
    nodes = replicas(wanted, Mode(1, hears=hears))
    return run(nodes, faults, until=UNTIL, used=True, seed=7)


@judging
def judge_one_copy(faults: Any) -> Answer:
    """Judge faults with which a write is lost that a replica had when it was
    acknowledged, because who takes over asks nobody.

    Refused are more than two faults, one that has no effect, a run that loses nothing,
    and faults that lose something also if two nodes are heard.

    Parameters
    ----------
    faults : list of faults
    """
    if faults is None:
        return not_attempted("Fill in my_faults: a list of one or two faults.")
    given = schedule(faults, "my_faults")
    if not given:
        return not_attempted("Fill in my_faults: a list of one or two faults.")
    if len(given) > MOST_FAULTS:
        raise Wrong(f"these are {len(given)} faults: two are enough.", pasted(given))
    trace = ran(1, given)
    became = outcome(trace)
    lost = len(became.lost)
    picture = spacetime(
        trace[:SHOWN],
        look=REPLICATION_LOOK,
        hide=("beat", "write"),
        title=f"Acknowledged and lost: {lost}.",
    )
    if not lost:
        raise Wrong(
            f"no acknowledged write is lost: {_why_not(became)}.",
            pasted(given),
            picture,
        )
    if outcome(ran(2, given)).lost:
        raise Wrong("a takeover that hears two loses too.", pasted(given), picture)
    return Answer(
        "right",
        "A replica had what was acknowledged, and another one took over.",
        pasted(given),
        picture,
    )


def _why_not(became: Outcome) -> str:
    if not became.kept:
        return "none was acknowledged"
    if became.taken_over is None:
        return "nobody takes over, and r1 still has them all"
    return f"whoever took over has all {len(became.kept)} of them"


# 3: slots that are dealt anew ---------------------------------------------------------

FEW = 6  # slots of which every table is tried
MANY = 1_024  # fewer than there are, so that one may look at all for each that moves
Deal = Callable[[tuple[str, ...], tuple[str, ...]], Any]


@judging
def judge_deal(deal: Deal) -> Answer:
    """Judge a function that deals slots anew when the nodes have changed.

    It is tried on every table of six slots and up to three nodes, with each choice of
    nodes afterwards, and on one table of 1,024. Refused is a table of another length,
    a slot on a node that is gone, nodes with two slots more than others, a slot that
    moves without need, and a function that gives no table.

    Parameters
    ----------
    deal : callable
        From a tuple, the node of each slot, and a tuple of the nodes from now on, to
        the node of each slot from now on.
    """
    if not callable(deal):
        raise Wrong(f"my_deal is {deal!r}: hand in the function.")
    first = ("a", "b") * (FEW // 2)
    if _dealt(deal, first, ("a", "b", "c")) is None:
        return not_attempted("my_deal returns nothing yet.")
    tried = 0
    for table in product("abc", repeat=FEW):
        for nodes in ("a", "ab", "bc", "abd", "cbad", "de"):
            _check(deal, table, tuple(nodes))
            tried += 1
    many = tuple(f"n{number * 5 // MANY + 1}" for number in range(MANY))
    _check(deal, many, ("n1", "n2", "n4", "n5"))
    _check(deal, many, ("n1", "n2", "n3", "n4", "n5", "n6"))
    return Answer(
        "right", f"It was tried on {tried:,} small tables, and on large ones."
    )


def _dealt(deal: Deal, table: tuple[str, ...], nodes: tuple[str, ...]) -> Any:
    return bounded(deal, table, nodes, lines=LINES * 10)


def _check(deal: Deal, table: tuple[str, ...], nodes: tuple[str, ...]) -> None:
    given = _dealt(deal, table, nodes)
    shown = f"from {' '.join(table)} to the nodes {' '.join(nodes)}"
    if len(table) > FEW:
        shown = f"from {MANY:,} slots on {len({*table})} nodes to {' '.join(nodes)}"
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise Wrong(f"it gives {given!r}, which is no table.", shown)
    new = list(given)
    if len(table) <= FEW:
        shown += f": {' '.join(map(str, new))}"
    if len(new) != len(table):
        raise Wrong(f"it gives {len(new):,} slots for {len(table):,}.", shown)
    for number, node in enumerate(new):
        if node not in nodes:
            raise Wrong(f"slot {number} is on {node!r}, which is not there.", shown)
    counts = Counter(new)
    most, least = (pick(counts[node] for node in nodes) for pick in (max, min))
    if most - least > 1:
        raise Wrong(f"one node has {most:,} slots and another {least:,}.", shown)
    moved = sum(one != other for one, other in zip(table, new, strict=True))
    if moved > (needed := _needed(table, nodes)):
        raise Wrong(f"{moved:,} slots move, and {needed:,} have to.", shown)


def _needed(table: tuple[str, ...], nodes: tuple[str, ...]) -> int:
    """How many slots have to move: all but those that a node can keep."""
    had = Counter(table)
    share, over = divmod(len(table), len(nodes))
    kept = sum(min(had[node], share) for node in nodes)
    kept += min(over, sum(had[node] > share for node in nodes))
    return len(table) - kept
