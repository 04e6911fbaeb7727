"""Paxos as a specification: states and steps, without nodes, messages on wires, or
disks.

A transliteration of Lamport's TLA+ module Paxos (of his lecture "The Paxos algorithm,
or how to win a Turing Award"; among the TLA+ examples), with the names of its actions.
It is a model for `ftlib.checking.explore`. With three acceptors, two values and ballots
0 and 1, its model MCPaxosTiny, TLC finds 3,921 distinct states, at depth 17.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

from ftlib.services import majority

__all__ = ["PaxosSpecified", "PaxosState", "chosen"]

VALUES = "v1", "v2"


class PaxosState(NamedTuple):
    """A state of `PaxosSpecified`: of each acceptor, the highest ballot that it knows
    and its last vote; and every message that was ever sent.

    A message is ``("1a", ballot)``, ``("1b", acceptor, ballot, voted ballot, voted
    value)``, ``("2a", ballot, value)`` or ``("2b", acceptor, ballot, value)``.
    """

    max_ballot: tuple[int, ...]
    voted: tuple[tuple[int, str], ...]  # ballot -1 before the first vote
    messages: frozenset[tuple[Any, ...]]


def _with(values: tuple[Any, ...], acceptor: int, value: Any) -> tuple[Any, ...]:
    return (*values[:acceptor], value, *values[acceptor + 1 :])


class PaxosSpecified:
    """Single-decree Paxos, with a leader for each ballot.

    A message once sent can be received at any time, any number of times; nobody fails,
    except by never taking a step.

    Parameters
    ----------
    acceptors : int
        How many, 1 or more. A majority is a quorum.
    ballots : int
        How many, from 0 on.

    Examples
    --------
    >>> from ftlib.checking import explore
    >>> found = explore(PaxosSpecified(3, 2))
    >>> found.states, found.depth
    (3921, 17)
    """

    def __init__(self, acceptors: int, ballots: int) -> None:
        self.acceptors, self.ballots = range(acceptors), range(ballots)
        self.quorums = tuple(combinations(self.acceptors, majority(acceptors)))

    def initial_states(self) -> list[PaxosState]:
        nothing = len(self.acceptors)
        return [PaxosState((-1,) * nothing, ((-1, ""),) * nothing, frozenset())]

    def successors(self, state: PaxosState) -> Iterator[tuple[str, PaxosState]]:
        for ballot in self.ballots:
            yield f"Phase1a({ballot})", self.sent(state, "1a", ballot)
            for value in VALUES:
                if self.phase_2a(state, ballot, value):
                    name = f"Phase2a({ballot}, {value})"
                    yield name, self.sent(state, "2a", ballot, value)
        for acceptor in self.acceptors:
            yield from self.phases_b(state, acceptor)

    def sent(self, state: PaxosState, *message: Any) -> PaxosState:
        return state._replace(messages=state.messages | {message})

    def phase_2a(self, state: PaxosState, ballot: int, value: str) -> bool:
        """Tell whether the leader of a ballot may ask for votes for a value."""
        messages = state.messages
        if any(each[:2] == ("2a", ballot) for each in messages):
            return False
        answers = {e[1]: e[3:] for e in messages if e[0] == "1b" and e[2] == ballot}
        return any(
            all(acceptor in answers for acceptor in quorum)
            and max(answers[acceptor] for acceptor in quorum)[1] in ("", value)
            for quorum in self.quorums
        )

    def phases_b(
        self, state: PaxosState, acceptor: int
    ) -> Iterator[tuple[str, PaxosState]]:
        """Promise, and vote."""
        known, voted = state.max_ballot[acceptor], state.voted[acceptor]
        for message in sorted(state.messages, key=repr):
            match message:
                case ("1a", ballot) if ballot > known:
                    after = self.sent(state, "1b", acceptor, ballot, *voted)
                    yield (
                        f"Phase1b({acceptor})",
                        after._replace(
                            max_ballot=_with(state.max_ballot, acceptor, ballot)
                        ),
                    )
                case ("2a", ballot, value) if ballot >= known:
                    after = self.sent(state, "2b", acceptor, ballot, value)
                    yield (
                        f"Phase2b({acceptor})",
                        after._replace(
                            max_ballot=_with(state.max_ballot, acceptor, ballot),
                            voted=_with(state.voted, acceptor, (ballot, value)),
                        ),
                    )


def chosen(state: PaxosState) -> frozenset[str]:
    """Return the values for which a majority has voted in the same ballot."""
    votes = [each[2:] for each in state.messages if each[0] == "2b"]
    enough = majority(len(state.voted))
    return frozenset(vote[1] for vote in votes if votes.count(vote) >= enough)
