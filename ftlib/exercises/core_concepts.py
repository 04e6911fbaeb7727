"""Judges of the exercises of chapter 2: pairs of concurrent events, a clock that never
contradicts a cause, and one that tells exactly which event happened before which.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from ftlib.drawing import Picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded
from ftlib.figures.happens_before import (
    Talker,
    causes,
    chance,
    concurrent,
    drawn,
    names,
    points,
    talk,
)
from ftlib.simulation import Cluster, Event, Network, freeze, thaw

__all__ = ["judge_concurrent", "judge_lamport_clock", "judge_vector_clock"]

Events = tuple[Event, ...]

# 1: pairs of events -------------------------------------------------------------------


@cache
def _eight() -> Events:
    """Return the eight events of the run of the first exercise."""
    plans: dict[str, tuple[tuple[float, str], ...]] = {
        "a": ((0.01, "b"), (0.045, "")),
        "b": ((0.05, "c"), (0.08, "")),
        "c": ((0.09, "a"),),
    }
    nodes = {name: partial(Talker, plan) for name, plan in plans.items()}
    return points(Cluster(nodes, network=Network(0.02)).run())


@judging
def judge_concurrent(pairs: Any) -> Answer:
    """Judge all pairs of concurrent events of a run of eight, which it draws.

    Refused are what is no pair of two of its events, a pair of which one event happened
    before the other, and a list that lacks some.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Such as ``("a1", "c2")``; the order in a pair does not matter.
    """
    events = _eight()
    called = names(events)
    picture = drawn(events, "Which of these events are concurrent?")
    asked = "Set my_pairs to pairs of names, such as [('a1', 'c2')]."
    if pairs is None:
        return Answer("not attempted", asked, picture=picture)
    if isinstance(pairs, str | Mapping) or not isinstance(pairs, Iterable):
        raise Wrong(f"my_pairs is {pairs!r}: hand in a list of pairs.")
    given = [_pair(each, called) for each in pairs]
    if not given:
        return Answer("not attempted", asked, picture=picture)
    right = concurrent(events)
    for pair in given:
        if pair not in right:
            way = " → ".join(called[place] for place in _chain(events, *pair))
            raise Wrong(
                f"{called[pair[0]]} happened before {called[pair[1]]}: there is the"
                f" chain {way}.",
                picture=drawn(events, "Not concurrent.", chosen=pair),
            )
    found = len(dict.fromkeys(given))
    if found < len(right):
        raise Wrong(
            f"these {found} pairs are concurrent, and there are more:"
            f" {len(right)} in all.",
            picture=drawn(events, "There are more."),
        )
    return Answer("right", f"All {len(right)} pairs, of 28 in all.", picture=picture)


def _pair(given: Any, called: Mapping[int, str]) -> tuple[int, int]:
    """Return the places of two events, the earlier first, or raise `Wrong`."""
    places = {name: place for place, name in called.items()}
    if not isinstance(given, Collection) or isinstance(given, str) or len(given) != 2:
        raise Wrong(f"{given!r} is no pair of names: write ('a1', 'c2').")
    for name in given:
        if name not in places:
            raise Wrong(f"no event is called {name!r}: there are {_listed(places)}.")
    one, other = sorted(places[name] for name in given)
    if one == other:
        raise Wrong(f"{given!r} names one event twice.")
    return one, other


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _chain(events: Events, one: int, other: int) -> list[int]:
    """Return a way from an event to another one, along lines and messages."""
    before = causes(events)
    at = {event.index: event for event in events}
    way = [other]
    while way[0] != one:
        here = at[way[0]]
        steps = [
            event.index
            for event in events
            if event.index in before[here.index]
            and (event.node == here.node or event.ref == here.ref is not None)
            and (event.index == one or one in before[event.index])
        ]
        way.insert(0, max(steps))
    return way


# 2 and 3: clocks ----------------------------------------------------------------------

RUNS = 40
Stamps = dict[int, Any]  # by the place of an event, what the clock gave it, frozen


def _runs() -> Iterator[Events]:
    yield points(talk())
    for seed in range(RUNS):
        yield points(chance(seed, nodes=3 + seed % 3, each=2 + seed % 4))


def _otherwise(events: Events) -> Events:
    """Return the events in an order that differs as much as it may: what happened
    before another event still comes before it.
    """
    before, todo, done = causes(events), [*events], list[Event]()
    while todo:
        places = [event.index for event in done]
        ready = [e for e in todo if all(p in places for p in before[e.index])]
        done.append(max(ready, key=lambda event: (event.node, -event.index)))
        todo.remove(done[-1])
    return tuple(done)


def _stamped(make: Callable[[str, tuple[str, ...]], Any], events: Events) -> Stamps:
    """Let a clock of each node give each event its stamp.

    What goes from clock to clock is a copy, so that clocks share nothing.
    """
    them = tuple(sorted({event.node for event in events}))
    clocks = {node: make(node, them) for node in them}
    stamps: Stamps = {}
    travels: dict[Any, Any] = {}
    for event in events:
        clock = clocks[event.node]
        match event.kind:
            case "send":
                stamp = bounded(clock.send)
            case "deliver":
                stamp = bounded(clock.receive, thaw(travels[event.ref]))
            case _:
                stamp = bounded(clock.local)
        try:
            stamps[event.index] = freeze(stamp)
        except TypeError as error:
            raise Wrong(f"the stamp {stamp!r} is no plain value: {error}.") from error
        if event.kind == "send":
            travels[event.ref] = stamps[event.index]
    return stamps


def _shown(events: Events, stamps: Stamps, *places: int) -> tuple[str, Picture]:
    called = names(events)
    lines = [f"{called[place]}: {thaw(stamps[place])!r}" for place in stamps]
    return (
        "\n".join(lines),
        drawn(events, "The events in question have a ring.", chosen=places),
    )


def _both_ways(make: Callable[..., Any], events: Events) -> Stamps:
    """Stamp a run, and the same run in another order; a stamp that differs knows more
    than its node.
    """
    stamps, again = _stamped(make, events), _stamped(make, _otherwise(events))
    for event in events:
        if stamps[event.index] != again[event.index]:
            raise Wrong(
                f"the stamp of {names(events)[event.index]} is not always the same,"
                f" {thaw(stamps[event.index])!r} and {thaw(again[event.index])!r},"
                " though its node has done and received the same: the clocks share"
                " something, or look at something else.",
                *_shown(events, stamps, event.index),
            )
    return stamps


def _kind(given: Any, name: str) -> Any:
    """Return a class of clocks that was handed in, or raise `Wrong`."""
    if not isinstance(given, type):
        raise Wrong(f"{name} is {given!r}: hand in a class.")
    for method in ("local", "send", "receive"):
        if not callable(getattr(given, method, None)):
            raise Wrong(f"{name} has no method {method}.")
    return given


@judging
def judge_lamport_clock(clock: Any) -> Answer:
    """Judge a clock by which whatever happened before an event has a lower number.

    Each node gets a clock of its own. Refused are numbers that are not higher than
    those of all that happened before, that are higher than the longest chain makes
    necessary, and those of clocks that share something.

    Parameters
    ----------
    clock : type
        Has the methods ``local()``, ``send()`` and ``receive(stamp)``, each of which
        returns the stamp of the event.
    """
    if clock is None:
        return not_attempted("Write LamportClock, with local, send and receive.")
    kind = _kind(clock, "LamportClock")
    tried = 0
    for events in _runs():
        stamps = _both_ways(lambda node, them: bounded(kind), events)
        called, before = names(events), causes(events)
        longest: dict[int, int] = {}
        for event in events:
            place = event.index
            number = stamps[place]
            if type(number) is not int:
                raise Wrong(f"the stamp of {called[place]} is {number!r}, no integer.")
            longest[place] = 1 + max((longest[p] for p in before[place]), default=0)
            for cause in sorted(before[place]):
                if stamps[cause] >= number:
                    raise Wrong(
                        f"{called[cause]} happened before {called[place]}, and its"
                        f" stamp {stamps[cause]} is not below {number}.",
                        *_shown(events, stamps, cause, place),
                    )
            if number > longest[place]:
                raise Wrong(
                    f"the stamp of {called[place]} is {number}, and the longest chain"
                    f" that ends there has {longest[place]} events: begin at 1, and"
                    " skip nothing.",
                    *_shown(events, stamps, place),
                )
        tried += 1
    return Answer("right", f"In {tried} runs no stamp contradicts a cause.")


@judging
def judge_vector_clock(clock: Any, before: Any) -> Answer:
    """Judge a clock, and a function of two stamps, which tell exactly whether one event
    happened before another.

    Refused are pairs of events of which it tells the wrong thing, clocks that share
    something, and stamps that hold more than one number for each node, each no larger
    than the number of the run's events.

    Parameters
    ----------
    clock : type
        Made of the name of its node and the names of all. Its methods are as for
        `judge_lamport_clock`.
    before : callable from two stamps to bool
    """
    if clock is None or before is None:
        return not_attempted("Write VectorClock and before(one, other).")
    kind = _kind(clock, "VectorClock")
    if not callable(before):
        raise Wrong(f"before is {before!r}: hand in a function of two stamps.")
    tried = 0
    for events in _runs():
        stamps = _both_ways(lambda *given: bounded(kind, *given), events)
        called, happened = names(events), causes(events)
        for place, stamp in stamps.items():
            _small(called[place], thaw(stamp), events)
        for one in stamps:
            for other in stamps:
                told = bounded(before, thaw(stamps[one]), thaw(stamps[other]))
                if bool(told) != (one in happened[other]):
                    truth = (
                        f"{called[one]} happened before {called[other]}"
                        if one in happened[other]
                        else f"no chain leads from {called[one]} to {called[other]}"
                    )
                    raise Wrong(
                        f"{truth}, and before({thaw(stamps[one])!r},"
                        f" {thaw(stamps[other])!r}) is {told!r}.",
                        *_shown(events, stamps, one, other),
                    )
        tried += 1
    return Answer("right", f"All pairs of events of {tried} runs are told rightly.")


def _small(name: str, stamp: Any, events: Events) -> None:
    """Raise if a stamp holds more than a number for each node."""
    them = {event.node for event in events}
    numbers, todo = 0, [stamp]
    while todo:
        match todo.pop():
            case dict() as found:
                todo += [*found.keys(), *found.values()]
            case list() | tuple() as found:
                todo += [*found]
            case str() as found if found in them:
                continue
            case int() as found if -1 <= found <= len(events):
                numbers += 1
            case found:
                raise Wrong(
                    f"the stamp of {name} holds {found!r}: give the names of nodes, and"
                    f" numbers up to {len(events)}, which is how many events there are."
                )
    if numbers > len(them):
        raise Wrong(
            f"the stamp of {name} holds {numbers} numbers, and there are {len(them)}"
            f" nodes: {stamp!r}. One number for each node is enough."
        )
