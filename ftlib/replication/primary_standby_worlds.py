"""The worlds of a primary, its standby and their witness.

Epochs, pairing and fencing are explored, with timers that fire at any moment: what
holds there needs no clock. What needs a lease is simulated, where nobody is paused; and
where somebody is, it must break.
"""

from ftlib.replication import primary_standby
from ftlib.replication.pair import pair
from ftlib.replication.primary_standby_mutants import GIVEN
from ftlib.replication.primary_standby_properties import (
    PROPERTIES,
    answered,
    comes_back,
    effects_in_order,
    fresh,
    in_order,
    one_at_a_time,
    survive,
)
from ftlib.services import Client
from ftlib.services.properties import log_matching, one_holder
from ftlib.simulation.world import Protocol, Simulated, World

__all__ = ["PROTOCOLS"]

PUT = ((("put", "x", 1),),)
WANTED, *_ = GIVEN
EPOCHS = one_holder, in_order, survive
NOT_PAUSED = ("crash", "lose", "duplicate", "partition")
NEVER = ("beat", "ask", "retry", "silent b", "lease 1", "lease 2", "lease 3")
ONE_TAKEOVER = {"silent a": 1, "lease": 1} | dict.fromkeys(NEVER, 0)
"""How often timers fire: b's once, and the witness's, which lets the lease end."""

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "A primary, a standby and a witness",
        primary_standby,
        PROPERTIES,
        (
            World(
                "the two and their witness, which crashes",
                (pair(()),),
                (one_holder,),
                {
                    "network": "multiset",
                    "crashes": 1,
                    "recoveries": 1,
                    "crashing": ("w",),
                    "firings": 2,
                },
            ),
            World(
                "a resource that crashes, a client, and one takeover",
                (pair(PUT, fenced=True, client=Client),),
                (survive, effects_in_order),
                {
                    "network": "fifo",
                    "crashes": 1,
                    "recoveries": 1,
                    "crashing": ("r",),
                    "firings": ONE_TAKEOVER,
                },
            ),
            World(
                "a resource that looks at the epoch, and a client",
                (pair(PUT, fenced=True, client=Client),),
                (*EPOCHS, answered, effects_in_order),
                {"network": "fifo", "firings": 2},
            ),
            Simulated(
                "two clients",
                pair(WANTED, fenced=True),
                (log_matching, comes_back(4.5, 8.0)),
                {"faults": ("crash", "partition"), "most": 2},
                seeds=80,
            ),
            Simulated(
                "two clients, a network that is cut",
                pair(WANTED),
                (fresh,),
                {"faults": ("partition",)},
                seeds=30,
                until=3.0,
            ),
            Simulated(
                "two clients, and an operator who switches over",
                pair(WANTED, orders=((1.05, "a"), (2.05, "b"))),
                (*EPOCHS, one_at_a_time),
                {"faults": NOT_PAUSED},
                seeds=30,
                until=4.0,
            ),
            Simulated(
                "two clients, nobody is slow",
                pair(WANTED),
                (one_at_a_time,),
                {"faults": NOT_PAUSED},
                seeds=30,
                until=4.0,
            ),
            Simulated(
                "two clients, somebody is slow",
                pair(WANTED),
                (one_at_a_time,),
                {"faults": ("slow",)},
                breaks="one at a time",
                until=4.0,
            ),
            Simulated(
                "two clients, asynchronous",
                pair(WANTED, synchronous=False),
                (survive,),
                {"faults": ("partition",)},
                breaks="acknowledged writes survive",
                until=4.0,
            ),
            Simulated(
                "two clients, a resource that does not look at the epoch",
                pair(WANTED, fenced=False),
                (effects_in_order,),
                {"faults": ("slow",)},
                breaks="effects in order of epochs",
                until=4.0,
            ),
        ),
    ),
)
