"""What the closed forms accept: each says what is wrong with a number, and what would
be right.
"""

import math
from typing import Any

__all__ = ["count", "elapsed", "mean_time", "probability", "within"]

SHORTEST = 1e-60  # time


def _real(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def count(name: str, value: Any, least: int = 1) -> None:
    """Raise unless a value is a whole number of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}={value!r}: a whole number, at least {least}")


def within(name: str, value: Any, low: int, high: int, why: str) -> None:
    """Raise unless a value is a whole number from `low` to `high`."""
    count(name, value, low)
    if value > high:
        raise ValueError(f"{name}={value}: {why}")


def probability(name: str, value: Any) -> None:
    """Raise unless a value is a number from 0 to 1."""
    if not _real(value) or not 0 <= value <= 1:
        raise ValueError(f"{name}={value!r}: a probability is from 0 to 1")


def mean_time(name: str, value: Any, *, never: bool = False) -> None:
    """Raise unless a value is a time above 0, with which floats can reckon; or infinity
    if `never` is allowed.
    """
    if never and value == math.inf:
        return
    if not _real(value) or not SHORTEST <= value <= 1 / SHORTEST:
        kind = "a time above 0, or math.inf for never" if never else "a time above 0"
        raise ValueError(
            f"{name}={value!r}: {kind}; from {SHORTEST:g} to {1 / SHORTEST:g}"
        )


def elapsed(name: str, value: Any) -> None:
    """Raise unless a value is a time of 0 or more with which floats can reckon."""
    if not _real(value) or not 0 <= value <= 1 / SHORTEST:
        raise ValueError(f"{name}={value!r}: a time of 0 or more, to {1 / SHORTEST:g}")
