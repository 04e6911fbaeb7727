"""The figures of chapter 7.3.1: a group of servers that is cut in two, an adversary
that keeps voters undecided, and a liar among generals.
"""

from collections import Counter
from functools import cache
from typing import Annotated

from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import arrowhead, box, line, text
from ftlib.figures.controls import Choice, Range
from ftlib.figures.voting import (
    SERVERS,
    Decided,
    Largest,
    Left,
    Run,
    Turns,
    flipped,
    one_round,
    rounds_needed,
)
from ftlib.figures.words import percent

__all__ = ["adversary", "halves", "liar", "obeyed", "sides"]

WIDTH = 430.0
BOLD = ' font-weight="600"'

# A group that is cut in two -----------------------------------------------------------

CUTS = {"one": "behind the first one", "half": "in the middle"}


def sides(servers: int, crashes: int, cut: str) -> tuple[int, int, int]:
    """Count the servers on the left of a cut, on its right, and those that a decision
    needs.

    Parameters
    ----------
    servers : int
        How many there are.
    crashes : int
        How many may crash, and the others must still be able to decide.
    cut : str
        A key of `CUTS`.
    """
    left = 1 if cut == "one" else servers // 2
    return left, servers - left, max(servers - crashes, 1)


def halves(
    servers: Annotated[int, Range(range(2, 8), "Servers")] = 4,
    crashes: Annotated[int, Range((1, 2, 3), "Decide in spite of crashes")] = 2,
    cut: Annotated[str, Choice(CUTS, "The network is cut")] = "half",
) -> Picture:
    """Draw a group of servers that is cut in two: the left side votes for a, the right
    side for b, and whoever has as many votes as are left after the crashes decides.

    Parameters
    ----------
    servers, crashes : int
        How many there are, and how many may crash.
    cut : str
        A key of `CUTS`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_3_1_why_majorities``.
    """
    left, right, needed = sides(servers, crashes, cut)
    gap, wide = 30.0, 52.0
    start = (WIDTH - servers * wide - gap) / 2
    parts, story = [], []
    for word, first, count in (("a", 0, left), ("b", left, right)):
        decides = count >= needed
        ink = ("blue" if word == "a" else "orange") if decides else "muted"
        shift = start + (gap if word == "b" else 0)
        places = [shift + wide * (first + k + 0.5) for k in range(count)]
        for number, x in enumerate(places, first + 1):
            parts += [
                box(x, 46, 40, 40, ink, "paper", 20, 2.5),
                text(x, 52, word, ink, size=17, more=BOLD),
                text(x, 86, f"s{number}", "muted"),
            ]
        middle = (places[0] + places[-1]) / 2
        votes = "1 vote" if count == 1 else f"{count} votes"
        parts.append(line(places[0] - 18, 98, places[-1] + 18, 98, ink, 2.5))
        anchor, at = _anchored(middle)
        said = f"decides {word}" if decides else "waits"
        parts.append(text(at, 120, votes, ink, anchor))
        parts.append(text(at, 140, f"{'✓' if decides else '…'} {said}", ink, anchor))
        side = "left" if word == "a" else "right"
        story.append(f"The {side} side has {votes} for {word}, and {said}.")
    x = start + left * wide + gap / 2
    parts.append(line(x, 12, x, 108, "red", 2.5, "6 5"))
    both, none = min(left, right) >= needed, max(left, right) < needed
    if both:
        title = "Two values are decided: each side has votes enough."
    elif none:
        title = "Nothing is decided: no side has votes enough."
    else:
        which = "left" if left >= needed else "right"
        title = f"One value is decided, on the {which} side."
    shared = 2 * needed - servers
    meet = (
        f"Any two groups of {needed} share {shared} at least."
        if shared > 0
        else f"Two groups of {needed} need not share a server."
        if needed < servers
        else ""
    )
    need = f"A decision needs {needed} of {servers} votes. {meet}"
    return Picture("".join(parts), WIDTH, 152, title, need, tuple(story))


def _anchored(x: float) -> tuple[str, float]:
    """Keep words inside the picture."""
    if x < 60:
        return "start", 8.0
    return ("end", WIDTH - 8) if x > WIDTH - 60 else ("middle", x)


# An adversary -------------------------------------------------------------------------

START = 0, 0, 1
SEEDS, ROUNDS = 200, 6
RULES = {
    "largest": "the largest value that it has heard",
    "turns": "1 after odd rounds, 0 after even ones",
    "coin": "what a coin says",
}
ORDERS = {
    "largest": (one_round(("s2", "s3", "s1"), ("s2", "s1", "s2")),),
    "turns": (
        one_round(("s2", "s3", "s1"), ("s2", "s3", "s2")),
        one_round(("s2", "s1", "s2"), ("s2", "s1", "s1")),
    ),
}
"""Who is heard first, round by round and then again, as `prolonged` finds it."""


@cache
def _against(rule: str, rounds: int, seed: int) -> Run:
    """Play an adversary for so many rounds, and then let go."""
    if rule == "coin":
        run = flipped(seed, rounds)
    else:
        run = Run(Largest if rule == "largest" else Turns, START)
        for number in range(rounds):
            run.take(ORDERS[rule][number % len(ORDERS[rule])])
    run.let_go()
    return run


def adversary(
    rule: Annotated[
        str, Choice(RULES, "If none of its two proposals names a value, it takes")
    ] = "largest",
    rounds: Annotated[
        int, Range(range(ROUNDS + 1), "Rounds in which the adversary chooses")
    ] = 3,
    seed: Annotated[int, Range(range(5), "Seed of the coins")] = 0,
) -> Picture:
    """Draw the values with which three servers go on after each round, while an
    adversary chooses whom each of them hears first, and afterwards.

    Parameters
    ----------
    rule : str
        A key of `RULES`.
    rounds : int
        For how many rounds the adversary chooses.
    seed : int
        For the coins.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_3_1_why_majorities``.
    """
    run = _against(rule, rounds, seed if rule == "coin" else 0)
    facts = run.trace.facts((Decided, Left))
    left: dict[int, dict[str, int]] = {}  # round to server to value
    done: dict[str, int] = {}  # server to the round in which it decided
    for n, event in enumerate(facts):
        if isinstance(event.what, Left):
            left.setdefault(event.what.round, {})[event.node] = event.what.value
        else:
            done[event.node] = facts[n + 1].what.round
    last = max(done.values())
    parts = [
        text(_column(n), 18, name, "ink", more=BOLD) for n, name in enumerate(SERVERS)
    ]
    parts += _row(0, "at first", dict(zip(SERVERS, START, strict=True)), {})
    story = []
    for number in range(1, last + 1):
        who = "adversary" if number <= rounds else "left alone"
        parts += _row(number, f"round {number}, {who}", left[number], done)
        told = ", ".join(
            f"{name} {'decides' if done.get(name) == number else 'goes on with'} {v}"
            for name, v in sorted(left[number].items())
            if done.get(name, number) >= number
        )
        story.append(f"Round {number} ({who}): {told}.")
    first, value = min(done.values()), facts[-1].what.value
    when = f"round {first}" if first == last else f"rounds {first} and {last}"
    so_far = f"Undecided for {rounds} round{'s' * (rounds > 1)}. "
    title = f"{so_far if 0 < rounds < first else ''}All decide {value}, in {when}."
    said = "Every message is delivered, and nobody crashes."
    if rule == "coin" and rounds:
        late = sum(needs > rounds for needs in rounds_needed(SEEDS, ROUNDS))
        said += (
            f" Of {SEEDS} seeds {percent(late / SEEDS)} are undecided after as many"
            f" rounds; by the formula {percent(0.75 ** (rounds - 1))}."
        )
    high = 74.0 + 40 * last
    return Picture("".join(parts), WIDTH, high, title, said, tuple(story), steps=last)


def _column(number: int) -> float:
    return 190.0 + 90 * number


def _row(
    number: int, words: str, values: dict[str, int], done: dict[str, int]
) -> list[str]:
    """Draw what the servers would like after a round."""
    y = 46.0 + 40 * number
    parts = [text(12, y + 5, words, "muted", "start")]
    for n, name in enumerate(SERVERS):
        if name not in values or done.get(name, number) < number:
            continue
        settled = done.get(name) == number
        ink = "green" if settled else ("orange", "blue")[values[name]]
        sign = f"✓ {values[name]}" if settled else f"{values[name]}"
        parts += [
            box(_column(n), y, 46 if settled else 32, 30, ink, "paper", 15, 2.2),
            text(_column(n), y + 5.5, sign, ink, size=15.5, more=BOLD),
        ]
    step = f' data-step="{number}"' if number else ""
    return [f"<g{step}>{''.join(parts)}</g>"]


# A liar -------------------------------------------------------------------------------

LIARS = {
    "nobody": "nobody",
    "commander": "the commander",
    "lieutenant": "the last lieutenant",
}
TIES = {"commander": "what the commander said", "retreat": "retreat"}
NAMES = "a", "b", "c"


def obeyed(
    lieutenants: int, lies: str, tie: str
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Let a commander order an attack, and each lieutenant tell the others what it was
    ordered; then each honest lieutenant does what most have told it.

    Parameters
    ----------
    lieutenants : int
        How many there are, 2 or 3.
    lies : str
        Who does, a key of `LIARS`. A commander who lies orders b alone to retreat; a
        lieutenant who lies says to all that it was ordered to retreat.
    tie : str
        What a lieutenant does who has heard both as often, a key of `TIES`.

    Returns
    -------
    dict from lieutenant to {who told it: what}, dict from honest lieutenant to deed
    """
    names = NAMES[:lieutenants]
    order = dict.fromkeys(names, "attack")
    if lies == "commander":
        order["b"] = "retreat"
    says = dict(order)
    if lies == "lieutenant":
        says[names[-1]] = "retreat"
    told = {
        name: {"commander": order[name]}
        | {other: says[other] for other in names if other != name}
        for name in names
    }
    deeds = {}
    for name in names:
        if lies == "lieutenant" and name == names[-1]:
            continue
        votes = Counter(told[name].values())
        if votes["attack"] == votes["retreat"]:
            deeds[name] = order[name] if tie == "commander" else "retreat"
        else:
            deeds[name] = votes.most_common(1)[0][0]
    return told, deeds


def liar(
    lieutenants: Annotated[
        int, Choice({2: "a commander and 2", 3: "a commander and 3"}, "Generals")
    ] = 2,
    lies: Annotated[str, Choice(LIARS, "Who lies")] = "lieutenant",
    tie: Annotated[str, Choice(TIES, "In a tie a lieutenant does")] = "retreat",
) -> Picture:
    """Draw what each lieutenant is told by the commander and by the others, and what
    it then does.

    Parameters
    ----------
    lieutenants : int
        How many there are.
    lies : str
        A key of `LIARS`.
    tie : str
        A key of `TIES`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/7_3_1_why_majorities``.
    """
    told, deeds = obeyed(lieutenants, lies, tie)
    names = tuple(told)
    wide = (WIDTH - 16) / len(names)
    x = {name: 8 + wide * (n + 0.5) for n, name in enumerate(names)}
    parts, story = [], []
    ink = "red" if lies == "commander" else "ink"
    parts += [
        box(WIDTH / 2, 28, 150, 36, ink, "paper", 8, 2.2),
        text(WIDTH / 2, 33, f"commander{LIES * (lies == 'commander')}", ink),
    ]
    for name in names:
        false = lies == "lieutenant" and name == names[-1]
        own, ink = told[name]["commander"], "red" if false else "ink"
        parts += [
            _order(WIDTH / 2, 46, x[name], 104, own),
            box(x[name], 124, min(wide - 14, 120), 36, ink, "paper", 8, 2.2),
            text(x[name], 129, f"{name}{LIES * false}", ink),
            text(x[name], 164, f"order: {own}", _ink(own)),
        ]
        heard = [f"order: {own}"]
        for line_, other in enumerate(n for n in names if n != name):
            said = told[name][other]
            heard.append(f"{other}: {said}")
            parts.append(text(x[name], 184 + 20 * line_, heard[-1], _ink(said)))
        foot = 190 + 20 * len(names)
        if name in deeds:
            does = "attacks" if deeds[name] == "attack" else "retreats"
            mark = "▲" if does == "attacks" else "▽"
            parts.append(line(x[name] - 40, foot - 22, x[name] + 40, foot - 22, "line"))
            parts.append(
                text(x[name], foot, f"{mark} {does}", _ink(deeds[name]), more=BOLD)
            )
            story.append(f"{name} hears {', '.join(heard)}, and {does}.")
        else:
            story.append(f"{name} hears {', '.join(heard)}, and lies.")
    return Picture(
        "".join(parts),
        WIDTH,
        204.0 + 20 * len(names),
        _verdict(deeds, lies),
        "Below each lieutenant: its order, and what the others say theirs was.",
        tuple(story),
    )


LIES = " lies"


def _verdict(deeds: dict[str, str], lies: str) -> str:
    if len(set(deeds.values())) > 1:
        return "The honest lieutenants do not do the same."
    if lies != "commander" and "retreat" in deeds.values():
        return "An honest commander is not obeyed by an honest lieutenant."
    return "All honest lieutenants do the same" + (
        "." if lies == "commander" else ", as ordered."
    )


def _ink(word: str) -> str:
    return "blue" if word == "attack" else "orange"


def _order(x: float, y: float, to_x: float, to_y: float, word: str) -> str:
    """Draw the arrow of an order, dashed if it is to retreat."""
    long = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    ux, uy = (to_x - x) / long, (to_y - y) / long
    ink = _ink(word)
    return (
        line(
            x,
            y,
            to_x - 6 * ux,
            to_y - 6 * uy,
            ink,
            2,
            "" if word == "attack" else "5 4",
        )
        + f'<path d="{arrowhead(to_x, to_y, ux, uy)}" fill="{colour(ink)}"/>'
        + text((x + to_x) / 2, (y + to_y) / 2 + 5, word, ink)
    )
