"""What a reader is asked to bring about with faults put by hand, and the fewest that do
it.

A challenge holds for every setting of the figure's other controls. In some of them it
can be done, in others nobody can: which, and with how many faults, is found by trying
all that the picture offers, one fault, then two, and so on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ftlib.checking.fewest import Least, trying
from ftlib.simulation import Cluster, Event, Property, Schedule, Trace, judge

__all__ = ["Challenge", "Goal", "breaks"]

WORDS = ("no faults", "one fault", "two faults", "three faults", "four faults")


def breaks(*properties: Property) -> Callable[[Trace], bool]:
    """Ask whether a run violates one of some properties."""

    def broken(trace: Trace) -> bool:
        return not all(judge(trace, properties))

    return broken


@dataclass(frozen=True, slots=True)
class Goal:
    """A challenge in one setting, in the reader's words.

    Attributes
    ----------
    ask : str
        What is to be done; what nobody can do.
    solved : tuple of str
        What to say to who has done it, by the number of his faults less one; empty
        where nobody can.
    why : str
        Why nobody can; empty where somebody can.
    """

    ask: str
    solved: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """Something to break by hand.

    Parameters
    ----------
    goal : str
        What the reader is to do: "make the two branches disagree".
    faults : int
        With how many faults at most, from 1 to 4.
    run : callable
        From the parameters of the figure, by name, to the run that it shows.
    broken : callable
        Whether a run reaches the goal; `breaks` makes it from properties.
    why : str
        Why nobody can do it, in those settings in which that is so.

    Raises
    ------
    ValueError
        If the number of faults is out of range.
    """

    goal: str
    faults: int
    run: Callable[..., Cluster]
    broken: Callable[[Trace], bool]
    why: str = ""

    def __post_init__(self) -> None:
        if self.faults not in range(1, len(WORDS)):
            raise ValueError(f"a challenge with {self.faults!r} faults: take 1 to 4")

    def __str__(self) -> str:
        most = "at most " * (self.faults > 1) + WORDS[self.faults]
        return f"{self.goal[:1].upper()}{self.goal[1:]}, with {most}"

    def search(
        self,
        kinds: Iterable[str],
        at: Callable[[Event], bool],
        name: str,
        settings: Mapping[str, Any],
    ) -> Iterator[Least]:
        """Look for the fewest faults, and tell after each run how far it is.

        Parameters
        ----------
        kinds, at
            What is offered, as for `ftlib.checking.offers`.
        name : str
            The parameter that takes the faults.
        settings : mapping
            The other parameters.
        """

        def run(faults: Schedule) -> Trace:
            return self.run(**{**settings, name: faults}).trace

        return trying(run, self.broken, self.faults, kinds, at)

    def told(self, found: Least) -> str:
        """How far a search is, or what it has found, in words."""
        runs = f"{found.tried:,} run{'s' * (found.tried != 1)}"
        if found.schedule is not None:
            return f"{WORDS[found.most].capitalize()}, and no fewer: {runs} tried."
        if found.left or found.most < self.faults:
            return f"{runs} tried; {found.left:,} left with {WORDS[found.most]}."
        return f"Not with up to {WORDS[self.faults]}: all {runs} tried."

    def words(self, found: Least) -> Goal:
        """The challenge, given what a search to its end has found.

        Examples
        --------
        >>> from ftlib.figures.by_hand import HANDS
        >>> once = Least(Schedule(), 1, 26)
        >>> HANDS.challenge.words(once).solved
        ('Solved in 1, the least there is.', 'Solved in 2. It can be done in 1.')
        """
        if found.schedule is None:
            fewer = WORDS[self.faults] + " or fewer" * (self.faults > 1)
            return Goal(
                f"Nobody can {self.goal} with {fewer}. Try, then see why.",
                (),
                f"{self.why} All {found.tried:,} runs with {fewer}, of those that can"
                " be put here, have been tried.",
            )
        least = found.most
        return Goal(
            f"{self}.",
            tuple(
                ""
                if faults < least
                else f"Solved in {faults}, the least there is."
                if faults == least
                else f"Solved in {faults}. It can be done in {least}."
                for faults in range(1, self.faults + 1)
            ),
            "",
        )
