"""Rumours: how far news gets, and what it costs, if every site that has heard tells it
to sites drawn at random.

Two ways of telling. Whoever *pushes for good* tells one other site in every round, and
everybody has heard after about ``log2 n + ln n`` rounds (Pittel 1987). Whoever *spreads
a rumour* (Demers et al. 1987, their push with feedback and a counter) stops after k
contacts in a row with sites that had heard already. So the rumour dies by itself, and
sometimes before all have heard; the part that has not is the residue.

A round is one instant for all: a site that is told by two others in one round is news
to both.

References
----------
Demers, A., Greene, D., Hauser, C., Irish, W., Larson, J., Shenker, S., Sturgis, H.,
Swinehart, D. and Terry, D. (1987). Epidemic algorithms for replicated database
maintenance. *PODC*, 1-12; section 1.4 and table 1.

Pittel, B. (1987). On spreading a rumor. *SIAM Journal on Applied Mathematics* 47(1),
213-223.
"""

import math
from dataclasses import dataclass

from ftlib.analysis.checks import count
from ftlib.simulation import stream

__all__ = [
    "Spread",
    "push_rounds",
    "residue_of_a_coin",
    "residue_of_traffic",
    "simulate_push",
    "spread_rumour",
]


@dataclass(frozen=True, slots=True)
class Spread:
    """How a rumour went.

    Attributes
    ----------
    sites, sent : int
        How many there are, and how many messages they sent.
    rounds : tuple of (int, int)
        After each round, the beginning included: how many have heard, and how many of
        these still tell it.
    """

    sites: int
    sent: int
    rounds: tuple[tuple[int, int], ...]

    @property
    def residue(self) -> float:
        """The part of the sites that never hears."""
        return 1 - self.rounds[-1][0] / self.sites

    @property
    def traffic(self) -> float:
        """Messages a site."""
        return self.sent / self.sites


def spread_rumour(sites: int, patience: int, seed: int = 7) -> Spread:
    """Let one site spread a rumour until nobody tells it any more.

    Parameters
    ----------
    sites : int
        n, two or more.
    patience : int
        k: a site loses interest after so many contacts in a row with sites that had
        heard before the round.
    seed : int, optional
        The same seed gives the same rumour everywhere.

    Returns
    -------
    Spread

    Raises
    ------
    ValueError
        If there are fewer than two sites, or `patience` is below 1.

    Examples
    --------
    >>> went = spread_rumour(1000, patience=1)
    >>> round(went.residue, 3), round(went.traffic, 2), len(went.rounds) - 1
    (0.159, 1.77, 20)

    Notes
    -----
    Time O(messages), about n ln(1 / residue).
    """
    count("sites", sites, 2)
    count("patience", patience)
    draw = stream(seed, "rumour").random
    heard, useless, sent = [True] + [False] * (sites - 1), {0: 0}, 0
    rounds = [(1, 1)]
    while useless:
        sent += len(useless)
        told: dict[int, int] = {}
        for site in list(useless):
            other = _other(site, sites, draw())
            if not heard[other]:
                told[other] = useless[site] = 0
                continue
            useless[site] += 1
            if useless[site] == patience:
                del useless[site]
        for site in told:
            heard[site] = True
        useless.update(told)
        rounds.append((rounds[-1][0] + len(told), len(useless)))
    return Spread(sites, sent, tuple(rounds))


def residue_of_traffic(traffic: float) -> float:
    """The part that never hears, if so many messages a site go to sites at random:
    ``e^-m``.

    Parameters
    ----------
    traffic : float
        m, 0 or more.

    Raises
    ------
    ValueError
        If it is negative or not finite.

    Examples
    --------
    >>> [round(residue_of_traffic(m), 3) for m in (1.7, 3.3, 4.5)]
    [0.183, 0.037, 0.011]

    Notes
    -----
    A site is missed by one message with probability 1 - 1/n, and by n m of them with
    (1 - 1/n)^(n m). It holds however a site decides to stop (Demers et al. 1987).
    """
    if not 0 <= traffic < math.inf:
        raise ValueError(f"traffic={traffic!r}: messages a site, 0 or more")
    return math.exp(-traffic)


def residue_of_a_coin(patience: int) -> float:
    """The part that never hears, if a site stops with probability 1/k after each
    useless contact: the s below 1 with ``s = e^(-(k + 1)(1 - s))``.

    Parameters
    ----------
    patience : int
        k, 1 or more.

    Raises
    ------
    ValueError
        If it is below 1.

    Examples
    --------
    >>> [round(residue_of_a_coin(k), 2) for k in (1, 2, 3)]
    [0.2, 0.06, 0.02]

    Notes
    -----
    The law takes one contact after the other, so that nobody is news to two. In rounds
    some are, and the residue is smaller; a counter instead of the coin makes it smaller
    still.
    """
    count("patience", patience)
    residue = 0.0
    for _ in range(200):  # each step brings it nearer by a factor below 0.41
        residue = math.exp(-(patience + 1) * (1 - residue))
    return residue


def push_rounds(sites: int) -> float:
    """Rounds until everybody has heard, if all who have tell one other in each: about
    ``log2 n + ln n``.

    Raises
    ------
    ValueError
        If there are fewer than two sites.

    Examples
    --------
    >>> [round(push_rounds(10**power), 1) for power in (1, 2, 3, 4)]
    [5.6, 11.2, 16.9, 22.5]

    Notes
    -----
    Doubling takes log2 n rounds; then few have not heard, each is missed in a round
    with probability 1/e, and ln n rounds more find the last (Pittel 1987). What is left
    out is bounded, whatever n is.
    """
    count("sites", sites, 2)
    return math.log2(sites) + math.log(sites)


def simulate_push(sites: int, seed: int = 7) -> int:
    """Count the rounds that `push_rounds` computes, in one run.

    Raises
    ------
    ValueError
        If there are fewer than two sites.

    Examples
    --------
    >>> [simulate_push(10**power) for power in (1, 2, 3)]
    [5, 13, 18]
    """
    count("sites", sites, 2)
    draw = stream(seed, "push").random
    heard, telling, rounds = [True] + [False] * (sites - 1), [0], 0
    while len(telling) < sites:
        rounds += 1
        for site in tuple(telling):
            other = _other(site, sites, draw())
            if not heard[other]:
                heard[other] = True
                telling.append(other)
    return rounds


def _other(site: int, sites: int, u: float) -> int:
    """Draw one of the others."""
    other = int(u * (sites - 1))
    return other + (other >= site)
