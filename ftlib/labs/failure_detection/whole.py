"""The checks of the lab on failure detection that try the numbers and both classes
together; and all checks, in order.
"""

from functools import partial
from typing import Any

from ftlib.exercises.runs import Nodes, run
from ftlib.labs.check import Check
from ftlib.labs.failure_detection import (
    Suspected,
    Watches,
)
from ftlib.labs.failure_detection.chances import (
    LONGEST,
    MOST_HELPERS,
    Numbers,
    chance,
    enough,
)
from ftlib.labs.failure_detection.checks import (
    asks,
    deaf,
    errands,
    helps,
    late,
    restarts,
    window,
)
from ftlib.labs.failure_detection.hand import (
    Hand,
    Watched,
    fail,
    judged,
    watching,
)
from ftlib.labs.failure_detection.reading import Slip, read
from ftlib.labs.failure_detection.worlds import PROMPT, SILENT, Names
from ftlib.simulation import (
    Crash,
    Cut,
    Network,
    Recover,
    Slow,
    Uniform,
    stream,
)

__all__ = ["CHECKS", "cast"]

# The numbers --------------------------------------------------------------------------


def tuned(hand: Hand) -> str:
    """Judge the numbers of the student's own: measured, where they can be."""
    names, rules = hand.names("tuned"), hand.rules
    me, period = names.members[0], rules.period
    numbers = _own_numbers(hand, names)
    helpers, limit, last = numbers
    phases = [0.011, 0.03, *(period * part / 5 for part in range(1, 5))]
    for phase in phases:
        at = round(2 * period + phase, 3)
        crash = watching(hand, names, None, 3 + 2 * limit, faults=[Crash(me, at=at)])
        when = [e.time for e in crash.trace.facts(Suspected) if e.what.member == me]
        if not when or when[0] - at > rules.within:
            took = f"after {when[0] - at:.2f} s" if when else "never"
            raise crash.fail(
                Slip(
                    f"{me} crashes, and is suspected {took}: {rules.within:g} s are"
                    " allowed.",
                    -1,
                    me,
                )
            )
    for phase in phases:
        at = round(2 * period + phase, 3)
        pause = Slow(me, by=rules.pause, at=at, until=at + 0.2)
        stood = watching(hand, names, None, 8, faults=[pause])
        _calm(stood, me, f"{me} stands still for {rules.pause:g} s, and is suspected")
    pattern = (*PROMPT * (rules.flaky - 1), *SILENT) * LONGEST
    flaky = watching(hand, names, None, 3 * LONGEST, {me: pattern}, members=3)
    if not [e for e in flaky.trace.facts(Suspected) if e.what.member == me]:
        raise flaky.fail(
            Slip(
                f"{me} fails one round of {rules.flaky}, for {3 * LONGEST} rounds, and"
                " is not suspected.",
                -1,
                me,
            )
        )
    found = chance(rules.loss, numbers)
    if found > rules.mistakes:
        raise fail(
            f"with {rules.loss:.0%} of all messages lost, a living member has"
            f" {limit} failed rounds of {last} with a chance of {found:.2g}:"
            f" {rules.mistakes:g} is allowed.",
            flaky.trace[:40],
        )
    fewest = enough(rules)[0]
    if helpers > fewest:
        raise fail(
            f"{helpers} helpers are more than it takes: {fewest} would do, with"
            " other limits.",
            flaky.trace[:40],
        )
    return (
        f"{limit} of {last} rounds and {helpers} helpers: crashes and pauses at"
        f" {len(phases)} moments of a round, and a chance of {found:.2g}."
    )


def _own_numbers(hand: Hand, names: Names) -> Numbers:
    watched = watching(hand, names, None, 1)
    facts = watched.trace.facts(Watches, node=names.watcher)
    said = facts[0].what if facts else None
    match said:
        case Watches(int(helpers), int(limit), int(window)) if (
            0 <= helpers <= MOST_HELPERS and 1 <= limit <= window <= LONGEST
        ):
            return helpers, limit, window
    raise fail(
        f"{names.watcher}, started without numbers, records {said!r}: its own are to be"
        f" helpers from 0 to {MOST_HELPERS}, and a limit and a window, 1 <= limit <="
        f" window <= {LONGEST}.",
        watched.trace[:20],
    )


def _calm(watched: Watched, member: str, why: str) -> None:
    for event in watched.trace.facts(Suspected):
        if event.what.member == member:
            raise watched.fail(Slip(f"{why}.", event.index, member))


# Both together ------------------------------------------------------------------------


def cast(hand: Hand, names: Names, numbers: Numbers) -> Nodes:
    """Make the factories of a watcher and its members, all of the student's."""
    assert hand.member is not None
    assert hand.watcher is not None
    group = names.members
    watcher = partial(hand.watcher, group, numbers)
    return {names.watcher: watcher, **dict.fromkeys(group, hand.member)}


def holds(hand: Hand) -> str:
    """Judge both classes together: deaf and dead members, and runs drawn at random."""
    names, rules = hand.names("holds"), hand.rules
    me, period = names.watcher, rules.period
    a, b, *_ = names.members
    numbers = (1, 2, 3)
    for cut in (Cut(me, a), Cut(a, me)):
        deaf_one = _together(hand, names, numbers, 6, [cut])
        judged(errands(deaf_one))
        way = f"from {cut.sender} to {cut.receiver}"
        _calm(deaf_one, a, f"nothing comes {way}, a helper reaches it, and {me} errs")
    crash = [Crash(a, at=1.5 * period), Recover(a, at=5.5 * period)]
    judged(errands(_together(hand, names, numbers, 9, crash)))
    both = [Crash(a, at=1.5 * period), Crash(b, at=2.5 * period)]
    judged(errands(_together(hand, names, numbers, 7, both)))
    for number in range(RUNS):
        _at_random(hand, names, number)
    return (
        "Nobody is blamed for a link that is cut in one direction; crashes are found;"
        f" and {RUNS} runs at random, with losses, doubles, crashes and pauses."
    )


RUNS = 8


def _together(
    hand: Hand,
    names: Names,
    numbers: Numbers,
    periods: float,
    faults: list[Any],
    **world: Any,
) -> Watched:
    until = periods * hand.rules.period + 0.05
    trace = run(cast(hand, names, numbers), faults, until=until, **world)
    reading = read(trace, names.watcher, names.members, hand.rules, numbers)
    return Watched(names, trace, reading, until, tuple(faults))


def _at_random(hand: Hand, names: Names, number: int) -> None:
    """Run with lost and doubled messages, a crash, a pause and a link that is cut."""
    draw = stream(hand.seed, "random", str(number)).random
    period, group = hand.rules.period, names.members
    everybody = (names.watcher, *group)

    def moment(last: float) -> float:
        return round(draw() * last * period, 3)

    dies, stands = (each[int(draw() * len(each))] for each in (group, everybody))
    at, pause, cut = moment(4), moment(5), moment(3)
    faults = [
        Crash(dies, at=at),
        Recover(dies, at=round(at + 3 * period, 3)),
        Slow(stands, by=round(1.7 * period, 3), at=pause, until=pause + 0.3),
        Cut(group[int(draw() * 4)], names.watcher, at=cut),
    ]
    numbers = (1 + int(draw() * 2), 2, 3)
    network = Network(latency=Uniform(0.005, 0.04), loss=0.1, duplicate=0.1)
    watched = _together(
        hand, names, numbers, 8, faults, seed=int(draw() * 10**6), network=network
    )
    judged(watched)


# All ----------------------------------------------------------------------------------

BOTH = ("member", "watcher")
CHECKS = (
    Check("helps", 3, "Fill in how a member answers and helps.", BOTH[:1], helps),
    Check("asks", 3, "Fill in whom a watcher asks.", BOTH[1:], asks),
    Check("window", 4, "Fill in its verdicts.", BOTH[1:], window),
    Check("late", 3, "Fill in what a late answer does.", BOTH[1:], late),
    Check("deaf", 3, "Fill in when a round says nothing.", BOTH[1:], deaf),
    Check("restarts", 2, "Fill in what survives a crash.", BOTH[1:], restarts),
    Check("tuned", 3, "Choose the numbers.", BOTH[1:], tuned),
    Check("holds", 3, "Both together hold.", BOTH, holds),
)
"""The checks with their points, in the order of the lab's steps."""
