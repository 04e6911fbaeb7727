"""Counting a majority.

Any two majorities of the same members have a member in common. So if nobody says yes to
two, no two get a majority (Gifford 1979; Thomas 1979): the quorum is why one epoch has
one primary, and why what one majority has stored another one knows.

A vote is counted by its voter, never by its message, which may come twice.
"""

from dataclasses import dataclass

__all__ = ["Quorum", "majority"]


def majority(members: int) -> int:
    """Return how many of so many are a majority.

    Raises
    ------
    ValueError
        If it is no whole number, or there are no members.

    Examples
    --------
    >>> [majority(members) for members in (1, 2, 3, 4, 5)]
    [1, 2, 2, 3, 3]
    """
    if type(members) is not int or members < 1:
        raise ValueError(f"members is {members!r}: give a whole number, at least 1")
    return members // 2 + 1


@dataclass
class Quorum:
    """A part: who of the members has voted.

    Attributes
    ----------
    members : tuple of str
        Who may vote, each once.
    voters : tuple of str
        Who has, in the order of the members.

    Examples
    --------
    >>> quorum = Quorum(("a", "b", "c"))
    >>> quorum.add("a"), quorum.add("a"), quorum.add("x")
    (False, False, False)
    >>> quorum.add("c"), quorum.add("b"), quorum.reached
    (True, False, True)
    """

    members: tuple[str, ...]
    voters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = self.members
        if not isinstance(names, tuple) or len({*names}) != len(names) or not names:
            raise ValueError(
                f"members is {names!r}: give a tuple, of at least one, and each once"
            )

    @property
    def reached(self) -> bool:
        """Whether a majority has voted."""
        return len(self.voters) >= majority(len(self.members))

    def add(self, voter: str) -> bool:
        """Count a vote, of a member and for the first time, and say whether it is the
        one that made the majority.
        """
        before = self.reached
        self.voters = tuple(
            each for each in self.members if each == voter or each in self.voters
        )
        return self.reached and not before
