"""What numbers a watcher may have: how rare they make its mistakes, and which are
enough.
"""

from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftlib.labs.failure_detection import Rules

__all__ = ["LONGEST", "MOST_HELPERS", "Numbers", "chance", "enough"]

Numbers = tuple[int, int, int]
"""Of a watcher: how many helpers it asks, and how many of how many rounds may fail."""
MOST_HELPERS, LONGEST = 3, 24  # and rounds of a window


def chance(loss: float, numbers: Numbers) -> float:
    """Return the chance that at one moment too many of the last rounds of a living
    member have failed.

    Parameters
    ----------
    loss : float
        Of each message, by itself.
    numbers : (helpers, limit, window)

    Notes
    -----
    A round fails if the probe or its answer is lost and, for each helper, one of four
    messages. The failed rounds of a window are binomial.
    """
    helpers, limit, window = numbers
    keeps = 1 - loss
    fails = (1 - keeps**2) * (1 - keeps**4) ** helpers
    return sum(
        comb(window, count) * fails**count * (1 - fails) ** (window - count)
        for count in range(limit, window + 1)
    )


def enough(rules: "Rules") -> Numbers:
    """Return numbers that meet what is asked, with as few helpers as that takes."""
    return next(
        (helpers, limit, window)
        for helpers in range(MOST_HELPERS + 1)
        for limit in range(1, LONGEST)
        for window in (rules.flaky * (limit - 1) + 1,)
        if limit > rules.pause / rules.period
        and (limit + 1) * rules.period <= rules.within
        and chance(rules.loss, (helpers, limit, window)) <= rules.mistakes
    )
