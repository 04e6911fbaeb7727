"""Judges of the exercises on large scale: what a rumour to a million sites costs, nodes
cut into copysets, and a site that tells and asks.
"""

import math
from typing import Any

from ftlib.analysis.erasure import nines
from ftlib.drawing import Picture
from ftlib.drawing.shapes import box, text
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded, counted
from ftlib.simulation import stream

__all__ = ["judge_copysets", "judge_site", "judge_traffic"]

# 1: messages and years ----------------------------------------------------------------

SITES, NINES = 1_000_000, 11
TRAFFIC, YEARS = math.log(SITES), 10.0**NINES


@judging
def judge_traffic(traffic: Any, years: Any) -> Answer:
    """Judge how many messages a site leave one of a million out on average, and how
    rare a common cause must be that leaves eleven nines in a year.

    Refused are traffic of another base or of another number of sites, and years that
    leave more or fewer nines.

    Parameters
    ----------
    traffic, years : float
    """
    if traffic is None and years is None:
        return not_attempted("Set my_traffic and my_years.")
    for name, value in (("traffic", traffic), ("years", years)):
        real = isinstance(value, int | float) and not isinstance(value, bool)
        if not real or not 0 < value < math.inf:
            raise Wrong(f"my_{name} is {value!r}: give a number above 0.")
    if abs(traffic - TRAFFIC) > 0.051:
        left = SITES * math.exp(-traffic)
        told = f"{left:,.0f}" if left >= 10 else f"{left:.2g}"
        raise Wrong(
            f"with {traffic:g} messages a site, {told} sites on average never"
            f" hear of it. {_which(traffic)}".strip()
        )
    if 0.99 < years * YEARS < 1.01:
        raise Wrong(
            f"{years:g} is the probability that it strikes in a year. How many years"
            " are there from one strike to the next?"
        )
    if not 0.99 < years / YEARS < 1.01:
        left = abs(nines(-math.expm1(-1 / years)))  # 0 and not -0
        raise Wrong(
            f"a cause that strikes once in {years:,.6g} years leaves"
            f" {left:.1f} nines in a year."
        )
    return Answer("right", f"e^-{TRAFFIC:.1f} is one in a million.")


def _which(traffic: float) -> str:
    if abs(traffic - math.log2(SITES)) < 0.1:
        return "That is the binary logarithm."
    if abs(traffic - math.log10(SITES)) < 0.1:
        return "That is the decimal logarithm."
    return ""


# 2: few sets, many partners -----------------------------------------------------------

GROUPS = (9, 30, 12, 15)  # the smallest first, and the last is drawn


@judging
def judge_copysets(cut: Any) -> Answer:
    """Judge a function that cuts nodes into copysets of three, so that each node is in
    two of them and meets four others.

    Refused are sets of another size, of strangers, more sets than it takes, and a node
    that is in none or meets fewer than four.

    Parameters
    ----------
    cut : callable
        From a list of node names to a list of sets of three.
    """
    if not callable(cut):
        raise Wrong(f"it is {cut!r}: hand in a function of the list of nodes.")
    for size in GROUPS:
        nodes = [f"n{number}" for number in range(size)]
        given = bounded(cut, list(nodes))
        try:
            sets = [tuple(each) for each in given]
        except TypeError:
            raise Wrong(f"it returns {given!r}: give a list of sets.") from None
        if not sets and size == GROUPS[0]:
            return not_attempted("Return a list of sets of three nodes.")
        _cut(nodes, sets)
    return Answer(
        "right",
        f"Of {', '.join(map(str, GROUPS))} nodes, each is in two sets, and meets"
        " four others.",
        picture=_sets(nodes, sets),
    )


def _cut(nodes: list[str], sets: list[tuple[Any, ...]]) -> None:
    """Raise unless these are the sets that are asked for."""
    for each in sets:
        strange = [node for node in each if node not in nodes]
        if strange:
            raise Wrong(f"{strange[0]!r} is none of the {len(nodes)} nodes.")
        if len(each) != 3 or len(set(each)) != 3:
            raise Wrong(f"{each!r} is not a set of three nodes.")
    picture = _sets(nodes, sets)
    most = 2 * len(nodes) // 3
    if len({frozenset(each) for each in sets}) > most:
        raise Wrong(
            f"{len(nodes)} nodes in {len(sets)} sets: more than {most}. Each set more"
            " is one more way to lose something.",
            picture=picture,
        )
    for node in nodes:
        met = {other for each in sets if node in each for other in each} - {node}
        if not met:
            raise Wrong(f"{node} is in no set.", picture=picture)
        if len(met) < 4:
            raise Wrong(
                f"{node}, one of {len(nodes)} nodes, meets only"
                f" {', '.join(sorted(met))}: when it dies, too few can help to make its"
                " copies again.",
                picture=picture,
            )


def _sets(nodes: list[str], sets: list[tuple[Any, ...]]) -> Picture:
    """Draw a row for each set, a column for each node."""
    shown = sets[:24]
    wide = min(24.0, 360.0 / len(nodes))
    parts = [
        text(40 + wide * (at + 0.5), 14, str(at), "muted", size=11)
        for at in range(len(nodes))
    ]
    for row, each in enumerate(shown):
        y = 30.0 + 18 * row
        parts.append(text(32, y + 4, str(row + 1), "muted", "end", 11))
        parts += [
            box(40 + wide * (at + 0.5), y, wide - 3, 14, "blue", "blue")
            if node in each
            else box(40 + wide * (at + 0.5), y, wide - 3, 14, "line", "paper")
            for at, node in enumerate(nodes)
        ]
    return Picture(
        "".join(parts),
        430,
        40.0 + 18 * len(shown),
        f"{len(sets)} sets of {len(nodes)} nodes",
        "A row for each set, a column for each node.",
        tuple(f"Set {row + 1}: {each}." for row, each in enumerate(shown)),
    )


# 3: tell, and ask ---------------------------------------------------------------------

MEMBERS, ROUNDS, RUNS, MOST = 200, 40, 15, 5.0
CALLS = 20_000_000


@judging
def judge_site(site: Any) -> Answer:
    """Judge a class of sites that spread a rumour, so that all have heard after 40
    rounds, for five messages a site at most.

    Refused are sites that stop before all have heard, sites that send more, and sites
    that do neither.

    Parameters
    ----------
    site : type
        With ``act(round, knows)``, which returns "tell", "ask" or None, and
        ``told(news)``, which is called after a telling.
    """
    if not isinstance(site, type):
        raise Wrong(f"MySite is {site!r}: hand in a class.")
    for name in ("act", "told"):
        if not callable(getattr(site, name, None)):
            raise Wrong(f"MySite has no method {name}.")
    traffic = []
    for seed in range(RUNS):
        with counted("MySite", CALLS):
            heard, sent, acts = _live(site, seed)
        if not sent:
            return not_attempted('Let act return "tell" or "ask".')
        traffic.append(sent / MEMBERS)
        missed = MEMBERS - heard[-1]
        if missed:
            raise Wrong(
                f"in run {seed} {missed} of {MEMBERS} sites have not heard after"
                f" {ROUNDS} rounds."
                + ("" if "ask" in acts else " Nobody has ever asked."),
                picture=_course(heard),
            )
        if traffic[-1] > MOST:
            raise Wrong(
                f"in run {seed} a site sends {traffic[-1]:.1f} messages on average:"
                f" {MOST:g} are allowed.",
                picture=_course(heard),
            )
    mean = sum(traffic) / RUNS
    return Answer(
        "right",
        f"In {RUNS} runs all {MEMBERS} sites have heard, for {mean:.1f} messages a"
        " site.",
        picture=_course(heard),
    )


def _live(site: type, seed: int) -> tuple[list[int], int, set[str]]:
    """Let sites tell and ask; return how many had heard by round, and what was sent."""
    draw = stream(seed, "sites").random
    sites = [site() for _ in range(MEMBERS)]
    knows = [True] + [False] * (MEMBERS - 1)
    heard, sent, acts = [1], 0, set[str]()
    for number in range(1, ROUNDS + 1):
        before = tuple(knows)
        for at, each in enumerate(sites):
            act = each.act(number, before[at])
            if act is None:
                continue
            if act not in ("tell", "ask"):
                raise Wrong(f'act returns {act!r}: give "tell", "ask" or None.')
            other = int(draw() * (MEMBERS - 1))
            other += other >= at
            sent += 1
            acts.add(act)
            if act == "ask":
                knows[at] = knows[at] or before[other]
                continue
            if not before[at]:
                raise Wrong(f"in round {number} a site tells what it does not know.")
            knows[other] = True
            each.told(not before[other])
        heard.append(sum(knows))
    return heard, sent, acts


def _course(heard: list[int]) -> Picture:
    """Draw how many have heard, round by round."""
    parts = [text(8, 14, "sites that have heard", "muted", "start", 13)]
    for number, many in enumerate(heard):
        high = max(120.0 * many / MEMBERS, 1.0)
        parts.append(box(20 + 9.6 * number, 150 - high / 2, 8, high, "blue", "sky"))
    for tick in range(0, ROUNDS + 1, 10):
        parts.append(text(20 + 9.6 * tick, 168, str(tick), "muted", size=13))
    parts.append(text(210, 186, "rounds", "muted", size=13))
    return Picture(
        "".join(parts),
        430,
        196,
        f"{heard[-1]} of {MEMBERS} sites have heard.",
        "A bar for each round.",
        tuple(
            f"After round {number}: {heard[number]}."
            for number in range(0, ROUNDS + 1, 10)
        ),
    )
