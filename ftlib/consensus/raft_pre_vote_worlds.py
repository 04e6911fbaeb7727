"""The worlds in which pre-vote and check-quorum are explored."""

from ftlib.consensus import raft_pre_vote
from ftlib.consensus.raft_pre_vote import CheckQuorum, PreVote
from ftlib.consensus.raft_pre_vote_properties import LED, OFFICE
from ftlib.consensus.raft_properties import PROPERTIES
from ftlib.consensus.raft_servers import raft_servers
from ftlib.consensus.raft_worlds import LIVE, READ, A, B, over
from ftlib.services import Elected
from ftlib.simulation import Fire
from ftlib.simulation.world import Protocol, Simulated, World

__all__ = ["PROTOCOLS"]

ASKED = (*PROPERTIES, *LED)
HELD = (*ASKED, *OFFICE)
TIMERS = {"election": 1, "leader": 0, "heartbeat": 0, "quorum": 0, "retry": 0}

LATE = [
    Fire("s1", "election"),
    *over("s1>s3", "s1>s2"),
    Fire("s2", "election"),
    *over("s2>s3", "s2>s1", "s3>s2", "s2>s1", "s1>s2", "s2>s3"),
]
"""s1 and s2 have asked for pre-votes of term 1; s2 has a majority of them, and begins
the election. What s3 has told s1 is still under way.
"""

IN_OFFICE = [Fire("s1", "election"), *over("s1>s2", "s2>s1", "s1>s3", "s1>s2", "s2>s1")]
"""s1 leads in term 1, and what it has sent first is under way."""

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "Pre-vote and check-quorum",
        raft_pre_vote,
        (*HELD, *LIVE),
        (
            World(
                "three servers, two ask for pre-votes, one has them, another election",
                (raft_servers(server=PreVote),),
                ASKED,
                {"network": "fifo", "firings": TIMERS, "settled": LATE},
            ),
            World(
                "three servers, a leader, another election",
                (raft_servers(server=PreVote),),
                ASKED,
                {
                    "network": "fifo",
                    "firings": TIMERS | {"leader": 1},
                    "settled": IN_OFFICE,
                },
            ),
            World(
                "three servers, a leader looks who has answered, another election",
                (raft_servers(server=CheckQuorum),),
                HELD,
                {
                    "network": "fifo",
                    "firings": TIMERS | {"quorum": 1},
                    "settled": IN_OFFICE,
                },
            ),
            World(
                "three servers, one election with pre-vote",
                (raft_servers(server=PreVote),),
                bound={"firings": TIMERS | {"election": 0}, "settled": LATE[:1]},
                possible={"a leader": ("s1", Elected(1))},
            ),
            *(
                Simulated(
                    f"three servers with {what}, two clients, and any fault",
                    raft_servers(((A, B, READ), (READ, READ)), server=server),
                    (*promised, *LIVE),
                    seeds=8,
                )
                for what, server, promised in (
                    ("pre-vote", PreVote, ASKED),
                    ("pre-vote and check-quorum", CheckQuorum, HELD),
                )
            ),
        ),
    ),
)
"""The worlds in which pre-vote and check-quorum are explored."""
