"""What it costs to watch a group, and how soon a crash is noticed, in closed form.

References
----------
Das, A., Gupta, I., Motivala, A. (2002). SWIM: scalable weakly-consistent
infection-style process group membership protocol. *DSN*, 303-312; sections 3 and 4.
"""

import math

__all__ = [
    "all_to_all_messages",
    "detection_periods",
    "infected",
    "spread_periods",
    "swim_messages",
]


def all_to_all_messages(members: int) -> int:
    """Heartbeats a period if everybody sends one to everybody: ``n(n - 1)``.

    Examples
    --------
    >>> all_to_all_messages(1000)
    999000
    """
    return members * (members - 1)


def swim_messages(members: int) -> int:
    """Pings and acknowledgements of SWIM a period while nothing fails: ``2n``.

    Examples
    --------
    >>> swim_messages(1000)
    2000
    """
    return 2 * members


def detection_periods(members: float = math.inf) -> float:
    """Periods of SWIM until somebody pings a member that has crashed, on average.

    Parameters
    ----------
    members : float
        How many there are, the crashed one included; by default the limit, which is
        e/(e - 1).

    Raises
    ------
    ValueError
        If there are fewer than two.

    Examples
    --------
    >>> round(detection_periods(), 3), round(detection_periods(20), 3)
    (1.582, 1.558)

    Notes
    -----
    Each of the n - 1 others pings it in a period with probability 1/(n - 1), so nobody
    does with (1 - 1/(n - 1))^(n - 1). Periods count that begin after the crash, the one
    in which it is pinged included.
    """
    if not members >= 2:
        raise ValueError(f"members is {members!r}: give 2 or more")
    if members == math.inf:
        return math.e / (math.e - 1)
    others = members - 1
    return float(1 / (1 - (1 - 1 / others) ** others))


def infected(members: int, periods: float, contacts: float = 1.0) -> float:
    """How many have heard of what one knew, after so many periods in which everybody
    tells `contacts` others.

    Examples
    --------
    >>> round(infected(1000, 0)), round(infected(1000, 10, contacts=2))
    (1, 1000)

    Notes
    -----
    ``n / (1 + (n - 1) e^(-c t))``, the logistic law of an epidemic (section 4.1 there).
    """
    return members / (1 + (members - 1) * math.exp(-contacts * periods))


def spread_periods(members: int, contacts: float = 1.0) -> float:
    """Periods until all but one are expected to know: about ``2 ln n / c``.

    Examples
    --------
    >>> round(spread_periods(1000, contacts=2), 2)
    6.91
    """
    return 2 * math.log(members - 1) / contacts if members > 2 else 1 / contacts
