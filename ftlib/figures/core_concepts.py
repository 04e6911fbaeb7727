"""The figure of chapter 2: the article's three mechanisms, side by side, under one and
the same fault schedule.
"""

from collections.abc import Iterable
from typing import Annotated

from ftlib.analysis.commit import lock_times
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.drawing.shapes import clocks, cross, flow, line, path, text
from ftlib.figures.controls import Choice
from ftlib.figures.mechanisms import (
    BACK,
    HIT,
    LATE,
    MACHINES,
    MECHANISMS,
    TIMES,
    UNTIL,
    Fate,
    fates,
    ran,
    summary,
)
from ftlib.simulation import Trace

__all__ = ["HAPPENS", "three"]

WAYS = dict(zip(MACHINES, ("machine 1", "machine 2", "machine 3"), strict=True))
HAPPENS = {
    "nothing": "nothing",
    "back": "a crash, back after 1 s",
    "dead": "a crash for good",
    "wiped": "back after 1 s, disk empty",
    "cut": "cut off for 1 s",
    "slow": "slow for 1 s",
}
"""What may happen to a machine, in words."""

WIDTH, LEFT, RIGHT = 430.0, 14.0, 416.0
TOP, ROW = 62.0, 92.0
NOUNS = {
    "done": "answered at once",
    "late": "late",
    "refused": "refused",
    "unanswered": "never answered",
    "wrong": "wrong",
}


def three(
    happens: Annotated[str, Choice(HAPPENS, "What happens")] = "nothing",
    machine: Annotated[str, Choice(WAYS, "To")] = "m1",
) -> Picture:
    """Draw what becomes of sixteen requests to each of three mechanisms, under one and
    the same fault schedule.

    Parameters
    ----------
    happens : str
        A key of `HAPPENS`.
    machine : str
        One of `MACHINES`.

    Returns
    -------
    Picture

    Notes
    -----
    Explained in ``chapters/2_core_concepts``.
    """
    parts, story, said = [_fault(happens, machine)], [], []
    for number, name in enumerate(MECHANISMS):
        trace = ran(name, happens, machine)
        y, found = TOP + ROW * number, fates(trace)
        counted = _counted(found)
        others = [each for each in MACHINES if each != machine]
        parts += [
            text(LEFT, y + 16, name.capitalize(), "ink", "start", 14.5, BOLD),
            text(LEFT, y + 34, counted, "muted", "start", 13.5),
            _locks(trace, others, y + 66),
            *(
                _sign(fate.word, _x(at), y + 54)
                for fate, at in zip(found, TIMES, strict=True)
            ),
        ]
        said.append(f"{name} {summary(trace)}")
        story.append(f"{name.capitalize()}: {counted}.")
    foot = TOP + ROW * len(MECHANISMS)
    key, bottom = _key(foot + 60)
    first, second, third = said
    return Picture(
        "".join([*parts, _axis(foot), key]),
        WIDTH,
        bottom,
        f"{first.capitalize()}, {second}, {third}.",
        f"{_told(happens, machine)} Sixteen requests to each mechanism.",
        tuple(story),
    )


BOLD = ' font-weight="600"'


def _x(time: float) -> float:
    return LEFT + 8 + (RIGHT - LEFT - 16) * time / 4


def _told(happens: str, machine: str) -> str:
    if happens == "nothing":
        return "Nothing fails."
    did = {
        "back": f"crashes at {HIT} s, and is back a second later.",
        "dead": f"crashes at {HIT} s, and does not come back.",
        "wiped": f"crashes at {HIT} s, and is back a second later, its disk empty.",
        "cut": f"can reach nobody for a second, from {HIT} s on.",
        "slow": f"takes 0.4 s longer for each message, for a second from {HIT} s on.",
    }
    return f"{WAYS[machine].capitalize()} {did[happens]}"


def _fault(happens: str, machine: str) -> str:
    """Draw how the machine is, over time, and a band while it is not well."""
    y = 40.0
    if happens == "nothing":
        return text(LEFT, 20, "All machines are well.", "ink", "start") + line(
            _x(0), y, _x(4), y, "green", 3
        )
    start, end = _x(HIT), _x(4 if happens == "dead" else BACK)
    words = {
        "back": "down",
        "dead": "down for good",
        "wiped": "down",
        "cut": "cut off",
        "slow": "slow",
    }[happens]
    after = "disk empty" if happens == "wiped" else ""
    band = (
        f'<rect x="{start:.1f}" y="{y:g}" width="{end - start:.1f}"'
        f' height="{TOP + ROW * 3 - y:g}" fill="{colour("shade")}"/>'
    )
    slants = "".join(
        f"M{start + 6 * k:.1f} {y + 5:g}l5 -10" for k in range(int((end - start) / 6))
    )
    return (
        band
        + text(LEFT, 20, WAYS[machine].capitalize(), "ink", "start", 14.5, BOLD)
        + line(_x(0), y, start, y, "green", 3)
        + path(slants, "red", 1.3)
        + (line(end, y, _x(4), y, "green", 3) if happens != "dead" else "")
        + text((start + end) / 2, y - 12, words, "red", size=13.5)
        + (text(end + 6, y - 12, after, "red", "start", 13.5) if after else "")
    )


def _sign(word: str, x: float, y: float) -> str:
    match word:
        case "done":
            return text(x, y + 5, "✓", "green", size=16)
        case "late":
            return clocks([(x, y, 0)], "orange")
        case "refused":
            return line(x - 5, y, x + 5, y, "orange", 3)
        case "unanswered":
            return text(x, y + 2, "…", "red", size=17)
        case _:
            return cross(x, y, 5)


def _counted(found: Iterable[Fate]) -> str:
    words = [fate.word for fate in found]
    told = [
        f"{words.count(word)} {said}" for word, said in NOUNS.items() if word in words
    ]
    return ", ".join(told)


def _locks(trace: Trace, others: list[str], y: float) -> str:
    """Draw for how long accounts were locked at machines that nothing has happened to,
    where that was long.
    """
    spans = [
        span
        for span in lock_times(trace, UNTIL)
        if span.seconds > LATE and span.node in others
    ]
    drawn = "".join(
        line(_x(span.start), y, min(_x(span.end), _x(4.06)), y, "orange", 4, "3 3")
        for span in spans
    )
    if not spans:
        return ""
    first = min(span.start for span in spans)
    return drawn + text(
        _x(first), y + 16, "an account is locked", "orange", "start", 13
    )


def _axis(y: float) -> str:
    ticks = "".join(
        line(_x(second), y, _x(second), y + 5, "muted", 1)
        + text(_x(second), y + 18, f"{second}", "muted", size=13)
        for second in range(5)
    )
    return (
        line(_x(0), y, _x(4), y, "muted", 1)
        + ticks
        + text(_x(2), y + 35, "when it is asked, in s", "muted", size=13)
    )


def _key(y: float) -> tuple[str, float]:
    pieces = (
        (16.0, _sign("done", 0, 0), "answered at once", "muted"),
        (18.0, _sign("late", 0, 0), f"after more than {LATE:g} s", "muted"),
        (18.0, _sign("refused", 0, 0), "refused", "muted"),
        (18.0, _sign("unanswered", 0, 0), f"no answer in {UNTIL:g} s", "muted"),
        (16.0, _sign("wrong", 0, 0), "acknowledged, and forgotten", "muted"),
    )
    return flow(pieces, y, WIDTH)
