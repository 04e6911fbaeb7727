"""The checks of the lab on atomic commit that try one class at a time, against nodes
that follow a script.
"""

from typing import Any

from ftlib.labs.runs import forced_before, sent
from ftlib.labs.two_phase_commit import ABORT, COMMIT, Began, Decided, Voted
from ftlib.labs.two_phase_commit.hand import (
    SOON,
    Hand,
    asked,
    counting,
    decided,
    fail,
)
from ftlib.simulation import Crash, Recover, Trace

__all__ = ["decides", "learns", "recovers", "votes"]

# A participant votes ------------------------------------------------------------------


def votes(hand: Hand) -> str:
    """Judge how a participant votes: yes, no and read."""
    names, rules = hand.names("votes"), hand.rules
    request, vote, *_ = rules.messages
    me, hub, txn = names.participants[0], names.coordinator, names.txn
    writes, reads = request(txn, names.changes(me)), request(txn, ())

    def one(message: Any, wanted: str, willing: bool) -> Trace:
        lines = [(0.1, me, message), (0.2, me, message)]
        trace = asked(hand, names, lines, willing=willing)
        told = [event.what for event in sent(trace, me, vote, hub)]
        who = "is willing" if willing else "is not willing"
        changes = "changes something" if message.changes else "only reads"
        if not told:
            raise fail(f"{me} {who}, {changes}, and sends no vote.", trace)
        for each in told:
            if each != vote(txn, wanted):
                raise fail(
                    f"{me} {who}, {changes}, and votes {each.vote!r} on {each.txn}:"
                    f" asked was {wanted!r} on {txn}.",
                    trace,
                )
        if len(told) != 2:
            raise fail(
                f"{me} is asked twice, for a message may come twice, and votes"
                f" {len(told)} times.",
                trace,
            )
        if {event.what for event in trace.facts(Voted, node=me)} != {
            Voted(txn, wanted)
        }:
            raise fail(f"{me} does not record Voted({txn!r}, {wanted!r}).", trace)
        return trace

    trace = one(writes, "yes", True)
    first = sent(trace, me, vote)[0]
    if not forced_before(trace, me, first):
        raise fail(f"{me} votes yes before its promise is forced to its disk.", trace)
    if decided(trace, me):
        raise fail(f"{me} has voted yes, and decides by itself.", trace)
    trace = one(writes, "no", False)
    if not forced_before(trace, me, sent(trace, me, vote)[0]):
        raise fail(f"{me} votes no before that is forced to its disk.", trace)
    if decided(trace, me) != [ABORT]:
        raise fail(f"{me} votes no, which is an abort for it, and records none.", trace)
    trace = one(reads, "read", True)
    if trace.where(kind=("write", "force"), node=me):
        raise fail(f"{me} only reads, and writes to its disk.", trace)
    if decided(trace, me):
        raise fail(f"{me} only reads: it decides nothing.", trace)
    one(request(txn, ()), "no", False)
    for willing, wanted in ((True, "yes"), (False, "no")):
        trace = asked(
            hand,
            names,
            [(0.1, me, writes), (0.6, me, writes)],
            willing=willing,
            faults=[Crash(me, at=0.3), Recover(me, at=0.4)],
            until=0.9,
        )
        told = [event.what.vote for event in sent(trace, me, vote)]
        if told != [wanted, wanted]:
            raise fail(
                f"{me} votes {wanted}, crashes, comes back, is asked again, and has"
                f" voted {', '.join(told)} in all.",
                trace,
            )
    return "Yes, no and read, asked once and twice, before and after a crash."


# A coordinator decides ----------------------------------------------------------------


def decides(hand: Hand) -> str:
    """Judge how a coordinator counts votes and whom it tells."""
    names, rules = hand.names("decides"), hand.rules
    request, vote, told, *_ = rules.messages
    hub, (a, b, c), txn = names.coordinator, names.participants, names.txn
    calm = 0.05 + 3 / 50

    def outcome(
        trace: Trace, wanted: str, whom: list[str], before: float, why: str
    ) -> None:
        if decided(trace, hub)[:1] != [wanted] or len(set(decided(trace, hub))) != 1:
            raise fail(
                f"{why}, and {hub} decides"
                f" {' and '.join(decided(trace, hub)) or 'nothing'}, not {wanted}.",
                trace,
            )
        at = trace.facts(Decided, node=hub)[0].time
        if at > before:
            raise fail(
                f"{why}, and {hub} decides after {at:.2f} s: {before:.2f} s is enough.",
                trace,
            )
        for name in (a, b, c):
            found = [event.what.outcome for event in sent(trace, hub, told, name)]
            if name in whom and not found:
                raise fail(f"{why}, and {hub} does not tell {name}.", trace)
            if name not in whom and found:
                raise fail(
                    f"{why}, and {hub} tells {name}, which is to be left alone.", trace
                )
            if set(found) - {wanted}:
                raise fail(f"{why}, and {hub} tells {name} {found[0]}.", trace)

    trace = counting(hand, names, {a: "yes", b: "yes", c: "read"})
    if trace.facts(Began, node=hub)[:1] == () or trace.facts(Began, node=hub)[
        0
    ].what != Began(txn, (a, b, c)):
        raise fail(f"{hub} does not record Began({txn!r}, {(a, b, c)}).", trace)
    for name, changes in names.work(readers=[c])[0][1]:
        if [event.what for event in sent(trace, hub, request, name)] != [
            request(txn, changes)
        ]:
            raise fail(f"{hub} does not ask {name} once, with its changes.", trace)
    outcome(trace, COMMIT, [a, b], calm, f"{a} and {b} vote yes, {c} only reads")
    since = trace.where(kind="deliver", node=hub, what=vote)[-1].index
    if not forced_before(trace, hub, sent(trace, hub, told)[0], since):
        raise fail(f"{hub} tells of a commit before it is forced to its disk.", trace)
    refusers = [b] if rules.refusers_told else []
    outcome(
        counting(hand, names, {a: "yes", b: "no", c: "yes"}),
        ABORT,
        [a, *refusers, c],
        calm,
        f"{b} votes no",
    )
    missing = counting(hand, names, {a: "yes", b: None, c: "read"})
    late = rules.waits + SOON
    outcome(missing, ABORT, [a, b], late, f"{b}'s vote does not come")
    if missing.facts(Decided, node=hub)[0].time < rules.waits - SOON:
        raise fail(f"{hub} does not wait for {rules.waits:g} s.", missing)
    twice = counting(
        hand,
        names,
        {a: "yes", b: None, c: "yes"},
        more=[(a, 0.15, hub, vote(txn, "yes")), (b, 1.0, hub, vote(txn, "yes"))],
    )
    outcome(twice, ABORT, [a, b, c], late, f"{a}'s vote comes twice, {b}'s too late")
    everyone = counting(hand, names, {a: "read", b: "read", c: "read"})
    outcome(everyone, COMMIT, [], calm, "all only read")
    return (
        "Commit and abort, with readers, a refusal, a late vote and one that doubles."
    )


# A participant learns -----------------------------------------------------------------


def learns(hand: Hand) -> str:
    """Judge what a participant does about an outcome."""
    names, rules = hand.names("learns"), hand.rules
    request, vote, told, ack, _ = rules.messages
    me, hub, txn = names.participants[0], names.coordinator, names.txn
    writes = request(txn, names.changes(me))

    def one(outcome: str) -> Trace:
        trace = asked(
            hand,
            names,
            [(0.1, me, writes), (0.2, me, told(txn, outcome))],
            until=3.0,
        )
        if decided(trace, me) != [outcome]:
            raise fail(
                f"{me} is told {outcome}, and records"
                f" {' and '.join(decided(trace, me)) or 'no decision'}.",
                trace,
            )
        if sent(trace, me, rules.messages[4]):
            raise fail(f"{me} knows the outcome, and asks for it.", trace)
        return trace

    trace = one(rules.presumed)
    since = sent(trace, me, vote)[0].index
    if sent(trace, me, ack):
        raise fail(
            f"{me} acknowledges {rules.presumed}, which is presumed: nobody waits for"
            " that.",
            trace,
        )
    if any(event.index > since for event in trace.where(kind="force", node=me)):
        raise fail(
            f"{me} forces {rules.presumed}, which is presumed: that may be lazy.", trace
        )
    trace = one(rules.told)
    since = sent(trace, me, vote)[0].index
    if not sent(trace, me, ack, hub):
        raise fail(f"{me} is told {rules.told}, and does not acknowledge it.", trace)
    if not forced_before(trace, me, sent(trace, me, ack)[0], since):
        raise fail(
            f"{me} acknowledges {rules.told} before it is forced to its disk.", trace
        )
    again = [(at, me, told(txn, rules.told)) for at in (0.2, 0.3, 0.8)]
    trace = asked(
        hand,
        names,
        [(0.1, me, writes), *again],
        faults=[Crash(me, at=0.5), Recover(me, at=0.6)],
        until=3.0,
    )
    if len(sent(trace, me, ack, hub)) != 3:
        raise fail(
            f"{me} is told {rules.told} three times, for an acknowledgement may be"
            f" lost, and acknowledges {len(sent(trace, me, ack, hub))} times.",
            trace,
        )
    if rules.told == ABORT:
        trace = asked(
            hand,
            names,
            [(0.1, me, told(txn, ABORT)), (0.6, me, writes)],
            faults=[Crash(me, at=0.3), Recover(me, at=0.4)],
            until=0.9,
        )
        if not sent(trace, me, ack, hub):
            raise fail(
                f"{me} is told abort before it was asked, and does not acknowledge it.",
                trace,
            )
        if any(event.what.vote != "no" for event in sent(trace, me, vote)):
            raise fail(
                f"{me} has acknowledged an abort, is asked late, and votes yes: the"
                " coordinator may have forgotten, and commit would be presumed.",
                trace,
            )
    return "Either outcome, once and again, also after a crash."


# Both recover -------------------------------------------------------------------------


def recovers(hand: Hand) -> str:
    """Judge who asks, who answers, and what a restart takes up."""
    names, rules = hand.names("recovers"), hand.rules
    request, _, told, _, inquiry = rules.messages
    me, hub, txn = names.participants[0], names.coordinator, names.txn
    a, b, c = names.participants
    writes = request(txn, names.changes(me))
    late = [(0.1, me, writes), (4.0, me, told(txn, rules.presumed))]
    crash = [Crash(me, at=0.2), Recover(me, at=0.4)]
    for faults, since in (((), 0.1), (crash, 0.4)):
        trace = asked(hand, names, late, faults=faults, until=7.0)
        times = [event.time for event in sent(trace, me, inquiry, hub)]
        first = since + rules.patience + SOON
        what = "restarts" if faults else "has voted yes"
        if not times or times[0] > first:
            raise fail(f"{me} {what}, hears nothing, and does not ask.", trace)
        if len(times) < 3 or times[2] - times[1] > rules.patience + SOON:
            raise fail(f"{me} asks, hears nothing, and does not ask again.", trace)
        if times[-1] > 4.0 + SOON:
            raise fail(f"{me} knows the outcome, and still asks.", trace)
    # what a coordinator answers
    early = [(a, 0.15, hub, inquiry(txn)), (a, 1.4, hub, inquiry(txn))]
    trace = counting(hand, names, {a: "yes", b: None, c: "read"}, more=early)
    if any(event.time < rules.waits - SOON for event in sent(trace, hub, told, a)):
        raise fail(f"{hub} has not decided yet, and answers.", trace)
    answer = [event for event in sent(trace, hub, told, a) if event.time >= 1.4]
    if not answer or answer[0].time > 1.4 + SOON:
        raise fail(f"{a} asks after the abort, and {hub} does not answer.", trace)
    stranger = [(a, 1.0, hub, inquiry(names.other))]
    trace = counting(hand, names, {a: "read", b: "read", c: "read"}, more=stranger)
    answers = [event.what for event in sent(trace, hub, told, a)]
    if answers != [told(names.other, rules.presumed)]:
        raise fail(
            f"{hub} is asked about {names.other}, of which it knows nothing, and"
            f" answers {', '.join(map(repr, answers)) or 'nothing'}:"
            f" {rules.presumed} is presumed.",
            trace,
        )
    # a restart before the decision
    back = [Crash(hub, at=0.1), Recover(hub, at=0.5)]
    asks = [(a, 1.0, hub, inquiry(txn))]
    trace = counting(hand, names, {a: "yes", b: None, c: "yes"}, faults=back, more=asks)
    if len(sent(trace, hub, request, a)) > 1:
        raise fail(f"{hub} restarts, and begins {txn} anew.", trace)
    found = {event.what.outcome for event in sent(trace, hub, told, a)}
    if found != {ABORT}:
        raise fail(
            f"{hub} restarts before it has decided, is asked, and tells"
            f" {' and '.join(sorted(found)) or 'nothing'}: it can only be an abort.",
            trace,
        )
    # a restart after it
    no = "no" if rules.told == ABORT else "yes"
    back = [Crash(hub, at=0.3), Recover(hub, at=0.5)]
    trace = counting(hand, names, {a: "yes", b: "yes", c: no}, faults=back)
    again = [event for event in sent(trace, hub, told, a) if event.time >= 0.5]
    if not again or again[0].time > 0.5 + rules.resends + SOON:
        raise fail(
            f"{hub} has decided {rules.told}, restarts, and does not tell {a} again,"
            " which has not acknowledged it.",
            trace,
        )
    if {event.what.outcome for event in again} != {rules.told}:
        raise fail(f"{hub} restarts, and tells another outcome.", trace)
    return "Who is in doubt asks; who has decided answers; a restart takes it up."
