"""The checks of the lab on failover that try one server, against a witness, a storage
and a rival that follows a script.
"""

from ftlib.labs.failover import Stops
from ftlib.labs.failover.hand import SOON, Hand, acted, fail, spans, tried
from ftlib.labs.failover.worlds import Wrote, watch
from ftlib.labs.runs import sent
from ftlib.simulation import Cut, Duplicate, Heal, Slow

__all__ = ["renews", "takes", "watches"]


# A server takes the row ---------------------------------------------------------------


def takes(hand: Hand) -> str:
    """Judge how a server takes a free row, and how long it acts on it."""
    names, rules = hand.names("takes"), hand.rules
    _, row, swap, *_ = rules.messages
    me, witness = names.first, names.witness
    trace = tried(hand, names, until=0.2)
    if acted(trace, me) is None:
        raise fail(f"the row is free, and {me} does not act after 0.2 s.", trace)
    if not trace.facts(Wrote, node=witness):
        raise fail(f"{me} acts, and has never asked {witness} to hold its row.", trace)
    # the rival is faster
    trace = tried(
        hand, names, rival=[0.0], faults=[Slow((me, witness), by=0.05)], until=0.9
    )
    if acted(trace, me) is not None:
        raise fail(f"{names.second} holds the row, and {me} acts.", trace)
    # a late answer
    faults = [Slow((witness, me), by=0.4), Cut(me, witness, at=0.6)]
    trace = tried(hand, names, faults=faults, until=0.6 + rules.term + 0.4)
    if acted(trace, me) is None:
        raise fail(
            f"{me} has asked, {witness} answers 0.4 s later that the row is {me}'s, and"
            f" {me} does not act for the rest of its term.",
            trace,
        )
    rows = {event.what for event in trace.where(kind="deliver", node=me, what=row)}
    asked = {
        event.what.new: event.time
        for event in reversed(sent(trace, me, swap))
        if event.what.new in rows
    }
    ends = max(asked.values()) + rules.term
    found = spans(trace, me)[-1][1]
    if found < ends - 0.01:
        raise fail(
            f"{me} may act until {ends:.2f} s, and stops at {found:.2f} s.", trace
        )
    return "A free row, one that is gone, and an answer that comes late."


# It renews ----------------------------------------------------------------------------


def renews(hand: Hand) -> str:
    """Judge how a server keeps the row, and when it stops."""
    names, rules = hand.names("renews"), hand.rules
    _, row, swap, *_ = rules.messages
    me, witness, beat = names.first, names.witness, rules.beat
    trace = tried(hand, names, until=6.0)
    if trace.facts(Stops, node=me):
        raise fail(f"nothing fails, and {me} stops.", trace)
    count = len(sent(trace, me, swap))
    if abs(count - 6.0 / beat) > 3:
        raise fail(
            f"{me} is to renew its row every {beat:g} s, and has asked {count} times in"
            " 6 s.",
            trace,
        )
    # nothing comes through, and then everything does
    away = 1.0 + rules.term + watch(rules) + 2 * beat
    both = [Cut(me, witness, at=1.0), Cut(witness, me, at=1.0), Heal(at=away)]
    trace = tried(hand, names, faults=both, until=away + watch(rules) + 3 * beat)
    if not trace.facts(Stops, node=me):
        raise fail(f"{me} hears nothing any more, and does not stop.", trace)
    if acted(trace, me, away) is None:
        raise fail(
            f"{me} hears of {witness} again, nobody else holds the row, and {me} never"
            " acts again.",
            trace,
        )
    # it comes back soon after its term
    away = 1.0 + rules.term + 0.05
    both = [Cut(me, witness, at=1.0), Cut(witness, me, at=1.0), Heal(at=away)]
    trace = tried(hand, names, faults=both, until=away + watch(rules) + 3 * beat)
    again = acted(trace, me, away)
    if again is None:
        raise fail(f"{me} has stopped, finds its own row, and never acts again.", trace)
    known = trace.where(kind="deliver", node=me, what=row)
    first = max(each.time for each in known if each.time < 1.0) + watch(rules) - 0.01
    if rules.resumes and again > away + beat + SOON:
        raise fail(
            f"{me} does not act, finds its own row at about {away:.2f} s, and takes it"
            f" at {again:.2f} s: by these rules it does so at once.",
            trace,
        )
    if not rules.resumes and again < first:
        raise fail(
            f"{me} does not act, finds its own row, and takes it at {again:.2f} s: by"
            " these rules it watches it as any other.",
            trace,
        )
    # its questions arrive, the answers do not
    for part in (0, 1, 2):
        heal = 1.0 + rules.term - (2 - part / 3) * beat
        faults = [
            Cut(witness, me, at=1.0),
            Heal(at=heal),
            Cut(me, witness, at=heal + beat + 0.03),
        ]
        tried(hand, names, faults=faults, until=heal + 2 * rules.term)
    # a rival takes it, whatever the lease
    trace = tried(hand, names, rival=[1.0], until=2.5)
    stops = [event.time for event in trace.facts(Stops, node=me)]
    if not stops or stops[0] > 1.0 + beat + SOON:
        raise fail(f"{names.second} holds the row, and {me} still acts.", trace)
    return "In time, not at all, late, with answers lost, and against a rival."


# It watches ---------------------------------------------------------------------------


def watches(hand: Hand) -> str:
    """Judge when a server takes a row from somebody who renews it no more."""
    names, rules = hand.names("watches"), hand.rules
    _, row, _, *_ = rules.messages
    me, witness, beat = names.first, names.witness, rules.beat
    wait = watch(rules)
    times = [beat * n / 2 for n in range(11)]
    last = times[-1]
    faults = [Slow((me, witness), by=0.05, until=0.2)]
    older = [
        Duplicate(row.__name__, receiver=me, nth=nth, later=0.6 * wait + 2)
        for nth in (2, 3)
    ]
    for more, why in (
        ((), "nothing"),
        (older, "rows that come a second time, late,"),
    ):
        given = [*faults, *more]
        until = last + 2 * wait + 4 * beat
        trace = tried(hand, names, rival=times, faults=given, until=until)
        seen: dict[object, float] = {}
        for event in trace.where(kind="deliver", node=me, what=row):
            if event.what.holder == names.second:
                seen.setdefault(event.what, event.time)
        if not seen:
            raise fail(f"{me} does not ask {witness} what stands there.", trace)
        since = max(seen.values())
        begins = acted(trace, me)
        if begins is None:
            raise fail(
                f"{names.second} has renewed its row at {last:.2f} s for the last time,"
                f" {why} came in between, and {me} does not act.",
                trace,
            )
        if begins < since + wait - 0.01:
            raise fail(
                f"{me} acts at {begins:.2f} s, and has first seen the row that stood"
                f" there at {since:.2f} s: {begins - since:.2f} s by its clock are not"
                f" enough, for the holder's may be {rules.drift:.0%} slow, and its own"
                f" {rules.drift:.0%} fast.",
                trace,
            )
        if begins > since + wait + 2 * beat + SOON:
            raise fail(
                f"{me} has first seen the row that stood there at {since:.2f} s, and"
                f" acts at {begins:.2f} s, long after it might.",
                trace,
            )
    # a renewal in the last moment
    late = last + wait - beat / 2
    trace = tried(hand, names, rival=[*times, late], faults=faults, until=late + wait)
    if acted(trace, me) is not None:
        raise fail(
            f"{names.second} has renewed its row at {late:.2f} s, and {me} acts.", trace
        )
    return (
        "A row that is renewed, one that is not, rows that come late, and a close one."
    )
