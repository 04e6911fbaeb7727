"""The figures of chapter 5.3: how a rumour lives and dies, and how many nines copies
and codes have, with a common cause.
"""

import math
from functools import cache
from typing import Annotated

from ftlib.analysis.epidemic import Spread, spread_rumour
from ftlib.analysis.erasure import coded_loss, nines
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import flow, line, short, text
from ftlib.figures.controls import Choice, Range

__all__ = ["CODES", "MTTF", "coded_nines", "rumour", "went"]

WIDTH, LEFT, RIGHT, TOP, LOW = 430.0, 46.0, 420.0, 30.0, 230.0
FILLS = {"orange": ("1", ""), "sky": (".35", ""), "muted": (".08", "3 2")}


def _block(x: float, y: float, wide: float, high: float, ink: str) -> str:
    if high <= 0 or wide <= 0:
        return ""
    faint, dash = FILLS[ink]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<rect x="{short(x)}" y="{short(y)}" width="{short(wide)}"'
        f' height="{short(high)}" fill="{colour(ink)}" fill-opacity="{faint}"'
        f' stroke="{colour(ink)}" stroke-width="1"{dashes}/>'
    )


# Rumours ------------------------------------------------------------------------------

MOST_ROUNDS = 30
went = cache(spread_rumour)
"""A rumour among so many sites, with that patience and seed."""
lost = cache(coded_loss)


def rumour(
    patience: Annotated[
        int, Range((1, 2, 3, 4, 5), "A site stops after", unit="useless contacts")
    ] = 1,
    sites: Annotated[int, Range((100, 1000), "Sites")] = 1000,
    seed: Annotated[int, Range(range(1, 6), "Seed")] = 1,
) -> Picture:
    """Draw how many tell a rumour, have told it, and have not heard, round by round.

    Parameters
    ----------
    patience : int
        After how many useless contacts in a row a site stops.
    sites : int
        How many there are.
    seed : int
        Of the draws.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/5_3_large_scale``.
    """
    spread = went(sites, patience, seed)
    missed = sites - spread.rounds[-1][0]
    parts = [text(6, 16, "sites", "muted", "start", 13)]
    for part in range(5):
        y = LOW - (LOW - TOP) * part / 4
        parts.append(line(LEFT, y, RIGHT, y, "line", 1))
        parts.append(
            text(LEFT - 6, y + 4, f"{sites * part // 4:,}", "muted", "end", 13)
        )
    wide = (RIGHT - LEFT) / (MOST_ROUNDS + 1)
    for number, (heard, telling) in enumerate(spread.rounds[: MOST_ROUNDS + 1]):
        y = LOW
        for share, ink in (
            (heard - telling, "sky"),
            (telling, "orange"),
            (sites - heard, "muted"),
        ):
            high = (LOW - TOP) * share / sites
            y -= high
            parts.append(_block(LEFT + number * wide + 1, y, wide - 2, high, ink))
        if number % 5 == 0:
            x = LEFT + (number + 0.5) * wide
            parts.append(text(x, LOW + 17, str(number), "muted", size=13))
    parts.append(text((LEFT + RIGHT) / 2, LOW + 36, "rounds", "muted", size=13))
    legend, bottom = flow(
        [
            (22.0, _block(-7, -7, 14, 14, "sky"), "tell it no more", "muted"),
            (22.0, _block(-7, -7, 14, 14, "orange"), "tell it", "muted"),
            (22.0, _block(-7, -7, 14, 14, "muted"), "have not heard", "muted"),
        ],
        LOW + 66,
        WIDTH,
    )
    parts.append(legend)
    return Picture(
        "".join(parts),
        WIDTH,
        bottom,
        _fate(spread, missed),
        f"{spread.traffic:.2f} messages a site; e^-{spread.traffic:.2f} ="
        f" {math.exp(-spread.traffic):.4f}, and {spread.residue:.4f} have not heard.",
        _told(spread),
    )


def _fate(spread: Spread, missed: int) -> str:
    over = f"The rumour is dead after {len(spread.rounds) - 1} rounds, and "
    if not missed:
        return over + "all have heard it."
    have = "site has" if missed == 1 else "sites have"
    return over + f"{missed:,} {have} not heard it."


def _told(spread: Spread) -> tuple[str, ...]:
    return tuple(
        f"After round {number}: {heard:,} of {spread.sites:,} know it, and {telling:,}"
        " of these tell it."
        for number, (heard, telling) in enumerate(spread.rounds)
        if number % 5 == 0 or number == len(spread.rounds) - 1
    )


# Nines --------------------------------------------------------------------------------

MTTF = 250.0
"""Years until a disk is lost, on average."""
CODES = {
    "2 copies": (2, 1),
    "3 copies": (3, 1),
    "4 of 6": (6, 4),
    "10 of 14": (14, 10),
    "17 of 20": (20, 17),
}
"""How many pieces there are, and how many of them are needed."""
NINES_LEFT, NINES_RIGHT, ROW, MOST = 84.0, 400.0, 40.0, 20
CAUSES = {
    0: "never",
    1_000_000: "in 1,000,000 years",
    100_000: "in 100,000 years",
    10_000: "in 10,000 years",
    1_000: "in 1,000 years",
}


def coded_nines(
    common: Annotated[
        int, Choice(CAUSES, "A common cause strikes, on average once")
    ] = 0,
    days: Annotated[
        int, Range((1, 4, 16), "A piece is made again in", unit="days")
    ] = 4,
) -> Picture:
    """Draw how many nines a year has, for copies and codes, with a common cause and
    without.

    Parameters
    ----------
    common : int
        The mean time in years until a cause takes all pieces at once; 0 for never.
    days : int
        The mean time until a lost piece is there again.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/5_3_large_scale``.
    """

    def x(many: float) -> float:
        return NINES_LEFT + (NINES_RIGHT - NINES_LEFT) * many / MOST

    low = TOP + ROW * len(CODES)
    parts = []
    for tick in range(0, MOST + 1, 5):
        parts.append(line(x(tick), 20, x(tick), low, "line", 1))
        parts.append(text(x(tick), low + 16, str(tick), "muted", size=13))
    parts.append(text(x(MOST / 2), low + 35, "nines in a year", "muted", size=13))
    story = []
    for row, (name, (pieces, needed)) in enumerate(CODES.items()):
        y = TOP + ROW * row
        alone, real = (
            nines(lost(1, pieces, needed, MTTF, days / 365, cause))
            for cause in (math.inf, common or math.inf)
        )
        parts.append(text(NINES_LEFT - 8, y + 17, name, "ink", "end"))
        parts.append(_block(x(real), y, x(alone) - x(real), 24, "muted"))
        parts.append(_block(x(0), y, x(real) - x(0), 24, "sky"))
        parts.append(text(x(alone) + 6, y + 17, f"{real:.1f}", "ink", "start"))
        story.append(
            f"{name}, {pieces / needed:.2f} times the space: {real:.1f} nines;"
            f" {alone:.1f} if the disks fail independently."
        )
    legend, bottom = flow(
        [
            (22.0, _block(-7, -7, 14, 14, "sky"), "what is left", "muted"),
            (22.0, _block(-7, -7, 14, 14, "muted"), "lost to the cause", "muted"),
        ],
        low + 64,
        WIDTH,
    )
    parts.append(legend)
    title = (
        f"A common cause {CAUSES[common]} leaves nobody more than"
        f" {nines(1 / common):.0f} nines."
        if common
        else "If disks fail independently, each piece to spare adds its nines."
    )
    return Picture(
        "".join(parts),
        WIDTH,
        bottom,
        title,
        f"A disk is lost once in {MTTF:g} years, and made again in {days}"
        f" {'day' if days == 1 else 'days'}.",
        tuple(story),
    )
