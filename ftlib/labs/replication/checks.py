"""The checks of the lab on replication that try one class at a time, against nodes that
follow a script.
"""

from typing import Any

from ftlib.labs.replication import Held, Placed
from ftlib.labs.replication.hand import (
    SOON,
    Hand,
    alone,
    fail,
    held,
    served,
    within,
)
from ftlib.labs.replication.worlds import Names
from ftlib.labs.runs import forced_before, sent
from ftlib.simulation import Crash, Recover, Trace
from ftlib.simulation.values import show

__all__ = ["counts", "keeps", "places"]


# A replica keeps copies ---------------------------------------------------------------


def keeps(hand: Hand) -> str:
    """Judge how a replica takes in rows."""
    names, rules = hand.names("keeps"), hand.rules
    _, _, copy, copied, _, _ = rules.messages
    me, hub, key, other = names.replicas[0], names.keeper, names.key, names.other

    def acks(trace: Trace, which: str, since: float, soon: float = SOON) -> list[int]:
        return [
            event.what.version
            for event in within(sent(trace, me, copied, hub), since, soon)
            if event.what.key == which
        ]

    first = (hub, 0.1, copy(key, 1, "v1"))
    trace = alone(hand, names, [first, (hub, 0.2, copy(key, 1, "v1"))])
    told = sent(trace, me, copied, hub)
    if not told or told[0].what != copied(key, 1):
        raise fail(
            f"{me} gets version 1 of {key!r}, and does not say that it holds it.", trace
        )
    if not forced_before(trace, me, told[0]):
        raise fail(f"{me} says that it holds a row before its disk is forced.", trace)
    written = trace.where(kind="write", node=me)
    if not any("v1" in show(event.what) for event in written):
        raise fail(f"{me} does not write what {key!r} holds to its disk.", trace)
    if held(trace, me, key)[:1] != [1]:
        raise fail(f"{me} does not record Held({key!r}, 1).", trace)
    if trace.facts(Held, node=me)[0].index > told[0].index:
        raise fail(f"{me} records Held after it has told of it.", trace)
    if not acks(trace, key, 0.2):
        raise fail(
            f"{me} gets a row a second time, for its answer may have been lost, and"
            " does not answer.",
            trace,
        )
    if len(trace.where(kind="force", node=me)) > 1:
        raise fail(f"{me} holds the row already, and forces its disk again.", trace)
    lines = [
        *((hub, 0.1, copy(key, 4, "v4")), (hub, 0.2, copy(key, 2, "v2"))),
        *((hub, 0.3, copy(other, 1, "w1")), (hub, 0.7, copy(key, 3, "v3"))),
        (hub, 0.8, copy(key, 5, "v5")),
    ]
    faults = [Crash(me, at=0.5), Recover(me, at=0.6)]
    trace = alone(hand, names, lines, faults=faults)
    for before, at in ((2, 0.2), (3, 0.7)):
        found = acks(trace, key, at)
        if not found or min(found) < before:
            raise fail(
                f"{me} holds version 4 of {key!r}, gets version {before} late, and does"
                " not say that it holds that or a newer one.",
                trace,
            )
    again = _since(trace, me, key, 0.6, 0.65)
    if again and max(again) != 4:
        raise fail(
            f"{me} held version 4 of {key!r}, comes back, and holds version"
            f" {max(again)}.",
            trace,
        )
    if not again:
        raise fail(
            f"{me} comes back, and does not record what it finds on its disk:"
            f" Held({key!r}, 4).",
            trace,
        )
    early, after = (_since(trace, me, key, *span) for span in ((0, 0.5), (0.65, 1)))
    if early != [4] or after[:1] == [3]:
        raise fail(f"{me} lets an older version of {key!r} replace a newer.", trace)
    if held(trace, me, other)[:1] != [1] or not acks(trace, other, 0.3):
        raise fail(
            f"{me} gets version 1 of {other!r}, and does not hold it: each key has"
            " versions of its own.",
            trace,
        )
    if held(trace, me, key)[-1:] != [5] or acks(trace, key, 0.8) != [5]:
        raise fail(f"{me} comes back, gets version 5, and does not hold it.", trace)
    return (
        "New rows, doubled ones and late ones, of two keys, before and after a crash."
    )


def _since(trace: Trace, node: str, key: str, since: float, until: float) -> list[int]:
    return [
        event.what.version
        for event in trace.facts(Held, node=node)
        if event.what.key == key and since <= event.time <= until
    ]


# The keeper gives a write its place ---------------------------------------------------


def places(hand: Hand) -> str:
    """Judge how the keeper gives writes their versions, and ships them."""
    names, rules = hand.names("places"), hand.rules
    put, done, copy, *_ = rules.messages
    hub, client, key, lazy = names.keeper, names.client, names.key, names.lazy

    def placed(trace: Trace) -> dict[str, Placed]:
        found: dict[str, Placed] = {}
        for event in trace.facts(Placed, node=hub):
            ticket = event.what.ticket
            if found.setdefault(ticket, event.what) != event.what:
                raise fail(
                    f"{ticket} is placed twice, as version {found[ticket].version} and"
                    f" as version {event.what.version}.",
                    trace,
                )
        return found

    lines = [
        *((client, 0.1, put("w1", key, "v1")), (client, 0.2, put("w2", key, "v2"))),
        *(
            (client, 0.3, put("w1", key, "v1")),
            (client, 0.34, put("w3", names.other, "x")),
        ),
    ]
    trace = served(hand, names, lines, until=0.38)
    found = placed(trace)
    if "w1" not in found or found["w1"].key != key:
        raise fail(f"{hub} does not record Placed('w1', {key!r}, ...).", trace)
    for ticket, text, at in (("w1", "v1", 0.1), ("w2", "v2", 0.2)):
        if ticket not in found:
            raise fail(f"{hub} is asked to write {ticket}, and places it not.", trace)
        row = copy(key, found[ticket].version, text)
        for name in names.replicas:
            rows = [event.what for event in within(sent(trace, hub, copy, name), at)]
            if row not in rows:
                raise fail(f"{hub} does not ship {row} to {name} at once.", trace)
        event = within(sent(trace, hub, copy), at)[0]
        since = max(
            each.index for each in trace.where(kind="deliver", node=hub, what=put)
            if each.index < event.index
        )  # fmt: skip
        if not forced_before(trace, hub, event, since):
            raise fail(f"{hub} ships a row before its own disk is forced.", trace)
        if found[ticket].version not in held(trace, hub, key):
            raise fail(f"{hub} does not record that it holds {ticket}'s row.", trace)
    if found["w2"].version <= found["w1"].version:
        raise fail("the second write of a key has no higher version.", trace)
    if sent(trace, hub, done):
        raise fail(f"nobody has answered yet, and {hub} says that it is done.", trace)
    if "w3" not in found:
        raise fail(f"{hub} places no write of a second key.", trace)
    asked = ((0.1, "w1"), (0.15, "w2"), (0.7, "w2"), (0.8, "w3"))
    lines = [(client, at, put(ticket, key, f"of {ticket}")) for at, ticket in asked]
    faults = [Crash(hub, at=0.3), Recover(hub, at=0.5)]
    trace = served(hand, names, lines, faults=faults)
    found = placed(trace)
    if "w3" not in found or found["w3"].version <= found["w2"].version:
        raise fail(f"{hub} comes back, and does not count on from where it was.", trace)
    # lazy
    lines = [(client, 0.1 + 0.03 * n, put(f"w{n}", lazy, f"v{n}")) for n in range(3)]
    trace = served(hand, names, lines, until=0.1 + rules.beat + 2 * SOON)
    found = placed(trace)
    for ticket in ("w0", "w1", "w2"):
        if ticket not in found:
            raise fail(f"{hub} is asked to write {ticket}, and places it not.", trace)
    early = within(sent(trace, hub, copy), 0.1, 0.1)
    if early:
        raise fail(
            f"{lazy!r} is lazy, and {hub} ships it at once: there is time until the"
            " next beat.",
            trace,
        )
    for name in names.replicas:
        rows = [event.what for event in sent(trace, hub, copy, name)]
        newest = copy(lazy, found["w2"].version, "v2")
        if newest not in rows:
            raise fail(
                f"{rules.beat:g} s are over, and {hub} has not shipped what {lazy!r}"
                f" holds to {name}.",
                trace,
            )
        if len(rows) > 1:
            raise fail(
                f"{lazy!r} is lazy and was written three times, and {hub} ships"
                f" {len(rows)} rows to {name}: the newest is enough.",
                trace,
            )
    return "A place for each ticket, once, forced and shipped; lazy ones at the beat."


# When a write is done -----------------------------------------------------------------


def counts(hand: Hand) -> str:
    """Judge when the keeper says that a write is done."""
    names, rules = hand.names("counts"), hand.rules
    put, done, _, copied, _, _ = rules.messages
    hub, client, key = names.keeper, names.client, names.key
    a, b, c, d = names.replicas
    rack = dict(names.places)

    def acked(
        which: str,
        order: list[tuple[str, int]],
        writes: int = 1,
    ) -> Trace:
        """Let replicas acknowledge versions, one each 0.1 s from 0.4 s on."""
        lines: list[Any] = [
            (client, 0.1 + n / 10, put(f"w{n + 1}", which, f"v{n + 1}"))
            for n in range(writes)
        ]
        before = served(hand, names, lines, until=0.35)
        versions = [event.what.version for event in before.facts(Placed, node=hub)]
        if len(versions) < writes:
            raise fail(f"{hub} does not record that it has placed a write.", before)
        lines += [
            (name, 0.4 + n / 10, copied(which, versions[number - 1]))
            for n, (name, number) in enumerate(order)
        ]
        return served(hand, names, lines, until=0.45 + len(order) / 10)

    def times(trace: Trace, ticket: str) -> list[float]:
        return [
            event.time
            for event in sent(trace, hub, done, client)
            if event.what.ticket == ticket
        ]

    def judged(which: str, order: list[str]) -> None:
        trace = acked(which, [(name, 1) for name in order])
        told = times(trace, "w1")
        racks = [
            sorted(
                {rack[name] for name in order[: size + 1]}
                | ({rack[hub]} if rules.own else set())
            )
            for size in range(len(order))
        ]
        enough = [size for size, each in enumerate(racks) if len(each) >= rules.racks]
        due = 0.4 + enough[0] / 10 if enough else None
        early = [at for at in told if due is None or at < due]
        at = early[0] if early else due
        if at is None:
            return
        size = max(0, int((at - 0.4) * 10 + 1e-6))
        where = (
            f"{', '.join(order[: size + 1])} said that they hold it, so of the racks"
        )
        where += f" that count {len(racks[size])} do ({', '.join(racks[size])})"
        if early:
            if at < 0.4:
                where = "no replica has said that it holds it"
            raise fail(f"{where}, and {hub} says that it is done.", trace)
        if not [each for each in told if each <= at + SOON]:
            raise fail(f"{where}, and {hub} does not say that it is done.", trace)
        if len(told) > 1:
            raise fail(f"{hub} says {len(told)} times that w1 is done.", trace)

    for order in (
        *(
            [a, b],
            [b, a],
            [b, c],
            [a, b, d],
            [b, b, d],
            [c, b, d],
            [d, a, b],
            [a, a, b],
        ),
        [c, d],
    ):
        judged(key, order)
    judged(names.other, [b, c, a, d])
    # versions
    trace = acked(key, [(a, 1), (b, 1), (d, 1)], writes=2)
    if not times(trace, "w1"):
        raise fail(
            f"all hold version 1, and {hub} does not say that w1 is done.", trace
        )
    if times(trace, "w2"):
        raise fail(f"all hold version 1, and {hub} says that w2 is done.", trace)
    trace = acked(key, [(a, 2), (b, 2), (d, 2)], writes=2)
    if not times(trace, "w2"):
        raise fail(
            f"all hold version 2, and {hub} does not say that w2 is done.", trace
        )
    if not times(trace, "w1"):
        raise fail(
            f"all hold version 2, which is newer, and {hub} does not say that w1 is"
            " done: nobody needs its copies any more.",
            trace,
        )
    _again(hand, names)
    return (
        "Racks and not copies, whichever come first; old versions and new; lazy keys."
    )


def _again(hand: Hand, names: Names) -> None:
    """Judge what a client is told that asks again, and a lazy write."""
    put, done, _, copied, _, _ = hand.rules.messages
    hub, client, key = names.keeper, names.client, names.key
    lines: list[Any] = [(client, at, put("w1", key, "v1")) for at in (0.1, 0.6)]
    before = served(hand, names, lines[:1], until=0.2)
    version = before.facts(Placed, node=hub)[0].what.version
    lines += [(name, 0.3, copied(key, version)) for name in names.replicas]
    trace = served(hand, names, lines)
    if not within(sent(trace, hub, done, client), 0.6):
        raise fail(
            f"w1 is done, its client asks again, for the answer may have been lost, and"
            f" {hub} does not answer.",
            trace,
        )
    trace = served(hand, names, [(client, 0.1, put("w1", names.lazy, "v1"))], until=0.2)
    told = sent(trace, hub, done, client)
    if not told:
        raise fail(
            f"{names.lazy!r} is lazy, and {hub} does not say at once that it is done.",
            trace,
        )
    if not forced_before(trace, hub, told[0]):
        raise fail(
            f"{hub} says that a lazy write is done before its own disk is forced.",
            trace,
        )
