"""Granting an epoch, at most once.

An *epoch* is a number that at most one node may act for: a term of Raft, a ballot of
Paxos, a view. Who wants one asks the others; each grants an epoch to the first who
asks, and never one below the highest it has seen. The promise has to outlive a crash,
so it is forced before it is given: a voter that forgets can vote twice, and then two
nodes have a majority each (Ongaro and Ousterhout 2014, section 5.2).
"""

from dataclasses import dataclass

from ftlib.simulation.node import Disk

__all__ = ["Elected", "Granted", "grant", "granted"]

KEY = "granted"


@dataclass(frozen=True, slots=True)
class Granted:
    """Fact: this node has granted `epoch` to `to`."""

    epoch: int
    to: str


@dataclass(frozen=True, slots=True)
class Elected:
    """Fact: this node acts for `epoch`, by grant of a majority."""

    epoch: int


def granted(disk: Disk) -> tuple[int, str | None]:
    """Return the highest epoch that was granted, and to whom; (0, None) if none was."""
    epoch, to = disk.read(KEY, (0, None))
    return epoch, to


def grant(disk: Disk, epoch: int, to: str) -> bool:
    """Grant an epoch to a node, durably, unless this or a higher one was granted to
    another.

    Parameters
    ----------
    disk : Disk
        Of the node that grants.
    epoch : int
        From 1 on.
    to : str
        The node that asks.

    Returns
    -------
    bool
        Whether it is granted. Who asks again for what it has been granted last is told
        yes again, for the first answer may have been lost.

    Raises
    ------
    ValueError
        If the epoch is below 1.

    Examples
    --------
    >>> disk = Disk({}, [])
    >>> grant(disk, 1, "a"), grant(disk, 1, "b"), grant(disk, 1, "a")
    (True, False, True)
    >>> grant(disk, 3, "b"), grant(disk, 2, "a"), granted(disk)
    (True, False, (3, 'b'))

    Notes
    -----
    One forced write for each grant, none for a refusal or a repetition.
    """
    if epoch < 1:
        raise ValueError(f"epoch is {epoch!r}: give 1 or more")
    highest, holder = granted(disk)
    if epoch > highest:
        disk.write(KEY, (epoch, to))
        disk.force()
        return True
    return (epoch, to) == (highest, holder)
