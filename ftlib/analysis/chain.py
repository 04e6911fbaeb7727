"""Systems that go from state to state at constant rates: continuous-time Markov chains
with few states.

A chain is a square list of rates: ``rates[i][j]`` is how often, in a unit of time, a
system in state i goes to state j. The diagonal is not read. Three questions are
answered: which part of the time is spent in each state (`stationary`), how long it
takes on average until the last state is reached (`mean_time_to_last`), and how likely
that is within a given time (`reached_last`).

What is asked of such chains is often tiny, a loss in 10**12 years, and the usual ways
lose its digits, because they subtract numbers that are nearly equal. These do not.
States are eliminated one by one (Grassmann, Taksar and Heyman 1985). The exponential of
the rates over a short time is a series of terms that are not negative, and is squared
until the time is reached, each row brought back to the sum 1 (Xue and Ye 2013 show why
small entries stay exact).

References
----------
Grassmann, W. K., Taksar, M. I., and Heyman, D. P. (1985). Regenerative analysis and
steady state distributions for Markov chains. *Operations Research* 33(5), 1107-1116.
Xue, J., and Ye, Q. (2013). Computing exponentials of essentially non-negative matrices
entrywise to high relative accuracy. *Mathematics of Computation* 82(283), 1577-1596.
"""

import math
from collections.abc import Sequence

__all__ = ["mean_time_to_last", "reached_last", "stationary"]

Rates = Sequence[Sequence[float]]
Matrix = list[list[float]]

TERMS = 9  # of the series beyond the number of states: 64**-9 is below 1e-16


def stationary(rates: Rates) -> list[float]:
    """Return the part of the time that is spent in each state, in the long run.

    Parameters
    ----------
    rates : sequence of sequences of float
        From every state every other one must be reached.

    Returns
    -------
    list of float

    Examples
    --------
    Up for nine hours on average, then down for one:

    >>> [round(part, 6) for part in stationary([[0, 1 / 9], [1, 0]])]
    [0.9, 0.1]
    """
    size = len(rates)
    left = [list(row) for row in rates]
    out = [0.0] * size
    for state in reversed(range(1, size)):
        out[state] = math.fsum(left[state][:state])
        _without(left, state, out[state], range(state))
    parts = [1.0]
    for state in range(1, size):
        into = math.fsum(parts[i] * left[i][state] for i in range(state))
        parts.append(into / out[state])
    total = math.fsum(parts)
    return [part / total for part in parts]


def mean_time_to_last(rates: Rates) -> float:
    """Return how long it takes on average from the first state to the last.

    Parameters
    ----------
    rates : sequence of sequences of float
        The last state is never left; its row is not read.

    Returns
    -------
    float
        Infinity if the last state is never reached.

    Examples
    --------
    Two steps, of two hours and of three:

    >>> mean_time_to_last([[0, 1 / 2, 0], [0, 0, 1 / 3], [0, 0, 0]])
    5.0
    """
    last = len(rates) - 1
    left = [list(row) for row in rates]
    stay = [1.0] * last
    for state in reversed(range(1, last)):
        lower = (*range(state), last)
        out = math.fsum(left[state][each] for each in lower)
        for i in range(state):
            stay[i] += left[i][state] * stay[state] / out
        _without(left, state, out, lower)
    return stay[0] / left[0][last] if left[0][last] else math.inf


def _without(left: Matrix, state: int, out: float, lower: Sequence[int]) -> None:
    """Take a state out: who would go there goes where it leads."""
    for i in range(state):
        share = left[i][state] / out
        for j in lower:
            if j != i:
                left[i][j] += share * left[state][j]


def reached_last(rates: Rates, time: float) -> float:
    """Return how likely it is that the last state, begun in the first, has been reached
    by a time.

    Parameters
    ----------
    rates : sequence of sequences of float
        The last state is never left; its row is not read.
    time : float
        In the unit of the rates.

    Returns
    -------
    float

    Examples
    --------
    >>> round(reached_last([[0, 1 / 2], [0, 0]], time=2), 6)  # 1 - exp(-1)
    0.632121

    Notes
    -----
    Time O(n**3 (n + log(rate x time))) for n states and the highest rate of leaving
    one.
    """
    size = len(rates)
    exits = [
        math.fsum(row[:i]) + math.fsum(row[i + 1 :]) for i, row in enumerate(rates)
    ]
    exits[-1] = 0.0
    highest = max(exits)
    halvings = max(0, math.frexp(highest)[1] + math.frexp(time)[1] + 6)
    short = math.ldexp(time, -halvings)  # highest * short is at most 1/64
    step = [
        [
            (highest - exits[i] if i == j else rates[i][j] if i < size - 1 else 0.0)
            * short
            for j in range(size)
        ]
        for i in range(size)
    ]
    power = [[float(i == j) for j in range(size)] for i in range(size)]
    total = [list(row) for row in power]
    for number in range(1, size + TERMS):
        power = _product(power, step, 1 / number)
        total = [
            [a + b for a, b in zip(*rows, strict=True)]
            for rows in zip(total, power, strict=True)
        ]
    total = _stochastic(total)
    for _ in range(halvings):
        total = _stochastic(_product(total, total))
    return min(1.0, total[0][-1])


def _product(one: Matrix, other: Matrix, factor: float = 1.0) -> Matrix:
    columns = list(zip(*other, strict=True))
    return [
        [
            factor * math.fsum([a * b for a, b in zip(row, column, strict=True)])
            for column in columns
        ]
        for row in one
    ]


def _stochastic(matrix: Matrix) -> Matrix:
    """Bring each row back to the sum 1, from which rounding has moved it."""
    totals = [math.fsum(row) for row in matrix]
    return [
        [each / total for each in row]
        for row, total in zip(matrix, totals, strict=True)
    ]
