"""Mutants of pre-vote and check-quorum: each makes one mistake, and each breaks one
promise.
"""

from typing import Any

from ftlib.consensus.raft import Raft
from ftlib.consensus.raft_pre_vote import CheckQuorum, PreVote, RequestPreVote
from ftlib.consensus.raft_servers import raft_servers
from ftlib.services import Client, majority
from ftlib.simulation import Node, Schedule
from ftlib.simulation.promises import casting

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AsksForShow",
    "CountsLateReplies",
    "LeadsOn",
    "ListensToCandidates",
    "WillingWhileLed",
    "mutated",
]


class AsksForShow(PreVote):
    """Asks the others, and begins the election without waiting for what they say."""

    def pre_vote(self, voter: str, term: int) -> None:
        for each in self.servers[: majority(len(self.servers))]:
            super().pre_vote(each, term)


class CountsLateReplies(PreVote):
    """Counts a reply that comes late, and means an earlier term, for the next one."""

    def pre_vote(self, voter: str, term: int) -> None:
        super().pre_vote(voter, self.current_term + 1)


class WillingWhileLed(PreVote):
    """Would vote for a candidate although it hears from a leader."""

    def request_pre_vote(self, sender: str, message: RequestPreVote) -> None:
        led, self.led = self.led, False
        super().request_pre_vote(sender, message)
        self.led = led


class ListensToCandidates(CheckQuorum):
    """Votes for a candidate of a later term although it hears from a leader."""

    def on_message(self, sender: str, message: Any) -> None:
        PreVote.on_message(self, sender, message)


class LeadsOn(CheckQuorum):
    """Looks whether a majority has answered, and leads on if none has."""

    def check_quorum(self) -> None:
        self.listen()


SHOWN_BY: dict[type[Node], tuple[tuple[Any, ...], Schedule, str]] = {
    AsksForShow: ((), Schedule(), "asked before"),
    CountsLateReplies: ((), Schedule(), "asked before"),
    WillingWhileLed: ((), Schedule(), "unwilling while led"),
    ListensToCandidates: ((), Schedule(), "loyal while led"),
    LeadsOn: ((), Schedule(), "steps down"),
}
"""What the group is made with, the faults, and the property that is violated."""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

_group = casting(raft_servers, server=Raft, client=Client)


def mutated(mutant: type[Node], given: tuple[Any, ...] = ()) -> Any:
    """Make a group with a mutant in the place of its servers; as
    `ftlib.consensus.raft_mutants.mutated`.
    """
    return _group(mutant, *given)
