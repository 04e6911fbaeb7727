"""The worlds of a replicated ring.

Each is explored from the moment at which something may go wrong: who is to become a
member has heard of the view and has not received its range yet, or who is a member no
more has not heard that. All that comes before is taken in settled steps. The keys are
chosen by where a ring of those nodes puts them:

- a: on h1 and h2, and on h3 and h1 once h3 has joined.
- e: on h2 and h1, and on h2 and h4 once h4 has joined.
- h: on h2 and h3, and on h4 and h2 once h4 has joined.
- x: on h1 and h3, and on h3 and h2 when h1 has gone.
"""

from typing import Any

from ftlib.replication import replicated_ring
from ftlib.replication.pair import Resting
from ftlib.replication.ring_membership import Join, Leave
from ftlib.replication.ring_properties import (
    PROPERTIES,
    answers,
    kept,
    on_disks,
    one_view,
    where_it_belongs,
    with_its_range,
)
from ftlib.replication.ring_rows import Ready
from ftlib.replication.ring_store import ring_store
from ftlib.simulation import Deliver, Fire
from ftlib.simulation.world import UNTIL, Group, Protocol, Simulated, World

__all__ = ["PROTOCOLS"]

SAFETY = (*PROPERTIES, on_disks(2), with_its_range(2))
FIFO: dict[str, Any] = {"network": "fifo"}
TIMERS = "beat", "retry", "silent h1", "silent h2", "silent h3"


def way(*words: str) -> list[Deliver]:
    """Deliver messages, such as ``"Want h1>h2 h2>h1"``, in this order."""
    found = []
    for each in words:
        kind, *ends = each.split()
        for end in ends:
            sender, _, to = end.partition(">")
            found.append(Deliver(kind, sender, to))
    return found


def installed(*members: str) -> list[Deliver]:
    """Let members of a view hear of it and receive their range; then it is
    installed.
    """
    told = "View " + " ".join(f"s>{each}" for each in members)
    steps = [told]
    for turn in range(len(members) - 1):
        pairs = [(each, [*members]) for each in members]
        for each, others in pairs:
            others.remove(each)
        asked = [(each, others[turn]) for each, others in pairs]
        steps.append("Want " + " ".join(f"{each}>{other}" for each, other in asked))
        steps.append("Have " + " ".join(f"{other}>{each}" for each, other in asked))
    beats = "Beat " + " ".join(f"{each}>s" for each in members)
    return way(*steps, beats, told)


def only(settled: list[Any], **firings: int) -> dict[str, Any]:
    """After these steps, let these timers fire so often, with _ for a blank, and no
    others.
    """
    named = {name.replace("_", " "): often for name, often in firings.items()}
    return FIFO | {"settled": settled, "firings": dict.fromkeys(TIMERS, 0) | named}


def crashing(node: str) -> dict[str, Any]:
    """Let a node crash, come back, and keep some of what it has not forced."""
    return {"crashes": 1, "recoveries": 1, "survivors": True, "crashing": (node,)}


def group(*wanted: list[tuple[Any, ...]], joins: int = 0) -> Group:
    """Make a ring of three members, whose clients do not wait longer each time; or one
    of fewer or of as many, which the third or the fourth node is going to join.
    """
    nodes, members = (joins, joins - 1) if joins else (3, 3)
    orders = ((1.0, Join(f"h{joins}")),) if joins else ()
    return ring_store(wanted, nodes, members, orders=orders, longest=0.1)


TWO, THREE = installed("h1", "h2"), installed("h1", "h2", "h3")
JOINS = [Fire("o", "order 0"), *way("Join o>s")]
WRITE, READ = ("put", "x", 1), ("get", "x")
FOURTH = [
    *way("Request c1>h1", "Redirect h1>c1", "Request c1>h2", "Copy h2>h1"),
    *way("Copied h1>h2", "Reply h2>c1"),  # e is written
    *way("Request c1>h2", "Copy h2>h3", "Copied h3>h2", "Reply h2>c1"),  # h is
    *JOINS,
    *way("View s>h1 s>h2 s>h3", "Want h1>h2 h2>h1 h3>h1", "Have h2>h1 h1>h2 h1>h3"),
    *way("Want h1>h3 h2>h3 h3>h2", "Have h3>h1 h3>h2 h2>h3"),
    *way("Want h1>h4 h2>h4 h3>h4 h4>h1", "Have h4>h1 h4>h2 h4>h3"),
    *way("Beat h1>s h2>s h3>s"),
]
"""All but the fourth node are ready in the view that it has joined."""
MOVES = [
    *way("Request c1>h1", "Copy h1>h2", "Copied h2>h1"),  # a is written
    *JOINS,
    *way("View s>h1 s>h2", "Want h1>h2 h2>h1", "Have h2>h1 h1>h2"),
]
"""The client has not heard that its request was executed, and the row is to move."""
DEPOSED = [
    *way("View s>h1 s>h2", "Want h1>h2 h2>h1", "Have h2>h1 h1>h2"),
    *way("Want h1>h3 h2>h3", "Have h3>h1 h3>h2", "Want h3>h1", "Have h1>h3"),
    *way("Want h3>h2", "Have h2>h3", "Beat h1>s h2>s h3>s", "View s>h1 s>h2"),
    *way("Request c1>h1", "Copy h1>h3", "Copied h3>h1", "Reply h1>c1"),
    *way("Request c2>h1", "Copy h1>h2", "Copied h2>h1"),
    Fire("s", "silent h1"),
    *way("View s>h2", "Want h2>h3", "Have h3>h2", "Want h3>h2", "Have h2>h3"),
    *way("Beat h2>s h3>s", "View s>h2"),
    Fire("c1", "retry"),
    *way("Request c1>h2", "Redirect h2>c1", "Request c1>h3", "Copy h3>h2"),
    *way("Copied h2>h3", "Reply h3>c1", "Reply h1>c2"),
]
"""The first of x does not know that it was left out, and is going to be asked; what the
steward told the third node is still under way.
"""
OVERTAKEN = [
    *THREE,
    *way("Request c1>h1", "Copy h1>h3", "Request c2>h1", "Copy h1>h3"),
    *way("Copied h3>h1", "Reply h1>c1"),
    Fire("s", "silent h2"),
    *way("View s>h1 s>h3", "Want h1>h3 h3>h1", "Have h3>h1 h1>h3"),
    *way("Beat h1>s h3>s", "View s>h1 s>h3"),
    Fire("s", "silent h1"),
    Fire("h2", "beat"),
    *way("Beat h2>s", "View s>h2 s>h3", "Want h2>h3", "Have h3>h2"),
    *way("Want h3>h2", "Have h2>h3", "Beat h2>s h3>s", "View s>h2 s>h3"),
    Fire("c1", "retry"),
    *way("Request c1>h2", "Redirect h2>c1", "Request c1>h3", "Copy h3>h2"),
    *way("Copied h2>h3", "Reply h3>c1", "Reply h1>c2"),
]
"""The first of x does not know that it was left out of the third view, and is going to
be asked; what the third node said to it in the first view is still under way.
"""
BETWEEN = [
    *THREE,
    *JOINS,
    Fire("s", "silent h3"),
    Fire("h3", "beat"),
    *way("View s>h1 s>h2 s>h4 s>h1 s>h2 s>h4", "Want h1>h2 h2>h1 h4>h1"),
    *way("Want h1>h2 h2>h1 h4>h1", "Have h2>h1 h1>h2", "Want h2>h4", "Have h4>h2"),
    *way("Beat h2>s", "Request c1>h1", "Redirect h1>c1", "Request c1>h2"),
    *way("Copy h2>h4", "Copied h4>h2", "Reply h2>c1", "Beat h3>s"),
    Fire("s", "silent h2"),
    *way("View s>h3 s>h3 s>h1 s>h4"),
]
"""What was written is on h2 and on h4, which was no member of the view that was
installed last; h2 is suspected, and h3 is not any more.
"""
ROUNDS = (
    [("append", "a", "1"), WRITE, ("get", "a"), ("append", "a", "2")] * 2,
    [("get", "a"), READ, ("append", "a", "3")] * 2,
)

RESTING = [("put", "h", 1), ("get", "h"), WRITE, ("get", "a"), ("put", "a", 1)] * 2
LEAVE = (
    *((0.3, Leave("h4")), (0.7, Join("h4"))),
    *((1.1, Leave("h1")), (1.5, Join("h1"))),
)

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "A replicated ring",
        replicated_ring,
        (*SAFETY, answers(2, 2, UNTIL), where_it_belongs(2, 2, UNTIL)),
        (
            World(
                "two members and a third that joins, a client writes and reads",
                (group([("put", "a", 1), ("get", "a")], joins=3),),
                SAFETY,
                FIFO | {"settled": TWO, "firings": 1},
                linearizable="KeyValue",
            ),
            World(
                "three members and a fourth that joins, a writer and a reader",
                (
                    group(
                        [("put", "e", 1), ("put", "h", 1), ("put", "e", 2)],
                        [("get", "h")],
                        joins=4,
                    ),
                ),
                SAFETY,
                only([*THREE, *FOURTH], beat=1, silent_h4=0),
                linearizable="KeyValue",
            ),
            World(
                "three members, a writer and a reader",
                (group([WRITE, READ], [READ]),),
                SAFETY,
                FIFO | {"settled": THREE, "firings": 1},
                linearizable="KeyValue",
            ),
            World(
                "three members, the first of a key crashes for good",
                (group([WRITE, READ]),),
                SAFETY,
                only(THREE, silent_h1=1, retry=1) | {"crashes": 1, "crashing": ("h1",)},
                linearizable="KeyValue",
            ),
            World(
                "three members, one is suspected and another one crashes",
                (group([WRITE, READ]),),
                SAFETY,
                only(THREE, silent_h1=1) | crashing("h3"),
                linearizable="KeyValue",
            ),
            World(
                "three members, one of which was left out and does not know it",
                (group([WRITE, ("put", "x", 2)], [("get", "plum"), READ]),),
                SAFETY,
                only(DEPOSED) | {"network": "multiset"} | crashing("h3"),
                linearizable="KeyValue",
            ),
            World(
                "three members, and a copy of the view before the last",
                (group([WRITE, ("put", "x", 2)], [READ, READ]),),
                SAFETY,
                only(OVERTAKEN) | {"network": "multiset"},
                linearizable="KeyValue",
            ),
            World(
                "two members and a third that joins, a request comes again",
                (group([("append", "a", "1"), ("get", "a")], joins=3),),
                SAFETY,
                only([*TWO, *MOVES], retry=1),
                linearizable="KeyValue",
            ),
            World(
                "two members and a third that joins and crashes",
                (group([("append", "a", "1"), ("get", "a")], joins=3),),
                SAFETY,
                only([*TWO, *MOVES]) | crashing("h3"),
                linearizable="KeyValue",
            ),
            World(
                "a view that is not installed, and the next two",
                (group([("put", "e", 1)], joins=4),),
                (kept, one_view),
                only(BETWEEN, silent_h4=1),
            ),
            World(
                "a steward that crashes",
                (group(),),
                (one_view,),
                only(
                    [*THREE, Fire("s", "silent h1"), *installed("h2", "h3")],
                    silent_h2=1,
                )
                | crashing("s"),
            ),
            World(
                "three members, the first of a key crashes for good",
                (group([WRITE]),),
                bound=only(THREE, silent_h1=1) | {"crashes": 1, "crashing": ("h1",)},
                possible={"a view without it": ("h3", Ready(2, ("h2", "h3")))},
            ),
            Simulated(
                "four nodes, two clients, and two that leave and come back",
                ring_store(ROUNDS, orders=LEAVE),
                (*SAFETY, where_it_belongs(2, 2, 5.0)),
                seeds=40,
                until=5.0,
            ),
            Simulated(
                "three members, a fourth that joins, and three clients that rest",
                ring_store(
                    (RESTING,) * 3,
                    members=3,
                    orders=((1.0, Join("h4")),),
                    client=Resting,
                ),
                (answers(2, 2, 6.0),),
                {"faults": ("crash",), "crashing": ("h1", "h2", "h3", "h4")},
                seeds=60,
                until=6.0,
            ),
        ),
    ),
)
