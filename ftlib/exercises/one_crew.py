"""The judge of the longest exercise on failures: three servers with one repair crew."""

from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from math import exp, fsum, sqrt
from typing import Any

from ftlib.analysis.availability import availability_k_of_n
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded
from ftlib.exercises.runs import drawn, run
from ftlib.simulation import Crash, Node, Recover

__all__ = ["judge_one_crew"]

SERVERS = ("s1", "s2", "s3")
MTTF, MTTR, HOUR = 9.0, 1.0, 3600.0
HOURS = 20_000
SIGMAS = 6.0  # how many standard errors off an average must be to be refused


@judging
def judge_one_crew(one_crew: Any) -> Answer:
    """Judge the faults of three servers with one repair crew.

    Every single repair is looked at, and not the availability, which chance moves.
    Refused are crashes and recoveries of a server that do not alternate; two repairs at
    once, or not in the order of the crashes; and lives and repairs that are not
    exponential with averages of nine hours and one, within six standard errors.

    Parameters
    ----------
    one_crew : callable
        From a number of hours to a list of `Crash` and `Recover`, times in seconds.
    """
    if one_crew is None:
        return not_attempted("Write one_crew.")
    if not callable(one_crew):
        raise Wrong(f"one_crew is {one_crew!r}: hand in a function of the hours.")
    faults = bounded(one_crew, HOURS, lines=5_000_000)
    if faults is None:
        return not_attempted("Let one_crew return a list of faults.")
    if not isinstance(faults, list | tuple):
        raise Wrong(f"one_crew returns {faults!r}: return a list.")
    lives = _lives(faults)
    repaired = sorted(each for name in SERVERS for each in lives[name])
    times = _repairs(repaired)
    _exponential("the repairs", times, MTTR)
    between = [
        after[0] - before[1]
        for name in SERVERS
        for before, after in pairwise(lives[name])
    ]
    if between and min(between) <= 0:
        raise Wrong("a server crashes at the moment at which it is back, or before.")
    _exponential("the lives, from a repair to the next crash,", between, MTTF)
    up = _majority_up(lives)
    return Answer(
        "right",
        f"{len(times):,} repairs, one at a time. A majority is up {up:.1%} of these"
        f" hours; with a crew for each, {_three_crews():.1%} of the time.",
    )


Life = tuple[float, float]  # when a server crashed, and when it was back, in hours


def _lives(faults: Iterable[Any]) -> dict[str, list[Life]]:
    """Read each server's outages, or raise what is wrong with them."""
    crashed: dict[str, float] = {}
    found: dict[str, list[Life]] = {name: [] for name in SERVERS}
    rows = list(faults)
    for fault in rows:
        if not isinstance(fault, Crash | Recover) or fault.node not in SERVERS:
            raise Wrong(f"{fault!r} is no Crash or Recover of s1, s2 or s3.")
        if not isinstance(fault.at, int | float):
            raise Wrong(f"{fault!r} has no time: give seconds.")
        if isinstance(fault, Recover) and fault.disk != "kept":
            raise Wrong(f"{fault!r}: a repair keeps the disk.")
        if isinstance(fault, Crash) and fault.after:
            raise Wrong(f"{fault!r}: a server stops at once.")
    for fault in sorted(rows, key=lambda each: (each.at, isinstance(each, Crash))):
        name, hour = fault.node, fault.at / HOUR
        if isinstance(fault, Crash):
            if name in crashed:
                raise Wrong(f"{name} crashes at {hour:.4g} h, and is down already.")
            crashed[name] = hour
        elif name not in crashed:
            raise Wrong(f"{name} recovers at {hour:.4g} h, and is up.")
        else:
            found[name].append((crashed.pop(name), hour))
    for name, outages in found.items():
        if not outages:
            raise Wrong(f"{name} never crashes and comes back.")
    last = max(fault.at for fault in rows)
    if last < HOURS * HOUR / 2:
        raise Wrong(
            f"the last fault is at {last:.4g} s, long before {HOURS:,} hours are over:"
            " are the times in seconds?"
        )
    return found


def _repairs(repaired: list[Life]) -> list[float]:
    """Return how long the crew worked at each, in the order of the crashes."""
    times, free = [], 0.0
    for place, (crash, back) in enumerate(repaired):
        began = max(crash, free)
        if back < began:
            last = repaired[place - 1]
            raise Wrong(
                f"a server that crashed at {crash:.4g} h is back at {back:.4g} h, and"
                f" the one that had crashed before it, at {last[0]:.4g} h, only at"
                f" {last[1]:.4g} h: the crew repairs in the order of the crashes, one"
                " at a time.",
                picture=_outage(repaired[max(place - 1, 0) : place + 1]),
            )
        times.append(back - began)
        free = back
    return times


def _outage(repaired: list[Life]) -> Any:
    start = min(crash for crash, _ in repaired) - 0.5
    faults = [
        fault
        for name, (crash, back) in zip(SERVERS, repaired, strict=False)
        for fault in (Crash(name, at=crash - start), Recover(name, at=back - start))
    ]
    trace = run(dict.fromkeys(SERVERS, Node), faults, until=1e6)
    return drawn(trace, title="Two repairs at once. (One hour is drawn as a second.)")


def _exponential(what: str, times: list[float], mean: float) -> None:
    """Raise unless these times look exponential with this mean."""
    number = len(times)
    if number < 1000:
        raise Wrong(f"there are {number} outages in {HOURS:,} hours: more fail.")
    average = fsum(times) / number
    if abs(average - mean) > SIGMAS * mean / sqrt(number):
        raise Wrong(
            f"{what} take {average:.3g} hours on average; {mean:g} was asked, and over"
            f" {number:,} of them chance does not explain that."
        )
    for part in (0.25, 1.0, 2.5):
        share = sum(time > part * mean for time in times) / number
        chance = exp(-part)
        if abs(share - chance) > SIGMAS * sqrt(chance * (1 - chance) / number):
            raise Wrong(
                f"{what} are not exponential: {share:.1%} last longer than"
                f" {part * mean:g} hours, and {chance:.1%} should."
            )


def _majority_up(lives: dict[str, list[Life]]) -> float:
    """Return the part of the time at which at most one server is down."""
    changes = sorted(
        change
        for outages in lives.values()
        for crash, back in outages
        for change in ((crash, 1), (back, -1))
    )
    down, before, good = 0, 0.0, []
    for hour, change in changes:
        if down < 2:
            good.append(hour - before)
        down, before = down + change, hour
    return fsum(good) / before


_three_crews = partial(availability_k_of_n, 3, 2, MTTF / (MTTF + MTTR))
