"""The checks of the lab on consistent hashing about what a door knows, and about the
first home of a key.
"""

from itertools import permutations
from typing import Any

from ftlib.labs.consistent_hashing.hand import (
    STEP,
    Hand,
    Homes,
    counted,
    fail,
    homes,
    read,
    shown,
    spoken,
)
from ftlib.labs.consistent_hashing.worlds import (
    LAYOUTS,
    Names,
    Server,
    floor,
    keys,
)
from ftlib.labs.runs import forced_before, sent
from ftlib.simulation import Crash, Point, Recover

__all__ = ["hears", "moves", "returns", "shares"]

MANY, SOME = 3000, 200
# what is right is left alone: by more than four standard deviations
FAR, FEW = 0.4, 12

# What it has heard --------------------------------------------------------------------


def hears(hand: Hand) -> str:
    """Judge whether a door keeps the newest news, in whatever order they come."""
    names, rules = hand.names("hears"), hand.rules
    _, where, kind, *_ = rules.messages
    h, (a, b, c, d, *_) = names.halls, names.servers
    asked = keys(names, 12)
    stories = {
        "joins, dies and joins again": [
            Server(a, h[0], "r1", 1, 1),
            Server(a, h[0], "r1", 0, 2),
            Server(a, h[0], "r1", 2, 3),
        ],
        "dies": [Server(b, h[1], "r1", 2, 4), Server(b, h[1], "r1", 0, 5)],
        "has two news of one version": [
            Server(c, h[1], "r2", 0, 3),
            Server(c, h[1], "r2", 3, 3),
        ],
    }
    sign = 1 if rules.ties == "heavier" else -1
    rest = Server(d, h[2], "r1", 1, 1)
    count = 0
    for what, story in stories.items():
        last = max(story, key=lambda it: (it.version, it.weight * sign))
        alive = [rest.name] + ([last.name] if last.weight else [])
        for order in permutations([*story, rest]):
            for told in (order, (*order, *order[:2])):
                news = [hand.news(each) for each in told]
                trace = spoken(hand, names, [*news, where(asked)])
                answers = sent(trace, names.door, kind, names.asker)
                found = answers[0].what.homes if len(answers) == 1 else None
                if not _all_on(found, alive, len(asked)):
                    raise shown(
                        f"{last.name} {what}, and {names.door} is to say that each key"
                        f" is kept on {' and '.join(alive)}, in some order.",
                        trace,
                    )
                count += 1
    servers = names.servers_of(LAYOUTS["two halls"])
    first = homes(hand, names, servers, asked)
    for order in (servers[::-1], (*servers[2:], *servers[:2])):
        if homes(hand, names, order, asked) != first:
            raise fail(
                "two doors have heard the same in another order, and do not agree.",
                floor(servers, {}, "What both have heard of."),
            )
    return f"{count} orders in which news come, with doubles and ties."


def _all_on(found: Any, alive: list[str], count: int) -> bool:
    """Whether an answer names these servers for each of so many keys."""
    return (
        isinstance(found, tuple)
        and len(found) == count
        and all(sorted(map(str, each)) == sorted(alive) for each in found)
    )


# The first home -----------------------------------------------------------------------


def shares(hand: Hand) -> str:
    """Judge whether each server is the first home of its share."""
    names = hand.names("shares")
    asked = keys(names, MANY)
    for layout in ("three halls", "one rack"):
        servers = names.servers_of(LAYOUTS[layout])
        found = homes(hand, names, servers, asked)
        _shares(servers, found)
    parts = homes(hand, names, servers, asked[5:8])
    if any(parts[key] != found[key] for key in parts):
        raise fail(
            "asked about three keys instead of many, it answers otherwise.",
            floor(servers, {}, "The servers."),
        )
    return f"{MANY:,} keys on two floors, by weight."


def _shares(servers: tuple[Server, ...], found: Homes) -> None:
    count, weights = counted(found), sum(each.weight for each in servers)
    due = {each.name: len(found) * each.weight / weights for each in servers}
    for name, share in due.items():
        has = count.get(name, 0)
        if abs(has - share) > FAR * share:
            notes = {each: f"{count.get(each, 0)} of {due[each]:.0f}" for each in due}
            raise fail(
                f"{name} is the first home of {has} of {len(found):,} keys, and its"
                f" share is {share:.0f}.",
                floor(servers, notes, "First homes, and their share.", [name]),
            )


def moves(hand: Hand) -> str:
    """Judge which first homes change with the servers: no more than must."""
    names = hand.names("moves")
    asked = keys(names, SOME)
    servers = names.servers_of(LAYOUTS["three halls"])
    before = homes(hand, names, servers, asked)
    tried = 0
    for at, each in enumerate(servers):
        for weight in sorted({0, each.weight - 1, each.weight + 1}):
            changed = (*servers[:at], each.with_weight(weight), *servers[at + 1 :])
            after = homes(hand, names, changed, asked)
            _moved(names, servers, each, weight, before, after)
            tried += 1
    return f"{tried} changes, with {SOME} keys each: nothing moves without need."


def _moved(
    names: Names,
    servers: tuple[Server, ...],
    changed: Server,
    weight: int,
    before: Homes,
    after: Homes,
) -> None:
    """Raise if a first home moves otherwise than to or from the server that changed."""
    what = "dies"
    if weight:
        what = f"changes its weight from {changed.weight} to {weight}"
    more = weight > changed.weight
    gained = False
    for key in before:
        old, new = before[key][0], after[key][0]
        if old == new:
            continue
        gained = True
        if (new if more else old) != changed.name:
            notes = {old: "its first home before", new: "its first home after"}
            raise fail(
                f"{changed.name} {what}, and the first home of {key!r} moves from {old}"
                f" to {new}: it need not.",
                floor(servers, notes, f"{changed.name} {what}.", [changed.name]),
            )
    total = sum(each.weight for each in servers)
    share = abs(weight / (total - changed.weight + weight) - changed.weight / total)
    if not gained and share * len(before) > FEW:
        raise fail(
            f"{changed.name} {what}, and of {len(before)} keys none moves:"
            f" {share * len(before):.0f} would be its share.",
            floor(servers, {}, f"{changed.name} {what}.", [changed.name]),
        )


# A door that comes back ---------------------------------------------------------------


def returns(hand: Hand) -> str:
    """Judge whether a door that has answered answers alike when it comes back."""
    names, rules = hand.names("returns"), hand.rules
    me = names.door
    _, where, kind, _, _, suppose, _ = rules.messages
    servers = names.servers_of(LAYOUTS["two halls"])
    dead = servers[0].with_weight(0)
    asked = keys(names, 10)
    news = [hand.news(each) for each in (*servers, dead)]
    old = [hand.news(servers[0]), hand.news(dead)]
    more = suppose(hand.news(servers[1].with_weight(5)), asked)
    calm = spoken(hand, names, [*news, where(asked), *old, more, where(asked)])
    forces = calm.where(kind="force", node=me)
    answers = sent(calm, me, kind)
    if not answers or not forced_before(calm, me, answers[0]):
        raise shown(f"{me} answers, and what it rests on is not on its disk.", calm)
    if len(forces) > len(news):
        raise shown(
            f"{me} hears {len(news)} news that are new, and forces its disk"
            f" {len(forces)} times.",
            calm,
        )
    lines, gap = [*news, where(asked), where(asked)], len(news) + 1
    later = round(STEP * (len(lines) + 1) + 0.2, 3)
    between = [Crash(me, at=later)]
    back = [Recover(me, at=Point(me, "crash", nth=nth, later=0.004)) for nth in (1, 2)]
    schedules = [between]
    for nth in range(1, gap + 1):
        for after in range(4):
            point = Point(me, "deliver", nth=nth)
            for keeps in (0, 1) if after else (0,):
                crash = Crash(me, at=point, after=after, keeps=keeps)
                schedules.append([crash, *between])
    for crashes in schedules:
        faults = [*crashes, *back]
        trace = spoken(hand, names, lines, faults, pauses={gap: 0.5})
        told = [event.what.homes for event in sent(trace, me, kind)]
        if not told:
            raise shown(f"{me} comes back, and answers nothing.", trace, faults)
        if any(each != told[0] for each in told):
            raise shown(
                f"{me} answers, crashes, comes back, and answers otherwise, though it"
                " has heard nothing else.",
                trace,
                faults,
            )
        if crashes is between:
            read(names, (dead, *servers[1:]), asked, told[-1])
    return f"{len(schedules)} crashes while it hears, and after it has answered."
