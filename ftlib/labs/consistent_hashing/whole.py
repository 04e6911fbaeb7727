"""The checks of the lab on consistent hashing about all copies of a key; and all
checks, in order.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ftlib.labs.check import Check
from ftlib.labs.consistent_hashing import COPIES, Rules
from ftlib.labs.consistent_hashing.checks import hears, moves, returns, shares
from ftlib.labs.consistent_hashing.hand import (
    Hand,
    Homes,
    counted,
    fail,
    homes,
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
from ftlib.labs.runs import sent

__all__ = ["CHECKS", "wishes"]

Wish = tuple[str, Callable[[Server], bool]]
PLACES = ("first", "second", "third")
SOME = 200
ENOUGH = 40  # keys, so that a third of that is no accident

# Apart --------------------------------------------------------------------------------


def wishes(rules: Rules, chosen: Sequence[Server]) -> tuple[Wish, ...]:
    """Return what is wished of the next home, the dearest wish first."""
    halls = {each.hall for each in chosen}
    racks = {each.at for each in chosen}
    apart: Wish = ("in another rack", lambda each: each.at not in racks)
    anyone: Wish = ("on another server", lambda each: True)
    if not chosen:
        return (anyone,)
    if (len(chosen) == 1) == (rules.pair == "first"):
        hall = chosen[-1].hall
        near: Wish = (
            f"in hall {hall}, in another rack",
            lambda each: each.hall == hall and each.at not in racks,
        )
        return near, apart, anyone
    far: Wish = ("in another hall", lambda each: each.hall not in halls)
    return far, apart, anyone


def apart(hand: Hand) -> str:
    """Judge in which racks and halls the copies are, and that they are spread."""
    names, rules = hand.names("apart"), hand.rules
    for layout in LAYOUTS.values():
        servers = names.servers_of(layout)
        asked = keys(names, SOME)
        found = homes(hand, names, servers, asked)
        known = {each.name: each for each in servers}
        for key, each in found.items():
            _apart(rules, servers, key, [known[name] for name in each])
    servers = names.servers_of(LAYOUTS["three halls"])
    _spread(rules, servers, homes(hand, names, servers, keys(names, 10 * SOME)))
    return f"{len(LAYOUTS)} floors, from one server to nine, with {SOME} keys each."


def _apart(
    rules: Rules, servers: Sequence[Server], key: str, chosen: list[Server]
) -> None:
    for place in range(1, len(chosen)):
        before, it = chosen[:place], chosen[place]
        left = [each for each in servers if each not in before]
        words, wish = next(
            wish for wish in wishes(rules, before) if any(map(wish[1], left))
        )
        if not wish(it):
            notes = {
                each.name: f"{where} home"
                for each, where in zip(chosen, PLACES, strict=False)
            }
            raise fail(
                f"the {PLACES[place]} home of {key!r} is to be {words}, and is"
                f" {it.name}, in hall {it.hall} and rack {it.rack}.",
                floor(servers, notes, f"The homes of {key!r}.", [it.name]),
            )


def _spread(rules: Rules, servers: Sequence[Server], found: Homes) -> None:
    """Raise if the keys of one server have their other copies on a few servers only."""
    known = {each.name: each for each in servers}
    for place in range(1, COPIES):
        for first in servers:
            mine = {key: each for key, each in found.items() if each[0] == first.name}
            before = [[known[name] for name in each[:place]] for each in mine.values()]
            count = counted(mine, place)
            for other in servers:
                due = sum(_chance(rules, servers, each, other) for each in before)
                if due > ENOUGH and count.get(other.name, 0) < due / 3:
                    notes = {name: f"{many} of them" for name, many in count.items()}
                    title = f"The {PLACES[place]} home of {len(mine)} keys."
                    raise fail(
                        f"of {len(mine)} keys whose first home is {first.name},"
                        f" {other.name} is the {PLACES[place]} home of"
                        f" {count.get(other.name, 0)}, and others of more than their"
                        f" share, which is {due:.0f}: if {first.name} dies, they have"
                        " its whole work.",
                        floor(servers, notes, title, [other.name]),
                    )


def _chance(
    rules: Rules, servers: Sequence[Server], chosen: list[Server], other: Server
) -> float:
    """Return how probable a server is as the next home, were it chosen by weight."""
    left = [each for each in servers if each not in chosen]
    _, wish = next(wish for wish in wishes(rules, chosen) if any(map(wish[1], left)))
    able = [each for each in left if wish(each)]
    return other.weight / sum(each.weight for each in able) if other in able else 0.0


# Steady -------------------------------------------------------------------------------


def steady(hand: Hand) -> str:
    """Judge which copies move when servers join, die, or change their weight."""
    names = hand.names("steady")
    asked = keys(names, SOME // 2)
    tried = 0
    for layout in ("three halls", "a hall with one rack", "one hall"):
        servers = names.servers_of(LAYOUTS[layout])
        before = homes(hand, names, servers, asked)
        for at, each in enumerate(servers):
            for weight in (0, each.weight + 2):
                now = (*servers[:at], each.with_weight(weight), *servers[at + 1 :])
                after = homes(hand, names, now, asked)
                _steady(servers, each.name, weight, before, after)
                tried += 1
    return f"{tried} changes: no copy moves that need not."


def _steady(
    servers: tuple[Server, ...], changed: str, weight: int, before: Homes, after: Homes
) -> None:
    what = f"{changed} becomes heavier" if weight else f"{changed} dies"
    for key, old in before.items():
        new = after[key]
        if new == old or changed in (new if weight else old):
            continue
        notes = dict.fromkeys(old, "before")
        notes |= {name: "before and after" if name in old else "after" for name in new}
        has = "gets no copy" if weight else "had none"
        raise fail(
            f"{what}, and the homes of {key!r} change from {', '.join(old)} to"
            f" {', '.join(new)}, though {changed} {has}.",
            floor(servers, notes, f"{what}.", [changed]),
        )


# Full ---------------------------------------------------------------------------------


def fills(hand: Hand) -> str:
    """Judge who gets a key whose first home is full."""
    names, rules = hand.names("fills"), hand.rules
    kinds = rules.messages
    for layout, count in (("three halls", 90), ("two halls", 40), ("one rack", 7)):
        servers = names.servers_of(LAYOUTS[layout])
        asked = keys(names, count)
        news = [hand.news(each) for each in servers]
        trace = spoken(hand, names, [*news, kinds[3](asked), kinds[3](asked[::-1])])
        answers = sent(trace, names.door, kinds[4], names.asker)
        if len(answers) != 2:
            raise shown(
                f"{names.door} is asked twice to give keys their servers, and answers"
                f" {len(answers)} times.",
                trace,
            )
        for order, answer in zip((asked, asked[::-1]), answers, strict=True):
            _filled(hand, names, servers, order, answer.what.servers)
    return "90, 40 and 7 keys, in two orders: each where it would be without the full."


def _filled(
    hand: Hand,
    names: Names,
    servers: tuple[Server, ...],
    asked: Sequence[str],
    given: object,
) -> None:
    places = given if isinstance(given, tuple | list) else ()
    if len(places) != len(asked):
        why = f"{len(asked)} keys are to have a server each, and {len(places)} have."
        raise fail(why, floor(servers, {}, "The servers."))
    weights = sum(each.weight for each in servers)
    most = {
        each.name: hand.rules.most(len(asked), each.weight, weights) for each in servers
    }
    has = dict.fromkeys(most, 0)
    known: dict[frozenset[str], Homes] = {}
    for number, (key, it) in enumerate(zip(asked, places, strict=True)):
        full = frozenset(name for name in most if has[name] >= most[name])
        if full not in known:
            now = [s.with_weight(0) if s.name in full else s for s in servers]
            known[full] = homes(hand, names, now, asked)
        due = known[full][key][0]
        if it != due:
            notes = {n: f"{count} of {most[n]}" for n, count in has.items()}
            raise fail(
                f"the key number {number + 1}, {key!r}, goes to {it}: it belongs on"
                f" {due}, the first home among those that are not full.",
                floor(servers, notes, "What each has by then, of what it may.", [due]),
            )
        has[due] += 1


# What is copied -----------------------------------------------------------------------


def copies(hand: Hand) -> str:
    """Judge what is said to be copied if some news came."""
    names, rules = hand.names("copies"), hand.rules
    _, where, kind, _, _, suppose, said = rules.messages
    asked = keys(names, 60)
    servers = names.servers_of(LAYOUTS["three halls"])
    before = homes(hand, names, servers, asked)
    new = Server(names.servers[9], names.halls[1], "r3", 3)
    changes = [new, *(each.with_weight(0) for each in servers[:5])]
    changes += [servers[6].with_weight(4), servers[2]]
    changes += [replace(each, weight=5, version=0) for each in servers[3:5]]
    for each in changes:
        now = [
            *(old for old in servers if old.name != each.name or not each.version),
            *([each] if each.version else []),
        ]
        after = homes(hand, names, now, asked)
        news = [hand.news(one) for one in servers]
        question = suppose(hand.news(each), asked)
        trace = spoken(hand, names, [*news, question, where(asked)])
        answers = sent(trace, names.door, said, names.asker)
        if len(answers) != 1:
            why = f"{names.door} is asked what would be copied, and answers"
            raise shown(f"{why} {len(answers)} times.", trace)
        _copied(rules, now, before, after, answers[0].what.copies, each)
        still = sent(trace, names.door, kind, names.asker)
        if not still or dict(zip(asked, still[-1].what.homes, strict=False)) != before:
            why = "asked what would be, it takes the news for true."
            raise shown(why, trace)
    return f"{len(changes)} news that might come, with {len(asked)} keys each."


def _copied(
    rules: Rules,
    servers: Sequence[Server],
    before: Homes,
    after: Homes,
    answer: object,
    news: Server,
) -> None:
    lists = answer if isinstance(answer, tuple | list) else ()
    if len(lists) != len(before):
        why = f"what is to be copied is asked of {len(before)} keys, and said of"
        raise fail(f"{why} {len(lists)}.", floor(servers, {}, "The servers then."))
    known = {each.name: each for each in servers}
    for (key, old), found in zip(before.items(), lists, strict=True):
        alive = [name for name in old if known[name].weight]
        due = []
        for to in after[key]:
            if to in old:
                continue
            near = [name for name in alive if known[name].hall == known[to].hall]
            due.append(((near if rules.source == "near" and near else alive)[0], to))
        told = found if isinstance(found, tuple | list) else (found,)
        if sorted(map(repr, told)) != sorted(map(repr, due)):
            notes = {name: f"{PLACES[at]} home before" for at, name in enumerate(old)}
            for name in after[key]:
                notes[name] = f"{notes[name]}, and after" if name in old else "after"
            raise fail(
                f"if {news.name} had weight {news.weight}, {_pairs(due)} would be"
                f" copied of {key!r}, and it says {_pairs(told)}.",
                floor(servers, notes, f"The homes of {key!r}.", [to for _, to in due]),
            )


def _pairs(pairs: Iterable[object]) -> str:
    return " and ".join(map(repr, pairs)) or "nothing"


# All ----------------------------------------------------------------------------------

DOOR = ("door",)
CHECKS = (
    Check("hears", 3, "Fill in what it keeps of what it hears.", DOOR, hears),
    Check("shares", 3, "Fill in the first home of a key.", DOOR, shares),
    Check("moves", 3, "Let no first home move without need.", DOOR, moves),
    Check("apart", 4, "Fill in the racks and halls.", DOOR, apart),
    Check("steady", 3, "Let no copy move without need.", DOOR, steady),
    Check("fills", 3, "Fill in what a full server does.", DOOR, fills),
    Check("copies", 3, "Fill in who copies to whom.", DOOR, copies),
    Check("returns", 2, "Fill in what survives a crash.", DOOR, returns),
)
"""The checks with their points, in the order of the lab's steps."""
