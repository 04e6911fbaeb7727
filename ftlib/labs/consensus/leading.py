"""The check of the lab on consensus that lets one server stand, while others vote by a
script.
"""

from itertools import pairwise
from typing import Any

from ftlib.labs.consensus import SERVER, WITNESS, Leads, Members, Voted
from ftlib.labs.consensus.hand import (
    SOON,
    Hand,
    alone,
    elected,
    fail,
    followed,
)
from ftlib.labs.consensus.worlds import Names, electing, weight_of
from ftlib.labs.runs import forced_before, sent
from ftlib.simulation import Crash, Recover

__all__ = ["stands"]

TIMERS = {"election", "heartbeat"}
STEP = 0.03  # seconds between two votes, or two acknowledgements

# A server stands ----------------------------------------------------------------------


def stands(hand: Hand) -> str:
    """Judge how a server stands for election, when it leads, and when it gives up."""
    names = hand.names("stands")
    _silence(hand, names)
    me, a, b, w = (*names.servers[:3], names.witnesses[0])
    for servers, witnesses in (((1, 3, 1), (2,)), ((1, 2, 2), (3,))):
        members = names.members(servers, witnesses)
        for order in ((a, b, w), (w, b, a), (b, w, a)):
            _counted(hand, me, members, order)
    _not_counted(hand, me, names.members((1, 2, 2), (2,)))
    members = names.members((7, 1), (1,))
    trace = alone(hand, me, members, {}, hand.rules.patience[1] + SOON)
    if elected(trace, me, 1) is None:
        raise fail(
            f"{me} weighs 7 of 9, and {hand.rules.share} elects: it need not wait for"
            " anybody, and does not lead.",
            trace,
        )
    _gives_up(hand, me, names.members((1, 2, 2, 1), (2,)))
    return "By weight, in every order; no vote counts twice or in another term."


def _silence(hand: Hand, names: Names) -> None:
    """Judge a server that hears nothing."""
    rules, (me, *others) = hand.rules, (*names.servers[:3], names.witnesses[0])
    bid, (low, high) = rules.messages[0], rules.patience
    members = names.members((1, 2, 2), (2,))
    trace = alone(hand, me, members, {}, 2 * high + 0.1)
    timers = {str(event.other) for event in trace.where(kind="timer", node=me)}
    if timers - TIMERS:
        raise fail(
            f"{me} has a timer called {min(timers - TIMERS)!r}: call them 'election'"
            " and 'heartbeat', so that exploration can count them.",
            trace,
        )
    for term in (1, 2):
        for other in others:
            found = [each.what for each in sent(trace, me, bid, other)]
            if found.count(bid(term, 0, 0)) != 1:
                raise fail(
                    f"{me} hears nothing, and does not ask {other} for its vote in"
                    f" term {term}, once, with a log that ends (0, 0).",
                    trace,
                )
    times = [each.time for each in sent(trace, me, bid, others[0])]
    for since, at in zip((0.0, *times), times[:2]):  # noqa: B905 - the first two
        if not low - 0.001 <= at - since <= high + SOON:
            raise fail(
                f"{me} stands after {at - since:.2f} s of silence: {low:g} to {high:g}"
                " s are to pass.",
                trace,
            )
    if Voted(1, me) not in [each.what for each in trace.facts(Voted, node=me)]:
        raise fail(f"{me} stands, and does not record Voted(1, {me!r}).", trace)
    if not forced_before(trace, me, sent(trace, me, bid)[0]):
        raise fail(f"{me} asks before its own vote is forced to its disk.", trace)
    if trace.facts(Leads, node=me):
        raise fail(f"{me} has its own vote only, and leads.", trace)
    down = [Crash(me, at=high + 0.05), Recover(me, at=high + 0.1)]
    trace = alone(hand, me, members, {}, 2 * high + 0.2, faults=down)
    again = [each.what for each in sent(trace, me, bid, others[0])][1:]
    if again[:1] != [bid(2, 0, 0)]:
        raise fail(
            f"{me} has stood in term 1, crashes, comes back, and does not stand in"
            f" term 2, but says {again[0] if again else 'nothing'}.",
            trace,
        )


def _counted(hand: Hand, me: str, members: Members, order: tuple[str, ...]) -> None:
    """Judge when a server leads to which votes come in this order."""
    rules = hand.rules
    bid, vote, log, mark, *_ = rules.messages
    total, start = weight_of(members), rules.patience[1] + SOON
    lines = {
        name: [(start + place * STEP, vote(1, True))]
        for place, name in enumerate(order)
    }
    until = start + 3 * STEP + rules.patience[1] + SOON
    trace = alone(hand, me, members, lines, until)
    need = electing(rules, total)
    have, voters = weight_of(members, [me]), [me]
    led = elected(trace, me, 1)
    for name in order:
        said = f"{' and '.join(voters)} weigh {have} of {total}: {need} are needed"
        came = trace.where(kind="deliver", node=me, what=vote)
        at = next(each for each in came if each.other == name)
        if have < need and led and led.index < at.index:
            raise fail(f"{said}, and {me} leads.", trace)
        if have >= need:
            break
        have, voters = have + weight_of(members, [name]), [*voters, name]
        if have >= need and (led is None or led not in followed(trace, at)):
            said = f"{' and '.join(voters)} weigh {have} of {total}: {need} are needed"
            raise fail(f"{said}, and {me} does not lead.", trace)
    assert led is not None
    if any(each.index > led.index for each in sent(trace, me, bid)):
        raise fail(f"{me} leads, and stands nevertheless.", trace)
    if len(trace.facts(Leads, node=me)) != 1:
        raise fail(f"{me} records more than once that it leads.", trace)
    entries = ((1, ""),) if rules.blank else ()
    for name, _, kind in members:
        if name == me:
            continue
        right, other = (mark, log) if kind == WITNESS else (log, mark)
        if sent(trace, me, other, name):
            raise fail(f"{me} sends {name}, a {kind}, {other.__name__}.", trace)
        found = sent(trace, me, right, name)
        wanted = (
            mark(1, 1 if entries else 0, len(entries))
            if kind == WITNESS
            else log(1, entries, 0)
        )
        if not found or found[0] not in followed(trace, led):
            raise fail(f"{me} leads, and does not tell {name} at once.", trace)
        if found[0].what != wanted:
            raise fail(
                f"{me} leads, and tells {name} {found[0].what!r}, not {wanted!r}.",
                trace,
            )
        times = [*(each.time for each in found), until]
        if any(later - at > rules.heartbeat + SOON for at, later in pairwise(times)):
            raise fail(
                f"{me} leads, and lets {name} wait for more than"
                f" {rules.heartbeat:g} s.",
                trace,
            )


def _not_counted(hand: Hand, me: str, members: Members) -> None:
    """Judge votes that do not count: a second one, a refusal, and one of before."""
    vote, high = hand.rules.messages[1], hand.rules.patience[1]
    others = [name for name, _, _ in members if name != me]
    start = high + SOON
    lines = {name: [(start, vote(1, False))] for name in others[1:]}
    lines[others[0]] = [(start + k * STEP, vote(1, True)) for k in range(3)]
    trace = alone(hand, me, members, lines, start + 4 * STEP)
    if trace.facts(Leads, node=me):
        raise fail(
            f"{others[0]} votes, and its message comes three times, the others refuse,"
            f" and {me} leads.",
            trace,
        )
    start = 2 * high + SOON
    lines = {name: [(start, vote(1, True))] for name in others}
    trace = alone(hand, me, members, lines, start + STEP)
    if trace.facts(Leads, node=me):
        raise fail(f"{me} stands in term 2, and leads by votes of term 1.", trace)


def _gives_up(hand: Hand, me: str, members: Members) -> None:
    """Judge a candidate and a leader that hear of a later term."""
    bid, vote, log, _, kept, order = hand.rules.messages
    others = [name for name, _, kind in members if name != me and kind == SERVER]
    high, start = hand.rules.patience[1], hand.rules.patience[1] + SOON
    voters = [name for name, _, _ in members if name != me]
    lines: dict[str, list[tuple[float, Any]]] = {
        name: [(start + STEP, vote(1, True))] for name in voters
    }
    lines[others[0]] = [(start, vote(5, False))]
    trace = alone(hand, me, members, lines, start + 2 * STEP)
    if trace.facts(Leads, node=me):
        raise fail(
            f"{others[0]} is in term 5 already, says so, and {me} still leads in an"
            " earlier one.",
            trace,
        )
    lines = {name: [(start, vote(1, True))] for name in voters}
    lines[others[0]] = [(start, vote(1, True)), (start + 0.1, kept(5, 0))]
    lines["client"] = [(start + 0.15, order(hand.names("stands").commands[0]))]
    trace = alone(hand, me, members, lines, start + 0.2 + high)
    later = [each for each in sent(trace, me, log) if each.time > start + 0.1 + SOON]
    if later:
        raise fail(
            f"{others[0]} tells {me} that there is a term 5, and it leads on.", trace
        )
    bids = [each.what for each in sent(trace, me, bid) if each.time > start + 0.1]
    if not bids or bids[0].term != 6:
        raise fail(
            f"{me} has heard of term 5, and stands in term"
            f" {bids[0].term if bids else 'none'} next: it should be 6.",
            trace,
        )
