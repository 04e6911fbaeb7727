"""How many copies a write needs before it is acknowledged, and what that is worth.

Of n + 1 nodes, one is the primary. A write is acknowledged once it is durable there and
on k replicas, so on k + 1 nodes. Whoever takes over must hear of it, from at least one
of those: it must hear n - k + 1 nodes, itself included, because then the two sets
together count one more than there are nodes. So they have a node in common (Howard,
Malkhi and Spiegelman 2016); two majorities are only the case in the middle.
"""

from dataclasses import dataclass

__all__ = ["Mode"]


@dataclass(frozen=True, slots=True)
class Mode:
    """The promise of a primary and its replicas.

    Parameters
    ----------
    copies : int
        k, how many replicas must have a write on disk before it is acknowledged: none
        is called asynchronous, some semi-synchronous, all of them synchronous.
    replicas : int
        n, how many there are beside the primary.
    hears : int, optional
        How many nodes, itself included, a node hears before it takes over. By default
        so many that no acknowledged write is lost. With fewer it guesses, as many
        systems do in asynchronous mode.

    Raises
    ------
    ValueError
        If there is no replica, or fewer of them than copies; if it hears nobody, or
        more nodes than there are.

    Examples
    --------
    >>> [(str(mode), mode.takeover) for mode in (Mode(0), Mode(1), Mode(2))]
    [('asynchronous', 3), ('semi-synchronous, 1 of 2', 2), ('synchronous', 1)]
    >>> Mode(1).promises, Mode(0, hears=2).promises
    (True, False)

    Notes
    -----
    With the default, k crashed nodes stop no takeover and lose nothing; n - k crashed
    replicas stop no write. What makes the one larger makes the other smaller.
    """

    copies: int
    replicas: int = 2
    hears: int | None = None

    def __post_init__(self) -> None:
        if self.replicas < 1 or not 0 <= self.copies <= self.replicas:
            raise ValueError(
                f"copies is {self.copies!r} and replicas {self.replicas!r}: give at"
                " least one replica, and from 0 copies to one on each of them"
            )
        if not 1 <= self.takeover <= self.replicas + 1:
            raise ValueError(
                f"hears is {self.hears!r}: give from 1 to {self.replicas + 1}, the"
                " number of the nodes"
            )

    @property
    def takeover(self) -> int:
        """How many nodes, itself included, must be heard before taking over."""
        return self.replicas - self.copies + 1 if self.hears is None else self.hears

    @property
    def promises(self) -> bool:
        """Whether every acknowledged write survives a takeover."""
        return self.copies + self.takeover > self.replicas

    def __str__(self) -> str:
        if self.copies == 0:
            return "asynchronous"
        if self.copies == self.replicas:
            return "synchronous"
        return f"semi-synchronous, {self.copies} of {self.replicas}"
