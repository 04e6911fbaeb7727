"""Numbers in words that stay short however small they are."""

import math

__all__ = ["chance_in_words", "in_words", "percent"]


def percent(chance: float) -> str:
    """Write a probability as a percentage of three digits.

    Examples
    --------
    >>> percent(0.12345)
    '12.3 %'
    """
    return f"{100 * chance:.3g} %"


def chance_in_words(chance: float) -> str:
    """Write a probability so that it can be read however small it is.

    Examples
    --------
    >>> [chance_in_words(each) for each in (0.5, 0.0001, 2e-9, 1e-20)]
    ['50 %', '1 in 10,000', '1 in 500 million', 'under 1 in 10¹⁵']
    """
    if chance == 0:
        return "never"
    if chance >= 0.0005:
        return percent(chance)
    if chance < 1e-15:
        return "under 1 in 10¹⁵"
    return f"1 in {in_words(1 / chance)}"


def in_words(number: float, digits: int = 3) -> str:
    """Write a number of 1 or more with so many digits that count, and what is left of
    it as a word.

    Examples
    --------
    >>> [in_words(each) for each in (7.0, 1234, 999_999, 2.5e9, 1e16)]
    ['7', '1,230', '1 million', '2.5 billion', '10,000 trillion']
    """

    def rounded(value: float) -> float:
        return round(value, digits - 1 - math.floor(math.log10(value)))

    number = rounded(number)
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if number >= size:
            return _plain(rounded(number / size)) + word
    return _plain(number)


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == round(number) else f"{number:g}"
