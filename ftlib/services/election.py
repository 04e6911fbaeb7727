"""An election: nodes that want an epoch ask all of them for it, and act for it once a
majority has granted it.

It is the vote of Raft (Ongaro and Ousterhout 2014, section 5.2) and nothing else: no
log that a candidate must have, no heartbeat that keeps others from asking.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ftlib.services.epoch import Elected, Granted, grant, granted
from ftlib.services.quorum import Quorum
from ftlib.simulation import Node

__all__ = ["Ask", "Elector", "Grant", "electors"]


@dataclass(frozen=True, slots=True)
class Ask:
    """Grant me this epoch."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Grant:
    """I have granted you this epoch."""

    epoch: int


class Elector(Node):
    """Votes, and may want an epoch itself.

    Parameters
    ----------
    members : tuple of str
        All electors, itself among them.
    wait : float, (float, float) or None
        It asks for the next epoch after so many seconds, or a time drawn from these,
        anew after each epoch that it grants to another, until it has one; never if
        None.

    Raises
    ------
    ValueError
        If it waits no time: it would ask for ever at one instant.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> trace = Cluster(electors(3, candidates=1)).run(until=1)
    >>> [(event.node, event.what) for event in trace.facts(Elected)]
    [('e1', Elected(epoch=1))]

    Notes
    -----
    Without faults, for N electors: N - 1 messages Ask, N - 1 Grant, N forced writes.
    Who wants an epoch grants it to itself first, on disk, so after a crash it asks for
    a higher one.
    """

    MESSAGES = (Ask, Grant)
    FACTS = (Granted, Elected)

    def __init__(
        self,
        members: tuple[str, ...],
        wait: float | tuple[float, float] | None = None,
    ) -> None:
        if wait is not None and not (wait[0] if isinstance(wait, tuple) else wait) > 0:
            raise ValueError(f"wait is {wait!r}: give seconds above 0, or None")
        self.members = members
        self.wait = wait
        self.epoch = 0  # that it wants, or acts for
        self.votes = Quorum(members)

    def on_start(self) -> None:
        self.again()

    def again(self) -> None:
        if self.wait is not None:
            self.set_timer("election", self.wait)

    def on_timer(self, name: str) -> None:
        self.epoch = granted(self.disk)[0] + 1
        self.votes = Quorum(self.members)
        self.grant(self.epoch, self.id)
        self.count(self.id)
        for member in self.members:
            if member != self.id:
                self.send(member, Ask(self.epoch))
        if not self.votes.reached:
            self.again()

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Ask(epoch) if self.grant(epoch, sender):
                self.send(sender, Grant(epoch))
                self.again()
            case Grant(epoch) if epoch == self.epoch:
                self.count(sender)

    def grant(self, epoch: int, to: str) -> bool:
        """Grant an epoch, and say so in the trace."""
        yes = grant(self.disk, epoch, to)
        if yes:
            self.record(Granted(epoch, to))
        return yes

    def count(self, voter: str) -> None:
        """Count a vote for the epoch that this node wants."""
        if self.votes.add(voter):
            self.cancel_timer("election")
            self.record(Elected(self.epoch))


def electors(
    members: int = 3,
    candidates: int = 2,
    wait: float | tuple[float, float] = (0.1, 0.2),
    *,
    elector: Callable[..., Node] = Elector,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of electors e1, e2, ..., of which the first few want an epoch.

    Parameters
    ----------
    members, candidates : int
        How many there are, and how many of them ask for epochs.
    wait : float or (float, float)
        After how many seconds a candidate asks, or between which it is drawn.
    elector : callable
        The class to use, such as a mutant; called as `Elector` is.

    Returns
    -------
    dict from id to factory

    Raises
    ------
    ValueError
        If there is no member, or there are more candidates than members.
    """
    if not 0 <= candidates <= members or members < 1:
        raise ValueError(
            f"members is {members!r} and candidates {candidates!r}: give at least one"
            " member, and no more candidates than members"
        )
    names = tuple(f"e{number + 1}" for number in range(members))
    return {
        name: partial(elector, names, wait if number < candidates else None)
        for number, name in enumerate(names)
    }
