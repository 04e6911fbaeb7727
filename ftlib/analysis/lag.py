"""How far replicas are behind their primary: the entries that it has and they lack.

It is counted from the trace of any protocol that records what its nodes store
(`Stored`), discard (`Truncated`) and find on their disks (`Recovered`), and who acts
for an epoch (`Elected`); and from the snapshots that they write. The log of a replica
may be longer than that of the primary, and still lack entries: what it has counts up to
the first entry that differs.
"""

from bisect import bisect_right
from dataclasses import dataclass

from ftlib.services import Elected, Recovered, Snapshot, Stored, Truncated
from ftlib.simulation import Trace

__all__ = ["Lag", "lag"]


@dataclass(frozen=True, slots=True)
class Lag:
    """How many entries a replica is behind, over time.

    Attributes
    ----------
    steps : tuple of (float, int)
        From when on, and how many; at least one, and each differs from the one before.
    end : float
        When the run ends.
    """

    steps: tuple[tuple[float, int], ...]
    end: float

    def at(self, time: float) -> int:
        """Return it at an instant; 0 before anybody was the primary."""
        return self.steps[bisect_right(self.steps, time, key=_time) - 1][1]

    @property
    def longest(self) -> int:
        """The most that it ever was."""
        return max(entries for _, entries in self.steps)

    @property
    def mean(self) -> float:
        """Its mean over time, from the first step to the end of the run."""
        ends = [time for time, _ in self.steps[1:]] + [self.end]
        area = sum(
            entries * (end - start)
            for (start, entries), end in zip(self.steps, ends, strict=True)
        )
        spent = self.end - self.steps[0][0]
        return area / spent if spent else 0.0


def _time(step: tuple[float, int]) -> float:
    return step[0]


def lag(trace: Trace, replica: str) -> Lag:
    """Count how many entries of its primary a replica lacks, over time.

    Parameters
    ----------
    trace : Trace
    replica : str
        A node that records what it stores; also while it is down.

    Returns
    -------
    Lag

    Raises
    ------
    ValueError
        If nobody in the trace records that it acts for an epoch, or the node records
        no log.

    Notes
    -----
    The primary is who was elected last. Who writes a snapshot has all that it stands
    for, and that is settled.

    Examples
    --------
    >>> from ftlib.replication import Mode, replicas
    >>> from ftlib.simulation import Cluster
    >>> nodes = replicas([[("put", "x", 1), ("put", "x", 2)]], Mode(1))
    >>> behind = lag(Cluster(nodes).run(until=0.1), "r2")
    >>> behind.longest, behind.at(0.1)
    (1, 0)
    """
    facts = trace.where(what=(Elected, Recovered, Stored, Truncated, Snapshot))
    nodes = sorted({event.node for event in facts})
    if replica not in nodes or not trace.facts(Elected):
        raise ValueError(
            f"replica is {replica!r}: give a node that records its log, in a run in"
            f" which somebody is elected; in this one {', '.join(nodes) or 'nobody'} do"
        )
    logs: dict[str, list[int]] = {node: [] for node in nodes}  # the epochs; 0 for any
    primary, steps = "", [(0.0, 0)]
    for event in facts:
        log = logs[event.node]
        match event.what:
            case Elected():
                primary = event.node
            case Truncated(index):
                del log[index - 1 :]
            case Recovered(snapshot, entries):
                log[:] = [0] * snapshot.index + [entry.epoch for entry in entries]
            case Snapshot(index):
                log[:index] = [0] * index
            case Stored(index, epoch):
                log[index - 1 :] = [epoch]
        behind = _lacking(logs[primary], logs[replica]) if primary else 0
        if behind != steps[-1][1]:
            steps.append((event.time, behind))
    return Lag(tuple(steps), trace.end)


def _lacking(whole: list[int], part: list[int]) -> int:
    """Count the entries behind the last that both have: where the epochs are the same,
    all before is.
    """
    same = min(len(whole), len(part))
    while same and 0 != whole[same - 1] != part[same - 1] != 0:
        same -= 1
    return len(whole) - same
