"""The three forced writes of Raft, each of which can be left out.

An entry is forced to disk by the leader before it *sends* it, by the leader before it
*counts* itself among those that have it, and by a follower before it *replies*. Figure
2 asks for stable storage before any RPC is answered; that the leader may write while
the followers do is in Ongaro's dissertation (2014, section 10.2.1).
"""

from typing import Any

from ftlib.consensus.raft import Raft
from ftlib.services import Request

__all__ = ["FORCES", "Forcing"]

FORCES = ("sending", "counting", "replying")
"""The moments before which an entry is forced, two of them the leader's."""


class Forcing(Raft):
    """A server that forces its entries at these moments only.

    Parameters
    ----------
    servers, heartbeat, election_timeout
        As for `Raft`.
    before : tuple of str
        Some of `FORCES`.

    Raises
    ------
    ValueError
        If there is no such moment.

    Examples
    --------
    >>> Forcing(("s1",), before=("voting",))
    Traceback (most recent call last):
        ...
    ValueError: no force before 'voting': choose from sending, counting, replying
    """

    def __init__(
        self, *given: Any, before: tuple[str, ...] = FORCES, **named: Any
    ) -> None:
        for moment in before:
            if moment not in FORCES:
                raise ValueError(
                    f"no force before {moment!r}: choose from {', '.join(FORCES)}"
                )
        super().__init__(*given, **named)
        self.before = before

    def force(self, moment: str) -> None:
        """Force, if that is done before this moment."""
        if moment in self.before:
            self.disk.force()

    def append(self, command: Request | None) -> None:
        index = self.log.append(self.disk, self.current_term, command)
        self.force("sending")
        self.replicate()
        self.force("counting")
        self.record(self.log.stored(index))
        self.advance_commit_index()

    def store(self, first: int) -> None:
        self.force("replying")
        for index in range(first, self.log.last[1] + 1):
            self.record(self.log.stored(index))
