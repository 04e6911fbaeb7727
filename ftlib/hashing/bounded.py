"""Bounded loads: no node holds more than c times the average (Mirrokni, Thorup and
Zadimoghaddam 2016).

A key whose node is full goes to the next one that is not. A little slack, c = 1.25 say,
is enough that few keys have to.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, isfinite

from ftlib.hashing.placement import Key, Placement

__all__ = ["bounded"]


def bounded(placement: Placement, keys: Iterable[Key], c: float) -> dict[Key, str]:
    """Place keys such that no node holds more than its capacity.

    Parameters
    ----------
    placement : Placement
    keys : iterable of keys
        Different ones. The first come first: who comes later finds fewer places.
    c : float
        How many times the average a node may hold: 1 or more.

    Returns
    -------
    dict
        The node of each key. None holds more than ceil(c m / n) of m keys on n nodes.

    Raises
    ------
    ValueError
        If c is less than 1, so that the keys do not fit; if there is no node, or a key
        comes twice.

    Examples
    --------
    >>> from collections import Counter
    >>> from ftlib.hashing import HashRing
    >>> placed = bounded(HashRing("abcd"), map(str, range(1000)), c=1.05)
    >>> max(Counter(placed.values()).values())
    263
    """
    ordered = list(keys)
    if not (isfinite(c) and c >= 1):
        raise ValueError(
            f"c is {c!r}: give 1 or more, or the keys do not fit on the nodes"
        )
    nodes = placement.nodes
    if not nodes:
        raise ValueError("there is no node: add one")
    capacity = ceil(Fraction(c) * len(ordered) / len(nodes))
    free = dict.fromkeys(nodes, capacity)
    placed: dict[Key, str] = {}
    for key in ordered:
        if key in placed:
            raise ValueError(f"the key {key!r} comes twice: give different ones")
        node = placement.lookup(key)
        if not free[node]:
            order = placement.replicas(key, len(nodes))
            node = next(each for each in order if free[each])
        free[node] -= 1
        placed[key] = node
    return placed
