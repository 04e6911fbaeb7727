"""Judges of the exercises on recovery: the shortest time-out for so many mistakes, a
remedy for a gray failure that one client cannot set off, and a detector that waits from
when a heartbeat is expected.
"""

import math
from collections import deque
from collections.abc import Iterable
from typing import Any

from ftlib.analysis.detection import detection_seconds, mistake_chance
from ftlib.detection import jittered
from ftlib.drawing import Picture
from ftlib.drawing.looks.pair import END, acting, answered, lost, who_acts
from ftlib.drawing.shapes import cross, line, text
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded, role, watched
from ftlib.exercises.runs import pasted, run
from ftlib.figures.primary_standby import WRITERS
from ftlib.replication.pair import pair
from ftlib.replication.primary_standby import Peer
from ftlib.services import Client
from ftlib.simulation import Crash, Cut, Heal, Slow, Trace

__all__ = ["judge_complaints", "judge_expected", "judge_time_out"]

# 1: the shortest time-out -------------------------------------------------------------

EVERY, JITTER, DAY = 0.5, 0.02, 86400.0
A_DAY = DAY / EVERY
SHORTEST = EVERY + JITTER * math.log(A_DAY / 2)
ROUNDED = 0.0015
AT_MOST = 1.005  # mistakes a day; 0.7273 s is 0.02 ms too short, and right all the same


@judging
def judge_time_out(wait: Any, unnoticed: Any) -> Answer:
    """Judge the shortest time-out with at most one mistake a day, and for how long a
    crash then goes unnoticed on average.

    Refused are a time-out that errs more often, one that could be shorter, and a
    detection time of another time-out.

    Parameters
    ----------
    wait, unnoticed : float
        In seconds.
    """
    if wait is None and unnoticed is None:
        return not_attempted("Set my_wait and my_unnoticed, in seconds.")
    for name, value in (("wait", wait), ("unnoticed", unnoticed)):
        real = isinstance(value, int | float) and not isinstance(value, bool)
        if not real or not 0 < value < math.inf:
            raise Wrong(f"my_{name} is {value!r}: give seconds, above 0.")
    if wait < EVERY:
        raise Wrong(
            f"after {wait:g} s of silence nothing is late: a heartbeat comes each"
            f" {EVERY:g} s. The law counts from there."
        )
    often = mistake_chance(wait, EVERY, JITTER) * A_DAY
    if often > AT_MOST:
        rounded = " At most one: round up." if often < 1.1 else ""
        raise Wrong(
            f"with {wait:g} s there are {often:.3g} mistakes a day, among"
            f" {A_DAY:,.0f} heartbeats.{rounded}"
        )
    if wait > SHORTEST + ROUNDED:
        raise Wrong(
            f"with {wait:g} s there are only {often:.2g} mistakes a day: it can be"
            " shorter. Only a heartbeat that is later than the last one ends in a"
            " mistake."
        )
    true = detection_seconds(wait, EVERY, JITTER)
    if abs(unnoticed - true) > ROUNDED:
        raise Wrong(f"{unnoticed:g} s is another time: {_other(unnoticed, wait)}")
    return Answer("right", f"{often:.2f} mistakes a day, and {true:.3f} s unnoticed.")


def _other(unnoticed: float, wait: float) -> str:
    """Say from which mistake a detection time may come."""
    kinds = (
        (wait, "the wait begins when the last heartbeat came, before the crash."),
        (wait + JITTER, "that is the longest wait: the crash comes after a heartbeat."),
        (wait - EVERY / 2, "the last heartbeat was on its way for a while."),
        (wait + JITTER - EVERY, "that is if the crash comes just before a heartbeat."),
        (wait + EVERY / 2, "the crash comes after the last heartbeat, not before it."),
    )
    for value, why in kinds:
        if abs(unnoticed - value) <= ROUNDED:
            return why
    return "the law has three terms: the wait, the way, and half of an interval."


# 2: two who complain ------------------------------------------------------------------

LINKS = [(client, node) for client in ("c1", "c2") for node in ("a", "b")]
LOAD = [Slow(link, by=0.15, at=0.7, until=2.2) for link in LINKS]
BOTH = [Cut("c1", "a", at=0.7), Cut("c2", "a", at=0.7)]
AGAIN = [*BOTH, Heal(at=1.6), Cut("c1", "b", at=2.0), Cut("c2", "b", at=2.0)]
LONG = 2 * END  # so that one client complains more often than two do until END
CALLS = 50_000
OWN = {"super", "complained"}  # what the untouched method uses


@judging
def judge_complaints(peer: Any, client: Any) -> Answer:
    """Judge a peer that steps in when both clients complain, and once only.

    Refused is one that is moved by either client alone, however long it complains, one
    that leaves both without service, one that moves again under load or when nobody
    reaches the new primary either, one that takes over no more from a primary that has
    crashed, and one that loses a write.

    Parameters
    ----------
    peer : type
        The peer; it overrides ``complained(self, client)``.
    client : type
        The clients, which complain.
    """
    if peer is None or peer is Peer or _untouched(peer):
        return not_attempted("Override complained in MyPeer.")
    peer = watched(role(peer, "MyPeer"), calls=CALLS)
    client = role(client, "the client")
    if not issubclass(peer, Peer) or not issubclass(client, Client):
        raise Wrong("hand in a Peer and a Client: MyPeer and Complains.")
    _plays(peer, client, (), 0, "nothing goes wrong")
    for alone in ("c1", "c2"):
        faults = [Cut(alone, "a", at=0.7)]
        _plays(peer, client, faults, 0, f"only {alone} cannot reach a", until=LONG)
    trace = _plays(peer, client, BOTH, 1, "no client reaches a")
    for who in ("c1", "c2"):
        late = [1 for at, _, which, _ in answered(trace) if which[0] == who and at > 2]
        if not late:
            raise _wrong(f"no client reaches a, and {who} is not served.", trace, BOTH)
    _plays(peer, client, LOAD, 1, "everything is slow", fewer=True)
    _plays(peer, client, AGAIN, 1, "no client reaches a, and later none b", until=LONG)
    _plays(peer, client, [Crash("a", at=1.0)], 1, "a crashes")
    return Answer(
        "right",
        "Neither client moves the primary alone, both do, and nobody does it twice.",
        picture=who_acts(trace, "Both complain, and b acts."),
    )


def _untouched(peer: Any) -> bool:
    """Whether a class hands on every complaint, as the starter does."""
    if not isinstance(peer, type):
        return False
    own = {name: each for name, each in vars(peer).items() if callable(each)}
    code = getattr(own.pop("complained", None), "__code__", None)
    if own or code is None:
        return False
    return set(code.co_names) <= OWN and not any(code.co_consts)


def _plays(
    peer: Any,
    client: Any,
    faults: Iterable[Any],
    moves: int,
    when: str,
    fewer: bool = False,
    until: float = END,
) -> Trace:
    """Run it, and raise unless the primary moves so many times."""
    nodes = pair(WRITERS, peer=peer, client=client, longest=0.4)
    trace = run(nodes, faults, until=until, seed=7)
    moved = len(acting(trace)) - 1
    if lost(trace):
        raise _wrong(f"{when}, and an answered write is lost.", trace, faults)
    if moved > moves:
        raise _wrong(f"{when}, and the primary moves {_times(moved)}.", trace, faults)
    if moved < moves and not fewer:
        raise _wrong(f"{when}, and the primary does not move.", trace, faults)
    return trace


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _wrong(why: str, trace: Trace, faults: Iterable[Any]) -> Wrong:
    return Wrong(why, pasted(faults), who_acts(trace, why[0].upper() + why[1:]))


# 3: when the next one is expected -----------------------------------------------------

MARGIN, MEMORY, EACH = 0.05, 20, 0.1
OTHER_MARGIN, OTHER_EACH = 0.03, 0.2
Beats = list[tuple[float, int]]


def _streams() -> dict[str, Beats]:
    """Make what is tried, each with what it has that the ones before have not."""
    steady = jittered(60, EACH, lambda at: 0.01, seed=1)
    first = [(0.03, 0), (0.11, 1), (0.25, 2), (0.305, 3)]
    slower = jittered(80, EACH, lambda at: 0.002 if at < 4 else 0.05, seed=2)
    return {
        "heartbeats come in their order": first,
        "heartbeat 0 is not the first": [
            (each[0] + 0.7, each[1] + 7) for each in first
        ],
        "a copy comes": [*first, (0.33, 2), (0.36, 3), (0.41, 4)],
        "heartbeats are lost": [*first, (0.72, 7), (0.81, 8)],
        "one is overtaken": [*first, (0.505, 5), (0.52, 4), (0.61, 6)],
        "one comes after half a second": [*first, (0.9, 4), (0.91, 5), (0.92, 6)],
        "there are more than twenty": steady,
        "the network becomes slower": slower,
    }


@judging
def judge_expected(detector: Any) -> Answer:
    """Judge a detector that waits from when the next heartbeat is expected.

    Refused is one whose deadline is another than that of the definition after some
    heartbeat: with copies, lost and overtaken ones, a late one, more than twenty, or
    another interval and margin.

    Parameters
    ----------
    detector : type
        Made as ``detector(every, margin)``; it has ``heartbeat``, ``late`` and
        ``patience``.
    """
    if detector is None:
        return not_attempted("Write MyDetector.")
    if not isinstance(detector, type):
        raise Wrong(f"my detector is {detector!r}: hand in a class.")
    if _constant(detector):
        return not_attempted("It still waits for every and margin from the last one.")
    streams = _streams()
    for when, beats in streams.items():
        _follows(detector, when, beats, EACH, MARGIN)
    beats = [(2 * at, number) for at, number in streams["heartbeats are lost"]]
    when = f"every is {OTHER_EACH:g} s and margin {OTHER_MARGIN:g} s"
    _follows(detector, when, beats, OTHER_EACH, OTHER_MARGIN)
    count = len(beats) + sum(map(len, streams.values()))
    return Answer(
        "right", f"Its deadline is the expected one after each of {count} heartbeats."
    )


def _constant(detector: type) -> bool:
    """Whether it is the starter: it waits for the same time, whatever comes."""
    made = bounded(detector, EACH, MARGIN)
    for at, number in _streams()["heartbeats come in their order"]:
        bounded(made.heartbeat, at, number)
        if bounded(made.patience) != EACH + MARGIN:
            return False
    return set(vars(made)) == {"every", "margin", "at", "number"}


def _follows(
    detector: type, when: str, beats: Beats, every: float, margin: float
) -> None:
    made = bounded(detector, every, margin)
    offsets: deque[float] = deque(maxlen=MEMORY)
    highest, trusted = -1, math.inf
    for at, number in beats:
        hear = made.late if at > trusted else made.heartbeat
        news, is_news = bounded(hear, at, number), number > highest
        if bool(news) is not is_news:
            said = "news" if news else "no news"
            raise Wrong(
                f"{when}: heartbeat {number}, which came at {at:.2f} s, is {said} to"
                " it.",
                picture=_drawn(beats, at, None, None),
            )
        if is_news:
            highest, last = number, at
            offsets.append(at - number * every)
            mean = math.fsum(offsets) / len(offsets)
            expected = (number + 1) * every + mean
            trusted = at + max(0.0, expected + margin - at)
        waits = bounded(made.patience)
        if not isinstance(waits, int | float) or not 0 <= waits < math.inf:
            raise Wrong(
                f"{when}: after heartbeat {number} its patience is {waits!r}; give"
                " seconds, not below 0."
            )
        if bounded(made.patience) != waits:
            raise Wrong("patience() asked twice gives two answers; it only tells.")
        if abs(last + waits - trusted) > 1e-6:
            raise Wrong(
                f"{when}: after heartbeat {number}, which came at {at:.2f} s, it waits"
                f" until {last + waits:.3f} s, and not until {trusted:.3f} s.",
                picture=_drawn(beats, at, last + waits, trusted),
            )


def _drawn(
    beats: Beats, now: float, theirs: float | None, right: float | None
) -> Picture:
    """Draw the last heartbeats, and the two deadlines."""
    shown = [each for each in beats if now - 0.5 <= each[0] <= now]
    ends = [now, *(each for each in (theirs, right) if each is not None)]
    start, end = shown[0][0] - 0.05, max(ends) + 0.1

    def x(time: float) -> float:
        return 20 + 390 * (time - start) / (end - start)

    parts = [line(20, 60, 410, 60, "line", 1)]
    for at, number in shown:
        parts.append(line(x(at), 46, x(at), 60, "blue", 2))
        parts.append(text(x(at), 38, str(number), "blue"))
    story = [f"Heartbeat {number} comes at {at:.3f} s." for at, number in shown]
    for time, name, ink, y in (
        (theirs, "yours", "red", 84),
        (right, "due", "green", 104),
    ):
        if time is None:
            continue
        mark = (
            cross(x(time), 60, 5)
            if ink == "red"
            else line(x(time), 50, x(time), 70, ink, 3)
        )
        parts += [mark, text(x(time), y, name, ink)]
        story.append(f"The deadline is {time:.3f} s ({name}).")
    return Picture(
        "".join(parts),
        430.0,
        112.0,
        "The node is suspected at another time than it should be."
        if theirs is not None
        else "A heartbeat is taken for what it is not.",
        "The last heartbeats with their numbers, and when silence is suspected.",
        tuple(story),
    )
