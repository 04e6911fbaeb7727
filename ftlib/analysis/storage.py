"""How many values are stored: K values in R copies each are K x R.

That every node keeps everything, R = N for N nodes, is a special case: the K x N of the
article that this course re-tells. What is on the disks is counted in a trace.
"""

from ftlib.analysis.checks import count, within
from ftlib.simulation import Trace

__all__ = ["count_stored", "values_stored"]


def values_stored(values: int, copies: int, nodes: int) -> int:
    """How many values all disks hold together.

    Parameters
    ----------
    values : int
        K, how many different ones there are, 0 or more.
    copies : int
        R, on how many nodes each is kept.
    nodes : int
        N, how many nodes there are.

    Returns
    -------
    int
        ``values * copies``; how many nodes there are changes nothing.

    Raises
    ------
    ValueError
        If a number is none of these, or there are more copies than nodes.

    Examples
    --------
    A thousand values in three copies, on three nodes and on a hundred:

    >>> values_stored(1000, 3, 3), values_stored(1000, 3, 100)
    (3000, 3000)
    """
    count("values", values, 0)
    count("nodes", nodes)
    within("copies", copies, 1, nodes, f"{nodes} nodes hold at most {nodes} copies")
    return values * copies


def count_stored(trace: Trace, prefix: str) -> int:
    """How many places were written on all disks together, each counted once.

    Parameters
    ----------
    trace : Trace
        Of a run in which nothing was deleted and no disk was wiped.
    prefix : str
        With what the name of a place begins that holds a value.

    Returns
    -------
    int

    Examples
    --------
    >>> from ftlib.replication.quorum import registers
    >>> from ftlib.simulation import Cluster
    >>> wanted = [("put", "x", 1), ("put", "y", 2), ("put", "x", 3)]
    >>> count_stored(Cluster(registers(wanted, nodes=5)).run(), "row ")
    10
    """
    writes = trace.where(kind="write")
    return len(
        {(e.node, e.other) for e in writes if (e.other or "").startswith(prefix)}
    )
