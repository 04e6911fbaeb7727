"""A witness: the third vote of two nodes that hold data. It holds none itself.

Of two nodes that do not hear each other, none can know whether the other is down; so
neither may decide alone which of them acts. The witness decides, by three rules.

- It grants an epoch to one node, once, and not again after a crash.
- A grant is a *lease* (Gray and Cheriton 1989): for so many seconds it grants nothing
  to anybody else. The holder keeps asking, and gives up before its lease ends, by its
  own clock.
- An epoch begins with its holder alone, who may acknowledge what nobody else has. So
  only the holder is granted the next one, until it says that the two are *paired*: from
  then on it acknowledges nothing that the other has not.

The first and the third hold whatever clocks do. The second does not: it needs a holder
that is not slower to notice the end of its lease than the witness.
"""

from dataclasses import dataclass

from ftlib.services import Granted, grant, granted
from ftlib.simulation import Node

__all__ = ["Ask", "Denied", "Lease", "Paired", "Release", "Witness"]


@dataclass(frozen=True, slots=True)
class Ask:
    """Grant me this epoch, or more time for it; the two of us are `paired`, or not. My
    lease counts from when I sent the question of this number.
    """

    epoch: int
    number: tuple[int, int]
    paired: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """This epoch is yours, for so many seconds from your question of this number."""

    epoch: int
    number: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Denied:
    """No: the last epoch that was granted is this one, of `holder`."""

    epoch: int
    holder: str | None


@dataclass(frozen=True, slots=True)
class Release:
    """I do not act for this epoch any more: grant the next one."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Paired:
    """Fact: from now on this witness grants the epoch after this one to either."""

    epoch: int


class Witness(Node):
    """Grants epochs, one after another, each with a lease.

    Parameters
    ----------
    lease : float
        For how many seconds it grants nothing to another, from when it was asked.

    Raises
    ------
    ValueError
        If that is no time.

    Notes
    -----
    An epoch is one forced write, and that two are paired is another; a lease is none.
    After a crash it does not know how long a lease had still to run, so it waits for a
    whole one.
    """

    MESSAGES = (Lease, Denied)
    FACTS = (Granted, Paired)

    def __init__(self, lease: float = 0.6) -> None:
        if not lease > 0:
            raise ValueError(f"lease is {lease!r}: give seconds above 0")
        self.lease = lease
        self.leased = False

    def on_start(self) -> None:
        if granted(self.disk)[0]:
            self.let()

    def let(self) -> None:
        """Let the lease run anew."""
        self.leased = True
        self.set_timer("lease", self.lease)

    def on_timer(self, name: str) -> None:
        self.leased = False

    def on_message(self, sender: str, message: object) -> None:
        highest, holder = granted(self.disk)
        match message:
            case Ask(epoch, number, paired):
                if self.may(sender) and self.grant(epoch, sender):
                    if paired:
                        self.pair(epoch)
                    self.let()
                    self.send(sender, Lease(epoch, number))
                else:
                    self.send(sender, Denied(highest, holder))
            case Release(epoch) if (epoch, sender) == (highest, holder):
                self.cancel_timer("lease")
                self.leased = False

    def may(self, sender: str) -> bool:
        """Say whether a node may have the next epoch."""
        epoch, holder = granted(self.disk)
        paired = self.disk.read("paired", 0) == epoch
        return holder in (None, sender) or (paired and not self.leased)

    def grant(self, epoch: int, to: str) -> bool:
        """Grant an epoch, and say so in the trace."""
        before = granted(self.disk)
        yes = grant(self.disk, epoch, to)
        if yes and before != (epoch, to):
            self.record(Granted(epoch, to))
        return yes

    def pair(self, epoch: int) -> None:
        """Remember that the other one may have the next epoch."""
        if self.disk.read("paired", 0) != epoch:
            self.disk.write("paired", epoch)
            self.disk.force()
            self.record(Paired(epoch))
