"""The checks of the lab on consensus that ask a node, as a witness, a voter or a
follower, and look at its answers.
"""

from typing import Any

from ftlib.labs.consensus import Committed, Leads, Voted
from ftlib.labs.consensus.hand import Hand, alone, committed, fail, only
from ftlib.labs.runs import forced_before, sent
from ftlib.simulation import Crash, Recover, Trace

__all__ = ["follows", "votes", "witness"]

CRASHED = ", also after a crash"

# A vote -------------------------------------------------------------------------------


def _ballots(hand: Hand, what: str) -> None:
    """Judge the votes of a witness or of a server whose leader's log ends (3, 2)."""
    names, rules = hand.names(what), hand.rules
    bid, vote, log, mark, *_ = rules.messages
    a, b, c = names.servers[:3]
    is_witness = what == "witness"
    me = names.witnesses[0] if is_witness else names.servers[3]
    members = names.members((2, 1, 1) if is_witness else (2, 1, 1, 1), (1,))
    entries = ((1, names.commands[0]), (3, names.commands[1]))
    first: Any = mark(3, 3, 2) if is_witness else log(3, entries, 0)
    asked = [
        (0.14, b, bid(4, 2, 9), False, "whose log is longer, but of an older term"),
        (0.16, b, bid(4, 3, 1), False, "whose log is shorter"),
        (0.18, c, bid(4, 3, 2), True, "whose log ends as what it has"),
        (0.20, b, bid(4, 3, 5), False, "when it has voted in this term"),
        (0.22, c, bid(4, 3, 2), True, "for which it has voted, and which asks again"),
        (0.34, b, bid(4, 3, 5), False, "when it has voted in this term, and crashed"),
        (0.36, c, bid(4, 3, 2), True, "for which it voted before it crashed"),
        (0.38, b, bid(3, 3, 5), False, "of an older term"),
        (0.40, b, bid(5, 3, 1), False, "whose log is shorter than before the crash"),
        (0.42, b, bid(5, 4, 1), True, "whose log is shorter, but ends in a later term"),
    ]
    lines: dict[str, list[tuple[float, Any]]] = {a: [(0.1, first)], b: [], c: []}
    for at, who, message, _, _ in asked:
        lines[who].append((at, message))
    faults = [Crash(me, at=0.26), Recover(me, at=0.3)]
    trace = alone(hand, me, members, lines, 0.46, faults=faults, witness=is_witness)
    term = 3
    for at, who, message, granted, why in asked:
        term = max(term, message.term)
        answers = [
            event for event in sent(trace, me, vote, who) if at < event.time < at + 0.02
        ]
        found = [event.what for event in answers]
        if found != [vote(term, granted)]:
            raise fail(
                f"{me} is asked by {who} with {message!r}, a candidate {why}, and"
                f" answers {', '.join(map(repr, found)) or 'nothing'}, not"
                f" {vote(term, granted)!r}.",
                trace,
            )
        if granted and not any(
            each.what == Voted(term, who) and each.time >= at
            for each in trace.facts(Voted, node=me)
        ):
            raise fail(f"{me} does not record Voted({term}, {who!r}).", trace)
        if message.term in (4, 5) and granted and at in (0.18, 0.42):
            since = trace.where(kind="deliver", node=me, since=at)[0].index
            if not forced_before(trace, me, answers[0], since):
                raise fail(f"{me} votes before that is forced to its disk.", trace)


# A witness ----------------------------------------------------------------------------


def witness(hand: Hand) -> str:
    """Judge a witness: its marks, and its votes by them."""
    names, rules = hand.names("witness"), hand.rules
    bid, vote, _, mark, kept, _ = rules.messages
    a, b, me = *names.servers[:2], names.witnesses[0]
    members = names.members((2, 1), (1,))

    def one(*lines: tuple[str, Any], faults: Any = ()) -> Trace:
        scripts: dict[str, list[tuple[float, Any]]] = {a: [], b: []}
        for place, (who, message) in enumerate(lines):
            scripts[who].append((0.1 + place / 25, message))
        until = 0.2 + len(lines) / 25
        return alone(hand, me, members, scripts, until, faults=faults, witness=True)

    trace = one((a, mark(3, 3, 3)), (a, mark(3, 3, 4)))
    only(trace, me, kept, a, [kept(3, 3), kept(3, 4)], "the leader's log grows")
    since = trace.where(kind="deliver", node=me)[1].index
    if not forced_before(trace, me, sent(trace, me, kept)[1], since):
        raise fail(f"{me} says what it keeps before that is on its disk.", trace)
    _ballots(hand, "witness")
    late = (a, mark(3, 3, 4)), (a, mark(3, 3, 2)), (b, bid(4, 3, 3))
    trace = one(*late)
    only(trace, me, kept, a, [kept(3, 4), kept(3, 2)], "a mark of before comes late")
    why = f"{me} knew (3, 4), then heard (3, 2) late, and (3, 3) is less than it knew"
    only(trace, me, vote, b, [vote(4, False)], why)
    outdated = (b, mark(4, 3, 2)), (a, mark(3, 3, 9)), (b, bid(5, 3, 2))
    for faults, after in (
        ((), ""),
        ((Crash(me, at=0.12), Recover(me, at=0.13)), CRASHED),
    ):
        trace = one(*outdated, faults=faults)
        why = f"{a} does not know that there is a later term{after}"
        only(trace, me, kept, a, [kept(4, 0)], why)
        why = f"{a}, whose term was over, does not count{after}"
        only(trace, me, vote, b, [vote(5, True)], why)
    trace = one((a, mark(5, 3, 2)), (b, bid(4, 3, 2)))
    only(trace, me, vote, b, [vote(5, False)], f"{a} leads in term 5 already")
    trace = one((a, mark(2, 2, 2)), (b, mark(3, 2, 1)), (a, bid(4, 2, 1)))
    why = f"{me} knew (2, 2), and the next leader had less, which may be gone again"
    only(trace, me, vote, a, [vote(4, False)], why)
    trace = alone(hand, me, members, {}, 5.0, witness=True)
    if trace.where(kind="send", node=me):
        raise fail(f"{me} is a witness, and speaks without being asked.", trace)
    return "Marks and votes, late ones, and both after a crash."


# A server votes -----------------------------------------------------------------------


def votes(hand: Hand) -> str:
    """Judge the votes of a server, and how long it waits after one."""
    _ballots(hand, "votes")
    names, rules = hand.names("waits"), hand.rules
    bid, log, low = rules.messages[0], rules.messages[2], rules.patience[0]
    me, a, b = names.servers[:3]
    members = names.members((1, 1, 1))
    for what, lines in (
        ("hears its leader", [log(1, (), 0)] * 5),
        ("votes", [bid(term, 0, 0) for term in range(1, 6)]),
    ):
        script = [(0.1 + place * 0.8 * low, each) for place, each in enumerate(lines)]
        trace = alone(hand, me, members, {a: script}, script[-1][0])
        if sent(trace, me, bid):
            raise fail(f"{me} {what} every {0.8 * low:g} s, and stands.", trace)
    lines = [bid(term, 0, 0) for term in range(1, 4)]
    full = [(0.01, log(1, ((1, names.commands[0]),), 0))]
    script = [(0.1 + place * 0.8 * low, each) for place, each in enumerate(lines)]
    trace = alone(hand, me, members, {a: full, b: script}, script[-1][0] + 0.1)
    if not sent(trace, me, bid):
        raise fail(
            f"{me} refuses {b} again and again, hears no leader, and does not stand.",
            trace,
        )
    return "Votes by term and by what it has, also after a crash."


# A server follows ---------------------------------------------------------------------


def follows(hand: Hand) -> str:
    """Judge what a server does with the log of a leader."""
    names, rules = hand.names("follows"), hand.rules
    bid, vote, log, _, kept, _ = rules.messages
    me, a, b = names.servers[:3]
    p, q, r, s = names.commands
    members = names.members((1, 1, 1), (2,))
    voters = [name for name, _, _ in members if name != me]
    two, other = ((1, p), (1, q)), ((1, p), (2, r))
    high = rules.patience[1]

    def one(
        *lines: tuple[str, Any], ends: tuple[int, int] | None = None, faults: Any = ()
    ) -> Trace:
        """Send these, one after another, and look how its log ends when it stands."""
        scripts: dict[str, list[tuple[float, Any]]] = {a: [], b: []}
        for place, (who, message) in enumerate(lines):
            scripts[who].append((0.1 + place / 25, message))
        until = 0.1 + len(lines) / 25 + (high + 0.3 if ends else 0)
        trace = alone(hand, me, members, scripts, until, faults=faults)
        bids = sent(trace, me, bid)
        if ends and not bids:
            raise fail(f"{me} hears nothing any more, and does not stand.", trace)
        if ends and (bids[0].what.last_term, bids[0].what.length) != ends:
            raise fail(
                f"{me} stands with a log that ends"
                f" {(bids[0].what.last_term, bids[0].what.length)}: it should be"
                f" {ends}.",
                trace,
            )
        return trace

    trace = one((a, log(1, (), 0)), (a, log(1, two, 0)), ends=(1, 2))
    only(trace, me, kept, a, [kept(1, 0), kept(1, 2)], f"{a} sends two entries")
    since = trace.where(kind="deliver", node=me)[1].index
    if not forced_before(trace, me, sent(trace, me, kept)[1], since):
        raise fail(f"{me} says that it keeps what is not on its disk yet.", trace)
    down = [Crash(me, at=0.12), Recover(me, at=0.13)]
    one((a, log(1, two, 0)), ends=(1, 2), faults=down)
    later = [Crash(me, at=0.16), Recover(me, at=0.17)]
    trace = one((a, log(1, two, 0)), (b, log(2, other, 0)), ends=(2, 2), faults=later)
    only(trace, me, kept, b, [kept(2, 2)], f"{b} leads, and its second entry differs")
    trace = one((b, log(2, other, 0)), (b, log(2, ((1, p),), 0)), ends=(2, 2))
    why = f"a shorter log of {b} comes late"
    only(trace, me, kept, b, [kept(2, 2), kept(2, 1)], why)
    trace = one((a, log(1, two, 0)), (b, log(2, ((1, p),), 0)), ends=(1, 2))
    only(trace, me, kept, b, [kept(2, 1)], f"{b} has the first entry only")
    stale = log(1, (*two, (1, s)), 3)
    for faults, after in ((), ""), (down, CRASHED):
        trace = one((b, log(2, other, 0)), (a, stale), ends=(2, 2), faults=faults)
        why = f"{a} does not know that its term is over{after}"
        only(trace, me, kept, a, [kept(2, 0)], why)
        if committed(trace, me):
            why = f"{me} believes {a}, whose term is over, what is committed{after}."
            raise fail(why, trace)
    told = [(a, log(1, two, known)) for known in (0, 1, 1, 2, 1)]
    trace = one(*told)
    wanted = [Committed(1, 1, p), Committed(2, 1, q)]
    if committed(trace, me) != wanted:
        raise fail(
            f"{me} is told that 0, 1, 1, 2, 1 entries are committed, and records"
            f" {committed(trace, me)}, not {wanted}.",
            trace,
        )
    # a candidate that hears of another leader of its term
    late = [(high + 0.08, vote(1, True))]
    scripts: dict[str, list[tuple[float, Any]]] = {name: [*late] for name in voters}
    scripts[a] = [(high + 0.03, log(1, ((1, p),), 0)), *late]
    trace = alone(hand, me, members, scripts, high + 0.2)
    if trace.facts(Leads, node=me):
        raise fail(f"{me} stands, hears that {a} leads, and leads as well.", trace)
    only(trace, me, kept, a, [kept(1, 1)], f"{me} stands, and {a} leads in that term")
    return "New, other, shorter, late and outdated logs, and what is committed."
