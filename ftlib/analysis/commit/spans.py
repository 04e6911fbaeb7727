"""How long participants are in doubt, hold locks and are blocked: measured from a
trace, and nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ftlib.simulation import Trace
from ftlib.transactions.atomic_commit import Began, Decided, Voted
from ftlib.transactions.two_phase import Logged

__all__ = ["Span", "blocked_times", "in_doubt_times", "lock_times"]

Key = tuple[str, str]  # node, transaction


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which something held for one participant and one transaction.

    Attributes
    ----------
    node, txn : str
    start, end : float
        In seconds. Where it had not ended when we stopped looking, `end` is that
        moment.
    ended : bool
    """

    node: str
    txn: str
    start: float
    end: float
    ended: bool

    @property
    def seconds(self) -> float:
        """How long it lasted, or has lasted so far."""
        return self.end - self.start


def in_doubt_times(trace: Trace, until: float | None = None) -> tuple[Span, ...]:
    """Return when participants were in doubt: from the vote yes until they learn the
    outcome, time spent down included.

    Parameters
    ----------
    trace : Trace
    until : float, optional
        How long the run was let run, in seconds; by default to its last event.

    Returns
    -------
    tuple of Span
        In the order in which they began.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> from ftlib.transactions.bank import bank
    >>> [
    ...     (span.node, round(span.seconds, 6))
    ...     for span in in_doubt_times(Cluster(bank("yy")).run())
    ... ]  # two latencies of 10 ms
    [('p1', 0.02), ('p2', 0.02)]
    """
    return _spans(_in_doubt(trace), trace.end if until is None else until)


def lock_times(trace: Trace, until: float | None = None) -> tuple[Span, ...]:
    """Return when participants held the locks of a transaction: from writing the
    prepared record until they learn the outcome.

    That is longer than the time in doubt by the first force. A crash before that force
    releases the locks; after it they stay locked, for the recovered participant locks
    again what its log calls prepared.

    Parameters, returns: as `in_doubt_times`.
    """
    return _spans(_locked(trace), trace.end if until is None else until)


def blocked_times(trace: Trace, until: float | None = None) -> tuple[Span, ...]:
    """Return when participants that were up were in doubt while the coordinator of the
    transaction was down.

    Parameters, returns: as `in_doubt_times`.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, Crash, Recover
    >>> from ftlib.transactions.bank import bank
    >>> faults = [Crash("coordinator", at=0.015), Recover("coordinator", at=3.0)]
    >>> [
    ...     (span.node, round(span.seconds, 6))
    ...     for span in blocked_times(Cluster(bank("yy"), faults=faults).run(until=5))
    ... ]
    [('p1', 2.985), ('p2', 2.985)]
    """
    return _spans(_blocked(trace), trace.end if until is None else until)


def _in_doubt(trace: Trace) -> Iterator[tuple[float, set[Key]]]:
    doubtful: set[Key] = set()
    for event in trace.facts((Voted, Decided)):
        match event.what:
            case Voted(txn, "yes"):
                doubtful.add((event.node, txn))
            case Decided(txn):
                doubtful.discard((event.node, txn))
        yield event.time, doubtful


def _locked(trace: Trace) -> Iterator[tuple[float, set[Key]]]:
    locked: set[Key] = set()
    durable: set[Key] = set()
    for event in trace.where(kind=("write", "force", "crash", "fact")):
        match event.kind, event.what:
            case "write", Logged("prepared"):
                locked.add((event.node, (event.other or "").removeprefix("txn ")))
            case "force", _:
                durable |= {key for key in locked if key[0] == event.node}
            case "crash", _:
                locked -= {key for key in locked - durable if key[0] == event.node}
            case "fact", Voted(txn, "yes"):  # said again at recovery
                locked.add((event.node, txn))
                durable.add((event.node, txn))
            case "fact", Decided(txn):
                locked.discard((event.node, txn))
                durable.discard((event.node, txn))
        yield event.time, locked


def _blocked(trace: Trace) -> Iterator[tuple[float, set[Key]]]:
    coordinator = {event.what.txn: event.node for event in trace.facts(Began)}
    doubtful: set[Key] = set()
    down: set[str] = set()
    for event in trace.where(kind=("crash", "recover", "fact")):
        match event.kind, event.what:
            case "crash", _:
                down.add(event.node)
            case "recover", _:
                down.discard(event.node)
            case "fact", Voted(txn, "yes"):
                doubtful.add((event.node, txn))
            case "fact", Decided(txn):
                doubtful.discard((event.node, txn))
        yield (
            event.time,
            {
                (node, txn)
                for node, txn in doubtful
                if node not in down and coordinator.get(txn) in down
            },
        )


def _spans(states: Iterable[tuple[float, set[Key]]], until: float) -> tuple[Span, ...]:
    """Turn what holds after each event into the times during which it held."""
    began: dict[Key, float] = {}
    spans: list[Span] = []
    for time, holding in states:
        spans += [
            Span(*key, began.pop(key), time, ended=True)
            for key in list(began)
            if key not in holding
        ]
        for key in sorted(holding - began.keys()):
            began[key] = time
    spans += [Span(*key, start, until, ended=False) for key, start in began.items()]
    return tuple(
        sorted(
            (span for span in spans if span.seconds),
            key=lambda span: (span.start, span.node, span.txn),
        )
    )
