"""What the tests of atomic commit share: run, judge by every property, and audit the
disks by an oracle of their own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from ftlib.simulation import (
    Cluster,
    Crash,
    Duplicate,
    Lose,
    Point,
    Recover,
    Schedule,
    Trace,
    judge,
)
from ftlib.transactions.atomic_commit import Decided, termination
from ftlib.transactions.bank import bank
from ftlib.transactions.bank_properties import PROPERTIES
from ftlib.transactions.two_phase import Logged

UNTIL = 12.0
WITHIN = 3.0
ALL = (*PROPERTIES, termination(WITHIN, UNTIL))


def run(nodes, faults=(), until=UNTIL, **options) -> Trace:
    """Run the bank with these votes, or these nodes."""
    return Cluster(
        bank(nodes) if isinstance(nodes, str) else nodes, faults=faults, **options
    ).run(until=until)


def broken(trace: Trace, properties=ALL, keeps=0) -> set[str]:
    """Name what is violated; "audit" if the disks are wrong."""
    names = {
        finding.name
        for finding in judge(trace, properties)
        if finding.verdict == "violated"
    }
    return names | ({"audit"} if audit(trace, keeps) else set())


def outcomes(trace: Trace, txn="t1") -> dict[str, str]:
    """Return the last thing that each node decided."""
    return {
        event.node: event.what.outcome
        for event in trace.facts(Decided)
        if event.what.txn == txn
    }


# Schedules


def crash(node: str, after: int, back: float | None = 0.1, keeps: int = 0) -> list:
    """Crash a node after so many effects of its whole life, and bring it back so much
    later.
    """
    faults: list = [Crash(node, at=0, after=after, keeps=keeps)]
    return (
        faults
        if back is None
        else [*faults, Recover(node, at=Point(node, "crash", later=back))]
    )


def again(node: str, after: int, back: float = 0.1) -> list:
    """Crash it once more, so many effects after it came back."""
    second = Point(node, "crash", nth=2, later=back)
    return [
        Crash(node, at=Point(node, "recover"), after=after),
        Recover(node, at=second),
    ]


def crash_points(nodes, node: str, faults=(), limit=200) -> range:
    """Return every number of effects after which a node can crash, the last one apart:
    after that it does nothing more.
    """
    for after in range(limit):
        if not run(nodes, [*faults, Crash(node, at=0, after=after)]).where(
            kind="crash", node=node
        ):
            return range(after)
    raise AssertionError(f"{node} still acts after {limit} effects")


def messages(nodes, faults=()) -> list[tuple[str, int]]:
    """Return (type, nth) of every message of a run."""
    return [
        (name, nth)
        for name, count in run(nodes, faults).counts().items()
        for nth in range(1, count + 1)
    ]


def single_faults(
    nodes, back=(0.1, 1.0), later=(0.0, 0.03, 1.5, 6.0)
) -> Iterator[Schedule]:
    """Iterate over the schedules with one fault: every crash, every message lost, every
    message doubled.
    """
    for node in nodes:
        for after in crash_points(nodes, node):
            yield from (Schedule(crash(node, after, delay)) for delay in back)
    for name, nth in messages(nodes):
        yield Schedule([Lose(name, nth=nth)])
        yield from (
            Schedule([Duplicate(name, nth=nth, later=delay)]) for delay in later
        )


def sweep(nodes, schedules, properties=ALL) -> tuple[int, dict[str, Schedule]]:
    """Run them all, and return how many there were, and the first schedule that breaks
    each property that is broken.
    """
    first: dict[str, Schedule] = {}
    number = 0
    for number, schedule in enumerate(schedules, 1):  # noqa: B007 - counts
        for name in broken(run(nodes, schedule), properties):
            first.setdefault(name, schedule)
    return number, first


# The audit


def audit(trace: Trace, keeps: int = 0) -> str | None:
    """Replay writes, forces and crashes, of which each keeps so many of the writes that
    were not forced, and say what is wrong with the disks.

    On each disk, at every moment, the balance of an account must be what the committed
    transactions of that very disk make it, and no two prepared transactions may share
    an account. This oracle knows the form of the records, and nothing of the protocol.
    """
    disks: dict[str, dict] = defaultdict(dict)
    buffers: dict[str, list] = defaultdict(list)
    opening: dict[tuple[str, str], int] = {}
    for event in trace.where(kind=("write", "force", "crash", "recover")):
        node = event.node
        match event.kind:
            case "write":
                buffers[node].append((event.other, event.what))
            case "crash":
                disks[node].update(buffers[node][:keeps])
                buffers[node].clear()
            case "recover" if event.what == "wiped":
                disks[node].clear()
            case "force":
                disks[node].update(buffers[node])
                buffers[node].clear()
                if wrong := _wrong(node, disks[node], opening):
                    return f"at event {event.index}: {wrong}"
    return None


def _wrong(node: str, disk: dict, opening: dict) -> str | None:
    moved: Counter[str] = Counter()
    prepared: Counter[str] = Counter()
    for entry in disk.values():
        match entry:
            case Logged("commit", changes=changes):
                moved.update(dict(changes))
            case Logged("prepared", changes=changes):
                prepared.update(account for account, _ in changes)
    for account, total in moved.items():
        balance = disk.get(f"balance {account}")
        if balance is None:
            return f"{account} of {node} is not there, its log says {total:+d}"
        start = opening.setdefault((node, account), balance - total)
        if balance != start + total:
            return f"{account} of {node} is {balance}, its log says {start} {total:+d}"
        if balance < 0:
            return f"{account} of {node} is {balance}"
    return next(
        (
            f"two transactions are prepared on {each} of {node}"
            for each, count in prepared.items()
            if count > 1
        ),
        None,
    )
