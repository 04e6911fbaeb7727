"""The worlds in which failure detectors are explored.

Where a timer may fire at any moment, accuracy must break, and that is a verdict too; it
holds where a time-out proves a crash. That a crash is noticed within a bound, and a
live node trusted again, is asked of runs, under every kind of fault.
"""

from ftlib.detection import adaptive, heartbeat, swim, time_out
from ftlib.detection.adaptive import adapting
from ftlib.detection.heartbeat import Trusts, watching
from ftlib.detection.properties import accuracy, calm, completeness, eventual_accuracy
from ftlib.detection.swim import swimmers
from ftlib.detection.time_out import Suspects, question
from ftlib.simulation import Network
from ftlib.simulation.world import UNTIL, Protocol, Simulated, World

__all__ = ["PROTOCOLS"]

WITHIN = 5.5
"""Seconds: the longest that anything is slow in a search, and a time-out."""
IN_THE_END = completeness(2, UNTIL), eventual_accuracy(WITHIN, UNTIL)
LONGER = 20.0
"""Seconds: what was learned before a fault may mislead only if there was time."""
LONG = completeness(2, LONGER), eventual_accuracy(WITHIN, LONGER)
SLOWLY = completeness(6, LONGER), eventual_accuracy(8, LONGER)
"""Each member pings the others in turn."""

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "One question",
        time_out,
        (accuracy,),
        (
            World(
                "a client and a server that may crash",
                (question(),),
                (accuracy,),
                {
                    "network": "multiset",
                    "timers": "synchronous",
                    "crashes": 1,
                    "crashing": ("server",),
                },
            ),
            World(
                "a client and a server that is up",
                (question(),),
                (accuracy,),
                breaks="accuracy",
            ),
        ),
    ),
    Protocol(
        "Heartbeats",
        heartbeat,
        IN_THE_END,
        (
            World(
                "two that are watched",
                (watching(),),
                (accuracy,),
                breaks="accuracy",
            ),
            World(
                "two that are watched, one of them crashes",
                (watching(),),
                bound={"crashes": 1, "recoveries": 1, "crashing": ("h1",)},
                possible={
                    "suspicion": ("m", Suspects("h1")),
                    "trust": ("m", Trusts("h1")),
                },
            ),
            Simulated(
                "two that are watched, and any fault",
                watching(),
                IN_THE_END,
                seeds=100,
            ),
        ),
    ),
    Protocol(
        "Heartbeats and phi",
        adaptive,
        LONG,
        (
            Simulated(
                "two that are watched, and any fault",
                adapting(),
                LONG,
                seeds=100,
                until=LONGER,
            ),
        ),
    ),
    Protocol(
        "SWIM",
        swim,
        (accuracy, calm, *SLOWLY),
        (
            Simulated(
                "four members, and any fault",
                swimmers(),
                SLOWLY,
                seeds=40,
                until=LONGER,
            ),
            Simulated(
                "four members, one message in ten is lost",
                swimmers(patience=3.0),
                (accuracy,),
                {"network": Network(loss=0.1), "faults": ()},
                seeds=10,
                until=LONGER,
            ),
            Simulated(
                "four members, one message is lost",
                swimmers(),
                (calm,),
                {"faults": ("lose",), "most": 1},
                seeds=60,
            ),
        ),
    ),
)
