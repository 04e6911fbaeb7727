"""The judge of the exercise on measuring: how long enough of the servers were up."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded
from ftlib.exercises.runs import drawn, pasted, run
from ftlib.simulation import Crash, Node, Recover, stream

__all__ = ["judge_part_up"]

Case = tuple[tuple[str, ...], int, float, list[Any]]
"""The servers asked for, how many are needed, until when, and the faults."""

ALL = ("s1", "s2", "s3")
SEED, CHANCE = 11, 30  # of how many schedules are made by chance


class Ticking(Node):
    """Does something of its own now and then, as servers do."""

    def on_start(self) -> None:
        """Begin."""
        self.set_timer("tick", 45.0)

    def on_timer(self, name: str) -> None:
        """Go on."""
        self.set_timer("tick", 45.0)


@judging
def judge_part_up(part_up: Any) -> Answer:
    """Judge a measurement: the part of the time in which enough servers were up.

    It meets runs without a failure, servers that are down to the end or from the
    beginning, outages that overlap or touch, other nodes that crash, and schedules made
    by chance. Refused is any other number, with the mistake behind it where that is
    known.

    Parameters
    ----------
    part_up : callable
        From a trace, the names of servers, how many of them are needed and the end of
        the run in seconds to a number from 0 to 1.
    """
    if part_up is None:
        return not_attempted("Write part_up.")
    if not callable(part_up):
        raise Wrong(f"part_up is {part_up!r}: hand in a function.")
    tried = 0
    for names, needed, until, faults in _cases():
        every = dict.fromkeys((*ALL, "s4", "s5", "client"), Ticking)
        trace = run(every, faults, until=until)
        given = bounded(partial(part_up, trace, names, needed), until)
        if given is None and not tried:
            return not_attempted("Let part_up return a number from 0 to 1.")
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise Wrong(f"part_up returns {given!r}: return a number from 0 to 1.")
        right = _up(names, needed, until, faults)
        if not math.isclose(given, right, abs_tol=1e-6):
            why = _mistake(given, names, needed, until, faults)
            told = (
                f"{needed} of {', '.join(names)} are up {right:.4f} of the {until:g} s"
            )
            raise Wrong(
                f"{told}, and part_up returns {given:.4f}{why}.",
                pasted(faults),
                drawn(trace, title=f"{told[0].upper()}{told[1:]}."),
            )
        tried += 1
    return Answer("right", f"It measures what was so in all of {tried} runs.")


def _down(name: str, begin: float, end: float | None = None) -> list[Any]:
    return [
        Crash(name, at=begin),
        *([] if end is None else [Recover(name, at=end)]),
    ]


def _cases() -> Iterator[Case]:
    yield ALL, 1, 80.0, []
    yield ALL, 3, 100.0, _down("s2", 20, 50)
    yield ALL, 2, 100.0, _down("s2", 20, 50)
    yield ALL, 2, 100.0, _down("s1", 20, 50) + _down("s3", 40, 80)
    yield ALL, 1, 100.0, _down("s1", 20, 50) + _down("s3", 40, 80)
    yield ALL, 3, 100.0, _down("s1", 20, 50) + _down("s2", 50, 60)
    yield ALL, 3, 100.0, _down("s3", 75)
    yield ALL, 3, 100.0, _down("s3", 0, 30)
    yield ("s1", "s2"), 2, 100.0, _down("s3", 10, 90) + _down("client", 5, 95)
    yield ("s2",), 1, 50.0, _down("s2", 1, 2) + _down("s2", 3, 4) + _down("s2", 5)
    draw = stream(SEED, "part_up").random
    for _ in range(CHANCE):
        names = ("s1", "s2", "s3", "s4", "s5")[: 1 + int(5 * draw())]
        faults: list[Any] = []
        for name in ("s1", "s2", "s3", "s4", "s5", "client"):
            now = 0.0
            while (now := now + 1 + round(80 * draw(), 3)) < 200:
                back = now + 1 + round(60 * draw(), 3)
                faults += _down(name, now, back if back < 200 else None)
                now = back
        yield names, 1 + int(len(names) * draw()), 200.0, faults


def _outages(
    faults: Iterable[Any], until: float, unended: bool = True
) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    begun: dict[str, float] = {}
    for fault in faults:
        if isinstance(fault, Crash):
            begun[fault.node] = float(fault.at)  # type: ignore[arg-type]
        else:
            outage = (begun.pop(fault.node), float(fault.at))
            found.setdefault(fault.node, []).append(outage)
    for node, begin in begun.items() if unended else ():
        found.setdefault(node, []).append((begin, until))
    return found


def _at_least(
    names: tuple[str, ...],
    needed: int,
    until: float,
    outages: Mapping[str, list[tuple[float, float]]],
) -> float:
    cuts = {0.0, until}
    cuts |= {end for name in names for each in outages.get(name, []) for end in each}
    times, good = sorted(cuts), []
    for begin, end in pairwise(times):
        down = sum(
            any(low <= begin < high for low, high in outages.get(name, []))
            for name in names
        )
        if len(names) - down >= needed:
            good.append(end - begin)
    return math.fsum(good) / until


def _up(
    names: tuple[str, ...], needed: int, until: float, faults: Iterable[Any]
) -> float:
    return _at_least(names, needed, until, _outages(faults, until))


def _mistake(
    given: float, names: tuple[str, ...], needed: int, until: float, faults: list[Any]
) -> str:
    """Say which mistake makes this number, if it is one that is known."""
    right = _up(names, needed, until, faults)
    each = [_up((name,), 1, until, faults) for name in names]
    ended = _outages(faults, until, unended=False)
    everybody = tuple(dict.fromkeys((*names, *(fault.node for fault in faults))))
    known = {
        "an outage that has not ended counts too": _at_least(
            names, needed, until, ended
        ),
        "that is the part in which they are not": 1 - right,
        "that is in per cent": 100 * right,
        "that is in seconds": until * right,
        "that is the average of the servers": math.fsum(each) / len(each),
        "nodes that are no servers do not count": _up(
            everybody, needed + len(everybody) - len(names), until, faults
        ),
        "this is so only when all of them are needed": _up(
            names, len(names), until, faults
        ),
        "this is so only when any one is enough": _up(names, 1, until, faults),
    }
    for why, value in known.items():
        if math.isclose(given, value, abs_tol=1e-6):
            return f": {why}"
    return ""
