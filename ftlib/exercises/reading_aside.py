"""The judge of followers that answer reads: they ask the leader how much is committed,
and not for the value (Ongaro 2014, section 6.4.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.checking import ClusterModel, Counterexample, KeyValue, linearizable
from ftlib.consensus import raft_servers
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_reads import ReadIndex
from ftlib.consensus.raft_worlds import ELECTED
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import role, watched
from ftlib.exercises.raft_elections import raft_drawn
from ftlib.exercises.runs import Nodes, every_run, pasted, run
from ftlib.services import Client, Reply, Request, Stored
from ftlib.simulation import (
    Broken,
    Crash,
    Deliver,
    Event,
    Fire,
    Heal,
    Lose,
    Node,
    Partition,
    Recover,
    Trace,
    judge,
    monitor,
)

__all__ = ["AskIndex", "ReadAt", "judge_reads_aside"]

SEED, ENDS = 7, 3.0
READS, READER = (("get", "x"),) * 20, "reader"
WRITES = tuple(("append", "x", letter) for letter in "abcdefghijkl")


@dataclass(frozen=True, slots=True)
class AskIndex:
    """A follower asks its leader how much is committed, for a request of a client."""

    client: str
    sequence: int


@dataclass(frozen=True, slots=True)
class ReadAt:
    """The leader says: whoever has applied the log up to `index` may answer it."""

    client: str
    sequence: int
    index: int


def _not_in_the_log(_: None, event: Event) -> Any:
    match event.what:
        case Stored(value=Request(operation=("get", *_))):
            return Broken(f"{event.node} puts a read into its log")
    return None


outside = monitor("reads outside the log", None, _not_in_the_log)
CHECKS = (*PROPERTIES, outside, linearizable(KeyValue))

STAGED: dict[str, tuple[int, tuple[Any, ...]]] = {
    "nothing goes wrong": (3, ()),
    "s4 and s5 are cut off together": (
        5,
        (Partition((("s4", "s5", READER),), at=0.4), Heal(at=1.1)),
    ),
    "some of what s1 sends to s3 is lost": (
        3,
        tuple(
            Lose("AppendEntries", "s1", "s3", nth=nth)
            for nth in (7, 8, 9, 10, 16, 17, 18, 19)
        ),
    ),
    "s1 crashes": (3, (Crash("s1", at=0.4),)),
    "the follower crashes and comes back": (
        3,
        (Crash("s3", at=0.4), Recover("s3", at=0.45)),
    ),
}
"""How many servers, and what goes wrong; the reader asks the last of them. Of three s1
leads, of five s4.
"""
ASKED = [
    *ELECTED[:-2],
    Deliver("Request", "c1", "s1"),  # which follows nobody, and does not answer
    *ELECTED[-2:],
    Deliver("RequestVoteReply", "s1", "s2"),
    Deliver("AppendEntries", "s1", "s3"),
    Deliver("AppendEntriesReply", "s3", "s1"),
    Deliver("AppendEntries", "s2", "s3"),
    Fire("c1", "retry"),
    Deliver("Request", "c1", "s3"),
]
"""s2 has just been elected, and knows neither that its own no-op is committed nor that
the write of c1 is, which s3 lacks; and c1 wants to read from s3.
"""


@judging
def judge_reads_aside(server: Any) -> Answer:
    """Judge servers of which a follower, too, answers reads.

    Some runs come first, in which one client writes and another reads from a follower
    alone; then every run of a small world, in which a leader has just been elected.
    Refused are followers that do not answer, or another server that answers for them;
    reads that go through the log; histories that are not linearizable; and whatever
    breaks a promise of Raft.

    Parameters
    ----------
    server : type
        A subclass of `ReadIndex`.
    """
    if server is None or server is ReadIndex:
        return not_attempted("Write ReadsAside, a subclass of ReadIndex.")
    kind = role(server, "ReadsAside")
    if not issubclass(kind, ReadIndex):
        raise Wrong("ReadsAside is no subclass of ReadIndex.")
    own = kind.__mro__[: kind.__mro__.index(ReadIndex)]
    if not any(callable(value) for each in own for value in vars(each).values()):
        return not_attempted("ReadsAside has the methods of ReadIndex: override some.")
    for what, (servers, faults) in STAGED.items():
        _staged(kind, what, servers, faults)
    wanted = (("append", "x", "a"), ("get", "x"))
    nodes = raft_servers((), server=watched(kind, 10**7))
    model = ClusterModel(
        {**nodes, "c1": partial(Client, ("s1", "s3"), wanted, 0.1, 0.1)},
        CHECKS,
        network="multiset",
        firings={"election": 0, "heartbeat": 0, "retry": 0},
        settled=ASKED,
    )
    found = every_run(model, _unsafe, invariants={}, can_reach={})
    return Answer(
        "right",
        f"A follower answers in {len(STAGED)} runs, and every history is linearizable,"
        f" in {found.states:,} states, too.",
    )


def _nodes(kind: type[Node], servers: int) -> Nodes:
    nodes = raft_servers((WRITES,), servers, server=watched(kind, 10**6), longest=0.1)
    reader = partial(Client, (f"s{servers}",), READS, 0.1, 0.1)
    return {**nodes, READER: reader}


def _staged(kind: type[Node], what: str, servers: int, faults: Iterable[Any]) -> None:
    trace = run(_nodes(kind, servers), faults, until=ENDS, seed=SEED)
    for finding in judge(trace, CHECKS):
        if finding.verdict == "violated":
            raise _fail(f"{what}, and {finding.reason}.", trace, faults)
    follower = f"s{servers}"
    for event in trace.where(kind="send"):
        aside = event.other == READER and event.node != follower
        if isinstance(event.what, Reply) and (
            aside or str(event.other).startswith("s")
        ):
            why = f"{event.node} answers for {follower}, which was asked"
            raise _fail(f"{what}, and {why}.", trace, faults)
    returned = [event.node for event in trace.where(kind="return")]
    for client, asked in ((READER, len(READS)), ("c1", len(WRITES))):
        missing = asked - returned.count(client)
        if missing:
            raise _fail(
                f"{what}, and after {ENDS:g} s {missing} of {asked} requests of"
                f" {client} are not answered.",
                trace,
                faults,
            )


def _fail(why: str, trace: Trace, faults: Iterable[Any]) -> Wrong:
    picture = raft_drawn(trace, CHECKS, title=why, events=60)
    return Wrong(why, pasted(faults), picture)


def _unsafe(name: str, way: Counterexample) -> Wrong:
    why = f"{name} is broken in one of all runs."
    if name == linearizable(KeyValue).name:
        why = "in one of all runs a read misses a write that was answered before it."
    return Wrong(why, str(way), raft_drawn(way.trace, CHECKS))
