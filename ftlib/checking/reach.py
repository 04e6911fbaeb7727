"""Which nodes of a graph cannot reach a good one: a search backward from the good
ones.
"""

from array import array
from collections.abc import Iterable, Sequence

__all__ = ["out_of_reach"]


def out_of_reach(
    sources: Sequence[int], targets: Sequence[int], good: Iterable[int], size: int
) -> list[int]:
    """List the nodes from which no good one can be reached.

    Parameters
    ----------
    sources, targets : sequence of int
        The edges: the k-th leads from ``sources[k]`` to ``targets[k]``.
    good : iterable of int
    size : int
        Nodes are 0 to ``size - 1``.

    Returns
    -------
    list of int
        In order.

    Examples
    --------
    >>> out_of_reach([0, 1, 2], [1, 2, 1], [2], 4)
    [3]

    Notes
    -----
    O(edges) time; two numbers are kept for each edge, sorted by target with counts.
    """
    first = array(
        "q", bytes(8 * (size + 1))
    )  # where the sources of each target begin, in `before`
    for target in targets:
        first[target] += 1
    total = 0
    for node, count in enumerate(first):
        first[node], total = total, total + count
    before, place = array("q", bytes(8 * len(targets))), array("q", first)
    for source, target in zip(sources, targets, strict=True):
        before[place[target]] = source
        place[target] += 1
    reaches = bytearray(size)
    queue = list(good)
    for node in queue:
        reaches[node] = 1
    while queue:
        node = queue.pop()
        for source in before[first[node] : first[node + 1]]:
            if not reaches[source]:
                reaches[source] = 1
                queue.append(source)
    return [node for node, good_from_here in enumerate(reaches) if not good_from_here]
