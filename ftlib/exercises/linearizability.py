"""Judges of the exercises on linearizability: a history that only a pending write
explains, a half-done write of five nodes, and a client that writes back no more often
than it must.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from time import monotonic
from typing import Any

from ftlib.checking import (
    History,
    KeyValue,
    Operation,
    Register,
    Verdict,
    check_linearizable,
)
from ftlib.drawing import history_picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.runs import Nodes, pasted, run, say_how_far, schedule
from ftlib.figures.linearizability import READS, harm
from ftlib.replication.quorum import (
    AtomicClient,
    Holds,
    RegularClient,
    Update,
    registers,
)
from ftlib.simulation import Lose, Schedule, Slow, Trace

__all__ = ["judge_half_done", "judge_only_pending", "judge_thrifty"]

READ = ("get", "x")

# 1: a write that nobody acknowledged --------------------------------------------------

MOST = 4


@judging
def judge_only_pending(operations: Any) -> Answer:
    """Judge a history of a register that holds 0 at first: it must be linearizable, but
    not without its one pending write.

    Refused are more than four operations, none or several that are pending, a pending
    read, a history that is not linearizable, and one in which nobody has seen the
    pending write.

    Parameters
    ----------
    operations : iterable of Operation
    """
    if operations is None:
        return not_attempted("Set my_history to a list of operations.")
    if isinstance(operations, str | Mapping) or not isinstance(operations, Iterable):
        raise Wrong(f"my_history is {operations!r}: hand in a list of operations.")
    history = History(operations)
    if not history:
        return not_attempted("my_history has no operations yet.")

    def wrong(why: str, verdict: Verdict | None = None) -> Wrong:
        return Wrong(why, str(history), history_picture(history, verdict))

    if len(history) > MOST:
        raise wrong(f"it has {len(history)} operations: {MOST} are enough.")
    pending = [each for each in history if each.pending]
    if len(pending) != 1:
        raise wrong(f"{len(pending)} of its operations are pending: one is to be.")
    verdict = check_linearizable(history, Register(0))
    if pending[0].call[0] != "write":
        raise wrong("what is pending is a read, which changes nothing.")
    if not verdict:
        raise wrong("it is not linearizable, even with the pending write.", verdict)
    without = History(each for each in history if not each.pending)
    verdict = check_linearizable(without, Register(0))
    if verdict:
        raise wrong(
            "it is linearizable without the pending write too: nobody has seen it."
        )
    return Answer(
        "right",
        "Somebody has seen what nobody acknowledged: the write has taken effect.",
        picture=history_picture(history, check_linearizable(history, Register(0))),
    )


# 2: a half-done write -----------------------------------------------------------------

FIVE: dict[str, Any] = {"nodes": 5, "read": 3, "write": 3, "client": RegularClient}
FAULTS = 6


@judging
def judge_half_done(faults: Any) -> Answer:
    """Judge faults of the network by which a write and three reads on five nodes, R and
    W being 3, are not linearizable.

    Refused are other faults than `Lose` and `Slow`, more than six of them, one that
    never takes effect, a call that has not returned after two seconds, and a run that
    is linearizable.

    Parameters
    ----------
    faults : list of Lose and Slow
    """
    if faults is None:
        return not_attempted("Set my_faults to a list of Lose and Slow.")
    given = schedule(faults, "my_faults")
    if not list(given):
        return not_attempted("my_faults is empty yet.")
    for fault in given:
        if not isinstance(fault, Lose | Slow):
            raise Wrong(f"{fault!r} is neither Lose nor Slow: no machine fails here.")
    if len(list(given)) > FAULTS:
        raise Wrong(f"it holds {len(list(given))} faults: {FAULTS} are enough.")
    nodes = registers([("put", "x", 1)], [READ] * 3, **FIVE)
    trace = run(nodes, given, until=2.0, used=True)
    history = History.from_trace(trace)
    if any(each.pending for each in history):
        raise _wrong("one of the calls has not returned after 2 s.", history, given)
    verdict = check_linearizable(history, KeyValue)
    if verdict:
        raise _wrong("what the clients see is linearizable.", history, given, verdict)
    return Answer(
        "right",
        "R + W is more than N, and one read misses what an earlier one has returned.",
        str(history),
        history_picture(history, verdict),
    )


def _wrong(
    why: str,
    history: Iterable[Operation],
    faults: Iterable[Any],
    verdict: Verdict | None = None,
) -> Wrong:
    return Wrong(why, pasted(Schedule(faults)), history_picture(history, verdict))


# 3: a client that saves the write-back ------------------------------------------------

SIZES = ((3, 2, 2), (3, 3, 2), (3, 1, 3))  # N, R, W
AGAIN = (
    Lose("Update", sender="c1", receiver="n3", nth=2),
    Lose("Update", sender="c1", receiver="n2", nth=3),
    Lose("Update", sender="c1", receiver="n3", nth=3),
)
"""What leaves three versions on three nodes, the first with the value of the last."""
TWO_OF_FIVE = (
    *(Lose("Update", sender="c1", receiver=node) for node in ("n3", "n4", "n5")),
    *(Lose("Query", sender="c2", receiver=node, nth=3) for node in ("n1", "n2")),
)
"""Two nodes have a write, a read hears both, and the next one neither."""
TWO_WRITERS = (
    Lose("Update", sender="c1", receiver="n3"),
    *(Lose("Update", sender="c3", receiver=node) for node in ("n1", "n2")),
    Lose("Query", sender="c2", receiver="n2", nth=4),
    Lose("Query", sender="c2", receiver="n3", nth=5),
)
"""Two versions of one counter: a read hears both, and the next one the lower twice."""


@judging
def judge_thrifty(thrifty: Any) -> Answer:
    """Judge a client that is linearizable, and writes back only what fewer than W of
    the nodes that have answered are known to have.

    It runs under every loss that `ftlib.figures.linearizability.harm` makes, with
    several R and W, with five nodes, with two writers, and with three writes of which
    the first and the last have the same value. Refused are runs that are not
    linearizable, calls that do not return, and reads that write back though W of the
    answers had the version.

    Parameters
    ----------
    thrifty : type
        A subclass of `AtomicClient`.
    """
    if thrifty is None or thrifty is AtomicClient:
        return not_attempted("Write Thrifty, a subclass of AtomicClient.")
    kind = role(thrifty, "Thrifty")
    if not issubclass(kind, RegularClient):
        raise Wrong("Thrifty is no subclass of AtomicClient.")
    if not any(callable(value) for value in vars(kind).values()):
        return not_attempted("Thrifty has the methods of AtomicClient: override get.")
    client = watched(_patient(kind), calls=400_000)
    start, tried = monotonic(), 0
    for nodes, faults, write in _worlds(client):
        tried += 1
        trace = run(nodes, faults, until=2.0)
        history = History.from_trace(trace)
        if any(each.pending for each in history):
            raise _wrong("one of the calls has not returned.", history, faults)
        verdict = check_linearizable(history, KeyValue)
        if not verdict:
            raise _wrong("a run is not linearizable.", history, faults, verdict)
        _look(trace, history, faults, write)
        if tried % 50 == 0:
            say_how_far(f"{tried} runs", start)
    return Answer(
        "right",
        f"All {tried} runs are linearizable, and none writes back what W nodes have.",
    )


def _worlds(client: Any) -> Iterator[tuple[Nodes, Schedule, int]]:
    """Yield nodes, faults and W; the quiet worlds first."""
    for number, read, write in SIZES:
        sizes: dict[str, Any] = {"nodes": number, "read": read, "write": write}
        make = partial(registers, client=_mixed(client), **sizes)
        yield make([("put", "x", 1)], [READ] * READS), Schedule(), write
    for number, read, write in SIZES:
        sizes = {"nodes": number, "read": read, "write": write}
        make = partial(registers, client=_mixed(client), **sizes)
        for faults in harm(read, write, tuple({1: 1, write: write}), number):
            yield make([("put", "x", 1)], [READ] * READS), faults, write
    five: dict[str, Any] = {"nodes": 5, "read": 3, "write": 3}
    make = partial(registers, client=_mixed(client), **five)
    yield make([("put", "x", 1)], [READ] * READS), Schedule(TWO_OF_FIVE), 3
    make = partial(registers, client=_mixed(client))
    writers = [("put", "x", 1)], [READ] * 6, [("put", "x", 2)]
    yield make(*writers), Schedule(TWO_WRITERS), 2
    writes = [("put", "x", value) for value in (1, 2, 1)]
    for nth in range(4, 16):
        hears = [
            Lose("Query", sender="c2", receiver="n2", nth=nth),
            *(
                Lose("Query", sender="c2", receiver="n1", nth=later)
                for later in range(nth + 1, nth + 4)
            ),
        ]
        yield make(writes, [READ] * 20), Schedule([*AGAIN, *hears]), 2


def _patient(kind: type[RegularClient]) -> type[RegularClient]:
    """Let a client that asks nothing, and does not return, wait for good."""

    def on_timer(self: Any, name: str) -> None:
        if self.asked is not None:
            kind.on_timer(self, name)

    return type(kind.__name__, (kind,), {"on_timer": on_timer})


def _mixed(client: Any) -> Any:
    """Only who reads is the learner's."""

    def made(
        nodes: Any, read: int, write: int, operations: Any, patience: float
    ) -> Any:
        kind = client if READ in operations else AtomicClient
        return kind(nodes, read, write, operations, patience)

    return made


def _look(trace: Trace, history: History, faults: Schedule, write: int) -> None:
    """Raise if a read writes back what W of the nodes that answered have."""
    answers: dict[int, dict[str, Any]] = {}  # by the number of the read
    written: set[int] = set()  # reads that have begun to write back
    for event in trace.where(node="c2", kind=("deliver", "send")):
        if isinstance(event.what, Holds):
            heard = answers.setdefault(event.what.number, {})
            heard[str(event.other)] = event.what.row.version
        elif isinstance(event.what, Update) and event.what.number not in written:
            written.add(event.what.number)
            versions = list(answers.get(event.what.number, {}).values())
            have = versions.count(event.what.row.version)
            if have >= write:
                raise _wrong(
                    f"read {event.what.number} writes back, though {have} of the"
                    f" answers had that version and W is {write}.",
                    history,
                    faults,
                )
