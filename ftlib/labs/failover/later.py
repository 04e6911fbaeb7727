"""The checks of the lab on failover that ask what a server does for its clients and for
its operator.
"""

from typing import Any

from ftlib.labs.failover import Acts, Stops
from ftlib.labs.failover.hand import SOON, Hand, acted, fail, spans, tried
from ftlib.labs.failover.worlds import Wrote, watch
from ftlib.labs.runs import sent
from ftlib.simulation import Cut, Heal, Slow

__all__ = ["leaves", "serves"]


# It serves ----------------------------------------------------------------------------


def serves(hand: Hand) -> str:
    """Judge what a server does with what clients ask."""
    names, rules = hand.names("serves"), hand.rules
    *_, ask, done, elsewhere, apply, applied, _, _ = rules.messages
    me, client, storage = names.first, names.client, names.storage
    lines: list[Any] = [(0.5, me, ask("t1")), (0.9, me, ask("t1"))]
    faults = [Slow((storage, me), by=0.2)]
    trace = tried(hand, names, lines=lines, faults=faults, until=1.5)
    acts = trace.facts(Acts, node=me)
    if not acts:
        raise fail(f"the row is free, and {me} does not act.", trace)
    wanted = apply(acts[0].what.epoch, "t1")
    told = sent(trace, me, apply, storage)
    if not told or told[0].what != wanted:
        raise fail(f"{me} acts, is asked for t1, and does not send {wanted}.", trace)
    heard = trace.where(kind="deliver", node=me, what=applied)[0].index
    answers = sent(trace, me, done, client)
    if not answers:
        raise fail(f"{storage} has done t1, and {me} does not tell {client}.", trace)
    if answers[0].index < heard:
        raise fail(f"{me} says that t1 is done before {storage} says so.", trace)
    if len(answers) < 2:
        raise fail(
            f"{client} asks for t1 again, for the answer may have been lost, and {me}"
            " does not answer.",
            trace,
        )
    # who does not act
    lines = [(0.9, me, ask("t1"))]
    faults = [Slow((me, names.witness), by=0.05, until=0.2)]
    trace = tried(hand, names, rival=[0.0], lines=lines, faults=faults, until=1.0)
    if sent(trace, me, apply):
        raise fail(f"{names.second} holds the row, and {me} serves a client.", trace)
    found = [event.what for event in sent(trace, me, elsewhere, client)]
    due = [elsewhere("t1", names.second)] if rules.tells else []
    if found != due:
        raise fail(
            f"{names.second} holds the row, {me} is asked, and answers"
            f" {', '.join(map(repr, found)) or 'nothing'}: by these rules that is"
            f" {', '.join(map(repr, due)) or 'nothing'}.",
            trace,
        )
    if sent(trace, me, done):
        raise fail(f"{me} does not act, and says that t1 is done.", trace)
    # the storage has seen a later epoch
    lines = [(0.6, storage, apply(900, "x")), (0.9, me, ask("t2"))]
    trace = tried(hand, names, lines=lines, until=1.1)
    if not [event for event in trace.facts(Stops, node=me) if event.time >= 0.9]:
        raise fail(
            f"{storage} refuses what {me} asks for, because there was a later epoch,"
            f" and {me} does not stop.",
            trace,
        )
    if sent(trace, me, done):
        raise fail(f"{storage} refuses t2, and {me} says that it is done.", trace)
    return "As the one who acts, as the other, and as one who is refused."


# It hands over ------------------------------------------------------------------------


def leaves(hand: Hand) -> str:
    """Judge what a server does when it is to let the other one act."""
    names, rules = hand.names("leaves"), hand.rules
    swap, leave = rules.messages[2], rules.messages[9]
    me, witness, beat = names.first, names.witness, rules.beat
    lines = [(1.0, me, leave())]

    def freed(trace: Any) -> float | None:
        rows = [event for event in trace.facts(Wrote) if not event.what.holder]
        return next((event.time for event in rows), None)

    until = 1.0 + watch(rules) + 4 * beat
    trace = tried(hand, names, lines=lines, until=until)
    stops = [event.time for event in trace.facts(Stops, node=me)]
    if not stops or stops[0] > 1.0 + SOON:
        raise fail(f"{me} is to hand over, and does not stop.", trace)
    if freed(trace) is None or (freed(trace) or 0) > 1.0 + SOON:
        raise fail(f"{me} is to hand over, and does not free the row.", trace)
    again = acted(trace, me, stops[0])
    if again is not None and again < 1.0 + watch(rules) - 0.01:
        raise fail(
            f"{me} has handed over, and takes the row itself at {again:.2f} s, before"
            f" the other had {watch(rules):.2f} s to do so.",
            trace,
        )
    if again is None:
        raise fail(
            f"{me} has handed over, nobody takes the row for {watch(rules):.2f} s, and"
            f" {me} does not either.",
            trace,
        )
    # the question is lost
    heal = 1.0 + beat / 2
    faults = [Cut(me, witness, at=0.99), Heal(at=heal)]
    trace = tried(hand, names, lines=lines, faults=faults, until=heal + 2 * beat)
    if any(until > 1.0 + SOON for _, until, _ in spans(trace, me)):
        raise fail(f"{me} is to hand over, cannot free the row, and acts.", trace)
    at = freed(trace)
    if at is None or at > heal + beat + SOON:
        raise fail(
            f"{me} is to hand over, its question is lost, and it does not free the row"
            " with the next beat.",
            trace,
        )
    # the other takes it
    trace = tried(hand, names, lines=lines, rival=[1.2], until=1.2 + watch(rules) - 0.1)
    if any(until > 1.0 + SOON for _, until, _ in spans(trace, me)):
        raise fail(f"{names.second} has taken over, and {me} acts.", trace)
    # it does not act
    faults = [Slow((me, witness), by=0.05, until=0.2)]
    times = [beat * n for n in range(5)]
    trace = tried(hand, names, lines=lines, rival=times, faults=faults, until=1.3)
    late = [event for event in sent(trace, me, swap) if event.time >= 1.0]
    if late:
        raise fail(
            f"{me} does not act, is to hand over, and asks {witness} for a row.", trace
        )
    return "At once, also if a message is lost; the other one takes it, or nobody does."
