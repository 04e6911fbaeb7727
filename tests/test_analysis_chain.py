"""Chains of states, beside sixty digits and beside sums worked out by hand."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftlib.analysis.chain import mean_time_to_last, reached_last, stationary

RATE = st.one_of(st.just(0.0), st.floats(1e-8, 1e3))


@st.composite
def chains(draw):
    size = draw(st.integers(2, 5))
    rates = [[draw(RATE) for _ in range(size)] for _ in range(size)]
    for state in range(size - 1):  # so that the last is reached from every state
        rates[state][state + 1] = draw(st.floats(1e-8, 1e3))
    return rates


def exact_reached(rates, time):
    """The same in sixty digits, by the plain series."""
    with localcontext() as context:
        context.prec = 60
        size = len(rates)
        q = [[Decimal(0)] * size for _ in rates]
        for i in range(size - 1):
            q[i] = [Decimal(0 if i == j else rates[i][j]) for j in range(size)]
            q[i][i] = -sum(q[i])
        step, halvings = Decimal(time), 0
        while step * max(-q[i][i] for i in range(size)) > Decimal("0.1"):
            step, halvings = step / 2, halvings + 1
        power = [[Decimal(int(i == j)) for j in range(size)] for i in range(size)]
        total = [list(row) for row in power]
        for number in range(1, 45):
            power = [[each * step / number for each in row] for row in times(power, q)]
            total = [
                [a + b for a, b in zip(*rows, strict=True)]
                for rows in zip(total, power, strict=True)
            ]
        for _ in range(halvings):
            total = times(total, total)
        return total[0][-1]


def times(one, other):
    columns = list(zip(*other, strict=True))
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in columns]
        for row in one
    ]


@settings(max_examples=40)
@given(chains(), st.floats(1e-6, 1e6))
def test_reached_to_twelve_digits(rates, time):
    exact = exact_reached(rates, time)
    assert abs(Decimal(reached_last(rates, time)) - exact) <= exact * Decimal("1e-12")


@given(chains())
def test_the_mean_time_solves_its_equations(rates):
    """Each state waits for its next step, and then goes on from there."""
    size = len(rates)
    rows = [[Fraction(each) for each in row] for row in rates[:-1]]
    for i, row in enumerate(rows):
        row[i] = Fraction(0)
        row[i] = -sum(row)
        row[-1] = Fraction(-1)  # the right side
    for i in range(size - 1):
        pivot = next(j for j in range(i, size - 1) if rows[j][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [each / rows[i][i] for each in rows[i]]
        for j in range(size - 1):
            if j != i:
                rows[j] = [
                    a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)
                ]
    assert mean_time_to_last(rates) == pytest.approx(float(rows[0][-1]), rel=1e-12)


@given(chains())
def test_as_much_goes_into_a_state_as_out(rates):
    rates[-1][0] = rates[-1][0] or 1.0
    parts = stationary(rates)
    size = len(rates)
    assert math.fsum(parts) == pytest.approx(1)
    for state in range(size):
        into = math.fsum(parts[i] * rates[i][state] for i in range(size) if i != state)
        out = parts[state] * math.fsum(
            rates[state][j] for j in range(size) if j != state
        )
        assert into == pytest.approx(out, rel=1e-9)


def test_extremes():
    never = [[0, 0], [0, 0]]
    assert mean_time_to_last(never) == math.inf
    assert reached_last(never, 1e9) == 0
    step = [[0, 1.0], [0, 0]]
    assert reached_last(step, 0) == 0
    assert reached_last(step, 1e300) == 1
    assert reached_last([[0, 1e200], [0, 0]], 1e200) == 1
    assert reached_last([[0, 1e-200], [0, 0]], 1e-100) == pytest.approx(1e-300)
    assert stationary([[5.0]]) == [1.0]
