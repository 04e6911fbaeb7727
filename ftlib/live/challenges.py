"""The challenge of a live figure: what it asks for in each setting, and the search that
a reader can start.
"""

from dataclasses import asdict
from functools import cache
from itertools import islice
from typing import Any

from ftlib.checking.fewest import Least
from ftlib.figures.challenge import Challenge
from ftlib.figures.controls import Faults, declared
from ftlib.live.spec import Setting, Spec, resolve

__all__ = ["MOST", "RUNS", "Search", "challenge_of", "cleared", "goals"]

RUNS = 25
"""After so many runs a search says how far it is, and lets others ask."""
MOST = 12
"""In how many settings the least number of faults is found when the book is built."""


def _control(spec: Spec) -> tuple[str, Faults, Challenge] | None:
    """The parameter that takes the faults, its control, and the challenge."""
    if all(dial.kind != "faults" for dial in spec.dials):
        return None
    for name, control in declared(resolve(spec.function)).items():
        if isinstance(control, Faults) and control.challenge is not None:
            return name, control, control.challenge
    return None


def challenge_of(spec: Spec) -> Challenge | None:
    """What a figure asks its reader to do, if anything."""
    known = _control(spec)
    return known[2] if known else None


def cleared(spec: Spec, state: Setting) -> Setting:
    """A state without its faults: the setting that a challenge is about."""
    return tuple(
        () if dial.kind == "faults" else positions
        for dial, positions in zip(spec.dials, state, strict=True)
    )


class Search:
    """The search for the fewest faults that reach the goal of a figure, in steps.

    Parameters
    ----------
    spec : Spec
    state : tuple
        Its faults make no difference.

    Attributes
    ----------
    found : Least
        How far it is; in the end, what it has found.

    Raises
    ------
    ValueError
        If the figure has no challenge.

    Examples
    --------
    >>> from ftlib.figures.by_hand import break_transfer
    >>> from ftlib.live import Live
    >>> search = Search(Live(break_transfer).spec, ((0,), ()))
    >>> search.go(20)
    True
    >>> search.words
    '20 runs tried; 39 left with one fault.'
    >>> search.go(20)
    False
    >>> search.words
    'One fault, and no fewer: 33 runs tried.'
    """

    def __init__(self, spec: Spec, state: Setting) -> None:
        known = _control(spec)
        if known is None:
            raise ValueError(f"{spec.name} has no challenge: there is nothing to find")
        name, faults, self.challenge = known
        settings = spec.parameters(cleared(spec, state))
        self._steps = self.challenge.search(faults.kinds, faults.at, name, settings)
        self.found = Least(None, 0, 0)

    def go(self, runs: int) -> bool:
        """Try so many schedules more, and tell whether any are left."""
        for _ in range(runs):
            found = next(self._steps, None)
            if found is None:
                return False
            self.found = found
        return True

    def end(self) -> Least:
        """Go on to the end."""
        while self.go(1000):
            pass
        return self.found

    @property
    def words(self) -> str:
        """How far it is, or what it has found."""
        return self.challenge.told(self.found)


@cache
def goals(specification: str) -> dict[str, dict[str, Any]]:
    """The challenge of a figure in each setting of its other controls, by the key of
    the setting, as the page wants it; empty if there is none.

    Raises
    ------
    ValueError
        If there are more settings than `MOST`.
    """
    spec = Spec.from_json(specification)
    if _control(spec) is None:
        return {}
    settings = list(islice(spec.product(), MOST + 1))
    if len(settings) > MOST:
        raise ValueError(
            f"{spec.name} has a challenge and more than {MOST} settings: for each the"
            " least number of faults is to be found when the book is built"
        )
    found = {}
    for setting in settings:
        search = Search(spec, setting)
        found[spec.key(setting)] = asdict(search.challenge.words(search.end()))
    return found
