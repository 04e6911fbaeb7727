"""The figures of replication: what copies are worth."""

import math
from typing import Annotated

from ftlib.analysis.availability import HOURS_A_YEAR
from ftlib.analysis.durability import loss_within, mean_time_to_loss
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import text
from ftlib.figures.controls import Choice, Range
from ftlib.figures.words import chance_in_words, in_words

__all__ = ["copies"]

WIDTH = 430
TOP = 80  # where the rows begin
ROW = 40
LEFT, RIGHT = 116, WIDTH - 14  # of the scale
MOST = 4  # copies
DECADES = 18  # of the scale: from 1 in 10**18 to certain


def copies(
    number: Annotated[int, Range(range(1, MOST + 1), "Copies")] = 2,
    mttf: Annotated[
        float, Range((1, 5, 30), "A copy is lost after", unit="years on average")
    ] = 5,
    mttr: Annotated[
        float, Range((1, 24, 168), "It is made again in", unit="hours on average")
    ] = 24,
    common: Annotated[
        float,
        Choice(
            {0.0: "none", 0.001: "1 in 1,000", 0.01: "1 in 100", 0.1: "1 in 10"},
            "Losses that take all copies",
        ),
    ] = 0.0,
    crews: Annotated[
        str,
        Choice({"one": "one at a time", "each": "all at once"}, "Copies are made"),
    ] = "one",
) -> Picture:
    """Draw how likely it is to lose data within a year, for each number of copies.

    Parameters
    ----------
    number : int
        How many copies there are.
    mttf : float
        Mean time until a copy is lost, in years.
    mttr : float
        Mean time until it has been made again from another one, in hours.
    common : float
        The share of a copy's losses whose cause takes all copies at once.
    crews : {"one", "each"}
        Whether lost copies are made again one at a time, or all at once.

    Returns
    -------
    Picture

    Notes
    -----
    Drawn from `ftlib.analysis.durability`. Explained in ``chapters/3_1_replication``.
    """
    hours = mttf * HOURS_A_YEAR

    def given(r: int) -> tuple[int, float, float, int, float]:
        return r, hours, mttr, 1 if crews == "one" else r, common

    losses = [loss_within(HOURS_A_YEAR, *given(r)) for r in range(1, MOST + 1)]
    chosen = losses[number - 1]
    mean = _years(mean_time_to_loss(*given(number)) / HOURS_A_YEAR)
    parts = [_scale()]
    parts += [_row(r, losses[r - 1], r == number) for r in range(1, MOST + 1)]
    story = [_line(r, losses[r - 1]) for r in range(1, MOST + 1)]
    if common:
        floor = -math.expm1(-common / mttf)
        parts.append(_floor(floor))
        story.append(
            f"The losses that take all copies come to {chance_in_words(floor)} in a"
            " year, however many copies there are."
        )
    stored = ("once", "twice", "three times", "four times")[number - 1]
    story.append(
        f"With {_copies(number)} the data are stored {stored}, and lost after"
        f" {mean} on average."
    )
    bottom = TOP + MOST * ROW + 28
    for place, (name, words) in enumerate(
        (("Stored", stored), ("Lost after, on average", mean))
    ):
        y = bottom + place * 26
        parts.append(text(14, y, name, "muted", "start", 16))
        parts.append(text(RIGHT, y, words, "ink", "end", 17, ' font-weight="600"'))
    how = "one is made at a time" if crews == "one" else "all are made at once"
    return Picture(
        "".join(parts),
        WIDTH,
        bottom + 44,
        f"{_copies(number).capitalize()}: all lost within a year with a chance of"
        f" {chance_in_words(chosen)}.",
        f"On average a copy is lost after {_plural(mttf, 'year')} and made again in"
        f" {_plural(mttr, 'hour')}; {how}.",
        tuple(story),
    )


def _x(chance: float) -> float:
    """Where a probability stands on the scale, whose steps are factors."""
    decade = max(math.log10(chance), -DECADES) if chance else -DECADES
    return RIGHT + (RIGHT - LEFT) * decade / DECADES


def _scale() -> str:
    """Draw a line for every factor of a billion."""
    drawn = [
        text(14, 24, "Copies", "ink", "start", 15),
        text(LEFT, 24, "Chance to lose all within a year", "ink", "start", 15),
    ]
    names = {0: "certain", -9: "1 in a billion", -18: "1 in 10¹⁸"}
    for decade, name in names.items():
        x = _x(10.0**decade)
        anchor = {0: "end", -18: "start"}.get(decade, "middle")
        drawn.append(
            f'<path d="M{x:.1f} {TOP - 24}V{TOP + MOST * ROW}"'
            f' stroke="{colour("line")}" stroke-width="1"/>'
        )
        drawn.append(text(x, TOP - 30, name, "muted", anchor, 15))
    return "".join(drawn)


def _row(number: int, loss: float, chosen: bool) -> str:
    """Draw some copies, and how likely they are all lost, as a bar from the left."""
    y = TOP + (number - 1) * ROW
    ink = "red" if chosen else "muted"
    drawn = []
    if chosen:
        drawn.append(
            f'<rect x="0" y="{y}" width="{WIDTH}" height="{ROW}" rx="6"'
            f' fill="{colour("red")}" fill-opacity=".1"/>'
        )
    for place in range(number):
        drawn.append(
            f'<rect x="{14 + 22 * place}" y="{y + 12}" width="16" height="16" rx="3"'
            f' fill="{colour("purple" if chosen else "muted")}"/>'
        )
    length = max(_x(loss) - LEFT, 2)
    drawn.append(
        f'<rect x="{LEFT}" y="{y + 25}" width="{length:.1f}" height="9" rx="2"'
        f' fill="{colour(ink)}"/>'
    )
    weight = ' font-weight="600"' if chosen else ""
    words = chance_in_words(loss)
    drawn.append(text(LEFT + 4, y + 20, words, "ink", "start", 16, weight))
    return "".join(drawn)


def _floor(chance: float) -> str:
    """Mark what the common cause alone does."""
    x = _x(chance)
    return (
        f'<path d="M{x:.1f} {TOP - 8}V{TOP + MOST * ROW + 4}" stroke="{colour("ink")}"'
        ' stroke-width="1.6" stroke-dasharray="5 4"/>'
    ) + text(x - 4, TOP - 10, "all at once", "ink", "end", 15)


def _line(number: int, loss: float) -> str:
    which = ("A single copy is", "Both copies are", "All three are", "All four are")[
        number - 1
    ]
    return f"{which} lost within a year with a chance of {chance_in_words(loss)}."


def _copies(number: int) -> str:
    return "1 copy" if number == 1 else f"{number} copies"


def _plural(number: float, unit: str) -> str:
    return f"{number:g} {unit}" if number == 1 else f"{number:g} {unit}s"


def _years(years: float) -> str:
    if years >= 1e15:
        return "over 1,000 trillion years"
    return f"{in_words(years, 2)} years"
