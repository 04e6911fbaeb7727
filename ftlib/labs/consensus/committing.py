"""The check of the lab on consensus that lets one server lead, while others vote and
acknowledge by a script.
"""

from typing import Any

from ftlib.labs.consensus import WITNESS, Committed, Members
from ftlib.labs.consensus.hand import (
    SOON,
    Hand,
    alone,
    committed,
    elected,
    fail,
    followed,
)
from ftlib.labs.consensus.leading import STEP
from ftlib.labs.consensus.worlds import Names, committing, weight_of
from ftlib.labs.runs import forced_before, sent
from ftlib.simulation import Crash, Recover, Trace

__all__ = ["commits"]


def commits(hand: Hand) -> str:
    """Judge when a leader commits, and what it tells."""
    names = hand.names("commits")
    a, b, w = (*names.servers[1:3], names.witnesses[0])
    for servers, witnesses in (((1, 2, 1), (3,)), ((1, 2, 2), (3,)), ((7, 1, 1), (1,))):
        members = names.members(servers, witnesses)
        for order in ((a, b, w), (w, b, a), (b, w, a)):
            _acknowledged(hand, names, members, order)
    _of_before(hand, names, names.members((1, 2, 2), (2,)))
    _led_before(hand, names)
    _remembers(hand, names)
    return "By weight and copies, in every order, and by entries of its own term only."


def _acknowledged(
    hand: Hand, names: Names, members: Members, order: tuple[str, ...]
) -> None:
    """Judge a leader whose entry is acknowledged in this order."""
    rules, me, what = hand.rules, names.servers[0], names.commands[0]
    _, vote, log, mark, kept, order_of = rules.messages
    total, start = weight_of(members), rules.patience[1] + SOON
    asks, length = start + 0.1, 2 if rules.blank else 1
    lines: dict[str, list[tuple[float, Any]]] = {"client": [(asks, order_of(what))] * 2}
    lines["early"] = [(0.01, order_of("early"))]
    for place, name in enumerate(order):
        at = asks + 0.05 + place * STEP
        # a message may come twice, and what was said before it may come after it
        later = [(at, kept(1, length)), (at + 0.01, kept(1, length - 1))]
        lines[name] = [(start, vote(1, True)), (at, kept(1, length)), *later]
    trace = alone(hand, me, members, lines, asks + 0.2 + 2 * rules.heartbeat)
    if elected(trace, me, 1) is None:
        raise fail(f"{me} has all votes of term 1, and does not lead.", trace)
    entries = ((1, ""), (1, what)) if rules.blank else ((1, what),)
    asked = trace.where(kind="deliver", node=me, what=order_of, since=asks)[0]
    for name, _, kind in members:
        if name == me:
            continue
        found = [each for each in sent(trace, me, log, name) if each.what.entries]
        found = [each for each in found if each.index > asked.index]
        if kind == WITNESS:
            found = sent(trace, me, mark, name)
            found = [each for each in found if each.what == mark(1, 1, length)]
        first = found[0] if found else None
        if first is None or first not in followed(trace, asked):
            raise fail(f"{me} is asked for {what!r}, and does not send it.", trace)
        if kind != WITNESS and any(each.what.entries != entries for each in found):
            raise fail(
                f"{me} is asked for {what!r}, twice, for a message may come twice, and"
                f" for another command before it led: its log is to be {entries}, and"
                f" is {found[-1].what.entries}.",
                trace,
            )
        if not forced_before(trace, me, first, asked.index):
            raise fail(f"{me} sends {what!r} before it is on its own disk.", trace)
    need = committing(rules, total)
    facts = trace.facts(Committed, node=me)
    holders, done = [me], [each for each in facts if each.what.index == length]
    moments = [asked, *(_came(trace, me, kept, name, asks) for name in order)]
    for moment, name in zip(moments, ("", *order), strict=True):
        holders = [*holders, name] if name else holders
        have = weight_of(members, holders)
        copies = sum(each not in names.witnesses for each in holders)
        enough = have >= need and copies >= rules.copies
        said = (
            f"{' and '.join(holders)} hold {what!r}, weight {have} of {total},"
            f" {copies} {'log' if copies == 1 else 'logs'}"
        )
        if done and not enough and done[0] in followed(trace, moment):
            raise fail(f"{said}: that is too little, and {me} commits it.", trace)
        if enough:
            if not done or done[0] not in followed(trace, moment):
                raise fail(f"{said}: that is enough, and {me} does not commit.", trace)
            break
    wanted = [Committed(k, *entry) for k, entry in enumerate(entries, 1)]
    if committed(trace, me) != wanted:
        raise fail(f"{me} is to record {wanted}: {committed(trace, me)}.", trace)
    if rules.eager or done[0] not in followed(trace, asked):
        _told(hand, trace, me, done[0], length)


def _came(trace: Trace, me: str, kind: type, name: str, since: float) -> Any:
    """Return the event in which the first message of a node comes."""
    came = trace.where(kind="deliver", node=me, what=kind, since=since)
    return next(each for each in came if each.other == name)


def _told(hand: Hand, trace: Trace, me: str, done: Any, length: int) -> None:
    """Judge when a leader tells what it has committed."""
    log = hand.rules.messages[2]
    telling = [
        each
        for each in sent(trace, me, log)
        if each.what.committed >= length and each.index > done.index
    ]
    at_once = [each for each in telling if each in followed(trace, done)]
    if hand.rules.eager and not at_once:
        raise fail(f"{me} commits, and does not tell the servers at once.", trace)
    if not hand.rules.eager and at_once:
        raise fail(f"{me} commits, and does not wait for its next heartbeat.", trace)
    if not telling:
        raise fail(f"{me} commits, and tells nobody.", trace)


def _of_before(hand: Hand, names: Names, members: Members) -> None:
    """Judge a leader that has two entries of the leader before it."""
    rules, (me, a, _, _), (p, q, r, _) = hand.rules, names.servers, names.commands
    _, vote, log, _, kept, order = rules.messages
    start = 0.1 + rules.patience[1] + SOON
    length = 4 if rules.blank else 3
    old = ((1, p), (1, q))
    lines: dict[str, list[tuple[float, Any]]] = {
        name: [
            (start, vote(2, True)),
            (start + 0.05, kept(2, 2)),
            (start + 0.1, kept(1, length)),
            (start + 0.25, kept(2, length)),
        ]
        for name, _, _ in members
        if name != me
    }
    lines[a] = [(0.1, log(1, old, 0)), *lines[a]]
    lines["client"] = [(start + 0.2, order(r))]
    trace = alone(hand, me, members, lines, start + 0.4)
    if elected(trace, me, 2) is None:
        raise fail(f"{me} has all votes of term 2, and does not lead.", trace)
    early = trace.facts(Committed, node=me)
    if early and early[0].time < start + 0.2 and early[0].what.term < 2:
        raise fail(
            f"{me} leads in term 2, and commits {early[0].what.command!r}, an entry of"
            " term 1, by counting those who hold it: somebody who has a later one"
            " instead may still be elected.",
            trace,
        )
    blank = [(2, "")] if rules.blank else []
    entries = [*old, *blank, (2, r)]
    wanted = [Committed(k, *entry) for k, entry in enumerate(entries, 1)]
    if committed(trace, me) != wanted:
        raise fail(
            f"all hold {r!r}, which is of {me}'s own term: it is to commit {wanted},"
            f" and commits {committed(trace, me)}.",
            trace,
        )


def _led_before(hand: Hand, names: Names) -> None:
    """Judge a leader that has led before, and was acknowledged then."""
    rules, (me, a, b, _), w = hand.rules, names.servers, names.witnesses[0]
    _, vote, log, _, kept, order = rules.messages
    light = committing(rules, 8) - 2  # one less than what is missing
    members = names.members((1, 1, light), (6 - light,))
    first = rules.patience[1] + SOON
    again = first + 0.3 + rules.patience[1] + SOON
    length = 3 if rules.blank else 2
    p, q, r, s = names.commands
    lines: dict[str, list[tuple[float, Any]]] = {
        name: [(first, vote(1, True)), (again, vote(3, True))] for name in (a, b, w)
    }
    lines[a] += [(first + 0.2, kept(1, length))]
    lines[b] += [(first + 0.3, log(2, ((2, q),), 0)), (again + 0.1, kept(3, length))]
    lines[w] += [(again + 0.2, kept(3, length))]
    lines["client"] = [(first + 0.1, order(p)), (first + 0.11, order(s))]
    lines["client"] += [(again + 0.05, order(r))]
    trace = alone(hand, me, members, lines, again + 0.3)
    if elected(trace, me, 3) is None:
        raise fail(f"{me} has led, followed, and all votes of term 3: it leads.", trace)
    done = trace.facts(Committed, node=me)
    if done and done[0].time < again + 0.2:
        raise fail(
            f"{a} has acknowledged to {me} in term 1, before there was another leader;"
            f" in term 3 only {b} has, and {me} commits.",
            trace,
        )
    if not done:
        raise fail(f"{b} and {w} hold {r!r}: that is enough, and {me} waits.", trace)


def _remembers(hand: Hand, names: Names) -> None:
    """Judge what a leader that crashes has of its own log when it is back."""
    rules, (me, *others) = hand.rules, names.servers[:3]
    bid, vote, _, _, _, order = rules.messages
    start = rules.patience[1] + SOON
    lines: dict[str, list[tuple[float, Any]]] = {
        name: [(start, vote(1, True))] for name in others
    }
    lines["client"] = [(start + 0.1, order(names.commands[0]))]
    faults = [Crash(me, at=start + 0.2), Recover(me, at=start + 0.3)]
    until = start + 0.3 + rules.patience[1] + SOON
    members = names.members((1, 1, 1))
    trace = alone(hand, me, members, lines, until, faults=faults)
    found = [each.what for each in sent(trace, me, bid, others[0])][1:]
    if not found or (found[0].last_term, found[0].length) != (1, 1 + rules.blank):
        raise fail(
            f"{me} leads, appends, crashes, and comes back: it is to stand with a log"
            f" that ends (1, {1 + rules.blank}), and says"
            f" {found[0] if found else 'nothing'}.",
            trace,
        )
