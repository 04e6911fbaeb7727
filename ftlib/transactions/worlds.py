"""The worlds in which transactions are explored.

Where time-outs prove crashes (`SYNCHRONOUS`), three-phase commit holds; where they may
be wrong it must break, and that is a verdict too.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from typing import Any

from ftlib.simulation import Property
from ftlib.simulation.world import Blocked, Group, Protocol, Specified, World
from ftlib.transactions import (
    cooperative,
    paxos_commit_worlds,
    saga,
    saga_properties,
    specification,
    three_phase,
    two_phase,
)
from ftlib.transactions.atomic_commit import (
    PROPERTIES,
    Decided,
    Transaction,
    Voted,
    transfer,
)
from ftlib.transactions.bank import COORDINATOR, bank, rivals
from ftlib.transactions.bank_properties import PROPERTIES as BANK
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.reader import Reader, whole_reads
from ftlib.transactions.saga import Saga, trip
from ftlib.transactions.specification import TCommit, TwoPhase, consistent

__all__ = ["PROTOCOLS", "SYNCHRONOUS", "asking", "three"]

SYNCHRONOUS: Mapping[str, Any] = {"network": "multiset", "timers": "synchronous"}
SAGA = saga_properties.PROPERTIES
OPPOSED = (
    transfer("t1", 2),
    Transaction("t2", (("p1", "a1", 20), ("p2", "a2", -20))),
)  # want the same locks
LAST_PLACE = (Saga("s1", ("flight", "hotel")), Saga("s2", ("hotel", "flight")))
READER = {"reader": partial(Reader, (("p1", "a1"), ("p2", "a2")), 0.03)}

asking = partial(bank, participant=CooperativeParticipant)
three = partial(
    bank, coordinator=three_phase.Coordinator, participant=three_phase.Participant
)


def world(
    case: str,
    nodes: Group,
    properties: tuple[Property, ...] = PROPERTIES,
    breaks: str = "",
    **bound: Any,
) -> World:
    """Make a world of one group."""
    return World(case, (nodes,), properties, bound, breaks)


def every_vote(make: Callable[[str], Group], **bound: Any) -> World:
    """Take all votes of one and of two participants together."""
    votes = [
        "".join(letters) for size in (1, 2) for letters in product("yns", repeat=size)
    ]
    groups = tuple(make(each) for each in votes)
    return World(f"all {len(votes)} votes of one or two", groups, PROPERTIES, bound)


def blocked(make: Callable[[str], Group]) -> tuple[Blocked, ...]:
    """Ask who is blocked, where time-outs prove crashes."""
    return tuple(
        Blocked(
            f"{votes}, {crashes} {'crash' if crashes == 1 else 'crashes'}",
            make(votes),
            Voted,
            Decided,
            {"crashes": crashes, **SYNCHRONOUS},
        )
        for votes, crashes in (("yy", 0), ("yy", 1), ("yyy", 1), ("yyy", 2))
    )


def specified(
    make: Callable[[int], Any], managers: Callable[[Any], Any]
) -> tuple[Specified, ...]:
    """Take a specification with one to four resource managers."""
    return tuple(
        Specified(
            f"n = {n}", make(n), {"consistent": lambda each: consistent(managers(each))}
        )
        for n in range(1, 5)
    )


PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "Two-phase commit",
        two_phase,
        PROPERTIES,
        (
            every_vote(bank, crashes=1, recoveries=1),
            world("yy", bank("yy"), crashes=2, recoveries=2),
            world("yyy", bank("yyy"), crashes=1, recoveries=1),
            world("yyy", bank("yyy"), crashes=2, recoveries=2, **SYNCHRONOUS),
            world(
                "yy", bank("yy"), network="multiset", losses=2, duplicates=1, firings=2
            ),
            world("yy", bank("yy"), network="fifo", losses=1, duplicates=1, firings=2),
            world(
                "yyy",
                bank("yyy"),
                partition=[[COORDINATOR, "p1"]],
                crashes=1,
                recoveries=1,
                **SYNCHRONOUS,
            ),
            world("yy", bank("yy"), crashes=2, recoveries=2, survivors=True),
            world(
                "y, two transfers that want the same money",
                rivals((60, 60)),
                BANK,
                crashes=1,
                recoveries=1,
            ),
            world("y, three transfers", rivals((30, 30, 30)), BANK, **SYNCHRONOUS),
            world(
                "yy, two transfers that want the same locks",
                bank("yy", OPPOSED),
                BANK,
                crashes=1,
                recoveries=1,
                survivors=True,
                **SYNCHRONOUS,
            ),
            World(
                "yy",
                (bank("yy"),),
                bound={"firings": 0},
                possible={"commit": (COORDINATOR, Decided("t1", "commit"))},
            ),
            world(
                "yy and a reader without locks",
                bank("yy") | READER,
                (whole_reads(200),),
                "whole reads",
            ),
        ),
        blocked(bank),
    ),
    Protocol(
        "Two-phase commit with cooperative termination",
        cooperative,
        PROPERTIES,
        (
            every_vote(asking, crashes=1, recoveries=1),
            world("yyy", asking("yyy"), crashes=1, recoveries=1, **SYNCHRONOUS),
            world(
                "y, two transfers that want the same money",
                rivals((60, 60), participant=CooperativeParticipant),
                BANK,
                crashes=1,
                recoveries=1,
                survivors=True,
            ),
            world("yyy", asking("yyy"), partition=[["p1"], ["p2"]], **SYNCHRONOUS),
        ),
        blocked(asking),
    ),
    Protocol(
        "Three-phase commit",
        three_phase,
        PROPERTIES,
        (
            every_vote(three, crashes=2, **SYNCHRONOUS),
            world("y", three("y"), crashes=2, recoveries=2, **SYNCHRONOUS),
            world("yy", three("yy"), crashes=3, duplicates=1, **SYNCHRONOUS),
            world("yy", three("yy"), crashes=1, losses=2, firings=2, **SYNCHRONOUS),
            world("yy", three("yy"), crashes=3, recoveries=1, **SYNCHRONOUS),
            world(
                "yy",
                three("yy"),
                crashes=2,
                recoveries=1,
                survivors=True,
                **SYNCHRONOUS,
            ),
            world("yyy", three("yyy"), crashes=4, **SYNCHRONOUS),
            world("y", three("y"), breaks="agreement"),
            world(
                "yy",
                three("yy"),
                breaks="agreement",
                partition=[[COORDINATOR]],
                **SYNCHRONOUS,
            ),
            world(
                "y", three("y"), breaks="agreement", crashes=1, losses=1, **SYNCHRONOUS
            ),
        ),
        blocked(three),
    ),
    *paxos_commit_worlds.PROTOCOLS,
    Protocol(
        "Saga",
        saga,
        SAGA,
        (
            world("yy", trip("yy"), SAGA, crashes=2, recoveries=2),
            world("yyy", trip("yyy"), SAGA, crashes=1, recoveries=1),
            world("yyn", trip("yyn"), SAGA, crashes=1, recoveries=1),
            world("yy", trip("yy"), SAGA, crashes=2, recoveries=2, survivors=True),
            world(
                "yy, two sagas that want the last place",
                trip("yy", LAST_PLACE, places=1),
                (*SAGA, saga_properties.within_places(1)),
            ),
            world(
                "yy, two sagas that want the last place",
                trip("yy", LAST_PLACE, places=1),
                (*SAGA, saga_properties.within_places(1)),
                crashes=1,
                recoveries=1,
                survivors=True,
                **SYNCHRONOUS,
            ),
        ),
    ),
    Protocol(
        "Atomic commit, specified",
        specification,
        (),
        specified(TCommit, lambda state: state),
    ),
    Protocol(
        "Two-phase commit, specified",
        specification,
        (),
        specified(TwoPhase, lambda state: state.managers),
    ),
)
