"""What a placement of keys on nodes costs when the nodes change, and how even it is.

The part of the keys that must move is what the node that leaves had, or what one that
joins shall have: 1/N of them. How much more moves tells placements apart. How even the
shares of a ring are depends on its points alone, and how likely keys are lost when many
nodes fail at once, on how many different sets of nodes hold all copies of some key.

References
----------
Lamping, J. and Veach, E. (2014). A fast, minimal memory, consistent hash algorithm.
arXiv:1406.2294.

Cidon, A., Rumble, S., Stutsman, R., Katti, S., Ousterhout, J. and Rosenblum, M. (2013).
Copysets: reducing the frequency of data loss in cloud storage. *USENIX ATC*, 37-48.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ftlib.analysis.checks import count, within
from ftlib.analysis.estimate import Estimate
from ftlib.hashing import Placement
from ftlib.hashing.placement import Key

__all__ = [
    "Movement",
    "any_lost",
    "loads_spread",
    "moved",
    "permutation_copysets",
    "shares_spread",
]


@dataclass(frozen=True, slots=True)
class Movement:
    """How many keys moved.

    Attributes
    ----------
    keys : int
        How many were looked at.
    needed : int
        Those that moved from a node that has gone, or to one that is new.
    needless : int
        Those that moved from one node that was there before and is there after to
        another such node.
    """

    keys: int
    needed: int
    needless: int

    @property
    def part(self) -> Estimate:
        """The part of the keys that moved."""
        return Estimate.of(self.needed + self.needless, self.keys)


def moved(before: Placement, after: Placement, keys: Sequence[Key]) -> Movement:
    """Count the keys that are on another node after than before.

    Parameters
    ----------
    before, after : Placement
    keys : sequence of keys
        At least one.

    Returns
    -------
    Movement

    Raises
    ------
    ValueError
        If there is no key.

    Examples
    --------
    One of ten nodes leaves. On a ring its keys move and no others; with the remainder
    nine keys in ten do.

    >>> from ftlib.hashing import HashRing, Modulo
    >>> moved(HashRing("abcdefghij"), HashRing("abcdefghi"), range(10_000))
    Movement(keys=10000, needed=1061, needless=0)
    >>> print(moved(Modulo("abcdefghij"), Modulo("abcdefghi"), range(10_000)).part)
    0.9015 (95% interval 0.8955 to 0.9072, 10,000 samples)
    """
    if not len(keys):
        raise ValueError("there is no key: give one or more")
    old, new = set(before.nodes), set(after.nodes)
    pairs = Counter(
        (was in new and now in old)
        for was, now in zip(
            before.lookup_many(keys), after.lookup_many(keys), strict=True
        )
        if was != now
    )
    return Movement(len(keys), pairs[False], pairs[True])


def shares_spread(nodes: int, points: int, keys: float = math.inf) -> float:
    """How far the loads of the nodes of a ring are spread: their standard deviation
    over their mean.

    Parameters
    ----------
    nodes, points : int
        N, and V of each.
    keys : float
        K, how many are counted; with infinitely many it is the length of the arcs.

    Returns
    -------
    float
        ``sqrt((N - 1)/(N V + 1) + (N - 1)/K)``, about 1/sqrt(V).

    Raises
    ------
    ValueError
        If one of them is below 1.

    Examples
    --------
    For a thousand nodes Lamping and Veach measured 0.998, 0.315, 0.0997 and 0.0316:

    >>> [float(f"{shares_spread(1000, v):.3g}") for v in (1, 10, 100, 1000)]
    [0.999, 0.316, 0.0999, 0.0316]

    Notes
    -----
    The points are independent and uniform, so that a node's part of the circle has the
    distribution Beta(V, N V - V). How many of the keys are then on a node is binomial,
    which adds the second term; it counts where a node has few keys.
    """
    count("nodes", nodes)
    count("points", points)
    if not keys >= 1:
        raise ValueError(f"keys={keys!r}: 1 or more, or math.inf")
    return math.sqrt((nodes - 1) / (nodes * points + 1) + (nodes - 1) / keys)


def loads_spread(placement: Placement, keys: Sequence[Key]) -> float:
    """Measure what `shares_spread` computes: the standard deviation of the loads over
    their mean.

    Raises
    ------
    ValueError
        If there is no key, or no node.
    """
    if not len(keys):
        raise ValueError("there is no key: give one or more")
    loads = Counter(placement.lookup_many(keys))
    mean = len(keys) / len(placement.nodes)
    deviations = ((loads[node] / mean - 1) ** 2 for node in placement.nodes)
    return math.sqrt(math.fsum(deviations) / len(placement.nodes))


def any_lost(nodes: int, failed: int, copies: int, copysets: int) -> float:
    """How likely some key has lost all its copies when a number of nodes fail at once.

    Parameters
    ----------
    nodes, failed : int
        How many there are, and how many of them, any, are gone.
    copies : int
        R, on how many nodes each key is.
    copysets : int
        How many different sets of R nodes hold all copies of some key.

    Returns
    -------
    float
        ``1 - (1 - C(failed, R)/C(nodes, R)) ** copysets``.

    Raises
    ------
    ValueError
        If more fail than there are, or there are more copies than nodes.

    Examples
    --------
    5,000 nodes of 10,000 keys in three copies each; one in a hundred is gone. Copies
    drawn at random lose something nearly for sure, in few sets nearly never:

    >>> round(any_lost(5000, 50, 3, 5000 * 10_000 // 3), 5)
    1.0
    >>> round(any_lost(5000, 50, 3, permutation_copysets(5000, 3, 2)), 5)
    0.00157

    Notes
    -----
    Sets are taken for independent, which they nearly are. What is lost on average is
    the same however the copies are placed: with fewer sets something is lost more
    rarely, and more of it then (Cidon et al. 2013).
    """
    count("nodes", nodes)
    within("failed", failed, 0, nodes, f"there are {nodes} nodes")
    within("copies", copies, 1, nodes, f"{nodes} nodes hold at most {nodes} copies")
    count("copysets", copysets)
    gone = math.comb(failed, copies) / math.comb(nodes, copies)
    return -math.expm1(copysets * math.log1p(-gone)) if gone < 1 else 1.0


def permutation_copysets(nodes: int, copies: int, width: int) -> int:
    """How many sets the nodes are cut into, if each shall share keys with so many
    others: `width` over R - 1 permutations, each cut into sets of R.

    Raises
    ------
    ValueError
        If the width is no multiple of R - 1, or there are fewer nodes than copies.
    """
    count("nodes", nodes)
    within("copies", copies, 2, nodes, f"{nodes} nodes hold at most {nodes} copies")
    count("width", width)
    if width % (copies - 1):
        raise ValueError(f"width={width}: a multiple of {copies - 1}, copies less one")
    return width // (copies - 1) * (nodes // copies)
