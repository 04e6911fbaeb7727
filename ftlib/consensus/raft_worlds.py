"""The worlds in which Raft is explored.

Elections are explored whole. What comes after them begins at a moment in which it can
be decided, because free timers and three servers make more states than can be listed;
the steps up to that moment are named in each case.
"""

from typing import Any

from ftlib.consensus import raft, raft_reads
from ftlib.consensus.raft_messages import Applied
from ftlib.consensus.raft_properties import PROPERTIES, while_a_majority_is_up
from ftlib.consensus.raft_reads import ReadIndex
from ftlib.consensus.raft_servers import election, raft_servers
from ftlib.services import Elected, Request
from ftlib.simulation import Deliver, Fire
from ftlib.simulation.world import UNTIL, Protocol, Simulated, World

__all__ = ["DEAR", "FIGURE_8", "PROTOCOLS"]

A, B, READ = ("append", "x", "a"), ("append", "x", "b"), ("get", "x")
ONE, TWO = ((A,),), ((A,), (B,))
AGAIN = ((A, READ),)
QUIET = {"election": 0, "heartbeat": 0, "retry": 0}
LIVELY: dict[str, Any] = {"network": "fifo", "firings": QUIET | {"election": 1}}


def over(*links: str) -> list[Deliver]:
    """Deliver what has been under way for longest, over one link after another."""
    return [
        Deliver(sender=sender, receiver=receiver)
        for sender, receiver in (link.split(">") for link in links)
    ]


def crashing(*nodes: str) -> dict[str, Any]:
    """Let one of these crash once and come back."""
    return {"crashes": 1, "recoveries": 1, "crashing": nodes}


LED = election("s1", "s2")
"""s1 leads in term 1."""

STORED = [
    *LED,
    *over("c1>s1", "s1>s3", "s1>s3", "s3>s1", "s3>s1", "s1>s2", "s2>s1"),
]
"""Then it has stored a command, and sent it to both; nothing else is under way."""

VOTED = [Fire("s1", "election"), Fire("s2", "election"), *over("s1>s3")]
"""s1 and s2 are candidates of term 1, and s3 has voted for s1."""

SPLIT = [
    Fire("s1", "election"),
    Fire("s2", "election"),
    *over("s1>s3", "s2>s4"),
]
"""Of four servers two are candidates of term 1, and the other two have voted, each for
another of them.
"""

LATE = [*LED, *over("c1>s1", "s1>s3", "s1>s3", "s3>s1", "s3>s1")]
"""Then it has stored a command; its heartbeat and the entry are under way to s2."""

PASSED_OVER = [
    *LED,
    *over("c1>s1", "s1>s3", "s1>s3"),
    Fire("s2", "election"),
    *over("s2>s3", "s3>s1", "s3>s1", "s3>s2", "c2>s2", "s1>s3"),
    *over("s2>s3", "s2>s3", "s3>s2", "s3>s2", "s3>s1"),
    *over("s2>s1", "s2>s1", "s2>s1"),
]
"""s2 leads in term 2, and what s1 has sent it in term 1 is still under way."""

FIGURE_8 = [
    *LED,
    *over("c1>s1"),
    Fire("s2", "election"),
    *over("s2>s3", "s3>s2", "c2>s2", "s2>s1"),
    Fire("s1", "election"),
    *over("s1>s3", "s1>s3", "s1>s3", "s1>s3", "s3>s1", "s3>s1", "s3>s1"),
    *over("s1>s2", "s1>s2", "s1>s2", "s1>s2", "s2>s1", "s2>s1", "s2>s3", "s2>s3"),
]
"""Figure 8 with three servers, up to its moment c: s1 has entry 1 of term 1, s2 has one
of term 2, and s1 leads again, in term 3, and is about to give s3 the older of the two.
"""

APPENDS = [*FIGURE_8, *over("s3>s1", "c4>s1")]
"""Then s1 leads, and has appended an entry of term 3 behind its own; s2 has something
else before that.
"""

UNHEARD = [
    *LED,
    *over("c1>s1", "s1>s3"),
    Fire("s3", "election"),
    *over("s3>s2", "s2>s3", "c3>s3", "s3>s2", "s3>s2", "s2>s3", "s2>s3"),
    *over("s1>s3", "s1>s3", "s1>s2"),
]
"""s3 leads in term 2 and has committed an entry with s2; s1 has not heard of it, and
its entry of term 1 is under way to s2.
"""

LACKING = [
    *LED,
    *over("c1>s1", "s1>s2", "s1>s2", "s2>s1", "s2>s1"),
    Fire("s2", "election"),
    *over("s1>s3", "s1>s3", "s2>s3", "s3>s1", "s3>s1", "s3>s2", "c2>s2"),
    *over("s2>s1", "s2>s1", "s2>s1", "s1>s2", "s1>s2", "s1>s2", "s1>s3"),
    *over("s3>s1"),
]
"""s1 and s2 have entry 1 of term 1, and entry 2 of term 2, in which s2 leads; both are
committed, and s3 lacks both.
"""

WRITTEN = [
    *LED,
    *over("s1>s2", "s2>s1", "s1>s2", "s2>s1", "s1>s3", "s1>s3", "s1>s3"),
    *over("s3>s1", "s3>s1", "s3>s1"),
    *over("c1>s1", "s1>s2", "s2>s1", "s1>c1"),
]
"""s1 leads in term 1, its no-op is everywhere; s2 has stored the write of a client,
which has been answered and reads.
"""

ELECTED = [
    *WRITTEN,
    Fire("s2", "election"),
    *over("s2>s3", "s3>s2", "s2>s1", "s2>s1", "s2>s1"),
]
"""Then s2 leads in term 2, and s1 knows; the no-op of s2 is nowhere else yet."""

UNAWARE = [
    *WRITTEN[:-1],
    Fire("s2", "election"),
    *over("s2>s3", "s3>s2", "s2>s3", "s2>s3", "s3>s2", "s3>s2"),
    *over("c2>s2", "s2>s3", "s3>s2", "s2>s3", "s3>s2"),
]
"""Before it is answered s2 has come to lead in term 2, and s3 has stored what another
client wrote; s1 has not heard of it.
"""

LIVE = (while_a_majority_is_up(3, UNTIL),)
ELECTIONS = (
    World(
        "three servers, two candidates of a term, one vote, and its voter crashes",
        (raft_servers(),),
        PROPERTIES,
        {"network": "fifo", "firings": QUIET, "settled": VOTED} | crashing("s3"),
    ),
    World(
        "three servers, two elections",
        (raft_servers(),),
        PROPERTIES,
        {"firings": {"election": 2, "heartbeat": 0}},
    ),
    World(
        "four servers, two candidates of a term with two votes each",
        (raft_servers((), 4),),
        PROPERTIES,
        {
            "network": "multiset",
            "duplicates": 2,
            "firings": QUIET,
            "settled": SPLIT,
        },
    ),
    World(
        "three servers, one election",
        (raft_servers(),),
        bound={"firings": QUIET, "settled": LED[:1]},
        possible={"a leader": ("s1", Elected(1))},
    ),
)
DEAR = (
    World(
        "three servers, two elections, one crash",
        (raft_servers(),),
        PROPERTIES,
        {
            "network": "fifo",
            "firings": {"election": 2, "heartbeat": 0},
            **crashing("s1", "s2", "s3"),
        },
    ),
)
"""Complete as well, and explored by the tests that are slow."""

LOGS = (
    World(
        "three servers; figure 8, another election",
        (raft_servers(TWO, longest=0.1),),
        PROPERTIES,
        LIVELY | {"settled": FIGURE_8},
    ),
    World(
        "three servers; a follower lacks what came before",
        (raft_servers(TWO, longest=0.1),),
        PROPERTIES,
        {"network": "fifo", "firings": QUIET | {"heartbeat": 1}, "settled": LACKING},
    ),
    *(
        World(
            f"three servers; one write, {who} crashes, another election",
            (raft_servers(ONE, longest=0.1),),
            PROPERTIES,
            LIVELY | crashing(node) | {"settled": settled},
        )
        for node, who, settled in (
            ("s1", "the leader", [*STORED, *over("s1>s2", "s2>s1")]),
            ("s2", "a follower", [*STORED, *over("s1>s2")]),
        )
    ),
    World(
        "three servers; one write, which is asked for again",
        (raft_servers(AGAIN, longest=0.1),),
        PROPERTIES,
        {"network": "fifo", "firings": QUIET | {"retry": 1}, "settled": STORED},
        linearizable="KeyValue",
    ),
    World(
        "three servers; a heartbeat comes late, another election",
        (raft_servers(ONE, longest=0.1),),
        PROPERTIES,
        LIVELY | {"network": "multiset", "settled": LATE},
    ),
    World(
        "three servers; a leader has been passed over, another election",
        (raft_servers(TWO, longest=0.1),),
        PROPERTIES,
        LIVELY | {"settled": PASSED_OVER},
        linearizable="KeyValue",
    ),
    World(
        "three servers; figure 8, and the leader goes on to write",
        (raft_servers(((A,), (B,), (), (A,)), longest=0.1),),
        PROPERTIES,
        {"network": "fifo", "firings": QUIET, "settled": APPENDS},
    ),
    World(
        "three servers; a leader has been passed over unheard, another election",
        (raft_servers(((A,), (), (B,)), longest=0.1),),
        PROPERTIES,
        LIVELY | {"settled": UNHEARD},
    ),
    World(
        "three servers; one write",
        (raft_servers(ONE, longest=0.1),),
        bound={"network": "fifo", "firings": QUIET, "settled": STORED},
        possible={"the write": ("s1", Applied(1, 1, Request("c1", 1, A)))},
    ),
)
RUNS = (
    Simulated(
        "three servers, two clients, and any fault",
        raft_servers(((A, B, READ), (READ, READ))),
        (*PROPERTIES, *LIVE),
        seeds=8,
    ),
)
READS = (
    World(
        "three servers; a write and a read, another election",
        (raft_servers(AGAIN, server=ReadIndex, longest=0.1),),
        PROPERTIES,
        {
            "network": "fifo",
            "firings": QUIET,
            "settled": ELECTED,
        },
        linearizable="KeyValue",
    ),
    World(
        "three servers; a leader does not know that it has been deposed",
        (raft_servers((*AGAIN, (B,)), server=ReadIndex, longest=0.1),),
        PROPERTIES,
        {"network": "fifo", "firings": QUIET, "settled": UNAWARE},
        linearizable="KeyValue",
    ),
    World(
        "three servers; no command",
        (raft_servers((), server=ReadIndex),),
        bound={"firings": QUIET, "settled": LED},
        possible={"a no-op": ("s1", Applied(1, 1, None))},
    ),
    Simulated(
        "three servers, reads alone, and any fault",
        raft_servers(((READ,) * 4,), server=ReadIndex),
        LIVE,
        seeds=8,
    ),
)

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol("Raft", raft, (*PROPERTIES, *LIVE), (*ELECTIONS, *LOGS, *RUNS)),
    Protocol("Reads of Raft", raft_reads, (*PROPERTIES, *LIVE), READS),
)
