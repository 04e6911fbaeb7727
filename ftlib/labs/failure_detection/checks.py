"""The checks of the lab on failure detection that try one class at a time, against
nodes that follow a script or a plan.
"""

from functools import partial
from itertools import permutations, product
from typing import Any

from ftlib.exercises.runs import Nodes, run
from ftlib.labs.failure_detection import Watches
from ftlib.labs.failure_detection.hand import (
    Hand,
    Watched,
    all_judged,
    fail,
    judged,
    watching,
)
from ftlib.labs.failure_detection.reading import INSTANT, Round, Slip
from ftlib.labs.failure_detection.worlds import PROMPT, SILENT, Names
from ftlib.labs.runs import forced_before, sent
from ftlib.labs.script import Script
from ftlib.simulation import Crash, Cut, Heal, Point, Recover, Slow

__all__ = ["asks", "deaf", "errands", "helps", "late", "restarts", "window"]

# A member answers, and helps ----------------------------------------------------------


def helps(hand: Hand) -> str:
    """Judge how a member answers, and how it probes for others."""
    names, rules = hand.names("helps"), hand.rules
    probe, answer, favour, report = rules.messages
    me, about, third, _ = names.members
    watcher, other = names.watcher, names.other
    probes = (0.1, me, probe(5)), (0.3, me, probe(5))
    asks = ((0.1, me, favour(5, about)),)
    again = ((0.2, me, favour(6, about)),)
    says = ((0.3, me, answer(5)),)
    reported = [(watcher, report(5, about))]
    for why, lines, wanted in (
        (
            f"{watcher} probes {me} twice with 5, {other} once with 9",
            {watcher: probes, other: ((0.2, me, probe(9)),)},
            {answer: [(watcher, answer(5))] * 2 + [(other, answer(9))], probe: []},
        ),
        (
            f"{me} is asked about {about}, which does not answer",
            {watcher: asks},
            {probe: [(about, probe(5))], report: []},
        ),
        (f"{about} answers {me}", {watcher: asks, about: says}, {report: reported}),
        (
            f"{about} answers {me}, and its answer comes twice",
            {watcher: asks, about: (*says, (0.4, me, answer(5)))},
            {report: reported},
        ),
        (
            f"{about} answers an older probe",
            {watcher: asks, about: ((0.2, me, answer(4)),)},
            {report: []},
        ),
        (
            f"{about} answers an older probe, then this one",
            {watcher: asks, about: ((0.2, me, answer(4)), *says)},
            {report: reported},
        ),
        (
            f"{me} is asked about {about}, and {third} answers",
            {watcher: asks, third: says},
            {report: []},
        ),
        (
            f"{watcher} and {other} ask {me} about {about}, in their own numbers",
            {
                watcher: asks,
                other: ((0.2, me, favour(8, about)),),
                about: (*says, (0.4, me, answer(8))),
            },
            {report: [*reported, (other, report(8, about))]},
        ),
        (
            f"{watcher} asks {me} about {about} again before it has answered: that is"
            " the newest favour",
            {watcher: (*asks, *again), about: (*says, (0.4, me, answer(6)))},
            {report: [(watcher, report(6, about))]},
        ),
        (
            f"{watcher} asks {me} about {about}, and an older favour comes later",
            {
                watcher: ((0.1, me, favour(6, about)), (0.2, me, favour(5, about))),
                about: ((0.4, me, answer(6)),),
            },
            {report: [(watcher, report(6, about))]},
        ),
    ):
        _says(hand, names, lines, wanted, why)
    return "Answers, and favours for two watchers: once, twice, late, overtaken."


def _says(
    hand: Hand, names: Names, lines: Any, wanted: dict[type, Any], why: str
) -> None:
    """Raise unless a member sends what is wanted, among nodes that follow lines."""
    assert hand.member is not None
    me, *others, _ = names.members
    cast: Nodes = {
        each: partial(Script, tuple(lines.get(each, ())))
        for each in (names.watcher, names.other, *others)
    }
    trace = run({**cast, me: hand.member}, until=1.0)
    for kind, messages in wanted.items():
        found = [(event.other, event.what) for event in sent(trace, me, kind)]
        left = list(found)
        for to, message in messages:
            if (to, message) not in left:
                raise fail(f"{why}, and {me} does not send {message!r} to {to}.", trace)
            left.remove((to, message))
        for to, message in left:
            more = " once too often" if (to, message) in messages else ""
            raise fail(f"{why}, and {me} sends {message!r} to {to}{more}.", trace)


# A watcher asks -----------------------------------------------------------------------


def asks(hand: Hand) -> str:
    """Judge whom a watcher probes, and whom it asks for help, and when."""
    names = hand.names("asks")
    a, b, c, d = names.members
    slow = ((hand.rules.wait + 0.1,),)
    for dead, helpers in product(
        ((), (a,), (d,), (a, b), (b, c), (a, c), (b, c, d)), (1, 2)
    ):
        plans = dict.fromkeys(dead, SILENT)
        watched = watching(hand, names, (helpers, 4, 4), 2.9, plans)
        _started(watched)
        errands(watched)
    errands(watching(hand, names, (2, 4, 4), 2.9, {b: slow}))
    errands(watching(hand, names, (0, 4, 4), 2.9, {b: SILENT}))
    return "Whom it probes, and whom it asks about whom, with up to three dead."


def _started(watched: Watched) -> None:
    """Raise unless the watcher says how it watches, and begins."""
    names, trace = watched.names, watched.trace
    facts = [event.what for event in trace.facts(Watches, node=names.watcher)]
    if facts != [Watches(*watched.reading.numbers)]:
        found = " and ".join(map(repr, facts)) or "nothing"
        raise fail(
            f"{names.watcher} is to record {Watches(*watched.reading.numbers)!r}, once,"
            f" when it starts, and records {found}.",
            trace[:40],
        )


def errands(watched: Watched) -> Watched:
    """Return a run in which the watcher is never late, or raise if it probes or asks
    otherwise than the rules say.
    """
    reading, rules = watched.reading, watched.reading.rules
    me = watched.names.watcher
    if not reading.rounds:
        raise watched.fail(Slip(f"{me} probes nobody.", -1))
    for each in reading.rounds:
        at = f"in the round that begins at {each.start:.2f} s"
        if sorted(each.probes) != sorted(reading.members):
            who = ", ".join(each.probes)
            raise watched.fail(
                Slip(f"{at}, {me} probes {who}: each member once is asked.", -1)
            )
        if each.end is not None and abs(each.end - each.start - rules.period) > INSTANT:
            raise watched.fail(
                Slip(f"{at}, {me} takes {each.end - each.start:.2f} s.", each.index)
            )
        _favours(watched, each, at)
    if watched.until > reading.rounds[-1].start + rules.period + INSTANT:
        raise watched.fail(Slip(f"{me} begins no round any more.", -1))
    return watched


def _favours(watched: Watched, each: Round, at: str) -> None:
    reading, rules, me = watched.reading, watched.reading.rules, watched.names.watcher
    if each.silent is None:  # it is not over
        return
    due = [
        (helper, each.number, member)
        for member in each.silent
        if rules.suspects_helped or member not in each.suspects
        for helper in reading.helpers(member, each.suspects)
    ]
    found = [favour[:3] for favour in each.favours]
    for helper, _, member in [this for this in due if this not in found]:
        raise watched.fail(
            Slip(f"{at}, {me} does not ask {helper} about {member}.", each.index)
        )
    for helper, _, member in [this for this in found if this not in due]:
        raise watched.fail(
            Slip(
                f"{at}, {me} asks {helper} about {member}: to be asked are"
                f" {_listed(due, member)}.",
                each.index,
            )
        )
    if len(found) > len(due):
        raise watched.fail(Slip(f"{at}, {me} asks a helper twice.", each.index))
    for _, _, member, time in each.favours:
        if abs(time - each.start - rules.wait) > INSTANT:
            raise watched.fail(
                Slip(
                    f"{at}, {me} asks about {member} after {time - each.start:.2f} s.",
                    each.index,
                )
            )


def _listed(due: list[tuple[str, int, str]], member: str) -> str:
    return " and ".join(helper for helper, _, about in due if about == member) or "none"


# The window ---------------------------------------------------------------------------


def window(hand: Hand) -> str:
    """Judge the verdicts, with each pattern of six rounds that are good or bad."""
    names = hand.names("window")
    me = names.members[0]
    patterns = product((PROMPT[0], SILENT[0]), repeat=6)
    count = all_judged(
        watching(hand, names, (0, 2, 4), 7, {me: (*each, PROMPT[0])}, members=3)
        for each in patterns
    )
    both = {me: (SILENT[0],) * 5 + PROMPT, names.members[1]: PROMPT * 2 + SILENT}
    judged(watching(hand, names, (0, 3, 5), 12, both))
    for dead, silent in permutations(names.members, 2):
        plans = {dead: SILENT, silent: PROMPT * 3 + SILENT}
        judged(errands(watching(hand, names, (1, 2, 3), 4, plans)))
        plans = dict.fromkeys((dead, silent), SILENT)
        judged(watching(hand, names, (3, 2, 3), 3, plans, {dead: ((0.03,),)}))
    return f"{count} patterns of six rounds, with 2 of 4, and each two members at once."


# Late, and twice ----------------------------------------------------------------------


def late(hand: Hand) -> str:
    """Judge what an answer does that comes twice, or a round or two too late."""
    names, rules = hand.names("late"), hand.rules
    me, period = names.members[0], rules.period
    ways = ((0.0, 0.1), (period + 0.05,), (2 * period + 0.05,), ())
    count = all_judged(
        watching(hand, names, (0, 2, 3), 6, {me: (*each, (), ())}, members=3)
        for each in product(ways, repeat=3)
    )
    for way in ways:
        reports = dict.fromkeys(names.members[1:], (way, ()))
        judged(watching(hand, names, (1, 3, 4), 5, {me: SILENT}, reports))
        count += 1
    return f"{count} patterns of answers in time, twice, late by one round or by two."


# The watcher itself -------------------------------------------------------------------


def deaf(hand: Hand) -> str:
    """Judge a watcher that hears little: whether it blames the others."""
    names, rules = hand.names("deaf"), hand.rules
    group, me, period = names.members, names.watcher, rules.period
    twice = ((0.0, 0.05),)
    for count in range(5):
        plans = {
            each: (*PROMPT, *(twice if place < count else SILENT) * 4, *PROMPT)
            for place, each in enumerate(group)
        }
        judged(watching(hand, names, (0, 2, 3), 7, plans))
    reports = dict.fromkeys(group, ((0.0, 0.03),))
    for count in (1, 2):
        plans = dict.fromkeys(group[count:], SILENT)
        judged(watching(hand, names, (1, 2, 3), 5, plans, reports))
    # nothing, between rounds that fail and between rounds that are good
    plans = dict.fromkeys(group[1:], (*PROMPT, *SILENT, *PROMPT * 2, *SILENT, *PROMPT))
    plans[group[0]] = (*SILENT * 3, *PROMPT, *SILENT, *PROMPT)
    judged(watching(hand, names, (0, 2, 3), 8, plans))
    cuts = [Cut(each, me, at=1.5 * period) for each in group]
    heals = Heal(at=5.5 * period)
    judged(watching(hand, names, (1, 2, 3), 9, faults=[*cuts, heals]))
    for at in (0.001, 0.015, 0.3):
        pause = Slow(me, by=2.4 * period, at=period + at, until=period + at + 0.2)
        judged(watching(hand, names, (1, 2, 3), 8, faults=[pause]))
    return "Whoever answers, a watcher that is cut off, and one that stands still."


# It comes back ------------------------------------------------------------------------


def restarts(hand: Hand) -> str:
    """Judge a watcher that crashes: it begins anew, and with new numbers."""
    names, rules = hand.names("restarts"), hand.rules
    me, group, period = names.watcher, names.members, rules.period
    probe = rules.messages[0]
    slow = {group[0]: ((1.4 * period,),), group[1]: SILENT}
    calm = watching(hand, names, (0, 2, 3), 5)
    judged(calm)
    first = sent(calm.trace, me, probe)[0]
    forces = calm.trace.where(kind="force", node=me)
    if any(event.time > first.time for event in forces):
        raise fail(
            f"{me} forces its disk in each round: once a start.", calm.trace[:60]
        )
    if not forced_before(calm.trace, me, first):
        raise fail(
            f"{me} probes before anything is forced to its disk: how will it know,"
            " after a crash, which numbers are used?",
            calm.trace[:20],
        )
    if len(forces) > 1:
        raise fail(f"{me} forces its disk {len(forces)} times.", calm.trace[:20])
    crashes = [
        Crash(me, at=at * period, keeps=keeps)
        for at in (0.5, 1.0, 2.5, 4.2)
        for keeps in (0, 9)
    ]
    crashes += [Crash(me, at=Point(me, "send", nth=nth)) for nth in (1, 2, 5, 9)]
    for crash in crashes:
        at = crash.at if isinstance(crash.at, float) else 3 * period
        faults = [crash, Recover(me, at=at + 0.3)]
        judged(watching(hand, names, (0, 2, 3), 8, slow, faults=faults))
    for after in range(5):  # a crash in the first moments of the second life
        faults = [
            *(Crash(me, at=1.5 * period), Recover(me, at=1.7 * period)),
            Crash(me, at=Point(me, "recover"), after=after),
            Recover(me, at=2.9 * period),
        ]
        judged(watching(hand, names, (0, 2, 3), 7, slow, faults=faults))
    return "Crashes in a round, between two, and in the first moments after one."
