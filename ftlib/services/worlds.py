"""The worlds in which what servers share is explored, each part in the node around it.

In each of them unforced writes may survive a crash. Where the clients' waits grow, each
length is a state of its own, so they do not grow where two clients share a server.
"""

from functools import partial
from typing import Any

from ftlib.services import election, hedging, keeper, overload, server
from ftlib.services.election import electors
from ftlib.services.epoch import Elected
from ftlib.services.hedging import HedgingClient
from ftlib.services.keeper import keeping
from ftlib.services.log import Stored
from ftlib.services.overload import NewestFirst, comes_back, crowded
from ftlib.services.properties import (
    durability,
    executed_once,
    granted_once,
    log_matching,
    one_holder,
    responsive,
)
from ftlib.services.retrying import Budget
from ftlib.services.server import SERVER, Server, service
from ftlib.services.store import Executed
from ftlib.simulation.world import UNTIL, Group, Protocol, Simulated, World

__all__ = ["PROTOCOLS", "TWICE"]

TWICE = (("append", "x", "a"), ("get", "x"))  # shows what is executed twice
ONE_LOSS = {"network": "multiset", "timers": "synchronous", "losses": 1, "firings": 1}


def crashing(node: str, times: int = 1) -> dict[str, Any]:
    """Let a node crash so often, come back, and keep some of what it has not forced."""
    return {
        "crashes": times,
        "recoveries": times,
        "survivors": True,
        "crashing": (node,),
    }


ONE, TWO = service(TWICE), service(TWICE, TWICE, longest=0.1)
EPOCHS = granted_once, one_holder
LOGS = log_matching, durability
HEDGING: Group = {
    SERVER: Server,
    "c1": partial(HedgingClient, (SERVER,), TWICE, 0.1, 0.1),
}
CUTS = {"faults": ("partition",)}
LONG = 40.0
"""Seconds: what waits after a cut is done by then, if ever."""
BACK = (comes_back(20, LONG),)

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "One server and its clients",
        server,
        (executed_once, responsive(2, UNTIL)),
        (
            World(
                "one client",
                (ONE,),
                (executed_once,),
                crashing(SERVER),
                linearizable="KeyValue",
            ),
            World(
                "two clients, the server crashes",
                (TWO,),
                (executed_once,),
                crashing(SERVER, 2),
                linearizable="KeyValue",
            ),
            World(
                "two clients, one of them crashes",
                (TWO,),
                (executed_once,),
                crashing("c1"),
                linearizable="KeyValue",
            ),
            World(
                "one client",
                (ONE,),
                bound=ONE_LOSS,
                possible={"an answer to both": (SERVER, Executed("c1", 2, 2))},
            ),
        ),
    ),
    Protocol(
        "A client that hedges",
        hedging,
        (executed_once, responsive(2, UNTIL)),
        (
            World(
                "one client, which asks the same server again",
                (HEDGING,),
                (executed_once,),
                crashing(SERVER),
                linearizable="KeyValue",
            ),
            World(
                "one client, which asks the same server again",
                (HEDGING,),
                bound=ONE_LOSS,
                possible={"an answer to both": (SERVER, Executed("c1", 2, 2))},
            ),
        ),
    ),
    Protocol(
        "A crowd and a server with a queue",
        overload,
        BACK,
        (
            Simulated(
                "retries that are free",
                crowded(8, 3),
                BACK,
                CUTS,
                breaks="comes back",
                until=LONG,
            ),
            Simulated(
                "a budget of one retry for ten requests",
                crowded(8, 3, budget=partial(Budget, 0.1, 5)),
                BACK,
                CUTS,
                seeds=30,
                until=LONG,
            ),
            Simulated(
                "retries that are free, and the newest first",
                crowded(8, 3, queue=NewestFirst),
                BACK,
                CUTS,
                seeds=30,
                until=LONG,
            ),
        ),
    ),
    Protocol(
        "An election",
        election,
        EPOCHS,
        (
            World(
                "three electors, two of them candidates",
                (electors(3),),
                EPOCHS,
                crashing("e3") | {"firings": 2},
            ),
            World(
                "three electors, two of them candidates",
                (electors(3),),
                EPOCHS,
                {"firings": 3},
            ),
            World(
                "four electors, two of them candidates",
                (electors(4),),
                EPOCHS,
                {"firings": 2},
            ),
            World(
                "three electors, one of them a candidate",
                (electors(3, 1),),
                bound={"firings": 1},
                possible={"an epoch": ("e1", Elected(1))},
            ),
        ),
    ),
    Protocol(
        "A log",
        keeper,
        LOGS,
        (
            World("two that write to one log", (keeping(),), LOGS, crashing("k")),
            World(
                "two that write to one log",
                (keeping(),),
                bound={"firings": 1},
                possible={"the last entry": ("k", Stored(2, 2, "x", 1))},
            ),
        ),
    ),
)
