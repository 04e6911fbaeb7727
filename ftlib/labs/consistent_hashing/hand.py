"""What a student hands in to the lab on consistent hashing, and what all its checks
share.

A check takes a `Hand`, which is the class with the rules and a seed. It is asked as a
black box: what is right of a placement is said by other answers of the same class, for
no order of the servers is prescribed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.drawing import Look
from ftlib.exercises.answer import Wrong
from ftlib.exercises.runs import Nodes, drawn, pasted, run
from ftlib.labs.consistent_hashing import COPIES, Rules
from ftlib.labs.consistent_hashing.worlds import Names, Server, floor, keys
from ftlib.labs.runs import sent
from ftlib.labs.script import Script
from ftlib.simulation import Node, Trace

__all__ = ["STEP", "Hand", "Homes", "counted", "fail", "homes", "shown", "spoken"]

Homes = dict[str, tuple[str, ...]]
"""Where each key is kept, the first home first."""
BATCH = 200  # keys in one question
STEP = 0.01  # seconds between two messages


@dataclass(frozen=True)
class Hand:
    """What a student hands in.

    Attributes
    ----------
    door : callable or None
        None where there is none yet.
    rules : Rules
    seed : int
    """

    door: Callable[..., Node] | None
    rules: Rules
    seed: int

    def names(self, what: str) -> Names:
        """Return the names of the world of one check."""
        return Names.drawn(self.seed, self.rules, what)

    def news(self, server: Server) -> Any:
        """Return the news of a server."""
        kind = self.rules.messages[0]
        at = server.hall, server.rack
        return kind(server.name, *at, server.weight, server.version)

    def attempted(self, need: str) -> bool:
        """Whether the door answers at all."""
        names = self.names("attempt")
        server = Server(names.servers[0], names.halls[0], "r1")
        where = self.rules.messages[1](keys(names, 1))
        trace = spoken(self, names, [self.news(server), where])
        return bool(trace.where(kind="send", node=names.door))


def spoken(
    hand: Hand,
    names: Names,
    messages: Iterable[Any],
    faults: Iterable[Any] = (),
    *,
    pauses: Mapping[int, float] | None = None,
) -> Trace:
    """Run a door to which messages are sent, one after another.

    Parameters
    ----------
    hand : Hand
    names : Names
    messages : iterable of messages
    faults : iterable of faults
    pauses : mapping from place to float
        How long to wait before the message at that place, in seconds.
    """
    assert hand.door is not None
    lines, at = [], 0.0
    for place, each in enumerate(messages):
        at += STEP + (pauses or {}).get(place, 0.0)
        lines.append((round(at, 3), names.door, each))
    cast: Nodes = {names.door: hand.door, names.asker: partial(Script, tuple(lines))}
    return run(cast, faults, until=at + 1.0)


def _label(message: Any) -> str:
    match message:
        case object(server=server, weight=weight, version=version):
            return f"{server}, weight {weight}, version {version}"
        case object(homes=(tuple(first), *_)):
            return f"{type(message).__name__} {', '.join(map(str, first))} ..."
    return type(message).__name__


LOOK = Look(message=_label, timer=lambda name: "")


def fail(why: str, picture: Any) -> Wrong:
    """Return the answer that a placement is wrong, with its servers drawn."""
    return Wrong(why, "", picture)


def shown(why: str, trace: Trace, faults: Iterable[Any] = ()) -> Wrong:
    """Return the answer that a run is wrong, with the run drawn."""
    picture = drawn(trace, look=LOOK, title=why[:1].upper() + why[1:])
    return Wrong(why, pasted(faults) if faults else "", picture)


def homes(
    hand: Hand, names: Names, servers: Sequence[Server], asked: Sequence[str]
) -> Homes:
    """Ask a fresh door, which has heard of some servers, where keys are kept.

    Raises
    ------
    Wrong
        Unless it answers each question once, with as many living servers for each key
        as there can be, and none twice.
    """
    _, where, kind, *_ = hand.rules.messages
    parts = [tuple(asked[at : at + BATCH]) for at in range(0, len(asked), BATCH)]
    news = [hand.news(each) for each in servers]
    trace = spoken(hand, names, [*news, *map(where, parts)])
    answers = sent(trace, names.door, kind, names.asker)
    if len(answers) != len(parts):
        why = f"{names.door} answers {len(answers)} of {len(parts)} questions."
        raise shown(why, trace[:40])
    found: Homes = {}
    for part, answer in zip(parts, answers, strict=True):
        found |= read(names, servers, part, answer.what.homes)
    return found


def read(
    names: Names, servers: Iterable[Server], asked: Sequence[str], answer: Any
) -> Homes:
    """Return what a door has answered, or raise if it names what it may not."""
    servers = list(servers)
    living = [each.name for each in servers if each.weight > 0]
    count = min(COPIES, len(living))
    lists = answer if isinstance(answer, tuple | list) else ()
    if len(lists) != len(asked):
        raise fail(
            f"{names.door} is asked about {len(asked)} keys, and answers for"
            f" {len(lists)}.",
            floor(servers, {}, "The servers that it has heard of."),
        )
    for key, each in zip(asked, lists, strict=True):
        good = isinstance(each, tuple) and len(each) == len({*each}) == count
        if not good or not all(name in living for name in each):
            raise fail(
                f"{names.door} keeps {key!r} on {each!r}: asked for are {count}"
                f" different servers that live.",
                floor(servers, _numbered(each), f"{key!r} is on {each!r}."),
            )
    return dict(zip(asked, lists, strict=True))


def _numbered(names: Any) -> dict[str, str]:
    """Name the places of a list of homes."""
    places = ("first home", "second home", "third home")
    if not isinstance(names, tuple | list):
        return {}
    return dict(zip(names, places, strict=False))


def counted(found: Homes, place: int = 0) -> dict[str, int]:
    """Count how many keys each server has in one place of their lists."""
    count: dict[str, int] = {}
    for each in found.values():
        if place < len(each):
            count[each[place]] = count.get(each[place], 0) + 1
    return count
