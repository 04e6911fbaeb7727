"""The checks of the lab on replication that ask what the keeper does of a write later:
what reads are told, and what is taken up again.
"""

from typing import Any

from ftlib.labs.replication import Held, Placed
from ftlib.labs.replication.hand import SOON, Hand, fail, served, within
from ftlib.labs.replication.worlds import Names
from ftlib.labs.runs import sent
from ftlib.simulation import Crash, Recover, Trace

__all__ = ["reads", "recovers"]

# What a read tells --------------------------------------------------------------------


def reads(hand: Hand) -> str:
    """Judge what the keeper answers to reads."""
    names, rules = hand.names("reads"), hand.rules
    put, _, _, copied, get, got = rules.messages
    hub, client, key, lazy = names.keeper, names.client, names.key, names.lazy

    def told(trace: Trace, ticket: str) -> list[tuple[float, str]]:
        return [
            (event.time, event.what.value)
            for event in sent(trace, hub, got, client)
            if event.what.ticket == ticket
        ]

    lines: list[Any] = [
        *((client, 0.1, get("r0", key)), (client, 0.2, put("w1", key, "v1"))),
        *((client, 0.3, get("r1", key)), (client, 0.5, get("r2", key))),
        *((client, 0.6, put("w2", key, "v2")), (client, 0.7, get("r3", key))),
        *((client, 0.75, put("w3", lazy, "v3")), (client, 0.78, get("r4", lazy))),
        (client, 0.95, get("r5", key)),
    ]
    before = served(hand, names, lines[:5], until=0.65)
    versions = [event.what.version for event in before.facts(Placed, node=hub)]
    if len(versions) < 2:
        raise fail(f"{hub} does not record that it has placed a write.", before)
    for at, version in ((0.4, versions[0]), (0.8, versions[1])):
        lines += [(name, at, copied(key, version)) for name in names.replicas]
    trace = served(hand, names, lines, until=1.05)
    wanted = {  # the ticket: when, what
        "r0": (0.1, "", "nothing was ever written"),
        "r2": (0.5, "v1", "the first write is done"),
        "r4": (0.78, "v3", "a lazy write is done when the disk has it"),
        "r5": (0.95, "v2", "the second write is done"),
    }
    if rules.waits:
        wanted["r1"] = (0.4, "v1", "it waits for the write under way")
        wanted["r3"] = (0.8, "v2", "it waits for the write under way")
    else:
        wanted["r1"] = (0.3, "", "the write under way is not done")
        wanted["r3"] = (0.7, "v1", "the write under way is not done")
    for ticket, (at, value, why) in sorted(wanted.items()):
        answers = told(trace, ticket)
        if not answers:
            raise fail(f"{ticket} is never answered: {why}.", trace)
        if any(said != value for _, said in answers):
            raise fail(
                f"{ticket} is told {answers[0][1]!r}: {why}, so that is {value!r}.",
                trace,
            )
        if not at <= answers[0][0] <= at + SOON:
            raise fail(
                f"{ticket} is answered after {answers[0][0]:.2f} s: {why}, so that is"
                f" after {at:.2f} s.",
                trace,
            )
    _read_after_restart(hand, names)
    return "Before, during and after a write, of lazy keys, and after a crash."


def _read_after_restart(hand: Hand, names: Names) -> None:
    """A keeper that comes back does not know what was done: it must not guess."""
    put, _, _, copied, get, got = hand.rules.messages
    hub, client, key = names.keeper, names.client, names.key
    for acknowledged in (True, False):
        lines: list[Any] = [(client, 0.1, put("w1", key, "v1"))]
        before = served(hand, names, lines, until=0.2)
        version = before.facts(Placed, node=hub)[0].what.version
        acks = [(name, copied(key, version)) for name in names.replicas]
        if acknowledged:
            lines += [(name, 0.2, ack) for name, ack in acks]
        lines += [(client, 0.7, get("r1", key))]
        lines += [(name, 0.9, ack) for name, ack in acks]
        faults = [Crash(hub, at=0.4), Recover(hub, at=0.5)]
        trace = served(hand, names, lines, faults=faults, until=1.1)
        answers = sent(trace, hub, got, client)
        early = [event.what.value for event in answers if event.time < 0.9]
        if acknowledged and early and early != ["v1"]:
            raise fail(
                f"'v1' was done, {hub} comes back, and tells a read {early[0]!r}.",
                trace,
            )
        if not acknowledged and "v1" in early:
            raise fail(
                f"{hub} comes back, finds 'v1' on its disk, and tells a read of it: no"
                " other rack holds it.",
                trace,
            )
        if not answers:
            raise fail(
                f"{hub} comes back, all replicas hold the row, and a read of it is"
                " never answered.",
                trace,
            )


# Both recover -------------------------------------------------------------------------


def recovers(hand: Hand) -> str:
    """Judge what is shipped again, and what a restart takes up."""
    names, rules = hand.names("recovers"), hand.rules
    put, done, copy, copied, _, _ = rules.messages
    hub, client, key, lazy = names.keeper, names.client, names.key, names.lazy
    a, b, c, d = names.replicas
    beat = rules.beat

    def answering(lines: list[Any], acks: list[Any], **given: Any) -> Trace:
        """Let replicas acknowledge what the first run has placed."""
        before = served(hand, names, lines, until=0.3)
        rows = {
            event.what.ticket: event.what for event in before.facts(Placed, node=hub)
        }
        if len(rows) < len(lines):
            raise fail(f"{hub} does not record that it has placed a write.", before)
        told = [
            (name, at, copied(rows[ticket].key, rows[ticket].version))
            for name, at, ticket in acks
        ]
        return served(hand, names, [*lines, *told, *given.pop("more", ())], **given)

    lines: list[Any] = [(client, 0.1, put("w1", key, "v1"))]
    acks: list[Any] = [(a, 0.2, "w1"), (b, 0.2, "w1"), (d, 0.2, "w1"), (c, 2.7, "w1")]
    trace = answering(lines, acks, until=5.0)
    at = [event.time for event in sent(trace, hub, copy, c)]
    if len(at) < 3 or at[1] - at[0] > beat + SOON or at[2] - at[1] > beat + SOON:
        raise fail(
            f"{c} does not say that it holds the row, and {hub} does not ship it again"
            f" every {beat:g} s.",
            trace,
        )
    if len(at) > 2 + 2.7 / beat:
        raise fail(f"{hub} ships a row more often than every {beat:g} s.", trace)
    if len(sent(trace, hub, copy, a)) > 1:
        raise fail(
            f"{a} has said that it holds the row, and {hub} ships it again.", trace
        )
    if trace.where(kind=("send", "timer"), node=hub, since=2.7 + beat + SOON):
        raise fail(f"all hold all, and {hub} goes on: timers and messages.", trace)
    # a newer version takes the place of an older
    lines = [(client, 0.1, put("w1", key, "v1")), (client, 0.15, put("w2", key, "v2"))]
    trace = answering(lines, [], until=0.2 + beat + SOON)
    old = [
        event
        for event in sent(trace, hub, copy, a)
        if event.time > 0.2 and event.what.value == "v1"
    ]
    if old:
        raise fail(f"{hub} ships an old version again: the newest is enough.", trace)
    # the keeper comes back
    lines = [(client, 0.1, put("w1", key, "v1")), (client, 0.15, put("w2", lazy, "v2"))]
    crash = [Crash(hub, at=0.35), Recover(hub, at=0.6)]
    acks = [(each, at, "w1") for each in (a, b, d) for at in (0.3, 1.5)]
    acks += [(each, 1.5, ticket) for each in (c,) for ticket in ("w1", "w2")]
    acks += [(each, 1.5, "w2") for each in (a, b, d)]
    more = [(client, at, put("w1", key, "v1")) for at in (1.8,)]
    trace = answering(lines, acks, faults=crash, more=more, until=5.0)
    for fact in (Placed, Held):
        for which in (key, lazy):
            if not [
                event
                for event in trace.facts(fact, node=hub)
                if event.time >= 0.6 and event.what.key == which
            ]:
                raise fail(
                    f"{hub} comes back, and does not record {fact.__name__} again of"
                    f" what it finds on its disk of {which!r}.",
                    trace,
                )
    for which, name, text in ((key, c, "v1"), (lazy, a, "v2")):
        again = [
            event
            for event in sent(trace, hub, copy, name)
            if 0.6 <= event.time <= 0.6 + beat + SOON and event.what.key == which
        ]
        if text not in [event.what.value for event in again]:
            raise fail(
                f"{name} has not said that it holds {which!r}; {hub} comes back, and"
                f" does not ship {text!r} again.",
                trace,
            )
    if not within(sent(trace, hub, done, client), 1.8):
        raise fail(
            f"{hub} comes back, all hold w1's row, its client asks again, and {hub}"
            " does not say that it is done.",
            trace,
        )
    if trace.where(kind=("send", "timer"), node=hub, since=1.9 + beat + SOON):
        raise fail(f"all hold all, and {hub} goes on: timers and messages.", trace)
    # the same without the answers
    trace = answering(lines[:1], acks[:0], faults=crash, more=more, until=2.5)
    if [event for event in sent(trace, hub, done, client) if event.time > 0.6]:
        raise fail(
            f"{hub} comes back, its client asks again, and it says that w1 is done:"
            " no replica has said that it holds the row.",
            trace,
        )
    return "Shipped again until all hold it, and then silent; taken up after a crash."
